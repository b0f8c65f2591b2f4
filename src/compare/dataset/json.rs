//! A row as JSON: an object, or a text that is the prompt. Numbers and inner values keep the form in which they are written.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::Problem;

/// A value of a row.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Cell {
    /// None: `null`, or an empty cell of CSV.
    Nothing,
    /// A text, or a number, `true` or `false` as it is written.
    Text(String),
    /// A list or an object, as JSON.
    Json(String),
}

/// The columns of a row and their values, in their order; a name may stand there twice.
pub(super) type Columns = Vec<(String, Cell)>;

/// The members of an object in their order, doubled ones too.
struct Members(Vec<(String, Box<RawValue>)>);

/// The columns of a row.
pub(super) fn row(text: &str) -> Result<Columns, Problem> {
    match text.trim_start().chars().next() {
        Some('"') => Ok(vec![("prompt".to_owned(), Cell::Text(read(text)?))]),
        Some('{') => members(text),
        _ => match read::<&RawValue>(text) {
            Ok(_) => {
                Err(Problem::Shape("a row is an object with its columns, or a text that is the prompt".to_owned()))
            }
            Err(problem) => Err(problem),
        },
    }
}

/// The members of an object.
pub(super) fn members(text: &str) -> Result<Columns, Problem> {
    read::<Members>(text)?.0.into_iter().map(|(name, raw)| Ok((name, cell(raw.get())?))).collect()
}

/// The texts of a list; `None` when it is no list of texts.
pub(super) fn texts(text: &str) -> Option<Vec<String>> {
    serde_json::from_str(text).ok()
}

fn cell(raw: &str) -> Result<Cell, Problem> {
    Ok(match raw.as_bytes().first() {
        Some(b'"') => Cell::Text(read(raw)?),
        Some(b'{' | b'[') => Cell::Json(raw.to_owned()),
        _ if raw == "null" => Cell::Nothing,
        _ => Cell::Text(raw.to_owned()),
    })
}

fn read<'de, T: Deserialize<'de>>(text: &'de str) -> Result<T, Problem> {
    serde_json::from_str(text).map_err(|error| {
        let words = error.to_string();
        let words = words.split(" at line ").next().unwrap_or_default();
        Problem::Syntax(format!("it is no JSON: {words}, at byte {}", error.column()))
    })
}

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Members;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Object)
    }
}
