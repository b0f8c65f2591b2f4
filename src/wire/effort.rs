//! Efforts in words and what they amount to in tokens of thinking, for models that know only one of the two. A word is the
//! user's measure, the budget that stands for it is a matter of the format: no change that anyone need be told.

use crate::provider::Target;

/// Words from the least to the most, each with its budget: up to `high` as Google's own OpenAI-compatible endpoint translates
/// them for Gemini 2.5; above, they go on from there.
pub const EFFORTS: &[(&str, u64)] = &[
    ("none", 0),
    ("minimal", 1024),
    ("low", 1024),
    ("medium", 8192),
    ("high", 24_576),
    ("xhigh", 32_768),
    ("max", 32_768),
];

/// No provider takes a smaller budget than this.
const LEAST_BUDGET: u64 = 1024;

/// The least and the most tokens of thinking that a model takes, where known.
pub(super) type Bounds = (Option<u64>, Option<u64>);

/// The budget for a word, within `bounds`; `None` for a word that says nothing of tokens.
pub(super) fn budget(word: &str, (least, most): Bounds) -> Option<u64> {
    let (_, budget) = EFFORTS.iter().find(|(known, _)| known.eq_ignore_ascii_case(word))?;
    Some((*budget).min(most.unwrap_or(u64::MAX)).max(least.unwrap_or(0)))
}

/// The budget for a word where the model is known to take budgets and no words; 0 for none.
pub(super) fn budget_of(target: &Target, word: &str) -> Option<u64> {
    let reasoning = &target.model.as_deref()?.reasoning;
    let bounds = reasoning.budget.filter(|_| reasoning.efforts.is_empty())?;
    budget(word, bounds).map(|budget| if word.eq_ignore_ascii_case("none") { 0 } else { budget })
}

/// A budget that llmx chose gives way to the user's limit of tokens, which counts the thinking too; `None` when too little
/// is left.
pub(super) fn fitting(budget: u64, max_tokens: Option<u64>) -> Option<u64> {
    let budget = max_tokens.map_or(budget, |limit| budget.min(limit.saturating_sub(1)));
    (budget >= LEAST_BUDGET).then_some(budget)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_a_budget_within_the_bounds_of_the_model() {
        let pro = (Some(128), Some(32_768));
        let table = [("none", 128), ("low", 1024), ("Medium", 8192), ("high", 24_576), ("max", 32_768)];
        for (word, expected) in table {
            assert_eq!(budget(word, pro), Some(expected), "{word}");
        }
        assert_eq!(budget("high", (None, Some(20_000))), Some(20_000));
        assert_eq!((budget("none", (None, None)), budget("dynamic", (None, None))), (Some(0), None));
    }
}
