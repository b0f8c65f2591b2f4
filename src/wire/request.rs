//! Requests as data ([`HttpRequest`]), and what all formats build theirs with: addresses, headers, members of the body.

use std::fmt;

use serde_json::{Map, Value};

use crate::provider::{Provider, Target};
use crate::secret::{REDACTED, Secret};

/// A request as data: what `--dry-run` prints is what is sent.
#[derive(Clone, Debug)]
pub struct HttpRequest {
    /// `POST` for all chat formats.
    pub method: &'static str,
    /// The whole address. Keys never go here.
    pub url: String,
    /// Header names in lower case with their values.
    pub headers: Vec<(String, HeaderValue)>,
    /// The JSON body; `Null` sends none.
    pub body: Value,
}

impl HttpRequest {
    /// The bytes of the body, as they are signed and sent; `None` when there are none.
    pub fn payload(&self) -> Option<String> {
        (!self.body.is_null()).then(|| self.body.to_string())
    }

    /// The secrets that its headers carry.
    pub fn secrets(&self) -> impl Iterator<Item = &Secret> {
        self.headers.iter().filter_map(|(_, value)| match value {
            HeaderValue::Plain(_) => None,
            HeaderValue::Secret { secret, .. } => Some(secret),
        })
    }
}

/// As it goes over the wire, with the key hidden and the body laid out.
impl fmt::Display for HttpRequest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "{} {}", self.method, self.url)?;
        for (name, value) in &self.headers {
            match value {
                HeaderValue::Plain(text) => writeln!(formatter, "{name}: {text}")?,
                HeaderValue::Secret { prefix, .. } => writeln!(formatter, "{name}: {prefix}{REDACTED}")?,
            }
        }
        write!(formatter, "\n{:#}", self.body)
    }
}

/// A header's value, secret or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HeaderValue {
    /// May be printed.
    Plain(String),
    /// `prefix` may be printed, the secret may not.
    Secret {
        /// What stands before the key, such as `Bearer `.
        prefix: &'static str,
        /// The key.
        secret: Secret,
    },
}

/// The request all chat formats share: address, headers, key, body. `path` may hold `{model}`; a quirk may replace the path
/// of the row's own format, not that of another format under the same row.
pub(super) fn post(target: &Target, path: &str, stream: bool, body: Value) -> HttpRequest {
    let provider = &target.provider;
    let own = provider.quirks.path.as_deref().filter(|_| target.wire() == provider.wire);
    let path = own.unwrap_or(path).replace("{model}", &path_segment(&target.id.model));
    let path = provider.fill(&path, path_segment);
    let accept = if stream { "text/event-stream" } else { "application/json" };
    let mut headers = vec![plain("content-type", "application/json"), plain("accept", accept)];
    set_provider_headers(&mut headers, provider);
    HttpRequest { method: "POST", url: address(&provider.base_of(&target.id.model), &path), headers, body }
}

fn set_provider_headers(headers: &mut Vec<(String, HeaderValue)>, provider: &Provider) {
    for (name, value) in provider_headers(provider) {
        set_header(headers, &name, value);
    }
}

/// What the user sends with every request to a provider. Whatever stands there may be a key; nothing built in does.
pub(super) fn provider_headers(provider: &Provider) -> Vec<(String, HeaderValue)> {
    let secret = |value: &str| HeaderValue::Secret { prefix: "", secret: Secret::new(header_text(value)) };
    provider.headers.iter().map(|(name, value)| (name.to_ascii_lowercase(), secret(value))).collect()
}

/// As [`post`], for a path that stands beside the versioned paths of a server whose base address may end with `/v1`.
pub(super) fn post_beside_version(target: &Target, path: &str, stream: bool, body: Value) -> HttpRequest {
    let mut request = post(target, path, stream, body);
    let base = &target.provider.base_url;
    if let Some(root) = base.strip_suffix("/v1").filter(|_| target.provider.quirks.path.is_none()) {
        request.url = request.url.replacen(base, root, 1);
    }
    request
}

