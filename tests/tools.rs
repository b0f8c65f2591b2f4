//! `--tools`: tools go out as data and calls come back as data; llmx runs none.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::support::answering::{replies, says};
use crate::support::{Answering, Home, Llmx};

const TOOL: &str = r#"[{"name": "weather", "description": "Weather", "parameters": {"type": "object"}}]"#;

fn calls(text: Option<&str>) -> (u16, Value) {
    let call = |id: &str, arguments: &str| json!({"id": id, "type": "function", "function": {"name": "weather", "arguments": arguments}});
    let calls = [call("a", "{\"city\": \"Oslo\"}"), call("b", "{\"city\": \"Rome\"}")];
    replies(&json!({"role": "assistant", "content": text, "tool_calls": calls}), "tool_calls")
}

fn home(server: &Answering) -> Arc<Home> {
    let home = Home::new();
    home.write_config(&server.config("corp/m"));
    home
}

fn ask(home: &Arc<Home>) -> Llmx {
    home.llmx().args(["complete", "--tools", TOOL, "How is the weather?"])
}

#[test]
fn calls_are_printed_as_lines_of_json_and_reported_in_full() {
    let server = Answering::start(|_, _| calls(None));
    let home = home(&server);
    let output = ask(&home).run().expect_code(0);
    let lines: Vec<Value> =
        output.stdout.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect();
    assert_eq!(lines[1], json!({"id": "b", "name": "weather", "arguments": {"city": "Rome"}, "arguments_raw": null}));
    assert_eq!(lines.len(), 2);
    assert!(output.stderr.contains("the model calls weather, weather, which llmx does not run"), "{}", output.stderr);
    let object: Value = serde_json::from_str(&ask(&home).arg("--json").run().expect_code(0).stdout).expect("JSON");
    assert_eq!(object["tool_calls"], json!(lines));
    let events = ask(&home).arg("--jsonl").run().expect_code(0).stdout;
    assert!(events.contains("\"type\":\"tool_call\"") && events.contains("Rome"), "{events}");
    let sent = server.requests()[0].to_string();
    assert!(sent.contains("\"weather\"") && sent.contains("\"tools\""), "{sent}");
}

#[test]
fn calls_beside_text_are_said_and_the_text_is_printed() {
    let server = Answering::start(|_, _| calls(Some("I look it up.")));
    let output = ask(&home(&server)).run().expect_code(0);
    assert_eq!(output.stdout, "I look it up.\n");
    assert!(output.stderr.contains("--json has them"), "{}", output.stderr);
}

#[test]
fn a_call_without_a_name_is_told_as_such() {
    let call = json!({"id": "a", "type": "function", "function": {"arguments": "{}"}});
    let server =
        Answering::start(move |_, _| replies(&json!({"role": "assistant", "tool_calls": [call]}), "tool_calls"));
    let output = ask(&home(&server)).run().expect_code(0);
    assert!(output.stderr.contains("the model calls a tool without a name, which"), "{}", output.stderr);
}

#[test]
fn calls_that_nobody_asked_for_are_a_failure() {
    let server = Answering::start(|_, _| calls(None));
    let output = home(&server).llmx().args(["complete", "hi"]).run().expect_code(9);
    assert_eq!(output.stdout, "", "{}", output.stderr);
}

#[test]
fn with_a_schema_calls_stand_for_the_answer_only_where_tools_were_given() {
    for text in [None, Some("Let me look.")] {
        let server = Answering::start(move |_, _| calls(text));
        let home = home(&server);
        let output = ask(&home).args(["--schema", "degrees int"]).run().expect_code(0);
        assert_eq!(output.stdout.lines().count(), 2, "{}", output.stdout);
        assert!(output.stdout.lines().all(|line| line.contains("\"weather\"")), "{}", output.stdout);
        let object = ask(&home).args(["--schema", "degrees int", "--json"]).run().expect_code(0).stdout;
        let object: Value = serde_json::from_str(&object).expect("JSON");
        assert_eq!((object.get("data"), object["tool_calls"].as_array().map(Vec::len)), (None, Some(2)));
        let unasked = home.llmx().args(["complete", "--json", "--schema", "degrees int", "hi"]).run().expect_code(9);
        assert!(unasked.stderr.contains("does not fit the schema"), "{}", unasked.stderr);
    }
}

#[test]
fn a_choice_is_sent() {
    let server = Answering::start(|_, _| calls(None));
    let home = home(&server);
    ask(&home).args(["--tool-choice", "weather"]).run().expect_code(0);
    ask(&home).args(["--tool-choice", "required"]).run().expect_code(0);
    let sent = server.requests();
    assert!(sent[0]["tool_choice"].to_string().contains("weather"), "{}", sent[0]);
    assert!(sent[1]["tool_choice"].to_string().contains("required"), "{}", sent[1]);
}

#[test]
fn a_model_that_calls_no_tools_is_left_out() {
    let server = Answering::start(|_, _| calls(None));
    let home = home(&server);
    let catalog = home.path("models.toml");
    std::fs::write(&catalog, "[models.\"corp/m\"]\ntools = false\n").expect("a catalogue");
    home.write_config(&format!("catalog = \"{}\"\n{}", catalog.display(), server.config("corp/m")));
    let output = ask(&home).run().expect_code(2);
    assert!(output.stderr.contains("`corp/m`: lacks: tools"), "{}", output.stderr);
    assert_eq!(server.requests().len(), 0);
}

#[test]
fn what_is_no_tool_is_an_error_before_anything_is_sent() {
    let server = Answering::start(|_, _| says("hi"));
    let home = home(&server);
    for (arguments, words) in [
        (&["--tools", "missing.json"][..], "cannot read `missing.json`"),
        (&["--tools", "[{"], "--tools: no JSON"),
        (&["--tools", "[]"], "the list is empty"),
        (&["--tools", r#"[{"name": "a b"}]"#], "`a b` is no name that providers take"),
        (&["--tools", r#"[{"name": "a", "parameters": {"type": 5}}]"#], "`parameters` is no JSON Schema"),
        (&["--tools", TOOL, "--tool-choice", "wether"], "there is no tool `wether`"),
        (&["--tool-choice", "auto"], "--tools"),
    ] {
        let output = home.llmx().args(["complete", "hi"]).args(arguments).run().expect_code(2);
        assert!(output.stderr.contains(words), "{words}: {}", output.stderr);
    }
    assert_eq!(server.requests().len(), 0);
}
