//! What the codecs' tests share: a target, and a decoder run over text.

use std::sync::Arc;

use serde_json::Value;

use super::{Codec, HeaderValue, HttpRequest, ResponseHead, authorize};
use crate::chat::{ChatRequest, Event, Message, Reply, Role};
use crate::failure::Failure;
use crate::provider::{Auth, KeyState, Provider, Quirks, Row, Target, TargetId};
use crate::secret::Secret;

pub(super) fn target(base_url: &str, auth: Auth, model: &str, quirks: Quirks) -> Target {
    let row =
        Row { base_url: Some(base_url.to_owned()), auth: Some(auth), title: Some("P".to_owned()), ..Row::default() };
    let plain = row.into_provider("p", &|_| None).expect("a provider");
    let headers = vec![("X-Title".to_owned(), "llmx\r\nevil: 1".to_owned())];
    let row = Provider { headers, quirks, ..plain };
    Target {
        id: TargetId::new("p", model),
        provider: Arc::new(row),
        model: None,
        key: KeyState::NotNeeded,
        keys: Vec::new(),
    }
}

pub(super) fn conversation() -> ChatRequest {
    ChatRequest {
        system: Some("Be brief.".to_owned()),
        messages: vec![
            Message::text(Role::User, "Hi"),
            Message::text(Role::Assistant, "Hello"),
            Message::text(Role::User, "Ünï?"),
        ],
        ..ChatRequest::default()
    }
}

/// The request of a codec with the key `sk-secret`.
pub(super) fn encode(codec: &dyn Codec, target: &Target, request: &ChatRequest) -> HttpRequest {
    let mut encoded = codec.encode(target, request);
    let key = Secret::new("sk-secret\n");
    authorize(&mut encoded, &target.provider, Some(&key), jiff::Timestamp::UNIX_EPOCH).expect("a key");
    encoded
}

/// The headers as text, secrets shown.
pub(super) fn headers(request: &HttpRequest) -> Vec<String> {
    let shown = request.headers.iter().map(|(name, value)| match value {
        HeaderValue::Plain(text) => format!("{name}: {text}"),
        HeaderValue::Secret { prefix, secret } => format!("{name}: {prefix}<{}>", secret.expose()),
    });
    shown.collect()
}

/// The body with all its members, in order, as text.
pub(super) fn text(body: &Value) -> String {
    body.to_string()
}

/// What a codec makes of a stream of these data lines.
pub(super) fn stream(codec: &dyn Codec, quirks: Quirks, data: &[&str]) -> (Reply, Result<(), Failure>) {
    let lines: Vec<_> = data.iter().map(|line| format!("data: {line}\n\n")).collect();
    decode(codec, quirks, &lines.concat())
}

/// What a codec makes of a body.
pub(super) fn decode(codec: &dyn Codec, quirks: Quirks, body: &str) -> (Reply, Result<(), Failure>) {
    let target = target("https://x", Auth::Bearer, "m", quirks);
    let mut decoder = codec.decoder(&target, &ResponseHead { status: 200, headers: Vec::new() });
    let mut events: Vec<Event> = Vec::new();
    let result = decoder.push(body.as_bytes(), &mut events).and_then(|()| decoder.finish(&mut events));
    let mut reply = Reply::default();
    for event in &events {
        reply.apply(event);
    }
    (reply, result)
}
