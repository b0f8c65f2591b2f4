//! Chats that are stopped: Ctrl-C, a closed terminal, a killed process. What was shown stays.

use std::sync::Arc;

use llmx::sim::{Script, Signal};
use rustix::process::Signal as Kill;

use crate::support::odd::FINISH;
use crate::support::talking::{
    SECOND, TARGET, answer, begin, chat_in, expected, in_terminal, last_turns, pieces, playing, say,
};
use crate::support::terminal::CTRL_C;
use crate::support::{Home, Server, Terminal};

const SHOWN: &[&str] = &["First block.\n\n", "Second block.\n\n", "And half of "];

/// A fleet that stops in the middle of its answer, and a chat that waits there.
fn in_the_middle(home: &Arc<Home>) -> (Server, Terminal) {
    let server = playing(&[("openai", Script::default().read_request().send(begin(SHOWN)).wait(&Signal::default()))]);
    let mut terminal = in_terminal(chat_in(home, &server, &[TARGET]));
    say(&mut terminal, "Tell me more");
    terminal.wait_text("And half of");
    (server, terminal)
}

/// What a chat that goes on tells the model of the one before.
fn told_later(home: &Arc<Home>) -> Vec<(String, String)> {
    let server = playing(&[("openai", answer("Well."))]);
    let mut terminal = in_terminal(chat_in(home, &server, &[TARGET]).arg("-c"));
    say(&mut terminal, "Go on");
    terminal.wait_text("Well.");
    last_turns(&server)
}

#[test]
fn ctrl_c_stops_the_answer_and_what_came_of_it_was_said() {
    let home = Home::new();
    let (server, mut terminal) = in_the_middle(&home);
    terminal.send(CTRL_C);
    terminal.wait_text("stopped · what came stays");
    server.wait_disconnect("openai");
    say(&mut terminal, "/continue");
    server.wait("the second request", |traffic| traffic.requests.len() == 2);
    let turns = last_turns(&server);
    assert_eq!(turns[1], ("assistant".to_owned(), SHOWN.concat()));
    assert!(turns[2].1.contains("Continue it exactly"), "{turns:?}");
    terminal.send(CTRL_C);
    terminal.wait("stopped once more", |screen| screen.contents().matches("stopped").count() == 2);
    terminal.send(CTRL_C);
    terminal.wait_text("once more leaves");
    terminal.send(CTRL_C);
    assert_eq!(terminal.finish().0, 0);
    let shown = home.llmx().args(["log", "--json"]).run().expect_code(0);
    assert!(shown.stdout.contains("\"exit_code\":130"), "{}", shown.stdout);
}

#[test]
fn ctrl_c_before_anything_came_keeps_the_question() {
    let home = Home::new();
    let silent = Script::default().read_request().wait(&Signal::default());
    let server = playing(&[("openai", silent)]);
    let mut terminal = in_terminal(chat_in(&home, &server, &[TARGET]));
    say(&mut terminal, "Anybody?");
    server.wait("the request", |traffic| traffic.requests.len() == 1);
    terminal.send(CTRL_C);
    terminal.wait_text("stopped before anything came");
    server.wait_disconnect("openai");
    say(&mut terminal, "/retry");
    server.wait("the second request", |traffic| traffic.requests.len() == 2);
    assert_eq!(last_turns(&server), expected(&[("user", "Anybody?")]));
}

#[test]
fn an_error_in_mid_answer_is_told_and_what_came_stays() {
    let home = Home::new();
    let error = "data: {\"error\":{\"message\":\"overloaded\",\"type\":\"server_error\"}}\n\n";
    let script = Script::default().read_request().send(begin(SHOWN) + error);
    let server = playing(&[("openai", script)]);
    let mut terminal = in_terminal(chat_in(&home, &server, &[TARGET]));
    say(&mut terminal, "Tell me more");
    terminal.wait_text("error: ");
    terminal.wait_text("/continue goes on with it");
    assert!(terminal.screen().contains("And half of\n"), "{}", terminal.screen());
    say(&mut terminal, "Go on");
    server
        .wait("another request", |traffic| traffic.requests.iter().any(|seen| seen.body.to_string().contains("Go on")));
    let turns = [("user", "Tell me more"), ("assistant", &SHOWN.concat()), ("user", "Go on")];
    assert_eq!(last_turns(&server), expected(&turns));
}

