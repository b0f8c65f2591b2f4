//! Makes up values that fit a JSON Schema: the fleet's answers with structure and the arguments of its tool calls.

use serde_json::{Map, Value, json};

use super::answer::Dice;

/// How deep optional members go on; a schema may refer to itself.
const DEPTH: usize = 4;
/// Below this nothing is made up any more, required or not.
const FLOOR: usize = 12;
/// The most items of a list, whatever is asked for.
const ITEMS: u64 = 100;

/// A value that fits `schema`, the same for the same dice. Texts are `topic` where nothing else is asked for. What the
/// fleet does not understand, such as a `pattern`, is passed over.
pub fn example(schema: &Value, topic: &str, dice: &mut Dice) -> Value {
    Maker { root: schema, topic, dice }.value(schema, 0)
}

struct Maker<'a> {
    root: &'a Value,
    topic: &'a str,
    dice: &'a mut Dice,
}

impl Maker<'_> {
    fn value(&mut self, schema: &Value, depth: usize) -> Value {
        if depth > FLOOR {
            return Value::Null;
        }
        if let Some(place) = schema["$ref"].as_str() {
            let target = place.strip_prefix('#').and_then(|place| self.root.pointer(place)).cloned();
            return target.map_or(Value::Null, |target| self.value(&target, depth + 1));
        }
        if let Some(value) = schema.get("const") {
            return value.clone();
        }
        if let Some(values) = schema["enum"].as_array().filter(|values| !values.is_empty()) {
            return self.dice.pick(values).clone();
        }
        if let Some(choices) = ["anyOf", "oneOf"].iter().find_map(|name| schema[*name].as_array()) {
            let real = choices.iter().find(|choice| choice["type"] != "null").or(choices.first());
            return real.cloned().map_or(Value::Null, |choice| self.value(&over(schema, &choice), depth + 1));
        }
        if let Some(all) = schema["allOf"].as_array() {
            let resolved = all.iter().map(|part| self.resolved(part));
            let merged = resolved.fold(without(schema, "allOf"), |under, part| over(&under, &part));
            return self.value(&merged, depth + 1);
        }
        match kind(schema).as_str() {
            "object" => self.object(schema, depth),
            "array" => self.array(schema, depth),
            "integer" => self.number(schema, true),
            "number" => self.number(schema, false),
            "boolean" => (*self.dice.pick(&[true, false])).into(),
            "null" => Value::Null,
            _ => self.text(schema).into(),
        }
    }

    fn resolved(&self, schema: &Value) -> Value {
        let place = schema["$ref"].as_str().and_then(|place| place.strip_prefix('#'));
        place.and_then(|place| self.root.pointer(place)).unwrap_or(schema).clone()
    }

    fn object(&mut self, schema: &Value, depth: usize) -> Value {
        let required = |name: &str| schema["required"].as_array().is_some_and(|all| all.iter().any(|one| one == name));
        let mut members = Map::new();
        for (name, member) in schema["properties"].as_object().into_iter().flatten() {
            if required(name) || depth < DEPTH {
                members.insert(name.clone(), self.value(member, depth + 1));
            }
        }
        // A member may be required and not be described.
        for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            members.entry(name.to_owned()).or_insert_with(|| self.topic.into());
        }
        members.into()
    }

    fn array(&mut self, schema: &Value, depth: usize) -> Value {
        let first = schema["prefixItems"].as_array().cloned().unwrap_or_default();
        let least = schema["minItems"].as_u64().unwrap_or(0);
        let most = schema["maxItems"].as_u64().unwrap_or(ITEMS).min(ITEMS);
        let usual = if depth < DEPTH { 2 } else { 0 };
        let count = usual.max(first.len() as u64).max(least).min(most);
        let mut items: Vec<Value> = Vec::new();
        for index in 0..count {
            let item = first.get(usize::try_from(index).unwrap_or(0)).unwrap_or(&schema["items"]);
            let value = self.value(item, depth + 1);
            if schema["uniqueItems"] != true || !items.contains(&value) {
                items.push(value);
            }
        }
        items.into()
    }

    fn number(&mut self, schema: &Value, whole: bool) -> Value {
        let step = schema["multipleOf"].as_f64().filter(|step| *step > 0.0).unwrap_or(if whole { 1.0 } else { 0.5 });
        let low = limit(schema, "minimum", "exclusiveMinimum", step);
        let high = limit(schema, "maximum", "exclusiveMaximum", -step);
        let low = low.unwrap_or_else(|| high.map_or(1.0, |high| high.min(1.0)));
        let high = high.unwrap_or(low + 41.0 * step).min(low + 41.0 * step);
        let first = (low / step).ceil();
        let choices = ((high / step).floor() - first).clamp(0.0, 41.0);
        let index = u32::try_from(self.dice.roll() % 42).unwrap_or(0);
        let value = (first + (f64::from(index) % (choices + 1.0)).floor()) * step;
        // Between limits closer than a step, the lower one is as good as any.
        let value = if value > high || value < low { low } else { value };
        let exact = whole || (value.fract() == 0.0 && value.abs() < 1e15);
        #[expect(clippy::cast_possible_truncation, reason = "it saturates at the ends, which is near enough")]
        if exact { json!(value as i64) } else { json!(value) }
    }

    fn text(&mut self, schema: &Value) -> String {
        let day = 1 + self.dice.roll() % 28;
        let id = self.dice.roll();
        let text = match schema["format"].as_str().unwrap_or_default() {
            "date" => format!("2026-05-{day:02}"),
            "date-time" => format!("2026-05-{day:02}T12:00:00Z"),
            "time" => "12:00:00Z".to_owned(),
            "duration" => format!("P{day}D"),
            "email" | "idn-email" => format!("person{day}@example.com"),
            "hostname" => "example.com".to_owned(),
            "uri" | "url" | "iri" => format!("https://example.com/{day}"),
            "uuid" => format!("{:08x}-0000-4000-8000-{:012x}", id >> 32, id & 0xffff_ffff),
            "ipv4" => format!("192.0.2.{day}"),
            "ipv6" => format!("2001:db8::{day:x}"),
            _ => self.topic.to_owned(),
        };
        let least = usize::try_from(schema["minLength"].as_u64().unwrap_or(0).min(10_000)).unwrap_or(0);
        let most = schema["maxLength"].as_u64().and_then(|most| usize::try_from(most).ok()).unwrap_or(usize::MAX);
        let missing = least.saturating_sub(text.chars().count());
        text.chars().chain(std::iter::repeat_n('.', missing)).take(most).collect()
    }
}

