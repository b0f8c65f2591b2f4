//! A provider's row: one schema for `builtin.toml` and the user's `[providers.x]`, how one row is laid over another,
//! and how a row becomes a [`Provider`].

use std::collections::BTreeMap;
use std::fmt;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use super::{ApiKey, Auth, KeySource, Limits, Parameter, Provider, Quirks, parameter};

/// One provider as written in a file; what is `None` was not said.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Row {
    /// The name people know.
    pub title: Option<String>,
    /// The wire format.
    pub wire: Option<String>,
    /// Base address.
    pub base_url: Option<String>,
    /// What every base address ends with; added to one that a user gives without it, as the addresses of Azure's resources are.
    pub base_path: Option<String>,
    /// Variables that replace the base address, first one first; `NAME_BASE_URL` when not said. One named `…_HOST` may
    /// hold a host without a scheme, see [`super::complete_host`].
    pub base_url_env: Option<Vec<String>>,
    /// How the key is sent.
    #[serde(deserialize_with = "checked_auth")]
    pub auth: Option<Auth>,
    /// Variables that may hold the key, in order. An `api_key` replaces them.
    pub key_env: Option<Vec<String>>,
    /// Variables that may name a file of Google credentials, looked at after [`Row::key_env`].
    pub service_account_env: Option<Vec<String>>,
    /// Where such a file may lie by itself, looked at last.
    pub service_account_files: Option<Vec<String>>,
    /// Where the key is; then nothing else is looked at.
    pub api_key: Option<ApiKey>,
    /// Further headers of every request.
    pub headers: Option<BTreeMap<String, String>>,
    /// Members of [`Quirks`]; kept as written so that one row lays single quirks over another's.
    #[serde(deserialize_with = "checked_quirks")]
    pub quirks: Option<toml::Table>,
    /// How large attachments may be. A user's table replaces the built-in one whole, so `{}` lifts the limits.
    pub limits: Option<Limits>,
    /// The model to use when only the provider was named.
    pub default_model: Option<String>,
    /// The provider's name in the catalogue.
    pub catalog: Option<String>,
    /// Where a person gets a key.
    pub keys_url: Option<String>,
    /// A server on this machine.
    pub local: Option<bool>,
    /// What stands for `{name}` in addresses and paths.
    pub parameters: Option<BTreeMap<String, Parameter>>,
    /// Wire formats of models whose names fit a pattern, as `["pattern", "wire"]`, first one first.
    pub wires: Option<Vec<(String, String)>>,
    /// The format of its embeddings.
    pub embeddings: Option<String>,
    /// The format of its list of models.
    pub models: Option<String>,
    /// The recordings that this row was proven on, as their providers are named there.
    pub proven: Option<Vec<String>>,
    /// Words that routes may require or forbid.
    pub tags: Option<Vec<String>>,
}

/// As derived, with an example for the forms that need a name.
fn checked_auth<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Auth>, D::Error> {
    let value = toml::Value::deserialize(deserializer)?;
    let example = match value.as_str() {
        Some("aws") => Some("`aws` needs the name of a service: `auth = { aws = \"bedrock\" }`"),
        Some("header") => Some("`header` needs the name of a header: `auth = { header = \"x-api-key\" }`"),
        _ => None,
    };
    let read = |value: toml::Value| value.try_into().map_err(|error: toml::de::Error| error.message().to_owned());
    example.map_or_else(|| read(value), |example| Err(example.to_owned())).map(Some).map_err(D::Error::custom)
}

fn checked_quirks<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<toml::Table>, D::Error> {
    let table = toml::Table::deserialize(deserializer)?;
    read_quirks(&table).map_err(D::Error::custom)?;
    Ok(Some(table))
}

fn read_quirks(table: &toml::Table) -> Result<Quirks, String> {
    toml::Value::Table(table.clone()).try_into().map_err(|error: toml::de::Error| error.message().to_owned())
}

/// A row that makes no provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowError {
    /// The member that is wrong or missing.
    pub field: &'static str,
    /// What is wrong with it.
    pub message: String,
}