#[test]
fn ctrl_c_throws_a_line_away_and_does_not_leave() {
    let home = Home::new();
    let server = playing(&[("openai", answer("Here."))]);
    let mut terminal = in_terminal(chat_in(&home, &server, &[TARGET]));
    for count in 1..=3 {
        terminal.send(b"half a question");
        terminal.wait("it", |screen| screen.contents().matches("> half a question").count() == count);
        terminal.send(CTRL_C);
        terminal.wait("the next prompt", |screen| screen.contents().matches("test> ").count() > count);
    }
    say(&mut terminal, "whole");
    terminal.wait_text("Here.");
    assert_eq!(last_turns(&server), expected(&[("user", "whole")]));
}

#[test]
fn a_later_question_without_an_answer_is_said_to_be_passed_over() {
    let home = Home::new();
    let server = playing(&[("openai", answer("Here."))]);
    let mut terminal = in_terminal(chat_in(&home, &server, &[TARGET]));
    say(&mut terminal, "first");
    terminal.wait_text("Here.");
    say(&mut terminal, "/exit");
    assert_eq!(terminal.finish().0, 0);
    let silent = playing(&[("openai", Script::default().read_request().wait(&Signal::default()))]);
    let mut terminal = in_terminal(chat_in(&home, &silent, &[TARGET]));
    say(&mut terminal, "second");
    silent.wait("the request", |traffic| traffic.requests.len() == 1);
    terminal.signal(Kill::KILL);
    terminal.finish();
    let mut terminal = in_terminal(chat_in(&home, &server, &[TARGET]).arg("-c"));
    terminal.wait_text("> first");
    assert!(terminal.screen().contains("is not gone on with: \u{201c}second\u{201d}"), "{}", terminal.screen());
    say(&mut terminal, "/exit");
    assert_eq!(terminal.finish().0, 0);
}

#[test]
fn a_chat_that_cannot_be_kept_says_so_at_once_and_goes_on() {
    let home = Home::new();
    std::fs::remove_dir_all(home.path("data")).ok();
    std::fs::write(home.path("data"), "no folder").expect("a file in its place");
    let server = playing(&[("openai", answer("Here."))]);
    let mut terminal = in_terminal(chat_in(&home, &server, &[TARGET]));
    say(&mut terminal, "one");
    terminal.wait_text("warning: ");
    terminal.wait_text("Here.");
    say(&mut terminal, "/undo");
    terminal.wait_text("taken back: \u{201c}one");
    assert!(!terminal.screen().contains("error:"), "{}", terminal.screen());
    say(&mut terminal, "two");
    server.wait("the second request", |traffic| traffic.requests.len() == 2);
    assert_eq!(last_turns(&server), expected(&[("user", "two")]));
    terminal.wait("the second answer", |screen| screen.contents().matches("Here.").count() == 2);
    say(&mut terminal, "/exit");
    let (code, raw) = terminal.finish();
    assert_eq!((code, String::from_utf8_lossy(&raw).matches("warning:").count()), (0, 1), "it is said once");
}

#[test]
fn lines_that_waited_when_an_answer_is_stopped_stand_there_one_after_the_other() {
    let home = Home::new();
    let (server, mut terminal) = in_the_middle(&home);
    terminal.send(b"/set seed 7\r\"\"\"\rtwo\rlines\r\"\"\"\rand op");
    terminal.wait_text("and op");
    terminal.send(CTRL_C);
    terminal.wait_text("test> /set seed 7");
    terminal.send(b"\r");
    terminal.wait_text("seed: 7");
    terminal.wait_text("test> \"\"\"\ntwo\nlines\n\"\"\"");
    terminal.send(b"\r");
    server.wait("the block", |traffic| traffic.requests.len() == 2);
    assert_eq!(last_turns(&server)[2].1, "two\nlines");
    terminal.send(CTRL_C);
    terminal.wait_text("test> and op");
}

