//! What to do next: [`next_step`] looks at the plan and at what has been tried, and says it with a reason. Pure; the
//! waiting and the trying happen in [`super::execute`].

pub mod keys;

use std::fmt;
use std::time::Duration;

use serde::Serialize;

use super::{Attempt, Outcome};
use crate::failure::{Failure, FailureClass, FallBack, Retry, Scope};
use crate::route::{Candidate, Chosen, OnCut, OnEmpty, OnFilter, Plan, chance};

/// The first backoff may be at most this long; each further one may be twice as long.
const BACKOFF_BASE: Duration = Duration::from_millis(250);
/// No backoff is longer than this.
const BACKOFF_CAP: Duration = Duration::from_secs(8);
/// A provider that asks for a longer wait is not waited for.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// Further tries of a whole run: retries of every target of a chain multiply, and nobody waits for all of them. Who asks for more
/// on one target gets them there.
const MOST_RETRIES: u32 = 3;

/// A request in which more than this had to be repaired is not sent again: each parameter is repaired once.
const MOST_REPAIRS: usize = 3;

/// What to do next.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// Try this candidate, after waiting.
    Try {
        /// Its index in the plan.
        candidate: usize,
        /// How long to wait first.
        after: Duration,
    },
    /// The last attempt gave a whole answer.
    Done,
    /// Stop without an answer.
    GiveUp(GiveUp),
}

/// Why a run ends without an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum GiveUp {
    /// No target could be tried at all.
    NoCandidates,
    /// Every target that could be tried has failed.
    Exhausted,
    /// Another target would fail the same way.
    SameEverywhere,
    /// Falling back was switched off.
    NoFallback,
    /// The deadline has passed.
    Deadline,
    /// The provider asks for a longer wait than is worth it.
    WaitTooLong,
    /// The stream broke after text was shown, and the policy is to stop then.
    Cut,
    /// The answer is empty, and the policy is to stop then.
    Empty,
    /// The answer is whole and does not fit the schema.
    Unfit,
    /// It would go over a budget.
    OverBudget,
    /// The user stopped it.
    Cancelled,
}

impl fmt::Display for GiveUp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::NoCandidates => "no target could be tried",
            Self::Exhausted => "every target failed",
            Self::SameEverywhere => "the request itself was rejected, so no other target is asked",
            Self::NoFallback => "falling back is switched off",
            Self::Deadline => "the deadline has passed",
            Self::WaitTooLong => "the provider asks for too long a wait",
            Self::Cut => "the answer was cut off after it was shown",
            Self::Empty => "`on_empty` is `fail`",
            Self::Unfit => "the answer does not fit the schema",
            Self::OverBudget => "a budget is spent",
            Self::Cancelled => "interrupted",
        })
    }
}

/// What is known when the next step is decided.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct Situation<'a> {
    /// Content of the last attempt has been shown: the commit point has passed.
    pub shown: bool,
    /// The reader of what was shown can be told that another answer follows.
    pub can_restart: bool,
    /// What was shown is text that another target can go on with.
    pub can_continue: bool,
    /// Text was shown that is to be gone on with, by the last attempt or an earlier one.
    pub unfinished: bool,
    /// Candidates that are left to another process, which tries them just now.
    pub passed_over: &'a [usize],
    /// Time since the run began.
    pub elapsed: Duration,
    /// The moment, for waits that a provider names as a date.
    pub now: jiff::Timestamp,
}

/// The next step of the run.
pub fn next_step(plan: &Plan, past: &[Attempt], situation: Situation<'_>) -> Step {
    let Some(last) = past.last() else { return first(plan, situation.passed_over) };
    match &last.outcome {
        Outcome::Complete => Step::Done,
        Outcome::Cancelled => Step::GiveUp(GiveUp::Cancelled),
        Outcome::Failed(_) if situation.elapsed >= plan.total.value => Step::GiveUp(GiveUp::Deadline),
        Outcome::Failed(_) if is_repairable(past, last, situation.shown) => {
            Step::Try { candidate: last.candidate, after: Duration::ZERO }
        }
        Outcome::Failed(failure) => match ends(plan, last, failure, situation) {
            Some(why) => Step::GiveUp(why),
            None => after_failure(plan, past, last, failure, situation),
        },
    }
}

