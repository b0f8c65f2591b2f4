//! One answer of a comparison: what one model said to one prompt, or how it failed.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::check::Verdict;
use crate::chat::Buckets;
use crate::money::Usd;

/// What one model answered to one row, in one of its repeats.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// Which row of the data set, counted from 0 in the order of its file; a single prompt is row 0.
    pub row: usize,
    /// Who was asked: an index into the models of the run.
    pub model: usize,
    /// Which repeat, counted from 0.
    pub repeat: u32,
    /// How it ended.
    pub state: State,
    /// The text, whole or as far as it came.
    pub text: String,
    /// The model that served, as the provider names it.
    pub served: Option<String>,
    /// How long it took; `None` when it was never asked.
    pub timing: Option<Timing>,
    /// Token counts; `None` when the provider reported none.
    pub tokens: Option<Buckets>,
    /// What it cost; `None` when that is unknown.
    pub cost: Option<Usd>,
    /// What the checks of its row say, in their order.
    pub verdicts: Vec<Verdict>,
}

/// How an answer ended. Only [`State::Whole`] is an answer to compare; the others are states, never a low score.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum State {
    /// Said to its end.
    Whole,
    /// Cut by the limit of tokens.
    Truncated,
    /// The provider marked it as a refusal.
    Refused,
    /// There is no answer.
    Failed {
        /// The class of the failure ([`crate::failure::FailureClass::name`]).
        class: String,
        /// What happened, for a person.
        message: String,
    },
}

/// How long an answer took, from the moment that the request was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    /// Until the first visible text; `None` when there was none.
    pub first_token: Option<Duration>,
    /// Until the first piece of any kind, thinking included.
    pub first_piece: Option<Duration>,
    /// Until the end.
    pub total: Duration,
}

impl Answer {
    /// Whether there is a whole answer.
    pub const fn is_whole(&self) -> bool {
        matches!(self.state, State::Whole)
    }

    /// Whether the model answered and every check of its row holds. `None` when there is no answer to check: a failed
    /// request says nothing of quality.
    pub fn passed(&self) -> Option<bool> {
        match self.state {
            State::Failed { .. } => None,
            _ => Some(self.verdicts.iter().all(Verdict::passed)),
        }
    }

    /// Answer tokens a second once they flow: thinking counts where its pieces were seen, and only visible tokens where the
    /// provider thinks in silence, as that time is over before the first piece.
    pub fn tokens_per_second(&self) -> Option<f64> {
        let (timing, tokens) = (self.timing?, self.tokens?);
        let (first_piece, first_token) = (timing.first_piece?, timing.first_token?);
        let (count, since) = if tokens.reasoning > 0 && first_piece == first_token {
            (tokens.output + tokens.audio_out, first_token)
        } else {
            (tokens.output_total(), first_piece)
        };
        let seconds = timing.total.checked_sub(since)?.as_secs_f64();
        (seconds > 0.0 && count > 1).then(|| count as f64 / seconds)
    }
}
