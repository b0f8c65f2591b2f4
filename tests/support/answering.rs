//! A provider of one function: each request's body gives status and body of the answer.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

use serde_json::{Value, json};

use super::LIMIT;

/// A server on loopback that answers until it is dropped.
pub struct Answering {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<Value>>>,
    stopped: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Answering {
    /// Starts it. The function is also given the number of the request, from 0.
    pub fn start(answer: impl Fn(usize, &Value) -> (u16, Value) + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let (seen, stopped) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicBool::new(false)));
        let (known, stop) = (Arc::clone(&seen), Arc::clone(&stopped));
        let thread = thread::spawn(move || {
            for stream in listener.incoming() {
                if stop.load(Ordering::SeqCst) {
                    return;
                }
                // A client that goes away is its own affair.
                let _ = stream.and_then(|stream| serve(&stream, &known, &answer));
            }
        });
        Self { address, seen, stopped, thread: Some(thread) }
    }

    /// The bodies of all requests so far.
    pub fn requests(&self) -> Vec<Value> {
        self.seen.lock().expect("no panic").clone()
    }

    /// A configuration in which `provider/model` answers, in OpenAI's chat format and without a key.
    pub fn config(&self, target: &str) -> String {
        let provider = target.split('/').next().unwrap_or(target);
        format!(
            "default = \"{target}\"\n\n[providers.{provider}]\nwire = \"openai-chat\"\nbase_url = \"http://{}/v1\"\nauth = \"none\"\n",
            self.address
        )
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn serve(
    stream: &TcpStream,
    seen: &Mutex<Vec<Value>>,
    answer: &impl Fn(usize, &Value) -> (u16, Value),
) -> std::io::Result<()> {
    stream.set_read_timeout(Some(LIMIT))?;
    let mut reader = BufReader::new(stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 || line.trim().is_empty() {
            break;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let number = {
        let mut seen = seen.lock().expect("no panic");
        seen.push(body.clone());
        seen.len() - 1
    };
    let (status, value) = answer(number, &body);
    let text = value.to_string();
    let head = format!(
        "HTTP/1.1 {status} Status\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        text.len()
    );
    let mut writer = stream;
    writer.write_all(head.as_bytes())?;
    writer.write_all(text.as_bytes())
}

/// A whole reply of that text.
pub fn says(text: &str) -> (u16, Value) {
    replies(&json!({"role": "assistant", "content": text}), "stop")
}

/// A whole reply with that message.
pub fn replies(message: &Value, finish: &str) -> (u16, Value) {
    let choice = json!({"index": 0, "message": message, "finish_reason": finish});
    let usage = json!({"prompt_tokens": 5, "completion_tokens": 7, "total_tokens": 12});
    (200, json!({"id": "chatcmpl-1", "object": "chat.completion", "model": "m", "choices": [choice], "usage": usage}))
}

/// A parameter that is not taken, in OpenAI's words.
pub fn refuses(parameter: &str, instead: Option<&str>) -> (u16, Value) {
    let instead = instead.map(|instead| format!(" Use '{instead}' instead.")).unwrap_or_default();
    let message = format!("Unsupported parameter: '{parameter}' is not supported with this model.{instead}");
    (
        400,
        json!({"error": {"message": message, "type": "invalid_request_error", "param": parameter, "code": "unsupported_parameter"}}),
    )
}
