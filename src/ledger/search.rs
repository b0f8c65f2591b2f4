//! Full text over what was said: prompts, system prompts and answers.
//!
//! The index keeps words and no text. A trigger notes each message as waiting in the transaction that writes it, and each that
//! is deleted leaves the index with its row. Those that wait are added after the answer of a run is shown, and before a search:
//! so no request waits for the index, a large ledger of an older version is not locked while its index is made, and the words
//! of many messages are written at once.

mod compared;
mod excerpt;
mod query;
mod words;

use std::time::{Duration, Instant};

use rusqlite::types::Value;
use rusqlite::{Connection, Transaction, params, params_from_iter};

use super::ids::id;
use super::read::{parts, summary};
use super::{Ledger, LedgerError, RunSummary, Sink};
use crate::chat::Part;
pub(super) use compared::saying;
use excerpt::Excerpts;
pub use excerpt::Piece;
pub use query::{Query, QueryError};

/// How texts become words: without case and accents.
const TOKENIZER: &str = "unicode61 remove_diacritics 2";

/// The index, what waits for it, and the triggers that keep both as `messages` are.
pub(super) const SCHEMA: &str = "
    -- Words of what was said, without the text. Rows are those of `messages`.
    CREATE VIRTUAL TABLE message_words USING fts5(
        text, content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 2');

    -- Messages whose words are not in the index yet.
    CREATE TABLE unindexed (message INTEGER PRIMARY KEY) STRICT;
    INSERT INTO unindexed SELECT id FROM messages WHERE role <> 'reasoning';
    CREATE TRIGGER message_said AFTER INSERT ON messages WHEN new.role <> 'reasoning' BEGIN
        INSERT OR IGNORE INTO unindexed VALUES (new.id);
    END;
    CREATE TRIGGER message_gone AFTER DELETE ON messages BEGIN
        DELETE FROM message_words WHERE rowid = old.id;
        DELETE FROM unindexed WHERE message = old.id;
    END;
";

/// How much is added in one transaction, in messages and in bytes: so long do others wait.
const BATCH: usize = 200;
const BATCH_BYTES: usize = 1 << 20;

/// After a run, no more is added than one of its own size has left.
const AFTER_A_RUN: usize = 8;
const AFTER_A_RUN_BYTES: usize = 64 << 10;

/// A run in which something was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    /// The run.
    pub run: RunSummary,
    /// Who said what fits best: `system`, `user`, `assistant` or `answer`.
    pub role: String,
    /// The part of it around what was found.
    pub excerpt: Vec<Piece>,
}

impl Ledger {
    /// Adds what waits for the index, and calls `progress` with how many messages still wait when it takes longer than a blink.
    /// A ledger that cannot be written is left as it is: then the search does not find the latest.
    pub fn index(&self, mut progress: impl FnMut(u64)) -> Result<(), LedgerError> {
        if self.sink != Sink::Database {
            return Ok(());
        }
        let mut told = Instant::now();
        while self.alone(|transaction| add(transaction, BATCH, BATCH_BYTES))? {
            if told.elapsed() > Duration::from_millis(500) {
                told = Instant::now();
                let count = "SELECT count(*) FROM unindexed";
                progress(
                    self.read(|connection| connection.query_row(count, [], |row| row.get::<_, i64>(0)))?.unsigned_abs(),
                );
            }
        }
        Ok(())
    }

    /// Adds what a run has left to the index, as far as that takes no time; the rest waits for a search.
    pub(super) fn index_a_little(&self) -> Result<(), LedgerError> {
        let waits = "SELECT EXISTS (SELECT 1 FROM unindexed)";
        if !self.read(|connection| connection.query_row(waits, [], |row| row.get(0)))? {
            return Ok(());
        }
        self.alone(|transaction| add(transaction, AFTER_A_RUN, AFTER_A_RUN_BYTES)).map(drop)
    }

    /// The runs that fit best, the best first: those that hold all wanted words, in prompts or answer, and none of the others.
    pub fn search(&self, query: &Query, limit: usize) -> Result<Vec<Hit>, LedgerError> {
        self.read(|connection| {
            let excerpts = Excerpts::new()?;
            let found = found(connection, query, limit)?;
            found.iter().map(|(run, message)| hit(connection, &excerpts, query, run, *message)).collect()
        })
    }
}

