//! The number in an answer, and whether it is within bounds.

use std::borrow::Cow;
use std::str::FromStr;

/// Where a number may lie, ends included.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Bounds {
    low: f64,
    high: f64,
}

impl Bounds {
    /// Whether a number is within. What is no more than binary rounding outside is within: 0.8 is in 0.7±0.1.
    pub(super) fn hold(self, number: f64) -> bool {
        let slack = 4.0 * f64::EPSILON * number.abs();
        number >= self.low - slack && number <= self.high + slack
    }
}

/// `LOW..HIGH` with open ends allowed, `=X`, `=X±TOLERANCE` (or `=X+-TOLERANCE`); a number alone is itself.
impl FromStr for Bounds {
    type Err = Cow<'static, str>;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bounds = if let Some((low, high)) = text.split_once("..") {
            let end = |text: &str, open: f64| if text.trim().is_empty() { Ok(open) } else { plain(text) };
            Self { low: end(low, f64::NEG_INFINITY)?, high: end(high, f64::INFINITY)? }
        } else {
            let text = text.strip_prefix('=').unwrap_or(text);
            let (middle, tolerance) = match text.split_once('±').or_else(|| text.split_once("+-")) {
                Some((middle, tolerance)) => (plain(middle)?, plain(tolerance)?),
                None => (plain(text)?, 0.0),
            };
            Self { low: middle - tolerance, high: middle + tolerance }
        };
        if bounds.low > bounds.high {
            return Err("no number lies between these ends: the lower one comes first".into());
        }
        Ok(bounds)
    }
}

fn plain(text: &str) -> Result<f64, Cow<'static, str>> {
    let number = text.trim().parse().ok().filter(|number: &f64| number.is_finite());
    number.ok_or_else(|| format!("`{}` is no number; write `10..20`, `..5`, `=42` or `=3.14±0.01`", text.trim()).into())
}

/// The last number in a text, as in "The answer is 42."; `None` when there is none.
///
/// Digits right behind a letter are part of a word (`GPT4`), and a minus right behind a letter or digit is none (`3-5`). One
/// point or comma is decimal, except a comma before exactly three digits (`1,234`); several alike group thousands; in
/// `1,234.5` and `1.234,5` the last one is decimal. Digits with other separators are no number where there are points
/// (`1.2.3`, `192.168.0.1`), and several where there are commas (`1,2,3`). Digits are those of ASCII.
pub(super) fn last(text: &str) -> Option<f64> {
    let bytes = text.as_bytes();
    let (mut found, mut start) = (None, 0);
    while let Some(offset) = bytes[start..].iter().position(u8::is_ascii_digit) {
        let first = start + offset;
        let end = end_of_run(bytes, first);
        let before = text[..first].chars().next_back();
        if !before.is_some_and(|before| before.is_alphabetic() || before == '_') {
            found = value(text, first, end).or(found);
        }
        start = end + exponent(&text[end..]).len();
    }
    found
}

/// The end of digits with single points and commas between them.
fn end_of_run(bytes: &[u8], first: usize) -> usize {
    let digit = |index: usize| bytes.get(index).is_some_and(u8::is_ascii_digit);
    let mut end = first;
    while digit(end) || (matches!(bytes.get(end), Some(b'.' | b',')) && digit(end + 1)) {
        end += 1;
    }
    end
}

/// What the digits from `first` to `end` are worth, with what belongs to them before and behind.
fn value(text: &str, first: usize, end: usize) -> Option<f64> {
    let mut digits = decimal(&text[first..end])?;
    let mut before = text[..first].chars();
    let mut sign = before.next_back();
    // `.5`, but not `a.5`
    if sign == Some('.') && !before.clone().next_back().is_some_and(char::is_alphanumeric) && !digits.contains('.') {
        digits.insert_str(0, "0.");
        sign = before.next_back();
    }
    let minus = matches!(sign, Some('-' | '−')) && !before.next_back().is_some_and(char::is_alphanumeric);
    digits.push_str(exponent(&text[end..]));
    let value: f64 = digits.parse().ok()?;
    Some(if minus { -value } else { value })
}

/// The exponent that a text begins with, or nothing.
fn exponent(text: &str) -> &str {
    let Some(rest) = text.strip_prefix(['e', 'E']) else { return "" };
    let signless = rest.strip_prefix(['+', '-']).unwrap_or(rest);
    let digits = signless.bytes().take_while(u8::is_ascii_digit).count();
    let after = signless[digits..].chars().next();
    if digits == 0 || after.is_some_and(char::is_alphanumeric) {
        return "";
    }
    &text[..text.len() - signless.len() + digits]
}

