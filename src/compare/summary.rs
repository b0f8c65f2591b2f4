//! A run in figures: a fold over its answers that keeps numbers only, and what it comes to for each model.

mod against;
mod cell;
mod model;
mod regressions;
mod tally;
mod words;

use std::collections::BTreeMap;

use serde::Serialize;

pub use against::{Against, Paired};
pub use cell::{Passes, Share};
pub use model::{Flakiness, ModelSummary, Rate, Score};
pub use regressions::{Regressions, regressions};
use tally::Tally;
pub use tally::{Counts, Spending, Tokens};

use super::Answer;

/// Answers taken one at a time, in any order. What is kept are some numbers for each answer and for each prompt, never a text.
#[derive(Clone, Debug)]
pub struct Fold {
    tallies: Vec<Tally>,
    baseline: usize,
    seed: u64,
    clusters: BTreeMap<usize, usize>,
}

impl Fold {
    /// Of these models, in the order in which answers count them. The others are compared with the one at `baseline`; with an
    /// index out of range nothing is compared. The seed is that of the bootstrap.
    pub fn new(models: Vec<String>, baseline: usize, seed: u64) -> Self {
        let tallies = models.into_iter().map(Tally::new).collect();
        Self { tallies, baseline, seed, clusters: BTreeMap::new() }
    }

    /// Says which rows belong together (row to cluster): whole clusters are resampled then. A row without one stands alone.
    #[must_use]
    pub fn clustered(self, clusters: BTreeMap<usize, usize>) -> Self {
        Self { clusters, ..self }
    }

    /// Takes one more answer. One of a model that is not in the list is left out.
    pub fn take(&mut self, answer: &Answer) {
        if let Some(tally) = self.tallies.get_mut(answer.model) {
            tally.take(answer);
        }
    }

    /// How often each row passed with a model, as [`regressions`] compares; empty for one that is not in the list.
    pub fn passes(&self, model: usize) -> Passes {
        self.tallies.get(model).map(Tally::passes).unwrap_or_default()
    }

    /// What it comes to.
    pub fn finish(&self) -> Summary {
        let mut models: Vec<ModelSummary> = self.tallies.iter().map(ModelSummary::of).collect();
        if let Some(baseline) = self.tallies.get(self.baseline) {
            for (index, tally) in self.tallies.iter().enumerate().filter(|(index, _)| *index != self.baseline) {
                models[index].against = Some(Against::of(tally, baseline, &self.clusters, self.seed));
            }
        }
        against::correct(&mut models);
        Summary { baseline: self.baseline, models }
    }
}

/// A run in figures.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Summary {
    /// Which model the others are compared with: an index into `models`.
    pub baseline: usize,
    /// Each model, in the order of the run.
    pub models: Vec<ModelSummary>,
}

#[cfg(test)]
mod tests;
