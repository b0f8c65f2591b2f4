//! What would be written, shown before it is.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::PathBuf;

use super::Draft;
use crate::cli::installed::Piece;

impl Draft<'_> {
    /// What would be written, without any key: lines of the configuration that are new, and the names of the other files.
    pub fn preview(&self) -> String {
        let mut out = String::new();
        // Writing to a string cannot fail.
        if self.is_configured() {
            let fate = if self.before.is_some() { "to be changed, a copy is kept" } else { "new, for your eyes only" };
            let _ = writeln!(out, "# {} ({fate})", self.path.display());
            let new = new_lines(self.begun(), &self.text);
            for line in &new {
                out.extend([line, "\n"]);
            }
        }
        for (provider, _) in &self.keys {
            let _ =
                writeln!(out, "# {} (the key of {provider}, for your eyes only)", self.key_path(provider).display());
        }
        for (count, folder) in folders(&self.pieces) {
            let _ = writeln!(out, "# {} ({})", folder.display(), counted(count));
        }
        out
    }
}

/// The lines of a text that the one before does not have, in their order: what stands there already may hold a key.
fn new_lines(before: &str, after: &str) -> Vec<String> {
    let mut old: HashMap<&str, usize> = HashMap::new();
    for line in before.lines() {
        *old.entry(line).or_default() += 1;
    }
    let mut new = Vec::new();
    for line in after.lines().filter(|line| !line.is_empty()) {
        match old.get_mut(line) {
            Some(count @ 1..) => *count -= 1,
            _ => new.push(without_arguments(line)),
        }
    }
    new
}

/// A line without the arguments of a program, for they may be secrets.
fn without_arguments(line: &str) -> String {
    match line.split_once("cmd = \"") {
        Some((start, command)) if command.contains(' ') => {
            format!("{start}cmd = \"{} …\" }}", command.split(' ').next().unwrap_or_default())
        }
        _ => line.to_owned(),
    }
}

/// Files by their folders, counted.
pub(super) fn folders(pieces: &[Piece]) -> Vec<(usize, PathBuf)> {
    let mut folders: Vec<(usize, PathBuf)> = Vec::new();
    for folder in pieces.iter().filter_map(|piece| piece.path.parent()) {
        match folders.iter_mut().find(|(_, known)| known == folder) {
            Some((count, _)) => *count += 1,
            None => folders.push((1, folder.to_owned())),
        }
    }
    folders
}

pub(super) fn counted(count: usize) -> String {
    if count == 1 { "1 file".to_owned() } else { format!("{count} files") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_new_and_changed_lines_are_shown() {
        let new = |before: &str, after: &str| new_lines(before, after).join("|");
        assert_eq!(new("# a\n\n# b\n", "# a\nx = 1\n\n# b\n\n[c]\nd = 2\n"), "x = 1|[c]|d = 2");
        assert_eq!(
            new("default = \"a\"\napi_key = \"sk\"\n", "default = \"b\"\napi_key = \"sk\"\n"),
            "default = \"b\""
        );
        assert_eq!(new("a = [\n1,\n]\napi_key = \"sk\"\n", "a = 2\napi_key = \"sk\"\n"), "a = 2");
        assert_eq!(new("", "api_key = { cmd = \"echo sk-1\" }"), "api_key = { cmd = \"echo …\" }");
        assert_eq!(new("a\n", "a\n"), "");
    }
}
