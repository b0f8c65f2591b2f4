//! Held against scipy, statsmodels and uncertainties: `make_statistics.py` beside the data.

use proptest::prelude::*;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::bootstrap::{groups, mean_of, percentiles};
use super::signed_rank::Ranks;
use super::*;
use crate::route::rollout::{Interval, fixed};

/// The cases of one kind.
fn cases<T: DeserializeOwned>(kind: &str) -> Vec<T> {
    let data = include_str!("../../../tests/data/compare/statistics.json");
    let mut data: Value = serde_json::from_str(data).expect("JSON");
    let cases: Vec<T> = serde_json::from_value(data[kind].take()).expect("cases");
    assert!(cases.len() >= 8, "{kind}: {}", cases.len());
    cases
}

#[track_caller]
fn close(value: f64, expected: f64) {
    assert!((value - expected).abs() <= 1e-9 * expected.abs().max(1.0), "{value} is not {expected}");
}

#[track_caller]
fn same(interval: Interval, [lower, upper]: [f64; 2]) {
    close(interval.lower, lower);
    close(interval.upper, upper);
}

#[test]
fn mcnemar_is_that_of_statsmodels() {
    #[derive(Deserialize)]
    struct Case {
        first: u64,
        second: u64,
        p: f64,
    }
    for Case { first, second, p } in cases("mcnemar") {
        close(mcnemar(first, second), p);
        // A small p must be right in its own digits too; what is left is the error of the reference's own logarithms.
        assert!(p < 1e-300 || (mcnemar(first, second) / p - 1.0).abs() < 1e-8, "{first} {second}: {p}");
    }
}

#[test]
fn wilcoxon_is_that_of_scipy() {
    #[derive(Deserialize)]
    struct Case {
        differences: Vec<f64>,
        statistic: Option<f64>,
        auto: Option<f64>,
        approx: Option<f64>,
        exact: Option<f64>,
    }
    let (mut exact, mut approximate) = (0, 0);
    for case in cases::<Case>("wilcoxon") {
        let found = signed_rank(&case.differences);
        // Where nothing differs scipy has no figure, and nothing speaks against chance.
        close(found.p, case.auto.unwrap_or(1.0));
        close(found.above.min(found.below), case.statistic.unwrap_or(0.0));
        let ranks = Ranks::of(&case.differences);
        exact += usize::from(case.exact.inspect(|p| close(ranks.exact(), *p)).is_some());
        approximate += usize::from(case.approx.inspect(|p| close(ranks.approximate(), *p)).is_some());
    }
    assert!(exact > 20 && approximate > 80, "{exact} {approximate}");
}

#[test]
fn the_bootstrap_is_that_of_scipy_with_the_same_draws_and_near_it_with_others() {
    #[derive(Deserialize)]
    struct Case {
        values: Vec<f64>,
        clusters: Option<Vec<usize>>,
        seed: u64,
        same_draws: [f64; 2],
        other_draws: [f64; 2],
        error: [f64; 2],
    }
    for case in cases::<Case>("bootstrap") {
        let found = mean_interval(&case.values, case.clusters.as_deref(), case.seed).expect("an interval").interval;
        same(found, case.same_draws);
        for (place, bound) in [found.lower, found.upper].into_iter().enumerate() {
            let distance = (bound - case.other_draws[place]).abs();
            assert!(distance <= 5.0 * case.error[place] + 1e-12, "{distance} of {}", case.error[place]);
        }
    }
}

#[test]
fn the_bootstrap_is_that_of_scipy_on_given_indices() {
    #[derive(Deserialize)]
    struct Case {
        values: Vec<f64>,
        rows: Vec<Vec<usize>>,
        interval: [f64; 2],
    }
    for case in cases::<Case>("bootstrap_indices") {
        let groups = groups(&case.values, None);
        same(percentiles(case.rows.into_iter().map(|row| mean_of(&groups, row.into_iter())).collect()), case.interval);
    }
}

#[test]
fn wilson_is_that_of_statsmodels() {
    #[derive(Deserialize)]
    struct Case {
        share: f64,
        trials: u64,
        interval: [f64; 2],
    }
    for case in cases::<Case>("wilson") {
        same(fixed::share(case.share, case.trials), case.interval);
    }
    assert_eq!(fixed::share(0.0, 0), Interval { lower: 0.0, upper: 1.0 });
}

#[test]
fn holm_is_that_of_statsmodels() {
    #[derive(Deserialize)]
    struct Case {
        p: Vec<f64>,
        adjusted: Vec<f64>,
    }
    for case in cases::<Case>("holm") {
        let found = holm(&case.p);
        assert_eq!(found.len(), case.adjusted.len());
        found.into_iter().zip(case.adjusted).for_each(|(value, expected)| close(value, expected));
    }
}

