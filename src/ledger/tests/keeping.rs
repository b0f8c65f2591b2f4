//! What is written is read as it was.

use super::*;

#[test]
fn a_run_is_read_as_it_was_written() {
    let directory = directory();
    let path = directory.path().join("new/ledger.db");
    record(&mut healthy(&path), "run-1");
    let found = healthy(&path).run("run-1").expect("a read").expect("a run");
    assert_eq!(found.start, run("run-1"));
    assert_eq!(found.end, Some(run_end("run-1")));
    assert_eq!(found.attempts.len(), 1);
    assert_eq!(found.attempts[0].start, attempt("run-1", 1));
    assert_eq!(found.attempts[0].end, Some(attempt_end("run-1", 1)));
    assert_eq!(found.attempts[0].key_place.as_deref(), Some("OPENAI_API_KEY"));
}

/// What any tool for SQLite reads of a run and its attempt.
#[test]
fn the_views_tell_in_words_what_is_kept_as_numbers() {
    let directory = directory();
    let mut ledger = healthy(&directory.path().join("ledger.db"));
    let (first, id) = ("019acfd8-b4f1-7000-8000-00000000000a", "019acfd8-b4f1-7000-8000-00000000000b");
    let tags = [("team".to_owned(), "shop".to_owned())].into();
    let project = Some("/src/shop".to_owned());
    ledger.begin(&RunStart { conversation: first.to_owned(), project, tags, ..run(id) });
    ledger.attempt_started(&attempt(id, 1));
    let model = attempt(id, 1).model;
    let end = AttemptEnd { served_model: Some(model.clone()), ..attempt_end(id, 1) };
    ledger.attempt_ended(&end, &observation());
    ledger.end(&run_end(id));
    let told = |query: &str| -> String {
        ledger.read(|connection| connection.query_row(query, [], |row| row.get(0))).expect("told")
    };
    assert_eq!(
        told("SELECT json_array(id, conversation, command, route, project, tags, served_by) FROM runs"),
        serde_json::json!([id, first, "complete", "smart", "/src/shop", "{\"team\":\"shop\"}", "openai/gpt-5.4-mini"])
            .to_string()
    );
    assert_eq!(
        told("SELECT json_array(run, provider, model, role, served_model, usage_shape, usage_raw) FROM attempts"),
        serde_json::json!([id, "openai", model, "hedge", model, "{\"input\":0}", "10"]).to_string()
    );
    assert_eq!(told("SELECT served_model FROM kept_attempts"), "");
    for key in ["id) FROM kept_runs", "continues) FROM kept_runs", "run) FROM kept_attempts", "run) FROM messages"] {
        assert_eq!(told(&format!("SELECT hex({key}")).len(), 2 * 16, "{key}");
    }
    assert_eq!(ledger.run(id).expect("a read").expect("a run").attempts[0].end.as_ref(), Some(&end));
    let spending = ledger.spending(0..i64::MAX).expect("a read");
    assert_eq!(spending.spenders.len(), 1, "what a run says by itself is nobody who spends: {spending:?}");
}

#[test]
fn an_attempt_that_never_ended_stays_as_an_intent_of_unknown_cost() {
    let directory = directory();
    let path = directory.path().join("ledger.db");
    let mut ledger = healthy(&path);
    ledger.begin(&run("run-1"));
    ledger.attempt_started(&attempt("run-1", 1));
    drop(ledger);
    let found = healthy(&path).run("last").expect("a read").expect("a run");
    assert_eq!((found.end.is_none(), found.attempts[0].end.is_none()), (true, true));
    assert_eq!((found.spent().known, found.spent().unknown), (crate::money::Usd::ZERO, 1));
}

