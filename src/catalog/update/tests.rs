//! What is taken, what is refused, what it changes, and that a stored text opens or is told as damaged.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::catalog::Kind;

const TODAY: Origin<'static> = Origin { name: "prices.json", today: "2026-12-24" };

fn take(text: &str) -> Result<Update, Refused> {
    read(text, &TODAY, &Catalog::builtin(), false)
}

fn opened(update: &Update) -> Catalog {
    match open(update.stored.clone()) {
        Ok(Opened::Catalog(catalog)) => *catalog,
        other => panic!("{other:?}"),
    }
}

/// A table of llmx's own with the embedded one's lines and more.
fn own_table(change: impl Fn(&str) -> Option<String>) -> String {
    Table::default().text().lines().filter_map(|line| change(line).map(|line| line + "\n")).collect()
}

fn price(catalog: &Catalog, provider: &str, id: &str) -> Option<(String, Option<String>)> {
    let rates = catalog.find(provider, id)?.pricing?.standard.rates;
    let text = |unit| rates.get(unit).map(Rate::per_million);
    Some((text(Unit::Input)?, text(Unit::Output)))
}

fn litellm(models: &Value) -> String {
    models.to_string()
}

#[test]
fn litellms_prices_are_taken_exactly_and_the_rest_stays() {
    let text = litellm(&json!({
        "sample_spec": {"litellm_provider": "one of …", "max_tokens": "LEGACY", "mode": "chat"},
        "gpt-4o": {"litellm_provider": "openai", "mode": "chat", "max_input_tokens": 128_000, "max_output_tokens": 16384,
            "input_cost_per_token": 2e-06, "output_cost_per_token": 8e-06, "cache_read_input_token_cost": 1e-06,
            "input_cost_per_token_above_200k_tokens": 4e-06, "output_cost_per_token_above_200k_tokens": 1.2e-05,
            "input_cost_per_token_batches": 1e-06, "output_cost_per_token_batches": 4e-06},
        "gpt-4o-mini": {"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": 1.5e-07,
            "output_cost_per_token": 6e-07, "supports_pdf_input": false, "deprecation_date": "2027-05-05"},
        "groq/llama-9": {"litellm_provider": "groq", "mode": "chat", "max_input_tokens": "8192",
            "input_cost_per_token": 5.12345e-07, "supports_function_calling": true},
        "vertex_ai/new-embed": {"litellm_provider": "vertex_ai-embedding-models", "mode": "embedding",
            "input_cost_per_token": 1e-07, "output_cost_per_token": 0},
        "free-or-unknown": {"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": 0.0, "output_cost_per_token": 0.0},
        "dall-e-9": {"litellm_provider": "openai", "mode": "image_generation", "output_cost_per_image": 1},
        "bedrock/eu-west-1/gpt": {"litellm_provider": "bedrock", "mode": "chat", "input_cost_per_token": 1e-06},
        "weird one": {"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": 1e-06},
    }));
    let update = take(&text).expect("taken");
    assert_eq!((update.format, update.stated, update.as_of.as_str()), ("litellm", 5, "2026-12-24"));
    assert_eq!(update.new, ["groq/llama-9", "openai/free-or-unknown", "vertex/new-embed"]);
    assert_eq!((update.gone.len(), update.repriced.len()), (0, 1));
    let catalog = opened(&update);
    assert_eq!(price(&catalog, "openai", "gpt-4o"), Some(("2".to_owned(), Some("8".to_owned()))));
    assert_eq!(price(&catalog, "groq", "llama-9"), Some(("0.512345".to_owned(), None)));
    assert_eq!(price(&catalog, "vertex", "new-embed"), Some(("0.1".to_owned(), None)));
    assert_eq!(price(&catalog, "openai", "free-or-unknown"), None);
    let (new, old) = (catalog.find("openai", "gpt-4o").expect("known"), Catalog::builtin().find("openai", "gpt-4o"));
    let pricing = new.pricing.as_ref().expect("a price");
    assert_eq!(pricing.source, "prices.json (litellm) 2026-12-24");
    assert_eq!((pricing.standard.tiers.len(), pricing.modes.len(), pricing.fees.len()), (1, 1, 0));
    assert_eq!((new.encoding, new.released), old.map(|old| (old.encoding, old.released)).expect("known"));
    let mini = catalog.find("openai", "gpt-4o-mini").expect("known");
    assert_eq!((mini.abilities.pdf, mini.deprecates.as_deref()), (Some(false), Some("2027-05-05")));
    assert_eq!(mini.pricing, Catalog::builtin().find("openai", "gpt-4o-mini").expect("known").pricing);
    assert_eq!(catalog.find("vertex", "new-embed").expect("known").kind, Kind::Embedding);
    assert_eq!((catalog.as_of(), catalog.updated_from()), ("2026-12-24", Some("prices.json")));
}

