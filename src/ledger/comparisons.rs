//! Comparisons as they are kept: written as they go, each step in a transaction of its own, listed, and found by their ids.
//!
//! What they ask of models are attempts like any others, of a run with the comparison's id and the command [`COMPARE`].

mod records;
#[cfg(test)]
mod tests;

use std::time::Duration;

use jiff::Timestamp;
use rusqlite::types::{FromSqlError, Type};
use rusqlite::{Connection, OptionalExtension, Row, RowIndex, Transaction, params};
use serde::de::DeserializeOwned;

use super::file::{self, Held};
use super::ids::key;
use super::read::Ids;
use super::record::Spent;
use super::schema::json;
use super::{Ledger, LedgerError};
use crate::compare::State;
use crate::compare::kept::{AskedRow, Comparison, Ended, KeptAnswer, Record};
use crate::compare::report::Transcript;
use crate::money::Usd;
pub use records::Records;

/// The command of the run that a comparison's attempts belong to. Whatever speaks of single requests leaves it out.
pub const COMPARE: &str = "compare";

/// Less of an id than this finds no comparison.
const SHORTEST_PREFIX: usize = 4;

const COMPARISONS: Ids = Ids {
    last: "SELECT id FROM comparisons ORDER BY id DESC LIMIT 1",
    between: "SELECT id FROM comparisons WHERE id BETWEEN ?1 AND ?2 ORDER BY id LIMIT 5",
};

/// A comparison in one line.
#[derive(Clone, Debug, PartialEq)]
pub struct ComparisonSummary {
    /// The comparison.
    pub comparison: Comparison,
    /// How many rows were asked so far.
    pub rows: u64,
    /// How many answers it has, failed ones too.
    pub answers: u64,
    /// How many of them failed.
    pub failed: u64,
    /// What the answers cost, and how many of them have an unknown cost. Past answers that were taken from the ledger are paid
    /// already; what judges and embeddings cost is told by the attempts alone.
    pub cost: Spent,
}

/// Writing. What cannot be written is an error and never spooled: a result that is lost must stop a comparison. An error means
/// that nothing of the call was written.
impl Ledger {
    /// Takes hold of a comparison, so that no other process goes on with it meanwhile; `None` when one does.
    pub fn hold_comparison(&self, id: &str) -> std::io::Result<Option<Held>> {
        file::hold(file::beside(&self.path, &format!(".compare-{id}")))
    }

    /// Writes down a comparison that begins. One that is there already is an error.
    pub fn begin_comparison(&mut self, comparison: &Comparison) -> Result<(), LedgerError> {
        let Comparison { id, created, spec, ended } = comparison;
        self.alone(|transaction| {
            let ended = ended.as_ref().map(json).transpose()?;
            transaction
                .prepare_cached("INSERT INTO comparisons (id, created_ms, spec, ended) VALUES (?1, ?2, ?3, ?4)")?
                .execute(params![id, created.as_millisecond(), json(spec)?, ended])
                .map(drop)
        })
    }

    /// Writes down a row before its models are asked, in place of the one with its index.
    pub fn comparison_row(&mut self, id: &str, row: &AskedRow) -> Result<(), LedgerError> {
        self.of_comparison(id, |transaction, number| {
            transaction
                .prepare_cached("INSERT OR REPLACE INTO comparison_rows (comparison, idx, row) VALUES (?1, ?2, ?3)")?
                .execute(params![number, integer(row.index), json(row)?])
                .map(drop)
        })
    }

    /// Writes down an answer, in place of an earlier one of that model to that row in that repeat. Times are kept to the
    /// microsecond.
    pub fn comparison_answer(&mut self, id: &str, kept: &KeptAnswer) -> Result<(), LedgerError> {
        self.of_comparison(id, |transaction, number| write_answer(transaction, number, kept))
    }

    /// Writes down what judges were asked of a row and said, in place of all that was kept of it.
    pub fn comparison_transcripts(&mut self, id: &str, row: usize, all: &[Transcript]) -> Result<(), LedgerError> {
        self.of_comparison(id, |transaction, number| {
            transaction
                .prepare_cached("DELETE FROM comparison_judgements WHERE comparison = ?1 AND idx = ?2")?
                .execute(params![number, integer(row)])?;
            let insert = "INSERT INTO comparison_judgements (comparison, idx, seq, transcript) VALUES (?1, ?2, ?3, ?4)";
            let mut insert = transaction.prepare_cached(insert)?;
            for (seq, transcript) in (0_i64..).zip(all) {
                insert.execute(params![number, integer(row), seq, json(transcript)?])?;
            }
            Ok(())
        })
    }

