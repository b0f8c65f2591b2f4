//! A sign of life on stderr while an answer is waited for. It shows only after a moment, so that fast answers never
//! flicker, and is wiped when dropped, however that happens; the cursor stays visible all along.

use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Waits shorter than this show nothing.
const PATIENCE: Duration = Duration::from_millis(150);
/// The time between two pictures.
const TICK: Duration = Duration::from_millis(100);

/// A spinner that turns until it is dropped.
pub(super) struct Spinner {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Spinner {
    /// Starts waiting for `label`, a sanitised line. `None` where no thread can be had: a spinner is not worth an error.
    pub(super) fn start(label: String) -> Option<Self> {
        let (stop, stopped) = mpsc::channel();
        let turn = move || turn(&label, &stopped);
        let thread = Builder::new().name("spinner".to_owned()).spawn(turn).ok()?;
        Some(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Spinner {
    fn drop(&mut self) {
        self.stop.take();
        if let Some(thread) = self.thread.take() {
            thread.join().ok();
        }
    }
}

fn turn(label: &str, stopped: &Receiver<()>) {
    let since = Instant::now();
    if stopped.recv_timeout(PATIENCE) != Err(RecvTimeoutError::Timeout) {
        return;
    }
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template("{spinner} {wide_msg}") {
        bar.set_style(style);
    }
    loop {
        bar.set_message(format!("{label} {}s", since.elapsed().as_secs()));
        bar.tick();
        if stopped.recv_timeout(TICK) != Err(RecvTimeoutError::Timeout) {
            break;
        }
    }
    bar.finish_and_clear();
}
