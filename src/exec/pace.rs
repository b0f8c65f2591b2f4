//! How many requests one provider gets at once. Pure: [`Pace`] is told what starts and how it ended, and says whether another
//! one may start.
//!
//! More and more are tried as long as all goes well, half as many after a rate limit (additive increase, multiplicative
//! decrease, as TCP does), and none at all while the provider asks to be left alone or says that nothing is left.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::wire::quota::{Quota, QuotaOf};

/// How many requests a provider gets at once at first.
const FIRST: usize = 4;
/// Of a limit of requests, so many are left to others who use the same key.
const SPARE: u64 = 1;
/// Where a rate limit comes without a time, the provider is left alone so long, and twice as long after the next one in a row.
const UNTOLD: Duration = Duration::from_secs(1);
/// No such wait is longer.
const LONGEST_UNTOLD: Duration = Duration::from_mins(1);
/// A limit that is refilled later than this is not waited for: whoever runs into it is told so.
const LONGEST_HEEDED: SignedDuration = SignedDuration::from_mins(10);

/// The requests to one provider.
#[derive(Clone, Debug)]
pub struct Pace {
    /// How many at once are allowed, in parts: each good answer adds a little.
    allowed: f64,
    most: usize,
    running: usize,
    /// Nothing starts before.
    not_before: Option<Timestamp>,
    /// So many more may start until then.
    left: Option<(u64, Timestamp)>,
    /// Rate limits in a row.
    limited: u32,
}

/// Whether one more request may start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// Now.
    Now,
    /// When one that runs has ended.
    WhenOneEnds,
    /// At that moment.
    At(Timestamp),
}

/// How a request ended, as far as pace goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// It was answered.
    Good,
    /// The provider has too much to do, and asks to be left alone so long, where it says so.
    Limited(Option<Duration>),
    /// In another way, which says nothing.
    Otherwise,
}

impl Pace {
    /// For a provider that never gets more than `most` requests at once, which is at least 1. With `at_once`, that many are
    /// allowed from the beginning.
    pub fn new(most: usize, at_once: bool) -> Self {
        let most = most.max(1);
        let first = if at_once { most } else { most.min(FIRST) };
        Self { allowed: first as f64, most, running: 0, not_before: None, left: None, limited: 0 }
    }

    /// Whether one more may start.
    pub fn may_start(&self, now: Timestamp) -> Start {
        let spent = self.left.filter(|(left, until)| *left == 0 && *until > now).map(|(_, until)| until);
        match self.not_before.filter(|until| *until > now).max(spent) {
            Some(until) => Start::At(until),
            None if self.running < self.at_once() => Start::Now,
            None => Start::WhenOneEnds,
        }
    }

    /// How many run.
    pub fn running(&self) -> usize {
        self.running
    }

    /// One starts.
    pub fn started(&mut self) {
        self.running += 1;
        if let Some((left, _)) = &mut self.left {
            *left = left.saturating_sub(1);
        }
    }

    /// One has ended; `quotas` is what the provider said then of its limits.
    pub fn ended(&mut self, how: Ended, quotas: &[Quota], now: Timestamp) {
        self.running = self.running.saturating_sub(1);
        match how {
            Ended::Good => {
                self.allowed = (self.allowed + 1.0 / self.allowed).min(self.most as f64);
                self.limited = 0;
            }
            Ended::Limited(wait) => self.slow_down(wait, now),
            Ended::Otherwise => {}
        }
        self.heed(quotas, now);
    }

    fn at_once(&self) -> usize {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 1 to `most`")]
        let whole = self.allowed as usize;
        whole.max(1)
    }

    /// The failures of one burst are one: only the first of them halves.
    fn slow_down(&mut self, wait: Option<Duration>, now: Timestamp) {
        let waits_already = self.not_before.is_some_and(|until| until > now);
        if !waits_already {
            self.allowed = (self.allowed / 2.0).max(1.0);
            self.limited = self.limited.saturating_add(1);
        }
        let untold = || UNTOLD.saturating_mul(1 << self.limited.saturating_sub(1).min(10)).min(LONGEST_UNTOLD);
        let until = later(now, wait.unwrap_or_else(untold));
        self.not_before = self.not_before.max(Some(until));
    }

