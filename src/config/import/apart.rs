//! Which providers of other tools are one: those with the same address, format and key. The others have names that tell them
//! apart, and models, short names and the default go with them.

use std::collections::BTreeMap;

use super::names::{self, fit_name};
use super::{Environment, Found, FoundKey, FoundProvider, name_of};
use crate::config::Settings;
use crate::config::keys::{key_state, stored};
use crate::provider::{KeySource, KeyState, Provider};

/// The format of a provider that says none.
const USUAL_WIRE: &str = "openai-chat";

impl Found {
    /// Adds a provider, or what is new of it to the one that it is. Gives back its name, which no other one of this tool has.
    pub(super) fn add(&mut self, provider: FoundProvider) -> String {
        if let Some(known) = self.providers.iter_mut().find(|known| known.is_same(&provider)) {
            known.key = known.key.take().or(provider.key);
            known.model = known.model.take().or(provider.model);
            return known.name.clone();
        }
        let name = free_name(&provider.name, &provider.called, |name| self.providers.iter().all(|it| it.name != name));
        let provider = FoundProvider { name, ..provider };
        if let Some(why) = provider.cannot_be() {
            self.left_out.push(why);
            return provider.built_in.unwrap_or_default();
        }
        self.providers.push(provider.clone());
        provider.name
    }

    /// Leaves out what a built-in provider finds by itself, and names those that share an address all by what they are called.
    pub(super) fn finished(mut self) -> Self {
        for provider in self.providers.iter_mut().filter(|provider| !provider.is_further()) {
            provider.key = provider.own_key().cloned();
        }
        self.providers.retain(|provider| provider.key.is_some() || provider.base_url.is_some());
        let mut names = BTreeMap::<String, String>::new();
        let (shared, others): (Vec<_>, Vec<_>) = self.providers.iter().partition(|one| self.shares_host_name(one));
        for one in shared {
            let name = joined(&name_of(one.base_url.as_deref().unwrap_or_default()), &one.called);
            let is_free =
                |name: &str| names.values().chain(others.iter().map(|it| &it.name)).all(|known| known != name);
            let free = free_name(&name, &name, is_free);
            names.insert(one.name.clone(), free);
        }
        self.rename(&names);
        self
    }

    /// Whether it is named by its host, as another one at its address would be.
    fn shares_host_name(&self, one: &FoundProvider) -> bool {
        let Some(address) = one.base_url.as_deref().filter(|_| one.built_in.is_none()) else { return false };
        let at_it = self.providers.iter().filter(|other| other.base_url.as_deref() == Some(address));
        one.name.starts_with(&name_of(address)) && at_it.count() > 1
    }

    /// Gives the providers the names under which they are there already: in the settings, or with another tool, whose
    /// providers `others` are. These are no longer among its providers. The rest has names that are free.
    pub fn settle(&mut self, others: &[FoundProvider], settings: &Settings, environment: &Environment) {
        let (mut names, mut rest) = (BTreeMap::new(), Vec::<FoundProvider>::new());
        for provider in std::mem::take(&mut self.providers) {
            let other = || others.iter().find(|other| other.is_same(&provider)).map(|other| &other.name);
            let set = settings.providers.iter().find(|set| provider.is_set_as(set, settings, environment));
            if let Some(name) = set.map(|set| &set.name).or_else(other) {
                names.insert(provider.name.clone(), name.clone());
                continue;
            }
            let is_free = |name: &str| {
                let is_set = |set: &Provider| name != provider.name || !provider.completes(set, environment);
                others.iter().chain(&rest).all(|other| other.name != name)
                    && !settings.provider(name).is_some_and(|set| is_set(set))
            };
            let name = free_name(&provider.name, self.tool, is_free);
            let settled = FoundProvider { name, ..provider.clone() };
            if let Some(why) = settled.cannot_be() {
                self.left_out.push(why);
                continue;
            }
            names.insert(provider.name, settled.name.clone());
            rest.push(settled);
        }
        self.rename(&names);
        self.providers = rest;
    }

