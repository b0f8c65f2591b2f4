//! Newline-delimited JSON: the lines of a stream, however its bytes are cut.

/// The most bytes a line may have.
pub const MAX_LINE_BYTES: usize = 8 * 1024 * 1024;

/// A line has more than [`MAX_LINE_BYTES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineTooLong;

/// Cuts bytes into lines. Blank lines are passed over.
#[derive(Debug, Default)]
pub struct LineDecoder {
    /// The line that has begun and not ended.
    begun: Vec<u8>,
}

impl LineDecoder {
    /// The next whole line; `None` when `rest` is used up. Bytes that are no UTF-8 become U+FFFD.
    pub fn next(&mut self, rest: &mut &[u8]) -> Result<Option<String>, LineTooLong> {
        while let Some(at) = rest.iter().position(|byte| *byte == b'\n') {
            let (line, after) = rest.split_at(at);
            *rest = &after[1..];
            self.keep(line)?;
            if let Some(line) = self.finish() {
                return Ok(Some(line));
            }
        }
        self.keep(std::mem::take(rest))?;
        Ok(None)
    }

    /// The last line, when it had no end.
    pub fn finish(&mut self) -> Option<String> {
        let line = std::mem::take(&mut self.begun);
        (!line.trim_ascii().is_empty()).then(|| String::from_utf8_lossy(&line).into_owned())
    }

    fn keep(&mut self, bytes: &[u8]) -> Result<(), LineTooLong> {
        if self.begun.len() + bytes.len() > MAX_LINE_BYTES {
            return Err(LineTooLong);
        }
        self.begun.extend_from_slice(bytes);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn lines<'a>(chunks: impl IntoIterator<Item = &'a [u8]>) -> Vec<String> {
        let mut decoder = LineDecoder::default();
        let mut lines = Vec::new();
        for mut rest in chunks {
            while let Some(line) = decoder.next(&mut rest).expect("short lines") {
                lines.push(line);
            }
        }
        lines.extend(decoder.finish());
        lines
    }

    #[test]
    fn blank_lines_are_passed_over_and_the_last_needs_no_end() {
        let text = "\n{\"a\":\"é\"}\r\n \r\n\n{\"b\":2}";
        for at in 0..=text.len() {
            let (first, second) = text.as_bytes().split_at(at);
            assert_eq!(lines([first, second]), ["{\"a\":\"é\"}\r", "{\"b\":2}"], "cut at {at}");
        }
    }

    #[test]
    fn a_line_over_the_cap_is_refused() {
        let mut decoder = LineDecoder::default();
        let chunk = vec![b'a'; MAX_LINE_BYTES / 2];
        for expected in [Ok(None), Ok(None), Err(LineTooLong)] {
            assert_eq!(decoder.next(&mut chunk.as_slice()), expected);
        }
    }

    proptest! {
        #[test]
        fn cuts_change_nothing(bytes in prop::collection::vec(any::<u8>(), 0..200), size in 1_usize..20) {
            prop_assert_eq!(lines(bytes.chunks(size)), lines([bytes.as_slice()]));
        }
    }
}
