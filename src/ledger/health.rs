//! How each target has done of late, from its attempts themselves: exact, where the router's own cells are sums that fade.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rusqlite::Connection;
use serde::{Deserialize, Serialize};

use super::observe::parsed;
use super::record::AttemptOutcome;
use super::snapshot::quota;
use super::{Ledger, LedgerError, spenders};
use crate::cost::spent::Spender;
use crate::provider::TargetId;
use crate::route::breaker::{Breaker, Subject, Watched};
use crate::route::quota::Quota;

/// The class of a failure of which none was kept.
const UNKNOWN: &str = "unknown";

/// How everybody has done since a moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Health {
    /// Those that were asked since, by provider and model.
    pub targets: Vec<TargetHealth>,
    /// All breakers, closed ones too, by subject.
    pub breakers: Vec<Watched>,
    /// What providers said last of their limits, by target; those that have reset since are among them.
    pub quotas: Vec<Quota>,
}

/// How one target has done.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TargetHealth {
    /// Which.
    pub target: TargetId,
    /// All attempts: answered, failed, stopped, and those that still run or whose process died.
    pub attempts: u64,
    /// Whole answers.
    pub answered: u64,
    /// Failures by class.
    pub failures: BTreeMap<String, u64>,
    /// Milliseconds to the first content of whole answers; `None` when there was none.
    pub first_token: Option<Percentiles>,
    /// Milliseconds to the end of whole answers; `None` when there was none.
    pub total: Option<Percentiles>,
    /// The latest failure.
    pub last_failure: Option<LastFailure>,
    /// Attempts of each hour in which there was one, by time.
    pub hours: Vec<Hour>,
}

/// The smallest times within which such a share of the answers came, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Percentiles {
    /// Half of them.
    pub p50: u64,
    /// 95 %.
    pub p95: u64,
    /// 99 %.
    pub p99: u64,
}

/// The latest failure of a target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LastFailure {
    /// Its class ([`crate::failure::FailureClass::name`]).
    pub class: String,
    /// When the attempt started, in milliseconds since 1970 UTC.
    pub started_ms: i64,
    /// The HTTP status, where there was one.
    pub status: Option<u16>,
    /// The provider's words, or llmx's own. Untrusted: sanitise before printing.
    pub message: Option<String>,
}

/// The attempts that started in an hour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Hour {
    /// Hours since 1970 UTC.
    pub hour: i64,
    /// All.
    pub attempts: u64,
    /// Of these, failed.
    pub failed: u64,
}

impl Ledger {
    /// How every target has done since a moment, in milliseconds since 1970 UTC, with breakers and quotas as they are.
    pub fn health_rows(&self, since_ms: i64) -> Result<Health, LedgerError> {
        self.read(|connection| {
            let transaction = connection.unchecked_transaction()?;
            Ok(Health {
                targets: targets(&transaction, since_ms)?,
                breakers: breakers(&transaction)?,
                quotas: transaction
                    .prepare("SELECT * FROM quotas ORDER BY provider, model, of")?
                    .query_map([], quota)?
                    .filter_map(Result::transpose)
                    .collect::<Result<_, _>>()?,
            })
        })
    }
}

fn breakers(connection: &Connection) -> rusqlite::Result<Vec<Watched>> {
    let mut statement = connection.prepare("SELECT subject, breaker FROM breakers")?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let subject = parsed::<Subject>(row.get_ref(0)?.as_str()?);
        let breaker = parsed::<Breaker>(row.get_ref(1)?.as_str()?);
        found.extend(subject.zip(breaker).map(|(subject, breaker)| Watched { subject, breaker }));
    }
    found.sort_by(|one, other| one.subject.cmp(&other.subject));
    Ok(found)
}

/// What is summed up of a target while its attempts are read.
#[derive(Default)]
struct Sum {
    attempts: u64,
    failures: BTreeMap<String, u64>,
    first_tokens: Vec<u64>,
    totals: Vec<u64>,
    last_failure: Option<i64>,
    hours: Vec<Hour>,
}

