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

pub(super) fn read(text: &str, path: &Path, is_set: IsSet<'_>) -> Result<Found, String> {
    let all = yaml::read(text)?;
    let mut found = Found::default();
    let mut called: Vec<Called> = Vec::new();
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
            Ok(provider) => {
                let first = first_model(client);
                let model = first.clone().filter(|_| provider.base_url.is_some());
                let provider = found.add(super::FoundProvider { model, called: own.to_owned(), ..provider });
                called.push(Called { client: own.to_owned(), provider, first });
            }
            Err(why) => found.left_out.push(why),
        }
    }
    found.default = all["model"].as_str().map(|model| super::FoundDefault {
        said: model.to_owned(),
        path: path.to_owned(),
        target: target(model, &called),
    });
    Ok(found.finished())
}

/// A client by its name there, the provider that it is here, and the first of its models.
struct Called {
    client: String,
    provider: String,
    first: Option<String>,
}

fn first_model(client: &Value) -> Option<String> {
    client["models"].as_array()?.iter().find_map(|model| Some(model["name"].as_str()?.to_owned()))
}

/// `client:model`, or a client alone, whose first model is meant, as `provider/model`.
fn target(said: &str, called: &[Called]) -> Result<String, String> {
    let (client, model) = said.split_once(':').map_or((said, None), |(client, model)| (client, Some(model)));
    let listed = called.iter().find(|called| called.client == client);
    let own = listed.map(|called| called.provider.clone());
    let own = own.or_else(|| names::known(client).filter(|_| !NEED_MORE.contains(&client)).map(|(name, _)| name));
    let own = own.ok_or_else(|| format!("llmx does not know the client `{client}`"))?;
    match model.map(str::to_owned).or_else(|| listed?.first.clone()) {
        Some(model) => Ok(format!("{own}/{model}")),
        None => Err("it names no model".to_owned()),
    }
}
