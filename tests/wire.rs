//! Recorded provider traffic, replayed: what is read is what the recording says must be read, however the bytes are cut,
//! and what llmx would have sent is what was sent ([`requests`]).
//!
//! The recordings are a directory beside the repository, or the one that `LLMX_RECORDINGS` names. Without one there is
//! nothing to replay, and the tests say so.

mod embeddings;
mod models;
mod recording;
mod requests;
mod rows;

use std::collections::BTreeMap;
use std::sync::Arc;

use llmx::chat::{Event, Reply, ToolCall, Usage};
use llmx::failure::{Failure, FailureClass};
use llmx::provider::{KeyState, Row, Target, TargetId};
use llmx::wire::{CODECS, Codec, ResponseHead, codec};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use recording::Recording;
use requests::leaf_differences;

/// Bodies up to this size are cut at every byte, larger ones at [`POSITIONS`] places.
const SMALL: usize = 6 * 1024;
const POSITIONS: usize = 200;

/// A recording with the codec that reads it.
struct Replay {
    recording: Recording,
    codec: &'static dyn Codec,
    target: Target,
}

/// What a decoder made of a response.
#[derive(Debug, PartialEq)]
struct Decoded {
    events: Vec<Event>,
    failure: Option<Failure>,
}

impl Replay {
    fn decode<'a>(&self, chunks: impl IntoIterator<Item = &'a [u8]>) -> Decoded {
        let mut decoder = self.codec.decoder(&self.target, &self.recording.head);
        let mut events = Vec::new();
        let mut result = Ok(());
        for chunk in chunks {
            result = decoder.push(chunk, &mut events);
            if result.is_err() || decoder.is_done() {
                break;
            }
        }
        let failure = result.and_then(|()| decoder.finish(&mut events)).err();
        Decoded { events, failure }
    }

    fn cut_everywhere(&self) {
        let whole = self.whole();
        let events = joined(&whole.events);
        let same = |decoded: &Decoded| decoded.failure == whole.failure && joined(&decoded.events) == events;
        let body = self.recording.body.as_slice();
        let step = if body.len() <= SMALL { 1 } else { body.len().div_ceil(POSITIONS) };
        for at in (0..body.len()).step_by(step) {
            let decoded = self.decode([&body[..at], &body[at..]]);
            assert!(same(&decoded), "{} cut at {at} reads {decoded:?} instead of {whole:?}", self.recording.name);
        }
        assert!(same(&self.decode(body.chunks(1))), "{} byte by byte", self.recording.name);
    }

    fn whole(&self) -> Decoded {
        if (200..300).contains(&self.recording.head.status) {
            return self.decode([self.recording.body.as_slice()]);
        }
        let failure = self.codec.failure(&self.target, &self.recording.head, &self.recording.body);
        Decoded { events: Vec::new(), failure: Some(failure) }
    }
}

/// What was read, in the words of a recording's `expect`.
fn read(decoded: &Decoded) -> Value {
    let mut reply = Reply::default();
    decoded.events.iter().for_each(|event| reply.apply(event));
    let usage = reply.usage.clone().unwrap_or_default();
    let filled = |text: &str| if text.is_empty() { Value::Null } else { json!(text) };
    json!({
        "text": reply.text,
        "tool_calls": reply.tool_calls.iter().map(tool_call).collect::<Value>(),
        "finish_reason": reply.finish.as_ref().map(|finish| finish.raw.clone()),
        "finish_detail": reply.finish.as_ref().and_then(|finish| finish.detail.clone()),
        "usage": usage_numbers(&usage),
        "reasoning_text": filled(&reply.reasoning),
        "refusal": filled(&reply.refusal),
        "error": decoded.failure.as_ref().map(error),
        "model": reply.model,
    })
}

fn usage_numbers(usage: &Usage) -> Value {
    json!({
        "input": usage.input,
        "output": usage.output,
        "cached_input": usage.cache_read,
        "cache_write": usage.cache_write,
        "reasoning": usage.reasoning,
    })
}

