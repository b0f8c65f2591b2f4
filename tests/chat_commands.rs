//! The slash commands of `llmx chat`, given line by line on a pipe.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde_json::Value;

use crate::support::answering::{replies, says};
use crate::support::talking::{expected, piped, turns};
use crate::support::{Answering, Home, Output};

/// The last question with all that was sent with it.
fn last(requests: &[Value]) -> Vec<(String, String)> {
    turns(requests.last().expect("a request"))
}

#[test]
fn a_script_asks_line_by_line_and_gets_whole_answers() {
    let (output, requests) = piped(&Home::new(), "one\n\n\"\"\"\ntwo\nthree\n\"\"\"\n");
    let output = output.expect_code(0);
    assert_eq!(output.stdout, "answer 1\nanswer 2\n");
    assert!(output.stderr.contains("each line is a question"), "{}", output.stderr);
    let turns = [("user", "one"), ("assistant", "answer 1"), ("user", "two\nthree")];
    assert_eq!(last(&requests), expected(&turns));
}

#[test]
fn a_script_ends_with_its_first_failure() {
    for (lines, code, message) in [
        ("/modle x\nnever", 2, "did you mean `/model`?"),
        ("/xyzzy\nnever", 2, "/help lists them"),
        ("/file none.txt\nnever", 2, "cannot read `"),
        ("/attach none.png\nnever", 2, "none.png"),
        ("/load 0199ffff\nnever", 2, "no conversation `0199ffff`"),
        ("/model nobody/nothing\nnever", 3, "nobody"),
        ("/set temperature hot\nnever", 2, "expected a number"),
        ("/set colour red\nnever", 2, "no setting `colour`"),
        ("/retry\nnever", 2, "nothing was asked yet"),
        ("/undo\nnever", 2, "nothing to take back"),
        ("/why\nnever", 2, "nobody was asked yet"),
        ("/exit now\nnever", 2, "takes no arguments"),
        ("/file /dev/null\nnever", 2, "`/dev/null` is empty"),
        ("/edit\nnever", 2, "there is no terminal for an editor"),
        ("/retry -m\nnever", 2, "write `/retry` or `/retry -m MODEL`"),
        ("/set max-tokens -5\nnever", 2, "expected a whole number above 0"),
        ("/set seed x\nnever", 2, "expected a whole number"),
    ] {
        let (output, requests) = piped(&Home::new(), lines);
        let output = output.expect_code(code);
        assert!(output.stderr.contains(message), "{lines}: {}", output.stderr);
        assert!(requests.is_empty(), "{lines}");
    }
}

#[test]
fn a_turn_is_taken_back_asked_again_and_changed() {
    let home = Home::new();
    let editor = home.path("work/editor.sh");
    fs::write(&editor, "#!/bin/sh\nstat -c %a \"$1\" > mode\nprintf 'written by hand' > \"$1\"\n").expect("a script");
    fs::set_permissions(&editor, fs::Permissions::from_mode(0o700)).expect("to be run");
    let server = Answering::start(|number, _| says(&format!("answer {}", number + 1)));
    let lines = "one\ntwo\n/undo\nthree\n/retry\n/edit last\n/undo 2\nfour\n";
    let llmx = home.llmx().config(&server.config("odd/m")).arg("chat").env("EDITOR", &editor).stdin(lines);
    llmx.run().expect_code(0);
    let asked: Vec<_> = server.requests().iter().map(turns).collect();
    let one = [("user", "one"), ("assistant", "answer 1")];
    let with = |question| expected(&[one[0], one[1], ("user", question)]);
    assert_eq!(asked[1..5], [with("two"), with("three"), with("three"), with("written by hand")]);
    assert_eq!(asked[5], expected(&[("user", "four")]));
    assert_eq!(fs::read_to_string(home.path("work/mode")).expect("the mode"), "600\n");
    // What was taken back is not said to a later chat either.
    let (_, requests) = {
        let lines = "five\n";
        let server = Answering::start(|_, _| says("later"));
        let output = home.llmx().config(&server.config("odd/m")).args(["chat", "-c"]).stdin(lines).run();
        (output.expect_code(0), server.requests())
    };
    assert_eq!(last(&requests), expected(&[("user", "four"), ("assistant", "answer 6"), ("user", "five")]));
}

