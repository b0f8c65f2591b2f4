//! Man pages: one for each command and each topic, in the words of the help.

use std::collections::BTreeMap;

/// Every page by its path in the repository.
pub fn pages() -> BTreeMap<String, String> {
    let pages = llmx::cli::pages::pages().expect("memory takes all");
    pages.into_iter().map(|(name, text)| (format!("man/{name}"), text)).collect()
}
