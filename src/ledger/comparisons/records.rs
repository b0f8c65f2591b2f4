//! The rows of a comparison, read one by one.

use std::time::Duration;

use rusqlite::{Connection, Row};

use super::{Ledger, LedgerError, index, number, parsed, parsed_if_any};
use crate::compare::kept::{KeptAnswer, Record};
use crate::compare::{Answer, Timing};
use crate::money::Usd;

/// See [`Ledger::records`]. Between two rows the ledger is free for others, however long the caller takes.
#[derive(Debug)]
pub struct Records<'a> {
    ledger: &'a Ledger,
    id: String,
    /// The index of the row that was read last.
    last: i64,
    ended: bool,
}

impl<'a> Records<'a> {
    pub(super) fn new(ledger: &'a Ledger, id: &str) -> Self {
        Self { ledger, id: id.to_owned(), last: -1, ended: false }
    }

    /// The comparison's number and the index of its next row.
    fn following(&self) -> Result<Option<(i64, i64)>, LedgerError> {
        self.ledger.read(|connection| {
            let Some(number) = number(connection, &self.id)? else { return Ok(None) };
            connection
                .prepare_cached("SELECT min(idx) FROM comparison_rows WHERE comparison = ?1 AND idx > ?2")?
                .query_row([number, self.last], |row| row.get::<_, Option<i64>>(0))
                .map(|index| index.map(|index| (number, index)))
        })
    }
}

impl Iterator for Records<'_> {
    type Item = Result<Record, LedgerError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        match self.following() {
            Ok(Some((number, index))) => {
                self.last = index;
                let place = || format!("row {} of the comparison `{}`, counted from 0,", index, self.id);
                let found = self.ledger.read(|connection| record(connection, number, index));
                Some(found.map_err(|error| error.at(place)))
            }
            none => {
                self.ended = true;
                none.err().map(Err)
            }
        }
    }
}

/// All of it as it was at one moment.
fn record(connection: &Connection, number: i64, index: i64) -> rusqlite::Result<Record> {
    let snapshot = connection.unchecked_transaction()?;
    let row = snapshot
        .prepare_cached("SELECT row FROM comparison_rows WHERE comparison = ?1 AND idx = ?2")?
        .query_row([number, index], |row| parsed(row, 0))?;
    let answers = snapshot
        .prepare_cached("SELECT * FROM comparison_answers WHERE comparison = ?1 AND idx = ?2 ORDER BY model, repeat")?
        .query_map([number, index], answer)?
        .collect::<Result<_, _>>()?;
    let transcripts = snapshot
        .prepare_cached("SELECT transcript FROM comparison_judgements WHERE comparison = ?1 AND idx = ?2 ORDER BY seq")?
        .query_map([number, index], |row| parsed(row, 0))?
        .collect::<Result<_, _>>()?;
    Ok(Record { row, answers, transcripts })
}

fn answer(row: &Row<'_>) -> rusqlite::Result<KeptAnswer> {
    let column = |name: &str| row.as_ref().column_index(name);
    let duration = |name: &str| -> rusqlite::Result<Option<Duration>> {
        Ok(row.get::<_, Option<i64>>(name)?.map(|time| Duration::from_micros(time.unsigned_abs())))
    };
    let timing = match duration("total_us")? {
        Some(total) => {
            Some(Timing { first_token: duration("first_token_us")?, first_piece: duration("first_piece_us")?, total })
        }
        None => None,
    };
    let answer = Answer {
        row: index(row, "idx")?,
        model: index(row, "model")?,
        repeat: row.get("repeat")?,
        state: parsed(row, column("state")?)?,
        text: row.get("text")?,
        served: row.get("served")?,
        timing,
        tokens: parsed_if_any(row, column("tokens")?)?,
        cost: row.get::<_, Option<i64>>("cost_pico")?.map(|pico| Usd::from_pico(pico.into())),
        verdicts: parsed(row, column("verdicts")?)?,
    };
    Ok(KeptAnswer { answer, attempts: row.get("attempts")?, cosine: row.get("cosine")? })
}
