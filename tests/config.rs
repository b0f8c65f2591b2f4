//! `llmx config` through the binary: where things lie, what is in force, what is wrong, and the editor.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;

use serde_json::Value;

use crate::support::{Home, Output};

fn config(home: &Arc<Home>, arguments: &[&str]) -> Output {
    home.llmx().arg("config").args(arguments).run()
}

/// An executable editor; the file to edit is its `$1`.
fn editor(home: &Home, script: &str) -> String {
    let path = home.path("editor");
    fs::write(&path, format!("#!/bin/sh\n{script}\n")).expect("the editor");
    fs::set_permissions(&path, PermissionsExt::from_mode(0o700)).expect("its permissions");
    path.display().to_string()
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("the file").permissions().mode() & 0o777
}

#[test]
fn path_tells_where_everything_lies() {
    let home = Home::new();
    let shown = config(&home, &["path"]).expect_code(0).stdout;
    let expected = format!(
        "config   {}\nproject  {}\ndata     {}\n",
        home.config_file().display(),
        fs::canonicalize(home.path("work")).expect("the directory").join(".llmx.toml").display(),
        home.path("data/llmx").display()
    );
    assert_eq!(shown, expected);
    let elsewhere = home.llmx().env("LLMX_CONFIG", "/a/b.toml").env("LLMX_DATA_DIR", "/d").args(["config", "path"]);
    let shown = elsewhere.run().expect_code(0).stdout;
    assert!(shown.starts_with("config   /a/b.toml\n") && shown.ends_with("data     /d\n"), "{shown}");
}

#[test]
fn show_names_every_origin_and_no_secret() {
    let home = Home::new();
    home.write_config(
        "default = \"fast\"\n\n[aliases]\nfast = \"groq/x\"\n\n[providers.openai]\napi_key = \"sk-hidden-1\"\n",
    );
    let file = home.config_file().display().to_string();
    for arguments in [&["show"][..], &["show", "--all"], &["show", "--json"]] {
        let output = home.llmx().env("GROQ_API_KEY", "gsk-hidden-2").arg("config").args(arguments).run().expect_code(0);
        assert!(!(output.stdout + &output.stderr).contains("hidden"), "{arguments:?}");
    }
    let text = home.llmx().env("GROQ_API_KEY", "gsk-hidden-2").args(["config", "show"]).run().stdout;
    let line = |key: &str| text.lines().find(|line| line.starts_with(key)).unwrap_or_else(|| panic!("{key} in {text}"));
    assert!(line("default = \"fast\"").ends_with(&format!("# {file}:1")), "{text}");
    assert!(line("aliases.fast = \"groq/x\"").ends_with(&format!("# {file}:4")), "{text}");
    assert!(line("providers.openai.api_key").contains("(redacted)"), "{text}");
    assert!(line("providers.groq.(key)").contains("GROQ_API_KEY"), "{text}");
    let json: Value = serde_json::from_str(&config(&home, &["show", "--json"]).stdout).expect("JSON");
    assert_eq!(json["schema"], "llmx.config/1");
    assert_eq!(json["files"]["config"], file);
    assert!(json["settings"].as_array().is_some_and(|all| all.iter().any(|one| one["key"] == "default")), "{json}");
}

