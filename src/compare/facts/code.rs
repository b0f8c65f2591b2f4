//! Fenced blocks of code.

use serde::Serialize;

/// A block of code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Code {
    /// The language after the fence, by its usual name, in lower case; empty where none is named.
    pub language: String,
    /// The lines, without the blanks at the end of each and without empty lines at the end.
    pub text: String,
}

impl Code {
    /// Whether it is the same code: the same text, and no other language where both name one.
    pub fn is_same(&self, other: &Self) -> bool {
        let languages = [&self.language, &other.language];
        self.text == other.text && (languages[0] == languages[1] || languages.iter().any(|name| name.is_empty()))
    }
}

/// Names of a language beside its usual one.
const ALIASES: &[(&str, &str)] = &[
    ("rs", "rust"),
    ("py", "python"),
    ("python3", "python"),
    ("js", "javascript"),
    ("ts", "typescript"),
    ("bash", "sh"),
    ("shell", "sh"),
    ("console", "sh"),
    ("zsh", "sh"),
    ("yml", "yaml"),
    ("golang", "go"),
    ("c++", "cpp"),
    ("c#", "csharp"),
    ("rb", "ruby"),
    ("kt", "kotlin"),
    ("md", "markdown"),
    ("text", ""),
    ("txt", ""),
    ("plaintext", ""),
];

/// The text without its fenced blocks, and the blocks. JSON stays in the text too: it is the answer, not an example. A fence
/// that nobody closes goes on to the end.
pub fn split(text: &str) -> (String, Vec<Code>) {
    let mut prose = String::with_capacity(text.len());
    let mut blocks = Vec::new();
    let mut open: Option<(&str, String, String)> = None;
    for line in text.split_inclusive('\n') {
        let trimmed = line.trim();
        open = match open {
            Some((fence, language, body)) if closes(fence, trimmed) => {
                close(&mut prose, &mut blocks, language, &body);
                None
            }
            Some((fence, language, mut body)) => {
                body.push_str(line.trim_end());
                body.push('\n');
                Some((fence, language, body))
            }
            None => {
                let opened = fence(trimmed).map(|(fence, language)| (fence, language, String::new()));
                if opened.is_none() {
                    prose.push_str(line);
                }
                opened
            }
        };
    }
    if let Some((_, language, body)) = open {
        close(&mut prose, &mut blocks, language, &body);
    }
    (prose, blocks)
}

fn close(prose: &mut String, blocks: &mut Vec<Code>, language: String, body: &str) {
    let text = body.trim_end().to_owned();
    if language.starts_with("json") {
        prose.push_str(&text);
    }
    prose.push('\n');
    blocks.push(Code { language, text });
}

/// The fence and the language, when the line opens a block.
fn fence(line: &str) -> Option<(&str, String)> {
    let mark = line.chars().next().filter(|char| matches!(char, '`' | '~'))?;
    let info = line.trim_start_matches(mark);
    let fence = &line[..line.len() - info.len()];
    if fence.len() < 3 || info.contains('`') {
        return None;
    }
    let name = info.split([' ', '\t', ',', '{']).find(|name| !name.is_empty()).unwrap_or_default().to_lowercase();
    let usual = ALIASES.iter().find(|(alias, _)| *alias == name).map_or(name.as_str(), |(_, usual)| *usual);
    Some((fence, usual.to_owned()))
}

fn closes(fence: &str, line: &str) -> bool {
    line.starts_with(fence) && line.trim_start_matches(&fence[..1]).is_empty()
}
