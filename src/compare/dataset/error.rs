//! What is wrong with a row, or with the whole file.

use std::fmt;

use super::super::check::CheckError;
use crate::template::Missing;

/// What is wrong, and where. The caller knows the file's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowError {
    /// Which row, counted from 0; `None` when it is about the file.
    pub index: Option<usize>,
    /// The line in the file, counted from 1, where the row begins or the trouble is; `None` when it has no place.
    pub line: Option<u64>,
    /// The column, where one is to blame.
    pub column: Option<String>,
    /// What.
    pub problem: Problem,
}

/// What can be wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// The file has no row.
    Empty,
    /// The file could not be read further.
    Unreadable(String),
    /// It is not UTF-8, from this byte of the row on, counted from 1.
    NotUtf8(usize),
    /// The row, or a YAML file as a whole, is longer than this many bytes, as it stands or with its aliases unfolded.
    TooLong(usize),
    /// It breaks the rules of its format.
    Syntax(String),
    /// A value, a row or the file is of another kind than it must be.
    Shape(String),
    /// The quotes that are opened on this line are never closed, so that the rest of the file would be one value.
    Unclosed(u64),
    /// A column stands twice in a row.
    Twice(String),
    /// A column that has no meaning and that nothing uses, with the names there are.
    UnknownColumn(String, Vec<String>),
    /// A variable given for all rows that nothing uses, with the names that are used.
    UnusedVariable(String, Vec<String>),
    /// Variables without a value.
    Missing(Missing),
    /// Neither the row nor the command has a prompt.
    NoPrompt,
    /// The row and the command have a prompt each, and the command's does not name `{{prompt}}`.
    TwoPrompts,
    /// The id of an earlier row, which begins on this line.
    DuplicateId(String, u64),
    /// A check that is none.
    Check(CheckError),
    /// A check that would run a program, as it was written.
    Command(String),
}

impl fmt::Display for RowError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(formatter, "line {line}: ")?;
        }
        if let Some(column) = &self.column {
            write!(formatter, "`{}`: ", short(column))?;
        }
        self.problem.fmt(formatter)
    }
}

impl std::error::Error for RowError {}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => write!(formatter, "there is no row in it"),
            Self::Unreadable(words) => write!(formatter, "it cannot be read: {words}"),
            Self::NotUtf8(byte) => {
                write!(formatter, "it is not UTF-8 (byte {byte} of the row); save the file as UTF-8")
            }
            Self::TooLong(most) => write!(formatter, "it is longer than {most} bytes"),
            Self::Syntax(words) | Self::Shape(words) => formatter.write_str(words),
            Self::Unclosed(line) => {
                write!(
                    formatter,
                    "the quotes that open on line {line} are never closed, so no row after it can be told"
                )
            }
            Self::Twice(name) => write!(formatter, "the column `{}` stands there twice", short(name)),
            Self::UnknownColumn(name, _) => write!(
                formatter,
                "the column `{0}` has no meaning, and nothing uses `{{{{{0}}}}}`; a note's name begins with `_`",
                short(name)
            ),
            Self::UnusedVariable(name, _) => write!(formatter, "nothing uses the variable `{}`", short(name)),
            Self::Missing(missing) => write!(formatter, "{missing}; fill it in, or give one for all rows"),
            Self::NoPrompt => write!(formatter, "it has no prompt, and none was given for all rows"),
            Self::TwoPrompts => write!(
                formatter,
                "it has a prompt of its own beside the one for all rows; name it there with `{{{{prompt}}}}`, or leave one out"
            ),
            Self::DuplicateId(id, line) => write!(formatter, "the id `{}` is that of line {line} too", short(id)),
            Self::Check(error) => error.fmt(formatter),
            Self::Command(written) => {
                write!(formatter, "`{}` would run a program, which a data set may not ask for", short(written))
            }
        }
    }
}

/// A name from the file, so short and plain that it can stand in a sentence.
fn short(name: &str) -> String {
    let plain = |character: char| if character.is_control() { ' ' } else { character };
    let mut told: String = name.chars().take(60).map(plain).collect();
    if name.chars().nth(60).is_some() {
        told.push('…');
    }
    told
}