#[test]
fn show_has_everything_that_a_route_a_budget_and_a_hook_say() {
    let home = Home::new();
    home.write_config(
        "[routes.r]\ntiers = [[\"openai/a\", \"groq/b\"]]\nstrategy = \"weighted\"\nweights = { \"openai/a\" = 9 }\n\
         max_cost = \"$0.05\"\nrequire = [\"eu\"]\nbuffer = 40\nhedge = { after = \"800ms\" }\n\
         canary = { target = \"xai/c\", share = [0.1, 1], step = \"2d\" }\n\
         [budgets]\ndaily = 5.00\n[hooks]\nbreaker_open = { cmd = \"curl hidden-1\" }\n\
         budget_near = { webhook = \"https://h.example/hidden-2\" }\n[providers.groq]\ntags = [\"eu\"]\n",
    );
    let file = home.config_file().display().to_string();
    let output = config(&home, &["show"]).expect_code(0);
    for (setting, line) in [
        ("routes.r.strategy = \"weighted\"", 3),
        ("routes.r.weights = {\"openai/a\":9.0}", 4),
        ("routes.r.max_cost = \"0.05\"", 5),
        ("routes.r.require = [\"eu\"]", 6),
        ("routes.r.buffer = 40", 7),
        ("routes.r.hedge = {\"after\":\"800ms\",\"max_extra_cost\":0.03}", 8),
        (
            "routes.r.canary = {\"target\":\"xai/c\",\"share\":[0.1,1.0],\"step\":\"2d\",\"max_error_rate\":0.02,\"max_slowdown\":1.25,\"max_cost_increase\":1.25,\"min_requests\":20}",
            9,
        ),
        ("budgets.daily = \"5\"", 11),
        ("hooks.breaker_open = \"command `curl`\"", 13),
        ("hooks.budget_near = \"webhook (redacted)\"", 14),
        ("providers.groq.tags = [\"eu\"]", 16),
    ] {
        let shown = output.stdout.lines().find(|shown| shown.split("  #").next().map(str::trim_end) == Some(setting));
        let shown = shown.unwrap_or_else(|| panic!("{setting} in {}", output.stdout));
        assert!(shown.ends_with(&format!("# {file}:{line}")), "{shown}");
    }
    assert!(!output.stdout.contains("hidden"), "{}", output.stdout);
}

#[test]
fn check_warns_of_a_tag_that_no_model_of_a_route_has() {
    let home = Home::new();
    home.write_config(
        "[routes.r]\ntiers = [\"openai/gpt-6-luna\"]\nrequire = [\"ue\"]\n[providers.openai]\ntags = [\"eu\"]\n",
    );
    let output = config(&home, &["check"]).expect_code(0);
    let told = format!("{}:3: no model of `r` has the tag `ue`", home.config_file().display());
    assert!(output.stderr.contains(&told), "{}", output.stderr);
}

#[test]
fn arguments_lie_over_the_settings_of_a_route() {
    let home = Home::new();
    home.write_config(
        "[routes.r]\ntiers = [[\"openai/gpt-6-luna\", \"groq/openai/gpt-oss-120b\"]]\non_cut = \"fail\"\nmax_cost = 1\n\
         [budgets]\nweekly = 20\n",
    );
    let explain = |arguments: &[&str]| -> Value {
        let llmx = home.llmx().args(["route", "--sim", "--json", "-m", "r"]).args(arguments);
        serde_json::from_str(&llmx.arg("hi").run().stdout).expect("JSON")
    };
    let plan = &explain(&[])["plan"];
    assert_eq!((&plan["strategy"]["value"], &plan["on_cut"]["value"]), (&"ordered".into(), &"fail".into()));
    let plan = &explain(&["--strategy", "fastest", "--on-cut", "continue"])["plan"];
    assert_eq!((&plan["strategy"]["value"], &plan["strategy"]["origin"]), (&"fastest".into(), &"--strategy".into()));
    assert_eq!((&plan["on_cut"]["value"], &plan["on_cut"]["origin"]), (&"continue".into(), &"--on-cut".into()));
    let plan = &explain(&["--max-cost", "0.000000000001"])["plan"];
    let reason = &plan["rejected"][0]["reason"];
    assert_eq!((&reason["reason"], &reason["origin"]), (&"too_dear".into(), &"--max-cost".into()), "{plan}");
}

#[test]
fn check_counts_what_is_sound_and_warns_of_what_will_not_work() {
    let home = Home::new();
    home.write_config("[aliases]\nfast = \"openai/gpt-nobody-knows\"\n");
    let output = config(&home, &["check"]).expect_code(0);
    assert!(output.stdout.starts_with("OK: ") && output.stdout.contains("1 alias\n"), "{}", output.stdout);
    let file = home.config_file().display().to_string();
    assert!(output.stderr.contains(&format!("{file}:2: `openai/gpt-nobody-knows` is not in the catalogue")));
    assert!(output.stderr.contains("no key for `openai`: looked in OPENAI_API_KEY"), "{}", output.stderr);
}