/// Adds the first of what waits; `false` when nothing is left.
fn add(transaction: &Transaction<'_>, most: usize, most_bytes: usize) -> rusqlite::Result<bool> {
    let mut bytes = 0;
    for _ in 0..most {
        let next = "SELECT message, parts FROM unindexed LEFT JOIN messages ON id = message ORDER BY message LIMIT 1";
        let mut next = transaction.prepare_cached(next)?;
        let mut rows = next.query([])?;
        let Some(row) = rows.next()? else { return Ok(false) };
        let message: i64 = row.get(0)?;
        // What makes no sense has no words.
        let text = parts(row, 1).map(|parts| said(&parts)).unwrap_or_default();
        if bytes > 0 && bytes + text.len() > most_bytes {
            break;
        }
        bytes += text.len();
        transaction
            .prepare_cached("INSERT OR REPLACE INTO message_words (rowid, text) VALUES (?1, ?2)")?
            .execute(params![message, words::split(&text)])?;
        transaction.prepare_cached("DELETE FROM unindexed WHERE message = ?1")?.execute([message])?;
    }
    Ok(true)
}

/// What can be searched of a message: its text and the names of what is attached.
fn said(parts: &[Part]) -> String {
    let word = |part: &Part| match part {
        Part::Media(media) => media.name.clone(),
        part => part.as_text().map(str::to_owned),
    };
    parts.iter().filter_map(word).collect::<Vec<_>>().join("\n\n")
}

/// The condition on `runs.key` that a run fits, with the values that it adds.
pub(super) fn condition(query: &Query, values: &mut Vec<Value>) -> String {
    let mut each = |expression: &String| {
        values.push(Value::Text(expression.clone()));
        format!(
            "SELECT run FROM message_words JOIN messages ON messages.id = message_words.rowid WHERE message_words MATCH ?{}",
            values.len()
        )
    };
    let wanted: Vec<String> = query.wanted.iter().map(&mut each).map(|sql| format!("runs.key IN ({sql})")).collect();
    let unwanted = query.unwanted.iter().map(&mut each).map(|sql| format!("runs.key NOT IN ({sql})"));
    wanted.into_iter().chain(unwanted).collect::<Vec<_>>().join(" AND ")
}

/// The best runs, each with the message that fits best.
fn found(connection: &Connection, query: &Query, limit: usize) -> rusqlite::Result<Vec<(String, i64)>> {
    let mut values: Vec<Value> = Vec::new();
    let mut matching = |expression: &String| {
        values.push(Value::Text(expression.clone()));
        format!(
            "FROM message_words JOIN messages ON messages.id = message_words.rowid WHERE message_words MATCH ?{}",
            values.len()
        )
    };
    let hits: Vec<String> = (0..)
        .zip(&query.wanted)
        .map(|(term, wanted): (usize, _)| {
            format!("SELECT run, messages.id AS message, rank AS score, {term} AS term {}", matching(wanted))
        })
        .collect();
    let without: Vec<String> =
        query.unwanted.iter().map(|unwanted| format!(" AND run NOT IN (SELECT run {})", matching(unwanted))).collect();
    values.push(Value::Integer(i64::try_from(limit).unwrap_or(i64::MAX)));
    // With one `min` SQLite takes the other columns from the row that has it.
    let sql = format!(
        "WITH best AS (SELECT run, term, message, min(score) AS score FROM ({}) GROUP BY run, term)
         SELECT run, message, min(score), sum(score) AS total FROM best
         WHERE run IN (SELECT id FROM kept_runs){}
         GROUP BY run HAVING count(*) = {} ORDER BY total, run DESC LIMIT ?{}",
        hits.join(" UNION ALL "),
        without.concat(),
        query.wanted.len(),
        values.len()
    );
    connection
        .prepare(&sql)?
        .query_map(params_from_iter(values), |row| Ok((id(row.get_ref(0)?)?, row.get(1)?)))?
        .collect()
}

fn hit(connection: &Connection, excerpts: &Excerpts, query: &Query, run: &str, message: i64) -> rusqlite::Result<Hit> {
    let (role, text) = connection
        .prepare_cached("SELECT role, parts FROM messages WHERE id = ?1")?
        .query_row([message], |row| Ok((row.get(0)?, parts(row, 1)?)))
        .map(|(role, parts): (String, Vec<Part>)| (role, said(&parts)))?;
    Ok(Hit { run: summary(connection, run)?, role, excerpt: excerpts.around(&query.any(), &text)? })
}

#[cfg(test)]
pub(super) mod tests;
