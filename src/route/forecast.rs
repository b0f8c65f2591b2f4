//! What a request to a target is expected to take: time, money, and the chance of an answer. Experience where there is some,
//! the catalogue and plain assumptions where there is none; the less is known, the wider the bounds.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Serialize, Serializer};

use super::Demand;
use super::experience::{Cell, CellKey, Experience, Moments, Sort};
use crate::catalog::{Model, Unit};
use crate::money::Usd;
use crate::provider::Target;

/// Of an assumption, as many requests as these would have to be seen to weigh the same.
const ASSUMED: f64 = 3.0;
/// Of a wider cell, when a narrower one is read.
const PARENT: f64 = 8.0;
/// Standard errors from an estimate to its upper bound: 95 % from one side.
const BOUND: f64 = 1.645;
/// Standard deviations of the logarithm of a time, where nothing is known.
const SPREAD: f64 = 0.7;
/// Tokens of an answer, where nothing is known: of a model that answers at once, and of one that thinks.
const ANSWER: (f64, f64) = (400.0, 1500.0);
/// Seconds to the first content, where nothing is known: as for [`ANSWER`].
const FIRST_TOKEN: (f64, f64) = (0.8, 4.0);
/// Seconds for each token, where nothing is known.
const EACH_TOKEN: f64 = 0.015;
/// Of requests to a target of which nothing is known, so many fail; and so many requests that assumption weighs.
const FAILS: f64 = 0.03;
const FAILS_ASSUMED: f64 = 4.0;

/// What is expected of one request to one target.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Forecast {
    /// Time to the first content.
    pub first_token: Span,
    /// Time to the end.
    pub total: Span,
    /// Tokens of the answer, thinking included.
    pub output_tokens: f64,
    /// Of the prompt, the share that is read from a cache.
    pub cache_share: f64,
    /// What it costs; `None` when a price is unknown.
    pub cost: Option<Usd>,
    /// What it costs when the answer is as long as it may be, or else twice as long as expected.
    pub cost_at_most: Option<Usd>,
    /// The chance of a whole answer.
    pub success: f64,
    /// Requests of late that this rests on, older ones counted less. With none, all of it is assumed.
    pub samples: f64,
}

/// An expected time with the bound that it stays under with 95 % confidence.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Span {
    /// Expected.
    #[serde(rename = "expected_ms", serialize_with = "milliseconds")]
    pub expected: Duration,
    /// The expected time is surely no more than this.
    #[serde(rename = "upper_ms", serialize_with = "milliseconds")]
    pub upper: Duration,
}

fn milliseconds<S: Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(u64::try_from(time.as_millis()).unwrap_or(u64::MAX))
}

/// How narrow the requests are that a forecast looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// Those of the same size.
    Size,
    /// Those of the same size, in the same hour of the day, streamed or not, with tools or not.
    Exact,
}

/// The sort of request that a demand is at a moment.
pub fn sort(demand: &Demand<'_>, prompt: u64, now: Timestamp) -> Sort {
    Sort::at(now, prompt, demand.request.stream, !demand.request.tools.is_empty())
}

/// What is expected of a request with a prompt of that many tokens.
pub fn forecast(
    target: &Target,
    experience: &Experience,
    request: Sort,
    longest: Option<u64>,
    detail: Detail,
    now: Timestamp,
) -> Forecast {
    let model = target.model.as_deref();
    let known = Known::read(target, experience, request, detail, now);
    let thinks = model.is_some_and(|model| model.abilities.reasoning == Some(true));
    let assumed = |(plain, thinking): (f64, f64)| if thinks { thinking } else { plain };
    let output = known.output(assumed(ANSWER)).min(longest.map_or(f64::INFINITY, |longest| longest as f64));
    let first = known.time(|cell| cell.first_token, assumed(FIRST_TOKEN));
    let each = known.time(|cell| cell.each_token, EACH_TOKEN);
    let total = |first: f64, each: f64| seconds(first + each * output);
    let (cost, cost_at_most) = known.costs(target, request.prompt, output, longest, now);
    Forecast {
        first_token: Span { expected: seconds(first.0), upper: seconds(first.1) },
        total: Span { expected: total(first.0, each.0), upper: total(first.1, each.1) },
        output_tokens: output,
        cache_share: known.cache_share(),
        cost,
        cost_at_most,
        success: known.success(),
        samples: known.samples(),
    }
}

fn seconds(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds.max(0.0)).unwrap_or(Duration::from_hours(24))
}

/// The cells that a forecast reads, from the widest to the narrowest, as they are now.
struct Known<'a> {
    cells: Vec<(f64, &'a Cell)>,
}

