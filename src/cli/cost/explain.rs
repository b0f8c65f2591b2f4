//! `llmx cost explain`: the line items of one call, of the ledger or of token counts as a provider reports them.

mod call;
mod counts;
mod item;

use crate::catalog::Mode;
use crate::cli::report::{error_json, told_as_json};
use crate::cli::{Context, Done};

/// Arguments.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Id of a run of the ledger, the start of one, or `last`
    #[arg(value_name = "CALL", conflicts_with_all = ["usage", "model", "at", "mode", "region"])]
    call: Option<String>,
    /// Price the token counts of this file, `-` is stdin
    ///
    /// As any provider reports them: a usage object, a whole response, or totals that include their parts, as
    /// `{"input_tokens": 50000, "cached_tokens": 48640, "output_tokens": 812}`.
    #[arg(long, value_name = "FILE", requires = "model")]
    usage: Option<String>,
    /// The model that served, `provider/model`
    #[arg(short, long, requires = "usage")]
    model: Option<String>,
    /// When the request was made (now)
    ///
    /// 2026-11-18T02:00:00Z, `2026-11-18 02:00` of your own time, a day, or a distance such as -2h.
    #[arg(long, value_name = "TIME", requires = "usage", allow_hyphen_values = true)]
    at: Option<String>,
    /// How it was processed, such as batch or flex
    ///
    /// Or standard, priority, fast or ultrafast; in place of what the counts tell.
    #[arg(long, value_name = "MODE", requires = "usage", value_parser = mode)]
    mode: Option<Mode>,
    /// Where it was processed, such as eu
    #[arg(long, value_name = "REGION", requires = "usage")]
    region: Option<String>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

fn mode(text: &str) -> Result<Mode, String> {
    let known = || Mode::ALL.map(|(_, name)| name).join(", ");
    Mode::named(text).ok_or_else(|| format!("there is no such way of processing; there are {}", known()))
}

/// Runs the action.
pub fn run(args: &Args, context: &mut Context) -> Done {
    let done = match &args.usage {
        Some(file) => counts::explain(file, args, context),
        None => call::explain(args.call.as_deref().unwrap_or("last"), args.json, context),
    };
    if args.json { told_as_json(done, |error| error_json(super::SCHEMA, error), &context.ui) } else { done }
}
