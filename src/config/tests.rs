//! Tests of the settings as a whole: layers, origins, the exact words of errors, names.

use std::collections::HashMap;
use std::path::Path;
use std::time::Duration;

use proptest::prelude::*;

use super::layer::{Owner, Source};
use super::resolve::AUTOMATIC;
use super::*;
use crate::catalog::Model;
use crate::provider::{KeyState, TargetId};
use crate::route::{OnCut, Origin, Policy, Set};

mod provider_rows;
mod routes;
mod trials;

fn environment(variables: &[(&str, &str)]) -> Environment {
    let variables =
        variables.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect::<HashMap<_, _>>();
    Environment { variables, working_directory: "/project".into() }
}

fn source(owner: Owner, text: &str) -> Source {
    let path = if owner == Owner::User { "config.toml" } else { ".llmx.toml" };
    Source { path: path.to_owned(), text: text.to_owned(), owner, open_to_others: false }
}

fn user(text: &str) -> (Settings, String) {
    both(text, "", &[])
}

fn both(user: &str, project: &str, variables: &[(&str, &str)]) -> (Settings, String) {
    let sources = vec![source(Owner::User, user), source(Owner::Project, project)];
    let (settings, problems) = assemble(sources, &environment(variables), Paths::default());
    (settings, Problems(problems).to_string())
}

fn sound(text: &str) -> Settings {
    let (settings, problems) = user(text);
    assert_eq!(problems, "");
    settings
}

fn in_file(path: &str, line: usize) -> Origin {
    Origin::File { path: path.to_owned(), line }
}

/// A catalogue of two models.
fn catalogue(provider: &str, id: &str) -> Option<Model> {
    let known =
        [("openai", "gpt-6-luna"), ("groq", "openai/gpt-oss-120b"), ("cerebras", "gpt-oss"), ("together", "gpt-oss")];
    let model = || Model { provider: provider.to_owned(), id: id.to_owned(), ..Model::default() };
    known.contains(&(provider, id)).then(model)
}

fn resolve(settings: &Settings, name: &str, variables: &[(&str, &str)]) -> Result<Policy, Unknown> {
    settings.resolve(name, Origin::Argument("-m".to_owned()), &environment(variables), &catalogue)
}

