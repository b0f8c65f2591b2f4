//! One role: what its head sets and where, what must be given, and its text.

use serde_json::{Map, Value, json};

use super::whose;
use crate::cli::{Context, Done};
use crate::config::problem::sanitised;
use crate::config::role::Role;
use crate::config::role::find::open;
use crate::config::show::{origin_json, origin_words};
use crate::route::Set;

/// The version of the JSON that shows a role.
pub const SCHEMA: &str = "llmx.role/1";

/// Prints it.
pub fn print(name: &str, as_json: bool, context: &Context) -> Done {
    let role = open(name, &context.environment)?;
    if as_json {
        let mut shown = Map::from_iter([("schema".to_owned(), json!(SCHEMA))]);
        shown.extend(object(&role));
        return Ok(context.ui.out_clean(&format!("{}\n", Value::Object(shown)))?);
    }
    Ok(context.ui.out_clean(&text(&role))?)
}

/// A role as JSON.
pub fn object(role: &Role) -> Map<String, Value> {
    let setting = |(at, Set { value, origin }): (String, Set<Value>)| json!({ "key": at, "value": value, "origin": origin_json(&origin) });
    let object = json!({
        "name": role.name,
        "path": role.path(),
        "owner": whose(role.owner()),
        "description": role.description,
        "model": role.model,
        "needs": role.needed(),
        "text_is": text_is(role),
        "text": role.text(),
        "settings": role.settings().into_iter().map(setting).collect::<Vec<_>>(),
    });
    match object {
        Value::Object(object) => object,
        _ => Map::new(),
    }
}

fn text(role: &Role) -> String {
    let mut lines: Vec<(String, String)> =
        vec![(role.name.clone(), format!("{} ({})", role.path(), whose(role.owner())))];
    for (at, Set { value, origin }) in role.settings() {
        lines.push((format!("{at} = {value}"), origin_words(&origin)));
    }
    for name in role.needed() {
        lines.push((name.to_owned(), format!("must be given: -p {name}=…")));
    }
    let width = lines.iter().map(|(setting, _)| setting.chars().count()).max().unwrap_or(0).min(70);
    let mut told: Vec<String> =
        lines.iter().map(|(setting, place)| sanitised(&format!("{setting:width$}  # {place}"))).collect();
    told.extend(text_is(role).map(|what| format!("\n{what}:\n{}", role.text())));
    told.join("\n") + "\n"
}

/// What the text below the head is.
fn text_is(role: &Role) -> Option<&'static str> {
    match (role.text().is_empty(), role.is_prompt()) {
        (true, _) => None,
        (false, true) => Some("prompt"),
        (false, false) => Some("system"),
    }
}
