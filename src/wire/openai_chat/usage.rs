//! The token counts of Chat Completions, with the members that providers added.

use serde_json::Value;

use crate::chat::{Counting, Usage};
use crate::money::Usd;
use crate::wire::dollars;

/// Pico-dollars in one of xAI's ticks (10⁻¹⁰ dollar).
const PICO_PER_TICK: i128 = 100;

/// How this format counts: cached tokens inside the prompt, reasoning inside the answer unless a quirk says otherwise.
pub(super) fn counting(reasoning_outside_output: bool) -> Counting {
    Counting { cache_outside_input: false, reasoning_outside_output }
}

/// The counts of a usage object; `None` when it counts nothing. The first place that has a number wins.
pub(super) fn read(usage: &Value) -> Option<Usage> {
    let count = |places: &[&str]| places.iter().find_map(|place| usage.pointer(place)?.as_u64());
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
        // OpenRouter; then Claude behind gateways.
        cache_write: count(&["/prompt_tokens_details/cache_write_tokens", "/cache_creation_input_tokens"]),
        cache_write_1h: count(&["/cache_creation/ephemeral_1h_input_tokens"]),
        reasoning: count(&["/completion_tokens_details/reasoning_tokens", "/reasoning_tokens"]),
        audio_in: count(&["/prompt_tokens_details/audio_tokens"]),
        audio_out: count(&["/completion_tokens_details/audio_tokens"]),
        cost: cost(usage),
        service_tier: usage.get("service_tier").and_then(Value::as_str).map(str::to_owned),
        ..Usage::default()
    };
    let counted = counts != Usage::default();
    counted.then(|| Usage { raw: usage.clone(), ..counts })
}

/// What the provider says the call cost: `cost` (OpenRouter), `cost.total_cost` (Perplexity), ticks (xAI).
pub(in crate::wire) fn cost(usage: &Value) -> Option<Usd> {
    let ticks =
        || usage.get("cost_in_usd_ticks")?.as_u64().map(|ticks| Usd::from_pico(i128::from(ticks) * PICO_PER_TICK));
    usage.pointer("/cost/total_cost").or_else(|| usage.get("cost")).and_then(dollars).or_else(ticks)
}
