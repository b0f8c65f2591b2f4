//! OpenAI Responses (`openai-responses`). An answer is a list of items: thinking, messages, calls of tools. A stream tells
//! their pieces as named events and ends with the whole response; there is no `[DONE]`.
//!
//! Servers differ in what they leave out: pieces, the finished items, or the items of the final response. So everything is
//! read from every place, and a later place counts only for what earlier ones did not say.

mod encode;
mod item;
mod said;

use serde_json::Value;

use self::item::{Frame, Item, Kind, Response};
use self::said::{Said, filled};
use super::framing::{End, Framed, Reader, malformed, no_reply, reported, unknown_shape};
use super::lenient::Text;
use super::{Codec, Decoder, Features, HttpRequest, ResponseHead, classify, finish, post, usage};
use crate::chat::{ChatRequest, Event, Finish, FinishReason, MediaKind};
use crate::failure::Failure;
use crate::provider::Target;

/// The codec.
pub struct OpenAiResponses;

impl Codec for OpenAiResponses {
    fn name(&self) -> &'static str {
        "openai-responses"
    }

    fn features(&self) -> Features {
        let media = &[MediaKind::Image, MediaKind::Document];
        Features { streaming: true, tools: true, schema: true, media, addresses: media, usage: true }
    }

    fn encode(&self, target: &Target, request: &ChatRequest) -> HttpRequest {
        post(target, "/responses", request.stream, encode::body(target, request))
    }

    fn decoder(&self, _target: &Target, head: &ResponseHead) -> Box<dyn Decoder + Send> {
        Box::new(Framed::new(head, ItemReader::default()))
    }

    fn failure(&self, _target: &Target, head: &ResponseHead, body: &[u8]) -> Failure {
        classify::http_failure(head, body)
    }
}

/// Reads events and whole responses.
#[derive(Default)]
struct ItemReader {
    id: Option<String>,
    model: Option<String>,
    items: Vec<Said>,
    /// How many calls there are.
    slots: usize,
    done: bool,
}

impl Reader for ItemReader {
    fn event(&mut self, name: &str, data: &str, events: &mut Vec<Event>) -> Result<(), Failure> {
        if data.trim_ascii() == "[DONE]" {
            self.done = true;
            return Ok(());
        }
        let frame: Frame<'_> = serde_json::from_str(data).map_err(|error| malformed(&error, data, false))?;
        match frame.kind.filled().unwrap_or(name) {
            "error" => Err(failed(data, "")),
            "" if frame.error.is_some() => Err(failed(data, "")),
            "response.completed" | "response.incomplete" | "response.failed" | "response.cancelled" => {
                self.done = true;
                let response = frame.response.as_ref().ok_or_else(|| unknown_shape(data))?;
                self.response(response, data, "/response", events)
            }
            kind => {
                self.progress(kind, &frame, events);
                Ok(())
            }
        }
    }

    fn whole(&mut self, body: &str, events: &mut Vec<Event>) -> Result<(), Failure> {
        let response: Response<'_> = serde_json::from_str(body).map_err(|error| malformed(&error, body, true))?;
        if response.output.is_none() && response.status.filled().is_none() {
            let value: Value = serde_json::from_str(body).unwrap_or_default();
            return Err(no_reply(body, &value));
        }
        self.response(&response, body, "", events)
    }

    fn end(&self) -> End {
        End::of(self.done, false)
    }
}

impl ItemReader {
    /// A whole response, or the one that ends a stream. `place` is where it stands in `json`.
    fn response(
        &mut self,
        response: &Response<'_>,
        json: &str,
        place: &str,
        events: &mut Vec<Event>,
    ) -> Result<(), Failure> {
        self.start(response, events);
        self.remaining(response.output.as_deref().unwrap_or_default(), events);
        if let Some(counts) = response.usage.as_ref().and_then(usage::responses::read) {
            let items = || response.output.iter().flatten();
            let (web, files) =
                (items().filter(|item| item.is_web_search()), items().filter(|item| item.is_file_search()));
            let counts = usage::with_tier(counts, response.service_tier.filled());
            let counts = usage::responses::with_searches(counts, web.count() as u64, files.count() as u64);
            events.push(Event::Usage(Box::new(counts)));
        }
        let status = response.status.filled().unwrap_or_default();
        let detail = response.incomplete_details.as_ref().and_then(|details| details.reason.filled());
        if !status.is_empty() {
            events.push(Event::Finished(self.finish(status, detail)));
        }
        if status == "failed" || response.error.as_ref().is_some_and(Value::is_object) {
            return Err(failed(json, place));
        }
        Ok(())
    }

    fn finish(&self, status: &str, detail: Option<&str>) -> Finish {
        let finish = finish::finish(status, detail, self.slots > 0);
        match (status, detail) {
            ("incomplete", Some(reason)) => Finish { reason: finish::reason(reason), ..finish },
            ("incomplete", None) | ("cancelled", _) => Finish { reason: FinishReason::Error, ..finish },
            _ => finish,
        }
    }

