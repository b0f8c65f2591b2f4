//! Files that cannot be written, are damaged, or wait in the spool.

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
    ledger.connection.as_ref().expect("a connection").execute_batch(&version(migrations::VERSION)).expect("a version");
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
