//! What is typed while an answer comes stands in a line of its own below it, until the answer needs that line: it is wiped
//! before anything is written and drawn again behind it, in the same write. The answer itself is never touched.

use std::io::{self, Write};

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::sanitize::clean_line;
use super::style::Style;
use super::{Ui, keyboard};

/// What stands before what is typed.
const MARK: &str = "› ";
/// Terminals that know of pastes say where one begins and ends.
const PASTES_ON: &str = "\x1b[?2004h";
const PASTES_OFF: &str = "\x1b[?2004l";
/// Begins another line, as at the prompt.
const ALT_ENTER: &[u8] = b"\x1b\r";
const PASTE_BEGINS: &[u8] = b"\x1b[200~";
const PASTE_ENDS: &[u8] = b"\x1b[201~";

/// The line below the answer, and where in its own line the answer is.
#[derive(Debug, Default)]
pub(super) struct Below {
    text: String,
    /// Columns of the answer's line that are taken.
    column: usize,
    is_drawn: bool,
}

impl Below {
    /// What is written for `data`: with the line below out of its way and there again behind it.
    pub(super) fn framed(&mut self, data: &str, width: usize, color: bool) -> String {
        let wiped = self.wiped();
        self.column = advanced(self.column, data, width);
        format!("{wiped}{data}{}", self.drawn(width, color))
    }

    fn wiped(&mut self) -> &'static str {
        if std::mem::take(&mut self.is_drawn) { "\x1b[J" } else { "" }
    }

    fn drawn(&mut self, width: usize, color: bool) -> String {
        // Behind the last column the cursor is in no column that it could be sent back to.
        if self.text.is_empty() || self.column >= width || width < 8 {
            return String::new();
        }
        self.is_drawn = true;
        let room = width - MARK.width() - 1;
        let line = Style::DIM.paint(&format!("{MARK}{}", tail(&clean_line(&self.text), room)), color);
        let back = if self.column > 0 { format!("\x1b[{}C", self.column) } else { String::new() };
        format!("\r\n{line}\x1b[A\r{back}")
    }
}

/// The end of a text that has so many columns at most.
fn tail(text: &str, room: usize) -> &str {
    let mut columns = 0;
    let mut fits = |character: char| {
        columns += character.width().unwrap_or(0);
        columns <= room
    };
    let from = text.char_indices().rev().take_while(|(_, character)| fits(*character)).last();
    from.map_or("", |(at, _)| &text[at..])
}

/// The column after a text that is written from `column` on.
fn advanced(mut column: usize, text: &str, width: usize) -> usize {
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '\n' | '\r' => column = 0,
            '\t' => column = ((column / 8 + 1) * 8).min(width.saturating_sub(1)),
            // Styles take no room.
            '\x1b' => drop(characters.by_ref().find(char::is_ascii_alphabetic)),
            character => {
                let taken = character.width().unwrap_or(0);
                column = if column + taken > width { taken } else { column + taken };
            }
        }
    }
    column
}

/// What was typed while no line was asked for.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Typed {
    /// Lines that were ended by Enter.
    pub lines: Vec<String>,
    /// The line that was not.
    pub open: String,
}

/// Reads keys while an answer comes, and shows them below it until it is dropped.
pub struct TypeAhead<'ui> {
    ui: &'ui Ui,
    keys: Keys,
    typed: Typed,
}

impl<'ui> TypeAhead<'ui> {
    /// Begins where the answer begins, at the beginning of a line.
    pub fn begin(ui: &'ui Ui) -> Self {
        // Where nobody sees what is typed it is kept all the same.
        let is_shown = ui.stdout_is_terminal && ui.stderr_is_terminal;
        ui.lock().below = is_shown.then(Below::default);
        ui.expect_pastes();
        Self { ui, keys: Keys::default(), typed: Typed::default() }
    }

    /// Takes the keys that have come. Call it when there are some: it waits for them.
    pub fn read(&mut self) -> io::Result<()> {
        let bytes = keyboard::read()?;
        if bytes.is_empty() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.keys.take(&bytes, &mut self.typed);
        let waiting = self.typed.lines.iter().map(|line| format!("{line} ⏎ "));
        let text: String = waiting.chain([self.typed.open.clone()]).collect();
        self.ui.show_typed(text);
        Ok(())
    }

    /// What was typed.
    pub fn end(mut self) -> Typed {
        std::mem::take(&mut self.typed)
    }
}

impl Drop for TypeAhead<'_> {
    fn drop(&mut self) {
        self.ui.show_typed(String::new());
        self.ui.lock().below = None;
        self.ui.forget_pastes();
    }
}

impl Ui {
    /// The terminal says where pastes begin and end.
    pub fn expect_pastes(&self) {
        self.out(PASTES_ON).ok();
    }

    /// The terminal no longer says where pastes begin and end.
    pub(super) fn forget_pastes(&self) {
        self.out(PASTES_OFF).ok();
    }

    /// Shows what is typed below what is written; a spinner goes on to turn.
    fn show_typed(&self, text: String) {
        let (width, color) = (self.width(), self.color_out);
        let mut streams = self.lock();
        let Some(below) = &mut streams.below else { return };
        let wiped = below.wiped();
        below.text = text;
        let shown = format!("{wiped}{}", below.drawn(width, color));
        if !shown.is_empty() {
            streams.out.write_all(shown.as_bytes()).and_then(|()| streams.out.flush()).ok();
        }
    }
}

