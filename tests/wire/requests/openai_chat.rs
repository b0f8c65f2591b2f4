//! Recorded Chat Completions requests, taken apart into what a user asked for.

pub mod differences;

use llmx::chat::{
    AnswerForm, ChatRequest, Media, MediaSource, Message, Options, Part, Role, Schema, Thought, Tool, ToolCall,
    ToolChoice, ToolResult,
};
use llmx::provider::{EffortPlace, ThoughtPlace};
use serde_json::{Map, Value, json};

use super::Reader;
use crate::wire::recording::Recording;

type Body = Map<String, Value>;

/// The reader.
pub const READER: Reader = Reader { codec: "openai-chat", read, differences: differences::ALL };

fn read(recording: &Recording, mut body: Body) -> ChatRequest {
    remove_model(recording, &mut body);
    body.remove("stream_options");
    let quirks = recording.target().provider.quirks.clone();
    let messages = body.remove("messages").unwrap_or_default();
    let messages: Vec<&Value> = messages.as_array().into_iter().flatten().collect();
    let (told, turns): (Vec<&Value>, Vec<&Value>) = messages.into_iter().partition(|message| is_system(message));
    let system: Vec<String> = told.iter().map(|message| text_of(&message["content"])).collect();
    let stream = body.remove("stream") == Some(json!(true));
    let tools = tools(&mut body);
    let effort = effort(quirks.effort, &mut body);
    let form = form(&mut body);
    let tool_choice = understood(&mut body, "tool_choice", tool_choice);
    ChatRequest {
        system: (!system.is_empty()).then(|| system.join("\n\n")),
        messages: turns.into_iter().map(|message| turn(quirks.thoughts, message)).collect(),
        tools,
        tool_choice,
        form,
        options: options(&mut body, effort),
        stream,
    }
}

/// A deployment's address names the model; another name in the body is a member that the user set.
pub fn remove_model(recording: &Recording, body: &mut Body) {
    if body.get("model").is_some_and(|model| *model == recording.model()) {
        body.remove("model");
    }
}

fn is_system(message: &Value) -> bool {
    matches!(message["role"].as_str(), Some("system" | "developer"))
}

/// The options, and what is left of the body as further members.
pub fn options(body: &mut Body, reasoning_effort: Option<String>) -> Options {
    let count = |value: Value| value.as_u64();
    let max_tokens = ["max_completion_tokens", "max_tokens", "max_output_tokens"].iter();
    let seed = ["seed", "random_seed"].iter();
    Options {
        temperature: body.remove("temperature").and_then(|value| value.as_f64()),
        top_p: body.remove("top_p").and_then(|value| value.as_f64()),
        max_tokens: max_tokens.fold(None, |found, name| found.or(body.remove(*name).and_then(count))),
        stop: match body.remove("stop") {
            Some(Value::String(stop)) => vec![stop],
            stops => stops.iter().flat_map(|stops| stops.as_array().into_iter().flatten()).map(text_of).collect(),
        },
        seed: seed.fold(None, |found, name| found.or(body.remove(*name).and_then(|value| value.as_i64()))),
        reasoning_effort,
        extra: std::mem::take(body).into_iter().filter(|(_, value)| !value.is_null()).collect(),
    }
}

/// All texts of a content.
pub fn text_of(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(parts) => {
            let texts: Option<Vec<_>> = parts.iter().map(|part| part["text"].as_str()).collect();
            texts.map_or_else(|| content.to_string(), |texts| texts.join("\n\n"))
        }
        _ => String::new(),
    }
}

fn turn(place: ThoughtPlace, message: &Value) -> Message {
    let text = |name: &str| message[name].as_str().map(str::to_owned);
    let role = if message["role"] == "assistant" { Role::Assistant } else { Role::User };
    if message["role"] == "tool" {
        let result =
            ToolResult { call: text("tool_call_id"), content: text_of(&message["content"]), ..ToolResult::default() };
        return Message { role, parts: vec![Part::ToolResult(result)] };
    }
    let mut parts = thoughts(place, message);
    match &message["content"] {
        Value::String(said) if said.is_empty() && role == Role::Assistant => {}
        Value::String(said) => parts.push(Part::Text(said.clone())),
        Value::Array(pieces) => parts.extend(pieces.iter().map(part)),
        _ => {}
    }
    parts.extend(message["tool_calls"].as_array().into_iter().flatten().map(|call| Part::ToolCall(tool_call(call))));
    Message { role, parts }
}

