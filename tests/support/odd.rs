//! A provider `odd` that is served byte by byte, before one that is `healthy`.

use llmx::sim::{Options, Script};

use super::chain::{PROMPT, config};
use super::{Llmx, Server};

/// The head of a stream that ends with its connection.
pub const STREAM: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";

/// The end of a stream in OpenAI's format.
pub const FINISH: &str =
    "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";

/// One streamed event of OpenAI's format with that text.
pub fn event(text: &str) -> String {
    format!("data: {{\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"{text}\"}}}}]}}\n\n")
}

/// Reads a request and answers with these bytes.
pub fn respond(bytes: impl Into<Vec<u8>>) -> Script {
    Script::default().read_request().send(bytes.into())
}

/// A fleet in which `odd` is served from a script.
pub fn scripted(script: Script) -> Server {
    Server::with("", Options { instant: true, scripts: vec![("odd".to_owned(), script)], ..Options::default() })
}

/// `complete` with `odd` before `healthy`, and further lines of the route.
pub fn odd_first(server: &Server, wire: &'static str, route: &str) -> Llmx {
    let chain = [("odd".to_owned(), wire), ("healthy".to_owned(), "openai-chat")];
    Llmx::new().config(&config(server, &chain, route)).args(["complete", PROMPT])
}

/// `complete` with `odd` alone, and further lines of the route.
pub fn odd_alone(server: &Server, wire: &'static str, route: &str) -> Llmx {
    Llmx::new().config(&config(server, &[("odd".to_owned(), wire)], route)).args(["complete", PROMPT])
}
