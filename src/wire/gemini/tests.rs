use serde_json::json;

use super::*;
use crate::chat::Options;
use crate::failure::FailureClass;
use crate::provider::{Auth, Quirks};
use crate::wire::testing::{conversation, decode, encode, headers, stream, target, text};

const BASE: &str = "https://generativelanguage.googleapis.com/v1beta";

#[test]
fn a_plain_request_names_the_model_in_its_path() {
    let plain = target(BASE, Auth::Header("x-goog-api-key".to_owned()), "gemini-3-flash", Quirks::default());
    let mut request = conversation();
    let encoded = encode(&Gemini, &plain, &request);
    assert_eq!(encoded.url, format!("{BASE}/models/gemini-3-flash:generateContent"));
    let expected = r#"{"systemInstruction":{"parts":[{"text":"Be brief."}]},"contents":[{"role":"user","parts":[{"text":"Hi"}]},{"role":"model","parts":[{"text":"Hello"}]},{"role":"user","parts":[{"text":"Ünï?"}]}]}"#;
    assert_eq!(text(&encoded.body), expected);
    assert!(headers(&encoded).contains(&"x-goog-api-key: <sk-secret>".to_owned()));
    request.stream = true;
    let encoded = encode(&Gemini, &plain, &request);
    assert_eq!(encoded.url, format!("{BASE}/models/gemini-3-flash:streamGenerateContent?alt=sse"));
}

#[test]
fn every_option_has_its_member_and_extra_is_merged() {
    let extra = json!({"generationConfig": {"topK": 4}, "safetySettings": []}).as_object().cloned();
    let options = Options {
        temperature: Some(0.5),
        top_p: Some(0.9),
        max_tokens: Some(7),
        stop: vec!["END".to_owned()],
        seed: Some(3),
        reasoning_effort: Some("low".to_owned()),
        extra: extra.expect("an object"),
    };
    let request = ChatRequest { stream: false, options, ..ChatRequest::default() };
    let plain = target(BASE, Auth::Bearer, "gemini-3-pro", Quirks::default());
    let expected = r#"{"contents":[],"generationConfig":{"temperature":0.5,"topP":0.9,"maxOutputTokens":7,"stopSequences":["END"],"seed":3,"thinkingConfig":{"thinkingLevel":"low","includeThoughts":true},"topK":4},"safetySettings":[]}"#;
    assert_eq!(text(&encode(&Gemini, &plain, &request).body), expected);
    assert_eq!(thinking("gemini-2.5-flash", "medium"), json!({"thinkingBudget": 8192, "includeThoughts": true}));
    assert_eq!(thinking("gemini-3-pro", "-1"), json!({"thinkingBudget": -1, "includeThoughts": true}));
}

#[test]
fn thoughts_calls_and_counts_are_read() {
    let (reply, result) = stream(
        &Gemini,
        Quirks::default(),
        &[
            r#"{"candidates":[{"content":{"parts":[{"text":"hm","thought":true},{"text":"Hi"}]}}],"usageMetadata":{"promptTokenCount":5,"candidatesTokenCount":1},"modelVersion":"g","responseId":"r"}"#,
            r#"{"candidates":[{"content":{"parts":[{"functionCall":{"name":"f","args":{"a":1}}},{"toolCall":{"id":"x"}},{"functionCall":{"id":"2","name":"f"}}]},"finishReason":"STOP","index":0},{"index":1,"content":{"parts":[{"text":"no"}]}}],"usageMetadata":{"promptTokenCount":5,"candidatesTokenCount":8,"thoughtsTokenCount":30,"toolUsePromptTokenCount":2,"cachedContentTokenCount":3,"promptTokensDetails":[{"modality":"TEXT","tokenCount":1},{"modality":"AUDIO","tokenCount":4}]}}"#,
        ],
    );
    result.expect("whole");
    assert_eq!((reply.text.as_str(), reply.reasoning.as_str()), ("Hi", "hm"));
    let calls: Vec<_> = reply.tool_calls.iter().map(|call| (call.id.as_deref(), call.arguments.as_str())).collect();
    assert_eq!(calls, [(None, "{\"a\":1}"), (Some("2"), "")]);
    let usage = reply.usage.expect("counted");
    assert_eq!((usage.input, usage.output, usage.reasoning), (Some(5), Some(8), Some(30)));
    assert_eq!((usage.tool_input, usage.cache_read, usage.audio_in), (Some(2), Some(3), Some(4)));
    assert!(usage.counting.reasoning_outside_output);
    assert_eq!(reply.finish.expect("finished").reason, FinishReason::ToolCalls);
}

#[test]
fn a_blocked_prompt_is_a_content_filter() {
    let body = r#"{"promptFeedback":{"blockReason":"PROHIBITED_CONTENT"},"usageMetadata":{"promptTokenCount":5}}"#;
    let (reply, result) = decode(&Gemini, Quirks::default(), body);
    result.expect("a reply");
    let finish = reply.finish.expect("finished");
    assert_eq!((finish.reason, finish.detail.as_deref()), (FinishReason::ContentFilter, Some("PROHIBITED_CONTENT")));
}

#[test]
fn an_array_of_chunks_is_a_stream_and_may_hold_an_error() {
    let chunk = r#"{"candidates":[{"content":{"parts":[{"text":"a"}]},"finishReason":"STOP"}]}"#;
    let (reply, result) = decode(&Gemini, Quirks::default(), &format!("[{chunk}\n]"));
    assert_eq!((reply.text.as_str(), result), ("a", Ok(())));
    let error = r#"[{"error":{"code":429,"status":"RESOURCE_EXHAUSTED","message":"slow"}}]"#;
    let failure = decode(&Gemini, Quirks::default(), error).1.expect_err("an error");
    assert_eq!((failure.class, failure.kind.as_deref()), (FailureClass::RateLimit, Some("RESOURCE_EXHAUSTED")));
}

#[test]
fn an_end_needs_a_reason() {
    let chunk = r#"{"candidates":[{"content":{"parts":[{"text":"a"}]}}]}"#;
    let failure = stream(&Gemini, Quirks::default(), &[chunk]).1.expect_err("cut");
    assert_eq!(failure.class, FailureClass::IncompleteStream);
}
