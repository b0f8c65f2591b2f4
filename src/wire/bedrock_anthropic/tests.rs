use super::*;
use crate::chat::{FinishReason, Reply};
use crate::provider::{Auth, Quirks};
use crate::wire::event_stream::encoded;
use crate::wire::testing::{conversation, target};

fn at(model: &str) -> Target {
    target("https://b.example", Auth::Aws("bedrock".to_owned()), model, Quirks::default())
}

fn stream(events: &[&str]) -> Vec<u8> {
    let message = |event: &&str| {
        let payload = json!({"bytes": STANDARD.encode(event), "p": "abc"}).to_string();
        encoded(&[(":event-type", "chunk"), (":message-type", "event")], &payload)
    };
    events.iter().flat_map(message).collect()
}

fn decode(headers: &[(&str, &str)], body: &[u8]) -> (Reply, Result<(), Failure>) {
    let headers = headers.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
    let mut decoder = BedrockAnthropic.decoder(&at("m"), &ResponseHead { status: 200, headers });
    let mut events = Vec::new();
    let result = decoder.push(body, &mut events).and_then(|()| decoder.finish(&mut events));
    let mut reply = Reply::default();
    for event in &events {
        reply.apply(event);
    }
    (reply, result)
}

#[test]
fn the_path_says_model_and_stream_and_the_body_has_the_version() {
    for (stream, way) in [(false, "invoke"), (true, "invoke-with-response-stream")] {
        let request = ChatRequest { stream, ..conversation() };
        let encoded = BedrockAnthropic.encode(&at("us.anthropic.claude-opus-4-6-v1:0"), &request);
        assert_eq!(encoded.url, format!("https://b.example/model/us.anthropic.claude-opus-4-6-v1%3A0/{way}"));
        let plain = Anthropic.encode(&at("us.anthropic.claude-opus-4-6-v1:0"), &request).body;
        assert_eq!(encoded.body["anthropic_version"], VERSION);
        assert_eq!((encoded.body.get("model"), encoded.body.get("stream")), (None, None));
        assert_eq!(encoded.body["messages"], plain["messages"]);
        assert!(!encoded.headers.iter().any(|(name, _)| name == "anthropic-version"), "{encoded}");
    }
}

#[test]
fn events_in_base64_are_read_and_counts_of_bedrock_fill_what_the_model_does_not_say() {
    let start = r#"{"type":"message_start","message":{"id":"i","model":"claude","content":[]}}"#;
    let text = r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hi"}}"#;
    let end = r#"{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":2}}"#;
    let stop =
        r#"{"type":"message_stop","amazon-bedrock-invocationMetrics":{"inputTokenCount":7,"outputTokenCount":3}}"#;
    let (reply, result) = decode(&[], &stream(&[start, text, end, stop]));
    assert_eq!((result, reply.text.as_str(), reply.model.as_deref()), (Ok(()), "Hi", Some("claude")));
    let usage = reply.usage.expect("usage");
    assert_eq!((usage.input, usage.output), (Some(7), Some(2)), "the model's own count comes first");
    assert!(usage.counting.cache_outside_input);
}

#[test]
fn a_whole_reply_is_counted_by_its_headers_where_it_says_nothing() {
    let headers = [("x-amzn-bedrock-input-token-count", "3"), ("x-amzn-bedrock-cache-read-input-token-count", "9")];
    let body = r#"{"type":"message","content":[{"type":"text","text":"Hi"}],"stop_reason":"end_turn","usage":{"output_tokens":4}}"#;
    let (reply, result) = decode(&headers, body.as_bytes());
    assert_eq!((result, reply.text.as_str()), (Ok(()), "Hi"));
    let usage = reply.usage.expect("usage");
    assert_eq!((usage.input, usage.output, usage.cache_read, usage.cache_write), (Some(3), Some(4), Some(9), None));
}

#[test]
fn the_format_before_messages_is_read() {
    let pieces = [
        r#"{"completion":" Hel","stop_reason":null}"#,
        r#"{"completion":"lo","stop_reason":"max_tokens","amazon-bedrock-invocationMetrics":{"inputTokenCount":5,"outputTokenCount":2}}"#,
    ];
    let (reply, result) = decode(&[], &stream(&pieces));
    assert_eq!((result, reply.text.as_str()), (Ok(()), " Hello"));
    assert_eq!(reply.finish.map(|finish| finish.reason), Some(FinishReason::Length));
    assert_eq!(reply.usage.and_then(|usage| usage.input), Some(5));
    let (_, result) = decode(&[], &stream(&pieces[..1]));
    assert_eq!(result.map_err(|failure| failure.class), Err(FailureClass::IncompleteStream));
}

#[test]
fn what_is_not_base64_is_told() {
    let body = encoded(&[(":event-type", "chunk")], r#"{"bytes":"*"}"#);
    let failure = decode(&[], &body).1.expect_err("a failure");
    assert_eq!((failure.class, failure.rule.as_str()), (FailureClass::Protocol, "base64"));
}
