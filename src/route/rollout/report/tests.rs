use std::time::Duration;

use super::*;
use crate::money::Usd;
use crate::route::rollout::Seen;
use crate::route::rollout::tests::Dice;

/// An arm of so many requests, whose times have that median in seconds and whose answers cost that many pico-dollars.
fn arm(requests: u64, failures: u64, seconds: f64, cost: Option<i128>) -> Arm {
    let (mut arm, mut dice) = (Arm::default(), Dice(requests));
    for number in 0..requests {
        let time = Some(Duration::from_secs_f64(seconds * (0.3 * dice.normal()).exp()));
        let cost = cost.map(|cost| Usd::from_pico(cost + cost * i128::from(number % 7) / 20));
        arm.observe(&Seen { failed: number < failures, first_token: time, total: time, cost });
    }
    arm
}

fn sentences(a: Arm, b: Arm) -> [String; 4] {
    let report = Report::of(&[("A".to_owned(), a), ("B".to_owned(), b)]);
    let words: Vec<String> = report.comparisons.iter().map(ToString::to_string).collect();
    words.try_into().expect("four measures")
}

#[test]
fn what_differs_is_said_with_its_interval() {
    let [errors, first, total, cost] = sentences(arm(500, 50, 2.0, Some(1_000_000)), arm(500, 5, 1.6, Some(1_500_000)));
    assert_eq!(errors, "B's failure rate is 9 points lower (3.3–16 points)");
    assert_eq!(first, "B's first token is 20 % earlier (14–24 %)");
    assert_eq!(total, "B is 20 % faster (14–24 %)");
    assert_eq!(cost, "B is 50 % dearer (47–53 %)");
}

#[test]
fn too_few_to_tell_says_how_many_more_and_these_are_about_right() {
    let [errors, _, total, cost] = sentences(arm(20, 1, 2.0, None), arm(24, 0, 1.7, Some(5)));
    assert_eq!(errors, "error rate of B: too few to tell: 20 and 24 requests; at this rate about 470 more");
    assert_eq!(total, "total time of B: too few to tell: 19 and 24 answers; at this rate about 230 more");
    assert_eq!(cost, "cost per answer of B: nothing to compare with A");
}

#[test]
fn the_foreseen_number_shows_what_was_seen() {
    let (a, b) = (arm(40, 4, 2.0, None), arm(40, 2, 2.0, None));
    let report = Report::of(&[("A".to_owned(), a), ("B".to_owned(), b)]);
    let Told::TooFew { more: Some(more) } = report.comparisons[0].told else { panic!("{:?}", report.comparisons[0]) };
    let times = |number: u64| Arm { requests: a.requests * number, ..a };
    let grown = |factor: u64| {
        let (first, second) =
            (Arm { failures: 4 * factor, ..times(factor) }, Arm { failures: 2 * factor, ..times(factor) });
        Report::of(&[("A".to_owned(), first), ("B".to_owned(), second)]).comparisons[0].told
    };
    assert_eq!(grown((80 + more).div_ceil(80)), Told::Differs);
    assert_ne!(grown((80 + more) / 80 - 2), Told::Differs);
}

#[test]
fn equal_arms_are_alike_once_enough_was_seen_and_never_differ_by_their_names() {
    let [errors, _, total, _] = sentences(arm(4000, 4, 2.0, None), arm(4001, 4, 2.0, None));
    assert_eq!(errors, "B fails as often as A, within 1 points");
    assert_eq!(total, "B is as fast as A, within 10 %");
    let [errors, _, total, cost] = sentences(Arm::default(), Arm::default());
    assert_eq!(errors, "error rate of B: nothing to compare with A");
    assert_eq!(total, "total time of B: nothing to compare with A");
    assert_eq!(cost, "cost per answer of B: nothing to compare with A");
    let [_, _, total, _] = sentences(arm(3, 0, 1.0, None), arm(50, 0, 9.0, None));
    assert_eq!(total, "total time of B: too few to tell: 3 and 50 answers");
}

#[test]
fn figures_are_medians_of_times_and_means_of_costs() {
    let report = Report::of(&[("A".to_owned(), arm(1000, 100, 2.0, Some(1_000_000_000)))]);
    let figures = &report.arms[0];
    let value = |figure: Option<Figure>| figure.map_or(f64::NAN, |figure| figure.value);
    assert!((value(figures.total) - 2.0).abs() < 0.06, "{figures:?}");
    assert!((value(figures.cost) - 0.001_15).abs() < 1e-5, "{figures:?}");
    assert!((value(figures.failure_rate) - 0.1).abs() < 1e-12, "{figures:?}");
    assert!(figures.total.and_then(|total| total.interval).is_some_and(|interval| interval.holds(2.0)));
    assert!(report.comparisons.is_empty());
    assert_eq!(Report::of(&[]).arms, []);
}

#[test]
fn the_interval_for_every_look_is_the_wider_one() {
    let (a, b) = (arm(60, 6, 2.0, Some(1_000_000)), arm(90, 3, 1.9, Some(1_100_000)));
    for comparison in Report::of(&[("A".to_owned(), a), ("B".to_owned(), b)]).comparisons {
        let change = comparison.change.expect("enough values");
        assert!(change.always.lower < change.fixed.lower && change.always.upper > change.fixed.upper, "{comparison:?}");
    }
}

#[test]
fn json_has_null_for_a_bound_that_is_not_known() {
    let report = Report::of(&[("A".to_owned(), arm(1, 0, 2.0, None)), ("B".to_owned(), arm(1, 0, 2.0, None))]);
    let json = serde_json::to_value(&report).expect("JSON");
    assert_eq!(json["arms"][0]["total"]["interval"], serde_json::Value::Null);
    assert_eq!(json["comparisons"][2]["told"]["told"], "too_few");
}
