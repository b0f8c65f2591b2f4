//! The token counts of Gemini: thoughts beside the answer, tools' prompts beside the prompt, media in lists by modality.

use serde_json::Value;

use super::{tier, whole};
use crate::chat::{Counting, Usage};

/// How Gemini counts.
pub(in crate::wire) const COUNTING: Counting = Counting { cache_outside_input: false, reasoning_outside_output: true };

/// The counts of a `usageMetadata`. `answered` tells whether anything came that counts as answer tokens.
pub(in crate::wire) fn read(usage: &Value, answered: bool) -> Usage {
    let count = |name: &str| whole(member(usage, name)?);
    let is_audio = |modality: &str| modality == "AUDIO";
    Usage {
        input: count("promptTokenCount"),
        output: count("candidatesTokenCount"),
        cache_read: count("cachedContentTokenCount"),
        audio_cache_read: of_modality(usage, "cacheTokensDetails", is_audio),
        image_cache_read: of_modality(usage, "cacheTokensDetails", is_image),
        reasoning: count("thoughtsTokenCount"),
        tool_input: count("toolUsePromptTokenCount"),
        total: count("totalTokenCount"),
        parts_exceed: parts_exceed(usage),
        output_by_total: output_by_total(usage, answered),
        audio_in: of_modality(usage, "promptTokensDetails", is_audio),
        image_in: of_modality(usage, "promptTokensDetails", is_image),
        video_in: of_modality(usage, "promptTokensDetails", |modality| modality == "VIDEO"),
        audio_out: of_modality(usage, "candidatesTokensDetails", is_audio),
        image_out: of_modality(usage, "candidatesTokensDetails", is_image),
        service_tier: tier(usage),
        is_request: true,
        counting: COUNTING,
        raw: usage.clone(),
        ..Usage::default()
    }
}

/// The member of that name, also as Google's Python library spells it: `tokenCount` or `token_count`.
fn member<'a>(object: &'a Value, name: &str) -> Option<&'a Value> {
    let snake = || {
        let parts = name.split_inclusive(char::is_uppercase).map(|part| match part.char_indices().last() {
            Some((at, last)) if last.is_uppercase() => format!("{}_{}", &part[..at], last.to_ascii_lowercase()),
            _ => part.to_owned(),
        });
        parts.collect::<String>()
    };
    object.get(name).or_else(|| object.get(snake()))
}

/// Documents have the price of images.
fn is_image(modality: &str) -> bool {
    ["IMAGE", "DOCUMENT"].contains(&modality)
}

/// The tokens of those modalities in a list of counts; `None` when it has none of them.
fn of_modality(usage: &Value, list: &str, is_meant: impl Fn(&str) -> bool) -> Option<u64> {
    let counts = member(usage, list)?.as_array()?;
    let of_it = counts.iter().filter(|count| count["modality"].as_str().is_some_and(&is_meant));
    let tokens = of_it.filter_map(|count| whole(member(count, "tokenCount")?));
    tokens.reduce(u64::saturating_add)
}

/// Whether a list of modalities counts more than the count that it splits.
fn parts_exceed(usage: &Value) -> bool {
    let lists = [
        ("promptTokenCount", "promptTokensDetails"),
        ("candidatesTokenCount", "candidatesTokensDetails"),
        ("cachedContentTokenCount", "cacheTokensDetails"),
        ("toolUsePromptTokenCount", "toolUsePromptTokensDetails"),
    ];
    lists.iter().any(|(total, list)| {
        let parts = of_modality(usage, list, |_| true);
        member(usage, total).and_then(whole).zip(parts).is_some_and(|(total, parts)| parts > total)
    })
}

/// What is left of the total is the answer, whose count is left out when it is 0. Some totals leave the answer out as
/// well: then nothing is left although something was said, and the count is unknown.
fn output_by_total(usage: &Value, answered: bool) -> Option<u64> {
    let count = |name: &str| whole(member(usage, name)?);
    let others = ["toolUsePromptTokenCount", "thoughtsTokenCount"].into_iter().filter_map(count);
    let rest = count("totalTokenCount")?.checked_sub(count("promptTokenCount")?);
    let rest = others.fold(rest, |rest, part| rest?.checked_sub(part));
    rest.filter(|rest| *rest > 0 || !answered)
}
