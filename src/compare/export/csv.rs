//! The comparison as a table for spreadsheets: a line for each answer. An empty cell is unknown.

use std::io::{self, Write};
use std::time::Duration;

use super::super::check::Outcome;
use super::super::kept::{KeptAnswer, Record};
use super::super::{State, similarity};
use super::{Report, status};
use crate::chat::Buckets;
use crate::csv::{guarded, line};

const COLUMNS: [&str; 32] = [
    "row",
    "id",
    "cluster",
    "fingerprint",
    "prompt",
    "model",
    "served_model",
    "repeat",
    "status",
    "error_class",
    "error",
    "attempts",
    "passed",
    "checks_failed",
    "checks_unknown",
    "score",
    "regressed",
    "ttft_ms",
    "ttft_any_ms",
    "total_ms",
    "tok_per_s",
    "input_tokens",
    "cache_read_tokens",
    "cache_write_5m_tokens",
    "cache_write_1h_tokens",
    "output_tokens",
    "reasoning_tokens",
    "cost_usd",
    "chrf_to_baseline",
    "embed_to_baseline",
    "text",
    "reference",
];

pub(super) fn write(
    report: &Report<'_>,
    rows: impl Iterator<Item = io::Result<Record>>,
    out: &mut impl Write,
) -> io::Result<()> {
    line(&COLUMNS, out)?;
    for record in rows {
        let record = record?;
        let baselines = record.texts_of(report.comparison.spec.baseline);
        for kept in &record.answers {
            let answer = &kept.answer;
            let other = baselines.get(&answer.repeat).filter(|_| answer.is_whole());
            let other = other.filter(|_| answer.model != report.comparison.spec.baseline);
            let chrf = other.map(|other| similarity::chrf(&answer.text, other));
            line(&cells(report, &record, kept, chrf), out)?;
        }
    }
    Ok(())
}

fn cells(report: &Report<'_>, record: &Record, kept: &KeptAnswer, chrf: Option<f64>) -> [String; COLUMNS.len()] {
    let (row, answer) = (&record.row, &kept.answer);
    let (class, message) = match &answer.state {
        State::Failed { class, message } => (class.as_str(), message.as_str()),
        _ => ("", ""),
    };
    let with = |outcome: Outcome| {
        let found = answer.verdicts.iter().filter(|verdict| verdict.outcome == outcome);
        guarded(&found.map(|verdict| verdict.check.as_str()).collect::<Vec<_>>().join("; "))
    };
    let passed = answer.passed().filter(|_| !answer.verdicts.is_empty());
    let regressed = report.changes.map(|changes| changes.has_regressed(answer.model, row.fingerprint));
    let time = |time: Option<Duration>| plain(time.map(|time| time.as_nanos() as f64 / 1e6));
    let tokens = |count: fn(&Buckets) -> u64| plain(answer.tokens.as_ref().map(count));
    let timing = answer.timing;
    [
        row.index.to_string(),
        guarded(&row.id),
        guarded(row.cluster.as_deref().unwrap_or_default()),
        row.fingerprint.to_string(),
        guarded(&row.prompt),
        guarded(report.model(answer.model)),
        guarded(answer.served.as_deref().unwrap_or_default()),
        answer.repeat.to_string(),
        status(&answer.state).to_owned(),
        guarded(class),
        guarded(message),
        kept.attempts.to_string(),
        plain(passed),
        with(Outcome::Failed),
        with(Outcome::Unknown),
        plain(mean_score(kept)),
        plain(regressed),
        time(timing.and_then(|timing| timing.first_token)),
        time(timing.and_then(|timing| timing.first_piece)),
        time(timing.map(|timing| timing.total)),
        plain(answer.tokens_per_second()),
        tokens(Buckets::input_total),
        tokens(|buckets| buckets.cache_read),
        tokens(|buckets| buckets.cache_write_5m),
        tokens(|buckets| buckets.cache_write_1h),
        tokens(Buckets::output_total),
        tokens(|buckets| buckets.reasoning),
        plain(answer.cost.map(crate::money::Usd::to_decimal)),
        plain(chrf),
        plain(kept.cosine.filter(|cosine| cosine.is_finite())),
        guarded(&answer.text),
        guarded(row.reference.as_deref().unwrap_or_default()),
    ]
}

fn mean_score(kept: &KeptAnswer) -> Option<f64> {
    let scores = kept.answer.verdicts.iter().filter_map(|verdict| verdict.score).filter(|score| score.is_finite());
    let (sum, count) = scores.fold((0.0, 0_u32), |(sum, count), score| (sum + score, count + 1));
    (count > 0).then(|| sum / f64::from(count))
}

fn plain(value: Option<impl ToString>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}
