//! `llmx models`: what it lists, what it says when there is nothing to list, and how its catalogue is updated.

use std::sync::Arc;

use llmx::sim::{Options, Script};
use serde_json::{Value, json};

use crate::support::{Home, Llmx, Output, Server, Terminal};

/// A run that finds the key of one provider.
fn with_key(home: &Arc<Home>, arguments: &[&str]) -> Llmx {
    home.llmx().env("GROQ_API_KEY", "key").arg("models").args(arguments)
}

fn json_of(output: &Output) -> Value {
    serde_json::from_str(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", output.stdout))
}

fn names(object: &Value) -> Vec<&str> {
    object["models"].as_array().expect("models").iter().filter_map(|model| model["name"].as_str()).collect()
}

fn model<'a>(object: &'a Value, name: &str) -> &'a Value {
    let models = object["models"].as_array().expect("models");
    models.iter().find(|model| model["name"] == name).unwrap_or_else(|| panic!("no {name} in {:?}", names(object)))
}

/// A server that gives these bodies, one for each connection.
fn serving(bodies: &[(&str, &str)]) -> Server {
    let body = |status: &str, body: &str| {
        let head = format!("HTTP/1.1 {status}\r\ncontent-type: application/json\r\nconnection: close\r\n");
        Script::default().read_request().send(format!("{head}content-length: {}\r\n\r\n{body}", body.len()))
    };
    let scripts = bodies.iter().map(|(provider, text)| match text.strip_prefix("401 ") {
        Some(text) => ((*provider).to_owned(), body("401 Unauthorized", text)),
        None => ((*provider).to_owned(), body("200 OK", text)),
    });
    Server::with("", Options { instant: true, scripts: scripts.collect(), ..Options::default() })
}

fn config(server: &Server, providers: &[&str]) -> String {
    let row = |provider: &&str| {
        let base_url = server.base_url(provider, "openai-chat");
        format!("[providers.{provider}]\nbase_url = \"{base_url}\"\napi_key = \"the-key\"\n")
    };
    providers.iter().map(row).collect()
}

#[test]
fn without_any_key_it_says_what_to_do_next() {
    let output = Llmx::new().arg("models").run().expect_code(3);
    assert_eq!(output.stdout, "");
    for hint in ["OPENAI_API_KEY", "--sim", "llmx models --all", "Ollama"] {
        assert!(output.stderr.contains(hint), "{hint}: {}", output.stderr);
    }
    let object = json_of(&Llmx::new().args(["models", "--json"]).run().expect_code(3));
    assert_eq!((&object["schema"], &object["error"]["code"]), (&json!("llmx.models/1"), &json!("config")));
}

#[test]
fn the_models_of_a_provider_with_a_key_are_listed_in_plain_lines() {
    let home = Home::new();
    let output = with_key(&home, &[]).run().expect_code(0);
    let mut lines = output.stdout.lines();
    assert_eq!(
        lines.next().map(|head| head.split_whitespace().collect::<Vec<_>>()),
        Some(vec!["model", "window", "can", "input", "output", "priced", "note"])
    );
    let columns: Vec<Vec<&str>> = lines.map(|line| line.split_whitespace().collect()).collect();
    assert!(columns.iter().all(|cells| cells.len() >= 6 && cells[0].starts_with("groq/")), "{}", output.stdout);
    let known = columns.iter().find(|cells| cells[0] == "groq/openai/gpt-oss-120b").expect("listed");
    assert_eq!(known[1..], ["131k", "tools,schema,reasoning", "0.15", "0.60", "2026-11-12"]);
    assert!(output.stderr.contains("catalogue of 2026-11-22 (built in)"), "{}", output.stderr);
    assert!(output.stderr.contains("retired models are left out"), "{}", output.stderr);
    assert!(!output.stdout.contains("retired"), "{}", output.stdout);
}

