//! Requests to Amazon Bedrock: Converse, and Anthropic Messages through `InvokeModel`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use llmx::chat::{
    AnswerForm, ChatRequest, Media, MediaSource, Message, Part, Role, Schema, Thought, Tool, ToolCall, ToolChoice,
    ToolResult,
};
use serde_json::{Map, Value, json};

use super::conversation::messages_of;
use super::{Difference, Reader};
use crate::wire::recording::Recording;

/// The reader of Anthropic's messages through `InvokeModel`.
pub const INVOKE: Reader =
    Reader { codec: "bedrock-anthropic", read: invoke, differences: super::anthropic::DIFFERENCES };

/// How requests to Converse are read.
pub const CONVERSE: Reader = Reader {
    codec: "bedrock-converse",
    read: converse,
    differences: &[
        Difference { reason: "an empty member says the same as none", settle: without_empty_members },
        Difference { reason: "several system texts are one, with an empty line between", settle: one_system_text },
        Difference {
            reason: "turns of one speaker in a row are one, and blank text is left out: Bedrock refuses both",
            settle: |sent, recorded| [sent, recorded].into_iter().for_each(one_turn_each),
        },
        Difference {
            reason: "a tool that says nothing of failure succeeded, and no arguments are an empty object",
            settle: success_unsaid,
        },
        Difference { reason: "a tool's answer is text; JSON is its text", settle: answers_as_text },
        Difference { reason: "a document's text is its bytes", settle: text_as_bytes },
        Difference {
            reason: "Bedrock refuses a document's name with other signs than letters, digits, hyphens and brackets",
            settle: fitting_names,
        },
        Difference {
            reason: "a schema is told as the text of JSON, in which blanks mean nothing",
            settle: schema_as_json,
        },
        Difference {
            reason: "marks inside a message that llmx has no words for (cache points, citations, guarded text, what Bedrock's own tools did) are not sent",
            settle: without_marks,
        },
    ],
};

fn converse(recording: &Recording, mut body: Map<String, Value>) -> ChatRequest {
    let mut request = ChatRequest { stream: path(recording).ends_with("/converse-stream"), ..ChatRequest::default() };
    let system: Vec<String> = list(body.remove("system")).iter().filter_map(|block| text(&block["text"])).collect();
    request.system = (!system.is_empty()).then(|| system.join("\n\n"));
    let messages = body.get("messages").and_then(|messages| messages.as_array()?.iter().map(message).collect());
    if let Some(messages) = messages {
        request.messages = messages;
        body.remove("messages");
    }
    // Tools that Bedrock runs itself have no word: a list that holds one is given as it is.
    let known = |tool: &Value| tool.get("toolSpec").is_some() || tool.get("cachePoint").is_some();
    if body.get("toolConfig").is_some_and(|config| list(Some(config["tools"].clone())).iter().all(known)) {
        read_tools(&mut request, &body.remove("toolConfig").unwrap_or_default());
    }
    let options = &mut request.options;
    if let Some(Value::Object(mut config)) = body.remove("inferenceConfig") {
        options.max_tokens = config.remove("maxTokens").and_then(|value| value.as_u64());
        options.temperature = config.remove("temperature").and_then(|value| value.as_f64());
        options.top_p = config.remove("topP").and_then(|value| value.as_f64());
        options.stop = list(config.remove("stopSequences")).iter().filter_map(text).collect();
        if !config.is_empty() {
            body.insert("inferenceConfig".to_owned(), Value::Object(config));
        }
    }
    let effort = body.get("additionalModelRequestFields").and_then(|fields| effort(&recording.model(), fields));
    if let Some((word, member)) = effort {
        options.reasoning_effort = Some(word);
        body["additionalModelRequestFields"].as_object_mut().map(|fields| fields.remove(member));
    }
    if let Some(schema) = body.get("outputConfig").and_then(schema) {
        request.form = Some(AnswerForm::Schema(schema));
        body.remove("outputConfig");
    }
    options.extra = body;
    request
}

/// The schema of an answer, which stands in the body as text.
fn schema(config: &Value) -> Option<Schema> {
    let schema = config.pointer("/textFormat/structure/jsonSchema")?;
    Some(Schema {
        name: text(&schema["name"]).unwrap_or_default(),
        description: text(&schema["description"]),
        schema: serde_json::from_str(schema["schema"].as_str()?).ok()?,
        strict: None,
    })
}

/// The effort in the words of a model's family, and the member that has it.
fn effort(model: &str, fields: &Value) -> Option<(String, &'static str)> {
    let budget = fields["thinking"]["budget_tokens"].as_u64().map(|budget| (budget.to_string(), "thinking"));
    let claude = || budget.or_else(|| Some((text(&fields["output_config"]["effort"])?, "output_config")));
    match model {
        model if model.contains("anthropic.") => claude(),
        model if model.contains("amazon.nova") => {
            Some((text(&fields["reasoningConfig"]["maxReasoningEffort"])?, "reasoningConfig"))
        }
        _ => Some((text(&fields["reasoning_effort"])?, "reasoning_effort")),
    }
}

