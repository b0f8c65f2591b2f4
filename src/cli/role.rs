//! `llmx role`: roles listed, shown, begun, edited and checked. How one is used by other commands is in [`used`].

mod check;
pub mod list;
mod show;
pub mod used;

use std::path::Path;

use super::config::edit_until_sound;
use super::report::{error_json, told_as_json};
use super::{Context, Done, manual};
use crate::config::Paths;
use crate::config::layer::{Owner, shell_word};
use crate::config::problem::sanitised;
use crate::config::role::SKELETON;
use crate::config::role::find::{Folders, locate, read};
use crate::config::store::create;
use crate::error::{Error, ErrorKind};

/// See, write and check roles: prompts with their model and options
///
/// A role is a Markdown file: a head of TOML says who is asked and how, the text below it is the prompt or the system prompt.
/// `llmx complete -t NAME` asks by it.
#[derive(Debug, clap::Args)]
#[command(after_help = manual::ROLE_EXAMPLES, after_long_help = manual::of_role())]
pub struct Args {
    #[command(subcommand)]
    action: Option<Action>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// List all roles (the default)
    List {
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Show a role: its settings with their places, its text
    Show {
        /// Its name, or its file
        name: String,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Begin a role of your own
    New {
        /// What to call it: letters, digits, `-`, `_` and `.`
        name: String,
    },
    /// Check one role or all, and tell everything that is wrong
    Check {
        /// Its name, or its file
        name: Option<String>,
    },
    /// Edit a role with $VISUAL, $EDITOR or vi, and check it
    Edit {
        /// Its name, or its file
        name: String,
    },
    /// Print where a role lies, or where roles do
    Path {
        /// Its name, or its file
        name: Option<String>,
    },
}

/// Runs the command.
pub fn run(args: &Args, context: &mut Context) -> Done {
    let listed = Action::List { json: args.json };
    match args.action.as_ref().unwrap_or(&listed) {
        Action::List { json } => list::print(*json, context),
        Action::Show { name, json } => {
            let done = show::print(name, *json, context);
            if *json { told_as_json(done, |error| error_json(show::SCHEMA, error), &context.ui) } else { done }
        }
        Action::New { name } => new(name, context),
        Action::Check { name } => check::check(name.as_deref(), context),
        Action::Edit { name } => edit(name, context),
        Action::Path { name } => path(name.as_deref(), context),
    }
}

fn new(name: &str, context: &Context) -> Done {
    let Some(path) = Folders::new(&context.environment).own(name)? else {
        let why = Paths::new(&context.environment).no_home().to_owned();
        let error = Error::new(ErrorKind::Config, format!("no roles can be kept: {why}"));
        return Err(error.hint("set LLMX_CONFIG to the path of a file; roles are kept beside it"));
    };
    let cannot = |error| Error::new(ErrorKind::Other, format!("cannot write `{}`", path.display())).caused_by(error);
    if !create(&path, SKELETON).map_err(cannot)? {
        let error = Error::new(ErrorKind::Usage, format!("role `{name}` is there already: {}", path.display()));
        return Err(error.hint(format!("edit it with `llmx role edit {}`", shell_word(name))));
    }
    context.ui.out_clean(&format!("{}\n", path.display()))?;
    let name = shell_word(name);
    context.ui.note(&format!("edit it with `llmx role edit {name}`, use it with `llmx complete -t {name}`"));
    Ok(())
}

fn edit(name: &str, context: &Context) -> Done {
    let found = locate(name, &context.environment)?;
    edit_until_sound(&found.path, context, || {
        let role = read(&found, &context.environment)?;
        used::schema_of(&role).map(drop)
    })
}

fn path(name: Option<&str>, context: &Context) -> Done {
    if let Some(name) = name {
        let found = locate(name, &context.environment)?;
        return Ok(context.ui.out_clean(&format!("{}\n", found.path.display()))?);
    }
    let folders = Folders::new(&context.environment);
    let none = || format!("none: {}", Paths::new(&context.environment).no_home());
    let own = folders.own.as_deref().map_or_else(none, shown);
    Ok(context.ui.out_clean(&format!("yours    {own}\nproject  {}\n", shown(&folders.project)))?)
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

/// Whose a role is, as a word.
fn whose(owner: Owner) -> &'static str {
    match owner {
        Owner::User => "yours",
        Owner::Project => "project",
    }
}

/// A text without what would drive a terminal, in one line.
fn line(text: &str) -> String {
    sanitised(&text.split_whitespace().collect::<Vec<_>>().join(" "))
}
