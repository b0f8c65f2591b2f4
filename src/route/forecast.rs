//! What a request to a target is expected to take: time, money, and the chance of an answer. Experience where there is some,
//! the catalogue and plain assumptions where there is none; the less is known, the wider the bounds.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Serialize, Serializer};

use super::Demand;
use super::experience::{Cell, CellKey, Experience, Moments, Sort};
use crate::catalog::{Rates, Unit};
use crate::money::Usd;
use crate::provider::Target;

/// Of an assumption, as many requests as these would have to be seen to weigh the same: models differ no less than the
/// requests to one of them.
const ASSUMED: f64 = 1.0;
/// Of a wider cell, when a narrower one is read.
const PARENT: f64 = 8.0;
/// Of what is usual at this hour, when that of late is read: a provider that is slow now is seen within a few requests.
const USUAL: f64 = 1.5;
/// Standard errors from an estimate to its upper bound: 95 % from one side.
const BOUND: f64 = 1.645;
/// Standard deviations of the logarithm of a time, where nothing is known.
const SPREAD: f64 = 0.7;
/// Of the logarithm of an answer's tokens.
const ANSWER_SPREAD: f64 = 0.8;
/// What is assumed of an answer's tokens weighs as much as so many answers.
const ANSWER_ASSUMED: f64 = 1.5;
/// Of what an hour, a day or a provider's mood does to the logarithm of a time, where it was not seen of late.
const MOOD: f64 = 0.5;
/// Tokens of an answer without thinking, where nothing is known; and so many answers of other models weigh the same.
const ANSWER: f64 = 400.0;
const ANSWERS_ASSUMED: f64 = 3.0;
/// A model that thinks is taken to say so many times as much.
const THINKS: f64 = 2.5;
/// Seconds to the first content, where nothing is known: of a model that answers at once, and of one that thinks.
const FIRST_TOKEN: (f64, f64) = (0.8, 4.0);
/// Seconds for each token, where nothing is known.
const EACH_TOKEN: f64 = 0.015;
/// Of requests to a target of which nothing is known, so many fail; and so many requests that assumption weighs.
const FAILS: f64 = 0.03;
const FAILS_ASSUMED: f64 = 4.0;
/// Tokens of prompts that the estimate of a prompt's tokens weighs.
const PROMPT_ASSUMED: f64 = 2000.0;
/// An outage is taken to have lasted at least so long, in seconds, when its first failure is seen.
const SHORTEST_OUTAGE: f64 = 60.0;

/// What is expected of one request to one target.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Forecast {
    /// Time to the first content.
    pub first_token: Span,
    /// Time to the end.
    pub total: Span,
    /// Time that a failed attempt takes before the next can begin.
    #[serde(rename = "lost_ms", serialize_with = "milliseconds")]
    pub lost: Duration,
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
    /// The chance that it is down at this moment, by its failures since the last good answer. `success` does not hold it.
    pub down: f64,
    /// How far the figures may be off.
    pub doubt: Doubt,
    /// Requests of late that this rests on, older ones counted less. With none, all of it is assumed.
    pub samples: f64,
}

/// Standard errors: how far off what is expected may be for want of experience, not how much one request differs from
/// another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Doubt {
    /// Of the natural logarithm of the whole time.
    pub time: f64,
    /// Of the natural logarithm of the cost.
    pub cost: f64,
    /// Of the chance of an answer.
    pub success: f64,
}

/// An expected time with the bound that it stays under with 95 % confidence.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Span {
    /// Expected.
    #[serde(rename = "expected_ms", serialize_with = "milliseconds")]
    pub expected: Duration,
    /// Half of the requests take no longer.
    #[serde(rename = "typical_ms", serialize_with = "milliseconds")]
    pub typical: Duration,
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
    let (answers, tokens) = experience.answers();
    let usual = (ANSWER * ANSWERS_ASSUMED + tokens) / (ANSWERS_ASSUMED + answers);
    let output =
        known.output(usual * assumed((1.0, THINKS))).min(longest.map_or(f64::INFINITY, |longest| longest as f64));
    let first = known.time(|cell| cell.first_token, assumed(FIRST_TOKEN));
    let each = known.time(|cell| cell.each_token, EACH_TOKEN).times(output);
    let (cost, cost_at_most) = known.costs(target, request.prompt, output, longest, now);
    let (success, success_doubt) = known.success();
    let doubt = Doubt { time: first.doubt_with(&each), cost: known.cost_doubt(), success: success_doubt };
    Forecast {
        first_token: first.span(),
        total: first.and_then(&each),
        lost: seconds(known.lost(first.expected)),
        output_tokens: output,
        cache_share: known.cache_share(),
        cost,
        cost_at_most,
        success,
        down: known.down(now),
        doubt,
        samples: known.samples(),
    }
}

