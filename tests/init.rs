//! `llmx init` as a newcomer meets it: in a terminal, in a script, and left half-way.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;

use crate::support::loopback::{Answer, Loopback};
use crate::support::terminal::CTRL_C;
use crate::support::{Home, Llmx, Server, Terminal};

/// A run in a home where OpenAI, Anthropic and Groq are the fleet.
pub fn init(home: &Arc<Home>, server: &Server) -> Llmx {
    let at = |provider, wire| server.base_url(provider, wire);
    home.llmx()
        .env("OPENAI_BASE_URL", at("openai", "openai-chat"))
        .env("ANTHROPIC_BASE_URL", at("anthropic", "anthropic"))
        .env("GROQ_BASE_URL", at("groq", "openai-chat"))
}

pub fn text(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("the file").permissions().mode() & 0o777
}

/// All files below a folder, by their paths in it.
pub fn files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push(path.strip_prefix(folder).expect("below it").display().to_string());
            }
        }
    }
    found.sort();
    found
}

pub fn put(home: &Home, path: &str, text: &str) {
    let path = home.path(path);
    fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
    fs::write(path, text).expect("a file");
}

/// The lines of a configuration that are no comments.
pub fn settings(home: &Home) -> Vec<String> {
    let text = text(&home.config_file());
    text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).map(str::to_owned).collect()
}

const AICHAT: &str = "model: claude:claude-haiku-5-5\nclients:\n- type: openai\n  api_key: sk-CANARY-1\n- type: claude\n  \
                      api_key: sk-CANARY-2\n- type: openai-compatible\n  name: groq\n  api_base: https://api.groq.com/openai/v1\n  \
                      api_key: sk-CANARY-3\n";

#[test]
fn without_a_terminal_it_says_what_to_do() {
    let home = Home::new();
    let output = home.llmx().arg("init").stdin_open().run().expect_code(2);
    for hint in ["llmx init --yes", "--dry-run", "OPENAI_API_KEY"] {
        assert!(output.stderr.contains(hint), "{}", output.stderr);
    }
    assert_eq!(files(&home.path("config")), [""; 0]);
}

#[test]
fn a_key_in_the_environment_is_tested_and_becomes_the_default() {
    let (home, server) = (Home::new(), Server::start(""));
    let run = init(&home, &server).env("OPENAI_API_KEY", "sk-CANARY").args(["init", "--yes"]).run().expect_code(0);
    assert!(run.stderr.contains("openai: the key from OPENAI_API_KEY works"), "{}", run.stderr);
    assert_eq!(settings(&home), ["default = \"openai/gpt-6-luna\""]);
    assert!(text(&home.config_file()).starts_with("# The settings of llmx."));
    assert_eq!((mode(&home.config_file()), mode(&home.path("config/llmx"))), (0o600, 0o700));
    assert!(!(run.stdout + &run.stderr).contains("CANARY"));
    home.llmx().args(["config", "check"]).run().expect_code(0);
    let again = init(&home, &server).env("OPENAI_API_KEY", "sk-CANARY").args(["init", "--yes"]).run().expect_code(0);
    assert!(again.stderr.contains("Nothing is left to change."), "{}", again.stderr);
}

#[test]
fn with_nothing_at_all_nothing_is_written() {
    let home = Home::new();
    let output = home.llmx().args(["init", "--yes"]).run().expect_code(3);
    assert!(output.stderr.contains("OPENAI_API_KEY") && output.stderr.contains("--sim"), "{}", output.stderr);
    assert!(!output.stderr.contains("`llmx init`"), "{}", output.stderr);
    assert_eq!(files(&home.path("config")), [""; 0]);
    let elsewhere = home.llmx().args(["complete", "hi"]).run().expect_code(3);
    assert!(elsewhere.stderr.contains("`llmx init`"), "{}", elsewhere.stderr);
}

