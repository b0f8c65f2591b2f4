//! What lists tell of a model: windows, abilities, prices, what it is for. Each fact is a row of places, as JSON pointers,
//! in the lists of those who tell it.

use serde_json::Value;

use super::{Listed, Sort};
use crate::catalog::price::{Card, Unit};
use crate::catalog::{Abilities, Kind, Model, Pricing, Rates};
use crate::money::Rate;
use crate::wire::dollars;

/// Windows.
const CONTEXT: &[&str] = &[
    "/context_length",
    "/context_window",
    "/max_context_length",
    "/max_model_len",
    "/context_size",
    "/inputTokenLimit",
    "/max_input_tokens",
    "/limits/max_input_tokens",
    "/capabilities/limits/max_context_window_tokens",
    "/model_spec/availableContextTokens",
    "/top_provider/context_length",
    "/metadata/context_length",
    "/meta/n_ctx",
];

/// The longest answer. Anthropic's `max_tokens` is one.
const MAX_OUTPUT: &[&str] = &[
    "/max_completion_tokens",
    "/max_output_tokens",
    "/outputTokenLimit",
    "/top_provider/max_completion_tokens",
    "/limits/max_output_tokens",
    "/capabilities/limits/max_output_tokens",
    "/model_spec/maxCompletionTokens",
    "/max_tokens",
];

/// The day the provider ends the model.
const ENDS: &[&str] = &["/deprecation", "/expiration_date", "/deprecation_date"];

/// A field of the abilities.
type Slot = fn(&mut Abilities) -> &mut Option<bool>;

/// Abilities told by true and false, or by an object with `supported`.
const FLAGS: &[(Slot, &[&str])] = &[
    (
        |can| &mut can.tools,
        &[
            "/capabilities/function_calling",
            "/capabilities/supports/tool_calls",
            "/model_spec/capabilities/supportsFunctionCalling",
            "/tools",
        ],
    ),
    (
        |can| &mut can.json_schema,
        &[
            "/capabilities/structured_outputs",
            "/capabilities/supports/structured_outputs",
            "/model_spec/capabilities/supportsResponseSchema",
        ],
    ),
    (
        |can| &mut can.reasoning,
        &[
            "/capabilities/thinking",
            "/capabilities/reasoning",
            "/model_spec/capabilities/supportsReasoning",
            "/thinking",
            "/reasoning",
        ],
    ),
    (
        |can| &mut can.vision,
        &[
            "/capabilities/image_input",
            "/capabilities/vision",
            "/capabilities/supports/vision",
            "/model_spec/capabilities/supportsVision",
            "/vision",
        ],
    ),
    (|can| &mut can.pdf, &["/capabilities/pdf_input"]),
];

/// Abilities told by a word of a list. Such a list is whole, so a word that is not there is an ability that is lacking.
const WORDS: &[(Slot, &[&str], &[&str])] = &[
    (|can| &mut can.tools, &["/supported_parameters", "/supported_features"], &["tools"]),
    (|can| &mut can.json_schema, &["/supported_parameters", "/supported_features"], &["structured_outputs"]),
    (|can| &mut can.reasoning, &["/supported_parameters", "/supported_features"], &["reasoning"]),
    (|can| &mut can.vision, &["/architecture/input_modalities", "/input_modalities"], &["image"]),
    (|can| &mut can.pdf, &["/architecture/input_modalities"], &["file"]),
];

/// What a model is for, in the words of those who say it.
const PURPOSES: &[&str] = &[
    "/type",
    "/capabilities/type",
    "/endpoints",
    "/supportedGenerationMethods",
    "/supported_endpoints",
    "/architecture/output_modalities",
    "/output_modalities",
    "/task/name",
];
/// Words of [`PURPOSES`] for text and for vectors; all others are for something else.
const TEXT: &[&str] = &[
    "chat",
    "text",
    "language",
    "generatecontent",
    "generate",
    "text generation",
    "/chat/completions",
    "/v1/messages",
    "/responses",
];
const VECTORS: &[&str] = &["embed", "embedding", "embeddings", "embedcontent", "text embeddings", "/embeddings"];
/// Words of [`PURPOSES`] that say nothing.
const SILENT: &[&str] = &["model", "base", "fine-tuned", "object", ""];

/// Parts of names that tell what a model is for where its list does not. Only for sorting lists: nothing is refused by it.
const NAME_OF_VECTORS: &str = "embed";
const NAMES_OF_OTHERS: &[&str] = &[
    "whisper",
    "tts",
    "dall-e",
    "transcribe",
    "moderation",
    "rerank",
    "image",
    "sora",
    "imagen",
    "veo-",
    "speech",
    "realtime",
    "-ocr",
    "-asr",
];

