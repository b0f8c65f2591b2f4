//! A conversation as a Messages body. Vertex AI and Bedrock take the same members after another first one.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use crate::catalog::Reasoning;
use crate::chat::{
    AnswerForm, ChatRequest, Media, MediaKind, MediaSource, Message, Options, Part, Role, Thought, Tool, ToolCall,
    ToolChoice, ToolResult,
};
use crate::provider::Target;
use crate::wire::{effort, merge};

/// `max_tokens` must be sent. Unset, it is the model's own limit, but not more than this, which bounds what a runaway
/// answer costs.
const LARGEST_DEFAULT_OUTPUT: u64 = 32_000;

/// The limit for models the catalogue does not know: the largest that every Claude since 3.5 takes.
const UNKNOWN_MODEL_OUTPUT: u64 = 8192;

/// What [`Thought::id`] says of thinking that the provider hid: its seal goes back as `redacted_thinking`.
const REDACTED_THINKING: &str = "redacted_thinking";

/// The format has a place for a schema, but none for "any JSON object".
const ANY_JSON: &str = "Answer with one JSON object and nothing else: no other words and no code fence.";

/// The body for Anthropic itself: it begins with the model's name.
pub(in crate::wire) fn body(target: &Target, request: &ChatRequest) -> Value {
    body_after("model", json!(target.id.model), target, request)
}

/// The body for a place that wants another first member and has the model in its address.
pub(in crate::wire) fn body_after(name: &str, value: Value, target: &Target, request: &ChatRequest) -> Value {
    let mut all = Map::from_iter([(name.to_owned(), value)]);
    all.extend(members(target, request));
    let mut body = Value::Object(all);
    merge(&mut body, &request.options.extra);
    body
}

fn members(target: &Target, request: &ChatRequest) -> Map<String, Value> {
    let options = &request.options;
    let thinking = Thinking::of(target, options);
    let mut members = Map::new();
    let mut set = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            members.insert(name.to_owned(), value);
        }
    };
    set("max_tokens", Some(json!(thinking.max_tokens)));
    set("system", system(request));
    set("messages", Some(request.messages.iter().map(turn).collect()));
    set("stream", request.stream.then_some(json!(true)));
    set("temperature", options.temperature.map(|value| json!(value)));
    set("top_p", options.top_p.map(|value| json!(value)));
    set("stop_sequences", (!options.stop.is_empty()).then(|| json!(options.stop)));
    set("tools", (!request.tools.is_empty()).then(|| request.tools.iter().map(tool).collect()));
    set("tool_choice", request.tool_choice.as_ref().map(tool_choice));
    set("output_config", output_config(&thinking, request.form.as_ref()));
    set("thinking", thinking.member);
    members
}

fn system(request: &ChatRequest) -> Option<Value> {
    let any_json = (request.form == Some(AnswerForm::Json)).then_some(ANY_JSON);
    let texts: Vec<&str> = request.system.as_deref().into_iter().chain(any_json).collect();
    (!texts.is_empty()).then(|| json!(texts.join("\n\n")))
}

/// How thinking is asked for, and the limit that leaves room for it.
struct Thinking {
    max_tokens: u64,
    effort: Option<String>,
    member: Option<Value>,
}

impl Thinking {
    /// A number is a budget. A word is an effort for models that take one; models that know only budgets get the budget
    /// it amounts to. Models that take no budgets any more think only when they are told that they may.
    ///
    /// <https://platform.claude.com/docs/en/build-with-claude/adaptive-thinking>
    fn of(target: &Target, options: &Options) -> Self {
        let unknown = Reasoning::default();
        let reasoning = target.model.as_ref().map_or(&unknown, |model| &model.reasoning);
        let plain = options.max_tokens.unwrap_or_else(|| default_output(target));
        let none = Self { max_tokens: plain, effort: None, member: None };
        let Some(word) = &options.reasoning_effort else { return none };
        let effort = || Some(word.clone());
        match (word.parse(), reasoning.efforts.is_empty(), reasoning.budget) {
            (Ok(budget), ..) => Self::budget(budget, target, options),
            _ if word.eq_ignore_ascii_case("none") => Self { member: Some(json!({"type": "disabled"})), ..none },
            (_, true, Some(bounds)) => match effort::budget(word, bounds) {
                Some(budget) => match effort::fitting(budget, options.max_tokens) {
                    Some(budget) => Self::budget(budget, target, options),
                    None => none,
                },
                None => Self { effort: effort(), ..none },
            },
            // Without `display` newer models send their thinking empty.
            (_, false, None) => {
                let member = json!({"type": "adaptive", "display": "summarized"});
                Self { effort: effort(), member: Some(member), ..none }
            }
            _ => Self { effort: effort(), ..none },
        }
    }