fn tool_call(call: &ToolCall) -> Value {
    let mut members = Map::new();
    members.insert("id".to_owned(), json!(call.id));
    members.insert("name".to_owned(), json!(call.name));
    members.insert("arguments".to_owned(), json!(call.parsed()));
    if call.parsed().is_none() {
        members.insert("arguments_raw".to_owned(), json!(call.arguments));
    }
    Value::Object(members)
}

fn error(failure: &Failure) -> Value {
    let message = failure.message.as_deref().map(str::trim);
    json!({"status": failure.status, "type": failure.kind, "code": failure.code, "message": message})
}

/// The recorded error in the terms of [`error`].
fn expected_error(recording: &Recording) -> Value {
    let mut error = recording.expect["error"].clone();
    if !error.is_null() {
        digits(&mut error["code"]);
        // Blanks at the ends of a message say nothing.
        if let Some(message) = error["message"].as_str().map(|message| message.trim().to_owned()) {
            error["message"] = json!(message);
        }
        if error["status"] == 200 {
            error["status"] = Value::Null;
        }
    }
    error
}

/// The recording's `expect` in the terms of [`read`]: digits for numbers, no status for an error under 200.
fn expected(recording: &Recording) -> Value {
    let mut expect = recording.expect.clone();
    let Some(members) = expect.as_object_mut() else { return expect };
    let known = read(&Decoded { events: Vec::new(), failure: None });
    members.retain(|name, _| known.get(name).is_some());
    if members["text"].is_null() {
        members["text"] = json!("");
    }
    empty_is_none(&mut members["model"]);
    for call in members["tool_calls"].as_array_mut().into_iter().flatten() {
        empty_is_none(&mut call["id"]);
    }
    digits(&mut members["finish_reason"]);
    members["error"] = expected_error(recording);
    expect
}

/// An id or a model named `""` names nothing; llmx says so.
fn empty_is_none(value: &mut Value) {
    if value == "" {
        *value = Value::Null;
    }
}

fn digits(value: &mut Value) {
    if value.is_number() {
        *value = json!(value.to_string());
    }
}

/// Every member in which the two differ.
fn differences(read: &Value, expected: &Value) -> Vec<String> {
    let members = expected.as_object().expect("an object");
    let differ = members.iter().filter(|(name, value)| !same(name, &read[name.as_str()], value));
    differ.map(|(name, value)| format!("{name}: expected {value}, read {}", read[name.as_str()])).collect()
}

fn same(name: &str, read: &Value, expected: &Value) -> bool {
    // A blocked prompt has no finish reason; its `Finish` has no word either.
    read == expected || (name == "finish_reason" && expected.is_null() && read == "")
}

/// Pieces of the same sort side by side count as one: where a chunk ends is not part of what was said.
fn joined(events: &[Event]) -> Vec<Event> {
    let mut joined: Vec<Event> = Vec::new();
    for event in events {
        match (joined.last_mut(), event) {
            (Some(Event::Text(known)), Event::Text(piece))
            | (Some(Event::Reasoning(known)), Event::Reasoning(piece))
            | (Some(Event::Refusal(known)), Event::Refusal(piece)) => known.push_str(piece),
            _ => joined.push(event.clone()),
        }
    }
    joined
}

/// All recordings with a codec, at least one of each format among those that are known; nothing without a directory.
fn all() -> Vec<Replay> {
    let replay = |recording: Recording| {
        let codec = codec(recording.codec()?)?;
        Some(Replay { target: recording.target(), codec, recording })
    };
    let all: Vec<Replay> = recording::all().into_iter().filter_map(replay).collect();
    let mut counts: BTreeMap<&str, usize> = CODECS.iter().map(|codec| (codec.name(), 0)).collect();
    for replay in &all {
        *counts.entry(replay.codec.name()).or_default() += 1;
    }
    let some_of_each = counts.values().all(|count| *count > 0);
    assert!(all.is_empty() || some_of_each || !recording::made_with_these(), "a format has no recordings: {counts:?}");
    all
}