/// What the list tells of the model of that id.
pub(super) fn read(id: &str, entry: &Value) -> Listed {
    let count = |places: &[&str]| places.iter().find_map(|place| entry.pointer(place)?.as_u64()).filter(|n| *n > 0);
    let ends = ENDS.iter().find_map(|place| entry.pointer(place)?.as_str()?.get(..10));
    let (sort, kind) = sort(id, entry);
    let model = Model {
        id: id.to_owned(),
        kind,
        context: count(CONTEXT),
        max_output: count(MAX_OUTPUT),
        abilities: abilities(entry),
        deprecates: ends.filter(|day| day.parse::<jiff::civil::Date>().is_ok()).map(str::to_owned),
        pricing: pricing(entry),
        ..Model::default()
    };
    Listed { model, sort }
}

fn abilities(entry: &Value) -> Abilities {
    let mut abilities = Abilities::default();
    for (slot, places, words) in WORDS {
        let list = places.iter().find_map(|place| entry.pointer(place)?.as_array());
        let has = list.map(|list| list.iter().any(|word| word.as_str().is_some_and(|word| words.contains(&word))));
        *slot(&mut abilities) = has;
    }
    for (slot, places) in FLAGS {
        let told = |place: &&str| {
            let value = entry.pointer(place)?;
            value.as_bool().or_else(|| value.get("supported")?.as_bool())
        };
        let ability = slot(&mut abilities);
        *ability = places.iter().find_map(told).or(*ability);
    }
    abilities
}

/// What a model is for: by the list's own words, else by its name.
fn sort(id: &str, entry: &Value) -> (Sort, Kind) {
    let said = |place: &&str| {
        let value = entry.pointer(place)?;
        let words = match value {
            Value::Array(words) => words.iter().filter_map(Value::as_str).map(str::to_lowercase).collect(),
            Value::String(word) => vec![word.to_lowercase()],
            _ => return None,
        };
        let told: Vec<String> = words.into_iter().filter(|word: &String| !SILENT.contains(&word.as_str())).collect();
        (!told.is_empty()).then_some(told)
    };
    let is_chat = entry.pointer("/capabilities/completion_chat").and_then(Value::as_bool);
    let name = id.to_lowercase();
    let has = |words: &[&str], list: &[&str]| words.iter().any(|word| list.contains(word));
    match PURPOSES.iter().find_map(said) {
        Some(words) => {
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            if has(&words, TEXT) {
                (Sort::Known, Kind::Chat)
            } else if has(&words, VECTORS) {
                (Sort::Known, Kind::Embedding)
            } else {
                (Sort::Other, Kind::Chat)
            }
        }
        None if name.contains(NAME_OF_VECTORS) => (Sort::Known, Kind::Embedding),
        None if is_chat == Some(true) => (Sort::Known, Kind::Chat),
        None if is_chat == Some(false) => (Sort::Other, Kind::Chat),
        None if NAMES_OF_OTHERS.iter().any(|part| name.contains(part)) => (Sort::Other, Kind::Chat),
        None => (Sort::Unknown, Kind::Chat),
    }
}

/// Prices, only where their unit is known: dollars a token (OpenRouter and its kind), or a million tokens where the list says
/// so. A 0 for both input and output may mean that nobody filled it in, so it is no price.
fn pricing(entry: &Value) -> Option<Pricing> {
    let (list, million) = (&entry["pricing"], &entry["model_spec"]["pricing"]);
    let a_token = |value: &Value| i64::try_from(dollars(value)?.pico()).ok().map(Rate::from_pico);
    let a_million = |value: &Value| Rate::parse_per_million(&value.as_number()?.to_string());
    let (input, output, cache_read) = if list.get("prompt").is_some() {
        (a_token(&list["prompt"])?, a_token(&list["completion"]), a_token(&list["input_cache_read"]))
    } else if list["unit"] == "usd_per_1m_tokens" {
        (a_million(&list["input"])?, a_million(&list["output"]), a_million(&list["cache_read"]))
    } else {
        let usd = |name: &str| a_million(&million[name]["usd"]);
        (usd("input")?, usd("output"), usd("cache_input"))
    };
    let all = [Some(input), output, cache_read];
    let is_filled = input.pico() > 0 || output.is_some_and(|rate| rate.pico() > 0);
    if !is_filled || all.into_iter().flatten().any(|rate| rate.pico() < 0) {
        return None;
    }
    let mut rates = Rates::default();
    for (unit, rate) in [Unit::Input, Unit::Output, Unit::CacheRead].into_iter().zip(all) {
        if let Some(rate) = rate {
            rates.set(unit, rate);
        }
    }
    let standard = Card { rates, tiers: Vec::new() };
    Some(Pricing { standard, source: "the provider's list".to_owned(), ..Pricing::default() })
}
