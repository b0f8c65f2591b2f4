//! What a provider's error means: its class, told by tables, and its words, read from any shape of body.
//!
//! A known code or type decides first, since it is the most exact; then the message, since 400, 403 and 429 are used
//! for everything; then the status. Which row decided is kept in [`Failure::rule`].

use serde::Serialize;
use serde_json::Value;

use super::{ResponseHead, retry_after};
use crate::failure::{Failure, FailureClass as C};

/// Codes and types that mean one thing wherever they occur, in lower case.
///
/// Sources: the providers' error references; the recorded errors; `quotaId` of Google's `QuotaFailure`.
const WORDS: &[(&str, C)] = &[
    ("context_length_exceeded", C::ContextWindow),
    ("exceed_context_size_error", C::ContextWindow),
    ("string_above_max_length", C::InvalidRequest),
    ("insufficient_quota", C::QuotaExhausted),
    ("credit_balance_exhausted", C::QuotaExhausted),
    ("enforced_spend_limit_reached", C::QuotaExhausted),
    ("billing_error", C::QuotaExhausted),
    ("billing_hard_limit_reached", C::QuotaExhausted),
    ("billing_not_active", C::QuotaExhausted),
    ("insufficient_balance", C::QuotaExhausted),
    ("insufficient_credits", C::QuotaExhausted),
    ("arrearage", C::QuotaExhausted),
    ("in_flight_budget", C::RateLimit),
    ("servicequotaexceededexception", C::RateLimit),
    ("throttlingexception", C::RateLimit),
    ("rate_limit_exceeded", C::RateLimit),
    ("rate_limit_error", C::RateLimit),
    ("too_many_requests", C::RateLimit),
    ("overloaded_error", C::Overloaded),
    ("server_is_overloaded", C::Overloaded),
    ("slow_down", C::Overloaded),
    ("capacity_exceeded", C::Overloaded),
    ("queue_exceeded", C::Overloaded),
    ("unavailable_error", C::Overloaded),
    ("content_policy_violation", C::ContentFilter),
    ("responsibleaipolicyviolation", C::ContentFilter),
    ("content_filter", C::ContentFilter),
    ("content_filter_policy", C::ContentFilter),
    ("moderation_blocked", C::ContentFilter),
    ("data_inspection_failed", C::ContentFilter),
    ("unsupported_parameter", C::UnsupportedParameter),
    ("unsupported_value", C::UnsupportedParameter),
    ("model_not_found", C::ModelNotFound),
    ("model_not_available", C::ModelNotFound),
    ("model_decommissioned", C::ModelNotFound),
    ("deploymentnotfound", C::ModelNotFound),
    ("invalid_model", C::ModelNotFound),
    ("invalid_api_key", C::Auth),
    ("api_key_invalid", C::Auth),
    ("authentication_error", C::Auth),
    ("unsupported_country_region_territory", C::Permission),
    ("organization_restricted", C::Permission),
    ("request_too_large", C::PayloadTooLarge),
    // The model called a tool wrongly; another try may do better.
    ("tool_use_failed", C::ServerError),
];

/// Codes and types that only repeat what a status says. They count for errors that have no status.
const STATUS_WORDS: &[(&str, C)] = &[
    ("invalid_request_error", C::InvalidRequest),
    ("invalid_argument", C::InvalidRequest),
    ("failed_precondition", C::InvalidRequest),
    ("bad_request", C::InvalidRequest),
    ("unauthenticated", C::Auth),
    ("permission_error", C::Permission),
    ("permission_denied", C::Permission),
    ("not_found_error", C::ModelNotFound),
    ("not_found", C::ModelNotFound),
    ("resource_exhausted", C::RateLimit),
    ("unavailable", C::Overloaded),
    ("service_unavailable", C::Overloaded),
    ("api_error", C::ServerError),
    ("server_error", C::ServerError),
    ("internal_server_error", C::ServerError),
    ("internal", C::ServerError),
    ("internal_error", C::ServerError),
    ("timeout_error", C::ServerError),
    ("deadline_exceeded", C::ServerError),
];

/// Statuses under which a row of [`MESSAGES`] counts; an error without a status passes every row.
type Statuses = &'static [u16];

