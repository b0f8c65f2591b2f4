//! What prompts will cost on a model, before anything is sent: their tokens and those of the answers, each with what they may as
//! well be, at today's prices.

use jiff::Timestamp;
use serde::Serialize;

use crate::catalog::{Model, Rates, Unit};
use crate::money::Usd;
use crate::route::estimate::Band;

/// Standard deviation of the natural logarithm of the tokens of answers to one model.
const SPREAD: f64 = 0.8;
/// Standard deviations to each side of a band: 90 % lie within.
const BAND: f64 = 1.645;

/// The tokens of each prompt as one model reads them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Prompts {
    /// Expected.
    pub tokens: Vec<u64>,
    /// What a figure of 1 may as well be.
    pub doubt: Option<Band>,
}

/// How long answers are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Answers {
    /// All of that length, said by the user.
    Said(u64),
    /// The quantile of a usual length: so many standard deviations above the median.
    Quantile {
        /// The mean.
        mean: f64,
        /// Standard deviations.
        deviations: f64,
    },
    /// Of lengths that were seen.
    Seen {
        /// Their mean.
        mean: f64,
        /// One in twenty was no longer.
        low: f64,
        /// One in twenty was longer.
        high: f64,
        /// How many were seen.
        count: usize,
    },
    /// Of a usual length, with the standard error of its logarithm.
    Usual {
        /// The mean.
        mean: f64,
        /// The standard error.
        doubt: f64,
    },
}

/// What it will cost.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Estimate {
    /// Tokens of all prompts.
    pub tokens_in: u64,
    /// Tokens of all answers, thinking included.
    pub tokens_out: u64,
    /// Dollars; `None` when a price is unknown.
    pub cost_usd: Option<Usd>,
    /// At the lower end of the band.
    pub low_usd: Option<Usd>,
    /// At its upper end.
    pub high_usd: Option<Usd>,
    /// Prompts that do not fit the window with their answers.
    pub too_long: u64,
    /// Answers are longer than the model gives: they were taken to be as long as it gives.
    pub cut: bool,
}

/// What the prompts will cost on a model of which `cached` of each prompt, a share, comes from a cache.
pub fn estimate(model: &Model, prompts: &Prompts, answers: Answers, cached: f64, now: Timestamp) -> Estimate {
    let [low, expected, high] = answers.tokens(prompts.tokens.len());
    let most = model.max_output.map_or(f64::INFINITY, |most| most as f64);
    let answer = |tokens: f64| whole(tokens.min(most));
    let (less, more) = prompts.doubt.map_or((1.0, 1.0), |band| (band.low / band.expected, band.high / band.expected));
    let cost = |factor: f64, output: f64| prompts.cost(model, factor, answer(output), cached, now);
    let output = answer(expected);
    let fits = |input: u64| {
        model.max_input.is_none_or(|most| input <= most)
            && model.context.is_none_or(|window| input.saturating_add(output) <= window)
    };
    Estimate {
        tokens_in: prompts.tokens.iter().sum(),
        tokens_out: output.saturating_mul(prompts.tokens.len() as u64),
        cost_usd: cost(1.0, expected),
        low_usd: cost(less, low),
        high_usd: cost(more, high),
        too_long: prompts.tokens.iter().filter(|input| !fits(**input)).count() as u64,
        cut: expected > most,
    }
}

impl Answers {
    /// The tokens of each of that many answers, as a mean: at least, expected, at most.
    fn tokens(self, count: usize) -> [f64; 3] {
        match self {
            Self::Said(tokens) => [tokens as f64; 3],
            Self::Quantile { mean, deviations } => [mean * (SPREAD * deviations - SPREAD * SPREAD / 2.0).exp(); 3],
            Self::Seen { mean, low, high, count: seen } => {
                // One answer is as long as those that were seen; many level out, as far as so many tell their mean.
                let share = (1.0 / count.max(1) as f64 + 1.0 / seen.max(1) as f64).sqrt().min(1.0);
                [mean - (mean - low).max(0.0) * share, mean, mean + (high - mean).max(0.0) * share]
            }
            Self::Usual { mean, doubt } => {
                // Long and short answers level out, what is not known of their mean does not.
                let one = ((SPREAD * SPREAD).exp() - 1.0) / count.max(1) as f64;
                let variance = one.ln_1p() + doubt * doubt;
                let at = |deviations: f64| mean * (deviations * variance.sqrt() - variance / 2.0).exp();
                [at(-BAND), mean, at(BAND).max(mean)]
            }
        }
    }
}