#[test]
fn errors_name_the_place_and_the_nearest_name() {
    for (text, expected) in [
        (
            "[providers.corp]\nbase_ulr = \"https://x\"\n",
            "config.toml:2:1: unknown setting `base_ulr`\n  2 | base_ulr = \"https://x\"\n    | ^^^^^^^^ did you mean `base_url`?",
        ),
        (
            "defualt = \"a\"",
            "config.toml:1:1: unknown setting `defualt`\n  1 | defualt = \"a\"\n    | ^^^^^^^ did you mean `default`?",
        ),
        ("xyzzy = 1", "config.toml:1:1: unknown setting `xyzzy`\n  1 | xyzzy = 1\n    | ^^^^^"),
        ("default = 5", "config.toml:1:11: expected a string, found integer\n  1 | default = 5\n    |           ^"),
        (
            "default = \"ä日\" x\n",
            "config.toml:1:16: unexpected key or value, expected newline, `#`\n  1 | default = \"ä日\" x\n    |                 ^",
        ),
        (
            "[providers.corp]\napi_key = \"k\"\nbase_url = https://x",
            "config.toml:3:12: string values must be quoted, expected literal string\n  3 | base_url = https://x\n    |            ^^^^^^^^^",
        ),
        (
            "[routes.r]\ntiers = [[\"opnai/gpt\"]]",
            "config.toml:2:11: unknown provider `opnai` in `opnai/gpt`\n  2 | tiers = [[\"opnai/gpt\"]]\n    |           ^^^^^^^^^^^ did you mean `openai/gpt`?",
        ),
        (
            "[routes.r]\ntiers = [\"groq\", \"nix\"]",
            "config.toml:2:18: unknown model, route or alias `nix`\n  2 | tiers = [\"groq\", \"nix\"]\n    |                  ^^^^^ a model is written `provider/model`; `llmx config show` lists routes, aliases and providers",
        ),
        (
            "[routes.r]\nretries = 2",
            "config.toml:1:9: a route needs `tiers` with at least one model\n  1 | [routes.r]\n    |         ^ write `tiers = [\"provider/model\"]`",
        ),
        (
            "[routes]\nr = { tiers = [\"groq\"], timeout = { total = 90 } }",
            "config.toml:2:45: a duration needs a unit: write \"90s\" or \"90ms\"\n  2 | r = { tiers = [\"groq\"], timeout = { total = 90 } }\n    |                                             ^^",
        ),
        (
            "[routes.r]\ntiers = [\"groq\"]\non_cut = \"restrat\"",
            "config.toml:3:10: unknown value `restrat`\n  3 | on_cut = \"restrat\"\n    |          ^^^^^^^^^ did you mean `restart`?",
        ),
        (
            "[providers.corp]\ntitle = \"Corp\"",
            "config.toml:1:12: `corp` is not built in, so it needs a `base_url`\n  1 | [providers.corp]\n    |            ^^^^",
        ),
        (
            "aliases = { a = \"b\", b = \"groq\" }",
            "config.toml:1:17: `b` is itself an alias\n  1 | aliases = { a = \"b\", b = \"groq\" }\n    |                 ^^^ write what it stands for: `groq`",
        ),
        (
            "providers = 3",
            "config.toml:1:13: expected a table with a provider by name\n  1 | providers = 3\n    |             ^",
        ),
        (
            "[aliases]\n\"a/b\" = \"groq\"",
            "config.toml:2:1: `a/b` cannot name an alias: use letters, digits, `-`, `_` and `.`\n  2 | \"a/b\" = \"groq\"\n    | ^^^^^",
        ),
        (
            "[providers.openai.quirks]\nno_stream_option = true",
            "config.toml:1:1: unknown setting `no_stream_option`\n  1 | [providers.openai.quirks]\n    | ^^^^^^^^^^^^^^^^^^^^^^^^^ did you mean `no_stream_options`?",
        ),
    ] {
        let (_, problems) = user(text);
        // The list of all wire formats grows.
        let told = problems.split_inclusive("known: ").next().filter(|_| expected.ends_with("known: "));
        assert_eq!(told.unwrap_or(&problems), expected, "{text}\n{problems}");
    }
}

#[test]
fn an_unknown_wire_format_is_told_with_the_known_ones() {
    let (_, told) = user("[providers.corp]\nbase_url = \"https://x\"\nwire = \"opnai\"");
    let expected = "config.toml:3:8: unknown wire format `opnai`\n  3 | wire = \"opnai\"\n    |        ^^^^^^^ known: `openai-chat`, ";
    assert!(told.starts_with(expected), "{told}");
    assert!(crate::wire::CODECS.iter().all(|codec| told.contains(&format!("`{}`", codec.name()))), "{told}");
}

#[test]
fn several_problems_are_told_together() {
    let (_, problems) = user("defualt = 1\n[providers.a]\nx = 1\n[providers.b]\ny = 1\n");
    assert_eq!(problems.matches("unknown setting").count(), 3, "{problems}");
    assert_eq!(problems.matches("\nerror: config.toml:").count(), 2, "{problems}");
}

#[test]
fn what_is_wrong_is_not_told_again_as_an_unknown_name() {
    let (_, problems) =
        user("[providers.corp]\nbase_ulr = \"x\"\n[routes.r]\ntiers = [\"corp/m\"]\n[aliases]\na = \"corp/m\"");
    assert_eq!(problems.matches("config.toml:").count(), 1, "{problems}");
}

