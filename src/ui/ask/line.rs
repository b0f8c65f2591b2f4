//! A line that is typed at a terminal that gives keys one by one, shown or not. Esc and Ctrl-C are keys.

use std::io;
use std::os::fd::AsFd;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use unicode_width::UnicodeWidthChar;

use crate::ui::sanitize::clean_line;

/// What is shown of what is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Echo {
    /// The text.
    Text,
    /// Nothing, not even how much it is.
    Nothing,
}

/// A key sequence follows its Esc at once; what comes later is another key.
const PATIENCE: Timespec = Timespec { tv_sec: 0, tv_nsec: 50_000_000 };
/// Nobody types a longer line, in bytes.
const LONGEST: usize = 64 * 1024;
/// What stands before the text.
const MARK: &str = "> ";

/// Reads a line that begins with a text, without its end; `None` when it was left.
pub(super) fn read(begun: &str, echo: Echo, width: usize, show: impl Fn(&str)) -> io::Result<Option<String>> {
    let mut keys = Keys { bytes: begun.as_bytes().to_vec(), ..Keys::default() };
    let mut buffer = [0; 4096];
    show(&redrawn(begun, echo, width));
    loop {
        let length = match rustix::io::read(io::stdin().as_fd(), &mut buffer) {
            Ok(0) | Err(Errno::INTR) => return Ok(None),
            other => other?,
        };
        let mut state = keys.take(&buffer[..length]);
        if state == State::Escape {
            state = if more_comes()? { State::Typing } else { State::Left };
        }
        show(&redrawn(&keys.text(), echo, width));
        match state {
            State::Done => return Ok(Some(keys.text())),
            State::Left => return Ok(None),
            State::Typing | State::Escape => {}
        }
    }
}

/// What puts a text in the place of what the line shows.
pub(super) fn redrawn(text: &str, echo: Echo, width: usize) -> String {
    format!("\r{MARK}{}\x1b[K", shown(text, echo, width))
}

/// The end of the text that a line has room for.
fn shown(text: &str, echo: Echo, width: usize) -> String {
    let text = if echo == Echo::Nothing { String::new() } else { clean_line(text) };
    let mut room = width.saturating_sub(MARK.len() + 1);
    let mut start = text.len();
    for (at, character) in text.char_indices().rev() {
        let cells = character.width().unwrap_or(0);
        if cells > room {
            break;
        }
        room -= cells;
        start = at;
    }
    text[start..].to_owned()
}

fn more_comes() -> io::Result<bool> {
    let stdin = io::stdin();
    let mut wait = [PollFd::new(&stdin, PollFlags::IN)];
    match poll(&mut wait, Some(&PATIENCE)) {
        Ok(ready) => Ok(ready > 0),
        Err(Errno::INTR) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// What the keys so far have come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Typing,
    /// The last key was Esc, or the beginning of another one.
    Escape,
    Done,
    Left,
}

/// Where in a key sequence it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Within {
    #[default]
    Text,
    Escape,
    Sequence,
}

/// The text that keys make.
#[derive(Debug, Default)]
struct Keys {
    bytes: Vec<u8>,
    within: Within,
}

impl Keys {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    fn take(&mut self, bytes: &[u8]) -> State {
        for byte in bytes {
            let state = self.key(*byte);
            if state != State::Typing {
                return state;
            }
        }
        if self.within == Within::Escape { State::Escape } else { State::Typing }
    }

    fn key(&mut self, byte: u8) -> State {
        match (self.within, byte) {
            (Within::Escape, b'[' | b'O') => self.within = Within::Sequence,
            (Within::Escape, _) | (Within::Sequence, b'@'..=b'~') => self.within = Within::Text,
            (Within::Text, b'\x1b') => self.within = Within::Escape,
            (Within::Text, b'\r' | b'\n') => return State::Done,
            (Within::Text, b'\x03') => return State::Left,
            (Within::Text, b'\x04') if self.bytes.is_empty() => return State::Left,
            (Within::Text, b'\x7f' | b'\x08') => self.rub_out(),
            (Within::Text, b'\x15') => self.bytes.clear(),
            (Within::Text, b' '..) if self.bytes.len() < LONGEST => self.bytes.push(byte),
            _ => {}
        }
        State::Typing
    }

    /// Takes the last character away.
    fn rub_out(&mut self) {
        while let Some(byte) = self.bytes.pop()
            && byte & 0xc0 == 0x80
        {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(keys: &str) -> (String, State) {
        let mut line = Keys::default();
        let state = line.take(keys.as_bytes());
        (line.text(), state)
    }

    #[test]
    fn keys_make_a_line() {
        for (keys, text, state) in [
            ("sk-1\r", "sk-1", State::Done),
            ("ab\x7fc\n", "ac", State::Done),
            ("日é\x7f\x7fx", "x", State::Typing),
            ("abc\x15d", "d", State::Typing),
            ("a\x1b[A\x1b[3~\x1bOHb", "ab", State::Typing),
            ("\x1b[200~sk-1\x1b[201~\r", "sk-1", State::Done),
            ("abc\x03", "abc", State::Left),
            ("\x04", "", State::Left),
            ("a\x04", "a", State::Typing),
            ("a\x1b", "a", State::Escape),
            ("\x7f\x01", "", State::Typing),
        ] {
            assert_eq!(typed(keys), (text.to_owned(), state), "{keys:?}");
        }
    }

    #[test]
    fn a_key_may_come_in_pieces() {
        let mut line = Keys::default();
        assert_eq!(line.take(b"a\x1b"), State::Escape);
        assert_eq!(line.take(b"["), State::Typing);
        assert_eq!(line.take(b"Cb\xc3"), State::Typing);
        assert_eq!((line.take(b"\xa9\r"), line.text()), (State::Done, "abé".to_owned()));
    }

    #[test]
    fn of_a_secret_nothing_is_shown_and_of_a_long_line_its_end() {
        assert_eq!(shown("sk-é", Echo::Nothing, 80), "");
        assert_eq!(shown("https://corp.example/v1", Echo::Text, 12), ".example/v1"[2..]);
        assert_eq!(shown("日本語", Echo::Text, 8), "本語");
        assert_eq!(shown("\x1b[2J", Echo::Text, 80), "^[[2J");
        assert_eq!(shown("abc", Echo::Text, 1), "");
    }
}
