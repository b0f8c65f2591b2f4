//! The columns of figures, and how each is written. What is nothing or unknown is empty, costs aside.

use std::time::Duration;

use crate::cost::report::{Figures, Percentiles};
use crate::money::Usd;
use crate::ui::compare::figures::{count, time};

/// A column of figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    Cost,
    Share,
    Requests,
    Failed,
    Unknown,
    Input,
    Output,
    Cached,
    Saved,
    CostHalf,
    CostMost,
    CostNearlyAll,
    TimeHalf,
    TimeMost,
    TimeNearlyAll,
    FailedCost,
    CacheWrite,
    Reasoning,
}

/// All of them. Where there is no room, the last ones go first.
pub(super) const COLUMNS: [Column; 18] = [
    Column::Cost,
    Column::Share,
    Column::Requests,
    Column::Failed,
    Column::Unknown,
    Column::Input,
    Column::Output,
    Column::Cached,
    Column::Saved,
    Column::CostHalf,
    Column::CostMost,
    Column::CostNearlyAll,
    Column::TimeHalf,
    Column::TimeMost,
    Column::TimeNearlyAll,
    Column::FailedCost,
    Column::CacheWrite,
    Column::Reasoning,
];

impl Column {
    pub(super) const fn head(self) -> &'static str {
        match self {
            Self::Cost => "cost",
            Self::Share => "share",
            Self::Requests => "requests",
            Self::Failed => "failed",
            Self::Unknown => "no price",
            Self::Input => "in",
            Self::Output => "out",
            Self::Cached => "cached",
            Self::Saved => "saved",
            Self::CostHalf => "p50",
            Self::CostMost => "p95",
            Self::CostNearlyAll => "p99",
            Self::TimeHalf => "time p50",
            Self::TimeMost => "time p95",
            Self::TimeNearlyAll => "time p99",
            Self::FailedCost => "failed cost",
            Self::CacheWrite => "cache write",
            Self::Reasoning => "thinking",
        }
    }

    pub(super) fn cell(self, figures: &Figures, total: &Figures) -> String {
        let sums = &figures.sums;
        let cost = |of: fn(&Percentiles<_>) -> _| figures.cost.as_ref().map(of).map(money).unwrap_or_default();
        let span = |of: fn(&Percentiles<u64>) -> u64| {
            figures.time_ms.as_ref().map(of).map(|ms| time(Duration::from_millis(ms))).unwrap_or_default()
        };
        match self {
            Self::Cost => spent(figures),
            Self::Share => figures.share(total).map(|share| format!("{:.1}%", share * 100.0)).unwrap_or_default(),
            Self::Requests => count(sums.requests),
            Self::Failed => some(sums.failures, count),
            Self::Unknown => some(sums.unknown, count),
            Self::Input => tokens(sums.input),
            Self::Output => tokens(sums.output),
            Self::Cached => some(sums.cache_read, tokens),
            Self::Saved => some_money(sums.saved),
            Self::CostHalf => cost(|of| of.p50),
            Self::CostMost => cost(|of| of.p95),
            Self::CostNearlyAll => cost(|of| of.p99),
            Self::TimeHalf => span(|of| of.p50),
            Self::TimeMost => span(|of| of.p95),
            Self::TimeNearlyAll => span(|of| of.p99),
            Self::FailedCost => some_money(sums.failed_cost),
            Self::CacheWrite => some(sums.cache_write, tokens),
            Self::Reasoning => some(sums.reasoning, tokens),
        }
    }
}

/// What was spent; an unknown part is never passed over.
fn spent(figures: &Figures) -> String {
    match figures.known_cost() {
        None => "unknown".to_owned(),
        Some(cost) if figures.sums.unknown > 0 => format!("{} + ?", money(cost)),
        Some(cost) => money(cost),
    }
}

pub(super) fn money(amount: Usd) -> String {
    amount.to_string()
}

fn some_money(amount: Usd) -> String {
    if amount.pico() == 0 { String::new() } else { money(amount) }
}

fn some(number: u64, written: fn(u64) -> String) -> String {
    if number == 0 { String::new() } else { written(number) }
}

/// A count of tokens in at most six characters: `9,999`, `123.4k`, `12.3M`.
fn tokens(number: u64) -> String {
    let rounded = |unit: f64, letter| format!("{:.1}{letter}", number as f64 / unit);
    match number {
        0..10_000 => count(number),
        10_000..999_950 => rounded(1e3, 'k'),
        999_950..999_950_000 => rounded(1e6, 'M'),
        _ => rounded(1e9, 'G'),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cost::spent::Sums;

    #[test]
    fn a_cost_of_which_a_part_is_unknown_never_reads_as_known() {
        let said = |cost, unknown| spent(&Sums { cost: Usd::from_pico(cost), unknown, ..Sums::default() }.into());
        assert_eq!(said(0, 0), "$0.00");
        assert_eq!(said(0, 3), "unknown");
        assert_eq!(said(2_500_000_000_000, 0), "$2.50");
        assert_eq!(said(2_500_000_000_000, 1), "$2.50 + ?");
        assert_eq!(money(Usd::from_pico(-2_500_000_000_000)), "-$2.50");
    }

    #[test]
    fn one_is_no_plural() {}

    #[test]
    fn tokens_are_short_and_never_lose_their_size() {
        let said = [0, 9_999, 10_000, 123_449, 999_949, 999_950, 12_345_678, 999_949_999, 7_000_000_000].map(tokens);
        assert_eq!(said, ["0", "9,999", "10.0k", "123.4k", "999.9k", "1.0M", "12.3M", "999.9M", "7.0G"]);
    }
}
