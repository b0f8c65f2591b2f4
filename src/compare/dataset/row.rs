//! A row, and the row with its variables filled in.

use std::collections::{BTreeMap, BTreeSet};

use super::super::check::{Check, CheckProblem, Ready};
use super::{Fingerprint, Options, Problem};
use crate::template::{Missing, Template};

/// A row of a data set, as it is written there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// Which row of the file, counted from 0; rows that are malformed count too.
    pub index: usize,
    /// The line on which it begins, counted from 1; 0 when it is from no file.
    pub line: u64,
    /// Its id, or its number from 1.
    pub id: String,
    /// Its own prompt, with variables.
    pub prompt: Option<String>,
    /// Its own system prompt, with variables.
    pub system: Option<String>,
    /// Its variables, and those given for all rows.
    pub variables: BTreeMap<String, String>,
    /// Its checks, with variables.
    pub expect: Vec<String>,
    /// What a good answer looks like, with variables.
    pub reference: Option<String>,
    /// The group it belongs to, when rows are not independent of each other.
    pub cluster: Option<String>,
}

/// A row that is ready to be asked and checked.
#[derive(Clone, Debug)]
pub struct Filled {
    /// The prompt.
    pub prompt: String,
    /// The system prompt.
    pub system: Option<String>,
    /// What a good answer looks like.
    pub reference: Option<String>,
    /// The checks of all rows, then those of this one.
    pub checks: Vec<Ready>,
}

impl Filled {
    /// The mark of what is asked, prompt and system prompt: two rows that have it in common get the same answers.
    pub fn fingerprint(&self) -> Fingerprint {
        let system = self.system.as_deref();
        Fingerprint::of(
            ["prompt", &self.prompt].into_iter().chain(system.into_iter().flat_map(|text| ["system", text])),
        )
    }
}

impl Row {
    /// The row of a command without a file: its prompt is that of the options.
    pub fn alone(options: &Options) -> Self {
        Self { id: "1".to_owned(), variables: options.variables.clone(), ..Self::default() }
    }

    /// The mark of its content, without its id and its place.
    pub fn fingerprint(&self) -> Fingerprint {
        let one = |name, text: &Option<String>| text.clone().map(|text| [String::from(name), text]);
        let singles = [
            one("prompt", &self.prompt),
            one("system", &self.system),
            one("reference", &self.reference),
            one("cluster", &self.cluster),
        ];
        let variables = self.variables.iter().flat_map(|(name, value)| ["variable", name, value]);
        let expect = self.expect.iter().flat_map(|check| ["expect", check]);
        Fingerprint::of(singles.iter().flatten().flatten().map(String::as_str).chain(variables).chain(expect))
    }

    /// The row with its variables filled in; the options are those it was read with. All that has no value is named at once.
    pub fn fill(&self, options: &Options) -> Result<Filled, Problem> {
        let mut filler = Filler { values: self.variables.clone(), missing: BTreeSet::new() };
        filler.offer("id", Some(&self.id));
        filler.offer("cluster", self.cluster.as_ref());
        let reference = self.reference.as_deref().map(|text| filler.fill(&Template::parse(text)));
        filler.offer("reference", reference.as_ref());
        let own = self.prompt.as_deref().map(|text| filler.fill(&Template::parse(text)));
        filler.offer("prompt", own.as_ref());
        let prompt = match (own, &options.prompt) {
            (Some(_), Some(around)) if !around.variables().contains("prompt") => return Err(Problem::TwoPrompts),
            (None, None) => return Err(Problem::NoPrompt),
            (_, Some(prompt)) => filler.fill(prompt),
            (Some(own), None) => own,
        };
        let system = self.system.as_deref().map(Template::parse);
        let system = system.as_ref().or(options.system.as_ref()).map(|system| filler.fill(system));
        let mut checks = Vec::new();
        for check in options.checks.iter().map(|check| Ok(check.clone())).chain(self.checks(options)) {
            checks.extend(filler.ready(&check?)?);
        }
        let names: Vec<String> = filler.missing.into_iter().collect();
        if !names.is_empty() {
            return Err(Problem::Missing(Missing { names, available: filler.values.into_keys().collect() }));
        }
        Ok(Filled { prompt, system, reference, checks })
    }

    /// The row's own checks.
    fn checks(&self, options: &Options) -> impl Iterator<Item = Result<Check, Problem>> {
        let commands = options.commands;
        self.expect.iter().map(move |text| match Check::parse(text).map_err(Problem::Check)? {
            check if check.kind().outside_program && !commands => Err(Problem::Command(text.clone())),
            check => Ok(check),
        })
    }

    /// The variables that its own texts name.
    pub(super) fn names(&self) -> BTreeSet<String> {
        let texts = [&self.prompt, &self.system, &self.reference].into_iter().flatten().chain(&self.expect);
        let names =
            |text: &String| Template::parse(text).variables().into_iter().map(str::to_owned).collect::<Vec<_>>();
        texts.flat_map(names).collect()
    }
}

/// Fills one text after the other, and keeps what was missing in any.
struct Filler {
    values: BTreeMap<String, String>,
    missing: BTreeSet<String>,
}

impl Filler {
    /// A column with a meaning as a variable; it goes before one of that name for all rows.
    fn offer(&mut self, name: &str, value: Option<&String>) {
        if let Some(value) = value {
            self.values.insert(name.to_owned(), value.clone());
        }
    }

    fn fill(&mut self, template: &Template) -> String {
        template.fill(&self.values).unwrap_or_else(|missing| {
            self.missing.extend(missing.names);
            String::new()
        })
    }

    fn ready(&mut self, check: &Check) -> Result<Option<Ready>, Problem> {
        match check.ready(&self.values) {
            Ok(ready) => Ok(Some(ready)),
            Err(error) => match error.problem {
                CheckProblem::Missing(missing) => {
                    self.missing.extend(missing.names);
                    Ok(None)
                }
                _ => Err(Problem::Check(error)),
            },
        }
    }
}