/// The type in lower case (Gemini writes `STRING`), told by the other members where there is none.
fn kind(schema: &Value) -> String {
    let named = match &schema["type"] {
        Value::String(kind) => Some(kind.as_str()),
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null"),
        _ => None,
    };
    let told = || {
        let has = |name: &str| schema.get(name).is_some();
        if has("properties") || has("required") {
            "object"
        } else if has("items") || has("prefixItems") {
            "array"
        } else if has("minimum") || has("maximum") || has("multipleOf") {
            "number"
        } else {
            "string"
        }
    };
    named.unwrap_or_else(told).to_lowercase()
}

fn limit(schema: &Value, inclusive: &str, exclusive: &str, step: f64) -> Option<f64> {
    let excluded = schema[exclusive].as_f64().map(|limit| limit + step);
    let included = schema[inclusive].as_f64();
    match (included, excluded) {
        (Some(one), Some(other)) if step > 0.0 => Some(one.max(other)),
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

fn without(schema: &Value, name: &str) -> Value {
    let mut schema = schema.clone();
    if let Some(members) = schema.as_object_mut() {
        members.remove(name);
    }
    schema
}

/// Two schemas that must both fit: members of `properties` and names of `required` add up.
fn over(under: &Value, upper: &Value) -> Value {
    let mut merged = under.clone();
    let (Some(members), Some(upper)) = (merged.as_object_mut(), upper.as_object()) else { return upper.clone() };
    members.remove("anyOf");
    members.remove("oneOf");
    for (name, value) in upper {
        match (members.get_mut(name), value) {
            (Some(Value::Object(known)), Value::Object(more)) => known.extend(more.clone()),
            (Some(Value::Array(known)), Value::Array(more)) => known.extend(more.iter().cloned()),
            _ => drop(members.insert(name.clone(), value.clone())),
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    fn make(schema: &Value) -> Value {
        example(schema, "whales", &mut Dice::new(&["x"], 1))
    }

    #[test]
    fn objects_have_all_their_members_with_values_of_their_types() {
        let schema = json!({"type": "object", "required": ["name", "age", "also"], "properties": {
            "name": {"type": "string"}, "age": {"type": "integer", "minimum": 18, "maximum": 20},
            "share": {"type": "number", "exclusiveMinimum": 0, "maximum": 1}, "ok": {"type": "boolean"},
            "colour": {"enum": ["red", "blue"]}, "born": {"type": "string", "format": "date"},
            "tags": {"type": "array", "minItems": 3, "items": {"type": ["null", "string"], "maxLength": 3}},
        }});
        let value = make(&schema);
        assert_eq!((value["name"].as_str(), value["also"].is_string()), (Some("whales"), true));
        assert!((18..=20).contains(&value["age"].as_i64().expect("an integer")), "{value}");
        let share = value["share"].as_f64().expect("a number");
        assert!(share > 0.0 && share <= 1.0, "{value}");
        assert!(value["ok"].is_boolean() && value["born"].as_str().is_some_and(|day| day.starts_with("2026-05-")));
        assert!(["red", "blue"].contains(&value["colour"].as_str().expect("a text")));
        assert_eq!(value["tags"], json!(["wha", "wha", "wha"]));
        assert_eq!(value, make(&schema), "the same every time");
    }

    #[test]
    fn references_choices_and_sums_are_followed() {
        let schema = json!({"$ref": "#/$defs/node", "$defs": {"node": {"type": "object", "required": ["next"],
            "properties": {"next": {"anyOf": [{"$ref": "#/$defs/node"}, {"type": "null"}]}}}}});
        assert!(make(&schema)["next"].is_object());
        let sum = json!({"allOf": [{"properties": {"a": {"const": 1}}}, {"properties": {"b": {"const": 2}}}]});
        assert_eq!(make(&sum), json!({"a": 1, "b": 2}));
        let upper = json!({"type": "OBJECT", "properties": {"a": {"type": "NUMBER", "minimum": 5}}});
        assert!(make(&upper)["a"].is_number());
    }

    #[test]
    fn numbers_keep_their_limits_and_steps() {
        for (schema, fits) in [
            (json!({"type": "integer"}), (1.0, 42.0)),
            (json!({"type": "integer", "maximum": -5}), (-5.0, -5.0)),
            (json!({"type": "integer", "exclusiveMinimum": 1, "exclusiveMaximum": 3}), (2.0, 2.0)),
            (json!({"type": "number", "minimum": 0.1, "maximum": 0.2}), (0.1, 0.2)),
            (json!({"type": "integer", "multipleOf": 7, "minimum": 10, "maximum": 20}), (14.0, 14.0)),
        ] {
            let number = make(&schema).as_f64().expect("a number");
            assert!(number >= fits.0 && number <= fits.1, "{schema}: {number}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_schema_panics(text in "[\\[\\]{}\",:a-z0-9$#/.-]{0,60}", seed: u64) {
            let schema = serde_json::from_str(&text).unwrap_or(Value::Null);
            let _ = example(&schema, "x", &mut Dice::new(&[], seed));
        }
    }
}
