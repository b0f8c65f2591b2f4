//! What is to be written: the configuration as it will be, files of keys, completions. Nothing of it is written before the end,
//! and all of it can be shown before ([`preview`], [`write`]).

mod preview;
mod write;

use std::fs;
use std::io::ErrorKind as Io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use toml::Table;
use toml_edit::{InlineTable, Value};

use crate::cli::Context;
use crate::cli::config::own_file;
use crate::cli::installed::Piece;
use crate::config::edit::{Setting, readings, set, unset};
use crate::config::layer::{Owner, Source};
use crate::config::template::TEMPLATE;
use crate::config::{Paths, Problems, Settings, assemble};
use crate::error::{Error, ErrorKind};
use crate::provider::{KeySource, Provider};
use crate::secret::Secret;

/// The folder of keys, beside the configuration.
const KEYS: &str = "keys";

/// What is to be written.
pub struct Draft<'a> {
    /// Of whom.
    pub context: &'a Context,
    path: PathBuf,
    /// The file as it is; `None` when there is none.
    before: Option<String>,
    text: String,
    /// Keys by their providers.
    keys: Vec<(String, Secret)>,
    pieces: Vec<Piece>,
    /// What is left to the user after the pieces are installed.
    next_step: Option<String>,
}

impl<'a> Draft<'a> {
    /// The file as it is, or the commented one that it begins with. One that is wrong is not touched.
    pub fn begin(context: &'a Context) -> Result<Self, Error> {
        let path = own_file(context)?;
        let before = match fs::read_to_string(&path) {
            Ok(text) => Some(text),
            Err(error) if error.kind() == Io::NotFound => None,
            Err(error) => {
                let message = format!("cannot read `{}`", path.display());
                return Err(Error::new(ErrorKind::Config, message).caused_by(error));
            }
        };
        let mut draft =
            Self { context, path, before, text: String::new(), keys: Vec::new(), pieces: Vec::new(), next_step: None };
        draft.text = draft.begun().to_owned();
        draft.settings().map_err(|error| error.hint("mend it with `llmx config edit`, and run `llmx init` again"))?;
        Ok(draft)
    }

    /// What the draft began with: the file, or the commented one where there is none or nothing in it.
    fn begun(&self) -> &str {
        self.before.as_deref().filter(|text| !text.trim().is_empty()).unwrap_or(TEMPLATE)
    }

    /// Where the configuration goes.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The settings as they will be, with keys that are not written yet.
    pub fn settings(&self) -> Result<Settings, Error> {
        let environment = &self.context.environment;
        let path = self.path.display().to_string();
        let open_to_others =
            fs::metadata(&self.path).is_ok_and(|found| crate::config::settings::open_to_others(&found));
        let source = Source { path, text: self.text.clone(), owner: Owner::User, open_to_others };
        let (mut settings, problems) = assemble(vec![source], environment, Paths::new(environment));
        if !problems.is_empty() {
            return Err(Problems(problems).into());
        }
        for provider in &mut settings.providers {
            if let Some((_, key)) = self.keys.iter().find(|(name, _)| *name == provider.name) {
                *provider =
                    Arc::new(Provider { keys: vec![KeySource::Literal(key.clone())], ..Provider::clone(provider) });
            }
        }
        Ok(settings)
    }

    /// Sets a setting.
    pub fn set<'n>(&mut self, names: impl IntoIterator<Item = &'n str>, value: impl Into<Value>) -> Result<(), Error> {
        let setting = Setting::of(names);
        self.text = set(&self.text, &setting, &value.into()).map_err(|_| {
            let message = format!("`{setting}` has no place in `{}`", self.path.display());
            Error::new(ErrorKind::Config, message).hint("set it with `llmx config edit`")
        })?;
        Ok(())
    }

    /// Takes a key for a provider: a file of its own, which the configuration names.
    pub fn keep_key(&mut self, provider: &str, key: Secret) -> Result<(), Error> {
        self.set_key(provider, "file", &format!("{KEYS}/{provider}"))?;
        self.keys.push((provider.to_owned(), key));
        Ok(())
    }

    /// Says where the key of a provider is: `api_key = { SORT = "PLACE" }`.
    pub fn set_key(&mut self, provider: &str, sort: &str, place: &str) -> Result<(), Error> {
        self.set(["providers", provider, "api_key"], Value::InlineTable(InlineTable::from_iter([(sort, place)])))
    }

    /// Puts what was said of a provider back to what the file says of it.
    pub fn drop_provider(&mut self, provider: &str) -> Result<(), Error> {
        let of = |text: &str| {
            let all = text.parse::<Table>().ok()?;
            all.get("providers")?.get(provider)?.as_table().cloned()
        };
        let (before, now) = (of(self.begun()), of(&self.text).unwrap_or_default());
        match before {
            None => self.unset(&["providers", provider]),
            Some(before) => {
                for (member, value) in &now {
                    let names = ["providers", provider, member];
                    match before.get(member) {
                        Some(old) if old == value => {}
                        Some(old) => self.set(names, readings(&old.to_string()).swap_remove(0))?,
                        None => self.unset(&names),
                    }
                }
            }
        }
        self.keys.retain(|(name, _)| name != provider);
        self.settings().map(drop)
    }

    fn unset(&mut self, names: &[&str]) {
        if let Ok(Some(without)) = unset(&self.text, &Setting::of(names.iter().copied())) {
            self.text = without;
        }
    }

    /// Installs files, after which something may be left to the user.
    pub fn install(&mut self, pieces: Vec<Piece>, next_step: Option<String>) {
        (self.pieces, self.next_step) = (pieces, next_step);
    }

    /// Whether there is anything to write.
    pub fn is_changed(&self) -> bool {
        self.is_configured() || !self.pieces.is_empty()
    }

    fn is_configured(&self) -> bool {
        self.begun() != self.text
    }

    fn key_path(&self, provider: &str) -> PathBuf {
        self.path.parent().unwrap_or(Path::new("")).join(KEYS).join(provider)
    }
}
