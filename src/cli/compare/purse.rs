//! What a comparison may spend: the most is reserved before a request is sent, and what it really cost is settled after it.

use std::cell::Cell;

use crate::money::Usd;

/// The money of one comparison.
#[derive(Debug)]
pub struct Purse {
    cap: Option<Usd>,
    spent: Cell<Usd>,
    reserved: Cell<Usd>,
}

impl Purse {
    /// With a cap, and with what was spent before.
    pub fn new(cap: Option<Usd>, spent: Usd) -> Self {
        Self { cap, spent: Cell::new(spent), reserved: Cell::new(Usd::ZERO) }
    }

    /// Reserves that much, unless it could lead beyond the cap.
    pub fn reserve(&self, most: Usd) -> bool {
        let after = self.spent.get() + self.reserved.get() + most;
        let fits = self.cap.is_none_or(|cap| after <= cap);
        if fits {
            self.reserved.set(self.reserved.get() + most);
        }
        fits
    }

    /// Gives back what was reserved, and notes the true cost. Where that is unknown, all that was reserved counts as spent.
    pub fn settle(&self, reserved: Usd, cost: Option<Usd>) {
        self.reserved.set(Usd::from_pico(self.reserved.get().pico() - reserved.pico()));
        self.spent.set(self.spent.get() + cost.unwrap_or(reserved));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usd(text: &str) -> Usd {
        Usd::parse(text).expect("an amount")
    }

    #[test]
    fn nothing_is_reserved_beyond_the_cap_and_what_was_not_used_comes_back() {
        let purse = Purse::new(Some(usd("1")), usd("0.2"));
        assert!(purse.reserve(usd("0.5")) && !purse.reserve(usd("0.4")));
        purse.settle(usd("0.5"), Some(usd("0.1")));
        assert!(purse.reserve(usd("0.7")) && !purse.reserve(usd("0.01")), "0.3 was spent");
    }

    #[test]
    fn a_cost_that_is_unknown_counts_as_all_that_was_reserved() {
        let purse = Purse::new(Some(usd("1")), Usd::ZERO);
        assert!(purse.reserve(usd("0.6")));
        purse.settle(usd("0.6"), None);
        assert!(!purse.reserve(usd("0.5")));
    }

    #[test]
    fn without_a_cap_everything_fits() {
        assert!(Purse::new(None, Usd::ZERO).reserve(usd("1000000")));
    }
}
