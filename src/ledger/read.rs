//! Reading the ledger: recent runs, one run in full, a conversation to continue.

use rusqlite::types::{FromSqlError, Type};
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::Serialize;

use super::chat::{CHAT, turns};
use super::comparisons::COMPARE;
use super::ids::{self, NEWEST, key};
use super::record::{
    Asked, AttemptEnd, AttemptOutcome, AttemptRole, AttemptStart, CostSource, RunEnd, RunStart, Spent, StoredBuckets,
};
use super::summaries::{messages_of, summaries};
use super::{Ledger, LedgerError, shapes, spenders};
use crate::chat::{Message, Part, Role};
use crate::money::Usd;

/// A run in one line.
#[derive(Clone, Debug, PartialEq)]
pub struct RunSummary {
    /// The run's id.
    pub id: String,
    /// The shortest prefix of the id, of 8 characters or more, that no other run has.
    pub short: String,
    /// The conversation it belongs to.
    pub conversation: String,
    /// When it started, in milliseconds since 1970 UTC.
    pub started_ms: i64,
    /// When it ended; `None` when it still runs or was killed.
    pub ended_ms: Option<i64>,
    /// The command.
    pub command: String,
    /// The route that was asked for.
    pub route: String,
    /// The program's exit code; `None` when it still runs or was killed.
    pub exit_code: Option<u8>,
    /// The target that served, or else the last one that was tried.
    pub target: Option<String>,
    /// Number of attempts.
    pub attempts: usize,
    /// Prompt and answer tokens of all attempts that were counted; `None` when none was.
    pub tokens: Option<(u64, u64)>,
    /// What its attempts cost.
    pub spent: Spent,
    /// The beginning of the last user message; empty when it was not kept.
    pub prompt: String,
}

/// A run in full.
#[derive(Clone, Debug, PartialEq)]
pub struct RunDetail {
    /// The shortest prefix of the id, of 8 characters or more, that no other run has.
    pub short: String,
    /// The run as it started.
    pub start: RunStart,
    /// The run as it ended; `None` when it still runs or was killed.
    pub end: Option<RunEnd>,
    /// Its attempts in order.
    pub attempts: Vec<AttemptDetail>,
}

/// An attempt in full.
#[derive(Clone, Debug, PartialEq)]
pub struct AttemptDetail {
    /// The attempt as it started; the provider is empty when that was lost.
    pub start: AttemptStart,
    /// The attempt as it ended; `None` when it still runs or was killed.
    pub end: Option<AttemptEnd>,
    /// It may have cost money.
    pub maybe_billed: bool,
    /// Where its key came from, where that was kept.
    pub key_place: Option<String>,
}

/// A conversation as far as it went: exchanges that ended with a whole answer, and those of a chat that were shown a part of one.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Conversation {
    /// Its id, which is the id of its first run.
    pub id: String,
    /// The latest system prompt.
    pub system: Option<String>,
    /// User and assistant turns in order, the oldest of them by their summary where there is one.
    pub messages: Vec<Message>,
}

impl RunDetail {
    /// What its attempts cost.
    pub fn spent(&self) -> Spent {
        spent(&self.attempts)
    }

    /// What was said before the run or its last attempt failed; `None` when nothing was, or when it was not kept.
    pub fn partial(&self) -> Option<&str> {
        let held = self.end.as_ref().filter(|end| end.exit_code != 0).map(|end| end.answer.as_str());
        let attempts = self.attempts.iter().rev().filter_map(|attempt| attempt.end.as_ref());
        held.into_iter().chain(attempts.map(|end| end.partial_text.as_str())).find(|text| !text.is_empty())
    }
}

/// So many runs are looked through for a conversation to go on with.
const LOOKED_THROUGH: u32 = 100;

/// How much of a prompt is told in lists, in characters.
const PROMPT_LENGTH: usize = 200;

/// How ids are found: the newest one, and those whose keys stand between two.
pub(super) struct Ids {
    pub(super) last: &'static str,
    pub(super) between: &'static str,
}

