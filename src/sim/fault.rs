//! Faults by name: the table of what can go wrong, and the text that asks for it (`openai:500x2,*:slow=3s,groq:cut~30%`).

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use super::answer::Dice;

/// One thing that goes wrong with one request. `After` counts are tokens of the answer that arrive first.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fault {
    /// 500.
    ServerError,
    /// 503.
    Unavailable,
    /// 529.
    Overloaded,
    /// 429 with one of the forms of asking to wait.
    RateLimit(RetryAfter),
    /// The key is rejected.
    Auth,
    /// 403.
    Permission,
    /// The model does not exist.
    NotFound,
    /// The request is rejected.
    Invalid,
    /// The prompt does not fit the window.
    Context,
    /// Credit or daily quota is spent.
    Quota,
    /// Nobody listens on the port.
    Refuse,
    /// The request is read and never answered.
    Hang,
    /// The first token comes this late.
    Slow(Duration),
    /// Silence after so many tokens.
    Stall(usize),
    /// The connection is closed after so many tokens.
    Cut(usize),
    /// The connection is reset after so many tokens.
    Reset(usize),
    /// The provider reports an error inside its 200 after so many tokens.
    Error(usize),
    /// One event after so many tokens is no JSON.
    Malformed(usize),
    /// A success with nothing in it.
    Empty,
    /// A page of HTML with this status.
    Html(u16),
    /// The content filter ends the answer half-way.
    Filter,
    /// The length limit ends the answer half-way.
    Length,
}

impl Fault {
    /// Whether it stands in the place of any answer, a list of models included, instead of spoiling a chat's answer.
    pub fn replaces_answer(self) -> bool {
        use Fault as F;
        !matches!(
            self,
            F::Slow(_)
                | F::Stall(_)
                | F::Cut(_)
                | F::Reset(_)
                | F::Error(_)
                | F::Malformed(_)
                | F::Empty
                | F::Filter
                | F::Length
        )
    }
}

/// How a 429 says when to come back.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum RetryAfter {
    /// Not at all.
    Unsaid,
    /// `retry-after` in seconds, fractions included; `RetryInfo` where the format has it.
    Seconds(Duration),
    /// `retry-after-ms`.
    Millis(Duration),
    /// `retry-after` as the HTTP date two seconds ahead.
    Date,
}

/// How long [`RetryAfter::Date`] asks to wait.
pub const DATE_AHEAD: Duration = Duration::from_secs(2);

/// A name in the table of faults.
pub struct FaultRow {
    /// The name; the aliases follow it.
    pub names: &'static [&'static str],
    /// How it is written, with its argument.
    pub usage: &'static str,
    /// What it does, as half a sentence.
    pub does: &'static str,
    shape: Shape,
}

/// What a fault takes besides its name.
enum Shape {
    Plain(Fault),
    After(fn(usize) -> Fault),
    Delay,
    RetryAfter,
}

/// Tokens before a fault in the middle when `@N` is not given.
const AFTER: usize = 5;
/// Delay of `slow` when none is given.
const DELAY: Duration = Duration::from_secs(8);

const fn row(names: &'static [&'static str], usage: &'static str, does: &'static str, shape: Shape) -> FaultRow {
    FaultRow { names, usage, does, shape }
}

/// All faults, as help prints them.
pub const FAULTS: &[FaultRow] = &[
    row(&["500"], "500", "internal server error", Shape::Plain(Fault::ServerError)),
    row(&["503", "down"], "503, down", "service unavailable", Shape::Plain(Fault::Unavailable)),
    row(&["529"], "529", "overloaded", Shape::Plain(Fault::Overloaded)),
    row(
        &["429"],
        "429, 429=2, 429=0.5, 429=250ms, 429=date",
        "rate limit, asking to wait that long",
        Shape::RetryAfter,
    ),
    row(&["401"], "401", "the key is rejected (Gemini says that with 400)", Shape::Plain(Fault::Auth)),
    row(&["403"], "403", "the key may not use this", Shape::Plain(Fault::Permission)),
    row(&["404", "gone"], "404, gone", "the model does not exist", Shape::Plain(Fault::NotFound)),
    row(&["400"], "400", "the request is rejected", Shape::Plain(Fault::Invalid)),
    row(&["context"], "context", "the prompt is larger than the context window", Shape::Plain(Fault::Context)),
    row(&["quota"], "quota", "credit or daily quota is spent", Shape::Plain(Fault::Quota)),
    row(&["refuse"], "refuse", "the connection is refused", Shape::Plain(Fault::Refuse)),
    row(&["hang"], "hang", "the request is read and never answered", Shape::Plain(Fault::Hang)),
    row(&["slow"], "slow, slow=8s, slow=500ms", "the first token comes that late", Shape::Delay),
    row(&["stall"], "stall@N", "silence after N tokens, the connection stays open", Shape::After(Fault::Stall)),
    row(&["cut"], "cut@N", "the connection is closed after N tokens", Shape::After(Fault::Cut)),
    row(&["reset"], "reset@N", "the connection is reset after N tokens", Shape::After(Fault::Reset)),
    row(&["error"], "error@N", "an error event inside the 200 after N tokens", Shape::After(Fault::Error)),
    row(&["malformed"], "malformed@N", "one event after N tokens is no JSON", Shape::After(Fault::Malformed)),
    row(&["empty"], "empty", "a success with nothing in it", Shape::Plain(Fault::Empty)),
    row(&["html"], "html", "a page of HTML with status 200", Shape::Plain(Fault::Html(200))),
    row(&["html503"], "html503", "a page of HTML with status 503", Shape::Plain(Fault::Html(503))),
    row(&["filter"], "filter", "the content filter ends the answer half-way", Shape::Plain(Fault::Filter)),
    row(&["length"], "length", "the length limit ends the answer half-way", Shape::Plain(Fault::Length)),
];

