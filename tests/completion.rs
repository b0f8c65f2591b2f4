//! Tab in real shells, and what they are told: models, routes, runs, and nothing that is not for the line.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use crate::support::shells::{SHELLS, is_installed, start, wait_line};
use crate::support::{Home, Llmx};

const CONFIG: &str = "default = \"smart\"\n\n[routes.smart]\ntiers = [[\"openai/gpt-5.4-mini\"], [\"corp/house:1b\"]]\n\n\
    [aliases]\nsmall = \"openai/gpt-5.4-mini\"\n\n[providers.corp]\nwire = \"openai-chat\"\n\
    base_url = \"http://127.0.0.1:9/v1\"\nauth = \"none\"\n";

/// A home with settings, a simulated run, a role, and the run's id.
fn home() -> (Arc<Home>, String) {
    let home = Home::new();
    home.write_config(CONFIG);
    home.llmx().args(["complete", "--sim", "What\nnow \x1b]0;?"]).run().expect_code(0);
    fs::create_dir_all(home.path("config/llmx/roles")).expect("a directory");
    fs::write(home.path("config/llmx/roles/commit.md"), "Write it.").expect("a role");
    let list = home.llmx().args(["log", "--sim", "--json"]).run().expect_code(0).stdout;
    let list: serde_json::Value = serde_json::from_str(&list).expect("JSON");
    let id = list["runs"][0]["id"].as_str().expect("an id").to_owned();
    (home, id)
}

/// What a shell is told when Tab is pressed behind these words.
fn asked(home: &Arc<Home>, shell: &str, words: &[&str]) -> Llmx {
    let index = (words.len() - 1).to_string();
    let run = home.llmx().env("LLMX_COMPLETE", shell).env("_CLAP_IFS", "\n").env("_CLAP_COMPLETE_INDEX", index);
    run.env("OPENAI_API_KEY", "sk-secret").arg("--").args(words)
}

fn names(home: &Arc<Home>, words: &[&str]) -> Vec<String> {
    let output = asked(home, "bash", words).run().expect_code(0);
    assert_eq!(output.stderr, "", "{words:?}");
    output.stdout.lines().map(str::to_owned).collect()
}

#[test]
fn names_of_this_machine_are_known() {
    let (home, id) = home();
    let is_there = |words: &[&str], name: &str| {
        let found = names(&home, words);
        assert!(found.iter().any(|found| found == name), "{words:?}: no `{name}` in {found:?}");
    };
    is_there(&["llmx", "complete", "-m", ""], "smart");
    is_there(&["llmx", "complete", "-m", ""], "small");
    is_there(&["llmx", "complete", "-m", ""], "openai/");
    is_there(&["llmx", "complete", "-m", "corp/"], "corp/house:1b");
    is_there(&["llmx", "complete", "--fallback", "anthropic/claude-h"], "anthropic/claude-haiku-5-5");
    is_there(&["llmx", "compare", "-m", "smart,openai/gpt-5.4-m"], "smart,openai/gpt-5.4-mini");
    is_there(&["llmx", "route", "--replay", "--route", "s"], "smart");
    is_there(&["llmx", "models", "-p", "open"], "openai");
    is_there(&["llmx", "models", "-p", "anthr"], "anthropic");
    is_there(&["llmx", "log", "--sim", "show", &id[..8]], &id);
    is_there(&["llmx", "log", "--sim", "show", ""], "last");
    is_there(&["llmx", "complete", "--sim", "--continue="], &format!("--continue={id}"));
    is_there(&["llmx", "help", "ro"], "routes");
    is_there(&["llmx", "complete", "-t", ""], "commit");
    is_there(&["llmx", "role", "show", "com"], "commit");
    is_there(&["llmx", "complete", "--strategy", "f"], "fastest");
    is_there(&["llmx", "complete", "--sim="], "--sim=429");
    is_there(&["llmx", "complete", "--sim=open"], "--sim=openai:");
    is_there(&["llmx", "--sim=openai:5"], "--sim=openai:529");
    is_there(&["llmx", "complete", "--sim=*:cut@3,groq:sl"], "--sim=*:cut@3,groq:slow");
    is_there(&["llmx", "complete", "--sim=500,gro"], "--sim=500,groq:");
    is_there(&["llmx", "config", "set", "def"], "default");
    is_there(&["llmx", "config", "set", "ro"], "routes.");
    is_there(&["llmx", "config", "set", "routes.smart.st"], "routes.smart.strategy");
    is_there(&["llmx", "config", "get", "providers.corp.b"], "providers.corp.base_url");
    assert_eq!(names(&home, &["llmx", "config", "get", "log."]), ["log.text", "log.keep", "log.max_size"]);
    assert!(names(&home, &["llmx", "log", "show", "0"]).is_empty(), "the simulation's runs are its own");
    // What must stand behind `=` is not offered as a word: it would be one of the prompt.
    assert!(!names(&home, &["llmx", "complete", "--sim", "-c", ""]).contains(&id));
    assert!(names(&home, &["llmx", "complete", "-m", "nothing/"]).is_empty());
}

