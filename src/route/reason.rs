//! Why a target is in or out: the reasons are variants, their words are `Display`.

use std::fmt;

use jiff::Timestamp;
use serde::Serialize;

use super::adapt::Change;
use super::media::Size;
use super::quota::QuotaOf;
use super::{Budget, Origin, Set};
use crate::money::Usd;

/// Something to know of a target that will be tried.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum Chosen {
    /// Its place in the chain.
    InOrder,
    /// The catalogue does not know it: window, abilities and price are unknown.
    NotInCatalogue,
    /// The provider has announced its end.
    Ends {
        /// `YYYY-MM-DD`.
        day: String,
    },
    /// It is tried out on a share of the requests.
    Canary {
        /// The stage, from 1.
        stage: usize,
        /// The share of requests.
        share: f64,
    },
    /// It is an arm of an experiment.
    Arm {
        /// The experiment.
        experiment: String,
    },
    /// Nobody else is left: it is tried although it is out for now.
    LastResort {
        /// Why it was out.
        because: Box<Rejection>,
    },
}

/// Why a target will not be tried.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum Rejection {
    /// No key was found.
    KeyMissing {
        /// Where it was looked for.
        tried: Vec<String>,
    },
    /// Its address is not complete.
    ParameterMissing {
        /// What is missing, such as `region`.
        name: String,
        /// The variables it was looked for in.
        tried: Vec<String>,
    },
    /// It cannot do what the request needs.
    AbilityMissing {
        /// What it lacks.
        ability: &'static str,
    },
    /// Its wire format cannot carry what the request holds.
    NoPlace {
        /// The wire format.
        wire: String,
        /// What it has no place for.
        what: &'static str,
    },
    /// The provider takes no attachment of that size.
    AttachmentTooLarge {
        /// What the limit is for.
        what: Size,
        /// Bytes, as they would be sent.
        size: u64,
        /// The most that the provider takes.
        limit: u64,
    },
    /// It would be asked something else than what was asked for, and `--strict` takes no such answer.
    ChangeNeeded {
        /// The change.
        change: Change,
    },
    /// The prompt does not fit.
    WindowTooSmall {
        /// The prompt has at least this many tokens.
        needed: u64,
        /// The window.
        window: u64,
    },
    /// The provider has ended it.
    Ended {
        /// `YYYY-MM-DD`.
        day: String,
    },
    /// It lacks a tag that the route requires.
    TagMissing {
        /// The tag.
        tag: String,
    },
    /// It has a tag that the route forbids.
    TagForbidden {
        /// The tag.
        tag: String,
    },
    /// It is expected to cost more than one request may.
    TooDear {
        /// What it is expected to cost; `None` when its price is unknown.
        cost: Option<Usd>,
        /// What it may cost.
        limit: Usd,
        /// Where the limit was set.
        origin: Origin,
    },
    /// It would spend more than a budget has left.
    BudgetSpent {
        /// The budget.
        budget: Budget,
        /// Spent by now, with what requests under way may cost.
        spent: Usd,
        /// What the request may cost; `None` is unknown.
        cost: Option<Usd>,
        /// Where the budget was set.
        origin: Origin,
    },
    /// The provider's own limit is used up for now.
    QuotaSpent {
        /// Of what.
        of: QuotaOf,
        /// When there is more.
        resets: Timestamp,
    },
    /// It failed too much of late.
    BreakerOpen {
        /// Whose breaker.
        subject: String,
        /// The class of the failure.
        class: String,
        /// When it is tried again.
        until: Timestamp,
    },
    /// It failed too much of late, and another process is trying it just now.
    BeingProbed {
        /// Whose breaker.
        subject: String,
        /// When that is over at the latest.
        until: Timestamp,
    },
}

impl Rejection {
    /// A request that may cost so much goes over a budget of which so much is taken.
    pub fn over(budget: &Set<Budget>, spent: Usd, cost: Option<Usd>) -> Self {
        Self::BudgetSpent { budget: budget.value.clone(), spent, cost, origin: budget.origin.clone() }
    }

