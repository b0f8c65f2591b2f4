//! YAML of other tools' configurations as JSON values: what is deeper or larger than any of them is refused.

use std::collections::HashMap;

use saphyr_parser::{Event, Parser, ScalarStyle};
use serde_json::{Map, Value};

/// How deep it may be nested.
const DEEPEST: usize = 32;
/// The most values, those of aliases counted each time.
const MOST: usize = 100_000;

/// Reads the first document; an empty one is `null`.
pub(super) fn read(text: &str) -> Result<Value, String> {
    let mut reader = Reader { events: Parser::new_from_str(text), anchors: HashMap::new(), count: 0 };
    loop {
        match reader.next()? {
            Some(Event::DocumentStart(_)) => {
                let event = reader.next()?;
                return reader.value(event, 0);
            }
            None | Some(Event::StreamEnd) => return Ok(Value::Null),
            Some(_) => {}
        }
    }
}

struct Reader<'a> {
    events: Parser<'a, saphyr_parser::StrInput<'a>>,
    anchors: HashMap<usize, Value>,
    count: usize,
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Result<Option<Event<'a>>, String> {
        match self.events.next() {
            None => Ok(None),
            Some(Ok((event, _))) => Ok(Some(event)),
            Some(Err(error)) => Err(format!("line {}: it is no YAML: {}", error.marker().line(), error.info())),
        }
    }

    fn value(&mut self, event: Option<Event<'a>>, depth: usize) -> Result<Value, String> {
        self.count += 1;
        if depth > DEEPEST || self.count > MOST {
            return Err("it is nested too deeply, or too large".to_owned());
        }
        let (value, anchor) = match event {
            Some(Event::Scalar(text, style, anchor, _)) => (scalar(&text, style), anchor),
            Some(Event::SequenceStart(anchor, _)) => (self.list(depth)?, anchor),
            Some(Event::MappingStart(anchor, _)) => (self.table(depth)?, anchor),
            Some(Event::Alias(anchor)) => {
                let value = self.anchors.get(&anchor).cloned().unwrap_or_default();
                self.count += size(&value);
                return Ok(value);
            }
            _ => (Value::Null, 0),
        };
        if anchor > 0 {
            self.anchors.insert(anchor, value.clone());
        }
        Ok(value)
    }

    fn list(&mut self, depth: usize) -> Result<Value, String> {
        let mut list = Vec::new();
        loop {
            match self.next()? {
                None | Some(Event::SequenceEnd) => return Ok(Value::Array(list)),
                event => list.push(self.value(event, depth + 1)?),
            }
        }
    }

    fn table(&mut self, depth: usize) -> Result<Value, String> {
        let mut table = Map::new();
        loop {
            let key = match self.next()? {
                None | Some(Event::MappingEnd) => return Ok(Value::Object(table)),
                Some(Event::Scalar(text, ..)) => text.into_owned(),
                event => self.value(event, depth + 1)?.to_string(),
            };
            let event = self.next()?;
            let value = self.value(event, depth + 1)?;
            table.insert(key, value);
        }
    }
}

fn size(value: &Value) -> usize {
    match value {
        Value::Array(list) => 1 + list.iter().map(size).sum::<usize>(),
        Value::Object(table) => 1 + table.values().map(size).sum::<usize>(),
        _ => 1,
    }
}

/// Texts stay texts, for none of what is read here is a number.
fn scalar(text: &str, style: ScalarStyle) -> Value {
    match text {
        "" | "~" | "null" if style == ScalarStyle::Plain => Value::Null,
        "true" | "false" if style == ScalarStyle::Plain => Value::Bool(text == "true"),
        _ => Value::from(text),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_document_is_read_as_json() {
        let text = "# c\na: 1\nb:\n  - x: ~\n    y: 'null'\n  - [p, true]\nc: &k {d: e}\nf: *k\n";
        let expected =
            json!({"a": "1", "b": [{"x": null, "y": "null"}, ["p", true]], "c": {"d": "e"}, "f": {"d": "e"}});
        assert_eq!(read(text), Ok(expected));
        assert_eq!(read(""), Ok(Value::Null));
        assert!(read("a: [").is_err_and(|error| error.starts_with("line ")));
    }

    #[test]
    fn what_grows_without_end_is_refused() {
        assert!(read(&"[".repeat(100)).is_err());
        let level = |level: u32| {
            let before = vec![format!("*a{}", level - 1); 10].join(",");
            format!("a{level}: &a{level} [{before}]\n")
        };
        let text: String = "a0: &a0 [x]\n".to_owned() + &(1..12).map(level).collect::<String>();
        assert!(read(&text).is_err());
    }
}
