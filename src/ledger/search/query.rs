//! What is searched for, as people write it: words, "phrases", beginnings* and -exclusions. No text is a wrong one.

use std::fmt;

use super::words::split;

/// More words than this are no search.
const MOST_TERMS: usize = 50;

/// What a run must hold, in its prompts or its answer, and what it must not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// Expressions of the index, each of which must be found somewhere in the run.
    pub(super) wanted: Vec<String>,
    /// Those that must not be found anywhere in it.
    pub(super) unwanted: Vec<String>,
}

/// Why there is nothing to search for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueryError {
    /// No word that could be found.
    Nothing,
    /// Only words that must not be found.
    OnlyUnwanted,
    /// Too many words.
    TooMany,
}

impl fmt::Display for QueryError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => formatter.write_str("there is no word in it to search for"),
            Self::OnlyUnwanted => formatter.write_str("it says only what is not wanted; add a word that is"),
            Self::TooMany => write!(formatter, "search for at most {MOST_TERMS} words"),
        }
    }
}

impl Query {
    /// Reads words, `"phrases"`, `beginnings*` and `-exclusions`. Everything else is a word as it stands.
    pub fn parse(text: &str) -> Result<Self, QueryError> {
        let mut query = Self { wanted: Vec::new(), unwanted: Vec::new() };
        let mut rest = text.trim_start();
        while !rest.is_empty() {
            let (is_wanted, after) = match rest.strip_prefix('-') {
                Some(after) if !after.starts_with(char::is_whitespace) => (false, after),
                _ => (true, rest),
            };
            let (term, after) = term(after);
            let side = if is_wanted { &mut query.wanted } else { &mut query.unwanted };
            side.extend(term);
            rest = after.trim_start();
        }
        match (query.wanted.len(), query.unwanted.len()) {
            (0, 0) => Err(QueryError::Nothing),
            (0, _) => Err(QueryError::OnlyUnwanted),
            (wanted, unwanted) if wanted + unwanted > MOST_TERMS => Err(QueryError::TooMany),
            _ => Ok(query),
        }
    }

    /// Finds what holds any of the wanted words.
    pub(super) fn any(&self) -> String {
        self.wanted.join(" OR ")
    }
}

/// The term at the beginning of the text, `None` when nothing in it can be found, and what follows.
fn term(text: &str) -> (Option<String>, &str) {
    if let Some(quoted) = text.strip_prefix('"') {
        let (phrase, after) = quoted.split_once('"').unwrap_or((quoted, ""));
        return match after.strip_prefix('*') {
            Some(after) => (expression(phrase, true), after),
            None => (expression(phrase, false), after),
        };
    }
    let end = text.find(char::is_whitespace).unwrap_or(text.len());
    let (word, after) = text.split_at(end);
    match word.strip_suffix('*') {
        Some(beginning) => (expression(beginning, true), after),
        None => (expression(word, false), after),
    }
}

/// A quoted string of the index's own language, in which nothing has a meaning but its end.
fn expression(text: &str, is_beginning: bool) -> Option<String> {
    let star = if is_beginning { "*" } else { "" };
    let can_be_found = text.chars().any(char::is_alphanumeric);
    can_be_found.then(|| format!("\"{}\"{star}", split(text).replace('"', " ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> (Vec<String>, Vec<String>) {
        let query = Query::parse(text).expect("a query");
        let shown = |terms: Vec<String>| terms.iter().map(|term| term.replace('\u{200b}', "|")).collect();
        (shown(query.wanted), shown(query.unwanted))
    }

    #[test]
    fn words_phrases_beginnings_and_exclusions_are_told_apart() {
        let wanted = ["\"rust\"", "\"borrow checker\"", "\"life\"*", "\"two be\"*"].map(String::from).to_vec();
        assert_eq!(
            parsed("rust \"borrow checker\" -python life* \"two be\"* -\"go lang\""),
            (wanted, vec!["\"python\"".to_owned(), "\"go lang\"".to_owned()])
        );
        assert_eq!(parsed("東京"), (vec!["\"|東||京|\"".to_owned()], Vec::new()));
    }

    #[test]
    fn no_text_is_an_error_of_syntax() {
        for (text, wanted) in [
            ("a AND OR NOT b", "\"a\" \"AND\" \"OR\" \"NOT\" \"b\""),
            ("col:x NEAR(a b)", "\"col:x\" \"NEAR(a\" \"b)\""),
            ("say \"never ends", "\"say\" \"never ends\""),
            ("a\"b c", "\"a b\" \"c\""),
            ("- x ^y {z}", "\"x\" \"^y\" \"{z}\""),
            ("a\0b", "\"a b\""),
            ("it's 100%", "\"it's\" \"100%\""),
        ] {
            assert_eq!(parsed(text).0.join(" "), wanted, "{text}");
        }
        assert_eq!(Query::parse(" \" \" * -- ?!"), Err(QueryError::Nothing));
        assert_eq!(Query::parse("-x"), Err(QueryError::OnlyUnwanted));
        assert_eq!(Query::parse(&"x ".repeat(51)), Err(QueryError::TooMany));
    }
}
