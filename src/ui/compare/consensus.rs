//! Who agrees with whom: a matrix of likenesses with a letter for each model, the one that stands apart, and who says what.

use super::columns::one_line;
use super::page::{Ink, Page};
use super::{figures, text};

/// Who agrees with whom.
#[derive(Clone, Debug, Default)]
pub struct ConsensusView {
    /// The models in their order.
    pub names: Vec<String>,
    /// How alike the answers of two models are, from 0 to 1; NaN where one of them has none. A row for each model.
    pub matrix: Vec<Vec<f64>>,
    /// How alike all of them are on average; `None` where there are no two answers.
    pub agreement: Option<f64>,
    /// The one that stands apart.
    pub outlier: Option<Outlier>,
    /// Who says what.
    pub claims: Vec<Claim>,
}

/// The model that stands apart.
#[derive(Clone, Debug)]
pub struct Outlier {
    /// Which one.
    pub model: usize,
    /// Why (`refusal`); may be empty.
    pub reason: String,
    /// How alike the others are without it.
    pub agreement_without: Option<f64>,
}

/// What the answers say of one kind of thing.
#[derive(Clone, Debug, Default)]
pub struct Claim {
    /// The kind (`NUMBERS`).
    pub head: String,
    /// What is said, with those who say it; nobody for a remark.
    pub groups: Vec<(String, Vec<usize>)>,
}

/// The columns of a likeness in the matrix, with the blanks before it.
const CELL: usize = 5;
/// The columns of the mean.
const MEAN: usize = 7;

/// The matrix with names where they fit, with letters alone under a list of names where they do not, and else a list.
pub(super) fn lines(view: &ConsensusView, page: &Page) -> Vec<String> {
    let count = view.names.len();
    let letters = count.checked_sub(1).map_or(0, |last| letter(last).len());
    let names: Vec<String> = view.names.iter().map(|name| one_line(name)).collect();
    let name = names.iter().map(|name| text::width(name)).max().unwrap_or(0);
    let figures = 2 + letters + count * CELL + MEAN;
    let mut lines = agreement(view, page);
    if figures + name < page.columns() {
        lines.extend(matrix(view, letters, Some((&names, name)), page));
    } else {
        let fits = figures <= page.columns();
        for (at, name) in names.iter().enumerate() {
            let room = page.columns().saturating_sub(letters + 3);
            for (row, line) in text::wrap(name, Ink::Plain, room, page).into_iter().enumerate() {
                let letter = if row == 0 { letter(at) } else { String::new() };
                lines.push(format!(" {letter:>letters$} {}", line.text));
            }
            if !fits {
                lines.extend(neighbours(view, at, letters, page));
            }
        }
        if fits {
            lines.extend(matrix(view, letters, None, page));
        }
    }
    lines.extend(claims(view, page));
    lines
}

/// The letters of a model: `a` to `z`, then `aa`, `ab`.
pub(super) fn letter(model: usize) -> String {
    let last = char::from(b"abcdefghijklmnopqrstuvwxyz"[model % 26]);
    match model / 26 {
        0 => last.to_string(),
        before => letter(before - 1) + &last.to_string(),
    }
}

fn agreement(view: &ConsensusView, page: &Page) -> Vec<String> {
    let Some(agreement) = view.agreement else { return Vec::new() };
    let without = view.outlier.as_ref().and_then(|outlier| {
        let without = outlier.agreement_without?;
        Some(format!(", without {} {without:.2}", letter(outlier.model)))
    });
    vec![page.paint(Ink::Head, &format!(" AGREEMENT {agreement:.2}{}", without.unwrap_or_default()))]
}

/// The likeness of two models; NaN where there is none.
fn likeness(view: &ConsensusView, one: usize, other: usize) -> f64 {
    view.matrix.get(one).and_then(|row| row.get(other)).copied().unwrap_or(f64::NAN)
}

/// The others with their likeness to this one, as far as they have one.
fn others(view: &ConsensusView, model: usize) -> impl Iterator<Item = (usize, f64)> {
    let all = (0..view.names.len()).filter(move |other| *other != model);
    all.map(move |other| (other, likeness(view, model, other))).filter(|(_, likeness)| likeness.is_finite())
}

