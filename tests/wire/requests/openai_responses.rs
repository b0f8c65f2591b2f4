//! Recorded Responses requests, taken apart into what a user asked for.

use llmx::chat::{AnswerForm, ChatRequest, Message, Part, Role, Thought, Tool, ToolCall, ToolResult};
use llmx::provider::EffortPlace;
use serde_json::{Map, Value, json};

use super::openai_chat::differences::{drop_nulls, remove_if, walk};
use super::openai_chat::{function, keep, media, options, remove_model, schema, text_of, tool_choice, understood};
use super::{Difference, Reader};
use crate::wire::recording::Recording;

type Body = Map<String, Value>;

/// The reader.
pub const READER: Reader = Reader { codec: "openai-responses", read, differences: DIFFERENCES };

/// What the encoder asks for when sealed thinking is given back.
const SEALED: &str = "reasoning.encrypted_content";

fn read(recording: &Recording, mut body: Body) -> ChatRequest {
    remove_model(recording, &mut body);
    remove_default(&mut body, "store", &json!(false));
    let stream = body.remove("stream") == Some(json!(true));
    let items = listed_input(body.remove("input").unwrap_or_default());
    let (told, turns): (Vec<&Value>, Vec<&Value>) = items.iter().partition(|item| is_system(item));
    let instructions = body.remove("instructions").and_then(|text| text.as_str().map(str::to_owned));
    let told = told.iter().map(|item| text_of(&item["content"]));
    let system: Vec<String> = instructions.into_iter().chain(told).collect();
    let messages: Vec<Message> = turns.into_iter().filter_map(turn).collect();
    let sealed = messages.iter().flat_map(|message| &message.parts);
    if sealed.into_iter().any(|part| matches!(part, Part::Thought(thought) if thought.seal.is_some())) {
        remove_default(&mut body, "include", &json!([SEALED]));
    }
    let effort = effort(recording.target().provider.quirks.effort, &mut body);
    ChatRequest {
        system: (!system.is_empty()).then(|| system.join("\n\n")),
        messages,
        tools: tools(&mut body),
        tool_choice: understood(&mut body, "tool_choice", tool_choice),
        form: form(&mut body),
        options: options(&mut body, effort),
        stream,
    }
}

fn remove_default(body: &mut Body, name: &str, default: &Value) {
    if body.get(name) == Some(default) {
        body.remove(name);
    }
}

fn listed_input(input: Value) -> Vec<Value> {
    match input {
        Value::Array(items) => items,
        text => vec![json!({"role": "user", "content": text})],
    }
}

fn is_system(item: &Value) -> bool {
    matches!(item["role"].as_str(), Some("system" | "developer"))
}

/// An item of the conversation; `None` for what the provider's own tools did.
fn turn(item: &Value) -> Option<Message> {
    let word = |name: &str| item[name].as_str().map(str::to_owned);
    let (role, part) = match item["type"].as_str().unwrap_or("message") {
        "message" => {
            let role = if item["role"] == "assistant" { Role::Assistant } else { Role::User };
            let parts = match &item["content"] {
                Value::Array(parts) => parts.iter().map(part).collect(),
                text => vec![Part::Text(text_of(text))],
            };
            return Some(Message { role, parts });
        }
        "reasoning" => {
            let thought = Thought { id: word("id"), text: thinking(item), seal: word("encrypted_content") };
            (Role::Assistant, Part::Thought(thought))
        }
        "function_call" => {
            let (name, arguments) = (word("name").unwrap_or_default(), word("arguments").unwrap_or_default());
            (Role::Assistant, Part::ToolCall(ToolCall { id: word("call_id"), name, arguments, seal: None }))
        }
        "function_call_output" => {
            let result =
                ToolResult { call: word("call_id"), content: text_of(&item["output"]), ..ToolResult::default() };
            (Role::User, Part::ToolResult(result))
        }
        _ => return None,
    };
    Some(Message { role, parts: vec![part] })
}

/// The text of a thought: its summary, or the thinking itself.
fn thinking(item: &Value) -> String {
    let told = |name: &str| item[name].as_array().is_some_and(|parts| !parts.is_empty());
    if told("summary") || !told("content") { text_of(&item["summary"]) } else { text_of(&item["content"]) }
}

fn part(part: &Value) -> Part {
    let word = |name: &str| part[name].as_str().unwrap_or_default();
    match part["type"].as_str() {
        Some("input_image") => Part::Media(media("image/*", word("image_url"), None)),
        Some("input_file") => {
            let address = part["file_data"].as_str().unwrap_or_else(|| word("file_url"));
            Part::Media(media("application/pdf", address, part["filename"].as_str()))
        }
        _ => Part::Text(word("text").to_owned()),
    }
}

/// Functions are tools; a list that has anything else in it is taken as it is.
fn tools(body: &mut Body) -> Vec<Tool> {
    let plain = |tool: &Value| tool["type"] == "function" && tool.get("defer_loading").is_none();
    let functions: Option<Vec<Tool>> = body
        .get("tools")
        .and_then(Value::as_array)
        .map_or(Some(Vec::new()), |tools| tools.iter().map(|tool| plain(tool).then(|| function(tool))).collect());
    functions.inspect(|_| drop(body.remove("tools"))).unwrap_or_default()
}

