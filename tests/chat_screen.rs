//! `llmx chat` on screens of all sorts: long pastes, several lines, small and dumb terminals, colours, hostile text, keys.

use std::fmt::Write as _;
use std::os::unix::fs::PermissionsExt;

use console::{measure_text_width, strip_ansi_codes};
use llmx::sim::{Script, Signal};

use crate::support::odd::FINISH;
use crate::support::talking::{
    TARGET, answer, begin, chat, chat_in, expected, in_terminal, last_turns, pieces, playing, say,
};
use crate::support::terminal::expect_nothing_above_was_touched;
use crate::support::{Home, Terminal};

#[test]
fn a_paste_of_200_lines_is_one_question() {
    let server = playing(&[("openai", answer("Long."))]);
    let mut terminal = in_terminal(chat(&server, &[TARGET]));
    let text = (0..200).fold(String::new(), |mut text, number| {
        write!(text, "line {number}\r").expect("text");
        text
    });
    terminal.send(format!("What is this: \x1b[200~{text}\x1b[201~").as_bytes());
    terminal.wait_text("> What is this: [paste 1: 200 lines]");
    assert_eq!(server.requests().len(), 0);
    say(&mut terminal, " Briefly.");
    terminal.wait_text("Long.");
    assert_eq!(server.requests().len(), 1);
    let question = &last_turns(&server)[0].1;
    assert!(question.starts_with("What is this: line 0\nline 1\n") && question.ends_with("line 199\n Briefly."));
    assert!(terminal.screen().lines().count() < 8, "{}", terminal.screen());
}

#[test]
fn ctrl_j_quotes_and_a_short_paste_make_lines_of_one_question() {
    let server = playing(&[("openai", answer("Yes."))]);
    let mut terminal = in_terminal(chat(&server, &[TARGET]));
    for (number, (keys, expected)) in [
        ("one\ntwo\r", "one\ntwo"),
        ("\"\"\"\rfn main() {}\r/help\r\"\"\"\r", "fn main() {}\n/help"),
        ("a \x1b[200~b\r\n\tc\x1b[201~ d\r", "a b\n\tc d"),
        ("//help me\r", "/help me"),
    ]
    .into_iter()
    .enumerate()
    {
        terminal.send(keys.as_bytes());
        server.wait("the request", |traffic| traffic.requests.len() == number + 1);
        assert_eq!(last_turns(&server).last().expect("a turn").1, expected);
        terminal.wait("the status", |screen| screen.contents().matches("openai/gpt-4.1-mini · ").count() == number + 1);
    }
}

#[test]
fn a_window_that_becomes_narrow_in_the_middle_breaks_no_word() {
    let signal = Signal::default();
    let script = Script::default().read_request().send(begin(&["Some words that fill a part of the first line. "]));
    let rest = "and then there is a good deal more of it than fits in forty columns, with 漢字 in it";
    let server = playing(&[("openai", script.wait(&signal).send(pieces(&[rest]) + FINISH))]);
    let mut terminal = in_terminal(chat(&server, &[TARGET]));
    say(&mut terminal, "Tell");
    terminal.wait_text("first line.");
    terminal.resize(24, 40);
    signal.raise();
    terminal.wait_text("openai/gpt-4.1-mini · ");
    let screen = terminal.screen();
    let after: Vec<&str> = screen.lines().skip_while(|line| !line.contains("and then")).collect();
    let text = after.iter().map(|line| line.trim_end()).collect::<Vec<_>>().join(" ");
    assert!(text.contains("a good deal more of it than fits in forty columns, with 漢字 in it"), "{screen}");
    say(&mut terminal, "a question that is longer than the window is wide by now, I think");
    server.wait("the second request", |traffic| traffic.requests.len() == 2);
    assert_eq!(last_turns(&server)[2].1, "a question that is longer than the window is wide by now, I think");
}

#[test]
fn the_smallest_and_the_dumbest_terminal_can_chat() {
    for (rows, columns, term) in [(1, 1, "xterm"), (24, 80, "dumb"), (2, 9, "xterm")] {
        let server = playing(&[("openai", answer("Fine."))]);
        let mut terminal = Terminal::start(chat(&server, &[TARGET]).env("TERM", term), rows, columns);
        terminal.send(b"How are you?\r");
        server.wait("the request", |traffic| traffic.requests.len() == 1);
        terminal.send(b"/exit\r");
        let (code, raw) = terminal.finish();
        let text = String::from_utf8_lossy(&raw);
        assert_eq!(code, 0, "{rows}x{columns} {term}: {text}");
        assert_eq!(last_turns(&server), expected(&[("user", "How are you?")]));
        assert!(term != "dumb" || !text.contains('\x1b'), "{text:?}");
    }
}

