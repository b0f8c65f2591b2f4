//! The hour of a newcomer, from an empty home to the next day's chat. `tests/data/newcomer.txt` holds every screen on the way; when
//! one changes, `LLMX_UPDATE=1 cargo test --test main newcomer` writes them anew, and whoever changed it looks at it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::sync::{Arc, Barrier};

use console::{measure_text_width, strip_ansi_codes};
use serde_json::json;

use crate::support::loopback::{Answer, Call, Loopback};
use crate::support::odd::FINISH;
use crate::support::talking::{expected, pieces, say, turns};
use crate::support::terminal::{CTRL_C, expect_nothing_above_was_touched};
use crate::support::{Album, Home, Llmx, Terminal};

/// The keys that are typed: one that nobody takes, and those of the two providers. No screen may show them.
const KEYS: [&str; 3] = ["sk-CANARY-wrong", "sk-CANARY-first", "gsk-CANARY-second"];

/// The prompts of a chat with the first provider and with the second.
const FIRST: &str = "gpt-6-luna> ";
const SECOND: &str = "llama-3.3-70b-versatile> ";

const BLUE: &str = "# Why the sky is blue\n\nSunlight is **scattered** by air, and `blue` more than red:\n\n\
                    | colour | nm |\n|---|--:|\n| blue | 450 |\n| red | 700 |\n\n- by day: *blue*\n- at dusk: red\n\n\
                    ```python\nprint((700 / 450) ** 4)\n```\n";

/// An answer during which the window becomes narrow: before and after that.
const RIVER: [&str; 2] = [
    "A river begins in the hills, where the rain has nowhere ",
    "else to go; it gathers what comes down the slopes, turns aside for every stone, and is in no hurry to be the sea.",
];

/// An answer that goes on until it is stopped.
const EVERYTHING: &str = "In the beginning there was nothing, and then ";

/// Somebody who begins: a home that is empty at first, two providers, and the screens that were seen.
struct Newcomer {
    home: Arc<Home>,
    first: Loopback,
    second: Loopback,
    /// Where the first provider waits in the middle of the river.
    narrowed: Arc<Barrier>,
    album: Album,
}

#[test]
fn every_screen_of_the_first_hour_is_as_somebody_saw_it() {
    let mut newcomer = Newcomer::new();
    newcomer.begins_without_anything();
    newcomer.sets_llmx_up();
    newcomer.adds_a_second_provider();
    newcomer.talks();
    newcomer.goes_on_the_next_day();
    newcomer.album.expect("tests/data/newcomer.txt");
}

impl Newcomer {
    fn new() -> Self {
        let (home, narrowed) = (Home::new(), Arc::new(Barrier::new(2)));
        let first = provider("gpt-6-luna", KEYS[1], "I am the first.", &narrowed);
        let second = provider("llama-3.3-70b-versatile", KEYS[2], "I am the **second**.", &narrowed);
        let album = Album::new(&home);
        Self { home, first, second, narrowed, album }
    }

    /// A run in which the two providers are in the place of OpenAI and Groq.
    fn llmx(&self, arguments: &[&str]) -> Llmx {
        let at = |server: &Loopback| format!("{}/v1", server.url());
        let llmx = self.home.llmx().env("SHELL", "/bin/bash").args(arguments);
        llmx.env("OPENAI_BASE_URL", at(&self.first)).env("GROQ_BASE_URL", at(&self.second))
    }

    fn begins_without_anything(&mut self) {
        let mut terminal = Terminal::start(self.llmx(&["chat"]), 24, 80);
        wait_prompt(&terminal, "> ");
        say(&mut terminal, "Hello?");
        terminal.wait_text("hint: ");
        wait_prompt(&terminal, "> ");
        say(&mut terminal, "/exit");
        self.sees_the_end("llmx chat, before anything is set up", terminal);
    }

    fn sets_llmx_up(&mut self) {
        let mut terminal = Terminal::start(self.llmx(&["init"]), 40, 80);
        terminal.wait_text("  no more, go on");
        self.sees("llmx init", &terminal);
        terminal.send(b"\r");
        types_a_key(&mut terminal, KEYS[0]);
        terminal.wait_text("Type it again? [Y/n]");
        self.sees("a wrong key", &terminal);
        terminal.send(b"\r");
        types_a_key(&mut terminal, KEYS[1]);
        terminal.wait_text("> no more, go on");
        self.sees("the right key", &terminal);
        terminal.send(b"\r");
        terminal.wait_text("man pages? [Y/n]");
        terminal.send(b"\r");
        terminal.wait_text("Write it? [Y/n]");
        terminal.send(b"\r");
        self.sees_the_end("all of llmx init", terminal);
        let mode = |name: &str| fs::metadata(self.home.path(name)).expect("the file").permissions().mode() & 0o777;
        assert_eq!((mode("config/llmx/config.toml"), mode("config/llmx/keys/openai")), (0o600, 0o600));
    }

