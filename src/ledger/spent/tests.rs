//! The sums are those of the attempts they stand for, whatever happened.

use proptest::prelude::*;

use super::*;
use crate::ledger::record::{AttemptRole, AttemptStart, CostSource, Observation, RunStart, StoredBuckets};
use crate::ledger::tests::{attempt, attempt_end, run};

/// One attempt: the quarter it started in, its run and conversation, whether it answered, what it cost, whether it was killed.
type Made = (i64, u32, u32, bool, Option<u32>, bool);

fn write(ledger: &mut Ledger, number: u32, made: Made) -> Option<Sums> {
    let (quarter, of_run, conversation, whole, cost, killed) = made;
    let id = format!("run-{conversation}-{of_run}");
    let started_ms = quarter * QUARTER_MS + i64::from(number);
    let conversation = format!("run-{conversation}-0");
    ledger.begin(&RunStart { conversation: conversation.clone(), started_ms, ..run(&conversation) });
    ledger.begin(&RunStart { conversation, started_ms, ..run(&id) });
    let role = if of_run % 2 == 0 { AttemptRole::Main } else { AttemptRole::Hedge };
    ledger.attempt_started(&AttemptStart { started_ms, role, ..attempt(&id, number) });
    let buckets = cost.map(|cost| StoredBuckets {
        input_total: u64::from(cost) + 9,
        cache_read: 3,
        cache_write: 2,
        output_total: u64::from(cost),
        reasoning: 1,
    });
    let outcome = if whole { AttemptOutcome::Complete } else { AttemptOutcome::Cancelled };
    let end = AttemptEnd {
        outcome,
        buckets,
        cost_pico: cost.map(i64::from),
        cost_source: CostSource::Computed,
        saved_pico: cost.map(|cost| i64::from(cost) - 50),
        ..attempt_end(&id, number)
    };
    if killed {
        return None;
    }
    ledger.attempt_ended(&end, &Observation::default());
    Some(sums_of(&end))
}

fn total(spending: &Spending) -> Sums {
    spending.cells.iter().fold(Sums::default(), |mut all, cell| {
        all += cell.sums;
        all
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn quarters_and_conversations_sum_up_to_the_attempts(
        made in prop::collection::vec(
            (0_i64..4, 0_u32..4, 0_u32..3, any::<bool>(), prop::option::of(0_u32..100), any::<bool>()), 1..24)
    ) {
        let mut ledger = Ledger::in_memory().expect("memory");
        let mut expected = Sums::default();
        for (number, made) in (1..).zip(&made) {
            let unended = Sums { requests: 1, failures: 1, unknown: 1, uncounted: 1, ..Sums::default() };
            expected += write(&mut ledger, number, *made).unwrap_or(unended);
        }
        let spending = ledger.spending(0..4 * QUARTER_MS).expect("read");
        prop_assert_eq!(total(&spending), expected);
        let halves = [0..2 * QUARTER_MS, 2 * QUARTER_MS..4 * QUARTER_MS];
        let mut both = Sums::default();
        for half in halves {
            both += total(&ledger.spending(half).expect("read"));
        }
        prop_assert_eq!(both, expected, "a range in two parts");
        let mut requests = 0;
        ledger.requests(0..4 * QUARTER_MS, &mut |_| requests += 1).expect("read");
        prop_assert_eq!(requests, made.iter().filter(|made| !made.5).count());
        // What a conversation's row says is what its attempts say.
        for found in ledger.conversations_spent(0..4 * QUARTER_MS, 10).expect("read") {
            let (_, _, sums) = ledger.read(|connection| whole(connection, &found.id, NO_BOUNDS)).expect("read");
            prop_assert_eq!(found.sums, sums);
        }
    }
}
