//! Every setting in force with where it was set, without any secret: what `llmx config show` prints.

use serde_json::{Value, json};

use super::keys::{key_state, place};
use super::layer::member;
use super::{Environment, Settings};
use crate::provider::{KeySource, KeyState, Limits, Provider};
use crate::route::{Origin, Set};
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
    entries.push(entry("repair".to_owned(), &settings.repair, |on| json!(on)));
    if let Some(catalog) = &settings.catalog {
        entries.push(entry("catalog".to_owned(), catalog, |path| json!(path)));
    }
    for (name, alias) in &settings.aliases {
        entries.push(entry(member("aliases", name), alias, |target| json!(target)));
    }
    for name in settings.routes.keys() {
        route(settings, name, &mut entries);
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

fn route(settings: &Settings, name: &str, entries: &mut Vec<Entry>) {
    let Some(route) = settings.routes.get(name) else { return };
    let at = member("routes", name);
    entries.push(Entry {
        key: format!("{at}.tiers"),
        value: json!(route.tiers),
        origin: settings.origin(&format!("{at}.tiers")),
    });
    let limits = &route.limits;
    for (name, limit) in [
        ("connect", &limits.connect),
        ("first_token", &limits.first_token),
        ("idle", &limits.idle),
        ("attempt", &limits.attempt),
        ("total", &limits.total),
    ] {
        entries.extend(
            limit
                .iter()
                .map(|limit| entry(format!("{at}.timeout.{name}"), limit, |duration| json!(format!("{duration:?}")))),
        );
    }
    entries.push(entry(format!("{at}.retries"), &route.retries, |number| json!(number)));
    entries.push(entry(format!("{at}.on_cut"), &route.on_cut, |on_cut| json!(on_cut)));
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
