//! Reading back what the JSON formats hold, row by row. Whatever else the file is, the error says so: nothing is taken for a
//! comparison that is none, and no row is kept longer than it takes to hand it on.

mod error;
mod limit;
mod object;

use std::cell::Cell;
use std::io::BufRead;

pub use error::{Problem, ReadError};
use limit::Limited;
use serde::Deserialize;
use serde_json::Deserializer;

use super::super::kept::Record;
use super::jsonl::{End, Read};
use super::{Format, SCHEMA};

/// The longest row that is read, in bytes.
pub const LONGEST: usize = 256 << 20;

/// What a file tells of the comparison in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct FileHead {
    /// The form that it has.
    schema: String,
    /// The id of the comparison.
    pub run_id: String,
    /// What it is called. Somebody's text: make it safe before it is shown.
    pub title: String,
    /// Who was asked.
    pub models: Vec<String>,
    /// How many rows were read.
    #[serde(skip)]
    pub rows: usize,
}

/// Reads a comparison, and hands each row to `take` together with the names of its models. Rows that were handed on before an
/// error is found are right, but they are not all.
pub fn read(
    format: Format,
    input: impl BufRead,
    mut take: impl FnMut(&[String], &Record),
) -> Result<FileHead, ReadError> {
    up_to(LONGEST, format, input, &mut take)
}

/// The same with another limit.
pub(super) fn up_to(
    longest: usize,
    format: Format,
    input: impl BufRead,
    take: &mut dyn FnMut(&[String], &Record),
) -> Result<FileHead, ReadError> {
    match format {
        Format::Json => object::read(longest, input, take),
        Format::JsonLines => lines(longest, input, take),
        Format::Csv | Format::Markdown | Format::Html | Format::Junit => Err(ReadError::new(0, Problem::OneWay)),
    }
}

fn lines(longest: usize, input: impl BufRead, take: &mut dyn FnMut(&[String], &Record)) -> Result<FileHead, ReadError> {
    let left = Cell::new(longest);
    let values = Deserializer::from_reader(Limited::new(input, &left)).into_iter::<Read>();
    let mut rows = Rows::default();
    for value in values {
        let value = value.map_err(|error| {
            let begun = rows.head.is_some();
            ReadError::of(&error, left.get(), begun)
        })?;
        // No line number: the next value may be anywhere.
        rows.take(value, take).map_err(|problem| ReadError::new(0, problem))?;
        left.set(longest);
    }
    rows.end(take).map_err(|problem| ReadError::new(0, problem))
}

/// The row whose lines are being read.
#[derive(Default)]
struct Rows {
    head: Option<FileHead>,
    record: Option<Record>,
    count: End,
    ended: bool,
}

impl Rows {
    fn take(&mut self, value: Read, take: &mut dyn FnMut(&[String], &Record)) -> Result<(), Problem> {
        let Some(head) = &self.head else {
            let Read::Head(head) = value else { return Err(Problem::NotOurs) };
            head.check()?;
            self.head = Some(head);
            return Ok(());
        };
        match value {
            Read::Other => {}
            _ if self.ended => return Err(Problem::TwoHeads),
            Read::Head(_) => return Err(Problem::TwoHeads),
            Read::Prompt(row) => {
                self.count.rows += 1;
                let next = Record { row, answers: Vec::new(), transcripts: Vec::new() };
                if let Some(record) = self.record.replace(next) {
                    take(&head.models, &record);
                }
            }
            Read::Result(line) => {
                let record = self.record.as_mut().ok_or(Problem::NoPrompt)?;
                if line.row != record.row.index {
                    return Err(Problem::OtherRow { row: line.row, prompt: record.row.index });
                }
                record.answers.push(line.kept(head.models.len())?);
                self.count.answers += 1;
            }
            Read::Judgement(transcript) => {
                self.record.as_mut().ok_or(Problem::NoPrompt)?.transcripts.push(transcript);
            }
            Read::End(told) if told == self.count => self.ended = true,
            Read::End(told) => {
                return Err(Problem::Lost {
                    told: (told.rows, told.answers),
                    found: (self.count.rows, self.count.answers),
                });
            }
        }
        Ok(())
    }

    fn end(self, take: &mut dyn FnMut(&[String], &Record)) -> Result<FileHead, Problem> {
        let head = self.head.ok_or(Problem::NotOurs)?;
        if !self.ended {
            return Err(Problem::Cut);
        }
        if let Some(record) = &self.record {
            take(&head.models, record);
        }
        Ok(FileHead { rows: self.count.rows, ..head })
    }
}

impl FileHead {
    fn check(&self) -> Result<(), Problem> {
        match self.schema.as_str() {
            SCHEMA => Ok(()),
            other if other.starts_with("llmx.compare/") => Err(Problem::Version(super::line::quoted(other))),
            _ => Err(Problem::NotOurs),
        }
    }
}
