//! One model against itself in an earlier run: which prompts passed then and fail now.

use serde::Serialize;

use super::super::statistics::{Side, Significance, mcnemar};
use super::cell::{Passes, Share};
use super::model::mean;

/// What changed since an earlier run, on the prompts that both judged. A prompt passes when more than half of its repeats do.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Regressions {
    /// How many prompts both judged.
    pub compared: usize,
    /// How many were judged then and not now, say because they failed to be answered. They are no regressions.
    pub missing: usize,
    /// The rows that passed before and fail now, in order.
    pub regressed: Vec<usize>,
    /// The rows that failed before and pass now, in order.
    pub improved: Vec<usize>,
    /// The rate before, as [`super::Rate::rate`]; `None` when nothing was compared.
    pub before: Option<f64>,
    /// The rate now.
    pub now: Option<f64>,
    /// Whether that is more than chance; the earlier run is the baseline.
    pub significance: Significance,
}

/// Compares two runs whose rows have the same numbers for the same prompts.
pub fn regressions(before: &Passes, now: &Passes) -> Regressions {
    let both: Vec<(usize, Share, Share)> =
        before.iter().filter_map(|(row, earlier)| now.get(row).map(|later| (*row, *earlier, *later))).collect();
    let rows = |change: fn(bool, bool) -> bool| -> Vec<usize> {
        let changed = both.iter().filter(|(_, earlier, later)| change(earlier.passes(), later.passes()));
        changed.map(|(row, ..)| *row).collect()
    };
    let (regressed, improved) = (rows(|earlier, later| earlier && !later), rows(|earlier, later| !earlier && later));
    let p = mcnemar(improved.len() as u64, regressed.len() as u64);
    let better = if improved.len() > regressed.len() { Side::Candidate } else { Side::Baseline };
    Regressions {
        compared: both.len(),
        missing: before.len() - both.len(),
        before: mean(both.iter().map(|(_, earlier, _)| earlier.value())),
        now: mean(both.iter().map(|(.., later)| later.value())),
        significance: Significance::of(p, regressed.len() + improved.len(), better),
        regressed,
        improved,
    }
}
