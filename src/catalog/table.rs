//! The table of models: one sorted text in which a line is found by binary search, so that nothing is read but the lines
//! that are asked for. The embedded text, or one that `llmx models update` has stored.

use std::cmp::Ordering;
use std::sync::Arc;

/// The embedded text: comment lines, then a line a model or alias, sorted by the bytes of `provider/id`.
const EMBEDDED: &str = include_str!("models.txt");

/// How the first line of every such text begins; the day follows.
pub(super) const TITLE: &str = "# llmx's catalogue of models as of ";

/// A text of that form; the embedded one by default.
#[derive(Clone, Debug, Default)]
pub(super) struct Table {
    text: Option<Arc<String>>,
    /// Where in the text it begins.
    start: usize,
}

/// What a line holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Entry<'a> {
    /// A model's fields.
    Model(&'a str),
    /// Another name of the model with this id at the same provider.
    Alias(&'a str),
}

impl Table {
    /// A table of another text, which must be sorted as the embedded one is.
    pub fn of(text: String) -> Self {
        Self::after(text, 0)
    }

    /// A table of what follows the first `start` bytes of a text, which is not copied: this is done at every start.
    pub fn after(text: String, start: usize) -> Self {
        Self { text: Some(Arc::new(text)), start }
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        self.text.as_deref().map_or(EMBEDDED, |text| text.get(self.start..).unwrap_or_default())
    }

    /// The line of that key.
    pub fn find(&self, key: &str) -> Option<Entry<'_>> {
        let text = self.text();
        let line = text[first_at_least(text, key)..].lines().next()?;
        let (found, entry) = split(line);
        (found == key).then_some(entry)
    }

    /// All lines whose key starts with `prefix`, in order.
    pub fn starting_with(&self, prefix: &str) -> impl Iterator<Item = (&str, Entry<'_>)> {
        let text = self.text();
        let lines = text[first_at_least(text, prefix)..].lines().map(split);
        lines.take_while(move |(key, _)| key.starts_with(prefix))
    }

    /// The comment lines at the top.
    pub fn comments(&self) -> impl Iterator<Item = &str> {
        self.text().lines().take_while(|line| line.starts_with('#'))
    }

    /// The source of that letter with the date on which it was read.
    pub fn source(&self, letter: char) -> Option<&str> {
        self.comments().find_map(|line| line.strip_prefix("#source ")?.strip_prefix(letter)?.strip_prefix(' '))
    }

    /// The day whose facts it holds, `YYYY-MM-DD`.
    pub fn as_of(&self) -> &str {
        self.comments().find_map(|line| line.strip_prefix(TITLE)).unwrap_or_default()
    }
}

/// Where the first line begins whose key is not below `key`. Comments are below every key.
fn first_at_least(text: &str, key: &str) -> usize {
    let (mut low, mut high) = (0, text.len());
    while low < high {
        let middle = low.midpoint(high);
        // Bytes, for the middle may lie inside a character; the neighbours of a line feed never do.
        let start = text.as_bytes()[low..middle].iter().rposition(|byte| *byte == b'\n').map_or(low, |at| low + at + 1);
        let line = text[start..].lines().next().unwrap_or_default();
        let is_below = line.starts_with('#') || split(line).0.cmp(key) == Ordering::Less;
        if is_below {
            low = (start + line.len() + 1).min(high);
        } else {
            high = start;
        }
    }
    low
}

/// A line's key and what it holds.
pub(super) fn split(line: &str) -> (&str, Entry<'_>) {
    let (key, fields) = line.split_once(' ').unwrap_or((line, ""));
    (key, fields.strip_prefix('=').map_or(Entry::Model(fields), Entry::Alias))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn keys() -> impl Iterator<Item = &'static str> {
        EMBEDDED.lines().filter(|line| !line.starts_with('#')).map(|line| split(line).0)
    }

    #[test]
    fn the_table_is_sorted_and_has_no_key_twice() {
        assert!(keys().is_sorted_by(|one, next| one < next));
        assert!(EMBEDDED.ends_with('\n') && !EMBEDDED.contains('\r') && !EMBEDDED.contains("\n\n"));
        let comments = EMBEDDED.lines().take_while(|line| line.starts_with('#')).count();
        assert_eq!(
            EMBEDDED.lines().filter(|line| line.starts_with('#')).count(),
            comments,
            "a comment among the models"
        );
    }

    #[test]
    fn every_line_is_found_by_its_key() {
        for line in EMBEDDED.lines().filter(|line| !line.starts_with('#')) {
            let (key, entry) = split(line);
            assert_eq!(Table::default().find(key), Some(entry), "{key}");
        }
        assert!(keys().count() > 5000);
    }

    #[test]
    fn lines_of_a_prefix_are_all_that_have_it() {
        for prefix in ["openai/", "azure-ai/", "ai21/", "zhipuai/", "openai/gpt-5", "", "nobody/", "~"] {
            let table = Table::default();
            let found: Vec<&str> = table.starting_with(prefix).map(|(key, _)| key).collect();
            assert_eq!(found, keys().filter(|key| key.starts_with(prefix)).collect::<Vec<_>>(), "{prefix}");
        }
    }

    #[test]
    fn what_is_not_there_is_not_found() {
        for key in [
            "",
            "/",
            "openai",
            "openai/",
            "openai/gpt-5.4 ",
            "openai/gpt-5.4\n",
            "#source",
            "\u{0}",
            "\u{10ffff}",
            "é/ü",
        ] {
            assert_eq!(Table::default().find(key), None, "{key:?}");
        }
    }

    proptest! {
        #[test]
        fn any_key_is_looked_up_without_a_panic(key in ".{0,40}") {
            let known = keys().any(|known| known == key);
            prop_assert_eq!(Table::default().find(&key).is_some(), known);
        }
    }
}
