//! Tests of past traffic on another model.

use super::*;
use crate::catalog::Catalog;
use crate::cost::spent::Cell;

const NOON: i64 = 1_795_000_000_000 / QUARTER_MS * QUARTER_MS;

fn model(provider: &str, id: &str) -> Model {
    Catalog::builtin().find(provider, id).expect("in the catalogue")
}

fn reader(family: &str, factor: f64) -> Reader {
    Reader { family: family.to_owned(), band: Band { low: factor / 1.1, expected: factor, high: factor * 1.1 } }
}

fn now() -> Timestamp {
    Timestamp::from_millisecond(NOON).expect("a moment")
}

fn spending(sums: Sums) -> Spending {
    Spending { cells: vec![Cell { quarter: NOON / QUARTER_MS, spender: 1, sums }], ..Spending::default() }
}

fn on(sums: Sums, large: &[Large], model: &Model, to: &Reader) -> Outcome {
    let readers = BTreeMap::from([(1, reader("openai", 1.0))]);
    let with_tools = BTreeMap::from([(1, 7), (2, 9)]);
    let spending = spending(sums);
    Traffic { spending: &spending, large, readers: &readers, with_tools: &with_tools }.on(model, to, now())
}

#[test]
fn another_tokenizer_makes_other_counts_and_its_prices_hold() {
    let sums = Sums { requests: 2, input: 1_000_000, output: 100_000, ..Sums::default() };
    // 3 and 15 dollars a million.
    let outcome = on(sums, &[], &model("anthropic", "claude-sonnet-4-6"), &reader("claude", 1.2));
    assert_eq!((outcome.input, outcome.output), (1_200_000, 120_000));
    assert_eq!(outcome.cost_usd, Usd::parse("5.4"));
    assert!(outcome.low_usd < outcome.cost_usd && outcome.cost_usd < outcome.high_usd);
}

#[test]
fn within_a_family_counts_stay_as_they_were() {
    let sums = Sums { requests: 1, input: 1_000_000, cache_read: 400_000, output: 0, ..Sums::default() };
    // 2.50 and, from the cache, 1.25 dollars a million.
    let outcome = on(sums, &[], &model("openai", "gpt-4o"), &reader("openai", 1.0));
    assert_eq!(outcome.cost_usd, Usd::parse("2"));
    assert_eq!((outcome.low_usd, outcome.high_usd), (outcome.cost_usd, outcome.cost_usd));
}

#[test]
fn a_large_request_is_priced_by_its_own_tier_and_the_rest_is_not() {
    let large = Large { started_ms: NOON, spender: 1, input: 300_000, output: 1_000, ..Large::default() };
    let sums = Sums { requests: 3, input: 500_000, output: 3_000, ..Sums::default() };
    // Above 200,000 tokens 2.50 and 15 dollars a million, else 1.25 and 10.
    let outcome = on(sums, &[large], &model("gemini", "gemini-2.5-pro"), &reader("openai", 1.0));
    assert_eq!(outcome.cost_usd, Usd::parse("1.035"));
}

#[test]
fn what_does_not_fit_is_counted() {
    let model = Model {
        context: Some(100_000),
        max_output: Some(4_000),
        abilities: crate::catalog::Abilities { tools: Some(false), ..Default::default() },
        ..model("openai", "gpt-4o")
    };
    let large = |input, output| Large { started_ms: NOON, spender: 1, input, output, ..Large::default() };
    let requests = [large(98_000, 1_000), large(98_000, 3_000), large(20_000, 5_000), large(120_000, 10)];
    let sums = Sums { requests: 4, input: 336_000, output: 9_010, ..Sums::default() };
    let outcome = on(sums, &requests, &model, &reader("openai", 1.0));
    assert_eq!((outcome.too_long, outcome.cut, outcome.without_tools), (2, 1, 7));
}

#[test]
fn without_a_price_the_cost_is_unknown_and_never_nothing() {
    let sums = Sums { requests: 1, input: 10, output: 10, ..Sums::default() };
    let model = Model { pricing: None, ..model("openai", "gpt-4o") };
    assert_eq!(on(sums, &[], &model, &reader("openai", 1.0)).cost_usd, None);
}

#[test]
fn sizes_are_small_enough_for_every_window() {
    let with = |context, max_output| Model { context, max_output, ..Model::default() };
    assert_eq!(Sizes::for_models(&[with(Some(200_000), Some(8_192))]), Sizes::USUAL);
    assert_eq!(Sizes::for_models(&[with(Some(8_192), Some(1_000))]), Sizes { input: 2_048, output: 500 });
}

#[test]
fn an_hour_of_the_week_is_that_of_the_last_week() {
    for weeks in [0, 1, 2, 50] {
        let moment = at(NOON - 3 * 3_600_000 - weeks * WEEK_MS, now());
        assert_eq!(now().as_millisecond() - moment.as_millisecond(), 3 * 3_600_000);
    }
}
