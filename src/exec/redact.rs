//! Keys out of what a provider says beside the answer: a server that echoes what it was sent must not get the key onto a
//! screen or into the ledger.

use serde_json::Value;

use crate::chat::Event;
use crate::failure::Failure;
use crate::secret::Secret;

/// Takes the key out of all words of a failure.
pub(super) fn failure(key: &Secret, failure: &mut Failure) {
    failure.rule = key.redact(&failure.rule);
    for words in [&mut failure.kind, &mut failure.code, &mut failure.message, &mut failure.request_id] {
        option(key, words);
    }
}

/// Takes the key out of what an event says of the reply. The answer itself is the model's and stays as it is.
pub(super) fn event(key: &Secret, event: &mut Event) {
    match event {
        Event::Started { id, model } => {
            option(key, id);
            option(key, model);
        }
        Event::Usage(usage) => {
            option(key, &mut usage.service_tier);
            if usage.raw.to_string().contains(key.expose()) {
                usage.raw = Value::Null;
            }
        }
        Event::Finished(finish) => {
            finish.raw = key.redact(&finish.raw);
            option(key, &mut finish.detail);
        }
        Event::Text(_) | Event::Reasoning(_) | Event::Refusal(_) | Event::ToolCall { .. } => {}
    }
}

/// The same for words that may be missing.
pub(super) fn option(key: &Secret, words: &mut Option<String>) {
    if let Some(words) = words {
        *words = key.redact(words);
    }
}
