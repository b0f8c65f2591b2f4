//! `api_key = …` in its forms: `{ env }`, `{ cmd }`, `{ file }`, `{ service_account }`, `{ aws }`, the key itself, or a list of
//! those.

use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use super::{AwsSource, KeySource};
use crate::secret::Secret;

/// Where a provider's key may be found, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey(pub Vec<KeySource>);

/// What a table that is none of the forms is told.
const ONE_OF: &str = "expected exactly one of `env`, `cmd`, `file`, `service_account` and `aws`, and not empty";

/// The table form; one member says which.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    env: Option<String>,
    cmd: Option<Argv>,
    file: Option<String>,
    service_account: Option<String>,
    aws: Option<AwsSource>,
    keyring: Option<de::IgnoredAny>,
}

/// A program with its arguments, as a line or a list.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(untagged, expecting = "expected a command as a text or a list of texts")]
pub enum Argv {
    /// A line, which is split as a shell would ([`split_words`]).
    Line(String),
    /// The words.
    List(Vec<String>),
}

impl Table {
    fn source(self) -> Result<KeySource, String> {
        if self.keyring.is_some() {
            return Err("`keyring` is not supported yet; use `cmd` with your keyring's own program".to_owned());
        }
        let filled = |text: &String| !text.is_empty();
        match (self.env, self.cmd, self.file, self.service_account, self.aws) {
            (Some(name), None, None, None, None) if filled(&name) => Ok(KeySource::Env(name)),
            (None, Some(argv), None, None, None) => argv.words().map(KeySource::Command),
            (None, None, Some(path), None, None) if filled(&path) => Ok(KeySource::File(path)),
            (None, None, None, Some(path), None) if filled(&path) => Ok(KeySource::ServiceAccount(path)),
            (None, None, None, None, Some(place)) => Ok(KeySource::Aws(place)),
            _ => Err(ONE_OF.to_owned()),
        }
    }
}

impl Argv {
    /// The words; there is a program among them.
    pub fn words(self) -> Result<Vec<String>, String> {
        let words = match self {
            Self::Line(line) => split_words(&line)?,
            Self::List(words) => words,
        };
        match words.first() {
            Some(program) if !program.is_empty() => Ok(words),
            _ => Err("the command is empty".to_owned()),
        }
    }
}

/// Splits a command line as a shell would: blanks part words; single quotes, double quotes and backslashes keep them
/// together. Nothing is expanded, and an operator of the shell is an error, since no shell runs the command.
pub fn split_words(line: &str) -> Result<Vec<String>, String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote: Option<char> = None;
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        match (quote, character) {
            (Some(open), _) if character == open => quote = None,
            (None, '\'' | '"') => {
                quote = Some(character);
                word.get_or_insert_default();
            }
            (None | Some('"'), '\\') => {
                let escaped = characters.next().ok_or("the command ends in a backslash")?;
                word.get_or_insert_default().push(escaped);
            }
            (None, blank) if blank.is_whitespace() => words.extend(word.take()),
            (None, '|' | '&' | ';' | '<' | '>' | '`' | '$') => {
                return Err(format!(
                    "no shell runs this command, so `{character}` means nothing; quote it, or use cmd = [\"sh\", \"-c\", \"…\"]"
                ));
            }
            _ => word.get_or_insert_default().push(character),
        }
    }
    if quote.is_some() {
        return Err("the command has a quote that is not closed".to_owned());
    }
    words.extend(word);
    Ok(words)
}

impl<'de> Deserialize<'de> for ApiKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Forms).map(Self)
    }
}

/// Reads every form; errors never repeat the value, which may be a key.
struct Forms;

impl<'de> Visitor<'de> for Forms {
    type Value = Vec<KeySource>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("`{ env = \"…\" }`, `{ cmd = \"…\" }`, `{ file = \"…\" }`, `{ service_account = \"…\" }`, a key, or a list of those")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(vec![KeySource::Literal(Secret::new(text))])
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        let table = Table::deserialize(MapAccessDeserializer::new(map))?;
        table.source().map(|source| vec![source]).map_err(de::Error::custom)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut sources = Vec::new();
        while let Some(ApiKey(more)) = list.next_element()? {
            sources.extend(more);
        }
        if sources.is_empty() { Err(de::Error::custom("the list of keys is empty")) } else { Ok(sources) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<KeySource>, String> {
        #[derive(serde::Deserialize)]
        struct Holder {
            api_key: ApiKey,
        }
        toml::from_str::<Holder>(&format!("api_key = {text}"))
            .map(|holder| holder.api_key.0)
            .map_err(|error| error.message().to_owned())
    }

    #[test]
    fn every_form_is_read() {
        let words = |words: &[&str]| KeySource::Command(words.iter().map(|&word| word.to_owned()).collect());
        let env = || KeySource::Env("K".to_owned());
        for (text, expected) in [
            (r#"{ env = "K" }"#, vec![env()]),
            (r#"{ cmd = "op read 'op://dev/my key'" }"#, vec![words(&["op", "read", "op://dev/my key"])]),
            (r#"{ cmd = ["op", "read", "a b"] }"#, vec![words(&["op", "read", "a b"])]),
            (r#"{ cmd = 'a "b \" c" d\ e ""' }"#, vec![words(&["a", "b \" c", "d e", ""])]),
            (r#"{ file = "~/k" }"#, vec![KeySource::File("~/k".to_owned())]),
            (r#"{ service_account = "a.json" }"#, vec![KeySource::ServiceAccount("a.json".to_owned())]),
            (r#"{ aws = "profile" }"#, vec![KeySource::Aws(AwsSource::Profile)]),
            (r#""sk-1""#, vec![KeySource::Literal(Secret::new("sk-1"))]),
            (r#"[{ env = "K" }, "sk-1"]"#, vec![env(), KeySource::Literal(Secret::new("sk-1"))]),
        ] {
            assert_eq!(read(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn wrong_forms_say_what_is_wrong() {
        for (text, expected) in [
            (r#"{ keyring = "x" }"#, "`keyring` is not supported yet; use `cmd` with your keyring's own program"),
            (r#"{ env = "A", file = "b" }"#, ONE_OF),
            ("{}", ONE_OF),
            (r#"{ env = "" }"#, ONE_OF),
            (r#"{ cmd = "" }"#, "the command is empty"),
            ("{ cmd = [] }", "the command is empty"),
            (r#"{ cmd = "a 'b" }"#, "the command has a quote that is not closed"),
            (r"{ cmd = 'a\' }", "the command ends in a backslash"),
            ("{ cmd = 5 }", "expected a command as a text or a list of texts"),
            ("[]", "the list of keys is empty"),
        ] {
            assert_eq!(read(text), Err(expected.to_owned()), "{text}");
        }
        let message = read(r#"{ cmd = "cat key | head -1" }"#).expect_err("a pipe needs a shell");
        assert!(message.starts_with("no shell runs this command, so `|` means nothing"), "{message}");
        let message = read(r#"{ evn = "K" }"#).expect_err("unknown member");
        assert!(message.starts_with("unknown field `evn`"), "{message}");
    }
}
