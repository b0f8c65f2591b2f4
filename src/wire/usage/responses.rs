//! The token counts of Responses. Reasoning is counted inside the answer by every server, xAI's included.

use serde_json::{Value, json};

use super::{cost, first_count, modalities_exceed, tier};
use crate::chat::Usage;

/// Where the ledger's copy keeps what the response told outside its usage object.
const WEB_SEARCHES: &str = "web_search_requests";
const FILE_SEARCHES: &str = "file_search_requests";

/// The counts of a usage object; `None` when it counts nothing.
pub(in crate::wire) fn read(usage: &Value) -> Option<Usage> {
    let count = |place: &str| first_count(usage, &[place]);
    let counts = Usage {
        input: count("/input_tokens"),
        output: count("/output_tokens"),
        cache_read: count("/input_tokens_details/cached_tokens"),
        cache_write: count("/input_tokens_details/cache_write_tokens"),
        audio_in: count("/input_tokens_details/audio_tokens"),
        image_in: count("/input_tokens_details/image_tokens"),
        reasoning: count("/output_tokens_details/reasoning_tokens"),
        audio_out: count("/output_tokens_details/audio_tokens"),
        image_out: count("/output_tokens_details/image_tokens"),
        web_searches: first_count(usage, &["/web_search_requests", "/server_tool_use/web_search_requests"]),
        file_searches: count("/file_search_requests"),
        parts_exceed: modalities_exceed(usage, "/input_tokens", "/input_tokens_details")
            || modalities_exceed(usage, "/output_tokens", "/output_tokens_details"),
        cost: cost(usage),
        service_tier: tier(usage),
        ..Usage::default()
    };
    let counted = counts != Usage::default();
    counted.then(|| Usage { total: count("/total_tokens"), is_request: true, raw: usage.clone(), ..counts })
}

/// The counts of a response, with the searches among the items that it put out: those are billed, and no usage object tells.
pub(in crate::wire) fn with_searches(counts: Usage, web: u64, files: u64) -> Usage {
    let mut counts = counts;
    for (searches, count, member) in
        [(&mut counts.web_searches, web, WEB_SEARCHES), (&mut counts.file_searches, files, FILE_SEARCHES)]
    {
        if count > 0 && searches.is_none() {
            *searches = Some(count);
            if let Value::Object(raw) = &mut counts.raw {
                raw.insert(member.to_owned(), json!(count));
            }
        }
    }
    counts
}

/// Whether an item is a search that is billed: opening a page that was found is none.
pub(in crate::wire) fn is_web_search(kind: &str, action: Option<&str>) -> bool {
    kind == "web_search_call" && action.is_none_or(|action| action == "search")
}

/// Whether an item is a search of the user's files.
pub(in crate::wire) fn is_file_search(kind: &str) -> bool {
    kind == "file_search_call"
}
