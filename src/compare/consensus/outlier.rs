//! Which answer stands apart from the others, and why.

use std::collections::HashSet;
use std::fmt;

use serde::Serialize;

use super::claims::{Form, Voice};
use super::{agreement, mean_of};
use crate::compare::answer::Answer;
use crate::compare::facts::{Facts, Stance};

/// How much the agreement must rise without an answer that is in one group with all others, for it to stand apart.
pub const APART: f64 = 0.1;

/// An answer is long or short when it has so many times the characters of the others, or so few.
const LENGTH: f64 = 3.0;

/// How much of a text is looked at to tell its script, in characters.
const LOOKED_AT: usize = 2_000;

/// The answer that stands apart.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Outlier {
    /// Its place among the answers.
    pub answer: usize,
    /// Why.
    pub reason: Reason,
    /// The agreement of the others.
    pub agreement_without: f64,
}

/// Why an answer stands apart. Pairs are what the others say, and what it says; they quote answers.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum Reason {
    /// It alone refuses.
    Refusal,
    /// It alone was cut.
    Truncated,
    /// It alone says this.
    Stance {
        /// Yes or no.
        says: Stance,
    },
    /// It says other numbers in the same places.
    Numbers {
        /// The others' and its own.
        differ: Vec<(String, String)>,
    },
    /// It says other dates in the same places.
    Dates {
        /// The others' and its own.
        differ: Vec<(String, String)>,
    },
    /// It negates what the others say, or the reverse.
    Negation {
        /// The others' and its own.
        differ: Vec<(String, String)>,
    },
    /// It alone is JSON, or alone is not.
    Json {
        /// Whether it is.
        valid: bool,
    },
    /// It is written in another script.
    Script,
    /// It is much longer or shorter.
    Length {
        /// Its length divided by that of the answer that is most like all others.
        times: f64,
    },
    /// Other words, and no more is known.
    Words,
}

impl fmt::Display for Reason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pair = |formatter: &mut fmt::Formatter<'_>, what: &str, differ: &[(String, String)]| {
            let Some((others, own)) = differ.first() else { return formatter.write_str(what) };
            let more = if differ.len() > 1 { ", …" } else { "" };
            write!(formatter, "{what} ({own}, others {others}{more})")
        };
        match self {
            Self::Refusal => formatter.write_str("refusal"),
            Self::Truncated => formatter.write_str("truncated"),
            Self::Stance { says } => write!(formatter, "says {}", says.name()),
            Self::Numbers { differ } => pair(formatter, "differs in numbers", differ),
            Self::Dates { differ } => pair(formatter, "differs in dates", differ),
            Self::Negation { differ } => pair(formatter, "differs in a negation", differ),
            Self::Json { valid: true } => formatter.write_str("only JSON"),
            Self::Json { valid: false } => formatter.write_str("no valid JSON"),
            Self::Script => formatter.write_str("another script"),
            Self::Length { times } if *times > 1.0 => write!(formatter, "{times:.1}x as long"),
            Self::Length { times } => write!(formatter, "{times:.2}x as long"),
            Self::Words => formatter.write_str("other words"),
        }
    }
}

/// Who stands apart of three or more that take part: by likeness, then by what only one of them says, then again by likeness
/// within the one group of all.
pub fn find(
    answers: &[&Answer],
    compared: &[usize],
    voices: &[Voice],
    similarity: &[Vec<f64>],
    groups: &[Vec<usize>],
) -> Option<Outlier> {
    if compared.len() < 3 {
        return None;
    }
    let everyone: Vec<usize> = (0..compared.len()).collect();
    let voices: Vec<&Voice> =
        compared.iter().filter_map(|answer| voices.iter().find(|voice| voice.answer == *answer)).collect();
    let table = Table { answers, compared, voices, similarity, everyone };
    let largest = groups[0].len();
    let clear = largest >= 2 && groups.get(1).is_none_or(|second| second.len() < largest);
    let outside = table.everyone.iter().copied().filter(|one| !groups[0].contains(one));
    let (place, known) = None
        .or_else(|| {
            table.highest_rise(outside).filter(|(_, rise)| clear && *rise > 0.0).map(|(place, _)| (place, None))
        })
        .or_else(|| table.odd_one().map(|(place, reason)| (place, Some(reason))))
        .or_else(|| {
            let within = table.everyone.iter().copied().filter(|_| groups.len() == 1);
            table.highest_rise(within).filter(|(_, rise)| *rise >= APART).map(|(place, _)| (place, None))
        })?;
    let reason = known.unwrap_or_else(|| table.reason(place));
    Some(Outlier { answer: compared[place], reason, agreement_without: table.agreement_without(place) })
}

/// The answers that take part; all lists by their places in it.
struct Table<'a> {
    answers: &'a [&'a Answer],
    compared: &'a [usize],
    voices: Vec<&'a Voice>,
    similarity: &'a [Vec<f64>],
    everyone: Vec<usize>,
}

