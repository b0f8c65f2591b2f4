//! Keys told without them: which a provider has ([`marks`]), and the one that a mark is of ([`resolve_mark`]).

use std::fmt::Write;

use ring::digest::{SHA256, digest};

use super::{COMMAND_LIMIT, Credential, KeyError, place, read_source, resolve, there};
use crate::config::Environment;
use crate::provider::{Auth, KeyMark, KeySource, Provider};

/// How many bytes of the digest are kept: enough to tell a few keys apart, far too few to find one.
const KEPT: usize = 4;

/// The keys of a provider that may be tried, in order: all that are there where the user listed several, else the first. Runs
/// no command and reads no file.
pub fn marks(provider: &Provider, environment: &Environment) -> Vec<KeyMark> {
    if provider.auth == Auth::None {
        return Vec::new();
    }
    let all = provider.keys.iter().enumerate().filter(|(_, source)| there(source, environment));
    let mark = |(index, source): (usize, &KeySource)| KeyMark {
        place: place_of(provider, index),
        digest: digits(source, environment),
    };
    all.map(mark).take(if provider.rotates { usize::MAX } else { 1 }).collect()
}

/// The key that a mark of [`marks`] is of, and no other; but where the keys of a provider are places of one and the same,
/// the first that gives it.
pub async fn resolve_mark(
    provider: &Provider,
    mark: &KeyMark,
    environment: &Environment,
) -> Result<Option<Credential>, KeyError> {
    if !provider.rotates {
        return resolve(provider, environment).await;
    }
    let mut sources = provider.keys.iter().enumerate();
    match sources.find(|(index, _)| place_of(provider, *index) == mark.place) {
        Some((_, source)) => read_source(source, provider, environment, COMMAND_LIMIT).await,
        None => Ok(None),
    }
}

/// A source in words that no other of the provider has.
fn place_of(provider: &Provider, index: usize) -> String {
    let places: Vec<String> = provider.keys.iter().map(place).collect();
    let own = &places[index];
    let number = places[..=index].iter().filter(|place| *place == own).count();
    let is_alone = places.iter().filter(|place| *place == own).count() == 1;
    if is_alone { own.clone() } else { format!("{own} #{number}") }
}

/// The digits of a key that can be read at no cost.
fn digits(source: &KeySource, environment: &Environment) -> String {
    let key = match source {
        KeySource::Env(name) => environment.get(name),
        KeySource::Literal(secret) => Some(secret.expose()),
        _ => None,
    };
    let mut digits = String::new();
    for byte in key.iter().flat_map(|key| digest(&SHA256, key.trim_end().as_bytes()).as_ref()[..KEPT].to_vec()) {
        // Writing to a string cannot fail.
        let _ = write!(digits, "{byte:02x}");
    }
    digits
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::{ApiKey, Row};
    use crate::secret::Secret;

    fn environment(variables: &[(&str, &str)]) -> Environment {
        let variables = variables.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
        Environment { variables, working_directory: "/".into() }
    }

    fn provider(rotates: bool, keys: Vec<KeySource>) -> Provider {
        let row = Row { base_url: Some("https://h".to_owned()), api_key: Some(ApiKey(keys)), ..Row::default() };
        Provider { rotates, ..row.into_provider("corp", &|_| None).expect("a provider") }
    }

    fn sources() -> Vec<KeySource> {
        let literal = |key| KeySource::Literal(Secret::new(key));
        let command = |words: [&str; 2]| KeySource::Command(words.map(str::to_owned).to_vec());
        let env = |name: &str| KeySource::Env(name.to_owned());
        vec![env("A"), env("B"), literal("sk-1"), literal("sk-2"), command(["echo", "sk-3"]), command(["echo", "sk-4"])]
    }

    #[test]
    fn every_key_of_a_list_that_is_there_has_a_mark_of_its_own() {
        let marks = marks(&provider(true, sources()), &environment(&[("B", "sk-b\n")]));
        let told: Vec<(&str, &str)> = marks.iter().map(|mark| (mark.place.as_str(), mark.digest.as_str())).collect();
        let file = "the configuration file";
        assert_eq!(
            told,
            [
                ("B", "18519d64"),
                (&*format!("{file} #1"), "0f2c10bf"),
                (&*format!("{file} #2"), "bbaae8c9"),
                ("command `echo` #1", ""),
                ("command `echo` #2", ""),
            ]
        );
    }

    #[tokio::test]
    async fn a_mark_leads_to_its_own_key() {
        let provider = provider(true, sources());
        let environment = environment(&[("B", "sk-b"), ("PATH", "/usr/bin:/bin")]);
        let mut found = Vec::new();
        for mark in marks(&provider, &environment) {
            match resolve_mark(&provider, &mark, &environment).await {
                Ok(Some(Credential::Key(key))) => found.push(key.expose().to_owned()),
                other => panic!("{mark:?}: {other:?}"),
            }
        }
        assert_eq!(found, ["sk-b", "sk-1", "sk-2", "sk-3", "sk-4"]);
        let gone = KeyMark { place: "Z".to_owned(), digest: String::new() };
        assert_eq!(resolve_mark(&provider, &gone, &environment).await, Ok(None));
    }

    #[tokio::test]
    async fn places_of_one_key_are_one_mark_and_are_looked_at_in_turn() {
        let provider = provider(false, sources());
        let environment = environment(&[("A", "sk a"), ("B", "sk-b")]);
        let marks = marks(&provider, &environment);
        assert_eq!(marks.len(), 1);
        let found = resolve_mark(&provider, &marks[0], &environment).await;
        assert_eq!(found, Ok(Some(Credential::Key(Secret::new("sk-b")))), "`A` holds no key");
        assert!(super::marks(&Provider { auth: Auth::None, ..provider }, &environment).is_empty());
    }
}
