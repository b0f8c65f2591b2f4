//! Which claim is made by which answers.

use std::collections::{BTreeMap, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};

use serde::Serialize;

use crate::compare::answer::{Answer, State};
use crate::compare::facts::{Fact, Facts, Json, Stance, keys};

/// The most numbers that are listed; those that most answers say.
pub const MOST_CLAIMS: usize = 64;

/// A number and who says it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Claim {
    /// The number, written one way.
    pub value: String,
    /// Its unit, where somebody names one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// The answers that say it.
    pub said_by: Vec<usize>,
}

/// Who says what, each answer by its place.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Claims {
    /// Numbers: what most say first, then in the order in which they are said.
    pub numbers: Vec<Claim>,
    /// How many more numbers there are.
    pub more_numbers: usize,
    /// Who says yes.
    pub yes: Vec<usize>,
    /// Who says no.
    pub no: Vec<usize>,
    /// Who says neither.
    pub neither: Vec<usize>,
    /// Whose answer is JSON.
    pub json_valid: Vec<usize>,
    /// Whose answer was meant to be JSON and is not.
    pub json_invalid: Vec<usize>,
    /// The most answers whose JSON has the same keys.
    pub same_keys: Vec<usize>,
    /// Who refuses, by the text or as the provider says.
    pub refused: Vec<usize>,
    /// Whose answer was cut.
    pub truncated: Vec<usize>,
}

/// What is kept of the facts of one answer, so that those of all answers need little memory.
pub struct Voice {
    /// Its place among the answers.
    pub answer: usize,
    pub numbers: Vec<(String, Option<String>)>,
    pub stance: Option<Stance>,
    pub refused: bool,
    pub truncated: bool,
    pub json: Form,
}

/// Whether an answer is JSON, and a number for its keys.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Text,
    Broken,
    Json { keys: u64 },
}

/// What all answers say that did not fail.
pub fn voices(answers: &[&Answer]) -> Vec<Voice> {
    let asked = answers.iter().enumerate().filter(|(_, answer)| !matches!(answer.state, State::Failed { .. }));
    asked.map(|(place, answer)| Voice::of(place, answer)).collect()
}

impl Voice {
    fn of(place: usize, answer: &Answer) -> Self {
        let facts = Facts::of(&answer.text);
        let number = |fact: Fact| (fact.value, fact.unit);
        Self {
            answer: place,
            stance: facts.stance,
            refused: facts.refused || answer.state == State::Refused,
            truncated: answer.state == State::Truncated,
            json: match &facts.json {
                Json::None => Form::Text,
                Json::Invalid(_) => Form::Broken,
                Json::Valid(value) => {
                    let mut hasher = DefaultHasher::new();
                    keys(value).hash(&mut hasher);
                    Form::Json { keys: hasher.finish() }
                }
            },
            numbers: facts.numbers.into_iter().map(number).collect(),
        }
    }
}

impl Claims {
    pub(super) fn of(voices: &[Voice]) -> Self {
        let who = |says: &dyn Fn(&Voice) -> bool| -> Vec<usize> {
            voices.iter().filter(|voice| says(voice)).map(|voice| voice.answer).collect()
        };
        let (numbers, more_numbers) = numbers(voices);
        Self {
            numbers,
            more_numbers,
            yes: who(&|voice| voice.stance == Some(Stance::Yes)),
            no: who(&|voice| voice.stance == Some(Stance::No)),
            neither: who(&|voice| voice.stance.is_none()),
            json_valid: who(&|voice| matches!(voice.json, Form::Json { .. })),
            json_invalid: who(&|voice| voice.json == Form::Broken),
            same_keys: same_keys(voices),
            refused: who(&|voice| voice.refused),
            truncated: who(&|voice| voice.truncated),
        }
    }
}

/// The largest group with the same keys, the earliest of these.
fn same_keys(voices: &[Voice]) -> Vec<usize> {
    let mut groups: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
    for voice in voices {
        if let Form::Json { keys } = voice.json {
            groups.entry(keys).or_default().push(voice.answer);
        }
    }
    let largest = groups.into_values().max_by_key(|group| (group.len(), std::cmp::Reverse(group[0])));
    largest.unwrap_or_default()
}

/// Numbers by who says them. One without a unit joins the one with a unit, where all who name a unit name the same.
fn numbers(voices: &[Voice]) -> (Vec<Claim>, usize) {
    let mut units: HashMap<&str, Vec<&str>> = HashMap::new();
    for (value, unit) in voices.iter().flat_map(|voice| &voice.numbers) {
        let known = units.entry(value).or_default();
        known.extend(unit.as_deref().filter(|unit| !known.contains(unit)));
    }
    let mut claims: Vec<Claim> = Vec::new();
    let mut places: HashMap<(&str, Option<&str>), usize> = HashMap::new();
    for voice in voices {
        for (value, unit) in &voice.numbers {
            let unit = unit.as_deref().or(match units[value.as_str()].as_slice() {
                [only] => Some(*only),
                _ => None,
            });
            let place = *places.entry((value, unit)).or_insert(claims.len());
            if place == claims.len() {
                claims.push(Claim { value: value.clone(), unit: unit.map(str::to_owned), said_by: Vec::new() });
            }
            if claims[place].said_by.last() != Some(&voice.answer) {
                claims[place].said_by.push(voice.answer);
            }
        }
    }
    claims.sort_by_key(|claim| std::cmp::Reverse(claim.said_by.len()));
    let more = claims.len().saturating_sub(MOST_CLAIMS);
    claims.truncate(MOST_CLAIMS);
    (claims, more)
}
