//! A key that cannot be printed, and the redaction of keys in text that came from elsewhere.

use std::fmt;

/// A secret text. It has no `Display`, its `Debug` hides it, and it does not serialise.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

/// What stands where a secret was.
pub const REDACTED: &str = "(redacted)";

impl Secret {
    /// Keeps a text secret from here on.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, for the one place that must send it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Replaces every occurrence of this secret in `text`, whole.
    ///
    /// Providers echo keys in error messages ("Incorrect API key provided: sk-…").
    pub fn redact(&self, text: &str) -> String {
        // A secret of a few characters would turn ordinary text to holes without protecting anything.
        if self.0.len() < 6 { text.to_owned() } else { text.replace(&self.0, REDACTED) }
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
}
