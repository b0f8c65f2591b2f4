use std::sync::Arc;

use serde_json::json;

use super::*;
use crate::catalog::{Model, Reasoning};
use crate::chat::{AnswerForm, FinishReason, Media, MediaSource, Message, Options, Part, Reply, Role, Schema, Thought};
use crate::chat::{Tool, ToolCall, ToolChoice, ToolResult};
use crate::failure::FailureClass;
use crate::provider::{Auth, Quirks};
use crate::wire::event_stream::encoded;
use crate::wire::testing::{conversation, target};

fn at(model: &str) -> Target {
    target("https://b.example", Auth::Aws("bedrock".to_owned()), model, Quirks::default())
}

fn body(model: &str, request: &ChatRequest) -> Value {
    BedrockConverse.encode(&at(model), request).body
}

fn turn(role: Role, parts: Vec<Part>) -> ChatRequest {
    ChatRequest { messages: vec![Message { role, parts }], ..ChatRequest::default() }
}

/// The first block of the first turn.
fn block(part: Part) -> Value {
    body("m", &turn(Role::User, vec![part]))["messages"][0]["content"][0].clone()
}

/// A stream of messages, as bytes.
fn stream(messages: &[(&str, &str)]) -> Vec<u8> {
    let message =
        |(name, payload): &(&str, &str)| encoded(&[(":message-type", "event"), (":event-type", name)], payload);
    messages.iter().flat_map(message).collect()
}

fn decode(body: &[u8]) -> (Reply, Result<(), Failure>) {
    let mut decoder = BedrockConverse.decoder(&at("m"), &ResponseHead { status: 200, headers: Vec::new() });
    let mut events = Vec::new();
    let result = decoder.push(body, &mut events).and_then(|()| decoder.finish(&mut events));
    let mut reply = Reply::default();
    for event in &events {
        reply.apply(event);
    }
    (reply, result)
}

#[test]
fn the_path_has_the_model_percent_encoded_and_says_whether_to_stream() {
    let arn = "arn:aws:bedrock:us-east-1:1:inference-profile/us.amazon.nova-lite-v1:0";
    for (model, stream, expected) in [
        ("amazon.nova-lite-v1:0", false, "https://b.example/model/amazon.nova-lite-v1%3A0/converse"),
        ("amazon.nova-lite-v1:0", true, "https://b.example/model/amazon.nova-lite-v1%3A0/converse-stream"),
        (
            arn,
            false,
            "https://b.example/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A1%3Ainference-profile%2Fus.amazon.nova-lite-v1%3A0/converse",
        ),
    ] {
        let encoded = BedrockConverse.encode(&at(model), &ChatRequest { stream, ..conversation() });
        assert_eq!(encoded.url, expected);
        let accept = if stream { EVENT_STREAM } else { "application/json" };
        assert!(encoded.to_string().contains(&format!("accept: {accept}\n")), "{encoded}");
    }
}

#[test]
fn a_conversation_with_all_options_has_each_in_its_place() {
    let mut request = conversation();
    request.options.temperature = Some(0.5);
    request.options.top_p = Some(0.9);
    request.options.max_tokens = Some(9);
    request.options.stop = vec!["END".to_owned()];
    request.options.extra.insert("guardrailConfig".to_owned(), json!({"guardrailIdentifier": "g"}));
    let text = |role: &str, text: &str| json!({"role": role, "content": [{"text": text}]});
    assert_eq!(
        body("m", &request),
        json!({
            "messages": [text("user", "Hi"), text("assistant", "Hello"), text("user", "Ünï?")],
            "system": [{"text": "Be brief."}],
            "inferenceConfig": {"maxTokens": 9, "temperature": 0.5, "topP": 0.9, "stopSequences": ["END"]},
            "guardrailConfig": {"guardrailIdentifier": "g"},
        })
    );
    let bare = turn(Role::User, vec![Part::Text("Hi".to_owned())]);
    assert_eq!(body("m", &bare), json!({"messages": [text("user", "Hi")]}), "nothing is sent that was not asked for");
}

