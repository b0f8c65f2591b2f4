//! How long the latest answers of a model were: their mean, and what so many of a hundred did not go beyond.

/// So many answers tell how lengths spread.
pub const ENOUGH: usize = 20;
/// So many of the latest answers are looked at.
pub const LATEST: usize = 1_000;

/// An answer that came whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// When it was asked for, in milliseconds since 1970 UTC.
    pub started_ms: i64,
    /// Its tokens, thinking included.
    pub tokens: u64,
    /// Another tool asked for it.
    pub imported: bool,
}

/// The lengths of the latest answers of a model.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lengths {
    /// In tokens, ascending.
    tokens: Vec<u64>,
    /// How many of them other tools asked for, and their tokens.
    imported: (u64, u64),
}

impl Lengths {
    /// Of the latest [`LATEST`] of these answers.
    pub fn of(mut answers: Vec<Answer>) -> Self {
        answers.sort_unstable_by_key(|answer| std::cmp::Reverse(answer.started_ms));
        answers.truncate(LATEST);
        let imported = answers.iter().filter(|answer| answer.imported);
        let imported = imported.fold((0, 0_u64), |(count, sum), answer| (count + 1, sum.saturating_add(answer.tokens)));
        let mut tokens: Vec<u64> = answers.iter().map(|answer| answer.tokens).collect();
        tokens.sort_unstable();
        Self { tokens, imported }
    }

    /// How many answers there are.
    pub fn count(&self) -> usize {
        self.tokens.len()
    }

    /// What so many of a hundred answers do not go beyond (nearest rank); `None` when there are fewer than [`ENOUGH`].
    pub fn quantile(&self, percent: usize) -> Option<u64> {
        let rank = (self.count() * percent).div_ceil(100).max(1);
        self.tokens.get(rank - 1).copied().filter(|_| self.count() >= ENOUGH)
    }

    /// The mean; `None` when there are fewer than [`ENOUGH`].
    pub fn mean(&self) -> Option<f64> {
        let sum: f64 = self.tokens.iter().map(|tokens| *tokens as f64).sum();
        (self.count() >= ENOUGH).then(|| sum / self.count() as f64)
    }

    /// The mean that was expected without what other tools asked for, which weighs as much as so many answers.
    pub fn with_imports(&self, expected: f64, weight: f64) -> f64 {
        let (count, sum) = self.imported;
        (expected * weight + sum as f64) / (weight + count as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answers(tokens: impl IntoIterator<Item = u64>, imported: bool) -> Vec<Answer> {
        (0..).zip(tokens).map(|(started_ms, tokens)| Answer { started_ms, tokens, imported }).collect()
    }

    #[test]
    fn quantiles_are_lengths_that_were_seen() {
        let lengths = Lengths::of(answers((1..=40).rev(), false));
        let told = [5, 50, 90, 95, 100].map(|percent| lengths.quantile(percent));
        assert_eq!(told, [2, 20, 36, 38, 40].map(Some));
        assert_eq!(lengths.mean(), Some(20.5));
    }

    #[test]
    fn a_few_answers_tell_no_spread() {
        let lengths = Lengths::of(answers(1..=19, false));
        assert_eq!((lengths.quantile(50), lengths.mean(), lengths.count()), (None, None, 19));
    }

    #[test]
    fn only_the_latest_answers_count() {
        let lengths = Lengths::of(answers((0..2_000).map(|at| if at < 1_000 { 9_999 } else { 7 }), false));
        assert_eq!((lengths.quantile(100), lengths.count()), (Some(7), LATEST));
    }

    #[test]
    fn a_few_imports_move_what_was_expected() {
        let lengths = Lengths::of(answers([100, 100, 100], true));
        assert!((lengths.with_imports(400.0, 3.0) - 250.0).abs() < 1e-9);
        assert!((Lengths::default().with_imports(400.0, 3.0) - 400.0).abs() < 1e-9);
    }
}
