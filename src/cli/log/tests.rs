use serde_json::{Value, json};

use super::list::table;
use super::show::{detail_json, page};
use super::*;
use crate::chat::Role;
use crate::ledger::record::{
    AttemptEnd, AttemptOutcome, AttemptRole, AttemptStart, CostSource, Observation, RunEnd, RunStart, StoredBuckets,
};

/// One run: a failure with a partial text, then an answer.
pub(super) fn ledger(directory: &tempfile::TempDir) -> Ledger {
    let id = "0199aaaa-1111-7000-8000-000000000001".to_owned();
    let attempt = |number, provider: &str| AttemptStart {
        run: id.clone(),
        number,
        started_ms: 0,
        provider: provider.to_owned(),
        model: "m".to_owned(),
        role: AttemptRole::Main,
        asked: None,
    };
    let failed = AttemptEnd {
        run: id.clone(),
        number: 1,
        outcome: AttemptOutcome::Failed,
        served_model: None,
        request_id: None,
        first_content_ms: None,
        total_ms: 1_250,
        usage_raw: None,
        buckets: None,
        price: None,
        cost_pico: None,
        saved_pico: None,
        cost_source: CostSource::Unknown,
        class: Some("incomplete_stream".to_owned()),
        failure: Some(r#"{"maybe_billed":true}"#.to_owned()),
        partial_text: "half\u{9b}31m".to_owned(),
    };
    let complete = AttemptEnd {
        number: 2,
        outcome: AttemptOutcome::Complete,
        buckets: Some(StoredBuckets { input_total: 10, output_total: 5, ..StoredBuckets::default() }),
        cost_pico: Some(37_500_000_000),
        class: None,
        failure: None,
        partial_text: String::new(),
        ..failed.clone()
    };
    let mut ledger = Ledger::open(&directory.path().join("ledger.db"));
    ledger.begin(&RunStart {
        id: id.clone(),
        conversation: id.clone(),
        started_ms: 0,
        command: "complete".to_owned(),
        route: "smart".to_owned(),
        system: Some("be brief".to_owned()),
        messages: vec![Message::text(Role::User, "why\n\u{1b}[31m is  the sky blue? ".repeat(9))],
        keep_text: true,
        terminal: None,
        arm: None,
        project: None,
        tags: std::collections::BTreeMap::new(),
    });
    ledger.attempt_started(&attempt(1, "a"));
    ledger.attempt_ended(&failed, &Observation::default());
    ledger.attempt_started(&attempt(2, "b"));
    ledger.attempt_ended(&complete, &Observation::default());
    ledger.end(&RunEnd {
        id: id.clone(),
        ended_ms: 3_000,
        exit_code: 0,
        answer: "Rayleigh.\n".to_owned(),
        reasoning: String::new(),
        served_by: Some("b/m".to_owned()),
        finish: Some("stop".to_owned()),
    });
    ledger
}

#[test]
fn the_list_has_one_line_for_each_run() {
    let directory = tempfile::tempdir().expect("a directory");
    let runs = ledger(&directory).recent(9).expect("runs");
    let text = table(&runs, &TimeZone::UTC).render(None, false);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 2, "{text}");
    assert!(lines[1].starts_with("1970-01-01 00:00  0199aaaa  b/m"), "{text}");
    assert!(lines[1].contains("$0.0375 + unknown  ok, 2 attempts  why [31m is the sky blue?"), "{text}");
    assert!(lines[1].ends_with('…'), "{text}");
}

#[test]
fn a_run_is_shown_with_its_attempts() {
    let directory = tempfile::tempdir().expect("a directory");
    let run = ledger(&directory).run("last").expect("a read").expect("a run");
    let text = page(&run, &TimeZone::UTC);
    assert!(text.contains("attempt 1    a/m: incomplete_stream, 1.2 s, cost unknown\n"), "{text}");
    assert!(text.contains("attempt 2    b/m: complete, 1.2 s, 10 in, 5 out, $0.0375\n"), "{text}");
    assert!(text.contains("\nsystem:\nbe brief\n") && text.ends_with("\nanswer:\nRayleigh.\n"), "{text}");
}

#[test]
fn a_shadow_is_called_one() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut run = ledger(&directory).run("last").expect("a read").expect("a run");
    run.attempts[1].start.role = AttemptRole::Shadow;
    run.attempts[1].start.number = 1001;
    let text = page(&run, &TimeZone::UTC);
    assert!(text.contains("\nshadow       b/m: complete") && !text.contains("1001"), "{text}");
}

#[test]
fn json_keeps_money_exact_and_unknown_apart() {
    let directory = tempfile::tempdir().expect("a directory");
    let run = ledger(&directory).run("0199").expect("a read").expect("a run");
    let value = detail_json(&run);
    // A part of the cost must not pass for the whole.
    assert_eq!((&value["cost"], &value["unknown_costs"]), (&Value::Null, &json!(1)));
    assert_eq!((&value["attempts"][0]["cost"], &value["attempts"][1]["cost"]), (&Value::Null, &json!("0.0375")));
    assert_eq!(value["partial"], json!("half\u{9b}31m"));
}

#[test]
fn a_cost_that_is_partly_unknown_says_so() {
    let spent = |known: &str, unknown| Spent { known: Usd::parse(known).expect("an amount"), unknown };
    assert_eq!(cost(spent("0", 0), 0), "-");
    assert_eq!(cost(spent("0", 0), 1), "$0.00");
    assert_eq!(cost(spent("0", 1), 1), "unknown");
    assert_eq!(cost(spent("0.5", 1), 2), "$0.5000 + unknown");
}

#[test]
fn the_arguments_are_understood() {
    #[derive(Debug, clap::Parser)]
    struct Program {
        #[command(flatten)]
        log: Args,
    }
    let parse = |words: &[&str]| <Program as clap::Parser>::try_parse_from([&["log"], words].concat());
    assert_eq!(parse(&["-n", "5", "--json"]).expect("arguments").log.list.number, 5);
    assert!(matches!(parse(&["list", "-n", "5"]).expect("arguments").log.action, Some(Action::List(_))));
    let shown = parse(&["show", "--partial"]).expect("arguments").log.action;
    assert!(matches!(shown, Some(Action::Show(show::Args { id, partial: true, .. })) if id == "last"));
    assert!(parse(&["show", "--partial", "--json"]).is_err());
    assert!(parse(&["-n", "many"]).is_err());
    assert!(matches!(parse(&["search", "a", "b", "-n", "5"]).expect("arguments").log.action,
        Some(Action::Search(search::Args { words, number: 5, .. })) if words == ["a", "b"]));
    assert!(matches!(parse(&["search", "--", "a", "-b"]).expect("arguments").log.action,
        Some(Action::Search(search::Args { words, .. })) if words == ["a", "-b"]));
    for wrong in [&["search"][..], &["prune"], &["prune", "--larger-than", "1MB", "--all"], &["export", "--force"]] {
        assert!(parse(wrong).is_err(), "{wrong:?}");
    }
    parse(&["continue", "last", "and", "now?", "-m", "x", "--json"]).expect("all that complete understands");
    parse(&["prune", "--older-than", "90d", "--larger-than", "200MB", "--yes"]).expect("both");
}
