//! `llmx complete` on a terminal: what a person sees while an answer streams, breaks off, or is stopped.

use std::sync::Arc;
use std::time::Instant;

use llmx::sim::{Options, Script, Signal};
use serde_json::{Value, json};

use crate::support::terminal::CTRL_C;
use crate::support::{Home, LIMIT, Llmx, Server, Terminal};

const TARGET: (&str, &str) = ("openai/gpt-4.1-mini", "openai-chat");
const SECOND: (&str, &str) = ("groq/llama-3.3-70b-versatile", "openai-chat");
const HEAD: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";

/// A streamed answer's beginning: the head and these pieces of text.
fn begin(pieces: &[&str]) -> String {
    HEAD.to_owned() + &deltas(pieces)
}

fn deltas(pieces: &[&str]) -> String {
    pieces.iter().map(|piece| chunk(&json!({ "content": piece }), &Value::Null)).collect()
}

fn chunk(delta: &Value, finish: &Value) -> String {
    let choice = json!({ "index": 0, "delta": delta, "finish_reason": finish });
    let chunk = json!({ "id": "c1", "object": "chat.completion.chunk", "model": "gpt-4.1-mini", "choices": [choice] });
    format!("data: {chunk}\n\n")
}

fn end() -> String {
    chunk(&json!({}), &json!("stop")) + "data: [DONE]\n\n"
}

/// An answer in these pieces, all at once.
fn answer(pieces: &[&str]) -> Script {
    Script::default().read_request().send(begin(pieces) + &end())
}

/// A fleet in which these providers play scripts, the first of which serves the default route.
fn scripted(scripts: &[(&str, Script)]) -> Server {
    let scripts = scripts.iter().map(|(name, script)| ((*name).to_owned(), script.clone())).collect();
    Server::with("", Options { instant: true, scripts, ..Options::default() })
}

fn complete(server: &Server, targets: &[(&str, &str)]) -> Llmx {
    Home::new().llmx().config(&server.config(targets)).args(["complete", "--color", "auto"])
}

/// The answer of a script on a terminal of 24 rows: its end.
fn shown(script: Script, columns: u16, arguments: &[&str]) -> Seen {
    let server = scripted(&[("openai", script)]);
    Seen::of(Terminal::start(complete(&server, &[TARGET]).args(arguments).arg("why?"), 24, columns), columns)
}

/// What is left when the program has ended.
struct Seen {
    code: u32,
    raw: String,
    screen: vt100::Parser,
}

impl Seen {
    fn of(terminal: Terminal, columns: u16) -> Self {
        let (code, raw) = terminal.finish();
        let size = |count: u16| std::num::NonZero::new(count).expect("a size");
        let mut screen = vt100::Parser::new(size(24), size(columns), 0);
        screen.process(&raw);
        Self { code, raw: String::from_utf8(raw).expect("whole characters"), screen }
    }

    #[track_caller]
    fn expect_code(self, code: u32) -> Self {
        assert_eq!(self.code, code, "{}", self.text());
        self
    }

    fn text(&self) -> String {
        self.screen.screen().contents()
    }

    /// The cursor is visible and waits at the beginning of a line, as a shell's prompt wants it.
    #[track_caller]
    fn expect_ready_for_a_prompt(&self) {
        let screen = self.screen.screen();
        assert!(!screen.hide_cursor(), "{}", self.text());
        assert_eq!(screen.cursor_position().1, 0, "{}", self.text());
    }

    /// Nothing but text, line ends and styles of our own.
    #[track_caller]
    fn expect_only_text_and_styles(&self) {
        let mut rest = self.raw.as_str();
        while let Some(at) = rest.find('\x1b') {
            let sequence = rest[at..].strip_prefix("\x1b[").and_then(|after| after.split_once('m'));
            let (parameters, after) = sequence.unwrap_or_else(|| panic!("{:?}", &rest[at..]));
            assert!(parameters.chars().all(|c| c.is_ascii_digit() || c == ';'), "{parameters:?}");
            rest = after;
        }
        let strange = |c: &char| c.is_control() && !matches!(c, '\n' | '\r' | '\t' | '\x1b');
        assert_eq!(self.raw.chars().find(strange), None, "{:?}", self.raw);
        // A terminal writes `\r\n` for our `\n`; a carriage return of its own could overwrite a line.
        assert!(!self.raw.replace("\r\n", "\n").contains('\r'), "{:?}", self.raw);
    }
}

