use crate::ledger::search::tests::{id, ledger, say};

/// Whether any file in the directory holds the word, in any case.
pub(in crate::ledger) fn is_somewhere(directory: &tempfile::TempDir, word: &str) -> bool {
    std::fs::read_dir(directory.path()).expect("a directory").any(|entry| {
        let bytes = std::fs::read(entry.expect("an entry").path()).expect("a file");
        bytes.to_ascii_lowercase().windows(word.len()).any(|window| window == word.as_bytes())
    })
}

#[test]
fn nothing_of_a_deleted_run_is_left_on_the_disk_and_others_stay() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut ledger = ledger(&directory);
    say(&mut ledger, 1, "Zanzibarcanary in the prompt", "and Quuxcanary in the answer");
    (2..60).for_each(|number| say(&mut ledger, number, "something else, quite long", "and its answer"));
    ledger.index(|_| ()).expect("indexed");
    assert!(is_somewhere(&directory, "zanzibarcanary") && is_somewhere(&directory, "quuxcanary"));
    ledger.delete(&[id(1), id(99)]).expect("deleted");
    ledger.shrink().expect("shrunk");
    for word in ["zanzibarcanary", "quuxcanary"] {
        assert!(!is_somewhere(&directory, word), "{word}");
    }
    assert!(ledger.run(&id(1)).expect("a read").is_none());
    assert_eq!(ledger.run(&id(2)).expect("a read").expect("a run").end.expect("an end").answer, "and its answer");
}

#[test]
fn the_file_shrinks_also_when_an_older_version_made_it() {
    for is_old in [false, true] {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("ledger.db");
        if is_old {
            let connection = rusqlite::Connection::open(&path).expect("a file");
            connection.execute_batch("CREATE TABLE old (x); DROP TABLE old").expect("a table");
        }
        let mut ledger = ledger(&directory);
        (1..40).for_each(|number| say(&mut ledger, number, &format!("{number} ").repeat(20_000), "x"));
        ledger.shrink().expect("shrunk");
        let length = || std::fs::metadata(&path).expect("a file").len();
        let before = length();
        let ids: Vec<String> = (1..39).map(id).collect();
        assert_eq!(ledger.delete(&ids).expect("deleted").runs, 38);
        ledger.shrink().expect("shrunk");
        assert!(length() < before / 8, "{before} {}", length());
        let log = std::fs::metadata(directory.path().join("ledger.db-wal")).map_or(0, |log| log.len());
        assert_eq!(log, 0, "the log is folded");
    }
}
