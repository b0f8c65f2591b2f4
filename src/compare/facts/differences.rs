//! In what the facts of two answers agree and differ.

use std::collections::{HashMap, HashSet, VecDeque};
use std::fmt;

use serde::Serialize;

use super::json::{self, Change, Json};
use super::negation::Flip;
use super::{Fact, Facts, Stance};

/// How many pairs are written out in a line.
const SHOWN: usize = 3;

/// One of two answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The first one.
    Left,
    /// The second one.
    Right,
}

impl Side {
    const fn name(self) -> &'static str {
        match self {
            Self::Left => "first",
            Self::Right => "second",
        }
    }
}

/// What two answers say of one kind of fact.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Said {
    /// How many different ones of the first answer the second one says too.
    pub equal: usize,
    /// One of the first answer and one of the second in its place: after the same word, or both the only ones left.
    pub differ: Vec<(String, String)>,
    /// What only the first one says.
    pub only_left: Vec<String>,
    /// What only the second one says.
    pub only_right: Vec<String>,
}

/// In what two answers agree and differ. The line that `Display` gives quotes the answers: make it safe before it is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Differences {
    /// Numbers with their units; one without a unit is equal to one with any.
    pub numbers: Said,
    /// Dates.
    pub dates: Said,
    /// Addresses.
    pub urls: Said,
    /// What each says, where one says yes and the other no.
    pub stance: Option<(Stance, Stance)>,
    /// Statements that one makes and the other negates.
    pub flips: Vec<Flip>,
    /// Which refuses, where one does and the other does not.
    pub refused: Option<Side>,
    /// Where their JSON differs, when both are JSON.
    pub json: Vec<Change>,
    /// Which is JSON, where one is and the other is not.
    pub only_json: Option<Side>,
    /// How many blocks of code are the same in the same order.
    pub code_equal: usize,
    /// How many blocks of code have another one, or none, in their place.
    pub code_differ: usize,
}

impl Differences {
    /// What these two say.
    pub fn of(left: &Facts, right: &Facts) -> Self {
        let only = |left: bool, right: bool| match (left, right) {
            (true, false) => Some(Side::Left),
            (false, true) => Some(Side::Right),
            _ => None,
        };
        let is_json = |facts: &Facts| matches!(facts.json, Json::Valid(_));
        let json = match (&left.json, &right.json) {
            (Json::Valid(left), Json::Valid(right)) => json::changes(left, right),
            _ => Vec::new(),
        };
        let code_equal = left.code.iter().zip(&right.code).filter(|(here, there)| here.is_same(there)).count();
        Self {
            numbers: said(&left.numbers, &right.numbers),
            dates: said(&left.dates, &right.dates),
            urls: said(&left.urls, &right.urls),
            stance: left.stance.zip(right.stance).filter(|(here, there)| here != there),
            flips: left.statements.flips(&right.statements),
            refused: only(left.refused, right.refused),
            json,
            only_json: only(is_json(left), is_json(right)),
            code_equal,
            code_differ: left.code.len().max(right.code.len()) - code_equal,
        }
    }

    /// How many numbers both say.
    pub const fn numbers_equal(&self) -> usize {
        self.numbers.equal
    }

    /// How many numbers of one have another number in their place.
    pub const fn numbers_differ(&self) -> usize {
        self.numbers.differ.len()
    }

    /// Whether they cannot both be right: a number, a date, yes and no, or a negation.
    pub fn contradict(&self) -> bool {
        !self.numbers.differ.is_empty()
            || !self.dates.differ.is_empty()
            || self.stance.is_some()
            || !self.flips.is_empty()
    }
}

