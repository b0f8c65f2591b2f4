//! The spool: entries that could not be written into the ledger, one JSON object per line in a file beside it, until
//! a later start can.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, TransactionBehavior};

use super::schema::{self, Entry};
use super::{Trouble, file};

/// Where the spool of the ledger at `ledger` lies.
pub(super) fn path(ledger: &Path) -> PathBuf {
    file::beside(ledger, ".spool.jsonl")
}

/// Appends the entry, whole or not at all unless the program is killed meanwhile.
pub(super) fn append(ledger: &Path, entry: &Entry<'_>) -> io::Result<()> {
    // A line torn by a kill must not swallow the next one, so lines also begin with a line break.
    let text = format!("\n{}\n", serde_json::to_string(entry)?);
    let _lock = file::lock(ledger)?;
    let mut spool = OpenOptions::new().append(true).create(true).mode(0o600).open(path(ledger))?;
    let length = spool.metadata()?.len();
    spool.write_all(text.as_bytes()).inspect_err(|_| {
        // Best effort: a line that stays torn is skipped at the replay.
        spool.set_len(length).ok();
    })
}

/// Writes what was spooled into the ledger, in one transaction, and removes the spool.
///
/// Returns a notice when lines could not be read; the spool is then kept under another name.
pub(super) fn replay(ledger: &Path, connection: &mut Connection) -> Result<Option<String>, Trouble> {
    let spool = path(ledger);
    if !spool.try_exists()? {
        return Ok(None);
    }
    let _lock = file::lock(ledger)?;
    let lines = match File::open(&spool) {
        Ok(opened) => BufReader::new(opened).split(b'\n'),
        // Another process replayed it meanwhile.
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut unreadable = 0_usize;
    for line in lines {
        let line = line?;
        match serde_json::from_slice::<Entry<'_>>(&line) {
            Ok(entry) => schema::apply(&transaction, &entry).map(drop)?,
            Err(_) => unreadable += usize::from(!line.trim_ascii().is_empty()),
        }
    }
    transaction.commit()?;
    if unreadable == 0 {
        fs::remove_file(&spool)?;
        return Ok(None);
    }
    let aside = file::move_aside(&spool)?;
    Ok(Some(format!(
        "{unreadable} line(s) of `{}` could not be read and were skipped; the file is kept as `{}`",
        spool.display(),
        aside.display()
    )))
}
