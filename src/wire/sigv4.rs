//! AWS Signature Version 4: a request is signed with an access key, the time, a region and a service.
//!
//! Source: the "AWS Signature Version 4" chapter of the IAM user guide. For all services but S3 the path, as it is sent, is
//! percent-encoded once more before it is signed.

use std::fmt::Write as _;

use jiff::Timestamp;
use ring::{digest, hmac};

use super::request::{header_text, percent_encoded};
use super::{HeaderValue, HttpRequest, set_header};
use crate::failure::{Failure, FailureClass};
use crate::provider::{AwsCredentials, Provider};
use crate::secret::Secret;

const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// The region when the row has no parameter of that name.
const DEFAULT_REGION: &str = "us-east-1";

/// What a signature is good for.
struct Scope<'a> {
    region: &'a str,
    service: &'a str,
    /// `20150830T123600Z`.
    moment: String,
}

/// Signs with credentials; a key of Bedrock is sent as it is. A header `authorization` that the user set stays.
pub(super) fn authorize(
    request: &mut HttpRequest,
    provider: &Provider,
    service: &str,
    key: &Secret,
    now: Timestamp,
) -> Result<(), Failure> {
    if request.headers.iter().any(|(name, _)| name == "authorization") {
        return Ok(());
    }
    if !AwsCredentials::are_meant(key.expose()) {
        let secret = Secret::new(header_text(key.expose()));
        request.headers.push(("authorization".to_owned(), HeaderValue::Secret { prefix: "Bearer ", secret }));
        return Ok(());
    }
    let credentials = AwsCredentials::read(key.expose()).map_err(|wrong| {
        Failure::new(FailureClass::Auth, "aws credentials", format!("the key cannot sign: {wrong}"))
    })?;
    if let Some(end) = credentials.expiration.filter(|end| *end <= now) {
        let message = format!("the AWS credentials expired at {end}, so nothing was sent");
        return Err(Failure::new(FailureClass::Auth, "aws credentials expired", message));
    }
    let region = provider.parameters.get("region").map_or(DEFAULT_REGION, String::as_str);
    let scope = Scope { region, service, moment: now.strftime("%Y%m%dT%H%M%SZ").to_string() };
    sign(request, &credentials, &scope);
    Ok(())
}

fn sign(request: &mut HttpRequest, credentials: &AwsCredentials, scope: &Scope<'_>) {
    set_header(&mut request.headers, "x-amz-date", HeaderValue::Plain(scope.moment.clone()));
    if let Some(token) = &credentials.session_token {
        let secret = HeaderValue::Secret { prefix: "", secret: token.clone() };
        set_header(&mut request.headers, "x-amz-security-token", secret);
    }
    let (host, path) = host_and_path(&request.url);
    let mut headers = vec![("host", host.as_str())];
    // What a proxy may add or change on the way is not signed.
    headers.extend(
        request.headers.iter().filter(|(name, _)| name == "content-type" || name.starts_with("x-amz-")).map(
            |(name, value)| match value {
                HeaderValue::Plain(text) => (name.as_str(), text.as_str()),
                HeaderValue::Secret { secret, .. } => (name.as_str(), secret.expose()),
            },
        ),
    );
    let payload = request.payload().unwrap_or_default();
    let signed = authorization(request.method, path, &headers, &payload, credentials, scope);
    let value = HeaderValue::Secret { prefix: "AWS4-HMAC-SHA256 ", secret: Secret::new(signed) };
    request.headers.push(("authorization".to_owned(), value));
}

/// The host as the HTTP client sends it, and the path with its query.
fn host_and_path(url: &str) -> (String, &str) {
    let (scheme, rest) = url.split_once("://").unwrap_or(("https", url));
    let (host, path) = rest.find('/').map_or((rest, "/"), |at| rest.split_at(at));
    let usual = if scheme == "http" { ":80" } else { ":443" };
    (host.strip_suffix(usual).unwrap_or(host).to_ascii_lowercase(), path)
}

/// What follows the algorithm's name in the header `authorization`.
fn authorization(
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    payload: &str,
    credentials: &AwsCredentials,
    scope: &Scope<'_>,
) -> String {
    let day = scope.moment.split('T').next().unwrap_or_default();
    let scope_text = format!("{day}/{}/{}/aws4_request", scope.region, scope.service);
    let (headers, names) = canonical_headers(headers);
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let canonical =
        [method, &percent_encoded(path, b"-_.~/"), &canonical_query(query), &headers, &names, &sha256(payload)];
    let to_sign = [ALGORITHM, &scope.moment, &scope_text, &sha256(&canonical.join("\n"))].join("\n");
    let secret = format!("AWS4{}", credentials.secret_access_key.expose());
    let key = [day, scope.region, scope.service, "aws4_request"]
        .iter()
        .fold(secret.into_bytes(), |key, part| hmac_sha256(&key, part));
    let signature = hex(&hmac_sha256(&key, &to_sign));
    format!("Credential={}/{scope_text}, SignedHeaders={names}, Signature={signature}", credentials.access_key_id)
}

/// One line per header, sorted, and the names alone.
fn canonical_headers(headers: &[(&str, &str)]) -> (String, String) {
    let mut sorted: Vec<(String, String)> = headers
        .iter()
        .map(|(name, value)| (name.to_ascii_lowercase(), value.split_whitespace().collect::<Vec<_>>().join(" ")))
        .collect();
    sorted.sort();
    let lines: Vec<_> = sorted.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
    let names: Vec<_> = sorted.into_iter().map(|(name, _)| name).collect();
    (lines.concat(), names.join(";"))
}

/// The pairs of a query, which is percent-encoded already, in order.
fn canonical_query(query: &str) -> String {
    let mut pairs: Vec<(&str, &str)> = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .collect();
    pairs.sort_unstable();
    pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}

fn hmac_sha256(key: &[u8], text: &str) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text.as_bytes()).as_ref().to_vec()
}

fn sha256(text: &str) -> String {
    hex(digest::digest(&digest::SHA256, text.as_bytes()).as_ref())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").ok();
        text
    })
}

#[cfg(test)]
mod tests;
