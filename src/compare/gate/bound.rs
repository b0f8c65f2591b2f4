//! The bounds of gates, read from what stands behind their flags.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

/// The similarity that `--fail-on-disagreement` asks for when it says none: below it answers are told apart as clusters.
pub const DISAGREEMENT: f64 = 0.5;

/// How much worse than an earlier run is worse. Read from `any` (which the flag means alone) or from percentage points.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Regression {
    /// A single prompt that passed before and fails now.
    AnyPrompt,
    /// The rate fell by more than so many percentage points, from 0 to 100.
    Points(f64),
}

impl FromStr for Regression {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if text == "any" {
            return Ok(Self::AnyPrompt);
        }
        let number = text.strip_suffix("pp").or_else(|| text.strip_suffix('%')).unwrap_or(text);
        let points = decimal(number).filter(|points| (0.0..=100.0).contains(points));
        points
            .map(Self::Points)
            .ok_or_else(|| "say percentage points from 0 to 100, such as `2.5`, or `any`".to_owned())
    }
}

impl fmt::Display for Regression {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AnyPrompt => write!(formatter, "none may"),
            Self::Points(points) => write!(formatter, "up to {points} points may be lost"),
        }
    }
}

/// A share of prompts that must pass: `0.9` or `90%`.
pub fn rate(text: &str) -> Result<f64, String> {
    share(text).ok_or_else(|| match decimal(text) {
        Some(number) if number > 1.0 && number <= 100.0 => {
            format!("say a share from 0 to 1; did you mean `{number}%`?")
        }
        _ => "say a share such as `0.9` or `90%`".to_owned(),
    })
}

/// A similarity from 0 to 1, as `0.5` or `50%`.
pub fn similarity(text: &str) -> Result<f64, String> {
    share(text).ok_or_else(|| "say a similarity from 0 to 1, such as `0.5`".to_owned())
}

fn share(text: &str) -> Option<f64> {
    let value = match text.trim().strip_suffix('%') {
        Some(percent) => decimal(percent)? / 100.0,
        None => decimal(text)?,
    };
    (0.0..=1.0).contains(&value).then_some(value)
}

/// A plain decimal number: no sign, no exponent, no `inf`.
fn decimal(text: &str) -> Option<f64> {
    let text = text.trim();
    let plain = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    plain.then(|| text.parse().ok()).flatten().filter(|value: &f64| value.is_finite())
}
