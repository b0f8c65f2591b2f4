//! Server-sent events: bytes, cut anywhere, become events.
//!
//! Follows the event stream grammar of the HTML standard, with three allowances for real servers: a last event without
//! a blank line is delivered by [`SseDecoder::finish`], invalid UTF-8 becomes U+FFFD, and there are caps. A `data:`
//! line that arrives whole in one chunk is lent out, never copied.

use std::borrow::Cow;

use memchr::memchr2;

/// The most bytes one event may hold.
pub const MAX_EVENT_BYTES: usize = 8 * 1024 * 1024;

/// The most `data:` lines one event may hold; empty ones cost no bytes but would cost time.
pub const MAX_EVENT_LINES: usize = 65_536;

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// One event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SseEvent<'a> {
    /// The `event:` field; empty when there was none.
    pub name: Cow<'a, str>,
    /// The `data:` lines, joined with newlines.
    pub data: Cow<'a, str>,
}

/// An event that is larger than [`MAX_EVENT_BYTES`] or has more lines than [`MAX_EVENT_LINES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLarge;

/// Turns bytes into events. Its time is linear in the bytes, however they are cut.
#[derive(Debug, Default)]
pub struct SseDecoder {
    /// The start of a line whose end has not come.
    partial: Vec<u8>,
    /// The last line ended with CR, so a LF that follows belongs to it.
    skip_line_feed: bool,
    /// The first line has been read, so there is no byte order mark to expect.
    begun: bool,
    event: Pending,
    /// `event` was delivered and is to be forgotten at the next call.
    delivered: bool,
}

/// The fields of an event whose blank line has not come.
#[derive(Debug, Default)]
struct Pending {
    name: Vec<u8>,
    data: Vec<u8>,
    data_lines: usize,
}

impl SseDecoder {
    /// The next whole event in `bytes`, which moves past what was read. `None` when more bytes are needed.
    pub fn next<'a, 'bytes: 'a>(&'a mut self, bytes: &mut &'bytes [u8]) -> Result<Option<SseEvent<'a>>, TooLarge> {
        self.forget_delivered();
        // The first data line of an event stays in `bytes` until a second line or the end of the chunk forces a copy.
        let mut lent: Option<&'bytes [u8]> = None;
        while let Some(line) = self.take_line(bytes)? {
            let line = match line {
                Line::Lent(line) => line,
                Line::Joined => {
                    if self.take_joined_line()? {
                        self.delivered = true;
                        return Ok(Some(self.event.get()));
                    }
                    continue;
                }
            };
            match field(line) {
                Field::Blank => match lent {
                    Some(data) => {
                        self.delivered = true;
                        return Ok(Some(SseEvent { name: text(&self.event.name), data: text(data) }));
                    }
                    None if self.event.data_lines > 0 => {
                        self.delivered = true;
                        return Ok(Some(self.event.get()));
                    }
                    None => self.event.clear(),
                },
                Field::Data(data) if lent.is_none() && self.event.data_lines == 0 => lent = Some(data),
                other => {
                    self.event.copy(lent.take())?;
                    self.event.take(other)?;
                }
            }
        }
        self.event.copy(lent)?;
        Ok(None)
    }

