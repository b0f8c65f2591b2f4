//! `--schema`: from a file, a JSON Schema in place or a short form to the form that the answer must have.

mod fit;
mod short;

use std::path::Path;

use serde_json::Value;

pub use fit::{Fit, found};

use crate::chat::Schema;
use crate::config::role::is_file;
use crate::error::{Error, ErrorKind};

/// The most characters that providers take for a schema's name (OpenAI).
const LONGEST_NAME: usize = 64;

/// Keywords that no provider takes in a schema that answers are strictly held to (OpenAI's guide on structured outputs).
const LOOSE: &[&str] = &[
    "allOf",
    "oneOf",
    "not",
    "if",
    "then",
    "else",
    "dependentRequired",
    "dependentSchemas",
    "patternProperties",
    "propertyNames",
    "unevaluatedProperties",
];

/// Keywords of which a schema that says anything has one at its top (JSON Schema 2020-12, core and validation).
const KEYWORDS: &[&str] = &[
    "type",
    "properties",
    "items",
    "prefixItems",
    "enum",
    "const",
    "$ref",
    "anyOf",
    "oneOf",
    "allOf",
    "not",
    "if",
    "required",
    "additionalProperties",
    "patternProperties",
    "pattern",
    "format",
    "minimum",
    "maximum",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "multipleOf",
];

/// How errors of the argument begin.
pub const ARGUMENT: &str = "--schema: ";

/// What a role says, as `--schema` takes it from anywhere: JSON, or a file's whole path. Without the role's `folder` no file is
/// looked at.
pub fn in_place(text: &str, folder: Option<&Path>) -> Result<String, Error> {
    if text.trim_start().starts_with('{') {
        return Ok(text.to_owned());
    }
    match folder.map(|folder| folder.join(text)) {
        Some(path) if is_file(text) || path.exists() => Ok(path.to_string_lossy().into_owned()),
        _ => Ok(short(text)?.to_string()),
    }
}

/// Reads `--schema`. An error here is one before anything is sent.
pub fn read(argument: &str) -> Result<(Schema, Fit), Error> {
    let (name, schema) = load(argument)?;
    if !schema.is_object() {
        return Err(wrong(format!("--schema: {name} holds no JSON Schema: it must be a JSON object")));
    }
    if !KEYWORDS.iter().any(|keyword| schema.get(keyword).is_some()) {
        let error =
            wrong(format!("--schema: {name} is no JSON Schema: it has none of its keywords, such as `properties`"));
        return Err(error.hint("members with their types are a list in the short form: `name, age int`"));
    }
    let fit = Fit::new(&schema).map_err(|why| wrong(format!("--schema: no JSON Schema: {why}")))?;
    let title = schema.get("title").and_then(Value::as_str);
    let description = schema.get("description").and_then(Value::as_str).map(str::to_owned);
    let name = plain_name(title.unwrap_or(&name));
    Ok((Schema { name, description, strict: can_be_strict(&schema).then_some(true), schema }, fit))
}

/// The schema with the name of where it comes from.
fn load(argument: &str) -> Result<(String, Value), Error> {
    let trimmed = argument.trim_start();
    if trimmed.starts_with('{') {
        let schema = serde_json::from_str(trimmed).map_err(|error| wrong(format!("--schema: no JSON: {error}")))?;
        return Ok(("answer".to_owned(), schema));
    }
    if argument == super::prompt::PLACEHOLDER {
        return Err(wrong("--schema takes a file, not stdin".to_owned()).hint("write `--schema FILE`"));
    }
    let path = Path::new(argument);
    if path.exists() || is_file(argument) {
        let text = super::prompt::read_file(argument)?;
        let schema = serde_json::from_str(&text)
            .map_err(|error| wrong(format!("--schema: `{argument}` is no JSON: {error}")))?;
        let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
        return Ok((stem.unwrap_or_default(), schema));
    }
    Ok(("answer".to_owned(), short(argument)?))
}

fn short(text: &str) -> Result<Value, Error> {
    short::parse(text).map_err(|why| {
        wrong(format!("--schema: {why}"))
            .hint("a schema is a file, JSON that begins with `{`, or a list such as `name, age int, tags [str]`")
    })
}

