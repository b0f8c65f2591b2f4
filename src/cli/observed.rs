//! What an attempt has shown of its target's health, for the ledger.

use jiff::SignedDuration;

use crate::chat::FinishReason;
use crate::exec::{Attempt, GAVE_WAY, NO_KEY, Outcome};
use crate::ledger::record::Observation;
use crate::route::breaker::{Evidence, State};
use crate::route::{Candidate, OnFilter, Plan};

/// What is to be remembered of an attempt of that plan.
pub fn observed(attempt: &Attempt, plan: &Plan) -> Observation {
    let candidate = &plan.candidates[attempt.candidate];
    Observation {
        evidence: evidence(attempt).filter(|_| !was_cut_short(attempt, candidate)),
        key: attempt.key.clone(),
        quotas: attempt.quotas.clone(),
        probe: matches!(candidate.breaker, State::HalfOpen { .. }),
        truncated: attempt.reply.finish.as_ref().is_some_and(|finish| finish.reason == FinishReason::Length),
        goes_on: plan.on_filter.value == OnFilter::Next,
        expected_pico: candidate.forecast.cost.and_then(|cost| i64::try_from(cost.pico()).ok()),
        at_most_pico: candidate.reservation().and_then(|cost| i64::try_from(cost.pico()).ok()),
        lesson: candidate.lesson.clone().filter(|_| attempt.outcome == Outcome::Complete),
        reservation: attempt.reservation,
        seed: plan.seed.wrapping_add(attempt.number as u64),
    }
}

fn evidence(attempt: &Attempt) -> Option<Evidence> {
    match &attempt.outcome {
        Outcome::Complete => Some(Evidence::Good),
        // Nobody was asked: that a key cannot be had says nothing of who would have taken it.
        Outcome::Failed(failure) if failure.rule == NO_KEY => None,
        Outcome::Failed(failure) => {
            let took = SignedDuration::try_from(attempt.timing.total).unwrap_or(SignedDuration::MAX);
            let ended = attempt.started.checked_add(took).unwrap_or(attempt.started);
            let retry_after = failure.retry_after.and_then(|asked| asked.delay(ended));
            Some(Evidence::Failed { class: failure.class, retry_after })
        }
        Outcome::Cancelled => None,
    }
}

/// Whether it had to give way to later targets before it could be expected to have answered: that is the doing of the
/// deadline, and says nothing of the target.
fn was_cut_short(attempt: &Attempt, candidate: &Candidate) -> bool {
    let gave_way = matches!(&attempt.outcome, Outcome::Failed(failure) if failure.rule == GAVE_WAY);
    gave_way && attempt.timing.total < candidate.forecast.first_token.upper
}
