//! The README's tables and examples: made from what the program holds, and held to what the program does.

use clap::Parser;
use llmx::chat::MediaKind;
use llmx::cli::{Cli, manual};
use llmx::provider::{Auth, KeySource, Parameter, Provider, Row, builtin, split_words};
use llmx::wire::features;

use super::read;
use crate::support::{Home, Llmx};

/// The README with its generated blocks made anew.
pub fn refreshed(readme: &str) -> String {
    let rows: Vec<Provider> =
        builtin().into_iter().map(|(name, row)| row.into_provider(&name, &|_| None).expect("a sound row")).collect();
    let blocks = [("providers", providers(&rows)), ("exit codes", exit_codes())];
    blocks.into_iter().fold(readme.to_owned(), |readme, (name, block)| replaced(&readme, name, &block))
}

/// Puts `block` between `<!-- name -->` and `<!-- end of name -->`.
fn replaced(readme: &str, name: &str, block: &str) -> String {
    let (open, close) = (format!("<!-- {name} -->\n"), format!("<!-- end of {name} -->"));
    let parts = readme.split_once(&open).and_then(|(before, rest)| Some((before, rest.split_once(&close)?.1)));
    let (before, after) = parts.unwrap_or_else(|| panic!("README.md has no block `{name}`"));
    format!("{before}{open}{block}{close}{after}")
}

/// How each provider is named and reached, what a request can carry to it, and what it was proven on.
fn providers(rows: &[Provider]) -> String {
    let mark = |able: bool| if able { "yes" } else { "–" };
    let lines = rows.iter().map(|provider| {
        let features = features(provider, &provider.wire).expect("a wire format");
        let abilities = [
            features.streaming,
            features.tools,
            features.schema,
            features.media.contains(&MediaKind::Image),
            features.usage,
        ];
        let proven = if provider.proven.is_empty() { "–".to_owned() } else { provider.proven.join(", ") };
        let cells = [title(provider), variables(provider), formats(provider)];
        let cells = cells.into_iter().chain(abilities.map(|able| mark(able).to_owned())).chain([proven]);
        format!("| {} |\n", cells.collect::<Vec<_>>().join(" | "))
    });
    let head = "| provider | key | format | streaming | tools | schema | images | usage | proven on |\n|---|---|---|---|---|---|---|---|---|\n";
    head.to_owned() + &lines.collect::<String>()
}

/// What people call it, with the page where a key is to be had, and what it is called in `-m`.
fn title(provider: &Provider) -> String {
    match &provider.keys_url {
        Some(page) => format!("[{}]({page}) `{}`", provider.title, provider.name),
        None => format!("{} `{}`", provider.title, provider.name),
    }
}

/// The format, and those of single models.
fn formats(provider: &Provider) -> String {
    let by_model = provider.wires.iter().map(|(pattern, wire)| format!(", `{wire}` for `{pattern}`"));
    format!("`{}`{}", provider.wire, by_model.collect::<String>())
}

/// The variable of the key and those of the address.
fn variables(provider: &Provider) -> String {
    let needed = provider.missing.iter().filter_map(|(_, tried)| tried.first()).map(|name| format!(", `{name}`"));
    key_variable(provider) + &needed.collect::<String>()
}

/// The first variable that may hold the key.
fn key_variable(provider: &Provider) -> String {
    let first = provider.keys.iter().find_map(|key| match key {
        KeySource::Env(name) => Some(format!("`{name}`")),
        _ => None,
    });
    match (&provider.auth, first) {
        (Auth::None, _) | (_, None) => "none".to_owned(),
        (Auth::Optional, Some(name)) => format!("none, or {name}"),
        (_, Some(name)) => name,
    }
}

fn exit_codes() -> String {
    let lines = manual::EXIT_CODES.iter().map(|(code, says)| format!("| {code} | {says} |\n"));
    "| code | what it says |\n|---|---|\n".to_owned() + &lines.collect::<String>()
}

/// The content of every fenced block in that language.
pub fn blocks(language: &str) -> Vec<String> {
    let readme = read("README.md");
    let fence = format!("```{language}\n");
    let opened = readme.split(&fence).skip(1);
    let blocks: Vec<String> = opened.map(|rest| rest.split("```").next().unwrap_or_default().to_owned()).collect();
    assert!(!blocks.is_empty(), "README.md has a block of {language}");
    blocks
}

