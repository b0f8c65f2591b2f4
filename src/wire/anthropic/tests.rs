use std::sync::Arc;

use serde_json::json;

use super::*;
use crate::catalog::Catalog;
use crate::chat::{
    AnswerForm, FinishReason, Media, MediaSource, Message, Options, Part, Reply, Role, Schema, Thought, Tool, ToolCall,
    ToolChoice, ToolResult,
};
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

fn asked(model: &str, effort: &str, max_tokens: Option<u64>) -> Value {
    let mut known = target(BASE, Auth::Bearer, model, Quirks::default());
    known.model = Catalog::builtin().find("anthropic", model).map(Arc::new);
    let options = Options { reasoning_effort: Some(effort.to_owned()), max_tokens, ..Options::default() };
    encode(&Anthropic, &known, &ChatRequest { options, ..ChatRequest::default() }).body
}

#[test]
fn an_effort_is_asked_for_as_the_model_takes_it() {
    let haiku = asked("claude-haiku-4-5", "high", None);
    assert_eq!(haiku["thinking"], json!({"type": "enabled", "budget_tokens": 24_576}));
    assert_eq!((&haiku["output_config"], haiku["max_tokens"].as_u64()), (&Value::Null, Some(32_768)));
    let opus = asked("claude-opus-5", "high", None);
    assert_eq!(opus["thinking"], json!({"type": "adaptive", "display": "summarized"}));
    assert_eq!(opus["output_config"], json!({"effort": "high"}));
    let both = asked("claude-opus-4-5", "low", None);
    assert_eq!((&both["thinking"], &both["output_config"]), (&Value::Null, &json!({"effort": "low"})));
    assert_eq!(asked("claude-haiku-4-5", "none", None)["thinking"], json!({"type": "disabled"}));
}

#[test]
fn the_limit_leaves_room_beside_a_budget() {
    let limits = |effort: &str, max_tokens| {
        let body = asked("claude-haiku-4-5", effort, max_tokens);
        (body["max_tokens"].as_u64(), body["thinking"]["budget_tokens"].as_u64())
    };
    assert_eq!(limits("40000", None), (Some(48_192), Some(40_000)));
    assert_eq!(limits("63000", None), (Some(64_000), Some(63_000)), "no more than the model gives");
    assert_eq!(limits("high", Some(9000)), (Some(9000), Some(8999)), "a budget of ours gives way");
    assert_eq!(limits("high", Some(100)), (Some(100), None), "too little to think");
    assert_eq!(limits("5000", Some(100)), (Some(100), Some(5000)), "what the user said is sent");
}

#[test]
fn attachments_tools_and_thoughts_are_blocks() {
    let media = |media_type: &str, name: Option<&str>, source| {
        Part::Media(Media { media_type: media_type.to_owned(), name: name.map(str::to_owned), source })
    };
    let base64 = |text: &str| MediaSource::Base64(text.to_owned());
    let thought = |id: Option<&str>, text: &str| {
        let (id, seal) = (id.map(str::to_owned), Some("s".to_owned()));
        Part::Thought(Thought { id, text: text.to_owned(), seal })
    };
    let call = ToolCall { id: Some("t1".to_owned()), name: "f".to_owned(), ..ToolCall::default() };
    let result =
        ToolResult { call: call.id.clone(), content: "no".to_owned(), is_error: true, ..ToolResult::default() };
    let user = vec![
        media("image/png", Some("ignored"), base64("AA==")),
        media("image/png", None, MediaSource::Url("https://x/y".to_owned())),
        media("application/pdf", Some("a.pdf"), base64("AA==")),
        media("text/markdown", None, base64("w5xuw68=")),
        media("audio/mp3", None, base64("AA==")),
    ];
    let model =
        vec![thought(None, "hm"), thought(None, ""), thought(Some("redacted_thinking"), ""), Part::ToolCall(call)];
    let request = ChatRequest {
        messages: vec![
            Message { role: Role::User, parts: user },
            Message { role: Role::Assistant, parts: model },
            Message { role: Role::User, parts: vec![Part::ToolResult(result)] },
        ],
        ..ChatRequest::default()
    };
    let body = encode(&Anthropic, &target(BASE, Auth::Bearer, "m", Quirks::default()), &request).body;
    let expected = concat!(
        r#"[{"role":"user","content":[{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AA=="}},"#,
        r#"{"type":"image","source":{"type":"url","url":"https://x/y"}},"#,
        r#"{"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"AA=="},"title":"a.pdf"},"#,
        r#"{"type":"document","source":{"type":"text","media_type":"text/plain","data":"Ünï"}}]},"#,
        r#"{"role":"assistant","content":[{"type":"thinking","thinking":"hm","signature":"s"},"#,
        r#"{"type":"thinking","thinking":"","signature":"s"},{"type":"redacted_thinking","data":"s"},"#,
        r#"{"type":"tool_use","id":"t1","name":"f","input":{}}]},"#,
        r#"{"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":"no","is_error":true}]}]"#,
    );
    assert_eq!(text(&body["messages"]), expected);
}

