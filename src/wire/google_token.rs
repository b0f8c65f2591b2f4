//! Google's access tokens: what a credentials file holds ([`Account`]), the request that turns it into a token, and what
//! the answer means. Pure: who reads the file and asks is elsewhere.
//!
//! Service accounts sign a claim (RFC 7523); a user's login has a refresh token (RFC 6749 §6).
//! <https://developers.google.com/identity/protocols/oauth2/service-account#httprest>

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{ResponseHead, classify, path_segment};
use crate::failure::{Failure, FailureClass};
use crate::secret::Secret;

/// What a token may be used for: everything that the account itself may do in Google Cloud.
const SCOPE: &str = "https://www.googleapis.com/auth/cloud-platform";

/// Where tokens are given out when the file does not say.
const TOKEN_URI: &str = "https://oauth2.googleapis.com/token";

/// How long a signed claim is good for, in seconds: the longest that Google takes.
const CLAIM_LIFE: i64 = 3600;

/// How long a token is good for when the answer does not say.
const TOKEN_LIFE: Duration = Duration::from_hours(1);

/// How much of the endpoint's words is told, in characters.
const SHOWN: usize = 200;

/// What to do about a file that is none of the two sorts.
const OTHER_WAY: &str = "make one with `gcloud iam service-accounts keys create`, or use `api_key = { cmd = \"gcloud auth print-access-token\" }`";

/// Who asks for a token. `Debug` shows no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    token_uri: String,
    holder: Holder,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Holder {
    Service { email: String, key: Secret, key_id: Option<String> },
    User { client_id: String, client_secret: Secret, refresh_token: Secret },
}

/// Why there can be no token. Never holds a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountError {
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub hint: String,
}

impl AccountError {
    fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: message.into(), hint: hint.into() }
    }
}

/// A request for a token: a form, whose text is a secret as a whole.
#[derive(Clone, Debug)]
pub struct TokenRequest {
    /// Where it is posted.
    pub url: String,
    /// The encoded form.
    pub form: Secret,
    /// The secrets in it, which must not come back in words.
    secrets: Vec<Secret>,
}

/// An access token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// The token itself.
    pub secret: Secret,
    /// How long it is good for.
    pub life: Duration,
}

/// The members that count of a credentials file.
#[derive(Default, Deserialize)]
#[serde(default)]
struct File {
    r#type: String,
    client_email: String,
    private_key: String,
    private_key_id: Option<String>,
    token_uri: Option<String>,
    client_id: String,
    client_secret: String,
    refresh_token: String,
}

impl File {
    fn holder(self) -> Result<Holder, AccountError> {
        let lacks = |name: &str| AccountError::new(format!("it has no `{name}`, so it is incomplete"), OTHER_WAY);
        let filled = |name: &str, text: String| if text.is_empty() { Err(lacks(name)) } else { Ok(text) };
        let secret = |name: &str, text: String| filled(name, text).map(Secret::new);
        match self.r#type.as_str() {
            "service_account" => Ok(Holder::Service {
                email: filled("client_email", self.client_email)?,
                key: secret("private_key", self.private_key)?,
                key_id: self.private_key_id,
            }),
            "authorized_user" => Ok(Holder::User {
                client_id: filled("client_id", self.client_id)?,
                client_secret: secret("client_secret", self.client_secret)?,
                refresh_token: secret("refresh_token", self.refresh_token)?,
            }),
            "" => Err(AccountError::new("it is no file of Google credentials: it names no `type`", OTHER_WAY)),
            other => {
                let plain: String = other.chars().filter(char::is_ascii_graphic).take(40).collect();
                let sorts = "only service accounts and user logins";
                Err(AccountError::new(
                    format!("credentials of the type `{plain}` are not supported, {sorts}"),
                    OTHER_WAY,
                ))
            }
        }
    }
}

