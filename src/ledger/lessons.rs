//! What earlier runs have learned of models: parameters that were rejected. Models change, so a lesson is forgotten after a
//! while and learned anew where it still holds.

use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{Connection, Row, params};

use super::record::Lesson;
use super::{Ledger, LedgerError};
use crate::provider::TargetId;
use crate::route::adapt;

/// How long a lesson counts.
const REMEMBERED: Duration = Duration::from_hours(30 * 24);

impl Ledger {
    /// The lessons that count at this moment, in milliseconds since 1970 UTC; by provider, model and parameter.
    pub fn lessons(&self, now_ms: i64) -> Result<Vec<Lesson>, LedgerError> {
        self.read(|connection| {
            connection
                .prepare("SELECT * FROM lessons WHERE learned_ms > ?1 ORDER BY provider, model, parameter")?
                .query_map([oldest(now_ms)], lesson)?
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

/// The lessons about a target that count at this moment, as the router takes them.
pub(super) fn of(connection: &Connection, target: &TargetId, now: Timestamp) -> rusqlite::Result<Vec<adapt::Lesson>> {
    connection
        .prepare_cached(
            "SELECT * FROM lessons WHERE provider = ?1 AND model = ?2 AND learned_ms > ?3 ORDER BY parameter",
        )?
        .query_map(params![target.provider, target.model, oldest(now.as_millisecond())], lesson)?
        .map(|lesson| lesson.map(Into::into))
        .collect()
}

/// What was learned then or earlier is forgotten.
fn oldest(now_ms: i64) -> i64 {
    now_ms.saturating_sub(i64::try_from(REMEMBERED.as_millis()).unwrap_or(i64::MAX))
}

impl From<Lesson> for adapt::Lesson {
    fn from(lesson: Lesson) -> Self {
        let day = lesson.day();
        Self {
            target: TargetId::new(lesson.provider, lesson.model),
            parameter: lesson.parameter,
            value: lesson.value,
            instead: lesson.instead,
            day,
        }
    }
}

impl Lesson {
    /// As the ledger keeps it.
    pub fn of(lesson: adapt::Lesson, now: Timestamp) -> Self {
        Self {
            provider: lesson.target.provider,
            model: lesson.target.model,
            parameter: lesson.parameter,
            value: lesson.value,
            instead: lesson.instead,
            learned_ms: now.as_millisecond(),
        }
    }

    /// The day in UTC on which it was learned, `YYYY-MM-DD`.
    pub fn day(&self) -> String {
        day(Timestamp::from_millisecond(self.learned_ms).unwrap_or_default())
    }
}

/// The day in UTC, `YYYY-MM-DD`.
pub fn day(moment: Timestamp) -> String {
    moment.strftime("%Y-%m-%d").to_string()
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
