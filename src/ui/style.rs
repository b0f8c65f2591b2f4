//! The few ways text is set off, and their escape sequences: the only ones llmx writes.

use std::ops::BitOr;

/// A set of attributes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style(u16);

/// Each attribute with its SGR code.
const CODES: [(Style, &str); 15] = [
    (Style::BOLD, "1"),
    (Style::DIM, "2"),
    (Style::ITALIC, "3"),
    (Style::UNDERLINE, "4"),
    (Style::STRIKE, "9"),
    (Style::RED, "31"),
    (Style::GREEN, "32"),
    (Style::YELLOW, "33"),
    (Style::BLUE, "34"),
    (Style::MAGENTA, "35"),
    (Style::CYAN, "36"),
    (Style::BRIGHT_ORANGE, "38;5;166"),
    (Style::BRIGHT_BLUE, "38;5;68"),
    (Style::DEEP_ORANGE, "38;5;130"),
    (Style::DEEP_BLUE, "38;5;25"),
];

impl Style {
    /// As it is.
    pub const PLAIN: Self = Self(0);
    /// Bold.
    pub const BOLD: Self = Self(1);
    /// Dim.
    pub const DIM: Self = Self(1 << 1);
    /// Italic.
    pub const ITALIC: Self = Self(1 << 2);
    /// Underlined.
    pub const UNDERLINE: Self = Self(1 << 3);
    /// Struck through.
    pub const STRIKE: Self = Self(1 << 4);
    /// Red.
    pub const RED: Self = Self(1 << 5);
    /// Yellow.
    pub const YELLOW: Self = Self(1 << 6);
    /// Cyan.
    pub const CYAN: Self = Self(1 << 7);
    /// Blue.
    pub const BLUE: Self = Self(1 << 8);
    /// Orange on a dark ground, of 256 colours. With its blue it can be told apart by eyes that see no red or no green.
    pub const BRIGHT_ORANGE: Self = Self(1 << 9);
    /// Blue on a dark ground, of 256 colours.
    pub const BRIGHT_BLUE: Self = Self(1 << 10);
    /// Orange on a light ground, of 256 colours.
    pub const DEEP_ORANGE: Self = Self(1 << 11);
    /// Blue on a light ground, of 256 colours.
    pub const DEEP_BLUE: Self = Self(1 << 12);
    /// Green.
    pub const GREEN: Self = Self(1 << 13);
    /// Magenta.
    pub const MAGENTA: Self = Self(1 << 14);

    /// Appends `text` to `out` in this style; without `color` as it is.
    pub fn paint_into(self, text: &str, color: bool, out: &mut String) {
        if self == Self::PLAIN || !color || text.is_empty() {
            out.push_str(text);
            return;
        }
        let mut separator = "\x1b[";
        for (_, code) in CODES.iter().filter(|(style, _)| self.0 & style.0 != 0) {
            out.push_str(separator);
            out.push_str(code);
            separator = ";";
        }
        out.push('m');
        out.push_str(text);
        out.push_str("\x1b[0m");
    }

    /// `text` in this style; without `color` as it is.
    pub fn paint(self, text: &str, color: bool) -> String {
        let mut out = String::with_capacity(text.len() + 8);
        self.paint_into(text, color, &mut out);
        out
    }
}

impl BitOr for Style {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn styles_combine_and_need_colour() {
        assert_eq!((Style::BOLD | Style::RED).paint("x", true), "\x1b[1;31mx\x1b[0m");
        assert_eq!((Style::BOLD | Style::RED).paint("x", false), "x");
        assert_eq!(Style::PLAIN.paint("x", true), "x");
    }
}
