//! The plain form that calculators and logs use: totals of prompt and answer that include the parts listed beside them.

use serde_json::Value;

use super::{cost, first_count, search_context, tier};
use crate::chat::Usage;

/// The counts of an object in the plain form. It tells of no request unless it says so: it may be a sum.
pub(super) fn read(usage: &Value) -> Usage {
    let count = |name: &str| first_count(usage, &[name]);
    let parts = [
        count("/cache_write_tokens"),
        count("/cache_write_5m_tokens"),
        count("/cache_write_1h_tokens"),
        count("/cache_write_12h_tokens"),
    ];
    Usage {
        input: count("/input_tokens"),
        output: count("/output_tokens"),
        cache_read: first_count(usage, &["/cached_tokens", "/cache_read_tokens", "/cached_input_tokens"]),
        audio_cache_read: count("/cached_audio_tokens"),
        image_cache_read: count("/cached_image_tokens"),
        cache_write: parts.into_iter().flatten().reduce(u64::saturating_add),
        cache_write_1h: parts[2],
        cache_write_12h: parts[3],
        reasoning: count("/reasoning_tokens"),
        audio_in: count("/audio_input_tokens"),
        audio_out: count("/audio_output_tokens"),
        image_in: count("/image_input_tokens"),
        image_out: count("/image_output_tokens"),
        video_in: count("/video_input_tokens"),
        citation: count("/citation_tokens"),
        web_searches: first_count(usage, &["/web_searches", "/web_search_requests"]),
        file_searches: first_count(usage, &["/file_searches", "/file_search_requests"]),
        search_context: search_context(usage),
        images: count("/images"),
        audio_seconds: count("/audio_seconds"),
        is_request: count("/requests").is_some_and(|requests| requests > 0),
        cost: cost(usage),
        service_tier: tier(usage),
        raw: usage.clone(),
        ..Usage::default()
    }
}
