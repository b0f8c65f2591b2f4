use std::collections::BTreeMap;
use std::sync::Arc;

use super::*;
use crate::chat::{Schema, ToolCall};
use crate::failure::FailureClass;
use crate::provider::{Auth, Provider, Quirks};
use crate::wire::testing::{conversation, decode, stream, target};

fn encoded(request: &ChatRequest) -> HttpRequest {
    let plain = target("https://api.cloudflare.com/client/v4", Auth::Bearer, "@cf/meta/l-3", Quirks::default());
    let parameters = BTreeMap::from([("account".to_owned(), "me".to_owned())]);
    let provider = Arc::new(Provider { parameters, ..Provider::clone(&plain.provider) });
    Cloudflare.encode(&Target { provider, ..plain }, request)
}

#[test]
fn the_account_and_the_model_stand_in_the_address() {
    let url = "https://api.cloudflare.com/client/v4/accounts/me/ai/run/@cf/meta/l-3";
    assert_eq!(encoded(&conversation()).url, url);
}

#[test]
fn an_answer_in_json_is_not_streamed() {
    let schema = Schema { schema: json!({"type": "object"}), ..Schema::default() };
    let form = Some(AnswerForm::Schema(schema));
    let body = encoded(&ChatRequest { stream: true, form, ..conversation() }).body;
    assert_eq!(body.get("stream"), None);
    assert_eq!(body["response_format"], json!({"type": "json_schema", "json_schema": {"type": "object"}}));
    assert_eq!(encoded(&ChatRequest { stream: true, ..conversation() }).body["stream"], json!(true));
}

#[test]
fn calls_and_results_go_back_as_they_came() {
    let call = ToolCall { id: Some("1".to_owned()), name: "f".to_owned(), ..ToolCall::default() };
    let result = ToolResult { call: Some("1".to_owned()), content: "2".to_owned(), ..ToolResult::default() };
    let messages = vec![
        Message { role: Role::Assistant, parts: vec![Part::ToolCall(call)] },
        Message { role: Role::User, parts: vec![Part::ToolResult(result)] },
    ];
    let body = encoded(&ChatRequest { messages, ..ChatRequest::default() }).body;
    assert_eq!(body["messages"][0]["tool_calls"][0]["id"], "1");
    assert_eq!(body["messages"][1], json!({"role": "tool", "content": "2", "tool_call_id": "1"}));
}

#[test]
fn tokens_that_look_like_json_are_text() {
    let data =
        [r#"{"response":true}"#, r#"{"response":" or "}"#, r#"{"response":42}"#, r#"{"response":null}"#, "[DONE]"];
    let (reply, result) = stream(&Cloudflare, Quirks::default(), &data);
    assert_eq!((reply.text.as_str(), result), ("true or 42", Ok(())));
}

#[test]
fn newer_models_answer_as_openai_does() {
    let choice = r#""choices":[{"index":0,"message":{"content":"Hi"},"finish_reason":"stop"}]"#;
    let whole = format!("{{\"result\":{{{choice}}},\"success\":true,\"errors\":[]}}");
    let (reply, result) = decode(&Cloudflare, Quirks::default(), &whole);
    assert_eq!((reply.text.as_str(), result), ("Hi", Ok(())));
    let chunk = r#"{"choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":"stop"}]}"#;
    let (reply, result) = stream(&Cloudflare, Quirks::default(), &[chunk, "[DONE]"]);
    assert_eq!((reply.text.as_str(), result), ("Hi", Ok(())));
}

#[test]
fn a_stream_without_its_mark_and_a_failure_under_200_are_failures() {
    let (_, result) = stream(&Cloudflare, Quirks::default(), &[r#"{"response":"Hi"}"#]);
    assert_eq!(result.map_err(|failure| failure.class), Err(FailureClass::IncompleteStream));
    let body = r#"{"result":null,"success":false,"errors":[{"code":7009,"message":"Upstream service unavailable"}]}"#;
    let failure = decode(&Cloudflare, Quirks::default(), body).1.expect_err("a failure");
    assert_eq!(failure.code.as_deref(), Some("7009"));
}
