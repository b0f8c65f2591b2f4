//! What attempts leave behind for the next decision, whoever makes it.

use std::path::Path;
use std::sync::Arc;

use jiff::tz::TimeZone;

use super::*;
use crate::failure::FailureClass as C;
use crate::ledger::Ledger;
use crate::ledger::record::{AttemptRole, AttemptStart, CostSource, Lesson, StoredBuckets};
use crate::provider::{KeyMark, KeyState, Target, builtin};
use crate::route::Snapshot;
use crate::route::experience::CellKey;
use crate::route::quota::QuotaOf;

/// Half past noon on some day.
const START: i64 = 1_800_016_200;

fn moment(seconds: i64) -> Timestamp {
    Timestamp::from_second(START + seconds).expect("a moment")
}

fn key() -> KeyMark {
    KeyMark { place: "KEY".to_owned(), digest: "1f".to_owned() }
}

fn target(provider: &str, model: &str) -> Target {
    let (_, row) = builtin().into_iter().find(|(name, _)| name == "openai").expect("built in");
    let row = row.into_provider(provider, &|_| None).expect("a provider");
    let key_state = KeyState::Present("KEY".to_owned());
    let (id, provider) = (TargetId::new(provider, model), Arc::new(row));
    Target { id, provider, model: None, key: key_state, keys: vec![key()] }
}

/// A ledger in a directory of its own, with numbers for its attempts.
struct Told {
    home: tempfile::TempDir,
    ledger: Ledger,
    attempts: u32,
}

impl Told {
    fn new() -> Self {
        let home = tempfile::tempdir().expect("a directory");
        let ledger = Ledger::open(&home.path().join("ledger.db"));
        Self { home, ledger, attempts: 0 }
    }

    fn attempt(&mut self, second: i64, target: &str, observation: &Observation) -> Vec<Opened> {
        self.attempts += 1;
        let target: TargetId = target.parse().expect("a target");
        self.ledger.attempt_started(&AttemptStart {
            run: "run".to_owned(),
            number: self.attempts,
            started_ms: moment(second).as_millisecond() - 500,
            provider: target.provider,
            model: target.model,
            role: AttemptRole::Main,
            asked: Some(Asked { stream: true, tools: false, prompt_tokens: 2_000 }),
        });
        self.ledger.attempt_ended(&end(self.attempts, observation.evidence), observation)
    }

    fn failed(&mut self, second: i64, target: &str, class: C) -> Vec<Opened> {
        self.attempt(second, target, &shows(Evidence::Failed { class, retry_after: None }))
    }

    fn good(&mut self, second: i64, target: &str) -> Vec<Opened> {
        self.attempt(second, target, &shows(Evidence::Good))
    }

    fn snapshot(&self, second: i64, targets: &[Target]) -> Snapshot {
        self.ledger.snapshot(moment(second), 7, &TimeZone::UTC, targets, &[])
    }

    fn breaker(&self, subject: &Subject) -> Option<Breaker> {
        self.ledger.alone(|transaction| read_breaker(transaction, subject)).expect("read")
    }

    fn cell(&self) -> Cell {
        let target = target("a", "m");
        let snapshot = self.snapshot(0, std::slice::from_ref(&target));
        snapshot.experience.cell(&target.id, CellKey::All).cloned().unwrap_or_default()
    }
}

fn shows(evidence: Evidence) -> Observation {
    Observation { evidence: Some(evidence), key: Some(key()), ..Observation::default() }
}

fn end(number: u32, evidence: Option<Evidence>) -> AttemptEnd {
    let (outcome, class) = match evidence {
        Some(Evidence::Good) => (AttemptOutcome::Complete, None),
        Some(Evidence::Failed { class, .. }) => (AttemptOutcome::Failed, Some(class.name().to_owned())),
        None => (AttemptOutcome::Cancelled, None),
    };
    let whole = outcome == AttemptOutcome::Complete;
    let counts = StoredBuckets { input_total: 100, output_total: 10, ..StoredBuckets::default() };
    AttemptEnd {
        run: "run".to_owned(),
        number,
        outcome,
        served_model: None,
        request_id: None,
        first_content_ms: Some(200),
        total_ms: 500,
        usage_raw: None,
        buckets: whole.then_some(counts),
        price: None,
        cost_pico: Some(40),
        saved_pico: None,
        cost_source: CostSource::Computed,
        class,
        failure: None,
        partial_text: String::new(),
    }
}

