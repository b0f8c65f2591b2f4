//! Text that was shown and broke off, gone on with by another target; and beginnings that are held back, so that what breaks in
//! them is not seen.

use llmx::sim::{Options, Script, Signal};
use serde_json::Value;

use crate::support::chain::{PROMPT, config, first_tokens, words};
use crate::support::{Llmx, Server, Terminal};

const WIRE: &str = "openai-chat";
const STREAM: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";
const BEGINNING: &str = "The sky is blue because the air scatters ";

fn event(text: &str) -> String {
    format!("data: {}\n\n", serde_json::json!({"choices": [{"index": 0, "delta": {"content": text}}]}))
}

const FINISH: &str = "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";

fn broken(text: &str) -> Script {
    Script::default().read_request().send(format!("{STREAM}{}", event(text)).into_bytes())
}

fn whole(text: &str) -> Script {
    Script::default().read_request().send(format!("{STREAM}{}{FINISH}", event(text)).into_bytes())
}

fn rejecting() -> Script {
    let body = r#"{"error":{"message":"The last message must be from the user","type":"invalid_request_error"}}"#;
    // The script ends with its answer, and with it the connection: nobody may send another request on it.
    let (headers, length) = ("content-type: application/json\r\nconnection: close", body.len());
    let head = format!("HTTP/1.1 400 Bad Request\r\n{headers}\r\ncontent-length: {length}\r\n\r\n");
    Script::default().read_request().send(format!("{head}{body}").into_bytes())
}

fn server(scripts: &[(&str, Script)]) -> Server {
    let scripts = scripts.iter().map(|(name, script)| ((*name).to_owned(), script.clone())).collect();
    Server::with("", Options { instant: true, scripts, ..Options::default() })
}

fn complete(server: &Server, names: &[&str], route: &str, further: &str) -> Llmx {
    let chain: Vec<_> = names.iter().map(|name| ((*name).to_owned(), WIRE)).collect();
    Llmx::new().config(&(config(server, &chain, route) + further)).args(["complete", PROMPT])
}

const CONTINUE: &str = "on_cut = \"continue\"\nretries = 0";

/// The turns of the last request to that provider: who speaks, and what.
fn turns(server: &Server, provider: &str) -> Vec<(String, String)> {
    let requests = server.requests();
    let seen = requests.iter().rfind(|seen| seen.provider == provider).expect("a request");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let all = seen.body["messages"].as_array().expect("messages").iter();
    all.map(|turn| (text(&turn["role"]), text(&turn["content"]))).collect()
}

#[test]
fn with_stream_into_a_pipe_the_next_target_goes_on_in_place() {
    for second in
        ["blue light most.", "because the air scatters blue light most.", "Sure, continuing:\n\nblue light most."]
    {
        let server = server(&[("odd", broken(BEGINNING)), ("next", whole(second))]);
        let output = complete(&server, &["odd", "next"], CONTINUE, "").arg("--stream").run().expect_code(0);
        let joined = format!("{BEGINNING}blue light most.");
        assert_eq!(output.stdout, format!("{joined}\n"), "{second}");
        assert!(output.stderr.contains("next/m goes on with the answer"), "{}", output.stderr);
        let turns = turns(&server, "next");
        assert_eq!(turns[1], ("assistant".to_owned(), BEGINNING.to_owned()));
        assert!(turns[2].0 == "user" && turns[2].1.contains("Continue it exactly"), "{turns:?}");
        let shown = output.home.llmx().args(["log", "show"]).run().expect_code(0);
        assert!(shown.stdout.contains(&joined), "{}", shown.stdout);
    }
}

#[test]
fn a_second_break_is_gone_on_with_too_and_events_tell_it() {
    let scripts = [("a", broken("one two three ")), ("b", broken("four five six ")), ("c", whole("seven."))];
    let server = server(&scripts);
    let run = complete(&server, &["a", "b", "c"], CONTINUE, "").arg("--jsonl");
    let output = run.run().expect_code(0);
    let lines: Vec<Value> = output.stdout.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let text: String =
        lines.iter().filter(|line| line["type"] == "text").filter_map(|line| line["text"].as_str()).collect();
    assert_eq!(text, "one two three four five six seven.");
    let done = lines.last().expect("a last line");
    assert_eq!(done["text"], "one two three four five six seven.");
    let goes_on: Vec<&Value> =
        done["attempts"].as_array().expect("attempts").iter().map(|one| &one["goes_on"]).collect();
    assert_eq!(goes_on, [true, true, false]);
    assert_eq!(done["attempts"][2]["changes"][0]["change"], "continue");
    assert_eq!(turns(&server, "c")[1].1, "one two three four five six ");
}

#[test]
fn held_text_is_replaced_and_not_gone_on_with() {
    let server = server(&[("odd", broken(BEGINNING)), ("next", whole("A whole answer."))]);
    let output = complete(&server, &["odd", "next"], CONTINUE, "").run().expect_code(0);
    assert_eq!(output.stdout, "A whole answer.\n");
    assert_eq!(turns(&server, "next").len(), 1);
}

#[test]
fn a_model_that_begins_anew_ends_a_pipe_with_9() {
    let server = server(&[("odd", broken(BEGINNING)), ("next", whole("The sky is blue because of its colour."))]);
    let output = complete(&server, &["odd", "next"], CONTINUE, "").arg("--stream").run().expect_code(9);
    assert_eq!(output.stdout, BEGINNING);
    assert!(output.stderr.contains("began anew"), "{}", output.stderr);
}

