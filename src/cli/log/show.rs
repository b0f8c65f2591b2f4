//! `llmx log show`: one run in full.

use std::fmt::Write as _;

use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::{SCHEMA, cost, ending, print, role, when, whole, words};
use crate::cli::{Context, Done};
use crate::error::{Error, ErrorKind};
use crate::ledger::record::{AttemptOutcome, AttemptRole};
use crate::ledger::{AttemptDetail, Ledger, RunDetail};
use crate::money::Usd;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Id of the run, the start of one, or `last`
    #[arg(default_value = "last")]
    pub(super) id: String,
    /// Print only what was received before the run failed
    #[arg(long, conflicts_with = "json")]
    pub(super) partial: bool,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub fn run(args: &Args, context: &Context, ledger: &Ledger) -> Done {
    let run = super::find(&args.id, ledger)?;
    if args.json {
        return print(context, &format!("{}\n", json!({ "schema": SCHEMA, "run": detail_json(&run) })));
    }
    if args.partial {
        return print(context, run.partial().ok_or_else(|| nothing_partial(&run))?);
    }
    print(context, &page(&run, &TimeZone::system()))
}

fn nothing_partial(run: &RunDetail) -> Error {
    let why = if run.start.keep_text { "nothing was received before a failure" } else { "its text was not kept" };
    Error::new(ErrorKind::Other, format!("run `{}` has no partial answer: {why}", run.short))
        .hint(format!("`llmx log show {}` shows the whole run", run.short))
}

/// A run for people: what was asked, what was tried, what came.
pub(super) fn page(run: &RunDetail, zone: &TimeZone) -> String {
    let start = &run.start;
    let mut text = format!("run          {}\n", start.id);
    let mut field = |name: &str, value: &str| writeln!(text, "{name:<12} {value}").ok();
    field("started", &when(start.started_ms, zone));
    field("command", &format!("{} ({})", start.command, start.route));
    if start.conversation != start.id {
        field("conversation", &start.conversation);
    }
    if let Some(project) = &start.project {
        field("project", project);
    }
    if !start.tags.is_empty() {
        field("tags", &start.tags.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(", "));
    }
    field("outcome", ending(run.end.as_ref().map(|end| end.exit_code)));
    field("cost", &cost(run.spent(), run.attempts.len()));
    for attempt in &run.attempts {
        let name = match attempt.start.role {
            AttemptRole::Shadow => "shadow".to_owned(),
            _ => format!("attempt {}", attempt.start.number),
        };
        field(&name, &attempt_line(attempt));
    }
    let mut section = |title: &str, body: &str| {
        if !body.is_empty() {
            writeln!(text, "\n{title}:\n{}", body.trim_end()).ok();
        }
    };
    section("system", start.system.as_deref().unwrap_or_default());
    for message in &start.messages {
        section(role(message), &words(message));
    }
    if !start.keep_text {
        section("prompt and answer", "(not kept)");
    }
    if let Some(end) = &run.end {
        section("reasoning", &end.reasoning);
        section(if end.exit_code == 0 { "answer" } else { "partial answer" }, &end.answer);
    }
    text
}

fn attempt_line(attempt: &AttemptDetail) -> String {
    let target = format!("{}/{}", attempt.start.provider, attempt.start.model);
    let Some(end) = &attempt.end else { return format!("{target}: unfinished, {}", attempt_cost(attempt)) };
    let how = match end.outcome {
        AttemptOutcome::Failed => end.class.as_deref().unwrap_or("failed"),
        outcome => outcome.name(),
    };
    let tokens = end.buckets.map(|counts| format!(", {} in, {} out", counts.input_total, counts.output_total));
    let seconds = end.total_ms as f64 / 1_000.0;
    format!("{target}: {how}, {seconds:.1} s{}, {}", tokens.unwrap_or_default(), attempt_cost(attempt))
}

fn attempt_cost(attempt: &AttemptDetail) -> String {
    match known_cost(attempt) {
        Some(known) => known.to_string(),
        None if attempt.maybe_billed => "cost unknown".to_owned(),
        None => "not billed".to_owned(),
    }
}

fn known_cost(attempt: &AttemptDetail) -> Option<Usd> {
    attempt.end.as_ref()?.cost_pico.map(|pico| Usd::from_pico(pico.into()))
}

pub(super) fn detail_json(run: &RunDetail) -> Value {
    let (start, end, spent) = (&run.start, run.end.as_ref(), run.spent());
    json!({
        "id": start.id,
        "conversation": start.conversation,
        "started_ms": start.started_ms,
        "ended_ms": end.map(|end| end.ended_ms),
        "command": start.command,
        "route": start.route,
        "served_by": end.and_then(|end| end.served_by.as_deref()),
        "exit_code": end.map(|end| end.exit_code),
        "outcome": ending(end.map(|end| end.exit_code)),
        "finish": end.and_then(|end| end.finish.as_deref()),
        "cost": whole(spent),
        "unknown_costs": spent.unknown,
        "project": start.project,
        "tags": start.tags,
        "text_kept": start.keep_text,
        "system": start.system,
        "messages": start.messages,
        "reasoning": end.map(|end| end.reasoning.as_str()),
        "answer": end.map(|end| end.answer.as_str()),
        "partial": run.partial(),
        "attempts": run.attempts.iter().map(attempt_json).collect::<Vec<_>>(),
    })
}

fn attempt_json(attempt: &AttemptDetail) -> Value {
    let (start, end) = (&attempt.start, attempt.end.as_ref());
    let parsed = |text: &Option<String>| text.as_deref().and_then(|text| serde_json::from_str::<Value>(text).ok());
    json!({
        "number": start.number,
        "started_ms": start.started_ms,
        "provider": start.provider,
        "model": start.model,
        "served_model": end.and_then(|end| end.served_model.as_deref()),
        "request_id": end.and_then(|end| end.request_id.as_deref()),
        "outcome": end.map_or(AttemptOutcome::Started, |end| end.outcome),
        "first_content_ms": end.and_then(|end| end.first_content_ms),
        "total_ms": end.map(|end| end.total_ms),
        "tokens": end.and_then(|end| end.buckets),
        "usage_raw": end.and_then(|end| parsed(&end.usage_raw)),
        "cost": known_cost(attempt),
        "cost_source": end.map(|end| end.cost_source),
        "maybe_billed": attempt.maybe_billed,
        "price": end.and_then(|end| parsed(&end.price)),
        "class": end.and_then(|end| end.class.as_deref()),
        "failure": end.and_then(|end| parsed(&end.failure)),
        "partial_text": end.map(|end| end.partial_text.as_str()),
    })
}
