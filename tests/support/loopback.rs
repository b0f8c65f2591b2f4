//! A server on loopback that answers each request by a function, for formats that the fleet does not speak.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Barrier, Condvar, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use serde_json::Value;

use super::LIMIT;

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Call {
    /// `GET`, `POST`.
    pub method: String,
    /// The path with its query.
    pub path: String,
    /// Names in lower case with their values.
    pub headers: Vec<(String, String)>,
    /// The body as JSON; `Null` without one.
    pub body: Value,
}

impl Call {
    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Method and path.
    pub fn line(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

/// What is answered.
pub enum Answer {
    /// A whole body of that status.
    Whole(u16, String),
    /// A stream that comes to its end.
    Stream(String),
    /// A stream that begins so and goes on until the client leaves.
    Begun(String),
    /// A stream that stops after its first part until the test comes to the same barrier.
    Halves(String, Arc<Barrier>, String),
    /// Nothing, until the client leaves.
    Silence,
}

type Log = (Mutex<Vec<Call>>, Condvar);

/// The server. It serves until it is dropped.
pub struct Loopback {
    address: SocketAddr,
    log: Arc<Log>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Loopback {
    /// A server that answers so.
    pub fn start(answer: impl Fn(&Call) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let address = listener.local_addr().expect("an address");
        let (log, stop) = (Arc::new(Log::default()), Arc::new(AtomicBool::new(false)));
        let (calls, stopped, answer) = (Arc::clone(&log), Arc::clone(&stop), Arc::new(answer));
        let thread = thread::spawn(move || {
            for connection in listener.incoming() {
                if stopped.load(Ordering::Relaxed) {
                    return;
                }
                let (calls, answer) = (Arc::clone(&calls), Arc::clone(&answer));
                // A client may leave whenever it likes.
                thread::spawn(move || {
                    connection.and_then(|connection| serve(connection, &calls, answer.as_ref())).ok()
                });
            }
        });
        Self { address, log, stop, thread: Some(thread) }
    }

    /// `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// `127.0.0.1:PORT`.
    pub fn host(&self) -> String {
        self.address.to_string()
    }

    /// All requests so far.
    pub fn calls(&self) -> Vec<Call> {
        self.log.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Their methods and paths.
    pub fn lines(&self) -> Vec<String> {
        self.calls().iter().map(Call::line).collect()
    }

    /// Waits for a request of that method and path, and gives it back.
    #[track_caller]
    pub fn wait(&self, line: &str) -> Call {
        let calls = self.log.0.lock().unwrap_or_else(PoisonError::into_inner);
        let missing = |calls: &mut Vec<Call>| calls.iter().all(|call| call.line() != line);
        let (calls, _) = self.log.1.wait_timeout_while(calls, LIMIT, missing).unwrap_or_else(PoisonError::into_inner);
        let found = calls.iter().find(|call| call.line() == line).cloned();
        found.unwrap_or_else(|| {
            panic!("`{line}` never came, but {:?}", calls.iter().map(Call::line).collect::<Vec<_>>())
        })
    }
}

impl Drop for Loopback {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        // One more connection ends the wait for one.
        let _ = TcpStream::connect(self.address);
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

fn serve(stream: TcpStream, log: &Log, answer: &dyn Fn(&Call) -> Answer) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let call = read(&mut reader)?;
    log.0.lock().unwrap_or_else(PoisonError::into_inner).push(call.clone());
    log.1.notify_all();
    let mut stream = stream;
    let head =
        |status: u16, kind: &str| format!("HTTP/1.1 {status} X\r\ncontent-type: {kind}\r\nconnection: close\r\n");
    match answer(&call) {
        Answer::Whole(status, body) => {
            let head = head(status, "application/json");
            write!(stream, "{head}content-length: {}\r\n\r\n{body}", body.len())
        }
        Answer::Stream(body) => write!(stream, "{}\r\n{body}", head(200, "text/event-stream")),
        Answer::Begun(body) => {
            write!(stream, "{}\r\n{body}", head(200, "text/event-stream"))?;
            reader.read_to_end(&mut Vec::new()).map(drop)
        }
        Answer::Halves(first, barrier, second) => {
            write!(stream, "{}\r\n{first}", head(200, "text/event-stream"))?;
            barrier.wait();
            stream.write_all(second.as_bytes())
        }
        Answer::Silence => reader.read_to_end(&mut Vec::new()).map(drop),
    }
}

fn read(reader: &mut BufReader<TcpStream>) -> std::io::Result<Call> {
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let mut words = line.split(' ').map(str::to_owned);
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let mut headers = Vec::new();
    loop {
        line.clear();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        headers.push((name.to_ascii_lowercase(), value.to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let mut body = vec![0; length.and_then(|(_, length)| length.parse().ok()).unwrap_or(0)];
    reader.read_exact(&mut body)?;
    Ok(Call { method, path, headers, body: serde_json::from_slice(&body).unwrap_or_default() })
}