/// When every candidate is left to another process, the first is tried all the same: a request that may fail is better than
/// one that surely does.
fn first(plan: &Plan, passed_over: &[usize]) -> Step {
    let mut candidates = 0..plan.candidates.len();
    match candidates.clone().find(|index| !passed_over.contains(index)).or_else(|| candidates.next()) {
        Some(candidate) => Step::Try { candidate, after: Duration::ZERO },
        None => Step::GiveUp(GiveUp::NoCandidates),
    }
}

/// Why the failure ends the run whoever is left, if it does.
fn ends(plan: &Plan, last: &Attempt, failure: &Failure, situation: Situation<'_>) -> Option<GiveUp> {
    match failure.class {
        FailureClass::SchemaMismatch => Some(GiveUp::Unfit),
        FailureClass::EmptyResponse if plan.on_empty.value == OnEmpty::Fail => Some(GiveUp::Empty),
        // What ends the run anyway keeps its own reason, and with it its exit code.
        _ => {
            let elsewhere = fall_back(plan, last, failure) != FallBack::No;
            (situation.shown && elsewhere && !goes_on(plan, situation)).then_some(GiveUp::Cut)
        }
    }
}

/// Whether another target may serve after text was shown.
fn goes_on(plan: &Plan, situation: Situation<'_>) -> bool {
    match plan.on_cut.value {
        OnCut::Fail | OnCut::Buffer => false,
        OnCut::Restart => situation.can_restart,
        OnCut::Continue => situation.can_continue || situation.can_restart,
    }
}

fn after_failure(plan: &Plan, past: &[Attempt], last: &Attempt, failure: &Failure, situation: Situation<'_>) -> Step {
    let at = &plan.candidates[last.candidate];
    if keys::turns(at, past, past.len() - 1) {
        return Step::Try { candidate: last.candidate, after: Duration::ZERO };
    }
    let next = next_candidate(plan, past, last, failure, situation.passed_over);
    let tries = tries(plan, past, last.candidate);
    let retry = match failure.class.rule().retry {
        Retry::Never => false,
        Retry::Backoff => true,
        Retry::WhenLast => next.is_none(),
    };
    let kept = if next.is_some() { at.reserved } else { Duration::ZERO };
    let remaining = plan.total.value.saturating_sub(situation.elapsed).saturating_sub(kept);
    let asked = failure.retry_after.and_then(|asked| asked.delay(situation.now));
    let may_try = !situation.passed_over.contains(&last.candidate);
    if may_try && retry && tries <= at.retries && retries(plan, past) < MOST_RETRIES.max(plan.retries.value) {
        match wait(plan.seed, past.len(), tries, asked) {
            // Moving on at once beats a wait that the provider asks for.
            _ if asked.is_some() && next.is_some() => {}
            after if after <= LONGEST_WAIT.min(remaining) => return Step::Try { candidate: last.candidate, after },
            _ if next.is_none() && !situation.unfinished => return Step::GiveUp(GiveUp::WaitTooLong),
            _ => {}
        }
    }
    match next {
        Some(candidate) => Step::Try { candidate, after: Duration::ZERO },
        None if situation.unfinished => Step::GiveUp(GiveUp::Cut),
        None => Step::GiveUp(reason_to_stop(plan, last, failure)),
    }
}

/// How often a candidate was tried. A repaired request, or another key, is no further try, nor is an attempt that lost a race.
fn tries(plan: &Plan, past: &[Attempt], candidate: usize) -> u32 {
    let counts = |(index, attempt): &(usize, &Attempt)| {
        attempt.candidate == candidate
            && attempt.repair.is_none()
            && !attempt.lost
            && !keys::turns(&plan.candidates[candidate], past, *index)
    };
    u32::try_from(past.iter().enumerate().filter(counts).count()).unwrap_or(u32::MAX)
}

/// Further tries of the whole run so far.
fn retries(plan: &Plan, past: &[Attempt]) -> u32 {
    (0..plan.candidates.len()).map(|candidate| tries(plan, past, candidate).saturating_sub(1)).sum()
}

/// Whether the same target is asked once more with a changed request. Text that has been shown cannot be taken back; where a
/// correction is asked for, text is held, or each line says which attempt it is of.
fn is_repairable(past: &[Attempt], last: &Attempt, shown: bool) -> bool {
    let repair = last.repair.as_ref().filter(|repair| !shown || repair.is_correction());
    repair.is_some() && repairs(past, last.candidate) <= MOST_REPAIRS
}

