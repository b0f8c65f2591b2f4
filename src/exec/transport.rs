//! The only user of the HTTP client. It sends one request and hands out the body in chunks; it follows no redirect,
//! retries nothing, and its errors carry no address.

use std::cell::RefCell;
use std::error::Error as _;
use std::net::IpAddr;
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue as Value};
use reqwest::redirect::Policy;
use reqwest::{Client, Method, RequestBuilder, Url};

use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};

use super::tls;
use crate::failure::{Failure, FailureClass};
use crate::secret::Secret;
use crate::wire::{HeaderValue, HttpRequest, ResponseHead};

/// The most bytes read of one body, after decompression: far beyond any answer, far below any memory.
const BODY_CAP: usize = 256 * 1024 * 1024;
/// The most bytes kept of an error's body.
const ERROR_BODY_CAP: usize = 64 * 1024;

/// How long an error's body is waited for: the status has said what to do next.
const ERROR_BODY_LIMIT: Duration = Duration::from_secs(2);
/// The most pieces of a body that are read before they are asked for.
const READ_AHEAD: usize = 64;

/// Sends requests. Clients are built when first needed.
#[derive(Debug, Default)]
pub struct Transport {
    clients: RefCell<Vec<(Kind, Client)>>,
}

/// Clients differ in what reqwest sets per client and not per request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Kind {
    connect: Duration,
    /// A server on this machine is never asked through a proxy: the prompt and the key would leave the machine.
    loopback: bool,
}

/// A response whose body is on its way.
#[derive(Debug)]
pub struct Response {
    /// Status and headers.
    pub head: ResponseHead,
    chunks: Receiver<Result<Bytes, Failure>>,
    /// Reads ahead, so that chunks which came together are at hand together. Dropped, it closes the connection.
    _reader: JoinSet<()>,
}

impl Transport {
    /// Sends one request and waits for the head of the response.
    ///
    /// `connect` limits the time to a connection; all other limits are the caller's.
    pub async fn send(&self, request: &HttpRequest, connect: Duration) -> Result<Response, Failure> {
        let method = Method::from_bytes(request.method.as_bytes()).map_err(|_| invalid("unknown HTTP method"))?;
        let mut call = self.call(method, &request.url, connect)?.headers(headers(&request.headers)?);
        if let Some(payload) = request.payload() {
            call = call.body(payload);
        }
        let response = call.send().await.map_err(sending_failed)?;
        Ok(Response::reading(response))
    }

    /// Posts an encoded form that is a secret as a whole, such as a request for a token.
    pub async fn post_form(&self, url: &str, form: &Secret, connect: Duration) -> Result<Response, Failure> {
        let call = self.call(Method::POST, url, connect)?;
        let call =
            call.header("content-type", "application/x-www-form-urlencoded").header("accept", "application/json");
        let response = call.body(form.expose().to_owned()).send().await.map_err(sending_failed)?;
        Ok(Response::reading(response))
    }

    fn call(&self, method: Method, url: &str, connect: Duration) -> Result<RequestBuilder, Failure> {
        let url = Url::parse(url).map_err(|error| invalid(&format!("the address is no URL: {error}")))?;
        Ok(self.client(Kind { connect, loopback: is_loopback(&url) })?.request(method, url))
    }

    fn client(&self, kind: Kind) -> Result<Client, Failure> {
        if let Some((_, client)) = self.clients.borrow().iter().find(|(known, _)| *known == kind) {
            return Ok(client.clone());
        }
        let client = build(kind)?;
        self.clients.borrow_mut().push((kind, client.clone()));
        Ok(client)
    }
}

impl Response {
    fn reading(response: reqwest::Response) -> Self {
        let head = head(&response);
        let (sender, chunks) = channel(READ_AHEAD);
        let mut reader = JoinSet::new();
        reader.spawn(read(response, sender));
        Self { head, chunks, _reader: reader }
    }

