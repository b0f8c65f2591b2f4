use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::chat::{
    AnswerForm, Media, MediaSource, Message, Options, Part, Reply, Role, Schema, Thought, Tool, ToolCall, ToolChoice,
    ToolResult,
};
use crate::failure::FailureClass;
use crate::provider::{Auth, EffortPlace, Provider, Quirks};
use crate::wire::testing::{conversation, decode, stream, target};

fn read(data: &[&str]) -> (Reply, Result<(), Failure>) {
    stream(&OpenAiResponses, Quirks::default(), data)
}

fn whole(body: &str) -> (Reply, Result<(), Failure>) {
    decode(&OpenAiResponses, Quirks::default(), body)
}

/// The items of one answer, each with its pieces.
const ITEMS: &[(&str, &[&str])] = &[
    (
        r#"{"type":"reasoning","id":"rs","summary":[{"type":"summary_text","text":"hm"}]}"#,
        &[
            r#"{"type":"response.reasoning_summary_text.delta","output_index":0,"delta":"oh"}"#,
            r#"{"type":"response.reasoning_summary_text.delta","output_index":0,"delta":"hm"}"#,
            r#"{"type":"response.reasoning_summary_text.done","output_index":0,"text":"hm"}"#,
        ],
    ),
    (
        r#"{"type":"message","id":"m","content":[{"type":"output_text","text":"Hi!","annotations":[{"url":"https://a"}]}]}"#,
        &[
            r#"{"type":"response.output_text.delta","output_index":1,"item_id":"other","delta":"Hi"}"#,
            r#"{"type":"response.output_text.annotation.added","output_index":1,"annotation":{"url":"https://a"}}"#,
            r#"{"type":"response.output_text.delta","output_index":1,"delta":"!"}"#,
        ],
    ),
    (
        r#"{"type":"function_call","id":"fc","call_id":"c1","name":"f","arguments":"{\"x\":1}"}"#,
        &[
            r#"{"type":"response.function_call_arguments.delta","output_index":2,"delta":"{\"x\""}"#,
            r#"{"type":"response.function_call_arguments.delta","output_index":2,"delta":":1}"}"#,
        ],
    ),
    (
        r#"{"type":"custom_tool_call","id":"ct","call_id":"c2","name":"g","input":"say \"x\""}"#,
        &[
            r#"{"type":"response.custom_tool_call_input.delta","output_index":3,"delta":"say \""}"#,
            r#"{"type":"response.custom_tool_call_input.delta","output_index":3,"delta":"x\""}"#,
        ],
    ),
];

const USAGE: &str = r#"{"input_tokens":9,"input_tokens_details":{"cached_tokens":4},"output_tokens":7,"output_tokens_details":{"reasoning_tokens":5}}"#;