/// A request that stands beside the chat, such as for a list of models, without a key. `path` may hold parameters of the
/// provider, and a query. A base address that ends with one of `ends`, such as that of a compatible format, is taken without
/// it. A `body` of `Null` makes it a `GET`.
pub(super) fn beside(provider: &Provider, ends: &[&str], path: &str, body: Value) -> HttpRequest {
    let base = &provider.base_url;
    let base = ends.iter().find_map(|end| base.strip_suffix(end)).unwrap_or(base);
    let url = address(base, &provider.fill(path, path_segment));
    let mut headers = vec![plain("accept", "application/json")];
    if !body.is_null() {
        headers.push(plain("content-type", "application/json"));
    }
    set_provider_headers(&mut headers, provider);
    HttpRequest { method: if body.is_null() { "GET" } else { "POST" }, url, headers, body }
}

fn plain(name: &str, value: &str) -> (String, HeaderValue) {
    (name.to_owned(), HeaderValue::Plain(value.to_owned()))
}

/// Base and path in one address. People write the base with the format's version at its end and without: both mean the same.
fn address(base: &str, path: &str) -> String {
    let (base, path) = (base.trim_end_matches('/'), path.trim_start_matches('/'));
    let versioned = matches!(base.rsplit('/').next(), Some("v1" | "v1beta" | "v1beta1"));
    let path = match path.split_once('/') {
        Some(("v1" | "v1beta", rest)) if versioned => rest,
        Some(("v2", rest)) if base.ends_with("/v2") => rest,
        _ => path,
    };
    format!("{base}/{path}")
}

/// Sets a header, in the place of one of that name.
pub(super) fn set_header(headers: &mut Vec<(String, HeaderValue)>, name: &str, value: HeaderValue) {
    let name = name.to_ascii_lowercase();
    headers.retain(|(known, _)| *known != name);
    headers.push((name, value));
}

/// A header's value without control characters: a line break would begin a header of its own.
pub(super) fn header_text(value: &str) -> String {
    value.trim().chars().filter(|letter| !letter.is_control()).collect()
}

/// A text as one segment of a path, percent-encoded where needed.
pub(super) fn path_segment(text: &str) -> String {
    percent_encoded(text, b"-_.~@")
}

/// A text with everything percent-encoded but letters, digits and the bytes of `plain`.
pub(super) fn percent_encoded(text: &str, plain: &[u8]) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || plain.contains(&byte);
    let hex = |digit: u8| char::from(b"0123456789ABCDEF"[usize::from(digit & 15)]);
    let mut segment = String::with_capacity(text.len());
    for byte in text.bytes() {
        if plain(byte) {
            segment.push(char::from(byte));
        } else {
            segment.extend(['%', hex(byte >> 4), hex(byte)]);
        }
    }
    segment
}

/// A name with slashes as that many segments of a path.
pub(super) fn path_segments(text: &str) -> String {
    text.split('/').map(path_segment).collect::<Vec<_>>().join("/")
}

/// Lays `extra` over `body`: objects are merged member by member, everything else is replaced.
pub(super) fn merge(body: &mut Value, extra: &Map<String, Value>) {
    for (name, value) in extra {
        match (body.get_mut(name), value) {
            (Some(known @ Value::Object(_)), Value::Object(members)) => merge(known, members),
            _ => body[name.as_str()] = value.clone(),
        }
    }
}

/// Lays `extra` over `body` for formats whose options stand together in one member: all but the names in `beside` go there.
pub(super) fn merge_into(body: &mut Value, member: &str, extra: &Map<String, Value>, beside: &[&str]) {
    let (outer, inner): (Map<_, _>, Map<_, _>) =
        extra.clone().into_iter().partition(|(name, _)| beside.contains(&name.as_str()));
    merge(&mut body[member], &inner);
    merge(body, &outer);
}