const DOCUMENT: &str = "# Heading\n\nSome **bold** and `code` words.\n\n- first\n- second\n\n```rust\nfn main() {}\n```\n\n\
                        漢字かな交じり文 and café.\n";

#[test]
fn an_answer_is_rendered_block_by_block_while_it_streams() {
    let (signal, (first, rest)) = (Signal::default(), DOCUMENT.split_once("- first").expect("two parts"));
    let script = Script::default().read_request().send(begin(&[first])).wait(&signal);
    let script = script.send(deltas(&["- first", rest]) + &end());
    let server = scripted(&[("openai", script)]);
    let terminal = Terminal::start(complete(&server, &[TARGET]).arg("why?"), 24, 80);
    terminal.wait_text("Some bold and code words.");
    assert!(!terminal.screen().contains("second"));
    signal.raise();
    let seen = Seen::of(terminal, 80).expect_code(0);
    let text = seen.text();
    for part in ["Heading", "first", "second", "fn main() {}", "漢字かな交じり文 and café."] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    for mark in ["**", "```", "# Heading"] {
        assert!(!text.contains(mark), "{mark}\n{text}");
    }
    seen.expect_only_text_and_styles();
    seen.expect_ready_for_a_prompt();
}

#[test]
fn every_piece_is_shown_when_it_comes() {
    let signal = Signal::default();
    let words = ["The ", "sky ", "is ", "blue "];
    let script = words
        .iter()
        .fold(Script::default().read_request().send(HEAD), |script, word| script.send(deltas(&[word])).wait(&signal));
    let server = scripted(&[("openai", script.send(end()))]);
    let terminal = Terminal::start(complete(&server, &[TARGET]).arg("why?"), 24, 80);
    for (index, word) in words.iter().enumerate() {
        terminal.wait_text(word.trim_end());
        assert!(words.get(index + 1).is_none_or(|next| !terminal.screen().contains(next)), "{}", terminal.screen());
        signal.raise();
    }
    Seen::of(terminal, 80).expect_code(0);
}

#[test]
fn a_narrow_terminal_breaks_no_word_and_loses_nothing() {
    let words = "one sentence that is a good deal longer than forty columns, with 漢字 in the middle of it";
    let seen = shown(answer(&[words]), 40, &[]).expect_code(0);
    let lines: Vec<String> = seen.text().lines().map(|line| line.trim_end().to_owned()).collect();
    assert_eq!(lines.join(" ").trim_end(), words);
    assert!(lines.len() > 2, "{lines:?}");
}

#[test]
fn the_smallest_terminal_is_large_enough() {
    let server =
        scripted(&[("openai", answer(&["# a\n\nplain | text\n\n- x\n  - y\n\n| a | b |\n|--|--|\n| c | d |\n"]))]);
    let (code, raw) = Terminal::start(complete(&server, &[TARGET]).arg("why?"), 1, 1).finish();
    let text = String::from_utf8_lossy(&raw);
    assert_eq!(code, 0, "{text}");
    assert!(!text.contains("panicked"), "{text}");
}

#[test]
fn a_dumb_terminal_gets_no_escapes_and_no_color_gets_no_styles() {
    for (name, value) in [("TERM", "dumb"), ("NO_COLOR", "yes")] {
        let server = scripted(&[("openai", answer(&[DOCUMENT]))]);
        let llmx = complete(&server, &[TARGET]).env(name, value).args(["-u", "why?"]);
        let seen = Seen::of(Terminal::start(llmx, 24, 80), 80).expect_code(0);
        assert!(!seen.raw.contains('\x1b'), "{name}: {:?}", seen.raw);
        assert!(seen.text().contains("fn main() {}"), "{}", seen.text());
    }
}

