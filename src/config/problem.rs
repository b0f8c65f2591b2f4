//! What is wrong with a configuration file, and where: file, line, column, the line itself with a caret under it.

use std::fmt;
use std::ops::Range;

use unicode_width::UnicodeWidthChar;

/// Lines are shown up to about this many characters around the caret.
const SHOWN: usize = 120;

/// One thing that is wrong in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file as it was found.
    pub path: String,
    /// Where in it; `None` when it concerns the whole file.
    pub place: Option<Place>,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

/// A place in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// The line's text, fit to be printed.
    pub text: String,
    /// How many terminal cells stand before the caret.
    pub indent: usize,
    /// How many cells are underlined, at least 1.
    pub width: usize,
}

impl Problem {
    /// A problem of the whole file.
    pub fn whole(path: &str, message: impl Into<String>) -> Self {
        Self { path: path.to_owned(), place: None, message: message.into(), help: None }
    }

    /// A problem at that range of bytes of `text`. Bytes for which `hidden` is true are shown as `*`.
    pub fn at(
        path: &str,
        text: &str,
        range: &Range<usize>,
        hidden: impl Fn(usize) -> bool,
        message: impl Into<String>,
    ) -> Self {
        let place = Some(Place::find(text, range, hidden));
        Self { path: path.to_owned(), place, message: message.into(), help: None }
    }

    /// Adds what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl Place {
    fn find(text: &str, range: &Range<usize>, hidden: impl Fn(usize) -> bool) -> Self {
        let start = text.floor_char_boundary(range.start);
        let line_start = text[..start].rfind('\n').map_or(0, |newline| newline + 1);
        let line = text[line_start..].split('\n').next().unwrap_or_default().trim_end_matches('\r');
        let column = text[line_start..start].chars().count();
        let marked = text[start..].char_indices().take_while(|(at, _)| start + at < range.end.max(start + 1)).count();
        let cells: Vec<char> = line
            .char_indices()
            .map(|(at, character)| if hidden(line_start + at) { '*' } else { printable(character) })
            .collect();
        let first = if cells.len() > SHOWN { column.saturating_sub(SHOWN / 2).min(cells.len() - SHOWN) } else { 0 };
        let last = cells.len().min(first + SHOWN);
        let caret_end = (column + marked).clamp(column, last.max(column));
        Self {
            line: line_line(text, line_start),
            column: column + 1,
            text: cells[first..last].iter().collect(),
            indent: width(&cells[first..column.min(last)]) + usize::from(column > last),
            width: width(&cells[column.min(last)..caret_end.min(last)]).max(1),
        }
    }
}

fn line_line(text: &str, line_start: usize) -> usize {
    text[..line_start].matches('\n').count() + 1
}

fn width(characters: &[char]) -> usize {
    characters.iter().map(|&character| character.width().unwrap_or(0)).sum()
}

/// A project's file is somebody else's text: nothing in it may drive the terminal.
fn printable(character: char) -> char {
    match character {
        '\t' => ' ',
        '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' => '\u{fffd}',
        _ if character.is_control() => '\u{fffd}',
        _ => character,
    }
}

/// Text from a file without characters that would drive a terminal.
pub fn sanitised(text: &str) -> String {
    text.chars().map(printable).collect()
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let message = sanitised(&self.message);
        let help = self.help.as_deref().map(sanitised);
        let Some(place) = &self.place else {
            write!(formatter, "{}: {message}", self.path)?;
            return help.map_or(Ok(()), |help| write!(formatter, "\n  {help}"));
        };
        let number = place.line.to_string();
        write!(formatter, "{}:{}:{}: {message}", self.path, place.line, place.column)?;
        write!(formatter, "\n  {number} | {}", place.text)?;
        let (gutter, indent, caret) = (" ".repeat(number.len()), " ".repeat(place.indent), "^".repeat(place.width));
        write!(formatter, "\n  {gutter} | {indent}{caret}")?;
        help.map_or(Ok(()), |help| write!(formatter, " {help}"))
    }
}

/// All that is wrong; never empty when it is an error.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problems(pub Vec<Problem>);

impl fmt::Display for Problems {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, problem) in self.0.iter().enumerate() {
            let separator = if number == 0 { "" } else { "\nerror: " };
            write!(formatter, "{separator}{problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, range: Range<usize>) -> String {
        Problem::at("f", text, &range, |_| false, "wrong").help("help").to_string()
    }

    #[test]
    fn the_caret_stands_under_the_place() {
        assert_eq!(shown("a = 1\nbad = 2\n", 6..9), "f:2:1: wrong\n  2 | bad = 2\n    | ^^^ help");
        assert_eq!(shown("a = 'ä€日' # x", 15..16), "f:1:11: wrong\n  1 | a = 'ä€日' # x\n    |            ^ help");
        assert_eq!(shown("a\r\nb =\r\n", 6..7), "f:2:4: wrong\n  2 | b =\n    |    ^ help");
        assert_eq!(shown("", 0..0), "f:1:1: wrong\n  1 | \n    | ^ help");
        assert_eq!(shown("a = [\n1", 4..7), "f:1:5: wrong\n  1 | a = [\n    |     ^ help");
    }

    #[test]
    fn what_would_drive_a_terminal_is_not_shown() {
        assert_eq!(
            shown("\ta\u{1b}[2J\u{9b}\u{202e}b", 1..2),
            "f:1:2: wrong\n  1 |  a\u{fffd}[2J\u{fffd}\u{fffd}b\n    |  ^ help"
        );
    }

    #[test]
    fn hidden_bytes_are_stars() {
        let problem = Problem::at("f", "k = 'secret'", &(0..1), |at| (5..11).contains(&at), "wrong");
        assert_eq!(problem.to_string(), "f:1:1: wrong\n  1 | k = '******'\n    | ^");
    }

    #[test]
    fn a_long_line_is_shown_around_the_caret() {
        let text = format!("{}!{}", "a".repeat(500), "b".repeat(500));
        let place = Problem::at("f", &text, &(500..501), |_| false, "x").place.expect("a place");
        assert_eq!((place.column, place.text.chars().count()), (501, SHOWN));
        assert_eq!(place.text.chars().nth(place.indent), Some('!'));
    }
}
