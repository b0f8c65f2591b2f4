//! Somebody's text within Markdown: code spans and code blocks that it cannot leave.

use std::io::{self, Write};

/// The longest text in a code span, in characters.
const SPAN: usize = 300;

/// The longest text in a code block, in characters.
pub(super) const BLOCK: usize = 20_000;

/// A text of one line as code; `–` when it is blank.
pub(super) fn span(text: &str) -> String {
    let mut line: String =
        text.chars().take(SPAN).map(|next| if next.is_whitespace() { ' ' } else { safe(next) }).collect();
    if text.chars().nth(SPAN).is_some() {
        line.push('…');
    }
    if line.trim().is_empty() {
        return "–".to_owned();
    }
    let ticks = "`".repeat(longest_run(&line) + 1);
    // One space at either end is not part of the code, and keeps ticks apart.
    if line.contains('`') || line.starts_with(' ') || line.ends_with(' ') {
        format!("{ticks} {line} {ticks}")
    } else {
        format!("{ticks}{line}{ticks}")
    }
}

/// The same for a table, where a bar would end the cell even within code.
pub(super) fn cell(text: &str) -> String {
    span(&text.replace('|', "¦"))
}

/// A code block.
pub(super) fn fenced(language: &str, text: &str, out: &mut impl Write) -> io::Result<()> {
    // A carriage return alone ends a line too, and a fence may stand behind it.
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let end = text.char_indices().nth(BLOCK).map_or(text.len(), |(end, _)| end);
    let shown: String =
        text[..end].chars().map(|next| if matches!(next, '\n' | '\t') { next } else { safe(next) }).collect();
    let fence = "`".repeat((longest_run(&shown) + 1).max(3));
    writeln!(out, "{fence}{language}")?;
    out.write_all(shown.as_bytes())?;
    if !shown.is_empty() && !shown.ends_with('\n') {
        writeln!(out)?;
    }
    writeln!(out, "{fence}")?;
    if end < text.len() {
        writeln!(out, "\n({} more bytes are left out)", text.len() - end)?;
    }
    Ok(())
}

/// A control character could do things to a terminal, and one that turns the direction of a line hides what stands there.
fn safe(next: char) -> char {
    let turns = matches!(next, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if next.is_control() || turns { '\u{fffd}' } else { next }
}

fn longest_run(text: &str) -> usize {
    text.split(|next| next != '`').map(str::len).max().unwrap_or_default()
}
