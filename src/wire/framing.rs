//! How a 2xx body is cut into pieces of JSON, the same for all formats: a stream of server-sent events or of AWS
//! messages, one whole JSON body, a JSON array of chunks, or lines of JSON. A [`Reader`] makes events of the pieces;
//! [`Framed`] is the [`Decoder`].
//!
//! The first bytes decide, since content types lie: no event stream begins with a brace, no JSON with `data:`, and only
//! AWS messages with a zero. The content type tells only whether too few bytes to say are a stream that was cut. Where a
//! format's streams are lines, a body whose first line is JSON by itself is a stream.

use serde::de::IgnoredAny;
use serde_json::Value;

#[cfg(feature = "bedrock")]
use super::event_stream::{EventStreamDecoder, Kind, Message};
use super::ndjson::LineDecoder;
use super::sse::{SseDecoder, SseEvent};
use super::{Decoder, Follow, HttpRequest, ResponseHead};
use crate::chat::Event;
use crate::failure::{Failure, FailureClass};

/// The most bytes a whole body may have.
pub const MAX_BODY_BYTES: usize = 32 * 1024 * 1024;

/// How much of a body that is no format at all is looked at.
const MAX_TEXT_BYTES: usize = 1024;

/// How many characters of such a body are told.
const SHOWN_CHARS: usize = 200;

/// How an event stream begins: with a comment or one of the fields. Anything else under that content type is the page
/// or the line of text of some proxy.
pub(super) const STREAM_STARTS: &[&[u8]] = &[b":", b"data:", b"event:", b"id:", b"retry:"];

/// Content types of streams.
const STREAM_TYPES: &[&str] = &["text/event-stream", "application/vnd.amazon.eventstream"];

/// What is particular to one wire format: turning pieces of JSON into events.
pub(super) trait Reader {
    /// What a stream of this format is made of.
    const STREAM: StreamOf = StreamOf::Json;

    /// Takes one event of a stream, or one element of a JSON array. `name` is empty when the event had none.
    fn event(&mut self, name: &str, data: &str, events: &mut Vec<Event>) -> Result<(), Failure>;

    /// Takes a whole body.
    fn whole(&mut self, body: &str, events: &mut Vec<Event>) -> Result<(), Failure>;

    /// How far the reply is known to have come.
    fn end(&self) -> End;

    /// See [`Decoder::follow`].
    fn follow(&mut self) -> Option<Follow> {
        None
    }

    /// See [`Decoder::recover`].
    fn recover(&mut self) -> bool {
        false
    }

    /// See [`Decoder::cancel`].
    fn cancel(&self) -> Option<HttpRequest> {
        None
    }
}

/// What a stream is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StreamOf {
    /// Server-sent events that hold JSON; those without data are passed over.
    Json,
    /// Server-sent events that may hold plain text, in which blanks count.
    Text,
    /// Lines of JSON.
    Lines,
}

/// How far a reply has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// Neither a finish reason nor the format's own end has been seen.
    Open,
    /// The provider said why the model stopped; usage may follow.
    Finished,
    /// The format's own end has been seen.
    Done,
}

impl End {
    /// For formats with an end marker of their own beside the reason to finish.
    pub(super) fn of(marked: bool, finished: bool) -> Self {
        match (marked, finished) {
            (true, _) => Self::Done,
            (false, true) => Self::Finished,
            (false, false) => Self::Open,
        }
    }
}

/// A [`Decoder`] out of a [`Reader`].
pub(super) struct Framed<R> {
    reader: R,
    framing: Framing,
    declared_stream: bool,
    request_id: Option<String>,
    content_seen: bool,
}

enum Framing {
    /// Not known yet; the first bytes after blanks.
    Unknown(Vec<u8>),
    Stream(SseDecoder),
    /// The beginning of what is either lines of JSON or one body; the end of the first line tells.
    FirstLine(Vec<u8>),
    Lines(LineDecoder),
    #[cfg(feature = "bedrock")]
    Messages(EventStreamDecoder),
    Whole(Vec<u8>),
    Array(Vec<u8>),
    Text(Vec<u8>),
}

