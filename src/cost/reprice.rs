//! What past requests would cost by other prices: the old sum, the new one and the difference, by model and in total.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::money::Usd;

/// A request as it was kept, as far as its price depends on it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// When it was made, in milliseconds since 1970 UTC.
    pub started_ms: i64,
    /// The provider's name.
    pub provider: String,
    /// The model that was asked for.
    pub model: String,
    /// It gave a whole answer. What was counted before one broke off is not what it cost.
    pub is_whole: bool,
    /// The tool whose log it was read from; `None` for llmx's own.
    pub origin: Option<String>,
    /// The provider's token counts, JSON.
    pub usage: Option<String>,
    /// The bill that was made of them, JSON.
    pub bill: Option<String>,
    /// What it cost; `None` is unknown.
    pub cost: Option<Usd>,
}

/// Why a request cannot be priced anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unpriced {
    /// The provider reported no token counts, or none of a known shape.
    NoCounts,
    /// The answer broke off: what it cost was never known.
    Incomplete,
    /// No table has the model.
    UnknownModel,
    /// The model has no price for that way of processing at that time.
    NoPrice,
}

impl Unpriced {
    /// The reason as a word for machines.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoCounts => "no_counts",
            Self::Incomplete => "incomplete",
            Self::UnknownModel => "unknown_model",
            Self::NoPrice => "no_price",
        }
    }

    /// The reason in words, after a number of requests.
    pub const fn words(self) -> &'static str {
        match self {
            Self::NoCounts => "without token counts",
            Self::Incomplete => "that broke off, of a cost that was never known",
            Self::UnknownModel => "for a model that the prices do not have",
            Self::NoPrice => "without a price for the way of processing and the time",
        }
    }
}

/// Sums over the requests whose old and new cost are known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// Requests.
    pub requests: u64,
    /// Of these, those that cost something else now.
    pub changed: u64,
    /// What they did cost.
    pub old: Usd,
    /// What they cost now.
    pub new: Usd,
}

impl Sums {
    /// The new cost less the old one.
    pub fn difference(&self) -> Usd {
        self.new - self.old
    }

    fn add(&mut self, old: Usd, new: Usd) {
        self.requests += 1;
        self.changed += u64::from(old != new);
        self.old += old;
        self.new += new;
    }
}

/// What came of pricing requests anew.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Repriced {
    /// All requests that were looked at.
    pub requests: u64,
    /// Of these, those out of the logs of other tools.
    pub imported: u64,
    /// Those whose old and new cost are known.
    pub total: Sums,
    /// The same by `provider/model`.
    pub models: BTreeMap<String, Sums>,
    /// Requests whose cost was unknown and is known now, and that cost.
    pub newly_priced: (u64, Usd),
    /// Requests that cannot be priced anew; what they cost stays as it was.
    pub unpriced: BTreeMap<Unpriced, u64>,
}

impl Repriced {
    /// Adds a request with what it costs now.
    pub fn add(&mut self, kept: &Kept, now: Result<Usd, Unpriced>) {
        self.requests += 1;
        self.imported += u64::from(kept.origin.is_some());
        match (kept.cost, now) {
            (_, Err(why)) => *self.unpriced.entry(why).or_default() += 1,
            (None, Ok(_)) if !kept.is_whole => *self.unpriced.entry(Unpriced::Incomplete).or_default() += 1,
            (None, Ok(new)) => {
                self.newly_priced.0 += 1;
                self.newly_priced.1 += new;
            }
            (Some(old), Ok(new)) => {
                self.total.add(old, new);
                self.models.entry(format!("{}/{}", kept.provider, kept.model)).or_default().add(old, new);
            }
        }
    }
}

impl Kept {
    /// When it was made.
    pub fn at(&self) -> Timestamp {
        Timestamp::from_millisecond(self.started_ms).unwrap_or_default()
    }
}

/// Prices requests anew with `price`. Sums are exact, so their order does not matter.
pub fn reprice<'a>(
    requests: impl IntoIterator<Item = &'a Kept>,
    mut price: impl FnMut(&Kept) -> Result<Usd, Unpriced>,
) -> Repriced {
    let mut repriced = Repriced::default();
    for kept in requests {
        let now = price(kept);
        repriced.add(kept, now);
    }
    repriced
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(model: &str, cost: Option<i128>) -> Kept {
        let cost = cost.map(Usd::from_pico);
        Kept { provider: "p".to_owned(), model: model.to_owned(), cost, is_whole: true, ..Kept::default() }
    }

    #[test]
    fn sums_are_told_by_model_and_in_total() {
        let requests = [kept("a", Some(10)), kept("a", Some(20)), kept("b", Some(5)), kept("b", None)];
        let told = reprice(&requests, |kept| {
            Ok(if kept.model == "a" { Usd::from_pico(12) } else { kept.cost.unwrap_or(Usd::from_pico(7)) })
        });
        assert_eq!(
            told.models["p/a"],
            Sums { requests: 2, changed: 2, old: Usd::from_pico(30), new: Usd::from_pico(24) }
        );
        assert_eq!((told.total.difference(), told.models["p/b"].changed), (Usd::from_pico(-6), 0));
        assert_eq!((told.requests, told.newly_priced), (4, (1, Usd::from_pico(7))));
    }

    #[test]
    fn what_cannot_be_priced_is_counted_and_changes_no_sum() {
        let broken = Kept { is_whole: false, ..kept("a", None) };
        let requests = [kept("a", Some(10)), broken];
        let told =
            reprice(&requests, |kept| if kept.is_whole { Err(Unpriced::NoPrice) } else { Ok(Usd::from_pico(3)) });
        assert_eq!(told.total, Sums::default());
        assert_eq!(told.unpriced, BTreeMap::from([(Unpriced::Incomplete, 1), (Unpriced::NoPrice, 1)]));
    }

    proptest::proptest! {
        #[test]
        fn the_same_prices_change_nothing(costs: Vec<Option<i32>>) {
            let requests: Vec<Kept> = costs.iter().map(|cost| kept("a", cost.map(i128::from))).collect();
            let told = reprice(&requests, |kept| kept.cost.ok_or(Unpriced::NoPrice));
            proptest::prop_assert_eq!((told.total.changed, told.total.difference()), (0, Usd::ZERO));
            proptest::prop_assert_eq!(told.newly_priced.0, 0);
        }
    }
}
