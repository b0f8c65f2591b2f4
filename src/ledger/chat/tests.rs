use super::*;
use crate::ledger::record::{RunEnd, RunStart};
use crate::ledger::search::tests::{id, ledger};
use crate::ledger::tests::directory;

/// A run of a chat that is asked something.
pub(in crate::ledger) fn ask(ledger: &mut Ledger, conversation: u32, number: u32, question: &str) {
    ledger.begin(&RunStart {
        id: id(number),
        conversation: id(conversation),
        started_ms: i64::from(number),
        command: CHAT.to_owned(),
        route: "r".to_owned(),
        system: None,
        messages: vec![Message::text(Role::User, question)],
        keep_text: true,
        terminal: Some("tty".to_owned()),
        arm: None,
        project: None,
        tags: std::collections::BTreeMap::new(),
    });
}

pub(in crate::ledger) fn end(ledger: &mut Ledger, number: u32, answer: &str, exit_code: u8) {
    ledger.end(&RunEnd {
        id: id(number),
        ended_ms: i64::from(number) + 1,
        exit_code,
        answer: answer.to_owned(),
        reasoning: String::new(),
        served_by: (exit_code == 0).then(|| "p/m".to_owned()),
        finish: None,
    });
}

/// Three turns with whole answers.
pub(in crate::ledger) fn three(ledger: &mut Ledger) {
    for number in 1..=3 {
        ask(ledger, 1, number, &format!("question {number}"));
        end(ledger, number, &format!("answer {number}"), 0);
    }
}

fn answers(ledger: &Ledger, conversation: u32) -> Vec<String> {
    ledger.turns(&id(conversation)).expect("turns").into_iter().map(|turn| turn.answer).collect()
}

#[test]
fn a_stopped_answer_stays_and_a_question_without_any_does_not() {
    let directory = directory();
    let mut ledger = ledger(&directory);
    three(&mut ledger);
    ask(&mut ledger, 1, 4, "stopped");
    end(&mut ledger, 4, "as far as", 130);
    ask(&mut ledger, 1, 5, "failed");
    end(&mut ledger, 5, "", 6);
    assert_eq!(answers(&ledger, 1), ["answer 1", "answer 2", "answer 3", "as far as"]);
    let turns = ledger.turns(&id(1)).expect("turns");
    assert_eq!(turns.iter().map(|turn| turn.is_whole).collect::<Vec<_>>(), [true, true, true, false]);
    let messages = ledger.last_conversation(Some("tty")).expect("a read").expect("a conversation").messages;
    assert_eq!(messages.len(), 8);
}

#[test]
fn what_was_shown_of_an_answer_is_there_when_its_process_died_and_gone_when_it_ended() {
    let directory = directory();
    let mut ledger = ledger(&directory);
    ask(&mut ledger, 1, 1, "long");
    for (seq, piece) in ["one\n\n", "two\n\n"].into_iter().enumerate() {
        ledger.draft(&id(1), u32::try_from(seq).expect("small"), piece);
    }
    let found = ledger.last_conversation(Some("tty")).expect("a read").expect("a conversation");
    assert_eq!(found.messages[1].joined_text(), "one\n\ntwo\n\n");
    assert_eq!(answers(&ledger, 1), ["one\n\ntwo\n\n"]);
    end(&mut ledger, 1, "one\n\ntwo\n\nthree", 0);
    ledger.forget_draft(&id(1));
    assert_eq!(answers(&ledger, 1), ["one\n\ntwo\n\nthree"]);
    let count = "SELECT count(*) FROM drafts";
    let left = ledger.read(|connection| connection.query_row(count, [], |row| row.get::<_, i64>(0)));
    assert_eq!(left.expect("a count"), 0);
}

#[test]
fn what_is_taken_back_is_no_longer_said() {
    let directory = directory();
    let mut ledger = ledger(&directory);
    three(&mut ledger);
    ledger.take_back(&id(1), &[id(3)]).expect("written");
    assert_eq!(answers(&ledger, 1), ["answer 1", "answer 2"]);
    assert_eq!(ledger.run(&id(3)).expect("a read").expect("the run stays").start.id, id(3));
}

#[test]
fn one_of_which_all_is_taken_back_is_not_gone_on_with_while_there_is_another() {
    let directory = directory();
    let mut ledger = ledger(&directory);
    three(&mut ledger);
    ask(&mut ledger, 4, 4, "another");
    end(&mut ledger, 4, "yes", 0);
    ask(&mut ledger, 1, 5, "and more");
    end(&mut ledger, 5, "more", 0);
    let last = |ledger: &Ledger| ledger.last_conversation(Some("tty")).expect("a read").expect("a conversation").id;
    ledger.take_back(&id(1), &[id(5)]).expect("written");
    assert_eq!(last(&ledger), id(1), "what was done last counts, also when it was undone");
    ledger.take_back(&id(1), &[id(1), id(2), id(3)]).expect("written");
    assert_eq!(last(&ledger), id(4));
    ledger.take_back(&id(4), &[id(4)]).expect("written");
    assert_eq!(last(&ledger), id(1), "where all is taken back it is the last one, without turns");
}

#[test]
fn a_branch_begins_with_the_turns_of_its_base_and_goes_its_own_way() {
    let directory = directory();
    let mut ledger = ledger(&directory);
    three(&mut ledger);
    ledger.take_back(&id(1), &[id(1)]).expect("written");
    ledger.branch(&id(5), &id(1), &id(2)).expect("written");
    ask(&mut ledger, 5, 5, "another");
    end(&mut ledger, 5, "another answer", 0);
    assert_eq!(answers(&ledger, 5), ["answer 2", "another answer"]);
    assert_eq!(answers(&ledger, 1), ["answer 2", "answer 3"]);
    // What is taken back here is still said there.
    ledger.take_back(&id(5), &[id(2)]).expect("written");
    ledger.branch(&id(7), &id(5), &id(5)).expect("written");
    assert_eq!(answers(&ledger, 7), ["another answer"]);
    assert_eq!(answers(&ledger, 1), ["answer 2", "answer 3"]);
}

#[test]
fn conversations_are_listed_by_their_title_or_what_they_began_with() {
    let directory = directory();
    let mut ledger = ledger(&directory);
    three(&mut ledger);
    ask(&mut ledger, 6, 6, "the latest");
    end(&mut ledger, 6, "yes", 0);
    ledger.entitle(&id(1), "Three things").expect("written");
    let found = ledger.conversations(10).expect("a list");
    let lines: Vec<_> = found.iter().map(|each| (each.id.clone(), each.runs, each.title.as_str())).collect();
    assert_eq!(lines, [(id(6), 1, "the latest"), (id(1), 3, "Three things")]);
    assert_eq!(ledger.title(&id(1)).expect("a read").as_deref(), Some("Three things"));
    assert_eq!(ledger.title(&id(6)).expect("a read"), None);
}

#[test]
fn a_deleted_run_leaves_neither_draft_nor_title() {
    let directory = directory();
    let mut ledger = ledger(&directory);
    ask(&mut ledger, 1, 1, "long");
    ledger.draft(&id(1), 0, "secret");
    ledger.entitle(&id(1), "secret").expect("written");
    ledger.delete(&[id(1)]).expect("deleted");
    assert_eq!(ledger.title(&id(1)).expect("a read"), None);
    assert_eq!(answers(&ledger, 1), Vec::<String>::new());
}
