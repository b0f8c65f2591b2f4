//! Circuit breakers: who has failed so much of late that the next request goes elsewhere at once. A [`Breaker`] is a value
//! that lives in the ledger; how it opens, is probed and closes is decided here, purely.
//!
//! The rules are sized for a command line, where twelve calls may be all of a day: evidence is points, not rates alone. A
//! failure that cost seconds opens at once; one that a second try may mend opens when the second try fails too. What opened is
//! tried again by one process at a time, and closes after two good answers; after each further opening in a row it takes twice
//! as many, since who fails every third time gives two good ones soon enough.

use std::fmt;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::chance;
use crate::failure::{FailureClass, Scope as Reach};
use crate::provider::{KeyMark, TargetId};

/// Points at which a breaker opens; see [`points`].
const OPENS_AT: u32 = 6;
/// With at least this many requests of late, the share of failures counts as well.
const FEWEST: f64 = 5.0;
/// The share of failures at which a breaker opens, rate limits included: with another target ready, one that fails every
/// fourth time is not worth asking first.
const SHARE: f64 = 0.25;
/// Of what is older than this, half is forgotten.
const HALF_LIFE: Duration = Duration::from_mins(1);
/// The first time that a breaker is open; each further time is twice as long.
const FIRST_OPEN: Duration = Duration::from_secs(10);
/// No time is longer, except where the provider asks for it or an account is at fault.
const LONGEST_OPEN: Duration = Duration::from_mins(5);
/// The share of its time by which an opening may be shorter or longer, so that many processes do not come back together.
const JITTER: f64 = 0.2;
/// How long a rejected key, and an account without credit, are left alone at first.
const KEY_OPEN: Duration = Duration::from_mins(10);
const QUOTA_OPEN: Duration = Duration::from_hours(1);
/// The longest that they are left alone: somebody may have mended it meanwhile.
const LONGEST_ACCOUNT_OPEN: Duration = Duration::from_hours(24);
/// A probe that has not ended after this long is taken to have died with its process.
pub const PROBE_LIMIT: Duration = Duration::from_mins(2);
/// Good answers in a row after which a breaker is closed that opened once; twice as many for each further opening in a row.
const CLOSES_AFTER: u32 = 2;
/// How often that doubles at most.
const DOUBLINGS: u32 = 3;
/// After this long without trouble, earlier openings count no more.
const FORGOTTEN: Duration = Duration::from_mins(10);

/// Whom a breaker speaks of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Subject {
    /// The host: nobody answers there, or its certificate is wrong.
    Provider(String),
    /// One model at a provider.
    Target(TargetId),
    /// One key of a provider.
    Key {
        /// The provider.
        provider: String,
        /// Which of its keys.
        key: KeyMark,
    },
}

impl Subject {
    /// Whom a failure of that class is about.
    pub fn of(class: FailureClass, target: &TargetId, key: Option<&KeyMark>) -> Self {
        let provider = || target.provider.clone();
        match (class, key) {
            (FailureClass::Auth | FailureClass::QuotaExhausted, Some(key)) => {
                Self::Key { provider: provider(), key: key.clone() }
            }
            _ if class.rule().scope == Reach::Provider => Self::Provider(provider()),
            _ => Self::Target(target.clone()),
        }
    }

    /// Everybody of whom an attempt on that target says something.
    pub fn all(target: &TargetId, key: Option<&KeyMark>) -> Vec<Self> {
        let provider = target.provider.clone();
        let key = key.map(|key| Self::Key { provider: provider.clone(), key: key.clone() });
        [Self::Provider(provider.clone()), Self::Target(target.clone())].into_iter().chain(key).collect()
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Provider(provider) => formatter.write_str(provider),
            Self::Target(target) => write!(formatter, "{target}"),
            Self::Key { provider, key } => write!(formatter, "{provider}, key from {}", key.place),
        }
    }
}

/// What is remembered of a subject. The default has seen nothing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Breaker {
    /// Points of failures since the last good answer.
    pub points: u32,
    /// Requests of late, aged by [`HALF_LIFE`].
    pub requests: f64,
    /// How many of these failed.
    pub failures: f64,
    /// When it was last told something.
    pub updated: Timestamp,
    /// How often it opened in a row.
    pub openings: u32,
    /// When it opened, and until when nobody is to try.
    pub open: Option<Opening>,
    /// Somebody tries it until then.
    pub probing_until: Option<Timestamp>,
    /// Good answers since it was open.
    pub recovered: u32,
}

