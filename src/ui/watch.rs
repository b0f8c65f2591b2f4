//! A page that is drawn anew in its place, until it is dropped: then the cursor is back below the last picture.

use std::fmt::Write as _;
use std::io;

use super::Ui;

/// Hides the cursor, and shows it.
const HIDE: &str = "\x1b[?25l";
const SHOW: &str = "\x1b[?25h";
/// To the corner, without wiping: what is written over does not flicker.
const HOME: &str = "\x1b[H";
/// Wipes the screen.
const WIPE: &str = "\x1b[2J";
/// Wipes the rest of the line, and the rest of the screen.
const REST_OF_LINE: &str = "\x1b[K";
const REST_OF_SCREEN: &str = "\x1b[J";

/// A page that is drawn again and again.
#[derive(Debug)]
pub struct Watch<'ui> {
    ui: &'ui Ui,
}

impl<'ui> Watch<'ui> {
    /// Takes the screen. Only where [`Ui::can_redraw`].
    pub fn new(ui: &'ui Ui) -> io::Result<Self> {
        ui.out(&format!("{HIDE}{WIPE}"))?;
        Ok(Self { ui })
    }

    /// Draws a page that is sanitised, as much of it as the screen has rows.
    pub fn draw(&mut self, page: &str) -> io::Result<()> {
        let (rows, columns) = console::Term::stdout().size_checked().unwrap_or((u16::MAX, u16::MAX));
        let mut screen = HOME.to_owned();
        for line in fitting(page, usize::from(rows).saturating_sub(1).max(1), usize::from(columns).max(1)) {
            // Writing to a string cannot fail.
            writeln!(screen, "{line}{REST_OF_LINE}").ok();
        }
        screen.push_str(REST_OF_SCREEN);
        self.ui.out(&screen)
    }
}

/// The lines that fit into so many rows. A line wider than the screen takes several.
fn fitting(page: &str, rows: usize, columns: usize) -> impl Iterator<Item = &str> {
    let mut left = rows;
    page.lines().take_while(move |line| {
        let needed = console::measure_text_width(line).div_ceil(columns).max(1);
        let fits = needed <= left;
        left = left.saturating_sub(needed);
        fits
    })
}

impl Drop for Watch<'_> {
    fn drop(&mut self) {
        // Who took the terminal away needs no cursor.
        self.ui.out(SHOW).ok();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_wraps_takes_the_rows_that_it_fills() {
        let page = "12345678901\n\nshort\nlast";
        let shown = |rows, columns| fitting(page, rows, columns).collect::<Vec<_>>();
        assert_eq!(shown(4, 10), ["12345678901", "", "short"]);
        assert_eq!(shown(4, 11), ["12345678901", "", "short", "last"]);
        assert_eq!(shown(1, 10), Vec::<&str>::new());
    }
}
