//! Token counts as JSON in any of the known shapes, read as the decoders read them: of a usage object, of a whole response that
//! holds one, or of the plain form of calculators and logs.

pub(super) mod anthropic;
pub(super) mod chat;
pub(super) mod converse;
pub(super) mod gemini;
mod pieces;
mod plain;
pub(super) mod responses;
#[cfg(test)]
mod tests;

use std::fmt;

use serde_json::{Value, json};

use super::{cohere, dollars, embed, ollama, replicate};
use crate::chat::{SearchContext, Usage};
use crate::money::Usd;
use crate::provider::Provider;

/// Why JSON could not be read as the token counts of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unread {
    /// It counts no tokens in any known way; these are the names of its outermost members.
    UnknownShape(Vec<String>),
    /// A list of so many counts that are not pieces of one call.
    SeveralCalls(usize),
}

/// A way of writing token counts.
struct Shape {
    /// Any of these tells it, the first shape first.
    marks: &'static [&'static str],
    read: fn(&Value, Option<&Provider>) -> Option<Usage>,
}

const SHAPES: &[Shape] = &[
    Shape {
        marks: &["/prompt_tokens", "/completion_tokens"],
        read: |usage, provider| {
            chat::read(usage, provider.is_some_and(|provider| provider.quirks.reasoning_outside_output))
        },
    },
    Shape {
        marks: &[
            "/cache_read_input_tokens",
            "/cache_creation_input_tokens",
            "/cache_creation",
            "/server_tool_use",
            "/output_tokens_details/thinking_tokens",
        ],
        read: |usage, _| Some(anthropic(usage)),
    },
    Shape { marks: &["/input_tokens_details", "/output_tokens_details"], read: |usage, _| responses::read(usage) },
    Shape {
        marks: &[
            "/promptTokenCount",
            "/candidatesTokenCount",
            "/totalTokenCount",
            "/prompt_token_count",
            "/candidates_token_count",
            "/total_token_count",
        ],
        read: |usage, _| Some(gemini::read(usage, false)),
    },
    Shape { marks: &["/inputTokens", "/outputTokens"], read: |usage, _| Some(converse::read(usage)) },
    Shape { marks: &["/billed_units", "/tokens/input_tokens"], read: |usage, _| cohere::usage(usage) },
    Shape { marks: &["/prompt_eval_count", "/eval_count"], read: |usage, _| ollama::usage(usage) },
    Shape { marks: &["/input_token_count", "/output_token_count"], read: |usage, _| replicate::usage(usage) },
    Shape { marks: &["/input_tokens", "/output_tokens"], read: |usage, _| Some(plain::read(usage)) },
    Shape {
        marks: &["/total_tokens"],
        read: |usage, _| {
            let input = embed::counted(usage);
            Some(Usage { input, output: Some(0), is_request: true, raw: usage.clone(), ..Usage::default() })
        },
    },
];

/// Where a usage object may stand in a response, an event of a stream or a line of a batch.
const OUTER: &[&str] =
    &["", "/response", "/response/body", "/body", "/message", "/result", "/result/message", "/delta", "/x_groq"];
const INNER: &[&str] = &["usage", "usageMetadata", "usage_metadata", "meta", "metrics"];

/// Reads the counts of a usage object or of what holds one. `provider` is the row of who reported it: where the row says how it
/// counts, that holds.
///
/// A tier, a region or a `mode` told beside the usage object is part of what is read. Of a list, as a stream's chunks are, the
/// last word of each count holds; it must be of one call.
pub fn read(value: &Value, provider: Option<&Provider>) -> Result<Usage, Unread> {
    let unknown = || Unread::UnknownShape(names(value));
    if let Value::Array(items) = value {
        return pieces::read(items, provider)?.ok_or_else(unknown);
    }
    object(value, provider)
        .or_else(|| {
            OUTER.iter().filter_map(|place| value.pointer(place)).find_map(|outer| {
                let inner = INNER.iter().filter_map(|name| outer.get(name)).find_map(|usage| object(usage, provider));
                inner.map(|usage| told_beside(outer, usage))
            })
        })
        .map(|usage| told_beside(value, usage))
        .ok_or_else(unknown)
}

