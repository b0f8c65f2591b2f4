//! `llmx cost what-if`: past traffic on other models.

use serde_json::Value;

use crate::support::Home;

fn asked(home: &std::sync::Arc<Home>, prompt: &str, model: &str) {
    home.llmx().args(["--sim", "complete", prompt, "-m", model]).run().expect_code(0);
}

fn what_if(home: &std::sync::Arc<Home>, arguments: &[&str]) -> Value {
    let run = home.llmx().args(["--sim", "cost", "what-if", "--json"]).args(arguments).run().expect_code(0);
    serde_json::from_str(&run.stdout).expect("JSON")
}

fn dollars(value: &Value) -> f64 {
    value.as_str().and_then(|text| text.parse().ok()).unwrap_or_else(|| panic!("{value} is no amount"))
}

#[test]
fn past_traffic_is_priced_on_other_models() {
    let home = Home::new();
    for _ in 0..3 {
        asked(&home, "Why is the sky blue?", "openai/gpt-4o");
    }
    let object =
        what_if(&home, &["-m", "openai/gpt-4o", "-m", "anthropic/claude-opus-4-6", "-m", "openai/some-new-model"]);
    assert_eq!((&object["schema"], &object["past"]["requests"]), (&"llmx.cost/1".into(), &3.into()));
    let was = dollars(&object["past"]["cost_usd"]);
    let [same, other, unknown] = [0, 1, 2].map(|place| &object["models"][place]);
    assert!(was > 0.0 && (dollars(&same["cost_usd"]) - was).abs() < 1e-12, "{object}");
    assert_eq!((&same["low_usd"], &same["high_usd"]), (&same["cost_usd"], &same["cost_usd"]));
    let [low, cost, high] = ["low_usd", "cost_usd", "high_usd"].map(|name| dollars(&other[name]));
    assert!(was < cost && low < cost && cost < high, "{other}");
    assert!(other["input"].as_u64() > same["input"].as_u64());
    assert_eq!(unknown["cost_usd"], Value::Null);
    assert!(object["assumed"].as_array().is_some_and(|assumed| assumed.len() > 2));
}

#[test]
fn only_what_was_asked_of_a_model_can_be_looked_at() {
    let home = Home::new();
    asked(&home, "Why?", "openai/gpt-4o");
    asked(&home, "Why?", "openai/gpt-4o-mini");
    let object = what_if(&home, &["-m", "openai/gpt-4o", "--model", "gpt-4o-mini"]);
    assert_eq!(object["past"]["requests"], 1);
}

#[test]
fn prompts_that_do_not_fit_are_counted() {
    let home = Home::new();
    home.llmx().args(["--sim", "complete", "-m", "openai/gpt-4.1"]).stdin("word ".repeat(400_000)).run().expect_code(0);
    asked(&home, "Why?", "openai/gpt-4.1");
    let object = what_if(&home, &["-m", "openai/gpt-4o"]);
    let model = &object["models"][0];
    assert_eq!((&model["too_long"], &object["past"]["requests"]), (&1.into(), &2.into()));
    assert_eq!(model["misfits"][0], "1 longer than its window");
}

#[test]
fn a_ledger_without_requests_is_said() {
    let home = Home::new();
    let run = home.llmx().args(["--sim", "cost", "what-if", "-m", "openai/gpt-4o"]).run().expect_code(2);
    assert!(run.stderr.contains("holds no request"), "{}", run.stderr);
    let wrong = home.llmx().args(["--sim", "cost", "what-if", "-m", "openai/gpt-4o", "--since", "nonsense"]).run();
    assert!(wrong.expect_code(2).stderr.contains("nonsense"));
}
