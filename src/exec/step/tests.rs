use jiff::Timestamp;

use super::*;
use crate::chat::Reply;
use crate::exec::Timing;
use crate::failure::{FailureClass as C, Overflow, RetryAfter};
use crate::provider::{KeyMark, TargetId};
use crate::route::adapt::{Because, Change, Edit};
use crate::route::breaker::State;
use crate::route::forecast::Forecast;
use crate::route::strategy::{ORDERED, Score};
use crate::route::{Candidate, Limits, OnEmpty, OnFilter, Origin, Set, Tokens};

/// A plan over `provider/model` names; a name may end in `:N` to state a window.
fn plan(names: &[&str]) -> Plan {
    let second = |seconds| Set::built_in(Duration::from_secs(seconds));
    let candidates = names.iter().enumerate().map(|(tier, name)| {
        let (name, window) = name.split_once(':').map_or((*name, None), |(name, size)| (name, size.parse().ok()));
        Candidate {
            lesson: None,
            target: name.parse().expect("provider/model"),
            tier,
            reasons: vec![],
            changes: vec![],
            thinks: false,
            limits: Limits { connect: second(5), first_token: second(30), idle: second(60), attempt: None },
            input: Tokens::default(),
            window,
            prompt_cost: None,
            cost_per_1k_output: None,
            forecast: Forecast::default(),
            score: Score::default(),
            breaker: State::Closed,
            keys: vec![],
            retries: 1,
            reserved: Duration::ZERO,
        }
    });
    Plan {
        route: "test".to_owned(),
        origin: Origin::BuiltIn,
        candidates: candidates.collect(),
        rejected: vec![],
        fallback: true,
        strict: false,
        retries: Set::built_in(1),
        on_cut: Set::built_in(OnCut::Restart),
        buffer: None,
        on_empty: Set::built_in(OnEmpty::Next),
        on_filter: Set::built_in(OnFilter::Stop),
        strategy: Set::built_in(ORDERED),
        hedge: None,
        trial: None,
        shadow: None,
        caps: Vec::new(),
        total: second(600),
        seed: 7,
    }
}

/// The plan with so many further tries on each target.
fn retrying(retries: u32, plan: Plan) -> Plan {
    let candidates = plan.candidates.into_iter().map(|candidate| Candidate { retries, ..candidate }).collect();
    Plan { candidates, retries: Set::built_in(retries), ..plan }
}

fn attempt(plan: &Plan, candidate: usize, outcome: Outcome) -> Attempt {
    Attempt {
        candidate,
        number: 1,
        target: plan.candidates[candidate].target.clone(),
        key: keys::next(&plan.candidates[candidate], &[]),
        started: Timestamp::UNIX_EPOCH,
        timing: Timing::default(),
        before: String::new(),
        reply: Reply::default(),
        request_id: None,
        quotas: vec![],
        changes: vec![],
        outcome,
        lost: false,
        goes_on: false,
        repair: None,
        reservation: None,
    }
}

fn failure(class: C) -> Failure {
    Failure::new(class, "test", "test")
}

const QUIET: Situation<'_> = Situation {
    shown: false,
    can_restart: true,
    can_continue: false,
    unfinished: false,
    passed_over: &[],
    elapsed: Duration::from_secs(1),
    now: Timestamp::UNIX_EPOCH,
};

/// The candidates in the order in which they are tried when every attempt fails as `fails` says, and the end.
fn walk(plan: &Plan, fails: impl Fn(usize) -> Failure) -> (Vec<usize>, Step) {
    let mut past = Vec::new();
    loop {
        match next_step(plan, &past, QUIET) {
            Step::Try { candidate, .. } => {
                past.push(attempt(plan, candidate, Outcome::Failed(fails(candidate))));
            }
            end => return (past.iter().map(|attempt| attempt.candidate).collect(), end),
        }
        assert!(past.len() < 50, "the walk must end");
    }
}

