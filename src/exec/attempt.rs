//! One try at one target: encode, send, decode, within the candidate's limits. What has come so far is kept in
//! [`Progress`], so that an attempt that is cancelled half-way loses nothing.

use std::io;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::{Instant, sleep_until, timeout, timeout_at};

use super::transport::{Response, Transport};
use super::{Job, Outcome, Sink, Timing, follow, redact};
use crate::chat::{ChatRequest, Event, FinishReason, Reply};
use crate::failure::{Failure, FailureClass};
use crate::provider::Target;
use crate::route::{self, Candidate, Limits};
use crate::secret::Secret;
use crate::wire::{self, Codec, Decoder, HttpRequest};

/// Bytes that are taken at once at most before what they brought is shown: a write for every chunk that came would cost
/// more than all the rest.
const BATCH: usize = 64 * 1024;
/// The longest answer, thinking and tool calls included: millions of tokens, more than any model gives.
const ANSWER_CAP: usize = 8 * 1024 * 1024;
/// How long counts are waited for when the answer is whole.
const COUNTS_LIMIT: Duration = Duration::from_secs(2);

/// Everything an attempt needs.
struct Try<'a> {
    target: &'a Target,
    key: Option<&'a Secret>,
    limits: &'a Limits,
    /// The moment at which the whole request's deadline passes.
    deadline: Instant,
    request: &'a ChatRequest,
    transport: &'a Transport,
}

/// What has come of an attempt so far.
pub(super) struct Progress {
    began: Instant,
    pub reply: Reply,
    pub request_id: Option<String>,
    /// What stops the answer, as long as the provider would go on with it when nobody reads.
    pub cancel: Option<HttpRequest>,
    /// What was sent and must not come back in words: the key, and headers that may hold one.
    secrets: Vec<Secret>,
    first_content: Option<Duration>,
    first_text: Option<Duration>,
    /// Bytes of the answer so far.
    length: usize,
}

/// Why an attempt stopped early.
#[expect(clippy::large_enum_variant, reason = "there is one for an attempt, and it is moved a few times")]
pub(super) enum Stop {
    /// It failed.
    Failed(Failure),
    /// The output could not be written.
    Output(io::Error),
}

impl Stop {
    /// Of a further request, whose address stood at that place of an earlier answer.
    fn at(self, place: &str) -> Self {
        match self {
            Self::Failed(failure) => Self::Failed(follow::failed(failure, place)),
            Self::Output(error) => Self::Output(error),
        }
    }
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl Progress {
    pub(super) fn new() -> Self {
        let began = Instant::now();
        Self {
            began,
            reply: Reply::default(),
            request_id: None,
            cancel: None,
            secrets: Vec::new(),
            first_content: None,
            first_text: None,
            length: 0,
        }
    }

    pub(super) fn timing(&self) -> Timing {
        Timing { first_content: self.first_content, first_text: self.first_text, total: self.began.elapsed() }
    }

    fn take(&mut self, event: &Event) {
        if event.is_content() {
            self.first_content.get_or_insert(self.began.elapsed());
        }
        if matches!(event, Event::Text(text) if !text.is_empty()) {
            self.first_text.get_or_insert(self.began.elapsed());
        }
        self.length += length(event);
        self.reply.apply(event);
    }
}

/// Bytes that an event adds to the answer.
fn length(event: &Event) -> usize {
    match event {
        Event::Text(text) | Event::Reasoning(text) | Event::Refusal(text) => text.len(),
        Event::ToolCall { arguments, .. } => arguments.len(),
        // Their size in memory is not known without writing them out; the cap of the body bounds them.
        Event::Started { .. } | Event::Usage(_) | Event::Citation(_) | Event::Logprobs(_) | Event::Finished(_) => 0,
    }
}

/// The request as it is sent, with the format that reads its response.
pub fn prepare(
    target: &Target,
    request: &ChatRequest,
    key: Option<&Secret>,
) -> Result<(&'static dyn Codec, HttpRequest), Failure> {
    let wire = target.wire();
    let codec = wire::codec(wire)
        .ok_or_else(|| Failure::new(FailureClass::InvalidRequest, "wire", format!("unknown wire format `{wire}`")))?;
    let mut request = codec.encode(target, request);
    wire::authorize(&mut request, &target.provider, key, Timestamp::now())?;
    Ok((codec, request))
}

/// Runs the attempt to its end. `sink` sees every event as it comes; `Err` when it could not show one.
pub(super) async fn run(
    job: &Job<'_>,
    request: &ChatRequest,
    candidate: &Candidate,
    deadline: Instant,
    progress: &mut Progress,
    sink: &mut dyn Sink,
) -> io::Result<Outcome> {
    let Some(target) = route::find(job.targets, &candidate.target) else {
        let message = format!("`{}` is in the plan and not among the targets", candidate.target);
        return Ok(Outcome::Failed(Failure::new(FailureClass::InvalidRequest, "plan", message)));
    };
    let key = match timeout_at(deadline, job.keychain.key(target)).await {
        Ok(Ok(key)) => key,
        Ok(Err(failure)) => return Ok(Outcome::Failed(failure)),
        Err(_) => {
            let message = "the request's deadline passed before there was a key";
            return Ok(Outcome::Failed(Failure::new(FailureClass::TimeoutTotal, "limit", message)));
        }
    };
    let key = key.as_ref();
    let limits = &candidate.limits;
    let attempt = Try { target, key, limits, deadline, request, transport: job.transport };
    match drive(&attempt, progress, sink).await {
        Ok(()) => Ok(verdict(&progress.reply)),
        Err(Stop::Failed(failure)) => Ok(Outcome::Failed(complete(failure, progress))),
        Err(Stop::Output(error)) => Err(error),
    }
}

async fn drive(attempt: &Try<'_>, progress: &mut Progress, sink: &mut dyn Sink) -> Result<(), Stop> {
    let (codec, request) = prepare(attempt.target, attempt.request, attempt.key)?;
    progress.secrets = request.secrets().cloned().collect();
    let first = request.url.clone();
    let mut exchange = Exchange { attempt, codec, first, decoder: None };
    exchange.send(&request, progress, sink).await?;
    exchange.follow(progress, sink).await
}

/// The requests of one attempt, and what reads their responses.
struct Exchange<'a> {
    attempt: &'a Try<'a>,
    codec: &'static dyn Codec,
    /// The address of the first request.
    first: String,
    /// Made by the first response.
    decoder: Option<Box<dyn Decoder + Send>>,
}

