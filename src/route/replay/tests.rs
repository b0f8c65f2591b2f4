use std::sync::Arc;

use jiff::SignedDuration;

use super::*;
use crate::catalog::Catalog;
use crate::provider::{KeyState, builtin};
use crate::route::strategy::Strategy;
use crate::route::{Origin, Set};

const DEAR: (&str, &str) = ("anthropic", "claude-haiku-4-5");
const CHEAP: (&str, &str) = ("mistral", "mistral-small-2603");
const OTHER: (&str, &str) = ("openai", "gpt-5.4-nano");

fn target((provider, model): (&str, &str)) -> Target {
    let (name, row) = builtin().into_iter().find(|(name, _)| name == provider).expect("a provider");
    let row = row.into_provider(&name, &|_| None).expect("a whole row");
    let known = Catalog::builtin().find(&row.catalog, model).map(Arc::new);
    let id = TargetId::new(provider, model);
    Target { id, provider: Arc::new(row), model: known, key: KeyState::NotNeeded, keys: Vec::new() }
}

fn id((provider, model): (&str, &str)) -> TargetId {
    TargetId::new(provider, model)
}

fn moment(minutes: i64) -> Timestamp {
    let start = Timestamp::from_second(1_795_392_000).expect("a moment");
    start.checked_add(SignedDuration::from_mins(minutes)).expect("a moment")
}

fn answered(of: (&str, &str), seconds: f64, dollars: &str) -> PastAttempt {
    let total = Duration::from_secs_f64(seconds);
    let tokens = Some(Counted { input: 1000, output: 200, ..Counted::default() });
    let (first_token, cost) = (Some(total / 4), Usd::parse(dollars));
    PastAttempt { target: id(of), failed: false, rejected: false, first_token, total: Some(total), cost, tokens }
}

fn failed(of: (&str, &str), seconds: f64) -> PastAttempt {
    let nothing = PastAttempt { first_token: None, tokens: None, ..answered(of, seconds, "0") };
    PastAttempt { failed: true, ..nothing }
}

fn past(minutes: i64, attempts: Vec<PastAttempt>) -> Past {
    let hour = u8::try_from(minutes / 60 % 24).expect("an hour");
    let served_by = attempts.iter().find(|attempt| !attempt.failed).map(|attempt| attempt.target.clone());
    Past { at: moment(minutes), sort: Sort { prompt: 1000, hour, stream: true, tools: false }, attempts, served_by }
}

/// A past of that many requests, a quarter of an hour apart: every fourth to the cheap and slow one, the others to the dear.
fn mixed(count: i64) -> Vec<Past> {
    let one = |at: i64| {
        let wobble = 1.0 + 0.01 * (at * 7 % 13) as f64;
        let attempt =
            if at % 4 == 0 { answered(CHEAP, 3.0 * wobble, "0.0002") } else { answered(DEAR, 2.0 * wobble, "0.002") };
        past(15 * at, vec![attempt])
    };
    (0..count).map(one).collect()
}

fn policy(strategy: &str, all: &[(&str, &str)]) -> Policy {
    let strategy = Set::built_in(Strategy::named(strategy).expect("a strategy"));
    Policy { strategy, ..Policy::of("r", Origin::BuiltIn, vec![all.iter().copied().map(id).collect()]) }
}

fn targets() -> Vec<Target> {
    [DEAR, CHEAP, OTHER].into_iter().map(target).collect()
}

#[test]
fn the_same_policy_changes_nothing_and_all_of_it_is_observed() {
    let past: Vec<Past> = (0..100).map(|at| past(at, vec![answered(DEAR, 2.0, "0.002")])).collect();
    let report = replay(&past, &targets(), &policy("ordered", &[DEAR, CHEAP]), 1);
    assert_eq!((report.requests, report.observed, report.estimated, report.assumed), (100, 100, 0, 0));
    assert!(report.switched == 0.0 && report.dollars.change.abs() < 1e-9, "{report:?}");
    assert!((report.p50_seconds.after - 2.0).abs() < 1e-9 && report.answered.after >= 1.0);
}

#[test]
fn what_another_target_would_have_done_is_estimated_from_its_other_requests() {
    let past = mixed(400);
    let report = replay(&past, &targets(), &policy("ordered", &[CHEAP, DEAR]), 1);
    assert_eq!((report.observed, report.estimated, report.estimated_from), (100, 300, 100));
    assert!((report.switched - 0.75).abs() < 1e-9);
    let true_change = 400.0 * 0.0002 / (300.0 * 0.002 + 100.0 * 0.0002) - 1.0;
    assert!((report.dollars.change - true_change).abs() < 0.01, "{} {true_change}", report.dollars.change);
    let Interval { low, high } = report.dollars.change_interval;
    assert!(low < true_change && true_change < high && high < -0.8, "{low} {high}");
    assert!((3.0..3.4).contains(&report.p50_seconds.after), "{report:?}");
    assert_eq!(report.targets[0].target, id(CHEAP));
    assert_eq!((report.targets[0].before, report.targets[0].after), (100, 400));
    let told = report.to_string();
    assert!(told.contains("cost 87 % less (") && told.contains("75 % estimated from 100 other requests"), "{told}");
}

