//! Recorded requests in Ollama's own format.

use llmx::chat::{AnswerForm, ChatRequest, Media, MediaSource, Part, Schema, Thought, ToolResult};
use serde_json::{Map, Value, json};

use super::conversation::{FUNCTIONS, SAYS_NOTHING, calls, has_only, messages, options, strings, take, text, tools};
use super::{Difference, Reader};
use crate::wire::recording::Recording;

pub const OLLAMA: Reader = Reader {
    codec: "ollama-chat",
    read,
    differences: &[
        SAYS_NOTHING,
        FUNCTIONS,
        Difference {
            reason: "llmx wants an error for a prompt that does not fit, where others let its beginning be dropped",
            settle: |sent, recorded| {
                if recorded.get("truncate").is_none() {
                    sent.as_object_mut().map(|body| body.remove("truncate"));
                }
            },
        },
        Difference {
            reason: "unsaid, the answer is streamed",
            settle: |_, recorded| {
                if recorded.get("stream").is_none() {
                    recorded["stream"] = json!(true);
                }
            },
        },
    ],
};

fn read(_: &Recording, mut body: Map<String, Value>) -> ChatRequest {
    body.remove("model");
    let mut inner = take(&mut body, "options", |options| options.as_object().cloned()).unwrap_or_default();
    let mut request = ChatRequest {
        stream: body.remove("stream") != Some(json!(false)),
        tools: tools(&mut body),
        form: take(&mut body, "format", |form| match form {
            Value::String(word) if word == "json" => Some(AnswerForm::Json),
            Value::Object(_) => Some(AnswerForm::Schema(Schema { schema: form.clone(), ..Schema::default() })),
            _ => None,
        }),
        options: options(&mut inner, "num_predict", "top_p", "stop"),
        ..ChatRequest::default()
    };
    request.options.reasoning_effort = take(&mut body, "think", |think| match think {
        Value::Bool(false) => Some("none".to_owned()),
        Value::Bool(true) => Some("true".to_owned()),
        degree => degree.as_str().map(str::to_owned),
    });
    messages(&mut request, &mut body, parts);
    // As `-o 'options={"num_ctx": 8192}'` would write it.
    body.insert("options".to_owned(), Value::Object(inner));
    request.options.extra = body;
    request
}

fn parts(message: &Value) -> Option<Vec<Part>> {
    if !has_only(message, &["role", "content", "tool_calls", "tool_call_id", "tool_name", "thinking", "images"]) {
        return None;
    }
    let content = text(&message["content"]);
    if message["role"] == "tool" {
        let member = |name: &str| message[name].as_str().map(str::to_owned);
        let (call, name) = (member("tool_call_id"), member("tool_name"));
        return Some(vec![Part::ToolResult(ToolResult { call, name, content, is_error: false })]);
    }
    let thought = message["thinking"]
        .as_str()
        .map(|thinking| Part::Thought(Thought { text: thinking.to_owned(), ..Thought::default() }));
    let images = strings(&message["images"]).into_iter().map(|data| {
        Part::Media(Media { media_type: "image/png".to_owned(), name: None, source: MediaSource::Base64(data) })
    });
    let said = (!content.is_empty()).then_some(Part::Text(content));
    Some(thought.into_iter().chain(said).chain(images).chain(calls(message)?).collect())
}