    /// When the reason may be gone by itself; `None` for one that time does not mend. What may still work although it was
    /// announced to end comes after all others.
    pub fn passes_at(&self) -> Option<Timestamp> {
        match self {
            Self::QuotaSpent { resets, .. } => Some(*resets),
            Self::BreakerOpen { until, .. } | Self::BeingProbed { until, .. } => Some(*until),
            Self::Ended { .. } => Some(Timestamp::MAX),
            _ => None,
        }
    }
}

impl fmt::Display for Chosen {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InOrder => formatter.write_str("next in the chain"),
            Self::Ends { day } => write!(formatter, "the provider ends it on {day}"),
            Self::Canary { stage, share } => {
                write!(formatter, "canary: stage {stage}, {:.0} % of requests", share * 100.0)
            }
            Self::Arm { experiment } => write!(formatter, "arm of the experiment {experiment}"),
            Self::LastResort { because } => write!(formatter, "nobody else is left, so it is tried although {because}"),
            Self::NotInCatalogue => formatter.write_str("not in the catalogue: window and price unknown"),
        }
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::KeyMissing { tried } if tried.is_empty() => {
                formatter.write_str("no key: none is set (`api_key`; or `auth = \"none\"` if the server takes none)")
            }
            Self::KeyMissing { tried } => write!(formatter, "no key: looked in {}", tried.join(", ")),
            Self::ParameterMissing { name, tried } if tried.is_empty() => {
                write!(formatter, "`{name}` of its address is not known")
            }
            Self::ParameterMissing { name, tried } => {
                write!(formatter, "`{name}` of its address is not known: looked in {}", tried.join(", "))
            }
            Self::AbilityMissing { ability } => write!(formatter, "lacks: {ability}"),
            Self::NoPlace { wire, what } => write!(formatter, "its wire format `{wire}` has no place for {what}"),
            Self::AttachmentTooLarge { what, size, limit } => {
                let what = match what {
                    Size::Image => "an image",
                    Size::Request => "all attachments",
                };
                let mb = |bytes: u64| bytes as f64 / f64::from(1 << 20);
                write!(
                    formatter,
                    "attachments too large: {what} would take {:.1} MB as sent, and it takes {:.0} MB",
                    mb(*size),
                    mb(*limit)
                )
            }
            Self::ChangeNeeded { change } => write!(formatter, "only with a change that --strict rules out: {change}"),
            Self::WindowTooSmall { needed, window } => {
                write!(formatter, "context window too small: at least {needed} tokens needed, {window} there")
            }
            Self::Ended { day } => write!(formatter, "the provider announced its end for {day}"),
            Self::TagMissing { tag } => write!(formatter, "has no tag `{tag}`, which the route requires"),
            Self::TagForbidden { tag } => write!(formatter, "has the tag `{tag}`, which the route forbids"),
            Self::TooDear { cost: Some(cost), limit, origin } => {
                write!(formatter, "expected to cost {cost}, and a request may cost {limit} ({origin})")
            }
            Self::TooDear { cost: None, limit, origin } => {
                write!(formatter, "its price is unknown, and a request may cost {limit} ({origin})")
            }
            Self::BudgetSpent { budget, spent, cost, origin } => {
                let more = cost.map_or("an unknown cost".to_owned(), |cost| format!("up to {cost}"));
                write!(
                    formatter,
                    "would go over the budget of {budget} ({origin}): {spent} spent or under way, {more} to come"
                )
            }
            Self::QuotaSpent { of, resets } => {
                write!(formatter, "the provider's limit of {} is used up until {}", of.name(), clock(*resets))
            }
            Self::BreakerOpen { subject, class, until } => {
                write!(
                    formatter,
                    "breaker of {subject} open after {}, until {}",
                    class.replace('_', " "),
                    clock(*until)
                )
            }
            Self::BeingProbed { subject, until } => {
                write!(formatter, "breaker of {subject} open; another process is trying it, until {}", clock(*until))
            }
        }
    }
}

/// The time of day in UTC; with the day when it is far.
fn clock(moment: Timestamp) -> String {
    moment.strftime("%H:%M:%S UTC").to_string()
}