#[test]
fn every_class_is_tried_as_its_row_says() {
    let chain = plan(&["a/m", "b/m", "b/n"]);
    let table: &[(C, &[usize], GiveUp)] = &[
        (C::Auth, &[0, 1], GiveUp::Exhausted),
        (C::QuotaExhausted, &[0, 1], GiveUp::Exhausted),
        (C::Permission, &[0, 1, 2], GiveUp::Exhausted),
        (C::ModelNotFound, &[0, 1, 2], GiveUp::Exhausted),
        (C::RateLimit, &[0, 1, 2, 2], GiveUp::Exhausted),
        (C::Overloaded, &[0, 1, 2, 2], GiveUp::Exhausted),
        (C::ServerError, &[0, 0, 1, 1, 2, 2], GiveUp::Exhausted),
        (C::Protocol, &[0, 0, 1, 1, 2, 2], GiveUp::Exhausted),
        (C::IncompleteStream, &[0, 1, 2, 2], GiveUp::Exhausted),
        (C::EmptyResponse, &[0, 0, 1, 1, 2, 2], GiveUp::Exhausted),
        (C::TimeoutFirstToken, &[0, 1, 2], GiveUp::Exhausted),
        (C::TimeoutIdle, &[0, 1, 2], GiveUp::Exhausted),
        (C::TimeoutAttempt, &[0, 1, 2], GiveUp::Exhausted),
        (C::Network, &[0, 0, 1, 1], GiveUp::Exhausted),
        (C::TimeoutConnect, &[0, 0, 1, 1], GiveUp::Exhausted),
        (C::Tls, &[0, 1], GiveUp::Exhausted),
        (C::UnsupportedParameter, &[0, 1, 2], GiveUp::Exhausted),
        (C::InvalidRequest, &[0], GiveUp::SameEverywhere),
        (C::ContentFilter, &[0], GiveUp::SameEverywhere),
        // Windows that nobody knows may be large enough.
        (C::ContextWindow, &[0, 1, 2], GiveUp::Exhausted),
    ];
    for (class, tried, why) in table {
        assert_eq!(walk(&chain, |_| failure(*class)), (tried.to_vec(), Step::GiveUp(*why)), "{class:?}");
    }
}

#[test]
fn a_429_moves_to_the_next_target_at_once() {
    let chain = plan(&["a/m", "b/m"]);
    let limited = Failure { retry_after: Some(RetryAfter::In(Duration::from_secs(1))), ..failure(C::RateLimit) };
    let past = [attempt(&chain, 0, Outcome::Failed(limited))];
    assert_eq!(next_step(&chain, &past, QUIET), Step::Try { candidate: 1, after: Duration::ZERO });
}

#[test]
fn the_last_target_is_waited_for_as_it_asks() {
    let alone = plan(&["a/m"]);
    let step = |wait| {
        let limited = Failure { retry_after: Some(RetryAfter::In(wait)), ..failure(C::RateLimit) };
        next_step(&alone, &[attempt(&alone, 0, Outcome::Failed(limited))], QUIET)
    };
    let Step::Try { candidate: 0, after } = step(Duration::from_secs(2)) else { panic!("a retry") };
    assert!(after >= Duration::from_secs(2) && after <= Duration::from_millis(2200), "{after:?}");
    assert_eq!(step(Duration::from_mins(2)), Step::GiveUp(GiveUp::WaitTooLong));
}

#[test]
fn a_wait_named_as_a_date_is_measured_from_now() {
    let alone = plan(&["a/m"]);
    let until = Timestamp::from_second(3).expect("a moment");
    let limited = Failure { retry_after: Some(RetryAfter::At(until)), ..failure(C::RateLimit) };
    let past = [attempt(&alone, 0, Outcome::Failed(limited))];
    let Step::Try { after, .. } = next_step(&alone, &past, QUIET) else { panic!("a retry") };
    assert!(after >= Duration::from_secs(3) && after <= Duration::from_millis(3300), "{after:?}");
}

#[test]
fn a_server_error_with_retry_after_falls_back_instead_of_waiting() {
    let chain = plan(&["a/m", "b/m"]);
    let busy = Failure { retry_after: Some(RetryAfter::In(Duration::from_secs(1))), ..failure(C::ServerError) };
    let past = [attempt(&chain, 0, Outcome::Failed(busy))];
    assert_eq!(next_step(&chain, &past, QUIET), Step::Try { candidate: 1, after: Duration::ZERO });
}

