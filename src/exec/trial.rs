//! One attempt from its beginning to its end ([`Trial`]): what is asked, with which key, and what became of it.

use std::borrow::Cow;
use std::io;

use jiff::Timestamp;
use tokio::time::Instant;

use super::attempt::{self, Progress};
use super::outlet::{Outlet, Stage};
use super::race::Lane;
use super::step::keys;
use super::{Attempt, Job, Outcome, redact};
use crate::chat::{ChatRequest, Reply};
use crate::provider::KeyMark;
use crate::route;
use crate::route::adapt::{self, Change, Way};
use crate::wire::HttpRequest;

/// How an attempt ended, and whether what it brought could be written.
pub(super) type Ended = io::Result<Outcome>;

/// An attempt on its way.
pub(super) struct Trial<'a> {
    job: &'a Job<'a>,
    index: usize,
    number: usize,
    started: Timestamp,
    key: Option<KeyMark>,
    changes: Vec<Change>,
    request: Cow<'a, ChatRequest>,
    /// What was shown of the answer before it.
    before: String,
    reservation: Option<i64>,
    progress: Progress,
}

impl<'a> Trial<'a> {
    /// An attempt on a candidate, after those of the `past`, that goes on with `before` if there is any.
    pub(super) fn begin(
        job: &'a Job<'a>,
        index: usize,
        number: usize,
        past: &[Attempt],
        before: &str,
        stage: &Stage<'_>,
    ) -> Self {
        let candidate = &job.plan.candidates[index];
        let started = Timestamp::now();
        let key = keys::next(candidate, past);
        stage.started(number, candidate, key.as_ref(), started);
        let changes = changes(job, index, past, before);
        Self {
            job,
            index,
            number,
            started,
            key,
            request: adapt::apply(job.request, &changes),
            changes,
            before: before.to_owned(),
            reservation: None,
            progress: Progress::new(),
        }
    }

    /// The same with what is held for it.
    pub(super) fn reserved(self, reservation: Option<i64>) -> Self {
        Self { reservation, ..self }
    }

    /// Runs it to its end. Dropped half-way, what came so far is kept.
    pub(super) async fn run(&mut self, stage: &Stage<'_>, lane: Lane<'_>, deadline: Instant) -> Ended {
        let buffer = self.job.plan.buffer.as_ref().map(|buffer| buffer.value);
        let mut outlet = Outlet::new(stage, lane, &self.before, buffer);
        let asked = attempt::Asked {
            candidate: &self.job.plan.candidates[self.index],
            request: &self.request,
            key: self.key.as_ref(),
            deadline,
        };
        attempt::run(self.job, &asked, &mut self.progress, &mut outlet).await
    }

    /// The request that tells the provider to stop, where it would go on all the same.
    pub(super) fn take_cancel(&mut self) -> Option<HttpRequest> {
        self.progress.cancel.take()
    }

    /// What is reported of it.
    pub(super) fn end(mut self, outcome: Outcome, past: &[Attempt]) -> Attempt {
        redact::reply(&self.progress.secrets, &mut self.progress.reply);
        let (outcome, repair) = self.judged(outcome, past);
        let timing = self.progress.timing();
        let Progress { reply, request_id, quotas, anew, .. } = self.progress;
        Attempt {
            candidate: self.index,
            number: self.number,
            target: self.job.plan.candidates[self.index].target.clone(),
            key: self.key,
            started: self.started,
            timing,
            before: if anew { String::new() } else { self.before },
            reply,
            request_id,
            quotas,
            changes: self.changes,
            outcome,
            lost: false,
            goes_on: false,
            repair,
            reservation: self.reservation,
        }
    }

    /// The outcome with the judge's word on a whole answer, and what can be repaired about it.
    fn judged(&self, outcome: Outcome, past: &[Attempt]) -> (Outcome, Option<Change>) {
        match outcome {
            Outcome::Failed(failure) => {
                let prefilled = self.changes.iter().find_map(|change| change.in_words_instead(&failure));
                let change = prefilled.or_else(|| adapt::repair(&self.request, &failure));
                let allowed = |change: &Change| !self.job.plan.strict || change.keeps_the_meaning();
                (Outcome::Failed(failure), change.filter(allowed))
            }
            Outcome::Complete => self.of_whole(&self.progress.reply, past),
            Outcome::Cancelled => (Outcome::Cancelled, None),
        }
    }

    fn of_whole(&self, reply: &Reply, past: &[Attempt]) -> (Outcome, Option<Change>) {
        match self.job.judge.map_or(Ok(()), |judge| judge.judge(reply)) {
            Ok(()) => (Outcome::Complete, None),
            Err((failure, complaint)) => {
                let asked_again = past.iter().flat_map(|attempt| &attempt.repair).any(Change::is_correction);
                let complaint = complaint.filter(|_| !asked_again);
                let change = complaint.map(|complaint| adapt::correction(reply.text.clone(), complaint));
                (Outcome::Failed(failure), change)
            }
        }
    }
}

/// What is changed for a candidate: what the plan says, what earlier attempts on it have shown, and what it is to go on with.
fn changes(job: &Job<'_>, index: usize, past: &[Attempt], before: &str) -> Vec<Change> {
    let candidate = &job.plan.candidates[index];
    let repairs =
        || past.iter().filter(|attempt| attempt.candidate == index).filter_map(|attempt| attempt.repair.as_ref());
    let mut changes = candidate.changes.clone();
    changes.extend(repairs().filter(|change| !change.is_continuation()).cloned());
    if !before.is_empty() {
        let refused = repairs().any(Change::is_continuation);
        let target = route::find(job.targets, &candidate.target).filter(|_| !refused);
        let prefill = target.is_some_and(|target| target.takes_prefill(job.request.options.reasoning_effort.is_some()));
        changes.push(adapt::continuation(before.to_owned(), if prefill { Way::Prefill } else { Way::Words }));
    }
    changes
}
