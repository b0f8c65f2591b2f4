//! The ledger: one SQLite file with a row per attempt, conversations, what was said, comparisons, and what the router knows
//! of providers.
//!
//! Writing never fails for the caller: what cannot be written is spooled beside the ledger and added by a
//! later start, and [`Ledger::take_warning`] says so once. Only the results of comparisons are written or refused.

mod bytes;
mod chat;
pub mod checkup;
mod comparisons;
mod delete;
mod error;
mod factors;
mod file;
mod find;
pub mod foreign;
mod health;
mod ids;
mod imports;
mod lengths;
mod lessons;
mod migrations;
mod observe;
mod past;
mod priced;
mod probe;
mod prompts;
mod prune;
mod quarter;
mod read;
mod reading;
pub mod record;
mod reservations;
mod samples;
mod schema;
mod search;
mod shapes;
mod snapshot;
mod spenders;
mod spending;
mod spent;
mod spool;
mod state;
mod summaries;
#[cfg(test)]
mod tests;
mod texts;
mod traffic;
mod trials;

use std::borrow::Cow;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode, OpenFlags, config::DbConfig, ffi};

pub use chat::{CHAT, ConversationSummary, Turn};
pub use comparisons::{COMPARE, ComparisonSummary, Records};
pub use delete::Deleted;
pub use error::LedgerError;
pub use file::Held;
pub use find::Filter;
pub use health::{Health, Hour, LastFailure, Percentiles, TargetHealth};
pub use imports::{Imported, ImportedCall};
pub use lessons::day;
pub use observe::Opened;
pub use prompts::{PastPrompt, PastPrompts};
pub use prune::{Keep, Prune, Pruned};
pub use read::{AttemptDetail, Conversation, RunDetail, RunSummary};
use record::{AttemptEnd, AttemptStart, Lesson, Observation, RunEnd, RunStart};
pub use reservations::Reserved;
use schema::Entry;
pub use search::{Hit, Piece, Query, QueryError};
pub use summaries::{Summary, messages_of};
pub use trials::{FIRST_SHADOW, Shadowed};

/// Older ones can corrupt a write-ahead log that several processes use (<https://sqlite.org/releaselog/3_51_3.html>).
const OLDEST_SQLITE: i32 = 3_051_003;

/// The write-ahead log is folded into the database when it is longer than this at the end of a process. Every start
/// reads the log, so a long one costs time; folding waits for the disk, so it must not happen at every end.
const LONGEST_LOG: u64 = 1 << 20;

/// A process that writes for hours does not wait for its end. SQLite folds the log by itself from 4 MB on, but while several
/// processes write or read there may never be a moment in which it can start anew.
const LONGEST_LOG_OF_A_WRITER: u64 = 16 << 20;
/// How long the others may be waited for then, and how much longer the log may become until it is tried again: a reader that
/// stays must not delay every write.
const FOLDING_PATIENCE: Duration = Duration::from_millis(200);
const FOLDING_STEP: u64 = 1 << 20;

/// So many statements stay prepared: more than the attempts of one run need.
const STATEMENTS: usize = 64;

/// The open ledger, in whatever state it is.
#[derive(Debug)]
pub struct Ledger {
    path: PathBuf,
    connection: Option<Connection>,
    sink: Sink,
    notices: Vec<String>,
    problem: Option<String>,
    /// Why it cannot even be read.
    unreadable: Option<String>,
    spooling: Option<io::Error>,
    told: bool,
    /// A log longer than this is folded while its writer goes on.
    fold_above: u64,
}

/// Where new rows go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sink {
    Database,
    Spool,
    Nowhere,
}

impl Ledger {
    /// Opens the ledger at `path`, making it when it is missing, and adds what was spooled.
    ///
    /// Never fails: see [`Ledger::take_warning`].
    pub fn open(path: &Path) -> Self {
        Self::with(path, ready(path))
    }

    /// The ledger at `path`, of which a connection may be there already.
    fn with(path: &Path, ready: Option<Connection>) -> Self {
        let mut ledger = Self::new(path.to_owned(), Sink::Database);
        let opened = ready.map_or_else(|| set_up(path, &mut ledger.notices), Ok);
        match opened {
            Ok(connection) => {
                ledger.connection = Some(connection);
                ledger.replay();
            }
            Err(trouble) => {
                if matches!(trouble, Trouble::Newer(_)) {
                    ledger.connection = connect(path).ok();
                }
                ledger.degrade(&trouble);
            }
        }
        ledger
    }

    /// A ledger of this process alone, which ends with it.
    ///
    /// Fails when there is no memory for it.
    pub fn in_memory() -> Result<Self, LedgerError> {
        let set_up = || {
            let mut connection = Connection::open_in_memory()?;
            migrations::migrate(&mut connection)?;
            Ok(connection)
        };
        let cannot = |source| LedgerError::Write { path: PathBuf::from("memory"), source };
        let connection = set_up().map_err(cannot)?;
        let mut ledger = Self::new(PathBuf::new(), Sink::Database);
        ledger.connection = Some(connection);
        Ok(ledger)
    }

