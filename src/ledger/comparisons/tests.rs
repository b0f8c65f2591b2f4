//! What is promised of kept comparisons, also when disks and processes fail and when the text in them is anybody's.

use std::process::{Child, Command, Stdio};

use super::*;
use crate::chat::Buckets;
use crate::compare::check::{Outcome, Verdict};
use crate::compare::dataset::Fingerprint;
use crate::compare::kept::{Record, Spec};
use crate::compare::report::Section;
use crate::compare::{Answer, Timing};
use crate::ledger::tests::{beside, directory, healthy, integrity};
use crate::ledger::{LONGEST_LOG, LONGEST_LOG_OF_A_WRITER, migrations, spool};

mod leaving_out;
mod processes;

const ID: &str = "0199aaaa-1111-7000-8000-000000000001";

fn comparison(id: &str) -> Comparison {
    Comparison {
        id: id.to_owned(),
        created: Timestamp::from_millisecond(1_780_000_000_123).expect("a moment"),
        spec: Spec {
            title: "capitals".to_owned(),
            models: vec!["openai/a".to_owned(), "groq/b".to_owned()],
            repeats: 2,
            seed: u64::MAX,
            ..Spec::default()
        },
        ended: None,
    }
}

fn row(index: usize) -> AskedRow {
    AskedRow {
        index,
        id: format!("row {index}"),
        prompt: "the capital of France?".to_owned(),
        system: Some("be brief".to_owned()),
        variables: vec![("country".to_owned(), "France".to_owned())],
        reference: None,
        cluster: Some("europe".to_owned()),
        fingerprint: Fingerprint::of(["the capital of France?"]),
    }
}

fn answer(row: usize, model: usize, repeat: u32) -> KeptAnswer {
    let timing = Timing {
        first_token: Some(Duration::from_micros(120_001)),
        first_piece: None,
        total: Duration::from_micros(900_017),
    };
    KeptAnswer {
        answer: Answer {
            row,
            model,
            repeat,
            state: State::Whole,
            text: "Paris".to_owned(),
            served: Some("a-2026-03-01".to_owned()),
            timing: Some(timing),
            tokens: Some(Buckets { input: 12, output: 3, inconsistent: true, ..Buckets::default() }),
            cost: Some(Usd::from_pico(1_500)),
            verdicts: vec![Verdict {
                check: "similar:0.5".to_owned(),
                outcome: Outcome::Passed,
                reason: String::new(),
                score: Some(0.75),
            }],
        },
        attempts: 2,
        cosine: Some(-0.25),
    }
}

fn failed(row: usize, model: usize, repeat: u32) -> KeptAnswer {
    let state = State::Failed { class: "rate_limit".to_owned(), message: "too many\0".to_owned() };
    let kept = answer(row, model, repeat);
    KeptAnswer {
        answer: Answer { state, text: String::new(), timing: None, tokens: None, cost: None, ..kept.answer },
        cosine: None,
        ..kept
    }
}

fn transcript(text: &str) -> Transcript {
    let sections = vec![Section { title: "first a, then b".to_owned(), text: text.to_owned() }];
    Transcript { title: "groq/b: a against b".to_owned(), outcome: "tie".to_owned(), sections, duel: None }
}

fn begun(path: &std::path::Path) -> Ledger {
    let mut ledger = healthy(path);
    ledger.begin_comparison(&comparison(ID)).expect("begun");
    ledger
}

fn add(ledger: &mut Ledger, answers: &[KeptAnswer]) {
    for kept in answers {
        ledger.comparison_answer(ID, kept).expect("written");
    }
}

fn all(ledger: &Ledger) -> Vec<Record> {
    ledger.records(ID).collect::<Result<_, _>>().expect("records")
}

fn spoil(ledger: &Ledger, sql: &str) {
    ledger.connection.as_ref().expect("a connection").execute_batch(sql).expect("spoilt");
}

