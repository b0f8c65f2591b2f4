//! A look at the ledger's file for somebody who wants to know whether all is well with it. Changes nothing.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use super::{advice, connect, file, migrations, spool};

/// How long another process is waited for.
const PATIENCE: Duration = Duration::from_millis(500);

/// What was found.
#[derive(Debug)]
pub struct Checkup {
    /// The size of the file and its log, in bytes.
    pub bytes: u64,
    /// The schema that it has.
    pub version: usize,
    /// The schema that this llmx knows.
    pub known: usize,
    /// Others than its owner may read it.
    pub is_open: bool,
    /// It lies on a network file system, where processes can hinder one another.
    pub is_remote: bool,
    /// Rows that could not be written wait in this file.
    pub waiting: Option<PathBuf>,
    /// Why nothing can be written into it just now.
    pub unwritable: Option<String>,
    /// What is damaged in it.
    pub damage: Option<String>,
}

/// Looks at the ledger at `path`; `None` when there is none. Fails, in words, when it cannot be read at all.
pub fn check_up(path: &Path) -> Result<Option<Checkup>, String> {
    match path.try_exists() {
        Ok(true) => {}
        Ok(false) => return Ok(None),
        Err(error) if error.kind() == ErrorKind::NotADirectory => return Ok(None),
        Err(error) => return Err(error.to_string()),
    }
    let in_words = |error: &rusqlite::Error| format!("{error} ({})", advice(error));
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(|error| in_words(&error))?;
    connection.busy_timeout(PATIENCE).map_err(|error| in_words(&error))?;
    let version = migrations::version(&connection).map_err(|error| in_words(&error))?;
    let found: Result<String, _> = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0));
    let damage = match found {
        Ok(word) if word == "ok" => None,
        Ok(words) => Some(words),
        Err(error) => Some(in_words(&error)),
    };
    drop(connection);
    let size = |path: &Path| path.metadata().map_or(0, |found| found.len());
    let waiting = spool::path(path);
    Ok(Some(Checkup {
        bytes: size(path) + size(&file::beside(path, "-wal")),
        version,
        known: migrations::VERSION,
        is_open: matches!(file::private(path), Ok(None)),
        is_remote: file::is_remote(path),
        waiting: waiting.exists().then_some(waiting),
        unwritable: write_nothing(path).err().map(|error| in_words(&error)),
        damage,
    }))
}

/// Takes the lock of a writer and gives it back.
fn write_nothing(path: &Path) -> rusqlite::Result<()> {
    let connection = connect(path)?;
    connection.busy_timeout(PATIENCE)?;
    connection.execute_batch("BEGIN IMMEDIATE; ROLLBACK")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::Ledger;

    #[test]
    fn a_sound_ledger_is_well_and_one_that_is_not_there_is_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("ledger.db");
        assert!(check_up(&path).is_ok_and(|found| found.is_none()));
        drop(Ledger::open(&path));
        let found = check_up(&path).expect("readable").expect("there");
        assert_eq!((found.version, found.damage, found.unwritable), (migrations::VERSION, None, None));
        assert!(found.bytes > 0 && !found.is_open && found.waiting.is_none());
    }

    #[test]
    fn damage_is_told_and_left_as_it_is() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("ledger.db");
        std::fs::write(&path, "this is no database, and it is long enough to be taken for one").expect("written");
        let told = check_up(&path).expect_err("no database");
        assert!(told.contains("not a database"), "{told}");
        let other = folder.path().join("other.db");
        drop(Ledger::open(&other));
        // All of it is in the file, and nothing in the log.
        let in_one = connect(&other)
            .and_then(|ledger| ledger.pragma_update_and_check(None, "journal_mode", "DELETE", |_| Ok(())));
        in_one.expect("folded");
        let mut bytes = std::fs::read(&other).expect("read");
        let middle = bytes.len() / 2;
        bytes[4096..middle].fill(0xff);
        std::fs::write(&path, &bytes).expect("written");
        let damaged = match check_up(&path) {
            Ok(found) => found.is_some_and(|found| found.damage.is_some()),
            Err(_) => true,
        };
        assert!(damaged && std::fs::read(&path).expect("read") == bytes);
    }
}
