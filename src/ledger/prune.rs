//! Forgetting what is old: texts of runs and whole comparisons, oldest first, by age or until the file is small enough. What
//! was spent stays known, unless it is to go too; sums always stay.

use std::time::{Duration, Instant};

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::delete::{delete_comparison, forget_words, give_back, merge_index};
use super::ids::{self, key};
use super::{Ledger, LedgerError, samples};

/// What is to be forgotten.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Prune {
    /// What was said before, in milliseconds since 1970 UTC.
    pub before_ms: Option<i64>,
    /// The oldest, until what the file holds is at most so many bytes.
    pub bytes: Option<u64>,
    /// Runs and attempts go too, as far as they are old.
    pub attempts: bool,
}

/// What was forgotten, or would be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pruned {
    /// Runs whose text went.
    pub runs: u64,
    /// Comparisons.
    pub comparisons: u64,
    /// Attempts.
    pub attempts: u64,
}

/// How long text is kept, as the user has set it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Keep {
    /// No longer than this.
    pub time: Option<Duration>,
    /// Not more than so many bytes.
    pub bytes: Option<u64>,
}

/// So much is forgotten in one transaction: so long do others wait.
const BATCH: usize = 50;
/// A run without an end may still be under way when it is not older than a day.
const UNDER_WAY_MS: i64 = 24 * 3_600_000;
/// After a run, forgetting ends after this time, and the next run goes on with it.
const AFTER_A_RUN: Duration = Duration::from_millis(100);
/// And so many pages are given back.
const PAGES_AFTER_A_RUN: u32 = 500;
/// Text takes about so much more than its bytes, in tenths: JSON, rows and the index.
const TENTHS_OF_TEXT: u64 = 15;
/// And never more than this: what was forgotten too little is forgotten in the next step, too much would be lost.
const TENTHS_AT_MOST: u64 = 25;

/// The day on which all that is too old was forgotten, counted since 1970.
const DONE: &str = "log pruned";
const DAY_MS: i64 = 24 * 3_600_000;

/// Something that can be forgotten.
enum Old {
    Run { id: String, under_way: bool },
    Comparison { id: String },
}

/// Where in time the search for old things stands: those up to these ids have been looked at.
#[derive(Default)]
struct Place {
    run: String,
    comparison: String,
    /// How many bytes of text were forgotten.
    freed: u64,
}

/// When enough of what is old enough was forgotten.
#[derive(Clone, Copy)]
enum Until {
    /// When nothing is left of it.
    All,
    /// When the file holds no more than so many bytes.
    Held(u64),
    /// When text has gone that takes about so many bytes.
    Freed(u64),
}

impl Until {
    fn is_reached(self, connection: &Connection, place: &Place) -> rusqlite::Result<bool> {
        match self {
            Self::All => Ok(false),
            Self::Held(bytes) => Ok(held(connection)? <= bytes),
            Self::Freed(bytes) => Ok(place.freed * TENTHS_AT_MOST / 10 >= bytes),
        }
    }
}

impl Ledger {
    /// Forgets what `prune` says; `now_ms` is the present.
    pub fn prune(&mut self, prune: &Prune, now_ms: i64) -> Result<Pruned, LedgerError> {
        self.leave_no_trace()?;
        let mut pruned = Pruned::default();
        match (prune.bytes, prune.before_ms) {
            (Some(bytes), _) => self.prune_down_to(bytes, prune.before_ms, now_ms, &mut pruned)?,
            (None, None) => {}
            (None, before_ms) => {
                let mut place = Place::default();
                while self.prune_some(before_ms, Until::All, now_ms, &mut place, &mut pruned)? {}
            }
        }
        if let Some(before_ms) = prune.before_ms.filter(|_| prune.attempts) {
            while self.alone(|transaction| delete_attempts(transaction, before_ms, &mut pruned))? {}
        }
        Ok(pruned)
    }

    /// Shrinks the file first, which may be enough: only what is still too much is forgotten. The index gives space back when it
    /// is merged, so it goes step by step.
    fn prune_down_to(
        &mut self,
        bytes: u64,
        before_ms: Option<i64>,
        now_ms: i64,
        pruned: &mut Pruned,
    ) -> Result<(), LedgerError> {
        if self.read(held)? > bytes {
            self.shrink()?;
        }
        let mut place = Place::default();
        loop {
            let excess = self.read(held)?.saturating_sub(bytes);
            let before = *pruned;
            place.freed = 0;
            while excess > 0 && self.prune_some(before_ms, Until::Freed(excess), now_ms, &mut place, pruned)? {}
            if *pruned == before {
                return Ok(());
            }
            self.write_alone(merge_index)?;
        }
    }

