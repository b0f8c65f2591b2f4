//! The server of the benchmarks in `tests/bench`, which measure its clients. Prints `NAME BASE_URL` a line, answers each
//! line on its stdin with the number of requests to each provider so far, as JSON, and ends when its stdin is closed.
//!
//! Without arguments it serves prepared streams, written in one go. With names of providers it is a fleet of them that
//! speaks the OpenAI format.

use std::io::Write;
use std::time::Duration;

use clap::Parser;
use llmx::sim::{Faults, FixedPace, Fleet, Options, Script};

/// Names of the streams with their tokens.
const STREAMS: &[(&str, usize)] = &[("short", 20), ("t2000", 2_000), ("t50000", 50_000)];

#[derive(Parser)]
struct Arguments {
    /// Providers to serve
    providers: Vec<String>,
    /// What goes wrong, as `--sim` of llmx takes it
    #[arg(long, default_value_t)]
    faults: Faults,
    /// Changes the answers, and which requests are hit by chance
    #[arg(long, default_value_t)]
    seed: u64,
    /// When the first token is due
    #[arg(long, value_name = "MILLISECONDS", default_value_t)]
    first_token: u64,
    /// From one token to the next
    #[arg(long, value_name = "MICROSECONDS", default_value_t)]
    token: u64,
}

impl Arguments {
    fn options(&self) -> Options {
        let script =
            |(name, tokens): &(&str, usize)| Some(((*name).to_owned(), Script::tokens("openai-chat", *tokens)?));
        let scripts = if self.providers.is_empty() { STREAMS.iter().filter_map(script).collect() } else { Vec::new() };
        let pace = FixedPace {
            first_token: Duration::from_millis(self.first_token),
            token: Duration::from_micros(self.token),
        };
        Options { scripts, seed: self.seed, pace: Some(pace), ..Options::default() }
    }

    fn names(&self) -> Vec<&str> {
        if self.providers.is_empty() {
            STREAMS.iter().map(|(name, _)| *name).collect()
        } else {
            self.providers.iter().map(String::as_str).collect()
        }
    }
}

fn main() -> std::io::Result<()> {
    let arguments = Arguments::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let fleet = runtime.block_on(Fleet::start(&arguments.faults, arguments.options()))?;
    let mut stdout = std::io::stdout().lock();
    for name in arguments.names() {
        writeln!(stdout, "{name} {}", fleet.base_url(name, "openai-chat"))?;
    }
    stdout.flush()?;
    for line in std::io::stdin().lines() {
        line?;
        writeln!(stdout, "{}", serde_json::json!(fleet.counts()))?;
        stdout.flush()?;
    }
    Ok(())
}
