//! What the fleet answers to one request, as data: head, steps and when each is due. Pure; [`super::serve`] carries it out.

use std::time::{Duration, SystemTime};

use hyper::body::Bytes;
use serde_json::Value;

use super::answer::{Dice, answer};
use super::dialect::{Ask, Call, Dialect, End, Event, Spoken, Thinking, Trouble};
use super::fault::{DATE_AHEAD, Fault, RetryAfter};
use super::profile::{FixedPace, Profile};
use super::tokens::pieces;

/// What an answer depends on besides the request and the fault.
#[derive(Clone, Copy)]
pub struct Situation<'a> {
    /// The provider's name.
    pub provider: &'a str,
    /// The fleet's seed.
    pub seed: u64,
    /// How many requests came before to the whole fleet.
    pub number: u64,
    /// A pace other than the provider's own, except where a fault asks for it.
    pub pace: Option<FixedPace>,
    /// The current time, for `Retry-After` dates.
    pub now: SystemTime,
}

/// A response to carry out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// HTTP status.
    pub status: u16,
    /// Headers, `content-length` included where the length is known.
    pub headers: Vec<(&'static str, String)>,
    /// When the head is due, counted from the request.
    pub head: Duration,
    /// The body, in order.
    pub steps: Vec<Step>,
}

/// One step of a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// When it is due, counted from the request.
    pub at: Duration,
    /// What happens then.
    pub act: Act,
}

/// What happens at one step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// Bytes are written.
    Send(Bytes),
    /// Nothing any more; the connection stays open.
    Silence,
    /// The connection is closed.
    Cut,
    /// The connection is reset.
    Reset,
}

/// The answer to `ask` under `fault`; `None` is no answer ever.
pub fn chat(dialect: &dyn Dialect, ask: &Ask, fault: Option<Fault>, situation: &Situation<'_>) -> Option<Response> {
    if fault == Some(Fault::Hang) {
        return None;
    }
    if let Some(Fault::Html(status)) = fault {
        return Some(html(status));
    }
    if let Some(trouble) = fault.and_then(trouble_of) {
        let mut response = refusal(dialect, ask, trouble, situation);
        response.headers.extend(fault.and_then(|fault| retry_after(dialect, ask, fault, situation.now)));
        return Some(response);
    }
    let spoken = speak(ask, fault, situation);
    let pace = Pace::new(fault, situation);
    if let Some(promise) = dialect.promise(ask, spoken.number) {
        return Some(promised(dialect, &promise, fault, pace));
    }
    let mut response = if ask.stream {
        streamed(dialect, ask, &spoken, fault, pace)
    } else {
        whole(dialect, ask, &spoken, fault, pace)
    };
    response.headers.extend(dialect.headers(&request_id(situation), situation.number, situation.now));
    Some(response)
}

/// A refused request.
pub fn refusal(dialect: &dyn Dialect, ask: &Ask, trouble: Trouble, situation: &Situation<'_>) -> Response {
    let (status, mut body) = dialect.trouble(trouble, ask);
    let request_id = request_id(situation);
    if let Some(id) = body.get_mut("request_id") {
        *id = format!("req_{request_id}").into();
    }
    let mut response = json(status, &body);
    dialect.trouble_type(ask).clone_into(&mut response.headers[0].1);
    response.headers.extend(dialect.trouble_headers(trouble));
    response.headers.extend(dialect.headers(&request_id, situation.number, situation.now));
    response
}

/// An answer that is to be fetched elsewhere. What will spoil that answer does so there; but the promise is the JSON that
/// can be spoilt.
fn promised(dialect: &dyn Dialect, promise: &Value, fault: Option<Fault>, pace: Pace) -> Response {
    let spoilt = matches!(fault, Some(Fault::Malformed(_)));
    let text = if spoilt { format!("{{malformed {promise}") } else { promise.to_string() };
    Response { head: pace.head / 4, ..json_text(dialect.status(), pace.head / 4, text) }
}

/// A JSON body, at once.
pub fn json(status: u16, body: &Value) -> Response {
    one_piece(status, "application/json", body.to_string())
}

/// A body that claims to be JSON, due at that time.
fn json_text(status: u16, at: Duration, body: String) -> Response {
    let mut response = one_piece(status, "application/json", body);
    response.head = at;
    response.steps[0].at = at;
    response
}

fn html(status: u16) -> Response {
    let title = if status == 200 { "Sign in to the network" } else { "503 Service Temporarily Unavailable" };
    let page = format!(
        "<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
    );
    one_piece(status, "text/html", page)
}

fn one_piece(status: u16, content_type: &str, body: String) -> Response {
    let headers = vec![("content-type", content_type.to_owned()), ("content-length", body.len().to_string())];
    let steps = vec![Step { at: Duration::ZERO, act: Act::Send(body.into()) }];
    Response { status, headers, head: Duration::ZERO, steps }
}

