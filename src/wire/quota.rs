//! What providers say in their headers of what is left of their limits: [`read`] knows all the forms, and passes over what
//! makes no sense.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{ResponseHead, retry_after};
use crate::provider::TargetId;

/// What is left of one limit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quota {
    /// Whose.
    pub target: TargetId,
    /// Of what.
    pub of: QuotaOf,
    /// The whole limit, where it was said.
    pub limit: Option<u64>,
    /// What was left.
    pub remaining: u64,
    /// When there is more.
    pub resets: Timestamp,
}

/// What a limit counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QuotaOf {
    /// Requests.
    Requests,
    /// Tokens.
    Tokens,
}

impl QuotaOf {
    /// As a word for machines.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Requests => "requests",
            Self::Tokens => "tokens",
        }
    }

    /// The limit of that name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Requests, Self::Tokens].into_iter().find(|of| of.name() == name)
    }
}

impl Quota {
    /// Whether a request of at least so many tokens would not be taken now.
    pub fn is_spent(&self, tokens: u64, now: Timestamp) -> bool {
        let left = match self.of {
            QuotaOf::Requests => self.remaining > 0,
            QuotaOf::Tokens => self.remaining >= tokens.max(1),
        };
        now < self.resets && !left
    }
}

/// Three headers that speak of one limit.
struct Form {
    of: QuotaOf,
    limit: &'static str,
    remaining: &'static str,
    resets: &'static str,
}

const fn form(of: QuotaOf, limit: &'static str, remaining: &'static str, resets: &'static str) -> Form {
    Form { of, limit, remaining, resets }
}

/// The forms of OpenAI, Azure and Groq; Anthropic; Cerebras; Mistral; OpenRouter and Together. What counts the tokens of
/// answers is left out: nobody knows how long one will be.
const FORMS: &[Form] = &[
    form(
        QuotaOf::Requests,
        "x-ratelimit-limit-requests",
        "x-ratelimit-remaining-requests",
        "x-ratelimit-reset-requests",
    ),
    form(QuotaOf::Tokens, "x-ratelimit-limit-tokens", "x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens"),
    form(
        QuotaOf::Requests,
        "anthropic-ratelimit-requests-limit",
        "anthropic-ratelimit-requests-remaining",
        "anthropic-ratelimit-requests-reset",
    ),
    form(
        QuotaOf::Tokens,
        "anthropic-ratelimit-tokens-limit",
        "anthropic-ratelimit-tokens-remaining",
        "anthropic-ratelimit-tokens-reset",
    ),
    form(
        QuotaOf::Tokens,
        "anthropic-ratelimit-input-tokens-limit",
        "anthropic-ratelimit-input-tokens-remaining",
        "anthropic-ratelimit-input-tokens-reset",
    ),
    form(
        QuotaOf::Requests,
        "x-ratelimit-limit-requests-day",
        "x-ratelimit-remaining-requests-day",
        "x-ratelimit-reset-requests-day",
    ),
    form(
        QuotaOf::Tokens,
        "x-ratelimit-limit-tokens-minute",
        "x-ratelimit-remaining-tokens-minute",
        "x-ratelimit-reset-tokens-minute",
    ),
    form(
        QuotaOf::Tokens,
        "x-ratelimitbysize-limit-minute",
        "x-ratelimitbysize-remaining-minute",
        "ratelimitbysize-reset",
    ),
    form(QuotaOf::Requests, "x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"),
    form(QuotaOf::Tokens, "x-tokenlimit-limit", "x-tokenlimit-remaining", "x-tokenlimit-reset"),
];

/// No limit that is told so is longer; what claims to be is nonsense, or no limit to wait for.
const LONGEST: Duration = Duration::from_hours(24);

/// What a response says is left, for requests and for tokens the tightest that it names.
pub fn read(head: &ResponseHead, target: &TargetId, now: Timestamp) -> Vec<Quota> {
    let of_form = |form: &Form| {
        let count = |name| head.header(name)?.trim().parse::<u64>().ok();
        let resets = moment(head.header(form.resets)?.trim(), now)?;
        let (of, limit, remaining) = (form.of, count(form.limit), count(form.remaining)?);
        Some(Quota { target: target.clone(), of, limit, remaining, resets })
    };
    let all: Vec<Quota> = FORMS.iter().filter_map(of_form).collect();
    let tightest = |of| all.iter().filter(|quota| quota.of == of).min_by_key(|quota| quota.remaining).cloned();
    [QuotaOf::Requests, QuotaOf::Tokens].into_iter().filter_map(tightest).collect()
}

