//! A table of names, figures and bars that fits the page.

use super::bar;
use super::figures::Column;
use crate::cost::report::Figures;
use crate::ui::compare::Page;
use crate::ui::compare::page::Ink;
use crate::ui::compare::text;
use crate::ui::sanitize::clean_line;

/// Blanks between two columns.
const GAP: usize = 2;
/// The least width of a name that has to give way.
const LEAST_NAME: usize = 6;
/// The narrowest and the widest bar.
const NARROWEST_BAR: usize = 8;
const WIDEST_BAR: usize = 40;

/// A table.
pub(super) struct Grid<'report> {
    /// What the names are.
    pub(super) heads: Vec<String>,
    pub(super) lines: Vec<Line<'report>>,
    /// Which figures, as far as they say anything; the first one is always shown.
    pub(super) columns: &'report [Column],
    pub(super) has_bars: bool,
    pub(super) total: &'report Figures,
}

/// A line of it.
pub(super) struct Line<'report> {
    pub(super) names: Vec<String>,
    pub(super) figures: &'report Figures,
    /// It stands for others, and has no bar.
    pub(super) is_summary: bool,
}

/// What of it there is room for.
struct Layout {
    names: Vec<usize>,
    columns: Vec<Shown>,
    bar: usize,
    /// What the longest bar stands for, in pico-dollars.
    most: i128,
}

/// A column of figures: each is measured once, for a table may have any number of rows.
struct Shown {
    head: &'static str,
    cells: Vec<String>,
    width: usize,
}

impl<'report> Line<'report> {
    pub(super) fn summary(name: String, figures: &'report Figures) -> Self {
        Self { names: vec![name], figures, is_summary: true }
    }
}

impl Grid<'_> {
    /// The table, each line ended.
    pub(super) fn drawn(&self, page: &Page) -> String {
        let layout = self.layout(page);
        let heads: Vec<text::Line> = self.heads.iter().map(|head| plain(head)).collect();
        let figures: Vec<String> = layout.columns.iter().map(|column| right(column.head, column.width)).collect();
        let mut lines = vec![page.paint(Ink::Head, layout.row(&heads, &figures, "").trim_end())];
        if page.width.is_some() {
            lines.push(page.paint(Ink::Frame, &layout.rules(page)));
        }
        for (at, line) in self.lines.iter().enumerate() {
            lines.extend(Self::row(at, line, &layout, page));
        }
        lines.iter().flat_map(|line| [line.trim_end_matches(' '), "\n"]).collect()
    }

    /// A row, and below it what is left of names that are longer than their column.
    fn row(at: usize, line: &Line<'_>, layout: &Layout, page: &Page) -> Vec<String> {
        let ink = if line.is_summary { Ink::Head } else { Ink::Plain };
        let figures: Vec<String> = layout.columns.iter().map(|column| right(&column.cells[at], column.width)).collect();
        let wrap = |(name, width): (&String, &usize)| match page.width {
            Some(_) => text::wrap(&clean_line(name), ink, *width, page),
            None => vec![plain(&clean_line(name))],
        };
        let mut names: Vec<_> = line.names.iter().zip(&layout.names).map(wrap).map(Vec::into_iter).collect();
        let mut rows = Vec::new();
        loop {
            let next: Vec<Option<text::Line>> = names.iter_mut().map(Iterator::next).collect();
            if next.iter().all(Option::is_none) {
                return rows;
            }
            let parts: Vec<text::Line> = next.into_iter().map(Option::unwrap_or_default).collect();
            let (is_first, bar) =
                (rows.is_empty(), if rows.is_empty() { bar_of(line, layout, page) } else { String::new() });
            rows.push(layout.row(&parts, if is_first { &figures } else { &[] }, &bar));
        }
    }

    fn layout(&self, page: &Page) -> Layout {
        let most = self.lines.iter().filter(|line| !line.is_summary).map(pico).max().unwrap_or(0);
        let cells = |column: &Column| self.lines.iter().map(|line| column.cell(line.figures, self.total)).collect();
        let says = |(place, column): &(usize, Shown)| *place == 0 || column.cells.iter().any(|cell| !cell.is_empty());
        let columns = self.columns.iter().map(|column| Shown::new(column.head(), cells(column))).enumerate();
        let mut columns: Vec<Shown> = columns.filter(says).map(|(_, column)| column).collect();
        let mut names: Vec<usize> = (0..self.heads.len()).map(|place| self.name_width(place)).collect();
        let Some(room) = page.width.map(|_| page.columns()) else { return Layout { names, columns, bar: 0, most } };
        let needed = |columns: &[Shown]| columns.iter().map(|column| GAP + column.width).sum::<usize>();
        let taken = |names: &[usize]| names.iter().sum::<usize>() + GAP * names.len().saturating_sub(1);
        let least_bar = if self.has_bars { GAP + NARROWEST_BAR } else { 0 };
        while columns.len() > 1 && taken(&names) + needed(&columns) + least_bar > room {
            columns.pop();
        }
        shrink(&mut names, room.saturating_sub(needed(&columns) + GAP * self.heads.len().saturating_sub(1)));
        let left = room.saturating_sub(taken(&names) + needed(&columns));
        let bar = if self.has_bars && left >= least_bar { (left - GAP).min(WIDEST_BAR) } else { 0 };
        Layout { names, columns, bar, most }
    }

    fn name_width(&self, place: usize) -> usize {
        let names = self.lines.iter().filter_map(|line| line.names.get(place));
        let widths = names.map(|name| text::width(&clean_line(name)));
        widths.chain([text::width(&self.heads[place])]).max().unwrap_or(0)
    }
}

