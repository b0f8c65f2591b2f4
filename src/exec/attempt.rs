//! One try at one target: encode, send, decode, within the candidate's limits. What has come so far is kept in
//! [`Progress`], so that an attempt that is cancelled half-way loses nothing.

use std::io;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::{Instant, sleep_until, timeout, timeout_at};

use super::limit::Limit;
use super::outlet::Outlet;
use super::transport::{Response, Transport};
use super::{Job, Outcome, Timing, follow, redact};
use crate::chat::{ChatRequest, Event, FinishReason, Reply};
use crate::failure::{Failure, FailureClass};
use crate::provider::{KeyMark, Target};
use crate::route::{self, Candidate, Limits, OnEmpty};
use crate::secret::Secret;
use crate::wire::quota::{self, Quota};
use crate::wire::{self, Codec, Decoder, HttpRequest};

/// Bytes that are taken at once at most before what they brought is shown: a write for every chunk that came would cost
/// more than all the rest.
const BATCH: usize = 64 * 1024;
/// The longest answer, thinking and tool calls included: millions of tokens, more than any model gives.
const ANSWER_CAP: usize = 8 * 1024 * 1024;
/// How long counts are waited for when the answer is whole.
const COUNTS_LIMIT: Duration = Duration::from_secs(2);

/// Who pauses longer between two pieces of an answer that nobody sees yet has fallen silent, when time is short.
const PAUSE: Duration = Duration::from_secs(2);

/// Everything an attempt needs.
struct Try<'a> {
    target: &'a Target,
    key: Option<&'a Secret>,
    limits: &'a Limits,
    /// Time that is kept for later targets as long as nothing was shown.
    reserved: Duration,
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
    /// What the provider said is left of its limits.
    pub quotas: Vec<Quota>,
    /// The model has begun anew instead of going on with what was shown.
    pub anew: bool,
    /// What was sent and must not come back in words: the key, and headers that may hold one.
    pub secrets: Vec<Secret>,
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
    /// Another attempt was first.
    Lost,
}

impl Stop {
    /// Of a further request, whose address stood at that place of an earlier answer.
    fn at(self, place: &str) -> Self {
        match self {
            Self::Failed(failure) => Self::Failed(follow::failed(failure, place)),
            other => other,
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
            quotas: Vec::new(),
            anew: false,
            secrets: Vec::new(),
            first_content: None,
            first_text: None,
            length: 0,
        }
    }

    pub(super) fn timing(&self) -> Timing {
        Timing { first_content: self.first_content, first_text: self.first_text, total: self.began.elapsed() }
    }