#[test]
fn on_a_terminal_a_model_that_begins_anew_is_marked_with_a_seam() {
    let server = server(&[("odd", broken(BEGINNING)), ("next", whole("The sky is blue because of its colour."))]);
    let terminal = Terminal::start(complete(&server, &["odd", "next"], CONTINUE, ""), 24, 100);
    terminal.wait_text("began anew");
    terminal.wait_text("because of its colour.");
    assert_eq!(terminal.finish().0, 0);
}

#[test]
fn on_a_terminal_an_answer_that_is_gone_on_with_has_no_seam() {
    let server = server(&[("odd", broken(BEGINNING)), ("next", whole("blue light most."))]);
    let terminal = Terminal::start(complete(&server, &["odd", "next"], CONTINUE, ""), 24, 100);
    terminal.wait_text("the air scatters blue light most.");
    terminal.wait_text("next/m goes on with the answer");
    let screen = terminal.screen();
    assert!(!screen.contains("──"), "{screen}");
    assert_eq!(terminal.finish().0, 0);
}

#[test]
fn when_nobody_can_go_on_the_exit_code_is_that_of_a_cut() {
    let server = server(&[("odd", broken(BEGINNING)), ("next", rejecting())]);
    let output = complete(&server, &["odd", "next"], CONTINUE, "").arg("--stream").run().expect_code(9);
    assert_eq!(output.stdout, BEGINNING);
    assert!(output.stderr.contains("--partial"), "{}", output.stderr);
}

#[test]
fn who_takes_it_is_given_the_answer_as_its_own_last_turn_and_else_is_asked_in_words() {
    let prefill = "quirks = { prefill = [\"*\"], prefill_field = \"prefix\" }\n";
    let prefilled = |script: Script| {
        let server = server(&[("odd", broken(BEGINNING)), ("next", script)]);
        let run = complete(&server, &["odd", "next"], CONTINUE, prefill).arg("--stream").run();
        let requests = server.requests();
        let bodies: Vec<Value> =
            requests.iter().filter(|seen| seen.provider == "next").map(|seen| seen.body.clone()).collect();
        (run, bodies)
    };
    let (output, bodies) = prefilled(whole(" blue light most."));
    assert_eq!(output.expect_code(0).stdout, format!("{BEGINNING}blue light most.\n"));
    let last = bodies[0]["messages"].as_array().and_then(|turns| turns.last()).expect("a turn");
    let (role, content) = (&last["role"], &last["content"]);
    assert_eq!((role, content, &last["prefix"]), (&"assistant".into(), &BEGINNING.trim_end().into(), &true.into()));
    // Whoever rejects that is asked in words, in the same place of the chain.
    let (output, bodies) = prefilled(rejecting());
    assert_eq!((output.code, bodies.len()), (9, 2), "{}", output.stderr);
    assert_eq!(bodies[1]["messages"].as_array().map(Vec::len), Some(3));
}

#[test]
fn an_answer_that_may_call_tools_is_not_gone_on_with() {
    let server = server(&[("odd", broken(BEGINNING)), ("next", whole("A whole answer."))]);
    let run = complete(&server, &["odd", "next"], CONTINUE, "");
    let tools = run.home().path("work/tools.json");
    let tool = r#"[{"name": "look", "description": "Looks", "parameters": {"type": "object"}}]"#;
    std::fs::write(&tools, tool).expect("a file");
    let output = run.arg("--stream").arg("--tools").arg(&tools).run().expect_code(9);
    assert_eq!((output.stdout.as_str(), server.count("next")), (BEGINNING, 0), "{}", output.stderr);
}

// What is held back.

#[test]
fn a_cut_in_the_beginning_that_is_held_back_is_not_seen() {
    for route in [
        "buffer = 400",
        "buffer = \"20s\"",
        "on_cut = \"buffer\"\nbuffer = \"20s\"",
        "on_cut = \"buffer\"\nbuffer = 400",
    ] {
        let server = Server::start("odd:cut@5");
        let run = complete(&server, &["odd", "healthy"], &format!("{route}\nretries = 0"), "");
        let output = run.arg("--stream").run().expect_code(0);
        assert_eq!(output.stdout, words("healthy") + "\n", "{route}");
    }
}

#[test]
fn a_cut_after_it_is_one() {
    for route in ["on_cut = \"buffer\"\nbuffer = 2", "buffer = 2\non_cut = \"fail\""] {
        let server = Server::start("odd:cut@9");
        let run = complete(&server, &["odd", "healthy"], &format!("{route}\nretries = 0"), "");
        let output = run.arg("--stream").run().expect_code(9);
        assert_eq!(output.stdout.trim_end(), first_tokens("odd", 9).trim_end(), "{route}");
        assert_eq!(server.count("healthy"), 0);
    }
}

#[test]
fn what_is_held_is_shown_when_its_time_is_over_though_nothing_more_comes() {
    let signal = Signal::default();
    let script = broken("one two ").wait(&signal).send(format!("{}{FINISH}", event("three")).into_bytes());
    let server = server(&[("odd", script)]);
    let run = complete(&server, &["odd"], "buffer = \"200ms\"", "").arg("--stream");
    let running = run.spawn();
    running.wait_stdout("one two");
    signal.raise();
    assert_eq!(running.finish().expect_code(0).stdout, "one two three\n");
}

#[test]
fn what_was_held_to_the_end_is_shown_whole() {
    let server = Server::start("");
    let output = complete(&server, &["healthy"], "buffer = 10000", "").arg("--stream").run().expect_code(0);
    assert_eq!(output.stdout, words("healthy") + "\n");
}