#[test]
fn median_and_deviation_are_those_of_scipy() {
    #[derive(Deserialize)]
    struct Case {
        values: Vec<f64>,
        median: f64,
        mad: f64,
    }
    for case in cases::<Case>("spread") {
        let found = Spread::of(&case.values).expect("values");
        close(found.median, case.median);
        close(found.mad, case.mad);
    }
    assert_eq!((Spread::of(&[]), Spread::of(&[f64::NAN])), (None, None));
}

#[test]
fn the_error_of_a_ratio_is_that_of_propagation() {
    #[derive(Deserialize)]
    struct Case {
        top: (f64, f64),
        bottom: (f64, f64),
        value: f64,
        error: f64,
    }
    for case in cases::<Case>("ratio") {
        let found = Ratio::of(case.top, case.bottom).expect("a ratio");
        close(found.value, case.value);
        close(found.error.expect("an error"), case.error);
    }
}

#[test]
fn a_ratio_of_single_calls_has_no_error_and_one_to_nothing_is_none() {
    let (one, many) = (Spread::of(&[2.0]).expect("a value"), Spread::of(&[3.0, 4.0, 5.0]).expect("values"));
    let ratio = many.ratio_to(&one).expect("a ratio");
    assert_eq!(ratio, Ratio { value: 2.0, error: None });
    assert!(many.ratio_to(&many).is_some_and(|ratio| ratio.error.is_some_and(|error| error > 0.0)));
    assert_eq!(many.ratio_to(&Spread::of(&[0.0]).expect("a value")), None);
}

#[test]
fn five_to_none_are_too_few_and_six_are_a_difference() {
    let told = |first, second| {
        Significance::of(mcnemar(first, second), usize::try_from(first + second).expect("few"), Side::Candidate)
    };
    assert_eq!(told(5, 0), Significance::TooFew { differing: 5 });
    assert_eq!(told(6, 0), Significance::Different { p: 0.031_25, better: Side::Candidate });
    assert_eq!(told(5, 1), Significance::NoDifference { p: 0.218_75 });
}

#[test]
fn verdicts_have_words() {
    let words = |p, differing, better| Significance::of(p, differing, better).to_string();
    assert_eq!(words(1.0, 1, Side::Baseline), "too few to tell (1 prompt differs, it takes 6)");
    assert_eq!(words(0.016, 10, Side::Candidate), "better than the baseline (p = 0.016)");
    assert_eq!(words(1e-9, 10, Side::Baseline), "worse than the baseline (p < 0.001)");
    assert_eq!(words(0.3777, 10, Side::Baseline), "no difference to be told from chance (p = 0.38)");
}

#[test]
fn one_prompt_or_one_cluster_says_nothing_of_others() {
    assert_eq!(mean_interval(&[], None, 1), None);
    assert_eq!(mean_interval(&[0.5], None, 1), None);
    assert_eq!(mean_interval(&[0.5, 0.7], Some(&[3, 3]), 1), None);
}

#[test]
fn prompts_of_one_cluster_are_less_evidence_than_as_many_apart() {
    let differences: Vec<f64> = (0..60).map(|index| f64::from(index / 10 % 3) - 0.5).collect();
    let clusters: Vec<usize> = (0..60).map(|index| index / 10).collect();
    let width = |clusters: Option<&[usize]>| {
        let found = mean_interval(&differences, clusters, 9).expect("an interval");
        found.interval.upper - found.interval.lower
    };
    assert!(width(Some(&clusters)) > 2.0 * width(None));
}

proptest! {
    #[test]
    fn whatever_the_numbers_a_p_value_is_one(values in proptest::collection::vec(proptest::num::f64::ANY, 0..70)) {
        let found = signed_rank(&values);
        prop_assert!((0.0..=1.0).contains(&found.p), "{found:?}");
    }

    #[test]
    fn swapping_the_sides_changes_no_p_value(first in 0..200_u64, second in 0..200_u64, values in proptest::collection::vec(-5..5_i8, 0..70)) {
        prop_assert!(mcnemar(first, second).to_bits() == mcnemar(second, first).to_bits());
        let (values, swapped): (Vec<f64>, Vec<f64>) = values.into_iter().map(|value| (f64::from(value), -f64::from(value))).unzip();
        prop_assert!((signed_rank(&values).p - signed_rank(&swapped).p).abs() < 1e-12);
    }
}
