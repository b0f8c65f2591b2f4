//! What is set for `llmx chat`, and what other programs' settings tell of it.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{Environment, Settings};

/// The keys of the line editor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Keys {
    /// As in emacs, and in most shells.
    Emacs,
    /// As in vi.
    Vi,
}

/// The file that readline is set by, where no variable names another.
const INPUTRC: &str = ".inputrc";

impl Settings {
    /// The keys that were set for the chat; else those that readline is set to, so that they are the same as in the shell.
    pub fn keys(&self, environment: &Environment) -> Keys {
        match &self.chat_keys {
            Some(keys) => keys.value,
            None => readline(environment).unwrap_or(Keys::Emacs),
        }
    }
}

fn readline(environment: &Environment) -> Option<Keys> {
    let named = environment.get("INPUTRC").map(PathBuf::from);
    let path = named.or_else(|| Some(PathBuf::from(environment.get("HOME")?).join(INPUTRC)))?;
    mode(&std::fs::read_to_string(path).ok()?)
}

/// The last `set editing-mode` that stands there counts.
fn mode(inputrc: &str) -> Option<Keys> {
    inputrc.lines().rev().find_map(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words[..] {
            ["set", "editing-mode", "vi"] => Some(Keys::Vi),
            ["set", "editing-mode", "emacs"] => Some(Keys::Emacs),
            _ => None,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_keys_of_readline_are_found() {
        assert_eq!(mode("# set editing-mode emacs\nset bell-style none\n  set editing-mode vi\n"), Some(Keys::Vi));
        assert_eq!(mode("set editing-mode vi\nset editing-mode emacs"), Some(Keys::Emacs));
        assert_eq!(mode("#set editing-mode vi"), None);
    }
}
