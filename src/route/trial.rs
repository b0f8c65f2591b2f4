//! What a route tries out on live requests, and what that does to a plan: a canary or an arm of a split takes the first
//! place, a shadow is asked beside.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize, Serializer};

use super::rollout::canary::Status;
use super::rollout::{CanaryPlan, CanaryState, NotShadowed, ShadowPlan, assign, shadow};
use super::roster::Roster;
use super::{Candidate, Chosen, Demand, Policy, Rejected, Rejection, Snapshot, weigh};
use crate::money::Usd;
use crate::provider::TargetId;

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

/// Who asks: the keys by which trials assign. What is not known is the request's own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asker {
    /// The request: no other has it.
    pub request: String,
    /// The conversation that it goes on with.
    pub conversation: Option<String>,
    /// The terminal.
    pub terminal: Option<String>,
    /// The working directory.
    pub project: Option<String>,
    /// The user of the machine.
    pub user: Option<String>,
}

impl Asker {
    fn key(&self, by: SplitBy) -> &str {
        let known = match by {
            SplitBy::Request => None,
            SplitBy::Conversation => self.conversation.as_ref(),
            SplitBy::Terminal => self.terminal.as_ref(),
            SplitBy::Project => self.project.as_ref(),
            SplitBy::User => self.user.as_ref(),
        };
        known.unwrap_or(&self.request)
    }
}

/// What is known of a route's trials at the moment of a decision.
#[derive(Clone, Debug, Default)]
pub struct Trials {
    /// Who asks.
    pub asker: Asker,
    /// Where the canary of the route stands, as it was kept.
    pub canary: Option<CanaryState>,
}

/// The trial that a request is part of.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "trial", rename_all = "snake_case")]
pub enum Trial {
    /// A canary: this request is served by it, or by those that served before.
    Canary {
        /// Who is tried out.
        target: TargetId,
        /// The stage, from 1.
        stage: usize,
        /// How many there are.
        stages: usize,
        /// The share of requests that it gets.
        share: f64,
        /// It is the first of the plan.
        chosen: bool,
        /// Why it gets nothing any more.
        #[serde(skip_serializing_if = "Option::is_none")]
        rolled_back: Option<String>,
    },
    /// A split: the arm of this request.
    Split {
        /// The experiment.
        name: String,
        /// The arm.
        arm: TargetId,
        /// The share of requests that it gets.
        share: f64,
    },
}

impl fmt::Display for Trial {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Canary { target, rolled_back: Some(why), .. } => {
                write!(formatter, "the canary {target} was rolled back and gets nothing: {why}")
            }
            Self::Canary { target, stage, stages, share, chosen, .. } => {
                let whom = if *chosen { "this request is its" } else { "this request is not" };
                write!(
                    formatter,
                    "canary {target}, stage {stage} of {stages}: {:.0} % of requests; {whom}",
                    share * 100.0
                )
            }
            Self::Split { name, arm, share } => {
                write!(
                    formatter,
                    "experiment {name}: this request is of the arm {arm}, {:.0} % of requests",
                    share * 100.0
                )
            }
        }
    }
}

/// Whether another target is asked beside, and not shown.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "shadow", rename_all = "snake_case")]
pub enum Shadowing {
    /// It is.
    With {
        /// Who, with the limits of an attempt.
        candidate: Box<Candidate>,
        /// How long the end of the program may wait for it.
        #[serde(rename = "max_delay_ms", serialize_with = "milliseconds")]
        max_delay: Duration,
    },
    /// It is not.
    Not {
        /// Who would be asked.
        target: TargetId,
        /// Why.
        why: NoShadow,
    },
}

/// Why nobody is asked beside.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum NoShadow {
    /// The sample, or its cap.
    Sample(NotShadowed),
    /// The target is out.
    Out(Rejection),
    /// It serves itself.
    Serves,
}

impl fmt::Display for NoShadow {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sample(why) => why.fmt(formatter),
            Self::Out(why) => why.fmt(formatter),
            Self::Serves => formatter.write_str("it serves itself"),
        }
    }
}

fn milliseconds<S: Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(u64::try_from(time.as_millis()).unwrap_or(u64::MAX))
}

