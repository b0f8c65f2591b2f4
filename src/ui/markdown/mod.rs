//! Markdown for a terminal, append-only: text is shown as soon as nothing that follows can change how it looks, and
//! what was shown is never touched again. The cursor never moves up, and the terminal is asked nothing.
//!
//! Blocks need only lines, so they are told apart here, line by line ([`line`]); what is inside a paragraph, heading or
//! cell is read by pulldown-cmark ([`inline`]), in the shortest pieces that stand for themselves. Running text comes word
//! by word, code line by line, a table at its end. Every piece of text is looked at once, so time is linear, and the
//! result is the same however the text was cut on its way. Links show their target in parentheses.

mod code;
mod inline;
mod line;
pub(super) mod wrap;

use comfy_table::CellAlignment;

use self::code::Highlighter;
use self::inline::{Held, spans};
use self::line::{Container, Fence, Kind, Line, Opened};
use self::wrap::{BREAK, Writer};
use crate::ui::style::Style;
use crate::ui::table::Table;

/// The longest rule around code.
const LONGEST_RULE: usize = 48;
/// A line whose kind is unsure after this many bytes waits for its end, so that it is not read again and again.
const LONGEST_START: usize = 1024;

/// A renderer of one answer. Takes sanitised text.
#[derive(Debug)]
pub struct Markdown {
    writer: Writer,
    containers: Vec<Container>,
    leaf: Leaf,
    /// The line that has not ended.
    line: String,
    /// The open line is running text, given to the paragraph up to here.
    taken: Option<usize>,
    /// There was an empty line since the last block.
    blank: bool,
}

/// The open block, if any.
#[derive(Debug)]
enum Leaf {
    None,
    Paragraph(Held),
    Code { fence: Fence, highlighter: Option<Box<Highlighter>> },
    Table(Vec<String>),
    Html,
}

impl Markdown {
    /// A renderer for lines of `width` columns; any width will do, also 0. Without `color` there are no escape sequences,
    /// and headings and code keep their marks.
    pub fn new(width: usize, color: bool) -> Self {
        Self {
            writer: Writer::new(width, color),
            containers: Vec::new(),
            leaf: Leaf::None,
            line: String::new(),
            taken: None,
            blank: false,
        }
    }

    /// The width for what is not yet written, after the window was resized.
    pub fn set_width(&mut self, width: usize) {
        self.writer.width = width;
    }

    /// Takes a piece of text and returns what can be shown.
    pub fn push(&mut self, piece: &str) -> String {
        for part in piece.split_inclusive('\n') {
            let body = part.strip_suffix('\n');
            self.line.push_str(body.unwrap_or(part));
            if body.is_some() {
                self.end_line();
            } else {
                self.look_ahead();
            }
        }
        self.writer.take()
    }

    /// Ends the text and returns what was still held; it ends with a newline unless nothing was ever shown.
    pub fn finish(&mut self) -> String {
        if !self.line.is_empty() {
            self.end_line();
        }
        self.close(0);
        self.blank = false;
        self.writer.take()
    }

    /// Shows what can be shown of a line whose end has not come.
    fn look_ahead(&mut self) {
        if self.taken.is_none() {
            let may_be_text = matches!(self.leaf, Leaf::None | Leaf::Paragraph(_)) && self.line.len() <= LONGEST_START;
            let read =
                may_be_text.then(|| line::read(&self.line, &self.containers, self.in_paragraph(), false)).flatten();
            let Some(start) = read else { return };
            self.taken = Some(self.begin_text(start));
        }
        self.give_text();
    }

    fn end_line(&mut self) {
        if self.taken.is_none() {
            if self.verbatim() {
                return self.line.clear();
            }
            let Some(start) = line::read(&self.line, &self.containers, self.in_paragraph(), true) else { return };
            if start.kind != Kind::Text {
                let line = std::mem::take(&mut self.line);
                return self.block(start, &line);
            }
            self.taken = Some(self.begin_text(start));
        }
        self.give_text();
        self.break_line();
        self.taken = None;
        self.line.clear();
    }

    /// Takes the line as it is where the open block is code or HTML and the line does not end it.
    fn verbatim(&mut self) -> bool {
        match self.leaf {
            Leaf::Code { fence, .. } => self.code_line(fence),
            Leaf::Html if !self.line.trim().is_empty() => {
                self.writer.line(line::continued(&self.line, &self.containers).1, Style::PLAIN);
                true
            }
            _ => false,
        }
    }

