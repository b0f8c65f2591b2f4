//! The walk along a plan: [`execute`] asks [`next_step`] what to do next, does it, and reports every attempt.

use std::io;
use std::ops::ControlFlow;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use super::outlet::Stage;
use super::race::{self, Lane};
use super::step::{GiveUp, Situation, Step, keys, next_step};
use super::trial::{Ended, Trial};
use super::{Attempt, End, Job, Outcome, Run, Sink, follow};
use crate::failure::Failure;
use crate::provider::KeyMark;
use crate::route::breaker::State;
use crate::route::{Hedging, OnCut, Rejection};
use crate::wire::HttpRequest;

/// Walks the plan until a target has answered, nothing is left to try, or `cancelled` completes.
///
/// Dropping the attempt on cancellation closes its connection at once. A provider that goes on all the same is told to stop.
pub async fn execute(job: &Job<'_>, sink: &mut dyn Sink, cancelled: impl Future<Output = ()>) -> Run {
    let mut cancelled = std::pin::pin!(cancelled);
    let stage = Stage::new(sink);
    let mut walk = Walk::begin(job, &stage);
    let end = loop {
        let (candidate, after) = match walk.step {
            Step::Try { candidate, after } => (candidate, after),
            Step::Done => break End::Served,
            Step::GiveUp(why) => break End::GaveUp(why),
        };
        if wait(after, cancelled.as_mut()).await.is_break() {
            break End::GaveUp(GiveUp::Cancelled);
        }
        let written = if let Some((rival, late)) = walk.rival(candidate) {
            // Attempts are large; whoever waits for a run need not be.
            Box::pin(race::run(&mut walk, (candidate, rival), late, &stage, cancelled.as_mut())).await
        } else {
            let mut trial = walk.trial(candidate, &stage);
            let running = Box::pin(trial.run(&stage, Lane::ALONE, walk.deadline()));
            let ended = unless(cancelled.as_mut(), running).await;
            walk.ended(trial, ended, &stage).await
        };
        if let Err(error) = written {
            break End::Output(error);
        }
    };
    walk.over(end)
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

/// An attempt's end, or that the user stopped it.
pub(super) async fn unless(cancelled: impl Future<Output = ()>, running: impl Future<Output = Ended>) -> Ended {
    tokio::select! {
        biased;
        () = cancelled => Ok(Outcome::Cancelled),
        ended = running => ended,
    }
}

/// Where the walk stands.
pub(super) struct Walk<'a> {
    job: &'a Job<'a>,
    began: Instant,
    step: Step,
    attempts: Vec<Attempt>,
    /// Attempts that have begun.
    begun: usize,
    /// Candidates that are left to another process.
    passed_over: Vec<usize>,
    /// Candidates that no other process may try as long as this one does.
    claimed: Vec<(usize, Option<KeyMark>)>,
    /// What is held against budgets for attempts that have not begun.
    held: Vec<(usize, i64)>,
    /// Candidates for which too little of a budget is left, and why.
    refused: Vec<(usize, Rejection)>,
    /// Text that was shown and is to be gone on with.
    unfinished: String,
}

impl<'a> Walk<'a> {
    fn begin(job: &'a Job<'a>, stage: &Stage<'_>) -> Self {
        let mut walk = Self {
            job,
            began: Instant::now(),
            step: Step::Done,
            attempts: Vec::new(),
            begun: 0,
            passed_over: Vec::new(),
            claimed: Vec::new(),
            held: Vec::new(),
            refused: Vec::new(),
            unfinished: String::new(),
        };
        walk.step = walk.next(stage, false);
        walk
    }

    pub(super) fn job(&self) -> &'a Job<'a> {
        self.job
    }

    /// When the deadline of the whole request passes.
    pub(super) fn deadline(&self) -> Instant {
        self.began + self.job.plan.total.value
    }

    /// Who is asked as well when nothing has come of the very first attempt, and after which time.
    fn rival(&self, candidate: usize) -> Option<(usize, Duration)> {
        let Some(Hedging::After { after, .. }) = self.job.plan.hedge.as_ref().map(|set| set.value) else { return None };
        let there = self.attempts.is_empty() && candidate == 0 && self.job.plan.candidates.len() > 1;
        there.then_some((1, after))
    }

