//! `[budgets]` as written: what may be spent in all, and by routes, projects and tags.

use std::collections::BTreeMap;

use super::value;
use crate::money::Usd;
use crate::route::AtLimit;

/// `[budgets]` as written.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Budgets {
    /// From midnight.
    #[serde(deserialize_with = "value::money")]
    pub daily: Option<Usd>,
    /// From Monday.
    #[serde(deserialize_with = "value::money")]
    pub weekly: Option<Usd>,
    /// From the first.
    #[serde(deserialize_with = "value::money")]
    pub monthly: Option<Usd>,
    /// From this share on it is warned.
    #[serde(deserialize_with = "value::some_share")]
    pub warn_at: Option<f64>,
    /// What happens when a request would go over one.
    pub at_limit: Option<AtLimit>,
    /// Budgets of routes, by their names.
    pub routes: BTreeMap<String, BudgetRow>,
    /// Budgets of projects, by their folders or names.
    pub projects: BTreeMap<String, BudgetRow>,
    /// Budgets of tags, by `key=value`.
    pub tags: BTreeMap<String, BudgetRow>,
}

/// A budget of one route, project or tag as written.
#[derive(Clone, Copy, Debug, Default, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BudgetRow {
    /// From midnight.
    #[serde(deserialize_with = "value::money")]
    pub daily: Option<Usd>,
    /// From Monday.
    #[serde(deserialize_with = "value::money")]
    pub weekly: Option<Usd>,
    /// From the first.
    #[serde(deserialize_with = "value::money")]
    pub monthly: Option<Usd>,
}

impl Budgets {
    /// What holds for everybody.
    pub const fn of_all(&self) -> BudgetRow {
        BudgetRow { daily: self.daily, weekly: self.weekly, monthly: self.monthly }
    }
}