#[test]
fn tools_choices_and_forms_have_their_members() {
    let schema = json!({"type": "object"});
    let with = |choice, form| ChatRequest {
        tools: vec![
            Tool { name: "f".to_owned(), parameters: schema.clone(), strict: Some(true), ..Tool::default() },
            Tool { name: "g".to_owned(), description: Some("d".to_owned()), ..Tool::default() },
        ],
        tool_choice: Some(choice),
        form: Some(form),
        ..ChatRequest::default()
    };
    let body =
        |request: &ChatRequest| encode(&Anthropic, &target(BASE, Auth::Bearer, "m", Quirks::default()), request).body;
    let form = AnswerForm::Schema(Schema { schema: schema.clone(), ..Schema::default() });
    let named = body(&with(ToolChoice::Named("f".to_owned()), form.clone()));
    let expected = r#"[{"name":"f","input_schema":{"type":"object"},"strict":true},{"name":"g","description":"d","input_schema":{"type":"object","properties":{}}}]"#;
    assert_eq!(text(&named["tools"]), expected);
    assert_eq!(named["tool_choice"], json!({"type": "tool", "name": "f"}));
    assert_eq!(named["output_config"], json!({"format": {"type": "json_schema", "schema": {"type": "object"}}}));
    for (choice, expected) in [(ToolChoice::Auto, "auto"), (ToolChoice::None, "none"), (ToolChoice::Required, "any")] {
        assert_eq!(body(&with(choice, form.clone()))["tool_choice"], json!({"type": expected}));
    }
    let any = body(&with(ToolChoice::Auto, AnswerForm::Json));
    assert_eq!(any["output_config"], Value::Null);
    assert!(any["system"].as_str().is_some_and(|words| words.contains("JSON object")), "{any}");
}

#[test]
fn citations_are_kept_as_they_came() {
    let (reply, result) = read(&[
        r#"{"type":"message_start","message":{"id":"m","content":[]}}"#,
        r#"{"type":"content_block_start","index":0,"content_block":{"type":"text","text":"","citations":[]}}"#,
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"citations_delta","citation":{"cited_text":"a"}}}"#,
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hi"}}"#,
        r#"{"type":"message_stop"}"#,
    ]);
    result.expect("whole");
    assert_eq!((reply.text.as_str(), reply.citations), ("Hi", vec![json!({"cited_text": "a"})]));
    let body = r#"{"type":"message","content":[{"type":"text","text":"x","citations":[{"cited_text":"b"}]},{"type":"text","text":"y","citations":null}],"stop_reason":"end_turn"}"#;
    let (reply, _) = decode(&Anthropic, Quirks::default(), body);
    assert_eq!((reply.text.as_str(), reply.citations), ("xy", vec![json!({"cited_text": "b"})]));
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