#[test]
fn keys_of_another_tool_become_private_files_and_those_that_fail_are_left() {
    let (home, server) = (Home::new(), Server::start("groq:401"));
    put(&home, "config/aichat/config.yaml", AICHAT);
    let run = init(&home, &server).args(["init", "--yes"]).run().expect_code(0);
    assert!(run.stderr.contains("groq is not taken over"), "{}", run.stderr);
    assert_eq!(
        settings(&home),
        [
            "default = \"smart\"",
            "[providers.openai]",
            "api_key = { file = \"keys/openai\" }",
            "[providers.anthropic]",
            "api_key = { file = \"keys/anthropic\" }",
            "[routes.smart]",
            "tiers = [[\"anthropic/claude-haiku-5-5\"], [\"openai/gpt-6-luna\"]]",
        ]
    );
    assert_eq!(files(&home.path("config/llmx")), ["config.toml", "keys/anthropic", "keys/openai"]);
    let key = home.path("config/llmx/keys/anthropic");
    assert_eq!((text(&key).as_str(), mode(&key)), ("sk-CANARY-2\n", 0o600));
    assert!(!(run.stdout + &run.stderr).contains("CANARY"));
    let answer = init(&home, &server).args(["complete", "hi"]).run().expect_code(0);
    assert!(!answer.stdout.is_empty() && server.count("anthropic") > 0);
}

#[test]
fn servers_names_and_references_are_taken_over() {
    let (home, server) = (Home::new(), Server::start(""));
    let own = server.base_url("corp", "openai-chat");
    put(
        &home,
        "config/mods/mods.yml",
        "apis:\n  groq:\n    api-key-cmd: printf gsk-cmd\n    models:\n      big: {aliases: [b]}\n",
    );
    put(&home, "config/io.datasette.llm/keys.json", "{\"corp\": \"ck-CANARY\"}");
    let models = format!("- model_id: fav\n  model_name: m1\n  api_base: {own}\n  api_key_name: corp\n");
    put(&home, "config/io.datasette.llm/extra-openai-models.yaml", &models);
    let litellm = "model_list:\n- {model_name: pair, litellm_params: {model: groq/x}}\n- {model_name: pair, litellm_params: {model: openai/y, api_key: os.environ/MINE}}\n";
    put(&home, "work/proxy.yaml", litellm);
    let run = init(&home, &server).env("MINE", "sk-CANARY").args(["init", "--yes", "--from", "proxy.yaml"]).run();
    let output = run.expect_code(0);
    assert!(!(output.stdout + &output.stderr).contains("CANARY"));
    let settings = settings(&home).join("\n");
    for line in [
        "[providers.groq]\napi_key = { cmd = \"printf gsk-cmd\" }",
        "[providers.openai]\napi_key = { env = \"MINE\" }",
        "b = \"groq/big\"",
        "[routes.pair]\ntiers = [[\"groq/x\", \"openai/y\"]]",
        &format!("base_url = \"{own}\"\ndefault_model = \"m1\"\napi_key = {{ file = \"keys/127-0-0-1-"),
        "fav = \"127-0-0-1-",
    ] {
        assert!(settings.contains(line), "{line}\n\n{settings}");
    }
    init(&home, &server).env("MINE", "sk-CANARY").args(["doctor"]).run().expect_code(0);
    let wrong = home.llmx().args(["init", "--yes", "--from", "nothing.yaml"]).run().expect_code(2);
    assert!(wrong.stderr.contains("--from: cannot read"), "{}", wrong.stderr);
}

#[test]
fn an_existing_configuration_keeps_its_comments_and_a_copy() {
    let (home, server) = (Home::new(), Server::start(""));
    let before = "# my own words\nrepair = true   # always\n\n[aliases]\nfast = \"groq/x\"\n";
    home.write_config(before);
    put(&home, "config/aichat/config.yaml", AICHAT);
    fs::set_permissions(home.config_file(), fs::Permissions::from_mode(0o644)).expect("open to others");
    let run = init(&home, &server).args(["init", "--yes"]).run().expect_code(0);
    assert_eq!(mode(&home.config_file()), 0o600);
    assert!(run.stderr.contains("config.toml written, and closed to others; as it was: "), "{}", run.stderr);
    let after = text(&home.config_file());
    assert!(
        after.starts_with("# my own words\nrepair = true   # always\ndefault = \"smart\"\n\n[aliases]\n"),
        "{after}"
    );
    let copy = home.path("config/llmx/config.toml.bak");
    assert_eq!((text(&copy).as_str(), mode(&copy)), (before, 0o600));
    assert!(run.stderr.contains("config.toml.bak"), "{}", run.stderr);
    home.llmx().args(["config", "check"]).run().expect_code(0);
    // A file without a word begins as a new one does.
    home.write_config("\n");
    init(&home, &server).env("OPENAI_API_KEY", "k").args(["init", "--yes"]).run().expect_code(0);
    assert!(text(&home.config_file()).starts_with("# The settings of llmx."));
    // What somebody has chosen stays.
    put(&home, "config/llmx/config.toml", "default = \"groq\"\n");
    let run = init(&home, &server).env("GROQ_API_KEY", "k").args(["init", "--yes"]).run().expect_code(0);
    assert!(run.stderr.contains("`groq` stays"), "{}", run.stderr);
    assert!(text(&home.config_file()).starts_with("default = \"groq\"\n"));
}