impl<R: Reader> Framed<R> {
    pub(super) fn new(head: &ResponseHead, reader: R) -> Self {
        let declared = head.header("content-type").unwrap_or_default().trim_start();
        Self {
            reader,
            framing: Framing::Unknown(Vec::new()),
            declared_stream: STREAM_TYPES
                .iter()
                .any(|kind| declared.get(..kind.len()).is_some_and(|start| start.eq_ignore_ascii_case(kind))),
            request_id: head.request_id().map(str::to_owned),
            content_seen: false,
        }
    }

    fn take(&mut self, bytes: &[u8], events: &mut Vec<Event>) -> Result<(), Failure> {
        if self.reader.end() == End::Done {
            return Ok(());
        }
        match &mut self.framing {
            Framing::Unknown(start) => {
                let begun = start.iter().chain(bytes).position(|byte| !is_padding(*byte));
                start.extend_from_slice(bytes);
                start.drain(..begun.unwrap_or(start.len()));
                let Some(framing) = recognise(start, R::STREAM) else { return Ok(()) };
                let start = std::mem::replace(&mut self.framing, framing);
                if let Framing::Unknown(start) = start { self.take(&start, events) } else { Ok(()) }
            }
            Framing::Stream(sse) => read_stream(&mut self.reader, sse, bytes, events),
            Framing::Lines(lines) => read_lines(&mut self.reader, lines, bytes, events),
            #[cfg(feature = "bedrock")]
            Framing::Messages(messages) => read_messages(&mut self.reader, messages, bytes, events),
            Framing::FirstLine(start) => {
                keep(start, bytes)?;
                if !bytes.contains(&b'\n') {
                    return Ok(());
                }
                let start = std::mem::take(start);
                self.framing = lines_or_whole(&start);
                self.take(&start, events)
            }
            Framing::Whole(body) | Framing::Array(body) => keep(body, bytes),
            Framing::Text(text) => {
                text.extend_from_slice(&bytes[..bytes.len().min(MAX_TEXT_BYTES - text.len())]);
                if text.len() == MAX_TEXT_BYTES { Err(not_the_format(text)) } else { Ok(()) }
            }
        }
    }

    fn end(&mut self, events: &mut Vec<Event>) -> Result<(), Failure> {
        match std::mem::replace(&mut self.framing, Framing::Unknown(Vec::new())) {
            Framing::Stream(mut sse) => {
                finish_stream(&mut self.reader, &mut sse, events)?;
                if self.reader.end() == End::Open { Err(cut_off()) } else { Ok(()) }
            }
            Framing::Lines(mut lines) => {
                let last = lines.finish();
                last.map_or(Ok(()), |line| take_last(&mut self.reader, "", &line, events))?;
                if self.reader.end() == End::Open { Err(cut_off()) } else { Ok(()) }
            }
            #[cfg(feature = "bedrock")]
            Framing::Messages(_) if self.reader.end() == End::Open => Err(cut_off()),
            #[cfg(feature = "bedrock")]
            Framing::Messages(_) => Ok(()),
            Framing::Whole(body) | Framing::FirstLine(body) => {
                take_whole(&mut self.reader, &String::from_utf8_lossy(&body), events)
            }
            Framing::Array(body) => {
                let body = String::from_utf8_lossy(&body);
                let whole = elements(&body, |element| self.reader.event("", element, events))?;
                if whole || self.reader.end() != End::Open { Ok(()) } else { Err(cut_off()) }
            }
            Framing::Text(text) => Err(not_the_format(&text)),
            Framing::Unknown(start) if start.is_empty() || self.declared_stream => Err(cut_off()),
            Framing::Unknown(start) => Err(not_the_format(&start)),
        }
    }

    /// Adds to a failure what only the whole response tells.
    fn complete(&self, mut failure: Failure) -> Failure {
        failure.request_id = failure.request_id.or_else(|| self.request_id.clone());
        failure.maybe_billed |= self.content_seen || failure.class == FailureClass::IncompleteStream;
        failure
    }
}

impl<R: Reader> Decoder for Framed<R> {
    fn push(&mut self, bytes: &[u8], events: &mut Vec<Event>) -> Result<(), Failure> {
        let before = events.len();
        let result = self.take(bytes, events);
        self.content_seen = self.content_seen || events[before..].iter().any(Event::is_content);
        result.map_err(|failure| self.complete(failure))
    }

