//! Lines that end at words: notes and remarks on a terminal, which would cut them anywhere. A word that is longer than a line
//! stays whole, so that a path or a flag can be copied.

use unicode_width::UnicodeWidthStr;

/// The text with its lines folded to that width; blanks within a line stay.
pub(super) fn folded(text: &str, width: usize) -> String {
    text.split('\n').map(|line| line_folded(line, width)).collect::<Vec<_>>().join("\n")
}

fn line_folded(line: &str, width: usize) -> String {
    let (mut out, mut column, mut is_begun) = (String::with_capacity(line.len() + 8), 0, false);
    for part in line.split_inclusive(' ') {
        let word = part.trim_end_matches(' ');
        if is_begun && !word.is_empty() && column + word.width() > width {
            out.truncate(out.trim_end_matches(' ').len());
            out.push('\n');
            column = 0;
        }
        out.push_str(part);
        column += part.width();
        is_begun = is_begun || !word.is_empty();
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_at_words_and_flags_stay_whole() {
        let note = "next: `llmx cost --by day,model`, `llmx cost --since today --by command`";
        for width in [20, 40, 60] {
            let folded = folded(note, width);
            assert!(folded.lines().all(|line| line.width() <= width), "{width}\n{folded}");
            assert_eq!(folded.replace('\n', " "), note);
        }
    }

    #[test]
    fn what_fits_and_words_that_never_fit_stay_as_they_are() {
        assert_eq!(folded("  cost      $0.10\n\nend\n", 20), "  cost      $0.10\n\nend\n");
        assert_eq!(folded("in /a/very/long/path/of/a/file here", 10), "in\n/a/very/long/path/of/a/file\nhere");
        assert_eq!(folded("   /a/very/long/path", 5), "   /a/very/long/path");
    }
}
