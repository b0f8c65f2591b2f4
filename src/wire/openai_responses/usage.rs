//! The token counts of Responses. Reasoning is counted inside the answer by every server, xAI's included.

use serde_json::Value;

use crate::chat::Usage;
use crate::wire::openai_chat::usage::cost;

/// The counts of a usage object; `None` when it counts nothing.
pub(super) fn read(usage: &Value) -> Option<Usage> {
    let count = |place: &str| usage.pointer(place)?.as_u64();
    let counts = Usage {
        input: count("/input_tokens"),
        output: count("/output_tokens"),
        cache_read: count("/input_tokens_details/cached_tokens"),
        cache_write: count("/input_tokens_details/cache_write_tokens"),
        reasoning: count("/output_tokens_details/reasoning_tokens"),
        cost: cost(usage),
        ..Usage::default()
    };
    let counted = counts != Usage::default();
    counted.then(|| Usage { raw: usage.clone(), ..counts })
}
