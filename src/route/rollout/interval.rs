//! A range with the words people read it in.

use serde::{Deserialize, Serialize};

/// Where a figure lies, as far as is known. A bound that is not known is infinite, which JSON shows as `null`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// At least this.
    pub lower: f64,
    /// At most this.
    pub upper: f64,
}

impl Interval {
    /// Nothing is known.
    pub const UNKNOWN: Self = Self { lower: f64::NEG_INFINITY, upper: f64::INFINITY };

    /// That far to both sides.
    pub fn around(middle: f64, reach: f64) -> Self {
        Self { lower: middle - reach, upper: middle + reach }
    }

    /// Both bounds through a growing function.
    #[must_use]
    pub fn map(self, function: impl Fn(f64) -> f64) -> Self {
        Self { lower: function(self.lower), upper: function(self.upper) }
    }

    /// Whether the figure may be this one.
    pub fn holds(self, value: f64) -> bool {
        (self.lower..=self.upper).contains(&value)
    }

    /// Shares in words: `0.4–7 %`.
    pub fn percent(self) -> String {
        if self.upper.is_infinite() {
            return format!("at least {} %", hundredths(self.lower));
        }
        format!("{}–{} %", hundredths(self.lower), hundredths(self.upper))
    }

    /// Ratios in words: `1.40–2.05 times`.
    pub fn times(self) -> String {
        if self.upper.is_infinite() {
            return "unknown".to_owned();
        }
        format!("{:.2}–{:.2} times", self.lower, self.upper)
    }
}

/// A share in words: `2 %`, `0.4 %`.
pub fn percent(share: f64) -> String {
    format!("{} %", hundredths(share))
}

/// Whole percents from 10 on, and tenths below.
fn hundredths(share: f64) -> String {
    let value = share * 100.0;
    // Rounding at 10 must not give it a decimal.
    let text = if value.abs() < 9.95 { format!("{value:.1}") } else { format!("{value:.0}") };
    text.trim_end_matches(".0").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_shares_have_a_decimal() {
        let words: Vec<String> = [0.0, 0.004, 0.02, 0.0996, 0.1749, 1.0].into_iter().map(percent).collect();
        assert_eq!(words, ["0 %", "0.4 %", "2 %", "10 %", "17 %", "100 %"]);
        assert_eq!(Interval { lower: 0.0, upper: 0.07 }.percent(), "0–7 %");
        assert_eq!(Interval { lower: 0.2, upper: f64::INFINITY }.percent(), "at least 20 %");
    }

    #[test]
    fn ratios_that_are_not_known_say_so() {
        assert_eq!(Interval::around(1.5, 0.25).times(), "1.25–1.75 times");
        assert_eq!(Interval::UNKNOWN.map(f64::exp).times(), "unknown");
    }
}
