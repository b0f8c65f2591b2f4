//! How alike the answers of every two models are, over the prompts that both answered to the end.

use std::collections::BTreeMap;

use super::super::kept::Record;
use super::super::similarity::{Likenesses, likenesses};
use super::mean::Mean;

/// The running means of every two models.
#[derive(Clone, Debug)]
pub(super) struct LikenessTally {
    pairs: Vec<Vec<Mean>>,
    approximate: bool,
}

/// How alike the answers of every two models are.
#[derive(Clone, Debug, PartialEq)]
pub struct Likeness {
    /// The mean likeness, from 0 to 1, over prompts of the mean over their repeats; the same in both directions, 1 for a model
    /// with itself. `None` where no prompt has a whole answer of both.
    pub matrix: Vec<Vec<Option<f64>>>,
    /// Of how many prompts each is the mean.
    pub counts: Vec<Vec<usize>>,
    /// Whether any is an estimate, as answers are long.
    pub approximate: bool,
}

impl LikenessTally {
    pub(super) fn new(models: usize) -> Self {
        Self { pairs: square(models), approximate: false }
    }

    pub(super) fn take(&mut self, record: &Record) {
        let models = self.pairs.len();
        let mut repeats: BTreeMap<u32, (Vec<usize>, Vec<&str>)> = BTreeMap::new();
        for answer in record.answers.iter().map(|kept| &kept.answer) {
            if answer.is_whole() && answer.model < models {
                let (who, texts) = repeats.entry(answer.repeat).or_default();
                who.push(answer.model);
                texts.push(&answer.text);
            }
        }
        let mut here = square(models);
        for (who, texts) in repeats.into_values().filter(|(who, _)| who.len() > 1) {
            let Likenesses { matrix, approximate } = likenesses(&texts);
            self.approximate |= approximate;
            for (likenesses, one) in matrix.iter().zip(&who) {
                for (likeness, other) in likenesses.iter().zip(&who) {
                    here[*one][*other].take(*likeness);
                }
            }
        }
        for (mean, here) in self.pairs.iter_mut().flatten().zip(here.iter().flatten()) {
            mean.extend(here.value());
        }
    }

    pub(super) fn finish(self) -> Likeness {
        let mut matrix: Vec<Vec<Option<f64>>> =
            self.pairs.iter().map(|row| row.iter().map(Mean::value).collect()).collect();
        for (model, row) in matrix.iter_mut().enumerate() {
            row[model] = Some(1.0);
        }
        let counts = self.pairs.iter().map(|row| row.iter().map(Mean::count).collect()).collect();
        Likeness { matrix, counts, approximate: self.approximate }
    }
}

impl Likeness {
    /// The mean likeness of two models, from 0 to 1; `None` where there is nothing to compare.
    pub fn of(&self, one: usize, other: usize) -> Option<f64> {
        *self.matrix.get(one)?.get(other)?
    }

    /// Over how many prompts two models are compared.
    pub fn prompts(&self, one: usize, other: usize) -> usize {
        self.counts.get(one).and_then(|row| row.get(other)).copied().unwrap_or_default()
    }

    /// The mean likeness of a model to the others; `None` where there is nothing to compare.
    pub fn mean(&self, model: usize) -> Option<f64> {
        let mut mean = Mean::default();
        for (_, likeness) in self.matrix.get(model)?.iter().enumerate().filter(|(other, _)| *other != model) {
            mean.extend(*likeness);
        }
        mean.value()
    }
}

fn square(models: usize) -> Vec<Vec<Mean>> {
    vec![vec![Mean::default(); models]; models]
}