#[test]
fn an_overflow_goes_to_a_larger_window_only() {
    let chain = plan(&["a/m:1000", "b/m:500", "c/m:1000", "d/m:2000"]);
    let (tried, _) = walk(&chain, |_| failure(C::ContextWindow));
    assert_eq!(tried, [0, 3]);
}

#[test]
fn an_overflow_that_was_counted_skips_windows_that_are_known_to_be_too_small() {
    let chain = plan(&["a/m:1000", "b/m:2000", "c/m:5000"]);
    let counted = Overflow { needed: Some(3000), window: Some(1000) };
    let (tried, _) = walk(&chain, |_| Failure { overflow: Some(counted), ..failure(C::ContextWindow) });
    assert_eq!(tried, [0, 2]);
}

#[test]
fn moving_on_never_waits() {
    let chain = plan(&["a/m", "b/m"]);
    let failed = || attempt(&chain, 0, Outcome::Failed(failure(C::ServerError)));
    assert_eq!(next_step(&chain, &[failed(), failed()], QUIET), Step::Try { candidate: 1, after: Duration::ZERO });
}

#[test]
fn after_text_was_shown_the_policy_decides() {
    let after = |chain: &Plan, class| {
        let past = [attempt(chain, 0, Outcome::Failed(failure(class)))];
        next_step(chain, &past, Situation { shown: true, ..QUIET })
    };
    let mut chain = plan(&["a/m", "b/m"]);
    assert!(matches!(after(&chain, C::IncompleteStream), Step::Try { .. }));
    chain.on_cut = Set::built_in(OnCut::Fail);
    assert_eq!(after(&chain, C::IncompleteStream), Step::GiveUp(GiveUp::Cut));
    assert_eq!(after(&chain, C::ContentFilter), Step::GiveUp(GiveUp::SameEverywhere));
}

#[test]
fn nothing_is_tried_after_the_deadline() {
    let chain = plan(&["a/m", "b/m"]);
    let past = [attempt(&chain, 0, Outcome::Failed(failure(C::ServerError)))];
    let late = Situation { elapsed: Duration::from_mins(10), ..QUIET };
    assert_eq!(next_step(&chain, &past, late), Step::GiveUp(GiveUp::Deadline));
}

#[test]
fn without_fallback_only_the_first_target_is_tried() {
    let chain = Plan { fallback: false, ..plan(&["a/m", "b/m"]) };
    assert_eq!(walk(&chain, |_| failure(C::Auth)), (vec![0], Step::GiveUp(GiveUp::NoFallback)));
}

#[test]
fn an_empty_plan_gives_up_at_once() {
    assert_eq!(walk(&plan(&[]), |_| failure(C::Auth)), (vec![], Step::GiveUp(GiveUp::NoCandidates)));
}

#[test]
fn backoffs_of_many_clients_are_spread_over_the_interval() {
    let waits: Vec<Duration> = (0..100).map(|seed| wait(seed, 1, 1, None)).collect();
    let (least, most) = (waits.iter().min().expect("some"), waits.iter().max().expect("some"));
    assert!(*most <= BACKOFF_BASE && *most >= *least + BACKOFF_BASE / 2, "{least:?} to {most:?}");
    assert!((0..100).all(|seed| wait(seed, 9, 40, None) <= BACKOFF_CAP));
}

#[test]
fn a_target_is_named_as_provider_and_model() {
    assert_eq!("groq/openai/gpt-oss".parse(), Ok(TargetId::new("groq", "openai/gpt-oss")));
}

