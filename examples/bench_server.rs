//! The server of `tests/bench/overhead.py`: prepared streams on loopback, written in one go, so that what is measured is
//! the client. Prints `NAME BASE_URL` a line and ends when its stdin is closed.

use std::io::{Read, Write};

use llmx::sim::{Faults, Fleet, Options, Script};

/// Names of the streams with their tokens.
const STREAMS: &[(&str, usize)] = &[("short", 20), ("t2000", 2_000), ("t50000", 50_000)];

fn main() -> std::io::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let script = |(name, tokens): &(&str, usize)| Some(((*name).to_owned(), Script::tokens("openai-chat", *tokens)?));
    let scripts = STREAMS.iter().filter_map(script).collect();
    let fleet = runtime.block_on(Fleet::start(&Faults::default(), Options { scripts, ..Options::default() }))?;
    let mut stdout = std::io::stdout().lock();
    for (name, _) in STREAMS {
        writeln!(stdout, "{name} {}", fleet.base_url(name, "openai-chat"))?;
    }
    stdout.flush()?;
    std::io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}
