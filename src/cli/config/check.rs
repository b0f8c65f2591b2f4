//! `llmx config check`: everything that is wrong with the settings, and what is no error but will not work as hoped.

use crate::cli::{Context, Done, catalogue};
use crate::config::keys::key_state;
use crate::config::layer::member;
use crate::config::local::is_exposed;
use crate::config::problem::sanitised;
use crate::config::show::origin_words;
use crate::config::{Environment, Lookup, Settings, Unknown};
use crate::provider::{KeyState, Target, TargetId};
use crate::route::{self, Origin, Policy, Rejection, Set};

/// Runs the command.
pub(super) fn run(context: &Context) -> Done {
    let settings = Settings::load(&context.environment)?;
    let catalog = catalogue::open(&settings, &context.ui)?;
    let lookup = |provider: &str, id: &str| catalog.find(provider, id);
    let warnings = warnings(&settings, &context.environment, &lookup, &|provider, id| catalog.suggest(provider, id))?;
    for warning in warnings {
        context.ui.warn(&sanitised(&warning));
    }
    let keys = settings
        .providers
        .iter()
        .filter(|provider| matches!(key_state(provider, &context.environment), KeyState::Present(_)));
    let text = format!(
        "OK: {} providers ({} with a key), {} routes, {} aliases\n",
        settings.providers.len(),
        keys.count(),
        settings.routes.len(),
        settings.aliases.len()
    );
    Ok(context.ui.out(&text)?)
}

/// What is no error but will not work as hoped: models that the catalogue does not know, targets without a key. Fails when
/// a name stands for nothing.
pub(in crate::cli) fn warnings(
    settings: &Settings,
    environment: &Environment,
    lookup: Lookup<'_>,
    suggest: &dyn Fn(&str, &str) -> Vec<String>,
) -> Result<Vec<String>, Unknown> {
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
        for target in targets {
            let place = origin_words(&policy.origin);
            if target.model.is_none() && !target.provider.local {
                let nearest = suggest(&target.provider.catalog, &target.id.model).into_iter().next();
                let nearest = nearest.map(|name| format!("; did you mean `{}/{name}`?", target.id.provider));
                warnings.push(format!(
                    "{place}: `{}` is not in the catalogue: its price and window are unknown{}",
                    target.id,
                    nearest.unwrap_or_default()
                ));
            }
            if let KeyState::Missing(tried) = target.key {
                warnings.push(format!("{place}: no key for `{}`: looked in {}", target.id.provider, tried.join(", ")));
            }
            for (name, tried) in &target.provider.missing {
                let reason = Rejection::ParameterMissing { name: name.clone(), tried: tried.clone() };
                warnings.push(format!("{place}: `{}` cannot be asked: {reason}", target.id.provider));
            }
        }
    }
    for provider in settings.providers.iter().filter(|provider| is_exposed(&provider.base_url)) {
        let at = member(&member("providers", &provider.name), "base_url");
        let place = origin_words(&settings.origin(&at));
        warnings.push(format!("{place}: `{}` is plain HTTP: keys and prompts travel unencrypted", provider.base_url));
    }
    let mut seen = std::collections::HashSet::new();
    warnings.retain(|warning| seen.insert(warning.clone()));
    Ok(warnings)
}

/// Tags that a route requires and none of its models has.
fn unmet_tags(policy: &Policy, targets: &[Target]) -> Vec<String> {
    let required = policy.require.iter().flat_map(|set| set.value.iter().map(|tag| (tag, &set.origin)));
    let unmet = required.filter(|(tag, _)| !targets.iter().any(|target| target.provider.has_tag(tag)));
    let told = |(tag, origin): (&String, &Origin)| {
        let place = origin_words(origin);
        format!(
            "{place}: no model of `{}` has the tag `{tag}`: write `tags = [\"{tag}\"]` under a provider",
            policy.route
        )
    };
    unmet.map(told).collect()
}

/// What a route tries out in vain, or without one of its limits.
fn idle_trials(policy: &Policy, targets: &[Target]) -> Vec<String> {
    const PRICE: &str = "give it one in the file that `catalog` names";
    let unpriced = |id: &TargetId| {
        let of_target = |target: &Target| target.model.as_ref().is_none_or(|model| model.pricing.is_none());
        route::find(targets, id).is_some_and(|target| of_target(target) && !target.provider.local)
    };
    let mut warnings = Vec::new();
    if let Some(Set { value: shadow, origin }) = &policy.shadow {
        let (place, target) = (origin_words(origin), &shadow.target);
        if policy.tiers.first().is_some_and(|tier| tier.as_slice() == [target.clone()]) {
            warnings.push(format!(
                "{place}: the shadow `{target}` is never asked beside: the route asks it first; name another, or remove `shadow`"
            ));
        } else if unpriced(target) {
            warnings.push(format!(
                "{place}: the shadow `{target}` is never asked: it has no known price to hold `max_cost_per_day` to; {PRICE}"
            ));
        }
    }
    if let Some(Set { value: canary, origin }) = &policy.canary
        && canary.max_cost_increase.is_some()
        && unpriced(&canary.target)
    {
        let (place, target) = (origin_words(origin), &canary.target);
        warnings.push(format!(
            "{place}: the cost of the canary `{target}` is not watched: it has no known price; {PRICE}, or say \
             `max_cost_increase = false`"
        ));
    }
    warnings
}
