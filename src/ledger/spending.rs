//! What limits are held against, by the quarter of an hour: written with the end of each attempt, read before the next one is
//! sent, with what requests under way may cost.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use rusqlite::{Connection, OptionalExtension, Transaction, params};

use crate::cost::spent::{QUARTER_MS, Spender};
use crate::money::Usd;
use crate::route::{Budget, Period, Scope, Spent, Taken};

use super::record::AttemptRole;

/// Hedging is held to a share of what was spent in so many days.
const DAYS: i64 = 7;

/// What of it is told apart beside scopes.
const HEDGED: &str = "hedged";
const SHADOW: &str = "shadow";

/// The scopes that a spender's money falls under.
pub(super) fn scopes(spender: &Spender) -> Vec<Scope> {
    let route = Some(&spender.route).filter(|route| !route.is_empty());
    let tags = spender.tags.iter().map(|(key, value)| Scope::Tag { key: key.clone(), value: value.clone() });
    let apart = route.cloned().map(Scope::Route).into_iter().chain(spender.project.clone().map(Scope::Project));
    [Scope::All].into_iter().chain(apart).chain(tags).collect()
}

/// Adds what an attempt cost to the quarter in which it started.
pub(super) fn add(
    transaction: &Transaction<'_>,
    started: Timestamp,
    spender: &Spender,
    cost_pico: i64,
) -> rusqlite::Result<()> {
    if cost_pico == 0 {
        return Ok(());
    }
    let apart = match AttemptRole::from_name(&spender.role).unwrap_or_default() {
        AttemptRole::Hedge => Some(HEDGED),
        AttemptRole::Shadow => Some(SHADOW),
        AttemptRole::Main | AttemptRole::Probe | AttemptRole::Canary => None,
    };
    let quarter = started.as_millisecond().div_euclid(QUARTER_MS);
    let about = scopes(spender).iter().map(Scope::to_string).chain(apart.map(str::to_owned)).collect::<Vec<_>>();
    about.iter().try_for_each(|of| add_about(transaction, of, quarter, cost_pico))
}

fn add_about(transaction: &Transaction<'_>, of: &str, quarter: i64, cost_pico: i64) -> rusqlite::Result<()> {
    let known: Option<i64> = transaction
        .prepare_cached("SELECT cost_pico FROM spending WHERE of = ?1 AND quarter = ?2")?
        .query_row(params![of, quarter], |row| row.get(0))
        .optional()?;
    transaction
        .prepare_cached(
            "INSERT INTO spending (of, quarter, cost_pico) VALUES (?1, ?2, ?3)
             ON CONFLICT DO UPDATE SET cost_pico = excluded.cost_pico",
        )?
        // SQLite turns a sum that is too large into a fraction.
        .execute(params![of, quarter, known.unwrap_or(0).saturating_add(cost_pico)])
        .map(drop)
}

/// What was spent under these budgets and is reserved under them, and what hedging and shadows took.
pub(super) fn read(
    connection: &Connection,
    now: Timestamp,
    zone: &TimeZone,
    budgets: &[&Budget],
) -> rusqlite::Result<Spent> {
    let lately = now.as_millisecond().div_euclid(QUARTER_MS) - 96 * DAYS;
    let mut spent = Spent {
        all: since(connection, &Scope::All.to_string(), lately)?,
        hedged: since(connection, HEDGED, lately)?,
        shadowed: since(connection, SHADOW, quarter(Period::Day.start(now, zone)))?,
        ..Spent::default()
    };
    if budgets.is_empty() {
        return Ok(spent);
    }
    let reserved = reserved(connection)?;
    for budget in budgets {
        let from = quarter(budget.period.start(now, zone));
        let about = budget.scope.to_string();
        let under_way: Usd = reserved.iter().filter(|(scopes, _)| scopes.contains(&about)).map(|(_, cost)| *cost).sum();
        let key = (budget.scope.clone(), budget.period);
        spent.taken.insert(key, Taken { spent: since(connection, &about, from)?, under_way });
    }
    Ok(spent)
}

fn since(connection: &Connection, of: &str, from: i64) -> rusqlite::Result<Usd> {
    let mut statement = connection.prepare_cached("SELECT cost_pico FROM spending WHERE of = ?1 AND quarter >= ?2")?;
    let costs = statement.query_map(params![of, from], |row| Ok(Usd::from_pico(row.get::<_, i64>(0)?.into())))?;
    costs.sum()
}

