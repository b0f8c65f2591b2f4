//! `llmx complete` as a filter in vim and Emacs, by the lines that the README gives.

use std::fs;
use std::sync::Arc;

use serde_json::{Value, json};

use crate::generated::readme::blocks;
use crate::support::answering::{Answering, says};
use crate::support::shells::{is_installed, path};
use crate::support::{Home, Llmx, Output};

const TEXT: &str = "first line\na 100 % \"quoted\" line\nlast line\n";

/// A provider that says back what it was asked, in capitals, unless it is to fail.
fn provider() -> Answering {
    Answering::start(|_, body: &Value| {
        let asked = body["messages"][0]["content"].as_str().unwrap_or_default();
        if asked.contains("fail") {
            (401, json!({ "error": { "message": "no" } }))
        } else {
            says(&asked.to_uppercase())
        }
    })
}

/// An editor on a file with that text.
fn edit(provider: &Answering, editor: &str, arguments: impl Fn(&Arc<Home>) -> Vec<String>) -> (Output, String) {
    let home = Home::new();
    home.write_config(&provider.config("corp/house-model"));
    fs::write(home.path("work/text"), TEXT).expect("a file");
    let run: Llmx = home.llmx().other_program(editor).env("PATH", path()).env("TERM", "dumb").args(arguments(&home));
    let output = run.run();
    (output, fs::read_to_string(home.path("work/text")).expect("the file"))
}

fn vim(provider: &Answering, commands: &[&str]) -> String {
    let (output, text) = edit(provider, "vim", |home| {
        let rc = home.path("home/.vimrc");
        fs::write(&rc, blocks("vim").concat()).expect("a file");
        let fixed = ["-es", "-N", "-i", "NONE", "-u", rc.to_str().expect("UTF-8"), "text"];
        let commands = commands.iter().flat_map(|command| ["-c", command]);
        fixed.into_iter().chain(commands).chain(["-c", "wq"]).map(str::to_owned).collect()
    });
    assert_eq!(output.code, 0, "{}{}", output.stdout, output.stderr);
    text
}

#[test]
fn vim_filters_lines() {
    if !is_installed("vim") {
        return;
    }
    let provider = provider();
    let expected = "first line\nMAKE IT SHORTER\n\nA 100 % \"QUOTED\" LINE\nlast line\n";
    assert_eq!(vim(&provider, &["2!llmx complete -q \"Make it shorter\""]), expected);
    assert_eq!(vim(&provider, &["2Llmx make it shorter"]), expected);
    let odd = "first line\nIT'S \"ODD\" $HOME 100% !! #\n\nA 100 % \"QUOTED\" LINE\nlast line\n";
    assert_eq!(vim(&provider, &["2Llmx it's \"odd\" $HOME 100% !! #"]), odd, "nothing in a wish is the shell's");
    assert_eq!(vim(&provider, &["set undolevels=100", "2Llmx fail", "undo"]), TEXT, "what failed can be undone");
}

fn emacs(provider: &Answering, form: &str) -> String {
    let (output, text) = edit(provider, "emacs", |home| {
        let rc = home.path("home/.emacs");
        fs::write(&rc, blocks("elisp").concat()).expect("a file");
        let fixed = ["-Q", "--batch", "-l", rc.to_str().expect("UTF-8"), "text", "--eval", form, "-f", "save-buffer"];
        fixed.map(str::to_owned).to_vec()
    });
    assert_eq!(output.code, 0, "{}{}", output.stdout, output.stderr);
    text
}

#[test]
fn emacs_filters_a_region() {
    if !is_installed("emacs") {
        return;
    }
    let provider = provider();
    let expected = "MAKE IT SHORTER\n\nFIRST LINE\na 100 % \"quoted\" line\nlast line\n";
    let plain = "(shell-command-on-region 1 12 \"llmx complete -q 'Make it shorter'\" nil t)";
    assert_eq!(emacs(&provider, plain), expected);
    assert_eq!(emacs(&provider, "(llmx-region 1 12 \"make it shorter\")"), expected);
    let odd = "IT'S \"ODD\" $HOME\n\nFIRST LINE\na 100 % \"quoted\" line\nlast line\n";
    assert_eq!(emacs(&provider, "(llmx-region 1 12 \"it's \\\"odd\\\" $HOME\")"), odd);
}
