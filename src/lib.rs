//! llmx talks to any language model through a router that explains itself.
//!
//! # The rooms
//!
//! | room | what lives there |
//! |---|---|
//! | [`chat`] | the vocabulary: request, message, event, usage, finish, reply (a fold of events) |
//! | [`failure`] | what can go wrong, in classes, and what each class does |
//! | [`money`], [`secret`], [`error`], [`csv`], [`template`] | integer pico-dollars; keys that cannot be printed; the error at the edge; lines for spreadsheets; texts with places to fill in |
//! | [`wire`] | pure: one file per wire format, request to bytes and bytes to events; formats of embeddings and lists of models |
//! | [`provider`] | pure: who serves what; a provider is a row (`builtin.toml`, made JSON by `build.rs`), a difference is a named quirk |
//! | [`catalog`] | pure: models, windows, abilities, prices with dates; usage to a bill |
//! | [`route`] | pure: the decision, as a plan with reasons |
//! | [`compare`] | pure: answers of several models beside each other: likeness, differences, checks, statistics, the report |
//! | [`cost`] | pure: sums of what was spent, reports, other tools' logs, what it would have cost elsewhere |
//! | [`exec`] | carries a plan out; `step` decides purely, `transport` is the only user of the HTTP client |
//! | [`ledger`] | `SQLite`: a row per attempt, conversations, spend, and what the router knows of health |
//! | [`config`] | layers of settings with origins, keys, "did you mean"; changes of the file, other tools' configurations |
//! | [`sim`] | the simulated fleet on loopback and its faults |
//! | [`ui`] | the only place that prints |
//! | [`cli`] | one file per command |
//!
//! Who may import whom is held by `tests/shape.rs`.
//!
//! # A prompt's path
//!
//! Arguments and stdin become a [`chat::ChatRequest`] in [`cli`]; files, environment and arguments become targets and a
//! [`route::Policy`] in [`config`]. [`route::decide`] makes the [`route::Plan`]: `llmx route --explain` prints it and stops,
//! everything else hands it to [`exec::execute`], which walks it. For each attempt [`exec::step::next_step`] says which target is
//! next, [`wire::Codec::encode`] makes the request, [`wire::authorize`] adds the key, the transport sends it, and the chunks that come back go through
//! a [`wire::Decoder`] that gives [`chat::Event`]s to the screen or to JSON. Streamed and unstreamed replies take the same path.
//! Each attempt is a row of the [`ledger`], written before it is sent and completed when it has ended. In the same transaction
//! what it has shown of its target is added to the breakers, experience and quotas that [`ledger::Ledger::snapshot`] reads for
//! the next decision: [`route`] says what an attempt means, purely, and the ledger keeps it for all processes.
//!
//! `llmx chat` does so turn after turn: what was said before comes from the ledger, and what is shown of an answer is kept there
//! as it comes, so that a conversation outlives the process.
//!
//! `llmx compare` runs many plans of one candidate each through the same [`exec::execute`]: its `runner` opens row after row of a
//! data set, [`exec::pace`] says how many requests a provider bears, and each answer is kept by the ledger before the next is
//! asked. What is shown and written is made of what is kept, by [`compare::digest`] and [`compare::export`], purely.
//!
//! # Promises, each held by tests
//!
//! 1. No failure is ever reported as success.
//! 2. The explanation is the plan: what `route --explain` prints, the executor does.
//! 3. Money is exact or unknown, never a guess and never 0 for want of knowledge.
//! 4. A dead provider costs you once: breakers, latencies and quotas live in the ledger, so the next process knows.
//! 5. Nothing leaks, nothing hangs: keys never reach output or the ledger, every wait has a limit, model output cannot
//!    drive a terminal.
//! 6. The time llmx adds to a call is not noticeable beside `curl`.

pub mod catalog;
pub mod chat;
pub mod cli;
pub mod compare;
pub mod config;
pub mod cost;
pub mod csv;
pub mod error;
pub mod exec;
pub mod failure;
pub mod ledger;
pub mod money;
pub mod provider;
pub mod route;
pub mod secret;
pub mod sim;
pub mod template;
pub mod ui;
pub mod wire;

use std::process::ExitCode;

use clap::Parser;

/// Runs the program on the process's arguments and environment.
pub fn run() -> ExitCode {
    let environment = config::Environment::from_process();
    if cli::completion::is_asked(&environment) {
        cli::completion::answer(environment);
        return ExitCode::SUCCESS;
    }
    match cli::Cli::try_parse() {
        Ok(cli) => cli::run(cli, environment).into(),
        Err(error) if cli::usage::is_error(&error) => cli::wrong_usage(&error, &environment).into(),
        Err(error) => {
            // Help and version come this way too. A reader that went away is no failure; a full disk is.
            let printed = error.print();
            let lost = printed.is_err_and(|error| error.kind() != std::io::ErrorKind::BrokenPipe);
            let code = u8::try_from(error.exit_code()).unwrap_or(1);
            ExitCode::from(if lost && code == 0 { 1 } else { code })
        }
    }
}