    /// Begins an attempt.
    pub(super) fn trial(&mut self, candidate: usize, stage: &Stage<'_>) -> Trial<'a> {
        self.begun += 1;
        let held = self.held.iter().position(|(of, _)| *of == candidate).map(|place| self.held.swap_remove(place).1);
        Trial::begin(self.job, candidate, self.begun, &self.attempts, &self.unfinished, stage).reserved(held)
    }

    /// The next step among the candidates that this process may try.
    fn next(&mut self, stage: &Stage<'_>, can_continue: bool) -> Step {
        loop {
            let situation = Situation {
                shown: stage.has_shown(),
                can_restart: stage.can_restart(),
                can_continue,
                unfinished: !self.unfinished.is_empty(),
                passed_over: &self.passed_over,
                elapsed: self.began.elapsed(),
                now: Timestamp::now(),
            };
            match next_step(self.job.plan, &self.attempts, situation) {
                // Nobody else is left.
                Step::Try { candidate, .. } if self.is_refused(candidate) => return Step::GiveUp(GiveUp::OverBudget),
                Step::Try { candidate, .. } if !self.admits(candidate) => {
                    stage.passed_over(&self.job.plan.candidates[candidate]);
                    self.passed_over.push(candidate);
                }
                Step::Try { candidate, after } if self.hold(candidate, stage).is_ok() => {
                    return Step::Try { candidate, after };
                }
                Step::Try { candidate, .. } => self.passed_over.push(candidate),
                step => return step,
            }
        }
    }

    fn is_refused(&self, candidate: usize) -> bool {
        self.refused.iter().any(|(refused, _)| *refused == candidate)
    }

    /// Holds what an attempt on a candidate may cost; an error when too little of a budget is left.
    pub(super) fn hold(&mut self, candidate: usize, stage: &Stage<'_>) -> Result<(), ()> {
        let Some(gate) = self.job.gate else { return Ok(()) };
        let at = &self.job.plan.candidates[candidate];
        match gate.reserve(at) {
            Ok(held) => {
                self.held.extend(held.map(|held| (candidate, held)));
                Ok(())
            }
            Err(reason) => {
                stage.refused(at, &reason);
                self.refused.push((candidate, *reason));
                Err(())
            }
        }
    }

    /// Whether this process may try a candidate: of those that look at a target which failed of late, one is enough.
    pub(super) fn admits(&mut self, candidate: usize) -> bool {
        let at = &self.job.plan.candidates[candidate];
        let (true, Some(gate)) = (matches!(at.breaker, State::HalfOpen { .. }), self.job.gate) else { return true };
        // Whoever comes back to one that was passed over has nobody else to ask.
        if self.claimed.iter().any(|(known, _)| *known == candidate) || self.passed_over.contains(&candidate) {
            return true;
        }
        let key = keys::next(at, &self.attempts);
        let claimed = gate.claim(&at.target, key.as_ref());
        self.claimed.extend(claimed.then_some((candidate, key)));
        claimed
    }

    /// Reports an attempt that has ended, and decides what is next.
    pub(super) async fn ended(&mut self, mut trial: Trial<'a>, ended: Ended, stage: &Stage<'_>) -> io::Result<()> {
        let cancel = trial.take_cancel();
        let (outcome, written) = match ended {
            Ok(outcome) => (outcome, Ok(())),
            Err(error) => (Outcome::Cancelled, Err(error)),
        };
        let complete = outcome == Outcome::Complete;
        let mut attempt = trial.end(outcome, &self.attempts);
        attempt.goes_on = self.can_go_on(&attempt, stage);
        if attempt.goes_on {
            self.unfinished = attempt.text().into_owned();
        } else if stage.has_shown() {
            self.unfinished.clear();
        }
        let goes_on = attempt.goes_on;
        self.give_back(&attempt);
        self.attempts.push(attempt);
        self.step = self.next(stage, goes_on);
        if let Some(attempt) = self.attempts.last() {
            stage.ended(attempt, &self.step);
        }
        if let Some(cancel) = cancel.filter(|_| !complete) {
            follow::stop(self.job.transport, &cancel).await;
        }
        written
    }

    /// What surely cost nothing is free for the next attempt at once. Otherwise it is held until the cost is written down.
    fn give_back(&self, attempt: &Attempt) {
        if let (Some(gate), Some(held), Outcome::Failed(failure)) =
            (self.job.gate, attempt.reservation, &attempt.outcome)
            && !failure.maybe_billed
        {
            gate.unreserve(held);
        }
    }

    /// Whether another target can go on where this attempt broke off: text alone was asked for, and text alone was shown.
    fn can_go_on(&self, attempt: &Attempt, stage: &Stage<'_>) -> bool {
        let (request, reply) = (self.job.request, &attempt.reply);
        self.job.plan.on_cut.value == OnCut::Continue
            && matches!(attempt.outcome, Outcome::Failed(_))
            && stage.has_shown()
            && request.tools.is_empty()
            && request.form.is_none()
            && reply.tool_calls.is_empty()
            && reply.refusal.is_empty()
            && !attempt.text().is_empty()
    }

    /// Reports an attempt that failed while another one goes on. The request that stops it is handed back.
    pub(super) fn failed(
        &mut self,
        mut trial: Trial<'a>,
        failure: Failure,
        other: usize,
        stage: &Stage<'_>,
    ) -> Option<HttpRequest> {
        let cancel = trial.take_cancel();
        let attempt = trial.end(Outcome::Failed(failure), &self.attempts);
        self.beside(attempt, other, stage);
        cancel
    }

    /// The same of one that was stopped because another one was first.
    pub(super) fn lost(&mut self, mut trial: Trial<'a>, other: usize, stage: &Stage<'_>) -> Option<HttpRequest> {
        let cancel = trial.take_cancel();
        let attempt = trial.end(Outcome::Cancelled, &self.attempts);
        self.beside(Attempt { lost: true, ..attempt }, other, stage);
        cancel
    }

    fn beside(&mut self, attempt: Attempt, other: usize, stage: &Stage<'_>) {
        stage.ended(&attempt, &Step::Try { candidate: other, after: Duration::ZERO });
        self.attempts.push(attempt);
    }

    /// The run, with every claim given back that came to nothing.
    fn over(self, end: End) -> Run {
        if let Some(gate) = self.job.gate {
            for (candidate, key) in &self.claimed {
                let last = self.attempts.iter().rfind(|attempt| attempt.candidate == *candidate);
                if last.is_none_or(|attempt| attempt.outcome == Outcome::Cancelled) {
                    gate.release(&self.job.plan.candidates[*candidate].target, key.as_ref());
                }
            }
            self.held.iter().for_each(|(_, held)| gate.unreserve(*held));
        }
        Run { attempts: self.attempts, passed_over: self.passed_over, refused: self.refused, end }
    }
}
