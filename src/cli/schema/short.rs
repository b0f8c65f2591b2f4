//! The short form of a schema: `name, age int, tags [str], bio: a short one`. It is the form of Simon Willison's `llm`, with
//! lists beside.

use serde_json::{Map, Value, json};

/// Words for types.
const TYPES: &[(&str, &str)] = &[
    ("str", "string"),
    ("string", "string"),
    ("int", "integer"),
    ("integer", "integer"),
    ("float", "number"),
    ("number", "number"),
    ("bool", "boolean"),
    ("boolean", "boolean"),
];

/// The JSON Schema of a short form. In brackets it is the schema of a list of such objects, as the member `items` of one
/// object, for providers want an object at the top.
pub(super) fn parse(text: &str) -> Result<Value, String> {
    let text = text.trim();
    match text.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')) {
        Some(inner) => {
            let items = json!({"type": "array", "items": object(inner)?});
            Ok(closed(&Map::from_iter([("items".to_owned(), items)])))
        }
        None => object(text),
    }
}

/// Members are set apart by line breaks when there are any, else by commas.
fn object(text: &str) -> Result<Value, String> {
    let between = if text.trim().contains('\n') { '\n' } else { ',' };
    let mut properties = Map::new();
    for field in text.split(between).map(str::trim).filter(|field| !field.is_empty()) {
        let (name, schema) = member(field.trim_end_matches(','))?;
        if properties.insert(name.clone(), schema).is_some() {
            return Err(format!("`{name}` stands there twice"));
        }
    }
    if properties.is_empty() {
        return Err("it names no member".to_owned());
    }
    Ok(closed(&properties))
}

fn closed(properties: &Map<String, Value>) -> Value {
    let required: Vec<&String> = properties.keys().collect();
    json!({"type": "object", "required": required, "properties": properties, "additionalProperties": false})
}

/// `NAME`, `NAME TYPE`, `NAME: DESCRIPTION` or `NAME TYPE: DESCRIPTION`. A description that is a type is one.
fn member(field: &str) -> Result<(String, Value), String> {
    let (head, description) = match field.split_once(':') {
        Some((head, description)) => (head, Some(description.trim()).filter(|text| !text.is_empty())),
        None => (field, None),
    };
    let mut words = head.split_whitespace();
    let name = words.next().ok_or_else(|| format!("`{field}` has no name"))?;
    if !name.chars().all(|letter| letter.is_alphanumeric() || "_-".contains(letter)) {
        return Err(format!("`{name}` is no name of a member: letters, digits, `_` and `-`"));
    }
    let kind = words.collect::<Vec<_>>().join(" ");
    let (kind, description) = match (kind.as_str(), description) {
        ("", Some(text)) if typed(text).is_some() => (typed(text), None),
        ("", description) => (Some(json!({"type": "string"})), description),
        (kind, description) => (typed(kind), description),
    };
    let mut schema = kind.ok_or_else(|| {
        let known: Vec<String> = TYPES.iter().map(|(word, _)| format!("`{word}`")).collect();
        format!(
            "`{}` is no type; known are {}, and each in brackets for a list",
            head[name.len()..].trim(),
            known.join(", ")
        )
    })?;
    if let Some(text) = description {
        schema["description"] = json!(text);
    }
    Ok((name.to_owned(), schema))
}

/// The schema of a type's word, or of a list of it.
fn typed(word: &str) -> Option<Value> {
    if let Some(inner) = word.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')) {
        return Some(json!({"type": "array", "items": typed(inner.trim())?}));
    }
    let (_, name) = TYPES.iter().find(|(known, _)| *known == word)?;
    Some(json!({"type": name}))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn properties(text: &str) -> String {
        parse(text).unwrap_or_else(|why| panic!("{text}: {why}"))["properties"].to_string()
    }

    #[test]
    fn every_form_of_a_member_is_read() {
        for (text, expected) in [
            ("name", r#"{"name":{"type":"string"}}"#),
            ("name, age int", r#"{"name":{"type":"string"},"age":{"type":"integer"}}"#),
            ("bio: short bio", r#"{"bio":{"type":"string","description":"short bio"}}"#),
            ("age int: in years", r#"{"age":{"type":"integer","description":"in years"}}"#),
            (
                "name: string, tags [string]",
                r#"{"name":{"type":"string"},"tags":{"type":"array","items":{"type":"string"}}}"#,
            ),
            (
                "a float\nb bool: yes, or no\n",
                r#"{"a":{"type":"number"},"b":{"type":"boolean","description":"yes, or no"}}"#,
            ),
            ("a,\nb", r#"{"a":{"type":"string"},"b":{"type":"string"}}"#),
        ] {
            assert_eq!(properties(text), expected, "{text}");
        }
    }

    #[test]
    fn all_members_are_demanded_and_no_others_allowed() {
        let schema = parse("a, b int").expect("a schema");
        assert_eq!((&schema["required"], &schema["additionalProperties"]), (&json!(["a", "b"]), &json!(false)));
        let list = parse("[a, b int]").expect("a list");
        assert_eq!(list["properties"]["items"]["items"], schema);
        assert_eq!(list["required"], json!(["items"]));
    }

    #[test]
    fn what_is_none_is_told() {
        for (text, words) in [
            ("", "no member"),
            ("a wrong", "`wrong` is no type"),
            ("a, a", "twice"),
            ("a b c", "`b c`"),
            ("a$", "`a$`"),
            (": x", "no name"),
        ] {
            assert!(parse(text).expect_err(text).contains(words), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "[a-z\\[\\]:, \n]{0,30}") {
            let _ = parse(&text);
        }
    }
}
