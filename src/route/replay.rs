//! Past requests, decided anew under another policy: who would have been asked, and what would probably have come of it.
//!
//! A decision sees only what had ended before it ([`decisions`]). What would have come of it is known where the same target
//! was asked then; where another was, it is estimated from requests to that target near in time and size, or assumed where
//! there was none ([`outcome`]). Breakers, quotas and budgets are not lived through again, and what the other policy would
//! have learned by its own tries is not known: the past has seen only what was done.

mod backtest;
mod outcome;
mod report;

use std::time::Duration;

use jiff::Timestamp;

pub use backtest::{Backtest, Verdict, backtest};
use outcome::Outcomes;
pub use outcome::{Run, Source};
pub use report::{Figure, Interval, Report, Shift};

use super::estimate::Measure;
use super::experience::{Counted, Experience, Seen, Sort};
use super::{Demand, Plan, Policy, Snapshot, chance, decide};
use crate::chat::{ChatRequest, Tool};
use crate::money::Usd;
use crate::provider::{Target, TargetId};

/// A request of the past, as the ledger tells it.
#[derive(Clone, Debug, PartialEq)]
pub struct Past {
    /// When it was asked.
    pub at: Timestamp,
    /// What sort of request it was. Its prompt is what was expected, or what was counted where that was not kept.
    pub sort: Sort,
    /// Its attempts, in order.
    pub attempts: Vec<PastAttempt>,
    /// Who gave the answer; `None` when nobody did.
    pub served_by: Option<TargetId>,
}

/// One attempt of it.
#[derive(Clone, Debug, PartialEq)]
pub struct PastAttempt {
    /// Who was asked.
    pub target: TargetId,
    /// It failed in a way that speaks of the target's health.
    pub failed: bool,
    /// It gave no answer, and that says nothing of the target: nothing is learned from it.
    pub rejected: bool,
    /// To the first content.
    pub first_token: Option<Duration>,
    /// To its end, that of a failed attempt too.
    pub total: Option<Duration>,
    /// What it cost; `None` when that is unknown. A failed attempt that was not billed cost nothing.
    pub cost: Option<Usd>,
    /// Tokens as they were counted.
    pub tokens: Option<Counted>,
}

impl PastAttempt {
    fn seen(&self) -> Option<Seen> {
        let (failed, first_token) = (self.failed, self.first_token.filter(|_| !self.failed));
        let seen = Seen { failed, first_token, total: self.total, tokens: self.tokens, ..Seen::default() };
        (!self.rejected).then_some(seen)
    }
}

/// Decides past requests anew and reports what would have been different. `past` is in order of time; the report is the same
/// for the same seed.
pub fn replay(past: &[Past], targets: &[Target], policy: &Policy, seed: u64) -> Report {
    let rehearsals = rehearse(past, targets, policy, seed);
    Report::of(past, &rehearsals, seed)
}

/// A past request under the other policy.
struct Rehearsal {
    /// Whom the policy would have asked first; `None` when nobody could serve.
    first: Option<TargetId>,
    /// What would have come of it, in several versions: an estimate is drawn from several requests.
    versions: [Run; VERSIONS],
    /// How that is known: of all that was looked at, the least sure.
    source: Source,
}

/// Versions of what would have come of a request.
const VERSIONS: usize = 8;

fn rehearse(past: &[Past], targets: &[Target], policy: &Policy, seed: u64) -> Vec<Rehearsal> {
    let outcomes = Outcomes::of(past);
    let plans = decisions(past, targets, policy, seed);
    plans.enumerate().map(|(at, plan)| rehearsal(&outcomes, at, &plan, seed)).collect()
}

fn rehearsal(outcomes: &Outcomes<'_>, at: usize, plan: &Plan, seed: u64) -> Rehearsal {
    let mut source = Source::Observed;
    let versions = std::array::from_fn(|version| {
        let seed = chance::number(chance::number(seed, at as u64), version as u64);
        let (run, least_sure) = outcomes.walk(at, plan, seed);
        source = source.max(least_sure);
        run
    });
    Rehearsal { first: plan.candidates.first().map(|candidate| candidate.target.clone()), versions, source }
}

/// The plan of each past request, made by what had ended before it.
fn decisions<'a>(
    past: &'a [Past],
    targets: &'a [Target],
    policy: &'a Policy,
    seed: u64,
) -> impl Iterator<Item = Plan> + 'a {
    let mut ended = ends(past);
    let mut experience = Experience::default();
    past.iter().enumerate().map(move |(at, request)| {
        while let Some((when, of, attempt)) = ended.pop_if(|(when, ..)| *when <= request.at) {
            if let Some(seen) = attempt.seen() {
                experience.learn(&attempt.target, past[of].sort, &seen, when);
            }
        }
        let mut snapshot = Snapshot::blank(request.at, chance::number(seed, at as u64));
        snapshot.experience = std::mem::take(&mut experience);
        let chat = chat(request);
        let demand = Demand { input: Measure::of_tokens(request.sort.prompt), ..Demand::of(&chat, false) };
        let plan = decide(&demand, targets, policy, &snapshot);
        experience = snapshot.experience;
        plan
    })
}

/// When each attempt had ended, the latest first.
fn ends(past: &[Past]) -> Vec<(Timestamp, usize, &PastAttempt)> {
    let mut all = Vec::new();
    for (of, request) in past.iter().enumerate() {
        let mut when = request.at;
        for attempt in &request.attempts {
            when = when.checked_add(attempt.total.unwrap_or_default()).unwrap_or(when);
            all.push((when, of, attempt));
        }
    }
    all.sort_by_key(|(when, of, _)| std::cmp::Reverse((*when, *of)));
    all
}

/// A request of the same sort.
fn chat(past: &Past) -> ChatRequest {
    let tool = Tool { name: "tool".to_owned(), description: None, parameters: serde_json::Value::Null, strict: None };
    let tools = if past.sort.tools { vec![tool] } else { Vec::new() };
    ChatRequest { stream: past.sort.stream, tools, ..ChatRequest::default() }
}

#[cfg(test)]
mod tests;
