use proptest::prelude::*;

use super::*;

fn moment(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + seconds).expect("a moment")
}

fn failed(class: FailureClass) -> Evidence {
    Evidence::Failed { class, retry_after: None }
}

/// A breaker after those failures, one a second.
fn after(classes: &[FailureClass]) -> Breaker {
    (0..)
        .zip(classes)
        .fold(Breaker::default(), |breaker, (second, class)| breaker.after(failed(*class), moment(second), 7))
}

fn is_open(breaker: &Breaker, at: i64) -> bool {
    matches!(breaker.state(moment(at)), State::Open { .. })
}

use FailureClass as C;

#[test]
fn what_cost_seconds_opens_at_once_and_what_a_second_try_may_mend_with_the_second() {
    for class in [C::TimeoutFirstToken, C::TimeoutIdle, C::Tls, C::Overloaded, C::Auth, C::QuotaExhausted] {
        assert!(is_open(&after(&[class]), 0), "{class:?}");
    }
    for class in [C::ServerError, C::Network, C::TimeoutConnect, C::Protocol, C::IncompleteStream] {
        assert!(!is_open(&after(&[class]), 0), "{class:?}");
        assert!(is_open(&after(&[class, class]), 1), "{class:?}");
    }
}

#[test]
fn case_26_timeouts_count_to_the_breaker() {
    assert!(is_open(&after(&[C::TimeoutFirstToken]), 0));
}

#[test]
fn case_32_two_failures_hours_apart_open_it_at_twelve_calls_a_day() {
    let first = Breaker::default().after(failed(C::ServerError), moment(0), 7);
    assert!(is_open(&first.after(failed(C::ServerError), moment(7200), 7), 7200));
}

#[test]
fn a_good_answer_between_keeps_it_closed() {
    let breaker =
        after(&[C::ServerError]).after(Evidence::Good, moment(1), 7).after(failed(C::ServerError), moment(2), 7);
    assert_eq!(breaker.state(moment(2)), State::Closed);
}

#[test]
fn a_wrong_request_says_nothing_against_who_rejects_it() {
    for class in [C::InvalidRequest, C::ContextWindow, C::ContentFilter, C::UnsupportedParameter, C::SchemaMismatch] {
        assert_eq!(after(&[C::ServerError, class, C::ServerError]).state(moment(2)), State::Closed, "{class:?}");
    }
    assert_eq!(after(&[C::TimeoutTotal; 20]).state(moment(19)), State::Closed, "the user's own deadline");
}

#[test]
fn two_of_five_failing_open_it_and_rate_limits_count_in_that() {
    let mixed = [Evidence::Good, failed(C::RateLimit), Evidence::Good, Evidence::Good];
    let breaker = mixed.iter().fold(Breaker::default(), |breaker, one| breaker.after(*one, moment(0), 7));
    assert_eq!(breaker.state(moment(0)), State::Closed);
    assert!(is_open(&breaker.after(failed(C::RateLimit), moment(0), 7), 0));
    assert_eq!(after(&[C::RateLimit; 4]).state(moment(3)), State::Closed, "not by their run alone");
}

#[test]
fn who_opens_again_and_again_takes_twice_as_many_good_answers_to_close() {
    let mut breaker = Breaker::default();
    let mut at = 0;
    for wanted in [2, 4, 8, 16, 16] {
        while !is_open(&breaker, at) {
            breaker = breaker.after(failed(C::ServerError), moment(at), 7);
        }
        at += 600;
        let good = (1..100).find(|_| {
            breaker = breaker.clone().after(Evidence::Good, moment(at), 7);
            breaker.state(moment(at)) == State::Closed
        });
        assert_eq!(good, Some(wanted));
    }
}

#[test]
fn retry_after_is_a_floor_and_closes_a_target_at_its_first_rate_limit() {
    let limited = Evidence::Failed { class: C::RateLimit, retry_after: Some(Duration::from_secs(30)) };
    let breaker = Breaker::default().after(limited, moment(0), 7);
    assert!(is_open(&breaker, 29) && !is_open(&breaker, 30));
}

#[test]
fn case_24_a_second_failure_never_shortens_the_time() {
    let wait = |seconds| Evidence::Failed { class: C::RateLimit, retry_after: Some(Duration::from_secs(seconds)) };
    let breaker = Breaker::default().after(wait(60), moment(0), 7).after(wait(5), moment(1), 7);
    assert!(is_open(&breaker, 59));
}

