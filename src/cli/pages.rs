//! Manual pages: one for each command, in the words of its help.

use std::io;

use clap::{Command, CommandFactory};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, roman};

use super::Cli;

/// What begins each part of a page.
const PREAMBLE: &str = ".ie \\n(.g .ds Aq \\(aq\n.el .ds Aq '\n";

/// Every page by the name of its file, such as `llmx-log-show.1`.
pub fn pages() -> io::Result<Vec<(String, String)>> {
    let mut root = Cli::command().disable_help_subcommand(true);
    root.build();
    commands(&root).into_iter().map(|command| Ok((format!("{}.1", name(&command)), page(command)?))).collect()
}

/// A command and all below it, each with its words.
fn commands(command: &Command) -> Vec<Command> {
    let below = command.get_subcommands().filter(|below| below.get_name() != "help").flat_map(commands);
    std::iter::once(command.clone()).chain(below).collect()
}

/// `llmx-log-show`.
fn name(command: &Command) -> String {
    command.get_display_name().unwrap_or_else(|| command.get_name()).to_owned()
}

fn page(mut command: Command) -> io::Result<String> {
    let usage = command.render_usage().to_string().trim_start_matches("Usage:").trim().to_owned();
    let chapters = command.get_after_long_help().or(command.get_after_help()).map(ToString::to_string);
    let has_commands = command.has_subcommands();
    let version = env!("CARGO_PKG_VERSION");
    let man = Man::new(command.override_usage(usage)).source(format!("llmx {version}")).manual("");
    let mut text = Vec::new();
    man.render_title(&mut text)?;
    man.render_name_section(&mut text)?;
    man.render_synopsis_section(&mut text)?;
    man.render_description_section(&mut text)?;
    if has_commands {
        man.render_subcommands_section(&mut text)?;
    }
    man.render_options_section(&mut text)?;
    sections(&chapters.unwrap_or_default()).to_writer(&mut text)?;
    // Each part defines the apostrophe anew; once is enough.
    let text = String::from_utf8_lossy(&text);
    Ok(PREAMBLE.to_owned() + &text.replace(PREAMBLE, ""))
}

/// The chapters of the long help: [`super::manual`] tells their form.
fn sections(chapters: &str) -> Roff {
    let mut roff = Roff::new();
    let mut literal = false;
    let mut headed = false;
    for line in chapters.lines() {
        let indented = line.starts_with("  ");
        if literal && !indented {
            roff.control("fi", []).control("RE", []);
        } else if indented && !literal {
            roff.control("RS", ["4"]).control("nf", []);
        }
        literal = indented;
        match line.strip_suffix(':') {
            Some(heading) if !indented => {
                roff.control("SH", [heading.to_uppercase().as_str()]);
                headed = true;
            }
            _ if line.is_empty() => {}
            _ if indented => {
                roff.text([roman(line.strip_prefix("  ").unwrap_or(line))]);
            }
            _ => {
                roff.control(if headed { "PP" } else { "SH" }, if headed { None } else { Some("NOTES") });
                headed = true;
                roff.text([roman(line)]);
            }
        }
    }
    if literal {
        roff.control("fi", []).control("RE", []);
    }
    roff
}
