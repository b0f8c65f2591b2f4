//! `--schema`: the schema is checked before anything is sent, the answer before anything is printed.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::support::answering::{replies, says};
use crate::support::{Answering, Home, Llmx};

const FITS: &str = r#"{"name": "Ada", "age": 36}"#;

/// A home whose default model is that server.
fn home(server: &Answering) -> Arc<Home> {
    let home = Home::new();
    home.write_config(&server.config("corp/m"));
    home
}

fn ask(home: &Arc<Home>) -> Llmx {
    home.llmx().args(["complete", "--schema", "name, age int", "Invent a person"])
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

#[test]
fn an_answer_that_fits_is_printed_as_it_came_and_nothing_else() {
    for answer in [FITS.to_owned(), format!("```json\n{FITS}\n```"), format!("Here you are: {FITS}")] {
        let server = Answering::start(move |_, _| says(&answer));
        let home = home(&server);
        assert_eq!(ask(&home).run().expect_code(0).stdout, format!("{FITS}\n"));
        let object = json(&ask(&home).arg("--json").run().expect_code(0).stdout);
        assert_eq!(object["data"], json!({"name": "Ada", "age": 36}));
    }
}

#[test]
fn case_55_the_schema_is_sent_in_its_place_and_strictly_where_it_is_closed() {
    let server = Answering::start(|_, _| says(FITS));
    let home = home(&server);
    ask(&home).run().expect_code(0);
    let sent = server.requests()[0].to_string();
    for part in ["\"age\":{\"type\":\"integer\"}", "\"additionalProperties\":false", "\"strict\":true"] {
        assert!(sent.contains(part), "{part}: {sent}");
    }
    std::fs::write(home.path("work/person.json"), r#"{"type": "object", "properties": {"name": {}}}"#).expect("a file");
    home.llmx().args(["complete", "--schema", "person.json", "hi"]).run().expect_code(0);
    let sent = server.requests()[1].to_string();
    assert!(sent.contains("\"person\"") && !sent.contains("\"strict\":true"), "{sent}");
}

#[test]
fn where_there_is_no_place_for_it_the_schema_is_told_in_words_and_the_plan_says_so() {
    let server = Answering::start(|_, _| says(FITS));
    let home = home(&server);
    let catalog = home.path("models.toml");
    std::fs::write(&catalog, "[models.\"corp/m\"]\njson_schema = false\n").expect("a catalogue");
    home.write_config(&format!("catalog = \"{}\"\n{}", catalog.display(), server.config("corp/m")));
    let output = ask(&home).run().expect_code(0);
    assert!(output.stderr.contains("corp/m: the schema is told in words"), "{}", output.stderr);
    let sent = server.requests()[0].to_string();
    assert!(sent.contains("Answer with JSON alone") && !sent.contains("response_format"), "{sent}");
    ask(&home).arg("--strict").run().expect_code(2);
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn a_provider_with_json_mode_alone_is_told_the_schema_once_and_the_plan_says_so() {
    let server = Answering::start(|_, _| says(FITS));
    let home = home(&server);
    home.write_config(&format!("{}quirks = {{ no_schema = true }}\n", server.config("corp/m")));
    let planned = home.llmx().args(["route", "--explain", "--schema", "name, age int", "hi"]).run().expect_code(0);
    assert!(planned.stdout.contains("the schema is told in words"), "{}", planned.stdout);
    let output = ask(&home).run().expect_code(0);
    assert!(output.stderr.contains("corp/m: the schema is told in words"), "{}", output.stderr);
    let sent = &server.requests()[0];
    assert_eq!(sent["response_format"], json!({"type": "json_object"}));
    assert_eq!(sent["messages"].to_string().matches("JSON Schema").count(), 1, "{sent}");
}

#[test]
fn an_answer_that_does_not_fit_is_kept_and_not_printed() {
    let wrong = r#"{"name": "Ada", "age": "old"}"#;
    let server = Answering::start(move |_, _| says(wrong));
    let home = home(&server);
    let output = ask(&home).run().expect_code(9);
    assert_eq!((output.stdout.as_str(), server.requests().len()), ("", 1));
    for words in ["does not fit the schema: /age: want integer, but got string", "--repair", "log show"] {
        assert!(output.stderr.contains(words), "{words}: {}", output.stderr);
    }
    let kept = home.llmx().args(["log", "show", "last", "--partial"]).run().expect_code(0).stdout;
    assert_eq!(kept.trim(), wrong);
    let object = json(&ask(&home).arg("--json").run().expect_code(9).stdout);
    assert_eq!(
        (&object["error"]["exit_code"], &object["attempts"][0]["error"]["class"]),
        (&json!(9), &json!("schema_mismatch"))
    );
    assert!(object["cost"].is_object());
}

#[test]
fn what_is_wrong_with_an_answer_is_not_kept_where_the_answer_is_not() {
    let server = Answering::start(|_, _| says(r#"{"name": "Ada", "age": "CANARY", "CANARY": 1}"#));
    let home = home(&server);
    let output = ask(&home).arg("--no-log").run().expect_code(9);
    assert!(output.stderr.contains("CANARY"), "the reader is told: {}", output.stderr);
    let kept = home.llmx().args(["log", "show", "last", "--json"]).run().expect_code(0).stdout;
    assert!(kept.contains("schema_mismatch") && !kept.contains("CANARY"), "{kept}");
}

#[test]
fn a_correction_is_asked_for_once_where_it_is_allowed() {
    let server = Answering::start(|number, _| if number == 0 { says("{}") } else { says(FITS) });
    let home_of = home(&server);
    let output = ask(&home_of).arg("--repair").run().expect_code(0);
    assert_eq!(output.stdout, format!("{FITS}\n"));
    let second = server.requests()[1]["messages"].clone();
    assert_eq!((second[1]["role"].as_str(), second[1]["content"].as_str()), (Some("assistant"), Some("{}")));
    assert!(second[2]["content"].to_string().contains("missing properties"), "{second}");
    assert!(output.stderr.contains("asked once more with what is wrong"), "{}", output.stderr);

    let stubborn = Answering::start(|_, _| says("{}"));
    let home = Home::new();
    home.write_config(&format!("repair = true\n{}", stubborn.config("corp/m")));
    let output = ask(&home).run().expect_code(9);
    assert_eq!((output.stdout.as_str(), stubborn.requests().len()), ("", 2), "{}", output.stderr);
    assert!(!output.stderr.contains("hint: let the model"), "{}", output.stderr);
}

#[test]
fn an_answer_that_the_token_limit_cut_is_told_as_such() {
    let cut = json!({"role": "assistant", "content": "{\"name\": \"A"});
    let server = Answering::start(move |_, _| replies(&cut, "length"));
    let home = home(&server);
    let output = ask(&home).arg("--repair").run().expect_code(9);
    assert!(output.stderr.contains("the token limit cut it"), "{}", output.stderr);
    assert_eq!(server.requests().len(), 1, "it would be cut again");
}

#[test]
fn what_is_no_schema_is_an_error_before_anything_is_sent() {
    let server = Answering::start(|_, _| says(FITS));
    let home = home(&server);
    std::fs::write(home.path("work/broken.json"), "{\"type\": ").expect("a file");
    std::fs::write(home.path("work/list.json"), "[]").expect("a file");
    for (schema, words) in [
        ("{\"type\": \"objct\"}", "no JSON Schema"),
        ("{\"$ref\": \"https://example.com/schema\"}", "no JSON Schema"),
        ("{broken", "no JSON"),
        ("broken.json", "`broken.json` is no JSON"),
        ("list.json", "must be a JSON object"),
        ("missing.json", "cannot read `missing.json`"),
        ("name, age years", "`years` is no type"),
        ("", "no member"),
    ] {
        for command in ["complete", "route"] {
            let output = home.llmx().args([command, "--schema", schema, "hi"]).run().expect_code(2);
            assert_eq!(
                (output.stdout.as_str(), output.stderr.matches("error: ").count()),
                ("", 1),
                "{}",
                output.stderr
            );
            assert!(output.stderr.contains(words), "{schema}: {}", output.stderr);
        }
    }
    assert_eq!(server.requests().len(), 0);
}
