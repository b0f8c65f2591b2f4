//! A role, or template: a Markdown file that says who is asked, how, and with which words.
//!
//! ```text
//! +++
//! description = "commit message"
//! model = "smart"
//! options = { temperature = 0.2 }
//! variables = { language = "English" }
//! +++
//! Write a commit message in {{language}} for this diff:
//!
//! {{input}}
//! ```
//!
//! A text with `{{input}}` is the prompt, and what is asked goes there. A text without it is the system prompt, and what is
//! asked is the prompt. `system` of the head stands beside a text with `{{input}}`. The head may be left out.
//!
//! Reading is pure; [`find`] looks for files.

pub mod find;
mod head;
mod skeleton;
mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use serde_json::{Value, json};

pub use head::is_file;
pub use skeleton::SKELETON;
pub use words::{Unfilled, Words};

use super::layer::{Owner, Source};
use super::problem::{Problem, Problems};
use crate::chat::Options;
use crate::route::{Origin, Set};
use crate::template::Template;

/// The place in a role's text where what is asked goes.
pub const INPUT: &str = "input";

/// A role as read.
#[derive(Clone, Debug)]
pub struct Role {
    /// What it is called.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// Who is asked: a route, an alias, or `provider/model`.
    pub model: Option<String>,
    /// How the answer is sampled.
    pub options: Options,
    /// Values of variables that nobody gives.
    pub variables: BTreeMap<String, String>,
    /// The form of the answer: a file beside the role, a JSON Schema, or the short form.
    pub schema: Option<String>,
    /// `system` of the head.
    head_system: Option<String>,
    system: Option<Template>,
    prompt: Option<Template>,
    source: Source,
    body: Range<usize>,
    spans: BTreeMap<String, Range<usize>>,
}

impl Role {
    /// Reads a file. All problems are reported together.
    pub fn parse(name: &str, source: Source) -> Result<Self, Problems> {
        let (role, problems) = Self::parse_what_holds(name, source);
        if problems.is_empty() { Ok(role) } else { Err(Problems(problems)) }
    }

    /// Reads what of a file holds, and tells what is wrong with the rest.
    pub fn parse_what_holds(name: &str, source: Source) -> (Self, Vec<Problem>) {
        head::read(name, source)
    }

    /// The file as it was found.
    pub fn path(&self) -> &str {
        &self.source.path
    }

    /// Whose text it is.
    pub fn owner(&self) -> Owner {
        self.source.owner
    }

    /// The text below the head.
    pub fn text(&self) -> &str {
        &self.source.text[self.body.clone()]
    }

    /// Whether the text is the prompt; else it is the system prompt.
    pub fn is_prompt(&self) -> bool {
        self.prompt.is_some()
    }

    /// The system prompt, before its variables are filled in.
    pub fn system(&self) -> Option<&Template> {
        self.system.as_ref()
    }

    /// The prompt, before its variables are filled in.
    pub fn prompt(&self) -> Option<&Template> {
        self.prompt.as_ref()
    }

    /// Where a member of the head stands, by its dotted path; the file's first line for what stands nowhere.
    pub fn origin(&self, at: &str) -> Origin {
        let start = self.spans.get(at).map_or(0, |span| span.start);
        let line = self.source.text[..start].matches('\n').count() + 1;
        Origin::File { path: self.source.path.clone(), line }
    }

    /// A problem at a member of the head.
    pub fn at(&self, at: &str, message: impl Into<String>) -> Problem {
        match self.spans.get(at) {
            Some(span) => Problem::at(&self.source.path, &self.source.text, span, |_| false, message),
            None => Problem::whole(&self.source.path, message),
        }
    }

    /// Who is asked, with its place.
    pub fn chosen_model(&self) -> Option<Set<String>> {
        self.model.clone().map(|value| Set { value, origin: self.origin("model") })
    }

    /// Variables that must be given.
    pub fn needed(&self) -> BTreeSet<&str> {
        let mut needed = self.places();
        needed.retain(|name| *name != INPUT && !self.variables.contains_key(*name));
        needed
    }

    /// All that the texts name.
    pub fn places(&self) -> BTreeSet<&str> {
        self.system.iter().chain(&self.prompt).flat_map(Template::variables).collect()
    }

    /// Everything the head sets, by dotted path, each with its place.
    pub fn settings(&self) -> Vec<(String, Set<Value>)> {
        let text = |name: &str, value: &Option<String>| value.as_ref().map(|value| (name.to_owned(), json!(value)));
        let options = match serde_json::to_value(&self.options) {
            Ok(Value::Object(options)) => options,
            _ => serde_json::Map::new(),
        };
        let options = options.into_iter().map(|(name, value)| (format!("options.{name}"), value));
        let variables = self.variables.iter().map(|(name, value)| (format!("variables.{name}"), json!(value)));
        let texts = [
            text("description", &self.description),
            text("model", &self.model),
            text("schema", &self.schema),
            text("system", &self.head_system),
        ];
        let all = texts.into_iter().flatten().chain(options).chain(variables);
        all.map(|(at, value)| (at.clone(), Set { value, origin: self.origin(&at) })).collect()
    }
}

/// Whether a word can name a role. Nothing that is a path can.
pub fn is_name(word: &str) -> bool {
    let fits = |letter: char| letter.is_alphanumeric() || matches!(letter, '-' | '_' | '.');
    word.len() <= 100 && !word.starts_with(['.', '-']) && !word.is_empty() && word.chars().all(fits)
}

#[cfg(test)]
mod tests;
