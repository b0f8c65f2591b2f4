//! Bad input through the binary: one clear error that says what, where and what next, the right exit code, no panic,
//! nothing sent and nothing lost.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::support::{Home, Llmx, Output, Server};

/// `llmx complete --sim ARGUMENTS hi`.
fn simulated(home: &Arc<Home>, arguments: &[&str]) -> Output {
    complete(home.llmx().args(["complete", "--sim"]).args(arguments).arg("hi"))
}

/// `llmx complete -m openai/gpt-5.4-mini hi` against a server that must never be asked.
fn unsent(home: &Arc<Home>, api_key: &str, prepare: impl FnOnce(Llmx) -> Llmx) -> Output {
    let server = Server::start("");
    let base_url = server.base_url("openai", "openai-chat");
    home.write_config(&format!("[providers.openai]\nbase_url = \"{base_url}\"\n{api_key}\n"));
    let output = complete(prepare(home.llmx().args(["complete", "-m", "openai/gpt-5.4-mini", "hi"])));
    assert_eq!(server.requests().len(), 0, "{}", output.stderr);
    output
}

fn complete(llmx: Llmx) -> Output {
    llmx.env("RUST_BACKTRACE", "1").run()
}

trait Told {
    /// Fails unless there is exactly one error, with all these words, and nothing of a panic.
    #[track_caller]
    fn told(self, code: i32, words: &[&str]) -> String;
}

impl Told for Output {
    fn told(self, code: i32, words: &[&str]) -> String {
        let output = self.expect_code(code);
        assert_eq!(output.stdout, "", "{}", output.stderr);
        assert_eq!(output.stderr.matches("error: ").count(), 1, "{}", output.stderr);
        for word in words {
            assert!(output.stderr.contains(word), "`{word}` is not in:\n{}", output.stderr);
        }
        for word in ["panicked", "backtrace", "src/"] {
            assert!(!output.stderr.contains(word), "`{word}` is in:\n{}", output.stderr);
        }
        output.stderr
    }
}

#[test]
fn a_wrong_configuration_is_told_with_its_place_and_a_caret() {
    let cases = [
        (
            "defualt = \"x\"\n",
            ":1:1: unknown setting `defualt`\n  1 | defualt = \"x\"\n    | ^^^^^^^ did you mean `default`?",
        ),
        ("[providers.corp]\nbase_ulr = \"x\"\n", ":2:1: unknown setting `base_ulr`"),
        ("default = 5\n", ":1:11: expected a string, found integer\n  1 | default = 5\n    |           ^"),
        ("default = \"a\n", ":1:13: invalid basic string"),
        ("[routes.a]\ntiers = [\"openai/x\"]\nretries = \"many\"\n", ":3:11: expected a whole number"),
        ("[routes.a]\ntiers = [\"openai/x\"]\ntimeout = { total = \"5 weeks\" }\n", ":3:21: "),
        ("[routes.a]\ntiers = [\"smrt\"]\n[routes.smart]\ntiers = [\"openai/x\"]\n", ":2:10: "),
        ("[models.\"openai/x\"]\ncontext = 5\n", "a file of their own, which `catalog` names"),
    ];
    for (toml, words) in cases {
        let home = Home::new();
        home.write_config(toml);
        let file = home.config_file().display().to_string();
        simulated(&home, &[]).told(3, &[&file, words]);
    }
}

/// A route in lines 1 and 2, so that what is added begins in line 3.
const ROUTE: &str = "[routes.r]\ntiers = [\"openai/a\", \"groq/b\"]\n";

