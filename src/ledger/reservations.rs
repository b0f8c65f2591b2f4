//! Reservations: what requests under way may cost is held against budgets before they are sent, so that processes that run at
//! once cannot spend the same money. Of all who ask at the same moment one is first.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use rusqlite::params;

use super::{Ledger, Sink, schema, spending};
use crate::cost::spent::Spender;
use crate::money::Usd;
use crate::route::{Budget, Rejection, Set, filter};

/// What became of a reservation.
#[derive(Clone, Debug, PartialEq)]
pub enum Reserved {
    /// There is nothing to hold: no budget, or nothing can be written.
    Free,
    /// It is held under that number, until the attempt has ended ([`Ledger::attempt_ended`]), it is given up
    /// ([`Ledger::unreserve`]), or its time is over.
    Held(i64),
    /// It would go over a budget.
    Over(Box<Rejection>),
}

impl Ledger {
    /// Holds what a request may cost against the budgets, unless it would go over one. What a request may cost whose price
    /// is unknown is unknown too: it is let through as long as anything is left.
    ///
    /// `expires` is when its process must have died, had it not ended by then: what it may have cost counts as spent from then on.
    pub fn reserve(
        &mut self,
        budgets: &[Set<Budget>],
        spender: &Spender,
        cost: Option<Usd>,
        (now, expires): (Timestamp, Timestamp),
        zone: &TimeZone,
    ) -> Reserved {
        if budgets.is_empty() || self.sink != Sink::Database {
            return Reserved::Free;
        }
        let reserved = self.alone(|transaction| {
            spending::take_over(transaction, now)?;
            let all: Vec<&Budget> = budgets.iter().map(|set| &set.value).collect();
            let spent = spending::read(transaction, now, zone, &all)?;
            let over = budgets.iter().find(|set| filter::is_over(spent.within(&set.value), cost, set.value.limit));
            if let Some(set) = over {
                return Ok(Reserved::Over(Box::new(Rejection::over(set, spent.within(&set.value), cost))));
            }
            let about: Vec<String> = spending::scopes(spender).iter().map(ToString::to_string).collect();
            let pico = cost.map_or(0, Usd::pico);
            transaction
                .prepare_cached("INSERT INTO reservations (about, cost_pico, expires_ms) VALUES (?1, ?2, ?3)")?
                .insert(params![
                    schema::json(&about)?,
                    i64::try_from(pico).unwrap_or(i64::MAX),
                    expires.as_millisecond()
                ])
                .map(Reserved::Held)
        });
        // A ledger that cannot be written holds nobody back; the decision has looked at what it says.
        reserved.unwrap_or(Reserved::Free)
    }

    /// Gives back what was reserved for an attempt that was never made.
    pub fn unreserve(&mut self, reservation: i64) {
        let given_back = self.alone(|transaction| {
            transaction.prepare_cached("DELETE FROM reservations WHERE id = ?1")?.execute([reservation])
        });
        // It ends by itself after a while.
        drop(given_back);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::route::{AtLimit, Period, Scope};

    fn budget(scope: Scope) -> Set<Budget> {
        let limit = Usd::from_pico(100);
        Set::built_in(Budget { period: Period::Day, limit, scope, at_limit: AtLimit::Cheaper })
    }

    fn reserve(ledger: &mut Ledger, budget: &Set<Budget>, spender: &Spender, pico: i128, second: i64) -> Reserved {
        let moment = |second| Timestamp::from_second(second).expect("a moment");
        let times = (moment(second), moment(second + 60));
        ledger.reserve(std::slice::from_ref(budget), spender, Some(Usd::from_pico(pico)), times, &TimeZone::UTC)
    }

    #[test]
    fn what_is_reserved_is_taken_until_it_is_given_back_and_spent_when_its_process_has_died() {
        let mut ledger = Ledger::in_memory().expect("memory");
        let (all, spender) = (budget(Scope::All), Spender::default());
        let Reserved::Held(first) = reserve(&mut ledger, &all, &spender, 60, 0) else { panic!("not held") };
        assert!(matches!(reserve(&mut ledger, &all, &spender, 60, 1), Reserved::Over(_)));
        let Reserved::Held(_) = reserve(&mut ledger, &all, &spender, 40, 2) else { panic!("not held") };
        ledger.unreserve(first);
        let Reserved::Held(_) = reserve(&mut ledger, &all, &spender, 60, 3) else { panic!("not held") };
        assert!(matches!(reserve(&mut ledger, &all, &spender, 1, 4), Reserved::Over(_)));
        // Both processes have died by then; what they may have been billed is spent on that day.
        assert!(matches!(reserve(&mut ledger, &all, &spender, 1, 63), Reserved::Over(_)));
        assert!(matches!(reserve(&mut ledger, &all, &spender, 100, 90_000), Reserved::Held(_)), "the next day");
    }

    #[test]
    fn a_budget_of_a_tag_counts_what_has_the_tag_alone() {
        let mut ledger = Ledger::in_memory().expect("memory");
        let scope = Scope::Tag { key: "team".to_owned(), value: "search".to_owned() };
        let (all, of_tag) = (budget(Scope::All), budget(scope));
        let tagged =
            Spender { tags: [("team".to_owned(), "search".to_owned())].into_iter().collect(), ..Spender::default() };
        assert!(matches!(reserve(&mut ledger, &all, &Spender::default(), 90, 0), Reserved::Held(_)));
        assert!(matches!(reserve(&mut ledger, &of_tag, &tagged, 90, 0), Reserved::Held(_)));
        assert!(matches!(reserve(&mut ledger, &of_tag, &tagged, 90, 0), Reserved::Over(_)));
    }
}