#[test]
fn turns_of_one_speaker_in_a_row_are_one_and_blank_text_is_left_out() {
    let mut request = conversation();
    request.messages.push(Message::text(Role::User, "  "));
    request.messages.push(Message::text(Role::User, "more"));
    assert_eq!(body("m", &request)["messages"][2]["content"], json!([{"text": "Ünï?"}, {"text": "more"}]));
}

#[test]
fn attachments_are_blocks_of_their_kind_with_the_format_as_bedrock_calls_it() {
    let media = |media_type: &str, name: Option<&str>| {
        let source = MediaSource::Base64("QQ==".to_owned());
        block(Part::Media(Media { media_type: media_type.to_owned(), name: name.map(str::to_owned), source }))
    };
    let bytes = json!({"bytes": "QQ=="});
    for (media_type, kind, format) in [
        ("image/png", "image", "png"),
        ("image/jpg", "image", "jpeg"),
        ("video/quicktime", "video", "mov"),
        ("audio/mpeg", "audio", "mp3"),
    ] {
        assert_eq!(media(media_type, None), json!({kind: {"format": format, "source": bytes}}));
    }
    for (media_type, name, format, expected) in [
        ("application/pdf", None, "pdf", "document"),
        ("text/plain", Some("a_b/c.txt"), "txt", "a-b-c-txt"),
        ("text/csv", Some("  two   words (1) "), "csv", "two words (1)"),
        ("text/html", Some("é"), "html", "-"),
    ] {
        assert_eq!(media(media_type, name), json!({"document": {"format": format, "name": expected, "source": bytes}}));
    }
    let document = || {
        let source = MediaSource::Url("s3://bucket/key".to_owned());
        Part::Media(Media { media_type: "application/pdf".to_owned(), name: None, source })
    };
    let two = body("m", &turn(Role::User, vec![document(), document()]));
    assert_eq!(two.pointer("/messages/0/content/1/document/name"), Some(&json!("document (2)")));
    assert_eq!(
        two.pointer("/messages/0/content/0/document/source"),
        Some(&json!({"s3Location": {"uri": "s3://bucket/key"}}))
    );
}

#[test]
fn thoughts_calls_and_results_are_given_back() {
    let thought = |text: &str, seal: Option<&str>| {
        let id = (seal == Some("data")).then(|| "redacted_thinking".to_owned());
        block(Part::Thought(Thought { id, text: text.to_owned(), seal: seal.map(str::to_owned) }))
    };
    let whole = json!({"reasoningContent": {"reasoningText": {"text": "hm", "signature": "s"}}});
    assert_eq!(thought("hm", Some("s")), whole);
    assert_eq!(thought("hm", None), json!({"reasoningContent": {"reasoningText": {"text": "hm"}}}));
    assert_eq!(thought("", Some("data")), json!({"reasoningContent": {"redactedContent": "data"}}));
    let call = |id: Option<&str>, arguments: &str| {
        let id = id.map(str::to_owned);
        block(Part::ToolCall(ToolCall { id, name: "f".to_owned(), arguments: arguments.to_owned(), seal: None }))
    };
    for (id, arguments, expected_id, input) in [
        (Some("a-1"), "{\"x\":1}", "a-1", json!({"x": 1})),
        (None, "", "f", json!({})),
        (Some("call:1"), "broken", "call_1", json!({})),
    ] {
        let expected = json!({"toolUse": {"toolUseId": expected_id, "name": "f", "input": input}});
        assert_eq!(call(id, arguments), expected);
    }
    let long = format!("{}:7", "x".repeat(90));
    let shortened = call(Some(&long), "{}");
    assert_eq!(shortened["toolUse"]["toolUseId"], json!(format!("{}_7", "x".repeat(62))));
    let result = ToolResult { call: Some("a-1".to_owned()), content: "4".to_owned(), ..ToolResult::default() };
    let told = json!({"toolResult": {"toolUseId": "a-1", "content": [{"text": "4"}]}});
    assert_eq!(block(Part::ToolResult(result.clone())), told);
    let failed = block(Part::ToolResult(ToolResult { is_error: true, ..result }));
    assert_eq!(failed["toolResult"]["status"], "error");
}