    /// The next piece of the body, decompressed; `None` at its end.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, Failure> {
        self.chunks.recv().await.transpose()
    }

    /// The next piece of the body if it is there already.
    pub fn chunk_at_hand(&mut self) -> Option<Result<Bytes, Failure>> {
        self.chunks.try_recv().ok()
    }

    /// The first 64 KiB of an error's body; a body that breaks or takes long gives what came.
    pub async fn error_body(mut self) -> Vec<u8> {
        let end = Instant::now() + ERROR_BODY_LIMIT;
        let mut body = Vec::new();
        while body.len() < ERROR_BODY_CAP {
            let Ok(Ok(Some(chunk))) = timeout_at(end, self.chunk()).await else { break };
            let room = ERROR_BODY_CAP - body.len();
            body.extend_from_slice(&chunk[..chunk.len().min(room)]);
        }
        body
    }
}

/// Hands the body on, piece by piece, until it ends, breaks or is too large.
async fn read(mut body: reqwest::Response, chunks: Sender<Result<Bytes, Failure>>) {
    let mut received = 0;
    loop {
        let chunk = match body.chunk().await {
            Ok(Some(chunk)) => Ok(chunk),
            Ok(None) => return,
            Err(error) => Err(broken(&error)),
        };
        received += chunk.as_ref().map_or(0, Bytes::len);
        let chunk = if received > BODY_CAP { Err(too_large()) } else { chunk };
        let last = chunk.is_err();
        if chunks.send(chunk).await.is_err() || last {
            return;
        }
    }
}

fn broken(error: &reqwest::Error) -> Failure {
    if is_garbled(error) {
        let message = format!("the body is not what its `content-encoding` says: {}", root_cause(error));
        return Failure { maybe_billed: true, ..Failure::new(FailureClass::Protocol, "content-encoding", message) };
    }
    let message = format!("the connection broke: {}", root_cause(error));
    Failure { maybe_billed: true, ..Failure::new(FailureClass::IncompleteStream, "connection", message) }
}

/// Whether a body cannot be decompressed although it did not end too early. Trouble of the connection is wrapped once more.
fn is_garbled(error: &reqwest::Error) -> bool {
    use std::io::{Error, ErrorKind};
    let kind = error.source().and_then(|cause| Some(cause.downcast_ref::<Error>()?.kind()));
    error.is_decode() && matches!(kind, Some(ErrorKind::InvalidData | ErrorKind::InvalidInput))
}

fn too_large() -> Failure {
    Failure::new(FailureClass::Protocol, "body cap", format!("the body is larger than {} MiB", BODY_CAP >> 20))
}

fn build(kind: Kind) -> Result<Client, Failure> {
    let no_client = |error: String| Failure::new(FailureClass::Network, "client", format!("no HTTP client: {error}"));
    let tls = tls::client_config().map_err(|error| no_client(error.to_string()))?;
    let mut builder = Client::builder()
        .tls_backend_preconfigured(tls)
        .user_agent(concat!("llmx/", env!("CARGO_PKG_VERSION")))
        // Following one would re-post the prompt, and custom key headers, to wherever the answer points.
        .redirect(Policy::none())
        .retry(reqwest::retry::never())
        .connect_timeout(kind.connect)
        .tcp_nodelay(true);
    if kind.loopback {
        builder = builder.no_proxy();
    }
    builder.build().map_err(|error| no_client(root_cause(&error)))
}

/// How an address that came from a provider stands to the one that was asked first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// The same scheme, host and port.
    Same,
    /// Another place that may be asked: encrypted, or on this machine as the first one was.
    Other,
    /// A place that must not be asked.
    Unsafe,
}

/// How `next` stands to `first`.
pub fn relation(first: &str, next: &str) -> Relation {
    let (Ok(first), Ok(next)) = (Url::parse(first), Url::parse(next)) else { return Relation::Unsafe };
    let allowed = match (is_loopback(&first), is_loopback(&next)) {
        (from_here, true) => from_here && matches!(next.scheme(), "http" | "https"),
        (_, false) => next.scheme() == "https",
    };
    let named = next.username().is_empty() && next.password().is_none();
    match (allowed, next.origin() == first.origin() && named) {
        (false, _) => Relation::Unsafe,
        (true, true) => Relation::Same,
        (true, false) => Relation::Other,
    }
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn headers(from: &[(String, HeaderValue)]) -> Result<HeaderMap, Failure> {
    let mut map = HeaderMap::with_capacity(from.len());
    for (name, value) in from {
        let header =
            HeaderName::from_bytes(name.as_bytes()).map_err(|_| invalid(&format!("no header name: `{name}`")))?;
        let value = match value {
            HeaderValue::Plain(text) => Value::from_str(text),
            HeaderValue::Secret { prefix, secret } => {
                Value::from_str(&format!("{prefix}{}", secret.expose())).map(|mut value| {
                    value.set_sensitive(true);
                    value
                })
            }
        };
        let value = value.map_err(|_| invalid(&format!("header `{name}`: characters that no header may hold")))?;
        map.append(header, value);
    }
    Ok(map)
}

fn head(response: &reqwest::Response) -> ResponseHead {
    let headers = response
        .headers()
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()));
    ResponseHead { status: response.status().as_u16(), headers: headers.collect() }
}

