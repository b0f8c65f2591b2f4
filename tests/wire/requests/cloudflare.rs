//! Recorded requests to Cloudflare Workers AI.

use llmx::chat::{AnswerForm, ChatRequest, Part, Schema, ToolChoice, ToolResult};
use serde_json::{Map, Value, json};

use super::conversation::{FUNCTIONS, SAYS_NOTHING, calls, content, has_only, messages, options, take, tools};
use super::{Difference, Reader};
use crate::wire::recording::Recording;

pub const CLOUDFLARE: Reader = Reader {
    codec: "cloudflare-run",
    read,
    differences: &[
        SAYS_NOTHING,
        FUNCTIONS,
        Difference {
            reason: "an answer in JSON is refused in a stream, so llmx asks for it whole",
            settle: |sent, recorded| {
                if sent.get("response_format").is_some() {
                    for body in [sent, recorded] {
                        body.as_object_mut().map(|body| body.remove("stream"));
                    }
                }
            },
        },
        Difference {
            reason: "a prompt alone is the older way, for which llmx sends messages; what is asked for so has none of ours",
            settle: |sent, recorded| {
                if recorded.get("messages").is_none() {
                    sent.as_object_mut().map(|body| body.remove("messages"));
                }
            },
        },
        Difference {
            reason: "unsaid, nothing is streamed",
            settle: |_, recorded| {
                if recorded.get("stream").is_some_and(|stream| *stream == false) {
                    recorded.as_object_mut().map(|body| body.remove("stream"));
                }
            },
        },
    ],
};

fn read(_: &Recording, mut body: Map<String, Value>) -> ChatRequest {
    let mut request = ChatRequest {
        stream: body.remove("stream") == Some(json!(true)),
        tools: tools(&mut body),
        tool_choice: take(&mut body, "tool_choice", |choice| match choice.as_str()? {
            "auto" => Some(ToolChoice::Auto),
            "none" => Some(ToolChoice::None),
            "required" => Some(ToolChoice::Required),
            _ => None,
        }),
        form: take(&mut body, "response_format", |form| match form["type"].as_str()? {
            "json_object" => Some(AnswerForm::Json),
            "json_schema" => {
                let schema = form.get("json_schema")?.clone();
                Some(AnswerForm::Schema(Schema { schema, ..Schema::default() }))
            }
            _ => None,
        }),
        options: options(&mut body, "max_tokens", "top_p", "stop"),
        ..ChatRequest::default()
    };
    messages(&mut request, &mut body, parts);
    request.options.extra = body;
    request
}

fn parts(message: &Value) -> Option<Vec<Part>> {
    if !has_only(message, &["role", "content", "tool_calls", "tool_call_id", "name"]) {
        return None;
    }
    let content = content(message)?;
    if message["role"] == "tool" {
        let content = content.iter().map(Part::as_text).collect::<Option<_>>()?;
        let member = |name: &str| message[name].as_str().map(str::to_owned);
        let (call, name) = (member("tool_call_id"), member("name"));
        return Some(vec![Part::ToolResult(ToolResult { call, name, content, is_error: false })]);
    }
    Some(content.into_iter().chain(calls(message)?).collect())
}
