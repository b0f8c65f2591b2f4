//! Tools of the integration tests: [`Llmx`] runs the binary, [`Server`] is the fleet in its own thread, [`http`] a client
//! that sees every byte, [`terminal`] a terminal to run the binary in, [`browser`] a browser for pages on disk. Nothing here
//! sleeps; every wait has a limit.
#![allow(dead_code, unused_imports, unreachable_pub, reason = "a toolbox: each test file takes what it needs")]

pub mod album;
pub mod answering;
pub mod browser;
pub mod chain;
pub mod http;
pub mod loopback;
pub mod odd;
pub mod parallel;
pub mod server;
pub mod shells;
pub mod talking;
pub mod terminal;
pub mod ticker;
pub mod week;

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, OpenOptions};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread;
use std::time::{Duration, Instant};

pub use album::Album;
pub use answering::Answering;
pub use server::Server;
pub use terminal::Terminal;

/// The limit of every wait that sets none itself; generous, for it only ends what is stuck.
pub const LIMIT: Duration = Duration::from_secs(30);

/// A home directory that lives as long as the test, for several runs of the binary.
pub struct Home {
    directory: tempfile::TempDir,
}

impl Home {
    /// An empty home.
    pub fn new() -> Arc<Self> {
        let directory = tempfile::tempdir().expect("a temporary directory");
        for name in ["home", "config", "data", "state", "cache", "work"] {
            fs::create_dir(directory.path().join(name)).expect("a directory in it");
        }
        Arc::new(Self { directory })
    }

    /// A path in it: `home config data state cache work` are there, `work` is where the binary runs.
    pub fn path(&self, path: &str) -> PathBuf {
        self.directory.path().join(path)
    }

    /// The configuration file.
    pub fn config_file(&self) -> PathBuf {
        self.path("config/llmx/config.toml")
    }

    /// Writes the configuration file, readable by its owner alone.
    pub fn write_config(&self, toml: &str) {
        let file = self.config_file();
        fs::create_dir_all(file.parent().expect("a parent")).expect("the configuration directory");
        fs::write(&file, toml).expect("the configuration file");
        let owner_only = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        fs::set_permissions(&file, owner_only).expect("its permissions");
    }

    /// A run of the binary in this home.
    pub fn llmx(self: &Arc<Self>) -> Llmx {
        Llmx::in_home(Arc::clone(self), env!("CARGO_BIN_EXE_llmx"))
    }
}

/// What the binary finds on stdin.
enum Stdin {
    /// `/dev/null`.
    Null,
    /// These bytes, then the end.
    Bytes(Vec<u8>),
    /// A pipe that stays open and empty.
    Open,
}

/// A run of the binary to be: with an environment that holds `PATH` and the home, and nothing of ours.
#[must_use]
pub struct Llmx {
    home: Arc<Home>,
    program: OsString,
    arguments: Vec<OsString>,
    environment: Vec<(OsString, OsString)>,
    stdin: Stdin,
    stdout: Option<File>,
    limit: Duration,
}

impl Llmx {
    /// A run in an empty home of its own.
    pub fn new() -> Self {
        Home::new().llmx()
    }

    /// A run of another program, to test the tools themselves.
    pub fn program(program: impl AsRef<OsStr>) -> Self {
        Self::in_home(Home::new(), program)
    }

    fn in_home(home: Arc<Home>, program: impl AsRef<OsStr>) -> Self {
        let variables = [
            ("HOME", "home"),
            ("XDG_CONFIG_HOME", "config"),
            ("XDG_DATA_HOME", "data"),
            ("XDG_STATE_HOME", "state"),
            ("XDG_CACHE_HOME", "cache"),
        ];
        let mut environment: Vec<(OsString, OsString)> =
            variables.iter().map(|(name, path)| (name.into(), home.path(path).into())).collect();
        environment.push(("PATH".into(), std::env::var_os("PATH").unwrap_or_default()));
        let program = program.as_ref().to_owned();
        Self { home, program, arguments: Vec::new(), environment, stdin: Stdin::Null, stdout: None, limit: LIMIT }
    }

    /// Runs another program in the same surroundings.
    pub fn other_program(mut self, program: impl AsRef<OsStr>) -> Self {
        program.as_ref().clone_into(&mut self.program);
        self
    }

    /// The home it runs in.
    pub fn home(&self) -> &Arc<Home> {
        &self.home
    }

