//! What counts of real prompts have taught about families of tokenizers: a row for each, added to when an attempt ends.

use rusqlite::{Connection, OptionalExtension, Transaction};

use super::observe::{parsed, text};
use super::{Ledger, LedgerError};
use crate::route::estimate::family::prior;
use crate::route::estimate::{Factor, Factors};

/// The step of the schema that makes the table: a family, and its factor as JSON.
pub(super) const STEP: &str = "
    CREATE TABLE factors (
        family TEXT PRIMARY KEY,
        data   TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
";

impl Ledger {
    /// What was learned of families; nothing where the ledger cannot be read.
    pub fn factors(&self) -> Result<Factors, LedgerError> {
        self.read(read)
    }
}

/// What was learned of all families.
pub(super) fn read(connection: &Connection) -> rusqlite::Result<Factors> {
    let mut statement = connection.prepare_cached("SELECT family, data FROM factors")?;
    let mut rows = statement.query([])?;
    let mut learned = Vec::new();
    while let Some(row) = rows.next()? {
        let data: String = row.get(1)?;
        learned.extend(parsed::<Factor>(&data).map(|factor| Ok::<_, rusqlite::Error>((row.get(0)?, factor))));
    }
    learned.into_iter().collect::<Result<Vec<_>, _>>().map(Factors::new)
}

/// Learns from one prompt of plain text: its measure in hundredths of a token of `o200k_base`, and the provider's count.
pub(super) fn learn(
    transaction: &Transaction<'_>,
    family: &str,
    estimated_hundredths: u64,
    actual: u64,
) -> rusqlite::Result<()> {
    let known: Option<String> = transaction
        .prepare_cached("SELECT data FROM factors WHERE family = ?1")?
        .query_row([family], |row| row.get(0))
        .optional()?;
    let factor: Factor = known.as_deref().and_then(parsed).unwrap_or_default();
    let learned = factor.learn(prior(family), estimated_hundredths, actual);
    if learned == factor {
        return Ok(());
    }
    transaction
        .prepare_cached("INSERT OR REPLACE INTO factors (family, data) VALUES (?1, ?2)")?
        .execute([family, &text(&learned)?])
        .map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_learned_is_there_for_the_next_process() {
        let ledger = Ledger::in_memory().expect("memory");
        let before = ledger.factors().expect("read").factor("qwen");
        ledger
            .alone(|transaction| (0..50).try_for_each(|_| learn(transaction, "qwen", 100_000, 1_300)))
            .expect("written");
        let after = ledger.factors().expect("read");
        assert!((before - 1.05).abs() < 1e-9);
        assert!((after.factor("qwen") - 1.3).abs() < 0.02, "{after:?}");
        assert!((after.factor("gemini") - 1.05).abs() < 1e-9, "others are as they were");
    }

    #[test]
    fn a_row_that_cannot_be_read_is_learned_anew() {
        let ledger = Ledger::in_memory().expect("memory");
        ledger
            .alone(|transaction| transaction.execute_batch("INSERT INTO factors VALUES ('qwen', '{'), ('gemini', '7')"))
            .expect("written");
        assert_eq!(ledger.factors().expect("read"), Factors::default());
        ledger.alone(|transaction| learn(transaction, "qwen", 100_000, 1_300)).expect("written");
        assert!(ledger.factors().expect("read").factor("qwen") > 1.1);
    }
}