    /// What [`Self::prune`] would forget; for a size no more than about so much, as the file may shrink without it.
    pub fn would_prune(&self, prune: &Prune, now_ms: i64) -> Result<Pruned, LedgerError> {
        self.read(|connection| {
            let (mut would, mut place) = (Pruned::default(), Place::default());
            let mut left = prune
                .bytes
                .map(|bytes| Ok::<_, rusqlite::Error>(held(connection)?.saturating_sub(bytes)))
                .transpose()?;
            while left != Some(0) {
                let Some(old) = next(connection, prune.before_ms, now_ms, &mut place)? else { break };
                let size = match old {
                    Old::Run { under_way: true, .. } => continue,
                    Old::Run { id, .. } => {
                        would.runs += 1;
                        size_of_run(connection, &id)?
                    }
                    Old::Comparison { id } => {
                        would.comparisons += 1;
                        size_of_comparison(connection, &id)?
                    }
                };
                left = left.map(|left| left.saturating_sub(size * TENTHS_OF_TEXT / 10));
            }
            if let Some(before_ms) = prune.before_ms.filter(|_| prune.attempts) {
                let count = "SELECT count(*) FROM kept_attempts WHERE started_ms < ?1 AND outcome <> 'started'";
                would.attempts = connection.query_row(count, [before_ms], |row| row.get::<_, i64>(0))?.unsigned_abs();
            }
            Ok(would)
        })
    }

    /// What a process does when its answer is shown: the index learns what was said, and once a day what is too old is
    /// forgotten. It takes a moment at most; what fails or is left is done another time.
    pub fn tidy(&mut self, keep: &Keep, now_ms: i64) {
        self.index_a_little().ok();
        if *keep != Keep::default() {
            self.keep_only(keep, now_ms).ok();
        }
    }

    fn keep_only(&mut self, keep: &Keep, now_ms: i64) -> Result<(), LedgerError> {
        let today = now_ms.div_euclid(DAY_MS).to_string();
        if self.state(DONE)?.as_deref() == Some(&today) {
            return Ok(());
        }
        let milliseconds = |time: Duration| i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
        let before_ms = keep.time.map(|time| now_ms.saturating_sub(milliseconds(time)));
        self.leave_no_trace()?;
        let began = Instant::now();
        let old = before_ms.map(|before_ms| (Some(before_ms), Until::All));
        let large = keep.bytes.map(|bytes| (None, Until::Held(bytes)));
        for (before_ms, until) in old.into_iter().chain(large) {
            let (mut place, mut pruned) = (Place::default(), Pruned::default());
            while self.prune_some(before_ms, until, now_ms, &mut place, &mut pruned)? {
                if began.elapsed() > AFTER_A_RUN {
                    return Ok(());
                }
            }
        }
        self.write_alone(|connection| give_back(connection, PAGES_AFTER_A_RUN))?;
        self.change_state(DONE, |_| Some(today)).map(drop)
    }

    /// Forgets the next of what is old; `false` when there is no more.
    fn prune_some(
        &self,
        before_ms: Option<i64>,
        until: Until,
        now_ms: i64,
        place: &mut Place,
        pruned: &mut Pruned,
    ) -> Result<bool, LedgerError> {
        self.alone(|transaction| {
            for _ in 0..BATCH {
                if until.is_reached(transaction, place)? {
                    return Ok(false);
                }
                match next(transaction, before_ms, now_ms, place)? {
                    None => return Ok(false),
                    Some(Old::Run { under_way: true, .. }) => {}
                    Some(Old::Run { id, .. }) => {
                        place.freed += size_of_run(transaction, &id)?;
                        forget_words(transaction, &id)?;
                        pruned.runs += 1;
                    }
                    Some(Old::Comparison { id }) => {
                        // Who is at work on it goes on undisturbed.
                        if let Ok(Some(_held)) = self.hold_comparison(&id) {
                            place.freed += size_of_comparison(transaction, &id)?;
                            delete_comparison(transaction, &id)?;
                            pruned.comparisons += 1;
                        }
                    }
                }
            }
            Ok(true)
        })
    }
}

