//! The built-in rows against the recordings: who was recorded is a row, and its requests go where the recorded ones went.

use std::collections::BTreeSet;

use llmx::chat::{ChatRequest, Message, Role};
use llmx::provider::builtin;
use llmx::wire::codec;

use super::recording;
use super::requests::{OTHER_ADDRESSES, same_path};

/// Recorded services that are no rows, with the reason.
const NO_ROWS: &[(&str, &str)] = &[
    ("chatgpt-codex", "the subscription of one person, signed in to in a browser"),
    ("cohere-compat", "Cohere, which is asked in its own format"),
    ("gemini-openai", "Gemini, which is asked in its own format"),
    ("azure-openai", "its addresses come with its own row"),
];

/// The rows name the recordings that they were made with; another directory may hold others.
fn made_with_these() -> bool {
    std::env::var_os("LLMX_RECORDINGS").is_none()
}

#[test]
fn whoever_was_recorded_in_a_format_of_ours_is_a_row_that_says_so() {
    if !made_with_these() {
        return;
    }
    let proven: BTreeSet<String> = builtin().into_iter().flat_map(|(_, row)| row.proven.unwrap_or_default()).collect();
    let recordings = recording::all();
    let recorded = recordings.iter().filter(|recording| recording.codec().is_some());
    let recorded: BTreeSet<&str> = recorded.map(|recording| recording.provider.as_str()).collect();
    let excused = |provider: &str| NO_ROWS.iter().any(|(name, _)| *name == provider);
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

#[test]
fn an_openai_compatible_request_goes_where_the_recorded_one_went() {
    // Some services answer in a second format beside the one that llmx asks them in.
    let speaks =
        |name: &str| builtin().iter().any(|(row, it)| row == name && it.wire.as_deref() == Some("openai-chat"));
    let mut wrong = BTreeSet::new();
    for recording in recording::all() {
        let target = recording.target();
        let other = OTHER_ADDRESSES.iter().any(|(provider, _)| *provider == recording.provider);
        let proven = target.provider.proven.contains(&recording.provider) && speaks(&target.provider.name);
        if recording.codec() != Some("openai-chat") || !proven || other {
            continue;
        }
        let messages = vec![Message::text(Role::User, "hello".to_owned())];
        let request = ChatRequest { messages, ..ChatRequest::default() };
        let sent = codec("openai-chat").expect("a codec").encode(&target, &request).url;
        let path = sent.split_once("://").and_then(|(_, rest)| rest.find('/').map(|at| &rest[at..]));
        let recorded = recording.request["path"].as_str().unwrap_or_default();
        if !same_path(path.unwrap_or_default(), recorded) {
            wrong.insert(format!("{}: recorded {recorded}, sent {sent}", recording.provider));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
