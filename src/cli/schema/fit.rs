//! Whether an answer fits its schema: the JSON is found in the text, checked, and what is wrong is told with its place.

use std::error::Error;
use std::fmt;

use boon::{CompileError, Compiler, SchemaIndex, Schemas, UrlLoader, ValidationError};
use serde_json::{Deserializer, Value};

use crate::chat::{FinishReason, Reply};
use crate::cli::extract;
use crate::exec::Judge;
use crate::failure::{Failure, FailureClass};

/// How many violations are told.
const TOLD: usize = 5;
/// The longest violation that is told in full, in characters.
const LONGEST: usize = 160;

/// The name of the schema among those that it may refer to.
const PLACE: &str = "schema:answer";

/// A schema that answers are held to.
pub struct Fit {
    schemas: Schemas,
    index: SchemaIndex,
    /// Whether the model may be asked once more.
    repair: bool,
    /// Whether calls of tools may come in the answer's place.
    calls: bool,
}

impl Fit {
    /// Takes a JSON Schema of any draft since 4; the error says where it is none. Nothing is fetched for it.
    pub fn new(schema: &Value) -> Result<Self, String> {
        let (mut compiler, mut schemas) = (Compiler::new(), Schemas::new());
        compiler.use_loader(Box::new(Nothing));
        compiler.add_resource(PLACE, schema.clone()).map_err(|error| wrong(&error))?;
        let index = compiler.compile(PLACE, &mut schemas).map_err(|error| wrong(&error))?;
        Ok(Self { schemas, index, repair: false, calls: false })
    }

    /// The same, with or without another request for an answer that does not fit.
    #[must_use]
    pub fn repaired(self, repair: bool) -> Self {
        Self { repair, ..self }
    }

    /// The same, with or without tools that the model may call before it answers.
    #[must_use]
    pub fn or_calls(self, calls: bool) -> Self {
        Self { calls, ..self }
    }

    /// What is wrong with an answer, each with its JSON pointer; nothing when it fits.
    pub fn violations(&self, text: &str) -> Vec<String> {
        match found(text) {
            Some((_, value)) => match self.schemas.validate(&value, self.index) {
                Ok(()) => Vec::new(),
                Err(error) => leaves(&error).map(told).collect(),
            },
            None => vec!["it holds no JSON".to_owned()],
        }
    }
}

/// What is wrong with a schema: the places in it, where it breaks the rules of its draft.
fn wrong(error: &CompileError) -> String {
    let text = match error {
        CompileError::ValidationError { src, .. } => {
            let text = src.to_string();
            let places = text.lines().skip(1).map(|line| line.trim().trim_start_matches("- "));
            // What sums others up says nothing itself.
            places.filter(|place| !place.ends_with(" failed")).collect::<Vec<_>>().join("; ")
        }
        other => format!("{other:#}"),
    };
    one_line(&text)
}

/// References lead nowhere but into the schema itself.
struct Nothing;

impl UrlLoader for Nothing {
    fn load(&self, _: &str) -> Result<Value, Box<dyn Error>> {
        Err("nothing is fetched for a schema; put what it refers to under `$defs`".into())
    }
}

/// The compiled schema has no words of its own.
impl fmt::Debug for Fit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Fit").field("repair", &self.repair).finish_non_exhaustive()
    }
}

/// The violations themselves, without those that only sum them up.
fn leaves<'e, 's, 'v>(
    error: &'e ValidationError<'s, 'v>,
) -> Box<dyn Iterator<Item = &'e ValidationError<'s, 'v>> + 'e> {
    if error.causes.is_empty() {
        return Box::new(std::iter::once(error));
    }
    Box::new(error.causes.iter().flat_map(leaves))
}

fn told(error: &ValidationError<'_, '_>) -> String {
    let (place, words) = (error.instance_location.to_string(), one_line(&error.kind.to_string()));
    if place.is_empty() { words } else { format!("{place}: {words}") }
}

