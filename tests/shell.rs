//! `llmx shell`: a key of the shell that puts the wished-for command on the line, and never runs it.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};

use serde_json::{Value, json};

use crate::generated::readme::blocks;
use crate::support::answering::{Answering, says};
use crate::support::shells::{SHELLS, is_installed, start, wait_line};
use crate::support::terminal::CTRL_C;
use crate::support::{Home, LIMIT, Terminal};

const ALT_I: &[u8] = b"\x1bi";

/// A provider that answers some wishes, and waits on one until it is released.
fn provider() -> (Answering, Sender<()>) {
    let (release, released) = channel();
    (Answering::start(move |_, body| granted(body, &released)), release)
}

fn granted(body: &Value, released: &Receiver<()>) -> (u16, Value) {
    let wish = body["messages"][1]["content"].as_str().unwrap_or_default();
    match wish {
        "say hello" => says("Here:\n```sh\n# greets\n$ echo 'hello\x1b[2J\u{9b}' \\\n  wörld\x07\n```\nIt greets."),
        "tell me more" => says("First do this.\nThen do that."),
        "wait" => {
            // The test ends the waiting; what is answered then nobody reads.
            let _ = released.recv_timeout(LIMIT);
            says("late")
        }
        _ => (401, json!({ "error": { "message": "the key is wrong" } })),
    }
}

fn home(provider: &Answering) -> Arc<Home> {
    let home = Home::new();
    home.write_config(&provider.config("corp/house-model"));
    home
}

#[test]
fn a_wish_becomes_one_line_that_can_do_no_harm() {
    let (provider, _release) = provider();
    let home = home(&provider);
    let output = home.llmx().args(["shell", "bash", "--wish", "say hello"]).run().expect_code(0);
    assert_eq!(output.stdout, "echo 'hello[2J' wörld\n");
    let asked = &provider.requests()[0];
    let system = asked["messages"][0]["content"].as_str().expect("a system prompt");
    assert!(system.contains("bash") && system.contains("one command line"), "{system}");
    // It is in the ledger under its own name, and `-c` does not go on with it.
    let list = home.llmx().args(["log", "--command", "shell", "--json"]).run().expect_code(0).stdout;
    let list: Value = serde_json::from_str(&list).expect("JSON");
    assert_eq!(list["runs"][0]["prompt"], "say hello");
}

#[test]
fn an_answer_that_is_no_command_is_a_failure() {
    let (provider, _release) = provider();
    let home = home(&provider);
    let output = home.llmx().args(["shell", "zsh", "--wish=tell me more"]).run().expect_code(9);
    assert_eq!(output.stdout, "");
    assert!(output.stderr.contains("it has several lines: First do this. Then do that."), "{}", output.stderr);
    assert!(output.stderr.contains("llmx log show "), "{}", output.stderr);
    let output = home.llmx().args(["shell", "fish", "--wish", "  "]).run().expect_code(0);
    assert_eq!(output.stdout, "");
    assert!(output.stderr.contains("press Alt-I"), "{}", output.stderr);
}

#[test]
fn a_model_for_commands_stands_in_the_script_and_cannot_break_out_of_it() {
    let home = Home::new();
    let script = home.llmx().args(["shell", "fish", "-m", "groq/fast:1b"]).run().expect_code(0).stdout;
    assert!(script.contains("llmx shell fish -m groq/fast:1b --wish="), "{script}");
    for name in ["$(reboot)", "a b", "x;y", "'", "-q", ""] {
        home.llmx().args(["shell", "bash"]).arg(format!("--model={name}")).run().expect_code(2);
    }
    home.llmx().args(["shell", "tcsh"]).run().expect_code(2);
}

/// A shell with our script, as the README says.
fn shell(name: &str, home: &Arc<Home>) -> Terminal {
    start(name, home, &setup(name))
}

/// The line of the README that sets a shell up.
fn setup(name: &str) -> String {
    let readme = blocks("sh").concat();
    let line = readme.lines().find(|line| line.contains(&format!("llmx shell {name}")));
    line.expect("a line of the README").to_owned()
}

#[test]
fn the_key_puts_the_command_on_the_line_in_every_shell() {
    for name in SHELLS.into_iter().filter(|name| is_installed(name)) {
        let (provider, _release) = provider();
        let home = home(&provider);
        let mut terminal = shell(name, &home);
        terminal.send(b"say hello");
        wait_line(&terminal, "the wish", |line| line == "say hello");
        terminal.send(ALT_I);
        let command = "echo 'hello[2J' wörld";
        wait_line(&terminal, &format!("{name}: the command"), |line| line == command);
        // The cursor is at its end, and it runs when Enter is pressed, not before.
        assert!(!terminal.screen().contains("\nhello[2J"), "{}", terminal.screen());
        terminal.send(b" again\r");
        terminal.wait_text("\nhello[2J wörld again");
    }
}

#[test]
fn the_key_is_bound_for_those_who_edit_as_in_vi() {
    for (name, vi) in [("bash", "set -o vi"), ("zsh", "bindkey -v"), ("fish", "fish_vi_key_bindings")] {
        if !is_installed(name) {
            continue;
        }
        for is_command in [false, true] {
            let (provider, _release) = provider();
            let home = home(&provider);
            let setup = setup(name);
            let mut terminal = start(name, &home, &format!("{vi}\n{setup}"));
            terminal.send(b"say hello");
            wait_line(&terminal, "the wish", |line| line == "say hello");
            if is_command {
                let (mut column, cursor) = (0, |screen: &vt100::Screen| screen.cursor_position().1);
                terminal.wait("the cursor", |screen| {
                    column = cursor(screen);
                    true
                });
                terminal.send(b"\x1b");
                // The command map is in force when the cursor stands on the last letter.
                terminal.wait("the command map", |screen| cursor(screen) + 1 == column);
            }
            terminal.send(ALT_I);
            wait_line(&terminal, &format!("{name}: the command"), |line| line == "echo 'hello[2J' wörld");
        }
    }
}

#[test]
fn the_line_stays_as_it_was_when_nothing_comes_of_it() {
    for name in SHELLS.into_iter().filter(|name| is_installed(name)) {
        let (provider, release) = provider();
        let home = home(&provider);
        let mut terminal = shell(name, &home);
        let mut press = |typed: &str, told: &str| {
            terminal.send(b"\x15");
            terminal.send(typed.as_bytes());
            wait_line(&terminal, &format!("{name}: typed"), |line| line == typed);
            terminal.send(ALT_I);
            if typed == "wait" {
                terminal.wait_text("corp/house-model");
                terminal.send(CTRL_C);
            }
            terminal.wait_text(told);
            wait_line(&terminal, &format!("{name}: `{typed}` is still there"), |line| line == typed);
        };
        press("", "press Alt-I");
        press("tell me more", "it has several lines");
        press("wait", "interrupted");
        release.send(()).expect("the provider waits");
        press("anything else", "the key is wrong");
    }
}
