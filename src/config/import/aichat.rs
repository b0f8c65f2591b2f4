//! aichat's `config.yaml`: `clients` with their keys, and the default model as `client:model`.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{Environment, Found, FoundKey, IsSet, config_folder, names, yaml};
use crate::secret::Secret;

/// Types of clients that need more than a key.
const NEED_MORE: &[&str] = &["vertexai", "bedrock"];

pub(super) fn places(environment: &Environment, home: &Path) -> Vec<PathBuf> {
    let file = environment.get("AICHAT_CONFIG_FILE").map(PathBuf::from);
    let folder = environment.get("AICHAT_CONFIG_DIR").map(PathBuf::from);
    let usual = [config_folder(environment, home), home.join("Library/Application Support")];
    let folders = folder.into_iter().chain(usual.map(|folder| folder.join("aichat")));
    file.into_iter().chain(folders.map(|folder| folder.join("config.yaml"))).collect()
}

pub(super) fn fits(text: &str) -> bool {
    yaml::read(text).is_ok_and(|all| all["clients"].is_array())
}

pub(super) fn read(text: &str, _: &Path, is_set: IsSet<'_>) -> Result<Found, String> {
    let all = yaml::read(text)?;
    let mut found = Found::default();
    let mut called: Vec<(String, String)> = Vec::new();
    for client in all["clients"].as_array().into_iter().flatten() {
        let Some(sort) = client["type"].as_str() else { continue };
        let own = client["name"].as_str().unwrap_or(sort);
        if NEED_MORE.contains(&sort) {
            found.left_out.push(format!("`{own}`: see `llmx config edit` for what {sort} needs"));
            continue;
        }
        let name = if sort == "openai-compatible" { own } else { sort };
        let key = client["api_key"].as_str().map(|key| FoundKey::Literal(Secret::new(key)));
        match names::provider(name, client["api_base"].as_str(), key, is_set) {
            Ok(mut provider) => {
                provider.model = provider.base_url.as_ref().and_then(|_| first_model(client));
                called.push((own.to_owned(), provider.name.clone()));
                let is_new = provider.key.is_some() || provider.base_url.is_some();
                is_new.then(|| found.add(provider));
            }
            Err(why) => found.left_out.push(why),
        }
    }
    found.default = all["model"].as_str().and_then(|model| target(model, &called));
    Ok(found)
}

fn first_model(client: &Value) -> Option<String> {
    client["models"].as_array()?.iter().find_map(|model| Some(model["name"].as_str()?.to_owned()))
}

/// `client:model` as `provider/model`.
fn target(model: &str, called: &[(String, String)]) -> Option<String> {
    let (client, model) = model.split_once(':')?;
    let own = called.iter().find(|(name, _)| name == client).map(|(_, own)| own.clone());
    let own = own.or_else(|| names::known(client).map(|(name, _)| name))?;
    Some(format!("{own}/{model}"))
}
