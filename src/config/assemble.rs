//! Layers laid over one another: built-in < user file < project file < environment. Pure; what is wrong is reported and
//! left out.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::layer::{Layer, Source, did_you_mean, member};
use super::paths::{Paths, expand_configured};
use super::problem::Problem;
use super::resolve::{ON_CUT, RETRIES, Unknown};
use super::schema::{RouteRow, Time};
use super::settings::{Route, Settings};
use super::suggest::nearest;
use super::{Environment, variables};
use crate::provider::{Provider, Row, TargetId, builtin, complete_host, places};
use crate::route::{Origin, PolicyLimits, Set};
use crate::wire::{self, CODECS};

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
    fn take_providers(&mut self) {
        let built_in = builtin();
        let mut rows = built_in.clone();
        for (name, row) in self.layers.iter().flat_map(|layer| &layer.providers) {
            if let Some((_, under)) = built_in.iter().find(|(known, _)| known == name) {
                self.check_parameters(name, under, row);
            }
            match rows.iter_mut().find(|(known, _)| known == name) {
                Some((_, under)) => *under = std::mem::take(under).overlay(row.clone()),
                None => rows.push((name.clone(), row.clone())),
            }
        }
        for (name, row) in rows {
            let under = built_in.iter().find(|(known, _)| *known == name).map(|(_, under)| under);
            self.take_provider(&name, row, under);
        }
    }

    /// A built-in provider takes the parameters that it has places for, and no others.
    fn check_parameters(&mut self, name: &str, under: &Row, row: &Row) {
        let declared = under.parameters.iter().flatten().map(|(name, _)| name.as_str());
        let places = row.base_url.iter().flat_map(|url| places(url));
        let wire = row.wire.iter().chain(row.wires.iter().flatten().map(|(_, wire)| wire));
        let of_wire = wire.filter_map(|wire| wire::codec(wire)).flat_map(|codec| codec.parameters());
        let known: Vec<&str> = declared.chain(places).chain(of_wire.map(|(name, _)| *name)).collect();
        for parameter in row.parameters.iter().flatten().map(|(name, _)| name) {
            if known.contains(&parameter.as_str()) {
                continue;
            }
            let at = member(&member(&member("providers", name), "parameters"), parameter);
            let help = nearest(parameter, known.iter().copied()).map(did_you_mean).or_else(|| match known.as_slice() {
                [] => Some(format!("`{name}` takes none")),
                known => Some(format!("known: {}", quoted(known.iter().copied()))),
            });
            let problem = self.at(&at, format!("unknown parameter `{parameter}`"));
            self.problems.push(Problem { help, ..problem });
        }
    }

    fn take_provider(&mut self, name: &str, mut row: Row, under: Option<&Row>) {
        let at = member("providers", name);
        let variables = row.base_url_variables(name);
        let moved = variables.into_iter().find_map(|variable| {
            let address = self.environment.get(&variable)?.to_owned();
            Some((variable, address))
        });
        if let Some((variable, address)) = &moved {
            let known = row.base_url.clone().unwrap_or_default();
            let is_host = variable.ends_with("_HOST");
            row.base_url = Some(if is_host { complete_host(address, &known) } else { address.clone() });
            self.settings.origins.insert(member(&at, "base_url"), Origin::Env(variable.clone()));
        }
        let variable = |name: &str| self.environment.get(name).map(str::to_owned);
        for (parameter, set) in row.parameters.iter().flatten() {
            if let Some(variable) = set.set_variable(&variable) {
                let at = member(&member(&at, "parameters"), parameter);
                self.settings.origins.insert(at, Origin::Env(variable.to_owned()));
            }
        }
        match row.into_provider(name, &variable) {
            Ok(mut provider) => {
                // Who gives another address needs none of what only the old one had a place for.
                let old = under.and_then(|under| under.base_url.as_deref()).unwrap_or_default();
                let complete = !provider.base_url.contains('{');
                provider.missing.retain(|(name, _)| !(complete && places(old).any(|place| place == name)));
                add_parameters(&mut provider);
                if self.check_formats(&provider) {
                    self.settings.providers.push(Arc::new(provider));
                }
            }
            Err(error) => {
                let variable = error.variable.or(moved.filter(|_| error.field == "base_url").map(|(name, _)| name));
                let problem = match variable {
                    Some(variable) => Problem::whole(&format!("variable `{variable}`"), error.message),
                    None => self.at(&member(&at, error.field), error.message),
                };
                self.problems.push(problem);
            }
        }
    }

    /// Whether all formats that a provider names are known; those that are not are problems.
    fn check_formats(&mut self, provider: &Provider) -> bool {
        let at = member("providers", &provider.name);
        let mut named = vec![(member(&at, "wire"), &WIRES, Some(&provider.wire))];
        for (index, (_, wire)) in provider.wires.iter().enumerate() {
            named.push((format!("{at}.wires[{index}][1]"), &WIRES, Some(wire)));
        }
        named.push((member(&at, "embeddings"), &EMBEDDINGS, provider.embeddings.as_ref()));
        named.push((member(&at, "models"), &MODEL_LISTS, provider.models.as_ref()));
        let mut problems = Vec::new();
        for (at, formats, name) in named {
            if let Some((message, help)) = name.and_then(|name| formats.unknown(name)) {
                problems.push(Problem { help: Some(help), ..self.at(&at, message) });
            }
        }
        for (index, (pattern, _)) in provider.wires.iter().enumerate() {
            if pattern.is_empty() || pattern.matches('*').count() > 1 {
                let at = format!("{at}.wires[{index}][0]");
                problems.push(self.at(&at, "a pattern is a model's name, with at most one `*` in it"));
            }
        }
        let sound = problems.is_empty();
        self.problems.extend(problems);
        sound
    }

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

/// Formats of one sort.
struct Formats {
    /// What they are formats of.
    what: &'static str,
    names: fn() -> Vec<&'static str>,
}

/// Adds what the paths of a provider's formats need and its row does not declare: without it nothing can be sent.
fn add_parameters(provider: &mut Provider) {
    let needed = wire::parameters(provider).into_iter().map(|(name, default)| (name.to_owned(), default));
    for (name, default) in needed.collect::<Vec<_>>() {
        let known = provider.parameters.contains_key(&name) || provider.missing.iter().any(|(known, _)| *known == name);
        match default {
            _ if known => {}
            Some(default) => drop(provider.parameters.insert(name, default.to_owned())),
            None => provider.missing.push((name, Vec::new())),
        }
    }
}

const WIRES: Formats = Formats { what: "wire format", names: || CODECS.iter().map(|codec| codec.name()).collect() };

const EMBEDDINGS: Formats = Formats {
    what: "format of embeddings",
    names: || wire::embed::FORMATS.iter().map(|format| format.name).chain(["none"]).collect(),
};

const MODEL_LISTS: Formats = Formats {
    what: "format of a list of models",
    names: || wire::models::FORMATS.iter().map(|format| format.name).chain(["none"]).collect(),
};

impl Formats {
    /// What is wrong with a name that is none of them, and what may have been meant.
    fn unknown(&self, name: &str) -> Option<(String, String)> {
        let known = (self.names)();
        let near = || nearest(name, known.iter().copied());
        let help = || near().map_or_else(|| format!("known: {}", quoted(known.iter().copied())), did_you_mean);
        (!known.contains(&name)).then(|| (format!("unknown {} `{name}`", self.what), help()))
    }
}

fn quoted<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
