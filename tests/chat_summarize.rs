//! `/summarize` in `llmx chat`: a summary is sent in place of the oldest turns, which stay.

use std::fs;
use std::sync::Arc;

use llmx::sim::{Script, Signal};
use serde_json::Value;

use crate::support::answering::{replies, says};
use crate::support::talking::{TARGET, answer, chat_in, in_terminal, playing, say, turns};
use crate::support::{Answering, Home, Output};

/// A provider that sums up when it is asked to, and else says which question it was.
fn provider() -> Answering {
    Answering::start(|number, body| {
        let turns = turns(body);
        let question = &turns.last().expect("a question").1;
        says(&if question.starts_with("Sum up") { format!("sum {number}") } else { format!("answer {number}") })
    })
}

fn run(home: &Arc<Home>, server: &Answering, arguments: &[&str], lines: &str) -> Output {
    home.llmx().config(&server.config("odd/m")).arg("chat").args(arguments).stdin(lines).run()
}

fn last(server: &Answering) -> Vec<(String, String)> {
    turns(server.requests().last().expect("a request"))
}

#[test]
fn a_summary_is_sent_in_place_of_all_but_the_last_two_turns_which_all_stay() {
    let (home, server) = (Home::new(), provider());
    let lines = "/set temperature 0.5\n/system be brief\none\ntwo\nthree\nfour\n/summarize\nfive\n/export\n";
    let output = run(&home, &server, &[], lines).expect_code(0);
    let requests = server.requests();
    let asked = turns(&requests[4]);
    assert_eq!(
        asked[..4].iter().map(|turn| turn.1.as_str()).collect::<Vec<_>>(),
        ["one", "answer 0", "two", "answer 1"]
    );
    assert_eq!(asked.len(), 5, "neither the system prompt nor what is not summed up: {asked:?}");
    assert_eq!(requests[4]["temperature"], Value::Null);
    let sent = last(&server);
    assert_eq!(sent[0].1, "be brief");
    assert!(sent[1].1.contains("sum 4") && sent[1].1.ends_with("three"), "{sent:?}");
    assert_eq!(
        sent[2..].iter().map(|turn| turn.1.as_str()).collect::<Vec<_>>(),
        ["answer 2", "four", "answer 3", "five"]
    );
    assert!(output.stderr.contains("sum 4\n"), "{}", output.stderr);
    assert!(output.stderr.contains("2 of 4 turns are sent as this summary from now on, ~"), "{}", output.stderr);
    assert_eq!(output.stdout.matches("## You").count(), 5, "{}", output.stdout);
    assert!(!output.stdout.contains("sum 4"), "it is no turn: {}", output.stdout);
}

#[test]
fn one_turn_is_counted_as_one() {
    let (home, server) = (Home::new(), provider());
    let output = run(&home, &server, &[], "one\n/branch\n/summarize 0\n").expect_code(0);
    for words in ["a new branch with the first 1 of 1 turn;", "1 of 1 turn is sent as this summary"] {
        assert!(output.stderr.contains(words), "{words}: {}", output.stderr);
    }
    let output = run(&home, &server, &[], "one\n/summarize 1\n").expect_code(2);
    assert!(output.stderr.contains("the last turn stays as it is; `/summarize 0` keeps none"), "{}", output.stderr);
}

#[test]
fn another_time_and_complete_go_on_with_the_summary_until_it_is_taken_away() {
    let (home, server) = (Home::new(), provider());
    run(&home, &server, &[], "one\ntwo\nthree\n/summarize 1\n").expect_code(0);
    let output = run(&home, &server, &["-c"], "four\n").expect_code(0);
    let sent = last(&server);
    assert!(sent[0].1.contains("sum 3") && sent.len() == 3, "{sent:?} {}", output.stderr);
    home.llmx().args(["log", "continue", "last", "five"]).run().expect_code(0);
    let sent = last(&server);
    assert!(sent[0].1.contains("sum 3") && sent.len() == 5, "{sent:?}");
    run(&home, &server, &["-c"], "/summarize off\nsix\n").expect_code(0);
    assert_eq!(last(&server).len(), 11);
    run(&home, &server, &["-c"], "seven\n").expect_code(0);
    assert_eq!(last(&server).len(), 13, "it is gone for good");
}

#[test]
fn a_second_summary_is_of_the_first_one_and_what_followed() {
    let (home, server) = (Home::new(), provider());
    run(&home, &server, &[], "one\ntwo\n/summarize 0\nthree\n/compact 0\nfour\n").expect_code(0);
    let requests = server.requests();
    let asked = turns(&requests[4]);
    assert!(asked[0].1.contains("sum 2") && asked[0].1.ends_with("three"), "{asked:?}");
    assert_eq!(asked.len(), 3);
    let sent = last(&server);
    assert!(sent.len() == 1 && sent[0].1.contains("sum 4") && sent[0].1.ends_with("four"), "{sent:?}");
}

