//! Gemini `generateContent` (`gemini`), of the Gemini API and of Vertex AI. Chunks of a stream and whole replies have one
//! shape; a stream without `alt=sse` is a JSON array of them. There is no end marker: the finish reason ends an answer.

mod encode;

use serde_json::Value;

pub(super) use self::encode::body;
use super::framing::{End, Framed, Reader, malformed, reported, unknown_shape};
use super::lenient::{Arguments, Index, Text};
use super::{Codec, Decoder, Features, HttpRequest, ResponseHead, classify, finish, path_segment, post, usage};
use crate::chat::{ChatRequest, Event, Finish, FinishReason, MediaKind, Usage};
use crate::failure::Failure;
use crate::provider::Target;

/// The codec.
pub struct Gemini;

impl Codec for Gemini {
    fn name(&self) -> &'static str {
        "gemini"
    }

    fn features(&self) -> Features {
        FEATURES
    }

    fn encode(&self, target: &Target, request: &ChatRequest) -> HttpRequest {
        let method = if request.stream { "streamGenerateContent?alt=sse" } else { "generateContent" };
        // Google's own lists call a model `models/NAME`.
        let model = target.id.model.strip_prefix("models/").unwrap_or(&target.id.model);
        let path = format!("/v1beta/models/{}:{method}", path_segment(model));
        let mut encoded = post(target, &path, request.stream, body(target, request));
        // A path that a quirk gives may name the place of the method.
        encoded.url = encoded.url.replace("{method}", method);
        encoded
    }

    fn decoder(&self, _target: &Target, head: &ResponseHead) -> Box<dyn Decoder + Send> {
        decoder(head)
    }

    fn failure(&self, _target: &Target, head: &ResponseHead, body: &[u8]) -> Failure {
        classify::http_failure(head, body)
    }
}

/// What a `generateContent` body has a place for.
pub(super) const FEATURES: Features = Features {
    streaming: true,
    tools: true,
    schema: true,
    media: &[MediaKind::Image, MediaKind::Document, MediaKind::Audio, MediaKind::Video],
    addresses: &[MediaKind::Image, MediaKind::Document, MediaKind::Audio, MediaKind::Video],
    usage: true,
};

/// A decoder of candidates, for both places that speak the format.
pub(super) fn decoder(head: &ResponseHead) -> Box<dyn Decoder + Send> {
    let usage = Usage { counting: usage::gemini::COUNTING, ..Usage::default() };
    Box::new(Framed::new(head, CandidateReader { usage, ..CandidateReader::default() }))
}

#[derive(serde::Deserialize)]
#[serde(bound(deserialize = "'de: 'a"), rename_all = "camelCase")]
struct Chunk<'a> {
    #[serde(default)]
    candidates: Option<Vec<Candidate<'a>>>,
    #[serde(default)]
    prompt_feedback: Option<PromptFeedback<'a>>,
    #[serde(default)]
    usage_metadata: Option<Value>,
    #[serde(default)]
    model_version: Text<'a>,
    #[serde(default)]
    response_id: Text<'a>,
    #[serde(default)]
    error: Option<Value>,
}

#[derive(serde::Deserialize)]
#[serde(bound(deserialize = "'de: 'a"), rename_all = "camelCase")]
struct Candidate<'a> {
    #[serde(default)]
    index: Index,
    #[serde(default)]
    content: Option<Content<'a>>,
    #[serde(default)]
    finish_reason: Text<'a>,
    #[serde(default)]
    finish_message: Text<'a>,
    #[serde(default)]
    grounding_metadata: Option<Value>,
    #[serde(default)]
    citation_metadata: Option<Value>,
    #[serde(default)]
    logprobs_result: Option<Value>,
}

#[derive(serde::Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
struct Content<'a> {
    #[serde(default)]
    parts: Option<Vec<Part<'a>>>,
}

/// Parts of tools that the provider runs itself (`toolCall`, `executableCode`, …) have none of these members.
#[derive(serde::Deserialize)]
#[serde(bound(deserialize = "'de: 'a"), rename_all = "camelCase")]
struct Part<'a> {
    #[serde(default)]
    text: Text<'a>,
    #[serde(default)]
    thought: Option<bool>,
    #[serde(default)]
    function_call: Option<FunctionCall<'a>>,
}

#[derive(serde::Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
struct FunctionCall<'a> {
    #[serde(default)]
    id: Text<'a>,
    #[serde(default)]
    name: Text<'a>,
    #[serde(default)]
    args: Arguments<'a>,
}

#[derive(serde::Deserialize)]
#[serde(bound(deserialize = "'de: 'a"), rename_all = "camelCase")]
struct PromptFeedback<'a> {
    #[serde(default)]
    block_reason: Text<'a>,
}

/// Reads chunks and whole replies.
#[derive(Default)]
struct CandidateReader {
    id: Option<String>,
    model: Option<String>,
    usage: Usage,
    slots: usize,
    /// Something came that counts as answer tokens.
    answered: bool,
    finished: bool,
}

