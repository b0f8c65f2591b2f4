//! What is no error of the settings but will not work as hoped, and where each of it stands: models that the catalogue does not
//! know, targets without a key, tags that nobody has, trials in vain.

use std::fmt;

use crate::config::layer::member;
use crate::config::local::is_exposed;
use crate::config::show::origin_words;
use crate::config::{Environment, Lookup, Settings, Unknown};
use crate::provider::{KeyState, Target, TargetId};
use crate::route::{self, Origin, Policy, Rejection, Set};

/// One thing that will not work as hoped.
#[derive(Clone, Debug, PartialEq)]
pub struct Warning {
    /// Where it was set, each place once.
    pub origins: Vec<Origin>,
    /// What it is.
    pub text: String,
    /// What it is for want of.
    pub wants: Wants,
}

/// What would mend it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wants {
    /// Another setting.
    Change,
    /// A key.
    Key,
    /// Another name, or an entry of the catalogue for that `provider/id`.
    Model(String),
}

impl Warning {
    fn new(origin: Origin, text: String) -> Self {
        Self { origins: vec![origin], text, wants: Wants::Change }
    }

    fn wants(self, wants: Wants) -> Self {
        Self { wants, ..self }
    }
}

/// `PLACE, PLACE: what it is`.
impl fmt::Display for Warning {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let places: Vec<String> = self.origins.iter().map(origin_words).collect();
        write!(formatter, "{}: {}", places.join(", "), self.text)
    }
}

/// All of it, each once. Fails when a name stands for nothing.
pub fn warnings(
    settings: &Settings,
    environment: &Environment,
    lookup: Lookup<'_>,
    suggest: &dyn Fn(&str, &str) -> Vec<String>,
) -> Result<Vec<Warning>, Unknown> {
    let mut policies = Vec::new();
    policies.extend(settings.default_policy(environment, lookup)?);
    let aliases = settings.aliases.iter().map(|(name, alias)| (name, &alias.origin));
    for (name, origin) in settings.routes.iter().map(|(name, route)| (name, &route.origin)).chain(aliases) {
        policies.push(settings.resolve(name, origin.clone(), environment, lookup)?);
    }
    let mut warnings = Vec::new();
    for policy in &policies {
        let targets = settings.targets(policy, environment, lookup);
        warnings.extend(unmet_tags(policy, &targets));
        warnings.extend(idle_trials(policy, &targets));
        for target in &targets {
            warnings.extend(of_target(target, &place(&target.id, policy, settings), suggest));
        }
    }
    for provider in settings.providers.iter().filter(|provider| is_exposed(&provider.base_url)) {
        let at = member(&member("providers", &provider.name), "base_url");
        let text = format!("`{}` is plain HTTP: keys and prompts travel unencrypted", provider.base_url);
        warnings.push(Warning::new(settings.origin(&at), text));
    }
    Ok(once(warnings))
}

/// The same warning with all its places.
fn once(warnings: Vec<Warning>) -> Vec<Warning> {
    let mut told: Vec<Warning> = Vec::new();
    for warning in warnings {
        match told.iter_mut().find(|known| known.text == warning.text) {
            Some(known) => {
                let new: Vec<Origin> =
                    warning.origins.into_iter().filter(|origin| !known.origins.contains(origin)).collect();
                known.origins.extend(new);
            }
            None => told.push(warning),
        }
    }
    told
}

/// Where a policy names a target: its line in the route, else the line of the route.
fn place(id: &TargetId, policy: &Policy, settings: &Settings) -> Origin {
    let canary = policy.canary.iter().map(|canary| (&canary.value.target, &canary.origin));
    let shadow = policy.shadow.iter().map(|shadow| (&shadow.value.target, &shadow.origin));
    let tried = canary.chain(shadow).find(|(target, _)| *target == id).map(|(_, origin)| origin.clone());
    let route = member("routes", &policy.route);
    let in_tier = policy.tiers.iter().enumerate().find_map(|(tier, members)| {
        let member = members.iter().position(|target| target == id)?;
        let tier = format!("{route}.tiers[{tier}]");
        let origins = &settings.origins;
        origins.get(&format!("{tier}[{member}]")).or_else(|| origins.get(&tier)).cloned()
    });
    in_tier.or(tried).unwrap_or_else(|| policy.origin.clone())
}

