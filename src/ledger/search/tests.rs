use super::*;
use crate::chat::{Message, Role};
use crate::ledger::Filter;
use crate::ledger::record::{RunEnd, RunStart};

/// A ledger in a directory of its own.
pub(in crate::ledger) fn ledger(directory: &tempfile::TempDir) -> Ledger {
    Ledger::open(&directory.path().join("ledger.db"))
}

/// The id of the run with that number, which started so many hours after the beginning of time.
pub(in crate::ledger) fn id(number: u32) -> String {
    format!("{number:08x}-0000-7000-8000-000000000000")
}

pub(in crate::ledger) const HOUR_MS: i64 = 3_600_000;

/// One run that asks and is answered.
pub(in crate::ledger) fn say(ledger: &mut Ledger, number: u32, prompt: &str, answer: &str) {
    let id = id(number);
    let started_ms = i64::from(number) * HOUR_MS;
    ledger.begin(&RunStart {
        id: id.clone(),
        conversation: id.clone(),
        started_ms,
        command: "complete".to_owned(),
        route: "r".to_owned(),
        system: None,
        messages: vec![Message::text(Role::User, prompt)],
        keep_text: true,
        terminal: None,
        arm: None,
        project: Some(format!("project {}", number % 2)),
        tags: [("team".to_owned(), format!("\"{number}\""))].into(),
    });
    ledger.end(&RunEnd {
        id,
        ended_ms: started_ms + 1,
        exit_code: u8::from(answer.is_empty()),
        answer: answer.to_owned(),
        reasoning: "thinking of secrets".to_owned(),
        served_by: Some("p/m".to_owned()),
        finish: None,
    });
}

fn numbers(ledger: &Ledger, text: &str) -> Vec<u32> {
    ledger.index(|_| ()).expect("indexed");
    let query = Query::parse(text).expect("a query");
    let hits = ledger.search(&query, 100).expect("hits");
    hits.iter().map(|hit| u32::from_str_radix(&hit.run.id[..8], 16).expect("a number")).collect()
}

fn sorted(mut numbers: Vec<u32>) -> Vec<u32> {
    numbers.sort_unstable();
    numbers
}

#[test]
fn a_run_is_found_by_words_of_its_prompt_and_its_answer() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut ledger = ledger(&directory);
    say(&mut ledger, 1, "why is the sky blue", "Rayleigh scattering of light");
    say(&mut ledger, 2, "what is a café", "a place for coffee");
    say(&mut ledger, 3, "the sky at night", "stars, and no light");
    assert_eq!(sorted(numbers(&ledger, "sky")), [1, 3]);
    assert_eq!(numbers(&ledger, "SKY rayleigh"), [1], "one word in the prompt, one in the answer");
    assert_eq!(numbers(&ledger, "sky -rayleigh"), [3], "an exclusion counts for the whole run");
    assert_eq!(numbers(&ledger, "cafe"), [2]);
    assert_eq!(numbers(&ledger, "ray* light"), [1]);
    assert_eq!(numbers(&ledger, "\"the sky\" -blue"), [3]);
    assert!(numbers(&ledger, "secrets").is_empty(), "thinking is not searched");
}

#[test]
fn the_best_comes_first() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut ledger = ledger(&directory);
    say(&mut ledger, 1, &format!("{} needle", "hay ".repeat(300)), "hay");
    say(&mut ledger, 2, "needle needle", "needle");
    (3..40).for_each(|number| say(&mut ledger, number, "only hay", "hay"));
    assert_eq!(numbers(&ledger, "needle"), [2, 1]);
}

#[test]
fn words_of_scripts_without_blanks_are_found_inside_of_sentences() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut ledger = ledger(&directory);
    say(&mut ledger, 1, "机器学习模型的成本是多少", "很低");
    say(&mut ledger, 2, "東京の天気はどうですか", "晴れです");
    say(&mut ledger, 3, "한국어를 배우고 싶어요", "좋아요");
    for (text, number) in [("模型", 1), ("成本是", 1), ("天気", 2), ("晴", 2), ("한국어", 3), ("학", 9)] {
        let expected: &[u32] = if number == 9 { &[] } else { &[number] };
        assert_eq!(numbers(&ledger, text), expected, "{text}");
    }
}

