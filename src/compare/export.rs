//! A comparison as a file: JSON and JSON lines that can be read back, CSV, Markdown, HTML and `JUnit` XML. Rows go through one
//! at a time, so a run of any length takes the memory of its longest row.
//!
//! Prompts and answers are hostile in every one of them: each format says how none gets out of its place. Money is exact, as
//! a decimal text; what is unknown is `null` or empty, never 0.

mod csv;
mod head;
mod json;
mod jsonl;
mod junit;
mod line;
mod markdown;
mod read;
#[cfg(test)]
mod tests;

use std::fmt;
use std::io::{self, Write};

pub use head::SCHEMA;
pub use read::{LONGEST, Problem, ReadError, read};

use super::State;
use super::digest::{Figures, report_row};
use super::earlier::Changes;
use super::kept::{AskedRow, Comparison, KeptAnswer, Record, Spec};
use super::report::{ReportHead, html};

/// How a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// One JSON object; can be read back.
    Json,
    /// One JSON object a line: the head, then each prompt with its answers behind it; can be read back.
    JsonLines,
    /// A table with one line for each answer.
    Csv,
    /// The summary, and the first prompts with their answers.
    Markdown,
    /// The report for a browser.
    Html,
    /// What a build server shows: a suite for each model, a case for each answer.
    Junit,
}

/// The endings of files.
const ENDINGS: [(&str, Format); 9] = [
    (".json", Format::Json),
    (".jsonl", Format::JsonLines),
    (".ndjson", Format::JsonLines),
    (".csv", Format::Csv),
    (".md", Format::Markdown),
    (".markdown", Format::Markdown),
    (".html", Format::Html),
    (".htm", Format::Html),
    (".xml", Format::Junit),
];

/// The name of a file tells no format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownFormat {
    /// The name.
    pub file: String,
}

impl Format {
    /// The format that the ending of a file's name tells, such as `out.junit.xml`; in capitals too.
    pub fn of_file(file: &str) -> Result<Self, UnknownFormat> {
        let lower = file.to_ascii_lowercase();
        let found = ENDINGS.iter().find(|(ending, _)| lower.ends_with(ending));
        found.map(|(_, format)| *format).ok_or_else(|| UnknownFormat { file: file.to_owned() })
    }
}

impl fmt::Display for UnknownFormat {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let file = &self.file;
        write!(formatter, "`{file}` tells no format; let it end in .json, .jsonl, .csv, .md, .html or .junit.xml")
    }
}

impl std::error::Error for UnknownFormat {}

/// What a file is made of, beside the rows.
#[derive(Clone, Copy, Debug)]
pub struct Report<'a> {
    /// What was asked for.
    pub comparison: &'a Comparison,
    /// What it came to.
    pub figures: &'a Figures,
    /// What is told of it ([`super::digest::report_head`]).
    pub head: &'a ReportHead,
    /// What changed since an earlier run, where there is one.
    pub changes: Option<&'a Changes>,
}

/// Writes a comparison. Rows are taken one by one; one that cannot be had ends the writing with its error. Markdown takes only
/// the rows that it shows.
///
/// The writer sees many small pieces: give it a buffer.
pub fn write<R>(format: Format, report: &Report<'_>, rows: R, out: &mut impl Write) -> io::Result<()>
where
    R: IntoIterator<Item = io::Result<Record>>,
{
    let rows = rows.into_iter();
    match format {
        Format::Json => json::write(report, rows, out),
        Format::JsonLines => jsonl::write(report, rows, out),
        Format::Csv => csv::write(report, rows, out),
        Format::Markdown => markdown::write(report, rows, out),
        Format::Html => {
            let row = |record: io::Result<Record>| Ok(report_row(report.comparison, &record?, report.changes));
            html(report.head, rows.map(row), out)
        }
        Format::Junit => junit::write(report, rows, out),
    }
}

/// One answer as a line of JSON, without its end, as soon as it is there: what the baseline answered is not known yet.
pub fn result_line(spec: &Spec, row: &AskedRow, kept: &KeptAnswer) -> String {
    jsonl::result(spec, row, kept)
}

impl Report<'_> {
    /// The name of a model; a number out of range has none.
    fn model(&self, model: usize) -> &str {
        self.comparison.spec.models.get(model).map_or("", String::as_str)
    }
}

/// How an answer ended, in a word.
fn status(state: &State) -> &'static str {
    match state {
        State::Whole => "ok",
        State::Truncated => "truncated",
        State::Refused => "refused",
        State::Failed { .. } => "failed",
    }
}