#[test]
fn texts_and_providers_narrow_the_list() {
    let list =
        |arguments: &[&str]| json_of(&Llmx::new().args(["models", "--json"]).args(arguments).run().expect_code(0));
    let found = list(&["--all", "SONNET", "4.5", "--search", "openrouter"]);
    assert!(!names(&found).is_empty());
    assert!(
        names(&found)
            .iter()
            .all(|name| name.contains("sonnet") && name.contains("4.5") && name.starts_with("openrouter/")),
        "{:?}",
        names(&found)
    );
    let two = list(&["-p", "groq", "-p", "mistral"]);
    let first = names(&two).iter().position(|name| name.starts_with("mistral/")).expect("both");
    assert!(names(&two)[..first].iter().all(|name| name.starts_with("groq/")), "in the order they were named");
    let all = list(&["--all"]);
    assert!(names(&all).len() > 4000);
    assert_eq!(model(&all, "jina/jina-embeddings-v3")["usable"], false);
}

#[test]
fn unknown_is_null_and_retired_and_deprecated_are_marked() {
    let object = json_of(&Llmx::new().args(["models", "--json", "--all", "openai"]).run().expect_code(0));
    let known = model(&object, "openai/gpt-4o");
    assert_eq!(
        (&known["context"], &known["price"]["input"], &known["price"]["date"]),
        (&json!(128_000), &json!("2.5"), &json!("2026-11-12"))
    );
    assert_eq!(model(&object, "openai/gpt-4o-audio-preview")["status"], "retired");
    assert_eq!(model(&object, "openai/gpt-4o-2024-05-13")["ends"], "2026-10-23");
    assert_eq!(model(&object, "openai/text-embedding-3-small")["kind"], "embedding");
    let unpriced = json_of(
        &Llmx::new().args(["models", "--json", "-p", "gemini", "--all", "2.0-pro-exp-02-05"]).run().expect_code(0),
    );
    assert_eq!(model(&unpriced, "gemini/gemini-2.0-pro-exp-02-05")["price"], Value::Null);
}

#[test]
fn a_wrong_name_is_told_and_an_empty_list_explained() {
    let output = Llmx::new().args(["models", "-p", "opnai"]).run().expect_code(2);
    assert!(output.stderr.contains("unknown provider `opnai`") && output.stderr.contains("did you mean `openai`?"));
    let home = Home::new();
    let output = with_key(&home, &["zzzzzz"]).run().expect_code(0);
    assert!(
        output.stdout.is_empty() && output.stderr.contains("`--all` searches the whole catalogue"),
        "{}",
        output.stderr
    );
}

#[test]
fn the_fleet_lists_its_models_without_a_key() {
    let object = json_of(&Llmx::new().args(["models", "--sim", "--json"]).run().expect_code(0));
    assert_eq!(object["simulated"], true);
    assert_eq!(model(&object, "openai/gpt-4.1-mini")["price"]["input"], "0.4");
    assert!(
        names(&object).iter().any(|name| name.starts_with("anthropic/"))
            && names(&object).iter().any(|name| name.starts_with("gemini/"))
    );
    assert!(names(&object).contains(&"ollama/llama3.1"), "{:?}", names(&object));
}

#[test]
fn live_marks_what_is_new_and_gone_and_sends_the_key() {
    let list = r#"{"data":[{"id":"openai/gpt-oss-120b"},{"id":"brand-new","context_window":5000},{"id":"whisper-9"}]}"#;
    let server = serving(&[("groq", list)]);
    let home = Home::new();
    home.write_config(&config(&server, &["groq"]));
    let output = home.llmx().args(["models", "--live"]).run().expect_code(0);
    let line = |name: &str| {
        output
            .stdout
            .lines()
            .find(|line| line.starts_with(name))
            .unwrap_or_else(|| panic!("{}", output.stdout))
            .to_owned()
    };
    assert!(line("groq/brand-new").contains("5000") && line("groq/brand-new").ends_with("new"));
    assert!(line("groq/openai/gpt-oss-120b ").ends_with("2026-11-12"), "{}", output.stdout);
    assert!(line("groq/llama-3.3-70b-versatile").ends_with("gone"), "{}", output.stdout);
    assert!(output.stderr.contains("1 listed models for images"), "{}", output.stderr);
    assert!(!output.stdout.contains("the-key") && !output.stderr.contains("the-key"));
}

