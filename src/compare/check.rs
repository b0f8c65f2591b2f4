//! Checks of an answer: what must hold of it, said in a line such as `contains:Paris`.
//!
//! A check is `NAME:ARGUMENT`, and `not-NAME:ARGUMENT` turns it round. [`KINDS`] lists the names. Blanks around the argument
//! do not count, and it may hold `{{variables}}` of the row. A check is read once ([`Check::parse`]), made ready for a row
//! ([`Check::ready`]), and then judges answers. What it cannot know itself it asks ([`Ready::question`]): the one who runs the
//! comparison asks the judge or runs the program, and hands in what was found.

mod error;
mod kinds;
mod number;
mod rule;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

pub use error::{CheckError, CheckProblem};
pub use kinds::{KINDS, Kind};
use rule::Rule;

use super::answer::{Answer, State};
use crate::template::Template;

/// What a check says of one answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// The check as it was written, such as `not-contains:sorry`.
    pub check: String,
    /// How it came out.
    pub outcome: Outcome,
    /// Why, for a person; empty where it passed and there is nothing to say.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// How well, from 0 to 1, where the check is a matter of degree.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<f64>,
}

/// How a check came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It holds.
    Passed,
    /// It does not.
    Failed,
    /// It could not be told (a judge that answered nonsense, a time that was not measured). Never a pass.
    Unknown,
}

impl Verdict {
    /// Whether the check holds.
    pub fn passed(&self) -> bool {
        self.outcome == Outcome::Passed
    }
}

/// What was found out about an answer, before `not-` turns it round.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// Whether it holds.
    pub outcome: Outcome,
    /// What was seen, in a few words; told when the check fails.
    pub reason: String,
    /// How well, from 0 to 1, where it is a matter of degree.
    pub score: Option<f64>,
}

impl Finding {
    /// It holds, or it does not, and what was seen.
    pub fn new(holds: bool, reason: impl Into<String>) -> Self {
        Self { outcome: if holds { Outcome::Passed } else { Outcome::Failed }, reason: reason.into(), score: None }
    }

    /// It could not be told, and why.
    pub fn unknown(reason: impl Into<String>) -> Self {
        Self { outcome: Outcome::Unknown, reason: reason.into(), score: None }
    }

    /// How alike the answer and the reference are, from 0 to 1. The check knows how alike they must be.
    pub fn likeness(score: f64) -> Self {
        Self { score: Some(score), ..Self::unknown("") }
    }
}

