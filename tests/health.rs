//! What one process has learned of a provider's health decides the first request of the next: through the ledger of a home.

use std::fs;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use llmx::failure::FailureClass;
use llmx::ledger::record::{AttemptEnd, AttemptOutcome, AttemptRole, AttemptStart, CostSource, Observation};
use llmx::ledger::{Health, Ledger, RunDetail};
use llmx::provider::TargetId;
use llmx::route::breaker::{Evidence, State, Subject};
use llmx::sim::{Options, Script, Signal};

use crate::support::chain::{PROMPT, config, words};
use crate::support::{Home, Llmx, Output, Server};

/// A home whose route has `dead` before `healthy`.
fn home(server: &Server, route: &str) -> Arc<Home> {
    let home = Home::new();
    let chain = ["dead", "healthy"].map(|name| (name.to_owned(), "openai-chat"));
    home.write_config(&config(server, &chain, route));
    home
}

fn complete(home: &Arc<Home>) -> Llmx {
    home.llmx().args(["complete", PROMPT])
}

/// A run that `healthy` answers, whatever became of `dead`.
#[track_caller]
fn answered(home: &Arc<Home>) -> Output {
    let output = complete(home).run().expect_code(0);
    assert_eq!(output.stdout, words("healthy") + "\n", "{}", output.stderr);
    output
}

fn ledger(home: &Home) -> Ledger {
    Ledger::open(&home.path("data/llmx/ledger.db"))
}

fn health(home: &Home) -> Health {
    ledger(home).health_rows(0).expect("a ledger to read")
}

fn state(home: &Home, subject: &Subject) -> State {
    let health = health(home);
    let known = health.breakers.iter().find(|watched| watched.subject == *subject);
    known.map_or(State::Closed, |watched| watched.breaker.state(Timestamp::now()))
}

fn dead() -> Subject {
    Subject::Target(TargetId::new("dead", "m"))
}

#[test]
fn the_first_request_of_a_new_process_after_a_provider_died_goes_straight_to_the_next_one() {
    for fault in ["down", "500", "hang", "refuse", "529", "401"] {
        let server = Server::start(&format!("dead:{fault}"));
        let home = home(&server, "timeout = { first_token = \"700ms\" }");
        let first = answered(&home);
        assert!(first.stderr.contains("dead/m: "), "{fault}: {}", first.stderr);
        let asked = server.count("dead");
        let second = answered(&home);
        assert_eq!(server.count("dead"), asked, "{fault}: {}", second.stderr);
        assert!(second.stderr.starts_with("dead/m is left out: "), "{fault}: {}", second.stderr);
        let run = ledger(&home).run("last").expect("a ledger").expect("a run");
        assert_eq!(run.attempts.len(), 1, "{fault}: nobody else was asked");
    }
}

#[test]
fn case_25_the_failure_at_the_threshold_shows_in_the_very_next_process() {
    let server = Server::start("dead:500");
    let home = home(&server, "retries = 0");
    let explained = || home.llmx().args(["route", "--explain", PROMPT]).run().expect_code(0).stdout;
    answered(&home);
    assert_eq!((server.count("dead"), state(&home, &dead())), (1, State::Closed));
    assert!(!explained().contains("server error"));
    answered(&home);
    assert_eq!(server.count("dead"), 2);
    assert!(matches!(state(&home, &dead()), State::Open { .. }));
    let explained = explained();
    assert!(explained.contains("server error"), "{explained}");
    answered(&home);
    assert_eq!(server.count("dead"), 2);
}

#[test]
fn case_20_of_eleven_requests_a_dead_provider_gets_three_at_most_and_its_probes() {
    let server = Server::start("dead:500");
    let home = home(&server, "");
    let began = Instant::now();
    for _ in 0..11 {
        answered(&home);
    }
    // It stays open for eight seconds at least; a probe is tried twice.
    let probes = 2 * usize::try_from(began.elapsed().as_secs() / 8).expect("few");
    assert!(server.count("dead") <= 3 + probes, "{} in {:?}", server.count("dead"), began.elapsed());
    assert_eq!(server.count("healthy"), 11);
}

#[test]
fn thirty_two_processes_at_once_lose_nothing_of_what_they_learn() {
    let server = Server::start("");
    let home = home(&server, "");
    let running: Vec<_> = (0..32).map(|_| complete(&home).spawn()).collect();
    for process in running {
        assert_eq!(process.finish().expect_code(0).stderr, "");
    }
    let health = health(&home);
    let [target] = health.targets.as_slice() else { panic!("{health:?}") };
    assert_eq!((target.attempts, target.answered, target.failures.len()), (32, 32, 0));
    let ledger = ledger(&home);
    let runs = ledger.recent(100).expect("a ledger");
    assert_eq!(runs.len(), 32);
    let snapshot = snapshot(&ledger);
    let cell = snapshot.experience.cell(&TargetId::new("dead", "m"), llmx::route::experience::CellKey::All);
    // Seconds fade little of what is halved in a day.
    let counted = cell.map_or(0.0, |cell| cell.requests);
    assert!((31.9..=32.0).contains(&counted), "{counted}");
}

fn snapshot(ledger: &Ledger) -> llmx::route::Snapshot {
    let (_, row) = llmx::provider::builtin().into_iter().find(|(name, _)| name == "openai").expect("built in");
    let target = llmx::provider::Target {
        id: TargetId::new("dead", "m"),
        provider: Arc::new(row.into_provider("dead", &|_| None).expect("a provider")),
        model: None,
        key: llmx::provider::KeyState::NotNeeded,
        keys: Vec::new(),
    };
    ledger.snapshot(Timestamp::now(), 7, &jiff::tz::TimeZone::UTC, &[target], &[])
}

