//! What two runs do not have in common, in words.

use std::fmt;

use super::super::digest::Judged;

/// How many names are written out.
const SHOWN: usize = 5;

/// Why two runs cannot be held against each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NothingCommon {
    /// The earlier run has no rows.
    Empty,
    /// No prompt was asked in both.
    Prompts {
        /// How many were asked then.
        then: usize,
        /// How many are asked now.
        now: usize,
    },
    /// No model was asked in both.
    Models {
        /// Who was asked then.
        then: Vec<String>,
        /// Who is asked now.
        now: Vec<String>,
    },
}

/// What of two runs is not compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// Models that the earlier run did not ask.
    NewModels(Vec<String>),
    /// Models that the present run does not ask.
    LostModels(Vec<String>),
    /// So many prompts are not in the earlier run.
    NewPrompts(usize),
    /// So many prompts of the earlier run are not in the present one.
    LostPrompts(usize),
    /// So many prompts had other checks then, so that passing meant something else.
    OtherChecks(usize),
}

/// What is to be said of two runs that have so many prompts in common.
pub(super) fn notes(then: &Judged, now: &Judged, common: usize) -> Vec<Note> {
    let missing = |of: &Judged, from: &Judged| -> Vec<String> {
        of.models.iter().filter(|name| from.model(name).is_none()).cloned().collect()
    };
    let both = now.prompts.iter().filter_map(|(prompt, asked)| Some((asked.checks, then.prompts.get(prompt)?.checks)));
    let others = both.filter(|(here, there)| here.is_some() && there.is_some() && here != there).count();
    let (new, lost) = (missing(now, then), missing(then, now));
    let all = [
        (new.len(), Note::NewModels(new)),
        (lost.len(), Note::LostModels(lost)),
        (now.prompts.len() - common, Note::NewPrompts(now.prompts.len() - common)),
        (then.prompts.len() - common, Note::LostPrompts(then.prompts.len() - common)),
        (others, Note::OtherChecks(others)),
    ];
    all.into_iter().filter(|(count, _)| *count > 0).map(|(_, note)| note).collect()
}

impl fmt::Display for NothingCommon {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => write!(formatter, "the earlier run has no answers; choose another with `--against RUN`"),
            Self::Prompts { then, now } => write!(
                formatter,
                "no prompt is the same as in the earlier run ({} then, {now} now); choose a run of the same prompts, \
                 `llmx compare list` shows them",
                counted(*then, "prompt")
            ),
            Self::Models { then, now } => write!(
                formatter,
                "no model was asked in both runs ({} then, {} now); ask one of the earlier run's models too",
                names(then),
                names(now)
            ),
        }
    }
}

impl std::error::Error for NothingCommon {}

impl fmt::Display for Note {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NewModels(models) => write!(formatter, "not asked in the earlier run: {}", names(models)),
            Self::LostModels(models) => write!(formatter, "asked only in the earlier run: {}", names(models)),
            Self::NewPrompts(count) => write!(formatter, "{} not in the earlier run", are(*count)),
            Self::LostPrompts(count) => {
                let verb = if *count == 1 { "is" } else { "are" };
                write!(formatter, "{} of the earlier run {verb} not in this one", counted(*count, "prompt"))
            }
            Self::OtherChecks(count) => {
                write!(formatter, "{} had other checks in the earlier run", counted(*count, "prompt"))
            }
        }
    }
}

fn names(models: &[String]) -> String {
    let shown: Vec<String> = models.iter().take(SHOWN).map(|name| format!("`{name}`")).collect();
    let more = models.len().saturating_sub(SHOWN);
    if more > 0 { format!("{} and {more} more", shown.join(", ")) } else { shown.join(", ") }
}

fn are(count: usize) -> String {
    format!("{} {}", counted(count, "prompt"), if count == 1 { "is" } else { "are" })
}

fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}
