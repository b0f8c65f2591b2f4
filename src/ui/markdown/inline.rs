//! The inside of a paragraph: emphasis, code, links, formulas. [`Held`] finds where text is complete, [`spans`] reads it.

use std::ops::Range;

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use super::wrap::{BREAK, Span, may_break};
use crate::ui::sanitize::clean;
use crate::ui::style::Style;

/// An open marker holds text back for at most this many bytes; then it is taken for plain text.
const LONGEST_HOLD: usize = 500;

/// The same for a dollar, which is most often money.
const LONGEST_DOLLARS: usize = 120;

/// The characters that can begin something other than plain text.
const MARKERS: [char; 9] = ['*', '_', '~', '`', '[', ']', '<', '&', '\\'];

/// Stands before text handed to the parser: whitespace for the rules of emphasis, yet no indent and no block marker.
const GUARD: char = '\u{a0}';

/// Running text of which the rest is still to come. Gives it out in segments that end where a line may break and no
/// marker is open, so each can be read by itself and shown at once.
#[derive(Debug, Default)]
pub(super) struct Held {
    text: String,
    /// How far `text` was looked at.
    at: usize,
    /// The character before `at`.
    previous: Option<char>,
    open: Open,
}

/// Markers that wait for their other half.
#[derive(Debug, Default, PartialEq)]
struct Open {
    /// Length of the run of backticks that began code; 0 outside of code.
    code: usize,
    stars: usize,
    underscores: usize,
    tildes: usize,
    brackets: usize,
    /// Parentheses of a link's target.
    target: usize,
    /// Inside `<…>`.
    angle: bool,
    /// Inside `\(…\)` or `\[…\]`, where no other marker is one.
    formula: bool,
    /// Inside `$…$` or `$$…$$`, the same: so many dollars.
    dollars: usize,
}

impl Held {
    /// Takes more text, and gives every segment that is complete to `show`.
    pub(super) fn push(&mut self, piece: &str, mut show: impl FnMut(&str)) {
        self.text.push_str(piece);
        let mut shown = 0;
        while let Some(cut) = self.step(shown) {
            if cut > shown {
                show(&self.text[shown..cut]);
                shown = cut;
            }
        }
        self.text.drain(..shown);
        self.at -= shown;
    }

    /// Gives out what is left.
    pub(super) fn finish(&mut self, mut show: impl FnMut(&str)) {
        if !self.text.is_empty() {
            show(&self.text);
        }
        *self = Self::default();
    }

    /// Takes back a backslash at the very end, which makes the line's end a hard break.
    pub(super) fn take_backslash(&mut self) -> bool {
        let found = self.at < self.text.len() && self.open.code == 0 && self.text.ends_with('\\');
        if found {
            self.text.pop();
        }
        found
    }

    /// Looks at one more run of characters and says up to where text is complete; `None` when more is needed.
    fn step(&mut self, shown: usize) -> Option<usize> {
        let rest = &self.text[self.at..];
        let character = rest.chars().next()?;
        let run = match character {
            '*' | '_' | '~' | '`' | '$' => rest.chars().take_while(|c| *c == character).count(),
            _ => 1,
        };
        let size = run * character.len_utf8();
        let is_space = matches!(character, ' ' | '\t' | BREAK);
        let next = rest[size..].chars().next().or(is_space.then_some(' '))?;
        let from = self.at;
        let escapes = character == '\\' && self.open.code == 0 && next.is_ascii_punctuation();
        self.at += size + usize::from(escapes);
        if character == '$' && self.open.code == 0 && !self.open.formula && !escapes {
            self.open.dollar(self.previous, run, next);
        } else if !escapes && !self.open.formula && self.open.dollars == 0 {
            self.open.take(self.previous, character, run, next);
        } else if escapes {
            self.open.formula = matches!(next, '(' | '[') || self.open.formula && !matches!(next, ')' | ']');
        }
        self.previous = Some(if escapes { next } else { character });
        let longest = if self.open.dollars > 0 { LONGEST_DOLLARS } else { LONGEST_HOLD };
        if is_space && from - shown > longest {
            self.open = Open::default();
        }
        if self.open != Open::default() {
            return Some(shown);
        }
        match character {
            _ if is_space => Some(from),
            _ if !escapes && may_break(character, next) => Some(self.at),
            _ => Some(shown),
        }
    }
}

