//! What a provider's error means: its class, told by [`tables`], and its words, read from any shape of body ([`reported`]).
//!
//! A known code or type decides first, since it is the most exact; then the message, since 400, 403 and 429 are used
//! for everything; then the status. Which row decided is kept in [`Failure::rule`].

mod overflow;
mod parameter;
mod reported;
mod tables;

use std::borrow::Cow;

use serde_json::Value;

use super::framing::STREAM_STARTS;
use super::sse::SseDecoder;
use super::{ResponseHead, retry_after};
use crate::failure::{Failure, FailureClass as C};
pub use reported::Reported;
use tables::{LONG_QUOTAS, MESSAGES, STATUS_WORDS, STATUSES, Statuses, WORDS};

/// What a response with a status other than 2xx means.
pub fn http_failure(head: &ResponseHead, body: &[u8]) -> Failure {
    if (300..400).contains(&head.status) {
        return redirect(head);
    }
    if body.starts_with(&GZIP) {
        return compressed(head);
    }
    let text = String::from_utf8_lossy(body);
    let text = framed(&text).map_or(text, Cow::Owned);
    let (value, mut reported) = match serde_json::from_str::<Value>(text.trim_start_matches('\u{FEFF}').trim()) {
        Ok(value) => {
            let reported = Reported::read(&value);
            (value, reported)
        }
        Err(_) => (Value::Null, Reported::plain(&text)),
    };
    // Bedrock names the type only here, followed by a colon and an address.
    if reported.kind.is_none() {
        let kind = head.header("x-amzn-errortype").and_then(|kind| kind.split(':').next());
        reported.kind = kind.map(str::to_owned);
    }
    let (class, rule) = reported.class(Some(head.status));
    Failure {
        status: Some(head.status),
        retry_after: retry_after::find(head, &value, reported.message.as_deref()),
        request_id: head.request_id().map(str::to_owned).or_else(|| reported.request_id.clone()),
        // A gateway that gave up waiting says nothing about the server behind it.
        maybe_billed: matches!(head.status, 504 | 524),
        ..reported.failure(class, rule)
    }
}

/// The first data of a body that is framed as server-sent events, as some servers frame errors too when a stream was asked.
fn framed(text: &str) -> Option<String> {
    if !STREAM_STARTS.iter().any(|start| text.trim_start().as_bytes().starts_with(start)) {
        return None;
    }
    let (mut events, mut rest) = (SseDecoder::default(), text.trim_start().as_bytes());
    while let Some(event) = events.next(&mut rest).ok()? {
        if !event.data.trim().is_empty() {
            return Some(event.data.into_owned());
        }
    }
    let last = events.finish().ok()??;
    Some(last.data.into_owned()).filter(|data| !data.trim().is_empty())
}

/// How gzip begins (RFC 1952 §2.3.1). What is declared as gzip has been unpacked before it comes here.
pub(super) const GZIP: [u8; 2] = [0x1f, 0x8b];

/// What is said of a body that is compressed without a word of it.
pub(super) const COMPRESSED: &str =
    "the body is compressed (gzip), and no `content-encoding` says so: a proxy may be at fault";

fn compressed(head: &ResponseHead) -> Failure {
    let (class, rule) = by_status(head.status);
    let mut failure = Failure::new(class, rule, COMPRESSED);
    failure.status = Some(head.status);
    failure.request_id = head.request_id().map(str::to_owned);
    failure.retry_after = retry_after::from_headers(head);
    failure
}

/// What an error inside a stream or a body with status 200 means. `error` is the whole event or body.
pub fn reported_failure(error: &Value) -> Failure {
    let reported = Reported::read(error);
    let (class, rule) = reported.class(None);
    let retry_after = retry_after::find(&ResponseHead::default(), error, reported.message.as_deref());
    Failure { retry_after, request_id: reported.request_id.clone(), ..reported.failure(class, rule) }
}

