//! Hears what is typed while an answer comes.

use std::io;
use std::pin::pin;

use signal_hook::consts::SIGCONT;
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::ui::Ui;
use crate::ui::keyboard::Keyboard;
use crate::ui::typed::{TypeAhead, Typed};

/// Tells when the program goes on after it was stopped.
pub(super) fn resumed() -> io::Result<Signal> {
    signal(SignalKind::from_raw(SIGCONT))
}

/// Waits for the answer; what is typed meanwhile is shown below it and comes back with it.
pub(super) async fn beside<T>(answer: impl Future<Output = T>, keys: Option<&Keyboard>, ui: &Ui) -> (T, Typed) {
    let Some(keys) = keys else { return (answer.await, Typed::default()) };
    let mut ahead = TypeAhead::begin(ui);
    #[expect(deprecated, reason = "its successor is unsafe for handles that may be closed, which stdin is not")]
    let keyboard = AsyncFd::with_interest(io::stdin(), Interest::READABLE);
    let (Ok(keyboard), Ok(mut resumed)) = (keyboard, resumed()) else { return (answer.await, Typed::default()) };
    let mut answer = pin!(answer);
    let mut is_open = true;
    loop {
        tokio::select! {
            biased;
            // Keys come first: they are few, and wait for nothing.
            ready = keyboard.readable(), if is_open => match ready {
                Ok(mut ready) => {
                    is_open = ahead.read().is_ok();
                    ready.clear_ready();
                }
                Err(_) => is_open = false,
            },
            _ = resumed.recv() => {
                keys.take_back();
                ui.expect_pastes();
            }
            done = &mut answer => return (done, ahead.end()),
        }
    }
}
