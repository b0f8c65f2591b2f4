//! Errors of the command line itself, in the style of all others: what is wrong, and what to type instead.

use std::error::Error as _;

use clap::error::{ContextKind, ContextValue, ErrorKind as Kind};
use clap::{Arg, Command, CommandFactory};
use serde_json::{Value, json};

use super::Cli;
use super::report::error_json;
use crate::config::suggest::ranked;
use crate::error::{Error, ErrorKind};

/// Whether it is an error, rather than help or a version that was asked for.
pub fn is_error(error: &clap::Error) -> bool {
    error.use_stderr() && error.kind() != Kind::DisplayHelpOnMissingArgumentOrSubcommand
}

/// The error with hints; `words` are the arguments of the process, without its name.
pub fn told(error: &clap::Error, words: &[String]) -> Error {
    let place = Place::of(words);
    let message = message(error, &place);
    let told = Error::new(ErrorKind::Usage, message);
    let hints = hints(error, &place);
    if hints.is_empty() {
        return told.hint(format!("`{} -h` shows how it is used", place.path));
    }
    hints.into_iter().fold(told, Error::hint)
}

/// How a command line wants errors as JSON.
#[derive(Debug, PartialEq, Eq)]
pub struct JsonForm {
    schema: String,
    /// One object a line.
    lines: bool,
}

impl JsonForm {
    /// The object that tells of nothing but an error.
    pub fn object(&self, error: &Error) -> Value {
        let mut object = error_json(&self.schema, error);
        if self.lines {
            object["type"] = json!("done");
        }
        object
    }
}

/// The form of errors when a command line asks for JSON, whether it can be understood or not; `None` when it does not ask.
pub fn json_form(words: &[String]) -> Option<JsonForm> {
    let has = |option: &str| words.iter().take_while(|word| *word != "--").any(|word| word == option);
    if !has("--json") && !has("--jsonl") {
        return None;
    }
    let place = Place::of(words);
    let schema = match place.path.split(' ').nth(1) {
        Some(command) => format!("llmx.{command}/1"),
        None => "llmx/1".to_owned(),
    };
    Some(JsonForm { schema, lines: has("--jsonl") })
}

/// The command that the words lead to, as it is written.
struct Place {
    command: Command,
    path: String,
}

impl Place {
    fn of(words: &[String]) -> Self {
        let mut place = Self { command: Cli::command(), path: "llmx".to_owned() };
        place.command.build();
        for word in words.iter().take_while(|word| *word != "--") {
            if let Some(below) = place.command.find_subcommand(word) {
                place = Self { path: format!("{} {}", place.path, below.get_name()), command: below.clone() };
            }
        }
        place
    }

    fn is_root(&self) -> bool {
        self.path == "llmx"
    }
}

fn message(error: &clap::Error, place: &Place) -> String {
    let of = |kind| text(error, kind);
    match error.kind() {
        Kind::InvalidSubcommand => {
            let before = place.path.strip_prefix("llmx").unwrap_or_default().trim_start();
            let space = if before.is_empty() { "" } else { " " };
            format!("unknown command `{before}{space}{}`", of(ContextKind::InvalidSubcommand))
        }
        Kind::UnknownArgument => match of(ContextKind::InvalidArg) {
            option if option.starts_with('-') => format!("unknown option `{option}`"),
            word => format!("`{}` takes nothing at the place of `{word}`", place.path),
        },
        Kind::InvalidValue if of(ContextKind::InvalidValue).is_empty() => {
            format!("`{}` needs a value", of(ContextKind::InvalidArg))
        }
        Kind::InvalidValue => {
            format!("`{}` is no value of `{}`", of(ContextKind::InvalidValue), of(ContextKind::InvalidArg))
        }
        Kind::ValueValidation => {
            let why = error.source().map(ToString::to_string).unwrap_or_default();
            let argument = of(ContextKind::InvalidArg);
            let name = argument.split(' ').next().unwrap_or_default();
            format!("`{name} {}`: {why}", of(ContextKind::InvalidValue))
        }
        Kind::MissingRequiredArgument => format!("missing: `{}`", list(error, ContextKind::InvalidArg).join("`, `")),
        Kind::ArgumentConflict => {
            let others = list(error, ContextKind::PriorArg).join("` or `");
            format!("`{}` cannot be used with `{others}`", of(ContextKind::InvalidArg))
        }
        _ => {
            let told = error.to_string();
            told.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned()
        }
    }
}

