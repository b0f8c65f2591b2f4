//! What an answer says that can be told right from wrong without knowing the truth: numbers, dates, addresses, yes or no,
//! what it negates, whether it refuses, its JSON and its code. Two answers whose words are alike may contradict each other
//! in one of these, and two whose words differ may agree in all.
//!
//! Everything is read by rules, in time linear in the length of the text. What the rules leave open is kept as the text
//! says it: `03/04/2026` is equal to nothing but itself, and `1.234` is a decimal number.

mod code;
mod date;
mod differences;
mod json;
mod negation;
mod number;
mod refusal;
mod stance;
mod unit;
mod url;

use std::collections::HashSet;

pub use code::Code;
pub use differences::{Differences, Said, Side};
pub use json::{Change, ChangeKind, Json, keys};
pub use negation::{Flip, NEGATIONS_READ};
pub use refusal::is_refusal;
use serde::Serialize;
pub use stance::Stance;

/// How many different facts of one kind are kept of an answer; the first ones said. [`Facts::complete`] tells.
pub const MOST_FACTS: usize = 10_000;

/// A number, a date or an address as an answer says it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fact {
    /// What it comes to, written one way: `1,985` and `1985.0` are both `1985`, a date is `2026-03-12`.
    pub value: String,
    /// The unit of a number, where one is known: `%`, `km`, `$`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// As it was written, cut when it is long. Text of a model: make it safe before it is shown.
    pub text: String,
    /// The word before it, in lower case; empty where there is none. It tells which fact stands where another one did.
    #[serde(skip)]
    before: String,
}

/// The facts of one answer.
#[derive(Clone, Debug)]
pub struct Facts {
    /// Numbers in the order in which they are first said, each once. Not those in code, in names such as `gpt-4`, in dates
    /// and addresses, nor those that only count the items of a list.
    pub numbers: Vec<Fact>,
    /// Dates; a part of one too (`2026-03`, `--03-12`).
    pub dates: Vec<Fact>,
    /// Addresses, with scheme and host in lower case and without the punctuation that follows them.
    pub urls: Vec<Fact>,
    /// Whether its first sentence says yes or no.
    pub stance: Option<Stance>,
    /// Whether it is a short answer that begins by declining to answer.
    pub refused: bool,
    /// The answer as JSON.
    pub json: Json,
    /// Its fenced blocks of code.
    pub code: Vec<Code>,
    /// Whether everything was kept; false when there were more than [`MOST_FACTS`] of a kind.
    pub complete: bool,
    statements: negation::Statements,
}

impl Facts {
    /// Reads the facts of an answer. Empty text has none.
    pub fn of(text: &str) -> Self {
        let (prose, code) = code::split(text);
        let mut rest = prose.clone();
        let mut complete = true;
        let urls = distinct(url::take(&mut rest), &mut complete);
        let dates = distinct(date::take(&mut rest), &mut complete);
        let numbers = distinct(number::find(&rest), &mut complete);
        Self {
            numbers,
            dates,
            urls,
            stance: stance::of(&prose),
            refused: is_refusal(text),
            json: json::of(text, &code),
            statements: negation::Statements::of(&prose),
            code,
            complete,
        }
    }

    /// In what this answer and another one agree and differ.
    pub fn differences(&self, other: &Self) -> Differences {
        Differences::of(self, other)
    }
}

fn distinct(facts: Vec<Fact>, complete: &mut bool) -> Vec<Fact> {
    let mut seen = HashSet::new();
    let mut kept: Vec<Fact> =
        facts.into_iter().filter(|fact| seen.insert((fact.value.clone(), fact.unit.clone()))).collect();
    *complete &= kept.len() <= MOST_FACTS;
    kept.truncate(MOST_FACTS);
    kept
}

/// The longest text that is quoted of an answer, in characters.
const LONGEST_QUOTE: usize = 40;

fn quoted(text: &str) -> String {
    match text.char_indices().nth(LONGEST_QUOTE) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// The word that ends before this place, in lower case; empty when it is far or on another line.
fn word_before(text: &str, place: usize) -> String {
    let line = text[..place].chars().rev().take_while(|char| *char != '\n').take(LONGEST_QUOTE);
    let mut word: Vec<char> =
        line.skip_while(|char| !char.is_alphabetic()).take_while(|char| char.is_alphabetic()).collect();
    word.reverse();
    word.into_iter().flat_map(char::to_lowercase).collect()
}

/// Puts spaces in the place of these ranges, so that what was read there is not read again; everything else stays where it is.
fn blank(text: &mut String, ranges: &[std::ops::Range<usize>]) {
    let mut blanked = String::with_capacity(text.len());
    for range in ranges {
        blanked.push_str(&text[blanked.len()..range.start]);
        blanked.extend(std::iter::repeat_n(' ', range.len()));
    }
    blanked.push_str(&text[blanked.len()..]);
    *text = blanked;
}

#[cfg(test)]
mod tests;