#[test]
fn the_time_grows_with_each_opening_up_to_its_limit_and_is_spread() {
    let mut breaker = Breaker::default();
    let mut now = 0;
    let mut lengths = Vec::new();
    for _ in 0..8 {
        breaker = breaker.after(failed(C::TimeoutFirstToken), moment(now), 7);
        let until = breaker.open.as_ref().expect("open").until;
        lengths.push((until.as_second() - moment(now).as_second()) as f64);
        now = until.as_second() - moment(0).as_second() + 1;
    }
    assert!((8.0..=12.0).contains(&lengths[0]) && (16.0..=24.0).contains(&lengths[1]), "{lengths:?}");
    assert!(lengths[7] <= 360.0 && lengths[7] >= 240.0, "{lengths:?}");
    let spread = |seed| Breaker::default().after(failed(C::Overloaded), moment(0), seed).open.expect("open").until;
    assert_ne!(spread(1), spread(2));
}

#[test]
fn after_its_time_one_tries_and_two_good_answers_close_it() {
    let open = after(&[C::Overloaded]);
    let half = open.state(moment(20));
    assert!(matches!(half, State::HalfOpen { .. }), "{half:?}");
    let probed = open.probed(moment(20));
    assert!(matches!(probed.state(moment(21)), State::Probed { .. }));
    let once = probed.clone().after(Evidence::Good, moment(22), 7);
    assert!(matches!(once.state(moment(22)), State::HalfOpen { .. }), "one is not enough");
    assert_eq!(once.after(Evidence::Good, moment(23), 7).state(moment(23)), State::Closed);
    assert!(is_open(&probed.after(failed(C::ServerError), moment(22), 7), 30), "one failure opens it again");
}

#[test]
fn failures_of_one_burst_are_one_opening() {
    let burst = (0..10).fold(Breaker::default(), |breaker, _| breaker.after(failed(C::Overloaded), moment(0), 7));
    assert_eq!(burst.openings, 1);
    assert!(is_open(&burst, 7) && !is_open(&burst, 13));
}

#[test]
fn case_31_a_429_fails_the_probe() {
    let probed = after(&[C::Overloaded]).probed(moment(20));
    assert!(is_open(&probed.after(failed(C::RateLimit), moment(21), 7), 22));
}

#[test]
fn a_probe_whose_process_died_holds_nobody_up_for_ever() {
    let probed = after(&[C::Overloaded]).probed(moment(20));
    assert!(matches!(probed.state(moment(20 + 121)), State::HalfOpen { .. }));
    assert!(matches!(probed.released().state(moment(21)), State::HalfOpen { .. }));
}

#[test]
fn case_33_a_spent_quota_is_left_alone_for_an_hour_or_as_long_as_the_provider_says() {
    assert!(is_open(&after(&[C::QuotaExhausted]), 45 * 60));
    let day = Evidence::Failed { class: C::QuotaExhausted, retry_after: Some(Duration::from_hours(48)) };
    assert!(is_open(&Breaker::default().after(day, moment(0), 7), 47 * 3600));
}

#[test]
fn keys_and_quotas_are_about_the_key_hosts_about_the_provider_and_capacity_about_the_model() {
    let (target, key) = (TargetId::new("p", "m"), KeyMark { place: "P_KEY".to_owned(), digest: "1".to_owned() });
    let of = |class| Subject::of(class, &target, Some(&key));
    assert!(matches!(of(C::Auth), Subject::Key { .. }) && matches!(of(C::QuotaExhausted), Subject::Key { .. }));
    assert_eq!(of(C::Network), Subject::Provider("p".to_owned()));
    assert_eq!(of(C::Overloaded), Subject::Target(target.clone()));
    assert_eq!(Subject::of(C::Auth, &target, None), Subject::Provider("p".to_owned()));
}

fn evidence() -> impl Strategy<Value = Evidence> {
    let classes = prop::sample::select(vec![C::ServerError, C::RateLimit, C::Overloaded, C::Auth, C::InvalidRequest]);
    prop_oneof![
        Just(Evidence::Good),
        (classes, prop::option::of(0_u64..1_000_000_000_000))
            .prop_map(|(class, wait)| Evidence::Failed { class, retry_after: wait.map(Duration::from_secs) }),
    ]
}

proptest! {
    #[test]
    fn no_history_panics_and_open_times_never_shrink_while_open(
        history in prop::collection::vec((evidence(), 0_i64..100_000), 0..40), seed: u64
    ) {
        let mut breaker = Breaker::default();
        let mut now = 0;
        for (evidence, pause) in history {
            now += pause;
            let before = breaker.open.clone();
            breaker = breaker.after(evidence, moment(now), seed);
            if let (Some(before), Some(after), Evidence::Failed { .. }) = (before, &breaker.open, evidence) {
                prop_assert!(after.until >= before.until);
            }
            let text = serde_json::to_string(&breaker).expect("JSON");
            let read: Breaker = serde_json::from_str(&text).expect("read back");
            prop_assert_eq!(read.state(moment(now)), breaker.state(moment(now)));
        }
    }
}