impl Reader for CandidateReader {
    fn event(&mut self, name: &str, data: &str, events: &mut Vec<Event>) -> Result<(), Failure> {
        self.read(data, name == "error", false, events)
    }

    fn whole(&mut self, body: &str, events: &mut Vec<Event>) -> Result<(), Failure> {
        self.read(body, false, true, events)
    }

    fn end(&self) -> End {
        if self.finished { End::Finished } else { End::Open }
    }
}

impl CandidateReader {
    fn read(&mut self, json: &str, is_error: bool, whole: bool, events: &mut Vec<Event>) -> Result<(), Failure> {
        let chunk: Chunk<'_> = serde_json::from_str(json).map_err(|error| malformed(&error, json, whole))?;
        self.start(&chunk, events);
        let first = chunk.candidates.iter().flatten().find(|candidate| candidate.index.0.unwrap_or(0) == 0);
        let blocked = chunk.prompt_feedback.as_ref().and_then(|feedback| feedback.block_reason.filled());
        if let Some(candidate) = first {
            self.candidate(candidate, blocked, events);
        } else if let Some(reason) = blocked {
            // The prompt was blocked: there is a reason, but no word for the end of an answer.
            self.finished = true;
            let detail = Some(reason.to_owned());
            events.push(Event::Finished(Finish { reason: FinishReason::ContentFilter, raw: String::new(), detail }));
        }
        self.count(chunk.usage_metadata.as_ref(), events);
        if is_error || chunk.error.is_some() {
            return Err(reported(json, &serde_json::from_str(json).unwrap_or_default()));
        }
        let reply = chunk.candidates.is_some() || chunk.usage_metadata.is_some() || blocked.is_some();
        if whole && !reply { Err(unknown_shape(json)) } else { Ok(()) }
    }

    fn start(&mut self, chunk: &Chunk<'_>, events: &mut Vec<Event>) {
        let learned = |known: &Option<String>, said: &Text<'_>| known.is_none() && said.filled().is_some();
        if learned(&self.id, &chunk.response_id) || learned(&self.model, &chunk.model_version) {
            self.id = self.id.take().or_else(|| chunk.response_id.filled().map(str::to_owned));
            self.model = self.model.take().or_else(|| chunk.model_version.filled().map(str::to_owned));
            events.push(Event::Started { id: self.id.clone(), model: self.model.clone() });
        }
    }

    fn candidate(&mut self, candidate: &Candidate<'_>, blocked: Option<&str>, events: &mut Vec<Event>) {
        for part in candidate.content.iter().filter_map(|content| content.parts.as_ref()).flatten() {
            self.part(part, events);
        }
        evidence(candidate, events);
        if let Some(word) = candidate.finish_reason.filled() {
            self.finished = true;
            let detail = candidate.finish_message.filled().or(blocked);
            events.push(Event::Finished(finish::finish(word, detail, self.slots > 0)));
        }
    }

    fn part(&mut self, part: &Part<'_>, events: &mut Vec<Event>) {
        let thought = part.thought == Some(true);
        let said = |text: &str| if thought { Event::Reasoning(text.to_owned()) } else { Event::Text(text.to_owned()) };
        events.extend(part.text.filled().map(said));
        // Code, an image or a call is an answer too; only thoughts and empty texts are none.
        self.answered |= !thought && part.text.0.as_deref() != Some("");
        if let Some(call) = &part.function_call {
            let slot = self.slots;
            self.slots += 1;
            let owned = |text: &Text<'_>| text.filled().map(str::to_owned);
            let arguments = call.args.0.clone().into_owned();
            events.push(Event::ToolCall { slot, id: owned(&call.id), name: owned(&call.name), arguments });
        }
    }

    /// Chunks repeat the counts, each including the last, so a later object replaces an earlier one whole: with tools
    /// that the provider runs, a count that is gone belonged to a step that has been counted elsewhere.
    fn count(&mut self, usage: Option<&Value>, events: &mut Vec<Event>) {
        let Some(usage) = usage.filter(|usage| usage.as_object().is_some_and(|members| !members.is_empty())) else {
            return;
        };
        self.usage = usage::gemini::read(usage, self.answered);
        events.push(Event::Usage(Box::new(self.usage.clone())));
    }
}

/// What the answer rests on, and how likely its tokens were.
fn evidence(candidate: &Candidate<'_>, events: &mut Vec<Event>) {
    let says_something = |value: &&Value| value.as_object().is_some_and(|members| !members.is_empty());
    let grounding = candidate.grounding_metadata.as_ref().filter(says_something);
    events.extend(grounding.cloned().map(Event::Citation));
    // The Gemini API and Vertex AI call the list differently.
    let lists = candidate
        .citation_metadata
        .iter()
        .filter_map(|metadata| ["citationSources", "citations"].iter().find_map(|name| metadata.get(name)?.as_array()));
    events.extend(lists.flatten().cloned().map(Event::Citation));
    let logprobs = candidate.logprobs_result.as_ref().filter(says_something);
    events.extend(logprobs.cloned().map(Event::Logprobs));
}

#[cfg(test)]
mod tests;
