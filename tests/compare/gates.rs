//! Checks, gates, and each exit code.

use std::sync::Arc;

use serde_json::Value;

use super::{FAST, SLOW, again, compare, json, results};
use crate::support::answering::{Answering, says};
use crate::support::{Home, Llmx, Server};

/// `llmx compare` with two models, of which each answers as it is said.
fn two(one: &'static str, other: &'static str) -> (Llmx, [Answering; 2]) {
    let servers = [Answering::start(move |_, _| says(one)), Answering::start(move |_, _| says(other))];
    let rest = servers[1].config("other/m");
    let config = format!("{}\n{}", servers[0].config("one/m"), rest.split_once('\n').expect("two lines").1);
    (Llmx::new().config(&config).args(["compare", "-m", "one/m,other/m"]), servers)
}

#[test]
fn a_check_that_fails_ends_with_10_and_is_told() {
    let (llmx, _servers) = two("It is Paris.", "It is Rome.");
    let run = llmx.args(["--expect", "contains:Paris", "Capital?"]).run().expect_code(10);
    assert!(run.stderr.contains("answers did not pass their checks: other/m 1 of 1"), "{}", run.stderr);
    assert!(run.stdout.contains("other/m: contains:Paris failed"), "{}", run.stdout);
}

#[test]
fn checks_that_hold_end_with_0() {
    let checks = [
        "contains:Paris",
        "not-contains:Rome",
        "regex:Par[i]s",
        "starts-with:It",
        "not-refusal",
        "max-time:20s",
        "not-json",
    ];
    let (llmx, _servers) = two("It is Paris.", "It must be Paris.");
    let run = llmx
        .args(checks.iter().flat_map(|check| ["--expect", check]))
        .args(["--json", "Capital?"])
        .run()
        .expect_code(0);
    let value = json(&run.stdout);
    assert!(results(&value).iter().all(|result| result["checks"].as_array().is_some_and(|all| all.len() == 7)));
}

