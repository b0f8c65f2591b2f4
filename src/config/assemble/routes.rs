//! Routes: from rows as written to policies, and what is wrong with a route as a whole. What it tries out is in
//! [`super::trials`].

use super::{Assembly, told};
use crate::config::layer::{Layer, Owner, did_you_mean, foreign, member};
use crate::config::problem::Problem;
use crate::config::resolve::Unknown;
use crate::config::schema::{RouteRow, Tier};
use crate::config::suggest::nearest;
use crate::provider::{TargetId, check_tag};
use crate::route::strategy::{Balance, STRATEGIES};
use crate::route::{Origin, Policy, PolicyLimits, Set};

/// A route as it stands in a file.
pub(super) struct Written<'a> {
    pub(super) layer: &'a Layer,
    pub(super) name: &'a str,
    /// Its dotted path.
    at: String,
}

impl<'a> Written<'a> {
    fn new(layer: &'a Layer, name: &'a str) -> Self {
        Self { layer, name, at: member("routes", name) }
    }

    /// The dotted path of a member.
    pub(super) fn path(&self, inner: &str) -> String {
        format!("{}.{inner}", self.at)
    }

    fn origin(&self, inner: &str) -> Origin {
        self.layer.origin(&self.path(inner)).unwrap_or(Origin::BuiltIn)
    }

    /// A value that may have been said, with its place.
    pub(super) fn set<T>(&self, inner: &str, value: Option<T>) -> Option<Set<T>> {
        value.map(|value| Set { value, origin: self.origin(inner) })
    }

    /// A problem at a member.
    pub(super) fn at(&self, inner: &str, message: impl Into<String>) -> Problem {
        self.layer.at(&self.path(inner), message)
    }
}

/// A member of a tier that stands for a model.
struct Found {
    target: TargetId,
    /// As it was written.
    name: String,
    /// Where, below the route.
    at: String,
    weight: Option<f64>,
}

