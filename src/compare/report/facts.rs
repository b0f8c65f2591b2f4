//! What a report is made of. Indices of models count from 0 in the order of [`ReportHead::models`].

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::chat::Buckets;
use crate::compare::check::Verdict;
use crate::compare::judge::Duel;
use crate::compare::{Answer, State};
use crate::money::Usd;

/// What is told of the run as a whole.
#[derive(Clone, Debug, Serialize)]
pub struct ReportHead {
    /// What the page is called.
    pub title: String,
    /// The command line that makes this run again, ready to paste.
    pub command: String,
    /// When the run began.
    pub created: Timestamp,
    /// Which table the prices are from, such as its version or its date.
    pub prices: String,
    /// The seed of the run, as text: a script reads no integer above 2⁵³.
    pub seed: String,
    /// Who was asked.
    pub models: Vec<ModelFigures>,
    /// The model that the others are held against at first; the page lets the reader choose another.
    pub baseline: usize,
    /// The checks as they were written.
    pub checks: Vec<String>,
    /// The sums of the run.
    pub totals: Totals,
    /// The mean likeness of every two models, from 0 to 1, row by row; `None` where there is nothing to compare. Empty: no
    /// table is shown.
    pub agreement: Vec<Vec<Option<f64>>>,
    /// Answers less alike than this, from 0 to 1, count as disagreeing; the page lets the reader move it.
    pub disagree_below: f64,
    /// What the statistics say of every two models.
    pub pairs: Vec<Pair>,
    /// What else the reader must know: rows left out, prices that are missing, a run that was stopped.
    pub notes: Vec<String>,
}

/// The figures of one model over the whole run.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ModelFigures {
    /// Its name as it was asked for.
    pub name: String,
    /// How many answers came to their end.
    pub whole: u64,
    /// How many were cut by the limit of tokens.
    pub truncated: u64,
    /// How many were refusals.
    pub refused: u64,
    /// How many requests failed.
    pub failed: u64,
    /// How many answers passed all checks.
    pub passed: u64,
    /// How many answers were checked; 0 where there are no checks.
    pub checked: u64,
    /// The interval of the rate of passing, from 0 to 1.
    pub interval: Option<(f64, f64)>,
    /// The mean likeness to the other models, from 0 to 1.
    pub agreement: Option<f64>,
    /// The median time to the first visible text, in milliseconds.
    pub first_ms: Option<f64>,
    /// The median time to the end, in milliseconds.
    pub total_ms: Option<f64>,
    /// The median absolute deviation of the time to the end, in milliseconds.
    pub deviation_ms: Option<f64>,
    /// The median of tokens a second.
    pub tokens_per_second: Option<f64>,
    /// All prompt tokens, where they are known.
    pub input: Option<u64>,
    /// All answer tokens, thinking included.
    pub output: Option<u64>,
    /// Of these, thinking.
    pub reasoning: Option<u64>,
    /// What all its answers cost; `None` when that of any is unknown.
    pub cost: Option<Usd>,
    /// What else is to be said, such as the date of its price.
    pub note: String,
}

/// The sums of the run.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Totals {
    /// What was paid, as far as it is known.
    pub cost: Option<Usd>,
    /// How many answers have an unknown cost.
    pub cost_unknown: u64,
    /// From the first request to the last answer, in milliseconds.
    pub wall_ms: Option<f64>,
}

/// One comparison of two models.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Pair {
    /// The one.
    pub first: usize,
    /// The other.
    pub second: usize,
    /// What was compared, such as `checks passed`.
    pub measure: String,
    /// The counts or the difference with its interval.
    pub result: String,
    /// The test and its probability.
    pub test: String,
    /// What follows: which is better, or that there are too few to tell.
    pub verdict: String,
    /// Whether the verdict tells one from the other.
    pub told: bool,
}

/// One prompt and what was said to it.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ReportRow {
    /// Its id in the data set.
    pub id: String,
    /// The prompt as it was sent.
    pub prompt: String,
    /// The system prompt, where there was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub system: Option<String>,
    /// The variables of its row, in their order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub variables: Vec<(String, String)>,
    /// The answers, repeats too.
    pub answers: Vec<ReportAnswer>,
    /// In which facts the answers differ, one line each. A row with any disagrees, however alike the words are.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub differences: Vec<String>,
    /// What judges said.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub transcripts: Vec<Transcript>,
}

/// One answer of a row.
#[derive(Clone, Debug, Serialize)]
pub struct ReportAnswer {
    /// Whose it is.
    pub model: usize,
    /// Which repeat, counted from 0.
    pub repeat: u32,
    /// How it ended.
    #[serde(flatten)]
    pub state: State,
    /// The text, whole or as far as it came.
    pub text: String,
    /// Until the first visible text, in milliseconds.
    pub first_ms: Option<f64>,
    /// Until the end, in milliseconds.
    pub total_ms: Option<f64>,
    /// All prompt tokens.
    pub input: Option<u64>,
    /// All answer tokens, thinking included.
    pub output: Option<u64>,
    /// Of these, thinking.
    pub reasoning: Option<u64>,
    /// What it cost; `None` when that is unknown.
    pub cost: Option<Usd>,
    /// Its chrF against the answer of [`ReportHead::baseline`] in the same repeat, from 0 to 1; `None` where the page shall work
    /// it out.
    pub similarity: Option<f64>,
    /// What its checks say.
    pub verdicts: Vec<Verdict>,
    /// Whether it is worse than in the run that this one is held against.
    pub regressed: bool,
}

/// What a judge was asked and what it said.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Transcript {
    /// Who judged what, such as `openai/gpt-5.5: a against b`.
    pub title: String,
    /// What came of it, such as `tie: the verdict flipped with the order`.
    pub outcome: String,
    /// What was asked and said, in its order.
    pub sections: Vec<Section>,
    /// Who met whom and how it ended, where two answers were judged beside each other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duel: Option<Met>,
}

/// Two models that a judge held beside each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Met {
    /// The one, as an index into the models of the run.
    pub first: usize,
    /// The other.
    pub second: usize,
    /// How it ended for the first.
    #[serde(flatten)]
    pub duel: Duel,
}

/// A text of a transcript.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Section {
    /// What it is, such as `first a, then b`.
    pub title: String,
    /// The text itself.
    pub text: String,
}

/// All that the answer itself tells; its likeness to the baseline and whether it regressed are for the caller to say.
impl From<&Answer> for ReportAnswer {
    fn from(answer: &Answer) -> Self {
        let milliseconds = |duration: std::time::Duration| duration.as_secs_f64() * 1e3;
        let tokens = |count: fn(&Buckets) -> u64| answer.tokens.as_ref().map(count);
        Self {
            model: answer.model,
            repeat: answer.repeat,
            state: answer.state.clone(),
            text: answer.text.clone(),
            first_ms: answer.timing.and_then(|timing| timing.first_token).map(milliseconds),
            total_ms: answer.timing.map(|timing| milliseconds(timing.total)),
            input: tokens(Buckets::input_total),
            output: tokens(Buckets::output_total),
            reasoning: tokens(|buckets| buckets.reasoning),
            cost: answer.cost,
            similarity: None,
            verdicts: answer.verdicts.clone(),
            regressed: false,
        }
    }
}
