//! `llmx config set`: one setting of the user's file changed in its place. What would make the configuration wrong is not
//! written.

use std::io::{IsTerminal, Read};
use std::path::Path;

use super::own_file;
use crate::catalog::Catalog;
use crate::cli::{Context, Done, catalogue};
use crate::config::edit::{self, EditError, Setting, readings};
use crate::config::keys::LONGEST_KEY;
use crate::config::layer::{Owner, Source};
use crate::config::problem::sanitised;
use crate::config::settings::open_to_others;
use crate::config::show::{entries, origin_words};
use crate::config::store::{Access, replace};
use crate::config::template::TEMPLATE;
use crate::config::{Environment, Paths, Problem, Settings, assemble};
use crate::error::{Error, ErrorKind};
use crate::route::Origin;

/// Set a setting in your file, or take it out
///
/// Comments and layout of the file stay. The value is TOML, and what is no TOML is a text: `true`, `5`, `smart`, `["a", "b"]`,
/// `{ env = "KEY" }`. A result that would be wrong is told and not written.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The setting, such as default or routes.smart.strategy
    #[arg(value_name = "KEY")]
    key: String,
    /// Its value; - reads it from standard input, unseen
    #[arg(value_name = "VALUE", required_unless_present = "unset", allow_hyphen_values = true)]
    value: Option<String>,
    /// Take the setting out, or a whole table
    #[arg(long, conflicts_with = "value")]
    unset: bool,
}

/// Runs the command.
pub(super) fn run(args: &Args, context: &Context) -> Done {
    let setting = Setting::parse(&args.key).map_err(|message| Error::new(ErrorKind::Usage, message))?;
    let path = own_file(context)?;
    let secret = args.value.as_deref() == Some("-");
    let value = if secret { Some(given(&setting, context)?) } else { args.value.clone() };
    // A person may type for a while, so the file is read only now.
    let file = File::read(&path, context)?;
    let text = match &value {
        Some(value) => {
            if !secret && args.key.ends_with(".api_key") && readings(value).len() == 1 {
                context.ui.warn(&format!(
                    "a key in a command line stays in the shell's history; `llmx config set {setting} -` asks for it"
                ));
            }
            file.with(&setting, value)?
        }
        None => file.without(&setting)?,
    };
    file.write(&text, context)?;
    tell(&setting, &path, args.unset, context);
    Ok(())
}

/// The value from standard input.
fn given(setting: &Setting, context: &Context) -> Result<String, Error> {
    if std::io::stdin().is_terminal()
        && let Some(questions) = context.ui.questions()?
    {
        return Ok(questions.hidden(&format!("The value of `{setting}` (unseen):"))?);
    }
    let mut text = String::new();
    let read = std::io::stdin().take(LONGEST_KEY as u64 + 1).read_to_string(&mut text);
    read.map_err(|error| Error::new(ErrorKind::Usage, "cannot read the value from standard input").caused_by(error))?;
    if text.len() > LONGEST_KEY {
        return Err(Error::new(ErrorKind::Usage, "the value on standard input is longer than 64 KiB"));
    }
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

/// The user's file as it is; where there is none, as it begins.
struct File<'a> {
    path: &'a Path,
    environment: &'a Environment,
    catalog: Catalog,
    text: String,
    is_new: bool,
    is_open: bool,
}

impl<'a> File<'a> {
    fn read(path: &'a Path, context: &'a Context) -> Result<Self, Error> {
        let environment = &context.environment;
        let settings = Settings::load(environment).ok();
        let catalog = settings.and_then(|settings| catalogue::open(&settings, &context.ui).ok());
        let metadata = path.metadata().ok();
        let (text, is_new) = match std::fs::read_to_string(path) {
            Ok(text) => (text, false),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => (TEMPLATE.to_owned(), true),
            Err(error) => {
                let message = format!("cannot read `{}`", path.display());
                return Err(Error::new(ErrorKind::Config, message).caused_by(error));
            }
        };
        let is_open = metadata.is_some_and(|metadata| open_to_others(&metadata));
        Ok(Self { path, environment, catalog: catalog.unwrap_or_else(Catalog::builtin), text, is_new, is_open })
    }

    /// What would be wrong with a text in its place.
    fn problems(&self, text: &str, open_to_others: bool) -> Vec<Problem> {
        let path = self.path.display().to_string();
        let source = Source { path, text: text.to_owned(), owner: Owner::User, open_to_others };
        let (settings, mut problems) = assemble(vec![source], self.environment, Paths::new(self.environment));
        problems.extend(self.default_problem(&settings).filter(|_| problems.is_empty()));
        problems
    }

