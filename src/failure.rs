//! What can go wrong with an attempt ([`Failure`]), in classes ([`FailureClass`]), and what each class does, as one
//! table ([`FailureClass::rule`]).

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The classes of failure. What each does is a row of [`FailureClass::rule`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureClass {
    /// The key is missing, wrong or revoked.
    Auth,
    /// The key may not use this model, region or organisation.
    Permission,
    /// Credit or quota is spent; waiting a minute will not help.
    QuotaExhausted,
    /// Too many requests just now.
    RateLimit,
    /// The provider has no capacity just now.
    Overloaded,
    /// The provider failed (5xx).
    ServerError,
    /// No connection, or it broke before an answer began.
    Network,
    /// The server's certificate cannot be trusted.
    Tls,
    /// No connection within the connect limit.
    TimeoutConnect,
    /// No first token within its limit.
    TimeoutFirstToken,
    /// The stream went silent for longer than the idle limit.
    TimeoutIdle,
    /// The attempt used up its own limit.
    TimeoutAttempt,
    /// The request's deadline passed.
    TimeoutTotal,
    /// The prompt does not fit the model's window.
    ContextWindow,
    /// The body is too large for the provider.
    PayloadTooLarge,
    /// The provider's filter withheld the answer or rejected the prompt.
    ContentFilter,
    /// The request is wrong in a way every provider would reject.
    InvalidRequest,
    /// The model does not take a parameter that was sent.
    UnsupportedParameter,
    /// The model does not exist here, or no longer.
    ModelNotFound,
    /// The provider answered with something that is not its format.
    Protocol,
    /// The address sends elsewhere, and is not followed there.
    Redirect,
    /// The stream ended before the answer did.
    IncompleteStream,
    /// A success with nothing in it.
    EmptyResponse,
    /// A whole answer that does not fit the schema that was asked for.
    SchemaMismatch,
}

/// What the executor does after a failure of one class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The same target may be tried again, within the retry limit.
    pub retry: Retry,
    /// The next target may be tried.
    pub fall_back: FallBack,
    /// Which targets the failure speaks of.
    pub scope: Scope,
    /// The exit code when this is what the run ends with.
    pub exit_code: u8,
    /// Which failure a person should hear of first when several targets failed; lower comes first.
    pub actionable: u8,
}

/// Whether the same target is worth another try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// No: the same request fails the same way.
    Never,
    /// Yes, after a backoff.
    Backoff,
    /// Only when no other target is ready: moving on is faster than waiting.
    WhenLast,
}

/// Whether another target is worth a try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FallBack {
    /// No: it would fail anywhere, or the user must decide.
    No,
    /// Yes.
    Yes,
    /// Only to a target whose context window is larger, or not known.
    LargerWindow,
}

/// How far a failure reaches within a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// This model only.
    Target,
    /// Every model of the provider: the same key, account or host would fail again.
    Provider,
}

impl FailureClass {
    /// What this class does: whether to retry, to fall back, and how it ends a run.
    pub const fn rule(self) -> Rule {
        use FailureClass as C;
        let (retry, fall_back, exit_code, actionable) = match self {
            C::Auth => (Retry::Never, FallBack::Yes, 4, 0),
            C::Permission => (Retry::Never, FallBack::Yes, 4, 1),
            C::QuotaExhausted => (Retry::Never, FallBack::Yes, 5, 2),
            C::ContextWindow => (Retry::Never, FallBack::LargerWindow, 1, 3),
            C::InvalidRequest => (Retry::Never, FallBack::No, 1, 3),
            // A limit of bytes is another one at each provider, as is what a model takes.
            C::UnsupportedParameter | C::PayloadTooLarge => (Retry::Never, FallBack::Yes, 1, 3),
            C::ModelNotFound => (Retry::Never, FallBack::Yes, 3, 3),
            C::ContentFilter => (Retry::Never, FallBack::No, 8, 3),
            C::RateLimit => (Retry::WhenLast, FallBack::Yes, 5, 4),
            C::Overloaded => (Retry::WhenLast, FallBack::Yes, 6, 5),
            C::ServerError | C::Protocol => (Retry::Backoff, FallBack::Yes, 6, 5),
            // A cut answer took its time and its money already: with another target ready, that one is asked.
            C::IncompleteStream => (Retry::WhenLast, FallBack::Yes, 9, 5),
            C::EmptyResponse => (Retry::Backoff, FallBack::Yes, 9, 5),
            C::SchemaMismatch => (Retry::Never, FallBack::No, 9, 1),
            C::TimeoutFirstToken | C::TimeoutIdle | C::TimeoutAttempt => (Retry::Never, FallBack::Yes, 7, 6),
            C::TimeoutTotal => (Retry::Never, FallBack::No, 7, 6),
            C::TimeoutConnect => (Retry::Backoff, FallBack::Yes, 7, 7),
            C::Network => (Retry::Backoff, FallBack::Yes, 6, 7),
            C::Tls | C::Redirect => (Retry::Never, FallBack::Yes, 6, 3),
        };
        let scope = match self {
            C::Auth | C::QuotaExhausted | C::Network | C::Tls | C::TimeoutConnect => Scope::Provider,
            _ => Scope::Target,
        };
        Rule { retry, fall_back, scope, exit_code, actionable }
    }

