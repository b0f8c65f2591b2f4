//! Opening the ledger for commands that only read it: nothing is moved, mended or made, and what cannot be written is read all
//! the same.

use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use super::{Ledger, Sink, connect, is_damaged, migrations, ready, spool};

impl Ledger {
    /// Opens the ledger at `path` to read it. A damaged file is left where it is, and reading it is an error; one that is not
    /// there is empty, and is not made; one of an earlier version is brought to this one, where it can be written.
    pub fn open_to_read(path: &Path) -> Self {
        if let Some(connection) = ready(path) {
            return Self::with(path, Some(connection));
        }
        let has_spool = spool::path(path).exists();
        if !path.exists() && !has_spool {
            let Ok(mut empty) = Self::in_memory() else { return Self::disabled(None) };
            empty.sink = Sink::Nowhere;
            return empty;
        }
        let mut ledger = Self::new(path.to_owned(), Sink::Nowhere);
        if let Err(error) = connect(path)
            && is_damaged(&error)
        {
            ledger.unreadable = Some(format!(
                "`{}` is damaged ({error}); it is left as it is. The next command that writes keeps it under another name and \
                 begins a new one; `sqlite3 OLD .recover | sqlite3 NEW` may save its rows",
                path.display()
            ));
            return ledger;
        }
        match as_it_is(path).filter(|_| !has_spool) {
            Some(connection) => {
                ledger.connection = Some(connection);
                ledger
            }
            None => Self::open(path),
        }
    }
}

/// A file of this version that cannot be written, or is not ours alone.
fn as_it_is(path: &Path) -> Option<Connection> {
    let fits =
        |connection: &Connection| migrations::version(connection).is_ok_and(|version| version == migrations::VERSION);
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let opened = Connection::open_with_flags(path, flags).ok().filter(fits);
    // On a disk that cannot be written SQLite cannot keep its locks; nobody else can write there either.
    opened.or_else(|| {
        let address = format!("file:{}?immutable=1", encoded(path));
        Connection::open_with_flags(address, flags | OpenFlags::SQLITE_OPEN_URI).ok().filter(fits)
    })
}

/// A path as SQLite reads it in an address.
fn encoded(path: &Path) -> String {
    path.to_string_lossy().replace('%', "%25").replace('?', "%3f").replace('#', "%23")
}