const RUNS: Ids = Ids {
    last: "SELECT id FROM runs WHERE command <> 'compare' ORDER BY key DESC LIMIT 1",
    between: "SELECT id FROM runs WHERE key BETWEEN ?1 AND ?2 ORDER BY key LIMIT 5",
};

const RUN: &str = "SELECT * FROM runs WHERE key = ?1";

/// The attempts of a run.
const OF_RUN: &str = "SELECT * FROM attempts WHERE run_key = ?1 ORDER BY number";

/// The runs of the conversation `?1`. That of the run it began with has no place in the index: most are no longer than that.
pub(super) const OF_CONVERSATION: &str = "(runs.key = ?1 OR runs.continues = ?1)";

impl Ledger {
    /// The latest runs, newest first. Comparisons are listed by themselves: one is as long as thousands of runs.
    pub fn recent(&self, limit: usize) -> Result<Vec<RunSummary>, LedgerError> {
        self.read(|connection| {
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            let ids: Vec<String> = connection
                .prepare("SELECT id FROM runs WHERE command <> ?2 ORDER BY key DESC LIMIT ?1")?
                .query_map(params![limit, COMPARE], |row| row.get(0))?
                .collect::<Result<_, _>>()?;
            ids.iter().map(|id| summary(connection, id)).collect()
        })
    }

    /// The run with that id, or whose id alone begins so, or the `last` one. `None` when there is none.
    pub fn run(&self, id: &str) -> Result<Option<RunDetail>, LedgerError> {
        let Some(id) = self.resolve(&RUNS, id)? else { return Ok(None) };
        self.read(|connection| detail(connection, &id)).map(Some)
    }

    /// The conversation of the run with that id, or whose id alone begins so, or of the `last` one.
    pub fn conversation(&self, id: &str) -> Result<Option<Conversation>, LedgerError> {
        let Some(run) = self.resolve(&RUNS, id)? else { return Ok(None) };
        self.read(|connection| {
            let of_run = "SELECT conversation FROM runs WHERE key = ?1";
            let id = connection.query_row(of_run, [key(&run)], |row| row.get(0))?;
            conversation(connection, id, NEWEST)
        })
        .map(Some)
    }

    /// The latest conversation that has an answer, or a chat's part of one, and whose text was kept: of that terminal, or of all
    /// when it is `None`.
    pub fn last_conversation(&self, terminal: Option<&str>) -> Result<Option<Conversation>, LedgerError> {
        self.read(|connection| {
            let last = "SELECT conversation FROM runs
                 WHERE keep_text AND (?1 IS NULL OR terminal = ?1) AND command <> ?2
                   AND (exit_code = 0 OR command = ?3 AND (
                        EXISTS (SELECT 1 FROM messages WHERE run = runs.key AND role = 'answer')
                        OR EXISTS (SELECT 1 FROM drafts WHERE run = runs.id)))
                 ORDER BY key DESC LIMIT ?4";
            let mut statement = connection.prepare(last)?;
            let mut rows = statement.query(params![terminal, COMPARE, CHAT, LOOKED_THROUGH])?;
            let mut passed_over: Vec<String> = Vec::new();
            // One of which all was taken back is none to go on with, while there is another.
            while let Some(row) = rows.next()? {
                let id: String = row.get(0)?;
                if passed_over.contains(&id) {
                    continue;
                }
                let found = conversation(connection, id, NEWEST)?;
                if !found.messages.is_empty() {
                    return Ok(Some(found));
                }
                passed_over.push(found.id);
            }
            passed_over.into_iter().next().map(|id| conversation(connection, id, NEWEST)).transpose()
        })
    }

