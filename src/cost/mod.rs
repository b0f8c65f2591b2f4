//! What was spent, by whom, and what it would have cost otherwise: sums told apart by who spent them, read from the ledger
//! and worked out here, purely.

pub mod import;
pub mod range;
pub mod report;
pub mod spent;
