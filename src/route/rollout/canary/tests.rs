#![expect(clippy::float_cmp, reason = "shares are taken over, not computed")]

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use super::*;
use crate::money::Usd;
use crate::route::rollout::Seen;
use crate::route::rollout::tests::Dice;

const START: Timestamp = Timestamp::UNIX_EPOCH;

fn plan() -> CanaryPlan {
    CanaryPlan { share: vec![0.1, 0.5, 1.0], ..CanaryPlan::new(TargetId::new("openai", "new")) }
}

fn after(hours: i64) -> Timestamp {
    START + SignedDuration::from_hours(hours)
}

/// An answer after that many milliseconds, for a tenth of a cent.
fn answer(milliseconds: u64) -> Seen {
    let time = Some(Duration::from_millis(milliseconds));
    Seen { failed: false, first_token: time, total: time, cost: Usd::parse("0.001") }
}

const FAILURE: Seen = Seen { failed: true, first_token: None, total: Some(Duration::from_millis(1)), cost: None };

/// A state that has seen that many of each.
fn seen(plan: &CanaryPlan, canary: &[(u64, Seen)], baseline: &[(u64, Seen)]) -> CanaryState {
    let mut state = CanaryState::begin(plan, START);
    observe(&mut state, canary, baseline);
    state
}

fn observe(state: &mut CanaryState, canary: &[(u64, Seen)], baseline: &[(u64, Seen)]) {
    for (side, kinds) in [(Side::Canary, canary), (Side::Baseline, baseline)] {
        for (number, kind) in kinds {
            (0..*number).for_each(|_| state.observe(side, kind));
        }
    }
}

fn verdict(plan: &CanaryPlan, state: CanaryState, hours: i64) -> String {
    advance(plan, state, after(hours)).1.to_string()
}

#[test]
fn a_good_canary_grows_stage_by_stage_until_it_serves_all() {
    let plan = plan();
    let mut state = CanaryState::begin(&plan, START);
    let mut said = Vec::new();
    for hours in [48, 96, 144] {
        observe(&mut state, &[(20, answer(500))], &[(20, answer(500))]);
        let (next, verdict) = advance(&plan, state, after(hours));
        said.push(verdict.to_string());
        state = next;
    }
    assert_eq!(said, ["advanced from 10 % to 50 %", "advanced from 50 % to 100 %", "done: it serves all"]);
    assert_eq!((state.share(&plan), advance(&plan, state, after(999)).1), (1.0, Verdict::Done));
}

#[test]
fn a_stage_lasts_until_it_has_had_its_time_and_its_requests() {
    let plan = plan();
    let state = |canary, baseline| seen(&plan, &[(canary, answer(500))], &[(baseline, answer(500))]);
    assert_eq!(verdict(&plan, state(19, 90), 99), "stays: the canary needs 1 more request");
    assert_eq!(verdict(&plan, state(20, 8), 99), "stays: the baseline needs 12 more requests");
    assert_eq!(verdict(&plan, state(20, 90), 47), "stays: step ends at 1970-01-03T00:00:00Z");
    assert_eq!(verdict(&plan, state(20, 90), -1), "stays: step ends at 1970-01-03T00:00:00Z");
    assert_eq!(verdict(&plan, state(20, 90), 48), "advanced from 10 % to 50 %");
}

#[test]
fn a_broken_canary_goes_back_after_a_handful_of_requests() {
    let plan = plan();
    let baseline = [(40, answer(500))];
    let needed = (1..99).find(|failures| {
        let (_, verdict) = advance(&plan, seen(&plan, &[(*failures, FAILURE)], &baseline), after(1));
        matches!(verdict, Verdict::RolledBack { .. })
    });
    assert_eq!(needed, Some(3));
    let state = seen(&plan, &[(5, FAILURE), (5, answer(500))], &[(90, answer(500))]);
    assert_eq!(
        verdict(&plan, state, 1),
        "rolled back: error rate 6.8–93 %, above the 2 % allowed and the baseline's 0–8.8 %"
    );
}

#[test]
fn an_outage_of_both_is_not_the_canarys_fault_and_moves_nothing() {
    let state = seen(&plan(), &[(20, FAILURE)], &[(80, FAILURE), (20, answer(500))]);
    assert_eq!(
        verdict(&plan(), state, 99),
        "stays: error rate above 2 % (69–100 %), and the baseline's may be as high (61–93 %)"
    );
}

