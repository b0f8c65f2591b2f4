//! The decision: [`decide`] turns what is asked ([`Demand`]), who could serve ([`Target`]s), what the user wants
//! ([`Policy`]) and what is known of the world ([`Snapshot`]) into a [`Plan`]. Pure: `route --explain` prints the plan
//! and the executor walks the same value.

pub mod adapt;
pub mod breaker;
pub mod chance;
pub mod effort;
pub mod estimate;
pub mod experience;
mod explore;
pub mod filter;
pub mod forecast;
mod hedge;
pub mod media;
pub mod parameter;
mod plan;
mod policy;
pub mod predict;
pub mod quota;
pub mod reason;
pub mod replay;
pub mod rollout;
mod roster;
mod snapshot;
pub mod strategy;
mod trial;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use adapt::Change;
use breaker::State;
use estimate::{Factors, Measure};
use forecast::Detail;
use roster::Roster;
use strategy::{Entrant, Field};
use trial::Draft;

use crate::catalog::Unit;
use crate::chat::ChatRequest;
use crate::provider::{Target, TargetId};
use crate::wire;
pub use plan::{Candidate, Hedging, Limits, NoHedge, Plan, Rejected};
pub use policy::{
    AtLimit, Budget, Buffer, Cap, Hedge, HedgeAfter, OnCut, OnEmpty, OnFilter, Origin, Period, Policy, PolicyLimits,
    Scope, Set,
};
pub use reason::{Chosen, Rejection};
pub use rollout::{CanaryPlan, ShadowPlan};
pub use snapshot::{Snapshot, Spent, Taken};
pub use trial::{Asker, NoShadow, Shadowing, Split, SplitBy, Trial, Trials};

/// What a request needs of a model.
#[derive(Clone, Copy, Debug)]
pub struct Demand<'a> {
    /// What is asked: its attachments, tools, schema and options.
    pub request: &'a ChatRequest,
    /// The size of the prompt, which each model's tokenizer reads in its own way.
    pub input: Measure,
    /// A target that could serve only a changed request is left out.
    pub strict: bool,
    /// Exact tokens of the prompt by tokenizer encoding, where they were counted: they stand in for the estimate.
    pub counted: &'a [(String, u64)],
}

impl<'a> Demand<'a> {
    /// What this request needs.
    pub fn of(request: &'a ChatRequest, strict: bool) -> Self {
        Self { request, input: Measure::of_request(request), strict, counted: &[] }
    }

    /// What the target's own count of the prompt will teach; `None` for requests that hold more than text.
    fn lesson(&self, target: &Target) -> Option<TokenLesson> {
        let hundredths = self.input.hundredths();
        let tokenizer = target.model.as_deref().and_then(|model| model.tokenizer.as_deref());
        let family = || estimate::family::of(tokenizer, &target.id.model).to_owned();
        Measure::teaches(self.request).then(|| TokenLesson { family: family(), hundredths })
    }

    /// The same with exact counts.
    #[must_use]
    pub fn counted(self, counted: &'a [(String, u64)]) -> Self {
        Self { counted, ..self }
    }
}

/// What a count of a prompt's tokens teaches about a family of tokenizers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenLesson {
    /// The family, as [`estimate::family::of`] names it.
    pub family: String,
    /// What the prompt measures, in hundredths of a token of `o200k_base`.
    pub hundredths: u64,
}

/// An estimated number of tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tokens {
    /// The figure to plan with.
    pub expected: u64,
    /// Surely no fewer than this: a filter that rejects must not rest on a guess.
    pub at_least: u64,
}

/// Of the whole time, the share that is kept for each later target as long as nothing has come.
const RESERVED_SHARE: f64 = 0.15;
/// No more than this is kept for each.
const MOST_RESERVED: Duration = Duration::from_secs(15);

/// Decides who is tried, in which order, within which limits, and says why of each.
///
/// Targets that the policy names and `targets` lacks are left out: the configuration has refused unknown names already.
pub fn decide(demand: &Demand<'_>, targets: &[Target], policy: &Policy, snapshot: &Snapshot) -> Plan {
    let known = Roster::of(targets);
    let mut seen = vec![false; targets.len()];
    let named: usize = policy.tiers.iter().map(Vec::len).sum();
    let mut candidates: Vec<Candidate> = Vec::with_capacity(named.min(targets.len()));
    let mut rejected: Vec<Rejected> = Vec::new();
    let mut next = 0;
    for (tier, ids) in policy.tiers.iter().enumerate() {
        let from = candidates.len();
        for id in ids {
            let Some(place) = known.place(id, next) else { continue };
            next = place + 1;
            if std::mem::replace(&mut seen[place], true) {
                continue;
            }
            match weigh(demand, &targets[place], tier, policy, snapshot) {
                Ok(candidate) => candidates.push(candidate),
                Err(reason) => rejected.push(Rejected { target: id.clone(), tier, reason }),
            }
        }
        rank(&mut candidates[from..], policy, snapshot.seed);
    }
    filter::block(&mut candidates, &mut rejected);
    if candidates.is_empty() {
        candidates = last_resort(demand, &known, &mut rejected, policy, snapshot);
    }
    let mut draft =
        Draft { demand, known: &known, policy, snapshot, candidates: &mut candidates, rejected: &mut rejected };
    let trial = draft.try_out();
    let shadow = draft.shadow();
    let thinks = candidates.iter().any(|candidate| candidate.thinks);
    let total = policy.limits.total.clone().unwrap_or(Set::built_in(if thinks { THINKING.total } else { PLAIN.total }));
    reserve(&mut candidates, total.value, policy.fallback);
    Plan {
        route: policy.route.clone(),
        origin: policy.origin.clone(),
        hedge: hedge::decide(&candidates, demand, policy, snapshot),
        trial,
        shadow,
        candidates,
        rejected,
        fallback: policy.fallback,
        strict: demand.strict,
        retries: policy.retries.clone(),
        on_cut: policy.on_cut.clone(),
        buffer: buffer(policy),
        on_empty: policy.on_empty.clone(),
        on_filter: policy.on_filter.clone(),
        strategy: policy.strategy.clone(),
        caps: policy.caps(&snapshot.spent),
        total,
        seed: snapshot.seed,
    }
}

