//! What a route tries out: `canary`, `shadow` and `split`, and what is wrong with them.

use std::time::Duration;

use super::routes::{Written, in_words};
use super::{Assembly, told};
use crate::config::layer::member;
use crate::config::problem::Problem;
use crate::config::schema::RouteRow;
use crate::config::schema::rollout::{CanaryRow, ShadowRow, SplitRow};
use crate::provider::TargetId;
use crate::route::{CanaryPlan, Policy, ShadowPlan, Split};

/// How long the program waits for a shadow where nothing else is said.
const MAX_DELAY: Duration = Duration::from_secs(2);

/// So far may shares be from 1 in sum: thirds have no exact decimals.
const SLACK: f64 = 1e-6;

impl Assembly<'_> {
    /// Takes all three; `policy` has the route's tiers.
    pub(super) fn take_trials(&mut self, written: &Written<'_>, row: &RouteRow, policy: &mut Policy) {
        if row.canary.is_some() && row.split.is_some() {
            let message = "a route has a `canary` or a `split`, not both: each says who is first";
            let problem = written.layer.at_name(&written.path("split"), message);
            self.problems.push(problem.help("remove one of them, or give it a route of its own"));
            return;
        }
        let canary = row.canary.as_ref().and_then(|canary| self.canary(written, canary, &policy.tiers));
        let shadow = row.shadow.as_ref().and_then(|shadow| self.shadow(written, shadow));
        let split = row.split.as_ref().and_then(|split| self.split(written, split));
        policy.canary = written.set("canary", canary);
        policy.shadow = written.set("shadow", shadow);
        policy.split = written.set("split", split);
    }

    fn canary(&mut self, written: &Written<'_>, row: &CanaryRow, tiers: &[Vec<TargetId>]) -> Option<CanaryPlan> {
        self.check_growth(written, row);
        let target = self.tried(written, "canary.target", &row.target)?;
        let named = in_words(&row.target, &target);
        let mut others = tiers.iter().flatten().filter(|member| **member != target);
        let fault = if others.next().is_none() {
            Some(format!("the canary has no baseline: {named} is the route's only model"))
        } else if tiers.first().is_some_and(|tier| tier.first() == Some(&target)) {
            Some(format!("the canary has no baseline: {named} is first in the route already"))
        } else {
            None
        };
        if let Some(fault) = fault {
            let help = "`tiers` begins with the model that serves now, `target` is the one that may take its place";
            self.problems.push(written.at("canary.target", fault).help(help));
        }
        let plain = CanaryPlan::new(target);
        Some(CanaryPlan {
            share: row.share.as_ref().map_or(plain.share, |share| share.iter().map(|step| step.0).collect()),
            step: row.step.unwrap_or(plain.step),
            max_error_rate: row.max_error_rate.unwrap_or(plain.max_error_rate),
            max_slowdown: row.max_slowdown.unwrap_or(plain.max_slowdown),
            max_cost_increase: row.max_cost_increase.map_or(plain.max_cost_increase, |most| most.0),
            min_requests: row.min_requests.unwrap_or(plain.min_requests),
            ..plain
        })
    }

    fn check_growth(&mut self, written: &Written<'_>, row: &CanaryRow) {
        let Some(share) = &row.share else { return };
        let help = "write growing shares, such as `share = [0.01, 0.1, 0.5, 1.0]`";
        if share.is_empty() {
            self.problems.push(written.at("canary.share", "a canary needs at least one share").help(help));
        }
        for (index, pair) in share.windows(2).enumerate() {
            if pair[1].0 <= pair[0].0 {
                let message = format!("the shares of a canary grow, and {} is not above {}", pair[1].0, pair[0].0);
                self.problems.push(written.at(&format!("canary.share[{}]", index + 1), message).help(help));
            }
        }
    }

    fn shadow(&mut self, written: &Written<'_>, row: &ShadowRow) -> Option<ShadowPlan> {
        Some(ShadowPlan {
            target: self.tried(written, "shadow.target", &row.target)?,
            share: row.share.0,
            max_cost_per_day: row.max_cost_per_day,
            max_delay: row.max_delay.unwrap_or(MAX_DELAY),
        })
    }

    fn split(&mut self, written: &Written<'_>, row: &SplitRow) -> Option<Split> {
        let mut problems = Vec::new();
        if row.name.trim().is_empty() {
            problems.push(written.at("split.name", "a split needs a name: who gets which arm depends on it"));
        }
        let mut arms: Vec<(TargetId, f64)> = Vec::new();
        for (index, (name, share)) in row.arms.arms.iter().enumerate() {
            let mut at = format!("split.arms[{index}].model");
            if row.arms.by_name {
                at = member("split.arms", name);
            }
            let target = self.tried(written, &at, name)?;
            if arms.iter().any(|(known, _)| *known == target) {
                let message = format!("{} has two arms", in_words(name, &target));
                problems.push(at_target(written, &at, message).help("keep one of them"));
            }
            arms.push((target, *share));
        }
        let sum: f64 = arms.iter().map(|(_, share)| share).sum();
        if arms.len() < 2 {
            let problem = written.at("split.arms", "a split compares at least two models");
            problems.push(problem.help("add another arm, or remove the split"));
        } else if (sum - 1.0).abs() > SLACK {
            let message = format!("the shares of a split sum to 1, and these sum to {}", rounded(sum));
            problems.push(written.at("split.arms", message).help("change the shares so that they sum to 1"));
        }
        self.problems.extend(problems);
        Some(Split { name: row.name.clone(), arms, by: row.by.unwrap_or_default() })
    }

    /// The model that a name stands for; a problem where it stands for nothing.
    fn tried(&mut self, written: &Written<'_>, at: &str, name: &str) -> Option<TargetId> {
        match self.settings.member_of_tier(name) {
            Ok(target) => Some(target),
            Err(unknown) => {
                self.names.push(told(at_target(written, at, ""), unknown));
                None
            }
        }
    }
}

/// A problem at the name of a target, which is the key in a table of shares and a value elsewhere.
fn at_target(written: &Written<'_>, at: &str, message: impl Into<String>) -> Problem {
    if matches!(at.rsplit('.').next(), Some("model" | "target")) {
        written.at(at, message)
    } else {
        written.layer.at_name(&written.path(at), message)
    }
}

fn rounded(sum: f64) -> f64 {
    (sum * 1e6).round() / 1e6
}