/// The mean likeness to the others; NaN where there is none.
fn mean(view: &ConsensusView, model: usize) -> f64 {
    let (sum, count) =
        others(view, model).fold((0.0, 0.0), |(sum, count), (_, likeness)| (sum + likeness, count + 1.0));
    sum / count
}

/// A row for each model; with the names in it or without.
fn matrix(view: &ConsensusView, letters: usize, names: Option<(&[String], usize)>, page: &Page) -> Vec<String> {
    let count = view.names.len();
    let name_width = names.map_or(0, |(_, width)| width + 1);
    let heads: Vec<String> = (0..count).map(|model| format!("{:>CELL$}", letter(model))).collect();
    let head = format!(" {}{}{:>MEAN$}", " ".repeat(letters + name_width), heads.concat(), "mean");
    let mut lines = vec![page.paint(Ink::Frame, &head)];
    for row in 0..count {
        let cell = |column: usize| {
            let figure = if row == column { "-".to_owned() } else { figures::likeness(likeness(view, row, column)) };
            format!("{figure:>CELL$}")
        };
        let cells: String = (0..count).map(cell).collect();
        let name = names.map_or(String::new(), |(names, width)| {
            format!(" {}{}", names[row], " ".repeat(width - text::width(&names[row])))
        });
        let line = format!(" {:>letters$}{name}{cells}{:>MEAN$}", letter(row), figures::likeness(mean(view, row)));
        lines.extend(marked(view, row, line, page));
    }
    lines
}

/// A line of a model, with the mark of the outlier after it, or under it where there is no room.
fn marked(view: &ConsensusView, model: usize, line: String, page: &Page) -> Vec<String> {
    let Some(outlier) = view.outlier.as_ref().filter(|outlier| outlier.model == model) else { return vec![line] };
    let reason = if outlier.reason.is_empty() { String::new() } else { format!(" ({})", one_line(&outlier.reason)) };
    let mark = format!("{} outlier{reason}", page.sign("←", "<-"));
    let line_width = text::width(&line);
    let line = page.paint(Ink::Warning, &line);
    if line_width + 2 + text::width(&mark) <= page.columns() {
        return vec![format!("{line}  {}", page.paint(Ink::Warning, &mark))];
    }
    let mark = text::wrap(&mark, Ink::Warning, page.columns().saturating_sub(5), page);
    [line].into_iter().chain(mark.into_iter().map(|line| format!("     {}", line.text))).collect()
}

/// Where there is no room for a matrix: the mean, the nearest and the farthest of the others.
fn neighbours(view: &ConsensusView, model: usize, letters: usize, page: &Page) -> Vec<String> {
    let by_likeness = |one: &(usize, f64), other: &(usize, f64)| one.1.total_cmp(&other.1);
    let told = |(other, likeness): (usize, f64)| format!("{} {}", letter(other), figures::likeness(likeness));
    let mut remarks = vec![format!("mean {}", figures::likeness(mean(view, model)))];
    remarks.extend(others(view, model).max_by(by_likeness).map(|other| format!("nearest {}", told(other))));
    remarks.extend(others(view, model).min_by(by_likeness).map(|other| format!("farthest {}", told(other))));
    marked(view, model, format!(" {} {}", " ".repeat(letters), remarks.join("  ")), page)
}

/// A line for each kind of claim, wrapped under its head.
fn claims(view: &ConsensusView, page: &Page) -> Vec<String> {
    let head_width = view.claims.iter().map(|claim| text::width(&one_line(&claim.head))).max().unwrap_or(0);
    let mut lines = Vec::new();
    for claim in view.claims.iter().filter(|claim| !claim.groups.is_empty()) {
        let group = |(said, models): &(String, Vec<usize>)| {
            let who: Vec<String> = models.iter().map(|model| letter(*model)).collect();
            one_line(&if who.is_empty() { said.clone() } else { format!("{said}: {}", who.join(" ")) })
        };
        let groups: Vec<String> = claim.groups.iter().map(group).collect();
        let head = one_line(&claim.head);
        let room = page.columns().saturating_sub(head_width + 3).max(8);
        for (row, line) in text::flow(&groups, " | ", Ink::Plain, room, page).into_iter().enumerate() {
            let head = if row == 0 { head.as_str() } else { "" };
            let blanks = " ".repeat(head_width.saturating_sub(text::width(head)));
            lines.push(format!(" {}{blanks}  {}", page.paint(Ink::Head, head), line.text));
        }
    }
    lines
}