#[test]
fn a_key_that_fails_leaves_what_the_file_says_of_its_provider() {
    let (home, server) = (Home::new(), Server::start("openai:401"));
    let before = "[providers.openai]\ntags = [\"us\"]   # mine\napi_key = { env = \"NOT_SET\" }\n";
    home.write_config(before);
    put(&home, "config/aichat/config.yaml", AICHAT);
    let output = init(&home, &server).args(["init", "--yes"]).run().expect_code(0);
    assert!(output.stderr.contains("openai is not taken over"), "{}", output.stderr);
    assert!(text(&home.config_file()).contains(before), "{}", text(&home.config_file()));
    assert_eq!(files(&home.path("config/llmx/keys")), ["anthropic", "groq"]);
}

#[test]
fn when_nobody_can_be_asked_it_says_why() {
    let home = Home::new();
    let unreached = home.llmx().env("OPENAI_API_KEY", "k").env("OPENAI_BASE_URL", "http://127.0.0.1:9/v1");
    let output = unreached.args(["init", "--yes"]).run().expect_code(6);
    assert!(output.stderr.contains("nobody who was found can be reached"), "{}", output.stderr);
    let server = Server::start("openai:401");
    let output = init(&home, &server).env("OPENAI_API_KEY", "k").args(["init", "--yes"]).run().expect_code(4);
    assert!(output.stderr.contains("no key that was found works: openai"), "{}", output.stderr);
    assert_eq!(files(&home.path("config")), [""; 0]);
}

#[test]
fn beside_a_default_every_key_that_is_found_is_tested_and_named() {
    let (home, server) = (Home::new(), Server::start("groq:401"));
    home.write_config("# mine\n[aliases]\nlocal = \"openai/gpt-6-luna\"\n");
    home.llmx().args(["config", "set", "default", "local"]).run().expect_code(0);
    assert!(text(&home.config_file()).starts_with("# mine\ndefault = \"local\"\n\n[aliases]\n"));
    let keys = |run: Llmx| {
        run.env("OPENAI_API_KEY", "k").env("GROQ_API_KEY", "k").env("ANTHROPIC_API_KEY", "k").env("SHELL", "/bin/bash")
    };
    let run = keys(init(&home, &server)).args(["init", "--yes"]).run().expect_code(0);
    for words in [
        "openai: the key from OPENAI_API_KEY works",
        "anthropic: the key from ANTHROPIC_API_KEY works",
        "groq: key rejected",
    ] {
        assert!(run.stderr.contains(words), "{words}: {}", run.stderr);
    }
    let mut terminal = Terminal::start(keys(init(&home, &server)).arg("init"), 40, 80);
    terminal.wait_text("> no more, go on");
    let screen = terminal.screen();
    assert!(screen.contains("Groq (its key was rejected)") && !screen.contains("Anthropic\n"), "{screen}");
    // Round to the first of the list.
    terminal.send(b"\x1b[B");
    terminal.wait_text("> Groq (its key was rejected)");
    terminal.send(b"\r");
    terminal.wait_text("The key of Groq");
    terminal.send(CTRL_C);
    assert_eq!(terminal.finish().0, 130);
}

#[test]
fn a_wrong_configuration_is_not_touched() {
    let home = Home::new();
    home.write_config("defualt = 1\n");
    let output = home.llmx().args(["init", "--yes"]).run().expect_code(3);
    assert!(output.stderr.contains("did you mean `default`?") && output.stderr.contains("llmx config edit"));
    assert_eq!(files(&home.path("config/llmx")), ["config.toml"]);
}