/// Reads a usage object of Anthropic's, which need not show by any member whose it is.
pub fn anthropic(usage: &Value) -> Usage {
    Usage { raw: usage.clone(), ..anthropic::read(usage) }
}

/// The counts of a usage object in the first shape that fits.
fn object(usage: &Value, provider: Option<&Provider>) -> Option<Usage> {
    let shape = SHAPES.iter().find(|shape| shape.fits(usage))?;
    (shape.read)(usage, provider)
        .filter(|usage| usage.input.is_some() || usage.output.is_some() || usage.cost.is_some())
}

impl Shape {
    fn fits(&self, usage: &Value) -> bool {
        self.marks.iter().any(|mark| usage.pointer(mark).is_some_and(|value| !value.is_null()))
    }
}

/// What a response tells beside its usage object, as far as the object does not: the tier, and the searches it has run.
fn told_beside(outer: &Value, usage: Usage) -> Usage {
    let tier = tier(outer).filter(|_| usage.service_tier.is_none());
    let region = outer["inference_geo"].as_str().or_else(|| outer["region"].as_str()).map(str::to_owned);
    let items = || outer["output"].as_array().into_iter().flatten();
    let count = |is_meant: &dyn Fn(&str, Option<&str>) -> bool| {
        let kind =
            |item: &Value| item["type"].as_str().is_some_and(|kind| is_meant(kind, item["action"]["type"].as_str()));
        items().filter(|item| kind(item)).count() as u64
    };
    let (web, files) = (count(&responses::is_web_search), count(&|kind, _| responses::is_file_search(kind)));
    let usage = Usage { region: usage.region.clone().or(region), ..with_tier(usage, tier.as_deref()) };
    responses::with_searches(usage, web, files)
}

/// The counts with the tier that a response told outside its usage object, also in what the ledger keeps of it.
pub(super) fn with_tier(usage: Usage, tier: Option<&str>) -> Usage {
    let Some(tier) = tier else { return usage };
    let mut usage = Usage { service_tier: Some(tier.to_owned()), ..usage };
    if let Value::Object(raw) = &mut usage.raw {
        raw.insert("service_tier".to_owned(), json!(tier));
    }
    usage
}

/// The tier that an object names, in whatever word its provider has for that. Faster output is a tier of its own at Anthropic.
pub(super) fn tier(object: &Value) -> Option<String> {
    let text = |name: &str| object.get(name)?.as_str().filter(|text| !text.is_empty());
    let typed = || object.pointer("/serviceTier/type")?.as_str();
    let fast = text("speed").filter(|speed| *speed == "fast");
    let named = ["mode", "service_tier", "serviceTier", "trafficType", "traffic_type"]
        .iter()
        .find_map(|name| text(name))
        .or_else(typed);
    let is_usual = named.is_none_or(|tier| tier == "standard");
    fast.filter(|_| is_usual).or(named).map(str::to_owned)
}

/// A count, also where it is written as a decimal number.
pub(super) fn whole(value: &Value) -> Option<u64> {
    let decimal = || value.as_f64().filter(|number| number.fract() == 0.0 && (0.0..=1e15).contains(number));
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to be whole and in range")]
    let from_decimal = || decimal().map(|number| number as u64);
    value.as_u64().or_else(from_decimal)
}

/// A member that should count something and does not, with what it holds: below nothing, a fraction, too large.
pub fn wrong_count(value: &Value) -> Option<(&str, &Value)> {
    if let Value::Array(items) = value {
        return items.iter().find_map(wrong_count);
    }
    let outers = OUTER.iter().filter_map(|place| value.pointer(place));
    let inners = outers.flat_map(|outer| INNER.iter().filter_map(|name| outer.get(name)));
    let own = Some(value).filter(|value| SHAPES.iter().any(|shape| shape.fits(value)));
    own.into_iter().chain(inners).find_map(wrong_member)
}