#[test]
fn keys_that_follow_ctrl_c_in_the_same_moment_are_not_lost() {
    let home = Home::new();
    let server = playing(&[("openai", answer("Here."))]);
    let mut terminal = in_terminal(chat_in(&home, &server, &[TARGET]));
    terminal.send(b"half\x03whole\r");
    terminal.wait_text("Here.");
    assert_eq!(last_turns(&server), expected(&[("user", "whole")]));
    // In a search too, and in an open block.
    let at_prompt = |answers: usize| {
        move |screen: &vt100::Screen| {
            let text = screen.contents();
            text.matches("openai/gpt-4.1-mini \u{b7} ").count() == answers && text.trim_end().ends_with("test>")
        }
    };
    terminal.wait("the prompt", at_prompt(1));
    terminal.send(b"\x12who\x03next\r");
    server.wait("the second request", |traffic| traffic.requests.len() == 2);
    assert_eq!(last_turns(&server)[2].1, "next");
    terminal.wait("the prompt again", at_prompt(2));
    terminal.send(b"\"\"\"\rblock\x03third\r");
    server.wait("the third request", |traffic| traffic.requests.len() == 3);
    assert_eq!(last_turns(&server)[4].1, "third");
}

#[test]
fn a_killed_process_leaves_the_conversation_with_all_that_was_shown() {
    let home = Home::new();
    let (_server, terminal) = in_the_middle(&home);
    terminal.signal(Kill::KILL);
    terminal.finish();
    let turns = [("user", "Tell me more"), ("assistant", &SHOWN.concat()), ("user", "Go on")];
    assert_eq!(told_later(&home), expected(&turns));
}

#[test]
fn a_killed_process_leaves_a_paragraph_that_had_not_ended() {
    let home = Home::new();
    let script = Script::default().read_request().send(begin(&["A paragraph that "])).wait(&Signal::default());
    let server = playing(&[("openai", script)]);
    let mut terminal = in_terminal(chat_in(&home, &server, &[TARGET]));
    say(&mut terminal, "Tell me more");
    terminal.wait_text("A paragraph");
    terminal.signal(Kill::KILL);
    terminal.finish();
    let turns = [("user", "Tell me more"), ("assistant", "A paragraph that "), ("user", "Go on")];
    assert_eq!(told_later(&home), expected(&turns));
}

#[test]
fn of_an_answer_that_another_one_replaced_nothing_is_left() {
    let home = Home::new();
    let cut = Script::default().read_request().send(begin(&["Cut off.\n\n", "Here"]));
    let second = Script::default().read_request().send(begin(&["Anew.\n\n", "And half of "])).wait(&Signal::default());
    let server = playing(&[("openai", cut), ("groq", second)]);
    let mut terminal = in_terminal(chat_in(&home, &server, &[TARGET, SECOND]));
    say(&mut terminal, "Tell me more");
    terminal.wait_text("And half");
    assert!(terminal.screen().contains("trying groq/llama-3.3-70b-versatile"), "{}", terminal.screen());
    terminal.signal(Kill::KILL);
    terminal.finish();
    let turns = [("user", "Tell me more"), ("assistant", "Anew.\n\nAnd half of "), ("user", "Go on")];
    assert_eq!(told_later(&home), expected(&turns));
}

#[test]
fn a_closed_terminal_and_a_request_to_end_keep_the_conversation() {
    for (signal, code) in [(Kill::HUP, 129), (Kill::TERM, 143)] {
        let home = Home::new();
        let (server, terminal) = in_the_middle(&home);
        terminal.signal(signal);
        assert_eq!(terminal.finish().0, code);
        server.wait_disconnect("openai");
        let turns = [("user", "Tell me more"), ("assistant", &SHOWN.concat()), ("user", "Go on")];
        assert_eq!(told_later(&home), expected(&turns));
    }
}

#[test]
fn a_signal_at_the_prompt_leaves_the_terminal_as_it_was() {
    let home = Home::new();
    let server = playing(&[]);
    let llmx = home.llmx().config(&server.config(&[TARGET]));
    // The shell tells the settings of the terminal before and after.
    let script = "stty -g; LLMX chat; echo \"code $?\"; stty -g; echo end";
    let script = script.replace("LLMX", env!("CARGO_BIN_EXE_llmx"));
    let mut terminal = Terminal::start(llmx.other_program("/bin/sh").args(["-c", &script]), 24, 120);
    terminal.wait_text("> ");
    terminal.send(b"half");
    terminal.wait_text("> half");
    let pid = std::fs::read_dir("/proc").expect("processes");
    let is_chat = |name: &str| {
        let line = std::fs::read(format!("/proc/{name}/cmdline")).unwrap_or_default();
        let environment = std::fs::read(format!("/proc/{name}/environ")).unwrap_or_default();
        let home = home.path("home").display().to_string();
        line.ends_with(b"llmx\0chat\0") && environment.windows(home.len()).any(|window| window == home.as_bytes())
    };
    let name = pid.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).find(|name| is_chat(name));
    crate::support::kill(name.expect("the chat runs").parse().expect("a number"), Kill::TERM);
    terminal.wait_text("end");
    let screen = terminal.scrollback();
    let modes: Vec<&str> = screen.lines().filter(|line| line.matches(':').count() > 20).collect();
    assert!(screen.contains("code 143"), "{screen}");
    assert!(modes.len() == 2 && modes[0] == modes[1], "{screen}");
}

