//! Keys out of what a provider says beside the answer: a server that echoes what it was sent must not get the key onto a
//! screen or into the ledger.

use serde_json::Value;

use crate::chat::{Event, Reply};
use crate::failure::Failure;
use crate::secret::{self, Secret};

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

/// Takes whole secrets out of a reply that has ended, before it is kept: a server that echoes its request as the answer.
pub(super) fn reply(secrets: &[Secret], reply: &mut Reply) {
    let Reply { text, reasoning, refusal, tool_calls, .. } = reply;
    let arguments = tool_calls.iter_mut().map(|call| &mut call.arguments);
    for words in [text, reasoning, refusal].into_iter().chain(arguments) {
        secret::hide(secrets, words);
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
