//! Single settings changed in the text of a configuration file. Comments, order and layout stay as they are, and what is new
//! goes beside its commented example where there is one. Pure.

mod layout;

use std::fmt;

use toml_edit::{DocumentMut, InlineTable, Item, Key, Value};

use super::layer::member;

/// The names that lead to a setting from the top of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting(Vec<String>);

impl Setting {
    /// Reads a dotted path as in the file, such as `routes.smart.retries` or `aliases."gpt-5.4"`. The name of an alias may
    /// have dots without quotes, for there is nothing below it.
    pub fn parse(text: &str) -> Result<Self, String> {
        if let Some(alias) = text.strip_prefix("aliases.").filter(|alias| !alias.is_empty() && !alias.contains('"')) {
            return Ok(Self::of(["aliases", alias]));
        }
        let keys = Key::parse(text).map_err(|_| {
            format!("`{text}` is no name of a setting; write it as in the file, such as `routes.smart.retries`")
        })?;
        Ok(Self::of(keys.iter().map(Key::get)))
    }

    /// The setting that these names lead to.
    pub fn of<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        Self(names.into_iter().map(str::to_owned).collect())
    }

    /// The names above it, and its own.
    fn split(&self) -> (&[String], &str) {
        self.0.split_last().map_or((&[], ""), |(own, above)| (above, own))
    }
}

/// The dotted path, with quotes where TOML needs them.
impl fmt::Display for Setting {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&dotted(&self.0))
    }
}

fn dotted(names: &[String]) -> String {
    names.iter().fold(String::new(), |path, name| member(&path, name))
}

/// Why a text was not changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EditError {
    /// It is no TOML.
    Broken,
    /// What should hold the setting is a value; its dotted path.
    NoTable(String),
}

/// What somebody may mean who writes this as a value: TOML, and the words themselves.
pub fn readings(text: &str) -> Vec<Value> {
    let words = Value::from(text);
    match text.trim().parse::<Value>() {
        Ok(Value::String(quoted)) => vec![Value::from(quoted.value().as_str())],
        Ok(mut value) => {
            value.decor_mut().clear();
            vec![value, words]
        }
        Err(_) => vec![words],
    }
}

/// The text with that value of the setting.
pub fn set(text: &str, setting: &Setting, value: &Value) -> Result<String, EditError> {
    let mut document: DocumentMut = text.parse().map_err(|_| EditError::Broken)?;
    let (above, name) = setting.split();
    let (held, depth) = deepest(document.as_item_mut(), above);
    let has_place = depth > 0 && held.as_table().is_none_or(|table| table.is_dotted() || !table.is_implicit());
    let holder = held.as_table_like_mut().ok_or_else(|| EditError::NoTable(dotted(&above[..depth])))?;
    let missing = &above[depth..];
    match holder.get_mut(name).filter(|_| missing.is_empty()) {
        Some(Item::Value(old)) => {
            let decor = old.decor().clone();
            *old = value.clone();
            *old.decor_mut() = decor;
            Ok(document.to_string())
        }
        // A section of its own gives way to the value.
        Some(_) => match unset(text, setting)? {
            Some(without) => set(&without, setting, value),
            None => Err(EditError::NoTable(setting.to_string())),
        },
        None if has_place => {
            let (outer, value) = nested(missing, name, value);
            holder.insert(outer, Item::Value(value));
            Ok(document.to_string())
        }
        None => Ok(layout::inserted(text, above, name, value)),
    }
}

/// The text without the setting; `None` when it does not have it.
pub fn unset(text: &str, setting: &Setting) -> Result<Option<String>, EditError> {
    let mut document: DocumentMut = text.parse().map_err(|_| EditError::Broken)?;
    let (above, name) = setting.split();
    let (held, depth) = deepest(document.as_item_mut(), above);
    if depth < above.len() || held.get(name).is_none_or(Item::is_none) {
        return Ok(None);
    }
    if let Some(inline) = held.as_inline_table_mut() {
        inline.remove(name);
        return Ok(Some(document.to_string()));
    }
    Ok(layout::removed(text, &setting.0))
}

/// The deepest item on the way that is there, and how far down it is.
fn deepest<'a>(mut item: &'a mut Item, names: &[String]) -> (&'a mut Item, usize) {
    let mut depth = 0;
    while let Some(name) = names.get(depth)
        && item.get(name).is_some_and(|below| !below.is_none())
    {
        item = &mut item[name.as_str()];
        depth += 1;
    }
    (item, depth)
}

/// The outermost name that is missing, and its value: tables within one another around the one that is set.
fn nested<'a>(missing: &'a [String], name: &'a str, value: &Value) -> (&'a str, Value) {
    let Some((outer, between)) = missing.split_first() else { return (name, value.clone()) };
    let table = |name: &str, value: Value| Value::InlineTable(InlineTable::from_iter([(name, value)]));
    let inner = table(name, value.clone());
    (outer, between.iter().rev().fold(inner, |value, name| table(name, value)))
}

#[cfg(test)]
mod tests;
