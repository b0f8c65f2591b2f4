//! The pace of a script: a signal that is raised again and again.

use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use llmx::sim::Signal;

/// Raises a signal every 50 ms until it is dropped.
pub struct Ticker {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Ticker {
    /// Starts raising.
    pub fn start(signal: &Signal) -> Self {
        let signal = signal.clone();
        let (stop, stopped) = channel::<()>();
        let tick = move || {
            while stopped.recv_timeout(Duration::from_millis(50)) == Err(RecvTimeoutError::Timeout) {
                signal.raise();
            }
        };
        Self { stop: Some(stop), thread: Some(std::thread::spawn(tick)) }
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            thread.join().expect("the ticker ends");
        }
    }
}