#[test]
fn a_dumb_terminal_has_no_spinner() {
    let signal = Signal::default();
    let script = Script::default().read_request().wait(&signal).send(begin(&["here"]) + &end());
    let server = scripted(&[("openai", script)]);
    let terminal = Terminal::start(complete(&server, &[TARGET]).env("TERM", "dumb").arg("why?"), 24, 80);
    server.wait("the request", |traffic| traffic.requests.len() == 1);
    signal.raise();
    let seen = Seen::of(terminal, 80).expect_code(0);
    assert_eq!(seen.raw, "here\r\n");
}

#[test]
fn a_spinner_says_who_is_waited_for_and_leaves_no_trace() {
    let signal = Signal::default();
    let script = Script::default().read_request().wait(&signal).send(begin(&["here it is"]) + &end());
    for columns in [20, 80] {
        let server = scripted(&[("openai", script.clone())]);
        let terminal = Terminal::start(complete(&server, &[TARGET]).arg("why?"), 24, columns);
        terminal.wait_text("openai/gpt");
        signal.raise();
        let seen = Seen::of(terminal, columns).expect_code(0);
        assert_eq!(seen.text().trim_end(), "here it is");
        let sequences: Vec<&str> = seen.raw.split('\x1b').skip(1).collect();
        assert!(sequences.iter().all(|sequence| sequence.starts_with("[2K")), "no question, no mode: {sequences:?}");
        seen.expect_ready_for_a_prompt();
    }
}

#[test]
fn ctrl_c_while_the_spinner_turns_leaves_a_clean_terminal() {
    for columns in [18, 80] {
        let script = Script::default().read_request().wait(&Signal::default());
        let server = scripted(&[("openai", script)]);
        let mut terminal = Terminal::start(complete(&server, &[TARGET]).arg("why?"), 24, columns);
        terminal.wait_text("openai/");
        terminal.send(CTRL_C);
        let seen = Seen::of(terminal, columns).expect_code(130);
        assert_eq!(seen.text().trim_end(), "error: interrupted");
        seen.expect_ready_for_a_prompt();
        server.wait_disconnect("openai");
    }
}

#[test]
fn ctrl_c_while_a_key_command_hangs_ends_both() {
    let home = Home::new();
    let pid = home.path("pid");
    let command = format!("echo $$ > {}; exec sleep 60", pid.display());
    home.write_config(&format!("[providers.openai]\napi_key = {{ cmd = [\"sh\", \"-c\", \"{command}\"] }}\n"));
    let llmx = home.llmx().args(["complete", "-m", "openai/gpt-4.1-mini", "why?"]);
    let mut terminal = Terminal::start(llmx, 24, 80);
    // The spinner's pictures are what this looks again at.
    let begun = || std::fs::read_to_string(&pid).is_ok_and(|pid| pid.ends_with('\n'));
    terminal.wait("the command begins", |screen| screen.contents().contains("openai/") && begun());
    terminal.send(CTRL_C);
    let seen = Seen::of(terminal, 80).expect_code(130);
    assert_eq!(seen.text().trim_end(), "error: interrupted");
    let pid = std::fs::read_to_string(&pid).expect("the command had begun");
    let state = || std::fs::read_to_string(format!("/proc/{}/stat", pid.trim())).unwrap_or_default();
    let since = Instant::now();
    while !state().is_empty() && !state().contains(") Z ") {
        assert!(since.elapsed() < LIMIT, "the command lives on: {}", state());
        std::thread::yield_now();
    }
}