fn targets(connection: &Connection, since_ms: i64) -> rusqlite::Result<Vec<TargetHealth>> {
    let mut statement = connection.prepare(
        "SELECT spender, started_ms, outcome, class, first_content_ms, total_ms, rowid FROM kept_attempts
         WHERE started_ms >= ?1 AND spender IS NOT NULL ORDER BY started_ms",
    )?;
    let mut rows = statement.query([since_ms])?;
    let mut sums = Sums::of(&spenders::all(connection)?);
    while let Some(row) = rows.next()? {
        let Some(sum) = sums.by_spender(row.get(0)?) else { continue };
        let outcome = AttemptOutcome::from_name(row.get_ref(2)?.as_str()?);
        sum.attempts += 1;
        let failed = outcome == Some(AttemptOutcome::Failed);
        sum.add_to_hour(row.get::<_, i64>(1)?.div_euclid(3_600_000), failed);
        if failed {
            sum.add_failure(row.get_ref(3)?.as_str_or_null()?.unwrap_or(UNKNOWN));
            sum.last_failure = Some(row.get(6)?);
        }
        if outcome == Some(AttemptOutcome::Complete) {
            let time = |column: usize| row.get::<_, Option<i64>>(column).map(|time| time.map(i64::unsigned_abs));
            sum.first_tokens.extend(time(4)?);
            sum.totals.extend(time(5)?);
        }
    }
    let asked = sums.of_targets.into_iter().filter(|(_, sum)| sum.attempts > 0);
    asked.map(|(target, sum)| sum.health(target, connection)).collect()
}

/// A sum for each target, and where the one of a spender stands.
struct Sums {
    of_targets: Vec<(TargetId, Sum)>,
    places: HashMap<u32, usize>,
}

impl Sums {
    fn of(spenders: &BTreeMap<u32, Spender>) -> Self {
        let target = |spender: &Spender| TargetId::new(&spender.provider, &spender.model);
        let targets: Vec<TargetId> = spenders.values().map(target).collect::<BTreeSet<_>>().into_iter().collect();
        let place = |(number, spender): (&u32, _)| Some((*number, targets.binary_search(&target(spender)).ok()?));
        Self {
            places: spenders.iter().filter_map(place).collect(),
            of_targets: targets.into_iter().map(|target| (target, Sum::default())).collect(),
        }
    }

    fn by_spender(&mut self, number: u32) -> Option<&mut Sum> {
        self.of_targets.get_mut(*self.places.get(&number)?).map(|(_, sum)| sum)
    }
}

impl Sum {
    /// Attempts come in the order of their start.
    fn add_to_hour(&mut self, hour: i64, failed: bool) {
        if self.hours.last().is_none_or(|last| last.hour != hour) {
            self.hours.push(Hour { hour, ..Hour::default() });
        }
        if let Some(last) = self.hours.last_mut() {
            last.attempts += 1;
            last.failed += u64::from(failed);
        }
    }

    fn add_failure(&mut self, class: &str) {
        match self.failures.get_mut(class) {
            Some(count) => *count += 1,
            None => drop(self.failures.insert(class.to_owned(), 1)),
        }
    }

    fn health(mut self, target: TargetId, connection: &Connection) -> rusqlite::Result<TargetHealth> {
        let last_failure = self.last_failure.map(|row| last_failure(connection, row)).transpose()?;
        Ok(TargetHealth {
            target,
            attempts: self.attempts,
            answered: self.totals.len() as u64,
            failures: self.failures,
            first_token: percentiles(&mut self.first_tokens),
            total: percentiles(&mut self.totals),
            last_failure,
            hours: self.hours,
        })
    }
}

fn last_failure(connection: &Connection, row: i64) -> rusqlite::Result<LastFailure> {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Told {
        status: Option<u16>,
        message: Option<String>,
    }
    connection.query_row("SELECT class, started_ms, failure FROM kept_attempts WHERE rowid = ?1", [row], |row| {
        let told = row.get_ref(2)?.as_str_or_null()?.and_then(parsed::<Told>).unwrap_or_default();
        Ok(LastFailure {
            class: row.get::<_, Option<String>>(0)?.unwrap_or_else(|| UNKNOWN.to_owned()),
            started_ms: row.get(1)?,
            status: told.status,
            message: told.message,
        })
    })
}