#[test]
fn an_unknown_cost_is_unknown_and_a_free_failure_is_not() {
    let directory = directory();
    let mut ledger = healthy(&directory.path().join("ledger.db"));
    ledger.begin(&run("run-1"));
    for number in 1..=4 {
        ledger.attempt_started(&attempt("run-1", number));
    }
    ledger.attempt_ended(&failed("run-1", 1, r#"{"maybe_billed":false}"#, ""), &Observation::default());
    ledger.attempt_ended(&failed("run-1", 2, r#"{"maybe_billed":true}"#, "half"), &Observation::default());
    ledger.attempt_ended(&failed("run-1", 3, "no JSON", ""), &Observation::default());
    ledger.attempt_ended(&attempt_end("run-1", 4), &observation());
    ledger.end(&run_end("run-1"));
    let summary = ledger.recent(1).expect("runs").remove(0);
    assert_eq!((summary.spent.known.pico(), summary.spent.unknown), (7_212_500_000, 2));
    assert_eq!((summary.attempts, summary.tokens), (4, Some((10, 5))));
    let found = ledger.run("run-1").expect("a read").expect("a run");
    assert_eq!(found.attempts[0].end.as_ref().expect("an end").cost_pico, None);
    assert_eq!(found.partial(), Some("half"));
}

#[test]
fn any_text_survives() {
    let directory = directory();
    let path = directory.path().join("ledger.db");
    let text = format!("nul \0 emoji 👩‍👩‍👧 bidi \u{202e} escape \x1b[31m {}", "long ".repeat(800_000));
    let start = RunStart { messages: vec![Message::text(Role::User, text.clone())], ..run("run-1") };
    let end = RunEnd { answer: text.clone(), reasoning: text.clone(), ..run_end("run-1") };
    let cut = failed("run-1", 1, r#"{"maybe_billed":true,"message":"\u0000"}"#, &text);
    let mut ledger = healthy(&path);
    ledger.begin(&start);
    ledger.attempt_started(&attempt("run-1", 1));
    ledger.attempt_ended(&cut, &Observation::default());
    ledger.end(&end);
    drop(ledger);
    let found = healthy(&path).run("run-1").expect("a read").expect("a run");
    assert_eq!(found.start, start);
    assert_eq!(found.end, Some(end));
    assert_eq!(found.attempts[0].end, Some(cut));
}

#[test]
fn runs_are_found_by_any_prefix_that_is_theirs_alone() {
    let directory = directory();
    let mut ledger = healthy(&directory.path().join("ledger.db"));
    for id in ["0199aaaa-1111-7000", "0199aaaa-1122-7000", "0199bbbb-1111-7000"] {
        record(&mut ledger, id);
    }
    let found = |id: &str| ledger.run(id).map(|run| run.map(|run| run.start.id));
    assert_eq!(found("0199B").expect("a read").as_deref(), Some("0199bbbb-1111-7000"));
    assert_eq!(found("last").expect("a read").as_deref(), Some("0199bbbb-1111-7000"));
    assert_eq!(found("0199aaaa-1111-7000").expect("a read").as_deref(), Some("0199aaaa-1111-7000"));
    assert_eq!(found("0199c").expect("a read"), None);
    assert_eq!(found("%").expect("a read"), None);
    let ambiguous = found("0199aaaa").expect_err("two runs").to_string();
    assert!(ambiguous.contains("0199aaaa-1111-7000, 0199aaaa-1122-7000"), "{ambiguous}");
    let shorts: Vec<_> = ledger.recent(3).expect("runs").into_iter().map(|run| run.short).collect();
    assert_eq!(shorts, ["0199bbbb", "0199aaaa-112", "0199aaaa-111"]);
}

#[test]
fn a_conversation_continues_after_its_whole_answers() {
    let directory = directory();
    let mut ledger = healthy(&directory.path().join("ledger.db"));
    record(&mut ledger, "run-1");
    let second = |id: &str| RunStart { conversation: "run-1".to_owned(), system: None, ..run(id) };
    ledger.begin(&second("run-2"));
    ledger.end(&RunEnd { exit_code: 9, served_by: None, answer: "half an ans".to_owned(), ..run_end("run-2") });
    ledger.begin(&second("run-3"));
    ledger.end(&run_end("run-3"));
    let text = |role, text: &str| Message::text(role, text);
    let expected = Conversation {
        id: "run-1".to_owned(),
        system: Some("be brief".to_owned()),
        messages: vec![
            text(Role::User, "question run-1"),
            text(Role::Assistant, "answer run-1"),
            text(Role::User, "question run-3"),
            text(Role::Assistant, "answer run-3"),
        ],
    };
    assert_eq!(ledger.conversation("run-2").expect("a read"), Some(expected.clone()));
    assert_eq!(ledger.last_conversation(None).expect("a read"), Some(expected));
    let held = ledger.run("run-2").expect("a read").expect("a run");
    assert_eq!(held.partial(), Some("half an ans"));
}

#[test]
fn the_last_conversation_is_that_of_the_terminal() {
    let directory = directory();
    let mut ledger = healthy(&directory.path().join("ledger.db"));
    for (id, terminal, keep_text) in [("run-1", "pts/1", true), ("run-2", "pts/2", true), ("run-3", "pts/1", false)] {
        ledger.begin(&RunStart { terminal: Some(terminal.to_owned()), keep_text, ..run(id) });
        ledger.end(&run_end(id));
    }
    // A run without an answer leaves nothing to go on with.
    ledger.begin(&RunStart { terminal: Some("pts/1".to_owned()), ..run("run-4") });
    let last = |terminal| ledger.last_conversation(terminal).expect("a read").map(|found| found.id);
    assert_eq!(last(Some("pts/1")).as_deref(), Some("run-1"));
    assert_eq!(last(None).as_deref(), Some("run-2"));
    assert_eq!(last(Some("pts/3")), None);
}

#[test]
fn the_linked_sqlite_is_new_enough_for_several_processes() {
    assert!(rusqlite::version_number() >= OLDEST_SQLITE, "{}", rusqlite::version());
}

#[test]
fn a_long_log_is_folded_into_the_database_at_the_end() {
    let directory = directory();
    let path = directory.path().join("ledger.db");
    let log = || beside(&path, "-wal").metadata().map_or(0, |log| log.len());
    record(&mut healthy(&path), "run-1");
    assert!(log() > 0, "a short log stays");
    let mut ledger = healthy(&path);
    ledger.begin(&RunStart { system: Some("long ".repeat(400_000)), ..run("run-2") });
    assert!(log() > LONGEST_LOG);
    drop(ledger);
    assert_eq!(log(), 0);
    assert_eq!(ids(&healthy(&path)), ["run-1", "run-2"]);
}
