//! The `config.yaml` of LiteLLM's proxy: `model_list`, in which a name may stand for several deployments, and fallbacks.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{Environment, Found, FoundKey, IsSet, config_folder, names, yaml};
use crate::secret::Secret;

pub(super) fn places(environment: &Environment, home: &Path) -> Vec<PathBuf> {
    let said = environment.get("LITELLM_CONFIG_PATH").into_iter();
    let folders = [config_folder(environment, home).join("litellm"), home.join(".litellm"), home.join("litellm")];
    said.map(PathBuf::from).chain(folders.map(|folder| folder.join("config.yaml"))).collect()
}

pub(super) fn fits(text: &str) -> bool {
    yaml::read(text).is_ok_and(|all| all["model_list"].is_array())
}

pub(super) fn read(text: &str, _: &Path, is_set: IsSet<'_>) -> Result<Found, String> {
    let all = yaml::read(text)?;
    let mut found = Found::default();
    let mut groups: Vec<(String, Vec<String>)> = Vec::new();
    for entry in all["model_list"].as_array().into_iter().flatten() {
        let Some(group) = entry["model_name"].as_str() else { continue };
        let Some(target) = deployment(group, &entry["litellm_params"], is_set, &mut found) else { continue };
        match groups.iter_mut().find(|(name, _)| name == group) {
            Some((_, targets)) if targets.contains(&target) => {}
            Some((_, targets)) => targets.push(target),
            None => groups.push((group.to_owned(), vec![target])),
        }
    }
    let fallbacks = fallbacks(&all);
    for (group, targets) in &groups {
        let next = fallbacks.get(group).into_iter().flatten();
        let next = next.filter_map(|name| groups.iter().find(|(known, _)| known == name));
        let tiers: Vec<Vec<String>> = std::iter::once(targets).chain(next.map(|(_, next)| next)).cloned().collect();
        match tiers.as_slice() {
            _ if !names::can_be_alias(group) => {}
            [tier] if tier.len() == 1 => found.aliases.push((group.clone(), tier[0].clone())),
            _ => found.routes.push((group.clone(), tiers)),
        }
    }
    Ok(found.finished())
}

/// The target of a deployment, whose provider is noted.
fn deployment(group: &str, settings: &Value, is_set: IsSet<'_>, found: &mut Found) -> Option<String> {
    let model = settings["model"].as_str()?;
    // Without a prefix LiteLLM asks OpenAI.
    let (called, model) = model.split_once('/').unwrap_or(("openai", model));
    let key = settings["api_key"].as_str().and_then(|key| match variable(key) {
        Some(name) => is_set(name).then(|| FoundKey::Env(name.to_owned())),
        None => Some(FoundKey::Literal(Secret::new(key))),
    });
    let address = settings["api_base"].as_str().or_else(|| settings["base_url"].as_str());
    if let Some(name) = address.and_then(variable) {
        found.left_out.push(format!("`{group}`: its address is in {name}; write it as `base_url` of a provider"));
        return None;
    }
    match names::provider(called, address, key, is_set) {
        Ok(provider) => {
            let first = provider.base_url.is_some().then(|| model.to_owned());
            let called = match (&provider.key, &provider.wire) {
                (Some(FoundKey::Env(variable)), None) => variable.clone(),
                (Some(FoundKey::Env(variable)), Some(_)) => format!("{variable}-{called}"),
                _ => group.to_owned(),
            };
            let name = found.add(super::FoundProvider { model: first, called, ..provider });
            Some(format!("{name}/{model}"))
        }
        Err(why) => {
            found.left_out.push(why);
            None
        }
    }
}

/// `os.environ/NAME`.
fn variable(text: &str) -> Option<&str> {
    text.strip_prefix("os.environ/")
}

/// Who takes over for whom: `- {a: [b, c]}` in either of two places.
fn fallbacks(all: &Value) -> BTreeMap<String, Vec<String>> {
    let places = [&all["router_settings"]["fallbacks"], &all["litellm_settings"]["fallbacks"]];
    let pairs = places.into_iter().filter_map(Value::as_array).flatten().filter_map(Value::as_object).flatten();
    let names =
        |list: &Value| list.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
    pairs.map(|(name, list)| (name.clone(), names(list))).collect()
}