#[test]
fn the_models_dev_format_is_taken_too() {
    let models = json!({
        "gemini-9": {"id": "gemini-9", "tool_call": true, "reasoning": false, "release_date": "2026-12-01", "status": "beta",
            "modalities": {"input": ["text", "image"], "output": ["text"]}, "limit": {"context": 1000, "output": 10},
            "cost": {"input": 0.1, "output": 0.4, "cache_read": 0.01, "context_over_200k": {"input": 0.2, "output": 0.8}}},
        "painter": {"modalities": {"input": ["text"], "output": ["image"]}, "cost": {"input": 1}},
        "by-the-hour": {"cost": {"input": 1, "output": 2, "peak": {"input": 9}}},
    });
    let update = take(&json!({"google": {"id": "google", "models": models}}).to_string()).expect("taken");
    let catalog = opened(&update);
    let model = catalog.find("gemini", "gemini-9").expect("known");
    assert_eq!((update.format, model.context, model.status.as_deref()), ("models.dev", Some(1000), Some("beta")));
    assert_eq!(
        (model.abilities.tools, model.abilities.reasoning, &model.input[..]),
        (Some(true), Some(false), &["image".to_owned()][..])
    );
    assert_eq!(model.pricing.expect("a price").standard.tiers[0].above, 200_000);
    assert_eq!(catalog.find("gemini", "painter"), None);
    assert_eq!(catalog.find("gemini", "by-the-hour").expect("known").pricing, None);
}

#[test]
fn a_longest_prompt_does_not_shrink_a_window_that_holds_the_answer_too() {
    let text = json!({"gpt-5.4": {"litellm_provider": "openai", "mode": "chat", "max_input_tokens": 922_000,
        "max_output_tokens": 128_000, "input_cost_per_token": 2.5e-06, "output_cost_per_token": 1.5e-05}});
    let catalog = opened(&take(&text.to_string()).expect("taken"));
    assert_eq!(catalog.find("openai", "gpt-5.4"), Catalog::builtin().find("openai", "gpt-5.4"));
}

#[test]
fn another_name_stays_one_until_it_costs_something_else() {
    let stated = |input: f64| {
        let record = json!({"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": input, "output_cost_per_token": 1.5e-05});
        opened(&take(&json!({"gpt-5-4": record}).to_string()).expect("taken"))
    };
    assert_eq!(stated(2.5e-06).find("openai", "gpt-5-4").expect("known").id, "gpt-5.4");
    let other = stated(3e-06);
    assert_eq!(other.find("openai", "gpt-5-4").expect("known").id, "gpt-5-4");
    assert_eq!(price(&other, "openai", "gpt-5.4"), price(&Catalog::builtin(), "openai", "gpt-5.4"));
}

#[test]
fn a_table_of_our_own_replaces_the_whole() {
    let text = own_table(|line| {
        if line.starts_with("openai/gpt-4o ") {
            return Some("openai/gpt-4o context=7 price=1/2 source=a\nopenai/gpt-4o-2 price=0/0 source=a".to_owned());
        }
        (!line.starts_with("openai/gpt-4o-mini ") && !line.contains("=gpt-4o-mini") && line != "openai/gpt-4o-2")
            .then(|| line.to_owned())
    });
    let text = text.replace("as of 2026-11-22", "as of 2026-12-01");
    // The new line must stand in its place.
    let mut lines: Vec<&str> = text.lines().collect();
    let comments = lines.iter().take_while(|line| line.starts_with('#')).count();
    lines[comments..].sort_unstable_by_key(|line| split(line).0);
    let update = take(&(lines.join("\n") + "\n")).expect("taken");
    assert_eq!(
        (update.new.as_slice(), update.gone.as_slice()),
        (&["openai/gpt-4o-2".to_owned()][..], &["openai/gpt-4o-mini".to_owned()][..])
    );
    assert_eq!((update.repriced.len(), update.as_of.as_str()), (1, "2026-12-01"));
    let catalog = opened(&update);
    assert_eq!(catalog.find("openai", "gpt-4o").expect("known").context, Some(7));
    // What llmx stored may be handed on.
    assert_eq!(take(&update.stored).expect("taken").models, update.models);
}

#[test]
fn what_is_wrong_is_refused_with_its_place() {
    let record = |member: &str, value: &Value| {
        json!({"m": {"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": 1e-06, member: value}})
            .to_string()
    };
    let title = "# llmx's catalogue of models as of 2026-12-01\n";
    for (text, words) in [
        (String::new(), "neither a table of llmx nor JSON"),
        ("<html>".to_owned(), "neither a table of llmx nor JSON"),
        ("{}".to_owned(), "of none of the formats litellm, models.dev"),
        ("[1]".to_owned(), "of none of the formats"),
        (record("mode", &json!("image_generation")), "it holds no model"),
        (record("output_cost_per_token", &json!(-1e-6)), "`m`: `output_cost_per_token` is below nothing"),
        (record("input_cost_per_token", &json!("cheap")), "`m`: `input_cost_per_token` is no price"),
        (record("input_cost_per_token", &json!(true)), "is no price: true"),
        (record("input_cost_per_token", &json!(2)), "is far too high"),
        (record("max_input_tokens", &json!([8])), "`max_input_tokens` is no number of tokens"),
        (record("max_output_tokens", &json!(-5)), "is no number of tokens"),
        ("# something\n".to_owned(), "its first line is not"),
        (title.replace("2026-12-01", "soon"), "`soon` is no day"),
        (title.to_owned(), "it holds no model"),
        (format!("{title}b/c\na/b\n"), "line 3: `a/b` is not in its place"),
        (format!("{title}a/b\na/b\n"), "line 3: `a/b` is not in its place"),
        (format!("{title}a/b price=-1/2\n"), "line 2: `a/b` has a field or a price"),
        (format!("{title}a/b wings=2\n"), "line 2: `a/b` has a field or a price"),
        (format!("{title}a/b =c\n"), "line 2: `c` is no model of `a`"),
        (format!("{title}a/b =b\n"), "line 2: `b` is no model of `a`"),
        (format!("{title}ab\n"), "line 2: it does not begin with `provider/id`"),
        (format!("{title}a/b\n\n"), "line 3: it does not begin"),
        (" ".repeat(LONGEST + 1), "longer than 32 MiB"),
    ] {
        let refused = take(&text).expect_err(words);
        assert!(refused.message.contains(words) && !refused.can_be_forced, "{words}: {refused}");
    }
}

