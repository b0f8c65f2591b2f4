//! Who answers when no model is named: one model, or a chain in which the next one serves when one fails.

use toml_edit::{Array, Value};

use super::asker::Asker;
use super::draft::Draft;
use crate::config::resolve::AUTOMATIC_TIERS;
use crate::error::Error;
use crate::provider::TargetId;

/// Names for the chain; the first that is free is taken.
const NAMES: &[&str] = &["smart", "main", "chain"];

/// Offers a chain of whoever can be asked, unless there is a default already.
pub fn choose(
    usable: Vec<TargetId>,
    wished: Option<&str>,
    asker: &Asker<'_>,
    draft: &mut Draft<'_>,
) -> Result<(), Error> {
    let settings = draft.settings()?;
    let ui = &draft.context.ui;
    if let Some(default) = &settings.default {
        ui.note(&format!("`{}` stays who answers when no model is named ({}).", default.value, default.origin));
        return Ok(());
    }
    let chain = order(usable, wished);
    let names: Vec<String> = chain.iter().map(ToString::to_string).collect();
    let first = if names.len() > 1 { asker.choose("Who answers first", &names, 0)? } else { 0 };
    let mut chain = names;
    chain[..=first].rotate_right(1);
    chain.truncate(AUTOMATIC_TIERS);
    let free =
        NAMES.iter().find(|name| !settings.routes.contains_key(**name) && !settings.aliases.contains_key(**name));
    match (chain.as_slice(), free) {
        ([only], _) | ([only, ..], None) => {
            ui.note(&format!("{only} answers when no model is named."));
            draft.set(["default"], only.as_str())
        }
        (chain, Some(name)) => {
            ui.note(&format!("{} answers; when it fails, {}.", chain[0], chain[1..].join(", then ")));
            let tiers: Array =
                chain.iter().map(|target| Value::Array([target.as_str()].into_iter().collect())).collect();
            draft.set(["routes", name, "tiers"], Value::Array(tiers))?;
            draft.set(["default"], *name)
        }
        ([], _) => Ok(()),
    }
}

/// Each provider once, the model that was wished for first.
fn order(usable: Vec<TargetId>, wished: Option<&str>) -> Vec<TargetId> {
    let mut chain: Vec<TargetId> = Vec::new();
    let wished = wished.and_then(|wished| wished.parse::<TargetId>().ok());
    let wished = wished.filter(|wished| usable.iter().any(|target| target.provider == wished.provider));
    for target in wished.into_iter().chain(usable) {
        if chain.iter().all(|known| known.provider != target.provider) {
            chain.push(target);
        }
    }
    chain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_provider_is_in_the_chain_once_and_the_wish_first() {
        let usable = || ["openai/a", "groq/b", "openai/a"].map(|target| target.parse().expect("a target")).to_vec();
        let names = |chain: Vec<TargetId>| chain.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
        assert_eq!(names(order(usable(), None)), "openai/a groq/b");
        assert_eq!(names(order(usable(), Some("groq/big"))), "groq/big openai/a");
        assert_eq!(names(order(usable(), Some("xai/c"))), "openai/a groq/b");
    }
}
