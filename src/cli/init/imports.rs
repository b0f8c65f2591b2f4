//! What other tools have, offered piece by piece.

use std::collections::BTreeSet;

use toml_edit::{InlineTable, Value};

use super::Args;
use super::asker::Asker;
use super::draft::Draft;
use super::names::Names;
use crate::config::edit::readings;
use crate::config::import::{self, Found, FoundDefault, FoundKey, FoundProvider, as_built_in};
use crate::config::keys::key_state;
use crate::config::paths::expand;
use crate::config::{Environment, Settings};
use crate::error::{Error, ErrorKind};
use crate::provider::KeyState;

/// What was chosen of it.
#[derive(Default)]
pub struct Imported {
    /// Providers that are in the draft now.
    pub providers: BTreeSet<String>,
    /// The models that other tools ask when none is named, each with its tool.
    pub defaults: Vec<(&'static str, FoundDefault)>,
    /// Short names of models.
    pub names: Names,
}

/// One thing to take over.
enum Piece {
    Provider(FoundProvider),
    Aliases(Vec<(String, String)>),
    Routes(Vec<(String, Vec<Vec<String>>)>),
}

/// Offers what is new, and puts the providers that were chosen into the draft.
pub fn offer(args: &Args, asker: &Asker<'_>, draft: &mut Draft<'_>) -> Result<Imported, Error> {
    let environment = &draft.context.environment;
    let mut found = import::find(environment);
    for path in &args.from {
        let path = expand(&path.to_string_lossy(), environment);
        let named =
            import::from(&path, environment).map_err(|why| Error::new(ErrorKind::Usage, format!("--from: {why}")))?;
        found.push(Ok(named));
    }
    let ui = &draft.context.ui;
    let mut imported = Imported::default();
    let (mut labels, mut pieces) = (Vec::new(), Vec::new());
    let settings = draft.settings()?;
    let mut others: Vec<FoundProvider> = Vec::new();
    for found in found {
        let mut found = match found {
            Ok(found) => found,
            Err(why) => {
                ui.warn(&format!("left aside: {why}"));
                continue;
            }
        };
        found.settle(&others, &settings, environment);
        others.extend(found.providers.iter().cloned());
        for why in &found.left_out {
            ui.note(&format!("{}: {why}", found.tool));
        }
        imported.defaults.extend(found.default.clone().map(|default| (found.tool, default)));
        for (label, piece) in offers(found, &settings, environment) {
            labels.push(label);
            pieces.push(piece);
        }
    }
    if pieces.is_empty() {
        return Ok(imported);
    }
    let chosen = asker.pick("Take over (space marks, enter goes on)", &labels)?;
    for (place, piece) in pieces.into_iter().enumerate().filter(|(place, _)| chosen.contains(place)) {
        match piece {
            Piece::Provider(provider) => {
                take(&provider, draft)?;
                ui.detail(&labels[place]);
                imported.providers.insert(provider.name);
            }
            Piece::Aliases(aliases) => imported.names.add_aliases(aliases, ui),
            Piece::Routes(routes) => imported.names.add_routes(routes, ui),
        }
    }
    Ok(imported)
}

/// What is new of a tool's settings, each with its label.
fn offers(found: Found, settings: &Settings, environment: &Environment) -> Vec<(String, Piece)> {
    let tool = found.tool;
    let is_free = |name: &str| !settings.aliases.contains_key(name) && !settings.routes.contains_key(name);
    let mut offers = Vec::new();
    for provider in found.providers.into_iter().filter(|provider| is_new(provider, settings, environment)) {
        let words = words(&provider);
        offers.push((format!("{tool}: {words}"), Piece::Provider(provider)));
    }
    let names = |names: Vec<&String>| names.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(", ");
    let aliases: Vec<_> = found.aliases.into_iter().filter(|(name, _)| is_free(name)).collect();
    if !aliases.is_empty() {
        let all = names(aliases.iter().map(|(name, _)| name).collect());
        offers.push((format!("{tool}: the names {all}"), Piece::Aliases(aliases)));
    }
    let routes: Vec<_> = found.routes.into_iter().filter(|(name, _)| is_free(name)).collect();
    if !routes.is_empty() {
        let all = names(routes.iter().map(|(name, _)| name).collect());
        offers.push((format!("{tool}: the routes {all}"), Piece::Routes(routes)));
    }
    offers
}

/// Whether it is not there already, with a key where it needs one.
fn is_new(found: &FoundProvider, settings: &Settings, environment: &Environment) -> bool {
    let known = settings.provider(&found.name);
    known.is_none_or(|known| matches!(key_state(known, environment), KeyState::Missing(_)) && found.key.is_some())
}

fn words(provider: &FoundProvider) -> String {
    let name = &provider.name;
    let key = match &provider.key {
        Some(FoundKey::Env(variable)) => format!("key in {variable}"),
        Some(FoundKey::Command(_)) => "key from a command".to_owned(),
        Some(FoundKey::Literal(_)) => "key".to_owned(),
        None => "no key".to_owned(),
    };
    let format = provider.wire.as_ref().map_or(String::new(), |wire| format!(", {wire}"));
    match &provider.base_url {
        Some(address) => format!("{name}, {key}, {address}{format}"),
        None => format!("{name}, {key}"),
    }
}

fn take(provider: &FoundProvider, draft: &mut Draft<'_>) -> Result<(), Error> {
    let name = provider.name.as_str();
    if provider.is_further() {
        take_further(provider, draft)?;
    }
    if let Some(header) = provider.auth_header.as_ref().filter(|_| provider.key.is_some()) {
        let auth = InlineTable::from_iter([("header", header.as_str())]);
        draft.set(["providers", name, "auth"], Value::InlineTable(auth))?;
    }
    let mut set = |member: &str, value: &str| draft.set(["providers", name, member], value);
    if let Some(address) = &provider.base_url {
        set("base_url", address)?;
    }
    if let Some(wire) = &provider.wire {
        set("wire", wire)?;
    }
    if let Some(model) = &provider.model {
        set("default_model", model)?;
    }
    match &provider.key {
        Some(FoundKey::Env(variable)) => draft.set_key(name, "env", variable),
        Some(FoundKey::Command(command)) => draft.set_key(name, "cmd", command),
        Some(FoundKey::Literal(key)) => draft.keep_key(name, key.clone()),
        // Where the built-in one looks, or nowhere.
        None if provider.built_in.is_some() => Ok(()),
        None => draft.set(["providers", name, "auth"], "none"),
    }
}

/// What makes a provider a further one of a built-in one: it speaks as that does, and has its models and prices.
fn take_further(provider: &FoundProvider, draft: &mut Draft<'_>) -> Result<(), Error> {
    let name = provider.name.as_str();
    for (member, value) in provider.built_in.iter().flat_map(|built_in| as_built_in(built_in)) {
        draft.set(["providers", name, member], readings(&value.to_string()).swap_remove(0))?;
    }
    Ok(())
}
