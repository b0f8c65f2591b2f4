//! The error of a file that the command line names and that cannot be read, with what to do about it.

use std::fmt::Display;
use std::io;
use std::path::{Path, PathBuf};

use crate::config::suggest::nearest;
use crate::error::{Error, ErrorKind};

/// The error of that file; `called` is how it is told of.
pub fn unreadable(called: impl Display, path: impl AsRef<Path>, error: io::Error) -> Error {
    let hint = hint(path.as_ref(), &error);
    let told = Error::new(ErrorKind::Usage, format!("cannot read {called}")).caused_by(error);
    hint.into_iter().fold(told, Error::hint)
}

fn hint(path: &Path, error: &io::Error) -> Option<String> {
    match error.kind() {
        io::ErrorKind::NotFound => Some(missing(path)),
        io::ErrorKind::PermissionDenied => Some(format!("`ls -l {}` shows who may read it", path.display())),
        _ => None,
    }
}

/// The name that may have been meant, or where it was looked for.
fn missing(path: &Path) -> String {
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let place = directory.unwrap_or_else(|| Path::new("."));
    let Ok(entries) = place.read_dir() else { return format!("there is no directory `{}`", place.display()) };
    let names: Vec<String> = entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    if let Some(near) = nearest(&name, names.iter().map(String::as_str)) {
        return format!(
            "did you mean `{}`?",
            directory.map_or_else(|| near.into(), |place| place.join(near)).display()
        );
    }
    let place = std::path::absolute(place).unwrap_or_else(|_| place.to_owned());
    format!("it was looked for in `{}`", place.components().collect::<PathBuf>().display())
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File};

    use super::*;

    fn told(path: &Path) -> String {
        let error = File::open(path).expect_err("no file");
        unreadable("it", path, error).hints.concat()
    }

    #[test]
    fn a_missing_file_is_told_with_the_nearest_or_where_it_was_looked_for() {
        let directory = tempfile::tempdir().expect("a directory");
        let at = |name: &str| directory.path().join(name);
        fs::write(at("notes.md"), "").expect("a file");
        assert_eq!(told(&at("note.md")), format!("did you mean `{}`?", at("notes.md").display()));
        assert_eq!(told(&at("other")), format!("it was looked for in `{}`", directory.path().display()));
        assert_eq!(told(&at("no/file")), format!("there is no directory `{}`", at("no").display()));
    }
}
