//! What the ledger lets this process do of all that run at once: try a target that has failed of late, and spend what a budget
//! has left.

use std::cell::RefCell;
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::cost::spent::Spender;
use crate::exec::Gate;
use crate::ledger::{Ledger, Reserved};
use crate::provider::{KeyMark, TargetId};
use crate::route::{Budget, Candidate, Rejection, Set};

/// No attempt's end is written later than this after its deadline.
const GRACE: Duration = Duration::from_mins(1);

/// The probes and the money of this process.
pub struct LedgerGate<'a> {
    /// Where it is decided.
    pub ledger: &'a RefCell<Ledger>,
    /// The budgets that hold for its requests.
    pub budgets: &'a [Set<Budget>],
    /// Who spends; the target is the candidate's.
    pub spender: Spender,
    /// How long a request may take.
    pub total: Duration,
}

impl Gate for LedgerGate<'_> {
    fn claim(&self, target: &TargetId, key: Option<&KeyMark>) -> bool {
        self.ledger.borrow_mut().claim(target, key, Timestamp::now())
    }

    fn release(&self, target: &TargetId, key: Option<&KeyMark>) {
        self.ledger.borrow_mut().release(target, key);
    }

    fn reserve(&self, candidate: &Candidate) -> Result<Option<i64>, Box<Rejection>> {
        let now = Timestamp::now();
        let expires = now.checked_add(self.total.saturating_add(GRACE)).unwrap_or(Timestamp::MAX);
        let mut ledger = self.ledger.borrow_mut();
        let zone = TimeZone::system();
        match ledger.reserve(self.budgets, &self.spender, candidate.reservation(), (now, expires), &zone) {
            Reserved::Free => Ok(None),
            Reserved::Held(number) => Ok(Some(number)),
            Reserved::Over(reason) => Err(reason),
        }
    }

    fn unreserve(&self, reservation: i64) {
        self.ledger.borrow_mut().unreserve(reservation);
    }
}
