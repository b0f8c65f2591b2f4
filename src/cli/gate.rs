//! Who may try a target that has failed of late: of all processes the one that the ledger lets.

use std::cell::RefCell;

use jiff::Timestamp;

use crate::exec::Gate;
use crate::ledger::Ledger;
use crate::provider::{KeyMark, TargetId};

/// The probes of this process.
pub struct ProbeGate<'a>(pub &'a RefCell<Ledger>);

impl Gate for ProbeGate<'_> {
    fn claim(&self, target: &TargetId, key: Option<&KeyMark>) -> bool {
        self.0.borrow_mut().claim(target, key, Timestamp::now())
    }

    fn release(&self, target: &TargetId, key: Option<&KeyMark>) {
        self.0.borrow_mut().release(target, key);
    }
}
