//! Answers below each other, each under a line with its name and figures.

use super::columns::one_line;
use super::page::{Ink, Page};
use super::{View, figures, text};

/// The lines of all answers.
pub(super) fn lines(view: &View, page: &Page) -> Vec<String> {
    let baseline = view.baseline();
    let count = view.models.len();
    let mut lines = Vec::new();
    for (at, model) in view.models.iter().enumerate() {
        let star = if at == baseline && count > 1 { " (baseline)" } else { "" };
        let title = format!("{}/{count} {}{star}", at + 1, model.name);
        lines.extend(head(&title, &figures::remarks(model, at == baseline), model.failure.is_some(), page));
        let answer = model.text.trim_end_matches(text::BLANKS);
        if !answer.is_empty() {
            lines.extend(text::wrap(answer, Ink::Plain, page.columns(), page).into_iter().map(|line| line.text));
        }
        lines.push(String::new());
    }
    lines.pop();
    lines
}

/// A title and remarks on a rule; on lines of their own where they do not fit on one. Without a terminal there is no rule.
pub(super) fn head(title: &str, remarks: &[String], is_failure: bool, page: &Page) -> Vec<String> {
    let (title, remarks): (String, Vec<String>) =
        (one_line(title), remarks.iter().map(|remark| one_line(remark)).collect());
    let Some(width) = page.width.map(|_| page.columns()) else {
        let colon = if remarks.is_empty() { "" } else { ": " };
        return vec![format!("== {title}{colon}{}", remarks.join(", "))];
    };
    let ink = if is_failure { Ink::Warning } else { Ink::Plain };
    let rule = page.rule(2);
    let taken = 3 + text::width(&title) + remarks.iter().map(|remark| 4 + text::width(remark)).sum::<usize>();
    if taken < width {
        let paint_remark = |remark: &String| format!(" {} {}", page.paint(Ink::Frame, &rule), page.paint(ink, remark));
        let start = format!("{} {}", page.paint(Ink::Frame, &rule), page.paint(Ink::Head, &title));
        let end = page.paint(Ink::Frame, &page.rule(width - taken - 1));
        return vec![start + &remarks.iter().map(paint_remark).collect::<String>() + " " + &end];
    }
    let mut lines = Vec::new();
    for (at, line) in text::wrap(&title, Ink::Head, width - 3, page).into_iter().enumerate() {
        let start = if at == 0 { page.paint(Ink::Frame, &rule) } else { "  ".to_owned() };
        let room = (width - 3).saturating_sub(line.width + 1);
        let end = if room > 0 && at == 0 { page.paint(Ink::Frame, &page.rule(room)) } else { String::new() };
        lines.push(format!("{start} {} {end}", line.text));
    }
    let remarks = text::flow(&remarks, "  ", ink, width - 3, page);
    lines.extend(remarks.into_iter().filter(|line| line.width > 0).map(|line| format!("   {}", line.text)));
    lines
}
