//! `llmx doctor`: whether all is well, from the configuration to the ledger, and what to type where it is not.

mod finding;
mod installation;
mod ledger;
mod network;
mod providers;
mod settings;
mod terminal;

use clap::Args as ClapArgs;
use serde_json::{Value, json};

use super::report::{error_json, error_value, told_as_json};
use super::session::Session;
use super::{Context, Done, block_on, manual};
use crate::error::{Error, ErrorKind};
use crate::sim;
use finding::{AREAS, Finding, gravest};

/// The version of the JSON this command prints.
const SCHEMA: &str = "llmx.doctor/1";

/// Find out what is wrong, and what to do about it
///
/// Looks at the configuration, keys and addresses, proxy, certificates and clock, the terminal, the ledger, and what is
/// installed. Providers are asked for their lists of models, which costs nothing. What cannot be told while the configuration is
/// broken is skipped. The exit code is 0 when nothing is in trouble, else that of the gravest: 3 for the configuration, 4 for
/// keys, 6 for the network, 1 for the rest.
#[derive(ClapArgs, Debug)]
#[command(after_help = manual::DOCTOR_EXAMPLES)]
pub struct Args {
    /// Ask nobody over the network
    #[arg(long)]
    offline: bool,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub fn run(args: &Args, context: &mut Context) -> Done {
    let done = block_on(examine(args, context));
    if args.json { told_as_json(done, |error| error_json(SCHEMA, error), &context.ui) } else { done }
}

async fn examine(args: &Args, context: &Context) -> Done {
    let mut findings = Vec::new();
    let settings::Read { settings, catalog, is_whole } = settings::check(context, &mut findings);
    let environment = context.environment.clone();
    let options = sim::Options::default();
    let session = Session::over(settings, catalog, environment, context.sim.as_ref(), options).await?;
    if session.simulated() {
        context.ui.note("simulated: no provider is asked");
    }
    let look = providers::Look { offline: args.offline, is_whole };
    let seen = providers::check(look, &session, context, &mut findings).await?;
    network::check(&seen, &context.environment, &mut findings);
    terminal::check(context, &mut findings);
    ledger::check(&session, &mut findings);
    installation::check(&context.environment, &mut findings);
    let error = gravest(&findings);
    if args.json {
        context.ui.out_clean(&format!("{}\n", object(&findings, error.as_ref())))?;
        return error.map_or(Ok(()), |error| Err(error.told_as_json()));
    }
    for area in AREAS {
        let points: Vec<_> =
            findings.iter().filter(|found| found.area == *area).map(|found| found.point.clone()).collect();
        if !points.is_empty() {
            context.ui.points(area, &points)?;
        }
    }
    error.map_or(Ok(()), Err)
}

fn object(findings: &[Finding], error: Option<&Error>) -> Value {
    let findings: Vec<Value> = findings.iter().map(Finding::json).collect();
    json!({ "schema": SCHEMA, "well": error.is_none(), "findings": findings, "error": error.map(error_value) })
}

/// The kind of a trouble with the network.
const NETWORK: ErrorKind = ErrorKind::Provider;
