//! Calls of other tools, each kept once under the name that its origin gives it. They count for reports alone: no limit is held
//! against them, and the router learns nothing of them.

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::schema::stored;
use super::{Ledger, LedgerError, shapes, spenders, spent};
use crate::cost::import::is_more;
use crate::cost::spent::{Spender, Sums};
use crate::money::Usd;

/// The step of the schema that makes the table.
pub(super) const STEP: &str = "
    -- Calls out of the logs of other tools, by what each calls them. Amounts are pico-dollars; NULL is unknown. `usage_raw` is
    -- JSON, or the numbers of JSON of a shape.
    CREATE TABLE imports (
        origin       TEXT NOT NULL,
        id           TEXT NOT NULL,
        started_ms   INTEGER NOT NULL,
        spender      INTEGER NOT NULL,
        conversation TEXT,
        total_ms     INTEGER,
        failed       INTEGER NOT NULL,
        input_total  INTEGER,
        cache_read   INTEGER,
        cache_write  INTEGER,
        output_total INTEGER,
        reasoning    INTEGER,
        cost_pico    INTEGER,
        saved_pico   INTEGER,
        cost_source  TEXT NOT NULL,
        usage_shape  INTEGER,
        usage_raw    TEXT NOT NULL,
        PRIMARY KEY (origin, id)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX imports_by_conversation ON imports (conversation, started_ms) WHERE conversation IS NOT NULL;
";

/// How many calls are written at once: others that write meanwhile must not wait long.
const AT_ONCE: usize = 500;

/// A call of another tool, with what it costs.
#[derive(Clone, Debug, PartialEq)]
pub struct ImportedCall {
    /// What its origin calls it.
    pub id: String,
    /// When it was sent, in milliseconds since 1970 UTC.
    pub started_ms: i64,
    /// Who spent it; its command is the origin.
    pub spender: Spender,
    /// What it used and cost.
    pub sums: Sums,
    /// How long it took, in milliseconds.
    pub total_ms: Option<u64>,
    /// The conversation it is part of.
    pub conversation: Option<String>,
    /// Where the cost comes from.
    pub source: &'static str,
    /// The usage object as it was logged, as JSON.
    pub usage_raw: String,
}

/// What became of calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// They were not there.
    pub new: u64,
    /// They were there, and are as they were.
    pub known: u64,
    /// They were there, and have grown since or have a cost by now.
    pub replaced: u64,
}

impl Ledger {
    /// Adds calls that are not there yet. After an error some of them may be there; doing it again adds the rest.
    pub fn import(&mut self, calls: &[ImportedCall]) -> Result<Imported, LedgerError> {
        let mut imported = Imported::default();
        for calls in calls.chunks(AT_ONCE) {
            self.alone(|transaction| {
                for call in calls {
                    *put(transaction, call)?.among(&mut imported) += 1;
                }
                Ok(())
            })?;
            self.fold_meanwhile();
        }
        Ok(imported)
    }

    /// What [`Ledger::import`] would do with calls whose ids differ.
    pub fn foresee_import(&self, calls: &[ImportedCall]) -> Result<Imported, LedgerError> {
        self.read(|connection| {
            let mut imported = Imported::default();
            for call in calls {
                *Change::of(call, kept(connection, call)?.as_ref()).among(&mut imported) += 1;
            }
            Ok(imported)
        })
    }
}

/// What became of one call.
enum Change {
    New,
    None,
    Replaced,
}

impl Change {
    fn of(call: &ImportedCall, kept: Option<&Kept>) -> Self {
        match kept {
            None => Self::New,
            Some(kept) if is_more(&call.sums, &kept.sums) => Self::Replaced,
            Some(_) => Self::None,
        }
    }

    fn among(self, imported: &mut Imported) -> &mut u64 {
        match self {
            Self::New => &mut imported.new,
            Self::None => &mut imported.known,
            Self::Replaced => &mut imported.replaced,
        }
    }
}

/// A call as it was kept.
struct Kept {
    started_ms: i64,
    spender: i64,
    conversation: Option<String>,
    sums: Sums,
}

fn put(transaction: &Transaction<'_>, call: &ImportedCall) -> rusqlite::Result<Change> {
    let kept = kept(transaction, call)?;
    let change = Change::of(call, kept.as_ref());
    if matches!(change, Change::None) {
        return Ok(change);
    }
    let spender = spenders::number(transaction, &call.spender)?;
    // What it was in is not taken back from there: a call that has grown is in the conversation in which it was.
    let conversation = kept.as_ref().map_or(&call.conversation, |kept| &kept.conversation);
    write(transaction, call, spender, conversation.as_deref())?;
    if let Some(kept) = &kept {
        spent::take(transaction, kept.spender, kept.started_ms, &kept.sums)?;
    }
    spent::add(transaction, spender, call.started_ms, &call.sums)?;
    if let Some(conversation) = conversation {
        let before = kept.as_ref().map(|kept| &kept.sums);
        spent::add_to_imported_conversation(transaction, conversation, call.started_ms, &call.sums, before)?;
    }
    Ok(change)
}

fn kept(connection: &Connection, call: &ImportedCall) -> rusqlite::Result<Option<Kept>> {
    connection
        .prepare_cached(
            "SELECT started_ms, failed, cost_pico IS NULL, input_total IS NULL, input_total, cache_read, cache_write,
                 output_total, reasoning, cost_pico, saved_pico, spender, conversation
             FROM imports WHERE origin = ?1 AND id = ?2",
        )?
        .query_row(params![call.spender.command, call.id], |row| {
            Ok(Kept {
                started_ms: row.get(0)?,
                spender: row.get("spender")?,
                conversation: row.get("conversation")?,
                sums: spent::of_row(row)?,
            })
        })
        .optional()
}

fn write(
    transaction: &Transaction<'_>,
    call: &ImportedCall,
    spender: i64,
    conversation: Option<&str>,
) -> rusqlite::Result<()> {
    let sums = &call.sums;
    let counted = |count: u64| (sums.uncounted == 0).then(|| stored(count));
    let (shape, usage) = shapes::store(transaction, &call.usage_raw)?;
    transaction
        .prepare_cached(
            "INSERT OR REPLACE INTO imports (origin, id, started_ms, spender, conversation, total_ms, failed, input_total,
                 cache_read, cache_write, output_total, reasoning, cost_pico, saved_pico, cost_source, usage_shape, usage_raw)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)",
        )?
        .execute(params![
            call.spender.command,
            call.id,
            call.started_ms,
            spender,
            conversation,
            call.total_ms.map(stored),
            sums.failures > 0,
            counted(sums.input),
            counted(sums.cache_read),
            counted(sums.cache_write),
            counted(sums.output),
            counted(sums.reasoning),
            (sums.unknown == 0).then(|| pico(sums.cost)),
            pico(sums.saved),
            call.source,
            shape,
            usage
        ])
        .map(drop)
}

/// SQLite's integers hold nine million dollars.
fn pico(amount: Usd) -> i64 {
    i64::try_from(amount.pico()).unwrap_or(if amount < Usd::ZERO { i64::MIN } else { i64::MAX })
}
