//! A comparison that is one JSON object, however it is laid out, without ever holding more than one of its rows.

use std::cell::Cell;
use std::fmt;
use std::io::BufRead;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::super::super::kept::Record;
use super::super::json::Prompt;
use super::limit::Limited;
use super::{FileHead, Problem, ReadError};

pub(super) fn read(
    longest: usize,
    input: impl BufRead,
    take: &mut dyn FnMut(&[String], &Record),
) -> Result<FileHead, ReadError> {
    let left = Cell::new(longest);
    let (head, parts) = (FileHead::default(), Parts::default());
    let mut found = Found { head, parts, problem: None, longest, left: &left, take };
    let mut deserializer = serde_json::Deserializer::from_reader(Limited::new(input, &left));
    let read = Object(&mut found).deserialize(&mut deserializer).and_then(|()| deserializer.end());
    if let Err(error) = read {
        let begun = found.head.check().is_ok();
        let told = found.problem.take().map(|problem| ReadError::new(error.line(), problem));
        return Err(told.unwrap_or_else(|| ReadError::of(&error, left.get(), begun)));
    }
    let Found { head, parts, .. } = found;
    let prompts = || if parts.prompts { Ok(()) } else { Err(Problem::Value("`prompts` is missing".to_owned())) };
    head.check().and_then(|()| prompts()).map(|()| head).map_err(|problem| ReadError::new(0, problem))
}

/// What was found so far.
struct Found<'a> {
    head: FileHead,
    parts: Parts,
    /// What is wrong, where the reader's own error cannot say it.
    problem: Option<Problem>,
    /// How long a row may be, and how much of that is left.
    longest: usize,
    left: &'a Cell<usize>,
    take: &'a mut dyn FnMut(&[String], &Record),
}

/// Which parts were there.
#[derive(Default)]
struct Parts {
    models: bool,
    prompts: bool,
}

impl Found<'_> {
    /// Stops the reader.
    fn stop<E: Error>(&mut self, problem: Problem) -> E {
        self.problem = Some(problem);
        E::custom("stopped")
    }

    /// Whether rows may come now.
    fn begin(&self) -> Result<(), Problem> {
        self.head.check()?;
        if self.parts.models && !self.parts.prompts { Ok(()) } else { Err(Problem::Order) }
    }
}

struct Object<'a, 'b>(&'a mut Found<'b>);

impl<'de> DeserializeSeed<'de> for Object<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Object<'_, '_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a comparison")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let found = self.0;
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "schema" => found.head.schema = map.next_value()?,
                "run_id" => found.head.run_id = map.next_value()?,
                "title" => found.head.title = map.next_value()?,
                "models" => {
                    found.head.models = map.next_value()?;
                    found.parts.models = true;
                }
                "prompts" => {
                    found.begin().map_err(|problem| found.stop(problem))?;
                    found.parts.prompts = true;
                    map.next_value_seed(Prompts(found))?;
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

struct Prompts<'a, 'b>(&'a mut Found<'b>);

impl<'de> DeserializeSeed<'de> for Prompts<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Prompts<'_, '_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list of prompts")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let found = self.0;
        while let Some(prompt) = list.next_element::<Prompt>()? {
            let record = prompt.record(found.head.models.len()).map_err(|problem| found.stop(problem))?;
            (found.take)(&found.head.models, &record);
            found.head.rows += 1;
            found.left.set(found.longest);
        }
        Ok(())
    }
}
