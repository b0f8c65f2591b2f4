//! A YAML list of rows, each turned into JSON. Scalars keep the form in which they are written, so that `1.10`, `007` and `yes`
//! reach the prompt as they stand. Aliases are unfolded up to a limit.

use std::collections::HashMap;
use std::io::{BufRead, Read};

use saphyr_parser::{Event, Parser, ScalarStyle, Tag};

use super::Problem;
use super::lines::{Fault, text};

/// How large a YAML file may be, in bytes: it is read as a whole.
const LARGEST: usize = 64 << 20;
/// How much its anchors and aliases may come to, in bytes.
const UNFOLDED: usize = LARGEST;
/// How deep a row may be nested.
const DEEPEST: usize = 64;

/// A row as JSON, with its line.
pub(super) type Item = Result<(u64, String), Fault>;

/// All rows of a file; what is wrong with the file itself comes last.
pub(super) fn rows(input: &mut impl BufRead, longest_row: usize) -> Vec<Item> {
    let mut bytes = Vec::new();
    if let Err(error) = input.take(LARGEST as u64 + 1).read_to_end(&mut bytes) {
        return vec![Err(Fault::last(1, Problem::Unreadable(error.to_string())))];
    }
    if bytes.len() > LARGEST {
        return vec![Err(Fault::last(1, Problem::TooLong(LARGEST)))];
    }
    match text(&mut bytes, true) {
        Ok(text) => Walk::new(longest_row).file(&text),
        Err(problem) => vec![Err(Fault::last(1, problem))],
    }
}

/// A list or a mapping that is being written.
struct Level {
    mapping: bool,
    /// The values and keys in it so far.
    count: usize,
    anchor: usize,
    start: usize,
}

/// A walk over the events of a file, which writes a row at a time.
struct Walk {
    longest_row: usize,
    rows: Vec<Item>,
    /// The row so far.
    json: String,
    levels: Vec<Level>,
    line: u64,
    /// Why the row is none.
    wrong: Option<Problem>,
    anchors: HashMap<usize, String>,
    unfolded: usize,
}

impl Walk {
    fn new(longest_row: usize) -> Self {
        Self {
            longest_row,
            rows: Vec::new(),
            json: String::new(),
            levels: Vec::new(),
            line: 0,
            wrong: None,
            anchors: HashMap::new(),
            unfolded: 0,
        }
    }

    fn file(mut self, text: &str) -> Vec<Item> {
        let (mut inside, mut documents) = (false, 0);
        for event in Parser::new_from_str(text) {
            let (event, line) = match event {
                Ok((event, span)) => (event, span.start.line() as u64),
                Err(error) => {
                    let problem = Problem::Syntax(format!("it is no YAML: {}", error.info()));
                    return self.broken(error.marker().line() as u64, problem);
                }
            };
            match event {
                Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
                Event::DocumentStart(_) => {
                    documents += 1;
                    if documents > 1 {
                        return self
                            .broken(line, Problem::Shape("a second document begins; one list holds all rows".into()));
                    }
                }
                Event::SequenceStart(..) if !inside => inside = true,
                Event::SequenceEnd if self.levels.is_empty() => inside = false,
                Event::Scalar(value, ScalarStyle::Plain, ..) if !inside && value.is_empty() => {}
                _ if !inside => {
                    return self.broken(line, Problem::Shape("the file is no list; begin each row with `- `".into()));
                }
                event => self.step(event, line),
            }
            if self.unfolded > UNFOLDED {
                return self.broken(line, Problem::TooLong(UNFOLDED));
            }
        }
        self.rows
    }

    fn broken(mut self, line: u64, problem: Problem) -> Vec<Item> {
        self.rows.push(Err(Fault::last(line, problem)));
        self.rows
    }

