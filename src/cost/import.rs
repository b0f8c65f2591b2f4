//! Calls out of the logs of other tools: each origin's format is a row of [`ORIGINS`] and a file of its own. A log is read
//! line by line, and what cannot be read of it is passed over and told, never the whole file.

mod claude_code;
mod codex;
mod csv;
mod fields;
mod found;
mod litellm;
pub mod llm;
mod origin;
mod pieces;
mod providers;
#[cfg(test)]
mod tests;
mod usage;

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;

use super::spent::Sums;
use crate::chat::Usage;
use crate::money::Usd;

pub use found::{Found, Passed, Why};
pub use origin::{HEAD, ORIGINS, Origin, Place, Reader, recognise};

/// One request that another tool has sent.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// What the origin or the provider calls it; no other call of that origin is called so.
    pub id: String,
    /// When it was sent, or when it was answered where only that was logged.
    pub at: Timestamp,
    /// The catalogue's name of the provider; `unknown` when nothing tells it.
    pub provider: String,
    /// The model, without its provider.
    pub model: String,
    /// The token counts, with the usage object as it was logged.
    pub usage: Usage,
    /// How long it took.
    pub duration: Option<Duration>,
    /// It gave no whole answer.
    pub failed: bool,
    /// The provider rejected it, so it surely cost nothing.
    pub rejected: bool,
    /// What the tool has worked out that it cost: no bill, but better than nothing where there is no price.
    pub claimed: Option<Usd>,
    /// The conversation it is part of.
    pub conversation: Option<String>,
    /// The project it is for.
    pub project: Option<String>,
    /// What the tool says of it besides.
    pub tags: BTreeMap<String, String>,
}

/// Whether what is known of a call now is more than what was known: a response is logged while it grows, and in several files,
/// so the largest counts are the last ones; a cost that was unknown may have a price by now.
pub fn is_more(now: &Sums, known: &Sums) -> bool {
    let counts = |sums: &Sums| (sums.output, sums.input, sums.cache_read, sums.cache_write);
    let same = counts(now) == counts(known);
    counts(now) > counts(known) || (same && now.unknown < known.unknown)
}
