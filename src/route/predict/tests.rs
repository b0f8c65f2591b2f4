use std::time::Duration;

use super::*;
use crate::money::Usd;
use crate::provider::TargetId;
use crate::route::breaker::State;
use crate::route::forecast::{Doubt, Span};
use crate::route::strategy::Entrant;

/// What is expected of a target that was often seen: it costs that much, takes that long, and answers that often.
fn known(dollars: &str, seconds: f64, success: f64) -> Forecast {
    let time = Duration::from_secs_f64(seconds);
    Forecast {
        cost: Usd::parse(dollars),
        total: Span { expected: time, typical: time, upper: time },
        success,
        doubt: Doubt { time: 0.05, cost: 0.05, success: 0.01 },
        samples: 100.0,
        ..Forecast::default()
    }
}

/// The same of one that was never seen.
fn unseen(dollars: &str, seconds: f64) -> Forecast {
    Forecast { doubt: Doubt { time: 0.6, cost: 0.5, success: 0.1 }, samples: 0.0, ..known(dollars, seconds, 0.97) }
}

fn scored(forecasts: &[Forecast], breaker: &State, seed: u64, explore: f64) -> Vec<Score> {
    let targets: Vec<TargetId> = (0..forecasts.len()).map(|place| TargetId::new("p", place.to_string())).collect();
    let entrants: Vec<Entrant<'_>> = (0..forecasts.len())
        .map(|place| Entrant { target: &targets[place], place, forecast: &forecasts[place], breaker })
        .collect();
    let balance = Balance::DEFAULT;
    scores(&Field { entrants: &entrants, seed, weights: &[], max_latency: None, balance, explore })
}

fn first(scores: &[Score]) -> usize {
    (0..scores.len()).min_by(|one, other| scores[*one].order(&scores[*other])).expect("some")
}

/// In how many of a thousand requests it comes first, with the mean of what that is expected to make worse.
fn tried(forecasts: &[Forecast], which: usize, breaker: &State) -> (usize, f64) {
    let (mut times, mut worse) = (0, 0.0);
    for seed in 0..1000 {
        let scores = scored(forecasts, breaker, seed, 0.05);
        let first = first(&scores);
        times += usize::from(first == which);
        worse += match scores[first].note {
            Some(Note::Explored { worse_by }) => worse_by / 1000.0,
            _ => 0.0,
        };
    }
    (times, worse)
}

#[test]
fn twice_the_price_is_as_bad_as_twice_the_wait() {
    let all = [known("0.01", 4.0, 1.0), known("0.02", 2.0, 1.0), known("0.02", 1.9, 1.0)];
    let scores = scored(&all, &State::Closed, 1, 0.0);
    assert!((scores[0].value - scores[1].value).abs() < 1e-9, "{scores:?}");
    assert_eq!(first(&scores), 2);
    assert!((loss(Balance::DEFAULT, 0.02, 4.0, 0.0) - loss(Balance::DEFAULT, 0.01, 4.0, 0.0) - 1.0).abs() < 1e-9);
}

#[test]
fn case_30_a_failure_never_improves_a_rank_whoever_would_answer_then() {
    for success in [0.99, 0.9, 0.5, 0.1, 0.0] {
        let of = |success| {
            let all = [known("0.1", 9.0, success), known("0.0001", 0.1, 1.0), known("0.05", 9.0, 0.9)];
            scored(&all, &State::Closed, 1, 0.0)[0].value
        };
        assert!(of(success) > of(success + 0.01), "{success}");
    }
    let down = |down| scored(&[Forecast { down, ..known("1", 1.0, 1.0) }], &State::Closed, 1, 0.0)[0].value;
    assert!(down(0.5) > down(0.1) && down(0.1) > down(0.0));
}

