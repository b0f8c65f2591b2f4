//! From columns to a row: what each column means.

use std::collections::{BTreeMap, BTreeSet};

use super::super::check::KINDS;
use super::json::{self, Cell, Columns};
use super::{Problem, Row};

/// The columns that have a meaning.
pub const COLUMNS: &[&str] = &["prompt", "system", "id", "expect", "reference", "cluster", "vars"];

/// Something wrong with a column, and which one it is.
pub(super) type Wrong = (Option<String>, Problem);

/// The row that these columns make. Its id is empty when they give none.
pub(super) fn row(index: usize, line: u64, cells: Columns) -> Result<Row, Wrong> {
    let mut row = Row { index, line, ..Row::default() };
    let mut seen = BTreeSet::new();
    for (name, cell) in cells {
        if !seen.insert(name.clone()) {
            return Err((None, Problem::Twice(name)));
        }
        column(&mut row, &name, cell).map_err(|problem| match problem {
            Problem::Twice(_) => (None, problem),
            problem => (Some(name), problem),
        })?;
    }
    row.prompt = row.prompt.filter(|prompt| !prompt.trim().is_empty());
    Ok(row)
}

fn column(row: &mut Row, name: &str, cell: Cell) -> Result<(), Problem> {
    match name {
        "prompt" => row.prompt = plain(cell)?,
        "system" => row.system = plain(cell)?,
        "id" => plain(cell)?.unwrap_or_default().trim().clone_into(&mut row.id),
        "cluster" => row.cluster = plain(cell)?.map(|cluster| cluster.trim().to_owned()),
        "reference" => row.reference = any(cell),
        "vars" => {
            for (name, cell) in object(cell)? {
                if COLUMNS.contains(&name.as_str()) {
                    let words = format!("`{name}` is a column with a meaning; put it beside `vars`, or rename it");
                    return Err(Problem::Shape(words));
                }
                variable(&mut row.variables, name, cell)?;
            }
        }
        _ if is_numbered(name, "expect") => row.expect.extend(list(cell)?),
        _ if is_numbered(name, "__expected") => row.expect.extend(list(cell)?.into_iter().map(foreign)),
        _ => variable(&mut row.variables, name.to_owned(), cell)?,
    }
    Ok(())
}

fn variable(variables: &mut BTreeMap<String, String>, name: String, cell: Cell) -> Result<(), Problem> {
    match any(cell) {
        Some(_) if variables.contains_key(&name) => Err(Problem::Twice(name)),
        Some(value) => {
            variables.insert(name, value);
            Ok(())
        }
        None => Ok(()),
    }
}

fn plain(cell: Cell) -> Result<Option<String>, Problem> {
    match cell {
        Cell::Json(_) => Err(Problem::Shape("it must be a text, and is a list or an object".to_owned())),
        cell => Ok(any(cell)),
    }
}

/// A value as text; lists and objects as JSON.
fn any(cell: Cell) -> Option<String> {
    match cell {
        Cell::Nothing => None,
        Cell::Text(text) | Cell::Json(text) => Some(text),
    }
}

fn list(cell: Cell) -> Result<Vec<String>, Problem> {
    match cell {
        Cell::Json(text) => json::texts(&text)
            .ok_or_else(|| Problem::Shape("it must be a check such as `contains:Paris`, or a list of them".to_owned())),
        cell => Ok(any(cell).into_iter().collect()),
    }
}

fn object(cell: Cell) -> Result<Columns, Problem> {
    match cell {
        Cell::Nothing => Ok(Vec::new()),
        Cell::Text(text) | Cell::Json(text) if text.trim_start().starts_with('{') => json::members(&text),
        _ => Err(Problem::Shape("it must be an object of variables".to_owned())),
    }
}

/// `stem`, `stem2`, `stem3`, …
fn is_numbered(name: &str, stem: &str) -> bool {
    name.strip_prefix(stem).is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
}

/// What promptfoo expects: a word that is no check is what the answer must equal.
fn foreign(text: String) -> String {
    let name = text.trim();
    let name = name.strip_prefix("not-").unwrap_or(name);
    if text.contains(':') || KINDS.iter().any(|kind| kind.name == name) { text } else { format!("equals:{text}") }
}
