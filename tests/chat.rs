//! `llmx chat` in a terminal: a first chat, going on with it, and who is asked.

use llmx::sim::Script;

use crate::support::talking::{SECOND, TARGET, answer, chat, chat_in, expected, in_terminal, last_turns, playing, say};
use crate::support::{Home, Server, Terminal};

#[test]
fn a_first_chat_greets_in_one_line_answers_and_says_what_it_cost() {
    let server = playing(&[("openai", answer("Because of **scattering**."))]);
    let mut terminal = in_terminal(chat(&server, &[TARGET]));
    let greeting = terminal.screen();
    assert!(
        greeting.starts_with("route test, openai/gpt-4.1-mini first · /help for help, Ctrl-D to leave\n"),
        "{greeting}"
    );
    assert_eq!(greeting.lines().count(), 2, "{greeting}");
    say(&mut terminal, "Why is the sky blue?");
    terminal.wait_text("openai/gpt-4.1-mini · ");
    let screen = terminal.screen();
    assert!(screen.contains("> Why is the sky blue?\nBecause of scattering.\n"), "{screen}");
    terminal.send(b"\x04");
    let (code, _) = terminal.finish();
    assert_eq!(code, 0);
    assert_eq!(last_turns(&server), expected(&[("user", "Why is the sky blue?")]));
}

#[test]
fn a_question_of_the_arguments_is_asked_at_once_and_the_next_one_knows_it() {
    let server = playing(&[("openai", answer("Yes."))]);
    let mut terminal = Terminal::start(chat(&server, &[TARGET]).args(["-s", "be brief", "Is", "it?"]), 24, 80);
    terminal.wait_text("openai/gpt-4.1-mini · ");
    say(&mut terminal, "Why?");
    server.wait("the second request", |traffic| traffic.requests.len() == 2);
    let turns = [("system", "be brief"), ("user", "Is it?"), ("assistant", "Yes."), ("user", "Why?")];
    assert_eq!(last_turns(&server), expected(&turns));
}

#[test]
fn another_model_is_told_all_that_was_said() {
    let server = playing(&[("openai", answer("From the first.")), ("groq", answer("From the second."))]);
    let mut terminal = in_terminal(chat(&server, &[TARGET, SECOND]));
    say(&mut terminal, "one");
    terminal.wait_text("openai/gpt-4.1-mini · ");
    say(&mut terminal, "/model groq/llama-3.3-70b-versatile");
    terminal.wait_text("llama-3.3-70b-versatile> ");
    say(&mut terminal, "two");
    terminal.wait_text("From the second.");
    assert_eq!(last_turns(&server), expected(&[("user", "one"), ("assistant", "From the first."), ("user", "two")]));
    assert_eq!(server.requests()[1].provider, "groq");
    say(&mut terminal, "/why");
    terminal.wait_text("candidate");
    terminal.wait_text("serves");
}

#[test]
fn a_chat_is_left_and_gone_on_with_in_another_terminal() {
    let server = playing(&[("openai", answer("It is *blue*."))]);
    let home = Home::new();
    let mut terminal = in_terminal(chat_in(&home, &server, &[TARGET]));
    say(&mut terminal, "What colour?");
    terminal.wait_text("openai/gpt-4.1-mini · ");
    say(&mut terminal, "/title Of colours");
    terminal.wait_text("the title is");
    say(&mut terminal, "/exit");
    let (code, raw) = terminal.finish();
    assert_eq!(code, 0);
    assert!(String::from_utf8_lossy(&raw).contains("`llmx chat -c` goes on"));
    let mut terminal = in_terminal(chat_in(&home, &server, &[TARGET]).arg("-c"));
    terminal.wait_text("Of colours");
    terminal.wait_text("It is blue.");
    say(&mut terminal, "Why?");
    server.wait("the second request", |traffic| traffic.requests.len() == 2);
    assert_eq!(
        last_turns(&server),
        expected(&[("user", "What colour?"), ("assistant", "It is *blue*."), ("user", "Why?")])
    );
}

#[test]
fn a_conversation_goes_on_with_who_answered_in_it_unless_somebody_is_named() {
    let server = playing(&[("openai", answer("From the first.")), ("groq", answer("From the second."))]);
    let home = Home::new();
    let mut terminal = in_terminal(chat_in(&home, &server, &[TARGET, SECOND]));
    say(&mut terminal, "/model groq/llama-3.3-70b-versatile");
    terminal.wait_text("llama-3.3-70b-versatile> ");
    say(&mut terminal, "one");
    terminal.wait_text("From the second.");
    say(&mut terminal, "/exit");
    assert_eq!(terminal.finish().0, 0);
    let mut terminal = in_terminal(chat_in(&home, &server, &[TARGET, SECOND]).arg("-c"));
    terminal.wait_text("From the second.");
    let screen = terminal.screen();
    assert!(screen.starts_with("groq/llama-3.3-70b-versatile \u{b7} /help for help"), "{screen}");
    say(&mut terminal, "/why");
    terminal.wait_text("hint: `llmx log show");
    say(&mut terminal, "two");
    server.wait("the second request", |traffic| traffic.requests.len() == 2);
    assert_eq!(server.requests()[1].provider, "groq");
    say(&mut terminal, "/exit");
    assert_eq!(terminal.finish().0, 0);
    let named = chat_in(&home, &server, &[TARGET, SECOND]).args(["-c", "-m", "openai/gpt-4.1-mini"]);
    let mut terminal = in_terminal(named);
    say(&mut terminal, "three");
    server.wait("the third request", |traffic| traffic.requests.len() == 3);
    assert_eq!(server.requests()[2].provider, "openai");
}

