//! `llmx shell`: completions and a key for a shell, and the command line that the key asks for.

pub(super) mod line;

use clap_complete::env::{Elvish, EnvCompleter, Powershell};

use super::complete::{self, Purpose};
use super::completion::VARIABLE;
use super::{Context, Done, manual, parse_complete};
use crate::error::{Error, ErrorKind};

/// Print completions and a key for bash, zsh or fish
///
/// The key is Alt-I: what stands on the command line is taken as a wish, a model is asked for the command that does it, and that takes
/// its place. It is never run before you press Enter. When nothing comes of it, the line stays as it was.
#[derive(Debug, clap::Args)]
#[command(after_help = manual::SHELL_EXAMPLES)]
pub struct Args {
    /// The shell: bash, zsh or fish
    #[arg(value_enum, hide_possible_values = true)]
    shell: Shell,
    /// Ask this model, route or alias for commands
    ///
    /// Without it `LLMX_MODEL`, then `default` of the configuration, as everywhere.
    #[arg(short, long, value_name = "MODEL", value_parser = word)]
    model: Option<String>,
    /// Print the command that does this, as the key does
    #[arg(long, value_name = "WISH", allow_hyphen_values = true)]
    wish: Option<String>,
}

/// A shell whose line can be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Shell {
    /// GNU bash
    Bash,
    /// Z shell
    Zsh,
    /// fish
    Fish,
}

impl Shell {
    /// The name of its program.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bash => "bash",
            Self::Zsh => "zsh",
            Self::Fish => "fish",
        }
    }

    /// The script that completes.
    pub const fn completions(self) -> &'static str {
        match self {
            Self::Bash => include_str!("shell/complete.bash"),
            Self::Zsh => include_str!("shell/complete.zsh"),
            Self::Fish => include_str!("shell/complete.fish"),
        }
    }

    const fn key(self) -> &'static str {
        match self {
            Self::Bash => include_str!("shell/wish.bash"),
            Self::Zsh => include_str!("shell/wish.zsh"),
            Self::Fish => include_str!("shell/wish.fish"),
        }
    }
}

/// The scripts that complete, by the names under which shells look for them.
pub fn completions() -> Vec<(&'static str, String)> {
    let others: [(&str, &dyn EnvCompleter); 2] = [("_llmx.ps1", &Powershell), ("llmx.elv", &Elvish)];
    let others = others.map(|(file, shell)| {
        let mut script = Vec::new();
        // Memory takes all.
        let _ = shell.write_registration(VARIABLE, "llmx", "llmx", "llmx", &mut script);
        (file, String::from_utf8_lossy(&script).trim_start().to_owned())
    });
    let ours = [("llmx.bash", Shell::Bash), ("_llmx", Shell::Zsh), ("llmx.fish", Shell::Fish)];
    ours.into_iter().map(|(file, shell)| (file, shell.completions().to_owned())).chain(others).collect()
}

/// A name that means the same in a script of any shell.
fn word(name: &str) -> Result<String, String> {
    let is_plain = |each: char| each.is_ascii_alphanumeric() || "/_.:@-".contains(each);
    if name.is_empty() || name.starts_with('-') || !name.chars().all(is_plain) {
        return Err("write a name of letters, digits and any of / _ . : @ -".to_owned());
    }
    Ok(name.to_owned())
}

/// Runs the command.
pub fn run(args: &Args, context: &mut Context) -> Done {
    match args.wish.as_deref().map(str::trim) {
        None => Ok(context.ui.out(&script(args))?),
        Some("") => {
            context.ui.note(
                "write what you want done, then press Alt-I: the command that does it takes its place, and is not run \
                 before you press Enter",
            );
            Ok(())
        }
        Some(wish) => grant(args, wish, context),
    }
}

fn script(args: &Args) -> String {
    let model = args.model.as_ref().map(|name| format!(" -m {name}")).unwrap_or_default();
    let key = args.shell.key().replace("{llmx}", &format!("llmx shell {}{model}", args.shell.name()));
    args.shell.completions().to_owned() + &key
}

/// Asks for the command line and prints it.
fn grant(args: &Args, wish: &str, context: &mut Context) -> Done {
    let system = format!(
        "You write command lines for {} on {}. The user says what should be done; answer with the one command line that does \
         it: no explanation, no Markdown, no comment, no prompt sign. It is a single line; join steps with && or pipes. If the \
         user has written a command, mend it.",
        args.shell.name(),
        std::env::consts::OS
    );
    let model = args.model.as_ref().map(|name| ["-m", name]);
    let fixed = ["--no-stream", "--hide-reasoning", "--strict", "--system", &system];
    let words: Vec<&str> = fixed.into_iter().chain(model.into_iter().flatten()).chain(["--", wish]).collect();
    let parsed = parse_complete(&words);
    let mut complete =
        parsed.map_err(|error| Error::new(ErrorKind::Other, "cannot ask").caused_by(anyhow::Error::msg(error)))?;
    complete.purpose = Purpose::CommandLine;
    complete::run(&complete, context)
}
