use super::*;
use crate::ledger::search::tests::{HOUR_MS, id, ledger, say};

const NOW_MS: i64 = 1000 * HOUR_MS;

fn texts(ledger: &Ledger) -> usize {
    let texts = |connection: &Connection| {
        connection.query_row("SELECT count(DISTINCT run) FROM messages", [], |row| row.get::<_, i64>(0))
    };
    usize::try_from(ledger.read(texts).expect("a count")).expect("a count")
}

#[test]
fn what_is_older_loses_its_words_and_keeps_its_line() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut ledger = ledger(&directory);
    (1..=10).for_each(|number| say(&mut ledger, number, "prompt", "answer"));
    let prune = Prune { before_ms: Some(5 * HOUR_MS), ..Prune::default() };
    assert_eq!(ledger.would_prune(&prune, NOW_MS).expect("a look"), Pruned { runs: 4, ..Pruned::default() });
    assert_eq!(texts(&ledger), 10, "a look changes nothing");
    assert_eq!(ledger.prune(&prune, NOW_MS).expect("pruned"), Pruned { runs: 4, ..Pruned::default() });
    assert_eq!((texts(&ledger), ledger.recent(99).expect("runs").len()), (6, 10));
    let old = ledger.run(&id(1)).expect("a read").expect("a run");
    assert!(!old.start.keep_text && old.start.messages.is_empty());
    assert_eq!(ledger.prune(&prune, NOW_MS).expect("pruned"), Pruned::default(), "once");
}

#[test]
fn attempts_go_only_when_they_are_to() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut ledger = ledger(&directory);
    (1..=4).for_each(|number| say(&mut ledger, number, "prompt", "answer"));
    let prune = Prune { before_ms: Some(3 * HOUR_MS), attempts: true, ..Prune::default() };
    ledger.prune(&prune, NOW_MS).expect("pruned");
    assert_eq!(ledger.recent(99).expect("runs").len(), 2);
}

#[test]
fn a_file_that_is_too_large_loses_its_oldest_words() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut ledger = ledger(&directory);
    (1..=40).for_each(|number| say(&mut ledger, number, &format!("{number} ").repeat(10_000), "answer"));
    ledger.index(|_| ()).expect("indexed");
    let bytes = ledger.read(held).expect("a size") / 2;
    let prune = Prune { bytes: Some(bytes), ..Prune::default() };
    let would = ledger.would_prune(&prune, NOW_MS).expect("a look").runs;
    let pruned = ledger.prune(&prune, NOW_MS).expect("pruned").runs;
    assert!((12..=28).contains(&pruned) && would.abs_diff(pruned) < 8, "{would} {pruned}");
    assert!(ledger.run(&id(1)).expect("a read").expect("a run").start.messages.is_empty(), "the oldest");
    assert!(!ledger.run(&id(40)).expect("a read").expect("a run").start.messages.is_empty(), "not the latest");
    ledger.shrink().expect("shrunk");
    assert!(std::fs::metadata(directory.path().join("ledger.db")).expect("a file").len() <= bytes);
    let all = Prune { bytes: Some(1), ..Prune::default() };
    ledger.prune(&all, NOW_MS).expect("ends, though what is left is larger");
    assert_eq!(texts(&ledger), 0);
}

#[test]
fn a_run_that_may_be_under_way_keeps_its_words() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut ledger = ledger(&directory);
    say(&mut ledger, 1, "prompt", "answer");
    say(&mut ledger, 2, "prompt", "answer");
    ledger
        .alone(|transaction| transaction.execute("UPDATE kept_runs SET ended_ms = NULL", []).map(drop))
        .expect("unended");
    let prune = Prune { before_ms: Some(NOW_MS), ..Prune::default() };
    assert_eq!(
        ledger.prune(&prune, 25 * HOUR_MS + HOUR_MS / 2).expect("pruned").runs,
        1,
        "who was killed days ago is not under way"
    );
    assert_eq!(texts(&ledger), 1);
}

#[test]
fn once_a_day_what_is_too_old_is_forgotten() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut ledger = ledger(&directory);
    (1..=6).for_each(|number| say(&mut ledger, number, "prompt", "answer"));
    let keep = Keep { time: Some(Duration::from_hours(20)), bytes: None };
    ledger.tidy(&keep, 23 * HOUR_MS);
    assert_eq!(texts(&ledger), 4);
    ledger.tidy(&keep, 23 * HOUR_MS + HOUR_MS / 2);
    assert_eq!(texts(&ledger), 4, "not twice on a day");
    ledger.tidy(&keep, 25 * HOUR_MS);
    assert_eq!(texts(&ledger), 2);
    ledger.tidy(&Keep::default(), 999 * HOUR_MS);
    assert_eq!(texts(&ledger), 2, "nothing is forgotten unasked");
}

#[test]
fn no_more_is_forgotten_than_a_shrunk_file_has_too_much() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut ledger = ledger(&directory);
    let prompt = |number: u32| (0..4000).map(|word| format!("w{word}x{number}")).collect::<Vec<_>>().join(" ");
    (1..=60).for_each(|number| say(&mut ledger, number, &prompt(number), "answer"));
    ledger.index(|_| ()).expect("indexed");
    // Gone without a trace in the file's length.
    (100..140).for_each(|number| say(&mut ledger, number, &prompt(number), "answer"));
    ledger.index(|_| ()).expect("indexed");
    ledger.delete(&(100..140).map(id).collect::<Vec<_>>()).expect("deleted");
    let bloated = ledger.read(held).expect("a size");
    let prune = Prune { bytes: Some(bloated * 6 / 10), ..Prune::default() };
    ledger.prune(&prune, NOW_MS).expect("pruned");
    ledger.shrink().expect("shrunk");
    let (left, most) = (ledger.file_size(), bloated * 6 / 10);
    assert!(left <= most && left > most * 17 / 20, "{bloated} {left} {most} {}", texts(&ledger));
}
