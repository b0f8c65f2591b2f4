//! The screens of a session in order, as one text that a person reads and a test compares.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::Home;

/// What differs from run to run: the places of servers, times, and estimates that learn from times.
static VARIES: LazyLock<Regex> = LazyLock::new(|| {
    let varies = r"(?P<place>127\.0\.0\.1:\d+)|(?P<of>~|\n(?:cost|at most) +\$)[\d.]+\b|\b\d{4}-\d\d-\d\d \d\d:\d\d\b|\b\d+(\.\d+)? ?(ms|s)\b";
    Regex::new(varies).expect("an expression")
});

/// Screens with their titles.
pub struct Album {
    home: String,
    text: String,
}

impl Album {
    /// An album without screens, of programs that run in this home.
    pub fn new(home: &Home) -> Self {
        Self { home: home.path("").display().to_string().trim_end_matches('/').to_owned(), text: String::new() }
    }

    /// Puts in a screen.
    pub fn put(&mut self, title: &str, screen: &str) {
        let masked = self.masked(screen);
        let lines: Vec<&str> = masked.trim_end().lines().map(str::trim_end).collect();
        writeln!(self.text, "━━━ {title}\n{}\n", lines.join("\n")).expect("text");
    }

    /// A screen with words in place of what differs from run to run.
    fn masked(&self, screen: &str) -> String {
        // How long the path of the home is decides whether a line breaks before it.
        let text = screen.replace(&format!("\n{}", self.home), &format!(" {}", self.home)).replace(&self.home, "HOME");
        let word = |found: &Captures<'_>| match (found.name("place"), found.name("of")) {
            (Some(_), _) => "127.0.0.1:PORT".to_owned(),
            (_, Some(before)) => format!("{}NUMBER", before.as_str()),
            // As wide as the time, for the columns of tables.
            _ => format!("{:<1$}", "TIME", found[0].len()),
        };
        VARIES.replace_all(&text, word).into_owned()
    }

    /// Fails when a screen is not as `file` of the repository has it, unless the file is to be written anew.
    #[track_caller]
    pub fn expect(&self, file: &str) {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
        if std::env::var_os("LLMX_UPDATE").is_some() {
            fs::write(&path, &self.text).expect("the screens are written");
        }
        let known = fs::read_to_string(&path).unwrap_or_default();
        if let Some(change) = change(&known, &self.text) {
            panic!("a screen is not as {file} has it\n{change}");
        }
    }
}

/// The first screen that is not as it was.
fn change(known: &str, text: &str) -> Option<String> {
    let (were, are) = (screens(known), screens(text));
    let at = (0..were.len().max(are.len())).find(|at| were.get(*at) != are.get(*at))?;
    let of = |all: &[&str]| all.get(at).map_or("(none)", |screen| *screen).trim_end().to_owned();
    Some(format!("it was: {}\nit is: {}", of(&were), of(&are)))
}

/// The screens in the text of an album.
fn screens(text: &str) -> Vec<&str> {
    text.split("━━━ ").skip(1).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_from_run_to_run_is_masked_and_nothing_else() {
        let home = Home::new();
        let mut album = Album::new(&home);
        let path = home.path("config");
        let screen = format!(
            "Settings go to\n{}.  \nm · 12 in · $0.01 · 1.2 s at 127.0.0.1:5000, 30ms, ~12\ncost   $0.02\n\n",
            path.display()
        );
        album.put("one", &screen);
        assert_eq!(
            album.text,
            "━━━ one\nSettings go to HOME/config.\nm · 12 in · $0.01 · TIME  at 127.0.0.1:PORT, TIME, ~NUMBER\ncost   $NUMBER\n\n"
        );
    }

    #[test]
    fn the_first_screen_that_differs_is_told() {
        let known = "━━━ one\nHello\n\n━━━ two\nWell\n\n";
        assert_eq!(change(known, known), None);
        assert_eq!(change(known, &known.replace("Well", "Ill")).as_deref(), Some("it was: two\nWell\nit is: two\nIll"));
        assert_eq!(change("", known).as_deref(), Some("it was: (none)\nit is: one\nHello"));
    }
}