    fn finish(&mut self, events: &mut Vec<Event>) -> Result<(), Failure> {
        if self.reader.end() == End::Done {
            return Ok(());
        }
        let before = events.len();
        let result = self.end(events);
        self.content_seen = self.content_seen || events[before..].iter().any(Event::is_content);
        result.map_err(|failure| self.complete(failure))
    }

    fn is_done(&self) -> bool {
        self.reader.end() == End::Done
    }

    fn follow(&mut self) -> Option<Follow> {
        let follow = self.reader.follow()?;
        self.framing = Framing::Unknown(Vec::new());
        Some(follow)
    }

    fn recover(&mut self) -> bool {
        self.reader.recover()
    }

    fn cancel(&self) -> Option<HttpRequest> {
        self.reader.cancel()
    }
}

/// Keeps bytes of a body that is read as a whole.
fn keep(body: &mut Vec<u8>, bytes: &[u8]) -> Result<(), Failure> {
    if body.len() + bytes.len() > MAX_BODY_BYTES {
        return Err(protocol("body cap", "the body is larger than 32 MiB"));
    }
    body.extend_from_slice(bytes);
    Ok(())
}

/// Lines, when the first one is JSON by itself; else one body that is laid out over several.
fn lines_or_whole(start: &[u8]) -> Framing {
    let line = start.split(|byte| *byte == b'\n').next().unwrap_or_default();
    match serde_json::from_slice::<IgnoredAny>(line) {
        Ok(_) => Framing::Lines(LineDecoder::default()),
        Err(_) => Framing::Whole(Vec::new()),
    }
}

fn read_lines<R: Reader>(
    reader: &mut R,
    lines: &mut LineDecoder,
    bytes: &[u8],
    events: &mut Vec<Event>,
) -> Result<(), Failure> {
    let mut rest = bytes;
    while let Some(line) = lines.next(&mut rest).map_err(|_| protocol("line cap", "a line is larger than 8 MiB"))? {
        take_event(reader, "", &line, events)?;
        if reader.end() == End::Done {
            break;
        }
    }
    Ok(())
}

fn read_stream<R: Reader>(
    reader: &mut R,
    sse: &mut SseDecoder,
    bytes: &[u8],
    events: &mut Vec<Event>,
) -> Result<(), Failure> {
    let mut rest = bytes;
    loop {
        let next = sse.next(&mut rest).map_err(|_| too_large())?;
        let Some(SseEvent { name, data }) = next else { return Ok(()) };
        if R::STREAM == StreamOf::Text || !data.trim_ascii().is_empty() {
            take_event(reader, &name, &data, events)?;
        }
        if reader.end() == End::Done {
            return Ok(());
        }
    }
}

#[cfg(feature = "bedrock")]
fn read_messages<R: Reader>(
    reader: &mut R,
    messages: &mut EventStreamDecoder,
    bytes: &[u8],
    events: &mut Vec<Event>,
) -> Result<(), Failure> {
    let mut rest = bytes;
    while reader.end() != End::Done {
        match messages.next(&mut rest).map_err(|malformed| protocol("event stream", malformed.0))? {
            None => break,
            Some(Message { kind: Kind::Event, name, payload, .. }) if !payload.trim_ascii().is_empty() => {
                take_event(reader, &name, &payload, events)?;
            }
            Some(Message { kind: Kind::Event, .. }) => {}
            Some(failed) => return Err(reported_message(&failed)),
        }
    }
    Ok(())
}

/// An error that came as a message of an AWS stream: its type is in the headers, its words are there or in the payload.
#[cfg(feature = "bedrock")]
fn reported_message(message: &Message<'_>) -> Failure {
    let mut error: serde_json::Map<String, Value> = serde_json::from_str(&message.payload).unwrap_or_default();
    error.insert("type".to_owned(), message.name.as_ref().into());
    if let Some(words) = &message.words {
        error.insert("message".to_owned(), words.as_ref().into());
    }
    reported(&message.payload, &Value::Object(error))
}

