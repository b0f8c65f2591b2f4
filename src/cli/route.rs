//! `llmx route`: which model would serve this, and why. Sends nothing.

use clap::Args as ClapArgs;
use jiff::Timestamp;
use serde_json::json;

use super::args::{FormArgs, PromptArgs, RouteArgs, SamplingArgs};
use super::form::{Form, Said};
use super::prompt::{self, Stdin};
use super::session::{self, Session};
use super::{Context, Done, manual};
use crate::chat::{ChatRequest, Message, Part, Role};
use crate::error::Error;
use crate::money::Usd;
use crate::provider::Target;
use crate::route::estimate;
use crate::route::{self, Candidate, Demand, OnCut, Plan, Set};
use crate::ui::table::Table;

const SCHEMA: &str = "llmx.route/1";

/// Show which model would serve, and why; nothing is sent
#[derive(ClapArgs, Debug)]
#[command(after_help = manual::ROUTE_EXAMPLES)]
pub struct Args {
    #[command(flatten)]
    prompt: PromptArgs,
    #[command(flatten)]
    route: RouteArgs,
    /// Explain the whole decision
    #[arg(short, long)]
    explain: bool,
    /// Count tokens with the model's own tokenizer
    ///
    /// Where there is one, and slow to load. Without it tokens are estimated.
    #[arg(long)]
    exact: bool,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    form: FormArgs,
    #[command(flatten)]
    sampling: SamplingArgs,
}

/// Runs the command.
pub fn run(args: &Args, context: &mut Context) -> Done {
    super::block_on(route(args, context))
}

async fn route(args: &Args, context: &Context) -> Done {
    let session = Session::open(context).await?;
    let request = request(args, context)?;
    let policy = session.policy(&args.route).await?;
    let targets = session.targets(&policy);
    let demand = Demand::of(&request, args.form.strict);
    let mut ledger = session.open_ledger();
    let mut plan = session::plan(&demand, &targets, &policy, &ledger);
    if let Some(warning) = ledger.take_warning() {
        context.ui.warn(&warning);
    }
    if args.exact {
        count_exactly(&mut plan, &targets, &request);
    }
    if args.json {
        let target = plan.candidates.first().map(|candidate| &candidate.target);
        context.ui.out_clean(&format!("{}\n", json!({ "schema": SCHEMA, "target": target, "plan": plan })))?;
    } else if args.explain {
        explain(&plan, context)?;
    } else if let Some(first) = plan.candidates.first() {
        context.ui.out_clean(&format!("{}\n", first.target))?;
    }
    if plan.candidates.is_empty() {
        return Err(session.nothing_left(&plan, &targets, &policy, &demand));
    }
    Ok(())
}

/// A route can be asked for without any prompt.
fn request(args: &Args, context: &Context) -> Result<ChatRequest, Error> {
    let Form { request, .. } = Form::read(&args.form, &args.sampling)?;
    let prompt = &args.prompt;
    let named = !prompt.words.is_empty() || !prompt.files.is_empty() || !prompt.attachments.is_empty();
    let parts = if named {
        Said::read(prompt, &context.ui)?.parts()
    } else {
        match prompt::read_stdin(false)? {
            Stdin::Text(text) => vec![Part::Text(text)],
            Stdin::Nothing | Stdin::Silent => Vec::new(),
        }
    };
    let turn = (!parts.is_empty()).then_some(Message { role: Role::User, parts });
    let messages = turn.into_iter().collect();
    // As `complete` asks unless it is told otherwise.
    Ok(ChatRequest { system: args.prompt.system.clone(), messages, stream: true, ..request })
}

/// Replaces estimates by exact counts for models whose tokenizer is at hand.
fn count_exactly(plan: &mut Plan, targets: &[Target], request: &ChatRequest) {
    for candidate in &mut plan.candidates {
        let model = route::find(targets, &candidate.target).and_then(|target| target.model.as_deref());
        let Some(encoding) = model.and_then(|model| model.encoding.as_deref()) else { continue };
        if let Some(count) = estimate::exact_request(encoding, request) {
            candidate.input = route::Tokens { expected: count, at_least: count };
            candidate.prompt_cost = model.and_then(|model| model.prompt_cost(count, Timestamp::now()));
        }
    }
}

/// An estimate is marked as one; only an exact count is its own lower bound.
fn prompt_tokens(input: route::Tokens) -> String {
    let mark = if input.expected == input.at_least { "" } else { "~" };
    format!("{mark}{}", tokens(input.expected))
}

fn explain(plan: &Plan, context: &Context) -> Done {
    let ui = &context.ui;
    ui.out_clean(&format!("route {} ({})\n\n", plan.route, plan.origin))?;
    if !plan.candidates.is_empty() {
        ui.table(&candidates(plan))?;
        ui.out("\n")?;
        if plan.candidates.iter().any(|candidate| !candidate.changes.is_empty()) {
            ui.table(&changes(plan))?;
            ui.out("\n")?;
        }
        ui.table(&limits(plan))?;
    }
    if !plan.rejected.is_empty() {
        if !plan.candidates.is_empty() {
            ui.out("\n")?;
        }
        ui.table(&rejected(plan))?;
    }
    Ok(())
}

