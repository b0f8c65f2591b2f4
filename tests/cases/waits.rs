//! Case 23: how long a provider asks to wait, in every form, and whether that is waited for.

use std::time::{Duration, SystemTime};

use crate::support::chain::words;
use crate::support::odd::{odd_alone, odd_first, respond, scripted};
use crate::support::parallel::each;
use llmx::sim::Script;

/// What becomes of a wait when nobody else can be asked.
#[derive(Clone, Copy, Debug)]
enum Waits {
    /// So many seconds, and at most a tenth more.
    Asked(f64),
    /// Our own backoff, at most a quarter of a second.
    Backoff,
    /// It is given up at once.
    TooLong,
}
use Waits::{Asked, Backoff, TooLong};

fn rate_limit(headers: &str, body: &str) -> Script {
    let head = format!("HTTP/1.1 429 Too Many Requests\r\ncontent-type: application/json\r\n{headers}");
    respond(format!("{head}content-length: {}\r\nconnection: close\r\n\r\n{body}", body.len()))
}

/// Headers and body of a 429, and what becomes of it.
fn table() -> Vec<(String, &'static str, Waits)> {
    let date = |moment| format!("retry-after: {}\r\n", httpdate::fmt_http_date(moment));
    let hour = Duration::from_hours(1);
    let header = |value: &str| format!("retry-after: {value}\r\n");
    let nothing = String::new;
    vec![
        (header("0.5"), "{}", Asked(0.5)),
        (header("2"), "{}", Asked(2.0)),
        (header("30"), "{}", TooLong),
        (header("120"), "{}", TooLong),
        (date(SystemTime::now() + hour), "{}", TooLong),
        (date(SystemTime::now() - hour), "{}", Backoff),
        (header("-1"), "{}", Backoff),
        (header("abc"), "{}", Backoff),
        (header("1e9"), "{}", TooLong),
        ("retry-after-ms: 250\r\n".to_owned(), "{}", Asked(0.25)),
        (nothing(), r#"{"error":{"code":429,"details":[{"retryDelay":"12s"}]}}"#, TooLong),
        (nothing(), r#"{"error":{"code":429,"details":[{"retryDelay":"1s"}]}}"#, Asked(1.0)),
        (nothing(), r#"{"error":{"message":"Please try again in 5.289s. Need more?"}}"#, Asked(5.289)),
        (nothing(), r#"{"error":{"message":"Please try again in 300ms."}}"#, Asked(0.3)),
        (nothing(), r#"{"error":{"message":"slow down"}}"#, Backoff),
    ]
}

/// Seconds that the line on stderr names.
fn seconds(stderr: &str) -> Option<f64> {
    let (_, rest) = stderr.split_once("trying again in ")?;
    rest.split_once('s')?.0.parse().ok()
}

#[test]
fn case_23_a_wait_is_kept_when_it_is_short_and_nobody_else_is_there() {
    each(&table(), |_, (headers, body, waits)| {
        let server = scripted(rate_limit(headers, body));
        let running = odd_alone(&server, "openai-chat", "").spawn();
        let place = format!("{headers}{body}");
        if matches!(waits, Asked(wait) if *wait > 3.0) {
            running.wait_stderr("trying again in 5.");
            return;
        }
        let output = running.finish().expect_code(5);
        let (said, requests) = (seconds(&output.stderr), server.requests());
        // What is said has one decimal.
        let (least, most) = match waits {
            Asked(wait) => (*wait, wait * 1.1 + 0.05),
            Backoff => (0.0, 0.3),
            TooLong => {
                assert_eq!((said, requests.len()), (None, 1), "{place}: {}", output.stderr);
                assert!(output.stderr.contains("too long a wait"), "{place}: {}", output.stderr);
                return;
            }
        };
        let said = said.unwrap_or_else(|| panic!("no further try: {place}: {}", output.stderr));
        assert!(said >= least - 0.051 && said <= most, "{place}: {said}");
        let waited = (requests[1].at - requests[0].at).as_secs_f64();
        assert!(waited >= least, "{place}: {waited}");
    });
}

#[test]
fn case_23_a_wait_is_never_kept_when_another_target_is_ready() {
    each(&table(), |_, (headers, body, _)| {
        let server = scripted(rate_limit(headers, body));
        let output = odd_first(&server, "openai-chat", "").run().expect_code(0);
        assert_eq!((output.stdout, server.count("odd"), server.count("healthy")), (words("healthy") + "\n", 1, 1));
        assert_eq!(seconds(&output.stderr), None, "{headers}{body}");
    });
}

#[test]
fn case_23_a_wait_beyond_the_deadline_is_not_begun() {
    let server = scripted(rate_limit("retry-after: 2\r\n", "{}"));
    let output = odd_alone(&server, "openai-chat", "").args(["--timeout", "1500ms"]).run().expect_code(5);
    assert_eq!((server.count("odd"), seconds(&output.stderr)), (1, None), "{}", output.stderr);
}