fn wrong_member(object: &Value) -> Option<(&str, &Value)> {
    let counts = |name: &str| ["tokens", "Tokens", "_count", "Count"].iter().any(|end| name.ends_with(end));
    match object {
        Value::Object(members) => members.iter().find_map(|(name, value)| match value {
            Value::Number(_) => (counts(name) && whole(value).is_none()).then_some((name.as_str(), value)),
            value => wrong_member(value),
        }),
        Value::Array(items) => items.iter().find_map(wrong_member),
        _ => None,
    }
}

/// The count at the first of these places that has one.
pub(super) fn first_count(object: &Value, places: &[&str]) -> Option<u64> {
    places.iter().find_map(|place| whole(object.pointer(place)?))
}

/// Whether text, audio, images and video in the details of a count are more than it.
fn modalities_exceed(usage: &Value, total: &str, details: &str) -> bool {
    let parts = ["text_tokens", "audio_tokens", "image_tokens", "video_tokens"];
    let parts = parts.iter().filter_map(|part| whole(usage.pointer(details)?.get(part)?));
    let parts = parts.reduce(u64::saturating_add);
    first_count(usage, &[total]).zip(parts).is_some_and(|(total, parts)| parts > total)
}

pub(super) fn search_context(usage: &Value) -> Option<SearchContext> {
    SearchContext::named(usage.get("search_context_size")?.as_str()?)
}

/// Pico-dollars in one of xAI's ticks (10⁻¹⁰ dollar).
const PICO_PER_TICK: i128 = 100;

/// No single request costs more dollars: such a figure is a mistake, and what it cost is not known from it.
const ABSURD: i128 = 10_000;

/// What the provider says the call cost: `cost` (OpenRouter), `cost.total_cost` (Perplexity), ticks (xAI). Who calls through
/// OpenRouter with a key of his own pays the provider beside its fee.
pub(super) fn cost(usage: &Value) -> Option<Usd> {
    let ticks = || {
        let ticks = usage.get("cost_in_usd_ticks")?.as_u64()?;
        Some(Usd::from_pico(i128::from(ticks) * PICO_PER_TICK))
    };
    let reported = usage.pointer("/cost/total_cost").or_else(|| usage.get("cost")).and_then(dollars);
    let fee = reported.filter(|_| usage.get("cost").is_some_and(|cost| !cost.is_object()));
    let upstream = usage.pointer("/cost_details/upstream_inference_cost").and_then(dollars);
    let own_key = usage.get("is_byok").and_then(Value::as_bool).unwrap_or(fee == Some(Usd::ZERO));
    let beside = upstream.filter(|_| own_key).zip(fee).map(|(upstream, fee)| fee + upstream);
    let cost = beside.or(reported).or_else(ticks);
    cost.filter(|cost| cost.pico() <= Usd::from_pico(1_000_000_000_000 * ABSURD).pico())
}

fn names(value: &Value) -> Vec<String> {
    match value {
        Value::Object(members) => members.keys().take(8).cloned().collect(),
        Value::Array(items) => items.first().map(names).unwrap_or_default(),
        _ => Vec::new(),
    }
}

impl fmt::Display for Unread {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let found = match self {
            Self::UnknownShape(found) => found,
            Self::SeveralCalls(calls) => return write!(formatter, "it holds the counts of {calls} calls"),
        };
        let marks = SHAPES.iter().flat_map(|shape| shape.marks).map(|mark| mark.trim_start_matches('/'));
        let marks = marks.map(|mark| format!("`{}`", mark.replace('/', "."))).collect::<Vec<_>>().join(", ");
        write!(
            formatter,
            "it counts no tokens in a known way: looked for {marks}, also in `usage` and `usageMetadata`"
        )?;
        let found: Vec<String> = found.iter().map(|name| format!("`{name}`")).collect();
        match found.as_slice() {
            [] => formatter.write_str("; it has no members"),
            found => write!(formatter, "; it has {}", found.join(", ")),
        }
    }
}

impl std::error::Error for Unread {}
