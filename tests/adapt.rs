//! What is changed in a request for one model: told in the plan, told on stderr, done; and what a provider rejects is
//! repaired once and remembered.

use serde_json::{Value, json};

use crate::support::answering::{refuses, says};
use crate::support::{Answering, Home};

fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

/// A catalogue in which `corp/m` has these facts, beside a configuration.
fn with_model(home: &Home, config: &str, facts: &str) {
    let catalog = home.path("models.toml");
    std::fs::write(&catalog, format!("[models.\"corp/m\"]\n{facts}\n")).expect("a catalogue");
    home.write_config(&format!("catalog = \"{}\"\n{config}", catalog.display()));
}

const OPTIONS: [&str; 4] = ["--temperature", "0.5", "--max-tokens", "5000"];
const FACTS: &str = "temperature = false\nmax_output = 100";

#[test]
fn case_54_what_a_model_is_known_to_reject_is_left_out_with_a_note_and_the_plan_says_so() {
    let server = Answering::start(|_, _| says("hello"));
    let home = Home::new();
    with_model(&home, &server.config("corp/m"), FACTS);
    let planned = home.llmx().args(["route", "--json", "hi"]).args(OPTIONS).run().expect_code(0);
    let changes = json(&planned.stdout)["plan"]["candidates"][0]["changes"].clone();
    let expected = json!([
        {"change": "leave_out", "parameter": "temperature", "value": 0.5, "because": "catalogue"},
        {"change": "lower", "from": 5000, "to": 100, "because": "catalogue"},
    ]);
    assert_eq!(changes, expected);
    let explained = home.llmx().args(["route", "--explain", "hi"]).args(OPTIONS).run().expect_code(0).stdout;
    assert!(explained.contains("temperature is left out"), "{explained}");
    assert_eq!(server.requests().len(), 0);
    let output = home.llmx().args(["complete", "--json", "hi"]).args(OPTIONS).run().expect_code(0);
    assert!(output.stderr.contains("corp/m: temperature is left out (the model's entry"), "{}", output.stderr);
    assert_eq!(json(&output.stdout)["attempts"][0]["changes"], expected);
    let sent = &server.requests()[0];
    assert_eq!((sent.get("temperature"), &sent["max_tokens"]), (None, &json!(100)));
    let shown = home.llmx().args(["complete", "--dry-run", "hi"]).args(OPTIONS).run().expect_code(0);
    assert!(!shown.stdout.contains("temperature") && shown.stderr.contains("temperature is left out"));
}

#[test]
fn an_option_that_the_wire_format_has_no_place_for_is_left_out_with_a_note() {
    let home = Home::new();
    let ask = ["--sim", "-m", "anthropic/claude-haiku-5-5", "--seed", "5", "hi"];
    let words = "seed is left out (its wire format has no place for it)";
    let output = home.llmx().arg("complete").args(ask).run().expect_code(0);
    assert!(output.stderr.contains(words), "{}", output.stderr);
    let strict = home.llmx().args(["route", "--strict"]).args(ask).run().expect_code(2);
    assert!(strict.stderr.contains(words), "{}", strict.stderr);
}

