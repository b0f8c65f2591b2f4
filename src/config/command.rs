//! Running a program that the configuration names: its own process group, no shell, a limit of time and of output. One that
//! does not end by itself is ended with all its processes.

use std::future::poll_fn;
use std::pin::Pin;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::process::{Child, ChildStdin, Command};

/// How much of a program's stderr is shown, in characters.
const SHOWN: usize = 200;

/// A program to run.
#[derive(Debug)]
pub struct Call<'a> {
    /// The program and its arguments.
    pub argv: &'a [String],
    /// Its environment, whole.
    pub variables: Vec<(String, String)>,
    /// What it finds on stdin.
    pub input: Option<&'a str>,
    /// How long it may take.
    pub limit: Duration,
    /// How much it may print, in bytes.
    pub most: usize,
}

/// Why a program did not do what it should, in words without its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// It was ended after its limit.
    TooLong,
    /// It ended with this exit code, which is not 0.
    Exit(i32, String),
    /// Anything else.
    Failed(String),
}

/// What the program printed. Fails when it cannot be started, takes longer than its limit, fails, or prints too much.
pub async fn run(call: Call<'_>) -> Result<Vec<u8>, Trouble> {
    let failed = |words: String| Trouble::Failed(words);
    let Some((program, arguments)) = call.argv.split_first() else {
        return Err(failed("the command is empty".to_owned()));
    };
    let mut command = Command::new(program);
    command.args(arguments).env_clear().envs(call.variables);
    command.stdin(if call.input.is_some() { Stdio::piped() } else { Stdio::null() });
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.process_group(0).kill_on_drop(true).spawn();
    let mut child = child.map_err(|error| failed(format!("cannot start it: {error}")))?;
    let mut group = Group::of(&child);
    let fed = feed(child.stdin.take(), call.input.unwrap_or_default());
    let done = async { tokio::join!(fed, read(&mut child, call.most)).1 };
    let Ok(ended) = tokio::time::timeout(call.limit, done).await else {
        drop(group);
        child.wait().await.ok();
        return Err(Trouble::TooLong);
    };
    group.0 = None;
    let (status, stdout, stderr) = ended.map_err(|error| failed(format!("cannot read from it: {error}")))?;
    if stdout.len() > call.most {
        return Err(failed(format!("it printed more than {} KiB", call.most >> 10)));
    }
    if !status.success() {
        let words = format!("{}{}", words(status), said(&stderr));
        return Err(status.code().map_or_else(|| failed(words.clone()), |code| Trouble::Exit(code, words.clone())));
    }
    Ok(stdout)
}

/// Writes to stdin, while output is read: each side may wait for the other. A program that does not read it may do so.
async fn feed(stdin: Option<ChildStdin>, input: &str) {
    let Some(mut stdin) = stdin else { return };
    let mut left = input.as_bytes();
    while !left.is_empty() {
        match poll_fn(|context| Pin::new(&mut stdin).poll_write(context, left)).await {
            Ok(written) if written > 0 => left = &left[written..],
            _ => return,
        }
    }
}

async fn read(child: &mut Child, most: usize) -> std::io::Result<(ExitStatus, Vec<u8>, Vec<u8>)> {
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let (stdout, stderr) = tokio::try_join!(read_some(stdout, most + 1), read_some(stderr, most))?;
    Ok((child.wait().await?, stdout, stderr))
}

/// Reads up to `most` bytes; then the pipe is closed, and a program that goes on printing ends by it.
async fn read_some<R: AsyncRead + Unpin>(pipe: Option<R>, most: usize) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let Some(mut pipe) = pipe else { return Ok(bytes) };
    let mut space = [0; 4096];
    while bytes.len() < most {
        let mut buffer = ReadBuf::new(&mut space);
        poll_fn(|context| Pin::new(&mut pipe).poll_read(context, &mut buffer)).await?;
        if buffer.filled().is_empty() {
            break;
        }
        bytes.extend_from_slice(buffer.filled());
    }
    bytes.truncate(most);
    Ok(bytes)
}

/// The process group of a command that has not ended. It is ended when this goes: after the limit, and when nobody waits
/// any more. What a command that did end leaves running (an agent, say) is its own affair.
struct Group(Option<Pid>);

impl Group {
    fn of(child: &Child) -> Self {
        Self(child.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?)))
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(group) = self.0 {
            kill_process_group(group, Signal::KILL).ok();
        }
    }
}

fn words(status: ExitStatus) -> String {
    match status.code() {
        Some(code) => format!("it ended with exit code {code}"),
        None => "it was ended by a signal".to_owned(),
    }
}

/// The start of stderr as one line of plain characters.
fn said(stderr: &[u8]) -> String {
    let text = String::from_utf8_lossy(stderr);
    let plain = |character: char| character.is_alphanumeric() || character.is_ascii_graphic() || character == ' ';
    let text: String =
        text.trim().chars().map(|character| if plain(character) { character } else { ' ' }).take(SHOWN).collect();
    if text.is_empty() { text } else { format!(" and said: {}", text.trim_end()) }
}
