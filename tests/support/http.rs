//! A plain HTTP client that hides nothing: how the answer was framed, in which pieces it came, how the connection ended.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;

use serde_json::Value;

use super::LIMIT;

/// A response as it came.
#[derive(Debug)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// Header lines, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body without chunk framing.
    pub body: String,
    /// Sizes of the chunks, when the body was chunked.
    pub chunks: Vec<usize>,
    /// How the body ended.
    pub end: BodyEnd,
}

/// How a body ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyEnd {
    /// As its framing says.
    Whole,
    /// The connection was closed before that.
    Cut,
    /// The connection was reset before that.
    Reset,
}

impl Reply {
    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The body as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    /// The data of the server-sent events that are JSON.
    pub fn events(&self) -> Vec<Value> {
        let data = self.body.lines().filter_map(|line| line.strip_prefix("data: "));
        data.filter_map(|data| serde_json::from_str(data).ok()).collect()
    }
}

/// Opens a connection and sends a request, with a body when there is one.
pub fn send(method: &str, url: &str, headers: &[(&str, &str)], body: Option<&Value>) -> std::io::Result<TcpStream> {
    let (address, path) = url.strip_prefix("http://").and_then(|rest| rest.split_once('/')).expect("an http address");
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(LIMIT))?;
    let body = body.map(Value::to_string).unwrap_or_default();
    let mut request = format!("{method} /{path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n");
    for (name, value) in headers {
        request.extend([name, ": ", value, "\r\n"]);
    }
    request.extend(["content-length: ", &body.len().to_string(), "\r\n\r\n", &body]);
    stream.write_all(request.as_bytes())?;
    Ok(stream)
}

/// Reads a whole response.
pub fn receive(mut stream: TcpStream) -> Reply {
    let mut bytes = Vec::new();
    let reset = match stream.read_to_end(&mut bytes) {
        Ok(_) => false,
        Err(error) if error.kind() == ErrorKind::ConnectionReset => true,
        Err(error) => panic!("{error} after {}", String::from_utf8_lossy(&bytes)),
    };
    let text = String::from_utf8(bytes).expect("UTF-8");
    let (head, framed) = text.split_once("\r\n\r\n").expect("a head");
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|code| code.parse().ok());
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let length: Option<usize> =
        headers.iter().find(|(name, _)| name == "content-length").and_then(|(_, value)| value.parse().ok());
    let (body, chunks, whole) = match length {
        Some(length) => (framed.to_owned(), Vec::new(), framed.len() == length),
        None => dechunk(framed),
    };
    let end = match (whole, reset) {
        (true, _) => BodyEnd::Whole,
        (false, false) => BodyEnd::Cut,
        (false, true) => BodyEnd::Reset,
    };
    Reply { status: status.expect("a status"), headers, body, chunks, end }
}

fn dechunk(mut rest: &str) -> (String, Vec<usize>, bool) {
    let (mut body, mut chunks) = (String::new(), Vec::new());
    while let Some((size, after)) = rest.split_once("\r\n") {
        let size = usize::from_str_radix(size, 16).expect("a chunk size");
        if size == 0 {
            return (body, chunks, true);
        }
        body.push_str(&after[..size]);
        chunks.push(size);
        rest = &after[size + 2..];
    }
    (body, chunks, false)
}
