//! `llmx route`: the explanation is the plan that the executor walks, and each reason stands where it holds.

use serde_json::Value;

use crate::support::{Home, Llmx, Server};

const CHAIN: [(&str, &str); 4] =
    [("first/a", "openai-chat"), ("second/b", "anthropic"), ("third/c", "gemini"), ("fourth/d", "openai-chat")];

fn json(llmx: Llmx) -> Value {
    serde_json::from_str(&llmx.run().expect_code(0).stdout).expect("JSON")
}

fn targets<'a>(list: &'a Value, name: &str) -> Vec<&'a str> {
    list.as_array().expect("a list").iter().map(|each| each[name].as_str().expect("a target")).collect()
}

#[test]
fn attempts_follow_the_plan_that_is_explained() {
    let server = Server::start("first:401,second:429,third:quota");
    let home = Home::new();
    home.write_config(&server.config(&CHAIN));
    let explained = json(home.llmx().args(["route", "--json", "hello"]));
    let planned = targets(&explained["plan"]["candidates"], "target");
    assert_eq!(planned, CHAIN.map(|(target, _)| target));
    assert_eq!(explained["target"], "first/a");
    assert!(server.requests().is_empty(), "an explanation sends nothing");
    let done = json(home.llmx().args(["complete", "--json", "hello"]));
    assert_eq!(targets(&done["attempts"], "target"), planned);
}

#[test]
fn every_candidate_that_is_out_says_why() {
    let home = Home::new();
    home.write_config(
        r#"
default = "test"
catalog = "models.toml"

[routes.test]
tiers = [
    "openai/gpt-4.1-mini",
    "openai/text-embedding-3-small",
    "corp/small",
    "corp/large",
]

[providers.corp]
base_url = "http://127.0.0.1:9/v1"
api_key = { env = "CORP_KEY" }
"#,
    );
    let models = "[models.\"corp/small\"]\ncontext = 3\n\n[models.\"corp/large\"]\ncontext = 100000\n";
    let catalog = home.config_file().with_file_name("models.toml");
    std::fs::write(catalog, models).expect("a catalogue");
    let prompt = "one two three four five six";
    let explained = json(home.llmx().env("CORP_KEY", "k").args(["route", "--json", prompt]));
    assert_eq!(targets(&explained["plan"]["candidates"], "target"), ["corp/large"]);
    let reasons: Vec<(&str, &str)> = explained["plan"]["rejected"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|out| (out["target"].as_str().expect("a target"), out["reason"]["reason"].as_str().expect("a reason")))
        .collect();
    let expected = [
        ("openai/gpt-4.1-mini", "key_missing"),
        ("openai/text-embedding-3-small", "key_missing"),
        ("corp/small", "window_too_small"),
    ];
    assert_eq!(reasons, expected);
    let with_key = home.llmx().env("CORP_KEY", "k").env("OPENAI_API_KEY", "sk").args(["route", "--explain", prompt]);
    let words = with_key.run().expect_code(0).stdout;
    assert!(words.contains("lacks: chat"), "{words}");
    assert!(words.contains("context window too small: at least 6 tokens needed, 3 there"), "{words}");
}

#[test]
fn limits_name_the_place_where_they_were_set() {
    let server = Server::start("");
    let home = Home::new();
    let config = server.config(&CHAIN[..1]).replace("[routes.test]\n", "[routes.test]\ntimeout = { idle = \"7s\" }\n");
    home.write_config(&config);
    let explained = json(home.llmx().args(["route", "--json", "--timeout", "9s", "hello"]));
    let limits = &explained["plan"]["candidates"][0]["limits"];
    assert_eq!((&limits["idle"]["value"], &limits["connect"]["origin"]), (&7000.into(), &"built-in".into()));
    assert!(limits["idle"]["origin"].as_str().expect("a place").ends_with("config.toml:4"), "{limits}");
    let total = &explained["plan"]["total"];
    assert_eq!((&total["value"], &total["origin"]), (&9000.into(), &"--timeout".into()));
}

#[test]
fn text_on_stdin_counts_and_exact_counts_are_not_marked_as_estimates() {
    let explain = |exact: &[&str]| {
        let run = Llmx::new().args(["route", "--sim", "--explain", "-m", "openai/gpt-4.1-mini"]).args(exact);
        run.stdin("hello world, how are you").run().expect_code(0).stdout
    };
    assert!(explain(&[]).contains("  ~1"), "{}", explain(&[]));
    assert!(explain(&["--exact"]).contains("  13  "), "{}", explain(&["--exact"]));
}
