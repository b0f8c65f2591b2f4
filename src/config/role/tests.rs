//! What a role's text means, and what is told of one that is wrong.

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn source(text: &str, owner: Owner) -> Source {
    Source { path: "r.md".to_owned(), text: text.to_owned(), owner, open_to_others: true }
}

fn role(text: &str) -> Role {
    Role::parse("r", source(text, Owner::User)).unwrap_or_else(|problems| panic!("{problems}"))
}

/// What is wrong, in the words that the user sees.
fn wrong(text: &str) -> String {
    Role::parse("r", source(text, Owner::User)).expect_err(text).to_string()
}

/// System prompt and prompt when `Q` is asked.
fn said(text: &str, given: &[(&str, &str)]) -> (Option<String>, String) {
    let given: Vec<_> = given.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let words = role(text).words(&given).expect("all have a value");
    (words.system.clone(), words.prompt("Q"))
}

#[test]
fn a_text_with_input_is_the_prompt_and_one_without_is_the_system_prompt() {
    let pair = |system: Option<&str>, prompt: &str| (system.map(str::to_owned), prompt.to_owned());
    for (text, expected) in [
        ("Be terse.", pair(Some("Be terse."), "Q")),
        ("Ask: {{input}}!", pair(None, "Ask: Q!")),
        ("+++\nsystem = \"S\"\n+++\nAsk: {{ input }}", pair(Some("S"), "Ask: Q")),
        ("+++\nsystem = \"S\"\n+++\n", pair(Some("S"), "Q")),
        ("+++\nmodel = \"m\"\n+++\n", pair(None, "Q")),
        ("+++\n+++\n\n\n  indented\n\nmore\n\n", pair(Some("  indented\n\nmore"), "Q")),
        ("\u{feff}+++\r\nsystem = \"S\"\r\n+++ \r\nAsk:\r\n{{input}}\r\n", pair(Some("S"), "Ask:\r\nQ")),
        ("text\n+++\nno head\n+++\n", pair(Some("text\n+++\nno head\n+++"), "Q")),
        ("+++\n+++\n---\nno head of YAML", pair(Some("---\nno head of YAML"), "Q")),
    ] {
        assert_eq!(said(text, &[]), expected, "{text}");
    }
}

#[test]
fn the_head_sets_model_options_schema_and_defaults() {
    let role = role(
        "+++\ndescription = \"d\"\nmodel = \"smart\"\nschema = \"name, age int\"\n[options]\ntemperature = 1\n\
         max_tokens = 300\nstop = \"END\"\nseed = -1\nreasoning_effort = \"low\"\nextra = { top_k = 5, day = 2026-01-02 }\n\
         [variables]\nn = 5\nyes = true\nx = 0.5\n+++\n{{n}} {{yes}} {{x}} {{other}}",
    );
    assert_eq!((role.model.as_deref(), role.schema.as_deref()), (Some("smart"), Some("name, age int")));
    let options = serde_json::to_value(&role.options).expect("JSON");
    assert_eq!(
        options,
        json!({
            "temperature": 1.0, "max_tokens": 300, "stop": ["END"], "seed": -1, "reasoning_effort": "low",
            "extra": { "top_k": 5, "day": "2026-01-02" },
        })
    );
    assert_eq!(role.needed().into_iter().collect::<Vec<_>>(), ["other"]);
    let words = role.words(&[("other".to_owned(), "o".to_owned())]).expect("filled");
    assert_eq!(words.system.as_deref(), Some("5 true 0.5 o"));
}

#[test]
fn every_setting_knows_its_line() {
    let role = role("+++\nmodel = \"m\"\n\noptions = { top_p = 0.5 }\nvariables.a = \"b\"\n+++\n{{a}}");
    let settings: Vec<String> =
        role.settings().into_iter().map(|(at, set)| format!("{at} = {} {}", set.value, set.origin)).collect();
    assert_eq!(settings, ["model = \"m\" r.md:2", "options.top_p = 0.5 r.md:4", "variables.a = \"b\" r.md:5"]);
}

