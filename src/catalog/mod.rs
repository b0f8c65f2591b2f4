//! What is known of models: windows, abilities, prices. The embedded table is one sorted text in which a model is found
//! by binary search, so nothing is parsed but the line that is asked for; a user's entries are laid over it.

pub mod price;
mod row;
mod table;
pub mod user;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use price::{Bill, Line, Mode, PriceRecord, Pricing, Rates, Unit};
use table::Entry;

/// How alike a suggestion must be to what was asked for, from 0 to 1.
const LIKENESS: f64 = 0.84;

/// The most suggestions worth reading.
const SUGGESTIONS: usize = 3;

/// The embedded table with the user's entries over it.
#[derive(Clone, Debug, Default)]
pub struct Catalog {
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
        let key = format!("{provider}/{id}");
        if let Some(model) = self.user.get(&key) {
            return Some(model.clone());
        }
        match table::find(&key)? {
            Entry::Model(fields) => row::parse(provider, id, fields),
            // No alias names another alias, so this ends after one step.
            Entry::Alias(id) => self.find(provider, id),
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

    /// All models of a provider: the table's in order, then those that only the user knows.
    pub fn models(&self, provider: &str) -> impl Iterator<Item = Model> {
        self.ids(provider).into_iter().filter_map(move |id| self.find(provider, id))
    }

    /// Ids of a provider, aliases left out.
    fn ids(&self, provider: &str) -> Vec<&str> {
        let prefix = format!("{provider}/");
        let listed = table::starting_with(&prefix).filter(|(_, entry)| matches!(entry, Entry::Model(_)));
        let users = self.user.keys().filter(|key| key.starts_with(&prefix) && table::find(key).is_none());
        listed.map(|(key, _)| key).chain(users.map(String::as_str)).map(|key| &key[prefix.len()..]).collect()
    }
}

#[cfg(test)]
mod tests;
