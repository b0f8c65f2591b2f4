//! What is wrong with a file that should hold a comparison, and what to do.

use std::fmt;

use serde_json::error::Category;

use super::super::SCHEMA;
use super::LONGEST;

/// Why a file was not read to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadError {
    /// The line, from 1; 0 where none is known.
    pub line: usize,
    /// What is wrong.
    pub problem: Problem,
}

/// What is wrong with a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// It is in a format that is only written.
    OneWay,
    /// It could not be read.
    Unreadable(String),
    /// It is no JSON.
    Syntax(String),
    /// It ends in the middle.
    Cut,
    /// A row is longer than [`LONGEST`].
    TooLong,
    /// It is something else.
    NotOurs,
    /// It is of another version.
    Version(String),
    /// Its parts are not in the order in which they are written.
    Order,
    /// A value is missing, or is not what it should be.
    Value(String),
    /// An answer stands before any prompt.
    NoPrompt,
    /// An answer stands behind another prompt than its own.
    OtherRow {
        /// Its row.
        row: usize,
        /// The row that it stands behind.
        prompt: usize,
    },
    /// There is a second head: two files in one.
    TwoHeads,
    /// It has not as much as it says at its end.
    Lost {
        /// How many rows and answers it says.
        told: (usize, usize),
        /// How many it has.
        found: (usize, usize),
    },
}

impl ReadError {
    pub(super) const fn new(line: usize, problem: Problem) -> Self {
        Self { line, problem }
    }

    /// Of what the reader says. With nothing left it was a row too long; before a head was found the file is something else.
    pub(super) fn of(error: &serde_json::Error, left: usize, begun: bool) -> Self {
        let words = error.to_string();
        let words = words.split(" at line ").next().unwrap_or_default();
        let problem = match error.classify() {
            Category::Io if left == 0 => Problem::TooLong,
            Category::Io => Problem::Unreadable(words.to_owned()),
            Category::Eof => Problem::Cut,
            Category::Syntax => Problem::Syntax(shortened(words)),
            Category::Data if begun => Problem::Value(shortened(words)),
            Category::Data => Problem::NotOurs,
        };
        Self::new(error.line(), problem)
    }
}

/// The reader's words may quote the file.
fn shortened(words: &str) -> String {
    words.chars().take(200).map(|next| if next.is_control() { '\u{fffd}' } else { next }).collect()
}

impl fmt::Display for ReadError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line > 0 {
            write!(formatter, "line {}: ", self.line)?;
        }
        write!(formatter, "{}", self.problem)
    }
}

impl std::error::Error for ReadError {}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let again = "write it again with `llmx compare export RUN -o FILE.json`";
        match self {
            Self::OneWay => write!(formatter, "only .json and .jsonl can be read back; {again}"),
            Self::Unreadable(words) => write!(formatter, "cannot read: {words}"),
            Self::Syntax(words) => write!(formatter, "this is no JSON: {words}; {again}"),
            Self::Cut => write!(formatter, "the file ends in the middle; {again}"),
            Self::TooLong => write!(formatter, "a row is longer than {} MiB", LONGEST >> 20),
            Self::NotOurs => {
                write!(formatter, "this is no comparison (its `schema` is not `{SCHEMA}`); {again}")
            }
            Self::Version(found) => {
                write!(formatter, "this comparison is `{found}`, and this llmx reads `{SCHEMA}`; use a newer llmx")
            }
            Self::Order => write!(formatter, "`schema` and `models` must come before `prompts`; {again}"),
            Self::Value(words) => write!(formatter, "{words}; {again}"),
            Self::NoPrompt => write!(formatter, "an answer stands before any prompt; {again}"),
            Self::OtherRow { row, prompt } => {
                write!(formatter, "an answer to row {row} stands with the prompt of row {prompt}; {again}")
            }
            Self::TwoHeads => write!(formatter, "there are two comparisons in it; keep each in a file of its own"),
            Self::Lost { told, found } => write!(
                formatter,
                "it has {} rows with {} answers and should have {} with {}: lines were lost; {again}",
                found.0, found.1, told.0, told.1
            ),
        }
    }
}
