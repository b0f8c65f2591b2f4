//! Keys: whether one is to be had ([`key_state`], cheap), and the key itself ([`resolve`], only when a target is tried).

mod mark;

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::time::Duration;

use super::command::{self, Call, Trouble};
use super::layer::shell_word;
use super::paths::{expand, expand_configured};
use super::problem::sanitised;
use super::settings::open_to_others;
use super::{Environment, aws};
use crate::provider::{Auth, AwsSource, KeySource, KeyState, Provider};
use crate::secret::Secret;
use crate::wire::google_token::Account;
pub use mark::{marks, resolve_mark};

/// How long a key command may take.
pub const COMMAND_LIMIT: Duration = Duration::from_secs(10);
/// No key is longer, in bytes.
pub const LONGEST_KEY: usize = 64 * 1024;

/// What a source gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Credential {
    /// The key itself.
    Key(Secret),
    /// Somebody who is given an access token in the key's place.
    Account(Account),
}

/// Why a source gave no key. Never holds the key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyError {
    /// The provider.
    pub provider: String,
    /// The source, such as ``command `op` ``.
    pub source: String,
    /// What happened.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
}

impl fmt::Display for KeyError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "no key for `{}` from {}: {}", self.provider, self.source, self.message)
    }
}

impl std::error::Error for KeyError {}

/// Whether a key is to be had. Runs no command and reads no file; asks at most whether a file is there.
pub fn key_state(provider: &Provider, environment: &Environment) -> KeyState {
    if provider.auth == Auth::None {
        return KeyState::NotNeeded;
    }
    match provider.keys.iter().find(|source| there(source, environment)) {
        Some(source) => KeyState::Present(place(source)),
        None if provider.auth == Auth::Optional => KeyState::NotNeeded,
        None => KeyState::Missing(provider.keys.iter().map(place).collect()),
    }
}

fn there(source: &KeySource, environment: &Environment) -> bool {
    match source {
        // That the file which the variable names is not there shall be told, not passed over.
        KeySource::Env(name) | KeySource::ServiceAccountEnv(name) => environment.get(name).is_some(),
        KeySource::File(path) | KeySource::ServiceAccount(path) => expand_configured(path, environment).exists(),
        KeySource::Command(_) | KeySource::Literal(_) => true,
        KeySource::Aws(place) => aws::there(*place, environment),
    }
}

/// A source in words.
pub fn place(source: &KeySource) -> String {
    match source {
        KeySource::Env(name) | KeySource::ServiceAccountEnv(name) => name.clone(),
        KeySource::Command(argv) => format!("command `{}`", argv.first().map_or("", String::as_str)),
        KeySource::File(path) => format!("file `{path}`"),
        KeySource::ServiceAccount(path) => format!("credentials `{path}`"),
        KeySource::Literal(_) => "the configuration file".to_owned(),
        KeySource::Aws(place) => place.to_string(),
    }
}

/// The first key that a source gives; `None` when none is needed or no source has one. A source that fails is passed over,
/// and told when no other has a key; but an account that a variable names is the only one.
pub async fn resolve(provider: &Provider, environment: &Environment) -> Result<Option<Credential>, KeyError> {
    resolve_within(provider, environment, COMMAND_LIMIT).await
}

/// [`resolve`] with another limit for commands.
pub async fn resolve_within(
    provider: &Provider,
    environment: &Environment,
    limit: Duration,
) -> Result<Option<Credential>, KeyError> {
    if provider.auth == Auth::None {
        return Ok(None);
    }
    let mut first_failure = None;
    for source in &provider.keys {
        match read_source(source, provider, environment, limit).await {
            Ok(Some(key)) => return Ok(Some(key)),
            Ok(None) => {}
            // Who named an account must not be served, and billed, as somebody else.
            Err(error) if matches!(source, KeySource::ServiceAccountEnv(_)) => return Err(error),
            Err(error) => drop(first_failure.get_or_insert(error)),
        }
    }
    first_failure.map_or(Ok(None), Err)
}

/// The key of one source.
async fn read_source(
    source: &KeySource,
    provider: &Provider,
    environment: &Environment,
    limit: Duration,
) -> Result<Option<Credential>, KeyError> {
    let read = read(source, provider, environment, limit).await;
    read.map_err(|failure| KeyError {
        provider: provider.name.clone(),
        source: place(source),
        message: sanitised(&failure.message),
        hint: failure.hint,
    })
}

/// What went wrong with one source.
#[derive(Debug)]
pub(super) struct Failure {
    message: String,
    hint: Option<String>,
}

impl Failure {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), hint: None }
    }

    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

async fn read(
    source: &KeySource,
    provider: &Provider,
    environment: &Environment,
    limit: Duration,
) -> Result<Option<Credential>, Failure> {
    let key = |text: &str| {
        let key = if aws::are_credentials(provider, text) { aws::checked(text) } else { checked(text) };
        key.map(Credential::Key)
    };
    match source {
        KeySource::Env(name) => environment.get(name).map(key).transpose(),
        KeySource::Literal(secret) => key(secret.expose()).map(Some),
        KeySource::File(path) => read_file(&expand_configured(path, environment)).and_then(|text| key(&text)).map(Some),
        KeySource::ServiceAccount(path) => account(&expand_configured(path, environment)).map(Some),
        KeySource::ServiceAccountEnv(name) => {
            let named = environment.get(name).map(|path| {
                let told = |failure: Failure| Failure { message: format!("`{path}`: {}", failure.message), ..failure };
                account(&expand(path, environment)).map_err(told)
            });
            named.transpose()
        }
        KeySource::Command(argv) => {
            let mut variables = without_keys(environment, Some(provider));
            variables.extend(aws::variables(provider, argv, environment));
            let printed = printed(argv, variables, limit).await?;
            let whole = aws::are_credentials(provider, &printed);
            key(if whole { &printed } else { first_line(&printed) }).map(Some)
        }
        KeySource::Aws(place) => Ok(aws::read(*place, environment)?.map(Credential::Key)),
    }
}