/// Whether something was counted once, and not faded since.
fn once(count: f64) -> bool {
    (count - 1.0).abs() < 1e-9
}

fn provider() -> Subject {
    Subject::Provider("a".to_owned())
}

fn model() -> Subject {
    Subject::Target(TargetId::new("a", "m"))
}

fn its_key() -> Subject {
    Subject::Key { provider: "a".to_owned(), key: key() }
}

#[test]
fn a_good_answer_speaks_for_provider_target_and_key() {
    let mut told = Told::new();
    assert_eq!(told.good(0, "a/m"), []);
    for subject in [provider(), model(), its_key()] {
        assert!(once(told.breaker(&subject).expect("told").requests), "{subject}");
    }
}

#[test]
fn a_failure_speaks_of_one_of_them_alone() {
    for (class, of) in [(C::Overloaded, model()), (C::Tls, provider()), (C::Auth, its_key())] {
        let mut told = Told::new();
        let opened = told.failed(0, "a/m", class);
        let [opened] = opened.as_slice() else { panic!("{class:?}: {opened:?}") };
        assert_eq!((&opened.subject, opened.class.as_str(), opened.first), (&of, class.name(), true));
        for other in [provider(), model(), its_key()].iter().filter(|other| **other != of) {
            assert_eq!(told.breaker(other), None, "{class:?}: {other}");
        }
    }
}

#[test]
fn case_25_the_failure_at_the_threshold_opens_it_for_the_next_process_at_once() {
    let mut told = Told::new();
    let targets = [target("a", "m")];
    assert_eq!(told.failed(0, "a/m", C::ServerError), []);
    assert!(told.snapshot(0, &targets).breakers.is_empty());
    assert_eq!(told.failed(1, "a/m", C::ServerError).len(), 1);
    let other_process = Ledger::open(&told.home.path().join("ledger.db"));
    let snapshot = other_process.snapshot(moment(1), 7, &TimeZone::UTC, &targets, &[]);
    let (subject, state) = snapshot.standing(&targets[0]);
    assert!(subject == model() && matches!(state, State::Open { .. }), "{state:?}");
}

#[test]
fn a_probe_that_fails_opens_it_again_and_says_that_it_was_open_before() {
    let mut told = Told::new();
    let id = TargetId::new("a", "m");
    told.failed(0, "a/m", C::Overloaded);
    assert!(told.ledger.claim(&id, Some(&key()), moment(60)));
    let failed = shows(Evidence::Failed { class: C::ServerError, retry_after: None });
    let opened = told.attempt(61, "a/m", &Observation { probe: true, ..failed });
    assert_eq!(opened.iter().map(|opened| opened.first).collect::<Vec<_>>(), [false]);
    assert_eq!(told.failed(62, "a/m", C::ServerError), [], "it is open already");
}

#[test]
fn one_process_probes_and_whatever_it_finds_another_may_after_it() {
    let other = Evidence::Failed { class: C::ServerError, retry_after: None };
    for evidence in [None, Some(Evidence::Good), Some(other)] {
        let mut told = Told::new();
        let id = TargetId::new("a", "m");
        // The provider is half-open: an attempt that fails at the target says nothing of it.
        told.failed(0, "a/m", C::Tls);
        assert!(!told.ledger.claim(&id, None, moment(1)), "it is open");
        assert!(told.ledger.claim(&id, None, moment(60)));
        assert!(!told.ledger.claim(&id, None, moment(60)), "somebody tries it");
        told.attempt(60, "a/m", &Observation { evidence, probe: true, ..Observation::default() });
        assert!(told.ledger.claim(&id, None, moment(61)), "{evidence:?}");
    }
}

#[test]
fn an_attempt_that_was_no_probe_leaves_the_probe_of_another() {
    let mut told = Told::new();
    let id = TargetId::new("a", "m");
    told.failed(0, "a/m", C::Tls);
    assert!(told.ledger.claim(&id, None, moment(60)));
    told.attempt(61, "a/m", &Observation::default());
    told.failed(61, "a/m", C::ServerError);
    assert!(!told.ledger.claim(&id, None, moment(62)));
    told.ledger.release(&id, None);
    assert!(told.ledger.claim(&id, None, moment(62)));
}

#[test]
fn what_is_closed_meanwhile_may_be_tried_and_without_a_ledger_nobody_is_held_back() {
    let mut told = Told::new();
    assert!(told.ledger.claim(&TargetId::new("a", "m"), Some(&key()), moment(0)));
    assert!(Ledger::disabled(None).claim(&TargetId::new("a", "m"), None, moment(0)));
}

