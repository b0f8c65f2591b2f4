//! What was spent, by the hour: written with the end of each attempt, read for budgets.

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan, Zoned};
use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::record::AttemptRole;
use crate::money::Usd;
use crate::route::{Period, Spent};

/// Hedging is held to a share of what was spent in so many days.
const DAYS: i64 = 7;

const HOUR_MS: i64 = 3_600_000;

/// Everything, and what of it is told apart.
const ALL: &str = "all";
const HEDGED: &str = "hedged";
const SHADOW: &str = "shadow";

/// Adds what an attempt cost to the hour in which it started.
pub(super) fn add(
    transaction: &Transaction<'_>,
    started: Timestamp,
    role: AttemptRole,
    cost_pico: i64,
    unknown: bool,
    expected_pico: Option<i64>,
) -> rusqlite::Result<()> {
    if cost_pico == 0 && !unknown {
        return Ok(());
    }
    let apart = match role {
        AttemptRole::Hedge => Some(HEDGED),
        AttemptRole::Shadow => Some(SHADOW),
        AttemptRole::Main | AttemptRole::Probe | AttemptRole::Canary => None,
    };
    let hour = started.as_millisecond().div_euclid(HOUR_MS);
    for kind in [ALL].into_iter().chain(apart) {
        let known: Option<i64> = transaction
            .prepare_cached("SELECT cost_pico FROM spending WHERE hour = ?1 AND kind = ?2")?
            .query_row(params![hour, kind], |row| row.get(0))
            .optional()?;
        // A cap must hold what may have been spent too.
        let cost_pico = if unknown && kind != ALL { expected_pico.unwrap_or(0) } else { cost_pico };
        // SQLite turns a sum that is too large into a fraction.
        let cost = known.unwrap_or(0).saturating_add(cost_pico);
        transaction
            .prepare_cached(
                "INSERT INTO spending (hour, kind, cost_pico, unknown) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT DO UPDATE SET cost_pico = excluded.cost_pico, unknown = unknown + excluded.unknown",
            )?
            .execute(params![hour, kind, cost, unknown])?;
    }
    Ok(())
}

/// What was spent in the present day, week and month of that time zone, and in the last days.
pub(super) fn read(connection: &Connection, now: Timestamp, zone: &TimeZone) -> rusqlite::Result<Spent> {
    let hour = |moment: Timestamp| moment.as_millisecond().div_euclid(HOUR_MS);
    let starts = [Period::Day, Period::Week, Period::Month].map(|period| (period, hour(start(period, now, zone))));
    let lately = hour(now) - 24 * DAYS;
    let oldest = starts.iter().map(|(_, start)| *start).fold(lately, i64::min);
    let mut spent = Spent::default();
    let mut statement = connection.prepare_cached("SELECT hour, kind, cost_pico FROM spending WHERE hour >= ?1")?;
    let mut rows = statement.query([oldest])?;
    while let Some(row) = rows.next()? {
        let (hour, cost): (i64, i64) = (row.get(0)?, row.get(2)?);
        let cost = Usd::from_pico(cost.into());
        match row.get_ref(1)?.as_str()? {
            ALL => {
                for (period, _) in starts.iter().filter(|(_, start)| hour >= *start) {
                    *spent.periods.entry(*period).or_default() += cost;
                }
                spent.all += if hour >= lately { cost } else { Usd::ZERO };
            }
            HEDGED if hour >= lately => spent.hedged += cost,
            SHADOW if hour >= starts[0].1 => spent.shadowed += cost,
            _ => {}
        }
    }
    Ok(spent)
}

/// When the period began. An hour of which only a part belongs to it counts whole: no budget is exceeded for that.
fn start(period: Period, now: Timestamp, zone: &TimeZone) -> Timestamp {
    let now = now.to_zoned(zone.clone());
    let day = match period {
        Period::Day => now.start_of_day(),
        Period::Week => {
            let since = i64::from(now.weekday().to_monday_zero_offset());
            now.checked_sub(since.days()).and_then(|monday| monday.start_of_day())
        }
        Period::Month => now.first_of_month().and_then(|first| first.start_of_day()),
    };
    day.map_or(now.timestamp(), |day: Zoned| day.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::Ledger;

    fn moment(text: &str) -> Timestamp {
        text.parse().expect("a moment")
    }

    fn ledger(home: &tempfile::TempDir) -> Ledger {
        Ledger::open(&home.path().join("ledger.db"))
    }

    fn spend(ledger: &mut Ledger, at: &str, role: AttemptRole, cost: i64) {
        let connection = ledger.connection.as_mut().expect("a connection");
        let transaction = connection.transaction().expect("a transaction");
        add(&transaction, moment(at), role, cost, false, None).expect("added");
        transaction.commit().expect("committed");
    }

    fn spent(ledger: &Ledger, now: &str, zone: &TimeZone) -> Spent {
        ledger.read(|connection| read(connection, moment(now), zone)).expect("read")
    }

    #[test]
    fn a_day_a_week_and_a_month_begin_in_the_users_time_zone() {
        let home = tempfile::tempdir().expect("a directory");
        let mut ledger = ledger(&home);
        // A Wednesday; its month began on a Sunday.
        let now = "2026-02-11T10:00:00Z";
        for (at, cost) in [
            ("2026-01-31T22:30:00Z", 1),
            ("2026-01-31T23:30:00Z", 10),
            ("2026-02-08T22:59:00Z", 100),
            ("2026-02-08T23:00:00Z", 1_000),
            ("2026-02-10T22:59:00Z", 10_000),
            ("2026-02-10T23:00:00Z", 100_000),
            (now, 1_000_000),
        ] {
            spend(&mut ledger, at, AttemptRole::Main, cost);
        }
        let of = |zone: &TimeZone| {
            let spent = spent(&ledger, now, zone);
            [Period::Day, Period::Week, Period::Month].map(|period| spent.periods[&period].pico())
        };
        let east = TimeZone::fixed(jiff::tz::offset(1));
        assert_eq!(of(&east), [1_100_000, 1_111_000, 1_111_110]);
        assert_eq!(of(&TimeZone::UTC), [1_000_000, 1_110_000, 1_111_100]);
        assert_eq!(spent(&ledger, now, &east).all.pico(), 1_111_100, "of seven days");
    }

    #[test]
    fn hedges_are_told_apart_and_no_amount_is_too_large() {
        let home = tempfile::tempdir().expect("a directory");
        let mut ledger = ledger(&home);
        let now = "2026-02-11T10:00:00Z";
        spend(&mut ledger, now, AttemptRole::Hedge, 5);
        spend(&mut ledger, now, AttemptRole::Shadow, 7);
        spend(&mut ledger, now, AttemptRole::Main, 30);
        let before = spent(&ledger, now, &TimeZone::UTC);
        assert_eq!((before.hedged.pico(), before.all.pico()), (5, 42));
        spend(&mut ledger, now, AttemptRole::Main, i64::MAX);
        spend(&mut ledger, now, AttemptRole::Main, i64::MAX);
        assert_eq!(spent(&ledger, now, &TimeZone::UTC).all.pico(), i128::from(i64::MAX));
        assert_eq!(ledger.take_warning(), None);
    }
}
