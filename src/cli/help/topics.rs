//! The topics of `llmx help`: what several commands share, a page for each. Man pages are made of them too.
//!
//! A page has the form of the chapters in [`manual`], with its paragraphs in lines of any length.

use crate::cli::manual;
use crate::route::strategy::STRATEGIES;

/// A page of help that belongs to no command alone.
#[derive(Debug)]
pub struct Topic {
    /// What it is called on the command line.
    pub name: &'static str,
    /// What it is about, in a line.
    pub about: &'static str,
    page: &'static str,
}

/// All topics.
pub const TOPICS: &[Topic] = &[
    Topic { name: "routes", about: "Fallback chains: who answers, and who is next", page: include_str!("routes.txt") },
    Topic { name: "keys", about: "Keys, and servers of your own", page: include_str!("keys.txt") },
    Topic { name: "scripts", about: "Pipes, exit codes, JSON", page: include_str!("scripts.txt") },
    Topic { name: "budgets", about: "Limits of money", page: include_str!("budgets.txt") },
    Topic { name: "privacy", about: "What is kept and sent, and how to keep less", page: include_str!("privacy.txt") },
    Topic { name: "simulation", about: "No key, no network: --sim and faults", page: include_str!("simulation.txt") },
];

impl Topic {
    /// The topic of that name.
    pub fn named(name: &str) -> Option<&'static Self> {
        TOPICS.iter().find(|topic| topic.name == name)
    }

    /// The page, each paragraph in a line of its own.
    pub fn text(&self) -> String {
        let strategies = STRATEGIES.iter().map(|strategy| (strategy.name.to_owned(), strategy.does));
        let page = unwrapped(self.page)
            .replace("{strategies}", &manual::list(strategies))
            .replace("{scripts}", manual::SCRIPTS)
            .replace("{exit_codes}", &manual::exit_codes())
            .replace("{faults}", &manual::faults());
        page.trim_end().to_owned()
    }
}

/// The rows of all topics, for the help of the whole program.
pub fn list() -> String {
    let rows = TOPICS.iter().map(|topic| (topic.name.to_owned(), topic.about));
    format!("Topics:\n{}", manual::list(rows))
}

/// The text with the lines of each paragraph joined.
fn unwrapped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut in_paragraph = false;
    for line in text.lines() {
        let is_kept = line.is_empty() || line.starts_with(' ') || (line.ends_with(':') && !in_paragraph);
        if !out.is_empty() {
            out.push(if in_paragraph && !is_kept { ' ' } else { '\n' });
        }
        out.push_str(line);
        in_paragraph = !is_kept;
    }
    out
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn lines_of_a_paragraph_are_joined_and_others_stay() {
        let text = "Head:\nOne\ntwo:\nthree.\n\n  a\n  b\nFour\nfive.\n";
        assert_eq!(unwrapped(text), "Head:\nOne two: three.\n\n  a\n  b\nFour five.");
    }

    #[test]
    fn every_page_is_filled_in_and_what_stays_as_it_is_fits_80_columns() {
        for topic in TOPICS {
            let text = topic.text();
            assert!(!text.contains("{strategies}") && !text.contains("{scripts}"), "{}", topic.name);
            assert!(!text.contains("{exit_codes}") && !text.contains("{faults}"), "{}", topic.name);
            let wide = text.lines().find(|line| line.starts_with("  ") && line.chars().count() > 80);
            assert_eq!(wide, None, "{}", topic.name);
        }
    }

    #[test]
    fn no_topic_is_called_as_a_command() {
        let root = crate::cli::Cli::command();
        for topic in TOPICS {
            assert!(root.find_subcommand(topic.name).is_none(), "{}", topic.name);
        }
    }
}
