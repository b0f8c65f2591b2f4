//! What several models answered to the same prompts, compared: how alike the answers are, where they differ, who passed the
//! checks, and what of it is more than chance. All of it is pure; `llmx compare` asks, the ledger keeps, this room judges.

pub mod answer;
pub mod check;
pub mod consensus;
pub mod dataset;
pub mod diff;
pub mod digest;
pub mod earlier;
pub mod export;
pub mod facts;
#[cfg(test)]
mod fixtures;
pub mod gate;
pub mod judge;
pub mod kept;
pub mod report;
pub mod similarity;
pub mod statistics;
pub mod summary;

pub use answer::{Answer, State, Timing};
