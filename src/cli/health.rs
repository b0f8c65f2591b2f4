//! `llmx health`: how every provider and model has done of late, and on demand how it does just now.

mod gather;
mod probe;
mod show;

use std::cell::RefCell;
use std::time::Duration;

use clap::Args as ClapArgs;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::report::{error_json, told_as_json};
use super::session::Session;
use super::signal::Interrupt;
use super::{Context, Done, manual};
use crate::config::schema::{parse_duration, parse_period};
use crate::error::{Error, ErrorKind};
use crate::ledger::Ledger;
use crate::ui::watch::Watch;
use gather::View;
use probe::Probed;

/// Show how providers and models have done of late
///
/// One row for each model that was asked, or is in a route: whether it is left alone just now, how many requests failed, how
/// long its answers took, and the last hours at a glance. All of it comes from the ledger; only --probe sends anything.
#[derive(ClapArgs, Debug)]
#[command(after_help = manual::HEALTH_EXAMPLES, after_long_help = manual::HEALTH_NOTES)]
pub struct Args {
    /// Only these providers, models, routes or aliases
    #[arg(value_name = "NAME")]
    names: Vec<String>,
    /// Look back so far, such as 48h or 7d; 24h if unsaid
    #[arg(long, value_name = "DURATION", default_value = "24h", value_parser = parse_period, hide_default_value = true)]
    since: Duration,
    /// Draw anew every 2 s, or as often as said
    ///
    /// Until Ctrl-C, which is no failure. With --json it prints an object a line instead, also off a terminal.
    #[arg(short, long, value_name = "DURATION", num_args = 0..=1, require_equals = true, default_missing_value = "2s")]
    #[arg(value_parser = parse_duration, conflicts_with = "probe")]
    watch: Option<Duration>,
    /// Send a tiny request to each model first
    ///
    /// To all models of all routes, or to those named: real requests, which are recorded and cost a little. A model that
    /// another process is trying just now is left to it. The exit code is 0 when all that were asked have answered, else
    /// that of the failure to see to first.
    #[arg(long)]
    probe: bool,
    /// Give a probe up after this time; 30s if unsaid
    #[arg(long, value_name = "DURATION", default_value = "30s", value_parser = parse_duration, requires = "probe")]
    #[arg(hide_default_value = true)]
    timeout: Duration,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub fn run(args: &Args, context: &mut Context) -> Done {
    let done = super::block_on(health(args, context));
    if args.json { told_as_json(done, |error| error_json(show::SCHEMA, error), &context.ui) } else { done }
}

async fn health(args: &Args, context: &Context) -> Done {
    if args.watch.is_some() && !args.json && !context.ui.can_redraw() {
        let error = Error::new(ErrorKind::Usage, "`--watch` draws on a terminal, and standard output is none");
        return Err(error.hint("with `--json` it prints an object a line"));
    }
    let session = Session::open(context).await?;
    let ledger = RefCell::new(match args.probe {
        true => session.open_ledger(),
        // Faults that are named are those to look at; without any it is the last simulation.
        false if session.has_faults() => session.foresee_ledger(),
        false => session.look_at_ledger(),
    });
    let done = health_of(args, context, &session, &ledger).await;
    if let Some(warning) = ledger.borrow_mut().take_warning() {
        context.ui.warn(&warning);
    }
    done
}

async fn health_of(args: &Args, context: &Context, session: &Session, ledger: &RefCell<Ledger>) -> Done {
    let chosen = gather::chosen(&args.names, session)?;
    if let Some(every) = args.watch {
        return watch(args, every, &chosen, context, session, ledger).await;
    }
    let probed = if args.probe { probe::all(args, &chosen, context, session, ledger).await? } else { Vec::new() };
    let view = look(args, &chosen, session, ledger)?;
    let done = probe::verdict(&probed);
    if args.json {
        context.ui.out_clean(&format!("{}\n", show::json(&view, &probed)))?;
        return done.map_err(Error::told_as_json);
    }
    show::people(&view, &probed, &context.ui)?;
    done
}

fn look(args: &Args, chosen: &gather::Chosen, session: &Session, ledger: &RefCell<Ledger>) -> Result<View, Error> {
    let now = Timestamp::now();
    let since = SignedDuration::try_from(args.since).unwrap_or(SignedDuration::MAX);
    let since = now.checked_sub(since).unwrap_or(Timestamp::UNIX_EPOCH);
    let health = ledger.borrow().health_rows(since.as_millisecond())?;
    Ok(View::new(health, chosen, session, since, now))
}

/// Shows it again and again until somebody stops it, which is no failure.
async fn watch(
    args: &Args,
    every: Duration,
    chosen: &gather::Chosen,
    context: &Context,
    session: &Session,
    ledger: &RefCell<Ledger>,
) -> Done {
    let mut interrupt = Interrupt::install()?;
    let mut picture = if args.json { None } else { Some(Watch::new(&context.ui)?) };
    loop {
        let view = look(args, chosen, session, ledger)?;
        match &mut picture {
            Some(picture) => picture.draw(&show::page(&view, &[], &context.ui))?,
            None => context.ui.out_clean(&format!("{}\n", show::json(&view, &[])))?,
        }
        tokio::select! {
            () = interrupt.wait() => break,
            () = tokio::time::sleep(every) => {}
        }
    }
    drop(picture);
    match interrupt.exit_code() {
        // Ctrl-C is how it is meant to end.
        130 => Ok(()),
        code => Err(Error::interrupted(code)),
    }
}

/// What a probe found, for `--json`.
fn probe_json(probed: &[Probed], target: &crate::provider::TargetId) -> Value {
    probed.iter().find(|probed| probed.target == *target).map_or(Value::Null, Probed::json)
}
