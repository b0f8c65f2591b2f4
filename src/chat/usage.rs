//! Token counts: as a provider reported them ([`Usage`]), and as disjoint [`Buckets`] over which cost is a plain sum.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::money::Usd;

/// Token counts as the provider reported them, with the rule by which it counts.
///
/// A field is `None` when it was not reported; absent is unknown, never 0.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Usage {
    /// Prompt tokens.
    pub input: Option<u64>,
    /// Prompt tokens read from a cache.
    pub cache_read: Option<u64>,
    /// Prompt tokens written to a cache, all life times together.
    pub cache_write: Option<u64>,
    /// Of [`Usage::cache_write`], those written for an hour.
    pub cache_write_1h: Option<u64>,
    /// Answer tokens.
    pub output: Option<u64>,
    /// Tokens spent on thinking.
    pub reasoning: Option<u64>,
    /// Audio tokens among the prompt tokens.
    pub audio_in: Option<u64>,
    /// Audio tokens among the answer tokens.
    pub audio_out: Option<u64>,
    /// Prompt tokens of tools run by the provider, where counted beside `input` (Gemini `toolUsePromptTokenCount`).
    pub tool_input: Option<u64>,
    /// Answer tokens as the provider's total tells them, where it left [`Usage::output`] out (Gemini leaves out a 0).
    pub output_by_total: Option<u64>,
    /// How this provider counts.
    pub counting: Counting,
    /// Prompt and answer tokens that are billed, where the provider counts those apart (Cohere `billed_units`).
    pub billed: Option<(u64, u64)>,
    /// What the provider says the call cost.
    pub cost: Option<Usd>,
    /// The processing tier that the response names (`flex`, `priority`, `default`, …).
    pub service_tier: Option<String>,
    /// The provider's usage object as it came, for the ledger.
    pub raw: Value,
}

/// Where a provider counts cached and reasoning tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counting {
    /// `input` leaves out cached tokens (Anthropic); otherwise it includes them.
    pub cache_outside_input: bool,
    /// `output` leaves out reasoning tokens (Gemini, xAI chat); otherwise it includes them.
    pub reasoning_outside_output: bool,
}

/// Disjoint token counts: cost is a plain sum over them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Buckets {
    /// Prompt tokens that were neither read from nor written to a cache, audio excluded.
    pub input: u64,
    /// Prompt tokens read from a cache.
    pub cache_read: u64,
    /// Prompt tokens written to a cache for five minutes, or for the provider's only time.
    pub cache_write_5m: u64,
    /// Prompt tokens written to a cache for an hour.
    pub cache_write_1h: u64,
    /// Audio prompt tokens.
    pub audio_in: u64,
    /// Answer tokens that are neither reasoning nor audio.
    pub output: u64,
    /// Reasoning tokens.
    pub reasoning: u64,
    /// Audio answer tokens.
    pub audio_out: u64,
    /// The reported numbers contradicted each other (say, more cached than prompt tokens) and were clamped.
    pub inconsistent: bool,
}

impl Buckets {
    /// All prompt tokens.
    pub fn input_total(&self) -> u64 {
        let parts = [self.input, self.cache_read, self.cache_write_5m, self.cache_write_1h, self.audio_in];
        parts.into_iter().fold(0, u64::saturating_add)
    }

    /// All answer tokens, reasoning included.
    pub fn output_total(&self) -> u64 {
        self.output.saturating_add(self.reasoning).saturating_add(self.audio_out)
    }
}

impl Usage {
    /// Takes every field that `later` reports; the last word counts, and nothing is summed.
    pub fn update(&mut self, later: Self) {
        fn take<T>(field: &mut Option<T>, later: Option<T>) {
            if later.is_some() {
                *field = later;
            }
        }
        take(&mut self.input, later.input);
        take(&mut self.cache_read, later.cache_read);
        take(&mut self.cache_write, later.cache_write);
        take(&mut self.cache_write_1h, later.cache_write_1h);
        take(&mut self.output, later.output);
        take(&mut self.reasoning, later.reasoning);
        take(&mut self.audio_in, later.audio_in);
        take(&mut self.audio_out, later.audio_out);
        take(&mut self.tool_input, later.tool_input);
        take(&mut self.billed, later.billed);
        take(&mut self.output_by_total, later.output_by_total);
        take(&mut self.cost, later.cost);
        take(&mut self.service_tier, later.service_tier);
        self.counting = later.counting;
        if !later.raw.is_null() {
            self.raw = later.raw;
        }
    }

