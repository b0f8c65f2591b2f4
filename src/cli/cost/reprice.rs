//! `llmx cost reprice`: what the ledger keeps, priced anew.

use crate::cli::{Context, Done};
use crate::error::{Error, ErrorKind};

/// Arguments.
#[derive(Debug, clap::Args)]
pub struct Args {}

/// Runs the action.
pub fn run(_: &Args, _: &mut Context) -> Done {
    Err(Error::new(ErrorKind::Other, "not there yet"))
}