#[test]
fn a_comparison_is_read_as_it_was_written() {
    let home = directory();
    let path = home.path().join("ledger.db");
    let mut ledger = begun(&path);
    let free = KeptAnswer { answer: Answer { cost: None, tokens: None, ..answer(2, 0, 0).answer }, ..answer(2, 0, 0) };
    for index in [10, 2] {
        ledger.comparison_row(ID, &row(index)).expect("written");
    }
    add(&mut ledger, &[answer(10, 1, 1), answer(10, 0, 1), failed(10, 1, 0), free.clone()]);
    ledger
        .comparison_transcripts(ID, 10, &[transcript("old"), transcript("older"), transcript("oldest")])
        .expect("written");
    ledger.comparison_transcripts(ID, 10, &[transcript("a"), transcript("b")]).expect("written");
    let ended = Ended { wall: Duration::from_nanos(5_000_000_001), exit_code: 1, notes: vec!["stopped".to_owned()] };
    ledger.end_comparison(ID, &ended).expect("ended");
    drop(ledger);

    let mut ledger = healthy(&path);
    let expected = [
        Record { row: row(2), answers: vec![free], transcripts: Vec::new() },
        Record {
            row: row(10),
            answers: vec![answer(10, 0, 1), failed(10, 1, 0), answer(10, 1, 1)],
            transcripts: vec![transcript("a"), transcript("b")],
        },
    ];
    assert_eq!(all(&ledger), expected);
    let found = Comparison { ended: Some(ended), ..comparison(ID) };
    assert_eq!(ledger.find_comparison(ID).expect("a read"), Some(found.clone()));
    let cost = Spent { known: Usd::from_pico(3_000), unknown: 2 };
    let summary = ComparisonSummary { comparison: found, rows: 2, answers: 4, failed: 1, cost };
    assert_eq!(ledger.comparisons(5).expect("a list"), [summary]);
    ledger.reopen_comparison(ID).expect("reopened");
    assert_eq!(ledger.find_comparison(ID).expect("a read"), Some(comparison(ID)), "it goes on");
}

#[test]
fn a_later_answer_replaces_a_failed_one_and_is_counted_once() {
    let home = directory();
    let mut ledger = begun(&home.path().join("ledger.db"));
    ledger.comparison_row(ID, &row(0)).expect("written");
    add(&mut ledger, &[failed(0, 1, 0), failed(0, 0, 1), answer(0, 0, 0)]);
    assert_eq!(ledger.answered(ID, 0).expect("a read"), [(0, 0, false), (0, 1, true), (1, 0, true)]);
    add(&mut ledger, &[answer(0, 1, 0), answer(0, 1, 0)]);
    assert_eq!(ledger.answered(ID, 0).expect("a read"), [(0, 0, false), (0, 1, true), (1, 0, false)]);
    assert_eq!(
        (ledger.answered(ID, 1).expect("a read"), ledger.answered("other", 0).expect("a read")),
        (vec![], vec![])
    );
    let found = ledger.comparisons(1).expect("a list").remove(0);
    assert_eq!((found.rows, found.answers, found.failed), (1, 3, 1));
    assert_eq!(found.cost, Spent { known: Usd::from_pico(3_000), unknown: 1 });
    assert_eq!(all(&ledger)[0].answers, [answer(0, 0, 0), failed(0, 0, 1), answer(0, 1, 0)]);
}

#[test]
fn past_answers_cost_nothing_anew_and_no_sum_is_too_large() {
    let home = directory();
    let mut ledger = healthy(&home.path().join("ledger.db"));
    let mut with_past = comparison(ID);
    with_past.spec.has_past = true;
    ledger.begin_comparison(&with_past).expect("begun");
    let dear = |model, repeat, pico| {
        let kept = answer(0, model, repeat);
        KeptAnswer { answer: Answer { cost: Some(Usd::from_pico(pico)), ..kept.answer }, ..kept }
    };
    add(&mut ledger, &[dear(0, 0, 7), failed(0, 0, 1), dear(1, 0, i128::MAX), dear(1, 1, i64::MAX.into())]);
    let found = ledger.comparisons(1).expect("a list").remove(0);
    assert_eq!(found.cost, Spent { known: Usd::from_pico(2 * i128::from(i64::MAX)), unknown: 0 });
    assert_eq!((found.answers, found.failed), (4, 1));
}