fn seconds(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds.max(0.0)).unwrap_or(Duration::from_hours(24))
}

/// Seconds that something takes.
struct Time {
    typical: f64,
    expected: f64,
    upper: f64,
    /// The standard error of its logarithm.
    doubt: f64,
}

impl Time {
    /// The time of that many of it.
    fn times(self, count: f64) -> Self {
        Self { typical: self.typical * count, expected: self.expected * count, upper: self.upper * count, ..self }
    }

    fn span(&self) -> Span {
        Span { expected: seconds(self.expected), typical: seconds(self.typical), upper: seconds(self.upper) }
    }

    /// One after the other.
    fn and_then(&self, next: &Self) -> Span {
        Span {
            expected: seconds(self.expected + next.expected),
            typical: seconds(self.typical + next.typical),
            upper: seconds(self.upper + next.upper),
        }
    }

    /// The standard error of the logarithm of both together: what makes one slow makes the other slow.
    fn doubt_with(&self, next: &Self) -> f64 {
        let weighted = self.doubt * self.typical + next.doubt * next.typical;
        weighted / (self.typical + next.typical).max(f64::MIN_POSITIVE)
    }
}

/// A cell with what is left of it now.
type Faded<'a> = Option<(f64, &'a Cell)>;

/// The cells that a forecast reads, as they are now.
struct Known<'a> {
    all: Faded<'a>,
    size: Faded<'a>,
    hour: Faded<'a>,
    exact: Faded<'a>,
    recent: Faded<'a>,
    detail: Detail,
}

impl<'a> Known<'a> {
    fn read(target: &Target, experience: &'a Experience, request: Sort, detail: Detail, now: Timestamp) -> Self {
        let cells = experience.of(&target.id);
        let fresh = |key: CellKey| {
            let cell = cells?.get(key)?;
            Some((cell.left(key, now), cell))
        };
        let [all, size, hour, exact, recent] = CellKey::of(request);
        let narrow = |key| if detail == Detail::Exact { fresh(key) } else { None };
        Self {
            all: fresh(all),
            size: fresh(size),
            hour: narrow(hour),
            exact: narrow(exact),
            recent: narrow(recent),
            detail,
        }
    }

    fn samples(&self) -> f64 {
        self.all.map_or(0.0, |(left, cell)| left * (cell.requests + cell.truncated))
    }

    /// A mean over the cells: the narrowest weighs by its own requests, the wider ones stand in for what it lacks.
    fn shrunk(&self, assumed: f64, weight: f64, read: impl Fn(&Cell) -> (f64, f64)) -> f64 {
        let cells = [(self.all, weight), (self.size, PARENT), (self.hour, PARENT), (self.exact, PARENT)];
        cells.into_iter().fold(assumed, |mean, (cell, prior)| {
            let Some((left, cell)) = cell else { return mean };
            let (count, sum) = read(cell);
            (mean * prior + sum * left) / (count * left + prior)
        })
    }

    /// Means of logarithms, as times are spread. What the size, the hour and the last minutes do to a time is added up, each
    /// shrunk to what is known without it.
    fn time(&self, read: impl Fn(&Cell) -> Moments, assumed: f64) -> Time {
        let of = |cell: Faded<'_>| cell.map_or(Moments::default(), |(left, cell)| read(cell).faded(left));
        let all = of(self.all);
        let (mean, seen_variance) = all.mean_and_variance().unwrap_or((assumed.ln(), 0.0));
        let apart = |cell: Moments, from: f64, weight: f64| (cell.sum - cell.count * from) / (cell.count + weight);
        let (hour, exact, recent) = (of(self.hour), of(self.exact), of(self.recent));
        let by_size = apart(of(self.size), mean, PARENT);
        let by_hour = apart(hour, mean, PARENT);
        let both = by_size + by_hour;
        let by_sort = both + apart(exact, mean + both, PARENT);
        let now = by_sort + apart(recent, mean + by_hour, USUAL);
        let base = (assumed.ln() * ASSUMED + all.sum) / (all.count + ASSUMED);
        let weight = ASSUMED + all.count;
        let variance = (ASSUMED * SPREAD * SPREAD + all.count * seen_variance) / weight;
        let mood = match self.detail {
            Detail::Size => 0.0,
            Detail::Exact => MOOD * MOOD * PARENT / (PARENT + hour.count) * USUAL / (USUAL + recent.count),
        };
        let typical = (base + now).exp();
        let expected = typical * (variance / 2.0).exp();
        let error = variance / weight;
        let upper = expected * (BOUND * error.sqrt()).exp();
        Time { typical, expected, upper, doubt: (error + mood).sqrt() }
    }

