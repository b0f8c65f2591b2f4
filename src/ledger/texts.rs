//! Texts that many rows share, each kept once.

use rusqlite::{Connection, OptionalExtension};

/// The number of a text, which it gets when it is new.
pub(super) fn number(connection: &Connection, text: &str) -> rusqlite::Result<i64> {
    let known = connection
        .prepare_cached("SELECT id FROM texts WHERE text = ?1")?
        .query_row([text], |row| row.get(0))
        .optional()?;
    match known {
        Some(number) => Ok(number),
        None => connection.prepare_cached("INSERT INTO texts (text) VALUES (?1)")?.insert([text]),
    }
}
