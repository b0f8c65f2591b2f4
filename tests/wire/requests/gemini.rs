//! Recorded `generateContent` bodies as conversations, of the Gemini API and of Vertex AI.

use llmx::chat::{
    AnswerForm, ChatRequest, Media, MediaSource, Message, Part, Role, Schema, Thought, Tool, ToolCall, ToolChoice,
    ToolResult,
};
use serde_json::{Map, Value, json};

use super::anthropic::{each, strings, take};
use super::openai_chat::has_only;
use super::{Difference, Reader};
use crate::wire::recording::Recording;

pub const READER: Reader = Reader { codec: "gemini", read, differences: DIFFERENCES };

pub const DIFFERENCES: &[Difference] = &[
    Difference {
        reason: "members are named in camel case or in snake case, as in all of Google's JSON",
        settle: |sent, recorded| each(sent, recorded, &|body| camel_case(body, false)),
    },
    Difference {
        reason: "a schema may be told in OpenAPI's dialect or as JSON Schema, under two names; llmx sends JSON Schema",
        settle: |sent, recorded| each(sent, recorded, &json_schemas),
    },
    Difference {
        reason: "a default may be spelled out: null, no thought, nothing inside, no arguments",
        settle: |sent, recorded| each(sent, recorded, &without_defaults),
    },
    Difference {
        reason: "a turn without a role is the user's, and the role of the system instruction means nothing",
        settle: |sent, recorded| each(sent, recorded, &roles),
    },
    Difference {
        reason: "the address names the model; some bodies repeat it",
        settle: |_, recorded| {
            recorded.as_object_mut().map(|members| members.shift_remove("model"));
        },
    },
    Difference {
        reason: "llmx asks to be shown the thoughts that are paid for",
        settle: |sent, recorded| {
            let path = "/generationConfig/thinkingConfig";
            let shown = |body: &Value| body.pointer(path).and_then(|config| config.get("includeThoughts").cloned());
            if shown(recorded).is_none()
                && let Some(Value::Object(config)) = sent.pointer_mut(path)
            {
                config.shift_remove("includeThoughts");
            }
        },
    },
];

pub fn read(recording: &Recording, body: Map<String, Value>) -> ChatRequest {
    let mut body = Value::Object(body);
    camel_case(&mut body, false);
    json_schemas(&mut body);
    let Value::Object(mut body) = body else { return ChatRequest::default() };
    let mut request = ChatRequest::default();
    body.shift_remove("model");
    request.system =
        take(&mut body, "systemInstruction", |instruction| match instruction["parts"].as_array()?.as_slice() {
            [part] if has_only(part, &["text"]) => part["text"].as_str().map(str::to_owned),
            _ => None,
        });
    request.messages =
        take(&mut body, "contents", |list| list.as_array()?.iter().map(turn).collect()).unwrap_or_default();
    request.tools = take(&mut body, "tools", tools).unwrap_or_default();
    if let Some(Value::Object(config)) = body.get_mut("toolConfig") {
        request.tool_choice = take(config, "functionCallingConfig", tool_choice);
    }
    if let Some(Value::Object(config)) = body.get_mut("generationConfig") {
        generation_config(config, &mut request);
    }
    body.retain(|name, left| {
        !matches!(name.as_str(), "toolConfig" | "generationConfig")
            || left.as_object().is_none_or(|left| !left.is_empty())
    });
    // Whether a stream was asked for stands in the path.
    request.stream = recording.request["path"].as_str().is_some_and(|path| path.contains(":streamGenerateContent"));
    request.options.extra = body;
    request
}

fn generation_config(config: &mut Map<String, Value>, request: &mut ChatRequest) {
    let options = &mut request.options;
    options.temperature = take(config, "temperature", Value::as_f64);
    options.top_p = take(config, "topP", Value::as_f64);
    options.max_tokens = take(config, "maxOutputTokens", Value::as_u64);
    options.stop = take(config, "stopSequences", strings).unwrap_or_default();
    options.seed = take(config, "seed", Value::as_i64);
    if config.get("responseMimeType").is_some_and(|kind| kind == "application/json") {
        config.shift_remove("responseMimeType");
        let schema = config.shift_remove("responseJsonSchema");
        let form = |schema| AnswerForm::Schema(Schema { schema, ..Schema::default() });
        request.form = Some(schema.map_or(AnswerForm::Json, form));
    }
    if let Some(Value::Object(thinking)) = config.get_mut("thinkingConfig") {
        let budget = take(thinking, "thinkingBudget", |budget| Some(budget.as_i64()?.to_string()));
        let level = || take(thinking, "thinkingLevel", |level| level.as_str().map(str::to_owned));
        options.reasoning_effort = budget.or_else(level);
        let shown = options.reasoning_effort.as_ref().is_some_and(|effort| effort != "0");
        if shown && thinking.get("includeThoughts") == Some(&json!(true)) {
            thinking.shift_remove("includeThoughts");
        }
        if thinking.is_empty() {
            config.shift_remove("thinkingConfig");
        }
    }
}