/// The command lines of the README, without what a shell does around them.
fn commands() -> Vec<Vec<String>> {
    let blocks = blocks("sh");
    let lines = blocks.iter().flat_map(|block| block.lines());
    let calls = lines.flat_map(|line| line.split(" | ")).filter_map(|call| {
        let call = call.trim_start_matches("$ ").replace("cargo run --release -- ", "llmx ");
        let at = call.find("llmx ").filter(|at| *at == 0 || call[..*at].ends_with(' '))?;
        let call = call[at..].split([';', '>', '#', '&']).next().unwrap_or_default().to_owned();
        Some(split_words(&call).unwrap_or_else(|error| panic!("{call}: {error}")))
    });
    calls.collect()
}

#[test]
fn the_program_understands_every_command_of_the_readme() {
    let commands = commands();
    assert!(commands.len() > 10, "the commands were found: {commands:?}");
    for command in commands {
        let parsed = Cli::try_parse_from(&command);
        assert!(parsed.is_ok(), "{command:?}: {}", parsed.expect_err("an error"));
    }
}

#[test]
fn the_first_command_of_the_readme_answers_through_a_fallback() {
    let command = commands().into_iter().next().expect("a command");
    let output = Llmx::new().args(&command[1..]).run().expect_code(0);
    assert!(output.stdout.trim().len() > 40, "an answer: {}", output.stdout);
    assert!(output.stderr.contains("openai/") && output.stderr.contains("HTTP 503"), "{}", output.stderr);
    let last = output.stderr.lines().last().unwrap_or_default();
    assert!(last.starts_with("anthropic/") && last.contains("$0.0"), "who served and what it cost: {last}");
}

#[test]
fn the_configurations_of_the_readme_are_sound() {
    for toml in blocks("toml").into_iter().filter(|toml| !is_catalogue(toml)) {
        let home = Home::new();
        home.write_config(&toml);
        let output = home.llmx().args(["config", "check"]).run().expect_code(0);
        assert!(output.stdout.starts_with("OK: "), "{}", output.stdout);
        home.write_config(&format!("{toml}\nnonsense = 1\n"));
        home.llmx().args(["config", "check"]).run().expect_code(3);
    }
}

/// Models and prices stand in a file of their own.
fn is_catalogue(toml: &str) -> bool {
    toml.starts_with("[models.")
}

#[test]
fn the_catalogue_of_the_readme_is_sound() {
    let all: Vec<String> = blocks("toml").into_iter().filter(|toml| is_catalogue(toml)).collect();
    assert_eq!(all.len(), 1);
    let check = |models: &str| {
        let home = Home::new();
        home.write_config("catalog = \"models.toml\"\n");
        std::fs::write(home.path("config/llmx/models.toml"), models).expect("a file");
        home.llmx().args(["models", "--all", "corp/gpt-x"]).run()
    };
    let listed = check(&all[0]).expect_code(0).stdout;
    assert!(listed.contains("corp/gpt-x") && listed.contains("128k") && listed.contains("0.20"), "{listed}");
    check(&format!("{}nonsense = 1\n", all[0])).expect_code(3);
}

#[test]
fn the_readme_names_its_test_command_on_a_line_of_its_own() {
    assert!(read("README.md").lines().any(|line| line.starts_with("cargo test")));
}

#[test]
fn a_row_of_its_own_is_all_that_a_provider_needs_to_be_in_the_readme() {
    let row = Row {
        title: Some("Corp".to_owned()),
        base_url: Some("https://{tenant}.corp.example".to_owned()),
        key_env: Some(vec!["CORP_KEY".to_owned()]),
        keys_url: Some("https://corp.example/keys".to_owned()),
        parameters: Some(
            [("tenant".to_owned(), Parameter::Looked { env: vec!["CORP".to_owned()], default: None })].into(),
        ),
        ..Row::default()
    };
    let rows = [row.into_provider("corp", &|_| None).expect("sound")];
    let line = "| [Corp](https://corp.example/keys) `corp` | `CORP_KEY`, `CORP` | `openai-chat` | yes | yes | yes | yes | yes | – |\n";
    assert!(providers(&rows).ends_with(line), "{}", providers(&rows));
}
