//! A list of what was looked at: how it is, what was found, and below it what to do.

use unicode_width::UnicodeWidthStr;

use super::fold::folded;
use super::sanitize::clean;
use super::style::Style;

/// How something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mark {
    /// As it should be.
    Ok,
    /// It works, but not as well as it could.
    Warning,
    /// It does not work.
    Trouble,
    /// It could not be looked at.
    Skipped,
}

impl Mark {
    /// The word for people and for JSON.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Trouble => "trouble",
            Self::Skipped => "skipped",
        }
    }

    const fn style(self) -> Style {
        match self {
            Self::Ok | Self::Skipped => Style::DIM,
            Self::Warning => Style::YELLOW,
            Self::Trouble => Style::RED,
        }
    }
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Point {
    /// How it is.
    pub mark: Mark,
    /// What was found.
    pub text: String,
    /// What to do about it: a command to type, or a sentence.
    pub remedy: Option<String>,
}

impl Point {
    /// A point without a remedy.
    pub fn new(mark: Mark, text: impl Into<String>) -> Self {
        Self { mark, text: text.into(), remedy: None }
    }

    /// Adds what to do.
    #[must_use]
    pub fn remedy(self, remedy: impl Into<String>) -> Self {
        Self { remedy: Some(remedy.into()), ..self }
    }
}

/// Columns of the marks, with the blanks around them.
const MARKS: usize = 11;
/// A text narrower than this is set below its mark and not beside it.
const LEAST: usize = 32;
/// On a terminal narrower than this even words of a usual length need all of a line.
const NARROW: usize = 24;

/// The points in lines, each ended; with a `width`, for a terminal, they are folded at words.
pub(super) fn drawn(points: &[Point], width: Option<usize>, color: bool) -> String {
    points.iter().map(|point| point_drawn(point, width, color)).collect()
}

fn point_drawn(point: &Point, width: Option<usize>, color: bool) -> String {
    let mark = point.mark.style().paint(point.mark.word(), color);
    let is_narrow = width.is_some_and(|width| width < MARKS + LEAST);
    let indent = match width {
        Some(..NARROW) => 0,
        _ if is_narrow => 4,
        _ => MARKS,
    };
    let beside = |text: &str| {
        let text = clean(text);
        let text = width.map_or_else(|| text.clone(), |width| folded(&text, width.saturating_sub(indent).max(1)));
        text.replace('\n', &format!("\n{}", " ".repeat(indent)))
    };
    let gap = if is_narrow {
        format!("\n{}", " ".repeat(indent))
    } else {
        " ".repeat(MARKS.saturating_sub(2 + point.mark.word().width()))
    };
    let remedy =
        point.remedy.as_ref().map(|remedy| format!("{}{}\n", " ".repeat(indent), beside(&format!("-> {remedy}"))));
    format!("  {mark}{gap}{}\n{}", beside(&point.text), remedy.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points() -> Vec<Point> {
        vec![
            Point::new(Mark::Ok, "the clock agrees with that of the providers, as far as they tell"),
            Point::new(Mark::Trouble, "a\x1b[2Jb").remedy("llmx config edit"),
        ]
    }

    #[test]
    fn off_a_terminal_a_point_is_a_line_and_its_remedy_another() {
        assert_eq!(
            drawn(&points(), None, false),
            "  ok       the clock agrees with that of the providers, as far as they tell\n  trouble  a^[[2Jb\n           \
             -> llmx config edit\n"
        );
    }

    #[test]
    fn on_a_terminal_lines_are_folded_beside_the_marks_or_below_them() {
        for width in [20, 40, 60, 80] {
            let drawn = drawn(&points(), Some(width), false);
            assert!(drawn.lines().all(|line| line.width() <= width), "{width}\n{drawn}");
            let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
            assert_eq!(words(&drawn), words(&super::drawn(&points(), None, false)));
        }
        assert!(drawn(&points(), Some(40), false).starts_with("  ok\n    the clock"));
        let long = [Point::new(Mark::Ok, "a word_of_twenty_cells")];
        assert_eq!(drawn(&long, Some(20), false), "  ok\na\nword_of_twenty_cells\n");
        assert!(drawn(&points(), None, true).contains("\x1b[31mtrouble\x1b[0m"));
    }
}
