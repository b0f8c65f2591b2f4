//! Lines of bounded length out of a file of any length.

use std::io::{BufRead, ErrorKind};

use super::Problem;

/// Something wrong with what was read, before it is a row.
pub(super) struct Fault {
    pub(super) line: u64,
    pub(super) column: Option<String>,
    pub(super) problem: Problem,
    /// Whether nothing can be read after it.
    pub(super) last: bool,
}

impl Fault {
    pub(super) fn new(line: u64, problem: Problem) -> Self {
        Self { line, column: None, problem, last: false }
    }

    pub(super) fn last(line: u64, problem: Problem) -> Self {
        Self { last: true, ..Self::new(line, problem) }
    }
}

/// Reads lines, and never keeps more of one than is allowed.
pub(super) struct Lines<R> {
    input: R,
    line: u64,
    longest: usize,
}

impl<R: BufRead> Lines<R> {
    pub(super) fn new(input: R, longest: usize) -> Self {
        Self { input, line: 0, longest }
    }

    /// The next line that is not blank, with its number from 1, and without its ending.
    pub(super) fn next(&mut self) -> Option<Result<(u64, String), Fault>> {
        loop {
            self.line += 1;
            let mut bytes = Vec::new();
            let mut end = |byte| byte == b'\n';
            return match take(&mut self.input, self.longest, &mut bytes, &mut end) {
                Err(problem) => Some(Err(Fault::last(self.line, problem))),
                Ok(Taken::Nothing) => None,
                Ok(Taken::TooLong) => Some(Err(Fault::new(self.line, Problem::TooLong(self.longest)))),
                Ok(Taken::Whole) => match text(&mut bytes, self.line == 1) {
                    Ok(line) if line.trim().is_empty() => continue,
                    Ok(line) => Some(Ok((self.line, line))),
                    // A file that begins with another encoding's mark is in that encoding to its end.
                    Err(problem @ Problem::NotUtf8(1)) if self.line == 1 => Some(Err(Fault::last(1, problem))),
                    Err(problem) => Some(Err(Fault::new(self.line, problem))),
                },
            };
        }
    }
}

/// What was taken.
pub(super) enum Taken {
    /// There is nothing left.
    Nothing,
    /// All up to an end, or up to the end of the file.
    Whole,
    /// More than is allowed; it was passed over.
    TooLong,
}

/// Takes bytes up to one that is an end, which is taken and not kept.
pub(super) fn take(
    input: &mut impl BufRead,
    longest: usize,
    kept: &mut Vec<u8>,
    end: &mut dyn FnMut(u8) -> bool,
) -> Result<Taken, Problem> {
    let (mut any, mut too_long) = (false, false);
    loop {
        let buffer = match input.fill_buf() {
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            buffer => buffer.map_err(|error| Problem::Unreadable(error.to_string()))?,
        };
        any |= !buffer.is_empty();
        let found = buffer.iter().position(|byte| end(*byte));
        let part = &buffer[..found.unwrap_or(buffer.len())];
        too_long |= kept.len() + part.len() > longest;
        if too_long {
            kept.clear();
        } else {
            kept.extend_from_slice(part);
        }
        let (taken, at_end) = (part.len() + usize::from(found.is_some()), buffer.is_empty());
        input.consume(taken);
        if at_end || found.is_some() {
            return Ok(match (any, too_long) {
                (false, _) => Taken::Nothing,
                (true, true) => Taken::TooLong,
                (true, false) => Taken::Whole,
            });
        }
    }
}

/// The text of a line or record, without the rest of its line ending and, when it is the first, without a byte-order mark.
pub(super) fn text(bytes: &mut Vec<u8>, first: bool) -> Result<String, Problem> {
    if bytes.last() == Some(&b'\r') {
        bytes.pop();
    }
    if first && bytes.starts_with(b"\xef\xbb\xbf") {
        bytes.drain(..3);
    }
    let text = String::from_utf8(std::mem::take(bytes));
    text.map_err(|error| Problem::NotUtf8(error.utf8_error().valid_up_to() + 1))
}
