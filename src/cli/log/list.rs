//! `llmx log list`: the latest runs, a line for each.

use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::select::{self, FilterArgs};
use super::{SCHEMA, cost, ending, one_line, print, when, whole};
use crate::cli::{Context, Done};
use crate::ledger::{Ledger, RunSummary};
use crate::ui::table::Table;

/// How much of a prompt a line of the list shows, in characters.
const PROMPT_WIDTH: usize = 50;

#[derive(Debug, clap::Args)]
pub struct ListArgs {
    /// List so many runs
    #[arg(short = 'n', long, value_name = "N", default_value_t = 20)]
    pub(super) number: usize,
    /// Print one JSON object
    #[arg(long)]
    pub(super) json: bool,
    #[command(flatten)]
    pub(super) filter: FilterArgs,
}

/// Runs the command.
pub fn run(args: &ListArgs, context: &Context, ledger: &Ledger) -> Done {
    let filter = select::filter(&args.filter, context, ledger)?;
    let runs = ledger.find(&filter, args.number)?;
    if args.json {
        let runs: Vec<Value> = runs.iter().map(summary_json).collect();
        return print(context, &format!("{}\n", json!({ "schema": SCHEMA, "runs": runs })));
    }
    if args.number == 0 {
        return Ok(());
    }
    if runs.is_empty() {
        context.ui.note(if args.filter.is_empty() { "no runs yet" } else { "no run fits" });
        return Ok(());
    }
    let (zone, width) = (TimeZone::system(), context.ui.width());
    let table = table(&runs, &zone);
    if context.ui.stdout_is_terminal && !table.fits(width) {
        return print(context, &blocks(&runs, &zone, width));
    }
    Ok(context.ui.table(&table)?)
}

pub(super) fn table(runs: &[RunSummary], zone: &TimeZone) -> Table {
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
pub(super) fn beside(parts: &[String], between: &str, width: usize) -> String {
    let line = parts.join(between);
    if line.chars().count() <= width { line } else { parts.join("\n  ") }
}

pub(super) fn outcome(run: &RunSummary) -> String {
    match run.attempts {
        0 | 1 => ending(run.exit_code).to_owned(),
        attempts => format!("{}, {attempts} attempts", ending(run.exit_code)),
    }
}

pub(super) fn summary_json(run: &RunSummary) -> Value {
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
