//! Where `llmx models update` keeps its table: one file of the data directory, which is replaced whole or not at all.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use super::Paths;

/// A longer file was not written by llmx.
const LONGEST: u64 = 64 * 1024 * 1024;

/// The file's path; `None` without a data directory.
pub fn path(paths: &Paths) -> Option<PathBuf> {
    paths.data.as_ref().map(|data| data.join("catalogue.txt"))
}

/// The stored text; `None` when there is none.
pub fn load(paths: &Paths) -> io::Result<Option<String>> {
    let Some(path) = path(paths) else { return Ok(None) };
    let metadata = match path.metadata() {
        Ok(metadata) => metadata,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Ok(None),
        Err(error) => return Err(error),
    };
    if !metadata.is_file() || metadata.len() > LONGEST {
        return Err(io::Error::other("it is no regular file, or far too long"));
    }
    let mut text = String::with_capacity(usize::try_from(metadata.len()).unwrap_or_default() + 1);
    File::open(path)?.take(LONGEST).read_to_string(&mut text)?;
    Ok(Some(text))
}

/// Replaces the stored text. Whoever reads meanwhile, or after a crash, finds the old one or the new one.
pub fn store(paths: &Paths, text: &str) -> io::Result<PathBuf> {
    let path = path(paths).ok_or_else(|| io::Error::other("there is no data directory; set HOME or LLMX_DATA_DIR"))?;
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let written = path.with_extension(format!("{}.tmp", std::process::id()));
    let done = write(&written, text).and_then(|()| fs::rename(&written, &path));
    if done.is_err() {
        // The error that is told is the first one.
        let _ = fs::remove_file(&written);
    }
    done.map(|()| path)
}

fn write(path: &Path, text: &str) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// Removes the stored text; `false` when there was none.
pub fn remove(paths: &Paths) -> io::Result<bool> {
    let Some(path) = path(paths) else { return Ok(false) };
    match fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_stored_replaced_and_removed() {
        let folder = tempfile::tempdir().expect("a directory");
        let paths = Paths { data: Some(folder.path().join("data")), ..Paths::default() };
        assert_eq!(load(&paths).expect("nothing"), None);
        for text in ["one", "two"] {
            store(&paths, text).expect("stored");
            assert_eq!(load(&paths).expect("a text").as_deref(), Some(text));
        }
        assert_eq!(fs::read_dir(folder.path().join("data")).expect("a folder").count(), 1, "nothing else is left");
        assert!(remove(&paths).expect("removed") && !remove(&paths).expect("gone"));
    }

    #[test]
    fn what_cannot_be_stored_leaves_the_old_text() {
        let folder = tempfile::tempdir().expect("a directory");
        let paths = Paths { data: Some(folder.path().to_owned()), ..Paths::default() };
        fs::create_dir(folder.path().join("catalogue.txt")).expect("a directory in its place");
        assert!(store(&paths, "new").is_err() && load(&paths).is_err());
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1, "nothing else is left");
        assert!(store(&Paths::default(), "new").is_err());
    }
}
