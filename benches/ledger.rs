//! How long the ledger takes when it is large: to be opened and read for a decision, to take the end of an attempt, and to tell
//! how every target has done.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use llmx::ledger::Ledger;
use llmx::ledger::record::{
    Asked, AttemptEnd, AttemptOutcome, AttemptRole, AttemptStart, CostSource, Observation, StoredBuckets,
};
use llmx::provider::{KeyState, Target, TargetId, builtin};
use llmx::route::breaker::Evidence;

/// Attempts that are told one by one: they fill breakers and cells, and spending of every hour.
const TOLD: u32 = 10_000;
/// Days over which all attempts are spread.
const DAYS: i32 = 30;
const TARGETS: u32 = 5;
const ROUNDS: u32 = 200;

fn main() {
    let home = tempfile::tempdir().expect("a directory");
    let path = home.path().join("ledger.db");
    let now = Timestamp::now();
    let mut ledger = Ledger::open(&path);
    let start = Instant::now();
    for number in 0..TOLD {
        tell(&mut ledger, now, number);
    }
    println!("{:44} {:9.3} ms", "an attempt: start and end", milliseconds(start.elapsed()) / f64::from(TOLD));
    drop(ledger);
    for (attempts, rounds) in [(100_000, ROUNDS), (1_000_000, 20)] {
        multiply(&path, attempts);
        measure(&path, now, attempts, rounds);
    }
}

fn measure(path: &Path, now: Timestamp, attempts: u32, rounds: u32) {
    let targets: Vec<Target> = (0..TARGETS).map(target).collect();
    let zone = TimeZone::system();
    let cold = median(rounds, || {
        let ledger = Ledger::open(path);
        let start = Instant::now();
        black_box(ledger.snapshot(now, 7, &zone, &targets, &[]));
        start.elapsed()
    });
    let opened = median(rounds, || {
        let start = Instant::now();
        black_box(Ledger::open(path));
        start.elapsed()
    });
    let ledger = Ledger::open(path);
    let warm = median(rounds, || {
        let start = Instant::now();
        black_box(ledger.snapshot(now, 7, &zone, &targets, &[]));
        start.elapsed()
    });
    let day = (now - SignedDuration::from_hours(24)).as_millisecond();
    let health = |since| {
        median(3, || {
            let start = Instant::now();
            black_box(ledger.health_rows(since)).expect("read");
            start.elapsed()
        })
    };
    let snapshot = ledger.snapshot(now, 7, &zone, &targets, &[]);
    println!("{attempts} attempts, {} of {TARGETS} targets with a breaker that is not closed", snapshot.breakers.len());
    for (name, time) in [
        ("  to open", opened),
        ("  a snapshot, the first of a process", cold),
        ("  a snapshot, a later one", warm),
        ("  health of the last day", health(day)),
        ("  health of all 30 days", health(0)),
    ] {
        println!("{name:44} {:9.3} ms", milliseconds(time));
    }
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

fn median(rounds: u32, run: impl FnMut() -> Duration) -> Duration {
    let mut times: Vec<Duration> = std::iter::repeat_with(run).take(rounds as usize).collect();
    times.sort_unstable();
    times[times.len() / 2]
}

fn target(number: u32) -> Target {
    let (name, row) = builtin().into_iter().find(|(name, _)| name == "openai").expect("built in");
    Target {
        id: TargetId::new(format!("provider-{number}"), "model"),
        provider: Arc::new(row.into_provider(&name, &|_| None).expect("a provider")),
        model: None,
        key: KeyState::NotNeeded,
        keys: Vec::new(),
    }
}

/// One of the attempts: of all targets, at all hours, of all sizes; one in twenty fails.
fn tell(ledger: &mut Ledger, now: Timestamp, number: u32) {
    let ago = SignedDuration::from_hours(24) * DAYS / i32::try_from(TOLD).unwrap_or(i32::MAX);
    let ago = ago * i32::try_from(TOLD - number).unwrap_or(i32::MAX);
    let run = format!("run-{number}");
    let target = target_of(number);
    let size = u64::from(number % 7) * 7_000;
    ledger.attempt_started(&AttemptStart {
        run: run.clone(),
        number: 1,
        started_ms: (now - ago).as_millisecond(),
        provider: target.provider,
        model: target.model,
        role: AttemptRole::Main,
        asked: Some(Asked { stream: number.is_multiple_of(2), tools: number.is_multiple_of(3), prompt_tokens: size }),
    });
    let class = llmx::failure::FailureClass::ServerError;
    let failed = number.is_multiple_of(20);
    let evidence = if failed { Evidence::Failed { class, retry_after: None } } else { Evidence::Good };
    let observation = Observation { evidence: Some(evidence), ..Observation::default() };
    let first = 100 + u64::from(number.wrapping_mul(2_654_435_761) >> 20);
    let counts = StoredBuckets { input_total: size, output_total: 300, ..StoredBuckets::default() };
    let end = AttemptEnd {
        run,
        number: 1,
        outcome: if failed { AttemptOutcome::Failed } else { AttemptOutcome::Complete },
        served_model: Some("model-2026-01-01".to_owned()),
        request_id: Some("req_0123456789abcdef".to_owned()),
        first_content_ms: Some(first),
        total_ms: first * 3,
        usage_raw: Some(r#"{"prompt_tokens":1000,"completion_tokens":300,"total_tokens":1300}"#.to_owned()),
        buckets: Some(counts),
        price: Some(r#"{"lines":[{"bucket":"input","tokens":1000,"rate":"0.25"}],"total":"0.00085"}"#.to_owned()),
        cost_pico: Some(850_000_000),
        saved_pico: None,
        cost_source: CostSource::Computed,
        class: failed.then(|| class.name().to_owned()),
        failure: failed.then(|| r#"{"status":500,"message":"internal error","maybe_billed":false}"#.to_owned()),
        partial_text: String::new(),
    };
    ledger.attempt_ended(&end, &observation);
}

fn target_of(number: u32) -> TargetId {
    target(number % TARGETS).id
}

/// Copies rows until there are so many attempts.
fn multiply(path: &Path, attempts: u32) {
    let connection = rusqlite::Connection::open(path).expect("the ledger");
    let columns: Vec<String> = connection
        .prepare("SELECT name FROM pragma_table_info('kept_attempts') WHERE name NOT IN ('run')")
        .and_then(|mut names| names.query_map([], |row| row.get(0))?.collect())
        .expect("its columns");
    let columns = columns.join(", ");
    let known: u32 = connection.query_row("SELECT count(*) FROM kept_attempts", [], |row| row.get(0)).expect("a count");
    for copy in known / TOLD..attempts / TOLD {
        let sql = format!(
            "INSERT INTO kept_attempts (run, {columns})
             SELECT run || '-{copy}', {columns} FROM kept_attempts WHERE rowid <= {TOLD}"
        );
        connection.execute(&sql, []).expect("copied");
    }
}
