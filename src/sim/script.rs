//! A provider served byte by byte from a list of steps: for odd cases, and for streams as fast as the wire.

use std::io;
use std::sync::Arc;

use hyper::body::Bytes;
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::sync::Semaphore;

use super::dialect::{Ask, End, Framing, Spoken, dialect};
use super::traffic::{Ending, Exchange, Log, Seen};

/// What happens on every connection to a scripted provider, from accepting it to closing it.
#[derive(Clone, Debug, Default)]
pub struct Script {
    steps: Vec<ScriptStep>,
}

/// One step of a script.
#[derive(Clone, Debug)]
enum ScriptStep {
    ReadRequest,
    Send(Bytes),
    Wait(Signal),
    Reset,
}

/// Lets a script go on, once for each time it is raised.
#[derive(Clone, Debug)]
pub struct Signal(Arc<Semaphore>);

impl Default for Signal {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(0)))
    }
}

impl Signal {
    /// Lets one waiting script go on, or the next that comes to wait.
    pub fn raise(&self) {
        self.0.add_permits(1);
    }

    async fn raised(&self) {
        if let Ok(permit) = self.0.acquire().await {
            permit.forget();
        }
    }
}

impl Script {
    /// Reads one request with its body and records it.
    #[must_use]
    pub fn read_request(self) -> Self {
        self.then(ScriptStep::ReadRequest)
    }

    /// Writes these bytes.
    #[must_use]
    pub fn send(self, bytes: impl Into<Bytes>) -> Self {
        self.then(ScriptStep::Send(bytes.into()))
    }

    /// Waits for the signal.
    #[must_use]
    pub fn wait(self, signal: &Signal) -> Self {
        self.then(ScriptStep::Wait(signal.clone()))
    }

    /// Closes with a reset; without it the script's end closes in order.
    #[must_use]
    pub fn reset(self) -> Self {
        self.then(ScriptStep::Reset)
    }

    fn then(mut self, step: ScriptStep) -> Self {
        self.steps.push(step);
        self
    }

    /// A streamed answer of `count` tokens (` word0`, ` word1`, …) in that wire format, one HTTP chunk per event, written in one go.
    /// Serves one request per connection. `None` for a wire format that the fleet does not speak.
    pub fn tokens(wire: &str, count: usize) -> Option<Self> {
        let dialect = dialect(wire)?;
        let path = if wire.ends_with("gemini") { ":streamGenerateContent?alt=sse" } else { "" };
        let framing = dialect.read(path, &Value::Null).framing;
        let ask =
            Ask { model: "script".to_owned(), input: 10, stream: true, include_usage: true, framing, ..Ask::default() };
        let text = (0..count).map(|index| format!(" word{index}")).collect();
        let spoken =
            Spoken { number: 1, thinking: Vec::new(), shows_thinking: false, text, calls: Vec::new(), end: End::Stop };
        let stream = dialect.stream(&ask, &spoken);
        let mut bytes = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: {}\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n",
            framing.content_type()
        )
        .into_bytes();
        let events = stream.before.iter().chain(stream.tokens.iter().flatten()).chain(&stream.after);
        for (index, event) in events.enumerate() {
            chunk(&mut bytes, &framing.frame(event, index == 0));
        }
        if framing == Framing::Array {
            chunk(&mut bytes, framing.end().as_bytes());
        }
        bytes.extend(b"0\r\n\r\n");
        Some(Self::default().read_request().send(bytes))
    }
}

/// One chunk of HTTP's chunked encoding.
fn chunk(bytes: &mut Vec<u8>, data: &[u8]) {
    bytes.extend(format!("{:x}\r\n", data.len()).bytes());
    bytes.extend(data);
    bytes.extend(b"\r\n");
}

/// Plays the script on one connection.
pub(super) async fn play(stream: TcpStream, provider: String, script: Script, log: Arc<Log>) {
    let _open = log.connected();
    if stream.set_nodelay(true).is_err() {
        return;
    }
    let mut exchange = None;
    for step in script.steps {
        let played = match step {
            ScriptStep::ReadRequest => read_request(&stream, &provider).await.map(|seen| {
                end(exchange.replace(log.request(seen)), Ending::Complete);
            }),
            ScriptStep::Send(bytes) => write_all(&stream, &bytes).await,
            ScriptStep::Wait(signal) => tokio::select! {
                () = signal.raised() => Ok(()),
                error = gone(&stream) => Err(error),
            },
            ScriptStep::Reset => {
                let _ = stream.set_zero_linger();
                end(exchange, Ending::Broken);
                return;
            }
        };
        if played.is_err() {
            // Dropping the exchange records that the client went away.
            return;
        }
    }
    end(exchange, Ending::Complete);
}

fn end(exchange: Option<Exchange>, ending: Ending) {
    if let Some(exchange) = exchange {
        exchange.end(ending);
    }
}

async fn read_some(stream: &TcpStream, buffer: &mut Vec<u8>) -> io::Result<()> {
    let mut piece = vec![0; 16 * 1024];
    loop {
        stream.readable().await?;
        match stream.try_read(&mut piece) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(length) => {
                buffer.extend_from_slice(&piece[..length]);
                return Ok(());
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
}

/// Resolves when the client has closed its side.
async fn gone(stream: &TcpStream) -> io::Error {
    let mut ignored = Vec::new();
    loop {
        if let Err(error) = read_some(stream, &mut ignored).await {
            return error;
        }
        ignored.clear();
    }
}

async fn write_all(stream: &TcpStream, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        stream.writable().await?;
        match stream.try_write(bytes) {
            Ok(length) => bytes = &bytes[length..],
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Reads head and body; a body without `content-length` is taken as none.
async fn read_request(stream: &TcpStream, provider: &str) -> io::Result<Seen> {
    let mut buffer = Vec::new();
    let head_end = loop {
        read_some(stream, &mut buffer).await?;
        if let Some(at) = buffer.windows(4).position(|window| window == b"\r\n\r\n") {
            break at + 4;
        }
    };
    let head = String::from_utf8_lossy(&buffer[..head_end]).into_owned();
    let mut lines = head.lines();
    let path = lines.next().and_then(|line| line.split(' ').nth(1)).unwrap_or_default();
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .filter(|(name, _)| !name.contains("api-key") && name != "authorization")
        .collect();
    let length = headers.iter().find(|(name, _)| name == "content-length").and_then(|(_, value)| value.parse().ok());
    let end = head_end + length.unwrap_or(0_usize);
    while buffer.len() < end {
        read_some(stream, &mut buffer).await?;
    }
    let body: Value = serde_json::from_slice(&buffer[head_end..end]).unwrap_or(Value::Null);
    let model = body["model"].as_str().unwrap_or_default().to_owned();
    Ok(Seen {
        provider: provider.to_owned(),
        model,
        path: path.trim_start_matches('/').trim_start_matches(provider).to_owned(),
        headers,
        key: None,
        body,
        at: std::time::Instant::now(),
        ending: Ending::Open,
    })
}
