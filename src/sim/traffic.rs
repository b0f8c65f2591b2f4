//! What the fleet has seen: requests, how they ended, connections; and waiting for any of it without sleeping.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use serde_json::Value;
use tokio::sync::watch;

use crate::secret::Secret;

/// A request that arrived.
#[derive(Clone, Debug)]
pub struct Seen {
    /// The provider it was meant for.
    pub provider: String,
    /// The model it names; empty for lists of models.
    pub model: String,
    /// Path and query after the provider's name.
    pub path: String,
    /// Headers in lower case, without those that carry a key.
    pub headers: Vec<(String, String)>,
    /// The key it carried.
    pub key: Option<Secret>,
    /// The JSON body; `Null` when there was none or it was no JSON.
    pub body: Value,
    /// When it was read.
    pub at: Instant,
    /// How it ended.
    pub ending: Ending,
}

/// How an exchange ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It has not: the answer is on its way, or never comes.
    Open,
    /// The whole answer was written.
    Complete,
    /// The fleet broke the connection, as a fault asked.
    Broken,
    /// The client went away before the end.
    Abandoned,
}

/// Everything seen so far.
#[derive(Clone, Debug, Default)]
pub struct Traffic {
    /// Requests in order of arrival.
    pub requests: Vec<Seen>,
    /// Connections open at present.
    pub connections: usize,
    /// Connections accepted since the start.
    pub accepted: usize,
}

impl Traffic {
    /// Requests to `provider`.
    pub fn to<'a>(&'a self, provider: &'a str) -> impl Iterator<Item = &'a Seen> {
        self.requests.iter().filter(move |seen| seen.provider == provider)
    }

    /// Number of requests to each provider.
    pub fn counts(&self) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        for seen in &self.requests {
            *counts.entry(seen.provider.clone()).or_default() += 1;
        }
        counts
    }
}

/// The record of traffic, shared by all connections.
pub(super) struct Log {
    traffic: Mutex<Traffic>,
    changed: watch::Sender<()>,
}

impl Log {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self { traffic: Mutex::default(), changed: watch::Sender::new(()) })
    }

    pub(super) fn traffic(&self) -> MutexGuard<'_, Traffic> {
        self.traffic.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change<T>(&self, change: impl FnOnce(&mut Traffic) -> T) -> T {
        let result = change(&mut self.traffic());
        self.changed.send_replace(());
        result
    }

    /// Resolves when `condition` holds.
    pub(super) async fn wait(&self, mut condition: impl FnMut(&Traffic) -> bool) {
        let mut changes = self.changed.subscribe();
        loop {
            if condition(&self.traffic()) {
                return;
            }
            // The sender lives in `self`, so this cannot fail while anyone waits.
            let _ = changes.changed().await;
        }
    }

    pub(super) fn connected(self: &Arc<Self>) -> Connection {
        self.change(|traffic| {
            traffic.connections += 1;
            traffic.accepted += 1;
        });
        Connection(Arc::clone(self))
    }

    /// Records a request and hands out what tells its end.
    pub(super) fn request(self: &Arc<Self>, seen: Seen) -> Exchange {
        let index = self.change(|traffic| {
            traffic.requests.push(seen);
            traffic.requests.len() - 1
        });
        Exchange { log: Arc::clone(self), index }
    }
}

/// An open connection.
pub(super) struct Connection(Arc<Log>);

impl Drop for Connection {
    fn drop(&mut self) {
        self.0.change(|traffic| traffic.connections -= 1);
    }
}

/// A request being answered. Dropped without [`Exchange::end`], it was abandoned by the client.
pub(super) struct Exchange {
    log: Arc<Log>,
    index: usize,
}

impl Exchange {
    /// How many requests came before.
    pub(super) fn number(&self) -> u64 {
        self.index as u64
    }

    pub(super) fn end(&self, ending: Ending) {
        self.log.change(|traffic| {
            let seen = &mut traffic.requests[self.index];
            if seen.ending == Ending::Open {
                seen.ending = ending;
            }
        });
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        self.end(Ending::Abandoned);
    }
}
