//! The token counts of Gemini: thoughts beside the answer, tools' prompts beside the prompt, media in lists by modality.

use serde_json::Value;

use super::{first_count, tier, whole};
use crate::chat::{Counting, Usage};

/// How Gemini counts.
pub(in crate::wire) const COUNTING: Counting = Counting { cache_outside_input: false, reasoning_outside_output: true };

/// The counts of a `usageMetadata`. `answered` tells whether anything came that counts as answer tokens.
pub(in crate::wire) fn read(usage: &Value, answered: bool) -> Usage {
    let count = |place: &str| first_count(usage, &[place]);
    Usage {
        input: count("/promptTokenCount"),
        output: count("/candidatesTokenCount"),
        cache_read: count("/cachedContentTokenCount"),
        audio_cache_read: of_modality(usage, "cacheTokensDetails", &["AUDIO"]),
        image_cache_read: of_modality(usage, "cacheTokensDetails", IMAGES),
        reasoning: count("/thoughtsTokenCount"),
        tool_input: count("/toolUsePromptTokenCount"),
        output_by_total: output_by_total(usage, answered),
        audio_in: of_modality(usage, "promptTokensDetails", &["AUDIO"]),
        image_in: of_modality(usage, "promptTokensDetails", IMAGES),
        video_in: of_modality(usage, "promptTokensDetails", &["VIDEO"]),
        audio_out: of_modality(usage, "candidatesTokensDetails", &["AUDIO"]),
        image_out: of_modality(usage, "candidatesTokensDetails", IMAGES),
        service_tier: tier(usage),
        is_request: true,
        counting: COUNTING,
        raw: usage.clone(),
        ..Usage::default()
    }
}

/// Documents have the price of images.
const IMAGES: &[&str] = &["IMAGE", "DOCUMENT"];

/// The tokens of those modalities in a list of counts; `None` when it has none of them.
fn of_modality(usage: &Value, list: &str, modalities: &[&str]) -> Option<u64> {
    let counts = usage.get(list)?.as_array()?;
    let is_meant = |count: &&Value| count["modality"].as_str().is_some_and(|modality| modalities.contains(&modality));
    let tokens = counts.iter().filter(is_meant).filter_map(|count| whole(&count["tokenCount"]));
    tokens.reduce(u64::saturating_add)
}

/// What is left of the total is the answer, whose count is left out when it is 0. Some totals leave the answer out as
/// well: then nothing is left although something was said, and the count is unknown.
fn output_by_total(usage: &Value, answered: bool) -> Option<u64> {
    let count = |place: &str| first_count(usage, &[place]);
    let others = ["/toolUsePromptTokenCount", "/thoughtsTokenCount"].iter().filter_map(|place| count(place));
    let rest = count("/totalTokenCount")?.checked_sub(count("/promptTokenCount")?);
    let rest = others.fold(rest, |rest, part| rest?.checked_sub(part));
    rest.filter(|rest| *rest > 0 || !answered)
}
