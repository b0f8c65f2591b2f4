//! One connection of the fleet: reads requests with hyper, carries out each [`Response`] piece by piece.

use std::collections::HashMap;
use std::convert::Infallible;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker, ready};
use std::time::SystemTime;

use http_body_util::BodyExt;
use hyper::body::{Body, Bytes, Frame, Incoming};
use hyper::header::{HeaderMap, HeaderValue};
use hyper::service::service_fn;
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep};

use super::count;
use super::dialect::replicate::STREAM_HOST;
use super::dialect::route::{Endpoint, route};
use super::dialect::{Ask, Dialect, Trouble};
use super::embed;
use super::fault::{Fault, Faults};
use super::prediction::Predictions;
use super::profile::{FixedPace, Profile};
use super::response::{self, Act, Response, Situation, Step};
use super::traffic::{Ending, Exchange, Log, Seen};
use crate::secret::Secret;

/// What all connections share.
pub(super) struct Shared {
    pub(super) faults: Faults,
    pub(super) pace: Option<FixedPace>,
    pub(super) seed: u64,
    /// Changes which requests the faults with a share hit.
    pub(super) luck: u64,
    pub(super) keyless: Vec<String>,
    pub(super) key_headers: Vec<String>,
    pub(super) log: Arc<Log>,
    /// How many requests have reached each rule, for each provider.
    pub(super) reached: Mutex<HashMap<(usize, String), u32>>,
    pub(super) predictions: Predictions,
}

impl Shared {
    /// The fault for the next request, which is counted. Lists of models suffer only what replaces any answer.
    fn next_fault(&self, provider: &str, model: &str, endpoint: Endpoint) -> Option<Fault> {
        let mut reached = self.reached.lock().unwrap_or_else(PoisonError::into_inner);
        for (index, rule) in self.faults.rules.iter().enumerate() {
            let suits = endpoint == Endpoint::Chat || rule.fault.replaces_answer();
            if suits && rule.concerns(provider, model) {
                let before = reached.entry((index, provider.to_owned())).or_default();
                let hit = rule.hits(provider, *before, self.seed ^ self.luck);
                *before = before.saturating_add(1);
                if hit {
                    return Some(rule.fault);
                }
            }
        }
        None
    }
}

/// Serves one connection to its end.
pub(super) async fn connection(stream: TcpStream, shared: Arc<Shared>) {
    let _open = shared.log.connected();
    if stream.set_nodelay(true).is_err() {
        return;
    }
    let line = Arc::new(Line::default());
    let tap = Tap { stream, line: Arc::clone(&line) };
    let service = service_fn(|request| answer(request, Arc::clone(&shared), Arc::clone(&line)));
    // A broken connection is what faults are for, and the client's leaving is in the log.
    let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(tap), service).await;
}

async fn answer(
    request: Request<Incoming>,
    shared: Arc<Shared>,
    line: Arc<Line>,
) -> Result<hyper::Response<Paced>, Infallible> {
    let start = Instant::now();
    let (head, body) = request.into_parts();
    let bytes = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    let whole = head.uri.path_and_query().map_or("/", |path| path.as_str());
    let (provider, path) = split_provider(whole);
    let wanted = route(path, head.headers.contains_key("anthropic-version"));
    let dialect = wanted.map(|(dialect, _)| dialect);
    let (seen, mut ask) = read((provider, path), &head.headers, &bytes, dialect, &shared.key_headers);
    let text = |name: &str| head.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    ask.address = format!("http://{}/{provider}", text("host"));
    // A client that waits gets a short answer at once; a stream is fetched all the same.
    ask.include_usage |= Profile::of(provider).counts_unasked;
    ask.deferred &= ask.stream || !text("prefer").contains("wait");
    let (key, body) = (seen.key.clone(), seen.body.clone());
    let exchange = shared.log.request(seen);
    let response = match wanted {
        None => Some(response::json(404, &unknown_url(path))),
        Some((dialect, endpoint)) => {
            let order = Order { provider, path, dialect, endpoint, ask, key, body: &body };
            order.response(&shared, exchange.number())
        }
    };
    let Some(response) = response else {
        // The exchange stays open until hyper drops this future because the client went away.
        std::future::pending::<()>().await;
        return Ok(hyper::Response::new(Paced::empty(exchange, line, start)));
    };
    tokio::time::sleep_until(start + response.head).await;
    Ok(build(response, exchange, line, start))
}

