//! `llmx log`: what was said is found again by its words, and gone on with.

use std::sync::Arc;

use serde_json::Value;

use crate::support::{Home, Llmx, Terminal};

/// A home in which these prompts were asked, one run each.
fn asked(prompts: &[&str]) -> Arc<Home> {
    let home = Home::new();
    for prompt in prompts {
        home.llmx().args(["complete", "--sim", prompt]).run().expect_code(0);
    }
    home
}

fn log(home: &Arc<Home>, arguments: &[&str]) -> Llmx {
    home.llmx().args(["log", "--sim"]).args(arguments)
}

fn json(home: &Arc<Home>, arguments: &[&str]) -> Value {
    let output = log(home, arguments).arg("--json").run().expect_code(0);
    let value: Value = serde_json::from_str(&output.stdout).expect("JSON");
    assert_eq!(value["schema"], "llmx.log/1");
    value
}

fn prompts(value: &Value) -> Vec<&str> {
    value["runs"].as_array().expect("runs").iter().map(|run| run["prompt"].as_str().expect("a prompt")).collect()
}

#[test]
fn a_search_finds_runs_by_their_words_and_marks_them() {
    let home = asked(&["why is the sky blue", "北京的天气怎么样", "explain the borrow checker"]);
    let found = |text: &str| {
        let value = json(&home, &["search", text]);
        prompts(&value).iter().map(|prompt| (*prompt).to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(found("\"the sky\""), ["why is the sky blue"]);
    assert_eq!(found("天气"), ["北京的天气怎么样"]);
    assert_eq!(found("borr* -sky"), ["explain the borrow checker"]);
    let value = json(&home, &["search", "BLUE", "sky"]);
    let run = &value["runs"][0];
    let hits: Vec<&Value> =
        run["excerpt"].as_array().expect("pieces").iter().filter(|piece| piece["hit"] == true).collect();
    assert!(hits.iter().any(|piece| piece["text"] == "sky"), "{run}");
    let shown = log(&home, &["search", "sky"]).run().expect_code(0).stdout;
    assert!(shown.contains("[sky]") && shown.contains("openai/"), "{shown}");
    let nothing = log(&home, &["search", "nosuchword"]).run().expect_code(0);
    assert!(nothing.stdout.is_empty() && nothing.stderr.contains("nothing found"), "{}", nothing.stderr);
}

#[test]
fn no_search_is_an_error_of_syntax_and_one_without_words_says_what_to_write() {
    let home = asked(&["AND OR NOT (what) it's"]);
    for text in ["AND", "(what", "a:b NEAR(", "it's", "\"open", "x AND", "*", "{", "x -\"a"] {
        let output = log(&home, &["search", "what", text]).run().expect_code(0);
        assert!(!output.stderr.contains("syntax"), "{text}: {}", output.stderr);
    }
    for text in ["?!", "\"\""] {
        let told = log(&home, &["search", text]).run().expect_code(2).stderr;
        assert!(told.contains("no word in it") && told.contains("hint: write words"), "{told}");
    }
    let told = log(&home, &["search", "--", "-x"]).run().expect_code(2).stderr;
    assert!(told.contains("only what is not wanted"), "{told}");
}

#[test]
fn a_list_is_narrowed_by_words_model_time_and_outcome() {
    let home = asked(&["first thing"]);
    home.llmx().args(["complete", "--sim=groq:500", "-m", "groq", "--no-fallback", "second thing"]).run();
    let listed = |arguments: &[&str]| prompts(&json(&home, arguments)).len();
    assert_eq!(listed(&[]), 2);
    assert_eq!(listed(&["--search", "first"]), 1);
    assert_eq!(listed(&["list", "--search", "thing -first"]), 1);
    assert_eq!(listed(&["--model", "GROQ/"]), 1);
    assert_eq!(listed(&["--failed"]), 1);
    assert_eq!((listed(&["--command", "complete"]), listed(&["--command", "chat"])), (2, 0));
    assert_eq!((listed(&["--since", "1h"]), listed(&["--until", "1h"])), (2, 0));
    assert_eq!((listed(&["--since", "today", "--until", "today"]), listed(&["--until", "yesterday"])), (2, 0));
    assert_eq!(listed(&["-n", "1"]), 1);
    let told = log(&home, &["--since", "soon"]).run().expect_code(2).stderr;
    assert!(told.contains("--since: `soon` is no time") && told.contains("`7d`"), "{told}");
}

#[test]
fn a_conversation_goes_on_by_its_id_or_as_the_last_one() {
    let home = asked(&["tell me of tulips"]);
    let id = json(&home, &[])["runs"][0]["id"].as_str().expect("an id").to_owned();
    home.llmx().args(["complete", "--sim", "something else"]).run().expect_code(0);
    let go_on = |arguments: &[&str]| log(&home, &["continue"]).args(arguments).run().expect_code(0).stdout;
    assert!(!go_on(&[&id[..13], "and", "now?"]).is_empty());
    assert_eq!(prompts(&json(&home, &["--conversation", &id])), ["and now?", "tell me of tulips"]);
    go_on(&["last", "and then?", "--json"]);
    assert_eq!(prompts(&json(&home, &["--conversation", &id])).len(), 3);
    let told = log(&home, &["continue", "0123456789abcdef", "x"]).run().expect_code(2).stderr;
    assert!(told.contains("no conversation `0123456789abcdef`"), "{told}");
    let told = Llmx::new().args(["log", "--sim", "continue", "hello"]).run().expect_code(2).stderr;
    assert!(told.contains("no conversation to continue yet"), "{told}");
}

#[test]
fn an_id_that_is_nearly_right_is_told_of() {
    let home = asked(&["hello"]);
    let id = json(&home, &[])["runs"][0]["id"].as_str().expect("an id").to_owned();
    let last = if id.as_bytes()[11] == b'0' { "1" } else { "0" };
    let wrong = format!("{}{last}", &id[..11]);
    let told = log(&home, &["show", &wrong]).run().expect_code(2).stderr;
    assert!(
        told.contains(&format!("no run `{wrong}`")) && told.contains(&format!("did you mean `{}`?", &id[..12])),
        "{told}"
    );
}

#[test]
fn what_a_model_said_cannot_drive_the_terminal_through_a_search() {
    let home = asked(&["evil \u{1b}]0;title\u{7} \u{9b}31m needle"]);
    let terminal = Terminal::start(log(&home, &["search", "needle"]), 20, 80);
    let (code, raw) = terminal.finish();
    let shown = String::from_utf8_lossy(&raw);
    assert_eq!(code, 0, "{shown}");
    assert!(shown.contains("needle") && !shown.contains("\u{1b}]0;") && !shown.contains('\u{9b}'), "{shown:?}");
    assert!(shown.contains("\u{1b}[1;33mneedle"), "the hit is marked: {shown:?}");
}
