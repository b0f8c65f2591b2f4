//! How alike two texts are, in numbers from 0 to 1. They measure words and not truth: a contradiction that changes one word
//! scores higher than a paraphrase, so [`super::facts`] stands beside them.
//!
//! | measure | equals | empty input |
//! |---|---|---|
//! | [`chrf()`] | sacrebleu's `sentence_chrf` / 100 | 0 if either text is blank, both too |
//! | [`rouge_l()`] | rouge-score's `rougeL` F1 | 0 if either text has no `[a-z0-9]`, both too |
//! | [`levenshtein()`] | rapidfuzz's `Levenshtein.normalized_similarity` | 1 if both are empty |
//! | [`jaccard()`], [`rouge_l_words()`] | over words as Unicode has them, in lower case | 1 if neither has a word |
//! | [`likeness()`] | what is shown as `sim` | 1 if the texts are equal, whatever they are |
//!
//! ROUGE-L and Levenshtein are quadratic by nature. Beyond [`LONGEST_COMMON_CELLS`] and [`EDIT_BLOCKS`] they are `None`: not
//! computed, which is no score of 0.

mod chrf;
mod levenshtein;
mod longest_common;
mod occurrences;
mod pairs;
mod rouge;
mod words;

pub use chrf::{Profile, chrf, likeness};
pub use levenshtein::{EDIT_BLOCKS, levenshtein};
pub use longest_common::LONGEST_COMMON_CELLS;
pub use pairs::{EXACT_BYTES, Likenesses, SAMPLE, likenesses};
pub use rouge::{rouge_l, rouge_l_words};
use serde::Serialize;
pub use words::jaccard;

/// All measures of an answer beside the text that it is compared to.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Scores {
    /// What is shown: [`likeness()`], the same in both directions.
    pub sim: f64,
    /// chrF of the answer, with the other text as reference.
    pub chrf: f64,
    /// ROUGE-L F1 over `[a-z0-9]` words; `None` where the texts are too long for it.
    pub rouge_l: Option<f64>,
    /// ROUGE-L F1 over Unicode words; `None` where the texts are too long for it.
    pub rouge_l_words: Option<f64>,
    /// The share of different words that both have.
    pub jaccard: f64,
    /// 1 less the share of characters to change; `None` where the texts are too long and too different for it.
    pub levenshtein: Option<f64>,
}

impl Scores {
    /// The scores of an answer beside a reference.
    pub fn of(answer: &str, reference: &str) -> Self {
        let (left, right) = (Profile::of(answer), Profile::of(reference));
        Self {
            sim: if answer == reference { 1.0 } else { left.likeness(&right) },
            chrf: left.chrf(&right),
            rouge_l: rouge_l(answer, reference),
            rouge_l_words: rouge_l_words(answer, reference),
            jaccard: jaccard(answer, reference),
            levenshtein: levenshtein(answer, reference),
        }
    }
}

#[cfg(test)]
mod tests;