#[test]
fn a_value_wins_over_the_default_and_is_never_filled_itself() {
    let text = "+++\nvariables = { a = \"1\", b = \"2\" }\n+++\n{{a}}{{b}} {{input}} {{{{a}}}}";
    assert_eq!(said(text, &[]).1, "12 Q {{a}}");
    assert_eq!(said(text, &[("a", "{{b}} {{input}}")]).1, "{{b}} {{input}}2 Q {{a}}");
    let words = role(text).words(&[]).expect("filled");
    assert_eq!(words.prompt("{{a}} \\1 $0"), "12 {{a}} \\1 $0 {{a}}");
}

#[test]
fn input_may_have_a_default() {
    let words = role("+++\nvariables = { input = \"a joke\" }\n+++\nBe {{mood}}.")
        .words(&[("mood".to_owned(), "sad".to_owned())])
        .expect("filled");
    assert_eq!((words.system.as_deref(), words.input.as_deref()), (Some("Be sad."), Some("a joke")));
    assert_eq!(words.prompt("x"), "x");
}

#[test]
fn what_is_missing_or_unknown_is_told_with_what_to_do() {
    let role = role("+++\nvariables = { lang = \"en\" }\n+++\n{{lang}} {{ticket}} {{who}} {{input}}");
    let told = |given: &[(&str, &str)]| {
        let given: Vec<_> = given.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let unfilled = role.words(&given).expect_err("unfilled");
        (unfilled.to_string(), unfilled.hint())
    };
    let (message, hint) = told(&[]);
    assert_eq!(message, "`ticket`, `who` have no value");
    assert!(hint.contains("-p ticket=… -p who=…"), "{hint}");
    assert_eq!(told(&[("tiket", "x")]), ("it has no variable `tiket`".to_owned(), "did you mean `ticket`?".to_owned()));
    assert_eq!(told(&[("zzzzzz", "x")]).1, "it has: `lang`, `ticket`, `who`");
    assert!(told(&[("input", "x")]).0.contains("is what is asked"));
}

#[test]
fn what_is_wrong_is_told_with_line_and_column() {
    for (text, place, words) in [
        ("+++\nmodel = \"m\"\n", "r.md:1:1", "has no end"),
        ("+++\nmodle = \"m\"\n+++\nx", "r.md:2:1", "did you mean `model`?"),
        ("+++\ntemperature = 1\n+++\nx", "r.md:2:1", "options = { temperature = … }"),
        ("+++\nmodel = m\n+++\nx", "r.md:2:9", "r.md"),
        ("+++\nmodel = 5\n+++\nx", "r.md:2:9", "found integer"),
        ("+++\noptions = { temprature = 1 }\n+++\nx", "r.md:2:13", "did you mean `temperature`?"),
        ("+++\noptions = { top_k = 1 }\n+++\nx", "r.md:2:13", "extra = { top_k = … }"),
        ("+++\noptions = { temperature = nan }\n+++\nx", "r.md:2:27", "a number such as `0.7`"),
        ("+++\noptions = { max_tokens = 0 }\n+++\nx", "r.md:2:26", "at least 1"),
        ("+++\noptions = { max_tokens = -1 }\n+++\nx", "r.md:2:26", "whole number"),
        ("+++\noptions = { extra = { model = \"x\" } }\n+++\nx", "r.md:2:21", "must not hold `model`"),
        ("+++\noptions = { extra = { seed = 1 } }\n+++\nx", "r.md:2:21", "set it in `options` itself"),
        ("+++\noptions = { extra = { a = [nan] } }\n+++\nx", "r.md:2:21", "neither `nan`"),
        ("+++\noptions = 5\n+++\nx", "r.md:2:11", "`options` is a table"),
        ("+++\nvariables = { \"a b\" = 1 }\n+++\nx", "r.md:2:15", "cannot name a variable"),
        ("+++\nvariables = { a = [1] }\n+++\n{{a}}", "r.md:2:19", "a text, a number"),
        ("+++\nvariables = { lang = \"\" }\n+++\n{{lnag}}", "r.md:2:15", "the text has `{{lnag}}`"),
        ("+++\nvariables = { lang = \"\" }\n+++\nx", "r.md:2:15", "write `{{lang}}` where it goes"),
        ("+++\nsystem = \"S\"\n+++\ntext", "r.md:2:1", "here is another"),
        ("+++\nsystem = \"{{input}}\"\n+++\n", "r.md:2:1", "cannot stand in the system prompt"),
        ("\n---\nmodel: x\n---\ntext", "r.md:2:1", "TOML between two lines `+++`"),
        ("", "r.md: ", "this role is empty"),
        (" \n", "r.md: ", "this role is empty"),
    ] {
        let told = wrong(text);
        assert!(told.contains(place) && told.contains(words), "{text}\n{told}");
    }
}

