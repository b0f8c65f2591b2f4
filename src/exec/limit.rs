//! One limit of an attempt's time: when it passes, and the failure that it is then.

use super::GAVE_WAY;
use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use crate::failure::{Failure, FailureClass};

/// A moment after which an attempt fails.
#[derive(Clone, Copy)]
pub(super) struct Limit {
    at: Instant,
    /// How long it was, where it was set as such.
    after: Option<Duration>,
    class: FailureClass,
}

impl Limit {
    /// A time since some moment.
    pub(super) fn new(from: Instant, limit: Duration, class: FailureClass) -> Self {
        Self { at: from + limit, after: Some(limit), class }
    }

    /// A moment that is shared with other attempts.
    pub(super) fn until(at: Instant, class: FailureClass) -> Self {
        Self { at, after: None, class }
    }

    /// The one that passes first.
    pub(super) fn tighter(self, other: Self) -> Self {
        if other.at < self.at { other } else { self }
    }

    /// Waits for `work`, no longer than this.
    pub(super) async fn wait<T>(self, work: impl Future<Output = T>) -> Result<T, Failure> {
        timeout_at(self.at, work).await.map_err(|_| self.passed())
    }

    fn passed(self) -> Failure {
        let failure = match (self.class, self.after) {
            (class, Some(limit)) => {
                Failure::new(class, "limit", format!("{} within {}", nothing_came(class), seconds(limit)))
            }
            (FailureClass::TimeoutTotal, None) => Failure::new(self.class, "limit", "the request's deadline passed"),
            (class, None) => {
                let message = "it is silent, and the rest of the time is kept for later targets";
                Failure::new(class, GAVE_WAY, message)
            }
        };
        Failure { maybe_billed: true, ..failure }
    }
}

fn nothing_came(class: FailureClass) -> &'static str {
    match class {
        FailureClass::TimeoutFirstToken => "no first token",
        FailureClass::TimeoutIdle => "no sign of life",
        _ => "no end of the attempt",
    }
}

/// A limit as people write it: `30s`, `0.5s`.
fn seconds(limit: Duration) -> String {
    format!("{}s", (limit.as_secs_f64() * 1000.0).round() / 1000.0)
}
