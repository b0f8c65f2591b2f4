//! A comparison as it is kept: what was asked of whom, and what came of it, row by row. The ledger stores it as it goes, so a
//! run that was killed goes on; every report is made of it, without asking anybody again.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::answer::Answer;
use super::dataset::Fingerprint;
use super::report::Transcript;

/// A comparison without its rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// Its id, a UUID of version 7.
    pub id: String,
    /// When it began.
    pub created: Timestamp,
    /// What was asked for.
    pub spec: Spec,
    /// How it ended; `None` while it runs, and when it was killed.
    pub ended: Option<Ended>,
}

/// What a comparison was asked to do: all that a further process needs to go on with it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Spec {
    /// What to call it: the first words of the prompt, or the name of the data set.
    pub title: String,
    /// The arguments of `llmx`, `compare` among them, as they were given.
    pub arguments: Vec<String>,
    /// The directory that relative paths among them are from.
    pub directory: String,
    /// The prompt as words, files and stdin made it; `None` when the data set has all there is.
    pub prompt: Option<String>,
    /// Who answers, each as `provider/model`; answers count them by their place.
    pub models: Vec<String>,
    /// The first of `models` was not asked: its answers are past ones from the ledger.
    pub has_past: bool,
    /// The model that the others are held against.
    pub baseline: usize,
    /// How often every model answers every row, at least 1.
    pub repeats: u32,
    /// Where everything left to chance comes from.
    pub seed: u64,
    /// The checks of every answer, as they were written.
    pub checks: Vec<String>,
    /// The model that judges, as `provider/model`.
    pub judge: Option<String>,
    /// The model that embeds answers, as `provider/model`.
    pub embed: Option<String>,
    /// Which table the prices are from, such as its date.
    pub prices: String,
}

/// How a comparison ended.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Ended {
    /// How long it ran, over all processes that went on with it.
    pub wall: Duration,
    /// The exit code of the last of them.
    pub exit_code: u8,
    /// What the reader of a report must know: rows left out, a run that was stopped, prices that are missing.
    pub notes: Vec<String>,
}

/// A row as it was asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AskedRow {
    /// Which row of the data set, counted from 0 in the order of its file; a single prompt is row 0.
    pub index: usize,
    /// Its id in the data set, or its number from 1.
    pub id: String,
    /// The prompt as it was sent.
    pub prompt: String,
    /// The system prompt, where there was one.
    pub system: Option<String>,
    /// The variables of its row.
    #[serde(default)]
    pub variables: Vec<(String, String)>,
    /// What a good answer looks like, where that is known.
    pub reference: Option<String>,
    /// The group it belongs to, when rows are not independent of each other.
    pub cluster: Option<String>,
    /// The mark of what is asked ([`super::dataset::Filled::fingerprint`]); runs are held against each other by it.
    #[serde(with = "as_text")]
    pub fingerprint: Fingerprint,
}

/// An answer with what is kept beside it.
#[derive(Clone, Debug, PartialEq)]
pub struct KeptAnswer {
    /// The answer; its row is that of the record.
    pub answer: Answer,
    /// How many requests it took.
    pub attempts: u32,
    /// The cosine of its embedding and that of the baseline's answer in the same repeat, from -1 to 1; `None` where nobody
    /// embedded them.
    pub cosine: Option<f64>,
}

/// A row with all that came of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// The row.
    pub row: AskedRow,
    /// Its answers, in the order of models and then of repeats. Some are missing when the run was stopped.
    pub answers: Vec<KeptAnswer>,
    /// What the judge was asked and said.
    pub transcripts: Vec<Transcript>,
}

impl Record {
    /// The whole answers of a model by their repeat; what failed or was cut is not among them.
    pub fn texts_of(&self, model: usize) -> BTreeMap<u32, &str> {
        let whole = self.answers.iter().map(|kept| &kept.answer);
        let whole = whole.filter(|answer| answer.model == model && answer.is_whole());
        whole.map(|answer| (answer.repeat, answer.text.as_str())).collect()
    }
}

/// A fingerprint as its 32 digits.
mod as_text {
    use serde::{Deserialize, Deserializer, Serializer, de};

    use super::Fingerprint;

    pub(super) fn serialize<S: Serializer>(fingerprint: &Fingerprint, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(fingerprint)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Fingerprint, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(|_| de::Error::custom("expected 32 hexadecimal digits"))
    }
}
