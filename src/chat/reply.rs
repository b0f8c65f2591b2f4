//! What a model said ([`Reply`]): the fold of its events.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Event, Finish, Usage};

/// A tool call as data. llmx runs none.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ToolCall {
    /// The provider's id; `None` when it sent none.
    pub id: Option<String>,
    /// The tool's name.
    pub name: String,
    /// The JSON text of the arguments as it came; empty means `{}`.
    pub arguments: String,
    /// The provider's seal of the thinking that led to it (Gemini `thoughtSignature`), to be given back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seal: Option<String>,
}

impl ToolCall {
    /// The arguments as JSON; nothing, blanks and `null` count as `{}`. `None` when the text is no JSON.
    pub fn parsed(&self) -> Option<Value> {
        match self.arguments.trim() {
            "" | "null" => Some(Value::Object(serde_json::Map::new())),
            text => serde_json::from_str(text).ok(),
        }
    }
}

/// What a model said: the fold of its events.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reply {
    /// The provider's id of the reply.
    pub id: Option<String>,
    /// The model that served, as the provider names it.
    pub model: Option<String>,
    /// The answer.
    pub text: String,
    /// The thinking shown by the provider.
    pub reasoning: String,
    /// The refusal, where the format has a place for it.
    pub refusal: String,
    /// Tool calls in order.
    pub tool_calls: Vec<ToolCall>,
    /// Citations, annotations and search results as the provider wrote them, each once.
    pub citations: Vec<Value>,
    /// Log probabilities as the provider wrote them, in order.
    pub logprobs: Vec<Value>,
    /// Token counts; `None` when the provider reported none.
    pub usage: Option<Usage>,
    /// Why the model stopped; `None` when it was never said.
    pub finish: Option<Finish>,
}

impl Reply {
    /// Takes one more event.
    pub fn apply(&mut self, event: &Event) {
        match event {
            Event::Started { id, model } => {
                self.id = self.id.take().or_else(|| id.clone());
                self.model = model.clone().or_else(|| self.model.take());
            }
            Event::Text(piece) => self.text.push_str(piece),
            Event::Reasoning(piece) => self.reasoning.push_str(piece),
            Event::Refusal(piece) => self.refusal.push_str(piece),
            Event::ToolCall { slot, id, name, arguments } => {
                self.tool_calls.resize_with(self.tool_calls.len().max(slot + 1), ToolCall::default);
                let call = &mut self.tool_calls[*slot];
                call.id = call.id.take().or_else(|| id.clone());
                if let Some(name) = name.as_ref().filter(|_| call.name.is_empty()) {
                    call.name.clone_from(name);
                }
                call.arguments.push_str(arguments);
            }
            Event::Usage(usage) => self.usage = Some(Usage::clone(usage)),
            // Some providers repeat all citations with every chunk.
            Event::Citation(citation) if self.citations.contains(citation) => {}
            Event::Citation(citation) => self.citations.push(citation.clone()),
            Event::Logprobs(piece) => self.logprobs.push(piece.clone()),
            Event::Finished(finish) => self.finish = Some(finish.clone()),
        }
    }

    /// Whether nothing at all was said: no text, no refusal, no tool call. Thinking alone is no answer.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty() && self.refusal.is_empty() && self.tool_calls.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_of_parallel_calls_are_joined_by_slot() {
        let mut reply = Reply::default();
        let piece = |slot, id: Option<&str>, name: Option<&str>, arguments: &str| Event::ToolCall {
            slot,
            id: id.map(str::to_owned),
            name: name.map(str::to_owned),
            arguments: arguments.to_owned(),
        };
        for event in [
            piece(0, Some("a"), Some("f"), "{\"x\""),
            piece(1, Some("b"), Some("g"), ""),
            piece(0, Some(""), None, ":1}"),
        ] {
            reply.apply(&event);
        }
        assert_eq!(reply.tool_calls[0].parsed(), Some(serde_json::json!({"x": 1})));
        assert_eq!(reply.tool_calls[0].id.as_deref(), Some("a"));
        assert_eq!(reply.tool_calls[1].parsed(), Some(serde_json::json!({})));
    }
}
