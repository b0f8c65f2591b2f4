//! The vocabulary of a conversation: what is asked ([`ChatRequest`]), what comes back ([`Event`]), and what it
//! amounts to ([`Reply`], a fold of events). No provider's words appear here except as raw text.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::money::Usd;

/// One request to a model, in no provider's format.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChatRequest {
    /// The system prompt.
    pub system: Option<String>,
    /// The turns so far, oldest first; the last one is what is asked.
    pub messages: Vec<Message>,
    /// Sampling and length. What is `None` is not sent: reasoning models reject what they do not know.
    pub options: Options,
    /// Whether to ask for a stream.
    pub stream: bool,
}

/// Sampling options, each sent only when given.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Options {
    /// Sampling temperature.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub temperature: Option<f64>,
    /// Nucleus sampling share.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub top_p: Option<f64>,
    /// The most tokens to answer with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_tokens: Option<u64>,
    /// Texts that end the answer.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stop: Vec<String>,
    /// Seed for providers that take one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<i64>,
    /// How hard to think, in the provider's words (`low`, `medium`, `high`, …).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reasoning_effort: Option<String>,
    /// Further body members (`-o key=value`), merged into the request as they are.
    #[serde(skip_serializing_if = "serde_json::Map::is_empty")]
    pub extra: serde_json::Map<String, Value>,
}

/// Who speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// The person or script.
    User,
    /// The model.
    Assistant,
}

/// One turn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// Who speaks.
    pub role: Role,
    /// What is said, in order.
    pub parts: Vec<Part>,
}

impl Message {
    /// A turn of plain text.
    pub fn text(role: Role, text: impl Into<String>) -> Self {
        Self { role, parts: vec![Part::Text(text.into())] }
    }
}

/// One piece of a turn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Plain text.
    Text(String),
}

/// What a decoder reports, in the order it was received.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// The reply has begun; what is `None` was not said. Sent again when a later chunk says more.
    Started {
        /// The provider's id of the reply.
        id: Option<String>,
        /// The model that serves, as the provider names it.
        model: Option<String>,
    },
    /// A piece of the answer.
    Text(String),
    /// A piece of the thinking shown by the provider.
    Reasoning(String),
    /// A piece of a refusal, where the format has a place for it apart from the text.
    Refusal(String),
    /// A tool call, or a further piece of one. Decoders give every call its own `slot`, whatever the provider's indexes.
    ToolCall {
        /// Which call this belongs to, counted from 0 in order of appearance.
        slot: usize,
        /// The provider's id, when this piece brings it.
        id: Option<String>,
        /// The tool's name, when this piece brings it.
        name: Option<String>,
        /// A piece of the JSON text of the arguments, to be appended.
        arguments: String,
    },
    /// Token counts so far; a later one replaces an earlier one.
    Usage(Box<Usage>),
    /// Why the model stopped. May come before the last [`Event::Usage`]; a later one replaces an earlier one.
    Finished(Finish),
}

impl Event {
    /// Whether this is content in the sense of the commit point and of the first-token limit.
    pub fn is_content(&self) -> bool {
        match self {
            Self::Text(text) | Self::Reasoning(text) | Self::Refusal(text) => !text.is_empty(),
            Self::ToolCall { .. } => true,
            Self::Started { .. } | Self::Usage(_) | Self::Finished(_) => false,
        }
    }
}

/// A tool call as data. llmx runs none.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ToolCall {
    /// The provider's id; `None` when it sent none.
    pub id: Option<String>,
    /// The tool's name.
    pub name: String,
    /// The JSON text of the arguments as it came; empty means `{}`.
    pub arguments: String,
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

/// Why a model stopped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finish {
    /// The reason in llmx's words.
    pub reason: FinishReason,
    /// The provider's own word.
    pub raw: String,
    /// The provider's second word, where the format has one (the matched stop sequence, a native reason, …).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// The classes of finish reasons.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FinishReason {
    /// A natural end or a stop sequence.
    Stop,
    /// The token limit cut the answer.
    Length,
    /// The model wants tools run.
    ToolCalls,
    /// The provider's filter cut or withheld the answer.
    ContentFilter,
    /// The model refused.
    Refusal,
    /// The provider failed in the middle and says so here instead of in an error.
    Error,
    /// A word llmx does not know; see [`Finish::raw`].
    Other,
}

/// Token counts as the provider reported them, with the rule by which it counts.
///
/// A field is `None` when it was not reported; absent is unknown, never 0.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Usage {
    /// Prompt tokens.
    pub input: Option<u64>,
    /// Prompt tokens read from a cache.
    pub cache_read: Option<u64>,
    /// Prompt tokens written to a cache, all life times together.
    pub cache_write: Option<u64>,
    /// Of [`Usage::cache_write`], those written for an hour.
    pub cache_write_1h: Option<u64>,
    /// Answer tokens.
    pub output: Option<u64>,
    /// Tokens spent on thinking.
    pub reasoning: Option<u64>,
    /// Audio tokens among the prompt tokens.
    pub audio_in: Option<u64>,
    /// Audio tokens among the answer tokens.
    pub audio_out: Option<u64>,
    /// Prompt tokens of tools run by the provider, where counted beside `input` (Gemini `toolUsePromptTokenCount`).
    pub tool_input: Option<u64>,
    /// How this provider counts.
    pub counting: Counting,
    /// What the provider says the call cost.
    pub cost: Option<Usd>,
    /// The processing tier that the response names (`flex`, `priority`, `default`, …).
    pub service_tier: Option<String>,
    /// The provider's usage object as it came, for the ledger.
    pub raw: Value,
}

