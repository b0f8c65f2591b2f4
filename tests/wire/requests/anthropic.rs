//! Recorded Messages bodies as conversations, of Anthropic and of other places that speak the format.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use llmx::chat::{
    AnswerForm, ChatRequest, Media, MediaSource, Message, Part, Role, Schema, Thought, Tool, ToolCall, ToolChoice,
    ToolResult,
};
use serde_json::{Map, Value, json};

use super::{Difference, Reader};
use crate::wire::recording::Recording;

pub const READER: Reader = Reader { codec: "anthropic", read, differences: DIFFERENCES };

pub const DIFFERENCES: &[Difference] = &[
    Difference { reason: "a single block of text means the same as a plain string", settle: texts_as_blocks },
    Difference {
        reason: "`cache_control` changes the price and not the answer, and llmx has no word for it",
        settle: |sent, recorded| each(sent, recorded, &|body| without(body, &|name, _| name == "cache_control")),
    },
    Difference {
        reason: "a default may be spelled out: null, an empty list, no stream, no error",
        settle: |sent, recorded| each(sent, recorded, &|body| without(body, &is_default)),
    },
    Difference {
        reason: "a tool without a type is one that the client runs",
        settle: |sent, recorded| each(sent, recorded, &client_tools),
    },
    Difference {
        reason: "llmx always sends the limit, without which the request is refused",
        settle: |sent, recorded| {
            if recorded.get("max_tokens").is_none() {
                sent.as_object_mut().map(|body| body.shift_remove("max_tokens"));
            }
        },
    },
    Difference {
        reason: "llmx has no word for asking that a document be cited",
        settle: |sent, recorded| {
            each(sent, recorded, &|body| {
                without(body, &|name, value| name == "citations" && value.get("enabled").is_some());
            });
        },
    },
];

/// Members that a [`Difference`] settles.
const SETTLED: &[&str] = &["type", "cache_control", "citations"];

pub fn read(_: &Recording, mut body: Map<String, Value>) -> ChatRequest {
    let mut request = ChatRequest::default();
    let options = &mut request.options;
    body.remove("model");
    options.max_tokens = take(&mut body, "max_tokens", Value::as_u64);
    options.temperature = take(&mut body, "temperature", Value::as_f64);
    options.top_p = take(&mut body, "top_p", Value::as_f64);
    options.stop = take(&mut body, "stop_sequences", strings).unwrap_or_default();
    thinking(&mut body, &mut request);
    request.system = take(&mut body, "system", text);
    request.messages =
        take(&mut body, "messages", |list| list.as_array()?.iter().map(turn).collect()).unwrap_or_default();
    request.tools = take(&mut body, "tools", |list| list.as_array()?.iter().map(tool).collect()).unwrap_or_default();
    request.tool_choice = tool_choice(&mut body);
    request.stream = take(&mut body, "stream", Value::as_bool).unwrap_or_default();
    request.options.extra = body;
    request
}

/// Takes a member that the vocabulary has a word for; one that it cannot say stays.
pub fn take<T>(body: &mut Map<String, Value>, name: &str, read: impl Fn(&Value) -> Option<T>) -> Option<T> {
    let value = read(body.get(name)?)?;
    body.shift_remove(name);
    Some(value)
}

pub fn strings(list: &Value) -> Option<Vec<String>> {
    list.as_array()?.iter().map(|text| text.as_str().map(str::to_owned)).collect()
}

fn thinking(body: &mut Map<String, Value>, request: &mut ChatRequest) {
    if let Some(Value::Object(thinking)) = body.get_mut("thinking") {
        let effort = match thinking.get("type").and_then(Value::as_str) {
            Some("enabled") => take(thinking, "budget_tokens", Value::as_u64).map(|budget| budget.to_string()),
            Some("disabled") => Some("none".to_owned()),
            _ => None,
        };
        if effort.is_some() {
            thinking.shift_remove("type");
        }
        request.options.reasoning_effort = effort;
    }
    if let Some(Value::Object(config)) = body.get_mut("output_config") {
        if request.options.reasoning_effort.is_none() {
            request.options.reasoning_effort = take(config, "effort", |effort| effort.as_str().map(str::to_owned));
        }
        request.form = take(config, "format", |format| {
            let is_plain = format["type"] == "json_schema" && only(format, &["schema"]);
            let schema = format.get("schema").filter(|_| is_plain)?.clone();
            Some(AnswerForm::Schema(Schema { schema, ..Schema::default() }))
        });
    }
    for name in ["thinking", "output_config"] {
        if body.get(name).is_some_and(|left| left.as_object().is_some_and(Map::is_empty)) {
            body.shift_remove(name);
        }
    }
}

/// A string, or the only block of text in a list.
fn text(content: &Value) -> Option<String> {
    let block = match content.as_array().map(Vec::as_slice) {
        None => return content.as_str().map(str::to_owned),
        Some([block]) => block,
        Some(_) => return None,
    };
    let is_plain = block["type"] == "text" && only(block, &["text"]);
    block.get("text").filter(|_| is_plain)?.as_str().map(str::to_owned)
}

/// Whether a block has no members but these and those that make no difference.
fn only(block: &Value, names: &[&str]) -> bool {
    let settled = |name: &str, value: &Value| {
        SETTLED.contains(&name) && (name != "citations" || value.is_null() || value.get("enabled").is_some())
    };
    block.as_object().is_some_and(|members| {
        members.iter().all(|(name, value)| names.contains(&name.as_str()) || settled(name, value))
    })
}

