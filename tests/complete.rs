//! `complete` off a terminal: what becomes the prompt, what is sent, what comes out, what is kept.

use std::path::Path;

use serde_json::{Value, json};

use crate::support::chain::{CANARY, PROMPT, config, nothing_leaked, words};
use crate::support::{Home, Llmx, Output, Server, Terminal};

const WIRES: [&str; 3] = ["openai-chat", "anthropic", "gemini"];

/// A run in a home whose default route is one healthy provider.
fn with_one(server: &Server, wire: &'static str) -> Llmx {
    Llmx::new().config(&config(server, &[("healthy".to_owned(), wire)], "")).arg("complete")
}

/// The body of the last request.
fn body(server: &Server) -> Value {
    server.requests().last().expect("a request").body.clone()
}

/// The prompt of the last request, which was in OpenAI's format.
fn prompt(server: &Server) -> String {
    let messages = body(server)["messages"].clone();
    messages.as_array().and_then(|list| list.last()?["content"].as_str().map(str::to_owned)).expect("a prompt")
}

fn names(body: &Value) -> Vec<&str> {
    let mut names: Vec<&str> = body.as_object().expect("an object").keys().map(String::as_str).collect();
    names.sort_unstable();
    names
}

#[test]
fn words_files_and_stdin_become_the_prompt() {
    let server = Server::start("");
    let run = || with_one(&server, "openai-chat");
    let file = |name: &str, text: &str| {
        let run = run();
        std::fs::write(run.home().path("work").join(name), text).expect("a file");
        run
    };
    let table: Vec<(Llmx, &str)> = vec![
        (run().args(["write", "a", "haiku"]), "write a haiku"),
        (run().args(["explain"]).stdin("  data\nmore\n"), "explain\n\n  data\nmore"),
        (run().stdin("alone\n"), "alone"),
        (run().args(["given", "-", "answer", "briefly"]).stdin("data\n"), "given\n\ndata\n\nanswer briefly"),
        (run().arg("-").stdin("data"), "data"),
        (run().arg("explain").stdin(""), "explain"),
        (file("notes.md", "notes\n").args(["-f", "notes.md", "sum", "up"]), "sum up\n\nnotes"),
        (file("a", "A").args(["sum up", "-f", "a", "--file", "-"]).stdin("B"), "sum up\n\nA\n\nB"),
        (run().args(["--", "-x", "is", "a", "flag"]), "-x is a flag"),
    ];
    for (run, expected) in table {
        let output = run.run().expect_code(0);
        assert_eq!((prompt(&server).as_str(), output.stderr.as_str()), (expected, ""));
    }
}

#[test]
fn an_open_silent_stdin_is_left_alone_and_that_is_said() {
    let server = Server::start("");
    let output = with_one(&server, "openai-chat").arg("explain").stdin_open().run().expect_code(0);
    assert_eq!(prompt(&server), "explain");
    assert!(output.stderr.starts_with("stdin is open and sent nothing"), "{}", output.stderr);
    let mut late = with_one(&server, "openai-chat").args(["given", "-"]).stdin_open().spawn();
    late.write(b"late ");
    late.write(b"data");
    late.close_stdin();
    late.finish().expect_code(0);
    assert_eq!(prompt(&server), "given\n\nlate data");
}