    /// The buckets that are billed, or `None` when they are unknown.
    pub fn billed_buckets(&self) -> Option<Buckets> {
        match self.billed {
            Some((input, output)) => Some(Buckets { input, output, ..Buckets::default() }),
            None => self.buckets(),
        }
    }

    /// The counts as disjoint buckets, or `None` when the prompt or the answer was not counted.
    ///
    /// Contradictory numbers are clamped and flagged, never negative.
    pub fn buckets(&self) -> Option<Buckets> {
        let (input, output) = (self.input?, self.output.or(self.output_by_total)?);
        let mut inconsistent = false;
        let mut remainder = |total: u64, part: u64| {
            inconsistent |= part > total;
            total.saturating_sub(part)
        };
        let read = self.cache_read.unwrap_or(0);
        let write = self.cache_write.unwrap_or(0).max(self.cache_write_1h.unwrap_or(0));
        let write_1h = self.cache_write_1h.unwrap_or(0);
        let audio_in = self.audio_in.unwrap_or(0);
        let cached = if self.counting.cache_outside_input { 0 } else { read.saturating_add(write) };
        let plain = remainder(input, cached.saturating_add(audio_in)).saturating_add(self.tool_input.unwrap_or(0));
        let reasoning = self.reasoning.unwrap_or(0);
        let audio_out = self.audio_out.unwrap_or(0);
        let thought = if self.counting.reasoning_outside_output { 0 } else { reasoning };
        let answer = remainder(output, thought.saturating_add(audio_out));
        Some(Buckets {
            input: plain,
            cache_read: read,
            cache_write_5m: write - write_1h,
            cache_write_1h: write_1h,
            audio_in,
            output: answer,
            reasoning,
            audio_out,
            inconsistent,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usage(input: u64, output: u64) -> Usage {
        Usage { input: Some(input), output: Some(output), ..Usage::default() }
    }

    #[test]
    fn cached_tokens_inside_the_prompt_count_are_taken_out() {
        let counts = Usage { cache_read: Some(8000), reasoning: Some(1200), ..usage(10_000, 1500) };
        let buckets = counts.buckets().expect("counted");
        assert_eq!((buckets.input, buckets.cache_read, buckets.output, buckets.reasoning), (2000, 8000, 300, 1200));
        assert_eq!((buckets.input_total(), buckets.output_total()), (10_000, 1500));
    }

    #[test]
    fn cached_and_reasoning_tokens_outside_the_counts_are_added() {
        let counting = Counting { cache_outside_input: true, reasoning_outside_output: true };
        let counts = Usage {
            cache_read: Some(50_000),
            cache_write: Some(10_000),
            cache_write_1h: Some(4000),
            reasoning: Some(900),
            counting,
            ..usage(2000, 300)
        };
        let buckets = counts.buckets().expect("counted");
        assert_eq!((buckets.input_total(), buckets.output_total()), (62_000, 1200));
        assert_eq!((buckets.cache_write_5m, buckets.cache_write_1h), (6000, 4000));
    }

    #[test]
    fn contradictory_counts_are_clamped_and_flagged() {
        let buckets = Usage { cache_read: Some(200), ..usage(100, 5) }.buckets().expect("counted");
        assert_eq!((buckets.input, buckets.inconsistent), (0, true));
    }

    #[test]
    fn what_is_billed_may_be_less_than_what_was_counted() {
        let counts = Usage { billed: Some((9, 2)), cache_read: Some(50), ..usage(1394, 4) };
        let billed = counts.billed_buckets().expect("counted");
        assert_eq!((billed.input, billed.cache_read, billed.output), (9, 0, 2));
        assert_eq!(usage(3, 4).billed_buckets(), usage(3, 4).buckets());
    }

    #[test]
    fn absent_counts_are_unknown() {
        assert_eq!(Usage { output: Some(3), ..Usage::default() }.buckets(), None);
    }
}
