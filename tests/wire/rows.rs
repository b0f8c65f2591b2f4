//! The built-in rows against the recordings: who was recorded is a row that says so.

use std::collections::BTreeSet;

use llmx::provider::{builtin, left_out};

use super::recording::{self, made_with_these};

/// Recorded services that are no rows, with the reason.
const NO_ROWS: &[(&str, &str)] = &[
    ("chatgpt-codex", "the subscription of one person, signed in to in a browser"),
    ("cohere-compat", "Cohere, which is asked in its own format"),
    ("gemini-openai", "Gemini, which is asked in its own format"),
];

#[test]
fn whoever_was_recorded_in_a_format_of_ours_is_a_row_that_says_so() {
    if !made_with_these() {
        return;
    }
    let proven: BTreeSet<String> = builtin().into_iter().flat_map(|(_, row)| row.proven.unwrap_or_default()).collect();
    let recordings = recording::all();
    let recorded = recordings.iter().filter(|recording| recording.codec().is_some());
    let recorded: BTreeSet<&str> = recorded.map(|recording| recording.provider.as_str()).collect();
    let excused = |provider: &str| NO_ROWS.iter().any(|(name, _)| *name == provider) || left_out(provider).is_some();
    let unproven: Vec<&str> =
        recorded.into_iter().filter(|provider| !proven.contains(*provider) && !excused(provider)).collect();
    assert!(unproven.is_empty(), "no row says that it was proven on {unproven:?}");
}

#[test]
fn every_name_of_a_recording_in_a_row_is_one() {
    let Some(directory) = recording::directory().filter(|_| made_with_these()) else { return };
    for (name, row) in builtin() {
        for recorded in row.proven.unwrap_or_default() {
            assert!(directory.join(&recorded).is_dir(), "{name} was proven on `{recorded}`, which is not there");
        }
    }
}