impl Table<'_> {
    fn text(&self, place: usize) -> &str {
        &self.answers[self.compared[place]].text
    }

    fn others(&self, place: usize) -> Vec<usize> {
        self.everyone.iter().copied().filter(|other| *other != place).collect()
    }

    fn agreement_without(&self, place: usize) -> f64 {
        agreement(self.similarity, &self.others(place))
    }

    /// Of these the one without which the agreement rises most, and how much.
    fn highest_rise(&self, these: impl Iterator<Item = usize>) -> Option<(usize, f64)> {
        let all = agreement(self.similarity, &self.everyone);
        these.map(|one| (one, self.agreement_without(one) - all)).max_by(|one, other| one.1.total_cmp(&other.1))
    }

    /// The answer that is most like all of these.
    fn middle(&self, these: &[usize]) -> usize {
        let mean = |one: &usize| mean_of(self.similarity, *one, these);
        these.iter().copied().max_by(|one, other| mean(one).total_cmp(&mean(other))).unwrap_or_default()
    }

    /// The only one that says something else than all others, who agree.
    fn odd_one(&self) -> Option<(usize, Reason)> {
        let odd = |said: &dyn Fn(&Voice) -> Option<u64>| {
            let values: Vec<Option<u64>> = self.voices.iter().map(|voice| said(voice)).collect();
            self.everyone.iter().copied().find(|one| {
                let others = self.others(*one);
                let same = others.windows(2).all(|pair| values[pair[0]] == values[pair[1]]);
                let first = others.first().and_then(|other| values[*other]);
                same && first.is_some() && values[*one].is_some() && first != values[*one]
            })
        };
        if let Some(place) = odd(&|voice| Some(u64::from(voice.refused))).filter(|place| self.voices[*place].refused) {
            return Some((place, Reason::Refusal));
        }
        if let Some(place) = odd(&|voice| voice.stance.map(|stance| u64::from(stance == Stance::Yes))) {
            return self.voices[place].stance.map(|says| (place, Reason::Stance { says }));
        }
        if let Some(place) = odd(&|voice| Some(u64::from(matches!(voice.json, Form::Json { .. })))) {
            return Some((place, Reason::Json { valid: matches!(self.voices[place].json, Form::Json { .. }) }));
        }
        let numbers: Vec<usize> = self.everyone.iter().copied().filter(|place| self.has_own_numbers(*place)).collect();
        if let [place] = numbers.as_slice() {
            return Some((*place, self.reason(*place)));
        }
        self.negates_alone()
    }

    /// Whether it lacks a number that all others say, and says one that none of them does.
    fn has_own_numbers(&self, place: usize) -> bool {
        fn values(voice: &Voice) -> HashSet<&str> {
            voice.numbers.iter().map(|(value, _)| value.as_str()).collect()
        }
        let own = values(self.voices[place]);
        let others: Vec<HashSet<&str>> = self.others(place).iter().map(|other| values(self.voices[*other])).collect();
        let lacks = others[0].iter().any(|value| !own.contains(value) && others.iter().all(|one| one.contains(value)));
        lacks && own.iter().any(|value| others.iter().all(|one| !one.contains(value)))
    }

    /// The only one that negates what the middle says, or the middle when all others do.
    fn negates_alone(&self) -> Option<(usize, Reason)> {
        let middle = self.middle(&self.everyone);
        let facts = Facts::of(self.text(middle));
        let differs = |place: &usize| !facts.differences(&Facts::of(self.text(*place))).flips.is_empty();
        let others = self.others(middle);
        let apart: Vec<usize> = others.iter().copied().filter(differs).collect();
        let place = match apart.as_slice() {
            [only] => *only,
            all if all.len() == others.len() => middle,
            _ => return None,
        };
        Some((place, self.reason(place)))
    }

    /// In what one differs from the answer that is most like all others.
    fn reason(&self, place: usize) -> Reason {
        let middle = self.middle(&self.others(place));
        let (own, usual) = (self.voices[place], self.voices[middle]);
        if own.refused && !usual.refused {
            return Reason::Refusal;
        }
        if own.truncated && !usual.truncated {
            return Reason::Truncated;
        }
        if let (Some(says), Some(other)) = (own.stance, usual.stance)
            && says != other
        {
            return Reason::Stance { says };
        }
        let found = Facts::of(self.text(middle)).differences(&Facts::of(self.text(place)));
        if !found.numbers.differ.is_empty() {
            return Reason::Numbers { differ: found.numbers.differ };
        }
        if !found.dates.differ.is_empty() {
            return Reason::Dates { differ: found.dates.differ };
        }
        if !found.flips.is_empty() {
            return Reason::Negation { differ: found.flips.into_iter().map(|flip| (flip.left, flip.right)).collect() };
        }
        if found.only_json.is_some() {
            return Reason::Json { valid: matches!(own.json, Form::Json { .. }) };
        }
        self.form(place, middle)
    }

    /// What can be told without reading.
    fn form(&self, place: usize, middle: usize) -> Reason {
        let (own, usual) = (self.text(place), self.text(middle));
        let times = own.chars().count() as f64 / usual.chars().count().max(1) as f64;
        if script(own) != script(usual) {
            Reason::Script
        } else if !(1.0 / LENGTH..=LENGTH).contains(&times) {
            Reason::Length { times }
        } else {
            Reason::Words
        }
    }
}

/// The last characters of scripts, roughly: Latin, Greek, Cyrillic, Hebrew, Arabic, of India, Thai and its neighbours, other,
/// of East Asia, Hangul, the rest.
const SCRIPTS: [char; 10] =
    ['\u{24f}', '\u{3ff}', '\u{52f}', '\u{5ff}', '\u{77f}', '\u{dff}', '\u{eff}', '\u{2e7f}', '\u{abff}', '\u{d7ff}'];

/// The script that most letters at the beginning are of, by its place; `None` where there are no letters.
fn script(text: &str) -> Option<usize> {
    let mut counts = [0_usize; SCRIPTS.len() + 1];
    for char in text.chars().take(LOOKED_AT).filter(|char| char.is_alphabetic()) {
        counts[SCRIPTS.partition_point(|last| *last < char)] += 1;
    }
    (0..counts.len()).filter(|place| counts[*place] > 0).max_by_key(|place| counts[*place])
}
