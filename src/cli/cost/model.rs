//! From a model's name to its prices: `provider/id` by llmx's names and by the catalogue's, aliases, and an id that one provider
//! alone has.

use std::sync::Arc;

use crate::catalog::{Catalog, Model};
use crate::config::Settings;
use crate::config::suggest::nearest;
use crate::error::{Error, ErrorKind};
use crate::provider::Provider;

/// How many providers of one id are named.
const NAMED: usize = 6;

/// A model of the catalogue, and who serves it.
#[derive(Clone, Debug)]
pub struct Named {
    /// `provider/id`, as it was meant.
    pub name: String,
    /// The provider's row; `None` when llmx has none for that name of the catalogue.
    pub provider: Option<Arc<Provider>>,
    /// What is known of the model.
    pub model: Model,
}

/// The model of that name. What nobody knows is an error with suggestions.
pub fn named(name: &str, settings: &Settings, catalog: &Catalog) -> Result<Named, Error> {
    let meant = settings.aliases.get(name).map_or(name, |alias| alias.value.as_str());
    if let Some((provider, id)) = meant.split_once(['/', ':'])
        && let Some(found) = at(provider, id, settings, catalog)
    {
        return Ok(found);
    }
    let holders: Vec<Named> =
        catalog.providers().iter().filter_map(|provider| at(provider, meant, settings, catalog)).collect();
    match holders.as_slice() {
        [one] => Ok(one.clone()),
        [] => Err(unknown(meant, settings, catalog)),
        several => {
            let names: Vec<String> = several.iter().take(NAMED).map(|named| format!("`{}`", named.name)).collect();
            let more = if several.len() > NAMED { ", …" } else { "" };
            let error = Error::new(ErrorKind::Usage, format!("several providers have `{meant}`"));
            Err(error.hint(format!("name one: {}{more}", names.join(", "))))
        }
    }
}

/// The model at a provider that llmx or the catalogue calls so.
pub fn at(provider: &str, id: &str, settings: &Settings, catalog: &Catalog) -> Option<Named> {
    let row = settings.provider(provider);
    let by_row = row.and_then(|row| catalog.find(&row.catalog, id));
    let model = by_row.or_else(|| catalog.find(provider, id))?;
    let row = row.or_else(|| settings.providers.iter().find(|row| row.catalog == provider)).cloned();
    Some(Named { name: format!("{provider}/{id}"), provider: row, model })
}

fn unknown(name: &str, settings: &Settings, catalog: &Catalog) -> Error {
    let error = Error::new(ErrorKind::Usage, format!("the catalogue knows no model `{name}`"));
    let Some((provider, id)) = name.split_once(['/', ':']) else {
        return error.hint("a model is written `provider/model`; `llmx models --all` lists them");
    };
    let listed = catalog.providers();
    let known = settings.providers.iter().map(|row| row.name.as_str()).chain(listed.iter().map(String::as_str));
    let row = settings.provider(provider).map_or(provider, |row| row.catalog.as_str());
    let elsewhere = || {
        let holders = listed.iter().filter(|holder| catalog.find(holder, id).is_some()).take(NAMED);
        holders.map(|holder| format!("{holder}/{id}")).collect::<Vec<_>>()
    };
    let near: Vec<String> = if known.clone().any(|known| known == provider) {
        let near = catalog.suggest(row, id).into_iter().map(|id| format!("{provider}/{id}")).collect::<Vec<_>>();
        if near.is_empty() { elsewhere() } else { near }
    } else {
        nearest(provider, known).map(|near| format!("{near}/{id}")).into_iter().collect()
    };
    let near: Vec<String> = near.iter().map(|near| format!("`{near}`")).collect();
    match near.as_slice() {
        [] => error
            .hint("`llmx models --all` lists all models; a price of your own goes into the file that `catalog` names"),
        near => error.hint(format!("did you mean {}?", near.join(" or "))),
    }
}
