//! What Converse is asked.

use std::borrow::Cow;

use serde_json::{Map, Value, json};

use crate::chat::{
    AnswerForm, ChatRequest, Media, MediaKind, MediaSource, Message, Options, Part, Role, Thought, Tool, ToolChoice,
    ToolResult,
};
use crate::provider::Target;
use crate::wire::{effort, merge};

/// Media types whose format Bedrock calls by another name than what follows their slash.
const FORMATS: &[(&str, &str)] = &[
    ("text/plain", "txt"),
    ("text/markdown", "md"),
    ("application/msword", "doc"),
    ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx"),
    ("application/vnd.ms-excel", "xls"),
    ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
    ("image/jpg", "jpeg"),
    ("audio/mpeg", "mp3"),
    ("audio/x-wav", "wav"),
    ("video/quicktime", "mov"),
    ("video/x-matroska", "mkv"),
    ("video/x-flv", "flv"),
    ("video/x-ms-wmv", "wmv"),
    ("video/3gpp", "three_gp"),
];

/// What [`Thought::id`] says of thinking that the provider hid.
const REDACTED_THINKING: &str = "redacted_thinking";

/// The longest name of a document, in characters.
const LONGEST_NAME: usize = 200;

/// The longest id of a tool call, in characters.
const LONGEST_ID: usize = 64;

/// Writes an effort, a word or a number of tokens, as members of `additionalModelRequestFields`.
type Tell = fn(&str) -> Value;

/// How families of models are told how hard to think, by a part of their names; all others take the last row.
const EFFORTS: &[(&str, Tell)] = &[
    ("anthropic.", |effort| match effort.parse::<u64>() {
        // A number is a budget of thinking tokens, which older models take; a word is an effort, which newer ones take.
        Ok(budget) => json!({"thinking": {"type": "enabled", "budget_tokens": budget}}),
        Err(_) => json!({"output_config": {"effort": effort}}),
    }),
    ("amazon.nova", |effort| json!({"reasoningConfig": {"type": "enabled", "maxReasoningEffort": effort}})),
    ("", |effort| json!({"reasoning_effort": effort})),
];

/// The body; what is not asked for is left out.
pub(super) fn body(target: &Target, request: &ChatRequest) -> Value {
    let mut members = Map::new();
    members.insert("messages".to_owned(), messages(&request.messages));
    let mut set = |name: &str, value: Option<Value>| value.map(|value| members.insert(name.to_owned(), value));
    set("system", request.system.as_ref().map(|text| json!([{"text": text}])));
    set("inferenceConfig", inference(&request.options));
    set("toolConfig", tool_config(request));
    set("outputConfig", request.form.as_ref().and_then(output_config));
    let effort = request.options.reasoning_effort.as_deref();
    set("additionalModelRequestFields", effort.and_then(|effort| thinking(target, &request.options, effort)));
    let mut body = Value::Object(members);
    merge(&mut body, &request.options.extra);
    body
}

fn thinking(target: &Target, options: &Options, effort: &str) -> Option<Value> {
    let (_, told) = EFFORTS.iter().find(|(family, _)| target.id.model.contains(family))?;
    match effort::budget_of(target, effort) {
        Some(budget) => effort::fitting(budget, options.max_tokens).map(|budget| told(&budget.to_string())),
        None => Some(told(effort)),
    }
}

fn inference(options: &Options) -> Option<Value> {
    let mut members = Map::new();
    let mut set = |name: &str, value: Option<Value>| value.map(|value| members.insert(name.to_owned(), value));
    set("maxTokens", options.max_tokens.map(Value::from));
    set("temperature", options.temperature.map(Value::from));
    set("topP", options.top_p.map(Value::from));
    set("stopSequences", (!options.stop.is_empty()).then(|| json!(options.stop)));
    (!members.is_empty()).then_some(Value::Object(members))
}

/// No choice forbids tools: they are not declared then, unless the conversation has calls, which need them declared.
fn tool_config(request: &ChatRequest) -> Option<Value> {
    let called = || {
        let mut parts = request.messages.iter().flat_map(|message| &message.parts);
        parts.any(|part| matches!(part, Part::ToolCall(_) | Part::ToolResult(_)))
    };
    let forbidden = request.tool_choice == Some(ToolChoice::None) && !called();
    if request.tools.is_empty() || forbidden {
        return None;
    }
    let mut config = json!({"tools": request.tools.iter().map(tool).collect::<Value>()});
    match &request.tool_choice {
        None | Some(ToolChoice::None) => {}
        Some(ToolChoice::Auto) => config["toolChoice"] = json!({"auto": {}}),
        Some(ToolChoice::Required) => config["toolChoice"] = json!({"any": {}}),
        Some(ToolChoice::Named(name)) => config["toolChoice"] = json!({"tool": {"name": name}}),
    }
    Some(config)
}

fn tool(tool: &Tool) -> Value {
    let nothing = || json!({"type": "object", "properties": {}});
    let schema = if tool.parameters.is_null() { nothing() } else { tool.parameters.clone() };
    let mut spec = json!({"name": tool.name, "inputSchema": {"json": schema}});
    if let Some(description) = &tool.description {
        spec["description"] = json!(description);
    }
    if let Some(strict) = tool.strict {
        spec["strict"] = json!(strict);
    }
    json!({"toolSpec": spec})
}

