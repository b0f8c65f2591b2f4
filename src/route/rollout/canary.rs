//! A canary: a target that is given a small share of a route's requests, and more of them stage by stage while the evidence
//! is good. It goes back by itself, for good, as soon as it is worse than it may be.
//!
//! # What is promised
//!
//! - A canary that keeps its limits is rolled back with a chance of at most [`FALSE_ALARM`], over all stages, limits and
//!   looks together: each test of each stage has its part of that chance, and holds at every look ([`super::sequential`]).
//! - Going on is decided by the figures seen so far (errors and ratios at or below their limits), not by proof of them:
//!   proving an error rate below 2 % takes more than 400 requests without a failure, which a small share may not see in
//!   weeks. So a stage of 20 requests keeps out what is badly broken and no more: with errors in one of ten requests it is
//!   passed with a chance of 12 %, four such stages with 0.02 %. `min_requests` buys more.
//! - With less than `min_requests`, nothing moves forward.

mod reason;
mod state;
#[cfg(test)]
mod tests;

use std::time::Duration;

pub use reason::{Excess, Measure, Verdict, Wait};
pub use state::{CanaryState, Side, Status, advance};

use super::assign;
use crate::provider::TargetId;

/// The chance that a canary which keeps its limits is rolled back.
pub const FALSE_ALARM: f64 = 0.05;

/// How a canary grows and what it must keep to.
#[derive(Clone, Debug, PartialEq)]
pub struct CanaryPlan {
    /// Who is tried out.
    pub target: TargetId,
    /// The share of requests at each stage, growing, at most 1. A last share below 1 is held.
    pub share: Vec<f64>,
    /// The least time of a stage.
    pub step: Duration,
    /// The share of requests that may fail.
    pub max_error_rate: f64,
    /// How many times the baseline's its typical (median) time to the first token and to the end may be.
    pub max_slowdown: f64,
    /// How many times the baseline's its mean cost per answer may be; `None` does not watch it.
    pub max_cost_increase: Option<f64>,
    /// Requests that a stage must see, of the canary and of the baseline.
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

    /// What the plan is, as a text that changes when and only when the plan does. Evidence gathered, and a roll back, hold for
    /// the plan of this fingerprint only.
    pub fn fingerprint(&self) -> String {
        let Self { target, share, step, max_error_rate, max_slowdown, max_cost_increase, min_requests } = self;
        let shares: Vec<String> = share.iter().map(f64::to_string).collect();
        let cost = max_cost_increase.map_or_else(|| "any".to_owned(), |most| most.to_string());
        format!(
            "{target} share={} step={}ms errors={max_error_rate} slowdown={max_slowdown} cost={cost} requests={min_requests}",
            shares.join(","),
            step.as_millis()
        )
    }

    /// Where a key stands among those who get this canary: it serves those below its share. Another plan for the same target
    /// asks the same people first.
    pub fn place(&self, route: &str, key: &str) -> f64 {
        assign::share(route, &format!("canary {}", self.target), key)
    }

    /// The chance of a false alarm that one test of one stage has.
    fn alpha(&self) -> f64 {
        // Errors, time to the first token, total time, cost.
        FALSE_ALARM / (4 * self.share.len().max(1)) as f64
    }
}
