//! What `cost` shows of money that was spent: tables with bars, and what must be said below them. Reports go in, finished
//! lines come out; nothing is printed here.
//!
//! On a terminal every line fits the width: columns go from the right on, names are wrapped, and names and costs always stay.
//! Elsewhere nothing is left out. All names are sanitised.

mod bar;
mod figures;
mod grid;
mod remarks;

use self::figures::{COLUMNS, Column};
use self::grid::{Grid, Line};
pub use self::remarks::{heading, remarks};
use super::compare::Page;
use crate::cost::report::{By, Figures, Key, Report};

/// What is shown where nobody asks for anything in particular.
#[derive(Clone, Debug)]
pub struct Overview<'report> {
    /// Stretches of time that go on at present, with what was spent in them.
    pub present: Vec<(&'static str, Figures)>,
    /// What the rows of `timeline` are.
    pub by: By,
    /// All stretches of the time that is looked at, in their order.
    pub periods: Vec<Key>,
    /// What was spent in each of these in which anything was.
    pub timeline: &'report Report,
    /// The dearest models.
    pub models: &'report Report,
    /// Bars are wanted.
    pub has_chart: bool,
}

/// The rows of a report, the rest, and the total; each line ended.
pub fn table(report: &Report, by: &[By], has_chart: bool, page: &Page) -> String {
    let is_timeline = matches!(by, [only] if only.is_time());
    let mut lines: Vec<Line<'_>> = report.rows.iter().map(|row| line(by, &row.keys, &row.figures)).collect();
    if let Some(other) = &report.other {
        let name = other.rows.map_or_else(|| "other".to_owned(), |rows| format!("other ({rows})"));
        lines.push(Line::summary(name, &other.figures));
    }
    if lines.len() != 1 {
        lines.push(Line::summary("total".to_owned(), &report.total));
    }
    let has_conversations = by == [By::Conversation];
    let heads = by.iter().map(By::to_string).chain(has_conversations.then(|| "about".to_owned())).collect();
    Grid { heads, lines, columns: &COLUMNS, has_bars: is_timeline && has_chart, total: &report.total }.drawn(page)
}

fn line<'report>(by: &[By], keys: &[Key], figures: &'report Figures) -> Line<'report> {
    let names = by.iter().zip(keys).flat_map(|(by, key)| match key {
        Key::Conversation { id, title, .. } => vec![id.clone(), title.clone()],
        key => vec![key.name().map_or_else(|| nameless(by), str::to_owned)],
    });
    Line { names: names.collect(), figures, is_summary: false }
}

/// What stands for those who have no name.
fn nameless(by: &By) -> String {
    match by {
        By::Tags | By::Tag(_) => "(untagged)".to_owned(),
        by => format!("(no {by})"),
    }
}

impl Overview<'_> {
    /// What was spent of late, when, and on what; each line ended.
    pub fn drawn(&self, page: &Page) -> String {
        let mut parts = Vec::new();
        if !self.present.is_empty() {
            parts.push(self.present(page));
        }
        parts.push(self.timeline(page));
        parts.push(table(self.models, &[By::Model], false, page));
        parts.join("\n")
    }

    fn present(&self, page: &Page) -> String {
        let line = |(name, figures)| Line { names: vec![name], figures, is_summary: false };
        let lines = self.present.iter().map(|(name, figures)| line(((*name).to_owned(), figures))).collect();
        let columns = [Column::Cost, Column::Requests, Column::Failed, Column::Input, Column::Output, Column::Saved];
        let (heads, total) = (vec!["spent".to_owned()], &self.timeline.total);
        Grid { heads, lines, columns: &columns, has_bars: false, total }.drawn(page)
    }

    /// A bar for each stretch of time from the first one on in which something was spent.
    fn timeline(&self, page: &Page) -> String {
        let (nothing, by) = (Figures::default(), std::slice::from_ref(&self.by));
        let spent = |key: &Key| self.timeline.rows.iter().find(|row| row.keys.first() == Some(key));
        let since_first = self.periods.iter().skip_while(|key| spent(key).is_none());
        let lines =
            since_first.map(|key| line(by, std::slice::from_ref(key), spent(key).map_or(&nothing, |row| &row.figures)));
        let mut lines: Vec<Line<'_>> = lines.collect();
        lines.push(Line::summary("total".to_owned(), &self.timeline.total));
        let (heads, has_bars) = (vec![self.by.to_string()], self.has_chart);
        let columns = [Column::Cost, Column::Requests];
        Grid { heads, lines, columns: &columns, has_bars, total: &self.timeline.total }.drawn(page)
    }
}

#[cfg(test)]
mod tests;
