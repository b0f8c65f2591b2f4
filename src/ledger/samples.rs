//! Each request's cost and time in few bytes, for percentiles: a report over a million requests reads a short text for each
//! quarter of an hour instead of a row for each.
//!
//! A text is made when its quarter is over, and whatever changes an attempt makes it stale, so that writing an attempt never
//! costs more than before. What is stale is read from the attempts.

use std::collections::BTreeMap;
use std::ops::Range;

use rusqlite::types::{FromSqlError, Type};
use rusqlite::{Connection, Transaction, params};

use super::bytes::{get, put, unzigzag, zigzag};
use crate::cost::spent::{QUARTER_MS, Request};
use crate::money::Usd;

/// The step of the schema.
pub(super) const STEP: &str = "
    -- The requests of a quarter of an hour, see `samples.rs`.
    CREATE TABLE samples (
        quarter  INTEGER PRIMARY KEY,
        requests BLOB NOT NULL
    ) STRICT;
    -- The quarters of which `samples` has nothing, or not as it is now.
    CREATE TABLE unsampled (quarter INTEGER PRIMARY KEY) STRICT;
    CREATE TRIGGER attempts_sampled_anew AFTER UPDATE OF spender, cost_pico, total_ms ON kept_attempts
        WHEN NEW.total_ms IS NOT NULL
        BEGIN INSERT INTO unsampled SELECT NEW.started_ms / 900000
              WHERE NEW.started_ms / 900000 NOT IN (SELECT quarter FROM unsampled); END;
    CREATE TRIGGER attempts_no_more_sampled AFTER DELETE ON kept_attempts WHEN OLD.total_ms IS NOT NULL
        BEGIN INSERT INTO unsampled SELECT OLD.started_ms / 900000
              WHERE OLD.started_ms / 900000 NOT IN (SELECT quarter FROM unsampled); END;
    INSERT INTO unsampled SELECT DISTINCT started_ms / 900000 FROM kept_attempts WHERE total_ms IS NOT NULL;
";

/// Samples the latest stale quarters before that one, at most so many.
pub(super) fn renew(transaction: &Transaction<'_>, before: i64, most: u32) -> rusqlite::Result<()> {
    let stale: Vec<i64> = transaction
        .prepare_cached("SELECT quarter FROM unsampled WHERE quarter < ?1 ORDER BY quarter DESC LIMIT ?2")?
        .query_map(params![before, most], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    for quarter in stale {
        let mut requests = Vec::new();
        of_attempts(transaction, quarter, &mut |request| requests.push(request))?;
        let replaced = if requests.is_empty() {
            transaction.prepare_cached("DELETE FROM samples WHERE quarter = ?1")?.execute([quarter])
        } else {
            let replace = "INSERT OR REPLACE INTO samples (quarter, requests) VALUES (?1, ?2)";
            transaction.prepare_cached(replace)?.execute(params![quarter, pack(&requests)])
        };
        replaced?;
        transaction.prepare_cached("DELETE FROM unsampled WHERE quarter = ?1")?.execute([quarter])?;
    }
    Ok(())
}

/// Every attempt that ended, of those that began in these quarters.
pub(super) fn each(
    connection: &Connection,
    quarters: Range<i64>,
    see: &mut dyn FnMut(Request),
) -> rusqlite::Result<()> {
    // One transaction sees one state.
    let transaction = connection.unchecked_transaction()?;
    let mut statement = transaction.prepare_cached(
        "SELECT quarter, requests FROM samples
         WHERE quarter >= ?1 AND quarter < ?2 AND quarter NOT IN (SELECT quarter FROM unsampled)",
    )?;
    let mut rows = statement.query([quarters.start, quarters.end])?;
    while let Some(row) = rows.next()? {
        unpack(row.get(0)?, row.get_ref(1)?.as_blob()?, see)?;
    }
    let stale: Vec<i64> = transaction
        .prepare_cached("SELECT quarter FROM unsampled WHERE quarter >= ?1 AND quarter < ?2")?
        .query_map([quarters.start, quarters.end], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    stale.into_iter().try_for_each(|quarter| of_attempts(&transaction, quarter, see))
}

/// The same of one quarter, from the attempts themselves.
fn of_attempts(connection: &Connection, quarter: i64, see: &mut dyn FnMut(Request)) -> rusqlite::Result<()> {
    // Told to use the index alone: the table is ten times as large.
    let query = "SELECT spender, cost_pico, total_ms FROM kept_attempts INDEXED BY attempts_by_time
                 WHERE started_ms >= ?1 AND started_ms < ?2";
    let mut statement = connection.prepare_cached(query)?;
    let begin = quarter.saturating_mul(QUARTER_MS);
    let mut rows = statement.query([begin, begin.saturating_add(QUARTER_MS)])?;
    while let Some(row) = rows.next()? {
        let (Some(spender), Some(total_ms)) = (row.get::<_, Option<u32>>(0)?, row.get::<_, Option<i64>>(2)?) else {
            continue;
        };
        let cost = row.get::<_, Option<i64>>(1)?.map(|pico| Usd::from_pico(pico.into()));
        see(Request { quarter, spender, cost, total_ms: total_ms.unsigned_abs() });
    }
    Ok(())
}

/// Each spender's number, how many requests, and of each its cost and its time. A cost that is unknown is 0, all others are one more
/// than they are.
fn pack(requests: &[Request]) -> Vec<u8> {
    let mut of_spender: BTreeMap<u32, Vec<&Request>> = BTreeMap::new();
    for request in requests {
        of_spender.entry(request.spender).or_default().push(request);
    }
    let mut bytes = Vec::with_capacity(requests.len() * 12);
    for (spender, requests) in of_spender {
        put(&mut bytes, spender.into());
        put(&mut bytes, requests.len() as u64);
        for request in requests {
            let pico = request.cost.map(|cost| i64::try_from(cost.pico()).unwrap_or(i64::MAX));
            put(&mut bytes, pico.map_or(0, |pico| zigzag(pico).saturating_add(1)));
            put(&mut bytes, request.total_ms);
        }
    }
    bytes
}

fn unpack(quarter: i64, bytes: &[u8], see: &mut dyn FnMut(Request)) -> rusqlite::Result<()> {
    let mut rest = bytes;
    while !rest.is_empty() {
        of_spender(&mut rest, quarter, see).ok_or_else(|| {
            rusqlite::Error::FromSqlConversionFailure(1, Type::Blob, Box::new(FromSqlError::InvalidType))
        })?;
    }
    Ok(())
}

fn of_spender(rest: &mut &[u8], quarter: i64, see: &mut dyn FnMut(Request)) -> Option<()> {
    let spender = u32::try_from(get(rest)?).ok()?;
    for _ in 0..get(rest)? {
        let cost = get(rest)?.checked_sub(1).map(|number| Usd::from_pico(unzigzag(number).into()));
        see(Request { quarter, spender, cost, total_ms: get(rest)? });
    }
    Some(())
}

#[cfg(test)]
mod tests;
