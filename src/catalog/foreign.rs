//! Facts in the public formats that people name: the JSON of litellm's `model_prices_and_context_window` and the `api.json` of
//! models.dev. Each becomes [`Stated`] facts in the table's own words; a price that cannot be right is an error.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::money::{Rate, Usd};

/// Fields in the table's grammar, by the key `provider/id`.
pub(super) type Facts = BTreeMap<String, Stated>;

/// What a source states of one model. What is `None` it does not state.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Stated {
    pub kind: Option<&'static str>,
    pub status: Option<&'static str>,
    pub context: Option<u64>,
    pub max_input: Option<u64>,
    pub max_output: Option<u64>,
    pub released: Option<String>,
    pub ends: Option<String>,
    /// Abilities that are there, and that are lacking.
    pub abilities: Vec<(&'static str, bool)>,
    pub price: Option<Price>,
}

/// Prices of the standard mode; `tiers` by their threshold, and cards of other modes by their name.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Price {
    pub input: Rate,
    pub output: Option<Rate>,
    /// Further units by their name in the table.
    pub units: Vec<(&'static str, Rate)>,
    pub tiers: Vec<(u64, Price)>,
    pub modes: Vec<(&'static str, Price)>,
}

/// A public format.
pub(super) struct Format {
    pub name: &'static str,
    /// Whether a file is of this format.
    pub fits: fn(&Value) -> bool,
    /// Reads the facts of a whole file, or says what is wrong with it.
    pub read: fn(&Value) -> Result<Facts, String>,
}

pub(super) const FORMATS: &[Format] = &[
    Format { name: "litellm", fits: is_litellm, read: litellm },
    Format { name: "models.dev", fits: is_models_dev, read: models_dev },
];

/// Catalogue names of providers that these formats call otherwise.
const PROVIDERS: &[(&str, &str)] = &[
    ("alibaba", "dashscope"),
    ("amazon-bedrock", "bedrock"),
    ("azure", "azure-openai"),
    ("azure-cognitive-services", "azure-ai"),
    ("bedrock-converse", "bedrock"),
    ("cloudflare-workers-ai", "cloudflare"),
    ("cohere-chat", "cohere"),
    ("fireworks-ai", "fireworks"),
    ("fireworks-ai-embedding-models", "fireworks"),
    ("google", "gemini"),
    ("google-vertex", "vertex"),
    ("google-vertex-anthropic", "vertex"),
    ("jina-ai", "jina"),
    ("lambda-ai", "lambda"),
    ("llama", "meta"),
    ("meta-llama", "meta"),
    ("moonshotai", "moonshot"),
    ("nvidia-nim", "nvidia"),
    ("text-completion-openai", "openai"),
    ("together-ai", "together"),
    ("togetherai", "together"),
    ("vercel-ai-gateway", "vercel"),
    ("vertex-ai", "vertex"),
];

/// The catalogue's name of a provider.
pub(super) fn provider(name: &str) -> String {
    let name = name.to_ascii_lowercase().replace('_', "-");
    let known = PROVIDERS.iter().find(|(theirs, _)| *theirs == name).map(|(_, ours)| *ours);
    // litellm has one name for each family of models on Vertex AI.
    known.unwrap_or(if name.starts_with("vertex-ai-") { "vertex" } else { &name }).to_owned()
}

/// The key of a model; `None` when it cannot be one.
fn key(provider: &str, id: &str) -> Option<String> {
    let plain = |text: &str| {
        !text.is_empty() && text.len() <= 200 && !text.contains(|c: char| c.is_whitespace() || c.is_control())
    };
    (plain(provider) && plain(id) && !provider.contains('/') && !provider.starts_with('#'))
        .then(|| format!("{provider}/{id}"))
}

/// A number of tokens, also in digits; what is neither is an error, and 0 says nothing.
fn count(record: &Value, member: &str) -> Result<Option<u64>, String> {
    let value = &record[member];
    let number = match value {
        Value::Null => return Ok(None),
        Value::Number(number) => number.as_u64().or_else(|| whole(number.as_f64()?)),
        Value::String(digits) => digits.trim().parse().ok(),
        _ => None,
    };
    let number = number.ok_or_else(|| format!("`{member}` is no number of tokens: {value}"))?;
    Ok((number > 0).then_some(number))
}

fn whole(number: f64) -> Option<u64> {
    format!("{number}").parse().ok()
}

/// A price in dollars for each of `tokens` tokens; what is no number, or below nothing, is an error.
fn rate(record: &Value, member: &str, tokens: i128) -> Result<Option<Rate>, String> {
    let value = &record[member];
    let dollars = match value {
        Value::Null => return Ok(None),
        Value::Number(number) => Usd::parse(&number.to_string())
            .or_else(|| Usd::parse(&format!("{:.12}", number.as_f64().unwrap_or(f64::NAN)))),
        Value::String(text) => Usd::parse(text.trim()),
        _ => None,
    };
    let pico = dollars.ok_or_else(|| format!("`{member}` is no price: {value}"))?.pico();
    if pico < 0 {
        return Err(format!("`{member}` is below nothing: {value}"));
    }
    // More than a dollar a token is a mistake of the unit.
    let pico = i64::try_from(pico / tokens).ok().filter(|pico| *pico <= 1_000_000_000_000);
    pico.map(|pico| Some(Rate::from_pico(pico))).ok_or_else(|| format!("`{member}` is far too high: {value}"))
}

fn day(record: &Value, member: &str) -> Option<String> {
    let day = record[member].as_str()?.get(..10)?;
    day.parse::<jiff::civil::Date>().ok().map(|day| day.to_string())
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn is_litellm(root: &Value) -> bool {
    members(root).any(|(_, record)| record["litellm_provider"].is_string())
}

/// What litellm calls a model's use, in the table's words.
const MODES: &[(&str, Option<&str>)] =
    &[("chat", None), ("responses", None), ("completion", Some("completion")), ("embedding", Some("embedding"))];

const LITELLM_ABILITIES: &[(&str, &str)] = &[
    ("supports_function_calling", "tools"),
    ("supports_response_schema", "json_schema"),
    ("supports_reasoning", "reasoning"),
    ("supports_vision", "vision"),
    ("supports_pdf_input", "pdf"),
    ("supports_system_messages", "system"),
    ("supports_native_streaming", "streaming"),
];

/// Providers whose ids hold a region before a slash there: prices of a region are not the model's.
const REGIONAL: &[&str] = &["bedrock", "azure-openai"];

fn litellm(root: &Value) -> Result<Facts, String> {
    let mut facts = Facts::new();
    for (name, record) in members(root).filter(|(name, _)| *name != "sample_spec") {
        let Some(theirs) = record["litellm_provider"].as_str() else { continue };
        let Some((_, kind)) = MODES.iter().find(|(mode, _)| record["mode"] == *mode) else { continue };
        let provider = provider(theirs);
        let id = match name.split_once('/') {
            Some((first, rest)) if self::provider(first) == provider || theirs.starts_with(first) => rest,
            _ => name,
        };
        if REGIONAL.contains(&provider.as_str()) && id.contains('/') {
            continue;
        }
        let Some(key) = key(&provider, id) else { continue };
        let stated = litellm_record(record, *kind).map_err(|error| format!("`{name}`: {error}"))?;
        facts.entry(key).or_insert(stated);
    }
    Ok(facts)
}

fn litellm_record(record: &Value, kind: Option<&'static str>) -> Result<Stated, String> {
    let flags = LITELLM_ABILITIES.iter();
    Ok(Stated {
        kind,
        context: count(record, "max_input_tokens")?.or(count(record, "max_tokens")?),
        max_output: if kind == Some("embedding") { None } else { count(record, "max_output_tokens")? },
        ends: day(record, "deprecation_date"),
        abilities: flags.filter_map(|(theirs, ours)| Some((*ours, record[theirs].as_bool()?))).collect(),
        price: litellm_price(record)?,
        ..Stated::default()
    })
}

const LITELLM_UNITS: &[(&str, &str)] = &[
    ("cache_read_input_token_cost", "cache_read"),
    ("cache_creation_input_token_cost", "cache_write_5m"),
    ("cache_creation_input_token_cost_above_1hr", "cache_write_1h"),
    ("output_cost_per_reasoning_token", "reasoning"),
    ("input_cost_per_audio_token", "audio_in"),
    ("output_cost_per_audio_token", "audio_out"),
];

fn litellm_price(record: &Value) -> Result<Option<Price>, String> {
    let Some(mut price) = litellm_card(record, "")? else { return Ok(None) };
    let thresholds = members(record).filter_map(|(name, _)| {
        let (above, _) = name.strip_prefix("input_cost_per_token_above_")?.split_once("k_tokens")?;
        above.parse::<u64>().ok()
    });
    let mut thresholds: Vec<u64> = thresholds.collect();
    thresholds.sort_unstable();
    thresholds.dedup();
    for above in thresholds {
        if let Some(tier) = litellm_card(record, &format!("_above_{above}k_tokens"))? {
            price.tiers.push((above * 1000, tier));
        }
    }
    for (suffix, mode) in [("_batches", "batch"), ("_flex", "flex"), ("_priority", "priority")] {
        if let Some(card) = litellm_card(record, suffix)? {
            price.modes.push((mode, card));
        }
    }
    Ok(Some(price))
}

/// The prices whose members end so.
fn litellm_card(record: &Value, suffix: &str) -> Result<Option<Price>, String> {
    let rate = |member: &str| rate(record, &format!("{member}{suffix}"), 1);
    let (input, output) = (rate("input_cost_per_token")?, rate("output_cost_per_token")?);
    let mut units = Vec::new();
    for (theirs, ours) in LITELLM_UNITS {
        // A cache that costs nothing beside an input that does was left open there.
        units.extend(rate(theirs)?.filter(|rate| rate.pico() > 0).map(|rate| (*ours, rate)));
    }
    Ok(price_of(input, output, units))
}

/// A price where there is one: 0 for both may mean that nobody knows it.
fn price_of(input: Option<Rate>, output: Option<Rate>, units: Vec<(&'static str, Rate)>) -> Option<Price> {
    let (input, output) = (input?, output.filter(|rate| rate.pico() > 0));
    (input.pico() > 0 || output.is_some()).then(|| Price { input, output, units, ..Price::default() })
}

fn is_models_dev(root: &Value) -> bool {
    let providers = root.get("providers").unwrap_or(root);
    members(providers).any(|(_, provider)| provider["models"].is_object())
}

fn models_dev(root: &Value) -> Result<Facts, String> {
    let mut facts = Facts::new();
    for (name, theirs) in members(root.get("providers").unwrap_or(root)) {
        let provider = provider(name);
        for (id, record) in members(&theirs["models"]) {
            let outputs = record["modalities"]["output"].as_array();
            let is_text = outputs.is_none_or(|outputs| outputs.iter().any(|output| output == "text"));
            let Some(key) = key(&provider, id).filter(|_| is_text) else { continue };
            let stated = models_dev_record(id, record).map_err(|error| format!("`{name}/{id}`: {error}"))?;
            facts.entry(key).or_insert(stated);
        }
    }
    Ok(facts)
}

const MODELS_DEV_ABILITIES: &[(&str, &str)] = &[
    ("tool_call", "tools"),
    ("structured_output", "json_schema"),
    ("reasoning", "reasoning"),
    ("temperature", "temperature"),
];

fn models_dev_record(id: &str, record: &Value) -> Result<Stated, String> {
    let flags = MODELS_DEV_ABILITIES.iter().filter_map(|(theirs, ours)| Some((*ours, record[theirs].as_bool()?)));
    let inputs = record["modalities"]["input"].as_array();
    let input = |modality: &str| inputs.map(|inputs| inputs.iter().any(|input| input == modality));
    let media = [("vision", input("image")), ("pdf", input("pdf"))];
    let limit = &record["limit"];
    let statuses = ["beta", "deprecated"];
    Ok(Stated {
        // It has no word for embeddings.
        kind: id.to_ascii_lowercase().contains("embed").then_some("embedding"),
        status: statuses.into_iter().find(|status| record["status"] == **status),
        context: count(limit, "context")?,
        max_input: count(limit, "input")?,
        max_output: count(limit, "output")?,
        released: day(record, "release_date"),
        abilities: flags.chain(media.into_iter().filter_map(|(ours, has)| Some((ours, has?)))).collect(),
        price: models_dev_price(&record["cost"])?,
        ..Stated::default()
    })
}

const MODELS_DEV_UNITS: &[(&str, &str)] = &[
    ("cache_read", "cache_read"),
    ("cache_write", "cache_write_5m"),
    ("reasoning", "reasoning"),
    ("input_audio", "audio_in"),
    ("output_audio", "audio_out"),
];

fn models_dev_price(cost: &Value) -> Result<Option<Price>, String> {
    let Some(mut price) = models_dev_card(cost)? else { return Ok(None) };
    let nested: Map<String, Value> = members(cost)
        .filter(|(_, value)| value.is_object() || value.is_array())
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    for (name, value) in &nested {
        let above = name.strip_prefix("context_over_").and_then(|rest| rest.strip_suffix('k')?.parse::<u64>().ok());
        // Prices that depend on what is not understood here are not known.
        let Some(above) = above else { return Ok(None) };
        price.tiers.extend(models_dev_card(value)?.map(|tier| (above * 1000, tier)));
    }
    price.tiers.sort_by_key(|(above, _)| *above);
    Ok(Some(price))
}

fn models_dev_card(cost: &Value) -> Result<Option<Price>, String> {
    const MILLION: i128 = 1_000_000;
    let mut units = Vec::new();
    for (theirs, ours) in MODELS_DEV_UNITS {
        units.extend(rate(cost, theirs, MILLION)?.filter(|rate| rate.pico() > 0).map(|rate| (*ours, rate)));
    }
    Ok(price_of(rate(cost, "input", MILLION)?, rate(cost, "output", MILLION)?, units))
}
