//! Tests of the pure side of access tokens. The key is made for this test and opens nothing.

use base64::Engine as _;
use proptest::prelude::*;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};

use super::*;

const KEY: &str = include_str!("../../../tests/support/test_only_key.pem");

fn file(members: &Value) -> String {
    let mut file = json!({
        "type": "service_account", "client_email": "me@p.iam.gserviceaccount.com", "private_key": KEY,
        "private_key_id": "k1", "token_uri": "https://oauth2.googleapis.com/token",
    });
    for (name, value) in members.as_object().expect("an object") {
        file[name.as_str()] = value.clone();
    }
    file.to_string()
}

fn service() -> Account {
    Account::read(&file(&json!({}))).expect("sound")
}

fn user() -> Account {
    let file = r#"{"type":"authorized_user","client_id":"c.apps","client_secret":"s3cr3t-CANARY","refresh_token":"1//CANARY&x"}"#;
    Account::read(file).expect("sound")
}

fn answer(account: &Account, status: u16, body: &str) -> Result<Token, Failure> {
    let request = account.request(Timestamp::UNIX_EPOCH).expect("a request");
    account.token(&request, &ResponseHead { status, ..ResponseHead::default() }, body.as_bytes())
}

#[test]
fn a_service_account_signs_a_claim_for_an_hour() {
    let now = Timestamp::from_second(1_700_000_000).expect("a time");
    let request = service().request(now).expect("a request");
    assert_eq!(request.url, "https://oauth2.googleapis.com/token");
    let form = request.form.expose();
    let prefix = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=";
    let assertion = form.strip_prefix(prefix).expect("a form");
    let (message, signature) = assertion.rsplit_once('.').expect("three parts");
    let parts: Vec<Value> = message
        .split('.')
        .map(|part| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).expect("base64")).expect("JSON"))
        .collect();
    assert_eq!(parts[0], json!({"alg": "RS256", "typ": "JWT", "kid": "k1"}));
    let claims = json!({
        "iss": "me@p.iam.gserviceaccount.com", "scope": "https://www.googleapis.com/auth/cloud-platform",
        "aud": "https://oauth2.googleapis.com/token", "iat": 1_700_000_000, "exp": 1_700_003_600,
    });
    assert_eq!(parts[1], claims);
    let PrivateKeyDer::Pkcs8(der) = PrivateKeyDer::from_pem_slice(KEY.as_bytes()).expect("PEM") else {
        panic!("PKCS#8")
    };
    let pair = RsaKeyPair::from_pkcs8(der.secret_pkcs8_der()).expect("a key");
    let signature = URL_SAFE_NO_PAD.decode(signature).expect("base64");
    let public = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, pair.public());
    public.verify(message.as_bytes(), &signature).expect("the signature holds");
}

#[test]
fn a_login_sends_its_refresh_token_as_a_form() {
    let request = user().request(Timestamp::UNIX_EPOCH).expect("a request");
    assert_eq!(request.url, TOKEN_URI);
    let expected =
        "grant_type=refresh_token&client_id=c.apps&client_secret=s3cr3t-CANARY&refresh_token=1%2F%2FCANARY%26x";
    assert_eq!(request.form.expose(), expected);
    assert!(!format!("{request:?} {:?}", user()).contains("CANARY"));
    assert!(!format!("{:?}", service()).contains("BEGIN"));
}

#[test]
fn a_file_that_is_none_says_what_is_wrong() {
    let table = [
        ("CANARY".to_owned(), "it is no file of Google credentials"),
        ("[1]".to_owned(), "it is no file of Google credentials"),
        ("{}".to_owned(), "it is no file of Google credentials: it names no `type`"),
        (file(&json!({"private_key": ""})), "it has no `private_key`, so it is incomplete"),
        (
            file(&json!({"type": "external_account"})),
            "credentials of the type `external_account` are not supported, only service accounts and user logins",
        ),
    ];
    for (text, expected) in table {
        let error = Account::read(&text).expect_err(expected);
        assert_eq!(error.message, expected);
        assert!(error.hint.contains("gcloud"), "{}", error.hint);
    }
}

#[test]
fn credentials_go_nowhere_unprotected_but_to_this_machine() {
    for uri in
        ["https://oauth2.googleapis.com/token", "http://127.0.0.1:8080/token", "http://localhost/t", "http://[::1]:1/"]
    {
        assert!(Account::read(&file(&json!({"token_uri": uri}))).is_ok(), "{uri}");
    }
    for uri in [
        "http://oauth2.googleapis.com/token",
        "http://localhost.evil.example/",
        "http://127.0.0.1@evil.example/",
        "https://",
        "ftp://x/",
        "http://127.0.0.1\\@evil.example/",
    ] {
        let error = Account::read(&file(&json!({"token_uri": uri}))).expect_err(uri);
        assert!(error.message.starts_with("its `token_uri` is no `https://` address"), "{uri}");
    }
}