impl Open {
    /// Takes a run of one character with its neighbours.
    fn take(&mut self, previous: Option<char>, character: char, run: usize, next: char) {
        if self.code > 0 {
            if character == '`' && run == self.code {
                self.code = 0;
            }
            return;
        }
        match character {
            '`' => self.code = run,
            '*' | '_' => self.emphasis(previous, character, run, next),
            '~' if run == 2 => self.emphasis(previous, character, run, next),
            '[' => self.brackets += 1,
            ']' if self.brackets > 0 => {
                self.brackets -= 1;
                self.target = usize::from(next == '(');
            }
            '(' if self.target > 0 && previous != Some(']') => self.target += 1,
            ')' => self.target = self.target.saturating_sub(1),
            '<' => self.angle = next.is_alphabetic() || matches!(next, '/' | '!' | '?'),
            '>' => self.angle = false,
            _ => {}
        }
    }

    /// The rules by which Pandoc tells formulas from money: no blank inside of the dollars, and no digit behind them; and a digit
    /// that follows the first one is an amount.
    fn dollar(&mut self, previous: Option<char>, run: usize, next: char) {
        if self.dollars == 0 {
            let opens = run <= 2 && (run == 2 || opens_formula(next));
            self.dollars = if opens { run } else { 0 };
        } else if run == self.dollars && (run == 2 || closes_formula(previous, Some(next))) {
            self.dollars = 0;
        }
    }

    /// The rules of left- and right-flanking runs, as the `CommonMark` specification has them.
    fn emphasis(&mut self, previous: Option<char>, character: char, run: usize, next: char) {
        let is_space = |c: Option<char>| c.is_none_or(char::is_whitespace);
        let is_punctuation = |c: Option<char>| c.is_some_and(|c| !c.is_alphanumeric() && !c.is_whitespace());
        let next = Some(next);
        let left = !is_space(next) && (!is_punctuation(next) || is_space(previous) || is_punctuation(previous));
        let right = !is_space(previous) && (!is_punctuation(previous) || is_space(next) || is_punctuation(next));
        let within_word = character == '_' && left && right;
        let opens = left && (!within_word || is_punctuation(previous));
        let closes = right && (!within_word || is_punctuation(next));
        let count = match character {
            '*' => &mut self.stars,
            '_' => &mut self.underscores,
            _ => &mut self.tildes,
        };
        if closes && *count > 0 {
            *count = count.saturating_sub(run);
        } else if opens {
            *count += run;
        }
    }
}

/// Reads running text. Without colour, code keeps its backticks.
pub(super) fn spans(text: &str, base: Style, color: bool) -> Vec<Span> {
    if !text.contains(MARKERS) {
        return vec![Span { text: text.to_owned(), style: base }];
    }
    let (mut all, mut from) = (Vec::new(), 0);
    for formula in formulas(text) {
        let before = &text[from..formula.start];
        let words = before.trim_end_matches(' ');
        all.extend(marked(words, base, color));
        all.push(Span { text: before[words.len()..].to_owned(), style: base });
        all.push(Span { text: clean(&text[formula.clone()]), style: base });
        from = formula.end;
    }
    all.extend(marked(&text[from..], base, color));
    all
}

/// The same for text in which no formula is.
fn marked(text: &str, base: Style, color: bool) -> Vec<Span> {
    if !text.contains(MARKERS) {
        return vec![Span { text: text.to_owned(), style: base }];
    }
    let guarded = format!("{GUARD}{text}");
    let mut reader = Reader { base, color, ..Reader::default() };
    for event in Parser::new_ext(&guarded, Options::ENABLE_STRIKETHROUGH) {
        reader.take(event);
    }
    if let Some(first) = reader.spans.first_mut()
        && let Some(rest) = first.text.strip_prefix(GUARD)
    {
        first.text = rest.to_owned();
    }
    reader.spans
}

fn opens_formula(next: char) -> bool {
    !next.is_whitespace() && next != BREAK && !next.is_ascii_digit() && next != '$'
}

fn closes_formula(previous: Option<char>, next: Option<char>) -> bool {
    previous.is_some_and(|previous| !previous.is_whitespace()) && !next.is_some_and(|next| next.is_ascii_digit())
}