#[test]
fn a_route_that_cannot_be_meant_is_told_when_the_file_is_read() {
    let whole = [
        ("[routes.r]\ntiers = [\"opnai/a\"]\n", ":2:10: unknown provider `opnai`", "`openai/a`?"),
        ("[routes.r]\ntiers = [[], [\"openai/a\"]]\n", ":2:10: this tier is empty", "name at least one model"),
        ("[routes.r]\nretries = 1\n", ":1:9: a route needs `tiers`", "write `tiers = [\"provider/model\"]`"),
        ("[aliases]\na = \"b\"\nb = \"a\"\n", ":2:5: aliases in a circle: a -> b -> a", "stands for a model"),
        ("[budgets]\ndaily = -5.00\n", ":2:9: `-5` is too little", "above 0"),
        (
            "[routes.r]\ntiers = [\"openai/a\"]\ncanary = { target = \"openai/a\" }\n",
            ":3:21: the canary has no baseline",
            "`tiers` begins with the model that serves now",
        ),
        (
            "[routes.r]\ntiers = [\"openai/a\"]\nhedge = true\n",
            ":3:9: `hedge` asks a second model",
            "add another to `tiers`",
        ),
    ];
    let added = [
        ("canary = { target = \"xai/c\", share = [0.5, 0.1] }", ":3:44: the shares of a canary grow", "growing shares"),
        ("canary = { target = \"xai/c\", share = [0.5, 1.1] }", ":3:44: expected a share above 0, up to 1", "1.1"),
        ("shadow = { target = \"xia/c\", share = 0.1, max_cost_per_day = 1 }", ":3:21: unknown provider", "`xai/c`?"),
        ("strategy = \"weighted\"\nweights = { \"xai/c\" = 1 }", ":4:13: `xai/c` is in none", "add it to `tiers`"),
        ("weights = { \"groq/b\" = 1 }", ":3:1: `weights` does nothing", "strategy = \"weighted\""),
        ("max_latency = \"2s\"", ":3:1: `max_latency` does nothing", "strategy = \"cheapest\""),
        ("strategy = \"cheepest\"", ":3:12: unknown value `cheepest`", "`cheapest`?"),
    ];
    let added = added.map(|(lines, place, help)| (format!("{ROUTE}{lines}\n"), place, help));
    for (text, place, help) in whole.map(|(text, place, help)| (text.to_owned(), place, help)).into_iter().chain(added)
    {
        let home = Home::new();
        home.write_config(&text);
        let file = home.config_file().display().to_string();
        home.llmx().args(["config", "check"]).run().told(3, &[&format!("{file}{place}"), help]);
        simulated(&home, &[]).told(3, &[&format!("{file}{place}"), help]);
    }
}

#[test]
fn a_projects_file_sets_no_budget_and_no_hook() {
    for name in ["budgets = { daily = 1 }", "hooks = { breaker_open = { cmd = \"touch evil\" } }"] {
        let home = Home::new();
        fs::write(home.path("work/.llmx.toml"), name).expect("a project's file");
        let words = ["/.llmx.toml:1:1: a project's file must not set", "somebody else's text"];
        home.llmx().args(["config", "check"]).run().told(3, &words);
    }
}

#[test]
fn arguments_of_a_route_are_checked_as_in_the_file() {
    let home = Home::new();
    simulated(&home, &["--strategy", "cheepest"]).told(2, &["`cheepest`", "cheapest"]);
    simulated(&home, &["--max-cost", "-1"]).told(2, &["`-1` is too little"]);
    simulated(&home, &["--max-cost", "5EUR"]).told(2, &["`5EUR` is no amount"]);
    simulated(&home, &["--on-cut", "contineu"]).told(2, &["`contineu`", "continue"]);
}

#[test]
fn an_unknown_name_is_told_with_the_nearest() {
    let home = Home::new();
    home.write_config(
        "[aliases]\nfast = \"groq/llama-3.3-70b-versatile\"\n\n[routes.smart]\ntiers = [\"openai/gpt-5.4-mini\"]\n",
    );
    simulated(&home, &["-m", "fsat"]).told(3, &["unknown model, route or alias `fsat`", "did you mean `fast`?"]);
    simulated(&home, &["-m", "smrt"]).told(3, &["did you mean `smart`?"]);
    simulated(&home, &["-m", "opnai/gpt-5.4-mini"]).told(3, &["unknown provider `opnai`", "`openai/gpt-5.4-mini`?"]);
    simulated(&home, &["-m", "zzzzzz"]).told(3, &["a model is written `provider/model`"]);
    simulated(&home, &["--fallback", "smrt"]).told(3, &["did you mean `smart`?"]);
    simulated(&home, &["-m", "a\u{1b}]0;EVIL\u{7}"]).told(3, &["`a\u{fffd}]0;EVIL\u{fffd}`"]);
}