#[test]
fn a_dry_run_prints_what_would_be_written_and_no_key() {
    let (home, server) = (Home::new(), Server::start(""));
    put(&home, "config/aichat/config.yaml", AICHAT);
    let run = init(&home, &server).env("SHELL", "/usr/bin/fish").args(["init", "--dry-run"]).run().expect_code(0);
    for line in ["default = \"smart\"\n", "keys/openai (the key of openai", "fish/completions (1 file)", "man/man1 ("] {
        assert!(run.stdout.contains(line), "{line}: {}", run.stdout);
    }
    assert!(!(run.stdout + &run.stderr).contains("CANARY"));
    let simulated = home.llmx().args(["init", "--sim", "--yes"]).run().expect_code(0);
    assert!(simulated.stderr.contains("simulated: nothing was written"), "{}", simulated.stderr);
    assert_eq!(files(&home.path("config")), ["aichat/config.yaml"]);
    assert_eq!(files(&home.path("data")), [""; 0]);
}

#[test]
fn completions_and_pages_are_those_of_this_version() {
    let home = Home::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (shell, installed, ours, told) in [
        ("/bin/bash", "data/bash-completion/completions/llmx", "completions/llmx.bash", "bash-completion"),
        ("/usr/bin/zsh", "data/zsh/site-functions/_llmx", "completions/_llmx", "fpath=("),
        ("/usr/bin/fish", "config/fish/completions/llmx.fish", "completions/llmx.fish", "installed in"),
    ] {
        let run = home.llmx().env("SHELL", shell).args(["init", "--completions", "--yes"]).run().expect_code(0);
        assert!(run.stderr.contains(told), "{}", run.stderr);
        assert_eq!(text(&home.path(installed)), text(&root.join(ours)), "{shell}");
    }
    assert_eq!(text(&home.path("data/man/man1/llmx-init.1")), text(&root.join("man/llmx-init.1")));
    assert!(!home.config_file().exists());
    let doctor = home.llmx().args(["doctor", "--offline"]).run();
    assert!(!doctor.stdout.contains("--completions"), "{}", doctor.stdout);
}

#[test]
fn a_model_server_of_this_machine_is_found() {
    let tags = "{\"models\":[{\"name\":\"llama3.1:8b\",\"model\":\"llama3.1:8b\"}]}";
    let ollama = Loopback::start(move |_| Answer::Whole(200, tags.to_owned()));
    let home = Home::new();
    let run = home.llmx().env("OLLAMA_HOST", ollama.host()).args(["init", "--yes"]).run().expect_code(0);
    assert!(run.stderr.contains("ollama: answers, 1 model"), "{}", run.stderr);
    assert!(!run.stderr.contains("just the first"), "{}", run.stderr);
    assert_eq!(settings(&home), ["default = \"ollama/llama3.1:8b\""]);
}

#[test]
fn a_model_that_is_chosen_by_chance_is_called_so_with_what_changes_it() {
    let tags =
        "{\"models\":[{\"name\":\"tiny:1b\",\"model\":\"tiny:1b\"},{\"name\":\"big:70b\",\"model\":\"big:70b\"}]}";
    let ollama = Loopback::start(move |_| Answer::Whole(200, tags.to_owned()));
    let home = Home::new();
    let run = home.llmx().env("OLLAMA_HOST", ollama.host()).args(["init", "--yes"]).run().expect_code(0);
    let told = "ollama/tiny:1b is just the first of 2 models of ollama: `llmx models --live -p ollama` lists them, \
                `llmx config set default ollama/NAME` takes another.\n";
    assert!(run.stderr.contains(told), "{}", run.stderr);
    let list = home.llmx().env("OLLAMA_HOST", ollama.host()).args(["models", "--live", "-p", "ollama"]).run();
    assert!(list.expect_code(0).stdout.contains("big:70b"));
    home.llmx().args(["config", "set", "default", "ollama/big:70b"]).run().expect_code(0);
    // In a chain it is the file that is edited.
    let (home, server) = (Home::new(), Server::start(""));
    let run = init(&home, &server).env("OLLAMA_HOST", ollama.host()).env("OPENAI_API_KEY", "k").args(["init", "--yes"]);
    assert!(run.run().expect_code(0).stderr.contains("`llmx config edit` takes another"));
}

