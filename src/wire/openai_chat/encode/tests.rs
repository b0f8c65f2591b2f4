use std::sync::Arc;

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::catalog::{Model, Reasoning};
use crate::chat::{
    AnswerForm, ChatRequest, Media, MediaSource, Message, Options, Part, Role, Schema, Thought, Tool, ToolCall,
    ToolChoice, ToolResult,
};
use crate::provider::{Auth, DocumentPlace, EffortPlace, Quirks, ThoughtPlace};
use crate::wire::Codec;
use crate::wire::openai_chat::OpenAiChat;
use crate::wire::testing::target;

fn body(quirks: Quirks, request: &ChatRequest) -> Value {
    OpenAiChat.encode(&target("https://x", Auth::Bearer, "m", quirks), request).body
}

/// The messages of a conversation of one turn.
fn turn(quirks: Quirks, role: Role, parts: Vec<Part>) -> Value {
    body(quirks, &ChatRequest { messages: vec![Message { role, parts }], ..ChatRequest::default() })["messages"].take()
}

fn text(text: &str) -> Part {
    Part::Text(text.to_owned())
}

fn bytes(media_type: &str, name: Option<&str>) -> Part {
    let source = MediaSource::Base64("QUJD".to_owned());
    Part::Media(Media { media_type: media_type.to_owned(), name: name.map(str::to_owned), source })
}

fn at(media_type: &str) -> Part {
    let source = MediaSource::Url("https://a/b".to_owned());
    Part::Media(Media { media_type: media_type.to_owned(), name: None, source })
}

fn call(id: Option<&str>, arguments: &str) -> Part {
    let (id, arguments) = (id.map(str::to_owned), arguments.to_owned());
    Part::ToolCall(ToolCall { id, name: "f".to_owned(), arguments, seal: None })
}

fn result(id: Option<&str>, content: &str) -> Part {
    Part::ToolResult(ToolResult { call: id.map(str::to_owned), content: content.to_owned(), ..ToolResult::default() })
}

#[test]
fn every_attachment_has_its_part() {
    let table = [
        (bytes("image/png", None), json!({"type": "image_url", "image_url": {"url": "data:image/png;base64,QUJD"}})),
        (at("image/png"), json!({"type": "image_url", "image_url": {"url": "https://a/b"}})),
        (bytes("audio/mpeg", None), json!({"type": "input_audio", "input_audio": {"data": "QUJD", "format": "mp3"}})),
        (bytes("audio/x-wav", None), json!({"type": "input_audio", "input_audio": {"data": "QUJD", "format": "wav"}})),
        (at("video/mp4"), json!({"type": "video_url", "video_url": {"url": "https://a/b"}})),
        (
            bytes("application/pdf", Some("a.pdf")),
            json!({"type": "file", "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,QUJD"}}),
        ),
        (
            at("application/pdf"),
            json!({"type": "file", "file": {"filename": "document.pdf", "file_data": "https://a/b"}}),
        ),
    ];
    for (part, expected) in table {
        let messages = turn(Quirks::default(), Role::User, vec![text("What?"), part]);
        assert_eq!(messages, json!([{"role": "user", "content": [{"type": "text", "text": "What?"}, expected]}]));
    }
}

#[test]
fn documents_go_where_the_server_wants_them() {
    let table = [
        (
            DocumentPlace::DocumentUrl,
            json!({"type": "document_url", "document_url": "data:application/pdf;base64,QUJD", "document_name": "a.pdf"}),
        ),
        (DocumentPlace::FileUrl, json!({"type": "file_url", "file_url": {"url": "QUJD"}, "file_name": "a.pdf"})),
    ];
    for (documents, expected) in table {
        let quirks = Quirks { documents, ..Quirks::default() };
        let messages = turn(quirks, Role::User, vec![bytes("application/pdf", Some("a.pdf"))]);
        assert_eq!(messages[0]["content"], json!([expected]));
    }
}

#[test]
fn results_of_tools_are_messages_of_their_own() {
    let said =
        turn(Quirks::default(), Role::User, vec![result(Some("1"), "a"), result(Some("2"), "b"), text("Go on.")]);
    let expected = json!([
        {"role": "tool", "tool_call_id": "1", "content": "a"},
        {"role": "tool", "tool_call_id": "2", "content": "b"},
        {"role": "user", "content": "Go on."},
    ]);
    assert_eq!(said, expected);
}

