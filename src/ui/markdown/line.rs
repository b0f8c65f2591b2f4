//! What a line begins with: which open quotes and list items it continues, which it opens, and what kind of block its
//! rest is. Pure; a line may be looked at before its end has come.

/// A quote or list item that holds blocks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Container {
    Quote,
    /// Columns, counted from where the enclosing container's content begins.
    Item {
        /// Where the marker stands.
        marker: usize,
        /// Where the content begins.
        content: usize,
    },
}

/// A container that a line opens.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Opened {
    Quote,
    Item { container: Container, marker: String },
}

/// What the rest of a line is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kind {
    Blank,
    Text,
    Heading(usize),
    Rule,
    /// The line of `=` under a heading of the older form.
    Underline,
    Fence(Fence),
    Table,
    Html,
    IndentedCode,
}

/// How a block of code began, which decides how it ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Fence {
    pub(super) character: char,
    pub(super) length: usize,
    pub(super) indent: usize,
}

/// A line taken apart.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Line {
    /// How many of the open containers it continues.
    pub(super) matched: usize,
    pub(super) opened: Vec<Opened>,
    /// Byte offset of the rest, its indent included.
    pub(super) rest: usize,
    pub(super) kind: Kind,
}

/// A place in a line.
#[derive(Clone, Copy)]
struct Cursor<'a> {
    line: &'a str,
    at: usize,
}

impl<'a> Cursor<'a> {
    fn rest(self) -> &'a str {
        &self.line[self.at..]
    }

    /// Columns of whitespace ahead; a tab counts as four.
    fn indent(self) -> usize {
        self.rest().chars().map_while(indent_of).sum()
    }

    /// Past `columns` of whitespace, or as many as there are.
    fn skip(self, columns: usize) -> Self {
        let mut left = columns;
        let mut at = self.at;
        for character in self.rest().chars() {
            match indent_of(character) {
                Some(width) if left > 0 => left = left.saturating_sub(width),
                _ => break,
            }
            at += 1;
        }
        Self { at, ..self }
    }

    fn text(self) -> &'a str {
        self.rest().trim_start_matches([' ', '\t'])
    }
}

fn indent_of(character: char) -> Option<usize> {
    match character {
        ' ' => Some(1),
        '\t' => Some(4),
        _ => None,
    }
}

/// Deeper nesting than this is running text; no answer needs it, and every line would carry its prefixes.
const DEEPEST: usize = 12;

/// Takes a line apart. `in_paragraph` says whether a paragraph is open. With `complete` unset the line's end has not
/// come, and the answer is `None` unless the rest is running text whatever follows.
pub(super) fn read(line: &str, containers: &[Container], in_paragraph: bool, complete: bool) -> Option<Line> {
    let (matched, mut cursor) = follow(Cursor { line, at: 0 }, containers);
    let inside = matched == containers.len();
    let mut opened = Vec::new();
    while cursor.indent() < 4 && matched + opened.len() < DEEPEST {
        let interrupts = in_paragraph && inside && opened.is_empty();
        let Some((container, after)) = opening(cursor, interrupts) else { break };
        if !complete && after.text().is_empty() {
            return None;
        }
        opened.push(container);
        cursor = after;
    }
    let goes_on = in_paragraph && opened.is_empty();
    let kind = if complete { kind(cursor, goes_on, inside) } else { sure_text(cursor, goes_on)? };
    Some(Line { matched, opened, rest: cursor.at, kind })
}

/// How many of the containers a line continues, and what of it lies inside them.
pub(super) fn continued<'a>(line: &'a str, containers: &[Container]) -> (usize, &'a str) {
    let (matched, cursor) = follow(Cursor { line, at: 0 }, containers);
    (matched, cursor.rest())
}

fn follow<'a>(mut cursor: Cursor<'a>, containers: &[Container]) -> (usize, Cursor<'a>) {
    for (index, container) in containers.iter().enumerate() {
        let indent = cursor.indent();
        let inside = match *container {
            Container::Quote => quote(cursor),
            Container::Item { .. } if cursor.text().is_empty() => Some(cursor),
            Container::Item { content, .. } if indent >= content => Some(cursor.skip(content)),
            // Models indent nested items by two even under `1. `, where CommonMark asks for three.
            Container::Item { marker, .. } if indent >= marker + 2 => item(cursor, false).map(|_| cursor.skip(indent)),
            Container::Item { .. } => None,
        };
        let Some(inside) = inside else { return (index, cursor) };
        cursor = inside;
    }
    (containers.len(), cursor)
}

fn opening(cursor: Cursor<'_>, interrupts: bool) -> Option<(Opened, Cursor<'_>)> {
    quote(cursor).map(|after| (Opened::Quote, after)).or_else(|| item(cursor, interrupts))
}

