//! Chats: the binary in a terminal or on a pipe, with a provider that says what a test wants.

use std::fmt::Write as _;
use std::sync::Arc;

use llmx::sim::{Options, Script};
use serde_json::{Value, json};

use super::odd::{FINISH, STREAM};
use super::{Answering, Home, Llmx, Output, Server, Terminal};

/// The first target of a chat.
pub const TARGET: (&str, &str) = ("openai/gpt-4.1-mini", "openai-chat");
/// The second one.
pub const SECOND: (&str, &str) = ("groq/llama-3.3-70b-versatile", "openai-chat");

/// Pieces of an answer as they are streamed.
pub fn pieces(texts: &[&str]) -> String {
    texts.iter().fold(String::new(), |mut all, text| {
        let choice = json!({ "index": 0, "delta": { "content": text }, "finish_reason": null });
        write!(all, "data: {}\n\n", json!({ "model": "gpt-4.1-mini", "choices": [choice] })).expect("text");
        all
    })
}

/// The beginning of an answer.
pub fn begin(texts: &[&str]) -> String {
    format!("{STREAM}{}", pieces(texts))
}

/// An answer, whole and at once.
pub fn answer(text: &str) -> Script {
    Script::default().read_request().send(begin(&[text]) + FINISH)
}

/// A fleet in which these providers play scripts, again for each request.
pub fn playing(scripts: &[(&str, Script)]) -> Server {
    let scripts = scripts.iter().map(|(name, script)| ((*name).to_owned(), script.clone())).collect();
    Server::with("", Options { instant: true, scripts, ..Options::default() })
}

/// A chat with these targets.
pub fn chat(server: &Server, targets: &[(&str, &str)]) -> Llmx {
    chat_in(&Home::new(), server, targets)
}

/// The same in a home that was used before.
pub fn chat_in(home: &Arc<Home>, server: &Server, targets: &[(&str, &str)]) -> Llmx {
    home.llmx().config(&server.config(targets)).arg("chat")
}

/// A chat in a terminal of the usual size, which waits for the first line.
pub fn in_terminal(llmx: Llmx) -> Terminal {
    let terminal = Terminal::start(llmx, 24, 80);
    terminal.wait_text("> ");
    terminal
}

/// Types a line and Enter.
pub fn say(terminal: &mut Terminal, line: &str) {
    terminal.send(format!("{line}\r").as_bytes());
}

/// Who said what in the last request to a provider of a fleet.
pub fn last_turns(server: &Server) -> Vec<(String, String)> {
    turns(&server.requests().last().expect("a request").body)
}

/// Who said what in a request.
pub fn turns(body: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let all = body["messages"].as_array().expect("messages").iter();
    all.map(|turn| (text(&turn["role"]), text(&turn["content"]))).collect()
}

/// The questions and answers as [`turns`] has them.
pub fn expected(turns: &[(&str, &str)]) -> Vec<(String, String)> {
    turns.iter().map(|(role, text)| ((*role).to_owned(), (*text).to_owned())).collect()
}

/// A chat on a pipe with a provider that answers each question with `answer N`, and what it was asked.
pub fn piped(home: &Arc<Home>, lines: &str) -> (Output, Vec<Value>) {
    let server = Answering::start(|number, _| super::answering::says(&format!("answer {}", number + 1)));
    let output = home.llmx().config(&server.config("odd/m")).arg("chat").stdin(lines).run();
    (output, server.requests())
}
