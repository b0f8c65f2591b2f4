//! Summaries of the oldest turns of conversations: sent in their place, never kept in their place.
//!
//! A summary is the answer of a run of the conversation that is no turn of it. It holds while the turns it is of are the first
//! ones of the conversation: when one of them is taken back or deleted, the turns are sent in their own words again.

use rusqlite::{Connection, OptionalExtension, params};

use super::chat::Turn;
use super::ids::key;
use super::read::{parts, plain_text};
use super::{Ledger, LedgerError};
use crate::chat::{Message, Part, Role, thoughts};

pub(super) const STEP: &str = "
    -- The runs whose answers sum up the first turns of a conversation: how many, and the run of the last of them. One whose text
    -- is gone counts for nothing.
    CREATE TABLE summaries (
        upto  TEXT NOT NULL,
        turns INTEGER NOT NULL,
        run   TEXT NOT NULL,
        PRIMARY KEY (upto, turns)
    ) STRICT, WITHOUT ROWID;
";

/// What stands before a summary in what is sent. It goes with the words of the user: what a model wrote has no place among
/// the words of the system.
const BEFORE: &str = "This is a summary of our conversation so far:";

/// What the first turns of a conversation come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// So many turns, the oldest of the conversation.
    pub turns: usize,
    /// In the words of the model that summed them up.
    pub text: String,
}

impl Summary {
    /// Puts the summary before what follows the turns it stands for, such that user and model still alternate.
    pub fn open(&self, messages: &mut Vec<Message>) {
        let before = format!("{BEFORE}\n\n{}", thoughts::without(&self.text).trim());
        let Some(first) = messages.first_mut().filter(|message| message.role == Role::User) else {
            messages.insert(0, Message::text(Role::User, before));
            return;
        };
        // One text in place of two: there are servers that take nothing else.
        match first.parts.iter_mut().find(|part| matches!(part, Part::Text(_))) {
            Some(Part::Text(words)) => *words = format!("{before}\n\n---\n\n{words}"),
            _ => first.parts.push(Part::Text(before)),
        }
    }
}

/// The turns as they are sent: those that are summed up by the last of the summaries, the others in their own words.
pub fn messages_of(turns: &[Turn], summaries: &[Summary]) -> Vec<Message> {
    let summary = summaries.last().filter(|summary| summary.turns <= turns.len());
    let rest = &turns[summary.map_or(0, |summary| summary.turns)..];
    let mut messages = rest.iter().cloned().flat_map(Turn::messages).collect();
    if let Some(summary) = summary {
        summary.open(&mut messages);
    }
    messages
}

impl Ledger {
    /// The summaries that hold for these turns of a conversation, the one of most turns last.
    pub fn summaries(&self, turns: &[Turn]) -> Result<Vec<Summary>, LedgerError> {
        self.read(|connection| summaries(connection, turns))
    }

    /// Sums up the first `turns` turns of a conversation, of which the last one is the run `upto`, by the answer of `run`.
    pub fn sum_up(&mut self, turns: usize, upto: &str, run: &str) -> Result<(), LedgerError> {
        let keep = "INSERT OR REPLACE INTO summaries VALUES (?1, ?2, ?3)";
        self.alone(|transaction| transaction.execute(keep, params![upto, count(turns), run])).map(drop)
    }

    /// Lets these turns stand for themselves again.
    pub fn forget_summaries(&mut self, turns: &[Turn]) -> Result<(), LedgerError> {
        self.alone(|transaction| {
            let mut forget = transaction.prepare_cached("DELETE FROM summaries WHERE upto = ?1")?;
            turns.iter().try_for_each(|turn| forget.execute([&turn.run]).map(drop))
        })
    }
}

