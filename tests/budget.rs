//! Budgets: what processes that run at once may spend together, whose money a budget is about, and what happens at its limit.

use std::fs;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use llmx::ledger::Ledger;
use llmx::sim::{Options, Script, Signal};
use serde_json::{Value, json};

use crate::support::{Answering, Home, Llmx, Output, Server};

/// An answer of 1,000 tokens at 200 dollars per million costs 20 cents.
const PRICES: &str = "[models.\"paid/m\"]\nprice = { input = 0, output = 200 }\nmax_output = 1000\n\
    [models.\"cheap/m\"]\nprice = { input = 0, output = 1 }\nmax_output = 1000\n";

fn answer(tokens: u32) -> String {
    format!(
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n\
         data: {{\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"yes\"}}}}]}}\n\n\
         data: {{\"choices\":[{{\"index\":0,\"delta\":{{}},\"finish_reason\":\"stop\"}}],\
         \"usage\":{{\"prompt_tokens\":5,\"completion_tokens\":{tokens},\"total_tokens\":{}}}}}\n\ndata: [DONE]\n\n",
        tokens + 5
    )
}

fn home(config: &str) -> Arc<Home> {
    let home = Home::new();
    home.write_config(&format!("catalog = \"models.toml\"\n{config}"));
    fs::write(home.config_file().with_file_name("models.toml"), PRICES).expect("the prices");
    home
}

/// A server of `paid/m` and `cheap/m` whose every answer costs 20 cents there.
fn paying() -> Answering {
    Answering::start(|_, _| {
        let choice = json!({"index": 0, "message": {"role": "assistant", "content": "yes"}, "finish_reason": "stop"});
        let usage = json!({"prompt_tokens": 5, "completion_tokens": 1000, "total_tokens": 1005});
        (200, json!({"id": "1", "object": "chat.completion", "model": "m", "choices": [choice], "usage": usage}))
    })
}

fn ask(home: &Arc<Home>) -> Llmx {
    home.llmx().args(["complete", "--max-tokens", "1000", "--no-stream", "go on"])
}

#[test]
fn case_52_twenty_calls_at_once_of_twenty_cents_against_a_dollar_send_exactly_five() {
    const ALL: usize = 20;
    let signal = Signal::default();
    let script = Script::default().read_request().wait(&signal).send(answer(1000).into_bytes());
    let scripts = vec![("paid".to_owned(), script)];
    let server = Server::with("", Options { instant: true, scripts, ..Options::default() });
    // Nobody may lose patience while all others are held back.
    let patient =
        server.config(&[("paid/m", "openai-chat")]).replace("tiers", "timeout = { first_token = \"5m\" }\ntiers");
    let home = home(&format!("{patient}\n[budgets]\ndaily = 1.00\n"));
    let (ended, ends) = channel();
    for _ in 0..ALL {
        let (ended, process) = (ended.clone(), ask(&home).limit(Duration::from_mins(2)).spawn());
        thread::spawn(move || ended.send(process.finish()));
    }
    drop(ended);
    // Whoever is refused ends; the others wait for an answer that comes only when fifteen have ended.
    let refused: Vec<Output> = (0..ALL - 5).map(|_| ends.recv().expect("an end")).collect();
    let (asked, meanwhile) = (server.count("paid"), daily(&home));
    (0..5).for_each(|_| signal.raise());
    let answered: Vec<Output> = ends.iter().collect();
    for output in refused {
        let output = output.expect_code(11);
        assert!(output.stderr.contains("over the budget of $1.00 a day"), "{}", output.stderr);
    }
    assert_eq!((asked, answered.len(), server.count("paid")), (5, 5, 5));
    for output in answered {
        output.expect_code(0);
    }
    assert_eq!(meanwhile, ["0", "1", "0"], "spent, under way, left");
    assert_eq!(daily(&home), ["1", "0", "0"], "spent, under way, left");
}

/// Spent, under way and left of the first budget.
fn daily(home: &Arc<Home>) -> [String; 3] {
    let shown = home.llmx().args(["cost", "budget", "--json"]).run().expect_code(0).stdout;
    let json: Value = serde_json::from_str(&shown).expect("JSON");
    ["spent", "under_way", "left"].map(|name| json["budgets"][0][name].as_str().expect("an amount").to_owned())
}

#[test]
fn a_spent_budget_ends_with_11_and_says_what_to_do_and_yes_spends_all_the_same() {
    let server = paying();
    let home = home(&format!("{}\n[budgets]\ndaily = 0.50\n", server.config("paid/m")));
    ask(&home).run().expect_code(0);
    let second = ask(&home).run().expect_code(0);
    assert!(second.stderr.contains("budget nearly spent: $0.4000 of $0.5000 a day"), "{}", second.stderr);
    let third = ask(&home).run().expect_code(11);
    for words in ["over the budget of $0.5000 a day", "up to $0.2000 to come", "llmx cost budget", "--yes"] {
        assert!(third.stderr.contains(words), "{words}: {}", third.stderr);
    }
    assert_eq!(server.requests().len(), 2);
    ask(&home).arg("--yes").run().expect_code(0);
    assert_eq!(daily(&home), ["0.6", "0", "0"]);
}

#[test]
fn a_budget_of_a_tag_holds_back_only_what_has_the_tag() {
    let server = paying();
    let home = home(&format!("{}\n[budgets.tags]\n\"team=search\" = {{ daily = 0.2 }}\n", server.config("paid/m")));
    ask(&home).args(["--tag", "team=search"]).run().expect_code(0);
    ask(&home).args(["--tag", "team=search"]).run().expect_code(11);
    ask(&home).args(["--tag", "team=other"]).run().expect_code(0);
    ask(&home).run().expect_code(0);
    let route = home.llmx().args(["route", "--max-tokens", "1000", "--tag", "team=search", "go on"]).run();
    assert!(route.stdout.contains("tag team=search") || route.stderr.contains("tag team=search"), "{}", route.stdout);
}

#[test]
fn the_project_is_the_repository_or_what_was_named_and_has_a_budget_of_its_own() {
    let server = paying();
    let home = home(&format!("{}\n[budgets.projects.shop]\ndaily = 0.2\n", server.config("paid/m")));
    ask(&home).args(["--project", "shop"]).run().expect_code(0);
    ask(&home).env("LLMX_PROJECT", "shop").run().expect_code(11);
    ask(&home).run().expect_code(0);
    fs::create_dir(home.path("work/.git")).expect("a repository");
    ask(&home).run().expect_code(0);
    let run = Ledger::open(&home.path("data/llmx/ledger.db")).run("last").expect("read").expect("a run");
    let root = home.path("work").display().to_string();
    assert_eq!(run.start.project, Some(root));
}

#[test]
fn at_the_limit_the_cheaper_tier_serves_or_nobody_does() {
    for (at_limit, code) in [("cheaper", 0), ("block", 11)] {
        let server = paying();
        let cheap = server.config("cheap/m");
        let (_, cheap) = cheap.split_once("[providers").expect("a provider");
        let paid = server.config("paid/m");
        let (_, paid) = paid.split_once("[providers").expect("a provider");
        let home = home(&format!(
            "default = \"r\"\n[budgets]\ndaily = 0.25\nat_limit = \"{at_limit}\"\n[routes.r]\ntiers = [[\"paid/m\"], [\"cheap/m\"]]\n\
             [providers{paid}\n[providers{cheap}"
        ));
        ask(&home).run().expect_code(0);
        let second = ask(&home).arg("--json").run().expect_code(code);
        let said = format!("{}{}", second.stdout, second.stderr);
        assert_eq!(said.contains("\"target\":\"cheap/m\""), code == 0, "{said}");
        assert_eq!(server.requests().len(), if code == 0 { 2 } else { 1 });
    }
}

#[test]
fn a_limit_that_came_by_an_option_of_the_body_is_held_too() {
    let server = paying();
    let home = home(&format!("{}\n[budgets]\ndaily = 0.25\n", server.config("paid/m")));
    let ask = || home.llmx().args(["complete", "--no-stream", "-o", "max_completion_tokens=1000", "go on"]);
    ask().run().expect_code(0);
    ask().run().expect_code(11);
    home.llmx()
        .args(["complete", "--yes", "--max-cost", "0.1", "-o", "max_tokens=1000", "go on"])
        .run()
        .expect_code(11);
}

#[test]
fn what_an_answer_without_counts_may_have_cost_is_taken_from_the_budget() {
    let server = Answering::start(|_, _| {
        let choice = json!({"index": 0, "message": {"role": "assistant", "content": "yes"}, "finish_reason": "stop"});
        (200, json!({"id": "1", "object": "chat.completion", "model": "m", "choices": [choice]}))
    });
    let home = home(&format!("{}\n[budgets]\ndaily = 0.25\n", server.config("paid/m")));
    ask(&home).run().expect_code(0);
    ask(&home).run().expect_code(11);
    assert_eq!(daily(&home), ["0.2", "0", "0.05"]);
}

#[test]
fn a_ledger_that_cannot_hold_budgets_is_told_and_its_figures_are_not_made_up() {
    let server = paying();
    let home = home(&format!("{}\n[budgets]\ndaily = 0.25\n", server.config("paid/m")));
    fs::create_dir_all(home.path("data/llmx/ledger.db")).expect("a folder in its place");
    let output = ask(&home).run().expect_code(0);
    assert!(output.stderr.contains("budgets cannot be held"), "{}", output.stderr);
    let budget = home.llmx().args(["cost", "budget"]).run().expect_code(1);
    assert!(budget.stdout.is_empty(), "{}", budget.stdout);
}