fn buffer(policy: &Policy) -> Option<Set<Buffer>> {
    let by_name = policy.on_cut.value == OnCut::Buffer;
    policy
        .buffer
        .clone()
        .or_else(|| by_name.then(|| Set { value: Buffer::DEFAULT, origin: policy.on_cut.origin.clone() }))
}

/// A target as a candidate, or why it is none.
fn weigh(
    demand: &Demand<'_>,
    target: &Target,
    tier: usize,
    policy: &Policy,
    snapshot: &Snapshot,
) -> Result<Candidate, Rejection> {
    let changes = admit(demand, target, &snapshot.lessons)?;
    let candidate = candidate(demand, target, changes, tier, policy, snapshot);
    match filter::reject_now(&candidate, target, policy, snapshot) {
        Some(reason) => Err(reason),
        None => Ok(candidate),
    }
}

/// Puts the candidates of a tier in the order of the strategy.
fn rank(candidates: &mut [Candidate], policy: &Policy, seed: u64) {
    let entrants: Vec<Entrant<'_>> = candidates
        .iter()
        .enumerate()
        .map(|(place, candidate)| Entrant {
            target: &candidate.target,
            place,
            forecast: &candidate.forecast,
            breaker: &candidate.breaker,
        })
        .collect();
    let field = Field {
        entrants: &entrants,
        seed,
        weights: &policy.weights,
        max_latency: policy.max_latency.as_ref().map(|limit| limit.value),
        balance: policy.balance.value,
        explore: policy.explore.value,
    };
    let scores = policy.strategy.value.scores(&field);
    for (candidate, score) in candidates.iter_mut().zip(scores) {
        candidate.score = score;
    }
    let mut order: Vec<usize> = (0..candidates.len()).collect();
    order.sort_by(|one, other| candidates[*one].score.order(&candidates[*other].score));
    put_in_order(candidates, &order);
}

/// Moves each to its place: candidates are large, and a sort would move them again and again.
fn put_in_order(candidates: &mut [Candidate], order: &[usize]) {
    for place in 0..order.len() {
        let mut from = order[place];
        while from < place {
            from = order[from];
        }
        candidates.swap(place, from);
    }
}

/// When nobody is left, those who are out only for now are tried all the same, the one that comes back first before the
/// others: a request that may fail is better than one that surely does.
fn last_resort(
    demand: &Demand<'_>,
    known: &Roster<'_>,
    rejected: &mut Vec<Rejected>,
    policy: &Policy,
    snapshot: &Snapshot,
) -> Vec<Candidate> {
    let (mut passing, lasting): (Vec<_>, Vec<_>) =
        rejected.drain(..).partition(|rejected| rejected.reason.passes_at().is_some());
    *rejected = lasting;
    passing.sort_by_key(|rejected| rejected.reason.passes_at());
    let admitted = passing.into_iter().filter_map(|Rejected { target, tier, reason }| {
        let target = known.get(&target)?;
        let changes = admit(demand, target, &snapshot.lessons).ok()?;
        let mut candidate = candidate(demand, target, changes, tier, policy, snapshot);
        candidate.reasons.push(Chosen::LastResort { because: Box::new(reason) });
        Some(Candidate { retries: 0, ..candidate })
    });
    admitted.collect()
}

/// Keeps time for later candidates: for each the same, and for all together no more than half, so that the first has the most.
fn reserve(candidates: &mut [Candidate], total: Duration, fallback: bool) {
    let Some(later) = candidates.len().checked_sub(1).filter(|later| fallback && *later > 0) else { return };
    let each = total.mul_f64(RESERVED_SHARE.min(0.5 / later as f64)).min(MOST_RESERVED);
    for (index, candidate) in candidates.iter_mut().enumerate() {
        candidate.reserved = each.saturating_mul(u32::try_from(later - index).unwrap_or(u32::MAX));
    }
}

