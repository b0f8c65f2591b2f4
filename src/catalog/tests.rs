//! Looking models up: the table, aliases, the user's entries, suggestions.

use proptest::prelude::*;

use super::user::UserError;
use super::*;

fn find(key: &str) -> Option<Model> {
    let (provider, id) = key.split_once('/').expect("a key");
    Catalog::builtin().find(provider, id)
}

fn with(text: &str) -> Result<Catalog, UserError> {
    Catalog::builtin().with_user_toml(text)
}

#[test]
fn every_line_of_the_table_is_read() {
    let (mut models, mut aliases) = (0, 0);
    for (key, entry) in Table::default().starting_with("") {
        let found = find(key).unwrap_or_else(|| panic!("{key} is not read"));
        let known = format!("{}/{}", found.provider, found.id);
        match entry {
            Entry::Model(_) => {
                assert_eq!(known, key);
                models += 1;
            }
            Entry::Alias(id) => {
                assert_eq!(found.id, id, "{key}");
                assert!(matches!(Table::default().find(&known), Some(Entry::Model(_))), "{key} names no model");
                aliases += 1;
            }
        }
    }
    assert!(models > 4500 && aliases > 700, "{models} models, {aliases} aliases");
}

#[test]
fn a_model_has_its_facts() {
    let model = find("openai/gpt-5.4").expect("known");
    assert_eq!((model.kind, model.context, model.max_output), (Kind::Chat, Some(1_050_000), Some(128_000)));
    assert_eq!((model.abilities.tools, model.encoding.as_deref()), (Some(true), Some("o200k_base")));
    assert_eq!(model.input, ["image", "pdf"]);
    assert_eq!(find("openai/gpt-5-4").expect("an alias"), model);
    assert_eq!(find("openai/text-embedding-3-small").expect("known").kind, Kind::Embedding);
    assert!(find("openai/gpt-5-pro").expect("known").responses_only);
}

#[test]
fn a_zero_that_may_mean_unknown_is_no_price_and_a_free_model_costs_nothing() {
    assert_eq!(find("gemini/gemini-2.0-pro-exp-02-05").expect("known").pricing, None);
    let free = find("zai/glm-4.5-flash").expect("known").pricing.expect("a price");
    assert_eq!(free.standard.rates.get(Unit::Input).map(crate::money::Rate::pico), Some(0));
}

#[test]
fn only_the_very_id_is_found() {
    for key in
        ["openai/gpt-5.4 ", "openai/GPT-5.4", "openai/gpt-5.4\n", "openai/", "/gpt-5.4", "x/é\u{0}", "openai/gpt-5.4/"]
    {
        assert_eq!(find(key), None, "{key:?}");
    }
}

#[test]
fn the_users_fields_win_one_by_one() {
    let catalog = with(
        "[models.'openai/gpt-5.4']\ncontext = 1000\nvision = false\n\
         [models.'corp/team/x']\nmax_output = 5\nprice = { input = 0.2, output = 1, cached_read = '0.01' }\n",
    )
    .expect("entries");
    let (mine, known) = (catalog.find("openai", "gpt-5-4").expect("known"), find("openai/gpt-5.4").expect("known"));
    assert_eq!(
        (mine.context, mine.abilities.vision, &mine.input[..]),
        (Some(1000), Some(false), &["pdf".to_owned()][..])
    );
    assert_eq!((mine.max_output, mine.pricing), (known.max_output, known.pricing));
    let new = catalog.find("corp", "team/x").expect("the user's own");
    let pricing = new.pricing.expect("a price");
    let pico = |unit| pricing.standard.rates.get(unit).expect("a price").pico();
    assert_eq!([pico(Unit::Input), pico(Unit::CacheRead), pico(Unit::CacheWrite1h)], [200_000, 10_000, 200_000]);
    assert_eq!((pricing.source.as_str(), new.context), ("user", None));
}

#[test]
fn a_users_price_replaces_the_whole_block() {
    let catalog = with("[models.'openai/gpt-5-4']\nprice = { input = 1 }\n").expect("entries");
    let pricing = catalog.find("openai", "gpt-5.4").expect("known").pricing.expect("a price");
    assert_eq!((pricing.standard.tiers.len(), pricing.modes.len(), pricing.fees.len()), (0, 0, 0));
    assert_eq!(pricing.standard.rates.get(Unit::Output), None);
}

#[test]
fn a_wrong_entry_is_told_with_its_place() {
    for (text, place, words) in [
        ("[models.'a/b']\ncontex = 1\n", "contex", "unknown field `contex`"),
        ("[models.'a/b']\nprice = { inputs = 1 }\n", "inputs", "unknown field `inputs`"),
        ("[models.'a/b']\nprice = { input = -1 }\n", "-1", "no price"),
        ("[models.'a/b']\nprice = { input = 0.0000001 }\n", "0.0000001", "no price"),
        ("[models.'a/b']\ntools = 'yes'\n", "'yes'", "expected a boolean"),
        ("[models.b]\ntools = true\n", "b", "write `provider/model`"),
        ("[models.'a/b'\n", "", ""),
    ] {
        let error = with(text).expect_err(text);
        assert!(error.message.contains(words), "{text}: {error}");
        let span = error.span.expect("a place");
        assert!(text[span.clone()].contains(place), "{text}: {:?}", &text[span]);
    }
}

#[test]
fn a_near_miss_is_suggested() {
    let suggest = |provider, id| Catalog::builtin().suggest(provider, id);
    assert_eq!(suggest("openai", "gpt-5.4-mni")[0], "gpt-5.4-mini");
    assert_eq!(suggest("openrouter", "claude-haiku-4.5")[0], "anthropic/claude-haiku-4.5");
    assert_eq!(suggest("groq", "llama-3.3-70b")[0], "llama-3.3-70b-versatile");
    assert_eq!(suggest("openai", "zzzzzz"), Vec::<String>::new());
    assert_eq!(suggest("nobody", "gpt-5.4"), Vec::<String>::new());
    let mine = with("[models.'corp/house-model']\ncontext = 1").expect("entries");
    assert_eq!(mine.suggest("corp", "house-modle"), ["house-model"]);
}

#[test]
fn a_providers_models_are_the_tables_and_the_users() {
    let catalog = with("[models.'groq/mine']\ncontext = 7\n[models.'groq/llama-3.3-70b-versatile']\ncontext = 9")
        .expect("entries");
    let models: Vec<Model> = catalog.models("groq").collect();
    let window = |id: &str| models.iter().find(|model| model.id == id).and_then(|model| model.context);
    assert_eq!((window("mine"), window("llama-3.3-70b-versatile")), (Some(7), Some(9)));
    assert_eq!(models.len(), Catalog::builtin().models("groq").count() + 1);
    assert_eq!(catalog.models("azure").count(), 0);
}

proptest! {
    #[test]
    fn any_name_is_looked_up_without_a_panic(provider in ".{0,12}", id in ".{0,40}") {
        prop_assert_eq!(Catalog::builtin().find(&provider, &id), None);
    }

    #[test]
    fn any_text_is_read_without_a_panic(text in "(\\[models\\.'[a-z/]{0,6}'\\]\n)?[a-z_]{0,10} = .{0,20}") {
        let _outcome = with(&text);
    }
}
