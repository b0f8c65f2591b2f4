//! Whether an answer begins with yes or no.

use serde::{Deserialize, Serialize};

/// What the first sentence says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stance {
    /// Yes, true, correct.
    Yes,
    /// No, false, incorrect.
    No,
}

impl Stance {
    /// Its word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
        }
    }
}

/// How a sentence begins that says yes, and one that says no, by language. Longer ones first where one begins the other.
const WORDS: &[(&str, &[&str], &[&str])] = &[
    (
        "en",
        &["yes", "yeah", "yep", "correct", "true", "that's right", "that is correct"],
        &[
            "no",
            "nope",
            "incorrect",
            "false",
            "not really",
            "not exactly",
            "absolutely not",
            "definitely not",
            "certainly not",
            "of course not",
        ],
    ),
    ("de", &["ja", "jawohl", "richtig"], &["nein", "falsch"]),
    ("fr", &["oui"], &["non"]),
    ("es", &["sí", "si"], &["no"]),
    ("it", &["sì"], &["no"]),
    ("pt", &["sim"], &["não"]),
    ("nl", &["ja"], &["nee"]),
    ("pl", &["tak"], &["nie"]),
    ("tr", &["evet"], &["hayır"]),
    ("ru", &["да"], &["нет"]),
    ("ar", &["نعم"], &["لا", "كلا"]),
    ("he", &["כן"], &["לא"]),
    ("hi", &["हाँ", "हां", "जी हाँ"], &["नहीं", "जी नहीं"]),
    ("zh", &["是", "是的", "对", "正确"], &["不", "不是", "否", "不对", "错误"]),
    ("ja", &["はい", "ええ"], &["いいえ", "いや"]),
    ("ko", &["네", "예"], &["아니요", "아니오"]),
];

/// What may follow `yes` or `no` without a comma, for these to be an answer: `no it is not`, but not `no cost is involved`.
const SUBJECTS: &[&str] =
    &["it", "it's", "this", "that", "they", "there", "we", "you", "he", "she", "i", "i'm", "these", "those"];

/// The longest part of an answer that is looked at, in characters.
const LOOKED_AT: usize = 200;

/// The stance of an answer's first sentence; `None` when it has none, or both.
pub fn of(text: &str) -> Option<Stance> {
    let text = text.trim_start_matches(|char: char| !char.is_alphanumeric());
    let start: String = text.chars().take(LOOKED_AT).flat_map(char::to_lowercase).collect();
    let start = start.replace('’', "'");
    let sentence = start.split(['.', '\n', '!', '?', '。', '！', '？', '।']).next().unwrap_or_default();
    opening(&start).or_else(|| concluding(sentence))
}

fn opening(start: &str) -> Option<Stance> {
    let says = |words: &[&str]| words.iter().any(|word| start.strip_prefix(word).is_some_and(|rest| ends(word, rest)));
    WORDS.iter().find_map(|(_, yes, no)| match (says(yes), says(no)) {
        (true, false) => Some(Stance::Yes),
        (false, true) => Some(Stance::No),
        _ => None,
    })
}

/// Whether the word is the answer, by what follows it.
fn ends(word: &str, rest: &str) -> bool {
    let rest = rest.trim_start_matches(['*', '_', '`', '"', '\'', '”']);
    let Some(next) = rest.chars().next() else { return true };
    let subject =
        || rest.split_whitespace().next().is_some_and(|word| SUBJECTS.contains(&word.trim_matches([',', '.'])));
    let dash = || rest.trim_start().starts_with(['-', '–', '—', '(']);
    match next {
        '-' => false,
        ' ' | '\t' | '\u{a0}' => dash() || (matches!(word, "yes" | "no") && subject()),
        next => !next.is_alphanumeric() && !"_'/".contains(next),
    }
}

/// `The answer is no`, `final answer: yes`.
fn concluding(sentence: &str) -> Option<Stance> {
    let (_, rest) = sentence.rsplit_once("answer is").or_else(|| sentence.rsplit_once("answer:"))?;
    let said: Vec<&str> = rest.split(|char: char| !char.is_alphabetic()).filter(|word| !word.is_empty()).collect();
    match said.as_slice() {
        ["yes", ..] if !said.contains(&"no") => Some(Stance::Yes),
        ["no"] => Some(Stance::No),
        ["no", next, ..] if *next != "longer" && !said.contains(&"yes") => Some(Stance::No),
        _ => None,
    }
}