    /// A ledger that keeps nothing, with the warning to give, if any.
    pub fn disabled(warning: Option<String>) -> Self {
        let mut ledger = Self::new(PathBuf::new(), Sink::Nowhere);
        ledger.notices.extend(warning);
        ledger
    }

    fn new(path: PathBuf, sink: Sink) -> Self {
        Self {
            path,
            connection: None,
            sink,
            notices: Vec::new(),
            problem: None,
            unreadable: None,
            spooling: None,
            told: false,
            fold_above: LONGEST_LOG_OF_A_WRITER,
        }
    }

    /// Whether what is written reaches the file, where other processes see it.
    pub fn is_kept(&self) -> bool {
        self.sink == Sink::Database
    }

    /// What the user must hear about the state of the ledger: what, where, and what to do. Given only once, so best
    /// taken at the end of the program.
    pub fn take_warning(&mut self) -> Option<String> {
        if self.told {
            return None;
        }
        let lines: Vec<String> = self.notices.iter().cloned().chain(self.problem_in_full()).collect();
        self.told = !lines.is_empty();
        self.told.then(|| lines.join("\n"))
    }

    /// Writes down a run that starts.
    pub fn begin(&mut self, run: &RunStart) {
        self.write(&Entry::Run(Cow::Borrowed(run)));
    }

    /// Writes down an attempt before its request is sent.
    pub fn attempt_started(&mut self, attempt: &AttemptStart) {
        self.write(&Entry::Attempt(Cow::Borrowed(attempt)));
    }

    /// Writes down how an attempt ended and what it has shown; returns the breakers that it opened, as far as that can be
    /// told now.
    pub fn attempt_ended(&mut self, attempt: &AttemptEnd, observation: &Observation) -> Vec<Opened> {
        self.write(&Entry::Observed(Cow::Borrowed(attempt), Cow::Borrowed(observation)))
    }

    /// Writes down how a run ended.
    pub fn end(&mut self, run: &RunEnd) {
        self.write(&Entry::RunEnd(Cow::Borrowed(run)));
    }

    /// Writes down that a parameter was rejected and what was taken in its place.
    pub fn learn(&mut self, lesson: &Lesson) {
        self.write(&Entry::Lesson(Cow::Borrowed(lesson)));
    }

    fn write(&mut self, entry: &Entry<'_>) -> Vec<Opened> {
        if self.sink == Sink::Database
            && let Some(connection) = &mut self.connection
        {
            match schema::store(connection, entry) {
                Ok(opened) => return opened,
                Err(error) => self.degrade(&error.into()),
            }
        }
        if self.sink == Sink::Spool
            && let Err(error) = spool::append(&self.path, entry)
        {
            self.spooling = Some(error);
        }
        Vec::new()
    }

    /// Folds the write-ahead log into the database when it is longer than that, as far as others let go of it in time.
    fn fold(&self, longest: u64, patience: Duration) {
        let Some(connection) = self.connection.as_ref().filter(|_| self.sink == Sink::Database) else { return };
        if self.log_length() > longest {
            connection.busy_timeout(patience).ok();
            let started = Instant::now();
            let busy = || connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, bool>(0));
            // While another process folds as much as it can, SQLite gives up at once.
            while busy().unwrap_or(true) && started.elapsed() < patience {
                std::thread::sleep(Duration::from_millis(1));
            }
            connection.busy_timeout(file::PATIENCE).ok();
        }
    }

    /// Keeps the log short while its writer goes on.
    fn fold_meanwhile(&mut self) {
        if self.log_length() > self.fold_above {
            self.fold(self.fold_above, FOLDING_PATIENCE);
            self.fold_above = LONGEST_LOG_OF_A_WRITER.max(self.log_length() + FOLDING_STEP);
        }
    }

    /// In bytes; 0 when there is no write-ahead log.
    fn log_length(&self) -> u64 {
        std::fs::metadata(file::beside(&self.path, "-wal")).map_or(0, |log| log.len())
    }

    fn replay(&mut self) {
        if let Some(connection) = &mut self.connection {
            match spool::replay(&self.path, connection) {
                Ok(notice) => self.notices.extend(notice),
                // The database itself is in order, so new rows go there.
                Err(Trouble::Io(error)) => {
                    let spool = spool::path(&self.path);
                    self.notices.push(format!("cannot add the rows waiting in `{}`: {error}", spool.display()));
                }
                Err(trouble) => self.degrade(&trouble),
            }
        }
    }

    /// From here on everything is spooled: later rows of a run must not overtake earlier ones.
    fn degrade(&mut self, trouble: &Trouble) {
        self.sink = Sink::Spool;
        self.problem = Some(trouble.to_string());
    }

    fn problem_in_full(&self) -> Option<String> {
        let problem = self.problem.as_ref()?;
        let (path, spool) = (self.path.display(), spool::path(&self.path));
        let fate = match &self.spooling {
            None => format!("new rows wait in `{}` and are added as soon as it can be written", spool.display()),
            Some(error) => format!("nor `{}`: {error}, so rows are lost", spool.display()),
        };
        Some(format!("cannot write the ledger `{path}`: {problem}; {fate}"))
    }
}

