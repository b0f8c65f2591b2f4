//! `llmx help`: commands and topics, on a terminal of any width and off it; what the topics say is true.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;

use llmx::cli::help::topics::{TOPICS, Topic};

use crate::support::{Home, Llmx, Terminal};

fn help(words: &[&str]) -> String {
    Llmx::new().arg("help").args(words).run().expect_code(0).stdout
}

#[test]
fn the_topics_are_listed_under_their_own_name() {
    let output = Home::new().llmx().args(["help", "topics"]).run().expect_code(0);
    for name in ["routes", "keys", "scripts"] {
        assert!(output.stdout.lines().any(|line| line.trim_start().starts_with(name)), "{}", output.stdout);
    }
}

#[test]
fn help_lists_the_topics_beside_the_commands() {
    let text = help(&[]);
    assert!(text.contains("\nCommands:\n") && text.contains("\nTopics:\n"), "{text}");
    for topic in TOPICS {
        assert!(text.contains(&format!("  {}", topic.name)) && text.contains(topic.about), "{}\n{text}", topic.name);
    }
    assert_eq!(text, Llmx::new().arg("-h").run().expect_code(0).stdout, "and so does `llmx -h`");
}

#[test]
fn help_of_a_command_is_its_long_help() {
    for words in [&["complete"][..], &["log", "show"], &["help"]] {
        assert_eq!(help(words), Llmx::new().args(words).arg("--help").run().expect_code(0).stdout, "{words:?}");
    }
}

#[test]
fn an_unknown_word_is_told_with_the_nearest_name() {
    for (words, message, hint) in [
        (&["route"][..], "", ""),
        (&["routs"], "no command or topic `routs`", "did you mean `llmx help route`?"),
        (&["kyes"], "no command or topic `kyes`", "did you mean `llmx help keys`?"),
        (&["cost", "budgt"], "no command `cost budgt`", "did you mean `llmx help cost budget`?"),
        (&["cost", "nothing-like-it"], "no command `cost nothing-like-it`", "`llmx help cost` lists what it has"),
        (
            &["nothing-like-it"],
            "no command or topic `nothing-like-it`",
            "`llmx help` lists the commands and the topics",
        ),
        (&["keys", "openai"], "no command or topic `keys`", "did you mean `llmx help keys`?"),
    ] {
        let output = Llmx::new().arg("help").args(words).run();
        assert_eq!(output.code, if message.is_empty() { 0 } else { 2 }, "{words:?}");
        if !message.is_empty() {
            assert_eq!(output.stderr, format!("error: {message}\n  hint: {hint}\n"));
            assert_eq!(output.stdout, "");
        }
    }
}

#[test]
fn a_topic_is_plain_off_a_terminal_and_in_lines_of_80_columns() {
    for topic in TOPICS {
        let text = help(&[topic.name]);
        assert!(!text.contains('\x1b'), "{}", topic.name);
        let wide = text.lines().find(|line| line.chars().count() > 80);
        assert_eq!(wide, None, "{}", topic.name);
    }
}

#[test]
fn a_topic_is_laid_out_for_the_terminal() {
    for columns in [40, 80, 200] {
        let run = Llmx::new().args(["help", "routes", "--color", "auto"]);
        let (code, raw) = Terminal::start(run, 200, columns).finish();
        let text = String::from_utf8(raw).expect("UTF-8").replace("\x1b[1m", "").replace("\x1b[0m", "");
        assert_eq!(code, 0, "{text}");
        let widest = if columns == 200 { 100 } else { usize::from(columns) };
        // Only what must be copied as it is may be wider: the terminal breaks it.
        let is_code = |line: &str| line.starts_with("  ") && !line.starts_with("      ");
        let wide = text.lines().find(|line| line.chars().count() > widest && !is_code(line));
        assert_eq!(wide, None, "{columns}\n{text}");
        assert!(text.contains("tiers"), "{text}");
    }
}

/// The lines that stay as they are, in blocks.
fn blocks(topic: &Topic) -> Vec<String> {
    let text = topic.text();
    let mut blocks = vec![String::new()];
    for line in text.lines() {
        match line.strip_prefix("  ") {
            Some(code) => blocks.last_mut().expect("a block").extend([code, "\n"]),
            // An empty line may stand within a configuration.
            None if line.is_empty() => blocks.last_mut().expect("a block").push('\n'),
            None => blocks.push(String::new()),
        }
    }
    blocks.retain(|block| !block.trim().is_empty());
    blocks
}

fn is_toml(block: &str) -> bool {
    block
        .lines()
        .any(|line| line.starts_with('[') && line.split('#').next().is_some_and(|line| line.trim_end().ends_with(']')))
}

/// A home in which the page's configuration holds, and the programs and files that its examples name are there.
fn home_of(topic: &Topic) -> Arc<Home> {
    let home = Home::new();
    let toml: String = blocks(topic).into_iter().filter(|block| is_toml(block)).collect();
    home.write_config(&toml);
    fs::write(home.path("work/letter.txt"), "Dear Ann,\n").expect("a file");
    fs::create_dir_all(home.path("bin")).expect("a directory");
    for name in ["jq", "git"] {
        let path = home.path("bin").join(name);
        fs::write(&path, "#!/bin/sh\n[ \"$1\" = diff ] || cat\n").expect("a program");
        fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).expect("it may run");
    }
    home
}

/// A line of a shell in that home, with the fleet in place of the providers.
fn shell(home: &Arc<Home>, line: &str) -> Llmx {
    let binary = Path::new(env!("CARGO_BIN_EXE_llmx")).parent().expect("a directory").display().to_string();
    let path = format!("{binary}:{}:/usr/bin:/bin", home.path("bin").display());
    home.llmx().other_program("/bin/sh").args(["-c", line]).env("PATH", path).env("LLMX_SIM", "1")
}

#[test]
fn every_configuration_of_a_topic_is_sound() {
    let mut checked = 0;
    for topic in TOPICS {
        for block in blocks(topic).into_iter().filter(|block| is_toml(block)) {
            let home = Home::new();
            home.write_config(&block);
            let output = home.llmx().args(["config", "check"]).run();
            assert_eq!(output.code, 0, "{}\n{block}\n{}{}", topic.name, output.stdout, output.stderr);
            checked += 1;
        }
    }
    assert!(checked >= 4, "the configurations were found");
}

#[test]
fn every_example_of_a_topic_does_what_it_says() {
    for topic in TOPICS {
        let home = home_of(topic);
        shell(&home, "llmx complete --tag team=search 'A password, please'").run().expect_code(0);
        let blocks = blocks(topic);
        let examples = blocks.iter().filter(|block| !is_toml(block)).flat_map(|block| block.lines());
        let examples: Vec<&str> = examples.filter(|line| line.contains("llmx ")).collect();
        assert!(examples.len() >= 5, "the examples of `{}` were found", topic.name);
        for line in examples {
            let output = shell(&home, line).run();
            let told = format!("`{line}`: {}\n{}{}", output.code, output.stdout, output.stderr);
            // A rehearsal that finds something ends with 10.
            assert!(output.code == 0 || (line.contains("llmx drill") && output.code == 10), "{told}");
            assert!(!output.stderr.contains("error:"), "{told}");
        }
    }
}
