//! A shadow: another target is asked the same beside the answer. Nobody sees what it says; the ledger keeps how it went.

use std::cell::RefCell;
use std::future::poll_fn;
use std::io;
use std::pin::{Pin, pin};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::Notify;

use super::billing;
use super::live::{attempt_end, attempt_start};
use super::observed::observed;
use crate::chat::Event;
use crate::exec::step::Step;
use crate::exec::{Attempt, Job, Sink, execute};
use crate::ledger::record::{AttemptRole, RunStart};
use crate::ledger::{FIRST_SHADOW, Ledger};
use crate::provider::KeyMark;
use crate::route::{self, Candidate, Plan, Shadowing};

/// Attempts of a shadow are numbered from here, far from those of the run.
const FIRST_NUMBER: usize = FIRST_SHADOW as usize;

/// The plan that asks the shadow alone, and how long it may be waited for.
pub fn plan(plan: &Plan) -> Option<(Plan, Duration)> {
    let Some(Shadowing::With { candidate, max_delay }) = &plan.shadow else { return None };
    let alone = Plan {
        candidates: vec![Candidate::clone(candidate)],
        fallback: false,
        hedge: None,
        trial: None,
        shadow: None,
        ..plan.clone()
    };
    Some((alone, *max_delay))
}

/// Asks the shadow until it has answered or is told to stop.
pub async fn run(job: &Job<'_>, start: &RunStart, ledger: &RefCell<Ledger>, stop: &Notify) {
    let mut sink = Unseen { job, start, ledger };
    execute(job, &mut sink, stop.notified()).await;
}

/// Waits for the answer while the shadow, if there is one, goes on beside it.
pub async fn beside<T>(answer: impl Future<Output = T>, shadow: &mut Option<Pin<Box<impl Future<Output = ()>>>>) -> T {
    let mut answer = pin!(answer);
    poll_fn(|context| {
        if shadow.as_mut().is_some_and(|shadow| shadow.as_mut().poll(context).is_ready()) {
            *shadow = None;
        }
        answer.as_mut().poll(context)
    })
    .await
}

/// Waits for a shadow that has not ended, no longer than that, and then stops it.
pub async fn wait(shadow: Option<Pin<Box<impl Future<Output = ()>>>>, most: Duration, stop: &Notify) {
    let Some(mut shadow) = shadow else { return };
    if tokio::time::timeout(most, shadow.as_mut()).await.is_err() {
        stop.notify_one();
        shadow.await;
    }
}

/// Writes down and shows nothing.
struct Unseen<'a> {
    job: &'a Job<'a>,
    start: &'a RunStart,
    ledger: &'a RefCell<Ledger>,
}

impl Sink for Unseen<'_> {
    fn attempt_started(&mut self, number: usize, candidate: &Candidate, _: Option<&KeyMark>, now: Timestamp) {
        let number = FIRST_NUMBER + number - 1;
        let start = attempt_start(&self.start.id, number, candidate, AttemptRole::Shadow, self.job.request, now);
        self.ledger.borrow_mut().attempt_started(&start);
    }

    fn attempt_ended(&mut self, attempt: &Attempt, _: &Step) {
        let target = route::find(self.job.targets, &attempt.target);
        let cost = target.map_or_else(billing::Cost::unknown, |target| billing::of(attempt, target));
        let numbered = Attempt { number: FIRST_NUMBER + attempt.number - 1, ..attempt.clone() };
        let end = attempt_end(&self.start.id, &numbered, &cost, self.start.keep_text);
        let observation = observed(attempt, self.job.plan);
        self.ledger.borrow_mut().attempt_ended(&end, &observation);
    }

    fn event(&mut self, _: &Event) -> io::Result<()> {
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn has_shown(&self) -> bool {
        false
    }
}
