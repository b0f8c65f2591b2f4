//! The decision: [`decide`] turns what is asked ([`Demand`]), who could serve ([`Target`]s), what the user wants
//! ([`Policy`]) and what is known of the world ([`Snapshot`]) into a [`Plan`]. Pure: `route --explain` prints the plan
//! and the executor walks the same value.

pub mod adapt;
pub mod effort;
pub mod estimate;
pub mod filter;
pub mod media;
pub mod parameter;
pub mod reason;

use std::fmt;
use std::time::Duration;

use serde::{Serialize, Serializer};

use adapt::{Change, Lesson};
use estimate::Measure;

use crate::chat::ChatRequest;
use crate::money::Usd;
use crate::provider::{Target, TargetId};
use crate::wire;
pub use reason::{Chosen, Rejection};

/// What a request needs of a model.
#[derive(Clone, Copy, Debug)]
pub struct Demand<'a> {
    /// What is asked: its attachments, tools, schema and options.
    pub request: &'a ChatRequest,
    /// The size of the prompt, which each model's tokenizer reads in its own way.
    pub input: Measure,
    /// A target that could serve only a changed request is left out.
    pub strict: bool,
}

impl<'a> Demand<'a> {
    /// What this request needs.
    pub fn of(request: &'a ChatRequest, strict: bool) -> Self {
        Self { request, input: Measure::of_request(request), strict }
    }
}

/// An estimated number of tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tokens {
    /// The figure to plan with.
    pub expected: u64,
    /// Surely no fewer than this: a filter that rejects must not rest on a guess.
    pub at_least: u64,
}

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
    /// The fallback chain. Inside a tier, targets are tried in order.
    pub tiers: Vec<Vec<TargetId>>,
    /// Whether later targets may serve when earlier ones fail.
    pub fallback: bool,
    /// Limits that were set; what is `None` takes the default of the model's class.
    pub limits: PolicyLimits,
    /// Further tries on the same target.
    pub retries: Set<u32>,
    /// What to do when a stream breaks after text was shown.
    pub on_cut: Set<OnCut>,
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum OnCut {
    /// Stop and say so.
    Fail,
    /// Mark the seam and let the next target answer anew.
    Restart,
}

/// What is known of the world at the moment of the decision.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// The moment: prices have dates, models have ends.
    pub now: jiff::Timestamp,
    /// Seed for everything left to chance (jitter).
    pub seed: u64,
    /// Parameters that were rejected earlier, by whom.
    pub lessons: Vec<Lesson>,
}

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

/// Decides who is tried, in which order, within which limits, and says why of each.
///
/// Targets that the policy names and `targets` lacks are left out: the configuration has refused unknown names already.
pub fn decide(demand: &Demand<'_>, targets: &[Target], policy: &Policy, snapshot: &Snapshot) -> Plan {
    let mut candidates: Vec<Candidate> = Vec::new();
    let mut rejected: Vec<Rejected> = Vec::new();
    for (tier, id) in policy.tiers.iter().enumerate().flat_map(|(tier, ids)| ids.iter().map(move |id| (tier, id))) {
        let seen =
            candidates.iter().any(|known| known.target == *id) || rejected.iter().any(|known| known.target == *id);
        let Some(target) = find(targets, id).filter(|_| !seen) else { continue };
        match admit(demand, target, &snapshot.lessons) {
            Err(reason) => rejected.push(Rejected { target: id.clone(), tier, reason }),
            Ok(changes) => {
                candidates.push(Candidate { changes, ..candidate(demand, target, tier, policy, snapshot) });
            }
        }
    }
    let thinks = candidates.iter().any(|candidate| candidate.thinks);
    Plan {
        route: policy.route.clone(),
        origin: policy.origin.clone(),
        candidates,
        rejected,
        fallback: policy.fallback,
        strict: demand.strict,
        retries: policy.retries.clone(),
        on_cut: policy.on_cut.clone(),
        total: policy.limits.total.clone().unwrap_or(Set::built_in(if thinks { THINKING.total } else { PLAIN.total })),
        seed: snapshot.seed,
    }
}

/// What must be changed for a target that can serve, or why it cannot.
pub fn admit(demand: &Demand<'_>, target: &Target, lessons: &[Lesson]) -> Result<Vec<Change>, Rejection> {
    // A format without a codec fails when it is tried, and says so.
    let features = wire::features(&target.provider, target.wire());
    if let Some(reason) = filter::reject(demand, target, features) {
        return Err(reason);
    }
    let changes = adapt::changes(demand, target, features, lessons);
    match changes.iter().find(|change| demand.strict && !change.keeps_the_meaning()) {
        Some(change) => Err(Rejection::ChangeNeeded { change: change.clone() }),
        None => Ok(changes),
    }
}

fn candidate(demand: &Demand<'_>, target: &Target, tier: usize, policy: &Policy, snapshot: &Snapshot) -> Candidate {
    let model = target.model.as_deref();
    let thinks = model.is_some_and(|model| model.abilities.reasoning == Some(true));
    let defaults = if thinks { THINKING } else { PLAIN };
    let limit = |set: &Option<Set<Duration>>, default| set.clone().unwrap_or(Set::built_in(default));
    let input = tokens(demand, target);
    Candidate {
        target: target.id.clone(),
        tier,
        reasons: filter::remarks(target, snapshot.now),
        changes: Vec::new(),
        thinks,
        limits: Limits {
            connect: limit(&policy.limits.connect, defaults.connect),
            first_token: limit(&policy.limits.first_token, defaults.first_token),
            idle: limit(&policy.limits.idle, defaults.idle),
            attempt: policy.limits.attempt.clone(),
        },
        input,
        window: filter::window(target),
        prompt_cost: model.and_then(|model| model.prompt_cost(input.expected, snapshot.now)),
        cost_per_1k_output: model.and_then(|model| model.cost_per_1k_output(input.expected, snapshot.now)),
    }
}

/// The prompt's tokens as this target's tokenizer is expected to count them.
fn tokens(demand: &Demand<'_>, target: &Target) -> Tokens {
    let family = target.model.as_deref().and_then(|model| model.tokenizer.as_deref());
    demand.input.tokens(family, &target.id.model)
}

/// Limits that hold where the user set none.
struct Defaults {
    connect: Duration,
    first_token: Duration,
    idle: Duration,
    total: Duration,
}

/// For models that answer at once.
const PLAIN: Defaults = Defaults {
    connect: Duration::from_secs(5),
    first_token: Duration::from_secs(30),
    idle: Duration::from_mins(1),
    total: Duration::from_mins(10),
};

/// For models that may think for minutes without a word: a shorter limit kills good answers (gateways that began with
/// 30 s had to raise it).
const THINKING: Defaults = Defaults {
    connect: Duration::from_secs(5),
    first_token: Duration::from_mins(5),
    idle: Duration::from_mins(5),
    total: Duration::from_mins(30),
};

/// Looks targets up by their id.
pub fn find<'a>(targets: &'a [Target], id: &TargetId) -> Option<&'a Target> {
    targets.iter().find(|target| target.id == *id)
}
