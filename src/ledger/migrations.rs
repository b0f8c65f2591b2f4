//! The ledger's tables, one step per version.

use rusqlite::{Connection, TransactionBehavior};

use super::ids::{id_of, key_of};
use super::{chat, factors, imports, samples, search, spent, summaries, traffic};

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
    concat!(
        "
    -- A million attempts take less than 400 MB: what many rows share is kept once, as `texts` and `spenders`, and rows hold
    -- its number. `kept_runs` and `kept_attempts` are what is written. The views `runs` and `attempts` tell each column of
    -- them in words, as other tools and most of the program read it; what is not read of a view costs nothing.
    --
    -- A run's id is kept as `ids.rs` says, here and in `messages`. The views tell it as text; rows are found by it as it is
    -- kept, which is their `key`, `run_key` and `continues`.
    CREATE TABLE texts (
        id   INTEGER PRIMARY KEY,
        text TEXT NOT NULL UNIQUE
    ) STRICT;

    -- Who spends. What is not there is empty: a run has no provider, model and role, its attempts have.
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
    INSERT INTO spenders (provider, model, route, command, role, project, tags, imported)
        SELECT '', '', route, command, '', '', '', 0 FROM runs
        UNION
        SELECT provider, model, coalesce(route, ''), coalesce(command, ''), role, '', '', 0
        FROM attempts LEFT JOIN runs ON runs.id = run WHERE provider <> '';

    -- `continues` is the conversation, NULL where that begins with the run: most have no other. `spender` tells command, route,
    -- project and tags; NULL when the start was lost. `served_by` is the number of a text.
    CREATE TABLE kept_runs (
        id         ANY PRIMARY KEY NOT NULL,
        continues  ANY,
        spender    INTEGER,
        terminal   TEXT,
        keep_text  INTEGER NOT NULL,
        started_ms INTEGER NOT NULL,
        ended_ms   INTEGER,
        exit_code  INTEGER,
        served_by  INTEGER,
        finish     TEXT,
        arm        TEXT
    ) STRICT, WITHOUT ROWID;
    INSERT OR IGNORE INTO texts (text) SELECT DISTINCT served_by FROM runs WHERE served_by IS NOT NULL;
    INSERT INTO kept_runs
        SELECT ", key_of!("runs.id"), ", nullif(", key_of!("conversation"), ", ", key_of!("runs.id"), "), spenders.id, terminal,
            keep_text, started_ms, ended_ms, exit_code, texts.id, finish, arm
        FROM runs
        LEFT JOIN spenders ON provider = '' AND model = '' AND spenders.route = runs.route
            AND spenders.command = runs.command AND role = '' AND project = '' AND tags = '' AND imported = 0
        LEFT JOIN texts ON text = served_by
        ORDER BY runs.id;

    -- `spender` tells provider, model and role; NULL when the start was lost. `served_model` is empty when it is the model that
    -- was asked. `usage_raw` and `price` are JSON, or the numbers of JSON of a shape, which is the number of a text.
    CREATE TABLE kept_attempts (
        run              ANY NOT NULL,
        number           INTEGER NOT NULL,
        started_ms       INTEGER NOT NULL,
        spender          INTEGER,
        outcome          TEXT NOT NULL DEFAULT 'started',
        maybe_billed     INTEGER NOT NULL DEFAULT 1,
        served_model     TEXT,
        request_id       TEXT,
        first_content_ms INTEGER,
        total_ms         INTEGER,
        usage_shape      INTEGER,
        usage_raw        TEXT,
        input_total      INTEGER,
        cache_read       INTEGER,
        cache_write      INTEGER,
        output_total     INTEGER,
        reasoning        INTEGER,
        price_shape      INTEGER,
        price            TEXT,
        cost_pico        INTEGER,
        saved_pico       INTEGER,
        cost_source      TEXT NOT NULL DEFAULT 'unknown',
        class            TEXT,
        failure          TEXT,
        partial_text     TEXT NOT NULL DEFAULT '',
        key_place        TEXT,
        stream           INTEGER,
        tools            INTEGER,
        prompt_tokens    INTEGER,
        PRIMARY KEY (run, number)
    ) STRICT;
    INSERT INTO kept_attempts
        SELECT ", key_of!("run"), ", number, attempts.started_ms, spenders.id, outcome, maybe_billed,
            iif(served_model = attempts.model, '', nullif(served_model, '')), request_id, first_content_ms, total_ms, NULL,
            usage_raw, input_total, cache_read, cache_write, output_total, reasoning, NULL, price, cost_pico, NULL,
            cost_source, class, failure, partial_text, key_place, stream, tools, prompt_tokens
        FROM attempts LEFT JOIN runs ON runs.id = run
        LEFT JOIN spenders ON spenders.provider = attempts.provider AND spenders.model = attempts.model
            AND spenders.route = coalesce(runs.route, '') AND spenders.command = coalesce(runs.command, '')
            AND spenders.role = attempts.role AND project = '' AND tags = '' AND imported = 0
        ORDER BY attempts.rowid;

    ALTER TABLE messages RENAME TO messages_before;
    CREATE TABLE messages (
        id    INTEGER PRIMARY KEY,
        run   ANY NOT NULL,
        seq   INTEGER NOT NULL,
        role  TEXT NOT NULL,
        parts TEXT NOT NULL,
        UNIQUE (run, seq)
    ) STRICT;
    INSERT INTO messages SELECT id, ", key_of!("run"), ", seq, role, parts FROM messages_before;
    DROP TABLE messages_before;
    DROP TABLE runs;
    DROP TABLE attempts;

    CREATE INDEX runs_by_conversation ON kept_runs (continues) WHERE continues IS NOT NULL;
    -- Percentiles are read from the index alone.
    CREATE INDEX attempts_by_time ON kept_attempts (started_ms, spender, cost_pico, total_ms);
    -- Whoever is killed leaves an attempt without an end, of which nothing is known.
    CREATE INDEX attempts_unended ON kept_attempts (started_ms, spender) WHERE outcome = 'started';

    CREATE VIEW runs AS
        SELECT ", id_of!("id"), " AS id, ", id_of!("coalesce(continues, id)"), " AS conversation, terminal,
            coalesce((SELECT command FROM spenders WHERE id = spender), '') AS command,
            coalesce((SELECT route FROM spenders WHERE id = spender), '') AS route,
            keep_text, started_ms, ended_ms, exit_code, (SELECT text FROM texts WHERE id = served_by) AS served_by, finish, arm,
            (SELECT nullif(project, '') FROM spenders WHERE id = spender) AS project,
            (SELECT nullif(tags, '') FROM spenders WHERE id = spender) AS tags,
            id AS key, continues
        FROM kept_runs;
    CREATE VIEW attempts AS
        SELECT ", id_of!("run"), " AS run, number, started_ms,
            coalesce((SELECT provider FROM spenders WHERE id = spender), '') AS provider,
            coalesce((SELECT model FROM spenders WHERE id = spender), '') AS model,
            coalesce((SELECT role FROM spenders WHERE id = spender), 'main') AS role,
            spender, outcome, maybe_billed,
            iif(served_model = '', (SELECT model FROM spenders WHERE id = spender), served_model) AS served_model,
            request_id, first_content_ms, total_ms, (SELECT text FROM texts WHERE id = usage_shape) AS usage_shape, usage_raw,
            input_total, cache_read, cache_write, output_total, reasoning,
            (SELECT text FROM texts WHERE id = price_shape) AS price_shape, price, cost_pico, saved_pico, cost_source, class,
            failure, partial_text, key_place, stream, tools, prompt_tokens, run AS run_key
        FROM kept_attempts;

    -- What spenders spent in a quarter of an hour, counted since 1970 UTC: sums over attempts that have ended, see
    -- `quarter.rs`.
    CREATE TABLE spent (
        quarter INTEGER PRIMARY KEY,
        cells   BLOB NOT NULL
    ) STRICT;

    -- The sums of conversations that were continued, from their first attempt to their last.
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
        FROM attempts JOIN runs ON runs.key = run_key
        WHERE outcome <> 'started' AND provider <> ''
          AND conversation IN (SELECT conversation FROM runs WHERE continues IS NOT NULL)
        GROUP BY conversation;

    -- What limits are held against, by what they are about: `all`, `hedged`, `shadow`, `route R`, `project P`, `tag K=V`.
    DROP TABLE spending;
    CREATE TABLE spending (
        of        TEXT NOT NULL,
        quarter   INTEGER NOT NULL,
        cost_pico INTEGER NOT NULL,
        PRIMARY KEY (of, quarter)
    ) STRICT, WITHOUT ROWID;
    INSERT INTO spending
        SELECT 'all', started_ms / 900000, CAST(total(cost_pico) AS INTEGER) FROM attempts
        WHERE outcome <> 'started' AND cost_pico <> 0 GROUP BY started_ms / 900000;
    INSERT INTO spending
        SELECT 'route ' || route, started_ms / 900000, CAST(total(cost_pico) AS INTEGER)
        FROM attempts JOIN spenders ON spenders.id = spender
        WHERE outcome <> 'started' AND cost_pico <> 0 AND route <> '' GROUP BY route, started_ms / 900000;
    INSERT INTO spending
        SELECT iif(attempts.role = 'hedge', 'hedged', 'shadow'), started_ms / 900000, CAST(total(cost_pico) AS INTEGER)
        FROM attempts
        WHERE outcome <> 'started' AND cost_pico <> 0 AND role IN ('hedge', 'shadow')
        GROUP BY role, started_ms / 900000;

    -- What requests under way may cost: held against limits until they have ended or must have died. About what, as JSON.
    CREATE TABLE reservations (
        id         INTEGER PRIMARY KEY,
        about      TEXT NOT NULL,
        cost_pico  INTEGER NOT NULL,
        expires_ms INTEGER NOT NULL
    ) STRICT;
"
    ),
    imports::STEP,
    search::SCHEMA,
    factors::STEP,
    traffic::STEP,
    samples::STEP,
    chat::STEP,
    summaries::STEP,
];

/// The version from which on sums are kept in `spent`.
const SUMS: usize = 5;

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
    let before = version(&transaction)?;
    for step in MIGRATIONS.iter().skip(before) {
        transaction.execute_batch(step)?;
    }
    if (1..SUMS).contains(&before) {
        spent::sum_up(&transaction)?;
    }
    if version(&transaction)? < VERSION {
        samples::renew(&transaction, i64::MAX, u32::MAX)?;
        transaction.pragma_update(None, "user_version", i64::try_from(VERSION).unwrap_or(i64::MAX))?;
    }
    transaction.commit()
}
