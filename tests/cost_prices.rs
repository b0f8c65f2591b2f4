//! `llmx cost prices` and `llmx cost reprice`: cards, ages, differences, and past requests by other prices.

use std::fs;
use std::sync::Arc;

use serde_json::{Value, json};

use crate::support::{Home, Output};

fn json_of(output: &Output) -> Value {
    serde_json::from_str(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", output.stdout))
}

fn prices(home: &Arc<Home>, arguments: &[&str]) -> Output {
    home.llmx().args(["cost", "prices"]).args(arguments).run()
}

fn reprice(home: &Arc<Home>, arguments: &[&str]) -> Output {
    home.llmx().args(["--sim", "cost", "reprice"]).args(arguments).run()
}

/// A home with a price of the user's own.
fn with_own_price(price: &str) -> Arc<Home> {
    let home = Home::new();
    let file = home.path("work/models.toml");
    fs::write(&file, format!("[models.\"openai/gpt-4o\"]\nprice = {{ {price} }}\n")).expect("a file");
    home.write_config(&format!("catalog = {:?}\n", file.display().to_string()));
    home
}

/// A catalogue in which one model has another price.
fn other_catalogue(home: &Arc<Home>) -> String {
    let file = home.path("work/other.txt");
    let text = "# llmx's catalogue of models as of 2026-11-22\n#source a a-list 2026-08-01\n\
                openai/gpt-4o context=128000 price=5/20,cache_read:2.5 source=a\n";
    fs::write(&file, text).expect("a file");
    file.display().to_string()
}

#[test]
fn every_card_of_a_model_is_shown_with_its_source() {
    let home = Home::new();
    let object = json_of(&prices(&home, &["openai/gpt-5.4", "deepseek/deepseek-v4-flash", "--json"]).expect_code(0));
    assert_eq!(object["schema"], "llmx.cost/1");
    let model = &object["models"][0];
    let card = |name: &str, above: Value| {
        let cards = model["cards"].as_array().expect("cards");
        cards.iter().find(|card| card["card"] == name && card["above"] == above).cloned().unwrap_or_default()
    };
    assert_eq!(card("standard", Value::Null)["prices"]["input"], "2.5");
    assert_eq!(card("standard", json!(272_000))["prices"]["output"], "22.5");
    assert!(card("batch", Value::Null).is_object(), "{model}");
    assert_eq!(model["date"], "2026-11-12");
    assert!(model["fees"].is_object() && model["factors"].is_object(), "{model}");
    let page = prices(&home, &["deepseek/deepseek-v4-flash"]).expect_code(0).stdout;
    assert!(page.contains("off-peak (Mon") && page.contains("litellm 2026-11-12"), "{page}");
    let unknown = prices(&home, &["openai/gpt-55"]).expect_code(2);
    assert!(unknown.stderr.contains("did you mean"), "{}", unknown.stderr);
}

#[test]
fn a_price_of_the_users_own_is_in_force_and_said_to_be() {
    let home = with_own_price("input = 1, output = 2");
    let output = prices(&home, &[]).expect_code(0);
    assert!(output.stdout.contains("openai/gpt-4o") && output.stdout.contains("yours"), "{}", output.stdout);
    assert!(output.stderr.contains("1 of your own in force"), "{}", output.stderr);
    let object = json_of(&prices(&home, &["openai/gpt-4o", "--json"]).expect_code(0));
    assert_eq!((&object["models"][0]["yours"], &object["models"][0]["age_days"]), (&json!(true), &Value::Null));
    let difference = json_of(&prices(&home, &["--diff", "built-in", "--json"]).expect_code(0));
    let changed = difference["changed"].as_array().expect("changes");
    assert!(changed.iter().all(|change| change["model"] == "openai/gpt-4o") && !changed.is_empty(), "{difference}");
    let input = changed.iter().find(|change| change["card"] == "standard" && change["unit"] == "input");
    assert_eq!(input.map(|change| (&change["before"], &change["after"])), Some((&json!("2.5"), &json!("1"))));
}

#[test]
fn prices_that_nobody_has_read_for_long_are_listed() {
    let home = Home::new();
    let stale = json_of(&prices(&home, &["--stale", "60d", "--json"]).expect_code(0));
    let models = stale["models"].as_array().expect("models");
    let is_old = |model: &Value| model["age_days"].as_i64().is_none_or(|age| age > 60);
    assert!(!models.is_empty() && models.iter().all(is_old), "{}", models.len());
    let nothing = prices(&home, &["openai/gpt-5.4", "--stale", "3650d"]).expect_code(0);
    assert_eq!(nothing.stdout, "");
    let wrong = prices(&home, &["--stale", "long"]).expect_code(2);
    assert!(wrong.stderr.contains("`30m`, `12h` or `2d`"), "{}", wrong.stderr);
}

#[test]
fn a_catalogue_is_compared_with_another_or_with_the_built_in_one() {
    let home = Home::new();
    let same = prices(&home, &["--diff", "built-in"]).expect_code(0);
    assert_eq!(same.stdout, "no price differs\n");
    let other = other_catalogue(&home);
    let object = json_of(&prices(&home, &["openai/gpt-4o", "--diff", &other, "--json"]).expect_code(0));
    let changed = object["changed"].as_array().expect("changes");
    let input = changed.iter().find(|change| change["card"] == "standard" && change["unit"] == "input");
    assert_eq!(input.map(|change| (&change["before"], &change["after"])), Some((&json!("5"), &json!("2.5"))));
    let missing = prices(&home, &["--diff", "/no/such/file"]).expect_code(2);
    assert!(
        missing.stderr.contains("cannot read `/no/such/file`") && missing.stderr.contains("built-in"),
        "{}",
        missing.stderr
    );
    fs::write(home.path("work/bad"), "nothing").expect("a file");
    let bad = prices(&home, &["--diff", "bad"]).expect_code(2);
    assert!(bad.stderr.contains("`bad`"), "{}", bad.stderr);
}

#[test]
fn the_same_prices_change_nothing_and_others_are_told_by_model() {
    let home = Home::new();
    let empty = reprice(&home, &[]).expect_code(0);
    assert!(empty.stderr.contains("no such requests"), "{}", empty.stderr);
    let models =
        ["openai/gpt-4o", "anthropic/claude-haiku-4-5", "gemini/gemini-2.5-flash", "xai/grok-4.5", "openai/gpt-5-pro"];
    for model in models {
        home.llmx().args(["--sim", "complete", "-m", model, "a question"]).run().expect_code(0);
    }
    let same = json_of(&reprice(&home, &["--json"]).expect_code(0));
    let total = &same["total"];
    assert_eq!(
        (&total["requests"], &total["changed"], &total["difference"]),
        (&json!(5), &json!(0), &json!("0")),
        "{same}"
    );
    assert_eq!((&same["unpriced"], &same["newly_priced"]["requests"]), (&json!({}), &json!(0)));
    assert_eq!((&total["old"], same["models"].as_array().map(Vec::len)), (&total["new"], Some(5)));

    let other = other_catalogue(&home);
    let dearer = json_of(&reprice(&home, &["--prices", &other, "--json"]).expect_code(0));
    let model = &dearer["models"][0];
    assert_eq!((&model["model"], &model["changed"]), (&json!("openai/gpt-4o"), &json!(1)), "{dearer}");
    let amount = |value: &Value| value.as_str().and_then(|text| text.parse::<f64>().ok()).expect("an amount");
    assert!((amount(&model["new"]) / amount(&model["old"]) - 2.0).abs() < 1e-9, "{model}");
    assert_eq!(dearer["unpriced"], json!({"unknown_model": 4}));

    let one = json_of(&reprice(&home, &["--model", "haiku", "--since", "1d", "--json"]).expect_code(0));
    assert_eq!(one["requests"], 1);
    let none = json_of(&reprice(&home, &["--until", "2026-01-01", "--json"]).expect_code(0));
    assert_eq!(none["requests"], 0);
    let page = reprice(&home, &["--at", "2026-11-18"]).expect_code(0);
    assert!(page.stdout.contains("total") && page.stderr.contains("left as it is"), "{}{}", page.stdout, page.stderr);
    let wrong = reprice(&home, &["--since", "soon"]).expect_code(2);
    assert!(wrong.stderr.contains("`soon` is no time") && wrong.stderr.contains("`7d`"), "{}", wrong.stderr);
}
