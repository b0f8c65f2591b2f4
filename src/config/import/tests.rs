use super::*;

fn literal(key: &str) -> FoundKey {
    FoundKey::Literal(Secret::new(key))
}

fn env(name: &str) -> FoundKey {
    FoundKey::Env(name.to_owned())
}

fn names(found: &Found) -> Vec<&str> {
    found.providers.iter().map(|provider| provider.name.as_str()).collect()
}

fn one<'a>(found: &'a Found, name: &str) -> &'a FoundProvider {
    found.providers.iter().find(|provider| provider.name == name).unwrap_or_else(|| panic!("{name} in {found:#?}"))
}

/// The default model as `provider/model`, or why there is none.
fn default(found: &Found) -> Result<&str, &str> {
    let default = found.default.as_ref().expect("one is named");
    default.target.as_deref().map_err(String::as_str)
}

const NOTHING_SET: IsSet<'_> = &|_| false;

#[test]
fn aichat_gives_keys_servers_and_the_default() {
    let text = "model: claude:claude-haiku-5-5\nsave: true\nclients:\n- type: openai\n  api_key: sk-1\n\
                - type: claude\n  api_key: sk-ant\n- type: openai-compatible\n  name: groq\n  api_base: https://api.groq.com/openai/v1\n  api_key: gsk\n\
                - type: openai-compatible\n  name: my-corp\n  api_base: https://llm.corp.example/v1/\n  models:\n  - name: big\n\
                - type: openai-compatible\n  name: ollama\n  api_base: http://localhost:11434/v1\n\
                - type: azure-openai\n  api_base: https://mine.openai.azure.com/\n  api_key: az\n\
                - type: openai\n  name: gateway\n  api_base: https://gate.example/v1\n  api_key: other\n\
                - type: bedrock\n  region: us-east-1\n";
    assert!(aichat::fits(text) && !mods::fits(text) && !litellm::fits(text) && !llm::fits(text));
    let found = aichat::read(text, Path::new(""), &|name| name == "MY_CORP_API_KEY").expect("read");
    assert_eq!(names(&found), ["openai", "anthropic", "groq", "my-corp", "azure", "gate-example"]);
    assert_eq!(one(&found, "openai").key, Some(literal("sk-1")));
    assert_eq!(one(&found, "groq").base_url, None);
    let corp = one(&found, "my-corp");
    assert_eq!((corp.base_url.as_deref(), corp.model.as_deref()), (Some("https://llm.corp.example/v1"), Some("big")));
    assert_eq!(corp.key, Some(env("MY_CORP_API_KEY")));
    assert_eq!(one(&found, "azure").base_url.as_deref(), Some("https://mine.openai.azure.com"));
    assert_eq!(one(&found, "gate-example").key, Some(literal("other")), "a key goes where its address is");
    assert_eq!(default(&found), Ok("anthropic/claude-haiku-5-5"));
    for (said, expected) in [
        ("my-corp", Ok("my-corp/big")),
        ("openai", Err("it names no model")),
        ("deepseek:deepseek-chat", Ok("deepseek/deepseek-chat")),
        ("bedrock:x", Err("llmx does not know the client `bedrock`")),
        ("other:x", Err("llmx does not know the client `other`")),
    ] {
        let text = text.replace("claude:claude-haiku-5-5", said);
        assert_eq!(default(&aichat::read(&text, Path::new(""), NOTHING_SET).expect("read")), expected, "{said}");
    }
    assert!(found.left_out[0].contains("bedrock"), "{:?}", found.left_out);
}

