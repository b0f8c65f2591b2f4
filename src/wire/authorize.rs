//! Who asks: the key of a request, in the way that its provider wants.

use jiff::Timestamp;

use super::request::{HeaderValue, HttpRequest, header_text};
use crate::failure::Failure;
use crate::provider::{Auth, Provider};
use crate::secret::Secret;

/// Adds what shows the provider who asks: the last step before a request is sent, since a signature is over all of it
/// and over the time.
///
/// Fails with [`FailureClass::Auth`](crate::failure::FailureClass::Auth) when `key` is none of the sort that the provider
/// takes. A header that the user set by that name stays.
pub fn authorize(
    request: &mut HttpRequest,
    provider: &Provider,
    key: Option<&Secret>,
    now: Timestamp,
) -> Result<(), Failure> {
    let Some(key) = key else { return Ok(()) };
    let (name, prefix) = match &provider.auth {
        Auth::Bearer | Auth::Optional => ("authorization", "Bearer "),
        Auth::Header(name) => (name.as_str(), ""),
        Auth::Aws(service) => return authorize_aws(request, provider, service, key, now),
        Auth::None => return Ok(()),
    };
    let name = name.to_ascii_lowercase();
    if !request.headers.iter().any(|(known, _)| *known == name) {
        let secret = Secret::new(header_text(key.expose()));
        request.headers.push((name, HeaderValue::Secret { prefix, secret }));
    }
    Ok(())
}

#[cfg(feature = "bedrock")]
use super::sigv4::authorize as authorize_aws;

#[cfg(not(feature = "bedrock"))]
fn authorize_aws(_: &mut HttpRequest, _: &Provider, _: &str, _: &Secret, _: Timestamp) -> Result<(), Failure> {
    let message = "this llmx was built without the feature `bedrock`, so it cannot sign requests to AWS";
    Err(Failure::new(crate::failure::FailureClass::Auth, "feature bedrock", message))
}
