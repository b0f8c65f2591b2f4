//! What a paired test says, in words.

use std::fmt;

use serde::Serialize;

/// With fewer prompts that differ no test of theirs can reach [`LEVEL`]: 5 to 0 is still p = 0.0625, 6 to 0 is 0.031.
pub const FEWEST: usize = 6;

/// Below this p-value a difference is called one.
pub const LEVEL: f64 = 0.05;

/// Which of the two that are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The one that is compared.
    Candidate,
    /// The one it is compared with.
    Baseline,
}

/// Whether a difference is more than chance.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Significance {
    /// Too few prompts differ to tell anything.
    TooFew {
        /// How many do.
        differing: usize,
    },
    /// It is.
    Different {
        /// The p-value.
        p: f64,
        /// Who is better.
        better: Side,
    },
    /// Chance explains it.
    NoDifference {
        /// The p-value.
        p: f64,
    },
}

impl Significance {
    /// The verdict of a test with this p-value, on so many prompts that differ.
    pub fn of(p: f64, differing: usize, better: Side) -> Self {
        if differing < FEWEST {
            Self::TooFew { differing }
        } else if p < LEVEL {
            Self::Different { p, better }
        } else {
            Self::NoDifference { p }
        }
    }
}

impl fmt::Display for Significance {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooFew { differing } => {
                let (prompts, verb) = if *differing == 1 { ("prompt", "differs") } else { ("prompts", "differ") };
                write!(formatter, "too few to tell ({differing} {prompts} {verb}, it takes {FEWEST})")
            }
            Self::Different { p, better: Side::Candidate } => {
                write!(formatter, "better than the baseline ({})", Probability(*p))
            }
            Self::Different { p, better: Side::Baseline } => {
                write!(formatter, "worse than the baseline ({})", Probability(*p))
            }
            Self::NoDifference { p } => write!(formatter, "no difference to be told from chance ({})", Probability(*p)),
        }
    }
}

/// A p-value as a person reads it.
struct Probability(f64);

impl fmt::Display for Probability {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            p if p < 0.001 => write!(formatter, "p < 0.001"),
            p if p < 0.1 => write!(formatter, "p = {p:.3}"),
            p => write!(formatter, "p = {p:.2}"),
        }
    }
}
