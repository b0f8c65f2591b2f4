//! What the ledger keeps, as plain values: a run (one command's request), its attempts, and what was said.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::chat::{Buckets, Message};
use crate::money::Usd;
use crate::provider::KeyMark;
use crate::route::TokenLesson;
use crate::route::breaker::Evidence;
use crate::route::quota::Quota;

/// A run as it starts. Written before anything is sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunStart {
    /// UUID v7: sorts by time.
    pub id: String,
    /// The conversation it belongs to; a run that starts one uses its own id.
    pub conversation: String,
    /// When, in milliseconds since 1970 UTC.
    pub started_ms: i64,
    /// The command (`complete`, …).
    pub command: String,
    /// The route that was asked for.
    pub route: String,
    /// The system prompt; `None` also when prompts are not kept.
    pub system: Option<String>,
    /// The messages that were new in this run; empty when prompts are not kept.
    pub messages: Vec<Message>,
    /// Whether prompts and answers are kept.
    pub keep_text: bool,
    /// The terminal or session it came from, so that "the last conversation" of parallel shells do not cross.
    #[serde(default)]
    pub terminal: Option<String>,
    /// The arm of an experiment that it is part of.
    #[serde(default)]
    pub arm: Option<String>,
    /// The project it is for: the root of the git repository, or what the user named.
    #[serde(default)]
    pub project: Option<String>,
    /// The tags that the user gave it.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
}

/// An attempt as it starts: the intent row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AttemptStart {
    /// The run's id.
    pub run: String,
    /// Which try of the run, from 1.
    pub number: u32,
    /// When, in milliseconds since 1970 UTC.
    pub started_ms: i64,
    /// The provider's name.
    pub provider: String,
    /// The model that was asked for.
    pub model: String,
    /// What it is for.
    #[serde(default)]
    pub role: AttemptRole,
    /// What sort of request it is; `None` for attempts of which that was not kept.
    #[serde(default)]
    pub asked: Option<Asked>,
}

/// What sort of request an attempt is, as far as that changes how long it takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// As a stream.
    pub stream: bool,
    /// With tools on offer.
    pub tools: bool,
    /// Tokens of the prompt, as they were estimated.
    pub prompt_tokens: u64,
}

/// What an attempt is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttemptRole {
    /// To answer.
    #[default]
    Main,
    /// To answer while an earlier one is late.
    Hedge,
    /// To be compared with the answer that was given.
    Shadow,
    /// To see whether the target works.
    Probe,
    /// To answer, as the part of the traffic that tries a new target.
    Canary,
}

impl AttemptRole {
    /// The role as a word for machines.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Main => "main",
            Self::Hedge => "hedge",
            Self::Shadow => "shadow",
            Self::Probe => "probe",
            Self::Canary => "canary",
        }
    }

    /// The role of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Main, Self::Hedge, Self::Shadow, Self::Probe, Self::Canary].into_iter().find(|role| role.name() == name)
    }
}

/// What an attempt has shown of whom it asked, beside how it ended.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Observation {
    /// Whether they work; `None` when nothing was shown: the user stopped it, or it was never sent.
    pub evidence: Option<Evidence>,
    /// The key that it was sent with.
    pub key: Option<KeyMark>,
    /// What the provider said is left of its limits.
    pub quotas: Vec<Quota>,
    /// It was the probe of a half-open breaker.
    pub probe: bool,
    /// The answer ended at the limit of its length, whoever set that: how long it would have been is not known.
    pub truncated: bool,
    /// The route goes on to another target when this one withholds its answer.
    pub goes_on: bool,
    /// What it was expected to cost: what a request that lost a race may have cost is known no better.
    #[serde(default)]
    pub expected_pico: Option<i64>,
    /// What it may have cost at most: what budgets hold where its cost is unknown.
    #[serde(default)]
    pub at_most_pico: Option<i64>,
    /// What the count of its prompt teaches.
    #[serde(default)]
    pub lesson: Option<TokenLesson>,
    /// What was reserved for it ([`Ledger::reserve`](super::Ledger::reserve)), which is given back.
    #[serde(default)]
    pub reservation: Option<i64>,
    /// Spreads the time for which a breaker opens.
    pub seed: u64,
}