#[test]
fn a_branch_leaves_the_conversation_as_it_is() {
    let home = Home::new();
    let (output, requests) = piped(&home, "one\n/title Numbers\ntwo\n/branch 1\nthree\n/list\n");
    let output = output.expect_code(0);
    assert_eq!(last(&requests), expected(&[("user", "one"), ("assistant", "answer 1"), ("user", "three")]));
    assert!(output.stderr.contains("the first 1 of 2 turns;"), "{}", output.stderr);
    let list: Vec<&str> = output.stdout.lines().filter(|line| line.contains("Numbers")).collect();
    assert_eq!(list.len(), 2, "{}", output.stdout);
    assert!(list[0].contains("Numbers (branch)"), "{list:?}");
    let id = |line: &str| line.split_whitespace().next().expect("an id").to_owned();
    let (first, branch) = (id(list[1]), id(list[0]));
    let (_, requests) = piped(&home, &format!("/load {first}\nfour\n/load {branch}\nfive\n"));
    let turns: Vec<_> = requests.iter().map(turns).collect();
    let before = [("user", "one"), ("assistant", "answer 1")];
    assert_eq!(
        turns[0],
        expected(&[before[0], before[1], ("user", "two"), ("assistant", "answer 2"), ("user", "four")])
    );
    assert_eq!(
        turns[1],
        expected(&[before[0], before[1], ("user", "three"), ("assistant", "answer 3"), ("user", "five")])
    );
}

#[test]
fn what_is_taken_back_in_a_fresh_branch_stays_taken_back() {
    for (taken, kept) in [("/undo", vec![("user", "one"), ("assistant", "answer 1")]), ("/undo 2", vec![])] {
        let home = Home::new();
        piped(&home, &format!("one\ntwo\n/branch\n{taken}\nthree\n")).0.expect_code(0);
        let server = Answering::start(|_, _| says("later"));
        home.llmx().config(&server.config("odd/m")).args(["chat", "-c"]).stdin("four\n").run().expect_code(0);
        let new = [("user", "three"), ("assistant", "answer 3"), ("user", "four")];
        assert_eq!(last(&server.requests()), expected(&[kept.as_slice(), &new].concat()), "{taken}");
    }
}

#[test]
fn settings_are_sent_and_shown_and_given_back() {
    let lines = "/set temperature 0.5\n/set max-tokens=99\n/set option user=ann\n/system be brief\none\n\
                 /set temperature off\n/set reasoning fold\n/system off\n/clear\ntwo\n/set\n";
    let (output, requests) = piped(&Home::new(), lines);
    let output = output.expect_code(0);
    assert_eq!(requests[0]["temperature"], 0.5);
    assert_eq!(requests[0]["user"], "ann");
    assert!(requests[0].to_string().contains("99"), "{}", requests[0]);
    assert_eq!(turns(&requests[0])[0], ("system".to_owned(), "be brief".to_owned()));
    assert_eq!(requests[1]["temperature"], Value::Null);
    assert_eq!(last(&requests), expected(&[("user", "two")]));
    assert!(
        output.stdout.lines().any(|line| line.starts_with("reasoning") && line.contains("fold")),
        "{}",
        output.stdout
    );
    assert!(output.stdout.contains("as the provider has it"), "{}", output.stdout);
}

