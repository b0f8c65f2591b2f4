//! What an attempt has shown, added to what is known of its target in the transaction that writes its end: breakers, cells,
//! quotas and spending.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use rusqlite::{OptionalExtension, Transaction, params};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::ids::key;
use super::record::{Asked, AttemptEnd, AttemptOutcome, Observation};
use super::{factors, schema, spenders, spending, spent};
use crate::cost::spent::Spender;
use crate::failure::FailureClass;
use crate::provider::TargetId;
use crate::route::breaker::{self, Breaker, Evidence, State, Subject};
use crate::route::experience::{Cell, CellKey, Counted, Seen, Sort};
use crate::route::quota::Quota;

/// A breaker that an attempt has opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// Whose.
    pub subject: Subject,
    /// Nobody is to try before.
    pub until: Timestamp,
    /// The class of the failure that opened it ([`FailureClass::name`]).
    pub class: String,
    /// It was closed before; otherwise somebody tried it and it failed again.
    pub first: bool,
}

/// What the start of an attempt has left.
struct Started {
    at: Timestamp,
    target: TargetId,
    spender: Spender,
    /// The spender's number.
    number: i64,
    asked: Asked,
    ended: bool,
}

/// Writes the end of an attempt and what it has shown. Told a second time, it shows nothing new.
pub(super) fn end(
    transaction: &Transaction<'_>,
    end: &AttemptEnd,
    observation: Option<&Observation>,
) -> rusqlite::Result<Vec<Opened>> {
    let started = started(transaction, end)?;
    schema::end_attempt(transaction, end)?;
    // Whom an attempt asked whose start was lost is not known.
    let Some(started) = started.filter(|started| !started.ended) else { return Ok(Vec::new()) };
    count_money(transaction, &started, end, observation)?;
    let Some(observation) = observation else { return Ok(Vec::new()) };
    transaction
        .prepare_cached("UPDATE kept_attempts SET key_place = ?3 WHERE run = ?1 AND number = ?2")?
        .execute(params![key(&end.run), end.number, observation.key.as_ref().map(|key| &key.place)])?;
    let took = SignedDuration::from_millis(i64::try_from(end.total_ms).unwrap_or(i64::MAX));
    let now = started.at.checked_add(took).unwrap_or(started.at);
    for quota in &observation.quotas {
        set_quota(transaction, quota, now)?;
    }
    if let Some(seen) = observation.evidence.and_then(|evidence| seen(end, started.asked, evidence, observation)) {
        add_to_cells(transaction, &started, &seen, now)?;
    }
    // A prompt that was read from a cache is counted too, and so is its part that was written to one.
    if let (Some(lesson), Some(counted)) = (&observation.lesson, end.buckets) {
        factors::learn(transaction, &lesson.family, lesson.hundredths, counted.input_total)?;
    }
    tell_breakers(transaction, &started.target, observation, now)
}

/// Adds what it cost to all sums, and gives back what was reserved for it.
fn count_money(
    transaction: &Transaction<'_>,
    started: &Started,
    end: &AttemptEnd,
    observation: Option<&Observation>,
) -> rusqlite::Result<()> {
    let sums = spent::sums_of(end);
    let started_ms = started.at.as_millisecond();
    spent::add(transaction, started.number, started_ms, &sums)?;
    spent::add_to_conversation(transaction, &end.run, started_ms, &sums)?;
    // A limit must hold what may have been spent too.
    let perhaps = observation.and_then(|observation| observation.at_most_pico.or(observation.expected_pico));
    let cost = if sums.unknown > 0 { perhaps.unwrap_or(0) } else { end.cost_pico.unwrap_or(0) };
    spending::add(transaction, started.at, &started.spender, cost)?;
    if let Some(reservation) = observation.and_then(|observation| observation.reservation) {
        transaction.prepare_cached("DELETE FROM reservations WHERE id = ?1")?.execute([reservation])?;
    }
    Ok(())
}

fn started(transaction: &Transaction<'_>, end: &AttemptEnd) -> rusqlite::Result<Option<Started>> {
    transaction
        .prepare_cached(
            "SELECT started_ms, spender, stream, tools, prompt_tokens, outcome FROM kept_attempts
             WHERE run = ?1 AND number = ?2 AND spender IS NOT NULL",
        )?
        .query_row(params![key(&end.run), end.number], |row| {
            let (number, prompt_tokens): (i64, Option<i64>) = (row.get(1)?, row.get(4)?);
            let spender = spenders::of_number(transaction, number)?;
            Ok(Started {
                at: Timestamp::from_millisecond(row.get(0)?).unwrap_or_default(),
                target: TargetId::new(spender.provider.as_str(), spender.model.as_str()),
                spender,
                number,
                asked: Asked {
                    stream: row.get::<_, Option<bool>>(2)?.unwrap_or_default(),
                    tools: row.get::<_, Option<bool>>(3)?.unwrap_or_default(),
                    prompt_tokens: prompt_tokens.and_then(|count| u64::try_from(count).ok()).unwrap_or_default(),
                },
                ended: row.get_ref(5)?.as_str()? != AttemptOutcome::Started.name(),
            })
        })
        .optional()
}

