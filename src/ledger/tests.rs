//! What the ledger promises, also when disks, files and processes fail. Some tests run this test program again as
//! processes of their own: see [`in_a_process_of_its_own`].

use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::*;
use crate::chat::{Message, Role};
use crate::ledger::record::{Asked, AttemptOutcome, AttemptRole, CostSource, StoredBuckets};
use crate::provider::KeyMark;
use crate::route::breaker::Evidence;

pub(super) fn run(id: &str) -> RunStart {
    RunStart {
        id: id.to_owned(),
        conversation: id.to_owned(),
        started_ms: 1_000,
        command: "complete".to_owned(),
        route: "smart".to_owned(),
        system: Some("be brief".to_owned()),
        messages: vec![Message::text(Role::User, format!("question {id}"))],
        keep_text: true,
        terminal: None,
        arm: Some("b".to_owned()),
        project: None,
        tags: std::collections::BTreeMap::new(),
    }
}

pub(super) fn attempt(id: &str, number: u32) -> AttemptStart {
    AttemptStart {
        run: id.to_owned(),
        number,
        started_ms: 1_001,
        provider: "openai".to_owned(),
        model: "gpt-5.4-mini".to_owned(),
        role: AttemptRole::Hedge,
        asked: Some(Asked { stream: true, tools: false, prompt_tokens: 12 }),
    }
}

pub(super) fn attempt_end(id: &str, number: u32) -> AttemptEnd {
    AttemptEnd {
        run: id.to_owned(),
        number,
        outcome: AttemptOutcome::Complete,
        served_model: Some("gpt-5.4-mini-2026-03-01".to_owned()),
        request_id: Some("req_1".to_owned()),
        first_content_ms: Some(120),
        total_ms: 900,
        usage_raw: Some(r#"{"input":10}"#.to_owned()),
        buckets: Some(StoredBuckets { input_total: 10, cache_read: 2, cache_write: 1, output_total: 5, reasoning: 3 }),
        price: Some("{}".to_owned()),
        cost_pico: Some(7_212_500_000),
        saved_pico: None,
        cost_source: CostSource::Computed,
        class: None,
        failure: None,
        partial_text: String::new(),
    }
}

pub(super) fn observation() -> Observation {
    let key = Some(KeyMark { place: "OPENAI_API_KEY".to_owned(), digest: String::new() });
    Observation { evidence: Some(Evidence::Good), key, ..Observation::default() }
}

fn failed(id: &str, number: u32, failure: &str, partial: &str) -> AttemptEnd {
    AttemptEnd {
        outcome: AttemptOutcome::Failed,
        buckets: None,
        cost_pico: None,
        cost_source: CostSource::Unknown,
        class: Some("server_error".to_owned()),
        failure: Some(failure.to_owned()),
        partial_text: partial.to_owned(),
        ..attempt_end(id, number)
    }
}

pub(super) fn run_end(id: &str) -> RunEnd {
    RunEnd {
        id: id.to_owned(),
        ended_ms: 2_000,
        exit_code: 0,
        answer: format!("answer {id}"),
        reasoning: "thinking".to_owned(),
        served_by: Some("openai/gpt-5.4-mini".to_owned()),
        finish: Some("stop".to_owned()),
    }
}

/// A whole run of one attempt that succeeds.
pub(super) fn record(ledger: &mut Ledger, id: &str) {
    ledger.begin(&run(id));
    ledger.attempt_started(&attempt(id, 1));
    ledger.attempt_ended(&attempt_end(id, 1), &observation());
    ledger.end(&run_end(id));
}

pub(super) fn directory() -> tempfile::TempDir {
    tempfile::tempdir().expect("a directory")
}

/// The ledger at `path`, which must be in order.
pub(super) fn healthy(path: &Path) -> Ledger {
    let mut ledger = Ledger::open(path);
    assert_eq!(ledger.take_warning(), None);
    ledger
}

/// Ids of all runs, oldest first.
pub(super) fn ids(ledger: &Ledger) -> Vec<String> {
    ledger.recent(usize::MAX).expect("runs").into_iter().rev().map(|run| run.id).collect()
}

pub(super) fn integrity(ledger: &Ledger) -> String {
    let connection = ledger.connection.as_ref().expect("a connection");
    connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).expect("a check")
}

fn mode(path: &Path) -> u32 {
    path.metadata().unwrap_or_else(|error| panic!("{}: {error}", path.display())).permissions().mode() & 0o777
}

/// A ledger that can only spool, also for root: the place of the database is taken by a directory.
fn spooling(directory: &Path) -> Ledger {
    let path = directory.join("ledger.db");
    std::fs::create_dir_all(&path).expect("a directory");
    Ledger::open(&path)
}

mod keeping;

mod trouble;

mod upgrades;

mod processes;

pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    file::beside(path, suffix)
}

mod lessons;

#[test]
fn a_write_that_fails_may_be_a_full_disk_and_a_read_is_none() {
    let advised = |code: i32| super::advice(&rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(code), None));
    assert!(advised(rusqlite::ffi::SQLITE_FULL).contains("free some disk space"));
    assert!(advised(rusqlite::ffi::SQLITE_IOERR_WRITE).starts_with("the disk may be full"));
    assert!(!advised(rusqlite::ffi::SQLITE_IOERR_READ).contains("full"));
}
