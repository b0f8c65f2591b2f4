//! Every setting in force with where it was set, without any secret: what `llmx config show` prints.

mod routes;

use std::time::Duration;

use serde_json::{Value, json};

use super::hooks::Hook;
use super::keys::{key_state, place};
use super::layer::member;
use super::{Environment, Settings};
use crate::provider::{KeySource, KeyState, Limits, Provider};
use crate::route::{Origin, Period, Scope, Set};
use crate::secret::REDACTED;

/// One setting in force.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Its dotted path, as in the file.
    pub key: String,
    /// Its value; secrets are replaced.
    pub value: Value,
    /// Where it was set.
    pub origin: Origin,
}

/// All settings. Providers that nobody configured and that have no key are left out unless `all` is asked for.
pub fn entries(settings: &Settings, environment: &Environment, all: bool) -> Vec<Entry> {
    let mut entries = Vec::new();
    if let Some(default) = &settings.default {
        entries.push(entry("default".to_owned(), default, |name| json!(name)));
    }
    entries.push(entry("store_prompts".to_owned(), &settings.store_prompts, |on| json!(on)));
    entries
        .extend(settings.log.keep.iter().map(|keep| entry("log.keep".to_owned(), keep, |time| json!(duration(*time)))));
    entries.extend(
        settings.log.max_size.iter().map(|most| entry("log.max_size".to_owned(), most, |bytes| json!(size(*bytes)))),
    );
    entries.extend(settings.chat_keys.iter().map(|keys| entry("chat.keys".to_owned(), keys, |keys| json!(keys))));
    entries.push(entry("repair".to_owned(), &settings.repair, |on| json!(on)));
    if let Some(catalog) = &settings.catalog {
        entries.push(entry("catalog".to_owned(), catalog, |path| json!(path)));
    }
    for (name, alias) in &settings.aliases {
        entries.push(entry(member("aliases", name), alias, |target| json!(target)));
    }
    for budget in &settings.budgets {
        let name = match budget.value.period {
            Period::Day => "daily",
            Period::Week => "weekly",
            Period::Month => "monthly",
        };
        let table = match &budget.value.scope {
            Scope::All => "budgets".to_owned(),
            Scope::Route(route) => member("budgets.routes", route),
            Scope::Project(project) => member("budgets.projects", project),
            Scope::Tag { key, value } => member("budgets.tags", &format!("{key}={value}")),
        };
        entries.push(entry(member(&table, name), budget, |budget| json!(budget.limit)));
    }
    if !settings.budgets.is_empty() {
        entries.push(entry("budgets.warn_at".to_owned(), &settings.budget_warn_at, |share| json!(share)));
    }
    hooks(settings, &mut entries);
    for (name, route) in &settings.routes {
        routes::add(settings, name, route, &mut entries);
    }
    for shown in settings.providers.iter().filter(|provider| all || is_at_hand(settings, environment, provider)) {
        provider(settings, environment, shown, &mut entries);
    }
    entries
}

/// Whether somebody configured the provider or a key of it is to be had.
pub fn is_at_hand(settings: &Settings, environment: &Environment, provider: &Provider) -> bool {
    let at = member("providers", &provider.name);
    let configured = settings.origins.keys().any(|key| key.strip_prefix(&at).is_some_and(|rest| rest.starts_with('.')));
    configured || matches!(key_state(provider, environment), KeyState::Present(_))
}

fn entry<T>(key: String, set: &Set<T>, value: impl Fn(&T) -> Value) -> Entry {
    Entry { key, value: value(&set.value), origin: set.origin.clone() }
}

/// Without the arguments of programs and the addresses, which may be secrets.
fn hooks(settings: &Settings, entries: &mut Vec<Entry>) {
    let hooks = &settings.hooks;
    for (occasion, hook) in &hooks.hooks {
        let value = |hook: &Hook| match hook {
            Hook::Command(argv) => json!(place(&KeySource::Command(argv.clone()))),
            Hook::Webhook(_) => json!(format!("webhook {REDACTED}")),
        };
        entries.push(entry(member("hooks", occasion.name()), hook, value));
    }
    if !hooks.hooks.is_empty() {
        entries.push(entry("hooks.timeout".to_owned(), &hooks.timeout, |time| json!(duration(*time))));
    }
}

