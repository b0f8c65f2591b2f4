//! What has been said of an item, so that no place says it twice.

use serde_json::Value;

use super::item::{Item, Kind};
use crate::chat::Event;

/// An item of the answer.
#[derive(Default)]
pub(super) struct Said {
    /// Its place in the answer.
    pub(super) index: Option<u64>,
    pub(super) id: Option<String>,
    /// The sorts of pieces that were said.
    pub(super) kinds: Vec<Kind>,
    /// A summary of thinking that has not ended: `OpenAI` begins anew in the middle of one when a better one comes to it.
    pub(super) held: String,
    /// Where the call stands among the calls.
    pub(super) slot: Option<usize>,
    pub(super) named: bool,
    /// The id of the call.
    pub(super) call: Option<String>,
    /// Free text that is being wrapped as `{"input": "…"}` and needs its end.
    pub(super) open_text: bool,
}

impl Said {
    pub(super) fn mark(&mut self, kind: Kind) {
        if !self.kinds.contains(&kind) {
            self.kinds.push(kind);
        }
    }

    /// Says a piece. `slots` counts the calls of the whole answer.
    pub(super) fn say(&mut self, slots: &mut usize, kind: Kind, text: &str, events: &mut Vec<Event>) {
        if text.is_empty() {
            return;
        }
        self.mark(kind);
        events.push(match kind {
            Kind::Text => Event::Text(text.to_owned()),
            Kind::Refusal => Event::Refusal(text.to_owned()),
            Kind::Reasoning => Event::Reasoning(text.to_owned()),
            Kind::Arguments => call(self.slot(slots), None, None, text),
            // Custom tools take free text; llmx hands it on as the member `input` of a JSON object.
            Kind::Input => {
                let quoted = Value::from(text).to_string();
                let inner = quoted.get(1..quoted.len() - 1).unwrap_or_default();
                let opening = if std::mem::replace(&mut self.open_text, true) { "" } else { "{\"input\":\"" };
                call(self.slot(slots), None, None, &format!("{opening}{inner}"))
            }
            Kind::Citation | Kind::Logprobs => return,
        });
    }

    /// Says who is called, once.
    pub(super) fn name(&mut self, slots: &mut usize, item: &Item<'_>, events: &mut Vec<Event>) {
        if item.is_call() && !std::mem::replace(&mut self.named, true) {
            let id = item.call_id.filled().or_else(|| item.id.filled());
            self.call = id.map(str::to_owned);
            events.push(call(self.slot(slots), id, item.name.filled(), ""));
        }
    }

    /// Says what the finished item holds and its pieces did not say.
    pub(super) fn finish(&mut self, slots: &mut usize, item: &Item<'_>, events: &mut Vec<Event>) {
        self.name(slots, item, events);
        let told = self.kinds.clone();
        for (kind, text) in item.pieces() {
            if !told.contains(&kind) {
                self.say(slots, kind, text, events);
            }
        }
        self.release(slots, events);
        for part in item.content.iter().flatten() {
            let citations = part.annotations.iter().filter(|_| !told.contains(&Kind::Citation));
            let citations = citations.filter_map(Value::as_array).flatten().cloned();
            events.extend(citations.map(Event::Citation));
            let logprobs = part.logprobs.clone().and_then(filled).filter(|_| !told.contains(&Kind::Logprobs));
            events.extend(logprobs.map(Event::Logprobs));
        }
        self.close(events);
    }

    /// Ends free text.
    pub(super) fn close(&mut self, events: &mut Vec<Event>) {
        if let (Some(slot), true) = (self.slot, std::mem::take(&mut self.open_text)) {
            events.push(call(slot, None, None, "\"}"));
        }
    }

    /// Says a held summary whose end was never told.
    pub(super) fn release(&mut self, slots: &mut usize, events: &mut Vec<Event>) {
        let held = std::mem::take(&mut self.held);
        if !self.kinds.contains(&Kind::Reasoning) {
            self.say(slots, Kind::Reasoning, &held, events);
        }
    }

    fn slot(&mut self, slots: &mut usize) -> usize {
        *self.slot.get_or_insert_with(|| {
            *slots += 1;
            *slots - 1
        })
    }
}

fn call(slot: usize, id: Option<&str>, name: Option<&str>, arguments: &str) -> Event {
    let owned = |text: Option<&str>| text.map(str::to_owned);
    Event::ToolCall { slot, id: owned(id), name: owned(name), arguments: arguments.to_owned() }
}

/// A value that holds something.
pub(super) fn filled(value: Value) -> Option<Value> {
    let empty = matches!(&value, Value::Array(elements) if elements.is_empty());
    (!empty).then_some(value)
}
