//! The command line: one file per command with its arguments and its `run`.

pub mod config;

use crate::config::Environment;
use crate::error::Error;
use crate::ui::Ui;

/// What every command works with.
#[derive(Debug)]
pub struct Context {
    /// Where to print.
    pub ui: Ui,
    /// The process's surroundings.
    pub environment: Environment,
}

/// What a command returns.
pub type Done = Result<(), Error>;
