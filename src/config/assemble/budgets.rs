//! What may be spent: the budgets of all layers as the router takes them.

use super::Assembly;
use crate::config::layer::{Layer, member};
use crate::config::project;
use crate::config::schema::budgets::BudgetRow;
use crate::config::suggest::nearest;
use crate::route::{AtLimit, Budget, Origin, Period, Scope, Set};

/// From this share of a budget on it is warned.
pub(super) const WARN_AT: f64 = 0.8;

impl Assembly<'_> {
    pub(super) fn take_budgets(&mut self) {
        for (layer, row) in self.layers.iter().filter_map(|layer| Some((layer, layer.budgets.as_ref()?))) {
            if let Some(value) = row.warn_at {
                let origin = layer.origin(&member("budgets", "warn_at")).unwrap_or(Origin::BuiltIn);
                self.settings.budget_warn_at = Set { value, origin };
            }
            let at_limit = row.at_limit.unwrap_or_default();
            self.settings.budgets.extend(budgets(layer, "budgets", row.of_all(), &Scope::All, at_limit));
            for (name, limits) in &row.routes {
                let at = member("budgets.routes", name);
                // A model that is named alone is a route of its own.
                if !name.contains('/') && !self.settings.routes.contains_key(name) {
                    let help = nearest(name, self.settings.routes.keys().map(String::as_str));
                    let problem = layer.at(&at, format!("unknown route `{name}`"));
                    self.names.push(match help {
                        Some(near) => problem.help(format!("did you mean `{near}`?")),
                        None => problem,
                    });
                    continue;
                }
                let scope = Scope::Route(name.clone());
                self.settings.budgets.extend(budgets(layer, &at, *limits, &scope, at_limit));
            }
            for (name, limits) in &row.projects {
                let scope = Scope::Project(project::named(name, self.environment));
                let at = member("budgets.projects", name);
                self.settings.budgets.extend(budgets(layer, &at, *limits, &scope, at_limit));
            }
            for (name, limits) in &row.tags {
                let at = member("budgets.tags", name);
                let Some((key, value)) = name.split_once('=').filter(|(key, _)| !key.is_empty()) else {
                    let problem = layer.at(&at, format!("`{name}` is no tag"));
                    self.problems.push(problem.help("write `key=value`, such as `\"team=search\"`"));
                    continue;
                };
                let scope = Scope::Tag { key: key.to_owned(), value: value.to_owned() };
                self.settings.budgets.extend(budgets(layer, &at, *limits, &scope, at_limit));
            }
        }
    }
}

fn budgets(layer: &Layer, at: &str, row: BudgetRow, scope: &Scope, at_limit: AtLimit) -> Vec<Set<Budget>> {
    let named = [
        ("daily", Period::Day, row.daily),
        ("weekly", Period::Week, row.weekly),
        ("monthly", Period::Month, row.monthly),
    ];
    let set = |(name, period, limit): (&str, Period, Option<crate::money::Usd>)| {
        let origin = layer.origin(&format!("{at}.{name}")).unwrap_or(Origin::BuiltIn);
        Some(Set { value: Budget { period, limit: limit?, scope: scope.clone(), at_limit }, origin })
    };
    named.into_iter().filter_map(set).collect()
}
