//! What was spent, as sums by spender and quarter of an hour, and by conversation: added to in the transaction that writes an
//! attempt's end, read for reports.

use std::collections::BTreeMap;
use std::ops::Range;

use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params, params_from_iter};

use super::ids::{self, key};
use super::record::{AttemptEnd, AttemptOutcome};
use super::{Ledger, LedgerError, quarter, read, samples, schema, spenders};
use crate::cost::spent::{Cell, QUARTER_MS, Request, Spender, Spending, Sums};
use crate::money::Usd;

/// What one attempt adds.
pub(super) fn sums_of(end: &AttemptEnd) -> Sums {
    let counted = end.buckets.unwrap_or_default();
    let failed = end.outcome != AttemptOutcome::Complete;
    let cost = Usd::from_pico(end.cost_pico.unwrap_or(0).into());
    Sums {
        requests: 1,
        failures: failed.into(),
        unknown: u64::from(end.cost_pico.is_none() && schema::maybe_billed(end)),
        uncounted: end.buckets.is_none().into(),
        input: counted.input_total,
        cache_read: counted.cache_read,
        cache_write: counted.cache_write,
        output: counted.output_total,
        reasoning: counted.reasoning,
        cost,
        failed_cost: if failed { cost } else { Usd::ZERO },
        saved: Usd::from_pico(end.saved_pico.unwrap_or(0).into()),
    }
}

/// Adds to what a spender spent in a quarter of an hour.
pub(super) fn add(transaction: &Transaction<'_>, spender: i64, started_ms: i64, sums: &Sums) -> rusqlite::Result<()> {
    change(transaction, spender, started_ms, |all| *all += *sums)
}

/// Takes back what was added.
pub(super) fn take(transaction: &Transaction<'_>, spender: i64, started_ms: i64, sums: &Sums) -> rusqlite::Result<()> {
    change(transaction, spender, started_ms, |all| *all -= *sums)
}

/// So many quarters are sampled by the attempt that begins another one: nobody is to wait for all that may be stale.
const SAMPLED_AT_ONCE: u32 = 32;

fn change(
    transaction: &Transaction<'_>,
    spender: i64,
    started_ms: i64,
    change: impl FnOnce(&mut Sums),
) -> rusqlite::Result<()> {
    let quarter = started_ms.div_euclid(QUARTER_MS);
    let spender = u32::try_from(spender).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(0, spender))?;
    let mut cells = cells(transaction, quarter)?;
    if cells.is_empty() {
        // Once in a quarter of an hour somebody does it for those before.
        samples::renew(transaction, quarter, SAMPLED_AT_ONCE)?;
    }
    let place = cells.iter().position(|(known, _)| *known == spender).unwrap_or_else(|| {
        cells.push((spender, Sums::default()));
        cells.len() - 1
    });
    change(&mut cells[place].1);
    keep(transaction, quarter, &cells)
}

/// The sums of a quarter of an hour.
fn cells(connection: &Connection, quarter: i64) -> rusqlite::Result<Vec<(u32, Sums)>> {
    let mut cells = Vec::new();
    let mut statement = connection.prepare_cached("SELECT cells FROM spent WHERE quarter = ?1")?;
    let mut rows = statement.query([quarter])?;
    if let Some(row) = rows.next()? {
        quarter::unpack(row.get_ref(0)?.as_blob()?, |spender, sums| cells.push((spender, sums)))?;
    }
    Ok(cells)
}

fn keep(transaction: &Transaction<'_>, quarter: i64, cells: &[(u32, Sums)]) -> rusqlite::Result<()> {
    transaction
        .prepare_cached("INSERT OR REPLACE INTO spent (quarter, cells) VALUES (?1, ?2)")?
        .execute(params![quarter, quarter::pack(cells)])
        .map(drop)
}

