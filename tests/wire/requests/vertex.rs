//! Recorded bodies of Vertex AI: those of Gemini, and those of Claude without a model.

use llmx::chat::ChatRequest;
use serde_json::{Map, Value};

use super::{Reader, anthropic, gemini};
use crate::wire::recording::Recording;

pub const GEMINI: Reader = Reader { codec: "vertex-gemini", read: gemini::read, differences: gemini::DIFFERENCES };
pub const ANTHROPIC: Reader = Reader { codec: "vertex-anthropic", read: claude, differences: anthropic::DIFFERENCES };

/// The version is the codec's own to send.
fn claude(recording: &Recording, mut body: Map<String, Value>) -> ChatRequest {
    body.shift_remove("anthropic_version");
    anthropic::read(recording, body)
}
