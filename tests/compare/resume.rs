//! Runs that were stopped, go on, and ask nothing twice.

use std::collections::BTreeMap;
use std::sync::Arc;

use rustix::process::Signal;
use serde_json::Value;

use super::{ALL, again, compare, json, results};
use crate::support::{Home, Llmx, Running, Server};

const ROWS: usize = 120;

fn write_prompts(home: &Home) {
    let text = (0..ROWS).map(|number| format!("Question {number}")).collect::<Vec<_>>().join("\n");
    std::fs::write(home.path("work/p.txt"), text).expect("a file");
}

/// How often each prompt was asked of each provider.
fn asked(server: &Server) -> BTreeMap<(String, String), usize> {
    let mut counts = BTreeMap::new();
    for seen in server.requests() {
        let text = seen.body.to_string();
        let prompt: String =
            text.split("Question ").nth(1).unwrap_or("").chars().take_while(char::is_ascii_digit).collect();
        *counts.entry((seen.provider, prompt)).or_insert(0) += 1;
    }
    counts
}

/// The figures that do not hang on time.
fn figures(value: &Value) -> Vec<(String, String, String)> {
    let figure =
        |result: &Value| (result["prompt"].to_string(), result["model"].to_string(), result["text"].to_string());
    results(value).iter().map(figure).collect()
}

#[test]
fn a_run_that_is_killed_again_and_again_ends_as_if_nothing_had_happened() {
    let server = Server::start("");
    let llmx = compare(&server);
    let home = Arc::clone(llmx.home());
    write_prompts(&home);
    let mut running = llmx.args(["-f", "p.txt"]).spawn();
    let mut kills = 0;
    for part in [10, 60, 150, 240, 300] {
        running.wait_stderr(&format!("done {part}/360"));
        running.signal(Signal::KILL);
        assert_eq!(running.finish().code, -1);
        kills += 1;
        running = again(&home).arg("--resume").spawn();
    }
    let ended = running.finish().expect_code(0);
    assert!(ended.stderr.contains("done 360/360"), "{}", ended.stderr);
    let counts = asked(&server);
    assert_eq!(counts.len(), ROWS * ALL.len());
    let twice: usize = counts.values().map(|count| count - 1).sum();
    // No provider has more than 16 requests on their way at a time.
    assert!(twice <= kills * 16 * ALL.len(), "{twice} asked again");
    let shown = json(&again(&home).args(["show", "--json"]).run().expect_code(0).stdout);
    assert_eq!(results(&shown).len(), ROWS * ALL.len());

    let other = Server::start("");
    let whole = compare(&other);
    write_prompts(whole.home());
    let undisturbed = json(&whole.args(["-f", "p.txt", "--json"]).run().expect_code(0).stdout);
    assert_eq!(figures(&shown), figures(&undisturbed));
}

/// A run of which two answers are there and the third never comes.
fn waiting() -> (Server, Arc<Home>, Running) {
    let server = Server::start("slow:hang");
    let llmx = compare(&server);
    let home = Arc::clone(llmx.home());
    let running = llmx.arg("Hi").spawn();
    running.wait_stderr("done 2/3");
    (server, home, running)
}

#[test]
fn a_dry_run_of_what_is_left_sends_nothing_and_counts_only_that() {
    let (server, home, running) = waiting();
    running.signal(Signal::INT);
    running.finish().expect_code(130);
    let before = server.requests().len();
    let run = again(&home).args(["--resume", "--dry-run", "--json"]).run().expect_code(0);
    let requests: Vec<Value> =
        json(&run.stdout)["models"].as_array().expect("models").iter().map(|model| model["requests"].clone()).collect();
    assert_eq!(requests, [0, 1, 0]);
    assert_eq!(server.requests().len(), before);
    let run = again(&home).args(["--resume", "--expect", "contains:x"]).run().expect_code(2);
    assert!(run.stderr.contains("--resume goes on with what was asked"), "{}", run.stderr);
    let run = again(&home).args(["--retry-failed", "Hi"]).run().expect_code(2);
    assert!(run.stderr.contains("--retry-failed needs --resume"), "{}", run.stderr);
}

#[test]
fn two_processes_do_not_go_on_with_one_run() {
    let (server, home, running) = waiting();
    let before = server.requests().len();
    let run = again(&home).arg("--resume").run().expect_code(2);
    assert!(run.stderr.contains("another process is going on with the run"), "{}", run.stderr);
    assert_eq!(server.requests().len(), before);
    running.signal(Signal::KILL);
    running.finish();
}

#[test]
fn ctrl_c_ends_with_130_and_says_how_to_go_on() {
    let (_server, home, running) = waiting();
    running.signal(Signal::INT);
    let run = running.finish().expect_code(130);
    assert!(run.stderr.contains("llmx compare --resume="), "{}", run.stderr);
    assert!(run.stdout.contains("fast/m"), "what came is shown: {}", run.stdout);
    assert!(run.stdout.contains("no answer: the run was stopped"), "and what did not: {}", run.stdout);
    let shown = json(&again(&home).args(["show", "--json"]).run().expect_code(0).stdout);
    assert_eq!(results(&shown).len(), 2);
}

#[test]
fn what_failed_is_asked_again_only_when_that_is_said() {
    let server = Server::start("slow:500x4");
    let llmx = compare(&server);
    let home = Arc::clone(llmx.home());
    llmx.arg("Hi").run().expect_code(6);
    let before = server.requests().len();
    again(&home).arg("--resume").run().expect_code(6);
    assert_eq!(server.requests().len(), before, "a failed answer is an answer");
    while again(&home).args(["--resume", "--retry-failed"]).run().code != 0 {
        assert!(server.requests().len() < before + 8, "it never gets well");
    }
    let shown = json(&again(&home).args(["show", "--json"]).run().expect_code(0).stdout);
    assert!(results(&shown).iter().all(|result| result["status"] == "ok"));
}

#[test]
fn a_run_goes_on_only_with_the_rows_and_models_that_it_began_with() {
    let server = Server::start("slow:hang");
    let llmx = compare(&server);
    let home = Arc::clone(llmx.home());
    write_prompts(&home);
    let running = llmx.args(["-f", "p.txt"]).spawn();
    running.wait_stderr("done 20/360");
    running.signal(Signal::KILL);
    running.finish();
    std::fs::write(home.path("work/p.txt"), "Another question\n".repeat(ROWS)).expect("a file");
    let run = again(&home).arg("--resume").run().expect_code(2);
    assert!(run.stderr.contains("the data set has changed"), "{}", run.stderr);
    let missing = again(&home).arg("--resume=0123456789").run().expect_code(2);
    assert!(missing.stderr.contains("no comparison `0123456789`"), "{}", missing.stderr);
    let nothing = Llmx::new().args(["compare", "--resume"]).run().expect_code(2);
    assert!(nothing.stderr.contains("there is no comparison yet"), "{}", nothing.stderr);
}
