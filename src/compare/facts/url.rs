//! Addresses in a text.

use std::sync::LazyLock;

use regex::Regex;

use super::{Fact, blank, quoted, word_before};

static ADDRESS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"(?i)(?-u:\b)(?:https?://|www\.)[^\s<>"`{}|\\^\[\]，。；：！？、（）「」『』【】《》]+"#).ok()
});

/// The addresses of a text, which are taken out of it.
pub fn take(text: &mut String) -> Vec<Fact> {
    let mut ranges = Vec::new();
    let mut facts = Vec::new();
    for found in ADDRESS.iter().flat_map(|address| address.find_iter(text)) {
        let address = without_punctuation(found.as_str());
        let value = normal(address);
        facts.push(Fact { value, unit: None, text: quoted(address), before: word_before(text, found.start()) });
        ranges.push(found.start()..found.start() + address.len());
    }
    blank(text, &ranges);
    facts
}

/// Without what belongs to the sentence: punctuation at the end, and a parenthesis that the address has not opened.
fn without_punctuation(address: &str) -> &str {
    let mut end = address;
    let mut unopened = address.matches(')').count().saturating_sub(address.matches('(').count());
    loop {
        let trimmed = end.trim_end_matches(['.', ',', ';', ':', '!', '?', '\'', '*', '_', '~', '’', '”']);
        match trimmed.strip_suffix(')') {
            Some(rest) if unopened > 0 => {
                unopened -= 1;
                end = rest;
            }
            _ => return trimmed,
        }
    }
}

/// Scheme and host in lower case, no port that goes without saying, no slash where there is no path.
fn normal(address: &str) -> String {
    let start = address.find("://").map_or(0, |place| place + 3);
    let end = address[start..].find(['/', '?', '#']).map_or(address.len(), |place| start + place);
    let (scheme, host) = (address[..start].to_lowercase(), address[start..end].to_lowercase());
    let port = if scheme == "https://" { ":443" } else { ":80" };
    let path = Some(&address[end..]).filter(|path| *path != "/").unwrap_or_default();
    format!("{scheme}{}{path}", host.strip_suffix(port).unwrap_or(&host))
}
