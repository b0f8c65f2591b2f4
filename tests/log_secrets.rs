//! Keys never reach the ledger, nor the spool beside it, whatever a server does with them: a canary is looked for in every file
//! that llmx keeps.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use llmx::sim::{Script, Signal};

use crate::support::answering::says;
use crate::support::odd::{FINISH, STREAM, event, respond, scripted};
use crate::support::talking::{TARGET, answer, begin, in_terminal, playing, say};
use crate::support::{Answering, Home, Output};

const CANARY: &str = "sk-canary-0123456789abcdefABCDEF";

/// Every file below the folder that holds the word.
fn holders(folder: &Path, word: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(holders(&path, word));
        } else if fs::read(&path).expect("a file").windows(word.len()).any(|window| window == word.as_bytes()) {
            found.push(path.display().to_string());
        }
    }
    found
}

/// `complete` before a server that answers so, with the canary for its key.
fn asked(home: &Arc<Home>, script: Script) -> Output {
    let server = scripted(script);
    let config = server.config(&[("odd/m", "openai-chat")]);
    home.write_config(&config.replace("sim-key-of-odd", CANARY));
    let output = home.llmx().args(["complete", "--no-fallback", "-v", "hello canarytest"]).run();
    // A key that is not the canary would not be known, and its echo kept.
    assert!(!server.requests().is_empty(), "{}", output.stderr);
    output
}

#[test]
fn a_key_that_is_pasted_into_a_prompt_is_sent_and_not_kept() {
    let server = Answering::start(|_, _| says("Well."));
    let home = Home::new();
    let config = server.config("odd/m").replace("auth = \"none\"", "api_key = { env = \"ODD_KEY\" }");
    home.write_config(&config);
    let llmx = || home.llmx().env("ODD_KEY", CANARY);
    llmx().args(["complete", "-s", CANARY, &format!("what is {CANARY}?")]).run().expect_code(0);
    llmx().arg("chat").stdin(format!("/system say {CANARY}\nis it {CANARY}?\n/export\n")).run().expect_code(0);
    assert!(server.requests().iter().all(|request| request.to_string().contains(CANARY)), "who asks knows what");
    assert_eq!(holders(&home.path("data"), CANARY), [""; 0]);
    let shown = home.llmx().args(["log", "show", "last"]).run().expect_code(0).stdout;
    assert!(shown.contains("is it (redacted)?"), "{shown}");
}

#[test]
fn what_is_kept_of_an_answer_that_a_killed_process_was_shown_has_no_key_and_nor_has_a_title() {
    let words = ["It is ", &CANARY[..12], &CANARY[12..], ".\n\nThat was it."];
    let server = playing(&[("openai", Script::default().read_request().send(begin(&words)).wait(&Signal::default()))]);
    let home = Home::new();
    let config = server.config(&[TARGET]).replace("sim-key-of-openai", CANARY);
    let mut terminal = in_terminal(home.llmx().config(&config).arg("chat"));
    say(&mut terminal, &format!("/title {CANARY}"));
    terminal.wait_text("the title is");
    say(&mut terminal, "What is it?");
    terminal.wait_text("That was");
    terminal.signal(rustix::process::Signal::KILL);
    terminal.finish();
    assert_eq!(holders(&home.path("data"), CANARY), [""; 0]);
    let mut terminal = in_terminal(home.llmx().config(&config).args(["chat", "-c"]));
    terminal.wait_text("It is (redacted).");
    terminal.send(b"\x04");
    terminal.finish();
}

#[test]
fn a_line_with_a_key_is_not_kept_with_those_that_were_typed() {
    let server = playing(&[("openai", answer("Well."))]);
    let home = Home::new();
    let config = server.config(&[TARGET]).replace("sim-key-of-openai", CANARY);
    let mut terminal = in_terminal(home.llmx().config(&config).arg("chat"));
    say(&mut terminal, &format!("is it {CANARY}?"));
    terminal.wait_text("Well.");
    say(&mut terminal, "no key here");
    terminal.wait("the second answer", |screen| screen.contents().matches("Well.").count() == 2);
    say(&mut terminal, "/exit");
    assert_eq!(terminal.finish().0, 0);
    assert_eq!(holders(&home.path("data"), CANARY), [""; 0]);
    let history = fs::read_to_string(home.path("data/llmx/chat_history")).expect("a history");
    assert!(history.contains("no key here"), "{history}");
}