fn thoughts(place: ThoughtPlace, message: &Value) -> Vec<Part> {
    let details = message["reasoning_details"].as_array().filter(|_| place == ThoughtPlace::ReasoningDetails);
    if let Some(details) = details {
        let sealed = |detail: &Value| Thought { seal: Some(detail.to_string()), ..Thought::default() };
        return details.iter().map(|detail| Part::Thought(sealed(detail))).collect();
    }
    let text = ["reasoning_content", "reasoning"].iter().find_map(|name| message[name].as_str());
    text.map(|text| Part::Thought(Thought { text: text.to_owned(), ..Thought::default() })).into_iter().collect()
}

fn tool_call(call: &Value) -> ToolCall {
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let function = &call["function"];
    ToolCall {
        id: call["id"].as_str().map(str::to_owned),
        name: word(&function["name"]),
        arguments: word(&function["arguments"]),
        seal: None,
    }
}

fn part(part: &Value) -> Part {
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let kind = part["type"].as_str().unwrap_or_default();
    let address = || part[kind].as_str().map_or_else(|| word(&part[kind]["url"]), str::to_owned);
    match kind {
        "image_url" => Part::Media(media("image/*", &address(), None)),
        "video_url" => Part::Media(media("video/*", &address(), None)),
        "audio_url" => Part::Media(media("audio/*", &address(), None)),
        "document_url" => Part::Media(media("application/pdf", &address(), part["document_name"].as_str())),
        "file_url" => Part::Media(media("application/pdf", &address(), part["file_name"].as_str())),
        "file" => {
            let name = part["file"]["filename"].as_str();
            Part::Media(media("application/pdf", &word(&part["file"]["file_data"]), name))
        }
        "input_audio" => {
            let media_type = format!("audio/{}", word(&part["input_audio"]["format"]));
            let source = MediaSource::Base64(word(&part["input_audio"]["data"]));
            Part::Media(Media { media_type, name: None, source })
        }
        "thinking" => Part::Thought(Thought { text: text_of(&part["thinking"]), ..Thought::default() }),
        _ => Part::Text(word(&part["text"])),
    }
}

/// An attachment at an address of the type `otherwise`, or in the address itself.
pub fn media(otherwise: &str, address: &str, name: Option<&str>) -> Media {
    let inside = address.strip_prefix("data:").and_then(|data| data.split_once(";base64,"));
    let (media_type, source) = match inside {
        Some((media_type, data)) => (media_type, MediaSource::Base64(data.to_owned())),
        None => (otherwise, MediaSource::Url(address.to_owned())),
    };
    Media { media_type: media_type.to_owned(), name: name.map(str::to_owned), source }
}

/// Functions are tools; a list that has anything else in it is taken as it is.
fn tools(body: &mut Body) -> Vec<Tool> {
    let functions: Option<Vec<Tool>> = body
        .get("tools")
        .and_then(Value::as_array)
        .map_or(Some(Vec::new()), |tools| tools.iter().map(|tool| Some(function(tool.get("function")?))).collect());
    functions.inspect(|_| drop(body.remove("tools"))).unwrap_or_default()
}

/// A function's declaration.
pub fn function(function: &Value) -> Tool {
    let parameters = function.get("parameters").or_else(|| function.get("arguments"));
    Tool {
        name: function["name"].as_str().unwrap_or_default().to_owned(),
        description: function["description"].as_str().map(str::to_owned),
        parameters: parameters.cloned().unwrap_or_default(),
        strict: function["strict"].as_bool(),
    }
}