/// Why and until when a breaker is open.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Opening {
    /// Since when.
    pub since: Timestamp,
    /// Nobody is to try before.
    pub until: Timestamp,
    /// The class of the failure that opened it ([`FailureClass::name`]).
    pub class: String,
}

/// What an attempt has shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// A whole answer, or a rejection that only a healthy server gives.
    Good,
    /// It failed.
    Failed {
        /// How.
        class: FailureClass,
        /// How long the provider asks to be left alone.
        retry_after: Option<Duration>,
    },
}

/// Where a breaker stands at a moment.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum State {
    /// Requests go there.
    Closed,
    /// None goes there.
    Open {
        /// Until when.
        until: Timestamp,
        /// Why: the class of the failure.
        class: String,
    },
    /// One may try it.
    HalfOpen {
        /// Why it was open.
        class: String,
    },
    /// Another process tries it just now.
    Probed {
        /// By when that is over.
        until: Timestamp,
        /// Why it was open.
        class: String,
    },
}

impl fmt::Display for State {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Closed => formatter.write_str("closed"),
            Self::Open { class, .. } => write!(formatter, "open: {}", words(class)),
            Self::HalfOpen { class } => write!(formatter, "half-open: {}", words(class)),
            Self::Probed { class, .. } => write!(formatter, "being probed: {}", words(class)),
        }
    }
}

/// A class's name as words.
fn words(class: &str) -> String {
    class.replace('_', " ")
}

/// What one failure of a class adds; at [`OPENS_AT`] the breaker opens. `None` when it says nothing about health: the same
/// request would fail anywhere, or the user stopped it.
///
/// Six for what cost seconds of waiting or what the provider itself calls a lack of capacity; three where a second try
/// follows in the same request; one for what may be the prompt's fault.
const fn points(class: FailureClass) -> Option<u32> {
    use FailureClass as C;
    match class {
        C::Auth
        | C::QuotaExhausted
        | C::Overloaded
        | C::Tls
        | C::Redirect
        | C::ModelNotFound
        | C::Permission
        | C::TimeoutFirstToken
        | C::TimeoutIdle
        | C::TimeoutAttempt => Some(6),
        C::ServerError | C::Protocol | C::Network | C::TimeoutConnect | C::IncompleteStream => Some(3),
        C::EmptyResponse => Some(1),
        // It counts in the share of failures, not in the run of them: a limit that was reached is no outage.
        C::RateLimit => Some(0),
        C::TimeoutTotal
        | C::ContextWindow
        | C::PayloadTooLarge
        | C::ContentFilter
        | C::InvalidRequest
        | C::UnsupportedParameter
        | C::SchemaMismatch => None,
    }
}

/// Whether a failure of that class says something about the health of who was asked.
pub const fn counts(class: FailureClass) -> bool {
    points(class).is_some()
}

impl Breaker {
    /// Where it stands.
    pub fn state(&self, now: Timestamp) -> State {
        let Some(open) = &self.open else { return State::Closed };
        let class = open.class.clone();
        match self.probing_until.filter(|until| *until > now) {
            _ if open.until > now => State::Open { until: open.until, class },
            Some(until) => State::Probed { until, class },
            None => State::HalfOpen { class },
        }
    }

    /// It with a probe that begins now.
    #[must_use]
    pub fn probed(self, now: Timestamp) -> Self {
        Self { probing_until: Some(later(now, PROBE_LIMIT)), ..self }
    }

    /// It without a probe: whoever tried it was stopped before anything was known.
    #[must_use]
    pub fn released(self) -> Self {
        Self { probing_until: None, ..self }
    }

    /// It after one more attempt. `seed` spreads the time that it stays open.
    #[must_use]
    pub fn after(self, evidence: Evidence, now: Timestamp, seed: u64) -> Self {
        let aged = self.aged(now);
        match evidence {
            Evidence::Good => aged.after_good(),
            Evidence::Failed { class, retry_after } => match points(class) {
                Some(points) => aged.after_failure(class, points, retry_after, now, seed),
                // Only a server that works rejects a request with reasons.
                None if class == FailureClass::TimeoutTotal => aged.released(),
                None => aged.after_good(),
            },
        }
    }

