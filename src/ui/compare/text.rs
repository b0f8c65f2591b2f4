//! Texts into lines of a width: words are kept whole where they fit, blanks and list items keep their indentation, and
//! nothing is lost but blanks at the end of a line.

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use super::page::{Ink, Page};
use crate::ui::markdown::wrap::may_break;
use crate::ui::sanitize::clean;

/// What is taken for blank at the ends of a text; other blanks show as signs once they are sanitised.
pub(super) const BLANKS: [char; 4] = [' ', '\t', '\n', '\r'];
/// How wide a tab is.
const TAB: &str = "    ";

/// A stretch of sanitised text in one ink.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) text: String,
    pub(super) ink: Ink,
}

impl Span {
    /// A stretch of any text; it is sanitised here.
    pub(super) fn new(text: &str, ink: Ink) -> Self {
        Self { text: clean(text).replace('\t', TAB), ink }
    }
}

/// A finished line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::ui) struct Line {
    /// The line with its colours or marks.
    pub(in crate::ui) text: String,
    /// The columns it takes.
    pub(in crate::ui) width: usize,
}

impl Line {
    /// The line with blanks after it, up to that width.
    pub(in crate::ui) fn padded(&self, width: usize) -> String {
        format!("{}{}", self.text, " ".repeat(width.saturating_sub(self.width)))
    }
}

/// The columns that a text takes on one line.
pub(in crate::ui) fn width(text: &str) -> usize {
    text.graphemes(true).map(UnicodeWidthStr::width).sum()
}

/// One text of one ink in lines of at most that width.
pub(in crate::ui) fn wrap(text: &str, ink: Ink, width: usize, page: &Page) -> Vec<Line> {
    wrap_spans(&[Span::new(text, ink)], width, page)
}

/// Spans in lines of at most that width. At least one line.
pub(super) fn wrap_spans(spans: &[Span], width: usize, page: &Page) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut clusters: Vec<Cluster<'_>> = Vec::new();
    for span in spans {
        for (at, line) in span.text.split('\n').enumerate() {
            if at > 0 {
                wrap_line(&clusters, width, page, &mut lines);
                clusters.clear();
            }
            clusters.extend(line.graphemes(true).flat_map(|text| Cluster::fitting(text, span.ink, width)));
        }
    }
    wrap_line(&clusters, width, page, &mut lines);
    lines
}

/// Remarks in lines of at most that width, with the separator between those that share a line; none is parted where it fits.
pub(in crate::ui) fn flow(remarks: &[String], separator: &str, ink: Ink, width: usize, page: &Page) -> Vec<Line> {
    let mut rows: Vec<String> = Vec::new();
    let gap = self::width(separator);
    for remark in remarks {
        match rows.last_mut() {
            Some(row) if self::width(row) + gap + self::width(remark) <= width => {
                row.push_str(separator);
                row.push_str(remark);
            }
            _ => rows.push(remark.clone()),
        }
    }
    rows.iter().flat_map(|row| wrap(row, ink, width, page)).collect()
}

/// What a reader takes for one character.
#[derive(Clone, Copy, Debug)]
struct Cluster<'text> {
    text: &'text str,
    ink: Ink,
    width: usize,
}

impl<'text> Cluster<'text> {
    /// The cluster, or its characters where it is too wide to be set as one: there are clusters without end.
    fn fitting(text: &'text str, ink: Ink, width: usize) -> impl Iterator<Item = Self> {
        let whole = text.width();
        let is_whole = whole <= 2 || whole * 4 <= width;
        let parts = text.char_indices().map(move |(at, character)| {
            let part = &text[at..at + character.len_utf8()];
            Cluster { text: part, ink, width: part.width() }
        });
        let whole = is_whole.then_some(Cluster { text, ink, width: whole });
        whole.into_iter().chain(parts.take(if is_whole { 0 } else { usize::MAX }))
    }

    fn is_blank(&self) -> bool {
        self.text == " "
    }

    fn is(&self, signs: &str) -> bool {
        signs.contains(self.text)
    }

    /// Whether a line may end between this cluster and the next one.
    fn may_end_before(&self, next: &Self) -> bool {
        let may_end = |(last, first): (char, char)| may_break(last, first);
        next.is_blank() || self.ends(next).is_some_and(may_end) || (self.ink == Ink::Removed && next.ink == Ink::Added)
    }

    /// Whether a word that is too long for a line may go on in the next one here.
    fn may_part_before(&self, next: &Self) -> bool {
        self.ends(next).is_some_and(|(last, first)| matches!(last, '/' | '-') && first.is_alphabetic())
    }

    /// The characters that meet where two clusters do.
    fn ends(&self, next: &Self) -> Option<(char, char)> {
        Some((self.text.chars().next_back()?, next.text.chars().next()?))
    }
}