/// Sums up the attempts that an earlier version has written.
pub(super) fn sum_up(transaction: &Transaction<'_>) -> rusqlite::Result<()> {
    let mut statement = transaction.prepare(&format!(
        "SELECT {OF_ATTEMPT}, spender FROM attempts
         WHERE outcome <> 'started' AND provider <> '' AND spender IS NOT NULL ORDER BY started_ms"
    ))?;
    let mut rows = statement.query([])?;
    let (mut quarter, mut cells) = (i64::MIN, BTreeMap::<u32, Sums>::new());
    let kept = |quarter, cells: &mut BTreeMap<u32, Sums>| {
        let cells: Vec<(u32, Sums)> = std::mem::take(cells).into_iter().collect();
        if cells.is_empty() { Ok(()) } else { keep(transaction, quarter, &cells) }
    };
    while let Some(row) = rows.next()? {
        let of = row.get::<_, i64>(0)?.div_euclid(QUARTER_MS);
        if of != quarter {
            kept(quarter, &mut cells)?;
            quarter = of;
        }
        *cells.entry(row.get(11)?).or_default() += of_row(row)?;
    }
    kept(quarter, &mut cells)
}

/// Adds to what a conversation cost that was continued; of one that is continued for the first time all is summed up.
pub(super) fn add_to_conversation(
    transaction: &Transaction<'_>,
    run: &str,
    started_ms: i64,
    sums: &Sums,
) -> rusqlite::Result<()> {
    let conversation = transaction
        .prepare_cached("SELECT coalesce(continues, id) FROM kept_runs WHERE id = ?1")?
        .query_row([key(run)], |row| ids::id(row.get_ref(0)?))
        .optional()?;
    let Some(conversation) = conversation else { return Ok(()) };
    let (first, last, all) = match known_conversation(transaction, &conversation)? {
        // One that was never continued is told by its run.
        None if conversation == run => return Ok(()),
        None => whole(transaction, &conversation, NO_BOUNDS)?,
        Some((first, last, mut all)) => {
            all += *sums;
            (started_ms.min(first), started_ms.max(last), all)
        }
    };
    keep_conversation(transaction, conversation, first, last, &all)
}

/// Adds an imported call to what its conversation cost, in the place of what the call was before. A conversation of one call
/// is none: some tools name one for each request.
pub(super) fn add_to_imported_conversation(
    transaction: &Transaction<'_>,
    conversation: &str,
    started_ms: i64,
    sums: &Sums,
    before: Option<&Sums>,
) -> rusqlite::Result<()> {
    let (first, last, all) = match known_conversation(transaction, conversation)? {
        None => whole(transaction, conversation, NO_BOUNDS)?,
        Some((first, last, mut all)) => {
            before.inspect(|before| all -= **before);
            all += *sums;
            (started_ms.min(first), started_ms.max(last), all)
        }
    };
    if all.requests < 2 { Ok(()) } else { keep_conversation(transaction, conversation.to_owned(), first, last, &all) }
}

fn known_conversation(connection: &Connection, id: &str) -> rusqlite::Result<Option<(i64, i64, Sums)>> {
    connection
        .prepare_cached("SELECT * FROM conversations WHERE id = ?1")?
        .query_row([id], |row| Ok((row.get(1)?, row.get(2)?, sums_from(row, 3)?)))
        .optional()
}

fn keep_conversation(
    transaction: &Transaction<'_>,
    conversation: String,
    first: i64,
    last: i64,
    all: &Sums,
) -> rusqlite::Result<()> {
    let values = [first, last].into_iter().chain(columns(all)).map(Value::from);
    transaction
        .prepare_cached("INSERT OR REPLACE INTO conversations VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")?
        .execute(params_from_iter([Value::from(conversation)].into_iter().chain(values)))
        .map(drop)
}

const NO_BOUNDS: Range<i64> = i64::MIN..i64::MAX;

