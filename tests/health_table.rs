//! `llmx health`: the table of what the ledger knows, `--watch` that draws it anew, and `--probe` that asks.

use jiff::{SignedDuration, Timestamp};
use llmx::failure::FailureClass;
use llmx::ledger::Ledger;
use llmx::ledger::record::{AttemptEnd, AttemptOutcome, AttemptRole, AttemptStart, CostSource, Observation};
use llmx::provider::TargetId;
use llmx::route::breaker::Evidence;
use serde_json::{Value, json};

use crate::support::terminal::CTRL_C;
use crate::support::{Home, Llmx, Server, Terminal};

const CHAIN: [(&str, &str); 2] = [("first/a", "openai-chat"), ("second/b", "openai-chat")];

fn object(llmx: Llmx, code: i32) -> Value {
    serde_json::from_str(&llmx.arg("--json").run().expect_code(code).stdout).expect("JSON")
}

/// The row of that target.
fn row<'a>(health: &'a Value, target: &str) -> &'a Value {
    let rows = health["targets"].as_array().expect("a list");
    rows.iter().find(|row| row["target"] == target).expect("the target's row")
}

fn ledger(home: &Home) -> Ledger {
    Ledger::open(&home.path("data/llmx/ledger.db"))
}

/// Writes down that `first/a` failed a few minutes ago, so that its breaker is half-open.
fn failed_of_late(home: &Home, message: &str) {
    let mut ledger = ledger(home);
    let started = Timestamp::now() - SignedDuration::from_mins(5);
    ledger.attempt_started(&AttemptStart {
        run: "run".to_owned(),
        number: 1,
        started_ms: started.as_millisecond(),
        provider: "first".to_owned(),
        model: "a".to_owned(),
        role: AttemptRole::Main,
        asked: None,
    });
    let end = AttemptEnd {
        run: "run".to_owned(),
        number: 1,
        outcome: AttemptOutcome::Failed,
        served_model: None,
        request_id: None,
        first_content_ms: None,
        total_ms: 10,
        usage_raw: None,
        buckets: None,
        price: None,
        cost_pico: None,
        saved_pico: None,
        cost_source: CostSource::NotBilled,
        class: Some("overloaded".to_owned()),
        failure: Some(json!({ "status": 529, "message": message }).to_string()),
        partial_text: String::new(),
    };
    let evidence = Some(Evidence::Failed { class: FailureClass::Overloaded, retry_after: None });
    ledger.attempt_ended(&end, &Observation { evidence, ..Observation::default() });
}

#[test]
fn the_table_tells_who_answered_who_failed_and_who_is_left_alone() {
    let server = Server::start("first:529");
    let home = Home::new();
    home.write_config(&server.config(&CHAIN));
    let before = home.llmx().arg("health").run().expect_code(0).stdout;
    assert!(before.contains("first/a   not asked"), "{before}");
    home.llmx().args(["complete", "hello"]).run().expect_code(0);
    let health = object(home.llmx().arg("health"), 0);
    assert_eq!(health["schema"], "llmx.health/1");
    let (first, second) = (row(&health, "first/a"), row(&health, "second/b"));
    assert_eq!((&first["failures"], &first["state"]["state"]), (&json!({ "overloaded": 1 }), &"open".into()));
    assert_eq!((&second["answered"], &second["state"]["state"]), (&1.into(), &"closed".into()));
    assert!(second["total"]["p99"].as_u64().is_some() && first["total"].is_null(), "{health}");
    let table = home.llmx().args(["health", "first"]).run().expect_code(0).stdout;
    assert!(table.contains("first/a  open ") && table.contains("  1/1  ") && table.contains('x'), "{table}");
    assert!(table.contains("left alone until ") && table.contains("failed: 1 overloaded; the last "), "{table}");
    assert!(!table.contains("second/b"), "{table}");
}