fn candidates(plan: &Plan) -> Table {
    let heads = ["#", "candidate", "prompt", "cost", "1k out", "window", "why"];
    let mut table = Table::new(heads).whole(&[1]).right(&[2, 3, 4, 5]);
    for (index, candidate) in plan.candidates.iter().enumerate() {
        let money = |usd: Option<Usd>| usd.map_or("unknown".to_owned(), |usd| usd.to_string());
        table.row([
            (index + 1).to_string(),
            candidate.target.to_string(),
            prompt_tokens(candidate.input),
            money(candidate.prompt_cost),
            money(candidate.cost_per_1k_output),
            candidate.window.map_or("unknown".to_owned(), tokens),
            why(index, candidate, plan),
        ]);
    }
    table
}

/// A number of tokens as people say it: `950`, `128k`, `1.05M`.
pub(super) fn tokens(count: u64) -> String {
    let rounded = |unit: f64, digits: usize| {
        let text = format!("{:.digits$}", count as f64 / unit);
        if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
    };
    match count {
        0..10_000 => count.to_string(),
        10_000..999_500 => format!("{}k", rounded(1e3, 0)),
        _ => format!("{}M", rounded(1e6, 2)),
    }
}

fn why(index: usize, candidate: &Candidate, plan: &Plan) -> String {
    let place = match index {
        0 => "serves".to_owned(),
        _ if plan.fallback => format!("fallback {index}"),
        _ => "not tried: falling back is off".to_owned(),
    };
    // Only a tier of several needs its number said.
    let several = plan.candidates.iter().filter(|other| other.tier == candidate.tier).count() > 1;
    let tier = several.then(|| format!("tier {}", candidate.tier + 1));
    let remarks = candidate.reasons.iter().skip(1).map(ToString::to_string);
    let changed = (!candidate.changes.is_empty()).then(|| "the request is changed".to_owned());
    std::iter::once(place).chain(tier).chain(remarks).chain(changed).collect::<Vec<_>>().join("; ")
}

/// What each candidate is asked otherwise than was asked for.
fn changes(plan: &Plan) -> Table {
    let mut table = Table::new(["#", "change of the request", "because"]);
    for (index, candidate) in plan.candidates.iter().enumerate() {
        for change in &candidate.changes {
            table.row([(index + 1).to_string(), change.edit.to_string(), change.because.to_string()]);
        }
    }
    table
}

fn rejected(plan: &Plan) -> Table {
    let mut table = Table::new(["rejected", "tier", "why not"]).whole(&[0]);
    for rejected in &plan.rejected {
        table.row([rejected.target.to_string(), (rejected.tier + 1).to_string(), rejected.reason.to_string()]);
    }
    table
}

/// Limits that all candidates share are one row; others are a row for each.
fn limits(plan: &Plan) -> Table {
    let mut table = Table::new(["limit", "value", "set by", "for"]).whole(&[0, 1]);
    let mut row = |name: &str, value: String, origin: &route::Origin, whom: &str| {
        table.row([name.to_owned(), value, origin.to_string(), whom.to_owned()]);
    };
    let seconds = |set: &Set<std::time::Duration>| format!("{}s", set.value.as_secs_f64());
    let mut of_attempts: Vec<(&str, Set<std::time::Duration>, Vec<usize>)> = Vec::new();
    for (index, candidate) in plan.candidates.iter().enumerate() {
        let limits = &candidate.limits;
        let named = [
            ("connect", Some(&limits.connect)),
            ("first token", Some(&limits.first_token)),
            ("idle", Some(&limits.idle)),
            ("attempt", limits.attempt.as_ref()),
        ];
        for (name, set) in named.into_iter().filter_map(|(name, set)| Some((name, set?))) {
            match of_attempts.iter_mut().find(|(known, value, _)| *known == name && value == set) {
                Some((_, _, whom)) => whom.push(index + 1),
                None => of_attempts.push((name, set.clone(), vec![index + 1])),
            }
        }
    }
    of_attempts.sort_by_key(|(name, _, _)| {
        ["connect", "first token", "idle", "attempt"].iter().position(|known| known == name)
    });
    for (name, set, whom) in &of_attempts {
        let all = whom.len() == plan.candidates.len();
        let some = whom.iter().map(|number| format!("#{number}")).collect::<Vec<_>>().join(" ");
        row(name, seconds(set), &set.origin, if all { "each attempt" } else { &some });
    }
    row("total", seconds(&plan.total), &plan.total.origin, "the request");
    row("retries", plan.retries.value.to_string(), &plan.retries.origin, "each target");
    let on_cut = match plan.on_cut.value {
        OnCut::Fail => "fail",
        OnCut::Restart => "restart",
        OnCut::Continue => "continue",
        OnCut::Buffer => "buffer",
    };
    row("on cut", on_cut.to_owned(), &plan.on_cut.origin, "text already shown");
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_said_as_people_say_them() {
        let said = [0, 950, 9_999, 10_000, 131_072, 999_499, 999_500, 1_000_000, 1_048_576, 10_000_000].map(tokens);
        assert_eq!(said, ["0", "950", "9999", "10k", "131k", "999k", "1M", "1M", "1.05M", "10M"]);
    }
}
