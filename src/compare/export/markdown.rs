//! The comparison as Markdown, to be pasted into a review: the summary, and the first prompts with their answers.
//!
//! Whatever a prompt or an answer says stands in a code block whose fence is longer than any in it, or in a code span, where
//! neither Markdown nor HTML, links nor mentions mean anything.

mod inline;

use std::fmt::Write as _;
use std::io::{self, Write};

use inline::{cell, fenced, span};

use super::super::State;
use super::super::check::Outcome;
use super::super::digest::report_row;
use super::super::kept::{Comparison, Record};
use super::super::report::{ModelFigures, ReportAnswer, ReportHead, ReportRow};
use super::{Report, status};

/// How many prompts are shown.
pub(super) const PROMPTS: usize = 50;

pub(super) fn write(
    report: &Report<'_>,
    rows: impl Iterator<Item = io::Result<Record>>,
    out: &mut impl Write,
) -> io::Result<()> {
    summary(report.comparison, report.head, out)?;
    for record in rows.take(PROMPTS) {
        prompt(report.head, &report_row(report.comparison, &record?, report.changes), out)?;
    }
    let more = report.figures.rows.saturating_sub(PROMPTS);
    if more > 0 {
        writeln!(out, "\n{more} more prompts are in the other formats: `llmx compare export RUN -o FILE.html`.")?;
    }
    Ok(())
}

fn summary(comparison: &Comparison, head: &ReportHead, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "# llmx compare: {}\n", span(&head.title))?;
    writeln!(out, "Run {}, {}. Prices: {}.\n", span(&comparison.id), head.created, span(&head.prices))?;
    fenced("sh", &head.command, out)?;
    writeln!(
        out,
        "\n| Model | Passed | First token | Total | Tok/s | In | Out (thinking) | Cost | Agreement | Failed |"
    )?;
    writeln!(out, "|---|---|---:|---:|---:|---:|---:|---:|---:|---|")?;
    for (place, model) in head.models.iter().enumerate() {
        writeln!(out, "{}", line(model, place == head.baseline))?;
    }
    writeln!(out, "\nTotal: {}.", total(head))?;
    if !head.pairs.is_empty() {
        writeln!(out)?;
    }
    for pair in &head.pairs {
        let name = |model: usize| head.models.get(model).map_or_else(String::new, |model| span(&model.name));
        let (verdict, strong) = (span(&pair.verdict), if pair.told { "**" } else { "" });
        let (first, second) = (name(pair.first), name(pair.second));
        writeln!(
            out,
            "- {first} beside {second}, {}: {strong}{verdict}{strong} ({}; {})",
            pair.measure, pair.result, pair.test
        )?;
    }
    if !head.notes.is_empty() {
        writeln!(out)?;
    }
    for note in &head.notes {
        writeln!(out, "> {}\n", span(note))?;
    }
    Ok(())
}

/// A line of the table; `–` is unknown.
fn line(model: &ModelFigures, is_baseline: bool) -> String {
    let passed = (model.checked > 0).then(|| format!("{} of {}", model.passed, model.checked));
    let count = |count: Option<u64>| count.map(|count| count.to_string());
    let output = count(model.output).map(|output| match model.reasoning {
        Some(reasoning) => format!("{output} ({reasoning})"),
        None => output,
    });
    let asked = model.whole + model.truncated + model.refused + model.failed;
    let failed = match (model.failed, model.note.as_str()) {
        (0, _) => Some(format!("0 of {asked}")),
        (failed, note) => Some(format!("{failed} of {asked} ({})", cell(note))),
    };
    let columns = [
        Some(format!("{}{}", cell(&model.name), if is_baseline { " (baseline)" } else { "" })),
        passed,
        seconds(model.first_ms),
        seconds(model.total_ms),
        model.tokens_per_second.map(|speed| format!("{speed:.0}")),
        count(model.input),
        output,
        model.cost.map(|cost| cost.to_string()),
        model.agreement.map(|agreement| format!("{agreement:.2}")),
        failed,
    ];
    let columns = columns.map(|column| column.unwrap_or_else(|| "–".to_owned()));
    format!("| {} |", columns.join(" | "))
}

fn total(head: &ReportHead) -> String {
    let totals = &head.totals;
    let cost = totals.cost.map_or_else(|| "unknown cost".to_owned(), |cost| cost.to_string());
    let more = match totals.cost_unknown {
        0 => String::new(),
        1 => " and 1 answer of unknown cost".to_owned(),
        count => format!(" and {count} answers of unknown cost"),
    };
    let wall = seconds(totals.wall_ms).map(|wall| format!(", {wall}")).unwrap_or_default();
    format!("{cost}{more}{wall}")
}

fn seconds(milliseconds: Option<f64>) -> Option<String> {
    milliseconds.map(|milliseconds| format!("{:.2} s", milliseconds / 1e3))
}

fn prompt(head: &ReportHead, row: &ReportRow, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "\n## {}\n", span(&row.id))?;
    if let Some(system) = &row.system {
        writeln!(out, "System prompt:\n")?;
        fenced("text", system, out)?;
        writeln!(out, "\nPrompt:\n")?;
    }
    fenced("text", &row.prompt, out)?;
    for answer in &row.answers {
        let name = head.models.get(answer.model).map_or_else(String::new, |model| span(&model.name));
        writeln!(out, "\n### {name}\n\n{}\n", told(answer))?;
        if !answer.text.is_empty() {
            fenced("text", &answer.text, out)?;
        }
    }
    for (place, difference) in row.differences.iter().enumerate() {
        write!(out, "{}", if place == 0 { "\n" } else { "" })?;
        writeln!(out, "- differs: {}", span(difference))?;
    }
    Ok(())
}

/// The figures of an answer, and what its checks say.
fn told(answer: &ReportAnswer) -> String {
    let mut parts = vec![status(&answer.state).to_owned()];
    if let State::Failed { class, message } = &answer.state {
        parts.push(span(&format!("{class}: {message}")));
    }
    if answer.repeat > 0 {
        parts.push(format!("repeat {}", u64::from(answer.repeat) + 1));
    }
    parts.extend(seconds(answer.total_ms));
    parts.extend(answer.output.map(|output| format!("{output} tokens")));
    parts.extend(answer.cost.map(|cost| cost.to_string()));
    parts.extend(answer.similarity.map(|similarity| format!("chrF {similarity:.2}")));
    if answer.regressed {
        parts.push("**worse than in the earlier run**".to_owned());
    }
    let mut told = parts.join(" · ");
    for verdict in &answer.verdicts {
        let outcome = match verdict.outcome {
            Outcome::Passed => "passed",
            Outcome::Failed => "**failed**",
            Outcome::Unknown => "not told",
        };
        let reason = if verdict.reason.is_empty() { String::new() } else { format!(": {}", span(&verdict.reason)) };
        let _ = write!(told, "\n- {outcome} {}{reason}", span(&verdict.check));
    }
    told
}