/// What a request that got no response means. The address is left out: it may hold what must not be printed.
fn sending_failed(error: reqwest::Error) -> Failure {
    let error = error.without_url();
    let cause = root_cause(&error);
    if certificate_rejected(&error) {
        return Failure::new(FailureClass::Tls, "certificate", cause);
    }
    match (error.is_connect(), error.is_timeout()) {
        (true, true) => Failure::new(FailureClass::TimeoutConnect, "connect limit", "no connection in time"),
        (true, false) => Failure::new(FailureClass::Network, "connect", cause),
        _ => Failure {
            maybe_billed: true,
            ..Failure::new(FailureClass::Network, "no response", format!("the connection broke: {cause}"))
        },
    }
}

fn certificate_rejected(error: &reqwest::Error) -> bool {
    causes(error).any(is_certificate_error)
}

/// An IO error does not name what it wraps as its source, so it is looked into by itself.
fn is_certificate_error(error: &(dyn std::error::Error + 'static)) -> bool {
    if let Some(io) = error.downcast_ref::<std::io::Error>() {
        return io.get_ref().is_some_and(|inner| is_certificate_error(inner));
    }
    matches!(error.downcast_ref(), Some(rustls::Error::InvalidCertificate(_)))
}

fn causes(error: &reqwest::Error) -> impl Iterator<Item = &(dyn std::error::Error + 'static)> {
    std::iter::successors(error.source(), |&cause| cause.source())
}

/// The innermost cause: the outer ones only repeat that a request failed.
fn root_cause(error: &reqwest::Error) -> String {
    causes(error).last().map_or_else(|| error.to_string(), ToString::to_string)
}

fn invalid(message: &str) -> Failure {
    Failure::new(FailureClass::InvalidRequest, "request", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_loopback() {
        let loopback = |url| is_loopback(&Url::parse(url).expect("a URL"));
        for here in ["http://localhost:1/v1", "http://127.0.0.1:11434", "http://127.9.9.9/", "http://[::1]:8/"] {
            assert!(loopback(here), "{here}");
        }
        for elsewhere in ["http://localhost.example/", "http://10.0.0.1/", "https://127.0.0.1.example/"] {
            assert!(!loopback(elsewhere), "{elsewhere}");
        }
    }

    #[test]
    fn a_certificate_error_is_found_however_deep_it_is_wrapped() {
        let rejected = rustls::Error::InvalidCertificate(rustls::CertificateError::Expired);
        let wrapped = std::io::Error::other(std::io::Error::other(rejected));
        assert!(is_certificate_error(&wrapped));
        assert!(!is_certificate_error(&std::io::Error::other(rustls::Error::HandshakeNotComplete)));
        assert!(!is_certificate_error(&std::io::Error::from(std::io::ErrorKind::ConnectionRefused)));
    }

    #[test]
    fn a_key_header_is_marked_sensitive_and_a_line_break_is_refused() {
        let secret = |text: &str| HeaderValue::Secret { prefix: "Bearer ", secret: crate::secret::Secret::new(text) };
        let map = headers(&[("authorization".to_owned(), secret("sk-1"))]).expect("headers");
        assert!(map["authorization"].is_sensitive());
        let refused = headers(&[("authorization".to_owned(), secret("sk\r\nx: y"))]).expect_err("refused");
        assert!(!refused.message.expect("words").contains("sk"));
    }
}
