//! One request whose whole body is wanted: lists, embeddings, files. Bounded in time and in bytes; tried once.

use std::time::Duration;

use jiff::Timestamp;
use tokio::time::{Instant, timeout_at};

use super::redact;
use super::transport::Transport;
use crate::failure::{Failure, FailureClass};
use crate::provider::Provider;
use crate::secret::Secret;
use crate::wire::{self, HttpRequest, ResponseHead};

/// How long and how much.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// To a connection.
    pub connect: Duration,
    /// To the last byte.
    pub total: Duration,
    /// The most bytes of the body.
    pub bytes: usize,
}

/// A whole response.
#[derive(Debug)]
pub struct Whole {
    /// Status and headers.
    pub head: ResponseHead,
    /// The body; of an error at most its first 64 KiB.
    pub body: Vec<u8>,
}

impl Whole {
    /// Whether the status is 2xx.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.head.status)
    }
}

/// Sends a request and waits for its whole response, whatever its status.
pub async fn whole(transport: &Transport, request: &HttpRequest, bounds: Bounds) -> Result<Whole, Failure> {
    let end = Instant::now() + bounds.total;
    let late = || {
        let message = format!("no whole response within {}s", bounds.total.as_secs_f64());
        Failure { maybe_billed: true, ..Failure::new(FailureClass::TimeoutAttempt, "limit", message) }
    };
    let sent = timeout_at(end, transport.send(request, bounds.connect)).await;
    let mut response = sent.map_err(|_| late())??;
    let head = response.head.clone();
    if !(200..300).contains(&head.status) {
        return Ok(Whole { head, body: response.error_body().await });
    }
    let mut body = Vec::new();
    while let Some(chunk) = timeout_at(end, response.chunk()).await.map_err(|_| late())?? {
        if body.len() + chunk.len() > bounds.bytes {
            let message = format!("the body is larger than {} MiB", bounds.bytes >> 20);
            return Err(Failure::new(FailureClass::Protocol, "body cap", message));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Whole { head, body })
}

/// Asks a provider, with the key added, and hands the response to `read`. What was sent as a secret is taken out of the words
/// of a failure.
pub(super) async fn ask<T>(
    transport: &Transport,
    provider: &Provider,
    key: Option<&Secret>,
    mut request: HttpRequest,
    bounds: Bounds,
    read: impl FnOnce(&Whole) -> Result<T, Failure>,
) -> Result<T, Failure> {
    wire::authorize(&mut request, provider, key, Timestamp::now())?;
    let secrets: Vec<Secret> = request.secrets().cloned().collect();
    let result = whole(transport, &request, bounds).await.and_then(|response| {
        let request_id = response.head.request_id().map(str::to_owned);
        read(&response).map_err(|failure| Failure { request_id: failure.request_id.clone().or(request_id), ..failure })
    });
    result.map_err(|mut failure| {
        redact::failure(&secrets, &mut failure);
        failure
    })
}
