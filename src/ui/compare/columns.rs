//! Answers beside each other.

use super::page::{Ink, Page};
use super::text::{self, Line};
use super::{ModelView, View, figures};

/// The least width of a column that a text is read in with ease.
pub(super) const READABLE: usize = 36;
/// The least width of a column that is drawn at all.
pub(super) const LEAST: usize = 12;

/// How wide each of so many columns is, with a blank on either side; a wall stands between two of them.
pub(super) fn width(page: usize, columns: usize) -> usize {
    page.saturating_sub(columns.saturating_sub(1)).checked_div(columns).unwrap_or(0)
}

/// The lines of all answers, with a head above each.
pub(super) fn lines(view: &View, page: &Page) -> Vec<String> {
    let width = width(page.columns(), view.models.len());
    let baseline = view.baseline();
    let models = || view.models.iter().enumerate().map(|(at, model)| (model, at == baseline));
    let names: Vec<_> = models().map(|(model, is_baseline)| name(model, is_baseline, width - 2, page)).collect();
    let remarks: Vec<_> = models().map(|(model, is_baseline)| remarks(model, is_baseline, width - 2, page)).collect();
    let answers: Vec<_> = models().map(|(model, _)| answer(model, width - 2, page)).collect();
    let rule = |crossing: &str| {
        let rules = vec![page.rule(width); view.models.len()];
        page.paint(Ink::Frame, &rules.join(crossing))
    };
    let mut lines = beside(&names, width, page);
    lines.extend(beside(&remarks, width, page));
    lines.push(rule(page.sign("┼", "+")));
    lines.extend(beside(&answers, width, page));
    lines.push(rule(page.sign("┴", "+")));
    lines
}

/// Columns of lines as lines of the page.
fn beside(columns: &[Vec<Line>], width: usize, page: &Page) -> Vec<String> {
    let height = columns.iter().map(Vec::len).max().unwrap_or(0);
    let wall = page.paint(Ink::Frame, page.sign("│", "|"));
    let blank = Line::default();
    let row = |at: usize| {
        let cells = columns.iter().map(|lines| lines.get(at).unwrap_or(&blank));
        let cells: Vec<String> = cells.map(|line| format!(" {} ", line.padded(width - 2))).collect();
        cells.join(&wall)
    };
    (0..height).map(row).collect()
}

/// The name, with a star at the right for the baseline.
fn name(model: &ModelView, is_baseline: bool, width: usize, page: &Page) -> Vec<Line> {
    let mut lines = text::wrap(&one_line(&model.name), Ink::Head, width - 2, page);
    if let Some(first) = lines.first_mut().filter(|_| is_baseline) {
        *first = Line { text: format!("{} *", first.padded(width - 2)), width };
    }
    lines
}

/// The figures under the name. Where they do not fit, the tokens go first, as the table has them too.
fn remarks(model: &ModelView, is_baseline: bool, width: usize, page: &Page) -> Vec<Line> {
    let mut remarks = figures::remarks(model, is_baseline);
    if text::width(&remarks.join("  ")) > width {
        remarks.retain(|remark| !remark.ends_with(" tok"));
    }
    let ink = if model.failure.is_some() { Ink::Warning } else { Ink::Frame };
    let remarks: Vec<String> = remarks.iter().map(|remark| one_line(remark)).collect();
    text::flow(&remarks, "  ", ink, width, page)
}

fn answer(model: &ModelView, width: usize, page: &Page) -> Vec<Line> {
    let text = model.text.trim_end_matches(text::BLANKS);
    if text.is_empty() { Vec::new() } else { text::wrap(text, Ink::Plain, width, page) }
}

/// A text without line ends.
pub(super) fn one_line(text: &str) -> String {
    crate::ui::sanitize::clean_line(text)
}
