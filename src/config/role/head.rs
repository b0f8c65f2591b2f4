//! From a role's text to the role: the head as TOML, the text below as a template, and everything that is wrong with either.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use serde::Deserialize;
use serde_json::{Number, Value};
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

use super::{INPUT, Role};
use crate::chat::{OWN_MEMBERS, Options};
use crate::config::layer::{Owner, Source, did_you_mean, in_order, member, schema_words};
use crate::config::problem::Problem;
use crate::config::suggest::nearest;
use crate::template::{Template, is_name};

/// The line before and after the head.
const FENCE: &str = "+++";
/// The same of heads in YAML.
const YAML_FENCE: &str = "---";
/// What a head may set.
const KNOWN: &[&str] = &["description", "model", "options", "variables", "system", "schema"];
/// What `options` may set.
const OPTIONS: &[&str] = &["temperature", "top_p", "max_tokens", "stop", "seed", "reasoning_effort", "extra"];
/// What a role that is not the user's own is told.
const COPY_IT: &str = "whoever trusts it copies it into the own folder of roles, see `llmx role path`";

type Key<'a> = Spanned<Cow<'a, str>>;
type Entry<'a> = Spanned<DeValue<'a>>;

/// One text, or several.
#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a text or a list of texts")]
enum Texts {
    One(String),
    Several(Vec<String>),
}

/// Everything that is written as one word.
#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a text, a number, true or false")]
enum Scalar {
    Text(String),
    Flag(bool),
    Whole(i64),
    Real(f64),
}

impl Scalar {
    fn into_text(self) -> String {
        match self {
            Self::Text(text) => text,
            Self::Flag(flag) => flag.to_string(),
            Self::Whole(number) => number.to_string(),
            Self::Real(number) => number.to_string(),
        }
    }
}

/// Reads a role: what of it holds, and what is wrong.
pub fn read(name: &str, source: Source) -> (Role, Vec<Problem>) {
    let parts = parts(&source.text);
    let (head, body, unclosed) = match parts {
        Ok((head, body)) => (head, body, None),
        Err(fence) => (0..0, 0..0, Some(fence)),
    };
    let text = source.text.clone();
    let mut reader = Reader { offset: head.start, problems: Vec::new(), role: empty(name, body, source) };
    if let Some(fence) = unclosed {
        reader.problem(&fence, "the head that begins here has no end", "close it with a line `+++`");
        return (reader.role, reader.problems);
    }
    match DeTable::parse(&text[head]) {
        Ok(table) => in_order(table.into_inner()).into_iter().for_each(|(key, value)| reader.take(&key, value)),
        Err(error) => {
            let span = reader.whole(&error.span().unwrap_or(0..0));
            let problem = Problem::at(reader.role.path(), &text, &span, |_| false, error.message());
            reader.problems.push(problem);
        }
    }
    reader.finish()
}

fn empty(name: &str, body: Range<usize>, source: Source) -> Role {
    Role {
        name: name.to_owned(),
        description: None,
        model: None,
        options: Options::default(),
        variables: BTreeMap::new(),
        schema: None,
        head_system: None,
        system: None,
        prompt: None,
        source,
        body,
        spans: BTreeMap::new(),
    }
}

/// Where head and text stand, or the first line of a head without an end. Blank lines around the text are no part of it.
fn parts(text: &str) -> Result<(Range<usize>, Range<usize>), Range<usize>> {
    let start = text.len() - text.trim_start_matches('\u{feff}').len();
    let mut next = start;
    let mut lines = text[start..].split_inclusive('\n').map(|line| {
        next += line.len();
        (next - line.len(), line.trim_end())
    });
    if lines.next().is_none_or(|(_, line)| line != FENCE) {
        return Ok((start..start, trimmed(text, start)));
    }
    let Some((end, _)) = lines.find(|(_, line)| *line == FENCE) else { return Err(start..start + FENCE.len()) };
    let below = text[end..].find('\n').map_or(text.len(), |newline| end + newline + 1);
    Ok((start + FENCE.len()..end, trimmed(text, below)))
}

/// What stands below, from its first line that is not blank.
fn trimmed(text: &str, start: usize) -> Range<usize> {
    let below = &text[start..];
    let first = below.find(|letter: char| !letter.is_whitespace()).unwrap_or(below.len());
    let begin = below[..first].rfind('\n').map_or(0, |newline| newline + 1);
    let end = below.trim_end().len();
    if end == 0 { start..start } else { start + begin..start + end }
}

struct Reader {
    /// Where the head begins: spans of the parser count from there.
    offset: usize,
    problems: Vec<Problem>,
    role: Role,
}

impl Reader {
    fn whole(&self, span: &Range<usize>) -> Range<usize> {
        span.start + self.offset..span.end + self.offset
    }

