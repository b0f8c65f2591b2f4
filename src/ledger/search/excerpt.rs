//! The part of a text around what was searched for, with the hits marked: cut by SQLite itself, in a table of its own, so that
//! what is marked is what was found.

use rusqlite::{Connection, OptionalExtension, params};

use super::TOKENIZER;
use super::words::{SPLIT, split};

/// How many words an excerpt has.
const WORDS: u8 = 24;
const HIT: char = '\u{1}';
const END: char = '\u{2}';

/// A piece of an excerpt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The text.
    pub text: String,
    /// It is what was searched for.
    pub is_hit: bool,
}

/// Cuts excerpts.
pub(super) struct Excerpts(Connection);

impl Excerpts {
    pub(super) fn new() -> rusqlite::Result<Self> {
        let connection = Connection::open_in_memory()?;
        connection.execute_batch(&format!("CREATE VIRTUAL TABLE said USING fts5(text, tokenize = '{TOKENIZER}')"))?;
        Ok(Self(connection))
    }

    /// The part of the text around what the expression finds; without a hit its beginning.
    pub(super) fn around(&self, expression: &str, text: &str) -> rusqlite::Result<Vec<Piece>> {
        self.0.execute("DELETE FROM said", [])?;
        self.0.execute("INSERT INTO said (text) VALUES (?1)", [split(text)])?;
        let cut = "SELECT snippet(said, 0, char(1), char(2), '…', ?2) FROM said WHERE said MATCH ?1";
        let found: Option<String> = self
            .0
            .prepare_cached(cut)?
            .query_row(params![expression, i64::from(WORDS)], |row| row.get(0))
            .optional()?;
        Ok(found.map_or_else(|| beginning(text), |found| pieces(&found)))
    }
}

fn beginning(text: &str) -> Vec<Piece> {
    let words: Vec<&str> = text.split_whitespace().take(usize::from(WORDS)).collect();
    vec![Piece { text: words.join(" "), is_hit: false }]
}

fn pieces(marked: &str) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut is_hit = false;
    for character in marked.chars() {
        match character {
            SPLIT => {}
            HIT => is_hit = true,
            END => is_hit = false,
            other => match pieces.last_mut().filter(|last| last.is_hit == is_hit) {
                Some(last) => last.text.push(other),
                None => pieces.push(Piece { text: other.to_string(), is_hit }),
            },
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::super::Query;
    use super::*;

    fn excerpt(query: &str, text: &str) -> String {
        let query = Query::parse(query).expect("a query");
        let pieces = Excerpts::new().expect("a table").around(&query.any(), text).expect("an excerpt");
        pieces.iter().map(|piece| if piece.is_hit { format!("[{}]", piece.text) } else { piece.text.clone() }).collect()
    }

    #[test]
    fn hits_are_marked_as_the_index_sees_them() {
        assert_eq!(excerpt("cafe", "the Café at noon"), "the [Café] at noon");
        assert_eq!(excerpt("\"at noon\"", "the café at noon"), "the café [at noon]");
        assert_eq!(excerpt("机器", "我们的机器学习"), "我们的[机器]学习");
        assert_eq!(excerpt("absent", "one  two"), "one two");
        let long = format!("{} needle {}", "hay ".repeat(200), "hay ".repeat(200));
        let cut = excerpt("need*", &long);
        assert!(cut.contains("[needle]") && cut.starts_with('…') && cut.ends_with('…') && cut.len() < 150, "{cut}");
    }
}
