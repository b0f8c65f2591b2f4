//! The members of Responses events, responses and items that llmx reads. Texts are borrowed from the bytes.

use serde_json::Value;

use crate::wire::lenient::{Arguments, Index, Text};
use crate::wire::usage;

/// An event of a stream.
#[derive(serde::Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(super) struct Frame<'a> {
    #[serde(default, rename = "type")]
    pub(super) kind: Text<'a>,
    #[serde(default)]
    pub(super) output_index: Index,
    #[serde(default)]
    item_id: Text<'a>,
    #[serde(default)]
    pub(super) item: Option<Item<'a>>,
    #[serde(default)]
    pub(super) delta: Text<'a>,
    #[serde(default)]
    pub(super) text: Text<'a>,
    #[serde(default)]
    pub(super) annotation: Option<Value>,
    #[serde(default)]
    pub(super) logprobs: Option<Value>,
    #[serde(default)]
    pub(super) response: Option<Response<'a>>,
    #[serde(default)]
    pub(super) error: Option<Value>,
}

impl Frame<'_> {
    pub(super) fn item_id(&self) -> Option<&str> {
        self.item_id.filled().or_else(|| self.item.as_ref()?.id.filled())
    }
}

/// A whole response, or what is known of one.
#[derive(serde::Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(super) struct Response<'a> {
    #[serde(default)]
    pub(super) id: Text<'a>,
    #[serde(default)]
    pub(super) model: Text<'a>,
    #[serde(default)]
    pub(super) status: Text<'a>,
    #[serde(default)]
    pub(super) incomplete_details: Option<Incomplete<'a>>,
    #[serde(default)]
    pub(super) error: Option<Value>,
    #[serde(default)]
    pub(super) output: Option<Vec<Item<'a>>>,
    #[serde(default)]
    pub(super) usage: Option<Value>,
    #[serde(default)]
    pub(super) service_tier: Text<'a>,
}

#[derive(serde::Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(super) struct Incomplete<'a> {
    #[serde(default)]
    pub(super) reason: Text<'a>,
}

/// One item of an answer. Calls of tools that the provider runs itself hold nothing that is read.
#[derive(serde::Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(super) struct Item<'a> {
    #[serde(default, rename = "type")]
    kind: Text<'a>,
    #[serde(default)]
    pub(super) id: Text<'a>,
    #[serde(default)]
    pub(super) call_id: Text<'a>,
    #[serde(default)]
    pub(super) name: Text<'a>,
    #[serde(default)]
    arguments: Arguments<'a>,
    #[serde(default)]
    input: Text<'a>,
    #[serde(default, deserialize_with = "parts")]
    pub(super) content: Option<Vec<Part<'a>>>,
    #[serde(default, deserialize_with = "parts")]
    summary: Option<Vec<Part<'a>>>,
    /// What a search did.
    #[serde(default)]
    action: Option<Value>,
}

/// A piece of a message or of thinking.
#[derive(serde::Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(super) struct Part<'a> {
    #[serde(default)]
    text: Text<'a>,
    #[serde(default)]
    refusal: Text<'a>,
    #[serde(default)]
    pub(super) annotations: Option<Value>,
    #[serde(default)]
    pub(super) logprobs: Option<Value>,
}

/// Items of the provider's own tools use these names for other shapes; those are passed over.
fn parts<'de: 'a, 'a, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<Part<'a>>>, D::Error> {
    #[derive(serde::Deserialize)]
    #[serde(untagged, bound(deserialize = "'de: 'a"))]
    enum Shape<'a> {
        Parts(Vec<Part<'a>>),
        Other(serde::de::IgnoredAny),
    }
    Ok(match serde::Deserialize::deserialize(deserializer)? {
        Shape::Parts(parts) => Some(parts),
        Shape::Other(_) => None,
    })
}

/// Sorts of pieces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Refusal,
    Reasoning,
    /// Arguments of a function.
    Arguments,
    /// Free text for a custom tool.
    Input,
    Citation,
    Logprobs,
}

impl Item<'_> {
    /// Whether this is a call that the client is to run.
    pub(super) fn is_call(&self) -> bool {
        matches!(self.kind.filled(), Some("function_call" | "custom_tool_call"))
    }

    /// Whether this is a search of the web that is billed.
    pub(super) fn is_web_search(&self) -> bool {
        let action = self.action.as_ref().and_then(|action| action.get("type")?.as_str());
        self.kind.filled().is_some_and(|kind| usage::responses::is_web_search(kind, action))
    }

    /// Whether this is a search of the user's files.
    pub(super) fn is_file_search(&self) -> bool {
        self.kind.filled().is_some_and(usage::responses::is_file_search)
    }

    /// What the item says, in order.
    pub(super) fn pieces(&self) -> Vec<(Kind, &str)> {
        let parts = |list: &'_ Option<Vec<Part<'_>>>| list.iter().flatten().count();
        let mut pieces = Vec::with_capacity(parts(&self.content) + parts(&self.summary));
        let summary = self.summary.iter().flatten().filter_map(|part| part.text.filled());
        let content = self.content.iter().flatten();
        match self.kind.filled() {
            Some("message") => pieces.extend(content.flat_map(|part| {
                let text = part.text.filled().map(|text| (Kind::Text, text));
                text.into_iter().chain(part.refusal.filled().map(|text| (Kind::Refusal, text)))
            })),
            Some("reasoning") => {
                pieces.extend(summary.map(|text| (Kind::Reasoning, text)));
                pieces.extend(content.filter_map(|part| Some((Kind::Reasoning, part.text.filled()?))));
            }
            Some("function_call") if !self.arguments.0.is_empty() => pieces.push((Kind::Arguments, &self.arguments.0)),
            Some("custom_tool_call") => pieces.extend(self.input.filled().map(|text| (Kind::Input, text))),
            _ => {}
        }
        pieces
    }
}
