//! Comparisons by what was said in them. They are in no index, so all of it is read.

use rusqlite::{Connection, params};
use serde_json::Value;

use super::words::split;
use super::{Query, TOKENIZER};

/// So many bytes are looked through at once.
const BATCH_BYTES: usize = 1 << 20;

/// What of a comparison is looked through: where its texts are, and which fields of their JSON hold what was said. Without
/// fields the text itself is meant.
const TEXTS: [(&str, &[&str]); 4] = [
    ("SELECT spec FROM comparisons WHERE number = ?1", &["title", "prompt", "checks"]),
    ("SELECT row FROM comparison_rows WHERE comparison = ?1", &["prompt", "system", "variables", "reference"]),
    ("SELECT text FROM comparison_answers WHERE comparison = ?1", &[]),
    ("SELECT transcript FROM comparison_judgements WHERE comparison = ?1", &["sections"]),
];

/// The ids of the comparisons that hold all wanted words, and none of the others.
pub(in crate::ledger) fn saying(connection: &Connection, query: &Query) -> rusqlite::Result<Vec<String>> {
    let words = Words::new()?;
    let mut ids = Vec::new();
    let mut statement = connection.prepare("SELECT number, id FROM comparisons")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let mut look =
            Look { words: &words, query, wanted: vec![false; query.wanted.len()], is_unwanted: false, bytes: 0 };
        look.through(connection, row.get(0)?)?;
        if look.fits() {
            ids.push(row.get(1)?);
        }
    }
    Ok(ids)
}

/// Words of some texts, without the texts.
struct Words(Connection);

impl Words {
    fn new() -> rusqlite::Result<Self> {
        let connection = Connection::open_in_memory()?;
        let sql = format!("CREATE VIRTUAL TABLE said USING fts5(text, content = '', tokenize = '{TOKENIZER}')");
        connection.execute_batch(&sql)?;
        Ok(Self(connection))
    }

    fn add(&self, text: &str) -> rusqlite::Result<()> {
        self.0.prepare_cached("INSERT INTO said (text) VALUES (?1)")?.execute([split(text)]).map(drop)
    }

    fn hold(&self, expression: &str) -> rusqlite::Result<bool> {
        let sql = "SELECT EXISTS (SELECT 1 FROM said WHERE said MATCH ?1)";
        self.0.prepare_cached(sql)?.query_row([expression], |row| row.get(0))
    }

    fn clear(&self) -> rusqlite::Result<()> {
        self.0.prepare_cached("INSERT INTO said (said) VALUES ('delete-all')")?.execute([]).map(drop)
    }
}

/// The look through one comparison.
struct Look<'a> {
    words: &'a Words,
    query: &'a Query,
    wanted: Vec<bool>,
    is_unwanted: bool,
    /// What waits to be looked at.
    bytes: usize,
}

impl Look<'_> {
    fn through(&mut self, connection: &Connection, number: i64) -> rusqlite::Result<()> {
        for (sql, fields) in TEXTS {
            let mut statement = connection.prepare_cached(sql)?;
            let mut rows = statement.query(params![number])?;
            while let Some(row) = rows.next()? {
                let text = row.get_ref(0)?.as_bytes()?;
                self.at(&String::from_utf8_lossy(text), fields)?;
            }
        }
        self.settle()
    }

    fn at(&mut self, text: &str, fields: &[&str]) -> rusqlite::Result<()> {
        match serde_json::from_str::<Value>(text) {
            Ok(value) if !fields.is_empty() => fields.iter().try_for_each(|field| self.value(&value[field])),
            // What is damaged may hold the words too.
            _ => self.text(text),
        }
    }

    fn value(&mut self, value: &Value) -> rusqlite::Result<()> {
        match value {
            Value::String(text) => self.text(text),
            Value::Array(values) => values.iter().try_for_each(|value| self.value(value)),
            Value::Object(fields) => fields.values().try_for_each(|value| self.value(value)),
            _ => Ok(()),
        }
    }

    fn text(&mut self, text: &str) -> rusqlite::Result<()> {
        self.words.add(text)?;
        self.bytes += text.len();
        if self.bytes > BATCH_BYTES { self.settle() } else { Ok(()) }
    }

    fn settle(&mut self) -> rusqlite::Result<()> {
        for (found, wanted) in self.wanted.iter_mut().zip(&self.query.wanted) {
            *found = *found || self.words.hold(wanted)?;
        }
        for unwanted in &self.query.unwanted {
            self.is_unwanted = self.is_unwanted || self.words.hold(unwanted)?;
        }
        self.bytes = 0;
        self.words.clear()
    }

    fn fits(&self) -> bool {
        !self.is_unwanted && self.wanted.iter().all(|found| *found)
    }
}