#[test]
fn an_error_never_shows_a_key() {
    for text in [
        "[providers.openai]\napi_key = \"CANARY\" base",
        "[providers.openai]\napi_key = \"CANARY",
        "[providers.openai]\napi_key = CANARY",
        "[providers.openai]\napi_key = [\n\"CANARY\"\n\"x\"]",
        "[providers.openai]\napi_key = [\n\n\"CANARY==\"\n\"x\"]",
        "[providers.openai]\napi_key = [\n\"CANARY==\" x]",
        "[providers.openai]\napi_key = \"\"\"\nCANARY==\n\"\"\" x",
        "[providers.openai]\napi_key = \"\"\"\nCANARY== \u{1}",
        "[providers.openai.headers]\nx-team = CANARY",
        "[providers.openai]\nheaders = { Authorization = \"CANARY\" \"\" }",
        "[providers]\nopenai = { api_key = \"CANARY\", base_ulr = \"x\" }",
        "[providers.openai]\nheaders = \"CANARY\"",
        "[providers.openai]\nheaders = { a = [\"CANARY\"] }",
        "[providers.openai]\nheaders = { a = \"CANARY\\u0000\" }",
        "[providers.openai]\napi_key = { env = [\"CANARY\"] }",
        "[providers.openai]\napi_key = [\"CANARY\", 5]",
        "[providers.openai]\napi_key = { keyring = \"CANARY\" }",
    ] {
        let (_, problems) = user(text);
        assert!(!problems.is_empty(), "{text}");
        assert!(!problems.contains("CANARY"), "{text}\n{problems}");
    }
}

#[test]
fn a_key_in_a_file_that_others_can_read_is_refused() {
    let open = |text| Source { open_to_others: true, path: "my config.toml".to_owned(), ..source(Owner::User, text) };
    let problems = |text| {
        let (_, problems) = assemble(vec![open(text)], &environment(&[]), Paths::default());
        Problems(problems).to_string()
    };
    assert_eq!(
        problems("[providers.openai]\napi_key = \"sk-123\""),
        "my config.toml:2:11: this file holds a key, and others can read it\n  2 | api_key = ********\n    |           ^^^^^^^^ run `chmod 600 'my config.toml'`"
    );
    assert_eq!(problems("[providers.openai]\napi_key = { env = \"K\" }"), "");
}

#[test]
fn a_project_file_asks_nobody_beside_and_tries_nobody_out() {
    let tiers = "[routes.r]\ntiers = [\"openai/gpt-5.4-mini\", \"groq\"]\n";
    for (name, value) in [
        ("shadow", "{ target = \"mistral\", share = 1.0, max_cost_per_day = 1.0 }"),
        ("hedge", "{ after = \"1s\", max_extra_cost = 1.0 }"),
        ("canary", "{ target = \"mistral\" }"),
        ("split", "{ name = \"s\", arms = { \"mistral\" = 0.5, \"groq\" = 0.5 } }"),
    ] {
        let (_, problems) = both("", &format!("{tiers}{name} = {value}"), &[]);
        assert!(problems.contains(&format!(":3:1: a project's file must not set `{name}`")), "{problems}");
        assert!(problems.contains("set it in your own file"), "{problems}");
    }
}

#[test]
fn a_projects_route_keeps_the_limits_of_the_users_route_of_that_name() {
    let own = "[routes.r]\ntiers = [\"openai\"]\nmax_cost = 0.01\nforbid = [\"preview\"]\nrequire = [\"region:eu\"]\n";
    let (settings, problems) = both(own, "[routes.r]\ntiers = [\"groq\"]\nmax_cost = 5.0\nforbid = [\"beta\"]\n", &[]);
    let route = &settings.routes["r"];
    assert_eq!(route.max_cost.as_ref().map(|most| most.value), crate::money::Usd::parse("0.01"), "{problems}");
    assert_eq!(route.forbid.as_ref().expect("tags").value, ["beta", "preview"]);
    assert_eq!(route.require.as_ref().expect("tags").value, ["region:eu"]);
    let (settings, _) = both(own, "[routes.r]\ntiers = [\"groq\"]\nmax_cost = 0.001\n", &[]);
    assert_eq!(settings.routes["r"].max_cost.as_ref().map(|most| most.value), crate::money::Usd::parse("0.001"));
}