#[test]
fn a_model_that_the_provider_does_not_have_is_told_with_the_nearest() {
    let home = Home::new();
    let output = home.llmx().args(["complete", "--sim=openai:404", "-m", "openai/gpt-5.4-mni", "hi"]).run();
    output.told(3, &["model not found (HTTP 404", "did you mean `openai/gpt-5.4-mini`"]);
}

#[test]
fn a_missing_key_is_named_with_where_to_get_one() {
    let home = Home::new();
    let told = |output: Output| output.told(4, &["looked in OPENAI_API_KEY", "https://platform.openai.com/api-keys"]);
    told(unsent(&home, "", |llmx| llmx));
    told(unsent(&home, "", |llmx| llmx.env("OPENAI_API_KEY", "")));
    let none = home.llmx().config("").args(["complete", "hi"]);
    complete(none).told(3, &["no model to talk to", "OPENAI_API_KEY", "Ollama", "--sim"]);
}

#[test]
fn an_address_that_is_not_complete_is_told_with_variable_and_setting() {
    let home = Home::new();
    let ask = || home.llmx().env("SNOWFLAKE_CORTEX_PAT", "k").args(["complete", "-m", "snowflake/m", "hello"]);
    let stderr = ask().run().expect_code(3).stderr;
    assert!(stderr.contains("`account` of its address is not known: looked in SNOWFLAKE_ACCOUNT"), "{stderr}");
    let hint = "hint: set SNOWFLAKE_ACCOUNT, or write `parameters = { account = \"…\" }` under `[providers.snowflake]`";
    assert!(stderr.contains(hint), "{stderr}");
    let explained = home.llmx().env("SNOWFLAKE_CORTEX_PAT", "k").args(["route", "--json", "-m", "snowflake/m"]).run();
    assert!(explained.stdout.contains("\"reason\":\"parameter_missing\""), "{}", explained.stdout);
    let dry = ask().env("SNOWFLAKE_ACCOUNT", "acme").arg("--dry-run").run().expect_code(0).stdout;
    let address = "POST https://acme.snowflakecomputing.com/api/v2/cortex/v1/chat/completions";
    assert!(dry.starts_with(address), "{dry}");
    home.llmx().args(["complete", "--sim", "-m", "snowflake/m", "hello"]).run().expect_code(0);
}

#[test]
fn a_path_that_is_not_complete_is_told_before_anything_is_sent() {
    let home = Home::new();
    let server = Server::start("");
    let base_url = server.base_url("own", "vertex-gemini");
    home.write_config(&format!(
        "[providers.own]\nwire = \"vertex-gemini\"\nbase_url = \"{base_url}\"\napi_key = \"k\"\n"
    ));
    let stderr = home.llmx().args(["complete", "-m", "own/m", "hello"]).run().expect_code(3).stderr;
    let hint = "hint: write `parameters = { project = \"…\" }` under `[providers.own]`";
    assert!(stderr.contains("`project` of its address is not known") && stderr.contains(hint), "{stderr}");
    assert_eq!(server.requests().len(), 0);
}

#[test]
fn a_key_that_is_no_header_value_is_refused_and_never_shown() {
    let home = Home::new();
    for (key, fault) in
        [("sk-hid\nden", "a line break"), ("sk-hid\rden", "a line break"), ("sk-hid\u{e9}", "not ASCII")]
    {
        let stderr = unsent(&home, "", |llmx| llmx.env("OPENAI_API_KEY", key)).told(4, &["OPENAI_API_KEY", fault]);
        assert!(!stderr.contains("hid") && !stderr.contains("rejected"), "{stderr}");
    }
}

#[test]
fn a_key_file_that_others_can_read_is_refused_with_what_to_type() {
    let home = Home::new();
    let key = home.path("key");
    let api_key = format!("api_key = {{ file = \"{}\" }}", key.display());
    unsent(&home, &api_key, |llmx| llmx).told(4, &["looked in file", "/key`"]);
    fs::write(&key, "sk-hidden\n").expect("the key");
    fs::set_permissions(&key, PermissionsExt::from_mode(0o644)).expect("its permissions");
    let chmod = format!("run `chmod 600 {}`", key.display());
    let stderr = unsent(&home, &api_key, |llmx| llmx).told(4, &["others can read it", &chmod]);
    assert!(!stderr.contains("hidden") && !stderr.contains("rejected"), "{stderr}");
}

