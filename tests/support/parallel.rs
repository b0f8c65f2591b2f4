//! Many small cases at a time: each mostly waits for a process, so there are more threads than cores.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How many cases run at once.
const THREADS: usize = 6;

/// Checks every case, and fails when any did: each failed one has printed why, and the first one's panic goes on.
pub fn each<T: Sync>(cases: &[T], check: impl Fn(usize, &T) + Sync) {
    let next = AtomicUsize::new(0);
    let failed = Mutex::new(None);
    let work = || {
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(case) = cases.get(index) else { return };
            if let Err(panic) = catch_unwind(AssertUnwindSafe(|| check(index, case))) {
                failed.lock().expect("no thread panics here").get_or_insert(panic);
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(work);
        }
    });
    if let Some(panic) = failed.into_inner().expect("no thread panics here") {
        resume_unwind(panic);
    }
}
