//! `--attach`: what a file is, its content tells; it goes only to who can read it; nothing is sent that is known to fail.

use std::fs;
use std::sync::Arc;

use serde_json::Value;

use crate::support::answering::says;
use crate::support::{Answering, Home, Output};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01";
const PDF: &[u8] = b"%PDF-1.7\nplain text inside";

fn home(files: &[(&str, &[u8])]) -> Arc<Home> {
    let home = Home::new();
    for (name, bytes) in files {
        fs::write(home.path("work").join(name), bytes).expect("a file");
    }
    home
}

/// `llmx complete --sim -m openai/gpt-5.4-mini ARGUMENTS`.
fn complete(home: &Arc<Home>, arguments: &[&str]) -> Output {
    home.llmx().args(["complete", "--sim", "-m", "openai/gpt-5.4-mini"]).args(arguments).run()
}

#[test]
fn the_content_tells_what_a_file_is_and_its_bytes_are_sent() {
    let home = home(&[("picture.txt", PNG), ("paper", PDF)]);
    let shown =
        complete(&home, &["--dry-run", "-a", "picture.txt", "-a", "paper", "What is it?"]).expect_code(0).stdout;
    for part in ["iVBORw0KGgoAAAANSUhEUgAAAAE=", "JVBERi0xLjcKcGxhaW4gdGV4dCBpbnNpZGU=", "image/png", "What is it?"] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
}