    fn in_paragraph(&self) -> bool {
        matches!(self.leaf, Leaf::Paragraph(_))
    }

    /// Opens a paragraph unless the line goes on with the open one; returns where its text begins.
    fn begin_text(&mut self, start: Line) -> usize {
        let rest = start.rest;
        if !self.in_paragraph() || !start.opened.is_empty() {
            self.settle(start);
            self.leaf = Leaf::Paragraph(Held::default());
        }
        self.line.len() - self.line[rest..].trim_start_matches([' ', '\t']).len()
    }

    fn give_text(&mut self) {
        if let (Leaf::Paragraph(held), Some(taken)) = (&mut self.leaf, self.taken) {
            held.push(&self.line[taken..], |segment| show(&mut self.writer, segment));
            self.taken = Some(self.line.len());
        }
    }

    /// A line's end is a space, or a break where two spaces or a backslash ask for it. Rows of a table without outer
    /// pipes keep their lines too.
    fn break_line(&mut self) {
        if let Leaf::Paragraph(held) = &mut self.leaf {
            let is_hard = self.line.ends_with("  ") || self.line.contains(" | ") || held.take_backslash();
            let end = if is_hard { BREAK } else { ' ' };
            held.push(end.encode_utf8(&mut [0; 4]), |segment| show(&mut self.writer, segment));
        }
    }

    /// A line of any kind but running text.
    fn block(&mut self, start: Line, line: &str) {
        let rest = &line[start.rest..];
        let text = rest.trim();
        match start.kind {
            Kind::Text => {}
            Kind::Blank => {
                let is_empty_line = start.opened.is_empty();
                self.settle(start);
                self.blank = is_empty_line;
            }
            Kind::Heading(level) => {
                self.settle(start);
                self.heading(level, text);
            }
            Kind::Rule => {
                self.settle(start);
                self.rule("", usize::MAX);
            }
            Kind::Underline => {
                self.settle(start);
                self.rule("", text.len());
            }
            Kind::Fence(fence) => {
                self.settle(start);
                let language = text.trim_start_matches(fence.character).trim();
                self.rule(language, LONGEST_RULE);
                let highlighter = if self.writer.color { Highlighter::of(language).map(Box::new) } else { None };
                self.leaf = Leaf::Code { fence, highlighter };
            }
            Kind::Table => match &mut self.leaf {
                Leaf::Table(lines) if start.opened.is_empty() && start.matched == self.containers.len() => {
                    lines.push(text.to_owned());
                }
                _ => {
                    self.settle(start);
                    self.leaf = Leaf::Table(vec![text.to_owned()]);
                }
            },
            Kind::Html => {
                self.settle(start);
                self.writer.line(rest, Style::PLAIN);
                self.leaf = Leaf::Html;
            }
            Kind::IndentedCode => {
                self.settle(start);
                self.writer.line(rest, Style::PLAIN);
            }
        }
    }

    /// Closes what the line does not go on with and opens what it opens.
    fn settle(&mut self, start: Line) {
        self.close(start.matched);
        let begins_block = start.kind != Kind::Blank || !start.opened.is_empty();
        if self.blank && begins_block {
            self.writer.gap();
            self.blank = false;
        }
        for opened in start.opened {
            match opened {
                Opened::Quote => {
                    self.containers.push(Container::Quote);
                    self.writer.open_quote();
                }
                Opened::Item { container, marker } => {
                    self.containers.push(container);
                    self.writer.open_item(marker);
                }
            }
        }
    }

    /// Closes the open block, and all but the outermost `keep` containers.
    fn close(&mut self, keep: usize) {
        match std::mem::replace(&mut self.leaf, Leaf::None) {
            Leaf::None | Leaf::Html => {}
            Leaf::Paragraph(mut held) => {
                held.finish(|segment| show(&mut self.writer, segment));
                self.writer.end_line();
            }
            Leaf::Code { .. } => self.rule("", LONGEST_RULE),
            Leaf::Table(lines) => self.table(&lines),
        }
        while self.containers.len() > keep {
            self.containers.pop();
            self.writer.close_layer();
        }
    }

    /// Takes a line inside code; false when the line ends the code by leaving the list item or quote around it.
    fn code_line(&mut self, fence: Fence) -> bool {
        let (matched, rest) = line::continued(&self.line, &self.containers);
        if matched < self.containers.len() {
            return false;
        }
        if line::closes(rest, fence) {
            self.close(matched);
        } else {
            let indent = rest.bytes().take(fence.indent).take_while(|byte| *byte == b' ').count();
            match &mut self.leaf {
                Leaf::Code { highlighter, .. } => show_code(&mut self.writer, highlighter, &rest[indent..]),
                _ => self.writer.line(&rest[indent..], Style::PLAIN),
            }
        }
        true
    }

