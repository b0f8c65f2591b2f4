//! Keys and servers that somebody types, each tested at once.

use super::asker::Asker;
use super::draft::Draft;
use super::{Tested, Usable, test};
use crate::config::Settings;
use crate::config::keys::key_state;
use crate::config::suggest::nearest;
use crate::error::Error;
use crate::provider::{KeyState, Provider};
use crate::secret::Secret;

/// How many providers are offered by name.
const OFFERED: usize = 12;

/// Asks until nobody wants to add more; gives back who can be asked for answers now.
pub async fn ask(asker: &Asker<'_>, draft: &mut Draft<'_>, has_some: bool) -> Result<Vec<Usable>, Error> {
    let mut usable = Vec::new();
    while asker.is_person() {
        let settings = draft.settings()?;
        let offered = without_key(&settings, draft);
        let mut items: Vec<String> = offered.iter().map(|provider| provider.title.clone()).collect();
        let others = ["another provider", "a server of your own", "no more, go on"];
        items.extend(others.map(str::to_owned));
        let last = items.len() - 1;
        let is_done = has_some || !usable.is_empty();
        let chosen = asker.choose("Add the key of a provider", &items, if is_done { last } else { 0 })?;
        let tested = match chosen.checked_sub(offered.len()) {
            None => key(asker, draft, &offered[chosen].name, &offered[chosen].title).await?,
            Some(0) => match named(asker, draft, &settings)? {
                Some((name, title)) => key(asker, draft, &name, &title).await?,
                None => continue,
            },
            Some(1) => server(asker, draft, &settings).await?,
            Some(_) => break,
        };
        usable.extend(tested.usable);
    }
    Ok(usable)
}

/// Those that can answer as soon as they have a key.
fn without_key(settings: &Settings, draft: &Draft<'_>) -> Vec<Provider> {
    let environment = &draft.context.environment;
    let ready = |provider: &&Provider| {
        provider.default_model.is_some()
            && provider.missing.is_empty()
            && matches!(key_state(provider, environment), KeyState::Missing(_))
    };
    settings.providers.iter().map(AsRef::as_ref).filter(ready).take(OFFERED).cloned().collect()
}

/// A provider by its name.
fn named(asker: &Asker<'_>, draft: &Draft<'_>, settings: &Settings) -> Result<Option<(String, String)>, Error> {
    let name = asker.line("Its name, as in provider/model (`llmx config show --all` lists them; empty goes back):")?;
    if name.is_empty() {
        return Ok(None);
    }
    let found = settings.provider(&name).map(|provider| (provider.name.clone(), provider.title.clone()));
    if found.is_none() {
        let known = settings.providers.iter().map(|provider| provider.name.as_str());
        let near = nearest(&name, known).map_or(String::new(), |near| format!("; did you mean `{near}`?"));
        draft.context.ui.note(&format!("There is no provider `{name}`{near}"));
    }
    Ok(found)
}

/// Asks for a key until one works, or is kept, or is given up.
async fn key(asker: &Asker<'_>, draft: &mut Draft<'_>, name: &str, title: &str) -> Result<Tested, Error> {
    let ui = &draft.context.ui;
    let page = draft.settings()?.provider(name).and_then(|provider| provider.keys_url.clone());
    if let Some(page) = page {
        ui.note(&format!("A key of {title} is to be had at {page}"));
    }
    loop {
        let typed = asker.hidden(&format!("The key of {title} (not shown; empty goes back):"))?;
        if typed.is_empty() {
            return Ok(Tested::default());
        }
        if !typed.bytes().all(|byte| byte.is_ascii_graphic()) {
            ui.note("That is no key: it has blanks, or letters that no key has.");
            continue;
        }
        draft.keep_key(name, Secret::new(typed))?;
        let tested = test(draft, &[name.to_owned()].into()).await?;
        if tested.rejected.is_empty() && tested.unreached.is_empty() {
            return Ok(tested);
        }
        if tested.rejected.is_empty() && asker.confirm("Keep it all the same?", true)? {
            return Ok(kept(tested));
        }
        draft.drop_provider(name)?;
        if !asker.confirm("Type it again?", true)? {
            return Ok(Tested::default());
        }
    }
}

/// A server that speaks the format of `OpenAI`.
async fn server(asker: &Asker<'_>, draft: &mut Draft<'_>, settings: &Settings) -> Result<Tested, Error> {
    let address = asker.line("Its address, such as https://llm.example/v1 (empty goes back):")?;
    if address.is_empty() {
        return Ok(Tested::default());
    }
    let usual = crate::config::import::name_of(&address);
    let name = asker.line(&format!("Its name in provider/model (empty: {usual}):"))?;
    let name = if name.is_empty() { usual } else { name };
    if settings.provider(&name).is_some() {
        draft.context.ui.note(&format!("There is a provider `{name}` already."));
        return Ok(Tested::default());
    }
    draft.set(["providers", &name, "base_url"], address)?;
    draft.set(["providers", &name, "auth"], "none")?;
    if let Err(error) = draft.settings() {
        draft.context.ui.error(&error);
        draft.drop_provider(&name)?;
        return Ok(Tested::default());
    }
    let typed = asker.hidden("Its key (not shown; empty: it needs none):")?;
    if !typed.is_empty() {
        draft.set(["providers", &name, "auth"], "bearer")?;
        draft.keep_key(&name, Secret::new(typed))?;
    }
    let tested = test(draft, &[name.clone()].into()).await?;
    if !tested.usable.is_empty() || asker.confirm("Keep it all the same?", false)? {
        return Ok(kept(tested));
    }
    draft.drop_provider(&name)?;
    Ok(Tested::default())
}

/// Who is kept counts, reached or not.
fn kept(tested: Tested) -> Tested {
    Tested { usable: [tested.usable, tested.unreached].concat(), ..Tested::default() }
}
