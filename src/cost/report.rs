//! The report of what was spent: cells grouped into rows whose sums are exactly the total.
//!
//! Days, weeks, months and hours are those of the time zone that is passed in. Percentiles are exact, by nearest rank: of so many
//! values in order, the one at place ⌈p · count / 100⌉; costs that are unknown are none of them.

mod by;
mod draft;
mod filter;
mod key;
mod mix;
mod percentiles;

use jiff::tz::TimeZone;

pub use self::by::By;
pub use self::draft::Draft;
pub use self::filter::Filter;
pub use self::key::{Key, periods};
pub use self::percentiles::Percentiles;
use super::range::Range;
use super::spent::Sums;
use crate::money::Usd;

/// In which order rows stand, and which of them [`Query::top`] keeps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// Time in its order; all else the dearest first.
    #[default]
    Usual,
    /// The dearest first.
    Cost,
    /// The most requests first.
    Requests,
    /// The most tokens first.
    Tokens,
    /// By time and name.
    Name,
}

/// What a report shall tell.
#[derive(Clone, Debug)]
pub struct Query {
    /// Which time counts.
    pub range: Range,
    /// What rows are told apart by; one row without any.
    pub by: Vec<By>,
    /// Who counts.
    pub filter: Filter,
    /// Keep so many rows, the first by [`Query::sort`] and by cost where that is no figure; the rest is one row.
    pub top: Option<usize>,
    /// The order.
    pub sort: Sort,
    /// Where days begin.
    pub zone: TimeZone,
}

/// What was spent, in rows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// The rows.
    pub rows: Vec<Row>,
    /// The rows that [`Query::top`] leaves out, as one.
    pub other: Option<Other>,
    /// All of it: exactly the sum of the rows.
    pub total: Figures,
    /// The models of which requests have an unknown price, the most of them first.
    pub unknown_models: Vec<String>,
}

/// A row.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// What it is about: a key for each of [`Query::by`].
    pub keys: Vec<Key>,
    /// Its figures.
    pub figures: Figures,
}

/// Rows in one.
#[derive(Clone, Debug, PartialEq)]
pub struct Other {
    /// How many; `None` is unknown.
    pub rows: Option<usize>,
    /// Their figures.
    pub figures: Figures,
}

/// What is told of requests.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Figures {
    /// Their sums.
    pub sums: Sums,
    /// What one costs, as far as that is known.
    pub cost: Option<Percentiles<Usd>>,
    /// How long one takes, in milliseconds.
    pub time_ms: Option<Percentiles<u64>>,
}

impl Figures {
    /// What is known of what they cost; `None` where nothing is.
    pub fn known_cost(&self) -> Option<Usd> {
        (self.sums.unknown == 0 || self.sums.cost != Usd::ZERO).then_some(self.sums.cost)
    }

    /// Its part of what all is known to have cost, from 0 to 1; `None` where nothing was spent or is known.
    pub fn share(&self, total: &Self) -> Option<f64> {
        let (part, whole) = (self.known_cost()?.pico(), total.sums.cost.pico());
        (whole > 0).then(|| part as f64 / whole as f64)
    }
}

impl From<Sums> for Figures {
    fn from(sums: Sums) -> Self {
        Self { sums, ..Self::default() }
    }
}

#[cfg(test)]
mod tests;
