//! The simulated fleet: every provider, in process, on loopback. It speaks the real wire formats with realistic pace and
//! any [`fault`] asked for; `--sim` puts it in the place of the providers, and the integration tests use it as server.
//!
//! A request's way: [`serve`] reads it, [`dialect`] understands it, [`response`] decides the answer as data (words from
//! [`answer`], values for a schema from [`schema`], pace from [`profile`], bytes from [`framing`]), [`serve`] writes it piece
//! by piece, [`traffic`] remembers it. Lists of models and vectors come from [`embed`].

pub mod answer;
mod count;
pub mod dialect;
pub mod embed;
pub mod fault;
pub mod framing;
pub mod profile;
pub mod response;
pub mod schema;
pub mod script;
pub mod tokens;
pub mod traffic;

mod prediction;
mod serve;

use std::collections::{BTreeMap, HashMap};
use std::future::Future;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

pub use fault::{FAULTS, Fault, FaultError, Faults};
pub use profile::FixedPace;
pub use script::{Script, Signal};
pub use traffic::{Ending, Seen, Traffic};

/// How a fleet behaves, faults aside.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Answer without any waiting, except where a fault asks for it.
    pub instant: bool,
    /// The pace of all providers, instead of each its own.
    pub pace: Option<FixedPace>,
    /// Changes all answers and paces.
    pub seed: u64,
    /// Changes which requests the faults with a share hit.
    pub luck: u64,
    /// Providers that are served from a script instead.
    pub scripts: Vec<(String, Script)>,
    /// Providers that want no key, beside those that are known to.
    pub keyless: Vec<String>,
    /// Names of headers, in lower case, that carry a key beside those that are known to.
    pub key_headers: Vec<String>,
    /// The port to listen on; 0 takes a free one.
    pub port: u16,
}

/// A running fleet. It ends, with all its connections, when it is dropped.
pub struct Fleet {
    address: SocketAddr,
    scripted: HashMap<String, SocketAddr>,
    /// Bound but not listening: connections to it are refused, and nobody else gets its port.
    refusing: TcpSocket,
    shared: Arc<serve::Shared>,
    tasks: Vec<JoinHandle<()>>,
}

impl Fleet {
    /// Starts a fleet on the current tokio runtime, which needs IO and time enabled.
    ///
    /// Fails when no loopback port can be had.
    pub async fn start(faults: &Faults, options: Options) -> io::Result<Self> {
        let log = traffic::Log::new();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port)).await?;
        let address = listener.local_addr()?;
        let refusing = TcpSocket::new_v4()?;
        refusing.bind((Ipv4Addr::LOCALHOST, 0).into())?;
        let shared = Arc::new(serve::Shared {
            faults: faults.clone(),
            pace: if options.instant { Some(FixedPace::default()) } else { options.pace },
            seed: options.seed,
            luck: options.luck,
            keyless: options.keyless,
            key_headers: options.key_headers,
            log: Arc::clone(&log),
            reached: Mutex::default(),
            predictions: prediction::Predictions::default(),
        });
        let served = Arc::clone(&shared);
        let serve = move |stream| serve::connection(stream, Arc::clone(&served));
        let mut tasks = vec![tokio::spawn(accept(listener, serve))];
        let mut scripted = HashMap::new();
        for (provider, script) in options.scripts {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
            scripted.insert(provider.clone(), listener.local_addr()?);
            let log = Arc::clone(&log);
            let play = move |stream| script::play(stream, provider.clone(), script.clone(), Arc::clone(&log));
            tasks.push(tokio::spawn(accept(listener, play)));
        }
        Ok(Self { address, scripted, refusing, shared, tasks })
    }

    /// The base address that takes the place of a provider's own in that wire format, such as
    /// `http://127.0.0.1:PORT/openai/v1`.
    ///
    /// A wire format that the fleet does not speak gets the address without a version.
    pub fn base_url(&self, provider: &str, wire: &str) -> String {
        let base = dialect::DIALECTS.iter().find(|(name, ..)| *name == wire).map_or("", |(_, base, _)| base);
        format!("{}{base}", self.origin(provider))
    }

    /// The base address that takes the place of `base_url`: its path stays, so that all wire formats of the provider and
    /// its lists lie where they lie there.
    pub fn stand_in(&self, provider: &str, base_url: &str) -> String {
        let host = base_url.split_once("://").map_or(base_url, |(_, rest)| rest);
        let path = host.find('/').map_or("", |at| &host[at..]);
        format!("{}{path}", self.origin(provider))
    }

    fn origin(&self, provider: &str) -> String {
        let refusing = self.shared.faults.refuse(provider).then(|| self.refusing.local_addr().ok()).flatten();
        let address = refusing.or_else(|| self.scripted.get(provider).copied()).unwrap_or(self.address);
        format!("http://{address}/{provider}")
    }

    /// All requests so far, in order of arrival.
    pub fn requests(&self) -> Vec<Seen> {
        self.shared.log.traffic().requests.clone()
    }

    /// Number of requests to each provider so far.
    pub fn counts(&self) -> BTreeMap<String, usize> {
        self.shared.log.traffic().counts()
    }

    /// Connections open at present.
    pub fn active_connections(&self) -> usize {
        self.shared.log.traffic().connections
    }

    /// Resolves when `condition` holds for what was seen; give it a time limit from outside. Does not borrow the fleet.
    pub fn wait<Condition>(&self, condition: Condition) -> impl Future<Output = ()> + use<Condition>
    where
        Condition: FnMut(&Traffic) -> bool,
    {
        let log = Arc::clone(&self.shared.log);
        async move { log.wait(condition).await }
    }

    /// Resolves when the client has left an unfinished answer of `provider`.
    pub async fn wait_disconnect(&self, provider: &str) {
        self.wait(|traffic| traffic.to(provider).any(|seen| seen.ending == Ending::Abandoned)).await;
    }
}

impl Drop for Fleet {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

/// Serves every connection until aborted; the connections end with it.
async fn accept<Served: Future<Output = ()> + Send + 'static>(
    listener: TcpListener,
    serve: impl Fn(TcpStream) -> Served,
) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => drop(connections.spawn(serve(stream))),
                // Out of file descriptors: let some connections end first.
                Err(_) => tokio::task::yield_now().await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}
