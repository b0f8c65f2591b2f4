//! What judges said of every two models, out of the transcripts.

use std::collections::BTreeMap;

use super::super::judge::Duels;
use super::super::kept::Record;
use super::super::statistics::{FEWEST, Side, Significance, holm, mcnemar};

/// The duels of two models so far.
#[derive(Clone, Debug)]
pub(super) struct DuelTally {
    models: usize,
    baseline: usize,
    pairs: BTreeMap<(usize, usize), Duels>,
}

/// What judges said of two models.
#[derive(Clone, Debug, PartialEq)]
pub struct DuelFigures {
    /// The one, whose wins they are.
    pub first: usize,
    /// The other: the baseline where it is one of them, else the later one.
    pub second: usize,
    /// How they ended.
    pub duels: Duels,
    /// How likely chance alone is as uneven as this (`McNemar`'s test).
    pub p: f64,
    /// The same when all pairs that could differ are looked at together (Holm); `None` when there are too few to tell.
    pub adjusted: Option<f64>,
    /// What it says; the second model is the baseline.
    pub significance: Significance,
}

impl DuelTally {
    pub(super) const fn new(models: usize, baseline: usize) -> Self {
        Self { models, baseline, pairs: BTreeMap::new() }
    }

    pub(super) fn take(&mut self, record: &Record) {
        for met in record.transcripts.iter().filter_map(|transcript| transcript.duel) {
            if met.first == met.second || met.first.max(met.second) >= self.models {
                continue;
            }
            let as_is = met.second == self.baseline || (met.first != self.baseline && met.first < met.second);
            let (pair, duel) =
                if as_is { ((met.first, met.second), met.duel) } else { ((met.second, met.first), met.duel.turned()) };
            self.pairs.entry(pair).or_default().take(duel);
        }
    }

    pub(super) fn finish(self) -> Vec<DuelFigures> {
        let mut figures: Vec<DuelFigures> = self.pairs.into_iter().map(DuelFigures::of).collect();
        let mut tests: Vec<&mut DuelFigures> = figures.iter_mut().filter(|pair| pair.is_test()).collect();
        let values: Vec<f64> = tests.iter().map(|pair| pair.p).collect();
        for (pair, adjusted) in tests.iter_mut().zip(holm(&values)) {
            pair.adjusted = Some(adjusted);
            pair.significance = Significance::of(adjusted, pair.differing(), pair.better());
        }
        figures
    }
}

impl DuelFigures {
    fn of(((first, second), duels): ((usize, usize), Duels)) -> Self {
        let (p, significance) = (mcnemar(duels.wins, duels.losses), duels.significance());
        Self { first, second, duels, p, adjusted: None, significance }
    }

    fn differing(&self) -> usize {
        usize::try_from(self.duels.wins.saturating_add(self.duels.losses)).unwrap_or(usize::MAX)
    }

    fn is_test(&self) -> bool {
        self.differing() >= FEWEST
    }

    fn better(&self) -> Side {
        if self.duels.wins > self.duels.losses { Side::Candidate } else { Side::Baseline }
    }
}
