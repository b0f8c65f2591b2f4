//! Negations: where one answer says that something is, and the other one with the same words that it is not.

use std::collections::HashMap;

use serde::Serialize;
use unicode_segmentation::UnicodeSegmentation;

use super::quoted;

/// A statement that one answer makes and the other one negates.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Flip {
    /// The words of the first answer: `no cost`.
    pub left: String,
    /// The words of the second one: `a cost`.
    pub right: String,
}

/// Of how many negations of an answer the other side is looked for; the first ones.
pub const NEGATIONS_READ: usize = 2_000;

/// How many places of the same word are looked at.
const PLACES: usize = 16;

/// The most flips that are listed.
const MOST_FLIPS: usize = 32;

/// How many words a negation reaches, in its part of the sentence.
const REACH: usize = 4;

/// How many words on each side tell whether two places say the same.
const AROUND: usize = 6;

/// How much of these words must be shared, from 0 to 1.
const SAME: f64 = 0.5;

/// Words that negate what follows. In English also everything that ends in `n't`.
const NEGATORS: &[&str] = &[
    "no",
    "not",
    "never",
    "without",
    "none",
    "nothing",
    "nobody",
    "neither",
    "nor",
    "cannot",
    "lacks", // English
    "nicht",
    "kein",
    "keine",
    "keinen",
    "keinem",
    "keiner",
    "keines",
    "nie",
    "ohne",
    "niemals", // German
    "pas",
    "jamais",
    "sans",
    "aucun",
    "aucune",
    "nunca",
    "sin",
    "ningún",
    "ninguna",
    "non",
    "senza",
    "não",
    "sem", // Romance
    "niet",
    "geen",
    "nooit",
    "zonder",
    "не",
    "нет",
    "без",
    "никогда",
    "ni", // Dutch, Russian
    "不",
    "没",
    "没有",
    "無",
    "无",
    "未",
    "非",
    "ない",
    "لا",
    "ليس",
    "ليست",
    "לא",
    "אין",
    "नहीं",
    "değil",
];

/// Words after which a negation does not negate: `not only`, `no doubt`.
const HARMLESS: &[&str] =
    &["only", "just", "merely", "doubt", "matter", "wonder", "problem", "nur", "seulement", "solo", "sólo"];

/// Verbs that are shared by a statement and its negation when there are no other words around.
const VERBS: &[&str] = &[
    "is", "are", "was", "were", "be", "been", "being", "am", "do", "does", "did", "has", "have", "had", "will",
    "would", "can", "could", "should", "may", "might", "must", "ist", "sind", "war", "hat", "est", "es", "son", "hay",
    "è", "é", "são", "at",
];

/// Other words that say nothing of their own.
const FUNCTION_WORDS: &[&str] = &[
    "a", "an", "the", "of", "to", "in", "on", "by", "for", "with", "and", "or", "but", "that", "this", "these",
    "those", "it", "its", "there", "as", "from", "than", "then", "so", "if", "into", "any", "some", "all", "we", "you",
    "they", "i", "he", "she", "his", "her", "their", "our", "your", "which", "who", "der", "die", "das", "ein", "eine",
    "und", "le", "la", "les", "un", "une", "et", "de", "du", "el", "los", "las", "una", "y", "n", "ne",
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Content,
    Verb,
    Function,
    Negator,
}

#[derive(Clone, Copy, Debug)]
struct Word {
    start: usize,
    end: usize,
    sentence: usize,
    kind: Kind,
    /// The place of the word that negates it.
    negator: Option<usize>,
}

/// The words of a text with what negates them.
#[derive(Clone, Debug)]
pub struct Statements {
    lower: String,
    words: Vec<Word>,
}

impl Statements {
    pub fn of(text: &str) -> Self {
        let lower = text.to_lowercase().replace('’', "'");
        let mut words: Vec<Word> = Vec::new();
        let mut sentence = 0;
        // The negation that is open, and how many words it still reaches.
        let mut open: Option<(usize, usize)> = None;
        for (start, word) in lower.unicode_word_indices() {
            let gap = &lower[words.last().map_or(0, |word| word.end)..start];
            sentence += usize::from(gap.contains(['.', '!', '?', ';', '\n', '。', '！', '？', '；', '।', '؟']));
            if gap.contains(|char: char| char.is_ascii_punctuation() || "，、：。—–".contains(char)) {
                open = None;
            }
            let kind = kind(word);
            let place = words.len();
            let negator = open.filter(|_| kind == Kind::Content).map(|(negator, _)| negator);
            open = open.filter(|(_, reach)| *reach > 1).map(|(negator, reach)| (negator, reach - 1));
            if kind == Kind::Negator {
                open = Some((place, REACH));
            } else if HARMLESS.contains(&word) {
                open = None;
            }
            words.push(Word { start, end: start + word.len(), sentence, kind, negator });
        }
        Self { lower, words }
    }

    /// Where the two contradict each other, in the order of this one, at most 32 places.
    pub fn flips(&self, other: &Self) -> Vec<Flip> {
        let (places, other_places) = (self.places(other), other.places(self));
        let mut flips: Vec<(usize, Flip)> = Vec::new();
        for (here, there) in turned(self, &places, other, &other_places) {
            flips.push((here, Flip { left: self.negated(here), right: other.affirmed(there) }));
        }
        for (there, here) in turned(other, &other_places, self, &places) {
            flips.push((here, Flip { left: self.affirmed(here), right: other.negated(there) }));
        }
        flips.sort_by_key(|(place, _)| *place);
        flips.truncate(MOST_FLIPS);
        flips.into_iter().map(|(_, flip)| flip).collect()
    }