/// What a check cannot know itself. The answer's text is with the one who is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question<'a> {
    /// Whether the text is a refusal: passed means that it is one.
    Refusal,
    /// How alike the answer and this reference are: a [`Finding::likeness`].
    Likeness(&'a str),
    /// Whether the answer's JSON fits the JSON Schema in this file.
    Schema(&'a str),
    /// Whether this program ends with exit code 0 when the answer is on its standard input.
    Command(&'a str),
    /// Whether a judge model says that this holds of the answer.
    Judge(&'a str),
}

/// A check as it was written, for all rows.
#[derive(Clone, Debug)]
pub struct Check {
    written: String,
    kind: &'static Kind,
    negated: bool,
    argument: Template,
    /// Where the argument begins in what was written, in characters from 1.
    at: usize,
    /// What it comes to, where no variable has a say in it.
    rule: Option<Rule>,
}

impl Check {
    /// Reads a check; an argument without variables is checked here, another one when a row fills it.
    pub fn parse(text: &str) -> Result<Self, CheckError> {
        let written = text.trim();
        let (name, argument) = written.split_once(':').map_or((written, None), |(name, rest)| (name, Some(rest)));
        let name = name.trim_end();
        let (bare, negated) = name.strip_prefix("not-").map_or((name, false), |bare| (bare, true));
        let unknown = || CheckProblem::Unknown(bare.to_owned());
        let kind = KINDS.iter().find(|kind| kind.name == bare).ok_or_else(|| CheckError::new(written, 1, unknown()))?;
        let blanks = argument.map_or(0, |argument| argument.chars().take_while(|next| next.is_whitespace()).count());
        let at = 1 + argument.map_or(0, |all| written[..written.len() - all.len()].chars().count() + blanks);
        let argument = Template::parse(argument.unwrap_or_default().trim());
        let mut check = Self { written: written.to_owned(), kind, negated, argument, at, rule: None };
        if check.argument.variables().is_empty() {
            check.rule = Some(check.rule(&BTreeMap::new())?);
        } else if kind.outside_program {
            let words = "a command takes no variables: the text of a data set must not become part of a program's line";
            return Err(check.wrong(CheckProblem::Argument(words.to_owned())));
        }
        Ok(check)
    }

    /// The check as it was written.
    pub fn written(&self) -> &str {
        &self.written
    }

    /// What kind it is.
    pub fn kind(&self) -> &'static Kind {
        self.kind
    }

    /// The variables in its argument; none for most.
    pub fn variables(&self) -> BTreeSet<&str> {
        self.argument.variables()
    }

    /// The check of one row, with the row's values in its argument.
    pub fn ready(&self, values: &BTreeMap<String, String>) -> Result<Ready, CheckError> {
        let rule = self.rule.clone().map_or_else(|| self.rule(values), Ok)?;
        Ok(Ready { written: self.written.clone(), negated: self.negated, rule })
    }

    fn rule(&self, values: &BTreeMap<String, String>) -> Result<Rule, CheckError> {
        let argument = self.argument.fill(values).map_err(|missing| self.wrong(CheckProblem::Missing(missing)))?;
        match (argument.trim(), self.kind.argument) {
            ("", Some(wanted)) => Err(self.wrong(CheckProblem::NoArgument(wanted))),
            (given, None) if !given.is_empty() => Err(self.wrong(CheckProblem::Unwanted)),
            (given, _) => {
                (self.kind.rule)(given).map_err(|words| self.wrong(CheckProblem::Argument(words.into_owned())))
            }
        }
    }

    fn wrong(&self, problem: CheckProblem) -> CheckError {
        CheckError::new(&self.written, self.at, problem)
    }
}

/// A check that can judge the answers of one row.
#[derive(Clone, Debug)]
pub struct Ready {
    written: String,
    negated: bool,
    rule: Rule,
}

impl Ready {
    /// What must be found out before it can judge this answer; `None` when it needs nothing, and for a failed request.
    pub fn question<'a>(&'a self, answer: &Answer, reference: Option<&'a str>) -> Option<Question<'a>> {
        if matches!(answer.state, State::Failed { .. }) { None } else { self.rule.question(answer, reference) }
    }

    /// What it says of an answer, with what was found for its question. A failed request is not checked: `None`.
    pub fn judge(&self, answer: &Answer, found: Option<Finding>) -> Option<Verdict> {
        if matches!(answer.state, State::Failed { .. }) {
            return None;
        }
        let finding = self.rule.find(answer, found);
        let outcome = match (finding.outcome, self.negated) {
            (Outcome::Passed, true) => Outcome::Failed,
            (Outcome::Failed, true) => Outcome::Passed,
            (outcome, _) => outcome,
        };
        let reason = if outcome == Outcome::Passed { String::new() } else { finding.reason };
        Some(Verdict { check: self.written.clone(), outcome, reason, score: finding.score })
    }

    /// Whether it needs a judge.
    pub fn asks_judge(&self) -> bool {
        matches!(self.rule, Rule::Judge(_))
    }

    /// Both at once, for those who can answer at once.
    pub fn ask(
        &self,
        answer: &Answer,
        reference: Option<&str>,
        oracle: impl FnOnce(Question<'_>) -> Finding,
    ) -> Option<Verdict> {
        self.judge(answer, self.question(answer, reference).map(oracle))
    }
}