#[test]
fn what_was_stopped_or_never_sent_leaves_no_mark() {
    let mut told = Told::new();
    told.attempt(0, "a/m", &Observation { key: Some(key()), ..Observation::default() });
    assert_eq!(told.cell(), Cell::default());
    for subject in [provider(), model(), its_key()] {
        assert_eq!(told.breaker(&subject), None);
    }
}

#[test]
fn a_wrong_request_and_the_users_own_limit_say_nothing_of_the_target() {
    let mut told = Told::new();
    told.failed(0, "a/m", C::ServerError);
    let cell = told.cell();
    let nothing = [C::InvalidRequest, C::ContextWindow, C::PayloadTooLarge, C::UnsupportedParameter, C::TimeoutTotal];
    for class in nothing {
        told.failed(0, "a/m", class);
        assert_eq!(told.cell(), cell, "{class:?}");
    }
    assert_eq!(told.breaker(&model()).expect("told").points, 0, "only a server that works rejects with reasons");
    told.failed(0, "a/m", C::SchemaMismatch);
    assert!(once(told.cell().first_token.count), "a whole answer takes its time, whatever is in it");
}

#[test]
fn a_withheld_answer_is_a_failure_where_the_route_goes_on_and_nothing_elsewhere() {
    let mut told = Told::new();
    told.failed(0, "a/m", C::ContentFilter);
    assert_eq!(told.cell(), Cell::default());
    let withheld = shows(Evidence::Failed { class: C::ContentFilter, retry_after: None });
    told.attempt(0, "a/m", &Observation { goes_on: true, ..withheld });
    let cell = told.cell();
    assert_eq!((cell.requests, cell.failures, cell.first_token.count, cell.in_a_row), (1.0, 1.0, 0.0, 0));
    assert_eq!(told.breaker(&model()).expect("told").points, 0, "a filter that works is no outage");
}

#[test]
fn an_answer_is_part_of_five_cells_and_is_read_with_them() {
    let mut told = Told::new();
    told.good(0, "a/m");
    let targets = [target("a", "m")];
    let snapshot = told.snapshot(0, &targets);
    let sort = Sort::at(moment(0), 2_000, true, false);
    for key in CellKey::of(sort) {
        let cell = snapshot.experience.cell(&targets[0].id, key).unwrap_or_else(|| panic!("no cell `{key}`"));
        assert_eq!((cell.requests, cell.first_token.count, cell.output), (1.0, 1.0, 10.0));
    }
    let other_hour = told.snapshot(7_200, &targets);
    let found = CellKey::of(sort).map(|key| other_hour.experience.cell(&targets[0].id, key).is_some());
    assert_eq!(found, [true, true, false, false, true]);
}

#[test]
fn an_answer_that_a_limit_cut_short_is_no_sample_of_lengths() {
    let mut told = Told::new();
    told.attempt(0, "a/m", &Observation { truncated: true, ..shows(Evidence::Good) });
    let cell = told.cell();
    assert_eq!((cell.requests, cell.truncated, cell.first_token.count), (0.0, 1.0, 1.0));
    assert_eq!((cell.counted, cell.output, cell.truncated_output), (0.0, 0.0, 10.0));
}

#[test]
fn told_twice_it_counts_once() {
    let mut told = Told::new();
    told.failed(0, "a/m", C::ServerError);
    let again = shows(Evidence::Failed { class: C::ServerError, retry_after: None });
    assert_eq!(told.ledger.attempt_ended(&end(1, again.evidence), &again), []);
    assert!(once(told.cell().requests));
    assert_eq!(told.snapshot(0, &[]).spent.all.pico(), 40);
}

#[test]
fn what_was_spooled_is_learned_later_in_its_order_and_at_its_own_time() {
    let home = tempfile::tempdir().expect("a directory");
    let path = home.path().join("ledger.db");
    std::fs::create_dir(&path).expect("a directory in the place of the ledger");
    let mut told = Told { ledger: Ledger::open(&path), home, attempts: 0 };
    told.failed(0, "a/m", C::ServerError);
    assert_eq!(told.failed(1, "a/m", C::ServerError), [], "what opened is not known yet");
    std::fs::remove_dir(&path).expect("removed");
    told.ledger = Ledger::open(&path);
    let open = told.breaker(&model()).expect("told").open.expect("open");
    assert_eq!((open.since, told.cell().requests.round()), (moment(1), 2.0));
}