    /// Adds an argument.
    pub fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.arguments.push(argument.as_ref().to_owned());
        self
    }

    /// Adds arguments.
    pub fn args<A: AsRef<OsStr>>(self, arguments: impl IntoIterator<Item = A>) -> Self {
        arguments.into_iter().fold(self, Self::arg)
    }

    /// Sets an environment variable.
    pub fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.environment.push((name.as_ref().to_owned(), value.as_ref().to_owned()));
        self
    }

    /// Gives these bytes on stdin, then its end. Without it stdin is `/dev/null`.
    pub fn stdin(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.stdin = Stdin::Bytes(bytes.into());
        self
    }

    /// Gives a pipe that is never written to and never closed.
    pub fn stdin_open(mut self) -> Self {
        self.stdin = Stdin::Open;
        self
    }

    /// Sends stdout to this file, such as `/dev/full`; the output's `stdout` stays empty.
    pub fn stdout_to(mut self, path: impl AsRef<Path>) -> Self {
        let file = OpenOptions::new().write(true).create(true).truncate(false).open(path);
        self.stdout = Some(file.expect("a file to write to"));
        self
    }

    /// Writes the configuration file, readable by its owner alone.
    pub fn config(self, toml: &str) -> Self {
        self.home.write_config(toml);
        self
    }

    /// How long the run may take before it is killed and the test fails.
    pub fn limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// Runs to the end.
    pub fn run(self) -> Output {
        self.spawn().finish()
    }

    /// Starts it and leaves it running.
    pub fn spawn(mut self) -> Running {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).env_clear().envs(self.environment.drain(..)).current_dir(self.home.path("work"));
        command.stdin(if matches!(self.stdin, Stdin::Null) { Stdio::null() } else { Stdio::piped() });
        command.stdout(self.stdout.take().map_or_else(Stdio::piped, Stdio::from)).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        let stdin = child.stdin.take();
        let stdin = match self.stdin {
            Stdin::Bytes(bytes) => {
                feed(stdin.expect("stdin is piped"), bytes);
                None
            }
            _ => stdin,
        };
        let stdout = child.stdout.take().map(Collected::from_reader);
        let stderr = Collected::from_reader(child.stderr.take().expect("stderr is piped"));
        let stdout = stdout.unwrap_or_else(|| Collected::from_reader(std::io::empty()));
        let name = format!("{} {:?}", self.program.display(), self.arguments);
        let deadline = Instant::now() + self.limit;
        Running {
            name,
            pid: child.id(),
            stdin,
            stdout,
            stderr,
            exit: wait_for(child),
            deadline,
            ended: false,
            home: self.home,
        }
    }
}

fn feed(mut stdin: ChildStdin, bytes: Vec<u8>) {
    // A program that does not read its stdin to the end breaks this pipe, which is its right.
    thread::spawn(move || drop(stdin.write_all(&bytes)));
}

fn wait_for(mut child: Child) -> Receiver<ExitStatus> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        let status = child.wait().expect("the exit status");
        // Nobody waits for it when the test has ended.
        let _ = sender.send(status);
    });
    receiver
}

/// Sends a signal to a process that this test started.
pub fn kill(pid: u32, signal: rustix::process::Signal) {
    let pid = i32::try_from(pid).ok().and_then(rustix::process::Pid::from_raw).expect("a process id");
    // It may have ended by itself.
    let _ = rustix::process::kill_process(pid, signal);
}

/// A run that goes on. Dropped, it is killed.
#[must_use]
pub struct Running {
    name: String,
    pid: u32,
    stdin: Option<ChildStdin>,
    stdout: Arc<Collected>,
    stderr: Arc<Collected>,
    exit: Receiver<ExitStatus>,
    deadline: Instant,
    ended: bool,
    home: Arc<Home>,
}

impl Running {
    /// Writes to its stdin, which must be open.
    pub fn write(&mut self, bytes: &[u8]) {
        let stdin = self.stdin.as_mut().expect("an open stdin");
        stdin.write_all(bytes).and_then(|()| stdin.flush()).expect("stdin is read");
    }

    /// Closes its stdin.
    pub fn close_stdin(&mut self) {
        self.stdin = None;
    }

    /// Sends it a signal, as Ctrl-C does with `Signal::INT`.
    pub fn signal(&self, signal: rustix::process::Signal) {
        kill(self.pid, signal);
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// The most memory it has held so far, in bytes.
    pub fn peak_memory(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid)).expect("a process that runs");
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("the peak is told");
        line.trim().trim_end_matches(" kB").parse::<u64>().expect("a number") * 1024
    }

    /// Waits until its stdout contains `text`.
    pub fn wait_stdout(&self, text: &str) {
        self.wait_text(&self.stdout, "stdout", text);
    }

    /// Waits until its stderr contains `text`.
    pub fn wait_stderr(&self, text: &str) {
        self.wait_text(&self.stderr, "stderr", text);
    }

    fn wait_text(&self, stream: &Collected, which: &str, text: &str) {
        if !stream.wait(self.deadline, |bytes| String::from_utf8_lossy(bytes).contains(text)) {
            self.fail(&format!("`{text}` never came on {which}"));
        }
    }

    /// Waits for its end.
    pub fn finish(mut self) -> Output {
        let Ok(status) = self.exit.recv_timeout(self.deadline.saturating_duration_since(Instant::now())) else {
            self.fail("it did not end in time");
        };
        self.ended = true;
        // A grandchild may hold the pipes open; what came by the deadline counts.
        self.stdout.wait_end(self.deadline);
        self.stderr.wait_end(self.deadline);
        let code = status.code().unwrap_or(-1);
        Output { code, stdout: self.stdout.text(), stderr: self.stderr.text(), home: Arc::clone(&self.home) }
    }

    fn fail(&self, what: &str) -> ! {
        panic!("{}: {what}\nstdout: {}\nstderr: {}", self.name, self.stdout.text(), self.stderr.text());
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // The process id of an ended process may be another's by now.
        if !self.ended && self.exit.try_recv().is_err() {
            kill(self.pid, rustix::process::Signal::KILL);
        }
    }
}

