//! Roles in `llmx chat`: named by `-t` or put on and taken off by `/role`.

use std::fs;
use std::sync::Arc;

use serde_json::Value;

use crate::support::answering::says;
use crate::support::talking::{TARGET, answer, chat_in, expected, in_terminal, last_turns, playing, say, turns};
use crate::support::{Answering, Home, Output};

const PIRATE: &str = "+++
model = \"odd/special\"
options = { temperature = 0.25 }
variables = { ship = \"sloop\" }
+++
You are a pirate on a {{ship}}.
";
const TRANSLATE: &str = "+++
variables = { tone = \"formal\" }
+++
Translate into {{language}}, {{tone}}: {{input}}
";

/// A home with both roles.
fn home() -> Arc<Home> {
    let home = Home::new();
    let folder = home.path("config/llmx/roles");
    fs::create_dir_all(&folder).expect("a folder of roles");
    fs::write(folder.join("pirate.md"), PIRATE).expect("a role");
    fs::write(folder.join("translate.md"), TRANSLATE).expect("a role");
    home
}

fn chat(home: &Arc<Home>, arguments: &[&str], lines: &str) -> (Output, Vec<Value>) {
    let server = Answering::start(|number, _| says(&format!("answer {}", number + 1)));
    let llmx = home.llmx().config(&server.config("odd/m")).arg("chat").args(arguments).stdin(lines);
    (llmx.run(), server.requests())
}

#[test]
fn a_role_holds_from_where_it_is_put_on_to_where_it_is_taken_off() {
    let lines = "/system be brief\n/set seed 7\none\n/role pirate ship=big galleon\ntwo\n/role none\nthree\n";
    let (output, requests) = chat(&home(), &[], lines);
    let output = output.expect_code(0);
    let system: Vec<String> = requests.iter().map(|request| turns(request)[0].1.clone()).collect();
    assert_eq!(system, ["be brief", "You are a pirate on a big galleon.", "be brief"]);
    let model: Vec<&Value> = requests.iter().map(|request| &request["model"]).collect();
    assert_eq!(model, ["m", "special", "m"]);
    assert_eq!(requests[1]["temperature"], 0.25);
    assert_eq!((&requests[1]["seed"], &requests[2]["seed"]), (&Value::from(7), &Value::from(7)));
    assert_eq!(requests[2]["temperature"], Value::Null);
    assert_eq!(turns(&requests[2]).len(), 6, "what was said stays");
    assert!(output.stderr.contains("in role pirate: odd/special"), "{}", output.stderr);
}

#[test]
fn a_role_words_each_question_and_no_other_one() {
    let lines = "cat\n/continue\n/retry\n/role none\ndog\n";
    let (output, requests) = chat(&home(), &["-t", "translate", "-p", "language=Latin", "first"], lines);
    output.expect_code(0);
    let asked = |number: usize| turns(&requests[number]).last().expect("a turn").1.clone();
    assert_eq!(asked(0), "Translate into Latin, formal: first");
    assert_eq!(asked(1), "Translate into Latin, formal: cat");
    assert!(!asked(2).contains("Translate"), "{}", asked(2));
    assert_eq!(asked(3), asked(2));
    assert_eq!(asked(4), "dog");
}

#[test]
fn an_argument_wins_over_the_role_and_a_later_command_over_both() {
    let lines = "one\n/system mine\n/model odd/other\ntwo\n";
    let (output, requests) = chat(&home(), &["-t", "pirate", "-m", "odd/given", "--temperature", "1"], lines);
    output.expect_code(0);
    assert_eq!((&requests[0]["model"], &requests[0]["temperature"]), (&Value::from("given"), &Value::from(1.0)));
    assert_eq!(turns(&requests[0])[0].1, "You are a pirate on a sloop.");
    assert_eq!(requests[1]["model"], "other");
    assert_eq!(turns(&requests[1])[0].1, "mine");
}

#[test]
fn what_is_wrong_with_a_role_is_told_and_changes_nothing() {
    let home = home();
    for (line, code, message) in [
        ("/role pirat", 3, "did you mean `pirate`?"),
        ("/role translate", 2, "`language` has no value"),
        ("/role translate Latin", 2, "`Latin` is no value"),
        ("/role pirate shp=x", 2, "it has no variable `shp`"),
        ("/role none", 2, "no role is used"),
    ] {
        let (output, requests) = chat(&home, &[], &format!("{line}\nnever\n"));
        let output = output.expect_code(code);
        assert!(output.stderr.contains(message), "{line}: {}", output.stderr);
        assert!(requests.is_empty(), "{line}");
    }
}

#[test]
fn roles_are_listed_completed_and_put_on_in_a_terminal() {
    let server = playing(&[("openai", answer("Arr!"))]);
    let home = home();
    fs::write(home.path("config/llmx/roles/pirate.md"), "You are a pirate.").expect("a role");
    let mut terminal = in_terminal(chat_in(&home, &server, &[TARGET]));
    say(&mut terminal, "/role");
    terminal.wait_text("no role is used");
    assert!(terminal.screen().contains("translate") && terminal.screen().contains("language, tone=formal"));
    terminal.send(b"/role pi\t");
    terminal.wait_text("/role pirate");
    terminal.send(b"\r");
    terminal.wait_text("in role pirate: route test");
    say(&mut terminal, "hello");
    terminal.wait_text("Arr!");
    assert_eq!(last_turns(&server), expected(&[("system", "You are a pirate."), ("user", "hello")]));
    say(&mut terminal, "/role");
    terminal.wait_text("`/role none` takes it off");
    say(&mut terminal, "/exit");
    assert_eq!(terminal.finish().0, 0);
}