    /// Names providers anew, all at once, and all that speaks of them.
    fn rename(&mut self, names: &BTreeMap<String, String>) {
        for provider in &mut self.providers {
            provider.name = names.get(&provider.name).unwrap_or(&provider.name).clone();
        }
        let routed = self.routes.iter_mut().flat_map(|(_, tiers)| tiers.iter_mut().flatten());
        let default = self.default.iter_mut().filter_map(|default| default.target.as_mut().ok());
        for target in self.aliases.iter_mut().map(|(_, target)| target).chain(routed).chain(default) {
            if let Some((provider, model)) = target.split_once('/')
                && let Some(name) = names.get(provider)
            {
                *target = format!("{name}/{model}");
            }
        }
    }
}

impl FoundProvider {
    /// Whether it is a further one of a built-in provider, which serves beside that under a name of its own.
    pub fn is_further(&self) -> bool {
        self.built_in.as_ref().is_some_and(|built_in| *built_in != self.name)
    }

    /// Its key, unless it is where the built-in provider looks by itself.
    pub(super) fn own_key(&self) -> Option<&FoundKey> {
        let is_usual = |key: &&FoundKey| match (key, &self.built_in) {
            (FoundKey::Env(variable), Some(built_in)) => names::looks_there(built_in, variable),
            _ => false,
        };
        self.key.as_ref().filter(|key| !is_usual(key))
    }

    /// Why it cannot be a further one of a built-in provider.
    fn cannot_be(&self) -> Option<String> {
        let built_in = self.built_in.as_deref().filter(|_| self.is_further() && self.base_url.is_none())?;
        let why = || format!("`{}`: another key of {built_in} needs a `base_url`; see `llmx config edit`", self.called);
        names::has_open_address(built_in).then(why)
    }

    fn is_same(&self, other: &Self) -> bool {
        let is_key = self.key == other.key || self.built_in.is_some() && (self.key.is_none() || other.key.is_none());
        let is_named = self.base_url.is_some() || self.built_in == other.built_in;
        let place = |one: &Self| (one.base_url.clone(), one.wire.clone(), one.auth_header.clone());
        is_named && is_key && place(self) == place(other)
    }

    /// Whether a provider of the settings is this one: its address, its format and its key.
    fn is_set_as(&self, set: &Provider, settings: &Settings, environment: &Environment) -> bool {
        let usual = || settings.provider(self.built_in.as_deref()?);
        let address = self.base_url.as_deref().or_else(|| Some(usual()?.base_url.as_str())).unwrap_or_default();
        // The built-in path behind it is not the tool's to say.
        let path = set.base_url.strip_prefix(address);
        let is_there = path.is_some_and(|path| path.is_empty() || self.built_in.is_some() && path.starts_with('/'));
        let wire = self.wire.as_deref().or_else(|| Some(usual()?.wire.as_str())).unwrap_or(USUAL_WIRE);
        is_there && set.wire == wire && self.has_key_of(set, environment)
    }

    fn has_key_of(&self, set: &Provider, environment: &Environment) -> bool {
        let is_this = |source: &KeySource, key: &FoundKey| match (source, key) {
            (KeySource::Env(set), FoundKey::Env(found)) => set == found,
            (KeySource::Command(set), FoundKey::Command(found)) => set.join(" ") == *found,
            (source, FoundKey::Literal(found)) => stored(source, environment).is_some_and(|set| set == *found),
            _ => false,
        };
        match &self.key {
            Some(key) => set.keys.iter().any(|source| is_this(source, key)),
            None => matches!(key_state(set, environment), KeyState::NotNeeded),
        }
    }

    /// Whether the provider of that name in the settings is without the key that is found here, or is the built-in one, which
    /// is not asked for another.
    fn completes(&self, set: &Provider, environment: &Environment) -> bool {
        let waits = matches!(key_state(set, environment), KeyState::Missing(_)) && self.key.is_some();
        let is_there = self.base_url.as_ref().is_none_or(|address| *address == set.base_url);
        self.built_in.as_ref() == Some(&set.name) || waits && is_there
    }
}

/// The first of `name`, `name-called`, `name-called-2`, … that is free.
fn free_name(name: &str, called: &str, is_free: impl Fn(&str) -> bool) -> String {
    let longer = joined(name, called);
    let numbered = (2..).map(|number: u32| format!("{longer}-{number}"));
    let mut names = [name.to_owned(), longer.clone()].into_iter().chain(numbered);
    names.find(|name| is_free(name)).unwrap_or_default()
}

fn joined(name: &str, called: &str) -> String {
    let called = fit_name(called);
    if called == name { name.to_owned() } else { format!("{name}-{called}") }
}
