//! Layers laid over one another: built-in < user file < project file < environment. Pure; what is wrong is reported and
//! left out. Where providers come from is told in [`providers`], where routes do in [`routes`].

mod budgets;
mod providers;
mod routes;
mod trials;

use std::collections::BTreeMap;

use super::hooks::{Hooks, Occasion};
use super::layer::{Layer, Source, member};
use super::paths::{Paths, expand_configured};
use super::problem::Problem;
use super::resolve::Unknown;
use super::settings::{LogSettings, Settings};
use super::{Environment, variables};
use crate::route::{Origin, Set};

/// The settings of these files, later ones over earlier ones, with the environment on top, and all problems.
pub fn assemble(sources: Vec<Source>, environment: &Environment, paths: Paths) -> (Settings, Vec<Problem>) {
    let layers: Vec<Layer> = sources.into_iter().map(Layer::read).collect();
    let settings = Settings {
        paths,
        default: None,
        providers: Vec::new(),
        aliases: BTreeMap::new(),
        routes: BTreeMap::new(),
        store_prompts: Set::built_in(true),
        log: LogSettings::default(),
        chat_keys: None,
        repair: Set::built_in(false),
        catalog: None,
        budgets: Vec::new(),
        budget_warn_at: Set::built_in(budgets::WARN_AT),
        hooks: Hooks::default(),
        origins: layers.iter().flat_map(Layer::origins).collect(),
    };
    let mut assembly = Assembly { settings, environment, layers: &layers, problems: Vec::new(), names: Vec::new() };
    assembly.take_providers();
    assembly.take_plain_settings();
    assembly.take_hooks();
    assembly.take_routes();
    assembly.take_budgets();
    assembly.take_environment();
    assembly.check_aliases();
    let Assembly { settings, problems, names, .. } = assembly;
    let mut problems: Vec<Problem> = layers.iter().flat_map(|layer| layer.problems.clone()).chain(problems).collect();
    if problems.is_empty() {
        problems = names;
    }
    (settings, problems)
}

struct Assembly<'a> {
    settings: Settings,
    environment: &'a Environment,
    layers: &'a [Layer],
    problems: Vec<Problem>,
    /// Names that stand for nothing. Told only when all else is sound: what is wrong is left out, so its name is unknown too.
    names: Vec<Problem>,
}

impl Assembly<'_> {
    /// A problem at a setting, in the last file that says something there.
    fn at(&self, at: &str, message: impl Into<String>) -> Problem {
        let parent = at.rsplit_once('.').map_or(at, |(parent, _)| parent);
        let says = |at: &str| self.layers.iter().rev().find(|layer| layer.origin(at).is_some());
        match says(at).or_else(|| says(parent)) {
            Some(layer) => layer.at(at, message),
            None => Problem::whole(at, message),
        }
    }

    fn take_plain_settings(&mut self) {
        let environment = self.environment;
        let settings = &mut self.settings;
        for layer in self.layers {
            let origin = |at: &str| layer.origin(at).unwrap_or(Origin::BuiltIn);
            if let Some(value) = layer.default.clone() {
                settings.default = Some(Set { value, origin: origin("default") });
            }
            if let Some(value) = layer.store_prompts {
                settings.store_prompts = Set { value, origin: origin("store_prompts") };
            }
            if let Some(log) = layer.log {
                let set = |name: &str| origin(&member("log", name));
                settings.store_prompts =
                    log.text.map_or_else(|| settings.store_prompts.clone(), |value| Set { value, origin: set("text") });
                settings.log.keep = log.keep.map(|value| Set { value, origin: set("keep") });
                settings.log.max_size = log.max_size.map(|value| Set { value, origin: set("max_size") });
            }
            if let Some(value) = layer.chat.and_then(|chat| chat.keys) {
                settings.chat_keys = Some(Set { value, origin: origin(&member("chat", "keys")) });
            }
            if let Some(value) = layer.repair {
                settings.repair = Set { value, origin: origin("repair") };
            }
            if let Some(path) = &layer.catalog {
                settings.catalog = Some(Set { value: expand_configured(path, environment), origin: origin("catalog") });
            }
            for (name, value) in &layer.aliases {
                let origin = origin(&member("aliases", name));
                settings.aliases.insert(name.clone(), Set { value: value.clone(), origin });
            }
        }
    }

    fn take_environment(&mut self) {
        let origin = |variable: &str| Origin::Env(variable.to_owned());
        if let Some(model) = self.environment.get(variables::MODEL) {
            self.settings.default = Some(Set { value: model.to_owned(), origin: origin(variables::MODEL) });
        }
        match self.environment.get(variables::LOG) {
            None => {}
            Some(value @ ("on" | "off")) => {
                self.settings.store_prompts = Set { value: value == "on", origin: origin(variables::LOG) };
            }
            Some(_) => {
                let name = format!("variable `{}`", variables::LOG);
                self.problems.push(Problem::whole(&name, "expected `on` or `off`"));
            }
        }
    }

    fn take_hooks(&mut self) {
        for (layer, row) in self.layers.iter().filter_map(|layer| Some((layer, layer.hooks.as_ref()?))) {
            let origin = |name: &str| layer.origin(&member("hooks", name)).unwrap_or(Origin::BuiltIn);
            let hooks = &mut self.settings.hooks;
            for occasion in Occasion::ALL {
                let said = row.hook(occasion).map(|hook| Set { value: hook.clone(), origin: origin(occasion.name()) });
                hooks.hooks.extend(said.map(|hook| (occasion, hook)));
            }
            if let Some(value) = row.timeout {
                hooks.timeout = Set { value, origin: origin("timeout") };
            }
        }
    }

    fn check_aliases(&mut self) {
        let mut in_cycles: Vec<&String> = Vec::new();
        let mut problems = Vec::new();
        for (name, alias) in &self.settings.aliases {
            if let Some(cycle) = self.settings.cycle_of_alias(name) {
                if !in_cycles.contains(&name) {
                    let words = cycle.iter().chain([&name]).map(|name| name.as_str()).collect::<Vec<_>>().join(" -> ");
                    let problem = self.at(&member("aliases", name), format!("aliases in a circle: {words}"));
                    problems
                        .push(problem.help("an alias stands for a model, such as `provider/model`, or for a route"));
                }
                in_cycles.extend(cycle);
            } else if let Err(unknown) = self.settings.meaning_of_alias(&alias.value) {
                self.names.push(told(self.at(&member("aliases", name), ""), unknown));
            }
        }
        self.problems.extend(problems);
    }
}

fn told(problem: Problem, unknown: Unknown) -> Problem {
    Problem { message: unknown.message, help: unknown.hints.into_iter().next(), ..problem }
}
