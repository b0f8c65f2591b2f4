//! Entries of bounded length out of a log of any length: the lines of a JSONL, the elements of a JSON array.

use std::io::{self, BufRead, ErrorKind};

use memchr::memchr;
use serde::Deserialize;
use serde_json::error::Category;

use super::{Found, Why};

/// Longer entries are passed over: no answer is that long, and a file without line ends must not fill the memory.
pub(super) const LONGEST: usize = 64 << 20;

/// Reads one entry.
pub(super) type Read<'r> = &'r mut dyn FnMut(&[u8], &mut Found) -> Result<(), Why>;

/// Reads every entry of a log that is lines of JSON, or one array.
pub(super) fn each(input: &mut dyn BufRead, found: &mut Found, read: Read<'_>) -> io::Result<()> {
    match first_byte(input)? {
        Some(b'[') => each_element(input, found, read),
        _ => each_line(input, found, read),
    }
}

/// The first byte that says anything, left where it is. What it finds before that it takes away, a byte-order mark too.
pub(super) fn first_byte(input: &mut dyn BufRead) -> io::Result<Option<u8>> {
    loop {
        let buffer = filled(input)?;
        let Some(first) = buffer.first() else { return Ok(None) };
        let mark = if buffer.starts_with(b"\xef\xbb\xbf") { 3 } else { usize::from(matches!(first, b' ' | b'\t')) };
        match mark {
            0 => return Ok(Some(*first)),
            mark => input.consume(mark),
        }
    }
}

/// Reads every line that is not blank.
pub(super) fn each_line(input: &mut dyn BufRead, found: &mut Found, read: Read<'_>) -> io::Result<()> {
    let mut kept = Vec::new();
    for line in 1.. {
        let (mut any, mut too_long) = (false, false);
        let ended = loop {
            let buffer = filled(input)?;
            let end = memchr(b'\n', buffer);
            let part = &buffer[..end.unwrap_or(buffer.len())];
            any |= !buffer.is_empty();
            too_long |= kept.len() + part.len() > LONGEST;
            if !too_long {
                kept.extend_from_slice(part);
            }
            let (taken, is_last) = (part.len() + usize::from(end.is_some()), buffer.is_empty());
            input.consume(taken);
            if is_last || end.is_some() {
                break end.is_some();
            }
        };
        if !any {
            break;
        }
        note(found, line, ended, too_long, &kept, read);
        kept.clear();
    }
    Ok(())
}

/// Reads every element of an array.
fn each_element(input: &mut dyn BufRead, found: &mut Found, read: Read<'_>) -> io::Result<()> {
    let mut element = Element::default();
    let (mut line, mut start) = (1, 1);
    input.consume(1);
    loop {
        let buffer = filled(input)?;
        if buffer.is_empty() {
            found.pass_over(Why::CutOff, line);
            return Ok(());
        }
        let length = buffer.len();
        for byte in buffer {
            if element.takes(*byte) {
                if element.kept.is_empty() {
                    start = line;
                }
                element.keep(*byte);
            } else {
                note(found, start, true, element.too_long, &element.kept, read);
                element = Element { kept: std::mem::take(&mut element.kept), ..Element::default() };
                element.kept.clear();
                if *byte == b']' {
                    return Ok(());
                }
            }
            line += u64::from(*byte == b'\n');
        }
        input.consume(length);
    }
}

/// An element as far as it has come.
#[derive(Default)]
struct Element {
    kept: Vec<u8>,
    depth: usize,
    in_text: bool,
    escaped: bool,
    too_long: bool,
}

impl Element {
    /// Whether the byte belongs to it; a comma or bracket that ends it does not.
    fn takes(&mut self, byte: u8) -> bool {
        match byte {
            _ if self.escaped => self.escaped = false,
            b'\\' if self.in_text => self.escaped = true,
            b'"' => self.in_text = !self.in_text,
            _ if self.in_text => {}
            b',' | b']' if self.depth == 0 => return false,
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
        true
    }

    fn keep(&mut self, byte: u8) {
        self.too_long |= self.kept.len() >= LONGEST;
        let is_between = self.kept.is_empty() && byte.is_ascii_whitespace();
        if !self.too_long && !is_between {
            self.kept.push(byte);
        }
    }
}

fn note(found: &mut Found, line: u64, ended: bool, too_long: bool, bytes: &[u8], read: Read<'_>) {
    let done = match bytes.trim_ascii() {
        _ if too_long => Err(Why::TooLong),
        b"" => Ok(()),
        bytes => read(bytes, found),
    };
    match done {
        Ok(()) => {}
        Err(Why::NotJson) if !ended => found.pass_over(Why::CutOff, line),
        Err(why) => found.pass_over(why, line),
    }
}

/// What is there to read; nothing at the end.
pub(super) fn filled(input: &mut dyn BufRead) -> io::Result<&[u8]> {
    // A look first, for the borrow of a buffer that is returned lasts.
    while let Err(error) = input.fill_buf() {
        if error.kind() != ErrorKind::Interrupted {
            return Err(error);
        }
    }
    input.fill_buf()
}

/// Reads JSON.
pub(super) fn parse<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, Why> {
    serde_json::from_slice(bytes).map_err(|error| match error.classify() {
        Category::Data => Why::Shape,
        Category::Io | Category::Syntax | Category::Eof => Why::NotJson,
    })
}
