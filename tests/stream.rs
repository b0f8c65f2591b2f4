//! A slow stream is shown as it comes: each token is seen before the server sends the next one.

use std::fmt::Write;

use llmx::sim::{Options, Script, Signal};

use crate::support::{Home, Server, Terminal};

/// One HTTP chunk with one event of the `OpenAI` format.
fn token(text: &str) -> String {
    let event = format!("data: {{\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"{text}\"}}}}]}}\n\n");
    format!("{:x}\r\n{event}\r\n", event.len())
}

/// A provider that sends each of these words only when the signal is raised.
fn slow_server(words: &[&str], signal: &Signal) -> Server {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
    let mut script = Script::default().read_request().send(head);
    for word in words {
        script = script.wait(signal).send(token(word));
    }
    let mut end = String::new();
    let last = "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";
    write!(end, "{:x}\r\n{last}\r\n0\r\n\r\n", last.len()).expect("text");
    let script = script.wait(signal).send(end);
    Server::with("", Options { scripts: vec![("openai".to_owned(), script)], ..Options::default() })
}

#[test]
fn each_token_reaches_a_pipe_before_the_next_is_sent() {
    let (words, signal) = (["one ", "two ", "three"], Signal::default());
    let server = slow_server(&words, &signal);
    let config = server.config(&[("openai/gpt-4.1-mini", "openai-chat")]);
    let running = Home::new().llmx().config(&config).args(["complete", "--stream", "count"]).spawn();
    let mut so_far = String::new();
    for word in words {
        signal.raise();
        so_far.push_str(word);
        running.wait_stdout(so_far.trim_end());
    }
    signal.raise();
    assert_eq!(running.finish().expect_code(0).stdout, "one two three\n");
}

#[test]
fn each_word_reaches_a_terminal_before_the_next_is_sent() {
    // A word of Markdown is known to be whole when the blank after it has come.
    let (words, signal) = (["one ", "two ", "three "], Signal::default());
    let server = slow_server(&words, &signal);
    let config = server.config(&[("openai/gpt-4.1-mini", "openai-chat")]);
    let llmx = Home::new().llmx().config(&config).args(["complete", "count"]);
    let terminal = Terminal::start(llmx, 24, 80);
    for word in words {
        signal.raise();
        terminal.wait_text(word.trim_end());
    }
    signal.raise();
    assert_eq!(terminal.finish().0, 0);
}
