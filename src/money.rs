//! Money as integers: [`Usd`] is an amount in pico-dollars, [`Rate`] a price per token.
//!
//! A price of 2.50 dollars per million tokens is exactly 2,500,000 pico-dollars per token, so every product and sum
//! here is exact. Rounding happens only when a person reads the figure.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Mul, Sub};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Pico-dollars in one dollar.
const PICO: i128 = 1_000_000_000_000;

/// An amount of US dollars, held as pico-dollars (10⁻¹² dollar).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Usd(i128);

impl Usd {
    /// No money at all. An *unknown* amount is `None`, never this.
    pub const ZERO: Self = Self(0);

    /// An amount from pico-dollars.
    pub const fn from_pico(pico: i128) -> Self {
        Self(pico)
    }

    /// The amount in pico-dollars.
    pub const fn pico(self) -> i128 {
        self.0
    }

    /// Reads a decimal number of dollars such as `0.0375` or `1.2e-5`.
    ///
    /// Returns `None` when the text is no plain decimal number or is finer than a pico-dollar.
    pub fn parse(text: &str) -> Option<Self> {
        parse_decimal(text, 12).map(Self)
    }

    /// The exact amount as a decimal string without trailing zeros, such as `0.00721250` → `0.0072125`.
    pub fn to_decimal(self) -> String {
        let magnitude = self.0.unsigned_abs();
        let sign = if self.0 < 0 { "-" } else { "" };
        let (whole, fraction) = (magnitude / PICO.unsigned_abs(), magnitude % PICO.unsigned_abs());
        if fraction == 0 {
            return format!("{sign}{whole}");
        }
        let digits = format!("{fraction:012}");
        format!("{sign}{whole}.{}", digits.trim_end_matches('0'))
    }

    /// The amount rounded half to even at `places` decimals (at most 12), such as `0.00721250`.
    pub fn rounded(self, places: u32) -> String {
        let places = places.min(12);
        let unit = 10_u128.pow(12 - places);
        let magnitude = self.0.unsigned_abs();
        let (mut units, rest) = (magnitude / unit, magnitude % unit);
        if rest * 2 > unit || (rest * 2 == unit && units % 2 == 1) {
            units += 1;
        }
        let sign = if self.0 < 0 && units > 0 { "-" } else { "" };
        let scale = 10_u128.pow(places);
        if places == 0 {
            return format!("{sign}{units}");
        }
        format!("{sign}{}.{:0width$}", units / scale, units % scale, width = places as usize)
    }
}

/// What a person reads: five decimals below a cent, four below a dollar, two above; the sign stands before the dollar.
impl fmt::Display for Usd {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let magnitude = self.0.unsigned_abs();
        let places = if magnitude == 0 || magnitude >= PICO.unsigned_abs() {
            2
        } else if magnitude >= PICO.unsigned_abs() / 100 {
            4
        } else {
            5
        };
        // An amount too small for five decimals must not read as nothing.
        let sign = if self.0 < 0 { "-" } else { "" };
        if magnitude > 0 && magnitude < PICO.unsigned_abs() / 200_000 {
            return write!(formatter, "{sign}<$0.00001");
        }
        write!(formatter, "{sign}${}", self.rounded(places).trim_start_matches('-'))
    }
}

/// JSON gets the exact decimal as a string: a float would lose digits.
impl Serialize for Usd {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_decimal())
    }
}

impl<'de> Deserialize<'de> for Usd {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("money is a decimal number of dollars in a string"))
    }
}

impl Add for Usd {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sub for Usd {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl AddAssign for Usd {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sum for Usd {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Add::add)
    }
}

/// A price in pico-dollars per token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rate(i64);

impl Rate {
    /// A rate from pico-dollars per token.
    pub const fn from_pico(pico: i64) -> Self {
        Self(pico)
    }

    /// Pico-dollars per token.
    pub const fn pico(self) -> i64 {
        self.0
    }

    /// Reads dollars per million tokens, such as `0.003625`.
    ///
    /// Returns `None` when the text is no plain decimal number or is finer than a pico-dollar per token.
    pub fn parse_per_million(text: &str) -> Option<Self> {
        parse_decimal(text, 6).and_then(|pico| i64::try_from(pico).ok()).map(Self)
    }