impl Assembly<'_> {
    /// A later file's route replaces an earlier one's of the same name whole.
    pub(super) fn take_routes(&mut self) {
        let rows =
            || self.layers.iter().flat_map(|layer| layer.routes.iter().map(move |(name, row)| (layer, name, row)));
        // A name in a tier means the same whether the route that has it stands above or below.
        for (_, name, _) in rows() {
            let empty = Policy::of(name.clone(), Origin::BuiltIn, Vec::new());
            self.settings.routes.insert(name.clone(), empty);
        }
        for (layer, name, row) in rows() {
            let earlier = self.settings.routes.remove(name);
            let route = self.route(&Written::new(layer, name), row, earlier.as_ref());
            self.settings.routes.insert(name.clone(), route);
        }
    }

    /// `earlier` is what a file before this one says of the route, or nothing yet.
    fn route(&mut self, written: &Written<'_>, row: &RouteRow, earlier: Option<&Policy>) -> Policy {
        let unknown = self.names.len();
        let members = self.members(written, &row.tiers);
        let whole = self.names.len() == unknown && !members.is_empty();
        let tiers: Vec<Vec<TargetId>> =
            members.iter().map(|tier| tier.iter().map(|found| found.target.clone()).collect()).collect();
        let origin = written.layer.origin(&written.at).unwrap_or(Origin::BuiltIn);
        let mut policy = settings(written, row, Policy::of(written.name, origin, tiers));
        self.check_strategy(written, row, &policy);
        self.check_tags(written, row);
        if written.layer.owner() == Owner::Project {
            self.guard(written, row, earlier, &mut policy);
        }
        if whole {
            // What is said of members can be judged only where all of them are known.
            let found: Vec<&Found> = members.iter().flatten().collect();
            self.check_twice(written, &found);
            policy.weights = self.weights(written, row, &found);
            if policy.hedge.is_some() && found.len() == 1 {
                let message = format!("`hedge` asks a second model, and the route has only `{}`", found[0].target);
                self.problems.push(written.at("hedge", message).help("add another to `tiers`, or remove `hedge`"));
            }
            self.take_trials(written, row, &mut policy);
        }
        policy
    }

    /// A project chooses whom its requests go to. Asking a further model beside that one, or trying one out on live requests, is
    /// for the user alone; and a limit of the user's own route of that name holds for the project's as well.
    fn guard(&mut self, written: &Written<'_>, row: &RouteRow, own: Option<&Policy>, policy: &mut Policy) {
        let said = [
            ("shadow", row.shadow.is_some()),
            ("hedge", row.hedge.is_some()),
            ("canary", row.canary.is_some()),
            ("split", row.split.is_some()),
        ];
        for (name, _) in said.into_iter().filter(|(_, is_said)| *is_said) {
            self.problems.push(foreign(written.layer.at_name(&written.path(name), ""), name));
        }
        let Some(own) = own else { return };
        let limits = own.max_cost.iter().chain(&policy.max_cost);
        policy.max_cost = limits.min_by_key(|limit| limit.value).cloned();
        for (tags, own) in [(&mut policy.require, &own.require), (&mut policy.forbid, &own.forbid)] {
            match (tags, own) {
                (Some(tags), Some(own)) => tags.value.extend(own.value.iter().cloned()),
                (tags, own) => *tags = tags.take().or_else(|| own.clone()),
            }
        }
    }

    /// The members of all tiers that stand for something.
    fn members(&mut self, written: &Written<'_>, tiers: &[Tier]) -> Vec<Vec<Found>> {
        if tiers.is_empty() {
            let problem = written.at("tiers", "a route needs `tiers` with at least one model");
            self.problems.push(problem.help("write `tiers = [\"provider/model\"]`"));
        }
        let mut all = Vec::new();
        for (number, tier) in tiers.iter().enumerate() {
            if tier.members.is_empty() {
                let problem = written.at(&format!("tiers[{number}]"), "this tier is empty");
                self.problems.push(problem.help("name at least one model in it, or remove it"));
            }
            let mut found = Vec::new();
            for (member, outer) in tier.places(number) {
                let inner = format!("{outer}.model");
                let in_table = written.layer.origin(&written.path(&inner)).is_some();
                let at = if in_table { inner } else { outer };
                let name = member.model.clone();
                match self.settings.member_of_tier(&name) {
                    Ok(target) => found.push(Found { target, name, at, weight: member.weight }),
                    Err(_) if name == written.name => {
                        let message = format!("route `{name}` names itself");
                        self.names.push(told(
                            written.at(&at, ""),
                            Unknown { message, hints: vec!["name models in it".to_owned()] },
                        ));
                    }
                    Err(unknown) => self.names.push(told(written.at(&at, ""), unknown)),
                }
            }
            if !found.is_empty() {
                all.push(found);
            }
        }
        all
    }

    fn check_twice(&mut self, written: &Written<'_>, found: &[&Found]) {
        for (index, member) in found.iter().enumerate() {
            if found[..index].iter().any(|earlier| earlier.target == member.target) {
                let message = format!("the route names {} twice", in_words(&member.name, &member.target));
                let help = "name it once; `retries` says how often it is tried again";
                self.problems.push(written.at(&member.at, message).help(help));
            }
        }
    }

    /// Settings that another strategy than the route's looks at would do nothing, and nobody would notice.
    fn check_strategy(&mut self, written: &Written<'_>, row: &RouteRow, policy: &Policy) {
        let said = |setting, is_said: bool| is_said.then(|| (setting, written.path(setting)));
        let places = row.tiers.iter().enumerate().flat_map(|(number, tier)| tier.places(number));
        let weighed = places.filter(|(member, _)| member.weight.is_some());
        let settings = [
            said("max_latency", row.max_latency.is_some()),
            said("weights", row.weights.is_some()),
            said("balance", row.balance.is_some()),
            said("explore", row.explore.is_some()),
        ];
        let weights = weighed.map(|(_, place)| ("weights", written.path(&format!("{place}.weight"))));
        for (setting, at) in settings.into_iter().flatten().chain(weights) {
            if !policy.strategy.value.reads.contains(&setting) {
                let named = at.rsplit('.').next().unwrap_or(setting);
                let message = format!("`{named}` does nothing with strategy `{}`", policy.strategy.value.name);
                let help = format!("only {} reads it", readers(setting));
                self.problems.push(written.layer.at_name(&at, message).help(help));
            }
        }
        let balance = policy.balance.value;
        if row.balance.is_some() && balance.cost + balance.latency + balance.success <= 0.0 {
            let problem = written.at("balance", "`balance` is 0 in all, so nothing would matter");
            self.problems.push(problem.help("give at least one of `cost`, `latency` and `success` a number above 0"));
        }
    }

    fn check_tags(&mut self, written: &Written<'_>, row: &RouteRow) {
        for (setting, tags) in [("require", &row.require), ("forbid", &row.forbid)] {
            for (index, tag) in tags.iter().flatten().enumerate() {
                let at = format!("{setting}[{index}]");
                if let Err(message) = check_tag(tag) {
                    self.problems.push(written.at(&at, message));
                } else if setting == "forbid" && row.require.iter().flatten().any(|required| required == tag) {
                    let message = format!("`{tag}` is required and forbidden, so no model could serve");
                    self.problems.push(written.at(&at, message).help("remove it from `require` or from `forbid`"));
                }
            }
        }
    }

    /// Weights from the tiers and from `weights`, each member's once.
    fn weights(&mut self, written: &Written<'_>, row: &RouteRow, found: &[&Found]) -> Vec<(TargetId, f64)> {
        let mut weights: Vec<(TargetId, f64)> =
            found.iter().filter_map(|member| Some((member.target.clone(), member.weight?))).collect();
        for (name, weight) in row.weights.iter().flatten() {
            let at = member(&written.path("weights"), name);
            let target = match self.settings.member_of_tier(name) {
                Ok(target) => target,
                Err(unknown) => {
                    self.names.push(told(written.layer.at_name(&at, ""), unknown));
                    continue;
                }
            };
            let fault = if found.iter().all(|member| member.target != target) {
                let known: Vec<String> = found.iter().map(|member| member.target.to_string()).collect();
                let near = nearest(&target.to_string(), known.iter().map(String::as_str)).map(did_you_mean);
                let help = near.unwrap_or_else(|| "add it to `tiers`, or remove its weight".to_owned());
                Some(("is in none of the route's tiers", help))
            } else if weights.iter().any(|(known, _)| *known == target) {
                Some(("has two weights", "keep one of them".to_owned()))
            } else {
                None
            };
            if let Some((fault, help)) = fault {
                let problem = written.layer.at_name(&at, format!("{} {fault}", in_words(name, &target)));
                self.problems.push(problem.help(help));
                continue;
            }
            weights.push((target, weight.0));
        }
        if weights.len() == found.len() && weights.iter().all(|(_, weight)| *weight <= 0.0) {
            let at = if row.weights.is_some() { "weights" } else { "tiers" };
            let problem = written.at(at, "all weights are 0, so nobody would be asked");
            self.problems.push(problem.help("give at least one model a weight above 0"));
        }
        weights
    }
}

