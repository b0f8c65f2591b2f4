//! Recorded Chat Completions requests, taken apart into what a user asked for.

use llmx::chat::{
    AnswerForm, ChatRequest, Media, MediaSource, Message, Options, Part, Role, Schema, Thought, Tool, ToolCall,
    ToolChoice, ToolResult,
};
use llmx::provider::{EffortPlace, ThoughtPlace};
use serde_json::{Map, Value, json};

use super::{Difference, Reader};
use crate::wire::recording::Recording;

type Body = Map<String, Value>;

/// The reader.
pub const READER: Reader = Reader { codec: "openai-chat", read, differences: DIFFERENCES };

fn read(recording: &Recording, mut body: Body) -> ChatRequest {
    remove_model(recording, &mut body);
    body.remove("stream_options");
    let quirks = recording.target().provider.quirks.clone();
    let messages = body.remove("messages").unwrap_or_default();
    let messages: Vec<&Value> = messages.as_array().into_iter().flatten().collect();
    let leading = messages.iter().take_while(|message| is_system(message)).count();
    let system: Vec<String> = messages[..leading].iter().map(|message| text_of(&message["content"])).collect();
    let stream = body.remove("stream") == Some(json!(true));
    let tools = tools(&mut body);
    let effort = effort(quirks.effort, &mut body);
    let form = form(&mut body);
    let tool_choice = body.remove("tool_choice").and_then(|choice| tool_choice(&choice));
    ChatRequest {
        system: (!system.is_empty()).then(|| system.join("\n\n")),
        messages: messages[leading..].iter().map(|message| turn(quirks.thoughts, message)).collect(),
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
    if place == ThoughtPlace::ReasoningDetails {
        let details = message["reasoning_details"].as_array().into_iter().flatten();
        return details
            .map(|detail| Part::Thought(Thought { seal: Some(detail.to_string()), ..Thought::default() }))
            .collect();
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
    match part["type"].as_str() {
        Some("image_url") => Part::Media(media("image/*", &word(&part["image_url"]["url"]), None)),
        Some("document_url") => Part::Media(media("application/pdf", &word(&part["document_url"]), None)),
        Some("file") => {
            let name = part["file"]["filename"].as_str();
            Part::Media(media("application/pdf", &word(&part["file"]["file_data"]), name))
        }
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

/// Whether a tool must be called.
pub fn tool_choice(choice: &Value) -> Option<ToolChoice> {
    match choice.as_str() {
        Some("auto") => Some(ToolChoice::Auto),
        Some("none") => Some(ToolChoice::None),
        Some("required" | "any") => Some(ToolChoice::Required),
        _ => {
            let name = choice.pointer("/function/name").or_else(|| choice.get("name"))?;
            name.as_str().map(|name| ToolChoice::Named(name.to_owned()))
        }
    }
}

fn form(body: &mut Body) -> Option<AnswerForm> {
    let format = body.remove("response_format")?;
    match format["type"].as_str() {
        Some("json_object") => Some(AnswerForm::Json),
        Some("json_schema") => Some(AnswerForm::Schema(schema(&wrapped(&format["json_schema"])))),
        _ => None,
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
            let budget = || members.remove("max_tokens").map(|tokens| tokens.to_string());
            let effort = effort.or_else(budget);
            let effort = effort.or_else(|| members.remove("enabled").map(|on| switch(on == true)));
            keep(body, "reasoning", members);
            effort
        }
        EffortPlace::EnableThinking => {
            let on = body.remove("enable_thinking").map(|on| switch(on == true));
            body.remove("thinking_budget").map(|tokens| tokens.to_string()).or(on)
        }
        EffortPlace::Thinking | EffortPlace::ThinkingEffort => {
            let mut members = body.remove("thinking").and_then(|thinking| thinking.as_object().cloned())?;
            let on = members.remove("type").map(|kind| switch(kind == "enabled"));
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

const DIFFERENCES: &[Difference] = &[
    Difference { reason: "a member that is null, and an empty list of tools, say nothing", settle: drop_nulls },
    Difference {
        reason: "false is what `stream` and Mistral's `prefix` are when not sent, `auto` a picture's detail, text an answer's format",
        settle: drop_defaults,
    },
    Difference {
        reason: "a request without a model, to a server that has one, or without messages cannot be asked for",
        settle: |sent, recorded| {
            for (name, nothing) in [("model", json!("")), ("messages", json!([]))] {
                if recorded.get(name).is_none() {
                    remove_if(sent, name, &nothing);
                }
            }
        },
    },
    Difference {
        reason: "sound goes where OpenAI documents it; as a file it is refused",
        settle: |_, recorded| each_message(recorded, documented_audio),
    },
    Difference {
        reason: "llmx always asks for usage",
        settle: |sent, recorded| both(sent, recorded, "stream_options"),
    },
    Difference { reason: "`max_completion_tokens` is the newer name of `max_tokens`", settle: one_limit },
    Difference {
        reason: "one text that ends the answer may stand alone or in a list",
        settle: |_, recorded| {
            listed(recorded, "stop");
        },
    },
    Difference {
        reason: "`developer` is OpenAI's newer name of the role `system`",
        settle: |_, recorded| {
            each_message(recorded, |message| {
                if message["role"] == "developer" {
                    message["role"] = json!("system");
                }
            });
        },
    },
    Difference {
        reason: "several leading system messages say the same as one",
        settle: |_, recorded| join_system(recorded),
    },
    Difference {
        reason: "content that is one text may stand alone or in a list",
        settle: |_, recorded| {
            each_message(recorded, plain_content);
        },
    },
    Difference {
        reason: "content that is absent, null or empty beside calls says that nothing was said",
        settle: |sent, recorded| {
            each_message(sent, drop_empty_content);
            each_message(recorded, drop_empty_content);
        },
    },
    Difference {
        reason: "calls and functions are the default types, and calls are in order",
        settle: |_, recorded| {
            typed(recorded);
        },
    },
    Difference {
        reason: "a result is matched by the id of its call; calls that the client gave no id are numbered",
        settle: unnamed_ids,
    },
    Difference { reason: "the same thinking under two names is the same as under one", settle: one_thinking },
    Difference {
        reason: "`any` is Mistral's older word for `required`; it takes both",
        settle: |_, recorded| {
            if recorded["tool_choice"] == "any" {
                recorded["tool_choice"] = json!("required");
            }
        },
    },
    Difference {
        reason: "marks for the cache change the bill, not the answer; the vocabulary has none",
        settle: |_, recorded| {
            each_message(recorded, |message| {
                message.as_object_mut().map(|members| members.remove("cache_control"));
            });
        },
    },
    Difference {
        reason: "Hugging Face's client named a function's parameters `arguments`, and left a schema's wrapper out",
        settle: named_as_documented,
    },
];

/// Members that are null, anywhere.
pub fn drop_nulls(sent: &mut Value, recorded: &mut Value) {
    for body in [sent, recorded] {
        walk(body, &mut |value| {
            if let Some(members) = value.as_object_mut() {
                members.retain(|name, value| !value.is_null() && !(name == "tools" && *value == json!([])));
            }
        });
    }
}

/// Calls `change` with every value, the inner ones first.
pub fn walk(value: &mut Value, change: &mut dyn FnMut(&mut Value)) {
    match value {
        Value::Object(members) => members.values_mut().for_each(|value| walk(value, change)),
        Value::Array(elements) => elements.iter_mut().for_each(|value| walk(value, change)),
        _ => {}
    }
    change(value);
}

fn drop_defaults(_: &mut Value, recorded: &mut Value) {
    remove_if(recorded, "stream", &json!(false));
    remove_if(recorded, "response_format", &json!({"type": "text"}));
    walk(recorded, &mut |value| {
        remove_if(value, "prefix", &json!(false));
        remove_if(value, "detail", &json!("auto"));
    });
}

/// Removes a member that has this value.
pub fn remove_if(value: &mut Value, name: &str, default: &Value) {
    if value.get(name) == Some(default) {
        value.as_object_mut().map(|members| members.remove(name));
    }
}

/// Removes a member on both sides.
pub fn both(sent: &mut Value, recorded: &mut Value, name: &str) {
    for body in [sent, recorded] {
        body.as_object_mut().map(|members| members.remove(name));
    }
}

fn one_limit(sent: &mut Value, recorded: &mut Value) {
    for body in [sent, recorded] {
        if let Some(limit) = body.as_object_mut().and_then(|members| members.remove("max_completion_tokens")) {
            body["max_tokens"] = limit;
        }
    }
}

fn listed(body: &mut Value, name: &str) {
    if let Some(text @ Value::String(_)) = body.get(name).cloned() {
        body[name] = json!([text]);
    }
}

fn each_message(body: &mut Value, change: impl FnMut(&mut Value)) {
    body.get_mut("messages").and_then(Value::as_array_mut).into_iter().flatten().for_each(change);
}

fn join_system(recorded: &mut Value) {
    let Some(messages) = recorded.get_mut("messages").and_then(Value::as_array_mut) else { return };
    let leading = messages.iter().take_while(|message| is_system(message)).count();
    if leading > 1 {
        let texts: Vec<String> = messages.drain(..leading).map(|message| text_of(&message["content"])).collect();
        messages.insert(0, json!({"role": "system", "content": texts.join("\n\n")}));
    }
}

fn plain_content(message: &mut Value) {
    let parts = message["content"].as_array().map(Vec::as_slice).unwrap_or_default();
    let in_one = matches!(message["role"].as_str(), Some("system" | "assistant" | "tool"));
    let texts = !parts.is_empty() && parts.iter().all(|part| part["type"] == "text");
    if texts && (in_one || parts.len() == 1) {
        message["content"] = json!(text_of(&message["content"]));
    }
}

fn documented_audio(message: &mut Value) {
    for part in message.get_mut("content").and_then(Value::as_array_mut).into_iter().flatten() {
        let data = part.pointer("/file/file_data").and_then(Value::as_str).unwrap_or_default();
        if let Some((format, data)) = data.strip_prefix("data:audio/").and_then(|data| data.split_once(";base64,")) {
            *part = json!({"type": "input_audio", "input_audio": {"data": data, "format": format}});
        }
    }
}

fn drop_empty_content(message: &mut Value) {
    let empty = message["content"].is_null() || message["content"] == "" || message["content"] == json!([]);
    if empty && message.get("tool_calls").is_some() {
        message.as_object_mut().map(|members| members.remove("content"));
    }
    // Reading a member that is not there makes it.
    if message["content"].is_null() {
        message.as_object_mut().map(|members| members.remove("content"));
    }
}

fn typed(recorded: &mut Value) {
    let tools = recorded.get_mut("tools").and_then(Value::as_array_mut).into_iter().flatten();
    tools.filter(|tool| tool.get("function").is_some()).for_each(|tool| tool["type"] = json!("function"));
    each_message(recorded, |message| {
        for call in message.get_mut("tool_calls").and_then(Value::as_array_mut).into_iter().flatten() {
            call["type"] = json!("function");
            call.as_object_mut().map(|members| members.remove("index"));
        }
    });
}

fn unnamed_ids(sent: &mut Value, recorded: &mut Value) {
    each_message(recorded, |message| {
        if message["role"] == "tool" {
            message.as_object_mut().map(|members| members.remove("name"));
        }
    });
    pairs(sent, recorded, |sent, recorded| {
        if recorded.get("tool_call_id").is_none() {
            sent.as_object_mut().map(|members| members.remove("tool_call_id"));
        }
        let calls = sent.get_mut("tool_calls").and_then(Value::as_array_mut).into_iter().flatten();
        for (at, call) in calls.enumerate() {
            if recorded.pointer(&format!("/tool_calls/{at}/id")).is_none() {
                call.as_object_mut().map(|members| members.remove("id"));
            }
        }
    });
}

/// Calls `change` with every message that was sent and the one at its place that was recorded.
fn pairs(sent: &mut Value, recorded: &mut Value, mut change: impl FnMut(&mut Value, &mut Value)) {
    let lists = (
        sent.get_mut("messages").and_then(Value::as_array_mut),
        recorded.get_mut("messages").and_then(Value::as_array_mut),
    );
    if let (Some(sent), Some(recorded)) = lists {
        sent.iter_mut().zip(recorded).for_each(|(sent, recorded)| change(sent, recorded));
    }
}

fn one_thinking(sent: &mut Value, recorded: &mut Value) {
    pairs(sent, recorded, |sent, recorded| {
        for (name, other) in [("reasoning", "reasoning_content"), ("reasoning_content", "reasoning")] {
            let twice = recorded.get(name).is_some() && recorded.get(name) == recorded.get(other);
            if twice && sent.get(name).is_none() {
                recorded.as_object_mut().map(|members| members.remove(name));
            }
        }
    });
}

fn named_as_documented(sent: &mut Value, recorded: &mut Value) {
    let tools = recorded.get_mut("tools").and_then(Value::as_array_mut).into_iter().flatten();
    for function in tools.filter_map(|tool| tool.get_mut("function")?.as_object_mut()) {
        if let Some(parameters) = function.remove("arguments") {
            function.insert("parameters".to_owned(), parameters);
        }
    }
    if let Some(named) = recorded.pointer_mut("/response_format/json_schema") {
        *named = wrapped(named);
    }
    for body in [sent, recorded] {
        if let Some(named) = body.pointer_mut("/response_format/json_schema") {
            remove_if(named, "name", &json!(""));
        }
    }
}
