//! Past requests that windows, limits and tiers of other models may treat otherwise than small ones. All others are told by
//! their sums ([`Ledger::spending`]).

use std::collections::BTreeMap;
use std::ops::Range;

use rusqlite::{Row, params};

use super::{Ledger, LedgerError};
use crate::cost::what_if::{Large, Sizes};

/// The step of the schema that makes the indexes of what is not below [`Sizes::USUAL`].
pub(super) const STEP: &str = "
    CREATE INDEX attempts_large ON kept_attempts
        (started_ms, spender, input_total, cache_read, cache_write, output_total, reasoning)
        WHERE (input_total >= 16000 OR output_total >= 2000);
    CREATE INDEX imports_large ON imports
        (started_ms, spender, input_total, cache_read, cache_write, output_total, reasoning)
        WHERE (input_total >= 16000 OR output_total >= 2000);
    CREATE INDEX attempts_with_tools ON kept_attempts (started_ms, spender) WHERE tools = 1;
";

impl Ledger {
    /// The requests that began within that time (milliseconds since 1970 UTC, whole quarters of an hour) and are not below
    /// these sizes. Of the usual sizes or above, they are read from an index alone.
    pub fn large_requests(
        &self,
        within: Range<i64>,
        sizes: Sizes,
        see: &mut dyn FnMut(Large),
    ) -> Result<(), LedgerError> {
        // The words of the index itself, where the sizes are the usual ones.
        let Sizes { input, output } = sizes;
        let those = format!("(input_total >= {input} OR output_total >= {output})");
        self.read(|connection| {
            let transaction = connection.unchecked_transaction()?;
            for table in ["kept_attempts", "imports"] {
                let mut statement = transaction.prepare_cached(&format!(
                    "SELECT started_ms, spender, input_total, cache_read, cache_write, output_total, reasoning
                     FROM {table} WHERE {those} AND started_ms >= ?1 AND started_ms < ?2"
                ))?;
                let mut rows = statement.query(params![within.start, within.end])?;
                while let Some(row) = rows.next()? {
                    if let Some(large) = large(row)? {
                        see(large);
                    }
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
                    "SELECT spender, count(*) FROM kept_attempts
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

#[cfg(test)]
mod tests {
    use super::*;

    /// How SQLite reads large requests of these sizes.
    fn plan(sizes: Sizes, table: &str) -> String {
        let ledger = Ledger::in_memory().expect("memory");
        let Sizes { input, output } = sizes;
        let query = format!(
            "EXPLAIN QUERY PLAN SELECT started_ms, spender, input_total, cache_read, cache_write, output_total, reasoning
             FROM {table} WHERE (input_total >= {input} OR output_total >= {output}) AND started_ms >= 1 AND started_ms < 2"
        );
        ledger.read(|connection| connection.query_row(&query, [], |row| row.get(3))).expect("a plan")
    }

    #[test]
    fn large_requests_of_the_usual_sizes_are_read_from_an_index_alone() {
        for (table, index) in [("kept_attempts", "attempts_large"), ("imports", "imports_large")] {
            let plan = plan(Sizes::USUAL, table);
            assert!(plan.contains(&format!("COVERING INDEX {index}")), "{plan}");
        }
        assert!(!plan(Sizes { input: 100, output: 100 }, "kept_attempts").contains("attempts_large"));
    }

    #[test]
    fn large_requests_are_told_one_by_one() {
        let ledger = Ledger::in_memory().expect("memory");
        let rows = "INSERT INTO kept_attempts (run, number, started_ms, spender, input_total, output_total, tools)
            VALUES ('a', 1, 5, 1, 20000, 10, 1), ('b', 1, 6, 1, 10, 10, 1),
                   ('c', 1, 7, 2, 10, 3000, 0), ('d', 1, 99, 1, 20000, 10, 0)";
        ledger.alone(|transaction| transaction.execute_batch(rows)).expect("written");
        let mut seen = Vec::new();
        ledger
            .large_requests(0..50, Sizes::USUAL, &mut |large| seen.push((large.started_ms, large.input)))
            .expect("read");
        assert_eq!(seen, [(5, 20_000), (7, 10)]);
        assert_eq!(ledger.with_tools(0..50).expect("read"), BTreeMap::from([(1, 2)]));
    }
}
