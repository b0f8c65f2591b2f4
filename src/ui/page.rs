//! A page of help, laid out for the width: headings (a line that ends with a colon), paragraphs, and lines that are
//! indented by two blanks and stay as they are where they fit.

use unicode_width::UnicodeWidthStr;

use super::Ui;
use super::style::Style;
use super::table::wrapped;

/// Longer lines are hard to read.
const WIDEST: usize = 100;
/// How far what does not fit beside a term is indented below it.
const BELOW: usize = 6;

impl Ui {
    /// Writes a page to stdout: each paragraph is one line of the text.
    pub fn page(&self, text: &str) -> std::io::Result<()> {
        let width = self.width().min(WIDEST);
        let lines = text.lines().map(|line| laid_out(line, width, self.color_out) + "\n");
        self.out(&lines.collect::<String>())
    }
}

fn laid_out(line: &str, width: usize, color: bool) -> String {
    if line.starts_with(' ') {
        return beside_or_below(line, width);
    }
    let style = if line.ends_with(':') { Style::BOLD } else { Style::PLAIN };
    style.paint(&wrapped(line, width, 0), color)
}

/// A term or an example, and what is said of it behind two blanks: below it where both do not fit in a line. A command is
/// never broken, so that it can be copied.
fn beside_or_below(line: &str, width: usize) -> String {
    let begin = line.len() - line.trim_start().len();
    match line[begin..].split_once("  ") {
        Some((term, meaning)) if line.width() > width => {
            let indent = " ".repeat(BELOW);
            let meaning = wrapped(meaning.trim_start(), width.saturating_sub(BELOW), BELOW);
            format!("{}{}\n{indent}{meaning}", &line[..begin], term)
        }
        // What is said of a term that stands alone in the line above.
        None if begin > BELOW && line.width() > width => {
            " ".repeat(BELOW) + &wrapped(line.trim_start(), width.saturating_sub(BELOW), BELOW)
        }
        _ => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_of_a_term_goes_below_it_where_there_is_no_room_beside() {
        let line = "  llmx route --explain    # who, why and what it costs";
        assert_eq!(laid_out(line, 80, false), line);
        let narrow = "  llmx route --explain\n      # who, why and what\n      it costs";
        assert_eq!(laid_out(line, 26, false), narrow);
        let below = "                 the meaning of a long term";
        assert_eq!(laid_out(below, 26, false), "      the meaning of a\n      long term");
    }

    #[test]
    fn a_command_is_never_broken_and_paragraphs_are() {
        let line = "  git diff --staged | llmx complete \"Write a commit message\"";
        assert_eq!(laid_out(line, 20, false), line);
        assert_eq!(laid_out("some words of a paragraph", 12, false), "some words\nof a\nparagraph");
        assert_eq!(laid_out("Examples:", 40, true), "\u{1b}[1mExamples:\u{1b}[0m");
    }
}
