//! A terminal of a given size to run the binary in: what the screen shows, keys, resizing, the exit code.

use std::fs::OpenOptions;
use std::io::{Read, Write};
use std::num::NonZero;
use std::os::unix::fs::OpenOptionsExt;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Instant;

use portable_pty::{ChildKiller, CommandBuilder, MasterPty, PtySize, native_pty_system};
use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};

use super::{Home, Llmx};

/// Opens a terminal without making it that of the tests themselves: `O_NOCTTY`.
const NOCTTY: i32 = rustix::fs::OFlags::NOCTTY.bits().cast_signed();

/// The key Ctrl-C.
pub const CTRL_C: &[u8] = b"\x03";

/// A program in a terminal. Dropped, it is killed.
#[must_use]
pub struct Terminal {
    shared: Arc<Shared>,
    master: Box<dyn MasterPty + Send>,
    keys: Box<dyn Write + Send>,
    killer: Box<dyn ChildKiller + Send + Sync>,
    exit: Receiver<u32>,
    pid: Option<u32>,
    deadline: Instant,
    ended: bool,
    home: Arc<Home>,
}

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    parser: vt100::Parser,
    raw: Vec<u8>,
    ended: bool,
}

impl Terminal {
    /// Starts the run in a terminal of so many rows and columns; its stdin and stdout settings do not apply.
    pub fn start(llmx: Llmx, rows: u16, columns: u16) -> Self {
        let pair = native_pty_system().openpty(size(rows, columns)).expect("a pseudo terminal");
        keep_output_at_ctrl_c(pair.master.as_ref());
        let mut command = CommandBuilder::new(&llmx.program);
        command.args(&llmx.arguments);
        command.env_clear();
        command.env("TERM", "xterm-256color");
        llmx.environment.iter().for_each(|(name, value)| command.env(name, value));
        command.cwd(llmx.home.path("work"));
        let mut child = pair.slave.spawn_command(command).expect("the program starts");
        drop(pair.slave);
        let parser = vt100::Parser::new(lines(rows), lines(columns), 10_000);
        let state = Mutex::new(State { parser, raw: Vec::new(), ended: false });
        let shared = Arc::new(Shared { state, changed: Condvar::new() });
        read_into(Arc::clone(&shared), pair.master.try_clone_reader().expect("a reader"));
        let killer = child.clone_killer();
        let pid = child.process_id();
        let (sender, exit) = channel();
        thread::spawn(move || {
            let code = child.wait().expect("the exit status").exit_code();
            // Nobody waits for it when the test has ended.
            let _ = sender.send(code);
        });
        let keys = pair.master.take_writer().expect("a writer");
        let deadline = Instant::now() + llmx.limit;
        Self { shared, master: pair.master, keys, killer, exit, pid, deadline, ended: false, home: llmx.home }
    }

    /// The home it runs in.
    pub fn home(&self) -> &Arc<Home> {
        &self.home
    }

    /// Waits until the screen satisfies the condition.
    #[track_caller]
    pub fn wait(&self, what: &str, mut condition: impl FnMut(&vt100::Screen) -> bool) {
        let mut state = self.lock();
        while !condition(state.parser.screen()) {
            let left = self.deadline.saturating_duration_since(Instant::now());
            let screen = state.parser.screen().contents();
            assert!(!state.ended, "{what}: the program ended first; the screen:\n{screen}");
            assert!(!left.is_zero(), "{what}: not in time; the screen:\n{screen}");
            state = self.shared.changed.wait_timeout(state, left).expect("no reader panics").0;
        }
    }

    /// Waits until the screen shows `text`.
    #[track_caller]
    pub fn wait_text(&self, text: &str) {
        self.wait(&format!("`{text}` on the screen"), |screen| screen.contents().contains(text));
    }

    /// Waits until the program has written `text` after its first `from` bytes.
    #[track_caller]
    pub fn wait_raw(&self, from: usize, text: &str) {
        let mut state = self.lock();
        while !String::from_utf8_lossy(&state.raw[from..]).contains(text) {
            let left = self.deadline.saturating_duration_since(Instant::now());
            let screen = state.parser.screen().contents();
            assert!(!state.ended && !left.is_zero(), "`{text}` never came; the screen:\n{screen}");
            state = self.shared.changed.wait_timeout(state, left).expect("no reader panics").0;
        }
    }

    /// Rows and columns.
    pub fn size(&self) -> (u16, u16) {
        let (rows, columns) = self.lock().parser.screen().size();
        (rows.get(), columns.get())
    }

    /// Types these bytes.
    pub fn send(&mut self, bytes: &[u8]) {
        self.keys.write_all(bytes).and_then(|()| self.keys.flush()).expect("the terminal takes keys");
    }

    /// Sends the program a signal.
    pub fn signal(&self, signal: rustix::process::Signal) {
        super::kill(self.pid.expect("a process id"), signal);
    }

