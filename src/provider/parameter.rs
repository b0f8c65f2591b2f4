//! Parameters of addresses and paths (`region`, `account`, …): where their values come from, and which values are fit.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

/// The value of a parameter, or where to find it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Parameter {
    /// The value itself.
    Value(String),
    /// The first of these variables that is set, else the default.
    Looked {
        /// Variables, in order.
        env: Vec<String>,
        /// The value when none is set; without it the provider cannot be used then.
        default: Option<String>,
    },
}

/// Parameters with their values, and those without one, each with the variables it was looked for in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Values by name.
    pub values: BTreeMap<String, String>,
    /// Names without a value.
    pub missing: Vec<(String, Vec<String>)>,
}

impl Parameter {
    /// The first of its variables that is set.
    pub fn set_variable(&self, variable: &dyn Fn(&str) -> Option<String>) -> Option<&str> {
        match self {
            Self::Value(_) => None,
            Self::Looked { env, .. } => env.iter().map(String::as_str).find(|name| variable(name).is_some()),
        }
    }
}

/// Looks all parameters up. A variable that holds what no parameter may hold has no value: whoever names another provider need
/// not hear of it, and for this one the reason is told beside the variable, without the value.
pub fn look_up(rows: BTreeMap<String, Parameter>, variable: &dyn Fn(&str) -> Option<String>) -> Found {
    let mut found = Found::default();
    for (name, parameter) in rows {
        let set = parameter.set_variable(variable).map(str::to_owned);
        let value = match (set, parameter) {
            (None, Parameter::Value(value) | Parameter::Looked { default: Some(value), .. }) => value,
            (None, Parameter::Looked { env, default: None }) => {
                found.missing.push((name, env));
                continue;
            }
            (Some(set), _) => match fit(&variable(&set).unwrap_or_default()) {
                Ok(value) => value,
                Err(message) => {
                    found.missing.push((name, vec![format!("{set} ({message})")]));
                    continue;
                }
            },
        };
        found.values.insert(name, value);
    }
    found
}

/// A value as it may stand in an address. `https://` before a host and a slash after it are taken off; nothing that could
/// change the host or the path by itself is let through.
fn fit(value: &str) -> Result<String, String> {
    let value = value.trim().trim_start_matches("https://").trim_end_matches('/');
    if value.chars().all(|letter| letter == '.') {
        return Err("the value of a parameter must not be empty".to_owned());
    }
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_.~:".contains(letter);
    match value.chars().find(|letter| !plain(*letter)) {
        Some(letter) => Err(format!("the value of a parameter must not hold {letter:?}: it is a part of an address")),
        None => Ok(value.to_owned()),
    }
}

/// The names in braces of an address or a path.
pub fn places(template: &str) -> impl Iterator<Item = &str> {
    template.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0))
}

/// `template` with every `{name}` replaced by its value, made fit for its place by `escape`. Unknown names stay.
pub fn filled(template: &str, values: &BTreeMap<String, String>, escape: fn(&str) -> String) -> String {
    values.iter().fold(template.to_owned(), |text, (name, value)| {
        let place = format!("{{{name}}}");
        if text.contains(&place) { text.replace(&place, &escape(value)) } else { text }
    })
}

impl<'de> Deserialize<'de> for Parameter {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Forms)
    }
}

/// The table form.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    env: Option<Names>,
    default: Option<String>,
}

/// One name or a list of them.
struct Names(Vec<String>);

struct Forms;

impl<'de> Visitor<'de> for Forms {
    type Value = Parameter;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a text or `{ env = \"NAME\", default = \"…\" }`")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        fit(text).map(Parameter::Value).map_err(E::custom)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        let table = Table::deserialize(MapAccessDeserializer::new(map))?;
        let default = table.default.map(|value| fit(&value)).transpose().map_err(de::Error::custom)?;
        let env = table.env.map(|names| names.0).unwrap_or_default();
        if env.is_empty() && default.is_none() {
            return Err(de::Error::custom("expected `env`, `default` or both"));
        }
        Ok(Parameter::Looked { env, default })
    }
}

impl<'de> Deserialize<'de> for Names {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneOrMore;
        impl<'de> Visitor<'de> for OneOrMore {
            type Value = Names;
            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("the name of a variable, or a list of names")
            }
            fn visit_str<E: de::Error>(self, name: &str) -> Result<Names, E> {
                Ok(Names(vec![name.to_owned()]))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Names, A::Error> {
                let mut names = Vec::new();
                while let Some(name) = list.next_element()? {
                    names.push(name);
                }
                Ok(Names(names))
            }
        }
        deserializer.deserialize_any(OneOrMore)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Parameter, String> {
        let table: Result<BTreeMap<String, Parameter>, _> = toml::from_str(&format!("p = {text}"));
        table.map(|mut table| table.remove("p").expect("there")).map_err(|error| error.message().to_owned())
    }

    #[test]
    fn a_parameter_is_a_value_or_a_place() {
        let looked = |env: &[&str], default: Option<&str>| Parameter::Looked {
            env: env.iter().map(|&name| name.to_owned()).collect(),
            default: default.map(str::to_owned),
        };
        for (text, expected) in [
            ("'mine'", Ok(Parameter::Value("mine".to_owned()))),
            ("'https://dbc-1.cloud.example/'", Ok(Parameter::Value("dbc-1.cloud.example".to_owned()))),
            ("{ env = 'A' }", Ok(looked(&["A"], None))),
            ("{ env = ['A', 'B'], default = 'eu' }", Ok(looked(&["A", "B"], Some("eu")))),
            ("{}", Err("expected `env`, `default` or both")),
            ("''", Err("the value of a parameter must not be empty")),
            ("'..'", Err("the value of a parameter must not be empty")),
            ("'a/b'", Err("the value of a parameter must not hold '/': it is a part of an address")),
            ("'a@b'", Err("the value of a parameter must not hold '@': it is a part of an address")),
            ("'a?b'", Err("the value of a parameter must not hold '?': it is a part of an address")),
            ("'a%2fb'", Err("the value of a parameter must not hold '%': it is a part of an address")),
            ("'é'", Err("the value of a parameter must not hold 'é': it is a part of an address")),
            ("'http://a'", Err("the value of a parameter must not hold '/': it is a part of an address")),
        ] {
            assert_eq!(read(text), expected.map_err(str::to_owned), "{text}");
        }
        assert!(read("{ evn = 'A' }").is_err_and(|message| message.starts_with("unknown field `evn`")));
        assert!(read("5").is_err());
    }

    #[test]
    fn a_variable_is_looked_up_and_its_value_checked() {
        let rows = || BTreeMap::from([("host".to_owned(), read("{ env = ['A', 'B'] }").expect("sound"))]);
        let found = look_up(rows(), &|name| (name == "B").then(|| "https://h.example/".to_owned()));
        assert_eq!((found.values["host"].as_str(), found.missing.len()), ("h.example", 0));
        let found = look_up(rows(), &|_| None);
        assert_eq!(found.missing, [("host".to_owned(), vec!["A".to_owned(), "B".to_owned()])]);
        let unfit = look_up(rows(), &|_| Some("evil/..".to_owned())).missing;
        let told = format!("{unfit:?}");
        assert!(told.contains("A (the value of a parameter must not hold '/'"), "{told}");
        assert!(!told.contains("evil"), "a value is not repeated");
    }

    #[test]
    fn places_are_found_in_addresses() {
        assert_eq!(places("https://{a}.x/{b}/{").collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(places("https://x").count(), 0);
    }
}
