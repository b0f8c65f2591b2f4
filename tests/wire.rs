//! Recorded provider traffic, replayed: what is read is what the recording says must be read, however the bytes are cut.
//!
//! The recordings are a directory beside the repository, or the one that `LLMX_RECORDINGS` names. Without one there is
//! nothing to replay, and the tests say so.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use llmx::chat::{Event, Reply, ToolCall, Usage};
use llmx::failure::{Failure, FailureClass};
use llmx::provider::{Auth, KeyState, Provider, Quirks, Target, TargetId};
use llmx::wire::{CODECS, Codec, ResponseHead, codec};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// Bodies up to this size are cut at every byte, larger ones at [`POSITIONS`] places.
const SMALL: usize = 16 * 1024;
const POSITIONS: usize = 200;

struct Recording {
    name: String,
    codec: &'static dyn Codec,
    target: Target,
    head: ResponseHead,
    body: Vec<u8>,
    expect: Value,
}

/// What a decoder made of a response.
#[derive(Debug, PartialEq)]
struct Decoded {
    events: Vec<Event>,
    failure: Option<Failure>,
}

fn directory() -> Option<PathBuf> {
    let given = std::env::var_os("LLMX_RECORDINGS").map(PathBuf::from);
    let directory = given.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/recordings"));
    directory.is_dir().then_some(directory)
}

fn quirks(provider: &str) -> Quirks {
    Quirks { reasoning_outside_output: provider == "xai", ..Quirks::default() }
}

fn target(provider: &str, wire: &str, model: &str) -> Target {
    let row = Provider {
        name: provider.to_owned(),
        title: provider.to_owned(),
        wire: wire.to_owned(),
        base_url: "https://api.example/v1".to_owned(),
        auth: Auth::Bearer,
        keys: Vec::new(),
        headers: Vec::new(),
        quirks: quirks(provider),
        default_model: None,
        catalog: provider.to_owned(),
        keys_url: None,
        local: false,
    };
    Target { id: TargetId::new(provider, model), provider: Arc::new(row), model: None, key: KeyState::NotNeeded }
}

/// The chat exchanges of one provider's directory whose wire format has a codec.
fn recordings(directory: &Path) -> Vec<Recording> {
    let mut paths: Vec<_> = std::fs::read_dir(directory)
        .expect("a readable directory")
        .flat_map(|provider| std::fs::read_dir(provider.expect("an entry").path()).into_iter().flatten())
        .map(|file| file.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .collect();
    paths.sort();
    paths.iter().filter_map(|path| recording(path)).collect()
}

fn recording(path: &Path) -> Option<Recording> {
    let text = std::fs::read_to_string(path).expect("a readable file");
    let file: Value = serde_json::from_str(&text).expect("a recording is JSON");
    let codec = codec(file["wire"].as_str()?)?;
    if file["endpoint"] != "chat" {
        return None;
    }
    let provider = file["provider"].as_str().expect("a provider");
    let response = &file["response"];
    let headers = response["headers"].as_object().into_iter().flatten();
    let head = ResponseHead {
        status: u16::try_from(response["status"].as_u64().expect("a status")).expect("a status"),
        headers: headers.map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().to_owned())).collect(),
    };
    Some(Recording {
        name: format!("{provider}/{}", file["id"].as_str().unwrap_or_default()),
        codec,
        target: target(provider, codec.name(), "model"),
        head,
        body: response["body"].as_str().expect("a body").as_bytes().to_vec(),
        expect: file["expect"].clone(),
    })
}

