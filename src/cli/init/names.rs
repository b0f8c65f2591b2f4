//! Short names of models and routes that other tools have, as far as their providers are there.

use std::collections::{BTreeMap, BTreeSet};

use toml_edit::{Array, Value};

use super::draft::Draft;
use crate::error::Error;
use crate::ui::Ui;

/// Tiers of models.
type Tiers = Vec<Vec<String>>;

/// Those that were chosen.
#[derive(Default)]
pub struct Names {
    aliases: Vec<(String, String)>,
    routes: Vec<(String, Tiers)>,
}

impl Names {
    /// Adds short names of models.
    pub fn add_aliases(&mut self, aliases: Vec<(String, String)>, ui: &Ui) {
        add(&mut self.aliases, aliases, ui);
    }

    /// Adds names of several models.
    pub fn add_routes(&mut self, routes: Vec<(String, Tiers)>, ui: &Ui) {
        add(&mut self.routes, routes, ui);
    }

    /// Puts them into the draft. What is left out is said.
    pub fn take(&self, draft: &mut Draft<'_>) -> Result<(), Error> {
        let settings = draft.settings()?;
        let ui = &draft.context.ui;
        let is_known = |target: &str| settings.provider(provider_of(target)).is_some();
        let mut lost = Lost::default();
        for (name, target) in &self.aliases {
            if self.routes.iter().any(|(route, _)| route == name) {
                ui.note(&format!("The name {name} for {target} is left out: it is that of a route."));
            } else if is_known(target) {
                draft.set(["aliases", name], target.as_str())?;
            } else {
                lost.whole(name, target);
            }
        }
        for (name, tiers) in &self.routes {
            let all = || tiers.iter().flatten();
            let is_lost = !all().any(|target| is_known(target));
            for target in all().filter(|target| !is_known(target)) {
                if is_lost { lost.whole(name, target) } else { lost.part(name, target) }
            }
            if !is_lost {
                let known = tiers.iter().map(|tier| tier.iter().map(String::as_str).filter(|target| is_known(target)));
                let known = known.map(|tier| tier.collect::<Array>()).filter(|tier| !tier.is_empty());
                let known: Array = known.map(Value::Array).collect();
                draft.set(["routes", name, "tiers"], Value::Array(known))?;
            }
        }
        lost.say(ui);
        draft.settings().map(drop)
    }
}

fn add<T: PartialEq>(known: &mut Vec<(String, T)>, new: Vec<(String, T)>, ui: &Ui) {
    for (name, target) in new {
        match known.iter().find(|(known, _)| *known == name) {
            None => known.push((name, target)),
            Some((_, other)) if *other == target => {}
            Some(_) => ui.note(&format!("The name {name} is taken over once: two tools mean different models by it.")),
        }
    }
}

fn provider_of(target: &str) -> &str {
    target.split('/').next().unwrap_or_default()
}

/// The names that lose models whose providers are not there, by these providers.
#[derive(Default)]
struct Lost<'a> {
    whole: BTreeMap<&'a str, BTreeSet<&'a str>>,
    part: BTreeMap<&'a str, BTreeSet<&'a str>>,
}

impl<'a> Lost<'a> {
    fn whole(&mut self, name: &'a str, target: &'a str) {
        self.whole.entry(provider_of(target)).or_default().insert(name);
    }

    fn part(&mut self, name: &'a str, target: &'a str) {
        self.part.entry(provider_of(target)).or_default().insert(name);
    }

    fn say(&self, ui: &Ui) {
        let list = |names: &BTreeSet<&str>| names.iter().copied().collect::<Vec<_>>().join(", ");
        for (provider, names) in &self.whole {
            ui.note(&format!("{provider} is not there, so these names are left out: {}", list(names)));
        }
        for (provider, names) in &self.part {
            ui.note(&format!("{provider} is not there, so these routes go without it: {}", list(names)));
        }
    }
}
