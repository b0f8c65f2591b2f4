//! Token counts as a provider reported them, with the rule by which it counts.

use serde_json::Value;

use super::buckets::{Buckets, SearchContext};
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
    /// Of [`Usage::cache_read`], audio.
    pub audio_cache_read: Option<u64>,
    /// Of [`Usage::cache_read`], images.
    pub image_cache_read: Option<u64>,
    /// Prompt tokens written to a cache, all life times together.
    pub cache_write: Option<u64>,
    /// Of [`Usage::cache_write`], those written for an hour.
    pub cache_write_1h: Option<u64>,
    /// Of [`Usage::cache_write`], those written for twelve hours.
    pub cache_write_12h: Option<u64>,
    /// Answer tokens.
    pub output: Option<u64>,
    /// Tokens spent on thinking.
    pub reasoning: Option<u64>,
    /// Audio tokens among the prompt tokens, cached ones included.
    pub audio_in: Option<u64>,
    /// Audio tokens among the answer tokens.
    pub audio_out: Option<u64>,
    /// Tokens of images and documents among the prompt tokens, cached ones included.
    pub image_in: Option<u64>,
    /// Tokens of images among the answer tokens.
    pub image_out: Option<u64>,
    /// Tokens of videos among the prompt tokens.
    pub video_in: Option<u64>,
    /// Prompt tokens of tools run by the provider, where counted beside `input` (Gemini `toolUsePromptTokenCount`).
    pub tool_input: Option<u64>,
    /// Tokens of citations, counted beside prompt and answer (Perplexity).
    pub citation: Option<u64>,
    /// Answer tokens as the provider's total tells them, where it left [`Usage::output`] out (Gemini leaves out a 0).
    pub output_by_total: Option<u64>,
    /// All tokens together by the provider's own sum.
    pub total: Option<u64>,
    /// Parts were told that are more than what they are parts of.
    pub parts_exceed: bool,
    /// Searches of the web that the provider ran.
    pub web_searches: Option<u64>,
    /// Searches of the user's files that the provider ran.
    pub file_searches: Option<u64>,
    /// How much of what it found a search took in, where its fee depends on that.
    pub search_context: Option<SearchContext>,
    /// Images that are billed one by one.
    pub images: Option<u64>,
    /// Seconds of audio in the prompt.
    pub audio_seconds: Option<u64>,
    /// It counts one request, as what a provider reports does; a sum of counts from elsewhere tells of none.
    pub is_request: bool,
    /// How this provider counts.
    pub counting: Counting,
    /// Prompt and answer tokens that are billed, where the provider counts those apart (Cohere `billed_units`).
    pub billed: Option<(u64, u64)>,
    /// What the provider says the call cost.
    pub cost: Option<Usd>,
    /// The processing tier that the response names (`flex`, `priority`, `default`, …).
    pub service_tier: Option<String>,
    /// Where the response says it was processed, where that has a price (Anthropic `inference_geo`).
    pub region: Option<String>,
    /// The provider's usage object as it came, for the ledger, with the tier of the response in it.
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

/// Shares a total out to its parts; none gets more than there is.
struct Share {
    left: u64,
    inconsistent: bool,
}

impl Share {
    const fn of(total: u64) -> Self {
        Self { left: total, inconsistent: false }
    }

    /// A part that must fit into what is left.
    const fn take(&mut self, part: u64) -> u64 {
        self.inconsistent |= part > self.left;
        self.take_at_most(part)
    }