impl Recording {
    fn decode<'a>(&self, chunks: impl IntoIterator<Item = &'a [u8]>) -> Decoded {
        let mut decoder = self.codec.decoder(&self.target, &self.head);
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
        let body = self.body.as_slice();
        let step = if body.len() <= SMALL { 1 } else { body.len().div_ceil(POSITIONS) };
        for at in (0..body.len()).step_by(step) {
            let decoded = self.decode([&body[..at], &body[at..]]);
            assert!(same(&decoded), "{} cut at {at} reads {decoded:?} instead of {whole:?}", self.name);
        }
        assert!(same(&self.decode(body.chunks(1))), "{} byte by byte", self.name);
    }

    fn whole(&self) -> Decoded {
        if (200..300).contains(&self.head.status) {
            return self.decode([self.body.as_slice()]);
        }
        let failure = self.codec.failure(&self.target, &self.head, &self.body);
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
    json!({"status": failure.status, "type": failure.kind, "code": failure.code, "message": failure.message})
}

/// The recording's `expect` in the terms of [`read`]: digits for numbers, no status for an error under 200.
fn expected(recording: &Recording) -> Value {
    let mut expect = recording.expect.clone();
    let members = expect.as_object_mut().expect("an object");
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
    if !members["error"].is_null() {
        digits(&mut members["error"]["code"]);
        if members["error"]["status"] == 200 {
            members["error"]["status"] = Value::Null;
        }
    }
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

/// All recordings with a codec, at least one of each format; `None` without a directory.
fn all() -> Option<Vec<Recording>> {
    let Some(directory) = directory() else {
        #[expect(clippy::print_stderr, reason = "a test that has nothing to replay must say so")]
        {
            eprintln!("no recordings: set LLMX_RECORDINGS to a directory of them");
        }
        return None;
    };
    let all = recordings(&directory);
    let mut counts: BTreeMap<&str, usize> = CODECS.iter().map(|codec| (codec.name(), 0)).collect();
    for recording in &all {
        *counts.entry(recording.codec.name()).or_default() += 1;
    }
    assert!(
        counts.values().all(|count| *count > 0),
        "a format has no recordings in {}: {counts:?}",
        directory.display()
    );
    Some(all)
}

#[test]
fn every_recording_reads_as_it_must() {
    let wrong: Vec<String> = all()
        .iter()
        .flatten()
        .flat_map(|recording| {
            let differences = differences(&read(&recording.whole()), &expected(recording));
            differences.into_iter().map(|difference| format!("{}: {difference}", recording.name)).collect::<Vec<_>>()
        })
        .collect();
    assert!(wrong.is_empty(), "{} differences:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_recording_reads_the_same_however_it_is_cut() {
    let all = all().unwrap_or_default();
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for worker in 0..workers {
            let mine = all.iter().skip(worker).step_by(workers);
            scope.spawn(|| mine.filter(|recording| recording.head.status == 200).for_each(Recording::cut_everywhere));
        }
    });
}

#[test]
fn a_stream_cut_off_before_its_end_is_never_a_success() {
    for recording in all().iter().flatten().filter(|recording| recording.head.status == 200) {
        let (body, whole) = (&recording.body, recording.whole());
        let finishes = |event: &Event| matches!(event, Event::Finished(_));
        if whole.failure.is_some() || !whole.events.iter().any(finishes) {
            continue;
        }
        for at in (0..body.len()).step_by(body.len().div_ceil(20)) {
            let cut = recording.decode([&body[..at]]);
            let class = cut.failure.as_ref().map(|failure| failure.class);
            let whole_answer = class.is_none() && cut.events.iter().any(finishes);
            assert!(
                class == Some(FailureClass::IncompleteStream) || whole_answer,
                "{} cut off at {at}: {class:?}",
                recording.name
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
            let target = target("x", codec.name(), "model");
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

/// Scraps of the three formats, to be put together at random.
const PIECES: &str = r#"data: |\n|\n\n|\{|\}|\[|\]|,|"choices":\[\{"delta":\{|"tool_calls":\[\{"index":0,"function":\{"arguments":"a"\}\}\]|"content":"é"|\}\}\]|"usage":\{"prompt_tokens":-1\}|"type":"content_block_delta"|"delta":\{"partial_json":"x"\}|"candidates":\[\{"content":\{"parts":\[|"error":null|18446744073709551616|\[DONE\]"#;