#[test]
fn llm_gives_keys_servers_and_aliases() {
    let keys = r#"{"// Note": "secret!", "openai": "sk-1", "claude": "sk-ant", "corp": "ck", "weather": "w"}"#;
    let models = "- model_id: orca\n  model_name: orca-mini\n  api_base: http://10.0.0.5:8080/v1\n  api_key_name: corp\n  aliases: [o]\n\
                  - model_id: luna\n  model_name: gpt-6-luna\n";
    let aliases = r#"{"mini": "gpt-5.4-mini", "fast": "groq/llama-3.3-70b-versatile", "fav": "orca", "odd": "what"}"#;
    let found = llm::combined(keys, models, aliases, NOTHING_SET).expect("read");
    assert_eq!(names(&found), ["openai", "anthropic", "10-0-0-5-8080"]);
    assert_eq!(one(&found, "10-0-0-5-8080").key, Some(literal("ck")));
    let alias = |name: &str| found.aliases.iter().find(|(known, _)| known == name).map(|(_, target)| target.as_str());
    assert_eq!(alias("luna"), Some("openai/gpt-6-luna"));
    assert_eq!((alias("o"), alias("fav")), (Some("10-0-0-5-8080/orca-mini"), Some("10-0-0-5-8080/orca-mini")));
    assert_eq!((alias("mini"), alias("fast")), (Some("openai/gpt-5.4-mini"), Some("groq/llama-3.3-70b-versatile")));
    assert!(
        found.left_out.iter().any(|why| why.contains("`odd`"))
            && found.left_out.iter().any(|why| why.contains("`weather`"))
    );
    assert!(!format!("{found:?}").contains("sk-"));
    assert!(llm::combined("{", "", "", NOTHING_SET).is_err());
}

