//! What attempts were billed for, as pricing them anew reads it.

use rusqlite::{Row, params};

use super::{Ledger, LedgerError, shapes};
use crate::cost::reprice::Kept;
use crate::money::Usd;

impl Ledger {
    /// Hands every attempt that may have been billed and began between two moments, the later not included, to `each`, in the
    /// order of time. Moments are milliseconds since 1970 UTC.
    pub fn each_priced(&self, since_ms: i64, until_ms: i64, mut each: impl FnMut(Kept)) -> Result<(), LedgerError> {
        self.read(|connection| {
            let mut statement = connection.prepare(
                "SELECT started_ms, provider, model, outcome, cost_pico,
                     usage_raw, (SELECT text FROM shapes WHERE id = usage_shape) AS usage_text,
                     price, (SELECT text FROM shapes WHERE id = price_shape) AS price_text
                 FROM attempts
                 WHERE started_ms >= ?1 AND started_ms < ?2 AND maybe_billed AND outcome <> 'started' AND provider <> ''
                 ORDER BY started_ms",
            )?;
            let mut rows = statement.query(params![since_ms, until_ms])?;
            while let Some(row) = rows.next()? {
                each(kept(row)?);
            }
            Ok(())
        })
    }
}

fn kept(row: &Row<'_>) -> rusqlite::Result<Kept> {
    Ok(Kept {
        started_ms: row.get("started_ms")?,
        provider: row.get("provider")?,
        model: row.get("model")?,
        is_whole: row.get_ref("outcome")?.as_str()? == "complete",
        usage: shapes::load(row, "usage_raw", "usage_text")?,
        bill: shapes::load(row, "price", "price_text")?,
        cost: row.get::<_, Option<i64>>("cost_pico")?.map(|pico| Usd::from_pico(pico.into())),
    })
}
