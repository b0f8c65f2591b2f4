//! What to do next: [`next_step`] looks at the plan and at what has been tried, and says it with a reason. Pure; the
//! waiting and the trying happen in [`super::execute`].

use std::fmt;
use std::time::Duration;

use serde::Serialize;

use super::{Attempt, Outcome};
use crate::failure::{Failure, FailureClass, FallBack, Retry, Scope};
use crate::route::{OnCut, Plan, chance};

/// The first backoff may be at most this long; each further one may be twice as long.
const BACKOFF_BASE: Duration = Duration::from_millis(250);
/// No backoff is longer than this.
const BACKOFF_CAP: Duration = Duration::from_secs(8);
/// A provider that asks for a longer wait is not waited for.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

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
    /// The answer is whole and does not fit the schema.
    Unfit,
    /// The user stopped it.
    Cancelled,
}

impl fmt::Display for GiveUp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::NoCandidates => "no target could be tried",
            Self::Exhausted => "every target failed",
            Self::SameEverywhere => "another target would reject it too",
            Self::NoFallback => "falling back is switched off",
            Self::Deadline => "the deadline has passed",
            Self::WaitTooLong => "the provider asks for too long a wait",
            Self::Cut => "the answer was cut off after it was shown",
            Self::Unfit => "the answer does not fit the schema",
            Self::Cancelled => "interrupted",
        })
    }
}

/// What is known when the next step is decided.
#[derive(Clone, Copy, Debug)]
pub struct Situation {
    /// Content of the last attempt has been shown: the commit point has passed.
    pub shown: bool,
    /// Time since the run began.
    pub elapsed: Duration,
    /// The moment, for waits that a provider names as a date.
    pub now: jiff::Timestamp,
}

/// The next step of the run.
pub fn next_step(plan: &Plan, past: &[Attempt], situation: Situation) -> Step {
    let Some(last) = past.last() else {
        return match plan.candidates.first() {
            Some(_) => Step::Try { candidate: 0, after: Duration::ZERO },
            None => Step::GiveUp(GiveUp::NoCandidates),
        };
    };
    match &last.outcome {
        Outcome::Complete => Step::Done,
        Outcome::Cancelled => Step::GiveUp(GiveUp::Cancelled),
        Outcome::Failed(_) if situation.elapsed >= plan.total.value => Step::GiveUp(GiveUp::Deadline),
        Outcome::Failed(_) if is_repairable(past, last, situation.shown) => {
            Step::Try { candidate: last.candidate, after: Duration::ZERO }
        }
        Outcome::Failed(failure) if failure.class == FailureClass::SchemaMismatch => Step::GiveUp(GiveUp::Unfit),
        // What ends the run anyway keeps its own reason, and with it its exit code.
        Outcome::Failed(failure)
            if situation.shown
                && plan.on_cut.value == OnCut::Fail
                && failure.class.rule().fall_back != FallBack::No =>
        {
            Step::GiveUp(GiveUp::Cut)
        }
        Outcome::Failed(failure) => after_failure(plan, past, last, failure, situation),
    }
}

fn after_failure(plan: &Plan, past: &[Attempt], last: &Attempt, failure: &Failure, situation: Situation) -> Step {
    let next = next_candidate(plan, past, last, failure);
    let tries = past.iter().filter(|attempt| attempt.candidate == last.candidate).count();
    // A repaired request is another request, not another try.
    let tries = tries.saturating_sub(repairs(past, last.candidate));
    let retry = match failure.class.rule().retry {
        Retry::Never => false,
        Retry::Backoff => true,
        Retry::WhenLast => next.is_none(),
    };
    let remaining = plan.total.value.saturating_sub(situation.elapsed);
    let asked = failure.retry_after.and_then(|asked| asked.delay(situation.now));
    if retry && tries <= plan.candidates[last.candidate].retries as usize {
        match wait(plan.seed, past.len(), tries, asked) {
            // Moving on at once beats a wait that the provider asks for.
            _ if asked.is_some() && next.is_some() => {}
            after if after <= LONGEST_WAIT.min(remaining) => return Step::Try { candidate: last.candidate, after },
            _ if next.is_none() => return Step::GiveUp(GiveUp::WaitTooLong),
            _ => {}
        }
    }
    match next {
        Some(candidate) => Step::Try { candidate, after: Duration::ZERO },
        None => Step::GiveUp(reason_to_stop(plan, last, failure)),
    }
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

/// The next candidate that the failure leaves worth trying.
fn next_candidate(plan: &Plan, past: &[Attempt], last: &Attempt, failure: &Failure) -> Option<usize> {
    if !plan.fallback {
        return None;
    }
    let window = |index: usize| plan.candidates[index].window;
    (last.candidate + 1..plan.candidates.len()).find(|&index| {
        let fits = match failure.class.rule().fall_back {
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
        fits && !past.iter().any(|attempt| rules_out(attempt, &plan.candidates[index].target.provider))
    })
}

/// The tokens that the provider counted, where its window is the one that the plan knows: else the two are not to be compared.
fn counted(failure: &Failure, window: Option<u64>) -> Option<u64> {
    failure.overflow.filter(|overflow| overflow.window == window)?.needed
}

/// Whether that attempt showed that nothing at this provider will work.
fn rules_out(attempt: &Attempt, provider: &str) -> bool {
    match &attempt.outcome {
        Outcome::Failed(failure) => {
            attempt.target.provider == provider && failure.class.rule().scope == Scope::Provider
        }
        Outcome::Complete | Outcome::Cancelled => false,
    }
}

fn reason_to_stop(plan: &Plan, last: &Attempt, failure: &Failure) -> GiveUp {
    let more = last.candidate + 1 < plan.candidates.len();
    match failure.class.rule().fall_back {
        FallBack::No | FallBack::LargerWindow if more => GiveUp::SameEverywhere,
        _ if more && !plan.fallback => GiveUp::NoFallback,
        _ => GiveUp::Exhausted,
    }
}

/// Full jitter: anything up to the exponential bound, so that many clients do not come back together. A wait that the
/// provider names is a floor: jitter comes on top of it, never under it.
fn wait(seed: u64, step: usize, tries: usize, asked: Option<Duration>) -> Duration {
    let share = chance::share(seed, step as u64);
    if let Some(floor) = asked {
        return floor.saturating_add(floor.mul_f64(share / 10.0));
    }
    let doublings = u32::try_from(tries.saturating_sub(1)).unwrap_or(u32::MAX).min(16);
    BACKOFF_BASE.saturating_mul(1 << doublings).min(BACKOFF_CAP).mul_f64(share)
}

#[cfg(test)]
mod tests;
