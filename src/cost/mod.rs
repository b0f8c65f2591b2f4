//! What was spent, by whom, and what it would have cost otherwise: sums told apart by who spent them, read from the ledger
//! and worked out here, purely.

pub mod estimate;
pub mod import;
pub mod lengths;
pub mod prices;
pub mod range;
pub mod report;
pub mod reprice;
pub mod spent;
pub mod what_if;
