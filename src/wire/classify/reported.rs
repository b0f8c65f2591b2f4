//! A provider's error in its own words, read from any shape of body.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::Value;

use super::{overflow, parameter};
use crate::failure::Overflow;

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
    pub(super) evidence: Vec<String>,
    /// The message of the server behind this one.
    beneath: Option<String>,
    /// The parameter that a member of the error names.
    pub(super) parameter: Option<String>,
    /// Numbers of tokens that members of the error name.
    pub(super) overflow: Option<Overflow>,
    /// A status that the body names.
    pub(super) status: Option<u16>,
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
        // Amazon's services write `com.amazon.coral.service#ThrottlingException`.
        let amazon = || error.get("__type")?.as_str()?.rsplit('#').next().map(str::to_owned);
        let message =
            ["message", "Message", "detail", "msg", "error_description", "error_message", "description", "title"];
        Self {
            kind: kind.or_else(amazon),
            code: text_member(error, "code"),
            message: message.iter().find_map(|name| message_text(error.get(name)?)),
            request_id: text_member(error, "request_id"),
            evidence: evidence(error),
            beneath: beneath(error),
            overflow: overflow::of_members(error),
            parameter: parameter_member(error),
            status: status_member(error),
        }
    }

    /// All that is said in words.
    pub(super) fn words(&self) -> Cow<'_, str> {
        let message = self.message.as_deref().unwrap_or_default();
        match &self.beneath {
            Some(beneath) => Cow::Owned(format!("{message}\n{beneath}")),
            None => Cow::Borrowed(message),
        }
    }

    /// A body that is no JSON: plain text is the message, an HTML page says nothing.
    pub fn plain(text: &str) -> Self {
        let says_something = !text.trim().is_empty() && !text.trim_start().starts_with('<');
        Self { message: says_something.then(|| text.to_owned()), ..Self::default() }
    }
}

/// What the server behind a gateway said: `metadata.raw` (OpenRouter), `details.error.message` (Pollinations).
fn beneath(error: &Value) -> Option<String> {
    let raw = error.get("metadata").and_then(|metadata| metadata.get("raw"));
    let raw = raw.or_else(|| error.get("details")?.get("error")?.get("message"))?;
    Some(raw.as_str().map_or_else(|| raw.to_string(), str::to_owned))
}

/// Words one level down that tell more than the code: Azure's inner error, Google's details, OpenRouter's metadata.
fn evidence(error: &Value) -> Vec<String> {
    let details = error.get("details").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let violations = details.iter().filter_map(|detail| detail.get("violations")?.as_array()).flatten();
    let inner = error.get("innererror").or_else(|| error.get("inner_error"));
    let words = [error.get("status"), error.get("reason"), inner.and_then(|inner| inner.get("code"))]
        .into_iter()
        .chain(details.iter().map(|detail| detail.get("reason")))
        .chain(violations.map(|violation| violation.get("quotaId")))
        .chain([error.get("metadata").and_then(|metadata| metadata.get("error_type"))]);
    let superfluous = error.get("detail").and_then(Value::as_array).and_then(|complaints| superfluous(complaints));
    let words = words.flatten().filter_map(Value::as_str).map(str::to_owned);
    words.chain(superfluous.map(|_| "extra_forbidden".to_owned())).collect()
}

/// The parameter that an error names: `param`, or the first superfluous member in pydantic's list of complaints.
fn parameter_member(error: &Value) -> Option<String> {
    let named = error.get("param").and_then(Value::as_str).and_then(parameter::plain_name);
    named.or_else(|| superfluous(error.get("detail")?.as_array()?))
}

/// The member of the request's top level that pydantic did not expect: `{type: "extra_forbidden", loc: ["body", name]}`.
fn superfluous(complaints: &[Value]) -> Option<String> {
    complaints.iter().find_map(|complaint| match complaint.get("loc")?.as_array()?.as_slice() {
        [_body, Value::String(name)] if complaint.get("type")? == "extra_forbidden" => parameter::plain_name(name),
        _ => None,
    })
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