#[test]
fn what_lies_before_the_window_does_not_count() {
    let home = Home::new();
    home.write_config(&Server::start("").config(&CHAIN));
    failed_of_late(&home, "busy");
    assert_eq!(row(&object(home.llmx().args(["health", "--since", "1d"]), 0), "first/a")["attempts"], 1);
    assert_eq!(row(&object(home.llmx().args(["health", "--since", "2m"]), 0), "first/a")["attempts"], 0);
    for wrong in ["0d", "4000d", "5", "xd"] {
        home.llmx().args(["health", "--since", wrong]).run().expect_code(2);
    }
}

#[test]
fn a_probe_asks_each_model_once_and_is_recorded_as_one() {
    let server = Server::start("second:500");
    let home = Home::new();
    home.write_config(&server.config(&CHAIN));
    let health = object(home.llmx().args(["health", "--probe"]), 6);
    assert_eq!([server.count("first"), server.count("second")], [1, 1], "no further tries");
    assert_eq!(row(&health, "first/a")["probe"]["result"], "answered");
    assert_eq!(row(&health, "second/b")["probe"]["error"]["class"], "server_error");
    assert_eq!(row(&health, "second/b")["failures"], json!({ "server_error": 1 }), "it counts");
    let asked = &server.requests()[0].body;
    assert_eq!((&asked["messages"][0]["content"], &asked["stream"]), (&"Reply with OK.".into(), &true.into()));
    let run = ledger(&home).run("last").expect("a ledger").expect("a run");
    assert_eq!((run.start.command.as_str(), run.attempts[0].start.role), ("health", AttemptRole::Probe));
    let words = home.llmx().args(["health", "--probe", "first"]).run();
    let words = home.llmx().args(["health", "--probe", "first/a"]).run().expect_code(0).stdout + &words.stdout;
    assert!(words.contains("first/a   answered"), "{words}");
}

#[test]
fn who_is_tried_out_or_asked_beside_is_listed_and_probed() {
    let route = "[routes.r]\ntiers = [\"openai/gpt-4.1-mini\"]\n\
                 canary = { target = \"groq/llama-3.3-70b-versatile\" }\n\
                 shadow = { target = \"mistral/mistral-small-latest\", share = 1.0, max_cost_per_day = 1.0 }\n";
    let health = |arguments: &[&str]| object(Llmx::new().config(route).args(["health", "--sim"]).args(arguments), 0);
    for (all, probed) in [(health(&[]), false), (health(&["--probe", "r"]), true)] {
        for target in ["openai/gpt-4.1-mini", "groq/llama-3.3-70b-versatile", "mistral/mistral-small-latest"] {
            assert_eq!(row(&all, target)["probe"].is_null(), !probed, "{target}: {all}");
        }
    }
}

#[test]
fn a_look_back_is_as_long_in_hours_as_in_days() {
    for since in ["48h", "2d", "1.5d", "2w"] {
        Llmx::new().args(["health", "--sim", "--since", since]).run().expect_code(0);
    }
    let wrong = Llmx::new().args(["health", "--sim", "--since", "2y"]).run().expect_code(2).stderr;
    assert!(wrong.contains("`30m`, `12h` or `2d`"), "{wrong}");
}

#[test]
fn a_model_without_a_key_is_not_asked() {
    let home = Home::new();
    home.write_config("[routes.r]\ntiers = [\"openai/gpt-4.1-mini\"]\n");
    let health = object(home.llmx().args(["health", "--probe"]), 4);
    assert_eq!(row(&health, "openai/gpt-4.1-mini")["probe"]["reason"]["reason"], "key_missing");
}

#[test]
fn a_probe_leaves_a_model_to_the_process_that_is_trying_it() {
    let server = Server::start("");
    let home = Home::new();
    home.write_config(&server.config(&CHAIN));
    failed_of_late(&home, "busy");
    assert_eq!(row(&object(home.llmx().arg("health"), 0), "first/a")["state"]["state"], "half_open");
    assert!(ledger(&home).claim(&TargetId::new("first", "a"), None, Timestamp::now()), "it is free");
    let health = object(home.llmx().args(["health", "--probe"]), 0);
    assert_eq!(row(&health, "first/a")["probe"]["result"], "left_to_another_process");
    assert_eq!([server.count("first"), server.count("second")], [0, 1]);
}