/// A text in one line of bearable length.
fn one_line(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

impl Judge for Fit {
    fn judge(&self, reply: &Reply) -> Result<(), (Failure, Option<String>)> {
        let finish = reply.finish.as_ref().map(|finish| finish.reason);
        let refused = !reply.refusal.is_empty() || finish == Some(FinishReason::Refusal);
        // What stands beside calls that were allowed is not the answer yet.
        let calls = self.calls && !reply.tool_calls.is_empty();
        if refused || calls {
            return Ok(());
        }
        let violations = self.violations(&reply.text);
        if violations.is_empty() {
            return Ok(());
        }
        let mut told = violations[..violations.len().min(TOLD)].join("; ");
        if violations.len() > TOLD {
            told = format!("{told}; and {} more", violations.len() - TOLD);
        }
        let cut = finish == Some(FinishReason::Length);
        if cut {
            told = format!("the token limit cut it (allow more with --max-tokens): {told}");
        }
        let complaint = format!(
            "Your answer does not fit the JSON Schema that was asked for: {told}.\n\
            Answer again with the whole JSON, corrected, and nothing else."
        );
        let failure = Failure { maybe_billed: true, ..Failure::new(FailureClass::SchemaMismatch, "schema", told) };
        // A longer answer would be cut again.
        Err((failure, (self.repair && !cut).then_some(complaint)))
    }
}

/// The JSON of an answer, as it stands there and read: the whole text, the first code block, or the first JSON object or
/// array among other words.
pub fn found(text: &str) -> Option<(String, Value)> {
    let whole = |text: &str| Some((text.trim().to_owned(), serde_json::from_str(text.trim()).ok()?));
    whole(text).or_else(|| whole(&extract::first_block(text)?)).or_else(|| {
        let rest = &text[text.find(['{', '['])?..];
        let mut values = Deserializer::from_str(rest).into_iter::<Value>();
        let value = values.next()?.ok()?;
        Some((rest[..values.byte_offset()].to_owned(), value))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::chat::{Finish, ToolCall};

    fn person() -> Fit {
        let schema = json!({"type": "object", "properties": {"age": {"type": "integer"}}, "required": ["age"]});
        Fit::new(&schema).expect("a schema")
    }

    fn reply(text: &str) -> Reply {
        Reply { text: text.to_owned(), ..Reply::default() }
    }

    #[test]
    fn json_is_found_in_what_models_write_around_it() {
        for text in ["{\"a\": 1}", " {\"a\": 1}\n", "```json\n{\"a\": 1}\n```", "Sure: {\"a\": 1}. Anything else?"] {
            assert_eq!(found(text), Some(("{\"a\": 1}".to_owned(), json!({"a": 1}))), "{text}");
        }
        assert_eq!(found("none {here}"), None);
        assert_eq!(found(""), None);
    }

    #[test]
    fn what_does_not_fit_is_told_with_its_place() {
        assert!(person().judge(&reply("{\"age\": 5}")).is_ok());
        let told = |text: &str| person().judge(&reply(text)).expect_err("it does not fit").0;
        let failure = told("{\"age\": \"five\"}");
        assert_eq!((failure.class, failure.maybe_billed), (FailureClass::SchemaMismatch, true));
        assert_eq!(failure.message.as_deref(), Some("/age: want integer, but got string"));
        assert_eq!(told("{}").message.as_deref(), Some("missing properties 'age'"));
        assert_eq!(told("five").message.as_deref(), Some("it holds no JSON"));
    }

    #[test]
    fn a_second_request_is_for_those_who_allow_it_and_never_for_a_cut_answer() {
        let complaint = |fit: &Fit, reply: &Reply| fit.judge(reply).expect_err("it does not fit").1;
        assert_eq!(complaint(&person(), &reply("{}")), None);
        let lenient = person().repaired(true);
        assert!(complaint(&lenient, &reply("{}")).is_some_and(|words| words.contains("missing properties 'age'")));
        let finish = Finish { reason: FinishReason::Length, raw: "length".to_owned(), detail: None };
        assert_eq!(complaint(&lenient, &Reply { finish: Some(finish), ..reply("{\"age\"") }), None);
    }

    #[test]
    fn calls_stand_for_an_answer_only_where_tools_were_given() {
        let calls = Reply { tool_calls: vec![ToolCall::default()], ..reply("Let me look.") };
        assert!(person().or_calls(true).judge(&calls).is_ok());
        for text in ["", "Let me look."] {
            assert!(person().judge(&Reply { text: text.to_owned(), ..calls.clone() }).is_err(), "{text}");
        }
    }

    #[test]
    fn a_refusal_is_not_measured_by_the_schema() {
        assert!(person().judge(&Reply { refusal: "no".to_owned(), ..Reply::default() }).is_ok());
    }

    proptest! {
        #[test]
        fn no_answer_makes_it_panic(text in "[\\[\\]{}\":,a1 `\n]{0,40}") {
            let _ = person().judge(&reply(&text));
        }
    }
}
