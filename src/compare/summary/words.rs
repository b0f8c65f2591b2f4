//! A model beside the baseline, in the words of the line below the table.

use std::fmt;

use super::super::statistics::Ratio;
use super::Against;

/// Such as `10.0x cheaper, 2.6 ± 0.4x faster`; empty when neither is known.
impl fmt::Display for Against {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts: Vec<String> = self.cost_ratio.map(cost).into_iter().chain(self.speed_ratio.map(speed)).collect();
        write!(formatter, "{}", parts.join(", "))
    }
}

fn cost(ratio: f64) -> String {
    match ratio {
        ratio if ratio <= 0.0 => "free".to_owned(),
        ratio if is_one(ratio) => "same cost".to_owned(),
        ratio if ratio < 1.0 => format!("{}x cheaper", times(1.0 / ratio)),
        ratio => format!("{}x dearer", times(ratio)),
    }
}

fn speed(ratio: Ratio) -> String {
    if is_one(ratio.value) {
        return "same speed".to_owned();
    }
    // The inverse of a figure has the same relative error.
    let (value, word) = if ratio.value < 1.0 { (1.0 / ratio.value, "slower") } else { (ratio.value, "faster") };
    match ratio.error.map(|error| error / ratio.value * value).filter(|error| error.is_finite()) {
        Some(error) => format!("{} ± {error:.*}x {word}", times(value), places(value)),
        None => format!("{}x {word}", times(value)),
    }
}

/// Whether two decimals show no difference.
fn is_one(ratio: f64) -> bool {
    (ratio - 1.0).abs() < 0.005
}

fn times(value: f64) -> String {
    format!("{value:.*}", places(value))
}

/// Two decimals where one would show no difference.
fn places(value: f64) -> usize {
    if value < 1.95 { 2 } else { 1 }
}