    /// What a limit cut short would have been at least so long: it may make the expected answer longer, never shorter.
    fn output(&self, assumed: f64) -> f64 {
        let whole = self.shrunk(assumed, ANSWER_ASSUMED, |cell| (cell.counted, cell.output));
        let all = |cell: &Cell| (cell.counted + cell.truncated, cell.output + cell.truncated_output);
        whole.max(self.shrunk(assumed, ANSWER_ASSUMED, all)).max(1.0)
    }

    /// The chance of an answer, with its standard error.
    fn success(&self) -> (f64, f64) {
        let success = 1.0 - self.shrunk(FAILS, FAILS_ASSUMED, |cell| (cell.requests, cell.failures)).clamp(0.0, 1.0);
        let ended = self.all.map_or(0.0, |(left, cell)| left * cell.requests);
        (success, (success * (1.0 - success) / (FAILS_ASSUMED + ended)).sqrt())
    }

    /// Each failure in a row makes an outage more likely; and one that has lasted so long is over after as long again with
    /// a chance of one half (Lindy's law: outages last minutes or days, and nobody knows which).
    fn down(&self, now: Timestamp) -> f64 {
        let Some((_, cell)) = self.all.filter(|(_, cell)| cell.in_a_row > 0) else { return 0.0 };
        let lasted = cell.updated.duration_since(cell.failing_since).as_secs_f64().max(SHORTEST_OUTAGE);
        let since = now.duration_since(cell.updated).as_secs_f64().max(0.0);
        let outage = 1.0 - 0.5_f64.powi(i32::try_from(cell.in_a_row).unwrap_or(i32::MAX));
        outage * lasted / (lasted + since)
    }

    /// An error comes about when a first token would, where it is not known better.
    fn lost(&self, first_token: f64) -> f64 {
        let (counted, lost) = self.all.map_or((0.0, 0.0), |(left, cell)| (left * cell.lost_counted, left * cell.lost));
        (first_token + lost) / (1.0 + counted)
    }

    /// A share of one sum in another, of what was seen; 0 where nothing was.
    fn ratio(&self, part: impl Fn(&Cell) -> f64, whole: impl Fn(&Cell) -> f64) -> f64 {
        let Some((_, cell)) = self.all else { return 0.0 };
        if whole(cell) > 0.0 { (part(cell) / whole(cell)).clamp(0.0, 1.0) } else { 0.0 }
    }

    fn cache_share(&self) -> f64 {
        self.ratio(|cell| cell.cache_read, |cell| cell.input)
    }

    /// The prompt as the provider will count it: earlier counts show how far the estimate is off.
    fn prompt(&self, estimate: u64) -> u64 {
        let (expected, counted) =
            self.all.map_or((0.0, 0.0), |(left, cell)| (left * cell.expected, left * cell.as_counted));
        share_of(estimate as f64, (counted + PROMPT_ASSUMED) / (expected + PROMPT_ASSUMED))
    }

    fn cost_doubt(&self) -> f64 {
        let counted = self.all.map_or(0.0, |(left, cell)| left * cell.counted);
        ANSWER_SPREAD / (ANSWER_ASSUMED + counted).sqrt()
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
        let prompt = self.prompt(prompt);
        let thinking = self.ratio(|cell| cell.reasoning, |cell| cell.output);
        let rates = model.rates(prompt, now);
        let cost = |output: f64| cost(rates.as_ref()?, prompt, self.cache_share(), output, thinking);
        let most = longest.map_or(2.0 * output, |longest| longest as f64);
        (cost(output), cost(most.max(output)))
    }
}

fn cost(rates: &Rates, prompt: u64, cached: f64, output: f64, thinking: f64) -> Option<Usd> {
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