#[test]
fn a_project_file_chooses_routes_but_defines_no_providers() {
    let (settings, problems) = both(
        "default = \"groq\"\n[routes.r]\ntiers = [\"groq\"]\n[aliases]\na = \"groq\"",
        "default = \"r\"\n[routes.r]\ntiers = [\"openai\"]\n[aliases]\nb = \"mistral\"",
        &[],
    );
    assert_eq!(problems, "");
    assert_eq!(settings.default, Some(Set { value: "r".to_owned(), origin: in_file(".llmx.toml", 1) }));
    assert_eq!(settings.routes["r"].tiers[0][0].provider, "openai");
    assert_eq!(settings.aliases.len(), 2);
    for (text, name) in [
        ("[providers.openai]\nbase_url = \"https://evil.example\"", "providers"),
        ("providers.openai.api_key = { cmd = \"evil\" }", "providers"),
        ("providers.snowflake.parameters = { account = \"evil\" }", "providers"),
        ("store_prompts = false", "store_prompts"),
        ("catalog = \"/x\"", "catalog"),
        ("budgets = { daily = 5 }", "budgets"),
        ("hooks = { breaker_open = { cmd = \"evil\" } }", "hooks"),
    ] {
        let (settings, problems) = both("", text, &[]);
        assert!(problems.starts_with(".llmx.toml:1:"), "{problems}");
        assert!(problems.contains(&format!("a project's file must not set `{name}`")), "{problems}");
        assert!(problems.contains("somebody else's text"), "{problems}");
        let openai = settings.provider("openai").expect("built in");
        assert_eq!(openai.base_url, "https://api.openai.com/v1", "nothing of it counts");
    }
}

#[test]
fn later_layers_count_and_every_value_knows_its_origin() {
    let text = "default = \"groq\"\nstore_prompts = false\ncatalog = \"~/m.toml\"\n[providers.openai]\nbase_url = \"https://proxy/v1/\"\n\n\
                [routes.smart]\ntiers = [[\"openai/a\", \"groq\"], [\"fast\"], [\"anthropic:b/c\"]]\nretries = 3\ntimeout = { idle = \"7s\" }\n\
                [aliases]\nfast = \"mistral/m\"\n";
    let settings = sound(text);
    assert_eq!(settings.default, Some(Set { value: "groq".to_owned(), origin: in_file("config.toml", 1) }));
    assert_eq!(settings.store_prompts, Set { value: false, origin: in_file("config.toml", 2) });
    assert_eq!(settings.provider("openai").expect("built in").base_url, "https://proxy/v1");
    assert_eq!(settings.origin("providers.openai.base_url"), in_file("config.toml", 5));
    assert_eq!(settings.origin("providers.openai.wire"), Origin::BuiltIn);
    let smart = &settings.routes["smart"];
    let tiers: Vec<Vec<String>> =
        smart.tiers.iter().map(|tier| tier.iter().map(TargetId::to_string).collect()).collect();
    assert_eq!(tiers, [vec!["openai/a", "groq/openai/gpt-oss-120b"], vec!["mistral/m"], vec!["anthropic/b/c"]]);
    assert_eq!(smart.origin, in_file("config.toml", 7));
    assert_eq!(smart.retries, Set { value: 3, origin: in_file("config.toml", 9) });
    assert_eq!(smart.on_cut, Set::built_in(OnCut::Restart));
    assert_eq!(smart.limits.idle, Some(Set { value: Duration::from_secs(7), origin: in_file("config.toml", 10) }));
    assert_eq!(smart.limits.total, None);
    assert_eq!(settings.aliases["fast"].origin, in_file("config.toml", 12));

    let (settings, problems) = both(
        text,
        "",
        &[
            ("LLMX_MODEL", "smart"),
            ("LLMX_LOG", "on"),
            ("OPENAI_BASE_URL", "http://127.0.0.1:1/"),
            ("GOOGLE_GEMINI_BASE_URL", "https://g"),
        ],
    );
    assert_eq!(problems, "");
    assert_eq!(settings.default, Some(Set { value: "smart".to_owned(), origin: Origin::Env("LLMX_MODEL".to_owned()) }));
    assert_eq!(settings.store_prompts, Set { value: true, origin: Origin::Env("LLMX_LOG".to_owned()) });
    assert_eq!(settings.provider("openai").expect("built in").base_url, "http://127.0.0.1:1");
    assert_eq!(settings.origin("providers.openai.base_url"), Origin::Env("OPENAI_BASE_URL".to_owned()));
    assert_eq!(settings.provider("gemini").expect("built in").base_url, "https://g");
}