/// Digits with points and commas as a plain decimal.
fn decimal(run: &str) -> Option<String> {
    let Some(at) = run.rfind(['.', ',']) else { return Some(run.to_owned()) };
    let (whole, last, fraction) = (&run[..at], &run[at..=at], &run[at + 1..]);
    let groups = |separator: &str, text: &str| {
        let mut parts = text.split(separator);
        let first = parts.next().map_or(0, str::len);
        (1..=3).contains(&first) && parts.all(|part| part.len() == 3 && part.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let other = if last == "." { "," } else { "." };
    match (whole.contains(last), whole.contains(other)) {
        (false, false) if last == "," && fraction.len() == 3 && groups(",", run) && whole != "0" => {
            Some(run.replace(',', ""))
        }
        (false, false) => Some(format!("{whole}.{fraction}")),
        (true, false) if groups(last, run) => Some(run.replace(last, "")),
        (false, true) if groups(other, whole) => Some(format!("{}.{fraction}", whole.replace(other, ""))),
        (true, false) if last == "," => Some(fraction.to_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_last_number_of_an_answer_is_taken() {
        let table: &[(&str, Option<f64>)] = &[
            ("The answer is 42.", Some(42.0)),
            ("6 times 7 is **42**", Some(42.0)),
            ("It costs $1,234.50 in all", Some(1234.5)),
            ("1.234,50 €", Some(1234.5)),
            ("1,234", Some(1234.0)),
            ("12,345,678", Some(12_345_678.0)),
            ("2,75", Some(2.75)),
            ("0,125", Some(0.125)),
            ("1234,567", Some(1234.567)),
            ("−5 °C", Some(-5.0)),
            ("x=-0.5", Some(-0.5)),
            ("between 3-5", Some(5.0)),
            (".5 and -.25", Some(-0.25)),
            ("1,2,3", Some(3.0)),
            ("6.02e23 per mole", Some(6.02e23)),
            ("1e-3.", Some(1e-3)),
            ("2elephants", Some(2.0)),
            ("7 is what GPT4 and v1.2 say", Some(7.0)),
            ("\\boxed{42}", Some(42.0)),
            ("42km", Some(42.0)),
            ("version 1.2.3", None),
            ("42, as 1.2.3 and GPT4 say", Some(42.0)),
            ("see 192.168.0.1", None),
            ("No.5", Some(5.0)),
            ("none", None),
            ("", None),
        ];
        for (text, expected) in table {
            assert_eq!(last(text), *expected, "{text}");
        }
    }

    #[test]
    fn bounds_include_their_ends() {
        let hold = |bounds: &str, number| bounds.parse::<Bounds>().expect("bounds").hold(number);
        for (bounds, number, expected) in [
            ("1..5", 5.0, true),
            ("1..5", 5.000_001, false),
            ("-5 .. -1", -3.0, true),
            ("..5", -1e300, true),
            ("5..", 4.9, false),
            ("..", 0.0, true),
            ("=42", 42.0, true),
            ("42", 42.5, false),
            ("=3.14±0.01", 3.15, true),
            ("= 0.7 +- 0.1", 0.8, true),
            ("=3.14+-0.01", 3.1501, false),
            ("=0", 1e-17, false),
        ] {
            assert_eq!(hold(bounds, number), expected, "{number} in {bounds}");
        }
    }

    #[test]
    fn what_is_no_bound_is_told() {
        for wrong in ["5..1", "a..b", "=", "±1", "=1±-1", "nan", "inf..", "1..2..3", "1,5"] {
            assert!(wrong.parse::<Bounds>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_megabyte_of_digits_takes_linear_time() {
        for text in ["1".repeat(1 << 20), "1,".repeat(1 << 19), "1.2.3 ".repeat(1 << 17), "1e".repeat(1 << 19)] {
            last(&text);
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "[-−0-9.,eE+ a±é]{0,24}") {
            let _ = last(&text);
            let _ = text.parse::<Bounds>();
        }

        #[test]
        fn a_written_number_is_read_back(number in -1e9_f64..1e9) {
            prop_assert_eq!(last(&format!("so it is {number}")), Some(number));
        }
    }
}
