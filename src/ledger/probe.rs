//! The probe of a half-open breaker: of all processes that would try such a target, one may.

use jiff::Timestamp;

use super::observe::{read_breaker, write_breaker};
use super::{Ledger, Sink};
use crate::provider::{KeyMark, TargetId};
use crate::route::breaker::{State, Subject};

impl Ledger {
    /// Whether this process may try a target whose breaker it has seen half-open, with that key. When it may, no other process may
    /// until the attempt has ended ([`Ledger::attempt_ended`]), is given up ([`Ledger::release`]), or is taken to have died.
    ///
    /// Where nothing can be written, nobody can be held back either, and the answer is yes.
    pub fn claim(&mut self, target: &TargetId, key: Option<&KeyMark>, now: Timestamp) -> bool {
        if self.sink != Sink::Database {
            return true;
        }
        let claimed = self.alone(|transaction| {
            let mut half_open = Vec::new();
            for subject in Subject::all(target, key) {
                let Some(breaker) = read_breaker(transaction, &subject)? else { continue };
                match breaker.state(now) {
                    State::Closed => {}
                    State::HalfOpen { .. } => half_open.push((subject, breaker)),
                    State::Open { .. } | State::Probed { .. } => return Ok(false),
                }
            }
            for (subject, breaker) in half_open {
                write_breaker(transaction, &subject, &breaker.probed(now))?;
            }
            Ok(true)
        });
        claimed.unwrap_or(true)
    }

    /// Gives up the probe that was claimed, for an attempt that was never made.
    pub fn release(&mut self, target: &TargetId, key: Option<&KeyMark>) {
        let released = self.alone(|transaction| {
            for subject in Subject::all(target, key) {
                if let Some(breaker) =
                    read_breaker(transaction, &subject)?.filter(|known| known.probing_until.is_some())
                {
                    write_breaker(transaction, &subject, &breaker.released())?;
                }
            }
            Ok(())
        });
        // It ends by itself after a while.
        drop(released);
    }
}
