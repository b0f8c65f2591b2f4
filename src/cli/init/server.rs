//! A server of one's own, which speaks the format of `OpenAI`: its address, its name and its key, each checked when it is typed.

use super::asker::Asker;
use super::draft::Draft;
use super::keys::{hidden, kept};
use super::{Tested, test};
use crate::config::Settings;
use crate::config::import::name_of;
use crate::config::layer::unfit_name;
use crate::error::Error;
use crate::provider::check_url;
use crate::ui::ask::Wrong;

/// Where to put what an address cannot hold.
const ELSEWHERE: &str =
    "A key is asked for next; what goes into a header is `headers` of the provider in the configuration.";

/// Asks for a server, and tests it.
pub async fn ask(asker: &Asker<'_>, draft: &mut Draft<'_>, settings: &Settings) -> Result<Tested, Error> {
    let question = "Its address, such as https://llm.example/v1 (empty goes back):";
    let Some(address) = asker.checked(question, address)? else { return Ok(Tested::default()) };
    let usual = free_name(&name_of(&address), settings);
    let question = format!("Its name in provider/model (empty: {usual}):");
    let name = asker.checked(&question, |typed| name(typed, settings))?.unwrap_or(usual);
    draft.set(["providers", &name, "base_url"], address)?;
    draft.set(["providers", &name, "auth"], "none")?;
    if let Err(error) = draft.settings() {
        draft.context.ui.error(&error);
        draft.drop_provider(&name)?;
        return Ok(Tested::default());
    }
    if let Some(key) = hidden(asker, "Its key (not shown; empty: it needs none):", &draft.context.ui)? {
        draft.set(["providers", &name, "auth"], "bearer")?;
        draft.keep_key(&name, key)?;
    }
    let tested = test(draft, &[name.clone()].into()).await?;
    if !tested.usable.is_empty() || asker.confirm("Keep it all the same?", false)? {
        return Ok(kept(tested));
    }
    draft.drop_provider(&name)?;
    Ok(Tested::default())
}

/// An address that the configuration takes. What may be a secret in another one is not shown again.
fn address(typed: &str) -> Result<String, Wrong> {
    let text = bare(typed);
    let hint = if text == typed { String::new() } else { format!(". {ELSEWHERE}") };
    match check_url(typed) {
        Ok(()) => Ok(typed.trim_end_matches('/').to_owned()),
        Err(why) => {
            // What to do instead is said in words of the file.
            let why = why.split("; ").next().unwrap_or_default();
            Err(Wrong { why: format!("This cannot be its address: {why}{hint}"), text })
        }
    }
}

/// An address without user, password, query and fragment.
fn bare(typed: &str) -> String {
    let (scheme, rest) = typed.find("://").map_or(("", typed), |at| typed.split_at(at + 3));
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    format!("{scheme}{host}{path}")
}

/// A name that no provider has.
fn name(typed: &str, settings: &Settings) -> Result<String, Wrong> {
    let wrong = |why| Wrong { why, text: typed.to_owned() };
    match unfit_name(typed, "a provider") {
        Some(why) => Err(wrong(why)),
        None if settings.provider(typed).is_some() => Err(wrong(format!("There is a provider `{typed}` already."))),
        None => Ok(typed.to_owned()),
    }
}

/// The name, with a number behind it when a provider has it already.
fn free_name(usual: &str, settings: &Settings) -> String {
    let numbered = (2..).map(|number: u32| format!("{usual}-{number}"));
    let mut names = std::iter::once(usual.to_owned()).chain(numbered);
    names.find(|name| settings.provider(name).is_none()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_taken_or_told_what_is_wrong_and_its_secrets_are_gone() {
        assert_eq!(address("https://llm.example/v1/").as_deref(), Ok("https://llm.example/v1"));
        for (typed, why, text) in [
            ("not a url", "an address starts with `https://` or `http://`", "not a url"),
            ("127.0.0.1:18988/v1", "an address starts with `https://` or `http://`", "127.0.0.1:18988/v1"),
            ("http://user:p@w@h:1/v1?key=abc#d", "must not hold a user or a password", "http://h:1/v1"),
            ("user:pw@h", "starts with", "h"),
            ("http://h/v1?key=abc", "must not hold '?'", "http://h/v1"),
        ] {
            let wrong = address(typed).expect_err(typed);
            assert!(wrong.why.contains(why) && !wrong.why.contains("api_key"), "{wrong:?}");
            assert_eq!(wrong.why.contains(ELSEWHERE), text != typed, "{wrong:?}");
            assert_eq!(wrong.text, text);
        }
    }
}