#[test]
fn the_default_model_of_another_tool_comes_first_or_it_is_said_why_not() {
    let (home, server) = (Home::new(), Server::start(""));
    put(&home, "config/io.datasette.llm/default_model.txt", "groq/big\n");
    put(&home, "config/mods/mods.yml", "default-model: odd\napis: {}\n");
    let keys = |run: Llmx| run.env("OPENAI_API_KEY", "k").env("GROQ_API_KEY", "k");
    let run = keys(init(&home, &server)).args(["init", "--yes"]).run().expect_code(0);
    let place = |path: &str| home.path(path).display().to_string();
    let taken = format!(
        "The default model of llm comes first: groq/big ({})",
        place("config/io.datasette.llm/default_model.txt")
    );
    let left = format!(
        "mods: its default model `odd` is not taken: no API of its file has it ({})",
        place("config/mods/mods.yml")
    );
    assert!(run.stderr.contains(&taken) && run.stderr.contains(&left), "{}", run.stderr);
    assert!(settings(&home).join("\n").contains("tiers = [[\"groq/big\"], [\"openai/"), "{:?}", settings(&home));
    // One whose provider has no key is named with its file, and another one answers.
    let home = Home::new();
    put(&home, "config/aichat/config.yaml", "model: claude:claude-haiku-5-5\nclients: []\n");
    let run = init(&home, &server).env("OPENAI_API_KEY", "k").args(["init", "--yes"]).run().expect_code(0);
    let why = "aichat: its default model `claude:claude-haiku-5-5` is not taken: anthropic has no key (";
    assert!(run.stderr.contains(why) && run.stderr.contains("aichat/config.yaml)"), "{}", run.stderr);
    // A bare name is looked for in the catalogue.
    let home = Home::new();
    put(&home, "config/io.datasette.llm/default_model.txt", "claude-haiku-5-5");
    let run = init(&home, &server).env("ANTHROPIC_API_KEY", "k").args(["init", "--yes"]).run().expect_code(0);
    assert!(run.stderr.contains("comes first: anthropic/claude-haiku-5-5 ("), "{}", run.stderr);
}

#[test]
fn what_cannot_be_written_leaves_no_key_behind() {
    let (home, server) = (Home::new(), Server::start(""));
    put(&home, "config/aichat/config.yaml", AICHAT);
    // A folder cannot be replaced by a file, whoever runs this.
    fs::create_dir_all(home.path("work/there/config.toml/inside")).expect("a folder");
    let run = init(&home, &server).env("LLMX_CONFIG", "there/config.toml").args(["init", "--yes"]).run();
    assert!(run.expect_code(3).stderr.contains("cannot "));
    let nowhere = home.llmx().env("HOME", "").env("XDG_CONFIG_HOME", "").args(["init", "--yes"]).run();
    assert!(nowhere.expect_code(3).stderr.contains("set LLMX_CONFIG"));
    assert!(!home.path("work/there/keys").exists());
}

/// The screen of a terminal in which a newcomer types a key, from the first question to the last.
fn newcomer(home: &Arc<Home>, server: &Server, columns: u16) -> (u32, String, String) {
    let llmx = init(home, server).env("SHELL", "/bin/bash").arg("init");
    let mut terminal = Terminal::start(llmx, 40, columns);
    terminal.wait_text("> OpenAI");
    terminal.send(b"\r");
    terminal.wait_text("The key of OpenAI");
    terminal.wait("the line", |screen| screen.contents().ends_with("> "));
    terminal.send(b"sk-CANARY-typed\r");
    terminal.wait_text("> no more, go on");
    terminal.send(b"\r");
    terminal.wait_text("man pages? [Y/n]");
    terminal.send(b"\r");
    terminal.wait_text("Write it? [Y/n]");
    let screen = terminal.screen();
    terminal.send(b"y");
    let (code, raw) = terminal.finish();
    (code, screen, String::from_utf8(raw).expect("text"))
}

#[test]
fn a_newcomer_types_a_key_and_has_an_answer() {
    for columns in [80, 40] {
        let (home, server) = (Home::new(), Server::start(""));
        let (code, screen, raw) = newcomer(&home, &server, columns);
        assert_eq!(code, 0, "{raw}");
        assert!(screen.contains("openai: its key works"), "{screen}");
        assert!(!raw.contains("CANARY"), "{raw:?}");
        assert_eq!(
            settings(&home),
            ["default = \"openai/gpt-6-luna\"", "[providers.openai]", "api_key = { file = \"keys/openai\" }"]
        );
        let key = home.path("config/llmx/keys/openai");
        assert_eq!((text(&key).as_str(), mode(&key)), ("sk-CANARY-typed\n", 0o600));
        assert!(home.path("data/bash-completion/completions/llmx").is_file());
        assert!(raw.contains("Next: `llmx chat`"), "{raw}");
        let answer = init(&home, &server).args(["complete", "hi"]).run().expect_code(0);
        assert!(!answer.stdout.is_empty());
    }
}

