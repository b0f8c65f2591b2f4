//! Who counts in a report.

use crate::cost::spent::Spender;

/// Who counts: of each list any of its values, of all lists all. An empty list lets everybody pass.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// `provider/model`, or the model alone.
    pub models: Vec<String>,
    /// Providers.
    pub providers: Vec<String>,
    /// Routes.
    pub routes: Vec<String>,
    /// Commands, or where imports come from.
    pub commands: Vec<String>,
    /// Projects, whole or the last part of their path.
    pub projects: Vec<String>,
    /// Tags; of those with the same name any.
    pub tags: Vec<(String, String)>,
    /// Only imports, or none.
    pub imported: Option<bool>,
}

impl Filter {
    /// Whether somebody counts.
    pub fn holds(&self, spender: &Spender) -> bool {
        let any = |names: &[String], is: &dyn Fn(&str) -> bool| names.is_empty() || names.iter().any(|name| is(name));
        any(&self.models, &|name| name == spender.model || name == target(spender))
            && any(&self.providers, &|name| name == spender.provider)
            && any(&self.routes, &|name| name == spender.route)
            && any(&self.commands, &|name| name == spender.command)
            && any(&self.projects, &|name| spender.project.as_deref().is_some_and(|project| is_project(project, name)))
            && self.tags.iter().all(|(key, _)| self.holds_tag(key, spender))
            && self.imported.is_none_or(|imported| imported == spender.imported)
    }

    fn holds_tag(&self, key: &str, spender: &Spender) -> bool {
        let value = spender.tags.get(key);
        self.tags.iter().any(|(name, wanted)| name == key && Some(wanted) == value)
    }

    /// What it lets pass, in words; empty for everybody.
    pub fn words(&self) -> Vec<String> {
        let list =
            |name: &str, values: &[String]| (!values.is_empty()).then(|| format!("{name} {}", values.join(" or ")));
        let tags: Vec<String> = self.tags.iter().map(|(key, value)| format!("{key}={value}")).collect();
        let imported =
            self.imported.map(|imported| if imported { "imports alone" } else { "without imports" }.to_owned());
        [
            list("model", &self.models),
            list("provider", &self.providers),
            list("route", &self.routes),
            list("command", &self.commands),
            list("project", &self.projects),
            list("tag", &tags),
            imported,
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

/// The model as llmx names it everywhere.
pub(super) fn target(spender: &Spender) -> String {
    if spender.provider.is_empty() { spender.model.clone() } else { format!("{}/{}", spender.provider, spender.model) }
}

fn is_project(project: &str, name: &str) -> bool {
    project == name || project.rsplit(['/', '\\']).next() == Some(name)
}