/// A fault for some requests.
#[derive(Clone, Debug, PartialEq)]
pub struct FaultRule {
    /// `*`, a provider, or `provider/model`.
    pub target: String,
    /// What goes wrong.
    pub fault: Fault,
    /// Only with so many in a hundred of the target's requests, from 1 to 100.
    pub percent: Option<u32>,
    /// Only with so many of the target's requests, the first that reach this rule.
    pub times: Option<u32>,
}

impl FaultRule {
    /// Whether the rule speaks of this model of this provider.
    pub fn concerns(&self, provider: &str, model: &str) -> bool {
        self.target == "*"
            || match self.target.split_once('/') {
                Some((name, wanted)) => name == provider && wanted == model,
                None => self.target == provider,
            }
    }

    /// Whether it hits the request that reaches it after `before` others, by chance that comes from `seed` alone.
    pub fn hits(&self, provider: &str, before: u32, seed: u64) -> bool {
        let name = self.fault.to_string();
        let chance = || Dice::new(&["fault", provider, &self.target, &name], seed ^ u64::from(before)).roll() % 100;
        self.times.is_none_or(|times| before < times)
            && self.percent.is_none_or(|percent| chance() < u64::from(percent))
    }

    /// Whether it hits every request to its target.
    fn lasts(&self) -> bool {
        self.times.is_none() && self.percent.is_none()
    }
}

/// The faults of a fleet, in order: for each request the first rule that concerns it and hits it applies, rules for a
/// named target before those for `*`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Faults {
    /// The rules, named targets first.
    pub rules: Vec<FaultRule>,
}

impl Faults {
    /// Whether connections to `provider` are refused: always or never, so rules for some of its requests have no say.
    pub fn refuse(&self, provider: &str) -> bool {
        let mut lasting = self.rules.iter().filter(|rule| rule.lasts());
        lasting.find(|rule| rule.concerns(provider, "")).is_some_and(|rule| rule.fault == Fault::Refuse)
    }
}

/// Why a fault text was not understood, and what would have been.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultError(String);

impl fmt::Display for FaultError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for FaultError {}

/// Reads `[TARGET:]NAME[@N][=VALUE][~P%][xK]`, joined by commas; no target means all providers.
impl FromStr for Faults {
    type Err = FaultError;
    fn from_str(text: &str) -> Result<Self, FaultError> {
        let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
        let mut rules = items.map(read_rule).collect::<Result<Vec<_>, _>>()?;
        rules.sort_by_key(|rule| rule.target == "*");
        Ok(Self { rules })
    }
}

fn read_rule(item: &str) -> Result<FaultRule, FaultError> {
    // Model names may hold colons (`llama3.1:8b`), fault names do not.
    let (target, rest) = item.rsplit_once(':').unwrap_or(("*", item));
    if target.is_empty() {
        return Err(FaultError(format!("no provider before the colon in the fault `{item}`")));
    }
    let (rest, times) = match rest.rsplit_once('x') {
        Some((head, digits)) if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            let times = digits.parse().map_err(|_| FaultError(format!("`{digits}` is too many times in `{item}`")))?;
            (head, Some(times))
        }
        _ => (rest, None),
    };
    let (rest, percent) = match rest.split_once('~') {
        Some((head, share)) => (head, Some(read_percent(share).ok_or_else(|| wrong_share(item))?)),
        None => (rest, None),
    };
    let rule = FaultRule { target: target.to_owned(), fault: read_fault(rest)?, percent, times };
    if rule.fault == Fault::Refuse && (!rule.lasts() || target.contains('/')) {
        let message =
            format!("`{item}`: a refused connection concerns all requests to a provider; write `PROVIDER:refuse`");
        return Err(FaultError(message));
    }
    Ok(rule)
}

