//! Ctrl-C and its kin: the first one stops the run and keeps what came; a second one ends the program at once.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::flag;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

/// What stops a run.
pub trait Stop {
    /// Completes when it is to stop.
    fn wait(&mut self) -> impl Future<Output = ()>;
    /// The exit code of what is stopped.
    fn exit_code(&self) -> u8;
}

/// The signals, taken over.
#[derive(Debug)]
pub struct Interrupt {
    ctrl_c: Signal,
    terminate: Signal,
    hang_up: Signal,
    came: Option<i32>,
    /// The next one ends the program at once.
    seen: Arc<AtomicBool>,
}

/// Stops several runs that go on at the same time: it hears of the signal from who takes it over.
#[derive(Clone, Debug)]
pub struct Together(pub watch::Receiver<bool>);

impl Stop for Together {
    async fn wait(&mut self) {
        if self.0.wait_for(|stop| *stop).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    fn exit_code(&self) -> u8 {
        exit_code(SIGINT)
    }
}

impl Stop for Interrupt {
    async fn wait(&mut self) {
        Self::wait(self).await;
    }

    fn exit_code(&self) -> u8 {
        Self::exit_code(self)
    }
}

/// The exit code of a signal, by the shell's convention.
fn exit_code(signal: i32) -> u8 {
    u8::try_from(128 + signal).unwrap_or(130)
}

impl Interrupt {
    /// Takes over the signals. Call it when there is something to keep: before that, their usual effect is right.
    pub fn install() -> io::Result<Self> {
        let seen = Arc::new(AtomicBool::new(false));
        for number in [SIGINT, SIGTERM] {
            // Handlers run in this order: the first signal finds the flag unset, the second one set.
            flag::register_conditional_shutdown(number, 128 + number, Arc::clone(&seen))?;
            flag::register(number, Arc::clone(&seen))?;
        }
        Ok(Self {
            ctrl_c: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hang_up: signal(SignalKind::hangup())?,
            came: None,
            seen,
        })
    }

    /// Completes when the first signal comes.
    pub async fn wait(&mut self) {
        self.came = Some(tokio::select! {
            _ = self.ctrl_c.recv() => SIGINT,
            _ = self.terminate.recv() => SIGTERM,
            _ = self.hang_up.recv() => SIGHUP,
        });
    }

    /// Whether the one that came asks to leave, not only to stop what is under way.
    pub fn is_final(&self) -> bool {
        self.came.is_some_and(|came| came != SIGINT)
    }

    /// What was to be stopped has stopped: the next signal is the first one again.
    pub fn rearm(&mut self) {
        self.came = None;
        self.seen.store(false, Ordering::SeqCst);
    }

    /// The exit code by the shell's convention: 130 for Ctrl-C, 143 for SIGTERM.
    pub fn exit_code(&self) -> u8 {
        exit_code(self.came.unwrap_or(SIGINT))
    }
}