#[test]
fn a_chat_that_was_stopped_by_ctrl_z_goes_on_where_it_was() {
    let home = Home::new();
    let server = playing(&[("openai", answer("Here."))]);
    let llmx = home.llmx().config(&server.config(&[TARGET])).env("PS1", "shell$ ");
    let mut terminal = Terminal::start(llmx.other_program("/bin/bash").args(["--norc", "-i"]), 24, 80);
    terminal.wait_text("shell$ ");
    terminal.send(format!("{} chat\r", env!("CARGO_BIN_EXE_llmx")).as_bytes());
    terminal.wait_text("test> ");
    terminal.send(b"half");
    terminal.wait_text("test> half");
    terminal.send(b"\x1a");
    terminal.wait_text("Stopped");
    terminal.send(b"fg\r");
    terminal.wait("the line again", |screen| screen.contents().matches("test> half").count() == 2);
    terminal.send(b" and half\r");
    terminal.wait_text("Here.");
    assert_eq!(last_turns(&server), expected(&[("user", "half and half")]));
    // A shell that is killed leaves its children behind.
    terminal.wait("the prompt", |screen| screen.contents().trim_end().ends_with("test>"));
    say(&mut terminal, "/exit");
    terminal.wait("the shell", |screen| screen.contents().trim_end().ends_with("shell$"));
    say(&mut terminal, "exit");
    assert_eq!(terminal.finish().0, 0);
}

#[test]
fn what_is_typed_while_an_answer_comes_is_seen_and_becomes_the_next_line() {
    let home = Home::new();
    let signal = Signal::default();
    let script = Script::default().read_request().send(begin(&["Once upon a time "])).wait(&signal);
    let script = script.send(pieces(&["there was a fox"])).wait(&signal).send(pieces(&[" and a crow."]) + FINISH);
    let server = playing(&[("openai", script)]);
    let mut terminal = in_terminal(chat_in(&home, &server, &[TARGET]));
    say(&mut terminal, "Tell");
    terminal.wait_text("Once upon a time");
    terminal.send(b"and th");
    terminal.wait_text("\n\u{203a} and th");
    signal.raise();
    terminal.wait_text("Once upon a time there was a\n\u{203a} and th");
    terminal.send(b"en?");
    terminal.wait_text("\u{203a} and then?");
    signal.raise();
    terminal.wait_text("> and then?");
    let screen = terminal.screen();
    assert!(screen.contains("Once upon a time there was a fox and a crow.\n"), "{screen}");
    assert!(!screen.contains('\u{203a}'), "{screen}");
    terminal.send(b"\r");
    server.wait("the next question", |traffic| traffic.requests.len() == 2);
    assert_eq!(last_turns(&server)[2].1, "and then?");
}

#[test]
fn enter_while_an_answer_comes_asks_when_it_has_come() {
    let home = Home::new();
    let signal = Signal::default();
    let script = Script::default().read_request().send(begin(&["Slow. "])).wait(&signal).send(FINISH);
    let server = playing(&[("openai", script)]);
    let mut terminal = in_terminal(chat_in(&home, &server, &[TARGET]));
    say(&mut terminal, "one");
    terminal.wait_text("Slow.");
    terminal.send(b"\x1b[200~two\nlines\x1b[201~\rthree");
    terminal.wait_text("three");
    signal.raise();
    server.wait("the queued question", |traffic| traffic.requests.len() == 2);
    assert_eq!(last_turns(&server)[2].1, "two\nlines");
    signal.raise();
    terminal.wait_text("> three");
}
