//! Where a canary stands, and its next step.

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{CanaryPlan, Excess, Measure, Verdict, Wait};
use crate::route::rollout::moments::Contrast;
use crate::route::rollout::sequential::{self, rate};
use crate::route::rollout::{Arm, Interval, Seen};

/// Where a canary stands; what must be stored between two requests.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CanaryState {
    /// The fingerprint of the plan this belongs to.
    pub plan: String,
    /// The stage, from 0.
    pub stage: usize,
    /// When the stage began.
    pub since: Timestamp,
    /// What the stage has seen of the canary.
    pub canary: Arm,
    /// What the stage has seen of the others. A stage that leaves them nothing keeps what the stage before saw.
    pub baseline: Arm,
    /// What becomes of it.
    pub status: Status,
}

/// What becomes of a canary.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum Status {
    /// It has the share of its stage.
    Running,
    /// It has been worse than it may be and gets nothing until the plan changes.
    RolledBack {
        /// Why.
        why: Excess,
        /// When.
        at: Timestamp,
    },
    /// It serves all.
    Done,
}

/// Whose request it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The one that is tried out.
    Canary,
    /// Those that served before.
    Baseline,
}

impl fmt::Display for Side {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Canary => "the canary",
            Self::Baseline => "the baseline",
        })
    }
}

impl CanaryState {
    /// The first stage of a plan.
    pub fn begin(plan: &CanaryPlan, now: Timestamp) -> Self {
        Self {
            plan: plan.fingerprint(),
            stage: 0,
            since: now,
            canary: Arm::default(),
            baseline: Arm::default(),
            status: Status::Running,
        }
    }

    /// What was stored, when it belongs to this plan; a plan that has changed begins anew.
    pub fn resume(plan: &CanaryPlan, stored: Option<Self>, now: Timestamp) -> Self {
        stored
            .filter(|state| state.plan == plan.fingerprint() && state.stage < plan.share.len())
            .unwrap_or_else(|| Self::begin(plan, now))
    }

    /// The share of requests that the canary gets, from 0 to 1.
    pub fn share(&self, plan: &CanaryPlan) -> f64 {
        match self.status {
            Status::Running => plan.share.get(self.stage).copied().unwrap_or(0.0),
            Status::RolledBack { .. } => 0.0,
            Status::Done => 1.0,
        }
    }

    /// Takes what was seen of one more request. Only a running canary is watched.
    pub fn observe(&mut self, side: Side, seen: &Seen) {
        match (&self.status, side) {
            (Status::Running, Side::Canary) => self.canary.observe(seen),
            (Status::Running, Side::Baseline) => self.baseline.observe(seen),
            _ => {}
        }
    }

    /// The limits that cannot be held to the canary for want of figures, such as costs of a model without a price.
    pub fn unjudged(&self, plan: &CanaryPlan) -> Vec<Measure> {
        let unknown = |(measure, _, contrast): (_, _, Option<_>)| contrast.is_none().then_some(measure);
        self.ratios(plan).into_iter().filter_map(unknown).collect()
    }

    /// Each limit that is a multiple of the baseline's figure, with how the logarithms of both figures compare.
    fn ratios(&self, plan: &CanaryPlan) -> Vec<(Measure, f64, Option<Contrast>)> {
        let (own, base) = (&self.canary, &self.baseline);
        let mut ratios = vec![
            (Measure::FirstToken, plan.max_slowdown, own.first_token.against(&base.first_token)),
            (Measure::Total, plan.max_slowdown, own.total.against(&base.total)),
        ];
        ratios.extend(plan.max_cost_increase.map(|most| (Measure::Cost, most, own.cost.against_ratio(&base.cost))));
        ratios
    }

