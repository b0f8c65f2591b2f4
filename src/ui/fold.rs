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
        if !is_begun && column + word.width() > width && word.width() <= width {
            // A word goes before its indentation.
            (out, column) = (String::new(), 0);
        }
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
    fn no_word_is_broken_that_fits_a_line() {
        let note = "error: unknown provider `nobody` in `nobody/m`\n  hint: a model is written `provider/model`\n    indented-word";
        for width in 1..=40 {
            let folded = folded(note, width);
            let fits = |line: &str| {
                line.width() <= width || line.trim().split(' ').count() == 1 && line.trim().width() > width
            };
            assert!(folded.lines().all(fits), "{width}\n{folded}");
            let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
            assert_eq!(words(&folded), words(note));
        }
    }

    #[test]
    fn what_fits_and_words_that_never_fit_stay_as_they_are() {
        assert_eq!(folded("  cost      $0.10\n\nend\n", 20), "  cost      $0.10\n\nend\n");
        assert_eq!(folded("in /a/very/long/path/of/a/file here", 10), "in\n/a/very/long/path/of/a/file\nhere");
        assert_eq!(folded("   /a/very/long/path", 5), "   /a/very/long/path");
    }
}