/// The first and the last moment of a conversation's attempts and imported calls in that time, and their sums.
fn whole(connection: &Connection, conversation: &str, within: Range<i64>) -> rusqlite::Result<(i64, i64, Sums)> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {OF_ATTEMPT} FROM runs JOIN attempts ON attempts.run_key = runs.key
         WHERE {} AND outcome <> 'started' AND attempts.started_ms >= ?2 AND attempts.started_ms < ?3
         UNION ALL
         SELECT started_ms, failed, cost_pico IS NULL, input_total IS NULL, input_total, cache_read, cache_write,
                output_total, reasoning, cost_pico, saved_pico
         FROM imports WHERE conversation = ?4 AND started_ms >= ?2 AND started_ms < ?3",
        read::OF_CONVERSATION
    ))?;
    let mut rows = statement.query(params![key(conversation), within.start, within.end, conversation])?;
    let mut whole = (i64::MAX, i64::MIN, Sums::default());
    while let Some(row) = rows.next()? {
        let started: i64 = row.get(0)?;
        whole = (started.min(whole.0), started.max(whole.1), whole.2);
        whole.2 += of_row(row)?;
    }
    Ok(whole)
}

/// The columns of an attempt that has ended, as [`of_row`] reads them.
const OF_ATTEMPT: &str = "attempts.started_ms, outcome <> 'complete', maybe_billed AND cost_pico IS NULL,
    input_total IS NULL OR output_total IS NULL, input_total, cache_read, cache_write, output_total, reasoning,
    cost_pico, saved_pico";

/// What the attempt or imported call of a row adds.
pub(super) fn of_row(row: &Row<'_>) -> rusqlite::Result<Sums> {
    let count = |column: usize| row.get::<_, Option<i64>>(column).map(|count| count.unwrap_or(0).unsigned_abs());
    let amount = |column: usize| row.get::<_, Option<i64>>(column).map(|pico| Usd::from_pico(pico.unwrap_or(0).into()));
    let failed: bool = row.get(1)?;
    let cost = amount(9)?;
    Ok(Sums {
        requests: 1,
        failures: failed.into(),
        unknown: count(2)?,
        uncounted: count(3)?,
        input: count(4)?,
        cache_read: count(5)?,
        cache_write: count(6)?,
        output: count(7)?,
        reasoning: count(8)?,
        cost,
        failed_cost: if failed { cost } else { Usd::ZERO },
        saved: amount(10)?,
    })
}

/// The sums of a row that holds their columns from the given one on, in the order of the tables.
fn sums_from(row: &Row<'_>, first: usize) -> rusqlite::Result<Sums> {
    let count = |column: usize| row.get::<_, i64>(first + column).map(i64::unsigned_abs);
    let amount = |column: usize| row.get::<_, i64>(first + column).map(|pico| Usd::from_pico(pico.into()));
    Ok(Sums {
        requests: count(0)?,
        failures: count(1)?,
        unknown: count(2)?,
        uncounted: count(3)?,
        input: count(4)?,
        cache_read: count(5)?,
        cache_write: count(6)?,
        output: count(7)?,
        reasoning: count(8)?,
        cost: amount(9)?,
        failed_cost: amount(10)?,
        saved: amount(11)?,
    })
}

/// The sums as the tables keep them; what is too large for SQLite is kept as large as can be.
fn columns(sums: &Sums) -> [i64; 12] {
    let amount = |usd: Usd| {
        let pico = usd.pico();
        i64::try_from(pico).unwrap_or(if pico < 0 { i64::MIN } else { i64::MAX })
    };
    [
        schema::stored(sums.requests),
        schema::stored(sums.failures),
        schema::stored(sums.unknown),
        schema::stored(sums.uncounted),
        schema::stored(sums.input),
        schema::stored(sums.cache_read),
        schema::stored(sums.cache_write),
        schema::stored(sums.output),
        schema::stored(sums.reasoning),
        amount(sums.cost),
        amount(sums.failed_cost),
        amount(sums.saved),
    ]
}

impl Ledger {
    /// What was spent in the quarters of an hour that begin within that time (milliseconds since 1970 UTC), imports
    /// included. An attempt whose process was killed, or that is still under way, counts as a failure of unknown cost.
    pub fn spending(&self, within: Range<i64>) -> Result<Spending, LedgerError> {
        let begin = |spenders| Spending { spenders, cells: Vec::new() };
        self.read_spending(within, begin, |spending, cell| spending.cells.push(cell))
    }

