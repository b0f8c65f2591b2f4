//! `/compare` in `llmx chat`: others are asked the last question, and one of their answers is adopted.

use llmx::sim::{Script, Signal};

use crate::support::talking::{
    SECOND, TARGET, answer, begin, chat_in, expected, in_terminal, last_turns, piped, playing, say, turns,
};
use crate::support::terminal::CTRL_C;
use crate::support::{Home, Terminal};

const THIRD: (&str, &str) = ("mistral/mistral-small-latest", "openai-chat");
const ALL: &[(&str, &str)] = &[TARGET, SECOND, THIRD];

fn leave(mut terminal: Terminal) {
    say(&mut terminal, "/exit");
    assert_eq!(terminal.finish().0, 0);
}

#[test]
fn an_answer_of_another_model_takes_the_place_of_the_last_one_for_good() {
    let home = Home::new();
    let server = playing(&[("openai", answer("Red.")), ("groq", answer("Green.")), ("mistral", answer("Blue."))]);
    let mut terminal = in_terminal(chat_in(&home, &server, ALL));
    say(&mut terminal, "Your name?");
    terminal.wait_text("Red.");
    say(&mut terminal, "And colour?");
    terminal.wait("the second answer", |screen| screen.contents().matches("Red.").count() == 2);
    say(&mut terminal, "/compare");
    terminal.wait_text("adopt which? (Enter keeps 1)");
    let screen = terminal.screen();
    for part in ["1/3 openai/gpt-4.1-mini", "Green.", "Blue.", "\n2 groq/llama-3.3-70b-versatile\n3"] {
        assert!(screen.contains(part), "{part}\n{screen}");
    }
    let conversation = [("user", "Your name?"), ("assistant", "Red."), ("user", "And colour?")];
    for request in &server.requests()[2..] {
        assert_eq!(turns(&request.body), expected(&conversation));
    }
    let heads = terminal.screen().lines().filter(|line| line.starts_with("── ")).map(str::to_owned).collect::<Vec<_>>();
    assert!(heads.len() == 3 && heads.iter().all(|head| head.contains("s ── cost unknown")), "{heads:?}");
    say(&mut terminal, "7");
    terminal.wait_text("write a number from 1 to 3");
    say(&mut terminal, "3");
    terminal.wait_text("adopted: the last answer is that of mistral/mistral-small-latest now");
    say(&mut terminal, "Why?");
    terminal
        .wait("the third answer", |screen| screen.contents().contains("Why?") && screen.contents().contains("Red."));
    server.wait("the fifth request", |traffic| traffic.requests.len() == 5);
    let adopted = [conversation[0], conversation[1], conversation[2], ("assistant", "Blue."), ("user", "Why?")];
    assert_eq!(last_turns(&server), expected(&adopted));
    leave(terminal);
    // A later chat knows the adopted answer, and neither the one before nor the one that was not chosen.
    let mut terminal = in_terminal(chat_in(&home, &server, ALL).arg("-c"));
    say(&mut terminal, "Sure?");
    server.wait("the sixth request", |traffic| traffic.requests.len() == 6);
    let later = [&adopted[..], &[("assistant", "Red."), ("user", "Sure?")]].concat();
    assert_eq!(last_turns(&server), expected(&later));
    leave(terminal);
}

#[test]
fn enter_keeps_the_present_answer_and_a_failure_of_one_stops_no_other() {
    let home = Home::new();
    let server = playing(&[
        ("openai", answer("Red.")),
        ("groq", Script::default().read_request().reset()),
        ("mistral", answer("Blue.")),
    ]);
    let mut terminal = in_terminal(chat_in(&home, &server, ALL));
    say(&mut terminal, "Your colour?");
    terminal.wait_text("Red.");
    say(&mut terminal, "/compare groq/llama-3.3-70b-versatile mistral/mistral-small-latest");
    terminal.wait_text("adopt which?");
    assert!(terminal.screen().contains("Blue.") && terminal.screen().contains("failed:"), "{}", terminal.screen());
    assert!(
        terminal.screen().contains("2 mistral/mistral-small-latest"),
        "who failed is not offered: {}",
        terminal.screen()
    );
    say(&mut terminal, "3");
    terminal.wait_text("write a number from 1 to 2");
    terminal.send(b"\r");
    terminal.wait_text("the present answer stays");
    let before = server.requests().len();
    say(&mut terminal, "Why?");
    server.wait("the next request", |traffic| traffic.requests.len() > before);
    assert_eq!(last_turns(&server), expected(&[("user", "Your colour?"), ("assistant", "Red."), ("user", "Why?")]));
    leave(terminal);
}

#[test]
fn ctrl_c_stops_those_that_have_not_answered_and_keeps_the_chat() {
    let home = Home::new();
    let slow = Script::default().read_request().send(begin(&["Gre"])).wait(&Signal::default());
    let server = playing(&[("openai", answer("Red.")), ("groq", slow), ("mistral", answer("Blue."))]);
    let mut terminal = in_terminal(chat_in(&home, &server, ALL));
    say(&mut terminal, "Your colour?");
    terminal.wait_text("Red.");
    say(&mut terminal, "/compare");
    terminal.wait_text("one more");
    terminal.send(CTRL_C);
    terminal.wait_text("adopt which?");
    server.wait_disconnect("groq");
    say(&mut terminal, "2");
    terminal.wait_text("adopted: the last answer is that of mistral");
    leave(terminal);
    let listed = home.llmx().args(["log", "--json"]).run().expect_code(0);
    assert_eq!(listed.stdout.matches("\"command\":\"chat\"").count(), 3, "all are kept: {}", listed.stdout);
}

#[test]
fn a_script_sees_the_answers_and_adopts_none() {
    let (output, requests) = piped(&Home::new(), "one\n/compare odd/other\ntwo\n");
    let output = output.expect_code(0);
    assert!(output.stdout.contains("answer 1") && output.stdout.contains("answer 2"), "{}", output.stdout);
    assert_eq!(requests[1]["model"], "other");
    let last = turns(&requests[2]);
    assert_eq!(last, expected(&[("user", "one"), ("assistant", "answer 1"), ("user", "two")]));
}

#[test]
fn answers_that_were_not_adopted_are_no_turns_in_the_list() {
    let (output, requests) = piped(&Home::new(), "one\n/compare odd/other odd/third\n/list\n");
    let output = output.expect_code(0);
    assert_eq!(requests.len(), 3);
    let line = output.stdout.lines().find(|line| line.ends_with("  one")).expect("the conversation is listed");
    assert_eq!(line.split_whitespace().rev().nth(1), Some("1"), "{}", output.stdout);
}

#[test]
fn there_must_be_something_to_compare_and_somebody_to_ask() {
    for (lines, code, message) in [
        ("/compare\nnever", 2, "nothing was asked yet"),
        ("one\n/compare\nnever", 2, "there is no other model to ask"),
        ("one\n/compare nobody/nothing\nnever", 3, "nobody"),
    ] {
        let (output, _) = piped(&Home::new(), lines);
        let output = output.expect_code(code);
        assert!(output.stderr.contains(message), "{lines}: {}", output.stderr);
        assert!(!output.stdout.contains("answer 2"), "{lines}");
    }
}