/// A member that can be said in the vocabulary; another stays in the body.
pub fn understood<T>(body: &mut Body, name: &str, read: impl Fn(&Value) -> Option<T>) -> Option<T> {
    let value = read(body.get(name)?)?;
    body.remove(name);
    Some(value)
}

/// Whether a tool must be called.
pub fn tool_choice(choice: &Value) -> Option<ToolChoice> {
    match choice.as_str() {
        Some("auto") => Some(ToolChoice::Auto),
        Some("none") => Some(ToolChoice::None),
        Some("required" | "any") => Some(ToolChoice::Required),
        _ if choice["type"] != "function" => None,
        _ => {
            let name = choice.pointer("/function/name").or_else(|| choice.get("name"))?;
            name.as_str().map(|name| ToolChoice::Named(name.to_owned()))
        }
    }
}

fn form(body: &mut Body) -> Option<AnswerForm> {
    remove_text_form(body);
    understood(body, "response_format", |format| match format["type"].as_str() {
        Some("json_object") => Some(AnswerForm::Json),
        Some("json_schema") => Some(AnswerForm::Schema(schema(&wrapped(&format["json_schema"])))),
        _ => None,
    })
}

fn remove_text_form(body: &mut Body) {
    if body.get("response_format") == Some(&json!({"type": "text"})) {
        body.remove("response_format");
    }
}

/// A schema with its name.
pub fn schema(named: &Value) -> Schema {
    Schema {
        name: named["name"].as_str().unwrap_or_default().to_owned(),
        description: named["description"].as_str().map(str::to_owned),
        schema: named["schema"].clone(),
        strict: named["strict"].as_bool(),
    }
}

/// A schema in its wrapper; some clients leave the wrapper out.
fn wrapped(schema: &Value) -> Value {
    if schema.get("schema").is_some() { schema.clone() } else { json!({"schema": schema}) }
}

/// How hard to think, read from where this server is told it.
fn effort(place: EffortPlace, body: &mut Body) -> Option<String> {
    let word = |value: Value| value.as_str().map(str::to_owned);
    let switch = |on: bool| if on { "on" } else { "none" }.to_owned();
    match place {
        EffortPlace::Nowhere => None,
        EffortPlace::ReasoningEffort => body.remove("reasoning_effort").and_then(word),
        EffortPlace::Reasoning => {
            let mut members = body.remove("reasoning")?.as_object().cloned()?;
            let effort = members.remove("effort").and_then(word);
            let effort = effort.or_else(|| members.remove("max_tokens").map(|tokens| tokens.to_string()));
            let switch = |on: Value| if on == true { "on" } else { "off" }.to_owned();
            let effort = effort.or_else(|| members.remove("enabled").map(switch));
            keep(body, "reasoning", members);
            effort
        }
        EffortPlace::EnableThinking => {
            let on = body.remove("enable_thinking").map(|on| switch(on == true));
            body.remove("thinking_budget").map(|tokens| tokens.to_string()).or(on)
        }
        EffortPlace::Thinking | EffortPlace::ThinkingEffort => {
            let mut members = body.remove("thinking").and_then(|thinking| thinking.as_object().cloned())?;
            let known = matches!(members.get("type").and_then(Value::as_str), Some("enabled" | "disabled"));
            let on = known.then(|| members.remove("type")).flatten().map(|kind| switch(kind == "enabled"));
            keep(body, "thinking", members);
            let effort = (place == EffortPlace::ThinkingEffort).then(|| body.remove("reasoning_effort")).flatten();
            effort.and_then(word).or(on)
        }
        EffortPlace::ChatTemplateKwargs => {
            let mut members = body.remove("chat_template_kwargs")?.as_object().cloned()?;
            let on = members.remove("enable_thinking").map(|on| switch(on == true));
            let effort = members.remove("reasoning_effort").and_then(word);
            keep(body, "chat_template_kwargs", members);
            effort.or(on)
        }
    }
}

/// What is left of a member that was read.
pub fn keep(body: &mut Body, name: &str, members: Body) {
    if !members.is_empty() {
        body.insert(name.to_owned(), Value::Object(members));
    }
}