/// The answer as a stream that tells each item in pieces, finished, or in the end only.
fn told(in_pieces: bool, finished: bool, at_the_end: bool) -> Vec<String> {
    let mut data =
        vec![r#"{"type":"response.created","response":{"id":"r","model":"m","status":"in_progress"}}"#.to_owned()];
    for (at, (item, pieces)) in ITEMS.iter().enumerate() {
        if in_pieces {
            let bare = item
                .replace("\"hm\"", "\"\"")
                .replace("Hi!", "")
                .replace(r#"{\"x\":1}"#, "")
                .replace(r#"say \"x\""#, "");
            data.push(format!(r#"{{"type":"response.output_item.added","output_index":{at},"item":{bare}}}"#));
            data.extend(pieces.iter().map(|piece| (*piece).to_owned()));
        }
        if finished {
            data.push(format!(r#"{{"type":"response.output_item.done","output_index":{at},"item":{item}}}"#));
        }
    }
    let items: Vec<&str> = ITEMS.iter().map(|(item, _)| *item).filter(|_| at_the_end).collect();
    let response =
        format!(r#"{{"id":"r","model":"m","status":"completed","output":[{}],"usage":{USAGE}}}"#, items.join(","));
    data.push(format!(r#"{{"type":"response.completed","response":{response}}}"#));
    data
}

fn check(reply: &Reply) {
    assert_eq!((reply.reasoning.as_str(), reply.text.as_str()), ("hm", "Hi!"));
    let calls: Vec<_> =
        reply.tool_calls.iter().map(|call| (call.id.as_deref(), call.name.as_str(), call.parsed())).collect();
    let first = (Some("c1"), "f", Some(json!({"x": 1})));
    assert_eq!(calls, [first, (Some("c2"), "g", Some(json!({"input": "say \"x\""})))]);
    assert_eq!(reply.citations, [json!({"url": "https://a"})]);
    let usage = reply.usage.clone().expect("counted");
    assert_eq!((usage.input, usage.cache_read, usage.output, usage.reasoning), (Some(9), Some(4), Some(7), Some(5)));
    let finish = reply.finish.clone().expect("finished");
    assert_eq!((finish.raw.as_str(), finish.reason), ("completed", FinishReason::ToolCalls));
}

#[test]
fn what_is_told_in_several_places_is_said_once() {
    for (in_pieces, finished, at_the_end) in [
        (true, true, true),
        (true, true, false),
        (true, false, true),
        (false, true, true),
        (false, true, false),
        (false, false, true),
    ] {
        let data = told(in_pieces, finished, at_the_end);
        let (reply, result) = read(&data.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(result, Ok(()), "{in_pieces} {finished} {at_the_end}");
        check(&reply);
    }
}

#[test]
fn a_whole_response_reads_as_its_stream() {
    let items: Vec<&str> = ITEMS.iter().map(|(item, _)| *item).collect();
    let (reply, result) = whole(&format!(
        r#"{{"id":"r","model":"m","status":"completed","output":[{}],"usage":{USAGE}}}"#,
        items.join(",")
    ));
    assert_eq!(result, Ok(()));
    check(&reply);
}

#[test]
fn a_summary_whose_end_is_never_told_is_said_in_the_end() {
    let (reply, _) = read(&[
        r#"{"type":"response.reasoning_summary_text.delta","delta":"hm"}"#,
        r#"{"type":"response.completed","response":{"status":"completed","output":[]}}"#,
    ]);
    assert_eq!(reply.reasoning, "hm");
}

#[test]
fn an_incomplete_answer_says_why() {
    let table = [
        (r#"{"reason":"max_output_tokens"}"#, FinishReason::Length),
        (r#"{"reason":"content_filter"}"#, FinishReason::ContentFilter),
        ("null", FinishReason::Error),
    ];
    for (details, expected) in table {
        let response = format!(r#"{{"status":"incomplete","incomplete_details":{details},"output":[]}}"#);
        let (reply, result) = read(&[&format!(r#"{{"type":"response.incomplete","response":{response}}}"#)]);
        assert_eq!((reply.finish.expect("finished").reason, result), (expected, Ok(())), "{details}");
    }
}

#[test]
fn a_failure_keeps_what_came_before_and_its_usage() {
    let table = [
        r#"{"type":"response.failed","response":{"status":"failed","error":{"code":"rate_limit_exceeded","message":"slow"},"output":[]}}"#,
        r#"{"type":"error","code":"rate_limit_exceeded","message":"slow","param":null,"sequence_number":2}"#,
        r#"{"type":"error","error":{"code":"rate_limit_exceeded","message":"slow"}}"#,
        r#"{"error":{"code":"rate_limit_exceeded","message":"slow"}}"#,
    ];
    for event in table {
        let (reply, result) = read(&[r#"{"type":"response.output_text.delta","delta":"a"}"#, event]);
        let failure = result.expect_err("a failure");
        assert_eq!((reply.text.as_str(), failure.class, failure.kind.as_deref()), ("a", FailureClass::RateLimit, None));
        assert_eq!((failure.code.as_deref(), failure.message.as_deref()), (Some("rate_limit_exceeded"), Some("slow")));
    }
    let (reply, result) = whole(r#"{"status":"failed","error":{"code":"server_error","message":"x"},"output":[]}"#);
    assert_eq!(result.expect_err("failed").class, FailureClass::ServerError);
    assert_eq!(
        reply.finish.map(|finish| (finish.reason, finish.raw)),
        Some((FinishReason::Error, "failed".to_owned()))
    );
}

#[test]
fn refusals_and_log_probabilities_have_their_events() {
    let (reply, _) = read(&[
        r#"{"type":"response.refusal.delta","output_index":0,"delta":"No."}"#,
        r#"{"type":"response.output_text.delta","output_index":1,"delta":"a","logprobs":[{"token":"a"}]}"#,
        r#"{"type":"response.output_text.delta","output_index":1,"delta":"b","logprobs":[]}"#,
        r#"{"type":"response.output_item.done","output_index":1,"item":{"type":"message","content":[{"text":"ab","logprobs":[{"token":"a"}]}]}}"#,
        r#"{"type":"response.completed","response":{"status":"completed"}}"#,
    ]);
    assert_eq!((reply.refusal.as_str(), reply.text.as_str()), ("No.", "ab"));
    assert_eq!(reply.logprobs, [json!([{"token": "a"}])]);
}

#[test]
fn an_end_is_needed_and_bodies_of_no_shape_are_told() {
    let cut = read(&[r#"{"type":"response.output_text.delta","delta":"a"}"#]).1;
    assert_eq!(cut.expect_err("cut").class, FailureClass::IncompleteStream);
    for body in [r#"{"a":1}"#, "data: {oops}\n\n", r#"data: {"type":"response.completed"}"#] {
        assert!(whole(body).1.is_err(), "{body}");
    }
    let (_, result) = whole(r#"{"error":{"message":"no","code":"invalid_api_key"}}"#);
    assert_eq!(result.expect_err("an error").class, FailureClass::Auth);
}

#[test]
fn a_conversation_is_a_list_of_items() {
    let seal = Thought { id: Some("rs".to_owned()), text: String::new(), seal: Some("x".to_owned()) };
    let call = ToolCall { id: Some("c".to_owned()), name: "f".to_owned(), ..ToolCall::default() };
    let result = ToolResult { call: Some("c".to_owned()), content: "1".to_owned(), ..ToolResult::default() };
    let data = |media_type: &str| {
        let source = MediaSource::Base64("QUJD".to_owned());
        Part::Media(Media { media_type: media_type.to_owned(), name: None, source })
    };
    let turns = [
        Message {
            role: Role::User,
            parts: vec![Part::Text("?".to_owned()), data("image/png"), data("application/pdf")],
        },
        Message {
            role: Role::Assistant,
            parts: vec![Part::Thought(seal), Part::Text("Hm.".to_owned()), Part::ToolCall(call)],
        },
        Message { role: Role::User, parts: vec![Part::ToolResult(result), Part::Text("Go on.".to_owned())] },
    ];
    let request = ChatRequest { messages: turns.to_vec(), ..conversation() };
    let sent = OpenAiResponses.encode(&target("https://x/v1", Auth::Bearer, "m", Quirks::default()), &request);
    assert_eq!(sent.url, "https://x/v1/responses");
    let expected = json!({
        "model": "m",
        "instructions": "Be brief.",
        "input": [
            {"role": "user", "content": [
                {"type": "input_text", "text": "?"},
                {"type": "input_image", "image_url": "data:image/png;base64,QUJD"},
                {"type": "input_file", "filename": "document.pdf", "file_data": "data:application/pdf;base64,QUJD"},
            ]},
            {"type": "reasoning", "id": "rs", "summary": [], "encrypted_content": "x"},
            {"role": "assistant", "content": "Hm."},
            {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"},
            {"type": "function_call_output", "call_id": "c", "output": "1"},
            {"role": "user", "content": "Go on."},
        ],
        "store": false,
        "include": ["reasoning.encrypted_content"],
    });
    assert_eq!(sent.body, expected);
}

#[test]
fn every_option_has_its_member_and_extra_comes_last() {
    let schema = Schema { name: "a".to_owned(), schema: json!({"type": "object"}), ..Schema::default() };
    let request = ChatRequest {
        tools: vec![Tool { name: "f".to_owned(), ..Tool::default() }],
        tool_choice: Some(ToolChoice::Named("f".to_owned())),
        form: Some(AnswerForm::Schema(schema)),
        options: Options {
            temperature: Some(0.5),
            top_p: Some(0.9),
            max_tokens: Some(7),
            reasoning_effort: Some("low".to_owned()),
            extra: json!({"store": true, "reasoning": {"summary": "auto"}}).as_object().cloned().expect("an object"),
            ..Options::default()
        },
        stream: true,
        ..ChatRequest::default()
    };
    let sent = OpenAiResponses.encode(&target("https://x", Auth::Bearer, "m", Quirks::default()), &request).body;
    let expected = json!({
        "model": "m", "input": [], "stream": true, "store": true, "max_output_tokens": 7, "temperature": 0.5, "top_p": 0.9,
        "tools": [{"type": "function", "name": "f", "parameters": {"type": "object", "properties": {}}}],
        "tool_choice": {"type": "function", "name": "f"},
        "text": {"format": {"type": "json_schema", "name": "a", "schema": {"type": "object"}}},
        "reasoning": {"effort": "low", "summary": "auto"},
    });
    assert_eq!(sent, expected);
}

#[test]
fn a_budget_goes_to_gateways_that_know_one() {
    let options = Options { reasoning_effort: Some("2000".to_owned()), ..Options::default() };
    let request = ChatRequest { options, ..ChatRequest::default() };
    let quirks = Quirks { effort: EffortPlace::Reasoning, ..Quirks::default() };
    let sent = OpenAiResponses.encode(&target("https://x", Auth::Bearer, "m", quirks), &request);
    assert_eq!(sent.body["reasoning"], json!({"max_tokens": 2000}));
}

#[test]
fn the_path_of_a_rows_own_format_is_not_this_ones() {
    let quirks = Quirks { path: Some("/deployments/{model}/chat/completions".to_owned()), ..Quirks::default() };
    let chat = target("https://x/v1", Auth::Bearer, "m", quirks);
    let wires = vec![("m*".to_owned(), "openai-responses".to_owned())];
    let both = Target { provider: Provider { wires, ..Provider::clone(&chat.provider) }.into(), ..chat.clone() };
    let request = ChatRequest::default();
    assert_eq!(OpenAiResponses.encode(&both, &request).url, "https://x/v1/responses");
    let chat_url = super::super::openai_chat::OpenAiChat.encode(&chat, &request).url;
    assert_eq!(chat_url, "https://x/v1/deployments/m/chat/completions");
}

proptest! {
    #[test]
    fn events_in_any_order_do_no_harm(picks in prop::collection::vec(0_usize..40, 0..40)) {
        let mut data = told(true, true, true);
        data.extend(told(false, false, true));
        let picked: Vec<&str> = picks.iter().map(|at| data[at % data.len()].as_str()).collect();
        let (reply, _) = read(&picked);
        prop_assert!(reply.tool_calls.len() <= ITEMS.len());
    }
}
