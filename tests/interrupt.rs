//! Runs that are stopped, and outputs that nobody takes: Ctrl-C and its kin, closed pipes, full disks.

use std::io::Read;
use std::sync::Arc;
use std::time::Duration;

use llmx::sim::{Options, Script, Signal};
use rustix::process::Signal as Kill;
use serde_json::Value;

use crate::support::chain::{PROMPT, config, words};
use crate::support::odd::{STREAM, event};
use crate::support::ticker::Ticker;
use crate::support::{Home, Llmx, Server, kill};

/// A fleet whose `odd` says `one` and then waits, before each further `line` for the signal.
fn waiting(signal: &Signal) -> Server {
    let start = Script::default().read_request().send(STREAM.to_owned() + &event("one\\n"));
    let script = (0..400).fold(start, |script, _| script.wait(signal).send(event("line\\n")));
    Server::with("", Options { instant: true, scripts: vec![("odd".to_owned(), script)], ..Options::default() })
}

fn asking(server: &Server) -> Llmx {
    let chain = [("odd", "openai-chat"), ("healthy", "openai-chat")].map(|(name, wire)| (name.to_owned(), wire));
    Llmx::new().config(&config(server, &chain, "")).args(["complete", PROMPT])
}

/// The outcomes of the attempts of the last run, and its exit code, as the ledger has them.
fn recorded(home: &Arc<Home>) -> (Vec<String>, Value) {
    let shown = home.llmx().args(["log", "show", "--json"]).run().expect_code(0);
    let object: Value = serde_json::from_str(&shown.stdout).expect("JSON");
    let run = &object["run"];
    let attempts = run["attempts"].as_array().expect("attempts");
    let outcomes = attempts.iter().map(|attempt| attempt["outcome"].as_str().unwrap_or("none").to_owned()).collect();
    (outcomes, run["exit_code"].clone())
}

#[test]
fn case_18_an_interrupt_ends_a_stream_keeps_what_came_and_leaves_the_provider() {
    for (signal, code) in [(Kill::INT, 130), (Kill::TERM, 143), (Kill::HUP, 129)] {
        let server = waiting(&Signal::default());
        let running = asking(&server).arg("--stream").spawn();
        running.wait_stdout("one");
        running.signal(signal);
        let output = running.finish().expect_code(code);
        server.wait_disconnect("odd");
        assert_eq!(output.stdout, "one\n");
        assert!(output.stderr.contains("interrupted") && !output.stderr.contains("panicked"), "{}", output.stderr);
        assert_eq!(server.count("healthy"), 0);
        let partial = output.home.llmx().args(["log", "show", "last", "--partial"]).run().expect_code(0);
        assert_eq!(partial.stdout, "one\n");
        assert_eq!(recorded(&output.home), (vec!["cancelled".to_owned()], code.into()));
    }
}

#[test]
fn an_interrupt_of_a_held_answer_leaves_stdout_empty() {
    for arguments in [&[][..], &["-S"], &["--json"], &["--jsonl"]] {
        let server = waiting(&Signal::default());
        let running = asking(&server).args(arguments).spawn();
        if arguments == ["--jsonl"] {
            running.wait_stdout("one");
        } else {
            server.wait("a request", |traffic| traffic.to("odd").count() == 1);
        }
        running.signal(Kill::INT);
        let output = running.finish().expect_code(130);
        server.wait_disconnect("odd");
        let last: Option<Value> = output.stdout.lines().last().map(|line| serde_json::from_str(line).expect("JSON"));
        match last {
            None => assert!(arguments.is_empty() || arguments == ["-S"], "{arguments:?}"),
            Some(object) => assert_eq!(object["error"]["code"], "interrupted", "{object}"),
        }
        assert_eq!(recorded(&output.home).0, ["cancelled"]);
    }
}

#[test]
fn an_interrupt_ends_the_wait_between_two_attempts() {
    let server = Server::start("odd:429=9");
    let chain = [("odd".to_owned(), "openai-chat")];
    let running = Llmx::new().config(&config(&server, &chain, "")).args(["complete", PROMPT]).spawn();
    running.wait_stderr("trying again");
    running.signal(Kill::INT);
    running.finish().expect_code(130);
    assert_eq!(server.count("odd"), 1);
}