#[test]
fn what_is_no_prompt_is_an_error_of_usage_and_nothing_is_sent() {
    let server = Server::start("");
    let run = || with_one(&server, "openai-chat");
    let table = [
        (run(), "the prompt is empty"),
        (run().stdin(" \n"), "the prompt is empty"),
        (run().arg("explain").stdin(b"ab\xff".to_vec()), "byte 2 is not valid UTF-8"),
        (run().arg("explain").stdin(b"PNG\0".to_vec()), "byte 3"),
        (run().arg("explain").stdin(vec![b'y'; 17 << 20]), "larger than 16 MiB"),
        (run().args(["-f", "missing.txt", "x"]), "cannot read `missing.txt`"),
        (run().args(["-f", ".", "x"]), "is a directory"),
        (run().args(["-", "-f", "-"]), "stdin can stand in one place only"),
        (run().args(["-c", "go on"]), "no conversation to continue"),
        (run().args(["-c=nope", "go on"]), "no conversation `nope`"),
        (run().args(["--temperature", "warm", "x"]), "`--temperature warm`"),
        (run().args(["--max-tokens", "0", "x"]), "`--max-tokens 0`"),
        (run().args(["--timeout", "5", "x"]), "is no duration"),
        (run().args(["-o", "novalue", "x"]), "expected KEY=VALUE"),
        (run().args(["--stream", "--extract", "x"]), "cannot be used with"),
        (run().args(["--sim=openai:bang", "x"]), "unknown fault `bang`"),
    ];
    for (run, message) in table {
        let output = run.run();
        assert_eq!((output.code, output.stdout.as_str()), (2, ""), "{message}: {}", output.stderr);
        assert!(output.stderr.contains(message), "{message}: {}", output.stderr);
        assert!(output.stderr.len() < 1500, "{}", output.stderr);
    }
    assert_eq!(server.requests().len(), 0);
}

#[test]
fn who_answers_can_be_named_in_every_form() {
    let server = Server::start("");
    let names = ["first", "second", "third"].map(|name| (name.to_owned(), "openai-chat"));
    let toml = config(&server, &names, "")
        .replace("[providers.third]\n", "[providers.third]\ndefault_model = \"usual\"\n")
        + "[aliases]\nfast = \"second/quick\"\n[routes.other]\ntiers = [[\"third/own\"]]\n";
    let ask = |arguments: &[&str]| {
        let output = Llmx::new().config(&toml).args(["complete", PROMPT]).args(arguments).run();
        let last = server.requests().last().cloned().map(|seen| format!("{}/{}", seen.provider, seen.model));
        (output, last.unwrap_or_default())
    };
    for (arguments, target) in [
        (&[][..], "first/m"),
        (&["-m", "second/any:model"], "second/any:model"),
        (&["--model", "fast"], "second/quick"),
        (&["-m", "other"], "third/own"),
        (&["-m", "third"], "third/usual"),
    ] {
        let (output, asked) = ask(arguments);
        assert_eq!((output.code, asked.as_str()), (0, target), "{arguments:?}: {}", output.stderr);
    }
    let before = server.requests().len();
    for (name, hint) in [("frist/m", "`first/m`"), ("fats", "`fast`"), ("nothing-like-it", "")] {
        let (output, _) = ask(&["-m", name]);
        assert_eq!((output.code, output.stdout.as_str()), (3, ""), "{name}: {}", output.stderr);
        assert!(output.stderr.contains(name) && output.stderr.contains(hint), "{}", output.stderr);
    }
    assert_eq!(server.requests().len(), before);
}

#[test]
fn a_fallback_of_the_command_line_is_a_further_tier() {
    let server = Server::start("first:503,second:503");
    let names = ["first", "second", "third"].map(|name| (name.to_owned(), "openai-chat"));
    let toml = config(&server, &names, "");
    let run = Llmx::new().config(&toml).args(["complete", PROMPT, "-m", "first/m"]);
    let output = run.args(["--fallback", "second/m", "--fallback", "third/m"]).run().expect_code(0);
    assert_eq!(output.stdout, words("third") + "\n");
    assert_eq!(["first", "second", "third"].map(|name| server.count(name)), [1, 1, 1]);
}

#[test]
fn nothing_is_sent_that_was_not_given() {
    let plain = [
        ("openai-chat", &["messages", "model", "stream", "stream_options"][..], &["messages", "model"][..]),
        ("anthropic", &["max_tokens", "messages", "model", "stream"], &["max_tokens", "messages", "model"]),
        ("gemini", &["contents"], &["contents"]),
    ];
    for (wire, streamed, whole) in plain {
        let server = Server::start("");
        with_one(&server, wire).arg(PROMPT).run().expect_code(0);
        assert_eq!(names(&body(&server)), streamed, "{wire}");
        with_one(&server, wire).args([PROMPT, "-S"]).run().expect_code(0);
        assert_eq!(names(&body(&server)), whole, "{wire}");
    }
}

