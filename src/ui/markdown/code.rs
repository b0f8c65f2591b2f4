//! Code in colours, line by line as it comes. The colours are the terminal's own, so that they can be read on any ground.

use std::sync::OnceLock;

use syntect::parsing::{ParseState, Scope, ScopeStack, ScopeStackOp, SyntaxReference, SyntaxSet};

use super::wrap::Span;
use crate::ui::style::Style;

/// A longer line is shown as it is: it is data, and takes long to read.
const LONGEST_LINE: usize = 500;
/// From so many bytes on a block is shown as it is: nobody reads all of it, and reading it takes half a second a megabyte.
const LONGEST_BLOCK: usize = 256 * 1024;

/// What is set off, by the beginning of its scope's name. Of nested scopes the innermost counts that stands here.
const STYLES: [(&str, Style); 14] = [
    ("comment", Style::DIM),
    ("string", Style::GREEN),
    ("constant", Style::CYAN),
    ("keyword.operator", Style::PLAIN),
    ("keyword", Style::MAGENTA),
    ("storage", Style::MAGENTA),
    ("variable.language", Style::MAGENTA),
    ("entity.name.tag", Style::MAGENTA),
    ("entity.name.function", Style::BOLD),
    ("entity.name", Style::BOLD),
    ("markup.heading", Style::BOLD),
    ("markup.inserted", Style::GREEN),
    ("markup.deleted", Style::RED),
    ("meta.diff", Style::CYAN),
];

/// Names that models give to languages, and those by which they are known here.
const OTHER_NAMES: [(&str, &str); 5] =
    [("jsx", "js"), ("shell", "sh"), ("console", "sh"), ("csharp", "cs"), ("golang", "go")];

/// The state after the lines of a block that have come.
#[derive(Debug)]
pub(super) struct Highlighter {
    state: ParseState,
    scopes: ScopeStack,
    read: usize,
}

impl Highlighter {
    /// For a language by any of its names or file endings; `None` when it is not known.
    pub(super) fn of(language: &str) -> Option<Self> {
        let state = ParseState::new(syntax(language)?);
        Some(Self { state, scopes: ScopeStack::new(), read: 0 })
    }

    /// The pieces of a line; `None` when the block goes on without colours.
    pub(super) fn line(&mut self, line: &str) -> Option<Vec<Span>> {
        self.read += line.len();
        if line.len() > LONGEST_LINE || self.read > LONGEST_BLOCK {
            return None;
        }
        let ops = self.state.parse_line(&format!("{line}\n"), syntaxes()).ok()?;
        let mut spans: Vec<Span> = Vec::new();
        let mut from = 0;
        for (at, op) in &ops {
            let to = line.len().min(*at);
            push(&mut spans, line.get(from..to)?, self.style());
            from = to;
            self.apply(op)?;
        }
        push(&mut spans, line.get(from..)?, self.style());
        Some(spans)
    }

    fn apply(&mut self, op: &ScopeStackOp) -> Option<()> {
        self.scopes.apply(op).ok()
    }

    fn style(&self) -> Style {
        let of_scope = |scope: &Scope| {
            styles().iter().find(|(beginning, _)| beginning.is_prefix_of(*scope)).map(|(_, style)| *style)
        };
        self.scopes.scopes.iter().rev().find_map(of_scope).unwrap_or_default()
    }
}

/// [`STYLES`], as scopes are compared.
fn styles() -> &'static [(Scope, Style)] {
    static SCOPES: OnceLock<Vec<(Scope, Style)>> = OnceLock::new();
    SCOPES.get_or_init(|| STYLES.iter().filter_map(|(name, style)| Some((Scope::new(name).ok()?, *style))).collect())
}

fn push(spans: &mut Vec<Span>, text: &str, style: Style) {
    match spans.last_mut() {
        _ if text.is_empty() => {}
        Some(last) if last.style == style => last.text.push_str(text),
        _ => spans.push(Span { text: text.to_owned(), style }),
    }
}

/// Read when the first block of code comes, and not before.
fn syntaxes() -> &'static SyntaxSet {
    static SYNTAXES: OnceLock<SyntaxSet> = OnceLock::new();
    SYNTAXES.get_or_init(two_face::syntax::extra_newlines)
}

/// The words after a fence begin with the language: `rust`, `rust,ignore`, `{.python}`.
fn syntax(words: &str) -> Option<&'static SyntaxReference> {
    let words = words.trim().trim_start_matches(['{', '.']);
    let language = words.split([' ', ',', '{', '}', ':']).next().filter(|language| !language.is_empty())?;
    let other = OTHER_NAMES.iter().find(|(name, _)| name.eq_ignore_ascii_case(language));
    let language = other.map_or(language, |(_, known)| known);
    syntaxes().find_syntax_by_token(language).filter(|syntax| syntax.name != "Plain Text")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn painted(language: &str, lines: &[&str]) -> String {
        let mut highlighter = Highlighter::of(language).expect("a language");
        let paint = |line: &&str| -> String {
            highlighter.line(line).expect("read").iter().map(|span| span.style.paint(&span.text, true)).collect()
        };
        lines.iter().map(paint).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn words_comments_and_texts_are_told_apart() {
        assert_eq!(
            painted("rust", &["let x = 1; // one", "\"a"]),
            "\x1b[35mlet\x1b[0m x = \x1b[36m1\x1b[0m; \x1b[2m// one\x1b[0m\n\x1b[32m\"a\x1b[0m"
        );
    }

    #[test]
    fn what_is_open_at_the_end_of_a_line_goes_on() {
        let lines = painted("python", &["x = '''", "still text", "''' + x"]);
        assert!(lines.contains("\x1b[32mstill text\x1b[0m"), "{lines:?}");
        assert!(lines.ends_with(" + x"), "{lines:?}");
    }

    #[test]
    fn languages_are_known_by_what_models_call_them() {
        let known = [
            "rust",
            "rs",
            "Rust",
            "rust,ignore",
            "python",
            "py",
            "{.python}",
            "javascript",
            "js",
            "jsx",
            "typescript",
            "ts",
            "tsx",
            "bash",
            "sh",
            "zsh",
            "shell",
            "json",
            "yaml",
            "yml",
            "toml",
            "html",
            "css",
            "c",
            "cpp",
            "c++",
            "go",
            "java",
            "kotlin",
            "swift",
            "sql",
            "ruby",
            "php",
            "diff",
            "dockerfile",
            "makefile",
            "xml",
            "lua",
            "r",
            "csharp",
            "scala",
        ];
        let unknown: Vec<&str> = known.into_iter().filter(|name| Highlighter::of(name).is_none()).collect();
        assert_eq!(unknown, Vec::<&str>::new());
        for plain in ["", "text", "plaintext", "output", "nonsense"] {
            assert!(Highlighter::of(plain).is_none(), "{plain}");
        }
    }

    #[test]
    fn long_lines_and_long_blocks_are_left_as_they_are() {
        let mut highlighter = Highlighter::of("json").expect("a language");
        assert!(highlighter.line(&"1,".repeat(300)).is_none());
        let mut highlighter = Highlighter::of("json").expect("a language");
        let line = "1, ".repeat(100);
        let read = (0..LONGEST_BLOCK).take_while(|_| highlighter.line(&line).is_some()).count();
        assert_eq!(read, LONGEST_BLOCK / line.len());
    }
}
