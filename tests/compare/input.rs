//! Data sets, and everything that can be wrong with them.

use std::sync::Arc;

use llmx::sim::{FixedPace, Options};
use serde_json::Value;

use super::{FAST, compare, json, members};
use crate::support::answering::{Answering, says};
use crate::support::{Llmx, Output, Server};

fn with_file(server: &Server, name: &str, text: &str) -> Llmx {
    let llmx = compare(server).args(["-m", FAST, "-f", name]);
    std::fs::write(llmx.home().path("work").join(name), text).expect("a file");
    llmx
}

fn prompts(run: &Output) -> Vec<String> {
    let value = json(&run.stdout);
    let prompts = value["prompts"].as_array().expect("prompts").clone();
    prompts
        .iter()
        .map(|prompt| prompt["prompt"].as_str().or(prompt["id"].as_str()).expect("a prompt").to_owned())
        .collect()
}

/// What the models were asked, in no order.
fn asked(server: &Server) -> Vec<String> {
    let last =
        |body: &Value| body["messages"].as_array().and_then(|all| all.last()).map(|last| last["content"].clone());
    let mut asked: Vec<String> = server
        .requests()
        .iter()
        .filter_map(|seen| last(&seen.body))
        .map(|content| content.as_str().map_or_else(|| content.to_string(), str::to_owned))
        .collect();
    asked.sort();
    asked
}

#[test]
fn each_format_is_read_and_variables_are_filled_in() {
    let files = [
        ("p.txt", "One\nTwo\n"),
        ("p.jsonl", "{\"prompt\":\"One\"}\n\"Two\"\n"),
        ("p.csv", "n\nOne\nTwo\n"),
        ("p.yaml", "- prompt: One\n- prompt: Two\n"),
    ];
    for (name, text) in files {
        let server = Server::start("");
        let llmx = with_file(&server, name, text);
        let llmx = if name == "p.csv" { llmx.arg("{{n}}") } else { llmx };
        llmx.args(["--json"]).run().expect_code(0);
        assert_eq!(asked(&server), ["One", "Two"], "{name}");
    }
}

#[test]
fn variables_for_all_rows_systems_per_row_and_checks_of_columns_count() {
    let server = Server::start("");
    let text = "city,system,expect\nParis,Be brief,not-contains:zzz\nRome,,contains:zzz\n";
    let run = with_file(&server, "p.csv", text)
        .args(["--var", "what=mayor", "--json", "The {{what}} of {{city}}?"])
        .run()
        .expect_code(10);
    assert_eq!(asked(&server), ["The mayor of Paris?", "The mayor of Rome?"]);
    let bodies: Vec<String> = server.requests().iter().map(|seen| seen.body.to_string()).collect();
    assert_eq!(bodies.iter().filter(|body| body.contains("Be brief")).count(), 1);
    let value = json(&run.stdout);
    assert_eq!(members(&value, "passed"), [true, false]);
}

#[test]
fn limits_and_samples_choose_rows_and_a_seed_chooses_the_same_ones() {
    let text = (0..50).map(|number| format!("Question {number}")).collect::<Vec<_>>().join("\n");
    let server = Server::start("");
    with_file(&server, "p.txt", &text).args(["--limit", "10:12"]).run().expect_code(0);
    assert_eq!(asked(&server), ["Question 10", "Question 11"]);
    let drawn = |seed: &str| {
        let server = Server::start("");
        with_file(&server, "p.txt", &text).args(["--sample", "5", "--seed", seed]).run().expect_code(0);
        asked(&server)
    };
    assert_eq!(drawn("1").len(), 5);
    assert_eq!(drawn("1"), drawn("1"));
    assert_ne!(drawn("1"), drawn("2"));
}

#[test]
fn a_malformed_row_is_told_with_file_and_line_and_the_others_go_on() {
    let server = Server::start("");
    let run = with_file(&server, "p.jsonl", "{\"prompt\":\"One\"}\n{\"prompt\":\n{\"prompt\":\"Three\"}\n")
        .run()
        .expect_code(2);
    assert!(run.stderr.contains("p.jsonl: line 2: "), "{}", run.stderr);
    assert!(run.stderr.contains("1 row is wrong and took no part"), "{}", run.stderr);
    assert_eq!(asked(&server), ["One", "Three"]);
    assert!(run.stdout.contains("2 prompts"), "{}", run.stdout);
}

#[test]
fn a_variable_without_a_value_a_duplicate_id_and_an_unknown_column_are_told() {
    let cases = [
        ("p.csv", "city\nParis\n\"\"\n", "{{city}} please", "city"),
        (
            "p.jsonl",
            "{\"id\":\"a\",\"prompt\":\"One\"}\n{\"id\":\"a\",\"prompt\":\"Two\"}\n",
            "",
            "the id `a` is that of line 1 too",
        ),
        ("p.csv", "prompt,expcet\nOne,contains:x\n", "", "the column `expcet` has no meaning"),
    ];
    for (name, text, prompt, told) in cases {
        let server = Server::start("");
        let llmx = with_file(&server, name, text);
        let llmx = if prompt.is_empty() { llmx } else { llmx.arg(prompt) };
        let run = llmx.run().expect_code(2);
        assert!(run.stderr.contains(name) && run.stderr.contains(told), "{}", run.stderr);
    }
}