    fn note(&mut self, event: &Event) {
        if event.is_content() {
            self.first_content.get_or_insert(self.began.elapsed());
        }
        if matches!(event, Event::Text(text) if !text.is_empty()) {
            self.first_text.get_or_insert(self.began.elapsed());
        }
        self.length += length(event);
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

/// What is asked of whom.
pub(super) struct Asked<'a> {
    pub candidate: &'a Candidate,
    pub request: &'a ChatRequest,
    /// The key to take, where the plan names one.
    pub key: Option<&'a KeyMark>,
    /// The moment at which the whole request's deadline passes.
    pub deadline: Instant,
}

/// Runs the attempt to its end. `outlet` sees every event as it comes; `Err` when it could not show one.
pub(super) async fn run(
    job: &Job<'_>,
    asked: &Asked<'_>,
    progress: &mut Progress,
    outlet: &mut Outlet<'_, '_>,
) -> io::Result<Outcome> {
    let Asked { candidate, request, deadline, .. } = *asked;
    let Some(target) = route::find(job.targets, &candidate.target) else {
        let message = format!("`{}` is in the plan and not among the targets", candidate.target);
        return Ok(Outcome::Failed(Failure::new(FailureClass::InvalidRequest, "plan", message)));
    };
    let transport = job.transport;
    let (limits, reserved) = (&candidate.limits, candidate.reserved);
    let mut attempt = Try { target, key: None, limits, reserved, deadline, request, transport };
    let key = match attempt.whole(progress, false, Instant::now()).wait(job.keychain.key(target, asked.key)).await {
        Ok(Ok(key)) => key,
        // Nothing was sent.
        Ok(Err(failure)) | Err(failure) => return Ok(Outcome::Failed(Failure { maybe_billed: false, ..failure })),
    };
    attempt.key = key.as_ref();
    let driven = drive(&attempt, progress, outlet).await;
    match end(driven, job.plan.on_empty.value, progress, outlet) {
        Ok(outcome) => Ok(outcome),
        Err(Stop::Failed(failure)) => Ok(Outcome::Failed(complete(failure, progress))),
        Err(Stop::Output(error)) => Err(error),
        Err(Stop::Lost) => Ok(Outcome::Cancelled),
    }
}

/// Passes on what is still held, as far as the reader is to see it, and says what the reply is worth.
fn end(
    driven: Result<(), Stop>,
    on_empty: OnEmpty,
    progress: &mut Progress,
    outlet: &mut Outlet<'_, '_>,
) -> Result<Outcome, Stop> {
    let broken = match driven {
        Ok(()) => None,
        Err(Stop::Failed(failure)) => Some(failure),
        Err(stop) => return Err(stop),
    };
    let rest = outlet.end_of_text();
    progress.anew |= outlet.anew;
    match (rest, broken) {
        (Ok(rest), broken) => {
            if let Some(event) = rest {
                progress.reply.apply(&event);
                outlet.show(event).map_err(Stop::Output)?;
            }
            let outcome = match broken {
                Some(failure) => Outcome::Failed(complete(failure, progress)),
                None => verdict(progress, on_empty),
            };
            if outcome == Outcome::Complete {
                outlet.release().map_err(Stop::Output)?;
            }
            outlet.flush().map_err(Stop::Output)?;
            Ok(outcome)
        }
        // What it began anew is worth no more than what broke it.
        (Err(Stop::Failed(_)), Some(failure)) => Err(failure.into()),
        (Err(stop), _) => Err(stop),
    }
}

async fn drive(attempt: &Try<'_>, progress: &mut Progress, outlet: &mut Outlet<'_, '_>) -> Result<(), Stop> {
    let (codec, request) = prepare(attempt.target, attempt.request, attempt.key)?;
    progress.secrets = request.secrets().cloned().collect();
    let first = request.url.clone();
    let mut exchange = Exchange { attempt, codec, first, decoder: None };
    exchange.send(&request, progress, outlet).await?;
    exchange.follow(progress, outlet).await
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
    async fn send(
        &mut self,
        request: &HttpRequest,
        progress: &mut Progress,
        outlet: &mut Outlet<'_, '_>,
    ) -> Result<(), Stop> {
        let (attempt, codec) = (self.attempt, self.codec);
        let sent = attempt.transport.send(request, attempt.limits.connect.value);
        let response = within(attempt, (progress, outlet), Instant::now(), sent).await.flatten()?;
        progress.request_id = progress.request_id.take().or_else(|| response.head.request_id().map(str::to_owned));
        redact::option(&progress.secrets, &mut progress.request_id);
        progress.quotas.extend(quota::read(&response.head, &attempt.target.id, Timestamp::now()));
        if !(200..300).contains(&response.head.status) {
            let head = response.head.clone();
            let body =
                within(attempt, (progress, outlet), Instant::now(), response.error_body()).await.unwrap_or_default();
            return Err(codec.failure(attempt.target, &head, &body).into());
        }
        let decoder = self.decoder.get_or_insert_with(|| codec.decoder(attempt.target, &response.head));
        let read = read(attempt, response, decoder.as_mut(), progress, outlet).await;
        let cancel = decoder.cancel();
        progress.cancel = cancel.and_then(|cancel| self.admit(cancel).ok());
        // What came before a failure counts as shown, so it must be.
        outlet.flush().map_err(Stop::Output)?;
        read
    }

    /// Reads on where the provider says that the answer goes on.
    async fn follow(&mut self, progress: &mut Progress, outlet: &mut Outlet<'_, '_>) -> Result<(), Stop> {
        while let Some(next) = self.decoder.as_mut().and_then(|decoder| decoder.follow()) {
            let then = Instant::now() + next.after;
            within(self.attempt, (progress, outlet), then, sleep_until(then)).await?;
            let request = self.admit(next.request);
            if !next.optional {
                self.insist(&request?, next.place, progress, outlet).await?;
            } else if let Ok(request) = request {
                // The answer is whole: counts that do not come are unknown, and that is all.
                let counted = timeout(COUNTS_LIMIT, self.send(&request, progress, outlet)).await;
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
        outlet: &mut Outlet<'_, '_>,
    ) -> Result<(), Stop> {
        for wait in follow::WAITS {
            match self.send(request, progress, outlet).await {
                Err(Stop::Failed(failure)) if failure.status.is_some_and(|status| status >= 500) => {}
                result => return result.map_err(|stop| stop.at(place)),
            }
            let then = Instant::now() + wait;
            within(self.attempt, (progress, outlet), then, sleep_until(then)).await?;
        }
        self.send(request, progress, outlet).await.map_err(|stop| stop.at(place))
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
    outlet: &mut Outlet<'_, '_>,
) -> Result<(), Stop> {
    let mut events = Vec::new();
    let mut unflushed = 0;
    let mut since = Instant::now();
    let mut broken = None;
    while !decoder.is_done() {
        let at_hand = if unflushed < BATCH { response.chunk_at_hand() } else { None };
        let next = if let Some(chunk) = at_hand {
            chunk.map(Some)
        } else {
            outlet.flush().map_err(Stop::Output)?;
            unflushed = 0;
            let chunk = within(attempt, (progress, outlet), since, response.chunk());
            let Some(chunk) = before(outlet.due(), chunk).await else {
                outlet.release().map_err(Stop::Output)?;
                continue;
            };
            chunk.flatten()
        };
        since = Instant::now();
        match next {
            Ok(Some(chunk)) => {
                unflushed += chunk.len();
                let pushed = decoder.push(&chunk, &mut events);
                pass_on(&mut events, progress, outlet)?;
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
    pass_on(&mut events, progress, outlet)?;
    match (ended, broken) {
        // A connection that breaks after the format's own end, or after the reason to finish, lost nothing.
        (Ok(()), _) => Ok(()),
        (Err(_), Some(failure)) | (Err(failure), None) => {
            let cut = failure.class == FailureClass::IncompleteStream;
            if cut && decoder.recover() { Ok(()) } else { Err(failure.into()) }
        }
    }
}

/// What `work` gives; `None` when the moment comes first.
async fn before<T>(moment: Option<Instant>, work: impl Future<Output = T>) -> Option<T> {
    match moment {
        Some(moment) => timeout_at(moment, work).await.ok(),
        None => Some(work.await),
    }
}

fn pass_on(events: &mut Vec<Event>, progress: &mut Progress, outlet: &mut Outlet<'_, '_>) -> Result<(), Stop> {
    for mut event in events.drain(..) {
        redact::event(&progress.secrets, &mut event);
        outlet.came(&event)?;
        progress.note(&event);
        if progress.length > ANSWER_CAP {
            let message = format!("the answer is larger than {} MiB", ANSWER_CAP >> 20);
            return Err(Failure::new(FailureClass::Protocol, "answer cap", message).into());
        }
        let joined = outlet.join(event)?;
        progress.anew |= outlet.anew;
        if let Some(event) = joined {
            progress.reply.apply(&event);
            outlet.show(event).map_err(Stop::Output)?;
        }
    }
    Ok(())
}

/// Waits for `work`, no longer than the tightest limit that holds just now. `since` is the last sign of life.
async fn within<T>(
    attempt: &Try<'_>,
    (progress, outlet): (&Progress, &Outlet<'_, '_>),
    since: Instant,
    work: impl Future<Output = T>,
) -> Result<T, Failure> {
    let limits = attempt.limits;
    let next = match progress.first_content {
        Some(_) => Limit::new(since, limits.idle.value, FailureClass::TimeoutIdle),
        None => Limit::new(progress.began, limits.first_token.value, FailureClass::TimeoutFirstToken),
    };
    attempt.whole(progress, outlet.has_shown(), since).tighter(next).wait(work).await
}

impl Try<'_> {
    /// The limit of the whole attempt. As long as nobody has read anything of it, later targets have their share of the time:
    /// whoever has brought nothing gives way, and so does whoever falls silent over an answer that is held.
    fn whole(&self, progress: &Progress, shown: bool, since: Instant) -> Limit {
        let deadline = Limit::until(self.deadline, FailureClass::TimeoutTotal);
        let own = self.limits.attempt.as_ref();
        let own = own.map(|limit| Limit::new(progress.began, limit.value, FailureClass::TimeoutAttempt));
        let came = progress.first_content.is_some();
        let waits = !(came && shown || self.reserved.is_zero());
        let at = self.deadline.checked_sub(self.reserved).filter(|_| waits);
        let at = at.map(|at| if came { at.max(since + PAUSE.min(self.reserved)) } else { at });
        let kept = at.map(|at| Limit::until(at, FailureClass::TimeoutAttempt));
        own.into_iter().chain(kept).fold(deadline, Limit::tighter)
    }
}

/// What a reply that came to its end is worth.
fn verdict(progress: &Progress, on_empty: OnEmpty) -> Outcome {
    let reply = &progress.reply;
    // What only repeats the text that it was to go on with has found that text whole.
    let is_empty = reply.is_empty() && progress.first_text.is_none();
    let accepted = on_empty == OnEmpty::Accept && reply.finish.is_some();
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
        _ if is_empty && accepted => Outcome::Complete,
        Some(FinishReason::Length) if is_empty => {
            failed(FailureClass::EmptyResponse, "the token limit was used up before the answer began".to_owned())
        }
        _ if is_empty => failed(FailureClass::EmptyResponse, "the answer is empty".to_owned()),
        // Of an answer that the token limit cut, a call may be half; that is told as such.
        Some(FinishReason::Length) => Outcome::Complete,
        _ if reply.tool_calls.iter().any(|call| call.parsed().is_none()) => {
            failed(FailureClass::Protocol, "the arguments of a tool call are no JSON".to_owned())
        }
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