#[test]
fn a_configuration_with_a_key_that_others_can_read_is_refused() {
    let home = Home::new();
    home.write_config("[providers.openai]\napi_key = \"sk-hidden\"\n");
    let file = home.config_file();
    fs::set_permissions(&file, PermissionsExt::from_mode(0o644)).expect("its permissions");
    let chmod = format!("run `chmod 600 {}`", file.display());
    let stderr = simulated(&home, &[]).told(3, &[":2:11: this file holds a key", &chmod]);
    assert!(!stderr.contains("sk-hidden"), "{stderr}");
}

#[test]
fn a_key_command_that_fails_is_told_with_its_words() {
    let home = Home::new();
    let failing = "api_key = { cmd = [\"sh\", \"-c\", \"echo vault is locked >&2; echo sk-hidden; exit 3\"] }";
    let stderr = unsent(&home, failing, |llmx| llmx).told(4, &["command `sh`", "exit code 3", "vault is locked"]);
    assert!(!stderr.contains("sk-hidden"), "{stderr}");
    unsent(&home, "api_key = { cmd = \"no-such-program x\" }", |llmx| llmx).told(4, &["cannot start it"]);
}

#[test]
fn a_key_command_that_hangs_counts_against_the_timeout() {
    let since = Instant::now();
    let hanging = "api_key = { cmd = [\"sleep\", \"60\"] }";
    let output = unsent(&Home::new(), hanging, |llmx| llmx.args(["--timeout", "300ms"]));
    assert!(since.elapsed() < Duration::from_secs(8), "{:?}", since.elapsed());
    output.told(7, &["--timeout"]);
}

#[test]
fn a_server_that_is_not_there_is_named() {
    let home = Home::new();
    home.write_config(
        "[providers.corp]\nwire = \"openai-chat\"\nbase_url = \"http://127.0.0.1:1/v1\"\nauth = \"none\"\n",
    );
    let output = complete(home.llmx().args(["complete", "-m", "corp/x", "hi"]));
    output.told(6, &["corp/x: no connection", "`127.0.0.1:1`", "`base_url`"]);
}

#[test]
fn no_home_costs_the_ledger_and_not_the_answer() {
    let homes: [&[(&str, &str)]; 4] = [
        &[("HOME", ""), ("XDG_DATA_HOME", ""), ("XDG_CONFIG_HOME", "")],
        &[("HOME", "/dev/null"), ("XDG_DATA_HOME", ""), ("XDG_CONFIG_HOME", "")],
        &[("HOME", "/nonexistent/home"), ("XDG_DATA_HOME", "/dev/null/x")],
        &[("XDG_DATA_HOME", "relative/path"), ("HOME", "/dev/null")],
    ];
    for variables in homes {
        let llmx = Home::new().llmx().args(["complete", "--sim", "hi"]);
        let llmx = variables.iter().fold(llmx, |llmx, (name, value)| llmx.env(name, value));
        let output = complete(llmx).expect_code(0);
        assert!(output.stdout.len() > 5, "{variables:?}: {}", output.stderr);
        assert_eq!(output.stderr.matches("warning: ").count(), 1, "{variables:?}: {}", output.stderr);
        assert!(output.stderr.contains("ledger"), "{variables:?}: {}", output.stderr);
    }
}

#[test]
fn what_is_not_text_is_not_sent() {
    let home = Home::new();
    let piped = |bytes: &[u8]| complete(home.llmx().args(["complete", "--sim", "hi"]).stdin(bytes));
    piped(b"\x7fELF\x02\x01\xff\xfe").told(2, &["`stdin` is not text: byte 6", "nothing was sent"]);
    piped(b"a\0b").told(2, &["`stdin` is not text: byte 1"]);
    fs::write(home.path("work/b"), b"abc\xff").expect("a file");
    simulated(&home, &["-f", "b"]).told(2, &["`b` is not text: byte 3"]);
}

#[test]
fn an_empty_stdin_stops_no_command() {
    for (words, code) in [
        (&["complete", "--sim", "Hello"][..], 0),
        (&["compare", "--sim", "-m", "openai", "-m", "groq", "Hello"], 0),
        (&["route", "--sim", "Hello"], 0),
        (&["chat", "--sim"], 0),
        (&["chat", "--sim", "Hello"], 0),
        (&["complete", "--sim"], 2),
        (&["init"], 2),
    ] {
        let output = Home::new().llmx().args(words).run().expect_code(code);
        assert!(code == 0 || output.stderr.contains("  hint: "), "{words:?}: {}", output.stderr);
    }
}