#[test]
fn tools_are_declared_and_one_may_be_demanded() {
    let tool = Tool { name: "f".to_owned(), strict: Some(true), ..Tool::default() };
    let asked =
        |tool_choice: Option<ToolChoice>| ChatRequest { tools: vec![tool.clone()], tool_choice, ..conversation() };
    let spec = json!({"name": "f", "inputSchema": {"json": {"type": "object", "properties": {}}}, "strict": true});
    let tools = json!([{"toolSpec": spec}]);
    for (choice, expected) in [
        (None, json!({"tools": tools})),
        (Some(ToolChoice::Auto), json!({"tools": tools, "toolChoice": {"auto": {}}})),
        (Some(ToolChoice::Required), json!({"tools": tools, "toolChoice": {"any": {}}})),
        (Some(ToolChoice::Named("f".to_owned())), json!({"tools": tools, "toolChoice": {"tool": {"name": "f"}}})),
        (Some(ToolChoice::None), Value::Null),
    ] {
        assert_eq!(body("m", &asked(choice))["toolConfig"], expected);
    }
    let mut called = asked(Some(ToolChoice::None));
    called.messages[1].parts.push(Part::ToolCall(ToolCall { name: "f".to_owned(), ..ToolCall::default() }));
    assert_eq!(body("m", &called)["toolConfig"], json!({"tools": tools}), "calls need their tools declared");
}

#[test]
fn a_schema_is_sent_as_its_text() {
    let schema = Schema { name: "n".to_owned(), schema: json!({"type": "object"}), ..Schema::default() };
    let request = ChatRequest { form: Some(AnswerForm::Schema(schema)), ..conversation() };
    assert_eq!(
        body("m", &request)["outputConfig"],
        json!({"textFormat": {
            "type": "json_schema",
            "structure": {"jsonSchema": {"schema": "{\"type\":\"object\"}", "name": "n"}},
        }})
    );
}

#[test]
fn every_family_of_models_is_told_how_hard_to_think_in_its_own_words() {
    for (model, effort, expected) in [
        ("us.anthropic.claude-sonnet-4-6", "2048", json!({"thinking": {"type": "enabled", "budget_tokens": 2048}})),
        ("us.anthropic.claude-sonnet-4-6", "low", json!({"output_config": {"effort": "low"}})),
        (
            "us.amazon.nova-2-lite-v1:0",
            "low",
            json!({"reasoningConfig": {"type": "enabled", "maxReasoningEffort": "low"}}),
        ),
        ("openai.gpt-oss-120b-1:0", "low", json!({"reasoning_effort": "low"})),
    ] {
        let mut request = conversation();
        request.options.reasoning_effort = Some(effort.to_owned());
        request.options.extra.insert("additionalModelRequestFields".to_owned(), json!({"top_k": 5}));
        let mut fields = expected;
        fields["top_k"] = json!(5);
        assert_eq!(body(model, &request)["additionalModelRequestFields"], fields, "{model}");
    }
}

#[test]
fn a_word_is_a_budget_for_a_model_that_takes_no_words_and_leaves_room_for_the_answer() {
    let mut known = at("anthropic.claude-haiku-4-5-20251001-v1:0");
    let reasoning = Reasoning { budget: Some((Some(1024), None)), ..Reasoning::default() };
    known.model = Some(Arc::new(Model { reasoning, ..Model::default() }));
    for (word, max_tokens, budget) in
        [("low", None, Some(1024)), ("high", Some(5000), Some(4999)), ("none", None, None)]
    {
        let options = Options { reasoning_effort: Some(word.to_owned()), max_tokens, ..Options::default() };
        let body = BedrockConverse.encode(&known, &ChatRequest { options, ..ChatRequest::default() }).body;
        let thinking = &body["additionalModelRequestFields"]["thinking"];
        assert_eq!(thinking["budget_tokens"].as_u64(), budget, "{word}");
    }
}

