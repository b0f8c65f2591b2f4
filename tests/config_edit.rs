//! `llmx config get`, `set` and `edit` through the binary: what is printed, what is written, and what is left alone.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::sync::Arc;

use serde_json::Value;

use crate::support::terminal::CTRL_C;
use crate::support::{Home, Output, Terminal};

fn config(home: &Arc<Home>, arguments: &[&str]) -> Output {
    home.llmx().arg("config").args(arguments).run()
}

fn text(home: &Home) -> String {
    fs::read_to_string(home.config_file()).expect("the configuration")
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("the file").permissions().mode() & 0o777
}

#[test]
fn get_prints_the_value_alone_and_says_where_it_was_set() {
    let home = Home::new();
    home.write_config("default = \"smart\"\n[routes.smart]\ntiers = [\"openai/a\"]\nretries = 2\n");
    let file = home.config_file().display().to_string();
    let output = config(&home, &["get", "default"]).expect_code(0);
    assert_eq!((output.stdout.as_str(), output.stderr), ("smart\n", format!("`default`: {file}:1\n")));
    assert_eq!(config(&home, &["get", "routes.smart.retries", "-q"]).expect_code(0).stdout, "2\n");
    assert_eq!(config(&home, &["get", "providers.groq.title"]).expect_code(0).stdout, "Groq\n");
    let below = config(&home, &["get", "routes.smart"]).expect_code(0).stdout;
    assert!(below.contains("routes.smart.retries = 2") && below.contains(&format!("# {file}:4")), "{below}");
    let json: Value = serde_json::from_str(&config(&home, &["get", "default", "--json"]).stdout).expect("JSON");
    assert_eq!((&json["schema"], &json["settings"][0]["value"]), (&"llmx.config/1".into(), &"smart".into()));
}

#[test]
fn get_tells_what_is_not_set_from_what_does_not_exist() {
    let home = Home::new();
    let output = config(&home, &["get", "budgets.daily"]).expect_code(1);
    assert!(output.stderr.contains("`budgets.daily` is not set") && output.stderr.contains("llmx config set"));
    let output = config(&home, &["get", "routes.r.strategi"]).expect_code(2);
    assert!(
        output.stderr.contains("no setting `routes.r.strategi`\n  hint: did you mean `strategy`?"),
        "{}",
        output.stderr
    );
    let output = config(&home, &["get", "defualt", "--json"]).expect_code(2);
    let json: Value = serde_json::from_str(&output.stdout).expect("JSON");
    assert_eq!(json["error"]["exit_code"], 2);
    assert!(config(&home, &["get", "a..b"]).expect_code(2).stderr.contains("is no name of a setting"));
}

#[test]
fn set_makes_a_commented_private_file_and_changes_one_line_of_it() {
    let home = Home::new();
    let output = config(&home, &["set", "default", "openai/gpt-6-luna"]).expect_code(0);
    assert_eq!(output.stdout, "");
    assert!(output.stderr.contains("default = \"openai/gpt-6-luna\""), "{}", output.stderr);
    assert_eq!(mode(&home.config_file()), 0o600);
    let first = text(&home);
    assert!(first.starts_with("# The settings of llmx."), "{first}");
    config(&home, &["set", "default", "groq"]).expect_code(0);
    assert_eq!(text(&home), first.replace("\ndefault = \"openai/gpt-6-luna\"", "\ndefault = \"groq\""));
    config(&home, &["set", "--unset", "default"]).expect_code(0);
    assert_eq!(text(&home), first.replace("default = \"openai/gpt-6-luna\"\n", ""));
    config(&home, &["check"]).expect_code(0);
}