#[test]
fn strict_leaves_the_model_out_instead() {
    let server = Answering::start(|_, _| says("hello"));
    let home = Home::new();
    with_model(&home, &server.config("corp/m"), FACTS);
    let output = home.llmx().args(["complete", "--strict", "hi"]).args(OPTIONS).run().expect_code(2);
    let words = "only with a change that --strict rules out: temperature is left out";
    assert!(output.stderr.contains(words), "{}", output.stderr);
    home.llmx().args(["complete", "--strict", "hi"]).run().expect_code(0);
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn case_54_a_system_prompt_goes_into_the_first_turn_where_there_is_no_other_place() {
    let server = Answering::start(|_, _| says("hello"));
    let home = Home::new();
    with_model(&home, &server.config("corp/m"), "system = false");
    home.llmx().args(["complete", "-s", "Be brief.", "hi"]).run().expect_code(0);
    let messages = &server.requests()[0]["messages"];
    assert_eq!((messages.as_array().map(Vec::len), &messages[0]["role"]), (Some(1), &json!("user")));
    assert!(messages[0]["content"].to_string().contains("Be brief."), "{messages}");
}

/// A model that takes `max_completion_tokens` and no temperature.
fn particular(_: usize, body: &Value) -> (u16, Value) {
    match body {
        _ if body.get("max_tokens").is_some() => refuses("max_tokens", Some("max_completion_tokens")),
        _ if body.get("temperature").is_some() => refuses("temperature", None),
        _ => says("hello"),
    }
}

#[test]
fn case_54_a_rejected_parameter_is_repaired_once_and_the_next_run_knows() {
    let server = Answering::start(particular);
    let home = Home::new();
    home.write_config(&server.config("corp/m"));
    let run = || home.llmx().args(["complete", "--json", "--max-tokens", "50", "hi"]).run().expect_code(0);
    let first = run();
    let sent = server.requests();
    assert_eq!((sent.len(), sent[1].get("max_tokens"), &sent[1]["max_completion_tokens"]), (2, None, &json!(50)));
    let object = json(&first.stdout);
    assert_eq!(object["attempts"].as_array().map(Vec::len), Some(2), "a repair is an attempt");
    let repaired =
        json!([{"change": "rename", "parameter": "max_tokens", "to": "max_completion_tokens", "because": "rejected"}]);
    assert_eq!(object["attempts"][1]["changes"], repaired);
    assert!(first.stderr.contains("max_tokens is sent as max_completion_tokens, trying again"), "{}", first.stderr);
    let second = run();
    assert_eq!(server.requests().len(), 3, "{}", second.stderr);
    assert_eq!(json(&second.stdout)["attempts"][0]["changes"][0]["because"], "learned");
    assert!(
        second.stderr.contains("corp/m: max_tokens is sent as max_completion_tokens (the provider rejected it on ")
    );
    let planned = home.llmx().args(["route", "--json", "--max-tokens", "50", "hi"]).run().expect_code(0);
    assert_eq!(json(&planned.stdout)["plan"]["candidates"][0]["changes"][0]["change"], "rename");
}

#[test]
fn what_was_learned_can_be_seen_and_forgotten() {
    let server = Answering::start(particular);
    let home = Home::new();
    home.write_config(&server.config("corp/m"));
    let ask = || home.llmx().args(["complete", "--temperature", "1", "--max-tokens", "50", "hi"]).run().expect_code(0);
    ask();
    assert_eq!(server.requests().len(), 3, "each parameter is repaired once");
    let learned =
        || json(&home.llmx().args(["log", "learned", "--json"]).run().expect_code(0).stdout)["learned"].clone();
    let parameters: Vec<Value> =
        learned().as_array().expect("a list").iter().map(|lesson| lesson["parameter"].clone()).collect();
    assert_eq!(parameters, ["max_tokens", "temperature"]);
    let shown = home.llmx().args(["log", "learned"]).run().expect_code(0).stdout;
    assert!(
        shown.contains("corp/m") && shown.contains("max_completion_tokens") && shown.contains("left out"),
        "{shown}"
    );
    home.llmx().args(["log", "learned", "--forget=groq"]).run().expect_code(2);
    home.llmx().args(["log", "learned", "--forget=corp/m"]).run().expect_code(0);
    assert_eq!(learned(), json!([]));
    ask();
    assert_eq!(server.requests().len(), 6);
}

#[test]
fn a_repair_needs_no_fallback_and_no_retry_and_comes_to_an_end() {
    let server = Answering::start(|_, _| refuses("temperature", None));
    let home = Home::new();
    home.write_config(&server.config("corp/m"));
    let output = home.llmx().args(["complete", "--no-fallback", "--temperature", "1", "hi"]).run().expect_code(1);
    assert_eq!(server.requests().len(), 2, "{}", output.stderr);
    let learned = home.llmx().args(["log", "learned", "--json"]).run().expect_code(0).stdout;
    assert_eq!(json(&learned)["learned"], json!([]), "what did not help is no lesson");
    let strict = home.llmx().args(["complete", "--strict", "--temperature", "1", "hi"]).run().expect_code(1);
    assert_eq!(server.requests().len(), 3, "{}", strict.stderr);
}
