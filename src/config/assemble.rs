//! Layers laid over one another: built-in < user file < project file < environment. Pure; what is wrong is reported and
//! left out. Where providers come from is told in [`providers`].

mod providers;

use std::collections::BTreeMap;

use super::layer::{Layer, Source, member};
use super::paths::{Paths, expand_configured};
use super::problem::Problem;
use super::resolve::{ON_CUT, RETRIES, Unknown};
use super::schema::{RouteRow, Time};
use super::settings::{Route, Settings};
use super::{Environment, variables};
use crate::provider::TargetId;
use crate::route::{Origin, PolicyLimits, Set};

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
        repair: Set::built_in(false),
        catalog: None,
        origins: layers.iter().flat_map(Layer::origins).collect(),
    };
    let mut assembly = Assembly { settings, environment, layers: &layers, problems: Vec::new(), names: Vec::new() };
    assembly.take_providers();
    assembly.take_plain_settings();
    assembly.take_routes();
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

    /// A later file's route replaces an earlier one's of the same name whole.
    fn take_routes(&mut self) {
        for layer in self.layers {
            for (name, row) in &layer.routes {
                let route = self.route(layer, name, row);
                self.settings.routes.insert(name.clone(), route);
            }
        }
    }

    fn route(&mut self, layer: &Layer, name: &str, row: &RouteRow) -> Route {
        let at = member("routes", name);
        let origin = |member: &str| layer.origin(&format!("{at}{member}")).unwrap_or(Origin::BuiltIn);
        let limit = |name: &str, time: Option<Time>| {
            time.map(|time| Set { value: time.0, origin: origin(&format!(".timeout.{name}")) })
        };
        let timeout = &row.timeout;
        let limits = PolicyLimits {
            connect: limit("connect", timeout.connect),
            first_token: limit("first_token", timeout.first_token),
            idle: limit("idle", timeout.idle),
            attempt: limit("attempt", timeout.attempt),
            total: limit("total", timeout.total),
        };
        let retries = row.retries.map_or(RETRIES, |given| Set { value: given.0, origin: origin(".retries") });
        let on_cut = row.on_cut.map_or(ON_CUT, |given| Set { value: given.0, origin: origin(".on_cut") });
        let origin = origin("");
        Route { origin, tiers: self.tiers(layer, &at, row), limits, retries, on_cut }
    }

    fn tiers(&mut self, layer: &Layer, at: &str, row: &RouteRow) -> Vec<Vec<TargetId>> {
        let at = format!("{at}.tiers");
        if row.tiers.iter().all(|tier| tier.names().is_empty()) {
            self.problems.push(layer.at(&at, "a route needs `tiers` with at least one model"));
        }
        let mut tiers = Vec::new();
        for (number, tier) in row.tiers.iter().enumerate() {
            let mut targets = Vec::new();
            for (place, name) in tier.names().iter().enumerate() {
                match self.settings.member_of_tier(name) {
                    Ok(target) => targets.push(target),
                    Err(unknown) => {
                        let inner = format!("{at}[{number}][{place}]");
                        let at = if layer.origin(&inner).is_some() { inner } else { format!("{at}[{number}]") };
                        self.names.push(told(layer.at(&at, ""), unknown));
                    }
                }
            }
            if !targets.is_empty() {
                tiers.push(targets);
            }
        }
        tiers
    }

    fn check_aliases(&mut self) {
        for (name, alias) in &self.settings.aliases {
            if let Err(unknown) = self.settings.meaning_of_alias(&alias.value) {
                self.names.push(told(self.at(&member("aliases", name), ""), unknown));
            }
        }
    }
}

fn told(problem: Problem, unknown: Unknown) -> Problem {
    Problem { message: unknown.message, help: unknown.hints.into_iter().next(), ..problem }
}
