use super::*;
use crate::chat::{FinishReason, Message, Reply, Role};
use crate::failure::FailureClass;
use crate::provider::{Auth, Quirks};
use crate::wire::testing::{conversation, target};

const URLS: &str = r#""urls":{"get":"https://r/p/1","cancel":"https://r/p/1/cancel","stream":"https://s/1"}"#;
const NO_STREAM: &str = r#""urls":{"get":"https://r/p/1","cancel":"https://r/p/1/cancel"}"#;

/// A decoder with what it has read.
struct Read {
    decoder: Box<dyn Decoder + Send>,
    reply: Reply,
}

impl Read {
    fn new() -> Self {
        let target = target("https://r", Auth::Bearer, "o/n", Quirks::default());
        Self { decoder: Replicate.decoder(&target, &ResponseHead::default()), reply: Reply::default() }
    }

    /// Takes a whole response, byte by byte.
    fn take(&mut self, body: &str) -> Result<(), Failure> {
        let mut events = Vec::new();
        let result = body.as_bytes().chunks(1).try_for_each(|byte| self.decoder.push(byte, &mut events));
        let result = result.and_then(|()| self.decoder.finish(&mut events));
        for event in &events {
            self.reply.apply(event);
        }
        result
    }

    fn next(&mut self) -> Option<(String, Duration, bool)> {
        self.decoder.follow().map(|next| (next.request.url, next.after, next.optional))
    }

    fn cancel(&self) -> Option<String> {
        self.decoder.cancel().map(|request| format!("{} {}", request.method, request.url))
    }
}

fn prediction(status: &str, rest: &str) -> String {
    format!("{{\"id\":\"1\",\"model\":\"o/n\",\"status\":\"{status}\",{rest}}}")
}

#[test]
fn a_model_is_named_by_its_owner_a_version_or_a_deployment() {
    for (model, path, version) in [
        ("meta/llama-3", "/v1/models/meta/llama-3/predictions", None),
        ("meta/llama-3:abc", "/v1/predictions", Some("abc")),
        ("abc", "/v1/predictions", Some("abc")),
        ("deployments/me/mine", "/v1/deployments/me/mine/predictions", None),
    ] {
        for base in ["https://api.replicate.com", "https://api.replicate.com/v1"] {
            let encoded = Replicate.encode(&target(base, Auth::Bearer, model, Quirks::default()), &conversation());
            assert_eq!(encoded.url, format!("https://api.replicate.com{path}"), "{model}");
            assert_eq!(encoded.body.get("version").and_then(Value::as_str), version, "{model}");
        }
    }
}

#[test]
fn turns_become_one_prompt_and_inputs_can_be_added() {
    let mut request = ChatRequest { stream: true, ..conversation() };
    request.options.max_tokens = Some(7);
    request.options.extra =
        json!({"top_k": 3, "input": {"min_p": 0.5}, "webhook": "https://h"}).as_object().cloned().unwrap_or_default();
    let quirks = Quirks { max_tokens_field: Some("max_new_tokens".to_owned()), ..Quirks::default() };
    let body = Replicate.encode(&target("https://r", Auth::Bearer, "o/n", quirks), &request).body;
    let prompt = "User: Hi\n\nAssistant: Hello\n\nUser: Ünï?\n\nAssistant:";
    let input = json!({"prompt": prompt, "system_prompt": "Be brief.", "max_new_tokens": 7, "top_k": 3, "min_p": 0.5});
    assert_eq!(body, json!({"input": input, "stream": true, "webhook": "https://h"}));
    let one = ChatRequest { messages: vec![Message::text(Role::User, "Hi")], ..ChatRequest::default() };
    let body = Replicate.encode(&target("https://r", Auth::Bearer, "o/n", Quirks::default()), &one).body;
    assert_eq!(body, json!({"input": {"prompt": "Hi"}}));
}

#[test]
fn a_stream_is_followed_with_its_blanks_and_its_counts_are_asked_for() {
    let mut read = Read::new();
    assert_eq!(read.take(&prediction("starting", URLS)), Ok(()));
    assert_eq!(read.cancel().as_deref(), Some("POST https://r/p/1/cancel"));
    assert_eq!(read.next(), Some(("https://s/1".to_owned(), Duration::ZERO, false)));
    let stream = ": hi\n\nevent: output\ndata: Hi\n\nevent: output\ndata:  \n\nevent: output\ndata: you\n\n\
                  event: output\ndata:\ndata:\n\nevent: done\ndata: {}\n\n";
    assert_eq!(read.take(stream), Ok(()));
    assert_eq!((read.reply.text.as_str(), read.cancel()), ("Hi you\n", None));
    assert_eq!(read.next(), Some(("https://r/p/1".to_owned(), Duration::ZERO, true)));
    let metrics = r#""output":["Hi"," ","you"],"metrics":{"input_token_count":3,"output_token_count":4}"#;
    assert_eq!(read.take(&prediction("succeeded", metrics)), Ok(()));
    assert_eq!((read.next(), read.reply.text.as_str()), (None, "Hi you\n"));
    let usage = read.reply.usage.expect("counted");
    assert_eq!((usage.input, usage.output), (Some(3), Some(4)));
    assert_eq!(read.reply.finish.map(|finish| finish.reason), Some(FinishReason::Stop));
}

