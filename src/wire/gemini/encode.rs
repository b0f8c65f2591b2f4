//! A conversation as a `generateContent` body, the same for the Gemini API and Vertex AI.

use serde_json::{Map, Value, json};

use crate::catalog::Reasoning;
use crate::chat::{
    AnswerForm, ChatRequest, Media, MediaSource, Message, Part, Role, Thought, Tool, ToolCall, ToolChoice, ToolResult,
};
use crate::provider::Target;
use crate::wire::{effort, merge};

/// The body.
pub(in crate::wire) fn body(target: &Target, request: &ChatRequest) -> Value {
    let mut members = Map::new();
    let mut set = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            members.insert(name.to_owned(), value);
        }
    };
    set("systemInstruction", request.system.as_ref().map(|text| json!({"parts": [{"text": text}]})));
    set("contents", Some(request.messages.iter().map(|message| turn(message, &request.messages)).collect()));
    set("tools", (!request.tools.is_empty()).then(|| tools(&request.tools)));
    set("toolConfig", request.tool_choice.as_ref().map(tool_config));
    let config = generation_config(target, request);
    set("generationConfig", (!config.is_empty()).then_some(Value::Object(config)));
    let mut body = Value::Object(members);
    merge(&mut body, &request.options.extra);
    body
}

fn turn(message: &Message, all: &[Message]) -> Value {
    let role = match message.role {
        Role::User => "user",
        Role::Assistant => "model",
    };
    json!({"role": role, "parts": message.parts.iter().map(|part| piece(part, all)).collect::<Value>()})
}

fn piece(part: &Part, all: &[Message]) -> Value {
    match part {
        Part::Text(text) => json!({"text": text}),
        Part::Media(media) => medium(media),
        Part::Thought(thought) => thinking(thought),
        Part::ToolCall(call) => function_call(call),
        Part::ToolResult(result) => function_response(result, all),
    }
}

fn medium(media: &Media) -> Value {
    match &media.source {
        MediaSource::Base64(data) => json!({"inlineData": {"mimeType": media.media_type, "data": data}}),
        MediaSource::Url(url) => json!({"fileData": {"mimeType": media.media_type, "fileUri": url}}),
    }
}

/// A signature that came without thoughts stands on a part of its own with an empty text.
fn thinking(thought: &Thought) -> Value {
    let mut part = json!({"text": thought.text});
    if !thought.text.is_empty() {
        part["thought"] = json!(true);
    }
    sealed(part, thought.seal.as_ref())
}

fn sealed(mut part: Value, seal: Option<&String>) -> Value {
    if let Some(seal) = seal {
        part["thoughtSignature"] = json!(seal);
    }
    part
}

fn function_call(call: &ToolCall) -> Value {
    let args = call.parsed().unwrap_or_else(|| json!({}));
    let inner = identified(call.id.as_ref(), json!({"name": call.name, "args": args}));
    sealed(json!({"functionCall": inner}), call.seal.as_ref())
}

fn identified(id: Option<&String>, mut object: Value) -> Value {
    if let Some(id) = id {
        object["id"] = json!(id);
    }
    object
}

/// `output` and `error` are the keys that the API reads; a result that is an object by itself is taken whole.
///
/// <https://ai.google.dev/api/caching#FunctionResponse>
fn function_response(result: &ToolResult, all: &[Message]) -> Value {
    let object = || serde_json::from_str(&result.content).ok().filter(Value::is_object);
    let response = if result.is_error {
        json!({"error": result.content})
    } else {
        object().unwrap_or_else(|| json!({"output": result.content}))
    };
    let name = result.name.as_deref().or_else(|| called(result.call.as_deref()?, all)).unwrap_or_default();
    json!({"functionResponse": identified(result.call.as_ref(), json!({"name": name, "response": response}))})
}

/// The name of the tool that the call with this id called.
fn called<'a>(id: &str, all: &'a [Message]) -> Option<&'a str> {
    all.iter().flat_map(|message| &message.parts).find_map(|part| match part {
        Part::ToolCall(call) if call.id.as_deref() == Some(id) => Some(call.name.as_str()),
        _ => None,
    })
}

/// `parametersJsonSchema` takes a JSON Schema as it is; its elder `parameters` takes a part of the `OpenAPI` dialect.
fn tools(tools: &[Tool]) -> Value {
    let declarations = tools.iter().map(|tool| {
        let mut members = Map::from_iter([("name".to_owned(), json!(tool.name))]);
        if let Some(description) = &tool.description {
            members.insert("description".to_owned(), json!(description));
        }
        if !tool.parameters.is_null() {
            members.insert("parametersJsonSchema".to_owned(), tool.parameters.clone());
        }
        Value::Object(members)
    });
    json!([{"functionDeclarations": declarations.collect::<Value>()}])
}

fn tool_config(choice: &ToolChoice) -> Value {
    let config = match choice {
        ToolChoice::Auto => json!({"mode": "AUTO"}),
        ToolChoice::None => json!({"mode": "NONE"}),
        ToolChoice::Required => json!({"mode": "ANY"}),
        ToolChoice::Named(name) => json!({"mode": "ANY", "allowedFunctionNames": [name]}),
    };
    json!({"functionCallingConfig": config})
}

fn generation_config(target: &Target, request: &ChatRequest) -> Map<String, Value> {
    let options = &request.options;
    let mut config = Map::new();
    let mut set = |name: &str, value: Option<Value>| value.map(|value| config.insert(name.to_owned(), value));
    set("temperature", options.temperature.map(|value| json!(value)));
    set("topP", options.top_p.map(|value| json!(value)));
    set("maxOutputTokens", options.max_tokens.map(|value| json!(value)));
    set("stopSequences", (!options.stop.is_empty()).then(|| json!(options.stop)));
    set("seed", options.seed.map(|value| json!(value)));
    set("responseMimeType", request.form.as_ref().map(|_| json!("application/json")));
    if let Some(AnswerForm::Schema(schema)) = &request.form {
        set("responseJsonSchema", Some(schema.schema.clone()));
    }
    set("thinkingConfig", options.reasoning_effort.as_ref().map(|effort| thinking_config(target, effort)));
    config
}

/// A number is a budget. Gemini 2.5 knows only budgets; since Gemini 3 there are levels.
fn thinking_config(target: &Target, effort: &str) -> Value {
    let number = || effort.parse::<i64>().map(|budget| json!(budget)).ok();
    let by_word = || Some(json!(effort::budget(effort, budget_bounds(target)?)?));
    let Some(budget) = number().or_else(by_word) else {
        return json!({"thinkingLevel": effort, "includeThoughts": true});
    };
    let mut config = json!({"thinkingBudget": budget});
    if budget != 0 {
        // Without it the thoughts are billed and not shown.
        config["includeThoughts"] = json!(true);
    }
    config
}

/// The bounds of the budget of a model that knows no levels; `None` for all others.
fn budget_bounds(target: &Target) -> Option<effort::Bounds> {
    let unknown = || target.id.model.contains("gemini-2").then_some((None, None));
    match target.model.as_ref().map(|model| &model.reasoning) {
        Some(Reasoning { efforts, budget, .. }) if !efforts.is_empty() || budget.is_some() => {
            budget.filter(|_| efforts.is_empty())
        }
        _ => unknown(),
    }
}
