//! The time of a rehearsal: nobody waits for what the fleet only pretends. Its answers come at once and are counted with the
//! typical pace of their provider; limits are waited for in a time lapse and counted in full.

use std::time::Duration;

use super::outage::{Hit, Silence};
use crate::chat::Usage;
use crate::exec::{Attempt, Outcome};
use crate::failure::FailureClass;
use crate::route::{Buffer, Candidate, Hedging, Plan};
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
        if let Some(Hedging::After { after, .. }) = &mut plan.hedge {
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

/// What was seen of an attempt.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// Pieces of the answer that came.
    pub pieces: usize,
    /// Some of them were shown.
    pub shown: bool,
    /// How long is waited after it before the next attempt.
    pub wait: Duration,
}

/// Counts a run's attempts; `plan` is the plan as the user has it.
pub fn spans(attempts: &[Attempt], seen: &[Seen], plan: &Plan, lapse: Lapse) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    let mut last: Option<(&Attempt, Span, Duration)> = None;
    for (index, attempt) in attempts.iter().enumerate() {
        let seen = seen.get(index).copied().unwrap_or_default();
        let began = last.map_or(Duration::ZERO, |(before, span, wait)| began(attempt, before, span, wait, lapse));
        let (first, took) = took(attempt, seen.pieces, plan, lapse);
        let ended = began + took;
        let in_time = class(attempt) == Some(FailureClass::TimeoutTotal);
        let ended = if in_time { ended.min(plan.total.value) } else { ended };
        let span = Span { began, first: first.map(|first| began + first), ended };
        spans.push(span);
        last = Some((attempt, span, seen.wait));
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
fn took(attempt: &Attempt, pieces: usize, plan: &Plan, lapse: Lapse) -> (Option<Duration>, Duration) {
    let profile = Profile::of(&attempt.target.provider);
    let counted = attempt.reply.usage.as_ref().and_then(Usage::buckets).map(|buckets| buckets.output_total());
    let tokens = match &attempt.outcome {
        Outcome::Complete => counted.and_then(|count| u32::try_from(count).ok()),
        Outcome::Failed(_) | Outcome::Cancelled => None,
    };
    let tokens = tokens.unwrap_or_else(|| u32::try_from(pieces).unwrap_or(u32::MAX));
    let first = (pieces > 0).then(|| profile.first_token());
    let said = first.map_or(Duration::ZERO, |first| first + profile.token() * tokens.saturating_sub(1));
    let passed = lapse.long(attempt.timing.total);
    let limits = &plan.candidates[attempt.candidate].limits;
    let ended = match class(attempt) {
        Some(FailureClass::TimeoutFirstToken) => passed.min(limits.first_token.value),
        Some(FailureClass::TimeoutIdle) => said + passed.min(limits.idle.value),
        Some(FailureClass::TimeoutAttempt) => limits.attempt.as_ref().map_or(passed, |limit| passed.min(limit.value)),
        Some(FailureClass::TimeoutTotal) => passed,
        // What fails without a word fails at once.
        _ => said,
    };
    (first, ended)
}

/// How an attempt failed, if it did.
pub fn class(attempt: &Attempt) -> Option<FailureClass> {
    match &attempt.outcome {
        Outcome::Failed(failure) => Some(failure.class),
        Outcome::Complete | Outcome::Cancelled => None,
    }
}