fn request_id(situation: &Situation<'_>) -> String {
    format!("sim{:016x}", Dice::new(&[situation.provider], situation.seed ^ situation.number).roll())
}

fn trouble_of(fault: Fault) -> Option<Trouble> {
    Some(match fault {
        Fault::ServerError => Trouble::ServerError,
        Fault::Unavailable => Trouble::Unavailable,
        Fault::Overloaded => Trouble::Overloaded,
        Fault::RateLimit(RetryAfter::Seconds(wait) | RetryAfter::Millis(wait)) => {
            Trouble::RateLimit(u64::try_from(wait.as_millis()).ok())
        }
        Fault::RateLimit(_) => Trouble::RateLimit(None),
        Fault::Auth => Trouble::BadKey,
        Fault::Permission => Trouble::Permission,
        Fault::NotFound => Trouble::NotFound,
        Fault::Invalid => Trouble::Invalid,
        Fault::Context => Trouble::Context,
        Fault::Quota => Trouble::Quota,
        _ => return None,
    })
}

/// The header of a 429; Gemini says seconds in the body alone.
fn retry_after(dialect: &dyn Dialect, ask: &Ask, fault: Fault, now: SystemTime) -> Option<(&'static str, String)> {
    let Fault::RateLimit(retry_after) = fault else { return None };
    let in_body = dialect.trouble(Trouble::RateLimit(Some(1)), ask).1.to_string().contains("RetryInfo");
    match retry_after {
        RetryAfter::Unsaid => None,
        RetryAfter::Date => Some(("retry-after", httpdate::fmt_http_date(now + DATE_AHEAD))),
        _ if in_body => None,
        RetryAfter::Seconds(wait) => Some(("retry-after", wait.as_secs_f64().to_string())),
        RetryAfter::Millis(wait) => Some(("retry-after-ms", wait.as_millis().to_string())),
    }
}

/// The number from which a reply's ids are made.
pub fn reply_number(ask: &Ask, situation: &Situation<'_>) -> u64 {
    reply_dice(ask, situation).roll()
}

fn reply_dice(ask: &Ask, situation: &Situation<'_>) -> Dice {
    Dice::new(&[&ask.model, &ask.prompt], situation.seed ^ situation.number)
}

/// Words, thinking and end of an answer, within its limits.
fn speak(ask: &Ask, fault: Option<Fault>, situation: &Situation<'_>) -> Spoken {
    let words = answer(ask, situation.provider, situation.seed);
    let stop = ask.stop.iter().filter(|stop| !stop.is_empty());
    let stop = stop.filter_map(|stop| Some((words.text.find(stop.as_str())?, stop))).min();
    let (text, end) = match stop {
        Some((at, stop)) => (&words.text[..at], End::StopSequence(stop.clone())),
        None => (words.text.as_str(), End::Stop),
    };
    let mut dice = reply_dice(ask, situation);
    let number = dice.roll();
    let call = |(name, arguments): (String, Value)| Call {
        number: dice.roll(),
        name,
        pieces: pieces(&arguments.to_string()),
        arguments,
    };
    let calls: Vec<Call> = words.calls.into_iter().map(call).collect();
    let end = if calls.is_empty() { end } else { End::Calls };
    let shows_thinking = ask.thinking == Thinking::Shown && Profile::of(situation.provider).shows_thinking;
    let mut spoken =
        Spoken { number, thinking: pieces(&words.thinking), shows_thinking, text: pieces(text), calls, end };
    let half = spoken.text.len().div_ceil(2);
    match fault {
        Some(Fault::Empty) => {
            spoken.thinking.clear();
            spoken.text.clear();
            spoken.calls.clear();
            spoken.end = End::Stop;
        }
        Some(Fault::Filter) => {
            spoken.text.truncate(half);
            spoken.calls.clear();
            spoken.end = End::Filter;
        }
        Some(Fault::Length) => {
            spoken.text.truncate(half);
            spoken.calls.clear();
            spoken.end = End::Length;
        }
        _ => {}
    }
    if let Some(limit) = ask.max_tokens.filter(|limit| *limit < spoken.output()) {
        spoken.thinking.truncate(limit);
        spoken.text.truncate(limit - spoken.thinking.len());
        // Half a call is none.
        spoken.calls.clear();
        spoken.end = End::Length;
    }
    spoken
}

/// The provider's own pace, between 0.85 and 1.25 of its typical time: real ones are never twice the same.
fn usual_pace(situation: &Situation<'_>) -> FixedPace {
    let profile = Profile::of(situation.provider);
    let share = Dice::new(&[situation.provider], situation.seed ^ situation.number).roll() % 41;
    let percent = 85 + u32::try_from(share).unwrap_or(0);
    FixedPace { first_token: profile.first_token() * percent / 100, token: profile.token() }
}