const ANY: Statuses = &[];
const REQUEST: Statuses = &[400, 403, 404, 410, 413, 422];
const KEY: Statuses = &[400, 401, 403];

/// Messages: all the parts must occur, in lower case. Earlier rows win.
const MESSAGES: &[(Statuses, &[&str], C)] = &[
    // Length limits that are not the context window.
    (REQUEST, &["string too long"], C::InvalidRequest),
    (REQUEST, &["max_tokens", "is too large"], C::UnsupportedParameter),
    (REQUEST, &["max_completion_tokens", "is too large"], C::UnsupportedParameter),
    // The context window, in the words of a dozen servers (Together says it with 403).
    (ANY, &["maximum context length"], C::ContextWindow),
    (ANY, &["maximum context limit"], C::ContextWindow),
    (ANY, &["exceed context limit"], C::ContextWindow),
    (ANY, &["longer than the model's context length"], C::ContextWindow),
    (ANY, &["greater than the context length"], C::ContextWindow),
    (ANY, &["context length of only"], C::ContextWindow),
    (ANY, &["context size has been exceeded"], C::ContextWindow),
    (ANY, &["exceeds the available context size"], C::ContextWindow),
    (REQUEST, &["exceed", "context window"], C::ContextWindow),
    (ANY, &["prompt is too long"], C::ContextWindow),
    (ANY, &["input is too long"], C::ContextWindow),
    (ANY, &["input too long", "limit is"], C::ContextWindow),
    (ANY, &["maximum input length is", "tokens"], C::ContextWindow),
    (ANY, &["range of input length should be"], C::ContextWindow),
    (ANY, &["input tokens exceed the configured limit"], C::ContextWindow),
    (ANY, &["exceeds the maximum number of tokens allowed"], C::ContextWindow),
    (ANY, &["`inputs` tokens + `max_new_tokens` must be"], C::ContextWindow),
    (ANY, &["current length is", "while limit is"], C::ContextWindow),
    (ANY, &["prompt tokens", "exceed model maximum"], C::ContextWindow),
    (ANY, &["length of all messages is too long"], C::ContextWindow),
    // Credit and quotas that waiting a minute does not refill.
    (ANY, &["credit balance is too low"], C::QuotaExhausted),
    (ANY, &["insufficient balance"], C::QuotaExhausted),
    (ANY, &["insufficient credits"], C::QuotaExhausted),
    (ANY, &["depleted", "credits"], C::QuotaExhausted),
    (ANY, &["spend limit"], C::QuotaExhausted),
    (ANY, &["free-models-per-day"], C::QuotaExhausted),
    (&[402], &["in-flight"], C::RateLimit),
    (&[402], &["in flight"], C::RateLimit),
    // No capacity just now.
    (ANY, &["service tier capacity exceeded"], C::Overloaded),
    (ANY, &["currently loading"], C::Overloaded),
    (&[500, 503], &["loading model"], C::Overloaded),
    (&[429, 500, 503], &["high traffic"], C::Overloaded),
    (&[429, 500, 502, 503, 529], &["overloaded"], C::Overloaded),
    // Keys (xAI and Gemini say it with 400, Baseten and Doubleword with 403).
    (KEY, &["incorrect api key"], C::Auth),
    (KEY, &["invalid api key"], C::Auth),
    (KEY, &["api key not valid"], C::Auth),
    (KEY, &["api key is invalid"], C::Auth),
    (KEY, &["api key expired"], C::Auth),
    (&[403], &["does not have permission"], C::Permission),
    (&[403], &["api key"], C::Auth),
    (&[403], &["api-key"], C::Auth),
    (&[401], &["insufficient permissions"], C::Permission),
    (REQUEST, &["user location is not supported"], C::Permission),
    // Filters.
    (REQUEST, &["content management policy"], C::ContentFilter),
    (REQUEST, &["rejected as a result of our safety system"], C::ContentFilter),
    (REQUEST, &["the model produced invalid content"], C::ContentFilter),
    (REQUEST, &["requires moderation"], C::ContentFilter),
    (REQUEST, &["was flagged"], C::ContentFilter),
    // Parameters that only this model refuses.
    (REQUEST, &["unsupported parameter"], C::UnsupportedParameter),
    (REQUEST, &["is not supported with this model"], C::UnsupportedParameter),
    (REQUEST, &["use 'max_completion_tokens' instead"], C::UnsupportedParameter),
    (REQUEST, &["does not support 'temperature'"], C::UnsupportedParameter),
    (REQUEST, &["this model does not support"], C::UnsupportedParameter),
    (REQUEST, &["system role not supported"], C::UnsupportedParameter),
    (REQUEST, &["temperature", "top_p", "cannot both be specified"], C::UnsupportedParameter),
    // Models that are not here, or no longer.
    (REQUEST, &["model", "does not exist"], C::ModelNotFound),
    (REQUEST, &["model", "not found"], C::ModelNotFound),
    (REQUEST, &["model", "no longer available"], C::ModelNotFound),
    (REQUEST, &["not found for api version"], C::ModelNotFound),
    (REQUEST, &["invalid model"], C::ModelNotFound),
    (REQUEST, &["is not a valid model"], C::ModelNotFound),
    (REQUEST, &["api model names are"], C::ModelNotFound),
];

