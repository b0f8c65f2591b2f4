//! Data sets of every format, sound and malformed.

use std::fmt::Write as _;
use std::io::BufReader;

use proptest::prelude::*;

use super::*;
use crate::template::Template;

fn read_with(format: Format, text: impl AsRef<[u8]>, options: &Options) -> Vec<Result<Row, RowError>> {
    // A small buffer, so that everything is cut somewhere.
    Reader::new(format, BufReader::with_capacity(7, text.as_ref()), options).collect()
}

/// The rows of a sound file.
fn rows(format: Format, text: &str) -> Vec<Row> {
    let read: Result<Vec<Row>, RowError> = read_with(format, text, &Options::default()).into_iter().collect();
    read.unwrap_or_else(|error| panic!("{error}"))
}

/// The errors of a file as a person reads them, and the ids of the rows beside them.
fn errors_with(format: Format, text: impl AsRef<[u8]>, options: &Options) -> (Vec<String>, Vec<String>) {
    let (mut errors, mut ids) = (Vec::new(), Vec::new());
    for item in read_with(format, text, options) {
        match item {
            Ok(row) => ids.push(row.id),
            Err(error) => errors.push(error.to_string()),
        }
    }
    (errors, ids)
}

fn errors(format: Format, text: impl AsRef<[u8]>) -> (Vec<String>, Vec<String>) {
    errors_with(format, text, &Options::default())
}

fn prompted(prompt: &str) -> Options {
    Options { prompt: Some(Template::parse(prompt)), ..Options::default() }
}

fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn a_line_of_text_is_a_prompt() {
    let rows = rows(Format::Text, "\u{feff}first\r\n\n# no comment\n   \nlast, \"as it is\"");
    let told: Vec<_> = rows.iter().map(|row| (row.index, row.line, &*row.id, row.prompt.as_deref())).collect();
    assert_eq!(
        told,
        [(0, 1, "1", Some("first")), (1, 3, "2", Some("# no comment")), (2, 5, "3", Some("last, \"as it is\"")),]
    );
}

#[test]
fn every_column_has_its_meaning_in_every_format() {
    let json = r#"{"id": 7, "prompt": "In {{city}}?", "system": "Be {{tone}}.", "expect": ["contains:a", "json"], "expect2": "regex:b",
        "reference": "{{city}}!", "cluster": "c", "vars": {"city": "Rome"}, "tone": "calm"}"#;
    let csv = "id,prompt,system,expect,expect2,expect3,reference,cluster,vars,tone\n\
        7,In {{city}}?,Be {{tone}}.,contains:a,json,regex:b,{{city}}!,c,\"{\"\"city\"\": \"\"Rome\"\"}\",calm\n";
    let yaml = "- id: 7\n  prompt: In {{city}}?\n  system: Be {{tone}}.\n  expect: [contains:a, json]\n  expect2: regex:b\n  \
        reference: \"{{city}}!\"\n  cluster: c\n  vars: {city: Rome}\n  tone: calm\n";
    let expected = Row {
        index: 0,
        line: 1,
        id: "7".to_owned(),
        prompt: Some("In {{city}}?".to_owned()),
        system: Some("Be {{tone}}.".to_owned()),
        variables: map(&[("city", "Rome"), ("tone", "calm")]),
        expect: ["contains:a", "json", "regex:b"].map(str::to_owned).to_vec(),
        reference: Some("{{city}}!".to_owned()),
        cluster: Some("c".to_owned()),
    };
    assert_eq!(rows(Format::JsonLines, &json.replace('\n', " ")), std::slice::from_ref(&expected));
    assert_eq!(rows(Format::Yaml, yaml), std::slice::from_ref(&expected));
    assert_eq!(rows(Format::Csv, csv), [Row { line: 2, ..expected.clone() }]);
    let filled = expected.fill(&Options::default()).expect("all have a value");
    assert_eq!(
        (filled.prompt.as_str(), filled.system.as_deref(), filled.reference.as_deref(), filled.checks.len()),
        ("In Rome?", Some("Be calm."), Some("Rome!"), 3)
    );
}

