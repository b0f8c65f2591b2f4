//! What `-o` names: a file that is written whole or not at all, a link that is followed, a device or a pipe that is written
//! through.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, ErrorKind as IoKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use crate::error::{Error, ErrorKind};

/// The name of stdout.
pub const STDOUT: &str = "-";

/// So many links lead from one to the next at most.
const MOST_LINKS: usize = 40;

/// How a file is written.
#[derive(Clone, Copy, Debug)]
pub struct How {
    /// It may take the place of a file that is there.
    pub replace: bool,
    /// Only its owner may read it.
    pub private: bool,
}

/// What is written. Dropped before it is whole, no file is made or changed.
pub struct Output {
    /// As the user named it.
    name: PathBuf,
    place: Place,
    out: BufWriter<File>,
}

/// Where it comes to stand.
enum Place {
    /// A device or a pipe: where it is.
    Through,
    /// Beside the file until it is whole.
    Beside { beside: PathBuf, file: PathBuf, replace: bool },
}

impl Output {
    /// Begins to write. A file that is there already is an error now, before anything is read, unless it is to be replaced.
    pub fn open(name: &Path, how: How) -> Result<Self, Error> {
        let found = fs::metadata(name).ok();
        if found.as_ref().is_some_and(fs::Metadata::is_dir) {
            return Err(Error::new(ErrorKind::Usage, format!("`{}` is a directory; name a file", name.display())));
        }
        let is_file = found.as_ref().is_none_or(fs::Metadata::is_file);
        if is_file && found.is_some() && !how.replace {
            return Err(exists(name));
        }
        let opened = if is_file { beside(name, how) } else { through(name) };
        let (place, file) = opened.map_err(|error| cannot(name, error))?;
        Ok(Self { name: name.to_owned(), place, out: BufWriter::new(file) })
    }

    /// Puts the file in its place.
    pub fn finish(mut self) -> Result<(), Error> {
        self.out.flush().and_then(|()| self.settle()).map_err(|error| self.cannot(error))
    }

    /// What to say when it cannot be written.
    pub fn cannot(&self, error: io::Error) -> Error {
        if error.kind() == IoKind::AlreadyExists { exists(&self.name) } else { cannot(&self.name, error) }
    }

    fn settle(&self) -> io::Result<()> {
        match &self.place {
            Place::Through => Ok(()),
            Place::Beside { beside, file, replace } => {
                self.out.get_ref().sync_all()?;
                // A link is never made over another file, a new name is.
                if *replace { fs::rename(beside, file) } else { fs::hard_link(beside, file) }
            }
        }
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        if let Place::Beside { beside, .. } = &self.place {
            fs::remove_file(beside).ok();
        }
    }
}

fn through(name: &Path) -> io::Result<(Place, File)> {
    Ok((Place::Through, OpenOptions::new().write(true).open(name)?))
}

fn beside(name: &Path, how: How) -> io::Result<(Place, File)> {
    let file = followed(name)?;
    let last = file.file_name().unwrap_or_default().to_string_lossy();
    let beside = file.with_file_name(format!(".{last}.llmx-{}.new", std::process::id()));
    let mode = if how.private { 0o600 } else { 0o666 };
    let opened = OpenOptions::new().write(true).create_new(true).mode(mode).open(&beside)?;
    Ok((Place::Beside { beside, file, replace: how.replace }, opened))
}

/// The file that a name leads to, which need not be there.
fn followed(name: &Path) -> io::Result<PathBuf> {
    let mut file = name.to_owned();
    for _ in 0..MOST_LINKS {
        match fs::read_link(&file) {
            Ok(target) => file = file.parent().unwrap_or_else(|| Path::new("")).join(target),
            Err(_) => return Ok(file),
        }
    }
    Err(io::Error::other("its links lead round in a circle"))
}

fn exists(name: &Path) -> Error {
    Error::new(ErrorKind::Usage, format!("`{}` is there already, and nothing was written", name.display()))
        .hint("name another file, or replace it with --force")
}

fn cannot(name: &Path, error: io::Error) -> Error {
    Error::new(ErrorKind::Other, format!("cannot write `{}`", name.display()))
        .caused_by(error)
        .hint("check that its directory exists, is yours to write and has room")
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    const HOW: How = How { replace: false, private: true };

    fn write(name: &Path, how: How, text: &str) -> Result<(), Error> {
        let mut output = Output::open(name, how)?;
        output.write_all(text.as_bytes()).expect("written");
        output.finish()
    }

    #[test]
    fn a_link_is_followed_and_stays_a_link() {
        let directory = tempfile::tempdir().expect("a directory");
        let at = |name: &str| directory.path().join(name);
        fs::create_dir(at("deep")).expect("a directory");
        symlink("deep/link", at("outer")).expect("a link");
        symlink("file", at("deep/link")).expect("a link");
        write(&at("outer"), HOW, "first").expect("a file where the links lead");
        assert!(write(&at("outer"), HOW, "second").is_err(), "it is there now");
        write(&at("outer"), How { replace: true, ..HOW }, "third").expect("replaced");
        assert_eq!(fs::read_to_string(at("deep/file")).expect("a file"), "third");
        assert!(at("outer").is_symlink() && at("deep/link").is_symlink());
        symlink("round", at("round")).expect("a link");
        assert!(write(&at("round"), HOW, "x").is_err());
        assert_eq!(fs::read_dir(at("deep")).expect("a directory").count(), 2, "nothing is left beside");
    }

    #[test]
    fn a_device_is_written_through() {
        let before = fs::symlink_metadata("/dev/null").expect("a device");
        write(Path::new("/dev/null"), HOW, "gone").expect("written");
        assert_eq!(fs::symlink_metadata("/dev/null").expect("a device").file_type(), before.file_type());
    }

    #[test]
    fn a_file_is_whole_private_and_over_no_other() {
        use std::os::unix::fs::PermissionsExt;
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("out.jsonl");
        let names = || fs::read_dir(directory.path()).expect("a directory").count();
        let mut output = Output::open(&path, HOW).expect("opened");
        output.write_all(b"half").expect("written");
        drop(output);
        assert_eq!(names(), 0, "what is not whole is gone");
        write(&path, HOW, "first").expect("written");
        assert_eq!(path.metadata().expect("there").permissions().mode() & 0o777, 0o600);
        assert!(write(&path, HOW, "second").expect_err("refused").to_string().contains("--force"));
        assert_eq!(fs::read_to_string(&path).expect("text"), "first");
        write(&path, How { replace: true, ..HOW }, "third").expect("replaced");
        assert_eq!((fs::read_to_string(&path).expect("text").as_str(), names()), ("third", 1));
        // One that appears meanwhile is not replaced either.
        let late = directory.path().join("late");
        let output = Output::open(&late, HOW).expect("opened");
        fs::write(&late, "another's").expect("written");
        assert!(output.finish().is_err() && fs::read_to_string(&late).expect("text") == "another's");
    }
}
