use serde_json::json;

use super::*;
use crate::chat::{FinishReason, Options, Reply};
use crate::failure::FailureClass;
use crate::money::Usd;
use crate::provider::{Auth, Quirks};
use crate::wire::testing::{conversation, encode, headers, stream as stream_of, target, text};

const BASE: &str = "https://api.openai.com/v1";

fn read(data: &[&str]) -> (Reply, Result<(), Failure>) {
    stream_of(&OpenAiChat, Quirks::default(), data)
}

fn whole(body: &str) -> (Reply, Result<(), Failure>) {
    crate::wire::testing::decode(&OpenAiChat, Quirks::default(), body)
}

/// Name, id and arguments of every call.
fn calls(reply: &Reply) -> Vec<(&str, Option<&str>, &str)> {
    reply.tool_calls.iter().map(|call| (call.name.as_str(), call.id.as_deref(), call.arguments.as_str())).collect()
}

fn delta(delta: &str) -> String {
    format!(r#"{{"choices":[{{"index":0,"delta":{delta}}}]}}"#)
}

fn tool_deltas(lists: &[&str]) -> Reply {
    let chunks: Vec<_> = lists.iter().map(|list| delta(&format!(r#"{{"tool_calls":{list}}}"#))).collect();
    let mut data: Vec<_> = chunks.iter().map(String::as_str).collect();
    data.push(r#"{"choices":[{"delta":{},"finish_reason":"tool_calls"}]}"#);
    let (reply, result) = read(&data);
    result.expect("finished");
    reply
}

#[test]
fn a_plain_request_holds_only_what_was_given() {
    let plain = target(BASE, Auth::Bearer, "gpt-5.4", Quirks::default());
    let request = encode(&OpenAiChat, &plain, &conversation());
    assert_eq!(request.url, "https://api.openai.com/v1/chat/completions");
    let expected = r#"{"model":"gpt-5.4","messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"Hi"},{"role":"assistant","content":"Hello"},{"role":"user","content":"Ünï?"}]}"#;
    assert_eq!(text(&request.body), expected);
    let expected = [
        "content-type: application/json",
        "accept: application/json",
        "x-title: <llmxevil: 1>",
        "authorization: Bearer <sk-secret>",
    ];
    assert_eq!(headers(&request), expected);
}

#[test]
fn every_option_has_its_member_and_extra_comes_last() {
    let extra = json!({"top_k": 4, "stream_options": {"x": 1}, "seed": 9});
    let options = Options {
        temperature: Some(0.5),
        top_p: Some(0.9),
        max_tokens: Some(7),
        stop: vec!["END".to_owned()],
        seed: Some(3),
        reasoning_effort: Some("low".to_owned()),
        extra: extra.as_object().cloned().expect("an object"),
    };
    let request = ChatRequest { stream: true, options, ..ChatRequest::default() };
    let plain = target(BASE, Auth::Bearer, "m", Quirks::default());
    let expected = r#"{"model":"m","messages":[],"stream":true,"stream_options":{"include_usage":true,"x":1},"max_tokens":7,"temperature":0.5,"top_p":0.9,"stop":["END"],"seed":9,"reasoning_effort":"low","top_k":4}"#;
    assert_eq!(text(&encode(&OpenAiChat, &plain, &request).body), expected);
}

#[test]
fn quirks_change_members_path_and_auth() {
    let quirks = Quirks {
        max_tokens_field: Some("max_completion_tokens".to_owned()),
        no_stream_options: true,
        path: Some("/deployments/{model}/chat/completions?api-version=1".to_owned()),
        ..Quirks::default()
    };
    let options = Options { max_tokens: Some(7), ..Options::default() };
    let request = ChatRequest { stream: true, options, ..ChatRequest::default() };
    let azure = target("https://r.example/openai/", Auth::Header("api-key".to_owned()), "a/b c", quirks);
    let request = encode(&OpenAiChat, &azure, &request);
    assert_eq!(request.url, "https://r.example/openai/deployments/a%2Fb%20c/chat/completions?api-version=1");
    let expected = r#"{"model":"a/b c","messages":[],"stream":true,"max_completion_tokens":7}"#;
    assert_eq!(text(&request.body), expected);
    assert!(headers(&request).contains(&"api-key: <sk-secret>".to_owned()));
    assert!(headers(&request).contains(&"accept: text/event-stream".to_owned()));
}

#[test]
fn case_45_parallel_calls_are_told_apart_however_they_are_indexed() {
    let two = vec![("a", Some("1"), "{\"x\":1}"), ("b", Some("2"), "{}")];
    let table: &[&[&str]] = &[
        // The plain format.
        &[
            r#"[{"index":0,"id":"1","function":{"name":"a","arguments":""}}]"#,
            r#"[{"index":0,"function":{"arguments":"{\"x\":"}}]"#,
            r#"[{"index":1,"id":"2","function":{"name":"b","arguments":"{}"}}]"#,
            r#"[{"index":0,"function":{"arguments":"1}"}}]"#,
        ],
        // The index repeats, the id tells.
        &[
            r#"[{"index":0,"id":"1","function":{"name":"a","arguments":"{\"x\":1}"}}]"#,
            r#"[{"index":0,"id":"2","function":{"name":"b","arguments":"{}"}}]"#,
        ],
        // No index; the id comes once, later as an empty text.
        &[
            r#"[{"id":"1","function":{"name":"a","arguments":"{\"x\""}}]"#,
            r#"[{"id":"","function":{"arguments":":1}"}}]"#,
            r#"[{"id":"2","function":{"name":"b","arguments":"{}"}}]"#,
        ],
        // Whole calls in one chunk without an index, one with an object for its arguments.
        &[
            r#"[{"id":"1","function":{"name":"a","arguments":{"x":1}}},{"id":"2","function":{"name":"b","arguments":"{}"}}]"#,
        ],
        // Id and name repeated with every piece.
        &[
            r#"[{"index":0,"id":"1","function":{"name":"a","arguments":"{\"x\""}}]"#,
            r#"[{"index":0,"id":"1","function":{"name":"a","arguments":":1}"}}]"#,
            r#"[{"index":1,"id":"2","function":{"name":"b","arguments":"{}"}}]"#,
        ],
    ];
    for lists in table {
        assert_eq!(calls(&tool_deltas(lists)), two, "{lists:?}");
    }
}

#[test]
fn calls_without_index_and_id_are_told_apart_by_their_names() {
    let reply = tool_deltas(&[
        r#"[{"function":{"name":"a","arguments":"{}"}},{"function":{"name":"a"}}]"#,
        r#"[{"function":{"arguments":"{\"y\":2}"}}]"#,
        r#"[{"function":{"name":"a","arguments":null}}]"#,
    ]);
    assert_eq!(calls(&reply), [("a", None, "{}"), ("a", None, "{\"y\":2}"), ("a", None, "")]);
}

#[test]
fn free_text_for_a_custom_tool_becomes_a_member() {
    let reply = tool_deltas(&[
        r#"[{"index":0,"id":"1","custom":{"name":"c","input":"say \"x"}}]"#,
        r#"[{"index":0,"custom":{"input":"\n\""}}]"#,
    ]);
    assert_eq!(calls(&reply), [("c", Some("1"), r#"{"input":"say \"x\n\""}"#)]);
}

#[test]
fn a_legacy_function_call_counts_and_an_empty_one_does_not() {
    let (reply, _) = whole(r#"{"choices":[{"message":{"content":"x","function_call":{"name":"","arguments":""}}}]}"#);
    assert_eq!(calls(&reply), []);
    let (reply, _) = read(&[
        &delta(r#"{"function_call":{"name":"f","arguments":"{"}}"#),
        &delta(r#"{"function_call":{"arguments":"}"}}"#),
        "[DONE]",
    ]);
    assert_eq!(calls(&reply), [("f", None, "{}")]);
}

#[test]
fn thinking_is_found_in_every_place_and_counted_once() {
    let table = [
        r#"{"reasoning_content":"hm"}"#,
        r#"{"reasoning":"hm","reasoning_content":null}"#,
        r#"{"reasoning":"hm","reasoning_details":[{"type":"reasoning.text","text":"hm"}]}"#,
        r#"{"reasoning_details":[{"type":"reasoning.summary","summary":"hm"},{"type":"reasoning.encrypted","data":"x"}]}"#,
        r#"{"content":[{"type":"thinking","thinking":[{"type":"text","text":"hm"}]}]}"#,
        r#"{"content":[{"type":"thinking","thinking":"hm"}]}"#,
    ];
    for piece in table {
        let (reply, _) = read(&[&delta(piece), "[DONE]"]);
        assert_eq!((reply.reasoning.as_str(), reply.text.as_str()), ("hm", ""), "{piece}");
    }
}

#[test]
fn case_46_the_last_usage_counts_wherever_it_stands() {
    let (reply, _) = read(&[
        r#"{"choices":[{"delta":{"content":"a"}}],"usage":{"prompt_tokens":5,"completion_tokens":1},"service_tier":"flex"}"#,
        r#"{"choices":[{"delta":{},"finish_reason":"stop"}]}"#,
        r#"{"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":9,"cost":0.00125,"prompt_tokens_details":{"cached_tokens":4,"audio_tokens":1}}}"#,
        r#"{"choices":[],"x_groq":{"usage":{"prompt_tokens":99}}}"#,
        "[DONE]",
    ]);
    let usage = reply.usage.expect("counted");
    assert_eq!((usage.input, usage.output, usage.cache_read, usage.audio_in), (Some(5), Some(9), Some(4), Some(1)));
    assert_eq!((usage.cost, usage.service_tier.as_deref()), (Usd::parse("0.00125"), Some("flex")));
    assert_eq!(usage.raw["cost"], json!(0.00125));
}

#[test]
fn costs_are_read_in_the_words_of_each_provider() {
    let table = [
        (json!({"cost": 0.000_328_7}), "0.0003287"),
        (json!({"cost": {"total_cost": 0.006, "request_cost": 0.005}}), "0.006"),
        (json!({"cost_in_usd_ticks": 37_756_000_u64}), "0.0037756"),
        (json!({"cost": 5e-5}), "0.00005"),
        (json!({"cost": 0.000_573_400_000_000_000_1}), "0.0005734"),
    ];
    for (usage, expected) in table {
        assert_eq!(super::usage::cost(&usage), Usd::parse(expected), "{usage}");
    }
    assert_eq!(super::usage::cost(&json!({"cost": null})), None);
}

#[test]
fn case_46_absent_negative_and_huge_counts_are_unknown() {
    let (reply, _) = read(&[r#"{"choices":[],"usage":{"prompt_tokens":-1,"completion_tokens":1.5e30}}"#, "[DONE]"]);
    assert_eq!(reply.usage, None);
}

#[test]
fn case_46_groq_usage_counts_when_there_is_no_other_and_xai_thinks_outside() {
    let quirks = Quirks { reasoning_outside_output: true, ..Quirks::default() };
    let chunk = r#"{"choices":[],"x_groq":{"usage":{"prompt_tokens":3,"completion_tokens":4}}}"#;
    let (reply, _) = stream_of(&OpenAiChat, quirks, &[chunk, "[DONE]"]);
    let usage = reply.usage.expect("counted");
    assert_eq!((usage.input, usage.output, usage.counting.reasoning_outside_output), (Some(3), Some(4), true));
}

#[test]
fn an_end_needs_a_marker_or_a_reason() {
    let text = delta(r#"{"content":"a"}"#);
    let stop = r#"{"choices":[{"delta":{},"finish_reason":"stop"}]}"#;
    assert_eq!(read(&[&text]).1.expect_err("cut").class, FailureClass::IncompleteStream);
    assert_eq!(read(&[&text, stop]).1, Ok(()));
    assert_eq!(read(&[&text, "[DONE]"]).1, Ok(()));
    let (reply, result) = read(&[&text, "[DONE]", "garbage", &text]);
    assert_eq!((reply.text.as_str(), result), ("a", Ok(())));
}

#[test]
fn an_error_inside_a_stream_keeps_what_came_before() {
    let (reply, result) =
        read(&[&delta(r#"{"content":"a"}"#), r#"{"error":{"code":502,"message":"upstream"},"choices":[]}"#]);
    let failure = result.expect_err("an error event");
    assert_eq!(reply.text, "a");
    assert_eq!((failure.class, failure.status, failure.maybe_billed), (FailureClass::ServerError, None, true));
    assert_eq!((failure.code.as_deref(), failure.message.as_deref()), (Some("502"), Some("upstream")));
}

#[test]
fn an_event_named_error_is_an_error_in_any_shape() {
    let body = "event: error\ndata: {\"message\":\"prompt is too long\"}\n\n";
    let failure = whole(body).1.expect_err("an error event");
    assert_eq!(failure.class, FailureClass::ContextWindow);
}

#[test]
fn a_finish_that_is_a_failure_is_not_a_stop() {
    let (reply, _) =
        whole(r#"{"choices":[{"message":{"content":"a"},"finish_reason":"error","native_finish_reason":"x"}]}"#);
    let finish = reply.finish.expect("finished");
    assert_eq!((finish.reason, finish.detail.as_deref()), (FinishReason::Error, Some("x")));
}

#[test]
fn half_an_emoji_does_not_spoil_an_answer() {
    let (reply, result) = read(&[&delta(r#"{"content":"a\ud83d"}"#), "[DONE]"]);
    assert_eq!((reply.text.as_str(), result), ("a\u{FFFD}", Ok(())));
}

#[test]
fn what_is_no_reply_is_a_protocol_failure() {
    let deep = format!("{{\"usage\":{}", "[".repeat(200_000));
    for body in ["{\"a\":1}", "data: {oops}\n\n", "<html>Bad gateway</html>", "not json", &deep] {
        assert_eq!(
            whole(body).1.expect_err("no reply").class,
            FailureClass::Protocol,
            "{}",
            &body[..body.len().min(30)]
        );
    }
}

#[test]
fn only_the_first_choice_counts() {
    let (reply, _) = read(&[
        r#"{"choices":[{"index":1,"delta":{"content":"no"}}]}"#,
        r#"{"choices":[{"index":0,"delta":{"content":"yes"}},{"index":1,"delta":{"content":"no"}}]}"#,
        "[DONE]",
    ]);
    assert_eq!(reply.text, "yes");
}

#[test]
fn sources_are_told_once_however_often_they_are_repeated() {
    let results = r#""citations":["https://a"],"search_results":[{"url":"https://a","title":"A"}]"#;
    let chunk = |more: &str| format!(r#"{{{results}{more},"choices":[{{"delta":{{"content":"a"}}}}]}}"#);
    let (reply, _) = read(&[&chunk(""), &chunk(""), "[DONE]"]);
    assert_eq!(reply.citations, [json!({"url": "https://a", "title": "A"})]);
    let (reply, _) = read(&[r#"{"citations":["https://a","https://b"],"choices":[]}"#, "[DONE]"]);
    assert_eq!(reply.citations, [json!("https://a"), json!("https://b")]);
    let annotation = r#"{"annotations":[{"type":"url_citation","url_citation":{"url":"https://a"}}]}"#;
    let (reply, _) = read(&[&delta(annotation), "[DONE]"]);
    assert_eq!(reply.citations[0]["url_citation"]["url"], "https://a");
}

#[test]
fn log_probabilities_are_kept_as_they_came() {
    let choice = r#"{"delta":{"content":"a"},"logprobs":{"content":[{"token":"a","logprob":-0.1}]}}"#;
    let (reply, _) = read(&[&format!(r#"{{"choices":[{choice}]}}"#), r#"{"choices":[{"logprobs":null}]}"#, "[DONE]"]);
    assert_eq!(reply.logprobs, [json!({"content": [{"token": "a", "logprob": -0.1}]})]);
}

#[test]
fn cached_tokens_are_read_by_claudes_name_too() {
    let usage = r#"{"choices":[],"usage":{"prompt_tokens":9,"cache_read_input_tokens":4}}"#;
    let (reply, _) = read(&[usage, "[DONE]"]);
    assert_eq!(reply.usage.expect("counted").cache_read, Some(4));
}
