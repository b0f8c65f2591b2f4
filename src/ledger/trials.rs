//! How trials went: the attempts of each arm of an experiment, and of shadows beside the answers they were compared with.

use std::time::Duration;

use rusqlite::types::Value;
use rusqlite::{Row, params};

use super::comparisons::COMPARE;
use super::{Ledger, LedgerError};
use crate::failure::FailureClass;
use crate::money::Usd;
use crate::route::breaker;
use crate::route::rollout::{Arm, Seen};

/// An attempt of a shadow is numbered from here. Those of a comparison are numbered on and on, and none is a shadow.
pub const FIRST_SHADOW: u32 = 1001;

/// The answer that was given and the shadow's, for requests that had both.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Shadowed {
    /// Answers that were given.
    pub served: Arm,
    /// Shadows beside them.
    pub shadow: Arm,
    /// Shadows that were stopped, as they took longer than they may be waited for.
    pub stopped: u64,
    /// Tokens of the answers and of the shadows, over requests where both were counted.
    pub tokens: (u64, u64),
}

impl Ledger {
    /// What the arms of an experiment have seen since that moment, by the target of the arm: of each run the first target, as
    /// that is who the arm is about.
    pub fn arms(&self, route: &str, experiment: &str, since_ms: i64) -> Result<Vec<(String, Arm)>, LedgerError> {
        let prefix = format!("{experiment}: ");
        self.read(|connection| {
            let mut arms: Vec<(String, Arm)> = Vec::new();
            let mut statement = connection.prepare(
                "SELECT substr(runs.arm, ?2) AS arm, attempts.*, exit_code
                 FROM runs JOIN attempts ON attempts.run_key = runs.key
                 WHERE route = ?1 AND substr(runs.arm, 1, ?2 - 1) = ?3 AND runs.started_ms >= ?4 AND attempts.number < ?5
                   AND command <> ?6
                   AND provider || '/' || model = substr(runs.arm, ?2)
                 GROUP BY runs.key HAVING number = max(number) ORDER BY arm",
            )?;
            let start = i64::try_from(prefix.chars().count() + 1).unwrap_or(1);
            let mut rows = statement.query(params![route, start, prefix, since_ms, FIRST_SHADOW, COMPARE])?;
            while let Some(row) = rows.next()? {
                let name: String = row.get("arm")?;
                let Some(seen) = seen(row)? else { continue };
                let at = arms.iter().position(|(known, _)| *known == name).unwrap_or_else(|| {
                    arms.push((name, Arm::default()));
                    arms.len() - 1
                });
                arms[at].1.observe(&seen);
            }
            Ok(arms)
        })
    }

    /// How the shadows of a route compare with the answers that were given, since that moment.
    pub fn shadows(&self, route: &str, since_ms: i64) -> Result<Shadowed, LedgerError> {
        self.read(|connection| {
            let mut found = Shadowed::default();
            let mut statement = connection.prepare(
                "SELECT attempts.* FROM attempts JOIN runs ON runs.key = run_key
                 WHERE spender IN (SELECT id FROM spenders WHERE role = 'shadow' AND route = ?1)
                   AND runs.started_ms >= ?2 AND outcome <> 'started'",
            )?;
            let mut shadows = statement.query(params![route, since_ms])?;
            while let Some(shadow) = shadows.next()? {
                let run: Value = shadow.get("run_key")?;
                let mut answers = connection.prepare_cached(
                    "SELECT * FROM attempts WHERE run_key = ?1 AND number < ?2 AND outcome = 'complete' ORDER BY number DESC",
                )?;
                let mut answers = answers.query(params![run, FIRST_SHADOW])?;
                let Some(answer) = answers.next()? else { continue };
                if shadow.get_ref("outcome")?.as_str()? == "cancelled" {
                    found.stopped += 1;
                    continue;
                }
                if let Some((answer, shadow)) = seen(answer)?.zip(seen(shadow)?) {
                    found.served.observe(&answer);
                    found.shadow.observe(&shadow);
                }
                let tokens = |row: &Row<'_>| row.get::<_, Option<i64>>("output_total");
                if let Some((answer, shadow)) = tokens(answer)?.zip(tokens(shadow)?) {
                    found.tokens.0 += u64::try_from(answer).unwrap_or(0);
                    found.tokens.1 += u64::try_from(shadow).unwrap_or(0);
                }
            }
            Ok(found)
        })
    }
}

/// What an attempt has shown; `None` when it was stopped, or when the request itself was at fault.
fn seen(row: &Row<'_>) -> rusqlite::Result<Option<Seen>> {
    let class: Option<String> = row.get("class")?;
    Ok(match row.get_ref("outcome")?.as_str()? {
        "complete" => {
            let time = |name: &str| -> rusqlite::Result<Option<Duration>> {
                let ms: Option<i64> = row.get(name)?;
                Ok(ms.and_then(|ms| u64::try_from(ms).ok()).map(Duration::from_millis))
            };
            let cost: Option<i64> = row.get("cost_pico")?;
            Some(Seen {
                failed: false,
                first_token: time("first_content_ms")?,
                total: time("total_ms")?,
                cost: cost.map(|pico| Usd::from_pico(pico.into())),
            })
        }
        "failed" if counts(class) => Some(Seen { failed: true, ..Seen::default() }),
        _ => None,
    })
}

/// Whether a failure of the class of that name speaks of the target's health.
pub(super) fn counts(class: Option<String>) -> bool {
    let class: Option<FailureClass> = class.and_then(|class| serde_json::from_value(class.into()).ok());
    class.is_none_or(breaker::counts)
}