/// A name that every provider takes: letters, digits, `_` and `-`.
fn plain_name(text: &str) -> String {
    let plain = |letter: char| if letter.is_ascii_alphanumeric() || letter == '-' { letter } else { '_' };
    let name: String = text.chars().map(plain).take(LONGEST_NAME).collect();
    if name.chars().any(|letter| letter != '_') { name } else { "answer".to_owned() }
}

/// Whether a provider can be asked to hold the answer to the schema: every object names all its members, demands them and
/// allows no others.
fn can_be_strict(schema: &Value) -> bool {
    schema.get("type").and_then(Value::as_str) == Some("object") && is_closed(schema)
}

fn is_closed(schema: &Value) -> bool {
    let Some(members) = schema.as_object() else {
        return schema.as_array().is_none_or(|all| all.iter().all(is_closed));
    };
    if LOOSE.iter().any(|word| members.contains_key(*word)) {
        return false;
    }
    let properties = members.get("properties").and_then(Value::as_object);
    let required = members.get("required").and_then(Value::as_array);
    let demanded = |name: &String| required.is_some_and(|names| names.iter().any(|each| each == name));
    let is_object = properties.is_some() || members.get("type").is_some_and(says_object);
    let closed = members.get("additionalProperties") == Some(&Value::Bool(false))
        && properties.is_none_or(|properties| properties.keys().all(demanded));
    let maps = ["properties", "$defs", "definitions"];
    let lists = ["anyOf", "items", "prefixItems"];
    let in_maps = maps.iter().filter_map(|name| members.get(*name)?.as_object()).flat_map(|map| map.values());
    let inner = in_maps.chain(lists.iter().filter_map(|name| members.get(*name)));
    (!is_object || closed) && inner.into_iter().all(is_closed)
}

fn says_object(kind: &Value) -> bool {
    kind == "object" || kind.as_array().is_some_and(|kinds| kinds.iter().any(|kind| kind == "object"))
}

fn wrong(message: String) -> Error {
    Error::new(ErrorKind::Usage, message)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_a_closed_schema_is_strict() {
        let open = json!({"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]});
        assert!(!can_be_strict(&open));
        let mut closed = open;
        closed["additionalProperties"] = json!(false);
        assert!(can_be_strict(&closed));
        for (pointer, value) in [
            ("required", json!([])),
            ("properties", json!({"a": {"type": "object"}})),
            ("properties", json!({"a": {"type": "array", "items": {"properties": {"b": {}}}}})),
            ("properties", json!({"a": {"oneOf": [{"type": "string"}]}})),
            ("type", json!("array")),
        ] {
            let mut loose = closed.clone();
            loose[pointer] = value;
            assert!(!can_be_strict(&loose), "{loose}");
        }
    }

    #[test]
    fn a_name_is_one_that_providers_take() {
        for (text, name) in [("A person", "A_person"), ("größe", "gr__e"), ("", "answer"), ("..", "answer")] {
            assert_eq!(plain_name(text), name);
        }
        assert_eq!(plain_name(&"x".repeat(99)).len(), 64);
    }

    #[test]
    fn a_schema_is_inline_or_short_and_wrong_ones_are_told() {
        let (schema, _) = read("name, age int").expect("a short form");
        assert_eq!((schema.name.as_str(), schema.strict), ("answer", Some(true)));
        let (schema, _) = read(r#"{"title": "A person", "description": "d", "type": "object"}"#).expect("a schema");
        assert_eq!((schema.name.as_str(), schema.strict, schema.description.as_deref()), ("A_person", None, Some("d")));
        for (argument, words) in [
            ("{\"type\": \"objct\"}", "no JSON Schema"),
            ("{\"properties\": 5}", "no JSON Schema"),
            ("{\"$ref\": \"https://example.com/x.json\"}", "no JSON Schema"),
            ("{\"$ref\": \"file:///etc/passwd\"}", "no JSON Schema"),
            ("{\"$ref\": \"#/$defs/none\"}", "no JSON Schema"),
            ("{\"name\": \"string\"}", "none of its keywords"),
            ("-", "not stdin"),
            ("{broken", "no JSON"),
            ("missing.json", "missing.json"),
            ("name wrong", "`wrong`"),
        ] {
            let error = read(argument).map(|_| ()).expect_err(argument);
            assert!(error.to_string().contains(words), "{argument}: {error}");
        }
    }
}
