//! What the fuzz targets share. An input is three bytes that say how the rest is served, and the rest: a body.
//!
//! `fuzz/run` starts them. A target per decoder (`decode_NAME`, named after the codec) and one per framer.

use std::sync::Arc;

use llmx::chat::Event;
use llmx::failure::Failure;
use llmx::provider::{KeyState, Row, Target, TargetId};
use llmx::wire::{self, ResponseHead};

/// How a body is served.
#[derive(Clone)]
pub struct Served<'a> {
    /// Status and content type.
    pub head: ResponseHead,
    /// Where the body is cut.
    cuts: u16,
    /// The body.
    pub body: &'a [u8],
}

const CONTENT_TYPES: [&str; 5] = [
    "text/event-stream",
    "application/json",
    "application/x-ndjson",
    "application/vnd.amazon.eventstream",
    "text/html",
];

impl<'a> Served<'a> {
    /// Reads an input; `None` when it is too short.
    pub fn new(input: &'a [u8]) -> Option<Self> {
        let ([how, first, second], body) = input.split_first_chunk()?;
        let content_type = CONTENT_TYPES[usize::from(how & 0x7f) % CONTENT_TYPES.len()];
        let status = if how & 0x80 == 0 { 200 } else { 400 };
        let headers = vec![("content-type".to_owned(), content_type.to_owned())];
        Some(Self { head: ResponseHead { status, headers }, cuts: u16::from_le_bytes([*first, *second]), body })
    }

    /// Another body, served as this one.
    pub fn with_body(&self, body: &'a [u8]) -> Self {
        Self { body, ..self.clone() }
    }

    /// The body in pieces.
    pub fn pieces(&self) -> impl Iterator<Item = &'a [u8]> {
        let mut state = u32::from(self.cuts) | 1;
        let mut rest = self.body;
        std::iter::from_fn(move || {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            let (piece, after) = rest.split_at(rest.len().min(state as usize % 97 + 1));
            rest = after;
            (!piece.is_empty()).then_some(piece)
        })
    }
}

/// Reads the body with the codec of that name, whole and in pieces, and as the body of an error.
///
/// # Panics
/// When the pieces read otherwise than the whole, or when what was read is out of proportion to the bytes.
pub fn decode(codec: &str, input: &[u8]) {
    let codec = wire::codec(codec).expect("a codec");
    let Some(served) = Served::new(input) else { return };
    let row = Row {
        wire: Some(codec.name().to_owned()),
        base_url: Some("https://api.example/v1".to_owned()),
        ..Row::default()
    };
    let provider = row.into_provider("x", &|_| None).expect("a provider");
    let target =
        Target { id: TargetId::new("x", "m"), provider: Arc::new(provider), model: None, key: KeyState::NotNeeded, keys: Vec::new() };
    codec.failure(&target, &served.head, served.body);
    let read = |pieces: &mut dyn Iterator<Item = &[u8]>| -> (Vec<Event>, Option<Failure>) {
        let mut decoder = codec.decoder(&target, &served.head);
        let mut events = Vec::new();
        let mut result = Ok(());
        for piece in pieces {
            result = decoder.push(piece, &mut events);
            if result.is_err() || decoder.is_done() {
                break;
            }
        }
        let failure = result.and_then(|()| decoder.finish(&mut events)).err();
        decoder.follow();
        decoder.cancel();
        (joined(events), failure)
    };
    // No fuzzer guesses the checksums of an AWS event stream.
    for body in [served.body, &with_checksums(served.body)] {
        let served = served.with_body(body);
        let whole = read(&mut std::iter::once(body));
        assert_eq!(read(&mut served.pieces()), whole, "in pieces it reads otherwise");
        // Every event takes a byte of the body at least.
        assert!(whole.0.len() <= body.len() + 4, "{} events of {} bytes", whole.0.len(), body.len());
    }
}

/// The bytes with right checksums wherever a message's length and header length say that they stand.
pub fn with_checksums(body: &[u8]) -> Vec<u8> {
    let mut mended = body.to_vec();
    let mut at = 0;
    while let Some(prelude) = mended.get(at..at + 8) {
        let length = u32::from_be_bytes([prelude[0], prelude[1], prelude[2], prelude[3]]) as usize;
        let checksum = crc32fast::hash(prelude).to_be_bytes();
        if length < 16 || mended.len() - at < length {
            break;
        }
        mended[at + 8..at + 12].copy_from_slice(&checksum);
        let end = at + length - 4;
        let checksum = crc32fast::hash(&mended[at..end]).to_be_bytes();
        mended[end..end + 4].copy_from_slice(&checksum);
        at += length;
    }
    mended
}

/// Pieces of the same sort side by side are one.
fn joined(events: Vec<Event>) -> Vec<Event> {
    let mut joined: Vec<Event> = Vec::new();
    for event in events {
        match (joined.last_mut(), event) {
            (Some(Event::Text(known)), Event::Text(piece))
            | (Some(Event::Reasoning(known)), Event::Reasoning(piece))
            | (Some(Event::Refusal(known)), Event::Refusal(piece)) => known.push_str(&piece),
            (_, event) => joined.push(event),
        }
    }
    joined
}
