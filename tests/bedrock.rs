//! Amazon Bedrock through real sockets: what is signed and sent, what comes back, and what an expired token is told as.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread::JoinHandle;

use crate::support::Llmx;

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const TOKEN: &str = "CANARY-session-token";

/// Answers one request with these bytes and gives back what was asked.
fn answer(response: Vec<u8>) -> (String, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    let served = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a connection");
        let asked = request(&mut stream);
        stream.write_all(&response).expect("written");
        asked
    });
    (address, served)
}

fn request(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut space = [0; 4096];
    loop {
        let count = stream.read(&mut space).expect("readable");
        bytes.extend_from_slice(&space[..count]);
        let text = String::from_utf8_lossy(&bytes);
        let length = text.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
        let whole = text.split_once("\r\n\r\n").zip(length).is_some_and(|((_, body), length)| body.len() >= length);
        if whole || count == 0 {
            return text.into_owned();
        }
    }
}

/// A message of an event stream.
fn message(event: &str, payload: &str) -> Vec<u8> {
    let length = |count: usize| u32::try_from(count).expect("short").to_be_bytes();
    let mut head = b"\x0b:event-type\x07".to_vec();
    head.extend_from_slice(&length(event.len())[2..]);
    head.extend_from_slice(event.as_bytes());
    let mut frame = [length(16 + head.len() + payload.len()), length(head.len())].concat();
    frame.extend_from_slice(&crc32fast::hash(&frame).to_be_bytes());
    frame.extend_from_slice(&[&head, payload.as_bytes()].concat());
    frame.extend_from_slice(&crc32fast::hash(&frame).to_be_bytes());
    frame
}

fn llmx(address: &str) -> Llmx {
    Llmx::new()
        .env("BEDROCK_BASE_URL", address)
        .env("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
        .env("AWS_SECRET_ACCESS_KEY", SECRET)
        .env("AWS_SESSION_TOKEN", TOKEN)
        .env("AWS_DEFAULT_REGION", "eu-west-3")
}

const ASK: [&str; 4] = ["complete", "-m", "bedrock/eu.amazon.nova-lite-v1:0", "Hi"];

#[test]
fn a_signed_request_is_answered_by_an_event_stream() {
    let head =
        b"HTTP/1.1 200 OK\r\ncontent-type: application/vnd.amazon.eventstream\r\nconnection: close\r\n\r\n".to_vec();
    let stream = [
        message("messageStart", "{\"role\":\"assistant\"}"),
        message("contentBlockDelta", "{\"contentBlockIndex\":0,\"delta\":{\"text\":\"Hello\"}}"),
        message("messageStop", "{\"stopReason\":\"end_turn\"}"),
        message("metadata", "{\"usage\":{\"inputTokens\":3,\"outputTokens\":1}}"),
    ];
    let (address, served) = answer([head, stream.concat()].concat());
    let output = llmx(&address).args(ASK).run().expect_code(0);
    assert_eq!(output.stdout, "Hello\n");
    let asked = served.join().expect("served");
    assert!(asked.starts_with("POST /model/eu.amazon.nova-lite-v1%3A0/converse-stream HTTP/1.1\r\n"), "{asked}");
    let credential = "authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/";
    assert!(asked.contains(credential) && asked.contains("/eu-west-3/bedrock/aws4_request, "), "{asked}");
    assert!(asked.contains("SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, "), "{asked}");
    assert!(asked.contains(&format!("x-amz-security-token: {TOKEN}\r\n")) && !asked.contains(SECRET), "{asked}");
}

#[test]
fn an_expired_token_is_told_with_what_to_do() {
    let body = "{\"message\":\"The security token included in the request is expired: CANARY-session-token\"}";
    let head = "HTTP/1.1 403 Forbidden\r\ncontent-type: application/json\r\nx-amzn-errortype: ExpiredTokenException:http://internal.amazon.com/\r\nconnection: close\r\n\r\n";
    let (address, served) = answer(format!("{head}{body}").into_bytes());
    let output = llmx(&address).args(ASK).run().expect_code(4);
    served.join().expect("served");
    assert!(output.stderr.contains("The security token included in the request is expired"), "{}", output.stderr);
    assert!(output.stderr.contains("aws configure export-credentials"), "{}", output.stderr);
    assert!(!output.stderr.contains(TOKEN) && !output.stderr.contains(SECRET), "{}", output.stderr);
}

#[test]
fn a_dry_run_shows_the_signature_s_place_and_no_secret() {
    let output = llmx("http://127.0.0.1:9").args(ASK).arg("--dry-run").run().expect_code(0);
    assert!(output.stdout.contains("authorization: AWS4-HMAC-SHA256 (redacted)"), "{}", output.stdout);
    assert!(output.stdout.contains("x-amz-security-token: (redacted)"), "{}", output.stdout);
    assert!(!output.stdout.contains(TOKEN) && !output.stdout.contains(SECRET), "{}", output.stdout);
}

#[test]
fn credentials_that_end_before_they_are_used_are_told_and_nothing_is_sent() {
    let printed = r#"{"AccessKeyId": "A", "SecretAccessKey": "CANARY", "Expiration": "2020-01-01T00:00:00Z"}"#;
    let config = format!("[providers.bedrock]\napi_key = {{ cmd = ['printf', '%s', '{printed}'] }}\n");
    let output = llmx("http://127.0.0.1:9").config(&config).args(ASK).run().expect_code(4);
    assert!(output.stderr.contains("the AWS credentials expired at 2020-01-01T00:00:00Z"), "{}", output.stderr);
    assert!(output.stderr.contains("aws sso login") && !output.stderr.contains("CANARY"), "{}", output.stderr);
}