/// Takes an event; JSON that cannot be read has changed nothing, so it may be read again when it can be repaired.
fn take_event<R: Reader>(reader: &mut R, name: &str, data: &str, events: &mut Vec<Event>) -> Result<(), Failure> {
    match reader.event(name, data, events) {
        Err(failure) if failure.rule == MALFORMED => match repaired(data) {
            Some(repaired) => reader.event(name, &repaired, events),
            None if name == "error" && !data.trim_start().starts_with(['{', '[']) => Err(trouble(data, &data.into())),
            None => Err(failure),
        },
        result => result,
    }
}

/// JSON without what the readers of the formats do not take: halves of surrogate pairs, and members that come twice, of which
/// the last one counts. `None` when it is no JSON all the same.
fn repaired(json: &str) -> Option<String> {
    let whole = without_lone_surrogates(json);
    let value: Value = serde_json::from_str(whole.as_deref().unwrap_or(json)).ok()?;
    Some(value.to_string())
}

/// As [`take_event`], for a whole body.
fn take_whole<R: Reader>(reader: &mut R, body: &str, events: &mut Vec<Event>) -> Result<(), Failure> {
    match reader.whole(body, events) {
        Err(failure) if failure.rule == MALFORMED => match repaired(body) {
            Some(repaired) => reader.whole(&repaired, events),
            None => Err(failure),
        },
        result => result,
    }
}

/// Replaces halves of surrogate pairs, which servers write when a token ends inside an emoji, by U+FFFD. `None` when
/// there are none.
fn without_lone_surrogates(json: &str) -> Option<String> {
    let mut repaired = String::with_capacity(json.len());
    let (mut rest, mut found) = (json, false);
    while let Some(at) = rest.find('\\') {
        repaired.push_str(&rest[..at]);
        rest = &rest[at..];
        let (length, whole) = match (surrogate(rest), rest.get(6..).and_then(surrogate)) {
            (Some(0xD800..0xDC00), Some(0xDC00..0xE000)) => (12, true),
            (Some(_), _) => (6, false),
            (None, _) => (1 + rest[1..].chars().next().map_or(0, char::len_utf8), true),
        };
        repaired.push_str(if whole { &rest[..length] } else { "\u{FFFD}" });
        found |= !whole;
        rest = &rest[length..];
    }
    repaired.push_str(rest);
    found.then_some(repaired)
}

/// The surrogate that a text begins with as `\uD800` to `\uDFFF`.
fn surrogate(text: &str) -> Option<u32> {
    let code = u32::from_str_radix(text.strip_prefix("\\u")?.get(..4)?, 16).ok()?;
    (0xD800..0xE000).contains(&code).then_some(code)
}

/// Takes the last event when it had no blank line.
fn finish_stream<R: Reader>(reader: &mut R, sse: &mut SseDecoder, events: &mut Vec<Event>) -> Result<(), Failure> {
    match sse.finish().map_err(|_| too_large())? {
        Some(SseEvent { name, data }) if !data.trim_ascii().is_empty() => take_last(reader, &name, &data, events),
        _ => Ok(()),
    }
}

/// As [`take_event`], for the last one. JSON that cannot be read was cut there, which is not the provider's malformation.
fn take_last<R: Reader>(reader: &mut R, name: &str, data: &str, events: &mut Vec<Event>) -> Result<(), Failure> {
    match take_event(reader, name, data, events) {
        Err(failure) if failure.rule == MALFORMED => Ok(()),
        result => result,
    }
}

/// Blanks and the byte order mark: `OpenRouter` pads JSON with lines of blanks while it waits.
fn is_padding(byte: u8) -> bool {
    byte.is_ascii_whitespace() || b"\xEF\xBB\xBF".contains(&byte)
}

