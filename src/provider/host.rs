//! A server's address as people write it in a variable named `…_HOST`: often without a scheme, and for the server as well
//! as for its clients.

use std::net::Ipv6Addr;

/// The whole address of `host`, which may be `name`, `name:port`, `:port` or whole already. What it leaves out is as in
/// `known`, but a scheme brings its own port, as Ollama has it. A server that listens on every address of its machine is
/// asked on the loopback one.
pub fn complete_host(host: &str, known: &str) -> String {
    let host = host.trim().trim_matches(['"', '\'']);
    let (known_scheme, known_rest) = known.split_once("://").unwrap_or(("http", known));
    let (scheme, rest, known_port) = match host.split_once("://") {
        Some((scheme, rest)) => (scheme, rest, None),
        None => (known_scheme, host, known_rest.split('/').next().and_then(|authority| named_and_port(authority).1)),
    };
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let (name, port) = named_and_port(authority);
    let name = match name.as_str() {
        "" | "0.0.0.0" => "127.0.0.1",
        "[::]" => "[::1]",
        name => name,
    };
    let port = port.or(known_port).map(|port| format!(":{port}")).unwrap_or_default();
    format!("{scheme}://{name}{port}{path}")
}

fn named_and_port(authority: &str) -> (String, Option<&str>) {
    if let Ok(address) = authority.trim_matches(['[', ']']).parse::<Ipv6Addr>() {
        return (format!("[{address}]"), None);
    }
    match authority.rsplit_once(':') {
        Some((name, port)) => (name.to_owned(), Some(port)),
        None => (authority.to_owned(), None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_host_leaves_out_is_as_in_the_known_address() {
        for (host, whole) in [
            ("127.0.0.1:11434", "http://127.0.0.1:11434"),
            ("0.0.0.0", "http://127.0.0.1:11434"),
            ("0.0.0.0:8080", "http://127.0.0.1:8080"),
            (":8080", "http://127.0.0.1:8080"),
            ("gpu", "http://gpu:11434"),
            (" 'gpu:1' ", "http://gpu:1"),
            ("https://gpu.example", "https://gpu.example"),
            ("http://0.0.0.0:1/x", "http://127.0.0.1:1/x"),
            ("[::]:8080", "http://[::1]:8080"),
            ("::1", "http://[::1]:11434"),
            ("gpu/ollama", "http://gpu:11434/ollama"),
        ] {
            assert_eq!(complete_host(host, "http://127.0.0.1:11434"), whole, "{host}");
        }
        assert_eq!(complete_host("a", "https://b/v1"), "https://a");
    }
}