    /// One event within the list of rows.
    fn step(&mut self, event: Event<'_>, line: u64) {
        let ends = matches!(event, Event::SequenceEnd | Event::MappingEnd);
        if self.levels.is_empty() {
            (self.line, self.wrong) = (line, None);
            self.json.clear();
        }
        let key = !ends && self.before();
        match event {
            Event::Scalar(value, style, anchor, tag) => {
                let start = self.json.len();
                self.write(&scalar(&value, style, tag.as_deref(), key));
                if key && value == "<<" && style == ScalarStyle::Plain {
                    self.fail(Problem::Shape("merge keys (`<<`) are not read; write the columns out".to_owned()));
                }
                self.keep(anchor, start);
            }
            Event::SequenceStart(anchor, _) => self.open(false, anchor, key),
            Event::MappingStart(anchor, _) => self.open(true, anchor, key),
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some(level) = self.levels.pop() {
                    self.write(if level.mapping { "}" } else { "]" });
                    self.keep(level.anchor, level.start);
                }
            }
            Event::Alias(anchor) => self.alias(anchor, key),
            _ => {}
        }
        if self.levels.is_empty() {
            self.rows.push(match self.wrong.take() {
                Some(problem) => Err(Fault::new(self.line, problem)),
                None => Ok((self.line, self.json.clone())),
            });
        }
    }

    /// Writes what separates the next value from the one before, and tells whether it is a key.
    fn before(&mut self) -> bool {
        let Some(level) = self.levels.last_mut() else { return false };
        let key = level.mapping && level.count.is_multiple_of(2);
        let separator = match (level.count, key) {
            (0, _) => "",
            _ if level.mapping && !key => ":",
            _ => ",",
        };
        level.count += 1;
        self.write(separator);
        key
    }

    fn open(&mut self, mapping: bool, anchor: usize, key: bool) {
        if key {
            self.fail(Problem::Shape("the name of a column is a text".to_owned()));
        }
        if self.levels.len() == DEEPEST {
            self.fail(Problem::Shape(format!("it is nested deeper than {DEEPEST} levels")));
        }
        self.levels.push(Level { mapping, count: 0, anchor, start: self.json.len() });
        self.write(if mapping { "{" } else { "[" });
    }

    fn alias(&mut self, anchor: usize, key: bool) {
        match self.anchors.get(&anchor).cloned() {
            Some(json) if key && !json.starts_with('"') => {
                self.fail(Problem::Shape("the name of a column is a text".to_owned()));
            }
            Some(json) => {
                self.unfolded += json.len();
                self.write(&json);
            }
            None => self.fail(Problem::Shape("it repeats (`*`) something that is not whole".to_owned())),
        }
    }

    /// Keeps what was written since `start` for aliases.
    fn keep(&mut self, anchor: usize, start: usize) {
        if anchor > 0 && self.wrong.is_none() {
            let json = self.json[start..].to_owned();
            self.unfolded += json.len();
            self.anchors.insert(anchor, json);
        }
    }

    fn write(&mut self, json: &str) {
        if self.json.len() + json.len() > self.longest_row {
            self.fail(Problem::TooLong(self.longest_row));
        }
        if self.wrong.is_none() {
            self.json.push_str(json);
        }
    }

    fn fail(&mut self, problem: Problem) {
        self.wrong.get_or_insert(problem);
    }
}

/// A scalar as JSON: what YAML 1.2 and JSON both read as `null`, `true`, `false` or a number is that, all else a text.
fn scalar(value: &str, style: ScalarStyle, tag: Option<&Tag>, key: bool) -> String {
    let text = || serde_json::Value::from(value).to_string();
    if key || style != ScalarStyle::Plain || tag.is_some_and(|tag| tag.suffix == "str") {
        return text();
    }
    match value {
        "" | "~" | "null" | "Null" | "NULL" => "null".to_owned(),
        "true" | "false" => value.to_owned(),
        _ if serde_json::from_str::<serde_json::Number>(value).is_ok_and(|_| value.trim() == value) => value.to_owned(),
        _ => text(),
    }
}