/// When a limit resets: a date, a moment in seconds or milliseconds since 1970, seconds from now, or a duration such as
/// `6m0s`.
fn moment(text: &str, now: Timestamp) -> Option<Timestamp> {
    let from_now = |wait: Duration| now.checked_add(jiff::SignedDuration::try_from(wait).ok()?).ok();
    let moment = match (text.parse::<i64>(), text.parse::<f64>(), text.parse::<Timestamp>()) {
        (Ok(1_000_000_000_000..), ..) => Timestamp::from_millisecond(text.parse().ok()?).ok(),
        (Ok(1_000_000_000..), ..) => Timestamp::from_second(text.parse().ok()?).ok(),
        (_, Ok(seconds), _) => from_now(Duration::try_from_secs_f64(seconds).ok()?),
        (.., Ok(moment)) => Some(moment),
        _ => from_now(retry_after::duration(text)?),
    }?;
    let wait = Duration::try_from(moment.duration_since(now)).ok()?;
    (wait <= LONGEST).then_some(moment)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: &str = "2026-01-01T00:00:00Z";

    fn quotas(headers: &[(&str, &str)]) -> Vec<(QuotaOf, Option<u64>, u64, f64)> {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let now: Timestamp = NOW.parse().expect("a moment");
        let all = read(&ResponseHead { status: 200, headers }, &TargetId::new("p", "m"), now);
        all.iter()
            .map(|quota| (quota.of, quota.limit, quota.remaining, quota.resets.duration_since(now).as_secs_f64()))
            .collect()
    }

    #[test]
    fn every_providers_form_is_read() {
        use QuotaOf::{Requests, Tokens};
        let openai = [
            ("x-ratelimit-limit-requests", "5000"),
            ("x-ratelimit-remaining-requests", "4999"),
            ("x-ratelimit-reset-requests", "20ms"),
            ("x-ratelimit-limit-tokens", "160000"),
            ("x-ratelimit-remaining-tokens", "0"),
            ("x-ratelimit-reset-tokens", "6m0s"),
        ];
        assert_eq!(quotas(&openai), [(Requests, Some(5000), 4999, 0.02), (Tokens, Some(160_000), 0, 360.0)]);
        let groq = [("x-ratelimit-remaining-requests", "7"), ("x-ratelimit-reset-requests", "2m59.56s")];
        assert_eq!(quotas(&groq), [(Requests, None, 7, 179.56)]);
        let azure = [("x-ratelimit-remaining-tokens", "12"), ("x-ratelimit-reset-tokens", "30")];
        assert_eq!(quotas(&azure), [(Tokens, None, 12, 30.0)]);
        let anthropic = [
            ("anthropic-ratelimit-requests-limit", "50"),
            ("anthropic-ratelimit-requests-remaining", "49"),
            ("anthropic-ratelimit-requests-reset", "2026-01-01T00:01:00Z"),
            ("anthropic-ratelimit-tokens-remaining", "9000"),
            ("anthropic-ratelimit-tokens-reset", "2026-01-01T00:00:30Z"),
            ("anthropic-ratelimit-input-tokens-remaining", "100"),
            ("anthropic-ratelimit-input-tokens-reset", "2026-01-01T00:00:40Z"),
        ];
        assert_eq!(quotas(&anthropic), [(Requests, Some(50), 49, 60.0), (Tokens, None, 100, 40.0)]);
        let cerebras = [
            ("x-ratelimit-limit-requests-day", "14400"),
            ("x-ratelimit-remaining-requests-day", "14399"),
            ("x-ratelimit-reset-requests-day", "33011.382867"),
            ("x-ratelimit-remaining-tokens-minute", "59000"),
            ("x-ratelimit-reset-tokens-minute", "11.5"),
        ];
        let read = quotas(&cerebras);
        assert_eq!((read.len(), read[0].1, read[1].2, read[1].3), (2, Some(14_400), 59_000, 11.5));
        let mistral = [
            ("x-ratelimitbysize-limit-minute", "500000"),
            ("x-ratelimitbysize-remaining-minute", "499000"),
            ("ratelimitbysize-reset", "25"),
        ];
        assert_eq!(quotas(&mistral), [(Tokens, Some(500_000), 499_000, 25.0)]);
        let openrouter = [("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1767225660000")];
        assert_eq!(quotas(&openrouter), [(Requests, None, 0, 60.0)]);
        let together = [
            ("x-ratelimit-limit", "10"),
            ("x-ratelimit-remaining", "9"),
            ("x-ratelimit-reset", "1"),
            ("x-tokenlimit-remaining", "3000"),
            ("x-tokenlimit-reset", "1"),
        ];
        assert_eq!(quotas(&together), [(Requests, Some(10), 9, 1.0), (Tokens, None, 3000, 1.0)]);
    }

    #[test]
    fn what_makes_no_sense_is_passed_over() {
        let with = |remaining, resets| {
            quotas(&[("x-ratelimit-remaining-requests", remaining), ("x-ratelimit-reset-requests", resets)])
        };
        for (remaining, resets) in [
            ("-1", "1s"),
            ("x", "1s"),
            ("", "1s"),
            ("1.5", "1s"),
            ("1", ""),
            ("1", "soon"),
            ("1", "-5"),
            ("1", "NaN"),
            ("1", "inf"),
            ("1", "25h"),
            ("1", "90000"),
            ("1", "2025-12-31T23:59:00Z"),
            ("1", "1e300"),
        ] {
            assert_eq!(with(remaining, resets), [], "{remaining} {resets}");
        }
        assert_eq!(quotas(&[("x-ratelimit-remaining-requests", "1")]), []);
        assert_eq!(quotas(&[]), []);
    }

    proptest! {
        #[test]
        fn no_header_panics(remaining in ".{0,20}", resets in "[-+0-9.eETZ:hmsNaif]{0,24}") {
            quotas(&[("x-ratelimit-remaining", &remaining), ("x-ratelimit-reset", &resets)]);
            quotas(&[("x-ratelimit-remaining", "1"), ("x-ratelimit-reset", &resets)]);
        }
    }
}
