//! Taking runs out of the ledger, and giving their space back. What they cost stays: their attempts are kept without a word of
//! what was said, and sums are not touched.

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::comparisons::COMPARE;
use super::ids::key;
use super::{Ledger, LedgerError, chat, file};

/// So much is deleted in one transaction: so long do others wait.
const BATCH: usize = 50;
/// So many pages of the index are merged in one transaction.
const MERGED: i64 = 500;

/// What was taken out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Deleted {
    /// Runs, comparisons not among them.
    pub runs: u64,
    /// Comparisons.
    pub comparisons: u64,
    /// Left as they are, because another process is at work on them.
    pub busy: u64,
}

impl Ledger {
    /// Deletes the runs with these ids, whole comparisons among them.
    pub fn delete(&mut self, ids: &[String]) -> Result<Deleted, LedgerError> {
        self.leave_no_trace()?;
        let mut deleted = Deleted::default();
        for batch in ids.chunks(BATCH) {
            self.alone(|transaction| batch.iter().try_for_each(|id| self.delete_one(transaction, id, &mut deleted)))?;
        }
        Ok(deleted)
    }

    /// What [`Self::delete`] would take out.
    pub fn would_delete(&self, ids: &[String]) -> Result<Deleted, LedgerError> {
        self.read(|connection| {
            let mut would = Deleted::default();
            for id in ids {
                match command(connection, id)?.as_deref() {
                    None => {}
                    Some(COMPARE) => would.comparisons += 1,
                    Some(_) => would.runs += 1,
                }
            }
            Ok(would)
        })
    }

    fn delete_one(&self, transaction: &Transaction<'_>, id: &str, deleted: &mut Deleted) -> rusqlite::Result<()> {
        match command(transaction, id)?.as_deref() {
            None => Ok(()),
            Some(COMPARE) => {
                let Ok(Some(_held)) = self.hold_comparison(id) else {
                    deleted.busy += 1;
                    return Ok(());
                };
                deleted.comparisons += 1;
                delete_comparison(transaction, id)?;
                delete_run(transaction, id)
            }
            Some(_) => {
                deleted.runs += 1;
                delete_run(transaction, id)
            }
        }
    }

    /// Gives the space of what was deleted back to the disk, with nothing of it left in the file, the index or the log.
    pub fn shrink(&mut self) -> Result<(), LedgerError> {
        self.leave_no_trace()?;
        self.write_alone(merge_index)?;
        // Pages that moved within the file may have left their text behind, so the file is written anew. One of an older
        // version learns to give space back step by step.
        self.write_alone(|connection| {
            connection.pragma_update(None, "auto_vacuum", INCREMENTAL)?;
            connection.execute_batch("VACUUM")
        })?;
        self.fold(0, file::PATIENCE);
        Ok(())
    }

    /// How long the file is, in bytes.
    pub fn file_size(&self) -> u64 {
        std::fs::metadata(&self.path).map_or(0, |file| file.len())
    }

    /// Overwrites what is deleted.
    pub(super) fn leave_no_trace(&self) -> Result<(), LedgerError> {
        self.read(|connection| connection.pragma_update(None, "secure_delete", true))
    }

    /// Does something outside of a transaction that writes.
    pub(super) fn write_alone(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<()>,
    ) -> Result<(), LedgerError> {
        self.alone(|_| Ok(()))?;
        self.read(work).map_err(|error| match error {
            LedgerError::Read { path, source } => LedgerError::Write { path, source },
            other => other,
        })
    }
}

fn command(connection: &Connection, id: &str) -> rusqlite::Result<Option<String>> {
    connection
        .prepare_cached("SELECT command FROM runs WHERE key = ?1")?
        .query_row([key(id)], |row| row.get(0))
        .optional()
}

/// The mode of `auto_vacuum` in which free pages are given back when it is asked for.
pub(super) const INCREMENTAL: i64 = 2;

/// Gives free pages at the end of the file back to the disk.
pub(super) fn give_back(connection: &Connection, pages: u32) -> rusqlite::Result<()> {
    let mut statement = connection.prepare(&format!("PRAGMA incremental_vacuum({pages})"))?;
    let mut rows = statement.query([])?;
    while rows.next()?.is_some() {}
    Ok(())
}

/// Merges the parts of the index, so that words which only deleted messages had are gone.
pub(super) fn merge_index(connection: &Connection) -> rusqlite::Result<()> {
    // A negative number begins to merge all there is, positive ones go on with it.
    let mut pages = -MERGED;
    loop {
        let before = connection.total_changes();
        connection.execute("INSERT INTO message_words (message_words, rank) VALUES ('merge', ?1)", [pages])?;
        if connection.total_changes() - before < 2 {
            return Ok(());
        }
        pages = MERGED;
    }
}

fn delete_run(transaction: &Transaction<'_>, id: &str) -> rusqlite::Result<()> {
    forget_words(transaction, id)?;
    transaction.prepare_cached("DELETE FROM kept_runs WHERE id = ?1")?.execute([key(id)])?;
    Ok(())
}

/// Takes out what was said in a run; the run and its attempts stay. A failure keeps its class and whether it may have been
/// billed, but not the provider's words, which may be the user's.
pub(super) fn forget_words(transaction: &Transaction<'_>, run: &str) -> rusqlite::Result<()> {
    chat::forget(transaction, run)?;
    let run = key(run);
    transaction.prepare_cached("DELETE FROM messages WHERE run = ?1")?.execute([&run])?;
    transaction
        .prepare_cached(
            "UPDATE kept_attempts SET partial_text = '', failure = iif(json_valid(failure), json_remove(failure, '$.message'), NULL)
             WHERE run = ?1",
        )?
        .execute([&run])?;
    transaction.prepare_cached("UPDATE kept_runs SET keep_text = 0 WHERE id = ?1")?.execute([run])?;
    Ok(())
}

/// Deletes what was compared: rows, answers and rulings.
pub(super) fn delete_comparison(transaction: &Transaction<'_>, id: &str) -> rusqlite::Result<()> {
    for table in ["comparison_rows", "comparison_answers", "comparison_judgements"] {
        let sql = format!("DELETE FROM {table} WHERE comparison = (SELECT number FROM comparisons WHERE id = ?1)");
        transaction.prepare_cached(&sql)?.execute(params![id])?;
    }
    transaction.prepare_cached("DELETE FROM comparisons WHERE id = ?1")?.execute([id])?;
    Ok(())
}

#[cfg(test)]
pub(super) mod tests;
