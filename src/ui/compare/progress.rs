//! Lines that tell how far each model is. One line each, whatever the width, as whoever draws them goes back over them.

use std::time::Duration;

use unicode_segmentation::UnicodeSegmentation;

use super::columns::one_line;
use super::page::{Ink, Page};
use super::{figures, text};

/// How far one answer is.
#[derive(Clone, Debug, Default)]
pub enum Progress {
    /// Nothing came yet.
    #[default]
    Waiting,
    /// The first visible text came after this time.
    FirstToken(Duration),
    /// Text comes, so many tokens a second.
    Streaming(f64),
    /// It is whole.
    Done {
        /// How long it took.
        total: Duration,
        /// The tokens of the answer.
        tokens: Option<u64>,
        /// The cost, written as money is.
        cost: Option<String>,
    },
    /// There is no answer, for this reason.
    Failed(String),
}

/// How far one model is with one prompt.
#[derive(Clone, Debug, Default)]
pub struct ProgressView {
    /// Its name.
    pub name: String,
    /// How far it is.
    pub progress: Progress,
}

/// How far one model is with a file of prompts.
#[derive(Clone, Debug, Default)]
pub struct Bar {
    /// Its name.
    pub name: String,
    /// Answers that are there or failed for good.
    pub done: u64,
    /// Answers that are asked for.
    pub of: u64,
    /// Tokens a second.
    pub tokens_per_second: Option<f64>,
    /// What it cost so far, written as money is.
    pub cost: Option<String>,
    /// What else there is to say (`4 in flight, 1 retry`).
    pub note: String,
}

/// How far all of them are.
#[derive(Clone, Debug, Default)]
pub struct Overall {
    /// Answers that are there or failed for good.
    pub done: u64,
    /// Answers that are asked for.
    pub of: u64,
    /// Those that failed.
    pub failed: u64,
    /// What it cost so far, written as money is.
    pub cost: Option<String>,
    /// The most that it may cost, written as money is.
    pub cap: Option<String>,
    /// How long it will still take.
    pub remaining: Option<Duration>,
}

/// The columns that are kept free for what is said of a model.
const WORDS: usize = 26;
/// The narrowest and the widest bar.
const NARROWEST_BAR: usize = 8;
const WIDEST_BAR: usize = 20;

/// A line for each model that answers one prompt.
pub fn progress_lines(models: &[ProgressView], page: &Page) -> Vec<String> {
    let name = name_width(models.iter().map(|model| model.name.as_str()), page.columns().saturating_sub(WORDS), page);
    models.iter().map(|model| progress_line(model, name, page)).collect()
}

fn progress_line(model: &ProgressView, name: usize, page: &Page) -> String {
    let room = page.columns().saturating_sub(name + 5);
    let (sign, ink, words) = match &model.progress {
        Progress::Waiting => (page.sign("·", "."), Ink::Frame, "waiting".to_owned()),
        Progress::FirstToken(after) => {
            (page.sign("▸", ">"), Ink::Plain, format!("first token at {}", figures::time(*after)))
        }
        Progress::Streaming(rate) => (page.sign("▸", ">"), Ink::Plain, format!("{rate:.0} tok/s")),
        Progress::Done { total, tokens, cost } => {
            let tokens = tokens.map(|tokens| format!("{} tok", figures::count(tokens)));
            let remarks: Vec<String> =
                [Some(figures::time(*total)), cost.clone(), tokens].into_iter().flatten().collect();
            (page.sign("✓", "+"), Ink::Good, fitting(&remarks, room))
        }
        Progress::Failed(reason) => (page.sign("✗", "x"), Ink::Warning, format!("failed: {reason}")),
    };
    let name = padded(&shortened(&model.name, name, page), name);
    format!(" {} {name}  {}", page.paint(ink, sign), page.paint(ink, &cut(&words, room, page)))
}

/// A line for each model that answers a file of prompts, and one for all.
pub fn bar_lines(bars: &[Bar], overall: &Overall, page: &Page) -> Vec<String> {
    let name = name_width(bars.iter().map(|bar| bar.name.as_str()).chain(["total"]), page.columns() / 5 * 2, page);
    let count = |done: u64, of: u64| format!("{}/{}", figures::count(done), figures::count(of));
    let counts = bars.iter().map(|bar| count(bar.done, bar.of)).chain([count(overall.done, overall.of)]);
    let count_width = counts.map(|count| count.len()).max().unwrap_or(0);
    let remarks: Vec<Vec<String>> = bars.iter().map(bar_remarks).chain([overall_remarks(overall)]).collect();
    // The bars give way to the remarks, as far as they can still be read.
    let room = page.columns().saturating_sub(name + count_width + 5);
    let widest = remarks.iter().map(|remarks| text::width(&remarks.join("  "))).max().unwrap_or(0);
    let bar = room.saturating_sub(widest + 2).clamp(NARROWEST_BAR, WIDEST_BAR).min(room);
    let line = |title: &str, done: u64, of: u64, remarks: &[String]| {
        let remarks = fitting(remarks, room.saturating_sub(bar + 2));
        let title = padded(&shortened(title, name, page), name);
        format!(" {title}  {}  {:>count_width$}  {remarks}", drawn(done, of, bar, page), count(done, of))
    };
    let rows = bars.iter().map(|bar| (bar.name.as_str(), bar.done, bar.of));
    rows.chain([("total", overall.done, overall.of)])
        .zip(&remarks)
        .map(|((title, done, of), remarks)| line(title, done, of, remarks).trim_end().to_owned())
        .collect()
}

