//! Judges and embeddings.

use serde_json::Value;

use super::{json, results};
use crate::support::Llmx;
use crate::support::answering::{Answering, says};

/// Two models and a judge that answers as it is said.
fn judged(answer: impl Fn(usize, &Value) -> (u16, Value) + Send + 'static) -> (Llmx, [Answering; 3]) {
    let servers = [
        Answering::start(|_, _| says("A short answer.")),
        Answering::start(|_, _| says("A longer answer, with reasons.")),
        Answering::start(answer),
    ];
    let rest =
        |server: &Answering, target: &str| server.config(target).split_once('\n').expect("two lines").1.to_owned();
    let config =
        format!("{}\n{}\n{}", servers[0].config("one/m"), rest(&servers[1], "other/m"), rest(&servers[2], "judge/m"));
    (Llmx::new().config(&config).args(["compare", "-m", "one/m,other/m", "--judge", "judge/m"]), servers)
}

#[test]
fn a_win_counts_only_if_it_holds_in_both_orders() {
    // Whoever comes first is better: a judge that looks at nothing else.
    let (llmx, servers) = judged(|_, _| says(r#"{"reason":"it is first","winner":"first"}"#));
    let run = llmx.args(["Why?"]).run().expect_code(0);
    assert!(run.stdout.contains("1 ties") && run.stdout.contains("100 % flipped"), "{}", run.stdout);
    assert_eq!(servers[2].requests().len(), 2);
}

#[test]
fn a_judge_that_prefers_the_same_answer_in_both_orders_decides() {
    let (llmx, _servers) = judged(|_, body| {
        let text = body["messages"].to_string();
        let longer_first = text.find("A longer answer").expect("it") < text.find("A short answer").expect("it");
        says(if longer_first {
            r#"{"reason":"more","winner":"first"}"#
        } else {
            r#"{"reason":"more","winner":"second"}"#
        })
    });
    let run = llmx.args(["Why?"]).run().expect_code(0);
    assert!(run.stdout.contains("other/m 1 wins, one/m 0"), "{}", run.stdout);
}

#[test]
fn a_judge_that_answers_nonsense_counts_as_nothing_and_never_as_a_pass() {
    let (llmx, _servers) = judged(|_, _| says("I would rather not say."));
    let run = llmx.args(["Why?"]).run().expect_code(0);
    assert!(run.stdout.contains("1 unknown"), "{}", run.stdout);
    let (llmx, _servers) = judged(|_, _| says("PASS!!!"));
    let run =
        llmx.args(["--judge-mode", "checks", "--expect", "judge:it is polite", "--json", "Why?"]).run().expect_code(10);
    let value = json(&run.stdout);
    assert!(results(&value).iter().all(|result| result["checks"][0]["outcome"] == "unknown"), "{value}");
}

#[test]
fn a_statement_and_a_grade_are_judged_answer_by_answer() {
    let (llmx, _servers) = judged(|_, body| {
        let good = body["messages"].to_string().contains("with reasons");
        says(if good { r#"{"reason":"fine","pass":true}"# } else { r#"{"reason":"thin","pass":false}"# })
    });
    let run = llmx
        .args(["--judge-mode", "checks", "--expect", "judge:it gives reasons", "--json", "Why?"])
        .run()
        .expect_code(10);
    let value = json(&run.stdout);
    let outcomes: Vec<Value> = results(&value).iter().map(|result| result["checks"][0]["outcome"].clone()).collect();
    assert_eq!(outcomes, ["failed", "passed"]);
    let (llmx, _servers) = judged(|_, _| says(r#"{"reason":"good","score":4}"#));
    let run = llmx.args(["--judge-mode", "grade", "--json", "Why?"]).run().expect_code(0);
    assert_eq!(results(&json(&run.stdout))[0]["checks"][0]["score"], 0.75);
}

#[test]
fn the_best_of_all_is_told_and_so_is_a_judge_that_never_rules() {
    let (llmx, servers) = judged(|_, _| says(r#"{"reason":"good","best":1}"#));
    let run = llmx.args(["--judge-mode", "best", "Why?"]).run().expect_code(0);
    assert!(run.stdout.contains("is best (1)"), "{}", run.stdout);
    assert_eq!(servers[2].requests().len(), 1);
    let (llmx, _servers) = judged(|_, _| says("No."));
    let run = llmx.args(["--judge-mode", "best", "Why?"]).run().expect_code(0);
    assert!(run.stdout.contains("judge: unknown: the judge did not answer as it was asked: No."), "{}", run.stdout);
}

#[test]
fn the_judge_is_never_told_who_wrote_what() {
    let (llmx, servers) = judged(|_, _| says(r#"{"reason":"same","winner":"tie"}"#));
    llmx.args(["Why?"]).run().expect_code(0);
    let asked: String = servers[2].requests().iter().map(|body| body["messages"].to_string()).collect();
    assert!(!asked.contains("one/m") && !asked.contains("other/m"), "{asked}");
}

#[test]
fn what_judging_is_expected_to_cost_is_told_first() {
    let run = Llmx::new()
        .args(["compare", "--sim", "-m", "openai,gemini", "--judge", "anthropic", "--dry-run", "Why?"])
        .run()
        .expect_code(0);
    assert!(run.stdout.contains("(judge)"), "{}", run.stdout);
}

#[test]
fn embeddings_tell_how_alike_answers_are_in_meaning() {
    let run = Llmx::new()
        .args(["compare", "--sim", "-m", "openai,gemini", "--embed", "openai/text-embedding-3-small", "--json", "Why?"])
        .run()
        .expect_code(0);
    let value = json(&run.stdout);
    let other = &results(&value)[1]["sim_to_baseline"]["embed"];
    assert!(other.as_f64().is_some_and(|cosine| (-1.0..=1.0).contains(&cosine)), "{value}");
    let run = Llmx::new()
        .args(["compare", "--sim", "-m", "openai,gemini", "--embed", "openai/text-embedding-3-small", "Why?"])
        .run();
    assert!(run.stdout.contains("cosine "), "{}", run.stdout);
}
