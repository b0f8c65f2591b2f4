//! Recorded Responses requests, taken apart into what a user asked for.

use llmx::chat::{AnswerForm, ChatRequest, Message, Options, Part, Role, Thought, Tool, ToolCall, ToolResult};
use llmx::provider::EffortPlace;
use serde_json::{Map, Value, json};

use super::openai_chat::differences::{drop_nulls, remove_if, walk};
use super::openai_chat::{
    function, has_only, is_empty, media, remove_model, rest, schema, text_of, tool_choice, understood,
};
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
    let said = understood(&mut body, "input", conversation);
    let instructions =
        said.as_ref().and_then(|_| understood(&mut body, "instructions", |text| text.as_str().map(str::to_owned)));
    let (told, messages) = said.unwrap_or_default();
    let system: Vec<String> = instructions.into_iter().chain(told).collect();
    let mut parts = messages.iter().flat_map(|message| &message.parts);
    if parts.any(|part| matches!(part, Part::Thought(thought) if thought.seal.is_some())) {
        remove_default(&mut body, "include", &json!([SEALED]));
    }
    let effort = effort(recording.target().provider.quirks.effort, &mut body);
    ChatRequest {
        system: (!system.is_empty()).then(|| system.join("\n\n")),
        messages,
        tools: tools(&mut body),
        tool_choice: understood(&mut body, "tool_choice", tool_choice),
        form: form(&mut body),
        options: Options {
            temperature: understood(&mut body, "temperature", Value::as_f64),
            top_p: understood(&mut body, "top_p", Value::as_f64),
            max_tokens: understood(&mut body, "max_output_tokens", Value::as_u64),
            reasoning_effort: effort,
            extra: rest(&mut body),
            ..Options::default()
        },
        stream,
    }
}

