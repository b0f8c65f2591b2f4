//! The body of a Responses request: the options, and the conversation as a list of items.

use serde_json::{Map, Value, json};

use crate::chat::{
    AnswerForm, ChatRequest, Media, MediaKind, MediaSource, Message, Part, Role, Thought, Tool, ToolChoice,
};
use crate::provider::{EffortPlace, Target};
use crate::wire::merge;
use crate::wire::openai_chat::encode::named_schema;
use crate::wire::openai_chat::messages::{CallIds, file_name};

pub(super) fn body(target: &Target, request: &ChatRequest) -> Value {
    let options = &request.options;
    let mut body = Map::new();
    let mut set = |name: &str, value: Value| drop(body.insert(name.to_owned(), value));
    set("model", json!(target.id.model));
    if let Some(system) = &request.system {
        set("instructions", json!(system));
    }
    set("input", input(target, request));
    if request.stream {
        set("stream", json!(true));
    }
    // The whole conversation is sent every time: nothing has to be kept at the provider, and what is not kept cannot leak.
    set("store", json!(false));
    if sealed_thoughts(request) {
        // What is sealed in this answer will be wanted next time as well.
        set("include", json!(["reasoning.encrypted_content"]));
    }
    if let Some(limit) = options.max_tokens {
        set("max_output_tokens", json!(limit));
    }
    if let Some(temperature) = options.temperature {
        set("temperature", json!(temperature));
    }
    if let Some(share) = options.top_p {
        set("top_p", json!(share));
    }
    if !request.tools.is_empty() {
        set("tools", request.tools.iter().map(tool).collect());
    }
    if let Some(choice) = &request.tool_choice {
        set("tool_choice", tool_choice(choice));
    }
    if let Some(form) = &request.form {
        set("text", json!({"format": format(form)}));
    }
    if let Some(effort) = &options.reasoning_effort {
        set("reasoning", reasoning(target.provider.quirks.effort, effort));
    }
    let mut body = Value::Object(body);
    merge(&mut body, &options.extra);
    body
}

fn sealed_thoughts(request: &ChatRequest) -> bool {
    let mut parts = request.messages.iter().flat_map(|message| &message.parts);
    parts.any(|part| matches!(part, Part::Thought(thought) if thought.seal.is_some()))
}

/// Gateways that know a budget of tokens in Chat Completions know it here by the same name.
fn reasoning(place: EffortPlace, effort: &str) -> Value {
    match (place, effort.parse::<u64>()) {
        (EffortPlace::Reasoning, Ok(tokens)) => json!({"max_tokens": tokens}),
        _ => json!({"effort": effort}),
    }
}

/// Unlike in Chat Completions, `parameters` must be there.
fn tool(tool: &Tool) -> Value {
    let nothing = || json!({"type": "object", "properties": {}});
    let parameters = if tool.parameters.is_null() { nothing() } else { tool.parameters.clone() };
    let mut members = Map::new();
    members.insert("type".to_owned(), json!("function"));
    members.insert("name".to_owned(), json!(tool.name));
    members.extend(tool.description.as_ref().map(|text| ("description".to_owned(), json!(text))));
    members.insert("parameters".to_owned(), parameters);
    members.extend(tool.strict.map(|strict| ("strict".to_owned(), json!(strict))));
    Value::Object(members)
}

fn tool_choice(choice: &ToolChoice) -> Value {
    match choice {
        ToolChoice::Auto => json!("auto"),
        ToolChoice::None => json!("none"),
        ToolChoice::Required => json!("required"),
        ToolChoice::Named(name) => json!({"type": "function", "name": name}),
    }
}

fn format(form: &AnswerForm) -> Value {
    match form {
        AnswerForm::Json => json!({"type": "json_object"}),
        AnswerForm::Schema(schema) => {
            let mut members = named_schema(schema);
            members.insert("type".to_owned(), json!("json_schema"));
            Value::Object(members)
        }
    }
}

fn input(target: &Target, request: &ChatRequest) -> Value {
    let mut ids = CallIds::new(target.provider.quirks.call_id_length);
    let mut items = Vec::new();
    for message in &request.messages {
        // Pieces of one turn that are no item of their own are one message.
        let mut said = Vec::new();
        for part in &message.parts {
            match item(&mut ids, part) {
                Some(item) => {
                    items.extend(turn(message, &std::mem::take(&mut said)));
                    items.push(item);
                }
                None => said.push(part),
            }
        }
        items.extend(turn(message, &said));
    }
    Value::Array(items)
}

/// A part that is an item of its own.
fn item(ids: &mut CallIds, part: &Part) -> Option<Value> {
    Some(match part {
        Part::Text(_) | Part::Media(_) => return None,
        Part::Thought(thought) => thinking(thought),
        Part::ToolCall(call) => {
            let arguments = if call.arguments.trim().is_empty() { "{}" } else { &call.arguments };
            let id = ids.of_call(call.id.as_deref());
            json!({"type": "function_call", "call_id": id, "name": call.name, "arguments": arguments})
        }
        Part::ToolResult(result) => {
            let id = ids.of_result(result.call.as_deref());
            json!({"type": "function_call_output", "call_id": id, "output": result.content})
        }
    })
}

fn thinking(thought: &Thought) -> Value {
    let texts: Vec<Value> = Some(&thought.text)
        .filter(|text| !text.is_empty())
        .map(|text| json!({"type": "summary_text", "text": text}))
        .into_iter()
        .collect();
    let mut members = Map::new();
    members.insert("type".to_owned(), json!("reasoning"));
    members.extend(thought.id.as_ref().map(|id| ("id".to_owned(), json!(id))));
    members.insert("summary".to_owned(), Value::Array(texts));
    members.extend(thought.seal.as_ref().map(|seal| ("encrypted_content".to_owned(), json!(seal))));
    Value::Object(members)
}

fn turn(message: &Message, parts: &[&Part]) -> Option<Value> {
    let role = match message.role {
        Role::User => "user",
        Role::Assistant => "assistant",
    };
    match parts {
        [] => None,
        [Part::Text(text)] => Some(json!({"role": role, "content": text})),
        parts => {
            let content: Vec<Value> = parts.iter().filter_map(|part| content(message.role, part)).collect();
            Some(json!({"role": role, "content": content}))
        }
    }
}

fn content(role: Role, part: &Part) -> Option<Value> {
    match part {
        Part::Text(text) => {
            let kind = if role == Role::Assistant { "output_text" } else { "input_text" };
            Some(json!({"type": kind, "text": text}))
        }
        Part::Media(media) => Some(attachment(media)),
        Part::Thought(_) | Part::ToolCall(_) | Part::ToolResult(_) => None,
    }
}

fn attachment(media: &Media) -> Value {
    match (media.kind(), &media.source) {
        (MediaKind::Image, _) => json!({"type": "input_image", "image_url": media.address()}),
        (_, MediaSource::Url(url)) => json!({"type": "input_file", "file_url": url}),
        (_, MediaSource::Base64(_)) => {
            json!({"type": "input_file", "filename": file_name(media), "file_data": media.address()})
        }
    }
}
