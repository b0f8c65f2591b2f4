//! Recorded Chat Completions requests, taken apart into what a user asked for.

pub mod differences;

use llmx::chat::{
    AnswerForm, ChatRequest, Media, MediaSource, Message, Options, Part, Role, Schema, Thought, Tool, ToolCall,
    ToolChoice, ToolResult,
};
use llmx::provider::{EffortPlace, ThoughtPlace};
use serde_json::{Map, Value, json};

use super::{Reader, without_nulls};
use crate::wire::recording::Recording;

type Body = Map<String, Value>;

/// The reader.
pub const READER: Reader = Reader { codec: "openai-chat", read, differences: differences::ALL };

fn read(recording: &Recording, mut body: Body) -> ChatRequest {
    remove_model(recording, &mut body);
    body.remove("stream_options");
    let quirks = recording.target().provider.quirks.clone();
    let (system, messages) =
        understood(&mut body, "messages", |list| conversation(quirks.thoughts, list)).unwrap_or_default();
    let stream = body.remove("stream") == Some(json!(true));
    let tools = tools(&mut body);
    let effort = effort(quirks.effort, &mut body);
    let form = form(&mut body);
    let tool_choice = understood(&mut body, "tool_choice", tool_choice);
    ChatRequest { system, messages, tools, tool_choice, form, options: options(&mut body, effort), stream }
}

/// The system prompt and the turns; `None` for a list that holds what the vocabulary has no word for, which is then
/// given as it is.
fn conversation(place: ThoughtPlace, list: &Value) -> Option<(Option<String>, Vec<Message>)> {
    let (told, turns): (Vec<&Value>, Vec<&Value>) = list.as_array()?.iter().partition(|message| is_system(message));
    let told: Vec<String> = told.iter().map(|message| text_of(&message["content"])).collect();
    let system = (!told.is_empty()).then(|| told.join("\n\n"));
    Some((system, turns.into_iter().map(|message| turn(place, message)).collect::<Option<_>>()?))
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
fn options(body: &mut Body, reasoning_effort: Option<String>) -> Options {
    let limits = ["max_completion_tokens", "max_tokens"].iter();
    let seeds = ["seed", "random_seed"].iter();
    Options {
        temperature: understood(body, "temperature", Value::as_f64),
        top_p: understood(body, "top_p", Value::as_f64),
        max_tokens: limits.fold(None, |found, name| found.or(understood(body, name, Value::as_u64))),
        stop: understood(body, "stop", stops).unwrap_or_default(),
        seed: seeds.fold(None, |found, name| found.or(understood(body, name, Value::as_i64))),
        reasoning_effort,
        extra: rest(body),
    }
}

/// What was not understood.
pub fn rest(body: &mut Body) -> Body {
    std::mem::take(body).into_iter().filter(|(_, value)| !value.is_null()).collect()
}

fn stops(stop: &Value) -> Option<Vec<String>> {
    match stop {
        Value::String(text) => Some(vec![text.clone()]),
        texts => texts.as_array()?.iter().map(|text| text.as_str().map(str::to_owned)).collect(),
    }
}

/// All texts of a content.
pub fn text_of(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(parts) => {
            let texts: Option<Vec<_>> = parts.iter().map(|part| part["text"].as_str()).collect();
            let in_json = || {
                let mut said = content.clone();
                without_nulls(&mut said);
                said.to_string()
            };
            texts.map_or_else(in_json, |texts| texts.join("\n\n"))
        }
        _ => String::new(),
    }
}

/// Members of a message that the vocabulary has a word for, or a [`Difference`](super::Difference) settles.
const KNOWN: &[&str] = &["role", "content", "name", "tool_calls", "tool_call_id", "cache_control"];

