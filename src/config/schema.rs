//! What the tables of a configuration file may hold, as written: `[routes.x]` here, what tries models out in [`rollout`],
//! `[budgets]` in [`budgets`].

pub mod budgets;
pub mod chat;
pub mod log;
pub mod rollout;
pub mod value;

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use crate::money::Usd;
use crate::route::strategy::{STRATEGIES, Strategy};
use crate::route::{Buffer, Hedge, HedgeAfter, OnCut, OnEmpty, OnFilter};
use rollout::{CanaryRow, ShadowRow, SplitRow};
use value::{Weight, share, time};
pub use value::{parse_duration, parse_money, parse_period, parse_size};

/// One route as written; what is `None` was not said.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RouteRow {
    /// The fallback chain.
    pub tiers: Vec<Tier>,
    /// Who comes first in a tier.
    #[serde(deserialize_with = "strategy")]
    pub strategy: Option<&'static Strategy>,
    /// For `weighted`: weights of members by their names.
    pub weights: Option<BTreeMap<String, Weight>>,
    /// For `balanced` and `predictive`.
    pub balance: Option<BalanceRow>,
    /// For `predictive`.
    #[serde(deserialize_with = "value::half")]
    pub explore: Option<f64>,
    /// For `cheapest`.
    #[serde(deserialize_with = "time")]
    pub max_latency: Option<Duration>,
    /// What one request may cost.
    #[serde(deserialize_with = "value::money")]
    pub max_cost: Option<Usd>,
    /// Tags that a target must have.
    pub require: Option<Vec<String>>,
    /// Tags that a target must not have.
    pub forbid: Option<Vec<String>>,
    /// Limits of time.
    pub timeout: Timeouts,
    /// Further tries on the same target.
    #[serde(deserialize_with = "value::retries")]
    pub retries: Option<u32>,
    /// What to do when a stream breaks after text was shown.
    pub on_cut: Option<OnCut>,
    /// How much of an answer is held back.
    #[serde(deserialize_with = "buffer")]
    pub buffer: Option<Buffer>,
    /// What to do with an empty answer.
    pub on_empty: Option<OnEmpty>,
    /// What to do when the provider's filter withholds the answer.
    pub on_filter: Option<OnFilter>,
    /// When a second target is asked because the first is late.
    #[serde(deserialize_with = "hedge")]
    pub hedge: Option<Hedge>,
    /// A target that takes over step by step.
    pub canary: Option<CanaryRow>,
    /// A target that is asked beside, and not shown.
    pub shadow: Option<ShadowRow>,
    /// Targets that are compared.
    pub split: Option<SplitRow>,
}

/// One tier: a model, or several of which the strategy picks.
#[derive(Clone, Debug)]
pub struct Tier {
    /// Its members.
    pub members: Vec<Member>,
    /// It was written as a list.
    pub is_list: bool,
}

impl Tier {
    /// Its members with their places below the route; `number` is its own.
    pub fn places(&self, number: usize) -> impl Iterator<Item = (&Member, String)> {
        self.members.iter().enumerate().map(move |(place, member)| {
            let at = if self.is_list { format!("tiers[{number}][{place}]") } else { format!("tiers[{number}]") };
            (member, at)
        })
    }
}

/// A member of a tier: its name alone, or `{ model, weight }`.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Member {
    /// Its name.
    pub model: String,
    /// Its weight for `weighted`.
    #[serde(default, deserialize_with = "value::weight")]
    pub weight: Option<f64>,
}

impl<'de> Deserialize<'de> for Tier {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Members { nested: false })
    }
}

struct Members {
    /// Already in the list of a tier.
    nested: bool,
}

impl<'de> Visitor<'de> for Members {
    type Value = Tier;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(if self.nested {
            "a model such as \"openai/gpt-5.4-mini\""
        } else {
            "a model such as \"openai/gpt-5.4-mini\", or a list of models"
        })
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<Tier, E> {
        Ok(Tier { members: vec![Member { model: name.to_owned(), weight: None }], is_list: false })
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Tier, A::Error> {
        let member = Member::deserialize(MapAccessDeserializer::new(map))?;
        Ok(Tier { members: vec![member], is_list: false })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Tier, A::Error> {
        if self.nested {
            return Err(de::Error::invalid_type(de::Unexpected::Seq, &self));
        }
        let mut members = Vec::new();
        while let Some(One(member)) = list.next_element()? {
            members.extend(member);
        }
        Ok(Tier { members, is_list: true })
    }
}

/// A member in the list of a tier.
struct One(Vec<Member>);

impl<'de> Deserialize<'de> for One {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Members { nested: true }).map(|tier| Self(tier.members))
    }
}

