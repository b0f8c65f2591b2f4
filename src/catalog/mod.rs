//! What is known of models: windows, abilities, prices. The embedded table is one sorted text in which a model is found
//! by binary search, so nothing is parsed but the line that is asked for; a text of the same form may stand in its place
//! ([`update`]), and a user's entries are laid over it.

mod foreign;

pub mod price;
mod row;
mod table;
pub mod update;
pub mod user;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use price::{Bill, Line, Mode, PriceRecord, Pricing, Rates, Terms, Unit};
use table::{Entry, Table};

/// How alike a suggestion must be to what was asked for, from 0 to 1.
const LIKENESS: f64 = 0.84;

/// The most suggestions worth reading.
const SUGGESTIONS: usize = 3;

/// A table, the embedded one or an updated one, with the user's entries over it.
#[derive(Clone, Debug, Default)]
pub struct Catalog {
    table: Table,
    /// Where an updated table came from; `None` for the embedded one.
    from: Option<String>,
    /// Models that the source of an updated table stated.
    stated: usize,
    /// By `provider/id`, already laid over the table's entries.
    user: BTreeMap<String, Model>,
}

/// One model at one provider. Absent means unknown, never 0 or false.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Model {
    /// The catalogue's name of the provider.
    pub provider: String,
    /// The id that goes on the wire.
    pub id: String,
    /// What the model is for.
    pub kind: Kind,
    /// Whole window in tokens, prompt and answer together where the provider counts so.
    pub context: Option<u64>,
    /// The longest prompt in tokens, where it is less than the window.
    pub max_input: Option<u64>,
    /// The longest answer in tokens.
    pub max_output: Option<u64>,
    /// Known abilities.
    pub abilities: Abilities,
    /// Input beside text that it is known to take (`image`, `pdf`, `audio`, `video`).
    pub input: Vec<String>,
    /// How its thinking is steered.
    pub reasoning: Reasoning,
    /// Only the Responses API serves it: there is no chat endpoint.
    pub responses_only: bool,
    /// The tokenizer's family (`openai`, `anthropic`, …).
    pub tokenizer: Option<String>,
    /// The tiktoken encoding, where there is one.
    pub encoding: Option<String>,
    /// The day it came out, `YYYY-MM-DD`.
    pub released: Option<String>,
    /// The day the provider ends the model, `YYYY-MM-DD`.
    pub deprecates: Option<String>,
    /// `beta`, `deprecated` or `retired`.
    pub status: Option<String>,
    /// What it costs; `None` is unknown, a free model has a price of 0.
    pub pricing: Option<Pricing>,
}

/// What a model is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Conversation.
    #[default]
    Chat,
    /// Vectors.
    Embedding,
    /// Old text completion.
    Completion,
}

/// Abilities as three-valued facts: known to have, known to lack, unknown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Abilities {
    /// Calls tools.
    pub tools: Option<bool>,
    /// Answers by JSON schema.
    pub json_schema: Option<bool>,
    /// Thinks before it answers.
    pub reasoning: Option<bool>,
    /// Sees images.
    pub vision: Option<bool>,
    /// Reads PDFs.
    pub pdf: Option<bool>,
    /// Takes a temperature; true where unknown.
    pub temperature: Option<bool>,
    /// Takes a system prompt; true where unknown.
    pub system: Option<bool>,
    /// Streams; true where unknown.
    pub streaming: Option<bool>,
}

/// How a model's thinking is steered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reasoning {
    /// Accepted values of the effort; empty is unknown or none.
    pub efforts: Vec<String>,
    /// There may be further values.
    pub more_efforts: bool,
    /// A budget in tokens is accepted: the least and the most.
    pub budget: Option<(Option<u64>, Option<u64>)>,
    /// Thinking can be switched on and off.
    pub optional: bool,
    /// Thinking cannot be switched off.
    pub always: bool,
}

impl Catalog {
    /// The embedded table alone.
    pub fn builtin() -> Self {
        Self::default()
    }

