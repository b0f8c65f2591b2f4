//! Carrying out a [`Plan`](crate::route::Plan): [`execute`] walks it, asking [`step::next_step`] what to do next, and reports every attempt.

use std::time::Duration;

use serde::Serialize;

use crate::chat::Reply;
use crate::failure::Failure;
use crate::provider::TargetId;

/// One try at one target, from start to end.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// Which candidate of the plan.
    pub candidate: usize,
    /// Which try of the whole run, from 1.
    pub number: usize,
    /// The target.
    pub target: TargetId,
    /// When it started.
    pub started: jiff::Timestamp,
    /// How long things took.
    pub timing: Timing,
    /// What was said, also when it failed half-way.
    pub reply: Reply,
    /// The provider's id of the HTTP request.
    pub request_id: Option<String>,
    /// How it ended.
    pub outcome: Outcome,
}

/// Times since the start of an attempt.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Timing {
    /// To the first content of any kind, thinking included.
    pub first_content: Option<Duration>,
    /// To the first piece of the answer itself.
    pub first_text: Option<Duration>,
    /// To the end.
    pub total: Duration,
}

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// A whole answer.
    Complete,
    /// It failed.
    Failed(Failure),
    /// The user stopped it.
    Cancelled,
}