    /// A problem at a place of the whole text.
    fn problem(&mut self, span: &Range<usize>, message: impl Into<String>, help: impl Into<String>) {
        let problem = Problem::at(&self.role.source.path, &self.role.source.text, span, |_| false, message);
        let help = help.into();
        self.problems.push(if help.is_empty() { problem } else { problem.help(help) });
    }

    fn take(&mut self, key: &Key<'_>, value: Entry<'_>) {
        let name = key.get_ref().as_ref();
        self.role.spans.insert(name.to_owned(), self.whole(&key.span()));
        match name {
            "description" => self.role.description = self.value(value),
            "model" => self.role.model = self.value(value),
            "system" => self.role.head_system = self.value(value),
            "schema" => self.role.schema = self.value(value),
            "options" => self.table(name, value, Self::option),
            "variables" => self.table(name, value, Self::variable),
            _ => {
                let help = match name {
                    option if OPTIONS.contains(&option) => format!("write it as `options = {{ {option} = … }}`"),
                    _ => nearest(name, KNOWN.iter().copied()).map_or_else(|| known(KNOWN), did_you_mean),
                };
                self.problem(&self.whole(&key.span()), format!("unknown setting `{name}`"), help);
            }
        }
    }

    fn value<T: for<'a> Deserialize<'a>>(&mut self, value: Entry<'_>) -> Option<T> {
        let around = value.span();
        let read = T::deserialize(ValueDeserializer::from(value));
        read.map_err(|error| {
            let (message, help) = schema_words(error.message());
            let span = self.whole(&error.span().unwrap_or(around));
            self.problem(&span, message, help.unwrap_or_default());
        })
        .ok()
    }

    /// The members of a table, each read by itself.
    fn table(&mut self, name: &str, value: Entry<'_>, take: fn(&mut Self, &Key<'_>, Entry<'_>)) {
        let span = self.whole(&value.span());
        let DeValue::Table(table) = value.into_inner() else {
            return self.problem(&span, format!("`{name}` is a table"), format!("write `{name} = {{ … }}`"));
        };
        for (key, value) in in_order(table) {
            let span = self.whole(&key.span());
            self.role.spans.insert(member(name, key.get_ref()), span);
            take(self, &key, value);
        }
    }

    fn variable(&mut self, key: &Key<'_>, value: Entry<'_>) {
        let name = key.get_ref().as_ref();
        if !is_name(name) {
            let message = format!("`{name}` cannot name a variable");
            let help = "it begins with a letter or `_`, and goes on with letters, digits, `_`, `-` and `.`";
            return self.problem(&self.whole(&key.span()), message, help);
        }
        if let Some(value) = self.value::<Scalar>(value) {
            self.role.variables.insert(name.to_owned(), value.into_text());
        }
    }

    fn option(&mut self, key: &Key<'_>, value: Entry<'_>) {
        let (name, span) = (key.get_ref().as_ref(), self.whole(&value.span()));
        match name {
            "temperature" => self.role.options.temperature = self.number(value),
            "top_p" => self.role.options.top_p = self.number(value),
            "seed" => self.role.options.seed = self.value(value),
            "max_tokens" => match self.value(value) {
                Some(0) => self.problem(&span, "`max_tokens` is at least 1", ""),
                tokens => self.role.options.max_tokens = tokens,
            },
            "stop" => {
                self.role.options.stop = match self.value(value) {
                    Some(Texts::One(text)) => vec![text],
                    Some(Texts::Several(texts)) => texts,
                    None => Vec::new(),
                }
            }
            "reasoning_effort" => {
                self.role.options.reasoning_effort = self.value::<Scalar>(value).map(Scalar::into_text);
            }
            "extra" => self.extra(&self.whole(&key.span()), value),
            _ => {
                let help = nearest(name, OPTIONS.iter().copied()).map_or_else(|| known(OPTIONS), did_you_mean);
                let help =
                    format!("{help}; any other member of the request's body goes into `extra = {{ {name} = … }}`");
                self.problem(&self.whole(&key.span()), format!("unknown option `{name}`"), help);
            }
        }
    }

    /// JSON has neither `nan` nor `inf`.
    fn number(&mut self, value: Entry<'_>) -> Option<f64> {
        let span = self.whole(&value.span());
        let number = self.value::<f64>(value)?;
        if !number.is_finite() {
            self.problem(&span, "expected a number such as `0.7`", "");
        }
        Some(number).filter(|number| number.is_finite())
    }