/// What a status means when nothing more exact is known. Unlisted: see [`by_status`].
const STATUSES: &[(u16, C)] = &[
    (401, C::Auth),
    (402, C::QuotaExhausted),
    (403, C::Permission),
    (404, C::ModelNotFound),
    (408, C::ServerError),
    (409, C::ServerError),
    (410, C::ModelNotFound),
    // Fireworks: account suspended.
    (412, C::Permission),
    (413, C::PayloadTooLarge),
    // A model behind the provider failed (Bedrock, Groq).
    (424, C::ServerError),
    (425, C::ServerError),
    (429, C::RateLimit),
    // Groq: flex tier out of capacity.
    (498, C::Overloaded),
    (503, C::Overloaded),
    // Anthropic, Together: overloaded.
    (529, C::Overloaded),
];

/// An error in a provider's own words, whatever the shape of its body.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reported {
    /// The error's type.
    pub kind: Option<String>,
    /// The error's code; numbers as their digits.
    pub code: Option<String>,
    /// The message; a list of complaints as its JSON text.
    pub message: Option<String>,
    /// The provider's id of the request.
    pub request_id: Option<String>,
    /// Further words that tell the class: inner codes, reasons, quota names.
    evidence: Vec<String>,
    /// A status that the body names.
    status: Option<u16>,
}

