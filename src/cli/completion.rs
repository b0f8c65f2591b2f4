//! What may stand at the cursor of a command line, for the shells whose scripts ask when Tab is pressed. The grammar is that of
//! the arguments; names that only this machine knows, [`names`] finds. Whatever is wrong, nothing is said on the line.

mod names;

use std::ffi::OsString;
use std::sync::Arc;

use clap::builder::Resettable;
use clap::{Arg, ArgAction, Command, CommandFactory, ValueHint};
use clap_complete::engine::ArgValueCompleter;
use clap_complete::env::Shells;

use self::names::Names;
use super::Cli;
use crate::config::{Environment, variables};
use crate::ui::{ColorChoice, Talk, Ui};

/// The variable by which a shell's script asks; it names the shell.
pub const VARIABLE: &str = "LLMX_COMPLETE";

/// What a value names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sort {
    /// A route, an alias, or `provider/model`.
    Model,
    Provider,
    Route,
    Role,
    /// A run of the ledger.
    Run,
    Comparison,
    /// A command or a topic of the help.
    Help,
    /// Faults of the simulated fleet.
    Faults,
    /// A setting, by its dotted path.
    Setting,
    Path,
}

/// Which argument names what, by the name of its value and its own; an empty one is any.
const SORTS: &[(&str, &str, Sort)] = &[
    ("MODEL", "", Sort::Model),
    ("NAME", "model", Sort::Model),
    ("NAME", "models", Sort::Model),
    ("NAME", "fallback", Sort::Model),
    ("NAME", "baseline", Sort::Model),
    ("NAME", "names", Sort::Model),
    ("NAME", "forget", Sort::Model),
    ("FROM", "from", Sort::Model),
    ("ROUTE", "routes", Sort::Model),
    ("ROUTE", "", Sort::Route),
    ("NAME", "route", Sort::Route),
    ("NAME", "provider", Sort::Provider),
    ("NAME", "providers", Sort::Provider),
    ("NAME", "name", Sort::Role),
    ("ROLE", "", Sort::Role),
    ("ID", "", Sort::Run),
    ("CALL", "", Sort::Run),
    ("RUN", "", Sort::Comparison),
    ("last|RUN|FILE", "", Sort::Comparison),
    ("COMMAND|TOPIC", "", Sort::Help),
    ("FAULTS", "", Sort::Faults),
    ("KEY", "", Sort::Setting),
    ("PATH", "", Sort::Path),
    ("FILE", "", Sort::Path),
    ("PATH|URL", "", Sort::Path),
    ("SCHEMA", "", Sort::Path),
    ("TOOLS", "", Sort::Path),
];

/// Whether a shell asks, rather than a person.
pub fn is_asked(environment: &Environment) -> bool {
    environment.get(VARIABLE).is_some()
}

/// Prints what may stand at the cursor of the line that the shell gives behind `--`.
pub fn answer(environment: Environment) {
    let ui = Ui::new(Talk::Quiet, ColorChoice::Never, |name| environment.get(name));
    let words: Vec<OsString> = std::env::args_os().skip_while(|word| word != "--").skip(1).collect();
    // Nobody is there to be told of an error.
    let _ = found(words, environment).map(|text| ui.out(&text));
}

fn found(words: Vec<OsString>, environment: Environment) -> Option<String> {
    let shell = environment.get(VARIABLE)?.to_owned();
    let shells = Shells::builtins();
    let answers = shells.completer(&shell).filter(|_| !words.is_empty())?;
    let simulated = words.iter().any(|word| word.to_string_lossy().starts_with("--sim"))
        || environment.get(variables::SIM).is_some_and(|value| value != "0");
    let names = Arc::new(Names { environment, simulated });
    // Bash completes paths better by itself: it knows `~` and quotes what it finds.
    let mut command = with_names(Cli::command(), &names, shell != "bash");
    let mut text = Vec::new();
    let directory = names.environment.working_directory.clone();
    answers.write_complete(&mut command, words, Some(&directory), &mut text).ok()?;
    String::from_utf8(text).ok()
}

/// The command with what its values, and those of all commands below, may be.
fn with_names(command: Command, names: &Arc<Names>, has_paths: bool) -> Command {
    let command = command.mut_args(|argument| with_sort(argument, names, has_paths));
    command.mut_subcommands(|below| with_names(below, names, has_paths))
}

fn with_sort(argument: Arg, names: &Arc<Names>, has_paths: bool) -> Arg {
    let sort = sort(&argument);
    let argument = if argument.is_require_equals_set() { flag(argument) } else { argument };
    match sort {
        None if has_paths || !argument.get_action().takes_values() => argument,
        None => argument.value_hint(ValueHint::Other),
        Some(Sort::Path) => argument.value_hint(if has_paths { ValueHint::AnyPath } else { ValueHint::Other }),
        Some(sort) => {
            let names = Arc::clone(names);
            argument.add(ArgValueCompleter::new(move |word: &std::ffi::OsStr| {
                names.beginning_with(&word.to_string_lossy(), sort)
            }))
        }
    }
}

/// An option whose value stands behind `=` alone, so that the next word is not taken for it.
fn flag(option: Arg) -> Arg {
    let flag = option.require_equals(false).default_missing_value(Resettable::Reset);
    flag.action(ArgAction::SetTrue).num_args(0).value_parser(clap::value_parser!(bool))
}

fn sort(argument: &Arg) -> Option<Sort> {
    let value = argument.get_value_names()?.first()?.as_str();
    let id = argument.get_id().as_str();
    let fits = |row: &&(&str, &str, Sort)| row.0 == value && (row.1.is_empty() || row.1 == id);
    SORTS.iter().find(fits).map(|(_, _, sort)| *sort)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The sorts of a command's arguments, and of those below.
    fn sorts(command: &Command, found: &mut Vec<(String, String, Sort)>) {
        let name = command.get_name().to_owned();
        let of = |argument: &Arg| Some((name.clone(), argument.get_id().to_string(), sort(argument)?));
        found.extend(command.get_arguments().filter_map(of));
        command.get_subcommands().for_each(|below| sorts(below, found));
    }

    #[test]
    fn arguments_name_what_they_say() {
        let mut found = Vec::new();
        sorts(&Cli::command(), &mut found);
        let has = |command: &str, argument: &str, sort: Sort| {
            let wanted = (command.to_owned(), argument.to_owned(), sort);
            assert!(found.contains(&wanted), "{wanted:?} is not among\n{found:#?}");
        };
        has("complete", "model", Sort::Model);
        has("complete", "continued", Sort::Run);
        has("complete", "files", Sort::Path);
        has("show", "id", Sort::Run);
        has("show", "run", Sort::Comparison);
        has("compare", "against", Sort::Comparison);
        has("what-if", "on", Sort::Model);
        has("models", "providers", Sort::Provider);
        has("drill", "routes", Sort::Model);
        has("route", "as_route", Sort::Route);
        has("help", "words", Sort::Help);
        has("llmx", "sim", Sort::Faults);
        has("get", "key", Sort::Setting);
        has("set", "key", Sort::Setting);
        // A project, a tag or a number is nothing that could be listed.
        assert!(!found.iter().any(|(_, argument, _)| argument == "project" || argument == "tags"));
    }
}
