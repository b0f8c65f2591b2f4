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
        let rows = console::Term::stdout().size_checked().map_or(usize::MAX, |(rows, _)| usize::from(rows));
        let mut screen = HOME.to_owned();
        for line in page.lines().take(rows.saturating_sub(1).max(1)) {
            // Writing to a string cannot fail.
            writeln!(screen, "{line}{REST_OF_LINE}").ok();
        }
        screen.push_str(REST_OF_SCREEN);
        self.ui.out(&screen)
    }
}

impl Drop for Watch<'_> {
    fn drop(&mut self) {
        // Who took the terminal away needs no cursor.
        self.ui.out(SHOW).ok();
    }
}
