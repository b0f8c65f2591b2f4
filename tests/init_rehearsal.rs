//! `llmx init --sim`: the set-up rehearsed with the fleet, without a key and without a trace.

use crate::init::files;
use crate::support::{Home, Terminal};

#[test]
fn a_newcomer_can_rehearse_it_with_the_fleet() {
    let home = Home::new();
    let mut terminal = Terminal::start(home.llmx().args(["init", "--sim"]), 40, 80);
    terminal.wait_text("> no more, go on");
    assert!(terminal.screen().contains("(simulated)"), "{}", terminal.screen());
    // Round to the first of the list.
    terminal.send(b"\x1b[B");
    terminal.wait_text("> OpenAI");
    terminal.send(b"\r");
    terminal.wait("the line", |screen| screen.contents().ends_with("> "));
    terminal.send(b"anything\r");
    terminal.wait_text("> no more, go on");
    terminal.send(b"\r");
    terminal.wait_text("Who answers first");
    terminal.send(b"\r");
    terminal.wait_text("man pages? [Y/n]");
    terminal.send(b"n");
    let (code, raw) = terminal.finish();
    let raw = String::from_utf8_lossy(&raw).into_owned();
    assert_eq!(code, 0, "{raw}");
    assert!(raw.contains("simulated: nothing was written"), "{raw}");
    assert!(raw.contains("default = \"smart\"") && raw.contains("tiers = [[\"openai/gpt-6-luna\"]"), "{raw}");
    assert_eq!(files(&home.path("config")), [""; 0]);
}

#[test]
fn a_rehearsal_needs_no_key_and_writes_nothing() {
    let home = Home::new();
    let run = home.llmx().args(["init", "--sim", "--yes"]).run().expect_code(0);
    assert!(run.stderr.contains("openai: its key works") && run.stderr.contains("(simulated)"), "{}", run.stderr);
    assert!(run.stderr.contains("simulated: nothing was written; `llmx init` does it in earnest"), "{}", run.stderr);
    assert!(run.stdout.contains("default = \"smart\"") && run.stdout.contains("tiers = [["), "{}", run.stdout);
    // A key of one's own is enough to rehearse with, and then it alone.
    let run = home.llmx().env("GROQ_API_KEY", "k").args(["init", "--sim", "--yes"]).run().expect_code(0);
    assert!(run.stdout.contains("default = \"groq/") && !run.stdout.contains("tiers"), "{}", run.stdout);
    home.llmx().args(["init", "--sim=*:401", "--yes"]).run().expect_code(4);
    assert_eq!((files(&home.path("config")), files(&home.path("data"))), (Vec::new(), Vec::new()));
}
