//! A line of a table for spreadsheets: RFC 4180, UTF-8, lines end in CR LF.
//!
//! A spreadsheet takes a cell that begins with `=`, `+`, `-`, `@`, a tab or a line break for a formula. Texts of somebody else
//! go through [`guarded`]; figures are plain numbers and stay as they are.

use std::io::{self, Write};

/// What a spreadsheet takes for the beginning of a formula; some take the wide forms too.
const FORMULA: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// A text that no spreadsheet takes for a formula: one that begins so, or with `'`s and then so, gets one more `'` before it.
/// To have the text back, take one `'` away from a cell in which one of these characters follows its leading `'`s.
pub fn guarded(text: &str) -> String {
    let formula = text.trim_start_matches('\'').starts_with(FORMULA);
    format!("{}{text}", if formula { "'" } else { "" })
}

/// Writes a line, with quotes where a cell needs them.
pub fn line<Cell: AsRef<str>>(cells: &[Cell], out: &mut impl Write) -> io::Result<()> {
    for (place, cell) in cells.iter().map(AsRef::as_ref).enumerate() {
        if place > 0 {
            out.write_all(b",")?;
        }
        if cell.contains(['"', ',', '\r', '\n']) {
            write!(out, "\"{}\"", cell.replace('"', "\"\""))?;
        } else {
            out.write_all(cell.as_bytes())?;
        }
    }
    out.write_all(b"\r\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_with_a_comma_a_quote_or_a_line_break_stands_in_quotes() {
        let mut out = Vec::new();
        line(&["plain", "a,b", "say \"so\"", "two\nlines", ""], &mut out).expect("written");
        assert_eq!(String::from_utf8_lossy(&out), "plain,\"a,b\",\"say \"\"so\"\"\",\"two\nlines\",\r\n");
    }

    #[test]
    fn a_formula_is_made_a_text_and_nothing_else_is() {
        for (text, expected) in [
            ("=1+1", "'=1+1"),
            ("'@x", "''@x"),
            ("－1", "'－1"),
            ("plain", "plain"),
            ("'quoted'", "'quoted'"),
            ("", ""),
        ] {
            assert_eq!(guarded(text), expected);
        }
    }
}