#[test]
fn an_endless_stdin_is_cut_short_with_bounded_memory() {
    let home = Home::new();
    // A limit on the address space, in KiB, is one that no growing buffer can pass unseen.
    let script = format!("ulimit -v 400000; yes | {} complete --sim hi", env!("CARGO_BIN_EXE_llmx"));
    let output = Llmx::program("/bin/sh").args(["-c", &script]).env("RUST_BACKTRACE", "1").run();
    output.told(2, &["`stdin` is larger than 16 MiB", "nothing was sent", "head -c"]);
    let largest = vec![b'y'; 16 << 20];
    let output = home.llmx().args(["complete", "--sim", "--dry-run", "-m", "openai/gpt-5.4-mini"]).stdin(largest).run();
    assert!(output.code == 0 || output.stderr.contains("window"), "{}", output.stderr);
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let home = Home::new();
    simulated(&home, &["-f", "missing.txt"]).told(2, &["cannot read `missing.txt`", "No such file"]);
    simulated(&home, &["-f", "."]).told(2, &["`.` is a directory"]);
    simulated(&home, &["-f", "-", "-f", "-"]).told(2, &["more than once"]);
    simulated(&home, &["-f", "/dev/zero"]).told(2, &["`/dev/zero` is"]);
}

#[test]
fn an_attachment_a_schema_or_a_tool_that_is_none_is_told_and_not_sent() {
    let home = Home::new();
    fs::write(home.path("work/program"), b"\x7fELF\x02\x01\x01\0").expect("a file");
    let table: &[(&[&str], &[&str])] = &[
        (&["-a", "missing.png"], &["cannot read the attachment `missing.png`", "No such file"]),
        (&["-a", "."], &["is a directory", "name the files"]),
        (&["-a", "program"], &["`program` is a program", "PDF"]),
        (&["-a", "ftp://x/y.png"], &["`ftp://x/y.png`", "`https://`", "curl"]),
        (&["-a", "-", "-f", "-"], &["more than once"]),
        (&["--schema", "{\"type\": \"objct\"}"], &["--schema: no JSON Schema", "'/type'"]),
        (&["--schema", "a\u{1b}]0;EVIL"], &["no name of a member"]),
        (&["--schema", "age years"], &["`years` is no type", "`int`", "a schema is a file"]),
        (&["--schema", "a", "--stream"], &["cannot be used with"]),
        (&["--repair"], &["--schema"]),
        (&["--tools", "{}"], &["--tools: tool 1: it has no `name`", "OpenAI's and Anthropic's"]),
        (&["--tools", "[{\"name\": \"a\"}]", "--tool-choice", "b"], &["there is no tool `b`", "`auto`"]),
    ];
    for (arguments, words) in table {
        simulated(&home, arguments).told(2, words);
    }
}

#[test]
fn an_empty_prompt_is_not_sent() {
    let home = Home::new();
    complete(home.llmx().args(["complete", "--sim"])).told(2, &["the prompt is empty"]);
    complete(home.llmx().args(["complete", "--sim", " "]).stdin(" \n")).told(2, &["the prompt is empty"]);
}

#[test]
fn a_wrong_argument_is_told_with_what_would_be_right() {
    let home = Home::new();
    simulated(&home, &["--timeout", "5"]).told(2, &["`5`", "`2m` or `1h`"]);
    simulated(&home, &["-o", "novalue"]).told(2, &["KEY=VALUE"]);
    simulated(&home, &["--max-tokens", "0"]).told(2, &["--max-tokens"]);
    simulated(&home, &["--tempratur", "1"]).told(2, &["--temperature"]);
    simulated(&home, &["-c=zzz"]).told(2, &["no conversation `zzz`", "llmx log"]);
    complete(home.llmx().args(["complete", "--sim=openai:stal@3", "hi"]))
        .told(2, &["--sim", "did you mean `stall`?", "known faults: 500"]);
    complete(home.llmx().env("LLMX_SIM", "banana").args(["complete", "hi"])).told(2, &["LLMX_SIM", "known faults"]);
    complete(home.llmx().args(["log", "show", "zzz"])).told(2, &["no run `zzz`", "llmx log"]);
}