#[test]
fn set_writes_nothing_that_would_be_wrong() {
    let home = Home::new();
    let before = "# mine\ndefault = \"smart\"   # always\n\n[routes.smart]\ntiers = [\"openai/a\"]\n";
    home.write_config(before);
    for (arguments, told) in [
        (&["set", "routes.smart.strategy", "cheepest"][..], "did you mean `cheapest`?"),
        (&["set", "routes.smart.retries", "many"], "expected a whole number"),
        (&["set", "defualt", "x"], "did you mean `default`?"),
        (&["set", "default", "smrat"], "did you mean `smart`?"),
        (&["set", "default.x", "5"], "`default` in"),
        (&["set", "providers.openai.base_url", "ftp://x"], "an address starts with `https://`"),
        (&["set", "--unset", "routes.smart"], "unknown model, route or alias `smart`"),
        (&["set", "--unset", "budgets"], "`budgets` is not set in"),
    ] {
        let output = config(&home, arguments).expect_code(2);
        assert!(output.stderr.contains(told), "{arguments:?}: {}", output.stderr);
        assert_eq!(text(&home), before, "{arguments:?}");
    }
}

#[test]
fn a_value_is_read_as_toml_or_as_words() {
    let home = Home::new();
    for (key, value, shown) in [
        ("routes.r.tiers", "[\"openai/a\", [\"groq/b\"]]", None),
        ("routes.r.retries", "0", Some("0\n")),
        ("routes.r.timeout.idle", "90s", None),
        ("log.keep", "30d", Some("30d\n")),
        ("store_prompts", "false", Some("false\n")),
        ("aliases.gpt-5.4", "openai/gpt-5.4", Some("openai/gpt-5.4\n")),
        ("providers.corp", "{ base_url = \"https://corp.example/v1\", api_key = { env = \"K\" } }", None),
        ("providers.groq.api_key", "12345678", Some("[\"(redacted)\"]\n")),
    ] {
        let output = config(&home, &["set", key, value]).expect_code(0);
        assert!(!output.stderr.contains("12345678"), "{}", output.stderr);
        if let Some(shown) = shown {
            assert_eq!(config(&home, &["get", key]).expect_code(0).stdout, shown, "{key}");
        }
    }
    config(&home, &["check"]).expect_code(0);
}

#[test]
fn a_wrong_file_can_be_mended_line_by_line_and_broken_toml_only_in_the_editor() {
    let home = Home::new();
    home.write_config("defualt = \"x\"\nrepair = 5\n");
    config(&home, &["set", "--unset", "defualt"]).expect_code(0);
    config(&home, &["set", "repair", "true"]).expect_code(0);
    config(&home, &["check"]).expect_code(0);
    home.write_config("default = \"x\nrepair = tru\n[log\n");
    for arguments in [&["set", "repair", "true"][..], &["check"]] {
        let stderr = config(&home, arguments).expect_code(3).stderr;
        for place in [":1:", ":2:", ":3:"] {
            assert!(stderr.contains(place), "{place} {stderr}");
        }
    }
    assert!(config(&home, &["set", "repair", "true"]).stderr.contains("llmx config edit"));
}

#[test]
fn a_key_comes_from_standard_input_and_closes_the_file() {
    let home = Home::new();
    home.write_config("repair = true\n");
    fs::set_permissions(home.config_file(), PermissionsExt::from_mode(0o644)).expect("opened");
    config(&home, &["set", "default", "groq"]).expect_code(0);
    assert_eq!(mode(&home.config_file()), 0o644);
    let run = home.llmx().args(["config", "set", "providers.groq.api_key", "-"]).stdin("gsk-secret\n").run();
    let output = run.expect_code(0);
    assert!(output.stderr.contains("closed to others") && !output.stderr.contains("gsk-secret"), "{}", output.stderr);
    assert_eq!(mode(&home.config_file()), 0o600);
    assert!(text(&home).contains("[providers.groq]\napi_key = \"gsk-secret\"\n"));
    let output = config(&home, &["set", "providers.groq.api_key", "gsk-other"]).expect_code(0);
    assert!(output.stderr.contains("shell's history"), "{}", output.stderr);
}

#[test]
fn on_a_terminal_a_key_is_asked_for_and_never_shown() {
    let home = Home::new();
    let asked = || Terminal::start(home.llmx().args(["config", "set", "providers.groq.api_key", "-"]), 24, 40);
    let mut terminal = asked();
    terminal.wait_text("> ");
    terminal.send(b"gsk-secreX\x7ft\r");
    let (code, raw) = terminal.finish();
    let raw = String::from_utf8(raw).expect("text");
    assert_eq!(code, 0, "{raw}");
    assert!(!raw.contains("gsk") && !raw.contains('*'), "not even how long it is: {raw:?}");
    let written = text(&home);
    assert!(written.contains("api_key = \"gsk-secret\""), "{written}");
    for (key, code) in [(CTRL_C, 130), (b"\x1b", 130), (b"\x04", 130)] {
        let mut terminal = asked();
        terminal.wait_text("> ");
        terminal.send(key);
        assert_eq!(terminal.finish().0, code);
        assert_eq!(text(&home), written);
    }
}

