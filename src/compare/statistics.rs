//! What of a difference is more than chance: paired tests, intervals, the spread of times. Everything is equal to what scipy
//! and statsmodels say of the same numbers (`tests/data/compare/statistics.json`).

mod bootstrap;
mod holm;
mod mcnemar;
mod signed_rank;
mod significance;
mod spread;

pub use bootstrap::{Estimate, RESAMPLES, mean_interval};
pub use holm::holm;
pub use mcnemar::mcnemar;
pub use signed_rank::{SignedRank, signed_rank};
pub use significance::{FEWEST, LEVEL, Side, Significance};
pub use spread::{Ratio, Spread};

#[cfg(test)]
mod tests;