#[test]
fn text_is_attached_with_its_name_whatever_its_encoding() {
    let utf16: Vec<u8> = [0xfeff_u16].into_iter().chain("grün".encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let home = home(&[("plain.csv", b"a;b\n"), ("windows.txt", &utf16)]);
    let shown = complete(&home, &["--dry-run", "-a", "plain.csv", "-a", "windows.txt", "hi"]).expect_code(0).stdout;
    for part in [r#"<file name=\"plain.csv\">\na;b\n</file>"#, r#"<file name=\"windows.txt\">\ngrün\n</file>"#] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
}

#[test]
fn stdin_can_be_attached_and_needs_no_words() {
    let home = home(&[]);
    let arguments = ["complete", "--sim", "-m", "openai/gpt-5.4-mini", "--dry-run", "-a", "-"];
    let shown = home.llmx().args(arguments).stdin(PNG).run().expect_code(0).stdout;
    assert!(shown.contains("iVBORw0KGgoAAAANSUhEUgAAAAE="), "{shown}");
    let twice = home.llmx().args(arguments).arg("-").stdin(PNG).run().expect_code(2);
    assert!(twice.stderr.contains("more than once"), "{}", twice.stderr);
}

#[test]
fn an_address_is_passed_on_and_never_fetched() {
    let home = home(&[]);
    let url = "https://127.0.0.1:1/a.png?size=1";
    let shown = complete(&home, &["--dry-run", "-a", url, "hi"]).expect_code(0).stdout;
    assert!(shown.contains(url), "{shown}");
    let unnamed = complete(&home, &["--dry-run", "-a", "https://127.0.0.1:1/a", "hi"]).expect_code(0);
    assert!(unnamed.stderr.contains("is taken for an image"), "{}", unnamed.stderr);
    let document = complete(&home, &["-a", "https://127.0.0.1:1/a.pdf", "hi"]).expect_code(2);
    assert!(document.stderr.contains("has no place for"), "{}", document.stderr);
    let plain = complete(&home, &["-a", "http://127.0.0.1:1/a.png", "hi"]).expect_code(2);
    assert!(plain.stderr.contains("`https://`") && plain.stderr.contains("curl"), "{}", plain.stderr);
}

#[test]
fn what_cannot_be_attached_is_told_and_nothing_is_sent() {
    let home = home(&[
        ("empty", b""),
        ("a.zip", b"PK\x03\x04\x14\0\0\0"),
        ("a.bin", b"\0\x01\x02\x03\x04"),
        ("torn.txt", b"\xff\xfea"),
    ]);
    for (path, words) in [
        ("missing.png", "cannot read the attachment `missing.png`"),
        (".", "is a directory"),
        ("empty", "`empty` is empty"),
        ("a.zip", "`a.zip` is a ZIP archive or an Office document"),
        ("a.bin", "`a.bin` is of an unknown kind (it begins with the bytes 00 01 02 03)"),
        ("torn.txt", "`torn.txt` is of an unknown kind"),
        ("/dev/zero", "`/dev/zero` is too large: all attachments together may have 50 MB"),
    ] {
        let output = complete(&home, &["-a", path, "hi"]).expect_code(2);
        assert_eq!((output.stdout.as_str(), output.stderr.matches("error: ").count()), ("", 1), "{}", output.stderr);
        assert!(output.stderr.contains(words), "{path}: {}", output.stderr);
    }
}

#[test]
fn a_model_that_cannot_read_it_is_left_out_and_the_next_serves() {
    let home = home(&[("a.png", PNG)]);
    let blind =
        ["route", "--sim", "--json", "-a", "a.png", "-m", "openai/gpt-3.5-turbo", "--fallback", "openai/gpt-4.1-mini"];
    let output = home.llmx().args(blind).run().expect_code(0);
    let plan: Value = serde_json::from_str(&output.stdout).expect("JSON");
    assert_eq!(plan["target"], "openai/gpt-4.1-mini");
    assert_eq!(
        plan["plan"]["rejected"][0]["reason"],
        serde_json::json!({"reason": "ability_missing", "ability": "images"})
    );
    let tokens = plan["plan"]["candidates"][0]["input"]["expected"].as_u64().expect("a count");
    assert!(tokens > 1_000, "an image counts: {tokens}");
}

#[test]
fn when_nobody_is_left_the_error_names_who_could() {
    let home = home(&[("a.png", PNG)]);
    home.write_config("[routes.eyes]\ntiers = [\"openai/gpt-4.1-mini\"]\n");
    let output =
        home.llmx().args(["complete", "--sim", "-a", "a.png", "-m", "openai/gpt-3.5-turbo", "hi"]).run().expect_code(2);
    assert!(output.stderr.contains("`openai/gpt-3.5-turbo`: lacks: images"), "{}", output.stderr);
    assert!(output.stderr.contains("these are configured and take it: `openai/gpt-4.1-mini`"), "{}", output.stderr);
}

#[test]
fn a_conversation_goes_on_with_its_attachments() {
    let server = Answering::start(|_, _| says("a dot"));
    let large = [PNG, &vec![b'x'; 4 << 20]].concat();
    let home = home(&[("a.png", PNG), ("large.png", &large)]);
    home.write_config(&server.config("corp/m"));
    home.llmx().args(["complete", "-a", "a.png", "What is it?"]).run().expect_code(0);
    home.llmx().args(["complete", "-c", "And its colour?"]).run().expect_code(0);
    let second = server.requests()[1]["messages"].to_string();
    assert!(second.contains("iVBORw0KGgoAAAANSUhEUgAAAAE=") && second.contains("And its colour?"), "{second}");
    let output = home.llmx().args(["complete", "-a", "large.png", "What is it?"]).run().expect_code(0);
    assert!(output.stderr.contains("`large.png` is too large to be kept"), "{}", output.stderr);
    home.llmx().args(["complete", "-c", "And its colour?"]).run().expect_code(0);
    assert!(server.requests()[3]["messages"].to_string().contains("[large.png, image/png: not kept]"));
    fs::write(home.path("work/long.txt"), "long ".repeat(1_200_000)).expect("a file");
    let output = home.llmx().args(["complete", "-a", "long.txt", "What is it?"]).run().expect_code(0);
    assert!(output.stderr.contains("`long.txt` is too large to be kept"), "{}", output.stderr);
    home.llmx().args(["complete", "-c", "And its colour?"]).run().expect_code(0);
    assert!(server.requests()[5]["messages"].to_string().contains("[long.txt, text/plain: not kept]"));
    let shown = home.llmx().args(["log", "show"]).run().expect_code(0).stdout;
    assert!(shown.contains("And its colour?"), "{shown}");
}
