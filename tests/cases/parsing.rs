//! Cases 43 to 47 over whole decoders: what is read is the same however it is cut and framed.

use llmx::chat::{Event, Reply};
use llmx::failure::{Failure, FailureClass};
use llmx::wire::{ResponseHead, codec};
use serde_json::json;

use super::{corp, told};
use crate::support::{Answering, Llmx};
use crate::wire::plain_target;

/// What a format reads from these pieces of a stream.
fn read(wire: &str, pieces: &[&[u8]]) -> (Reply, Result<(), Failure>) {
    let headers = vec![("content-type".to_owned(), "text/event-stream".to_owned())];
    let mut decoder =
        codec(wire).expect("a codec").decoder(&plain_target(wire), &ResponseHead { status: 200, headers });
    let mut events: Vec<Event> = Vec::new();
    let pushed = pieces.iter().try_for_each(|piece| decoder.push(piece, &mut events));
    let result = pushed.and_then(|()| decoder.finish(&mut events));
    let mut reply = Reply::default();
    for event in &events {
        reply.apply(event);
    }
    (reply, result)
}

/// A stream with every oddity of framing, and the text in it.
fn oddly_framed(end: &str) -> String {
    let delta = |text: &str| format!("{{\"choices\":[{{\"delta\":{{\"content\":\"{text}\"}}}}]}}");
    let over_lines = "data: {\"choices\":\ndata: [{\"delta\":{\"content\":\"drei \"}}]}\n\n";
    let events = [
        format!("\u{FEFF}: OPENROUTER PROCESSING\n\ndata: {}\r\n\r\n", delta("Größe ")),
        format!("id: 7\nretry: 100\ndata:{}\n\n: keep-alive\n\n", delta("日本 ")),
        over_lines.to_owned(),
        format!("event: message\rdata: {}\r\r", delta("🙂")),
        "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n".to_owned(),
    ];
    events.concat() + end
}

#[test]
fn case_43_however_a_stream_is_framed_and_cut_its_text_is_the_same() {
    for end in ["", "data: [DONE]\n\n", "data: [DONE]\n\ndata: {oops\n\n<html>"] {
        let stream = oddly_framed(end);
        let bytes = stream.as_bytes();
        let same = |pieces: &[&[u8]], place: &str| {
            let (reply, result) = read("openai-chat", pieces);
            assert_eq!((reply.text.as_str(), result), ("Größe 日本 drei 🙂", Ok(())), "{end:?} {place}");
        };
        for at in 0..=bytes.len() {
            same(&[&bytes[..at], &bytes[at..]], &format!("cut at {at}"));
        }
        same(&bytes.chunks(1).collect::<Vec<_>>(), "byte by byte");
    }
}

#[test]
fn case_45_calls_of_one_turn_stay_apart_in_every_format() {
    let streams = [
        (
            "openai-chat",
            "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"id\":\"a\",\"function\":{\"name\":\"f\",\"arguments\":\"{\\\"x\\\":1}\"}},\
             {\"id\":\"b\",\"function\":{\"name\":\"f\",\"arguments\":\"{\\\"x\\\":2}\"}}]}}]}\n\ndata: [DONE]\n\n",
        ),
        (
            "gemini",
            "data: {\"candidates\":[{\"content\":{\"parts\":[{\"functionCall\":{\"name\":\"f\",\"args\":{\"x\":1}}},\
             {\"functionCall\":{\"name\":\"f\",\"args\":{\"x\":2}}}]},\"finishReason\":\"STOP\"}]}\n\n",
        ),
        (
            "ollama-chat",
            "{\"message\":{\"content\":\"\",\"tool_calls\":[{\"function\":{\"name\":\"f\",\"arguments\":{\"x\":1}}}]},\"done\":false}\n\
             {\"message\":{\"content\":\"\",\"tool_calls\":[{\"function\":{\"name\":\"f\",\"arguments\":{\"x\":2}}}]},\"done\":true,\"done_reason\":\"stop\"}\n",
        ),
    ];
    for (wire, stream) in streams {
        let (reply, result) = read(wire, &[stream.as_bytes()]);
        let arguments: Vec<_> = reply.tool_calls.iter().map(|call| call.parsed().expect("JSON")).collect();
        assert_eq!((arguments, result), (vec![json!({"x": 1}), json!({"x": 2})], Ok(())), "{wire}");
    }
}

#[test]
fn case_46_tokens_that_nobody_counted_are_unknown_and_not_0() {
    let choice = json!({"index": 0, "message": {"role": "assistant", "content": "hi"}, "finish_reason": "stop"});
    let server = Answering::start(move |_, _| (200, json!({"model": "m", "choices": [choice]})));
    let run = || Llmx::new().config(&corp(&server, 1)).args(["complete", "hi"]);
    let (code, object) = told(run());
    assert_eq!((code, &object["usage"], &object["cost"]["usd"]), (0, &json!(null), &json!(null)));
    let said = run().arg("-u").run().expect_code(0).stderr;
    assert!(said.contains("tokens unknown") && said.contains("cost unknown"), "{said}");
}

#[test]
fn case_47_an_error_line_in_the_middle_is_trouble_of_the_server() {
    let line =
        "{\"message\":{\"content\":\"Hi\"},\"done\":false}\n{\"error\":\"llama runner process has terminated\"}\n";
    let (reply, result) = read("ollama-chat", &[line.as_bytes()]);
    let failure = result.expect_err("an error");
    assert_eq!((failure.class, reply.text.as_str()), (FailureClass::ServerError, "Hi"));
    assert_eq!(failure.message.as_deref(), Some("llama runner process has terminated"));
}