fn read_tools(request: &mut ChatRequest, config: &Value) {
    request.tools = list(Some(config["tools"].clone()))
        .iter()
        .filter_map(|tool| tool.get("toolSpec"))
        .map(|spec| Tool {
            name: text(&spec["name"]).unwrap_or_default(),
            description: text(&spec["description"]),
            parameters: spec["inputSchema"]["json"].clone(),
            strict: spec["strict"].as_bool(),
        })
        .collect();
    let choice = config["toolChoice"].as_object().and_then(|choice| choice.iter().next());
    request.tool_choice = choice.map(|(kind, choice)| match kind.as_str() {
        "any" => ToolChoice::Required,
        "tool" => ToolChoice::Named(text(&choice["name"]).unwrap_or_default()),
        _ => ToolChoice::Auto,
    });
}

/// A turn; `None` for one that holds what the vocabulary has no word for, beside the marks that are not sent.
fn message(message: &Value) -> Option<Message> {
    let role = match message["role"].as_str()? {
        "assistant" => Role::Assistant,
        "user" => Role::User,
        _ => return None,
    };
    let blocks = message["content"].as_array()?.iter().filter(|block| !is_mark(block));
    Some(Message { role, parts: blocks.map(part).collect::<Option<_>>()? })
}

/// Cache points, and what Bedrock's own tools did.
fn is_mark(block: &Value) -> bool {
    let own = |name: &str| block.get(name).is_some_and(by_bedrock);
    block.get("cachePoint").is_some() || own("toolUse") || own("toolResult")
}

fn part(block: &Value) -> Option<Part> {
    let (kind, content) = block.as_object()?.iter().next()?;
    let call = || text(&content["toolUseId"]);
    Some(match kind.as_str() {
        "text" => Part::Text(text(content)?),
        "guardContent" => Part::Text(text(&content["text"]["text"])?),
        "image" | "video" | "audio" | "document" => Part::Media(media(kind, content)),
        "toolUse" => Part::ToolCall(ToolCall {
            id: call(),
            name: text(&content["name"])?,
            arguments: content["input"].to_string(),
            seal: None,
        }),
        "toolResult" => Part::ToolResult(ToolResult {
            call: call(),
            name: None,
            content: answer(content),
            is_error: content["status"] == "error",
        }),
        "reasoningContent" => Part::Thought(Thought {
            id: content.get("redactedContent").map(|_| "redacted_thinking".to_owned()),
            text: text(&content["reasoningText"]["text"]).unwrap_or_default(),
            seal: text(&content["reasoningText"]["signature"]).or_else(|| text(&content["redactedContent"])),
        }),
        _ => return None,
    })
}

/// Calls of tools that Bedrock runs itself, and their results, name their type.
fn by_bedrock(content: &Value) -> bool {
    content["type"].as_str().is_some_and(|kind| kind != "tool_use")
}

fn media(kind: &str, content: &Value) -> Media {
    let format = content["format"].as_str().unwrap_or_default();
    let media_type = match (kind, format) {
        ("document", "txt") => "text/plain".to_owned(),
        ("document", "md") => "text/markdown".to_owned(),
        ("document", "csv" | "html") => format!("text/{format}"),
        ("document", _) => format!("application/{format}"),
        _ => format!("{kind}/{format}"),
    };
    let source = &content["source"];
    let plain = text(&source["text"]).map(|text| STANDARD.encode(text));
    let bytes = text(&source["bytes"]).or(plain).map(MediaSource::Base64);
    let source = bytes.unwrap_or_else(|| MediaSource::Url(text(&source["s3Location"]["uri"]).unwrap_or_default()));
    Media { media_type, name: text(&content["name"]), source }
}

/// What a tool answered, as text.
fn answer(content: &Value) -> String {
    let blocks = list(Some(content["content"].clone()));
    let texts = blocks.iter().filter_map(|block| text(&block["text"]).or_else(|| Some(block.get("json")?.to_string())));
    texts.collect::<Vec<_>>().join("\n\n")
}

fn without_empty_members(_: &mut Value, recorded: &mut Value) {
    let empty = |value: &Value| match value {
        Value::Object(members) => members.is_empty(),
        Value::Array(elements) => elements.is_empty(),
        value => value.is_null(),
    };
    if let Some(config) = recorded.get_mut("inferenceConfig").and_then(Value::as_object_mut) {
        config.retain(|_, value| !empty(value));
    }
    if let Some(members) = recorded.as_object_mut() {
        members.retain(|_, value| !empty(value));
    }
}

