//! What is made from the command line's definition and from tables, and checked in: completions, man pages, tables of
//! the README. A stale file fails; [`REFRESH`] writes it anew.

mod man;
pub mod readme;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use clap::CommandFactory;
use llmx::cli::Cli;
use llmx::cli::shell::completions;

const REFRESH: &str = "LLMX_UPDATE=1 cargo test --test main generated";

/// A path in the repository.
fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn read(name: &str) -> String {
    fs::read_to_string(path(name)).unwrap_or_default()
}

/// Every generated file as it must be, by its path in the repository.
fn files() -> BTreeMap<String, String> {
    let mut files = man::pages();
    files.extend(completions().into_iter().map(|(name, script)| (format!("completions/{name}"), script)));
    // The README is about the whole program.
    if cfg!(feature = "bedrock") {
        files.insert("README.md".to_owned(), readme::refreshed(&read("README.md")));
    }
    files
}

/// What lies in the folders that hold generated files alone.
fn checked_in() -> BTreeSet<String> {
    let list = |folder: &'static str| {
        let entries = fs::read_dir(path(folder)).into_iter().flatten();
        entries.map(move |entry| format!("{folder}/{}", entry.expect("an entry").file_name().display()))
    };
    list("completions").chain(list("man")).collect()
}

#[test]
fn what_is_checked_in_is_fresh() {
    let files = files();
    let gone: Vec<String> = checked_in().into_iter().filter(|name| !files.contains_key(name)).collect();
    let stale: Vec<&String> = files.iter().filter(|(name, text)| read(name) != **text).map(|(name, _)| name).collect();
    if std::env::var_os("LLMX_UPDATE").is_some() {
        for name in stale {
            fs::create_dir_all(path(name).parent().expect("a folder")).expect("the folder");
            fs::write(path(name), &files[name]).expect("the file is written");
        }
        for name in gone {
            fs::remove_file(path(&name)).expect("the file is removed");
        }
        return;
    }
    assert!(stale.is_empty() && gone.is_empty(), "stale: {stale:?}, of no use: {gone:?}; refresh with `{REFRESH}`");
}

/// Runs a tool; `None` when it is not installed and may be missed. Where nothing may be skipped that is a failure.
fn tool(name: &str, arguments: &[&str]) -> Option<Output> {
    let ran = Command::new(name).args(arguments).env("LC_ALL", "C.UTF-8").env("MANWIDTH", "80").output();
    match ran {
        Ok(output) => Some(output),
        Err(error) => {
            assert!(std::env::var_os("LLMX_TEST_NO_SKIP").is_none(), "`{name}` is not to be had: {error}");
            #[expect(clippy::print_stderr, reason = "a check that is skipped must say so")]
            {
                eprintln!("skipped: `{name}` is not to be had: {error}");
            }
            None
        }
    }
}

/// Runs a script that must say `expected` and nothing on stderr.
#[track_caller]
fn says(name: &str, arguments: &[&str], expected: &str) {
    let Some(output) = tool(name, arguments) else { return };
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && stderr.is_empty(), "{name}: {}\n{stderr}", output.status);
    assert!(stdout.contains(expected), "{name}: no `{expected}` in\n{stdout}");
}

#[test]
fn man_shows_every_page_without_a_warning() {
    for name in man::pages().keys() {
        let file = path(name);
        let arguments = ["--warnings", "-E", "UTF-8", "-l", "-Tutf8", file.to_str().expect("UTF-8")];
        // Headings are set in overstrike, the footer is plain.
        says("man", &arguments, concat!("llmx ", env!("CARGO_PKG_VERSION")));
    }
}

/// All commands, each with its words.
fn commands(command: &clap::Command) -> Vec<clap::Command> {
    let is_ours = |below: &&clap::Command| below.get_name() != "help" || command.get_name() == "llmx";
    let below = command.get_subcommands().filter(is_ours).flat_map(commands);
    std::iter::once(command.clone()).chain(below).collect()
}

#[test]
fn short_help_is_a_screen_with_a_line_for_each_flag() {
    let mut root = Cli::command().term_width(80);
    root.build();
    for mut command in commands(&root) {
        let help = command.render_help().to_string();
        let name = command.get_name().to_owned();
        assert!(help.lines().count() <= 60, "`{name} -h` is longer than a screen");
        for line in help.lines() {
            // What goes on in a further line is indented as far as the column of meanings.
            assert!(!line.starts_with(&" ".repeat(9)), "`{name} -h`: more than a line: {line}");
            assert!(line.chars().count() <= 80, "`{name} -h`: too wide: {line}");
        }
    }
}

#[test]
fn every_flag_and_command_is_told_in_the_same_manner() {
    let mut root = Cli::command();
    root.build();
    for command in commands(&root) {
        let about = command.get_about().map(ToString::to_string).unwrap_or_default();
        let mut told = vec![(command.get_name().to_owned(), about)];
        let helps = command.get_arguments().map(|argument| {
            let help = argument.get_help().map(ToString::to_string).unwrap_or_default();
            (format!("{} {}", command.get_name(), argument.get_id()), help)
        });
        told.extend(helps);
        for (name, text) in told {
            assert!(text.starts_with(char::is_uppercase), "{name}: no capital letter: `{text}`");
            assert!(!text.ends_with('.'), "{name}: a full stop at the end: `{text}`");
        }
    }
}

#[test]
fn every_variable_of_ours_is_in_the_table_that_help_prints() {
    let source = read("src/config/variables.rs");
    let constants = source.lines().filter_map(|line| line.split('"').nth(1)).filter(|name| name.starts_with("LLMX_"));
    let listed: Vec<&str> = llmx::config::variables::ALL.iter().map(|(name, _)| *name).collect();
    assert_eq!(constants.collect::<Vec<_>>(), listed);
}
