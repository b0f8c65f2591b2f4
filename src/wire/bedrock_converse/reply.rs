//! What Converse sends, as it is read: leniently, and where possible without copying.

use serde::Deserialize;
use serde_json::Value;

use crate::wire::lenient::{Arguments, Index, Text};

/// A message of a stream, whichever it is: their members do not clash.
#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(super) struct Chunk<'a> {
    #[serde(default, rename = "contentBlockIndex")]
    pub index: Index,
    #[serde(default)]
    pub start: Option<Block<'a>>,
    #[serde(default)]
    pub delta: Option<Block<'a>>,
    #[serde(default, rename = "stopReason")]
    pub stop_reason: Text<'a>,
    #[serde(default)]
    pub usage: Option<Value>,
    #[serde(default, rename = "serviceTier")]
    pub service_tier: Option<Value>,
}

/// A whole reply.
#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(super) struct Whole<'a> {
    #[serde(default)]
    pub output: Option<Output<'a>>,
    #[serde(default, rename = "stopReason")]
    pub stop_reason: Text<'a>,
    #[serde(default)]
    pub usage: Option<Value>,
    #[serde(default, rename = "serviceTier")]
    pub service_tier: Option<Value>,
}

#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(super) struct Output<'a> {
    #[serde(default)]
    pub message: Option<Message<'a>>,
}

#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(super) struct Message<'a> {
    #[serde(default)]
    pub content: Option<Vec<Block<'a>>>,
}

/// A whole block, the start of one, or a piece of one.
#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(super) struct Block<'a> {
    #[serde(default)]
    pub text: Text<'a>,
    #[serde(default, rename = "toolUse")]
    pub tool_use: Option<ToolUse<'a>>,
    #[serde(default, rename = "reasoningContent")]
    pub reasoning_content: Option<Reasoning<'a>>,
    /// In a stream.
    #[serde(default)]
    pub citation: Option<Value>,
    /// In a whole reply.
    #[serde(default, rename = "citationsContent")]
    pub citations_content: Option<Cited<'a>>,
}

#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(super) struct ToolUse<'a> {
    #[serde(default, rename = "toolUseId")]
    pub id: Text<'a>,
    #[serde(default)]
    pub name: Text<'a>,
    #[serde(default, rename = "type")]
    pub kind: Text<'a>,
    /// An object in a whole reply, a piece of its text in a stream.
    #[serde(default)]
    pub input: Arguments<'a>,
}

/// Thinking: a piece of it in a stream, with `reasoningText` in a whole reply.
#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(super) struct Reasoning<'a> {
    #[serde(default)]
    pub text: Text<'a>,
    #[serde(default, rename = "reasoningText")]
    pub reasoning_text: Option<Piece<'a>>,
}

#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(super) struct Cited<'a> {
    #[serde(default)]
    pub content: Option<Vec<Piece<'a>>>,
    #[serde(default)]
    pub citations: Option<Vec<Value>>,
}

#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(super) struct Piece<'a> {
    #[serde(default)]
    pub text: Text<'a>,
}