#[test]
fn any_text_survives() {
    let home = directory();
    let path = home.path().join("ledger.db");
    let mut ledger = begun(&path);
    let text = format!("nul \0 emoji 👩‍👩‍👧 bidi \u{202e} escape \x1b[31m </script> {}", "long ".repeat(800_000));
    let mut hostile = answer(0, 0, 0);
    hostile.answer.text.clone_from(&text);
    hostile.answer.served = Some(text.clone());
    hostile.answer.state = State::Failed { class: text.clone(), message: text.clone() };
    hostile.answer.verdicts[0].reason.clone_from(&text);
    let asked = AskedRow { prompt: text.clone(), ..row(0) };
    ledger.comparison_row(ID, &asked).expect("written");
    add(&mut ledger, std::slice::from_ref(&hostile));
    ledger.comparison_transcripts(ID, 0, &[transcript(&text)]).expect("written");
    drop(ledger);
    let expected = Record { row: asked, answers: vec![hostile], transcripts: vec![transcript(&text)] };
    assert_eq!(all(&healthy(&path)), [expected]);
}

#[test]
fn a_figure_that_is_no_number_is_unknown() {
    let home = directory();
    let mut ledger = begun(&home.path().join("ledger.db"));
    ledger.comparison_row(ID, &row(0)).expect("written");
    let mut odd = KeptAnswer { cosine: Some(f64::NAN), ..answer(0, 0, 0) };
    odd.answer.verdicts[0].score = Some(f64::NAN);
    add(&mut ledger, &[odd]);
    let found = all(&ledger).remove(0).answers.remove(0);
    assert_eq!((found.cosine, found.answer.verdicts[0].score), (None, None));
}

#[test]
fn comparisons_are_found_by_any_prefix_that_is_theirs_alone() {
    let home = directory();
    let mut ledger = healthy(&home.path().join("ledger.db"));
    assert_eq!(ledger.find_comparison("last").expect("a read"), None);
    let ids = ["0199aaaa-1111-7000", "0199aaaa-1122-7000", "0199bbbb-1111-7000"];
    for id in ids {
        ledger.begin_comparison(&comparison(id)).expect("begun");
    }
    let found = |text: &str| ledger.find_comparison(text).map(|found| found.map(|found| found.id));
    assert_eq!(found("0199B").expect("a read").as_deref(), Some(ids[2]));
    assert_eq!(found("last").expect("a read").as_deref(), Some(ids[2]));
    assert_eq!(found(ids[0]).expect("a read").as_deref(), Some(ids[0]));
    assert_eq!(found("0199c").expect("a read"), None);
    assert_eq!(found("%%%%").expect("a read"), None);
    assert!(matches!(found("0199aaaa"), Err(LedgerError::Ambiguous { matches, .. }) if matches == ids[..2]));
    assert!(matches!(found("019"), Err(LedgerError::TooShort(_))));
    let listed: Vec<String> = ledger.comparisons(2).expect("a list").into_iter().map(|one| one.comparison.id).collect();
    assert_eq!(listed, [ids[2], ids[1]], "newest first");
}

