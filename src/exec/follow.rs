//! Further requests of an attempt: where they may go, what they may carry, and the one that stops an answer which is no
//! longer wanted.

use std::time::Duration;

use jiff::Timestamp;
use tokio::time::timeout;

use super::transport::{Relation, Transport, relation};
use crate::failure::{Failure, FailureClass};
use crate::provider::Provider;
use crate::secret::Secret;
use crate::wire::{self, HeaderValue, HttpRequest};

/// The provider is told to stop within this time, or it is not told.
const CANCEL_LIMIT: Duration = Duration::from_secs(2);

/// The waits after which a further request is sent again when the server had trouble with it.
pub(super) const WAITS: [Duration; 2] = [Duration::from_millis(250), Duration::from_secs(1)];

/// The failure of a further request that got no good response. Its address stood at that place of an earlier answer, so
/// neither the model nor what was asked is at fault.
pub(super) fn failed(failure: Failure, place: &str) -> Failure {
    use FailureClass as C;
    let class = match (failure.status, failure.class) {
        (None, C::Network | C::Tls | C::TimeoutConnect) => failure.class,
        (None, _) => return failure,
        (Some(300..500), class) if !matches!(class, C::Auth | C::Permission | C::QuotaExhausted | C::RateLimit) => {
            C::Protocol
        }
        (Some(_), class) => class,
    };
    let words = failure.message.as_deref().map(|words| format!(": {words}")).unwrap_or_default();
    let message = format!("the answer goes on at the provider's `{place}`, which failed{words}");
    Failure { class, message: Some(message), ..failure }
}

/// Makes a further request fit to be sent after a first one to `first`.
///
/// The key and whatever else may be secret go along only to where the first request went; anywhere else, only what may
/// be printed does. Addresses come from the provider's answer, so one that is not encrypted, or that leads from elsewhere
/// to this machine, is refused with [`FailureClass::Protocol`].
pub(super) fn admit(
    first: &str,
    mut request: HttpRequest,
    provider: &Provider,
    key: Option<&Secret>,
) -> Result<HttpRequest, Failure> {
    match relation(first, &request.url) {
        Relation::Same => wire::authorize(&mut request, provider, key, Timestamp::now())?,
        Relation::Other => request.headers.retain(|(_, value)| matches!(value, HeaderValue::Plain(_))),
        Relation::Unsafe => {
            let message = "the answer is to be read at an address that is neither encrypted nor on the same machine";
            return Err(Failure::new(FailureClass::Protocol, "follow address", message));
        }
    }
    Ok(request)
}

/// Stops an answer that is no longer wanted. What comes of it changes nothing, so it is not waited for long.
pub(super) async fn stop(transport: &Transport, cancel: &HttpRequest) {
    let sent = async {
        if let Ok(response) = transport.send(cancel, CANCEL_LIMIT).await {
            response.error_body().await;
        }
    };
    let _ = timeout(CANCEL_LIMIT, sent).await;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::Row;

    fn admitted(first: &str, next: &str) -> Result<usize, String> {
        let row = Row { base_url: Some("https://api.example".to_owned()), ..Row::default() };
        let provider = row.into_provider("x", &|_| None).expect("a provider");
        let secret = HeaderValue::Secret { prefix: "", secret: Secret::new("custom") };
        let headers = vec![
            ("accept".to_owned(), HeaderValue::Plain("text/event-stream".to_owned())),
            ("x-custom".to_owned(), secret),
        ];
        let request = HttpRequest { method: "GET", url: next.to_owned(), headers, body: serde_json::Value::Null };
        let admitted = admit(first, request, &provider, Some(&Secret::new("key")));
        admitted.map(|request| request.secrets().count()).map_err(|failure| failure.rule)
    }

    #[test]
    fn secrets_go_only_to_the_scheme_host_and_port_of_the_first_request() {
        let first = "https://api.example/v1/predictions";
        for (next, secrets) in [
            ("https://api.example/v1/predictions/1", 2),
            ("https://api.example:443/x", 2),
            ("https://API.example/x", 2),
            ("https://stream.example/x", 0),
            ("https://api.example:444/x", 0),
            ("https://api.example.evil.example/x", 0),
            ("https://api.example@evil.example/x", 0),
            ("https://me:pw@api.example/x", 0),
        ] {
            assert_eq!(admitted(first, next), Ok(secrets), "{next}");
        }
    }

    #[test]
    fn what_is_not_encrypted_is_asked_only_on_this_machine_from_this_machine() {
        let refused = Err("follow address".to_owned());
        for next in ["http://api.example/x", "http://127.0.0.1/x", "https://127.0.0.1/x", "file:///etc/x", "x"] {
            assert_eq!(admitted("https://api.example/v1", next), refused, "{next}");
        }
        let here = "http://127.0.0.1:8080/v1";
        assert_eq!(admitted(here, "http://127.0.0.1:8080/x"), Ok(2));
        assert_eq!(admitted(here, "http://127.0.0.1:8081/x"), Ok(0));
        assert_eq!(admitted(here, "http://10.0.0.1/x"), refused);
    }
}
