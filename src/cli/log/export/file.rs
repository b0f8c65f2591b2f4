//! A file that is written whole or not at all, for its owner alone, and over no other unless that is asked for.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, ErrorKind as IoKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use crate::error::{Error, ErrorKind};

/// What is written beside the file until it is whole. Dropped before, it is gone.
pub struct Draft {
    path: PathBuf,
    beside: PathBuf,
    force: bool,
    out: BufWriter<File>,
}

impl Draft {
    /// Begins to write. A file that is there already is an error now, before anything is read, unless it is to be replaced.
    pub fn beside(path: &Path, force: bool) -> Result<Self, Error> {
        if path.is_dir() {
            return Err(Error::new(ErrorKind::Usage, format!("`{}` is a directory; name a file", path.display())));
        }
        if !force && path.symlink_metadata().is_ok() {
            return Err(exists(path));
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let beside = path.with_file_name(format!(".{name}.llmx-{}.new", std::process::id()));
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside);
        let out = BufWriter::new(file.map_err(|error| cannot(path, error))?);
        Ok(Self { path: path.to_owned(), beside, force, out })
    }

    /// Writes more of it.
    pub fn write(&mut self, text: &str) -> Result<(), Error> {
        self.out.write_all(text.as_bytes()).map_err(|error| cannot(&self.path, error))
    }

    /// Puts the file in its place.
    pub fn finish(mut self) -> Result<(), Error> {
        let whole = self.out.flush().and_then(|()| self.out.get_ref().sync_all());
        whole.map_err(|error| cannot(&self.path, error))?;
        // A link is never made over another file, a new name is.
        let placed =
            if self.force { fs::rename(&self.beside, &self.path) } else { fs::hard_link(&self.beside, &self.path) };
        placed.map_err(|error| {
            if error.kind() == IoKind::AlreadyExists { exists(&self.path) } else { cannot(&self.path, error) }
        })
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        fs::remove_file(&self.beside).ok();
    }
}

fn exists(path: &Path) -> Error {
    Error::new(ErrorKind::Usage, format!("`{}` is there already, and nothing was written", path.display()))
        .hint("name another file, or replace it with --force")
}

fn cannot(path: &Path, error: io::Error) -> Error {
    Error::new(ErrorKind::Other, format!("cannot write `{}`", path.display()))
        .caused_by(error)
        .hint("check that its directory exists, is yours to write and has room")
}
