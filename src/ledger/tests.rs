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

mod keeping {
    use super::*;

    #[test]
    fn a_run_is_read_as_it_was_written() {
        let directory = directory();
        let path = directory.path().join("new/ledger.db");
        record(&mut healthy(&path), "run-1");
        let found = healthy(&path).run("run-1").expect("a read").expect("a run");
        assert_eq!(found.start, run("run-1"));
        assert_eq!(found.end, Some(run_end("run-1")));
        assert_eq!(found.attempts.len(), 1);
        assert_eq!(found.attempts[0].start, attempt("run-1", 1));
        assert_eq!(found.attempts[0].end, Some(attempt_end("run-1", 1)));
        assert_eq!(found.attempts[0].key_place.as_deref(), Some("OPENAI_API_KEY"));
    }

    #[test]
    fn an_attempt_that_never_ended_stays_as_an_intent_of_unknown_cost() {
        let directory = directory();
        let path = directory.path().join("ledger.db");
        let mut ledger = healthy(&path);
        ledger.begin(&run("run-1"));
        ledger.attempt_started(&attempt("run-1", 1));
        drop(ledger);
        let found = healthy(&path).run("last").expect("a read").expect("a run");
        assert_eq!((found.end.is_none(), found.attempts[0].end.is_none()), (true, true));
        assert_eq!((found.spent().known, found.spent().unknown), (crate::money::Usd::ZERO, 1));
    }

