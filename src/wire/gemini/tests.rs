use std::sync::Arc;

use serde_json::json;

use super::*;
use crate::catalog::Catalog;
use crate::chat::{
    AnswerForm, Media, MediaSource, Message, Options, Part as ChatPart, Role, Schema, Thought, Tool, ToolCall,
    ToolChoice, ToolResult,
};
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
}

#[test]
fn an_effort_is_a_level_or_a_budget_as_the_model_takes_it() {
    let config = |model: &str, effort: &str| {
        let mut asked = target(BASE, Auth::Bearer, model, Quirks::default());
        asked.model = Catalog::builtin().find("gemini", model).map(Arc::new);
        let options = Options { reasoning_effort: Some(effort.to_owned()), ..Options::default() };
        let request = ChatRequest { options, ..ChatRequest::default() };
        text(&encode(&Gemini, &asked, &request).body["generationConfig"]["thinkingConfig"])
    };
    for (model, effort, expected) in [
        ("gemini-2.5-flash", "medium", r#"{"thinkingBudget":8192,"includeThoughts":true}"#),
        ("gemini-2.5-flash", "none", r#"{"thinkingBudget":0}"#),
        ("gemini-2.5-pro", "none", r#"{"thinkingBudget":128,"includeThoughts":true}"#),
        ("gemini-2.5-unheard-of", "low", r#"{"thinkingBudget":1024,"includeThoughts":true}"#),
        ("gemini-3-flash-preview", "high", r#"{"thinkingLevel":"high","includeThoughts":true}"#),
        ("gemini-9", "-1", r#"{"thinkingBudget":-1,"includeThoughts":true}"#),
        ("gemini-9", "low", r#"{"thinkingLevel":"low","includeThoughts":true}"#),
    ] {
        assert_eq!(config(model, effort), expected, "{model} {effort}");
    }
}

fn user(parts: Vec<ChatPart>) -> Message {
    Message { role: Role::User, parts }
}

#[test]
fn tools_calls_and_results_have_their_places() {
    let call = |id: Option<&str>, seal: Option<&str>| {
        let (id, seal) = (id.map(str::to_owned), seal.map(str::to_owned));
        ChatPart::ToolCall(ToolCall { id, name: "f".to_owned(), arguments: r#"{"a":1}"#.to_owned(), seal })
    };
    let result = |call: Option<&str>, content: &str, is_error| {
        let (call, content) = (call.map(str::to_owned), content.to_owned());
        ChatPart::ToolResult(ToolResult { call, name: None, content, is_error })
    };
    let tool = Tool { name: "f".to_owned(), parameters: json!({"type": "object"}), ..Tool::default() };
    let request = ChatRequest {
        messages: vec![
            Message { role: Role::Assistant, parts: vec![call(Some("1"), Some("sig")), call(None, None)] },
            user(vec![
                result(Some("1"), "40 C", false),
                result(Some("1"), r#"{"x":2}"#, false),
                result(Some("1"), "no", true),
            ]),
        ],
        tools: vec![tool],
        tool_choice: Some(ToolChoice::Named("f".to_owned())),
        ..ChatRequest::default()
    };
    let body = encode(&Gemini, &target(BASE, Auth::Bearer, "m", Quirks::default()), &request).body;
    let expected = concat!(
        r#"{"contents":[{"role":"model","parts":["#,
        r#"{"functionCall":{"name":"f","args":{"a":1},"id":"1"},"thoughtSignature":"sig"},"#,
        r#"{"functionCall":{"name":"f","args":{"a":1}}}]},{"role":"user","parts":["#,
        r#"{"functionResponse":{"name":"f","response":{"output":"40 C"},"id":"1"}},"#,
        r#"{"functionResponse":{"name":"f","response":{"x":2},"id":"1"}},"#,
        r#"{"functionResponse":{"name":"f","response":{"error":"no"},"id":"1"}}]}],"#,
        r#""tools":[{"functionDeclarations":[{"name":"f","parametersJsonSchema":{"type":"object"}}]}],"#,
        r#""toolConfig":{"functionCallingConfig":{"mode":"ANY","allowedFunctionNames":["f"]}}}"#,
    );
    assert_eq!(text(&body), expected);
}

#[test]
fn media_thoughts_and_schemas_have_their_places() {
    let media =
        |media_type: &str, source| ChatPart::Media(Media { media_type: media_type.to_owned(), name: None, source });
    let thought =
        |text: &str| ChatPart::Thought(Thought { id: None, text: text.to_owned(), seal: Some("sig".to_owned()) });
    let schema = Schema { schema: json!({"type": "object"}), ..Schema::default() };
    let mut request = ChatRequest {
        messages: vec![user(vec![
            media("audio/mp3", MediaSource::Base64("AA==".to_owned())),
            media("image/png", MediaSource::Url("https://x/y.png".to_owned())),
            thought("hm"),
            thought(""),
        ])],
        form: Some(AnswerForm::Schema(schema)),
        ..ChatRequest::default()
    };
    let plain = target(BASE, Auth::Bearer, "models/m", Quirks::default());
    let encoded = encode(&Gemini, &plain, &request);
    assert!(encoded.url.ends_with("/v1beta/models/m:generateContent"), "{}", encoded.url);
    let expected = concat!(
        r#"{"contents":[{"role":"user","parts":[{"inlineData":{"mimeType":"audio/mp3","data":"AA=="}},"#,
        r#"{"fileData":{"mimeType":"image/png","fileUri":"https://x/y.png"}},"#,
        r#"{"text":"hm","thought":true,"thoughtSignature":"sig"},{"text":"","thoughtSignature":"sig"}]}],"#,
        r#""generationConfig":{"responseMimeType":"application/json","responseJsonSchema":{"type":"object"}}}"#,
    );
    assert_eq!(text(&encoded.body), expected);
    request.form = Some(AnswerForm::Json);
    let config = &encode(&Gemini, &plain, &request).body["generationConfig"];
    assert_eq!(*config, json!({"responseMimeType": "application/json"}));
}

#[test]
fn grounding_citations_and_probabilities_are_kept_as_they_came() {
    let body = json!({"candidates": [{
        "content": {"parts": [{"text": "a"}]}, "finishReason": "STOP",
        "groundingMetadata": {"webSearchQueries": ["q"]},
        "citationMetadata": {"citationSources": [{"uri": "u1"}, {"uri": "u2"}]},
        "logprobsResult": {"chosenCandidates": [{"token": "a"}]},
    }]});
    let (reply, result) = decode(&Gemini, Quirks::default(), &body.to_string());
    result.expect("whole");
    assert_eq!(reply.citations, [json!({"webSearchQueries": ["q"]}), json!({"uri": "u1"}), json!({"uri": "u2"})]);
    assert_eq!(reply.logprobs, [json!({"chosenCandidates": [{"token": "a"}]})]);
    let empty = json!({"candidates": [{"finishReason": "STOP", "groundingMetadata": {}}]});
    assert_eq!(decode(&Gemini, Quirks::default(), &empty.to_string()).0.citations, [] as [serde_json::Value; 0]);
}

#[test]
fn an_answer_that_was_not_counted_is_told_by_the_total_or_unknown() {
    let output = |parts: &str, counts: &str| {
        let body = format!(
            r#"{{"candidates":[{{"content":{{"parts":[{parts}]}},"finishReason":"MAX_TOKENS"}}],"usageMetadata":{{{counts}}}}}"#
        );
        let usage = decode(&Gemini, Quirks::default(), &body).0.usage.expect("counted");
        assert_eq!(usage.output, None, "what was reported stays apart");
        usage.buckets().map(|buckets| buckets.output)
    };
    let nothing_left = r#""promptTokenCount":10,"thoughtsTokenCount":12,"totalTokenCount":22"#;
    assert_eq!(output("", nothing_left), Some(0));
    assert_eq!(output(r#"{"text":"hm","thought":true}"#, nothing_left), Some(0));
    assert_eq!(output(r#"{"text":"Banana"}"#, nothing_left), None, "something was said, and it counts");
    let five_left = r#""promptTokenCount":10,"thoughtsTokenCount":12,"toolUsePromptTokenCount":3,"totalTokenCount":30"#;
    assert_eq!(output(r#"{"text":"Banana"}"#, five_left), Some(5));
    assert_eq!(output("", r#""promptTokenCount":10,"totalTokenCount":9"#), None);
    assert_eq!(output("", r#""promptTokenCount":10"#), None);
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
