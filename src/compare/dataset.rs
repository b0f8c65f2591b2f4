//! Data sets: files of prompts, row by row.
//!
//! A row is a line of text, a line of JSON (an object, or a text that is the prompt), a record of CSV, or an item of a YAML
//! list. These columns have a meaning: `prompt`, `system`, `id`, `expect` (also `expect2`, …; a check each, or a list of
//! them), `reference`, `cluster`, and `vars` (an object of variables). promptfoo's `__expected`, `__expected2`, … are read as
//! `expect`, and there a word that is no check is what the answer must equal. Every other column is a variable; one that
//! nothing uses is an error, unless its name begins with one `_`: that is a note.
//!
//! A row without a prompt takes the command's ([`Options::prompt`]). A command's prompt that names `{{prompt}}` goes around
//! the row's own. A row's system prompt goes before the command's, and a row's variable before one that is given for all
//! rows. `{{id}}`, `{{reference}}` and `{{cluster}}` are variables too.
//!
//! Nothing that a row needs is guessed: an empty cell of CSV, and `null`, is no value.

mod columns;
mod error;
mod fingerprint;
mod format;
mod json;
mod lines;
mod reader;
mod records;
mod row;
mod select;
#[cfg(test)]
mod tests;
mod yaml;

use std::collections::BTreeMap;

pub use columns::COLUMNS;
pub use error::{Problem, RowError};
pub use fingerprint::Fingerprint;
pub use format::Format;
pub use reader::Reader;
pub use row::{Filled, Row};
pub use select::{Range, Sample};

use super::check::Check;
use crate::template::Template;

/// What holds for all rows of a data set.
#[derive(Clone, Debug)]
pub struct Options {
    /// The command's prompt, for rows that have none; or around theirs, where it names `{{prompt}}`.
    pub prompt: Option<Template>,
    /// The command's system prompt, for rows that have none.
    pub system: Option<Template>,
    /// The checks of every answer, before those of its row.
    pub checks: Vec<Check>,
    /// Variables for all rows; a row's own go before them.
    pub variables: BTreeMap<String, String>,
    /// Whether the checks of a row may run programs. A data set is often somebody else's text, so the default is no.
    pub commands: bool,
    /// How long a row may be, in bytes.
    pub longest_row: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            prompt: None,
            system: None,
            checks: Vec::new(),
            variables: BTreeMap::new(),
            commands: false,
            longest_row: 16 << 20,
        }
    }
}