fn turn(place: ThoughtPlace, message: &Value) -> Option<Message> {
    let text = |name: &str| message[name].as_str().map(str::to_owned);
    let thinking: &[&str] = match place {
        ThoughtPlace::ReasoningDetails => &["reasoning_details", "reasoning", "reasoning_content"],
        _ => &["reasoning", "reasoning_content"],
    };
    let says = |(name, value): (&String, &Value)| {
        !(value.is_null() || is_empty(value) || *value == false || name == "content")
    };
    let mut names = message.as_object()?.iter().filter(|member| says(*member)).map(|(name, _)| name.as_str());
    if names.any(|name| !KNOWN.contains(&name) && !thinking.contains(&name)) {
        return None;
    }
    let role = match message["role"].as_str()? {
        "assistant" => Role::Assistant,
        "user" => Role::User,
        "tool" => {
            let content = text_of(&message["content"]);
            let result = ToolResult { call: text("tool_call_id"), content, ..ToolResult::default() };
            return Some(Message { role: Role::User, parts: vec![Part::ToolResult(result)] });
        }
        _ => return None,
    };
    let mut parts = thoughts(place, message);
    match &message["content"] {
        Value::String(said) if said.is_empty() && role == Role::Assistant => {}
        Value::String(said) => parts.push(Part::Text(said.clone())),
        Value::Array(pieces) => {
            for piece in pieces {
                parts.push(part(piece)?);
            }
        }
        _ => {}
    }
    for call in message["tool_calls"].as_array().into_iter().flatten() {
        parts.push(Part::ToolCall(tool_call(call)?));
    }
    (role == Role::Assistant || !parts.is_empty()).then_some(Message { role, parts })
}

/// Whether nothing is in a list or an object.
pub fn is_empty(value: &Value) -> bool {
    *value == json!([]) || *value == json!({})
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

/// A call of a function; `None` for one of another sort, or with a member beside.
fn tool_call(call: &Value) -> Option<ToolCall> {
    if !has_only(call, &["id", "type", "index", "function"]) {
        return None;
    }
    let function = call.get("function").filter(|function| has_only(function, &["name", "arguments"]))?;
    let arguments = match function.get("arguments") {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(object) => object.to_string(),
    };
    let id = call["id"].as_str().map(str::to_owned);
    Some(ToolCall { id, name: function.get("name")?.as_str()?.to_owned(), arguments, seal: None })
}

/// Whether an object has no members but these and empty ones.
pub fn has_only(object: &Value, names: &[&str]) -> bool {
    let known = |(name, value): (&String, &Value)| names.contains(&name.as_str()) || value.is_null();
    object.as_object().is_some_and(|members| members.iter().all(known))
}

/// A part of a message; `None` for what the vocabulary has no word for.
fn part(part: &Value) -> Option<Part> {
    let word = |value: &Value| value.as_str().map(str::to_owned);
    let kind = part["type"].as_str()?;
    let inner = &part[kind];
    let only = |names: &[&str]| {
        let mut all = vec!["type", kind, "cache_control"];
        all.extend(names);
        has_only(part, &all)
    };
    let address = || word(inner).or_else(|| word(&inner["url"]).filter(|_| has_only(inner, &["url", "detail"])));
    Some(match kind {
        "text" if only(&[]) => Part::Text(word(inner)?),
        "image_url" if only(&[]) => Part::Media(media("image/*", &address()?, None)),
        "video_url" if only(&[]) => Part::Media(media("video/*", &address()?, None)),
        "audio_url" if only(&[]) => Part::Media(media("audio/*", &address()?, None)),
        "document_url" if only(&["document_name"]) => {
            Part::Media(media("application/pdf", &address()?, part["document_name"].as_str()))
        }
        "file_url" if only(&["file_name"]) => {
            Part::Media(media("application/pdf", &address()?, part["file_name"].as_str()))
        }
        "file" if only(&[]) && has_only(inner, &["filename", "file_data"]) => {
            Part::Media(media("application/pdf", &word(&inner["file_data"])?, Some(inner["filename"].as_str()?)))
        }
        "input_audio" if only(&[]) => {
            let media_type = format!("audio/{}", word(&inner["format"])?);
            Part::Media(Media { media_type, name: None, source: MediaSource::Base64(word(&inner["data"])?) })
        }
        "thinking" if only(&["closed"]) => Part::Thought(Thought { text: text_of(inner), ..Thought::default() }),
        _ => return None,
    })
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
    let plain = |tool: &Value| {
        has_only(tool, &["type", "function", "cache_control"]).then(|| function(tool.get("function")?)).flatten()
    };
    understood(body, "tools", |tools| tools.as_array()?.iter().map(plain).collect()).unwrap_or_default()
}

/// A function's declaration; `None` for one with members that the vocabulary has no word for.
pub fn function(function: &Value) -> Option<Tool> {
    let known = ["type", "name", "description", "parameters", "arguments", "strict"];
    let parameters = function.get("parameters").or_else(|| function.get("arguments"));
    Some(Tool {
        name: function.get("name").filter(|_| has_only(function, &known))?.as_str()?.to_owned(),
        description: function["description"].as_str().map(str::to_owned),
        parameters: parameters.cloned().unwrap_or_default(),
        strict: function["strict"].as_bool(),
    })
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
        Some("json_object") if has_only(format, &["type"]) => Some(AnswerForm::Json),
        Some("json_schema") if has_only(format, &["type", "json_schema"]) => {
            schema(&wrapped(&format["json_schema"])).map(AnswerForm::Schema)
        }
        _ => None,
    })
}