/// By the nearest rank.
fn percentiles(times: &mut [u64]) -> Option<Percentiles> {
    times.sort_unstable();
    let at = |percent: usize| times.get((times.len() * percent).div_ceil(100).saturating_sub(1)).copied();
    Some(Percentiles { p50: at(50)?, p95: at(95)?, p99: at(99)? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::record::{AttemptEnd, AttemptRole, AttemptStart, CostSource, Observation};

    const HOUR: i64 = 3_600_000;

    fn end(number: u32, outcome: AttemptOutcome, total_ms: u64) -> AttemptEnd {
        AttemptEnd {
            run: "run".to_owned(),
            number,
            outcome,
            served_model: None,
            request_id: None,
            first_content_ms: Some(total_ms / 10),
            total_ms,
            usage_raw: None,
            buckets: None,
            price: None,
            cost_pico: None,
            saved_pico: None,
            cost_source: CostSource::Unknown,
            class: None,
            failure: None,
            partial_text: String::new(),
        }
    }

    fn start(number: u32, started_ms: i64, model: &str) -> AttemptStart {
        AttemptStart {
            run: "run".to_owned(),
            number,
            started_ms,
            provider: "a".to_owned(),
            model: model.to_owned(),
            role: AttemptRole::Main,
            asked: None,
        }
    }

    #[test]
    fn each_target_is_told_with_its_times_failures_and_hours_within_the_window() {
        let home = tempfile::tempdir().expect("a directory");
        let mut ledger = Ledger::open(&home.path().join("ledger.db"));
        let mut attempt = |number, started_ms, end: Option<AttemptEnd>| {
            ledger.attempt_started(&start(number, started_ms, "m"));
            if let Some(end) = end {
                ledger.attempt_ended(&end, &Observation::default());
            }
        };
        attempt(1, 10 * HOUR - 1, Some(end(1, AttemptOutcome::Complete, 90_000)));
        for number in 2..=101 {
            let start = 10 * HOUR + i64::from(number);
            attempt(number, start, Some(end(number, AttemptOutcome::Complete, u64::from(number - 1) * 10)));
        }
        let failed = |number, class: &str, failure: &str| AttemptEnd {
            class: Some(class.to_owned()),
            failure: Some(failure.to_owned()),
            ..end(number, AttemptOutcome::Failed, 1)
        };
        attempt(102, 12 * HOUR + 7, Some(failed(102, "server_error", r#"{"status":500,"message":"oh no"}"#)));
        attempt(103, 12 * HOUR, Some(failed(103, "rate_limit", "no JSON")));
        attempt(104, 12 * HOUR + 1, Some(end(104, AttemptOutcome::Cancelled, 1)));
        attempt(105, 13 * HOUR, None);
        ledger.attempt_started(&start(106, 13 * HOUR, "other"));
        let health = ledger.health_rows(10 * HOUR).expect("read");
        let [known, other] = health.targets.as_slice() else { panic!("{health:?}") };
        assert_eq!((other.target.model.as_str(), other.attempts, other.total), ("other", 1, None));
        assert_eq!((known.attempts, known.answered), (104, 100));
        assert_eq!(known.total, Some(Percentiles { p50: 500, p95: 950, p99: 990 }));
        assert_eq!(known.first_token, Some(Percentiles { p50: 50, p95: 95, p99: 99 }));
        let failures: Vec<(&str, u64)> = known.failures.iter().map(|(class, count)| (class.as_str(), *count)).collect();
        assert_eq!(failures, [("rate_limit", 1), ("server_error", 1)]);
        let last = known.last_failure.as_ref().expect("a failure");
        assert_eq!((last.class.as_str(), last.started_ms, last.status), ("server_error", 12 * HOUR + 7, Some(500)));
        assert_eq!(last.message.as_deref(), Some("oh no"));
        let hours: Vec<_> = known.hours.iter().map(|hour| (hour.hour, hour.attempts, hour.failed)).collect();
        assert_eq!(hours, [(10, 100, 0), (12, 3, 2), (13, 1, 0)]);
    }

    #[test]
    fn one_answer_is_all_its_percentiles_and_none_is_nothing() {
        assert_eq!(percentiles(&mut [7]), Some(Percentiles { p50: 7, p95: 7, p99: 7 }));
        assert_eq!(percentiles(&mut []), None);
    }
}