/// `/openai/v1/models` is `openai` and `/v1/models`.
fn split_provider(path: &str) -> (&str, &str) {
    let path = path.trim_start_matches('/');
    path.find('/').map_or((path, ""), |at| path.split_at(at))
}

fn unknown_url(path: &str) -> Value {
    let message = format!("Unknown request URL: {path}. Please check the URL for typos.");
    serde_json::json!({"error": {"message": message, "type": "invalid_request_error", "param": null, "code": "unknown_url"}})
}

/// What is remembered of a request, and what it asks.
fn read(
    (provider, path): (&str, &str),
    headers: &HeaderMap,
    body: &[u8],
    dialect: Option<&dyn Dialect>,
    key_headers: &[String],
) -> (Seen, Ask) {
    let body: Value = serde_json::from_slice(body).unwrap_or(Value::Null);
    let ask = dialect.map(|dialect| dialect.read(path, &body)).unwrap_or_default();
    let named = |(name, value): (&hyper::header::HeaderName, &HeaderValue)| {
        let secret = KEY_HEADERS.contains(&name.as_str()) || key_headers.iter().any(|known| known == name.as_str());
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        (!secret).then(|| (name.as_str().to_owned(), value))
    };
    let seen = Seen {
        provider: provider.to_owned(),
        model: ask.model.clone(),
        path: path.to_owned(),
        headers: headers.iter().filter_map(named).collect(),
        key: key(headers, key_headers).map(Secret::new),
        body,
        at: std::time::Instant::now(),
        ending: Ending::Open,
    };
    (seen, ask)
}

/// Headers that carry a key alone.
const PLAIN_KEYS: [&str; 3] = ["x-api-key", "api-key", "x-goog-api-key"];
/// Headers that nobody is to see again.
const KEY_HEADERS: [&str; 5] = [PLAIN_KEYS[0], PLAIN_KEYS[1], PLAIN_KEYS[2], "authorization", "x-amz-security-token"];

/// The key in a request's headers: of a signature it is the name of the key.
fn key(headers: &HeaderMap, further: &[String]) -> Option<String> {
    let text = |name: &str| headers.get(name)?.to_str().ok();
    let plain = PLAIN_KEYS.into_iter().chain(further.iter().map(String::as_str)).find_map(text);
    let scheme = || text("authorization").map(|value| value.split_once(' ').map_or(value, |(_, key)| key));
    let key = plain.or_else(scheme)?;
    Some(key.strip_prefix("Credential=").and_then(|rest| rest.split('/').next()).unwrap_or(key).to_owned())
}

/// One request, understood.
struct Order<'a> {
    provider: &'a str,
    path: &'a str,
    dialect: &'static dyn Dialect,
    endpoint: Endpoint,
    ask: Ask,
    key: Option<Secret>,
    body: &'a Value,
}

impl Order<'_> {
    /// The response; `None` when none ever comes.
    fn response(&self, shared: &Shared, number: u64) -> Option<Response> {
        let Self { provider, dialect, ask, .. } = self;
        let Shared { seed, pace, .. } = *shared;
        let situation = Situation { provider, seed, number, pace, now: SystemTime::now() };
        if let Some(trouble) = self.rejected(shared) {
            return Some(response::refusal(*dialect, ask, trouble, &situation));
        }
        match self.endpoint {
            Endpoint::Follow => return shared.predictions.fetch(*dialect, self.path, true, &situation),
            Endpoint::Poll => return shared.predictions.fetch(*dialect, self.path, false, &situation),
            Endpoint::Cancel => return Some(shared.predictions.cancel(self.path)),
            Endpoint::Chat | Endpoint::Models(_) | Endpoint::Embeddings(_) | Endpoint::Count(_) => {}
        }
        let fault = shared.next_fault(provider, &ask.model, self.endpoint);
        match (self.endpoint, fault) {
            (Endpoint::Models(format), None) => {
                return Some(response::json(200, &embed::models(format, Profile::of(provider).models)));
            }
            (Endpoint::Embeddings(format), None) => {
                return Some(response::json(200, &embed::embeddings(format, &ask.model, self.body)));
            }
            (Endpoint::Count(member), None) => {
                return Some(response::json(200, &count::tokens(*dialect, member, self.path, self.body)));
            }
            _ => {}
        }
        if ask.deferred {
            shared.predictions.promise(ask, fault, &situation);
        }
        response::chat(*dialect, ask, fault, &situation)
    }

    fn rejected(&self, shared: &Shared) -> Option<Trouble> {
        let keyless = Profile::of(self.provider).keyless
            || self.provider == STREAM_HOST
            || shared.keyless.iter().any(|name| name == self.provider);
        let reads_body = matches!(self.endpoint, Endpoint::Chat | Endpoint::Embeddings(_) | Endpoint::Count(_));
        match &self.key {
            None if !keyless => Some(Trouble::NoKey),
            Some(key) if key.expose().contains("bad") => Some(Trouble::BadKey),
            _ if reads_body && self.body.is_null() => Some(Trouble::Invalid),
            _ => None,
        }
    }
}

