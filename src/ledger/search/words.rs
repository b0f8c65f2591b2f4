//! How texts become words for the index: those of scripts without blanks are split into characters, so that a word of two
//! characters is found in the middle of a sentence.

use std::borrow::Cow;

/// Stands between characters that are words of their own. The tokenizer takes it for a separator, and nobody sees it.
pub(super) const SPLIT: char = '\u{200b}';

/// Scripts that write words without blanks between them, or with endings glued on: from, to.
const UNSPACED: &[(char, char)] = &[
    ('\u{0e00}', '\u{0eff}'), // Thai, Lao
    ('\u{1000}', '\u{109f}'), // Myanmar
    ('\u{1100}', '\u{11ff}'), // Hangul Jamo
    ('\u{1780}', '\u{17ff}'), // Khmer
    ('\u{3005}', '\u{3007}'), // marks of repetition, zero
    ('\u{3040}', '\u{30ff}'), // Hiragana, Katakana
    ('\u{3105}', '\u{318f}'), // Bopomofo, Hangul
    ('\u{31f0}', '\u{31ff}'), // small Katakana
    ('\u{3400}', '\u{4dbf}'), // Han
    ('\u{4e00}', '\u{9fff}'),
    ('\u{a960}', '\u{a97f}'), // Hangul Jamo
    ('\u{ac00}', '\u{d7ff}'), // Hangul
    ('\u{f900}', '\u{faff}'), // Han
    ('\u{ff66}', '\u{ffdc}'), // halfwidth forms
    ('\u{20000}', '\u{3ffff}'),
];

fn is_unspaced(character: char) -> bool {
    character >= UNSPACED[0].0 && UNSPACED.iter().any(|(first, last)| (*first..=*last).contains(&character))
}

/// The text with [`SPLIT`] around each character that is a word of its own, and with blanks for control characters, which
/// would end it for SQLite or be taken for marks.
pub(super) fn split(text: &str) -> Cow<'_, str> {
    let is_changed = |character: char| is_unspaced(character) || is_control(character);
    if !text.chars().any(is_changed) {
        return Cow::Borrowed(text);
    }
    let mut split = String::with_capacity(text.len() + text.len() / 2);
    for character in text.chars() {
        match character {
            SPLIT => {}
            control if is_control(control) => split.push(' '),
            word if is_unspaced(word) => split.extend([SPLIT, word, SPLIT]),
            other => split.push(other),
        }
    }
    Cow::Owned(split)
}

fn is_control(character: char) -> bool {
    character.is_control() && !matches!(character, '\n' | '\t')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_of_scripts_without_blanks_stand_alone() {
        let shown = |text: &str| split(text).replace(SPLIT, "|");
        assert_eq!(shown("a 東京 b"), "a |東||京| b");
        assert_eq!(shown("한국어를"), "|한||국||어||를|");
        assert_eq!(shown("plain café, naïve"), "plain café, naïve");
        assert_eq!(shown("a\0b\u{1}c\nd"), "a b c\nd");
    }
}
