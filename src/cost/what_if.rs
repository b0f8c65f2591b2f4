//! What past traffic would have cost on another model: tokens as its tokenizer counts them, at its prices, and the requests
//! that it could not have served.
//!
//! Most requests are told by their sums; those that a window, a limit or a tier may treat otherwise stand one by one.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use super::spent::{QUARTER_MS, Spending, Sums};
use crate::catalog::{Model, Rates, Unit};
use crate::money::Usd;
use crate::route::estimate::Band;

/// Milliseconds in a week: prices may depend on its day and hour.
const WEEK_MS: i64 = 7 * 24 * 60 * 60 * 1000;

/// From which sizes on requests stand one by one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sizes {
    /// Tokens of the prompt.
    pub input: u64,
    /// Tokens of the answer.
    pub output: u64,
}

impl Sizes {
    /// Below these no model of the catalogue that is worth a look has a window, a limit or a tier. The ledger has an index of
    /// what is not below them.
    pub const USUAL: Self = Self { input: 16_000, output: 2_000 };

    /// Small enough for the windows and limits of these models, whatever their tokenizers make of a text.
    pub fn for_models<'a>(models: impl IntoIterator<Item = &'a Model>) -> Self {
        models.into_iter().fold(Self::USUAL, |sizes, model| {
            let window = model.context.map(|window| window / 4);
            let least = |usual: u64, limits: [Option<u64>; 2]| limits.into_iter().flatten().fold(usual, u64::min);
            Self {
                input: least(sizes.input, [window, model.max_input.map(|most| most / 2)]),
                output: least(sizes.output, [window, model.max_output.map(|most| most / 2)]),
            }
        })
    }
}

/// One large request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Large {
    /// When it was sent, in milliseconds since 1970 UTC.
    pub started_ms: i64,
    /// The spender's number.
    pub spender: u32,
    /// All tokens of the prompt.
    pub input: u64,
    /// Of these, read from a cache.
    pub cache_read: u64,
    /// Of these, written to a cache.
    pub cache_write: u64,
    /// All tokens of the answer.
    pub output: u64,
    /// Of these, thinking.
    pub reasoning: u64,
}

/// Whose tokens a count is in: a family and its tokens for one of `o200k_base`.
#[derive(Clone, Debug, PartialEq)]
pub struct Reader {
    /// The family.
    pub family: String,
    /// Its factor.
    pub band: Band,
}

/// Past requests.
#[derive(Debug)]
pub struct Traffic<'a> {
    /// All of them, as sums.
    pub spending: &'a Spending,
    /// Those that are large, which are in the sums too.
    pub large: &'a [Large],
    /// Who counts, and in whose tokens each one's are. Others are left out.
    pub readers: &'a BTreeMap<u32, Reader>,
    /// Requests with tools on offer, where that matters.
    pub with_tools: &'a BTreeMap<u32, u64>,
}

/// What it would have been on another model.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Outcome {
    /// What it would have cost; `None` when a price is unknown.
    pub cost_usd: Option<Usd>,
    /// The same when tokenizers differ as little, or as much, as they may.
    pub low_usd: Option<Usd>,
    /// See [`Outcome::low_usd`].
    pub high_usd: Option<Usd>,
    /// Prompt tokens as the model would have counted them.
    pub input: u64,
    /// Answer tokens.
    pub output: u64,
    /// Prompts that do not fit its window, or not with their answers.
    pub too_long: u64,
    /// Answers that are longer than it gives.
    pub cut: u64,
    /// Requests with tools, where it has none.
    pub without_tools: u64,
}

/// What past requests were.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Past {
    /// Requests.
    pub requests: u64,
    /// Of these, without counts of tokens: they are in no figure of a model.
    pub uncounted: u64,
    /// Known costs.
    pub cost_usd: Usd,
    /// Requests that may have been billed an unknown amount.
    pub unknown: u64,
    /// Prompt tokens as they were counted.
    pub input: u64,
    /// Of these, read from a cache.
    pub cache_read: u64,
    /// Of these, written to a cache.
    pub cache_write: u64,
    /// Answer tokens.
    pub output: u64,
}

/// Counts in another's tokens.
#[derive(Clone, Copy, Default)]
struct Counts {
    input: u64,
    cache_read: u64,
    cache_write: u64,
    output: u64,
    reasoning: u64,
}