fn turn(turn: &Value) -> Option<Message> {
    let role = match turn.get("role")?.as_str()? {
        "user" => Role::User,
        "assistant" => Role::Assistant,
        _ => return None,
    };
    let parts = match &turn["content"] {
        Value::String(text) => vec![Part::Text(text.clone())],
        content => content.as_array()?.iter().map(part).collect::<Option<_>>()?,
    };
    Some(Message { role, parts })
}

/// A block; `None` for those of tools that the provider runs, and for whatever else no part stands for.
fn part(block: &Value) -> Option<Part> {
    let word = |name: &str| block.get(name).and_then(Value::as_str).map(str::to_owned);
    let seal = |name: &str| word(name);
    match block.get("type")?.as_str()? {
        "text" if only(block, &["text"]) => Some(Part::Text(word("text")?)),
        kind @ ("image" | "document") if only(block, &["source", "title"]) => {
            let (media_type, source) = source(&block["source"], kind)?;
            Some(Part::Media(Media { media_type, name: word("title"), source }))
        }
        "thinking" if only(block, &["thinking", "signature"]) => {
            Some(Part::Thought(Thought { id: None, text: word("thinking")?, seal: seal("signature") }))
        }
        "redacted_thinking" if only(block, &["data"]) => {
            let id = Some("redacted_thinking".to_owned());
            Some(Part::Thought(Thought { id, text: String::new(), seal: seal("data") }))
        }
        "tool_use" if only(block, &["id", "name", "input"]) => {
            let arguments = block.get("input")?.to_string();
            Some(Part::ToolCall(ToolCall { id: word("id"), name: word("name")?, arguments, seal: None }))
        }
        "tool_result" if only(block, &["tool_use_id", "content", "is_error"]) => {
            let (call, content) = (word("tool_use_id"), text(&block["content"])?);
            let is_error = block["is_error"] == true;
            Some(Part::ToolResult(ToolResult { call, name: None, content, is_error }))
        }
        _ => None,
    }
}

fn source(source: &Value, kind: &str) -> Option<(String, MediaSource)> {
    let word = |name: &str| source.get(name).and_then(Value::as_str).map(str::to_owned);
    match source.get("type")?.as_str()? {
        "base64" => Some((word("media_type")?, MediaSource::Base64(word("data")?))),
        "text" => Some((word("media_type")?, MediaSource::Base64(STANDARD.encode(word("data")?)))),
        "url" => {
            let media_type = if kind == "image" { "image/png" } else { "application/pdf" };
            Some((media_type.to_owned(), MediaSource::Url(word("url")?)))
        }
        _ => None,
    }
}

/// A tool that the client runs; those that the provider runs have a type of their own.
fn tool(tool: &Value) -> Option<Tool> {
    let is_plain = matches!(tool.get("type").and_then(Value::as_str), None | Some("custom"));
    let known = is_plain && only(tool, &["name", "description", "input_schema", "strict"]);
    Some(Tool {
        name: tool.get("name").filter(|_| known)?.as_str()?.to_owned(),
        description: tool.get("description").and_then(Value::as_str).map(str::to_owned),
        parameters: tool.get("input_schema")?.clone(),
        strict: tool.get("strict").and_then(Value::as_bool),
    })
}

fn tool_choice(body: &mut Map<String, Value>) -> Option<ToolChoice> {
    let members = body.get_mut("tool_choice")?.as_object_mut()?;
    let choice = match members.get("type")?.as_str()? {
        "auto" => ToolChoice::Auto,
        "none" => ToolChoice::None,
        "any" => ToolChoice::Required,
        "tool" => ToolChoice::Named(members.shift_remove("name")?.as_str()?.to_owned()),
        _ => return None,
    };
    members.shift_remove("type");
    if members.is_empty() {
        body.shift_remove("tool_choice");
    }
    Some(choice)
}

pub fn each(sent: &mut Value, recorded: &mut Value, settle: &dyn Fn(&mut Value)) {
    settle(sent);
    settle(recorded);
}

/// Takes members away, wherever they stand in what the format itself defines.
fn without(value: &mut Value, gone: &dyn Fn(&str, &Value) -> bool) {
    match value {
        Value::Object(members) => {
            members.retain(|name, value| !gone(name, value));
            // What a tool takes is the user's own.
            let own = |name: &str| !matches!(name, "input" | "input_schema" | "schema");
            members.iter_mut().filter(|(name, _)| own(name)).for_each(|(_, value)| without(value, gone));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| without(item, gone)),
        _ => {}
    }
}

fn is_default(name: &str, value: &Value) -> bool {
    match name {
        "stream" | "is_error" => *value == false,
        "stop_sequences" | "tools" => *value == json!([]),
        _ => value.is_null(),
    }
}

fn client_tools(body: &mut Value) {
    for tool in body.get_mut("tools").and_then(Value::as_array_mut).into_iter().flatten() {
        if let Some(members) = tool.as_object_mut() {
            members.retain(|name, value| name != "type" || *value != "custom");
        }
    }
}

fn texts_as_blocks(sent: &mut Value, recorded: &mut Value) {
    fn as_blocks(content: &mut Value) {
        if content.is_string() {
            *content = json!([{"type": "text", "text": content}]);
        }
    }
    each(sent, recorded, &|body| {
        body.get_mut("system").into_iter().for_each(as_blocks);
        for message in body.get_mut("messages").and_then(Value::as_array_mut).into_iter().flatten() {
            let Some(content) = message.get_mut("content") else { continue };
            as_blocks(content);
            let results = content.as_array_mut().into_iter().flatten().filter(|block| block["type"] == "tool_result");
            results.filter_map(|block| block.get_mut("content")).for_each(as_blocks);
        }
    });
}