impl fmt::Display for RowError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl Row {
    /// Lays `over` on this row: what it says counts. When `over` says where its keys are, no place of this row's counts.
    #[must_use]
    pub fn overlay(self, over: Self) -> Self {
        let says_keys = over.api_key.is_some()
            || over.key_env.is_some()
            || over.service_account_env.is_some()
            || over.service_account_files.is_some();
        let keys = if says_keys {
            (over.key_env, over.service_account_env, over.service_account_files, over.api_key)
        } else {
            (self.key_env, self.service_account_env, self.service_account_files, self.api_key)
        };
        let (key_env, service_account_env, service_account_files, api_key) = keys;
        Self {
            title: over.title.or(self.title),
            wire: over.wire.or(self.wire),
            base_url: over.base_url.or(self.base_url),
            base_path: over.base_path.or(self.base_path),
            base_url_env: over.base_url_env.or(self.base_url_env),
            auth: over.auth.or(self.auth),
            key_env,
            service_account_env,
            service_account_files,
            api_key,
            headers: over.headers.or(self.headers),
            quirks: overlaid(self.quirks, over.quirks),
            limits: over.limits.or(self.limits),
            default_model: over.default_model.or(self.default_model),
            catalog: over.catalog.or(self.catalog),
            keys_url: over.keys_url.or(self.keys_url),
            local: over.local.or(self.local),
            parameters: overlaid(self.parameters, over.parameters),
            wires: over.wires.or(self.wires),
            embeddings: over.embeddings.or(self.embeddings),
            models: over.models.or(self.models),
            proven: over.proven.or(self.proven),
            tags: over.tags.or(self.tags),
        }
    }

    /// The variables that replace the base address of the provider of that name.
    pub fn base_url_variables(&self, name: &str) -> Vec<String> {
        let usual = || vec![format!("{}_BASE_URL", name.to_ascii_uppercase().replace(['-', '.'], "_"))];
        self.base_url_env.clone().unwrap_or_else(usual)
    }

    /// Where keys may be found: what `api_key` says, else the usual places in order.
    fn key_sources(&mut self) -> Vec<KeySource> {
        let sources = |names: &mut Option<Vec<String>>, source: fn(String) -> KeySource| {
            names.take().unwrap_or_default().into_iter().map(source).collect::<Vec<_>>()
        };
        match self.api_key.take() {
            Some(key) => key.0,
            None => [
                sources(&mut self.key_env, KeySource::Env),
                sources(&mut self.service_account_env, KeySource::ServiceAccountEnv),
                sources(&mut self.service_account_files, KeySource::ServiceAccount),
            ]
            .concat(),
        }
    }

