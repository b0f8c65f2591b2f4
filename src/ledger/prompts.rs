//! Prompts of the past that can be asked again: what was said, and the answer with what is known of it.

use rusqlite::{Connection, OptionalExtension, params};

use super::ids::{NEWEST, key};
use super::read::{AttemptDetail, attempt, conversation, plain_text};
use super::trials::FIRST_SHADOW;
use super::{Ledger, LedgerError};
use crate::chat::{Message, Part};

/// A past request with its answer.
#[derive(Clone, Debug, PartialEq)]
pub struct PastPrompt {
    /// The run's id.
    pub run: String,
    /// The system prompt of that time.
    pub system: Option<String>,
    /// All turns up to its prompt, which is the last of them; texts only.
    pub messages: Vec<Message>,
    /// The answer.
    pub answer: String,
    /// The finish reason in the provider's word.
    pub finish: Option<String>,
    /// The target that served, as `provider/model`.
    pub served_by: String,
    /// The attempt that served, with its times, tokens and cost; `None` when it was lost.
    pub attempt: Option<AttemptDetail>,
}

/// See [`Ledger::past_prompts`].
#[derive(Debug)]
pub struct PastPrompts<'a> {
    ledger: &'a Ledger,
    since_ms: i64,
    left: usize,
    /// The run that was read last: older ones follow.
    last: String,
}

impl Ledger {
    /// At most so many past requests since a moment (in milliseconds since 1970 UTC), newest first: those that were answered to
    /// the end, whose text was kept, and in which there was nothing but text. They are read one by one; one that makes no sense
    /// is an error, and the next one follows.
    pub fn past_prompts(&self, since_ms: i64, limit: usize) -> PastPrompts<'_> {
        PastPrompts { ledger: self, since_ms, left: limit, last: NEWEST.to_owned() }
    }
}

impl Iterator for PastPrompts<'_> {
    type Item = Result<PastPrompt, LedgerError>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.left > 0 {
            let following = self.ledger.read(|connection| older(connection, self.since_ms, &self.last));
            let run = match following {
                Ok(Some(run)) => run,
                none => {
                    self.left = 0;
                    return none.err().map(Err);
                }
            };
            self.last.clone_from(&run.id);
            let found = self.ledger.read(|connection| prompt(connection, run));
            if let Some(found) = found.map_err(|error| error.at(|| format!("the run `{}`", self.last))).transpose() {
                self.left -= 1;
                return Some(found);
            }
        }
        None
    }
}

/// A run that served.
struct Served {
    id: String,
    conversation: String,
    by: String,
    finish: Option<String>,
}

/// The newest run before that one.
fn older(connection: &Connection, since_ms: i64, run: &str) -> rusqlite::Result<Option<Served>> {
    connection
        .prepare_cached(
            "SELECT id, conversation, served_by, finish FROM runs
             WHERE key < ?1 AND started_ms >= ?2 AND command IN ('complete', 'chat') AND keep_text AND exit_code = 0
               AND served_by IS NOT NULL AND EXISTS (SELECT 1 FROM messages WHERE run = key AND role = 'answer')
             ORDER BY key DESC LIMIT 1",
        )?
        .query_row(params![key(run), since_ms], |row| {
            Ok(Served { id: row.get(0)?, conversation: row.get(1)?, by: row.get(2)?, finish: row.get(3)? })
        })
        .optional()
}

/// `None` when there is more in it than text.
fn prompt(connection: &Connection, run: Served) -> rusqlite::Result<Option<PastPrompt>> {
    let snapshot = connection.unchecked_transaction()?;
    let mut said = conversation(&snapshot, run.conversation, &run.id)?;
    let is_text = |message: &Message| message.parts.iter().all(|part| matches!(part, Part::Text(_)));
    if !said.messages.iter().all(is_text) {
        return Ok(None);
    }
    // The answer of the run is the last that was said.
    let answer = said.messages.pop().map(|answer| plain_text(&answer.parts)).unwrap_or_default();
    if said.messages.is_empty() {
        return Ok(None);
    }
    let attempt = snapshot
        .prepare_cached(
            "SELECT * FROM attempts
             WHERE run_key = ?1 AND number < ?2 AND provider || '/' || model = ?3 AND outcome = 'complete'
             ORDER BY number DESC LIMIT 1",
        )?
        .query_row(params![key(&run.id), FIRST_SHADOW, run.by], attempt)
        .optional()?;
    Ok(Some(PastPrompt {
        run: run.id,
        system: said.system,
        messages: said.messages,
        answer,
        finish: run.finish,
        served_by: run.by,
        attempt,
    }))
}

#[cfg(test)]
mod tests;
