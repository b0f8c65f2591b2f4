//! What the user wants of a run ([`Policy`]): chain, strategy, limits, and what to do when something goes wrong. Every value
//! knows where it was set ([`Set`]).

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan, Zoned};
use serde::{Deserialize, Serialize, Serializer};

use super::rollout::{CanaryPlan, ShadowPlan};
use super::snapshot::Spent;
use super::strategy::{Balance, ORDERED, Strategy};
use super::trial::Split;
use crate::money::Usd;
use crate::provider::TargetId;

/// Where a value was set; printed beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// llmx itself.
    BuiltIn,
    /// A configuration file with its line.
    File {
        /// The path as it was found.
        path: String,
        /// Line, counted from 1.
        line: usize,
    },
    /// An environment variable.
    Env(String),
    /// A command-line argument.
    Argument(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BuiltIn => formatter.write_str("built-in"),
            Self::File { path, line } => write!(formatter, "{path}:{line}"),
            Self::Env(name) => write!(formatter, "${name}"),
            Self::Argument(name) => formatter.write_str(name),
        }
    }
}

impl Serialize for Origin {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A value with where it was set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Set<T> {
    /// The value.
    pub value: T,
    /// Where it was set.
    pub origin: Origin,
}

impl<T> Set<T> {
    /// A value that llmx itself chose.
    pub const fn built_in(value: T) -> Self {
        Self { value, origin: Origin::BuiltIn }
    }
}

/// What the user wants of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    /// The route's name, or the target's when no route was named.
    pub route: String,
    /// Where the route was set.
    pub origin: Origin,
    /// The fallback chain. Inside a tier, the strategy says who comes first.
    pub tiers: Vec<Vec<TargetId>>,
    /// Whether later targets may serve when earlier ones fail.
    pub fallback: bool,
    /// Limits that were set; what is `None` takes the default of the model's class.
    pub limits: PolicyLimits,
    /// Further tries on the same target.
    pub retries: Set<u32>,
    /// What to do when a stream breaks after text was shown.
    pub on_cut: Set<OnCut>,
    /// How much of an answer is held back before the first of it is shown, so that trouble at its beginning stays unseen.
    pub buffer: Option<Set<Buffer>>,
    /// What to do with an answer that is empty.
    pub on_empty: Set<OnEmpty>,
    /// What to do when the provider's filter withholds the answer.
    pub on_filter: Set<OnFilter>,
    /// Who comes first in a tier.
    pub strategy: Set<&'static Strategy>,
    /// For `weighted`: who is not named has a weight of 1.
    pub weights: Vec<(TargetId, f64)>,
    /// For `balanced` and `predictive`.
    pub balance: Set<Balance>,
    /// For `predictive`: the share by which trying out may make requests worse, all in all.
    pub explore: Set<f64>,
    /// For `cheapest`: who may take longer comes after all who will not.
    pub max_latency: Option<Set<Duration>>,
    /// Who is expected to cost more is left out, and so is who has no known price.
    pub max_cost: Option<Set<Usd>>,
    /// Tags that a target must have, all of them.
    pub require: Option<Set<Vec<String>>>,
    /// Tags that a target must not have, none of them.
    pub forbid: Option<Set<Vec<String>>>,
    /// When a second target is asked because the first is late.
    pub hedge: Option<Set<Hedge>>,
    /// What may be spent.
    pub budgets: Vec<Set<Budget>>,
    /// Who takes over step by step.
    pub canary: Option<Set<CanaryPlan>>,
    /// Who is asked beside, and not shown.
    pub shadow: Option<Set<ShadowPlan>>,
    /// Who is compared.
    pub split: Option<Set<Split>>,
}

impl Policy {
    /// A chain with everything else as llmx has it by itself.
    pub fn of(route: impl Into<String>, origin: Origin, tiers: Vec<Vec<TargetId>>) -> Self {
        Self {
            route: route.into(),
            origin,
            tiers,
            fallback: true,
            limits: PolicyLimits::default(),
            retries: Set::built_in(1),
            on_cut: Set::built_in(OnCut::Restart),
            buffer: None,
            on_empty: Set::built_in(OnEmpty::Next),
            on_filter: Set::built_in(OnFilter::Stop),
            strategy: Set::built_in(ORDERED),
            weights: Vec::new(),
            balance: Set::built_in(Balance::DEFAULT),
            explore: Set::built_in(0.05),
            max_latency: None,
            max_cost: None,
            require: None,
            forbid: None,
            hedge: None,
            budgets: Vec::new(),
            canary: None,
            shadow: None,
            split: None,
        }
    }

    /// Everybody whom it may ask: the chain, and whom it tries out or asks beside. Some may stand there twice.
    pub fn named(&self) -> impl Iterator<Item = &TargetId> {
        let canary = self.canary.iter().map(|canary| &canary.value.target);
        let shadow = self.shadow.iter().map(|shadow| &shadow.value.target);
        let arms = self.split.iter().flat_map(|split| split.value.arms.iter().map(|(target, _)| target));
        self.tiers.iter().flatten().chain(canary).chain(shadow).chain(arms)
    }

    /// The hard limits that are set, with what was spent of the budgets.
    pub fn caps(&self, spent: &Spent) -> Vec<Cap> {
        let budget = |set: &Set<Budget>| Cap::Budget { set: set.clone(), spent: spent.within(&set.value) };
        let cost = self.max_cost.clone().map(Cap::Cost);
        let tags = [self.require.clone().map(Cap::Require), self.forbid.clone().map(Cap::Forbid)];
        cost.into_iter().chain(tags.into_iter().flatten()).chain(self.budgets.iter().map(budget)).collect()
    }
}

