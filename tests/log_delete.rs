//! `llmx log delete` and `llmx log prune`: what is to be gone is gone from the disk, what was spent stays, and others write on.

use std::fs;
use std::sync::Arc;

use serde_json::Value;

use crate::support::{Home, Llmx, Terminal};

fn log(home: &Arc<Home>, arguments: &[&str]) -> Llmx {
    home.llmx().args(["log", "--sim"]).args(arguments)
}

fn ask(home: &Arc<Home>, prompt: &str) {
    home.llmx().args(["complete", "--sim", prompt]).run().expect_code(0);
}

fn json(home: &Arc<Home>, arguments: &[&str]) -> Value {
    let output = log(home, arguments).arg("--json").run().expect_code(0);
    serde_json::from_str(&output.stdout).expect("JSON")
}

fn runs(home: &Arc<Home>) -> Vec<Value> {
    json(home, &["-n", "1000"])["runs"].as_array().expect("runs").clone()
}

/// Whether any file of the ledger holds the word, in any case.
fn is_kept(home: &Arc<Home>, word: &str) -> bool {
    let folder = home.path("data/llmx/simulated");
    fs::read_dir(folder).expect("the ledger's folder").any(|entry| {
        let bytes = fs::read(entry.expect("an entry").path()).expect("a file").to_ascii_lowercase();
        bytes.windows(word.len()).any(|window| window == word.as_bytes())
    })
}

#[test]
fn a_deleted_run_is_gone_from_the_list_the_search_and_the_disk() {
    let home = Home::new();
    ask(&home, "keep this one");
    ask(&home, "my passport is xqzzycanary");
    assert!(is_kept(&home, "xqzzycanary"));
    let told = log(&home, &["delete", "last", "--yes"]).run().expect_code(0).stderr;
    assert!(told.contains("deleted: 1 run; what they cost stays known"), "{told}");
    assert!(!is_kept(&home, "xqzzycanary"));
    assert_eq!(runs(&home).len(), 1);
    assert!(json(&home, &["search", "xqzzycanary"])["runs"].as_array().expect("runs").is_empty());
}

#[test]
fn runs_are_deleted_by_what_was_said_and_by_conversation() {
    let home = Home::new();
    ask(&home, "about whales");
    log(&home, &["continue", "last", "more of that"]).run().expect_code(0);
    ask(&home, "about tulips");
    ask(&home, "about tulips again");
    log(&home, &["delete", "--search", "tulips -again", "-y"]).run().expect_code(0);
    assert_eq!(runs(&home).len(), 3);
    let first = runs(&home)[2]["id"].as_str().expect("an id").to_owned();
    let told = json(&home, &["delete", "--conversation", &first, "-y"]);
    assert_eq!(told["deleted"]["runs"], 2);
    assert_eq!(runs(&home).len(), 1);
}

#[test]
fn nothing_is_deleted_unasked() {
    let home = Home::new();
    ask(&home, "hello");
    for arguments in [&["delete", "last"][..], &["prune", "--older-than", "1ms"]] {
        let told = log(&home, arguments).run().expect_code(2).stderr;
        assert!(told.contains("1 run?") && told.contains("say --yes"), "{told}");
    }
    let told = log(&home, &["delete", "-y"]).run().expect_code(2).stderr;
    assert!(told.contains("name the runs to delete"), "{told}");
    log(&home, &["delete", "zzz", "-y"]).run().expect_code(2);
    log(&home, &["prune", "--yes"]).run().expect_code(2);
    assert_eq!(runs(&home).len(), 1);
}

#[test]
fn on_a_terminal_it_asks_and_takes_no_for_an_answer() {
    for (answer, left) in [(b"n", 1), (b"y", 0)] {
        let home = Home::new();
        ask(&home, "hello");
        let mut terminal = Terminal::start(log(&home, &["delete", "last"]), 20, 80);
        terminal.wait_text("delete 1 run?");
        terminal.send(answer);
        let (code, _) = terminal.finish();
        assert_eq!((code == 0, runs(&home).len()), (left == 0, left));
    }
}

#[test]
fn pruning_forgets_words_and_keeps_what_was_spent() {
    let home = Home::new();
    ask(&home, "about xqzzywhales");
    let before = runs(&home);
    let would = json(&home, &["prune", "--older-than", "1ms", "--dry-run"]);
    assert_eq!((&would["pruned"]["runs"], &would["dry_run"]), (&1.into(), &true.into()));
    assert!(is_kept(&home, "xqzzywhales"));
    log(&home, &["prune", "--older-than", "1ms", "--yes"]).run().expect_code(0);
    assert!(!is_kept(&home, "xqzzywhales"));
    let after = runs(&home);
    assert_eq!((&after[0]["cost"], &after[0]["output_tokens"]), (&before[0]["cost"], &before[0]["output_tokens"]));
    let shown = log(&home, &["show"]).run().expect_code(0).stdout;
    assert!(shown.contains("(not kept)") && shown.contains("attempt 1"), "{shown}");
    let told = log(&home, &["continue", "last", "x"]).run().expect_code(2).stderr;
    assert!(told.contains("nothing to continue"), "{told}");
    log(&home, &["prune", "--older-than", "1ms", "--all", "--yes"]).run().expect_code(0);
}