    fn adds_a_second_provider(&mut self) {
        let mut terminal = Terminal::start(self.llmx(&["config", "set", "providers.groq.api_key", "-"]), 24, 80);
        types_a_key(&mut terminal, KEYS[2]);
        self.sees_the_end("llmx config set providers.groq.api_key -", terminal);
        let alias = ["config", "set", "aliases.second", "groq/llama-3.3-70b-versatile"];
        let terminal = Terminal::start(self.llmx(&alias), 24, 80);
        self.sees_the_end("llmx config set aliases.second groq/llama-3.3-70b-versatile", terminal);
    }

    fn talks(&mut self) {
        let mut terminal = Terminal::start(self.llmx(&["chat"]), 24, 80);
        wait_prompt(&terminal, FIRST);
        self.sees("llmx chat", &terminal);
        self.asks(&mut terminal, "Why is the sky blue?", FIRST);
        self.pastes_200_lines(&mut terminal);
        self.makes_the_window_narrow(&mut terminal);
        self.stops_an_answer(&mut terminal);
        self.changes_the_model(&mut terminal);
        self.compares(&mut terminal);
        say(&mut terminal, "/exit");
        self.sees_the_end("/exit", terminal);
    }

    fn pastes_200_lines(&mut self, terminal: &mut Terminal) {
        let lines = (1..=200).map(|number| format!("line {number}")).collect::<Vec<_>>();
        terminal.send(format!("Count these: \x1b[200~{}\x1b[201~", lines.join("\r")).as_bytes());
        terminal.wait_text("200 lines]");
        self.sees("a paste of 200 lines", terminal);
        self.asks(terminal, " Well?", FIRST);
        let question = turns(&asked(&self.first)).pop().expect("a question").1;
        assert_eq!(question, format!("Count these: {} Well?", lines.join("\n")));
    }

    fn makes_the_window_narrow(&mut self, terminal: &mut Terminal) {
        say(terminal, "Tell me of a river.");
        terminal.wait_text(RIVER[0].trim_end());
        self.sees("half an answer", terminal);
        let before = terminal.raw().len();
        terminal.resize(24, 40);
        self.narrowed.wait();
        wait_answer(terminal, before, FIRST);
        self.sees("the other half in a window that became narrow", terminal);
        let raw = terminal.raw().split_off(before);
        let rest = String::from_utf8(raw).expect("text");
        expect_nothing_above_was_touched(&rest);
        assert!(rest.lines().all(|line| measure_text_width(line) <= 40), "{rest:?}");
        let words = strip_ansi_codes(&rest).split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.starts_with(RIVER[1]), "{words}");
        terminal.resize(24, 80);
    }

    fn stops_an_answer(&mut self, terminal: &mut Terminal) {
        say(terminal, "Tell me everything.");
        terminal.wait_text(EVERYTHING.trim_end());
        terminal.send(CTRL_C);
        terminal.wait_text("stopped");
        wait_prompt(terminal, FIRST);
        self.sees("Ctrl-C in mid-answer", terminal);
    }

    fn changes_the_model(&mut self, terminal: &mut Terminal) {
        let mut said = turns(&asked(&self.first));
        say(terminal, "/model second");
        wait_prompt(terminal, SECOND);
        self.asks(terminal, "Who are you?", SECOND);
        said.extend(expected(&[("assistant", EVERYTHING), ("user", "Who are you?")]));
        assert_eq!(turns(&asked(&self.second)), said);
    }

    fn compares(&mut self, terminal: &mut Terminal) {
        say(terminal, "/compare openai");
        terminal.wait_text("adopt which?");
        wait_prompt(terminal, "adopt which? (Enter keeps 1) ");
        self.sees("/compare openai", terminal);
        say(terminal, "2");
        terminal.wait_text("adopted");
        wait_prompt(terminal, SECOND);
        self.sees("its answer is adopted", terminal);
        say(terminal, "/why");
        terminal.wait_text("serves");
        wait_prompt(terminal, SECOND);
        self.sees("/why", terminal);
    }

    fn goes_on_the_next_day(&mut self) {
        let mut said = turns(&asked(&self.second));
        let mut terminal = Terminal::start(self.llmx(&["chat", "-c"]), 24, 80);
        wait_prompt(&terminal, FIRST);
        self.sees("llmx chat -c, the next day", &terminal);
        self.asks(&mut terminal, "And at dusk?", FIRST);
        said.extend(expected(&[("assistant", "I am the first."), ("user", "And at dusk?")]));
        assert_eq!(turns(&asked(&self.first)), said);
        terminal.send(b"\x04");
        self.sees_the_end("Ctrl-D", terminal);
    }

    /// Asks, and sees the answer.
    fn asks(&mut self, terminal: &mut Terminal, line: &str, prompt: &str) {
        let before = terminal.raw().len();
        say(terminal, line);
        wait_answer(terminal, before, prompt);
        self.sees(line.trim(), terminal);
    }

    /// Sees what a terminal shows that waits for keys.
    fn sees(&mut self, title: &str, terminal: &Terminal) {
        self.album.put(title, &terminal.screen());
    }

    /// Sees what a program leaves that ends, and that it never showed a key.
    fn sees_the_end(&mut self, title: &str, terminal: Terminal) {
        let size = terminal.size();
        let (code, raw) = terminal.finish();
        let text = String::from_utf8_lossy(&raw);
        assert_eq!(code, 0, "{title}: {text}");
        assert!(!text.contains("CANARY"), "{title}: {text:?}");
        self.album.put(title, &screen_of(&raw, size));
    }
}

