//! Texts into words with the blanks after them, and words into sentences. One pass over the text each.

use std::collections::HashMap;
use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;

/// A word or a sign, with the blanks after it. Blanks at the beginning of a text follow an empty word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token<'text> {
    /// Word and blanks.
    pub(super) whole: &'text str,
    /// The word alone.
    pub(super) word: &'text str,
}

impl<'text> Token<'text> {
    /// The blanks after the word.
    pub(super) fn blanks(&self) -> &'text str {
        &self.whole[self.word.len()..]
    }

    /// Whether it has a letter or a digit; else it is a sign.
    pub(super) fn is_word(&self) -> bool {
        self.word.chars().any(char::is_alphanumeric)
    }

    fn is_numeric(&self) -> bool {
        self.word.chars().all(char::is_numeric)
    }

    fn starts_lowercase(&self) -> bool {
        self.word.chars().next().is_some_and(char::is_lowercase)
    }
}

/// Numbers for words, the same number for the same word.
#[derive(Debug, Default)]
pub(super) struct Interner<'text> {
    numbers: HashMap<&'text str, u32>,
}

impl<'text> Interner<'text> {
    /// The number of a word.
    pub(super) fn id(&mut self, word: &'text str) -> u32 {
        let next = u32::try_from(self.numbers.len()).unwrap_or(u32::MAX);
        *self.numbers.entry(word).or_insert(next)
    }
}

/// The words and signs of a text; all of them together are the text.
pub(super) fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut found = Vec::with_capacity(text.len() / 5);
    // Where the open word starts, and where its blanks do.
    let (mut start, mut blank) = (0, 0);
    for (at, piece) in text.split_word_bound_indices() {
        if piece.chars().all(char::is_whitespace) {
            continue;
        }
        if at > start {
            found.push(Token { whole: &text[start..at], word: &text[start..blank] });
        }
        (start, blank) = (at, at + piece.len());
    }
    if start < text.len() {
        found.push(Token { whole: &text[start..], word: &text[start..blank] });
    }
    found
}

/// The lines of a text, each with its end.
pub(super) fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive('\n')
}

/// Signs that end a sentence where a blank follows.
const ENDS: &str = ".!?…؟۔।॥።፧៕";
/// Signs that end a sentence whatever follows.
const WIDE_ENDS: &str = "。！？．｡";
/// Signs that may stand between the end of a sentence and the blank after it.
const CLOSERS: &str = "\"'”’»)]}」』）】》*_`";

/// The tokens of each sentence; all of them together are the tokens.
pub(super) fn sentences(tokens: &[Token<'_>]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut start = 0;
    let mut words = 0;
    // The sign that ended the sentence, when only closing signs came since.
    let mut end: Option<char> = None;
    for (at, token) in tokens.iter().enumerate() {
        words += usize::from(token.is_word() && !token.is_numeric());
        let sign = token.word.chars().next().unwrap_or(' ');
        if ENDS.contains(sign) || WIDE_ENDS.contains(sign) {
            end = Some(sign);
        } else if !CLOSERS.contains(sign) {
            end = None;
        }
        let next = tokens.get(at + 1);
        let is_whole = words > 1 && end.is_some_and(|end| ends_here(end, token, next));
        if is_whole || ends_line(token, next) || is_phrase(token, next) {
            found.push(start..at + 1);
            (start, words, end) = (at + 1, 0, None);
        }
    }
    if start < tokens.len() {
        found.push(start..tokens.len());
    }
    found
}

/// Whether the sentence ends between two tokens, after a sign that may end it.
fn ends_here(end: char, token: &Token<'_>, next: Option<&Token<'_>>) -> bool {
    let closes = |token: &Token<'_>| token.word.chars().all(|sign| CLOSERS.contains(sign) || WIDE_ENDS.contains(sign));
    if WIDE_ENDS.contains(end) {
        return !next.is_some_and(closes);
    }
    let abbreviates = end == '.' && next.is_some_and(Token::starts_lowercase);
    !token.blanks().is_empty() && !abbreviates
}

/// Whether a line ends between two tokens, and not in the middle of a sentence that was wrapped.
fn ends_line(token: &Token<'_>, next: Option<&Token<'_>>) -> bool {
    let line_ends = token.blanks().chars().filter(|blank| *blank == '\n').count();
    line_ends > 1 || line_ends == 1 && !next.is_some_and(Token::starts_lowercase)
}

/// Whether a blank between two tokens separates phrases: in writing without blanks between words it does.
fn is_phrase(token: &Token<'_>, next: Option<&Token<'_>>) -> bool {
    let is_unspaced = |c: char| matches!(c, '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}');
    !token.blanks().is_empty()
        && token.word.chars().next().is_some_and(is_unspaced)
        && next.and_then(|next| next.word.chars().next()).is_some_and(is_unspaced)
}
