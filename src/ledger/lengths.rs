//! How long the latest answers of models were. No more than so many rows are looked at, however long the ledger is.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, OptionalExtension, params};

use super::{Ledger, LedgerError, spenders};
use crate::cost::lengths::{Answer, LATEST, Lengths};
use crate::cost::spent::Spender;

/// How many attempts are looked at, back from the latest one.
const ATTEMPTS: usize = 200_000;
/// How many calls of each tool are looked at, back from the last by name: no index of theirs is by time.
const IMPORTS: i64 = 50_000;

impl Ledger {
    /// The lengths of the latest whole answers of so many models; `model_of` says whose spender it is.
    pub fn lengths(
        &self,
        models: usize,
        model_of: impl Fn(&Spender) -> Option<usize>,
    ) -> Result<Vec<Lengths>, LedgerError> {
        self.read(|connection| {
            let transaction = connection.unchecked_transaction()?;
            let mut wanted = Wanted { models: BTreeMap::new(), answers: vec![Vec::new(); models] };
            let (mut asked, mut tools) = (BTreeSet::new(), BTreeSet::new());
            for (number, spender) in spenders::all(&transaction)? {
                if let Some(model) = model_of(&spender).filter(|model| *model < models) {
                    wanted.models.insert(number, model);
                    if spender.imported {
                        tools.insert(spender.command)
                    } else {
                        asked.insert(model)
                    };
                }
            }
            attempts(&transaction, &mut wanted, asked.len())?;
            for tool in tools {
                imports(&transaction, &mut wanted, &tool)?;
            }
            Ok(wanted.answers.into_iter().map(Lengths::of).collect())
        })
    }
}

/// The models that are asked about, and their answers as far as they were found.
struct Wanted {
    /// By the number of a spender.
    models: BTreeMap<u32, usize>,
    answers: Vec<Vec<Answer>>,
}

/// Goes back in time until so many models have enough answers. The index tells whose an attempt is, so that only rows of these
/// models are read.
fn attempts(connection: &Connection, wanted: &mut Wanted, mut lacking: usize) -> rusqlite::Result<()> {
    if lacking == 0 {
        return Ok(());
    }
    let mut latest = connection.prepare_cached(
        "SELECT rowid, started_ms, spender FROM kept_attempts INDEXED BY attempts_by_time ORDER BY started_ms DESC",
    )?;
    let mut length = connection
        .prepare_cached("SELECT output_total FROM kept_attempts WHERE rowid = ?1 AND outcome = 'complete'")?;
    let mut rows = latest.query([])?;
    for _ in 0..ATTEMPTS {
        let Some(row) = rows.next()? else { return Ok(()) };
        let spender: Option<u32> = row.get(2)?;
        let Some(model) = spender.and_then(|spender| wanted.models.get(&spender).copied()) else { continue };
        let answers = &mut wanted.answers[model];
        if answers.len() >= LATEST {
            continue;
        }
        let tokens = length.query_row([row.get::<_, i64>(0)?], |row| row.get::<_, Option<i64>>(0)).optional()?;
        if let Some(tokens) = tokens.flatten() {
            answers.push(Answer { started_ms: row.get(1)?, tokens: tokens.unsigned_abs(), imported: false });
            lacking -= usize::from(answers.len() == LATEST);
        }
        if lacking == 0 {
            return Ok(());
        }
    }
    Ok(())
}

fn imports(connection: &Connection, wanted: &mut Wanted, tool: &str) -> rusqlite::Result<()> {
    let mut calls = connection.prepare_cached(
        "SELECT spender, started_ms, output_total FROM (
             SELECT spender, started_ms, output_total, failed FROM imports WHERE origin = ?1 ORDER BY id DESC LIMIT ?2
         ) WHERE NOT failed AND output_total IS NOT NULL",
    )?;
    let mut rows = calls.query(params![tool, IMPORTS])?;
    while let Some(row) = rows.next()? {
        if let Some(model) = wanted.models.get(&row.get(0)?) {
            let tokens = row.get::<_, i64>(2)?.unsigned_abs();
            wanted.answers[*model].push(Answer { started_ms: row.get(1)?, tokens, imported: true });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPENDERS: &str =
        "INSERT INTO spenders (id, provider, model, route, command, role, project, tags, imported) VALUES
        (1, 'p', 'm', '', 'complete', 'main', '', '', 0), (2, 'p', 'other', '', 'complete', 'main', '', '', 0),
        (3, 'p', 'm', '', 'codex', 'main', '', '', 1)";

    fn with(rows: &str) -> Ledger {
        let ledger = Ledger::in_memory().expect("memory");
        ledger.alone(|transaction| transaction.execute_batch(&format!("{SPENDERS}; {rows}"))).expect("written");
        ledger
    }

    /// Of the model `m` alone.
    fn lengths(ledger: &Ledger) -> Lengths {
        ledger.lengths(1, |spender| (spender.model == "m").then_some(0)).expect("read").remove(0)
    }

    #[test]
    fn whole_answers_of_the_model_count_those_of_other_tools_too() {
        let ledger = with(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 30)
             INSERT INTO kept_attempts (run, number, started_ms, outcome, output_total, spender)
                 SELECT 'a' || i, 1, i, 'complete', 100 + i, 1 FROM n
                 UNION ALL SELECT 'b' || i, 1, i, 'failed', 9, 1 FROM n
                 UNION ALL SELECT 'c' || i, 1, i, 'complete', 9, 2 FROM n
                 UNION ALL SELECT 'd' || i, 1, i, 'complete', NULL, 1 FROM n;
             INSERT INTO imports (origin, id, started_ms, spender, failed, output_total, cost_source, usage_raw)
                 VALUES ('codex', 'x', 5, 3, 0, 500, 'computed', '{}'), ('codex', 'y', 5, 3, 1, 900, 'computed', '{}')",
        );
        let lengths = lengths(&ledger);
        assert_eq!((lengths.count(), lengths.quantile(5), lengths.quantile(100)), (31, Some(102), Some(500)));
    }

    #[test]
    fn the_latest_thousand_count() {
        let ledger = with(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
             INSERT INTO kept_attempts (run, number, started_ms, outcome, output_total, spender)
                 SELECT 'a' || i, 1, i, 'complete', i, 1 FROM n",
        );
        assert_eq!((lengths(&ledger).quantile(1), lengths(&ledger).count()), (Some(2_010), LATEST));
    }

    #[test]
    fn whose_an_attempt_is_the_index_alone_tells() {
        let ledger = Ledger::in_memory().expect("memory");
        let query =
            "EXPLAIN QUERY PLAN SELECT rowid, started_ms, spender FROM kept_attempts INDEXED BY attempts_by_time
             ORDER BY started_ms DESC";
        let plan: String = ledger.read(|connection| connection.query_row(query, [], |row| row.get(3))).expect("a plan");
        assert!(plan.contains("COVERING INDEX attempts_by_time"), "{plan}");
    }
}