#[test]
fn what_was_given_is_sent_in_the_words_of_each_format() {
    let options = [
        "--temperature",
        "0.5",
        "--top-p",
        "0.9",
        "--max-tokens",
        "77",
        "--stop",
        "END",
        "--stop",
        "FIN",
        "--seed",
        "7",
        "-o",
        "top_k=5",
        "-o",
        "user=ann",
        "-s",
        "be brief",
    ];
    let sent = |wire: &'static str| {
        let server = Server::start("");
        with_one(&server, wire).arg(PROMPT).args(options).run();
        body(&server)
    };
    let openai = sent("openai-chat");
    assert_eq!(openai["messages"][0]["content"], "be brief");
    let rest = json!({"temperature": 0.5, "top_p": 0.9, "max_tokens": 77, "stop": ["END", "FIN"], "seed": 7,
                      "top_k": 5, "user": "ann"});
    holds(&openai, &rest);
    let anthropic = sent("anthropic");
    assert!(anthropic["system"].to_string().contains("be brief"), "{anthropic}");
    holds(&anthropic, &json!({"temperature": 0.5, "top_p": 0.9, "max_tokens": 77, "stop_sequences": ["END", "FIN"]}));
    holds(&anthropic, &json!({"top_k": 5, "user": "ann"}));
    let gemini = sent("gemini");
    assert!(gemini["systemInstruction"].to_string().contains("be brief"), "{gemini}");
    let rest =
        json!({"temperature": 0.5, "topP": 0.9, "maxOutputTokens": 77, "stopSequences": ["END", "FIN"], "seed": 7});
    holds(&gemini["generationConfig"], &rest);
}

#[track_caller]
fn holds(body: &Value, members: &Value) {
    for (name, value) in members.as_object().expect("an object") {
        assert_eq!(&body[name], value, "{name} in {body}");
    }
}

#[test]
fn reasoning_effort_reaches_the_body_and_thinking_stays_off_stdout() {
    for wire in WIRES {
        let server = Server::start("");
        let run = || with_one(&server, wire).args([PROMPT, "--reasoning-effort", "high", "--max-tokens", "4000"]);
        let output = run().run().expect_code(0);
        assert!(body(&server).to_string().contains("high"), "{wire}: {}", body(&server));
        assert!(output.stdout.ends_with('\n') && !output.stdout.contains("I should say"), "{}", output.stdout);
        let hidden = run().arg("-R").run().expect_code(0);
        assert_eq!((hidden.stdout, hidden.stderr.as_str()), (output.stdout, ""), "{wire}");
    }
}

#[test]
fn the_answer_comes_in_the_form_that_was_asked_for() {
    let server = Server::start("");
    let ask = |arguments: &[&str]| with_one(&server, "openai-chat").args(arguments).run().expect_code(0);
    let answer = words("healthy");
    for arguments in [&[PROMPT][..], &[PROMPT, "-S"], &[PROMPT, "--stream"], &[PROMPT, "-q"]] {
        assert_eq!(ask(arguments).stdout, answer.clone() + "\n", "{arguments:?}");
    }
    for arguments in [&[PROMPT, "-r"][..], &[PROMPT, "--raw", "-S"], &[PROMPT, "--raw", "--stream"]] {
        assert_eq!(ask(arguments).stdout, answer, "{arguments:?}");
    }
    let code = ask(&["-x", "write a bash function that counts files"]);
    assert!(code.stdout.contains("grep -v") && !code.stdout.contains("```"), "{}", code.stdout);
    assert_eq!(code.stderr, "");
    let whole = ask(&["-x", PROMPT]);
    assert_eq!(whole.stdout, answer + "\n");
    assert!(whole.stderr.contains("no code block"), "{}", whole.stderr);
}

