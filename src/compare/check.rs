//! Checks of an answer: what must hold of it, said in a line such as `contains:Paris`.

use serde::{Deserialize, Serialize};

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
