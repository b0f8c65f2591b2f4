//! Conversations as a chat knows them: their turns, those that were taken back, branches, titles, and what was shown of answers
//! that have not ended.

use rusqlite::{Connection, OptionalExtension, params};

use super::comparisons::COMPARE;
use super::ids::{NEWEST, key};
use super::read::{OF_CONVERSATION, first_prompt, parts, plain_text};
use super::{Ledger, LedgerError, Sink, summaries};
use crate::chat::{Message, Role, thoughts};

/// The command whose runs stay in a conversation also when their answer was stopped or broke off: it was shown, and the user
/// goes on from there. A script that was told of a failure has seen no answer.
pub const CHAT: &str = "chat";

/// Nothing here is needed to know what was spent, so it stands beside the runs and is found by their ids.
pub(super) const STEP: &str = "
    -- What is known of conversations beside their runs. A branch begins with the turns of another one, up to a run of it.
    CREATE TABLE chats (
        id    TEXT PRIMARY KEY,
        title TEXT,
        base  TEXT,
        upto  TEXT
    ) STRICT, WITHOUT ROWID;

    -- Turns that are no longer part of a conversation. Their runs stay: they were asked, and they cost.
    CREATE TABLE taken_back (
        conversation TEXT NOT NULL,
        run          TEXT NOT NULL,
        PRIMARY KEY (conversation, run)
    ) STRICT, WITHOUT ROWID;

    -- What was shown of an answer that has not ended, in pieces, so that each is written once. Gone when it has ended.
    CREATE TABLE drafts (
        run  TEXT NOT NULL,
        seq  INTEGER NOT NULL,
        text TEXT NOT NULL,
        PRIMARY KEY (run, seq)
    ) STRICT, WITHOUT ROWID;
";

/// A branch of a branch of a branch… ends somewhere, whatever stands in the file.
const DEEPEST: usize = 100;
/// So many runs are looked through for conversations.
const LOOKED_THROUGH: usize = 5000;

/// What was asked, and what was said to it.
#[derive(Clone, Debug, PartialEq)]
pub struct Turn {
    /// The run.
    pub run: String,
    /// When it was asked, in milliseconds since 1970 UTC.
    pub started_ms: i64,
    /// The system prompt.
    pub system: Option<String>,
    /// What was asked; turns of the model among it were given, not asked of it.
    pub question: Vec<Message>,
    /// What was said, as far as it was shown.
    pub answer: String,
    /// The answer came to its end.
    pub is_whole: bool,
    /// The target that served; `None` when the answer did not come to its end.
    pub served_by: Option<String>,
    /// The finish reason in the provider's word.
    pub finish: Option<String>,
}

impl Turn {
    /// The turn as it is sent.
    pub fn messages(self) -> Vec<Message> {
        let mut messages = self.question;
        messages.push(Message::text(Role::Assistant, thoughts::without(&self.answer)));
        messages
    }
}

/// A conversation in one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConversationSummary {
    /// Its id, which is the id of its first run.
    pub id: String,
    /// When it was asked last, in milliseconds since 1970 UTC.
    pub last_ms: i64,
    /// How often it was asked, branches not counted.
    pub runs: u64,
    /// Its title, or else the beginning of what it began with.
    pub title: String,
}

impl Ledger {
    /// The turns of the conversation with that whole id, oldest first.
    pub fn turns(&self, conversation: &str) -> Result<Vec<Turn>, LedgerError> {
        self.read(|connection| turns(connection, conversation, NEWEST))
    }

    /// The runs of the conversation with that whole id that were answered and not taken back, without what was said in them and
    /// without those that it branched off with.
    pub fn answered_runs(&self, conversation: &str) -> Result<Vec<String>, LedgerError> {
        let answered = format!(
            "SELECT runs.id FROM messages JOIN runs ON runs.key = run WHERE {OF_CONVERSATION} AND role = 'answer'
               AND NOT EXISTS (SELECT 1 FROM taken_back WHERE taken_back.conversation = ?2 AND taken_back.run = runs.id)"
        );
        self.read(|connection| {
            let mut statement = connection.prepare_cached(&answered)?;
            statement.query_map(params![key(conversation), conversation], |row| row.get(0))?.collect()
        })
    }

