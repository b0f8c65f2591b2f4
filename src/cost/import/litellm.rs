//! The spend logs of LiteLLM's proxy: rows of `LiteLLM_SpendLogs`, exported as JSON lines, as an array or as CSV. What it says
//! a request cost is its own computation.

use std::collections::BTreeMap;
use std::io::{self, BufRead};

use jiff::Timestamp;
use serde_json::{Value, json};

use super::fields::{count, dollars, json, moment, text};
use super::{Call, Found, Why, csv, pieces, providers, usage};
use crate::chat::Usage;
use crate::money::Usd;

/// Whether a file begins like one.
pub(super) fn fits(head: &str) -> bool {
    head.contains("request_id") && (head.contains("spend") || head.contains("call_type"))
}

/// Reads an export.
pub(super) fn read(input: &mut dyn BufRead, _name: &str, found: &mut Found) -> io::Result<()> {
    match pieces::first_byte(input)? {
        Some(b'[' | b'{' | b'\n' | b'\r') => {
            pieces::each(input, found, &mut |entry, found| row(&pieces::parse(entry)?, found))
        }
        _ => csv::each_row(input, found, &mut row),
    }
}

fn row(row: &Value, found: &mut Found) -> Result<(), Why> {
    if text(row, "request_id").is_none() {
        let is_row = row.get("call_type").is_some() || row.get("spend").is_some();
        return Err(if is_row { Why::Nameless } else { Why::Shape });
    }
    if is_true(row.get("cache_hit")) {
        return Err(Why::FromCache);
    }
    found.add(call(row)?);
    Ok(())
}

fn call(row: &Value) -> Result<Call, Why> {
    let metadata = json(row, "metadata");
    let at = text(row, "startTime").and_then(moment).ok_or(Why::Timeless)?;
    let (provider, model) = providers::named(text(row, "custom_llm_provider"), text(row, "model").unwrap_or_default());
    let failed = [text(row, "status"), text(&metadata, "status")].contains(&Some("failure"));
    Ok(Call {
        id: text(row, "request_id").ok_or(Why::Nameless)?.to_owned(),
        at,
        provider,
        model: if model.is_empty() { providers::UNKNOWN.to_owned() } else { model },
        usage: counted(row, &metadata),
        duration: text(row, "endTime").and_then(moment).and_then(|end| lasted(at, end)),
        failed,
        rejected: failed && was_rejected(&metadata),
        // It writes 0 where it knows no price.
        claimed: row.get("spend").and_then(dollars).filter(|spend| *spend > Usd::ZERO),
        conversation: text(row, "session_id").map(str::to_owned),
        project: None,
        tags: tags(row, &metadata),
    })
}

fn is_true(value: Option<&Value>) -> bool {
    match value {
        Some(Value::String(text)) => text.eq_ignore_ascii_case("true") || text == "t",
        value => value.and_then(Value::as_bool).unwrap_or(false),
    }
}

/// The usage object where it was logged; older versions kept the details apart from the totals. Images and speech have no
/// tokens, and LiteLLM counts 0.
fn counted(row: &Value, metadata: &Value) -> Usage {
    let totals = ["prompt_tokens", "completion_tokens"].map(|name| (name.to_owned(), json!(count(row, name))));
    let logged = metadata.get("usage_object").filter(|usage| usage.get("prompt_tokens").is_some());
    let raw = match (logged, metadata.get("additional_usage_values").and_then(Value::as_object)) {
        (Some(usage), _) => usage.clone(),
        (None, details) => totals.into_iter().chain(details.cloned().into_iter().flatten()).collect(),
    };
    usage(&raw)
}

/// A call without tokens was not counted.
pub(super) fn usage(raw: &Value) -> Usage {
    let usage = usage::openai(raw);
    let nothing = usage.input.unwrap_or(0) == 0 && usage.output.unwrap_or(0) == 0;
    if nothing { Usage { raw: raw.clone(), ..Usage::default() } } else { usage }
}

fn lasted(from: Timestamp, until: Timestamp) -> Option<std::time::Duration> {
    until.duration_since(from).try_into().ok()
}

/// The request was wrong, not allowed or too much: no answer was begun.
fn was_rejected(metadata: &Value) -> bool {
    let information = json(metadata, "error_information");
    let code = information.get("error_code").map(|code| code.as_str().map_or_else(|| code.to_string(), str::to_owned));
    code.is_some_and(|code| code.len() == 3 && code.starts_with('4') && !["408", "499"].contains(&code.as_str()))
}

/// Tags are texts, many of them `name:value`; what LiteLLM adds of itself says nothing of the request.
fn tags(row: &Value, metadata: &Value) -> BTreeMap<String, String> {
    let listed = json(row, "request_tags");
    let listed = listed.as_array().into_iter().flatten().filter_map(Value::as_str);
    let named = listed.filter(|tag| !tag.is_empty() && !tag.starts_with("User-Agent:")).map(|tag| {
        let (name, value) = tag.split_once([':', '=']).unwrap_or((tag, "true"));
        (name.trim().to_owned(), value.trim().to_owned())
    });
    let team = text(metadata, "user_api_key_team_alias").or_else(|| text(row, "team_id"));
    named.chain(team.map(|team| ("team".to_owned(), team.to_owned()))).collect()
}