#[test]
fn what_was_written_meanwhile_is_not_lost() {
    let server = Server::start("");
    let home = Home::new();
    let mut terminal = Terminal::start(init(&home, &server).env("OPENAI_API_KEY", "sk-any").arg("init"), 40, 80);
    terminal.wait_text("> no more, go on");
    terminal.send(b"\r");
    terminal.wait_text("man pages? [Y/n]");
    terminal.send(b"n");
    terminal.wait_text("Write it? [Y/n]");
    put(&home, "config/llmx/config.toml", "default = \"groq\"\n");
    terminal.send(b"\r");
    let (code, raw) = terminal.finish();
    let shown = String::from_utf8_lossy(&raw);
    assert!(
        code == 3 && shown.replace("\r\n", " ").contains("was changed meanwhile, so nothing was written"),
        "{code} {shown}"
    );
    assert_eq!(settings(&home), ["default = \"groq\""]);
}

#[test]
fn a_wrong_key_can_be_typed_again() {
    let (home, server) = (Home::new(), Server::start("openai:401x1"));
    let mut terminal = Terminal::start(init(&home, &server).arg("init"), 40, 80);
    terminal.wait_text("> OpenAI");
    terminal.send(b"\r");
    terminal.wait("the line", |screen| screen.contents().ends_with("> "));
    terminal.send(b"no key at all\r");
    terminal.wait_text("That is no key");
    terminal.wait("the line", |screen| screen.contents().ends_with("> "));
    terminal.send(b"sk-CANARY-wrong\r");
    terminal.wait_text("Type it again? [Y/n]");
    assert!(terminal.screen().contains("openai: key rejected"), "{}", terminal.screen());
    terminal.send(b"\r");
    terminal.wait("the line", |screen| screen.contents().ends_with("> "));
    terminal.send(b"sk-right\r");
    terminal.wait_text("> no more, go on");
    assert!(terminal.screen().contains("its key works"), "{}", terminal.screen());
    terminal.send(CTRL_C);
    let (code, raw) = terminal.finish();
    assert_eq!(code, 130);
    assert!(!String::from_utf8_lossy(&raw).contains("CANARY"));
    assert_eq!(files(&home.path("config")), [""; 0]);
}

#[test]
fn a_server_of_ones_own_is_asked_for_its_models() {
    let (home, server) = (Home::new(), Server::start(""));
    let mut terminal = Terminal::start(init(&home, &server).arg("init"), 40, 80);
    let line = |terminal: &Terminal| terminal.wait("the line", |screen| screen.contents().ends_with("> "));
    terminal.wait_text("> OpenAI");
    // Up from the first is the last; the one before it is wanted.
    terminal.send(b"\x1b[A");
    terminal.wait_text("> no more, go on");
    terminal.send(b"\x1b[A");
    terminal.wait_text("> a server of your own");
    terminal.send(b"\r");
    line(&terminal);
    terminal.send(format!("{}\r", server.base_url("corp", "openai-chat")).as_bytes());
    terminal.wait_text("Its name in provider/model");
    line(&terminal);
    terminal.send(b"corp\r");
    terminal.wait_text("Its key");
    line(&terminal);
    terminal.send(b"ck-CANARY\r");
    terminal.wait_text("> no more, go on");
    terminal.send(b"\r");
    terminal.wait_text("man pages? [Y/n]");
    terminal.send(b"n");
    terminal.wait_text("Write it? [Y/n]");
    terminal.send(b"\r");
    let (code, raw) = terminal.finish();
    let raw = String::from_utf8_lossy(&raw).into_owned();
    assert_eq!(code, 0, "{raw}");
    let settings = settings(&home).join("\n");
    assert!(
        settings.starts_with("default = \"corp/") && settings.contains("api_key = { file = \"keys/corp\" }"),
        "{settings}"
    );
    assert!(files(&home.path("data")).is_empty(), "no pages were wanted");
    init(&home, &server).args(["complete", "hi"]).run().expect_code(0);
}