#[test]
fn remarks_come_from_strangers_and_are_one_line_without_control_characters() {
    let (home, id) = home();
    let output = asked(&home, "fish", &["llmx", "log", "--sim", "show", "0"]).run().expect_code(0);
    assert_eq!(output.stdout, format!("{id}\tWhat now ^[]0;?\n"));
    let output = asked(&home, "fish", &["llmx", "complete", "-m", ""]).run().expect_code(0);
    assert!(!output.stdout.contains("sk-secret"), "{}", output.stdout);
}

#[test]
fn nothing_is_said_on_the_line_whatever_is_wrong() {
    let (home, _) = home();
    fs::write(home.config_file(), "default = \n[[[").expect("a broken file");
    assert!(names(&home, &["llmx", "complete", "-m", "o"]).is_empty());
    assert_eq!(names(&home, &["llmx", "comp"]), ["complete", "compare"], "commands need no settings");
    fs::create_dir_all(home.path("data/llmx")).expect("a directory");
    fs::write(home.path("data/llmx/ledger.db"), "no ledger").expect("a broken file");
    assert_eq!(names(&home, &["llmx", "log", "show", ""])[0], "last");
    for words in [&["llmx"][..], &["llmx", "nonsense", "--what", ""], &["llmx", "--"], &["llmx", "-m", "\u{1b}"]] {
        names(&home, words);
    }
    let output = asked(&home, "no-shell", &["llmx", "comp"]).run().expect_code(0);
    assert_eq!((output.stdout.as_str(), output.stderr.as_str()), ("", ""));
    let nothing = home.llmx().env("LLMX_COMPLETE", "fish").run().expect_code(0);
    assert_eq!((nothing.stdout.as_str(), nothing.stderr.as_str()), ("", ""));
}

#[test]
fn tab_completes_in_every_shell() {
    for shell in SHELLS.into_iter().filter(|shell| is_installed(shell)) {
        let (home, id) = home();
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("completions");
        let script = match shell {
            "bash" => format!("source '{}'", script.join("llmx.bash").display()),
            // As it is found in a directory of functions.
            "zsh" => format!("fpath=('{}' $fpath); compinit -D -u", script.display()),
            _ => format!("source '{}'", script.join("llmx.fish").display()),
        };
        let mut terminal = start(shell, &home, &script);
        let mut tab = |typed: &str, expected: &str| {
            terminal.send(format!("\x15{typed}\t").as_bytes());
            wait_line(&terminal, &format!("{shell}: `{expected}`"), |line| line.starts_with(expected));
        };
        tab("llmx complete -m openai/gpt-5.4-m", "llmx complete -m openai/gpt-5.4-mini");
        tab("echo | llmx complete 'it is' -m smar", "echo | llmx complete 'it is' -m smart");
        tab("llmx complete -m corp/house:", "llmx complete -m corp/house:1b");
        tab(&format!("llmx log --sim show {}", &id[..8]), &format!("llmx log --sim show {id}"));
        tab(&format!("llmx complete --sim --continue={}", &id[..8]), &format!("llmx complete --sim --continue={id}"));
        tab("llmx help simul", "llmx help simulation");
        tab("llmx chat --sim=openai:qu", "llmx chat --sim=openai:quota");
        tab("llmx config set routes.sm\tstrat", "llmx config set routes.smart.strategy");
        fs::write(home.path("work/notes.md"), "").expect("a file");
        tab("llmx complete -f note", "llmx complete -f notes.md");
        // Nothing but what was typed, no error among it.
        fs::write(home.config_file(), "default = \n[[[").expect("a broken file");
        terminal.send(b"\x15llmx complete -m op\t#");
        wait_line(&terminal, &format!("{shell}: nothing is found"), |line| line == "llmx complete -m op#");
    }
}