/// When the parts of an answer are due.
#[derive(Clone, Copy)]
struct Pace {
    head: Duration,
    first: Duration,
    token: Duration,
}

impl Pace {
    fn new(fault: Option<Fault>, situation: &Situation<'_>) -> Self {
        let FixedPace { first_token: first, token } = situation.pace.unwrap_or_else(|| usual_pace(situation));
        match fault {
            Some(Fault::Slow(delay)) => Self { head: Duration::ZERO, first: delay, token },
            _ => Self { head: first * 3 / 5, first, token },
        }
    }

    fn at(&self, token: usize) -> Duration {
        self.first + self.token * u32::try_from(token).unwrap_or(u32::MAX)
    }
}

/// Writes the steps of a stream.
struct Writer {
    ask: Ask,
    steps: Vec<Step>,
}

impl Writer {
    fn send(&mut self, at: Duration, events: &[Event]) {
        for event in events {
            let bytes = self.ask.framing.frame(event, self.steps.is_empty());
            self.steps.push(Step { at, act: Act::Send(bytes.into()) });
        }
    }

    /// Half of an event.
    fn send_half(&mut self, at: Duration, event: &Event) {
        let mut bytes = self.ask.framing.frame(event, self.steps.is_empty());
        bytes.truncate(bytes.len() / 2);
        self.steps.push(Step { at, act: Act::Send(bytes.into()) });
    }

    fn response(self, pace: Pace) -> Response {
        let headers = vec![("content-type", self.ask.framing.content_type().to_owned())];
        Response { status: 200, headers, head: pace.head, steps: self.steps }
    }

    /// The end that the framing has.
    fn end(&mut self, at: Duration) {
        let end = self.ask.framing.end();
        if !end.is_empty() {
            self.steps.push(Step { at, act: Act::Send(end.into()) });
        }
    }
}

fn streamed(dialect: &dyn Dialect, ask: &Ask, spoken: &Spoken, fault: Option<Fault>, pace: Pace) -> Response {
    let stream = dialect.stream(ask, spoken);
    let count = stream.tokens.len();
    let (after, breaks) = breaking(fault).map_or((count, None), |(after, breaks)| (after.min(count), Some(breaks)));
    let next = || stream.tokens.get(after).unwrap_or(&stream.after).first().cloned().unwrap_or_default();
    let (at, end) = (pace.at(after), pace.at(count.saturating_sub(1)));
    let mut writer = Writer { ask: ask.clone(), steps: Vec::new() };
    writer.send(pace.head, &stream.before);
    for (index, events) in stream.tokens.iter().take(after).enumerate() {
        writer.send(pace.at(index), events);
    }
    let goes_on = match breaks {
        None => true,
        Some(Breaks::Malformed) => {
            writer.send(at, &[next().spoilt()]);
            true
        }
        Some(Breaks::Error) => {
            writer.send(at, &dialect.broken_stream(ask));
            false
        }
        Some(Breaks::Act(act)) => {
            if ask.framing.cuts_events() && after > 0 {
                writer.send_half(at, &next());
            }
            writer.steps.push(Step { at, act });
            return writer.response(pace);
        }
    };
    if goes_on {
        for (index, events) in stream.tokens.iter().enumerate().skip(after) {
            writer.send(pace.at(index), events);
        }
        writer.send(end, &stream.after);
    }
    writer.end(end);
    writer.response(pace)
}

/// How a stream breaks.
enum Breaks {
    Act(Act),
    Error,
    Malformed,
}

/// After how many tokens a stream breaks, and how.
fn breaking(fault: Option<Fault>) -> Option<(usize, Breaks)> {
    Some(match fault? {
        Fault::Stall(after) => (after, Breaks::Act(Act::Silence)),
        Fault::Cut(after) => (after, Breaks::Act(Act::Cut)),
        Fault::Reset(after) => (after, Breaks::Act(Act::Reset)),
        Fault::Error(after) => (after, Breaks::Error),
        Fault::Malformed(after) => (after, Breaks::Malformed),
        _ => return None,
    })
}

fn whole(dialect: &dyn Dialect, ask: &Ask, spoken: &Spoken, fault: Option<Fault>, pace: Pace) -> Response {
    let at = pace.at(spoken.output());
    let (status, body) = match fault {
        Some(Fault::Error(_)) => dialect.broken_whole(ask),
        _ => (dialect.status(), dialect.whole(ask, spoken)),
    };
    let text = body.to_string();
    let act = match fault {
        Some(Fault::Stall(_)) => Act::Silence,
        Some(Fault::Cut(_)) => Act::Cut,
        Some(Fault::Reset(_)) => Act::Reset,
        Some(Fault::Malformed(_)) => return json_text(status, at, format!("{{malformed {text}")),
        _ => return json_text(status, at, text),
    };
    // The head promises the whole length, half of it comes.
    let half = Bytes::copy_from_slice(&text.as_bytes()[..text.len() / 2]);
    let mut response = json_text(status, at, text);
    response.steps = vec![Step { at, act: Act::Send(half) }, Step { at, act }];
    response
}

