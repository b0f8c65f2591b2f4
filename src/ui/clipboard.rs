//! Asking the terminal to take a text into the clipboard (OSC 52).

use std::io;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::Ui;

impl Ui {
    /// Asks the terminal to take the text; `false` where there is none to ask. It does not say whether it did.
    pub fn set_clipboard(&self, text: &str) -> io::Result<bool> {
        if !self.can_redraw() {
            return Ok(false);
        }
        self.out(&format!("\x1b]52;c;{}\x07", STANDARD.encode(text)))?;
        Ok(true)
    }
}
