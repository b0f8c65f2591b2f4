//! `llmx help`: the help of a command, or a page on what several commands share.

pub mod topics;

use clap::{Command, CommandFactory};

use self::topics::{TOPICS, Topic};
use super::{Cli, Context, Done};
use crate::config::suggest::nearest;
use crate::error::{Error, ErrorKind};

/// Show the help of a command, or one of the topics
#[derive(Debug, clap::Args)]
#[command(after_help = topics::list())]
pub struct Args {
    /// A command with its words, or a topic
    #[arg(value_name = "COMMAND|TOPIC")]
    words: Vec<String>,
}

/// Runs the command.
pub fn run(args: &Args, context: &Context) -> Done {
    let ui = &context.ui;
    let mut root = Cli::command();
    root.build();
    let help = match args.words.as_slice() {
        [] => root.render_help(),
        [name] if ["topic", "topics"].contains(&name.as_str()) => {
            return Ok(ui.out_words(&format!("{}\n\n`llmx help NAME` shows one.\n", topics::list()))?);
        }
        [name] if Topic::named(name).is_some() => {
            let text = Topic::named(name).map(Topic::text).unwrap_or_default();
            return Ok(ui.page(&text)?);
        }
        words => find(root, words)?.render_long_help(),
    };
    let help = if ui.color_out { help.ansi().to_string() } else { help.to_string() };
    Ok(ui.out(&format!("{}\n", help.trim_end()))?)
}

/// The command that words lead to.
fn find(root: Command, words: &[String]) -> Result<Command, Error> {
    let mut command = root;
    for (depth, word) in words.iter().enumerate() {
        let Some(below) = command.find_subcommand(word) else { return Err(unknown(&command, words, depth)) };
        command = below.clone();
    }
    Ok(command)
}

/// The error of a word that leads nowhere, with the name that may have been meant.
fn unknown(command: &Command, words: &[String], depth: usize) -> Error {
    let topics = TOPICS.iter().map(|topic| topic.name).filter(|_| depth == 0);
    let names = command.get_subcommands().map(Command::get_name).chain(topics);
    let asked = words[..=depth].join(" ");
    let what = if depth == 0 { "command or topic" } else { "command" };
    let error = Error::new(ErrorKind::Usage, format!("no {what} `{asked}`"));
    let before = words[..depth].join(" ");
    match nearest(&words[depth], names) {
        Some(near) if depth == 0 => error.hint(format!("did you mean `llmx help {near}`?")),
        Some(near) => error.hint(format!("did you mean `llmx help {before} {near}`?")),
        None if depth == 0 => error.hint("`llmx help` lists the commands and the topics"),
        None => error.hint(format!("`llmx help {before}` lists what it has")),
    }
}