#[test]
fn usage_says_who_served_with_how_many_tokens_for_how_much() {
    for wire in WIRES {
        let server = Server::start("");
        let output = with_one(&server, wire).args([PROMPT, "-u"]).run().expect_code(0);
        assert_eq!(output.stdout, words("healthy") + "\n");
        let line = output.stderr.lines().last().unwrap_or_default();
        assert!(line.starts_with("healthy/m · ") && line.contains(" in, ") && line.contains(" out"), "{line}");
        assert!(line.contains("unknown") && !line.contains('$'), "a price nobody knows is no $0: {line}");
    }
}

#[test]
fn json_is_one_object_with_all_there_is_to_know() {
    let server = Server::start("broken:503");
    for wire in WIRES {
        let chain = [("broken".to_owned(), wire), ("healthy".to_owned(), wire)];
        let run = Llmx::new().config(&config(&server, &chain, "")).args(["complete", PROMPT, "--json"]);
        let output = run.run().expect_code(0);
        let object: Value = serde_json::from_str(&output.stdout).expect("one object");
        assert_eq!((&object["schema"], &object["target"]), (&json!("llmx.complete/1"), &json!("healthy/m")));
        assert_eq!(
            (&object["text"], &object["finish"]["reason"]),
            (&json!(words("healthy")), &json!("stop")),
            "{object}"
        );
        assert_eq!((&object["simulated"], &object["truncated"]), (&json!(false), &json!(false)));
        assert!(object["usage"].is_object() && object["timing_ms"].is_object(), "{object}");
        let attempts = object["attempts"].as_array().expect("attempts");
        assert_eq!(attempts.len(), 2, "{object}");
        assert!(object.get("error").is_none(), "{object}");
        assert!(output.stderr.contains("broken/m: overloaded"), "{}", output.stderr);
    }
}

#[test]
fn json_lines_are_events_and_their_text_is_the_answer() {
    let server = Server::start("broken:cut@4");
    for wire in WIRES {
        let chain = [("broken".to_owned(), wire), ("healthy".to_owned(), wire)];
        let run = Llmx::new().config(&config(&server, &chain, "")).args(["complete", PROMPT, "--jsonl"]);
        let output = run.run().expect_code(0);
        let lines: Vec<Value> =
            output.stdout.lines().map(|line| serde_json::from_str(line).expect("JSON in every line")).collect();
        let kinds: Vec<&str> = lines.iter().filter_map(|line| line["type"].as_str()).collect();
        assert_eq!((kinds.len(), kinds[0], kinds[kinds.len() - 1]), (lines.len(), "start", "done"));
        let last_attempt = kinds.iter().rposition(|kind| *kind == "attempt").expect("an attempt");
        let pieces = lines[last_attempt..].iter().filter(|line| line["type"] == "text");
        let text: String = pieces.filter_map(|line| line["text"].as_str()).collect();
        assert_eq!(text, words("healthy"), "{wire}");
        assert_eq!(kinds.iter().filter(|kind| **kind == "attempt_end").count(), 2);
        assert_eq!(lines[lines.len() - 1]["text"], words("healthy"));
    }
}

#[test]
fn a_dry_run_shows_the_request_without_the_key_and_sends_nothing() {
    for wire in WIRES {
        let server = Server::start("");
        let output = with_one(&server, wire).args([PROMPT, "--dry-run", "-s", "be brief"]).run().expect_code(0);
        assert!(output.stdout.starts_with("POST http://127.0.0.1:"), "{}", output.stdout);
        assert!(output.stdout.contains("(redacted)") && output.stdout.contains(PROMPT), "{}", output.stdout);
        let (_, shown) = output.stdout.split_once("\n\n").expect("head and body");
        let shown: Value = serde_json::from_str(shown).expect("the body is JSON");
        nothing_leaked(&output);
        assert_eq!(server.requests().len(), 0);
        with_one(&server, wire).args([PROMPT, "-s", "be brief"]).run().expect_code(0);
        assert_eq!(body(&server), shown, "what is shown is what is sent");
    }
}

