//! Providers: the built-in rows with the user's laid over them, and what the environment says of addresses and parameters.

use std::sync::Arc;

use super::Assembly;
use crate::config::layer::{did_you_mean, member};
use crate::config::problem::Problem;
use crate::config::suggest::nearest;
use crate::provider::{Provider, Row, builtin, complete_host, places};
use crate::route::Origin;
use crate::wire::{self, CODECS, Codec};

impl Assembly<'_> {
    pub(super) fn take_providers(&mut self) {
        let layers = self.layers;
        let written = || layers.iter().flat_map(|layer| &layer.providers);
        let is_own = |name: &str| written().any(|(own, _)| own == name);
        // A built-in list is of places that may hold the one key; who writes a list has several.
        let says = |row: &Row| row.api_key.as_ref().map(|key| key.0.len() > 1).or(row.key_env.as_ref().map(|_| false));
        let rotates = |name: &str| {
            written().filter(|(own, _)| own == name).filter_map(|(_, row)| says(row)).next_back().unwrap_or(false)
        };
        let mut rows = builtin();
        let built_in = rows.len();
        let addresses: Vec<Option<String>> = rows.iter().map(|(_, row)| row.base_url.clone()).collect();
        for (name, row) in written() {
            match rows.iter().position(|(known, _)| known == name) {
                Some(at) => {
                    if at < built_in {
                        self.check_parameters(name, &rows[at].1, row);
                    }
                    rows[at].1 = std::mem::take(&mut rows[at].1).overlay(row.clone());
                }
                None => rows.push((name.clone(), row.clone())),
            }
        }
        for ((name, row), address) in rows.into_iter().zip(addresses.into_iter().chain(std::iter::repeat(None))) {
            // What is built in is sound, by a test; what stands in a file is looked at.
            let Some(mut provider) = self.provider(&name, row, address.as_deref().unwrap_or_default()) else {
                continue;
            };
            if is_own(&name) {
                add_parameters(&mut provider);
            }
            provider.rotates = rotates(&name);
            if !is_own(&name) || self.check_formats(&provider) {
                self.settings.providers.push(Arc::new(provider));
            }
        }
    }

    /// A built-in provider takes the parameters that it has places for, and no others.
    fn check_parameters(&mut self, name: &str, under: &Row, row: &Row) {
        let declared = under.parameters.iter().flatten().map(|(name, _)| name.as_str());
        let places = row.base_url.iter().flat_map(|url| places(url));
        let wire = row.wire.iter().chain(row.wires.iter().flatten().map(|(_, wire)| wire));
        let of_wire = wire.filter_map(|wire| wire::codec(wire)).flat_map(Codec::parameters);
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

    /// The provider of a row, whose built-in address was `old`.
    fn provider(&mut self, name: &str, mut row: Row, old: &str) -> Option<Provider> {
        let at = member("providers", name);
        let moved = self.moved(name, &mut row);
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
                let complete = !provider.base_url.contains('{');
                provider.missing.retain(|(name, _)| !(complete && places(old).any(|place| place == name)));
                Some(provider)
            }
            Err(error) => {
                let variable = moved.filter(|_| error.field == "base_url");
                let problem = match variable {
                    Some(variable) => Problem::whole(&format!("variable `{variable}`"), error.message),
                    None => self.at(&member(&at, error.field), error.message),
                };
                self.problems.push(problem);
                None
            }
        }
    }

    /// Moves a row to the address that a variable holds, and tells which one.
    fn moved(&mut self, name: &str, row: &mut Row) -> Option<String> {
        let set = |variable: &String| self.environment.get(variable).is_some();
        let variable = row.base_url_variables(name).into_iter().find(set)?;
        let address = self.environment.get(&variable)?;
        let is_host = variable.ends_with("_HOST");
        let whole = || complete_host(address, row.base_url.as_deref().unwrap_or_default());
        row.base_url = Some(if is_host { whole() } else { address.to_owned() });
        let at = member(&member("providers", name), "base_url");
        self.settings.origins.insert(at, Origin::Env(variable.clone()));
        Some(variable)
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

/// Formats of one sort.
struct Formats {
    /// What they are formats of.
    what: &'static str,
    names: fn() -> Vec<&'static str>,
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