#[test]
fn a_wrong_variable_is_told_by_its_name() {
    let (_, problems) = both("", "", &[("OPENAI_BASE_URL", "localhost:8080")]);
    assert_eq!(problems, "variable `OPENAI_BASE_URL`: an address starts with `https://` or `http://`");
    let (_, problems) = both("", "", &[("LLMX_LOG", "maybe")]);
    assert_eq!(problems, "variable `LLMX_LOG`: expected `on` or `off`");
}

#[test]
fn names_are_resolved_in_order() {
    let settings = sound(
        "[routes.smart]\ntiers = [\"openai/a\", \"groq/b\"]\n[routes.groq]\ntiers = [\"mistral/x\"]\n[aliases]\nfast = \"groq/c\"\nbest = \"smart\"",
    );
    for (name, first, count) in [
        ("smart", "openai/a", 2),
        ("best", "openai/a", 2),
        ("fast", "groq/c", 1),
        ("groq", "mistral/x", 1),
        ("openai", "openai/gpt-6-luna", 1),
        ("openai/anything", "openai/anything", 1),
        ("openai:anything", "openai/anything", 1),
        ("groq/openai/gpt-oss-120b", "groq/openai/gpt-oss-120b", 1),
        ("ollama/llama3.1:8b", "ollama/llama3.1:8b", 1),
        ("gpt-6-luna", "openai/gpt-6-luna", 1),
    ] {
        let policy = resolve(&settings, name, &[]).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(policy.tiers[0][0].to_string(), first, "{name}");
        assert_eq!(policy.tiers.len(), count, "{name}");
        assert!(policy.fallback);
    }
    assert_eq!(resolve(&settings, "fast", &[]).expect("known").origin, Origin::Argument("-m".to_owned()));
    assert_eq!(resolve(&settings, "best", &[]).expect("known").route, "smart");
}

#[test]
fn unknown_names_are_errors_with_suggestions() {
    let settings = sound("[routes.smart]\ntiers = [\"openai/a\"]");
    for (name, message, hint) in [
        ("smrat", "unknown model, route or alias `smrat`", "did you mean `smart`?"),
        ("opnai/gpt", "unknown provider `opnai` in `opnai/gpt`", "did you mean `openai/gpt`?"),
        ("meta-llama/x", "unknown provider `meta-llama` in `meta-llama/x`", "a model is written `provider/model`"),
        ("openai/", "`openai/` names no model", "write `openai/gpt-6-luna`"),
        ("github", "provider `github` has no default model", "write `github/MODEL`"),
        (
            "gpt-oss",
            "several providers have `gpt-oss`, and there is no key for any",
            "set the key of one of them, or name one: `together/gpt-oss`, `cerebras/gpt-oss`",
        ),
    ] {
        let unknown = resolve(&settings, name, &[]).expect_err(name);
        assert_eq!((unknown.message.as_str(), unknown.hints.join("; ")), (message, hint.to_owned()), "{name}");
    }
}