fn build(response: Response, exchange: Exchange, line: Arc<Line>, start: Instant) -> hyper::Response<Paced> {
    // The head, too, is on the wire before anything breaks.
    line.state().unsent = true;
    let mut built = hyper::Response::new(Paced { steps: response.steps.into(), ..Paced::empty(exchange, line, start) });
    *built.status_mut() = StatusCode::from_u16(response.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in response.headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            built.headers_mut().insert(name, value);
        }
    }
    built
}

/// What the body and the socket of one connection tell each other.
#[derive(Default)]
struct Line(Mutex<LineState>);

#[derive(Default)]
struct LineState {
    /// A piece was handed to hyper and is not on the wire yet.
    unsent: bool,
    /// The body, waiting for that.
    waiting: Option<Waker>,
    /// Close with a reset.
    reset: bool,
}

impl Line {
    fn state(&self) -> std::sync::MutexGuard<'_, LineState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn poll_sent(&self, context: &Context<'_>) -> Poll<()> {
        let mut state = self.state();
        if !state.unsent {
            return Poll::Ready(());
        }
        state.waiting = Some(context.waker().clone());
        Poll::Pending
    }
}

/// A body whose pieces come when they are due, each on the wire before the next.
struct Paced {
    steps: std::collections::VecDeque<Step>,
    sleep: Option<Pin<Box<Sleep>>>,
    start: Instant,
    line: Arc<Line>,
    exchange: Exchange,
}

impl Paced {
    fn empty(exchange: Exchange, line: Arc<Line>, start: Instant) -> Self {
        Self { steps: std::collections::VecDeque::new(), sleep: None, start, line, exchange }
    }
}

impl Body for Paced {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let this = &mut *self;
        ready!(this.line.poll_sent(context));
        let Some(due) = this.steps.front().map(|step| this.start + step.at) else {
            this.exchange.end(Ending::Complete);
            return Poll::Ready(None);
        };
        if due > Instant::now() {
            let sleep = this.sleep.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(due)));
            if sleep.deadline() != due {
                sleep.as_mut().reset(due);
            }
            ready!(sleep.as_mut().poll(context));
        }
        match this.steps.pop_front().map(|step| step.act) {
            Some(Act::Send(bytes)) => {
                this.line.state().unsent = true;
                // With a known length hyper asks no further after the last byte.
                if this.steps.is_empty() {
                    this.exchange.end(Ending::Complete);
                }
                Poll::Ready(Some(Ok(Frame::data(bytes))))
            }
            Some(Act::Silence) => {
                this.steps.push_front(Step { at: std::time::Duration::ZERO, act: Act::Silence });
                Poll::Pending
            }
            act => {
                this.line.state().reset = act == Some(Act::Reset);
                this.exchange.end(Ending::Broken);
                Poll::Ready(Some(Err(io::ErrorKind::ConnectionAborted.into())))
            }
        }
    }
}

/// The socket, telling the body when all that hyper held has been written.
struct Tap {
    stream: TcpStream,
    line: Arc<Line>,
}

impl Drop for Tap {
    fn drop(&mut self) {
        if self.line.state().reset {
            // Without linger the kernel answers the close with RST instead of FIN.
            let _ = self.stream.set_zero_linger();
        }
    }
}

impl AsyncRead for Tap {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Tap {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    /// hyper flushes when its own buffers are empty.
    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(Pin::new(&mut self.stream).poll_flush(context))?;
        let waiting = {
            let mut state = self.line.state();
            state.unsent = false;
            state.waiting.take()
        };
        if let Some(waker) = waiting {
            waker.wake();
        }
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.line.state().reset {
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