    /// A part that may have been told already as another one.
    const fn take_at_most(&mut self, part: u64) -> u64 {
        let taken = if part < self.left { part } else { self.left };
        self.left -= taken;
        taken
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
        for (field, later) in [
            (&mut self.input, later.input),
            (&mut self.cache_read, later.cache_read),
            (&mut self.audio_cache_read, later.audio_cache_read),
            (&mut self.image_cache_read, later.image_cache_read),
            (&mut self.cache_write, later.cache_write),
            (&mut self.cache_write_1h, later.cache_write_1h),
            (&mut self.cache_write_12h, later.cache_write_12h),
            (&mut self.output, later.output),
            (&mut self.reasoning, later.reasoning),
            (&mut self.audio_in, later.audio_in),
            (&mut self.audio_out, later.audio_out),
            (&mut self.image_in, later.image_in),
            (&mut self.image_out, later.image_out),
            (&mut self.video_in, later.video_in),
            (&mut self.tool_input, later.tool_input),
            (&mut self.citation, later.citation),
            (&mut self.output_by_total, later.output_by_total),
            (&mut self.total, later.total),
            (&mut self.web_searches, later.web_searches),
            (&mut self.file_searches, later.file_searches),
            (&mut self.images, later.images),
            (&mut self.audio_seconds, later.audio_seconds),
        ] {
            take(field, later);
        }
        take(&mut self.search_context, later.search_context);
        take(&mut self.billed, later.billed);
        take(&mut self.cost, later.cost);
        take(&mut self.service_tier, later.service_tier);
        take(&mut self.region, later.region);
        self.is_request |= later.is_request;
        self.parts_exceed |= later.parts_exceed;
        self.counting = later.counting;
        if !later.raw.is_null() {
            self.raw = later.raw;
        }
    }

    /// The buckets that are billed, or `None` when they are unknown.
    pub fn billed_buckets(&self) -> Option<Buckets> {
        match self.billed {
            Some((input, output)) => Some(Buckets { input, output, ..self.beside_tokens() }),
            None => self.buckets(),
        }
    }

    /// The counts as disjoint buckets, or `None` when the prompt or the answer was not counted.
    ///
    /// A part is never more than the total that holds it: contradictory numbers are clamped and flagged, never negative.
    pub fn buckets(&self) -> Option<Buckets> {
        let (input, output) = (self.input?, self.output.or(self.output_by_total)?);
        let (prompt, prompt_is_wrong) = self.prompt(input);
        let (answer, answer_is_wrong) = self.answer(output);
        Some(Buckets {
            output: answer.output,
            reasoning: answer.reasoning,
            audio_out: answer.audio_out,
            image_out: answer.image_out,
            inconsistent: prompt_is_wrong || answer_is_wrong || self.parts_exceed || self.total_is_wrong(input, output),
            ..prompt
        })
    }

    /// Whether the provider's own sum is not that of the counts.
    fn total_is_wrong(&self, input: u64, output: u64) -> bool {
        let beside_answer = self.reasoning.filter(|_| self.counting.reasoning_outside_output);
        let others = self.tool_input.into_iter().chain(beside_answer);
        let sum = others.fold(input.saturating_add(output), u64::saturating_add);
        self.total.is_some_and(|total| total != sum)
    }

    /// The prompt's buckets; and whether its numbers contradict each other.
    fn prompt(&self, input: u64) -> (Buckets, bool) {
        let count = |field: Option<u64>| field.unwrap_or(0);
        let written_for_long = count(self.cache_write_1h).saturating_add(count(self.cache_write_12h));
        let (read, write) = (count(self.cache_read), count(self.cache_write).max(written_for_long));
        let cached = read.saturating_add(write);
        let mut share = Share::of(if self.counting.cache_outside_input { input.saturating_add(cached) } else { input });
        let mut reads = Share::of(share.take(read));
        let mut writes = Share::of(share.take(write));
        let (for_an_hour, for_half_a_day) =
            (writes.take(count(self.cache_write_1h)), writes.take(count(self.cache_write_12h)));
        let audio_cache_read = reads.take(count(self.audio_cache_read));
        let image_cache_read = reads.take(count(self.image_cache_read));
        // Media are counted with what was cached of them. Where nobody says how much that is, it is what does not fit.
        let (audio, image) = (count(self.audio_in), count(self.image_in));
        let media = audio.saturating_add(image).saturating_add(count(self.video_in));
        let split_is_wrong = self.cache_write.is_some_and(|write| written_for_long > write);
        let inconsistent = split_is_wrong || share.inconsistent || reads.inconsistent || writes.inconsistent;
        let inconsistent = inconsistent || (!self.counting.cache_outside_input && media > input);
        let buckets = Buckets {
            cache_read: reads.left,
            audio_cache_read,
            image_cache_read,
            cache_write_5m: writes.left,
            cache_write_1h: for_an_hour,
            cache_write_12h: for_half_a_day,
            audio_in: share.take_at_most(audio.saturating_sub(audio_cache_read)),
            image_in: share.take_at_most(image.saturating_sub(image_cache_read)),
            video_in: share.take_at_most(count(self.video_in)),
            input: share.left.saturating_add(count(self.tool_input)),
            citation: count(self.citation),
            ..self.beside_tokens()
        };
        (buckets, inconsistent)
    }