#[test]
fn what_the_first_answer_brought_is_not_told_twice_when_a_stream_follows() {
    let mut read = Read::new();
    assert_eq!(read.take(&prediction("processing", &format!("{URLS},\"output\":[\"Hel\"]"))), Ok(()));
    assert_eq!(read.next(), Some(("https://s/1".to_owned(), Duration::ZERO, false)));
    assert_eq!(read.take("event: output\ndata: Hel\n\nevent: output\ndata: lo\n\nevent: done\ndata: {}\n\n"), Ok(()));
    assert_eq!(read.reply.text, "Hello");
    let mut read = Read::new();
    assert_eq!(read.take(&prediction("succeeded", &format!("{URLS},\"output\":[\"Hello\"]"))), Ok(()));
    assert_eq!((read.next(), read.reply.text.as_str()), (None, "Hello"), "it has ended, so no stream follows");
}

#[test]
fn without_a_stream_the_prediction_is_asked_for_in_growing_waits() {
    let mut read = Read::new();
    assert_eq!(read.take(&prediction("starting", NO_STREAM)), Ok(()));
    let mut waits = Vec::new();
    for output in ["null", "[\"a\"]", "[\"a\"]", "[\"a\",\"é\"]", "[\"a\",\"é\"]", "[\"a\",\"é\",\"c\"]"] {
        waits.push(read.next().expect("one more").1.as_millis());
        assert_eq!(read.take(&prediction("processing", &format!("\"output\":{output}"))), Ok(()));
        assert!(read.cancel().is_some());
    }
    assert_eq!(waits, [250, 500, 1000, 2000, 4000, 4000]);
    assert!(read.next().is_some());
    assert_eq!(read.take(&prediction("succeeded", "\"output\":\"aécd\"")), Ok(()));
    assert_eq!((read.next(), read.cancel(), read.reply.text.as_str()), (None, None, "aécd"));
}

#[test]
fn a_prediction_that_failed_or_was_stopped_is_no_answer() {
    let mut read = Read::new();
    let failure = read.take(&prediction("failed", "\"error\":\"CUDA out of memory\"")).expect_err("failed");
    assert_eq!((failure.class, failure.message.as_deref()), (FailureClass::ServerError, Some("CUDA out of memory")));
    assert_eq!((read.next(), read.cancel()), (None, None));
    for (end, reason) in [
        ("event: done\ndata: {\"reason\":\"canceled\"}\n\n", "canceled"),
        ("event: done\ndata: {\"reason\":\"error\"}\n\n", "error"),
    ] {
        let mut read = Read::new();
        assert_eq!(read.take(&prediction("starting", URLS)), Ok(()));
        assert!(read.next().is_some());
        assert_eq!(read.take(end), Ok(()));
        let finish = read.reply.finish.clone().expect("a reason");
        assert_eq!((finish.reason, finish.raw.as_str()), (FinishReason::Error, reason));
        assert_eq!((read.next(), read.cancel()), (None, None));
    }
}

#[test]
fn a_stream_that_breaks_is_completed_by_the_prediction_itself() {
    let broken = || {
        let mut read = Read::new();
        assert_eq!(read.take(&prediction("processing", URLS)), Ok(()));
        assert!(read.next().is_some());
        assert!(read.take("event: output\ndata: Blue\n\n").is_err());
        assert!(read.decoder.recover() && read.cancel().is_some());
        assert_eq!(read.next().map(|next| next.0).as_deref(), Some("https://r/p/1"));
        read
    };
    let mut read = broken();
    assert_eq!(read.take(&prediction("processing", &format!("{URLS},\"output\":[\"Blue\"]"))), Ok(()));
    assert_eq!(read.next().map(|next| next.0).as_deref(), Some("https://r/p/1"), "its stream is not asked again");
    assert_eq!(read.take(&prediction("succeeded", "\"output\":[\"Blue\",\" light\"]")), Ok(()));
    assert_eq!((read.next(), read.reply.text.as_str()), (None, "Blue light"));
    for other in ["\"output\":[\"Red\"]", "\"output\":null"] {
        let mut read = broken();
        let class = read.take(&prediction("succeeded", other)).map_err(|failure| failure.class);
        assert_eq!((class, read.reply.text.as_str()), (Err(FailureClass::IncompleteStream), "Blue"), "{other}");
    }
}

#[test]
fn a_stream_that_breaks_or_tells_an_error_is_a_failure() {
    for (body, class, runs) in [
        ("event: output\ndata: Hi\n\n", FailureClass::IncompleteStream, true),
        ("event: error\ndata: model crashed\n\n", FailureClass::ServerError, false),
        ("event: error\ndata: {\"detail\":\"model crashed\"}\n\n", FailureClass::ServerError, false),
    ] {
        let mut read = Read::new();
        assert_eq!(read.take(&prediction("starting", URLS)), Ok(()));
        assert!(read.next().is_some());
        assert_eq!(read.take(body).map_err(|failure| failure.class), Err(class), "{body}");
        assert_eq!(read.cancel().is_some(), runs, "{body}");
    }
}