fn bar_remarks(bar: &Bar) -> Vec<String> {
    let rate = bar.tokens_per_second.map(|rate| format!("{rate:.0} tok/s"));
    let note = (!bar.note.is_empty()).then(|| bar.note.clone());
    [rate, bar.cost.clone(), note].into_iter().flatten().collect()
}

fn overall_remarks(overall: &Overall) -> Vec<String> {
    let spent = match (&overall.cost, &overall.cap) {
        (Some(cost), Some(cap)) => Some(format!("{cost} of {cap}")),
        (cost, _) => cost.clone(),
    };
    let failed = (overall.failed > 0).then(|| format!("{} failed", figures::count(overall.failed)));
    let remaining = overall.remaining.map(|time| format!("{} left", whole(time)));
    [failed, spent, remaining].into_iter().flatten().collect()
}

/// A time without parts of a second, as a forecast has none.
fn whole(time: Duration) -> String {
    if time.as_secs() < 100 { format!("{}s", time.as_secs()) } else { figures::time(time) }
}

/// The line that stands for a finished answer where no terminal shows progress: `done 3/40 gpt 1.21s $0.00022`.
pub fn done_line(done: u64, of: u64, model: &ProgressView) -> Option<String> {
    let told = match &model.progress {
        Progress::Done { total, cost, .. } => {
            let cost = cost.as_ref().map(|cost| format!(" {cost}"));
            format!("{}{}", figures::time(*total), cost.unwrap_or_default())
        }
        Progress::Failed(reason) => format!("failed: {reason}"),
        _ => return None,
    };
    Some(format!("done {done}/{of} {} {}", one_line(&model.name), one_line(&told)))
}

/// A bar that is full at the end only.
fn drawn(done: u64, of: u64, width: usize, page: &Page) -> String {
    let part = if of == 0 { 0.0 } else { (done as f64 / of as f64).min(1.0) };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to the width")]
    let full = (part * width as f64) as usize;
    let (full_sign, empty_sign) = (page.sign("█", "#"), page.sign("░", "."));
    page.paint(Ink::Good, &full_sign.repeat(full)) + &page.paint(Ink::Frame, &empty_sign.repeat(width - full))
}

fn name_width<'name>(names: impl Iterator<Item = &'name str>, most: usize, page: &Page) -> usize {
    let widest = names.map(|name| text::width(&one_line(name))).max().unwrap_or(0);
    page.width.map_or(widest, |_| widest.min(most))
}

fn padded(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(text::width(text))))
}

/// As much of the end of a name as fits: what tells models of one provider apart stands there.
fn shortened(name: &str, width: usize, page: &Page) -> String {
    let name = one_line(name);
    if text::width(&name) <= width {
        return name;
    }
    let ellipsis = page.sign("…", "~");
    let mut left = width.saturating_sub(1);
    let fitting = name.graphemes(true).rev().take_while(|cluster| {
        let taken = text::width(cluster);
        let fits = taken <= left;
        left = left.saturating_sub(taken);
        fits
    });
    let kept: Vec<&str> = fitting.collect();
    [ellipsis].into_iter().chain(kept.into_iter().rev()).collect()
}

/// As many of the remarks as fit.
fn fitting(remarks: &[String], width: usize) -> String {
    let mut line = String::new();
    for remark in remarks.iter().map(|remark| one_line(remark)) {
        let gap = if line.is_empty() { "" } else { "  " };
        if text::width(&line) + gap.len() + text::width(&remark) > width {
            break;
        }
        line = line + gap + &remark;
    }
    line
}

/// As much of the beginning of a text as fits.
fn cut(words: &str, width: usize, page: &Page) -> String {
    let words = one_line(words);
    if text::width(&words) <= width {
        return words;
    }
    let mut left = width.saturating_sub(1);
    let fitting = words.graphemes(true).take_while(|cluster| {
        let taken = text::width(cluster);
        let fits = taken <= left;
        left = left.saturating_sub(taken);
        fits
    });
    let kept: String = fitting.collect();
    if width == 0 { String::new() } else { kept + page.sign("…", "~") }
}