    /// Reports id and model when they are learned.
    fn start(&mut self, response: &Response<'_>, events: &mut Vec<Event>) {
        let learned = |known: &Option<String>, said: &Text<'_>| known.is_none() && said.filled().is_some();
        if learned(&self.id, &response.id) || learned(&self.model, &response.model) {
            self.id = self.id.take().or_else(|| response.id.filled().map(str::to_owned));
            self.model = self.model.take().or_else(|| response.model.filled().map(str::to_owned));
            events.push(Event::Started { id: self.id.clone(), model: self.model.clone() });
        }
    }

    /// An event that neither ends the stream nor is an error.
    fn progress(&mut self, kind: &str, frame: &Frame<'_>, events: &mut Vec<Event>) {
        let piece = match kind {
            "response.output_text.delta" => Kind::Text,
            "response.refusal.delta" => Kind::Refusal,
            "response.reasoning_text.delta" | "response.reasoning_summary_text.done" => Kind::Reasoning,
            "response.function_call_arguments.delta" => Kind::Arguments,
            "response.custom_tool_call_input.delta" => Kind::Input,
            "response.output_text.annotation.added" => Kind::Citation,
            "response.output_item.added" | "response.output_item.done" | "response.reasoning_summary_text.delta" => {
                return self.item(kind, frame, events);
            }
            _ => return frame.response.iter().for_each(|response| self.start(response, events)),
        };
        let (said, slots) = self.said(frame);
        let held = if piece == Kind::Reasoning { std::mem::take(&mut said.held) } else { String::new() };
        let text = frame.delta.filled().or_else(|| frame.text.filled()).unwrap_or(&held);
        said.say(slots, piece, text, events);
        if let Some(citation) = &frame.annotation {
            said.mark(Kind::Citation);
            events.push(Event::Citation(citation.clone()));
        }
        if let Some(logprobs) = frame.logprobs.clone().and_then(filled) {
            said.mark(Kind::Logprobs);
            events.push(Event::Logprobs(logprobs));
        }
    }

    /// An event about an item as a whole, or about a summary that may yet begin anew.
    fn item(&mut self, kind: &str, frame: &Frame<'_>, events: &mut Vec<Event>) {
        let (said, slots) = self.said(frame);
        match (kind, &frame.item) {
            ("response.output_item.added", Some(item)) => said.name(slots, item, events),
            ("response.output_item.done", Some(item)) => said.finish(slots, item, events),
            _ => said.held.push_str(frame.delta.filled().unwrap_or_default()),
        }
    }

    /// Says what the items of a whole response hold and a stream before it did not say. The items of a stream may be
    /// numbered otherwise, so they are not matched by their places.
    fn remaining(&mut self, items: &[Item<'_>], events: &mut Vec<Event>) {
        let told: Vec<Kind> = self.items.iter().flat_map(|said| said.kinds.iter().copied()).collect();
        let mut thought = false;
        for item in items {
            if item.is_call() {
                self.remaining_call(item, events);
            } else {
                let mut said = Said { kinds: told.clone(), ..Said::default() };
                said.finish(&mut self.slots, item, events);
                thought |= said.kinds.contains(&Kind::Reasoning);
            }
        }
        for said in &mut self.items {
            if !thought {
                said.release(&mut self.slots, events);
            }
            said.close(events);
        }
    }

    /// A call is told by its id; one without a name is the first that the stream left nameless.
    fn remaining_call(&mut self, item: &Item<'_>, events: &mut Vec<Event>) {
        let id = item.call_id.filled().or_else(|| item.id.filled());
        let by_id = self.items.iter().position(|said| said.call.is_some() && said.call.as_deref() == id);
        let nameless = || self.items.iter().position(|said| said.slot.is_some() && !said.named);
        let at = by_id.or_else(nameless).unwrap_or_else(|| {
            self.items.push(Said::default());
            self.items.len() - 1
        });
        self.items[at].finish(&mut self.slots, item, events);
    }

    /// The item that an event is about. Copilot gives it another id in every event, so its place counts first.
    fn said(&mut self, frame: &Frame<'_>) -> (&mut Said, &mut usize) {
        let (index, id) = (frame.output_index.0, frame.item_id());
        let found = match (index, id) {
            (Some(_), _) => self.items.iter().rposition(|said| said.index == index),
            (None, Some(id)) => self.items.iter().rposition(|said| said.id.as_deref() == Some(id)),
            (None, None) => self.items.len().checked_sub(1),
        };
        let at = found.unwrap_or_else(|| {
            self.items.push(Said { index, id: id.map(str::to_owned), ..Said::default() });
            self.items.len() - 1
        });
        (&mut self.items[at], &mut self.slots)
    }
}

/// The error of an event or of a response in it. Its `type` is that of the event, not of the error.
fn failed(json: &str, place: &str) -> Failure {
    let body: Value = serde_json::from_str(json).unwrap_or_default();
    let mut error = body.pointer(place).cloned().unwrap_or_default();
    if let Some(members) = error.as_object_mut() {
        members.retain(|name, _| !matches!(name.as_str(), "type" | "status" | "sequence_number"));
    }
    reported(json, &error)
}

#[cfg(test)]
mod tests;
