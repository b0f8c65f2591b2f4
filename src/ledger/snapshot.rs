//! What a decision needs to know of the past, read at once: only what is about the targets at hand, so that it takes no longer in
//! a ledger of years.

use std::collections::HashMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use rusqlite::{Connection, Row, params};

use super::observe::{parsed, text};
use super::{Ledger, factors, lessons, spending};
use crate::provider::{Target, TargetId};
use crate::route::breaker::{Breaker, Subject};
use crate::route::experience::{Cell, CellKey, Sort};
use crate::route::quota::{Quota, QuotaOf};
use crate::route::{Budget, Set, Snapshot};

impl Ledger {
    /// What is known at this moment of these targets, and what was spent under these budgets in the periods of that time zone. A ledger that cannot
    /// be read knows nothing; why, [`Ledger::take_warning`] says.
    pub fn snapshot(
        &self,
        now: Timestamp,
        seed: u64,
        zone: &TimeZone,
        targets: &[Target],
        budgets: &[Set<Budget>],
    ) -> Snapshot {
        let blank = Snapshot::blank(now, seed);
        let budgets: Vec<&Budget> = budgets.iter().map(|set| &set.value).collect();
        let read = self.read(|connection| {
            // One transaction sees one state, and takes its locks once.
            let transaction = connection.unchecked_transaction()?;
            let mut snapshot = blank.clone();
            snapshot.spent = spending::read(&transaction, now, zone, &budgets)?;
            snapshot.factors = factors::read(&transaction)?;
            breakers(&transaction, targets, &mut snapshot)?;
            let cells = Cells::at(now);
            for target in targets {
                snapshot.lessons.extend(lessons::of(&transaction, &target.id, now)?);
                snapshot.quotas.extend(quotas(&transaction, &target.id, now)?);
                cells.read(&transaction, &target.id, &mut snapshot)?;
            }
            Ok(snapshot)
        });
        read.unwrap_or(blank)
    }
}

/// Only breakers that are not closed have something to tell.
fn breakers(connection: &Connection, targets: &[Target], snapshot: &mut Snapshot) -> rusqlite::Result<()> {
    let mut statement = connection.prepare_cached("SELECT breaker FROM breakers WHERE subject = ?1")?;
    let subjects = targets.iter().flat_map(|target| {
        let keys =
            target.keys.iter().map(|key| Subject::Key { provider: target.id.provider.clone(), key: key.clone() });
        Subject::all(&target.id, None).into_iter().chain(keys)
    });
    for subject in subjects {
        let mut rows = statement.query([text(&subject)?])?;
        let breaker = match rows.next()? {
            Some(row) => parsed(row.get_ref(0)?.as_str()?),
            None => None,
        };
        if let Some(breaker) = breaker.filter(|breaker: &Breaker| breaker.open.is_some()) {
            snapshot.breakers.insert(subject, breaker);
        }
    }
    Ok(())
}

fn quotas(connection: &Connection, target: &TargetId, now: Timestamp) -> rusqlite::Result<Vec<Quota>> {
    connection
        .prepare_cached("SELECT * FROM quotas WHERE provider = ?1 AND model = ?2 AND resets_ms > ?3")?
        .query_map(params![target.provider, target.model, now.as_millisecond()], quota)?
        .filter_map(Result::transpose)
        .collect()
}

/// `None` for a limit that another version of llmx knows.
pub(super) fn quota(row: &Row<'_>) -> rusqlite::Result<Option<Quota>> {
    let count = |count: i64| u64::try_from(count).unwrap_or(0);
    let Some(of) = QuotaOf::named(row.get_ref("of")?.as_str()?) else { return Ok(None) };
    Ok(Some(Quota {
        target: TargetId::new(row.get::<_, String>("provider")?, row.get::<_, String>("model")?),
        of,
        limit: row.get::<_, Option<i64>>("lim")?.map(count),
        remaining: count(row.get("remaining")?),
        resets: Timestamp::from_millisecond(row.get("resets_ms")?).unwrap_or_default(),
    }))
}

/// The cells that matter at a moment.
struct Cells {
    keys: HashMap<String, CellKey>,
    query: String,
}

impl Cells {
    fn at(now: Timestamp) -> Self {
        let hour = Sort::at(now, 0, false, false).hour;
        let keys: HashMap<String, CellKey> =
            CellKey::in_hour(hour).into_iter().map(|key| (key.to_string(), key)).collect();
        let names: Vec<String> = keys.keys().map(|name| format!("'{name}'")).collect();
        let names = names.join(", ");
        let query = format!("SELECT cell, data FROM cells WHERE provider = ?1 AND model = ?2 AND cell IN ({names})");
        Self { keys, query }
    }

    fn read(&self, connection: &Connection, target: &TargetId, snapshot: &mut Snapshot) -> rusqlite::Result<()> {
        let mut statement = connection.prepare_cached(&self.query)?;
        let mut rows = statement.query(params![target.provider, target.model])?;
        while let Some(row) = rows.next()? {
            let key = self.keys.get(row.get_ref(0)?.as_str()?);
            let cell = parsed::<Cell>(row.get_ref(1)?.as_str()?);
            if let Some((key, cell)) = key.zip(cell) {
                snapshot.experience.insert(target.clone(), *key, cell);
            }
        }
        Ok(())
    }
}