/// How many attempts on a candidate have led to a repaired request.
fn repairs(past: &[Attempt], candidate: usize) -> usize {
    past.iter().filter(|attempt| attempt.candidate == candidate && attempt.repair.is_some()).count()
}

/// Whether another target is worth a try after this.
fn fall_back(plan: &Plan, last: &Attempt, failure: &Failure) -> FallBack {
    match failure.class {
        FailureClass::ContentFilter if plan.on_filter.value == OnFilter::Next => FallBack::Yes,
        // What is wrong may be the half answer that it was to go on with.
        FailureClass::InvalidRequest if !last.before.is_empty() => FallBack::Yes,
        // Who served until now may take what the one that is tried out rejects.
        FailureClass::InvalidRequest | FailureClass::ContentFilter if is_tried_out(plan, last) => FallBack::Yes,
        class => class.rule().fall_back,
    }
}

fn is_tried_out(plan: &Plan, last: &Attempt) -> bool {
    plan.candidates[last.candidate].reasons.iter().any(|reason| matches!(reason, Chosen::Canary { .. }))
}

/// The next candidate that the failure leaves worth trying.
fn next_candidate(
    plan: &Plan,
    past: &[Attempt],
    last: &Attempt,
    failure: &Failure,
    passed_over: &[usize],
) -> Option<usize> {
    if !plan.fallback {
        return None;
    }
    let window = |index: usize| plan.candidates[index].window;
    let rule = fall_back(plan, last, failure);
    (0..plan.candidates.len()).filter(|index| is_ahead(past, *index) && !passed_over.contains(index)).find(|&index| {
        let fits = match rule {
            FallBack::No => false,
            FallBack::Yes => true,
            FallBack::LargerWindow => match counted(failure, window(last.candidate)) {
                Some(needed) => window(index).is_none_or(|window| window >= needed),
                None => match (window(last.candidate), window(index)) {
                    (Some(too_small), Some(next)) => next > too_small,
                    // Nobody can say that it would fail there too.
                    _ => true,
                },
            },
        };
        fits && !past.iter().any(|attempt| rules_out(attempt, &plan.candidates[index], past))
    })
}

/// Whether the walk has not come to a candidate yet: one that only lost a race was stopped, and may serve all the same.
fn is_ahead(past: &[Attempt], candidate: usize) -> bool {
    let ended = || past.iter().filter(|attempt| !attempt.lost).map(|attempt| attempt.candidate);
    let only_lost = past.iter().any(|attempt| attempt.candidate == candidate) && ended().all(|one| one != candidate);
    only_lost || ended().max().is_none_or(|furthest| candidate > furthest)
}

/// The tokens that the provider counted, where its window is the one that the plan knows: else the two are not to be compared.
fn counted(failure: &Failure, window: Option<u64>) -> Option<u64> {
    failure.overflow.filter(|overflow| overflow.window == window)?.needed
}

/// Whether that attempt showed that nothing at this provider will work: with no key, where it is the key that was at fault.
fn rules_out(attempt: &Attempt, candidate: &Candidate, past: &[Attempt]) -> bool {
    let Outcome::Failed(failure) = &attempt.outcome else { return false };
    let reaches = attempt.target.provider == candidate.target.provider && failure.class.rule().scope == Scope::Provider;
    let of_key = matches!(failure.class, FailureClass::Auth | FailureClass::QuotaExhausted);
    reaches && !(of_key && keys::fresh(candidate, past).is_some())
}

fn reason_to_stop(plan: &Plan, last: &Attempt, failure: &Failure) -> GiveUp {
    let more = last.candidate + 1 < plan.candidates.len();
    match fall_back(plan, last, failure) {
        FallBack::No | FallBack::LargerWindow if more => GiveUp::SameEverywhere,
        _ if more && !plan.fallback => GiveUp::NoFallback,
        _ => GiveUp::Exhausted,
    }
}

/// Full jitter: anything up to the exponential bound, so that many clients do not come back together. A wait that the
/// provider names is a floor: jitter comes on top of it, never under it.
fn wait(seed: u64, step: usize, tries: u32, asked: Option<Duration>) -> Duration {
    let share = chance::share(seed, step as u64);
    if let Some(floor) = asked {
        return floor.saturating_add(floor.mul_f64(share / 10.0));
    }
    let doublings = tries.saturating_sub(1).min(16);
    BACKOFF_BASE.saturating_mul(1 << doublings).min(BACKOFF_CAP).mul_f64(share)
}

#[cfg(test)]
mod tests;
