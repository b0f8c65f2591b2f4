//! What a canary does next and why: the reasons are variants, their words are `Display`.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Side;
use crate::route::rollout::interval::{Interval, percent};

/// What a canary and its baseline are compared by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// The share of requests that fail.
    Errors,
    /// The time to the first token.
    FirstToken,
    /// The time to the end of the answer.
    Total,
    /// What an answer costs.
    Cost,
}

/// What a canary is surely worse at than it may be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum Excess {
    /// Too many requests fail, and more than the baseline's.
    Errors {
        /// The share that may fail.
        limit: f64,
        /// The share that does.
        rate: Interval,
        /// The baseline's; `None` when it was asked nothing.
        baseline: Option<Interval>,
    },
    /// It is too slow or too dear beside the baseline.
    Ratio {
        /// At what.
        measure: Measure,
        /// How many times the baseline's it may be.
        limit: f64,
        /// How many times the baseline's it is.
        ratio: Interval,
    },
}

/// Why a canary stays where it is.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum Wait {
    /// Too little was seen.
    Requests {
        /// Of whom.
        side: Side,
        /// Requests that are missing.
        more: u64,
    },
    /// More requests failed than may, which may still be bad luck.
    Errors {
        /// The share that may fail.
        limit: f64,
        /// The share that does.
        rate: Interval,
    },
    /// Too many requests fail, and as far as is known the baseline's do too.
    ErrorsOfBoth {
        /// The share that may fail.
        limit: f64,
        /// The canary's share that does.
        rate: Interval,
        /// The baseline's.
        baseline: Interval,
    },
    /// It was slower or dearer than it may be, which may still be bad luck.
    Ratio {
        /// At what.
        measure: Measure,
        /// How many times the baseline's it may be.
        limit: f64,
        /// How many times the baseline's it is.
        ratio: Interval,
    },
    /// All is well, and the stage lasts longer.
    Step {
        /// When its time is over.
        ends: Timestamp,
    },
    /// All is well, and the plan goes no further.
    Held {
        /// The last share.
        share: f64,
    },
}

/// What a canary does next.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Verdict {
    /// It keeps its share.
    Stay {
        /// Why.
        why: Wait,
    },
    /// It gets more.
    Advanced {
        /// Its share until now.
        from: f64,
        /// Its share from now on.
        to: f64,
    },
    /// It gets nothing any more.
    RolledBack {
        /// Why.
        why: Excess,
    },
    /// It has passed every stage and serves all.
    Done,
}

impl fmt::Display for Measure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Errors => "error rate",
            Self::FirstToken => "time to the first token",
            Self::Total => "total time",
            Self::Cost => "cost per answer",
        })
    }
}

impl fmt::Display for Excess {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Errors { limit, rate, baseline } => {
                write!(formatter, "error rate {}, above the {} allowed", rate.percent(), percent(*limit))?;
                baseline.map_or(Ok(()), |baseline| write!(formatter, " and the baseline's {}", baseline.percent()))
            }
            Self::Ratio { measure, limit, ratio } => {
                write!(formatter, "{measure} {} the baseline's, above the {limit} times allowed", ratio.times())
            }
        }
    }
}

impl fmt::Display for Wait {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Requests { side, more } => {
                write!(formatter, "{side} needs {more} more {}", if *more == 1 { "request" } else { "requests" })
            }
            Self::Errors { limit, rate } => {
                write!(formatter, "error rate not yet known to be below {} ({})", percent(*limit), rate.percent())
            }
            Self::ErrorsOfBoth { limit, rate, baseline } => write!(
                formatter,
                "error rate above {} ({}), and the baseline's may be as high ({})",
                percent(*limit),
                rate.percent(),
                baseline.percent()
            ),
            Self::Ratio { measure, limit, ratio } => {
                let times = ratio.times();
                write!(formatter, "{measure} not yet known to be below {limit} times the baseline's ({times})")
            }
            Self::Step { ends } => write!(formatter, "step ends at {ends}"),
            Self::Held { share } => write!(formatter, "held at its last share, {}", percent(*share)),
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stay { why } => write!(formatter, "stays: {why}"),
            Self::Advanced { from, to } => write!(formatter, "advanced from {} to {}", percent(*from), percent(*to)),
            Self::RolledBack { why } => write!(formatter, "rolled back: {why}"),
            Self::Done => formatter.write_str("done: it serves all"),
        }
    }
}
