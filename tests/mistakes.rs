//! The commonest mistakes: each is told in one style, with what to type next, and with its exit code.

use serde_json::{Value, json};

use crate::support::Home;

/// A route whose key is missing, and a provider that needs none and is not there.
const CONFIG: &str = "default = \"smart\"\n\n[routes.smart]\ntiers = [[\"openai/gpt-5.4-mini\"]]\n\n[providers.corp]\n\
    wire = \"openai-chat\"\nbase_url = \"http://127.0.0.1:9/v1\"\nauth = \"none\"\n";

/// Arguments, exit code, a part of the message and a part of the hint.
const MISTAKES: &[(&[&str], i32, &str, &str)] = &[
    (&["complte", "Hello"], 2, "unknown command `complte`", "did you mean `llmx complete` or `llmx compare`?"),
    (&["Why is the sky blue?"], 2, "unknown command", "to ask a model, write `llmx complete"),
    (&["log", "sohw"], 2, "unknown command `log sohw`", "did you mean `llmx log show`?"),
    (&["config", "nonsense"], 2, "unknown command `config nonsense`", "`llmx config -h` shows how it is used"),
    (&["help", "kyes"], 2, "no command or topic `kyes`", "did you mean `llmx help keys`?"),
    (&["complete", "--modle", "x", "Hi"], 2, "unknown option `--modle`", "did you mean `--model`?"),
    (&["complete", "-m"], 2, "`--model <NAME>` needs a value", "`llmx complete -h`"),
    (&["complete", "--timeout", "5", "Hi"], 2, "`5` is no duration", "`llmx complete -h`"),
    (&["complete", "--strategy", "fast", "Hi"], 2, "`fast` is no value", "did you mean `fastest`?"),
    (&["complete", "--json", "--jsonl", "Hi"], 2, "`--json` cannot be used with `--jsonl`", "`llmx complete -h`"),
    (&["complete"], 2, "the prompt is empty", "write what you want to know"),
    (&["complete", "-f", "note.md", "Hi"], 2, "cannot read `note.md`", "did you mean `notes.md`?"),
    (&["complete", "-a", "x/photo.png", "Hi"], 2, "cannot read the attachment", "there is no directory `x`"),
    (&["complete", "--schema", "person.json", "Hi"], 2, "cannot read `person.json`", "it was looked for in `/"),
    (&["complete", "--sim=openai:nonsense", "Hi"], 2, "unknown fault `nonsense`", "`llmx help simulation`"),
    (&["complete", "-c", "Hi"], 2, "no conversation to continue yet", "`llmx log` lists"),
    (&["complete", "--continue=0199aaaa", "Hi"], 2, "no conversation `0199aaaa`", "`llmx log` lists"),
    (&["complete", "Hi"], 4, "no key: looked in OPENAI_API_KEY", "`llmx help keys`"),
    (&["complete", "-m", "smrt", "Hi"], 3, "unknown model, route or alias `smrt`", "did you mean `smart`?"),
    (&["complete", "-m", "nonsense", "Hi"], 3, "unknown model, route or alias", "`llmx config show`"),
    (&["complete", "-m", "opanai/x", "Hi"], 3, "unknown provider `opanai`", "did you mean `openai/x`?"),
    (&["route", "-m", "smrt"], 3, "unknown model, route or alias `smrt`", "did you mean `smart`?"),
    (&["compare", "-m", "smrt", "Hi"], 3, "unknown model, route or alias `smrt`", "did you mean `smart`?"),
    (&["compare", "Hi"], 4, "1 of 1 answer failed", "`llmx help keys`"),
    (&["compare", "-f", "nothing.csv"], 2, "cannot read `nothing.csv`", "it was looked for in `/"),
    (&["compare", "show", "nonsense"], 2, "no comparison `nonsense`", "`llmx compare list`"),
    (&["models", "-p", "opnai"], 2, "unknown provider `opnai`", "did you mean `openai`?"),
    (&["models", "update"], 2, "missing: `<FROM>`", "write `llmx models update <FROM>`"),
    (&["models", "update", "nothing.json"], 2, "cannot read `nothing.json`", "it was looked for in `/"),
    (&["cost", "explain", "0199aaaa"], 2, "no run `0199aaaa`", "`llmx log` lists"),
    (&["cost", "what-if"], 2, "missing: `--on <MODEL>`", "write `llmx cost what-if --on <MODEL>`"),
    (&["cost", "prices", "nonsense"], 2, "no model `nonsense`", "`llmx models --all`"),
    (&["cost", "import", "nonsense"], 2, "`nonsense` is no file", "the tools are claude-code"),
    (&["log", "show", "0199aaaa"], 2, "no run `0199aaaa`", "`llmx log` lists"),
    (&["log", "delete"], 2, "name the runs to delete", "`llmx log delete --help`"),
    (&["log", "prune"], 2, "missing: `<--older-than", "write `llmx log prune"),
    (&["health", "nonsense"], 3, "unknown model, route or alias", "`llmx config show`"),
    (&["drill", "smrt"], 3, "unknown model, route or alias", "did you mean `smart`?"),
    (&["drill", "--fault", "dwn"], 2, "`dwn` is no value", "did you mean `down`?"),
    (&["shell"], 2, "missing: `<SHELL>`", "write `llmx shell <SHELL>`"),
];

