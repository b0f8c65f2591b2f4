//! The token counts of Chat Completions, with the members that providers added.

use serde_json::Value;

use super::{cost, first_count, modalities_exceed, search_context, tier};
use crate::chat::{Counting, Usage};

/// The counts of a usage object; `None` when it counts nothing. The first place that has a number wins.
///
/// Cached tokens are inside the prompt. Reasoning is inside the answer unless the provider's row says otherwise or the
/// numbers themselves do.
pub(in crate::wire) fn read(usage: &Value, reasoning_outside_output: bool) -> Option<Usage> {
    let count = |places: &[&str]| first_count(usage, places);
    let counts = Usage {
        input: count(&["/prompt_tokens"]),
        output: count(&["/completion_tokens"]),
        // DeepSeek counts hits and misses; Together and Mistral put the count at the top, gateways to Claude by its name.
        cache_read: count(&[
            "/prompt_tokens_details/cached_tokens",
            "/prompt_cache_hit_tokens",
            "/cached_tokens",
            "/num_cached_tokens",
            "/cache_read_input_tokens",
        ]),
        audio_cache_read: count(&["/prompt_tokens_details/cached_tokens_details/audio_tokens"]),
        image_cache_read: count(&["/prompt_tokens_details/cached_tokens_details/image_tokens"]),
        // OpenRouter; then Claude behind gateways.
        cache_write: count(&["/prompt_tokens_details/cache_write_tokens", "/cache_creation_input_tokens"]),
        cache_write_1h: count(&["/cache_creation/ephemeral_1h_input_tokens"]),
        reasoning: count(&["/completion_tokens_details/reasoning_tokens", "/reasoning_tokens"]),
        audio_in: count(&["/prompt_tokens_details/audio_tokens"]),
        audio_out: count(&["/completion_tokens_details/audio_tokens"]),
        image_in: count(&["/prompt_tokens_details/image_tokens"]),
        image_out: count(&["/completion_tokens_details/image_tokens"]),
        video_in: count(&["/prompt_tokens_details/video_tokens"]),
        citation: count(&["/citation_tokens"]),
        web_searches: count(&[
            "/num_search_queries",
            "/server_tool_use/web_search_requests",
            "/prompt_tokens_details/web_search_requests",
            "/web_search_requests",
        ]),
        parts_exceed: modalities_exceed(usage, "/prompt_tokens", "/prompt_tokens_details")
            || modalities_exceed(usage, "/completion_tokens", "/completion_tokens_details"),
        search_context: search_context(usage),
        cost: cost(usage),
        service_tier: tier(usage),
        ..Usage::default()
    };
    if counts == Usage::default() {
        return None;
    }
    let reasoning_outside_output = is_reasoning_outside(usage, &counts).unwrap_or(reasoning_outside_output);
    Some(Usage {
        counting: Counting { cache_outside_input: false, reasoning_outside_output },
        // Embeddings count a prompt and nothing else.
        output_by_total: match (counts.output, counts.input) {
            (None, Some(input)) => count(&["/total_tokens"]).and_then(|total| total.checked_sub(input)),
            _ => None,
        },
        // The sum of Perplexity's deep research leaves out most of what it counts.
        total: count(&["/total_tokens"]).filter(|_| counts.citation.is_none()),
        is_request: true,
        raw: usage.clone(),
        ..counts
    })
}

/// Whether reasoning is beside the answer, as far as the numbers say it: by the total, or because it stands at the top beside
/// citations, as that of Perplexity's deep research does, which its total leaves out.
fn is_reasoning_outside(usage: &Value, counts: &Usage) -> Option<bool> {
    let reasoning = counts.reasoning?;
    if counts.citation.is_some() && usage.get("reasoning_tokens").is_some() {
        return Some(true);
    }
    let output = counts.output?;
    let beside = first_count(usage, &["/total_tokens"])?.checked_sub(counts.input?)?.checked_sub(output)?;
    match beside {
        0 if reasoning <= output => Some(false),
        beside if beside == reasoning => Some(true),
        _ => None,
    }
}