#[test]
fn a_linked_configuration_stays_a_link() {
    let home = Home::new();
    home.write_config("");
    let target = home.path("home/dotfiles.toml");
    fs::rename(home.config_file(), &target).expect("moved");
    symlink(&target, home.config_file()).expect("a link");
    config(&home, &["set", "default", "groq"]).expect_code(0);
    assert!(fs::symlink_metadata(home.config_file()).expect("there").is_symlink());
    assert_eq!(fs::read_to_string(target).expect("read"), "default = \"groq\"\n");
}

#[test]
fn what_lies_over_the_file_is_told() {
    let home = Home::new();
    let output = home.llmx().env("LLMX_MODEL", "xai").args(["config", "set", "default", "groq"]).run().expect_code(0);
    assert!(output.stderr.contains("in force is default = \"xai\" (env LLMX_MODEL)"), "{}", output.stderr);
}

#[test]
fn without_a_home_or_with_a_closed_directory_nothing_is_written() {
    let nowhere = Home::new().llmx().env("HOME", "").env("XDG_CONFIG_HOME", "");
    assert!(nowhere.args(["config", "set", "default", "groq"]).run().expect_code(3).stderr.contains("set LLMX_CONFIG"));
    let home = Home::new();
    // Root may write anywhere, but nobody can make a file below a file.
    let run = home.llmx().env("LLMX_CONFIG", "/dev/null/c.toml").args(["config", "set", "default", "groq"]).run();
    assert!(run.expect_code(3).stderr.contains("cannot "));
}

#[test]
fn what_is_set_while_a_key_is_typed_stays() {
    let home = Home::new();
    let mut terminal = Terminal::start(home.llmx().args(["config", "set", "providers.groq.api_key", "-"]), 24, 80);
    terminal.wait("the line", |screen| screen.contents().ends_with("> "));
    config(&home, &["set", "aliases.fast", "groq/x"]).expect_code(0);
    terminal.send(b"gsk-typed\r");
    assert_eq!(terminal.finish().0, 0);
    assert!(text(&home).contains("fast = \"groq/x\"") && text(&home).contains("gsk-typed"), "{}", text(&home));
}

#[test]
fn a_broken_file_can_be_edited_again_until_it_is_sound() {
    let home = Home::new();
    home.write_config("default = \"groq\"\n");
    let editor = home.path("editor");
    fs::write(
        &editor,
        "#!/bin/sh\nif grep -q broken \"$1\"; then echo 'repair = true' > \"$1\"; else echo broken >> \"$1\"; fi\n",
    )
    .expect("the editor");
    fs::set_permissions(&editor, PermissionsExt::from_mode(0o700)).expect("its permissions");
    let edit = || Terminal::start(home.llmx().env("EDITOR", &editor).args(["config", "edit"]), 24, 40);
    for key in [CTRL_C, b"\x1b", b"n"] {
        home.write_config("default = \"groq\"\n");
        let mut terminal = edit();
        terminal.wait_text("edit again?");
        terminal.send(key);
        let (code, raw) = terminal.finish();
        assert_eq!(code, if key == b"n" { 3 } else { 130 });
        assert_eq!(text(&home), "default = \"groq\"\nbroken\n");
        let raw = String::from_utf8_lossy(&raw).into_owned();
        assert!(raw.rfind("\x1b[?25h") > raw.rfind("\x1b[?25l"), "the cursor is shown again: {raw:?}");
    }
    home.write_config("default = \"groq\"\n");
    let mut terminal = edit();
    terminal.wait_text("edit again?");
    terminal.send(b"\r");
    assert_eq!(terminal.finish().0, 0);
    assert_eq!(text(&home), "repair = true\n");
}