/// What the system says and the turns; `None` for a list that holds what the vocabulary has no word for, which is then
/// given as it is. What the provider's own tools did is left out.
fn conversation(input: &Value) -> Option<(Vec<String>, Vec<Message>)> {
    let items = listed_input(input.clone());
    let (told, turns): (Vec<&Value>, Vec<&Value>) = items.iter().partition(|item| is_system(item));
    let turns = turns.into_iter().filter(|item| !by_provider(item)).map(turn).collect::<Option<_>>()?;
    Some((told.iter().map(|item| text_of(&item["content"])).collect(), turns))
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

/// Items that tell what the provider's own tools did.
const BY_PROVIDER: &[&str] = &[
    "web_search_call",
    "file_search_call",
    "code_interpreter_call",
    "image_generation_call",
    "mcp_call",
    "mcp_list_tools",
    "tool_search_call",
    "tool_search_output",
];

fn by_provider(item: &Value) -> bool {
    item["type"].as_str().is_some_and(|kind| BY_PROVIDER.contains(&kind))
}

/// An item of the conversation; `None` for what the vocabulary has no word for.
fn turn(item: &Value) -> Option<Message> {
    let word = |name: &str| item[name].as_str().map(str::to_owned);
    let (role, part) = match item.get("type").and_then(Value::as_str).unwrap_or("message") {
        "message" => {
            let role = match item["role"].as_str()? {
                "assistant" => Role::Assistant,
                "user" => Role::User,
                _ => return None,
            };
            let parts = match &item["content"] {
                Value::String(text) => vec![Part::Text(text.clone())],
                parts => parts.as_array()?.iter().map(|piece| part(role, piece)).collect::<Option<_>>()?,
            };
            return (!parts.is_empty()).then_some(Message { role, parts });
        }
        "reasoning" => {
            let thought = Thought { id: word("id"), text: thinking(item), seal: word("encrypted_content") };
            (Role::Assistant, Part::Thought(thought))
        }
        "function_call" => {
            let (name, arguments) = (word("name")?, word("arguments").unwrap_or_default());
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

fn part(role: Role, part: &Value) -> Option<Part> {
    let word = |name: &str| part.get(name).and_then(Value::as_str);
    let only = |names: &[&str]| has_only(part, names);
    Some(match (part["type"].as_str()?, role) {
        ("input_text", Role::User) | ("output_text", Role::Assistant)
            if only(&["type", "text", "annotations", "logprobs", "prompt_cache_breakpoint"]) =>
        {
            Part::Text(word("text")?.to_owned())
        }
        ("input_image", _) if only(&["type", "image_url", "detail"]) => {
            Part::Media(media("image/*", word("image_url")?, None))
        }
        ("input_file", _) if only(&["type", "file_url"]) => {
            Part::Media(media("application/pdf", word("file_url")?, None))
        }
        ("input_file", _) if only(&["type", "filename", "file_data"]) && word("file_data")?.starts_with("data:") => {
            Part::Media(media("application/pdf", word("file_data")?, Some(word("filename")?)))
        }
        _ => return None,
    })
}

/// Functions are tools; a list that has anything else in it is taken as it is.
fn tools(body: &mut Body) -> Vec<Tool> {
    let plain = |tool: &Value| if tool["type"] == "function" { function(tool) } else { None };
    understood(body, "tools", |tools| tools.as_array()?.iter().map(plain).collect()).unwrap_or_default()
}

fn form(body: &mut Body) -> Option<AnswerForm> {
    let members = body.get_mut("text")?.as_object_mut()?;
    let form = understood(members, "format", |format| match format["type"].as_str() {
        Some("json_object") if has_only(format, &["type"]) => Some(AnswerForm::Json),
        Some("json_schema") => schema(format).map(AnswerForm::Schema),
        _ => None,
    });
    if members.is_empty() {
        body.remove("text");
    }
    form
}

fn effort(place: EffortPlace, body: &mut Body) -> Option<String> {
    let members = body.get_mut("reasoning")?.as_object_mut()?;
    let effort = understood(members, "effort", |effort| effort.as_str().map(str::to_owned));
    let tokens = |tokens: &Value| Some(tokens.as_u64()?.to_string());
    let budget = || (place == EffortPlace::Reasoning).then(|| understood(members, "max_tokens", tokens)).flatten();
    let effort = effort.or_else(budget);
    if body.get("reasoning").is_some_and(is_empty) {
        body.remove("reasoning");
    }
    effort
}

const DIFFERENCES: &[Difference] = &[
    Difference {
        reason: "marks for the cache change the bill, not the answer; the vocabulary has none",
        settle: |sent, recorded| {
            for body in [sent, recorded] {
                walk(body, &mut |value| {
                    value.as_object_mut().map(|members| members.remove("prompt_cache_breakpoint"));
                });
            }
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
            if let Some(text @ Value::String(_)) = recorded.get("input").cloned() {
                recorded["input"] = json!([{"role": "user", "content": text}]);
            }
        },
    },
    Difference {
        reason: "llmx has one system prompt; system messages say the same as instructions",
        settle: instructions,
    },
    Difference {
        reason: "content that is one text may stand alone or in a list",
        settle: |sent, recorded| each_item(sent, recorded, plain_content),
    },
    Difference {
        reason: "a message is the default type of an item; ids, states and notes of what is not stored are not given back, and \
                 thinking goes back in one piece",
        settle: |sent, recorded| each_item(sent, recorded, plain_item),
    },
    Difference {
        reason: "what the provider's own tools did is not given back",
        settle: |sent, recorded| {
            for body in [sent, recorded] {
                if let Some(items) = body.get_mut("input").and_then(Value::as_array_mut) {
                    items.retain(|item| !by_provider(item));
                }
            }
        },
    },
    Difference {
        reason: "what is no text in a tool's answer is told as JSON, and no arguments are an empty object",
        settle: |sent, recorded| {
            each_item(sent, recorded, |item| {
                if item.get("output").is_some_and(Value::is_array) {
                    item["output"] = json!(text_of(&item["output"]));
                }
                let silent = item.get("arguments").is_none_or(|arguments| *arguments == "");
                if silent && item.get("type").is_some_and(|kind| kind == "function_call") {
                    item["arguments"] = json!("{}");
                }
            });
        },
    },
];

/// Calls `change` with every item of both: a list that the vocabulary has no word for is sent as it was recorded.
fn each_item(sent: &mut Value, recorded: &mut Value, mut change: impl FnMut(&mut Value)) {
    for body in [sent, recorded] {
        body.get_mut("input").and_then(Value::as_array_mut).into_iter().flatten().for_each(&mut change);
    }
}

fn instructions(sent: &mut Value, recorded: &mut Value) {
    for body in [sent, recorded] {
        let Some(items) = body.get_mut("input").and_then(Value::as_array_mut) else { continue };
        let (told, turns): (Vec<Value>, Vec<Value>) = std::mem::take(items).into_iter().partition(is_system);
        *items = turns;
        let known = body.get("instructions").and_then(Value::as_str).map(str::to_owned);
        let all: Vec<String> = known.into_iter().chain(told.iter().map(|item| text_of(&item["content"]))).collect();
        if !all.is_empty() {
            body["instructions"] = json!(all.join("\n\n"));
        }
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
    for (name, value) in
        [("store", json!(false)), ("include", json!([SEALED])), ("input", json!([])), ("model", json!(""))]
    {
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