#[test]
fn a_stream_is_read_with_thinking_citations_parallel_calls_and_usage_after_the_end() {
    let body = stream(&[
        ("messageStart", r#"{"role":"assistant"}"#),
        ("contentBlockDelta", r#"{"contentBlockIndex":0,"delta":{"reasoningContent":{"text":"hm"}}}"#),
        ("contentBlockDelta", r#"{"contentBlockIndex":0,"delta":{"reasoningContent":{"signature":"x"}}}"#),
        ("contentBlockDelta", r#"{"contentBlockIndex":1,"delta":{"text":"Hi"}}"#),
        ("contentBlockDelta", r#"{"contentBlockIndex":1,"delta":{"citation":{"title":"t"}}}"#),
        ("contentBlockStart", r#"{"contentBlockIndex":2,"start":{"toolUse":{"toolUseId":"a","name":"f"}}}"#),
        ("contentBlockStart", r#"{"contentBlockIndex":3,"start":{"toolUse":{"toolUseId":"b","name":"g"}}}"#),
        (
            "contentBlockStart",
            r#"{"contentBlockIndex":4,"start":{"toolUse":{"toolUseId":"s","name":"own","type":"server_tool_use"}}}"#,
        ),
        ("contentBlockDelta", r#"{"contentBlockIndex":4,"delta":{"toolUse":{"input":"{\"no\":1}"}}}"#),
        ("contentBlockDelta", r#"{"contentBlockIndex":2,"delta":{"toolUse":{"input":"{\"x\":"}}}"#),
        ("contentBlockDelta", r#"{"contentBlockIndex":2,"delta":{"toolUse":{"input":"1}"}}}"#),
        ("contentBlockStop", r#"{"contentBlockIndex":2}"#),
        ("messageStop", r#"{"stopReason":"tool_use"}"#),
        (
            "metadata",
            r#"{"usage":{"inputTokens":5,"outputTokens":2,"cacheReadInputTokens":7,"cacheWriteInputTokens":9,"cacheDetails":[{"ttl":"5m","inputTokens":1},{"ttl":"1h","inputTokens":8}]},"serviceTier":{"type":"flex"}}"#,
        ),
    ]);
    let (reply, result) = decode(&body);
    assert_eq!(result, Ok(()));
    assert_eq!((reply.text.as_str(), reply.reasoning.as_str()), ("Hi", "hm"));
    assert_eq!(reply.citations, [json!({"title": "t"})]);
    let calls: Vec<_> = reply.tool_calls.iter().map(|call| (call.name.as_str(), call.parsed())).collect();
    assert_eq!(calls, [("f", Some(json!({"x": 1}))), ("g", Some(json!({})))]);
    assert_eq!(reply.finish.map(|finish| finish.reason), Some(FinishReason::ToolCalls));
    let usage = reply.usage.expect("usage");
    let buckets = usage.buckets().expect("counted");
    assert_eq!((buckets.input, buckets.cache_read, buckets.cache_write_5m, buckets.cache_write_1h), (5, 7, 1, 8));
    assert_eq!((buckets.output, usage.service_tier.as_deref()), (2, Some("flex")));
}

#[test]
fn a_stream_that_ends_without_a_reason_is_incomplete_and_one_without_usage_is_not() {
    let start = [("messageStart", "{}"), ("contentBlockDelta", r#"{"delta":{"text":"Hi"}}"#)];
    let (reply, result) = decode(&stream(&start));
    assert_eq!(result.map_err(|failure| failure.class), Err(FailureClass::IncompleteStream));
    assert_eq!(reply.text, "Hi");
    let (reply, result) = decode(&stream(&[start[0], start[1], ("messageStop", r#"{"stopReason":"end_turn"}"#)]));
    assert_eq!((result, reply.usage), (Ok(()), None));
}

#[test]
fn an_exception_in_the_stream_is_a_failure_with_its_type() {
    let exception =
        |kind: &str, payload: &str| encoded(&[(":exception-type", kind), (":message-type", "exception")], payload);
    let error =
        encoded(&[(":message-type", "error"), (":error-code", "BadStream"), (":error-message", "it broke")], "");
    for (message, class, kind, words) in [
        (
            exception("throttlingException", r#"{"message":"Too many requests"}"#),
            FailureClass::RateLimit,
            "throttlingException",
            "Too many requests",
        ),
        (
            exception("modelStreamErrorException", r#"{"message":"no","originalStatusCode":400}"#),
            FailureClass::ServerError,
            "modelStreamErrorException",
            "no",
        ),
        (
            exception("validationException", r#"{"message":"Input is too long for requested model."}"#),
            FailureClass::ContextWindow,
            "validationException",
            "Input is too long for requested model.",
        ),
        (error, FailureClass::Protocol, "BadStream", "it broke"),
    ] {
        let start = stream(&[("messageStart", "{}"), ("contentBlockDelta", r#"{"delta":{"text":"Hi"}}"#)]);
        let (reply, result) = decode(&[start, message].concat());
        let failure = result.expect_err("a failure");
        assert_eq!(
            (failure.class, failure.kind.as_deref(), failure.message.as_deref()),
            (class, Some(kind), Some(words))
        );
        assert_eq!((reply.text.as_str(), failure.maybe_billed), ("Hi", true));
    }
}

#[test]
fn a_stream_whose_bytes_were_changed_is_a_protocol_failure_that_says_what_is_wrong() {
    let mut body = stream(&[("messageStart", "{}"), ("messageStop", r#"{"stopReason":"end_turn"}"#)]);
    let last = body.len() - 20;
    body[last] ^= 1;
    let failure = decode(&body).1.expect_err("a failure");
    assert_eq!((failure.class, failure.rule.as_str()), (FailureClass::Protocol, "event stream"));
    assert_eq!(failure.message.as_deref(), Some("the checksum of a message is wrong"));
}

#[test]
fn a_whole_reply_with_cited_text_is_read_and_an_error_in_a_200_is_one() {
    let (reply, result) = decode(
        br#"{"output":{"message":{"content":[{"citationsContent":{"content":[{"text":"A"}],"citations":[{"title":"t"}]}},{"text":"B"},{"reasoningContent":{"redactedContent":"x"}}]}},"stopReason":"guardrail_intervened"}"#,
    );
    assert_eq!((result, reply.text.as_str()), (Ok(()), "AB"));
    assert_eq!(reply.citations.len(), 1);
    assert_eq!(reply.finish.map(|finish| finish.reason), Some(FinishReason::ContentFilter));
    let failure = decode(br#"{"Message":"no"}"#).1.expect_err("a failure");
    assert_eq!(failure.message.as_deref(), Some("no"));
    let failure = decode(br#"{"x":1}"#).1.expect_err("a failure");
    assert_eq!(failure.class, FailureClass::Protocol);
}

#[test]
fn an_expired_token_is_a_matter_of_the_key() {
    let kind = "ExpiredTokenException:http://internal.amazon.com/coral/com.amazon.coral.service/";
    let head = ResponseHead { status: 403, headers: vec![("x-amzn-errortype".to_owned(), kind.to_owned())] };
    let failure = BedrockConverse.failure(
        &at("m"),
        &head,
        br#"{"message":"The security token included in the request is expired"}"#,
    );
    assert_eq!((failure.class, failure.kind.as_deref()), (FailureClass::Auth, Some("ExpiredTokenException")));
}