impl Shown {
    fn new(head: &'static str, cells: Vec<String>) -> Self {
        let width = cells.iter().map(|cell| text::width(cell)).chain([head.len()]).max().unwrap_or(0);
        Self { head, cells, width }
    }
}

impl Layout {
    fn row(&self, names: &[text::Line], figures: &[String], bar: &str) -> String {
        let blank = text::Line::default();
        let names = self.names.iter().enumerate().map(|(at, width)| names.get(at).unwrap_or(&blank).padded(*width));
        let bar = (!bar.is_empty()).then(|| bar.to_owned());
        names.chain(figures.iter().cloned()).chain(bar).collect::<Vec<_>>().join(&" ".repeat(GAP))
    }

    fn rules(&self, page: &Page) -> String {
        let figures = self.columns.iter().map(|column| column.width);
        let bar = (self.bar > 0).then_some(self.bar);
        let widths = self.names.iter().copied().chain(figures).chain(bar);
        widths.map(|width| page.rule(width)).collect::<Vec<_>>().join(&" ".repeat(GAP))
    }
}

/// Takes columns from the widest names until they fit, or cannot give way any more.
fn shrink(names: &mut [usize], room: usize) {
    while names.iter().sum::<usize>() > room {
        let Some(widest) = names.iter_mut().max().filter(|widest| **widest > LEAST_NAME) else { return };
        *widest -= 1;
    }
}

fn bar_of(line: &Line<'_>, layout: &Layout, page: &Page) -> String {
    if layout.bar == 0 || line.is_summary {
        return String::new();
    }
    let part = if layout.most > 0 { pico(line) as f64 / layout.most as f64 } else { 0.0 };
    page.paint(Ink::Good, &bar::drawn(part, layout.bar, page))
}

fn pico(line: &Line<'_>) -> i128 {
    line.figures.sums.cost.pico()
}

fn right(cell: &str, width: usize) -> String {
    format!("{}{cell}", " ".repeat(width.saturating_sub(text::width(cell))))
}

fn plain(text: &str) -> text::Line {
    text::Line { text: text.to_owned(), width: text::width(text) }
}