#[test]
fn a_paragraph_that_is_longer_than_the_window_is_high_is_written_once() {
    let words = (1..=200).map(|number| format!("word{number}")).collect::<Vec<_>>();
    let spaced: Vec<String> = words.iter().map(|word| format!("{word} ")).collect();
    let stream = begin(&spaced.iter().map(String::as_str).collect::<Vec<_>>()) + FINISH;
    let server = playing(&[("openai", Script::default().read_request().send(stream))]);
    let mut terminal = Terminal::start(chat(&server, &[TARGET]), 10, 40);
    terminal.wait_text("> ");
    say(&mut terminal, "Tell");
    terminal.wait_text("word200");
    terminal.send(b"\x04");
    let (_, raw) = terminal.finish();
    let text = String::from_utf8(raw).expect("text");
    expect_nothing_above_was_touched(&text);
    let text = strip_ansi_codes(&text).into_owned();
    let shown = text.split_whitespace().filter(|word| word.starts_with("word"));
    assert_eq!(shown.collect::<Vec<_>>(), words, "{text}");
    assert!(text.split("\r\n").all(|line| measure_text_width(line) <= 40), "{text:?}");
}

#[test]
fn a_terminal_that_answers_no_question_is_asked_none() {
    // Colours, the place of the cursor, and what the terminal is and can do.
    let questions = ["\x1b]", "\x1b[6n", "\x1b[?6n", "\x1b[c", "\x1b[>c", "\x1b[>q", "\x1bP", "\x1b[?u", "$p"];
    let server = playing(&[("openai", answer("**Bold** and `code`."))]);
    let mut terminal = in_terminal(chat(&server, &[TARGET]));
    for line in ["Hello", "/help", "/why"] {
        say(&mut terminal, line);
    }
    terminal.wait_text("serves");
    terminal.send(b"\x04");
    let (code, raw) = terminal.finish();
    let text = String::from_utf8_lossy(&raw);
    assert_eq!(code, 0, "{text}");
    for question in questions {
        assert!(!text.contains(question), "{question:?} in {text:?}");
    }
}

#[test]
fn no_colour_means_no_styles() {
    let server = playing(&[("openai", answer("**Bold** words."))]);
    let mut terminal = in_terminal(chat(&server, &[TARGET]).env("NO_COLOR", "yes"));
    say(&mut terminal, "Hello");
    terminal.wait_text("openai/gpt-4.1-mini · ");
    terminal.send(b"\x04");
    let (_, raw) = terminal.finish();
    let text = String::from_utf8(raw).expect("text");
    let styles = text
        .match_indices("\x1b[")
        .filter(|(at, _)| text[at + 2..].trim_start_matches(|c: char| c.is_ascii_digit() || c == ';').starts_with('m'));
    assert_eq!(styles.count(), 0, "{text:?}");
}

#[test]
fn hostile_text_drives_neither_clipboard_nor_title_nor_screen() {
    let hostile = "safe \x1b]52;c;aGk=\x07 \x1b]0;EVIL\x07 \u{9b}2J \x1b[2J\x1b[H \x1bc\rgone \u{202e}evil end.";
    let server = playing(&[("openai", answer(hostile))]);
    let home = Home::new();
    let mut terminal = in_terminal(chat_in(&home, &server, &[TARGET]));
    say(&mut terminal, "Hello");
    terminal.wait_text("openai/gpt-4.1-mini · ");
    say(&mut terminal, "/export");
    terminal.wait_text("## You");
    terminal.send(b"\x04");
    let (_, raw) = terminal.finish();
    let resumed = Terminal::start(chat_in(&home, &server, &[TARGET]).arg("-c"), 24, 80);
    resumed.wait_text("> Hello");
    resumed.wait("the prompt", |screen| screen.contents().matches("> ").count() == 2);
    for raw in [raw, resumed.raw()] {
        let text = String::from_utf8(raw).expect("text");
        for evil in ["\x1b]", "\x07", "\u{9b}", "\x1b[2J", "\x1b[H", "\x1bc", "\u{202e}"] {
            assert!(!text.contains(evil), "{evil:?} in {text:?}");
        }
        assert!(text.contains("safe"), "{text:?}");
    }
}

