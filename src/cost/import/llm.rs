//! Rows of the `logs.db` of simonw/llm. Its plugins log what the provider counted, each by the provider's own names.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Map, Value};

use super::fields::{count, json, moment, text};
use super::{Call, Found, Why, providers, usage};
use crate::chat::Usage;

/// The tables that hold calls: the newer ones of version 0.32 on, which also wrote both for a while.
pub const TABLES: &[&str] = &["responses", "turns"];

/// What is read of a row, where the version of the database has it; never what was said.
pub const COLUMNS: &[&str] = &[
    "id",
    "model",
    "resolved_model",
    "datetime_utc",
    "duration_ms",
    "conversation_id",
    "thread_id",
    "input_tokens",
    "output_tokens",
    "token_details",
];

/// How a SQLite file begins.
const MAGIC: &str = "SQLite format 3\0";

/// Whether a file begins like one.
pub(super) fn fits(head: &str) -> bool {
    head.starts_with(MAGIC)
}

/// Reads one row, the `number`-th.
pub fn read(row: &Value, number: u64, found: &mut Found) {
    match call(row) {
        Ok(call) => found.add(call),
        Err(why) => found.pass_over(why, number),
    }
}

fn call(row: &Value) -> Result<Call, Why> {
    let asked = text(row, "model").ok_or(Why::Shape)?;
    let (provider, model) = served(asked, text(row, "resolved_model"));
    Ok(Call {
        id: text(row, "id").ok_or(Why::Nameless)?.to_owned(),
        at: text(row, "datetime_utc").and_then(moment).ok_or(Why::Timeless)?,
        usage: counted(row, &provider),
        provider,
        model,
        duration: count(row, "duration_ms").map(Duration::from_millis),
        failed: false,
        rejected: false,
        claimed: None,
        conversation: text(row, "conversation_id").or_else(|| text(row, "thread_id")).map(str::to_owned),
        project: None,
        tags: BTreeMap::new(),
    })
}

/// The model that an alias stood for has often no provider before it; the alias has.
fn served(asked: &str, resolved: Option<&str>) -> (String, String) {
    let (provider, model) = providers::named(None, asked);
    match resolved {
        None => (provider, model),
        Some(resolved) if provider == providers::UNKNOWN => providers::named(None, resolved),
        Some(resolved) => providers::named(Some(&provider), resolved),
    }
}

fn counted(row: &Value, provider: &str) -> Usage {
    let totals = ["input_tokens", "output_tokens"].map(|name| Some((name.to_owned(), count(row, name)?.into())));
    let details = json(row, "token_details");
    let details = details.as_object().cloned().unwrap_or_default();
    let raw: Map<String, Value> = totals.into_iter().flatten().chain(details).collect();
    usage(&Value::Object(raw), provider)
}

/// The names tell who counted.
pub(super) fn usage(raw: &Value, provider: &str) -> Usage {
    let has = |name: &str| raw.get(name).is_some();
    let read = if ["cachedContentTokenCount", "thoughtsTokenCount", "candidatesTokenCount"].into_iter().any(has) {
        usage::gemini
    } else if ["anthropic", "bedrock", "vertex"].contains(&provider)
        && ["cache_read_input_tokens", "cache_creation_input_tokens"].into_iter().any(has)
    {
        usage::anthropic
    } else {
        usage::openai
    };
    read(raw)
}
