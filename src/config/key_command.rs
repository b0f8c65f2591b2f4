//! Running a key command: its own process group, no shell, no stdin, a limit of time and of output. A
//! command that does not end by itself is ended with all its processes.

use std::future::poll_fn;
use std::pin::Pin;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncRead, ReadBuf};
use tokio::process::{Child, Command};

use super::keys::{Failure, LONGEST_KEY};

/// How much of a command's stderr is shown, in characters.
const SHOWN: usize = 200;

/// What the command printed. Fails when it cannot be started, takes longer than `limit`, fails, or prints too much.
pub(super) async fn run(argv: &[String], variables: Vec<(String, String)>, limit: Duration) -> Result<String, Failure> {
    let Some((program, arguments)) = argv.split_first() else { return Err(Failure::new("the command is empty")) };
    let mut command = Command::new(program);
    command.args(arguments).env_clear().envs(variables);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command
        .process_group(0)
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| Failure::new(format!("cannot start it: {error}")))?;
    let mut group = Group::of(&child);
    let Ok(ended) = tokio::time::timeout(limit, read(&mut child)).await else {
        drop(group);
        child.wait().await.ok();
        return Err(Failure::new(format!("it gave no key within {limit:?} and was ended")));
    };
    group.0 = None;
    let (status, stdout, stderr) = ended.map_err(|error| Failure::new(format!("cannot read from it: {error}")))?;
    if stdout.len() > LONGEST_KEY {
        return Err(Failure::new("it printed more than 64 KiB"));
    }
    if !status.success() {
        return Err(Failure::new(format!("{}{}", words(status), said(&stderr))));
    }
    String::from_utf8(stdout).map_err(|_| Failure::new("it has a character that is not ASCII"))
}

async fn read(child: &mut Child) -> std::io::Result<(ExitStatus, Vec<u8>, Vec<u8>)> {
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let (stdout, stderr) = tokio::try_join!(read_some(stdout, LONGEST_KEY + 1), read_some(stderr, LONGEST_KEY))?;
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
