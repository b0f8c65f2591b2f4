//! What a gate found, with the figures and the words for it.

use std::fmt;

use serde::Serialize;

use super::Regression;
use crate::route::rollout::Interval;

/// Figures that are means of thirds must not miss their bound by rounding.
const ROUNDING: f64 = 1e-9;

/// What a gate says; the later, the worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// Good enough.
    Passed,
    /// There was nothing to judge. That is no pass.
    Undecided,
    /// Not good enough.
    Failed,
}

/// What one gate found for one model.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Finding {
    /// Which model; `None` when there was none to look at.
    pub model: Option<String>,
    /// What it says.
    pub decision: Decision,
    /// Why.
    pub reason: Reason,
}

/// Why a gate decided as it did: the figure and its bound.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum Reason {
    /// A share of the prompts passes. The share itself is what must not be below the bound, not its interval.
    Rate {
        /// The share.
        rate: f64,
        /// Where it lies with a confidence of 95 %.
        interval: Interval,
        /// Of how many prompts.
        prompts: usize,
        /// How many answers failed and were not judged.
        failed: usize,
        /// The least it may be.
        bound: f64,
    },
    /// No answer was judged.
    NothingJudged {
        /// How many there were, without a check.
        answered: usize,
        /// How many failed.
        failed: usize,
    },
    /// Prompts changed since the earlier run.
    Change {
        /// The share that passed then.
        before: f64,
        /// The share that passes now.
        now: f64,
        /// How many prompts passed before and fail now.
        regressed: usize,
        /// How many failed before and pass now.
        improved: usize,
        /// How many were judged then and not now.
        missing: usize,
        /// What may change.
        allowed: Regression,
    },
    /// No prompt was judged in both runs.
    NothingCompared {
        /// How many were judged then.
        missing: usize,
    },
    /// The answers are so alike the baseline's.
    Similarity {
        /// The mean over prompts.
        similarity: f64,
        /// Of how many prompts.
        prompts: usize,
        /// The least it may be.
        bound: f64,
    },
    /// No prompt was answered by both.
    NothingAlike,
    /// There is no model to look at.
    NoModel,
}

impl Finding {
    /// No model was there.
    pub(super) const NOTHING: Self = Self { model: None, decision: Decision::Undecided, reason: Reason::NoModel };

    pub(super) fn of(model: &str, reason: Reason) -> Self {
        Self { model: Some(model.to_owned()), decision: reason.decision(), reason }
    }
}

impl Reason {
    fn decision(&self) -> Decision {
        let fires = match *self {
            Self::Rate { rate, bound, .. } => rate < bound - ROUNDING,
            Self::Change { regressed, allowed: Regression::AnyPrompt, .. } => regressed > 0,
            Self::Change { before, now, allowed: Regression::Points(points), .. } => {
                (before - now) * 100.0 > points + ROUNDING
            }
            Self::Similarity { similarity, bound, .. } => similarity < bound - ROUNDING,
            Self::NothingJudged { .. } | Self::NothingCompared { .. } | Self::NothingAlike | Self::NoModel => {
                return Decision::Undecided;
            }
        };
        if fires { Decision::Failed } else { Decision::Passed }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(model) = &self.model {
            write!(formatter, "`{model}`: ")?;
        }
        write!(formatter, "{}", self.reason)
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Rate { rate, interval, prompts, failed, bound } => {
                let (rate, bound, range) = (percent(rate), percent(bound), interval.percent());
                write!(formatter, "{rate} of {} passed ({range} likely), asked for {bound}", count(prompts, "prompt"))?;
                apart(formatter, failed, "answer", "failed and does not count")
            }
            Self::NothingJudged { answered: 0, failed: 0 } => write!(formatter, "nothing was asked"),
            Self::NothingJudged { answered: 0, failed } => {
                write!(formatter, "nothing to judge: {} failed", count(failed, "answer"))
            }
            Self::NothingJudged { .. } => write!(formatter, "nothing to judge: the prompts have no check"),
            Self::Change { before, now, regressed, improved, missing, allowed } => {
                let (before, now) = (percent(before), percent(now));
                write!(formatter, "{} passed before and failed now ({allowed}), ", count(regressed, "prompt"))?;
                write!(formatter, "{improved} the other way; {before} passed before, {now} now")?;
                apart(formatter, missing, "prompt", "has no judged answer now and does not count")
            }
            Self::NothingCompared { missing: 0 } => write!(formatter, "nothing was judged in the earlier run"),
            Self::NothingCompared { missing } => {
                write!(formatter, "no prompt was judged in both runs, {missing} in the earlier one")
            }
            Self::Similarity { similarity, prompts, bound } => {
                let prompts = count(prompts, "prompt");
                write!(formatter, "similarity to the baseline {similarity:.3} over {prompts}, asked for {bound}")
            }
            Self::NothingAlike => write!(formatter, "no prompt was answered by it and by the baseline"),
            Self::NoModel => write!(formatter, "there is no model to compare"),
        }
    }
}

/// What was left out, when there is anything; `what` is said of each.
fn apart(formatter: &mut fmt::Formatter<'_>, number: usize, noun: &str, what: &str) -> fmt::Result {
    match number {
        0 => Ok(()),
        1 => write!(formatter, "; 1 {noun} {what}"),
        _ => {
            let what = what.replace("has ", "have ").replace("does ", "do ");
            write!(formatter, "; {number} {noun}s {what}")
        }
    }
}

fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

/// With decimals where there are any: a share must not look like the bound that it misses.
fn percent(share: f64) -> String {
    let text = format!("{:.2}", share * 100.0);
    format!("{} %", text.trim_end_matches('0').trim_end_matches('.'))
}
