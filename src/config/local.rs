//! Model servers on this machine, found by their usual ports.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpStream;

use super::settings::Settings;
use crate::provider::Provider;

/// A server on this machine answers a connection at once or is not there.
const LIMIT: Duration = Duration::from_millis(100);

/// The local providers with the loopback port each would answer on. Of those that share a port the first one counts: nothing
/// tells them apart.
pub fn local_candidates(settings: &Settings) -> Vec<(Arc<Provider>, u16)> {
    let mut candidates: Vec<(Arc<Provider>, u16)> = Vec::new();
    for provider in settings.providers.iter().filter(|provider| provider.local) {
        if let Some(port) = loopback_port(&provider.base_url)
            && candidates.iter().all(|(_, taken)| *taken != port)
        {
            candidates.push((Arc::clone(provider), port));
        }
    }
    candidates
}

/// The port of an address on this machine; `None` for other machines.
fn loopback_port(url: &str) -> Option<u16> {
    let host = url.strip_prefix("http://")?.split('/').next()?;
    let (name, port) = host.rsplit_once(':')?;
    matches!(name, "127.0.0.1" | "localhost").then(|| port.parse().ok())?
}

/// Whether keys and prompts would travel unencrypted over a network to this address.
pub fn is_exposed(url: &str) -> bool {
    let host = url.strip_prefix("http://").and_then(|rest| rest.split('/').next());
    let name = |host: &str| match host.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default().to_owned(),
        None => host.split(':').next().unwrap_or_default().to_owned(),
    };
    let loopback =
        |name: String| name == "localhost" || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    host.is_some_and(|host| !loopback(name(host)))
}

/// Whether anything listens on that port of 127.0.0.1. Sends nothing.
pub async fn probe(port: u16) -> bool {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    matches!(tokio::time::timeout(LIMIT, TcpStream::connect(address)).await, Ok(Ok(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_addresses_have_a_port_to_probe() {
        for (url, port) in [
            ("http://127.0.0.1:11434/v1", Some(11434)),
            ("http://localhost:1234", Some(1234)),
            ("http://192.168.1.5:11434/v1", None),
            ("https://127.0.0.1.example:1/v1", None),
            ("http://127.0.0.1/v1", None),
        ] {
            assert_eq!(loopback_port(url), port, "{url}");
        }
    }

    #[test]
    fn plain_http_is_exposed_unless_it_stays_on_this_machine() {
        for (url, exposed) in [
            ("https://corp.example/v1", false),
            ("http://corp.example/v1", true),
            ("http://192.168.1.5:11434/v1", true),
            ("http://127.0.0.1.example/v1", true),
            ("http://127.0.0.2:8080/v1", false),
            ("http://localhost:1/v1", false),
            ("http://[::1]:1/v1", false),
        ] {
            assert_eq!(is_exposed(url), exposed, "{url}");
        }
    }

    #[tokio::test]
    async fn a_listening_port_is_found_and_a_closed_one_is_not() {
        let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        assert!(probe(port).await);
        drop(listener);
        assert!(!probe(port).await);
    }
}
