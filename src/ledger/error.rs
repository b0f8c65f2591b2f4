//! Why the ledger cannot be read or written, for callers that must know.

use std::fmt;
use std::path::PathBuf;

use rusqlite::Error::{FromSqlConversionFailure, IntegralValueOutOfRange, InvalidColumnType, Utf8Error};

use super::advice;

/// Why the ledger cannot be read or written.
#[derive(Debug)]
pub enum LedgerError {
    /// There is none to read, or none to write: the reason.
    Unavailable(String),
    /// Several ids begin so.
    Ambiguous {
        /// What was asked for.
        prefix: String,
        /// The first ids that match.
        matches: Vec<String>,
    },
    /// So little of an id may mean another one tomorrow: what was asked for.
    TooShort(String),
    /// SQLite failed.
    Read {
        /// The ledger's path.
        path: PathBuf,
        /// SQLite's error.
        source: rusqlite::Error,
    },
    /// SQLite failed to write; nothing of it was written.
    Write {
        /// The ledger's path.
        path: PathBuf,
        /// SQLite's error.
        source: rusqlite::Error,
    },
    /// Something in it is not what llmx writes.
    Damaged {
        /// The ledger's path.
        path: PathBuf,
        /// What of it.
        place: String,
        /// What is wrong with it.
        source: rusqlite::Error,
    },
}

impl fmt::Display for LedgerError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unavailable(reason) => write!(formatter, "there is no ledger to use: {reason}"),
            Self::Ambiguous { prefix, matches } => {
                write!(formatter, "`{prefix}` is the start of several ids: {}; give more of it", matches.join(", "))
            }
            Self::TooShort(prefix) => write!(formatter, "`{prefix}` is too little of an id; give more of it"),
            Self::Read { path, .. } => write!(formatter, "cannot read the ledger `{}`", path.display()),
            Self::Write { path, source } => {
                write!(formatter, "cannot write the ledger `{}` ({})", path.display(), advice(source))
            }
            Self::Damaged { path, place, .. } => {
                write!(formatter, "the ledger `{}` is damaged: {place} cannot be read", path.display())
            }
        }
    }
}

impl std::error::Error for LedgerError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Read { source, .. } | Self::Write { source, .. } | Self::Damaged { source, .. } => Some(source),
            Self::Unavailable(_) | Self::Ambiguous { .. } | Self::TooShort(_) => None,
        }
    }
}

impl LedgerError {
    /// Says what it was that could not be read, when it was there and made no sense.
    pub(super) fn at(self, place: impl FnOnce() -> String) -> Self {
        match self {
            Self::Read { path, source }
                if matches!(
                    source,
                    FromSqlConversionFailure(..) | IntegralValueOutOfRange(..) | InvalidColumnType(..) | Utf8Error(..)
                ) =>
            {
                Self::Damaged { path, place: place(), source }
            }
            other => other,
        }
    }
}