/// What a key command prints.
async fn printed(argv: &[String], variables: Vec<(String, String)>, limit: Duration) -> Result<String, Failure> {
    let printed = command::run(Call { argv, variables, input: None, limit, most: LONGEST_KEY }).await;
    let bytes = printed.map_err(|trouble| match trouble {
        Trouble::TooLong => Failure::new(format!("it gave no key within {limit:?} and was ended")),
        Trouble::Exit(_, words) | Trouble::Failed(words) => Failure::new(words),
    })?;
    String::from_utf8(bytes).map_err(|_| Failure::new("it has a character that is not ASCII"))
}

/// The account of a file of Google credentials.
fn account(path: &Path) -> Result<Credential, Failure> {
    const NO_FILE: &str = "log in with `gcloud auth application-default login`, or make a key with `gcloud iam service-accounts keys create`";
    let hinted = |failure: Failure| Failure { hint: failure.hint.or_else(|| Some(NO_FILE.to_owned())), ..failure };
    let account = Account::read(&read_file(path).map_err(hinted)?);
    account.map(Credential::Account).map_err(|error| Failure { message: error.message, hint: Some(error.hint) })
}

fn first_line(text: &str) -> &str {
    text.split_inclusive('\n').next().unwrap_or_default()
}

/// A key without its final line break. What would break a header, or could smuggle one in, is refused.
fn checked(text: &str) -> Result<Secret, Failure> {
    let key = text.trim_end_matches(['\r', '\n']);
    let fault = if key.is_empty() {
        "it is empty"
    } else if key.contains(['\r', '\n']) {
        "it has a line break inside"
    } else if !key.is_ascii() {
        "it has a character that is not ASCII"
    } else if key.bytes().any(|byte| byte.is_ascii_control()) {
        "it has a control character"
    } else if key.trim() != key || key.contains(' ') {
        "it has a blank"
    } else {
        return Ok(Secret::new(key));
    };
    Err(Failure::new(fault))
}

fn read_file(path: &Path) -> Result<String, Failure> {
    let failed = |error: std::io::Error| Failure::new(format!("cannot read it: {error}"));
    if !path.metadata().map_err(failed)?.is_file() {
        return Err(Failure::new("it is no regular file"));
    }
    let file = File::open(path).map_err(failed)?;
    if open_to_others(&file.metadata().map_err(failed)?) {
        let hint = format!("run `chmod 600 {}`", shell_word(&path.display().to_string()));
        return Err(Failure { hint: Some(hint), ..Failure::new("others can read it") });
    }
    let mut bytes = Vec::new();
    file.take(LONGEST_KEY as u64 + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() > LONGEST_KEY {
        return Err(Failure::new("it is longer than 64 KiB"));
    }
    String::from_utf8(bytes).map_err(|_| Failure::new("it has a character that is not ASCII"))
}

/// The key of a source that can be told without running a command or asking a server.
pub fn stored(source: &KeySource, environment: &Environment) -> Option<Secret> {
    match source {
        KeySource::Env(name) => environment.get(name).map(Secret::new),
        KeySource::Literal(secret) => Some(secret.clone()),
        KeySource::File(path) => {
            let text = read_file(&expand_configured(path, environment)).ok();
            text.map(|text| Secret::new(text.trim_end_matches(['\r', '\n'])))
        }
        _ => None,
    }
}

/// The keys that can be told without running a command or asking a server: what a user pastes by mistake is most likely one of
/// them.
pub fn at_hand<'a>(providers: impl Iterator<Item = &'a Provider>, environment: &Environment) -> Vec<Secret> {
    providers.flat_map(|provider| &provider.keys).filter_map(|source| stored(source, environment)).collect()
}

/// The variables for a program that llmx starts (key command, editor): all but those that hold providers' keys, or an
/// access key of AWS.
pub fn without_keys(environment: &Environment, provider: Option<&Provider>) -> Vec<(String, String)> {
    let rows = crate::provider::builtin();
    let built_in = rows.iter().flat_map(|(_, row)| row.key_env.iter().flatten()).map(String::as_str);
    let listed = rows.iter().flat_map(|(_, row)| row.api_key.iter().flat_map(|key| &key.0));
    let own = listed.chain(provider.iter().flat_map(|provider| &provider.keys)).filter_map(|source| match source {
        KeySource::Env(name) => Some(name.as_str()),
        _ => None,
    });
    let named: Vec<&str> = built_in.chain(own).chain(AwsSource::VARIABLES).chain([AwsSource::BEARER]).collect();
    let kept = |name: &str| !named.contains(&name) && !name.to_ascii_uppercase().ends_with("_API_KEY");
    let variables = environment.variables.iter().filter(|(name, _)| kept(name));
    variables.map(|(name, value)| (name.clone(), value.clone())).collect()
}

#[cfg(test)]
mod tests;
