//! The time of a rehearsal: nobody waits for what the fleet only pretends. Its answers come at once and are counted with the
//! typical pace of their provider; limits are waited for in a time lapse and counted in full.

use std::collections::HashMap;
use std::time::Duration;

use super::outage::{Hit, Silence};
use crate::chat::Usage;
use crate::exec::{Attempt, Outcome};
use crate::failure::FailureClass;
use crate::route::{Buffer, Candidate, Hedging, Plan};
use crate::sim;
use crate::sim::profile::Profile;

/// How long the longest silence takes in a rehearsal.
const SILENCE: Duration = Duration::from_millis(500);
/// So much time must be left, in a rehearsal, to a target that answers at once: this machine may be busy.
const LEEWAY: Duration = Duration::from_millis(500);
/// By so much an attempt must begin before the end of another one to be told as beside it.
const OVERLAP: Duration = Duration::from_millis(5);

/// By how much time passes faster than it is counted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lapse {
    times: f64,
    /// The deadline of the whole request has a say, so that it passes faster too.
    deadline: bool,
}

impl Lapse {
    /// Time as it is.
    pub const NONE: Self = Self { times: 1.0, deadline: false };

    /// A time lapse in which the longest silence ends soon.
    pub fn of(plan: &Plan, hit: &Hit, silence: Silence) -> Self {
        if silence == Silence::Never {
            return Self::NONE;
        }
        // Whoever is not hit answers, so nobody after that is asked.
        let silent = plan.candidates.iter().take_while(|candidate| hit.hits(&candidate.target.provider));
        let (mut passed, mut longest, mut deadline) = (Duration::ZERO, Duration::ZERO, false);
        for candidate in silent.clone() {
            let limit = limit(candidate, silence);
            let left = plan.total.value.saturating_sub(candidate.reserved + passed);
            deadline |= limit >= left;
            passed += limit.min(left);
            longest = longest.max(limit.min(left));
        }
        let times = longest.as_secs_f64() / SILENCE.as_secs_f64();
        let left = plan.total.value.saturating_sub(passed).as_secs_f64();
        let answers = silent.count() < plan.candidates.len() && left > 0.0;
        let most = if deadline && answers { left / LEEWAY.as_secs_f64() } else { f64::MAX };
        Self { times: times.min(most).max(1.0), deadline }
    }

    /// The plan for this time lapse. What belongs to targets that work stays: they answer at once, and shall not be taken for
    /// late because this machine is busy.
    pub fn hasten(self, plan: &Plan, hit: &Hit) -> Plan {
        let mut plan = plan.clone();
        if self.deadline {
            plan.total.value = self.short(plan.total.value);
        }
        if let Some(Hedging::After { after, .. }) = plan.hedge.as_mut().map(|hedge| &mut hedge.value) {
            *after = self.short(*after);
        }
        if let Some(Buffer::Time(time)) = plan.buffer.as_mut().map(|buffer| &mut buffer.value) {
            *time = self.short(*time);
        }
        for candidate in &mut plan.candidates {
            candidate.reserved = self.short(candidate.reserved);
            if hit.hits(&candidate.target.provider) {
                let limits = &mut candidate.limits;
                let all = [&mut limits.first_token, &mut limits.idle];
                all.into_iter().chain(limits.attempt.as_mut()).for_each(|limit| limit.value = self.short(limit.value));
            }
        }
        plan
    }

    /// When a first token is due that is to come after every limit.
    pub const TOO_LATE: Duration = Duration::from_mins(10);

    fn short(self, time: Duration) -> Duration {
        time.div_f64(self.times)
    }

    fn long(self, time: Duration) -> Duration {
        time.mul_f64(self.times)
    }
}

/// The limit that ends a silence of that candidate.
fn limit(candidate: &Candidate, silence: Silence) -> Duration {
    let limits = &candidate.limits;
    let limit = if silence == Silence::First { limits.first_token.value } else { limits.idle.value };
    limits.attempt.iter().map(|attempt| attempt.value).fold(limit, Duration::min)
}

/// An attempt as it is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// When it began, since the run began.
    pub began: Duration,
    /// When its first token came, since the run began.
    pub first: Option<Duration>,
    /// When it ended, since the run began.
    pub ended: Duration,
}

/// Counts a run's attempts, which are in the order of their numbers. `waits` are those after each; `plan` is the plan as the
/// user has it.
pub fn spans(attempts: &[&Attempt], waits: &HashMap<usize, Duration>, plan: &Plan, lapse: Lapse) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    for (index, attempt) in attempts.iter().enumerate() {
        let before = index.checked_sub(1).map(|before| (attempts[before], spans[before]));
        let began = before.map_or(Duration::ZERO, |(before, span)| {
            let wait = waits.get(&before.number).copied().unwrap_or_default();
            began(attempt, before, span, wait, lapse)
        });
        let (first, took) = took(attempt, plan, lapse);
        // What ends by the deadline ends at it, whatever this machine's clock says in a time lapse.
        let out_of_time = class(attempt) == Some(FailureClass::TimeoutTotal);
        let ended = if out_of_time { plan.total.value.max(began) } else { began + took };
        spans.push(Span { began, first: first.map(|first| began + first), ended });
    }
    spans
}

/// When an attempt began: after the one before it and the wait between them, or while that was still on its way.
fn began(attempt: &Attempt, before: &Attempt, span: Span, wait: Duration, lapse: Lapse) -> Duration {
    let apart = Duration::try_from(attempt.started.duration_since(before.started)).unwrap_or_default();
    // The clock of the day and that of the timing are two: a moment more or less is no overlap.
    let overlaps = apart + OVERLAP < before.timing.total;
    if overlaps { span.began + lapse.long(apart) } else { span.ended + wait }
}

/// How long an attempt took to its first token, and in all.
fn took(attempt: &Attempt, plan: &Plan, lapse: Lapse) -> (Option<Duration>, Duration) {
    let profile = Profile::of(&attempt.target.provider);
    let first = attempt.timing.first_content.map(|_| profile.first_token());
    let rest = u32::try_from(tokens(attempt).saturating_sub(1)).unwrap_or(u32::MAX);
    let said = first.map_or(Duration::ZERO, |first| first + profile.token() * rest);
    let passed = lapse.long(attempt.timing.total);
    let limits = &plan.candidates[attempt.candidate].limits;
    let ended = match class(attempt) {
        Some(FailureClass::TimeoutFirstToken) => passed.min(limits.first_token.value),
        Some(FailureClass::TimeoutIdle) => said + passed.min(limits.idle.value),
        Some(FailureClass::TimeoutAttempt) => limits.attempt.as_ref().map_or(passed, |limit| passed.min(limit.value)),
        Some(FailureClass::TimeoutTotal) => passed,
        None if attempt.outcome == Outcome::Cancelled => passed,
        // What fails without a word fails at once.
        _ => said,
    };
    (first, ended)
}

/// The tokens of an answer as far as it came.
fn tokens(attempt: &Attempt) -> u64 {
    let reply = &attempt.reply;
    let counted = reply.usage.as_ref().and_then(Usage::buckets).map(|buckets| buckets.output_total());
    let whole = counted.filter(|_| attempt.outcome == Outcome::Complete);
    whole.unwrap_or_else(|| sim::tokens::count(&reply.reasoning) + sim::tokens::count(&reply.text))
}

/// How an attempt failed, if it did.
pub fn class(attempt: &Attempt) -> Option<FailureClass> {
    match &attempt.outcome {
        Outcome::Failed(failure) => Some(failure.class),
        Outcome::Complete | Outcome::Cancelled => None,
    }
}
