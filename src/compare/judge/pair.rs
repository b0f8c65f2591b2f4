//! Pairs judged in both orders: a win counts only if it holds whoever comes first.

use serde::{Deserialize, Serialize};

use super::super::statistics::{Side, Significance, mcnemar};
use super::Preference;
use crate::route::rollout::{Interval, fixed};

/// How a model did beside another, both orders together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "duel", rename_all = "snake_case")]
pub enum Duel {
    /// Better in both orders.
    Win,
    /// Worse in both orders.
    Loss,
    /// Neither.
    Tie {
        /// The judge said one thing in one order and another in the other.
        flipped: bool,
    },
    /// One of the orders has no ruling.
    Unknown,
}

impl Duel {
    /// The same seen from the other side.
    #[must_use]
    pub fn turned(self) -> Self {
        match self {
            Self::Win => Self::Loss,
            Self::Loss => Self::Win,
            same => same,
        }
    }
}

/// What the rulings of both orders come to for the candidate: once it stood first, once second.
pub fn combine(as_first: Option<Preference>, as_second: Option<Preference>) -> Duel {
    match (as_first, as_second) {
        (None, _) | (_, None) => Duel::Unknown,
        (Some(Preference::First), Some(Preference::Second)) => Duel::Win,
        (Some(Preference::Second), Some(Preference::First)) => Duel::Loss,
        (Some(Preference::Tie), Some(Preference::Tie)) => Duel::Tie { flipped: false },
        _ => Duel::Tie { flipped: true },
    }
}

/// The duels of one model with another over all prompts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Duels {
    /// Won in both orders.
    pub wins: u64,
    /// Lost in both orders.
    pub losses: u64,
    /// Neither.
    pub ties: u64,
    /// Ties in which the judge contradicted itself.
    pub flips: u64,
    /// Not ruled in both orders; in no other figure.
    pub unknown: u64,
}

impl Duels {
    /// Takes one more.
    pub fn take(&mut self, duel: Duel) {
        match duel {
            Duel::Win => self.wins += 1,
            Duel::Loss => self.losses += 1,
            Duel::Tie { flipped } => {
                self.ties += 1;
                self.flips += u64::from(flipped);
            }
            Duel::Unknown => self.unknown += 1,
        }
    }

    /// The share of duels in which the judge contradicted itself, and where it lies with a confidence of 95 % (Wilson). `None`
    /// without a duel.
    pub fn flip_rate(&self) -> Option<(f64, Interval)> {
        let ruled = self.wins + self.losses + self.ties;
        (ruled > 0).then(|| (self.flips as f64 / ruled as f64, fixed::rate(self.flips, ruled)))
    }

    /// Whether one of them is better beyond chance, by the duels that one won; the other model is the baseline.
    pub fn significance(&self) -> Significance {
        let better = if self.wins > self.losses { Side::Candidate } else { Side::Baseline };
        let differing = usize::try_from(self.wins.saturating_add(self.losses)).unwrap_or(usize::MAX);
        Significance::of(mcnemar(self.wins, self.losses), differing, better)
    }
}

/// How many times as long an answer is, in characters; judges like long ones. `None` when the other one is empty.
pub fn length_ratio(candidate: &str, baseline: &str) -> Option<f64> {
    let length = baseline.chars().count();
    (length > 0).then(|| candidate.chars().count() as f64 / length as f64)
}