#[test]
fn quiet_says_nothing_but_errors() {
    let server = Server::start("broken:503");
    let chain = [("broken".to_owned(), "gemini"), ("healthy".to_owned(), "gemini")];
    let run = || Llmx::new().config(&config(&server, &chain, "")).args(["complete", PROMPT, "-q"]);
    assert_eq!(run().run().expect_code(0).stderr, "");
    let failed = run().arg("--no-fallback").run().expect_code(6);
    assert!(failed.stderr.starts_with("error: broken/m"), "{}", failed.stderr);
}

/// Whether any file below holds that text.
fn kept(folder: &Path, text: &str) -> bool {
    std::fs::read_dir(folder).expect("a directory").map(|entry| entry.expect("an entry").path()).any(|path| {
        if path.is_dir() {
            return kept(&path, text);
        }
        let bytes = std::fs::read(&path).expect("a file");
        bytes.windows(text.len()).any(|window| window == text.as_bytes())
    })
}

#[test]
fn no_log_keeps_neither_prompt_nor_answer() {
    let server = Server::start("broken:cut@6");
    let chain = [("broken".to_owned(), "openai-chat"), ("healthy".to_owned(), "openai-chat")];
    let toml = config(&server, &chain, "");
    let run = || Llmx::new().config(&toml).args(["complete", "-s", "zanzibar", "the xylophone"]);
    let words_of_the_run = |output: &Output| {
        let data = output.home.path("data");
        let answer = output.stdout.lines().next().unwrap_or_default().to_owned();
        [kept(&data, "xylophone"), kept(&data, "zanzibar"), !answer.is_empty() && kept(&data, &answer)]
    };
    let output = run().run().expect_code(0);
    assert_eq!(words_of_the_run(&output), [true; 3]);
    for (run, code) in [
        (run().arg("-n"), 0),
        (run().arg("--no-log"), 0),
        (run().env("LLMX_LOG", "off"), 0),
        (run().args(["-n", "--no-fallback"]), 9),
    ] {
        let output = run.run().expect_code(code);
        assert_eq!(words_of_the_run(&output), [false; 3], "{}", output.stderr);
        assert!(!output.stderr.contains("--partial"), "{}", output.stderr);
        let list = output.home.llmx().args(["log", "--json"]).run().expect_code(0);
        let list: Value = serde_json::from_str(&list.stdout).expect("JSON");
        assert_eq!(list["runs"].as_array().map(Vec::len), Some(1), "what it cost is kept");
    }
}

#[test]
fn a_conversation_goes_on() {
    let server = Server::start("");
    let home = Home::new();
    home.write_config(&config(&server, &[("healthy".to_owned(), "openai-chat")], ""));
    let ask = |arguments: &[&str]| home.llmx().arg("complete").args(arguments).run().expect_code(0).stdout;
    let first = ask(&["-s", "be brief", "first question"]);
    let second = ask(&["-c", "second question"]);
    let sent = |content: Value| content.as_array().expect("messages").clone();
    let message = |role: &str, content: &str| json!({"role": role, "content": content.trim_end_matches('\n')});
    let so_far = vec![
        message("system", "be brief"),
        message("user", "first question"),
        message("assistant", &first),
        message("user", "second question"),
    ];
    assert_eq!(sent(body(&server)["messages"].clone()), so_far);
    ask(&["unrelated"]);
    assert_eq!(sent(body(&server)["messages"].clone()).len(), 1);
    let list = home.llmx().args(["log", "--json"]).run().expect_code(0);
    let list: Value = serde_json::from_str(&list.stdout).expect("JSON");
    let id = list["runs"][1]["id"].as_str().expect("an id").to_owned();
    ask(&[&format!("-c={id}"), "third question"]);
    let messages = sent(body(&server)["messages"].clone());
    assert_eq!((messages.len(), &messages[..4]), (6, &so_far[..]), "{messages:?}");
    assert_eq!(messages[4]["content"], second.trim_end());
}