    /// The event that the end of the stream completes, if any.
    pub fn finish(&mut self) -> Result<Option<SseEvent<'_>>, TooLarge> {
        self.forget_delivered();
        let blank = self.take_joined_line()?;
        self.delivered = true;
        Ok((blank || self.event.data_lines > 0).then(|| self.event.get()))
    }

    fn forget_delivered(&mut self) {
        if std::mem::take(&mut self.delivered) {
            self.event.clear();
        }
    }

    /// The next whole line, without its end. An unfinished line is kept for the next chunk.
    fn take_line<'a>(&mut self, bytes: &mut &'a [u8]) -> Result<Option<Line<'a>>, TooLarge> {
        if self.skip_line_feed
            && let Some((first, rest)) = bytes.split_first()
        {
            self.skip_line_feed = false;
            if *first == b'\n' {
                *bytes = rest;
            }
        }
        let Some(end) = memchr2(b'\n', b'\r', bytes) else {
            self.keep(bytes)?;
            *bytes = &[];
            return Ok(None);
        };
        let (line, rest) = bytes.split_at(end);
        self.skip_line_feed = rest.first() == Some(&b'\r');
        *bytes = rest.get(1..).unwrap_or_default();
        if self.partial.is_empty() && self.begun {
            return if line.len() > MAX_EVENT_BYTES { Err(TooLarge) } else { Ok(Some(Line::Lent(line))) };
        }
        self.keep(line)?;
        Ok(Some(Line::Joined))
    }

    fn keep(&mut self, bytes: &[u8]) -> Result<(), TooLarge> {
        if self.partial.len() + bytes.len() > MAX_EVENT_BYTES {
            return Err(TooLarge);
        }
        self.partial.extend_from_slice(bytes);
        Ok(())
    }

    /// Takes the line in `partial`; whether it ends an event.
    fn take_joined_line(&mut self) -> Result<bool, TooLarge> {
        let mut line = std::mem::take(&mut self.partial);
        let whole = if std::mem::replace(&mut self.begun, true) {
            line.as_slice()
        } else {
            line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&line)
        };
        let ends = match field(whole) {
            Field::Blank if self.event.data_lines > 0 => true,
            Field::Blank => {
                self.event.clear();
                false
            }
            other => {
                self.event.take(other)?;
                false
            }
        };
        line.clear();
        self.partial = line;
        Ok(ends)
    }
}

/// A whole line: in the chunk, or put together in [`SseDecoder::partial`].
enum Line<'a> {
    Lent(&'a [u8]),
    Joined,
}

/// What a line says.
#[derive(Clone, Copy)]
enum Field<'a> {
    Blank,
    Data(&'a [u8]),
    Name(&'a [u8]),
    /// Comments, `id`, `retry` and unknown fields.
    Ignored,
}

fn field(line: &[u8]) -> Field<'_> {
    if line.is_empty() {
        return Field::Blank;
    }
    let value = |rest: &'_ [u8]| -> Option<usize> {
        match rest {
            [] => Some(0),
            [b':', b' ', ..] => Some(2),
            [b':', ..] => Some(1),
            _ => None,
        }
    };
    if let Some(rest) = line.strip_prefix(b"data") {
        return value(rest).map_or(Field::Ignored, |start| Field::Data(&rest[start..]));
    }
    if let Some(rest) = line.strip_prefix(b"event") {
        return value(rest).map_or(Field::Ignored, |start| Field::Name(&rest[start..]));
    }
    Field::Ignored
}

impl Pending {
    fn take(&mut self, field: Field<'_>) -> Result<(), TooLarge> {
        match field {
            Field::Data(data) => self.copy(Some(data)),
            Field::Name(name) => {
                self.name.clear();
                self.name.extend_from_slice(name);
                Ok(())
            }
            Field::Blank | Field::Ignored => Ok(()),
        }
    }

    fn copy(&mut self, data: Option<&[u8]>) -> Result<(), TooLarge> {
        let Some(data) = data else { return Ok(()) };
        if self.data_lines == MAX_EVENT_LINES || self.data.len() + data.len() >= MAX_EVENT_BYTES {
            return Err(TooLarge);
        }
        if self.data_lines > 0 {
            self.data.push(b'\n');
        }
        self.data.extend_from_slice(data);
        self.data_lines += 1;
        Ok(())
    }

    fn get(&self) -> SseEvent<'_> {
        SseEvent { name: text(&self.name), data: text(&self.data) }
    }

    fn clear(&mut self) {
        self.name.clear();
        self.data.clear();
        self.data_lines = 0;
    }
}