    /// Writes down how a comparison ended; the last word counts.
    pub fn end_comparison(&mut self, id: &str, ended: &Ended) -> Result<(), LedgerError> {
        self.set_ended(id, Some(ended))
    }

    /// Writes down that another process goes on with a comparison: it has not ended.
    pub fn reopen_comparison(&mut self, id: &str) -> Result<(), LedgerError> {
        self.set_ended(id, None)
    }

    fn set_ended(&mut self, id: &str, ended: Option<&Ended>) -> Result<(), LedgerError> {
        self.of_comparison(id, |transaction, number| {
            transaction
                .prepare_cached("UPDATE comparisons SET ended = ?2 WHERE number = ?1")?
                .execute(params![number, ended.map(json).transpose()?])
                .map(drop)
        })
    }

    /// Writes something of a comparison that is there.
    fn of_comparison(
        &mut self,
        id: &str,
        work: impl FnOnce(&Transaction<'_>, i64) -> rusqlite::Result<()>,
    ) -> Result<(), LedgerError> {
        self.alone(|transaction| {
            work(transaction, number(transaction, id)?.ok_or(rusqlite::Error::QueryReturnedNoRows)?)
        })?;
        self.fold_meanwhile();
        Ok(())
    }
}

/// Reading.
impl Ledger {
    /// Which answers a row has: the model, the repeat, and whether it failed. In the order of models and then of repeats.
    pub fn answered(&self, id: &str, row: usize) -> Result<Vec<(usize, u32, bool)>, LedgerError> {
        self.read(|connection| {
            connection
                .prepare_cached(
                    "SELECT model, repeat, failed FROM comparison_answers
                     WHERE comparison = (SELECT number FROM comparisons WHERE id = ?1) AND idx = ?2
                     ORDER BY model, repeat",
                )?
                .query_map(params![id, integer(row)], |row| Ok((index(row, 0)?, row.get(1)?, row.get(2)?)))?
                .collect()
        })
    }

    /// The number for the next attempt of the run with that id: 1 when there is none yet.
    pub fn next_attempt_number(&self, id: &str) -> Result<u32, LedgerError> {
        self.read(|connection| {
            let highest: u32 = connection
                .prepare_cached("SELECT coalesce(max(number), 0) FROM kept_attempts WHERE run = ?1")?
                .query_row([key(id)], |row| row.get(0))?;
            Ok(highest.saturating_add(1))
        })
    }

    /// The latest comparisons, newest first.
    pub fn comparisons(&self, limit: usize) -> Result<Vec<ComparisonSummary>, LedgerError> {
        let ids: Vec<String> = self.read(|connection| {
            let mut statement = connection.prepare("SELECT id FROM comparisons ORDER BY id DESC LIMIT ?1")?;
            statement.query_map([integer(limit)], |row| row.get(0))?.collect()
        })?;
        ids.iter().map(|id| self.of(id, summary)).collect()
    }

    /// The comparison with that id, or whose id alone begins so (at least 4 characters), or the `last` one. `None` when there
    /// is none.
    pub fn find_comparison(&self, text: &str) -> Result<Option<Comparison>, LedgerError> {
        if text.chars().count() < SHORTEST_PREFIX {
            return Err(LedgerError::TooShort(text.to_owned()));
        }
        self.resolve(&COMPARISONS, text)?.map(|id| self.of(&id, comparison)).transpose()
    }

    /// The rows of a comparison with all that came of them, in the order of rows. They are read one by one, so memory is that
    /// of one row; a row that makes no sense is an error, and the next one follows.
    pub fn records(&self, id: &str) -> Records<'_> {
        Records::new(self, id)
    }

    /// One row of a comparison with all that came of it; `None` when it was not asked.
    pub fn record(&self, id: &str, index: usize) -> Result<Option<Record>, LedgerError> {
        let found = self.read(|connection| match number(connection, id)? {
            Some(number) => records::record(connection, number, integer(index)).optional(),
            None => Ok(None),
        });
        found.map_err(|error| error.at(|| format!("row {index} of the comparison `{id}`, counted from 0,")))
    }

    /// What all attempts of a run have cost.
    pub fn spent_on(&self, run: &str) -> Result<Spent, LedgerError> {
        self.read(|connection| {
            let query = "SELECT coalesce(sum(cost_pico), 0), coalesce(sum(maybe_billed AND cost_pico IS NULL), 0)
                         FROM kept_attempts WHERE run = ?1 AND outcome <> 'started'";
            connection.prepare_cached(query)?.query_row([key(run)], |row| {
                let known = Usd::from_pico(row.get::<_, i64>(0)?.into());
                Ok(Spent { known, unknown: row.get::<_, i64>(1)?.unsigned_abs() })
            })
        })
    }

