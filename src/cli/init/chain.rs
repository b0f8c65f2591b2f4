//! Who answers when no model is named: one model, or a chain in which the next one serves when one fails.

use toml_edit::{Array, Value};

use super::Usable;
use super::asker::Asker;
use super::draft::Draft;
use crate::cli::catalogue;
use crate::config::Settings;
use crate::config::import::FoundDefault;
use crate::config::keys::key_state;
use crate::config::resolve::AUTOMATIC_TIERS;
use crate::error::Error;
use crate::provider::{KeyState, TargetId};
use crate::route::Origin;
use crate::ui::Ui;

/// Names for the chain; the first that is free is taken.
const NAMES: &[&str] = &["smart", "main", "chain"];

/// Offers a chain of whoever can be asked, unless there is a default already. The default model of another tool comes first.
pub fn choose(
    usable: Vec<Usable>,
    defaults: &[(&str, FoundDefault)],
    asker: &Asker<'_>,
    draft: &mut Draft<'_>,
) -> Result<(), Error> {
    let settings = draft.settings()?;
    let ui = &draft.context.ui;
    if let Some(default) = &settings.default {
        ui.note(&format!("`{}` stays who answers when no model is named ({}).", default.value, default.origin));
        return Ok(());
    }
    let wished = wished(defaults, &usable, &settings, draft)?;
    let mut chain = order(usable, wished);
    let names: Vec<String> = chain.iter().map(|usable| usable.target.to_string()).collect();
    let first = if names.len() > 1 { asker.choose("Who answers first", &names, 0)? } else { 0 };
    chain[..=first].rotate_right(1);
    chain.truncate(AUTOMATIC_TIERS);
    let free =
        NAMES.iter().find(|name| !settings.routes.contains_key(**name) && !settings.aliases.contains_key(**name));
    match (chain.as_slice(), free) {
        ([only], _) | ([only, ..], None) => {
            ui.note(&format!("{} answers when no model is named.", only.target));
            say_chance(only, &format!("llmx config set default {}/NAME", only.target.provider), ui);
            draft.set(["default"], only.target.to_string())
        }
        ([first, others @ ..], Some(name)) => {
            let others: Vec<String> = others.iter().map(|usable| usable.target.to_string()).collect();
            ui.note(&format!("{} answers; when it fails, {}.", first.target, others.join(", then ")));
            for usable in &chain {
                say_chance(usable, "llmx config edit", ui);
            }
            let tiers: Array =
                chain.iter().map(|usable| Value::Array([usable.target.to_string()].into_iter().collect())).collect();
            draft.set(["routes", name, "tiers"], Value::Array(tiers))?;
            draft.set(["default"], *name)
        }
        ([], _) => Ok(()),
    }
}

/// A model that is the first of a list was chosen by chance, and somebody may want another.
fn say_chance(usable: &Usable, change: &str, ui: &Ui) {
    if let Usable { target, out_of: Some(count @ 2..) } = usable {
        let provider = &target.provider;
        ui.note(&format!(
            "{target} is just the first of {count} models of {provider}: `llmx models --live -p {provider}` lists them, \
             `{change}` takes another."
        ));
    }
}

/// The first default of another tool that can be asked. Why one is not taken is said.
fn wished(
    defaults: &[(&str, FoundDefault)],
    usable: &[Usable],
    settings: &Settings,
    draft: &Draft<'_>,
) -> Result<Option<TargetId>, Error> {
    let mut wished = None;
    for (tool, default) in defaults {
        let FoundDefault { said, path, .. } = default;
        let (path, ui) = (path.display(), &draft.context.ui);
        match resolved(default, usable, settings, draft)? {
            Ok(target) if wished.is_none() => {
                ui.note(&format!("The default model of {tool} comes first: {target} ({path})"));
                wished = Some(target);
            }
            Ok(target) => ui.note(&format!("The default model of {tool} is left aside: {target} ({path})")),
            Err(why) => ui.note(&format!("{tool}: its default model `{said}` is not taken: {why} ({path})")),
        }
    }
    Ok(wished)
}

/// The model that is meant, when it can be asked; else why not.
fn resolved(
    default: &FoundDefault,
    usable: &[Usable],
    settings: &Settings,
    draft: &Draft<'_>,
) -> Result<Result<TargetId, String>, Error> {
    let environment = &draft.context.environment;
    let catalog = catalogue::open(settings, &draft.context.ui)?;
    let lookup = |provider: &str, id: &str| catalog.find(provider, id);
    let name = default.target.as_deref().unwrap_or(&default.said);
    let found = settings.resolve(name, Origin::BuiltIn, environment, &lookup).ok();
    let found = found.and_then(|policy| policy.named().next().cloned());
    let Some(target) = found else {
        let why = default.target.as_ref().err().cloned();
        return Ok(Err(why.unwrap_or_else(|| "llmx does not know its provider".to_owned())));
    };
    if usable.iter().any(|usable| usable.target.provider == target.provider) {
        return Ok(Ok(target));
    }
    let provider = settings.provider(&target.provider);
    let has_key = provider.is_some_and(|found| !matches!(key_state(found, environment), KeyState::Missing(_)));
    let why = if has_key { "does not answer" } else { "has no key" };
    Ok(Err(format!("{} {why}", target.provider)))
}

/// Each provider once, the model that was wished for first.
fn order(usable: Vec<Usable>, wished: Option<TargetId>) -> Vec<Usable> {
    let mut chain: Vec<Usable> = Vec::new();
    let wished = wished.map(|target| Usable { target, out_of: None });
    for usable in wished.into_iter().chain(usable) {
        if chain.iter().all(|known| known.target.provider != usable.target.provider) {
            chain.push(usable);
        }
    }
    chain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_provider_is_in_the_chain_once_and_the_wish_first() {
        let target = |name: &str| name.parse::<TargetId>().expect("a target");
        let usable =
            || ["openai/a", "groq/b", "openai/a"].map(|name| Usable { target: target(name), out_of: None }).to_vec();
        let names =
            |chain: Vec<Usable>| chain.iter().map(|usable| usable.target.to_string()).collect::<Vec<_>>().join(" ");
        assert_eq!(names(order(usable(), None)), "openai/a groq/b");
        assert_eq!(names(order(usable(), Some(target("groq/big")))), "groq/big openai/a");
    }
}