    /// The model of that provider with that id or alias. Nothing else is tried: a near miss is for [`Catalog::suggest`].
    pub fn find(&self, provider: &str, id: &str) -> Option<Model> {
        match self.known(provider, id)? {
            Ok(model) => Some(model),
            // No alias names another alias, so one step is enough.
            Err(meant) => self.known(provider, &meant)?.ok(),
        }
    }

    /// The model of a key, or the id that an alias means.
    fn known(&self, provider: &str, id: &str) -> Option<Result<Model, String>> {
        let key = format!("{provider}/{id}");
        if let Some(model) = self.user.get(&key) {
            return Some(Ok(model.clone()));
        }
        match self.table.find(&key)? {
            Entry::Model(fields) => row::parse(provider, id, fields, &self.table).map(Ok),
            Entry::Alias(id) => Some(Err(id.to_owned())),
        }
    }

    /// The provider's known ids that are most like this one and not retired, best first: for "did you mean".
    pub fn suggest(&self, provider: &str, id: &str) -> Vec<String> {
        let wanted = id.to_ascii_lowercase();
        let likeness = |known: &str| {
            let known = known.to_ascii_lowercase();
            let name = known.rsplit_once('/').map_or(known.as_str(), |(_, name)| name);
            strsim::jaro_winkler(&wanted, &known).max(strsim::jaro_winkler(&wanted, name))
        };
        let mut near: Vec<(f64, &str)> = self.ids(provider).into_iter().map(|id| (likeness(id), id)).collect();
        near.retain(|(likeness, _)| *likeness >= LIKENESS);
        near.sort_by(|(one, id), (other, next)| other.total_cmp(one).then(id.cmp(next)));
        let is_served =
            |id: &&str| self.find(provider, id).is_some_and(|model| model.status.as_deref() != Some("retired"));
        near.into_iter().map(|(_, id)| id).filter(is_served).take(SUGGESTIONS).map(str::to_owned).collect()
    }

    /// The day whose facts it holds, `YYYY-MM-DD`.
    pub fn as_of(&self) -> &str {
        self.table.as_of()
    }

    /// Where an updated table came from; `None` for the one that is built in.
    pub fn updated_from(&self) -> Option<&str> {
        self.from.as_deref()
    }

    /// The catalogue's names of all providers of which it knows models, in order.
    pub fn providers(&self) -> Vec<String> {
        let listed = self.table.starting_with("").map(|(key, _)| key);
        let mut names: Vec<String> =
            listed.chain(self.user.keys().map(String::as_str)).filter_map(provider_of).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Whether the user has an entry of that model.
    pub fn is_users(&self, provider: &str, id: &str) -> bool {
        self.user.contains_key(&format!("{provider}/{id}"))
    }

    /// All models of a provider: the table's in order, then those that only the user knows.
    pub fn models(&self, provider: &str) -> impl Iterator<Item = Model> {
        self.ids(provider).into_iter().filter_map(move |id| self.find(provider, id))
    }

    /// Ids of a provider, aliases left out.
    fn ids(&self, provider: &str) -> Vec<&str> {
        let prefix = format!("{provider}/");
        let listed = self.table.starting_with(&prefix).filter(|(_, entry)| matches!(entry, Entry::Model(_)));
        let users = self.user.keys().filter(|key| key.starts_with(&prefix) && self.table.find(key).is_none());
        listed.map(|(key, _)| key).chain(users.map(String::as_str)).map(|key| &key[prefix.len()..]).collect()
    }
}

/// The catalogue's name of a provider that other tools call so (`bedrock_converse`, `vertex_ai`, …); one that has none keeps
/// the name.
pub fn provider_called(name: &str) -> String {
    foreign::provider(name)
}

fn provider_of(key: &str) -> Option<String> {
    key.split_once('/').map(|(provider, _)| provider.to_owned())
}

#[cfg(test)]
mod tests;