    /// It at a later moment: what was seen fades, and after long peace so do the openings.
    fn aged(self, now: Timestamp) -> Self {
        let quiet = Duration::try_from(now.duration_since(self.updated)).unwrap_or_default();
        let left = 0.5_f64.powf(quiet.as_secs_f64() / HALF_LIFE.as_secs_f64());
        let at_peace = self.open.is_none() && quiet > FORGOTTEN;
        let openings = if at_peace { 0 } else { self.openings };
        // What is told late does not make it older.
        let updated = self.updated.max(now);
        Self { requests: self.requests * left, failures: self.failures * left, openings, updated, ..self }
    }

    fn after_good(self) -> Self {
        let good = Self { points: 0, requests: self.requests + 1.0, probing_until: None, ..self };
        if good.open.is_none() {
            return good;
        }
        let recovered = good.recovered + 1;
        if recovered < good.closes_after() {
            return Self { recovered, ..good };
        }
        Self { open: None, recovered: 0, requests: 0.0, failures: 0.0, ..good }
    }

    /// How many good answers in a row close it.
    fn closes_after(&self) -> u32 {
        CLOSES_AFTER << self.openings.saturating_sub(1).min(DOUBLINGS)
    }

    fn after_failure(
        self,
        class: FailureClass,
        points: u32,
        retry_after: Option<Duration>,
        now: Timestamp,
        seed: u64,
    ) -> Self {
        let failed = Self {
            points: self.points.saturating_add(points),
            requests: self.requests + 1.0,
            failures: self.failures + 1.0,
            probing_until: None,
            recovered: 0,
            ..self
        };
        // What was on its way when the breaker opened tells of the same outage once more.
        if failed.open.as_ref().is_some_and(|open| open.until > now) {
            let late = Self { points: 0, probing_until: self.probing_until, ..failed };
            return retry_after.map_or(late.clone(), |wait| late.shut(class, wait, now));
        }
        let often = failed.requests >= FEWEST && failed.failures / failed.requests >= SHARE;
        let probe_failed = failed.open.is_some();
        if failed.points >= OPENS_AT || often || probe_failed {
            return failed.opened(class, retry_after, now, seed);
        }
        // A provider that names a time is left alone until then, whatever else is known of it.
        match retry_after {
            Some(wait) => failed.shut(class, wait, now),
            None => failed,
        }
    }

    fn opened(self, class: FailureClass, retry_after: Option<Duration>, now: Timestamp, seed: u64) -> Self {
        let (first, longest) = match class {
            FailureClass::Auth | FailureClass::Permission => (KEY_OPEN, LONGEST_ACCOUNT_OPEN),
            FailureClass::QuotaExhausted => (QUOTA_OPEN, LONGEST_ACCOUNT_OPEN),
            _ => (FIRST_OPEN, LONGEST_OPEN),
        };
        let grown = first.saturating_mul(1 << self.openings.min(12)).min(longest);
        let jitter = 1.0 - JITTER + 2.0 * JITTER * chance::share(seed, u64::from(self.openings));
        let time = grown.mul_f64(jitter).max(retry_after.unwrap_or_default());
        Self { openings: self.openings.saturating_add(1), points: 0, ..self }.shut(class, time, now)
    }

    /// Shut for that long; never for less than it is shut already. Only a spent quota may take longer than a day.
    fn shut(self, class: FailureClass, time: Duration, now: Timestamp) -> Self {
        let time = if class == FailureClass::QuotaExhausted { time } else { time.min(LONGEST_ACCOUNT_OPEN) };
        let earlier = self.open.as_ref().map(|open| open.until);
        let until = earlier.into_iter().chain([later(now, time)]).max().unwrap_or(now);
        let since = self.open.as_ref().map_or(now, |open| open.since);
        Self { open: Some(Opening { since, until, class: class.name().to_owned() }), ..self }
    }
}

/// That long after a moment.
fn later(now: Timestamp, time: Duration) -> Timestamp {
    let time = SignedDuration::try_from(time).unwrap_or(SignedDuration::MAX);
    now.checked_add(time).unwrap_or(Timestamp::MAX)
}

/// A subject with its breaker, as the ledger keeps it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Watched {
    /// Who.
    pub subject: Subject,
    /// What is remembered.
    pub breaker: Breaker,
}

#[cfg(test)]
mod tests;