pub(super) fn summaries(connection: &Connection, turns: &[Turn]) -> rusqlite::Result<Vec<Summary>> {
    let mut of_turns = connection.prepare_cached("SELECT run FROM summaries WHERE upto = ?1 AND turns = ?2")?;
    let mut text = connection.prepare_cached("SELECT parts FROM messages WHERE run = ?1 AND role = 'answer'")?;
    let mut found = Vec::new();
    for (place, turn) in turns.iter().enumerate() {
        let Some(run) =
            of_turns.query_row(params![turn.run, count(place + 1)], |row| row.get::<_, String>(0)).optional()?
        else {
            continue;
        };
        let text = text.query_row([key(&run)], |row| parts(row, 0)).optional()?;
        found.extend(text.map(|parts| Summary { turns: place + 1, text: plain_text(&parts) }));
    }
    Ok(found)
}

fn count(turns: usize) -> i64 {
    i64::try_from(turns).unwrap_or(i64::MAX)
}

/// Takes out what stands beside a run that is to be gone.
pub(super) fn forget(connection: &Connection, run: &str) -> rusqlite::Result<()> {
    connection.prepare_cached("DELETE FROM summaries WHERE upto = ?1")?.execute([run]).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::chat::tests::{ask, end, three};
    use crate::ledger::search::tests::{id, ledger};
    use crate::ledger::tests::directory;

    /// Four turns in a ledger, and a fifth run that sums up two of them.
    fn summed_up() -> (tempfile::TempDir, Ledger) {
        let directory = directory();
        let mut ledger = ledger(&directory);
        three(&mut ledger);
        ask(&mut ledger, 1, 4, "question 4");
        end(&mut ledger, 4, "answer 4", 0);
        ask(&mut ledger, 1, 5, "sum it up");
        end(&mut ledger, 5, "the sum", 0);
        ledger.take_back(&id(1), &[id(5)]).expect("no turn");
        ledger.sum_up(2, &id(2), &id(5)).expect("a summary");
        (directory, ledger)
    }

    fn texts(ledger: &Ledger) -> Vec<String> {
        let messages = ledger.last_conversation(Some("tty")).expect("a read").expect("a conversation").messages;
        messages.iter().map(Message::joined_text).collect()
    }

    #[test]
    fn a_summary_goes_before_the_turns_that_it_is_not_of() {
        let (_directory, ledger) = summed_up();
        let turns = ledger.turns(&id(1)).expect("turns");
        assert_eq!(turns.len(), 4, "all is kept");
        let summaries = ledger.summaries(&turns).expect("summaries");
        assert_eq!(summaries, [Summary { turns: 2, text: "the sum".to_owned() }]);
        assert!(ledger.summaries(&turns[..1]).expect("summaries").is_empty(), "of fewer turns there is none");
        let texts = texts(&ledger);
        assert_eq!(texts[1..], ["answer 3", "question 4", "answer 4"]);
        assert!(texts[0].starts_with(BEFORE) && texts[0].ends_with("question 3"), "{}", texts[0]);
        assert!(texts[0].contains("the sum") && !texts.concat().contains("answer 2"), "{texts:?}");
    }

    #[test]
    fn when_a_turn_of_it_is_gone_the_others_stand_for_themselves() {
        for gone in [1, 2] {
            let (_directory, mut ledger) = summed_up();
            ledger.delete(&[id(gone)]).expect("a deletion");
            assert_eq!(texts(&ledger).len(), 6, "{gone}");
            assert!(!texts(&ledger).concat().contains("the sum"));
        }
    }

    #[test]
    fn one_that_is_given_up_or_whose_text_is_deleted_is_not_sent() {
        let (_directory, mut ledger) = summed_up();
        ledger.delete(&[id(5)]).expect("a deletion");
        assert_eq!(texts(&ledger).len(), 8);
        let (_directory, mut ledger) = summed_up();
        let turns = ledger.turns(&id(1)).expect("turns");
        ledger.forget_summaries(&turns).expect("given up");
        assert_eq!(texts(&ledger).len(), 8);
    }

    #[test]
    fn before_an_answer_or_nothing_a_summary_is_a_turn_of_its_own() {
        let summary = Summary { turns: 1, text: "the sum".to_owned() };
        for rest in [vec![], vec![Message::text(Role::Assistant, "Yes.")]] {
            let mut messages = rest.clone();
            summary.open(&mut messages);
            assert_eq!(messages.len(), rest.len() + 1);
            assert_eq!(messages[0].role, Role::User);
        }
    }
}
