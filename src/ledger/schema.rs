//! How each entry is written into the tables of the ledger.

use std::borrow::Cow;

use rusqlite::{Connection, Transaction, TransactionBehavior, params};
use serde::{Deserialize, Serialize};

use super::ids::key;
use super::observe::{self, Opened};
use super::record::{AttemptEnd, AttemptOutcome, AttemptStart, Lesson, Observation, RunEnd, RunStart};
use super::{shapes, spenders, texts};
use crate::chat::{Part, Role};

/// One thing to write down. Writing it twice leaves the same rows as writing it once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Entry<'a> {
    /// A run starts.
    Run(Cow<'a, RunStart>),
    /// An attempt starts.
    Attempt(Cow<'a, AttemptStart>),
    /// An attempt ended.
    AttemptEnd(Cow<'a, AttemptEnd>),
    /// An attempt ended, and has shown something.
    Observed(Cow<'a, AttemptEnd>, Cow<'a, Observation>),
    /// A run ended.
    RunEnd(Cow<'a, RunEnd>),
    /// A parameter was rejected, and another request was taken.
    Lesson(Cow<'a, Lesson>),
}

/// Writes the entry in a transaction of its own; returns the breakers that it opened.
pub(super) fn store(connection: &mut Connection, entry: &Entry<'_>) -> rusqlite::Result<Vec<Opened>> {
    // A deferred transaction that reads first fails at once when another process has written meanwhile.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let opened = apply(&transaction, entry)?;
    transaction.commit()?;
    Ok(opened)
}

/// Writes one entry inside the caller's transaction; returns the breakers that it opened.
pub(super) fn apply(transaction: &Transaction<'_>, entry: &Entry<'_>) -> rusqlite::Result<Vec<Opened>> {
    match entry {
        Entry::Run(start) => start_run(transaction, start)?,
        Entry::Attempt(start) => start_attempt(transaction, start)?,
        Entry::AttemptEnd(end) => observe::end(transaction, end, None).map(drop)?,
        Entry::Observed(end, observation) => return observe::end(transaction, end, Some(observation)),
        Entry::RunEnd(end) => end_run(transaction, end)?,
        Entry::Lesson(lesson) => learn(transaction, lesson)?,
    }
    Ok(Vec::new())
}

fn start_run(transaction: &Transaction<'_>, start: &RunStart) -> rusqlite::Result<()> {
    transaction
        .prepare_cached(
            "INSERT OR IGNORE INTO kept_runs (id, continues, spender, terminal, keep_text, started_ms, arm)
             VALUES (?1, nullif(?2, ?1), ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![
            key(&start.id),
            key(&start.conversation),
            spenders::of_run(transaction, start)?,
            start.terminal,
            start.keep_text,
            start.started_ms,
            start.arm
        ])?;
    let system = start.system.iter().map(|text| ("system", Cow::from(vec![Part::Text(text.clone())])));
    let messages = start.messages.iter().map(|message| (role_name(message.role), Cow::from(&message.parts)));
    for (seq, (role, parts)) in (0_i64..).zip(system.chain(messages)) {
        transaction
            .prepare_cached("INSERT OR IGNORE INTO messages (run, seq, role, parts) VALUES (?1, ?2, ?3, ?4)")?
            .execute(params![key(&start.id), seq, role, json(&parts)?])?;
    }
    Ok(())
}

fn start_attempt(transaction: &Transaction<'_>, start: &AttemptStart) -> rusqlite::Result<()> {
    transaction
        .prepare_cached(
            "INSERT INTO kept_attempts (run, number, started_ms, stream, tools, prompt_tokens, spender)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT DO UPDATE SET
                 started_ms = excluded.started_ms, stream = excluded.stream, tools = excluded.tools,
                 prompt_tokens = excluded.prompt_tokens, spender = excluded.spender",
        )?
        .execute(params![
            key(&start.run),
            start.number,
            start.started_ms,
            start.asked.map(|asked| asked.stream),
            start.asked.map(|asked| asked.tools),
            start.asked.map(|asked| stored(asked.prompt_tokens)),
            spenders::of_attempt(transaction, start)?
        ])?;
    Ok(())
}

/// An end whose start was lost still makes a row, with the provider unknown: it may have cost money.
pub(super) fn end_attempt(transaction: &Transaction<'_>, end: &AttemptEnd) -> rusqlite::Result<()> {
    let buckets = |count: fn(&super::record::StoredBuckets) -> u64| end.buckets.as_ref().map(count).map(stored);
    let shaped = |json: &str| shapes::store(transaction, json);
    let (usage_shape, usage) = end.usage_raw.as_deref().map(shaped).transpose()?.unzip();
    let (price_shape, price) = end.price.as_deref().map(shaped).transpose()?.unzip();
    transaction
        .prepare_cached(
            "INSERT INTO kept_attempts (
                 run, number, started_ms, outcome, maybe_billed, served_model, request_id,
                 first_content_ms, total_ms, usage_raw, input_total, cache_read, cache_write, output_total, reasoning,
                 price, cost_pico, cost_source, class, failure, partial_text, usage_shape, price_shape, saved_pico)
             VALUES (?1, ?2, 0, ?3, ?4, nullif(?5, ''), ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20,
                 ?21, ?22, ?23)
             ON CONFLICT DO UPDATE SET
                 outcome = excluded.outcome, maybe_billed = excluded.maybe_billed,
                 served_model = iif(excluded.served_model = (SELECT model FROM spenders WHERE id = spender), '',
                     excluded.served_model),
                 request_id = excluded.request_id,
                 first_content_ms = excluded.first_content_ms, total_ms = excluded.total_ms,
                 usage_raw = excluded.usage_raw, input_total = excluded.input_total,
                 cache_read = excluded.cache_read, cache_write = excluded.cache_write,
                 output_total = excluded.output_total, reasoning = excluded.reasoning, price = excluded.price,
                 cost_pico = excluded.cost_pico, cost_source = excluded.cost_source, class = excluded.class,
                 failure = excluded.failure, partial_text = excluded.partial_text,
                 usage_shape = excluded.usage_shape, price_shape = excluded.price_shape, saved_pico = excluded.saved_pico",
        )?
        .execute(params![
            key(&end.run),
            end.number,
            end.outcome.name(),
            maybe_billed(end),
            end.served_model,
            end.request_id,
            end.first_content_ms.map(stored),
            stored(end.total_ms),
            usage,
            buckets(|counts| counts.input_total),
            buckets(|counts| counts.cache_read),
            buckets(|counts| counts.cache_write),
            buckets(|counts| counts.output_total),
            buckets(|counts| counts.reasoning),
            price,
            end.cost_pico,
            end.cost_source.name(),
            end.class,
            end.failure,
            end.partial_text,
            usage_shape.flatten(),
            price_shape.flatten(),
            end.saved_pico
        ])?;
    Ok(())
}

fn end_run(transaction: &Transaction<'_>, end: &RunEnd) -> rusqlite::Result<()> {
    let served_by = end.served_by.as_deref().map(|target| texts::number(transaction, target)).transpose()?;
    let ended = transaction
        .prepare_cached(
            "INSERT INTO kept_runs (id, keep_text, started_ms, ended_ms, exit_code, served_by, finish)
             VALUES (?1, 1, ?2, ?2, ?3, ?4, ?5)
             ON CONFLICT DO UPDATE SET
                 ended_ms = excluded.ended_ms, exit_code = excluded.exit_code,
                 served_by = excluded.served_by, finish = excluded.finish
             WHERE ended_ms IS NULL",
        )?
        .execute(params![key(&end.id), end.ended_ms, end.exit_code, served_by, end.finish])?;
    if ended == 0 {
        return Ok(());
    }
    for (role, text) in [("reasoning", &end.reasoning), ("answer", &end.answer)] {
        if !text.is_empty() {
            transaction
                .prepare_cached(
                    "INSERT INTO messages (run, seq, role, parts)
                     SELECT ?1, coalesce(max(seq) + 1, 0), ?2, ?3 FROM messages WHERE run = ?1",
                )?
                .execute(params![key(&end.id), role, json(&[Part::Text(text.clone())])?])?;
        }
    }
    Ok(())
}

/// A lesson that was spooled must not replace a later one.
fn learn(transaction: &Transaction<'_>, lesson: &Lesson) -> rusqlite::Result<()> {
    transaction
        .prepare_cached(
            "INSERT INTO lessons (provider, model, parameter, value, instead, learned_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT DO UPDATE SET value = excluded.value, instead = excluded.instead, learned_ms = excluded.learned_ms
             WHERE learned_ms <= excluded.learned_ms",
        )?
        .execute(params![
            lesson.provider,
            lesson.model,
            lesson.parameter,
            lesson.value,
            lesson.instead,
            lesson.learned_ms
        ])?;
    Ok(())
}

/// An attempt is free of charge only when it failed and its failure says so.
pub(super) fn maybe_billed(end: &AttemptEnd) -> bool {
    #[derive(Deserialize)]
    struct Billing {
        maybe_billed: bool,
    }
    let failure = end.failure.as_deref().and_then(|failure| serde_json::from_str::<Billing>(failure).ok());
    end.outcome != AttemptOutcome::Failed || failure.is_none_or(|failure| failure.maybe_billed)
}

const fn role_name(role: Role) -> &'static str {
    match role {
        Role::User => "user",
        Role::Assistant => "assistant",
    }
}

pub(super) fn json<T: Serialize + ?Sized>(value: &T) -> rusqlite::Result<String> {
    serde_json::to_string(value).map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))
}

/// SQLite's integers are signed.
pub(super) fn stored(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