    /// The title that a conversation was given.
    pub fn title(&self, conversation: &str) -> Result<Option<String>, LedgerError> {
        let title = "SELECT title FROM chats WHERE id = ?1 AND title IS NOT NULL";
        self.read(|connection| connection.query_row(title, [conversation], |row| row.get(0)).optional())
    }

    /// Gives a conversation a title.
    pub fn entitle(&mut self, conversation: &str, title: &str) -> Result<(), LedgerError> {
        let entitle = "INSERT INTO chats (id, title) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET title = excluded.title";
        self.alone(|transaction| transaction.execute(entitle, [conversation, title])).map(drop)
    }

    /// Takes turns out of a conversation.
    pub fn take_back(&mut self, conversation: &str, runs: &[String]) -> Result<(), LedgerError> {
        self.alone(|transaction| {
            let mut statement = transaction.prepare_cached("INSERT OR IGNORE INTO taken_back VALUES (?1, ?2)")?;
            runs.iter().try_for_each(|run| statement.execute([conversation, run]).map(drop))
        })
    }

    /// Makes one run a turn of a conversation in the place of another one.
    pub fn replace_turn(&mut self, conversation: &str, old: &str, new: &str) -> Result<(), LedgerError> {
        self.alone(|transaction| {
            transaction.execute("INSERT OR IGNORE INTO taken_back VALUES (?1, ?2)", [conversation, old])?;
            let give_back = "DELETE FROM taken_back WHERE conversation = ?1 AND run = ?2";
            transaction.execute(give_back, [conversation, new]).map(drop)
        })
    }

    /// Begins a conversation with the turns of another one up to that run. What is taken back of one of them later on stays in
    /// the other.
    pub fn branch(&mut self, branch: &str, base: &str, upto: &str) -> Result<(), LedgerError> {
        self.alone(|transaction| {
            transaction.execute("INSERT INTO chats (id, base, upto) VALUES (?1, ?2, ?3)", [branch, base, upto])?;
            let inherit = "INSERT INTO taken_back SELECT ?1, run FROM taken_back WHERE conversation = ?2 AND run <= ?3";
            transaction.execute(inherit, [branch, base, upto]).map(drop)
        })
    }

    /// Keeps a piece of what was shown of an answer that goes on. Whether it can be kept does not matter to the answer.
    pub fn draft(&mut self, run: &str, seq: u32, text: &str) {
        if self.sink == Sink::Database {
            let piece = "INSERT OR REPLACE INTO drafts VALUES (?1, ?2, ?3)";
            self.alone(|transaction| transaction.prepare_cached(piece)?.execute(params![run, seq, text])).ok();
        }
    }

    /// Forgets what was shown of an answer: it has ended, or another one takes its place.
    pub fn forget_draft(&mut self, run: &str) {
        if self.sink == Sink::Database {
            let forget = "DELETE FROM drafts WHERE run = ?1";
            self.alone(|transaction| transaction.prepare_cached(forget)?.execute([run])).ok();
        }
    }

    /// The latest conversations whose text was kept, the latest first.
    pub fn conversations(&self, limit: usize) -> Result<Vec<ConversationSummary>, LedgerError> {
        self.read(|connection| conversations(connection, limit))
    }
}

/// The turns of a conversation up to a run.
pub(super) fn turns(connection: &Connection, conversation: &str, upto: &str) -> rusqlite::Result<Vec<Turn>> {
    let mut all = Vec::new();
    let (mut id, mut last) = (conversation.to_owned(), upto.to_owned());
    for _ in 0..DEEPEST {
        let mut own = own_turns(connection, conversation, &id, &last)?;
        own.append(&mut all);
        all = own;
        let base = "SELECT base, upto FROM chats WHERE id = ?1 AND base IS NOT NULL AND upto IS NOT NULL";
        match connection.prepare_cached(base)?.query_row([&id], |row| Ok((row.get(0)?, row.get(1)?))).optional()? {
            Some(base) => (id, last) = base,
            None => break,
        }
    }
    Ok(all)
}

