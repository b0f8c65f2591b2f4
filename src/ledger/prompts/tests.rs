//! Which past requests are asked again, and with what.

use super::*;
use crate::chat::{Media, MediaSource, Role};
use crate::ledger::record::{AttemptRole, AttemptStart, RunEnd, RunStart};
use crate::ledger::tests::{attempt, attempt_end, directory, healthy, observation, record, run, run_end};

fn runs(ledger: &Ledger, since_ms: i64, limit: usize) -> Vec<String> {
    ledger.past_prompts(since_ms, limit).map(|past| past.expect("a prompt").run).collect()
}

#[test]
fn a_request_is_told_with_all_turns_before_it_and_nothing_after_it() {
    let home = directory();
    let mut ledger = healthy(&home.path().join("ledger.db"));
    record(&mut ledger, "run-1");
    let later =
        |id: &str| RunStart { conversation: "run-1".to_owned(), system: Some(format!("system {id}")), ..run(id) };
    ledger.begin(&later("run-2"));
    ledger.end(&RunEnd { exit_code: 9, ..run_end("run-2") });
    ledger.begin(&RunStart { system: None, ..later("run-3") });
    ledger.end(&run_end("run-3"));
    ledger.begin(&later("run-4"));
    ledger.end(&run_end("run-4"));
    let found: Vec<PastPrompt> = ledger.past_prompts(0, 9).collect::<Result<_, _>>().expect("prompts");
    let ids: Vec<&str> = found.iter().map(|past| past.run.as_str()).collect();
    assert_eq!(ids, ["run-4", "run-3", "run-1"], "newest first, and the failed one is left out");
    let turns = |ids: &[&str]| -> Vec<Message> {
        let turns = ids.iter().flat_map(|id| {
            [
                Message::text(Role::User, format!("question {id}")),
                Message::text(Role::Assistant, format!("answer {id}")),
            ]
        });
        turns.take(ids.len() * 2 - 1).collect()
    };
    assert_eq!(found[0].messages, turns(&["run-1", "run-3", "run-4"]));
    assert_eq!(found[1].messages, turns(&["run-1", "run-3"]));
    assert_eq!(found[0].system.as_deref(), Some("system run-4"));
    assert_eq!(found[2].system.as_deref(), Some("be brief"));
    let expected = PastPrompt {
        run: "run-1".to_owned(),
        system: Some("be brief".to_owned()),
        messages: turns(&["run-1"]),
        answer: "answer run-1".to_owned(),
        finish: Some("stop".to_owned()),
        served_by: "openai/gpt-5.4-mini".to_owned(),
        attempt: ledger.run("run-1").expect("a read").expect("a run").attempts.pop(),
    };
    assert_eq!(found[2], expected);
    assert_eq!(found[0].attempt, None, "none was kept");
}

#[test]
fn the_attempt_is_the_one_that_served() {
    let home = directory();
    let mut ledger = healthy(&home.path().join("ledger.db"));
    ledger.begin(&run("run-1"));
    for (number, model, role) in [
        (1, "other", AttemptRole::Main),
        (2, "gpt-5.4-mini", AttemptRole::Hedge),
        (3, "other", AttemptRole::Hedge),
        (FIRST_SHADOW, "gpt-5.4-mini", AttemptRole::Shadow),
    ] {
        ledger.attempt_started(&AttemptStart { model: model.to_owned(), role, ..attempt("run-1", number) });
        ledger.attempt_ended(&attempt_end("run-1", number), &observation());
    }
    ledger.end(&run_end("run-1"));
    let found = ledger.past_prompts(0, 1).next().expect("one").expect("a prompt");
    assert_eq!(found.attempt.expect("an attempt").start.number, 2);
}

#[test]
fn only_what_can_be_asked_again_is_told_and_no_more_than_was_wanted() {
    let home = directory();
    let mut ledger = healthy(&home.path().join("ledger.db"));
    let picture = Media {
        media_type: "image/png".to_owned(),
        name: None,
        source: MediaSource::Url("https://example.com/a.png".to_owned()),
    };
    let with_picture = Message { role: Role::User, parts: vec![Part::Text("what?".to_owned()), Part::Media(picture)] };
    let starts = [
        RunStart { started_ms: 5, ..run("run-01") },
        RunStart { started_ms: 6, command: "chat".to_owned(), ..run("run-02") },
        RunStart { command: "compare".to_owned(), ..run("run-03") },
        RunStart { keep_text: false, messages: Vec::new(), ..run("run-04") },
        RunStart { messages: vec![with_picture], ..run("run-05") },
        RunStart { conversation: "run-05".to_owned(), ..run("run-06") },
        RunStart { messages: Vec::new(), ..run("run-07") },
        run("run-08"),
        run("run-09"),
    ];
    for start in &starts {
        ledger.begin(start);
        ledger.end(&run_end(&start.id));
    }
    ledger.begin(&run("run-10"));
    ledger.end(&RunEnd { answer: String::new(), ..run_end("run-10") });
    ledger.begin(&run("run-11"));
    assert_eq!(runs(&ledger, 0, 9), ["run-09", "run-08", "run-02", "run-01"]);
    assert_eq!(runs(&ledger, 6, 9), ["run-09", "run-08", "run-02"]);
    assert_eq!(runs(&ledger, 0, 3), ["run-09", "run-08", "run-02"]);
    assert_eq!(runs(&ledger, 0, 0), Vec::<String>::new());
}

#[test]
fn a_damaged_request_is_an_error_with_its_place_and_the_next_one_follows() {
    let home = directory();
    let mut ledger = healthy(&home.path().join("ledger.db"));
    record(&mut ledger, "run-1");
    record(&mut ledger, "run-2");
    let spoil = "UPDATE messages SET parts = '[' WHERE run = 'run-2' AND role = 'user'";
    ledger.connection.as_ref().expect("a connection").execute_batch(spoil).expect("spoilt");
    let found: Vec<_> = ledger.past_prompts(0, 9).collect();
    let error = found[0].as_ref().expect_err("damaged").to_string();
    assert!(error.contains("the run `run-2` cannot be read"), "{error}");
    assert_eq!((found.len(), found[1].as_ref().expect("a prompt").run.as_str()), (2, "run-1"));
    assert_eq!(Ledger::disabled(None).past_prompts(0, 9).filter(Result::is_err).count(), 1, "and it ends");
}