    /// The class as a word for machines, such as `rate_limit`.
    pub const fn name(self) -> &'static str {
        use FailureClass as C;
        match self {
            C::Auth => "auth",
            C::Permission => "permission",
            C::QuotaExhausted => "quota_exhausted",
            C::RateLimit => "rate_limit",
            C::Overloaded => "overloaded",
            C::ServerError => "server_error",
            C::Network => "network",
            C::Tls => "tls",
            C::TimeoutConnect => "timeout_connect",
            C::TimeoutFirstToken => "timeout_first_token",
            C::TimeoutIdle => "timeout_idle",
            C::TimeoutAttempt => "timeout_attempt",
            C::TimeoutTotal => "timeout_total",
            C::ContextWindow => "context_window",
            C::PayloadTooLarge => "payload_too_large",
            C::ContentFilter => "content_filter",
            C::InvalidRequest => "invalid_request",
            C::UnsupportedParameter => "unsupported_parameter",
            C::ModelNotFound => "model_not_found",
            C::Protocol => "protocol",
            C::Redirect => "redirect",
            C::IncompleteStream => "incomplete_stream",
            C::EmptyResponse => "empty_response",
            C::SchemaMismatch => "schema_mismatch",
        }
    }
}

impl FailureClass {
    /// The class of that name; `None` for a word that is none.
    pub fn named(name: &str) -> Option<Self> {
        serde_json::from_value(serde_json::Value::from(name)).ok()
    }
}

/// The class as words for people.
impl fmt::Display for FailureClass {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        use FailureClass as C;
        formatter.write_str(match self {
            C::Auth => "key rejected",
            C::Permission => "not permitted",
            C::QuotaExhausted => "quota or credit exhausted",
            C::RateLimit => "rate limited",
            C::Overloaded => "overloaded",
            C::ServerError => "server error",
            C::Network => "no connection",
            C::Tls => "certificate not trusted",
            C::TimeoutConnect => "connect timeout",
            C::TimeoutFirstToken => "no first token in time",
            C::TimeoutIdle => "stream went silent",
            C::TimeoutAttempt => "attempt took too long",
            C::TimeoutTotal => "deadline passed",
            C::ContextWindow => "prompt larger than the context window",
            C::PayloadTooLarge => "request too large",
            C::ContentFilter => "content filter",
            C::InvalidRequest => "request rejected",
            C::UnsupportedParameter => "unsupported parameter",
            C::ModelNotFound => "model not found",
            C::Protocol => "not the provider's format",
            C::Redirect => "redirected",
            C::IncompleteStream => "answer cut off",
            C::EmptyResponse => "empty answer",
            C::SchemaMismatch => "answer does not fit the schema",
        })
    }
}

/// When a provider asks to be called again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryAfter {
    /// After this long.
    In(Duration),
    /// At this moment.
    At(Timestamp),
}

impl RetryAfter {
    /// The longest wait that is told: monthly quotas reset within it. What is longer counts as this.
    pub const LONGEST: Duration = Duration::from_hours(31 * 24);

    /// How long to wait from `now`, at most [`Self::LONGEST`]; `None` for a moment that has passed.
    pub fn delay(self, now: Timestamp) -> Option<Duration> {
        let delay = match self {
            Self::In(delay) => delay,
            Self::At(moment) => Duration::try_from(moment.duration_since(now)).ok()?,
        };
        Some(delay.min(Self::LONGEST))
    }
}

/// One failed attempt's reason, in llmx's class and in the provider's words.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Failure {
    /// What sort of failure it is.
    pub class: FailureClass,
    /// Which rule decided the class, for people who doubt it (`status 429`, `code insufficient_quota`, …).
    pub rule: String,
    /// HTTP status; `None` for an error inside a stream or a body with status 200, and without a response.
    pub status: Option<u16>,
    /// The provider's error type.
    pub kind: Option<String>,
    /// The provider's error code; numbers as their digits.
    pub code: Option<String>,
    /// The provider's message, or llmx's own when no provider spoke. Untrusted: sanitise before printing.
    pub message: Option<String>,
    /// The provider's id of the request, for its support desk.
    pub request_id: Option<String>,
    /// How long the provider asks to wait, from any of the forms in which it may say so.
    #[serde(skip)]
    pub retry_after: Option<RetryAfter>,
    /// The provider may have billed the attempt.
    pub maybe_billed: bool,
    /// The parameter that an unsupported one is about, as the provider writes it (`max_tokens`, `reasoning.effort`).
    pub parameter: Option<String>,
    /// The parameter that the provider asks for instead.
    pub instead: Option<String>,
    /// By how much the prompt does not fit, where the provider says so.
    pub overflow: Option<Overflow>,
}

/// Tokens against the window, in the provider's own count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Overflow {
    /// Tokens that the request would need.
    pub needed: Option<u64>,
    /// Tokens that fit.
    pub window: Option<u64>,
}

impl fmt::Display for Overflow {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.needed, self.window) {
            (Some(needed), Some(window)) => write!(formatter, "{needed} tokens, and {window} fit"),
            (Some(needed), None) => write!(formatter, "{needed} tokens"),
            (None, Some(window)) => write!(formatter, "more tokens than the {window} that fit"),
            (None, None) => formatter.write_str("too many tokens"),
        }
    }
}

impl Failure {
    /// A failure that llmx itself found, with its own words.
    pub fn new(class: FailureClass, rule: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            class,
            rule: rule.into(),
            status: None,
            kind: None,
            code: None,
            message: Some(message.into()),
            request_id: None,
            retry_after: None,
            maybe_billed: false,
            parameter: None,
            instead: None,
            overflow: None,
        }
    }
}
