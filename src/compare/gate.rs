//! Gates of a build: whether a run is good enough. A gate judges answers; what failed to be answered neither fires it nor lets
//! it pass.

mod bound;
mod reason;

use serde::Serialize;

pub use bound::{DISAGREEMENT, Regression, rate, similarity};
pub use reason::{Decision, Finding, Reason};

use super::summary::{Regressions, Summary};

/// The gates that were asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Gates {
    /// Fires when a model passes a smaller share of the prompts than this.
    pub under: Option<f64>,
    /// Fires when prompts that passed in an earlier run fail now.
    pub regression: Option<Regression>,
    /// Fires when a model's answers are on average less alike the baseline's than this.
    pub disagreement: Option<f64>,
}

/// What the gates look at.
#[derive(Clone, Copy, Debug)]
pub struct Evidence<'a> {
    /// The run.
    pub summary: &'a Summary,
    /// What changed for each model since the earlier run.
    pub regressions: &'a [(String, Regressions)],
    /// How alike the answers of each model and of the baseline are.
    pub agreements: &'a [Agreement],
}

/// How alike the answers of a model and of the baseline are.
#[derive(Clone, Debug, PartialEq)]
pub struct Agreement {
    /// Which model.
    pub model: String,
    /// The mean similarity over prompts, from 0 to 1.
    pub similarity: f64,
    /// How many prompts both answered; without any the similarity says nothing.
    pub prompts: usize,
}

/// What all gates together say.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Ruling {
    /// The worst of the findings.
    pub decision: Decision,
    /// What each gate found for each model, in their order.
    pub findings: Vec<Finding>,
}

impl Gates {
    /// Decides; `None` when there is no gate.
    pub fn decide(&self, evidence: &Evidence<'_>) -> Option<Ruling> {
        let found = [
            self.under.map(|bound| under(evidence.summary, bound)),
            self.regression.map(|allowed| regression(evidence.regressions, allowed)),
            self.disagreement.map(|bound| disagreement(evidence.agreements, bound)),
        ];
        // A gate that finds nothing to look at must not pass for it.
        let some = |findings: Vec<Finding>| if findings.is_empty() { vec![Finding::NOTHING] } else { findings };
        let findings: Vec<Finding> = found.into_iter().flatten().flat_map(some).collect();
        let decision = findings.iter().map(|finding| finding.decision).max()?;
        Some(Ruling { decision, findings })
    }
}

fn under(summary: &Summary, bound: f64) -> Vec<Finding> {
    let found = summary.models.iter().map(|model| {
        let failed = model.counts.failed;
        let reason = match model.passes {
            Some(passes) => {
                let (rate, interval, prompts) = (passes.rate, passes.interval, passes.prompts);
                Reason::Rate { rate, interval, prompts, failed, bound }
            }
            None => Reason::NothingJudged { answered: model.counts.answered(), failed },
        };
        Finding::of(&model.model, reason)
    });
    found.collect()
}

fn regression(regressions: &[(String, Regressions)], allowed: Regression) -> Vec<Finding> {
    let found = regressions.iter().map(|(model, changes)| {
        let missing = changes.missing;
        let reason = match changes.before.zip(changes.now) {
            Some((before, now)) => {
                let (regressed, improved) = (changes.regressed.len(), changes.improved.len());
                Reason::Change { before, now, regressed, improved, missing, allowed }
            }
            None => Reason::NothingCompared { missing },
        };
        Finding::of(model, reason)
    });
    found.collect()
}

fn disagreement(agreements: &[Agreement], bound: f64) -> Vec<Finding> {
    let found = agreements.iter().map(|agreement| {
        let (similarity, prompts) = (agreement.similarity, agreement.prompts);
        let known = prompts > 0 && similarity.is_finite();
        let reason = if known { Reason::Similarity { similarity, prompts, bound } } else { Reason::NothingAlike };
        Finding::of(&agreement.model, reason)
    });
    found.collect()
}

#[cfg(test)]
mod tests;