fn said(left: &[Fact], right: &[Fact]) -> Said {
    let mut known: HashMap<&str, Vec<Option<&str>>> = HashMap::new();
    for fact in right {
        known.entry(&fact.value).or_default().push(fact.unit.as_deref());
    }
    let mut matched: HashSet<(&str, Option<&str>)> = HashSet::new();
    let mut here = Vec::new();
    let mut equal = 0;
    for fact in left {
        let unit = fact.unit.as_deref();
        let units = known.get(fact.value.as_str()).map(Vec::as_slice).unwrap_or_default();
        let same = units.iter().filter(|other| unit.is_none() || other.is_none() || **other == unit);
        let before = matched.len();
        let mut any = false;
        for other in same {
            any = true;
            matched.insert((&fact.value, *other));
        }
        equal += usize::from(matched.len() > before);
        if !any {
            here.push(fact);
        }
    }
    let there: Vec<&Fact> =
        right.iter().filter(|fact| !matched.contains(&(fact.value.as_str(), fact.unit.as_deref()))).collect();
    let mut said = in_place(&here, &there);
    said.equal = equal;
    said
}

/// Pairs what is left: facts after the same word, and the rest in their order if there are as many on both sides.
fn in_place(here: &[&Fact], there: &[&Fact]) -> Said {
    let mut places: HashMap<&str, VecDeque<usize>> = HashMap::new();
    for (place, fact) in there.iter().enumerate().filter(|(_, fact)| !fact.before.is_empty()) {
        places.entry(&fact.before).or_default().push_back(place);
    }
    let mut taken = HashSet::new();
    let mut said = Said::default();
    let mut rest = Vec::new();
    for fact in here {
        match places.get_mut(fact.before.as_str()).and_then(VecDeque::pop_front) {
            Some(place) => {
                taken.insert(place);
                said.differ.push((fact.text.clone(), there[place].text.clone()));
            }
            None => rest.push(fact.text.clone()),
        }
    }
    let others = there.iter().enumerate().filter(|(place, _)| !taken.contains(place));
    let others: Vec<String> = others.map(|(_, fact)| fact.text.clone()).collect();
    if rest.len() == others.len() {
        said.differ.extend(rest.into_iter().zip(others));
    } else {
        (said.only_left, said.only_right) = (rest, others);
    }
    said
}

impl fmt::Display for Differences {
    /// One line, such as `3 numbers equal, 1 differs (1985 / 1987); yes / no`. Empty when there is nothing to tell.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        parts.extend(self.numbers.line("number"));
        parts.extend(self.dates.line("date"));
        parts.extend(self.urls.line("link"));
        parts.extend(self.stance.map(|(left, right)| format!("{} / {}", left.name(), right.name())));
        if !self.flips.is_empty() {
            let flips: Vec<_> = self.flips.iter().map(|flip| (flip.left.clone(), flip.right.clone())).collect();
            parts.push(format!("{} ({})", counted(flips.len(), "negation"), pairs(&flips)));
        }
        parts.extend(self.refused.map(|side| format!("only the {} refuses", side.name())));
        parts.extend(self.only_json.map(|side| format!("only the {} is JSON", side.name())));
        if let Some(first) = self.json.first() {
            parts.push(format!("{} of JSON ({})", counted(self.json.len(), "difference"), first.path));
        }
        if self.code_differ > 0 {
            parts.push(format!("{} of code differ{}", counted(self.code_differ, "block"), third(self.code_differ)));
        }
        formatter.write_str(&parts.join("; "))
    }
}

impl Said {
    fn line(&self, noun: &str) -> Option<String> {
        let mut parts = Vec::new();
        let mut count = |number: usize, what: &str| {
            if number > 0 {
                let counted = if parts.is_empty() { counted(number, noun) } else { number.to_string() };
                parts.push(format!("{counted} {what}"));
            }
        };
        count(self.equal, "equal");
        let differ = self.differ.len();
        count(differ, &format!("differ{} ({})", third(differ), pairs(&self.differ)));
        count(self.only_left.len(), "only in the first");
        count(self.only_right.len(), "only in the second");
        (!parts.is_empty()).then(|| parts.join(", "))
    }
}

fn pairs(pairs: &[(String, String)]) -> String {
    let shown: Vec<_> = pairs.iter().take(SHOWN).map(|(left, right)| format!("{left} / {right}")).collect();
    format!("{}{}", shown.join(", "), if pairs.len() > SHOWN { ", …" } else { "" })
}

fn counted(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// The ending of a verb: one differs, two differ.
fn third(number: usize) -> &'static str {
    if number == 1 { "s" } else { "" }
}