#[test]
fn llm_has_its_default_model_in_a_file_of_its_own() {
    let folder = tempfile::tempdir().expect("a folder");
    let put = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("a file");
    put("aliases.json", r#"{"fav": "groq/big"}"#);
    for (said, expected) in [
        ("gpt-6-luna", Ok("openai/gpt-6-luna")),
        ("anthropic/claude-haiku-5-5", Ok("anthropic/claude-haiku-5-5")),
        ("fav", Ok("groq/big")),
        ("mystery", Err("no provider of llmx is named so")),
    ] {
        put("default_model.txt", &format!("{said}\n"));
        let path = folder.path().join("default_model.txt");
        let found = llm::read("", &path, NOTHING_SET).expect("read");
        assert_eq!((default(&found), &found.default.as_ref().expect("one").path), (expected, &path), "{said}");
    }
}

#[test]
fn mods_gives_only_what_somebody_has_filled_in() {
    let text = "default-api: openai\ndefault-model: gpt-6-luna\napis:\n  openai:\n    base-url: https://api.openai.com/v1\n    api-key:\n    api-key-env: OPENAI_API_KEY\n    models:\n      gpt-6-luna:\n        aliases: [\"luna\"]\n\
                \x20 anthropic:\n    base-url: https://api.anthropic.com/v1\n    api-key:\n    api-key-env: ANTHROPIC_API_KEY\n\
                \x20 groq:\n    base-url: https://api.groq.com/openai/v1\n    api-key-cmd: rbw get groq\n    models:\n      llama-3.3-70b-versatile:\n        aliases: [\"l70\", \"groq\"]\n\
                \x20 google:\n    api-key-env: MY_GOOGLE\n\
                \x20 azure:\n    base-url: https://YOUR_RESOURCE_ID.openai.azure.com\n    api-key:\n    api-key-env: AZURE_OPENAI_KEY\n\
                \x20 ollama:\n    base-url: http://localhost:11434/api\n    models: {}\n\
                \x20 runpod:\n    base-url: https://api.runpod.ai/v2/YOUR_ENDPOINT/openai/v1\n    api-key-env: RUNPOD_API_KEY\n";
    assert!(mods::fits(text));
    let found = mods::read(text, Path::new(""), &|name| ["OPENAI_API_KEY", "MY_GOOGLE"].contains(&name)).expect("read");
    assert_eq!(names(&found), ["groq", "gemini"], "{found:#?}");
    assert_eq!(one(&found, "groq").key, Some(FoundKey::Command("rbw get groq".to_owned())));
    assert_eq!(one(&found, "gemini").key, Some(env("MY_GOOGLE")));
    assert_eq!(found.aliases, [("l70".to_owned(), "groq/llama-3.3-70b-versatile".to_owned())]);
    assert_eq!(default(&found), Ok("openai/gpt-6-luna"), "its key is found by itself");
    for (said, api, expected) in [
        ("luna", "openai", Ok("openai/gpt-6-luna")),
        ("l70", "", Ok("groq/llama-3.3-70b-versatile")),
        ("nothing", "", Err("no API of its file has it")),
        ("x", "runpod", Err("`runpod`: its address is none")),
    ] {
        let api = if api.is_empty() { String::new() } else { format!("default-api: {api}\n") };
        let text = text.replace("default-api: openai\n", &api).replace("model: gpt-6-luna", &format!("model: {said}"));
        assert_eq!(default(&mods::read(&text, Path::new(""), NOTHING_SET).expect("read")), expected, "{said}");
    }
}

#[test]
fn litellm_gives_routes_of_deployments_and_fallbacks() {
    let text = "model_list:\n  - model_name: gpt-4o\n    litellm_params:\n      model: azure/gpt-4o-eu\n      api_base: https://eu.openai.azure.com/\n      api_key: os.environ/AZURE_EU\n\
                \x20 - model_name: gpt-4o\n    litellm_params: {model: openai/gpt-4o, api_key: sk-1}\n\
                \x20 - model_name: haiku\n    litellm_params: {model: anthropic/claude-haiku-5-5, api_key: os.environ/ANTHROPIC_API_KEY}\n\
                \x20 - model_name: local/thing\n    litellm_params: {model: openai/mine, api_base: 'http://gpu:8000/v1', api_key: none}\n\
                \x20 - model_name: far\n    litellm_params: {model: openai/far, api_base: os.environ/FAR}\n\
                litellm_settings:\n  fallbacks: [{gpt-4o: [haiku]}]\n";
    assert!(litellm::fits(text));
    let found = litellm::read(text, Path::new(""), &|name| name != "FAR").expect("read");
    assert_eq!(names(&found), ["azure", "openai", "gpu-8000"], "{found:#?}");
    assert_eq!(one(&found, "azure").key, Some(env("AZURE_EU")));
    let expected = vec![
        vec!["azure/gpt-4o-eu".to_owned(), "openai/gpt-4o".to_owned()],
        vec!["anthropic/claude-haiku-5-5".to_owned()],
    ];
    assert_eq!(found.routes, [("gpt-4o".to_owned(), expected)]);
    assert_eq!(found.aliases, [("haiku".to_owned(), "anthropic/claude-haiku-5-5".to_owned())]);
    assert!(found.left_out[0].contains("FAR"));
}

#[test]
fn configurations_are_found_in_their_places_and_told_apart() {
    let folder = tempfile::tempdir().expect("a folder");
    let place = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        std::fs::write(&path, text).expect("a file");
        path
    };
    place(".config/aichat/config.yaml", "clients: [{type: openai, api_key: sk-1}]");
    place(".config/mods/mods.yml", "apis: [");
    place(".config/io.datasette.llm/keys.json", r#"{"groq": "gsk"}"#);
    let home = folder.path().display().to_string();
    let environment = Environment { variables: [("HOME".to_owned(), home)].into(), ..Environment::default() };
    let found = find(&environment);
    let tools: Vec<Option<&str>> = found.iter().map(|found| found.as_ref().ok().map(|found| found.tool)).collect();
    assert_eq!(tools, [Some("aichat"), Some("llm"), None]);
    let named = place("anywhere.yaml", "model_list:\n- model_name: x\n  litellm_params: {model: groq/y}\n");
    assert_eq!(from(&named, &environment).expect("read").tool, "LiteLLM");
    let other = place("other.yaml", "a: b");
    assert!(from(&other, &environment).is_err_and(|why| why.contains("aichat, llm, mods, LiteLLM")));
}

#[test]
fn an_address_that_holds_a_password_is_left_out_and_never_becomes_a_name() {
    assert_eq!(name_of("http://user:p@w@127.0.0.1:18988/v1?key=abc"), "127-0-0-1-18988");
    let text = "model_list:\n  - model_name: x\n    litellm_params: {model: openai/mine, api_base: 'http://u:CANARY@gpu:8000/v1', api_key: none}\n";
    let found = litellm::read(text, Path::new(""), NOTHING_SET).expect("read");
    assert_eq!(names(&found), [""; 0]);
    let told = found.left_out.join("\n");
    assert!(told.contains("must not hold a user or a password") && !told.contains("CANARY"), "{told}");
}

const GATEWAY: &str = "http://127.0.0.1:18970/v1";

/// Names with what tells them apart.
fn apart(found: &Found) -> Vec<(&str, Option<&FoundKey>, Option<&str>)> {
    let all = found.providers.iter();
    all.map(|provider| (provider.name.as_str(), provider.key.as_ref(), provider.wire.as_deref())).collect()
}

#[test]
fn clients_of_aichat_at_one_address_are_apart_and_the_default_is_of_the_right_one() {
    let text = format!(
        "model: claude:claude-haiku-5-5\nclients:\n- {{type: openai, api_key: key-a, api_base: {GATEWAY}}}\n\
         - {{type: claude, api_key: key-b, api_base: {GATEWAY}/}}\n- {{type: groq, name: again, api_key: key-a, api_base: {GATEWAY}}}\n\
         - {{type: openai-compatible, name: team, api_key: key-c, api_base: {GATEWAY}}}\n"
    );
    let found = aichat::read(&text, Path::new(""), NOTHING_SET).expect("read");
    let (a, b, c) = (literal("key-a"), literal("key-b"), literal("key-c"));
    let expected = [
        ("127-0-0-1-18970-openai", Some(&a), None),
        ("127-0-0-1-18970-claude", Some(&b), Some("anthropic")),
        ("team", Some(&c), None),
    ];
    assert_eq!(apart(&found), expected);
    assert_eq!(default(&found), Ok("127-0-0-1-18970-claude/claude-haiku-5-5"));
    assert_eq!(one(&found, "127-0-0-1-18970-claude").auth_header.as_deref(), Some("x-api-key"));
    let again =
        aichat::read(&text.replace("model: claude:claude-haiku-5-5", "model: again:x"), Path::new(""), NOTHING_SET);
    assert_eq!(default(&again.expect("read")), Ok("127-0-0-1-18970-openai/x"), "the same key and format are one");
}

#[test]
fn keys_of_one_address_are_apart_in_every_tool() {
    let keys = r#"{"team-a": "key-a", "team-b": "key-b"}"#;
    let model = |id: &str, key: &str| format!("- {{model_id: {id}, api_base: '{GATEWAY}', api_key_name: {key}}}\n");
    let models = model("x", "team-a") + &model("y", "team-b") + &model("z", "team-a");
    let found = llm::combined(keys, &models, r#"{"fav": "y"}"#, NOTHING_SET).expect("read").finished();
    assert_eq!(found.left_out, [""; 0], "these keys are used");
    assert_eq!(names(&found), ["127-0-0-1-18970-team-a", "127-0-0-1-18970-team-b"]);
    assert!(!found.aliases.iter().any(|(_, target)| target.starts_with("127-0-0-1-18970/")), "{:?}", found.aliases);

    let api = |name: &str, key: &str| {
        format!("  {name}: {{base-url: '{GATEWAY}', api-key: {key}, models: {{m: {{aliases: [{name}-m]}}}}}}\n")
    };
    let text = "default-api: anthropic\ndefault-model: m\napis:\n".to_owned()
        + &api("openai", "key-a")
        + &api("anthropic", "key-b");
    let found = mods::read(&text, Path::new(""), NOTHING_SET).expect("read");
    let (a, b) = (literal("key-a"), literal("key-b"));
    let (first, second) = ("127-0-0-1-18970-openai", "127-0-0-1-18970-anthropic");
    let mut told = apart(&found);
    told.sort_by_key(|(name, ..)| *name != first);
    assert_eq!(told, [(first, Some(&a), None), (second, Some(&b), Some("anthropic"))]);
    assert_eq!(default(&found), Ok("127-0-0-1-18970-anthropic/m"));
    assert!(found.aliases.contains(&("openai-m".to_owned(), format!("{first}/m"))), "{:?}", found.aliases);

    let entry = |group: &str, model: &str, key: &str| {
        format!(
            "- {{model_name: {group}, litellm_params: {{model: {model}, api_base: '{GATEWAY}', api_key: {key}}}}}\n"
        )
    };
    let text = "model_list:\n".to_owned()
        + &entry("both", "openai/m", "os.environ/TEAM_A")
        + &entry("both", "openai/m", "os.environ/TEAM_B")
        + &entry("haiku", "anthropic/m", "os.environ/TEAM_A")
        + &entry("plain", "openai/n", "sk-plain")
        + &entry("plain", "openai/n", "sk-plainer");
    let found = litellm::read(&text, Path::new(""), &|_| true).expect("read");
    let at = |name: &str| format!("127-0-0-1-18970-{name}");
    assert_eq!(names(&found), [at("team_a"), at("team_b"), at("team_a-anthropic"), at("plain"), at("plain-2")]);
    assert_eq!(one(&found, &at("plain")).key, Some(literal("sk-plain")), "in their order");
    let both = vec![vec![at("team_a") + "/m", at("team_b") + "/m"]];
    assert_eq!(found.routes[0], ("both".to_owned(), both));
    assert_eq!(found.aliases[0], ("haiku".to_owned(), at("team_a-anthropic") + "/m"));
}

#[test]
fn a_further_key_of_a_built_in_provider_is_a_further_provider() {
    let entry = |group: &str, model: &str| format!("- {{model_name: {group}, litellm_params: {{model: {model}}}}}\n");
    let text = "model_list:\n".to_owned()
        + &entry("both", "openai/m, api_key: os.environ/OPENAI_API_KEY")
        + &entry("both", "openai/m, api_key: os.environ/SECOND")
        + &entry("other", "azure/m, api_key: az-1")
        + &entry("another", "azure/m, api_key: az-2");
    let found = litellm::read(&text, Path::new(""), &|_| true).expect("read");
    assert_eq!(names(&found), ["openai-second", "azure"], "what is found by itself is not offered");
    assert_eq!(found.routes[0].1, [["openai/m", "openai-second/m"].map(str::to_owned).to_vec()]);
    assert!(one(&found, "openai-second").is_further());
    assert!(found.left_out[0].contains("another key of azure needs a `base_url`"), "{:?}", found.left_out);
    let shared: Vec<&str> = as_built_in("openai").into_iter().map(|(member, _)| member).collect();
    assert_eq!(shared, ["base_url", "wire", "quirks", "catalog", "default_model"]);
}

#[test]
fn two_tools_share_a_provider_only_when_it_is_the_same() {
    let environment = Environment::default();
    let settings = |text: &str| {
        let source = crate::config::layer::Source {
            path: "c.toml".to_owned(),
            text: text.to_owned(),
            owner: crate::config::layer::Owner::User,
            open_to_others: false,
        };
        let (settings, problems) = crate::config::assemble(vec![source], &environment, crate::config::Paths::default());
        assert!(problems.is_empty(), "{problems:?}");
        settings
    };
    let read = |key: &str| {
        let text = format!("model: openai:m\nclients:\n- {{type: openai, api_key: {key}, api_base: {GATEWAY}}}\n");
        Found { tool: "aichat", ..aichat::read(&text, Path::new(""), NOTHING_SET).expect("read") }
    };
    let others = read("key-a").providers;
    let settled = |key: &str, others: &[FoundProvider], set: &str| {
        let mut found = read(key);
        found.settle(others, &settings(set), &environment);
        (names(&found).join(" "), default(&found).map(str::to_owned).map_err(str::to_owned))
    };
    let set = format!("[providers.mine]\nbase_url = \"{GATEWAY}\"\napi_key = \"key-a\"\n");
    let named = set.replace("mine", "127-0-0-1-18970");
    for (key, others, set, name, target) in [
        ("key-a", &[][..], "", "127-0-0-1-18970", "127-0-0-1-18970/m"),
        ("key-a", &others, "", "", "127-0-0-1-18970/m"),
        ("key-b", &others, "", "127-0-0-1-18970-aichat", "127-0-0-1-18970-aichat/m"),
        ("key-a", &[], &set, "", "mine/m"),
        ("key-b", &[], &set, "127-0-0-1-18970", "127-0-0-1-18970/m"),
        ("key-b", &[], &named, "127-0-0-1-18970-aichat", "127-0-0-1-18970-aichat/m"),
    ] {
        assert_eq!(settled(key, others, set), (name.to_owned(), Ok(target.to_owned())), "{key} {set}");
    }
}