#[test]
fn the_simulated_fleet_needs_nothing_and_leaves_the_ledger_alone() {
    let output = Llmx::new().env("LLMX_SIM", "1").args(["complete", "hello"]).run().expect_code(0);
    assert!(!output.stdout.is_empty() && output.stderr.contains("simulated"), "{}", output.stderr);
    let run = || output.home.llmx();
    assert!(run().arg("log").run().expect_code(0).stdout.is_empty());
    assert!(run().args(["log", "--sim"]).run().expect_code(0).stdout.contains("hello"));
    let broken = run().env("LLMX_SIM", "*:500").args(["complete", "hello"]).run().expect_code(6);
    assert_eq!(broken.stdout, "");
    let argument = run().args(["complete", "--sim=openai:down", "-u", "hello"]).run().expect_code(0);
    assert!(argument.stderr.contains("overloaded") && argument.stderr.contains("(simulated)"), "{}", argument.stderr);
}

#[test]
fn a_ledger_that_cannot_be_written_costs_no_answer_and_is_caught_up_with() {
    let server = Server::start("");
    let home = Home::new();
    home.write_config(&config(&server, &[("healthy".to_owned(), "openai-chat")], ""));
    let ask = |prompt: &str| home.llmx().args(["complete", prompt]).run().expect_code(0);
    // A directory in its place cannot be opened by anybody, not even by root.
    let ledger = home.path("data/llmx/ledger.db");
    std::fs::create_dir_all(&ledger).expect("a directory");
    let output = ask("written later");
    assert!(!output.stdout.is_empty());
    assert_eq!(output.stderr.matches("ledger").count().min(1), 1, "{}", output.stderr);
    assert_eq!(output.stderr.matches("warning").count(), 1, "{}", output.stderr);
    std::fs::remove_dir(&ledger).expect("an empty directory");
    assert_eq!(ask("written at once").stderr, "");
    let list = home.llmx().arg("log").run().expect_code(0).stdout;
    assert!(list.contains("written later") && list.contains("written at once"), "{list}");
}

#[test]
fn without_a_place_for_anything_there_is_still_an_answer() {
    let server = Server::start("");
    let names = ["HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"];
    for place in ["/proc/nowhere", "/dev/null", ""] {
        let run = names.iter().fold(Llmx::new(), |run, name| run.env(name, place));
        let run = run.env("OPENAI_API_KEY", CANARY).env("OPENAI_BASE_URL", server.base_url("openai", "openai-chat"));
        let output = run.args(["complete", PROMPT]).run().expect_code(0);
        assert!(!output.stdout.is_empty());
        assert_eq!(output.stderr.matches("warning").count(), 1, "{place}: {}", output.stderr);
    }
}

#[test]
fn a_key_and_an_address_in_the_environment_are_enough() {
    for (name, provider, wire) in [
        ("OPENAI", "openai", "openai-chat"),
        ("ANTHROPIC", "anthropic", "anthropic"),
        ("GEMINI", "gemini", "gemini"),
        ("GROQ", "groq", "openai-chat"),
    ] {
        let server = Server::start("");
        let address = server.base_url(provider, wire);
        for streamed in [true, false] {
            let run = Llmx::new().env(format!("{name}_API_KEY"), CANARY).env(format!("{name}_BASE_URL"), &address);
            let run = run.args(["complete", PROMPT]);
            let output = if streamed { run.run() } else { run.arg("-S").run() }.expect_code(0);
            assert!(output.stdout.len() > 20, "{}", output.stdout);
            assert_eq!(output.stderr, "", "{name}");
            nothing_leaked(&output);
        }
        let keys: Vec<bool> = server.requests().iter().map(|seen| seen.key.is_some()).collect();
        assert_eq!((server.count(provider), keys), (2, vec![true; 2]), "{name}");
    }
}

#[test]
fn a_server_on_this_machine_is_used_unasked() {
    let server = Server::start("");
    let run = Llmx::new().env("LMSTUDIO_BASE_URL", server.base_url("lmstudio", "openai-chat"));
    let output = run.args(["complete", PROMPT, "-u"]).run().expect_code(0);
    assert!(output.stderr.contains("lmstudio/"), "{}", output.stderr);
    let paths: Vec<String> = server.requests().iter().map(|seen| seen.path.clone()).collect();
    assert!(paths.iter().any(|path| path.ends_with("/models")), "{paths:?}");
}

