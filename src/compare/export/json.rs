//! The comparison as one JSON object: its head, and behind it `prompts`, each with its `results`. A prompt stands on a line of
//! its own, so that what was written can be looked at by line too.

use std::io::{self, Write};

use serde::{Deserialize, Serialize};

use super::super::kept::{AskedRow, Record};
use super::super::report::Transcript;
use super::Report;
use super::head::Head;
use super::line::{Line, lines};
use super::read::Problem;

/// A prompt with all that came of it.
#[derive(Serialize, Deserialize)]
pub(super) struct Prompt {
    #[serde(flatten)]
    row: AskedRow,
    results: Vec<Line>,
    #[serde(default)]
    judgements: Vec<Transcript>,
}

pub(super) fn write(
    report: &Report<'_>,
    rows: impl Iterator<Item = io::Result<Record>>,
    out: &mut impl Write,
) -> io::Result<()> {
    let head = serde_json::to_string(&Head::of(report))?;
    // The object stays open for the rows.
    write!(out, "{},\n\"prompts\":[", head.strip_suffix('}').unwrap_or(&head))?;
    for (place, record) in rows.enumerate() {
        let record = record?;
        let prompt = Prompt { results: lines(report, &record), row: record.row, judgements: record.transcripts };
        out.write_all(if place == 0 { b"\n" } else { b",\n" })?;
        serde_json::to_writer(&mut *out, &prompt)?;
    }
    out.write_all(b"\n]}\n")
}

impl Prompt {
    /// Back into what it was made of. `models` is how many there are.
    pub(super) fn record(self, models: usize) -> Result<Record, Problem> {
        let row = self.row.index;
        let answers = self.results.into_iter().map(|line| {
            if line.row == row { line.kept(models) } else { Err(Problem::OtherRow { row: line.row, prompt: row }) }
        });
        Ok(Record { answers: answers.collect::<Result<_, _>>()?, row: self.row, transcripts: self.judgements })
    }
}