    /// The whole id for a prefix of one or for `last`.
    pub(super) fn resolve(&self, ids: &Ids, wanted: &str) -> Result<Option<String>, LedgerError> {
        let mut ids: Vec<String> = self.read(|connection| {
            if wanted == "last" {
                return connection.prepare(ids.last)?.query_map([], |row| row.get(0))?.collect();
            }
            let mut statement = connection.prepare(ids.between)?;
            let mut found = Vec::new();
            for keys in ids::beginning(&wanted.to_ascii_lowercase()) {
                for id in statement.query_map(keys, |row| row.get(0))? {
                    found.push(id?);
                }
            }
            Ok(found)
        })?;
        let exact = ids.first().is_some_and(|id| id.eq_ignore_ascii_case(wanted));
        if ids.len() > 1 && !exact {
            return Err(LedgerError::Ambiguous { prefix: wanted.to_owned(), matches: ids });
        }
        Ok((!ids.is_empty()).then(|| ids.swap_remove(0)))
    }

    pub(super) fn read<T>(&self, query: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, LedgerError> {
        let connection = self.connection.as_ref().ok_or_else(|| self.unavailable())?;
        query(connection).map_err(|source| LedgerError::Read { path: self.path.clone(), source })
    }

    pub(super) fn unavailable(&self) -> LedgerError {
        let reason = self.unreadable.as_ref().or(self.problem.as_ref()).or(self.notices.first());
        LedgerError::Unavailable(reason.map_or("it is turned off", String::as_str).to_owned())
    }
}

pub(super) fn summary(connection: &Connection, id: &str) -> rusqlite::Result<RunSummary> {
    let run = detail(connection, id)?;
    let counted = || run.attempts.iter().filter_map(|attempt| attempt.end.as_ref()?.buckets);
    let tokens = counted().fold((0_u64, 0_u64), |(input, output), buckets| {
        (input.saturating_add(buckets.input_total), output.saturating_add(buckets.output_total))
    });
    let tried = run.attempts.last().map(|attempt| format!("{}/{}", attempt.start.provider, attempt.start.model));
    let asked = run.start.messages.iter().rev().find(|message| message.role == Role::User);
    Ok(RunSummary {
        target: run.end.as_ref().and_then(|end| end.served_by.clone()).or(tried),
        attempts: run.attempts.len(),
        tokens: counted().next().map(|_| tokens),
        spent: run.spent(),
        prompt: asked
            .map(|message| plain_text(&message.parts).chars().take(PROMPT_LENGTH).collect())
            .unwrap_or_default(),
        ended_ms: run.end.as_ref().map(|end| end.ended_ms),
        exit_code: run.end.as_ref().map(|end| end.exit_code),
        short: run.short,
        id: run.start.id,
        conversation: run.start.conversation,
        started_ms: run.start.started_ms,
        command: run.start.command,
        route: run.start.route,
    })
}

fn detail(connection: &Connection, id: &str) -> rusqlite::Result<RunDetail> {
    let mut run = connection.prepare_cached(RUN)?.query_row([key(id)], |row| {
        let exit_code: Option<u8> = row.get("exit_code")?;
        let end = exit_code.map(|exit_code| run_end(row, exit_code)).transpose()?;
        Ok(RunDetail { short: shortest(connection, id)?, start: run_start(row)?, end, attempts: Vec::new() })
    })?;
    let mut said = connection.prepare_cached("SELECT role, parts FROM messages WHERE run = ?1 ORDER BY seq")?;
    let mut rows = said.query([key(id)])?;
    while let Some(row) = rows.next()? {
        let (role, parts) = (row.get::<_, String>(0)?, parts(row, 1)?);
        match (role.as_str(), &mut run.end) {
            ("system", _) => run.start.system = Some(plain_text(&parts)),
            ("answer", Some(end)) => end.answer = plain_text(&parts),
            ("reasoning", Some(end)) => end.reasoning = plain_text(&parts),
            ("assistant", _) => run.start.messages.push(Message { role: Role::Assistant, parts }),
            _ => run.start.messages.push(Message { role: Role::User, parts }),
        }
    }
    run.attempts = connection.prepare_cached(OF_RUN)?.query_map([key(id)], attempt)?.collect::<Result<_, _>>()?;
    Ok(run)
}

fn run_start(row: &Row<'_>) -> rusqlite::Result<RunStart> {
    Ok(RunStart {
        id: row.get("id")?,
        conversation: row.get("conversation")?,
        started_ms: row.get("started_ms")?,
        command: row.get("command")?,
        route: row.get("route")?,
        system: None,
        messages: Vec::new(),
        keep_text: row.get("keep_text")?,
        terminal: row.get("terminal")?,
        arm: row.get("arm")?,
        project: row.get("project")?,
        tags: spenders::tags_of(&row.get::<_, Option<String>>("tags")?.unwrap_or_default()),
    })
}

fn run_end(row: &Row<'_>, exit_code: u8) -> rusqlite::Result<RunEnd> {
    Ok(RunEnd {
        id: row.get("id")?,
        ended_ms: row.get("ended_ms")?,
        exit_code,
        answer: String::new(),
        reasoning: String::new(),
        served_by: row.get("served_by")?,
        finish: row.get("finish")?,
    })
}

pub(super) fn attempt(row: &Row<'_>) -> rusqlite::Result<AttemptDetail> {
    let start = AttemptStart {
        run: row.get("run")?,
        number: row.get("number")?,
        started_ms: row.get("started_ms")?,
        provider: row.get("provider")?,
        model: row.get("model")?,
        role: AttemptRole::from_name(&row.get::<_, String>("role")?).unwrap_or_default(),
        asked: asked(row)?,
    };
    let outcome = AttemptOutcome::from_name(&row.get::<_, String>("outcome")?).unwrap_or(AttemptOutcome::Started);
    let end = (outcome != AttemptOutcome::Started).then(|| attempt_end(row, outcome)).transpose()?;
    Ok(AttemptDetail { start, end, maybe_billed: row.get("maybe_billed")?, key_place: row.get("key_place")? })
}

fn asked(row: &Row<'_>) -> rusqlite::Result<Option<Asked>> {
    let shape: (Option<bool>, Option<bool>) = (row.get("stream")?, row.get("tools")?);
    let (Some(stream), Some(tools), Some(prompt_tokens)) = (shape.0, shape.1, count(row, "prompt_tokens")?) else {
        return Ok(None);
    };
    Ok(Some(Asked { stream, tools, prompt_tokens }))
}

fn attempt_end(row: &Row<'_>, outcome: AttemptOutcome) -> rusqlite::Result<AttemptEnd> {
    Ok(AttemptEnd {
        run: row.get("run")?,
        number: row.get("number")?,
        outcome,
        served_model: row.get("served_model")?,
        request_id: row.get("request_id")?,
        first_content_ms: count(row, "first_content_ms")?,
        total_ms: count(row, "total_ms")?.unwrap_or(0),
        usage_raw: shapes::load(row, "usage_raw", "usage_shape")?,
        buckets: buckets(row)?,
        price: shapes::load(row, "price", "price_shape")?,
        cost_pico: row.get("cost_pico")?,
        saved_pico: row.get("saved_pico")?,
        cost_source: CostSource::from_name(&row.get::<_, String>("cost_source")?).unwrap_or(CostSource::Unknown),
        class: row.get("class")?,
        failure: row.get("failure")?,
        partial_text: row.get("partial_text")?,
    })
}

fn buckets(row: &Row<'_>) -> rusqlite::Result<Option<StoredBuckets>> {
    let counts = (count(row, "input_total")?, count(row, "output_total")?);
    let (Some(input_total), Some(output_total)) = counts else { return Ok(None) };
    Ok(Some(StoredBuckets {
        input_total,
        cache_read: count(row, "cache_read")?.unwrap_or(0),
        cache_write: count(row, "cache_write")?.unwrap_or(0),
        output_total,
        reasoning: count(row, "reasoning")?.unwrap_or(0),
    }))
}

/// The conversation as it was after that run of it.
pub(super) fn conversation(connection: &Connection, id: String, run: &str) -> rusqlite::Result<Conversation> {
    let turns = turns(connection, &id, run)?;
    // A chat that takes its system prompt away says so by an empty one.
    let system = turns.iter().rev().find_map(|turn| turn.system.clone()).filter(|system| !system.is_empty());
    Ok(Conversation { id, system, messages: messages_of(&turns, &summaries(connection, &turns)?) })
}

/// The beginning of what a conversation was begun with; empty when that was not kept.
pub(super) fn first_prompt(connection: &Connection, conversation: &str) -> rusqlite::Result<String> {
    let first = format!(
        "SELECT parts FROM runs JOIN messages ON run = runs.key
         WHERE {OF_CONVERSATION} AND role = 'user' ORDER BY run, seq LIMIT 1"
    );
    let found = connection.prepare_cached(&first)?.query_row([key(conversation)], |row| parts(row, 0)).optional()?;
    Ok(found.map(|parts| plain_text(&parts).chars().take(PROMPT_LENGTH).collect()).unwrap_or_default())
}

const NEIGHBOURS: [&str; 2] = [
    "SELECT id FROM runs WHERE key < ?1 ORDER BY key DESC LIMIT 1",
    "SELECT id FROM runs WHERE key > ?1 ORDER BY key LIMIT 1",
];

/// How much of an id tells it from its neighbours in order, at least 8 characters.
fn shortest(connection: &Connection, id: &str) -> rusqlite::Result<String> {
    let mut longest = 0;
    for neighbour in NEIGHBOURS {
        let other: Option<String> =
            connection.prepare_cached(neighbour)?.query_row([key(id)], |row| row.get(0)).optional()?;
        let shared = id.chars().zip(other.iter().flat_map(|other| other.chars())).take_while(|(a, b)| a == b).count();
        longest = longest.max(shared);
    }
    let mut short: String = id.chars().take(8.max(longest + 1)).collect();
    if short.ends_with('-') {
        short.extend(id.chars().nth(short.chars().count()));
    }
    Ok(short)
}

/// Only costs that may have been charged count as unknown.
fn spent(attempts: &[AttemptDetail]) -> Spent {
    let cost = |attempt: &AttemptDetail| attempt.end.as_ref().and_then(|end| end.cost_pico);
    Spent {
        known: attempts.iter().filter_map(cost).map(|pico| Usd::from_pico(pico.into())).sum(),
        unknown: attempts.iter().map(|each| u64::from(each.maybe_billed && cost(each).is_none())).sum(),
    }
}

pub(super) fn parts(row: &Row<'_>, column: usize) -> rusqlite::Result<Vec<Part>> {
    serde_json::from_str(row.get_ref(column)?.as_str()?)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(column, Type::Text, error.into()))
}

