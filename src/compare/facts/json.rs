//! An answer as JSON, and how two of them differ.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::Value;

use super::code::Code;

/// The most changes that are listed; a walk through two JSON texts ends there.
const MOST_CHANGES: usize = 100;

/// Whether an answer is JSON: the whole of it, or its only block of code. A bare number or word is not what is meant.
#[derive(Clone, Debug, PartialEq)]
pub enum Json {
    /// It does not look like JSON.
    None,
    /// It looks like JSON and is not, with what is wrong.
    Invalid(String),
    /// An object or an array.
    Valid(Value),
}

/// One difference between two JSON texts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// Where: `$.items[2].name`.
    pub path: String,
    /// What differs there.
    pub kind: ChangeKind,
}

/// What differs at a place of a JSON text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// Only the first one has something there.
    OnlyLeft,
    /// Only the second one has something there.
    OnlyRight,
    /// Both have, of different types.
    Type,
    /// Both have, of one type, with different values.
    Value,
}

pub fn of(text: &str, blocks: &[Code]) -> Json {
    let whole = text.trim();
    let (json, meant) = match blocks {
        [only] if only.language.starts_with("json") => (only.text.as_str(), true),
        [only] if only.language.is_empty() => (only.text.trim(), false),
        _ => (whole, whole.starts_with('{') || whole.starts_with("[{")),
    };
    match serde_json::from_str(json) {
        Ok(value @ (Value::Object(_) | Value::Array(_))) => Json::Valid(value),
        Err(error) if meant => Json::Invalid(error.to_string()),
        _ => Json::None,
    }
}

/// The keys of an object, or of all objects in an array: what tells whether two answers have the same form.
pub fn keys(value: &Value) -> BTreeSet<&str> {
    match value {
        Value::Object(fields) => fields.keys().map(String::as_str).collect(),
        Value::Array(items) => {
            items.iter().filter_map(Value::as_object).flat_map(|fields| fields.keys().map(String::as_str)).collect()
        }
        _ => BTreeSet::new(),
    }
}

/// Where two JSON texts differ, in the order of the first, at most 100 places. The order of keys does not count, that of
/// items does, and `1` is `1.0`.
pub fn changes(left: &Value, right: &Value) -> Vec<Change> {
    let mut walk = Walk { path: "$".to_owned(), changes: Vec::new() };
    walk.compare(left, right);
    walk.changes
}

struct Walk {
    path: String,
    changes: Vec<Change>,
}

impl Walk {
    fn compare(&mut self, left: &Value, right: &Value) {
        if self.changes.len() >= MOST_CHANGES {
            return;
        }
        match (left, right) {
            (Value::Object(left), Value::Object(right)) => {
                for (key, value) in left {
                    self.at(&field(key), Some(value), right.get(key));
                }
                for (key, value) in right.iter().filter(|(key, _)| !left.contains_key(*key)) {
                    self.at(&field(key), None, Some(value));
                }
            }
            (Value::Array(left), Value::Array(right)) => {
                for place in 0..left.len().max(right.len()) {
                    self.at(&format!("[{place}]"), left.get(place), right.get(place));
                }
            }
            (Value::Number(left), Value::Number(right)) if left.as_f64() == right.as_f64() => {}
            (left, right) if left == right => {}
            (left, right) if kind(left) == kind(right) => self.note(ChangeKind::Value),
            _ => self.note(ChangeKind::Type),
        }
    }

    /// Compares what both have at a place below this one.
    fn at(&mut self, step: &str, left: Option<&Value>, right: Option<&Value>) {
        let here = self.path.len();
        self.path.push_str(step);
        match (left, right) {
            (Some(left), Some(right)) => self.compare(left, right),
            (Some(_), None) => self.note(ChangeKind::OnlyLeft),
            _ => self.note(ChangeKind::OnlyRight),
        }
        self.path.truncate(here);
    }

    fn note(&mut self, kind: ChangeKind) {
        if self.changes.len() < MOST_CHANGES {
            self.changes.push(Change { path: self.path.clone(), kind });
        }
    }
}

/// The step to a field, its name cut when it is long.
fn field(key: &str) -> String {
    let key = super::quoted(key);
    if !key.is_empty() && key.chars().all(|char| char.is_alphanumeric() || char == '_') {
        format!(".{key}")
    } else {
        format!("[{key:?}]")
    }
}

fn kind(value: &Value) -> u8 {
    match value {
        Value::Null => 0,
        Value::Bool(_) => 1,
        Value::Number(_) => 2,
        Value::String(_) => 3,
        Value::Array(_) => 4,
        Value::Object(_) => 5,
    }
}