/// A hard limit of the user's that takes targets out, with where it was set.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "cap", rename_all = "snake_case")]
pub enum Cap {
    /// What one request may cost, as it is expected.
    Cost(Set<Usd>),
    /// The tags that a target must have.
    Require(Set<Vec<String>>),
    /// The tags that it must not have.
    Forbid(Set<Vec<String>>),
    /// What may be spent in a period, and what of it was.
    Budget {
        /// The budget.
        set: Set<Budget>,
        /// Spent by now.
        spent: Usd,
    },
}

/// Limits as set by the user.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PolicyLimits {
    /// To a connection.
    pub connect: Option<Set<Duration>>,
    /// To the first content.
    pub first_token: Option<Set<Duration>>,
    /// Between two signs of life.
    pub idle: Option<Set<Duration>>,
    /// For one attempt.
    pub attempt: Option<Set<Duration>>,
    /// For the whole request.
    pub total: Option<Set<Duration>>,
}

/// What to do when a stream breaks after text was shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnCut {
    /// Stop and say so.
    Fail,
    /// Mark the seam and let the next target answer anew.
    Restart,
    /// Let the next target go on where the text broke off.
    Continue,
    /// Hold the beginning back ([`Policy::buffer`]), so that what breaks in it is replaced unseen; after it, stop and say so.
    Buffer,
}

/// How much of an answer is held back before the first of it is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Buffer {
    /// What comes within this time after the first token.
    Time(Duration),
    /// So many tokens, as they are estimated.
    Tokens(u32),
}

impl Buffer {
    /// Where `on_cut` is `buffer` and nothing else is said.
    pub const DEFAULT: Self = Self::Time(Duration::from_secs(1));
}

/// What to do with an answer that is empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnEmpty {
    /// Try again as `retries` says, then the next target.
    Next,
    /// Stop and say so.
    Fail,
    /// Take it: the answer is empty, and that is a success.
    Accept,
}

/// What to do when the provider's filter withholds the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnFilter {
    /// Stop and say so.
    Stop,
    /// Ask the next target.
    Next,
}

/// When a second target is asked because the first is late.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Hedge {
    /// How late the first must be.
    pub after: HedgeAfter,
    /// The share by which hedging may add to what was spent.
    pub max_extra_cost: f64,
}

/// How late the first target must be.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum HedgeAfter {
    /// Later than that share of its own first tokens, such as 0.95.
    Quantile(f64),
    /// This long.
    Time(Duration),
}

/// What may be spent in a period.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Budget {
    /// In which period.
    pub period: Period,
    /// How much.
    pub limit: Usd,
    /// Whose money.
    pub scope: Scope,
    /// What happens when a request would go over it.
    pub at_limit: AtLimit,
}

/// Whose money a budget is about.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// Everybody's.
    #[default]
    All,
    /// Of requests to that route.
    Route(String),
    /// Of requests for that project.
    Project(String),
    /// Of requests with that tag.
    Tag {
        /// Its name.
        key: String,
        /// Its value.
        value: String,
    },
}

/// What happens when a request would go over a budget.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AtLimit {
    /// Whoever still fits under it serves.
    #[default]
    Cheaper,
    /// Nobody serves.
    Block,
}

impl Scope {
    /// Whether it covers a request to that route, for that project, with these tags.
    pub fn covers(&self, route: &str, project: Option<&str>, tags: &BTreeMap<String, String>) -> bool {
        match self {
            Self::All => true,
            Self::Route(name) => name == route,
            Self::Project(name) => Some(name.as_str()) == project,
            Self::Tag { key, value } => tags.get(key) == Some(value),
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => formatter.write_str("all"),
            Self::Route(name) => write!(formatter, "route {name}"),
            Self::Project(name) => write!(formatter, "project {name}"),
            Self::Tag { key, value } => write!(formatter, "tag {key}={value}"),
        }
    }
}

impl Serialize for Scope {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Such as `a day` or `a day for route smart`.
impl fmt::Display for Budget {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.scope {
            Scope::All => write!(formatter, "{} a {}", self.limit, self.period),
            scope => write!(formatter, "{} a {} for {scope}", self.limit, self.period),
        }
    }
}

/// A period of the calendar, in the user's time zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Period {
    /// From midnight.
    Day,
    /// From Monday.
    Week,
    /// From the first.
    Month,
}

impl Period {
    /// When the present one began.
    pub fn start(self, now: Timestamp, zone: &TimeZone) -> Timestamp {
        let now = now.to_zoned(zone.clone());
        self.first_day(&now).map_or(now.timestamp(), |day| day.timestamp())
    }

    /// When the next one begins.
    pub fn end(self, now: Timestamp, zone: &TimeZone) -> Timestamp {
        let now = now.to_zoned(zone.clone());
        let span = match self {
            Self::Day => 1.day(),
            Self::Week => 1.week(),
            Self::Month => 1.month(),
        };
        let next = self.first_day(&now).and_then(|day| day.checked_add(span));
        next.map_or(now.timestamp(), |day| day.timestamp())
    }

    fn first_day(self, now: &Zoned) -> Result<Zoned, jiff::Error> {
        match self {
            Self::Day => now.start_of_day(),
            Self::Week => {
                let since = i64::from(now.weekday().to_monday_zero_offset());
                now.checked_sub(since.days()).and_then(|monday| monday.start_of_day())
            }
            Self::Month => now.first_of_month().and_then(|first| first.start_of_day()),
        }
    }
}

impl fmt::Display for Period {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
        })
    }
}