pub(super) fn plain_text(parts: &[Part]) -> String {
    parts.iter().filter_map(Part::as_text).collect::<Vec<_>>().join("\n\n")
}

fn count(row: &Row<'_>, column: &str) -> rusqlite::Result<Option<u64>> {
    let count: Option<i64> = row.get(column)?;
    count.map(|count| u64::try_from(count).map_err(|_| FromSqlError::OutOfRange(count).into())).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::chat::said;

    /// How SQLite carries out a query.
    fn plan(query: &str) -> String {
        let ledger = Ledger::in_memory().expect("memory");
        let steps: Vec<String> = ledger
            .read(|connection| {
                let mut plan = connection.prepare(&format!("EXPLAIN QUERY PLAN {query}"))?;
                plan.raw_query().mapped(|row| row.get(3)).collect()
            })
            .expect("a plan");
        steps.join("\n")
    }

    #[test]
    fn the_runs_of_a_conversation_are_found_by_indexes_alone() {
        let plan = plan(&format!("SELECT id FROM runs WHERE {OF_CONVERSATION}"));
        assert!(plan.contains("runs_by_conversation") && !plan.contains("SCAN"), "{plan}");
    }

    #[test]
    fn what_is_found_by_its_id_is_found_by_the_key_of_its_table() {
        let of_conversation = said();
        let queries = [RUNS.between, RUN, OF_RUN, NEIGHBOURS[0], NEIGHBOURS[1], &of_conversation];
        for query in queries {
            let plan = plan(query);
            assert!(plan.contains("SEARCH kept_") && !plan.contains("SCAN"), "{query}: {plan}");
            assert!(!plan.contains("TEMP B-TREE") || query == of_conversation, "{query}: {plan}");
        }
    }
}
