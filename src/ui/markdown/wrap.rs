//! Words into lines: greedy wrapping by display width inside the prefixes of quotes and list items.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::ui::style::Style;

/// A text in one style, without line breaks other than [`BREAK`].
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Span {
    pub(super) text: String,
    pub(super) style: Style,
}

/// A line break the author asked for. Sanitised text holds no line separators, so it cannot be mistaken.
pub(super) const BREAK: char = '\u{2028}';

/// Wide punctuation that may not begin a line, and wide punctuation that may not end one.
const CLOSING: &str = "、。，．：；！？）」』】〉》〕｝］ー々";
const OPENING: &str = "（「『【〈《〔｛［";

/// Whether a line may end between two characters with no space between them: beside a wide one.
pub(in crate::ui) fn may_break(before: char, after: char) -> bool {
    let is_wide = |c: char| c.width() == Some(2);
    let joined = before == '\u{200d}' || after.width() == Some(0) || ('\u{1f3fb}'..='\u{1f3ff}').contains(&after);
    (is_wide(before) || is_wide(after)) && !joined && !CLOSING.contains(after) && !OPENING.contains(before)
}

/// What stands before every line inside a quote or a list item.
#[derive(Debug)]
enum Layer {
    Quote,
    Item { marker: String, written: bool },
}

/// Writes lines of at most `width` columns. Words longer than a line are left whole for the terminal to wrap, so that
/// they can be copied.
#[expect(clippy::struct_excessive_bools, reason = "independent facts about the open line, no states of one machine")]
#[derive(Debug)]
pub(super) struct Writer {
    pub(super) width: usize,
    pub(super) color: bool,
    out: String,
    layers: Vec<Layer>,
    /// Columns written on the open line; `None` when no line is open.
    column: Option<usize>,
    /// The open line has nothing but its prefix.
    at_prefix: bool,
    /// Something was written since the beginning.
    begun: bool,
    /// Whitespace since the last word.
    space: bool,
    /// The word being gathered.
    word: Vec<Span>,
    last: Option<char>,
}

impl Writer {
    pub(super) fn new(width: usize, color: bool) -> Self {
        Self {
            width,
            color,
            out: String::new(),
            layers: Vec::new(),
            column: None,
            at_prefix: false,
            begun: false,
            space: false,
            word: Vec::new(),
            last: None,
        }
    }

    /// Takes what was written since the last time.
    pub(super) fn take(&mut self) -> String {
        std::mem::take(&mut self.out)
    }

    pub(super) fn open_quote(&mut self) {
        self.layers.push(Layer::Quote);
    }

    pub(super) fn open_item(&mut self, marker: String) {
        self.layers.push(Layer::Item { marker, written: false });
    }

    /// Leaves the innermost quote or item; an item with nothing in it still shows its marker.
    pub(super) fn close_layer(&mut self) {
        if matches!(self.layers.last(), Some(Layer::Item { written: false, .. })) {
            self.empty_line();
        }
        self.layers.pop();
    }

    /// The columns left beside the prefix.
    pub(super) fn room(&self) -> usize {
        let prefix: usize = self.layers.iter().map(Layer::width).sum();
        self.width.saturating_sub(prefix)
    }

    /// An empty line between what was written and what comes.
    pub(super) fn gap(&mut self) {
        if self.begun && !self.layers.iter().any(|layer| matches!(layer, Layer::Item { written: false, .. })) {
            self.empty_line();
        }
    }

    /// A line with nothing but its prefix.
    fn empty_line(&mut self) {
        let from = self.out.len();
        self.start_line();
        let end = from + self.out[from..].trim_end().len();
        self.out.truncate(end);
        self.end_line();
    }

    /// Writes running text; the last word stays back until something ends it.
    pub(super) fn spans(&mut self, spans: &[Span]) {
        for span in spans {
            for character in span.text.chars() {
                self.character(character, span.style);
            }
        }
    }

    fn character(&mut self, character: char, style: Style) {
        if character == BREAK || matches!(character, ' ' | '\t' | '\n') {
            self.flush_word();
            if character == BREAK {
                self.end_line();
            } else {
                self.space = true;
            }
            return;
        }
        if self.last.is_some_and(|last| may_break(last, character)) {
            self.flush_word();
        }
        self.last = Some(character);
        match self.word.last_mut() {
            Some(span) if span.style == style => span.text.push(character),
            _ => self.word.push(Span { text: character.to_string(), style }),
        }
    }

    /// Writes the word gathered so far, on a new line where it does not fit.
    pub(super) fn flush_word(&mut self) {
        self.last = None;
        let word = std::mem::take(&mut self.word);
        if word.is_empty() {
            return;
        }
        let width: usize = word.iter().map(|span| span.text.width()).sum();
        let space = usize::from(self.space && !self.at_prefix);
        match self.column {
            Some(column) if self.at_prefix || column + space + width <= self.width => {}
            Some(_) => {
                self.end_line();
                self.start_line();
            }
            None => self.start_line(),
        }
        if self.space && !self.at_prefix {
            self.out.push(' ');
            self.advance(1);
        }
        for span in word {
            span.style.paint_into(&span.text, self.color, &mut self.out);
        }
        self.advance(width);
        self.at_prefix = false;
        self.space = false;
    }

    fn advance(&mut self, width: usize) {
        let column = self.column.unwrap_or(0) + width;
        let wrapped =
            column.checked_sub(1).and_then(|last| last.checked_rem(self.width)).map_or(column, |last| last + 1);
        self.column = Some(wrapped);
    }

    /// A line as it is: not wrapped, whatever its width.
    pub(super) fn line(&mut self, text: &str, style: Style) {
        if text.is_empty() {
            return self.empty_line();
        }
        self.start_line();
        style.paint_into(text, self.color, &mut self.out);
        self.end_line();
    }

    /// A line in several styles as it is.
    pub(super) fn painted_line(&mut self, spans: &[Span]) {
        if spans.is_empty() {
            return self.empty_line();
        }
        self.start_line();
        for span in spans {
            span.style.paint_into(&span.text, self.color, &mut self.out);
        }
        self.end_line();
    }

    fn start_line(&mut self) {
        let mut column = 0;
        for layer in &mut self.layers {
            column += layer.width();
            match layer {
                Layer::Quote => Style::DIM.paint_into("│ ", self.color, &mut self.out),
                Layer::Item { marker, written: false } => self.out.push_str(marker),
                Layer::Item { marker, .. } => self.out.extend(std::iter::repeat_n(' ', marker.width())),
            }
            if let Layer::Item { written, .. } = layer {
                *written = true;
            }
        }
        self.column = Some(column);
        self.at_prefix = true;
        self.begun = true;
    }

    /// Ends the open line, if there is one.
    pub(super) fn end_line(&mut self) {
        self.flush_word();
        if self.column.take().is_some() {
            self.out.push('\n');
        }
        self.at_prefix = false;
        self.space = false;
    }
}

impl Layer {
    fn width(&self) -> usize {
        match self {
            Self::Quote => 2,
            Self::Item { marker, .. } => marker.width(),
        }
    }
}