#[test]
fn calls_stand_beside_the_text_and_empty_arguments_are_an_object() {
    let function = json!({"name": "f", "arguments": "{}"});
    let calls = json!([{"id": "1", "type": "function", "function": function}]);
    let said = turn(Quirks::default(), Role::Assistant, vec![text("Hm."), call(Some("1"), " ")]);
    assert_eq!(said, json!([{"role": "assistant", "content": "Hm.", "tool_calls": calls}]));
    let said = turn(Quirks::default(), Role::Assistant, vec![call(Some("1"), "{}")]);
    assert_eq!(said, json!([{"role": "assistant", "content": null, "tool_calls": calls}]));
}

#[test]
fn calls_without_ids_are_numbered_as_their_results_are() {
    let message = |role, parts| Message { role, parts };
    let messages = vec![
        message(Role::Assistant, vec![call(None, "{}"), call(Some(""), "{}")]),
        message(Role::User, vec![result(None, "a"), result(None, "b")]),
    ];
    let body = body(Quirks::default(), &ChatRequest { messages, ..ChatRequest::default() });
    let ids = ["/0/tool_calls/0/id", "/0/tool_calls/1/id", "/1/tool_call_id", "/2/tool_call_id"];
    let ids = ids.map(|place| body["messages"].pointer(place).and_then(Value::as_str));
    assert_eq!(ids, [Some("call_1"), Some("call_2"), Some("call_1"), Some("call_2")]);
}

