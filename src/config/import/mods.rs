//! mods' `mods.yml`: `apis` with their keys, the default model, and aliases of models.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{Environment, Found, FoundKey, IsSet, config_folder, names, yaml};
use crate::secret::Secret;

pub(super) fn places(environment: &Environment, home: &Path) -> Vec<PathBuf> {
    let folders = [config_folder(environment, home), home.join("Library/Application Support")];
    folders.map(|folder| folder.join("mods/mods.yml")).to_vec()
}

pub(super) fn fits(text: &str) -> bool {
    yaml::read(text).is_ok_and(|all| all["apis"].is_object())
}

pub(super) fn read(text: &str, path: &Path, is_set: IsSet<'_>) -> Result<Found, String> {
    let all = yaml::read(text)?;
    let mut found = Found::default();
    let mut taken: Vec<(&str, String)> = Vec::new();
    for (called, api) in all["apis"].as_object().into_iter().flatten() {
        let key = key(api, is_set);
        let provider = match names::provider(called, api["base-url"].as_str(), key.clone(), is_set) {
            Ok(provider) => provider,
            // The file that mods begins with names many that nobody uses.
            Err(why) if key.is_some() => {
                found.left_out.push(why);
                continue;
            }
            Err(_) => continue,
        };
        // One at its usual address that needs no key is found by itself.
        let is_own = provider.base_url.is_some() && (key.is_some() || api["api-key-env"].is_null());
        if provider.own_key().is_none() && !is_own {
            continue;
        }
        let models = api["models"].as_object();
        let first = models.and_then(|models| models.keys().next().cloned()).filter(|_| provider.base_url.is_some());
        let name = found.add(super::FoundProvider { model: first, ..provider });
        taken.push((called, name.clone()));
        for (model, settings) in models.into_iter().flatten() {
            let aliases = settings["aliases"].as_array().into_iter().flatten().filter_map(Value::as_str);
            for alias in aliases.filter(|alias| names::can_be_alias(alias)) {
                found.aliases.push((alias.to_owned(), format!("{name}/{model}")));
            }
        }
    }
    found.default = default(&all, path, is_set, &taken);
    Ok(found.finished())
}

/// `default-model` of `default-api`, or of the API that has it under that name. Those that are `taken` have their names here.
fn default(all: &Value, path: &Path, is_set: IsSet<'_>, taken: &[(&str, String)]) -> Option<super::FoundDefault> {
    let said = all["default-model"].as_str()?;
    let own = |api: &Value| {
        let mut models = api["models"].as_object()?.iter();
        let is_called = |settings: &Value| settings["aliases"].as_array().is_some_and(|all| all.contains(&said.into()));
        models.find(|(model, settings)| *model == said || is_called(settings)).map(|(model, _)| model.clone())
    };
    let apis = all["apis"].as_object();
    let named = all["default-api"].as_str().and_then(|name| apis?.get_key_value(name));
    let having = || apis?.iter().find(|(_, api)| own(api).is_some());
    let target = match named.or_else(having) {
        None => Err("no API of its file has it".to_owned()),
        Some((called, api)) => {
            let name = taken.iter().find(|(taken, _)| taken == called).map(|(_, name)| Ok(name.clone()));
            let usual =
                || names::provider(called, api["base-url"].as_str(), key(api, is_set), is_set).map(|it| it.name);
            name.unwrap_or_else(usual).map(|name| format!("{name}/{}", own(api).unwrap_or_else(|| said.to_owned())))
        }
    };
    Some(super::FoundDefault { said: said.to_owned(), path: path.to_owned(), target })
}

fn key(api: &Value, is_set: IsSet<'_>) -> Option<FoundKey> {
    let text = |name: &str| api[name].as_str().filter(|text| !text.is_empty());
    let literal = || text("api-key").map(|key| FoundKey::Literal(Secret::new(key)));
    let command = || text("api-key-cmd").map(|command| FoundKey::Command(command.to_owned()));
    let variable = || text("api-key-env").filter(|name| is_set(name)).map(|name| FoundKey::Env(name.to_owned()));
    literal().or_else(variable).or_else(command)
}
