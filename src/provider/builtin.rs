//! The rows that llmx brings along: the tables of `builtin.toml`, and of files that a cargo feature brings.

use super::Row;

/// `builtin.toml`, as `build.rs` writes it.
const BUILTIN: &str = include_str!(concat!(env!("OUT_DIR"), "/builtin.json"));

/// Further rows, by the cargo feature that brings them: its name, whether this build has it, its rows.
const OPTIONAL: &[(&str, bool, &str)] =
    &[("bedrock", cfg!(feature = "bedrock"), include_str!(concat!(env!("OUT_DIR"), "/bedrock.json")))];

/// The built-in rows by name, in the order of the file.
///
/// # Panics
/// Never: the files are part of the program, and a test reads them.
pub fn builtin() -> Vec<(String, Row)> {
    let optional = OPTIONAL.iter().filter(|(_, built, _)| *built).map(|(.., text)| *text);
    [BUILTIN].into_iter().chain(optional).flat_map(rows).collect()
}

/// The cargo feature that this build lacks to know the provider of that name.
pub fn left_out(name: &str) -> Option<&'static str> {
    let lacking = OPTIONAL.iter().filter(|(_, built, _)| !built);
    lacking.filter(|(.., text)| rows(text).iter().any(|(known, _)| known == name)).map(|(feature, ..)| *feature).next()
}

fn rows(text: &str) -> Vec<(String, Row)> {
    serde_json::from_str(text).expect("a built-in file holds rows")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::Auth;
    use crate::wire;

    #[test]
    fn every_great_provider_of_the_catalogue_is_known_to_it_by_that_name() {
        let names = "openai anthropic gemini azure-openai vertex bedrock cohere mistral groq together fireworks deepseek xai \
                     openrouter perplexity cerebras huggingface replicate ollama";
        let catalog = crate::catalog::Catalog::builtin();
        let rows: Vec<String> = builtin().into_iter().map(|(name, row)| row.catalog.unwrap_or(name)).collect();
        for name in names.split_whitespace().filter(|name| cfg!(feature = "bedrock") || *name != "bedrock") {
            assert!(rows.iter().any(|row| row == name), "no row says `{name}`");
            assert!(catalog.models(name).next().is_some(), "the catalogue has no `{name}`");
        }
    }

    #[test]
    fn a_row_that_names_its_provider_of_the_catalogue_names_one_that_is_there() {
        let known = crate::catalog::Catalog::builtin().providers();
        for (name, row) in builtin() {
            assert!(row.catalog.as_ref().is_none_or(|catalog| known.contains(catalog)), "{name}: {:?}", row.catalog);
        }
    }

    #[test]
    fn every_built_in_row_makes_a_sound_provider() {
        let rows = builtin();
        assert!(rows.len() >= 80, "{}", rows.len());
        for (name, row) in rows {
            let provider = row.into_provider(&name, &|_| None).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert!(wire::codec(&provider.wire).is_some(), "{name}: wire {}", provider.wire);
            for (pattern, wire) in &provider.wires {
                assert!(wire::codec(wire).is_some() && pattern.matches('*').count() < 2, "{name}: {pattern} {wire}");
            }
            for (named, found) in [
                (&provider.embeddings, wire::embed::of(&provider).map(|format| format.name)),
                (&provider.models, wire::models::of(&provider).map(|format| format.name)),
            ] {
                let said = named.as_deref().filter(|format| *format != "none");
                assert!(said.is_none() || found == said, "{name}: {named:?}");
            }
            let scheme = if provider.local { "http://127.0.0.1" } else { "https://" };
            assert!(provider.base_url.starts_with(scheme), "{name}: {}", provider.base_url);
            assert!(!provider.base_url.ends_with('/'), "{name}: {}", provider.base_url);
            assert!(provider.local || !provider.keys.is_empty(), "{name} has no key");
            assert!(provider.local || provider.auth != Auth::None, "{name} sends no key");
            let page = provider.keys_url.as_deref().unwrap_or_default();
            assert!(provider.local || page.starts_with("https://"), "{name}: where is a key to be had?");
            assert!(!page.contains([' ', '?']) && !page.ends_with('/'), "{name}: {page}");
            for (parameter, variables) in &provider.missing {
                assert!(!variables.is_empty(), "{name}: nothing says `{parameter}`");
            }
        }
    }

    #[test]
    fn names_and_titles_are_unique() {
        let rows = builtin();
        let names: std::collections::BTreeSet<_> = rows.iter().map(|(name, _)| name).collect();
        let titles: std::collections::BTreeSet<_> = rows.iter().map(|(_, row)| &row.title).collect();
        assert_eq!((names.len(), titles.len()), (rows.len(), rows.len()));
    }

    #[test]
    fn a_token_made_for_other_things_sends_no_prompt_by_itself() {
        const MADE_FOR_OTHERS: &[&str] = &[
            "CLOUDFLARE_API_TOKEN",
            "DATABRICKS_TOKEN",
            "DIGITALOCEAN_ACCESS_TOKEN",
            "GITHUB_TOKEN",
            "HF_TOKEN",
            "INFERENCE_KEY",
            "REPLICATE_API_TOKEN",
            "VULTR_API_KEY",
            "WANDB_API_KEY",
        ];
        for (name, row) in builtin() {
            let variable = row.key_env.iter().flatten().any(|variable| MADE_FOR_OTHERS.contains(&variable.as_str()));
            let login = row.service_account_env.is_some() || row.api_key.is_some();
            assert!(!(variable || login) || row.default_model.is_none(), "{name} has a default model");
        }
    }

    #[test]
    fn the_order_of_the_file_is_kept() {
        let names: Vec<_> = builtin().into_iter().map(|(name, _)| name).take(3).collect();
        assert_eq!(names, ["openai", "anthropic", "gemini"]);
    }
}