fn read_percent(text: &str) -> Option<u32> {
    let digits = text.strip_suffix('%').filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))?;
    digits.parse().ok().filter(|percent| (1..=100).contains(percent))
}

fn wrong_share(item: &str) -> FaultError {
    FaultError(format!("cannot read the share in `{item}`: write `~1%` to `~100%`, before `xK` if both are there"))
}

fn read_fault(text: &str) -> Result<Fault, FaultError> {
    let (head, value) = text.split_once('=').map_or((text, None), |(head, value)| (head, Some(value)));
    let (name, after) = head.split_once('@').map_or((head, None), |(name, after)| (name, Some(after)));
    let row = FAULTS.iter().find(|row| row.names.contains(&name)).ok_or_else(|| unknown(name))?;
    let wrong = || FaultError(format!("cannot read the fault `{text}`: write {}", row.usage));
    match (&row.shape, after, value) {
        (Shape::Plain(fault), None, None) => Ok(*fault),
        (Shape::After(build), after, None) => after.map_or(Ok(AFTER), str::parse).map(build).map_err(|_| wrong()),
        (Shape::Delay, None, value) => value.map_or(Some(DELAY), read_duration).map(Fault::Slow).ok_or_else(wrong),
        (Shape::RetryAfter, None, value) => {
            value.map_or(Some(RetryAfter::Unsaid), read_retry_after).map(Fault::RateLimit).ok_or_else(wrong)
        }
        _ => Err(wrong()),
    }
}

fn unknown(name: &str) -> FaultError {
    let known = || FAULTS.iter().flat_map(|row| row.names.iter().copied());
    let nearest = known().map(|known| (strsim::damerau_levenshtein(name, known), known)).min();
    let hint = match nearest {
        Some((distance, nearest)) if distance <= 2 => format!("did you mean `{nearest}`? "),
        _ => String::new(),
    };
    FaultError(format!("unknown fault `{name}`; {hint}known faults: {}", known().collect::<Vec<_>>().join(", ")))
}

/// Seconds when there is no unit.
fn read_duration(text: &str) -> Option<Duration> {
    let (number, unit) = [("ms", 0.001), ("s", 1.0), ("m", 60.0)]
        .into_iter()
        .find_map(|(unit, seconds)| Some((text.strip_suffix(unit)?, seconds)))
        .unwrap_or((text, 1.0));
    Duration::try_from_secs_f64(number.parse::<f64>().ok()? * unit).ok()
}

fn read_retry_after(text: &str) -> Option<RetryAfter> {
    match text {
        "date" => Some(RetryAfter::Date),
        _ if text.ends_with("ms") => read_duration(text).map(RetryAfter::Millis),
        _ => read_duration(text).map(RetryAfter::Seconds),
    }
}

/// As [`Faults::from_str`] reads it.
impl fmt::Display for Faults {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, rule) in self.rules.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            write!(formatter, "{comma}{rule}")?;
        }
        Ok(())
    }
}

