//! Token counts as other tools log them.

use serde_json::Value;

use crate::chat::{Counting, Usage};
use crate::wire;

/// What Anthropic counts, as its own answers are read.
pub(super) fn anthropic(usage: &Value) -> Usage {
    wire::usage::anthropic(usage)
}

/// What OpenAI counts, by the names of Chat Completions, of Responses, or of LiteLLM: caches within the prompt.
pub(super) fn openai(usage: &Value) -> Usage {
    let count = |places: &[&str]| places.iter().find_map(|place| usage.pointer(place)?.as_u64());
    Usage {
        input: count(&["/prompt_tokens", "/input_tokens"]),
        output: count(&["/completion_tokens", "/output_tokens"]),
        cache_read: count(&[
            "/prompt_tokens_details/cached_tokens",
            "/input_tokens_details/cached_tokens",
            "/cached_input_tokens",
            "/cache_read_input_tokens",
        ]),
        cache_write: count(&[
            "/prompt_tokens_details/cache_creation_tokens",
            "/prompt_tokens_details/cache_write_tokens",
            "/input_tokens_details/cache_write_tokens",
            "/cache_write_input_tokens",
            "/cache_creation_input_tokens",
        ]),
        cache_write_1h: count(&[
            "/prompt_tokens_details/cache_creation_token_details/ephemeral_1h_input_tokens",
            "/cache_creation/ephemeral_1h_input_tokens",
        ]),
        reasoning: count(&[
            "/completion_tokens_details/reasoning_tokens",
            "/output_tokens_details/reasoning_tokens",
            "/reasoning_output_tokens",
        ]),
        audio_in: count(&["/prompt_tokens_details/audio_tokens"]),
        audio_out: count(&["/completion_tokens_details/audio_tokens"]),
        service_tier: usage.get("service_tier").and_then(Value::as_str).map(str::to_owned),
        raw: usage.clone(),
        ..Usage::default()
    }
}

/// What Gemini counts, as simonw/llm logs it: both totals by its own names, the rest by Gemini's. Since it adds the thoughts
/// to the answer, it leaves the answer's own count beside them.
pub(super) fn gemini(usage: &Value) -> Usage {
    let count = |name: &str| usage.get(name)?.as_u64();
    Usage {
        input: count("input_tokens"),
        output: count("output_tokens"),
        cache_read: count("cachedContentTokenCount"),
        reasoning: count("thoughtsTokenCount"),
        counting: Counting {
            cache_outside_input: false,
            reasoning_outside_output: usage.get("candidatesTokenCount").is_none(),
        },
        raw: usage.clone(),
        ..Usage::default()
    }
}
