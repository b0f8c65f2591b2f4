//! From a name (`-m`, `default`, a member of a tier) to what it stands for. Pure. An unknown name is an error with
//! suggestions, never a default.

use std::fmt;
use std::sync::Arc;

use super::Environment;
use super::keys::{key_state, marks};
use super::layer::did_you_mean;
use super::settings::Settings;
use super::suggest::{nearest, ranked};
use crate::catalog::Model;
use crate::provider::{KeySource, KeyState, Provider, Target, TargetId, left_out};
use crate::route::{Budget, Origin, Policy, Scope, Set};

/// How many providers the chain has that is made of the keys at hand.
pub const AUTOMATIC_TIERS: usize = 5;
/// The name of that chain.
pub const AUTOMATIC: &str = "auto";

/// Asks the catalogue for a model, by the provider's name there and the model's id.
pub type Lookup<'a> = &'a dyn Fn(&str, &str) -> Option<Model>;

/// A name that stands for nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    /// What is wrong with it.
    pub message: String,
    /// What may have been meant or should be done.
    pub hints: Vec<String>,
}

impl Unknown {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), hints: Vec::new() }
    }

    pub(super) fn hint(mut self, hint: Option<String>) -> Self {
        self.hints.extend(hint);
        self
    }

    /// The same with the setting that holds the name, and where that stands.
    #[must_use]
    pub fn at(self, setting: &str, origin: &Origin) -> Self {
        Self { message: format!("`{setting}` ({origin}): {}", self.message), ..self }
    }
}

impl fmt::Display for Unknown {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for Unknown {}

impl Settings {
    /// What `name` stands for: a route, an alias, `provider/model` (or `provider:model`), a provider (its default model),
    /// or a model that the catalogue knows at exactly one usable provider; looked for in this order.
    pub fn resolve(
        &self,
        name: &str,
        origin: Origin,
        environment: &Environment,
        lookup: Lookup<'_>,
    ) -> Result<Policy, Unknown> {
        let alias = self.aliases.get(name).filter(|_| !self.routes.contains_key(name));
        let meant = alias.map_or(name, |alias| alias.value.as_str());
        if let Some(route) = self.routes.get(meant) {
            return Ok(self.within_budgets(route.clone()));
        }
        let target = match self.target(meant)? {
            Some(target) => target,
            None => self.by_model(meant, environment, lookup)?,
        };
        Ok(self.within_budgets(Policy::of(target.to_string(), origin, vec![vec![target]])))
    }

    fn within_budgets(&self, policy: Policy) -> Policy {
        let holds = |set: &&Set<Budget>| match &set.value.scope {
            Scope::Route(route) => *route == policy.route,
            Scope::All | Scope::Project(_) | Scope::Tag { .. } => true,
        };
        Policy { budgets: self.budgets.iter().filter(holds).cloned().collect(), ..policy }
    }

    /// The policy when no model was named: `default` where it is set, else a chain of the default models of all
    /// providers whose keys are at hand. `None` when there is neither.
    pub fn default_policy(&self, environment: &Environment, lookup: Lookup<'_>) -> Result<Option<Policy>, Unknown> {
        match &self.default {
            Some(default) => {
                let found = self.resolve(&default.value, default.origin.clone(), environment, lookup);
                found.map(Some).map_err(|unknown| unknown.at("default", &default.origin))
            }
            None => Ok(self.automatic(environment)),
        }
    }

    /// The targets of a policy, each once, with what the catalogue and the keys' whereabouts tell.
    pub fn targets(&self, policy: &Policy, environment: &Environment, lookup: Lookup<'_>) -> Vec<Target> {
        let mut targets: Vec<Target> = Vec::new();
        for id in policy.named() {
            let Some(provider) = self.provider(&id.provider) else { continue };
            if targets.iter().all(|target| target.id != *id) {
                targets.push(Target {
                    id: id.clone(),
                    provider: Arc::clone(provider),
                    model: lookup(&provider.catalog, &id.model).map(Arc::new),
                    key: key_state(provider, environment),
                    keys: marks(provider, environment),
                });
            }
        }
        targets
    }

    /// A tier's member, and whoever else is named as one model: an alias of a model, `provider/model`, or a provider.
    pub(super) fn member_of_tier(&self, name: &str) -> Result<TargetId, Unknown> {
        let meant = self.aliases.get(name).map_or(name, |alias| alias.value.as_str());
        if let Some(route) = [name, meant].into_iter().find(|name| self.routes.contains_key(*name)) {
            let what = if route == name { "is a route" } else { "stands for a route" };
            let hint = format!("name the models of `{route}`");
            return Err(Unknown::new(format!("a model is needed here, and `{name}` {what}")).hint(Some(hint)));
        }
        self.target(meant)?.ok_or_else(|| self.unknown(name))
    }

    /// Whether an alias's value stands for something by itself.
    pub(super) fn meaning_of_alias(&self, value: &str) -> Result<(), Unknown> {
        if self.routes.contains_key(value) {
            return Ok(());
        }
        if let Some(alias) = self.aliases.get(value) {
            let hint = format!("write what it stands for: `{}`", alias.value);
            return Err(Unknown::new(format!("`{value}` is itself an alias")).hint(Some(hint)));
        }
        self.target(value)?.map(drop).ok_or_else(|| self.unknown(value))
    }

    /// The aliases from this one on, when following them leads back to it.
    pub(super) fn cycle_of_alias<'a>(&'a self, name: &'a String) -> Option<Vec<&'a String>> {
        let mut seen = vec![name];
        loop {
            let value = &self.aliases.get(*seen.last()?)?.value;
            if value == name {
                return Some(seen);
            }
            // A circle that does not come back to this name is told of those in it.
            if self.routes.contains_key(value) || seen.contains(&value) {
                return None;
            }
            seen.push(value);
        }
    }

