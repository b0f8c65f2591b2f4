//! `llmx cost`: what was spent, what something will cost, and what it would have cost elsewhere. One file per action.

mod budget;
mod estimate;
mod explain;
mod import;
mod model;
mod prices;
mod report;
mod reprice;
mod table;
mod what_if;

use super::{Context, Done, manual};
use crate::csv::guarded;
use crate::error::{Error, ErrorKind};
use crate::ui::sanitize::clean_line;

/// The version of the JSON this command prints.
pub(super) const SCHEMA: &str = "llmx.cost/1";

/// Show what was spent and what things will cost
///
/// Of everything that llmx keeps in its ledger, and of other tools' logs that were imported. Money is exact or unknown: what a
/// provider says a call cost counts, else its token counts times the prices of the moment it was made; an unknown price is told
/// beside the sums, never counted as nothing.
#[derive(Debug, clap::Args)]
#[command(after_help = manual::COST_EXAMPLES)]
pub struct Args {
    #[command(subcommand)]
    action: Option<Action>,
    #[command(flatten)]
    report: report::Args,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Estimate what a prompt or a data set will cost, over models
    Estimate(Box<estimate::Args>),
    /// Show the line items of one call
    Explain(Box<explain::Args>),
    /// Price what the ledger keeps anew and show the difference
    Reprice(reprice::Args),
    /// Price past traffic on another model
    WhatIf(what_if::Args),
    /// Show prices: their dates, their sources, what has changed
    Prices(prices::Args),
    /// Show the budgets and what is left of them
    Budget(budget::Args),
    /// Read the usage logs of other tools
    Import(import::Args),
}

/// A name that came from elsewhere, for a spreadsheet: no control characters, and no formula once they are gone.
fn named(name: &str) -> String {
    guarded(&clean_line(name))
}

/// Runs `llmx cost`.
pub fn run(args: &Args, context: &mut Context) -> Done {
    // The parser's own rule would forbid the options of every command there too, such as `--sim`.
    if args.action.is_some() && args.report != report::Args::default() {
        let error =
            Error::new(ErrorKind::Usage, "options of the report stand before an action that does not take them");
        return Err(error.hint("write the options of an action behind its name: `llmx cost prices --json`"));
    }
    match &args.action {
        None => report::run(&args.report, context),
        Some(Action::Estimate(args)) => estimate::run(args, context),
        Some(Action::Explain(args)) => explain::run(args, context),
        Some(Action::Reprice(args)) => reprice::run(args, context),
        Some(Action::WhatIf(args)) => what_if::run(args, context),
        Some(Action::Prices(args)) => prices::run(args, context),
        Some(Action::Budget(args)) => budget::run(args, context),
        Some(Action::Import(args)) => import::run(args, context),
    }
}
