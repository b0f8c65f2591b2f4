//! A reader that gives up on a row that is too long.

use std::cell::Cell;
use std::io::{self, Read};

/// Reads until nothing is left of what is allowed; the one who hands rows on allows it anew.
pub(super) struct Limited<'a, R> {
    input: R,
    left: &'a Cell<usize>,
}

impl<'a, R> Limited<'a, R> {
    pub(super) const fn new(input: R, left: &'a Cell<usize>) -> Self {
        Self { input, left }
    }
}

impl<R: Read> Read for Limited<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let room = buffer.len().min(self.left.get());
        if room == 0 && !buffer.is_empty() {
            return Err(io::Error::other("too long"));
        }
        let count = self.input.read(&mut buffer[..room])?;
        self.left.set(self.left.get() - count);
        Ok(count)
    }
}