/// What must be changed for a target that can serve, or why it cannot.
pub fn admit(demand: &Demand<'_>, target: &Target, lessons: &[adapt::Lesson]) -> Result<Vec<Change>, Rejection> {
    // A format without a codec fails when it is tried, and says so.
    let features = wire::features(&target.provider, target.wire());
    if let Some(reason) = filter::reject(demand, target, features) {
        return Err(reason);
    }
    let changes = adapt::changes(demand, target, features, lessons);
    match changes.iter().find(|change| demand.strict && !change.keeps_the_meaning()) {
        Some(change) => Err(Rejection::ChangeNeeded { change: change.clone() }),
        None => Ok(changes),
    }
}

fn candidate(
    demand: &Demand<'_>,
    target: &Target,
    changes: Vec<Change>,
    tier: usize,
    policy: &Policy,
    snapshot: &Snapshot,
) -> Candidate {
    let model = target.model.as_deref();
    let thinks = model.is_some_and(|model| model.abilities.reasoning == Some(true));
    let defaults = if thinks { THINKING } else { PLAIN };
    let limit = |set: &Option<Set<Duration>>, default| set.clone().unwrap_or(Set::built_in(default));
    let input = tokens(demand, target, &snapshot.factors);
    let sort = forecast::sort(demand, input.expected, snapshot.now);
    let longest = parameter::longest_answer(&demand.request.options);
    let detail = if policy.strategy.value.exact { Detail::Exact } else { Detail::Size };
    let breaker = snapshot.standing(target).1;
    let rates = model.and_then(|model| model.rates(input.expected, snapshot.now));
    let price = |unit, count: u64| Some(rates.as_ref()?.get(unit)? * count);
    Candidate {
        target: target.id.clone(),
        tier,
        reasons: filter::remarks(target, snapshot.now),
        changes,
        thinks,
        limits: Limits {
            connect: limit(&policy.limits.connect, defaults.connect),
            first_token: limit(&policy.limits.first_token, defaults.first_token),
            idle: limit(&policy.limits.idle, defaults.idle),
            attempt: policy.limits.attempt.clone(),
        },
        lesson: demand.lesson(target),
        input,
        window: filter::window(target),
        prompt_cost: price(Unit::Input, input.expected),
        cost_per_1k_output: price(Unit::Output, 1000),
        forecast: forecast::forecast(target, &snapshot.experience, sort, longest, detail, snapshot.now),
        score: strategy::Score::default(),
        // One look is enough at a target that has failed of late.
        retries: if matches!(breaker, State::HalfOpen { .. }) { 0 } else { policy.retries.value },
        breaker,
        keys: snapshot.keys(target),
        reserved: Duration::ZERO,
    }
}

/// The prompt's tokens as this target's tokenizer is expected to count them.
fn tokens(demand: &Demand<'_>, target: &Target, factors: &Factors) -> Tokens {
    let model = target.model.as_deref();
    let encoding = model.and_then(|model| model.encoding.as_deref());
    match demand.counted.iter().find(|(known, _)| Some(known.as_str()) == encoding) {
        Some((_, count)) => Tokens { expected: *count, at_least: *count },
        None => demand.input.learned(model.and_then(|model| model.tokenizer.as_deref()), &target.id.model, factors),
    }
}

/// Encodings in which the prompt is to be counted exactly, since that could change who serves: the estimate is so near to a
/// window, or above it, that the truth may be on its other side. With nobody else to ask, the provider's own count decides.
pub fn worth_counting(plan: &Plan, targets: &[Target]) -> Vec<String> {
    let near = |candidate: &&Candidate| {
        candidate.window.is_some_and(|window| candidate.input.expected.saturating_mul(5) / 4 > window)
    };
    let mut encodings: Vec<String> = Vec::new();
    for candidate in plan.candidates.iter().filter(near).filter(|_| plan.candidates.len() > 1) {
        let model = find(targets, &candidate.target).and_then(|target| target.model.as_deref());
        let encoding = model.and_then(|model| model.encoding.clone());
        encodings.extend(encoding.filter(|encoding| !encodings.contains(encoding)));
    }
    encodings
}

/// Limits that hold where the user set none.
struct Defaults {
    connect: Duration,
    first_token: Duration,
    idle: Duration,
    total: Duration,
}

/// For models that answer at once.
const PLAIN: Defaults = Defaults {
    connect: Duration::from_secs(5),
    first_token: Duration::from_secs(30),
    idle: Duration::from_mins(1),
    total: Duration::from_mins(10),
};

/// For models that may think for minutes without a word: a shorter limit kills good answers (gateways that began with
/// 30 s had to raise it).
const THINKING: Defaults = Defaults {
    connect: Duration::from_secs(5),
    first_token: Duration::from_mins(5),
    idle: Duration::from_mins(5),
    total: Duration::from_mins(30),
};

/// Looks targets up by their id.
pub fn find<'a>(targets: &'a [Target], id: &TargetId) -> Option<&'a Target> {
    targets.iter().find(|target| target.id == *id)
}
