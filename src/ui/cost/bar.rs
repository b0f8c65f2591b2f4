//! Bars with a resolution of an eighth of a column.

use crate::ui::compare::Page;

/// Parts of a column, from an eighth on.
const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/// A bar that is `width` columns long where `part` is 1. Something is never drawn as nothing.
pub(super) fn drawn(part: f64, width: usize, page: &Page) -> String {
    if part <= 0.0 || !part.is_finite() {
        return String::new();
    }
    let units = if page.is_ascii { 1 } else { EIGHTHS.len() };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to eight times the width")]
    let length = ((part.min(1.0) * (width * units) as f64).round() as usize).max(1);
    let last = if page.is_ascii { "" } else { EIGHTHS[length % units] };
    page.sign("█", "#").repeat(length / units) + last
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_as_long_as_its_part() {
        let page = |is_ascii| Page { width: Some(80), palette: None, is_ascii };
        for (part, fine, coarse) in [
            (1.0, "████", "####"),
            (0.5, "██", "##"),
            (0.53, "██▏", "##"),
            (0.97, "███▉", "####"),
            (0.0001, "▏", "#"),
            (0.0, "", ""),
            (-1.0, "", ""),
            (f64::NAN, "", ""),
            (7.0, "████", "####"),
        ] {
            assert_eq!(
                (drawn(part, 4, &page(false)), drawn(part, 4, &page(true))),
                (fine.to_owned(), coarse.to_owned())
            );
        }
    }
}
