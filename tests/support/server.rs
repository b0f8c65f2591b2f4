//! The fleet in a thread of its own, for tests that run the binary or block.

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use llmx::sim::{Ending, Fleet, Options, Seen, Traffic};
use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;

use super::LIMIT;

/// A fleet that serves until it is dropped.
pub struct Server {
    fleet: Arc<Fleet>,
    handle: Handle,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// A fleet that answers at once, with these faults.
    pub fn start(faults: &str) -> Self {
        Self::with(faults, Options { instant: true, ..Options::default() })
    }

    /// A fleet with these faults and options.
    pub fn with(faults: &str, options: Options) -> Self {
        let faults = faults.parse().expect("faults");
        let (ready, started) = std::sync::mpsc::channel();
        let (stop, stopped) = oneshot::channel::<()>();
        let thread = std::thread::spawn(move || {
            let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
            let fleet = Arc::new(runtime.block_on(Fleet::start(&faults, options)).expect("a free port"));
            ready.send((Arc::clone(&fleet), runtime.handle().clone())).expect("the test waits");
            let _ = runtime.block_on(stopped);
        });
        let (fleet, handle) = started.recv().expect("the fleet starts");
        Self { fleet, handle, stop: Some(stop), thread: Some(thread) }
    }

    /// The base address for a provider in that wire format.
    pub fn base_url(&self, provider: &str, wire: &str) -> String {
        self.fleet.base_url(provider, wire)
    }

    /// All requests so far.
    pub fn requests(&self) -> Vec<Seen> {
        self.fleet.requests()
    }

    /// The number of requests to that provider so far.
    pub fn count(&self, provider: &str) -> usize {
        self.fleet.counts().get(provider).copied().unwrap_or(0)
    }

    /// The fleet itself.
    pub fn fleet(&self) -> &Fleet {
        &self.fleet
    }

    /// Waits until the condition holds.
    #[track_caller]
    pub fn wait(&self, what: &str, condition: impl FnMut(&Traffic) -> bool) {
        self.wait_within(LIMIT, what, condition);
    }

    /// Waits until the condition holds, at most so long.
    #[track_caller]
    pub fn wait_within(&self, limit: Duration, what: &str, condition: impl FnMut(&Traffic) -> bool) {
        let wait = self.fleet.wait(condition);
        let waited = self.handle.block_on(async { tokio::time::timeout(limit, wait).await });
        assert!(waited.is_ok(), "{what}: did not happen within {limit:?}; seen: {:?}", self.requests());
    }

    /// Waits until the client has left an unfinished answer of that provider.
    #[track_caller]
    pub fn wait_disconnect(&self, provider: &str) {
        let left = |traffic: &Traffic| traffic.to(provider).any(|seen| seen.ending == Ending::Abandoned);
        self.wait("the client leaves", left);
    }

    /// A configuration whose default route tries these targets one after the other, each with its wire format and a
    /// key of its own: `[("openai/gpt-4.1-mini", "openai-chat"), …]`.
    pub fn config(&self, targets: &[(&str, &str)]) -> String {
        let tiers: Vec<String> = targets.iter().map(|(target, _)| format!("[\"{target}\"]")).collect();
        let mut toml = format!("default = \"test\"\n\n[routes.test]\ntiers = [{}]\n", tiers.join(", "));
        let mut known: Vec<&str> = Vec::new();
        for (target, wire) in targets {
            let provider = target.split('/').next().unwrap_or(target);
            if !known.contains(&provider) {
                known.push(provider);
                let base_url = self.base_url(provider, wire);
                toml.extend(["\n[providers.", provider, "]\nwire = \"", wire, "\"\nbase_url = \"", &base_url]);
                toml.extend(["\"\napi_key = \"sim-key-of-", provider, "\"\n"]);
            }
        }
        toml
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            // A second panic while one is on its way would hide the first.
            let _ = thread.join();
        }
    }
}
