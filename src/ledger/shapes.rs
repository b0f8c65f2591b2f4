//! JSON kept small: what many values share, their shape, is kept once in the table `texts`, and of each value only its
//! numbers. Nothing is lost.

use rusqlite::{Connection, Row};
use serde_json::{Number, Value};

use super::texts;

/// A value with a hole for each number, and what was in the holes, in order and with commas between.
fn pack(value: &Value) -> (String, String) {
    let mut shape = value.clone();
    let mut numbers = Vec::new();
    dig(&mut shape, &mut numbers);
    (shape.to_string(), numbers.join(","))
}

/// The value of that shape with those numbers; `None` when they do not belong together.
fn unpack(shape: &str, numbers: &str) -> Option<Value> {
    let mut value: Value = serde_json::from_str(shape).ok()?;
    let mut numbers = numbers.split(',').filter(|number| !number.is_empty());
    fill(&mut value, &mut numbers)?;
    numbers.next().is_none().then_some(value)
}

fn dig(value: &mut Value, numbers: &mut Vec<String>) {
    match value {
        Value::Number(number) => {
            numbers.push(number.to_string());
            *value = Value::from(0);
        }
        Value::String(text) if is_amount(text) => {
            numbers.push(text.clone());
            *value = Value::from("0");
        }
        Value::Array(list) => list.iter_mut().for_each(|member| dig(member, numbers)),
        Value::Object(members) => members.values_mut().for_each(|member| dig(member, numbers)),
        Value::Null | Value::Bool(_) | Value::String(_) => {}
    }
}

fn fill<'a>(value: &mut Value, numbers: &mut impl Iterator<Item = &'a str>) -> Option<()> {
    match value {
        Value::Number(number) => *number = serde_json::from_str::<Number>(numbers.next()?).ok()?,
        Value::String(text) if is_amount(text) => numbers.next()?.clone_into(text),
        Value::Array(list) => list.iter_mut().try_for_each(|member| fill(member, numbers))?,
        Value::Object(members) => members.values_mut().try_for_each(|member| fill(member, numbers))?,
        Value::Null | Value::Bool(_) | Value::String(_) => {}
    }
    Some(())
}

/// Exact amounts are written as strings of digits.
fn is_amount(text: &str) -> bool {
    let text = text.strip_prefix('-').unwrap_or(text);
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
}

/// Keeps the shape of a JSON text; returns its number and the numbers of the text, or the text as it is when it is no JSON.
pub(super) fn store(connection: &Connection, json: &str) -> rusqlite::Result<(Option<i64>, String)> {
    let Ok(value) = serde_json::from_str::<Value>(json) else { return Ok((None, json.to_owned())) };
    let (shape, numbers) = pack(&value);
    Ok((Some(texts::number(connection, &shape)?), numbers))
}

/// The JSON text of a column whose shape is in another one of that row.
pub(super) fn load(row: &Row<'_>, text: &str, shape: &str) -> rusqlite::Result<Option<String>> {
    let (text, shape): (Option<String>, Option<String>) = (row.get(text)?, row.get(shape)?);
    Ok(match (text, shape) {
        (Some(numbers), Some(shape)) => unpack(&shape, &numbers).map(|value| value.to_string()),
        (text, _) => text,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            "[0-9.,a]{0,6}".prop_map(Value::from),
            ".{0,8}".prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::vec((".{0,4}", inner), 0..4)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn nothing_is_lost(value in any_json()) {
            let (shape, numbers) = pack(&value);
            prop_assert_eq!(unpack(&shape, &numbers), Some(value));
        }
    }

    #[test]
    fn calls_that_differ_in_numbers_alone_have_one_shape() {
        let usage = |input: u64| json!({ "prompt_tokens": input, "details": { "tier": "flex" }, "cost": "0.25" });
        let (shape, numbers) = pack(&usage(7));
        assert_eq!(shape, r#"{"prompt_tokens":0,"details":{"tier":"flex"},"cost":"0"}"#);
        assert_eq!(numbers, "7,0.25");
        assert_eq!(pack(&usage(1_000)).0, shape);
    }

    #[test]
    fn numbers_of_another_shape_are_not_taken() {
        assert_eq!(unpack(r#"{"a":0}"#, "1,2"), None);
        assert_eq!(unpack(r#"{"a":0,"b":0}"#, "1"), None);
        assert_eq!(unpack("{", "1"), None);
    }
}