#[test]
fn what_cannot_be_written_is_an_error_and_is_never_spooled() {
    let home = directory();
    let path = home.path().join("ledger.db");
    let mut ledger = begun(&path);
    ledger.comparison_row(ID, &row(0)).expect("written");
    add(&mut ledger, &[failed(0, 0, 0)]);
    let pages = "PRAGMA max_page_count = 1";
    ledger.connection.as_ref().expect("a connection").query_row(pages, [], |_| Ok(())).expect("a limit");
    let mut long = answer(0, 0, 0);
    long.answer.text = "long ".repeat(100_000);
    let error = ledger.comparison_answer(ID, &long).expect_err("a full disk");
    assert!(
        matches!(error, LedgerError::Write { .. }) && error.to_string().contains("free some disk space"),
        "{error}"
    );
    assert_eq!(all(&ledger)[0].answers, [failed(0, 0, 0)], "the earlier one is still there");
    drop(ledger);
    assert_eq!((healthy(&path).take_warning(), spool::path(&path).exists()), (None, false));
}

#[test]
fn a_ledger_that_only_spools_takes_no_comparison() {
    let home = directory();
    let path = home.path().join("ledger.db");
    std::fs::create_dir(&path).expect("a directory in its place");
    let error = Ledger::open(&path).begin_comparison(&comparison(ID)).expect_err("no database");
    assert!(matches!(error, LedgerError::Unavailable(_)), "{error}");
    let error = Ledger::disabled(None).begin_comparison(&comparison(ID)).expect_err("turned off");
    assert!(error.to_string().contains("it is turned off"), "{error}");
    assert!(!spool::path(&path).exists());
}

#[test]
fn only_a_comparison_that_has_begun_is_written_to_and_it_begins_once() {
    let home = directory();
    let mut ledger = begun(&home.path().join("ledger.db"));
    ledger.begin_comparison(&comparison(ID)).expect_err("twice");
    ledger.comparison_row("other", &row(0)).expect_err("unknown");
    ledger.comparison_answer("other", &answer(0, 0, 0)).expect_err("unknown");
    ledger.comparison_transcripts("other", 0, &[]).expect_err("unknown");
    ledger.end_comparison("other", &Ended::default()).expect_err("unknown");
    assert_eq!(ledger.records("other").count(), 0);
    assert_eq!(ledger.find_comparison(ID).expect("a read"), Some(comparison(ID)));
}

#[test]
fn a_spec_of_another_version_is_read_as_far_as_it_is_known() {
    let home = directory();
    let mut ledger = begun(&home.path().join("ledger.db"));
    ledger.comparison_row(ID, &row(0)).expect("written");
    add(&mut ledger, &[answer(0, 0, 0)]);
    spoil(
        &ledger,
        r#"UPDATE comparisons SET spec = '{"title":"old","newer":{"a":1}}', ended = '{"exit_code":3,"newer":[]}';
           UPDATE comparison_rows SET row = json_remove(json_set(row, '$.newer', 1), '$.variables', '$.cluster');
           UPDATE comparison_answers SET tokens = '{"input":5,"newer":6}',
               state = json_set(state, '$.newer', 1), verdicts = json_set(verdicts, '$[0].newer', 1);"#,
    );
    let found = ledger.find_comparison(ID).expect("a read").expect("a comparison");
    assert_eq!(found.spec, Spec { title: "old".to_owned(), ..Spec::default() });
    assert_eq!(found.ended, Some(Ended { exit_code: 3, ..Ended::default() }));
    let record = all(&ledger).remove(0);
    assert_eq!(record.row, AskedRow { variables: Vec::new(), cluster: None, ..row(0) });
    let tokens = Some(Buckets { input: 5, ..Buckets::default() });
    let expected = answer(0, 0, 0);
    assert_eq!(record.answers, [KeptAnswer { answer: Answer { tokens, ..expected.answer }, ..expected }]);
}