fn form(body: &mut Body) -> Option<AnswerForm> {
    let mut members = body.remove("text")?.as_object().cloned()?;
    let format = members.remove("format");
    keep(body, "text", members);
    let format = format?;
    match format["type"].as_str() {
        Some("json_object") => Some(AnswerForm::Json),
        Some("json_schema") => Some(AnswerForm::Schema(schema(&format))),
        _ => None,
    }
}

fn effort(place: EffortPlace, body: &mut Body) -> Option<String> {
    let mut members = body.remove("reasoning").and_then(|reasoning| reasoning.as_object().cloned())?;
    let effort = members.remove("effort").and_then(|effort| effort.as_str().map(str::to_owned));
    let budget = (place == EffortPlace::Reasoning).then(|| members.remove("max_tokens")).flatten();
    keep(body, "reasoning", members);
    effort.or(budget.map(|tokens| tokens.to_string()))
}

const DIFFERENCES: &[Difference] = &[
    Difference {
        reason: "marks for the cache change the bill, not the answer; the vocabulary has none",
        settle: |_, recorded| {
            walk(recorded, &mut |value| {
                value.as_object_mut().map(|members| members.remove("prompt_cache_breakpoint"));
            });
        },
    },
    Difference { reason: "a member that is null says nothing", settle: drop_nulls },
    Difference {
        reason: "false is what `stream` is when not sent",
        settle: |_, recorded| {
            remove_if(recorded, "stream", &json!(false));
        },
    },
    Difference {
        reason: "llmx sends the whole conversation, so it has nothing stored, and asks for sealed thinking when it gives some \
                 back; a function without parameters takes an empty object",
        settle: added,
    },
    Difference {
        reason: "an input that is one text is one message of the user",
        settle: |_, recorded| {
            if recorded["input"].is_string() {
                recorded["input"] = json!([{"role": "user", "content": recorded["input"]}]);
            }
        },
    },
    Difference {
        reason: "llmx has one system prompt; system messages say the same as instructions",
        settle: instructions,
    },
    Difference {
        reason: "content that is one text may stand alone or in a list",
        settle: |_, recorded| {
            each_item(recorded, plain_content);
        },
    },
    Difference {
        reason: "a message is the default type of an item; ids, states and notes of what is not stored are not given back, and \
                 thinking goes back in one piece",
        settle: |_, recorded| each_item(recorded, plain_item),
    },
    Difference {
        reason: "what the provider's own tools did is not given back",
        settle: |_, recorded| {
            if let Some(items) = recorded.get_mut("input").and_then(Value::as_array_mut) {
                items.retain(|item| turn(item).is_some());
            }
        },
    },
    Difference {
        reason: "what is no text in a tool's answer is told as JSON",
        settle: |_, recorded| {
            each_item(recorded, |item| {
                if item.get("output").is_some_and(Value::is_array) {
                    item["output"] = json!(text_of(&item["output"]));
                }
            });
        },
    },
];

fn each_item(body: &mut Value, change: impl FnMut(&mut Value)) {
    body.get_mut("input").and_then(Value::as_array_mut).into_iter().flatten().for_each(change);
}

fn instructions(_: &mut Value, recorded: &mut Value) {
    let Some(items) = recorded.get_mut("input").and_then(Value::as_array_mut) else { return };
    let (told, turns): (Vec<Value>, Vec<Value>) = std::mem::take(items).into_iter().partition(is_system);
    *items = turns;
    let known = recorded.get("instructions").and_then(Value::as_str).map(str::to_owned);
    let all: Vec<String> = known.into_iter().chain(told.iter().map(|item| text_of(&item["content"]))).collect();
    if !all.is_empty() {
        recorded["instructions"] = json!(all.join("\n\n"));
    }
}

fn plain_content(item: &mut Value) {
    let Some([only]) = item.get("content").and_then(Value::as_array).map(Vec::as_slice) else { return };
    if let (true, Some(text)) = (only["type"] != "refusal", only["text"].as_str()) {
        item["content"] = json!(text);
    }
}

fn plain_item(item: &mut Value) {
    remove_if(item, "type", &json!("message"));
    let thought = item.get("type").is_some_and(|kind| kind == "reasoning");
    if thought {
        let text = thinking(item);
        item["summary"] = if text.is_empty() { json!([]) } else { json!([{"type": "summary_text", "text": text}]) };
    }
    let Some(members) = item.as_object_mut() else { return };
    let stored: &[&str] = if thought { &["status", "content"] } else { &["id", "status", "phase", "namespace"] };
    members.retain(|name, _| !stored.contains(&name.as_str()));
    for part in members.get_mut("content").and_then(Value::as_array_mut).into_iter().flatten() {
        for name in ["annotations", "logprobs", "detail"] {
            part.as_object_mut().map(|members| members.remove(name));
        }
    }
}

/// What llmx adds where a client left it to the server.
fn added(sent: &mut Value, recorded: &mut Value) {
    for (name, value) in [("store", json!(false)), ("include", json!([SEALED])), ("input", json!([]))] {
        if recorded.get(name).is_none() {
            remove_if(sent, name, &value);
        }
    }
    for tool in recorded.get_mut("tools").and_then(Value::as_array_mut).into_iter().flatten() {
        if tool["type"] == "function" && tool.get("parameters").is_none() {
            tool["parameters"] = json!({"type": "object", "properties": {}});
        }
    }
}