/// A name, and what it stands for where it is an alias.
pub(super) fn in_words(name: &str, target: &TargetId) -> String {
    let is_same = target.to_string() == name.replacen(':', "/", 1);
    if is_same { format!("`{name}`") } else { format!("`{name}` (`{target}`)") }
}

/// The strategies that look at a setting, as they are written.
fn readers(setting: &str) -> String {
    let readers = STRATEGIES.iter().filter(|strategy| strategy.reads.contains(&setting));
    readers.map(|strategy| format!("`strategy = \"{}\"`", strategy.name)).collect::<Vec<_>>().join(" or ")
}

/// The settings of a row that can be taken as they are.
fn settings(written: &Written<'_>, row: &RouteRow, plain: Policy) -> Policy {
    let limit = |name: &str, time| written.set(&format!("timeout.{name}"), time);
    let timeout = &row.timeout;
    let balance = row.balance.map(|balance| Balance {
        cost: balance.cost.unwrap_or(Balance::DEFAULT.cost),
        latency: balance.latency.unwrap_or(Balance::DEFAULT.latency),
        success: balance.success.unwrap_or(Balance::DEFAULT.success),
    });
    Policy {
        limits: PolicyLimits {
            connect: limit("connect", timeout.connect),
            first_token: limit("first_token", timeout.first_token),
            idle: limit("idle", timeout.idle),
            attempt: limit("attempt", timeout.attempt),
            total: limit("total", timeout.total),
        },
        retries: written.set("retries", row.retries).unwrap_or(plain.retries),
        on_cut: written.set("on_cut", row.on_cut).unwrap_or(plain.on_cut),
        buffer: written.set("buffer", row.buffer),
        on_empty: written.set("on_empty", row.on_empty).unwrap_or(plain.on_empty),
        on_filter: written.set("on_filter", row.on_filter).unwrap_or(plain.on_filter),
        strategy: written.set("strategy", row.strategy).unwrap_or(plain.strategy),
        balance: written.set("balance", balance).unwrap_or(plain.balance),
        explore: written.set("explore", row.explore).unwrap_or(plain.explore),
        max_latency: written.set("max_latency", row.max_latency),
        max_cost: written.set("max_cost", row.max_cost),
        require: written.set("require", row.require.clone()),
        forbid: written.set("forbid", row.forbid.clone()),
        hedge: written.set("hedge", row.hedge),
        ..plain
    }
}