fn text(bytes: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn decode(chunks: &[&[u8]]) -> Vec<(String, String)> {
        let mut decoder = SseDecoder::default();
        let mut events = Vec::new();
        for chunk in chunks {
            let mut rest = *chunk;
            while let Some(event) = decoder.next(&mut rest).expect("small") {
                events.push((event.name.into_owned(), event.data.into_owned()));
            }
        }
        if let Some(event) = decoder.finish().expect("small") {
            events.push((event.name.into_owned(), event.data.into_owned()));
        }
        events
    }

    #[test]
    fn every_form_of_the_grammar_is_read() {
        type Row<'a> = (&'a [u8], &'a [(&'a str, &'a str)]);
        let table: &[Row<'_>] = &[
            (b"data: a\n\ndata: b\n\n", &[("", "a"), ("", "b")]),
            (b"\xEF\xBB\xBFdata: a\n\n", &[("", "a")]),
            (b"event: x\rdata: a\r\rdata:b\r\r", &[("x", "a"), ("", "b")]),
            (b"event: x\r\ndata: a\r\n\r\n", &[("x", "a")]),
            (b"data: a\nevent: x\n\n", &[("x", "a")]),
            (b": comment\n\n:\n\ndata: a\n: more\ndata: b\n\n", &[("", "a\nb")]),
            (b"id: 1\nretry: 5\ndata:  a\n\n", &[("", " a")]),
            (b"event: x\n\ndata: a\n\n", &[("", "a")]),
            (b"data\n\ndata:\ndata\n\n", &[("", ""), ("", "\n")]),
            (b"data: a\n\ndata: b", &[("", "a"), ("", "b")]),
            (b"data: a\ndata: b\n", &[("", "a\nb")]),
            (b"data: \xFFx\n\n", &[("", "\u{FFFD}x")]),
            (b"database: a\n\n", &[]),
            (b"", &[]),
        ];
        for (bytes, expected) in table {
            let expected: Vec<_> = expected.iter().map(|(name, data)| (name.to_string(), data.to_string())).collect();
            assert_eq!(decode(&[bytes]), expected, "{:?}", text(bytes));
            for cut in 0..=bytes.len() {
                assert_eq!(decode(&[&bytes[..cut], &bytes[cut..]]), expected, "{:?} cut at {cut}", text(bytes));
            }
        }
    }

    #[test]
    fn a_whole_data_line_in_one_chunk_is_not_copied() {
        let mut decoder = SseDecoder::default();
        let chunk = b"data: first\n\ndata: {\"a\":1}\n\n";
        let mut rest = &chunk[..];
        decoder.next(&mut rest).expect("small").expect("whole");
        let event = decoder.next(&mut rest).expect("small").expect("whole");
        assert!(matches!(event.data, Cow::Borrowed(data) if chunk.as_ptr_range().contains(&data.as_ptr())));
    }

    #[test]
    fn a_line_without_an_end_stops_at_the_cap() {
        let mut decoder = SseDecoder::default();
        let chunk = vec![b'a'; 1024 * 1024];
        let failed = (0..9).find(|_| decoder.next(&mut &chunk[..]).is_err());
        assert_eq!(failed, Some(8));
    }

    #[test]
    fn empty_data_lines_stop_at_the_line_cap() {
        let mut decoder = SseDecoder::default();
        let chunk = b"data:\n".repeat(1_000_000);
        assert_eq!(decoder.next(&mut &chunk[..]), Err(TooLarge));
    }

    #[test]
    fn comments_without_end_are_no_event_and_no_error() {
        let mut decoder = SseDecoder::default();
        let chunk = b": keep-alive\n".repeat(100_000);
        assert_eq!(decoder.next(&mut &chunk[..]), Ok(None));
    }

    proptest! {
        #[test]
        fn case_43_any_chunking_gives_the_same_events(
            text in "(data|event|:|id|x)?(: ?|\r|\n|\r\n|é|a){0,40}", cuts in prop::collection::vec(0_usize..80, 0..6)
        ) {
            let bytes = text.as_bytes();
            let mut cuts: Vec<_> = cuts.into_iter().map(|cut| cut.min(bytes.len())).collect();
            cuts.extend([0, bytes.len()]);
            cuts.sort_unstable();
            let chunks: Vec<_> = cuts.windows(2).map(|pair| &bytes[pair[0]..pair[1]]).collect();
            let single: Vec<_> = bytes.chunks(1).collect();
            prop_assert_eq!(decode(&chunks), decode(&[bytes]));
            prop_assert_eq!(decode(&single), decode(&[bytes]));
        }
    }
}