    fn heading(&mut self, level: usize, text: &str) {
        let marks = &text[..level];
        let title = text[level..].trim();
        let without_closing = title.trim_end_matches('#');
        let title =
            if without_closing.ends_with([' ', '\t']) || without_closing.is_empty() { without_closing } else { title };
        let style = if level == 1 { Style::BOLD | Style::UNDERLINE } else { Style::BOLD };
        if !self.writer.color {
            self.writer.spans(&spans(&format!("{marks} "), Style::PLAIN, false));
        }
        self.writer.spans(&spans(title.trim_end(), style, self.writer.color));
        self.writer.end_line();
    }

    /// A dim rule with a label in it.
    fn rule(&mut self, label: &str, longest: usize) {
        let label = if label.is_empty() { String::new() } else { format!("── {label} ") };
        let length = self.writer.room().min(longest).max(3);
        let rest = length.saturating_sub(unicode_width::UnicodeWidthStr::width(label.as_str()));
        self.writer.line(&format!("{label}{}", "─".repeat(rest)), Style::DIM);
    }

    /// A table whose second line is no row of dashes is text that happens to begin with a pipe.
    fn table(&mut self, lines: &[String]) {
        let alignments = lines.get(1).and_then(|line| alignments(line));
        let Some(alignments) = alignments else {
            for line in lines {
                self.writer.spans(&spans(line, Style::PLAIN, self.writer.color));
                self.writer.end_line();
            }
            return;
        };
        let mut table = Table::new(cells(&lines[0]));
        for (column, alignment) in alignments.into_iter().enumerate() {
            table.align(column, alignment);
        }
        for line in &lines[2..] {
            table.row(cells(line));
        }
        for line in table.render(Some(self.writer.room()), self.writer.color).lines() {
            self.writer.line(line, Style::PLAIN);
        }
    }
}

/// A line of code, in colours as long as they can be told.
fn show_code(writer: &mut Writer, highlighter: &mut Option<Box<Highlighter>>, line: &str) {
    match highlighter.as_mut().map(|highlighter| highlighter.line(line)) {
        Some(Some(spans)) => writer.painted_line(&spans),
        Some(None) => {
            *highlighter = None;
            writer.line(line, Style::PLAIN);
        }
        None => writer.line(line, Style::PLAIN),
    }
}

fn show(writer: &mut Writer, segment: &str) {
    writer.spans(&spans(segment, Style::PLAIN, writer.color));
    writer.flush_word();
}

/// The cells of a row as plain text; code keeps its backticks.
fn cells(line: &str) -> Vec<String> {
    split_row(line)
        .iter()
        .map(|cell| {
            let text: String = spans(cell, Style::PLAIN, false).iter().map(|span| span.text.as_str()).collect();
            text.replace(BREAK, "\n")
        })
        .collect()
}

/// The raw cells of a row: what lies between pipes that no backslash stands before.
fn split_row(line: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut characters = line.trim().strip_prefix('|').unwrap_or(line).chars().peekable();
    while let Some(character) = characters.next() {
        match (character, cells.last_mut()) {
            ('\\', Some(cell)) if characters.peek() == Some(&'|') => cell.extend(characters.next()),
            ('|', _) if characters.peek().is_some() => cells.push(String::new()),
            ('|', _) | (_, None) => {}
            (_, Some(cell)) => cell.push(character),
        }
    }
    cells.iter().map(|cell| cell.trim().to_owned()).collect()
}

/// The alignments that a row of dashes sets; `None` when it is no such row.
fn alignments(line: &str) -> Option<Vec<CellAlignment>> {
    let alignment = |cell: &String| {
        let dashes = cell.strip_prefix(':').unwrap_or(cell);
        let dashes = dashes.strip_suffix(':').unwrap_or(dashes);
        let is_rule = !dashes.is_empty() && dashes.bytes().all(|byte| byte == b'-');
        is_rule.then(|| match (cell.starts_with(':'), cell.ends_with(':')) {
            (true, true) => CellAlignment::Center,
            (false, true) => CellAlignment::Right,
            _ => CellAlignment::Left,
        })
    };
    split_row(line).iter().map(alignment).collect()
}

#[cfg(test)]
mod tests;