#[test]
fn a_target_that_was_never_asked_is_assumed_and_said_so() {
    let report = replay(&mixed(40), &targets(), &policy("ordered", &[OTHER]), 1);
    assert_eq!((report.observed, report.estimated, report.assumed), (0, 0, 40));
    assert!(report.dollars.after > 0.0);
    assert!(report.to_string().ends_with("100 % assumed: a target was never asked"), "{report}");
}

#[test]
fn answers_that_nobody_has_seen_are_no_certainty() {
    let past: Vec<Past> = (0..20).map(|at| past(at, vec![answered(OTHER, 1.0, "0.01")])).collect();
    let report = replay(&past, &targets(), &policy("ordered", &[DEAR]), 7);
    let Interval { low, high } = report.answered.interval;
    assert_eq!((report.assumed, low, high), (20, 0.0, 1.0));
    let report = replay(&past, &targets(), &policy("ordered", &[OTHER]), 7);
    assert!((0.8..0.9).contains(&report.answered.interval.low), "{:?}", report.answered);
}

#[test]
fn a_failed_first_falls_back_and_its_time_is_lost() {
    let past: Vec<Past> = (0..50).map(|at| past(at, vec![failed(CHEAP, 5.0), answered(DEAR, 2.0, "0.002")])).collect();
    let same = replay(&past, &targets(), &policy("ordered", &[CHEAP, DEAR]), 1);
    assert!((same.p50_seconds.after - 7.0).abs() < 1e-9 && same.answered.after >= 1.0);
    let alone = replay(&past, &targets(), &policy("ordered", &[CHEAP]), 1);
    assert!(alone.answered.after == 0.0 && alone.answered.before >= 1.0);
    let straight = replay(&past, &targets(), &policy("ordered", &[DEAR, CHEAP]), 1);
    assert!((straight.p50_seconds.after - 2.0).abs() < 1e-9 && straight.observed == 50);
}

#[test]
fn a_decision_sees_nothing_that_had_not_ended_before_it() {
    let (all, policy) = (targets(), policy("fastest", &[DEAR, CHEAP]));
    let firsts = |past: &[Past]| -> Vec<TargetId> {
        decisions(past, &all, &policy, 1).map(|plan| plan.candidates[0].target.clone()).collect()
    };
    let quick = |at| past(at, vec![answered(CHEAP, 0.5, "0.0002")]);
    let slow = |at| past(at, vec![answered(CHEAP, 50.0, "0.0002")]);
    let before: Vec<Past> = (0..20).map(quick).collect();
    let with =
        |later: &dyn Fn(i64) -> Past| -> Vec<Past> { before.iter().cloned().chain((20..40).map(later)).collect() };
    assert_eq!(firsts(&with(&quick))[..20], firsts(&with(&slow))[..20], "the future is not known");
    assert_ne!(firsts(&with(&quick)), firsts(&with(&slow)), "the past is");
    let at_once: Vec<Past> = (0..20).map(|_| slow(0)).collect();
    assert_eq!(firsts(&at_once), vec![firsts(&at_once)[0].clone(); 20], "nor is what is still under way");
}

#[test]
fn an_unknown_cost_is_left_out_and_told() {
    let mut past = mixed(40);
    past[3].attempts[0].cost = None;
    let report = replay(&past, &targets(), &policy("ordered", &[DEAR, CHEAP]), 1);
    assert!(report.priced < 40 && report.dollars.before > 0.0);
    assert!(report.to_string().contains("requests whose cost is known"), "{report}");
}

#[test]
fn no_requests_make_an_empty_report_and_no_verdict() {
    let policy = policy("predictive", &[DEAR, CHEAP]);
    assert_eq!(replay(&[], &targets(), &policy, 1).to_string(), "no requests to look at");
    let backtest = backtest(&[], &targets(), &policy, 1);
    assert_eq!(backtest.verdict, Verdict::TooFew { requests: 0, needed: backtest::FEWEST });
    assert!(!backtest.to_string().contains("NaN"), "{backtest}");
}

#[test]
fn the_backtest_supports_predictive_where_it_would_have_served_better() {
    let found = backtest(&mixed(400), &targets(), &policy("ordered", &[DEAR, CHEAP]), 1);
    assert!(found.verdict.supports(), "{found}");
    assert!(found.against_done.interval.high < 0.0, "ten times the price for two thirds of the time: {found}");
    assert_eq!(found.best_fixed, Some(id(CHEAP)));
    assert!(found.against_fixed.mean < 0.3, "{found}");
}

#[test]
fn the_backtest_supports_nothing_that_rests_on_assumptions_or_on_little() {
    let few = backtest(&mixed(50), &targets(), &policy("ordered", &[DEAR, CHEAP]), 1);
    assert_eq!(few.verdict, Verdict::TooFew { requests: 50, needed: backtest::FEWEST });
    let one: Vec<Past> = (0..300).map(|at| past(at, vec![answered(DEAR, 60.0, "0.02")])).collect();
    let assumed = backtest(&one, &targets(), &policy("ordered", &[DEAR, OTHER]), 1);
    assert!(matches!(assumed.verdict, Verdict::TooMuchAssumed { .. }), "{assumed}");
}

#[test]
fn the_same_seed_makes_the_same_report() {
    let (past, policy) = (mixed(60), policy("predictive", &[DEAR, CHEAP, OTHER]));
    assert_eq!(replay(&past, &targets(), &policy, 7), replay(&past, &targets(), &policy, 7));
}
