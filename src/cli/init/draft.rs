//! What is to be written: the configuration as it will be, files of keys, completions. Nothing of it is written before the end.

use std::fmt::Write as _;
use std::fs;
use std::io::ErrorKind as Io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use toml_edit::{InlineTable, Value};

use crate::cli::Context;
use crate::cli::config::own_file;
use crate::cli::shell::Piece;
use crate::config::edit::{Setting, set, unset};
use crate::config::layer::{Owner, Source};
use crate::config::store::{Access, back_up, replace};
use crate::config::template::TEMPLATE;
use crate::config::{Paths, Problems, Settings, assemble};
use crate::error::{Error, ErrorKind};
use crate::provider::{KeySource, Provider};
use crate::secret::Secret;
use crate::ui::checklist::{Mark, Point};

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
        let text = before.clone().unwrap_or_else(|| TEMPLATE.to_owned());
        let draft = Self { context, path, before, text, keys: Vec::new(), pieces: Vec::new(), next_step: None };
        draft.settings().map_err(|error| error.hint("mend it with `llmx config edit`, and run `llmx init` again"))?;
        Ok(draft)
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

    /// Takes a provider that was added out again.
    pub fn drop_provider(&mut self, provider: &str) -> Result<(), Error> {
        if let Ok(Some(without)) = unset(&self.text, &Setting::of(["providers", provider])) {
            self.text = without;
        }
        self.keys.retain(|(name, _)| name != provider);
        self.settings().map(drop)
    }

    /// The configuration as it will be.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Goes back to an earlier text.
    pub fn put_back(&mut self, text: String) {
        self.text = text;
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
        self.before.as_deref().unwrap_or(TEMPLATE) != self.text
    }

    /// What would be written, without any key: lines of the configuration that are new, and the names of the other files.
    pub fn preview(&self) -> String {
        let mut out = String::new();
        // Writing to a string cannot fail.
        if self.is_configured() {
            let fate = if self.before.is_some() { "to be changed, a copy is kept" } else { "new, for your eyes only" };
            let _ = writeln!(out, "# {} ({fate})", self.path.display());
            let new = new_lines(self.before.as_deref().unwrap_or(TEMPLATE), &self.text);
            new.iter().for_each(|line| out.extend([line, "\n"]));
        }
        for (provider, _) in &self.keys {
            let _ =
                writeln!(out, "# {} (the key of {provider}, for your eyes only)", self.key_path(provider).display());
        }
        for (count, folder) in folders(&self.pieces) {
            let _ = writeln!(out, "# {} ({count} files)", folder.display());
        }
        out
    }

    /// Writes all of it, keys first. When the configuration cannot be written, new files of keys are removed again.
    pub fn write(&self) -> Result<Vec<Point>, Error> {
        let mut points = Vec::new();
        let mut made = Vec::new();
        let done = self.write_settings(&mut made, &mut points);
        if let Err(error) = done {
            made.iter().for_each(|path| drop(fs::remove_file(path)));
            return Err(error);
        }
        let mut failed = None;
        for piece in &self.pieces {
            if let Err(error) = replace(&piece.path, &piece.text, Access::AsItIs) {
                failed.get_or_insert_with(|| format!("{}: {error}", piece.path.display()));
            }
        }
        match failed {
            Some(why) => points.push(Point::new(Mark::Warning, format!("not everything could be installed: {why}"))),
            None => points.extend(folders(&self.pieces).into_iter().map(|(count, folder)| {
                Point::new(Mark::Ok, format!("{count} files installed in {}", folder.display()))
            })),
        }
        if let (Some(next), Some(last)) = (&self.next_step, points.last_mut()) {
            last.remedy = Some(next.clone());
        }
        Ok(points)
    }

    fn write_settings(&self, made: &mut Vec<PathBuf>, points: &mut Vec<Point>) -> Result<(), Error> {
        for (provider, key) in &self.keys {
            let path = self.key_path(provider);
            let is_new = !path.exists();
            replace(&path, &format!("{}\n", key.expose()), Access::Owner).map_err(|error| cannot(&path, error))?;
            is_new.then(|| made.push(path.clone()));
            points.push(Point::new(Mark::Ok, format!("{} written: the key of {provider}", path.display())));
        }
        if !self.is_configured() {
            return Ok(());
        }
        let copy = match &self.before {
            Some(_) => Some(back_up(&self.path).map_err(|error| cannot(&self.path, error))?),
            None => None,
        };
        replace(&self.path, &self.text, Access::AsItIs).map_err(|error| cannot(&self.path, error))?;
        let kept = copy.map_or(String::new(), |copy| format!("; as it was: {}", copy.display()));
        points.push(Point::new(Mark::Ok, format!("{} written{kept}", self.path.display())));
        Ok(())
    }

    fn key_path(&self, provider: &str) -> PathBuf {
        self.path.parent().unwrap_or(Path::new("")).join(KEYS).join(provider)
    }
}

fn cannot(path: &Path, error: std::io::Error) -> Error {
    let error = Error::new(ErrorKind::Config, format!("cannot write `{}`", path.display())).caused_by(error);
    error.hint("check that its directory is yours to write, or set LLMX_CONFIG to another place")
}

/// The lines of a text that the one before does not have, in their order; empty ones part what was apart.
fn new_lines(before: &str, after: &str) -> Vec<String> {
    let mut old = before.lines().peekable();
    let mut new = Vec::new();
    for line in after.lines() {
        if old.peek() == Some(&line) {
            old.next();
        } else if !line.is_empty() {
            new.push(line.to_owned());
            // A line that was changed is not there any more.
            let is_changed = |old: &&str| {
                let name = |line: &str| line.split('=').next().unwrap_or_default().trim().to_owned();
                !old.is_empty() && name(old) == name(line)
            };
            old.next_if(is_changed);
        }
    }
    new
}

/// Files by their folders, counted.
fn folders(pieces: &[Piece]) -> Vec<(usize, PathBuf)> {
    let mut folders: Vec<(usize, PathBuf)> = Vec::new();
    for folder in pieces.iter().filter_map(|piece| piece.path.parent()) {
        match folders.iter_mut().find(|(_, known)| known == folder) {
            Some((count, _)) => *count += 1,
            None => folders.push((1, folder.to_owned())),
        }
    }
    folders
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_new_and_changed_lines_are_shown() {
        let new = |before: &str, after: &str| new_lines(before, after).join("|");
        assert_eq!(new("# a\n\n# b\n", "# a\nx = 1\n\n# b\n\n[c]\nd = 2\n"), "x = 1|[c]|d = 2");
        assert_eq!(
            new("default = \"a\"\napi_key = \"sk\"\n", "default = \"b\"\napi_key = \"sk\"\n"),
            "default = \"b\""
        );
        assert_eq!(new("a\n", "a\n"), "");
    }
}
