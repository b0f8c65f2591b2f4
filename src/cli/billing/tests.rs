//! What a call costs, from the counts that a provider reported.

use serde_json::{Value, json};

use super::*;
use crate::catalog::Catalog;
use crate::wire::usage::read;

fn at(text: &str) -> Timestamp {
    text.parse().expect("a timestamp")
}

fn cost(provider: &str, model: &str, usage: &Value) -> Cost {
    let model = Catalog::builtin().find(provider, model).expect("known");
    let served = Served { at: at("2026-11-18T12:00:00Z"), mode: None, region: None };
    of_usage(&read(usage, None).expect("a known shape"), Some(&model), &served)
}

#[test]
fn what_the_provider_says_counts_and_a_difference_is_told() {
    let usage = |cost: f64| json!({"prompt_tokens": 1000, "completion_tokens": 500, "cost": cost});
    let same = cost("openai", "gpt-4o", &usage(0.00753));
    assert_eq!((same.usd, same.source, same.difference), (same.reported, CostSource::Provider, None));
    let other = cost("openai", "gpt-4o", &usage(0.0085));
    assert_eq!(other.usd.map(Usd::to_decimal).as_deref(), Some("0.0085"));
    assert_eq!(other.difference.map(Usd::to_decimal).as_deref(), Some("0.001"));
    assert_eq!(other.bill.and_then(|bill| bill.total).map(Usd::to_decimal).as_deref(), Some("0.0075"));
}

#[test]
fn an_impossible_figure_of_the_provider_is_not_taken() {
    for wrong in [json!(-1), json!(1e9), json!("much"), json!(null), json!({"total_cost": -3})] {
        let usage = json!({"prompt_tokens": 1000, "completion_tokens": 500, "cost": wrong});
        let cost = cost("openai", "gpt-4o", &usage);
        assert_eq!((cost.source, cost.reported), (CostSource::Computed, None), "{wrong}");
        assert_eq!(cost.usd.map(Usd::to_decimal).as_deref(), Some("0.0075"), "{wrong}");
    }
}

#[test]
fn a_tier_that_nobody_knows_has_an_unknown_price() {
    let usage = json!({"prompt_tokens": 10, "completion_tokens": 5, "service_tier": "scale"});
    assert_eq!(cost("openai", "gpt-5", &usage), Cost::unknown());
    let usage = json!({"prompt_tokens": 10_000, "completion_tokens": 2000, "service_tier": "flex"});
    assert_eq!(cost("openai", "gpt-5", &usage).usd.map(Usd::to_decimal).as_deref(), Some("0.01625"));
}

#[test]
fn the_region_of_the_answer_comes_before_that_of_the_address() {
    let opus = Catalog::builtin().find("anthropic", "claude-opus-4-6").expect("known");
    let usage = |geo: &str| json!({"input_tokens": 10_000, "cache_read_input_tokens": 20_000, "output_tokens": 1000, "inference_geo": geo});
    let cost = |geo: &str, region| {
        let served = Served { at: at("2026-11-18T12:00:00Z"), mode: None, region };
        of_usage(&read(&usage(geo), None).expect("counts"), Some(&opus), &served).usd.map(Usd::to_decimal)
    };
    assert_eq!(cost("us", None).as_deref(), Some("0.0935"));
    assert_eq!(cost("global", Some("us")).as_deref(), Some("0.085"));
    assert_eq!(cost("not_available", Some("us")).as_deref(), Some("0.0935"));
}

#[test]
fn clamped_counts_are_flagged() {
    let usage = json!({"prompt_tokens": 100, "completion_tokens": 0, "prompt_tokens_details": {"cached_tokens": 200}});
    let cost = cost("openai", "gpt-5", &usage);
    assert!(cost.inconsistent);
    assert_eq!(cost.usd.map(Usd::to_decimal).as_deref(), Some("0.0000125"));
}