fn turn(turn: &Value) -> Option<Message> {
    let role = match turn.get("role").and_then(Value::as_str) {
        None | Some("user") => Role::User,
        Some("model") => Role::Assistant,
        Some(_) => return None,
    };
    Some(Message { role, parts: turn.get("parts")?.as_array()?.iter().map(part).collect::<Option<_>>()? })
}

/// A part; `None` for those of tools that the provider runs, and for whatever else the vocabulary has no word for.
fn part(part: &Value) -> Option<Part> {
    let mut part = part.as_object()?.clone();
    let thought = part.shift_remove("thought") == Some(json!(true));
    let seal = take(&mut part, "thoughtSignature", |seal| seal.as_str().map(str::to_owned));
    let (name, inner) = part.iter().next().filter(|_| part.len() == 1)?;
    let word = |name: &str| inner.get(name).and_then(Value::as_str).map(str::to_owned);
    let only = |names: &[&str]| {
        inner.as_object().is_some_and(|members| members.keys().all(|name| names.contains(&name.as_str())))
    };
    match (name.as_str(), &seal) {
        ("text", _) if thought || (seal.is_some() && inner == "") => {
            Some(Part::Thought(Thought { id: None, text: inner.as_str()?.to_owned(), seal }))
        }
        ("text", None) => Some(Part::Text(inner.as_str()?.to_owned())),
        ("inlineData", None) if only(&["mimeType", "data"]) => {
            let source = MediaSource::Base64(word("data")?);
            Some(Part::Media(Media { media_type: word("mimeType")?, name: None, source }))
        }
        ("fileData", None) if only(&["mimeType", "fileUri"]) => {
            let source = MediaSource::Url(word("fileUri")?);
            Some(Part::Media(Media { media_type: word("mimeType")?, name: None, source }))
        }
        ("functionCall", _) if only(&["id", "name", "args"]) => {
            let arguments = inner.get("args").map(Value::to_string).unwrap_or_default();
            Some(Part::ToolCall(ToolCall { id: word("id"), name: word("name")?, arguments, seal }))
        }
        ("functionResponse", None) if only(&["id", "name", "response"]) => {
            let (content, is_error) = response(inner.get("response")?);
            Some(Part::ToolResult(ToolResult { call: word("id"), name: word("name"), content, is_error }))
        }
        _ => None,
    }
}

/// What a tool said: under `output` or `error`, else the object itself.
fn response(response: &Value) -> (String, bool) {
    let is_object = |text: &str| serde_json::from_str(text).is_ok_and(|value: Value| value.is_object());
    let only = response.as_object().filter(|members| members.len() == 1).and_then(|members| members.iter().next());
    match only {
        Some((name, Value::String(text))) if name == "output" && !is_object(text) => (text.clone(), false),
        Some((name, Value::String(text))) if name == "error" => (text.clone(), true),
        _ => (response.to_string(), false),
    }
}

/// Functions; a list that holds a tool of the provider's own is left whole.
fn tools(list: &Value) -> Option<Vec<Tool>> {
    let [tool] = list.as_array()?.as_slice() else { return None };
    let others = tool.as_object()?.iter().any(|(name, value)| name != "functionDeclarations" && !value.is_null());
    let declarations = tool.get("functionDeclarations").filter(|_| !others)?.as_array()?;
    let declared = declarations.iter().map(|declared| {
        let known = has_only(declared, &["name", "description", "parametersJsonSchema"]);
        Some(Tool {
            name: declared.get("name").filter(|_| known)?.as_str()?.to_owned(),
            description: declared.get("description").and_then(Value::as_str).map(str::to_owned),
            parameters: declared.get("parametersJsonSchema").cloned().unwrap_or_default(),
            strict: None,
        })
    });
    declared.collect()
}

