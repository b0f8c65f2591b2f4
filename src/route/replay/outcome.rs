//! What came, or would have come, of a past request.

use std::collections::HashMap;
use std::time::Duration;

use serde::Serialize;

use super::{Past, PastAttempt};
use crate::money::Usd;
use crate::provider::TargetId;
use crate::route::forecast::Forecast;
use crate::route::{Plan, chance};

/// An estimate is drawn from so many requests, the nearest.
const NEIGHBOURS: usize = 8;
/// These are looked for among so many before and after it.
const WINDOW: usize = 200;

/// How it is known what would have come of a request; the later, the less sure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The same targets were asked then.
    Observed,
    /// From other requests to those targets, near in time and size.
    Estimated,
    /// There was never a request to one of them: what was expected is taken.
    Assumed,
}

/// What a request came to.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Run {
    /// Seconds until the answer, failed attempts included.
    pub seconds: f64,
    /// Dollars of all attempts; `None` when unknown.
    pub dollars: Option<f64>,
    /// An answer came.
    pub answered: bool,
    /// Attempts that failed.
    pub failed: u32,
}

impl Run {
    /// What a past request came to.
    pub fn of(past: &Past) -> Self {
        let answered = past.served_by.is_some();
        let start = Self { dollars: Some(0.0), ..Self::default() };
        let all = past.attempts.iter().fold(start, |run, attempt| run.then(&Step::of(attempt)));
        Self { answered, ..all }
    }

    fn then(self, step: &Step) -> Self {
        Self {
            seconds: self.seconds + step.seconds,
            dollars: self.dollars.zip(step.dollars).map(|(one, other)| one + other),
            answered: !step.failed,
            failed: self.failed + u32::from(step.failed),
        }
    }
}

/// What one attempt comes to.
struct Step {
    seconds: f64,
    dollars: Option<f64>,
    failed: bool,
}

impl Step {
    fn of(attempt: &PastAttempt) -> Self {
        Self {
            seconds: attempt.total.unwrap_or_default().as_secs_f64(),
            dollars: attempt.cost.map(dollars),
            failed: attempt.failed,
        }
    }

    fn assumed(forecast: &Forecast, seed: u64) -> Self {
        let failed = chance::share(seed, 0) >= forecast.success;
        let time: Duration = if failed { forecast.lost } else { forecast.total.typical };
        let paid = if failed { Some(Usd::ZERO) } else { forecast.cost };
        Self { seconds: time.as_secs_f64(), dollars: paid.map(dollars), failed }
    }
}

fn dollars(cost: Usd) -> f64 {
    cost.pico() as f64 / 1e12
}

/// All attempts of the past, by target and in order of time.
pub(super) struct Outcomes<'a> {
    past: &'a [Past],
    of: HashMap<&'a TargetId, Vec<(usize, &'a PastAttempt)>>,
}

impl<'a> Outcomes<'a> {
    pub(super) fn of(past: &'a [Past]) -> Self {
        let mut of: HashMap<_, Vec<_>> = HashMap::new();
        for (at, request) in past.iter().enumerate() {
            for attempt in &request.attempts {
                of.entry(&attempt.target).or_default().push((at, attempt));
            }
        }
        Self { past, of }
    }

    /// What a plan would have come to for a past request, and how that is known. `seed` draws among what it may have been.
    pub(super) fn walk(&self, at: usize, plan: &Plan, seed: u64) -> (Run, Source) {
        let mut run = Run { dollars: Some(0.0), ..Run::default() };
        let mut source = Source::Observed;
        let tried = if plan.fallback { plan.candidates.len() } else { 1 };
        for (place, candidate) in plan.candidates.iter().take(tried).enumerate() {
            let seed = chance::number(seed, place as u64);
            let (step, known) = self.step(at, &candidate.target, &candidate.forecast, seed);
            run = run.then(&step);
            source = source.max(known);
            if run.answered {
                break;
            }
        }
        (run, source)
    }

    fn step(&self, at: usize, target: &TargetId, forecast: &Forecast, seed: u64) -> (Step, Source) {
        if let Some(attempt) = self.past[at].attempts.iter().find(|attempt| attempt.target == *target) {
            return (Step::of(attempt), Source::Observed);
        }
        let near = self.near(at, target);
        let drawn = near.get(usize::try_from(chance::number(seed, 0) % near.len().max(1) as u64).unwrap_or(0));
        match drawn {
            Some(attempt) => (Step::of(attempt), Source::Estimated),
            None => (Step::assumed(forecast, seed), Source::Assumed),
        }
    }

    /// The attempts on a target that were most like one at that request.
    fn near(&self, at: usize, target: &TargetId) -> Vec<&'a PastAttempt> {
        let Some(all) = self.of.get(target) else { return Vec::new() };
        let here = all.partition_point(|(other, _)| *other < at);
        let window = &all[here.saturating_sub(WINDOW)..(here + WINDOW).min(all.len())];
        let mut near: Vec<(f64, &PastAttempt)> =
            window.iter().map(|(other, attempt)| (self.apart(at, *other), *attempt)).collect();
        near.sort_by(|one, other| one.0.total_cmp(&other.0));
        near.into_iter().take(NEIGHBOURS).map(|(_, attempt)| attempt).collect()
    }

    /// How unlike two requests are: an hour of the day counts like half a day, or like a prompt half as long again.
    fn apart(&self, one: usize, other: usize) -> f64 {
        let (one, other) = (&self.past[one], &self.past[other]);
        let days = one.at.duration_since(other.at).as_secs_f64().abs() / 86_400.0;
        let hours = f64::from(one.sort.hour.abs_diff(other.sort.hour));
        let size = (one.sort.prompt.max(1) as f64 / other.sort.prompt.max(1) as f64).ln().abs();
        2.0 * days + hours.min(24.0 - hours) + 2.5 * size
    }
}