#[test]
fn a_conversation_that_goes_on_in_two_terminals_says_so_in_both() {
    let server = playing(&[("openai", answer("Here."))]);
    let home = Home::new();
    let mut first = in_terminal(chat_in(&home, &server, &[TARGET]));
    say(&mut first, "one");
    first.wait_text("Here.");
    let mut second = in_terminal(chat_in(&home, &server, &[TARGET]).arg("-c"));
    say(&mut second, "two");
    server.wait("the second request", |traffic| traffic.requests.len() == 2);
    second.wait_text("openai/gpt-4.1-mini \u{b7} tokens");
    assert!(!second.screen().contains("elsewhere"), "{}", second.screen());
    say(&mut first, "three");
    first.wait_text("goes on elsewhere too: `/load");
    first.wait("the second answer", |screen| screen.contents().matches("Here.").count() == 2);
    say(&mut second, "four");
    second.wait_text("goes on elsewhere too: `/load");
}

#[test]
fn complete_goes_on_with_a_chat() {
    let server = playing(&[("openai", answer("Four."))]);
    let home = Home::new();
    let mut terminal = in_terminal(chat_in(&home, &server, &[TARGET]));
    say(&mut terminal, "Two and two?");
    terminal.wait_text("openai/gpt-4.1-mini · ");
    terminal.send(b"\x04");
    assert_eq!(terminal.finish().0, 0);
    home.llmx().args(["log", "continue", "last", "And three?"]).run().expect_code(0);
    assert_eq!(
        last_turns(&server),
        expected(&[("user", "Two and two?"), ("assistant", "Four."), ("user", "And three?")])
    );
}

#[test]
fn an_error_is_told_and_the_chat_goes_on_with_the_question_at_hand() {
    let body = r#"{"error":{"message":"Incorrect API key","type":"invalid_request_error","code":"invalid_api_key"}}"#;
    let head = format!(
        "HTTP/1.1 401 No\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {}",
        body.len()
    );
    let rejects = Script::default().read_request().send(format!("{head}\r\n\r\n{body}"));
    let server = playing(&[("openai", rejects), ("groq", answer("Here."))]);
    let mut terminal = in_terminal(chat(&server, &[TARGET]));
    say(&mut terminal, "Anybody?");
    terminal.wait_text("error: ");
    terminal.wait_text("hint: ");
    say(&mut terminal, "/retry -m groq");
    // The provider of the second is not configured here, so it is said and the question stays.
    terminal.wait("another error", |screen| screen.contents().matches("error: ").count() == 2);
    say(&mut terminal, "/retry");
    server.wait("it is asked again", |traffic| traffic.requests.len() == 2);
    assert_eq!(last_turns(&server), expected(&[("user", "Anybody?")]));
}

#[test]
fn whatever_a_provider_does_the_chat_is_at_its_prompt_again() {
    for (fault, told) in [
        ("html503", "overloaded (HTTP 503)"),
        ("html", "a web page"),
        ("error@0", "server error"),
        ("reset@0", "the connection broke"),
        ("stall@2", "stream went silent"),
        ("429=3600", "too long a wait"),
        ("empty", "the answer is empty"),
        ("length", "the token limit cut the answer"),
    ] {
        let server = Server::start(&format!("openai:{fault}"));
        let limits = "[routes.test]\ntimeout = { idle = \"400ms\" }";
        let toml = server.config(&[TARGET]).replace("[routes.test]", limits);
        let mut terminal = in_terminal(Home::new().llmx().config(&toml).arg("chat"));
        say(&mut terminal, "Anybody?");
        terminal.wait_text(told);
        terminal.wait("the prompt", |screen| screen.contents().ends_with("\ntest> "));
        say(&mut terminal, "/title Still here");
        terminal.wait_text("the title is");
        say(&mut terminal, "/exit");
        assert_eq!(terminal.finish().0, 0, "{fault}");
    }
}

#[test]
fn an_id_that_is_no_conversation_is_an_error_before_anything_else() {
    let server = playing(&[]);
    let (code, raw) = Terminal::start(chat(&server, &[TARGET]).arg("-c=0199ffff"), 24, 80).finish();
    let text = String::from_utf8_lossy(&raw);
    assert_eq!(code, 2, "{text}");
    assert!(text.contains("no conversation `0199ffff`") && !text.contains("/help"), "{text}");
    let (code, raw) = Terminal::start(chat(&server, &[TARGET]).arg("-c"), 24, 80).finish();
    assert_eq!(code, 2);
    assert!(String::from_utf8_lossy(&raw).contains("no conversation to continue yet"));
}