#[test]
fn lines_are_kept_for_the_next_chat_for_their_owner_alone_and_not_all_of_them() {
    let home = Home::new();
    let server = playing(&[("openai", answer("Yes."))]);
    let mut terminal = in_terminal(chat_in(&home, &server, &[TARGET]));
    for (count, line) in ["remember me", " but not this secret"].into_iter().enumerate() {
        say(&mut terminal, line);
        terminal.wait("the status", |screen| screen.contents().matches("openai/gpt-4.1-mini · ").count() == count + 1);
    }
    terminal.send(b"\x04");
    terminal.finish();
    let file = home.path("data/llmx/chat_history");
    assert_eq!(file.metadata().expect("the history").permissions().mode() & 0o777, 0o600);
    let kept = std::fs::read_to_string(&file).expect("the history");
    assert!(kept.contains("remember me") && !kept.contains("secret"), "{kept}");
    let mut terminal = in_terminal(chat_in(&home, &server, &[TARGET]));
    terminal.send(b"\x1b[A");
    terminal.wait_text("> remember me");
    terminal.send(b"\x15\x12memb");
    terminal.wait_text("remember me");
    terminal.send(b"\x07\x15");
    let mut terminal = in_terminal(chat_in(&home, &server, &[TARGET]).arg("--no-log"));
    say(&mut terminal, "leave no trace");
    terminal.wait_text("openai/gpt-4.1-mini · ");
    terminal.send(b"\x04");
    terminal.finish();
    assert!(!std::fs::read_to_string(&file).expect("the history").contains("no trace"));
}

#[test]
fn tab_completes_commands_models_and_files() {
    let home = Home::new();
    let server = playing(&[]);
    std::fs::write(home.path("work/notes about trees.md"), "trees").expect("a file");
    let mut terminal = in_terminal(chat_in(&home, &server, &[TARGET]));
    for (keys, expected) in [
        ("/mod\t", "> /model"),
        ("openai/gpt-4.1-m\t", "> /model openai/gpt-4.1-mini"),
        ("\x15/set temp\t", "> /set temperature"),
        ("\x15/file not\t", "> /file notes\\ about\\ trees.md"),
    ] {
        terminal.send(keys.as_bytes());
        terminal.wait_text(expected);
    }
    terminal.send(b"\r");
    terminal.wait_text("goes with your next question");
}

#[test]
fn the_keys_of_vi_are_those_of_the_settings_or_of_readline() {
    let server = playing(&[("openai", answer("Yes."))]);
    for by_setting in [true, false] {
        let home = Home::new();
        let config = server.config(&[TARGET]);
        let config = if by_setting { format!("{config}\n[chat]\nkeys = \"vi\"\n") } else { config };
        std::fs::write(home.path("home/.inputrc"), if by_setting { "" } else { "set editing-mode vi\n" })
            .expect("a file");
        let mut terminal = in_terminal(home.llmx().config(&config).arg("chat"));
        let before = server.requests().len();
        // Escape, to the beginning, delete a character.
        terminal.send(b"xhello");
        terminal.wait_text("> xhello");
        terminal.send(b"\x1b");
        terminal.send(b"0x");
        terminal.wait_text("> hello");
        terminal.send(b"\r");
        server.wait("the request", |traffic| traffic.requests.len() == before + 1);
        assert_eq!(last_turns(&server)[0].1, "hello");
    }
}

#[test]
fn a_history_that_is_no_text_is_kept_aside_and_one_that_others_can_read_is_closed() {
    let (home, server) = (Home::new(), playing(&[]));
    let file = home.path("data/llmx/chat_history");
    std::fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
    std::fs::write(&file, b"#V2\ntyped before\n\xff\xfe").expect("a damaged history");
    let mut terminal = in_terminal(chat_in(&home, &server, &[TARGET]));
    assert!(terminal.screen().contains("is no text any more"), "{}", terminal.screen());
    say(&mut terminal, "/exit");
    assert_eq!(terminal.finish().0, 0);
    assert!(file.with_extension("damaged").exists());
    assert!(std::fs::read_to_string(&file).expect("a history").contains("/exit"));
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).expect("open");
    let mut terminal = in_terminal(chat_in(&home, &server, &[TARGET]));
    say(&mut terminal, "/exit");
    assert_eq!(terminal.finish().0, 0);
    assert_eq!(std::fs::metadata(&file).expect("the file").permissions().mode() & 0o777, 0o600);
}

