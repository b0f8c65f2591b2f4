//! How the events of a stream become bytes: server-sent events, a JSON array, lines, or the frames of an AWS event stream
//! with their checksums.

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// One event of a stream.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Event {
    /// Its name, where there is one.
    pub name: &'static str,
    /// What it says.
    pub data: String,
    /// An error: AWS frames say so in their headers.
    pub is_error: bool,
}

#[expect(clippy::needless_pass_by_value, reason = "events are made of what was built for them")]
impl Event {
    /// An event without a name.
    pub fn of(data: impl ToString) -> Self {
        Self::named("", data)
    }

    /// An event with a name.
    pub fn named(name: &'static str, data: impl ToString) -> Self {
        Self { name, data: data.to_string(), is_error: false }
    }

    /// An error with a name.
    pub fn error(name: &'static str, data: impl ToString) -> Self {
        Self { is_error: true, ..Self::named(name, data) }
    }

    /// The same event, broken off in the middle of its data, so that this is no JSON any more.
    #[must_use]
    pub fn spoilt(&self) -> Self {
        let half = (0..=self.data.len() / 2).rev().find(|at| self.data.is_char_boundary(*at)).unwrap_or(0);
        let data = if half == 0 { "{" } else { &self.data[..half] };
        Self { data: data.to_owned(), ..self.clone() }
    }
}

/// How a stream is framed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Framing {
    /// Server-sent events.
    #[default]
    Events,
    /// Server-sent events whose lines end with CR LF (Gemini).
    CrlfEvents,
    /// Server-sent events without a blank after the colon (text-generation-inference).
    TightEvents,
    /// A JSON array, element by element (Gemini without `alt=sse`).
    Array,
    /// A line for each event (Ollama).
    Lines,
    /// AWS frames that hold the events.
    Frames,
    /// AWS frames that hold the events in base64 (Bedrock's `invoke-with-response-stream`).
    Chunks,
}

impl Framing {
    /// The content type of such a stream.
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Events | Self::CrlfEvents | Self::TightEvents => "text/event-stream; charset=utf-8",
            Self::Array => "application/json; charset=UTF-8",
            Self::Lines => "application/x-ndjson",
            Self::Frames | Self::Chunks => "application/vnd.amazon.eventstream",
        }
    }

    /// Whether a cut falls inside an event: bytes in frames of known length show best that the end is missing.
    pub const fn cuts_events(self) -> bool {
        matches!(self, Self::Frames | Self::Chunks)
    }

    /// The bytes of an event; `first` is the first of its stream.
    pub fn frame(self, event: &Event, first: bool) -> Vec<u8> {
        match self {
            Self::Events => server_sent(event, " ", "\n").into_bytes(),
            Self::CrlfEvents => server_sent(event, " ", "\r\n").into_bytes(),
            Self::TightEvents => server_sent(event, "", "\n").into_bytes(),
            Self::Array => format!("{}{}", if first { "[" } else { "\n,\r\n" }, event.data).into_bytes(),
            Self::Lines => format!("{}\n", event.data).into_bytes(),
            Self::Frames => frame(event.name, event.is_error, &event.data),
            Self::Chunks if event.is_error => frame(event.name, true, &event.data),
            Self::Chunks => frame("chunk", false, &chunk(&event.data)),
        }
    }

    /// What follows the last event of a stream that ends in order.
    pub const fn end(self) -> &'static str {
        if matches!(self, Self::Array) { "\n]" } else { "" }
    }
}

fn server_sent(event: &Event, blank: &str, line_end: &str) -> String {
    let mut text = String::new();
    if !event.name.is_empty() {
        let _ = write!(text, "event:{blank}{}{line_end}", event.name);
    }
    for line in event.data.split('\n') {
        let _ = write!(text, "data:{blank}{line}{line_end}");
    }
    text + line_end
}