impl Prompts {
    /// `None` when a price is unknown.
    fn cost(&self, model: &Model, factor: f64, output: u64, cached: f64, now: Timestamp) -> Option<Usd> {
        let scaled = |tokens: u64| whole(tokens as f64 * factor);
        let longest = scaled(self.tokens.iter().copied().max().unwrap_or(0));
        let (first, last) = (model.rates(1, now), model.rates(longest, now));
        if first == last {
            let input = scaled(self.tokens.iter().sum());
            return price(&first?, input, output.saturating_mul(self.tokens.len() as u64), cached);
        }
        let each = |tokens: &u64| {
            let tokens = scaled(*tokens);
            price(&model.rates(tokens, now)?, tokens, output, cached)
        };
        self.tokens.iter().map(each).sum()
    }
}

fn price(rates: &Rates, input: u64, output: u64, cached: f64) -> Option<Usd> {
    let read = whole(input as f64 * cached);
    let units = [(Unit::Input, input.saturating_sub(read)), (Unit::CacheRead, read), (Unit::Output, output)];
    units.into_iter().filter(|(_, count)| *count > 0).map(|(unit, count)| Some(rates.get(unit)? * count)).sum()
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "numbers of tokens are positive")]
fn whole(tokens: f64) -> u64 {
    tokens.round().max(0.0) as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Catalog;

    fn model(provider: &str, id: &str) -> Model {
        Catalog::builtin().find(provider, id).expect("in the catalogue")
    }

    fn now() -> Timestamp {
        "2026-11-18T12:00:00Z".parse().expect("a moment")
    }

    fn exact(tokens: &[u64]) -> Prompts {
        Prompts { tokens: tokens.to_vec(), doubt: None }
    }

    #[test]
    fn what_is_known_exactly_has_no_band() {
        // 2.50 and 10 dollars a million.
        let known = estimate(&model("openai", "gpt-4o"), &exact(&[1_000]), Answers::Said(500), 0.0, now());
        assert_eq!(known.cost_usd, Usd::parse("0.0075"));
        assert_eq!((known.low_usd, known.high_usd), (known.cost_usd, known.cost_usd));
    }

    #[test]
    fn every_prompt_is_priced_by_its_own_tier() {
        let tiers =
            estimate(&model("gemini", "gemini-2.5-pro"), &exact(&[100_000, 250_000]), Answers::Said(1_000), 0.0, now());
        // 100,000 at 1.25 and 250,000 at 2.50; answers at 10 and 15.
        assert_eq!(tiers.cost_usd, Usd::parse("0.775"));
    }

    #[test]
    fn what_comes_from_a_cache_has_its_own_price() {
        // From the cache 1.25 dollars a million.
        let cached = estimate(&model("openai", "gpt-4o"), &exact(&[1_000]), Answers::Said(0), 0.8, now());
        assert_eq!(cached.cost_usd, Usd::parse("0.0015"));
    }

    #[test]
    fn the_band_of_many_answers_is_narrower_than_that_of_one() {
        let wide = |count: usize| {
            let prompts = exact(&vec![100; count]);
            let usual = Answers::Usual { mean: 400.0, doubt: 0.1 };
            let it = estimate(&model("openai", "gpt-4o"), &prompts, usual, 0.0, now());
            let pico = |usd: Option<Usd>| usd.expect("known").pico() as f64;
            assert!(it.low_usd < it.cost_usd && it.cost_usd < it.high_usd, "{it:?}");
            pico(it.high_usd) / pico(it.low_usd)
        };
        assert!(wide(1) > 3.0 * wide(1_000), "{} {}", wide(1), wide(1_000));
    }

    #[test]
    fn what_does_not_fit_and_what_is_unknown_is_said() {
        let small = Model { context: Some(1_000), max_output: Some(300), ..model("openai", "gpt-4o") };
        let it = estimate(&small, &exact(&[100, 800, 2_000]), Answers::Said(500), 0.0, now());
        assert_eq!((it.too_long, it.cut, it.tokens_out), (2, true, 900));
        let unknown = estimate(&Model::default(), &exact(&[100]), Answers::Said(5), 0.0, now());
        assert_eq!((unknown.cost_usd, unknown.high_usd), (None, None));
    }

    #[test]
    fn the_band_of_what_was_seen_is_from_the_shortest_to_the_longest_but_for_one_in_twenty() {
        let seen = Answers::Seen { mean: 70.0, low: 62.0, high: 74.0, count: 100 };
        assert_eq!(seen.tokens(1).map(whole), [62, 70, 74]);
        let [low, mean, high] = seen.tokens(10_000);
        assert!(69.0 < low && low < mean && mean < high && high < 70.5, "{low} {high}");
    }

    #[test]
    fn quantiles_rise_and_the_median_is_below_the_mean() {
        let tokens = |deviations: f64| Answers::Quantile { mean: 400.0, deviations }.tokens(1)[1];
        assert!(tokens(0.0) < 400.0 && tokens(0.0) < tokens(1.2816) && tokens(1.2816) < tokens(1.6449));
    }
}