impl<'a> Known<'a> {
    fn read(target: &Target, experience: &'a Experience, request: Sort, detail: Detail, now: Timestamp) -> Self {
        let [all, size, hour, exact] = CellKey::of(request);
        let keys: &[CellKey] = match detail {
            Detail::Size => &[all, size],
            Detail::Exact => &[all, size, hour, exact],
        };
        let fresh = |key: &CellKey| {
            let cell = experience.cell(&target.id, *key)?;
            Some((cell.left(*key, now), cell))
        };
        Self { cells: keys.iter().filter_map(fresh).collect() }
    }

    fn samples(&self) -> f64 {
        self.cells.first().map_or(0.0, |(left, cell)| left * cell.requests)
    }

    /// A mean over the cells: the narrowest weighs by its own requests, the wider ones stand in for what it lacks.
    fn shrunk(&self, assumed: f64, weight: f64, read: impl Fn(&Cell) -> (f64, f64)) -> f64 {
        let mut mean = assumed;
        for (at, (left, cell)) in self.cells.iter().enumerate() {
            let (count, sum) = read(cell);
            let prior = if at == 0 { weight } else { PARENT };
            mean = (mean * prior + sum * left) / (count * left + prior);
        }
        mean
    }

    /// Seconds, expected and at most: means of logarithms, as times are spread.
    fn time(&self, read: impl Fn(&Cell) -> Moments, assumed: f64) -> (f64, f64) {
        let logarithm = self.shrunk(assumed.ln(), ASSUMED, |cell| (read(cell).count, read(cell).sum));
        let widest = self.cells.first().map(|(left, cell)| (*left, read(cell)));
        let (seen, variance) = widest.map_or((0.0, 0.0), |(left, moments)| {
            (left * moments.count, moments.mean_and_variance().map_or(0.0, |(_, variance)| variance))
        });
        let variance = (ASSUMED * SPREAD * SPREAD + seen * variance) / (ASSUMED + seen);
        let expected = (logarithm + variance / 2.0).exp();
        (expected, expected * (BOUND * (variance / (ASSUMED + seen)).sqrt()).exp())
    }

    fn output(&self, assumed: f64) -> f64 {
        self.shrunk(assumed, ASSUMED, |cell| (cell.counted, cell.output)).max(1.0)
    }

    fn success(&self) -> f64 {
        1.0 - self.shrunk(FAILS, FAILS_ASSUMED, |cell| (cell.requests, cell.failures)).clamp(0.0, 1.0)
    }

    /// A share of one sum in another, of what was seen; 0 where nothing was.
    fn ratio(&self, part: impl Fn(&Cell) -> f64, whole: impl Fn(&Cell) -> f64) -> f64 {
        let Some((_, cell)) = self.cells.first() else { return 0.0 };
        if whole(cell) > 0.0 { (part(cell) / whole(cell)).clamp(0.0, 1.0) } else { 0.0 }
    }

    fn cache_share(&self) -> f64 {
        self.ratio(|cell| cell.cache_read, |cell| cell.input)
    }

    /// Dollars, expected and at most.
    fn costs(
        &self,
        target: &Target,
        prompt: u64,
        output: f64,
        longest: Option<u64>,
        now: Timestamp,
    ) -> (Option<Usd>, Option<Usd>) {
        let Some(model) = target.model.as_deref().filter(|model| model.pricing.is_some()) else {
            // A server on one's own machine charges nothing; anybody else's price is unknown.
            let free = target.provider.local.then_some(Usd::ZERO);
            return (free, free);
        };
        let thinking = self.ratio(|cell| cell.reasoning, |cell| cell.output);
        let cost = |output: f64| cost(model, prompt, self.cache_share(), output, thinking, now);
        let most = longest.map_or(2.0 * output, |longest| longest as f64);
        (cost(output), cost(most.max(output)))
    }
}

fn cost(model: &Model, prompt: u64, cached: f64, output: f64, thinking: f64, now: Timestamp) -> Option<Usd> {
    let rates = model.rates(prompt, now)?;
    let cache_read = share_of(prompt as f64, cached);
    let reasoning = share_of(output, thinking);
    let counts = [
        (Unit::Input, prompt.saturating_sub(cache_read)),
        (Unit::CacheRead, cache_read),
        (Unit::Output, share_of(output, 1.0).saturating_sub(reasoning)),
        (Unit::Reasoning, reasoning),
    ];
    counts.into_iter().filter(|(_, count)| *count > 0).map(|(unit, count)| Some(rates.get(unit)? * count)).sum()
}

/// A share of a number of tokens, in whole tokens.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "numbers of tokens are small and positive")]
fn share_of(tokens: f64, share: f64) -> u64 {
    (tokens * share).round().max(0.0) as u64
}

#[cfg(test)]
mod tests;