impl Traffic<'_> {
    /// What it was.
    pub fn past(&self) -> Past {
        let cells = self.spending.cells.iter().filter(|cell| self.readers.contains_key(&cell.spender));
        let mut sums = Sums::default();
        cells.for_each(|cell| sums += cell.sums);
        Past {
            requests: sums.requests,
            uncounted: sums.uncounted,
            cost_usd: sums.cost,
            unknown: sums.unknown,
            input: sums.input,
            cache_read: sums.cache_read,
            cache_write: sums.cache_write,
            output: sums.output,
        }
    }

    /// What it would have been on that model, at the prices that it has at these hours of the week before `now`.
    pub fn on(&self, model: &Model, reader: &Reader, now: Timestamp) -> Outcome {
        let mut outcome = Outcome::default();
        let mut costs = [Some(Usd::ZERO); 3];
        let ratios = |spender: &u32| self.readers.get(spender).map(|from| ratios(from, reader));
        let mut add = |ratios: [f64; 3], counts: Counts, rates: Option<Rates>| {
            for (sum, ratio) in costs.iter_mut().zip(ratios) {
                *sum = (*sum).zip(cost(rates.as_ref(), counts.times(ratio))).map(|(sum, more)| sum + more);
            }
            let expected = counts.times(ratios[1]);
            outcome.input += expected.input;
            outcome.output += expected.output;
        };
        for ((spender, slot), counts) in self.small() {
            let Some(ratios) = ratios(&spender) else { continue };
            // A small prompt is below every tier.
            add(ratios, counts, model.rates(1, at(slot * QUARTER_MS, now)));
        }
        for large in self.large {
            let Some(ratios) = ratios(&large.spender) else { continue };
            let counts = Counts::of(large);
            let there = counts.times(ratios[1]);
            add(ratios, counts, model.rates(there.input, at(large.started_ms, now)));
            let fits = |limit: Option<u64>, tokens: u64| limit.is_none_or(|limit| tokens <= limit);
            let fits_window = fits(model.max_input, there.input) && fits(model.context, there.input + there.output);
            outcome.too_long += u64::from(!fits_window);
            outcome.cut += u64::from(!fits(model.max_output, there.output));
        }
        if model.abilities.tools == Some(false) {
            let counted = self.with_tools.iter().filter(|(spender, _)| self.readers.contains_key(spender));
            outcome.without_tools = counted.map(|(_, count)| count).sum();
        }
        let [low, expected, high] = costs;
        Outcome { cost_usd: expected, low_usd: low, high_usd: high, ..outcome }
    }

    /// Sums without the large ones, by spender and quarter of the week.
    fn small(&self) -> BTreeMap<(u32, i64), Counts> {
        let slot = |quarter: i64| quarter.rem_euclid(WEEK_MS / QUARTER_MS);
        let mut small: BTreeMap<(u32, i64), Counts> = BTreeMap::new();
        for cell in &self.spending.cells {
            small.entry((cell.spender, slot(cell.quarter))).or_default().add(&cell.sums);
        }
        for large in self.large {
            let key = (large.spender, slot(large.started_ms.div_euclid(QUARTER_MS)));
            small.entry(key).or_default().take(large);
        }
        small
    }
}

/// By how much counts of one are those of another: at least, as expected, at most. Within a family nothing changes.
fn ratios(from: &Reader, to: &Reader) -> [f64; 3] {
    if from.family == to.family {
        return [1.0; 3];
    }
    let expected = to.band.expected / from.band.expected;
    let wide = |band: Band| (band.high / band.expected).ln();
    let doubt = wide(from.band).hypot(wide(to.band)).exp();
    [expected / doubt, expected, expected * doubt]
}

/// A moment of the week before `now`, of the same day and hour of the week.
fn at(ms: i64, now: Timestamp) -> Timestamp {
    let now_ms = now.as_millisecond();
    Timestamp::from_millisecond(now_ms - (now_ms - ms).rem_euclid(WEEK_MS)).unwrap_or(now)
}

/// `None` when a price is unknown. Nothing costs nothing.
fn cost(rates: Option<&Rates>, counts: Counts) -> Option<Usd> {
    let units = [
        (Unit::Input, counts.input.saturating_sub(counts.cache_read.saturating_add(counts.cache_write))),
        (Unit::CacheRead, counts.cache_read),
        (Unit::CacheWrite5m, counts.cache_write),
        (Unit::Output, counts.output.saturating_sub(counts.reasoning)),
        (Unit::Reasoning, counts.reasoning),
    ];
    units.into_iter().filter(|(_, count)| *count > 0).map(|(unit, count)| Some(rates?.get(unit)? * count)).sum()
}

impl Counts {
    fn of(large: &Large) -> Self {
        let Large { input, cache_read, cache_write, output, reasoning, .. } = *large;
        Self { input, cache_read, cache_write, output, reasoning }
    }

    fn add(&mut self, sums: &Sums) {
        self.input += sums.input;
        self.cache_read += sums.cache_read;
        self.cache_write += sums.cache_write;
        self.output += sums.output;
        self.reasoning += sums.reasoning;
    }

    fn take(&mut self, large: &Large) {
        self.input = self.input.saturating_sub(large.input);
        self.cache_read = self.cache_read.saturating_sub(large.cache_read);
        self.cache_write = self.cache_write.saturating_sub(large.cache_write);
        self.output = self.output.saturating_sub(large.output);
        self.reasoning = self.reasoning.saturating_sub(large.reasoning);
    }

    fn times(self, ratio: f64) -> Self {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "numbers of tokens are positive")]
        let scaled = |count: u64| (count as f64 * ratio).round() as u64;
        Self {
            input: scaled(self.input),
            cache_read: scaled(self.cache_read),
            cache_write: scaled(self.cache_write),
            output: scaled(self.output),
            reasoning: scaled(self.reasoning),
        }
    }
}

#[cfg(test)]
mod tests;