    /// `provider/model`, `provider:model` or a provider's name; `None` when it begins with no provider's name.
    fn target(&self, name: &str) -> Result<Option<TargetId>, Unknown> {
        let (first, model) = name.split_once(['/', ':']).map_or((name, None), |(first, model)| (first, Some(model)));
        let Some(provider) = self.provider(first) else { return Ok(None) };
        match model.or(provider.default_model.as_deref()) {
            Some(model) if !model.is_empty() && !model.contains(char::is_control) => {
                Ok(Some(TargetId::new(first, model)))
            }
            Some(_) => Err(Unknown::new(format!("`{name}` names no model")).hint(Some(example(provider)))),
            None => Err(Unknown::new(format!("provider `{first}` has no default model")).hint(Some(example(provider)))),
        }
    }

    /// A model's bare id, when exactly one provider that can be used has it.
    fn by_model(&self, id: &str, environment: &Environment, lookup: Lookup<'_>) -> Result<TargetId, Unknown> {
        let providers = self.providers.iter().map(Arc::as_ref);
        let at: Vec<&Provider> = providers.filter(|provider| lookup(&provider.catalog, id).is_some()).collect();
        let ready = |provider: &&Provider| {
            provider.missing.is_empty() && matches!(key_state(provider, environment), KeyState::Present(_))
        };
        let usable: Vec<&Provider> = at.iter().copied().filter(ready).collect();
        let spelled = |provider: &Provider| format!("`{}/{id}`", provider.name);
        match (usable.as_slice(), at.as_slice()) {
            ([one], _) | ([], [one]) => Ok(TargetId::new(&one.name, id)),
            ([], []) => Err(self.unknown(id)),
            ([], several) => {
                let list: Vec<_> = several.iter().map(|provider| spelled(provider)).collect();
                let hint = format!("set the key of one of them, or name one: {}", list.join(", "));
                Err(Unknown::new(format!("several providers have `{id}`, and there is no key for any"))
                    .hint(Some(hint)))
            }
            (several, _) => {
                let list: Vec<_> = several.iter().map(|provider| spelled(provider)).collect();
                let hint = format!("name one: {}", list.join(", "));
                Err(Unknown::new(format!("several providers have `{id}`")).hint(Some(hint)))
            }
        }
    }

    fn unknown(&self, name: &str) -> Unknown {
        let first = name.split(['/', ':']).next().unwrap_or_default();
        if let Some(feature) = left_out(first) {
            let hint = format!("build llmx with the cargo feature `{feature}`, which is on by default");
            return Unknown::new(format!("this llmx was built without provider `{first}`")).hint(Some(hint));
        }
        let providers = || self.providers.iter().map(|provider| provider.name.as_str());
        if let Some((first, rest)) = name.split_once('/') {
            let hint = nearest(first, providers()).map(|near| did_you_mean(&format!("{near}/{rest}")));
            return Unknown::new(format!("unknown provider `{first}` in `{name}`"))
                .hint(hint.or_else(|| Some("a model is written `provider/model`".to_owned())));
        }
        let names = self.routes.keys().chain(self.aliases.keys()).map(String::as_str).chain(providers());
        let near = ranked(name, names).into_iter().map(|near| format!("`{near}`")).collect::<Vec<_>>();
        let hint = if near.is_empty() {
            "a model is written `provider/model`; `llmx config show` lists routes, aliases and providers".to_owned()
        } else {
            format!("did you mean {}?", near.join(" or "))
        };
        Unknown::new(format!("unknown model, route or alias `{name}`")).hint(Some(hint))
    }

    /// Providers that can serve unasked: those with a key at hand, each with where that is, and a default model.
    pub fn unasked<'a>(
        &'a self,
        environment: &'a Environment,
    ) -> impl Iterator<Item = (&'a Provider, String, &'a str)> + 'a {
        let whole = |provider: &&Provider| !provider.local && provider.missing.is_empty();
        let ready = |provider: &'a Provider| match (key_state(provider, environment), &provider.default_model) {
            (KeyState::Present(place), Some(model)) => Some((provider, place, model.as_str())),
            _ => None,
        };
        self.providers.iter().map(Arc::as_ref).filter(whole).filter_map(ready)
    }

    fn automatic(&self, environment: &Environment) -> Option<Policy> {
        let mut found = Vec::new();
        let mut tiers = Vec::new();
        for (provider, place, model) in self.unasked(environment).take(AUTOMATIC_TIERS) {
            found.extend(provider.keys.contains(&KeySource::Env(place.clone())).then_some(place));
            tiers.push(vec![TargetId::new(&provider.name, model)]);
        }
        found.dedup();
        let origin = if found.is_empty() { Origin::BuiltIn } else { Origin::Env(found.join(", ")) };
        (!tiers.is_empty()).then(|| self.within_budgets(Policy::of(AUTOMATIC, origin, tiers)))
    }
}

fn example(provider: &Provider) -> String {
    let model = provider.default_model.as_deref().unwrap_or("MODEL");
    format!("write `{}/{model}`", provider.name)
}

/// When nothing is configured, no key is at hand and no local server answers: the ways forward.
pub fn nothing_usable() -> Unknown {
    Unknown {
        message:
            "there is no model to talk to: no `default` is set, no key is in the environment, no local server answers"
                .to_owned(),
        hints: vec![
            "let `llmx init` ask for a key, test it and keep it".to_owned(),
            "set the key of a provider in the environment, such as OPENAI_API_KEY".to_owned(),
            "start a local server, such as Ollama".to_owned(),
            "try it without any key: add `--sim`".to_owned(),
        ],
    }
}