    /// Dollars per million tokens as an exact decimal string.
    pub fn per_million(self) -> String {
        Usd(i128::from(self.0) * 1_000_000).to_decimal()
    }
}

/// A factor on a price, such as 1.1, in millionths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Factor(i64);

impl Factor {
    /// Reads a decimal number of at most six decimals that is not below nothing.
    pub fn parse(text: &str) -> Option<Self> {
        parse_decimal(text, 6).and_then(|millionths| i64::try_from(millionths).ok()).filter(|it| *it >= 0).map(Self)
    }
}

impl Rate {
    /// The rate times a factor; `None` when that is finer than a pico-dollar per token, or out of range.
    pub fn times(self, factor: Factor) -> Option<Self> {
        let product = i128::from(self.0) * i128::from(factor.0);
        (product % 1_000_000 == 0).then(|| i64::try_from(product / 1_000_000).ok().map(Self))?
    }
}

impl Mul<u64> for Rate {
    type Output = Usd;
    fn mul(self, tokens: u64) -> Usd {
        Usd(i128::from(self.0).saturating_mul(i128::from(tokens)))
    }
}

/// Reads a decimal number as an integer count of 10^-`places`; `None` when it is not one or has finer digits.
fn parse_decimal(text: &str, places: i32) -> Option<i128> {
    let (negative, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.len() + fraction.len() == 0 || !all_digits(whole) || !all_digits(fraction) {
        return None;
    }
    let digits: i128 = format!("{whole}{fraction}").parse().ok()?;
    let shift = places.checked_add(exponent)?.checked_sub(i32::try_from(fraction.len()).ok()?)?;
    let scale = |by: u32| 10_i128.checked_pow(by);
    let value = match u32::try_from(shift) {
        Ok(up) => digits.checked_mul(scale(up)?)?,
        Err(_) if digits == 0 => 0,
        Err(_) => {
            let down = scale(shift.unsigned_abs())?;
            (digits % down == 0).then_some(digits / down)?
        }
    };
    Some(if negative { -value } else { value })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dollars_are_read_exactly() {
        assert_eq!(Usd::parse("0.00721250"), Some(Usd(7_212_500_000)));
        assert_eq!(Usd::parse("1.9e-4"), Some(Usd(190_000_000)));
        assert_eq!(Usd::parse("-2"), Some(Usd(-2 * PICO)));
        for wrong in ["", ".", "-", "1.2.3", "NaN", "1e", "0x1", "1e999", "0.0000000000001"] {
            assert_eq!(Usd::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_rate_times_tokens_is_exact() {
        let rate = Rate::parse_per_million("0.003625").expect("a rate");
        assert_eq!(rate.pico(), 3625);
        assert_eq!((rate * 3).to_decimal(), "0.000000010875");
        assert_eq!(rate.per_million(), "0.003625");
    }

    #[test]
    fn rounding_is_half_to_even() {
        let usd = |text| Usd::parse(text).expect("an amount");
        assert_eq!(usd("0.000000005").rounded(8), "0.00000000");
        assert_eq!(usd("0.000000015").rounded(8), "0.00000002");
        assert_eq!(usd("0.0072125").rounded(8), "0.00721250");
        assert_eq!(usd("2.5").rounded(0), "2");
    }

    #[test]
    fn people_read_more_digits_of_small_amounts() {
        let shown = |text: &str| Usd::parse(text).expect("an amount").to_string();
        assert_eq!(shown("0"), "$0.00");
        assert_eq!(shown("0.0002166"), "$0.00022");
        assert_eq!(shown("0.0375"), "$0.0375");
        assert_eq!(shown("12.3456"), "$12.35");
        assert_eq!(shown("0.000000001"), "<$0.00001");
        assert_eq!(shown("-37.39"), "-$37.39");
        assert_eq!(shown("-0.0375"), "-$0.0375");
        assert_eq!(shown("-0.000000001"), "-<$0.00001");
    }
}
