//! The session files of Claude Code: a line an entry. A response is logged once for each block of its content, with counts
//! that grow, and again in every session that was resumed from it.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, BufRead};

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::fields::{dollars, moment};
use super::pieces::{each_line, parse};
use super::{Call, Found, Why, providers, usage};

/// What Claude Code calls the model of messages that it makes up itself.
const MADE_UP: &str = "<synthetic>";

/// Whether a file begins like one.
pub(super) fn fits(head: &str) -> bool {
    head.contains("\"type\"") && (head.contains("\"sessionId\"") || head.contains("\"leafUuid\""))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Line<'a> {
    #[serde(borrow, rename = "type")]
    kind: Option<Cow<'a, str>>,
    #[serde(borrow)]
    timestamp: Option<Cow<'a, str>>,
    #[serde(borrow)]
    uuid: Option<Cow<'a, str>>,
    session_id: Option<String>,
    #[serde(borrow)]
    request_id: Option<Cow<'a, str>>,
    cwd: Option<String>,
    #[serde(rename = "costUSD")]
    cost: Option<Value>,
    #[serde(borrow)]
    message: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Message<'a> {
    #[serde(borrow)]
    id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    model: Option<Cow<'a, str>>,
    usage: Option<Value>,
}

/// Reads a session file.
pub(super) fn read(input: &mut dyn BufRead, _name: &str, found: &mut Found) -> io::Result<()> {
    each_line(input, found, &mut |line, found| {
        let line: Line<'_> = parse(line)?;
        match (line.kind.as_deref(), line.message) {
            (Some("assistant"), Some(message)) => {
                found.add(call(&line, parse(message.get().as_bytes())?)?);
                Ok(())
            }
            (Some("assistant"), None) => Err(Why::Shape),
            _ => Ok(()),
        }
    })
}

fn call(line: &Line<'_>, message: Message<'_>) -> Result<Call, Why> {
    let model = message.model.as_deref().ok_or(Why::Shape)?;
    if model == MADE_UP {
        return Err(Why::Synthetic);
    }
    let reported = message.usage.filter(Value::is_object).ok_or(Why::Shape)?;
    let (provider, model) = providers::named(None, model);
    Ok(Call {
        id: id(line, message.id.as_deref()).ok_or(Why::Nameless)?,
        at: line.timestamp.as_deref().and_then(moment).ok_or(Why::Timeless)?,
        provider,
        model,
        usage: usage::anthropic(&reported),
        duration: None,
        failed: false,
        rejected: false,
        claimed: line.cost.as_ref().and_then(dollars),
        conversation: line.session_id.clone(),
        project: line.cwd.clone(),
        tags: BTreeMap::new(),
    })
}

/// The message and the request together: neither is always there, and each was seen twice alone.
fn id(line: &Line<'_>, message: Option<&str>) -> Option<String> {
    match (message, line.request_id.as_deref()) {
        (Some(message), Some(request)) => Some(format!("{message}/{request}")),
        (Some(only), None) | (None, Some(only)) => Some(only.to_owned()),
        (None, None) => line.uuid.as_deref().map(str::to_owned),
    }
}