/// What requests under way may cost, each with what it is about.
fn reserved(connection: &Connection) -> rusqlite::Result<Vec<(Vec<String>, Usd)>> {
    connection
        .prepare_cached("SELECT about, cost_pico FROM reservations")?
        .query_map([], |row| {
            let about = serde_json::from_str(row.get_ref(0)?.as_str()?).unwrap_or_default();
            Ok((about, Usd::from_pico(row.get::<_, i64>(1)?.into())))
        })?
        .collect()
}

/// Counts as spent what was reserved by processes that must have died: the provider may have billed it.
pub(super) fn take_over(transaction: &Transaction<'_>, now: Timestamp) -> rusqlite::Result<()> {
    let expired: Vec<(i64, String, i64, i64)> = transaction
        .prepare_cached("SELECT id, about, cost_pico, expires_ms FROM reservations WHERE expires_ms <= ?1")?
        .query_map([now.as_millisecond()], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?
        .collect::<Result<_, _>>()?;
    for (id, about, cost_pico, expires_ms) in expired {
        let about: Vec<String> = serde_json::from_str(&about).unwrap_or_default();
        for of in about {
            add_about(transaction, &of, expires_ms.div_euclid(QUARTER_MS), cost_pico)?;
        }
        transaction.prepare_cached("DELETE FROM reservations WHERE id = ?1")?.execute([id])?;
    }
    Ok(())
}

fn quarter(moment: Timestamp) -> i64 {
    moment.as_millisecond().div_euclid(QUARTER_MS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::Ledger;
    use crate::route::AtLimit;

    fn moment(text: &str) -> Timestamp {
        text.parse().expect("a moment")
    }

    fn ledger(home: &tempfile::TempDir) -> Ledger {
        Ledger::open(&home.path().join("ledger.db"))
    }

    fn spend(ledger: &mut Ledger, at: &str, role: AttemptRole, cost: i64) {
        let spender = Spender { role: role.name().to_owned(), route: "smart".to_owned(), ..Spender::default() };
        let connection = ledger.connection.as_mut().expect("a connection");
        let transaction = connection.transaction().expect("a transaction");
        add(&transaction, moment(at), &spender, cost).expect("added");
        transaction.commit().expect("committed");
    }

    fn budget(period: Period, scope: Scope) -> Budget {
        Budget { period, limit: Usd::ZERO, scope, at_limit: AtLimit::Cheaper }
    }

    fn spent(ledger: &Ledger, now: &str, zone: &TimeZone) -> Spent {
        let budgets = [Period::Day, Period::Week, Period::Month].map(|period| budget(period, Scope::All));
        let route = budget(Period::Day, Scope::Route("smart".to_owned()));
        let budgets: Vec<&Budget> = budgets.iter().chain([&route]).collect();
        ledger.read(|connection| read(connection, moment(now), zone, &budgets)).expect("read")
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
            [Period::Day, Period::Week, Period::Month].map(|period| spent.within(&budget(period, Scope::All)).pico())
        };
        let east = TimeZone::fixed(jiff::tz::offset(1));
        assert_eq!(of(&east), [1_100_000, 1_111_000, 1_111_110]);
        assert_eq!(of(&TimeZone::UTC), [1_000_000, 1_110_000, 1_111_100]);
        assert_eq!(spent(&ledger, now, &east).all.pico(), 1_111_100, "of seven days");
    }

    #[test]
    fn a_day_of_a_zone_half_an_hour_off_begins_on_the_half_hour() {
        let home = tempfile::tempdir().expect("a directory");
        let mut ledger = ledger(&home);
        spend(&mut ledger, "2026-02-10T18:29:59Z", AttemptRole::Main, 1);
        spend(&mut ledger, "2026-02-10T18:30:00Z", AttemptRole::Main, 10);
        let india = TimeZone::fixed(jiff::tz::Offset::from_seconds(19_800).expect("an offset"));
        let spent = spent(&ledger, "2026-02-11T10:00:00Z", &india);
        assert_eq!(spent.within(&budget(Period::Day, Scope::All)).pico(), 10);
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
        assert_eq!((before.hedged.pico(), before.shadowed.pico(), before.all.pico()), (5, 7, 42));
        assert_eq!(before.within(&budget(Period::Day, Scope::Route("smart".to_owned()))).pico(), 42);
        spend(&mut ledger, now, AttemptRole::Main, i64::MAX);
        spend(&mut ledger, now, AttemptRole::Main, i64::MAX);
        assert_eq!(spent(&ledger, now, &TimeZone::UTC).all.pico(), i128::from(i64::MAX));
        assert_eq!(ledger.take_warning(), None);
    }
}