#[test]
fn a_key_that_cannot_be_read_is_told_without_it() {
    for key in ["CANARY", "-----BEGIN PRIVATE KEY-----\nQ0FOQVJZ\n-----END PRIVATE KEY-----\n"] {
        let account = Account::read(&file(&json!({"private_key": key}))).expect("a file");
        let error = account.request(Timestamp::UNIX_EPOCH).expect_err("no key");
        assert_eq!(error.message, "its `private_key` cannot be read as an RSA key");
    }
}

#[test]
fn a_token_is_read_with_its_life() {
    let token = answer(&service(), 200, r#"{"access_token":"ya29.x","expires_in":3599,"token_type":"Bearer"}"#);
    assert_eq!(token, Ok(Token { secret: Secret::new("ya29.x"), life: Duration::from_secs(3599) }));
    assert_eq!(answer(&service(), 200, r#"{"access_token":"t"}"#).expect("a token").life, TOKEN_LIFE);
    for (life, expected) in [
        ("\"3599\"", Duration::from_secs(3599)),
        ("3599.5", Duration::from_secs(3599)),
        ("-5", TOKEN_LIFE),
        ("1e300", TOKEN_LIFE),
        ("\"soon\"", TOKEN_LIFE),
        ("{}", TOKEN_LIFE),
    ] {
        let body = format!(r#"{{"access_token":"t","expires_in":{life},"error":{{}}}}"#);
        assert_eq!(answer(&service(), 200, &body).map(|token| token.life), Ok(expected), "{life}");
    }
    for body in ["", "<html>", "{}", r#"{"access_token":""}"#, r#"{"access_token":"a\nb"}"#] {
        let failure = answer(&service(), 200, body).expect_err(body);
        assert_eq!(failure.class, FailureClass::Protocol, "{body}");
    }
}

#[test]
fn a_refusal_says_what_to_check() {
    let grant = |words: &str| json!({"error": "invalid_grant", "error_description": words}).to_string();
    let table = [
        (service(), grant("Invalid JWT Signature."), "the key was deleted"),
        (
            service(),
            grant("Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe."),
            "this machine's clock is off",
        ),
        (service(), grant("Invalid grant: account not found"), "the service account was deleted"),
        (service(), grant("x"), "check this machine's clock, and that the key still exists: `gcloud iam"),
        (user(), grant("Token has been expired or revoked."), "run `gcloud auth application-default login`"),
        (user(), r#"{"error":"invalid_client"}"#.to_owned(), "run `gcloud auth application-default login` again"),
    ];
    for (account, body, advice) in table {
        let failure = answer(&account, 400, &body).expect_err("refused");
        let message = failure.message.expect("words");
        assert_eq!(failure.class, FailureClass::Auth);
        assert!(message.contains(advice) && message.contains("oauth2.googleapis.com"), "{message}");
    }
}

#[test]
fn an_endpoint_in_trouble_is_no_refusal_and_echoes_nothing() {
    assert_eq!(answer(&service(), 503, "").expect_err("down").class, FailureClass::Overloaded);
    assert_eq!(answer(&service(), 500, "<html>").expect_err("down").class, FailureClass::ServerError);
    let echo = r#"{"error":"invalid_grant","error_description":"bad 1//CANARY&x and s3cr3t-CANARY\u001b[2J"}"#;
    let message = answer(&user(), 400, echo).expect_err("refused").message.expect("words");
    assert!(!message.contains("CANARY") && !message.contains('\u{1b}'), "{message}");
}

proptest! {
    #[test]
    fn no_file_and_no_answer_makes_it_panic(text in ".{0,200}", uri in "(https?://)?[a-z0-9@:\\[\\]/.\\\\]{0,30}", body in prop::collection::vec(any::<u8>(), 0..200), status in 100_u16..600) {
        let _ = Account::read(&text);
        if let Ok(account) = Account::read(&file(&json!({"token_uri": uri, "private_key": text}))) {
            let _ = account.request(Timestamp::UNIX_EPOCH);
        }
        let request = user().request(Timestamp::UNIX_EPOCH).expect("a request");
        let _ = user().token(&request, &ResponseHead { status, ..ResponseHead::default() }, &body);
    }
}
