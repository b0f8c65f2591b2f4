//! The user's own entries, laid over the table field by field:
//!
//! ```toml
//! [models."corp/gpt-x"]
//! context = 128_000
//! tools = true
//! price = { input = 0.2, output = 1.2, cached_read = 0.02 }
//! ```

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use serde::de::{Error as _, Visitor};
use serde::{Deserialize, Deserializer};

use crate::money::Rate;

use super::price::{Card, Pricing, Rates, Unit};
use super::{Catalog, Kind, Model};

/// The table `models` of a configuration file.
pub type UserModels = BTreeMap<ModelKey, UserModel>;

/// `provider/id`. The id may contain slashes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ModelKey {
    /// The catalogue's name of the provider.
    pub provider: String,
    /// The id or an alias.
    pub id: String,
}

/// What the user says of a model; what is absent keeps the table's value.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct UserModel {
    /// `chat`, `embedding` or `completion`.
    pub kind: Option<Kind>,
    /// Whole window in tokens.
    pub context: Option<u64>,
    /// The longest prompt in tokens.
    pub max_input: Option<u64>,
    /// The longest answer in tokens.
    pub max_output: Option<u64>,
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
    /// Takes a temperature.
    pub temperature: Option<bool>,
    /// Takes a system prompt.
    pub system: Option<bool>,
    /// Streams.
    pub streaming: Option<bool>,
    /// The tokenizer's family.
    pub tokenizer: Option<String>,
    /// The tiktoken encoding.
    pub encoding: Option<String>,
    /// Replaces all prices of the table: tiers, modes, hours and dates too.
    pub price: Option<UserPrice>,
}

/// Dollars per million tokens; what is absent follows the table's fall-backs (a cache read costs what input does, …).
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct UserPrice {
    /// Prompt text.
    pub input: Option<Amount>,
    /// Answer text.
    pub output: Option<Amount>,
    /// Prompt read from a cache.
    pub cached_read: Option<Amount>,
    /// Prompt written to a cache for five minutes, or for the provider's only time.
    pub cache_write_5m: Option<Amount>,
    /// Prompt written to a cache for an hour.
    pub cache_write_1h: Option<Amount>,
    /// Thinking.
    pub reasoning: Option<Amount>,
    /// Audio in the prompt.
    pub audio_in: Option<Amount>,
    /// Audio in the answer.
    pub audio_out: Option<Amount>,
}

/// Dollars per million tokens, read exactly from a number or a string.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Amount(pub Rate);

/// Why the user's entries were not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserError {
    /// Where in the text, in bytes; `None` when the parser cannot say.
    pub span: Option<Range<usize>>,
    /// What is wrong.
    pub message: String,
}

impl Catalog {
    /// This catalogue with the user's entries over it. An entry by an alias is one for the model it names.
    #[must_use]
    pub fn with_user(mut self, entries: &UserModels) -> Self {
        for (ModelKey { provider, id }, entry) in entries {
            let new = || Model { provider: provider.clone(), id: id.clone(), ..Model::default() };
            let mut model = self.find(provider, id).unwrap_or_else(new);
            entry.lay_over(&mut model);
            self.user.insert(format!("{}/{}", model.provider, model.id), model);
        }
        self
    }

    /// [`Catalog::with_user`] from a text whose only table is `models`.
    pub fn with_user_toml(self, text: &str) -> Result<Self, UserError> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct File {
            #[serde(default)]
            models: UserModels,
        }
        let parsed: Result<File, _> = toml::from_str(text);
        let file = parsed.map_err(|error| UserError { span: error.span(), message: error.message().to_owned() })?;
        Ok(self.with_user(&file.models))
    }
}

impl UserModel {
    fn lay_over(&self, model: &mut Model) {
        fn take<T: Clone>(field: &mut Option<T>, users: Option<&T>) {
            if let Some(users) = users {
                *field = Some(users.clone());
            }
        }
        model.kind = self.kind.unwrap_or(model.kind);
        take(&mut model.context, self.context.as_ref());
        take(&mut model.max_input, self.max_input.as_ref());
        take(&mut model.max_output, self.max_output.as_ref());
        let abilities = &mut model.abilities;
        take(&mut abilities.tools, self.tools.as_ref());
        take(&mut abilities.json_schema, self.json_schema.as_ref());
        take(&mut abilities.reasoning, self.reasoning.as_ref());
        take(&mut abilities.vision, self.vision.as_ref());
        take(&mut abilities.pdf, self.pdf.as_ref());
        take(&mut abilities.temperature, self.temperature.as_ref());
        take(&mut abilities.system, self.system.as_ref());
        take(&mut abilities.streaming, self.streaming.as_ref());
        take(&mut model.tokenizer, self.tokenizer.as_ref());
        take(&mut model.encoding, self.encoding.as_ref());
        take(&mut model.pricing, self.price.map(UserPrice::pricing).as_ref());
        for (input, taken) in [("image", self.vision), ("pdf", self.pdf)] {
            if taken.is_some() {
                model.input.retain(|known| known != input);
            }
            model.input.extend(taken.filter(|taken| *taken).map(|_| input.to_owned()));
        }
    }
}

impl UserPrice {
    fn pricing(self) -> Pricing {
        let units = [
            (Unit::Input, self.input),
            (Unit::Output, self.output),
            (Unit::CacheRead, self.cached_read),
            (Unit::CacheWrite5m, self.cache_write_5m),
            (Unit::CacheWrite1h, self.cache_write_1h),
            (Unit::Reasoning, self.reasoning),
            (Unit::AudioIn, self.audio_in),
            (Unit::AudioOut, self.audio_out),
        ];
        let mut rates = Rates::default();
        for (unit, amount) in units {
            if let Some(Amount(rate)) = amount {
                rates.set(unit, rate);
            }
        }
        Pricing { standard: Card { rates, tiers: Vec::new() }, source: "user".to_owned(), ..Pricing::default() }
    }
}

impl fmt::Display for UserError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for UserError {}

impl<'de> Deserialize<'de> for ModelKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let key = String::deserialize(deserializer)?;
        match key.split_once('/') {
            Some((provider, id)) if !provider.is_empty() && !id.is_empty() => {
                Ok(Self { provider: provider.to_owned(), id: id.to_owned() })
            }
            _ => Err(D::Error::custom(format_args!("`{key}` does not name a model: write `provider/model`"))),
        }
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AmountVisitor)
    }
}

struct AmountVisitor;

impl Visitor<'_> for AmountVisitor {
    type Value = Amount;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("dollars per million tokens")
    }

    fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<Amount, E> {
        self.visit_str(&number.to_string())
    }

    // The shortest text of a float is what the user wrote, so 0.2 stays exactly 0.2.
    fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<Amount, E> {
        self.visit_str(&number.to_string())
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Amount, E> {
        let rate = Rate::parse_per_million(text).filter(|rate| rate.pico() >= 0);
        let wrong = || format!("`{text}` is no price: write dollars per million tokens, at most six decimals");
        rate.map(Amount).ok_or_else(|| E::custom(wrong()))
    }
}
