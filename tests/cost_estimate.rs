//! `llmx cost estimate`: what a prompt will cost, before anything is sent.

use std::fs;
use std::sync::Arc;

use serde_json::{Value, json};

use crate::support::{Home, Llmx};

fn estimate(arguments: &[&str]) -> Llmx {
    Llmx::new().args(["cost", "estimate"]).args(arguments)
}

fn object(run: Llmx) -> Value {
    serde_json::from_str(&run.arg("--json").run().expect_code(0).stdout).expect("JSON")
}

fn dollars(value: &Value) -> f64 {
    value.as_str().and_then(|text| text.parse().ok()).unwrap_or_else(|| panic!("{value} is no amount"))
}

#[test]
fn models_stand_by_cost_with_a_band_and_the_date_of_their_prices() {
    let object = object(estimate(&[
        "Why is the sky blue?",
        "-m",
        "openai/gpt-4o,openai/gpt-4o-mini",
        "-m",
        "anthropic/claude-opus-4-6",
    ]));
    assert_eq!((&object["schema"], &object["prompts"]), (&"llmx.cost/1".into(), &1.into()));
    let models = object["models"].as_array().expect("models");
    let names: Vec<&str> = models.iter().filter_map(|model| model["model"].as_str()).collect();
    assert_eq!(names, ["openai/gpt-4o-mini", "openai/gpt-4o", "anthropic/claude-opus-4-6"]);
    for model in models {
        let [low, cost, high] = ["low_usd", "cost_usd", "high_usd"].map(|name| dollars(&model[name]));
        assert!(low < cost && cost < high, "{model}");
        assert!(model["price_source"].as_str().is_some_and(|source| source.contains("20")), "{model}");
        assert!(model["price_date"].as_str().is_some_and(|day| day.len() == 10), "{model}");
        assert_eq!(model["exact"], Value::Null);
    }
    let tokens = |place: usize| models[place]["tokens_in"].as_u64().expect("tokens");
    assert!(tokens(2) > tokens(1), "Claude's tokenizer makes more tokens");
}

#[test]
fn a_length_that_is_said_is_taken() {
    // 10 dollars a million.
    let said = object(estimate(&["Hi", "-m", "openai/gpt-4o", "--out-tokens", "1000", "--exact"]));
    let model = &said["models"][0];
    assert_eq!((&model["tokens_out"], &model["exact"]), (&1000.into(), &"tokenizer".into()));
    assert_eq!((&model["low_usd"], &model["high_usd"]), (&model["cost_usd"], &model["cost_usd"]));
    let input = model["tokens_in"].as_u64().expect("tokens") as f64;
    assert!((dollars(&model["cost_usd"]) - (0.01 + input * 2.5e-6)).abs() < 1e-12, "{model}");
    let length = |words: &str| {
        let object = object(estimate(&["Hi", "-m", "openai/gpt-4o", "--out-tokens", words]));
        object["models"][0]["tokens_out"].as_u64().expect("tokens")
    };
    assert!(length("p50") < length("p90") && length("p90") < length("p95"));
    let wrong = estimate(&["Hi", "-m", "openai/gpt-4o", "--out-tokens", "p33"]).run().expect_code(2);
    assert!(wrong.stderr.contains("p50, p90 or p95"), "{}", wrong.stderr);
}

#[test]
fn a_model_without_a_price_is_unknown_and_comes_last() {
    let run = estimate(&["Hi", "-m", "openai/some-new-model", "-m", "openai/gpt-4o", "--json"]).run().expect_code(0);
    let object: Value = serde_json::from_str(&run.stdout).expect("JSON");
    let last = &object["models"][1];
    assert_eq!((&last["model"], &last["cost_usd"]), (&"openai/some-new-model".into(), &Value::Null));
    let table = estimate(&["Hi", "-m", "openai/some-new-model"]).run().expect_code(0);
    assert!(table.stdout.contains("unknown") && !table.stdout.contains("$0"), "{}", table.stdout);
}

