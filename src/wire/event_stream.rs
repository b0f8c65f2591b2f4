//! AWS event streams (`application/vnd.amazon.eventstream`): bytes, cut anywhere, become messages.
//!
//! A message is its length, the length of its headers, a CRC-32 of these eight bytes, the headers, the payload, and a
//! CRC-32 of everything before; all numbers are big-endian. Source: the Smithy specification "Amazon Event Stream". A
//! message that arrives whole in one chunk is lent out, never copied.

use std::borrow::Cow;

/// The most bytes a message may have. It is just below 16 MiB, so that the first byte of a stream is always 0.
pub const MAX_MESSAGE_BYTES: usize = 16 * 1024 * 1024 - 1;

/// Both lengths and their checksum.
const PRELUDE_BYTES: usize = 12;

/// What a message without headers and payload has.
const MIN_MESSAGE_BYTES: usize = PRELUDE_BYTES + CHECKSUM_BYTES;
const CHECKSUM_BYTES: usize = 4;

/// What sort of message it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// A piece of the answer.
    #[default]
    Event,
    /// An error that the service describes; the payload has its words.
    Exception,
    /// An error that the service does not describe; headers have its words.
    Error,
}

/// One message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Message<'a> {
    /// From `:message-type`.
    pub kind: Kind,
    /// Which event, exception or error it is, from `:event-type`, `:exception-type` or `:error-code`.
    pub name: Cow<'a, str>,
    /// The words of an error, from `:error-message`.
    pub words: Option<Cow<'a, str>>,
    /// The payload, for Bedrock always JSON.
    pub payload: Cow<'a, str>,
}

/// Why bytes are no event stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed(pub &'static str);

/// Turns bytes into messages. Holds at most one message.
#[derive(Debug, Default)]
pub struct EventStreamDecoder {
    /// The start of a message whose end has not come.
    partial: Vec<u8>,
    /// `partial` was delivered and is to be forgotten at the next call.
    delivered: bool,
}

impl EventStreamDecoder {
    /// The next whole message in `bytes`, which moves past what was read. `None` when more bytes are needed.
    pub fn next<'a, 'bytes: 'a>(&'a mut self, bytes: &mut &'bytes [u8]) -> Result<Option<Message<'a>>, Malformed> {
        if std::mem::take(&mut self.delivered) {
            self.partial.clear();
        }
        if self.partial.is_empty()
            && let Some(length) = length(bytes)?
            && let Some((frame, rest)) = bytes.split_at_checked(length)
        {
            *bytes = rest;
            return message(frame).map(Some);
        }
        self.fill(PRELUDE_BYTES, bytes);
        let Some(length) = length(&self.partial)? else { return Ok(None) };
        self.fill(length, bytes);
        if self.partial.len() < length {
            return Ok(None);
        }
        self.delivered = true;
        message(&self.partial).map(Some)
    }

    /// Moves bytes over until `wanted` of them are kept or none are left.
    fn fill(&mut self, wanted: usize, bytes: &mut &[u8]) {
        let missing = wanted.saturating_sub(self.partial.len()).min(bytes.len());
        let (taken, rest) = bytes.split_at(missing);
        self.partial.extend_from_slice(taken);
        *bytes = rest;
    }
}

/// The length of the message that these bytes begin with, checked; `None` when they are too few to say.
fn length(bytes: &[u8]) -> Result<Option<usize>, Malformed> {
    let Some(prelude) = bytes.get(..PRELUDE_BYTES) else { return Ok(None) };
    if crc32fast::hash(&prelude[..8]) != number(&prelude[8..]) {
        return Err(Malformed("the checksum of a message's first bytes is wrong"));
    }
    let (length, headers) = (usize_of(&prelude[..4]), usize_of(&prelude[4..8]));
    if length > MAX_MESSAGE_BYTES {
        return Err(Malformed("a message is 16 MiB or larger"));
    }
    if length < MIN_MESSAGE_BYTES || headers > length - MIN_MESSAGE_BYTES {
        return Err(Malformed("the lengths of a message contradict each other"));
    }
    Ok(Some(length))
}

