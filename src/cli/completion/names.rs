//! The names that this machine knows: of models, routes, roles, runs. Read from files alone, and only as many as a person
//! could look through.

use clap::{Command, CommandFactory};
use clap_complete::CompletionCandidate;

use super::Sort;
use crate::catalog::Catalog;
use crate::cli::help::topics::TOPICS;
use crate::cli::session::ledger_to_read;
use crate::cli::{Cli, catalogue};
use crate::config::show::is_at_hand;
use crate::config::{Environment, Paths, Settings, known};
use crate::ledger::{Filter, Ledger};
use crate::provider::Provider;
use crate::sim::fault::FAULTS;
use crate::ui::sanitize::clean_line;
use crate::ui::{ColorChoice, Talk, Ui};

/// So many of the latest runs are offered.
const OFFERED: usize = 20;
/// Among so many of the latest runs one that begins as was typed is looked for.
const LOOKED_THROUGH: usize = 1000;
/// So much is said of a name, in characters.
const LONGEST_REMARK: usize = 60;

/// Finds names in these surroundings.
#[derive(Debug)]
pub struct Names {
    /// The process's surroundings.
    pub environment: Environment,
    /// The line asks for the simulation.
    pub simulated: bool,
}

/// A name, and what is said of it.
type Named = (String, String);

impl Names {
    /// The names of that sort which begin so. None is one that could do harm in a terminal or on a command line.
    pub fn beginning_with(&self, typed: &str, sort: Sort) -> Vec<CompletionCandidate> {
        let found = match sort {
            Sort::Model => self.models(typed),
            Sort::Provider => self.providers(typed, ""),
            Sort::Route => self.settings().map(|settings| routes(&settings)).unwrap_or_default(),
            Sort::Role => self.roles(),
            Sort::Run => self.runs(typed),
            Sort::Comparison => self.comparisons(),
            Sort::Help => help(),
            Sort::Faults => self.faults(typed),
            Sort::Setting => self.setting_names(typed),
            Sort::Path => Vec::new(),
        };
        let mut named: Vec<Named> = found.into_iter().filter(|(name, _)| fits(name, typed)).collect();
        named.dedup_by(|(one, _), (other, _)| one == other);
        named.into_iter().map(|(name, remark)| candidate(name, &remark)).collect()
    }

    fn settings(&self) -> Option<Settings> {
        Settings::load(&self.environment).ok()
    }

    fn ledger(&self) -> Ledger {
        ledger_to_read(&Paths::new(&self.environment), self.simulated)
    }

    /// Routes, aliases and providers; behind a provider's slash its models.
    fn models(&self, typed: &str) -> Vec<Named> {
        let Some(settings) = self.settings() else { return Vec::new() };
        if let Some((name, _)) = typed.split_once('/') {
            return settings.provider(name).map(|provider| models_of(provider, &settings)).unwrap_or_default();
        }
        let aliases = settings.aliases.iter();
        let aliases = aliases.map(|(name, alias)| (name.clone(), format!("alias of {}", alias.value)));
        let mut found: Vec<Named> = routes(&settings).into_iter().chain(aliases).collect();
        found.extend(self.providers(typed, "/"));
        found
    }

    /// Providers, with that behind their names: those that are at hand, and when none of them begins so, the others.
    fn providers(&self, typed: &str, end: &str) -> Vec<Named> {
        let Some(settings) = self.settings() else { return Vec::new() };
        let begins = |provider: &&Provider| provider.name.starts_with(typed);
        let all: Vec<&Provider> = settings.providers.iter().map(AsRef::as_ref).filter(begins).collect();
        let at_hand = |provider: &&Provider| {
            self.simulated || (!provider.local && is_at_hand(&settings, &self.environment, provider))
        };
        let mut usable: Vec<&Provider> = all.iter().copied().filter(at_hand).collect();
        if usable.is_empty() {
            usable = all;
        }
        usable.into_iter().map(|provider| (format!("{}{end}", provider.name), provider.title.clone())).collect()
    }

    /// Faults for all, and behind a provider and its colon those for it; behind a comma the next one.
    fn faults(&self, typed: &str) -> Vec<Named> {
        let (before, item) = typed.rfind(',').map_or(("", typed), |comma| typed.split_at(comma + 1));
        let target = item.rfind(':').map_or("", |colon| &item[..=colon]);
        let rows = FAULTS.iter().flat_map(|row| row.names.iter().map(|name| (*name, row.does)));
        let mut found: Vec<Named> = rows.map(|(name, does)| (format!("{target}{name}"), does.to_owned())).collect();
        if target.is_empty() {
            found.extend(self.providers(item, ":"));
        }
        found.into_iter().map(|(name, remark)| (format!("{before}{name}"), remark)).collect()
    }

    /// The names of settings, up to the next dot behind what was typed.
    fn setting_names(&self, typed: &str) -> Vec<Named> {
        let (settings, _) = Settings::load_what_holds(&self.environment);
        let next = |name: String| {
            let dot = name.get(typed.len()..).and_then(|rest| rest.find('.'));
            (dot.map_or(name.as_str(), |dot| &name[..=typed.len() + dot]).to_owned(), String::new())
        };
        known::names(&settings).into_iter().filter(|name| !name.contains('"')).map(next).collect()
    }

