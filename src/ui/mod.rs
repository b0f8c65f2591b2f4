//! The only place that prints. Data goes to stdout through [`Ui::out`], all talk to stderr; text that came from
//! elsewhere is sanitised on its way to a terminal.

pub mod markdown;
pub mod sanitize;
pub mod style;
pub mod table;

use std::io::{self, IsTerminal, Write};

use crate::error::Error;

/// When to use colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum ColorChoice {
    /// On a terminal that wants it.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// How much talk there is on stderr.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Talk {
    /// Errors only.
    Quiet,
    /// Notices and warnings.
    #[default]
    Normal,
    /// Also what usually needs no saying.
    Verbose,
}

/// Stdout and stderr with what is known of them.
#[derive(Debug)]
pub struct Ui {
    /// How much talk there is.
    pub talk: Talk,
    /// Stdout is a terminal.
    pub stdout_is_terminal: bool,
    /// Stderr is a terminal.
    pub stderr_is_terminal: bool,
    /// Colour and styles on stdout.
    pub color_out: bool,
    /// Colour and styles on stderr.
    pub color_err: bool,
}

impl Ui {
    /// Looks at the process's stdout and stderr. `no_color` and `dumb` come from `NO_COLOR` (not empty) and `TERM=dumb`.
    pub fn new(talk: Talk, color: ColorChoice, no_color: bool, dumb: bool) -> Self {
        let stdout_is_terminal = io::stdout().is_terminal();
        let stderr_is_terminal = io::stderr().is_terminal();
        let wants = |terminal: bool| match color {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto => terminal && !no_color && !dumb,
        };
        Self {
            talk,
            stdout_is_terminal,
            stderr_is_terminal,
            color_out: wants(stdout_is_terminal),
            color_err: wants(stderr_is_terminal),
        }
    }

    /// Writes data to stdout and flushes it.
    pub fn out(&self, data: &str) -> io::Result<()> {
        let mut stdout = io::stdout().lock();
        stdout.write_all(data.as_bytes())?;
        stdout.flush()
    }

    /// Says something worth knowing on stderr.
    pub fn note(&self, text: &str) {
        if self.talk >= Talk::Normal {
            self.say("", text);
        }
    }

    /// Says something only `--verbose` asks for.
    pub fn detail(&self, text: &str) {
        if self.talk >= Talk::Verbose {
            self.say("", text);
        }
    }

    /// Warns on stderr.
    pub fn warn(&self, text: &str) {
        if self.talk >= Talk::Normal {
            self.say("warning: ", text);
        }
    }

    /// Prints the error that ends the program, also under `--quiet`.
    pub fn error(&self, error: &Error) {
        if !error.silent {
            self.say("", &error.to_string());
        }
    }

    /// Stderr that cannot be written leaves nobody to tell, so its errors are dropped.
    fn say(&self, prefix: &str, text: &str) {
        let mut stderr = io::stderr().lock();
        writeln!(stderr, "{prefix}{text}").ok();
    }
}
