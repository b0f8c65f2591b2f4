//! `llmx log export`: what was said, as JSON lines and as Markdown, to files that replace no other.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;

use serde_json::Value;

use crate::support::{Home, Llmx};

fn home() -> Arc<Home> {
    let home = Home::new();
    home.llmx().args(["complete", "--sim", "-s", "be brief", "first ```rust fence"]).run().expect_code(0);
    home.llmx().args(["complete", "--sim", "second"]).run().expect_code(0);
    home.llmx().args(["complete", "--sim", "--no-log", "unkept"]).run().expect_code(0);
    home
}

fn export(home: &Arc<Home>, arguments: &[&str]) -> Llmx {
    home.llmx().args(["log", "--sim", "export"]).args(arguments)
}

#[test]
fn json_lines_hold_what_was_said_oldest_first_with_its_exact_cost() {
    let home = home();
    let text = export(&home, &[]).run().expect_code(0).stdout;
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(lines.len(), 3);
    let first = &lines[0];
    assert_eq!(first["schema"], "llmx.log/1");
    let roles: Vec<&str> =
        first["messages"].as_array().expect("messages").iter().filter_map(|said| said["role"].as_str()).collect();
    assert_eq!(roles, ["system", "user", "assistant"]);
    assert_eq!(first["messages"][1]["content"], "first ```rust fence");
    assert!(first["cost"].as_str().is_some_and(|cost| cost.parse::<f64>().is_ok_and(|cost| cost > 0.0)), "{first}");
    assert!(
        first["output_tokens"].as_u64().is_some_and(|tokens| tokens > 0) && first["started"].is_string(),
        "{first}"
    );
    assert_eq!((&lines[2]["text_kept"], &lines[2]["messages"]), (&false.into(), &Value::Array(Vec::new())));
    let found = export(&home, &["--search", "second"]).run().expect_code(0).stdout;
    assert_eq!(found.lines().count(), 1);
    assert_eq!(export(&home, &["last"]).run().expect_code(0).stdout.lines().count(), 1);
}

#[test]
fn markdown_keeps_what_was_said_in_its_fences() {
    let page = export(&home(), &["--format", "md"]).run().expect_code(0).stdout;
    assert!(page.contains("\n````text\nfirst ```rust fence\n````\n"), "{page}");
    assert!(
        page.contains("### system\n\n```text\nbe brief\n```\n") && page.contains("(what was said was not kept)"),
        "{page}"
    );
}

#[test]
fn a_file_is_private_and_replaced_only_when_that_is_asked_for() {
    let home = home();
    let file = home.path("work/out.jsonl");
    export(&home, &["-o", "out.jsonl"]).run().expect_code(0);
    assert_eq!(fs::metadata(&file).expect("the file").permissions().mode() & 0o777, 0o600);
    let before = fs::read(&file).expect("text");
    let told = export(&home, &["-o", "out.jsonl", "--search", "second"]).run().expect_code(2).stderr;
    assert!(told.contains("`out.jsonl` is there already") && told.contains("--force"), "{told}");
    assert_eq!(fs::read(&file).expect("text"), before);
    export(&home, &["-o", "out.jsonl", "--search", "second", "--force"]).run().expect_code(0);
    assert!(fs::read(&file).expect("text").len() < before.len());
    let told = export(&home, &["-o", "missing/out.jsonl"]).run().expect_code(1).stderr;
    assert!(told.contains("cannot write `missing/out.jsonl`") && told.contains("No such file"), "{told}");
    export(&home, &["-o", "."]).run().expect_code(2);
    assert_eq!(fs::read_dir(home.path("work")).expect("a folder").count(), 1, "no draft is left");
}

#[test]
fn nothing_to_export_is_told() {
    let told = Llmx::new().args(["log", "--sim", "export"]).run().expect_code(2).stderr;
    assert!(told.contains("nothing to export"), "{told}");
    let told = export(&home(), &["last", "--search", "x"]).run().expect_code(2).stderr;
    assert!(told.contains("not both"), "{told}");
}

#[test]
fn a_pipe_is_written_through_a_link_is_followed_and_a_dash_is_stdout() {
    let home = home();
    let pipe = home.path("work/pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo").success());
    let reader = std::thread::spawn({
        let pipe = pipe.clone();
        move || fs::read_to_string(pipe).expect("text")
    });
    export(&home, &["-o", "pipe"]).run().expect_code(0);
    assert_eq!(reader.join().expect("a reader").lines().count(), 3);
    assert!(!fs::symlink_metadata(&pipe).expect("a pipe").is_file());
    std::os::unix::fs::symlink("real.jsonl", home.path("work/link")).expect("a link");
    for _ in 0..2 {
        export(&home, &["-o", "link", "--force"]).run().expect_code(0);
        assert!(home.path("work/link").is_symlink() && home.path("work/real.jsonl").is_file());
    }
    assert_eq!(export(&home, &["-o", "-"]).run().expect_code(0).stdout.lines().count(), 3);
    assert!(!home.path("work/-").exists());
}