/// A whole message; its length has been checked.
fn message(frame: &[u8]) -> Result<Message<'_>, Malformed> {
    let (content, checksum) = frame.split_at(frame.len() - CHECKSUM_BYTES);
    if crc32fast::hash(content) != number(checksum) {
        return Err(Malformed("the checksum of a message is wrong"));
    }
    let (mut headers, payload) = content[PRELUDE_BYTES..].split_at(usize_of(&content[4..8]));
    let mut message = Message { payload: String::from_utf8_lossy(payload), ..Message::default() };
    while !headers.is_empty() {
        let (name, value) = header(&mut headers).ok_or(Malformed("the headers of a message are broken"))?;
        let Some(value) = value.map(String::from_utf8_lossy) else { continue };
        match name {
            b":message-type" => message.kind = kind(&value),
            b":event-type" | b":exception-type" | b":error-code" => message.name = value,
            b":error-message" => message.words = Some(value),
            _ => {}
        }
    }
    Ok(message)
}

fn kind(word: &str) -> Kind {
    match word {
        "exception" => Kind::Exception,
        "error" => Kind::Error,
        _ => Kind::Event,
    }
}

/// Takes the name of the next header, and its value when that is a text. `None` when it is cut short or of no known type.
fn header<'a>(headers: &mut &'a [u8]) -> Option<(&'a [u8], Option<&'a [u8]>)> {
    let name_length = usize::from(*take(headers, 1)?.first()?);
    let name = take(headers, name_length)?;
    let fixed = match take(headers, 1)?.first()? {
        // True and false are in the type itself; then come integers of 1, 2, 4 and 8 bytes.
        0 | 1 => 0,
        2 => 1,
        3 => 2,
        4 => 4,
        // A timestamp is a long of milliseconds.
        5 | 8 => 8,
        // Bytes, then a text.
        kind @ (6 | 7) => {
            let length = usize_of(take(headers, 2)?);
            let value = take(headers, length)?;
            return Some((name, (*kind == 7).then_some(value)));
        }
        // A UUID.
        9 => 16,
        _ => return None,
    };
    take(headers, fixed)?;
    Some((name, None))
}

fn take<'a>(bytes: &mut &'a [u8], count: usize) -> Option<&'a [u8]> {
    let (taken, rest) = bytes.split_at_checked(count)?;
    *bytes = rest;
    Some(taken)
}

/// Up to four bytes as a big-endian number.
fn number(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |number, byte| number << 8 | u32::from(*byte))
}

fn usize_of(bytes: &[u8]) -> usize {
    usize::try_from(number(bytes)).unwrap_or(usize::MAX)
}