fn quote(cursor: Cursor<'_>) -> Option<Cursor<'_>> {
    let inner = cursor.skip(3);
    inner.rest().starts_with('>').then(|| Cursor { at: inner.at + 1, ..inner }.skip(1))
}

/// A list item's marker. One that interrupts a paragraph must have content, and a number must be 1.
fn item(cursor: Cursor<'_>, interrupts: bool) -> Option<(Opened, Cursor<'_>)> {
    let text = cursor.text();
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let is_bullet = text.starts_with(['-', '+', '*']) && !is_rule(text);
    let is_number = (1..=9).contains(&digits) && text[digits..].starts_with(['.', ')']);
    let length = digits + 1;
    if !is_bullet && !is_number || interrupts && is_number && &text[..digits] != "1" {
        return None;
    }
    let after = Cursor { at: cursor.line.len() - text.len() + length, ..cursor };
    let (spaces, is_blank) = (after.indent(), after.text().is_empty());
    if spaces == 0 && !after.rest().is_empty() || interrupts && is_blank {
        return None;
    }
    let spaces = if is_blank || spaces > 4 { 1 } else { spaces };
    let marker = cursor.indent();
    let container = Container::Item { marker, content: marker + length + spaces };
    let marker = if is_bullet { "• ".to_owned() } else { format!("{} ", &text[..length]) };
    Some((Opened::Item { container, marker }, after.skip(spaces)))
}

fn kind(cursor: Cursor<'_>, goes_on: bool, inside: bool) -> Kind {
    let text = cursor.text();
    let hashes = text.bytes().take_while(|byte| *byte == b'#').count();
    let mut characters = text.chars();
    match (characters.next(), characters.next()) {
        (None, _) => Kind::Blank,
        _ if cursor.indent() >= 4 => {
            if goes_on {
                Kind::Text
            } else {
                Kind::IndentedCode
            }
        }
        (Some('#'), _) if hashes <= 6 && text[hashes..].chars().next().is_none_or(char::is_whitespace) => {
            Kind::Heading(hashes)
        }
        (Some('`' | '~'), _) => fence(cursor).map_or(Kind::Text, Kind::Fence),
        (Some('-' | '*' | '_'), _) if is_rule(text) => Kind::Rule,
        (Some('='), _) if goes_on && inside && text.trim_end().bytes().all(|byte| byte == b'=') => Kind::Underline,
        (Some('|'), _) => Kind::Table,
        (Some('<'), Some(next)) if !goes_on && is_html(text, next) => Kind::Html,
        _ => Kind::Text,
    }
}

/// [`Kind::Text`] when a line that begins like this is text whatever follows.
fn sure_text(cursor: Cursor<'_>, goes_on: bool) -> Option<Kind> {
    let text = cursor.text();
    let first = text.chars().next()?;
    if cursor.indent() >= 4 {
        return goes_on.then_some(Kind::Text);
    }
    if !"#-+*_=`~|<".contains(first) && !first.is_ascii_digit() {
        return Some(Kind::Text);
    }
    let (token, rest) = text.split_once([' ', '\t'])?;
    if rest.trim_start().is_empty() {
        return None;
    }
    let unsure = match first {
        '|' | '<' => true,
        '`' | '~' => token.starts_with("```") || token.starts_with("~~~"),
        _ => token.chars().all(|character| character == first),
    };
    (!unsure || first.is_ascii_digit()).then_some(Kind::Text)
}

/// A line of three or more `-`, `*` or `_`, spaces apart or not.
fn is_rule(text: &str) -> bool {
    let Some(first) = text.chars().next().filter(|first| matches!(first, '-' | '*' | '_')) else { return false };
    text.chars().all(|c| c == first || c == ' ' || c == '\t') && text.chars().filter(|c| *c == first).count() >= 3
}

/// A tag or comment that begins a block; `<https://…>` does not.
fn is_html(text: &str, next: char) -> bool {
    let name = text[1..].split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    matches!(next, '/' | '!' | '?')
        || next.is_ascii_alphabetic() && !text[1 + name.len()..].starts_with([':', '@', '.'])
}

fn fence(cursor: Cursor<'_>) -> Option<Fence> {
    let text = cursor.text();
    let character = text.chars().next()?;
    let length = text.chars().take_while(|c| *c == character).count();
    let has_info = !(character == '`' && text[length..].contains('`'));
    (length >= 3 && has_info).then(|| Fence { character, length, indent: cursor.indent() })
}

/// Whether a line ends the code that began with `fence`.
pub(super) fn closes(line: &str, fence: Fence) -> bool {
    let text = line.trim_end();
    let marks = text.trim_start_matches([' ', '\t']);
    text.len() - marks.len() < 4 && marks.len() >= fence.length && marks.chars().all(|c| c == fence.character)
}