    #[test]
    fn an_unknown_cost_is_unknown_and_a_free_failure_is_not() {
        let directory = directory();
        let mut ledger = healthy(&directory.path().join("ledger.db"));
        ledger.begin(&run("run-1"));
        for number in 1..=4 {
            ledger.attempt_started(&attempt("run-1", number));
        }
        ledger.attempt_ended(&failed("run-1", 1, r#"{"maybe_billed":false}"#, ""), &Observation::default());
        ledger.attempt_ended(&failed("run-1", 2, r#"{"maybe_billed":true}"#, "half"), &Observation::default());
        ledger.attempt_ended(&failed("run-1", 3, "no JSON", ""), &Observation::default());
        ledger.attempt_ended(&attempt_end("run-1", 4), &observation());
        ledger.end(&run_end("run-1"));
        let summary = ledger.recent(1).expect("runs").remove(0);
        assert_eq!((summary.spent.known.pico(), summary.spent.unknown), (7_212_500_000, 2));
        assert_eq!((summary.attempts, summary.tokens), (4, Some((10, 5))));
        let found = ledger.run("run-1").expect("a read").expect("a run");
        assert_eq!(found.attempts[0].end.as_ref().expect("an end").cost_pico, None);
        assert_eq!(found.partial(), Some("half"));
    }

    #[test]
    fn any_text_survives() {
        let directory = directory();
        let path = directory.path().join("ledger.db");
        let text = format!("nul \0 emoji 👩‍👩‍👧 bidi \u{202e} escape \x1b[31m {}", "long ".repeat(800_000));
        let start = RunStart { messages: vec![Message::text(Role::User, text.clone())], ..run("run-1") };
        let end = RunEnd { answer: text.clone(), reasoning: text.clone(), ..run_end("run-1") };
        let cut = failed("run-1", 1, r#"{"maybe_billed":true,"message":"\u0000"}"#, &text);
        let mut ledger = healthy(&path);
        ledger.begin(&start);
        ledger.attempt_started(&attempt("run-1", 1));
        ledger.attempt_ended(&cut, &Observation::default());
        ledger.end(&end);
        drop(ledger);
        let found = healthy(&path).run("run-1").expect("a read").expect("a run");
        assert_eq!(found.start, start);
        assert_eq!(found.end, Some(end));
        assert_eq!(found.attempts[0].end, Some(cut));
    }

    #[test]
    fn runs_are_found_by_any_prefix_that_is_theirs_alone() {
        let directory = directory();
        let mut ledger = healthy(&directory.path().join("ledger.db"));
        for id in ["0199aaaa-1111-7000", "0199aaaa-1122-7000", "0199bbbb-1111-7000"] {
            record(&mut ledger, id);
        }
        let found = |id: &str| ledger.run(id).map(|run| run.map(|run| run.start.id));
        assert_eq!(found("0199B").expect("a read").as_deref(), Some("0199bbbb-1111-7000"));
        assert_eq!(found("last").expect("a read").as_deref(), Some("0199bbbb-1111-7000"));
        assert_eq!(found("0199aaaa-1111-7000").expect("a read").as_deref(), Some("0199aaaa-1111-7000"));
        assert_eq!(found("0199c").expect("a read"), None);
        assert_eq!(found("%").expect("a read"), None);
        let ambiguous = found("0199aaaa").expect_err("two runs").to_string();
        assert!(ambiguous.contains("0199aaaa-1111-7000, 0199aaaa-1122-7000"), "{ambiguous}");
        let shorts: Vec<_> = ledger.recent(3).expect("runs").into_iter().map(|run| run.short).collect();
        assert_eq!(shorts, ["0199bbbb", "0199aaaa-112", "0199aaaa-111"]);
    }

    #[test]
    fn a_conversation_continues_after_its_whole_answers() {
        let directory = directory();
        let mut ledger = healthy(&directory.path().join("ledger.db"));
        record(&mut ledger, "run-1");
        let second = |id: &str| RunStart { conversation: "run-1".to_owned(), system: None, ..run(id) };
        ledger.begin(&second("run-2"));
        ledger.end(&RunEnd { exit_code: 9, served_by: None, answer: "half an ans".to_owned(), ..run_end("run-2") });
        ledger.begin(&second("run-3"));
        ledger.end(&run_end("run-3"));
        let text = |role, text: &str| Message::text(role, text);
        let expected = Conversation {
            id: "run-1".to_owned(),
            system: Some("be brief".to_owned()),
            messages: vec![
                text(Role::User, "question run-1"),
                text(Role::Assistant, "answer run-1"),
                text(Role::User, "question run-3"),
                text(Role::Assistant, "answer run-3"),
            ],
        };
        assert_eq!(ledger.conversation("run-2").expect("a read"), Some(expected.clone()));
        assert_eq!(ledger.last_conversation(None).expect("a read"), Some(expected));
        let held = ledger.run("run-2").expect("a read").expect("a run");
        assert_eq!(held.partial(), Some("half an ans"));
    }

    #[test]
    fn the_last_conversation_is_that_of_the_terminal() {
        let directory = directory();
        let mut ledger = healthy(&directory.path().join("ledger.db"));
        for (id, terminal, keep_text) in [("run-1", "pts/1", true), ("run-2", "pts/2", true), ("run-3", "pts/1", false)]
        {
            ledger.begin(&RunStart { terminal: Some(terminal.to_owned()), keep_text, ..run(id) });
            ledger.end(&run_end(id));
        }
        // A run without an answer leaves nothing to go on with.
        ledger.begin(&RunStart { terminal: Some("pts/1".to_owned()), ..run("run-4") });
        let last = |terminal| ledger.last_conversation(terminal).expect("a read").map(|found| found.id);
        assert_eq!(last(Some("pts/1")).as_deref(), Some("run-1"));
        assert_eq!(last(None).as_deref(), Some("run-2"));
        assert_eq!(last(Some("pts/3")), None);
    }

    #[test]
    fn the_linked_sqlite_is_new_enough_for_several_processes() {
        assert!(rusqlite::version_number() >= OLDEST_SQLITE, "{}", rusqlite::version());
    }

    #[test]
    fn a_long_log_is_folded_into_the_database_at_the_end() {
        let directory = directory();
        let path = directory.path().join("ledger.db");
        let log = || beside(&path, "-wal").metadata().map_or(0, |log| log.len());
        record(&mut healthy(&path), "run-1");
        assert!(log() > 0, "a short log stays");
        let mut ledger = healthy(&path);
        ledger.begin(&RunStart { system: Some("long ".repeat(400_000)), ..run("run-2") });
        assert!(log() > LONGEST_LOG);
        drop(ledger);
        assert_eq!(log(), 0);
        assert_eq!(ids(&healthy(&path)), ["run-1", "run-2"]);
    }
}

mod trouble {
    use super::*;

    #[test]
    fn many_starts_at_once_add_the_spool_once() {
        let directory = directory();
        let path = directory.path().join("ledger.db");
        let written: Vec<String> = (10..60).map(|number| format!("run-{number}")).collect();
        let mut ledger = spooling(directory.path());
        for id in &written {
            record(&mut ledger, id);
        }
        std::fs::remove_dir(&path).expect("removed");
        std::thread::scope(|scope| {
            for _ in 0..6 {
                scope.spawn(|| assert_eq!(ids(&healthy(&path)), written));
            }
        });
        let found = healthy(&path).run("run-59").expect("a read").expect("a run");
        assert_eq!((found.start, found.end), (run("run-59"), Some(run_end("run-59"))));
    }

    #[test]
    fn a_spool_that_cannot_be_read_does_not_stop_the_ledger() {
        let directory = directory();
        let path = directory.path().join("ledger.db");
        std::fs::create_dir(spool::path(&path)).expect("a directory in its place");
        let mut ledger = Ledger::open(&path);
        record(&mut ledger, "run-1");
        assert_eq!(ids(&ledger), ["run-1"]);
        let warning = ledger.take_warning().expect("a warning");
        assert!(warning.starts_with("cannot add the rows waiting in"), "{warning}");
    }

    #[test]
    fn without_a_write_ahead_log_every_commit_waits_for_the_disk() {
        let directory = directory();
        let path = directory.path().join("ledger.db");
        let pragma = |ledger: &Ledger, name: &str| -> String {
            let connection = ledger.connection.as_ref().expect("a connection");
            connection.query_row(&format!("SELECT {name} FROM pragma_{name}"), [], |row| row.get(0)).expect("a setting")
        };
        let synchronous = |ledger: &Ledger| -> i64 {
            let connection = ledger.connection.as_ref().expect("a connection");
            connection.pragma_query_value(None, "synchronous", |row| row.get(0)).expect("a setting")
        };
        let ledger = healthy(&path);
        assert_eq!((pragma(&ledger, "journal_mode").as_str(), synchronous(&ledger)), ("wal", 1));
        let connection = ledger.connection.as_ref().expect("a connection");
        connection.pragma_update_and_check(None, "journal_mode", "DELETE", |_| Ok(())).expect("a rollback journal");
        drop(ledger);
        let mut ledger = healthy(&path);
        record(&mut ledger, "run-1");
        assert_eq!((pragma(&ledger, "journal_mode").as_str(), synchronous(&ledger)), ("delete", 2));
        assert_eq!(ids(&healthy(&path)), ["run-1"]);
    }

    #[test]
    fn a_reader_that_stays_delays_nobody() {
        let directory = directory();
        let path = directory.path().join("ledger.db");
        let reader = healthy(&path);
        let connection = reader.connection.as_ref().expect("a connection");
        connection.execute_batch("BEGIN; SELECT count(*) FROM runs").expect("a snapshot");
        let started = std::time::Instant::now();
        let mut ledger = healthy(&path);
        ledger.begin(&RunStart { system: Some("long ".repeat(400_000)), ..run("run-1") });
        drop(ledger);
        assert!(started.elapsed() < file::PATIENCE, "{:?}", started.elapsed());
        assert_eq!(ids(&reader), Vec::<String>::new());
        connection.execute_batch("COMMIT").expect("its end");
        assert_eq!(ids(&reader), ["run-1"]);
    }

    #[test]
    fn what_cannot_be_written_is_spooled_and_added_once() {
        let directory = directory();
        let path = directory.path().join("ledger.db");
        let mut ledger = spooling(directory.path());
        record(&mut ledger, "run-1");
        let warning = ledger.take_warning().expect("a warning");
        assert!(warning.contains(&format!("`{}`", path.display())) && warning.contains("wait in"), "{warning}");
        assert_eq!(ledger.take_warning(), None);
        assert!(ledger.run("last").is_err());
        drop(ledger);

        let spool = spool::path(&path);
        assert_eq!(mode(&spool), 0o600);
        let lines = std::fs::read(&spool).expect("the spool");
        std::fs::remove_dir(&path).expect("removed");
        assert_eq!(ids(&healthy(&path)), ["run-1"]);
        assert!(!spool.exists());

        std::fs::write(&spool, lines).expect("the spool again, as after a kill before it was removed");
        let ledger = healthy(&path);
        let found = ledger.run("last").expect("a read").expect("a run");
        assert_eq!((found.start, found.end), (run("run-1"), Some(run_end("run-1"))));
        assert_eq!(found.attempts.len(), 1);
        let turns = ledger.conversation("run-1").expect("a read").expect("a conversation").messages;
        assert_eq!(turns.len(), 2, "{turns:?}");
    }

    #[test]
    fn a_broken_line_of_the_spool_is_skipped_and_kept() {
        let directory = directory();
        let path = directory.path().join("ledger.db");
        let spool = spool::path(&path);
        record(&mut spooling(directory.path()), "run-1");
        let mut lines = std::fs::read(&spool).expect("the spool");
        lines.extend(b"\n{\"run\":{\"id\":\"torn");
        std::fs::write(&spool, lines).expect("a torn line");
        record(&mut spooling(directory.path()), "run-2");
        std::fs::remove_dir(&path).expect("removed");

        let mut ledger = Ledger::open(&path);
        assert_eq!(ids(&ledger), ["run-1", "run-2"]);
        let warning = ledger.take_warning().expect("a warning");
        assert!(warning.starts_with("1 line(s)") && warning.contains("damaged-1"), "{warning}");
        assert_eq!((spool.exists(), beside(&spool, ".damaged-1").exists()), (false, true));
    }

    #[test]
    fn with_no_place_at_all_rows_are_lost_with_a_warning() {
        let directory = directory();
        let file = directory.path().join("file");
        std::fs::write(&file, "").expect("a file");
        let mut ledger = Ledger::open(&file.join("below/ledger.db"));
        record(&mut ledger, "run-1");
        let warning = ledger.take_warning().expect("a warning");
        assert!(warning.contains("rows are lost") && warning.contains("check that"), "{warning}");
        assert_eq!(ledger.take_warning(), None);
    }

    #[test]
    fn a_full_disk_under_the_spool_too_loses_rows_with_a_warning() {
        let directory = directory();
        symlink("/dev/full", directory.path().join("ledger.db.spool.jsonl")).expect("a link");
        let mut ledger = spooling(directory.path());
        record(&mut ledger, "run-1");
        let warning = ledger.take_warning().expect("a warning");
        assert!(warning.contains("No space left") && warning.contains("rows are lost"), "{warning}");
    }

    #[test]
    fn a_disk_that_fills_up_spools_the_rest_of_the_run() {
        let directory = directory();
        let path = directory.path().join("ledger.db");
        let mut ledger = healthy(&path);
        record(&mut ledger, "run-1");
        ledger.begin(&run("run-2"));
        ledger.attempt_started(&attempt("run-2", 1));
        let pages = "PRAGMA max_page_count = 1";
        ledger.connection.as_ref().expect("a connection").query_row(pages, [], |_| Ok(())).expect("a limit");
        let long = RunEnd { answer: "long ".repeat(10_000), ..run_end("run-2") };
        ledger.attempt_ended(&attempt_end("run-2", 1), &observation());
        ledger.end(&long);
        assert_eq!(ledger.sink, Sink::Spool);
        let warning = ledger.take_warning().expect("a warning");
        assert!(warning.contains("full") && warning.contains("free some disk space"), "{warning}");
        drop(ledger);

        let ledger = healthy(&path);
        assert_eq!(ids(&ledger), ["run-1", "run-2"]);
        let found = ledger.run("run-2").expect("a read").expect("a run");
        assert_eq!(found.end, Some(long));
        assert_eq!(found.attempts[0].end, Some(attempt_end("run-2", 1)));
    }

    #[test]
    fn an_end_without_its_start_is_still_kept() {
        let directory = directory();
        let mut ledger = healthy(&directory.path().join("ledger.db"));
        ledger.attempt_ended(&attempt_end("run-1", 1), &observation());
        ledger.end(&run_end("run-1"));
        let found = ledger.run("run-1").expect("a read").expect("a run");
        assert_eq!((found.spent().known.pico(), found.end), (7_212_500_000, Some(run_end("run-1"))));
    }

    #[test]
    fn a_file_that_is_no_database_is_moved_aside() {
        let directory = directory();
        let path = directory.path().join("ledger.db");
        for (number, garbage) in [(1, vec![b'x'; 5_000]), (2, b"SQLite format 3\0and no more".repeat(300))] {
            std::fs::write(&path, &garbage).expect("garbage");
            std::fs::write(beside(&path, "-wal"), "stale").expect("a stale log");
            let mut ledger = Ledger::open(&path);
            record(&mut ledger, "run-1");
            let aside = beside(&path, &format!(".damaged-{number}"));
            let warning = ledger.take_warning().expect("a warning");
            assert!(warning.contains(&format!("is kept as `{}`", aside.display())), "{warning}");
            drop(ledger);
            assert_eq!(std::fs::read(&aside).expect("the old file"), garbage);
            assert_eq!(ids(&healthy(&path)), ["run-1"]);
        }
    }

    #[test]
    fn an_empty_file_becomes_a_ledger() {
        let directory = directory();
        let path = directory.path().join("ledger.db");
        std::fs::write(&path, "").expect("an empty file");
        record(&mut healthy(&path), "run-1");
        assert_eq!(ids(&healthy(&path)), ["run-1"]);
        assert_eq!(mode(&path), 0o600);
    }

    #[test]
    fn a_newer_schema_is_read_but_not_written() {
        let directory = directory();
        let path = directory.path().join("ledger.db");
        let mut ledger = healthy(&path);
        record(&mut ledger, "run-1");
        let version = |to: usize| format!("PRAGMA user_version = {to}");
        ledger.connection.as_ref().expect("a connection").execute_batch(&version(99)).expect("a version");
        drop(ledger);
        let mut ledger = Ledger::open(&path);
        record(&mut ledger, "run-2");
        assert_eq!(ids(&ledger), ["run-1"]);
        let warning = ledger.take_warning().expect("a warning");
        assert!(warning.contains("schema 99") && warning.contains("update llmx"), "{warning}");
        ledger
            .connection
            .as_ref()
            .expect("a connection")
            .execute_batch(&version(migrations::VERSION))
            .expect("a version");
        drop(ledger);
        assert_eq!(ids(&healthy(&path)), ["run-1", "run-2"]);
    }

    #[test]
    fn a_turned_off_ledger_keeps_nothing_and_gives_the_callers_warning() {
        let mut ledger = Ledger::disabled(Some("no home".to_owned()));
        record(&mut ledger, "run-1");
        assert!(ledger.recent(1).is_err());
        assert_eq!(ledger.take_warning().as_deref(), Some("no home"));
        assert_eq!((ledger.take_warning(), Ledger::disabled(None).take_warning()), (None, None));
    }

    #[test]
    fn a_torn_log_leaves_a_prefix_of_the_rows() {
        let directory = directory();
        let path = directory.path().join("ledger.db");
        let mut ledger = healthy(&path);
        let written: Vec<String> = (1..=4).map(|number| format!("run-{number}")).collect();
        for id in &written {
            record(&mut ledger, id);
        }
        let database = std::fs::read(&path).expect("the database");
        let log = std::fs::read(beside(&path, "-wal")).expect("the log");
        let mut prefixes = std::collections::BTreeSet::new();
        for length in (0..=log.len()).step_by(512) {
            let copy = directory.path().join("copy.db");
            for suffix in ["", "-shm"] {
                std::fs::remove_file(beside(&copy, suffix)).ok();
            }
            std::fs::write(&copy, &database).expect("the copy");
            std::fs::write(beside(&copy, "-wal"), &log[..length]).expect("its log");
            let torn = healthy(&copy);
            assert_eq!(integrity(&torn), "ok");
            let found = ids(&torn);
            assert_eq!(found, written[..found.len()], "at {length}");
            prefixes.insert(found.len());
        }
        assert_eq!(prefixes.into_iter().collect::<Vec<_>>(), [0, 1, 2, 3, 4]);
    }
}

mod upgrades {
    use super::*;
    use crate::cost::spent::QUARTER_MS;

    /// The last version before this one that was released: 5 came together with 6.
    const RELEASED: usize = 4;

    /// What earlier versions write of a run and its attempt.
    const ROWS: &str = "
        INSERT OR IGNORE INTO runs (id, conversation, terminal, command, route, keep_text, started_ms)
            VALUES ('run-1', 'run-1', NULL, 'complete', 'smart', 1, 1000);
        INSERT INTO attempts (run, number, started_ms, provider, model) VALUES ('run-1', 1, 7200000, 'openai', 'm');
        UPDATE attempts SET outcome = 'complete', cost_pico = 70, total_ms = 900, cost_source = 'computed'
            WHERE run = 'run-1';
        INSERT INTO attempts (run, number, started_ms, provider, model, outcome, total_ms)
            VALUES ('run-1', 2, 7200001, 'openai', 'm', 'cancelled', 5);";

    /// A ledger as an earlier version made it, with a run in it.
    fn of_version(version: usize, path: &Path) {
        file::ensure_private(path).expect("a file");
        let connection = connect(path).expect("a connection");
        connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(())).expect("a log");
        connection.execute_batch(&migrations::MIGRATIONS[..version].concat()).expect("the old schema");
        // From version 3 on, what was spent is written with each attempt, from version 5 on by spender.
        let spent = match version {
            0..3 => "",
            3..5 => "INSERT INTO spending VALUES (2, 'all', 70, 1);",
            _ => {
                "INSERT INTO spenders VALUES (1, 'openai', 'm', 'smart', 'complete', 'main', '', '', 0);
                 UPDATE attempts SET spender = 1;
                 INSERT INTO spent VALUES (8, x'0102010102000000000000008c010000');
                 INSERT INTO spending VALUES ('all', 8, 70), ('route smart', 8, 70);"
            }
        };
        connection.execute_batch(&format!("{ROWS} {spent} PRAGMA user_version = {version}")).expect("rows");
    }

    #[test]
    fn a_ledger_of_each_earlier_version_becomes_one_of_this_version_and_loses_nothing() {
        for version in 1..=RELEASED {
            let directory = directory();
            let path = directory.path().join("ledger.db");
            of_version(version, &path);
            let mut ledger = healthy(&path);
            assert_eq!(ledger.lessons(0).expect("a read"), []);
            record(&mut ledger, "run-2");
            drop(ledger);
            let ledger = healthy(&path);
            assert_eq!(ids(&ledger), ["run-1", "run-2"]);
            assert_eq!(integrity(&ledger), "ok");
            let found = ledger.run("run-1").expect("a read").expect("a run");
            assert_eq!((found.start.route.as_str(), found.start.arm), ("smart", None));
            assert_eq!((found.attempts[0].start.role, found.attempts[0].start.asked), (AttemptRole::Main, None));
            assert_eq!(found.attempts[0].end.as_ref().and_then(|end| end.cost_pico), Some(70));
            let connection = ledger.connection.as_ref().expect("a connection");
            assert_eq!(migrations::version(connection).expect("a version"), migrations::VERSION);
            let spending = "SELECT group_concat(of), sum(cost_pico) FROM spending WHERE quarter = 8";
            let spent = connection.query_row(spending, [], |row| Ok((row.get(0)?, row.get(1)?)));
            assert_eq!(spent.expect("what was spent earlier"), ("all,route smart".to_owned(), 140));
            let spending = ledger.spending(7_200_000..7_200_001 + QUARTER_MS).expect("a read");
            let [cell] = &spending.cells[..] else { panic!("{:?}", spending.cells) };
            let spender = &spending.spenders[&cell.spender];
            assert_eq!((spender.provider.as_str(), spender.route.as_str()), ("openai", "smart"));
            let sums = cell.sums;
            assert_eq!((sums.requests, sums.failures, sums.unknown, sums.cost.pico()), (2, 1, 1, 70));
        }
    }

    #[test]
    fn many_processes_upgrade_it_once() {
        for _ in 0..5 {
            let directory = directory();
            let path = directory.path().join("ledger.db");
            of_version(1, &path);
            let names = ["a", "b", "c", "d", "e", "f", "g", "h"];
            let children: Vec<Child> = names.iter().map(|name| processes::child(&path, name, 5)).collect();
            for child in children {
                let output = child.wait_with_output().expect("its end");
                assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
            }
            let ledger = healthy(&path);
            assert_eq!((ids(&ledger).len(), integrity(&ledger).as_str()), (41, "ok"));
        }
    }

    #[test]
    fn a_process_of_an_earlier_version_that_has_it_open_meanwhile_goes_on_writing() {
        let directory = directory();
        let path = directory.path().join("ledger.db");
        of_version(1, &path);
        let early = connect(&path).expect("a connection");
        record(&mut healthy(&path), "run-2");
        early.execute_batch(&ROWS.replace("run-1", "run-3")).expect("written");
        drop(early);
        assert_eq!(ids(&healthy(&path)), ["run-1", "run-2", "run-3"]);
    }
}

mod processes {
    use super::*;

    /// Which ledger the child process works on, and the prefix of its run ids.
    const CHILD: &str = "LLMX_TEST_LEDGER";

    pub(super) fn child(path: &Path, name: &str, runs: usize) -> Child {
        Command::new(std::env::current_exe().expect("this program"))
            .args(["--exact", "ledger::tests::processes::in_a_process_of_its_own", "--nocapture"])
            .env(CHILD, format!("{runs}:{name}:{}", path.display()))
            .stdout(Stdio::piped())
            .spawn()
            .expect("a process")
    }

    /// Not a test of its own: the other tests start it in processes of their own, where it records runs, each with the
    /// ledger opened anew, and says each one that is acknowledged.
    #[test]
    fn in_a_process_of_its_own() {
        let Ok(settings) = std::env::var(CHILD) else { return };
        let mut settings = settings.splitn(3, ':');
        let runs: usize = settings.next().and_then(|runs| runs.parse().ok()).expect("how many");
        let (name, path) = (settings.next().expect("a name"), settings.next().expect("a path"));
        rustix::process::umask(rustix::fs::Mode::empty());
        for number in 0..runs {
            let id = format!("{name}-{number:05}");
            let mut ledger = Ledger::open(Path::new(path));
            record(&mut ledger, &id);
            let warning = ledger.take_warning();
            assert!(warning.iter().all(|warning| warning.contains("was damaged")), "{warning:?}");
            let mut stdout = std::io::stdout();
            stdout.write_all(format!("acknowledged {id}\n").as_bytes()).expect("the parent listens");
        }
    }

    fn acknowledged(child: &mut Child, most: usize) -> Vec<String> {
        BufReader::new(child.stdout.take().expect("its output"))
            .lines()
            .map_while(Result::ok)
            .filter_map(|line| line.split_once("acknowledged ").map(|(_, id)| id.to_owned()))
            .take(most)
            .collect()
    }

    #[test]
    fn eight_processes_on_a_fresh_ledger_lose_nothing() {
        let directory = directory();
        let path = directory.path().join("new/ledger.db");
        let names = ["a", "b", "c", "d", "e", "f", "g", "h"];
        let children: Vec<Child> = names.iter().map(|name| child(&path, name, 100)).collect();
        for child in children {
            let output = child.wait_with_output().expect("its end");
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
        }
        let ledger = healthy(&path);
        let expected: Vec<String> =
            names.iter().flat_map(|name| (0..100).map(move |number| format!("{name}-{number:05}"))).collect();
        assert_eq!(ids(&ledger), expected);
        assert_eq!(integrity(&ledger), "ok");
    }

    #[test]
    fn many_starts_at_once_move_a_damaged_file_aside_once() {
        for _ in 0..15 {
            let directory = directory();
            let path = directory.path().join("ledger.db");
            std::fs::write(&path, "garbage ".repeat(1_000)).expect("garbage");
            let children: Vec<Child> = (0..8).map(|name| child(&path, &name.to_string(), 3)).collect();
            for child in children {
                assert!(child.wait_with_output().expect("its end").status.success());
            }
            assert_eq!(ids(&healthy(&path)).len(), 24);
            assert!(!beside(&path, ".damaged-2").exists());
        }
    }

    #[test]
    fn eight_threads_on_a_fresh_ledger_lose_nothing() {
        let directory = directory();
        let path = directory.path().join("ledger.db");
        std::thread::scope(|scope| {
            for thread in 0..8 {
                let path = &path;
                scope.spawn(move || {
                    for number in 0..100 {
                        record(&mut healthy(path), &format!("{thread}-{number:03}"));
                    }
                });
            }
        });
        let ledger = healthy(&path);
        assert_eq!(ids(&ledger).len(), 800);
        assert_eq!(integrity(&ledger), "ok");
    }

    #[test]
    fn a_kill_loses_no_acknowledged_row() {
        let directory = directory();
        let path = directory.path().join("ledger.db");
        for round in 0..12 {
            let mut child = child(&path, &format!("round-{round:02}"), 100_000);
            let said = acknowledged(&mut child, 3 * round + 1);
            child.kill().expect("killed");
            child.wait().expect("its end");
            let ledger = healthy(&path);
            assert_eq!(integrity(&ledger), "ok");
            let kept = ids(&ledger);
            assert_eq!(said.len(), 3 * round + 1);
            assert!(said.iter().all(|id| kept.contains(id)), "{said:?} in {kept:?}");
        }
    }

    #[test]
    fn all_files_are_their_owners_alone_whatever_the_umask() {
        let directory = directory();
        let path = directory.path().join("new/ledger.db");
        let mut child = child(&path, "run", 100_000);
        assert_eq!(acknowledged(&mut child, 1).len(), 1);
        for suffix in ["", "-wal", "-shm"] {
            assert_eq!(mode(&beside(&path, suffix)), 0o600, "{suffix}");
        }
        assert_eq!(mode(&directory.path().join("new")), 0o700);
        child.kill().expect("killed");
        child.wait().expect("its end");
    }
}

pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    file::beside(path, suffix)
}

mod lessons {
    use super::*;
    use crate::ledger::record::Lesson;

    fn lesson(provider: &str, parameter: &str, learned_ms: i64) -> Lesson {
        Lesson {
            provider: provider.to_owned(),
            model: "a/b".to_owned(),
            parameter: parameter.to_owned(),
            value: None,
            instead: None,
            learned_ms,
        }
    }

    #[test]
    fn a_lesson_counts_for_thirty_days_and_the_latest_wins() {
        const DAY: i64 = 24 * 60 * 60 * 1000;
        let home = tempfile::tempdir().expect("a directory");
        let mut ledger = Ledger::open(&home.path().join("ledger.db"));
        let renamed = Lesson { instead: Some("x".to_owned()), ..lesson("openai", "max_tokens", 5) };
        for each in [&lesson("openai", "seed", 3), &renamed, &lesson("openai", "max_tokens", 4)] {
            ledger.learn(each);
        }
        let counts = |ledger: &Ledger, now| ledger.lessons(now).expect("read").len();
        assert_eq!(ledger.lessons(10).expect("read"), [renamed, lesson("openai", "seed", 3)]);
        assert_eq!((counts(&ledger, 30 * DAY + 4), counts(&ledger, 30 * DAY + 5)), (1, 0));
    }

    #[test]
    fn lessons_are_forgotten_by_model_by_provider_or_all() {
        let home = tempfile::tempdir().expect("a directory");
        let mut ledger = Ledger::open(&home.path().join("ledger.db"));
        let mut forgotten = |provider: Option<&str>, model: Option<&str>| {
            ledger.learn(&lesson("openai", "seed", 3));
            ledger.learn(&lesson("groq", "seed", 3));
            ledger.forget(provider, model).expect("forgotten")
        };
        assert_eq!(forgotten(Some("openai"), Some("a/b")), 1);
        assert_eq!(forgotten(Some("openai"), Some("other")), 0);
        assert_eq!(forgotten(Some("groq"), None), 1);
        assert_eq!(forgotten(None, None), 2);
    }
}

#[test]
fn a_write_that_fails_may_be_a_full_disk_and_a_read_is_none() {
    let advised = |code: i32| super::advice(&rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(code), None));
    assert!(advised(rusqlite::ffi::SQLITE_FULL).contains("free some disk space"));
    assert!(advised(rusqlite::ffi::SQLITE_IOERR_WRITE).starts_with("the disk may be full"));
    assert!(!advised(rusqlite::ffi::SQLITE_IOERR_READ).contains("full"));
}
