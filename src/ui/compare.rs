//! What `compare` shows in a terminal: answers beside each other, below each other or as differences, the table of times
//! and costs, who agrees with whom, and progress. Views go in, finished lines come out; nothing is printed here.
//!
//! Every line fits the width. Texts are sanitised and wrapped, never cut; without a terminal they are not even wrapped.

mod columns;
mod consensus;
mod difference;
pub(super) mod figures;
pub(super) mod page;
mod progress;
mod stack;
mod summary;
pub(super) mod text;

use std::time::Duration;

pub use self::consensus::{Claim, ConsensusView, Outlier};
pub use self::page::{Page, Palette};
pub use self::progress::{Bar, Overall, Progress, ProgressView, bar_lines, done_line, progress_lines};
use crate::compare::diff::Unit;

/// How answers are laid out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Layout {
    /// Columns where each is wide enough to read in, else below each other.
    #[default]
    Auto,
    /// Beside each other; below each other where a column could not hold a word.
    Columns,
    /// Below each other.
    Stack,
    /// What differs from the baseline.
    Diff,
    /// The table alone.
    Table,
}

/// What a comparison shows of all models.
#[derive(Clone, Debug, Default)]
pub struct View {
    /// The models in their order. The first one is the baseline where none says that it is.
    pub models: Vec<ModelView>,
    /// What differences are told in. Answers that are not JSON fall back to lines.
    pub unit: Unit,
    /// How long all of it took.
    pub wall: Option<Duration>,
    /// What all of it cost, written as money is (`$0.00341`).
    pub cost: Option<String>,
}

/// What is shown of one model. What is unknown is `None` and shows as `-`.
#[derive(Clone, Debug, Default)]
pub struct ModelView {
    /// Its name.
    pub name: String,
    /// The others are held against this one.
    pub is_baseline: bool,
    /// Until the first visible text; a median where there are repeats.
    pub first_token: Option<Duration>,
    /// Until the end.
    pub total: Option<Duration>,
    /// How far `total` strays over repeats, shown after `±`.
    pub spread: Option<Duration>,
    /// Answer tokens a second.
    pub tokens_per_second: Option<f64>,
    /// Tokens of the prompt.
    pub tokens_in: Option<u64>,
    /// Tokens of the answer, thinking included.
    pub tokens_out: Option<u64>,
    /// Those of `tokens_out` that were thinking.
    pub thinking: Option<u64>,
    /// The cost, written as money is (`$0.00022`).
    pub cost: Option<String>,
    /// How many times cheaper than the baseline (below 1: dearer); `None` for the baseline and for unknown prices.
    pub cheaper: Option<f64>,
    /// How alike its answer is to the baseline's, from 0 to 1.
    pub similarity: Option<f64>,
    /// How alike its answer is to all others on average, from 0 to 1.
    pub agreement: Option<f64>,
    /// How many checks it passed (`18/20`).
    pub pass: Option<String>,
    /// What differs in facts from the baseline (`3 numbers equal, 1 differs`).
    pub facts: Option<String>,
    /// Whatever else is worth a word; empty for nothing.
    pub note: String,
    /// Why there is no answer.
    pub failure: Option<String>,
    /// The answer; may be empty.
    pub text: String,
}

impl View {
    /// Lays the answers out; each line ended. Empty for no models, and for [`Layout::Table`], whose table is
    /// [`View::summary`].
    pub fn answers(&self, layout: Layout, page: &Page) -> String {
        let lines = match self.chosen(layout, page) {
            _ if self.models.is_empty() => Vec::new(),
            Layout::Columns => columns::lines(self, page),
            Layout::Diff => difference::lines(self, page),
            Layout::Table => Vec::new(),
            Layout::Auto | Layout::Stack => stack::lines(self, page),
        };
        joined(&lines)
    }

    /// The table of times, tokens and costs, with the line of totals under it; each line ended. Empty for no models.
    pub fn summary(&self, page: &Page) -> String {
        if self.models.is_empty() { String::new() } else { joined(&summary::lines(self, page)) }
    }

    /// The layout that this page has room for.
    fn chosen(&self, layout: Layout, page: &Page) -> Layout {
        let fits = |least| page.width.is_some_and(|width| columns::width(width, self.models.len()) >= least);
        match layout {
            Layout::Auto if fits(columns::READABLE) && self.models.len() > 1 => Layout::Columns,
            Layout::Auto => Layout::Stack,
            Layout::Columns if !fits(columns::LEAST) => Layout::Stack,
            other => other,
        }
    }

    /// Which model is the baseline.
    fn baseline(&self) -> usize {
        self.models.iter().position(|model| model.is_baseline).unwrap_or(0)
    }
}

impl ConsensusView {
    /// Who agrees with whom; each line ended. Empty for no models.
    pub fn drawn(&self, page: &Page) -> String {
        if self.names.is_empty() { String::new() } else { joined(&consensus::lines(self, page)) }
    }
}

/// A sentence that came from elsewhere, wrapped to the page; each line ended.
pub fn sentence(words: &str, page: &Page) -> String {
    let indent = words.len() - words.trim_start().len();
    let room = page.columns().saturating_sub(indent.max(1));
    let lines = text::wrap(&columns::one_line(words.trim_start()), page::Ink::Plain, room, page);
    joined(&lines.iter().map(|line| format!("{}{}", " ".repeat(indent), line.text)).collect::<Vec<_>>())
}

fn joined(lines: &[String]) -> String {
    lines.iter().flat_map(|line| [line.trim_end_matches(' '), "\n"]).collect()
}

#[cfg(test)]
mod tests;
