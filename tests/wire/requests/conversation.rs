//! What the readers of several formats share: taking members out of a recorded body into the vocabulary.

use llmx::chat::{ChatRequest, Media, MediaSource, Message, Options, Part, Role, Thought, Tool, ToolCall};
use serde_json::{Map, Value};

use super::Difference;

/// A message's members that say nothing.
pub const SAYS_NOTHING: Difference = Difference {
    reason: "a member that is null, empty or a list or object of nothing says the same as none",
    settle: |sent, recorded| {
        for body in [sent, recorded] {
            without_empty(body);
            body["messages"].as_array_mut().into_iter().flatten().for_each(without_empty);
        }
    },
};

/// A type that can be no other.
pub const FUNCTIONS: Difference = Difference {
    reason: "a tool and its call are functions when no type is named",
    settle: |sent, recorded| {
        for body in [sent, recorded] {
            let messages = body["messages"].as_array_mut().into_iter().flatten();
            let calls = messages.filter_map(|message| message.get_mut("tool_calls")?.as_array_mut()).flatten();
            for call in calls {
                call.as_object_mut().map(|call| call.remove("type"));
                call["function"].as_object_mut().map(|function| function.remove("index"));
            }
        }
    },
};

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
    let stop = members.remove(stop).map(|texts| match texts {
        Value::String(text) => vec![text],
        texts => strings(&texts),
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
pub fn take<T>(members: &mut Map<String, Value>, name: &str, read: fn(&Value) -> Option<T>) -> Option<T> {
    let value = read(members.get(name)?)?;
    members.remove(name);
    Some(value)
}

/// Takes the declared tools out.
pub fn tools(members: &mut Map<String, Value>) -> Vec<Tool> {
    let declared = members.remove("tools").unwrap_or_default();
    let tool = |declared: &Value| {
        let function = &declared["function"];
        Tool {
            name: text(&function["name"]),
            description: function["description"].as_str().map(str::to_owned),
            parameters: function["parameters"].clone(),
            strict: function["strict"].as_bool(),
        }
    };
    declared.as_array().into_iter().flatten().map(tool).collect()
}

/// The calls of a message.
pub fn calls(message: &Value) -> Vec<Part> {
    let call = |call: &Value| {
        let arguments = match &call["function"]["arguments"] {
            Value::String(text) => text.clone(),
            object => object.to_string(),
        };
        let id = call["id"].as_str().map(str::to_owned);
        Part::ToolCall(ToolCall { id, name: text(&call["function"]["name"]), arguments, seal: None })
    };
    message["tool_calls"].as_array().into_iter().flatten().map(call).collect()
}

/// Lays the messages of a body into a request; a first one by the system is the system prompt.
pub fn messages(request: &mut ChatRequest, recorded: &Value, parts: fn(&Value) -> Vec<Part>) {
    for message in recorded.as_array().into_iter().flatten() {
        let role = match message["role"].as_str() {
            Some("system") if request.system.is_none() => {
                let texts = parts(message);
                request.system = Some(texts.iter().filter_map(Part::as_text).collect());
                continue;
            }
            Some("assistant") => Role::Assistant,
            _ => Role::User,
        };
        request.messages.push(Message { role, parts: parts(message) });
    }
}

/// The texts and images of a message, written as a text or as a list of parts.
pub fn content(message: &Value) -> Vec<Part> {
    let part = |block: &Value| match block["type"].as_str()? {
        "text" => Some(Part::Text(text(&block["text"]))),
        "thinking" => Some(Part::Thought(Thought { text: text(&block["thinking"]), ..Thought::default() })),
        "image_url" => Some(Part::Media(image(&text(&block["image_url"]["url"])))),
        "document" => Some(Part::Text(document(&block["document"]))),
        _ => None,
    };
    match &message["content"] {
        Value::String(text) => vec![Part::Text(text.clone())],
        blocks => blocks.as_array().into_iter().flatten().filter_map(part).collect(),
    }
}

/// A document's data as a text.
pub fn document(document: &Value) -> String {
    match &document["data"] {
        Value::String(text) => text.clone(),
        data => data.to_string(),
    }
}

fn image(url: &str) -> Media {
    let inline = url.strip_prefix("data:").and_then(|rest| rest.split_once(";base64,"));
    let (media_type, source) = match inline {
        Some((kind, data)) => (kind.to_owned(), MediaSource::Base64(data.to_owned())),
        None => ("image/png".to_owned(), MediaSource::Url(url.to_owned())),
    };
    Media { media_type, name: None, source }
}

/// A text, or nothing.
pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// The texts of a list.
pub fn strings(list: &Value) -> Vec<String> {
    list.as_array().into_iter().flatten().map(text).collect()
}
