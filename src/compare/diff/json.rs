//! JSON in one form, so that only what it says makes a difference.

use serde_json::Value;

/// The JSON of a text, with sorted keys and two blanks of indentation; a Markdown fence around it is taken away. `None` when
/// it is not JSON.
pub(super) fn canonical(text: &str) -> Option<String> {
    let value: Value = serde_json::from_str(unfenced(text.trim())).ok()?;
    let mut form = serde_json::to_string_pretty(&sorted(value)).ok()?;
    form.push('\n');
    Some(form)
}

fn unfenced(text: &str) -> &str {
    let inner = text.strip_prefix("```").and_then(|rest| rest.strip_suffix("```"));
    inner.and_then(|inner| inner.split_once('\n')).map_or(text, |(_language, body)| body)
}

/// The value with the keys of all its objects in order. The parser limits how deep it is.
fn sorted(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let mut members: Vec<_> = members.into_iter().map(|(key, value)| (key, sorted(value))).collect();
            members.sort_by(|(one, _), (other, _)| one.cmp(other));
            Value::Object(members.into_iter().collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(sorted).collect()),
        other => other,
    }
}
