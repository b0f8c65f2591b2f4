//! How each model did on each prompt, by what was asked: two runs may have their rows in another order.

use std::collections::BTreeMap;

use super::super::dataset::Fingerprint;
use super::super::kept::Record;
use super::super::summary::Share;

/// How each model did on each prompt. Rows that ask the same count as one prompt.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Judged {
    /// What was asked.
    pub prompts: BTreeMap<Fingerprint, Asked>,
    /// The names of the models, in their order.
    pub models: Vec<String>,
    /// For each model how many of its answers passed.
    pub passes: Vec<BTreeMap<Fingerprint, Share>>,
}

/// A prompt that was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The first row that asks it.
    pub row: usize,
    /// The mark of its checks; `None` when no answer was checked.
    pub checks: Option<Fingerprint>,
}

impl Judged {
    /// Takes a row. The names of the models are those of its run.
    pub fn take(&mut self, models: &[String], record: &Record) {
        self.models.extend(models.iter().skip(self.models.len()).cloned());
        self.passes.resize(self.models.len(), BTreeMap::new());
        let row = &record.row;
        let asked = self.prompts.entry(row.fingerprint).or_insert(Asked { row: row.index, checks: None });
        for answer in record.answers.iter().map(|kept| &kept.answer).filter(|answer| !answer.verdicts.is_empty()) {
            let checks = || Fingerprint::of(answer.verdicts.iter().map(|verdict| verdict.check.as_str()));
            asked.checks.get_or_insert_with(checks);
            if let (Some(passed), Some(passes)) = (answer.passed(), self.passes.get_mut(answer.model)) {
                let share = passes.entry(row.fingerprint).or_default();
                share.judged += 1;
                share.passed += u32::from(passed);
            }
        }
    }

    /// The model of this name. Of two the later one, as a past answer of a model comes before its present one.
    pub fn model(&self, name: &str) -> Option<usize> {
        self.models.iter().rposition(|model| model == name)
    }
}
