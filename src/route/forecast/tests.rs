use std::sync::Arc;

use super::*;
use crate::catalog::Catalog;
use crate::provider::{KeyState, TargetId, builtin};
use crate::route::breaker::State;
use crate::route::experience::{Counted, Seen};
use crate::route::strategy::{Balance, Entrant, Field, STRATEGIES};

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
    let tokens = Some(Counted { input: 1000, cache_read: 500, output, reasoning: output / 2, ..Counted::default() });
    Seen { first_token: Some(Duration::from_secs_f64(first)), total: Some(total), tokens, ..Seen::default() }
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
fn an_answer_that_a_limit_cut_short_makes_the_expected_one_longer_and_never_shorter() {
    let target = target("openai", "gpt-5.4-mini");
    let after = |lengths: &[(u64, bool)]| {
        let mut experience = Experience::default();
        for (output, truncated) in lengths.iter().copied().cycle().take(60) {
            let seen = answered(0.2, output);
            experience.learn(&target.id, SORT, &Seen { truncated, ..seen }, moment());
        }
        let told = told(&target, &experience);
        (told.output_tokens, told.success, told.samples)
    };
    let unseen = told(&target, &Experience::default());
    let (_, success, samples) = after(&[(2, true)]);
    assert!((success - unseen.success).abs() < 1e-9 && samples > 59.0, "no whole answer, but one that was seen");
    let (unseen, after) = (unseen.output_tokens, |lengths| after(lengths).0);
    assert!(after(&[(2, true)]) >= unseen, "{} {unseen}", after(&[(2, true)]));
    assert!(after(&[(600, false), (2, true)]) > 550.0, "{}", after(&[(600, false), (2, true)]));
    assert!(after(&[(5_000, true)]) > 4_000.0, "{}", after(&[(5_000, true)]));
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

#[test]
fn case_29_no_tokens_and_no_time_make_a_forecast_of_numbers() {
    let target = target("openai", "gpt-5.4-mini");
    let mut experience = Experience::default();
    let nothing = Seen { total: Some(Duration::ZERO), tokens: Some(Counted::default()), ..answered(0.0, 0) };
    for _ in 0..50 {
        experience.learn(&target.id, SORT, &nothing, moment());
    }
    let told = exactly(&target, &experience, 0, moment());
    assert!(told.output_tokens >= 1.0 && told.total.expected < Duration::from_secs(1), "{told:?}");
    assert!((0.0..=1.0).contains(&told.cache_share) && told.cost.is_some());
    let doubt = told.doubt;
    assert!([doubt.time, doubt.cost, doubt.success, told.success].iter().all(|number| number.is_finite()), "{told:?}");
}

#[test]
fn case_30_no_strategy_ranks_a_target_higher_for_its_failures() {
    let targets = [target("openai", "gpt-5.4-mini"), target("openai", "gpt-5.4-nano"), target("groq", "llama-3.3-70b")];
    let mut experience = Experience::default();
    for target in &targets {
        (0..10).for_each(|_| experience.learn(&target.id, SORT, &answered(0.5, 200), moment()));
    }
    for strategy in STRATEGIES.iter().filter(|strategy| !["shuffle", "weighted"].contains(&strategy.name)) {
        let mut experience = experience.clone();
        let mut before = f64::NEG_INFINITY;
        for _ in 0..20 {
            let all = targets.each_ref().map(|target| exactly(target, &experience, 0, moment()));
            let entrants: Vec<Entrant<'_>> = (0..3)
                .map(|place| Entrant {
                    target: &targets[place].id,
                    place,
                    forecast: &all[place],
                    breaker: &State::Closed,
                })
                .collect();
            let (weights, max_latency, balance) = (&[], None, Balance::DEFAULT);
            let score =
                &strategy.scores(&Field { entrants: &entrants, seed: 1, weights, max_latency, balance, explore: 0.0 })
                    [0];
            assert!(score.value >= before, "{}: {} after {before}", strategy.name, score.value);
            before = score.value;
            let failed = Seen { failed: true, total: Some(Duration::from_millis(5)), ..Seen::default() };
            experience.learn(&targets[0].id, SORT, &failed, moment());
        }
    }
}

fn exactly(target: &Target, experience: &Experience, hour: u8, now: Timestamp) -> Forecast {
    forecast(target, experience, Sort { hour, ..SORT }, None, Detail::Exact, now)
}

fn hours_later(hours: i64) -> Timestamp {
    moment().checked_add(jiff::SignedDuration::from_hours(hours)).expect("a moment")
}

#[test]
fn who_is_slow_at_an_hour_of_the_day_is_expected_to_be_slow_at_that_hour() {
    let target = target("openai", "gpt-5.4-mini");
    let mut experience = Experience::default();
    for day in 0..3 {
        for hour in 0..24_u8 {
            let first = if hour == 14 { 4.0 } else { 1.0 };
            for _ in 0..5 {
                let when = hours_later(24 * day + i64::from(hour));
                experience.learn(&target.id, Sort { hour, ..SORT }, &answered(first, 1), when);
            }
        }
    }
    let at = |hour: u8| exactly(&target, &experience, hour, hours_later(96 + i64::from(hour))).first_token.typical;
    assert!(at(14) > at(3).mul_f64(2.0), "{:?} {:?}", at(14), at(3));
    assert!(at(13) < at(3).mul_f64(1.3), "{:?} {:?}", at(13), at(3));
}

#[test]
fn what_is_slow_now_is_seen_within_a_few_requests_and_forgotten_within_hours() {
    let target = target("openai", "gpt-5.4-mini");
    let mut experience = Experience::default();
    for _ in 0..100 {
        experience.learn(&target.id, SORT, &answered(1.0, 1), hours_later(-10));
    }
    let before = exactly(&target, &experience, 0, moment()).first_token.typical;
    for _ in 0..3 {
        experience.learn(&target.id, SORT, &answered(6.0, 1), moment());
    }
    let now = exactly(&target, &experience, 0, moment()).first_token.typical;
    let later = exactly(&target, &experience, 5, hours_later(5)).first_token.typical;
    assert!(now > before.mul_f64(2.5), "{before:?} {now:?}");
    assert!(later < before.mul_f64(1.3), "{before:?} {later:?}");
}

#[test]
fn failures_in_a_row_make_an_outage_likely_until_time_or_an_answer_says_otherwise() {
    let target = target("openai", "gpt-5.4-mini");
    let mut experience = Experience::default();
    let failed = Seen { failed: true, total: Some(Duration::from_secs(20)), ..Seen::default() };
    let down = |experience: &Experience, at| exactly(&target, experience, 0, at).down;
    assert!(down(&experience, moment()) <= 0.0);
    experience.learn(&target.id, SORT, &failed, moment());
    let once = down(&experience, moment());
    experience.learn(&target.id, SORT, &failed, moment());
    let twice = down(&experience, moment());
    assert!(0.3 < once && once < twice && twice < 1.0, "{once} {twice}");
    assert!(down(&experience, hours_later(1)) < 0.05, "a minute's outage is over after an hour");
    assert!(exactly(&target, &experience, 0, moment()).lost > Duration::from_secs(10), "a failure costs its time");
    experience.learn(&target.id, SORT, &answered(1.0, 10), moment());
    assert!(down(&experience, moment()) <= 0.0);
}

#[test]
fn a_prompt_costs_what_the_provider_counts_once_that_is_known() {
    let target = target("openai", "gpt-5.4-mini");
    let seen = |expected| {
        let mut experience = Experience::default();
        let tokens = Some(Counted { input: 3000, output: 1, expected, ..Counted::default() });
        (0..100).for_each(|_| experience.learn(&target.id, SORT, &Seen { tokens, ..answered(1.0, 1) }, moment()));
        told(&target, &experience).cost.expect("known").pico() as f64
    };
    let ratio = seen(2000) / seen(3000);
    assert!((1.45..1.55).contains(&ratio), "{ratio}");
}

#[test]
fn how_long_answers_are_is_learned_from_all_models_for_one_that_was_never_seen() {
    let (known, new) = (target("openai", "gpt-5.4-mini"), target("openai", "gpt-5.4-nano"));
    let mut experience = Experience::default();
    let before = told(&new, &experience).output_tokens;
    (0..100).for_each(|_| experience.learn(&known.id, SORT, &answered(1.0, 60), moment()));
    let after = told(&new, &experience).output_tokens;
    assert!(after < before / 5.0, "{before} {after}");
    assert!(told(&new, &experience).samples <= 0.0);
}
