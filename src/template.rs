//! Texts with places to fill in: `Translate into {{language}}: {{text}}`.
//!
//! A place is a name between two pairs of braces, with or without blanks around it. A name begins with a letter or `_` and
//! goes on with letters, digits, `_`, `-` and `.`. Every other `{{` is text, so that JSON, code, and other templates' blocks
//! (`{{ x | upper }}`, `{{"a": 1}}`, `{{#each}}`) stay as they are. A place that shall stay text is written with its braces
//! doubled: `{{{{name}}}}` gives `{{name}}`, and nothing else needs it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// A text with places to fill in. Every text is one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Template {
    pieces: Vec<Piece>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Variable(String),
}

/// Variables of a template that have no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// Their names, in order of the alphabet, each once; never empty.
    pub names: Vec<String>,
    /// The names that do have a value, to find the one that was meant.
    pub available: Vec<String>,
}

impl Template {
    /// Reads a text; takes time in proportion to its length.
    pub fn parse(text: &str) -> Self {
        let mut pieces = Vec::new();
        let (mut plain, mut rest) = (String::new(), text);
        while let Some(start) = rest.find("{{") {
            plain.push_str(&rest[..start]);
            rest = &rest[start..];
            if let Some(inner) = doubled(rest) {
                plain.push_str(inner);
                rest = &rest[inner.len() + 4..];
            } else if let Some((name, length)) = place(rest) {
                if !plain.is_empty() {
                    pieces.push(Piece::Text(std::mem::take(&mut plain)));
                }
                pieces.push(Piece::Variable(name.to_owned()));
                rest = &rest[length..];
            } else {
                plain.push('{');
                rest = &rest[1..];
            }
        }
        plain.push_str(rest);
        if !plain.is_empty() {
            pieces.push(Piece::Text(plain));
        }
        Self { pieces }
    }

    /// The names of its variables, each once; none for a text without any.
    pub fn variables(&self) -> BTreeSet<&str> {
        let places = self.pieces.iter().filter_map(|piece| match piece {
            Piece::Variable(name) => Some(name.as_str()),
            Piece::Text(_) => None,
        });
        places.collect()
    }

    /// The same with another template in place of a variable.
    #[must_use]
    pub fn with(&self, name: &str, inner: &Self) -> Self {
        let pieces = self.pieces.iter().flat_map(|piece| match piece {
            Piece::Variable(variable) if variable == name => inner.pieces.clone(),
            piece => vec![piece.clone()],
        });
        Self { pieces: pieces.collect() }
    }

    /// The text with a value at every place. A value is text: places that it holds itself are not filled.
    pub fn fill(&self, values: &BTreeMap<String, String>) -> Result<String, Missing> {
        let names: Vec<String> =
            self.variables().into_iter().filter(|name| !values.contains_key(*name)).map(str::to_owned).collect();
        if !names.is_empty() {
            return Err(Missing { names, available: values.keys().cloned().collect() });
        }
        let text = |piece: &Piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Variable(name) => values.get(name).cloned().unwrap_or_default(),
        };
        Ok(self.pieces.iter().map(text).collect())
    }
}

/// Whether a word can be the name of a variable.
pub fn is_name(word: &str) -> bool {
    !word.is_empty() && name_length(word) == word.len()
}

/// The place that a text begins with: its name, and the bytes it takes with its braces.
fn place(text: &str) -> Option<(&str, usize)> {
    let blank = |character| matches!(character, ' ' | '\t');
    let inner = text.strip_prefix("{{")?.trim_start_matches(blank);
    let (name, rest) = inner.split_at(name_length(inner));
    let rest = rest.trim_start_matches(blank).strip_prefix("}}")?;
    (!name.is_empty()).then_some((name, text.len() - rest.len()))
}

/// The place that a text begins with in doubled braces, in single ones.
fn doubled(text: &str) -> Option<&str> {
    let inner = text.strip_prefix("{{")?;
    let (inner, rest) = inner.split_at(place(inner)?.1);
    rest.starts_with("}}").then_some(inner)
}

/// The bytes of the name that a text begins with; 0 when there is none.
fn name_length(text: &str) -> usize {
    if !text.starts_with(|first: char| first.is_alphabetic() || first == '_') {
        return 0;
    }
    let inside = |character: char| character.is_alphanumeric() || matches!(character, '_' | '-' | '.');
    text.find(|character| !inside(character)).unwrap_or(text.len())
}

