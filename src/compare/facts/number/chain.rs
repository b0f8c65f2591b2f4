//! Runs of digits and the separators between them: one number, or several.

use super::LONGEST_PLAIN;

/// What may stand between two runs of digits of one number.
pub const SEPARATORS: &[char] = &[',', '.', '\'', '’', '_', '\u{a0}', '\u{202f}', '\u{2009}', '\u{66b}', '\u{66c}'];

/// A number as its digits before and after the point; or, with several points, a version.
pub struct Piece {
    /// Whether a minus stands before it.
    pub negative: bool,
    whole: String,
    fraction: String,
    version: Option<String>,
}

impl Piece {
    fn of(whole: &str, fraction: &str) -> Self {
        Self { negative: false, whole: whole.to_owned(), fraction: fraction.to_owned(), version: None }
    }

    /// Whether it is a year that a decade begins with.
    pub fn is_decade(&self) -> bool {
        self.whole.len() == 4 && self.fraction.is_empty() && self.whole.ends_with('0')
    }

    /// The digits as a text to show.
    pub fn written(&self) -> String {
        self.version.clone().unwrap_or_else(|| self.value(0))
    }

    /// The value in one way to write it, times a power of ten.
    pub fn value(&self, exponent: i64) -> String {
        if let Some(version) = &self.version {
            return version.clone();
        }
        let digits = format!("{}{}", self.whole, self.fraction);
        let significant = digits.trim_start_matches('0');
        let trimmed = significant.trim_end_matches('0');
        if trimmed.is_empty() {
            return "0".to_owned();
        }
        let count = |text: &str| i64::try_from(text.len()).unwrap_or(i64::MAX / 4);
        let exponent = exponent - count(&self.fraction) + count(significant) - count(trimmed);
        let sign = if self.negative { "-" } else { "" };
        format!("{sign}{}", plain(trimmed, exponent).unwrap_or_else(|| format!("{trimmed}e{exponent}")))
    }
}

/// Digits times a power of ten without the power, where that is short.
fn plain(digits: &str, exponent: i64) -> Option<String> {
    let size = usize::try_from(exponent.unsigned_abs()).ok().filter(|size| *size <= LONGEST_PLAIN)?;
    if digits.len() > LONGEST_PLAIN {
        return None;
    }
    if exponent >= 0 {
        return Some(format!("{digits}{}", "0".repeat(size)));
    }
    let padded = format!("{}{digits}", "0".repeat((size + 1).saturating_sub(digits.len())));
    let (whole, fraction) = padded.split_at(padded.len() - size);
    Some(format!("{whole}.{fraction}"))
}

/// The numbers of a chain. `bracketed` when a bracket stands before it: `(3,4)` are two numbers, `3,4` is one.
pub fn pieces(chain: &[(Option<char>, String)], bracketed: bool) -> Vec<Piece> {
    if let Some(piece) = one(chain, bracketed) {
        return vec![piece];
    }
    // A list without blanks.
    let parts = chain.chunk_by(|_, (separator, _)| *separator != Some(','));
    let mut found = Vec::new();
    for part in parts {
        match one(part, bracketed) {
            Some(piece) => found.push(piece),
            None => found.extend(part.iter().map(|(_, run)| Piece::of(run, ""))),
        }
    }
    found
}

fn one(chain: &[(Option<char>, String)], bracketed: bool) -> Option<Piece> {
    let (first, rest) = chain.split_first()?;
    let Some((last, grouped)) = rest.split_last() else { return Some(Piece::of(&first.1, "")) };
    let separator = last.0?;
    if !same(grouped) {
        return None;
    }
    let joined = |runs: &[(Option<char>, String)]| runs.iter().map(|(_, run)| run.as_str()).collect::<String>();
    if grouped.first().is_some_and(|(other, _)| *other != last.0) {
        let decimal = matches!(separator, '.' | ',' | '\u{66b}') && in_groups(first, grouped);
        return decimal.then(|| Piece::of(&joined(&chain[..chain.len() - 1]), &last.1));
    }
    match separator {
        '.' | '\u{66b}' if grouped.is_empty() => Some(Piece::of(&first.1, &last.1)),
        _ if in_groups(first, rest) && !(bracketed && separator == ',' && first.1 == "0") => {
            Some(Piece::of(&joined(chain), ""))
        }
        '.' => {
            let runs: Vec<&str> = chain.iter().map(|(_, run)| run.as_str()).collect();
            Some(Piece { version: Some(runs.join(".")), ..Piece::of("", "") })
        }
        ',' if grouped.is_empty() && !bracketed && (last.1.len() != 3 || first.1 == "0") => {
            Some(Piece::of(&first.1, &last.1))
        }
        _ => None,
    }
}

fn same(runs: &[(Option<char>, String)]) -> bool {
    runs.windows(2).all(|pair| pair[0].0 == pair[1].0)
}

/// Whether the runs are groups of thousands: of three digits each, or as India groups them, of two and at last three.
fn in_groups(first: &(Option<char>, String), rest: &[(Option<char>, String)]) -> bool {
    let Some(((separator, last), middle)) = rest.split_last() else { return false };
    let sizes = |size| middle.iter().all(|(_, run)| run.len() == size);
    let opens = (1..=3).contains(&first.1.len()) && !first.1.starts_with('0');
    opens && last.len() == 3 && (sizes(3) || (*separator == Some(',') && sizes(2))) && *separator != Some('\u{66b}')
}