/// A size as it can be written in the file.
fn size(bytes: u64) -> String {
    let units = [("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1000)];
    let whole = units.iter().find(|(_, size)| bytes.is_multiple_of(*size));
    whole.map_or_else(|| format!("{bytes}B"), |(unit, size)| format!("{}{unit}", bytes / size))
}

/// A duration as it can be written in the file.
fn duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        _ if duration.subsec_nanos() > 0 => format!("{duration:?}"),
        _ if seconds.is_multiple_of(86400) => format!("{}d", seconds / 86400),
        _ => format!("{seconds}s"),
    }
}

fn provider(settings: &Settings, environment: &Environment, provider: &Provider, entries: &mut Vec<Entry>) {
    let at = member("providers", &provider.name);
    let mut push = |name: &str, value: Value| {
        let key = member(&at, name);
        entries.push(Entry { origin: settings.origin(&key), key, value });
    };
    push("title", json!(provider.title));
    push("wire", json!(provider.wire));
    push("base_url", json!(provider.base_url));
    push("auth", json!(provider.auth));
    let said = |name: &str| settings.origins.contains_key(&member(&at, name));
    let keys = if said("api_key") { "api_key" } else { "key_env" };
    push(keys, json!(provider.keys.iter().map(source).collect::<Vec<_>>()));
    if !provider.headers.is_empty() {
        let headers: serde_json::Map<_, _> =
            provider.headers.iter().map(|(name, _)| (name.clone(), json!(REDACTED))).collect();
        push("headers", Value::Object(headers));
    }
    push("quirks", json!(provider.quirks));
    if provider.limits != Limits::default() {
        push("limits", json!(provider.limits));
    }
    if !provider.wires.is_empty() {
        push("wires", json!(provider.wires));
    }
    push("default_model", json!(provider.default_model));
    push("catalog", json!(provider.catalog));
    push("local", json!(provider.local));
    if !provider.tags.is_empty() {
        push("tags", json!(provider.tags));
    }
    parameters(settings, provider, entries);
    entries.push(Entry {
        key: format!("{at}.(key)"),
        value: state(provider, environment),
        origin: settings.origin(&member(&at, keys)),
    });
}

/// The parameters of the address, also those without a value.
fn parameters(settings: &Settings, provider: &Provider, entries: &mut Vec<Entry>) {
    let values = provider.parameters.iter().map(|(name, value)| (name, json!(value)));
    let missing = provider.missing.iter().map(|(name, tried)| (name, json!(missing_words(tried))));
    for (name, value) in values.chain(missing) {
        let key = member(&member(&member("providers", &provider.name), "parameters"), name);
        entries.push(Entry { origin: settings.origin(&key), key, value });
    }
}

fn missing_words(tried: &[String]) -> String {
    if tried.is_empty() { "missing".to_owned() } else { format!("missing: looked in {}", tried.join(", ")) }
}

/// A source of keys; of a command only its program, since arguments may be secrets too.
fn source(source: &KeySource) -> String {
    match source {
        KeySource::Literal(_) => REDACTED.to_owned(),
        KeySource::Env(name) => format!("env {name}"),
        other => place(other),
    }
}

fn state(provider: &Provider, environment: &Environment) -> Value {
    match key_state(provider, environment) {
        KeyState::NotNeeded => json!("not needed"),
        KeyState::Present(place) => json!(format!("from {place}")),
        KeyState::Missing(_) => json!("missing"),
    }
}

/// An origin in words.
pub fn origin_words(origin: &Origin) -> String {
    match origin {
        Origin::BuiltIn => "built in".to_owned(),
        Origin::File { path, line } => format!("{path}:{line}"),
        Origin::Env(name) => format!("env {name}"),
        Origin::Argument(name) => format!("argument {name}"),
    }
}

/// An origin for `--json`.
pub fn origin_json(origin: &Origin) -> Value {
    match origin {
        Origin::BuiltIn => json!({"kind": "built_in"}),
        Origin::File { path, line } => json!({"kind": "file", "path": path, "line": line}),
        Origin::Env(name) => json!({"kind": "env", "name": name}),
        Origin::Argument(name) => json!({"kind": "argument", "name": name}),
    }
}