/// Tells keys apart, piece by piece.
#[derive(Debug, Default)]
pub(super) struct Keys {
    /// An escape sequence or a character that has not ended.
    open: Vec<u8>,
    is_pasting: bool,
    /// A line feed is Enter.
    is_of_lines: bool,
}

impl Keys {
    /// Keys of a terminal that edits lines itself.
    pub(super) fn of_lines() -> Self {
        Self { is_of_lines: true, ..Self::default() }
    }

    pub(super) fn take(&mut self, bytes: &[u8], typed: &mut Typed) {
        for byte in bytes {
            self.open.push(*byte);
            if self.open[0] == b'\x1b' {
                if is_whole_sequence(&self.open) {
                    if self.open == ALT_ENTER {
                        typed.open.push('\n');
                    }
                    self.is_pasting = match self.open.as_slice() {
                        PASTE_BEGINS => true,
                        PASTE_ENDS => false,
                        _ => self.is_pasting,
                    };
                    self.open.clear();
                }
            } else if let Ok(text) = str::from_utf8(&self.open) {
                let character = text.chars().next().unwrap_or_default();
                self.open.clear();
                self.key(character, typed);
            } else if self.open.len() >= 4 {
                // No character is longer.
                self.open.clear();
            }
        }
    }

    fn key(&self, character: char, typed: &mut Typed) {
        let line = &mut typed.open;
        match character {
            '\r' if !self.is_pasting => typed.lines.push(std::mem::take(line)),
            '\n' if self.is_of_lines => typed.lines.push(std::mem::take(line)),
            '\r' | '\n' => line.push('\n'),
            '\t' if self.is_pasting => line.push('\t'),
            '\x7f' | '\x08' => drop(line.pop()),
            // Ctrl-U and Ctrl-W.
            '\x15' => line.clear(),
            '\x17' => {
                let words = line.trim_end();
                line.truncate(words.rfind(char::is_whitespace).map_or(0, |at| at + 1));
            }
            character if character.is_control() => {}
            character => line.push(character),
        }
    }
}

/// Whether an escape sequence has come to its end: a letter or `~` after `ESC [` or `ESC O`, any key after `ESC` alone.
fn is_whole_sequence(bytes: &[u8]) -> bool {
    match bytes {
        [_, b'[' | b'O', .., last] if bytes.len() > 2 => (0x40..=0x7e).contains(last),
        [_, second] => !matches!(second, b'[' | b'O'),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(pieces: &[&[u8]]) -> Typed {
        let (mut keys, mut typed) = (Keys::default(), Typed::default());
        for piece in pieces {
            keys.take(piece, &mut typed);
        }
        typed
    }

    #[test]
    fn lines_end_with_enter_and_the_rest_waits() {
        let found = typed(&[b"one\rtw", b"o thre\x7f\x7fx y\x17"]);
        assert_eq!(found, Typed { lines: vec!["one".to_owned()], open: "two thx ".to_owned() });
        assert_eq!(typed(&[b"a\x15b\nc"]).open, "b\nc");
        assert_eq!(typed(&["漢".as_bytes().split_at(1).0, "漢".as_bytes().split_at(1).1]).open, "漢");
    }

    #[test]
    fn a_paste_is_one_piece_and_other_keys_say_nothing() {
        let found = typed(&[b"x\x1b[20", b"0~one\rtwo\ttab\r\x1b[201~y\x1b[A\x1bOP\x1bb"]);
        assert_eq!(found, Typed { lines: Vec::new(), open: "xone\ntwo\ttab\ny".to_owned() });
    }

    #[test]
    fn alt_enter_and_ctrl_j_begin_another_line() {
        assert_eq!(typed(&[b"one\x1b", b"\rtwo\nthree\r"]).lines, ["one\ntwo\nthree"]);
    }

    #[test]
    fn the_column_is_known_after_text_styles_and_wide_characters() {
        for (column, text, expected) in [
            (0, "abc", 3),
            (3, "\x1b[1;38;5;7mx\x1b[0m", 4),
            (0, "a\nbc", 2),
            (0, "漢字", 4),
            (9, "漢", 2),
            (8, "ab", 10),
        ] {
            assert_eq!(advanced(column, text, 10), expected, "{text:?}");
        }
    }

    #[test]
    fn the_line_below_is_wiped_before_and_drawn_after_what_is_written() {
        let mut below = Below { text: "typed".to_owned(), ..Below::default() };
        assert_eq!(below.framed("abc", 20, false), "abc\r\n› typed\x1b[A\r\x1b[3C");
        assert_eq!(below.framed("\n", 20, false), "\x1b[J\n\r\n› typed\x1b[A\r");
        // At the edge the cursor cannot be put back, so nothing is drawn until there is more.
        assert_eq!(below.framed(&"x".repeat(20), 20, false), format!("\x1b[J{}", "x".repeat(20)));
        assert_eq!(tail("a long line", 4), "line");
    }
}
