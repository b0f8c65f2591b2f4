//! The settings as a value, and the reading of their files.

use std::collections::BTreeMap;
use std::fs::{File, Metadata};
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::assemble::assemble;
use super::chat::Keys;
use super::hooks::Hooks;
use super::layer::{Owner, Source};
use super::paths::Paths;
use super::problem::{Problem, Problems};
use super::{Environment, variables};
use crate::provider::Provider;
use crate::route::{Budget, Origin, Policy, Set};

/// A longer configuration file is a mistake.
const LONGEST_FILE: u64 = 1024 * 1024;

/// All settings, with where each was set.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where the files lie.
    pub paths: Paths,
    /// The model, route or alias to use when none is named.
    pub default: Option<Set<String>>,
    /// Providers: the built-in ones in their order, then the user's own.
    pub providers: Vec<Arc<Provider>>,
    /// Short names.
    pub aliases: BTreeMap<String, Set<String>>,
    /// Fallback chains with their settings, as policies without budgets.
    pub routes: BTreeMap<String, Policy>,
    /// Whether prompts and answers are kept in the ledger.
    pub store_prompts: Set<bool>,
    /// How long and how much of them.
    pub log: LogSettings,
    /// The keys of the chat's line editor; `None` leaves them to readline's settings.
    pub chat_keys: Option<Set<Keys>>,
    /// Whether a model may correct an answer once that does not fit its schema.
    pub repair: Set<bool>,
    /// The user's file of models and prices.
    pub catalog: Option<Set<PathBuf>>,
    /// What may be spent.
    pub budgets: Vec<Set<Budget>>,
    /// From this share of a budget on it is warned.
    pub budget_warn_at: Set<f64>,
    /// What is called when something happens.
    pub hooks: Hooks,
    /// Where each member of the files was set, by dotted path (`providers.corp.base_url`). What is absent is built in.
    pub origins: BTreeMap<String, Origin>,
}

/// How long what is said is kept, and how much of it; what is `None` has no limit.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LogSettings {
    /// What is older is forgotten.
    pub keep: Option<Set<Duration>>,
    /// The oldest is forgotten when the ledger holds more, in bytes.
    pub max_size: Option<Set<u64>>,
}

impl Settings {
    /// Reads the user's and the project's file and lays them and the environment over what is built in.
    pub fn load(environment: &Environment) -> Result<Self, Problems> {
        let (settings, problems) = Self::load_what_holds(environment);
        if problems.is_empty() { Ok(settings) } else { Err(Problems(problems)) }
    }

    /// The same with everything left out that is wrong, and what that is.
    pub fn load_what_holds(environment: &Environment) -> (Self, Vec<Problem>) {
        let paths = Paths::new(environment);
        let mut problems = Vec::new();
        let mut sources = Vec::new();
        let user = paths.config.as_deref().map(|path| (path, Owner::User, paths.config_chosen));
        for (path, owner, must_exist) in user.into_iter().chain([(paths.project.as_path(), Owner::Project, false)]) {
            match read_file(path, owner, must_exist) {
                Ok(source) => sources.extend(source),
                Err(problem) => problems.push(problem),
            }
        }
        let (settings, more) = assemble(sources, environment, paths);
        problems.extend(more);
        (settings, problems)
    }

    /// The provider of that name.
    pub fn provider(&self, name: &str) -> Option<&Arc<Provider>> {
        self.providers.iter().find(|provider| provider.name == name)
    }

    /// Where a member was set, by its dotted path.
    pub fn origin(&self, at: &str) -> Origin {
        self.origins.get(at).cloned().unwrap_or(Origin::BuiltIn)
    }
}

/// Reads a configuration file; `None` when there is none and none is demanded.
pub(super) fn read_file(path: &Path, owner: Owner, must_exist: bool) -> Result<Option<Source>, Problem> {
    let name = path.display().to_string();
    let wrong = |error: &dyn std::fmt::Display| Problem::whole(&name, format!("cannot read this file: {error}"));
    let metadata = match path.metadata() {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == ErrorKind::NotFound && must_exist => {
            return Err(
                wrong(&error).help(format!("`{}` names it; create it with `llmx config edit`", variables::CONFIG))
            );
        }
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Ok(None),
        Err(error) => return Err(wrong(&error)),
    };
    if metadata.is_dir() || (owner == Owner::Project && !metadata.is_file()) {
        return Err(wrong(&"it is no regular file"));
    }
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(LONGEST_FILE + 1).read_to_end(&mut bytes));
    read.map_err(|error| wrong(&error))?;
    if bytes.len() as u64 > LONGEST_FILE {
        return Err(wrong(&"it is longer than 1 MiB"));
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        wrong(&format!("it is not UTF-8 from byte {at} on"))
    })?;
    Ok(Some(Source { path: name, text, owner, open_to_others: open_to_others(&metadata) }))
}

/// Whether others than the owner may read a file.
#[cfg(unix)]
pub fn open_to_others(metadata: &Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    metadata.is_file() && metadata.permissions().mode() & 0o077 != 0
}

/// Elsewhere a user's own directory is closed to others by itself.
#[cfg(not(unix))]
pub fn open_to_others(_: &Metadata) -> bool {
    false
}
