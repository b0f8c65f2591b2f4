//! The decision: [`decide`] turns what is asked ([`Demand`]), who could serve ([`Target`]s), what the user wants
//! ([`Policy`]) and what is known of the world ([`Snapshot`]) into a [`Plan`]. Pure: `route --explain` prints the plan
//! and the executor walks the same value.

pub mod estimate;
pub mod filter;
pub mod reason;

use std::time::Duration;

use serde::Serialize;

use crate::money::Usd;
use crate::provider::{Target, TargetId};
pub use reason::{Chosen, Rejection};

/// What a request needs of a model.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Demand {
    /// Expected prompt tokens, by the estimator.
    pub input: Tokens,
    /// The longest answer that was asked for.
    pub max_output: Option<u64>,
    /// A system prompt is sent.
    pub system: bool,
    /// A temperature was given.
    pub temperature: bool,
}

/// An estimated number of tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tokens {
    /// The figure to plan with.
    pub expected: u64,
    /// Surely no fewer than this: a filter that rejects must not rest on a guess.
    pub at_least: u64,
}

/// Where a value was set; printed beside it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Origin {
    /// llmx itself.
    BuiltIn,
    /// A configuration file with its line.
    File {
        /// The path as it was found.
        path: String,
        /// Line, counted from 1.
        line: usize,
    },
    /// An environment variable.
    Env(String),
    /// A command-line argument.
    Argument(String),
}

/// A value with where it was set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Set<T> {
    /// The value.
    pub value: T,
    /// Where it was set.
    pub origin: Origin,
}

impl<T> Set<T> {
    /// A value that llmx itself chose.
    pub const fn built_in(value: T) -> Self {
        Self { value, origin: Origin::BuiltIn }
    }
}

/// What the user wants of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    /// The route's name, or the target's when no route was named.
    pub route: String,
    /// Where the route was set.
    pub origin: Origin,
    /// The fallback chain. Inside a tier, targets are tried in order.
    pub tiers: Vec<Vec<TargetId>>,
    /// Whether later targets may serve when earlier ones fail.
    pub fallback: bool,
    /// Limits that were set; what is `None` takes the default of the model's class.
    pub limits: PolicyLimits,
    /// Further tries on the same target.
    pub retries: Set<u32>,
    /// What to do when a stream breaks after text was shown.
    pub on_cut: Set<OnCut>,
}

/// Limits as set by the user.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PolicyLimits {
    /// To a connection.
    pub connect: Option<Set<Duration>>,
    /// To the first content.
    pub first_token: Option<Set<Duration>>,
    /// Between two signs of life.
    pub idle: Option<Set<Duration>>,
    /// For one attempt.
    pub attempt: Option<Set<Duration>>,
    /// For the whole request.
    pub total: Option<Set<Duration>>,
}

/// What to do when a stream breaks after text was shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum OnCut {
    /// Stop and say so.
    Fail,
    /// Mark the seam and let the next target answer anew.
    Restart,
}

/// What is known of the world at the moment of the decision.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// The moment: prices have dates, models have ends.
    pub now: jiff::Timestamp,
    /// Seed for everything left to chance (jitter).
    pub seed: u64,
}

/// The decision, in full: what the executor does and why.
#[derive(Clone, Debug, Serialize)]
pub struct Plan {
    /// The route's name.
    pub route: String,
    /// Where the route was set.
    pub origin: Origin,
    /// Targets to try, in order.
    pub candidates: Vec<Candidate>,
    /// Targets that will not be tried, with the reason.
    pub rejected: Vec<Rejected>,
    /// Whether later candidates may serve when earlier ones fail.
    pub fallback: bool,
    /// Further tries on the same target.
    pub retries: Set<u32>,
    /// What to do when a stream breaks after text was shown.
    pub on_cut: Set<OnCut>,
    /// The deadline of the whole request.
    pub total: Set<Duration>,
    /// Expected prompt tokens.
    pub input: Tokens,
    /// Seed for jitter.
    pub seed: u64,
}

/// A target that will be tried.
#[derive(Clone, Debug, Serialize)]
pub struct Candidate {
    /// Which.
    pub target: TargetId,
    /// Its tier in the chain, from 0.
    pub tier: usize,
    /// Why it is in, and what to know of it.
    pub reasons: Vec<Chosen>,
    /// Limits of an attempt on it.
    pub limits: Limits,
    /// The window in tokens, where known.
    pub window: Option<u64>,
    /// What the prompt is expected to cost; `None` when the price is unknown.
    pub prompt_cost: Option<Usd>,
    /// What a thousand answer tokens cost; `None` when the price is unknown.
    pub cost_per_1k_output: Option<Usd>,
}

/// Limits of one attempt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Limits {
    /// To a connection.
    pub connect: Set<Duration>,
    /// To the first content.
    pub first_token: Set<Duration>,
    /// Between two signs of life.
    pub idle: Set<Duration>,
    /// For the attempt; `None` leaves it to the deadline.
    pub attempt: Option<Set<Duration>>,
}

/// A target that will not be tried.
#[derive(Clone, Debug, Serialize)]
pub struct Rejected {
    /// Which.
    pub target: TargetId,
    /// Its tier in the chain, from 0.
    pub tier: usize,
    /// Why not.
    pub reason: Rejection,
}

/// Looks targets up by their id.
pub fn find<'a>(targets: &'a [Target], id: &TargetId) -> Option<&'a Target> {
    targets.iter().find(|target| target.id == *id)
}
