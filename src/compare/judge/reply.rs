//! What a judge answered, read strictly: the JSON that was asked for, alone or as the one fenced block of its answer.

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::super::check::{Outcome, Verdict};
use super::Scale;

/// How much of a judge's reason is kept, in characters.
const REASON: usize = 500;

/// What a judge ruled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ruling<T> {
    /// The ruling; `None` when the answer was not in the form asked for.
    pub found: Option<T>,
    /// Why, in the judge's words (which are a model's, and hostile), or what is wrong with its answer.
    pub reason: String,
}

/// A grade of one answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grade {
    /// From 1 to 5.
    Score(u8),
    /// Good enough or not.
    Pass(bool),
}

/// Which answer of two is better, by the place where it stood.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Preference {
    /// The first.
    First,
    /// The second.
    Second,
    /// Neither.
    Tie,
}

/// Reads a grade.
pub fn read_grade(reply: &str, scale: Scale) -> Ruling<Grade> {
    #[derive(Deserialize)]
    struct Scored {
        reason: Option<String>,
        score: u8,
    }
    #[derive(Deserialize)]
    struct Passed {
        reason: Option<String>,
        pass: bool,
    }
    match scale {
        Scale::OneToFive => ruling(reply, |scored: Scored| {
            ((1..=5).contains(&scored.score).then_some(Grade::Score(scored.score)), scored.reason)
        }),
        Scale::PassFail => ruling(reply, |passed: Passed| (Some(Grade::Pass(passed.pass)), passed.reason)),
    }
}

/// Reads which of two answers is better.
pub fn read_preference(reply: &str) -> Ruling<Preference> {
    #[derive(Deserialize)]
    struct Preferred {
        reason: Option<String>,
        winner: Preference,
    }
    ruling(reply, |preferred: Preferred| (Some(preferred.winner), preferred.reason))
}

/// Reads which answer is best, as an index into the answers before they were brought into this order.
pub fn read_best(reply: &str, order: &[usize]) -> Ruling<usize> {
    #[derive(Deserialize)]
    struct Best {
        reason: Option<String>,
        best: usize,
    }
    ruling(reply, |best: Best| (best.best.checked_sub(1).and_then(|place| order.get(place)).copied(), best.reason))
}

impl Ruling<Grade> {
    /// What it says as a check, such as `judge:gpt-5`. A score passes from `at_least` on, and counts as a matter of degree from 0
    /// (of 1) to 1 (of 5).
    pub fn verdict(&self, check: &str, at_least: u8) -> Verdict {
        let passed = match self.found {
            Some(Grade::Score(score)) => Some(score >= at_least),
            Some(Grade::Pass(pass)) => Some(pass),
            None => None,
        };
        let outcome = passed.map_or(Outcome::Unknown, |passed| if passed { Outcome::Passed } else { Outcome::Failed });
        let score = match self.found {
            Some(Grade::Score(score)) => Some((f64::from(score) - 1.0) / 4.0),
            _ => None,
        };
        Verdict { check: check.to_owned(), outcome, reason: self.reason.clone(), score }
    }
}

/// Reads the form `Form`. Its fields may each stand once only, and none may be of another type.
fn ruling<Form: DeserializeOwned, T>(reply: &str, read: impl Fn(Form) -> (Option<T>, Option<String>)) -> Ruling<T> {
    let form = object(reply).and_then(|text| serde_json::from_str(text).ok());
    match form.map(read) {
        Some((found @ Some(_), reason)) => {
            Ruling { found, reason: reason.unwrap_or_default().chars().take(REASON).collect() }
        }
        _ => Ruling { found: None, reason: "the judge did not answer in the form that it was asked for".to_owned() },
    }
}

/// The one JSON object of an answer. With two blocks nobody can say which is meant.
fn object(reply: &str) -> Option<&str> {
    let reply = reply.trim();
    if reply.starts_with('{') {
        return Some(reply);
    }
    let mut fences = reply.split_inclusive('\n').scan(0, |offset, line| {
        let start = *offset;
        *offset += line.len();
        Some((start, *offset, line.trim()))
    });
    let mut fence = || fences.by_ref().find(|(.., line)| line.starts_with("```"));
    let ((_, inside, opening), (end, _, closing)) = (fence()?, fence()?);
    let language = opening.trim_start_matches('`');
    let known = language.is_empty() || language.eq_ignore_ascii_case("json");
    let text = reply[inside..end].trim();
    (known && closing == "```" && fence().is_none() && text.starts_with('{')).then_some(text)
}