#[test]
fn a_damaged_row_is_an_error_with_its_place_and_the_next_one_follows() {
    let home = directory();
    let mut ledger = begun(&home.path().join("ledger.db"));
    for index in 0..7 {
        ledger.comparison_row(ID, &row(index)).expect("written");
        add(&mut ledger, &[answer(index, 0, 0)]);
    }
    ledger.comparison_transcripts(ID, 3, &[transcript("a")]).expect("written");
    spoil(
        &ledger,
        "UPDATE comparison_rows SET row = '{' WHERE idx = 0;
         UPDATE comparison_answers SET state = '{\"state\":\"dreaming\"}' WHERE idx = 1;
         UPDATE comparison_answers SET repeat = -1 WHERE idx = 2;
         UPDATE comparison_judgements SET transcript = '[]' WHERE idx = 3;
         UPDATE comparison_answers SET verdicts = CAST(x'ff' AS TEXT) WHERE idx = 4;
         UPDATE comparison_answers SET text = CAST(x'ff' AS TEXT) WHERE idx = 5;",
    );
    let found: Vec<_> = ledger.records(ID).collect();
    assert_eq!(found.len(), 7);
    for (index, record) in found.iter().take(6).enumerate() {
        let error = record.as_ref().expect_err("damaged");
        let place = format!("row {index} of the comparison `{ID}`, counted from 0");
        assert!(matches!(error, LedgerError::Damaged { .. }) && error.to_string().contains(&place), "{index}: {error}");
    }
    assert_eq!(found[6].as_ref().expect("a record").row, row(6));
    spoil(&ledger, "UPDATE comparisons SET spec = 'x'");
    let error = ledger.find_comparison(ID).expect_err("damaged");
    assert!(error.to_string().contains(&format!("the comparison `{ID}` cannot be read")), "{error}");
    assert!(matches!(ledger.comparisons(1), Err(LedgerError::Damaged { .. })));
}

#[test]
fn a_ledger_of_version_3_takes_comparisons_and_loses_nothing() {
    let home = directory();
    let path = home.path().join("ledger.db");
    super::super::file::ensure_private(&path).expect("a file");
    let early = super::super::connect(&path).expect("a connection");
    early.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(())).expect("a log");
    early.execute_batch(&migrations::MIGRATIONS[..3].concat()).expect("the old schema");
    let rows = "INSERT INTO runs (id, conversation, command, route, keep_text, started_ms, arm)
                    VALUES ('run-1', 'run-1', 'complete', 'smart', 1, 1000, 'b');
                INSERT INTO attempts (run, number, started_ms, provider, model, role) VALUES ('run-1', 1, 1, 'p', 'm', 'canary');
                PRAGMA user_version = 3";
    early.execute_batch(rows).expect("rows");
    let mut ledger = begun(&path);
    ledger.comparison_row(ID, &row(0)).expect("written");
    let found = ledger.run("run-1").expect("a read").expect("a run");
    assert_eq!((found.start.arm.as_deref(), found.attempts[0].start.model.as_str()), (Some("b"), "m"));
    assert_eq!((all(&ledger).len(), ledger.recent(9).expect("runs").len()), (1, 1));
    let connection = ledger.connection.as_ref().expect("a connection");
    assert_eq!(migrations::version(connection).expect("a version"), migrations::VERSION);
    assert_eq!(integrity(&ledger), "ok");
}

#[test]
fn the_log_stays_short_however_much_is_written() {
    let home = directory();
    let path = home.path().join("ledger.db");
    let length = || beside(&path, "-wal").metadata().map_or(0, |log| log.len());
    let mut ledger = begun(&path);
    let mut long = answer(0, 0, 0);
    long.answer.text = "long ".repeat(20_000);
    let mut longest = 0;
    for index in 0..400 {
        ledger.comparison_row(ID, &row(index)).expect("written");
        long.answer.row = index;
        add(&mut ledger, std::slice::from_ref(&long));
        longest = longest.max(length());
    }
    let written = path.metadata().expect("a database").len();
    assert!(written > 30 << 20, "{written}");
    assert!((LONGEST_LOG..8 << 20).contains(&longest), "{longest}");
    drop(ledger);
    assert_eq!(length(), 0);
}
