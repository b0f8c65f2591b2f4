//! Signals while somebody is asked: they are noted and not obeyed, so that a question can put the terminal back. Afterwards they
//! end the program again, at once: who hears signals by other means keeps [`Caught`] for as long.

use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::flag;

/// The process's handlers: once installed, they stay.
#[derive(Debug)]
struct Handlers {
    /// Nobody is asked, so a signal ends the program.
    obeyed: Arc<AtomicBool>,
    /// The number of the last signal; 0 when none came.
    came: Arc<AtomicUsize>,
}

static HANDLERS: OnceLock<Handlers> = OnceLock::new();

/// While this lives, signals are noted only.
#[derive(Debug)]
pub(super) struct Caught(&'static Handlers);

impl Caught {
    pub(super) fn take() -> io::Result<Self> {
        let handlers = if let Some(handlers) = HANDLERS.get() {
            handlers
        } else {
            let handlers = install()?;
            HANDLERS.get_or_init(|| handlers)
        };
        handlers.came.store(0, Ordering::SeqCst);
        handlers.obeyed.store(false, Ordering::SeqCst);
        Ok(Self(handlers))
    }

    /// Whether one came.
    pub(super) fn came(&self) -> bool {
        self.0.came.load(Ordering::SeqCst) != 0
    }

    /// 128 and the number of the signal that came, by default that of Ctrl-C.
    pub(super) fn exit_code(&self) -> u8 {
        match self.0.came.load(Ordering::SeqCst) {
            0 => 130,
            number => u8::try_from(128 + number).unwrap_or(130),
        }
    }
}

impl Drop for Caught {
    fn drop(&mut self) {
        self.0.obeyed.store(true, Ordering::SeqCst);
    }
}

fn install() -> io::Result<Handlers> {
    let (obeyed, came) = (Arc::new(AtomicBool::new(true)), Arc::new(AtomicUsize::new(0)));
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        flag::register_conditional_shutdown(signal, 128 + signal, Arc::clone(&obeyed))?;
        flag::register_usize(signal, Arc::clone(&came), signal.unsigned_abs() as usize)?;
    }
    Ok(Handlers { obeyed, came })
}
