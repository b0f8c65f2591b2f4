use proptest::prelude::*;

use super::*;

/// The texts that a difference was made of.
fn sides(diff: &Diff) -> (String, String) {
    let without = |kind: Kind| {
        let kept = diff.pieces.iter().filter(move |piece| piece.kind != kind);
        kept.map(|piece| piece.text.as_str()).collect::<String>()
    };
    (without(Kind::Added), without(Kind::Removed))
}

/// The difference with marks around what changed.
fn marked(diff: &Diff) -> String {
    let mark = |piece: &Piece| match piece.kind {
        Kind::Equal => piece.text.clone(),
        Kind::Removed => format!("[-{}-]", piece.text),
        Kind::Added => format!("{{+{}+}}", piece.text),
    };
    diff.pieces.iter().map(mark).collect()
}

fn in_words(baseline: &str, text: &str) -> String {
    marked(&Diff::in_words(baseline, text))
}

#[test]
fn words_that_changed_stand_between_words_that_did_not() {
    let diff = Diff::in_words("Rust prevents data races.", "Rust stops data races early.");
    assert_eq!(marked(&diff), "Rust [-prevents-]{+stops+} data races{+ early+}.");
    assert_eq!((diff.removed_words, diff.added_words), (1, 2));
    assert_eq!(in_words("The answer is 1985.", "The answer is 1987."), "The answer is [-1985-]{+1987+}.");
    assert_eq!(in_words("same", "same"), "same");
    assert_eq!(in_words("", ""), "");
    assert_eq!(in_words("", "new"), "{+new+}");
}

#[test]
fn blanks_alone_are_told_apart_and_the_words_around_them_stay_equal() {
    assert_eq!(in_words("one two\nthree", "one\ntwo three"), "one[- -]{+\n+}two[-\n-]{+ +}three");
}

#[test]
fn crumbs_between_large_changes_are_no_likeness() {
    let diff = in_words(
        "Ask the office downstairs for a small red bag before you leave the house.",
        "Ask the office downstairs whether a visitor arrived before you leave the house.",
    );
    assert_eq!(
        diff,
        "Ask the office downstairs [-for a small red bag-]{+whether a visitor arrived+} before you leave the house."
    );
}

#[test]
fn a_sentence_that_was_written_anew_is_one_block() {
    let diff = in_words(
        "Paris is the capital of France. The city lies on the river Seine, and many people live in it.",
        "Paris is the capital of France. In spring, tourists come for museums and for the food.",
    );
    assert_eq!(
        diff,
        "Paris is the capital of France. [-The city lies on the river Seine, and many people live in it.-]\
         {+In spring, tourists come for museums and for the food.+}"
    );
}

#[test]
fn a_sentence_between_others_is_added_and_moves_nothing() {
    let diff = in_words(
        "Bread needs flour. Bread needs water too. It rests for an hour.",
        "Bread needs flour. Salt is a matter of taste. Bread needs water as well. It rests for two hours.",
    );
    assert_eq!(
        diff,
        "Bread needs flour. {+Salt is a matter of taste. +}Bread needs water [-too-]{+as well+}. \
         It rests for [-an hour-]{+two hours+}."
    );
}

#[test]
fn one_sentence_that_became_two_is_held_against_both() {
    let (one, two) = (
        "The borrow checker reads the program, and it refuses what could race.",
        "The borrow checker reads the program. It refuses what could race.",
    );
    assert_eq!(in_words(one, two), "The borrow checker reads the program[-, and it-]{+. It+} refuses what could race.");
    assert_eq!(in_words(two, one), "The borrow checker reads the program[-. It-]{+, and it+} refuses what could race.");
}

#[test]
fn writing_without_blanks_is_compared_by_its_characters() {
    assert_eq!(in_words("我喜欢红茶。今天很热。", "我喜欢绿茶。今天很热。"), "我喜欢[-红-]{+绿+}茶。今天很热。");
    assert_eq!(sentences("我喜欢茶。「今天很热！」他说。"), ["我喜欢茶。", "「今天很热！」", "他说。"]);
    assert_eq!(sentences("สวัสดีครับ ผมชื่อเอ"), ["สวัสดีครับ ", "ผมชื่อเอ"]);
    assert_eq!(words("東京タワー is 333 m").collect::<Vec<_>>(), ["東", "京", "タワー", "is", "333", "m"]);
}

