//! What one model made of one prompt, its repeats together. Prompts are the evidence: repeats of one say nothing of others.

use std::collections::BTreeMap;

use super::super::Answer;
use crate::money::Usd;

/// How often each row passed.
pub type Passes = BTreeMap<usize, Share>;

/// How many of the judged repeats passed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share {
    /// How many passed.
    pub passed: u32,
    /// How many were judged.
    pub judged: u32,
}

impl Share {
    /// Whether more than half of the repeats passed.
    pub fn passes(self) -> bool {
        u64::from(self.passed) * 2 > u64::from(self.judged)
    }

    /// The share that passed; 0 when none was judged.
    pub fn value(self) -> f64 {
        f64::from(self.passed) / f64::from(self.judged.max(1))
    }

    /// Whether its repeats disagree.
    pub fn is_flaky(self) -> bool {
        self.passed > 0 && self.passed < self.judged
    }
}

/// As finely as scores are held.
const UNIT: f64 = 1e-12;

/// Sums over the repeats of one prompt that were answered.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Cell {
    /// How many of them the checks judged, and how they came out.
    pub(super) passes: Share,
    scored: u32,
    /// In units of [`UNIT`], so that the sum is the same in whatever order a resumed run brings the answers.
    scores: i64,
    priced: u32,
    cost: Usd,
}

impl Cell {
    /// Takes one more answer, which did not fail.
    pub(super) fn take(&mut self, answer: &Answer) {
        // Without a check there is nothing that could pass.
        if let Some(passed) = answer.passed().filter(|_| !answer.verdicts.is_empty()) {
            self.passes.judged += 1;
            self.passes.passed += u32::from(passed);
        }
        if let Some(score) = score(answer) {
            self.scored += 1;
            self.scores = self.scores.saturating_add(units(score));
        }
        if let Some(cost) = answer.cost {
            self.priced += 1;
            self.cost += cost;
        }
    }

    /// The mean score of the repeats that have one.
    pub(super) fn score(&self) -> Option<f64> {
        (self.scored > 0).then(|| self.scores as f64 * UNIT / f64::from(self.scored))
    }

    /// The mean cost of the repeats whose cost is known, in pico-dollars.
    pub(super) fn cost(&self) -> Option<f64> {
        (self.priced > 0).then(|| self.cost.pico() as f64 / f64::from(self.priced))
    }
}

/// The mean of the scores that the checks of an answer gave.
fn score(answer: &Answer) -> Option<f64> {
    let scores = answer.verdicts.iter().filter_map(|verdict| verdict.score).filter(|score| score.is_finite());
    let (sum, count) = scores.fold((0.0, 0_u32), |(sum, count), score| (sum + score, count + 1));
    (count > 0).then(|| sum / f64::from(count))
}

fn units(score: f64) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "a cast of a float saturates, and scores go from 0 to 1")]
    let units = (score / UNIT).round() as i64;
    units
}
