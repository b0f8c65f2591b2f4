//! An answer as the JSON formats hold it, both ways.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::super::check::Verdict;
use super::super::kept::{AskedRow, KeptAnswer, Record, Spec};
use super::super::similarity::{chrf, jaccard, levenshtein, rouge_l};
use super::super::{Answer, State, Timing};
use super::Report;
use super::read::Problem;
use crate::chat::Buckets;
use crate::money::Usd;

/// An answer. What follows from the rest is written, and not read.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Line {
    /// The id of the prompt.
    prompt: String,
    /// The number of its row.
    pub(super) row: usize,
    model: String,
    model_index: usize,
    repeat: u32,
    served_model: Option<String>,
    status: Status,
    error: Option<Failure>,
    text: String,
    #[serde(skip_deserializing)]
    finish: Option<&'static str>,
    attempts: u32,
    timing_ms: Option<Milliseconds>,
    #[serde(skip_deserializing)]
    tok_per_s: Option<f64>,
    usage: Option<Buckets>,
    cost: Option<Cost>,
    sim_to_baseline: Option<Similarity>,
    checks: Vec<Verdict>,
    #[serde(skip_deserializing)]
    passed: Option<bool>,
    #[serde(skip_deserializing)]
    regressed: bool,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Status {
    Ok,
    Truncated,
    Refused,
    Failed,
}

#[derive(Debug, Serialize, Deserialize)]
struct Failure {
    class: String,
    message: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct Milliseconds {
    ttft: Option<f64>,
    ttft_any: Option<f64>,
    total: f64,
}

#[derive(Debug, Serialize, Deserialize)]
struct Cost {
    usd: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct Similarity {
    chrf: Option<f64>,
    rouge_l: Option<f64>,
    jaccard: Option<f64>,
    lev: Option<f64>,
    embed: Option<f64>,
}

/// The answers of a row.
pub(super) fn lines(report: &Report<'_>, record: &Record) -> Vec<Line> {
    let baselines = record.texts_of(report.comparison.spec.baseline);
    record.answers.iter().map(|kept| Line::of(report, record, kept, &baselines)).collect()
}

impl Line {
    fn of(report: &Report<'_>, record: &Record, kept: &KeptAnswer, baselines: &BTreeMap<u32, &str>) -> Self {
        let (answer, row) = (&kept.answer, &record.row);
        let changed = report.changes.filter(|changes| changes.has_regressed(answer.model, row.fingerprint));
        let sim_to_baseline = similarity(report.comparison.spec.baseline, kept, baselines);
        Self { sim_to_baseline, regressed: changed.is_some(), ..Self::alone(&report.comparison.spec, row, kept) }
    }

    /// Without what others answered.
    pub(super) fn alone(spec: &Spec, row: &AskedRow, kept: &KeptAnswer) -> Self {
        let answer = &kept.answer;
        let (status, finish, error) = match &answer.state {
            State::Whole => (Status::Ok, Some("stop"), None),
            State::Truncated => (Status::Truncated, Some("length"), None),
            State::Refused => (Status::Refused, Some("refusal"), None),
            State::Failed { class, message } => {
                (Status::Failed, None, Some(Failure { class: class.clone(), message: message.clone() }))
            }
        };
        Self {
            prompt: row.id.clone(),
            row: row.index,
            model: spec.models.get(answer.model).cloned().unwrap_or_default(),
            model_index: answer.model,
            repeat: answer.repeat,
            served_model: answer.served.clone(),
            status,
            error,
            text: answer.text.clone(),
            finish,
            attempts: kept.attempts,
            timing_ms: answer.timing.as_ref().map(Milliseconds::of),
            tok_per_s: answer.tokens_per_second(),
            usage: answer.tokens,
            cost: answer.cost.map(|cost| Cost { usd: cost.to_decimal() }),
            sim_to_baseline: None,
            checks: answer.verdicts.clone(),
            passed: answer.passed().filter(|_| !answer.verdicts.is_empty()),
            regressed: false,
        }
    }

    /// Back into what it was made of. `models` is how many there are.
    pub(super) fn kept(self, models: usize) -> Result<KeptAnswer, Problem> {
        if self.model_index >= models {
            return Err(Problem::Value(format!("`model_index` {} of {models} models", self.model_index)));
        }
        let state = match (self.status, self.error) {
            (Status::Ok, _) => State::Whole,
            (Status::Truncated, _) => State::Truncated,
            (Status::Refused, _) => State::Refused,
            (Status::Failed, Some(Failure { class, message })) => State::Failed { class, message },
            (Status::Failed, None) => {
                return Err(Problem::Value("`status` is `failed`, and there is no `error`".to_owned()));
            }
        };
        let wrong = |usd: &str| Problem::Value(format!("`cost.usd` is `{}`, which is no amount", quoted(usd)));
        let cost = self.cost.map(|cost| Usd::parse(&cost.usd).ok_or_else(|| wrong(&cost.usd))).transpose()?;
        Ok(KeptAnswer {
            answer: Answer {
                row: self.row,
                model: self.model_index,
                repeat: self.repeat,
                state,
                text: self.text,
                served: self.served_model,
                timing: self.timing_ms.map(|times| times.timing()).transpose()?,
                tokens: self.usage,
                cost,
                verdicts: self.checks,
            },
            attempts: self.attempts,
            cosine: self.sim_to_baseline.and_then(|similarity| similarity.embed),
        })
    }
}

/// The beginning of a text that is to stand in an error.
pub(super) fn quoted(text: &str) -> String {
    text.chars().take(40).flat_map(char::escape_default).collect()
}

/// Of two whole answers; `None` for the baseline itself, and where nothing is known.
fn similarity(baseline: usize, kept: &KeptAnswer, baselines: &BTreeMap<u32, &str>) -> Option<Similarity> {
    let answer = &kept.answer;
    let compared = answer.is_whole() && answer.model != baseline;
    let other = baselines.get(&answer.repeat).filter(|_| compared);
    let none = Similarity { chrf: None, rouge_l: None, jaccard: None, lev: None, embed: kept.cosine };
    match other {
        Some(other) => Some(Similarity {
            chrf: Some(chrf(&answer.text, other)),
            rouge_l: rouge_l(&answer.text, other),
            jaccard: Some(jaccard(&answer.text, other)),
            lev: levenshtein(&answer.text, other),
            ..none
        }),
        None => kept.cosine.map(|_| none),
    }
}

impl Milliseconds {
    fn of(timing: &Timing) -> Self {
        let milliseconds = |time: Duration| time.as_nanos() as f64 / 1e6;
        Self {
            ttft: timing.first_token.map(milliseconds),
            ttft_any: timing.first_piece.map(milliseconds),
            total: milliseconds(timing.total),
        }
    }

    fn timing(&self) -> Result<Timing, Problem> {
        Ok(Timing {
            first_token: self.ttft.map(duration).transpose()?,
            first_piece: self.ttft_any.map(duration).transpose()?,
            total: duration(self.total)?,
        })
    }
}

fn duration(milliseconds: f64) -> Result<Duration, Problem> {
    // To the nanosecond: as milliseconds they were rounded up to there.
    let nanoseconds = (milliseconds * 1e6).round();
    let known = (0.0..1e18).contains(&nanoseconds);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within the range that was looked at")]
    let known = known.then(|| Duration::from_nanos(nanoseconds as u64));
    known.ok_or_else(|| Problem::Value(format!("`timing_ms` has {milliseconds}, which is no time")))
}
