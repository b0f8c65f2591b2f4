//! The figures of a comparison, out of its rows as they come. What is kept are numbers, never a text, so a run of any length
//! takes little memory.

mod duels;
mod judged;
mod likeness;
mod mean;
mod report;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

pub use duels::DuelFigures;
use duels::DuelTally;
pub use judged::{Asked, Judged};
pub use likeness::Likeness;
use likeness::LikenessTally;
use mean::Mean;
pub use report::{report_head, report_row};
use serde::Serialize;

use super::dataset::Fingerprint;
use super::gate::Agreement;
use super::kept::{Comparison, Record};
use super::summary::{Fold, Summary};

/// Rows taken one at a time, in the order of their file.
#[derive(Clone, Debug)]
pub struct Digest {
    models: Vec<String>,
    baseline: usize,
    fold: Fold,
    /// The cluster of each row that has one, and the numbers of their names.
    clusters: BTreeMap<usize, usize>,
    names: BTreeMap<Fingerprint, usize>,
    likeness: LikenessTally,
    cosines: Vec<Mean>,
    duels: DuelTally,
    judged: Judged,
    rows: usize,
    answers: usize,
}

/// What a comparison comes to in figures.
#[derive(Clone, Debug)]
pub struct Figures {
    /// Each model, and each beside the baseline.
    pub summary: Summary,
    /// How alike the answers of every two models are.
    pub likeness: Likeness,
    /// How alike each model's answers are to the baseline's, for all models but the baseline, in their order.
    pub to_baseline: Vec<Agreement>,
    /// The mean cosine of each model's answers with the baseline's, in the order of models; `None` where none is kept.
    pub cosines: Vec<Option<Cosine>>,
    /// What judges said of two models.
    pub duels: Vec<DuelFigures>,
    /// How each model did on each prompt, by what was asked.
    pub judged: Judged,
    /// How many rows there are.
    pub rows: usize,
    /// How many answers there are, failures too.
    pub answers: usize,
}

/// How alike embeddings are.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Cosine {
    /// The mean over prompts of the mean over their repeats, from -1 to 1.
    pub mean: f64,
    /// Of how many prompts.
    pub prompts: usize,
}

impl Digest {
    /// Of a comparison whose rows are still to come.
    pub fn new(comparison: &Comparison) -> Self {
        let spec = &comparison.spec;
        Self {
            models: spec.models.clone(),
            baseline: spec.baseline,
            fold: Fold::new(spec.models.clone(), spec.baseline, spec.seed),
            clusters: BTreeMap::new(),
            names: BTreeMap::new(),
            likeness: LikenessTally::new(spec.models.len()),
            cosines: vec![Mean::default(); spec.models.len()],
            duels: DuelTally::new(spec.models.len(), spec.baseline),
            judged: Judged::default(),
            rows: 0,
            answers: 0,
        }
    }

    /// Takes the next row.
    pub fn take(&mut self, record: &Record) {
        self.rows += 1;
        self.answers += record.answers.len();
        if let Some(cluster) = &record.row.cluster {
            let number = self.names.len();
            let number = *self.names.entry(Fingerprint::of([cluster.as_str()])).or_insert(number);
            self.clusters.insert(record.row.index, number);
        }
        for kept in &record.answers {
            self.fold.take(&kept.answer);
        }
        self.likeness.take(record);
        self.take_cosines(record);
        self.duels.take(record);
        self.judged.take(&self.models, record);
    }

    fn take_cosines(&mut self, record: &Record) {
        let mut here = vec![Mean::default(); self.cosines.len()];
        for kept in &record.answers {
            if let (Some(cosine), Some(mean)) = (kept.cosine, here.get_mut(kept.answer.model)) {
                mean.take(cosine);
            }
        }
        for (mean, here) in self.cosines.iter_mut().zip(here) {
            mean.extend(here.value());
        }
    }

    /// What it comes to.
    pub fn finish(self) -> Figures {
        let Self { models, baseline, fold, clusters, likeness, cosines, duels, judged, rows, answers, .. } = self;
        let likeness = likeness.finish();
        let others = models.iter().enumerate().filter(|(model, _)| *model != baseline);
        let to_baseline = others.map(|(model, name)| Agreement {
            model: name.clone(),
            similarity: likeness.of(model, baseline).unwrap_or_default(),
            prompts: likeness.prompts(model, baseline),
        });
        let cosine = |mean: Mean| Some(Cosine { mean: mean.value()?, prompts: mean.count() });
        Figures {
            to_baseline: to_baseline.collect(),
            cosines: cosines.into_iter().map(cosine).collect(),
            summary: fold.clustered(clusters).finish(),
            duels: duels.finish(),
            likeness,
            judged,
            rows,
            answers,
        }
    }
}
