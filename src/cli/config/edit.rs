//! `llmx config edit`: the user's file in an editor, also when it is broken or not there yet; checked when the editor ends.

use std::path::Path;
use std::process::Command;

use super::own_file;
use crate::cli::{Context, Done};
use crate::config::keys::without_keys;
use crate::config::store::create;
use crate::config::template::TEMPLATE;
use crate::config::{Environment, Settings};
use crate::error::{Error, ErrorKind};
use crate::provider::split_words;

/// Runs the command.
pub(super) fn run(context: &Context) -> Done {
    let path = own_file(context)?;
    let cannot = |error| Error::new(ErrorKind::Config, format!("cannot create `{}`", path.display())).caused_by(error);
    if create(&path, TEMPLATE).map_err(cannot)? {
        context.ui.note(&format!("created {}", path.display()));
    }
    edit_until_sound(&path, context, || Ok(Settings::load(&context.environment).map(drop)?))
}

/// Opens a file in the user's editor, on a terminal until it is sound or the user has enough.
pub(in crate::cli) fn edit_until_sound(path: &Path, context: &Context, check: impl Fn() -> Done) -> Done {
    loop {
        open_editor(&context.environment, path)?;
        let Err(error) = check() else { return Ok(()) };
        let Some(questions) = context.ui.questions()? else { return Err(error) };
        context.ui.error(&error);
        if !questions.confirm("edit again?", true)? {
            return Err(error.already_told());
        }
    }
}

/// Opens a file in the user's editor and waits for its end.
pub(in crate::cli) fn open_editor(environment: &Environment, path: &Path) -> Done {
    let editor = environment.get("VISUAL").or_else(|| environment.get("EDITOR")).unwrap_or("vi");
    let failed =
        |message: String| Error::new(ErrorKind::Other, message).hint("set EDITOR to the editor of your choice");
    let words =
        split_words(editor).map_err(|message| failed(format!("cannot read `{editor}` as an editor: {message}")))?;
    let Some((program, arguments)) = words.split_first() else {
        return Err(failed("the variable for the editor holds only blanks".to_owned()));
    };
    let mut command = Command::new(program);
    command.args(arguments).arg(path).env_clear().envs(without_keys(environment, None));
    let status =
        command.status().map_err(|error| failed(format!("cannot start the editor `{program}`")).caused_by(error))?;
    if status.success() { Ok(()) } else { Err(failed(format!("the editor `{program}` ended with {status}"))) }
}
