//! `llmx doctor` through the binary: what it finds, what it says to type, and how it ends.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;

use llmx::sim::{Options, Script};
use serde_json::Value;
use unicode_width::UnicodeWidthStr;

use crate::support::loopback::{Answer, Loopback};
use crate::support::terminal::CTRL_C;
use crate::support::{Home, Llmx, Output, Server, Terminal};

/// A run in a home whose only key is that of OpenAI, which is asked at this address.
fn with_openai(home: &Arc<Home>, base_url: &str) -> Llmx {
    home.llmx().env("OPENAI_API_KEY", "sk-CANARY-1").env("OPENAI_BASE_URL", base_url).arg("doctor")
}

/// The findings of an area, each as state, message and remedy.
fn findings(output: &Output, area: &str) -> Vec<(String, String, String)> {
    let object: Value =
        serde_json::from_str(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", output.stdout));
    assert_eq!(object["schema"], "llmx.doctor/1");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let all = object["findings"].as_array().expect("findings").iter().filter(|found| found["area"] == area);
    all.map(|found| (text(&found["state"]), text(&found["message"]), text(&found["remedy"]))).collect()
}

/// The one finding of an area that is not well.
#[track_caller]
fn trouble(output: &Output, area: &str) -> (String, String) {
    let found: Vec<_> = findings(output, area).into_iter().filter(|(state, ..)| state == "trouble").collect();
    assert_eq!(found.len(), 1, "{}", output.stdout);
    found.into_iter().map(|(_, message, remedy)| (message, remedy)).next().expect("one")
}

#[test]
fn an_empty_home_is_told_to_begin_with_init() {
    let output = Llmx::new().arg("doctor").run().expect_code(3);
    assert!(output.stdout.contains("trouble  there is no model to talk to") && output.stdout.contains("-> llmx init"));
    assert!(output.stdout.contains("ledger.db is made with the first request"), "{}", output.stdout);
    assert_eq!(output.stderr, "error: 1 thing is in trouble\n");
}

#[test]
fn a_key_that_works_is_told_with_its_place_and_never_shown() {
    let server = Server::start("");
    let output = with_openai(&Home::new(), &server.base_url("openai", "openai-chat")).run().expect_code(0);
    assert!(output.stdout.contains("openai: the key from OPENAI_API_KEY works, "), "{}", output.stdout);
    assert!(output.stdout.contains("answers in "), "{}", output.stdout);
    assert!(output.stdout.contains("it agrees with that of the providers"), "{}", output.stdout);
    assert!(!(output.stdout + &output.stderr).contains("CANARY"));
}

#[test]
fn one_is_counted_as_one() {
    let home = Home::new();
    home.write_config("[providers.corp]\nbase_url = \"http://127.0.0.1:9/v1\"\n[aliases]\na = \"corp/x\"\n");
    let output = home.llmx().args(["doctor", "--offline"]).run();
    assert!(output.stdout.contains("is sound: 1 provider, 0 routes, 1 alias\n"), "{}", output.stdout);
}

#[test]
fn each_trouble_has_its_exit_code_and_its_remedy() {
    let server = Server::start("openai:401");
    let rejected = server.base_url("openai", "openai-chat");
    let output = with_openai(&Home::new(), &rejected).arg("--json").run().expect_code(4);
    let (message, remedy) = trouble(&output, "keys");
    assert!(message.starts_with("openai: key rejected (HTTP 401"), "{message}");
    assert!(remedy.starts_with("llmx config set providers.openai.api_key -"), "{remedy}");
    let output = with_openai(&Home::new(), "http://127.0.0.1:9/v1").arg("--json").run().expect_code(6);
    let (message, remedy) = trouble(&output, "endpoints");
    assert_eq!((message.contains("no connection"), remedy.as_str()), (true, "curl -sSI http://127.0.0.1:9/v1"));
    let object: Value = serde_json::from_str(&output.stdout).expect("JSON");
    assert_eq!((&object["well"], &object["error"]["exit_code"]), (&false.into(), &6.into()));
    assert!(!output.stdout.contains("CANARY"));
}

#[test]
fn a_list_that_is_open_to_everybody_shows_nothing_of_the_key() {
    let list = "{\"data\":[{\"id\":\"gpt-5.4-mini\"}]}";
    let open = Loopback::start(move |_| Answer::Whole(200, list.to_owned()));
    let output = with_openai(&Home::new(), &open.url()).run().expect_code(0);
    assert!(output.stdout.contains("answers, 1 model for everybody, so the key"), "{}", output.stdout);
    let keys: Vec<Option<String>> =
        open.calls().iter().map(|call| call.header("authorization").map(str::to_owned)).collect();
    assert_eq!(keys, [Some("Bearer sk-CANARY-1".to_owned()), None]);
}

#[test]
fn every_key_of_a_list_is_tried_by_itself() {
    let server = Loopback::start(|call| match call.header("authorization") {
        Some("Bearer sk-good") => Answer::Whole(200, "{\"data\":[]}".to_owned()),
        _ => Answer::Whole(401, "{\"error\":{\"message\":\"Incorrect API key provided: sk-CANARY-bad\"}}".to_owned()),
    });
    let home = Home::new();
    home.write_config(&format!(
        "[providers.openai]\nbase_url = \"{}\"\napi_key = [\"sk-good\", {{ env = \"SECOND\" }}]\n",
        server.url()
    ));
    let output = home.llmx().env("SECOND", "sk-CANARY-bad").args(["doctor", "--json"]).run().expect_code(4);
    let states: Vec<String> = findings(&output, "keys").into_iter().map(|(state, ..)| state).collect();
    assert_eq!(states, ["ok", "trouble"]);
    assert!(!output.stdout.contains("CANARY"), "{}", output.stdout);
}

#[test]
fn a_broken_configuration_does_not_hide_the_rest() {
    let home = Home::new();
    home.write_config("defualt = 5\n[aliases]\nx = \"nobody/m\"\n");
    let server = Server::start("");
    let output = with_openai(&home, &server.base_url("openai", "openai-chat")).arg("--json").run().expect_code(3);
    let (message, remedy) = trouble(&output, "config");
    let expected = format!("{}:1:1: unknown setting `defualt`; did you mean `default`?", home.config_file().display());
    assert_eq!((message, remedy.as_str()), (expected, "llmx config edit"));
    assert!(findings(&output, "keys")[0].1.contains("works"), "{}", output.stdout);
    home.write_config("default = \"x\n[[\n");
    let output = with_openai(&home, &server.base_url("openai", "openai-chat")).arg("--json").run().expect_code(3);
    assert!(findings(&output, "keys")[0].1.contains("works"), "{}", output.stdout);
    home.write_config("default = \"nobody/m\"\n");
    let output = with_openai(&home, &server.base_url("openai", "openai-chat")).arg("--json").run().expect_code(3);
    assert!(trouble(&output, "config").0.contains("unknown provider `nobody`"), "{}", output.stdout);
}

#[test]
fn what_cannot_be_told_of_a_broken_configuration_is_skipped_and_no_trouble() {
    let home = Home::new();
    for (text, offline) in [("default = \"x\n[[\n", None), ("defualt = \"openai\"\n", Some("--offline"))] {
        home.write_config(text);
        let output = home.llmx().args(["doctor", "--json"]).args(offline).run().expect_code(3);
        let states = |area: &str| findings(&output, area).into_iter().map(|(state, ..)| state).collect::<Vec<_>>();
        assert_eq!(states("config").last().map(String::as_str), Some("skipped"), "{}", output.stdout);
        assert_eq!(states("keys"), ["skipped"], "{}", output.stdout);
        assert!(!output.stdout.contains("local server"), "{}", output.stdout);
        assert!(output.stderr.contains("1 thing is in trouble") || text.contains("[["), "{}", output.stderr);
    }
}

#[test]
fn offline_nothing_is_said_of_servers_that_nobody_looked_for() {
    let output = Llmx::new().args(["doctor", "--offline", "--json"]).run().expect_code(0);
    let (state, message, remedy) = findings(&output, "keys").swap_remove(0);
    assert_eq!((state.as_str(), remedy.as_str()), ("warning", "llmx init"));
    assert!(message.contains("not looked for offline") && !message.contains("answers"), "{message}");
}

#[test]
fn a_model_that_nobody_knows_is_told_once_with_its_line_and_what_was_meant() {
    let (home, server) = (Home::new(), Server::start(""));
    home.write_config("default = \"r\"\n[routes.r]\ntiers = [\"openai/gpt-6-luna\", \"openai/gpt-6-lunaa\"]\n");
    let output = with_openai(&home, &server.base_url("openai", "openai-chat")).arg("--json").run().expect_code(0);
    let warnings: Vec<_> = findings(&output, "config").into_iter().filter(|(state, ..)| state == "warning").collect();
    let file = home.config_file().display().to_string();
    let message = format!(
        "{file}:3: `openai/gpt-6-lunaa` is not in the catalogue: its price and window are unknown; \
         did you mean `openai/gpt-6-luna`?"
    );
    let models = home.path("config/llmx/models.toml");
    let entry = "[models.\"openai/gpt-6-lunaa\"]\ncontext = 128_000\nprice = { input = 0.2, output = 1.2 }\n";
    let remedy = format!(
        "llmx config edit   (line 3)\nor, if the name is right, write its window in tokens and its prices in USD per million \
         tokens into {}:\n{entry}and then: llmx config set catalog models.toml",
        models.display()
    );
    assert_eq!(warnings, [("warning".to_owned(), message, remedy)]);
    let two = "default = \"r\"\n[routes.r]\ntiers = [\"openai/gpt-6-lunaa\", \"openai/odd\"]\n";
    home.write_config(two);
    let output = with_openai(&home, &server.base_url("openai", "openai-chat")).arg("--json").run().expect_code(0);
    let told = findings(&output, "config").pop().expect("a warning").2;
    assert_eq!(told, "llmx config edit   (line 3), or an entry for it as above");
    home.write_config(&two.replace("odd", "gpt-6-luna"));
    // What it says to type mends it.
    fs::write(&models, entry).expect("a file");
    home.llmx().args(["config", "set", "catalog", "models.toml"]).run().expect_code(0);
    let output = with_openai(&home, &server.base_url("openai", "openai-chat")).arg("--json").run().expect_code(0);
    assert!(!findings(&output, "config").iter().any(|(state, ..)| state == "warning"), "{}", output.stdout);
    fs::write(&models, "").expect("a file");
    let output = with_openai(&home, &server.base_url("openai", "openai-chat")).arg("--json").run().expect_code(0);
    let told = findings(&output, "config").into_iter().find(|(state, ..)| state == "warning").expect("a warning").2;
    assert!(told.contains(&format!("into {}:", models.display())) && !told.contains("and then"), "{told}");
}

#[test]
fn keys_beside_a_default_are_tried_and_warned_of_when_they_fail() {
    let (home, server) = (Home::new(), Server::start("groq:401"));
    home.write_config("default = \"openai/gpt-6-luna\"\n");
    let keys = |llmx: Llmx| {
        llmx.env("GROQ_API_KEY", "gsk-CANARY")
            .env("GROQ_BASE_URL", server.base_url("groq", "openai-chat"))
            .env("ANTHROPIC_API_KEY", "sk-ant-CANARY")
            .env("ANTHROPIC_BASE_URL", server.base_url("anthropic", "anthropic"))
            .env("MISTRAL_API_KEY", "mk-CANARY")
            .env("MISTRAL_BASE_URL", "http://127.0.0.1:9/v1")
    };
    let openai = server.base_url("openai", "openai-chat");
    let output = keys(with_openai(&home, &openai)).arg("--json").run().expect_code(0);
    let found = [findings(&output, "keys"), findings(&output, "endpoints")].concat();
    let of = |words: &str| found.iter().find(|(_, message, _)| message.contains(words)).map(|found| found.0.as_str());
    assert_eq!(of("anthropic: the key from ANTHROPIC_API_KEY works"), Some("ok"), "{found:#?}");
    assert_eq!(of("; it is asked only when it is named"), Some("ok"), "{found:#?}");
    assert_eq!(of("groq: key rejected"), Some("warning"), "{found:#?}");
    assert_eq!(of("mistral: no connection"), Some("warning"), "{found:#?}");
    assert_eq!(of("also found"), None, "{found:#?}");
    assert!(!output.stdout.contains("CANARY"));
    let offline = keys(with_openai(&home, &openai)).args(["--offline", "--json"]).run().expect_code(0);
    assert!(findings(&offline, "keys")[0].1.contains("also found"), "{}", offline.stdout);
}

#[test]
fn files_that_others_can_read_are_told_with_chmod() {
    let home = Home::new();
    home.write_config(
        "[providers.groq]\napi_key = { file = \"groq.key\" }\n[providers.openai]\napi_key = \"sk-CANARY\"\n",
    );
    fs::write(home.path("config/llmx/groq.key"), "gsk-CANARY").expect("a key");
    for file in ["config/llmx/groq.key", "config/llmx/config.toml"] {
        fs::set_permissions(home.path(file), PermissionsExt::from_mode(0o644)).expect("opened");
    }
    let output = home.llmx().env("OPENAI_BASE_URL", "http://127.0.0.1:9").args(["doctor", "--json"]).run();
    let output = output.expect_code(3);
    let config = home.config_file().display().to_string();
    assert_eq!(trouble(&output, "config").1, format!("chmod 600 {config}"));
    let (message, _) = trouble(&output, "keys");
    assert!(message.contains("others can read it") && message.contains("chmod 600"), "{message}");
    assert!(!output.stdout.contains("CANARY"), "{}", output.stdout);
}

#[test]
fn offline_asks_nobody() {
    let server = Server::start("");
    let output = with_openai(&Home::new(), &server.base_url("openai", "openai-chat")).arg("--offline").run();
    let output = output.expect_code(0);
    assert!(output.stdout.contains("a key is to be had from OPENAI_API_KEY"), "{}", output.stdout);
    assert_eq!(server.requests().len(), 0);
}

#[test]
fn a_clock_that_is_off_is_told() {
    let answer = "HTTP/1.1 200 OK\r\ndate: Tue, 02 Jan 2001 00:00:00 GMT\r\ncontent-type: application/json\r\n\
                  content-length: 11\r\nconnection: close\r\n\r\n{\"data\":[]}";
    let scripts = [("openai".to_owned(), Script::default().read_request().send(answer))].into();
    let server = Server::with("", Options { instant: true, scripts, ..Options::default() });
    let output = with_openai(&Home::new(), &server.base_url("openai", "openai-chat")).arg("--json").run();
    let (message, remedy) = trouble(&output.expect_code(1), "clock");
    assert!(message.contains("ahead of that of the providers"), "{message}");
    assert!(remedy.contains("set-ntp"), "{remedy}");
}

#[test]
fn a_damaged_ledger_is_told_and_left_alone() {
    let home = Home::new();
    let ledger = home.path("data/llmx/ledger.db");
    fs::create_dir_all(ledger.parent().expect("a folder")).expect("a folder");
    fs::write(&ledger, "no database at all, but long enough to be looked at as one").expect("a file");
    let server = Server::start("");
    let output = with_openai(&home, &server.base_url("openai", "openai-chat")).arg("--json").run().expect_code(1);
    let (message, remedy) = trouble(&output, "ledger");
    assert!(message.contains("not a database") && remedy.starts_with("mv "), "{message} {remedy}");
    assert!(fs::read_to_string(&ledger).expect("still there").starts_with("no database"));
    let closed = Home::new().llmx().env("LLMX_DATA_DIR", "/dev/null/llmx").args(["doctor", "--json"]).run();
    assert!(trouble(&closed, "ledger").0.contains("cannot be made"), "{}", closed.stdout);
}

#[test]
fn without_home_or_terminal_it_says_what_is_missing() {
    let bare = Llmx::new().env("HOME", "").env("XDG_CONFIG_HOME", "").env("XDG_DATA_HOME", "");
    let output = bare.args(["doctor", "--offline", "--json"]).run().expect_code(0);
    assert!(findings(&output, "config")[0].1.contains("no home directory"));
    assert_eq!(findings(&output, "ledger")[0].0, "warning");
    assert!(findings(&output, "terminal")[0].1.contains("there is none"));
}

#[test]
fn completions_of_another_version_are_told() {
    let home = Home::new();
    let page = home.path("data/man/man1/llmx.1");
    fs::create_dir_all(page.parent().expect("a folder")).expect("a folder");
    fs::write(&page, "an older one").expect("a page");
    let output = home.llmx().args(["doctor", "--offline", "--json"]).run();
    let told = findings(&output, "installation").into_iter().find(|found| found.2 == "llmx init --completions");
    assert!(told.is_some_and(|(state, message, _)| state == "warning" && message.contains("llmx.1")));
}

#[test]
fn with_the_fleet_all_is_well() {
    let output = Llmx::new().args(["doctor", "--sim"]).run().expect_code(0);
    assert!(output.stderr.contains("simulated"), "{}", output.stderr);
    assert!(output.stdout.contains("ok       openai: its key works"), "{}", output.stdout);
    Llmx::new().args(["doctor", "--sim=*:401"]).run().expect_code(4);
}

#[test]
fn forty_columns_are_enough_and_the_terminal_is_told() {
    let home = Home::new();
    let llmx = home.llmx().env("LC_ALL", "C").args(["doctor", "--sim"]);
    let (code, raw) = Terminal::start(llmx, 60, 40).finish();
    let text = String::from_utf8(raw).expect("text");
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("xterm-256color") && text.contains("40 columns"), "{text}");
    assert!(text.contains("-> export LC_ALL=C.UTF-8"), "{text}");
    let mut plain = String::new();
    let mut rest = text.as_str();
    while let Some((before, after)) = rest.split_once('\x1b') {
        plain.push_str(before);
        rest = after.split_once(|end: char| end.is_ascii_alphabetic()).map_or("", |(_, rest)| rest);
    }
    plain.push_str(rest);
    // A path stays whole, so that it can be copied.
    let wide = |line: &&str| line.trim_end().width() > 40 && line.split_whitespace().count() > 1;
    assert_eq!(plain.lines().find(wide), None, "{plain}");
}

#[test]
fn ctrl_c_ends_a_wait_for_a_silent_provider() {
    let silent = Loopback::start(|_| Answer::Silence);
    let mut terminal = Terminal::start(with_openai(&Home::new(), &silent.url()), 24, 80);
    silent.wait("GET /models");
    terminal.send(CTRL_C);
    let (code, raw) = terminal.finish();
    assert_eq!(code, 130, "{}", String::from_utf8_lossy(&raw));
}
