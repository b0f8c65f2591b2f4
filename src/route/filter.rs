//! Hard limits: what takes a target out before any strategy looks at it. Each limit is one function that names its
//! [`Rejection`].

use jiff::Timestamp;

use super::breaker::State;
use super::estimate::Factors;
use super::{AtLimit, Budget, Candidate, Chosen, Demand, Policy, Rejected, Rejection, Set, Snapshot, media};
use crate::catalog::Kind;
use crate::money::Usd;
use crate::provider::{KeyState, Target};
use crate::wire::Features;

/// The ability that no request can do without.
pub const CHAT: &str = "chat";

/// The first reason not to try this target, if there is one.
///
/// `features` are those of its wire format; `None` when they are not known.
pub fn reject(demand: &Demand<'_>, target: &Target, features: Option<Features>) -> Option<Rejection> {
    const LIMITS: &[Limit] = &[key, parameters, chat, tools, media::reject, window_size];
    LIMITS.iter().find_map(|limit| limit(demand, target, features))
}

type Limit = fn(&Demand<'_>, &Target, Option<Features>) -> Option<Rejection>;

/// The first reason not to try this candidate under this policy at this moment, if there is one: limits that the user set
/// come before those that pass by themselves.
pub fn reject_now(candidate: &Candidate, target: &Target, policy: &Policy, snapshot: &Snapshot) -> Option<Rejection> {
    const LIMITS: &[LimitNow] = &[required, forbidden, price, budget, ended, breaker, quota];
    LIMITS.iter().find_map(|limit| limit(candidate, target, policy, snapshot))
}

type LimitNow = fn(&Candidate, &Target, &Policy, &Snapshot) -> Option<Rejection>;

fn required(_: &Candidate, target: &Target, policy: &Policy, _: &Snapshot) -> Option<Rejection> {
    let mut tags = policy.require.iter().flat_map(|set| &set.value);
    let missing = tags.find(|tag| !target.provider.has_tag(tag))?;
    Some(Rejection::TagMissing { tag: missing.clone() })
}

fn forbidden(_: &Candidate, target: &Target, policy: &Policy, _: &Snapshot) -> Option<Rejection> {
    let mut tags = policy.forbid.iter().flat_map(|set| &set.value);
    let found = tags.find(|tag| target.provider.has_tag(tag))?;
    Some(Rejection::TagForbidden { tag: found.clone() })
}

fn price(candidate: &Candidate, _: &Target, policy: &Policy, _: &Snapshot) -> Option<Rejection> {
    let limit = policy.max_cost.as_ref()?;
    let cost = candidate.forecast.cost;
    let fits = cost.is_some_and(|cost| cost <= limit.value);
    (!fits).then(|| Rejection::TooDear { cost, limit: limit.value, origin: limit.origin.clone() })
}

/// What an unknown price would add is not known either; such a target is out only when nothing at all is left.
fn budget(candidate: &Candidate, _: &Target, policy: &Policy, snapshot: &Snapshot) -> Option<Rejection> {
    let cost = candidate.reservation();
    let over = |set: &&Set<Budget>| is_over(snapshot.spent.within(&set.value), cost, set.value.limit);
    let set = policy.budgets.iter().find(over)?;
    Some(Rejection::over(set, snapshot.spent.within(&set.value), cost))
}

/// Whether a request that may cost so much goes over a limit of which so much is taken.
pub fn is_over(taken: Usd, cost: Option<Usd>, limit: Usd) -> bool {
    match cost {
        Some(Usd::ZERO) => false,
        Some(cost) => taken + cost > limit,
        None => taken >= limit,
    }
}

/// When a budget that blocks keeps one target out, it keeps out all.
pub fn block(candidates: &mut Vec<Candidate>, rejected: &mut Vec<Rejected>) {
    let blocks = |rejected: &&Rejected| matches!(&rejected.reason, Rejection::BudgetSpent { budget, .. } if budget.at_limit == AtLimit::Block);
    let Some(reason) = rejected.iter().find(blocks).map(|rejected| rejected.reason.clone()) else { return };
    rejected.extend(candidates.drain(..).map(|candidate| Rejected {
        target: candidate.target,
        tier: candidate.tier,
        reason: reason.clone(),
    }));
}

fn ended(_: &Candidate, target: &Target, _: &Policy, snapshot: &Snapshot) -> Option<Rejection> {
    let day = target.model.as_deref()?.deprecates.as_ref()?;
    // Both are ISO dates, so their text sorts like their time.
    let over = snapshot.now.to_string().as_str() >= day.as_str();
    over.then(|| Rejection::Ended { day: day.clone() })
}

fn breaker(candidate: &Candidate, target: &Target, _: &Policy, snapshot: &Snapshot) -> Option<Rejection> {
    if matches!(candidate.breaker, State::Closed | State::HalfOpen { .. }) {
        return None;
    }
    match snapshot.standing(target) {
        (subject, State::Open { until, class }) => {
            Some(Rejection::BreakerOpen { subject: subject.to_string(), class, until })
        }
        (subject, State::Probed { until, .. }) => Some(Rejection::BeingProbed { subject: subject.to_string(), until }),
        (_, State::Closed | State::HalfOpen { .. }) => None,
    }
}

fn quota(candidate: &Candidate, target: &Target, _: &Policy, snapshot: &Snapshot) -> Option<Rejection> {
    let of_it = snapshot.quotas.iter().filter(|quota| quota.target == target.id);
    let mut spent = of_it.filter(|quota| quota.is_spent(candidate.input.at_least, snapshot.now));
    let quota = spent.next()?;
    Some(Rejection::QuotaSpent { of: quota.of, resets: quota.resets })
}

/// What to know of a target that is in.
pub fn remarks(target: &Target, now: Timestamp) -> Vec<Chosen> {
    let mut remarks = vec![Chosen::InOrder];
    let Some(model) = target.model.as_deref() else {
        remarks.push(Chosen::NotInCatalogue);
        return remarks;
    };
    if let Some(day) = &model.deprecates {
        let today = now.to_string();
        // Both are ISO dates, so their text sorts like their time.
        if today.as_str() < day.as_str() {
            remarks.push(Chosen::Ends { day: day.clone() });
        }
    }
    remarks
}

/// The tokens that a prompt may have, where known.
pub fn window(target: &Target) -> Option<u64> {
    let model = target.model.as_deref()?;
    // Both may be set, and the user may have lowered either.
    model.max_input.into_iter().chain(model.context).min()
}

fn key(_: &Demand<'_>, target: &Target, _: Option<Features>) -> Option<Rejection> {
    match &target.key {
        KeyState::Missing(tried) => Some(Rejection::KeyMissing { tried: tried.clone() }),
        KeyState::NotNeeded | KeyState::Present(_) => None,
    }
}

fn parameters(_: &Demand<'_>, target: &Target, _: Option<Features>) -> Option<Rejection> {
    let (name, tried) = target.provider.missing.first()?;
    Some(Rejection::ParameterMissing { name: name.clone(), tried: tried.clone() })
}

fn chat(_: &Demand<'_>, target: &Target, _: Option<Features>) -> Option<Rejection> {
    let model = target.model.as_deref()?;
    if model.kind != Kind::Chat {
        return Some(Rejection::AbilityMissing { ability: CHAT });
    }
    let responses_only = model.responses_only && target.wire() == "openai-chat";
    responses_only.then_some(Rejection::AbilityMissing { ability: "chat completions; it has the Responses API only" })
}

fn tools(demand: &Demand<'_>, target: &Target, features: Option<Features>) -> Option<Rejection> {
    if demand.request.tools.is_empty() {
        return None;
    }
    if features.is_some_and(|features| !features.tools) {
        return Some(Rejection::NoPlace { wire: target.wire().to_owned(), what: "tools" });
    }
    let lacks = target.model.as_deref()?.abilities.tools == Some(false);
    lacks.then_some(Rejection::AbilityMissing { ability: "tools" })
}

/// Rests on the sure lower bound of the prompt's tokens: an estimate may be wrong, and a provider's own answer is exact.
fn window_size(demand: &Demand<'_>, target: &Target, _: Option<Features>) -> Option<Rejection> {
    let (needed, window) = (super::tokens(demand, target, &Factors::default()).at_least, window(target)?);
    (needed > window).then_some(Rejection::WindowTooSmall { needed, window })
}
