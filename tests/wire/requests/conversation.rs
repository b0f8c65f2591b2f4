//! What the readers of several formats share: taking members out of a recorded body into the vocabulary.

use llmx::chat::{ChatRequest, Message, Options, Part, Role, Thought, Tool, ToolCall};
use serde_json::{Map, Value, json};

use super::Difference;
use super::openai_chat::{function, media};

pub use super::openai_chat::has_only;

/// A message's members that say nothing.
pub const SAYS_NOTHING: Difference = Difference {
    reason: "a member that is null, empty or a list or object of nothing says the same as none",
    settle: |sent, recorded| {
        for body in [sent, recorded] {
            without_empty(body);
            messages_of(body).for_each(without_empty);
        }
    },
};

/// A type that can be no other.
pub const FUNCTIONS: Difference = Difference {
    reason: "a tool and its call are functions when no type is named, and no arguments are an empty object",
    settle: |sent, recorded| {
        for body in [sent, recorded] {
            let tools = body.get_mut("tools").and_then(Value::as_array_mut).into_iter().flatten();
            tools.filter_map(Value::as_object_mut).for_each(|tool| drop(tool.remove("type")));
            let calls = messages_of(body).filter_map(|message| message.get_mut("tool_calls")?.as_array_mut()).flatten();
            for call in calls.filter_map(Value::as_object_mut) {
                call.remove("type");
                if let Some(function) = call.get_mut("function").and_then(Value::as_object_mut) {
                    function.remove("index");
                    let nothing = |value: &Value| value.is_null() || *value == "{}" || *value == json!({});
                    function.retain(|name, value| name != "arguments" || !nothing(value));
                }
            }
        }
    },
};

/// The messages of a body.
pub fn messages_of(body: &mut Value) -> impl Iterator<Item = &mut Value> {
    body.get_mut("messages").and_then(Value::as_array_mut).into_iter().flatten()
}

fn without_empty(value: &mut Value) {
    if let Value::Object(members) = value {
        members.retain(|_, member| match member {
            Value::Null => false,
            Value::String(text) => !text.is_empty(),
            Value::Array(items) => !items.is_empty(),
            Value::Object(members) => !members.is_empty(),
            _ => true,
        });
    }
}

/// Takes the options out that stand in `members` under these names: the longest answer, nucleus sampling, stop texts.
pub fn options(members: &mut Map<String, Value>, limit: &str, nucleus: &str, stop: &str) -> Options {
    let stop = take(members, stop, |texts| match texts {
        Value::String(text) => Some(vec![text.clone()]),
        texts => texts.as_array()?.iter().map(|text| text.as_str().map(str::to_owned)).collect(),
    });
    Options {
        max_tokens: take(members, limit, Value::as_u64),
        top_p: take(members, nucleus, Value::as_f64),
        temperature: take(members, "temperature", Value::as_f64),
        seed: take(members, "seed", Value::as_i64),
        stop: stop.unwrap_or_default(),
        ..Options::default()
    }
}

/// Takes a member out, if it is of that sort.
pub fn take<T>(members: &mut Map<String, Value>, name: &str, read: impl Fn(&Value) -> Option<T>) -> Option<T> {
    let value = read(members.get(name)?)?;
    members.remove(name);
    Some(value)
}

/// Takes the declared tools out; a list that has another sort of tool in it stays.
pub fn tools(members: &mut Map<String, Value>) -> Vec<Tool> {
    let plain = |tool: &Value| has_only(tool, &["type", "function"]).then(|| function(tool.get("function")?)).flatten();
    take(members, "tools", |tools| tools.as_array()?.iter().map(plain).collect()).unwrap_or_default()
}

/// The calls of a message; `None` when one is no plain call of a function.
pub fn calls(message: &Value) -> Option<Vec<Part>> {
    let call = |call: &Value| {
        let function = call.get("function").filter(|_| has_only(call, &["id", "type", "function"]))?;
        let arguments = match function.get("arguments") {
            Some(Value::String(text)) => text.clone(),
            None | Some(Value::Null) => String::new(),
            Some(object) => object.to_string(),
        };
        let id = call["id"].as_str().map(str::to_owned);
        Some(Part::ToolCall(ToolCall { id, name: function.get("name")?.as_str()?.to_owned(), arguments, seal: None }))
    };
    message["tool_calls"].as_array().into_iter().flatten().map(call).collect()
}

/// Takes the messages out of a body into a request; a first one by the system is the system prompt. A list that holds what
/// the vocabulary has no word for stays in the body as it is.
pub fn messages(request: &mut ChatRequest, body: &mut Map<String, Value>, parts: fn(&Value) -> Option<Vec<Part>>) {
    let read = |recorded: &Value| {
        let mut system = None;
        let mut messages = Vec::new();
        for (at, message) in recorded.as_array()?.iter().enumerate() {
            let role = match message["role"].as_str()? {
                "system" if at == 0 => {
                    system = Some(parts(message)?.iter().map(Part::as_text).collect::<Option<String>>()?);
                    continue;
                }
                "assistant" => Role::Assistant,
                "user" | "tool" => Role::User,
                _ => return None,
            };
            messages.push(Message { role, parts: parts(message)? });
        }
        Some((system, messages))
    };
    if let Some((system, messages)) = take(body, "messages", read) {
        request.system = system;
        request.messages = messages;
    }
}

/// The texts and images of a message, written as a text or as a list of parts; `None` when it has parts of other sorts.
pub fn content(message: &Value) -> Option<Vec<Part>> {
    let part = |block: &Value| {
        let word = |name: &str| block.get(name).and_then(Value::as_str).map(str::to_owned);
        let only = |name: &str| has_only(block, &["type", name]);
        Some(match block["type"].as_str()? {
            "text" if only("text") => Part::Text(word("text")?),
            "thinking" if only("thinking") => Part::Thought(Thought { text: word("thinking")?, ..Thought::default() }),
            "image_url" if only("image_url") && has_only(&block["image_url"], &["url"]) => {
                Part::Media(media("image/png", block["image_url"]["url"].as_str()?, None))
            }
            "document" if message["role"] == "tool" => Part::Text(document(&block["document"])),
            _ => return None,
        })
    };
    match &message["content"] {
        Value::String(text) => Some(vec![Part::Text(text.clone())]),
        Value::Null => Some(Vec::new()),
        blocks => blocks.as_array()?.iter().map(part).collect(),
    }
}

/// A document's data as a text.
pub fn document(document: &Value) -> String {
    match &document["data"] {
        Value::String(text) => text.clone(),
        data => data.to_string(),
    }
}

/// A text, or nothing.
pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// The texts of a list.
pub fn strings(list: &Value) -> Vec<String> {
    list.as_array().into_iter().flatten().map(text).collect()
}