#[test]
fn an_empty_file_and_a_missing_one_are_told_and_nothing_is_sent() {
    let server = Server::start("");
    let run = with_file(&server, "p.csv", "").run().expect_code(2);
    assert!(run.stderr.contains("nothing was sent"), "{}", run.stderr);
    let run = compare(&server).args(["-f", "missing.csv"]).run().expect_code(2);
    assert!(run.stderr.contains("cannot read `missing.csv`"), "{}", run.stderr);
    let run = compare(&server).args(["-f", "p.parquet"]).run().expect_code(2);
    assert!(run.stderr.contains("--format"), "{}", run.stderr);
    assert_eq!(server.requests().len(), 0);
}

#[test]
fn a_data_set_runs_no_program_unless_it_is_allowed_to() {
    let text = "prompt,expect\nOne,command:touch ran\n";
    let server = Server::start("");
    let llmx = with_file(&server, "p.csv", text);
    let home = Arc::clone(llmx.home());
    let run = llmx.run().expect_code(2);
    assert!(run.stderr.contains("would run a program"), "{}", run.stderr);
    assert!(!home.path("work/ran").exists());
    let llmx = with_file(&server, "p.csv", text).arg("--allow-commands");
    let home = Arc::clone(llmx.home());
    llmx.run().expect_code(0);
    assert!(home.path("work/ran").exists());
}

#[test]
fn a_data_set_comes_from_stdin_too() {
    let server = Server::start("");
    let llmx = compare(&server).args(["-m", FAST, "-f", "-", "--format", "txt", "--json"]);
    let run = llmx.stdin("One\nTwo\n").run().expect_code(0);
    assert_eq!(prompts(&run).len(), 2);
}

#[test]
fn a_data_set_that_can_be_read_once_is_read_whole() {
    let server = Server::start("");
    let llmx = compare(&server).args(["-m", FAST, "-f", "/dev/stdin", "--format", "txt", "--json"]);
    let run = llmx.stdin("One\nTwo\n").run().expect_code(0);
    assert_eq!(prompts(&run).len(), 2);
}

#[test]
fn a_data_set_that_shrinks_while_it_is_read_is_no_success() {
    let server = Server::with("", Options { pace: Some(FixedPace::default()), ..Options::default() });
    let text = (0..20_000).map(|number| format!("Question {number}")).collect::<Vec<_>>().join("\n");
    let llmx = with_file(&server, "p.txt", &text).args(["-j", "1"]);
    let file = llmx.home().path("work/p.txt");
    let running = llmx.spawn();
    running.wait_stderr("done 1/");
    std::fs::File::options().write(true).open(file).expect("the file").set_len(0).expect("no rows");
    let run = running.finish().expect_code(2);
    assert!(run.stderr.contains("the data set changed while it was read"), "{}", run.stderr);
}

#[test]
fn a_check_that_is_none_is_told_before_anything_is_sent() {
    let server = Server::start("");
    for (check, told) in [
        ("contians:x", "contains"),
        ("judge:is polite", "--judge"),
        ("json-schema:missing.json", "missing.json"),
        ("regex:(", "regex"),
    ] {
        let run = compare(&server).args(["--expect", check, "Hi"]).run().expect_code(2);
        assert!(run.stderr.contains(told), "{}", run.stderr);
    }
    assert_eq!(server.requests().len(), 0);
}

#[test]
fn a_prompt_alone_names_what_has_no_value_and_piped_text_is_no_template() {
    let server = Server::start("");
    let run = compare(&server).args(["Hello {{name}}"]).run().expect_code(2);
    assert!(run.stderr.contains("name") && run.stderr.contains("--var"), "{}", run.stderr);
    compare(&server)
        .args(["-m", FAST, "--var", "name=Ann", "Hello {{name}}"])
        .stdin("{{ template }}\n")
        .run()
        .expect_code(0);
    assert_eq!(asked(&server), ["Hello Ann\n\n{{ template }}"]);
}

#[test]
fn a_rate_limit_slows_a_data_set_down_and_costs_no_answer() {
    let text = (0..30).map(|number| format!("Question {number}")).collect::<Vec<_>>().join("\n");
    let server = Server::start("fast:429=1x6");
    let run = with_file(&server, "p.txt", &text).args(["--json"]).run().expect_code(0);
    assert_eq!(members(&json(&run.stdout), "status"), ["ok"; 30]);
    assert_eq!(server.count("fast"), 36);
}

#[test]
fn repeats_are_asked_so_often_and_a_prompt_whose_repeats_disagree_is_flaky() {
    let server = Answering::start(|number, _| says(if number % 2 == 0 { "yes" } else { "no" }));
    let llmx = Llmx::new().config(&server.config("one/m"));
    let run =
        llmx.args(["compare", "--repeat", "4", "-j", "1", "--expect", "equals:yes", "Well?"]).run().expect_code(10);
    assert_eq!(server.requests().len(), 4);
    assert!(run.stdout.contains("100 % of prompts flaky"), "{}", run.stdout);
}
