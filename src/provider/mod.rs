//! Who serves what. A provider is a row of `builtin.toml` or of the user's configuration, in the same schema; a
//! difference between providers is a named quirk of the row.

mod api_key;
mod aws;
mod builtin;
mod dialect;
mod host;
mod parameter;
mod row;

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::catalog::Model;
use crate::secret::Secret;
pub use api_key::{ApiKey, Argv, split_words};
pub use aws::{AwsCredentials, AwsSource};
pub use builtin::{builtin, left_out};
pub use dialect::{DocumentPlace, EffortPlace, ThoughtPlace};
pub use host::complete_host;
pub use parameter::{Parameter, places};
pub use row::{Row, RowError, check_tag, check_url};

/// One provider, ready to use: the built-in row with the user's row laid over it.
#[derive(Clone, Debug)]
pub struct Provider {
    /// The name in `provider/model`.
    pub name: String,
    /// The name people know, such as `OpenAI`.
    pub title: String,
    /// The wire format, a name of [`crate::wire::CODECS`].
    pub wire: String,
    /// Base address without a final slash. The codec adds its path.
    pub base_url: String,
    /// How the key is sent.
    pub auth: Auth,
    /// Where keys may be found, in order.
    pub keys: Vec<KeySource>,
    /// All of them are used, one when another does not work; otherwise the first that is found is the key.
    pub rotates: bool,
    /// Further headers of every request.
    pub headers: Vec<(String, String)>,
    /// How this server differs from the plain format.
    pub quirks: Quirks,
    /// How large attachments may be, where the provider says so. Whoever says nothing is asked.
    pub limits: Limits,
    /// The model to use when only the provider was named.
    pub default_model: Option<String>,
    /// The provider's name in the catalogue.
    pub catalog: String,
    /// Where a person gets a key.
    pub keys_url: Option<String>,
    /// A server on this machine: no key, no price, found by its port.
    pub local: bool,
    /// What stands for `{name}` in addresses and paths (`region`, `project`, `account`, …).
    pub parameters: BTreeMap<String, String>,
    /// Parameters without a value, each with the variables it was looked for in. Nothing can be sent before they are set.
    pub missing: Vec<(String, Vec<String>)>,
    /// Wire formats of models whose names fit a pattern (`claude-*`), in order; all others take [`Provider::wire`].
    pub wires: Vec<(String, String)>,
    /// The format of its embeddings, a name of `wire::embed`; `None` when it has none.
    pub embeddings: Option<String>,
    /// The format of its list of models, a name of `wire::models`; `None` when it has none.
    pub models: Option<String>,
    /// The recordings that this row was proven on, as their providers are named there.
    pub proven: Vec<String>,
    /// Words that routes may require or forbid, such as `eu`.
    pub tags: Vec<String>,
}

impl Provider {
    /// Whether it has a tag: one of its row, or `NAME:VALUE` of a parameter of its address, such as `region:eu-west-1`.
    pub fn has_tag(&self, tag: &str) -> bool {
        let of_parameter = |(name, value): (&str, &str)| self.parameters.get(name).is_some_and(|known| known == value);
        self.tags.iter().any(|known| known == tag) || tag.split_once(':').is_some_and(of_parameter)
    }

    /// Where requests are processed, as far as its address tells: the parameter `location` or `region`, or the first word of
    /// the host where that is a part of the world, as in `eu.api.openai.com`.
    pub fn place(&self) -> Option<&str> {
        let parameter = ["location", "region"].iter().find_map(|name| self.parameters.get(*name)).map(String::as_str);
        parameter.or_else(|| {
            let host = self.base_url.split_once("://").map_or(self.base_url.as_str(), |(_, host)| host);
            host.split_once('.').map(|(first, _)| first).filter(|first| PARTS_OF_THE_WORLD.contains(first))
        })
    }

    /// `template` with every `{name}` replaced by that parameter, made fit for its place by `escape`. Unknown names stay.
    pub fn fill(&self, template: &str, escape: fn(&str) -> String) -> String {
        parameter::filled(template, &self.parameters, escape)
    }

    /// The base address for a model: see [`Quirks::prefixes`].
    pub fn base_of(&self, model: &str) -> String {
        let base = &self.base_url;
        let Some((_, prefix)) = self.quirks.prefixes.iter().find(|(pattern, _)| fits(pattern, model)) else {
            return base.clone();
        };
        match base.strip_suffix("/v1") {
            Some(root) => format!("{root}{prefix}/v1"),
            None => format!("{base}{prefix}"),
        }
    }
}

/// Parts of the world that providers have hosts for.
const PARTS_OF_THE_WORLD: &[&str] = &["eu", "us"];

/// Whether a model's name fits a pattern with at most one `*`.
fn fits(pattern: &str, model: &str) -> bool {
    match pattern.split_once('*') {
        Some((start, end)) => {
            model.len() >= start.len() + end.len() && model.starts_with(start) && model.ends_with(end)
        }
        None => model == pattern,
    }
}