    /// The answer's buckets; and whether its numbers contradict each other.
    fn answer(&self, output: u64) -> (Buckets, bool) {
        let count = |field: Option<u64>| field.unwrap_or(0);
        let reasoning = count(self.reasoning);
        let outside = self.counting.reasoning_outside_output;
        let mut share = Share::of(if outside { output.saturating_add(reasoning) } else { output });
        let buckets = Buckets {
            reasoning: share.take(reasoning),
            audio_out: share.take(count(self.audio_out)),
            image_out: share.take(count(self.image_out)),
            output: share.left,
            ..Buckets::default()
        };
        (buckets, share.inconsistent)
    }

    /// What is counted beside tokens.
    fn beside_tokens(&self) -> Buckets {
        Buckets {
            requests: u64::from(self.is_request),
            web_searches: self.web_searches.unwrap_or(0),
            file_searches: self.file_searches.unwrap_or(0),
            images: self.images.unwrap_or(0),
            audio_seconds: self.audio_seconds.unwrap_or(0),
            search_context: self.search_context,
            ..Buckets::default()
        }
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
        assert_eq!((buckets.input, buckets.cache_read, buckets.inconsistent), (0, 100, true));
        let thought = Usage { reasoning: Some(9), audio_out: Some(3), ..usage(1, 5) }.buckets().expect("counted");
        assert_eq!((thought.output_total(), thought.reasoning, thought.inconsistent), (5, 5, true));
        let heard = Usage { audio_in: Some(9), ..usage(5, 0) }.buckets().expect("counted");
        assert_eq!((heard.audio_in, heard.input, heard.inconsistent), (5, 0, true));
    }

    #[test]
    fn cached_audio_is_counted_once() {
        let told = Usage {
            cache_read: Some(15_000),
            audio_cache_read: Some(15_000),
            audio_in: Some(20_000),
            ..usage(21_000, 500)
        };
        let buckets = told.buckets().expect("counted");
        let counts = (buckets.input, buckets.cache_read, buckets.audio_cache_read, buckets.audio_in);
        assert_eq!((counts, buckets.inconsistent), ((1000, 0, 15_000, 5000), false));
        let untold = Usage { cache_read: Some(900), audio_in: Some(500), ..usage(1000, 0) };
        let buckets = untold.buckets().expect("counted");
        let counts = (buckets.input, buckets.cache_read, buckets.audio_in);
        assert_eq!((counts, buckets.inconsistent), ((0, 900, 100), false));
    }

    proptest::proptest! {
        #[test]
        fn parts_never_exceed_their_total(input: u64, output: u64, parts: [u64; 9], outside: bool) {
            let counting = Counting { cache_outside_input: outside, reasoning_outside_output: outside };
            let [read, write, write_1h, audio, image, audio_read, reasoning, audio_out, video] = parts.map(Some);
            let counts = Usage {
                cache_read: read,
                audio_cache_read: audio_read,
                cache_write: write,
                cache_write_1h: write_1h,
                audio_in: audio,
                image_in: image,
                video_in: video,
                reasoning,
                audio_out,
                counting,
                ..usage(input, output)
            };
            let buckets = counts.buckets().expect("counted");
            if !outside {
                proptest::prop_assert_eq!((buckets.input_total(), buckets.output_total()), (input, output));
            }
            proptest::prop_assert!(buckets.input_total() >= input && buckets.output_total() >= output);
        }
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