impl Exchange<'_> {
    /// Sends a request and reads its response to the end.
    async fn send(&mut self, request: &HttpRequest, progress: &mut Progress, sink: &mut dyn Sink) -> Result<(), Stop> {
        let (attempt, codec) = (self.attempt, self.codec);
        let sent = attempt.transport.send(request, attempt.limits.connect.value);
        let response = within(attempt, progress, Instant::now(), sent).await.flatten()?;
        progress.request_id = progress.request_id.take().or_else(|| response.head.request_id().map(str::to_owned));
        redact::option(&progress.secrets, &mut progress.request_id);
        if !(200..300).contains(&response.head.status) {
            let head = response.head.clone();
            let body = within(attempt, progress, Instant::now(), response.error_body()).await.unwrap_or_default();
            return Err(codec.failure(attempt.target, &head, &body).into());
        }
        let decoder = self.decoder.get_or_insert_with(|| codec.decoder(attempt.target, &response.head));
        let read = read(attempt, response, decoder.as_mut(), progress, sink).await;
        let cancel = decoder.cancel();
        progress.cancel = cancel.and_then(|cancel| self.admit(cancel).ok());
        // What came before a failure counts as shown, so it must be.
        sink.flush().map_err(Stop::Output)?;
        read
    }

    /// Reads on where the provider says that the answer goes on.
    async fn follow(&mut self, progress: &mut Progress, sink: &mut dyn Sink) -> Result<(), Stop> {
        while let Some(next) = self.decoder.as_mut().and_then(|decoder| decoder.follow()) {
            let then = Instant::now() + next.after;
            within(self.attempt, progress, then, sleep_until(then)).await?;
            let request = self.admit(next.request);
            if !next.optional {
                self.insist(&request?, next.place, progress, sink).await?;
            } else if let Ok(request) = request {
                // The answer is whole: counts that do not come are unknown, and that is all.
                let counted = timeout(COUNTS_LIMIT, self.send(&request, progress, sink)).await;
                if let Ok(Err(Stop::Output(error))) = counted {
                    return Err(Stop::Output(error));
                }
            }
        }
        Ok(())
    }

    /// Sends a further request; trouble of the server with it is not the end of an answer that is on its way.
    async fn insist(
        &mut self,
        request: &HttpRequest,
        place: &str,
        progress: &mut Progress,
        sink: &mut dyn Sink,
    ) -> Result<(), Stop> {
        for wait in follow::WAITS {
            match self.send(request, progress, sink).await {
                Err(Stop::Failed(failure)) if failure.status.is_some_and(|status| status >= 500) => {}
                result => return result.map_err(|stop| stop.at(place)),
            }
            let then = Instant::now() + wait;
            within(self.attempt, progress, then, sleep_until(then)).await?;
        }
        self.send(request, progress, sink).await.map_err(|stop| stop.at(place))
    }

    fn admit(&self, request: HttpRequest) -> Result<HttpRequest, Failure> {
        follow::admit(&self.first, request, &self.attempt.target.provider, self.attempt.key)
    }
}

