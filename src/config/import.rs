//! What other tools' configurations hold that llmx can use: keys, addresses, models, short names. [`find`] looks for them in
//! their usual places; what a text means is told purely.

mod aichat;
mod apart;
mod litellm;
mod llm;
mod mods;
mod names;
mod yaml;

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::Environment;
use super::paths::home;
use crate::secret::Secret;

/// No configuration is larger, in bytes.
const LARGEST: u64 = 4 << 20;

/// What a tool's configuration holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The tool.
    pub tool: &'static str,
    /// Its file, or the folder of its files.
    pub path: PathBuf,
    /// Providers with a key or an address.
    pub providers: Vec<FoundProvider>,
    /// Short names of models, as `provider/model`.
    pub aliases: Vec<(String, String)>,
    /// Names that stand for several models: tiers of them.
    pub routes: Vec<(String, Vec<Vec<String>>)>,
    /// The model that answers when none is named.
    pub default: Option<FoundDefault>,
    /// What cannot be taken over, in words.
    pub left_out: Vec<String>,
}

/// The model that answers when none is named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundDefault {
    /// As the tool writes it.
    pub said: String,
    /// The file that says so.
    pub path: PathBuf,
    /// As `provider/model`, or why that cannot be told.
    pub target: Result<String, String>,
}

/// A provider of another tool.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FoundProvider {
    /// Its name here: a built-in one, or one of its own.
    pub name: String,
    /// What the tool calls it, or its key.
    pub called: String,
    /// The built-in provider that it is. With another name it is a further one, with a key or an address of its own.
    pub built_in: Option<String>,
    /// The wire format of one that is not built in.
    pub wire: Option<String>,
    /// The header that takes the key of one that is not built in, where it is no usual one.
    pub auth_header: Option<String>,
    /// Its address, where the built-in one does not have it.
    pub base_url: Option<String>,
    /// Its key, where one is found that the built-in provider of that name does not look for.
    pub key: Option<FoundKey>,
    /// A model of one that is not built in.
    pub model: Option<String>,
}

/// Where another tool has a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FoundKey {
    /// In an environment variable, which is set.
    Env(String),
    /// A program prints it.
    Command(String),
    /// In the configuration itself.
    Literal(Secret),
}

/// What a reader may ask: whether an environment variable is set.
type IsSet<'a> = &'a dyn Fn(&str) -> bool;

/// A tool: its name, the files of it in a home, and how a file is read.
struct Tool {
    name: &'static str,
    places: fn(&Environment, &Path) -> Vec<PathBuf>,
    /// Whether a file is of this tool, by its content.
    fits: fn(&str) -> bool,
    read: fn(&str, &Path, IsSet<'_>) -> Result<Found, String>,
}

const TOOLS: &[Tool] = &[
    Tool { name: "aichat", places: aichat::places, fits: aichat::fits, read: aichat::read },
    Tool { name: "llm", places: llm::places, fits: llm::fits, read: llm::read },
    Tool { name: "mods", places: mods::places, fits: mods::fits, read: mods::read },
    Tool { name: "LiteLLM", places: litellm::places, fits: litellm::fits, read: litellm::read },
];

/// Configurations in their usual places that hold something; of one that cannot be read, why.
pub fn find(environment: &Environment) -> Vec<Result<Found, String>> {
    let Some(home) = home(environment) else { return Vec::new() };
    let mut found = Vec::new();
    for tool in TOOLS {
        let places = (tool.places)(environment, &home);
        let Some(path) = places.into_iter().find(|path| path.is_file()) else { continue };
        found.push(text(&path).and_then(|text| read(tool, &text, &path, environment)));
    }
    found.retain(|found| found.as_ref().map_or(true, Found::holds_something));
    found
}

/// The configuration at a path that somebody names; which tool's it is, is told by its content.
pub fn from(path: &Path, environment: &Environment) -> Result<Found, String> {
    let text = text(path)?;
    let tool = TOOLS.iter().find(|tool| (tool.fits)(&text)).ok_or_else(|| {
        let known = TOOLS.iter().map(|tool| tool.name).collect::<Vec<_>>().join(", ");
        format!("`{}` is no configuration of a tool that llmx knows: {known}", path.display())
    })?;
    read(tool, &text, path, environment)
}

fn read(tool: &Tool, text: &str, path: &Path, environment: &Environment) -> Result<Found, String> {
    let is_set = |name: &str| environment.get(name).is_some();
    let found = (tool.read)(text, path, &is_set).map_err(|why| format!("`{}`: {why}", path.display()))?;
    Ok(Found { tool: tool.name, path: path.to_owned(), ..found })
}

fn text(path: &Path) -> Result<String, String> {
    let cannot = |why: &dyn std::fmt::Display| format!("cannot read `{}`: {why}", path.display());
    let mut text = String::new();
    let read = File::open(path).and_then(|file| file.take(LARGEST + 1).read_to_string(&mut text));
    read.map_err(|error| cannot(&error))?;
    if text.len() as u64 > LARGEST { Err(cannot(&"it is larger than 4 MiB")) } else { Ok(text) }
}

/// A base directory of the user, for tools that follow the convention.
fn config_folder(environment: &Environment, home: &Path) -> PathBuf {
    let said = environment.get("XDG_CONFIG_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    said.unwrap_or_else(|| home.join(".config"))
}

/// What a further provider has of a built-in one, by the names of its members.
pub fn as_built_in(name: &str) -> Vec<(&'static str, toml::Value)> {
    names::shared(name)
}

/// A name for the provider at an address: its host.
pub fn name_of(address: &str) -> String {
    names::fit_name(names::host(address))
}

impl Found {
    fn holds_something(&self) -> bool {
        !self.providers.is_empty() || !self.aliases.is_empty() || !self.routes.is_empty() || self.default.is_some()
    }
}

#[cfg(test)]
mod tests;
