//! A key that cannot be printed, and the redaction of keys in text that came from elsewhere.

use std::fmt;

/// A secret text. It has no `Display`, its `Debug` hides it, and it does not serialise.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

/// What stands where a secret was.
pub const REDACTED: &str = "(redacted)";

/// A key that short may be a word, such as the `ollama` that servers on this machine are given.
const SHORTEST_IN_WORDS: usize = 16;

/// A beginning of a secret that short says nothing of it.
const SHORTEST_BEGINNING: usize = 4;

/// Takes whole secrets out of what people and models say.
pub fn hide(secrets: &[Secret], words: &mut String) {
    for secret in secrets.iter().map(Secret::expose).filter(|secret| secret.len() >= SHORTEST_IN_WORDS) {
        if words.contains(secret) {
            *words = words.replace(secret, REDACTED);
        }
    }
}

/// Up to where a text that goes on holds no beginning of a secret at its end.
pub fn settled(secrets: &[Secret], text: &str) -> usize {
    let begins = |secret: &Secret| {
        let secret = secret.expose();
        let longest = secret.len().min(text.len() + 1) - 1;
        let lengths = (SHORTEST_BEGINNING..=longest).rev().filter(|length| secret.is_char_boundary(*length));
        lengths.into_iter().find(|length| text.ends_with(&secret[..*length])).map(|length| text.len() - length)
    };
    let long = secrets.iter().filter(|secret| secret.expose().len() >= SHORTEST_IN_WORDS);
    long.filter_map(begins).min().unwrap_or(text.len())
}

impl Secret {
    /// Keeps a text secret from here on.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, for the one place that must send it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Replaces every occurrence of this secret in `text`, also one that was cut off after its first half: an excerpt may
    /// end in the middle of it.
    ///
    /// Providers echo keys in error messages ("Incorrect API key provided: sk-…").
    pub fn redact(&self, text: &str) -> String {
        // A secret of a few characters would turn ordinary text to holes without protecting anything.
        if self.0.len() < 6 {
            return text.to_owned();
        }
        let half = self.0.floor_char_boundary((self.0.len() / 2).max(6));
        let (start, rest) = self.0.split_at(half);
        let mut pieces = text.split(start);
        let mut redacted = pieces.next().unwrap_or_default().to_owned();
        for piece in pieces {
            let more = piece.chars().zip(rest.chars()).take_while(|(said, secret)| said == secret);
            let known: usize = more.map(|(letter, _)| letter.len_utf8()).sum();
            redacted.push_str(REDACTED);
            redacted.push_str(&piece[known..]);
        }
        redacted
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(REDACTED)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_does_not_print() {
        let secret = Secret::new("sk-123456");
        assert_eq!(format!("{secret:?}"), "(redacted)");
        assert_eq!(secret.redact("bad key sk-123456."), "bad key (redacted).");
    }

    #[test]
    fn a_secret_that_an_excerpt_cut_off_does_not_print_either() {
        let secret = Secret::new("sk-abcdefghijklmnop");
        for (text, expected) in [
            ("key sk-abcdefghijklmno", "key (redacted)"),
            ("key sk-abcdefgh", "key (redacted)"),
            ("sk-abcdefghijklmnop and sk-abcdefghiX", "(redacted) and (redacted)X"),
            ("sk-abcde is no secret", "sk-abcde is no secret"),
            ("nothing", "nothing"),
        ] {
            assert_eq!(secret.redact(text), expected);
        }
    }

    #[test]
    fn a_text_that_goes_on_is_settled_up_to_where_a_secret_may_begin() {
        let secrets = [Secret::new("sk-0123456789abcdef"), Secret::new("short")];
        for (text, expected) in
            [("", 0), ("it is sk-", 9), ("it is sk-0123", 6), ("it is sk-0123456789abcdef", 25), ("a shor", 6)]
        {
            assert_eq!(settled(&secrets, text), expected, "{text}");
        }
    }
}