#[test]
fn a_second_interrupt_ends_even_what_cannot_move() {
    let home = Home::new();
    let pipe = home.path("work/pipe");
    rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::from_raw_mode(0o600)).expect("a pipe");
    // Open at both ends, so that nobody waits for the other to open it; only the beginning is read.
    let mut reader = std::fs::OpenOptions::new().read(true).write(true).open(&pipe).expect("the pipe");
    let long = event(&"word ".repeat(40_000));
    let script = Script::default().read_request().send(STREAM.to_owned() + &long).wait(&Signal::default());
    let server =
        Server::with("", Options { instant: true, scripts: vec![("odd".to_owned(), script)], ..Options::default() });
    let toml = config(&server, &[("odd".to_owned(), "openai-chat")], "");
    let running = home.llmx().config(&toml).args(["complete", "--stream", PROMPT]).stdout_to(&pipe).spawn();
    reader.read_exact(&mut [0; 4]).expect("the answer begins");
    // Two signals that come together count as one, so there is a third.
    let pid = running.pid();
    let sender = std::thread::spawn(move || {
        for _ in 0..3 {
            kill(pid, Kill::INT);
            std::thread::park_timeout(Duration::from_millis(100));
        }
    });
    running.finish().expect_code(130);
    sender.join().expect("all sent");
    server.wait_disconnect("odd");
}

#[test]
fn case_18_a_reader_that_has_enough_ends_a_stream_quietly() {
    let signal = Signal::default();
    let server = waiting(&signal);
    let chain = [("odd".to_owned(), "openai-chat"), ("healthy".to_owned(), "openai-chat")];
    let script = "{ \"$0\" complete --stream \"$1\"; echo \"exit $?\" >&2; } | head -n 1";
    let run = Llmx::program("/bin/sh").args(["-c", script, env!("CARGO_BIN_EXE_llmx"), PROMPT]);
    let running = run.config(&config(&server, &chain, "")).spawn();
    running.wait_stdout("one");
    // What is written before `head` has gone is lost in the pipe, so more must come later.
    let _ticker = Ticker::start(&signal);
    server.wait_disconnect("odd");
    let output = running.finish().expect_code(0);
    assert_eq!((output.stdout.as_str(), output.stderr.as_str()), ("one\n", "exit 0\n"));
    assert_eq!(server.count("healthy"), 0);
    assert_eq!(recorded(&output.home).0, ["cancelled"]);
}

#[test]
fn a_reader_that_left_before_the_answer_is_no_error_to_shout_about() {
    let server = Server::start("");
    let script = "{ \"$0\" complete \"$1\" $2; echo \"exit $?\" >&2; } | true";
    for argument in ["", "-S", "--json", "--jsonl", "--dry-run"] {
        let run = Llmx::program("/bin/sh").args(["-c", script, env!("CARGO_BIN_EXE_llmx"), PROMPT, argument]);
        let output = run.config(&config(&server, &[("healthy".to_owned(), "gemini")], "")).run();
        assert_eq!(output.stderr, "exit 0\n", "{argument}");
    }
}

#[test]
fn a_full_disk_is_an_error() {
    let server = Server::start("");
    let toml = config(&server, &[("healthy".to_owned(), "openai-chat")], "");
    for arguments in [&[][..], &["--stream"], &["-S"], &["-x"], &["--json"], &["--jsonl"], &["--dry-run"]] {
        let run = Llmx::new().config(&toml).args(["complete", PROMPT]).args(arguments).stdout_to("/dev/full");
        let output = run.run().expect_code(1);
        assert!(output.stderr.contains("error: cannot write the output"), "{arguments:?}: {}", output.stderr);
        assert!(output.stderr.contains("No space left") && !output.stderr.contains("panicked"), "{}", output.stderr);
        if !arguments.contains(&"--dry-run") {
            assert_eq!(recorded(&output.home).1, 1, "{arguments:?}");
        }
    }
}

#[test]
fn what_could_not_be_written_is_in_the_ledger() {
    let server = Server::start("");
    let toml = config(&server, &[("healthy".to_owned(), "openai-chat")], "");
    let output = Llmx::new().config(&toml).args(["complete", PROMPT]).stdout_to("/dev/full").run().expect_code(1);
    let shown = output.home.llmx().args(["log", "show"]).run().expect_code(0);
    assert!(shown.stdout.contains(words("healthy").trim()), "{}", shown.stdout);
}
