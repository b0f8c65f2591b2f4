use std::sync::Arc;

use super::*;
use crate::catalog::Catalog;
use crate::provider::{KeyState, TargetId, builtin};
use crate::route::experience::{Counted, Seen};

fn moment() -> Timestamp {
    Timestamp::from_second(1_800_000_000).expect("a moment")
}

fn target(provider: &str, model: &str) -> Target {
    let (name, row) = builtin().into_iter().find(|(name, _)| name == provider).expect("a provider");
    let row = row.into_provider(&name, &|_| None).expect("a whole row");
    let known = Catalog::builtin().find(&row.catalog, model).map(Arc::new);
    let id = TargetId::new(provider, model);
    Target { id, provider: Arc::new(row), model: known, key: KeyState::NotNeeded, keys: Vec::new() }
}

const SORT: Sort = Sort { prompt: 1000, hour: 0, stream: true, tools: false };

fn told(target: &Target, experience: &Experience) -> Forecast {
    forecast(target, experience, SORT, None, Detail::Size, moment())
}

fn answered(first: f64, output: u64) -> Seen {
    let total = Duration::from_secs_f64(first + 0.01 * output as f64);
    let tokens = Some(Counted { input: 1000, cache_read: 500, output, reasoning: output / 2, expected: 0 });
    Seen { failed: false, first_token: Some(Duration::from_secs_f64(first)), total: Some(total), tokens }
}

#[test]
fn a_model_never_seen_has_assumptions_and_wide_bounds_never_zero() {
    let forecast = told(&target("openai", "gpt-5.4-mini"), &Experience::default());
    assert!(forecast.first_token.expected > Duration::from_millis(100));
    assert!(forecast.total.upper > forecast.total.expected.mul_f64(1.5));
    assert!(forecast.cost.is_some_and(|cost| cost > Usd::ZERO));
    assert!(forecast.cost_at_most > forecast.cost);
    assert!(forecast.samples < f64::EPSILON);
}

#[test]
fn what_was_seen_replaces_what_was_assumed_and_narrows_the_bounds() {
    let target = target("openai", "gpt-5.4-mini");
    let mut experience = Experience::default();
    for _ in 0..100 {
        experience.learn(&target.id, SORT, &answered(0.2, 100), moment());
    }
    let forecast = told(&target, &experience);
    assert!((180..260).contains(&forecast.first_token.expected.as_millis()), "{forecast:?}");
    assert!((1100..1400).contains(&forecast.total.expected.as_millis()), "{forecast:?}");
    assert!(forecast.total.upper < forecast.total.expected.mul_f64(1.15), "{forecast:?}");
    assert!((95.0..112.0).contains(&forecast.output_tokens), "{forecast:?}");
    assert!((forecast.cache_share - 0.5).abs() < 1e-9);
}

#[test]
fn case_30_failures_at_once_never_make_a_model_look_fast() {
    let target = target("openai", "gpt-5.4-mini");
    let mut experience = Experience::default();
    let before = told(&target, &experience);
    for _ in 0..10 {
        let failed = Seen { failed: true, first_token: Some(Duration::from_millis(5)), ..Seen::default() };
        experience.learn(&target.id, SORT, &failed, moment());
    }
    let after = told(&target, &experience);
    assert_eq!(after.total.expected, before.total.expected);
    assert!(after.success < 0.4 && before.success > 0.95, "{} {}", after.success, before.success);
}

#[test]
fn the_cost_is_that_of_the_real_mix_of_tokens() {
    let target = target("openai", "gpt-5.4-mini");
    let model = target.model.as_deref().expect("in the catalogue");
    let rates = model.rates(1000, moment()).expect("a price");
    let mut experience = Experience::default();
    for _ in 0..100_000 {
        experience.learn(&target.id, SORT, &answered(0.2, 100), moment());
    }
    let price = |unit| rates.get(unit).expect("a rate");
    let by_hand = price(Unit::Input) * 500 + price(Unit::CacheRead) * 500 + price(Unit::Output) * 100;
    let told = told(&target, &experience).cost.expect("known");
    let ratio = told.pico() as f64 / by_hand.pico() as f64;
    assert!((0.99..1.01).contains(&ratio), "{told} {by_hand}");
}

#[test]
fn a_limit_on_the_answer_limits_time_and_cost() {
    let target = target("openai", "gpt-5.4-mini");
    let short = forecast(&target, &Experience::default(), SORT, Some(10), Detail::Size, moment());
    assert!((short.output_tokens - 10.0).abs() < f64::EPSILON);
    assert_eq!(short.cost, short.cost_at_most);
}

#[test]
fn a_local_server_is_free_and_a_model_without_a_price_is_unknown() {
    let none = Experience::default();
    assert_eq!(told(&target("ollama", "llama3.1"), &none).cost, Some(Usd::ZERO));
    assert_eq!(told(&target("openai", "gpt-mystery"), &none).cost, None);
}