impl Account {
    /// Reads a credentials file. Its words are never repeated: any of them may be the secret.
    pub fn read(json: &str) -> Result<Self, AccountError> {
        let none = |_| AccountError::new("it is no file of Google credentials", OTHER_WAY);
        let file: File = serde_json::from_str(json).map_err(none)?;
        let token_uri = file.token_uri.clone().filter(|uri| !uri.is_empty()).unwrap_or_else(|| TOKEN_URI.to_owned());
        if !is_safe(&token_uri) {
            let message = "its `token_uri` is no `https://` address, so the credentials would be sent unprotected";
            return Err(AccountError::new(message, "download the file again from Google Cloud"));
        }
        Ok(Self { token_uri, holder: file.holder()? })
    }

    /// The request for a token, signed as of `now` where the account signs.
    pub fn request(&self, now: Timestamp) -> Result<TokenRequest, AccountError> {
        let (form, secrets) = match &self.holder {
            Holder::Service { email, key, key_id } => {
                let assertion = self.assertion(email, key, key_id.as_deref(), now)?;
                let grant = "urn:ietf:params:oauth:grant-type:jwt-bearer";
                (form(&[("grant_type", grant), ("assertion", &assertion)]), vec![Secret::new(assertion)])
            }
            Holder::User { client_id, client_secret, refresh_token } => {
                let members = [
                    ("grant_type", "refresh_token"),
                    ("client_id", client_id),
                    ("client_secret", client_secret.expose()),
                    ("refresh_token", refresh_token.expose()),
                ];
                (form(&members), vec![client_secret.clone(), refresh_token.clone()])
            }
        };
        Ok(TokenRequest { url: self.token_uri.clone(), form: Secret::new(form), secrets })
    }

    /// The claim that the account is who it says, signed with its key (RS256).
    fn assertion(
        &self,
        email: &str,
        key: &Secret,
        key_id: Option<&str>,
        now: Timestamp,
    ) -> Result<String, AccountError> {
        let mut header = json!({"alg": "RS256", "typ": "JWT"});
        if let Some(id) = key_id {
            header["kid"] = json!(id);
        }
        let issued = now.as_second();
        let claims = json!({
            "iss": email, "scope": SCOPE, "aud": self.token_uri, "iat": issued, "exp": issued + CLAIM_LIFE,
        });
        let encoded = |value: &serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!("{}.{}", encoded(&header), encoded(&claims));
        let signature = sign(key, message.as_bytes()).ok_or_else(|| {
            AccountError::new(
                "its `private_key` cannot be read as an RSA key",
                "download the file again from Google Cloud, or make a new key",
            )
        })?;
        Ok(format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }

    /// What the endpoint's answer to `request` means.
    pub fn token(&self, request: &TokenRequest, head: &ResponseHead, body: &[u8]) -> Result<Token, Failure> {
        if !(200..300).contains(&head.status) {
            return Err(self.refused(request, head, body));
        }
        let answer: Value = serde_json::from_slice(body).unwrap_or_default();
        match answer["access_token"].as_str().filter(|token| is_plain(token)) {
            Some(token) => {
                let life = life(&answer["expires_in"]).unwrap_or(TOKEN_LIFE);
                Ok(Token { secret: Secret::new(token), life })
            }
            None => Err(Failure::new(
                FailureClass::Protocol,
                "token",
                format!("{} answered without an `access_token`", self.endpoint()),
            )),
        }
    }

    fn refused(&self, request: &TokenRequest, head: &ResponseHead, body: &[u8]) -> Failure {
        let answer: Value = serde_json::from_slice(body).unwrap_or_default();
        let text = |name: &str| answer[name].as_str().unwrap_or_default().to_owned();
        let (code, words) = (text("error"), text("error_description"));
        let told = if words.is_empty() { code.clone() } else { format!("{code}: {words}") };
        let told = request.secrets.iter().fold(told, |told, secret| secret.redact(&told));
        let told: String = told.chars().filter(|letter| !letter.is_control()).take(SHOWN).collect();
        let failure = classify::http_failure(head, b"");
        let place = format!("{} (HTTP {})", self.endpoint(), head.status);
        let (class, message) = if matches!(head.status, 400 | 401 | 403) {
            let advice = self.advice(&code, &words.to_ascii_lowercase());
            (FailureClass::Auth, format!("{place} refuses the credentials: {told} ({advice})"))
        } else if failure.class == FailureClass::Redirect {
            (failure.class, format!("{place}: {}", failure.message.unwrap_or_default()))
        } else {
            (failure.class, format!("{place} gives out no token just now; try again later {told}"))
        };
        let code = Some(code).filter(|code| !code.is_empty());
        Failure { class, code, message: Some(message.trim_end().to_owned()), maybe_billed: false, ..failure }
    }

    /// What to check, told by the endpoint's code and words.
    fn advice(&self, code: &str, words: &str) -> String {
        let Holder::Service { email, .. } = &self.holder else {
            return match code {
                "invalid_grant" => "the login has expired or was revoked; run `gcloud auth application-default login`",
                _ => "run `gcloud auth application-default login` again",
            }
            .to_owned();
        };
        let keys = format!("`gcloud iam service-accounts keys list --iam-account {email}`");
        let says = |part: &str| words.contains(part);
        match () {
            () if says("signature") => {
                format!("the key was deleted or is another account's; see {keys}, and make a new one")
            }
            () if says("iat") || says("short-lived") || says("timeframe") => {
                "this machine's clock is off; set it".to_owned()
            }
            () if says("account not found") => "the service account was deleted; make a new one with a key".to_owned(),
            () if code == "invalid_grant" => {
                format!("check this machine's clock, and that the key still exists: {keys}")
            }
            () => format!("check that the service account is enabled and its key exists: {keys}"),
        }
    }

    /// The endpoint's host, for words.
    pub fn endpoint(&self) -> &str {
        host(&self.token_uri)
    }
}

/// A life time in whole seconds, as a number or as a text. One that makes no sense counts as none.
fn life(told: &Value) -> Option<Duration> {
    let seconds = told.as_f64().or_else(|| told.as_str()?.trim().parse().ok())?;
    let life = Duration::try_from_secs_f64(seconds).ok()?;
    Some(Duration::from_secs(life.as_secs()))
}

/// Fit for a header.
fn is_plain(token: &str) -> bool {
    !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic())
}

