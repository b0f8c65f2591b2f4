//! `llmx compare` as its user meets it: answers, files, gates, exit codes, and runs that go on after they were killed.

mod gates;
mod input;
mod judge;
mod resume;
mod screen;

use std::sync::Arc;

use serde_json::Value;

use crate::support::answering::{Answering, says};
use crate::support::{Home, Llmx, Server};

const FAST: &str = "fast/m";
const SLOW: &str = "slow/m";
const THIRD: &str = "third/m";
const ALL: [(&str, &str); 3] = [(FAST, "openai-chat"), (SLOW, "anthropic"), (THIRD, "gemini")];

/// `llmx compare` with three providers of that fleet as its default route.
fn compare(server: &Server) -> Llmx {
    Llmx::new().config(&server.config(&ALL)).arg("compare")
}

/// The same in a home that is there already.
fn again(home: &Arc<Home>) -> Llmx {
    home.llmx().arg("compare")
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

/// The results of all prompts.
fn results(value: &Value) -> Vec<Value> {
    let of = |prompt: &Value| prompt["results"].as_array().expect("results").clone();
    value["prompts"].as_array().expect("prompts").iter().flat_map(of).collect()
}

/// One member of each result.
fn members(value: &Value, name: &str) -> Vec<Value> {
    results(value).iter().map(|result| result[name].clone()).collect()
}

#[test]
fn all_models_of_the_default_route_answer_each_for_itself() {
    let server = Server::start("");
    let run = compare(&server).args(["--json", "Why is the sky blue?"]).run().expect_code(0);
    let value = json(&run.stdout);
    assert_eq!(value["schema"], "llmx.compare/1");
    assert_eq!(members(&value, "model"), [FAST, SLOW, THIRD]);
    for (result, (target, _)) in results(&value).iter().zip(ALL) {
        assert_eq!(result["status"], "ok", "{result}");
        assert!(result["timing_ms"]["ttft"].is_number() && result["usage"]["output"].is_number(), "{result}");
        assert_eq!(server.count(target.split('/').next().expect("a provider")), 1);
    }
}

#[test]
fn one_failure_never_stops_the_others_and_gives_the_exit_code() {
    let server = Server::start("slow:500");
    let run = compare(&server).args(["--json", "Hi"]).run().expect_code(6);
    let value = json(&run.stdout);
    assert_eq!(members(&value, "status"), ["ok", "failed", "ok"]);
    assert!(run.stderr.contains("1 of 3 answers failed: slow/m 1"), "{}", run.stderr);
    assert_eq!(server.count("fast") + server.count("third"), 2, "nobody answers in the place of another");
}

#[test]
fn comma_lists_and_routes_name_models_and_each_is_asked_once() {
    let server = Server::start("");
    let run = compare(&server).args(["-m", "slow/m,test", "-m", FAST, "--json", "Hi"]).run().expect_code(0);
    let value = json(&run.stdout);
    assert_eq!(members(&value, "model"), [SLOW, FAST, THIRD]);
}

#[test]
fn off_a_terminal_there_are_neither_frames_nor_colours_and_stdout_has_the_result_alone() {
    let server = Server::start("");
    let run = compare(&server).arg("Why is the sky blue?").run().expect_code(0);
    assert!(!run.stdout.contains(['\u{1b}', '│', '─']), "{}", run.stdout);
    assert!(run.stdout.contains("== 1/3 fast/m (baseline)") && run.stdout.contains("MODEL"), "{}", run.stdout);
    assert!(run.stderr.contains("done 3/3"), "{}", run.stderr);
}

#[test]
fn another_baseline_is_named_by_its_model_or_in_full_and_must_take_part() {
    let server = Server::start("");
    let run = compare(&server).args(["--baseline", THIRD, "--json", "Hi"]).run().expect_code(0);
    assert_eq!(json(&run.stdout)["baseline"], THIRD);
    let run = compare(&server).args(["--baseline", "nobody", "Hi"]).run().expect_code(2);
    assert!(run.stderr.contains("`nobody` is not among the models"), "{}", run.stderr);
    assert!(run.stderr.contains("fast/m, slow/m, third/m"), "{}", run.stderr);
}

#[test]
fn json_lines_come_answer_by_answer_between_a_start_and_an_end() {
    let server = Server::start("");
    let run = compare(&server).args(["--jsonl", "--repeat", "2", "Hi"]).run().expect_code(0);
    let lines: Vec<Value> = run.stdout.lines().map(json).collect();
    let kinds: Vec<&str> = lines.iter().filter_map(|line| line["kind"].as_str()).collect();
    assert_eq!(kinds.first(), Some(&"start"));
    assert_eq!(kinds.last(), Some(&"end"));
    assert_eq!(kinds.iter().filter(|kind| **kind == "result").count(), 6);
}

#[test]
fn every_kind_of_file_is_written_at_once_and_again_without_asking_anybody() {
    let server = Server::start("");
    let llmx = compare(&server);
    let home = Arc::clone(llmx.home());
    let files = ["a.json", "a.jsonl", "a.csv", "a.md", "a.html", "a.junit.xml"];
    let outputs = files.iter().flat_map(|file| ["-o", file]);
    llmx.args(outputs).args(["--expect", "not-refusal", "Hi"]).run().expect_code(0);
    let asked = server.requests().len();
    let read = |name: &str| std::fs::read_to_string(home.path("work").join(name)).expect("a file");
    let first: Vec<String> = files.iter().map(|name| read(name)).collect();
    assert!(first.iter().all(|text| text.contains("fast/m")));
    let outputs = files.iter().flat_map(|file| ["-o".to_owned(), format!("b{file}")]);
    again(&home).args(["export", "last"]).args(outputs).run().expect_code(0);
    for (name, text) in files.iter().zip(&first) {
        assert_eq!(&read(&format!("b{name}")), text, "{name}");
    }
    assert_eq!(server.requests().len(), asked);
}

#[test]
fn a_file_whose_name_tells_no_format_is_refused_before_anything_is_sent() {
    let server = Server::start("");
    let run = compare(&server).args(["-o", "report.pdf", "Hi"]).run().expect_code(2);
    assert!(run.stderr.contains("`report.pdf` tells no format"), "{}", run.stderr);
    let run = compare(&server).args(["-o", "missing/report.md", "Hi"]).run().expect_code(2);
    assert!(run.stderr.contains("the folder of `missing/report.md` does not exist"), "{}", run.stderr);
    assert_eq!(server.requests().len(), 0);
}

#[test]
fn runs_are_listed_and_shown_again() {
    let server = Server::start("");
    let llmx = compare(&server);
    let home = Arc::clone(llmx.home());
    let run = llmx.arg("Why is the sky blue?").run().expect_code(0);
    let shown = again(&home).args(["show"]).run().expect_code(0);
    assert_eq!(shown.stdout, run.stdout);
    let listed = json(&again(&home).args(["list", "--json"]).run().expect_code(0).stdout);
    let id = listed["runs"][0]["run_id"].as_str().expect("an id").to_owned();
    assert_eq!(listed["runs"][0]["answers"], 3);
    again(&home).args(["show", &id[..13]]).run().expect_code(0);
    let missing = again(&home).args(["show", "01234567"]).run().expect_code(2);
    assert!(missing.stderr.contains("no comparison `01234567`"), "{}", missing.stderr);
    let log = home.llmx().args(["log"]).run().expect_code(0);
    assert!(!log.stdout.contains("compare"), "{}", log.stdout);
}

#[test]
fn a_command_of_compare_never_becomes_a_prompt() {
    let server = Server::start("");
    for words in [&["-m", FAST, "show", "last"][..], &["-m", FAST, "list"], &["--json", "list"]] {
        let run = compare(&server).args(words).run().expect_code(2);
        assert!(run.stderr.contains("is a command of `llmx compare`"), "{}", run.stderr);
    }
    compare(&server).args(["-m", FAST, "--", "list"]).run().expect_code(0);
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn with_no_log_nothing_of_it_is_kept_but_its_cost() {
    let server = Server::start("");
    let llmx = compare(&server);
    let home = Arc::clone(llmx.home());
    llmx.args(["--no-log", "-o", "a.json", "a secret prompt"]).run().expect_code(0);
    assert!(again(&home).args(["list"]).run().expect_code(0).stderr.contains("no comparison yet"));
    let mut kept = Vec::new();
    for entry in std::fs::read_dir(home.path("data/llmx")).expect("the data") {
        kept.extend(std::fs::read(entry.expect("an entry").path()).unwrap_or_default());
    }
    assert!(!kept.windows(15).any(|bytes| bytes == b"a secret prompt"));
}

#[test]
fn past_prompts_are_asked_again_and_held_against_what_was_answered() {
    let old = Answering::start(|_, _| says("The sky is blue."));
    let new = Answering::start(|_, body| {
        let last = body["messages"].as_array().and_then(|all| all.last()).expect("a prompt");
        says(&format!("You said {}", last["content"]))
    });
    let home = Home::new();
    let both = format!("{}\n{}", old.config("old/m"), new.config("new/m").split_once('\n').expect("two lines").1);
    home.write_config(&both);
    for prompt in ["first question", "second question"] {
        home.llmx().args(["complete", "-m", "old/m", prompt]).run().expect_code(0);
    }
    let run = again(&home).args(["-m", "new/m", "--from-log", "--json"]).run().expect_code(0);
    let value = json(&run.stdout);
    assert_eq!(value["baseline"], "log");
    assert_eq!(
        members(&value, "text"),
        ["The sky is blue.", "You said \"first question\"", "The sky is blue.", "You said \"second question\""]
    );
    assert_eq!(new.requests().len(), 2);
}

#[test]
fn a_reader_that_goes_away_and_a_full_disk_leave_a_run_that_has_ended() {
    let server = Server::start("");
    let llmx = compare(&server);
    let home = Arc::clone(llmx.home());
    llmx.arg("Hi").stdout_to("/dev/full").run().expect_code(1);
    let listed = json(&again(&home).args(["list", "--json"]).run().expect_code(0).stdout);
    assert_eq!((&listed["runs"][0]["ended"], &listed["runs"][0]["answers"]), (&true.into(), &3.into()));
}
