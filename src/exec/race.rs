//! Two attempts at once: when nothing has come of the first for a while, a second target is asked as well. The first content
//! wins; the other attempt is stopped and reported as lost. If one fails, the other goes on alone.

use std::cell::Cell;
use std::pin::Pin;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::sleep;

use super::follow;
use super::outlet::Stage;
use super::trial::Ended;
use super::walk::{Walk, unless};
use super::{Job, Outcome};
use crate::failure::Failure;
use crate::wire::HttpRequest;

/// Who of two was first.
#[derive(Default)]
pub(super) struct Race {
    first: Cell<Option<usize>>,
    came: Notify,
}

/// One attempt's part in a race, if it is in any.
#[derive(Clone, Copy)]
pub(super) struct Lane<'a>(Option<(&'a Race, usize)>);

impl Lane<'_> {
    /// That of an attempt that runs alone.
    pub(super) const ALONE: Self = Self(None);

    /// Content has come: whether the attempt is the first with any.
    pub(super) fn wins(self) -> bool {
        let Some((race, lane)) = self.0 else { return true };
        if race.first.get().is_none() {
            race.first.set(Some(lane));
            race.came.notify_one();
        }
        race.first.get() == Some(lane)
    }
}

impl Race {
    fn lane(&self, lane: usize) -> Lane<'_> {
        Lane(Some((self, lane)))
    }

    /// Completes after that time if nothing has come by then, and never if something has.
    async fn late(&self, after: Duration) {
        sleep(after).await;
        if self.first.get().is_some() {
            std::future::pending::<()>().await;
        }
    }

    /// What a turn comes to.
    fn verdict(&self, turn: Turn) -> Verdict {
        match turn {
            Turn::Leads(lane) => Verdict::Alone(lane, None),
            Turn::Ended(lane, ended) => match (&ended, self.first.get()) {
                (Ok(Outcome::Failed(failure)), first) if first != Some(lane) => {
                    Verdict::Alone(1 - lane, Some(failure.clone()))
                }
                // It was stopped because the other has brought something.
                (Ok(Outcome::Cancelled), Some(first)) if first != lane => Verdict::Alone(first, None),
                _ => Verdict::Over(lane, ended),
            },
        }
    }
}

/// What happened first.
#[expect(clippy::large_enum_variant, reason = "there is one for a race")]
enum Turn {
    /// An attempt has ended.
    Ended(usize, Ended),
    /// Content of an attempt has come.
    Leads(usize),
}

/// How the race stands then.
enum Verdict {
    /// This one has ended, and with it the race.
    Over(usize, Ended),
    /// This one goes on alone: the other has failed, or has lost.
    Alone(usize, Option<Failure>),
}

/// Tries `first`, and `second` as well when nothing has come after that time.
pub(super) async fn run(
    walk: &mut Walk<'_>,
    (first, second): (usize, usize),
    after: Duration,
    stage: &Stage<'_>,
    mut cancelled: Pin<&mut impl Future<Output = ()>>,
) -> std::io::Result<()> {
    let race = Race::default();
    let deadline = walk.deadline();
    let mut one = walk.trial(first, stage);
    let mut running = Box::pin(one.run(stage, race.lane(0), deadline));
    let early = tokio::select! {
        biased;
        () = cancelled.as_mut() => Some(Ok(Outcome::Cancelled)),
        ended = &mut running => Some(ended),
        () = race.late(after) => None,
    };
    if let Some(ended) = early {
        drop(running);
        return walk.ended(one, ended, stage).await;
    }
    if !walk.admits(second) || walk.hold(second, stage).is_err() {
        let ended = unless(cancelled, running).await;
        return walk.ended(one, ended, stage).await;
    }
    let mut other = walk.trial(second, stage);
    let mut beside = Box::pin(other.run(stage, race.lane(1), deadline));
    let turn = tokio::select! {
        biased;
        () = cancelled.as_mut() => Turn::Ended(0, Ok(Outcome::Cancelled)),
        ended = &mut running => Turn::Ended(0, ended),
        ended = &mut beside => Turn::Ended(1, ended),
        () = race.came.notified() => Turn::Leads(race.first.get().unwrap_or(0)),
    };
    // Dropping one of them closes its connection.
    match race.verdict(turn) {
        Verdict::Over(0, ended) => {
            drop((running, beside));
            tell(walk.job(), walk.lost(other, first, stage)).await;
            walk.ended(one, ended, stage).await
        }
        Verdict::Over(_, ended) => {
            drop((running, beside));
            tell(walk.job(), walk.lost(one, second, stage)).await;
            walk.ended(other, ended, stage).await
        }
        Verdict::Alone(0, failed) => {
            drop(beside);
            let stop = match failed {
                Some(failure) => walk.failed(other, failure, first, stage),
                None => walk.lost(other, first, stage),
            };
            let (ended, ()) = tokio::join!(unless(cancelled, running), tell(walk.job(), stop));
            walk.ended(one, ended, stage).await
        }
        Verdict::Alone(_, failed) => {
            drop(running);
            let stop = match failed {
                Some(failure) => walk.failed(one, failure, second, stage),
                None => walk.lost(one, second, stage),
            };
            let (ended, ()) = tokio::join!(unless(cancelled, beside), tell(walk.job(), stop));
            walk.ended(other, ended, stage).await
        }
    }
}

/// Tells a provider that its answer is no longer wanted, where it must be told.
async fn tell(job: &Job<'_>, cancel: Option<HttpRequest>) {
    if let Some(cancel) = cancel {
        follow::stop(job.transport, &cancel).await;
    }
}