fn hints(error: &clap::Error, place: &Place) -> Vec<String> {
    match error.kind() {
        Kind::InvalidSubcommand => of_command(&text(error, ContextKind::InvalidSubcommand), place),
        Kind::UnknownArgument => of_option(error, place),
        Kind::InvalidValue => {
            let values = list(error, ContextKind::ValidValue);
            let near = text(error, ContextKind::SuggestedValue);
            let near = (!near.is_empty()).then(|| format!("did you mean `{near}`?"));
            let all = (!values.is_empty()).then(|| format!("write {}", either(&values)));
            near.into_iter().chain(all).collect()
        }
        Kind::MissingRequiredArgument => {
            let usage = text(error, ContextKind::Usage);
            let usage = usage.trim_start_matches("Usage: ").trim();
            (!usage.is_empty()).then(|| format!("write `{usage}`")).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

/// What may have been meant by a command that there is none of.
fn of_command(name: &str, place: &Place) -> Vec<String> {
    let near = ranked(name, place.command.get_subcommands().map(Command::get_name));
    match did_you_mean(&near, &format!("{} ", place.path)) {
        Some(hint) => vec![hint],
        None if place.is_root() => vec![
            "to ask a model, write `llmx complete \"Why is the sky blue?\"`".to_owned(),
            "`llmx help` lists the commands".to_owned(),
        ],
        None => Vec::new(),
    }
}

/// What may have been meant by an option that there is none of.
fn of_option(error: &clap::Error, place: &Place) -> Vec<String> {
    let name = text(error, ContextKind::InvalidArg);
    let options: Vec<String> =
        place.command.get_arguments().filter_map(Arg::get_long).map(|long| format!("--{long}")).collect();
    match did_you_mean(&ranked(&name, options.iter().map(String::as_str)), "") {
        Some(hint) => vec![hint],
        None if name.starts_with("--") && !place.is_root() => vec![
            format!("`{} -h` lists the options", place.path),
            format!("if it is meant as a word, write `--` before it: `-- {name}`"),
        ],
        None => Vec::new(),
    }
}

fn did_you_mean(near: &[&str], before: &str) -> Option<String> {
    let names: Vec<String> = near.iter().map(|name| format!("`{before}{name}`")).collect();
    (!names.is_empty()).then(|| format!("did you mean {}?", names.join(" or ")))
}

/// `a`, `b` or `c`.
fn either(values: &[String]) -> String {
    match values {
        [] => String::new(),
        [one] => format!("`{one}`"),
        [first @ .., last] => format!("`{}` or `{last}`", first.join("`, `")),
    }
}

fn text(error: &clap::Error, kind: ContextKind) -> String {
    error.get(kind).map(ToString::to_string).unwrap_or_default()
}

fn list(error: &clap::Error, kind: ContextKind) -> Vec<String> {
    match error.get(kind) {
        Some(ContextValue::Strings(all)) => all.clone(),
        Some(ContextValue::String(one)) => vec![one.clone()],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    fn said(words: &[&str]) -> String {
        let error = Cli::try_parse_from(std::iter::once(&"llmx").chain(words)).expect_err("an error");
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        assert!(is_error(&error));
        told(&error, &words).to_string()
    }

    #[test]
    fn every_mistake_is_told_with_what_to_type_instead() {
        for (words, expected) in [
            (
                &["complte"][..],
                "error: unknown command `complte`\n  hint: did you mean `llmx complete` or `llmx compare`?",
            ),
            (&["log", "sohw"], "error: unknown command `log sohw`\n  hint: did you mean `llmx log show`?"),
            (&["complete", "--modle", "x"], "error: unknown option `--modle`\n  hint: did you mean `--model`?"),
            (
                &["complete", "-m"],
                "error: `--model <NAME>` needs a value\n  hint: `llmx complete -h` shows how it is used",
            ),
            (
                &["complete", "--temperature", "hot", "x"],
                "error: `--temperature hot`: expected a number such as `0.7`\n  \
                 hint: `llmx complete -h` shows how it is used",
            ),
            (
                &["complete", "--strategy", "fast", "x"],
                "error: `fast` is no value of `--strategy <NAME>`\n  hint: did you mean `fastest`?\n  hint: write `ordered`, \
                 `shuffle`, `weighted`, `cheapest`, `fastest`, `balanced` or `predictive`",
            ),
            (&["log", "search"], "error: missing: `<WORDS>...`\n  hint: write `llmx log search <WORDS>...`"),
            (
                &["complete", "--json", "--jsonl", "x"],
                "error: `--json` cannot be used with `--jsonl`\n  hint: `llmx complete -h` shows how it is used",
            ),
            (
                &["config", "path", "x"],
                "error: `llmx config path` takes nothing at the place of `x`\n  hint: `llmx config path -h` shows how it is used",
            ),
            (
                &["complete", "--nothing-like-it"],
                "error: unknown option `--nothing-like-it`\n  hint: `llmx complete -h` lists the options\n  hint: if it is meant \
                 as a word, write `--` before it: `-- --nothing-like-it`",
            ),
        ] {
            assert_eq!(said(words), expected, "{words:?}");
        }
    }

    #[test]
    fn json_is_asked_for_before_the_words_of_a_prompt() {
        let form = |words: &[&str]| {
            let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
            json_form(&words).map(|form| (form.schema, form.lines))
        };
        let some = |schema: &str, lines: bool| Some((schema.to_owned(), lines));
        assert_eq!(form(&["complete", "--modle", "x", "--json"]), some("llmx.complete/1", false));
        assert_eq!(form(&["complete", "--jsonl", "--temperature", "hot"]), some("llmx.complete/1", true));
        assert_eq!(form(&["roles", "show", "--json"]), some("llmx.role/1", false));
        assert_eq!(form(&["--json", "complte"]), some("llmx/1", false));
        assert_eq!(form(&["complete", "--", "--json"]), None);
        assert_eq!(form(&["complete", "json"]), None);
    }

    #[test]
    fn a_prompt_without_a_command_is_told_where_prompts_go() {
        let told = said(&["Why is the sky blue?"]);
        assert!(told.contains("hint: to ask a model, write `llmx complete"), "{told}");
    }
}
