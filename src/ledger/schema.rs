//! The ledger's tables, and how each entry is written into them.

use std::borrow::Cow;

use rusqlite::{Connection, Transaction, TransactionBehavior, params};
use serde::{Deserialize, Serialize};

use super::observe::{self, Opened};
use super::record::{AttemptEnd, AttemptOutcome, AttemptStart, Lesson, Observation, RunEnd, RunStart};
use super::{search, shapes, spenders};
use crate::chat::{Part, Role};

/// One step per schema version; `PRAGMA user_version` counts those that were taken.
///
/// There are no foreign keys: an attempt whose run was lost on the way is still money spent.
pub(super) const MIGRATIONS: &[&str] = &[
    "
    -- Ids are UUIDs of version 7, so the primary key is also the order of time.
    CREATE TABLE runs (
        id           TEXT PRIMARY KEY,
        conversation TEXT NOT NULL,
        terminal     TEXT,
        command      TEXT NOT NULL,
        route        TEXT NOT NULL,
        keep_text    INTEGER NOT NULL,
        started_ms   INTEGER NOT NULL,
        ended_ms     INTEGER,
        exit_code    INTEGER,
        served_by    TEXT,
        finish       TEXT
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX runs_by_conversation ON runs (conversation);

    -- What was said. Roles: system, user and assistant as they were asked; reasoning and answer as they came.
    CREATE TABLE messages (
        id    INTEGER PRIMARY KEY,
        run   TEXT NOT NULL,
        seq   INTEGER NOT NULL,
        role  TEXT NOT NULL,
        parts TEXT NOT NULL,
        UNIQUE (run, seq)
    ) STRICT;

    -- One row per attempt, written before the request is sent. Amounts are pico-dollars, NULL is unknown.
    CREATE TABLE attempts (
        run              TEXT NOT NULL,
        number           INTEGER NOT NULL,
        started_ms       INTEGER NOT NULL,
        provider         TEXT NOT NULL,
        model            TEXT NOT NULL,
        outcome          TEXT NOT NULL DEFAULT 'started',
        maybe_billed     INTEGER NOT NULL DEFAULT 1,
        served_model     TEXT,
        request_id       TEXT,
        first_content_ms INTEGER,
        total_ms         INTEGER,
        usage_raw        TEXT,
        input_total      INTEGER,
        cache_read       INTEGER,
        cache_write      INTEGER,
        output_total     INTEGER,
        reasoning        INTEGER,
        price            TEXT,
        cost_pico        INTEGER,
        cost_source      TEXT NOT NULL DEFAULT 'unknown',
        class            TEXT,
        failure          TEXT,
        partial_text     TEXT NOT NULL DEFAULT '',
        PRIMARY KEY (run, number)
    ) STRICT;
",
    "
    -- Parameters that a provider rejected for a model, and what was done instead.
    CREATE TABLE lessons (
        provider   TEXT NOT NULL,
        model      TEXT NOT NULL,
        parameter  TEXT NOT NULL,
        value      TEXT,
        instead    TEXT,
        learned_ms INTEGER NOT NULL,
        PRIMARY KEY (provider, model, parameter)
    ) STRICT, WITHOUT ROWID;
",
    "
    ALTER TABLE runs ADD COLUMN arm TEXT;

    -- Role: main, hedge, shadow, probe or canary. Prompt tokens are estimated. NULL is unknown.
    ALTER TABLE attempts ADD COLUMN key_place TEXT;
    ALTER TABLE attempts ADD COLUMN role TEXT NOT NULL DEFAULT 'main';
    ALTER TABLE attempts ADD COLUMN stream INTEGER;
    ALTER TABLE attempts ADD COLUMN tools INTEGER;
    ALTER TABLE attempts ADD COLUMN prompt_tokens INTEGER;
    CREATE INDEX attempts_by_time ON attempts (started_ms);

    -- Who has failed of late: the subject as JSON, what is remembered as JSON.
    CREATE TABLE breakers (
        subject    TEXT PRIMARY KEY,
        breaker    TEXT NOT NULL,
        updated_ms INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;

    -- How requests to a target went, as sums that fade: JSON.
    CREATE TABLE cells (
        provider TEXT NOT NULL,
        model    TEXT NOT NULL,
        cell     TEXT NOT NULL,
        data     TEXT NOT NULL,
        PRIMARY KEY (provider, model, cell)
    ) STRICT;

    -- What providers said is left of their limits.
    CREATE TABLE quotas (
        provider  TEXT NOT NULL,
        model     TEXT NOT NULL,
        of        TEXT NOT NULL,
        lim       INTEGER,
        remaining INTEGER NOT NULL,
        resets_ms INTEGER NOT NULL,
        seen_ms   INTEGER NOT NULL,
        PRIMARY KEY (provider, model, of)
    ) STRICT, WITHOUT ROWID;

    -- What attempts cost that started in an hour, counted since 1970 UTC. Kind: all, and of that hedged and shadow.
    CREATE TABLE spending (
        hour      INTEGER NOT NULL,
        kind      TEXT NOT NULL,
        cost_pico INTEGER NOT NULL,
        unknown   INTEGER NOT NULL,
        PRIMARY KEY (hour, kind)
    ) STRICT, WITHOUT ROWID;
    INSERT INTO spending
        SELECT started_ms / 3600000, 'all', CAST(total(cost_pico) AS INTEGER), sum(maybe_billed AND cost_pico IS NULL)
        FROM attempts WHERE outcome <> 'started' GROUP BY started_ms / 3600000;

    -- Small things by name.
    CREATE TABLE state (
        name  TEXT PRIMARY KEY,
        value TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
",
    "
    -- What several models answered to the same rows. Texts may be long, so the tables have row ids; what belongs to a
    -- comparison knows it by its number, which keeps the indexes small. Specs and ends are JSON.
    CREATE TABLE comparisons (
        number     INTEGER PRIMARY KEY,
        id         TEXT NOT NULL UNIQUE,
        created_ms INTEGER NOT NULL,
        spec       TEXT NOT NULL,
        ended      TEXT
    ) STRICT;

    CREATE TABLE comparison_rows (
        comparison INTEGER NOT NULL,
        idx        INTEGER NOT NULL,
        row        TEXT NOT NULL,
        PRIMARY KEY (comparison, idx)
    ) STRICT;

    -- Models and repeats count from 0. Times are microseconds, amounts pico-dollars; NULL is unknown. Long texts come last:
    -- what stands before them is read without them. State, tokens and verdicts are JSON.
    CREATE TABLE comparison_answers (
        comparison     INTEGER NOT NULL,
        idx            INTEGER NOT NULL,
        model          INTEGER NOT NULL,
        repeat         INTEGER NOT NULL,
        failed         INTEGER NOT NULL,
        cost_pico      INTEGER,
        attempts       INTEGER NOT NULL,
        cosine         REAL,
        first_token_us INTEGER,
        first_piece_us INTEGER,
        total_us       INTEGER,
        tokens         TEXT,
        served         TEXT,
        state          TEXT NOT NULL,
        verdicts       TEXT NOT NULL,
        text           TEXT NOT NULL,
        PRIMARY KEY (comparison, idx, model, repeat)
    ) STRICT;
    -- What a list of comparisons tells is in the index alone.
    CREATE INDEX comparison_costs ON comparison_answers (comparison, model, failed, cost_pico);

    -- What judges were asked of a row and said, in its order: JSON.
    CREATE TABLE comparison_judgements (
        comparison INTEGER NOT NULL,
        idx        INTEGER NOT NULL,
        seq        INTEGER NOT NULL,
        transcript TEXT NOT NULL,
        PRIMARY KEY (comparison, idx, seq)
    ) STRICT;
",
    "
    -- What values of JSON have in common: the numbers of each are kept where it belongs.
    CREATE TABLE shapes (
        id   INTEGER PRIMARY KEY,
        text TEXT NOT NULL UNIQUE
    ) STRICT;

    ALTER TABLE runs ADD COLUMN project TEXT;
    -- JSON; NULL when there are none.
    ALTER TABLE runs ADD COLUMN tags TEXT;

    -- Who spends. What is not there is empty.
    CREATE TABLE spenders (
        id       INTEGER PRIMARY KEY,
        provider TEXT NOT NULL,
        model    TEXT NOT NULL,
        route    TEXT NOT NULL,
        command  TEXT NOT NULL,
        role     TEXT NOT NULL,
        project  TEXT NOT NULL,
        tags     TEXT NOT NULL,
        imported INTEGER NOT NULL,
        UNIQUE (provider, model, route, command, role, project, tags, imported)
    ) STRICT;

    -- `usage_raw` and `price` are JSON, or the numbers of JSON of a shape.
    ALTER TABLE attempts ADD COLUMN spender INTEGER;
    ALTER TABLE attempts ADD COLUMN usage_shape INTEGER;
    ALTER TABLE attempts ADD COLUMN price_shape INTEGER;
    ALTER TABLE attempts ADD COLUMN saved_pico INTEGER;
    INSERT OR IGNORE INTO spenders (provider, model, route, command, role, project, tags, imported)
        SELECT DISTINCT provider, model, coalesce(route, ''), coalesce(command, ''), role, '', '', 0
        FROM attempts LEFT JOIN runs ON runs.id = run;
    UPDATE attempts SET spender = (
        SELECT spenders.id FROM spenders LEFT JOIN runs ON runs.id = attempts.run
        WHERE spenders.provider = attempts.provider AND spenders.model = attempts.model
          AND spenders.route = coalesce(runs.route, '') AND spenders.command = coalesce(runs.command, '')
          AND spenders.role = attempts.role);
    DROP INDEX attempts_by_time;
    -- Percentiles are read from the index alone.
    CREATE INDEX attempts_by_time ON attempts (started_ms, spender, cost_pico, total_ms);
    -- Whoever is killed leaves an attempt without an end, of which nothing is known.
    CREATE INDEX attempts_unended ON attempts (started_ms, spender) WHERE outcome = 'started';

    -- What a spender spent in a quarter of an hour, counted since 1970 UTC: sums over attempts that have ended.
    CREATE TABLE spent (
        spender     INTEGER NOT NULL,
        quarter     INTEGER NOT NULL,
        requests    INTEGER NOT NULL,
        failures    INTEGER NOT NULL,
        unknown     INTEGER NOT NULL,
        uncounted   INTEGER NOT NULL,
        input       INTEGER NOT NULL,
        cache_read  INTEGER NOT NULL,
        cache_write INTEGER NOT NULL,
        output      INTEGER NOT NULL,
        reasoning   INTEGER NOT NULL,
        cost_pico   INTEGER NOT NULL,
        failed_pico INTEGER NOT NULL,
        saved_pico  INTEGER NOT NULL,
        PRIMARY KEY (spender, quarter)
    ) STRICT, WITHOUT ROWID;
    INSERT INTO spent
        SELECT spender, started_ms / 900000, count(*), sum(outcome <> 'complete'),
            sum(maybe_billed AND cost_pico IS NULL), sum(input_total IS NULL OR output_total IS NULL),
            CAST(total(input_total) AS INTEGER), CAST(total(cache_read) AS INTEGER),
            CAST(total(cache_write) AS INTEGER), CAST(total(output_total) AS INTEGER),
            CAST(total(reasoning) AS INTEGER), CAST(total(cost_pico) AS INTEGER),
            CAST(total(iif(outcome <> 'complete', cost_pico, 0)) AS INTEGER), 0
        FROM attempts WHERE outcome <> 'started' AND provider <> '' GROUP BY spender, started_ms / 900000;

    -- The same of conversations that were continued, from their first attempt to their last.
    CREATE TABLE conversations (
        id          TEXT PRIMARY KEY,
        first_ms    INTEGER NOT NULL,
        last_ms     INTEGER NOT NULL,
        requests    INTEGER NOT NULL,
        failures    INTEGER NOT NULL,
        unknown     INTEGER NOT NULL,
        uncounted   INTEGER NOT NULL,
        input       INTEGER NOT NULL,
        cache_read  INTEGER NOT NULL,
        cache_write INTEGER NOT NULL,
        output      INTEGER NOT NULL,
        reasoning   INTEGER NOT NULL,
        cost_pico   INTEGER NOT NULL,
        failed_pico INTEGER NOT NULL,
        saved_pico  INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    INSERT INTO conversations
        SELECT conversation, min(attempts.started_ms), max(attempts.started_ms), count(*), sum(outcome <> 'complete'),
            sum(maybe_billed AND cost_pico IS NULL), sum(input_total IS NULL OR output_total IS NULL),
            CAST(total(input_total) AS INTEGER), CAST(total(cache_read) AS INTEGER),
            CAST(total(cache_write) AS INTEGER), CAST(total(output_total) AS INTEGER),
            CAST(total(reasoning) AS INTEGER), CAST(total(cost_pico) AS INTEGER),
            CAST(total(iif(outcome <> 'complete', cost_pico, 0)) AS INTEGER), 0
        FROM attempts JOIN runs ON runs.id = run
        WHERE outcome <> 'started' AND provider <> ''
          AND conversation IN (SELECT conversation FROM runs WHERE conversation <> id)
        GROUP BY conversation;

    -- What limits are held against, by what they are about: `all`, `hedged`, `shadow`, `route R`, `project P`, `tag K=V`.
    DROP TABLE spending;
    CREATE TABLE spending (
        of        TEXT NOT NULL,
        quarter   INTEGER NOT NULL,
        cost_pico INTEGER NOT NULL,
        PRIMARY KEY (of, quarter)
    ) STRICT, WITHOUT ROWID;
    INSERT INTO spending SELECT 'all', quarter, CAST(total(cost_pico) AS INTEGER) FROM spent GROUP BY quarter;
    INSERT INTO spending
        SELECT 'route ' || route, quarter, CAST(total(cost_pico) AS INTEGER)
        FROM spent JOIN spenders ON spenders.id = spender GROUP BY route, quarter;
    INSERT INTO spending
        SELECT iif(role = 'hedge', 'hedged', 'shadow'), quarter, CAST(total(cost_pico) AS INTEGER)
        FROM spent JOIN spenders ON spenders.id = spender WHERE role IN ('hedge', 'shadow') GROUP BY role, quarter;

    -- What requests under way may cost: held against limits until they have ended or must have died. About what, as JSON.
    CREATE TABLE reservations (
        id         INTEGER PRIMARY KEY,
        about      TEXT NOT NULL,
        cost_pico  INTEGER NOT NULL,
        expires_ms INTEGER NOT NULL
    ) STRICT;
",
    super::imports::STEP,
    search::SCHEMA,
];

/// The schema version this program writes.
pub(super) const VERSION: usize = MIGRATIONS.len();

/// The schema version of the file; 0 for a new one.
pub(super) fn version(connection: &Connection) -> rusqlite::Result<usize> {
    connection.pragma_query_value(None, "user_version", |row| row.get::<_, i64>(0)).map(|version| {
        // A negative number was never written by llmx: treat it as from the future and leave the file alone.
        usize::try_from(version).unwrap_or(usize::MAX)
    })
}

/// Brings the file from its version to [`VERSION`], in one transaction. A newer file is left as it is.
pub(super) fn migrate(connection: &mut Connection) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for step in MIGRATIONS.iter().skip(version(&transaction)?) {
        transaction.execute_batch(step)?;
    }
    if version(&transaction)? < VERSION {
        transaction.pragma_update(None, "user_version", i64::try_from(VERSION).unwrap_or(i64::MAX))?;
    }
    transaction.commit()
}

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
            "INSERT OR IGNORE INTO runs (id, conversation, terminal, command, route, keep_text, started_ms, arm, project, tags)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        )?
        .execute(params![
            start.id,
            start.conversation,
            start.terminal,
            start.command,
            start.route,
            start.keep_text,
            start.started_ms,
            start.arm,
            start.project,
            Some(spenders::tags_text(&start.tags)).filter(|tags| !tags.is_empty())
        ])?;
    let system = start.system.iter().map(|text| ("system", Cow::from(vec![Part::Text(text.clone())])));
    let messages = start.messages.iter().map(|message| (role_name(message.role), Cow::from(&message.parts)));
    for (seq, (role, parts)) in (0_i64..).zip(system.chain(messages)) {
        transaction
            .prepare_cached("INSERT OR IGNORE INTO messages (run, seq, role, parts) VALUES (?1, ?2, ?3, ?4)")?
            .execute(params![start.id, seq, role, json(&parts)?])?;
    }
    Ok(())
}

fn start_attempt(transaction: &Transaction<'_>, start: &AttemptStart) -> rusqlite::Result<()> {
    transaction
        .prepare_cached(
            "INSERT INTO attempts (run, number, started_ms, provider, model, role, stream, tools, prompt_tokens, spender)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
             ON CONFLICT DO UPDATE SET
                 started_ms = excluded.started_ms, provider = excluded.provider, model = excluded.model,
                 role = excluded.role, stream = excluded.stream, tools = excluded.tools,
                 prompt_tokens = excluded.prompt_tokens, spender = excluded.spender",
        )?
        .execute(params![
            start.run,
            start.number,
            start.started_ms,
            start.provider,
            start.model,
            start.role.name(),
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
            "INSERT INTO attempts (
                 run, number, started_ms, provider, model, outcome, maybe_billed, served_model, request_id,
                 first_content_ms, total_ms, usage_raw, input_total, cache_read, cache_write, output_total, reasoning,
                 price, cost_pico, cost_source, class, failure, partial_text, usage_shape, price_shape, saved_pico)
             VALUES (?1, ?2, 0, '', '', ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20,
                 ?21, ?22, ?23)
             ON CONFLICT DO UPDATE SET
                 outcome = excluded.outcome, maybe_billed = excluded.maybe_billed,
                 served_model = excluded.served_model, request_id = excluded.request_id,
                 first_content_ms = excluded.first_content_ms, total_ms = excluded.total_ms,
                 usage_raw = excluded.usage_raw, input_total = excluded.input_total,
                 cache_read = excluded.cache_read, cache_write = excluded.cache_write,
                 output_total = excluded.output_total, reasoning = excluded.reasoning, price = excluded.price,
                 cost_pico = excluded.cost_pico, cost_source = excluded.cost_source, class = excluded.class,
                 failure = excluded.failure, partial_text = excluded.partial_text,
                 usage_shape = excluded.usage_shape, price_shape = excluded.price_shape, saved_pico = excluded.saved_pico",
        )?
        .execute(params![
            end.run,
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
    let ended = transaction
        .prepare_cached(
            "INSERT INTO runs (id, conversation, command, route, keep_text, started_ms, ended_ms, exit_code, served_by, finish)
             VALUES (?1, ?1, '', '', 1, ?2, ?2, ?3, ?4, ?5)
             ON CONFLICT DO UPDATE SET
                 ended_ms = excluded.ended_ms, exit_code = excluded.exit_code,
                 served_by = excluded.served_by, finish = excluded.finish
             WHERE ended_ms IS NULL",
        )?
        .execute(params![end.id, end.ended_ms, end.exit_code, end.served_by, end.finish])?;
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
                .execute(params![end.id, role, json(&[Part::Text(text.clone())])?])?;
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