fn tool_choice(config: &Value) -> Option<ToolChoice> {
    if !has_only(config, &["mode", "allowedFunctionNames"]) {
        return None;
    }
    let names = config.get("allowedFunctionNames").and_then(Value::as_array).map(Vec::as_slice);
    match (config.get("mode")?.as_str()?, names) {
        ("AUTO", None) => Some(ToolChoice::Auto),
        ("NONE", None) => Some(ToolChoice::None),
        ("ANY", None | Some([])) => Some(ToolChoice::Required),
        ("ANY", Some([name])) => Some(ToolChoice::Named(name.as_str()?.to_owned())),
        _ => None,
    }
}

/// Renames members that the format itself defines; names of a user's own fields stay.
fn camel_case(value: &mut Value, names_are_own: bool) {
    match value {
        Value::Object(members) => {
            let renamed = std::mem::take(members).into_iter().map(|(name, mut value)| {
                let name = if names_are_own { name } else { camel(&name) };
                if !OWN.contains(&name.as_str()) {
                    camel_case(&mut value, name == "properties" && !names_are_own);
                }
                (name, value)
            });
            *members = renamed.collect();
        }
        Value::Array(items) => items.iter_mut().for_each(|item| camel_case(item, false)),
        _ => {}
    }
}

fn camel(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |name, word| {
        let mut letters = word.chars();
        let capital = letters.next().map(|letter| letter.to_ascii_uppercase());
        name + &capital.into_iter().chain(letters).collect::<String>()
    })
}

fn json_schemas(body: &mut Value) {
    let in_json = |members: &mut Map<String, Value>, openapi: &str, json_schema: &str| {
        if let Some(mut schema) = members.shift_remove(openapi) {
            lower_types(&mut schema);
            members.insert(json_schema.to_owned(), schema);
        }
    };
    if let Some(Value::Object(config)) = body.get_mut("generationConfig") {
        in_json(config, "responseSchema", "responseJsonSchema");
    }
    for tool in body.get_mut("tools").and_then(Value::as_array_mut).into_iter().flatten() {
        let declarations = tool.get_mut("functionDeclarations").and_then(Value::as_array_mut);
        for declared in declarations.into_iter().flatten().filter_map(Value::as_object_mut) {
            in_json(declared, "parameters", "parametersJsonSchema");
        }
    }
}

/// Types of `OpenAPI` are JSON Schema's in capitals, or their numbers.
fn lower_types(schema: &mut Value) {
    const NUMBERS: &[&str] = &["", "string", "number", "integer", "boolean", "array", "object"];
    match schema {
        Value::Object(members) => {
            for (name, value) in members.iter_mut() {
                let number = value.as_u64().and_then(|number| NUMBERS.get(usize::try_from(number).ok()?));
                match (name.as_str(), value.as_str(), number) {
                    ("type", Some(word), _) => *value = json!(word.to_ascii_lowercase()),
                    ("type", None, Some(word)) => *value = json!(word),
                    _ => lower_types(value),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(lower_types),
        _ => {}
    }
}

/// Members that mean nothing when nothing is in them.
const MAY_BE_EMPTY: &[&str] = &["generationConfig", "toolConfig", "thinkingConfig", "stopSequences"];

/// Members whose content is the user's own.
const OWN: &[&str] = &["args", "response", "parametersJsonSchema", "responseJsonSchema"];

fn without_defaults(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|name, value| !(value.is_null() || (name == "thought" && *value == false)));
            if let Some(Value::Object(call)) = members.get_mut("functionCall") {
                call.entry("args").or_insert_with(|| json!({}));
            }
            let inner = members.iter_mut().filter(|(name, _)| !OWN.contains(&name.as_str()));
            inner.for_each(|(_, value)| without_defaults(value));
            members.retain(|name, value| !MAY_BE_EMPTY.contains(&name.as_str()) || !is_empty(value));
        }
        Value::Array(items) => items.iter_mut().for_each(without_defaults),
        _ => {}
    }
}

fn is_empty(value: &Value) -> bool {
    *value == json!({}) || *value == json!([])
}

fn roles(body: &mut Value) {
    if let Some(Value::Object(instruction)) = body.get_mut("systemInstruction") {
        instruction.shift_remove("role");
    }
    for turn in body.get_mut("contents").and_then(Value::as_array_mut).into_iter().flatten() {
        if let Value::Object(turn) = turn {
            turn.entry("role").or_insert_with(|| json!("user"));
        }
    }
}
