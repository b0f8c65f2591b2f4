//! Disjoint token counts, over which cost is a plain sum, and what else is counted in a request.

use serde::{Deserialize, Serialize};

/// Disjoint token counts: cost is a plain sum over them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Buckets {
    /// Prompt tokens that were neither read from nor written to a cache, media excluded.
    pub input: u64,
    /// Prompt tokens read from a cache, media excluded where they are counted apart.
    pub cache_read: u64,
    /// Prompt tokens written to a cache for five minutes, or for the provider's only time.
    pub cache_write_5m: u64,
    /// Prompt tokens written to a cache for an hour.
    pub cache_write_1h: u64,
    /// Audio prompt tokens.
    pub audio_in: u64,
    /// Answer tokens that are neither reasoning nor media.
    pub output: u64,
    /// Reasoning tokens.
    pub reasoning: u64,
    /// Audio answer tokens.
    pub audio_out: u64,
    /// Prompt tokens written to a cache for twelve hours.
    #[serde(skip_serializing_if = "is_zero")]
    pub cache_write_12h: u64,
    /// Audio prompt tokens read from a cache.
    #[serde(skip_serializing_if = "is_zero")]
    pub audio_cache_read: u64,
    /// Prompt tokens of images and documents.
    #[serde(skip_serializing_if = "is_zero")]
    pub image_in: u64,
    /// Prompt tokens of images and documents read from a cache.
    #[serde(skip_serializing_if = "is_zero")]
    pub image_cache_read: u64,
    /// Prompt tokens of videos.
    #[serde(skip_serializing_if = "is_zero")]
    pub video_in: u64,
    /// Answer tokens of images.
    #[serde(skip_serializing_if = "is_zero")]
    pub image_out: u64,
    /// Tokens of citations, which are neither prompt nor answer.
    #[serde(skip_serializing_if = "is_zero")]
    pub citation: u64,
    /// Requests, where one is known to have been made: some have a fee.
    #[serde(skip_serializing_if = "is_zero")]
    pub requests: u64,
    /// Searches of the web that the provider ran.
    #[serde(skip_serializing_if = "is_zero")]
    pub web_searches: u64,
    /// Searches of the user's files that the provider ran.
    #[serde(skip_serializing_if = "is_zero")]
    pub file_searches: u64,
    /// Images that are billed one by one.
    #[serde(skip_serializing_if = "is_zero")]
    pub images: u64,
    /// Seconds of audio in the prompt.
    #[serde(skip_serializing_if = "is_zero")]
    pub audio_seconds: u64,
    /// How much of what it found a search took in, where its fee depends on that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub search_context: Option<SearchContext>,
    /// The reported numbers contradicted each other (say, more cached than prompt tokens) and were clamped.
    pub inconsistent: bool,
}

/// How much of what it found a search took in (Perplexity).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SearchContext {
    /// Little.
    Low,
    /// Some.
    Medium,
    /// Much.
    High,
}

impl SearchContext {
    /// The size as a word for machines.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }

    /// The size of that name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Low, Self::Medium, Self::High].into_iter().find(|size| size.name() == name)
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference to the field")]
const fn is_zero(count: &u64) -> bool {
    *count == 0
}

impl Buckets {
    /// All prompt tokens.
    pub fn input_total(&self) -> u64 {
        let parts = [
            self.input,
            self.audio_in,
            self.image_in,
            self.video_in,
            self.cache_read_total(),
            self.cache_write_5m,
            self.cache_write_1h,
            self.cache_write_12h,
        ];
        parts.into_iter().fold(0, u64::saturating_add)
    }

    /// All prompt tokens read from a cache.
    pub const fn cache_read_total(&self) -> u64 {
        self.cache_read.saturating_add(self.audio_cache_read).saturating_add(self.image_cache_read)
    }

    /// All prompt tokens written to a cache.
    pub const fn cache_write_total(&self) -> u64 {
        self.cache_write_5m.saturating_add(self.cache_write_1h).saturating_add(self.cache_write_12h)
    }

    /// All answer tokens, reasoning included.
    pub fn output_total(&self) -> u64 {
        [self.output, self.reasoning, self.audio_out, self.image_out].into_iter().fold(0, u64::saturating_add)
    }
}