#[test]
fn sentences_end_where_a_reader_ends_them() {
    for (text, expected) in [
        ("It is 3.14 now. Is it? Yes, it is!", vec!["It is 3.14 now. ", "Is it? ", "Yes, it is!"]),
        ("Use tools, e.g. a saw. Then rest.", vec!["Use tools, e.g. a saw. ", "Then rest."]),
        ("1. First thing\n2. Second thing\n\nEnd", vec!["1. First thing\n", "2. Second thing\n\n", "End"]),
        ("He said \"no way.\" Then he left.", vec!["He said \"no way.\" ", "Then he left."]),
        ("Mr. Smith went home. He slept.", vec!["Mr. Smith went home. ", "He slept."]),
        ("A line may\nbreak in it. Next\nOne", vec!["A line may\nbreak in it. ", "Next\n", "One"]),
        ("  \n Lead", vec!["  \n ", "Lead"]),
        ("", vec![]),
    ] {
        assert_eq!(sentences(text), expected, "{text:?}");
    }
}

#[test]
fn lines_and_json_have_modes_of_their_own() {
    assert_eq!(marked(&Diff::in_lines("a\nb\nc", "a\nx\nc")), "a\n[-b\n-]{+x\n+}c");
    let json = Diff::in_json(r#"{"b": 1, "a": [1, 2]}"#, "```json\n{\"a\":[1,3],\"b\":1}\n```").expect("both are JSON");
    assert_eq!(marked(&json), "{\n  \"a\": [\n    1,\n[-    2\n-]{+    3\n+}  ],\n  \"b\": 1\n}\n");
    assert!(Diff::in_json("{}", "not JSON").is_none());
    assert!(Diff::new(Unit::Json, r#"{"a": 1, "b": 2}"#, r#"{"b": 2, "a": 1}"#).expect("JSON").is_empty());
    assert!(Diff::in_json(&"[".repeat(1 << 20), "[]").is_none(), "depth is limited");
}

#[test]
fn windows_and_anchors_give_the_whole_of_long_texts() {
    let numbers = |from: usize| (from..from + 4000).map(|number| number.to_string()).collect::<Vec<_>>().join("/");
    let (old, new) = (numbers(0), numbers(50));
    let diff = Diff::in_words(&old, &new);
    assert_eq!((diff.removed_words, diff.added_words), (50, 50), "a shift in one long line is found");
    let (old, new) = ("a b ".repeat(3000), "b b a ".repeat(2500));
    assert_eq!(sides(&Diff::in_words(&old, &new)), (old, new));
}

fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        any::<char>().prop_map(String::from),
        prop::sample::select(vec![
            "the ",
            "cat ",
            "sat",
            ". ",
            "!",
            "\n",
            "\r\n",
            " ",
            "。",
            "漢",
            "字",
            "ก",
            "1.",
            "- ",
            "\u{301}",
            "👩\u{200d}💻",
            "The cat sat on the mat. ",
            "The cat ran on the mat. ",
            "A dog slept. ",
            "\u{1c}",
            "\u{2028}",
        ])
        .prop_map(str::to_owned),
    ];
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn pieces_are_both_texts_to_the_byte(old in text(), new in text()) {
        for diff in [Diff::in_words(&old, &new), Diff::in_lines(&old, &new)] {
            prop_assert_eq!(sides(&diff), (old.clone(), new.clone()));
            prop_assert!(diff.pieces.iter().all(|piece| !piece.text.is_empty()));
            let mut kinds = diff.pieces.windows(2).map(|pair| (pair[0].kind, pair[1].kind));
            prop_assert!(kinds.all(|(one, next)| one != next && (one, next) != (Kind::Added, Kind::Removed)));
        }
        prop_assert!(Diff::in_words(&old, &old).is_empty());
        prop_assert_eq!(sentences(&old).concat(), old);
    }
}
