//! What a run comes to for one model.

use std::collections::BTreeMap;

use serde::Serialize;

use super::super::statistics::Spread;
use super::against::Against;
use super::cell::{Cell, Share};
use super::tally::{Counts, Spending, Tally, Tokens};
use crate::route::rollout::{Interval, fixed};

/// One model in figures. What failed is in none of them but the counts and the cost.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ModelSummary {
    /// Its name, as the run was given it.
    pub model: String,
    /// How its answers ended.
    pub counts: Counts,
    /// Its failures by class.
    pub errors: BTreeMap<String, usize>,
    /// How many prompts passed the checks; `None` when there was nothing to judge.
    pub passes: Option<Rate>,
    /// The mean of the scores, where checks give any.
    pub score: Option<Score>,
    /// How repeats of a prompt agree; `None` without repeats.
    pub flakiness: Option<Flakiness>,
    /// Seconds until the first token.
    pub first_token_seconds: Option<Spread>,
    /// Seconds until the end.
    pub total_seconds: Option<Spread>,
    /// Tokens a second, once they flow.
    pub tokens_per_second: Option<Spread>,
    /// What it read and wrote.
    pub tokens: Tokens,
    /// What it cost.
    pub cost: Spending,
    /// Beside the baseline; `None` for the baseline itself.
    pub against: Option<Against>,
}

impl ModelSummary {
    pub(super) fn of(tally: &Tally) -> Self {
        let totals: Vec<f64> = tally.totals.iter().map(|(_, seconds)| *seconds).collect();
        let judged: Vec<Share> = tally.passes().into_values().collect();
        Self {
            model: tally.model.clone(),
            counts: tally.counts,
            errors: tally.errors.clone(),
            passes: Rate::of(&judged, tally.untold),
            score: Score::of(&tally.cells),
            flakiness: Flakiness::of(&judged),
            first_token_seconds: Spread::of(&tally.first_tokens),
            total_seconds: Spread::of(&totals),
            tokens_per_second: Spread::of(&tally.speeds),
            tokens: tally.tokens,
            cost: tally.spending,
            against: None,
        }
    }
}

/// How many prompts passed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Rate {
    /// The mean over prompts of the share of their repeats that passed.
    pub rate: f64,
    /// Where it lies with a confidence of 95 % (Wilson), of that many prompts.
    #[serde(flatten)]
    pub interval: Interval,
    /// How many prompts were judged.
    pub prompts: usize,
    /// How many answers were judged.
    pub answers: u64,
    /// How many answers passed.
    pub passed: u64,
    /// How many did not because a check could not be told.
    pub unknown: usize,
}

impl Rate {
    fn of(judged: &[Share], unknown: usize) -> Option<Self> {
        let sum = |count: fn(&Share) -> u32| judged.iter().map(|share| u64::from(count(share))).sum();
        let rate = mean(judged.iter().map(|share| share.value()))?;
        Some(Self {
            rate,
            interval: fixed::share(rate, judged.len() as u64),
            prompts: judged.len(),
            answers: sum(|share| share.judged),
            passed: sum(|share| share.passed),
            unknown,
        })
    }
}

/// How good the answers are where that is a matter of degree.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Score {
    /// The mean over prompts of the mean over their repeats, from 0 to 1.
    pub mean: f64,
    /// How many prompts have a score.
    pub prompts: usize,
}

impl Score {
    fn of(cells: &BTreeMap<usize, Cell>) -> Option<Self> {
        let scores: Vec<f64> = cells.values().filter_map(Cell::score).collect();
        Some(Self { mean: mean(scores.iter().copied())?, prompts: scores.len() })
    }
}

/// How repeats of one prompt agree.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Flakiness {
    /// How many prompts were judged more than once.
    pub prompts: usize,
    /// The share of them whose repeats disagree.
    pub flaky: f64,
    /// The share of them of which every repeat passed (pass^N).
    pub every: f64,
}

impl Flakiness {
    fn of(judged: &[Share]) -> Option<Self> {
        let repeated: Vec<Share> = judged.iter().copied().filter(|share| share.judged > 1).collect();
        let share_of = |holds: fn(&Share) -> bool| mean(repeated.iter().map(|share| f64::from(u8::from(holds(share)))));
        Some(Self {
            prompts: repeated.len(),
            flaky: share_of(|share| share.is_flaky())?,
            every: share_of(|share| share.passed == share.judged)?,
        })
    }
}

/// The mean; `None` of nothing.
pub(super) fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, count) = values.fold((0.0, 0_usize), |(sum, count), value| (sum + value, count + 1));
    (count > 0).then(|| sum / count as f64)
}
