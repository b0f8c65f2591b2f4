//! Tests of `llmx config`: what it prints as text, and the editor, which is a script here.

use std::os::unix::fs::PermissionsExt;

use super::warning::warnings;
use super::*;
use crate::catalog::Model;
use crate::config::layer::{Owner, Source};
use crate::config::store::create;
use crate::config::template::TEMPLATE;
use crate::config::{Environment, assemble};
use crate::ui::{ColorChoice, Talk, Ui};

const TEXT: &str = r#"default = "smart"

[providers.openai]
api_key = ["CANARY-123456", { cmd = "op read CANARY-123456" }]
headers = { x-team = "CANARY-123456" }

[routes.smart]
tiers = [["openai/gpt-6-luna"], ["groq/new-model"], ["ollama/llama"]]
timeout = { total = "3m" }
"#;

fn environment(variables: &[(&str, &str)]) -> Environment {
    let variables = variables.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
    Environment { variables, working_directory: "/nonexistent".into() }
}

fn settings(text: &str) -> Settings {
    let source = Source { path: "c.toml".to_owned(), text: text.to_owned(), owner: Owner::User, open_to_others: false };
    let (settings, problems) = assemble(vec![source], &environment(&[]), Paths::default());
    assert_eq!(problems, []);
    settings
}

fn only_luna(provider: &str, id: &str) -> Option<Model> {
    (provider == "openai" && id == "gpt-6-luna").then(Model::default)
}

#[test]
fn show_prints_every_value_with_its_origin_and_no_secret() {
    let settings = settings(TEXT);
    let shown = text(&entries(&settings, &environment(&[("GROQ_API_KEY", "CANARY-123456")]), false));
    let line =
        |start: &str| shown.lines().find(|line| line.starts_with(start)).unwrap_or_else(|| panic!("{start}\n{shown}"));
    for (start, end) in [
        ("default = \"smart\" ", " # c.toml:1"),
        ("store_prompts = true ", " # built in"),
        ("routes.smart.tiers = [[\"openai/gpt-6-luna\"],", " # c.toml:8"),
        ("routes.smart.timeout.total = \"180s\" ", " # c.toml:9"),
        ("routes.smart.retries = 1 ", " # built in"),
        ("providers.openai.api_key = [\"(redacted)\",\"command `op`\"] ", " # c.toml:4"),
        ("providers.openai.headers = {\"x-team\":\"(redacted)\"} ", " # c.toml:5"),
        ("providers.openai.base_url = \"https://api.openai.com/v1\" ", " # built in"),
        ("providers.groq.(key) = \"from GROQ_API_KEY\" ", " # built in"),
    ] {
        assert!(line(start).ends_with(end), "{}", line(start));
    }
    assert!(!shown.contains("CANARY") && !shown.contains("providers.mistral"), "{shown}");

    let all = entries(&settings, &environment(&[]), true);
    let json = json_text(&settings, &all);
    let value: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(value["schema"], "llmx.config/1");
    let default = serde_json::json!({"key": "default", "value": "smart", "origin": {"kind": "file", "path": "c.toml", "line": 1}});
    assert_eq!(value["settings"][0], default);
    assert!(!json.contains("CANARY") && json.contains("providers.mistral.base_url"));
}

#[test]
fn check_warns_of_unknown_models_and_missing_keys() {
    let expected = [
        "c.toml:8: `groq/new-model` is not in the catalogue: its price and window are unknown",
        "c.toml:8: no key for `groq`: looked in GROQ_API_KEY",
    ];
    assert_eq!(warned(TEXT, &nobody), expected);
}

/// The warnings of a sound file, in words.
fn warned(text: &str, suggest: &dyn Fn(&str, &str) -> Vec<String>) -> Vec<String> {
    let warnings = warnings(&settings(text), &environment(&[]), &only_luna, suggest).expect("all names are known");
    warnings.iter().map(ToString::to_string).collect()
}

#[test]
fn check_says_once_what_is_wrong_in_several_places() {
    let text = "default = \"r\"\n[routes.r]\ntiers = [\n  \"openai/gpt-6-luna\",\n  [\"ollama/x\", \"groq/odd\"],\n]\n\
                [aliases]\nodd = \"groq/odd\"\n";
    let keys = ["openai", "groq"].map(|name| format!("no key for `{name}`: looked in {}_API_KEY", name.to_uppercase()));
    let expected = [
        format!("c.toml:4: {}", keys[0]),
        "c.toml:5, c.toml:8: `groq/odd` is not in the catalogue: its price and window are unknown".to_owned(),
        format!("c.toml:5, c.toml:8: {}", keys[1]),
    ];
    assert_eq!(warned(text, &nobody), expected);
}

