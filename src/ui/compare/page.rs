//! What lines are drawn on: its width, its colours, and the signs it has.

use crate::ui::Ui;
use crate::ui::style::Style;

/// The place that is drawn on.
#[derive(Clone, Copy, Debug)]
pub struct Page {
    /// The columns of the terminal, at least 20; `None` where there is no terminal, so that nothing is wrapped or framed.
    pub width: Option<usize>,
    /// The colours it has; `None` for no escape sequences at all, so that marks say what colours would.
    pub palette: Option<Palette>,
    /// Frames and marks are made of ASCII.
    pub is_ascii: bool,
}

/// The colours of a terminal. Blue and orange can be told apart by most eyes that see no red or no green, and what was
/// removed or added is struck through or underlined besides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Palette {
    /// The sixteen that every terminal has.
    #[default]
    Sixteen,
    /// 256 colours on a dark ground.
    Dark,
    /// 256 colours on a light ground.
    Light,
}

/// What a stretch of text is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::ui) enum Ink {
    #[default]
    Plain,
    Head,
    Frame,
    Removed,
    Added,
    Warning,
    Good,
}

/// The least width that lines are laid out for.
const LEAST_WIDTH: usize = 20;

impl Page {
    /// Stdout as it is. `variable` gives the value of an environment variable, as [`Palette::detect`] wants it.
    pub fn of_stdout<'env>(ui: &Ui, variable: impl Fn(&str) -> Option<&'env str>) -> Self {
        let palette = ui.color_out.then(|| Palette::detect(variable));
        Self { width: ui.stdout_is_terminal.then(|| ui.width()), palette, is_ascii: false }
    }
}

impl Palette {
    /// The palette of a terminal. `variable` gives the value of an environment variable that is set and not empty; asked
    /// for are `COLORTERM`, `TERM` and `COLORFGBG`.
    pub fn detect<'env>(variable: impl Fn(&str) -> Option<&'env str>) -> Self {
        let has_many = variable("COLORTERM").is_some_and(|value| matches!(value, "truecolor" | "24bit"))
            || variable("TERM").is_some_and(|value| value.contains("256color") || value.contains("direct"));
        let ground = variable("COLORFGBG").and_then(|value| value.rsplit(';').next());
        match ground {
            _ if !has_many => Self::Sixteen,
            Some("7" | "15") => Self::Light,
            _ => Self::Dark,
        }
    }

    const fn orange(self) -> Style {
        match self {
            Self::Sixteen => Style::YELLOW,
            Self::Dark => Style::BRIGHT_ORANGE,
            Self::Light => Style::DEEP_ORANGE,
        }
    }

    const fn blue(self) -> Style {
        match self {
            Self::Sixteen => Style::BLUE,
            Self::Dark => Style::BRIGHT_BLUE,
            Self::Light => Style::DEEP_BLUE,
        }
    }
}

impl Page {
    /// The columns that lines are laid out for; without a terminal there is no end.
    pub(in crate::ui) fn columns(&self) -> usize {
        self.width.map_or(usize::MAX, |width| width.max(LEAST_WIDTH))
    }

    /// Text in an ink.
    pub(in crate::ui) fn paint(&self, ink: Ink, text: &str) -> String {
        let Some(palette) = self.palette else { return text.to_owned() };
        let style = match ink {
            Ink::Plain => Style::PLAIN,
            Ink::Head => Style::BOLD,
            Ink::Frame => Style::DIM,
            Ink::Removed => palette.orange() | Style::STRIKE,
            Ink::Added => palette.blue() | Style::UNDERLINE,
            Ink::Warning => palette.orange(),
            Ink::Good => palette.blue(),
        };
        style.paint(text, true)
    }

    /// What stands before and after text in an ink, where colour cannot say it.
    pub(super) const fn marks(&self, ink: Ink) -> Option<(&'static str, &'static str)> {
        match ink {
            _ if self.palette.is_some() => None,
            Ink::Removed => Some(("[-", "-]")),
            Ink::Added => Some(("{+", "+}")),
            _ => None,
        }
    }

    /// One sign or its replacement.
    pub(in crate::ui) const fn sign(&self, sign: &'static str, ascii: &'static str) -> &'static str {
        if self.is_ascii { ascii } else { sign }
    }

    /// A horizontal rule.
    pub(in crate::ui) fn rule(&self, columns: usize) -> String {
        self.sign("─", "-").repeat(columns)
    }

    /// What stands between two remarks on one line.
    pub(in crate::ui) const fn dot(&self) -> &'static str {
        self.sign(" · ", " | ")
    }
}