#[cfg(test)]
mod tests {
    use super::super::dialect::DIALECTS;
    use super::*;

    const INSTANT: Option<FixedPace> = Some(FixedPace { first_token: Duration::ZERO, token: Duration::ZERO });

    fn situation(pace: Option<FixedPace>) -> Situation<'static> {
        Situation { provider: "openai", seed: 1, number: 0, pace, now: SystemTime::UNIX_EPOCH }
    }

    fn ask() -> Ask {
        Ask { model: "m".into(), prompt: "Why is the sky blue?".into(), input: 5, stream: true, ..Ask::default() }
    }

    fn openai() -> &'static dyn Dialect {
        DIALECTS[0].2
    }

    fn sends(response: &Response) -> usize {
        response.steps.iter().filter(|step| matches!(step.act, Act::Send(_))).count()
    }

    #[test]
    fn the_first_token_and_the_rate_are_those_of_the_profile() {
        let response = chat(openai(), &ask(), None, &situation(None)).expect("an answer");
        let (first, second) = (response.steps[1].at, response.steps[2].at);
        assert!((238..=350).contains(&first.as_millis()), "{first:?}");
        assert_eq!(second, first + Profile::of("openai").token());
        assert!(response.head < first && response.steps.is_sorted_by_key(|step| step.at));
        let instant = chat(openai(), &ask(), None, &situation(INSTANT)).expect("an answer");
        assert!(instant.steps.iter().all(|step| step.at == Duration::ZERO));
    }

    #[test]
    fn a_fixed_pace_has_no_chance_in_it() {
        let pace = FixedPace { first_token: Duration::from_millis(50), token: Duration::from_millis(2) };
        for number in 0..20 {
            let situation = Situation { number, ..situation(Some(pace)) };
            let response = chat(openai(), &ask(), None, &situation).expect("an answer");
            let due: Vec<_> = response.steps[1..4].iter().map(|step| step.at.as_millis()).collect();
            assert_eq!((response.head.as_millis(), due), (30, vec![50, 52, 54]));
        }
    }

    #[test]
    fn a_fault_in_the_middle_comes_after_exactly_so_many_tokens() {
        for (wire, _, dialect) in DIALECTS {
            let stream = dialect.stream(&ask(), &speak(&ask(), None, &situation(INSTANT)));
            let sent = stream.before.len() + stream.tokens.iter().take(6).flatten().count();
            let cut = chat(*dialect, &ask(), Some(Fault::Cut(6)), &situation(INSTANT)).expect("an answer");
            assert_eq!((sends(&cut), &cut.steps.last().expect("a step").act), (sent, &Act::Cut), "{wire}");
            let error = chat(*dialect, &ask(), Some(Fault::Error(0)), &situation(INSTANT)).expect("an answer");
            assert_eq!(sends(&error), stream.before.len() + dialect.broken_stream(&ask()).len(), "{wire}");
        }
    }

    #[test]
    fn a_slow_provider_sends_its_head_at_once_and_its_first_token_late() {
        let delay = Duration::from_secs(3);
        let slow = chat(openai(), &ask(), Some(Fault::Slow(delay)), &situation(INSTANT)).expect("an answer");
        assert_eq!((slow.head, slow.steps[0].at, slow.steps[1].at), (Duration::ZERO, Duration::ZERO, delay));
    }

    #[test]
    fn the_limit_counts_thinking_and_cuts_exactly() {
        let thinking = Ask { thinking: Thinking::Shown, max_tokens: Some(3), ..ask() };
        let spoken = speak(&thinking, None, &situation(INSTANT));
        assert_eq!((spoken.thinking.len(), spoken.text.len(), spoken.end), (3, 0, End::Length));
        let roomy = Ask { max_tokens: Some(speak(&ask(), None, &situation(INSTANT)).output()), ..ask() };
        assert_eq!(speak(&roomy, None, &situation(INSTANT)).end, End::Stop);
    }

    #[test]
    fn a_stop_text_ends_the_answer_before_it() {
        let full = speak(&ask(), None, &situation(INSTANT)).text.concat();
        let stop = full.split_once(", ").map_or(".", |_| ", ").to_owned();
        let spoken = speak(&Ask { stop: vec![stop.clone()], ..ask() }, None, &situation(INSTANT));
        assert_eq!(spoken.text.concat(), full[..full.find(&stop).expect("the stop text")]);
        assert_eq!(spoken.end, End::StopSequence(stop));
    }
}