#[test]
fn a_server_without_a_price_is_unknown_too_and_never_free() {
    let models = "ollama/llama3.1,ollama/deepseek-v3.1:671b-cloud,openai/gpt-4o";
    let object = object(estimate(&["Hi", "-m", models]));
    let costs: Vec<bool> =
        object["models"].as_array().expect("models").iter().map(|model| model["cost_usd"].is_null()).collect();
    assert_eq!(costs, [false, true, true], "{object}");
    let table = estimate(&["Hi", "-m", models]).run().expect_code(0);
    assert!(!table.stdout.contains("$0.00 "), "{}", table.stdout);
}

#[test]
fn embeddings_have_no_answer_and_cost_their_prompt() {
    for arguments in [
        &["Hi", "-m", "openai/text-embedding-3-small"][..],
        &["Hi", "-m", "openai/text-embedding-3-small", "--out-tokens", "p95"],
    ] {
        let object = object(estimate(arguments));
        let model = &object["models"][0];
        assert_eq!(model["tokens_out"], 0, "{model}");
        assert!(dollars(&model["cost_usd"]) > 0.0, "{model}");
    }
}

/// A log of LiteLLM of calls to `openai/gpt-4o` with answers of these lengths.
fn import(home: &Arc<Home>, name: &str, lengths: impl Iterator<Item = u64>) {
    let call = |tokens: u64| {
        json!({"request_id": format!("{name}-{tokens}"), "call_type": "acompletion", "spend": 0.001, "prompt_tokens": 1000,
            "completion_tokens": tokens, "startTime": "2026-11-20T12:00:00.000Z", "endTime": "2026-11-20T12:00:02.000Z",
            "model": "gpt-4o", "custom_llm_provider": "openai", "metadata": {}, "request_tags": []})
    };
    let log: String = lengths.flat_map(|tokens| [call(tokens).to_string(), "\n".to_owned()]).collect();
    let path = home.path(&format!("{name}.jsonl"));
    fs::write(&path, log).expect("a log");
    home.llmx().args(["cost", "import", "litellm"]).arg(path).run().expect_code(0);
}

#[test]
fn enough_answers_tell_how_long_they_are_those_of_other_tools_too() {
    let home = Home::new();
    let model = |arguments: &[&str]| {
        let run = home.llmx().args(["cost", "estimate", "Hi", "-m", "openai/gpt-4o"]).args(arguments);
        object(run)["models"][0].clone()
    };
    import(&home, "few", 61..=70);
    let few = model(&[]);
    let usual = few["tokens_out"].as_u64().expect("tokens");
    assert!((66..150).contains(&usual) && few["answers_seen"] == 10, "{few}");
    import(&home, "more", 71..=100);
    let quantiles = ["p50", "p90", "p95"].map(|quantile| model(&["--out-tokens", quantile])["tokens_out"].clone());
    assert_eq!(quantiles, [80, 96, 98].map(Value::from));
    let seen = model(&["--exact"]);
    assert_eq!((&seen["answers_seen"], &seen["tokens_out"]), (&40.into(), &81.into()), "{seen}");
    let input = seen["tokens_in"].as_u64().expect("tokens") as f64 * 2.5e-6;
    for (name, tokens) in [("low_usd", 62.0), ("high_usd", 98.0)] {
        assert!((dollars(&seen[name]) - input - tokens * 1e-5).abs() < 1e-12, "{name} of {seen}");
    }
}

