//! Credentials of AWS ([`AwsCredentials`]) and where its own programs look for them ([`AwsSource`]).

use std::fmt;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::secret::Secret;

/// Where AWS's own programs look for credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AwsSource {
    /// The variables of [`AwsSource::VARIABLES`].
    Environment,
    /// The profile `AWS_PROFILE` of the shared credentials file.
    Profile,
}

impl AwsSource {
    /// The variables that hold an access key: its id, its secret, and the token of a temporary one.
    pub const VARIABLES: [&'static str; 3] = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"];

    /// The variable that holds a key of Bedrock, a secret in builds that do not know Bedrock too.
    pub const BEARER: &'static str = "AWS_BEARER_TOKEN_BEDROCK";
}

/// In words.
impl fmt::Display for AwsSource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Environment => "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
            Self::Profile => "the AWS credentials file",
        })
    }
}

/// An access key of AWS. As one text it is the JSON that `aws configure export-credentials` and every `credential_process`
/// print.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AwsCredentials {
    /// Names the key. It goes over the wire in the open.
    pub access_key_id: String,
    /// Signs, and is never sent.
    pub secret_access_key: Secret,
    /// Goes with a temporary key.
    pub session_token: Option<Secret>,
    /// When a temporary key ends, where that was said.
    pub expiration: Option<Timestamp>,
}

impl AwsCredentials {
    /// Whether a text is meant as credentials and not as a bearer key.
    pub fn are_meant(text: &str) -> bool {
        text.trim_start().starts_with('{')
    }

    /// Reads the JSON form. The error says what is wrong and never repeats the text.
    pub fn read(text: &str) -> Result<Self, String> {
        let members: Map<String, Value> =
            serde_json::from_str(text).map_err(|_| "it is no JSON of AWS credentials".to_owned())?;
        let word = |name: &str| {
            let text = members.get(name).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty());
            match text {
                Some(text) if text.bytes().all(|byte| byte.is_ascii_graphic()) => Ok(Some(text.to_owned())),
                Some(_) => Err(format!("its `{name}` has a character that no credentials have")),
                None => Ok(None),
            }
        };
        let needed = |name: &str| word(name)?.ok_or_else(|| format!("it has no `{name}`"));
        Ok(Self {
            access_key_id: needed("AccessKeyId")?,
            secret_access_key: Secret::new(needed("SecretAccessKey")?),
            session_token: word("SessionToken")?.map(Secret::new),
            expiration: word("Expiration")?.and_then(|moment| moment.parse().ok()),
        })
    }

    /// The JSON form, on one line.
    pub fn to_secret(&self) -> Secret {
        let mut members = Map::new();
        let mut set = |name: &str, value: &str| members.insert(name.to_owned(), value.into());
        set("AccessKeyId", &self.access_key_id);
        set("SecretAccessKey", self.secret_access_key.expose());
        if let Some(token) = &self.session_token {
            set("SessionToken", token.expose());
        }
        if let Some(expiration) = &self.expiration {
            set("Expiration", &expiration.to_string());
        }
        Secret::new(Value::Object(members).to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_aws_program_prints_is_read_and_written_again() {
        let printed = r#"{
  "Version": 1,
  "AccessKeyId": "ASIAEXAMPLE",
  "SecretAccessKey": "abc/+=",
  "SessionToken": "token==",
  "Expiration": "2026-11-22T12:00:00+00:00"
}"#;
        let read = AwsCredentials::read(printed).expect("credentials");
        assert_eq!((read.access_key_id.as_str(), read.secret_access_key.expose()), ("ASIAEXAMPLE", "abc/+="));
        assert_eq!(read.expiration, "2026-11-22T12:00:00Z".parse().ok());
        assert_eq!(AwsCredentials::read(read.to_secret().expose()), Ok(read));
    }

    #[test]
    fn what_is_wrong_is_said_without_a_word_of_the_secret() {
        for (text, expected) in [
            ("{CANARY", "it is no JSON of AWS credentials"),
            ("{}", "it has no `AccessKeyId`"),
            (r#"{"AccessKeyId": "CANARY", "SecretAccessKey": ""}"#, "it has no `SecretAccessKey`"),
            (r#"{"AccessKeyId": "A\nB"}"#, "its `AccessKeyId` has a character that no credentials have"),
        ] {
            assert_eq!(AwsCredentials::read(text), Err(expected.to_owned()), "{text}");
        }
    }
}