fn form(members: &[(&str, &str)]) -> String {
    let pairs: Vec<_> = members.iter().map(|(name, value)| format!("{name}={}", path_segment(value))).collect();
    pairs.join("&")
}

fn host(address: &str) -> &str {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().unwrap_or_default()
}

/// Encrypted, or to this machine alone.
fn is_safe(address: &str) -> bool {
    let host = host(address);
    let name = host.rsplit_once(':').filter(|_| !host.ends_with(']')).map_or(host, |(name, _)| name);
    let plain = address.bytes().all(|byte| byte.is_ascii_graphic()) && !host.is_empty() && !host.contains(['@', '\\']);
    let loopback = matches!(name, "localhost" | "127.0.0.1" | "[::1]");
    plain && (address.starts_with("https://") || (address.starts_with("http://") && loopback))
}

/// Signs with a private key in PEM, PKCS#8 as Google writes it or PKCS#1; `None` when it is no RSA key.
fn sign(key: &Secret, message: &[u8]) -> Option<Vec<u8>> {
    let pair = match PrivateKeyDer::from_pem_slice(key.expose().as_bytes()).ok()? {
        PrivateKeyDer::Pkcs8(der) => RsaKeyPair::from_pkcs8(der.secret_pkcs8_der()),
        PrivateKeyDer::Pkcs1(der) => RsaKeyPair::from_der(der.secret_pkcs1_der()),
        _ => return None,
    };
    let pair = pair.ok()?;
    let mut signature = vec![0; pair.public().modulus_len()];
    pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature).ok()?;
    Some(signature)
}

#[cfg(test)]
mod tests;