#[test]
fn a_repaired_request_goes_to_the_same_target_at_once_and_is_no_retry() {
    let chain = retrying(0, plan(&["a/m", "b/m"]));
    let edit = Edit::Unstreamed;
    let repaired = || Attempt {
        repair: Some(Change { edit: edit.clone(), because: Because::Rejected }),
        ..attempt(&chain, 0, Outcome::Failed(failure(C::UnsupportedParameter)))
    };
    let again = Step::Try { candidate: 0, after: Duration::ZERO };
    let next = |past: &[Attempt]| next_step(&chain, past, QUIET);
    assert_eq!(next(&[repaired()]), again);
    assert_eq!(next(&[repaired(), repaired(), repaired()]), again);
    let another = Step::Try { candidate: 1, after: Duration::ZERO };
    assert_eq!(next(&[repaired(), repaired(), repaired(), repaired()]), another, "there is an end to it");
    assert_eq!(next(&[repaired(), attempt(&chain, 0, Outcome::Failed(failure(C::UnsupportedParameter)))]), another);
    let late = Situation { elapsed: Duration::from_mins(10), ..QUIET };
    assert_eq!(next_step(&chain, &[repaired()], late), Step::GiveUp(GiveUp::Deadline));
    let (cut, shown) =
        (Plan { on_cut: Set::built_in(OnCut::Fail), ..chain.clone() }, Situation { shown: true, ..QUIET });
    assert_eq!(next_step(&cut, &[repaired()], shown), Step::GiveUp(GiveUp::Cut), "what was shown stays");
    let patient = retrying(1, chain.clone());
    let past = [repaired(), attempt(&patient, 0, Outcome::Failed(failure(C::ServerError)))];
    assert!(matches!(next_step(&patient, &past, QUIET), Step::Try { candidate: 0, .. }), "a retry is left");
}

#[test]
fn an_answer_that_does_not_fit_ends_the_run() {
    let chain = plan(&["a/m", "b/m"]);
    assert_eq!(walk(&chain, |_| failure(C::SchemaMismatch)), (vec![0], Step::GiveUp(GiveUp::Unfit)));
}

fn key(place: &str) -> KeyMark {
    KeyMark { place: place.to_owned(), digest: String::new() }
}

/// The plan in which each candidate has these keys.
fn keyed(places: &[&str], plan: Plan) -> Plan {
    let keys: Vec<KeyMark> = places.iter().map(|place| key(place)).collect();
    let candidates = plan.candidates.into_iter().map(|candidate| Candidate { keys: keys.clone(), ..candidate });
    Plan { candidates: candidates.collect(), ..plan }
}

/// The candidates and keys that are tried when each attempt fails as `fails` says.
fn key_walk(plan: &Plan, fails: impl Fn(usize, &str) -> C) -> Vec<(usize, String)> {
    let mut past: Vec<Attempt> = Vec::new();
    while let Step::Try { candidate, .. } = next_step(plan, &past, QUIET) {
        let mark = keys::next(&plan.candidates[candidate], &past).expect("a key");
        let outcome = Outcome::Failed(failure(fails(candidate, &mark.place)));
        past.push(Attempt { key: Some(mark), ..attempt(plan, candidate, outcome) });
        assert!(past.len() < 50, "the walk must end");
    }
    past.into_iter().map(|attempt| (attempt.candidate, attempt.key.expect("a key").place)).collect()
}

#[test]
fn case_27_another_key_is_no_retry_and_a_dead_one_is_dead_for_the_whole_provider() {
    let tried = |chain: &Plan, fails: fn(usize, &str) -> C| -> Vec<String> {
        key_walk(chain, fails).into_iter().map(|(candidate, place)| format!("{candidate}{place}")).collect()
    };
    let chain = retrying(1, keyed(&["x", "y"], plan(&["a/m", "a/n", "b/m"])));
    assert_eq!(tried(&chain, |_, _| C::Auth), ["0x", "0y", "2x", "2y"]);
    assert_eq!(tried(&chain, |_, _| C::QuotaExhausted), ["0x", "0y", "2x", "2y"]);
    assert_eq!(tried(&chain, |_, _| C::Permission), ["0x", "0y", "1x", "1y", "2x", "2y"]);
    // A limit may be over for the last one, which is tried once more.
    assert_eq!(tried(&chain, |_, _| C::RateLimit), ["0x", "0y", "1x", "1y", "2x", "2y", "2x"]);
    let first_is_dead = |_: usize, place: &str| if place == "x" { C::Auth } else { C::ServerError };
    assert_eq!(tried(&chain, first_is_dead), ["0x", "0y", "0y", "1y", "1y", "2x", "2y", "2y"]);
    assert_eq!(tried(&chain, |_, _| C::ServerError), ["0x", "0x", "1x", "1x", "2x", "2x"]);
}