/// A redirect is not followed: the key would go where nobody asked it to. Only the origin is told, not the whole address.
fn redirect(head: &ResponseHead) -> Failure {
    let target = head.header("location").and_then(origin);
    let to = target.map(|origin| format!(" to `{origin}`")).unwrap_or_default();
    let message = format!("the server redirects{to}, and redirects are not followed");
    let mut failure = Failure::new(C::Redirect, format!("status {}", head.status), message);
    failure.status = Some(head.status);
    failure.request_id = head.request_id().map(str::to_owned);
    failure
}

/// `scheme://host:port` of an address, without user information.
fn origin(address: &str) -> Option<String> {
    let (scheme, rest) = address.split_once("://")?;
    let authority = rest.split(['/', '?', '#', '\\']).next()?;
    let host = authority.rsplit('@').next()?;
    Some(format!("{scheme}://{host}"))
}

impl Reported {
    /// The class under an HTTP status, and the row that decided it.
    pub fn class(&self, http_status: Option<u16>) -> (C, String) {
        let said: Vec<String> = [&self.code, &self.kind]
            .into_iter()
            .flatten()
            .chain(&self.evidence)
            .map(|word| word.to_ascii_lowercase())
            .collect();
        let status = http_status.or(self.status);
        let message = self.words().to_lowercase();
        let (class, rule) = by_word(WORDS, &said)
            .or_else(|| daily_quota(&said))
            .or_else(|| by_message(MESSAGES, status, &message))
            .or_else(|| status.map(by_status))
            .or_else(|| by_word(STATUS_WORDS, &said))
            .unwrap_or_else(|| (C::Protocol, "unknown error".to_owned()));
        match class {
            // One code stands for what refills in a minute and for what does not.
            C::RateLimit => by_message(LONG_QUOTAS, status, &message).unwrap_or((class, rule)),
            _ => (class, rule),
        }
    }

    fn failure(self, class: C, rule: String) -> Failure {
        let words = self.words();
        let of_parameter = Some(words.as_ref()).filter(|_| class == C::UnsupportedParameter);
        let named = self.parameter.clone().or_else(|| parameter::complained_of(&words));
        let overflow = self.overflow.or_else(|| overflow::of_message(&words));
        Failure {
            parameter: named.filter(|_| of_parameter.is_some()),
            instead: of_parameter.and_then(parameter::asked_for),
            overflow: overflow.filter(|_| class == C::ContextWindow),
            class,
            rule,
            status: None,
            kind: self.kind,
            code: self.code,
            message: self.message,
            request_id: self.request_id,
            retry_after: None,
            maybe_billed: false,
        }
    }
}

fn by_word(table: &[(&str, C)], said: &[String]) -> Option<(C, String)> {
    said.iter().find_map(|word| {
        let (known, class) = table.iter().find(|(known, _)| known == word)?;
        Some((*class, format!("code {known}")))
    })
}

/// Google names the quota that is spent; only those per day do not refill within minutes.
fn daily_quota(said: &[String]) -> Option<(C, String)> {
    let quota = said.iter().find(|word| word.contains("perday"))?;
    Some((C::QuotaExhausted, format!("quota {quota}")))
}

fn by_message(table: &[(Statuses, &[&str], C)], status: Option<u16>, message: &str) -> Option<(C, String)> {
    let counts = |statuses: &[u16]| statuses.is_empty() || status.is_none_or(|status| statuses.contains(&status));
    let said = |parts: &[&str]| parts.iter().all(|part| message.contains(part));
    let (_, parts, class) = table.iter().find(|(statuses, parts, _)| counts(statuses) && said(parts))?;
    Some((*class, format!("message `{}`", parts.join(" … "))))
}

fn by_status(status: u16) -> (C, String) {
    let known = STATUSES.iter().find(|(known, _)| *known == status).map(|(_, class)| *class);
    let class = known.unwrap_or(match status {
        400..500 => C::InvalidRequest,
        500..600 => C::ServerError,
        _ => C::Protocol,
    });
    (class, format!("status {status}"))
}

#[cfg(test)]
mod tests;
