//! What the fleet counts as a token. Answers: one word with the blank before it, or one run of punctuation, at most
//! [`LONGEST`] characters. Prompts: a token for every four characters, rounded up.

/// The most characters of an answer's token.
pub const LONGEST: usize = 12;

/// Cuts an answer into its tokens; joined they are the text again.
pub fn pieces(text: &str) -> Vec<String> {
    let mut pieces: Vec<String> = Vec::new();
    let mut last = Kind::Blank;
    let mut length = 0;
    for character in text.chars() {
        let kind = Kind::of(character);
        let continues = length > 0 && length < LONGEST && (last == Kind::Blank || last == kind);
        if let Some(piece) = pieces.last_mut().filter(|_| continues) {
            piece.push(character);
        } else {
            pieces.push(character.to_string());
            length = 0;
        }
        (last, length) = (kind, length + 1);
    }
    pieces
}

/// The tokens of a prompt.
pub fn count(text: &str) -> u64 {
    text.chars().count().div_ceil(4) as u64
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Blank,
    Word,
    Mark,
}

impl Kind {
    fn of(character: char) -> Self {
        if character.is_whitespace() {
            Self::Blank
        } else if character.is_alphanumeric() || character == '\'' || character == '’' {
            Self::Word
        } else {
            Self::Mark
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_keep_the_blank_before_them_and_marks_stand_alone() {
        assert_eq!(pieces("It's fine, really.\n\n- one"), ["It's", " fine", ",", " really", ".", "\n\n-", " one"]);
        assert_eq!(pieces("internationalisation").len(), 2);
        assert!(pieces("").is_empty());
    }

    #[test]
    fn four_characters_of_a_prompt_are_a_token() {
        assert_eq!((count(""), count("abcd"), count("abcde"), count("ééééé")), (0, 1, 2, 2));
    }

    proptest::proptest! {
        #[test]
        fn pieces_joined_are_the_text(text in "\\PC{0,80}|[a-z .,\n]{0,80}") {
            let pieces = pieces(&text);
            proptest::prop_assert_eq!(pieces.concat(), text);
            proptest::prop_assert!(pieces.iter().all(|piece| (1..=LONGEST).contains(&piece.chars().count())));
        }
    }
}
