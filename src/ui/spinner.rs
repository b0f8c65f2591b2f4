//! A sign of life on stderr while an answer is waited for. It shows only after a moment, so that fast answers never
//! flicker, and is wiped when dropped, however that happens; the cursor stays visible all along.

use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};

use console::{Term, truncate_str};

use super::USUAL_WIDTH;

/// Waits shorter than this show nothing.
const PATIENCE: Duration = Duration::from_millis(150);
/// The time between two pictures.
const TICK: Duration = Duration::from_millis(100);

/// The pictures of the spinner, one after the other.
const FRAMES: [char; 10] = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
/// Columns for the spinner and a blank before the label, and for `^C` and the cursor behind it.
const RESERVED: usize = 5;

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
    let terminal = Term::stderr();
    // A terminal that cannot be written leaves nobody to show a spinner to.
    for frame in FRAMES.iter().cycle() {
        let line = format!("\r{frame} {}", fitted(label, since.elapsed().as_secs(), &terminal));
        terminal.write_str(&line).ok();
        if stopped.recv_timeout(TICK) != Err(RecvTimeoutError::Timeout) {
            break;
        }
    }
    terminal.clear_line().ok();
}

/// The label and the seconds as the line has room for them. The rest of the line stays free: a `^C` that the terminal echoes
/// behind it must not begin another line, which would not be wiped.
fn fitted(label: &str, seconds: u64, terminal: &Term) -> String {
    let columns = terminal.size_checked().map_or(USUAL_WIDTH, |(_rows, columns)| usize::from(columns));
    let seconds = format!(" {seconds}s");
    let room = columns.saturating_sub(seconds.len() + RESERVED);
    format!("{}{seconds}", truncate_str(label, room, "…"))
}
