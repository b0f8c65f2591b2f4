//! The token counts of Bedrock Converse. What was read from or written to a cache is counted beside the prompt.

use serde_json::Value;

use super::{first_count, tier};
use crate::chat::{Counting, Usage};

/// How Bedrock counts.
pub(in crate::wire) const COUNTING: Counting = Counting { cache_outside_input: true, reasoning_outside_output: false };

/// The counts of a usage object.
pub(in crate::wire) fn read(usage: &Value) -> Usage {
    // InvokeModel and older logs say `…TokenCount` of caches.
    let count = |places: &[&str]| first_count(usage, places);
    let written_for_an_hour = |details: &Vec<Value>| {
        let long = details.iter().filter(|detail| detail["ttl"] == "1h");
        long.filter_map(|detail| first_count(detail, &["/inputTokens"])).reduce(u64::saturating_add)
    };
    Usage {
        input: count(&["/inputTokens"]),
        output: count(&["/outputTokens"]),
        cache_read: count(&["/cacheReadInputTokens", "/cacheReadInputTokenCount"]),
        cache_write: count(&["/cacheWriteInputTokens", "/cacheWriteInputTokenCount"]),
        cache_write_1h: usage.get("cacheDetails").and_then(Value::as_array).and_then(written_for_an_hour),
        service_tier: tier(usage),
        is_request: true,
        counting: COUNTING,
        raw: usage.clone(),
        ..Usage::default()
    }
}
