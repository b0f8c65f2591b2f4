//! What is known of models: windows, abilities, prices. The embedded table is one sorted text in which a model is found
//! by binary search, so nothing is parsed but the line that is asked for; a user's file is laid over it.

use serde::Serialize;

use crate::money::{Rate, Usd};

/// The embedded table with the user's entries over it.
#[derive(Clone, Debug, Default)]
pub struct Catalog {}

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
    /// Input beside text that it takes (`image`, `pdf`, `audio`, `video`).
    pub input: Vec<String>,
    /// The tokenizer's family (`openai`, `anthropic`, …).
    pub tokenizer: Option<String>,
    /// The tiktoken encoding, where there is one.
    pub encoding: Option<String>,
    /// The day the provider ends the model, `YYYY-MM-DD`.
    pub deprecates: Option<String>,
    /// `beta`, `deprecated` or `retired`.
    pub status: Option<String>,
}

/// What a model is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
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

impl Catalog {
    /// The model of that provider with that id or alias.
    pub fn find(&self, _provider: &str, _id: &str) -> Option<Model> {
        todo!()
    }
}

/// Plain rates of a model at a moment.
#[derive(Clone, Copy, Debug)]
pub struct Rates {
    /// Per prompt token.
    pub input: Rate,
    /// Per answer token.
    pub output: Rate,
}

impl Model {
    /// The plain rates at a moment.
    pub fn rates(&self, _at: jiff::Timestamp) -> Option<Rates> {
        todo!()
    }
}

/// What one call costs, line by line.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Bill {
    /// The sum; `None` when a line's price is unknown.
    pub total: Option<Usd>,
    /// The lines.
    pub lines: Vec<Line>,
}

/// One line of a bill.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Line {
    /// What is counted (`input`, `cache_read`, …).
    pub unit: &'static str,
    /// How many.
    pub count: u64,
    /// Dollars per million, exact; `None` when unknown.
    #[serde(serialize_with = "per_million")]
    pub rate: Option<Rate>,
    /// `count` times `rate`.
    pub cost: Option<Usd>,
}

fn per_million<S: serde::Serializer>(rate: &Option<Rate>, serializer: S) -> Result<S::Ok, S::Error> {
    match rate {
        Some(rate) => serializer.serialize_str(&rate.per_million()),
        None => serializer.serialize_none(),
    }
}
