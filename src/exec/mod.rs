//! Carrying out a [`Plan`]: [`execute`] walks it, asking [`step::next_step`] what to do next, and reports every attempt.
//! Here is what goes in and what comes out.

mod attempt;
pub mod contact;
pub mod count;
pub mod embed;
pub mod fetch;
mod follow;
mod limit;
pub mod list;
mod outlet;
pub mod pace;
mod race;
mod redact;
pub mod seam;
pub mod step;
mod tls;
pub mod token;
pub mod transport;
mod trial;
mod walk;

use std::borrow::Cow;
use std::io;
use std::pin::Pin;
use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;

use crate::chat::{ChatRequest, Event, Reply};
use crate::failure::Failure;
use crate::provider::{KeyMark, Target, TargetId};
use crate::route::adapt::Change;
use crate::route::{Candidate, Plan, Rejection};
use crate::secret::Secret;
use crate::wire::quota::Quota;
pub use attempt::prepare;
use step::{GiveUp, Step};
use transport::Transport;
pub use walk::execute;

/// One try at one target, from start to end.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// Which candidate of the plan.
    pub candidate: usize,
    /// Which try of the whole run, from 1.
    pub number: usize,
    /// The target.
    pub target: TargetId,
    /// The key it was sent with, where the plan names the keys.
    pub key: Option<KeyMark>,
    /// When it started.
    pub started: jiff::Timestamp,
    /// How long things took.
    pub timing: Timing,
    /// What was shown of the answer by earlier attempts, and was gone on with; empty for an answer of its own.
    pub before: String,
    /// What was said, also when it failed half-way. Of an answer that was gone on with, what comes after the seam.
    pub reply: Reply,
    /// The provider's id of the HTTP request.
    pub request_id: Option<String>,
    /// What the provider said is left of its limits.
    pub quotas: Vec<Quota>,
    /// What was changed in the request for it: the plan's changes and the repairs of earlier attempts.
    pub changes: Vec<Change>,
    /// How it ended.
    pub outcome: Outcome,
    /// It was stopped because another attempt, asked at the same time, was first.
    pub lost: bool,
    /// It broke off, and the next one goes on with what was shown of it.
    pub goes_on: bool,
    /// The change after which the same target is worth another try.
    pub repair: Option<Change>,
    /// Under which number what it may cost is held against budgets.
    pub reservation: Option<i64>,
}

impl Attempt {
    /// The answer as far as it has come, with what earlier attempts have shown of it.
    pub fn text(&self) -> Cow<'_, str> {
        match self.before.as_str() {
            "" => Cow::Borrowed(&self.reply.text),
            before => Cow::Owned(format!("{before}{}", self.reply.text)),
        }
    }

    /// The reply with that text.
    pub fn whole_reply(&self) -> Cow<'_, Reply> {
        match self.text() {
            Cow::Borrowed(_) => Cow::Borrowed(&self.reply),
            Cow::Owned(text) => Cow::Owned(Reply { text, ..self.reply.clone() }),
        }
    }
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
#[expect(clippy::large_enum_variant, reason = "there is one for an attempt, and it is moved a few times")]
pub enum Outcome {
    /// A whole answer.
    Complete,
    /// It failed.
    Failed(Failure),
    /// The user stopped it.
    Cancelled,
}

/// A key, or the failure that stands for there being none to be had.
pub type KeyResult = Result<Option<Secret>, Failure>;

/// The [`Failure::rule`] of an attempt that had no key to be sent with: no provider rejected anything.
pub const NO_KEY: &str = "key";

/// The [`Failure::rule`] of an attempt that gave way so that later targets have time.
pub const GAVE_WAY: &str = "reserved for later targets";

/// Hands out keys when a target is tried, not before: a key command runs only if its provider is called.
pub trait Keychain {
    /// The key for `target`, the one of that mark where the plan names one; `Ok(None)` when none is needed, `Err` when it
    /// cannot be had, with the rule [`NO_KEY`].
    fn key<'a>(
        &'a self,
        target: &'a Target,
        mark: Option<&'a KeyMark>,
    ) -> Pin<Box<dyn Future<Output = KeyResult> + 'a>>;
}

/// Lets one process at a time try a target that has failed of late.
pub trait Gate {
    /// Whether this process may try it, with that key; no other one may then, for a while.
    fn claim(&self, target: &TargetId, key: Option<&KeyMark>) -> bool;
    /// The try came to nothing: it has shown nothing of the target.
    fn release(&self, target: &TargetId, key: Option<&KeyMark>);
    /// Holds what an attempt on a candidate may cost, so that nobody else spends it. Returns the number under which it is
    /// held, which the attempt's end gives back; `None` when there is nothing to hold.
    fn reserve(&self, candidate: &Candidate) -> Result<Option<i64>, Box<Rejection>>;
    /// No attempt was made with what was held.
    fn unreserve(&self, reservation: i64);
}

/// Sees a run as it happens.
pub trait Sink {
    /// A candidate is left to another process, which tries it just now.
    fn passed_over(&mut self, _candidate: &Candidate) {}
    /// A candidate is left out, as what others have spent or reserved meanwhile leaves too little of a budget for it.
    fn refused(&mut self, _candidate: &Candidate, _reason: &Rejection) {}
    /// An attempt is about to be sent, with that key where the plan names one.
    fn attempt_started(&mut self, number: usize, candidate: &Candidate, key: Option<&KeyMark>, now: Timestamp);
    /// Something came. An error stops the run: nobody can see the answer any more.
    fn event(&mut self, event: &Event) -> io::Result<()>;
    /// All that has come is passed on; what was written should be visible by the end of this.
    fn flush(&mut self) -> io::Result<()>;
    /// An attempt ended; `next` is what happens now.
    fn attempt_ended(&mut self, attempt: &Attempt, next: &Step);
    /// Whether content of the running attempt has been shown: then the commit point has passed.
    fn has_shown(&self) -> bool;
    /// Whether the reader of what was shown can be told that another answer follows.
    fn can_restart(&self) -> bool {
        true
    }
    /// What comes now is no continuation of what was shown, but an answer from its beginning. Asked only of a sink that can
    /// restart.
    fn begins_anew(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Looks at whole answers before they count as such.
pub trait Judge {
    /// Whether the answer is what was asked for; the failure when it is not, and with what words the model may be asked once
    /// more.
    fn judge(&self, reply: &Reply) -> Result<(), (Failure, Option<String>)>;
}

/// A plan with all it takes to carry it out.
pub struct Job<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// The targets that the plan names.
    pub targets: &'a [Target],
    /// What to ask.
    pub request: &'a ChatRequest,
    /// Where keys come from.
    pub keychain: &'a dyn Keychain,
    /// Where requests go.
    pub transport: &'a Transport,
    /// Who looks at whole answers, if anybody does.
    pub judge: Option<&'a dyn Judge>,
    /// Who lets a target be tried that has failed of late; without one everybody may.
    pub gate: Option<&'a dyn Gate>,
}

/// A run that is over.
#[derive(Debug)]
pub struct Run {
    /// Every attempt, in the order in which they ended.
    pub attempts: Vec<Attempt>,
    /// Candidates of the plan that were left to another process.
    pub passed_over: Vec<usize>,
    /// Candidates that would have gone over a budget by then, and why.
    pub refused: Vec<(usize, Rejection)>,
    /// How it ended.
    pub end: End,
}

/// How a run ended.
#[derive(Debug)]
pub enum End {
    /// The last attempt gave a whole answer.
    Served,
    /// There is no answer.
    GaveUp(GiveUp),
    /// The output could not be written.
    Output(io::Error),
}
