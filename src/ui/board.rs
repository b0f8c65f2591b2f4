//! Lines on stderr that are drawn over again while something goes on: as many as are given, one row each.

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

/// How often it is drawn at most, in times a second.
const RATE: u8 = 10;

/// The lines that are shown at the moment; they are gone when it is dropped.
#[derive(Debug)]
pub(super) struct Board {
    all: MultiProgress,
    lines: Vec<ProgressBar>,
}

impl Board {
    /// Nothing is shown yet.
    pub(super) fn new() -> Self {
        Self { all: MultiProgress::with_draw_target(ProgressDrawTarget::stderr_with_hz(RATE)), lines: Vec::new() }
    }

    /// Shows these lines, which are sanitised, in the place of those before.
    pub(super) fn show(&mut self, lines: &[String]) {
        while self.lines.len() < lines.len() {
            let plain = ProgressStyle::with_template("{msg}").unwrap_or_else(|_| ProgressStyle::default_spinner());
            self.lines.push(self.all.add(ProgressBar::new_spinner().with_style(plain)));
        }
        for line in self.lines.drain(lines.len()..) {
            self.all.remove(&line);
        }
        for (shown, line) in self.lines.iter().zip(lines) {
            shown.set_message(line.clone());
            shown.tick();
        }
    }

    /// Does something with the lines out of the way, and shows them again.
    pub(super) fn beside<T>(&self, work: impl FnOnce() -> T) -> T {
        self.all.suspend(work)
    }
}

impl Drop for Board {
    fn drop(&mut self) {
        self.lines.iter().for_each(ProgressBar::finish_and_clear);
        self.all.clear().ok();
    }
}