#[test]
fn thoughts_that_come_in_the_text_are_shown_as_thoughts_and_not_sent_again() {
    let script = Script::default()
        .read_request()
        .send(begin(&["<thi", "nk>\nHm, ", "hm.\n</th", "ink>\n\nIt is *blue*."]) + FINISH);
    let server = playing(&[("openai", script)]);
    let home = Home::new();
    let mut terminal = in_terminal(chat_in(&home, &server, &[TARGET]));
    say(&mut terminal, "What colour?");
    terminal.wait_text("openai/gpt-4.1-mini \u{b7} ");
    let screen = terminal.screen();
    assert!(screen.contains("Hm, hm.\n\nIt is blue.\n") && !screen.contains("think>"), "{screen}");
    say(&mut terminal, "/set reasoning off");
    terminal.wait_text("reasoning: off");
    say(&mut terminal, "And now?");
    terminal.wait("the second answer", |screen| screen.contents().matches("It is blue.").count() == 2);
    assert_eq!(terminal.screen().matches("Hm, hm.").count(), 1, "{}", terminal.screen());
    let turns = [("user", "What colour?"), ("assistant", "It is *blue*."), ("user", "And now?")];
    assert_eq!(last_turns(&server), expected(&turns));
    say(&mut terminal, "/exit");
    assert_eq!(terminal.finish().0, 0);
    let kept = home.llmx().args(["log", "show", "last"]).run().expect_code(0).stdout;
    assert!(kept.contains("<think>"), "what is kept is what came: {kept}");
}

#[test]
fn backspace_takes_the_name_of_a_paste_away_whole() {
    let server = playing(&[("openai", answer("Here."))]);
    let mut terminal = in_terminal(chat(&server, &[TARGET]));
    terminal.send(b"sum up \x1b[200~");
    terminal.send("line\r".repeat(200).as_bytes());
    terminal.send(b"\x1b[201~");
    terminal.wait_text("[paste 1: 200 lines]");
    terminal.send(b"\x7f");
    terminal.wait("the name is gone", |screen| !screen.contents().contains("[paste"));
    // Inside of a name nothing is changed, and a Delete before it takes all of it.
    terminal.send(format!("\x1b[200~{}\x1b[201~!", "more\r".repeat(20)).as_bytes());
    terminal.wait_text("[paste 2: 20 lines]!");
    terminal.send(b"\x1b[D\x1b[D\x1b[D\x7fx\x17\x1bd");
    terminal.send(b"\x05 ok");
    terminal.wait_text("sum up [paste 2: 20 lines]! ok");
    terminal.send(b"\x01\x1bf\x1bf\x1b[C\x1b[3~");
    terminal.wait_text("sum up ! ok");
    terminal.send(b"\x05 nothing\r");
    terminal.wait_text("Here.");
    assert_eq!(last_turns(&server), expected(&[("user", "sum up ! ok nothing")]));
}

#[test]
fn a_block_that_was_begun_below_an_answer_is_one_question() {
    let signal = Signal::default();
    let script = Script::default().read_request().send(begin(&["Slow. "])).wait(&signal).send(FINISH);
    let server = playing(&[("openai", script)]);
    let mut terminal = in_terminal(chat(&server, &[TARGET]));
    say(&mut terminal, "one");
    terminal.wait_text("Slow.");
    terminal.send(b"\"\"\"\rtwo\r/undo\r\"\"\"\r\"\"\"\rthree\r");
    terminal.wait_text("three");
    signal.raise();
    server.wait("the block", |traffic| traffic.requests.len() == 2);
    assert_eq!(last_turns(&server)[2].1, "two\n/undo");
    signal.raise();
    // The second block has not ended: it goes on at the prompt.
    terminal.wait_text("> \"\"\"\nthree");
    terminal.send(b"four\r\"\"\"\r");
    server.wait("the second block", |traffic| traffic.requests.len() == 3);
    assert_eq!(last_turns(&server)[4].1, "three\nfour");
    signal.raise();
}

#[test]
fn a_command_that_takes_arguments_is_completed_with_a_blank() {
    let server = playing(&[("openai", answer("Here."))]);
    let mut terminal = in_terminal(chat(&server, &[TARGET]));
    terminal.send(b"/und\t9\x15/hel\tund\t\r");
    terminal.wait_text("/undo [N]: take the last turn back");
    say(&mut terminal, "Anybody?");
    terminal.wait_text("Here.");
    terminal.send(b"/load \t\r");
    terminal.wait_text("“Anybody?”: 1 turn; the last one, of ");
}