/// Recorded chunks hide their length behind padding.
fn chunk(data: &str) -> String {
    json!({"bytes": STANDARD.encode(data), "p": padding(data.len())}).to_string()
}

/// Letters that hide how long an event is, as Bedrock sends them in `p`.
pub fn padding(seed: usize) -> &'static str {
    const LETTERS: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    &LETTERS[..3 + seed * 7 % (LETTERS.len() - 3)]
}

/// A frame: lengths, their checksum, headers, payload, checksum of all of it (Smithy specification, "Amazon Event Stream").
fn frame(name: &str, is_error: bool, payload: &str) -> Vec<u8> {
    let (kind, message) = if is_error { (":exception-type", "exception") } else { (":event-type", "event") };
    let mut headers = Vec::new();
    for (header, value) in [(kind, name), (":content-type", "application/json"), (":message-type", message)] {
        headers.push(u8::try_from(header.len()).unwrap_or(u8::MAX));
        headers.extend(header.as_bytes());
        // 7 is a text.
        headers.push(7);
        headers.extend(u16::try_from(value.len()).unwrap_or(u16::MAX).to_be_bytes());
        headers.extend(value.as_bytes());
    }
    let length = |bytes: usize| u32::try_from(bytes).unwrap_or(u32::MAX).to_be_bytes();
    let mut frame = [length(12 + headers.len() + payload.len() + 4), length(headers.len())].concat();
    frame.extend(crc32(&frame).to_be_bytes());
    frame.extend(headers);
    frame.extend(payload.as_bytes());
    frame.extend(crc32(&frame).to_be_bytes());
    frame
}

/// CRC-32 as in gzip and Ethernet.
fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32, _| (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg());
    !bytes.iter().fold(u32::MAX, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), step))
}

/// A JSON object with padding, as Bedrock sends its events.
pub fn padded(mut event: Value) -> Value {
    event["p"] = padding(event.to_string().len()).into();
    event
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(framing: Framing, event: &Event, first: bool) -> String {
        String::from_utf8(framing.frame(event, first)).expect("text")
    }

    #[test]
    fn the_checksum_is_the_one_everybody_knows() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    }

    #[test]
    fn an_event_is_framed_as_its_format_has_it() {
        let event = Event::named("output", "a\nb");
        assert_eq!(text(Framing::Events, &event, true), "event: output\ndata: a\ndata: b\n\n");
        assert_eq!(text(Framing::CrlfEvents, &Event::of("{}"), true), "data: {}\r\n\r\n");
        assert_eq!(text(Framing::TightEvents, &Event::of("{}"), true), "data:{}\n\n");
        let array = text(Framing::Array, &Event::of("1"), true) + &text(Framing::Array, &Event::of("2"), false);
        assert_eq!(array + Framing::Array.end(), "[1\n,\r\n2\n]");
        assert_eq!(text(Framing::Lines, &Event::of("{}"), true), "{}\n");
    }

    #[test]
    fn a_frame_tells_its_length_and_both_checksums_fit() {
        for event in [Event::named("messageStart", "{}"), Event::error("throttlingException", "{\"message\":\"é\"}")] {
            let frame = Framing::Frames.frame(&event, false);
            let number = |at: usize| u32::from_be_bytes(frame[at..at + 4].try_into().expect("four bytes"));
            assert_eq!(number(0) as usize, frame.len());
            assert_eq!((number(8), number(frame.len() - 4)), (crc32(&frame[..8]), crc32(&frame[..frame.len() - 4])));
            assert_eq!(&frame[12 + number(4) as usize..frame.len() - 4], event.data.as_bytes());
        }
    }

    #[test]
    fn a_spoilt_event_is_no_json() {
        for data in ["{\"a\":\"éé\"}", "{}", "[DONE]", ""] {
            let spoilt = Event::of(data).spoilt();
            assert!(serde_json::from_str::<Value>(&spoilt.data).is_err(), "{data} {spoilt:?}");
        }
    }
}