#[test]
fn files_and_attachments_go_with_the_next_question_alone() {
    let home = Home::new();
    fs::write(home.path("work/my notes.md"), "of trees\n").expect("a file");
    fs::write(home.path("work/a.png"), b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR").expect("a file");
    let lines = "/file my\\ notes.md\n/attach \"my notes.md\"\nwhat is this?\nand now?\n";
    let (output, requests) = piped(&home, lines);
    output.expect_code(0);
    let first = requests[0].to_string();
    assert!(first.contains("what is this?\\n\\nof trees") && first.contains("<file name="), "{first}");
    assert_eq!(last(&requests).last().expect("a turn").1, "and now?");
    let (output, requests) = piped(&home, "/image a.png\nwhat?\n");
    output.expect_code(0);
    assert!(requests[0].to_string().contains("data:image/png;base64,"), "{}", requests[0]);
    let (output, _) = piped(&home, "/image my notes.md\n");
    assert!(output.expect_code(2).stderr.contains("is no image"));
}

#[test]
fn what_was_said_can_be_saved_exported_found_and_counted() {
    let home = Home::new();
    let lines = "why is the sky blue?\n/title Sky\n/save out.txt\n/export talk.md\n/export\n/search sky\n/cost\n/tokens\n/why\n";
    let (output, _) = piped(&home, lines);
    let output = output.expect_code(0);
    assert_eq!(fs::read_to_string(home.path("work/out.txt")).expect("the answer"), "answer 1\n");
    let page = "# Sky\n\n## You\n\nwhy is the sky blue?\n\n## odd/m\n\nanswer 1\n\n";
    assert_eq!(fs::read_to_string(home.path("work/talk.md")).expect("the page"), page);
    let mode = home.path("work/talk.md").metadata().expect("a file").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    for part in [page, "user: why is the [sky] blue?", "odd/m         1   5    7", "unknown", "serves"] {
        assert!(output.stdout.contains(part), "{part}\n{}", output.stdout);
    }
    let (output, _) = piped(&home, "one\n/save out.txt\n");
    assert!(output.expect_code(2).stderr.contains("is there already"));
}

#[test]
fn code_blocks_are_copied_by_the_program_of_the_desktop() {
    let home = Home::new();
    let folder = home.path("work");
    let program = folder.join("xclip");
    fs::write(&program, "#!/bin/sh\nexec /bin/cat > copied\n").expect("a script");
    fs::set_permissions(&program, fs::Permissions::from_mode(0o700)).expect("to be run");
    let server = Answering::start(|_, _| says("Two:\n```sh\nls\n```\nand\n```\npwd\n```\n"));
    let run = |lines: &str, display: bool| -> Output {
        let llmx = home.llmx().config(&server.config("odd/m")).arg("chat").stdin(format!("code?\n{lines}"));
        // Nothing else that is installed here may get in the way.
        let llmx = llmx.env("PATH", &folder);
        if display { llmx.env("DISPLAY", ":0").run() } else { llmx.run() }
    };
    let copied = || fs::read_to_string(folder.join("copied")).expect("what was copied");
    run("/copy 2\n", true).expect_code(0);
    assert_eq!(copied(), "pwd\n");
    run("/copy\n", true).expect_code(0);
    assert!(copied().starts_with("Two:\n"));
    assert!(run("/copy 3\n", true).expect_code(2).stderr.contains("no code block 3; it has 2"));
    assert!(run("/copy\n", false).expect_code(2).stderr.contains("no clipboard here"));
}

#[test]
fn a_full_window_leaves_out_the_oldest_turns_and_says_so() {
    let home = Home::new();
    fs::create_dir_all(home.path("config/llmx")).expect("a directory");
    fs::write(home.path("config/llmx/models.toml"), "[models.\"odd/m\"]\ncontext = 400\n").expect("a file");
    let long = "some words that take their room ".repeat(8);
    let lines = (1..=6).map(|number| format!("{number} {long}\n")).collect::<Vec<_>>().concat();
    let server = Answering::start(|number, _| says(&format!("answer {}", number + 1)));
    let config = format!("catalog = \"models.toml\"\n{}", server.config("odd/m"));
    let output = home.llmx().config(&config).arg("chat").stdin(format!("{lines}/export\n")).run().expect_code(0);
    let requests = server.requests();
    let last = turns(requests.last().expect("a request"));
    assert!(last.len() < 11 && last[0].0 == "user", "{} turns", last.len());
    assert!(!last[0].1.starts_with("1 ") && last.last().expect("a turn").1.starts_with("6 "));
    assert!(output.stderr.contains("window of 400 tokens of odd/m is nearly full: the "), "{}", output.stderr);
    assert!(output.stderr.contains("all stays in the conversation"), "{}", output.stderr);
    assert_eq!(output.stdout.matches("## You").count(), 6);
}

#[test]
fn a_truncated_answer_is_said_and_gone_on_with() {
    let server = Answering::start(|number, _| {
        let message = serde_json::json!({"role": "assistant", "content": format!("part {number}")});
        replies(&message, if number == 0 { "length" } else { "stop" })
    });
    let llmx = Home::new().llmx().config(&server.config("odd/m")).arg("chat").stdin("tell\n/continue\n");
    let output = llmx.run().expect_code(0);
    assert!(output.stderr.contains("the token limit cut the answer (/continue goes on with it"), "{}", output.stderr);
    assert_eq!(turns(&server.requests()[1])[1].1, "part 0");
    assert_eq!(output.stdout, "part 0\npart 1\n");
}

#[test]
fn another_model_is_told_what_was_said_and_not_what_was_thought_which_is_noted() {
    let thinks = |thought: Option<&'static str>| {
        Answering::start(move |_, _| {
            let message = serde_json::json!({"role": "assistant", "content": "Yes.", "reasoning_content": thought});
            replies(&message, "stop")
        })
    };
    for (thought, is_noted) in [(Some("hmm, hmm"), true), (None, false)] {
        let server = thinks(thought);
        let llmx = Home::new().llmx().config(&server.config("odd/m")).arg("chat");
        let output = llmx.stdin("one\n/model odd/other\ntwo\n").run().expect_code(0);
        assert_eq!(output.stderr.contains("not what was thought"), is_noted, "{}", output.stderr);
        let second = &server.requests()[1];
        assert_eq!(turns(second), expected(&[("user", "one"), ("assistant", "Yes."), ("user", "two")]));
        assert!(!second.to_string().contains("hmm"), "{second}");
    }
}