#[test]
fn an_interrupted_probe_is_written_down_as_stopped() {
    let server = Server::start("first:hang");
    let home = Home::new();
    home.write_config(&server.config(&CHAIN[..1]));
    let running = home.llmx().args(["health", "--probe"]).spawn();
    server.wait("the probe", |traffic| traffic.to("first").next().is_some());
    running.signal(rustix::process::Signal::INT);
    running.finish().expect_code(130);
    let run = ledger(&home).run("last").expect("a ledger").expect("a run");
    let outcome = run.attempts[0].end.as_ref().map(|end| end.outcome);
    assert_eq!((outcome, run.end.map(|end| end.exit_code)), (Some(AttemptOutcome::Cancelled), Some(130)));
}

#[test]
fn a_look_at_a_simulation_does_not_begin_another_one() {
    let home = Home::new();
    home.llmx().args(["complete", "--sim=openai:529", "hello"]).run().expect_code(0);
    let health = object(home.llmx().args(["health", "--sim", "openai"]), 0);
    assert_eq!(health["targets"][0]["state"]["state"], "open", "{health}");
    assert_eq!(health["simulated"], true);
}

#[test]
fn a_providers_words_cannot_drive_the_terminal() {
    let home = Home::new();
    home.write_config(&Server::start("").config(&CHAIN));
    failed_of_late(&home, "busy\u{1b}]0;evil\u{7}\u{1b}[2Jagain");
    let (code, raw) = Terminal::start(home.llmx().arg("health"), 40, 80).finish();
    let text = String::from_utf8(raw).expect("whole characters");
    assert_eq!(code, 0);
    assert!(text.contains("busy^[]0;evil^G") && !text.contains("\u{1b}]0;") && !text.contains("\u{1b}[2J"), "{text:?}");
}

#[test]
fn the_table_has_less_where_there_is_less_room() {
    let home = Home::new();
    home.write_config(&Server::start("").config(&CHAIN));
    failed_of_late(&home, "busy");
    let at = |columns: u16| {
        let (_, raw) = Terminal::start(home.llmx().args(["health", "--color", "never"]), 40, columns).finish();
        let text = String::from_utf8(raw).expect("whole characters");
        let wide: Vec<&str> =
            text.lines().filter(|line| line.trim_end().chars().count() > usize::from(columns)).collect();
        assert!(wide.is_empty(), "{columns}: {wide:#?}");
        text
    };
    assert!(at(110).contains("first p50 p95 p99"));
    assert!(at(72).contains("first p50 p95  all p50 p95"));
    assert!(at(40).contains("state              half-open"));
}

#[test]
fn a_watch_draws_anew_until_ctrl_c_and_gives_the_cursor_back() {
    let server = Server::start("");
    let home = Home::new();
    home.write_config(&server.config(&CHAIN));
    let mut terminal = Terminal::start(home.llmx().args(["health", "--watch=50ms"]), 24, 80);
    terminal.wait_text("first/a   not asked");
    home.llmx().args(["complete", "hello"]).run().expect_code(0);
    terminal.wait_text("first/a   ok");
    assert!(!terminal.screen().contains("first/a   not asked"), "{}", terminal.screen());
    terminal.send(CTRL_C);
    let (code, raw) = terminal.finish();
    let text = String::from_utf8_lossy(&raw);
    assert_eq!(code, 0);
    assert!(text.starts_with("\u{1b}[?25l") && text.ends_with("\u{1b}[?25h"), "{text:?}");
}

#[test]
fn a_watch_in_a_pipe_is_json_or_refused() {
    let home = Home::new();
    home.write_config(&Server::start("").config(&CHAIN));
    let refused = home.llmx().args(["health", "--watch"]).run().expect_code(2);
    assert!(refused.stderr.contains("with `--json` it prints an object a line"), "{}", refused.stderr);
    let running = home.llmx().args(["health", "--watch=50ms", "--json"]).spawn();
    running.wait_stdout("}\n{");
    running.signal(rustix::process::Signal::INT);
    let lines = running.finish().expect_code(0).stdout;
    for line in lines.lines() {
        let object: Value = serde_json::from_str(line).expect("JSON");
        assert_eq!(object["schema"], "llmx.health/1");
    }
}