#[test]
fn no_search_is_an_error_of_syntax() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut ledger = ledger(&directory);
    say(&mut ledger, 1, "a AND b in text:x (NEAR)", "it's 100% \"quoted\"");
    for text in ["AND", "a AND", "text:x", "(NEAR", "it's", "\"quoted", "100%", "b*", "x^2 OR", "a\u{0}b", "{a b}: c"] {
        numbers(&ledger, text);
    }
    assert_eq!(numbers(&ledger, "(NEAR) 100%"), [1]);
}

#[test]
fn the_index_follows_the_messages() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut ledger = ledger(&directory);
    say(&mut ledger, 1, "first", "one");
    assert_eq!(numbers(&ledger, "first"), [1]);
    say(&mut ledger, 2, "second", "two");
    let waiting = |ledger: &Ledger| {
        let count = |connection: &Connection| {
            connection.query_row("SELECT count(*) FROM unindexed", [], |row| row.get::<_, i64>(0))
        };
        ledger.read(count).expect("a count")
    };
    assert_eq!(waiting(&ledger), 2);
    ledger.tidy(&crate::ledger::Keep::default(), 0);
    assert_eq!(waiting(&ledger), 0, "after a run the index knows it");
    assert_eq!(ledger.delete(&[id(1), id(2)]).expect("deleted").runs, 2);
    assert!(numbers(&ledger, "first").is_empty() && numbers(&ledger, "two").is_empty());
    // The numbers of messages are used again, and must not find what was there before.
    say(&mut ledger, 3, "third", "three");
    assert_eq!((numbers(&ledger, "third"), numbers(&ledger, "first")), (vec![3], Vec::new()));
}

#[test]
fn a_filter_and_a_search_go_together() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut ledger = ledger(&directory);
    say(&mut ledger, 1, "needle", "yes");
    say(&mut ledger, 2, "needle", "");
    say(&mut ledger, 3, "hay", "");
    ledger.index(|_| ()).expect("indexed");
    let text = Some(Query::parse("needle -hay").expect("a query"));
    let found = |filter: Filter| ledger.find_ids(&filter, 9).expect("ids");
    assert_eq!(found(Filter { text: text.clone(), ..Filter::default() }), [id(2), id(1)]);
    assert_eq!(found(Filter { text: text.clone(), is_failed: true, ..Filter::default() }), [id(2)]);
    assert_eq!(
        found(Filter { since_ms: Some(2 * HOUR_MS), until_ms: Some(3 * HOUR_MS), ..Filter::default() }),
        [id(2)]
    );
    let tag = |value: &str| Filter { tags: vec![("team".to_owned(), value.to_owned())], ..Filter::default() };
    assert_eq!((found(tag("\"2\"")), found(tag("2"))), (vec![id(2)], Vec::new()));
    assert_eq!(found(Filter { project: Some("project 1".to_owned()), ..Filter::default() }), [id(3), id(1)]);
    assert_eq!(found(Filter { command: Some("chat".to_owned()), ..Filter::default() }), Vec::<String>::new());
    assert_eq!(
        found(Filter { model: Some("p/m".to_owned()), ..Filter::default() }),
        Vec::<String>::new(),
        "no attempt"
    );
}

#[test]
fn what_was_there_before_the_index_waits_for_it() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut connection = Connection::open(directory.path().join("ledger.db")).expect("a file");
    // The latest version that was released without an index.
    let released = &crate::ledger::migrations::MIGRATIONS[..4];
    let transaction = connection.transaction().expect("a transaction");
    transaction.execute_batch(&released.concat()).expect("older steps");
    transaction
        .execute_batch(&format!(
            "INSERT INTO runs (id, conversation, command, route, keep_text, started_ms, ended_ms, exit_code)
                 VALUES ('{id}', '{id}', 'complete', 'r', 1, 0, 1, 0);
             INSERT INTO messages (run, seq, role, parts) VALUES ('{id}', 0, 'user', '[{{\"text\":\"an old prompt\"}}]');
             PRAGMA user_version = 4;",
            id = id(1)
        ))
        .expect("an old run");
    transaction.commit().expect("committed");
    drop(connection);
    assert_eq!(numbers(&ledger(&directory), "old"), [1]);
}
