//! What is written can be read back, whatever it says.

use std::time::Duration;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::super::super::check::{Outcome, Verdict};
use super::super::super::dataset::Fingerprint;
use super::super::super::fixtures::comparison;
use super::super::super::judge::Duel;
use super::super::super::kept::{AskedRow, KeptAnswer, Record};
use super::super::super::report::{Met, Section, Transcript};
use super::super::super::{Answer, State, Timing};
use super::super::{Format, read};
use crate::chat::Buckets;
use crate::money::Usd;

/// Any text, also such as a format's own marks.
fn text() -> impl Strategy<Value = String> {
    let marks = "(\"|,|\\\\|\n|\r|```|<|\\]\\]>|\\}|\u{0}|\u{2028}|=|'|\\{\"kind\":\"head\"\\}|[a-z ]){0,12}";
    prop_oneof![any::<String>(), marks]
}

/// A fraction that decimals tell exactly.
fn fraction() -> impl Strategy<Value = f64> {
    (-1024_i32..=1024).prop_map(|number| f64::from(number) / 1024.0)
}

fn state() -> impl Strategy<Value = State> {
    prop_oneof![
        Just(State::Whole),
        Just(State::Truncated),
        Just(State::Refused),
        (text(), text()).prop_map(|(class, message)| State::Failed { class, message }),
    ]
}

fn timing() -> impl Strategy<Value = Timing> {
    let time = || (0_u64..1 << 50).prop_map(Duration::from_nanos);
    (option::of(time()), option::of(time()), time()).prop_map(|(first_token, first_piece, total)| Timing {
        first_token,
        first_piece,
        total,
    })
}

fn tokens() -> impl Strategy<Value = Buckets> {
    any::<([u64; 8], bool)>().prop_map(|(counts, inconsistent)| Buckets {
        input: counts[0],
        cache_read: counts[1],
        cache_write_5m: counts[2],
        cache_write_1h: counts[3],
        audio_in: counts[4],
        output: counts[5],
        reasoning: counts[6],
        audio_out: counts[7],
        inconsistent,
        ..Buckets::default()
    })
}

fn verdict() -> impl Strategy<Value = Verdict> {
    let outcome = prop_oneof![Just(Outcome::Passed), Just(Outcome::Failed), Just(Outcome::Unknown)];
    (text(), outcome, text(), option::of(fraction())).prop_map(|(check, outcome, reason, score)| Verdict {
        check,
        outcome,
        reason,
        score,
    })
}

fn answer() -> impl Strategy<Value = KeptAnswer> {
    let cost = option::of(any::<i64>().prop_map(|pico| Usd::from_pico(i128::from(pico))));
    let told = (option::of(text()), option::of(timing()), option::of(tokens()), cost, vec(verdict(), 0..3));
    let kept = (any::<u32>(), option::of(fraction()));
    (0..3_usize, any::<u32>(), state(), text(), told, kept).prop_map(|(model, repeat, state, text, told, kept)| {
        let ((served, timing, tokens, cost, verdicts), (attempts, cosine)) = (told, kept);
        let answer = Answer { row: 0, model, repeat, state, text, served, timing, tokens, cost, verdicts };
        KeptAnswer { answer, attempts, cosine }
    })
}

fn transcript() -> impl Strategy<Value = Transcript> {
    let duel = prop_oneof![Just(Duel::Win), Just(Duel::Tie { flipped: true }), Just(Duel::Unknown)];
    let met = (0..3_usize, 0..3_usize, duel).prop_map(|(first, second, duel)| Met { first, second, duel });
    (text(), text(), text(), option::of(met)).prop_map(|(title, outcome, text, duel)| {
        let sections = vec![Section { title: title.clone(), text }];
        Transcript { title, outcome, sections, duel }
    })
}

pub(super) fn records() -> impl Strategy<Value = Vec<Record>> {
    let row = (text(), text(), option::of(text()), option::of(text()), option::of(text()), vec((text(), text()), 0..3));
    let record = (row, vec(answer(), 0..4), vec(transcript(), 0..2)).prop_map(|(row, answers, transcripts)| {
        let (id, prompt, system, reference, cluster, variables) = row;
        let fingerprint = Fingerprint::of([prompt.as_str()]);
        let row = AskedRow { index: 0, id, prompt, system, variables, reference, cluster, fingerprint };
        Record { row, answers, transcripts }
    });
    vec(record, 0..4).prop_map(|mut records| {
        for (index, record) in records.iter_mut().enumerate() {
            record.row.index = index;
            record.answers.iter_mut().for_each(|kept| kept.answer.row = index);
        }
        records
    })
}

const MODELS: [&str; 3] = ["a/one", "b/two", "c/\"three\"\n"];

fn back(format: Format, file: &str) -> Vec<Record> {
    let mut records = Vec::new();
    let head = read(format, file.as_bytes(), |models, record| {
        assert_eq!(models, MODELS);
        records.push(record.clone());
    });
    let head = head.unwrap_or_else(|error| panic!("{error}\n{file}"));
    assert_eq!((head.rows, head.title.as_str()), (records.len(), "capitals"));
    records
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(records in records()) {
        for format in [Format::Json, Format::JsonLines] {
            prop_assert_eq!(&back(format, &super::of(format, &comparison(&MODELS), &records)), &records);
        }
    }

    #[test]
    fn json_is_read_however_it_is_laid_out(records in records()) {
        let file = super::of(Format::Json, &comparison(&MODELS), &records);
        let value: serde_json::Value = serde_json::from_str(&file).unwrap();
        prop_assert_eq!(&back(Format::Json, &serde_json::to_string_pretty(&value).unwrap()), &records);
    }

    #[test]
    fn a_file_cut_anywhere_is_an_error(records in records(), place in any::<prop::sample::Index>()) {
        for format in [Format::Json, Format::JsonLines] {
            let file = super::of(format, &comparison(&MODELS), &records);
            let mut cut = place.index(file.trim_end().len());
            while !file.is_char_boundary(cut) {
                cut -= 1;
            }
            let read = read(format, &file.as_bytes()[..cut], |_, _| {});
            prop_assert!(read.is_err(), "{:?} {}", format, &file[..cut]);
        }
    }
}
