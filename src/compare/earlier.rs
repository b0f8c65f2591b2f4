//! An earlier run that a present one is held against: which prompts and models both have, and what passed then and fails now.

mod note;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

pub use note::{Note, NothingCommon};

use super::dataset::Fingerprint;
use super::digest::Judged;
use super::kept::Record;
use super::summary::{Passes, Regressions, Share, regressions};

/// An earlier run, by what was asked. Numbers only, never a text.
#[derive(Clone, Debug, Default)]
pub struct Earlier {
    judged: Judged,
}

/// What changed since an earlier run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Changes {
    /// For each model that both runs asked, by name and in the order of the present run: what changed. The rows are those of
    /// the present run; of rows that ask the same, the first.
    pub models: Vec<(String, Regressions)>,
    /// What of the runs is not compared.
    pub notes: Vec<Note>,
    /// Which model of the present run is worse on which prompt.
    regressed: BTreeSet<(usize, Fingerprint)>,
}

impl Earlier {
    /// Takes the next of its rows; the names are those of its models.
    pub fn take(&mut self, models: &[String], record: &Record) {
        self.judged.take(models, record);
    }

    /// What changed from it to the present run ([`super::digest::Figures::judged`]). Only prompts that both runs asked count:
    /// another set of prompts would be another question.
    pub fn changes(&self, now: &Judged) -> Result<Changes, NothingCommon> {
        let then = &self.judged;
        let common = now.prompts.keys().filter(|prompt| then.prompts.contains_key(prompt)).count();
        let pairs: Vec<(usize, usize)> = (now.models.iter().enumerate())
            .filter(|(model, name)| now.model(name) == Some(*model))
            .filter_map(|(model, name)| Some((model, then.model(name)?)))
            .collect();
        if then.prompts.is_empty() {
            return Err(NothingCommon::Empty);
        }
        if common == 0 {
            return Err(NothingCommon::Prompts { then: then.prompts.len(), now: now.prompts.len() });
        }
        if pairs.is_empty() {
            return Err(NothingCommon::Models { then: then.models.clone(), now: now.models.clone() });
        }
        let mut changes = Changes { notes: note::notes(then, now, common), ..Changes::default() };
        for (model, earlier) in pairs {
            changes.take(model, now, &then.passes[earlier]);
        }
        Ok(changes)
    }
}

impl Changes {
    fn take(&mut self, model: usize, now: &Judged, earlier: &BTreeMap<Fingerprint, Share>) {
        let rows = |shares: &BTreeMap<Fingerprint, Share>| -> Passes {
            shares.iter().filter_map(|(prompt, share)| Some((now.prompts.get(prompt)?.row, *share))).collect()
        };
        let (before, after) = (rows(earlier), rows(&now.passes[model]));
        let changed = regressions(&before, &after);
        let worse: BTreeSet<usize> = changed.regressed.iter().copied().collect();
        let prompts = now.passes[model].keys();
        let worse = prompts.filter(|prompt| now.prompts.get(prompt).is_some_and(|asked| worse.contains(&asked.row)));
        self.regressed.extend(worse.map(|prompt| (model, *prompt)));
        self.models.push((now.models[model].clone(), changed));
    }

    /// Whether a model of the present run passed what was asked before and fails it now.
    pub fn has_regressed(&self, model: usize, prompt: Fingerprint) -> bool {
        self.regressed.contains(&(model, prompt))
    }
}