#[test]
fn a_bare_model_goes_to_the_only_provider_with_a_key() {
    let settings = sound("");
    let policy = resolve(&settings, "gpt-oss", &[("CEREBRAS_API_KEY", "k")]).expect("one has a key");
    assert_eq!(policy.tiers, [[TargetId::new("cerebras", "gpt-oss")]]);
    let unknown = resolve(&settings, "gpt-oss", &[("CEREBRAS_API_KEY", "k"), ("TOGETHER_API_KEY", "k")]);
    assert_eq!(unknown.expect_err("two have one").message, "several providers have `gpt-oss`");
}

#[test]
fn without_a_default_the_keys_at_hand_make_a_chain() {
    let settings = sound("");
    let none = settings.default_policy(&environment(&[]), &catalogue);
    assert_eq!(none, Ok(None));
    let variables = [
        ("GROQ_API_KEY", "k"),
        ("OPENAI_API_KEY", "k"),
        ("ANTHROPIC_API_KEY", ""),
        ("GITHUB_TOKEN", "k"),
        ("MISTRAL_API_KEY", "k"),
        ("XAI_API_KEY", "k"),
        ("TOGETHER_API_KEY", "k"),
        ("CEREBRAS_API_KEY", "k"),
    ];
    let policy = settings.default_policy(&environment(&variables), &catalogue).expect("sound").expect("keys");
    let first: Vec<&str> = policy.tiers.iter().map(|tier| tier[0].provider.as_str()).collect();
    assert_eq!(first, ["openai", "mistral", "groq", "xai", "together"]);
    assert_eq!(policy.route, AUTOMATIC);
    let names = "OPENAI_API_KEY, MISTRAL_API_KEY, GROQ_API_KEY, XAI_API_KEY, TOGETHER_API_KEY";
    assert_eq!(policy.origin, Origin::Env(names.to_owned()));
}

#[test]
fn targets_tell_what_is_known_of_model_and_key() {
    let settings = sound("[routes.r]\ntiers = [\"openai\", \"gemini/x\", \"ollama/y\"]");
    let variables = environment(&[("OPENAI_API_KEY", "k")]);
    let policy = resolve(&settings, "r", &[]).expect("a route");
    let targets = settings.targets(&policy, &variables, &catalogue);
    let told: Vec<_> =
        targets.iter().map(|target| (target.id.to_string(), target.model.is_some(), target.key.clone())).collect();
    let tried = ["GEMINI_API_KEY", "GOOGLE_API_KEY", "GOOGLE_GENERATIVE_AI_API_KEY"].map(str::to_owned).to_vec();
    assert_eq!(
        told,
        [
            ("openai/gpt-6-luna".to_owned(), true, KeyState::Present("OPENAI_API_KEY".to_owned())),
            ("gemini/x".to_owned(), false, KeyState::Missing(tried)),
            ("ollama/y".to_owned(), false, KeyState::NotNeeded),
        ]
    );
}

#[test]
fn local_servers_are_candidates_by_their_ports() {
    let settings = sound("[providers.ollama]\nbase_url = \"http://192.168.1.2:11434/v1\"");
    let found: Vec<_> =
        local::local_candidates(&settings).into_iter().map(|(provider, port)| (provider.name.clone(), port)).collect();
    let expected = [("lmstudio", 1234), ("llamacpp", 8080), ("vllm", 8000), ("litellm", 4000)];
    assert_eq!(found[..4], expected.map(|(name, port)| (name.to_owned(), port)));
    let ports: std::collections::BTreeSet<u16> = found.iter().map(|(_, port)| *port).collect();
    assert_eq!(ports.len(), found.len(), "a port is asked once: {found:?}");
}