#[test]
fn check_tells_everything_that_is_wrong_at_once() {
    let home = Home::new();
    home.write_config("defualt = \"x\"\nstore_prompts = 5\n");
    let output = config(&home, &["check"]).expect_code(3);
    let file = home.config_file().display().to_string();
    assert!(output.stderr.contains(&format!("{file}:1:1: unknown setting `defualt`")), "{}", output.stderr);
    assert!(output.stderr.contains("did you mean `default`?"), "{}", output.stderr);
    assert!(output.stderr.contains(&format!("{file}:2:17: ")), "{}", output.stderr);
    assert_eq!(output.stdout, "");
}

#[test]
fn check_reads_the_users_catalogue() {
    let home = Home::new();
    let models = home.path("config/models.toml");
    home.write_config(&format!("catalog = \"{}\"\n[aliases]\nmine = \"openai/gpt-of-mine\"\n", models.display()));
    fs::write(&models, "[models.\"openai/gpt-of-mine\"]\ncontext = 5_000\n").expect("the catalogue");
    let output = home.llmx().env("OPENAI_API_KEY", "sk-x").args(["config", "check"]).run().expect_code(0);
    assert_eq!(output.stderr, "");
    fs::write(&models, "[models.\"openai/gpt-of-mine\"]\ncontxt = 5_000\n").expect("the catalogue");
    let output = config(&home, &["check"]).expect_code(3);
    let place = format!("{}:2:1: unknown setting `contxt`", models.display());
    assert!(output.stderr.contains(&place), "{}", output.stderr);
}

#[test]
fn edit_creates_a_private_file_that_is_sound() {
    let home = Home::new();
    let run = home.llmx().env("EDITOR", "true").args(["config", "edit"]).run().expect_code(0);
    assert!(run.stderr.contains("created"), "{}", run.stderr);
    assert_eq!(mode(&home.config_file()), 0o600);
    config(&home, &["check"]).expect_code(0);
    let again = home.llmx().env("EDITOR", "true").args(["config", "edit"]).run().expect_code(0);
    assert_eq!(again.stderr, "");
}

#[test]
fn edit_tells_what_broke_keeps_the_file_and_can_mend_it() {
    let home = Home::new();
    home.write_config("default = \"openai\"\n");
    let breaking = editor(&home, "echo 'defualt = 1' >> \"$1\"");
    let output = home.llmx().env("EDITOR", breaking).args(["config", "edit"]).run().expect_code(3);
    assert!(output.stderr.contains(":2:1: unknown setting `defualt`"), "{}", output.stderr);
    let kept = fs::read_to_string(home.config_file()).expect("the file");
    assert_eq!(kept, "default = \"openai\"\ndefualt = 1\n");
    let mending = editor(&home, "echo 'default = \"openai\"' > \"$1\"");
    home.llmx().env("EDITOR", mending).args(["config", "edit"]).run().expect_code(0);
    config(&home, &["check"]).expect_code(0);
}

#[test]
fn edit_takes_an_editor_with_arguments_and_shows_it_no_key() {
    let home = Home::new();
    let seen = home.path("seen");
    let script = editor(&home, &format!("{{ echo \"$1\"; env; }} > {}", seen.display()));
    let llmx = home.llmx().env("VISUAL", format!("{script} --wait")).env("EDITOR", "false");
    llmx.env("OPENAI_API_KEY", "sk-hidden").args(["config", "edit"]).run().expect_code(0);
    let seen = fs::read_to_string(seen).expect("what the editor saw");
    assert!(seen.starts_with("--wait\n"), "{seen}");
    assert!(!seen.contains("sk-hidden"), "{seen}");
}

#[test]
fn an_editor_that_fails_is_told() {
    for (editor, words) in [("false", "the editor `false` ended with"), ("no-such-editor", "cannot start the editor")] {
        let output = Home::new().llmx().env("EDITOR", editor).args(["config", "edit"]).run().expect_code(1);
        assert!(output.stderr.contains(words) && output.stderr.contains("set EDITOR"), "{}", output.stderr);
    }
    let nowhere = Home::new().llmx().env("HOME", "").env("XDG_CONFIG_HOME", "").args(["config", "edit"]).run();
    assert!(nowhere.expect_code(3).stderr.contains("set LLMX_CONFIG"));
}
