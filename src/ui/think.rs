//! Models without a place for their thoughts write them before the answer, between `<think>` and `</think>`. On a terminal they are
//! shown as other thoughts are; what is kept and what goes into a pipe stays as it came.

/// What begins and what ends such thoughts.
const OPEN: &str = "<think>";
const CLOSE: &str = "</think>";

/// A piece of an answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece {
    Thought(String),
    Text(String),
}

/// Tells thoughts from the answer, piece by piece.
#[derive(Debug, Default)]
pub(super) struct Thoughts {
    place: Place,
    /// What may be the beginning of a tag.
    held: String,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Place {
    #[default]
    Before,
    /// Inside, where nothing but blanks has come.
    Opened,
    Inside,
    /// Blank lines between the thoughts and the answer belong to neither.
    Behind,
    Answer,
}

impl Thoughts {
    /// Takes a piece, and gives what is known to be one or the other.
    pub(super) fn push(&mut self, piece: &str) -> Vec<Piece> {
        let mut text = std::mem::take(&mut self.held) + piece;
        let mut found = Vec::new();
        if self.place == Place::Before {
            let begin = text.trim_start();
            if begin.len() < OPEN.len() && OPEN.starts_with(begin) {
                self.held = text;
                return found;
            }
            match begin.strip_prefix(OPEN) {
                Some(rest) => (self.place, text) = (Place::Opened, rest.to_owned()),
                None => self.place = Place::Answer,
            }
        }
        if self.place == Place::Opened {
            text = unindented(text);
            self.place = if text.is_empty() { Place::Opened } else { Place::Inside };
        }
        if self.place == Place::Inside {
            if let Some((thought, rest)) = text.split_once(CLOSE) {
                found.push(Piece::Thought(thought.trim_end().to_owned()));
                (self.place, text) = (Place::Behind, rest.to_owned());
            } else {
                self.held = text.split_off(settled(&text));
                found.push(Piece::Thought(std::mem::take(&mut text)));
            }
        }
        if self.place == Place::Behind {
            text = unindented(text);
            self.place = if text.is_empty() { Place::Behind } else { Place::Answer };
        }
        found.push(Piece::Text(text));
        found.retain(|piece| !matches!(piece, Piece::Thought(text) | Piece::Text(text) if text.is_empty()));
        found
    }

    /// What was held when the answer has ended.
    pub(super) fn finish(&mut self) -> Option<Piece> {
        let held = std::mem::take(&mut self.held);
        let place = std::mem::take(&mut self.place);
        (!held.is_empty()).then_some(if place == Place::Inside { Piece::Thought(held) } else { Piece::Text(held) })
    }
}

fn unindented(mut text: String) -> String {
    text.drain(..text.len() - text.trim_start().len());
    text
}

/// Up to where a text holds no beginning of the closing tag, nor blanks that may stand before it.
fn settled(text: &str) -> usize {
    let tag = (1..CLOSE.len()).rev().find(|length| text.ends_with(&CLOSE[..*length])).unwrap_or(0);
    text[..text.len() - tag].trim_end().len()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Thoughts and answer, however the text is cut.
    fn told(text: &str) -> (String, String) {
        let read = |pieces: &mut dyn Iterator<Item = &str>| {
            let (mut thoughts, mut told) = (Thoughts::default(), (String::new(), String::new()));
            let mut take = |piece| match piece {
                Piece::Thought(text) => told.0.push_str(&text),
                Piece::Text(text) => told.1.push_str(&text),
            };
            for piece in pieces {
                thoughts.push(piece).into_iter().for_each(&mut take);
            }
            thoughts.finish().into_iter().for_each(take);
            told
        };
        let whole = read(&mut [text].into_iter());
        let by_character = read(&mut text.split_inclusive(|_| true));
        assert_eq!(whole, by_character, "{text}");
        whole
    }

    #[test]
    fn thoughts_before_an_answer_are_told_from_it() {
        for (text, thought, answer) in [
            ("<think>\nhm, hm\n\nso\n</think>\n\nYes.\n", "hm, hm\n\nso", "Yes.\n"),
            ("\n<think></think>No.", "", "No."),
            ("<think>a < b </thin>", "a < b </thin>", ""),
            ("Say <think>.", "", "Say <think>."),
            ("<thin", "", "<thin"),
            ("  plain", "", "  plain"),
            ("", "", ""),
        ] {
            assert_eq!(told(text), (thought.to_owned(), answer.to_owned()), "{text}");
        }
    }
}
