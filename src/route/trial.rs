//! What a route tries out on live requests, as the user set it: a canary, a shadow, a split.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::money::Usd;
use crate::provider::TargetId;

/// A target that takes over from the first of the chain, stage by stage, as long as it does well.
#[derive(Clone, Debug, PartialEq)]
pub struct CanaryPlan {
    /// Who takes over.
    pub target: TargetId,
    /// The share of requests at each stage; each is larger than the one before.
    pub share: Vec<f64>,
    /// The least time of a stage.
    pub step: Duration,
    /// The share of requests that may fail.
    pub max_error_rate: f64,
    /// How many times the baseline's its time may be.
    pub max_slowdown: f64,
    /// How many times the baseline's its cost may be; `None` does not watch it.
    pub max_cost_increase: Option<f64>,
    /// Requests that a stage must see.
    pub min_requests: u64,
}

impl CanaryPlan {
    /// The plan where nothing else is said: 1, 10, 50 and 100 % of the requests, two days each.
    pub fn new(target: TargetId) -> Self {
        Self {
            target,
            share: vec![0.01, 0.1, 0.5, 1.0],
            step: Duration::from_hours(48),
            max_error_rate: 0.02,
            max_slowdown: 1.25,
            max_cost_increase: Some(1.25),
            min_requests: 20,
        }
    }
}

/// A target that is asked beside the one that answers; its answer is kept and not shown.
#[derive(Clone, Debug, PartialEq)]
pub struct ShadowPlan {
    /// Who is asked.
    pub target: TargetId,
    /// The share of requests.
    pub share: f64,
    /// What it may cost in a day; with nothing, only what is free is asked.
    pub max_cost_per_day: Usd,
    /// How long the program may wait for it when the answer is complete.
    pub max_delay: Duration,
}

/// Targets that are compared: each takes its share of requests as the first of the chain.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Split {
    /// The name of the experiment: who gets which arm depends on it.
    pub name: String,
    /// Who takes part, with shares that sum to 1.
    pub arms: Vec<(TargetId, f64)>,
    /// What stays with an arm.
    pub by: SplitBy,
}

/// What stays with an arm of a split.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SplitBy {
    /// Nothing: each request is drawn anew.
    Request,
    /// A conversation.
    #[default]
    Conversation,
    /// A terminal.
    Terminal,
    /// A working directory.
    Project,
    /// The user of the machine.
    User,
}
