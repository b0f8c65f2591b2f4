//! Chains of providers for the binary: their configuration, what the fleet answers there, and the key that nothing may
//! show.

use llmx::sim::answer::answer;
use llmx::sim::dialect::Ask;
use llmx::sim::tokens::pieces;

use super::{Output, Server};

pub const PROMPT: &str = "Why is the sky blue?";
/// The key of every provider, which nothing may show.
pub const CANARY: &str = "sk-canary-5f1d2c";
/// A provider of a chain: its name and its wire format.
pub type Link = (String, &'static str);

/// A configuration whose default route is this chain.
pub fn config(server: &Server, chain: &[Link], route: &str) -> String {
    let tiers: Vec<String> = chain.iter().map(|(name, _)| format!("[\"{name}/m\"]")).collect();
    let mut toml = format!("default = \"test\"\n[routes.test]\ntiers = [{}]\n{route}\n", tiers.join(", "));
    for (name, wire) in chain {
        let auth = match *wire {
            "anthropic" => "{ header = \"x-api-key\" }",
            "gemini" => "{ header = \"x-goog-api-key\" }",
            _ => "\"bearer\"",
        };
        let base_url = server.base_url(name, wire);
        toml.extend(["[providers.", name, "]\nwire = \"", wire, "\"\nauth = ", auth]);
        toml.extend(["\nbase_url = \"", &base_url, "\"\napi_key = \"", CANARY, "\"\n"]);
    }
    toml
}

/// What the fleet answers at that provider.
pub fn words(provider: &str) -> String {
    let ask = Ask { model: "m".to_owned(), prompt: PROMPT.to_owned(), ..Ask::default() };
    answer(&ask, provider, 0).text
}

pub fn first_tokens(provider: &str, count: usize) -> String {
    pieces(&words(provider)).into_iter().take(count).collect()
}

/// Nothing of what a run left holds the key.
#[track_caller]
pub fn nothing_leaked(output: &Output) {
    assert!(!output.stdout.contains(CANARY) && !output.stderr.contains(CANARY), "the key is shown: {}", output.stderr);
    for folder in ["home", "data", "state", "cache", "work"] {
        let mut folders = vec![output.home.path(folder)];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(&folder).expect("a directory").map(|entry| entry.expect("an entry").path()) {
                if entry.is_dir() {
                    folders.push(entry);
                } else {
                    let bytes = std::fs::read(&entry).expect("a file");
                    let leaked = bytes.windows(CANARY.len()).any(|window| window == CANARY.as_bytes());
                    assert!(!leaked, "the key is in {}", entry.display());
                }
            }
        }
    }
}