#[test]
fn more_turns_than_there_are_are_not_taken_back_or_branched_off() {
    for command in ["/undo 2", "/branch 99"] {
        let (output, _) = piped(&Home::new(), &format!("one\n{command}\nnever"));
        let output = output.expect_code(2);
        assert!(output.stderr.contains("this conversation has 1 turn\n"), "{}", output.stderr);
    }
}

#[test]
fn an_export_names_what_was_attached() {
    let home = Home::new();
    fs::write(home.path("work/dot.png"), b"\x89PNG\r\n\x1a\n and so on").expect("an image");
    let (output, _) = piped(&home, "/attach dot.png\nwhat is this?\n/export\n");
    let output = output.expect_code(0);
    assert!(output.stdout.contains("[dot.png]\n\nwhat is this?"), "{}", output.stdout);
}

#[test]
fn an_id_that_stands_as_the_prompt_is_not_asked() {
    let home = Home::new();
    piped(&home, "one\n").0.expect_code(0);
    let listed = home.llmx().args(["log", "list", "--json"]).run().expect_code(0).stdout;
    let run: Value = serde_json::from_str(&listed).expect("JSON");
    let id = run["runs"][0]["conversation"].as_str().expect("an id").to_owned();
    let server = Answering::start(|_, _| says("never"));
    for command in ["chat", "complete"] {
        let llmx = home.llmx().config(&server.config("odd/m")).args([command, "-c", &id]).stdin("");
        let output = llmx.run().expect_code(2);
        assert!(output.stderr.contains(&format!("`-c={id}` goes on")), "{}", output.stderr);
    }
    assert!(server.requests().is_empty());
    let llmx = home.llmx().config(&server.config("odd/m")).args(["complete", "-c=last", "deadbeef"]);
    llmx.run().expect_code(0);
}

#[test]
fn nothing_is_kept_where_nothing_is_to_be_kept() {
    let home = Home::new();
    let server = Answering::start(|_, _| says("a secret answer"));
    let llmx = home
        .llmx()
        .config(&server.config("odd/m"))
        .args(["chat", "-n"])
        .stdin("a secret question\n/title Secret\nmore\n");
    llmx.run().expect_code(0);
    assert_eq!(turns(&server.requests()[1]).len(), 3, "the chat itself knows it");
    for entry in fs::read_dir(home.path("data/llmx")).expect("the data") {
        let bytes = fs::read(entry.expect("an entry").path()).expect("a file");
        let text = String::from_utf8_lossy(&bytes).to_lowercase();
        assert!(!text.contains("secret"), "it is kept");
    }
    let listed = home.llmx().args(["log", "list", "--json"]).run().expect_code(0);
    assert!(listed.stdout.contains("\"command\":\"chat\""), "what it cost is kept: {}", listed.stdout);
}

#[test]
fn the_help_names_every_command() {
    let (output, _) = piped(&Home::new(), "/help\n/help undo\n");
    let output = output.expect_code(0);
    for command in ["/model", "/why", "/undo [N]", "/branch", "/export", "/exit"] {
        assert!(output.stdout.contains(command), "{command}\n{}", output.stdout);
    }
    assert!(output.stdout.contains("/undo [N]: take the last turn back"), "{}", output.stdout);
}
