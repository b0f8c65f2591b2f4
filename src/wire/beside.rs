//! What requests beside the chat share: lists of models and embeddings lie at other paths of the same base address.

use serde_json::Value;

use super::{HeaderValue, HttpRequest, address, header_text, path_segment, set_header};
use crate::provider::Provider;
use crate::secret::Secret;

/// A request to `path`, without a key. `path` may hold parameters of the provider, and a query. A base address that ends with
/// one of `ends`, such as that of a compatible format, is taken without it. A `body` of `Null` makes it a `GET`.
pub(super) fn request(provider: &Provider, ends: &[&str], path: &str, body: Value) -> HttpRequest {
    let base = &provider.base_url;
    let base = ends.iter().find_map(|end| base.strip_suffix(end)).unwrap_or(base);
    let url = address(base, &provider.fill(path, path_segment));
    let plain = |name: &str, value: &str| (name.to_owned(), HeaderValue::Plain(value.to_owned()));
    let mut headers = vec![plain("accept", "application/json")];
    if !body.is_null() {
        headers.push(plain("content-type", "application/json"));
    }
    for (name, value) in &provider.headers {
        let secret = Secret::new(header_text(value));
        set_header(&mut headers, name, HeaderValue::Secret { prefix: "", secret });
    }
    HttpRequest { method: if body.is_null() { "GET" } else { "POST" }, url, headers, body }
}
