//! Credentials of AWS as a source of keys: from the environment, from the shared credentials file, and as JSON from any
//! other source.
//!
//! What AWS's own programs find by asking servers (single sign-on, roles, machines) is theirs to find:
//! `api_key = { cmd = "aws configure export-credentials" }`.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use super::Environment;
use super::keys::{Failure, LONGEST_KEY};
use super::paths::expand;
use crate::provider::{Auth, AwsCredentials, AwsSource, Provider};
use crate::secret::Secret;

/// Where the shared credentials file is when `AWS_SHARED_CREDENTIALS_FILE` does not say.
const USUAL_FILE: &str = "~/.aws/credentials";

/// The largest credentials file that is read: a few hundred profiles.
const LARGEST_FILE: u64 = 16 * LONGEST_KEY as u64;

/// What gives credentials that no file holds.
const ASK_AWS: &str = "let llmx ask the AWS command line: `api_key = { cmd = \"aws configure export-credentials\" }`";

/// Whether a text from a key source of `provider` is meant as credentials.
pub(super) fn are_credentials(provider: &Provider, text: &str) -> bool {
    matches!(provider.auth, Auth::Aws(_)) && AwsCredentials::are_meant(text)
}

/// The JSON form of credentials, on one line.
pub(super) fn checked(text: &str) -> Result<Secret, Failure> {
    AwsCredentials::read(text).map(|credentials| credentials.to_secret()).map_err(Failure::new)
}

/// Whether credentials may be there; reads no file.
pub(super) fn there(place: AwsSource, environment: &Environment) -> bool {
    match place {
        AwsSource::Environment => AwsSource::VARIABLES[..2].iter().all(|name| environment.get(name).is_some()),
        AwsSource::Profile => file(environment).exists(),
    }
}

/// The credentials at a place; `None` when there are none.
pub(super) fn read(place: AwsSource, environment: &Environment) -> Result<Option<Secret>, Failure> {
    match place {
        AwsSource::Environment => from_environment(environment),
        AwsSource::Profile => from_profile(environment),
    }
}

/// The variables of AWS's credentials, for a program that needs them: the key command of a provider that takes them, and
/// AWS's own program whatever it is asked for.
pub(super) fn variables(provider: &Provider, argv: &[String], environment: &Environment) -> Vec<(String, String)> {
    let program = argv.first().and_then(|program| Path::new(program).file_stem());
    if !matches!(provider.auth, Auth::Aws(_)) && program.is_none_or(|program| program != "aws") {
        return Vec::new();
    }
    let set = AwsSource::VARIABLES.iter().filter_map(|name| Some((*name, environment.variables.get(*name)?)));
    set.map(|(name, value)| (name.to_owned(), value.clone())).collect()
}

fn from_environment(environment: &Environment) -> Result<Option<Secret>, Failure> {
    let [id, secret, token] = AwsSource::VARIABLES.map(|name| environment.get(name));
    match (id, secret) {
        (None, None) => Ok(None),
        (Some(_), None) => Err(Failure::new("AWS_ACCESS_KEY_ID is set and AWS_SECRET_ACCESS_KEY is not")),
        (None, Some(_)) => Err(Failure::new("AWS_SECRET_ACCESS_KEY is set and AWS_ACCESS_KEY_ID is not")),
        (Some(id), Some(secret)) => credentials(id, secret, token).map(Some),
    }
}

fn from_profile(environment: &Environment) -> Result<Option<Secret>, Failure> {
    let path = file(environment);
    let failed = |error: &std::io::Error| Failure::new(format!("cannot read {}: {error}", path.display()));
    let mut text = String::new();
    match File::open(&path) {
        Ok(file) => file.take(LARGEST_FILE).read_to_string(&mut text).map_err(|error| failed(&error))?,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(&error)),
    };
    let profile = environment.get("AWS_PROFILE").unwrap_or("default");
    let setting = |name: &str| setting(&text, profile, name);
    if let (Some(id), Some(secret)) = (setting("aws_access_key_id"), setting("aws_secret_access_key")) {
        return credentials(id, secret, setting("aws_session_token")).map(Some);
    }
    let message = format!("{} has no access key in profile `{profile}`", path.display());
    Err(Failure::new(message).hint(format!("set AWS_PROFILE to one that has, or {ASK_AWS}")))
}

