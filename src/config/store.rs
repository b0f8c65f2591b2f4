//! Writing the files of a user: whole or not at all, closed to others, through links, and what is replaced can be kept.

use std::fs::{self, DirBuilder, OpenOptions, Permissions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use super::settings::open_to_others;

/// Creates a file that only its owner can read, with its directory, and never over another file; tells whether it was
/// created.
pub fn create(path: &Path, text: &str) -> io::Result<bool> {
    let directory = directory(path);
    private_directories(directory)?;
    if path.symlink_metadata().is_ok() {
        return Ok(false);
    }
    let draft = draft(directory);
    let written = write(&draft, text, None).and_then(|()| match fs::hard_link(&draft, path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
        linked => linked.map(|()| true),
    });
    fs::remove_file(&draft).ok();
    written
}

/// Who may read a file that is replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Whoever may now; its owner alone when it is new.
    AsItIs,
    /// Its owner alone.
    Owner,
}

/// Writes a file in the place of what is there, or anew. A link stays, and what it points to is written.
pub fn replace(path: &Path, text: &str, access: Access) -> io::Result<()> {
    let path = followed(path);
    let directory = directory(&path);
    private_directories(directory)?;
    let open = path.metadata().ok().filter(|found| access == Access::AsItIs && open_to_others(found));
    let draft = draft(directory);
    let written = write(&draft, text, open.map(|found| found.permissions())).and_then(|()| fs::rename(&draft, &path));
    if written.is_err() {
        fs::remove_file(&draft).ok();
    }
    written
}

/// Copies a file to the first free `NAME.bak`, `NAME.bak2`, … beside it, closed to others, and returns that path.
pub fn back_up(path: &Path) -> io::Result<PathBuf> {
    let text = fs::read_to_string(path)?;
    let beside = |number: u32| {
        let mut name = path.as_os_str().to_owned();
        name.push(if number == 1 { ".bak".to_owned() } else { format!(".bak{number}") });
        PathBuf::from(name)
    };
    for candidate in (1..u32::MAX).map(beside) {
        if create(&candidate, &text)? {
            return Ok(candidate);
        }
    }
    Err(ErrorKind::AlreadyExists.into())
}

/// Creates a directory and those above it, closed to others; existing ones stay as they are.
pub fn private_directories(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

fn directory(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Where a link leads, also when nothing is there yet.
fn followed(path: &Path) -> PathBuf {
    path.canonicalize().or_else(|_| fs::read_link(path).map(|to| directory(path).join(to))).unwrap_or(path.to_owned())
}

fn draft(directory: &Path) -> PathBuf {
    directory.join(format!(".llmx-{}.new", std::process::id()))
}

fn write(draft: &Path, text: &str, permissions: Option<Permissions>) -> io::Result<()> {
    // One of that name was left by a process that was killed.
    fs::remove_file(draft).ok();
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(draft)?;
    file.write_all(text.as_bytes())?;
    if let Some(permissions) = permissions {
        file.set_permissions(permissions)?;
    }
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    fn mode(path: &Path) -> u32 {
        path.metadata().expect("there").permissions().mode() & 0o777
    }

    fn names(directory: &Path) -> usize {
        fs::read_dir(directory).expect("listed").count()
    }

    #[test]
    fn a_new_file_is_its_owners_alone_and_never_replaces_another() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("a/b/config.toml");
        assert!(create(&path, "x = 1").expect("created"));
        assert_eq!(
            (mode(&path), mode(&directory.path().join("a")), mode(&directory.path().join("a/b"))),
            (0o600, 0o700, 0o700)
        );
        assert!(!create(&path, "y = 2").expect("kept"));
        assert_eq!(fs::read_to_string(&path).expect("read"), "x = 1");
        assert_eq!(names(path.parent().expect("a parent")), 1, "no draft is left");
    }

    #[test]
    fn a_file_is_replaced_with_the_access_that_it_had_or_none() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("config.toml");
        replace(&path, "a = 1", Access::AsItIs).expect("written anew");
        assert_eq!(mode(&path), 0o600);
        fs::set_permissions(&path, Permissions::from_mode(0o644)).expect("opened");
        replace(&path, "a = 2", Access::AsItIs).expect("replaced");
        assert_eq!((mode(&path), fs::read_to_string(&path).expect("read").as_str()), (0o644, "a = 2"));
        replace(&path, "a = 3", Access::Owner).expect("replaced");
        assert_eq!((mode(&path), names(directory.path())), (0o600, 1));
    }

    #[test]
    fn a_link_stays_a_link() {
        let directory = tempfile::tempdir().expect("a directory");
        let (path, dotfiles) = (directory.path().join("config.toml"), directory.path().join("dotfiles"));
        for target in [dotfiles.join("llmx.toml"), PathBuf::from("dotfiles/llmx.toml")] {
            symlink(&target, &path).expect("a link");
            for text in ["a = 1", "a = 2"] {
                replace(&path, text, Access::AsItIs).expect("replaced");
                assert_eq!(fs::read_to_string(dotfiles.join("llmx.toml")).expect("read"), text);
                assert!(path.symlink_metadata().expect("there").is_symlink());
            }
            fs::remove_file(&path).expect("removed");
            fs::remove_dir_all(&dotfiles).expect("removed");
        }
    }

    #[test]
    fn every_backup_has_a_name_of_its_own() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("config.toml");
        let backup = |text: &str| {
            fs::write(&path, text).expect("written");
            let backup = back_up(&path).expect("kept");
            assert_eq!((fs::read_to_string(&backup).expect("read").as_str(), mode(&backup)), (text, 0o600));
            backup.file_name().expect("a name").to_owned()
        };
        assert_eq!([backup("1"), backup("2")], ["config.toml.bak", "config.toml.bak2"]);
    }
}