/// What the file holds, in bytes: pages that are free can be given back or used again.
pub(super) fn held(connection: &Connection) -> rusqlite::Result<u64> {
    let pragma =
        |name: &str| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).map(i64::unsigned_abs);
    Ok(pragma("page_count")?.saturating_sub(pragma("freelist_count")?) * pragma("page_size")?)
}

/// The oldest that was not looked at yet, if it is old enough.
fn next(
    connection: &Connection,
    before_ms: Option<i64>,
    now_ms: i64,
    place: &mut Place,
) -> rusqlite::Result<Option<Old>> {
    let run: Option<(String, Option<i64>, Option<i64>)> = connection
        .prepare_cached(
            "SELECT run, started_ms, ended_ms FROM (SELECT min(run) AS run FROM messages WHERE run > ?1)
             LEFT JOIN kept_runs ON id = run WHERE run IS NOT NULL",
        )?
        .query_row([key(&place.run)], |row| Ok((ids::id(row.get_ref(0)?)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    let comparison: Option<(String, i64)> = connection
        .prepare_cached("SELECT id, created_ms FROM comparisons WHERE id > ?1 ORDER BY id LIMIT 1")?
        .query_row([&place.comparison], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let is_old = |moment: i64| before_ms.is_none_or(|before| moment < before);
    match (run, comparison) {
        (run, Some((id, created))) if run.as_ref().is_none_or(|run| id < run.0) => {
            place.comparison.clone_from(&id);
            Ok(is_old(created).then_some(Old::Comparison { id }))
        }
        (Some((id, started, ended)), _) => {
            place.run.clone_from(&id);
            // Words whose run was lost are as old as can be.
            let started = started.unwrap_or(i64::MIN);
            let under_way = ended.is_none() && started > now_ms.saturating_sub(UNDER_WAY_MS);
            Ok(is_old(started).then_some(Old::Run { id, under_way }))
        }
        (None, _) => Ok(None),
    }
}

fn size_of_run(connection: &Connection, id: &str) -> rusqlite::Result<u64> {
    let sql = "SELECT coalesce(sum(octet_length(parts)), 0) FROM messages WHERE run = ?1";
    connection.prepare_cached(sql)?.query_row([key(id)], |row| row.get::<_, i64>(0)).map(i64::unsigned_abs)
}

fn size_of_comparison(connection: &Connection, id: &str) -> rusqlite::Result<u64> {
    let sql = "SELECT (SELECT coalesce(sum(octet_length(row)), 0) FROM comparison_rows WHERE comparison = number)
                    + (SELECT coalesce(sum(octet_length(text)), 0) FROM comparison_answers WHERE comparison = number)
                    + (SELECT coalesce(sum(octet_length(transcript)), 0) FROM comparison_judgements WHERE comparison = number)
               FROM comparisons WHERE id = ?1";
    connection.prepare_cached(sql)?.query_row([id], |row| row.get::<_, i64>(0)).map(i64::unsigned_abs)
}

/// Others may write between two of these.
const DELETED_AT_ONCE: u32 = 1000;

/// Deletes some of the old attempts, and then runs that have none left; `false` when there are no more. Those without an end
/// stay: that they may have cost something is in no sum.
fn delete_attempts(transaction: &Transaction<'_>, before_ms: i64, pruned: &mut Pruned) -> rusqlite::Result<bool> {
    let attempts = transaction
        .prepare_cached(
            "DELETE FROM kept_attempts WHERE rowid IN
                 (SELECT rowid FROM kept_attempts WHERE started_ms < ?1 AND outcome <> 'started' ORDER BY started_ms LIMIT ?2)",
        )?
        .execute(params![before_ms, DELETED_AT_ONCE])?;
    pruned.attempts += attempts as u64;
    samples::renew(transaction, i64::MAX, DELETED_AT_ONCE)?;
    let runs = transaction
        .prepare_cached(
            "DELETE FROM kept_runs WHERE id IN
                 (SELECT key FROM runs WHERE started_ms < ?1 AND ended_ms IS NOT NULL
                    AND NOT EXISTS (SELECT 1 FROM kept_attempts WHERE run = key)
                    AND NOT EXISTS (SELECT 1 FROM messages WHERE run = key)
                    AND NOT EXISTS (SELECT 1 FROM comparisons WHERE comparisons.id = runs.id)
                  ORDER BY key LIMIT ?2)",
        )?
        .execute(params![before_ms, DELETED_AT_ONCE])?;
    Ok(attempts + runs > 0)
}

#[cfg(test)]
mod tests;
