//! Which key of a target is tried: another one where the last was rejected or has nothing left.

use crate::exec::{Attempt, Outcome};
use crate::failure::FailureClass;
use crate::provider::{KeyMark, TargetId};
use crate::route::Candidate;

/// The key for the next attempt; `None` when the plan knows of none. When all are spent, one that was only limited may be
/// taken again by now.
pub fn next(candidate: &Candidate, past: &[Attempt]) -> Option<KeyMark> {
    let dead = |key: &&KeyMark| past.iter().any(|attempt| is_dead(attempt, key, &candidate.target));
    let limited = || candidate.keys.iter().find(|key| !dead(key));
    fresh(candidate, past).or_else(limited).or(candidate.keys.first()).cloned()
}

/// The first key that no attempt has spent.
pub fn fresh<'a>(candidate: &'a Candidate, past: &[Attempt]) -> Option<&'a KeyMark> {
    let spent = |key: &KeyMark| past.iter().any(|attempt| spends(attempt, key, &candidate.target));
    candidate.keys.iter().find(|key| !spent(key))
}

/// Whether the attempt spent its key while another one is left: the same target is asked with that, and it is no retry.
pub fn turns(candidate: &Candidate, past: &[Attempt], attempt: usize) -> bool {
    let it = &past[attempt];
    let spent = it.key.as_ref().is_some_and(|key| spends(it, key, &candidate.target));
    spent && it.target == candidate.target && fresh(candidate, &past[..=attempt]).is_some()
}

/// Whether the attempt showed that this key does not serve this target, at least for now.
fn spends(attempt: &Attempt, key: &KeyMark, target: &TargetId) -> bool {
    let here = || attempt.target == *target;
    is_dead(attempt, key, target) || (failed_with(attempt, key) == Some(FailureClass::RateLimit) && here())
}

/// Whether it showed that waiting will not help. What a key may not do may be true of one model alone.
fn is_dead(attempt: &Attempt, key: &KeyMark, target: &TargetId) -> bool {
    match failed_with(attempt, key) {
        Some(FailureClass::Auth | FailureClass::QuotaExhausted) => attempt.target.provider == target.provider,
        Some(FailureClass::Permission) => attempt.target == *target,
        _ => false,
    }
}

fn failed_with(attempt: &Attempt, key: &KeyMark) -> Option<FailureClass> {
    match &attempt.outcome {
        Outcome::Failed(failure) if attempt.key.as_ref() == Some(key) => Some(failure.class),
        _ => None,
    }
}