#[test]
fn a_data_set_is_estimated_row_by_row() {
    let home = Home::new();
    fs::write(home.path("set.csv"), "prompt,city\nHow old is {{city}}?,Rome\nWhere is {{city}}?,Bonn\n")
        .expect("written");
    let set = home.path("set.csv").display().to_string();
    let run = home.llmx().args(["cost", "estimate", "--data", &set, "-m", "openai/gpt-4o", "--json"]);
    let object: Value = serde_json::from_str(&run.run().expect_code(0).stdout).expect("JSON");
    assert_eq!(object["prompts"], 2);
    let one = self::object(estimate(&["How old is Rome?", "-m", "openai/gpt-4o"]));
    let tokens = |object: &Value| object["models"][0]["tokens_in"].as_u64().expect("tokens");
    assert!(tokens(&object) > tokens(&one));
    let missing =
        home.llmx().args(["cost", "estimate", "--data", "gone.csv", "-m", "openai/gpt-4o"]).run().expect_code(2);
    assert!(missing.stderr.contains("gone.csv"), "{}", missing.stderr);
}

#[test]
fn what_comes_in_through_a_pipe_is_the_prompt() {
    let piped = object(estimate(&["-m", "openai/gpt-4o"]).stdin("word ".repeat(5_000)));
    let tokens = piped["models"][0]["tokens_in"].as_u64().expect("tokens");
    assert!((4_800..5_400).contains(&tokens), "{tokens}");
}

#[test]
fn a_prompt_that_does_not_fit_is_named() {
    let long = object(estimate(&["-m", "openai/gpt-4o"]).stdin("word ".repeat(200_000)));
    let model = &long["models"][0];
    assert_eq!(model["too_long"], 1);
    assert!(model["notes"][0].as_str().is_some_and(|note| note.contains("its window of 128000")), "{model}");
}

#[test]
fn all_models_can_be_narrowed_down_and_written_for_a_spreadsheet() {
    let run = estimate(&["Hi", "--all", "--provider", "openai", "--search", "mini", "--max-price", "0.5", "--csv"]);
    let csv = run.run().expect_code(0).stdout;
    let mut lines = csv.lines();
    assert!(lines.next().is_some_and(|heads| heads.starts_with("model,tokens_in,exact,")), "{csv}");
    let names: Vec<&str> = lines.filter_map(|line| line.split(',').next()).collect();
    assert!(names.contains(&"openai/gpt-4o-mini") && names.iter().all(|name| name.contains("mini")), "{names:?}");
    let none = estimate(&["Hi", "--all", "--search", "no-such-model"]).run().expect_code(2);
    assert!(none.stderr.contains("no model is left"), "{}", none.stderr);
}

#[test]
fn providers_count_exactly_where_they_can_and_it_is_said_who_did() {
    let run = Llmx::new().args([
        "--sim",
        "cost",
        "estimate",
        "Why is the sky blue? Answer briefly.",
        "--exact",
        "--json",
        "-m",
        "anthropic/claude-sonnet-4-6",
        "-m",
        "gemini/gemini-2.5-pro",
        "-m",
        "openai/gpt-4o",
        "-m",
        "mistral/mistral-large-latest",
    ]);
    let object: Value = serde_json::from_str(&run.run().expect_code(0).stdout).expect("JSON");
    let by = |name: &str| {
        let mut models = object["models"].as_array().expect("models").iter();
        let model = models.find(|model| model["model"].as_str().is_some_and(|model| model.starts_with(name)));
        let model = model.expect("the model");
        (model["exact"].clone(), model["tokens_in"].as_u64().expect("tokens"))
    };
    // The simulated fleet counts a token for four characters.
    assert_eq!(by("anthropic"), ("provider".into(), 9));
    assert_eq!(by("gemini"), ("provider".into(), 9));
    assert_eq!(by("openai").0, "tokenizer");
    assert_eq!(by("mistral").0, Value::Null);
}

#[test]
fn a_count_that_nobody_gives_is_estimated_and_said() {
    let run = Llmx::new().args(["cost", "estimate", "Hi", "--exact", "--json", "-m", "anthropic/claude-sonnet-4-6"]);
    let object: Value = serde_json::from_str(&run.run().expect_code(0).stdout).expect("JSON");
    let model = &object["models"][0];
    assert_eq!(model["exact"], Value::Null);
    assert!(
        model["notes"][0].as_str().is_some_and(|note| note.starts_with("estimated, as the provider gave no count")),
        "{model}"
    );
}
