//! AWS's own examples of signatures, and what becomes of a request to Bedrock.

use serde_json::{Value, json};

use super::*;
use crate::provider::{Auth, Row};

const NOW: &str = "2015-08-30T12:36:00Z";
const TOKEN: &str = "6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267";
const BODY_HASH: &str = "9095672bbd1f56dfc5b65f3e153adc8731a4a654192329106275f4c7b24d0b6e";

fn credentials() -> AwsCredentials {
    AwsCredentials {
        access_key_id: "AKIDEXAMPLE".to_owned(),
        secret_access_key: Secret::new("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
        session_token: None,
        expiration: None,
    }
}

/// Name, method, path, further headers, payload, signature.
type Vector<'a> = (&'a str, &'a str, &'a str, &'a [(&'a str, &'a str)], &'a str, &'a str);

/// AWS's test suite for Signature Version 4: those of its vectors that a chat request can have.
const VECTORS: &[Vector<'_>] = &[
    ("get-vanilla", "GET", "/", &[], "", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
    ("post-vanilla", "POST", "/", &[], "", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
    ("get-utf8", "GET", "/ሴ", &[], "", "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85"),
    (
        "get-unreserved",
        "GET",
        "/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
        &[],
        "",
        "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f",
    ),
    (
        "get-space-unnormalized",
        "GET",
        "/example space/",
        &[],
        "",
        "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741",
    ),
    (
        "get-vanilla-query-order-key-case",
        "GET",
        "/?Param2=value2&Param1=value1",
        &[],
        "",
        "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
    ),
    (
        "get-vanilla-query-unreserved",
        "GET",
        "/?-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz=-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
        &[],
        "",
        "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197",
    ),
    (
        "get-header-value-trim",
        "GET",
        "/",
        &[("My-Header1", " value1"), ("My-Header2", " \"a   b   c\"")],
        "",
        "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736",
    ),
    (
        "get-vanilla-with-session-token",
        "GET",
        "/",
        &[("X-Amz-Security-Token", TOKEN)],
        "",
        "07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8",
    ),
    (
        "post-x-www-form-urlencoded",
        "POST",
        "/",
        &[
            ("Content-Type", "application/x-www-form-urlencoded"),
            ("Content-Length", "13"),
            ("x-amz-content-sha256", BODY_HASH),
        ],
        "Param1=value1",
        "d3875051da38690788ef43de4db0d8f280229d82040bfac253562e56c3f20e0b",
    ),
];

#[test]
fn the_signatures_are_those_of_the_test_suite_of_aws() {
    for (name, method, path, further, payload, expected) in VECTORS {
        let scope = Scope { region: "us-east-1", service: "service", moment: "20150830T123600Z".to_owned() };
        let mut headers = vec![("Host", "example.amazonaws.com"), ("X-Amz-Date", "20150830T123600Z")];
        headers.extend_from_slice(further);
        let signed = authorization(method, path, &headers, payload, &credentials(), &scope);
        let start = "Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=";
        assert!(signed.starts_with(start), "{name}: {signed}");
        assert!(signed.ends_with(&format!(", Signature={expected}")), "{name}: {signed}");
    }
}

#[test]
fn a_path_that_is_percent_encoded_is_encoded_once_more() {
    for (path, expected) in [
        ("/test/@connections/JBDvjfGEIAMCERw%3D", "/test/%40connections/JBDvjfGEIAMCERw%253D"),
        (
            "/model/us.anthropic.claude-haiku-4-5-20251001-v1%3A0/converse",
            "/model/us.anthropic.claude-haiku-4-5-20251001-v1%253A0/converse",
        ),
        (
            "/model/arn%3Aaws%3Abedrock%3A%3A1%3Ax%2Fy/invoke",
            "/model/arn%253Aaws%253Abedrock%253A%253A1%253Ax%252Fy/invoke",
        ),
    ] {
        assert_eq!(percent_encoded(path, b"-_.~/"), expected);
    }
}

fn provider() -> Provider {
    let row = Row {
        base_url: Some("https://bedrock-runtime.us-east-1.amazonaws.com".to_owned()),
        auth: Some(Auth::Aws("bedrock".to_owned())),
        ..Row::default()
    };
    row.into_provider("b", &|_| None).expect("a provider")
}

fn request(body: Value) -> HttpRequest {
    HttpRequest {
        method: "POST",
        url: "https://bedrock-runtime.us-east-1.amazonaws.com/model/anthropic.claude-3-haiku-20240307-v1%3A0/converse"
            .to_owned(),
        headers: vec![("content-type".to_owned(), HeaderValue::Plain("application/json".to_owned()))],
        body,
    }
}

fn authorized(key: &str) -> Result<HttpRequest, Failure> {
    let mut request = request(json!({"messages": []}));
    let now = NOW.parse().expect("a moment");
    authorize(&mut request, &provider(), "bedrock", &Secret::new(key), now).map(|()| request)
}

/// The expected signature was made by AWS's own signer for Rust from the same request.
#[test]
fn a_request_to_bedrock_is_signed_as_the_signer_of_aws_signs_it() {
    let token = Some(Secret::new(TOKEN));
    let key = AwsCredentials { session_token: token, ..credentials() }.to_secret();
    let request = authorized(key.expose()).expect("signed");
    let shown = request.to_string();
    assert!(shown.contains("authorization: AWS4-HMAC-SHA256 (redacted)"), "{shown}");
    assert!(shown.contains("x-amz-security-token: (redacted)"), "{shown}");
    assert!(!shown.contains("wJalr") && !shown.contains(TOKEN), "{shown}");
    let value = request.headers.iter().find(|(name, _)| name == "authorization").map(|(_, value)| value);
    let Some(HeaderValue::Secret { secret, .. }) = value else { panic!("{value:?}") };
    assert_eq!(
        secret.expose(),
        "Credential=AKIDEXAMPLE/20150830/us-east-1/bedrock/aws4_request, \
         SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, \
         Signature=9fd585df6fbaa031307ddd524b23d6dab437d8df57b8d01fbab217ea647e3185"
    );
}

#[test]
fn a_key_of_bedrock_is_sent_as_it_is() {
    let request = authorized("ABSKQmVkcm9ja0FQSUtleQ==\n").expect("authorized");
    assert!(request.to_string().contains("authorization: Bearer (redacted)"), "{request}");
    assert_eq!(request.secrets().map(Secret::expose).collect::<Vec<_>>(), ["ABSKQmVkcm9ja0FQSUtleQ=="]);
}

#[test]
fn credentials_that_cannot_sign_or_have_expired_are_told_before_anything_is_sent() {
    let expired = AwsCredentials { expiration: NOW.parse().ok(), ..credentials() };
    for (key, rule) in [
        ("{\"AccessKeyId\": \"CANARY\"}".to_owned(), "aws credentials"),
        (expired.to_secret().expose().to_owned(), "aws credentials expired"),
    ] {
        let failure = authorized(&key).expect_err("no signature");
        assert_eq!((failure.class, failure.rule.as_str()), (FailureClass::Auth, rule));
        assert!(!format!("{failure:?}").contains("CANARY"), "{failure:?}");
    }
}

#[test]
fn the_host_is_signed_as_it_is_sent() {
    for (url, host, path) in [
        ("https://A.example:443/x", "a.example", "/x"),
        ("http://a.example:80", "a.example", "/"),
        ("http://127.0.0.1:8080/x?y=1", "127.0.0.1:8080", "/x?y=1"),
    ] {
        assert_eq!(host_and_path(url), (host.to_owned(), path));
    }
}
