//! Models as judges: what they are asked, how their answers are read, and what both orders of a pair come to. A judge that
//! answers nonsense has judged nothing.

mod family;
mod fence;
mod pair;
mod prompt;
mod reply;

pub use family::{family, warning};
pub use pair::{Duel, Duels, combine, length_ratio};
pub use prompt::{Ask, Case, Scale, pairwise, pointwise, select_best};
pub use reply::{Grade, Preference, Ruling, read_best, read_grade, read_preference};

/// How a judge is put to work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Each answer by itself, with [`pointwise`].
    Pointwise,
    /// Each pair of models, in both orders, with [`pairwise`].
    EveryPair,
    /// Each model and the baseline, in both orders, with [`pairwise`].
    AgainstBaseline,
    /// All answers to a prompt at once, shuffled, with [`select_best`].
    SelectBest,
}

impl Mode {
    /// How often the judge is asked when every model answers every prompt (each repeat is one more prompt).
    pub const fn calls(self, prompts: u64, models: u64) -> u64 {
        let each = match self {
            Self::Pointwise => models,
            // Two orders of n(n-1)/2 pairs.
            Self::EveryPair => models.saturating_mul(models.saturating_sub(1)),
            Self::AgainstBaseline => models.saturating_sub(1).saturating_mul(2),
            Self::SelectBest if models < 2 => 0,
            Self::SelectBest => 1,
        };
        prompts.saturating_mul(each)
    }
}

#[cfg(test)]
mod tests;