#[test]
fn a_provider_that_gives_no_list_is_no_success_and_the_others_are_shown() {
    let refusal =
        r#"401 {"error":{"message":"no such key: the-key","type":"invalid_request_error","code":"invalid_api_key"}}"#;
    let server = serving(&[("groq", refusal), ("mistral", r#"{"data":[{"id":"mistral-small-latest"}]}"#)]);
    let home = Home::new();
    home.write_config(&config(&server, &["groq", "mistral"]));
    let output = home.llmx().args(["models", "--live"]).run().expect_code(4);
    assert!(output.stderr.contains("`groq` gave no list: key rejected (HTTP 401)"), "{}", output.stderr);
    assert!(!output.stderr.contains("the-key"), "{}", output.stderr);
    assert!(
        output.stdout.contains("mistral/mistral-small-latest") && output.stdout.contains("groq/"),
        "{}",
        output.stdout
    );
    let object = json_of(&home.llmx().args(["models", "--live", "--json"]).run().expect_code(4));
    assert_eq!((&object["unanswered"][0]["provider"], &object["error"]["code"]), (&json!("groq"), &json!("auth")));
    let keyless = Llmx::new().args(["models", "--live", "-p", "groq"]).run().expect_code(4);
    assert!(keyless.stderr.contains("there is no key: looked in GROQ_API_KEY"), "{}", keyless.stderr);
}

#[test]
fn a_provider_that_has_no_list_to_ask_for_is_told_as_such() {
    let home = Home::new();
    home.write_config("[providers.own]\nwire = \"replicate\"\nbase_url = \"https://127.0.0.1:1\"\napi_key = \"k\"\n");
    let output = home.llmx().args(["models", "-p", "own", "--live"]).run().expect_code(2);
    assert!(output.stderr.contains("`own` has no list of models that can be asked for"), "{}", output.stderr);
    assert!(!output.stderr.contains("`--live` asks"), "{}", output.stderr);
    let object = json_of(&home.llmx().args(["models", "-p", "own", "--live", "--json"]).run().expect_code(2));
    assert_eq!(object["error"]["code"], "usage");
    home.llmx().args(["models", "--live"]).run().expect_code(0);
}

#[test]
fn a_list_that_never_ends_is_told() {
    let server = serving(&[("corp", r#"{"data":[{"id":"m"}],"has_more":true,"last_id":"m"}"#)]);
    let home = Home::new();
    home.write_config(&config(&server, &["corp"]));
    let output = home.llmx().args(["models", "--live"]).run().expect_code(6);
    assert!(output.stderr.contains("does not end"), "{}", output.stderr);
}

#[test]
fn a_provider_of_ones_own_is_listed_with_what_it_tells_and_what_the_user_says() {
    let server = serving(&[("corp", r#"{"data":[{"id":"house-model","max_model_len":4096}]}"#)]);
    let home = Home::new();
    let file = home.path("work/models.toml");
    std::fs::write(&file, "[models.'corp/house-model']\nprice = { input = 0.1, output = 0.2 }\n").expect("a file");
    home.write_config(&format!("catalog = \"{}\"\n{}", file.display(), config(&server, &["corp"])));
    let object = json_of(&home.llmx().args(["models", "--live", "--json"]).run().expect_code(0));
    let house = model(&object, "corp/house-model");
    assert_eq!(
        (&house["context"], &house["price"]["output"], &house["from_user"]),
        (&json!(4096), &json!("0.2"), &json!(true))
    );
}

#[test]
fn on_a_terminal_no_line_is_wider_than_the_screen() {
    for columns in [40, 80, 120] {
        let home = Home::new();
        let run = with_key(&home, &["gpt-oss", "--color", "never"]);
        let (code, raw) = Terminal::start(run, 60, columns).finish();
        let text = String::from_utf8(raw).expect("UTF-8");
        assert_eq!(code, 0, "{text}");
        let lines: Vec<&str> = text.lines().take_while(|line| !line.contains("dollars per million")).collect();
        assert!(lines.iter().all(|line| line.chars().count() <= usize::from(columns)), "{columns}: {text}");
        assert!(text.contains("groq/openai/gpt-oss-120b") && text.contains("0.15"), "{text}");
    }
}

const PRICES: &str = r#"{"gpt-4o": {"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": 2e-06, "output_cost_per_token": 9e-06},
    "groq/brand-new": {"litellm_provider": "groq", "mode": "chat", "input_cost_per_token": 1e-06, "max_input_tokens": 77}}"#;

fn price_of(home: &Arc<Home>, name: &str) -> Value {
    let (provider, _) = name.split_once('/').expect("a name");
    let object = json_of(&home.llmx().args(["models", "--json", "-p", provider]).run().expect_code(0));
    model(&object, name)["price"]["output"].clone()
}

#[test]
fn an_update_from_a_file_is_told_used_and_taken_back() {
    let home = Home::new();
    std::fs::write(home.path("work/prices.json"), PRICES).expect("a file");
    let output = home.llmx().args(["models", "update", "prices.json"]).run().expect_code(0);
    for words in [
        "from prices.json (litellm format, 2 models)",
        "new: 1\n  groq/brand-new\n",
        "price changed: 1\n  openai/gpt-4o 2.5/10 -> 2/9\n",
    ] {
        assert!(output.stdout.contains(words), "{words}: {}", output.stdout);
    }
    assert_eq!((price_of(&home, "openai/gpt-4o"), price_of(&home, "openai/gpt-4o-mini")), (json!("9"), json!("0.6")));
    let listed = with_key(&home, &["brand-new"]).run().expect_code(0);
    assert!(listed.stderr.contains("(updated from prices.json)"), "{}", listed.stderr);
    // Every command uses it.
    let plan = home
        .llmx()
        .env("OPENAI_API_KEY", "k")
        .args(["route", "--json", "-m", "openai/gpt-4o", "hello"])
        .run()
        .expect_code(0);
    assert!(plan.stdout.contains("0.009"), "{}", plan.stdout);
    let again = home.llmx().args(["models", "update", "prices.json"]).run().expect_code(0);
    assert!(again.stdout.contains("nothing has changed"), "{}", again.stdout);
    let back = home.llmx().args(["models", "update", "--reset"]).run().expect_code(0);
    assert!(back.stdout.contains("the built-in one of 2026-11-22 is in use"), "{}", back.stdout);
    assert_eq!(price_of(&home, "openai/gpt-4o"), json!("10"));
}

#[test]
fn the_users_own_entries_win_over_an_update() {
    let home = Home::new();
    std::fs::write(home.path("work/prices.json"), PRICES).expect("a file");
    std::fs::write(home.path("work/mine.toml"), "[models.'openai/gpt-4o']\nprice = { input = 1, output = 3 }\n")
        .expect("a file");
    home.write_config(&format!("catalog = \"{}\"\n", home.path("work/mine.toml").display()));
    home.llmx().args(["models", "update", "prices.json"]).run().expect_code(0);
    assert_eq!(price_of(&home, "openai/gpt-4o"), json!("3"));
}

#[test]
fn whatever_is_wrong_with_an_update_the_old_one_stays() {
    let home = Home::new();
    let update = |text: &str, arguments: &[&str]| {
        std::fs::write(home.path("work/new.json"), text).expect("a file");
        home.llmx().args(["models", "update", "new.json"]).args(arguments).run()
    };
    update(PRICES, &[]).expect_code(0);
    for text in
        ["", "not json", "{}", r#"{"a": {"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": -1}}"#]
    {
        let output = update(text, &[]).expect_code(1);
        assert!(output.stderr.contains("is not taken") && output.stderr.contains("stays in use"), "{}", output.stderr);
        assert_eq!(price_of(&home, "openai/gpt-4o"), json!("9"));
    }
    let own = "# llmx's catalogue of models as of 2027-01-01\nopenai/gpt-4o price=1/7\n";
    let refused = update(own, &[]).expect_code(1);
    assert!(refused.stderr.contains("`--force`"), "{}", refused.stderr);
    assert_eq!(price_of(&home, "openai/gpt-4o"), json!("9"));
    update(own, &["--force"]).expect_code(0);
    assert_eq!(price_of(&home, "openai/gpt-4o"), json!("7"));
    let missing = home.llmx().args(["models", "update", "nowhere.json"]).run().expect_code(2);
    assert!(missing.stderr.contains("cannot read `nowhere.json`"), "{}", missing.stderr);
}

#[test]
fn a_damaged_stored_catalogue_is_told_and_the_built_in_one_used() {
    let home = Home::new();
    std::fs::write(home.path("work/prices.json"), PRICES).expect("a file");
    home.llmx().args(["models", "update", "prices.json"]).run().expect_code(0);
    let file = home.path("data/llmx/catalogue.txt");
    let stored = std::fs::read(&file).expect("the stored one");
    for damaged in [&stored[..stored.len() / 2], b"", b"\xff\xfe\x00", b"#update over=x\n"] {
        std::fs::write(&file, damaged).expect("written");
        let output = home.llmx().args(["models", "--json", "-p", "openai"]).run().expect_code(0);
        assert_eq!(model(&json_of(&output), "openai/gpt-4o")["price"]["output"], "10");
        assert!(
            output.stderr.contains("the stored catalogue is not used") && output.stderr.contains("--reset"),
            "{}",
            output.stderr
        );
    }
}

#[test]
fn an_address_is_fetched_from_this_machine_or_by_https_alone() {
    let server = serving(&[("prices", PRICES), ("gone", "401 {}")]);
    let home = Home::new();
    let update = |address: &str| home.llmx().args(["models", "update", address]).run();
    let output = update(&server.base_url("prices", "")).expect_code(0);
    assert!(
        output.stdout.contains("from 127.0.0.1:") && output.stdout.contains("(litellm format, 2 models)"),
        "{}",
        output.stdout
    );
    let output = update(&server.base_url("gone", "")).expect_code(6);
    assert!(output.stderr.contains("HTTP 401"), "{}", output.stderr);
    for address in ["http://prices.example/x.json", "ftp://prices.example", "https://u:canary@prices.example/x"] {
        let output = update(address).expect_code(2);
        assert!(!output.stderr.contains("canary"), "{}", output.stderr);
    }
    assert_eq!(price_of(&home, "openai/gpt-4o"), json!("9"), "the first update holds");
    let simulated = home.llmx().args(["models", "--sim", "update", "https://prices.example/x"]).run().expect_code(2);
    assert!(simulated.stderr.contains("a simulation leaves the catalogue as it is"), "{}", simulated.stderr);
}

#[test]
fn a_wrong_format_in_a_row_is_told_with_the_known_ones() {
    let home = Home::new();
    for (member, known) in [("embeddings", "`cohere-embed`"), ("models", "`gemini-models`")] {
        home.write_config(&format!("[providers.corp]\nbase_url = \"http://127.0.0.1:9\"\n{member} = \"nosuch\"\n"));
        let output = home.llmx().args(["config", "check"]).run().expect_code(3);
        assert!(output.stderr.contains("`nosuch`") && output.stderr.contains(known), "{}", output.stderr);
    }
}
