//! The ledger: one SQLite file with a row per attempt, conversations, and what was said.

pub mod record;
