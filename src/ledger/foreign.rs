//! Rows out of the SQLite files of other tools, as JSON objects. They are only read, and never locked for longer than that.

use std::fmt;
use std::path::{Path, PathBuf};

use rusqlite::types::ValueRef;
use rusqlite::{Connection, ErrorCode, OpenFlags, Row};
use serde_json::{Map, Value};

use super::file;

/// Why a file of another tool cannot be read to its end.
#[derive(Debug)]
pub enum ForeignError {
    /// It has none of the tables.
    NoTable {
        /// The file.
        path: PathBuf,
        /// The tables that were looked for.
        tables: &'static [&'static str],
    },
    /// SQLite failed; rows before that were read.
    Sqlite {
        /// The file.
        path: PathBuf,
        /// SQLite's error.
        source: rusqlite::Error,
    },
}

impl fmt::Display for ForeignError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoTable { path, tables } => {
                write!(formatter, "`{}` has no table `{}`", path.display(), tables.join("` or `"))
            }
            Self::Sqlite { path, .. } => write!(formatter, "cannot read the database `{}`", path.display()),
        }
    }
}

impl std::error::Error for ForeignError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::NoTable { .. } => None,
            Self::Sqlite { source, .. } => Some(source),
        }
    }
}

/// Reads these columns of every row of those tables that are there. A column that a table lacks is null, and so are bytes.
pub fn each_row(
    path: &Path,
    tables: &'static [&'static str],
    columns: &[&str],
    each: &mut dyn FnMut(&Value),
) -> Result<(), ForeignError> {
    let failed = |source| ForeignError::Sqlite { path: path.to_owned(), source };
    let connection = open(path).map_err(failed)?;
    let mut known = 0;
    for table in tables {
        let has = columns_of(&connection, table).map_err(failed)?;
        if !has.is_empty() {
            known += 1;
            rows(&connection, table, columns, &has, each).map_err(failed)?;
        }
    }
    if known == 0 { Err(ForeignError::NoTable { path: path.to_owned(), tables }) } else { Ok(()) }
}

/// A file with a write-ahead log in a directory that may not be written can only be read as one that nobody writes.
fn open(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let opened = Connection::open_with_flags(path, flags).and_then(checked);
    match opened {
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::CannotOpen) => {
            let name = path.to_string_lossy().replace('%', "%25").replace('?', "%3f").replace('#', "%23");
            let flags = flags | OpenFlags::SQLITE_OPEN_URI;
            Connection::open_with_flags(format!("file:{name}?immutable=1"), flags).and_then(checked)
        }
        opened => opened,
    }
}

fn checked(connection: Connection) -> rusqlite::Result<Connection> {
    connection.busy_timeout(file::PATIENCE)?;
    connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
    Ok(connection)
}

fn columns_of(connection: &Connection, table: &str) -> rusqlite::Result<Vec<String>> {
    connection.prepare("SELECT name FROM pragma_table_info(?1)")?.query_map([table], |row| row.get(0))?.collect()
}

fn rows(
    connection: &Connection,
    table: &str,
    columns: &[&str],
    has: &[String],
    each: &mut dyn FnMut(&Value),
) -> rusqlite::Result<()> {
    let wanted = columns.iter().map(|column| {
        if has.iter().any(|has| has == column) { format!("\"{column}\"") } else { format!("NULL AS \"{column}\"") }
    });
    let wanted = wanted.collect::<Vec<_>>().join(", ");
    let mut statement = connection.prepare(&format!("SELECT {wanted} FROM \"{table}\""))?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        each(&object(row, columns)?);
    }
    Ok(())
}

fn object(row: &Row<'_>, columns: &[&str]) -> rusqlite::Result<Value> {
    let cell = |(at, name): (usize, &&str)| Ok(((*name).to_owned(), value(row.get_ref(at)?)));
    columns.iter().enumerate().map(cell).collect::<rusqlite::Result<Map<_, _>>>().map(Value::Object)
}

fn value(cell: ValueRef<'_>) -> Value {
    match cell {
        ValueRef::Integer(number) => number.into(),
        ValueRef::Real(number) => number.into(),
        ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned().into(),
        ValueRef::Null | ValueRef::Blob(_) => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const TABLES: &[&str] = &["old", "new"];

    fn database(home: &tempfile::TempDir, name: &str, sql: &str) -> PathBuf {
        let path = home.path().join(name);
        Connection::open(&path).expect("a database").execute_batch(sql).expect("its tables");
        path
    }

    fn read(path: &Path) -> Result<Vec<Value>, ForeignError> {
        let mut all = Vec::new();
        each_row(path, TABLES, &["id", "count"], &mut |row| all.push(row.clone())).map(|()| all)
    }

    #[test]
    fn rows_of_every_table_that_is_there_are_read_and_a_column_that_is_not_there_is_null() {
        let home = tempfile::tempdir().expect("a directory");
        let tables = "CREATE TABLE old (id TEXT, secret TEXT); INSERT INTO old VALUES ('a', 'prompt');
             CREATE TABLE new (id TEXT, count INTEGER); INSERT INTO new VALUES ('b', 7);";
        let path = database(&home, "a #?% name.db", tables);
        let before = std::fs::read(&path).expect("the file");
        let rows = read(&path).expect("rows");
        assert_eq!(rows, [json!({"id": "a", "count": null}), json!({"id": "b", "count": 7})]);
        assert_eq!(std::fs::read(&path).expect("the file"), before, "it was only read");
    }

    #[test]
    fn another_database_and_no_database_are_told_apart() {
        let home = tempfile::tempdir().expect("a directory");
        let other = read(&database(&home, "other.db", "CREATE TABLE x (y)")).expect_err("no such table");
        assert!(other.to_string().ends_with("has no table `old` or `new`"), "{other}");
        let path = home.path().join("no.db");
        std::fs::write(&path, "SQLite format 3\0 and then nothing that makes sense").expect("a file");
        assert!(matches!(read(&path), Err(ForeignError::Sqlite { .. })));
        assert!(matches!(read(&home.path().join("missing.db")), Err(ForeignError::Sqlite { .. })));
    }
}