    /// Of what is left of its requests, those that run are taken already, and a little is left to others.
    fn heed(&mut self, quotas: &[Quota], now: Timestamp) {
        let soon = |quota: &&Quota| quota.resets > now && quota.resets.duration_since(now) <= LONGEST_HEEDED;
        let requests = quotas.iter().filter(soon).filter(|quota| quota.of == QuotaOf::Requests);
        if let Some(least) = requests.min_by_key(|quota| quota.remaining) {
            let left = least.remaining.saturating_sub(self.running as u64).saturating_sub(SPARE);
            self.left = Some((left, least.resets));
        }
        let tokens_are_spent =
            quotas.iter().filter(soon).filter(|quota| quota.of == QuotaOf::Tokens && quota.is_spent(1, now));
        self.not_before = self.not_before.max(tokens_are_spent.map(|quota| quota.resets).max());
    }
}

fn later(now: Timestamp, wait: Duration) -> Timestamp {
    let wait = SignedDuration::try_from(wait).unwrap_or(SignedDuration::MAX);
    now.checked_add(wait).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::TargetId;

    fn moment(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).expect("a moment")
    }

    /// Starts as many as may start.
    fn fill(pace: &mut Pace, at: i64) -> usize {
        let before = pace.running();
        while pace.may_start(moment(at)) == Start::Now {
            pace.started();
        }
        pace.running() - before
    }

    fn requests_left(remaining: u64, resets: i64) -> Quota {
        let target = TargetId::new("a", "m");
        Quota { target, of: QuotaOf::Requests, limit: Some(100), remaining, resets: moment(resets) }
    }

    #[test]
    fn good_answers_let_more_start_up_to_the_most() {
        let mut pace = Pace::new(6, false);
        assert_eq!(fill(&mut pace, 0), FIRST);
        for _ in 0..100 {
            pace.ended(Ended::Good, &[], moment(0));
            fill(&mut pace, 0);
        }
        assert_eq!(pace.running(), 6);
        assert_eq!(fill(&mut Pace::new(32, true), 0), 32);
    }

    #[test]
    fn a_rate_limit_halves_once_for_a_burst_and_waits_as_long_as_the_provider_says() {
        let mut pace = Pace::new(8, true);
        fill(&mut pace, 0);
        for wait in [None, Some(Duration::from_secs(30)), None] {
            pace.ended(Ended::Limited(wait), &[], moment(0));
        }
        assert_eq!(pace.may_start(moment(29)), Start::At(moment(30)));
        while pace.running() > 0 {
            pace.ended(Ended::Otherwise, &[], moment(1));
        }
        assert_eq!(fill(&mut pace, 30), 4);
    }

    #[test]
    fn rate_limits_in_a_row_without_a_time_wait_longer_and_longer() {
        let mut pace = Pace::new(4, true);
        let waits: Vec<Start> = [0, 10, 20]
            .map(|at| {
                pace.started();
                pace.ended(Ended::Limited(None), &[], moment(at));
                pace.may_start(moment(at))
            })
            .to_vec();
        assert_eq!(waits, [1, 12, 24].map(|at| Start::At(moment(at))));
    }

    #[test]
    fn what_the_headers_leave_is_not_overdrawn() {
        let mut pace = Pace::new(16, true);
        pace.started();
        pace.ended(Ended::Good, &[requests_left(4, 60)], moment(0));
        assert_eq!(fill(&mut pace, 0), 3, "one is left to others");
        assert_eq!(pace.may_start(moment(1)), Start::At(moment(60)));
        assert_eq!(fill(&mut pace, 60), 13, "there is more again");
    }

    #[test]
    fn a_limit_of_the_day_is_not_waited_for() {
        let mut pace = Pace::new(4, true);
        pace.started();
        pace.ended(Ended::Good, &[requests_left(0, 40_000)], moment(0));
        assert_eq!(pace.may_start(moment(1)), Start::Now);
    }

    #[test]
    fn spent_tokens_wait_for_more() {
        let mut pace = Pace::new(4, true);
        let spent = Quota { of: QuotaOf::Tokens, ..requests_left(0, 20) };
        pace.started();
        pace.ended(Ended::Good, &[spent], moment(0));
        assert_eq!(pace.may_start(moment(0)), Start::At(moment(20)));
    }
}
