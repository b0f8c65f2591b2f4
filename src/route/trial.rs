//! What a route tries out on live requests, as the user set it: a canary, a shadow, a split.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::money::Usd;
use crate::provider::TargetId;

/// A target that takes over from the first of the chain, step by step, as long as it does well.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Canary {
    /// Who takes over.
    pub target: TargetId,
    /// The share of requests at each step; each is larger than the one before.
    pub share: Vec<f64>,
    /// How long a step lasts at least.
    pub step: Duration,
    /// More failures than this share roll it back.
    pub max_error_rate: Option<f64>,
    /// Being slower by more than this share rolls it back.
    pub max_slowdown: Option<f64>,
    /// Being dearer by more than this share rolls it back.
    pub max_cost_increase: Option<f64>,
    /// A step takes at least so many requests.
    pub min_requests: Option<u64>,
}

impl Canary {
    /// The steps where nothing else is said.
    pub const SHARE: [f64; 4] = [0.01, 0.1, 0.5, 1.0];
    /// How long each lasts where nothing else is said.
    pub const STEP: Duration = Duration::from_hours(48);
}

/// A target that is asked beside the one that answers; its answer is kept and not shown.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Shadow {
    /// Who is asked.
    pub target: TargetId,
    /// The share of requests.
    pub share: f64,
    /// What it may cost in a day.
    pub max_cost_per_day: Usd,
    /// How long the program may wait for it when the answer is complete.
    pub max_delay: Duration,
}

impl Shadow {
    /// [`Shadow::max_delay`] where nothing else is said.
    pub const MAX_DELAY: Duration = Duration::from_secs(2);
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