/// What the first bytes say; `None` while they may still become more than one thing.
fn recognise(start: &[u8], stream: StreamOf) -> Option<Framing> {
    Some(match start.first()? {
        b'{' if stream == StreamOf::Lines => Framing::FirstLine(Vec::new()),
        b'{' => Framing::Whole(Vec::new()),
        b'[' => Framing::Array(Vec::new()),
        b'<' => Framing::Text(Vec::new()),
        #[cfg(feature = "bedrock")]
        0 => Framing::Messages(EventStreamDecoder::default()),
        _ if STREAM_STARTS.iter().any(|known| start.starts_with(known)) => Framing::Stream(SseDecoder::default()),
        _ if STREAM_STARTS.iter().any(|known| known.starts_with(start)) => return None,
        _ => Framing::Text(Vec::new()),
    })
}

/// Hands over the elements of a JSON array one by one; whether the array was closed.
fn elements(array: &str, mut take: impl FnMut(&str) -> Result<(), Failure>) -> Result<bool, Failure> {
    let (mut depth, mut in_text, mut escaped) = (0_usize, false, false);
    let mut start = 1;
    for (at, byte) in array.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            _ if in_text => {}
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth > 0 => depth -= 1,
            b',' | b']' if depth == 0 => {
                let element = array[start..at].trim();
                start = at + 1;
                if !element.is_empty() {
                    take(element)?;
                }
                if byte == b']' {
                    return Ok(true);
                }
            }
            _ => {}
        }
    }
    Ok(false)
}

/// The rule of a failure by JSON that cannot be read.
const MALFORMED: &str = "malformed json";

/// JSON that cannot be read, or is nested deeper than 128 levels. A body that just stops was cut off.
pub(super) fn malformed(error: &serde_json::Error, json: &str, whole_body: bool) -> Failure {
    if whole_body && (error.is_eof() || stops_at_end(error, json)) {
        return cut_off();
    }
    protocol(MALFORMED, &format!("the response is not the JSON of this format: {error}"))
}

/// Whether the last byte is what is wrong, as with a number cut after its point.
fn stops_at_end(error: &serde_json::Error, json: &str) -> bool {
    let line = json.split('\n').nth(error.line().saturating_sub(1));
    let last_line = json.split('\n').count() == error.line();
    last_line && line.is_some_and(|line| error.column() >= line.len())
}

/// JSON of a 2xx response that is neither a reply nor an error.
pub(super) fn unknown_shape(json: &str) -> Failure {
    protocol("unknown shape", &format!("the response has no part of a reply: {}", excerpt(json)))
}

/// An error told inside a stream or a body with status 200.
pub(super) fn reported(json: &str, error: &Value) -> Failure {
    let mut failure = super::classify::reported_failure(error);
    if failure.message.is_none() && failure.code.is_none() && failure.kind.is_none() {
        failure.message = Some(excerpt(json));
    }
    failure
}

/// An error that a model's server reports under status 200. One that nothing is known of is trouble of that server.
pub(super) fn trouble(json: &str, error: &Value) -> Failure {
    let failure = reported(json, error);
    match failure.class {
        FailureClass::Protocol => Failure { class: FailureClass::ServerError, ..failure },
        _ => failure,
    }
}

/// What a body is that is no reply: an error, where it has a member for its words.
pub(super) fn no_reply(json: &str, body: &Value) -> Failure {
    let told = ["error", "errors", "message", "detail"].iter().any(|name| !body[name].is_null());
    if told { reported(json, body) } else { unknown_shape(json) }
}

/// A reply that stopped before its end.
pub(super) fn cut_off() -> Failure {
    let message = "the connection ended before the answer did";
    Failure::new(FailureClass::IncompleteStream, "end without finish reason", message)
}

fn too_large() -> Failure {
    protocol("event cap", "an event of the stream is larger than 8 MiB or has more than 65536 lines")
}

fn not_the_format(body: &[u8]) -> Failure {
    if body.starts_with(&super::classify::GZIP) {
        return protocol("not json", super::classify::COMPRESSED);
    }
    let text = String::from_utf8_lossy(body);
    let page = if text.trim_start().starts_with('<') { "a web page came in place of an answer: " } else { "" };
    protocol("not json", &format!("{page}{}", excerpt(&text)))
}

fn protocol(rule: &str, message: &str) -> Failure {
    Failure::new(FailureClass::Protocol, rule, message)
}

fn excerpt(text: &str) -> String {
    text.trim().chars().take(SHOWN_CHARS).collect()
}

#[cfg(test)]
mod tests;
