//! The names of all settings, as the tables say that read them: what may be written after `llmx config set`.

use serde::de::value::Error;
use serde::de::{Deserialize, Deserializer, Error as _, Visitor};
use serde::forward_to_deserialize_any;

use super::Settings;
use super::hooks::HooksRow;
use super::layer::{KNOWN, member};
use super::schema::budgets::{BudgetRow, Budgets};
use super::schema::chat::ChatRow;
use super::schema::log::LogRow;
use super::schema::{RouteRow, Timeouts};
use crate::provider::Row;

/// The names of settings by their dotted paths, those of the routes, aliases and providers that there are among them.
pub fn names(settings: &Settings) -> Vec<String> {
    let mut names = Vec::new();
    let mut add = |table: &str, members: &[&str]| names.extend(members.iter().map(|name| member(table, name)));
    for name in KNOWN {
        match *name {
            "log" => add("log", members::<LogRow>()),
            "chat" => add("chat", members::<ChatRow>()),
            "hooks" => add("hooks", members::<HooksRow>()),
            "budgets" => add("budgets", members::<Budgets>()),
            "aliases" => settings.aliases.keys().for_each(|name| add("aliases", &[name])),
            "routes" => {
                for name in settings.routes.keys() {
                    let route = member("routes", name);
                    add(&route, members::<RouteRow>());
                    add(&member(&route, "timeout"), members::<Timeouts>());
                    add(&member("budgets.routes", name), members::<BudgetRow>());
                }
            }
            "providers" => {
                for provider in &settings.providers {
                    add(&member("providers", &provider.name), members::<Row>());
                }
            }
            single => add("", &[single]),
        }
    }
    // What has settings of its own below it is no setting by itself.
    let tables = ["budgets.routes", "budgets.projects", "budgets.tags"];
    names.retain(|name| !tables.contains(&name.as_str()) && !name.ends_with(".timeout") || name == "hooks.timeout");
    names
}

/// The members of a table, as the type says that reads it.
fn members<T: Deserialize<'static>>() -> &'static [&'static str] {
    let mut members: &'static [&'static str] = &[];
    // It ends with an error, since there is nothing to read.
    let _ = T::deserialize(Members(&mut members));
    members
}

/// Gives a table nothing but asks it for its members.
struct Members<'a>(&'a mut &'static [&'static str]);

impl<'de> Deserializer<'de> for Members<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
        Err(Error::custom("it has no members"))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        members: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        *self.0 = members;
        self.deserialize_any(visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::layer::{Layer, Owner, Source};
    use crate::config::{Environment, Paths, assemble};

    #[test]
    fn a_name_is_one_that_a_file_may_hold() {
        let text = "[routes.smart]\ntiers = [\"openai\"]\n[aliases]\nfast = \"openai\"\n".to_owned();
        let source = |text| Source { path: "t".to_owned(), text, owner: Owner::User, open_to_others: false };
        let (settings, problems) = assemble(vec![source(text)], &Environment::default(), Paths::default());
        assert_eq!(problems, []);
        let names = names(&settings);
        for name in [
            "default",
            "log.keep",
            "chat.keys",
            "hooks.timeout",
            "budgets.daily",
            "budgets.routes.smart.daily",
            "aliases.fast",
            "routes.smart.strategy",
            "routes.smart.timeout.first_token",
            "providers.openai.api_key",
        ] {
            assert!(names.iter().any(|known| known == name), "{name} is not among {names:?}");
        }
        let is_unknown = |name: &String| {
            let layer = Layer::read(source(format!("{name} = 0\n")));
            layer.problems.iter().any(|problem| problem.message.starts_with("unknown setting"))
        };
        assert_eq!(names.iter().find(|name| is_unknown(name)), None);
        assert!(is_unknown(&"routes.smart.strategi".to_owned()));
    }
}
