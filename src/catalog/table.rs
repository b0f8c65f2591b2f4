//! The embedded table: one sorted text in which a line is found by binary search, so that nothing is read but the lines
//! that are asked for.

use std::cmp::Ordering;

/// The table: comment lines, then a line a model or alias, sorted by the bytes of `provider/id`.
const TABLE: &str = include_str!("models.txt");

/// What a line holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Entry<'a> {
    /// A model's fields.
    Model(&'a str),
    /// Another name of the model with this id at the same provider.
    Alias(&'a str),
}

/// The line of that key.
pub(super) fn find(key: &str) -> Option<Entry<'static>> {
    let line = TABLE[first_at_least(key)..].lines().next()?;
    let (found, entry) = split(line);
    (found == key).then_some(entry)
}

/// All lines whose key starts with `prefix`, in order.
pub(super) fn starting_with(prefix: &str) -> impl Iterator<Item = (&'static str, Entry<'static>)> {
    let lines = TABLE[first_at_least(prefix)..].lines().map(split);
    lines.take_while(move |(key, _)| key.starts_with(prefix))
}

/// The source of that letter with the date on which it was read.
pub(super) fn source(letter: char) -> Option<&'static str> {
    let stated = |line: &'static str| line.strip_prefix("#source ")?.strip_prefix(letter)?.strip_prefix(' ');
    TABLE.lines().take_while(|line| line.starts_with('#')).find_map(stated)
}

/// Where the first line begins whose key is not below `key`. Comments are below every key.
fn first_at_least(key: &str) -> usize {
    let (mut low, mut high) = (0, TABLE.len());
    while low < high {
        let middle = low.midpoint(high);
        // Bytes, for the middle may lie inside a character; the neighbours of a line feed never do.
        let start =
            TABLE.as_bytes()[low..middle].iter().rposition(|byte| *byte == b'\n').map_or(low, |at| low + at + 1);
        let line = TABLE[start..].lines().next().unwrap_or_default();
        let is_below = line.starts_with('#') || split(line).0.cmp(key) == Ordering::Less;
        if is_below {
            low = (start + line.len() + 1).min(high);
        } else {
            high = start;
        }
    }
    low
}

fn split(line: &str) -> (&str, Entry<'_>) {
    let (key, fields) = line.split_once(' ').unwrap_or((line, ""));
    (key, fields.strip_prefix('=').map_or(Entry::Model(fields), Entry::Alias))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn keys() -> impl Iterator<Item = &'static str> {
        TABLE.lines().filter(|line| !line.starts_with('#')).map(|line| split(line).0)
    }

    #[test]
    fn the_table_is_sorted_and_has_no_key_twice() {
        assert!(keys().is_sorted_by(|one, next| one < next));
        assert!(TABLE.ends_with('\n') && !TABLE.contains('\r') && !TABLE.contains("\n\n"));
        let comments = TABLE.lines().take_while(|line| line.starts_with('#')).count();
        assert_eq!(TABLE.lines().filter(|line| line.starts_with('#')).count(), comments, "a comment among the models");
    }

    #[test]
    fn every_line_is_found_by_its_key() {
        for line in TABLE.lines().filter(|line| !line.starts_with('#')) {
            let (key, entry) = split(line);
            assert_eq!(find(key), Some(entry), "{key}");
        }
        assert!(keys().count() > 5000);
    }

    #[test]
    fn lines_of_a_prefix_are_all_that_have_it() {
        for prefix in ["openai/", "azure-ai/", "ai21/", "zhipuai/", "openai/gpt-5", "", "nobody/", "~"] {
            let found: Vec<&str> = starting_with(prefix).map(|(key, _)| key).collect();
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
            assert_eq!(find(key), None, "{key:?}");
        }
    }

    proptest! {
        #[test]
        fn any_key_is_looked_up_without_a_panic(key in ".{0,40}") {
            let known = keys().any(|known| known == key);
            prop_assert_eq!(find(&key).is_some(), known);
        }
    }
}