    /// The same without keeping all of it: what is made of the spenders sees each cell.
    pub fn read_spending<Seen>(
        &self,
        within: Range<i64>,
        begin: impl FnOnce(BTreeMap<u32, Spender>) -> Seen,
        mut see: impl FnMut(&mut Seen, Cell),
    ) -> Result<Seen, LedgerError> {
        self.read(|connection| {
            // One transaction sees one state.
            let transaction = connection.unchecked_transaction()?;
            let mut seen = begin(spenders::all(&transaction)?);
            let quarters = params![ceil(within.start), ceil(within.end)];
            let query = "SELECT quarter, cells FROM spent WHERE quarter >= ?1 AND quarter < ?2";
            let mut statement = transaction.prepare_cached(query)?;
            let mut rows = statement.query(quarters)?;
            while let Some(row) = rows.next()? {
                let quarter = row.get(0)?;
                quarter::unpack(row.get_ref(1)?.as_blob()?, |spender, sums| {
                    see(&mut seen, Cell { quarter, spender, sums });
                })?;
            }
            let unended = "SELECT started_ms, spender FROM kept_attempts
                           WHERE outcome = 'started' AND spender IS NOT NULL AND started_ms >= ?1 AND started_ms < ?2";
            let mut statement = transaction.prepare_cached(unended)?;
            let whole = whole_quarters(&within);
            let mut rows = statement.query([whole.start, whole.end])?;
            while let Some(row) = rows.next()? {
                let sums = Sums { requests: 1, failures: 1, unknown: 1, uncounted: 1, ..Sums::default() };
                let quarter = row.get::<_, i64>(0)?.div_euclid(QUARTER_MS);
                see(&mut seen, Cell { spender: row.get(1)?, quarter, sums });
            }
            Ok(seen)
        })
    }

    /// Every attempt that ended, of those that [`Ledger::spending`] sums up.
    pub fn requests(&self, within: Range<i64>, see: &mut dyn FnMut(Request)) -> Result<(), LedgerError> {
        self.read(|connection| samples::each(connection, ceil(within.start)..ceil(within.end), see))
    }

    /// Conversations of more than one run, dearest first: what they cost within that time.
    pub fn conversations_spent(&self, within: Range<i64>, top: usize) -> Result<Vec<ConversationSpent>, LedgerError> {
        let within = whole_quarters(&within);
        self.read(|connection| {
            let transaction = connection.unchecked_transaction()?;
            let query = "SELECT * FROM conversations WHERE last_ms >= ?1 AND first_ms < ?2";
            let mut statement = transaction.prepare_cached(query)?;
            let mut rows = statement.query(params![within.start, within.end])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                let (id, first, last): (String, i64, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
                let inside = first >= within.start && last < within.end;
                let (last_ms, sums) = if inside {
                    (last, sums_from(row, 3)?)
                } else {
                    let (_, last, sums) = whole(&transaction, &id, within.clone())?;
                    (last, sums)
                };
                if sums.requests > 0 {
                    found.push(ConversationSpent { id, last_ms, prompt: String::new(), sums });
                }
            }
            found.sort_by(|one, other| other.sums.cost.cmp(&one.sums.cost).then(one.id.cmp(&other.id)));
            found.truncate(top);
            for conversation in &mut found {
                conversation.prompt = read::first_prompt(&transaction, &conversation.id)?;
            }
            Ok(found)
        })
    }
}

/// What a conversation cost.
#[derive(Clone, Debug, PartialEq)]
pub struct ConversationSpent {
    /// Its id.
    pub id: String,
    /// When its last attempt started, in milliseconds since 1970 UTC.
    pub last_ms: i64,
    /// The beginning of its first prompt; empty when that was not kept.
    pub prompt: String,
    /// What its attempts cost.
    pub sums: Sums,
}

/// The moments of the quarters of an hour that begin within a time.
fn whole_quarters(within: &Range<i64>) -> Range<i64> {
    ceil(within.start).saturating_mul(QUARTER_MS)..ceil(within.end).saturating_mul(QUARTER_MS)
}

/// The first quarter that begins at that moment or later.
fn ceil(ms: i64) -> i64 {
    ms.div_euclid(QUARTER_MS) + i64::from(ms.rem_euclid(QUARTER_MS) > 0)
}

#[cfg(test)]
mod tests;