impl fmt::Display for Missing {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<String> = self.names.iter().map(|name| format!("`{{{{{name}}}}}`")).collect();
        let verb = if names.len() == 1 { "has" } else { "have" };
        write!(formatter, "{} {verb} no value", names.join(", "))
    }
}

impl std::error::Error for Missing {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn values(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn filled(text: &str) -> String {
        Template::parse(text).fill(&values(&[("name", "Ann"), ("größe-1.b", "9")])).expect("all have a value")
    }

    #[test]
    fn places_are_filled_with_and_without_blanks() {
        assert_eq!(filled("{{name}}, {{ name }} and {{\tname}}: {{größe-1.b}}"), "Ann, Ann and Ann: 9");
        assert_eq!(filled("{{{name}}}"), "{Ann}");
        assert_eq!(filled("{{name}}{{name}}"), "AnnAnn");
        assert_eq!(filled(""), "");
    }

    #[test]
    fn what_is_no_name_between_braces_stays_text() {
        for text in [
            "{{ name | upper }}",
            "{{\"a\": {\"b\": 1}}}",
            "{{}}",
            "{{ }}",
            "{{1}}",
            "{{#each}}",
            "{{name",
            "{{name}",
            "{{name\n}}",
            "{ {name} }",
            "\\frac{{{1}}}{2}",
            "}}{{",
            "{",
            "{%",
        ] {
            assert_eq!(filled(text), text);
            assert!(Template::parse(text).variables().is_empty(), "{text}");
        }
    }

    #[test]
    fn doubled_braces_write_a_place_as_text() {
        assert_eq!(filled("{{{{name}}}} is {{name}}"), "{{name}} is Ann");
        assert_eq!(filled("{{{{ unknown }}}}"), "{{ unknown }}");
        assert_eq!(filled("{{{{name}}"), "{{Ann");
        assert!(Template::parse("{{{{x}}}}").variables().is_empty());
    }

    #[test]
    fn a_value_is_not_filled_again() {
        let both = values(&[("a", "{{b}}"), ("b", "no")]);
        assert_eq!(Template::parse("{{a}}").fill(&both).expect("it has a value"), "{{b}}");
    }

    #[test]
    fn a_template_stands_in_place_of_a_variable() {
        let around = Template::parse("<{{a}}|{{b}}>").with("a", &Template::parse("{{b}}{{{{a}}}}"));
        assert_eq!(around.fill(&values(&[("b", "{{a}}")])).expect("it has a value"), "<{{a}}{{a}}|{{a}}>");
    }

    #[test]
    fn all_that_is_missing_is_named_at_once() {
        let template = Template::parse("{{z}} {{name}} {{a}} {{z}}");
        assert_eq!(template.variables().into_iter().collect::<Vec<_>>(), ["a", "name", "z"]);
        let missing = template.fill(&values(&[("name", "Ann")])).expect_err("two are missing");
        assert_eq!(missing.to_string(), "`{{a}}`, `{{z}}` have no value");
        assert_eq!(missing.available, ["name"]);
    }

    #[test]
    fn braces_without_end_take_linear_time() {
        for text in ["{".repeat(1_000_000), "{{ ".repeat(400_000), "{{a".repeat(400_000), "{{{{a}}".repeat(100_000)] {
            Template::parse(&text);
        }
    }

    proptest! {
        #[test]
        fn any_text_is_a_template_and_no_known_place_is_left(text in "[{}a-c \\\\|é]{0,40}") {
            let template = Template::parse(&text);
            let all: BTreeMap<String, String> =
                template.variables().into_iter().map(|name| (name.to_owned(), "=".to_owned())).collect();
            let filled = template.fill(&all).expect("all have a value");
            if !text.contains("{{{{") {
                prop_assert!(Template::parse(&filled).variables().is_empty(), "{} gave {}", text, filled);
            }
            if all.is_empty() && !text.contains("{{{{") {
                prop_assert_eq!(filled, text);
            }
        }

        #[test]
        fn a_text_with_its_places_doubled_gives_itself(name in "[a-z_][a-z0-9_.-]{0,8}", around in "[^{}]{0,8}") {
            let text = format!("{around}{{{{{name}}}}}{around}");
            let doubled = text.replace("{{", "{{{{").replace("}}", "}}}}");
            prop_assert_eq!(Template::parse(&doubled).fill(&BTreeMap::new()).expect("no place"), text);
        }
    }
}
