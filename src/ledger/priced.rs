//! What attempts were billed for, as pricing them anew reads it.

use rusqlite::{Row, params};

use super::{Ledger, LedgerError, shapes};
use crate::cost::reprice::Kept;
use crate::money::Usd;

impl Ledger {
    /// Hands every attempt and imported call that may have been billed and began between two moments, the later not included,
    /// to `each`. Moments are milliseconds since 1970 UTC.
    pub fn each_priced(&self, since_ms: i64, until_ms: i64, mut each: impl FnMut(Kept)) -> Result<(), LedgerError> {
        self.read(|connection| {
            let transaction = connection.unchecked_transaction()?;
            for query in [ATTEMPTS, IMPORTS] {
                let mut statement = transaction.prepare(query)?;
                let mut rows = statement.query(params![since_ms, until_ms])?;
                while let Some(row) = rows.next()? {
                    each(kept(row)?);
                }
            }
            Ok(())
        })
    }
}

const ATTEMPTS: &str = "SELECT started_ms, provider, model, outcome = 'complete' AS whole, NULL AS origin, cost_pico,
        usage_raw, usage_shape, price, price_shape
    FROM attempts
    WHERE started_ms >= ?1 AND started_ms < ?2 AND maybe_billed AND outcome <> 'started' AND spender IS NOT NULL
    ORDER BY started_ms";

const IMPORTS: &str = "SELECT started_ms, provider, model, NOT failed AS whole, origin, cost_pico,
        usage_raw, (SELECT text FROM texts WHERE id = usage_shape) AS usage_shape, NULL AS price, NULL AS price_shape
    FROM imports JOIN spenders ON spenders.id = spender
    WHERE started_ms >= ?1 AND started_ms < ?2 AND cost_source <> 'not_billed'";

fn kept(row: &Row<'_>) -> rusqlite::Result<Kept> {
    Ok(Kept {
        started_ms: row.get("started_ms")?,
        provider: row.get("provider")?,
        model: row.get("model")?,
        is_whole: row.get("whole")?,
        origin: row.get("origin")?,
        usage: shapes::load(row, "usage_raw", "usage_shape")?,
        bill: shapes::load(row, "price", "price_shape")?,
        cost: row.get::<_, Option<i64>>("cost_pico")?.map(|pico| Usd::from_pico(pico.into())),
    })
}