#[test]
fn check_warns_of_what_a_route_tries_out_in_vain() {
    let of = |row: &str| {
        let text = format!("[routes.r]\ntiers = [\"openai/gpt-6-luna\", \"groq/new-model\"]\n{row}");
        warned(&text, &nobody).into_iter().filter(|warning| warning.starts_with("c.toml:3")).collect::<Vec<_>>()
    };
    let shadow =
        |target: &str| of(&format!("shadow = {{ target = \"{target}\", share = 1.0, max_cost_per_day = 1.0 }}"));
    assert!(matches!(shadow("openai/gpt-6-luna").as_slice(), [own] if own.contains("the route asks it first")));
    assert!(matches!(shadow("groq/new-model").as_slice(), [price] if price.contains("no known price to hold")));
    assert_eq!(shadow("ollama/llama"), [""; 0], "what is on this machine costs nothing");
    let canary = "canary = { target = \"groq/new-model\" ";
    assert!(matches!(of(&format!("{canary} }}")).as_slice(), [cost] if cost.contains("is not watched")));
    assert_eq!(of(&format!("{canary}, max_cost_increase = false }}")), [""; 0]);
}

/// A catalogue without anything alike.
fn nobody(_: &str, _: &str) -> Vec<String> {
    Vec::new()
}

#[test]
fn check_names_the_model_that_may_have_been_meant() {
    let nearest = |_: &str, id: &str| vec![id.replace("nanno", "nano")];
    let text = "[routes.smart]\ntiers = [\"openai/gpt-5.4-nanno\"]";
    let warnings = warned(text, &nearest);
    assert!(warnings[0].ends_with("unknown; did you mean `openai/gpt-5.4-nano`?"), "{warnings:?}");
}

#[test]
fn check_warns_of_parameters_that_nobody_set() {
    let text = "default = \"corp/luna\"\n[providers.corp]\nwire = \"cloudflare-run\"\nbase_url = \"https://x\"\nauth = \"none\"";
    let warnings = warned(text, &nobody);
    let expected = "c.toml:1: `corp` cannot be asked: `account` of its address is not known";
    assert!(warnings.contains(&expected.to_owned()), "{warnings:?}");
}

#[test]
fn check_warns_of_plain_http_to_another_machine() {
    let text = "[providers.ollama]\nbase_url = \"http://10.0.0.5:11434/v1\"";
    assert_eq!(
        warned(text, &nobody),
        ["c.toml:2: `http://10.0.0.5:11434/v1` is plain HTTP: keys and prompts travel unencrypted"]
    );
}

#[test]
fn check_refuses_a_default_that_stands_for_nothing() {
    let unknown = warnings(
        &settings("default = \"smrat\"\n[routes.smart]\ntiers = [\"groq\"]"),
        &environment(&[]),
        &only_luna,
        &nobody,
    );
    let unknown = unknown.expect_err("a typing error");
    assert_eq!(unknown.hints, ["did you mean `smart`?"]);
    assert_eq!(unknown.message, "`default` (c.toml:1): unknown model, route or alias `smrat`");
}

#[test]
fn errors_have_their_exit_codes() {
    let unknown = Error::from(crate::config::resolve::nothing_usable());
    assert_eq!((unknown.kind.exit_code(), unknown.hints.len()), (3, 4));
    assert_eq!(Error::from(Problems::default()).kind.exit_code(), 3);
}

/// A context whose editor is a script that gets the file as `$1`.
fn with_editor(home: &Path, script: &str) -> Context {
    let editor = home.join("my editor");
    std::fs::write(&editor, format!("#!/bin/sh\n{script}\n")).expect("written");
    std::fs::set_permissions(&editor, std::fs::Permissions::from_mode(0o700)).expect("mode set");
    let config = home.join("sub/config.toml").display().to_string();
    let command = format!("sh '{}'", editor.display());
    let variables = [
        ("EDITOR", command.as_str()),
        ("LLMX_CONFIG", &config),
        ("PATH", "/usr/bin:/bin"),
        ("OPENAI_API_KEY", "CANARY"),
    ];
    let ui = Ui::new(Talk::Quiet, ColorChoice::Never, |_| None);
    Context { ui, environment: environment(&variables), sim: None, arguments: Vec::new() }
}

#[test]
fn edit_creates_the_file_and_hides_keys_from_the_editor() {
    let home = tempfile::tempdir().expect("a directory");
    let context = with_editor(home.path(), "env > \"$1.env\"; echo 'default = \"groq\"' >> \"$1\"");
    edit::run(&context).expect("a sound file");
    let file = home.path().join("sub/config.toml");
    let text = std::fs::read_to_string(&file).expect("there");
    assert!(text.starts_with(TEMPLATE) && text.ends_with("default = \"groq\"\n"));
    assert_eq!(file.metadata().expect("there").permissions().mode() & 0o777, 0o600);
    let seen = std::fs::read_to_string(home.path().join("sub/config.toml.env")).expect("there");
    assert!(seen.contains("LLMX_CONFIG=") && !seen.contains("CANARY"), "{seen}");
}

#[test]
fn edit_opens_a_broken_file_and_tells_what_is_still_wrong() {
    let home = tempfile::tempdir().expect("a directory");
    let file = home.path().join("sub/config.toml");
    create(&file, "[[[broken").expect("created");
    let error = edit::run(&with_editor(home.path(), "true")).expect_err("still broken");
    assert_eq!(error.kind, ErrorKind::Config);
    assert!(error.message.contains("config.toml:1:"), "{}", error.message);
    edit::run(&with_editor(home.path(), ": > \"$1\"")).expect("mended");
    let error = edit::run(&with_editor(home.path(), "exit 4")).expect_err("the editor failed");
    assert!(error.message.contains("ended with exit status: 4"), "{}", error.message);
}