#[test]
fn a_single_failure_waits_for_more_requests() {
    let state = |answers| seen(&plan(), &[(1, FAILURE), (answers, answer(500))], &[(90, answer(500))]);
    assert_eq!(verdict(&plan(), state(19), 99), "stays: error rate not yet known to be below 2 % (0–42 %)");
    assert_eq!(verdict(&plan(), state(49), 99), "advanced from 10 % to 50 %");
}

/// Times around a median, as log-normal as real ones.
fn times(median: f64, number: u64) -> Vec<(u64, Seen)> {
    let mut dice = Dice(number);
    (0..number)
        .map(|_| {
            let time = Some(Duration::from_secs_f64(median * (0.4 * dice.normal()).exp()));
            (1, Seen { failed: false, first_token: time, total: time, cost: None })
        })
        .collect()
}

#[test]
fn a_canary_of_twice_the_time_goes_back_and_quick_failures_do_not_hide_it() {
    let plan = CanaryPlan { max_error_rate: 0.9, ..plan() };
    let mut slow = times(2.0, 40);
    slow.push((20, FAILURE));
    let (state, verdict) = advance(&plan, seen(&plan, &slow, &times(1.0, 400)), after(1));
    let Verdict::RolledBack { why: Excess::Ratio { measure, ratio, .. } } = &verdict else { panic!("{verdict}") };
    assert!(*measure == Measure::FirstToken && ratio.lower > 1.25 && ratio.holds(2.0), "{verdict}");
    assert_eq!(state.share(&plan), 0.0);
}

#[test]
fn a_canary_that_may_be_too_slow_waits() {
    let state = seen(&plan(), &times(1.6, 20), &times(1.0, 100));
    let said = verdict(&plan(), state, 99);
    assert!(said.starts_with("stays: time to the first token not yet known to be below 1.25 times"), "{said}");
}

#[test]
fn a_dear_canary_goes_back_and_an_unknown_price_is_not_judged() {
    let dear = Seen { cost: Usd::parse("0.002"), ..answer(500) };
    let baseline = [(100, answer(500)), (100, Seen { cost: Usd::parse("0.0011"), ..answer(500) })];
    let state = seen(&plan(), &[(20, dear)], &baseline);
    assert!(state.unjudged(&plan()).is_empty());
    let said = verdict(&plan(), state, 1);
    assert!(said.starts_with("rolled back: cost per answer 1."), "{said}");
    let state = seen(&plan(), &[(20, Seen { cost: None, ..dear })], &baseline);
    assert_eq!(state.unjudged(&plan()), [Measure::Cost]);
    assert_eq!(verdict(&plan(), state.clone(), 48), "advanced from 10 % to 50 %");
    assert!(state.unjudged(&CanaryPlan { max_cost_increase: None, ..plan() }).is_empty());
}

#[test]
fn going_back_is_for_good_until_the_plan_changes() {
    let plan = plan();
    let (state, first) = advance(&plan, seen(&plan, &[(9, FAILURE)], &[(40, answer(500))]), after(1));
    let mut later = state.clone();
    observe(&mut later, &[(999, answer(1))], &[(999, answer(1))]);
    assert_eq!(advance(&plan, later, after(9999)), (state.clone(), first));
    let changed = CanaryPlan { max_error_rate: 0.03, ..plan };
    let (begun, _) = advance(&changed, state, after(2));
    assert_eq!(begun, CanaryState::begin(&changed, after(2)));
}

#[test]
fn the_last_stage_is_held_to_the_baseline_of_the_stage_before() {
    let plan = CanaryPlan { max_error_rate: 0.9, ..plan() };
    let mut state = CanaryState { stage: 1, ..seen(&plan, &times(1.0, 100), &times(1.0, 100)) };
    (state, _) = advance(&plan, state, after(48));
    assert_eq!((state.share(&plan), state.canary.requests, state.baseline.requests), (1.0, 0, 100));
    observe(&mut state, &times(2.0, 60), &[]);
    let said = verdict(&plan, state, 49);
    assert!(said.starts_with("rolled back: time to the first token"), "{said}");
}

#[test]
fn a_last_share_below_one_is_held() {
    let plan = CanaryPlan { share: vec![0.25], ..plan() };
    let state = seen(&plan, &[(20, answer(500))], &[(20, answer(500))]);
    assert_eq!(verdict(&plan, state, 999), "stays: held at its last share, 25 %");
}

#[test]
fn a_plan_without_a_stage_serves_nobody() {
    let plan = CanaryPlan { share: vec![], ..plan() };
    let (state, _) = advance(&plan, seen(&plan, &[(99, answer(500))], &[(99, answer(500))]), after(99));
    assert_eq!((state.status.clone(), state.share(&plan)), (Status::Running, 0.0));
}

