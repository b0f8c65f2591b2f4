//! What an effort in words amounts to in tokens of thinking, for models that know only budgets.

/// Efforts from the least to the most, each with the budget that stands for it. As Google's own OpenAI-compatible endpoint translates efforts for Gemini 2.5; the words above `high` go on from there.
pub const BUDGETS: &[(&str, u64)] = &[
    ("none", 0),
    ("minimal", 1024),
    ("low", 1024),
    ("medium", 8192),
    ("high", 24_576),
    ("xhigh", 32_768),
    ("max", 32_768),
];

/// The least and the most tokens of thinking that a model takes, where known.
pub(super) type Bounds = (Option<u64>, Option<u64>);

/// The budget for a word, within `bounds`; `None` for a word that says nothing of tokens.
pub(super) fn budget(word: &str, (least, most): Bounds) -> Option<u64> {
    let (_, budget) = BUDGETS.iter().find(|(known, _)| known.eq_ignore_ascii_case(word))?;
    Some((*budget).min(most.unwrap_or(u64::MAX)).max(least.unwrap_or(0)))
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