/// Wraps what stands between two line ends.
fn wrap_line(clusters: &[Cluster<'_>], width: usize, page: &Page, lines: &mut Vec<Line>) {
    let indent = clusters.iter().take_while(|cluster| cluster.is_blank()).count();
    let body = &clusters[indent..];
    let mut setter = Setter::new(width, page);
    setter.indent(indent.min(width / 2));
    setter.hanging = (indent + marker(body)).min(width / 2);
    let mut rest = body;
    let mut is_parted = false;
    while !rest.is_empty() {
        let blanks = rest.iter().take_while(|cluster| cluster.is_blank()).count();
        let word = word(&rest[blanks..], width - setter.hanging, is_parted);
        let Some(end) = (blanks + word).checked_sub(1).filter(|_| word > 0) else { break };
        setter.word(&rest[..blanks], &rest[blanks..=end], lines);
        is_parted = rest.get(end + 1).is_some_and(|next| !rest[end].may_end_before(next));
        rest = &rest[end + 1..];
    }
    setter.end(lines);
}

/// How many clusters belong to the word that these begin with. What does not fit on a line is parted after signs too, and
/// so is the rest of a word that was `parted` already.
fn word(clusters: &[Cluster<'_>], room: usize, is_parted: bool) -> usize {
    let (mut width, mut part) = (0, None);
    for (at, cluster) in clusters.iter().enumerate() {
        width += cluster.width;
        let next = clusters.get(at + 1).filter(|next| !cluster.may_end_before(next));
        if let Some(part) = part.filter(|_| is_parted || width > room) {
            return part;
        }
        if width > room {
            return at.max(1);
        }
        let Some(next) = next else { return at + 1 };
        part = part.or_else(|| cluster.may_part_before(next).then_some(at + 1));
    }
    0
}

/// The columns of a list item's marker with the blanks after it; 0 for text that is no list item.
fn marker(clusters: &[Cluster<'_>]) -> usize {
    let digits = clusters.iter().take(4).take_while(|cluster| cluster.is("0123456789")).count();
    let sign = clusters.get(digits);
    let is_marker = match digits {
        0 => sign.is_some_and(|sign| sign.is("-*+•–>")),
        1..=3 => sign.is_some_and(|sign| sign.is(".)")),
        _ => false,
    };
    let blanks = clusters.iter().skip(digits + 1).take_while(|cluster| cluster.is_blank()).count();
    if is_marker && blanks > 0 { digits + 1 + blanks } else { 0 }
}

/// Sets words, line by line.
struct Setter<'page> {
    page: &'page Page,
    limit: usize,
    /// Where lines after the first begin.
    hanging: usize,
    line: Line,
    /// The ink of the open stretch, and the text of it.
    ink: Ink,
    open: String,
    /// The line has more than its indentation.
    is_begun: bool,
}

impl<'page> Setter<'page> {
    fn new(limit: usize, page: &'page Page) -> Self {
        let line = Line::default();
        Self { page, limit, hanging: 0, line, ink: Ink::Plain, open: String::new(), is_begun: false }
    }

    fn indent(&mut self, columns: usize) {
        self.line = Line { text: " ".repeat(columns), width: columns };
        (self.ink, self.is_begun) = (Ink::Plain, false);
    }

    /// Sets a word after its blanks, on a new line where it does not fit on this one.
    fn word(&mut self, blanks: &[Cluster<'_>], word: &[Cluster<'_>], lines: &mut Vec<Line>) {
        if self.is_begun && self.width_with(&[blanks, word]) > self.limit {
            self.next_line(lines);
        } else {
            for blank in blanks {
                // Blanks at the edge of a change are no change that could be seen.
                let is_inside = blank.ink == self.ink && word.first().is_some_and(|first| first.ink == self.ink);
                self.set(&Cluster { ink: if is_inside { blank.ink } else { Ink::Plain }, ..*blank }, lines);
            }
        }
        for cluster in word {
            self.set(cluster, lines);
        }
    }

    /// The width of the line when these were set on it and it ended there.
    fn width_with(&self, parts: &[&[Cluster<'_>]]) -> usize {
        let (mut width, mut ink) = (self.line.width, self.ink);
        for cluster in parts.iter().flat_map(|part| part.iter()) {
            width += cluster.width + self.width_of_change(ink, cluster.ink);
            ink = cluster.ink;
        }
        width + self.width_of_change(ink, Ink::Plain)
    }

    /// The columns of the marks between two inks.
    fn width_of_change(&self, from: Ink, to: Ink) -> usize {
        let marks = |ink| self.page.marks(ink).map_or(0, |(open, _)| open.len());
        if from == to { 0 } else { marks(from) + marks(to) }
    }

    /// Sets one cluster; a word that is longer than a line goes on in the next one.
    fn set(&mut self, cluster: &Cluster<'_>, lines: &mut Vec<Line>) {
        if self.is_begun && self.width_with(&[&[*cluster]]) > self.limit {
            self.next_line(lines);
        }
        self.turn_to(cluster.ink);
        self.open.push_str(cluster.text);
        self.line.width += cluster.width;
        self.is_begun = true;
    }

    /// Ends the open stretch and begins one in another ink.
    fn turn_to(&mut self, ink: Ink) {
        if ink == self.ink {
            return;
        }
        self.close();
        if let Some((mark, _)) = self.page.marks(ink) {
            self.line.text.push_str(mark);
            self.line.width += mark.len();
        }
        self.ink = ink;
    }

    fn close(&mut self) {
        let open = std::mem::take(&mut self.open);
        self.line.text.push_str(&self.page.paint(self.ink, &open));
        if let Some((_, mark)) = self.page.marks(self.ink) {
            self.line.text.push_str(mark);
            self.line.width += mark.len();
        }
        self.ink = Ink::Plain;
    }

    fn next_line(&mut self, lines: &mut Vec<Line>) {
        self.end(lines);
        self.indent(self.hanging);
    }

    fn end(&mut self, lines: &mut Vec<Line>) {
        self.close();
        lines.push(std::mem::take(&mut self.line));
    }
}
