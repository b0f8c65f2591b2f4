//! Manual pages: one for each command and each topic, in the words of the help.

use std::io;

use clap::{Command, CommandFactory};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, roman};

use super::Cli;
use super::help::topics::{TOPICS, Topic};

/// What begins each part of a page.
const PREAMBLE: &str = ".ie \\n(.g .ds Aq \\(aq\n.el .ds Aq '\n";

/// Every page by the name of its file, such as `llmx-log-show.1`.
pub fn pages() -> io::Result<Vec<(String, String)>> {
    let mut root = Cli::command();
    root.build();
    let commands = commands(&root).into_iter().map(|command| Ok((format!("{}.1", name(&command)), page(command)?)));
    let topics = TOPICS.iter().map(|topic| Ok((format!("llmx-{}.7", topic.name), topic_page(topic)?)));
    commands.chain(topics).collect()
}

/// A page of section 7: it belongs to no command alone.
fn topic_page(topic: &Topic) -> io::Result<String> {
    let source = format!("llmx {}", env!("CARGO_PKG_VERSION"));
    let page = format!("llmx-{}", topic.name);
    let mut roff = Roff::new();
    roff.control("TH", [page.as_str(), "7", "", &source, ""]);
    roff.control("SH", ["NAME"]).text([roman(format!("{page} - {}", topic.about))]);
    roff.control("SH", ["DESCRIPTION"]);
    let mut text = Vec::new();
    roff.to_writer(&mut text)?;
    sections(&topic.text(), true).to_writer(&mut text)?;
    Ok(begun_once(&text))
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
    sections(&chapters.unwrap_or_default(), false).to_writer(&mut text)?;
    Ok(begun_once(&text))
}

/// Each part of a page defines the apostrophe anew; once is enough.
fn begun_once(text: &[u8]) -> String {
    PREAMBLE.to_owned() + &String::from_utf8_lossy(text).replace(PREAMBLE, "")
}

/// The chapters of the long help: [`super::manual`] tells their form. Text before the first of them is notes, unless it
/// is `headed` already.
fn sections(chapters: &str, mut headed: bool) -> Roff {
    let mut roff = Roff::new();
    let mut literal = false;
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
