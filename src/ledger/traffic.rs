//! Past requests that windows, limits and tiers of other models may treat otherwise than small ones. All others are told by
//! their sums ([`Ledger::spending`]).

use std::collections::BTreeMap;
use std::ops::Range;

use rusqlite::{Row, params};

use super::{Ledger, LedgerError};
use crate::cost::what_if::{Large, Sizes};

impl Ledger {
    /// The requests that began within that time (milliseconds since 1970 UTC, whole quarters of an hour) and are not below
    /// these sizes. Of the usual sizes or above, they are read from an index alone.
    pub fn large_requests(
        &self,
        within: Range<i64>,
        sizes: Sizes,
        see: &mut dyn FnMut(Large),
    ) -> Result<(), LedgerError> {
        // In these very words the index is told.
        let usual = Sizes::USUAL;
        let usual = format!("(input_total >= {} OR output_total >= {})", usual.input, usual.output);
        let those = if sizes.input >= Sizes::USUAL.input && sizes.output >= Sizes::USUAL.output {
            usual
        } else {
            format!("(input_total >= {} OR output_total >= {})", sizes.input, sizes.output)
        };
        self.read(|connection| {
            let mut statement = connection.prepare_cached(&format!(
                "SELECT started_ms, spender, input_total, cache_read, cache_write, output_total, reasoning FROM attempts
                 WHERE {those} AND started_ms >= ?1 AND started_ms < ?2"
            ))?;
            let mut rows = statement.query(params![within.start, within.end])?;
            while let Some(row) = rows.next()? {
                if let Some(large) = large(row)? {
                    see(large);
                }
            }
            Ok(())
        })
    }

    /// How many requests within that time had tools on offer, by the spender's number.
    pub fn with_tools(&self, within: Range<i64>) -> Result<BTreeMap<u32, u64>, LedgerError> {
        self.read(|connection| {
            connection
                .prepare_cached(
                    "SELECT spender, count(*) FROM attempts
                     WHERE started_ms >= ?1 AND started_ms < ?2 AND spender IS NOT NULL AND tools = 1 GROUP BY spender",
                )?
                .query_map(params![within.start, within.end], |row| {
                    Ok((row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs()))
                })?
                .collect()
        })
    }
}

/// `None` for a row whose spender or counts were lost.
fn large(row: &Row<'_>) -> rusqlite::Result<Option<Large>> {
    let count = |column: usize| row.get::<_, Option<i64>>(column).map(|count| count.map(i64::unsigned_abs));
    let (Some(spender), Some(input), Some(output)) = (row.get(1)?, count(2)?, count(5)?) else { return Ok(None) };
    Ok(Some(Large {
        started_ms: row.get(0)?,
        spender,
        input,
        cache_read: count(3)?.unwrap_or(0),
        cache_write: count(4)?.unwrap_or(0),
        output,
        reasoning: count(6)?.unwrap_or(0),
    }))
}