/// A provider that takes one key, knows one model, and says so when it is asked who it is.
fn provider(model: &'static str, key: &'static str, name: &'static str, narrowed: &Arc<Barrier>) -> Loopback {
    let narrowed = Arc::clone(narrowed);
    Loopback::start(move |call| {
        if call.header("authorization") != Some(&format!("Bearer {key}")) {
            return rejected();
        }
        if call.method == "GET" {
            let models = json!({"object": "list", "data": [{"id": model, "object": "model", "owned_by": "somebody"}]});
            return Answer::Whole(200, models.to_string());
        }
        answer(call, name, &narrowed)
    })
}

fn rejected() -> Answer {
    let error =
        json!({"message": "Incorrect API key provided", "type": "invalid_request_error", "code": "invalid_api_key"});
    Answer::Whole(401, json!({ "error": error }).to_string())
}

fn answer(call: &Call, name: &str, narrowed: &Arc<Barrier>) -> Answer {
    let model = call.body["model"].as_str().unwrap_or_default();
    let part = |text: &str| pieces(&[text]).replace("gpt-4.1-mini", model);
    let prompt = call.body.to_string().len() / 4;
    let whole = |text: &str| part(text) + &end(model, prompt, text.len() / 4);
    let question = turns(&call.body).pop().expect("a question").1;
    match question.as_str() {
        "Why is the sky blue?" => Answer::Stream(whole(BLUE)),
        "Tell me of a river." => Answer::Halves(part(RIVER[0]), Arc::clone(narrowed), whole(RIVER[1])),
        "Tell me everything." => Answer::Begun(part(EVERYTHING)),
        "Who are you?" => Answer::Stream(whole(name)),
        _ => Answer::Stream(whole("As I said.")),
    }
}

/// The end of a stream, with what it used.
fn end(model: &str, prompt: usize, answer: usize) -> String {
    let usage = json!({"prompt_tokens": prompt, "completion_tokens": answer, "total_tokens": prompt + answer});
    let usage = json!({"model": model, "choices": [], "usage": usage});
    FINISH.replace("data: [DONE]", &format!("data: {usage}\n\ndata: [DONE]"))
}

/// The last question that a provider was asked.
fn asked(server: &Loopback) -> serde_json::Value {
    server.calls().pop().expect("a question").body
}

/// Types a key once it is asked for.
fn types_a_key(terminal: &mut Terminal, key: &str) {
    terminal.wait("the line", |screen| screen.contents().ends_with("> "));
    say(terminal, key);
}

/// Waits until the cursor stands behind this prompt on the last line.
#[track_caller]
fn wait_prompt(terminal: &Terminal, prompt: &str) {
    terminal.wait(&format!("the prompt `{prompt}`"), |screen| {
        let (text, (row, column)) = (screen.contents(), screen.cursor_position());
        let last = text.lines().enumerate().last();
        last == Some((row.into(), prompt)) && usize::from(column) == prompt.len()
    });
}

/// Waits for what an answer cost, after so many bytes, and for the prompt behind it.
#[track_caller]
fn wait_answer(terminal: &Terminal, before: usize, prompt: &str) {
    terminal.wait_raw(before, "$0.");
    wait_prompt(terminal, prompt);
}

/// What a terminal of that size shows after these bytes.
fn screen_of(raw: &[u8], (rows, columns): (u16, u16)) -> String {
    let size = |count: u16| count.try_into().expect("rows and columns");
    let mut parser = vt100::Parser::new(size(rows), size(columns), 0);
    parser.process(raw);
    parser.screen().contents()
}
