//! Where a Chat Completions request may differ from the recorded one, and why it means the same.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{is_empty, is_system, text_of, wrapped};
use crate::wire::requests::Difference;

/// In the order in which they are settled.
pub const ALL: &[Difference] = &[
    Difference { reason: "a member that is null, and an empty list of tools, say nothing", settle: drop_nulls },
    Difference {
        reason: "false is what `stream` and members of a message are when not sent, text is an answer's format, and nothing ends it; an empty list or object says nothing",
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
        reason: "how closely a picture is looked at is left to the server; Mistral's address of one may stand alone",
        settle: |sent, recorded| each_message(sent, recorded, plain_picture),
    },
    Difference {
        reason: "a server that has no place for a schema is told it in the system prompt",
        settle: schema_in_words,
    },
    Difference {
        reason: "sound goes where OpenAI documents it; as a file it is refused",
        settle: |sent, recorded| each_message(sent, recorded, documented_audio),
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
        settle: |sent, recorded| {
            each_message(sent, recorded, |message| {
                if message["role"] == "developer" {
                    message["role"] = json!("system");
                }
            });
        },
    },
    Difference {
        reason: "llmx has one system prompt, which stands first; several system messages say the same",
        settle: |sent, recorded| [sent, recorded].into_iter().for_each(join_system),
    },
    Difference {
        reason: "content that is one text may stand alone or in a list",
        settle: |sent, recorded| each_message(sent, recorded, plain_content),
    },
    Difference {
        reason: "content that is absent, null or empty says that nothing was said",
        settle: |sent, recorded| each_message(sent, recorded, drop_empty_content),
    },
    Difference {
        reason: "calls and functions are the default types, calls are in order, and no arguments are an empty object",
        settle: |sent, recorded| [sent, recorded].into_iter().for_each(typed),
    },
    Difference {
        reason: "a result is matched by the id of its call, not by a name; calls that the client gave no id are numbered",
        settle: unnamed_ids,
    },
    Difference {
        reason: "ids that a recorder replaced, or another provider gave, are made to fit where ids have one length",
        settle: fitting_ids,
    },
    Difference {
        reason: "thinking that is given back is closed",
        settle: |sent, recorded| {
            each_message(sent, recorded, |message| {
                let parts = message.get_mut("content").and_then(Value::as_array_mut).into_iter().flatten();
                parts.for_each(|part| remove_if(part, "closed", &json!(true)));
            });
        },
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
        settle: |sent, recorded| {
            for body in [sent, recorded] {
                walk(body, &mut |value| {
                    value.as_object_mut().map(|members| members.remove("cache_control"));
                });
            }
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
                members.retain(|name, value| !(value.is_null() || name == "tools" && *value == json!([])));
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

fn drop_defaults(sent: &mut Value, recorded: &mut Value) {
    remove_if(recorded, "stream", &json!(false));
    remove_if(recorded, "response_format", &json!({"type": "text"}));
    remove_if(recorded, "stop", &json!([]));
    each_message(sent, recorded, |message| {
        let Some(members) = message.as_object_mut() else { return };
        members.retain(|name, value| name == "content" || !(is_empty(value) || *value == false));
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

/// Calls `change` with every message of both: a list that the vocabulary has no word for is sent as it was recorded.
fn each_message(sent: &mut Value, recorded: &mut Value, mut change: impl FnMut(&mut Value)) {
    for body in [sent, recorded] {
        messages_of(body).for_each(&mut change);
    }
}

fn messages_of(body: &mut Value) -> impl Iterator<Item = &mut Value> {
    body.get_mut("messages").and_then(Value::as_array_mut).into_iter().flatten()
}

fn join_system(recorded: &mut Value) {
    let Some(messages) = recorded.get_mut("messages").and_then(Value::as_array_mut) else { return };
    let (told, turns): (Vec<Value>, Vec<Value>) = std::mem::take(messages).into_iter().partition(is_system);
    let texts: Vec<String> = told.iter().map(|message| text_of(&message["content"])).collect();
    let mut told = told;
    if told.len() > 1 {
        told = vec![json!({"role": "system", "content": texts.join("\n\n")})];
    }
    *messages = told.into_iter().chain(turns).collect();
}

fn plain_content(message: &mut Value) {
    let parts = message.get("content").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let in_one = matches!(message["role"].as_str(), Some("system" | "assistant"));
    let texts = !parts.is_empty() && parts.iter().all(|part| part["type"] == "text");
    let result = !parts.is_empty() && message["role"] == "tool";
    if result || texts && (in_one || parts.len() == 1) {
        message["content"] = json!(text_of(&message["content"]));
    }
}

fn plain_picture(message: &mut Value) {
    for part in message.get_mut("content").and_then(Value::as_array_mut).into_iter().flatten() {
        if let Some(address @ Value::String(_)) = part.get("image_url").cloned() {
            part["image_url"] = json!({"url": address});
        }
        if let Some(picture) = part.get_mut("image_url").and_then(Value::as_object_mut) {
            picture.remove("detail");
        }
    }
}

fn schema_in_words(sent: &mut Value, recorded: &mut Value) {
    let kind = |body: &Value| body.pointer("/response_format/type").cloned();
    let Some(schema) =
        recorded.pointer("/response_format/json_schema").map(|named| wrapped(named)["schema"].to_string())
    else {
        return;
    };
    let told = sent.pointer("/messages/0/content").and_then(Value::as_str).and_then(|text| text.strip_suffix(&schema));
    if let (true, Some(told)) = (kind(sent) == Some(json!("json_object")), told) {
        let system = told.rsplit_once("Answer with JSON").map_or("", |(before, _)| before.trim_end()).to_owned();
        sent["response_format"] = recorded["response_format"].clone();
        match sent.get_mut("messages").and_then(Value::as_array_mut) {
            Some(messages) if system.is_empty() => drop(messages.remove(0)),
            Some(messages) => messages[0]["content"] = json!(system),
            None => {}
        }
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
    let content = message.get("content").unwrap_or(&Value::Null);
    let empty = content.is_null() || *content == "" || *content == json!([]);
    if empty {
        message.as_object_mut().map(|members| members.remove("content"));
    }
}

fn typed(recorded: &mut Value) {
    let tools = recorded.get_mut("tools").and_then(Value::as_array_mut).into_iter().flatten();
    tools.filter(|tool| tool.get("function").is_some()).for_each(|tool| tool["type"] = json!("function"));
    for message in messages_of(recorded) {
        for call in message.get_mut("tool_calls").and_then(Value::as_array_mut).into_iter().flatten() {
            let Some(members) = call.as_object_mut().filter(|members| members.contains_key("function")) else {
                continue;
            };
            members.insert("type".to_owned(), json!("function"));
            members.remove("index");
            let Some(function) = members.get_mut("function").filter(|function| function.is_object()) else { continue };
            match function.get("arguments") {
                Some(Value::String(text)) if !text.is_empty() => {}
                None | Some(Value::Null | Value::String(_)) => function["arguments"] = json!("{}"),
                Some(object) => function["arguments"] = json!(object.to_string()),
            }
        }
    }
}

fn unnamed_ids(sent: &mut Value, recorded: &mut Value) {
    each_message(sent, recorded, |message| {
        message.as_object_mut().map(|members| members.remove("name"));
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

/// Gives a recorded call the id that was sent, and so all its results: which belongs to which must stay.
fn fitting_ids(sent: &mut Value, recorded: &mut Value) {
    let fits = |id: &str| id.len() == 9 && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let mut renamed = BTreeMap::new();
    pairs(sent, recorded, |sent, recorded| {
        let calls = sent.get("tool_calls").and_then(Value::as_array).into_iter().flatten();
        for (at, call) in calls.enumerate() {
            let id = call.get("id").and_then(Value::as_str).filter(|id| fits(id));
            let other = recorded.pointer_mut(&format!("/tool_calls/{at}/id"));
            if let (Some(id), Some(Value::String(other))) = (id, other)
                && !fits(other)
            {
                renamed.insert(std::mem::replace(other, id.to_owned()), id.to_owned());
            }
        }
        let id = sent.get("tool_call_id").and_then(Value::as_str).filter(|id| fits(id));
        if let (Some(id), Some(Value::String(result))) = (id, recorded.get_mut("tool_call_id"))
            && !fits(result)
        {
            // The call may not have been given.
            renamed.entry(result.clone()).or_insert_with(|| id.to_owned()).clone_into(result);
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
        // A server that takes it under several names is told it under one.
        for (name, other) in [("reasoning", "reasoning_content"), ("reasoning_content", "reasoning")] {
            if sent.get(name).is_some() && sent.get(name) == recorded.get(other) && recorded.get(name).is_none() {
                let text = recorded.as_object_mut().and_then(|members| members.remove(other));
                recorded[name] = text.unwrap_or_default();
            }
        }
        // OpenRouter and Vercel take both a text and the list that it is made of.
        let details = sent.get("reasoning_details").is_some();
        if let (true, Some(members)) = (details && sent != recorded, recorded.as_object_mut()) {
            let text = members.remove("reasoning").or(members.remove("reasoning_content"));
            members.entry("reasoning_details").or_insert_with(|| json!([{"type": "reasoning.text", "text": text}]));
        }
    });
}

fn named_as_documented(sent: &mut Value, recorded: &mut Value) {
    for body in [sent, recorded] {
        let tools = body.get_mut("tools").and_then(Value::as_array_mut).into_iter().flatten();
        for function in tools.filter_map(|tool| tool.get_mut("function")?.as_object_mut()) {
            if let Some(parameters) = function.remove("arguments") {
                function.insert("parameters".to_owned(), parameters);
            }
        }
        if let Some(named) = body.pointer_mut("/response_format/json_schema") {
            *named = wrapped(named);
            remove_if(named, "name", &json!(""));
        }
    }
}