#[test]
fn programs_and_schemas_check_answers() {
    let (llmx, _servers) = two(r#"{"age": 3}"#, r#"{"age": "three"}"#);
    let schema = llmx.home().path("work/person.json");
    std::fs::write(schema, r#"{"type":"object","properties":{"age":{"type":"integer"}}}"#).expect("a schema");
    let expected = ["--expect", "json-schema:person.json", "--expect", "command:grep -q 3"];
    let run = llmx.args(expected).args(["--json", "Age?"]).run().expect_code(10);
    let value = json(&run.stdout);
    let passed = |result: &Value| -> Vec<bool> {
        let checks = result["checks"].as_array().expect("checks");
        checks.iter().map(|check| check["outcome"] == "passed").collect()
    };
    assert_eq!(results(&value).iter().map(passed).collect::<Vec<_>>(), [vec![true, true], vec![false, false]]);
}

#[test]
fn a_program_that_cannot_look_at_an_answer_says_nothing_of_it() {
    for program in ["no-such-program", "/etc/passwd", "kill -9 $$"] {
        let (llmx, _servers) = two("It is Paris.", "It is Rome.");
        let check = format!("not-command:{program}");
        let run = llmx.args(["--expect", &check, "--json", "Capital?"]).run().expect_code(10);
        let value = json(&run.stdout);
        assert!(results(&value).iter().all(|result| result["checks"][0]["outcome"] == "unknown"), "{program}: {value}");
    }
    let (llmx, servers) = two("It is Paris.", "It is Rome.");
    let run = llmx.args(["--expect", "not-command:if (", "Capital?"]).run().expect_code(2);
    assert!(run.stderr.contains("the shell cannot read"), "{}", run.stderr);
    assert!(servers.iter().all(|server| server.requests().is_empty()));
}

#[test]
fn fail_under_passes_at_the_rate_and_fails_below_it() {
    let (llmx, _servers) = two("It is Paris.", "It is Paris.");
    llmx.args(["--expect", "contains:Paris", "--fail-under", "100%", "Capital?"]).run().expect_code(0);
    let (llmx, _servers) = two("It is Paris.", "It is Rome.");
    let run = llmx.args(["--expect", "contains:Paris", "--fail-under", "0.9", "Capital?"]).run().expect_code(10);
    assert!(run.stderr.contains("a gate failed: `other/m`"), "{}", run.stderr);
    let (llmx, _servers) = two("It is Paris.", "It is Rome.");
    let run = llmx.args(["--fail-under", "0.9", "Capital?"]).run().expect_code(10);
    assert!(run.stderr.contains("a gate had nothing to judge"), "{}", run.stderr);
}

#[test]
fn fail_on_disagreement_holds_the_others_against_the_baseline() {
    let (llmx, _servers) = two("The sky scatters blue light.", "The sky scatters blue light!");
    llmx.args(["--fail-on-disagreement", "Why?"]).run().expect_code(0);
    let (llmx, _servers) = two("The sky scatters blue light.", "Nobody will ever know.");
    llmx.args(["--fail-on-disagreement=0.9", "Why?"]).run().expect_code(10);
}

#[test]
fn fail_on_regression_holds_a_run_against_an_earlier_one() {
    let server = Answering::start(|number, _| says(if number < 2 { "It is Paris." } else { "It is Rome." }));
    let home = Home::new();
    home.write_config(&server.config("one/m"));
    let ask = |more: &[&str], code: i32| {
        let llmx = again(&home).args(["-m", "one/m", "--expect", "contains:Paris", "Capital?"]).args(more);
        llmx.run().expect_code(code)
    };
    ask(&["-o", "before.json"], 0);
    ask(&["--against", "last", "--fail-on-regression"], 0);
    let run = ask(&["--against", "before.json", "--fail-on-regression"], 10);
    assert!(run.stderr.contains("a gate failed: `one/m`"), "{}", run.stderr);
    assert!(run.stdout.contains("1 regressed"), "{}", run.stdout);
    ask(&["--against", "last", "--fail-on-regression=5"], 0);
}

#[test]
fn runs_with_different_prompts_cannot_be_held_against_each_other() {
    let server = Server::start("");
    let llmx = compare(&server);
    let home = Arc::clone(llmx.home());
    llmx.args(["-o", "before.json", "One question"]).run().expect_code(0);
    let run = again(&home).args(["--against", "before.json", "Another question"]).run().expect_code(2);
    assert!(run.stderr.contains("--against"), "{}", run.stderr);
    assert!(run.stdout.contains("MODEL"), "what was answered is shown all the same");
    let run = again(&home).args(["--against", "nothing.json", "Another"]).run().expect_code(2);
    assert!(run.stderr.contains("nothing.json"), "{}", run.stderr);
}

#[test]
fn max_cost_is_told_before_and_nothing_is_sent() {
    let llmx = || Llmx::new().args(["compare", "--sim", "-m", "openai,anthropic"]);
    let run = llmx().args(["--max-cost", "0.0000001", "Hi"]).run().expect_code(11);
    assert!(run.stderr.contains("is expected to cost") && run.stderr.contains("nothing was sent"), "{}", run.stderr);
    let run = llmx().args(["--dry-run", "Hi"]).run().expect_code(0);
    assert!(run.stdout.contains("openai/") && run.stdout.contains('$'), "{}", run.stdout);
    llmx().args(["--max-cost", "1", "Hi"]).run().expect_code(0);
}

#[test]
fn a_price_that_is_unknown_cannot_be_capped() {
    let server = Server::start("");
    let run = compare(&server).args(["--max-cost", "5", "Hi"]).run().expect_code(11);
    assert!(run.stderr.contains("the price of `fast/m` is unknown"), "{}", run.stderr);
    assert_eq!(server.requests().len(), 0);
}

#[test]
fn max_cost_stops_a_run_whose_answers_are_longer_than_expected() {
    let long = "word ".repeat(4000);
    let server = Answering::start(move |_, _| says(&long));
    let config =
        format!("{}\n[models.\"dear/m\"]\nprice = {{ input = 1.0, output = 100.0 }}\n", server.config("dear/m"));
    let llmx = Llmx::new().config(&config);
    let home = Arc::clone(llmx.home());
    std::fs::write(home.path("work/p.txt"), "Question {{id}}\n".repeat(40)).expect("a file");
    let run = llmx
        .args([
            "compare",
            "-m",
            "dear/m",
            "-f",
            "p.txt",
            "--max-tokens",
            "100",
            "-j",
            "1",
            "--max-cost",
            "0.9",
            "--json",
        ])
        .run();
    // What the server says it used is more than it was allowed to.
    let asked = server.requests().len();
    assert!(asked < 40 || run.code == 0, "{}", run.stderr);
}

#[test]
fn json_and_files_tell_the_exit_code() {
    let (llmx, _servers) = two("It is Paris.", "It is Rome.");
    let file = llmx.home().path("work/out.json");
    let run = llmx.args(["--expect", "contains:Paris", "--json", "-o", "out.json", "Capital?"]).run().expect_code(10);
    assert_eq!(json(&run.stdout)["exit_code"], 10);
    assert_eq!(json(&std::fs::read_to_string(file).expect("a file"))["exit_code"], 10);
}

#[test]
fn a_key_that_is_missing_has_its_exit_code() {
    let run = Llmx::new().args(["compare", "-m", "openai/gpt-6-luna", "Hi"]).run().expect_code(4);
    assert!(run.stdout.contains("no key"), "{}", run.stdout);
}

#[test]
fn an_earlier_run_that_is_not_there_is_told_before_anything_is_sent() {
    let server = Server::start("");
    for earlier in ["0123456789", "last"] {
        let run = compare(&server).args(["--against", earlier, "Hi"]).run().expect_code(2);
        assert!(run.stderr.contains("compare list"), "{}", run.stderr);
    }
    assert_eq!(server.requests().len(), 0);
}

#[test]
fn the_failure_to_see_to_first_gives_the_exit_code() {
    for (faults, code) in
        [("slow:401", 4), ("slow:429=60", 5), ("slow:500", 6), ("slow:hang", 7), ("slow:500,fast:401", 4)]
    {
        let server = Server::start(faults);
        compare(&server).args(["-m", FAST, "-m", SLOW, "--timeout", "1500ms", "Hi"]).run().expect_code(code);
    }
}

#[test]
fn what_a_run_has_cost_counts_against_the_cap_under_which_it_goes_on() {
    let home = Home::new();
    let text = (0..4).map(|number| format!("Question {number}")).collect::<Vec<_>>().join("\n");
    std::fs::write(home.path("work/p.txt"), text).expect("a file");
    let sim = |words: &[&str]| home.llmx().args(["--sim=openai:500", "compare"]).args(words).run();
    let run = sim(&["-m", "openai,gemini", "-f", "p.txt"]).expect_code(6);
    assert!(run.stdout.contains('$'), "gemini has cost something: {}", run.stdout);
    let run = sim(&["--resume", "--retry-failed", "--max-cost", "0.0000001"]).expect_code(11);
    assert!(run.stderr.contains("that it has cost") && run.stderr.contains("nothing was sent"), "{}", run.stderr);
}