#[test]
fn an_undo_of_what_is_summed_up_brings_the_words_back() {
    let (home, server) = (Home::new(), provider());
    let output = run(&home, &server, &[], "one\ntwo\nthree\n/summarize 1\n/undo 2\nagain\n").expect_code(0);
    assert!(output.stderr.contains("are sent in their own words"), "{}", output.stderr);
    let sent = last(&server);
    assert_eq!(sent.iter().map(|turn| turn.1.as_str()).collect::<Vec<_>>(), ["one", "answer 0", "again"]);
    run(&home, &server, &["-c"], "more\n").expect_code(0);
    assert_eq!(last(&server)[0].1, "one");
}

#[test]
fn a_branch_knows_the_summary_of_what_it_shares() {
    let (home, server) = (Home::new(), provider());
    run(&home, &server, &[], "one\ntwo\nthree\n/summarize 1\n/branch\nfour\n").expect_code(0);
    assert!(last(&server)[0].1.contains("sum 3"));
    run(&home, &server, &["-c"], "/branch 1\nfive\n").expect_code(0);
    assert_eq!(last(&server)[0].1, "one");
    run(&home, &server, &["-c"], "six\n").expect_code(0);
    assert_eq!(last(&server).len(), 5);
}

#[test]
fn what_does_not_fit_at_once_is_summed_up_in_steps() {
    let home = Home::new();
    fs::create_dir_all(home.path("config/llmx")).expect("a directory");
    let server = provider();
    let long = "some words that take their room ".repeat(8);
    let lines = (1..=12).map(|number| format!("{number} {long}\n")).collect::<Vec<_>>().concat();
    run(&home, &server, &[], &lines).expect_code(0);
    fs::write(home.path("config/llmx/models.toml"), "[models.\"odd/m\"]\ncontext = 800\n").expect("a file");
    let config = format!("catalog = \"models.toml\"\n{}", server.config("odd/m"));
    let llmx = home.llmx().config(&config).args(["chat", "-c"]).stdin("/summarize\nlast\n");
    let output = llmx.run().expect_code(0);
    let steps = output.stderr.matches(" turns are sent as this summary").count();
    assert!(steps > 1 && output.stderr.contains("10 of 12 turns are sent"), "{}", output.stderr);
    let sent = last(&server);
    assert_eq!(sent.len(), 5, "{sent:?}");
    assert!(!output.stderr.contains("nearly full"), "{}", output.stderr);
    let texts: String = server.requests()[12..].iter().flat_map(turns).map(|turn| turn.1).collect();
    for number in 1..=12 {
        assert!(texts.contains(&format!("{number} some words")), "{number} was in no summary");
    }
}

#[test]
fn a_summary_that_fails_is_cut_or_is_empty_changes_nothing() {
    for (answer, code, message) in [
        ((401, serde_json::json!({"error": {"message": "broken"}})), 4, "broken"),
        (replies(&serde_json::json!({"role": "assistant", "content": "half a s"}), "length"), 9, "cut the summary"),
        (says("  "), 9, "the summary is empty"),
    ] {
        let home = Home::new();
        let server = Answering::start(move |number, _| if number == 3 { answer.clone() } else { says("an answer") });
        let lines = "one\ntwo\nthree\n/summarize\n";
        let output = run(&home, &server, &[], lines).expect_code(code);
        assert!(output.stderr.contains(message), "{message}: {}", output.stderr);
        run(&home, &server, &["-c"], "four\n").expect_code(0);
        assert_eq!(last(&server).len(), 7, "{message}");
    }
}

#[test]
fn what_cannot_be_summed_up_is_an_error_that_says_why() {
    for (lines, message) in [
        ("/summarize\n", "nothing was asked yet"),
        ("one\ntwo\n/summarize\n", "there is nothing to sum up"),
        ("one\n/summarize 0\n/summarize 0\n", "there is nothing to sum up"),
        ("one\n/summarize off\n", "nothing is summed up"),
        ("one\n/summarize all\n", "/summarize 4"),
    ] {
        let server = provider();
        let output = run(&Home::new(), &server, &[], lines).expect_code(2);
        assert!(output.stderr.contains(message), "{lines}: {}", output.stderr);
    }
}

#[test]
fn ctrl_c_stops_a_summary_and_the_chat_goes_on() {
    let hangs = Script::default().read_request().wait(&Signal::default());
    let server = playing(&[("openai", answer("Yes."))]);
    let home = Home::new();
    let mut terminal = in_terminal(chat_in(&home, &server, &[TARGET]));
    say(&mut terminal, "one");
    terminal.wait_text("openai/gpt-4.1-mini · ");
    say(&mut terminal, "/exit");
    assert_eq!(terminal.finish().0, 0);
    let server = playing(&[("openai", hangs)]);
    let mut terminal = in_terminal(chat_in(&home, &server, &[TARGET]).arg("-c"));
    terminal.wait_text("Yes.");
    say(&mut terminal, "/summarize 0");
    server.wait("the request", |traffic| traffic.requests.len() == 1);
    terminal.send(b"\x03");
    terminal.wait_text("stopped · nothing more is summed up");
    say(&mut terminal, "/tokens");
    terminal.wait_text("turns");
    say(&mut terminal, "/exit");
    assert_eq!(terminal.finish().0, 0);
}