    fn text(&self, place: usize) -> &str {
        let word = self.words[place];
        stem(&self.lower[word.start..word.end])
    }

    /// Words that a negation reaches, the first ones.
    fn reached(&self) -> impl Iterator<Item = usize> + '_ {
        let reached = self.words.iter().enumerate().filter(|(_, word)| word.negator.is_some());
        reached.map(|(place, _)| place).take(NEGATIONS_READ)
    }

    /// The first places of every word that either text negates.
    fn places(&self, other: &Self) -> HashMap<&str, Vec<usize>> {
        let negated = self.reached().map(|place| self.text(place).to_owned());
        let asked: std::collections::HashSet<String> =
            negated.chain(other.reached().map(|place| other.text(place).to_owned())).collect();
        let mut places: HashMap<&str, Vec<usize>> = HashMap::new();
        for (place, word) in self.words.iter().enumerate().filter(|(_, word)| word.kind == Kind::Content) {
            let text = stem(&self.lower[word.start..word.end]);
            if asked.contains(text) {
                let known = places.entry(text).or_default();
                if known.len() < PLACES {
                    known.push(place);
                }
            }
        }
        places
    }

    /// The places near this one in its sentence.
    fn around(&self, place: usize) -> impl Iterator<Item = usize> + '_ {
        let near = place.saturating_sub(AROUND)..(place + AROUND + 1).min(self.words.len());
        near.filter(move |near| *near != place && self.words[*near].sentence == self.words[place].sentence)
    }

    /// The words near a place that are of a kind.
    fn near(&self, place: usize, kind: Kind) -> Vec<&str> {
        self.around(place).filter(|near| self.words[*near].kind == kind).map(|near| self.text(near)).collect()
    }

    /// The negation with the word that it reaches.
    fn negated(&self, place: usize) -> String {
        let from = self.words[place].negator.unwrap_or(place);
        quoted(&self.lower[self.words[from].start..self.words[place].end])
    }

    /// The word, with the one before it.
    fn affirmed(&self, place: usize) -> String {
        let from = self.around(place).filter(|near| *near < place).last().unwrap_or(place);
        quoted(&self.lower[self.words[from].start..self.words[place].end])
    }
}

/// The places of the first text that a negation reaches, each with the place of the second one that says the same without:
/// there is none as near that is negated too, on either side.
fn turned<'a>(
    left: &'a Statements,
    left_places: &HashMap<&str, Vec<usize>>,
    right: &'a Statements,
    right_places: &HashMap<&str, Vec<usize>>,
) -> Vec<(usize, usize)> {
    let mut found: Vec<(usize, usize)> = Vec::new();
    let mut last = None;
    for place in left.reached() {
        let negator = left.words[place].negator;
        let Some(there) = right_places.get(left.text(place)).filter(|_| last != negator) else { continue };
        let Some(there) = nearest(left, place, right, there, false) else { continue };
        let back = left_places.get(left.text(place)).and_then(|places| nearest(right, there, left, places, true));
        if back.is_some() {
            last = negator;
            found.push((place, there));
        }
        if found.len() >= MOST_FLIPS {
            break;
        }
    }
    found
}

/// Of these places of the second text the one that is most like a place of the first, if it is like it at all and negated or
/// not as asked; a place that is as much like it and of the other kind forbids it.
fn nearest(left: &Statements, place: usize, right: &Statements, places: &[usize], negated: bool) -> Option<usize> {
    let best = |negated: bool| {
        let of_kind = places.iter().filter(move |other| right.words[**other].negator.is_some() == negated);
        of_kind.map(|other| (likeness(left, place, right, *other), *other)).max_by(|one, two| one.0.total_cmp(&two.0))
    };
    let (like, there) = best(negated).filter(|(like, _)| *like >= SAME)?;
    best(!negated).is_none_or(|(other, _)| other < like).then_some(there)
}

/// How many of the words around are the same, from 0 to 1; where one side has none, whether a verb is.
fn likeness(left: &Statements, place: usize, right: &Statements, other: usize) -> f64 {
    let (here, there) = (left.near(place, Kind::Content), right.near(other, Kind::Content));
    let smaller = here.len().min(there.len());
    if smaller == 0 {
        let (here, there) = (left.near(place, Kind::Verb), right.near(other, Kind::Verb));
        let verbs = here.iter().any(|verb| there.contains(verb));
        return if verbs || (here.is_empty() && there.is_empty()) { SAME } else { 0.0 };
    }
    here.iter().filter(|word| there.contains(word)).count().min(smaller) as f64 / smaller as f64
}

fn kind(word: &str) -> Kind {
    if NEGATORS.contains(&word) || word.ends_with("n't") {
        Kind::Negator
    } else if VERBS.contains(&word) {
        Kind::Verb
    } else if FUNCTION_WORDS.contains(&word) {
        Kind::Function
    } else {
        Kind::Content
    }
}

/// `costs` is `cost`.
fn stem(word: &str) -> &str {
    word.strip_suffix('s').filter(|stem| stem.len() > 2 && !stem.ends_with('s')).unwrap_or(word)
}