#[test]
fn the_fingerprint_changes_with_every_setting_and_with_no_version() {
    assert_eq!(
        plan().fingerprint(),
        "openai/new share=0.1,0.5,1 step=172800000ms errors=0.02 slowdown=1.25 cost=1.25 requests=20"
    );
    let others = [
        CanaryPlan { target: TargetId::new("openai", "old"), ..plan() },
        CanaryPlan { share: vec![0.1], ..plan() },
        CanaryPlan { step: Duration::from_secs(1), ..plan() },
        CanaryPlan { max_error_rate: 0.01, ..plan() },
        CanaryPlan { max_slowdown: 1.5, ..plan() },
        CanaryPlan { max_cost_increase: None, ..plan() },
        CanaryPlan { min_requests: 21, ..plan() },
    ];
    assert!(others.iter().all(|other| other.fingerprint() != plan().fingerprint()));
}

#[test]
fn a_state_survives_its_json() {
    let (state, _) = advance(&plan(), seen(&plan(), &[(9, FAILURE)], &[(40, answer(512))]), after(1));
    let json = serde_json::to_string(&state).expect("JSON");
    let read: CanaryState = serde_json::from_str(&json).expect("a state");
    assert_eq!((read.plan, read.stage, read.since), (state.plan, state.stage, state.since));
    assert_eq!((read.canary.failures, read.baseline.total.count), (9, 40));
    assert!(matches!(read.status, Status::RolledBack { why: Excess::Errors { .. }, at } if at == after(1)));
    let begun = CanaryState::begin(&plan(), START);
    assert_eq!(serde_json::from_str::<CanaryState>(&serde_json::to_string(&begun).expect("JSON")).ok(), Some(begun));
}

/// A canary exactly at all three limits, looked at after each of 600 requests of a stage.
#[test]
fn a_canary_at_its_limits_goes_back_in_at_most_one_run_of_twenty() {
    let plan = CanaryPlan { share: vec![0.5], ..plan() };
    let run = |seed: u64| {
        let (mut state, mut dice) = (CanaryState::begin(&plan, START), Dice(seed << 32));
        (0..600).any(|_| {
            let side = if dice.happens(0.5) { Side::Canary } else { Side::Baseline };
            let times = if side == Side::Canary { 1.25 } else { 1.0 };
            let seconds = times * (0.5 * dice.normal()).exp();
            let time = Some(Duration::from_secs_f64(seconds));
            let cost = Usd::parse(&format!("{seconds:.6}"));
            state.observe(side, &Seen { failed: dice.happens(0.02), first_token: time, total: time, cost });
            matches!(advance(&plan, state.clone(), START).1, Verdict::RolledBack { .. })
        })
    };
    let wrong = (0..200).filter(|seed| run(*seed)).count();
    assert!(wrong <= 10, "{wrong} of 200");
}

proptest! {
    #[test]
    fn a_share_never_falls_but_to_nothing_and_stages_are_not_skipped(
        events in proptest::collection::vec((any::<bool>(), any::<bool>(), 1..3000_u64, 0..30_i64), 0..300),
    ) {
        let plan = CanaryPlan { min_requests: 5, max_error_rate: 0.4, ..plan() };
        let (mut state, mut hours) = (CanaryState::begin(&plan, START), 0);
        for (canary, failed, milliseconds, later) in events {
            hours += later;
            state.observe(if canary { Side::Canary } else { Side::Baseline }, &Seen { failed, ..answer(milliseconds) });
            let (next, verdict) = advance(&plan, state.clone(), after(hours));
            prop_assert!(next.stage == state.stage || next.stage == state.stage + 1);
            match verdict {
                Verdict::Stay { .. } => prop_assert_eq!(&next, &state),
                Verdict::Advanced { from, to } => prop_assert!(from < to && to == next.share(&plan)),
                Verdict::RolledBack { .. } => prop_assert_eq!(next.share(&plan), 0.0),
                Verdict::Done => prop_assert_eq!(next.share(&plan), 1.0),
            }
            state = next;
        }
    }

    #[test]
    fn who_has_a_canary_keeps_it_when_it_grows(key in ".*", stage in 0..2_usize) {
        let plan = plan();
        let at = |stage| CanaryState { stage, ..CanaryState::begin(&plan, START) }.share(&plan);
        prop_assert!(plan.place("smart", &key) >= at(stage) || plan.place("smart", &key) < at(stage + 1));
    }
}