/// What a response with a status other than 2xx means.
pub fn http_failure(head: &ResponseHead, body: &[u8]) -> Failure {
    if (300..400).contains(&head.status) {
        return redirect(head);
    }
    let text = String::from_utf8_lossy(body);
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
    let mut failure = Failure::new(C::Protocol, format!("status {}", head.status), message);
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
    /// Reads every known shape: `{error: {…}}`, `{error: "text"}`, `{message}`, `{detail}`, `{errors: […]}`, and any of
    /// them in an array.
    pub fn read(body: &Value) -> Self {
        let body = body.as_array().and_then(|items| items.first()).unwrap_or(body);
        let Some(members) = body.as_object() else {
            return body.as_str().map(Self::plain).unwrap_or_default();
        };
        let inner = match members.get("error").or_else(|| members.get("errors")) {
            Some(Value::Array(items)) => items.first().unwrap_or(&Value::Null),
            Some(inner) => inner,
            None => &Value::Null,
        };
        let mut reported = match inner {
            Value::Object(_) => Self::fields(inner),
            // The outer object may name code and type beside a plain text (xAI).
            Value::String(message) => Self { message: Some(message.clone()), ..Self::fields(body) },
            _ => Self::fields(body),
        };
        reported.request_id = reported.request_id.or_else(|| text_member(body, "request_id"));
        reported.status = reported.status.or_else(|| status_member(body));
        reported
    }

    fn fields(error: &Value) -> Self {
        let kind = ["type", "status", "reason"].iter().find_map(|name| error.get(name)?.as_str().map(str::to_owned));
        let message = ["message", "detail", "msg", "error_description", "error_message", "title"];
        Self {
            kind,
            code: text_member(error, "code"),
            message: message.iter().find_map(|name| message_text(error.get(name)?)),
            request_id: text_member(error, "request_id"),
            evidence: evidence(error),
            status: status_member(error),
        }
    }

    /// A body that is no JSON: plain text is the message, an HTML page says nothing.
    pub fn plain(text: &str) -> Self {
        let says_something = !text.trim().is_empty() && !text.trim_start().starts_with('<');
        Self { message: says_something.then(|| text.to_owned()), ..Self::default() }
    }

    /// The class under an HTTP status, and the row that decided it.
    pub fn class(&self, http_status: Option<u16>) -> (C, String) {
        let said: Vec<String> = [&self.code, &self.kind]
            .into_iter()
            .flatten()
            .chain(&self.evidence)
            .map(|word| word.to_ascii_lowercase())
            .collect();
        let status = http_status.or(self.status);
        by_word(WORDS, &said)
            .or_else(|| daily_quota(&said))
            .or_else(|| by_message(status, &self.message.as_deref().unwrap_or_default().to_lowercase()))
            .or_else(|| status.map(by_status))
            .or_else(|| by_word(STATUS_WORDS, &said))
            .unwrap_or_else(|| (C::Protocol, "unknown error".to_owned()))
    }

    fn failure(self, class: C, rule: String) -> Failure {
        Failure {
            parameter: None,
            instead: None,
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

fn by_message(status: Option<u16>, message: &str) -> Option<(C, String)> {
    let counts = |statuses: &[u16]| statuses.is_empty() || status.is_none_or(|status| statuses.contains(&status));
    let said = |parts: &[&str]| parts.iter().all(|part| message.contains(part));
    let (_, parts, class) = MESSAGES.iter().find(|(statuses, parts, _)| counts(statuses) && said(parts))?;
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

/// Words one level down that tell more than the code: Azure's inner error, Google's details, OpenRouter's metadata.
fn evidence(error: &Value) -> Vec<String> {
    let details = error.get("details").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let violations = details.iter().filter_map(|detail| detail.get("violations")?.as_array()).flatten();
    let words = [error.get("status"), error.get("reason"), error.get("innererror").and_then(|inner| inner.get("code"))]
        .into_iter()
        .chain(details.iter().map(|detail| detail.get("reason")))
        .chain(violations.map(|violation| violation.get("quotaId")))
        .chain([error.get("metadata").and_then(|metadata| metadata.get("error_type"))]);
    words.flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// A status that an error names itself, as a number or in digits.
fn status_member(error: &Value) -> Option<u16> {
    ["status_code", "status", "code"].iter().find_map(|name| {
        let number = match error.get(name)? {
            Value::Number(number) => number.as_u64()?,
            Value::String(digits) => digits.parse().ok()?,
            _ => return None,
        };
        u16::try_from(number).ok().filter(|status| (400..600).contains(status))
    })
}

fn text_member(error: &Value, name: &str) -> Option<String> {
    match error.get(name)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn message_text(message: &Value) -> Option<String> {
    match message {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(spaced_json(other)),
    }
}

/// JSON with a space after commas and colons, so that a list of complaints can be read.
fn spaced_json(value: &Value) -> String {
    let mut bytes = Vec::new();
    let mut serializer = serde_json::Serializer::with_formatter(&mut bytes, Spaced);
    match value.serialize(&mut serializer) {
        Ok(()) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(_) => value.to_string(),
    }
}

struct Spaced;

impl serde_json::ser::Formatter for Spaced {
    fn begin_array_value<W: ?Sized + std::io::Write>(&mut self, writer: &mut W, first: bool) -> std::io::Result<()> {
        if first { Ok(()) } else { writer.write_all(b", ") }
    }
    fn begin_object_key<W: ?Sized + std::io::Write>(&mut self, writer: &mut W, first: bool) -> std::io::Result<()> {
        if first { Ok(()) } else { writer.write_all(b", ") }
    }
    fn begin_object_value<W: ?Sized + std::io::Write>(&mut self, writer: &mut W) -> std::io::Result<()> {
        writer.write_all(b": ")
    }
}

#[cfg(test)]
mod tests;
