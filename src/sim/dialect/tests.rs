//! The order of events as recorded, format by format.

use serde_json::json;

use super::*;

fn spoken() -> Spoken {
    let words = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    let call = Call { number: 7, name: "f".to_owned(), arguments: json!({"a": 1}), pieces: words(&["{\"a\":", "1}"]) };
    let (thinking, text) = (words(&["Hm", "."]), words(&["Well", " then"]));
    Spoken { number: 1, thinking, shows_thinking: true, text, calls: vec![call], end: End::Calls }
}

fn events(wire: &str, spoken: &Spoken) -> Vec<Event> {
    let ask = Ask { model: "m".to_owned(), stream: true, input: 3, ..Ask::default() };
    let Stream { before, tokens, after } = dialect(wire).expect("a format").stream(&ask, spoken);
    assert_eq!(tokens.len(), spoken.output(), "{wire}: one entry for each token");
    before.into_iter().chain(tokens.into_iter().flatten()).chain(after).collect()
}

/// The names of the events, repeated ones once.
fn names(wire: &str) -> Vec<String> {
    let mut names: Vec<String> = events(wire, &spoken()).into_iter().map(|event| event.name.to_owned()).collect();
    names.dedup();
    names
}

fn data(event: &Event) -> Value {
    serde_json::from_str(&event.data).expect("JSON")
}

#[test]
fn responses_open_and_close_their_items_and_number_their_events() {
    let item = ["output_item.added", "output_item.done"];
    let summary = ["reasoning_summary_part.added", "reasoning_summary_text.delta", "reasoning_summary_text.done"];
    let text = ["content_part.added", "output_text.delta", "output_text.done", "content_part.done"];
    let call = ["function_call_arguments.delta", "function_call_arguments.done"];
    let expected = [
        &["created", "in_progress", item[0]],
        &summary[..],
        &["reasoning_summary_part.done", item[1], item[0]],
        &text,
        &[item[1], item[0]],
        &call,
        &[item[1], "completed"],
    ];
    let expected: Vec<String> = expected.concat().iter().map(|name| format!("response.{name}")).collect();
    assert_eq!(names("openai-responses"), expected);
    let events = events("openai-responses", &spoken());
    for (number, event) in events.iter().enumerate() {
        assert_eq!((&data(event)["sequence_number"], &data(event)["type"]), (&json!(number), &json!(event.name)));
    }
    let output = &data(events.last().expect("an event"))["response"]["output"];
    let types: Vec<&str> = output.as_array().into_iter().flatten().filter_map(|item| item["type"].as_str()).collect();
    assert_eq!(types, ["reasoning", "message", "function_call"]);
}

#[test]
fn bedrock_opens_blocks_for_tools_alone_and_tells_usage_after_the_end() {
    let expected = [
        &["messageStart", "contentBlockDelta", "contentBlockStop", "contentBlockDelta", "contentBlockStop"][..],
        &["contentBlockStart", "contentBlockDelta", "contentBlockStop", "messageStop", "metadata"],
    ];
    assert_eq!(names("bedrock-converse"), expected.concat());
    let last = data(events("bedrock-converse", &spoken()).last().expect("an event"));
    assert_eq!((&last["usage"]["inputTokens"], &last["usage"]["outputTokens"]), (&json!(3), &json!(6)));
    assert!(last["p"].is_string(), "recorded events are padded");
}

#[test]
fn cohere_ends_with_its_usage_and_then_done() {
    let expected = [
        &["message-start", "content-start", "content-delta", "content-end"][..],
        &["content-start", "content-delta", "content-end"],
        &["tool-call-start", "tool-call-delta", "tool-call-end", "message-end", ""],
    ];
    assert_eq!(names("cohere-v2-chat"), expected.concat());
    let events = events("cohere-v2-chat", &spoken());
    assert_eq!(events.last().map(|event| event.data.as_str()), Some("[DONE]"));
    let end = data(&events[events.len() - 2]);
    assert_eq!(
        (&end["delta"]["finish_reason"], &end["delta"]["usage"]["tokens"]["output_tokens"]),
        (&json!("TOOL_CALL"), &json!(6))
    );
}

#[test]
fn ollama_gives_arguments_as_an_object_and_counts_in_its_last_line() {
    let events = events("ollama-chat", &spoken());
    let [.., call, last] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!(data(call)["message"]["tool_calls"][0]["function"]["arguments"], json!({"a": 1}));
    assert_eq!((&data(last)["done"], &data(last)["eval_count"]), (&json!(true), &json!(6)));
    assert_eq!(data(&events[0])["message"]["thinking"], "Hm");
}

#[test]
fn plain_streams_end_as_recorded() {
    let plain = Spoken { thinking: Vec::new(), calls: Vec::new(), end: End::Stop, ..spoken() };
    let last = |wire: &str| events(wire, &plain).pop().expect("an event");
    assert_eq!(last("cloudflare-run").data, "[DONE]");
    assert_eq!((last("replicate").name, last("replicate").data.as_str()), ("done", "{}"));
    assert_eq!(data(&last("hf-text-generation"))["generated_text"], "Well then");
}

#[test]
fn an_answer_in_one_piece_holds_thinking_text_and_calls() {
    let ask = Ask { model: "m".to_owned(), ..Ask::default() };
    for (wire, places) in [
        ("openai-responses", ["/output/0/summary/0/text", "/output/1/content/0/text", "/output/2/name"]),
        ("anthropic", ["/content/0/thinking", "/content/1/text", "/content/2/name"]),
        (
            "bedrock-converse",
            [
                "/output/message/content/0/reasoningContent/reasoningText/text",
                "/output/message/content/1/text",
                "/output/message/content/2/toolUse/name",
            ],
        ),
        (
            "cohere-v2-chat",
            ["/message/content/0/thinking", "/message/content/1/text", "/message/tool_calls/0/function/name"],
        ),
        ("ollama-chat", ["/message/thinking", "/message/content", "/message/tool_calls/0/function/name"]),
    ] {
        let whole = dialect(wire).expect("a format").whole(&ask, &spoken());
        let found = places.map(|place| whole.pointer(place).and_then(Value::as_str).unwrap_or_default().to_owned());
        assert_eq!(found, ["Hm.", "Well then", "f"], "{wire}: {whole}");
    }
}