fn file(environment: &Environment) -> PathBuf {
    expand(environment.get("AWS_SHARED_CREDENTIALS_FILE").unwrap_or(USUAL_FILE), environment)
}

/// Checks what was found as the JSON form is checked.
fn credentials(id: &str, secret: &str, token: Option<&str>) -> Result<Secret, Failure> {
    let found = AwsCredentials {
        access_key_id: id.to_owned(),
        secret_access_key: Secret::new(secret),
        session_token: token.map(Secret::new),
        expiration: None,
    };
    checked(found.to_secret().expose())
}

/// A setting of a profile. The file has a `[section]` line per profile, then `name = value` lines; `#` and `;` begin comments.
fn setting<'a>(text: &'a str, profile: &str, name: &str) -> Option<&'a str> {
    let lines = text.lines().map(str::trim).skip_while(|line| section(line) != Some(profile)).skip(1);
    let own = lines.take_while(|line| section(line).is_none()).filter(|line| !line.starts_with(['#', ';']));
    let mut pairs = own.filter_map(|line| line.split_once('='));
    let (_, value) = pairs.find(|(known, _)| known.trim().eq_ignore_ascii_case(name))?;
    Some(value.trim()).filter(|value| !value.is_empty())
}

fn section(line: &str) -> Option<&str> {
    line.strip_prefix('[')?.split(']').next().map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "# keys\n[default]\naws_access_key_id=AKIA1\naws_secret_access_key = s/1=\n\n[ work ]\nregion = eu-1\nAWS_ACCESS_KEY_ID = AKIA2\n; aws_secret_access_key = no\naws_secret_access_key = s2\naws_session_token = t2\n[sso]\nsso_start_url = https://x\n";

    fn environment(variables: &[(&str, &str)]) -> Environment {
        let variables = variables.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
        Environment { variables, working_directory: "/".into() }
    }

    #[test]
    fn a_profile_is_read_from_its_own_section() {
        for (profile, name, expected) in [
            ("default", "aws_secret_access_key", Some("s/1=")),
            ("default", "aws_session_token", None),
            ("work", "aws_access_key_id", Some("AKIA2")),
            ("work", "aws_secret_access_key", Some("s2")),
            ("sso", "aws_access_key_id", None),
            ("none", "aws_access_key_id", None),
        ] {
            assert_eq!(setting(FILE, profile, name), expected, "{profile} {name}");
        }
    }

    #[test]
    fn the_shared_credentials_file_is_asked_for_the_profile_of_the_environment() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("credentials");
        let path = path.to_str().expect("a path");
        let read = |profile: &str| {
            let environment = environment(&[("AWS_SHARED_CREDENTIALS_FILE", path), ("AWS_PROFILE", profile)]);
            let there = there(AwsSource::Profile, &environment);
            (there, super::read(AwsSource::Profile, &environment).map_err(|failure| format!("{failure:?}")))
        };
        assert_eq!(read("work"), (false, Ok(None)), "no file");
        std::fs::write(path, FILE).expect("written");
        let expected = r#"{"AccessKeyId":"AKIA2","SecretAccessKey":"s2","SessionToken":"t2"}"#;
        assert_eq!(read("work"), (true, Ok(Some(Secret::new(expected)))));
        let (_, missing) = read("sso");
        let missing = missing.expect_err("no key");
        assert!(missing.contains("no access key in profile `sso`"), "{missing}");
        assert!(missing.contains("aws configure export-credentials"), "{missing}");
    }

    #[test]
    fn half_an_access_key_in_the_environment_is_an_error() {
        let whole = [("AWS_ACCESS_KEY_ID", "AKIA"), ("AWS_SECRET_ACCESS_KEY", "s")];
        let read = |variables: &[(&str, &str)]| read(AwsSource::Environment, &environment(variables));
        let expected = Secret::new(r#"{"AccessKeyId":"AKIA","SecretAccessKey":"s"}"#);
        assert_eq!(read(&whole).ok(), Some(Some(expected)));
        assert_eq!(read(&[]).ok(), Some(None));
        assert!(read(&whole[..1]).is_err() && read(&whole[1..]).is_err());
        assert!(there(AwsSource::Environment, &environment(&whole)));
        assert!(!there(AwsSource::Environment, &environment(&whole[..1])));
    }
}
