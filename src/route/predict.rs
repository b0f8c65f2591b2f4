//! `predictive`: what will serve best, learned from the ledger.

use super::strategy::{Field, Score};

/// What it makes of each target.
pub fn scores(field: &Field<'_>) -> Vec<Score> {
    field.entrants.iter().map(|entrant| Score::of("total", entrant.forecast.total.expected.as_secs_f64())).collect()
}