/// What was said in the runs of the conversation `?1` up to the run `?2`, as far as it is part of the conversation `?4`.
pub(super) fn said() -> String {
    format!(
        "SELECT runs.id AS id, role, parts, started_ms, exit_code, served_by, finish FROM messages JOIN runs ON runs.key = run
         WHERE {OF_CONVERSATION} AND run <= ?2 AND (exit_code = 0 OR command = ?3)
           AND NOT EXISTS (SELECT 1 FROM taken_back WHERE taken_back.conversation = ?4 AND taken_back.run = runs.id)
         ORDER BY run, seq"
    )
}

/// The turns of the runs of `id`, which `conversation` is or begins with.
fn own_turns(connection: &Connection, conversation: &str, id: &str, upto: &str) -> rusqlite::Result<Vec<Turn>> {
    let mut statement = connection.prepare_cached(&said())?;
    let mut rows = statement.query(params![key(id), key(upto), CHAT, conversation])?;
    let mut turns: Vec<Turn> = Vec::new();
    while let Some(row) = rows.next()? {
        let run: String = row.get("id")?;
        if turns.last().is_none_or(|turn| turn.run != run) {
            turns.push(Turn {
                run,
                started_ms: row.get("started_ms")?,
                system: None,
                question: Vec::new(),
                answer: String::new(),
                is_whole: row.get::<_, Option<u8>>("exit_code")? == Some(0),
                served_by: row.get("served_by")?,
                finish: row.get("finish")?,
            });
        }
        let Some(turn) = turns.last_mut() else { continue };
        let (role, parts) = (row.get::<_, String>("role")?, parts(row, 2)?);
        match role.as_str() {
            "system" => turn.system = Some(plain_text(&parts)),
            "user" => turn.question.push(Message { role: Role::User, parts }),
            "assistant" => turn.question.push(Message { role: Role::Assistant, parts }),
            "answer" => turn.answer = plain_text(&parts),
            _ => {}
        }
    }
    for turn in turns.iter_mut().filter(|turn| turn.answer.is_empty()) {
        turn.answer = drafted(connection, &turn.run)?;
    }
    // A question without an answer is left out: many servers insist that the speakers alternate.
    turns.retain(|turn| !turn.answer.is_empty());
    Ok(turns)
}

/// What was shown of an answer whose process died.
fn drafted(connection: &Connection, run: &str) -> rusqlite::Result<String> {
    let mut pieces = connection.prepare_cached("SELECT text FROM drafts WHERE run = ?1 ORDER BY seq")?;
    pieces.query_map([run], |row| row.get::<_, String>(0))?.collect()
}

/// Takes out what stands beside a run that is to be gone.
pub(super) fn forget(connection: &Connection, run: &str) -> rusqlite::Result<()> {
    for sql in ["DELETE FROM drafts WHERE run = ?1", "UPDATE chats SET title = NULL WHERE id = ?1"] {
        connection.prepare_cached(sql)?.execute([run])?;
    }
    summaries::forget(connection, run)
}

fn conversations(connection: &Connection, limit: usize) -> rusqlite::Result<Vec<ConversationSummary>> {
    let latest =
        "SELECT conversation, started_ms FROM runs WHERE keep_text AND command <> ?1 ORDER BY key DESC LIMIT ?2";
    let looked_through = i64::try_from(LOOKED_THROUGH).unwrap_or(i64::MAX);
    let mut statement = connection.prepare(latest)?;
    let mut rows = statement.query(params![COMPARE, looked_through])?;
    let mut found: Vec<ConversationSummary> = Vec::new();
    while let Some(row) = rows.next()? {
        let (id, last_ms): (String, i64) = (row.get(0)?, row.get(1)?);
        if let Some(known) = found.iter_mut().find(|known| known.id == id) {
            known.runs += 1;
        } else if found.len() < limit {
            found.push(ConversationSummary { id, last_ms, runs: 1, title: String::new() });
        }
    }
    for each in &mut found {
        let title = "SELECT title FROM chats WHERE id = ?1 AND title IS NOT NULL";
        let title = connection.prepare_cached(title)?.query_row([&each.id], |row| row.get(0)).optional()?;
        each.title = title.map_or_else(|| first_prompt(connection, &each.id), Ok)?;
    }
    Ok(found)
}

#[cfg(test)]
pub(super) mod tests;
