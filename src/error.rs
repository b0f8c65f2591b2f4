//! The error at the edge: a kind that decides the exit code, a message, hints on what to do next, and the one
//! renderer. Inner modules return their own small types; commands turn them into this.

use std::fmt;

/// What kind of failure ends the program; each has its exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// Anything else.
    Other,
    /// The command line is wrong.
    Usage,
    /// A configuration file or setting is wrong.
    Config,
    /// A key is missing or was rejected.
    Auth,
    /// Rate limit or quota.
    RateLimit,
    /// The provider or the network failed.
    Provider,
    /// A limit of time passed.
    Timeout,
    /// A content filter or a refusal.
    Filtered,
    /// The answer is incomplete, or truncated under `--strict`.
    Incomplete,
    /// A check that was asked for failed.
    Check,
    /// A budget or a price cap rules it out.
    Budget,
    /// The user pressed Ctrl-C.
    Interrupted,
    /// Nobody reads the output any more: ends quietly.
    BrokenPipe,
}

impl ErrorKind {
    /// The exit code, part of the contract for scripts.
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Other => 1,
            Self::Usage => 2,
            Self::Config => 3,
            Self::Auth => 4,
            Self::RateLimit => 5,
            Self::Provider => 6,
            Self::Timeout => 7,
            Self::Filtered => 8,
            Self::Incomplete => 9,
            Self::Check => 10,
            Self::Budget => 11,
            Self::Interrupted => 130,
            Self::BrokenPipe => 0,
        }
    }

    /// The kind that has this exit code; unknown codes are `Other`.
    pub const fn from_exit_code(code: u8) -> Self {
        match code {
            2 => Self::Usage,
            3 => Self::Config,
            4 => Self::Auth,
            5 => Self::RateLimit,
            6 => Self::Provider,
            7 => Self::Timeout,
            8 => Self::Filtered,
            9 => Self::Incomplete,
            10 => Self::Check,
            11 => Self::Budget,
            // Ctrl-C, SIGHUP and SIGTERM, as a shell numbers them.
            129 | 130 | 143 => Self::Interrupted,
            _ => Self::Other,
        }
    }

    /// The kind as a word for `--json`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Other => "other",
            Self::Usage => "usage",
            Self::Config => "config",
            Self::Auth => "auth",
            Self::RateLimit => "rate_limit",
            Self::Provider => "provider",
            Self::Timeout => "timeout",
            Self::Filtered => "filtered",
            Self::Incomplete => "incomplete",
            Self::Check => "check",
            Self::Budget => "budget",
            Self::Interrupted => "interrupted",
            Self::BrokenPipe => "broken_pipe",
        }
    }
}

/// An error that ends a command.
#[derive(Debug)]
pub struct Error {
    /// What kind it is.
    pub kind: ErrorKind,
    /// What happened and where: lower case, names in backticks, no final full stop for one sentence.
    pub message: String,
    /// What caused it.
    pub source: Option<anyhow::Error>,
    /// What to do next, one sentence each.
    pub hints: Vec<String>,
    /// There is nobody to tell, or nothing that needs telling.
    pub silent: bool,
    /// Stdout has the error as JSON already.
    pub told_as_json: bool,
    /// The exit code of the signal that ended the program, where one did.
    pub signal: Option<u8>,
}

impl Error {
    /// An error of that kind.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            source: None,
            hints: Vec::new(),
            silent: false,
            told_as_json: false,
            signal: None,
        }
    }

    /// Adds what to do next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Adds the cause.
    #[must_use]
    pub fn caused_by(mut self, source: impl Into<anyhow::Error>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Marks the error as told already.
    #[must_use]
    pub fn already_told(self) -> Self {
        Self { silent: true, ..self }
    }

    /// A signal stopped the run; `exit_code` is 128 and the signal's number.
    pub fn interrupted(exit_code: u8) -> Self {
        Self { signal: Some(exit_code), ..Self::new(ErrorKind::Interrupted, "interrupted") }
    }

    /// The exit code of the program.
    pub fn exit_code(&self) -> u8 {
        self.signal.unwrap_or(self.kind.exit_code())
    }

    /// Marks the error as printed on stdout in JSON.
    #[must_use]
    pub fn told_as_json(self) -> Self {
        Self { told_as_json: true, ..self }
    }
}

/// The whole text for stderr, without colour: `error: …`, causes, hints.
impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "error: {}", self.message)?;
        for cause in self.source.iter().flat_map(|source| source.chain()) {
            write!(formatter, "\n  caused by: {cause}")?;
        }
        for hint in &self.hints {
            write!(formatter, "\n  hint: {hint}")?;
        }
        Ok(())
    }
}

/// Writing to a closed pipe is no failure of ours; anything else on output is.
impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        if error.kind() == std::io::ErrorKind::BrokenPipe {
            return Self::new(ErrorKind::BrokenPipe, "the reader of the output went away").already_told();
        }
        Self::new(ErrorKind::Other, "cannot write the output").caused_by(error)
    }
}