    /// The provider this row describes. Wire format `openai-chat` and a bearer key unless said otherwise.
    ///
    /// `variable` looks parameters up. The base address has its parameters filled in; one that is missing stays as `{name}`.
    pub fn into_provider(
        mut self,
        name: &str,
        variable: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Provider, RowError> {
        let keys = self.key_sources();
        let base_url = self
            .base_url
            .ok_or_else(|| wrong("base_url", format!("`{name}` is not built in, so it needs a `base_url`")))?;
        let parameter::Found { values: parameters, missing } =
            parameter::look_up(self.parameters.unwrap_or_default(), variable);
        let filled = parameter::filled(&base_url, &parameters, str::to_owned);
        let base_url = ending_in(filled.trim_end_matches('/'), self.base_path.as_deref().unwrap_or_default());
        check_address(&base_url, &missing).map_err(|message| wrong("base_url", message))?;
        let headers: Vec<_> = self.headers.unwrap_or_default().into_iter().collect();
        for (header, value) in &headers {
            check_header(header, value).map_err(|message| wrong("headers", message))?;
        }
        let tags = self.tags.unwrap_or_default();
        tags.iter().try_for_each(|tag| check_tag(tag)).map_err(|message| wrong("tags", message))?;
        let auth = self.auth.unwrap_or(Auth::Bearer);
        if let Auth::Header(header) = &auth {
            check_header(header, "").map_err(|message| wrong("auth", message))?;
        }
        Ok(Provider {
            name: name.to_owned(),
            title: self.title.unwrap_or_else(|| name.to_owned()),
            wire: self.wire.unwrap_or_else(|| "openai-chat".to_owned()),
            base_url,
            auth,
            keys,
            rotates: false,
            headers,
            quirks: read_quirks(&self.quirks.unwrap_or_default()).map_err(|message| wrong("quirks", message))?,
            limits: self.limits.unwrap_or_default(),
            default_model: self.default_model,
            catalog: self.catalog.unwrap_or_else(|| name.to_owned()),
            keys_url: self.keys_url,
            local: self.local.unwrap_or(false),
            parameters,
            missing,
            wires: self.wires.unwrap_or_default(),
            embeddings: self.embeddings,
            models: self.models,
            proven: self.proven.unwrap_or_default(),
            tags,
        })
    }
}

fn wrong(field: &'static str, message: String) -> RowError {
    RowError { field, message }
}

/// Whether a word can be a tag of a provider, or be asked of one.
pub fn check_tag(tag: &str) -> Result<(), String> {
    let fits = |character: char| character.is_ascii_alphanumeric() || "-_.:".contains(character);
    if !tag.is_empty() && tag.chars().all(fits) {
        return Ok(());
    }
    Err(format!("`{tag}` is no tag: write one word of letters, digits, `-`, `_`, `.` and `:`, such as `eu`"))
}

/// A base address must be sound whatever its missing parameters turn out to be.
fn check_address(url: &str, missing: &[(String, Vec<String>)]) -> Result<(), String> {
    let complete = missing.iter().fold(url.to_owned(), |url, (name, _)| url.replace(&format!("{{{name}}}"), name));
    match parameter::places(&complete).next() {
        Some(place) => Err(format!("`{place}` in the address is none of the provider's `parameters`")),
        None => check_url(&complete),
    }
}

/// An address with a path at its end, of which it may have the beginning already.
fn ending_in(address: &str, path: &str) -> String {
    let starts = path.match_indices('/').map(|(at, _)| &path[..at]).chain([path]);
    let known = starts.filter(|start| address.ends_with(start)).map(str::len).max().unwrap_or(0);
    format!("{address}{}", path[known..].trim_end_matches('/'))
}

/// Two tables in one; what the upper one has counts.
fn overlaid<T: Extend<<T as IntoIterator>::Item> + IntoIterator>(under: Option<T>, over: Option<T>) -> Option<T> {
    match (under, over) {
        (Some(mut under), Some(over)) => {
            under.extend(over);
            Some(under)
        }
        (under, over) => over.or(under),
    }
}

/// A base address is `http(s)://host[:port][/path]` and nothing more: credentials, queries and fragments have no place.
pub fn check_url(url: &str) -> Result<(), String> {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    let rest = rest.ok_or("an address starts with `https://` or `http://`")?;
    let host = rest.split('/').next().unwrap_or_default();
    let port = host.rsplit_once(':').filter(|_| !host.ends_with(']')).map(|(_, port)| port);
    if host.is_empty() || host.starts_with(':') {
        return Err("the address names no host".to_owned());
    }
    if host.contains('@') {
        return Err("an address must not hold a user or a password; use `api_key`".to_owned());
    }
    if port.is_some_and(|port| port.parse::<u16>().is_err()) {
        return Err("the address has a port that is no number up to 65535".to_owned());
    }
    match rest.chars().find(|&character| !character.is_ascii_graphic() || "?#\\\"<>^`{|}".contains(character)) {
        Some(character) => Err(format!("an address must not hold {character:?}")),
        None => Ok(()),
    }
}

/// Header names are tokens (RFC 9110 §5.6.2), values printable ASCII. The message never repeats a value.
fn check_header(name: &str, value: &str) -> Result<(), String> {
    let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if name.is_empty() || !name.bytes().all(token) {
        return Err(format!("{name:?} is no name of a header"));
    }
    if !value.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()) {
        return Err(format!("the value of header `{name}` holds characters that a header must not hold"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_looked_up_and_filled_in() {
        let text = "base_url = 'https://{region}.x/{account}'\nparameters = { region = { env = ['R'], default = 'eu' }, account = { env = ['A'] } }";
        let provider = row(text).into_provider("x", &|name| (name == "A").then(|| "me".to_owned())).expect("sound");
        assert_eq!((provider.base_url.as_str(), provider.missing.len()), ("https://eu.x/me", 0));
        let provider = row(text).into_provider("x", &|_| None).expect("sound");
        assert_eq!(provider.missing, [("account".to_owned(), vec!["A".to_owned()])]);
    }

    #[test]
    fn an_address_gains_the_path_it_lacks() {
        let text = "base_url = 'https://{r}.x'\nbase_path = '/openai/v1'\nparameters = { r = { env = ['R'] } }";
        for (given, expected) in [
            ("https://a.x", "https://a.x/openai/v1"),
            ("https://a.x/", "https://a.x/openai/v1"),
            ("https://a.x/openai/", "https://a.x/openai/v1"),
            ("https://a.x/openai/v1/", "https://a.x/openai/v1"),
            ("https://gate/azure", "https://gate/azure/openai/v1"),
        ] {
            let over = Row { base_url: Some(given.to_owned()), ..Row::default() };
            let provider = row(text).overlay(over).into_provider("x", &|_| None).expect("sound");
            assert_eq!(provider.base_url, expected);
        }
        let provider = row(text).into_provider("x", &|_| None).expect("sound");
        assert_eq!(provider.missing, [("r".to_owned(), vec!["R".to_owned()])]);
        let exact = row("base_url = 'https://gate'\nbase_path = ''");
        assert_eq!(row(text).overlay(exact).into_provider("x", &|_| None).expect("sound").base_url, "https://gate");
    }

    fn row(text: &str) -> Row {
        toml::from_str(text).expect("a row")
    }

    #[test]
    fn an_overlay_replaces_what_it_says_and_keeps_the_rest() {
        let under = row(
            "title = 'A'\nbase_url = 'https://a'\nkey_env = ['K']\nquirks = { max_tokens_field = 'm', no_stream_options = true }",
        );
        let over = row("base_url = 'https://b/'\nquirks = { no_stream_options = false }");
        let provider = under.clone().overlay(over).into_provider("a", &|_| None).expect("sound");
        assert_eq!((provider.title.as_str(), provider.base_url.as_str()), ("A", "https://b"));
        assert_eq!(provider.quirks, Quirks { max_tokens_field: Some("m".to_owned()), ..Quirks::default() });
        assert_eq!(provider.keys, [KeySource::Env("K".to_owned())]);
        let provider = under.overlay(row("api_key = { file = '/k' }")).into_provider("a", &|_| None).expect("sound");
        assert_eq!(provider.keys, [KeySource::File("/k".to_owned())], "a key that was asked for is the only one");
    }

    #[test]
    fn bad_addresses_and_headers_are_refused() {
        for (text, expected) in [
            ("", "`x` is not built in, so it needs a `base_url`"),
            ("base_url = 'ftp://a'", "an address starts with `https://` or `http://`"),
            ("base_url = 'https://'", "an address starts with `https://` or `http://`"),
            ("base_url = 'https:///v1'", "the address names no host"),
            ("base_url = 'https://u:p@h'", "an address must not hold a user or a password; use `api_key`"),
            ("base_url = 'https://h:99999/'", "the address has a port that is no number up to 65535"),
            ("base_url = 'https://h/?key=1'", "an address must not hold '?'"),
            ("base_url = 'https://h/a b'", "an address must not hold ' '"),
            ("base_url = 'https://{x}.h'", "`x` in the address is none of the provider's `parameters`"),
            ("base_url = 'https://{x}'\nparameters = { x = ':80' }", "the address names no host"),
            ("base_url = 'https://h'\nheaders = { 'a b' = '1' }", "\"a b\" is no name of a header"),
            (
                "base_url = 'https://h'\nheaders = { a = \"1\\r\\nb: 2\" }",
                "the value of header `a` holds characters that a header must not hold",
            ),
        ] {
            let error = row(text).into_provider("x", &|_| None).expect_err(text);
            assert_eq!(error.message, expected, "{text}");
        }
        assert!(row("base_url = 'http://[::1]:8080/v1'").into_provider("x", &|_| None).is_ok());
    }

    #[test]
    fn the_variable_of_an_address_is_named_after_the_provider() {
        assert_eq!(Row::default().base_url_variables("ollama-cloud"), ["OLLAMA_CLOUD_BASE_URL"]);
        assert_eq!(row("base_url_env = ['A', 'B']").base_url_variables("x"), ["A", "B"]);
    }
}
