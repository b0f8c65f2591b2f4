//! A model beside the baseline, on the prompts that both answered: another set of prompts would be another question.

use std::collections::BTreeMap;

use serde::Serialize;

use super::super::statistics::{
    Estimate, FEWEST, Ratio, Side, Significance, Spread, holm, mcnemar, mean_interval, signed_rank,
};
use super::cell::Cell;
use super::model::ModelSummary;
use super::tally::Tally;

/// A model beside the baseline.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Against {
    /// Its cost as a multiple of the baseline's, on the prompts where both are known.
    pub cost_ratio: Option<f64>,
    /// How many times as fast it is, by the median time to the end, with the spread from call to call as its error.
    pub speed_ratio: Option<Ratio>,
    /// Who passes more prompts. A prompt passes when more than half of its repeats do; `McNemar`'s test.
    pub passes: Option<Paired>,
    /// Who scores higher; Wilcoxon's test.
    pub scores: Option<Paired>,
}

/// Two models on the same prompts.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Paired {
    /// How many prompts the model does better on.
    pub wins: usize,
    /// How many the baseline does better on.
    pub losses: usize,
    /// On how many they do alike.
    pub ties: usize,
    /// How likely chance alone is as uneven as this.
    pub p: f64,
    /// The same when all models that could differ are looked at together (Holm); `None` when there are too few to tell.
    pub adjusted: Option<f64>,
    /// What it says, with all models looked at together.
    pub significance: Significance,
    /// The mean over prompts of the model's rate (or score) less the baseline's, with its bootstrap interval.
    pub difference: Option<Estimate>,
}

impl Against {
    pub(super) fn of(model: &Tally, baseline: &Tally, clusters: &BTreeMap<usize, usize>, seed: u64) -> Self {
        let both: Vec<(usize, &Cell, &Cell)> = (model.cells.iter())
            .filter_map(|(row, cell)| baseline.cells.get(row).map(|other| (*row, cell, other)))
            .collect();
        let resampling = Resampling { clusters, seed };
        Self {
            cost_ratio: cost_ratio(&both),
            speed_ratio: speed_ratio(model, baseline),
            passes: passes(&both, &resampling),
            scores: scores(&both, &resampling),
        }
    }
}

/// What the bootstrap needs beside the differences.
struct Resampling<'a> {
    clusters: &'a BTreeMap<usize, usize>,
    seed: u64,
}

impl Resampling<'_> {
    /// The mean of differences of rows.
    fn estimate(&self, differences: &[(usize, f64)]) -> Option<Estimate> {
        let values: Vec<f64> = differences.iter().map(|(_, difference)| *difference).collect();
        // Rows without a cluster stand alone, behind all numbers that clusters have.
        let clusters: Vec<usize> = (differences.iter())
            .map(|(row, _)| self.clusters.get(row).map_or(usize::MAX - row, |cluster| *cluster))
            .collect();
        mean_interval(&values, (!self.clusters.is_empty()).then_some(clusters.as_slice()), self.seed)
    }
}

fn cost_ratio(both: &[(usize, &Cell, &Cell)]) -> Option<f64> {
    let costs = both.iter().filter_map(|(_, cell, other)| cell.cost().zip(other.cost()));
    let (own, others) = costs.fold((0.0, 0.0), |sums, costs| (sums.0 + costs.0, sums.1 + costs.1));
    (others > 0.0).then(|| own / others)
}

fn speed_ratio(model: &Tally, baseline: &Tally) -> Option<Ratio> {
    let times = |of: &Tally, with: &Tally| {
        let shared = of.totals.iter().filter(|(row, _)| with.cells.contains_key(row));
        Spread::of(&shared.map(|(_, seconds)| *seconds).collect::<Vec<f64>>())
    };
    times(baseline, model)?.ratio_to(&times(model, baseline)?)
}

fn passes(both: &[(usize, &Cell, &Cell)], resampling: &Resampling<'_>) -> Option<Paired> {
    let judged = both.iter().filter(|(_, cell, other)| cell.passes.judged > 0 && other.passes.judged > 0);
    let (mut wins, mut losses, mut differences) = (0, 0, Vec::new());
    for (row, cell, other) in judged {
        wins += usize::from(cell.passes.passes() && !other.passes.passes());
        losses += usize::from(!cell.passes.passes() && other.passes.passes());
        differences.push((*row, cell.passes.value() - other.passes.value()));
    }
    let p = mcnemar(wins as u64, losses as u64);
    let better = if wins > losses { Side::Candidate } else { Side::Baseline };
    Paired::of(wins, losses, p, better, &differences, resampling)
}

fn scores(both: &[(usize, &Cell, &Cell)], resampling: &Resampling<'_>) -> Option<Paired> {
    let differences: Vec<(usize, f64)> = (both.iter())
        .filter_map(|(row, cell, other)| Some((*row, cell.score()? - other.score()?)))
        // What differs by rounding alone is a tie, and ties must be seen to be ranked as such.
        .map(|(row, difference)| (row, (difference * 1e9).round() / 1e9))
        .collect();
    let values: Vec<f64> = differences.iter().map(|(_, difference)| *difference).collect();
    let test = signed_rank(&values);
    let count = |holds: fn(&&f64) -> bool| values.iter().filter(holds).count();
    let better = if test.above > test.below { Side::Candidate } else { Side::Baseline };
    let (wins, losses) = (count(|value| **value > 0.0), count(|value| **value < 0.0));
    Paired::of(wins, losses, test.p, better, &differences, resampling)
}

impl Paired {
    /// `None` when there are no prompts.
    fn of(
        wins: usize,
        losses: usize,
        p: f64,
        better: Side,
        differences: &[(usize, f64)],
        resampling: &Resampling<'_>,
    ) -> Option<Self> {
        (!differences.is_empty()).then(|| Self {
            wins,
            losses,
            ties: differences.len() - wins - losses,
            p,
            adjusted: None,
            significance: Significance::of(p, wins + losses, better),
            difference: resampling.estimate(differences),
        })
    }

    /// Puts the p-value of all tests together in the place of its own.
    fn correct(&mut self, adjusted: f64) {
        self.adjusted = Some(adjusted);
        self.significance = match self.significance {
            Significance::Different { better, .. } => Significance::of(adjusted, self.wins + self.losses, better),
            Significance::NoDifference { .. } => Significance::NoDifference { p: adjusted },
            few @ Significance::TooFew { .. } => few,
        };
    }
}

/// Corrects the tests of all models for being many, passes and scores each as a family. What has too few prompts to ever reach
/// the level is no test, and does not make the others harder to pass (Tarone 1990).
pub(super) fn correct(models: &mut [ModelSummary]) {
    let families: [fn(&mut Against) -> &mut Option<Paired>; 2] =
        [|against| &mut against.passes, |against| &mut against.scores];
    for family in families {
        let mut tests: Vec<&mut Paired> = (models.iter_mut())
            .filter_map(|model| model.against.as_mut())
            .filter_map(|against| family(against).as_mut())
            .filter(|paired| paired.wins + paired.losses >= FEWEST)
            .collect();
        let values: Vec<f64> = tests.iter().map(|paired| paired.p).collect();
        tests.iter_mut().zip(holm(&values)).for_each(|(paired, adjusted)| paired.correct(adjusted));
    }
}