    /// The limit counts the thinking too. One that the user gave stays; the default one makes room for an answer.
    fn budget(budget: u64, target: &Target, options: &Options) -> Self {
        let with_room = || {
            let most = target.model.as_ref().and_then(|model| model.max_output).unwrap_or(u64::MAX);
            default_output(target).max(budget.saturating_add(UNKNOWN_MODEL_OUTPUT)).min(most.max(budget + 1))
        };
        let member = json!({"type": "enabled", "budget_tokens": budget});
        Self { max_tokens: options.max_tokens.unwrap_or_else(with_room), effort: None, member: Some(member) }
    }
}

fn default_output(target: &Target) -> u64 {
    let known = target.model.as_ref().and_then(|model| model.max_output);
    known.map_or(UNKNOWN_MODEL_OUTPUT, |limit| limit.min(LARGEST_DEFAULT_OUTPUT))
}

fn output_config(thinking: &Thinking, form: Option<&AnswerForm>) -> Option<Value> {
    let mut config = Map::new();
    if let Some(effort) = &thinking.effort {
        config.insert("effort".to_owned(), json!(effort));
    }
    if let Some(AnswerForm::Schema(schema)) = form {
        config.insert("format".to_owned(), json!({"type": "json_schema", "schema": schema.schema}));
    }
    (!config.is_empty()).then_some(Value::Object(config))
}

fn tool(tool: &Tool) -> Value {
    let mut members = Map::from_iter([("name".to_owned(), json!(tool.name))]);
    if let Some(description) = &tool.description {
        members.insert("description".to_owned(), json!(description));
    }
    let none = || json!({"type": "object", "properties": {}});
    let schema = if tool.parameters.is_null() { none() } else { tool.parameters.clone() };
    members.insert("input_schema".to_owned(), schema);
    if let Some(strict) = tool.strict {
        members.insert("strict".to_owned(), json!(strict));
    }
    Value::Object(members)
}

fn tool_choice(choice: &ToolChoice) -> Value {
    match choice {
        ToolChoice::Auto => json!({"type": "auto"}),
        ToolChoice::None => json!({"type": "none"}),
        ToolChoice::Required => json!({"type": "any"}),
        ToolChoice::Named(name) => json!({"type": "tool", "name": name}),
    }
}

fn turn(message: &Message) -> Value {
    let role = match message.role {
        Role::User => "user",
        Role::Assistant => "assistant",
    };
    let content = match message.parts.as_slice() {
        [Part::Text(text)] => json!(text),
        parts => parts.iter().filter_map(block).collect(),
    };
    json!({"role": role, "content": content})
}

fn block(part: &Part) -> Option<Value> {
    match part {
        Part::Text(text) => Some(json!({"type": "text", "text": text})),
        Part::Media(media) => medium(media),
        Part::Thought(thought) => Some(thinking(thought)),
        Part::ToolCall(call) => Some(tool_use(call)),
        Part::ToolResult(result) => Some(tool_result(result)),
    }
}

/// Images and documents; there is no place for sound and film.
fn medium(media: &Media) -> Option<Value> {
    let kind = match media.kind() {
        MediaKind::Image => "image",
        MediaKind::Document => "document",
        MediaKind::Audio | MediaKind::Video => return None,
    };
    let source = match &media.source {
        MediaSource::Url(url) => json!({"type": "url", "url": url}),
        // A document of text is sent as text, whatever sort of text it is.
        MediaSource::Base64(data) if media.media_type.starts_with("text/") => {
            let bytes = STANDARD.decode(data).unwrap_or_default();
            json!({"type": "text", "media_type": "text/plain", "data": String::from_utf8_lossy(&bytes)})
        }
        MediaSource::Base64(data) => json!({"type": "base64", "media_type": media.media_type, "data": data}),
    };
    let mut block = json!({"type": kind, "source": source});
    if let (MediaKind::Document, Some(name)) = (media.kind(), &media.name) {
        block["title"] = json!(name);
    }
    Some(block)
}

/// Thinking whose text was left out comes with its signature alone, just as hidden thinking comes with its data.
fn thinking(thought: &Thought) -> Value {
    if thought.id.as_deref() == Some(REDACTED_THINKING) {
        return json!({"type": REDACTED_THINKING, "data": thought.seal});
    }
    let mut block = json!({"type": "thinking", "thinking": thought.text});
    if let Some(seal) = &thought.seal {
        block["signature"] = json!(seal);
    }
    block
}

/// A call that got no id from its provider goes by its tool's name, and so does its result.
fn tool_use(call: &ToolCall) -> Value {
    let id = call.id.as_ref().unwrap_or(&call.name);
    json!({"type": "tool_use", "id": id, "name": call.name, "input": call.parsed().unwrap_or_else(|| json!({}))})
}

fn tool_result(result: &ToolResult) -> Value {
    let id = result.call.as_ref().or(result.name.as_ref());
    let mut block = json!({"type": "tool_result", "tool_use_id": id, "content": result.content});
    if result.is_error {
        block["is_error"] = json!(true);
    }
    block
}