/// What a run left.
#[derive(Clone)]
pub struct Output {
    /// The exit code; -1 after a signal.
    pub code: i32,
    /// All of stdout.
    pub stdout: String,
    /// All of stderr.
    pub stderr: String,
    /// The home it ran in.
    pub home: Arc<Home>,
}

impl Output {
    /// Fails unless the exit code is this one; tells the output.
    #[track_caller]
    pub fn expect_code(self, code: i32) -> Self {
        assert_eq!(self.code, code, "exit code\nstdout: {}\nstderr: {}", self.stdout, self.stderr);
        self
    }
}

/// Bytes collected from a reader by a thread.
#[derive(Default)]
struct Collected {
    state: Mutex<(Vec<u8>, bool)>,
    changed: Condvar,
}

impl Collected {
    fn from_reader(mut reader: impl Read + Send + 'static) -> Arc<Self> {
        let collected = Arc::new(Self::default());
        let writer = Arc::clone(&collected);
        thread::spawn(move || {
            let mut buffer = vec![0; 64 * 1024];
            while let Ok(length @ 1..) = reader.read(&mut buffer) {
                writer.lock().0.extend_from_slice(&buffer[..length]);
                writer.changed.notify_all();
            }
            writer.lock().1 = true;
            writer.changed.notify_all();
        });
        collected
    }

    fn lock(&self) -> MutexGuard<'_, (Vec<u8>, bool)> {
        self.state.lock().expect("no reader panics")
    }

    /// Waits until the condition holds; `false` when the deadline or the end came first.
    fn wait(&self, deadline: Instant, mut condition: impl FnMut(&[u8]) -> bool) -> bool {
        let mut state = self.lock();
        loop {
            if condition(&state.0) {
                return true;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if state.1 || left.is_zero() {
                return false;
            }
            state = self.changed.wait_timeout(state, left).expect("no reader panics").0;
        }
    }

    fn wait_end(&self, deadline: Instant) {
        self.wait(deadline, |_| false);
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.lock().0).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Llmx {
        Llmx::program("/bin/sh").args(["-c", script])
    }

    #[test]
    fn a_run_has_its_arguments_its_stdin_and_a_clean_environment() {
        let output =
            shell("cat; env | grep -v -e PWD -e SHLVL -e '^_=' | cut -d= -f1 | sort | tr '\\n' ' ' >&2; exit 3")
                .env("EXTRA", "1")
                .stdin("given")
                .run()
                .expect_code(3);
        assert_eq!(output.stdout, "given");
        let names = "EXTRA HOME PATH XDG_CACHE_HOME XDG_CONFIG_HOME XDG_DATA_HOME XDG_STATE_HOME ";
        assert_eq!(output.stderr, names);
    }

    #[test]
    fn a_config_is_readable_by_its_owner_alone_and_a_home_serves_two_runs() {
        let output = shell("stat -c %a $XDG_CONFIG_HOME/llmx/config.toml; echo kept > $HOME/x").config("a = 1").run();
        assert_eq!(output.stdout, "600\n");
        assert_eq!(fs::read_to_string(output.home.path("home/x")).expect("the file"), "kept\n");
        output.home.llmx().arg("--version").run().expect_code(0);
    }

    #[test]
    fn a_running_program_can_be_talked_to_and_signalled() {
        let script = "trap 'echo caught; exit 130' INT; while read line; do echo got $line; done; echo end";
        let mut running = shell(script).stdin_open().spawn();
        running.write(b"one\n");
        running.wait_stdout("got one");
        running.close_stdin();
        assert_eq!(running.finish().stdout, "got one\nend\n");
        let mut running =
            shell("trap 'exit 130' INT; echo ready >&2; while :; do read line; done").stdin_open().spawn();
        running.wait_stderr("ready");
        running.signal(rustix::process::Signal::INT);
        // A shell that runs the trap only after `read` is given its end; one that is gone already does not mind.
        running.close_stdin();
        running.finish().expect_code(130);
    }

    #[test]
    fn output_can_go_to_a_full_device() {
        assert!(shell("echo text").stdout_to("/dev/full").run().code != 0);
    }

    #[test]
    #[should_panic(expected = "it did not end in time")]
    fn a_run_that_does_not_end_is_killed_and_fails() {
        shell("sleep 60").limit(Duration::from_millis(50)).run();
    }
}
