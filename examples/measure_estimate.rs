//! How far the estimate of tokens is from the real count, by kind of file: `measure_estimate FOLDER…` walks folders of text and
//! prints, for each kind and for all, the median and the 90th percentile of the error against `o200k_base`, and the bias.
//!
//! A file's kind is its extension. A folder that took part in the fit says nothing of how well others are told.

#![expect(clippy::print_stdout, reason = "a measuring program prints its figures")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use llmx::route::estimate::{Measure, exact};

/// Shorter files say little; of longer ones the beginning is read.
const SHORTEST: usize = 400;
const LONGEST: usize = 64 << 10;

fn main() {
    let mut errors: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    let mut folders: Vec<PathBuf> = std::env::args().skip(1).map(PathBuf::from).collect();
    while let Some(path) = folders.pop() {
        if path.is_dir() {
            folders.extend(std::fs::read_dir(&path).into_iter().flatten().flatten().map(|entry| entry.path()));
        } else if let Some(error) = error(&path) {
            let kind = path.extension().unwrap_or_default().to_string_lossy().into_owned();
            for kind in [kind, "all".to_owned()] {
                errors.entry(kind).or_default().push(error);
            }
        }
    }
    println!("{:<16}{:>7}{:>9}{:>9}{:>9}", "kind", "files", "median", "p90", "bias");
    for (kind, mut errors) in errors {
        let bias = quantile(&mut errors, 0.5);
        for error in &mut errors {
            *error = error.abs();
        }
        let (median, most) = (quantile(&mut errors, 0.5), quantile(&mut errors, 0.9));
        println!("{kind:<16}{:>7}{median:>8.1}%{most:>8.1}%{bias:>+8.1}%", errors.len());
    }
}

/// In percent of the real count; `None` for what is no text or too short.
fn error(path: &Path) -> Option<f64> {
    let mut text = String::from_utf8(std::fs::read(path).ok()?).ok()?;
    if text.len() < SHORTEST {
        return None;
    }
    if text.len() > LONGEST {
        text.truncate((0..=LONGEST).rev().find(|at| text.is_char_boundary(*at))?);
    }
    let real = exact("o200k_base", &text)?;
    let estimate = Measure::of_text(&text).tokens(Some("openai"), "").expected;
    Some((estimate as f64 / real as f64 - 1.0) * 100.0)
}

fn quantile(values: &mut [f64], at: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place in a list")]
    let place = ((values.len() - 1) as f64 * at).round() as usize;
    values.get(place).copied().unwrap_or_default()
}