#[test]
fn trying_out_makes_requests_worse_by_no_more_than_its_share() {
    for (dollars, seconds) in [("0.011", 1.0), ("0.013", 1.2), ("0.02", 1.5), ("0.03", 3.0), ("0.2", 20.0)] {
        let all = [known("0.01", 1.0, 0.99), unseen(dollars, seconds), unseen(dollars, seconds), unseen("0.015", 1.0)];
        let (_, worse) = tried(&all, 1, &State::Closed);
        assert!(worse <= 0.055, "{dollars} {seconds}: {worse}");
        assert!(worse > 0.0, "somebody is tried");
    }
}

#[test]
fn a_model_never_seen_is_tried_early_and_one_that_is_known_to_be_worse_hardly_ever() {
    let (unknown, _) = tried(&[known("0.01", 1.0, 0.99), unseen("0.015", 1.2)], 1, &State::Closed);
    assert!(unknown > 20, "{unknown} of 1000");
    let (worse, _) = tried(&[known("0.01", 1.0, 0.99), known("0.015", 1.2, 0.99)], 1, &State::Closed);
    assert!(worse < 5, "{worse} of 1000");
}

#[test]
fn a_newcomer_is_tried_even_where_its_prior_is_far_worse() {
    let certain = Doubt { time: 0.05, cost: 0.05, success: 0.01 };
    let new = Forecast { doubt: certain, ..unseen("0.05", 5.0) };
    let (times, worse) = tried(&[known("0.01", 1.0, 0.99), new], 1, &State::Closed);
    assert!((2..12).contains(&times), "{times} of 1000");
    assert!(worse <= 0.05, "{worse}");
}

#[test]
fn who_has_just_failed_is_not_tried_out_before_its_breaker_asks_for_it() {
    let all = [known("0.01", 1.0, 0.99), Forecast { down: 0.3, ..unseen("0.006", 0.8) }];
    assert_eq!(tried(&all, 1, &State::Closed).0, 0);
    assert!(tried(&all, 1, &State::HalfOpen { class: "network".to_owned() }).0 > 0);
}

#[test]
fn the_plan_says_who_is_tried_out_and_how_much_worse_it_may_be() {
    let all = [known("0.01", 1.0, 0.99), unseen("0.015", 1.2)];
    let mut all = (0..1000).map(|seed| scored(&all, &State::Closed, seed, 0.05));
    let scores = all.find(|scores| first(scores) == 1).expect("tried once in a thousand");
    let Some(Note::Explored { worse_by }) = scores[1].note else { panic!("{scores:?}") };
    assert!((0.2..0.6).contains(&worse_by), "{worse_by}");
    let sum: f64 = scores[1].terms.iter().map(|term| term.value).sum();
    assert!((sum - scores[1].value).abs() < 1e-9, "the terms are what the value is made of");
}

#[test]
fn case_53_an_unknown_price_comes_last_and_is_not_tried_out() {
    let unknown = Forecast { cost: None, ..unseen("0", 0.1) };
    let all = [known("0.01", 1.0, 0.99), unknown];
    assert_eq!(tried(&all, 1, &State::Closed).0, 0);
    assert_eq!(scored(&all, &State::Closed, 1, 0.05)[1].note, Some(Note::PriceUnknown));
}

#[test]
fn case_29_no_time_no_tokens_and_no_success_are_numbers_all_the_same() {
    let nothing = Forecast { cost: Some(Usd::ZERO), ..Forecast::default() };
    let scores = scored(&[nothing.clone(), nothing], &State::Closed, 1, 0.05);
    assert!(scores.iter().all(|score| score.value.is_finite()), "{scores:?}");
}

#[test]
fn the_same_seed_makes_the_same_plan() {
    let all = [unseen("0.01", 1.0), unseen("0.01", 1.0), unseen("0.01", 1.0)];
    let firsts: Vec<usize> = (0..100).map(|seed| first(&scored(&all, &State::Closed, seed, 0.05))).collect();
    assert_eq!(firsts, (0..100).map(|seed| first(&scored(&all, &State::Closed, seed, 0.05))).collect::<Vec<_>>());
    assert!((0..3).all(|which| firsts.contains(&which)), "chance decides among equals: {firsts:?}");
}