#[test]
fn thinking_is_given_back_where_the_server_looks_for_it() {
    let seal = r#"{"type":"reasoning.encrypted","data":"x"}"#;
    let thoughts = || {
        let thought = |text: &str, seal: Option<&str>| {
            Part::Thought(Thought { id: None, text: text.to_owned(), seal: seal.map(str::to_owned) })
        };
        vec![thought("hm", None), thought("", Some(seal)), text("So.")]
    };
    let details = json!([{"type": "reasoning.text", "text": "hm"}, {"type": "reasoning.encrypted", "data": "x"}]);
    let parts =
        json!([{"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}, {"type": "text", "text": "So."}]);
    let table = [
        (ThoughtPlace::ReasoningContent, json!({"role": "assistant", "content": "So.", "reasoning_content": "hm"})),
        (ThoughtPlace::Reasoning, json!({"role": "assistant", "content": "So.", "reasoning": "hm"})),
        (ThoughtPlace::ReasoningDetails, json!({"role": "assistant", "content": "So.", "reasoning_details": details})),
        (ThoughtPlace::Content, json!({"role": "assistant", "content": parts})),
        (ThoughtPlace::Nowhere, json!({"role": "assistant", "content": "So."})),
    ];
    for (place, expected) in table {
        let quirks = Quirks { thoughts: place, ..Quirks::default() };
        assert_eq!(turn(quirks, Role::Assistant, thoughts()), json!([expected]), "{place:?}");
    }
}

#[test]
fn effort_is_told_where_the_server_is_told_it() {
    use EffortPlace::{
        ChatTemplateKwargs, EnableThinking, Nowhere, Reasoning, ReasoningEffort, Thinking, ThinkingEffort,
    };
    let table = [
        (ReasoningEffort, "none", json!({"reasoning_effort": "none"})),
        (ReasoningEffort, "2000", json!({"reasoning_effort": "2000"})),
        (Reasoning, "high", json!({"reasoning": {"effort": "high"}})),
        (Reasoning, "none", json!({"reasoning": {"effort": "none"}})),
        (Reasoning, "2000", json!({"reasoning": {"max_tokens": 2000}})),
        (Reasoning, "on", json!({"reasoning": {"enabled": true}})),
        (Reasoning, "off", json!({"reasoning": {"enabled": false}})),
        (EnableThinking, "none", json!({"enable_thinking": false})),
        (EnableThinking, "high", json!({"enable_thinking": true})),
        (EnableThinking, "2000", json!({"enable_thinking": true, "thinking_budget": 2000})),
        (Thinking, "high", json!({"thinking": {"type": "enabled"}})),
        (Thinking, "off", json!({"thinking": {"type": "disabled"}})),
        (ThinkingEffort, "max", json!({"thinking": {"type": "enabled"}, "reasoning_effort": "max"})),
        (ThinkingEffort, "none", json!({"thinking": {"type": "disabled"}})),
        (ChatTemplateKwargs, "on", json!({"chat_template_kwargs": {"enable_thinking": true}})),
        (
            ChatTemplateKwargs,
            "low",
            json!({"chat_template_kwargs": {"enable_thinking": true, "reasoning_effort": "low"}}),
        ),
        (Nowhere, "high", json!({})),
    ];
    for (effort, word, mut expected) in table {
        let options = Options { reasoning_effort: Some(word.to_owned()), ..Options::default() };
        let quirks = Quirks { effort, ..Quirks::default() };
        expected["model"] = json!("m");
        expected["messages"] = json!([]);
        assert_eq!(body(quirks, &ChatRequest { options, ..ChatRequest::default() }), expected, "{effort:?} {word}");
    }
}

#[test]
fn a_word_beside_a_switch_is_a_budget_where_the_model_takes_one() {
    let quirks = Quirks { effort: EffortPlace::EnableThinking, ..Quirks::default() };
    let mut known = target("https://x", Auth::Bearer, "m", quirks);
    let reasoning = Reasoning { budget: Some((None, Some(4000))), ..Reasoning::default() };
    known.model = Some(Arc::new(Model { reasoning, ..Model::default() }));
    for (word, on, budget) in [("high", true, Some(4000)), ("none", false, None), ("on", true, None)] {
        let options = Options { reasoning_effort: Some(word.to_owned()), ..Options::default() };
        let body = OpenAiChat.encode(&known, &ChatRequest { options, ..ChatRequest::default() }).body;
        assert_eq!((body["enable_thinking"].as_bool(), body["thinking_budget"].as_u64()), (Some(on), budget), "{word}");
    }
}

#[test]
fn a_schema_has_its_place() {
    let schema =
        Schema { name: "a".to_owned(), schema: json!({"type": "object"}), strict: Some(true), ..Schema::default() };
    let request = |form| ChatRequest { form: Some(form), ..ChatRequest::default() };
    let expected =
        json!({"type": "json_schema", "json_schema": {"name": "a", "schema": {"type": "object"}, "strict": true}});
    assert_eq!(body(Quirks::default(), &request(AnswerForm::Schema(schema)))["response_format"], expected);
    assert_eq!(body(Quirks::default(), &request(AnswerForm::Json))["response_format"], json!({"type": "json_object"}));
}

#[test]
fn tools_are_functions_and_a_choice_has_its_word() {
    let tool = Tool { name: "f".to_owned(), parameters: json!({"type": "object"}), ..Tool::default() };
    let table = [
        (ToolChoice::Auto, json!("auto")),
        (ToolChoice::None, json!("none")),
        (ToolChoice::Required, json!("required")),
        (ToolChoice::Named("f".to_owned()), json!({"type": "function", "function": {"name": "f"}})),
    ];
    for (choice, expected) in table {
        let request = ChatRequest { tools: vec![tool.clone()], tool_choice: Some(choice), ..ChatRequest::default() };
        let body = body(Quirks::default(), &request);
        assert_eq!(body["tool_choice"], expected);
        let function = json!({"name": "f", "parameters": {"type": "object"}});
        assert_eq!(body["tools"], json!([{"type": "function", "function": function}]));
    }
}

#[test]
fn the_seed_has_the_name_that_the_server_gives_it() {
    let quirks = Quirks { seed_field: Some("random_seed".to_owned()), ..Quirks::default() };
    let options = Options { seed: Some(7), ..Options::default() };
    assert_eq!(body(quirks, &ChatRequest { options, ..ChatRequest::default() })["random_seed"], json!(7));
}

proptest! {
    #[test]
    fn case_55_ids_of_another_provider_are_made_to_fit_and_still_match(id in "[a-zA-Z0-9_:.-]{0,60}") {
        let quirks = Quirks { call_id_length: Some(9), ..Quirks::default() };
        let called = turn(quirks.clone(), Role::Assistant, vec![call(Some(&id), "{}")]);
        let answered = turn(quirks, Role::User, vec![result(Some(&id), "a")]);
        let fitting = called[0]["tool_calls"][0]["id"].as_str().unwrap_or_default().to_owned();
        prop_assert_eq!(answered[0]["tool_call_id"].as_str(), Some(fitting.as_str()));
        prop_assert!(fitting.len() == 9 && fitting.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{}", fitting);
        if id.len() == 9 && id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            prop_assert_eq!(fitting, id);
        }
    }
}