/// Folds a long write-ahead log into the database, unless another process is using it just now.
impl Drop for Ledger {
    fn drop(&mut self) {
        self.fold(LONGEST_LOG, Duration::ZERO);
    }
}

/// The usual case: a private file with the right schema.
fn ready(path: &Path) -> Option<Connection> {
    let private = file::private(path).ok().flatten()?;
    let connection = connect(path).ok().filter(|_| rusqlite::version_number() >= OLDEST_SQLITE)?;
    let fits = migrations::version(&connection).is_ok_and(|version| version == migrations::VERSION);
    // A damaged file that another process moves aside meanwhile would be read with the log of its successor.
    let unmoved = file::private(path).ok().flatten() == Some(private);
    (fits && unmoved).then_some(connection)
}

/// Every other case, one process at a time.
fn set_up(path: &Path, notices: &mut Vec<String>) -> Result<Connection, Trouble> {
    if rusqlite::version_number() < OLDEST_SQLITE {
        return Err(Trouble::OldSqlite);
    }
    file::ensure_directory(path)?;
    let _lock = file::lock(path)?;
    file::ensure_private(path)?;
    let mut connection = match connect(path) {
        Err(error) if is_damaged(&error) => {
            notices.push(start_afresh(path)?);
            connect(path)?
        }
        other => other?,
    };
    let version = migrations::version(&connection)?;
    if version > migrations::VERSION {
        return Err(Trouble::Newer(version));
    }
    if version == 0 {
        // Only an empty file can be told that it is to give space back step by step.
        connection.pragma_update(None, "auto_vacuum", delete::INCREMENTAL)?;
    }
    if version == 0 && !file::is_remote(path) {
        connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    }
    migrations::migrate(&mut connection)?;
    trust_the_log(&connection)?;
    Ok(connection)
}

/// Opens a file that is there already, and looks at enough of it to know that it is a database.
fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let connection =
        Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(file::PATIENCE)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    trust_the_log(&connection)?;
    Ok(connection)
}

/// With a write-ahead log, a commit need not wait for the disk: a power cut may lose the last rows, never the rest.
/// A rollback journal has no such promise and keeps SQLite's default.
fn trust_the_log(connection: &Connection) -> rusqlite::Result<()> {
    let mode: String = connection.pragma_query_value(None, "journal_mode", |row| row.get(0))?;
    if mode == "wal" { connection.pragma_update(None, "synchronous", "NORMAL") } else { Ok(()) }
}

/// Moves a damaged database out of the way and makes an empty file in its place; returns what to tell the user.
fn start_afresh(path: &Path) -> io::Result<String> {
    let aside = file::move_aside(path)?;
    // A log left behind would be taken for that of the new database.
    for suffix in ["-wal", "-shm"] {
        if let Err(error) = std::fs::rename(file::beside(path, suffix), file::beside(&aside, suffix))
            && error.kind() != io::ErrorKind::NotFound
        {
            return Err(error);
        }
    }
    file::ensure_private(path)?;
    Ok(format!(
        "the ledger `{}` was damaged and is kept as `{}`; a new one was started",
        path.display(),
        aside.display()
    ))
}

fn is_damaged(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt))
}

/// Why the ledger cannot be used as it should.
#[derive(Debug)]
enum Trouble {
    Io(io::Error),
    Sqlite(rusqlite::Error),
    Newer(usize),
    OldSqlite,
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<rusqlite::Error> for Trouble {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

/// What happened and what to do.
impl fmt::Display for Trouble {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) if error.kind() == io::ErrorKind::StorageFull => {
                write!(formatter, "{error} (free some disk space)")
            }
            Self::Io(error) => write!(formatter, "{error} (check that its directory exists and is yours to write)"),
            Self::Sqlite(error) => write!(formatter, "{error} ({})", advice(error)),
            Self::Newer(version) => write!(
                formatter,
                "a newer llmx wrote it (schema {version}, this one knows {}): update llmx",
                migrations::VERSION
            ),
            Self::OldSqlite => {
                write!(formatter, "SQLite {} can corrupt it: build llmx with its bundled SQLite", rusqlite::version())
            }
        }
    }
}

fn advice(error: &rusqlite::Error) -> &'static str {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => "free some disk space",
        // A full disk is often told as a write that failed.
        Some(ErrorCode::SystemIoFailure) if is_of_writing(error) => {
            "the disk may be full: free some space; if it is not, check that the file and its directory are yours to write"
        }
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => "another process holds it: let that one end",
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => "move the file away to start a new one",
        _ => "check that the file and its directory are yours to write",
    }
}

fn is_of_writing(error: &rusqlite::Error) -> bool {
    const WRITING: [i32; 5] = [
        ffi::SQLITE_IOERR_WRITE,
        ffi::SQLITE_IOERR_FSYNC,
        ffi::SQLITE_IOERR_TRUNCATE,
        ffi::SQLITE_IOERR_SHMSIZE,
        ffi::SQLITE_IOERR_SHMMAP,
    ];
    error.sqlite_error().is_some_and(|error| WRITING.contains(&error.extended_code))
}