#[test]
fn ctrl_c_in_mid_answer_keeps_the_text_and_drops_the_provider() {
    let script = Script::default().read_request().send(begin(&["The sky ", "is **bl"])).wait(&Signal::default());
    let server = scripted(&[("openai", script)]);
    let mut terminal = Terminal::start(complete(&server, &[TARGET, SECOND]).arg("why?"), 24, 80);
    let home = Arc::clone(terminal.home());
    terminal.wait_text("The sky is");
    terminal.send(CTRL_C);
    let seen = Seen::of(terminal, 80).expect_code(130);
    assert!(seen.text().starts_with("The sky is"), "{}", seen.text());
    assert!(seen.text().contains("\nerror: interrupted"), "{}", seen.text());
    assert!(seen.text().contains("--partial"), "{}", seen.text());
    seen.expect_ready_for_a_prompt();
    server.wait_disconnect("openai");
    assert_eq!(server.count("groq"), 0, "nobody else is asked");
    let run = logged(&home);
    assert_eq!(run["exit_code"], 130);
    assert_eq!(run["attempts"][0]["outcome"], "cancelled");
    assert_eq!(run["partial"], "The sky is **bl");
}

fn logged(home: &Arc<Home>) -> Value {
    let output = home.llmx().args(["log", "show", "last", "--json"]).run().expect_code(0);
    serde_json::from_str::<Value>(&output.stdout).expect("JSON")["run"].take()
}

#[test]
fn a_cut_shows_the_partial_text_a_seam_and_the_whole_new_answer() {
    for columns in [40, 80] {
        let broken = Script::default().read_request().send(begin(&["Half an **ans"]));
        let server = scripted(&[("openai", broken), ("groq", answer(&["The whole answer."]))]);
        let llmx = complete(&server, &[TARGET, SECOND]).arg("why?");
        let seen = Seen::of(Terminal::start(llmx, 24, columns), columns).expect_code(0);
        let text = seen.text();
        let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
        assert!(lines[0].starts_with("Half an"), "{text}");
        assert!(lines[1].starts_with("── openai/gpt-4.1-mini: answer cut off"), "{text}");
        assert_eq!(lines.last(), Some(&"The whole answer."), "{text}");
        assert_eq!(lines[1..lines.len() - 1].join(" ").matches("──").count(), 2, "{text}");
        assert!(lines.iter().all(|line| !line.starts_with(char::is_whitespace)), "{text}");
        assert!(seen.raw.split("\r\n").all(|line| console::measure_text_width(line) <= columns.into()), "{text}");
        seen.expect_ready_for_a_prompt();
    }
}

#[test]
fn with_on_cut_fail_the_partial_text_stays_and_the_exit_code_is_9() {
    let broken = Script::default().read_request().send(begin(&["Half an answer"]));
    let server = scripted(&[("openai", broken)]);
    let llmx = complete(&server, &[TARGET, SECOND]).args(["--on-cut", "fail", "why?"]);
    let seen = Seen::of(Terminal::start(llmx, 24, 80), 80).expect_code(9);
    assert!(seen.text().starts_with("Half an answer\n"), "{}", seen.text());
    assert!(seen.text().contains("error: openai/gpt-4.1-mini: answer cut off"), "{}", seen.text());
    assert_eq!(server.count("groq"), 0);
    seen.expect_ready_for_a_prompt();
}

