//! A terminal that gives keys as they come and shows none of them: not one that is pasted, and Ctrl-C is a key. It is put
//! back however a question ends.

use std::io;

use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};

/// The terminal as it was before.
#[derive(Debug)]
pub(super) struct Raw(Termios);

impl Raw {
    pub(super) fn begin() -> io::Result<Self> {
        let before = tcgetattr(io::stdin())?;
        let mut raw = before.clone();
        raw.make_raw();
        raw.output_modes = before.output_modes;
        tcsetattr(io::stdin(), OptionalActions::Drain, &raw)?;
        Ok(Self(before))
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        // A terminal that is gone needs no putting back.
        tcsetattr(io::stdin(), OptionalActions::Drain, &self.0).ok();
    }
}