/// What it adds to the cells; `None` when it says nothing of the target. Only a whole answer is one here: the rejection that
/// tells a breaker of a healthy server answers nobody.
fn seen(end: &AttemptEnd, asked: Asked, evidence: Evidence, observation: &Observation) -> Option<Seen> {
    let lost = Some(Duration::from_millis(end.total_ms));
    match evidence {
        Evidence::Good | Evidence::Failed { class: FailureClass::SchemaMismatch, .. } => {}
        Evidence::Failed { class, .. } if breaker::counts(class) => {
            return Some(Seen { failed: true, total: lost, ..Seen::default() });
        }
        // Another target may say what this one withholds, and was asked: then asking this one first was in vain.
        Evidence::Failed { class: FailureClass::ContentFilter, .. } if observation.goes_on => {
            return Some(Seen { failed: true, withheld: true, total: lost, ..Seen::default() });
        }
        // The request was at fault, or the user's own limit came first.
        Evidence::Failed { .. } => return None,
    }
    Some(Seen {
        failed: false,
        withheld: false,
        truncated: observation.truncated,
        first_token: end.first_content_ms.map(Duration::from_millis),
        total: Some(Duration::from_millis(end.total_ms)),
        tokens: end.buckets.map(|buckets| Counted {
            input: buckets.input_total,
            cache_read: buckets.cache_read,
            output: buckets.output_total,
            reasoning: buckets.reasoning,
            expected: asked.prompt_tokens,
        }),
    })
}

fn add_to_cells(transaction: &Transaction<'_>, started: &Started, seen: &Seen, now: Timestamp) -> rusqlite::Result<()> {
    let TargetId { provider, model } = &started.target;
    let Asked { stream, tools, prompt_tokens } = started.asked;
    for key in CellKey::of(Sort::at(started.at, prompt_tokens, stream, tools)) {
        let name = key.to_string();
        let known = transaction
            .prepare_cached("SELECT data FROM cells WHERE provider = ?1 AND model = ?2 AND cell = ?3")?
            .query_row(params![provider, model, name], |row| Ok(parsed::<Cell>(row.get_ref(0)?.as_str()?)))
            .optional()?;
        let cell = known.flatten().unwrap_or_default().after(key, seen, now);
        transaction
            .prepare_cached(
                "INSERT INTO cells (provider, model, cell, data) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT DO UPDATE SET data = excluded.data",
            )?
            .execute(params![provider, model, name, text(&cell)?])?;
    }
    Ok(())
}

/// What providers say of their limits holds until they say something later.
fn set_quota(transaction: &Transaction<'_>, quota: &Quota, now: Timestamp) -> rusqlite::Result<()> {
    transaction
        .prepare_cached(
            "INSERT INTO quotas (provider, model, of, lim, remaining, resets_ms, seen_ms)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT DO UPDATE SET
                 lim = excluded.lim, remaining = excluded.remaining, resets_ms = excluded.resets_ms,
                 seen_ms = excluded.seen_ms
             WHERE seen_ms <= excluded.seen_ms",
        )?
        .execute(params![
            quota.target.provider,
            quota.target.model,
            quota.of.name(),
            quota.limit.map(schema::stored),
            schema::stored(quota.remaining),
            quota.resets.as_millisecond(),
            now.as_millisecond()
        ])?;
    Ok(())
}

fn tell_breakers(
    transaction: &Transaction<'_>,
    target: &TargetId,
    observation: &Observation,
    now: Timestamp,
) -> rusqlite::Result<Vec<Opened>> {
    let mut opened = Vec::new();
    for subject in Subject::all(target, observation.key.as_ref()) {
        let evidence = evidence_about(&subject, target, observation);
        // Whoever tried it is done, and it may be tried again: this one says nothing of it.
        if evidence.is_none() && !observation.probe {
            continue;
        }
        let before = read_breaker(transaction, &subject)?;
        if evidence.is_none() && before.is_none() {
            continue;
        }
        let before = before.unwrap_or_default();
        let after = match evidence {
            Some(evidence) => before.clone().after(evidence, now, observation.seed),
            None => before.clone().released(),
        };
        write_breaker(transaction, &subject, &after)?;
        if let State::Open { until, class } = after.state(now)
            && !matches!(before.state(now), State::Open { .. })
        {
            opened.push(Opened { subject, until, class, first: before.open.is_none() });
        }
    }
    Ok(opened)
}

/// What the attempt says of that subject. A failure is about one of them alone; an answer is about all, and so is a rejection
/// that only a healthy server gives.
fn evidence_about(subject: &Subject, target: &TargetId, observation: &Observation) -> Option<Evidence> {
    match observation.evidence? {
        Evidence::Failed { class: FailureClass::TimeoutTotal, .. } => None,
        Evidence::Failed { class, .. } if !breaker::counts(class) => Some(Evidence::Good),
        Evidence::Failed { class, .. } if Subject::of(class, target, observation.key.as_ref()) != *subject => None,
        evidence => Some(evidence),
    }
}

pub(super) fn read_breaker(transaction: &Transaction<'_>, subject: &Subject) -> rusqlite::Result<Option<Breaker>> {
    let found = transaction
        .prepare_cached("SELECT breaker FROM breakers WHERE subject = ?1")?
        .query_row([text(subject)?], |row| Ok(parsed(row.get_ref(0)?.as_str()?)))
        .optional()?;
    Ok(found.flatten())
}

pub(super) fn write_breaker(
    transaction: &Transaction<'_>,
    subject: &Subject,
    breaker: &Breaker,
) -> rusqlite::Result<()> {
    transaction
        .prepare_cached(
            "INSERT INTO breakers (subject, breaker, updated_ms) VALUES (?1, ?2, ?3)
             ON CONFLICT DO UPDATE SET breaker = excluded.breaker, updated_ms = excluded.updated_ms",
        )?
        .execute(params![text(subject)?, text(breaker)?, breaker.updated.as_millisecond()])?;
    Ok(())
}

/// A value as the ledger keeps it.
pub(super) fn text<T: Serialize>(value: &T) -> rusqlite::Result<String> {
    serde_json::to_string(value).map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))
}

/// A value from the ledger; one that cannot be read is as good as none, and is learned anew.
pub(super) fn parsed<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_str(text).ok()
}

#[cfg(test)]
mod tests;
