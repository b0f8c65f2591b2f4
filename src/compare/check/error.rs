//! What is wrong with a check, and where.

use std::fmt;

use super::rule::quoted;
use crate::template::Missing;

/// What is wrong with a check that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckError {
    /// The check as it was written.
    pub written: String,
    /// Where in it, in characters from 1.
    pub at: usize,
    /// What.
    pub problem: CheckProblem,
}

/// What can be wrong with a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CheckProblem {
    /// No check has this name; [`super::KINDS`] has those that do.
    Unknown(String),
    /// It needs this behind its name.
    NoArgument(&'static str),
    /// It takes nothing behind its name.
    Unwanted,
    /// What is behind its name does not do.
    Argument(String),
    /// A variable in it has no value.
    Missing(Missing),
}

impl CheckError {
    pub(super) fn new(written: &str, at: usize, problem: CheckProblem) -> Self {
        Self { written: written.to_owned(), at, problem }
    }
}

impl fmt::Display for CheckError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "the check {}, from character {}: ", quoted(&self.written), self.at)?;
        match &self.problem {
            CheckProblem::Unknown(name) if name.is_empty() => write!(formatter, "it has no name"),
            CheckProblem::Unknown(name) => write!(formatter, "no check is called {}", quoted(name)),
            CheckProblem::NoArgument(wanted) => write!(formatter, "it needs {wanted} behind a colon"),
            CheckProblem::Unwanted => write!(formatter, "it takes nothing behind its name"),
            CheckProblem::Argument(words) => formatter.write_str(words),
            CheckProblem::Missing(missing) => missing.fmt(formatter),
        }
    }
}

impl std::error::Error for CheckError {}
