//! Keys out of what a provider says beside the answer: a server that echoes what it was sent must not get the key onto a
//! screen or into the ledger.

use serde_json::Value;

use crate::chat::Event;
use crate::failure::Failure;
use crate::secret::Secret;

/// Takes the secrets out of all words of a failure.
pub(super) fn failure(secrets: &[Secret], failure: &mut Failure) {
    failure.rule = text(secrets, &failure.rule);
    let Failure { kind, code, message, request_id, parameter, instead, .. } = failure;
    for words in [kind, code, message, request_id, parameter, instead] {
        option(secrets, words);
    }
}

/// Takes the secrets out of what an event says of the reply. The answer itself is the model's and stays as it is.
pub(super) fn event(secrets: &[Secret], event: &mut Event) {
    match event {
        Event::Started { id, model } => {
            option(secrets, id);
            option(secrets, model);
        }
        Event::Usage(usage) => {
            option(secrets, &mut usage.service_tier);
            value(secrets, &mut usage.raw);
        }
        Event::Citation(raw) | Event::Logprobs(raw) => value(secrets, raw),
        Event::Finished(finish) => {
            finish.raw = text(secrets, &finish.raw);
            option(secrets, &mut finish.detail);
        }
        Event::Text(_) | Event::Reasoning(_) | Event::Refusal(_) | Event::ToolCall { .. } => {}
    }
}

/// JSON that holds a secret anywhere is not kept at all.
fn value(secrets: &[Secret], value: &mut Value) {
    let raw = value.to_string();
    if text(secrets, &raw) != raw {
        *value = Value::Null;
    }
}

/// The same for words that may be missing.
pub(super) fn option(secrets: &[Secret], words: &mut Option<String>) {
    if let Some(words) = words {
        *words = text(secrets, words);
    }
}

fn text(secrets: &[Secret], words: &str) -> String {
    secrets.iter().fold(words.to_owned(), |words, secret| secret.redact(&words))
}