/// One message as bytes, for tests.
#[cfg(test)]
pub(super) fn encoded(headers: &[(&str, &str)], payload: &str) -> Vec<u8> {
    let length = |count: usize| u32::try_from(count).expect("short").to_be_bytes();
    let mut head = Vec::new();
    for (name, value) in headers {
        head.push(u8::try_from(name.len()).expect("short"));
        head.extend_from_slice(name.as_bytes());
        head.push(7);
        head.extend_from_slice(&length(value.len())[2..]);
        head.extend_from_slice(value.as_bytes());
    }
    let mut frame = length(MIN_MESSAGE_BYTES + head.len() + payload.len()).to_vec();
    frame.extend_from_slice(&length(head.len()));
    frame.extend_from_slice(&crc32fast::hash(&frame).to_be_bytes());
    frame.extend_from_slice(&head);
    frame.extend_from_slice(payload.as_bytes());
    frame.extend_from_slice(&crc32fast::hash(&frame).to_be_bytes());
    frame
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Kind, name and payload of the messages of a stream, and how it ended.
    type Read = (Vec<(Kind, String, String)>, Result<(), Malformed>);

    fn read(chunks: &[&[u8]]) -> Read {
        let mut decoder = EventStreamDecoder::default();
        let mut messages = Vec::new();
        for chunk in chunks {
            let mut rest = *chunk;
            loop {
                match decoder.next(&mut rest) {
                    Ok(Some(message)) => {
                        messages.push((message.kind, message.name.into_owned(), message.payload.into_owned()));
                    }
                    Ok(None) => break,
                    Err(malformed) => return (messages, Err(malformed)),
                }
            }
            assert!(rest.is_empty(), "all bytes are taken");
        }
        (messages, Ok(()))
    }

    fn stream() -> Vec<u8> {
        let event = [(":event-type", "chunk"), (":content-type", "application/json"), (":message-type", "event")];
        let exception = [(":exception-type", "throttlingException"), (":message-type", "exception")];
        [encoded(&event, "{\"a\":\"é\"}"), encoded(&[], ""), encoded(&exception, "{}")].concat()
    }

    #[test]
    fn messages_are_the_same_however_the_bytes_are_cut() {
        let stream = stream();
        let expected = vec![
            (Kind::Event, "chunk".to_owned(), "{\"a\":\"é\"}".to_owned()),
            (Kind::Event, String::new(), String::new()),
            (Kind::Exception, "throttlingException".to_owned(), "{}".to_owned()),
        ];
        for at in 0..=stream.len() {
            assert_eq!(read(&[&stream[..at], &stream[at..]]), (expected.clone(), Ok(())), "cut at {at}");
        }
        let bytes: Vec<&[u8]> = stream.chunks(1).collect();
        assert_eq!(read(&bytes), (expected, Ok(())));
    }

    #[test]
    fn a_flipped_bit_anywhere_is_noticed() {
        let stream = stream();
        for at in 0..stream.len() * 8 {
            let mut broken = stream.clone();
            broken[at / 8] ^= 1 << (at % 8);
            assert!(read(&[&broken]).1.is_err(), "bit {at}");
        }
    }

    #[test]
    fn lengths_are_checked_before_anything_is_kept() {
        let prelude = |length: u32, headers: u32| {
            let mut bytes = [length.to_be_bytes(), headers.to_be_bytes()].concat();
            bytes.extend_from_slice(&crc32fast::hash(&bytes).to_be_bytes());
            bytes
        };
        for (length, headers, expected) in [
            (0x0100_0000, 0, Err(Malformed("a message is 16 MiB or larger"))),
            (u32::MAX, 0, Err(Malformed("a message is 16 MiB or larger"))),
            (15, 0, Err(Malformed("the lengths of a message contradict each other"))),
            (20, 5, Err(Malformed("the lengths of a message contradict each other"))),
            (0x00FF_FFFF, 0, Ok(())),
        ] {
            assert_eq!(read(&[&prelude(length, headers)]).1, expected, "{length} {headers}");
        }
    }

    #[test]
    fn headers_of_every_type_are_passed_over_and_broken_ones_are_an_error() {
        let framed = |headers: &[u8]| {
            let text = encoded(&[], "");
            let mut frame = u32::try_from(16 + headers.len()).expect("short").to_be_bytes().to_vec();
            frame.extend_from_slice(&u32::try_from(headers.len()).expect("short").to_be_bytes());
            frame.extend_from_slice(&crc32fast::hash(&frame).to_be_bytes());
            frame.extend_from_slice(headers);
            frame.extend_from_slice(&crc32fast::hash(&frame).to_be_bytes());
            assert_eq!(text.len(), 16);
            frame
        };
        let mut all = Vec::new();
        for (kind, size) in [(0, 0), (1, 0), (2, 1), (3, 2), (4, 4), (5, 8), (8, 8), (9, 16)] {
            all.extend_from_slice(&[1, b'x', kind]);
            all.resize(all.len() + size, 7);
        }
        all.extend_from_slice(b"\x01y\x06\x00\x02ab\x0b:event-type\x07\x00\x02ok");
        assert_eq!(read(&[&framed(&all)]), (vec![(Kind::Event, "ok".to_owned(), String::new())], Ok(())));
        for broken in [&b"\x05ab"[..], b"\x01x", b"\x01x\x0a", b"\x01x\x07\x00\x05ab", b"\x01x\x05\x00"] {
            assert_eq!(read(&[&framed(broken)]).1, Err(Malformed("the headers of a message are broken")), "{broken:?}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(chunks in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..60), 0..6)) {
            let chunks: Vec<&[u8]> = chunks.iter().map(Vec::as_slice).collect();
            let mut decoder = EventStreamDecoder::default();
            for chunk in chunks {
                let mut rest = chunk;
                while let Ok(Some(_)) = decoder.next(&mut rest) {}
            }
        }
    }
}