#[test]
fn a_source_that_lost_half_or_is_older_needs_force() {
    let table = |day: &str| format!("# llmx's catalogue of models as of {day}\nopenai/m price=1/2\n");
    for (day, words) in [("2026-12-01", "it holds 1 models where there were"), ("2020-01-01", "it holds 1 models")] {
        let refused = take(&table(day)).expect_err("too few");
        assert!(refused.can_be_forced && refused.message.contains(words), "{refused}");
        let update = read(&table(day), &TODAY, &Catalog::builtin(), true).expect("forced");
        assert_eq!(opened(&update).find("openai", "gpt-4o"), None, "what the user insists on holds");
    }
    let models = |count: usize| {
        let record = json!({"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": 1e-06});
        (0..count).map(|n| (format!("m-{n}"), record.clone())).collect::<Value>().to_string()
    };
    let ten = opened(&take(&models(10)).expect("taken"));
    assert!(read(&models(5), &TODAY, &ten, false).is_ok());
    let refused = read(&models(4), &TODAY, &ten, false).expect_err("too few");
    assert_eq!(refused.message, "it holds 4 models where there were 10");
    let gone = read(&models(5), &TODAY, &ten, false).expect("taken").gone;
    assert_eq!(gone, ["openai/m-5", "openai/m-6", "openai/m-7", "openai/m-8", "openai/m-9"]);
}

#[test]
fn a_stored_text_opens_only_as_it_was_written() {
    let text = json!({"m": {"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": 1e-06}}).to_string();
    let stored = take(&text).expect("taken").stored;
    assert!(open(stored.clone()).is_ok());
    for damaged in [
        String::new(),
        "x".to_owned(),
        stored[..stored.len() / 2].to_owned(),
        stored.replacen("price=2.5", "price=2.6", 1),
        stored.replacen("#update", "#updated", 1),
        format!("{stored}more"),
        "\0\n\0".to_owned(),
    ] {
        assert!(open(damaged).is_err());
    }
}

#[test]
fn a_newer_llmx_uses_its_own_table() {
    let text = json!({"m": {"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": 1e-06}}).to_string();
    let old = Origin { today: "2026-11-01", ..TODAY };
    let stored = read(&text, &old, &Catalog::builtin(), true).expect("forced").stored;
    let by_an_older_llmx = stored.replacen("over=2026-11-22", "over=2026-10-01", 1);
    assert!(matches!(open(stored), Ok(Opened::Catalog(_))));
    assert!(matches!(open(by_an_older_llmx), Ok(Opened::Outdated)));
}

#[test]
fn the_embedded_table_passes_its_own_check_and_changes_nothing() {
    let update = take(Table::default().text()).expect("taken");
    assert_eq!((update.new.len(), update.gone.len(), update.repriced.len()), (0, 0, 0));
    assert_eq!(opened(&update).table.text(), Table::default().text());
    assert_eq!(take(&Table::default().text().replace('\n', "\r\n")).expect("taken").stored, update.stored);
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(scraps in prop::collection::vec(SCRAPS, 0..12)) {
        let text = scraps.concat();
        let _ = own(&text);
        let _ = own(&format!("# llmx's catalogue of models as of 2026-12-01\n{text}"));
        let _ = open(text.clone());
        let value: Value = serde_json::from_str(&text).unwrap_or(Value::Null);
        let record = json!({"litellm_provider": "x", "mode": "chat", "input_cost_per_token": value, "a": value, "max_tokens": value});
        let model = json!({"cost": {"input": value, "context_over_200k": value}, "limit": value, "modalities": value});
        for root in [value.clone(), json!({"m": record}), json!({"p": {"models": {"m": model}}})] {
            for format in FORMATS {
                let _ = (format.read)(&root);
            }
        }
    }
}

const SCRAPS: &str = r#"\{|\}|:|,|"litellm_provider"|"models"|"cost"|1e-6|-1|9e99|null|"mode":"chat"|a/b|é/é | price=|1/2|;>9:1|=b|\n|#update |over=1 models=1 bytes=0 hash=0 from=x\n|hours=n/1@00:00-24:00=1"#;
