//! What a check comes to: a rule with its argument read, and what it sees in an answer.

use std::borrow::Cow;
use std::time::Duration;

use regex::{Regex, RegexBuilder};
use serde::de::IgnoredAny;

use super::super::answer::{Answer, State};
use super::number::{self, Bounds};
use super::{Finding, Outcome, Question};
use crate::money::Usd;

/// How much of a text is told.
const TOLD: usize = 60;
/// The memory that a compiled pattern may take: it also bounds the time per character.
const LARGEST_PATTERN: usize = 1 << 20;

#[derive(Clone, Debug)]
pub(super) enum Rule {
    Contains(String),
    /// The text in small letters.
    ContainsAnyCase(String),
    Equals(String),
    StartsWith(String),
    EndsWith(String),
    Regex(Regex),
    Number(Bounds),
    Json,
    Schema(String),
    Similar(f64),
    Refusal,
    Finish(&'static str),
    MaxCost(Usd),
    MaxTime(Duration),
    MaxFirstToken(Duration),
    Judge(String),
    Command(String),
}

impl Rule {
    pub(super) fn question<'a>(&'a self, answer: &Answer, reference: Option<&'a str>) -> Option<Question<'a>> {
        match self {
            Self::Schema(file) => Some(Question::Schema(file)),
            Self::Similar(_) => reference.map(Question::Likeness),
            Self::Refusal => (answer.state != State::Refused).then_some(Question::Refusal),
            Self::Judge(statement) => Some(Question::Judge(statement)),
            Self::Command(program) => Some(Question::Command(program)),
            _ => None,
        }
    }

    /// What it sees; `found` is what was found for its question.
    pub(super) fn find(&self, answer: &Answer, found: Option<Finding>) -> Finding {
        let text = answer.text.trim();
        let says = |holds: bool, wanted: &str| {
            let seen = if text.is_empty() { "nothing".to_owned() } else { quoted(text) };
            Finding::new(holds, format!("it says {seen}, with{} {}", if holds { "" } else { "out" }, quoted(wanted)))
        };
        match self {
            Self::Contains(wanted) => says(text.contains(wanted), wanted),
            Self::ContainsAnyCase(wanted) => says(text.to_lowercase().contains(wanted), wanted),
            Self::Equals(wanted) => Finding::new(text == wanted, format!("it says {}", quoted(text))),
            Self::StartsWith(wanted) => {
                Finding::new(text.starts_with(wanted), format!("it begins with {}", quoted(text)))
            }
            Self::EndsWith(wanted) => {
                Finding::new(text.ends_with(wanted), format!("it ends with {}", quoted_end(text)))
            }
            Self::Regex(pattern) => match pattern.find(text) {
                Some(found) => Finding::new(true, format!("{} matches", quoted(found.as_str()))),
                None => Finding::new(false, format!("nothing matches in {}", quoted(text))),
            },
            Self::Number(bounds) => match number::last(text) {
                Some(number) => Finding::new(bounds.hold(number), format!("its last number is {number}")),
                None => Finding::new(false, "there is no number in it"),
            },
            Self::Json => json(text),
            Self::Finish(wanted) => {
                let ended = ending(&answer.state);
                Finding::new(ended == *wanted, format!("it ended with {ended}"))
            }
            Self::MaxCost(most) => within(answer.cost, most, "it cost", |cost| format!("${}", cost.to_decimal())),
            Self::MaxTime(most) => within(answer.timing.map(|timing| timing.total), most, "it took", seconds),
            Self::MaxFirstToken(most) => {
                let first = answer.timing.and_then(|timing| timing.first_token);
                within(first, most, "its first text came after", seconds)
            }
            Self::Similar(threshold) => likeness(found, *threshold),
            Self::Refusal if answer.state == State::Refused => Finding::new(true, "the provider withheld it"),
            Self::Refusal | Self::Schema(_) | Self::Judge(_) | Self::Command(_) => {
                found.unwrap_or_else(|| Finding::unknown("it was not found out"))
            }
        }
    }
}

/// How an answer ended, in the words of providers.
fn ending(state: &State) -> &'static str {
    match state {
        State::Whole => "stop",
        State::Truncated => "length",
        State::Refused => "refusal",
        State::Failed { .. } => "error",
    }
}

pub(super) fn finish(text: &str) -> Result<Rule, Cow<'static, str>> {
    let known = ["stop", "length", "refusal"].into_iter().find(|known| *known == text);
    known
        .map(Rule::Finish)
        .ok_or_else(|| format!("an answer ends with `stop`, `length` or `refusal`, not {}", quoted(text)).into())
}