fn remove_text_form(body: &mut Body) {
    if body.get("response_format") == Some(&json!({"type": "text"})) {
        body.remove("response_format");
    }
}

/// A schema with its name.
pub fn schema(named: &Value) -> Option<Schema> {
    let known = has_only(named, &["type", "name", "description", "schema", "strict"]);
    Some(Schema {
        name: named["name"].as_str().unwrap_or_default().to_owned(),
        description: named["description"].as_str().map(str::to_owned),
        schema: named.get("schema").filter(|schema| known && schema.is_object())?.clone(),
        strict: named["strict"].as_bool(),
    })
}

/// A schema in its wrapper; some clients leave the wrapper out.
fn wrapped(schema: &Value) -> Value {
    if schema.get("schema").is_some_and(Value::is_object) { schema.clone() } else { json!({"schema": schema}) }
}

/// How hard to think, read from where this server is told it.
fn effort(place: EffortPlace, body: &mut Body) -> Option<String> {
    let word = |value: &Value| value.as_str().map(str::to_owned);
    let switch = |on: bool| if on { "on" } else { "none" }.to_owned();
    match place {
        EffortPlace::Nowhere => None,
        EffortPlace::ReasoningEffort => understood(body, "reasoning_effort", word),
        EffortPlace::Reasoning => {
            let members = body.get_mut("reasoning")?.as_object_mut()?;
            let budget = |tokens: &Value| Some(tokens.as_u64()?.to_string());
            let switch = |on: &Value| Some(if on.as_bool()? { "on" } else { "off" }.to_owned());
            let effort = understood(members, "effort", word)
                .or_else(|| understood(members, "max_tokens", budget))
                .or_else(|| understood(members, "enabled", switch));
            if members.is_empty() {
                body.remove("reasoning");
            }
            effort
        }
        EffortPlace::EnableThinking => {
            let on = understood(body, "enable_thinking", Value::as_bool)?;
            let budget = || understood(body, "thinking_budget", Value::as_u64).map(|tokens| tokens.to_string());
            on.then(budget).flatten().or_else(|| Some(switch(on)))
        }
        EffortPlace::Thinking | EffortPlace::ThinkingEffort => {
            let members = body.get_mut("thinking")?.as_object_mut()?;
            let on = understood(members, "type", |kind| match kind.as_str()? {
                "enabled" => Some(true),
                "disabled" => Some(false),
                _ => None,
            });
            if members.is_empty() {
                body.remove("thinking");
            }
            let measured = place == EffortPlace::ThinkingEffort && on == Some(true);
            let effort = measured.then(|| understood(body, "reasoning_effort", is_degree)).flatten();
            effort.or(on.map(switch))
        }
        EffortPlace::ChatTemplateKwargs => {
            let members = body.get_mut("chat_template_kwargs")?.as_object_mut()?;
            let on = understood(members, "enable_thinking", Value::as_bool);
            let effort = (on == Some(true)).then(|| understood(members, "reasoning_effort", is_degree)).flatten();
            if members.is_empty() {
                body.remove("chat_template_kwargs");
            }
            effort.or(on.map(switch))
        }
    }
}

/// A word that says how hard to think, not whether.
fn is_degree(word: &Value) -> Option<String> {
    let is_switch = |word: &str| matches!(word, "none" | "off" | "on") || word.parse::<u64>().is_ok();
    word.as_str().filter(|word| !is_switch(word)).map(str::to_owned)
}