#[test]
fn every_recording_reads_as_it_must() {
    let wrong: Vec<String> = all()
        .iter()
        .flat_map(|replay| {
            let differences = differences(&read(&replay.whole()), &expected(&replay.recording));
            let name = &replay.recording.name;
            differences.into_iter().map(|difference| format!("{name}: {difference}")).collect::<Vec<_>>()
        })
        .collect();
    assert!(wrong.is_empty(), "{} differences:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_recording_reads_the_same_however_it_is_cut() {
    let all = all();
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for worker in 0..workers {
            let mine = all.iter().skip(worker).step_by(workers);
            scope.spawn(|| mine.filter(|replay| replay.recording.head.status == 200).for_each(Replay::cut_everywhere));
        }
    });
}

#[test]
fn a_stream_cut_off_before_its_end_is_never_a_success() {
    for replay in all().iter().filter(|replay| replay.recording.head.status == 200) {
        let (body, whole) = (&replay.recording.body, replay.whole());
        let finishes = |event: &Event| matches!(event, Event::Finished(_));
        if whole.failure.is_some() || !whole.events.iter().any(finishes) {
            continue;
        }
        for at in (0..body.len()).step_by(body.len().div_ceil(20)) {
            let cut = replay.decode([&body[..at]]);
            let class = cut.failure.as_ref().map(|failure| failure.class);
            let whole_answer = class.is_none() && cut.events.iter().any(finishes);
            assert!(
                class == Some(FailureClass::IncompleteStream) || whole_answer,
                "{} cut off at {at}: {class:?}",
                replay.recording.name
            );
        }
    }
}

proptest! {
    #[test]
    fn no_bytes_make_a_decoder_panic(
        chunks in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 0..5),
        pieces in prop::collection::vec(PIECES, 0..30),
        stream in any::<bool>(),
    ) {
        let content_type = if stream { "text/event-stream" } else { "application/json" };
        let headers = vec![("content-type".to_owned(), content_type.to_owned())];
        let head = ResponseHead { status: 200, headers };
        let text: Vec<Vec<u8>> = pieces.iter().map(|piece| piece.as_bytes().to_vec()).collect();
        for codec in CODECS {
            let target = plain_target(codec.name());
            for chunks in [&chunks, &text] {
                let mut decoder = codec.decoder(&target, &head);
                let mut events = Vec::new();
                let pushed = chunks.iter().try_for_each(|chunk| decoder.push(chunk, &mut events));
                let _ = pushed.and_then(|()| decoder.finish(&mut events));
                codec.failure(&target, &ResponseHead { status: 400, ..head.clone() }, &chunks.concat());
            }
        }
    }
}

/// A target of no provider that was recorded.
pub fn plain_target(wire: &str) -> Target {
    let row =
        Row { wire: Some(wire.to_owned()), base_url: Some("https://api.example/v1".to_owned()), ..Row::default() };
    let row = row.into_provider("x", &|_| None).expect("a provider");
    Target {
        id: TargetId::new("x", "model"),
        provider: Arc::new(row),
        model: None,
        key: KeyState::NotNeeded,
        keys: Vec::new(),
    }
}

/// Scraps of the formats, to be put together at random.
const PIECES: &str = r#"data: |\n|\n\n|\{|\}|\[|\]|,|"choices":\[\{"delta":\{|"tool_calls":\[\{"index":0,"function":\{"arguments":"a"\}\}\]|"content":"é"|\}\}\]|"usage":\{"prompt_tokens":-1\}|"type":"content_block_delta"|"delta":\{"partial_json":"x"\}|"candidates":\[\{"content":\{"parts":\[|"error":null|18446744073709551616|\[DONE\]"#;
