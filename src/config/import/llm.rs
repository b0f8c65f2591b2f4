//! simonw/llm: `keys.json`, and beside it `extra-openai-models.yaml`, `aliases.json` and `default_model.txt`.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{Environment, Found, FoundKey, IsSet, config_folder, names, yaml};
use crate::secret::Secret;

pub(super) fn places(environment: &Environment, home: &Path) -> Vec<PathBuf> {
    const FOLDER: &str = "io.datasette.llm";
    let said = environment.get("LLM_USER_PATH").map(PathBuf::from);
    let usual = [config_folder(environment, home), home.join("Library/Application Support")];
    let folders: Vec<PathBuf> = said.into_iter().chain(usual.map(|folder| folder.join(FOLDER))).collect();
    let files = |name: &'static str| folders.clone().into_iter().map(move |folder| folder.join(name));
    ["keys.json", "extra-openai-models.yaml", DEFAULT].into_iter().flat_map(files).collect()
}

pub(super) fn fits(text: &str) -> bool {
    match serde_json::from_str::<Value>(text) {
        Ok(Value::Object(keys)) => !keys.is_empty() && keys.values().all(Value::is_string),
        _ => yaml::read(text).is_ok_and(|all| is_models(&all)),
    }
}

fn is_models(all: &Value) -> bool {
    all.as_array().is_some_and(|models| models.iter().any(|model| model["model_id"].is_string()))
}

/// Reads one of the files, and those that lie beside it.
pub(super) fn read(_: &str, path: &Path, is_set: IsSet<'_>) -> Result<Found, String> {
    let folder = path.parent().unwrap_or(path);
    let beside = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap_or_default();
    let mut found =
        combined(&beside("keys.json"), &beside("extra-openai-models.yaml"), &beside("aliases.json"), is_set)?;
    let default = beside(DEFAULT);
    found.default = default.lines().next().map(str::trim).filter(|said| !said.is_empty()).map(|said| {
        let target = target(said, &found).ok_or_else(|| "no provider of llmx is named so".to_owned());
        super::FoundDefault { said: said.to_owned(), path: folder.join(DEFAULT), target }
    });
    Ok(found.finished())
}

/// The file with the name of the model that answers when none is named.
const DEFAULT: &str = "default_model.txt";

/// What the three files say together; one that is not there is empty.
pub(super) fn combined(keys: &str, models: &str, aliases: &str, is_set: IsSet<'_>) -> Result<Found, String> {
    let json = |text: &str, name: &str| match text.trim() {
        "" => Ok(Value::Null),
        text => serde_json::from_str::<Value>(text).map_err(|error| format!("{name}: {error}")),
    };
    let keys = json(keys, "keys.json")?;
    let models = yaml::read(models).map_err(|why| format!("extra-openai-models.yaml: {why}"))?;
    let models = || models.as_array().into_iter().flatten();
    let is_used = |name: &str| models().any(|model| model["api_key_name"] == name);
    let mut found = Found::default();
    for (name, key) in keys.as_object().into_iter().flatten().filter(|(name, _)| !name.starts_with("//")) {
        let key = key.as_str().filter(|key| !key.is_empty()).map(|key| FoundKey::Literal(Secret::new(key)));
        match names::known(name) {
            Some(_) => match names::provider(name, None, key, is_set) {
                Ok(provider) => drop(found.add(provider)),
                Err(why) => found.left_out.push(why),
            },
            None if is_used(name) => {}
            None => found.left_out.push(format!("the key `{name}`: llmx does not know this provider")),
        }
    }
    for model in models() {
        take_model(model, &keys, is_set, &mut found);
    }
    let short = json(aliases, "aliases.json")?;
    for (alias, model) in short.as_object().into_iter().flatten() {
        take_alias(alias, model.as_str().unwrap_or_default(), &mut found);
    }
    Ok(found)
}

fn take_model(model: &Value, keys: &Value, is_set: IsSet<'_>, found: &mut Found) {
    let Some(id) = model["model_id"].as_str() else { return };
    let name = model["model_name"].as_str().unwrap_or(id);
    let provider = match model["api_base"].as_str() {
        None => "openai".to_owned(),
        Some(address) => {
            let key = model["api_key_name"].as_str().and_then(|name| keys[name].as_str());
            let key = key.map(|key| FoundKey::Literal(Secret::new(key)));
            // It has no name but that of its host.
            match names::provider("openai", Some(address), key, is_set) {
                Ok(provider) => {
                    let called = model["api_key_name"].as_str().unwrap_or(id).to_owned();
                    found.add(super::FoundProvider { model: Some(model_of(model, id)), called, ..provider })
                }
                Err(why) => return found.left_out.push(why),
            }
        }
    };
    let aliases = model["aliases"].as_array().into_iter().flatten().filter_map(Value::as_str);
    // A name alone is one of the catalogue, in which a server of one's own is not.
    let is_new = |alias: &&str| *alias != name || !model["api_base"].is_null();
    for alias in aliases.chain([id]).filter(|alias| names::can_be_alias(alias)).filter(is_new) {
        found.aliases.push((alias.to_owned(), format!("{provider}/{name}")));
    }
}

fn model_of(model: &Value, id: &str) -> String {
    model["model_name"].as_str().unwrap_or(id).to_owned()
}

/// What a model's name stands for here: a name that was found, one with its provider, or one of `OpenAI`.
fn target(model: &str, found: &Found) -> Option<String> {
    let own = found.aliases.iter().find(|(id, _)| id == model).map(|(_, target)| target.clone());
    let with_provider = || {
        let (provider, model) = model.split_once('/')?;
        Some(format!("{}/{model}", names::known(provider)?.0))
    };
    let of_openai = || (model.starts_with("gpt-") || model.starts_with("o3")).then(|| format!("openai/{model}"));
    own.or_else(with_provider).or_else(of_openai)
}

/// Only names with their provider mean the same here.
fn take_alias(alias: &str, model: &str, found: &mut Found) {
    match target(model, found) {
        Some(target) if names::can_be_alias(alias) => found.aliases.push((alias.to_owned(), target)),
        _ => found.left_out.push(format!("the alias `{alias}`: write it as `provider/model`")),
    }
}
