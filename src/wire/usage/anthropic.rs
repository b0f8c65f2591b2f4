//! The token counts of Anthropic Messages. What was read from or written to a cache is counted beside the prompt.

use serde_json::Value;

use super::{cost, first_count, tier};
use crate::chat::{Counting, Usage};

/// How Anthropic counts.
pub(in crate::wire) const COUNTING: Counting = Counting { cache_outside_input: true, reasoning_outside_output: false };

/// The counts of a usage object as far as it has them: the events of a stream tell them piece by piece.
pub(in crate::wire) fn read(usage: &Value) -> Usage {
    let count = |place: &str| first_count(usage, &[place]);
    let written_for_an_hour = count("/cache_creation/ephemeral_1h_input_tokens");
    let written_briefly = count("/cache_creation/ephemeral_5m_input_tokens");
    let by_parts = [written_briefly, written_for_an_hour].into_iter().flatten().reduce(u64::saturating_add);
    let written = count("/cache_creation_input_tokens");
    Usage {
        input: count("/input_tokens"),
        output: count("/output_tokens"),
        cache_read: count("/cache_read_input_tokens"),
        cache_write: written.or(by_parts),
        cache_write_1h: written_for_an_hour,
        reasoning: count("/output_tokens_details/thinking_tokens"),
        web_searches: count("/server_tool_use/web_search_requests"),
        cost: cost(usage),
        service_tier: tier(usage),
        region: usage.get("inference_geo").and_then(Value::as_str).map(str::to_owned),
        parts_exceed: written.zip(by_parts).is_some_and(|(whole, parts)| parts > whole),
        is_request: true,
        counting: COUNTING,
        ..Usage::default()
    }
}
