//! Recorded requests in Cohere's Chat v2.

use llmx::chat::{AnswerForm, ChatRequest, Part, Schema, ToolChoice, ToolResult};
use serde_json::{Map, Value, json};

use super::conversation::{
    FUNCTIONS, SAYS_NOTHING, calls, content, document, has_only, messages, messages_of, options, take, tools,
};
use super::{Difference, Reader};
use crate::wire::recording::Recording;

pub const COHERE: Reader = Reader {
    codec: "cohere-v2-chat",
    read,
    differences: &[
        Difference {
            reason: "one part of text, or one document as a tool's result, means the same as the text; empty ones say nothing",
            settle: |sent, recorded| {
                for body in [sent, recorded] {
                    messages_of(body).for_each(plain_text);
                }
            },
        },
        Difference {
            reason: "text beside tool calls is the plan, which has a member of its own",
            settle: |sent, recorded| {
                for message in messages_of(sent).chain(messages_of(recorded)) {
                    let planned = message.get("tool_calls").is_some() && message.get("tool_plan").is_none();
                    if planned && message.get("content").is_some_and(Value::is_string) {
                        message["tool_plan"] = message["content"].take();
                    }
                }
            },
        },
        SAYS_NOTHING,
        FUNCTIONS,
        Difference {
            reason: "unsaid, nothing is streamed; tool choices are read in capitals and in small letters",
            settle: |_, recorded| {
                if recorded.get("stream").is_none() {
                    recorded["stream"] = json!(false);
                }
                if let Some(choice) = recorded.get("tool_choice").and_then(Value::as_str) {
                    recorded["tool_choice"] = json!(choice.to_uppercase());
                }
            },
        },
    ],
};

fn plain_text(message: &mut Value) {
    let by_tool = message.get("role").is_some_and(|role| role == "tool");
    if let Some(parts) = message.get_mut("content").and_then(Value::as_array_mut) {
        for part in parts.iter_mut().filter(|part| by_tool && part["type"] == "document") {
            *part = json!({"type": "text", "text": document(&part["document"])});
        }
        parts.retain(|part| part.get("text").is_none_or(|text| *text != ""));
        if let [part] = parts.as_slice()
            && part["type"] == "text"
        {
            message["content"] = part["text"].clone();
        }
    }
}

fn read(_: &Recording, mut body: Map<String, Value>) -> ChatRequest {
    body.remove("model");
    let mut request = ChatRequest {
        stream: body.remove("stream") == Some(json!(true)),
        tools: tools(&mut body),
        tool_choice: take(&mut body, "tool_choice", |choice| match choice.as_str()? {
            choice if choice.eq_ignore_ascii_case("required") => Some(ToolChoice::Required),
            choice if choice.eq_ignore_ascii_case("none") => Some(ToolChoice::None),
            _ => None,
        }),
        form: take(&mut body, "response_format", form_of),
        options: options(&mut body, "max_tokens", "p", "stop_sequences"),
        ..ChatRequest::default()
    };
    if !request.tools.is_empty() {
        let strict = take(&mut body, "strict_tools", Value::as_bool);
        request.tools.iter_mut().for_each(|tool| tool.strict = strict);
    }
    request.options.reasoning_effort = take(&mut body, "thinking", |thinking| {
        let budget = thinking["token_budget"].as_u64().map(|budget| budget.to_string());
        let off = thinking["type"] == "disabled";
        Some(if off { "none".to_owned() } else { budget.unwrap_or_else(|| "high".to_owned()) })
    });
    messages(&mut request, &mut body, parts);
    request.options.extra = body;
    request
}

fn form_of(form: &Value) -> Option<AnswerForm> {
    let schema = form.get("json_schema").filter(|schema| !schema.is_null());
    match (form["type"].as_str()?, schema) {
        ("json_object", Some(schema)) => {
            Some(AnswerForm::Schema(Schema { schema: schema.clone(), ..Schema::default() }))
        }
        ("json_object", None) => Some(AnswerForm::Json),
        _ => None,
    }
}

fn parts(message: &Value) -> Option<Vec<Part>> {
    if !has_only(message, &["role", "content", "tool_calls", "tool_call_id", "tool_plan"]) {
        return None;
    }
    let content = content(message)?;
    if message["role"] == "tool" {
        let content = content.iter().map(Part::as_text).collect::<Option<_>>()?;
        let call = message["tool_call_id"].as_str().map(str::to_owned);
        return Some(vec![Part::ToolResult(ToolResult { call, content, ..ToolResult::default() })]);
    }
    let plan = message["tool_plan"].as_str().map(|plan| Part::Text(plan.to_owned()));
    Some(content.into_iter().chain(plan).chain(calls(message)?).collect())
}
