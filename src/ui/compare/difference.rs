//! What each answer says otherwise than the baseline: removed text struck through, added text underlined; without colour in
//! `[-marks-]{+like these+}`.

use super::page::{Ink, Page};
use super::stack::head;
use super::text::{Span, wrap_spans};
use super::{ModelView, View, figures};
use crate::compare::diff::{Diff, Kind, Piece};

/// The lines of all answers but the baseline's.
pub(super) fn lines(view: &View, page: &Page) -> Vec<String> {
    let at_baseline = view.baseline();
    let Some(baseline) = view.models.get(at_baseline) else { return Vec::new() };
    let mut lines = Vec::new();
    if let Some(reason) = &baseline.failure {
        let title = format!("{} (baseline)", baseline.name);
        lines.extend(head(&title, &[format!("failed: {reason}")], true, page));
        lines.push(String::new());
    }
    for (at, model) in view.models.iter().enumerate() {
        if at != at_baseline || view.models.len() == 1 {
            lines.extend(section(view, baseline, model, page));
            lines.push(String::new());
        }
    }
    lines.pop();
    lines
}

/// One answer beside the baseline. Where one of them is missing there is nothing to tell apart.
fn section(view: &View, baseline: &ModelView, model: &ModelView, page: &Page) -> Vec<String> {
    if baseline.failure.is_some() || model.failure.is_some() {
        let mut lines = head(&model.name, &figures::remarks(model, true), model.failure.is_some(), page);
        lines.extend(body(&[Span::new(model.text.trim_end(), Ink::Plain)], page));
        return lines;
    }
    let (old, new) = (baseline.text.trim_end(), model.text.trim_end());
    let diff = Diff::new(view.unit, old, new).unwrap_or_else(|| Diff::in_lines(old, new));
    let words = if diff.is_empty() {
        "the same words".to_owned()
    } else {
        format!("+{} -{} words", figures::count(diff.added_words as u64), figures::count(diff.removed_words as u64))
    };
    let similarity = model.similarity.map(|similarity| format!("sim {similarity:.2}"));
    let remarks: Vec<String> = [Some(words), similarity, model.facts.clone()].into_iter().flatten().collect();
    let mut lines = head(&format!("{} vs {}", model.name, baseline.name), &remarks, false, page);
    lines.extend(body(&spans(&diff.pieces, page), page));
    lines
}

fn body(spans: &[Span], page: &Page) -> Vec<String> {
    if spans.iter().all(|span| span.text.is_empty()) {
        return Vec::new();
    }
    wrap_spans(spans, page.columns(), page).into_iter().map(|line| line.text).collect()
}

/// The pieces as they are shown: blanks that were replaced by others are seen as those others.
fn spans(pieces: &[Piece], page: &Page) -> Vec<Span> {
    let is_seen = |piece: &&Piece| piece.kind != Kind::Removed || !piece.text.trim().is_empty();
    let ink = |kind: Kind| match kind {
        Kind::Equal => Ink::Plain,
        Kind::Removed => Ink::Removed,
        Kind::Added => Ink::Added,
    };
    let mut spans = Vec::new();
    let mut pieces = pieces.iter().filter(is_seen).peekable();
    while let Some(piece) = pieces.next() {
        spans.push(Span::new(&piece.text, ink(piece.kind)));
        // A block of several lines is replaced by what stands below it, not behind it.
        let is_replaced = piece.kind == Kind::Removed && pieces.peek().is_some_and(|next| next.kind == Kind::Added);
        if is_replaced && !piece.text.ends_with(char::is_whitespace) {
            let is_block = piece.text.contains('\n');
            // Marks tell the two apart, colours alone would leave them one word.
            let blank = if page.palette.is_some() { " " } else { "" };
            spans.push(Span::new(if is_block { "\n" } else { blank }, Ink::Plain));
        }
    }
    spans
}