/// How a key is sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Auth {
    /// `authorization: Bearer KEY`.
    Bearer,
    /// The key alone as the value of this header.
    Header(String),
    /// A signature for that service of AWS (Signature Version 4), made with credentials ([`AwsCredentials`]); a key that is
    /// none of these is sent as `authorization: Bearer KEY`.
    Aws(String),
    /// A key is sent as `authorization: Bearer KEY` when there is one; none is needed.
    Optional,
    /// No key is sent.
    None,
}

/// Where a key comes from. Read only when a target is tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeySource {
    /// An environment variable.
    Env(String),
    /// The first line a program prints. An argument list, never a shell line.
    Command(Vec<String>),
    /// A file that only its owner may read.
    File(String),
    /// A file of Google credentials, of a service account or of a user, for which an access token is asked.
    ServiceAccount(String),
    /// An environment variable that names such a file.
    ServiceAccountEnv(String),
    /// A place where AWS's own programs look for credentials.
    Aws(AwsSource),
    /// The key itself, in a configuration file that only its owner may read.
    Literal(Secret),
}

/// Named differences from the plain wire format. All default to the plain behaviour.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "each is a quirk of its own")]
pub struct Quirks {
    /// The body member for the longest answer, when it is not the format's own.
    pub max_tokens_field: Option<String>,
    /// Rejects `stream_options`; usage comes unasked or not at all.
    pub no_stream_options: bool,
    /// Counts reasoning tokens beside the answer tokens instead of inside (xAI chat).
    pub reasoning_outside_output: bool,
    /// The path after the base address, when it is not the format's own. It may hold `{model}` and parameters.
    pub path: Option<String>,
    /// What comes before the `/v1` of the base address for models whose names fit a pattern, as `["pattern", "/prefix"]`, first
    /// one first.
    pub prefixes: Vec<(String, String)>,
    /// Serves the Responses API beside this format: models that have nothing else are asked there.
    pub responses: bool,
    /// Where the server is told how hard to think.
    pub effort: EffortPlace,
    /// Where it takes its earlier thinking back.
    pub thoughts: ThoughtPlace,
    /// How a document is attached.
    pub documents: DocumentPlace,
    /// The body member for the seed, when it is not the format's own.
    pub seed_field: Option<String>,
    /// Has no place for a schema, only for "any JSON".
    pub no_schema: bool,
    /// Takes tool call ids of this many letters and digits only (Mistral: 9); others are replaced, the same by the same.
    pub call_id_length: Option<usize>,
    /// Models, as patterns, that go on with the last turn when it is their own.
    pub prefill: Vec<String>,
    /// The member of such a turn that must be `true`.
    pub prefill_field: Option<String>,
}

/// What a provider takes at most, in MiB of base64 text: its own guides on images and files say so.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// One image.
    pub image_mib: Option<u32>,
    /// All attachments of a request.
    pub request_mib: Option<u32>,
}

/// `provider/model`. The model's own name may contain slashes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TargetId {
    /// The provider's name.
    pub provider: String,
    /// The model's name as the provider knows it.
    pub model: String,
}

impl TargetId {
    /// The target of that provider and model.
    pub fn new(provider: impl Into<String>, model: impl Into<String>) -> Self {
        Self { provider: provider.into(), model: model.into() }
    }
}

impl fmt::Display for TargetId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.provider, self.model)
    }
}

impl FromStr for TargetId {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        match text.split_once('/') {
            Some((provider, model)) if !provider.is_empty() && !model.is_empty() => Ok(Self::new(provider, model)),
            _ => Err(()),
        }
    }
}

impl Serialize for TargetId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for TargetId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(|()| serde::de::Error::custom("a target is written `provider/model`"))
    }
}

/// A model at a provider, with all that is known of both. Holds no key.
#[derive(Clone, Debug)]
pub struct Target {
    /// `provider/model`.
    pub id: TargetId,
    /// The provider's row.
    pub provider: Arc<Provider>,
    /// The catalogue's record; `None` when the catalogue does not know the model.
    pub model: Option<Arc<Model>>,
    /// Whether a key is to be had.
    pub key: KeyState,
    /// The keys that may be tried, in order; empty when none is needed.
    pub keys: Vec<KeyMark>,
}

/// A key, told without it: where it comes from, and a few digits of its digest, which change when the key does.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct KeyMark {
    /// The place in words, such as `OPENAI_API_KEY`.
    pub place: String,
    /// The digits; empty when the key has not been read.
    pub digest: String,
}

impl Target {
    /// Whether the model goes on with the last turn when it is its own. One that thinks first does not.
    pub fn takes_prefill(&self, thinks: bool) -> bool {
        !thinks && self.provider.quirks.prefill.iter().any(|pattern| fits(pattern, &self.id.model))
    }

    /// The wire format that this model is asked in.
    pub fn wire(&self) -> &str {
        let model = &self.id.model;
        let responses_only = self.model.as_ref().is_some_and(|model| model.responses_only);
        match self.provider.wires.iter().find(|(pattern, _)| fits(pattern, model)) {
            Some((_, wire)) => wire,
            None if responses_only && self.provider.quirks.responses => "openai-responses",
            None => &self.provider.wire,
        }
    }
}

/// Whether a key is to be had, told without reading it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyState {
    /// None is needed.
    NotNeeded,
    /// There is one; where it comes from.
    Present(String),
    /// There is none; where it was looked for.
    Missing(Vec<String>),
}
