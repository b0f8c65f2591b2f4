use proptest::prelude::*;

use super::*;
use crate::ledger::Ledger;
use crate::ledger::record::{AttemptEnd, AttemptStart, Observation};
use crate::ledger::tests::{attempt, attempt_end, run};

fn request() -> impl Strategy<Value = Request> {
    (0_u32..3, prop::option::of(any::<i64>()), any::<u64>()).prop_map(|(spender, pico, total_ms)| {
        let pico = pico.map(|pico| pico.max(i64::MIN + 1));
        Request { quarter: 7, spender, cost: pico.map(|pico| Usd::from_pico(pico.into())), total_ms }
    })
}

fn read(bytes: &[u8]) -> rusqlite::Result<Vec<Request>> {
    let mut requests = Vec::new();
    unpack(7, bytes, &mut |request| requests.push(request))?;
    Ok(requests)
}

proptest! {
    #[test]
    fn what_is_packed_is_unpacked(mut requests in prop::collection::vec(request(), 0..12)) {
        let unpacked = read(&pack(&requests)).expect("sound");
        requests.sort_by_key(|request| request.spender);
        prop_assert_eq!(unpacked, requests);
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        read(&bytes).ok();
    }
}

/// Runs of one attempt each, one for each of these quarters.
fn ledger(quarters: &[i64]) -> Ledger {
    let mut ledger = Ledger::in_memory().expect("memory");
    for (number, quarter) in quarters.iter().enumerate() {
        start(&mut ledger, number, *quarter);
        end(&mut ledger, number);
    }
    ledger
}

fn start(ledger: &mut Ledger, number: usize, quarter: i64) {
    let id = format!("run-{number}");
    ledger.begin(&run(&id));
    ledger.attempt_started(&AttemptStart { started_ms: quarter * QUARTER_MS + 1, ..attempt(&id, 1) });
}

fn end(ledger: &mut Ledger, number: usize) {
    let total_ms = number as u64;
    ledger.attempt_ended(&AttemptEnd { total_ms, ..attempt_end(&format!("run-{number}"), 1) }, &Observation::default());
}

/// What the requests tell, in order; the same from the attempts alone.
fn both(ledger: &Ledger) -> (Vec<u64>, Vec<u64>) {
    let (mut told, mut kept) = (Vec::new(), Vec::new());
    ledger.requests(0..100 * QUARTER_MS, &mut |request| told.push(request.total_ms)).expect("read");
    let direct = |connection: &Connection| {
        (0..100).try_for_each(|quarter| of_attempts(connection, quarter, &mut |request| kept.push(request.total_ms)))
    };
    ledger.read(direct).expect("read");
    told.sort_unstable();
    kept.sort_unstable();
    (told, kept)
}

fn stale(ledger: &Ledger) -> Vec<i64> {
    let stale = |connection: &Connection| {
        connection
            .prepare("SELECT quarter FROM unsampled ORDER BY 1")?
            .query_map([], |row| row.get(0))?
            .collect::<Result<Vec<i64>, _>>()
    };
    ledger.read(stale).expect("read")
}

#[test]
fn a_quarter_is_sampled_when_another_one_begins() {
    let ledger = ledger(&[1, 1, 1, 5, 5, 9]);
    assert_eq!(stale(&ledger), [9]);
    let (told, kept) = both(&ledger);
    assert_eq!((told.as_slice(), &kept), ([0, 1, 2, 3, 4, 5].as_slice(), &told));
}

#[test]
fn an_attempt_that_ends_late_is_not_missed() {
    let mut ledger = ledger(&[1, 1]);
    start(&mut ledger, 2, 1);
    start(&mut ledger, 3, 5);
    end(&mut ledger, 3);
    assert_eq!(stale(&ledger), [5]);
    end(&mut ledger, 2);
    assert_eq!(stale(&ledger), [1, 5]);
    assert_eq!(both(&ledger).0, [0, 1, 2, 3]);
    start(&mut ledger, 4, 6);
    end(&mut ledger, 4);
    assert_eq!(stale(&ledger), [6]);
    assert_eq!(both(&ledger).0, [0, 1, 2, 3, 4]);
}

#[test]
fn what_is_changed_or_deleted_by_whomever_is_told_as_it_is() {
    let ledger = ledger(&[1, 1, 2, 3]);
    ledger
        .alone(|transaction| {
            transaction.execute_batch(
                "DELETE FROM kept_attempts WHERE run = 'run-0' OR run = 'run-2';
                 UPDATE kept_attempts SET total_ms = 77 WHERE run = 'run-1';",
            )
        })
        .expect("changed");
    let (told, kept) = both(&ledger);
    assert_eq!((told.as_slice(), &kept), ([3, 77].as_slice(), &told));
    ledger.alone(|transaction| renew(transaction, i64::MAX, 9)).expect("sampled");
    assert_eq!((stale(&ledger), both(&ledger).0), (vec![], vec![3, 77]));
    let samples =
        |connection: &Connection| connection.query_row("SELECT count(*) FROM samples", [], |row| row.get::<_, i64>(0));
    assert_eq!(ledger.read(samples).expect("read"), 2, "nothing is kept of a quarter without requests");
}

#[test]
fn nobody_waits_for_all_that_is_stale() {
    let mut ledger = ledger(&(0..60).collect::<Vec<_>>());
    ledger
        .alone(|transaction| transaction.execute_batch("UPDATE kept_attempts SET total_ms = total_ms"))
        .expect("changed");
    start(&mut ledger, 60, 70);
    end(&mut ledger, 60);
    assert_eq!(stale(&ledger).len(), 60 + 1 - 32);
    assert_eq!(both(&ledger).0.len(), 61);
}
