//! `llmx cost budget`: budgets and what is left of them.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::SCHEMA;
use crate::cli::report::{error_json, told_as_json};
use crate::cli::{Context, Done, session};
use crate::config::Settings;
use crate::money::Usd;
use crate::route::{AtLimit, Budget, Set, Taken};
use crate::ui::table::Table;

/// Arguments.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// Runs `llmx cost budget`.
pub fn run(args: &Args, context: &mut Context) -> Done {
    let done = show(args, context);
    if args.json { told_as_json(done, |error| error_json(SCHEMA, error), &context.ui) } else { done }
}

fn show(args: &Args, context: &Context) -> Done {
    let settings = Settings::load(&context.environment)?;
    let mut ledger = session::ledger_to_read(&settings.paths, context.sim.is_some());
    // Figures of a ledger that cannot be read would be made up.
    ledger.spending(0..0)?;
    let spent = session::spent(&ledger, &settings.budgets);
    let (now, zone) = (Timestamp::now(), TimeZone::system());
    let taken = |budget: &Budget| spent.taken.get(&(budget.scope.clone(), budget.period)).copied().unwrap_or_default();
    let ui = &context.ui;
    if args.json {
        let budgets: Vec<Value> =
            settings.budgets.iter().map(|set| as_json(set, taken(&set.value), now, &zone)).collect();
        let warn_at = settings.budget_warn_at.value;
        let object = json!({
            "schema": SCHEMA, "simulated": context.sim.is_some(), "warn_at": warn_at, "budgets": budgets,
        });
        ui.out_clean(&format!("{object}\n"))?;
    } else if settings.budgets.is_empty() {
        ui.note("no budget is set; `llmx config edit` opens the file, where `[budgets]` with `daily = 5.00` sets one");
    } else {
        let mut table =
            Table::new(["BUDGET", "LIMIT", "SPENT", "UNDER WAY", "LEFT", "UNTIL", "SET IN"]).right(&[1, 2, 3, 4]);
        for set in &settings.budgets {
            let warn = is_near(set, taken(&set.value), settings.budget_warn_at.value);
            table.row(row(set, taken(&set.value), warn, now, &zone));
        }
        ui.table(&table)?;
    }
    ledger.take_warning().iter().for_each(|warning| ui.warn(warning));
    Ok(())
}

fn left(budget: &Budget, taken: Taken) -> Usd {
    Usd::from_pico(budget.limit.pico() - taken.spent.pico() - taken.under_way.pico()).max(Usd::ZERO)
}

fn is_near(set: &Set<Budget>, taken: Taken, warn_at: f64) -> bool {
    (taken.spent + taken.under_way).pico() as f64 >= set.value.limit.pico() as f64 * warn_at
}

fn row(set: &Set<Budget>, taken: Taken, near: bool, now: Timestamp, zone: &TimeZone) -> [String; 7] {
    let budget = &set.value;
    let left = left(budget, taken);
    let state = match (left, near, budget.at_limit) {
        (Usd::ZERO, _, AtLimit::Block) => " (spent: nobody serves)",
        (Usd::ZERO, ..) => " (spent)",
        (_, true, _) => " (nearly spent)",
        _ => "",
    };
    let until = budget.period.end(now, zone).to_zoned(zone.clone()).strftime("%a %d %b %H:%M");
    [
        format!("{} a {}", budget.scope, budget.period),
        budget.limit.to_string(),
        taken.spent.to_string(),
        taken.under_way.to_string(),
        format!("{left}{state}"),
        until.to_string(),
        set.origin.to_string(),
    ]
}

fn as_json(set: &Set<Budget>, taken: Taken, now: Timestamp, zone: &TimeZone) -> Value {
    let budget = &set.value;
    json!({
        "scope": budget.scope, "period": budget.period, "at_limit": budget.at_limit, "limit": budget.limit,
        "spent": taken.spent, "under_way": taken.under_way, "left": left(budget, taken),
        "from": budget.period.start(now, zone).to_string(), "until": budget.period.end(now, zone).to_string(),
        "origin": set.origin.to_string(),
    })
}