#[test]
fn a_mistake_is_told_with_what_to_type_next() {
    let home = Home::new();
    home.write_config(CONFIG);
    std::fs::write(home.path("work/notes.md"), "").expect("a file");
    let mut wrong = Vec::new();
    for (words, code, message, hint) in MISTAKES {
        let output = home.llmx().args(*words).run();
        let error = output.stderr.split_once("error: ").map_or("", |(_, error)| error);
        let hints: Vec<&str> = error.lines().filter_map(|line| line.strip_prefix("  hint: ")).collect();
        let told = output.code == *code && error.contains(message) && hints.iter().any(|line| line.contains(hint));
        if !told {
            wrong.push(format!("{words:?}: {}\n{}", output.code, output.stderr));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn with_json_a_mistake_is_told_as_an_object_too() {
    let home = Home::new();
    home.write_config(CONFIG);
    for (words, code, schema, message) in [
        (&["complete", "--json", "--modle", "x", "Hi"][..], 2, "llmx.complete/1", "unknown option `--modle`"),
        (&["complete", "--jsonl", "-m"], 2, "llmx.complete/1", "`--model <NAME>` needs a value"),
        (&["complete", "--jsonl"], 2, "llmx.complete/1", "the prompt is empty"),
        (&["compare", "--json", "--sim=openai:nonsense", "Hi"], 2, "llmx.compare/1", "--sim: unknown fault `nonsense`"),
        (&["cost", "what-if", "--json"], 2, "llmx.cost/1", "missing: `--on <MODEL>`"),
        (&["log", "show", "0199aaaa", "--json"], 2, "llmx.log/1", "no run `0199aaaa`"),
        (&["chat", "--json"], 2, "llmx.chat/1", "unknown option `--json`"),
        (&["complte", "--json"], 2, "llmx/1", "unknown command `complte`"),
        (&["route", "--json", "-m", "smrt"], 3, "llmx.route/1", "unknown model, route or alias `smrt`"),
    ] {
        let output = home.llmx().args(words).run().expect_code(code);
        assert!(output.stderr.contains("error: ") && output.stderr.contains("hint: "), "{words:?}: {}", output.stderr);
        let object: Value = serde_json::from_str(&output.stdout).unwrap_or_else(|error| panic!("{words:?}: {error}"));
        assert_eq!((&object["schema"], &object["error"]["exit_code"]), (&json!(schema), &json!(code)), "{words:?}");
        assert!(object["error"]["message"].as_str().expect("words").contains(message), "{words:?}: {object}");
        assert_eq!(object["type"] == "done", words.contains(&"--jsonl"), "{object}");
    }
    let silent = home.llmx().args(["complete", "-m", "--", "--json"]).run().expect_code(2);
    assert_eq!(silent.stdout, "");
}

#[test]
fn without_a_home_or_the_named_configuration_it_is_told_what_to_set() {
    let nowhere =
        ["HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"].iter().fold(Home::new().llmx(), |run, name| run.env(name, ""));
    let output = nowhere.args(["config", "edit"]).run();
    assert!(output.code == 3 && output.stderr.contains("hint: set LLMX_CONFIG"), "{}: {}", output.code, output.stderr);
    let relative =
        Home::new().llmx().env("HOME", "foo").env("XDG_CONFIG_HOME", "").args(["config", "set", "default", "openai"]);
    let output = relative.run().expect_code(3);
    assert!(output.stderr.contains("HOME is `foo`, which is not an absolute path"), "{}", output.stderr);
    let output = Home::new().llmx().env("LLMX_CONFIG", "/nowhere/config.toml").args(["complete", "Hi"]).run();
    assert_eq!(output.code, 3);
    assert!(output.stderr.contains("create it with `llmx config edit`"), "{}", output.stderr);
}
