//! Which provider of llmx another tool means by a name and an address.

use super::{FoundKey, FoundProvider, IsSet};
use crate::catalog::provider_called;
use crate::provider::{Auth, Row, builtin, check_url};

/// Names that neither llmx nor its catalogue has.
const CALLED: &[(&str, &str)] = &[
    ("claude", "anthropic"),
    ("google", "gemini"),
    ("azure-openai", "azure"),
    ("azure", "azure"),
    ("azure_ai", "azure"),
    ("vertexai", "vertex"),
    ("ollama_chat", "ollama"),
    ("hosted_vllm", "vllm"),
    ("lm_studio", "lmstudio"),
    ("cohere_chat", "cohere"),
    ("github_models", "github"),
];

/// The built-in row that is meant by a name.
pub(super) fn known(name: &str) -> Option<(String, Row)> {
    let name = name.to_ascii_lowercase();
    let called = CALLED.iter().find(|(called, _)| *called == name).map(|(_, own)| (*own).to_owned());
    let mut rows = builtin();
    let place = |wanted: &str| rows.iter().position(|(own, _)| own == wanted);
    let at = called.and_then(|own| place(&own)).or_else(|| place(&name)).or_else(|| {
        let catalogue = provider_called(&name);
        place(&catalogue).or_else(|| rows.iter().position(|(_, row)| row.catalog.as_deref() == Some(&catalogue)))
    })?;
    Some(rows.swap_remove(at))
}

/// The provider that a tool calls so and asks at that address with that key. One with an address of its own is not the
/// built-in one, whose key must not go there.
pub(super) fn provider(
    called: &str,
    address: Option<&str>,
    key: Option<FoundKey>,
    is_set: IsSet<'_>,
) -> Result<FoundProvider, String> {
    let address = address.map(|address| address.trim_end_matches('/')).filter(|address| !address.is_empty());
    let built_in = known(called);
    if let Some((name, row)) = &built_in {
        let usual = row.base_url.as_deref().unwrap_or_default();
        let is_usual = address.is_none_or(|address| is_same_host(address, usual));
        let fills = address.filter(|address| usual.contains('{') && fits(host(usual), host(address)));
        if is_usual || fills.is_some() {
            let base_url = fills.map(str::to_owned);
            let (built_in, called) = (Some(name.clone()), called.to_owned());
            return Ok(FoundProvider {
                name: name.clone(),
                called,
                built_in,
                key,
                base_url,
                ..FoundProvider::default()
            });
        }
    }
    let Some(address) = address else {
        return Err(format!("`{called}`: llmx does not know this provider, and there is no address"));
    };
    if !address.starts_with("http://") && !address.starts_with("https://") || address.contains("YOUR_") {
        return Err(format!("`{called}`: its address is none"));
    }
    check_url(address).map_err(|why| format!("`{called}`: {why}"))?;
    let usual = format!("{}_API_KEY", called.to_uppercase().replace(['-', '.'], "_"));
    let key = key.or_else(|| (built_in.is_none() && is_set(&usual)).then_some(FoundKey::Env(usual)));
    let name = fit_name(if built_in.is_some() { host(address) } else { called });
    let (wire, auth) = built_in.map(|(_, row)| (row.wire, row.auth)).unwrap_or_default();
    let wire = wire.filter(|wire| wire != "openai-chat");
    let auth_header = auth.and_then(|auth| if let Auth::Header(header) = auth { Some(header) } else { None });
    let (called, base_url) = (called.to_owned(), Some(address.to_owned()));
    Ok(FoundProvider { name, called, built_in: None, wire, auth_header, base_url, key, model: None })
}

/// The members of a built-in row that a provider with another key or address shares with it.
pub(super) fn shared(built_in: &str) -> Vec<(&'static str, toml::Value)> {
    let row = builtin().into_iter().find(|(name, _)| name == built_in).map(|(_, row)| row).unwrap_or_default();
    let text = |text: Option<String>| text.map(toml::Value::String);
    let members = [
        ("base_url", text(row.base_url)),
        ("base_path", text(row.base_path)),
        ("wire", text(row.wire)),
        ("auth", row.auth.and_then(|auth| toml::Value::try_from(auth).ok())),
        ("quirks", row.quirks.map(toml::Value::Table)),
        ("catalog", Some(toml::Value::String(row.catalog.unwrap_or_else(|| built_in.to_owned())))),
        ("default_model", text(row.default_model)),
    ];
    members.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}

/// Whether the address of a built-in provider is not whole before somebody says of whom.
pub(super) fn has_open_address(built_in: &str) -> bool {
    let rows = builtin();
    rows.iter()
        .any(|(name, row)| name == built_in && row.base_url.as_ref().is_some_and(|address| address.contains('{')))
}

/// Whether a built-in provider looks into that variable by itself.
pub(super) fn looks_there(built_in: &str, variable: &str) -> bool {
    let rows = builtin();
    let row = rows.iter().find(|(name, _)| name == built_in);
    row.is_some_and(|(_, row)| row.key_env.iter().flatten().any(|known| known == variable))
}

/// Host and port, without the user and the password before them.
pub(super) fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    authority.rsplit_once('@').map_or(authority, |(_, host)| host)
}

fn is_same_host(address: &str, usual: &str) -> bool {
    let here = |host: &str| host.replace("localhost", "127.0.0.1").replace("0.0.0.0", "127.0.0.1");
    here(host(address)) == here(host(usual))
}

/// Whether a host is of the form of another one with `{name}` in it.
fn fits(form: &str, host: &str) -> bool {
    form.split_once('{').zip(form.rsplit_once('}')).is_some_and(|((start, _), (_, end))| {
        host.starts_with(start) && host.ends_with(end) && host.len() > start.len() + end.len()
    })
}

/// A name that can stand in `provider/model`.
pub(super) fn fit_name(name: &str) -> String {
    let fits = |character: char| character.is_ascii_alphanumeric() || "-_".contains(character);
    let name: String =
        name.to_lowercase().chars().map(|character| if fits(character) { character } else { '-' }).collect();
    let name = name.trim_matches('-');
    if name.is_empty() { "server".to_owned() } else { name.to_owned() }
}

/// Whether a text can be the name of an alias or a route.
pub(super) fn can_be_alias(name: &str) -> bool {
    let fits = |character: char| character.is_ascii_alphanumeric() || "-_.".contains(character);
    !name.is_empty() && name.chars().all(fits) && known(name).is_none()
}