#[test]
fn values_reach_the_prompt_as_they_are_written() {
    let options = prompted("{{a}}|{{b}}|{{c}}|{{d}}|{{e}}");
    let yaml = "- {a: 1.10, b: 007, c: yes, d: !!str null, e: [1.0, a, ~, \"2\"]}";
    let jsonl = r#"{"a": 1.10, "b": "007", "c": "yes", "d": "null", "e": [1.0,"a",null,"2"]}"#;
    for (format, text) in [(Format::Yaml, yaml), (Format::JsonLines, jsonl)] {
        let row = read_with(format, text, &options).remove(0).expect("a row");
        assert_eq!(row.fill(&options).expect("filled").prompt, "1.10|007|yes|null|[1.0,\"a\",null,\"2\"]");
    }
}

#[test]
fn a_text_in_place_of_an_object_is_the_prompt() {
    assert_eq!(rows(Format::JsonLines, "\"a\\nb\"\n")[0].prompt.as_deref(), Some("a\nb"));
    let nothing = &rows(Format::JsonLines, r#"{"prompt": "a", "reference": null, "_x": null, "expect": []}"#)[0];
    assert!(nothing.reference.is_none() && nothing.variables.is_empty() && nothing.expect.is_empty());
    // A block begins where its text does.
    let rows = rows(Format::Yaml, "- a\n- |\n  b\n  c\n- prompt: '{{7}}'\n");
    let prompts: Vec<_> = rows.iter().map(|row| (row.line, row.prompt.as_deref())).collect();
    assert_eq!(prompts, [(1, Some("a")), (3, Some("b\nc\n")), (5, Some("{{7}}"))]);
}

#[test]
fn csv_is_read_as_rfc_4180_says_and_as_spreadsheets_write_it() {
    let text = "\u{feff}\"id\",prompt\r\n1,\"a \"\"b\"\", c\"\r\n\r\n2,\"two\r\nlines\"\r\n3,5\" pipe\r\n";
    let rows = rows(Format::Csv, text);
    let told: Vec<_> = rows.iter().map(|row| (row.line, &*row.id, row.prompt.as_deref())).collect();
    assert_eq!(told, [(2, "1", Some("a \"b\", c")), (4, "2", Some("two\r\nlines")), (6, "3", Some("5\" pipe"))]);
    for delimiter in [";", "\t"] {
        let text = format!("id{delimiter}prompt\nx{delimiter}a, b\n");
        assert_eq!(self::rows(Format::Csv, &text)[0].prompt.as_deref(), Some("a, b"));
    }
    assert_eq!(self::rows(Format::Csv, "prompt\n\"a, b\"\nc")[1].prompt.as_deref(), Some("c"));
    assert_eq!(self::rows(Format::Csv, "prompt,,\na,,\n").len(), 1);
    // What stands in quotes in the header is no separator and no end of it.
    for header in ["\u{feff}\"_a,b,c\";prompt", "\u{feff}\"_a\n,b,\";prompt"] {
        let rows = self::rows(Format::Csv, &format!("{header}\nx;y\n"));
        assert_eq!((rows.len(), rows[0].prompt.as_deref()), (1, Some("y")), "{header}");
    }
}

#[test]
fn what_promptfoo_expects_is_read() {
    let text = "prompt,__expected,__expected2,__expected3\nCapital?,Paris,contains: x,not-json\n";
    assert_eq!(rows(Format::Csv, text)[0].expect, ["equals:Paris", "contains: x", "not-json"]);
    let (errors, _) = errors(Format::Csv, "prompt,__prefix\na,b\n");
    assert!(errors[0].contains("`__prefix` has no meaning"), "{errors:?}");
}

#[test]
fn a_malformed_row_is_told_with_its_line_and_the_others_go_on() {
    type Case = (Format, &'static [u8], &'static [&'static str], &'static [&'static str]);
    let tables: &[Case] = &[
        (
            Format::JsonLines,
            b"{\"prompt\": \"a\"}\n{\"prompt\": \n[1]\n{\"prompt\": {}}\n{\"prompt\": \"a\", \"prompt\": \"b\"}\n7\n{\"prompt\": \"\xff\"}\n\n{\"prompt\": \"z\"}",
            &[
                "line 2: it is no JSON: EOF while parsing a value, at byte 11",
                "line 3: a row is an object with its columns, or a text that is the prompt",
                "line 4: `prompt`: it must be a text, and is a list or an object",
                "line 5: the column `prompt` stands there twice",
                "line 6: a row is an object with its columns, or a text that is the prompt",
                "line 7: it is not UTF-8 (byte 13 of the row); save the file as UTF-8",
            ],
            &["1", "8"],
        ),
        (
            Format::Csv,
            b"id,prompt\na\nb,x,y\nc,\"x\" y\nd,\xff\n,\ne,\"1\n2\"\nf,\n",
            &[
                "line 2: it has 1 value, and the header has 2",
                "line 3: it has 3 values, and the header has 2; put a value that holds the separator in quotes",
                "line 4: a value goes on behind its closing quotes; write a quote within quotes twice",
                "line 5: it is not UTF-8 (byte 3 of the row); save the file as UTF-8",
                "line 6: it has no prompt, and none was given for all rows",
                "line 9: it has no prompt, and none was given for all rows",
            ],
            &["e"],
        ),
        (
            Format::Yaml,
            b"- prompt: a\n- [1, 2]\n- prompt: a\n  prompt: b\n- ? [x]\n  : y\n  <<: c\n- expect: {a: b}\n  prompt: d\n- <<: {}\n- e\n",
            &[
                "line 2: a row is an object with its columns, or a text that is the prompt",
                "line 3: the column `prompt` stands there twice",
                "line 5: the name of a column is a text",
                "line 8: `expect`: it must be a check such as `contains:Paris`, or a list of them",
                "line 10: merge keys (`<<`) are not read; write the columns out",
            ],
            &["1", "7"],
        ),
        (Format::Text, b"a\n\xff\nc", &["line 2: it is not UTF-8 (byte 1 of the row); save the file as UTF-8"], &["1", "3"]),
    ];
    for (format, text, expected, ids) in tables {
        let told = errors(*format, text);
        assert_eq!(told.0, *expected, "{format:?}");
        assert_eq!(told.1, *ids, "{format:?}");
    }
}

#[test]
fn what_ends_the_file_ends_it_and_nothing_is_guessed_from_the_rest() {
    for (format, text, expected, ids) in [
        (
            Format::Csv,
            "prompt\na\n\"b\nc\nd\n".as_bytes(),
            "line 3: the quotes that open on line 3 are never closed, so no row after it can be told",
            1,
        ),
        (Format::Csv, b"a,a\n1,2\n", "line 1: the column `a` stands there twice", 0),
        (Format::Text, b"\xff\xfea\0\n\0b\0", "line 1: it is not UTF-8 (byte 1 of the row); save the file as UTF-8", 0),
        (Format::Yaml, b"- a\n- b: [\n- c\n", "line 3: it is no YAML: ", 1),
        (Format::Yaml, b"prompt: a\n", "line 1: the file is no list; begin each row with `- `", 0),
        (Format::Yaml, b"- a\n---\n- b\n", "line 2: a second document begins; one list holds all rows", 1),
        (Format::Yaml, b"- a\n- \"\xff\"", "line 1: it is not UTF-8 (byte 8 of the row); save the file as UTF-8", 0),
    ] {
        let (errors, rows) = errors(format, text);
        assert_eq!((errors.len(), rows.len()), (1, ids), "{errors:?}");
        assert!(errors[0].starts_with(expected), "{errors:?}");
    }
}

#[test]
fn an_empty_file_is_an_error() {
    for format in [Format::Text, Format::JsonLines, Format::Csv, Format::Yaml] {
        for text in ["", "\n \n", "\u{feff}"] {
            assert_eq!(errors(format, text).0, ["there is no row in it"], "{format:?} {text:?}");
        }
    }
    assert_eq!(errors(Format::Csv, "id,prompt\n").0, ["there is no row in it"]);
    assert_eq!(errors(Format::Yaml, "# nothing\n---\n[]\n").0, ["there is no row in it"]);
}

#[test]
fn ids_are_unique_given_or_not() {
    let text = "{\"id\": \"x\", \"prompt\": \"a\"}\n{\"id\": \"3\", \"prompt\": \"b\"}\n{\"prompt\": \"c\"}\n{\"id\": \"x\", \"prompt\": \"d\"}";
    let (errors, ids) = errors(Format::JsonLines, text);
    assert_eq!(
        errors,
        ["line 3: `id`: the id `3` is that of line 2 too", "line 4: `id`: the id `x` is that of line 1 too"]
    );
    assert_eq!(ids, ["x", "3"]);
}

#[test]
fn a_column_that_nothing_uses_is_an_error_once_and_a_note_is_none() {
    let options = prompted("{{city}}?");
    let (errors, ids) = errors_with(Format::Csv, "city,expcet,_note\nRome,json,x\nOslo,json,y\n", &options);
    let words = "the column `expcet` has no meaning, and nothing uses `{{expcet}}`; a note's name begins with `_`";
    assert_eq!(errors, [format!("line 2: {words}")]);
    assert_eq!(ids.len(), 2);
    let last = read_with(Format::Csv, "city,expcet\nRome,json\n", &options).pop().expect("an error");
    let Err(RowError { problem: Problem::UnknownColumn(name, known), index: None, .. }) = last else {
        panic!("{last:?}")
    };
    assert!(name == "expcet" && known.contains(&"expect".to_owned()) && known.contains(&"city".to_owned()));
    // One row uses what another one leaves.
    let text = "prompt,a,b\n{{a}},1,2\n{{b}},1,2\n";
    assert_eq!(errors_with(Format::Csv, text, &Options::default()).0, Vec::<String>::new());
    // Where no row is sound, nothing could be used.
    assert_eq!(errors_with(Format::Csv, "city\nRome\n", &Options::default()).0.len(), 1);
    // A check uses it.
    let text = "prompt,capital,expect\na,Rome,contains:{{capital}}\n";
    assert_eq!(errors_with(Format::Csv, text, &Options::default()).0, Vec::<String>::new());
}

#[test]
fn variables_for_all_rows_fill_what_a_row_leaves_open() {
    let mut options = prompted("{{city}} in {{year}}");
    options.variables = map(&[("year", "1900"), ("tone", "calm")]);
    let text = "city,year\nRome,2000\nOslo,\n,1800\n";
    let (errors, _) = errors_with(Format::Csv, text, &options);
    assert_eq!(
        errors,
        ["line 4: `{{city}}` has no value; fill it in, or give one for all rows", "nothing uses the variable `tone`"]
    );
    let prompts: Vec<String> = read_with(Format::Csv, text, &options)
        .into_iter()
        .filter_map(|row| Some(row.ok()?.fill(&options).expect("filled").prompt))
        .collect();
    assert_eq!(prompts, ["Rome in 2000", "Oslo in 1900"]);
}

#[test]
fn all_values_that_a_row_lacks_are_named_at_once() {
    let text =
        r#"{"prompt": "{{a}}", "system": "{{b}}", "reference": "{{c}} {{reference}}", "expect": "contains:{{d}}"}"#;
    let (errors, _) = errors(Format::JsonLines, text);
    let words =
        "`{{a}}`, `{{b}}`, `{{c}}`, `{{d}}`, `{{reference}}` have no value; fill it in, or give one for all rows";
    assert_eq!(errors, [format!("line 1: {words}")]);
}

#[test]
fn the_commands_prompt_goes_around_the_rows_or_clashes_with_it() {
    let fill = |prompt: &str, text: &str| {
        let options = prompted(prompt);
        let row = read_with(Format::JsonLines, text, &options).remove(0)?;
        Ok::<_, RowError>(row.fill(&options).expect("filled").prompt)
    };
    let row = r#"{"prompt": "Capital of {{land}}?", "land": "Peru"}"#;
    assert_eq!(fill("Briefly: {{prompt}}", row).as_deref(), Ok("Briefly: Capital of Peru?"));
    assert_eq!(fill("Capital of {{land}}!", r#"{"land": "Peru"}"#).as_deref(), Ok("Capital of Peru!"));
    assert_eq!(fill("Briefly.", row).expect_err("two prompts").problem, Problem::TwoPrompts);
}

#[test]
fn a_rows_checks_are_checked_and_run_no_program_unasked() {
    let text = "prompt,expect\na,contians:x\nb,number:1..\nc,command:rm -r x\nd,regex:(\n";
    let (told, ids) = errors(Format::Csv, text);
    assert_eq!(told.len(), 3);
    assert!(told[0].starts_with("line 2: `expect`: the check \"contians:x\""), "{told:?}");
    assert_eq!(told[1], "line 4: `expect`: `command:rm -r x` would run a program, which a data set may not ask for");
    assert_eq!(ids, ["2"]);
    let options = Options { commands: true, ..Options::default() };
    assert_eq!(errors_with(Format::Csv, text, &options).1, ["2", "3"]);
}

#[test]
fn a_huge_row_is_passed_over() {
    let options = Options { longest_row: 100, ..Options::default() };
    let long = "x".repeat(1_000_000);
    for (format, text, line) in [
        (Format::Text, format!("a\n{long}\nb\n"), 2),
        (Format::JsonLines, format!("\"a\"\n\"{long}\"\n\"b\"\n"), 2),
        (Format::Csv, format!("prompt\na\n\"{long}\n\n\"\nb\n"), 3),
        (Format::Yaml, format!("- a\n- {long}\n- b\n"), 2),
    ] {
        let (errors, ids) = errors_with(format, text, &options);
        assert_eq!(errors, [format!("line {line}: it is longer than 100 bytes")], "{format:?}");
        assert_eq!(ids, ["1", "3"], "{format:?}");
    }
}

#[test]
fn aliases_are_unfolded_and_a_bomb_of_them_is_defused() {
    let rows = rows(
        Format::Yaml,
        "- &x {prompt: a, system: &s calm}\n- {prompt: b, system: *s}\n- prompt: c\n  cluster: *s\n",
    );
    assert_eq!((rows[1].system.as_deref(), rows[2].cluster.as_deref()), (Some("calm"), Some("calm")));
    let mut bomb = "- &a0 [lol, lol, lol]\n".to_owned();
    for level in 1..30 {
        let one = format!("*a{}, ", level - 1).repeat(10);
        let _ = writeln!(bomb, "- &a{level} [{one}]");
    }
    let (told, ids) = errors(Format::Yaml, &bomb);
    assert!(ids.is_empty() && told.iter().any(|words| words.contains("longer than")), "{}", told.len());
    assert_eq!(errors(Format::Yaml, "- &a [*a]\n- b").1, ["2"]);
    let many = format!("- &a {}\n{}", "x".repeat(1 << 20), "- *a\n".repeat(100));
    let (told, ids) = errors(Format::Yaml, &many);
    assert_eq!((told.len(), ids.len()), (1, 64), "{told:?}");
    let deep = format!("- {{prompt: a, _x: {}{}}}\n- b", "[".repeat(64), "]".repeat(64));
    assert_eq!(
        errors(Format::Yaml, &deep),
        (vec!["line 1: it is nested deeper than 64 levels".into()], vec!["2".into()])
    );
}

#[test]
fn hostile_nesting_ends_soon() {
    let deep = 200_000;
    for text in [
        "[".repeat(deep),
        "{".repeat(deep),
        "- ".repeat(deep),
        "? ".repeat(deep),
        "[{".repeat(deep),
        "&a ".repeat(deep),
    ] {
        errors(Format::Yaml, &text);
        errors(Format::Yaml, format!("- {text}"));
        errors(Format::JsonLines, &text);
        errors(Format::JsonLines, format!("{{\"prompt\": \"a\", \"vars\": {text}"));
    }
}

#[test]
fn the_mark_of_a_row_tells_contents_apart_and_not_places() {
    let row = |text: &str| rows(Format::JsonLines, text).pop().expect("a row");
    let one = row(r#"{"id": "a", "prompt": "p {{x}}", "x": "1"}"#);
    let moved = row("\n\"other\"\n{\"x\": \"1\", \"prompt\": \"p {{x}}\", \"id\": \"b\"}");
    let other = row(r#"{"prompt": "p {{x}}", "x": "2"}"#);
    assert_eq!(one.fingerprint(), moved.fingerprint());
    assert_ne!(one.fingerprint(), other.fingerprint());
    let asked = |row: &Row| row.fill(&Options::default()).expect("filled").fingerprint();
    let written = row(r#"{"prompt": "p 1", "expect": "json"}"#);
    assert_eq!(asked(&one), asked(&written));
    assert_ne!(asked(&one), asked(&other));
}

#[test]
fn a_hundred_thousand_rows_go_one_by_one() {
    struct Endless {
        row: usize,
        buffer: Vec<u8>,
        at: usize,
    }
    impl std::io::Read for Endless {
        fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
            if self.at == self.buffer.len() && self.row < 100_000 {
                self.row += 1;
                (self.buffer, self.at) = (format!("{},\"row\n{}\"\n", self.row, self.row).into_bytes(), 0);
            }
            let count = into.len().min(self.buffer.len() - self.at);
            into[..count].copy_from_slice(&self.buffer[self.at..self.at + count]);
            self.at += count;
            Ok(count)
        }
    }
    let file = Endless { row: 0, buffer: b"id,prompt\n".to_vec(), at: 0 };
    let options = Options::default();
    let mut reader = Reader::new(Format::Csv, BufReader::new(file), &options);
    assert_eq!(reader.next().expect("one").expect("sound").line, 2);
    let last = reader.last().expect("more").expect("sound");
    assert_eq!((last.index, last.line, last.id.as_str()), (99_999, 200_000, "100000"));
}

#[test]
fn a_format_is_told_by_the_ending() {
    assert_eq!(Format::of_file("a/b.c/prompts.JSONL"), Some(Format::JsonLines));
    assert_eq!(Format::of_file("prompts.tsv"), Some(Format::Csv));
    assert_eq!(Format::of_file("prompts"), None);
    assert_eq!(Format::of_file("prompts.doc"), None);
}

fn written(values: &[Vec<String>], delimiter: char) -> String {
    let quoted = |value: &String| format!("\"{}\"", value.replace('"', "\"\""));
    let line = |row: &Vec<String>| row.iter().map(quoted).collect::<Vec<_>>().join(&delimiter.to_string());
    values.iter().map(line).collect::<Vec<_>>().join("\n")
}

proptest! {
    #[test]
    fn no_file_makes_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..80), text in "[-\\[\\]{}\":,;&*?|>!#a1 \t\r\n\u{feff}é]{0,60}") {
        let options = Options { prompt: Some(Template::parse("{{a}}")), longest_row: 40, ..Options::default() };
        for format in [Format::Text, Format::JsonLines, Format::Csv, Format::Yaml] {
            for input in [&bytes[..], text.as_bytes()] {
                prop_assert!(read_with(format, input, &options).len() <= input.len() + 200);
            }
        }
    }

    #[test]
    fn csv_comes_back_as_it_was_written(
        values in prop::collection::vec(prop::collection::vec("[a,;\t\"\r\né ]{1,6}", 3), 1..6),
        delimiter in prop::sample::select(vec![',', ';', '\t']),
    ) {
        let text = format!("_a{delimiter}_b{delimiter}_c\n{}\n", written(&values, delimiter));
        let options = prompted("x");
        let rows: Result<Vec<Row>, RowError> = read_with(Format::Csv, text, &options).into_iter().collect();
        let read: Vec<Vec<String>> = rows.expect("sound").into_iter().map(|row| row.variables.into_values().collect()).collect();
        prop_assert_eq!(read, values);
    }

    #[test]
    fn json_and_yaml_read_json_alike(prompt in "[^\u{0}-\u{1f}\u{7f}-\u{9f}\u{2028}\u{2029}\u{feff}\u{fffe}\u{ffff}]{1,20}", value in "\\PC{0,20}") {
        let line = serde_json::json!({"prompt": prompt, "_value": value}).to_string();
        let jsonl = read_with(Format::JsonLines, &line, &Options::default()).remove(0);
        let yaml = read_with(Format::Yaml, format!("- {line}"), &Options::default()).remove(0);
        prop_assert_eq!(jsonl, yaml);
    }

    #[test]
    fn a_filled_row_has_no_known_place_left(text in "[{}ab ]{0,30}") {
        let row = Row { prompt: Some(text.clone()), variables: map(&[("a", "1"), ("b", "2"), ("ab", "3")]), ..Row::default() };
        if let Ok(filled) = row.fill(&Options::default()) && !text.contains("{{{{") {
            for name in ["{{a}}", "{{b}}", "{{ab}}"] {
                prop_assert!(!filled.prompt.contains(name));
            }
        }
    }
}