#[test]
fn a_new_size_in_mid_stream_is_followed() {
    let signal = Signal::default();
    let words = "plenty of words to fill more than one line of the new and smaller window";
    let script = Script::default().read_request().send(begin(&["wide\n\n"])).wait(&signal);
    let server = scripted(&[("openai", script.send(deltas(&[words]) + &end()))]);
    let terminal = Terminal::start(complete(&server, &[TARGET]).arg("why?"), 24, 80);
    terminal.wait_text("wide");
    terminal.resize(24, 30);
    signal.raise();
    let (code, raw) = terminal.finish();
    let text = String::from_utf8(raw).expect("text");
    assert_eq!(code, 0, "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 30), "{text}");
    assert_eq!(text.split_whitespace().skip(1).collect::<Vec<_>>().join(" "), words);
}

/// Clipboard, title, a lying link, clear screen, reset, DCS, their C1 forms, overwriting, bidi, tags, bell.
const HOSTILE: &str = "safe \u{1b}]52;c;ZXZpbA==\u{7}\u{1b}]0;EVIL\u{7}\u{1b}]8;;http://evil\u{1b}\\link\u{1b}]8;;\u{1b}\\\
                       \u{1b}[2J\u{1b}[H\u{1b}c\u{1b}P+q\u{1b}\\\u{1b}[6n\u{9d}52;c;ZXZpbA==\u{9c}\u{9b}2J\r\u{8}\u{8}gone\
                       \u{202e}live\u{2066}\u{e0041}\u{200b}\u{7f}\u{0} end";

#[test]
fn hostile_text_leaves_the_terminal_alone_however_it_is_cut() {
    let pieces: Vec<String> = HOSTILE.chars().map(String::from).collect();
    let single: Vec<&str> = pieces.iter().map(String::as_str).collect();
    for pieces in [&[HOSTILE][..], &single] {
        for arguments in [&[][..], &["--raw"]] {
            let seen = shown(answer(pieces), 80, arguments).expect_code(0);
            seen.expect_only_text_and_styles();
            let text = seen.text().split_whitespace().collect::<String>();
            assert!(text.starts_with("safe^[]52;c;") && text.contains("gonelive") && text.ends_with("end"), "{text}");
            assert!(!seen.raw.contains(['\u{202e}', '\u{2066}', '\u{e0041}', '\u{200b}']), "{:?}", seen.raw);
        }
    }
}

#[test]
fn hostile_reasoning_model_names_and_finish_reasons_are_harmless_too() {
    let piece = json!({ "reasoning_content": HOSTILE });
    let last = json!({ "model": HOSTILE, "choices": [{ "index": 0, "delta": {}, "finish_reason": "stop" }] });
    let body = format!("{}{}data: {last}\n\ndata: [DONE]\n\n", chunk(&piece, &Value::Null), deltas(&["text"]));
    let script = Script::default().read_request().send(HEAD.to_owned() + &body.replace("gpt-4.1-mini", "x\\u001b[2Jy"));
    let seen = shown(script, 80, &["-u"]).expect_code(0);
    seen.expect_only_text_and_styles();
    assert!(seen.text().contains("text"), "{}", seen.text());
}

#[test]
fn a_hostile_error_body_and_request_id_are_harmless() {
    let body = json!({ "error": { "message": HOSTILE, "type": HOSTILE, "code": HOSTILE } }).to_string();
    let head =
        "HTTP/1.1 500 No\r\ncontent-type: application/json\r\nx-request-id: a\u{9d}0;EVIL\u{9c}\r\nconnection: close";
    let script =
        Script::default().read_request().send(format!("{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len()));
    let server = scripted(&[("openai", script.clone()), ("groq", script)]);
    let llmx = complete(&server, &[TARGET, SECOND]).arg("why?");
    let seen = Seen::of(Terminal::start(llmx, 24, 80), 80).expect_code(6);
    seen.expect_only_text_and_styles();
    assert!(seen.text().contains("safe ^[]52;c;"), "{}", seen.text());
}

#[test]
fn a_hostile_answer_is_harmless_in_the_log_too() {
    let server = scripted(&[("openai", answer(&[HOSTILE]))]);
    let first = Terminal::start(complete(&server, &[TARGET]).arg(HOSTILE.replace('\0', "")), 24, 80);
    let home = Arc::clone(first.home());
    Seen::of(first, 80).expect_code(0);
    for arguments in [&["log"][..], &["log", "show"], &["log", "show", "--json"]] {
        let seen = Seen::of(Terminal::start(home.llmx().args(arguments), 24, 80), 80).expect_code(0);
        seen.expect_only_text_and_styles();
        assert!(seen.raw.contains("safe"), "{}", seen.text());
    }
}

#[test]
fn reasoning_is_dim_before_the_answer_and_can_be_hidden() {
    let thought = chunk(&json!({ "reasoning_content": "let me think" }), &Value::Null);
    let script = Script::default().read_request().send(HEAD.to_owned() + &thought + &deltas(&["The answer."]) + &end());
    let seen = shown(script.clone(), 80, &[]).expect_code(0);
    assert_eq!(seen.text().trim_end(), "let me think\n\nThe answer.");
    assert!(seen.screen.screen().cell(0, 0).is_some_and(vt100::Cell::dim), "{:?}", seen.raw);
    assert!(seen.screen.screen().cell(2, 0).is_some_and(|cell| !cell.dim()), "{:?}", seen.raw);
    let seen = shown(script, 80, &["-R"]).expect_code(0);
    assert_eq!(seen.text().trim_end(), "The answer.");
}

#[test]
fn raw_shows_the_text_as_the_model_wrote_it() {
    let seen = shown(answer(&["a **bold** `word`\n# no heading"]), 80, &["-r"]).expect_code(0);
    assert_eq!(seen.raw, "a **bold** `word`\r\n# no heading\r\n");
    seen.expect_ready_for_a_prompt();
}

#[test]
fn no_stream_shows_nothing_before_the_answer_is_whole() {
    let body = json!({ "id": "c1", "model": "m", "choices": [{ "index": 0, "finish_reason": "stop",
        "message": { "role": "assistant", "content": "**whole**" } }] })
    .to_string();
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n";
    let script = Script::default().read_request().send(head.to_owned() + &body);
    let server = scripted(&[("openai", script)]);
    let seen = Seen::of(Terminal::start(complete(&server, &[TARGET]).args(["-S", "why?"]), 24, 80), 80).expect_code(0);
    assert_eq!(seen.text().trim_end(), "whole");
    assert_eq!(server.requests()[0].body["stream"], Value::Null);
    seen.expect_only_text_and_styles();
}

#[test]
fn typed_text_is_read_to_ctrl_d_only_when_asked_for() {
    let server = scripted(&[("openai", answer(&["Hello yourself."]))]);
    let mut terminal = Terminal::start(complete(&server, &[TARGET]).arg("-"), 24, 80);
    terminal.send(b"pasted line one\rline two\r");
    terminal.wait_text("line two");
    assert_eq!(server.count("openai"), 0, "the end of the text is waited for");
    terminal.send(b"\x04");
    let seen = Seen::of(terminal, 80).expect_code(0);
    assert!(seen.text().contains("Hello yourself."), "{}", seen.text());
    assert_eq!(server.requests()[0].body["messages"][0]["content"], "pasted line one\nline two");
    let terminal = Terminal::start(complete(&server, &[TARGET]).arg("words"), 24, 80);
    Seen::of(terminal, 80).expect_code(0);
    assert_eq!(server.requests()[1].body["messages"][0]["content"], "words");
}

#[test]
fn no_prompt_on_a_terminal_is_told_at_once() {
    let server = scripted(&[]);
    let seen = Seen::of(Terminal::start(complete(&server, &[TARGET]), 24, 80), 80).expect_code(2);
    assert!(seen.text().starts_with("error: there is no prompt\n  hint: "), "{}", seen.text());
}

#[test]
fn the_bytes_written_are_about_the_text() {
    let words: Vec<String> = (0..2_000).map(|number| format!("word{number} ")).collect();
    let pieces: Vec<&str> = words.iter().map(String::as_str).collect();
    let seen = shown(answer(&pieces), 80, &[]).expect_code(0);
    let text: usize = words.iter().map(String::len).sum();
    assert!(seen.raw.len() < text + text / 10, "{} bytes for {text}", seen.raw.len());
    seen.expect_only_text_and_styles();
}

#[test]
fn a_route_and_the_log_break_no_name_on_any_width() {
    let home = Home::new();
    home.llmx().args(["complete", "--sim=openai:500", "why is the sky blue?"]).run().expect_code(0);
    for columns in [40, 60, 80, 120] {
        for arguments in [&["route", "--sim", "--explain", "hello"][..], &["log", "--sim"]] {
            let seen = Seen::of(Terminal::start(home.llmx().args(arguments), 60, columns), columns).expect_code(0);
            let lines: Vec<&str> = seen.raw.split("\r\n").collect();
            let columns = usize::from(columns);
            let width = |line: &&str| console::measure_text_width(line);
            assert!(lines.iter().all(|line| width(line) <= columns), "{columns}\n{}", seen.raw);
            assert!(seen.raw.contains("anthropic/claude-haiku-"), "{}", seen.raw);
            seen.expect_only_text_and_styles();
        }
    }
}