#[test]
fn late_evidence_does_not_make_what_is_known_older() {
    let mut told = Told::new();
    told.good(100, "a/m");
    told.good(0, "a/m");
    assert_eq!(told.breaker(&model()).expect("told").updated, moment(100));
    assert_eq!(told.cell().updated, moment(100));
}

#[test]
fn the_latest_word_on_a_limit_counts_until_it_resets() {
    let mut told = Told::new();
    let targets = [target("a", "m")];
    let quota = |remaining| Quota {
        target: targets[0].id.clone(),
        of: QuotaOf::Requests,
        limit: Some(u64::MAX),
        remaining,
        resets: moment(60),
    };
    let observed = |remaining| Observation { quotas: vec![quota(remaining)], ..Observation::default() };
    told.attempt(10, "a/m", &observed(3));
    told.attempt(5, "a/m", &observed(4));
    assert_eq!(told.snapshot(59, &targets).quotas.iter().map(|quota| quota.remaining).collect::<Vec<_>>(), [3]);
    assert_eq!(told.snapshot(60, &targets).quotas, []);
}

#[test]
fn a_snapshot_knows_these_targets_alone() {
    let mut told = Told::new();
    for target in ["a/m", "a/n", "b/m"] {
        told.failed(0, target, C::Overloaded);
        told.failed(0, target, C::Tls);
        let (provider, model) = target.split_once('/').expect("two parts");
        told.ledger.learn(&Lesson {
            provider: provider.to_owned(),
            model: model.to_owned(),
            parameter: "seed".to_owned(),
            value: None,
            instead: None,
            learned_ms: moment(0).as_millisecond(),
        });
    }
    let targets = [target("a", "m")];
    let snapshot = told.snapshot(0, &targets);
    let mut subjects: Vec<&Subject> = snapshot.breakers.keys().collect();
    subjects.sort();
    assert_eq!(subjects, [&provider(), &model()]);
    assert_eq!(snapshot.lessons.iter().map(|lesson| lesson.target.to_string()).collect::<Vec<_>>(), ["a/m"]);
    assert!(snapshot.experience.cell(&TargetId::new("b", "m"), CellKey::All).is_none());
    assert_eq!(told.snapshot(31 * 24 * 3600, &targets).lessons, [], "lessons end");
}

#[test]
fn a_ledger_that_cannot_be_read_knows_nothing_and_a_row_that_cannot_be_is_learned_anew() {
    let targets = [target("a", "m")];
    let blank = Ledger::disabled(None).snapshot(moment(0), 7, &TimeZone::UTC, &targets, &[]);
    assert!(blank.breakers.is_empty() && blank.seed == 7);
    let mut told = Told::new();
    told.failed(0, "a/m", C::Overloaded);
    let spoil = "UPDATE breakers SET breaker = 'x'; UPDATE cells SET data = '[]'";
    told.ledger.alone(|transaction| transaction.execute_batch(spoil)).expect("spoilt");
    assert!(told.snapshot(0, &targets).breakers.is_empty());
    assert_eq!(told.failed(1, "a/m", C::Overloaded).len(), 1);
    assert!(once(told.cell().requests));
}

#[test]
fn another_simulated_fleet_forgets_and_the_same_one_does_not() {
    let mut told = Told::new();
    let targets = [target("a", "m")];
    let known = |told: &Told| told.snapshot(0, &targets).breakers.len();
    told.ledger.simulates("openai:down");
    told.failed(0, "a/m", C::Overloaded);
    told.ledger.simulates("openai:down");
    assert_eq!(known(&told), 1);
    told.ledger.simulates("openai:hang");
    assert_eq!((known(&told), told.cell()), (0, Cell::default()));
    assert!(told.ledger.run("run").is_ok());
}

#[test]
fn state_is_changed_by_one_process_at_a_time() {
    let home = tempfile::tempdir().expect("a directory");
    let path: &Path = &home.path().join("ledger.db");
    let more = |known: Option<String>| known.map_or(0, |known| known.parse::<u32>().expect("a number")) + 1;
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let mut ledger = Ledger::open(path);
                for _ in 0..25 {
                    ledger.change_state("count", |known| Some(more(known).to_string())).expect("changed");
                }
            });
        }
    });
    let mut ledger = Ledger::open(path);
    assert_eq!(ledger.state("count").expect("read").as_deref(), Some("200"));
    assert_eq!(ledger.change_state("count", |_| None).expect("changed"), None);
    assert_eq!(ledger.state("count").expect("read"), None);
}