/// The schema is sent as its text. There is no place for "any JSON".
fn output_config(form: &AnswerForm) -> Option<Value> {
    let AnswerForm::Schema(schema) = form else { return None };
    let mut definition = json!({"schema": schema.schema.to_string()});
    if !schema.name.is_empty() {
        definition["name"] = json!(schema.name);
    }
    if let Some(description) = &schema.description {
        definition["description"] = json!(description);
    }
    Some(json!({"textFormat": {"type": "json_schema", "structure": {"jsonSchema": definition}}}))
}

/// Turns take turns: those of one speaker in a row are one.
fn messages(messages: &[Message]) -> Value {
    let mut turns: Vec<(Role, Vec<Value>)> = Vec::new();
    let mut names = Vec::new();
    for message in messages {
        let content = message.parts.iter().filter_map(|part| content(part, &mut names));
        match turns.last_mut() {
            Some((role, known)) if *role == message.role => known.extend(content),
            _ => turns.push((message.role, content.collect())),
        }
    }
    let role = |role: Role| match role {
        Role::User => "user",
        Role::Assistant => "assistant",
    };
    turns.into_iter().map(|(speaker, content)| json!({"role": role(speaker), "content": content})).collect()
}

/// A content block. Blank text is left out, since Bedrock rejects it. `names` are those of the documents so far.
fn content(part: &Part, names: &mut Vec<String>) -> Option<Value> {
    Some(match part {
        Part::Text(text) if text.trim().is_empty() => return None,
        Part::Text(text) => json!({"text": text}),
        Part::Media(media) => attachment(media, names),
        Part::Thought(thought) => return thought_given_back(thought),
        Part::ToolCall(call) => {
            let input = call.parsed().filter(Value::is_object).unwrap_or_else(|| json!({}));
            let id = call.id.as_deref().unwrap_or(&call.name);
            json!({"toolUse": {"toolUseId": tool_id(id), "name": call.name, "input": input}})
        }
        Part::ToolResult(result) => tool_result(result),
    })
}

/// Thinking goes back as it came: with its signature, or as the data that stood for it.
fn thought_given_back(thought: &Thought) -> Option<Value> {
    let hidden = thought.id.as_deref() == Some(REDACTED_THINKING);
    Some(match (thought.text.as_str(), &thought.seal) {
        ("", None) => return None,
        (_, Some(data)) if hidden => json!({"reasoningContent": {"redactedContent": data}}),
        (text, None) => json!({"reasoningContent": {"reasoningText": {"text": text}}}),
        (text, Some(seal)) => json!({"reasoningContent": {"reasoningText": {"text": text, "signature": seal}}}),
    })
}

fn tool_result(result: &ToolResult) -> Value {
    let id = result.call.as_deref().or(result.name.as_deref()).unwrap_or_default();
    let mut told = json!({"toolUseId": tool_id(id), "content": [{"text": result.content}]});
    if result.is_error {
        told["status"] = json!("error");
    }
    json!({"toolResult": told})
}

/// An id with nothing in it that Bedrock rejects: a conversation may have begun at another provider.
fn tool_id(id: &str) -> Cow<'_, str> {
    let fits = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-');
    if id.len() <= LONGEST_ID && id.chars().all(fits) {
        return Cow::Borrowed(id);
    }
    // The end of an id tells calls apart that were made in one turn.
    let skipped = id.chars().count().saturating_sub(LONGEST_ID);
    id.chars().skip(skipped).map(|letter| if fits(letter) { letter } else { '_' }).collect()
}

/// An address must be one of S3, or Bedrock says so: it fetches nothing else.
fn attachment(media: &Media, names: &mut Vec<String>) -> Value {
    let source = match &media.source {
        MediaSource::Base64(bytes) => json!({"bytes": bytes}),
        MediaSource::Url(address) => json!({"s3Location": {"uri": address}}),
    };
    let format = format(&media.media_type);
    match media.kind() {
        MediaKind::Image => json!({"image": {"format": format, "source": source}}),
        MediaKind::Audio => json!({"audio": {"format": format, "source": source}}),
        MediaKind::Video => json!({"video": {"format": format, "source": source}}),
        MediaKind::Document => {
            let name = document_name(media.name.as_deref().unwrap_or("document"), names);
            json!({"document": {"format": format, "name": name, "source": source}})
        }
    }
}

fn format(media_type: &str) -> &str {
    let known = FORMATS.iter().find(|(known, _)| *known == media_type).map(|(_, format)| *format);
    known.or_else(|| media_type.split_once('/').map(|(_, format)| format)).unwrap_or(media_type)
}

/// A name of letters, digits, single blanks, hyphens and brackets, that no other document of the request has.
fn document_name(name: &str, names: &mut Vec<String>) -> String {
    let fits = |letter: char| letter.is_ascii_alphanumeric() || "-()[] ".contains(letter);
    let plain: String = name.chars().map(|letter| if fits(letter) { letter } else { '-' }).collect();
    // Room is left for a number.
    let plain: String = plain.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(LONGEST_NAME - 8).collect();
    let plain = if plain.is_empty() { "document".to_owned() } else { plain };
    let unique = match names.iter().filter(|known| **known == plain).count() {
        0 => plain.clone(),
        earlier => format!("{plain} ({})", earlier + 1),
    };
    names.push(plain);
    unique
}