    /// A `default` that stands for nothing is no error of a file, for a project may say what it stands for; but it is one here.
    fn default_problem(&self, settings: &Settings) -> Option<Problem> {
        let lookup = |provider: &str, id: &str| self.catalog.find(provider, id);
        let unknown = settings.default_policy(self.environment, &lookup).err()?;
        let problem = Problem::whole(&self.path.display().to_string(), unknown.message);
        Some(Problem { help: unknown.hints.into_iter().next(), ..problem })
    }

    /// What would be wrong that is not wrong now; lines may have moved.
    fn new_problem(&self, text: &str) -> Option<Problem> {
        let known = self.problems(&self.text, false);
        let is_new = |problem: &Problem| known.iter().all(|known| known.message != problem.message);
        self.problems(text, false).into_iter().find(is_new)
    }

    fn with(&self, setting: &Setting, value: &str) -> Result<String, Error> {
        let mut wrong = None;
        for value in readings(value) {
            let text = edit::set(&self.text, setting, &value).map_err(|error| self.told(&error))?;
            match self.new_problem(&text) {
                Some(problem) => drop(wrong.get_or_insert(problem)),
                None => return Ok(text),
            }
        }
        let why = wrong.map(|problem| problem.to_string()).unwrap_or_default();
        Err(Error::new(ErrorKind::Usage, format!("`{setting}` cannot be set to that: {why}")).hint(NOT_WRITTEN))
    }

    fn without(&self, setting: &Setting) -> Result<String, Error> {
        let not_set = || {
            let error = Error::new(ErrorKind::Usage, format!("`{setting}` is not set in `{}`", self.path.display()));
            error.hint("`llmx config show` says where each setting in force was set")
        };
        if self.is_new {
            return Err(not_set());
        }
        let text = edit::unset(&self.text, setting).map_err(|error| self.told(&error))?.ok_or_else(not_set)?;
        match self.new_problem(&text) {
            Some(problem) => {
                let message = format!("`{setting}` cannot be taken out: {problem}");
                Err(Error::new(ErrorKind::Usage, message).hint(NOT_WRITTEN))
            }
            None => Ok(text),
        }
    }

    fn told(&self, error: &EditError) -> Error {
        match error {
            EditError::Broken => {
                let problems: Vec<String> = self.problems(&self.text, false).iter().map(ToString::to_string).collect();
                Error::new(ErrorKind::Config, problems.join("\nerror: ")).hint("mend the file with `llmx config edit`")
            }
            EditError::NoTable(at) => {
                let message = format!("`{at}` in `{}` is a value, so nothing can stand below it", self.path.display());
                Error::new(ErrorKind::Usage, message)
            }
        }
    }

    /// Writes it; a file that holds a key from now on is closed to others.
    fn write(&self, text: &str, context: &Context) -> Done {
        let holds_key = self.is_open && self.problems(text, true) != self.problems(text, false);
        let access = if holds_key { Access::Owner } else { Access::AsItIs };
        replace(self.path, text, access).map_err(|error| {
            let error =
                Error::new(ErrorKind::Config, format!("cannot write `{}`", self.path.display())).caused_by(error);
            error.hint("check that the file and its directory are yours to write")
        })?;
        if holds_key {
            context.ui.note(&format!("`{}` holds a key, so it is closed to others now", self.path.display()));
        }
        Ok(())
    }
}

const NOT_WRITTEN: &str = "nothing was written";

/// Says what is in force now, and what lies over it.
fn tell(setting: &Setting, path: &Path, unset: bool, context: &Context) {
    let name = setting.to_string();
    let in_force = Settings::load(&context.environment)
        .map(|settings| entries(&settings, &context.environment, true))
        .unwrap_or_default()
        .into_iter()
        .find(|entry| entry.key == name);
    let told = match in_force {
        None if unset => format!("`{name}` is not set any more"),
        None => format!("`{name}` is set in {}", path.display()),
        Some(entry) => {
            let ours = matches!(&entry.origin, Origin::File { path: file, .. } if *file == path.display().to_string());
            let written =
                if ours || unset { String::new() } else { format!("written to {}, but in force is ", path.display()) };
            let now = if unset { "in force is " } else { "" };
            format!("{written}{now}{name} = {} ({})", entry.value, origin_words(&entry.origin))
        }
    };
    context.ui.note(&sanitised(&told));
}