#[test]
fn verbose_and_backtraces_show_no_insides() {
    let server = Server::start("healthy:500");
    let run = with_one(&server, "openai-chat").env("RUST_BACKTRACE", "1").args(["-v", PROMPT]);
    let output = run.run().expect_code(6);
    assert!(!output.stderr.contains("src/") && !output.stderr.contains("stack backtrace"), "{}", output.stderr);
}

#[test]
fn two_terminals_do_not_continue_each_other() {
    let server = Server::start("");
    let home = Home::new();
    home.write_config(&config(&server, &[("healthy".to_owned(), "openai-chat")], ""));
    let script = "\"$0\" complete -q \"$1 question\"; read go; \"$0\" complete -q -c \"$1 again\"";
    let shell = |name: &str| {
        let run = home.llmx().other_program("/bin/sh").args(["-c", script, env!("CARGO_BIN_EXE_llmx"), name]);
        Terminal::start(run, 24, 100)
    };
    let asked = |words: &str| {
        server.wait(words, |traffic| traffic.requests.last().is_some_and(|seen| seen.body.to_string().contains(words)));
    };
    let mut first = shell("first");
    asked("first question");
    let second = shell("second");
    asked("second question");
    first.send(b"\n");
    asked("first again");
    first.finish();
    let messages = body(&server)["messages"].clone();
    assert_eq!((messages.as_array().map(Vec::len), &messages[0]["content"]), (Some(3), &json!("first question")));
    drop(second);
    // Without a terminal, the last conversation of all goes on.
    home.llmx().args(["complete", "-c", "piped"]).run().expect_code(0);
    assert_eq!(body(&server)["messages"].as_array().map(Vec::len), Some(5));
}

#[test]
fn a_key_that_cannot_be_had_moves_on_and_alone_it_is_an_error_of_the_key() {
    let server = Server::start("");
    let toml = config(&server, &["nokey", "healthy"].map(|name| (name.to_owned(), "openai-chat")), "");
    let literal = format!("api_key = \"{CANARY}\"");
    for source in ["{ env = \"NOT_SET\" }", "{ cmd = [\"false\"] }", "{ file = \"/missing/key\" }"] {
        let toml = toml.replacen(&literal, &format!("api_key = {source}"), 1);
        let run = || Llmx::new().config(&toml).args(["complete", PROMPT]);
        let output = run().run().expect_code(0);
        assert_eq!(output.stdout, words("healthy") + "\n", "{source}");
        let alone = run().args(["-m", "nokey/m"]).run().expect_code(4);
        assert_eq!(alone.stdout, "");
        assert!(alone.stderr.contains("nokey"), "{source}: {}", alone.stderr);
    }
    assert_eq!(server.count("nokey"), 0);
}

#[test]
fn a_key_that_no_header_may_hold_is_refused_and_not_shown() {
    let server = Server::start("");
    let address = server.base_url("openai", "openai-chat");
    for key in [format!("{CANARY}\nx-evil: 1"), format!("{CANARY}\u{e9}"), format!("{CANARY}\r\n\r\n.")] {
        let run = Llmx::new().env("OPENAI_API_KEY", key).env("OPENAI_BASE_URL", &address);
        let output = run.args(["complete", PROMPT]).run().expect_code(4);
        nothing_leaked(&output);
    }
    assert_eq!(server.requests().len(), 0);
    let run = Llmx::new().env("OPENAI_API_KEY", format!("{CANARY}\n")).env("OPENAI_BASE_URL", &address);
    run.args(["complete", PROMPT]).run().expect_code(0);
    assert_eq!(
        server.requests()[0].key.as_ref().map(|key| key.expose() == CANARY),
        Some(true),
        "a line end is no part of it"
    );
}
