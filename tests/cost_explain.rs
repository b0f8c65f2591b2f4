//! `llmx cost explain`: line items of token counts in every provider's own form, and of calls of the ledger.

use serde_json::{Value, json};

use crate::support::{Home, Llmx, Output};

const NOON: &str = "2026-11-18T12:00:00Z";

fn json_of(output: &Output) -> Value {
    serde_json::from_str(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", output.stdout))
}

/// What these token counts cost.
fn explain(usage: &str, model: &str, at: &str, more: &[&str]) -> Output {
    let arguments = ["cost", "explain", "--usage", "-", "--model", model, "--at", at, "--json"];
    Llmx::new().args(arguments).args(more).stdin(usage).run()
}

fn explained(usage: &Value, model: &str, more: &[&str]) -> Value {
    json_of(&explain(&usage.to_string(), model, NOON, more).expect_code(0))
}

/// Worked examples, as the providers report them: number, model, moment, dollars, what was reported.
const EXAMPLES: &[(u8, &str, &str, &str, &str)] = &[
    (
        1,
        "openai/gpt-4o",
        "2026-11-18T12:00:00Z",
        "0.0075",
        r#"{"prompt_tokens": 1000, "completion_tokens": 500, "total_tokens": 1500}"#,
    ),
    (
        2,
        "openai/gpt-5",
        "2026-11-18T12:00:00Z",
        "0.0185",
        r#"{"prompt_tokens": 10000, "completion_tokens": 1500, "total_tokens": 11500, "prompt_tokens_details": {"cached_tokens": 8000}, "completion_tokens_details": {"reasoning_tokens": 1200}}"#,
    ),
    (
        3,
        "openai/gpt-5",
        "2026-11-18T12:00:00Z",
        "0.00925",
        r#"{"service_tier": "flex", "usage": {"input_tokens": 10000, "output_tokens": 1500, "input_tokens_details": {"cached_tokens": 8000}, "output_tokens_details": {"reasoning_tokens": 1200}}}"#,
    ),
    (
        3,
        "openai/gpt-5",
        "2026-11-18T12:00:00Z",
        "0.037",
        r#"{"service_tier": "priority", "usage": {"input_tokens": 10000, "output_tokens": 1500, "input_tokens_details": {"cached_tokens": 8000}, "output_tokens_details": {"reasoning_tokens": 1200}}}"#,
    ),
    (
        3,
        "openai/gpt-5",
        "2026-11-18T12:00:00Z",
        "0.00925",
        r#"{"service_tier": "batch", "usage": {"prompt_tokens": 10000, "completion_tokens": 1500, "prompt_tokens_details": {"cached_tokens": 8000}}}"#,
    ),
    (
        4,
        "openai/gpt-5.4",
        "2026-11-18T12:00:00Z",
        "1.095",
        r#"{"prompt_tokens": 300000, "completion_tokens": 2000, "prompt_tokens_details": {"cached_tokens": 100000}}"#,
    ),
    (5, "openai/gpt-5.4", "2026-11-18T12:00:00Z", "0.71", r#"{"prompt_tokens": 272000, "completion_tokens": 2000}"#),
    (
        6,
        "openai/gpt-5.6-luna",
        "2026-11-18T12:00:00Z",
        "0.00885",
        r#"{"prompt_tokens": 50000, "completion_tokens": 1000, "prompt_tokens_details": {"cached_tokens": 20000, "cache_write_tokens": 25000}}"#,
    ),
    (
        7,
        "anthropic/claude-sonnet-4-5",
        "2026-11-18T12:00:00Z",
        "0.09",
        r#"{"input_tokens": 2000, "cache_creation_input_tokens": 10000, "cache_read_input_tokens": 50000, "cache_creation": {"ephemeral_5m_input_tokens": 6000, "ephemeral_1h_input_tokens": 4000}, "output_tokens": 1500}"#,
    ),
    (
        7,
        "anthropic/claude-sonnet-4-5",
        "2026-11-18T12:00:00Z",
        "0.081",
        r#"{"input_tokens": 2000, "cache_creation_input_tokens": 10000, "cache_read_input_tokens": 50000, "output_tokens": 1500}"#,
    ),
    (
        8,
        "anthropic/claude-sonnet-4-6",
        "2026-11-18T12:00:00Z",
        "0.78",
        r#"{"input_tokens": 250000, "output_tokens": 2000, "service_tier": "standard"}"#,
    ),
    (8, "anthropic/claude-sonnet-4-6", "2026-03-01", "1.545", r#"{"input_tokens": 250000, "output_tokens": 2000}"#),
    (
        9,
        "anthropic/claude-sonnet-4-5",
        "2026-11-18T12:00:00Z",
        "0.06",
        r#"{"input_tokens": 6000, "output_tokens": 800, "server_tool_use": {"web_search_requests": 3}}"#,
    ),
    (
        10,
        "anthropic/claude-opus-4-6",
        "2026-11-18T12:00:00Z",
        "0.0935",
        r#"{"input_tokens": 10000, "cache_read_input_tokens": 20000, "output_tokens": 1000, "inference_geo": "us"}"#,
    ),
    (
        11,
        "gemini/gemini-2.5-pro",
        "2026-11-18T12:00:00Z",
        "0.04625",
        r#"{"usageMetadata": {"promptTokenCount": 5000, "candidatesTokenCount": 800, "thoughtsTokenCount": 3200, "totalTokenCount": 9000}}"#,
    ),
    (
        12,
        "gemini/gemini-2.5-pro",
        "2026-11-18T12:00:00Z",
        "0.475",
        r#"{"promptTokenCount": 250000, "cachedContentTokenCount": 100000, "candidatesTokenCount": 1000, "thoughtsTokenCount": 4000}"#,
    ),
    (
        13,
        "gemini/gemini-2.5-flash",
        "2026-11-18T12:00:00Z",
        "0.02155",
        r#"{"promptTokenCount": 21000, "candidatesTokenCount": 500, "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 1000}, {"modality": "AUDIO", "tokenCount": 20000}]}"#,
    ),
    (
        14,
        "gemini/gemini-2.5-flash",
        "2026-11-18T12:00:00Z",
        "0.00805",
        r#"{"promptTokenCount": 21000, "candidatesTokenCount": 500, "cachedContentTokenCount": 15000, "cacheTokensDetails": [{"modality": "AUDIO", "tokenCount": 15000}], "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 1000}, {"modality": "AUDIO", "tokenCount": 20000}]}"#,
    ),
    (
        15,
        "xai/grok-4.5",
        "2026-11-18T12:00:00Z",
        "0.0135",
        r#"{"prompt_tokens": 4000, "completion_tokens": 300, "total_tokens": 5200, "prompt_tokens_details": {"text_tokens": 4000, "cached_tokens": 1000}, "completion_tokens_details": {"reasoning_tokens": 900}}"#,
    ),
    (16, "xai/grok-4.5", "2026-11-18T12:00:00Z", "0.812", r#"{"prompt_tokens": 200000, "completion_tokens": 1000}"#),
    (
        17,
        "perplexity/sonar-deep-research",
        "2026-11-18T12:00:00Z",
        "0.409393",
        r#"{"prompt_tokens": 33, "completion_tokens": 7163, "total_tokens": 7196, "citation_tokens": 20016, "num_search_queries": 18, "reasoning_tokens": 73997}"#,
    ),
    (
        18,
        "deepseek/deepseek-v4-flash",
        "2026-11-18 02:00Z",
        "0.01476",
        r#"{"prompt_tokens": 100000, "completion_tokens": 2000, "prompt_cache_hit_tokens": 60000, "prompt_cache_miss_tokens": 40000}"#,
    ),
    (
        18,
        "deepseek/deepseek-v4-flash",
        "2026-11-18T12:00:00Z",
        "0.00738",
        r#"{"prompt_tokens": 100000, "completion_tokens": 2000, "prompt_cache_hit_tokens": 60000}"#,
    ),
    (
        18,
        "deepseek/deepseek-v4-flash",
        "2026-11-22T02:00:00Z",
        "0.00738",
        r#"{"prompt_tokens": 100000, "completion_tokens": 2000, "prompt_cache_hit_tokens": 60000}"#,
    ),
];

#[test]
fn worked_examples_come_out_exactly_from_what_providers_report() {
    for (number, model, at, expected, usage) in EXAMPLES {
        let object = json_of(&explain(usage, model, at, &[]).expect_code(0));
        assert_eq!(object["total"], *expected, "example {number}: {object}");
        assert_eq!((&object["usd"], &object["source"]), (&object["total"], &json!("computed")), "example {number}");
        let date = object["record"]["date"].as_str().unwrap_or_default();
        assert!(date.starts_with("2026-"), "example {number}: {object}");
    }
}

/// The vectors are not part of the repository.
#[test]
fn vectors_of_other_calculators_agree_in_their_own_form() {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/catalog");
    let folder = std::env::var("LLMX_CATALOG").unwrap_or_else(|_| beside.to_owned());
    let Ok(text) = std::fs::read_to_string(format!("{folder}/cost-vectors.json")) else { return };
    let file: Value = serde_json::from_str(&text).expect("json");
    let vectors = file["vectors"].as_array().expect("vectors");
    for vector in vectors {
        let text = |key: &str| vector[key].as_str().expect("a text");
        let model = format!("{}/{}", text("provider"), text("model"));
        let as_argument = explain(&vector["usage"].to_string(), &model, text("at"), &["--mode", text("mode")]);
        // The whole vector holds a `usage` and tells the mode beside it.
        let as_member = explain(&vector.to_string(), &model, text("at"), &[]);
        for output in [as_argument, as_member] {
            let object = json_of(&output.expect_code(0));
            assert_eq!(object["total"], vector["usd_exact"], "vector {}: {object}", vector["n"]);
        }
    }
}

#[test]
fn the_object_names_every_line_and_where_its_price_comes_from() {
    let usage = json!({"input_tokens": 300_000, "cached_tokens": 100_000, "output_tokens": 2000});
    let object = explained(&usage, "openai/gpt-5.4", &[]);
    assert_eq!((&object["schema"], &object["model"]), (&json!("llmx.cost/1"), &json!("openai/gpt-5.4")));
    assert_eq!((&object["at"], &object["mode"]), (&json!(NOON), &json!("standard")));
    assert_eq!(
        object["lines"],
        json!([
            {"unit": "input", "count": 200_000, "rate": "5", "cost": "1"},
            {"unit": "cache_read", "count": 100_000, "rate": "0.5", "cost": "0.05"},
            {"unit": "output", "count": 2000, "rate": "22.5", "cost": "0.045"},
        ])
    );
    assert_eq!((&object["record"]["tier"], &object["saved"]), (&json!(272_000), &json!("0.45")));
    assert_eq!((&object["usage"]["cache_read"], &object["inconsistent"]), (&json!(100_000), &json!(false)));
}

#[test]
fn what_the_provider_charged_counts_and_a_difference_is_shown() {
    let usage = json!({"prompt_tokens": 1000, "completion_tokens": 500, "cost": 0.0085});
    let object = explained(&usage, "openai/gpt-4o", &[]);
    assert_eq!((&object["usd"], &object["source"]), (&json!("0.0085"), &json!("provider")));
    assert_eq!((&object["total"], &object["difference"]), (&json!("0.0075"), &json!("0.001")));
    let ticks = json!({"prompt_tokens": 4000, "completion_tokens": 300, "cost_in_usd_ticks": 135_000_000});
    assert_eq!(explained(&ticks, "xai/grok-4.5", &[])["usd"], "0.0135");
    let own_key = json!({
        "prompt_tokens": 10, "completion_tokens": 5, "cost": 0.0005, "is_byok": true,
        "cost_details": {"upstream_inference_cost": 0.01},
    });
    assert_eq!(explained(&own_key, "openai/gpt-4o", &[])["usd"], "0.0105");
    let total = json!({"prompt_tokens": 10, "completion_tokens": 5, "cost": {"total_cost": 0.006}});
    assert_eq!(explained(&total, "perplexity/sonar", &[])["usd"], "0.006");
}

#[test]
fn modes_and_regions_may_be_named_and_come_before_what_the_counts_tell() {
    let usage = json!({"service_tier": "flex", "usage": {"prompt_tokens": 10_000, "completion_tokens": 2000}});
    assert_eq!(explained(&usage, "openai/gpt-5", &[])["total"], "0.01625");
    assert_eq!(explained(&usage, "openai/gpt-5", &["--mode", "standard"])["total"], "0.0325");
    let usage = json!({"input_tokens": 10_000, "output_tokens": 1000, "inference_geo": "us"});
    assert_eq!(explained(&usage, "anthropic/claude-opus-4-6", &["--region", "global"])["total"], "0.075");
    let eu =
        explained(&json!({"prompt_tokens": 1000, "completion_tokens": 0}), "azure-openai/gpt-4o", &["--region", "eu"]);
    assert_eq!((&eu["total"], &eu["record"]["region"]), (&json!("0.00275"), &json!("eu")));
}

#[test]
fn a_region_without_a_price_of_its_own_is_refused_with_those_that_have_one() {
    let usage = json!({"prompt_tokens": 10, "completion_tokens": 1}).to_string();
    let refused = explain(&usage, "azure/gpt-5", NOON, &["--region", "mars"]).expect_code(2);
    assert!(refused.stdout.contains("mars") && refused.stdout.contains("eu, us"), "{}", refused.stdout);
    explain(&usage, "azure/gpt-5", NOON, &["--region", "global"]).expect_code(0);
    let nowhere = explain(&usage, "groq/llama-3.3-70b-versatile", NOON, &["--region", "mars"]).expect_code(2);
    assert!(nowhere.stdout.contains("holds everywhere"), "{}", nowhere.stdout);
}

#[test]
fn a_stream_saved_as_lines_is_one_call() {
    let stream = concat!(
        r#"{"type": "message_start", "message": {"id": "m", "usage": {"input_tokens": 10, "cache_read_input_tokens": 5000, "output_tokens": 1}}}"#,
        "\n",
        r#"{"type": "message_delta", "usage": {"output_tokens": 300}}"#,
        "\n",
    );
    let call = json_of(&explain(stream, "anthropic/claude-sonnet-4", NOON, &[]).expect_code(0));
    assert_eq!((&call["total"], &call["inconsistent"]), (&json!("0.00603"), &json!(false)));
}

#[test]
fn calls_by_azure_have_a_price() {
    let usage = json!({"prompt_tokens": 1000, "completion_tokens": 500});
    for provider in ["azure", "azure-deployments", "azure-openai"] {
        assert_eq!(explained(&usage, &format!("{provider}/gpt-4o"), &[])["total"], "0.0075", "{provider}");
    }
}

#[test]
fn an_unknown_price_shows_the_counts_and_is_no_error() {
    let usage = json!({"prompt_tokens": 10, "completion_tokens": 5, "service_tier": "scale"});
    let object = explained(&usage, "openai/gpt-5", &[]);
    assert_eq!((&object["total"], &object["usd"], &object["record"]), (&Value::Null, &Value::Null, &Value::Null));
    assert_eq!((&object["source"], &object["mode"]), (&json!("unknown"), &json!("scale")));
    assert_eq!(object["lines"][0], json!({"unit": "input", "count": 10, "rate": null, "cost": null}));
    let words = Llmx::new().args(["cost", "explain", "--usage", "-", "-m", "openai/gpt-5"]).stdin(usage.to_string());
    let output = words.run().expect_code(0);
    assert!(
        output.stdout.contains("cost      unknown") && output.stdout.contains("none is known"),
        "{}",
        output.stdout
    );
    let contradiction =
        json!({"prompt_tokens": 100, "completion_tokens": 0, "prompt_tokens_details": {"cached_tokens": 200}});
    assert_eq!(explained(&contradiction, "openai/gpt-5", &[])["inconsistent"], true);
}

#[test]
fn models_are_found_by_aliases_by_the_catalogues_names_and_by_an_id_that_one_provider_has() {
    let usage = r#"{"prompt_tokens": 1000, "completion_tokens": 500}"#;
    for model in ["openai/gpt-4o", "azure-openai/gpt-4o", "openai:gpt-4o"] {
        assert_eq!(json_of(&explain(usage, model, NOON, &[]).expect_code(0))["total"], "0.0075", "{model}");
    }
    assert_eq!(json_of(&explain(usage, "sonar-deep-research", NOON, &[]).expect_code(0))["total"], "0.006");
    let home = Home::new();
    home.write_config("[aliases]\nsmall = \"openai/gpt-4o\"\n");
    let aliased = home.llmx().args(["cost", "explain", "--usage", "-", "-m", "small", "--json"]).stdin(usage).run();
    assert_eq!(json_of(&aliased.expect_code(0))["total"], "0.0075");
    for (model, hint) in [
        ("gpt-4o", "name one: `azure-openai/gpt-4o`, `openai/gpt-4o`"),
        ("openai/gpt-55", "did you mean `openai/gpt-5.5`"),
        ("opneai/gpt-4o", "did you mean `openai/gpt-4o`?"),
        ("azureai/gpt-4o", "did you mean `azure-ai/gpt-4o`?"),
        ("nothing-like-it", "`llmx models --all`"),
    ] {
        let output = explain(usage, model, NOON, &[]).expect_code(2);
        assert!(output.stderr.contains(hint), "{model}: {}", output.stderr);
    }
}

#[test]
fn bad_input_says_what_is_wrong_and_what_to_do() {
    let explain = |usage: &str, arguments: &[&str]| {
        let base = ["cost", "explain", "-m", "openai/gpt-5", "--usage"];
        Llmx::new().args(base).args(arguments).stdin(usage).run().expect_code(2)
    };
    let counts = r#"{"prompt_tokens": 1, "completion_tokens": 1}"#;
    for (usage, arguments, words) in [
        (r#"{"tokens_used": 4}"#, vec!["-"], vec!["`prompt_tokens`", "`usageMetadata`", "it has `tokens_used`"]),
        ("[]", vec!["-"], vec!["it counts no tokens"]),
        ("7", vec!["-"], vec!["it counts no tokens", "it has no members"]),
        ("", vec!["-"], vec!["is no JSON", "whole response"]),
        ("data: {", vec!["-"], vec!["is no JSON"]),
        ("", vec!["/no/such/file"], vec!["cannot read `/no/such/file`", "name a file"]),
        ("", vec!["."], vec!["cannot read `.`"]),
        (counts, vec!["-", "--at", "yesterday"], vec!["--at: `yesterday` is no time", "2026-11-18 02:00"]),
        (counts, vec!["-", "--at", "2026-13-01"], vec!["is no time"]),
        (
            r#"{"prompt_tokens": -5, "completion_tokens": 1}"#,
            vec!["-"],
            vec!["`prompt_tokens` is -5", "a whole number"],
        ),
        (r#"{"prompt_tokens": 5, "completion_tokens": 1.5}"#, vec!["-"], vec!["`completion_tokens` is 1.5"]),
        (
            "{\"prompt_tokens\": 5, \"completion_tokens\": 1}\n{\"prompt_tokens\": 5, \"completion_tokens\": 1}",
            vec!["-"],
            vec!["the counts of 2 calls", "one call at a time"],
        ),
        (counts, vec!["-", "--mode", "slow"], vec!["standard, batch, flex"]),
    ] {
        let output = explain(usage, &arguments);
        for word in words {
            assert!(output.stderr.contains(word), "{arguments:?}: {word}: {}", output.stderr);
        }
    }
}

#[test]
fn a_call_of_the_ledger_is_explained_as_it_was_charged() {
    let home = Home::new();
    let output = home.llmx().args(["--sim", "cost", "explain"]).run().expect_code(2);
    assert!(output.stderr.contains("no run `last`") && output.stderr.contains("`llmx log`"), "{}", output.stderr);
    let run = home.llmx().args(["--sim", "complete", "--json", "-m", "openai/gpt-4o", "hello"]).run().expect_code(0);
    let cost = json_of(&run)["cost"]["usd"].clone();
    let object = json_of(&home.llmx().args(["--sim", "cost", "explain", "--json"]).run().expect_code(0));
    assert_eq!((&object["usd"], &object["unknown_attempts"]), (&cost, &json!(0)));
    let attempt = &object["attempts"][0];
    assert_eq!((&attempt["usd"], &attempt["total"], &attempt["number"]), (&cost, &cost, &json!(1)));
    assert_eq!(attempt["record"]["model"], "openai/gpt-4o");
    let id = object["call"].as_str().expect("an id");
    let page = home.llmx().args(["--sim", "cost", "explain", id]).run().expect_code(0);
    assert!(page.stdout.contains("openai/gpt-4o, standard") && page.stdout.contains("output"), "{}", page.stdout);
}

#[test]
fn every_attempt_of_a_call_is_explained() {
    let home = Home::new();
    let fallback = ["complete", "-m", "openai/gpt-4o", "--fallback", "anthropic/claude-haiku-4-5", "hello"];
    home.llmx().arg("--sim=openai:500").args(fallback).run().expect_code(0);
    let object = json_of(&home.llmx().args(["--sim", "cost", "explain", "last", "--json"]).run().expect_code(0));
    let attempts = object["attempts"].as_array().expect("attempts");
    assert!(attempts.len() > 1, "{object}");
    assert_eq!(attempts.last().expect("one")["model"], "anthropic/claude-haiku-4-5");
    assert!(attempts[0]["lines"].as_array().is_some_and(Vec::is_empty), "{object}");
}