    /// Members of the body can make a provider call other servers, so they are for the user's own roles alone.
    fn extra(&mut self, name: &Range<usize>, value: Entry<'_>) {
        if self.role.source.owner == Owner::Project {
            return self.problem(name, "a role that is not your own must not set `extra`", COPY_IT);
        }
        let span = self.whole(&value.span());
        for (name, value) in self.value::<toml::Table>(value).unwrap_or_default() {
            if OWN_MEMBERS.contains(&name.as_str()) {
                self.problem(&span, format!("`extra` must not hold `{name}`, which llmx sets"), "");
            } else if OPTIONS.contains(&name.as_str()) {
                self.problem(&span, format!("`extra` must not hold `{name}`"), "set it in `options` itself");
            } else if let Some(value) = json(value) {
                self.role.options.extra.insert(name, value);
            } else {
                self.problem(&span, format!("`{name}` cannot be sent: JSON has neither `nan` nor `inf`"), "");
            }
        }
    }

    /// The text below the head, and what must hold of all together.
    fn finish(mut self) -> (Role, Vec<Problem>) {
        let body = self.role.body.clone();
        let text = self.role.source.text[body.clone()].to_owned();
        if body.start < self.role.source.text.len() && self.role.spans.is_empty() && has_yaml_head(&text) {
            let fence = body.start..body.start + YAML_FENCE.len();
            self.problem(&fence, "a head is TOML between two lines `+++`", "write `name = \"value\"` in it");
        }
        let template = Template::parse(&text);
        let system = self.role.head_system.as_deref().map(Template::parse);
        if template.variables().contains(INPUT) {
            self.role.prompt = Some(template);
            self.role.system = system;
        } else if text.is_empty() {
            self.role.system = system;
        } else {
            if system.is_some() {
                let help = "put `{{input}}` into the text where what is asked goes, or remove `system`";
                self.problem_at(
                    "system",
                    "the text has no `{{input}}`, so it is the system prompt, and here is another",
                    help,
                );
            }
            self.role.system = Some(template);
        }
        self.check();
        (self.role, self.problems)
    }

    fn problem_at(&mut self, at: &str, message: impl Into<String>, help: impl Into<String>) {
        let span = self.role.spans.get(at).cloned().unwrap_or(0..0);
        self.problem(&span, message, help);
    }

    fn check(&mut self) {
        if self.role.system.as_ref().is_some_and(|system| system.variables().contains(INPUT)) {
            let help = "`{{input}}` stands in the text below the head";
            self.problem_at("system", "what is asked cannot stand in the system prompt", help);
        }
        let places = self.role.places().into_iter().map(str::to_owned).collect::<Vec<_>>();
        let unused: Vec<String> =
            self.role.variables.keys().filter(|name| *name != INPUT && !places.contains(name)).cloned().collect();
        for name in unused {
            let near = nearest(&name, places.iter().map(String::as_str));
            let help = match near {
                Some(near) => format!("the text has `{{{{{near}}}}}`"),
                None => format!("write `{{{{{name}}}}}` where it goes, or remove it"),
            };
            self.problem_at(&member("variables", &name), format!("no text has a place for `{name}`"), help);
        }
        let foreign = self.role.source.owner == Owner::Project;
        if foreign && self.role.schema.as_deref().is_some_and(is_file) {
            let message = "a role that is not your own must not read files";
            self.problem_at("schema", message, "write the schema here: the short form, or JSON");
        }
        let role = &self.role;
        let says = role.system.is_some() || role.prompt.is_some() || !role.spans.is_empty();
        if !says && self.problems.is_empty() {
            self.problems
                .push(Problem::whole(&self.role.source.path, "this role is empty").help("write instructions into it"));
        }
    }
}

/// Whether a schema is a file by its looks.
pub fn is_file(schema: &str) -> bool {
    let json = std::path::Path::new(schema).extension().is_some_and(|end| end.eq_ignore_ascii_case("json"));
    !schema.trim_start().starts_with('{') && (schema.contains('/') || json)
}

fn has_yaml_head(text: &str) -> bool {
    let mut lines = text.lines().map(str::trim_end);
    lines.next() == Some(YAML_FENCE) && lines.any(|line| line == YAML_FENCE)
}

/// A value as JSON has it, where it has one; a date is text there.
fn json(value: toml::Value) -> Option<Value> {
    Some(match value {
        toml::Value::String(text) => Value::String(text),
        toml::Value::Integer(number) => number.into(),
        toml::Value::Float(number) => Value::Number(Number::from_f64(number)?),
        toml::Value::Boolean(flag) => Value::Bool(flag),
        toml::Value::Datetime(date) => Value::String(date.to_string()),
        toml::Value::Array(items) => Value::Array(items.into_iter().map(json).collect::<Option<_>>()?),
        toml::Value::Table(table) => {
            let members = table.into_iter().map(|(name, value)| Some((name, json(value)?)));
            Value::Object(members.collect::<Option<_>>()?)
        }
    })
}

fn known(names: &[&str]) -> String {
    format!("known: {}", names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", "))
}