/// The limits of a route.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Timeouts {
    /// To a connection.
    #[serde(deserialize_with = "time")]
    pub connect: Option<Duration>,
    /// To the first content.
    #[serde(deserialize_with = "time")]
    pub first_token: Option<Duration>,
    /// Between two signs of life.
    #[serde(deserialize_with = "time")]
    pub idle: Option<Duration>,
    /// For one attempt.
    #[serde(deserialize_with = "time")]
    pub attempt: Option<Duration>,
    /// For the whole request.
    #[serde(deserialize_with = "time")]
    pub total: Option<Duration>,
}

/// `balance` as written; what is not said is as llmx has it by itself.
#[derive(Clone, Copy, Debug, Default, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BalanceRow {
    /// Weight of the cost.
    #[serde(deserialize_with = "value::weight")]
    pub cost: Option<f64>,
    /// Weight of the time.
    #[serde(deserialize_with = "value::weight")]
    pub latency: Option<f64>,
    /// Weight of failures.
    #[serde(deserialize_with = "value::weight")]
    pub success: Option<f64>,
}

fn strategy<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<&'static Strategy>, D::Error> {
    let name = String::deserialize(deserializer)?;
    let known = || STRATEGIES.iter().map(|strategy| format!("`{}`", strategy.name)).collect::<Vec<_>>().join(", ");
    let unknown = || de::Error::custom(format!("unknown variant `{name}`, expected one of {}", known()));
    Strategy::named(&name).map(Some).ok_or_else(unknown)
}

fn buffer<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Buffer>, D::Error> {
    deserializer.deserialize_any(BufferForms).map(Some)
}

/// A time, or a number of tokens.
struct BufferForms;

impl Visitor<'_> for BufferForms {
    type Value = Buffer;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a duration such as \"500ms\", or a number of tokens such as 40")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Buffer, E> {
        parse_duration(text).map(Buffer::Time).map_err(E::custom)
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Buffer, E> {
        let tokens = u32::try_from(number).ok().filter(|tokens| *tokens > 0);
        tokens.map(Buffer::Tokens).ok_or_else(|| E::custom(format!("expected at least one token, found {number}")))
    }
}

/// When `hedge = true`, and what its table does not say.
const HEDGE: Hedge = Hedge { after: HedgeAfter::Quantile(0.95), max_extra_cost: 0.03 };

fn hedge<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Hedge>, D::Error> {
    deserializer.deserialize_any(HedgeForms)
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct HedgeRow {
    #[serde(deserialize_with = "after")]
    after: HedgeAfter,
    #[serde(default, deserialize_with = "share")]
    max_extra_cost: Option<f64>,
}

/// A table, or whether at all.
struct HedgeForms;

impl<'de> Visitor<'de> for HedgeForms {
    type Value = Option<Hedge>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("`true`, or a table such as { after = \"p95\", max_extra_cost = 0.03 }")
    }

    fn visit_bool<E: de::Error>(self, wanted: bool) -> Result<Option<Hedge>, E> {
        Ok(wanted.then_some(HEDGE))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Option<Hedge>, A::Error> {
        let row = HedgeRow::deserialize(MapAccessDeserializer::new(map))?;
        Ok(Some(Hedge { after: row.after, max_extra_cost: row.max_extra_cost.unwrap_or(HEDGE.max_extra_cost) }))
    }
}

/// `p95`, or a time.
fn after<'de, D: Deserializer<'de>>(deserializer: D) -> Result<HedgeAfter, D::Error> {
    let text = String::deserialize(deserializer)?;
    let Some(percent) = text.strip_prefix('p').and_then(|percent| percent.parse::<u8>().ok()) else {
        let wrong = |told| de::Error::custom(format!("{told}; or a share of the first tokens, such as `p95`"));
        return parse_duration(&text).map(HedgeAfter::Time).map_err(wrong);
    };
    if !(50..=99).contains(&percent) {
        return Err(de::Error::custom(format!("`{text}` is out of range; write `p50` to `p99`")));
    }
    Ok(HedgeAfter::Quantile(f64::from(percent) / 100.0))
}