async fn read(
    attempt: &Try<'_>,
    mut response: Response,
    decoder: &mut (dyn Decoder + Send),
    progress: &mut Progress,
    sink: &mut dyn Sink,
) -> Result<(), Stop> {
    let mut events = Vec::new();
    let mut unflushed = 0;
    let mut broken = None;
    while !decoder.is_done() {
        let at_hand = if unflushed < BATCH { response.chunk_at_hand() } else { None };
        let next = if let Some(chunk) = at_hand {
            chunk.map(Some)
        } else {
            sink.flush().map_err(Stop::Output)?;
            unflushed = 0;
            within(attempt, progress, Instant::now(), response.chunk()).await.flatten()
        };
        match next {
            Ok(Some(chunk)) => {
                unflushed += chunk.len();
                let pushed = decoder.push(&chunk, &mut events);
                pass_on(&mut events, progress, sink)?;
                pushed?;
            }
            Ok(None) => break,
            Err(failure) => {
                broken = Some(failure);
                break;
            }
        }
    }
    let ended = decoder.finish(&mut events);
    pass_on(&mut events, progress, sink)?;
    match (ended, broken) {
        // A connection that breaks after the format's own end, or after the reason to finish, lost nothing.
        (Ok(()), _) => Ok(()),
        (Err(_), Some(failure)) | (Err(failure), None) => {
            let cut = failure.class == FailureClass::IncompleteStream;
            if cut && decoder.recover() { Ok(()) } else { Err(failure.into()) }
        }
    }
}

fn pass_on(events: &mut Vec<Event>, progress: &mut Progress, sink: &mut dyn Sink) -> Result<(), Stop> {
    for mut event in events.drain(..) {
        redact::event(&progress.secrets, &mut event);
        progress.take(&event);
        if progress.length > ANSWER_CAP {
            let message = format!("the answer is larger than {} MiB", ANSWER_CAP >> 20);
            return Err(Failure::new(FailureClass::Protocol, "answer cap", message).into());
        }
        sink.event(&event).map_err(Stop::Output)?;
    }
    Ok(())
}

/// Waits for `work`, no longer than the tightest limit that holds just now. `since` is the last sign of life.
async fn within<T>(
    attempt: &Try<'_>,
    progress: &Progress,
    since: Instant,
    work: impl Future<Output = T>,
) -> Result<T, Failure> {
    let limits = attempt.limits;
    let whole = limits.attempt.as_ref().map(|limit| (progress.began, limit.value, FailureClass::TimeoutAttempt));
    let next = match progress.first_content {
        Some(_) => (since, limits.idle.value, FailureClass::TimeoutIdle),
        None => (progress.began, limits.first_token.value, FailureClass::TimeoutFirstToken),
    };
    let of_attempt = whole.into_iter().chain([next]).min_by_key(|(from, limit, _)| *from + *limit).unwrap_or(next);
    let (from, limit, class) = of_attempt;
    let at = (from + limit).min(attempt.deadline);
    timeout_at(at, work).await.map_err(|_| {
        let failure = if at == attempt.deadline {
            Failure::new(FailureClass::TimeoutTotal, "limit", "the request's deadline passed")
        } else {
            Failure::new(class, "limit", format!("{} within {}", nothing_came(class), seconds(limit)))
        };
        Failure { maybe_billed: true, ..failure }
    })
}

fn nothing_came(class: FailureClass) -> &'static str {
    match class {
        FailureClass::TimeoutFirstToken => "no first token",
        FailureClass::TimeoutIdle => "no sign of life",
        _ => "no end of the attempt",
    }
}

/// A limit as people write it: `30s`, `0.5s`.
fn seconds(limit: Duration) -> String {
    format!("{}s", (limit.as_secs_f64() * 1000.0).round() / 1000.0)
}

/// What a reply that came to its end is worth.
fn verdict(reply: &Reply) -> Outcome {
    let raw = reply.finish.as_ref().map_or("none", |finish| finish.raw.as_str());
    let failed = |class, message: String| {
        let failure = Failure::new(class, format!("finish `{raw}`"), message);
        Outcome::Failed(Failure { maybe_billed: true, ..failure })
    };
    match reply.finish.as_ref().map(|finish| finish.reason) {
        Some(FinishReason::Error) => {
            failed(FailureClass::IncompleteStream, format!("the provider ended the answer with `{raw}`"))
        }
        Some(FinishReason::ContentFilter) => {
            // Gemini says why it blocked a prompt, and Responses why it is incomplete, in a second word.
            let word = reply.finish.as_ref().and_then(|finish| finish.detail.as_deref()).unwrap_or(raw);
            failed(FailureClass::ContentFilter, format!("the provider's filter ended the answer (`{word}`)"))
        }
        Some(FinishReason::Refusal) => Outcome::Complete,
        Some(FinishReason::Length) if reply.is_empty() => {
            failed(FailureClass::EmptyResponse, "the token limit was used up before the answer began".to_owned())
        }
        _ if reply.is_empty() => failed(FailureClass::EmptyResponse, "the answer is empty".to_owned()),
        _ => Outcome::Complete,
    }
}

/// Takes keys out of the provider's words, which may echo them, and adds what the attempt knows.
fn complete(mut failure: Failure, progress: &Progress) -> Failure {
    failure.request_id = failure.request_id.or_else(|| progress.request_id.clone());
    redact::failure(&progress.secrets, &mut failure);
    failure.maybe_billed |= progress.first_content.is_some() || progress.reply.usage.is_some();
    failure
}