/// Where a provider counts cached and reasoning tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counting {
    /// `input` leaves out cached tokens (Anthropic); otherwise it includes them.
    pub cache_outside_input: bool,
    /// `output` leaves out reasoning tokens (Gemini, xAI chat); otherwise it includes them.
    pub reasoning_outside_output: bool,
}

/// Disjoint token counts: cost is a plain sum over them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Buckets {
    /// Prompt tokens that were neither read from nor written to a cache, audio excluded.
    pub input: u64,
    /// Prompt tokens read from a cache.
    pub cache_read: u64,
    /// Prompt tokens written to a cache for five minutes, or for the provider's only time.
    pub cache_write_5m: u64,
    /// Prompt tokens written to a cache for an hour.
    pub cache_write_1h: u64,
    /// Audio prompt tokens.
    pub audio_in: u64,
    /// Answer tokens that are neither reasoning nor audio.
    pub output: u64,
    /// Reasoning tokens.
    pub reasoning: u64,
    /// Audio answer tokens.
    pub audio_out: u64,
    /// The reported numbers contradicted each other (say, more cached than prompt tokens) and were clamped.
    pub inconsistent: bool,
}

impl Buckets {
    /// All prompt tokens.
    pub fn input_total(&self) -> u64 {
        let parts = [self.input, self.cache_read, self.cache_write_5m, self.cache_write_1h, self.audio_in];
        parts.into_iter().fold(0, u64::saturating_add)
    }

    /// All answer tokens, reasoning included.
    pub fn output_total(&self) -> u64 {
        self.output.saturating_add(self.reasoning).saturating_add(self.audio_out)
    }
}

impl Usage {
    /// Takes every field that `later` reports; the last word counts, and nothing is summed.
    pub fn update(&mut self, later: Self) {
        fn take<T>(field: &mut Option<T>, later: Option<T>) {
            if later.is_some() {
                *field = later;
            }
        }
        take(&mut self.input, later.input);
        take(&mut self.cache_read, later.cache_read);
        take(&mut self.cache_write, later.cache_write);
        take(&mut self.cache_write_1h, later.cache_write_1h);
        take(&mut self.output, later.output);
        take(&mut self.reasoning, later.reasoning);
        take(&mut self.audio_in, later.audio_in);
        take(&mut self.audio_out, later.audio_out);
        take(&mut self.tool_input, later.tool_input);
        take(&mut self.cost, later.cost);
        take(&mut self.service_tier, later.service_tier);
        self.counting = later.counting;
        if !later.raw.is_null() {
            self.raw = later.raw;
        }
    }

    /// The counts as disjoint buckets, or `None` when the prompt or the answer was not counted.
    ///
    /// Contradictory numbers are clamped and flagged, never negative.
    pub fn buckets(&self) -> Option<Buckets> {
        let (input, output) = (self.input?, self.output?);
        let mut inconsistent = false;
        let mut remainder = |total: u64, part: u64| {
            inconsistent |= part > total;
            total.saturating_sub(part)
        };
        let read = self.cache_read.unwrap_or(0);
        let write = self.cache_write.unwrap_or(0).max(self.cache_write_1h.unwrap_or(0));
        let write_1h = self.cache_write_1h.unwrap_or(0);
        let audio_in = self.audio_in.unwrap_or(0);
        let cached = if self.counting.cache_outside_input { 0 } else { read.saturating_add(write) };
        let plain = remainder(input, cached.saturating_add(audio_in)).saturating_add(self.tool_input.unwrap_or(0));
        let reasoning = self.reasoning.unwrap_or(0);
        let audio_out = self.audio_out.unwrap_or(0);
        let thought = if self.counting.reasoning_outside_output { 0 } else { reasoning };
        let answer = remainder(output, thought.saturating_add(audio_out));
        Some(Buckets {
            input: plain,
            cache_read: read,
            cache_write_5m: write - write_1h,
            cache_write_1h: write_1h,
            audio_in,
            output: answer,
            reasoning,
            audio_out,
            inconsistent,
        })
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

    fn usage(input: u64, output: u64) -> Usage {
        Usage { input: Some(input), output: Some(output), ..Usage::default() }
    }

    #[test]
    fn cached_tokens_inside_the_prompt_count_are_taken_out() {
        let counts = Usage { cache_read: Some(8000), reasoning: Some(1200), ..usage(10_000, 1500) };
        let buckets = counts.buckets().expect("counted");
        assert_eq!((buckets.input, buckets.cache_read, buckets.output, buckets.reasoning), (2000, 8000, 300, 1200));
        assert_eq!((buckets.input_total(), buckets.output_total()), (10_000, 1500));
    }

    #[test]
    fn cached_and_reasoning_tokens_outside_the_counts_are_added() {
        let counting = Counting { cache_outside_input: true, reasoning_outside_output: true };
        let counts = Usage {
            cache_read: Some(50_000),
            cache_write: Some(10_000),
            cache_write_1h: Some(4000),
            reasoning: Some(900),
            counting,
            ..usage(2000, 300)
        };
        let buckets = counts.buckets().expect("counted");
        assert_eq!((buckets.input_total(), buckets.output_total()), (62_000, 1200));
        assert_eq!((buckets.cache_write_5m, buckets.cache_write_1h), (6000, 4000));
    }

    #[test]
    fn contradictory_counts_are_clamped_and_flagged() {
        let buckets = Usage { cache_read: Some(200), ..usage(100, 5) }.buckets().expect("counted");
        assert_eq!((buckets.input, buckets.inconsistent), (0, true));
    }

    #[test]
    fn absent_counts_are_unknown() {
        assert_eq!(Usage { output: Some(3), ..Usage::default() }.buckets(), None);
    }

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