#[test]
fn a_projects_file_may_choose_but_not_define() {
    let home = Home::new();
    let project = home.path("work/.llmx.toml");
    for toml in [
        "[providers.openai]\nbase_url = \"http://evil/v1\"\n",
        "[providers.openai]\napi_key = { cmd = \"touch owned\" }\n",
        "[providers.new]\nwire = \"openai-chat\"\n",
        "catalog = \"/tmp/x\"\n",
        "store_prompts = true\n",
    ] {
        fs::write(&project, toml).expect("the project's file");
        simulated(&home, &[]).told(3, &["work/.llmx.toml:1:", "must not set", "llmx config path"]);
    }
    assert!(!home.path("work/owned").exists());
    fs::write(&project, "default = \"groq/llama-3.3-70b-versatile\"\n").expect("the project's file");
    let output = home.llmx().args(["route", "--explain", "--sim", "hi"]).run().expect_code(0);
    assert!(output.stdout.contains("groq/llama-3.3-70b-versatile ("), "{}", output.stdout);
    assert!(output.stdout.contains("work/.llmx.toml:1)"), "{}", output.stdout);
}

#[test]
fn a_configuration_that_is_named_must_be_there() {
    let output = Home::new().llmx().env("LLMX_CONFIG", "/nonexistent/x.toml").args(["complete", "--sim", "hi"]);
    complete(output).told(3, &["/nonexistent/x.toml", "LLMX_CONFIG", "llmx config edit"]);
}

fn catalogue(home: &Home, path: &Path, text: &str) {
    home.write_config(&format!("catalog = \"{}\"\n", path.display()));
    fs::write(path, text).expect("the catalogue");
}

#[test]
fn a_wrong_catalogue_is_told_with_its_place() {
    let home = Home::new();
    let path = home.path("models.toml");
    let name = path.display().to_string();
    for (text, place) in [
        (
            "[models.\"openai/x\"]\ncontxt = 5\n",
            ":2:1: unknown setting `contxt`\n  2 | contxt = 5\n    | ^^^^^^ did you mean `context`?",
        ),
        ("[models.\"openai/x\"]\ncontext = \"big\"\n", ":2:11: "),
        ("[models.x]\n", ":1:9: "),
        ("[models\n", ":1:8: "),
    ] {
        catalogue(&home, &path, text);
        simulated(&home, &[]).told(3, &[&format!("{name}{place}")]);
    }
    home.write_config("catalog = \"/nonexistent/models.toml\"\n");
    simulated(&home, &[]).told(3, &["cannot read the catalogue `/nonexistent/models.toml`", "config.toml:1"]);
}

#[test]
fn a_users_price_and_window_count_in_the_plan_and_on_the_bill() {
    let home = Home::new();
    let path = home.path("models.toml");
    let text = "[models.\"openai/gpt-5.4-mini\"]\ncontext = 5_000\nprice = { input = 1000.0, output = 2000.0 }\n";
    catalogue(&home, &path, text);
    let named = ["--sim", "-m", "openai/gpt-5.4-mini", "hello"];
    let output = home.llmx().args(["route", "--json"]).args(named).run().expect_code(0);
    let json: serde_json::Value = serde_json::from_str(&output.stdout).expect("JSON");
    let candidate = &json["plan"]["candidates"][0];
    assert_eq!(candidate["window"], 5_000, "{candidate}");
    let expected = candidate["input"]["expected"].as_f64().expect("a count") / 1_000.0;
    let cost: f64 = candidate["prompt_cost"].as_str().and_then(|text| text.parse().ok()).expect("a cost");
    assert!((cost - expected).abs() < 1e-9, "{candidate}");
    let output = home.llmx().args(["complete", "--json"]).args(named).run().expect_code(0);
    let json: serde_json::Value = serde_json::from_str(&output.stdout).expect("JSON");
    let count = |key: &str| json["usage"][key].as_f64().expect("a count");
    let billed: f64 = json["cost"]["usd"].as_str().and_then(|text| text.parse().ok()).expect("a cost");
    assert!((billed - (count("input") + 2.0 * count("output")) / 1_000.0).abs() < 1e-9, "{json}");
}