fn echoes() -> Vec<(&'static str, Script)> {
    let whole = |status: &str, headers: &str, body: String| {
        respond(format!(
            "HTTP/1.1 {status}\r\nconnection: close\r\n{headers}content-length: {}\r\n\r\n{body}",
            body.len()
        ))
    };
    let json = "content-type: application/json\r\n";
    let error = |message: &str| {
        format!(
            "{{\"error\":{{\"message\":\"{message}\",\"type\":\"{CANARY}\",\"code\":\"{CANARY}\",\"param\":\"{CANARY}\"}}}}"
        )
    };
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\nx-request-id: {CANARY}\r\n\r\n"
    );
    let named = format!(
        "data: {{\"id\":\"{CANARY}\",\"model\":\"{CANARY}\",\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"hi\"}}}}]}}\n\n"
    );
    let usage = format!(
        "data: {{\"choices\":[],\"usage\":{{\"prompt_tokens\":1,\"completion_tokens\":1,\"note\":\"{CANARY}\"}}}}\n\n"
    );
    let late = format!("data: {}\n\n", error(&format!("late, with {CANARY}")));
    let (left, right) = CANARY.split_at(9);
    let said = [event("your key is "), event(left), event(right)].concat();
    vec![
        ("a success that echoes it beside the answer", respond(format!("{head}{named}{usage}{FINISH}"))),
        ("a 401", whole("401 Unauthorized", json, error(&format!("Incorrect API key provided: {CANARY}.")))),
        (
            "a 400 about a parameter",
            whole("400 Bad Request", json, error(&format!("Unsupported parameter: '{CANARY}'"))),
        ),
        (
            "a 500 that is a page",
            whole("500 Oops", "content-type: text/html\r\n", format!("<pre>authorization: Bearer {CANARY}</pre>")),
        ),
        ("a redirect", whole("302 Found", &format!("location: http://127.0.0.1:1/?key={CANARY}\r\n"), String::new())),
        (
            "a 429",
            whole("429 Slow", &format!("{json}x-request-id: {CANARY}\r\nretry-after: {CANARY}\r\n"), error(CANARY)),
        ),
        ("a stream that is cut after an error", respond(format!("{STREAM}{}{late}", event("half")))),
        ("a stream that is cut while it says it", respond(format!("{STREAM}{said}"))),
        ("an answer that says it", respond(format!("{STREAM}{said}{FINISH}"))),
        ("bytes that are no HTTP", respond(format!("{CANARY}\r\n\r\n"))),
    ]
}

#[test]
fn no_echo_of_a_key_reaches_the_ledger() {
    for (what, script) in echoes() {
        let home = Home::new();
        let output = asked(&home, script);
        assert_eq!(holders(&home.path("data"), CANARY), Vec::<String>::new(), "{what}");
        assert!(!output.stderr.contains(CANARY), "{what}: {}", output.stderr);
        assert!(!holders(&home.path("data"), "canarytest").is_empty(), "{what}: what was asked is kept");
        for arguments in [&["log", "show", "--json"][..], &["log", "export"], &["log", "--json"]] {
            let shown = home.llmx().args(arguments).run();
            assert!(!shown.stdout.contains(CANARY), "{what}: {}", shown.stdout);
        }
    }
}

#[test]
fn no_echo_of_a_key_reaches_the_spool() {
    for (what, script) in echoes() {
        let home = Home::new();
        // Where the ledger should lie is a folder, so everything waits in the spool.
        fs::create_dir_all(home.path("data/llmx/ledger.db")).expect("a folder");
        asked(&home, script);
        assert!(!holders(&home.path("data"), "canarytest").is_empty(), "{what}: it was spooled");
        assert_eq!(holders(&home.path("data"), CANARY), Vec::<String>::new(), "{what}");
    }
}

#[test]
fn keys_of_commands_files_and_headers_reach_no_file() {
    let home = Home::new();
    let server = scripted(respond(format!("{STREAM}{}{FINISH}", event("hi"))));
    let config = server.config(&[("odd/m", "openai-chat")]);
    let by_command = format!(
        "api_key = {{ cmd = [\"sh\", \"-c\", \"echo {CANARY}\"] }}\nheaders = {{ x-token = \"{CANARY}-too\" }}"
    );
    home.write_config(&config.replace("api_key = \"sim-key-of-odd\"", &by_command));
    home.llmx().args(["complete", "hello"]).run().expect_code(0);
    let dry = home.llmx().args(["complete", "--dry-run", "hello"]).run().expect_code(0).stdout;
    assert!(!dry.contains(CANARY), "{dry}");
    let failing = format!("api_key = {{ cmd = [\"sh\", \"-c\", \"echo {CANARY}; exit 3\"] }}");
    home.write_config(&config.replace("api_key = \"sim-key-of-odd\"", &failing));
    home.llmx().args(["complete", "hello"]).run().expect_code(4);
    for folder in ["data", "state", "cache"] {
        assert_eq!(holders(&home.path(folder), CANARY), Vec::<String>::new());
    }
}
