//! Which runs are meant: by text, model, command, tags, project, time and outcome.

use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use super::comparisons::COMPARE;
use super::ids::key;
use super::read::summary;
use super::search::{Query, condition, saying};
use super::{Ledger, LedgerError, RunSummary};

/// What runs must be like; what is not said does not matter. Comparisons are meant only where their command is named, or
/// where that is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// What must be found in prompts or answer.
    pub text: Option<Query>,
    /// A part of `provider/model` of an attempt, in any case.
    pub model: Option<String>,
    /// The command.
    pub command: Option<String>,
    /// Tags that they must have.
    pub tags: Vec<(String, String)>,
    /// The project: its path, or the last parts of it.
    pub project: Option<String>,
    /// The conversation's whole id.
    pub conversation: Option<String>,
    /// Started then or later, in milliseconds since 1970 UTC.
    pub since_ms: Option<i64>,
    /// Started before, in milliseconds since 1970 UTC.
    pub until_ms: Option<i64>,
    /// Only those that did not end well.
    pub is_failed: bool,
    /// Comparisons are meant too, and text is looked for in them.
    pub has_comparisons: bool,
}

impl Ledger {
    /// The latest runs that fit, newest first.
    pub fn find(&self, filter: &Filter, limit: usize) -> Result<Vec<RunSummary>, LedgerError> {
        self.read(|connection| ids(connection, filter, limit)?.iter().map(|id| summary(connection, id)).collect())
    }

    /// The ids of the runs that fit, newest first.
    pub fn find_ids(&self, filter: &Filter, limit: usize) -> Result<Vec<String>, LedgerError> {
        self.read(|connection| ids(connection, filter, limit))
    }
}

fn ids(connection: &Connection, filter: &Filter, limit: usize) -> rusqlite::Result<Vec<String>> {
    let mut values = Vec::new();
    let mut conditions = filter.conditions(&mut values);
    if let Some(query) = &filter.text {
        let of_runs = condition(query, &mut values);
        let comparisons = filter.comparisons_saying(connection, query)?;
        conditions.push(if comparisons.is_empty() {
            of_runs
        } else {
            values.push(Value::Text(serde_json::json!(comparisons).to_string()));
            format!("({of_runs} OR id IN (SELECT value FROM json_each(?{})))", values.len())
        });
    }
    let conditions = conditions.join(" AND ");
    values.push(Value::Integer(i64::try_from(limit).unwrap_or(i64::MAX)));
    let sql = format!("SELECT id FROM runs WHERE {conditions} ORDER BY key DESC LIMIT ?{}", values.len());
    connection.prepare(&sql)?.query_map(params_from_iter(values), |row| row.get(0))?.collect()
}

impl Filter {
    fn conditions(&self, values: &mut Vec<Value>) -> Vec<String> {
        let mut conditions = Vec::new();
        // Each condition has its value in the place of `?`.
        let mut add = |condition: &str, value: Value| {
            values.push(value);
            conditions.push(condition.replace('?', &format!("?{}", values.len())));
        };
        let text = |text: &String| Value::Text(text.clone());
        match &self.command {
            Some(command) => add("command = ?", text(command)),
            None if self.has_comparisons => add("?", Value::Integer(1)),
            None => add("command <> ?", Value::Text(COMPARE.to_owned())),
        }
        if let Some(model) = &self.model {
            let sql = "EXISTS (SELECT 1 FROM attempts WHERE run_key = runs.key AND instr(lower(provider || '/' || model), lower(?)))";
            add(sql, text(model));
        }
        for (name, value) in &self.tags {
            // As JSON writes it, the pair of a name and a value stands for itself.
            let pair = serde_json::json!([name, value]).to_string();
            add("EXISTS (SELECT 1 FROM json_each(tags) WHERE json_array(key, value) = ?)", Value::Text(pair));
        }
        let project = "(project = ? OR substr(project, -length(?) - 1) = '/' || ?)";
        if let Some(name) = &self.project {
            add(project, text(name));
        }
        if let Some(id) = &self.conversation {
            add("(key = ? OR continues = ?)", key(id));
        }
        for (condition, moment) in [("started_ms >= ?", self.since_ms), ("started_ms < ?", self.until_ms)] {
            if let Some(moment) = moment {
                add(condition, Value::Integer(moment));
            }
        }
        if self.is_failed {
            add("exit_code IS NOT ?", Value::Integer(0));
        }
        conditions
    }

    fn comparisons_saying(&self, connection: &Connection, query: &Query) -> rusqlite::Result<Vec<String>> {
        let is_meant = self.has_comparisons && self.command.as_ref().is_none_or(|command| command == COMPARE);
        if is_meant { saying(connection, query) } else { Ok(Vec::new()) }
    }
}
