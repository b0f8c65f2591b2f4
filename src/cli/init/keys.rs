//! Keys that somebody types, each tested at once.

use super::asker::Asker;
use super::draft::Draft;
use super::{Tested, Usable, server, test};
use crate::config::Settings;
use crate::config::keys::key_state;
use crate::config::suggest::nearest;
use crate::error::Error;
use crate::provider::{KeyState, Provider};
use crate::secret::Secret;
use crate::ui::Ui;

/// How many providers are offered by name.
const OFFERED: usize = 12;

/// Asks until nobody wants to add more; gives back who can be asked for answers now.
pub async fn ask(asker: &Asker<'_>, draft: &mut Draft<'_>, found: &Tested) -> Result<Vec<Usable>, Error> {
    let mut usable: Vec<Usable> = Vec::new();
    while asker.is_person() {
        let settings = draft.settings()?;
        let answers = |name: &str| found.usable.iter().chain(&usable).any(|usable| usable.target.provider == name);
        let rejected: Vec<&str> = found.rejected.iter().map(String::as_str).filter(|name| !answers(name)).collect();
        let offered = without_good_key(&settings, draft, &rejected);
        let mut items: Vec<String> = offered.iter().map(|(provider, remark)| provider.title.clone() + remark).collect();
        let others = ["another provider", "a server of your own", "no more, go on"];
        items.extend(others.map(str::to_owned));
        let last = items.len() - 1;
        let is_done = !found.usable.is_empty() || !usable.is_empty();
        let chosen = asker.choose("Add the key of a provider", &items, if is_done { last } else { 0 })?;
        let tested = match chosen.checked_sub(offered.len()) {
            None => key(asker, draft, &offered[chosen].0.name, &offered[chosen].0.title).await?,
            Some(0) => match named(asker, draft, &settings)? {
                Some((name, title)) => key(asker, draft, &name, &title).await?,
                None => continue,
            },
            Some(1) => server::ask(asker, draft, &settings).await?,
            Some(_) => break,
        };
        usable.extend(tested.usable);
    }
    Ok(usable)
}

/// Those that can answer as soon as they have a key, or a better one, which is remarked; these come first.
fn without_good_key(settings: &Settings, draft: &Draft<'_>, rejected: &[&str]) -> Vec<(Provider, &'static str)> {
    let environment = &draft.context.environment;
    let all =
        || settings.providers.iter().map(AsRef::as_ref).filter(|provider: &&Provider| provider.missing.is_empty());
    let is_missing = |provider: &&Provider| matches!(key_state(provider, environment), KeyState::Missing(_));
    let is_rejected = |provider: &&Provider| rejected.contains(&provider.name.as_str()) && !is_missing(provider);
    let bad = all().filter(is_rejected).map(|provider| (provider, " (its key was rejected)"));
    let new =
        all().filter(|provider| provider.default_model.is_some()).filter(is_missing).map(|provider| (provider, ""));
    bad.chain(new).take(OFFERED).map(|(provider, remark)| (provider.clone(), remark)).collect()
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
        let typed = hidden(asker, &format!("The key of {title} (not shown; empty goes back):"), ui)?;
        let Some(key) = typed else { return Ok(Tested::default()) };
        draft.keep_key(name, key)?;
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

/// A key that may be one; `None` for an empty line.
pub(super) fn hidden(asker: &Asker<'_>, question: &str, ui: &Ui) -> Result<Option<Secret>, Error> {
    loop {
        let typed = asker.hidden(question)?;
        if typed.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Ok((!typed.is_empty()).then(|| Secret::new(typed)));
        }
        ui.note("That is no key: it has blanks, or letters that no key has.");
    }
}

/// Who is kept counts, reached or not.
pub(super) fn kept(tested: Tested) -> Tested {
    Tested { usable: [tested.usable, tested.unreached].concat(), ..Tested::default() }
}
