//! Carrying out a [`Plan`]: [`execute`] walks it, asking [`step::next_step`] what to do next, and reports every attempt.

mod attempt;
pub mod embed;
pub mod fetch;
mod follow;
pub mod list;
mod redact;
pub mod step;
mod tls;
pub mod token;
pub mod transport;

use std::io;
use std::ops::ControlFlow;
use std::pin::Pin;
use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;
use tokio::time::Instant;

use crate::chat::{ChatRequest, Event, Reply};
use crate::failure::Failure;
use crate::provider::{Target, TargetId};
use crate::route::adapt::{self, Change};
use crate::route::{Candidate, Plan};
use crate::secret::Secret;
use attempt::Progress;
pub use attempt::prepare;
use step::{GiveUp, Situation, Step, next_step};
use transport::Transport;

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
    /// What was changed in the request for it: the plan's changes and the repairs of earlier attempts.
    pub changes: Vec<Change>,
    /// How it ended.
    pub outcome: Outcome,
    /// The change after which the same target is worth another try.
    pub repair: Option<Change>,
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

/// Hands out keys when a target is tried, not before: a key command runs only if its provider is called.
pub trait Keychain {
    /// The key for `target`; `Ok(None)` when none is needed, `Err` when it cannot be had, with the rule [`NO_KEY`].
    fn key<'a>(&'a self, target: &'a Target) -> Pin<Box<dyn Future<Output = KeyResult> + 'a>>;
}

/// Sees a run as it happens.
pub trait Sink {
    /// An attempt is about to be sent.
    fn attempt_started(&mut self, number: usize, candidate: &Candidate, now: Timestamp);
    /// Something came. An error stops the run: nobody can see the answer any more.
    fn event(&mut self, event: &Event) -> io::Result<()>;
    /// All that has come is passed on; what was written should be visible by the end of this.
    fn flush(&mut self) -> io::Result<()>;
    /// An attempt ended; `next` is what happens now.
    fn attempt_ended(&mut self, attempt: &Attempt, next: &Step);
    /// Whether content of the running attempt has been shown: then the commit point has passed.
    fn has_shown(&self) -> bool;
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
}

/// A run that is over.
#[derive(Debug)]
pub struct Run {
    /// Every attempt, in order.
    pub attempts: Vec<Attempt>,
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

/// Walks the plan until a target has answered, nothing is left to try, or `cancelled` completes.
///
/// Dropping the attempt on cancellation closes its connection at once. A provider that goes on all the same is told to stop.
pub async fn execute(job: &Job<'_>, sink: &mut dyn Sink, cancelled: impl Future<Output = ()>) -> Run {
    let mut cancelled = std::pin::pin!(cancelled);
    let began = Instant::now();
    let mut attempts: Vec<Attempt> = Vec::new();
    let mut step = next_step(job.plan, &attempts, situation(began, false));
    let end = loop {
        let (candidate, after) = match step {
            Step::Try { candidate, after } => (candidate, after),
            Step::Done => break End::Served,
            Step::GiveUp(why) => break End::GaveUp(why),
        };
        if wait(after, cancelled.as_mut()).await.is_break() {
            break End::GaveUp(GiveUp::Cancelled);
        }
        let deadline = began + job.plan.total.value;
        let (attempt, written) = try_one(job, candidate, &attempts, deadline, sink, cancelled.as_mut()).await;
        attempts.push(attempt);
        step = next_step(job.plan, &attempts, situation(began, sink.has_shown()));
        if let Some(ended) = attempts.last() {
            sink.attempt_ended(ended, &step);
        }
        if let Err(error) = written {
            break End::Output(error);
        }
    };
    Run { attempts, end }
}

async fn wait(after: Duration, cancelled: impl Future<Output = ()>) -> ControlFlow<()> {
    if after.is_zero() {
        return ControlFlow::Continue(());
    }
    tokio::select! {
        () = cancelled => ControlFlow::Break(()),
        () = tokio::time::sleep(after) => ControlFlow::Continue(()),
    }
}

/// One attempt, and whether what it brought could be written.
async fn try_one(
    job: &Job<'_>,
    index: usize,
    past: &[Attempt],
    deadline: Instant,
    sink: &mut dyn Sink,
    cancelled: impl Future<Output = ()>,
) -> (Attempt, io::Result<()>) {
    let candidate = &job.plan.candidates[index];
    let number = past.len() + 1;
    let started = Timestamp::now();
    sink.attempt_started(number, candidate, started);
    let changes = changes(candidate, index, past);
    let request = adapt::apply(job.request, &changes);
    let mut progress = Progress::new();
    let ended = tokio::select! {
        biased;
        () = cancelled => Ok(Outcome::Cancelled),
        outcome = attempt::run(job, &request, candidate, deadline, &mut progress, sink) => outcome,
    };
    let (outcome, written) = match ended {
        Ok(outcome) => (outcome, Ok(())),
        Err(error) => (Outcome::Cancelled, Err(error)),
    };
    let timing = progress.timing();
    if let Some(cancel) = progress.cancel.take().filter(|_| outcome != Outcome::Complete) {
        follow::stop(job.transport, &cancel).await;
    }
    let (outcome, repair) = repaired(job, &request, outcome, &progress.reply, past);
    let attempt = Attempt {
        candidate: index,
        number,
        target: candidate.target.clone(),
        started,
        timing,
        reply: progress.reply,
        request_id: progress.request_id,
        changes,
        outcome,
        repair,
    };
    (attempt, written)
}

/// What is changed for a candidate: what the plan says, then what earlier attempts on it have shown.
fn changes(candidate: &Candidate, index: usize, past: &[Attempt]) -> Vec<Change> {
    let of_it = past.iter().filter(|attempt| attempt.candidate == index);
    candidate.changes.iter().chain(of_it.filter_map(|attempt| attempt.repair.as_ref())).cloned().collect()
}

/// The outcome with the judge's word on a whole answer, and what can be repaired about it.
fn repaired(
    job: &Job<'_>,
    request: &ChatRequest,
    outcome: Outcome,
    reply: &Reply,
    past: &[Attempt],
) -> (Outcome, Option<Change>) {
    match outcome {
        Outcome::Failed(failure) => {
            let change = adapt::repair(request, &failure);
            let allowed = |change: &Change| !job.plan.strict || change.keeps_the_meaning();
            (Outcome::Failed(failure), change.filter(allowed))
        }
        Outcome::Complete => match job.judge.map_or(Ok(()), |judge| judge.judge(reply)) {
            Ok(()) => (Outcome::Complete, None),
            Err((failure, complaint)) => {
                let asked_again = past.iter().flat_map(|attempt| &attempt.repair).any(Change::is_correction);
                let complaint = complaint.filter(|_| !asked_again);
                let change = complaint.map(|complaint| adapt::correction(reply.text.clone(), complaint));
                (Outcome::Failed(failure), change)
            }
        },
        Outcome::Cancelled => (Outcome::Cancelled, None),
    }
}

fn situation(began: Instant, shown: bool) -> Situation {
    Situation { shown, elapsed: began.elapsed(), now: Timestamp::now() }
}