#[test]
fn a_damaged_ledger_costs_what_was_learned_and_nothing_else() {
    let server = Server::start("dead:down");
    let home = home(&server, "");
    answered(&home);
    let path = home.path("data/llmx/ledger.db");
    fs::write(&path, "garbage ".repeat(1_000)).expect("garbage");
    // Its log has everything that was written so far, and would mend it.
    fs::remove_file(home.path("data/llmx/ledger.db-wal")).expect("removed");
    let warned = answered(&home);
    assert!(warned.stderr.contains("was damaged"), "{}", warned.stderr);
    assert_eq!(server.count("dead"), 2, "it was asked anew");
    answered(&home);
    assert_eq!(server.count("dead"), 2, "and is known again");
}

#[test]
fn a_ledger_that_cannot_be_written_learns_nothing_and_every_request_is_answered() {
    let server = Server::start("dead:down");
    let home = home(&server, "");
    fs::create_dir_all(home.path("data/llmx/ledger.db")).expect("a directory in its place");
    for asked in 1..=2 {
        let warned = answered(&home);
        assert!(warned.stderr.contains("cannot write the ledger"), "{}", warned.stderr);
        assert_eq!(server.count("dead"), asked);
    }
    // What waited in the spool is learned when it can be.
    fs::remove_dir(home.path("data/llmx/ledger.db")).expect("removed");
    answered(&home);
    assert_eq!(server.count("dead"), 2);
}

#[test]
fn a_simulation_of_the_same_faults_knows_what_the_last_one_has_learned() {
    let home = Home::new();
    let models = ["-m", "openai/gpt-4.1-mini", "--fallback", "anthropic/claude-haiku-4-5"];
    let attempts = |faults: &str| {
        home.llmx().args(["complete", PROMPT]).arg(format!("--sim={faults}")).args(models).run().expect_code(0);
        let simulated = Ledger::open(&home.path("data/llmx/simulated/ledger.db"));
        let run: RunDetail = simulated.run("last").expect("a ledger").expect("a run");
        run.attempts.into_iter().map(|attempt| attempt.start.provider).collect::<Vec<_>>()
    };
    assert_eq!(attempts("openai:down"), ["openai", "anthropic"]);
    assert_eq!(attempts("openai:down"), ["anthropic"]);
    assert_eq!(attempts("openai:529"), ["openai", "anthropic"], "another fleet");
    assert_eq!(attempts(""), ["openai"]);
}

/// Writes down a failure of `dead` a minute ago: its breaker is half-open now.
fn half_open(home: &Home) {
    let run = "0199aaaa-1111-7000-8000-000000000001".to_owned();
    let started = Timestamp::now() - SignedDuration::from_secs(60);
    let mut ledger = ledger(home);
    ledger.attempt_started(&AttemptStart {
        run: run.clone(),
        number: 1,
        started_ms: started.as_millisecond(),
        provider: "dead".to_owned(),
        model: "m".to_owned(),
        role: AttemptRole::Main,
        asked: None,
    });
    let class = FailureClass::Overloaded;
    let evidence = Some(Evidence::Failed { class, retry_after: None });
    let end = AttemptEnd {
        run,
        number: 1,
        outcome: AttemptOutcome::Failed,
        served_model: None,
        request_id: None,
        first_content_ms: None,
        total_ms: 0,
        usage_raw: None,
        buckets: None,
        price: None,
        cost_pico: None,
        saved_pico: None,
        cost_source: CostSource::NotBilled,
        class: Some(class.name().to_owned()),
        failure: None,
        partial_text: String::new(),
    };
    assert_eq!(ledger.attempt_ended(&end, &Observation { evidence, ..Observation::default() }).len(), 1);
}

#[test]
fn case_31_fifty_processes_at_once_against_a_half_open_breaker_send_exactly_one_probe() {
    const ALL: usize = 50;
    let signal = Signal::default();
    let answer = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n\
        data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"back\"}}]}\n\n\
        data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";
    // It answers when all others have been asked: until then it is being probed.
    let script = Script::default().read_request().wait(&signal).send(answer.as_bytes().to_vec());
    let scripts = vec![("dead".to_owned(), script)];
    let server = Server::with("", Options { instant: true, scripts, ..Options::default() });
    let home = home(&server, "");
    half_open(&home);
    assert!(matches!(state(&home, &dead()), State::HalfOpen { .. }));
    let running: Vec<_> = (0..ALL).map(|_| complete(&home).limit(Duration::from_mins(2)).spawn()).collect();
    let asked = |traffic: &llmx::sim::Traffic| traffic.to("healthy").count() + traffic.to("dead").count() == ALL;
    server.wait_within(Duration::from_mins(1), "all are asked", asked);
    assert_eq!((server.count("dead"), server.count("healthy")), (1, ALL - 1));
    assert!(matches!(state(&home, &dead()), State::Probed { .. }));
    signal.raise();
    let outputs: Vec<Output> = running.into_iter().map(|process| process.finish().expect_code(0)).collect();
    assert_eq!(outputs.iter().filter(|output| output.stdout == "back\n").count(), 1);
    // One good answer is not enough, so that the next one is a probe again.
    assert!(matches!(state(&home, &dead()), State::HalfOpen { .. }));
}
