//! The table of slash commands. Help, completion and "did you mean" come from it.

use super::commands::{attach, conversations, history, keep, look, model, role, set};
use super::input::Next;
use super::talk::Talk;
use crate::config::suggest::nearest;
use crate::error::{Error, ErrorKind};
use crate::ui::table::Table;

/// What a command does with its arguments.
type Run = fn(&mut Talk<'_>, &str) -> Result<Next, Error>;

/// What its arguments are made of, for completion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Words {
    /// Words of the user's own.
    Nothing,
    /// Names of files.
    Files,
    /// Models, routes and aliases.
    Models,
    /// Names of roles.
    Roles,
    /// Names of settings.
    Settings,
    /// Names of commands.
    Commands,
    /// Ids of conversations.
    Conversations,
}

/// A command.
pub(super) struct Command {
    /// Its name, without the slash.
    pub name: &'static str,
    /// Other names.
    pub aliases: &'static [&'static str],
    /// What follows it.
    pub arguments: &'static str,
    /// What it does, in a few words.
    pub help: &'static str,
    /// What its arguments are made of.
    pub words: Words,
    run: Run,
}

const fn row(name: &'static str, arguments: &'static str, help: &'static str, words: Words, run: Run) -> Command {
    Command { name, aliases: &[], arguments, help, words, run }
}

impl Command {
    const fn also(self, aliases: &'static [&'static str]) -> Self {
        Self { aliases, ..self }
    }

    /// The command of that name.
    pub fn named(name: &str) -> Option<&'static Self> {
        COMMANDS.iter().find(|command| command.name == name || command.aliases.contains(&name))
    }
}

/// All commands, in the order of `/help`.
pub(super) const COMMANDS: &[Command] = &[
    row("help", "[COMMAND]", "show this list, or one command", Words::Commands, help).also(&["h", "?"]),
    row("model", "[NAME]", "ask this model or provider; without NAME say who is asked", Words::Models, model::model)
        .also(&["m"]),
    row("route", "[NAME]", "ask by this route; without NAME list them", Words::Models, model::route),
    row("system", "[TEXT|off]", "set, show or remove the system prompt", Words::Nothing, model::system),
    row("role", "[NAME [KEY=VALUE …]|none]", "answer by a role; alone list them", Words::Roles, role::role),
    row("set", "[NAME [VALUE]]", "change a setting; alone show all", Words::Settings, set::set),
    row("file", "PATH", "add a text file to the next question", Words::Files, attach::file).also(&["f"]),
    row("attach", "PATH|URL", "attach an image, PDF, audio or text", Words::Files, attach::attach).also(&["a"]),
    row("image", "PATH|URL", "attach an image", Words::Files, attach::image),
    row("retry", "[-m MODEL]", "ask the last question again", Words::Models, history::retry).also(&["regenerate"]),
    row("continue", "", "go on with an answer that was cut", Words::Nothing, history::go_on),
    row("undo", "[N]", "take the last turn back, or the last N", Words::Nothing, history::undo),
    row("edit", "[TEXT|last]", "write in your editor; `last` changes the last question", Words::Nothing, history::edit)
        .also(&["e"]),
    row("compare", "[MODEL …]", "ask others the last question, and adopt an answer", Words::Models, |_, names| {
        Ok(Next::Compare(names.split_whitespace().map(str::to_owned).collect()))
    }),
    row(
        "summarize",
        "[N|off]",
        "send a summary in place of all but the last N turns, or 2",
        Words::Nothing,
        history::sum_up,
    )
    .also(&["compact"]),
    row("why", "", "explain who answered last, and why", Words::Nothing, look::why),
    row("cost", "", "show what this conversation cost", Words::Nothing, look::cost),
    row("tokens", "", "show how full the window is", Words::Nothing, look::tokens),
    row("save", "FILE", "write the last answer to a file", Words::Files, keep::save),
    row("copy", "[N]", "copy the last answer, or its code block N", Words::Nothing, keep::copy),
    row("export", "[FILE]", "write the conversation as Markdown", Words::Files, keep::export),
    row("title", "[TEXT]", "give the conversation a title", Words::Nothing, conversations::title),
    row("list", "", "list conversations", Words::Nothing, conversations::list).also(&["ls"]),
    row("search", "TEXT", "find what was said in any conversation", Words::Nothing, conversations::search),
    row("load", "ID", "go on with another conversation", Words::Conversations, conversations::load),
    row("branch", "[N]", "begin another conversation with the first N turns", Words::Nothing, conversations::branch)
        .also(&["fork"]),
    row("clear", "", "begin a new conversation", Words::Nothing, conversations::clear).also(&["new"]),
    row("exit", "", "leave", Words::Nothing, |_, _| Ok(Next::Leave)).also(&["quit", "q", "bye"]),
];

/// Runs the command of that name.
pub(super) fn run(talk: &mut Talk<'_>, name: &str, arguments: &str) -> Result<Next, Error> {
    let command = Command::named(name).ok_or_else(|| unknown(name))?;
    if command.arguments.is_empty() && !arguments.is_empty() {
        return Err(wrong(format!("/{} takes no arguments", command.name)));
    }
    (command.run)(talk, arguments)
}

fn unknown(name: &str) -> Error {
    let names = COMMANDS.iter().flat_map(|command| std::iter::once(&command.name).chain(command.aliases).copied());
    let error = wrong(format!("there is no command `/{name}`"));
    // Of a short name there are many that are near.
    match nearest(name, names.filter(|known| known.len() > 2)) {
        Some(near) => error.hint(format!("did you mean `/{near}`?")),
        None => error.hint("/help lists them; a question that begins with a slash is written with two"),
    }
}

/// An error of what was typed.
pub(super) fn wrong(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Usage, message)
}

fn help(talk: &mut Talk<'_>, name: &str) -> Result<Next, Error> {
    let name = name.trim_start_matches('/');
    if !name.is_empty() {
        let command = Command::named(name).ok_or_else(|| unknown(name))?;
        let aliases: Vec<String> = command.aliases.iter().map(|alias| format!("/{alias}")).collect();
        let also = if aliases.is_empty() { String::new() } else { format!(" (also {})", aliases.join(", ")) };
        talk.ui().out_words(&format!("{}: {}{also}\n", usage(command), command.help))?;
        return Ok(Next::Read);
    }
    let mut table = Table::new(["command", "does"]);
    for command in COMMANDS {
        table.row([usage(command), command.help.to_owned()]);
    }
    talk.ui().table(&table)?;
    let keys = "\nEnter asks, Ctrl-J or Alt-Enter begins another line, \"\"\" begins and ends a block of lines. Ctrl-C stops an \
                answer, Ctrl-R searches what was typed, Tab completes, Ctrl-D leaves. `//` begins a question with a slash.\n";
    talk.ui().out_words(keys)?;
    Ok(Next::Read)
}

pub(super) fn usage(command: &Command) -> String {
    format!("/{} {}", command.name, command.arguments).trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_means_one_command() {
        let mut names: Vec<&str> = COMMANDS
            .iter()
            .flat_map(|command| std::iter::once(command.name).chain(command.aliases.iter().copied()))
            .collect();
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all);
        assert!(names.iter().all(|name| Command::named(name).is_some()));
    }

    #[test]
    fn an_unknown_command_says_which_was_meant() {
        assert_eq!(unknown("modle").hints, ["did you mean `/model`?"]);
        assert!(unknown("xyzzy").hints[0].contains("/help"));
    }
}
