use serde_json::json;

use super::*;
use crate::chat::{FinishReason, Options, Reply};
use crate::failure::FailureClass;
use crate::provider::{Auth, Quirks};
use crate::wire::testing::{conversation, decode, encode, headers, stream, target, text};

const BASE: &str = "https://api.anthropic.com/v1";

fn read(data: &[&str]) -> (Reply, Result<(), Failure>) {
    stream(&Anthropic, Quirks::default(), data)
}

#[test]
fn a_plain_request_has_version_key_and_a_limit() {
    let plain = target(BASE, Auth::Header("x-api-key".to_owned()), "claude-haiku-4-5", Quirks::default());
    let request = encode(&Anthropic, &plain, &conversation());
    assert_eq!(request.url, "https://api.anthropic.com/v1/messages");
    let expected = r#"{"model":"claude-haiku-4-5","max_tokens":8192,"system":"Be brief.","messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":"Hello"},{"role":"user","content":"Ünï?"}]}"#;
    assert_eq!(text(&request.body), expected);
    let headers = headers(&request);
    assert!(headers.contains(&"x-api-key: <sk-secret>".to_owned()), "{headers:?}");
    assert!(headers.contains(&"anthropic-version: 2023-06-01".to_owned()), "{headers:?}");
}

#[test]
fn every_option_has_its_member() {
    let extra = json!({"top_k": 4}).as_object().cloned().expect("an object");
    let options = Options {
        temperature: Some(0.5),
        top_p: Some(0.9),
        max_tokens: Some(7),
        stop: vec!["END".to_owned()],
        seed: Some(3),
        reasoning_effort: Some("high".to_owned()),
        extra,
    };
    let mut request = ChatRequest { stream: true, options, ..ChatRequest::default() };
    let plain = target(BASE, Auth::Bearer, "m", Quirks::default());
    let expected = r#"{"model":"m","max_tokens":7,"messages":[],"stream":true,"temperature":0.5,"top_p":0.9,"stop_sequences":["END"],"output_config":{"effort":"high"},"top_k":4}"#;
    assert_eq!(text(&encode(&Anthropic, &plain, &request).body), expected);
    request.options.reasoning_effort = Some("2048".to_owned());
    let body = encode(&Anthropic, &plain, &request).body;
    assert_eq!(body["thinking"], json!({"type": "enabled", "budget_tokens": 2048}));
}

#[test]
fn a_stream_is_read_block_by_block() {
    let (reply, result) = read(&[
        r#"{"type":"message_start","message":{"id":"msg_1","model":"claude","content":[],"usage":{"input_tokens":7,"output_tokens":1,"cache_creation_input_tokens":30,"cache_creation":{"ephemeral_1h_input_tokens":10}}}}"#,
        r#"{"type":"ping"}"#,
        r#"{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}"#,
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"hm"}}"#,
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"x"}}"#,
        r#"{"type":"content_block_stop","index":0}"#,
        r#"{"type":"content_block_start","index":1,"content_block":{"type":"text","text":""}}"#,
        r#"{"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"Hi"}}"#,
        r#"{"type":"content_block_stop","index":1}"#,
        r#"{"type":"content_block_start","index":2,"content_block":{"type":"tool_use","id":"t1","name":"a","input":{}}}"#,
        r#"{"type":"content_block_start","index":3,"content_block":{"type":"server_tool_use","id":"s","name":"web","input":{}}}"#,
        r#"{"type":"content_block_delta","index":3,"delta":{"type":"input_json_delta","partial_json":"{\"q\":1}"}}"#,
        r#"{"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"{\"x\":"}}"#,
        r#"{"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"1}"}}"#,
        r#"{"type":"content_block_stop","index":2}"#,
        r#"{"type":"content_block_start","index":4,"content_block":{"type":"tool_use","id":"t2","name":"b","input":{"y":2}}}"#,
        r#"{"type":"content_block_stop","index":4}"#,
        r#"{"type":"message_delta","delta":{"stop_reason":"tool_use"},"usage":{"input_tokens":9,"output_tokens":20}}"#,
        r#"{"type":"message_stop"}"#,
    ]);
    result.expect("whole");
    assert_eq!((reply.text.as_str(), reply.reasoning.as_str()), ("Hi", "hm"));
    let calls: Vec<_> = reply.tool_calls.iter().map(|call| (call.name.as_str(), call.arguments.as_str())).collect();
    assert_eq!(calls, [("a", "{\"x\":1}"), ("b", "{\"y\":2}")]);
    let usage = reply.usage.expect("counted");
    assert_eq!((usage.input, usage.output), (Some(9), Some(20)));
    assert_eq!((usage.cache_write, usage.cache_write_1h), (Some(30), Some(10)));
    assert_eq!((&usage.raw["cache_creation_input_tokens"], &usage.raw["output_tokens"]), (&json!(30), &json!(20)));
    assert!(usage.counting.cache_outside_input);
    assert_eq!(reply.finish.expect("finished").reason, FinishReason::ToolCalls);
}

#[test]
fn an_overload_inside_a_200_is_told_as_one() {
    let error = r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"},"request_id":"req_1"}"#;
    let failure = read(&[error]).1.expect_err("an error event");
    assert_eq!((failure.class, failure.status), (FailureClass::Overloaded, None));
    assert_eq!(failure.request_id.as_deref(), Some("req_1"));
    let failure = decode(&Anthropic, Quirks::default(), error).1.expect_err("an error body");
    assert_eq!(failure.class, FailureClass::Overloaded);
}

#[test]
fn an_end_needs_a_marker_or_a_reason() {
    let start = r#"{"type":"message_start","message":{"id":"m","content":[]}}"#;
    assert_eq!(read(&[start]).1.expect_err("cut").class, FailureClass::IncompleteStream);
    assert_eq!(read(&[start, r#"{"type":"message_delta","delta":{"stop_reason":"end_turn"}}"#]).1, Ok(()));
    assert_eq!(read(&[start, r#"{"type":"message_stop"}"#, "garbage"]).1, Ok(()));
}

#[test]
fn a_refusal_and_a_matched_stop_sequence_are_told() {
    let body = r#"{"type":"message","content":[],"stop_reason":"refusal"}"#;
    let finish = decode(&Anthropic, Quirks::default(), body).0.finish.expect("finished");
    assert_eq!(finish.reason, FinishReason::Refusal);
    let body = r#"{"type":"message","content":[],"stop_reason":"stop_sequence","stop_sequence":"END"}"#;
    let finish = decode(&Anthropic, Quirks::default(), body).0.finish.expect("finished");
    assert_eq!((finish.reason, finish.detail.as_deref()), (FinishReason::Stop, Some("END")));
}