#[test]
fn what_is_wrong_with_a_server_is_said_at_its_question_and_can_be_corrected() {
    let (home, server) = (Home::new(), Server::start(""));
    let mut terminal = Terminal::start(init(&home, &server).arg("init"), 40, 80);
    let line = |terminal: &Terminal, text: &str| {
        terminal.wait("the line", |screen| screen.contents().trim_end().ends_with(&format!("> {text}")));
    };
    terminal.wait_text("> OpenAI");
    terminal.send(b"\x1b[A\x1b[A");
    terminal.wait_text("> a server of your own");
    terminal.send(b"\r");
    terminal.wait_text("Its address");
    terminal.send(b"not a url\r");
    terminal.wait_text("This cannot be its address: an address starts with");
    line(&terminal, "not a url");
    let address = server.base_url("corp", "openai-chat");
    let (scheme, rest) = address.split_once("://").expect("an address");
    terminal.send(format!("\x15{scheme}://user:CANARY@{rest}?key=CANARY\r").as_bytes());
    terminal.wait_text("must not hold a user or a password");
    // Without what is secret it is right.
    line(&terminal, &address);
    assert!(!terminal.screen().contains("CANARY"), "{}", terminal.screen());
    terminal.send(b"\r");
    terminal.wait_text("Its name in provider/model (empty: 127-0-0-1-");
    terminal.send(b"my corp\r");
    terminal.wait_text("`my corp` cannot name a provider");
    line(&terminal, "my corp");
    terminal.send(b"\x15groq\r");
    terminal.wait_text("There is a provider `groq` already.");
    line(&terminal, "groq");
    terminal.send(b"\x15corp\r");
    terminal.wait_text("Its key");
    terminal.send(b"sk-CANARY-2\r");
    terminal.wait_text("> no more, go on");
    assert!(terminal.screen().contains("corp: its key works"), "{}", terminal.screen());
    terminal.send(CTRL_C);
    let (code, raw) = terminal.finish();
    assert_eq!(code, 130);
    let raw = String::from_utf8_lossy(&raw);
    assert!(!raw.contains("CANARY-2") && !raw.contains('*'), "{raw}");
}

/// What is waited for, and the keys that are pressed then.
type Step = (&'static str, &'static [u8]);

/// What a question leaves when a key is pressed at it: the end of the screen, written by a shell that looks at the terminal.
fn left_at(question: &str, before: &[Step], key: &[u8], columns: u16) -> (Arc<Home>, String) {
    let (home, server) = (Home::new(), Server::start(""));
    put(&home, "config/aichat/config.yaml", AICHAT);
    let script = format!(
        "{} init; echo \"code $?\"; stty -a | tr ' ;' '\\n\\n' | grep -x -e '-*echo' -e '-*icanon'",
        env!("CARGO_BIN_EXE_llmx")
    );
    let shell = init(&home, &server).other_program("/bin/sh").args(["-c", &script]);
    let mut terminal = Terminal::start(shell, 50, columns);
    for (text, keys) in before {
        terminal.wait_text(text);
        terminal.send(keys);
    }
    terminal.wait_text(question);
    terminal.send(key);
    let (_, raw) = terminal.finish();
    let size = |count: u16| std::num::NonZero::new(count).expect("a size");
    let mut screen = vt100::Parser::new(size(50), size(columns), 0);
    screen.process(&raw);
    assert!(!screen.screen().hide_cursor(), "{question}");
    (home, screen.screen().contents())
}

#[test]
fn whoever_leaves_at_any_question_has_changed_nothing() {
    let (take, add, first, pages) = ("Take over", "Add the key of a provider", "Who answers first", "man pages?");
    let all: [(&str, Vec<Step>); 6] = [
        (take, vec![]),
        (add, vec![(take, b"\r")]),
        ("The key of", vec![(take, b"\r"), (add, b"\x1b[A\x1b[A\x1b[A\r")]),
        (first, vec![(take, b"\r"), (add, b"\r")]),
        (pages, vec![(take, b"\r"), (add, b"\r"), (first, b"\r")]),
        ("Write it?", vec![(take, b"\r"), (add, b"\r"), (first, b"\r"), (pages, b"y")]),
    ];
    for (question, before) in all {
        for (key, columns) in [(CTRL_C, 80), (b"\x1b", 40)] {
            let (home, screen) = left_at(question, &before, key, columns);
            let words = screen.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(words.contains("left before the end, so nothing was changed"), "{question}: {screen}");
            assert!(words.contains("code 130"), "{question}: {screen}");
            assert!(words.ends_with("icanon echo"), "{question}: the terminal is as it was: {screen}");
            assert_eq!(files(&home.path("config")), ["aichat/config.yaml"], "{question}");
            assert_eq!(files(&home.path("data")), [""; 0], "{question}");
        }
    }
}