#[test]
fn all_that_is_wrong_is_told_at_once() {
    let told = wrong("+++\nmodle = 1\nschem = 2\noptions = { x = 1 }\n+++\n");
    assert_eq!(told.matches("unknown").count(), 3, "{told}");
}

#[test]
fn somebody_elses_role_reads_no_files_and_sets_no_members_of_the_body() {
    for (head, words) in [
        ("schema = \"schema.json\"", "must not read files"),
        ("schema = \"../secret\"", "must not read files"),
        ("options = { extra = { tools = [] } }", "must not set `extra`"),
    ] {
        let text = format!("+++\n{head}\n+++\nx");
        let told = Role::parse("r", source(&text, Owner::Project)).expect_err(head).to_string();
        assert!(told.contains("r.md:2:") && told.contains(words), "{told}");
        role(&text);
    }
    let text = "+++\nmodel = \"m\"\nschema = \"name\"\n+++\nx";
    Role::parse("r", source(text, Owner::Project)).expect("a sound role");
}

#[test]
fn the_skeleton_is_sound_as_it_is_and_uncommented() {
    assert_eq!(said(SKELETON, &[("language", "German")]).1, "Answer in German, in one sentence:\n\nQ");
    let uncomment = |line: &str| line.strip_prefix('#').unwrap_or(line).to_owned();
    let open = role(&SKELETON.lines().map(uncomment).collect::<Vec<_>>().join("\n"));
    assert!(open.schema.is_some() && open.options.temperature.is_some() && open.system().is_some());
}

#[test]
fn names_are_no_paths() {
    for (name, expected) in [
        ("commit", true),
        ("größe-1.b_c", true),
        ("", false),
        ("a/b", false),
        ("..", false),
        (".hidden", false),
        ("-x", false),
        ("a b", false),
        ("a\\b", false),
        ("a\0", false),
    ] {
        assert_eq!(is_name(name), expected, "{name}");
    }
    assert!(!is_name(&"x".repeat(101)));
}

proptest! {
    #[test]
    fn any_text_is_read_without_a_panic(
        text in "(\\+\\+\\+\r?\n)?[-+a-z={}\\[\\]\"' \t\r\n.0-9é#,_]{0,120}(\n\\+\\+\\+\n)?[{}a-z\n]{0,40}",
    ) {
        let read = Role::parse("r", source(&text, Owner::User));
        if let Ok(role) = read {
            role.settings();
            prop_assert!(text.contains(role.text()));
        } else if let Err(problems) = read {
            prop_assert!(!problems.to_string().is_empty());
        }
    }

    #[test]
    fn heads_of_all_sorts_of_values_are_read_without_a_panic(
        key in "description|model|options|variables|system|schema|x",
        inner in "temperature|top_p|max_tokens|stop|seed|reasoning_effort|extra|a",
        value in "1|-1|0|1.5|nan|inf|true|\"t\"|\"\\{\\{input\\}\\}\"|\\[1\\]|\\[\"a\"\\]|\\{\\}|\\{ a = 1 \\}|2026-01-02|''''''",
    ) {
        for line in [format!("{key} = {value}"), format!("{key} = {{ {inner} = {value} }}")] {
            for body in ["", "text", "{{input}} {{a}}"] {
                let text = format!("+++\n{line}\n+++\n{body}");
                match Role::parse("r", source(&text, Owner::Project)) {
                    Ok(role) => prop_assert!(role.settings().len() <= 1),
                    Err(problems) => prop_assert!(problems.to_string().starts_with("r.md:"), "{problems}"),
                }
            }
        }
    }

    #[test]
    fn what_is_given_and_asked_stands_in_the_prompt_as_it_is(value in any::<String>(), input in any::<String>()) {
        let role = role("a{{x}}b{{input}}c{{x}}");
        let words = role.words(&[("x".to_owned(), value.clone())]).expect("filled");
        prop_assert_eq!(words.prompt(&input), format!("a{value}b{input}c{value}"));
    }
}