#[test]
fn a_host_variable_moves_a_server_as_its_own_clients_read_it() {
    let variables = [("OLLAMA_HOST", "0.0.0.0:11500")];
    let (settings, problems) = assemble(Vec::new(), &environment(&variables), Paths::default());
    assert_eq!(settings.provider("ollama").map(|provider| provider.base_url.as_str()), Some("http://127.0.0.1:11500"));
    assert!(problems.is_empty(), "{problems:?}");
    let both = [("OLLAMA_HOST", "gpu"), ("OLLAMA_BASE_URL", "http://localhost:1/v1")];
    let (settings, _) = assemble(Vec::new(), &environment(&both), Paths::default());
    assert_eq!(settings.provider("ollama").map(|provider| provider.base_url.as_str()), Some("http://localhost:1/v1"));
    let (_, problems) = assemble(Vec::new(), &environment(&[("OLLAMA_HOST", "me:pw@gpu:1")]), Paths::default());
    let told = problems.iter().map(ToString::to_string).collect::<String>();
    assert!(told.contains("`OLLAMA_HOST`") && !told.contains("pw"), "{told}");
}

fn write(path: &Path, text: &str, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::write(path, text).expect("written");
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("mode set");
}

#[test]
fn files_are_read_from_their_places() {
    let directory = tempfile::tempdir().expect("a directory");
    let config = directory.path().join("c.toml");
    let mut surroundings = environment(&[("LLMX_CONFIG", config.to_str().expect("Unicode"))]);
    surroundings.working_directory = directory.path().to_owned();
    let missing = Settings::load(&surroundings).expect_err("a chosen file must exist").to_string();
    assert!(missing.contains("cannot read this file") && missing.contains("`LLMX_CONFIG` names it"), "{missing}");

    write(&config, "default = \"groq\"", 0o644);
    write(&directory.path().join(".llmx.toml"), "[aliases]\na = \"groq\"", 0o644);
    let settings = Settings::load(&surroundings).expect("sound");
    assert_eq!(settings.default.expect("set").value, "groq");
    assert_eq!(settings.aliases["a"].value, "groq");

    write(&config, "[providers.openai]\napi_key = \"sk-1234567890\"", 0o644);
    let refused = Settings::load(&surroundings).expect_err("others can read the key").to_string();
    assert!(refused.contains(&format!("run `chmod 600 {}`", config.display())), "{refused}");
    assert!(!refused.contains("sk-1234567890"), "{refused}");
    write(&config, "[providers.openai]\napi_key = \"sk-1234567890\"", 0o600);
    assert!(Settings::load(&surroundings).is_ok());

    std::fs::write(&config, [b'a', 0xff]).expect("written");
    assert!(Settings::load(&surroundings).expect_err("not UTF-8").to_string().contains("not UTF-8 from byte 1 on"));
}

#[test]
fn without_a_home_directory_settings_are_the_built_in_ones() {
    let settings = Settings::load(&environment(&[("HOME", "/nonexistent")])).expect("nothing to read");
    assert_eq!((settings.paths.config, settings.paths.data), (None, None));
    assert!(settings.providers.len() >= 28);
}

proptest! {
    #[test]
    fn no_text_makes_the_loader_panic(text in any::<String>(), owner in any::<bool>()) {
        let owner = if owner { Owner::User } else { Owner::Project };
        assemble(vec![source(owner, &text)], &environment(&[]), Paths::default());
    }

    #[test]
    fn no_text_of_toml_pieces_makes_the_loader_panic(
        pieces in prop::collection::vec(prop::sample::select(vec![
            "[", "]", "[[", "]]", "{", "}", "=", ".", ",", "\n", " ", "\"", "'", "\\", "#", "default", "providers", "openai",
            "aliases", "routes", "tiers", "api_key", "headers", "timeout", "\"5s\"", "5", "true", "\"ä日\"", "\u{0}", "\r",
        ]), 0..40),
    ) {
        let (_, problems) = user(&pieces.concat());
        let shown = !problems.contains('\u{0}');
        prop_assert!(shown);
    }
}
