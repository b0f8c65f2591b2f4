//! The decision as a value ([`Plan`]): what the executor does, and why.

use std::time::Duration;

use serde::{Serialize, Serializer};

use super::adapt::Change;
use super::breaker::State;
use super::forecast::Forecast;
use super::policy::{Buffer, Cap, OnCut, OnEmpty, OnFilter, Origin, Set};
use super::strategy::{Score, Strategy};
use super::{Chosen, Rejection, Shadowing, TokenLesson, Tokens, Trial};
use crate::money::Usd;
use crate::provider::{KeyMark, TargetId};

/// The decision, in full: what the executor does and why.
#[derive(Clone, Debug, Serialize)]
pub struct Plan {
    /// The route's name.
    pub route: String,
    /// Where the route was set.
    pub origin: Origin,
    /// Targets to try, in order.
    pub candidates: Vec<Candidate>,
    /// Targets that will not be tried, with the reason.
    pub rejected: Vec<Rejected>,
    /// Whether later candidates may serve when earlier ones fail.
    pub fallback: bool,
    /// Nothing is changed that changes what is asked.
    pub strict: bool,
    /// Further tries on the same target.
    pub retries: Set<u32>,
    /// What to do when a stream breaks after text was shown.
    pub on_cut: Set<OnCut>,
    /// How much of an answer is held back before the first of it is shown; `None` shows it as it comes.
    pub buffer: Option<Set<Buffer>>,
    /// What to do with an answer that is empty.
    pub on_empty: Set<OnEmpty>,
    /// What to do when the provider's filter withholds the answer.
    pub on_filter: Set<OnFilter>,
    /// Who came first in a tier.
    pub strategy: Set<&'static Strategy>,
    /// Whether a second target is asked when the first is late; `None` when the route does not ask for it.
    pub hedge: Option<Set<Hedging>>,
    /// The trial that this request is part of; `None` when the route tries nothing out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trial: Option<Trial>,
    /// Whether another target is asked beside, and not shown; `None` when the route does not ask for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shadow: Option<Shadowing>,
    /// The hard limits that the user set.
    pub caps: Vec<Cap>,
    /// The deadline of the whole request.
    #[serde(serialize_with = "milliseconds")]
    pub total: Set<Duration>,
    /// Seed for jitter.
    pub seed: u64,
}

/// A target that will be tried.
#[derive(Clone, Debug, Serialize)]
pub struct Candidate {
    /// Which.
    pub target: TargetId,
    /// Its tier in the chain, from 0.
    pub tier: usize,
    /// What its own count of the prompt will teach.
    #[serde(skip)]
    pub lesson: Option<TokenLesson>,
    /// Why it is in, and what to know of it.
    pub reasons: Vec<Chosen>,
    /// What is changed in the request for it.
    pub changes: Vec<Change>,
    /// The model thinks before it answers, so its default limits are long.
    pub thinks: bool,
    /// Limits of an attempt on it.
    pub limits: Limits,
    /// Expected prompt tokens.
    pub input: Tokens,
    /// The window in tokens, where known.
    pub window: Option<u64>,
    /// What the prompt is expected to cost; `None` when the price is unknown.
    pub prompt_cost: Option<Usd>,
    /// What a thousand answer tokens cost; `None` when the price is unknown.
    pub cost_per_1k_output: Option<Usd>,
    /// What is expected of it.
    pub forecast: Forecast,
    /// What the strategy made of it.
    pub score: Score,
    /// Where its breaker stands. A target that is half-open is tried by one process only: another passes it over.
    pub breaker: State,
    /// The keys to try, in this order; empty when none is needed, or when it is not known which there are.
    pub keys: Vec<KeyMark>,
    /// Further tries on this target.
    pub retries: u32,
    /// Time that is kept for the targets after it: as long as nothing has come, it must give way that long before the deadline.
    #[serde(rename = "reserved_ms", serialize_with = "plain_milliseconds")]
    pub reserved: Duration,
}

impl Candidate {
    /// What is held against budgets for it: what it may cost at most, as far as that is known.
    pub fn reservation(&self) -> Option<Usd> {
        self.forecast.cost_at_most.or(self.forecast.cost)
    }
}

/// A second request that may be sent while the first is late.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(tag = "hedge", rename_all = "snake_case")]
pub enum Hedging {
    /// The second candidate is asked as well when nothing has come of the first after this time.
    After {
        /// The time.
        #[serde(rename = "after_ms", serialize_with = "plain_milliseconds")]
        after: Duration,
        /// What it costs at most, as it is expected.
        extra: Usd,
    },
    /// It is not.
    Not {
        /// Why.
        #[serde(flatten)]
        why: NoHedge,
    },
}

/// Why no second request is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "why", rename_all = "snake_case")]
pub enum NoHedge {
    /// There is no second candidate, or falling back is off.
    NobodyElse,
    /// Too few first tokens were seen to say when one is late.
    TooFewSeen,
    /// The price of the second candidate is unknown.
    PriceUnknown,
    /// It would spend more than its share.
    SpentEnough {
        /// What it would cost, as it is expected.
        extra: Usd,
        /// What hedges have cost of late.
        spent: Usd,
        /// What they may cost: the route's share of all that was spent of late, or a little when that is nearly nothing.
        allowed: Usd,
    },
    /// The answer may call tools.
    Tools,
}

impl std::fmt::Display for NoHedge {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let words = match self {
            Self::SpentEnough { extra, spent, allowed } => {
                return write!(
                    formatter,
                    "it would cost about {extra}; of late hedges have cost {spent}, and may cost {allowed} by `max_extra_cost`"
                );
            }
            Self::NobodyElse => "nobody else could be asked",
            Self::TooFewSeen => "too few answers were seen to say when one is late",
            Self::PriceUnknown => "the price of the second is unknown",
            Self::Tools => "the answer may call tools",
        };
        formatter.write_str(words)
    }
}

fn plain_milliseconds<S: Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(u64::try_from(time.as_millis()).unwrap_or(u64::MAX))
}

/// Limits of one attempt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Limits {
    /// To a connection.
    #[serde(serialize_with = "milliseconds")]
    pub connect: Set<Duration>,
    /// To the first content. Headers, comments and pings are no content; thinking is.
    #[serde(serialize_with = "milliseconds")]
    pub first_token: Set<Duration>,
    /// Between two signs of life, comments included.
    #[serde(serialize_with = "milliseconds")]
    pub idle: Set<Duration>,
    /// For the attempt; `None` leaves it to the deadline.
    #[serde(serialize_with = "maybe_milliseconds", skip_serializing_if = "Option::is_none")]
    pub attempt: Option<Set<Duration>>,
}

fn milliseconds<S: Serializer>(set: &Set<Duration>, serializer: S) -> Result<S::Ok, S::Error> {
    let ms = u64::try_from(set.value.as_millis()).unwrap_or(u64::MAX);
    Set { value: ms, origin: set.origin.clone() }.serialize(serializer)
}

#[expect(clippy::ref_option, reason = "serde hands the field over by reference")]
fn maybe_milliseconds<S: Serializer>(set: &Option<Set<Duration>>, serializer: S) -> Result<S::Ok, S::Error> {
    match set {
        Some(set) => milliseconds(set, serializer),
        None => serializer.serialize_none(),
    }
}

/// A target that will not be tried.
#[derive(Clone, Debug, Serialize)]
pub struct Rejected {
    /// Which.
    pub target: TargetId,
    /// Its tier in the chain, from 0.
    pub tier: usize,
    /// Why not.
    pub reason: Rejection,
}
