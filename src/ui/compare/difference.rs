//! What each answer says otherwise than the baseline: removed text struck through, added text underlined; without colour in
//! `[-marks-]{+like these+}`.

use super::page::{Ink, Page};
use super::stack::head;
use super::text::{BLANKS, Span, wrap_spans};
use super::{ModelView, View, figures};
use crate::compare::diff::{Diff, Kind, Piece};

/// The lines of all answers: the baseline's is seen in what the others differ in, and stands alone where none does.
pub(super) fn lines(view: &View, page: &Page) -> Vec<String> {
    let at_baseline = view.baseline();
    let Some(baseline) = view.models.get(at_baseline) else { return Vec::new() };
    let others: Vec<&ModelView> =
        view.models.iter().enumerate().filter(|(at, _)| *at != at_baseline).map(|(_, model)| model).collect();
    let can_compare = |model: &ModelView| baseline.failure.is_none() && model.failure.is_none();
    let mut sections = Vec::new();
    if !others.iter().any(|model| can_compare(model)) {
        sections.push(whole(&format!("{} (baseline)", baseline.name), baseline, page));
    }
    let section = |model: &&ModelView| {
        if can_compare(model) { compared(view, baseline, model, page) } else { whole(&model.name, model, page) }
    };
    sections.extend(others.iter().map(section));
    sections.join(&String::new())
}

/// An answer that there is nothing to hold against.
fn whole(title: &str, model: &ModelView, page: &Page) -> Vec<String> {
    let mut lines = head(title, &figures::remarks(model, true), model.failure.is_some(), page);
    lines.extend(body(&[Span::new(model.text.trim_end_matches(BLANKS), Ink::Plain)], page));
    lines
}

/// An answer beside the baseline's.
fn compared(view: &View, baseline: &ModelView, model: &ModelView, page: &Page) -> Vec<String> {
    let (old, new) = (baseline.text.trim_end_matches(BLANKS), model.text.trim_end_matches(BLANKS));
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
    let is_seen = |piece: &&Piece| piece.kind != Kind::Removed || !piece.text.trim_matches(BLANKS).is_empty();
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
