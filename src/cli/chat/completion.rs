//! What Tab completes: commands, and what their arguments are made of.

use std::cell::OnceCell;

use super::command::{COMMANDS, Command, Words};
use super::commands::conversations::LISTED;
use super::commands::role::NONE;
use super::commands::set::SETTINGS;
use crate::catalog::Kind;
use crate::cli::catalogue;
use crate::cli::session::{Session, ledger_to_read};
use crate::config::role::find;
use crate::config::{Environment, Settings};
use crate::ui::editor::{Complete, Completion};

/// The names that words can become. Those of models are looked up when they are asked for first.
pub(super) struct Names {
    settings: Settings,
    environment: Environment,
    is_simulated: bool,
    routes: Vec<String>,
    models: OnceCell<Vec<String>>,
}

impl Names {
    /// The names that the settings know.
    pub fn new(session: &Session) -> Self {
        let settings = &session.settings;
        Self {
            settings: settings.clone(),
            environment: session.environment.clone(),
            is_simulated: session.simulated(),
            routes: settings.routes.keys().cloned().collect(),
            models: OnceCell::new(),
        }
    }

    /// Routes and aliases first, then providers whose key is there, and their models.
    fn models(&self) -> &[String] {
        self.models.get_or_init(|| {
            let mut names = self.routes.clone();
            names.extend(self.settings.aliases.keys().cloned());
            let catalog = catalogue::quietly(&self.settings);
            let is_usable = |provider: &&std::sync::Arc<crate::provider::Provider>| {
                crate::config::show::is_at_hand(&self.settings, &self.environment, provider)
            };
            for provider in self.settings.providers.iter().filter(is_usable) {
                names.push(provider.name.clone());
                let chat = catalog
                    .models(&provider.catalog)
                    .filter(|model| model.kind == Kind::Chat && model.status.as_deref() != Some("retired"));
                names.extend(chat.map(|model| format!("{}/{}", provider.name, model.id)));
            }
            names
        })
    }

    /// Ids of the latest conversations, as `/list` has them.
    fn conversations(&self) -> Vec<String> {
        let ledger = ledger_to_read(&self.settings.paths, self.is_simulated);
        let found = ledger.conversations(LISTED).unwrap_or_default().into_iter();
        found.map(|each| ledger.run(&each.id).ok().flatten().map_or(each.id, |run| run.short)).collect()
    }

    fn words(&self, command: &Command, typed: &str) -> Option<Vec<String>> {
        let starting = |names: &mut dyn Iterator<Item = &str>| {
            names.filter(|name| name.starts_with(typed)).map(str::to_owned).collect::<Vec<_>>()
        };
        match command.words {
            Words::Files => None,
            Words::Nothing => Some(Vec::new()),
            Words::Models => Some(starting(&mut self.models().iter().map(String::as_str))),
            Words::Roles => {
                let roles = find::names(&self.environment);
                Some(starting(&mut roles.iter().map(String::as_str).chain([NONE])))
            }
            Words::Commands => Some(starting(&mut COMMANDS.iter().map(|command| command.name))),
            Words::Conversations => Some(starting(&mut self.conversations().iter().map(String::as_str))),
            Words::Settings => Some(starting(&mut SETTINGS.iter().map(|setting| setting.name))),
        }
    }
}

impl Complete for Names {
    fn complete(&self, line: &str, at: usize) -> Completion {
        let typed = &line[..at];
        let nothing = Completion::Words(at, Vec::new());
        let Some(rest) = typed.strip_prefix('/').filter(|rest| !rest.starts_with('/')) else { return nothing };
        let Some((name, arguments)) = rest.split_once(' ') else {
            let all = COMMANDS.iter().flat_map(|command| std::iter::once(&command.name).chain(command.aliases));
            let names: Vec<&str> = all.filter(|name| name.starts_with(rest)).copied().collect();
            // What takes arguments is followed by a blank, when it is the only one.
            let takes = |name: &str| Command::named(name).is_some_and(|command| !command.arguments.is_empty());
            let blank = if matches!(names[..], [name] if takes(name)) { " " } else { "" };
            return Completion::Words(0, names.iter().map(|name| format!("/{name}{blank}")).collect());
        };
        let Some(command) = Command::named(name) else { return nothing };
        let word = arguments.rsplit(' ').next().unwrap_or_default();
        match self.words(command, word) {
            Some(words) => Completion::Words(at - word.len(), words),
            None => Completion::Files,
        }
    }
}