pub(super) fn regex(pattern: &str) -> Result<Rule, Cow<'static, str>> {
    let built = RegexBuilder::new(pattern).size_limit(LARGEST_PATTERN).dfa_size_limit(LARGEST_PATTERN).build();
    built.map(Rule::Regex).map_err(|error| match error {
        // The last line says what is wrong; those before it draw a picture.
        regex::Error::Syntax(picture) => {
            let words = picture.lines().next_back().unwrap_or_default();
            format!("it is no regular expression: {}", words.trim_start_matches("error: ")).into()
        }
        _ => "this regular expression is too large when it is unfolded; repeat less in it".into(),
    })
}

pub(super) fn similar(text: &str) -> Result<Rule, Cow<'static, str>> {
    let threshold = text.parse().ok().filter(|threshold| (0.0..=1.0).contains(threshold));
    threshold.map(Rule::Similar).ok_or_else(|| "a likeness is a number from 0 to 1, such as 0.8".into())
}

pub(super) fn max_cost(text: &str) -> Result<Rule, Cow<'static, str>> {
    let most = Usd::parse(text.strip_prefix('$').unwrap_or(text)).filter(|most| *most >= Usd::ZERO);
    most.map(Rule::MaxCost).ok_or_else(|| "a cost is an amount of dollars, such as 0.002".into())
}

pub(super) fn duration(text: &str) -> Result<Duration, Cow<'static, str>> {
    let split = text.find(|next: char| !next.is_ascii_digit() && next != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let unit = match unit {
        "ms" => Some(0.001),
        "s" => Some(1.0),
        "m" => Some(60.0),
        "h" => Some(3600.0),
        _ => None,
    };
    let seconds = unit.and_then(|unit| Some(number.parse::<f64>().ok()? * unit));
    let duration = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    let told = || "a time is a number above 0 with its unit, such as 800ms, 2s or 1.5m".into();
    duration.filter(|duration| !duration.is_zero()).ok_or_else(told)
}

/// Whether a figure is at most what is allowed. What was not measured is not known.
fn within<T: PartialOrd>(figure: Option<T>, most: &T, what: &str, shown: fn(&T) -> String) -> Finding {
    match figure {
        Some(figure) => {
            Finding::new(figure <= *most, format!("{what} {}, and the limit is {}", shown(&figure), shown(most)))
        }
        None => Finding::unknown("it was not measured"),
    }
}

/// Rounded up, so that what is over a limit does not read as the limit.
fn seconds(duration: &Duration) -> String {
    format!("{}s", (duration.as_secs_f64() * 1000.0).ceil() / 1000.0)
}

fn likeness(found: Option<Finding>, threshold: f64) -> Finding {
    let Some(found) = found else { return Finding::unknown("the row has no reference to compare it with") };
    match found.score.filter(|score| !score.is_nan()) {
        Some(score) => Finding {
            score: Some(score),
            ..Finding::new(
                score >= threshold,
                format!("it is {score:.3} like the reference, and the threshold is {threshold}"),
            )
        },
        None => Finding { outcome: Outcome::Unknown, score: None, ..found },
    }
}

/// Whether a text is JSON, alone or as one code block.
fn json(text: &str) -> Finding {
    match serde_json::from_str::<IgnoredAny>(unfenced(text).unwrap_or(text)) {
        Ok(_) => Finding::new(true, "it is JSON"),
        Err(_) if text.is_empty() => Finding::new(false, "it says nothing"),
        Err(error) => Finding::new(false, format!("it is no JSON ({error}): {}", quoted(text))),
    }
}

/// What a single code block around a whole text holds.
fn unfenced(text: &str) -> Option<&str> {
    let inner = text.strip_prefix("```")?.strip_suffix("```")?;
    let (language, body) = inner.split_once('\n')?;
    language.trim().bytes().all(|byte| byte.is_ascii_alphanumeric()).then_some(body)
}

/// The beginning of a text in quotes, on one line.
pub(super) fn quoted(text: &str) -> String {
    let mut shown: String = text.chars().take(TOLD).map(visible).collect();
    if text.chars().nth(TOLD).is_some() {
        shown.push('…');
    }
    format!("\"{shown}\"")
}

/// The end of a text in quotes, on one line.
fn quoted_end(text: &str) -> String {
    let start = text.char_indices().rev().nth(TOLD - 1).map_or(0, |(start, _)| start);
    let shown: String = text[start..].chars().map(visible).collect();
    format!("\"{}{shown}\"", if start > 0 { "…" } else { "" })
}

fn visible(character: char) -> char {
    if character.is_whitespace() || character.is_control() { ' ' } else { character }
}