/// The end of a formula that `dollars` dollars began just before `at`.
fn end_of_dollars(text: &str, at: usize, dollars: usize) -> Option<usize> {
    let mark = &"$$"[..dollars];
    text[at..].match_indices(mark).map(|(found, _)| at + found).find_map(|start| {
        let end = start + dollars;
        let next = text[end..].chars().next();
        let closes =
            next != Some('$') && start > at && (dollars == 2 || closes_formula(text[at..start].chars().last(), next));
        closes.then_some(end)
    })
}

/// Where formulas between `\(` and `\)`, `\[` and `\]`, or dollars are, outside of code. They stand as they were written: their
/// backslashes, stars and underscores are their own.
fn formulas(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    // What a formula ends with; a search that failed once fails ever after.
    let mut ends = [Some("\\)"), Some("\\]")];
    let (mut code, mut at, mut has_dollars) = (0, 0, [true; 2]);
    while let Some(start) = text[at..].find(['`', '\\', '$']).map(|start| at + start) {
        if text[start..].starts_with('$') {
            let run = text[start..].len() - text[start..].trim_start_matches('$').len();
            at = start + run;
            let opens = run == 2 || run == 1 && text[at..].chars().next().is_some_and(opens_formula);
            if code == 0 && opens && has_dollars[run - 1] {
                match end_of_dollars(text, at, run) {
                    Some(end) => {
                        at = end;
                        found.push(start..end);
                    }
                    None => has_dollars[run - 1] = false,
                }
            }
            continue;
        }
        if text[start..].starts_with('`') {
            let run = text[start..].len() - text[start..].trim_start_matches('`').len();
            code = if code == 0 {
                run
            } else if code == run {
                0
            } else {
                code
            };
            at = start + run;
            continue;
        }
        let Some(next) = text[start + 1..].chars().next() else { break };
        at = start + 1 + next.len_utf8();
        let end = match next {
            '(' if code == 0 => &mut ends[0],
            '[' if code == 0 => &mut ends[1],
            _ => continue,
        };
        let Some(mark) = *end else { continue };
        match text[at..].find(mark) {
            Some(length) => {
                at += length + mark.len();
                found.push(start..at);
            }
            None => *end = None,
        }
    }
    found
}

#[derive(Default)]
struct Reader {
    base: Style,
    color: bool,
    spans: Vec<Span>,
    /// Styles of the open emphasis.
    styles: Vec<Style>,
    /// Open links and images: the target, and at which span their text begins.
    links: Vec<(String, usize)>,
}

impl Reader {
    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Start(Tag::Emphasis) => self.styles.push(Style::ITALIC),
            Event::Start(Tag::Strong) => self.styles.push(Style::BOLD),
            Event::Start(Tag::Strikethrough) => self.styles.push(Style::STRIKE),
            Event::End(TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough) => {
                self.styles.pop();
            }
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                self.links.push((dest_url.into_string(), self.spans.len()));
            }
            Event::End(TagEnd::Link | TagEnd::Image) => self.end_link(),
            Event::Code(code) if self.color => self.put(&code, Style::CYAN),
            Event::Code(code) => self.put(&format!("`{code}`"), Style::PLAIN),
            Event::InlineHtml(html) if is_line_break(&html) => self.put(&BREAK.to_string(), Style::PLAIN),
            Event::Text(text) | Event::InlineHtml(text) | Event::Html(text) => self.put(&text, Style::PLAIN),
            Event::SoftBreak | Event::HardBreak => self.put(" ", Style::PLAIN),
            _ => {}
        }
    }

    /// Entities such as `&#27;` turn into characters here, so what is put is sanitised once more.
    fn put(&mut self, text: &str, style: Style) {
        let style = self.styles.iter().fold(self.base | style, |all, style| all | *style);
        for (number, line) in text.split(BREAK).enumerate() {
            if number > 0 {
                self.spans.push(Span { text: BREAK.to_string(), style });
            }
            self.spans.push(Span { text: clean(line), style });
        }
    }

    fn end_link(&mut self) {
        let Some((target, from)) = self.links.pop() else { return };
        let shown: String = self.spans[from..].iter().map(|span| span.text.as_str()).collect();
        if shown.is_empty() {
            self.put(&target, Style::DIM);
        } else if !target.is_empty() && target != shown && target.strip_prefix("mailto:") != Some(&shown) {
            self.put(&format!(" ({target})"), Style::DIM);
        }
    }
}

fn is_line_break(html: &str) -> bool {
    let name = html.trim_start_matches('<').trim_end_matches('>').trim_end_matches('/').trim();
    name.eq_ignore_ascii_case("br")
}