#[test]
fn a_run_has_three_further_tries_or_as_many_as_were_asked_for_on_one_target() {
    let chain = retrying(2, plan(&["a/m", "b/m", "c/m"]));
    assert_eq!(walk(&chain, |_| failure(C::ServerError)).0, [0, 0, 0, 1, 1, 2]);
    let patient = retrying(5, plan(&["a/m", "b/m"]));
    assert_eq!(walk(&patient, |_| failure(C::ServerError)).0, [0, 0, 0, 0, 0, 0, 1]);
}

#[test]
fn no_wait_eats_the_time_of_later_targets() {
    let mut chain = plan(&["a/m", "b/m"]);
    chain.candidates[0].reserved = Duration::from_mins(10);
    let past = [attempt(&chain, 0, Outcome::Failed(failure(C::ServerError)))];
    assert_eq!(next_step(&chain, &past, QUIET), Step::Try { candidate: 1, after: Duration::ZERO });
}

#[test]
fn an_empty_or_filtered_answer_does_as_the_route_says() {
    let mut chain = plan(&["a/m", "b/m"]);
    chain.on_filter = Set::built_in(OnFilter::Next);
    assert_eq!(walk(&chain, |_| failure(C::ContentFilter)), (vec![0, 1], Step::GiveUp(GiveUp::Exhausted)));
    chain.on_empty = Set::built_in(OnEmpty::Fail);
    assert_eq!(walk(&chain, |_| failure(C::EmptyResponse)), (vec![0], Step::GiveUp(GiveUp::Empty)));
}

#[test]
fn what_is_passed_over_is_not_tried_unless_nobody_else_is_there() {
    let chain = plan(&["a/m", "b/m", "c/m"]);
    let first = |passed_over: &[usize]| next_step(&chain, &[], Situation { passed_over, ..QUIET });
    assert_eq!(first(&[0]), Step::Try { candidate: 1, after: Duration::ZERO });
    assert_eq!(first(&[0, 1, 2]), Step::Try { candidate: 0, after: Duration::ZERO });
    let past = [attempt(&chain, 0, Outcome::Failed(failure(C::Overloaded)))];
    let next = next_step(&chain, &past, Situation { passed_over: &[1], ..QUIET });
    assert_eq!(next, Step::Try { candidate: 2, after: Duration::ZERO });
}

#[test]
fn an_attempt_that_only_lost_a_race_may_serve_later_and_one_that_failed_in_it_may_not() {
    let chain = plan(&["a/m", "b/m", "c/m"]);
    let cut = || attempt(&chain, 1, Outcome::Failed(failure(C::IncompleteStream)));
    let lost = Attempt { lost: true, ..attempt(&chain, 0, Outcome::Cancelled) };
    assert_eq!(next_step(&chain, &[lost, cut()], QUIET), Step::Try { candidate: 0, after: Duration::ZERO });
    let failed = attempt(&chain, 0, Outcome::Failed(failure(C::Overloaded)));
    assert_eq!(next_step(&chain, &[failed, cut()], QUIET), Step::Try { candidate: 2, after: Duration::ZERO });
}

#[test]
fn text_that_is_to_be_gone_on_with_goes_to_the_next_target_and_ends_as_a_cut() {
    let chain = Plan { on_cut: Set::built_in(OnCut::Continue), ..plan(&["a/m", "b/m"]) };
    let cut = |candidate| attempt(&chain, candidate, Outcome::Failed(failure(C::IncompleteStream)));
    let text = Situation { shown: true, can_restart: false, can_continue: true, unfinished: true, ..QUIET };
    assert_eq!(next_step(&chain, &[cut(0)], text), Step::Try { candidate: 1, after: Duration::ZERO });
    let calls = Situation { can_continue: false, unfinished: false, ..text };
    assert_eq!(next_step(&chain, &[cut(0)], calls), Step::GiveUp(GiveUp::Cut));
    let on_a_terminal = Situation { can_restart: true, ..calls };
    assert_eq!(next_step(&chain, &[cut(0)], on_a_terminal), Step::Try { candidate: 1, after: Duration::ZERO });
    let rejected = attempt(&chain, 1, Outcome::Failed(failure(C::Auth)));
    assert_eq!(next_step(&chain, &[cut(0), rejected], Situation { shown: false, ..text }), Step::GiveUp(GiveUp::Cut));
}