    fn of<T>(&self, id: &str, read: fn(&Connection, &str) -> rusqlite::Result<T>) -> Result<T, LedgerError> {
        self.read(|connection| read(connection, id)).map_err(|error| error.at(|| format!("the comparison `{id}`")))
    }
}

fn number(connection: &Connection, id: &str) -> rusqlite::Result<Option<i64>> {
    let query = "SELECT number FROM comparisons WHERE id = ?1";
    connection.prepare_cached(query)?.query_row([id], |row| row.get(0)).optional()
}

fn write_answer(transaction: &Transaction<'_>, number: i64, kept: &KeptAnswer) -> rusqlite::Result<()> {
    let answer = &kept.answer;
    let (timing, cost) = (answer.timing, answer.cost.map(Usd::pico));
    transaction
        .prepare_cached(
            "INSERT OR REPLACE INTO comparison_answers (
                 comparison, idx, model, repeat, failed, cost_pico, attempts, cosine, first_token_us, first_piece_us,
                 total_us, tokens, served, state, verdicts, text)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
        )?
        .execute(params![
            number,
            integer(answer.row),
            integer(answer.model),
            answer.repeat,
            matches!(answer.state, State::Failed { .. }),
            cost.map(|pico| i64::try_from(pico).unwrap_or(i64::MAX)),
            kept.attempts,
            kept.cosine,
            timing.and_then(|timing| timing.first_token).map(microseconds),
            timing.and_then(|timing| timing.first_piece).map(microseconds),
            timing.map(|timing| microseconds(timing.total)),
            answer.tokens.as_ref().map(json).transpose()?,
            answer.served,
            json(&answer.state)?,
            json(&answer.verdicts)?,
            answer.text
        ])
        .map(drop)
}

fn comparison(connection: &Connection, id: &str) -> rusqlite::Result<Comparison> {
    let query = "SELECT created_ms, spec, ended FROM comparisons WHERE id = ?1";
    connection.prepare_cached(query)?.query_row([id], |row| {
        Ok(Comparison {
            id: id.to_owned(),
            created: Timestamp::from_millisecond(row.get(0)?).unwrap_or_default(),
            spec: parsed(row, 1)?,
            ended: parsed_if_any(row, 2)?,
        })
    })
}

/// Counts from the indexes alone: texts and rows are not read.
fn summary(connection: &Connection, id: &str) -> rusqlite::Result<ComparisonSummary> {
    let comparison = comparison(connection, id)?;
    let number = number(connection, id)?;
    let rows = connection
        .prepare_cached("SELECT count(*) FROM comparison_rows WHERE comparison = ?1")?
        .query_row([number], |row| row.get::<_, i64>(0))?;
    let mut found =
        ComparisonSummary { rows: rows.unsigned_abs(), answers: 0, failed: 0, cost: Spent::default(), comparison };
    // A sum of large amounts fits into no integer of SQLite, the sums of their halves do.
    let mut statement = connection.prepare_cached(
        "SELECT model, count(*), sum(failed), count(cost_pico), sum(cost_pico >> 32), sum(cost_pico & 0xffffffff)
         FROM comparison_answers WHERE comparison = ?1 GROUP BY model",
    )?;
    let mut rows = statement.query([number])?;
    while let Some(row) = rows.next()? {
        let count = |column: usize| row.get::<_, i64>(column).map(i64::unsigned_abs);
        found.answers += count(1)?;
        found.failed += count(2)?;
        if row.get::<_, i64>(0)? == 0 && found.comparison.spec.has_past {
            continue;
        }
        found.cost.unknown += count(1)?.saturating_sub(count(3)?);
        let half = |column: usize| row.get::<_, Option<i64>>(column).map(|half| i128::from(half.unwrap_or(0)));
        found.cost.known += Usd::from_pico((half(4)? << 32) + half(5)?);
    }
    Ok(found)
}

fn parsed<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> rusqlite::Result<T> {
    parsed_if_any(row, column)?.ok_or_else(|| rusqlite::Error::InvalidColumnType(column, String::new(), Type::Null))
}

fn parsed_if_any<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<T>> {
    let text = row.get_ref(column)?.as_str_or_null()?;
    text.map(serde_json::from_str)
        .transpose()
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(column, Type::Text, error.into()))
}

fn index(row: &Row<'_>, column: impl RowIndex) -> rusqlite::Result<usize> {
    let index: i64 = row.get(column)?;
    usize::try_from(index).map_err(|_| FromSqlError::OutOfRange(index).into())
}

/// SQLite's integers are signed.
fn integer(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn microseconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}