    /// What the evidence says of the errors: surely too many, or no reason to go on yet.
    fn errors(&self, plan: &CanaryPlan) -> Result<Option<Wait>, Excess> {
        let (limit, alpha) = (plan.max_error_rate, plan.alpha());
        if self.canary.failure_rate().is_none_or(|observed| observed <= limit) {
            return Ok(None);
        }
        let counts = |arm: &Arm| rate::Counts::new(arm.failures, arm.requests);
        let (own, base) = (counts(&self.canary), counts(&self.baseline));
        let rate = rate::bounds(own, alpha);
        if rate.lower <= limit {
            return Ok(Some(Wait::Errors { limit, rate }));
        }
        // Without a baseline nothing excuses the canary: the limit alone decides, which is the safe side.
        let baseline = (self.baseline.requests > 0).then(|| rate::bounds(base, alpha));
        match baseline {
            Some(baseline) if rate::higher(base, own) < -alpha.ln() => {
                Ok(Some(Wait::ErrorsOfBoth { limit, rate, baseline }))
            }
            _ => Err(Excess::Errors { limit, rate, baseline }),
        }
    }

    /// The same of a figure beside the baseline's.
    fn ratio(measure: Measure, limit: f64, contrast: Option<Contrast>, alpha: f64) -> Result<Option<Wait>, Excess> {
        let Some(contrast) = contrast else { return Ok(None) };
        let ratio: Interval = sequential::difference(contrast, alpha).map(f64::exp);
        if ratio.lower > limit {
            return Err(Excess::Ratio { measure, limit, ratio });
        }
        Ok((contrast.difference > limit.ln()).then_some(Wait::Ratio { measure, limit, ratio }))
    }

    /// Requests that the stage still needs.
    fn missing(&self, plan: &CanaryPlan) -> Option<Wait> {
        let compared = self.share(plan) < 1.0;
        [(Side::Canary, &self.canary, true), (Side::Baseline, &self.baseline, compared)]
            .into_iter()
            .filter(|(_, arm, needed)| *needed && arm.requests < plan.min_requests)
            .map(|(side, arm, _)| Wait::Requests { side, more: plan.min_requests - arm.requests })
            .next()
    }

    /// Why it may not go on, trouble before patience; an error is why it must go back.
    fn judge(&self, plan: &CanaryPlan, now: Timestamp) -> Result<Option<Wait>, Excess> {
        let mut doubts = vec![self.errors(plan)?];
        for (measure, limit, contrast) in self.ratios(plan) {
            doubts.push(Self::ratio(measure, limit, contrast, plan.alpha())?);
        }
        doubts.push(self.missing(plan));
        let length = SignedDuration::try_from(plan.step).unwrap_or(SignedDuration::MAX);
        let ends = self.since.checked_add(length).unwrap_or(Timestamp::MAX);
        doubts.push((now < ends).then_some(Wait::Step { ends }));
        let last = self.stage + 1 >= plan.share.len() && self.share(plan) < 1.0;
        doubts.push(last.then(|| Wait::Held { share: self.share(plan) }));
        Ok(doubts.into_iter().flatten().next())
    }
}

/// The next step, by what has been seen until `now`: back at once, on when the stage has had its time and its requests and
/// no figure is above its limit, or neither. What belongs to another plan begins anew. A canary that has gone back stays so.
pub fn advance(plan: &CanaryPlan, state: CanaryState, now: Timestamp) -> (CanaryState, Verdict) {
    let mut state = CanaryState::resume(plan, Some(state), now);
    let verdict = match &state.status {
        Status::Done => Verdict::Done,
        Status::RolledBack { why, .. } => Verdict::RolledBack { why: why.clone() },
        Status::Running => match state.judge(plan, now) {
            Ok(Some(why)) => Verdict::Stay { why },
            Ok(None) => return grown(plan, state, now),
            Err(why) => {
                state.status = Status::RolledBack { why: why.clone(), at: now };
                Verdict::RolledBack { why }
            }
        },
    };
    (state, verdict)
}

/// The stage after this one.
fn grown(plan: &CanaryPlan, state: CanaryState, now: Timestamp) -> (CanaryState, Verdict) {
    let from = state.share(plan);
    let next = state.stage + 1;
    let Some(to) = plan.share.get(next).copied() else {
        return (CanaryState { status: Status::Done, ..state }, Verdict::Done);
    };
    let baseline = if to < 1.0 { Arm::default() } else { state.baseline };
    (CanaryState { stage: next, since: now, canary: Arm::default(), baseline, ..state }, Verdict::Advanced { from, to })
}
