//! The keyboard of a terminal as a chat has it from its beginning to its end: keys come one by one and are not echoed, so that
//! what is typed before it is asked for is neither lost nor mixed into what is shown. Signals of keys stay.

use std::io;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Signal, getpid, kill_process};
use rustix::termios::{InputModes, LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr};

use super::Ui;
use super::typed::{Keys, Typed};

/// No more is read at once; a terminal holds less.
const BUFFER: usize = 4096;

/// The keyboard. Dropped, it is as it was.
#[derive(Debug)]
pub struct Keyboard {
    modes: Termios,
}

impl Keyboard {
    /// Takes the keyboard where lines are edited, with what was typed so far.
    pub fn take(ui: &Ui) -> Option<(Self, Typed)> {
        let modes = ui.can_edit().then(|| tcgetattr(io::stdin()).ok()).flatten()?;
        let keyboard = Self { modes };
        keyboard.take_back();
        Some((keyboard, typed_before()))
    }

    /// Gives it back for as long as another program has the terminal.
    pub fn lend(&self) {
        tcsetattr(io::stdin(), OptionalActions::Now, &self.modes).ok();
    }

    /// Takes it again.
    pub fn take_back(&self) {
        tcsetattr(io::stdin(), OptionalActions::Now, &self.quiet()).ok();
    }

    /// Takes it again in the middle of a line, after the shell had it. The editor cannot do that by itself: it has asked to be
    /// stopped and goes on until that happens, which may be after it took the keyboard again. Nor has it heard whether the
    /// window has changed meanwhile.
    pub fn take_back_editing(&self, ui: &Ui) {
        let mut modes = self.quiet();
        modes.local_modes.remove(LocalModes::ISIG);
        modes.input_modes.remove(InputModes::BRKINT | InputModes::INPCK | InputModes::ISTRIP | InputModes::IXON);
        tcsetattr(io::stdin(), OptionalActions::Now, &modes).ok();
        ui.expect_pastes();
        kill_process(getpid(), Signal::WINCH).ok();
    }

    fn quiet(&self) -> Termios {
        let mut modes = self.modes.clone();
        modes.local_modes.remove(LocalModes::ECHO | LocalModes::ICANON | LocalModes::IEXTEN);
        // Enter must be told from Ctrl-J.
        modes.input_modes.remove(InputModes::ICRNL);
        modes.special_codes[SpecialCodeIndex::VMIN] = 1;
        modes.special_codes[SpecialCodeIndex::VTIME] = 0;
        modes
    }
}

impl Drop for Keyboard {
    fn drop(&mut self) {
        self.lend();
    }
}

/// What was typed while the terminal still edited lines itself: Enter and Ctrl-J were the same then.
fn typed_before() -> Typed {
    let (mut keys, mut typed) = (Keys::of_lines(), Typed::default());
    while is_there() {
        match read() {
            Ok(bytes) if !bytes.is_empty() => keys.take(&bytes, &mut typed),
            _ => break,
        }
    }
    typed
}

fn is_there() -> bool {
    let stdin = io::stdin();
    let mut keyboard = [PollFd::new(&stdin, PollFlags::IN)];
    poll(&mut keyboard, Some(&Timespec::default())).is_ok_and(|ready| ready > 0)
}

/// The keys that have come; it waits when there are none.
pub(super) fn read() -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; BUFFER];
    let length = rustix::io::read(io::stdin(), &mut bytes)?;
    bytes.truncate(length);
    Ok(bytes)
}
