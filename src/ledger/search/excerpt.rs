//! The part of a text around what was searched for, with the hits marked: cut by SQLite itself, in a table of its own, so that
//! what is marked is what was found.

use std::ops::Range;

use rusqlite::{Connection, OptionalExtension, params};

use super::TOKENIZER;
use super::words::{SPLIT, split};

/// How many words an excerpt has.
const WORDS: u8 = 24;
const HIT: char = '\u{1}';
const END: char = '\u{2}';

/// SQLite compares the hits of a row with each other, so a long text becomes rows of so many bytes,
const WINDOW: usize = 4096;
/// each of which begins so far before the end of the one before it: no phrase is cut in two.
const OVERLAP: usize = 512;
/// Among so many rows the best is chosen; later ones are looked at only when there is no hit in these.
const TOGETHER: usize = 64;

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
        let windows: Vec<Range<usize>> = windows(text).collect();
        for some in windows.chunks(TOGETHER) {
            if let Some(found) = self.best(expression, text, some)? {
                return Ok(pieces(&found));
            }
        }
        Ok(beginning(text))
    }

    /// The marked part of the window that fits best.
    fn best(&self, expression: &str, text: &str, windows: &[Range<usize>]) -> rusqlite::Result<Option<String>> {
        self.0.execute("DELETE FROM said", [])?;
        let mut insert = self.0.prepare_cached("INSERT INTO said (rowid, text) VALUES (?1, ?2)")?;
        for (number, window) in (0_i64..).zip(windows) {
            insert.execute(params![number, split(&text[window.clone()])])?;
        }
        let cut = "SELECT snippet(said, 0, char(1), char(2), '…', ?2), rowid FROM said WHERE said MATCH ?1
                   ORDER BY rank LIMIT 1";
        let found: Option<(String, u32)> = self
            .0
            .prepare_cached(cut)?
            .query_row(params![expression, i64::from(WORDS)], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        Ok(found.map(|(found, number)| whole(&found, &windows[number as usize], text)))
    }
}

/// Says where text was left out before a window or behind it.
fn whole(found: &str, window: &Range<usize>, text: &str) -> String {
    let before = if window.start > 0 && !found.starts_with('…') { "…" } else { "" };
    let behind = if window.end < text.len() && !found.ends_with('…') { "…" } else { "" };
    format!("{before}{found}{behind}")
}

/// The parts of a text, between words where it has blanks.
fn windows(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut next = Some(0);
    std::iter::from_fn(move || {
        let start = next?;
        if text.len() - start <= WINDOW {
            next = None;
            return Some(start..text.len());
        }
        let end = text.floor_char_boundary(start + WINDOW);
        let tail = text.floor_char_boundary(end - OVERLAP);
        let end = text[tail..end].rfind(char::is_whitespace).map_or(end, |blank| tail + blank);
        let again = text.floor_char_boundary(end - OVERLAP);
        next = Some(text[again..end].find(char::is_whitespace).map_or(again, |blank| again + blank));
        Some(start..end)
    })
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

    #[test]
    fn windows_cover_the_text_and_overlap() {
        for text in ["word ".repeat(5000), "学".repeat(5000), "x".repeat(20_000), String::new()] {
            let all: Vec<Range<usize>> = windows(&text).collect();
            assert_eq!((all[0].start, all[all.len() - 1].end), (0, text.len()));
            assert!(all.windows(2).all(|two| two[1].start > two[0].start && two[1].start < two[0].end), "{all:?}");
        }
    }

    #[test]
    fn a_hit_far_inside_of_a_long_text_is_found_and_both_words_stand_together() {
        let long = format!("one {}one two{}", "hay ".repeat(100_000), " hay".repeat(100_000));
        let cut = excerpt("one two", &long);
        assert!(cut.contains("[one] "), "{cut}");
        let cut = excerpt("two", &long);
        assert!(cut.contains("one [two] hay") && cut.starts_with('…') && cut.ends_with('…'), "{cut}");
    }

    #[test]
    fn the_time_for_many_hits_is_that_of_the_text() {
        let began = std::time::Instant::now();
        let cut = excerpt("hit", &"hit ".repeat(600_000));
        assert!(cut.starts_with("[hit] ") || cut.starts_with("…"), "{cut}");
        // Each compared with each takes minutes.
        assert!(began.elapsed() < std::time::Duration::from_secs(20), "{:?}", began.elapsed());
    }
}
