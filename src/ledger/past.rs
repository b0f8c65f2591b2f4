//! Past requests as a replay reads them: what was asked, who was tried, what came of it.

use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{Row, params};

use super::comparisons::COMPARE;
use super::trials::{FIRST_SHADOW, counts};
use super::{Ledger, LedgerError};
use crate::failure::FailureClass;
use crate::money::Usd;
use crate::provider::TargetId;
use crate::route::experience::{Counted, Sort};
use crate::route::replay::{Past, PastAttempt};

impl Ledger {
    /// The requests since that moment, of one route or of all, in order of time. Shadows, probes and comparisons are none of
    /// them, and what was stopped has shown nothing.
    pub fn past(&self, route: Option<&str>, since_ms: i64) -> Result<Vec<Past>, LedgerError> {
        self.read(|connection| {
            let mut statement = connection.prepare(
                "SELECT runs.id AS id, runs.served_by AS served_by, attempts.*
                 FROM attempts JOIN runs ON runs.key = attempts.run_key
                 WHERE attempts.started_ms >= ?1 AND number < ?2 AND role IN ('main', 'hedge', 'canary')
                   AND outcome IN ('complete', 'failed') AND spender IS NOT NULL AND (?3 IS NULL OR route = ?3)
                   AND command <> ?4
                 ORDER BY attempts.started_ms, run_key, number",
            )?;
            let mut rows = statement.query(params![since_ms, FIRST_SHADOW, route, COMPARE])?;
            let mut past: Vec<(String, Past)> = Vec::new();
            while let Some(row) = rows.next()? {
                let run: String = row.get("id")?;
                let attempt = attempt(row)?;
                // The attempts of one run need not stand together when several ran at once.
                match past.iter_mut().rev().take(64).find(|(known, _)| *known == run) {
                    Some((_, known)) => known.attempts.push(attempt),
                    None => past.push((run, first(row, attempt)?)),
                }
            }
            Ok(past.into_iter().map(|(_, past)| past).collect())
        })
    }
}

fn first(row: &Row<'_>, attempt: PastAttempt) -> rusqlite::Result<Past> {
    let at = Timestamp::from_millisecond(row.get("started_ms")?).unwrap_or_default();
    let counted = attempt.tokens.map_or(0, |tokens| tokens.input);
    let expected: Option<i64> = row.get("prompt_tokens")?;
    let prompt = expected.and_then(|tokens| u64::try_from(tokens).ok()).unwrap_or(counted);
    let flag = |name: &str| -> rusqlite::Result<bool> { Ok(row.get::<_, Option<bool>>(name)?.unwrap_or(false)) };
    let served: Option<String> = row.get("served_by")?;
    Ok(Past {
        at,
        sort: Sort::at(at, prompt, flag("stream")?, flag("tools")?),
        attempts: vec![attempt],
        served_by: served.and_then(|target| target.parse().ok()),
    })
}

fn attempt(row: &Row<'_>) -> rusqlite::Result<PastAttempt> {
    let number = |name: &str| -> rusqlite::Result<Option<u64>> {
        Ok(row.get::<_, Option<i64>>(name)?.and_then(|number| u64::try_from(number).ok()))
    };
    let time = |name: &str| -> rusqlite::Result<Option<Duration>> { Ok(number(name)?.map(Duration::from_millis)) };
    let tokens = match (number("input_total")?, number("output_total")?) {
        (Some(input), Some(output)) => Some(Counted {
            input,
            cache_read: number("cache_read")?.unwrap_or(0),
            output,
            reasoning: number("reasoning")?.unwrap_or(0),
            expected: number("prompt_tokens")?.unwrap_or(0),
        }),
        _ => None,
    };
    let failed = row.get_ref("outcome")?.as_str()? == "failed";
    let class: Option<String> = row.get("class")?;
    let is_whole = !failed || class.as_deref() == Some(FailureClass::SchemaMismatch.name());
    let counts = counts(class);
    Ok(PastAttempt {
        target: TargetId::new(row.get::<_, String>("provider")?, row.get::<_, String>("model")?),
        failed: failed && counts,
        rejected: !is_whole && !counts,
        first_token: time("first_content_ms")?,
        total: time("total_ms")?,
        cost: row.get::<_, Option<i64>>("cost_pico")?.map(|pico| Usd::from_pico(pico.into())),
        tokens,
    })
}
