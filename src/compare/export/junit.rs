//! The comparison as `JUnit` XML: a suite for each model, a case for each row and repeat. A check that fails is a failure, an
//! answer that is not there an error, and a check that could not be told is skipped: it is no pass.
//!
//! Suites hold the cases of one model, and rows come with all models. So cases wait until there are some megabytes of them: a run
//! that is longer has several suites of one model.

use std::fmt::Write as _;
use std::io::{self, Write};
use std::time::Duration;

use super::super::State;
use super::super::check::{Outcome, Verdict};
use super::super::kept::{KeptAnswer, Record};
use super::Report;

/// How many bytes of cases wait for their suite.
const WAITING: usize = 16 << 20;

/// How much of an answer stands in a failure, in characters.
const SHOWN: usize = 2_000;

/// The cases of a model that wait.
#[derive(Clone, Debug, Default)]
struct Suite {
    cases: String,
    tests: usize,
    failures: usize,
    errors: usize,
    skipped: usize,
    time: Duration,
}

pub(super) fn write(
    report: &Report<'_>,
    rows: impl Iterator<Item = io::Result<Record>>,
    out: &mut impl Write,
) -> io::Result<()> {
    in_parts(WAITING, report, rows, out)
}

/// The same with another number of bytes that wait.
pub(super) fn in_parts(
    waiting: usize,
    report: &Report<'_>,
    rows: impl Iterator<Item = io::Result<Record>>,
    out: &mut impl Write,
) -> io::Result<()> {
    let models = &report.comparison.spec.models;
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(out, "<testsuites name=\"{}\">", attribute(&format!("llmx compare: {}", report.head.title)))?;
    let mut suites = vec![Suite::default(); models.len()];
    for record in rows {
        let record = record?;
        for kept in &record.answers {
            if let Some(suite) = suites.get_mut(kept.answer.model) {
                suite.take(report, &record, kept);
            }
        }
        if suites.iter().map(|suite| suite.cases.len()).sum::<usize>() >= waiting {
            flush(report, &mut suites, out)?;
        }
    }
    flush(report, &mut suites, out)?;
    writeln!(out, "</testsuites>")
}

fn flush(report: &Report<'_>, suites: &mut [Suite], out: &mut impl Write) -> io::Result<()> {
    for (name, suite) in report.comparison.spec.models.iter().zip(suites) {
        let Suite { cases, tests, failures, errors, skipped, time } = std::mem::take(suite);
        if tests > 0 {
            writeln!(
                out,
                "<testsuite name=\"{}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\" \
                 skipped=\"{skipped}\" time=\"{:.3}\" timestamp=\"{}\">",
                attribute(name),
                time.as_secs_f64(),
                report.comparison.created.strftime("%Y-%m-%dT%H:%M:%S")
            )?;
            out.write_all(cases.as_bytes())?;
            writeln!(out, "</testsuite>")?;
        }
    }
    Ok(())
}

impl Suite {
    fn take(&mut self, report: &Report<'_>, record: &Record, kept: &KeptAnswer) {
        let (row, answer) = (&record.row, &kept.answer);
        let total = answer.timing.map_or(Duration::ZERO, |timing| timing.total);
        self.tests += 1;
        self.time = self.time.saturating_add(total);
        let repeat = match report.comparison.spec.repeats {
            0 | 1 => String::new(),
            _ => format!(" #{}", answer.repeat.saturating_add(1)),
        };
        let _ = write!(
            self.cases,
            "<testcase classname=\"{}\" name=\"{}\" time=\"{:.3}\"",
            attribute(report.model(answer.model)),
            attribute(&format!("{}{repeat}", row.id)),
            total.as_secs_f64()
        );
        let regressed = report.changes.is_some_and(|changes| changes.has_regressed(answer.model, row.fingerprint));
        let outcome = self.outcome(kept, regressed);
        let _ = match outcome {
            Some(element) => writeln!(self.cases, ">{element}</testcase>"),
            None => writeln!(self.cases, "/>"),
        };
    }

    /// The element that says how it came out; `None` where it is good.
    fn outcome(&mut self, kept: &KeptAnswer, regressed: bool) -> Option<String> {
        let answer = &kept.answer;
        if let State::Failed { class, message } = &answer.state {
            self.errors += 1;
            let requests = if kept.attempts == 1 { "request" } else { "requests" };
            let after = format!("{} {requests}\n{message}", kept.attempts);
            return Some(element("error", class, message, &after));
        }
        let told = |outcome| answer.verdicts.iter().filter(move |verdict| verdict.outcome == outcome).map(said);
        let failed: Vec<String> = told(Outcome::Failed).collect();
        let unknown: Vec<String> = told(Outcome::Unknown).collect();
        if failed.is_empty() {
            let message = unknown.first()?;
            self.skipped += 1;
            return Some(format!("<skipped message=\"{}\"/>", attribute(message)));
        }
        self.failures += 1;
        let begun: String = answer.text.chars().take(SHOWN).collect();
        let more = if begun.len() < answer.text.len() { "…" } else { "" };
        let cut = if answer.state == State::Truncated { "\n(the limit of tokens cut it)" } else { "" };
        let body = format!("{}\n\nanswer:\n{begun}{more}{cut}", [failed.clone(), unknown].concat().join("\n"));
        let kind = if regressed { "regression" } else { "check" };
        let message = if regressed { format!("passed before: {}", failed[0]) } else { failed[0].clone() };
        Some(element("failure", kind, &message, &body))
    }
}

fn said(verdict: &Verdict) -> String {
    match verdict.reason.as_str() {
        "" => verdict.check.clone(),
        reason => format!("{}: {reason}", verdict.check),
    }
}

fn element(name: &str, kind: &str, message: &str, body: &str) -> String {
    let message: String = message.chars().take(SHOWN).collect();
    let body: String = body.chars().take(2 * SHOWN).collect();
    format!("<{name} type=\"{}\" message=\"{}\">{}</{name}>", attribute(kind), attribute(&message), text(&body))
}

/// For the inside of an attribute, with line breaks kept.
fn attribute(value: &str) -> String {
    escaped(value, true)
}

/// For the inside of an element.
fn text(value: &str) -> String {
    escaped(value, false)
}

/// Characters that XML 1.0 forbids, written as references too, become U+FFFD.
fn escaped(value: &str, breaks: bool) -> String {
    let mut out = String::with_capacity(value.len());
    for next in value.chars() {
        match next {
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '"' => out += "&quot;",
            // A reader takes it for a line feed otherwise.
            '\r' => out += "&#13;",
            '\t' if breaks => out += "&#9;",
            '\n' if breaks => out += "&#10;",
            '\t' | '\n' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'.. => out.push(next),
            _ => out.push('\u{fffd}'),
        }
    }
    out
}
