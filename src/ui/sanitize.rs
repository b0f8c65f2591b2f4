//! Makes text that came from elsewhere harmless on a terminal, piece by piece.
//!
//! One rule per class of character, none of which looks at what a sequence means, so that a sequence cut anywhere is as
//! harmless as a whole one: newline and tab pass; carriage return is dropped; every other C0 control, DEL and every C1
//! control is shown in caret notation (ESC as `^[`, U+009B as its seven-bit form `^[[`); bidirectional overrides, tags and
//! invisible characters are removed; line and paragraph separators become newlines. Joiners stay where writing needs
//! them: between two characters that are not ASCII.

/// A filter that carries its state from piece to piece.
#[derive(Clone, Debug, Default)]
pub struct Sanitizer {
    /// The last character let through.
    last: Option<char>,
    /// A joiner that stays only when the next character can be joined.
    joiner: Option<char>,
}

/// What becomes of a character.
enum Fate {
    Keep,
    Joiner,
    Newline,
    Drop,
    Show,
}

impl Sanitizer {
    /// Appends the harmless form of `piece` to `out`.
    pub fn push(&mut self, piece: &str, out: &mut String) {
        let mut kept_from = 0;
        for (at, character) in piece.char_indices() {
            let fate = fate(character);
            if matches!(fate, Fate::Keep) && self.joiner.is_none() {
                self.last = Some(character);
                continue;
            }
            out.push_str(&piece[kept_from..at]);
            kept_from = at + character.len_utf8();
            self.put(character, &fate, out);
        }
        out.push_str(&piece[kept_from..]);
    }

    /// Ends the text. A joiner with nothing after it joins nothing and is gone.
    pub fn finish(&mut self) {
        *self = Self::default();
    }

    fn put(&mut self, character: char, fate: &Fate, out: &mut String) {
        match fate {
            Fate::Drop => return,
            Fate::Joiner => {
                if self.last.is_some_and(can_join) {
                    self.joiner.get_or_insert(character);
                }
                return;
            }
            _ => {}
        }
        let joiner = self.joiner.take().filter(|_| can_join(character));
        out.extend(joiner);
        self.last = Some(character);
        match fate {
            Fate::Newline => out.push('\n'),
            Fate::Show => show(character, out),
            _ => out.push(character),
        }
    }
}

fn fate(character: char) -> Fate {
    match character {
        '\n' | '\t' | ' '..='~' => Fate::Keep,
        '\r' => Fate::Drop,
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' => Fate::Show,
        '\u{200c}' | '\u{200d}' => Fate::Joiner,
        '\u{2028}' | '\u{2029}' => Fate::Newline,
        '\u{61c}'
        | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{2069}'
        | '\u{feff}'
        | '\u{e0000}'..='\u{e007f}' => Fate::Drop,
        _ => Fate::Keep,
    }
}

fn can_join(character: char) -> bool {
    !character.is_ascii() && !character.is_whitespace() && !character.is_control()
}

/// Caret notation: control characters as `^` and the letter 64 places up, C1 controls as `^[` and their letter.
fn show(control: char, out: &mut String) {
    let code = u32::from(control);
    let (prefix, letter) = match code {
        0x80.. => ("^[", code - 0x40),
        0x7f => ("^", u32::from('?')),
        _ => ("^", code + 0x40),
    };
    out.push_str(prefix);
    out.extend(char::from_u32(letter));
}

/// The harmless form of a whole text of any number of lines.
pub fn clean(text: &str) -> String {
    let mut sanitizer = Sanitizer::default();
    let mut out = String::with_capacity(text.len());
    sanitizer.push(text, &mut out);
    sanitizer.finish();
    out
}

/// The harmless form of a text that must stay on one line: newlines and tabs become spaces.
pub fn clean_line(text: &str) -> String {
    clean(text).replace(['\n', '\t'], " ")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_class_of_character_has_its_rule() {
        for (input, expected) in [
            ("plain ünïcödé 漢字\n\tline", "plain ünïcödé 漢字\n\tline"),
            ("\x1b]52;c;aGk=\x07", "^[]52;c;aGk=^G"),
            ("\x1b]0;title\x1b\\", "^[]0;title^[\\"),
            ("\u{9b}2J\u{9d}0;x\u{9c}", "^[[2J^[]0;x^[\\"),
            ("\x1bc\x1bP1$q\0\x7f", "^[c^[P1$q^@^?"),
            ("safe\rEVIL\r\nnext", "safeEVIL\nnext"),
            ("ab\x08\x08xy", "ab^H^Hxy"),
            ("a\u{202e}b\u{2066}c\u{e0041}d\u{200b}e\u{200f}f\u{feff}g", "abcdefg"),
            ("one\u{2028}two\u{2029}three", "one\ntwo\nthree"),
            ("👩\u{200d}💻 می\u{200c}خواهم", "👩\u{200d}💻 می\u{200c}خواهم"),
            ("pass\u{200d}word \u{200d}👩\u{200d} x\u{200c}", "password 👩 x"),
        ] {
            assert_eq!(clean(input), expected, "{input:?}");
        }
    }

    #[test]
    fn one_line_stays_one_line() {
        assert_eq!(clean_line("a\nb\tc\u{2028}d\r\ne"), "a b c d e");
    }

    fn hostile() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            any::<char>().prop_map(String::from),
            prop::sample::select(vec![
                "\x1b",
                "\r",
                "\n",
                "\u{9b}",
                "\u{200d}",
                "\u{200c}",
                "👩",
                "a",
                "\u{2028}",
                "\u{202e}",
                "\u{e0020}",
            ])
            .prop_map(str::to_owned),
        ];
        prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn every_chunking_gives_the_same_harmless_text(text in hostile(), cuts in prop::collection::vec(0usize..160, 0..8)) {
            let mut sanitizer = Sanitizer::default();
            let mut out = String::new();
            let mut from = 0;
            for to in (1..=text.len()).filter(|at| text.is_char_boundary(*at) && cuts.contains(at)) {
                sanitizer.push(&text[from..to], &mut out);
                from = to;
            }
            sanitizer.push(&text[from..], &mut out);
            sanitizer.finish();
            prop_assert_eq!(&out, &clean(&text));
            prop_assert!(out.chars().all(|c| !c.is_control() || c == '\n' || c == '\t'));
            prop_assert_eq!(clean(&out), out);
        }
    }
}
