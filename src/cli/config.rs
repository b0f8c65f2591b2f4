//! `llmx config`: where the settings are, what they are, whether they are sound, and how they are changed.

mod check;
mod edit;
mod get;
mod set;
pub(super) mod warning;

use std::path::{Path, PathBuf};

use serde_json::json;

pub(super) use self::edit::{edit_until_sound, open_editor};
use super::manual::CONFIG_EXAMPLES;
use super::{Context, Done};
use crate::config::keys::KeyError;
use crate::config::problem::sanitised;
use crate::config::show::{Entry, entries, is_at_hand, origin_json, origin_words};
use crate::config::{Paths, Problems, Settings, Unknown};
use crate::error::{Error, ErrorKind};

/// See, check and edit the settings
#[derive(Debug, clap::Args)]
#[command(after_help = CONFIG_EXAMPLES)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Print where the configuration and the data lie
    Path,
    /// Print every setting in force with where it was set
    Show {
        /// Also show providers without a key
        #[arg(long)]
        all: bool,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    Get(get::Args),
    Set(set::Args),
    /// Check all files and tell everything that is wrong
    Check,
    /// Edit your file with $VISUAL, $EDITOR or vi, and check it
    Edit,
}

/// Runs the command.
pub fn run(args: &Args, context: &mut Context) -> Done {
    match &args.action {
        Action::Path => path(context),
        Action::Show { all, json } => show(context, *all, *json),
        Action::Get(args) => get::run(args, context),
        Action::Set(args) => set::run(args, context),
        Action::Check => check::run(context),
        Action::Edit => edit::run(context),
    }
}

/// The user's own file, whether it exists or not.
pub(super) fn own_file(context: &Context) -> Result<PathBuf, Error> {
    let mut paths = Paths::new(&context.environment);
    paths.config.take().ok_or_else(|| {
        let message = format!("no configuration can be kept: {}", paths.no_home());
        let error = Error::new(ErrorKind::Config, message);
        error.hint("set LLMX_CONFIG to the path of a file")
    })
}

impl From<Problems> for Error {
    fn from(problems: Problems) -> Self {
        let error = Self::new(ErrorKind::Config, problems.to_string());
        error.hint("`llmx config edit` opens your configuration, `llmx doctor` says what else is wrong")
    }
}

impl From<Unknown> for Error {
    fn from(unknown: Unknown) -> Self {
        let error = Self::new(ErrorKind::Config, sanitised(&unknown.message));
        unknown.hints.iter().fold(error, |error, hint| error.hint(sanitised(hint)))
    }
}

impl From<KeyError> for Error {
    fn from(error: KeyError) -> Self {
        let told = Self::new(ErrorKind::Auth, error.to_string());
        error.hint.into_iter().fold(told, Self::hint)
    }
}

fn path(context: &Context) -> Done {
    let paths = Paths::new(&context.environment);
    let shown = |path: Option<&Path>| {
        path.map_or_else(|| format!("none: {}", paths.no_home()), |path| path.display().to_string())
    };
    let text = format!(
        "config   {}\nproject  {}\ndata     {}\n",
        shown(paths.config.as_deref()),
        shown(Some(&paths.project)),
        shown(paths.data.as_deref())
    );
    Ok(context.ui.out(&text)?)
}

fn show(context: &Context, all: bool, as_json: bool) -> Done {
    let settings = Settings::load(&context.environment)?;
    let shown = entries(&settings, &context.environment, all || as_json);
    let text = if as_json { json_text(&settings, &shown) } else { text(&shown) };
    context.ui.out(&text)?;
    let at_hand =
        settings.providers.iter().filter(|provider| is_at_hand(&settings, &context.environment, provider)).count();
    if !all && !as_json && at_hand < settings.providers.len() {
        let more = settings.providers.len() - at_hand;
        context.ui.note(&format!("{more} more providers are built in; `llmx config show --all` shows them"));
    }
    Ok(())
}

fn text(entries: &[Entry]) -> String {
    let settings: Vec<String> = entries.iter().map(|entry| format!("{} = {}", entry.key, entry.value)).collect();
    let width = settings.iter().map(|setting| setting.chars().count()).max().unwrap_or(0).min(70);
    let line = |(setting, entry): (&String, &Entry)| format!("{setting:width$}  # {}\n", origin_words(&entry.origin));
    settings.iter().zip(entries).map(line).map(|line| sanitised(line.trim_end()) + "\n").collect()
}

fn json_text(settings: &Settings, entries: &[Entry]) -> String {
    let settings_json: Vec<_> = entries
        .iter()
        .map(|entry| json!({"key": entry.key, "value": entry.value, "origin": origin_json(&entry.origin)}))
        .collect();
    let paths = &settings.paths;
    let files = json!({"config": paths.config, "project": paths.project, "data": paths.data});
    format!("{}\n", json!({"schema": "llmx.config/1", "files": files, "settings": settings_json}))
}

#[cfg(test)]
mod tests;