    /// Changes the size of the terminal.
    pub fn resize(&self, rows: u16, columns: u16) {
        self.lock().parser.screen_mut().set_size(lines(rows), lines(columns));
        self.master.resize(size(rows, columns)).expect("a new size");
    }

    /// All that the terminal has shown, also what has left the screen.
    pub fn scrollback(&self) -> String {
        let (_, columns) = self.lock().parser.screen().size();
        let mut parser = vt100::Parser::new(lines(1000), columns, 0);
        parser.process(&self.raw());
        parser.screen().contents()
    }

    /// What the screen shows.
    pub fn screen(&self) -> String {
        self.lock().parser.screen().contents()
    }

    /// Every byte the program wrote so far.
    pub fn raw(&self) -> Vec<u8> {
        self.lock().raw.clone()
    }

    /// Waits for the end: the exit code and every byte the program wrote.
    pub fn finish(mut self) -> (u32, Vec<u8>) {
        let deadline = self.deadline;
        let left = || deadline.saturating_duration_since(Instant::now());
        let Ok(code) = self.exit.recv_timeout(left()) else {
            panic!("the program did not end in time; the screen:\n{}", self.screen());
        };
        self.ended = true;
        let mut state = self.lock();
        while !state.ended && !left().is_zero() {
            state = self.shared.changed.wait_timeout(state, left()).expect("no reader panics").0;
        }
        let raw = state.raw.clone();
        drop(state);
        (code, raw)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.shared.state.lock().expect("no reader panics")
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        if !self.ended && self.exit.try_recv().is_err() {
            let _ = self.killer.kill();
        }
    }
}

/// Fails unless the controls in this output are those for styles, for the rest of a line, for the column, and for modes: no other
/// line is touched, and the terminal is asked nothing.
#[track_caller]
pub fn expect_nothing_above_was_touched(text: &str) {
    for sequence in text.split('\x1b').skip(1) {
        let end = sequence.find(|character: char| character.is_ascii_alphabetic()).unwrap_or(0);
        assert!(sequence.starts_with('[') && "mKChl".contains(&sequence[end..=end]), "{sequence:?} in {text:?}");
    }
}

fn lines(count: u16) -> NonZero<u16> {
    NonZero::new(count).expect("rows and columns")
}

const fn size(rows: u16, cols: u16) -> PtySize {
    PtySize { rows, cols, pixel_width: 0, pixel_height: 0 }
}

/// The kernel sends the signal of a Ctrl-C and throws away what was written before it was read: on a busy machine that may be what
/// the program has written since.
fn keep_output_at_ctrl_c(master: &dyn MasterPty) {
    let name = master.tty_name().expect("the terminal's name");
    let terminal = OpenOptions::new().read(true).write(true).custom_flags(NOCTTY).open(name).expect("the terminal");
    let mut modes = tcgetattr(&terminal).expect("its modes");
    modes.local_modes.insert(LocalModes::NOFLSH);
    tcsetattr(&terminal, OptionalActions::Now, &modes).expect("new modes");
}

fn read_into(shared: Arc<Shared>, mut reader: Box<dyn Read + Send>) {
    thread::spawn(move || {
        let mut buffer = vec![0; 64 * 1024];
        let update = |change: &dyn Fn(&mut State)| {
            // A waiter that failed its test poisons the lock; the reader goes on.
            change(&mut shared.state.lock().unwrap_or_else(PoisonError::into_inner));
            shared.changed.notify_all();
        };
        while let Ok(length @ 1..) = reader.read(&mut buffer) {
            update(&|state| {
                state.parser.process(&buffer[..length]);
                state.raw.extend_from_slice(&buffer[..length]);
            });
        }
        update(&|state| state.ended = true);
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Terminal {
        Terminal::start(Llmx::program("/bin/sh").args(["-c", script]), 10, 40)
    }

    #[test]
    fn the_screen_is_what_a_person_would_see() {
        let mut terminal = shell("printf 'one\\rtwo\\n'; stty size; read line; echo \"got $line\"; exit 7");
        terminal.wait_text("10 40");
        assert!(terminal.screen().starts_with("two\n"), "{}", terminal.screen());
        terminal.send(b"key\r");
        terminal.wait_text("got key");
        let (code, raw) = terminal.finish();
        assert_eq!(code, 7);
        assert!(raw.starts_with(b"one\rtwo"));
    }

    #[test]
    fn ctrl_c_and_a_new_size_reach_the_program() {
        let script = "trap 'stty size' WINCH; trap 'exit 130' INT; echo ready; while :; do read line; done";
        let mut terminal = shell(script);
        terminal.wait_text("ready");
        terminal.resize(20, 50);
        terminal.send(b"\r");
        terminal.wait_text("20 50");
        terminal.send(CTRL_C);
        assert_eq!(terminal.finish().0, 130);
    }
}
