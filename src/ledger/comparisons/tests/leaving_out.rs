//! A comparison is no request of anybody: what speaks of requests leaves it out, what speaks of money and targets does not.

use super::*;
use crate::ledger::FIRST_SHADOW;
use crate::ledger::record::{AttemptStart, RunStart};
use crate::ledger::tests::{attempt, attempt_end, observation, record, run, run_end};

const ROUTE: &str = "smart";
const EXPERIMENT: &str = "e: openai/gpt-5.4-mini";

/// A ledger with one request, and after it a comparison of so many attempts that their numbers pass those of shadows.
fn with_comparison(home: &tempfile::TempDir) -> Ledger {
    let mut ledger = healthy(&home.path().join("ledger.db"));
    record(&mut ledger, "0199aaaa-0000-7000-8000-000000000001");
    ledger.begin(&RunStart { command: COMPARE.to_owned(), arm: Some(EXPERIMENT.to_owned()), ..run(ID) });
    for number in [1, 2, FIRST_SHADOW, FIRST_SHADOW + 1] {
        ledger.attempt_started(&AttemptStart { role: crate::ledger::record::AttemptRole::Main, ..attempt(ID, number) });
        ledger.attempt_ended(&attempt_end(ID, number), &observation());
    }
    ledger.end(&run_end(ID));
    ledger
}

#[test]
fn the_list_of_runs_and_the_last_of_them_leave_it_out() {
    let home = directory();
    let ledger = with_comparison(&home);
    let request = "0199aaaa-0000-7000-8000-000000000001";
    let listed: Vec<String> = ledger.recent(9).expect("runs").into_iter().map(|run| run.id).collect();
    assert_eq!(listed, [request]);
    assert_eq!(ledger.run("last").expect("a read").expect("a run").start.id, request);
    assert_eq!(ledger.run(ID).expect("a read").expect("a run").attempts.len(), 4, "by its id it is found");
}

#[test]
fn no_conversation_goes_on_from_it() {
    let home = directory();
    let ledger = with_comparison(&home);
    let last = ledger.last_conversation(None).expect("a read").expect("a conversation");
    assert_eq!(last.id, "0199aaaa-0000-7000-8000-000000000001");
    assert_eq!(ledger.conversation("last").expect("a read").expect("a conversation").id, last.id);
}

#[test]
fn a_replay_asks_only_what_was_asked() {
    let home = directory();
    let past = with_comparison(&home).past(None, 0).expect("a read");
    assert_eq!(past.iter().map(|past| past.attempts.len()).collect::<Vec<_>>(), [1]);
}

#[test]
fn it_is_no_arm_of_an_experiment_and_has_no_shadows() {
    let home = directory();
    let mut ledger = with_comparison(&home);
    assert_eq!(ledger.arms(ROUTE, "e", 0).expect("a read"), []);
    assert_eq!(ledger.shadows(ROUTE, 0).expect("a read"), crate::ledger::Shadowed::default());
    // The same attempts as a request's are an arm.
    let id = "0199cccc-0000-7000-8000-000000000001";
    ledger.begin(&RunStart { arm: Some(EXPERIMENT.to_owned()), ..run(id) });
    ledger.attempt_started(&attempt(id, 1));
    ledger.attempt_ended(&attempt_end(id, 1), &observation());
    assert_eq!(ledger.arms(ROUTE, "e", 0).expect("a read").len(), 1);
}

#[test]
fn its_prompts_are_not_asked_again_by_the_next_one() {
    let home = directory();
    let found: Vec<String> =
        with_comparison(&home).past_prompts(0, 9).map(|past| past.expect("a prompt").run).collect();
    assert_eq!(found, ["0199aaaa-0000-7000-8000-000000000001"]);
}

#[test]
fn its_money_and_the_health_of_its_targets_count() {
    let home = directory();
    let ledger = with_comparison(&home);
    let health = ledger.health_rows(0).expect("a read");
    assert_eq!(health.targets[0].attempts, 5);
    let spent: i64 = ledger
        .read(|connection| {
            connection.query_row("SELECT sum(cost_pico) FROM spending WHERE of = 'all'", [], |row| row.get(0))
        })
        .expect("a read");
    assert_eq!(spent, 5 * attempt_end(ID, 1).cost_pico.expect("a cost"));
}

#[test]
fn attempts_are_numbered_on_and_on() {
    let home = directory();
    let ledger = with_comparison(&home);
    assert_eq!(ledger.next_attempt_number(ID).expect("a read"), FIRST_SHADOW + 2);
    assert_eq!(ledger.next_attempt_number("other").expect("a read"), 1);
}
