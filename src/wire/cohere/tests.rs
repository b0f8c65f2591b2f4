use super::*;
use crate::chat::{MediaSource, Schema, Thought, Tool, ToolCall};
use crate::failure::FailureClass;
use crate::provider::{Auth, Quirks};
use crate::wire::testing::{conversation, decode, stream, target};

fn sent(request: &ChatRequest) -> Value {
    let encoded = Cohere.encode(&target("https://api.cohere.com", Auth::Bearer, "m", Quirks::default()), request);
    assert_eq!(encoded.url, "https://api.cohere.com/v2/chat");
    encoded.body
}

fn turn(role: Role, parts: Vec<Part>) -> ChatRequest {
    ChatRequest { messages: vec![Message { role, parts }], ..ChatRequest::default() }
}

#[test]
fn a_base_address_may_end_with_the_version() {
    let target = target("https://corp.example/v2", Auth::Bearer, "m", Quirks::default());
    assert_eq!(Cohere.encode(&target, &conversation()).url, "https://corp.example/v2/chat");
}

#[test]
fn options_have_this_formats_names() {
    let mut request = conversation();
    request.options.top_p = Some(0.5);
    request.options.stop = vec!["x".to_owned()];
    let body = sent(&request);
    assert_eq!((&body["p"], &body["stop_sequences"]), (&json!(0.5), &json!(["x"])));
    assert_eq!(body["messages"][0], json!({"role": "system", "content": "Be brief."}));
}

#[test]
fn effort_is_thinking_on_or_off_or_a_budget() {
    for (effort, expected) in [
        ("none", json!({"type": "disabled"})),
        ("high", json!({"type": "enabled"})),
        ("2048", json!({"type": "enabled", "token_budget": 2048})),
    ] {
        let mut request = conversation();
        request.options.reasoning_effort = Some(effort.to_owned());
        assert_eq!(sent(&request)["thinking"], expected, "{effort}");
    }
}

#[test]
fn a_schema_and_plain_json_are_one_type() {
    let schema = Schema { schema: json!({"type": "object"}), ..Schema::default() };
    let form = |form| sent(&ChatRequest { form: Some(form), ..conversation() })["response_format"].clone();
    assert_eq!(form(AnswerForm::Json), json!({"type": "json_object"}));
    assert_eq!(form(AnswerForm::Schema(schema)), json!({"type": "json_object", "json_schema": {"type": "object"}}));
}

#[test]
fn a_tool_demanded_by_name_is_the_only_one() {
    let tool = |name: &str| Tool { name: name.to_owned(), strict: Some(true), ..Tool::default() };
    let choice = Some(ToolChoice::Named("b".to_owned()));
    let body = sent(&ChatRequest { tools: vec![tool("a"), tool("b")], tool_choice: choice, ..conversation() });
    assert_eq!(body["tools"], json!([{"type": "function", "function": {"name": "b"}}]));
    assert_eq!((&body["tool_choice"], &body["strict_tools"]), (&json!("REQUIRED"), &json!(true)));
}

#[test]
fn text_beside_tool_calls_is_the_plan_and_thinking_goes_back() {
    let call = ToolCall { id: Some("1".to_owned()), name: "f".to_owned(), ..ToolCall::default() };
    let thought = Part::Thought(Thought { text: "hm".to_owned(), ..Thought::default() });
    let body = sent(&turn(Role::Assistant, vec![thought, Part::Text("I look".to_owned()), Part::ToolCall(call)]));
    let function = json!({"name": "f", "arguments": "{}"});
    let expected = json!({
        "role": "assistant",
        "content": [{"type": "thinking", "thinking": "hm"}],
        "tool_calls": [{"type": "function", "function": function, "id": "1"}],
        "tool_plan": "I look",
    });
    assert_eq!(body["messages"][0], expected);
}

#[test]
fn results_of_tools_are_turns_of_their_own_and_images_are_addresses() {
    let result = |id: &str| {
        Part::ToolResult(ToolResult { call: Some(id.to_owned()), content: "r".to_owned(), ..ToolResult::default() })
    };
    let source = MediaSource::Base64("QQ==".to_owned());
    let media = Media { media_type: "image/png".to_owned(), name: None, source };
    let parts = vec![result("1"), result("2"), Part::Text("see".to_owned()), Part::Media(media)];
    let turns = sent(&turn(Role::User, parts))["messages"].clone();
    assert_eq!(turns[1], json!({"role": "tool", "tool_call_id": "2", "content": "r"}));
    assert_eq!(turns[2]["content"][1]["image_url"]["url"], "data:image/png;base64,QQ==");
    assert_eq!(turns.as_array().map(Vec::len), Some(3));
}

#[test]
fn parallel_calls_citations_and_counts_are_read_from_a_stream() {
    let (reply, result) = stream(
        &Cohere,
        Quirks::default(),
        &[
            r#"{"id":"i","type":"message-start","delta":{"message":{"role":"assistant"}}}"#,
            r#"{"type":"tool-plan-delta","delta":{"message":{"tool_plan":"I will"}}}"#,
            r#"{"type":"tool-call-start","index":0,"delta":{"message":{"tool_calls":{"id":"a","function":{"name":"f","arguments":""}}}}}"#,
            r#"{"type":"tool-call-delta","index":0,"delta":{"message":{"tool_calls":{"function":{"arguments":"{\"x\":1}"}}}}}"#,
            r#"{"type":"tool-call-start","index":1,"delta":{"message":{"tool_calls":{"id":"b","function":{"name":"g","arguments":"{}"}}}}}"#,
            r#"{"type":"citation-start","index":0,"delta":{"message":{"citations":{"start":0,"end":1}}}}"#,
            r#"{"type":"message-end","delta":{"finish_reason":"TOOL_CALL","usage":{"billed_units":{"input_tokens":3,"output_tokens":4.0},"cached_tokens":2}}}"#,
            "[DONE]",
        ],
    );
    assert_eq!(result, Ok(()));
    let names: Vec<_> = reply.tool_calls.iter().map(|call| (call.name.as_str(), call.parsed())).collect();
    assert_eq!(names, [("f", Some(json!({"x": 1}))), ("g", Some(json!({})))]);
    assert_eq!(reply.citations, [json!({"start": 0, "end": 1})]);
    let usage = reply.usage.expect("counted");
    assert_eq!((usage.input, usage.output, usage.cache_read), (Some(3), Some(4), Some(2)));
    assert_eq!(usage.billed, Some((3, 4)));
    assert_eq!((reply.text.as_str(), reply.reasoning.as_str()), ("", ""), "the plan is neither");
}

#[test]
fn a_model_that_fails_is_trouble_of_the_server() {
    let end = r#"{"type":"message-end","delta":{"finish_reason":"ERROR","usage":{},"error":"something broke"}}"#;
    let (reply, result) = stream(&Cohere, Quirks::default(), &[end]);
    let failure = result.expect_err("an error");
    assert_eq!((failure.class, failure.message.as_deref()), (FailureClass::ServerError, Some("something broke")));
    assert_eq!(reply.finish.map(|finish| finish.raw), Some("ERROR".to_owned()));
}

#[test]
fn bodies_that_are_no_reply_fail() {
    for (body, class) in [
        (r#"{"message":"invalid api token"}"#, FailureClass::Protocol),
        (r#"{"x":1}"#, FailureClass::Protocol),
        (r#"{"id":"i","message":{"role":"assi"#, FailureClass::IncompleteStream),
    ] {
        assert_eq!(decode(&Cohere, Quirks::default(), body).1.map_err(|failure| failure.class), Err(class), "{body}");
    }
}
