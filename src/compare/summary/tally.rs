//! The running figures of one model.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;

use super::super::check::Outcome;
use super::super::{Answer, State};
use super::cell::{Cell, Passes};
use crate::money::Usd;

/// How many answers ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Said to their end.
    pub whole: usize,
    /// Cut by the limit of tokens.
    pub truncated: usize,
    /// Refused.
    pub refused: usize,
    /// Not there. These are in no other figure but the cost.
    pub failed: usize,
}

impl Counts {
    /// All that were asked for.
    pub fn all(&self) -> usize {
        self.answered() + self.failed
    }

    /// All that did not fail.
    pub fn answered(&self) -> usize {
        self.whole + self.truncated + self.refused
    }
}

/// Tokens of all answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tokens {
    /// Of the prompts.
    pub input: u64,
    /// Of the answers, reasoning included.
    pub output: u64,
    /// Of reasoning alone.
    pub reasoning: u64,
    /// Of so many answers the provider told none.
    pub unknown: usize,
}

/// What all of it cost, failed attempts included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Spending {
    /// As far as it is known, in US dollars.
    #[serde(rename = "usd")]
    pub known: Usd,
    /// So many answers were asked for and have no known cost; the sum is a lower bound when there are any.
    pub unknown: usize,
}

/// The running figures of one model.
#[derive(Clone, Debug)]
pub(super) struct Tally {
    pub(super) model: String,
    pub(super) counts: Counts,
    pub(super) errors: BTreeMap<String, usize>,
    /// Seconds until the first token.
    pub(super) first_tokens: Vec<f64>,
    /// The row, and seconds until its end.
    pub(super) totals: Vec<(usize, f64)>,
    pub(super) speeds: Vec<f64>,
    pub(super) tokens: Tokens,
    pub(super) spending: Spending,
    /// Answers with a check that could not be told, and none that failed.
    pub(super) untold: usize,
    /// The rows that were answered.
    pub(super) cells: BTreeMap<usize, Cell>,
}

impl Tally {
    pub(super) fn new(model: String) -> Self {
        Self {
            model,
            counts: Counts::default(),
            errors: BTreeMap::new(),
            first_tokens: Vec::new(),
            totals: Vec::new(),
            speeds: Vec::new(),
            tokens: Tokens::default(),
            spending: Spending::default(),
            untold: 0,
            cells: BTreeMap::new(),
        }
    }

    pub(super) fn take(&mut self, answer: &Answer) {
        match (answer.cost, answer.timing) {
            (Some(cost), _) => self.spending.known += cost,
            // What was never asked cost nothing.
            (None, Some(_)) => self.spending.unknown += 1,
            (None, None) => {}
        }
        match &answer.state {
            State::Whole => self.counts.whole += 1,
            State::Truncated => self.counts.truncated += 1,
            State::Refused => self.counts.refused += 1,
            State::Failed { class, .. } => {
                self.counts.failed += 1;
                *self.errors.entry(class.clone()).or_default() += 1;
                return;
            }
        }
        self.take_times(answer);
        self.take_tokens(answer);
        let failed = answer.verdicts.iter().any(|verdict| verdict.outcome == Outcome::Failed);
        let unknown = answer.verdicts.iter().any(|verdict| verdict.outcome == Outcome::Unknown);
        self.untold += usize::from(unknown && !failed);
        self.cells.entry(answer.row).or_default().take(answer);
    }

    fn take_times(&mut self, answer: &Answer) {
        if let Some(timing) = answer.timing {
            self.first_tokens.extend(timing.first_token.as_ref().map(Duration::as_secs_f64));
            self.totals.push((answer.row, timing.total.as_secs_f64()));
        }
        self.speeds.extend(answer.tokens_per_second());
    }

    fn take_tokens(&mut self, answer: &Answer) {
        let Some(tokens) = answer.tokens else {
            self.tokens.unknown += 1;
            return;
        };
        self.tokens.input = self.tokens.input.saturating_add(tokens.input_total());
        self.tokens.output = self.tokens.output.saturating_add(tokens.output_total());
        self.tokens.reasoning = self.tokens.reasoning.saturating_add(tokens.reasoning);
    }

    /// The rows that checks judged.
    pub(super) fn passes(&self) -> Passes {
        let judged = self.cells.iter().filter(|(_, cell)| cell.passes.judged > 0);
        judged.map(|(row, cell)| (*row, cell.passes)).collect()
    }
}
