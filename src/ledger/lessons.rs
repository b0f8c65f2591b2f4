//! What earlier runs have learned of models: parameters that were rejected. Models change, so a lesson is forgotten after a
//! while and learned anew where it still holds.

use std::time::Duration;

use rusqlite::{Connection, Row, params};

use super::record::Lesson;
use super::{Ledger, LedgerError};

/// How long a lesson counts.
const REMEMBERED: Duration = Duration::from_hours(30 * 24);

impl Ledger {
    /// The lessons that count at this moment, in milliseconds since 1970 UTC; by provider, model and parameter.
    pub fn lessons(&self, now_ms: i64) -> Result<Vec<Lesson>, LedgerError> {
        let oldest = now_ms.saturating_sub(i64::try_from(REMEMBERED.as_millis()).unwrap_or(i64::MAX));
        self.read(|connection| {
            connection
                .prepare("SELECT * FROM lessons WHERE learned_ms > ?1 ORDER BY provider, model, parameter")?
                .query_map([oldest], lesson)?
                .collect()
        })
    }

    /// Forgets the lessons of a model, of all models of a provider, or all; returns how many there were.
    pub fn forget(&mut self, provider: Option<&str>, model: Option<&str>) -> Result<usize, LedgerError> {
        let delete = |connection: &Connection| {
            let matching = "DELETE FROM lessons WHERE (?1 IS NULL OR provider = ?1) AND (?2 IS NULL OR model = ?2)";
            connection.execute(matching, params![provider, model])
        };
        self.read(delete)
    }
}

fn lesson(row: &Row<'_>) -> rusqlite::Result<Lesson> {
    Ok(Lesson {
        provider: row.get("provider")?,
        model: row.get("model")?,
        parameter: row.get("parameter")?,
        value: row.get("value")?,
        instead: row.get("instead")?,
        learned_ms: row.get("learned_ms")?,
    })
}