/// An attempt as it ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AttemptEnd {
    /// The run's id.
    pub run: String,
    /// Which try of the run, from 1.
    pub number: u32,
    /// How it ended.
    pub outcome: AttemptOutcome,
    /// The model that the provider says served.
    pub served_model: Option<String>,
    /// The provider's id of the HTTP request.
    pub request_id: Option<String>,
    /// Milliseconds to the first content.
    pub first_content_ms: Option<u64>,
    /// Milliseconds to the end.
    pub total_ms: u64,
    /// The provider's usage object as it came, JSON.
    pub usage_raw: Option<String>,
    /// Disjoint counts; `None` when the provider reported none.
    pub buckets: Option<StoredBuckets>,
    /// The bill's lines and the price record they rest on, JSON.
    pub price: Option<String>,
    /// What it cost, in pico-dollars; `None` is unknown.
    pub cost_pico: Option<i64>,
    /// Where the cost comes from.
    pub cost_source: CostSource,
    /// What caches have saved, in pico-dollars; `None` is unknown.
    #[serde(default)]
    pub saved_pico: Option<i64>,
    /// The failure's class.
    pub class: Option<String>,
    /// The failure as JSON.
    pub failure: Option<String>,
    /// What was said before it failed; empty when nothing was, or when text is not kept.
    pub partial_text: String,
}

/// How an attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttemptOutcome {
    /// Started, and the program died before the end was written.
    Started,
    /// A whole answer.
    Complete,
    /// It failed.
    Failed,
    /// The user stopped it; its cost is a lower bound.
    Cancelled,
}

impl AttemptOutcome {
    /// The outcome as a word for machines.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Started => "started",
            Self::Complete => "complete",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// The outcome of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Started, Self::Complete, Self::Failed, Self::Cancelled]
            .into_iter()
            .find(|outcome| outcome.name() == name)
    }
}

/// Where a cost comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CostSource {
    /// From the provider's token counts and the catalogue's prices.
    Computed,
    /// The provider said so.
    Provider,
    /// The provider rejected the request or never got it.
    NotBilled,
    /// Tokens or price are unknown.
    Unknown,
}

impl CostSource {
    /// The source as a word for machines.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Computed => "computed",
            Self::Provider => "provider",
            Self::NotBilled => "not_billed",
            Self::Unknown => "unknown",
        }
    }

    /// The source of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Computed, Self::Provider, Self::NotBilled, Self::Unknown]
            .into_iter()
            .find(|source| source.name() == name)
    }
}

/// [`Buckets`] as they are stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredBuckets {
    /// All prompt tokens.
    pub input_total: u64,
    /// Of these, read from a cache.
    pub cache_read: u64,
    /// Of these, written to a cache.
    pub cache_write: u64,
    /// All answer tokens.
    pub output_total: u64,
    /// Of these, thinking.
    pub reasoning: u64,
}

/// Life times of caches and kinds of media are not kept, so they count as the usual ones.
impl From<&StoredBuckets> for Buckets {
    fn from(stored: &StoredBuckets) -> Self {
        Self {
            input: stored.input_total.saturating_sub(stored.cache_read.saturating_add(stored.cache_write)),
            cache_read: stored.cache_read,
            cache_write_5m: stored.cache_write,
            output: stored.output_total.saturating_sub(stored.reasoning),
            reasoning: stored.reasoning,
            ..Self::default()
        }
    }
}

impl From<Buckets> for StoredBuckets {
    fn from(buckets: Buckets) -> Self {
        Self {
            input_total: buckets.input_total(),
            cache_read: buckets.cache_read_total(),
            cache_write: buckets.cache_write_total(),
            output_total: buckets.output_total(),
            reasoning: buckets.reasoning,
        }
    }
}

/// A run as it ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunEnd {
    /// The run's id.
    pub id: String,
    /// When, in milliseconds since 1970 UTC.
    pub ended_ms: i64,
    /// The program's exit code.
    pub exit_code: u8,
    /// The answer as far as it came; empty when text is not kept.
    pub answer: String,
    /// The thinking shown by the provider; empty when text is not kept.
    pub reasoning: String,
    /// The target that served; `None` when none did.
    pub served_by: Option<String>,
    /// The finish reason in the provider's word.
    pub finish: Option<String>,
}

/// A parameter that a provider rejected for a model, and what was taken in its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lesson {
    /// The provider's name.
    pub provider: String,
    /// The model that was asked for.
    pub model: String,
    /// The parameter.
    pub parameter: String,
    /// The value that was rejected, where the rejection is about the value.
    pub value: Option<String>,
    /// What was taken in its place; `None` when the parameter was left out.
    pub instead: Option<String>,
    /// When, in milliseconds since 1970 UTC.
    pub learned_ms: i64,
}

/// The sum of known costs and the number of attempts whose cost is unknown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spent {
    /// Known costs.
    pub known: Usd,
    /// Attempts that may have been billed an unknown amount.
    pub unknown: u64,
}
