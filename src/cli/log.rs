//! `llmx log`: what was asked and answered, and what it cost.

use std::fmt::Write as _;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::{Context, Done, learned, session};
use crate::chat::{Message, Part};
use crate::config::Paths;
use crate::error::{Error, ErrorKind};
use crate::ledger::record::{AttemptOutcome, AttemptRole, Spent};
use crate::ledger::{AttemptDetail, Ledger, LedgerError, RunDetail, RunSummary};
use crate::money::Usd;
use crate::ui::table::Table;

/// The version of the JSON this command prints.
pub(super) const SCHEMA: &str = "llmx.log/1";

/// How much of a prompt a line of the list shows, in characters.
const PROMPT_WIDTH: usize = 50;

/// Show past prompts, answers and what they cost
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Option<Action>,
    #[command(flatten)]
    list: ListArgs,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// List the latest runs, newest first (the default)
    List(ListArgs),
    /// Show one run: prompt, attempts, answer
    Show(ShowArgs),
    /// List parameters that models rejected, or forget them
    Learned(learned::Args),
}

#[derive(Debug, clap::Args)]
struct ListArgs {
    /// List so many runs
    #[arg(short = 'n', long, value_name = "N", default_value_t = 20)]
    number: usize,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Args)]
struct ShowArgs {
    /// Id of the run, the start of one, or `last`
    #[arg(default_value = "last")]
    id: String,
    /// Print only what was received before the run failed
    #[arg(long, conflicts_with = "json")]
    partial: bool,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub fn run(args: &Args, context: &mut Context) -> Done {
    // Needs no settings: what was asked can be looked up also while the configuration is broken.
    let mut ledger = session::open_ledger(&Paths::new(&context.environment), context.sim.is_some());
    let done = match &args.action {
        None => list(&args.list, context, &ledger),
        Some(Action::List(list_args)) => list(list_args, context, &ledger),
        Some(Action::Show(show_args)) => show(show_args, context, &ledger),
        Some(Action::Learned(learned_args)) => learned::run(learned_args, context, &mut ledger),
    };
    if let Some(warning) = ledger.take_warning() {
        context.ui.warn(&warning);
    }
    done
}

fn list(args: &ListArgs, context: &Context, ledger: &Ledger) -> Done {
    let runs = ledger.recent(args.number)?;
    if args.json {
        let runs: Vec<Value> = runs.iter().map(summary_json).collect();
        return print(context, &format!("{}\n", json!({ "schema": SCHEMA, "runs": runs })));
    }
    if runs.is_empty() {
        context.ui.note("no runs yet");
        return Ok(());
    }
    let (zone, width) = (TimeZone::system(), context.ui.width());
    let table = table(&runs, &zone);
    if context.ui.stdout_is_terminal && !table.fits(width) {
        return print(context, &blocks(&runs, &zone, width));
    }
    Ok(context.ui.table(&table)?)
}

fn show(args: &ShowArgs, context: &Context, ledger: &Ledger) -> Done {
    let run = ledger.run(&args.id)?.ok_or_else(|| {
        Error::new(ErrorKind::Usage, format!("no run `{}` in the ledger", args.id))
            .hint("`llmx log` lists the latest runs")
    })?;
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

/// Text from the ledger may come from a model: it may not drive the terminal.
fn print(context: &Context, text: &str) -> Done {
    Ok(context.ui.out_clean(text)?)
}

fn table(runs: &[RunSummary], zone: &TimeZone) -> Table {
    let mut table = Table::new(["time", "id", "target", "in", "out", "cost", "outcome", "prompt"]).right(&[3, 4, 5]);
    for run in runs {
        let (input, output) =
            run.tokens.map_or_else(Default::default, |(input, output)| (input.to_string(), output.to_string()));
        table.row([
            when(run.started_ms, zone),
            run.short.clone(),
            one_line(run.target.as_deref().unwrap_or_default(), PROMPT_WIDTH),
            input,
            output,
            cost(run.spent, run.attempts),
            outcome(run),
            one_line(&run.prompt, PROMPT_WIDTH),
        ]);
    }
    table
}

/// The list where the terminal is too narrow for the table: a few lines for each run.
fn blocks(runs: &[RunSummary], zone: &TimeZone, width: usize) -> String {
    let block = |run: &RunSummary| {
        let head = [run.short.clone(), when(run.started_ms, zone), outcome(run)];
        let cost = cost(run.spent, run.attempts);
        let cost = if cost == "unknown" { "cost unknown".to_owned() } else { cost };
        let tokens = run.tokens.map(|(input, output)| format!("{input} in, {output} out"));
        let target = run.target.as_deref().map(|target| one_line(target, usize::MAX));
        let facts: Vec<String> = target.into_iter().chain(tokens).chain([cost]).collect();
        let prompt = one_line(&run.prompt, usize::MAX);
        let prompt = console::truncate_str(&prompt, width.saturating_sub(2), "…");
        format!("{}\n  {}\n  {prompt}\n", beside(&head, "  ", width), beside(&facts, " · ", width.saturating_sub(2)))
    };
    runs.iter().map(block).collect::<Vec<_>>().join("\n")
}

/// The parts in one line where it is wide enough, else each in a line of its own.
fn beside(parts: &[String], between: &str, width: usize) -> String {
    let line = parts.join(between);
    if line.chars().count() <= width { line } else { parts.join("\n  ") }
}

/// A run for people: what was asked, what was tried, what came.
fn page(run: &RunDetail, zone: &TimeZone) -> String {
    let start = &run.start;
    let mut text = format!("run          {}\n", start.id);
    let mut field = |name: &str, value: &str| writeln!(text, "{name:<12} {value}").ok();
    field("started", &when(start.started_ms, zone));
    field("command", &format!("{} ({})", start.command, start.route));
    if start.conversation != start.id {
        field("conversation", &start.conversation);
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

/// The sum as far as it is known; an unknown part is never passed over.
fn cost(spent: Spent, attempts: usize) -> String {
    match spent {
        _ if attempts == 0 => "-".to_owned(),
        Spent { known, unknown: 0 } => known.to_string(),
        Spent { known, .. } if known == Usd::ZERO => "unknown".to_owned(),
        Spent { known, .. } => format!("{known} + unknown"),
    }
}

fn outcome(run: &RunSummary) -> String {
    match run.attempts {
        0 | 1 => ending(run.exit_code).to_owned(),
        attempts => format!("{}, {attempts} attempts", ending(run.exit_code)),
    }
}

/// How a run ended, as a word.
fn ending(exit_code: Option<u8>) -> &'static str {
    match exit_code {
        None => "unfinished",
        Some(0) => "ok",
        Some(code) => ErrorKind::from_exit_code(code).name(),
    }
}

fn when(milliseconds: i64, zone: &TimeZone) -> String {
    let moment = Timestamp::from_millisecond(milliseconds).unwrap_or_default();
    moment.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M").to_string()
}

/// The text in one line of at most `width` characters, without anything that could break the line.
fn one_line(text: &str, width: usize) -> String {
    let plain: String = text.chars().map(|each| if each.is_control() { ' ' } else { each }).collect();
    let line = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(width) {
        Some((cut, _)) => format!("{}…", &line[..cut]),
        None => line,
    }
}

fn words(message: &Message) -> String {
    let word = |part: &Part| match part {
        Part::Media(media) => Some(format!("[{}]", media.name.as_deref().unwrap_or(&media.media_type))),
        part => part.as_text().map(str::to_owned),
    };
    message.parts.iter().filter_map(word).collect::<Vec<_>>().join("\n\n")
}

const fn role(message: &Message) -> &'static str {
    match message.role {
        crate::chat::Role::User => "user",
        crate::chat::Role::Assistant => "assistant",
    }
}

/// The cost where all of it is known: a part must not pass for the whole.
fn whole(spent: Spent) -> Option<Usd> {
    (spent.unknown == 0).then_some(spent.known)
}

fn summary_json(run: &RunSummary) -> Value {
    json!({
        "id": run.id,
        "conversation": run.conversation,
        "started_ms": run.started_ms,
        "ended_ms": run.ended_ms,
        "command": run.command,
        "route": run.route,
        "target": run.target,
        "exit_code": run.exit_code,
        "outcome": ending(run.exit_code),
        "attempts": run.attempts,
        "input_tokens": run.tokens.map(|(input, _)| input),
        "output_tokens": run.tokens.map(|(_, output)| output),
        "cost": whole(run.spent),
        "unknown_costs": run.spent.unknown,
        "prompt": run.prompt,
    })
}

fn detail_json(run: &RunDetail) -> Value {
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

impl From<LedgerError> for Error {
    fn from(error: LedgerError) -> Self {
        let message = error.to_string();
        match error {
            LedgerError::Ambiguous { .. } | LedgerError::TooShort(_) => Self::new(ErrorKind::Usage, message),
            LedgerError::Unavailable(_) => Self::new(ErrorKind::Other, message),
            LedgerError::Read { source, .. }
            | LedgerError::Write { source, .. }
            | LedgerError::Damaged { source, .. } => Self::new(ErrorKind::Other, message).caused_by(source),
        }
    }
}

#[cfg(test)]
mod tests;