impl fmt::Display for FaultRule {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.target, self.fault)?;
        if let Some(percent) = self.percent {
            write!(formatter, "~{percent}%")?;
        }
        if let Some(times) = self.times {
            write!(formatter, "x{times}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RateLimit(RetryAfter::Unsaid) => write!(formatter, "429"),
            Self::RateLimit(RetryAfter::Seconds(wait)) => write!(formatter, "429={}", wait.as_secs_f64()),
            Self::RateLimit(RetryAfter::Millis(wait)) => write!(formatter, "429={}ms", wait.as_millis()),
            Self::RateLimit(RetryAfter::Date) => write!(formatter, "429=date"),
            Self::Slow(delay) => write!(formatter, "slow={}s", delay.as_secs_f64()),
            Self::Stall(after) => write!(formatter, "stall@{after}"),
            Self::Cut(after) => write!(formatter, "cut@{after}"),
            Self::Reset(after) => write!(formatter, "reset@{after}"),
            Self::Error(after) => write!(formatter, "error@{after}"),
            Self::Malformed(after) => write!(formatter, "malformed@{after}"),
            plain => {
                let row = FAULTS.iter().find(|row| matches!(&row.shape, Shape::Plain(known) if known == plain));
                formatter.write_str(row.map_or("", |row| row.names[0]))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> FaultRule {
        let faults: Faults = text.parse().expect("a fault");
        assert_eq!(faults.rules.len(), 1);
        faults.rules[0].clone()
    }

    #[test]
    fn every_row_can_be_written_as_its_usage_says() {
        for row in FAULTS {
            for usage in row.usage.split(", ") {
                let text = usage.replace("@N", "@6");
                let read: Faults = text.parse().expect("the usage is readable");
                assert_eq!(read.to_string().parse(), Ok(read), "{text}");
            }
        }
    }

    #[test]
    fn counts_values_times_and_targets_are_read() {
        assert_eq!(
            one("openai:cut@12x3"),
            FaultRule { target: "openai".into(), fault: Fault::Cut(12), percent: None, times: Some(3) }
        );
        assert_eq!(one("slow=1.5").fault, Fault::Slow(Duration::from_millis(1500)));
        assert_eq!(one("429=250ms").fault, Fault::RateLimit(RetryAfter::Millis(Duration::from_millis(250))));
        assert_eq!(one("429=0.5").fault, Fault::RateLimit(RetryAfter::Seconds(Duration::from_millis(500))));
        assert_eq!(one("ollama/llama3.1:8b:500").target, "ollama/llama3.1:8b");
        assert_eq!(one("context").target, "*");
    }

    #[test]
    fn a_share_stands_before_the_times_and_comes_back_as_it_was_written() {
        for text in ["openai:500~30%", "groq/llama3.1:8b:429=250ms~5%x20", "*:cut@6~100%"] {
            assert_eq!(one(text).to_string(), text);
        }
        assert_eq!((one("500~30%x7").percent, one("500~30%x7").times), (Some(30), Some(7)));
    }

    #[test]
    fn a_share_hits_about_so_many_and_the_same_for_the_same_seed() {
        let hit = |text: &str, provider, seed| -> Vec<u32> {
            let rule = one(text);
            (0..1000).filter(|before| rule.hits(provider, *before, seed)).collect()
        };
        let first = hit("500~30%", "openai", 1);
        assert!((250..=350).contains(&first.len()), "{}", first.len());
        assert_eq!(hit("500~30%", "openai", 1), first);
        for other in [hit("500~30%", "openai", 2), hit("500~30%", "groq", 1), hit("503~30%", "openai", 1)] {
            let both = other.iter().filter(|number| first.contains(number)).count();
            assert!((50..=130).contains(&both), "{both} of {} are the same", other.len());
        }
        assert_eq!(hit("500~100%x3", "openai", 1), [0, 1, 2]);
        assert!(hit("500~30%x20", "openai", 1).iter().eq(first.iter().filter(|number| **number < 20)));
    }

    #[test]
    fn rules_for_a_named_target_come_before_those_for_all() {
        let faults: Faults = "*:slow, openai:500x1,".parse().expect("faults");
        assert_eq!(faults.rules[0].target, "openai");
        assert!(faults.rules[0].concerns("openai", "gpt-4o") && !faults.rules[0].concerns("groq", "gpt-4o"));
        assert!(one("openai/a:500").concerns("openai", "a") && !one("openai/a:500").concerns("openai", "b"));
    }

    #[test]
    fn a_provider_is_refused_always_or_never() {
        let faults: Faults = "openai:500,groq:500x1,xai:500~9%,*:refuse".parse().expect("faults");
        let refused = ["openai", "groq", "xai", "gemini"].map(|provider| faults.refuse(provider));
        assert_eq!(refused, [false, true, true, true]);
    }

    #[test]
    fn mistakes_are_told_with_what_would_be_right() {
        let error = |text: &str| text.parse::<Faults>().expect_err("not a fault").to_string();
        assert!(
            error("openai:stal@3")
                .starts_with("unknown fault `stal`; did you mean `stall`? known faults: 500, 503, down")
        );
        assert!(!error("banana").contains("did you mean"));
        assert_eq!(error("cut@many"), "cannot read the fault `cut@many`: write cut@N");
        assert_eq!(error("slow=-1s"), "cannot read the fault `slow=-1s`: write slow, slow=8s, slow=500ms");
        assert_eq!(error("500=3"), "cannot read the fault `500=3`: write 500");
        for text in ["openai:refusex2", "openai:refuse~5%"] {
            assert!(error(text).contains("PROVIDER:refuse"), "{text}");
        }
        for text in ["500~0%", "500~101%", "500~30", "500~%", "500~+5%", "500~30x2%", "500~1%~2%"] {
            assert!(error(text).contains(&format!("the share in `{text}`")), "{text}");
        }
        assert!(error(":500").contains("no provider"));
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics(text in ".{0,40}") {
            let _ = text.parse::<Faults>();
        }
    }
}
