//! Small things that outlive a process, by name: how far a rollout is, which fleet was simulated last.

use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};

use super::{Ledger, LedgerError, Sink};

/// The fleet whose health is known in the ledger of simulations.
const FLEET: &str = "simulated fleet";

impl Ledger {
    /// What is kept under that name.
    pub fn state(&self, name: &str) -> Result<Option<String>, LedgerError> {
        self.read(|connection| get(connection, name))
    }

    /// Replaces what is kept under a name by what `change` makes of it, `None` for nothing; no other process comes between.
    /// Returns what is kept now.
    pub fn change_state(
        &mut self,
        name: &str,
        change: impl FnOnce(Option<String>) -> Option<String>,
    ) -> Result<Option<String>, LedgerError> {
        self.alone(|transaction| {
            let value = change(get(transaction, name)?);
            set(transaction, name, value.as_deref())?;
            Ok(value)
        })
    }

    /// Says which fleet is simulated from here on. Of another one than the last, nothing is known: what was learned of health is
    /// forgotten. The same fleet is still as it was, so that a rehearsal of two commands can show what the first has learned.
    pub fn simulates(&mut self, fleet: &str) {
        let same = self.state(FLEET).is_ok_and(|known| known.as_deref() == Some(fleet));
        if same || self.sink != Sink::Database {
            return;
        }
        let forgotten = self.alone(|transaction| {
            transaction.execute_batch("DELETE FROM breakers; DELETE FROM cells; DELETE FROM quotas")?;
            set(transaction, FLEET, Some(fleet))
        });
        if let Err(error) = forgotten {
            self.notices.push(format!("what earlier simulations have learned still counts: {error}"));
        }
    }

    /// Looks at the ledger as [`Self::simulates`] would leave it, and leaves it as it is: on this connection, tables without rows
    /// stand before those of the file.
    pub fn foresees(&mut self, fleet: &str) {
        let same = self.state(FLEET).is_ok_and(|known| known.as_deref() == Some(fleet));
        if same || self.sink != Sink::Database {
            return;
        }
        let hidden = self.read(|connection| {
            ["breakers", "cells", "quotas"].iter().try_for_each(|name| {
                connection.execute_batch(&format!("CREATE TABLE temp.{name} AS SELECT * FROM main.{name} WHERE false"))
            })
        });
        if let Err(error) = hidden {
            self.notices.push(format!("what earlier simulations have learned still counts here: {error}"));
        }
    }

    /// Does something that no other process may come between.
    pub(super) fn alone<T>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>,
    ) -> Result<T, LedgerError> {
        let Some(connection) = self.connection.as_ref().filter(|_| self.sink == Sink::Database) else {
            return Err(self.unavailable());
        };
        let done = Transaction::new_unchecked(connection, TransactionBehavior::Immediate).and_then(|transaction| {
            let done = work(&transaction)?;
            transaction.commit()?;
            Ok(done)
        });
        done.map_err(|source| LedgerError::Write { path: self.path.clone(), source })
    }
}

fn get(connection: &Connection, name: &str) -> rusqlite::Result<Option<String>> {
    connection.prepare_cached("SELECT value FROM state WHERE name = ?1")?.query_row([name], |row| row.get(0)).optional()
}

fn set(connection: &Connection, name: &str, value: Option<&str>) -> rusqlite::Result<()> {
    match value {
        Some(value) => connection.execute(
            "INSERT INTO state (name, value) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = excluded.value",
            params![name, value],
        )?,
        None => connection.execute("DELETE FROM state WHERE name = ?1", [name])?,
    };
    Ok(())
}
