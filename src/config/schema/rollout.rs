//! What a route tries out, as written: `canary`, `shadow` and `split`.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use super::value::{self, Share};
use crate::money::Usd;
use crate::route::SplitBy;

/// `canary` as written.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CanaryRow {
    /// The name of who takes over.
    pub target: String,
    /// The share of requests at each step.
    #[serde(default)]
    pub share: Option<Vec<Share>>,
    /// How long a step lasts at least.
    #[serde(default, deserialize_with = "value::long_time")]
    pub step: Option<Duration>,
    /// More failures roll it back.
    #[serde(default, deserialize_with = "value::rate")]
    pub max_error_rate: Option<f64>,
    /// More times the baseline's time rolls it back.
    #[serde(default, deserialize_with = "value::slowdown")]
    pub max_slowdown: Option<f64>,
    /// More times the baseline's cost rolls it back.
    #[serde(default)]
    pub max_cost_increase: Option<CostIncrease>,
    /// A step takes at least so many requests.
    #[serde(default, deserialize_with = "requests")]
    pub min_requests: Option<u64>,
}

/// `shadow` as written.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShadowRow {
    /// The name of who is asked beside.
    pub target: String,
    /// The share of requests.
    pub share: Share,
    /// What it may cost.
    #[serde(deserialize_with = "value::money_or_none")]
    pub max_cost_per_day: Usd,
    /// How long the program may wait for it.
    #[serde(default, deserialize_with = "value::time")]
    pub max_delay: Option<Duration>,
}

/// `split` as written.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SplitRow {
    /// The name of the experiment.
    pub name: String,
    /// Who takes part.
    pub arms: Arms,
    /// What stays with an arm.
    #[serde(default)]
    pub by: Option<SplitBy>,
}

/// The arms of a split: a list of `{ model, share }`, or a table of shares by name.
#[derive(Clone, Debug)]
pub struct Arms {
    /// Names with shares.
    pub arms: Vec<(String, f64)>,
    /// They were written as a table.
    pub by_name: bool,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct ArmRow {
    model: String,
    share: Share,
}

impl<'de> Deserialize<'de> for Arms {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ArmForms)
    }
}

struct ArmForms;

impl<'de> Visitor<'de> for ArmForms {
    type Value = Arms;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .write_str("a table such as { \"openai/gpt-5.4-mini\" = 0.5, fast = 0.5 }, or a list of { model, share }")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Arms, A::Error> {
        let mut arms = Vec::new();
        while let Some(ArmRow { model, share }) = list.next_element()? {
            arms.push((model, share.0));
        }
        Ok(Arms { arms, by_name: false })
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Arms, A::Error> {
        let table = BTreeMap::<String, Share>::deserialize(MapAccessDeserializer::new(map))?;
        let arms = table.into_iter().map(|(name, share)| (name, share.0)).collect();
        Ok(Arms { arms, by_name: true })
    }
}

/// A number of times, or `false`: the cost is not watched.
#[derive(Clone, Copy, Debug)]
pub struct CostIncrease(pub Option<f64>);

impl<'de> Deserialize<'de> for CostIncrease {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TimesOrNot).map(Self)
    }
}

struct TimesOrNot;

impl Visitor<'_> for TimesOrNot {
    type Value = Option<f64>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("how many times the baseline's cost, such as 1.25, or `false`")
    }

    fn visit_bool<E: de::Error>(self, watched: bool) -> Result<Option<f64>, E> {
        if watched { Err(E::invalid_type(de::Unexpected::Bool(true), &self)) } else { Ok(None) }
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Option<f64>, E> {
        self.visit_f64(number as f64)
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<Option<f64>, E> {
        let wrong = || E::custom(format!("expected how many times the baseline's cost, such as 1.25, found {number}"));
        (number > 0.0 && number.is_finite()).then_some(Some(number)).ok_or_else(wrong)
    }
}

fn requests<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    let number = i64::deserialize(deserializer)?;
    let wrong = || de::Error::custom(format!("expected at least one request, found {number}"));
    u64::try_from(number).ok().filter(|number| *number > 0).map(Some).ok_or_else(wrong)
}
