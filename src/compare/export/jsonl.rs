//! The comparison as lines of JSON, each with its `kind`: the `head`, and then for each row its `prompt`, its `result`s (one
//! line for each model and repeat) and its `judgement`s. An `end` with their numbers tells a whole file from one that was cut.

use std::io::{self, Write};

use serde::{Deserialize, Serialize};

use super::super::kept::{AskedRow, KeptAnswer, Record, Spec};
use super::super::report::Transcript;
use super::Report;
use super::head::Head;
use super::line::{Line, lines};
use super::read::FileHead;

/// A line as it is read. Kinds that a later version adds are passed over.
#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(super) enum Read {
    Head(FileHead),
    Prompt(AskedRow),
    Result(Box<Line>),
    Judgement(Transcript),
    End(End),
    #[serde(other)]
    Other,
}

/// How many there were.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct End {
    pub(super) rows: usize,
    pub(super) answers: usize,
}

#[derive(Serialize)]
struct Kind<'a, T> {
    kind: &'static str,
    #[serde(flatten)]
    value: &'a T,
}

pub(super) fn write(
    report: &Report<'_>,
    rows: impl Iterator<Item = io::Result<Record>>,
    out: &mut impl Write,
) -> io::Result<()> {
    line("head", &Head::of(report), out)?;
    let mut end = End::default();
    for record in rows {
        let record = record?;
        end.rows += 1;
        end.answers += record.answers.len();
        line("prompt", &record.row, out)?;
        for answer in lines(report, &record) {
            line("result", &answer, out)?;
        }
        for transcript in &record.transcripts {
            line("judgement", transcript, out)?;
        }
    }
    line("end", &end, out)
}

pub(super) fn result(spec: &Spec, row: &AskedRow, kept: &KeptAnswer) -> String {
    serde_json::to_string(&Kind { kind: "result", value: &Line::alone(spec, row, kept) }).unwrap_or_default()
}

fn line(kind: &'static str, value: &impl Serialize, out: &mut impl Write) -> io::Result<()> {
    serde_json::to_writer(&mut *out, &Kind { kind, value })?;
    out.write_all(b"\n")
}