/// A plan that is being made.
pub(super) struct Draft<'a> {
    pub demand: &'a Demand<'a>,
    pub known: &'a Roster<'a>,
    pub policy: &'a Policy,
    pub snapshot: &'a Snapshot,
    pub candidates: &'a mut Vec<Candidate>,
    pub rejected: &'a mut Vec<Rejected>,
}

impl Draft<'_> {
    /// Puts whom the route tries out where the trial wants it.
    pub(super) fn try_out(&mut self) -> Option<Trial> {
        let policy = self.policy;
        if let Some(canary) = &policy.canary {
            return Some(self.canary(&canary.value));
        }
        let split = &policy.split.as_ref()?.value;
        let key = self.snapshot.trials.asker.key(split.by);
        let shares: Vec<f64> = split.arms.iter().map(|(_, share)| *share).collect();
        let arm = assign::pick(&shares, assign::share(&policy.route, &split.name, key));
        let (arm, share) = split.arms.get(arm)?.clone();
        self.first(&arm, Chosen::Arm { experiment: split.name.clone() });
        Some(Trial::Split { name: split.name.clone(), arm, share })
    }

    fn canary(&mut self, plan: &CanaryPlan) -> Trial {
        let Snapshot { trials, now, .. } = self.snapshot;
        let state = CanaryState::resume(plan, trials.canary.clone(), *now);
        let share = state.share(plan);
        let key = trials.asker.key(SplitBy::Conversation);
        let mut chosen = plan.place(&self.policy.route, key) < share;
        if chosen {
            chosen = self.first(&plan.target, Chosen::Canary { stage: state.stage + 1, share });
        }
        let rolled_back = match &state.status {
            Status::RolledBack { why, .. } => Some(why.to_string()),
            Status::Running | Status::Done => None,
        };
        let target = plan.target.clone();
        Trial::Canary { target, stage: state.stage + 1, stages: plan.share.len(), share, chosen, rolled_back }
    }

    /// Puts a target before all others; `false` when it is out.
    fn first(&mut self, id: &TargetId, reason: Chosen) -> bool {
        let mut candidate = match self.candidates.iter().position(|candidate| candidate.target == *id) {
            Some(place) => self.candidates.remove(place),
            None => match self.weighed(id) {
                Some(Ok(candidate)) => candidate,
                Some(Err(reason)) => {
                    if self.rejected.iter().all(|rejected| rejected.target != *id) {
                        self.rejected.push(Rejected { target: id.clone(), tier: 0, reason });
                    }
                    return false;
                }
                None => return false,
            },
        };
        candidate.reasons.push(reason);
        self.candidates.insert(0, Candidate { tier: 0, ..candidate });
        true
    }

    fn weighed(&self, id: &TargetId) -> Option<Result<Candidate, Rejection>> {
        let target = self.known.get(id)?;
        Some(weigh(self.demand, target, 0, self.policy, self.snapshot))
    }

    /// Who is asked beside; `None` when the route asks for nobody.
    pub(super) fn shadow(&self) -> Option<Shadowing> {
        let plan = &self.policy.shadow.as_ref()?.value;
        let target = plan.target.clone();
        Some(match self.shadowed(plan) {
            Ok(candidate) => Shadowing::With { candidate: Box::new(candidate), max_delay: plan.max_delay },
            Err(why) => Shadowing::Not { target, why },
        })
    }

    fn shadowed(&self, plan: &ShadowPlan) -> Result<Candidate, NoShadow> {
        if self.candidates.first().is_some_and(|first| first.target == plan.target) {
            return Err(NoShadow::Serves);
        }
        let unknown = || NoShadow::Sample(NotShadowed::PriceUnknown);
        let candidate = self.weighed(&plan.target).ok_or_else(unknown)?.map_err(NoShadow::Out)?;
        let place = assign::share(&self.policy.route, "shadow", &self.snapshot.trials.asker.request);
        let expected: Option<Usd> = candidate.forecast.cost;
        shadow::sample(plan, place, self.snapshot.spent.shadowed, expected).map_err(NoShadow::Sample)?;
        Ok(Candidate { retries: 0, ..candidate })
    }
}