fn one_system_text(_: &mut Value, recorded: &mut Value) {
    if let Some(Value::Array(blocks)) = recorded.get_mut("system") {
        let texts: Vec<_> = blocks.iter().filter_map(|block| text(&block["text"])).collect();
        let joined = json!({"text": texts.join("\n\n")});
        *blocks = if texts.is_empty() { Vec::new() } else { vec![joined] };
    }
}

fn success_unsaid(sent: &mut Value, recorded: &mut Value) {
    for_each_block(sent, recorded, &mut |block| {
        if let Some(call) = block.get_mut("toolUse").and_then(Value::as_object_mut) {
            call.entry("input").or_insert_with(|| json!({}));
        }
        if let Some(result) = block.get_mut("toolResult").and_then(Value::as_object_mut) {
            result.retain(|name, value| name != "status" || *value != "success");
        }
    });
}

fn answers_as_text(sent: &mut Value, recorded: &mut Value) {
    for_each_block(sent, recorded, &mut |block| {
        if let Some(result) = block.get_mut("toolResult").filter(|result| result.is_object()) {
            result["content"] = json!([{"text": answer(result)}]);
        }
    });
}

fn text_as_bytes(sent: &mut Value, recorded: &mut Value) {
    for_each_block(sent, recorded, &mut |block| {
        if let Some(plain) = block.pointer("/document/source/text").and_then(text) {
            block["document"]["source"] = json!({"bytes": STANDARD.encode(plain)});
        }
    });
}

fn one_turn_each(body: &mut Value) {
    let is_blank = |block: &Value| block["text"].as_str().is_some_and(|text| text.trim().is_empty());
    let Some(Value::Array(messages)) = body.get_mut("messages") else { return };
    let mut turns: Vec<Value> = Vec::new();
    for mut message in std::mem::take(messages) {
        let Some(mut blocks) = message.get_mut("content").and_then(Value::as_array_mut).map(std::mem::take) else {
            turns.push(message);
            continue;
        };
        blocks.retain(|block| !is_blank(block));
        match turns.last_mut().filter(|last| last["role"] == message["role"]) {
            Some(last) => last["content"].as_array_mut().into_iter().for_each(|known| known.append(&mut blocks)),
            None if blocks.is_empty() => {}
            None => {
                message["content"] = Value::Array(blocks);
                turns.push(message);
            }
        }
    }
    *messages = turns;
}

fn fitting_names(sent: &mut Value, recorded: &mut Value) {
    let fits = |letter: char| letter.is_ascii_alphanumeric() || "-()[] ".contains(letter);
    for_each_block(sent, recorded, &mut |block| {
        if let Some(name) = block.pointer("/document/name").and_then(text) {
            let name: String = name.chars().map(|letter| if fits(letter) { letter } else { '-' }).collect();
            block["document"]["name"] = json!(name);
        }
    });
}

fn schema_as_json(sent: &mut Value, recorded: &mut Value) {
    for body in [sent, recorded] {
        if let Some(schema) = body.pointer_mut("/outputConfig/textFormat/structure/jsonSchema/schema")
            && let Some(parsed) = schema.as_str().and_then(|text| serde_json::from_str(text).ok())
        {
            *schema = parsed;
        }
    }
}

fn without_marks(sent: &mut Value, recorded: &mut Value) {
    for_each_block(sent, recorded, &mut |block| {
        if let Some(guarded) = block.pointer("/guardContent/text/text").cloned() {
            *block = json!({"text": guarded});
        }
        if let Some(document) = block.get_mut("document").and_then(Value::as_object_mut) {
            document.retain(|name, _| name != "citations" && name != "context");
        }
    });
    for body in [sent, recorded] {
        for message in messages_of(body) {
            if let Some(blocks) = message.get_mut("content").and_then(Value::as_array_mut) {
                blocks.retain(|block| !is_mark(block));
            }
        }
        if let Some(Value::Array(tools)) = body.pointer_mut("/toolConfig/tools") {
            tools.retain(|tool| tool.get("cachePoint").is_none());
        }
    }
}

fn for_each_block(sent: &mut Value, recorded: &mut Value, settle: &mut dyn FnMut(&mut Value)) {
    for body in [sent, recorded] {
        let blocks = messages_of(body).filter_map(|message| message.get_mut("content")?.as_array_mut()).flatten();
        blocks.for_each(&mut *settle);
    }
}

fn path(recording: &Recording) -> &str {
    recording.request["path"].as_str().unwrap_or_default()
}

fn list(value: Option<Value>) -> Vec<Value> {
    match value {
        Some(Value::Array(elements)) => elements,
        _ => Vec::new(),
    }
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

fn invoke(recording: &Recording, mut body: Map<String, Value>) -> ChatRequest {
    body.shift_remove("anthropic_version");
    let stream = path(recording).ends_with("/invoke-with-response-stream");
    ChatRequest { stream, ..super::anthropic::read(recording, body) }
}
