//! One request that costs nothing and shows whether a provider can be reached and takes a key: the first page of its list of
//! models.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use super::fetch::{Bounds, ask, whole};
use super::list::{BYTES, CONNECT};
use super::transport::Transport;
use crate::failure::Failure;
use crate::provider::Provider;
use crate::secret::Secret;
use crate::wire::models::{Format, Listed, Page, of};
use crate::wire::{HttpRequest, ResponseHead};

/// What came of it.
#[derive(Debug)]
pub struct Contact {
    /// What the provider answered.
    pub answer: Result<Reached, Failure>,
    /// How far this machine's clock is ahead of the provider's; `None` when it did not say.
    pub clock_ahead: Option<SignedDuration>,
    /// To the end of the answer.
    pub time: Duration,
}

/// How much an answer shows.
#[derive(Debug)]
pub enum Reached {
    /// It listed models to whoever has the key.
    Key(Listing),
    /// It lists models to everybody, so nothing is known of the key.
    Open(Listing),
    /// It answers, and has no list to ask for.
    Unlisted,
}

/// The first page of a list of models.
#[derive(Debug)]
pub struct Listing {
    /// The models on it.
    pub models: Vec<Listed>,
    /// There are more pages.
    pub more: bool,
}

/// Asks a provider; `limit` is for each of at most two requests.
pub async fn contact(transport: &Transport, provider: &Provider, key: Option<&Secret>, limit: Duration) -> Contact {
    let began = Instant::now();
    let bounds = Bounds { connect: CONNECT.min(limit), total: limit, bytes: BYTES };
    let mut clock_ahead = None;
    let answer = match of(provider) {
        Some(format) => {
            let first = page(transport, provider, format, key, bounds, &mut clock_ahead).await;
            match first {
                // Who is not shown a wrong key must not say that it works.
                Ok(listing) if key.is_some() => {
                    let open = page(transport, provider, format, None, bounds, &mut None).await.is_ok();
                    Ok(if open { Reached::Open(listing) } else { Reached::Key(listing) })
                }
                Ok(listing) => Ok(Reached::Open(listing)),
                Err(failure) => Err(failure),
            }
        }
        None => knock(transport, provider, bounds, &mut clock_ahead).await,
    };
    Contact { answer, clock_ahead, time: began.elapsed() }
}

async fn page(
    transport: &Transport,
    provider: &Provider,
    format: &Format,
    key: Option<&Secret>,
    bounds: Bounds,
    clock_ahead: &mut Option<SignedDuration>,
) -> Result<Listing, Failure> {
    let read = ask(transport, provider, key, format.encode(provider, None), bounds, |response| {
        *clock_ahead = ahead(&response.head, Timestamp::now());
        if response.is_success() {
            format.decode(&response.body)
        } else {
            Err(format.failure(&response.head, &response.body))
        }
    });
    let Page { models, next } = read.await?;
    Ok(Listing { models, more: next.is_some() })
}

/// Whether anybody answers at the address, whatever it is.
async fn knock(
    transport: &Transport,
    provider: &Provider,
    bounds: Bounds,
    clock_ahead: &mut Option<SignedDuration>,
) -> Result<Reached, Failure> {
    let request = HttpRequest {
        method: "GET",
        url: provider.base_url.clone(),
        headers: Vec::new(),
        body: serde_json::Value::Null,
    };
    let response = whole(transport, &request, bounds).await?;
    *clock_ahead = ahead(&response.head, Timestamp::now());
    Ok(Reached::Unlisted)
}

/// How far `now` is ahead of the moment at which a response was made. One that a cache has kept says how old it is.
fn ahead(head: &ResponseHead, now: Timestamp) -> Option<SignedDuration> {
    let made = httpdate::parse_http_date(head.header("date")?).ok()?;
    let age = head.header("age").and_then(|age| age.trim().parse().ok()).unwrap_or(0);
    let then = Timestamp::try_from(made).ok()?.checked_add(SignedDuration::from_secs(age)).ok()?;
    Some(now.duration_since(then))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ahead_of(headers: &[(&str, &str)]) -> Option<i64> {
        let headers = headers.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
        let now = "2026-11-20T12:00:00Z".parse().expect("a time");
        ahead(&ResponseHead { status: 200, headers }, now).map(|ahead| ahead.as_secs())
    }

    #[test]
    fn a_clock_is_compared_with_the_date_of_the_answer() {
        let date = |value| [("date", value)];
        assert_eq!(ahead_of(&date("Fri, 20 Nov 2026 12:00:00 GMT")), Some(0));
        assert_eq!(ahead_of(&date("Fri, 20 Nov 2026 11:50:00 GMT")), Some(600));
        assert_eq!(ahead_of(&date("Fri, 20 Nov 2026 13:00:00 GMT")), Some(-3600));
        let kept = [("date", "Fri, 20 Nov 2026 11:00:00 GMT"), ("age", "3600")];
        assert_eq!(ahead_of(&kept), Some(0));
        assert_eq!(ahead_of(&date("yesterday")), None);
        assert_eq!(ahead_of(&[]), None);
    }
}