    /// The stems of the files in the directories of roles: the user's and the project's.
    fn roles(&self) -> Vec<Named> {
        let Paths { config, project, .. } = Paths::new(&self.environment);
        let own = config.as_deref().and_then(|file| Some(file.parent()?.join("roles")));
        let of_project = project.parent().map(|root| root.join(".llmx/roles"));
        let directories = own.into_iter().chain(of_project);
        let files = directories.filter_map(|directory| directory.read_dir().ok()).flatten().flatten();
        let files = files.map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|end| end == "md"));
        let mut names: Vec<Named> =
            files.filter_map(|path| Some((path.file_stem()?.to_str()?.to_owned(), String::new()))).collect();
        names.sort_unstable();
        names
    }

    /// Runs, newest first: the latest with what was asked, or those that begin as was typed.
    fn runs(&self, typed: &str) -> Vec<Named> {
        let ledger = self.ledger();
        let last = ("last".to_owned(), "the latest".to_owned());
        let latest = ledger.recent(OFFERED).unwrap_or_default().into_iter().map(|run| (run.id, run.prompt));
        let mut found: Vec<Named> = std::iter::once(last).chain(latest).collect();
        if !found.iter().any(|(name, _)| fits(name, typed)) {
            let ids = ledger.find_ids(&Filter::default(), LOOKED_THROUGH).unwrap_or_default();
            found.extend(ids.into_iter().map(|id| (id, String::new())));
        }
        found
    }

    fn comparisons(&self) -> Vec<Named> {
        let latest = self.ledger().comparisons(OFFERED).unwrap_or_default().into_iter();
        let last = ("last".to_owned(), "the latest".to_owned());
        std::iter::once(last)
            .chain(latest.map(|found| (found.comparison.id, found.comparison.created.to_string())))
            .collect()
    }
}

/// Those of its models that are served, and those that routes name.
fn models_of(provider: &Provider, settings: &Settings) -> Vec<Named> {
    let quiet = Ui::new(Talk::Quiet, ColorChoice::Never, |_| None);
    let catalog = catalogue::open(settings, &quiet).unwrap_or_else(|_| Catalog::builtin());
    let routed = settings.routes.values().flat_map(|route| route.tiers.iter().flatten());
    let routed = routed.filter(|target| target.provider == provider.name);
    let mut names: Vec<String> = routed.map(ToString::to_string).collect();
    let served = catalog.models(&provider.catalog).filter(|model| model.status.as_deref() != Some("retired"));
    names.extend(served.map(|model| format!("{}/{}", provider.name, model.id)));
    names.sort_unstable();
    names.into_iter().map(|name| (name, String::new())).collect()
}

fn routes(settings: &Settings) -> Vec<Named> {
    settings.routes.keys().map(|name| (name.clone(), "route".to_owned())).collect()
}

fn help() -> Vec<Named> {
    let root = Cli::command();
    let about = |command: &Command| command.get_about().map(ToString::to_string).unwrap_or_default();
    let commands = root.get_subcommands().map(|command| (command.get_name().to_owned(), about(command)));
    let topics = TOPICS.iter().map(|topic| (topic.name.to_owned(), topic.about.to_owned()));
    commands.chain(topics).collect()
}

fn fits(name: &str, typed: &str) -> bool {
    let is_odd =
        |each: char| each.is_whitespace() || each.is_control() || !clean_line(&each.to_string()).starts_with(each);
    name.starts_with(typed) && !name.contains(is_odd)
}

fn candidate(name: String, remark: &str) -> CompletionCandidate {
    let line: String = clean_line(remark).split_whitespace().collect::<Vec<_>>().join(" ");
    let remark: String = line.chars().take(LONGEST_REMARK).collect();
    CompletionCandidate::new(name).help((!remark.is_empty()).then(|| remark.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_could_do_harm_are_not_offered() {
        for (name, typed, expected) in [
            ("openai/gpt-5.4-mini", "openai/g", true),
            ("ollama/llama3.1:8b", "ollama/", true),
            ("smart", "x", false),
            ("two words", "", false),
            ("es\u{1b}[2J", "", false),
            ("line\nfeed", "", false),
            ("bidi\u{202e}", "", false),
        ] {
            assert_eq!(fits(name, typed), expected, "{name:?}");
        }
    }

    #[test]
    fn roles_are_the_users_and_the_projects() {
        let home = tempfile::tempdir().expect("a directory");
        let path = |name: &str| home.path().join(name);
        for (directory, file) in
            [("config/llmx/roles", "commit.md"), ("config/llmx/roles", "notes.txt"), ("work/.llmx/roles", "review.md")]
        {
            std::fs::create_dir_all(path(directory)).expect("a directory");
            std::fs::write(path(directory).join(file), "").expect("a file");
        }
        let variables =
            [("HOME", home.path().display().to_string()), ("XDG_CONFIG_HOME", path("config").display().to_string())];
        let variables = variables.map(|(name, value)| (name.to_owned(), value)).into();
        let names = Names { environment: Environment { variables, working_directory: path("work") }, simulated: false };
        let found = names.beginning_with("", Sort::Role);
        let found: Vec<String> = found.iter().map(|found| found.get_value().to_string_lossy().into_owned()).collect();
        assert_eq!(found, ["commit", "review"]);
    }

    #[test]
    fn a_remark_is_one_line_without_control_characters() {
        let found = candidate("0199".to_owned(), "What\nis\t\u{1b}]0;this\u{7}?");
        assert_eq!(found.get_help().map(ToString::to_string).as_deref(), Some("What is ^[]0;this^G?"));
        assert!(candidate("0199".to_owned(), "").get_help().is_none());
    }
}
