//! Who spends, each kept once: what an attempt and its run say of it, as a number that sums are kept under.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};

use super::ids::key;
use super::record::{AttemptStart, RunStart};
use crate::cost::spent::Spender;

/// The spender's number, which it gets when it is new.
pub(super) fn number(transaction: &Transaction<'_>, spender: &Spender) -> rusqlite::Result<i64> {
    let tags = tags_text(&spender.tags);
    let project = spender.project.as_deref().unwrap_or_default();
    let all = params![
        spender.provider,
        spender.model,
        spender.route,
        spender.command,
        spender.role,
        project,
        tags,
        spender.imported
    ];
    let known = transaction
        .prepare_cached(
            "SELECT id FROM spenders WHERE provider = ?1 AND model = ?2 AND route = ?3 AND command = ?4 AND role = ?5
               AND project = ?6 AND tags = ?7 AND imported = ?8",
        )?
        .query_row(all, |row| row.get(0))
        .optional()?;
    match known {
        Some(number) => Ok(number),
        None => transaction
            .prepare_cached(
                "INSERT INTO spenders (provider, model, route, command, role, project, tags, imported)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )?
            .insert(all),
    }
}

/// The spender of that number.
pub(super) fn of_number(connection: &Connection, number: i64) -> rusqlite::Result<Spender> {
    connection.prepare_cached("SELECT * FROM spenders WHERE id = ?1")?.query_row([number], spender)
}

/// All who spend, by number: what a run says by itself is none of them.
pub(super) fn all(connection: &Connection) -> rusqlite::Result<BTreeMap<u32, Spender>> {
    connection
        .prepare_cached("SELECT * FROM spenders WHERE role <> ''")?
        .query_map([], |row| Ok((row.get("id")?, spender(row)?)))?
        .collect()
}

/// The spender of a row of `spenders`.
pub(super) fn spender(row: &Row<'_>) -> rusqlite::Result<Spender> {
    Ok(Spender {
        provider: row.get("provider")?,
        model: row.get("model")?,
        route: row.get("route")?,
        command: row.get("command")?,
        role: row.get("role")?,
        project: Some(row.get("project")?).filter(|project: &String| !project.is_empty()),
        tags: tags_of(&row.get::<_, String>("tags")?),
        imported: row.get("imported")?,
    })
}

/// Tags as they are kept: JSON, or nothing when there are none.
pub(super) fn tags_text(tags: &BTreeMap<String, String>) -> String {
    if tags.is_empty() { String::new() } else { serde_json::to_string(tags).unwrap_or_default() }
}

/// The tags of such a text.
pub(super) fn tags_of(text: &str) -> BTreeMap<String, String> {
    serde_json::from_str(text).unwrap_or_default()
}

/// The number of what a run says of who spends, whatever it asks.
pub(super) fn of_run(transaction: &Transaction<'_>, start: &RunStart) -> rusqlite::Result<i64> {
    let spender = Spender {
        route: start.route.clone(),
        command: start.command.clone(),
        project: start.project.clone(),
        tags: start.tags.clone(),
        ..Spender::default()
    };
    number(transaction, &spender)
}

/// The number of who spends on an attempt that starts.
pub(super) fn of_attempt(transaction: &Transaction<'_>, start: &AttemptStart) -> rusqlite::Result<i64> {
    let run = transaction
        .prepare_cached("SELECT * FROM spenders WHERE id = (SELECT spender FROM kept_runs WHERE id = ?1)")?
        .query_row([key(&start.run)], spender)
        .optional()?;
    let spender = Spender {
        provider: start.provider.clone(),
        model: start.model.clone(),
        role: start.role.name().to_owned(),
        ..run.unwrap_or_default()
    };
    number(transaction, &spender)
}
