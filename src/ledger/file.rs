//! The ledger's files: created for their owner alone, locked while they are set up, moved aside when damaged.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long any wait for another process may last.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

/// The permission bits of everybody but the owner.
const OTHERS: u32 = 0o077;

/// `path` with `suffix` appended to its name.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// The directory `path` lies in.
pub(super) fn directory(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// The inode of the file if only its owner may read it.
pub(super) fn private(path: &Path) -> io::Result<Option<u64>> {
    let found = fs::metadata(path)?;
    Ok((found.permissions().mode() & OTHERS == 0).then_some(found.ino()))
}

/// Makes sure the directory of `path` is there; a new one is its owner's alone.
pub(super) fn ensure_directory(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(directory(path))
}

/// Makes sure the file is there and only its owner may read it. Done under [`lock`].
///
/// SQLite gives its `-wal` and `-shm` the mode of the database, so the file must exist before SQLite opens it.
pub(super) fn ensure_private(path: &Path) -> io::Result<()> {
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => match private(path)? {
            Some(_) => Ok(()),
            None => fs::set_permissions(path, Permissions::from_mode(0o600)),
        },
        created => created.map(drop),
    }
}

/// Takes the lock under which a ledger is set up, repaired, spooled and replayed; dropping the value frees it.
///
/// It lies on the directory, so no lock file remains. Where directories cannot be locked (NFS) it holds nothing, and
/// what is done under it still leaves every file whole.
pub(super) fn lock(path: &Path) -> io::Result<File> {
    let directory = File::open(directory(path))?;
    let start = Instant::now();
    loop {
        match directory.try_lock() {
            Err(TryLockError::WouldBlock) if start.elapsed() < PATIENCE => {
                std::thread::sleep(Duration::from_millis(2));
            }
            Err(TryLockError::WouldBlock) => {
                return Err(io::Error::new(ErrorKind::TimedOut, "another process holds its lock"));
            }
            Ok(()) | Err(TryLockError::Error(_)) => return Ok(directory),
        }
    }
}

/// A file that one process holds at a time; it is gone when the value is dropped.
#[derive(Debug)]
pub struct Held {
    path: PathBuf,
    _file: File,
}

impl Drop for Held {
    fn drop(&mut self) {
        fs::remove_file(&self.path).ok();
    }
}

/// Takes hold of a file beside the ledger, making it; `None` when another process has it. Where files cannot be locked (NFS)
/// everybody has it.
pub(super) fn hold(path: PathBuf) -> io::Result<Option<Held>> {
    let file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&path)?;
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => Ok(None),
        Ok(()) | Err(TryLockError::Error(_)) => Ok(Some(Held { path, _file: file })),
    }
}

/// Moves a file out of the way, to the first free `<name>.damaged-<n>`, and returns that path.
pub(super) fn move_aside(path: &Path) -> io::Result<PathBuf> {
    let aside = (1..u32::MAX)
        .map(|number| beside(path, &format!(".damaged-{number}")))
        .find(|candidate| !candidate.exists())
        .ok_or(ErrorKind::AlreadyExists)?;
    fs::rename(path, &aside)?;
    Ok(aside)
}

/// Whether `path` lies on a network file system, where SQLite's write-ahead log does not work.
#[cfg(all(target_os = "linux", target_pointer_width = "64"))]
pub(super) fn is_remote(path: &Path) -> bool {
    const NFS: u32 = 0x6969;
    const SMB: u32 = 0x517b;
    const CIFS: u32 = 0xff53_4d42;
    const SMB2: u32 = 0xfe53_4d42;
    const PLAN9: u32 = 0x0102_1997;
    let kind = rustix::fs::statfs(path).ok().and_then(|found| u32::try_from(found.f_type).ok());
    kind.is_some_and(|kind| [NFS, SMB, CIFS, SMB2, PLAN9].contains(&kind))
}

/// Elsewhere SQLite finds out by itself, as far as it can.
#[cfg(not(all(target_os = "linux", target_pointer_width = "64")))]
pub(super) fn is_remote(_path: &Path) -> bool {
    false
}