/// Whether it is known, has a key, and has all that its address needs.
fn of_target(target: &Target, place: &Origin, suggest: &dyn Fn(&str, &str) -> Vec<String>) -> Vec<Warning> {
    let mut warnings = Vec::new();
    if target.model.is_none() && !target.provider.local {
        let nearest = suggest(&target.provider.catalog, &target.id.model).into_iter().next();
        let nearest = nearest.map(|name| format!("; did you mean `{}/{name}`?", target.id.provider));
        let text = format!(
            "`{}` is not in the catalogue: its price and window are unknown{}",
            target.id,
            nearest.unwrap_or_default()
        );
        let entry = Wants::Model(format!("{}/{}", target.provider.catalog, target.id.model));
        warnings.push(Warning::new(place.clone(), text).wants(entry));
    }
    if let KeyState::Missing(tried) = &target.key {
        let text = format!("no key for `{}`: looked in {}", target.id.provider, tried.join(", "));
        warnings.push(Warning::new(place.clone(), text).wants(Wants::Key));
    }
    for (name, tried) in &target.provider.missing {
        let reason = Rejection::ParameterMissing { name: name.clone(), tried: tried.clone() };
        let text = format!("`{}` cannot be asked: {reason}", target.id.provider);
        warnings.push(Warning::new(place.clone(), text));
    }
    warnings
}

/// Tags that a route requires and none of its models has.
fn unmet_tags(policy: &Policy, targets: &[Target]) -> Vec<Warning> {
    let required = policy.require.iter().flat_map(|set| set.value.iter().map(|tag| (tag, &set.origin)));
    let unmet = required.filter(|(tag, _)| !targets.iter().any(|target| target.provider.has_tag(tag)));
    let told = |(tag, origin): (&String, &Origin)| {
        let text =
            format!("no model of `{}` has the tag `{tag}`: write `tags = [\"{tag}\"]` under a provider", policy.route);
        Warning::new(origin.clone(), text)
    };
    unmet.map(told).collect()
}

/// What a route tries out in vain, or without one of its limits.
fn idle_trials(policy: &Policy, targets: &[Target]) -> Vec<Warning> {
    const PRICE: &str = "give it one in the file that `catalog` names";
    let unpriced = |id: &TargetId| {
        let of_target = |target: &Target| target.model.as_ref().is_none_or(|model| model.pricing.is_none());
        route::find(targets, id).is_some_and(|target| of_target(target) && !target.provider.local)
    };
    let mut warnings = Vec::new();
    if let Some(Set { value: shadow, origin }) = &policy.shadow {
        let target = &shadow.target;
        let mut warn = |text| warnings.push(Warning::new(origin.clone(), text));
        if policy.tiers.first().is_some_and(|tier| tier.as_slice() == [target.clone()]) {
            warn(format!(
                "the shadow `{target}` is never asked beside: the route asks it first; name another, or remove `shadow`"
            ));
        } else if unpriced(target) {
            warn(format!(
                "the shadow `{target}` is never asked: it has no known price to hold `max_cost_per_day` to; {PRICE}"
            ));
        }
    }
    if let Some(Set { value: canary, origin }) = &policy.canary
        && canary.max_cost_increase.is_some()
        && unpriced(&canary.target)
    {
        let text = format!(
            "the cost of the canary `{}` is not watched: it has no known price; {PRICE}, or say `max_cost_increase = false`",
            canary.target
        );
        warnings.push(Warning::new(origin.clone(), text));
    }
    warnings
}