#[test]
fn pruning_to_a_size_shrinks_the_file() {
    let home = Home::new();
    for number in 0..6 {
        let prompt = (0..60_000).map(|word| format!("w{word}x{number}")).collect::<Vec<_>>().join(" ");
        home.llmx().args(["complete", "--sim", "-m", "gemini"]).stdin(prompt).run();
    }
    let size = || fs::metadata(home.path("data/llmx/simulated/ledger.db")).expect("the ledger").len();
    log(&home, &["search", "w1x1"]).run().expect_code(0);
    log(&home, &["prune", "--larger-than", "1000MB", "--yes"]).run().expect_code(0);
    let before = size();
    assert!(before > 2_000_000, "{before}");
    log(&home, &["prune", "--larger-than", "2MB", "--yes"]).run().expect_code(0);
    assert!(size() <= 2_000_000, "{before} {}", size());
    assert_eq!(runs(&home).len(), 6, "each goes on to be listed");
}

#[test]
fn what_others_write_meanwhile_is_not_lost() {
    let home = Home::new();
    for _ in 0..4 {
        ask(&home, "zebra");
    }
    let writers: Vec<_> =
        (0..8).map(|number| home.llmx().args(["complete", "--sim", &format!("writer {number}")]).spawn()).collect();
    for _ in 0..4 {
        log(&home, &["delete", "--search", "zebra", "--yes"]).run().expect_code(0);
        log(&home, &["prune", "--older-than", "1h", "--yes"]).run().expect_code(0);
    }
    for writer in writers {
        writer.finish().expect_code(0);
    }
    // What had to wait beside the ledger is added by the next start.
    let found = json(&home, &["search", "writer", "-n", "100"]);
    assert_eq!(found["runs"].as_array().expect("runs").len(), 8, "{found}");
    assert!(runs(&home).iter().all(|run| run["exit_code"] == 0));
}

#[test]
fn a_ledger_that_cannot_be_changed_is_told_of_and_left_as_it_is() {
    let home = Home::new();
    ask(&home, "hello there");
    ask(&home, "goodbye");
    // What is deleted leaves no log beside the file.
    log(&home, &["delete", "--search", "goodbye", "--yes"]).run().expect_code(0);
    let file = home.path("data/llmx/simulated/ledger.db");
    let mut bytes = fs::read(&file).expect("the ledger");
    // The schema's version stands at byte 60.
    bytes[60..64].copy_from_slice(&99_u32.to_be_bytes());
    fs::remove_file(home.path("data/llmx/simulated/ledger.db-wal")).ok();
    fs::remove_file(home.path("data/llmx/simulated/ledger.db-shm")).ok();
    fs::write(&file, &bytes).expect("a newer ledger");
    for arguments in [&["delete", "last", "-y"][..], &["prune", "--older-than", "1ms", "-y"]] {
        let told = log(&home, arguments).run().expect_code(1).stderr;
        assert!(told.contains("a newer llmx wrote it") && told.contains("update llmx"), "{told}");
    }
    let found = log(&home, &["search", "hello"]).run().expect_code(0);
    assert!(found.stdout.contains("[hello]"), "{}{}", found.stdout, found.stderr);
    assert_eq!(fs::read(&file).expect("the ledger")[60..64], 99_u32.to_be_bytes(), "left as it is");
    fs::write(&file, b"no database at all, but text").expect("a damaged ledger");
    let told = log(&home, &["search", "hello"]).run().expect_code(0).stderr;
    assert!(told.contains("was damaged and is kept as"), "{told}");
}

#[test]
fn comparisons_that_hold_the_words_are_deleted_too_unless_another_command_is_named() {
    let home = Home::new();
    let compare = |prompt: &str| {
        let both = ["compare", "--sim", "-m", "gemini", "-m", "groq", "--tag", "team=a", prompt];
        home.llmx().args(both).run().expect_code(0);
    };
    compare("my passport is xqzzycanary");
    compare("about tulips");
    ask(&home, "xqzzycanary alone");
    assert_eq!(json(&home, &["delete", "--tag", "team=a", "--command", "complete", "-y"])["deleted"]["comparisons"], 0);
    let asked = log(&home, &["delete", "--search", "xqzzycanary"]).run().expect_code(2).stderr;
    assert!(asked.contains("delete 1 run and 1 comparison?"), "{asked}");
    let told = log(&home, &["delete", "--search", "xqzzycanary -tulips", "-y"]).run().expect_code(0).stderr;
    assert!(told.contains("deleted: 1 run and 1 comparison; what"), "{told}");
    assert!(!is_kept(&home, "xqzzycanary"));
    assert_eq!(
        json(&home, &["delete", "--search", "compare", "-y"])["deleted"]["comparisons"],
        0,
        "only what was said"
    );
    let told = json(&home, &["delete", "--tag", "team=a", "--since", "1h", "-y"]);
    assert_eq!((&told["deleted"]["runs"], &told["deleted"]["comparisons"]), (&0.into(), &1.into()));
}

#[test]
fn no_run_of_zero_is_no_message_of_an_empty_ledger() {
    let home = Home::new();
    ask(&home, "hello");
    for arguments in [&["-n", "0"][..], &["search", "hello", "-n", "0"]] {
        let output = log(&home, arguments).run().expect_code(0);
        assert!(
            !output.stderr.contains("no runs yet") && !output.stderr.contains("nothing found"),
            "{}",
            output.stderr
        );
    }
}

#[test]
fn an_id_that_several_runs_have_is_a_wrong_argument_of_every_command() {
    let home = Home::new();
    ask(&home, "one");
    ask(&home, "two");
    log(&home, &["show", "0"]).run().expect_code(2);
    let told = home.llmx().args(["complete", "--sim", "--continue=0", "more"]).run().expect_code(2).stderr;
    assert!(told.contains("is the start of several ids"), "{told}");
}
