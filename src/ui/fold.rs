//! Lines that end at words: notes, remarks and a model's thoughts on a terminal, which would cut them anywhere. A word that is
//! longer than a line stays whole, so that a path or a flag can be copied.

use unicode_width::UnicodeWidthStr;

use super::markdown::wrap::may_break;

/// The text with its lines folded to that width; blanks within a line stay.
pub(super) fn folded(text: &str, width: usize) -> String {
    let (mut fold, mut out) = (Fold::default(), String::with_capacity(text.len() + 8));
    fold.push(text, width, &mut out);
    fold.finish(width, &mut out);
    out
}

/// A text that comes in pieces. The last word is held until it has ended.
#[derive(Debug, Default)]
pub(super) struct Fold {
    /// Columns that are taken on the open line.
    column: usize,
    /// There is a word on it.
    is_begun: bool,
    blanks: usize,
    word: String,
}

impl Fold {
    /// Takes a piece, and adds what can be shown.
    pub(super) fn push(&mut self, piece: &str, width: usize, out: &mut String) {
        for character in piece.chars() {
            match character {
                '\n' => {
                    self.finish(width, out);
                    out.push('\n');
                }
                ' ' => {
                    self.place(width, out);
                    self.blanks += 1;
                }
                character => {
                    if self.word.chars().next_back().is_some_and(|before| may_break(before, character)) {
                        self.place(width, out);
                    }
                    self.word.push(character);
                }
            }
        }
    }

    /// Ends the line.
    pub(super) fn finish(&mut self, width: usize, out: &mut String) {
        self.place(width, out);
        out.extend(std::iter::repeat_n(' ', self.blanks));
        *self = Self::default();
    }

    fn place(&mut self, width: usize, out: &mut String) {
        if self.word.is_empty() {
            return;
        }
        let columns = self.word.width();
        if self.is_begun && self.column + self.blanks + columns > width {
            out.push('\n');
            (self.column, self.blanks) = (0, 0);
        } else if self.column + self.blanks + columns > width && columns <= width {
            // A word that fits a line goes before its indentation.
            self.blanks = 0;
        }
        out.extend(std::iter::repeat_n(' ', self.blanks));
        out.push_str(&self.word);
        self.column += self.blanks + columns;
        self.is_begun = true;
        self.blanks = 0;
        self.word.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_at_words_and_flags_stay_whole() {
        let note = "next: `llmx cost --by day,model`, `llmx cost --since today --by command`";
        for width in [20, 40, 60] {
            let folded = folded(note, width);
            assert!(folded.lines().all(|line| line.width() <= width), "{width}\n{folded}");
            assert_eq!(folded.replace('\n', " "), note);
        }
    }

    #[test]
    fn pieces_are_folded_as_the_whole_is_and_wide_characters_anywhere() {
        let text = "thinking hard about it:\n\n  - 日本語の文章はどこでも\n  - two   blanks";
        let whole = folded(text, 14);
        let (mut fold, mut out) = (Fold::default(), String::new());
        for character in text.chars() {
            fold.push(&character.to_string(), 14, &mut out);
        }
        fold.finish(14, &mut out);
        assert_eq!(out, whole);
        assert!(whole.lines().all(|line| line.width() <= 14), "{whole}");
        assert!(whole.starts_with("thinking hard\nabout it:\n\n  - 日本語の文\n章は"), "{whole}");
    }

    #[test]
    fn no_word_is_broken_that_fits_a_line() {
        let note = "error: unknown provider `nobody` in `nobody/m`\n  hint: a model is written `provider/model`\n    indented-word";
        for width in 1..=40 {
            let folded = folded(note, width);
            let is_long = |line: &str| line.trim().split(' ').count() == 1 && line.trim().width() > width;
            let is_well = |line: &str| line.width() <= width || is_long(line);
            assert!(folded.lines().all(is_well), "{width}\n{folded}");
            let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
            assert_eq!(words(&folded), words(note));
        }
    }

    #[test]
    fn what_fits_and_words_that_never_fit_stay_as_they_are() {
        assert_eq!(folded("  cost      $0.10\n\nend\n", 20), "  cost      $0.10\n\nend\n");
        assert_eq!(folded("in /a/very/long/path/of/a/file here", 10), "in\n/a/very/long/path/of/a/file\nhere");
        assert_eq!(folded("   /a/very/long/path", 5), "   /a/very/long/path");
    }
}
