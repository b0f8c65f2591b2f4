//! Servers that misbehave byte by byte, limits of time and memory, and what a provider asks for: through real sockets.

use std::time::Duration;

use llmx::sim::{Options, Script, Signal};

use crate::support::chain::{CANARY, PROMPT, config, nothing_leaked, words};
use crate::support::odd::{FINISH, STREAM, event, odd_first, respond, scripted};
use crate::support::parallel::each;
use crate::support::ticker::Ticker;
use crate::support::{Llmx, Output, Server};

/// A stream of `count` times that text, one a tick.
fn ticking(signal: &Signal, before: &str, piece: &str, count: usize) -> Script {
    let start = respond(format!("{STREAM}{before}"));
    (0..count).fold(start, |script, _| script.wait(signal).send(piece.as_bytes().to_vec()))
}

#[test]
fn case_44_keep_alive_comments_are_no_first_token() {
    let signal = Signal::default();
    let server = scripted(ticking(&signal, "", ": keep-alive\n\n", 200));
    let _ticker = Ticker::start(&signal);
    let limits = "timeout = { first_token = \"700ms\", idle = \"10s\" }";
    let output = odd_first(&server, "openai-chat", limits).run().expect_code(0);
    assert_eq!(output.stdout, words("healthy") + "\n");
    assert!(
        output.stderr.starts_with("odd/m: no first token in time: no first token within 0.7s"),
        "{}",
        output.stderr
    );
    assert_eq!(server.count("odd"), 1);
}

#[test]
fn case_44_keep_alive_comments_keep_a_stream_alive() {
    let signal = Signal::default();
    let script = ticking(&signal, &event("one"), ": keep-alive\n\n", 30).send((event(" two") + FINISH).into_bytes());
    let server = scripted(script);
    let _ticker = Ticker::start(&signal);
    let output = odd_first(&server, "openai-chat", "timeout = { idle = \"1s\" }").run().expect_code(0);
    assert_eq!((output.stdout.as_str(), output.stderr.as_str()), ("one two\n", ""));
}

#[test]
fn case_07_the_deadline_ends_a_steady_stream_and_the_limit_of_an_attempt_moves_on() {
    let run = |route: &str, arguments: &[&str]| {
        let signal = Signal::default();
        let server = scripted(ticking(&signal, "", &event("tick "), 200));
        let _ticker = Ticker::start(&signal);
        let output = odd_first(&server, "openai-chat", route).args(arguments).run();
        (output, server.count("odd"), server.count("healthy"))
    };
    for (route, arguments) in [("", &["--timeout", "800ms"][..]), ("timeout = { total = \"800ms\" }", &[])] {
        let (output, odd, healthy) = run(route, arguments);
        assert_eq!((output.code, output.stdout.as_str(), odd, healthy), (7, "", 1, 0), "{}", output.stderr);
        let shown = output.home.llmx().args(["log", "show", "last", "--partial"]).run().expect_code(0);
        assert!(shown.stdout.starts_with("tick tick "), "{}", shown.stdout);
    }
    let (output, odd, healthy) = run("timeout = { attempt = \"800ms\" }", &[]);
    assert_eq!((output.code, output.stdout, odd, healthy), (0, words("healthy") + "\n", 1, 1), "{}", output.stderr);
}

#[test]
fn attempts_draw_from_one_deadline() {
    let names = ["odd", "second", "third"];
    let server = Server::start("*:hang");
    let chain = names.map(|name| (name.to_owned(), "gemini"));
    let limits = "timeout = { first_token = \"700ms\", total = \"1100ms\" }";
    let run = Llmx::new().config(&config(&server, &chain, limits)).args(["complete", PROMPT]);
    let output = run.run().expect_code(7);
    // Time is kept for the last one, too.
    assert_eq!(names.map(|name| server.count(name)), [1, 1, 1], "{}", output.stderr);
    assert!(output.stderr.contains("deadline passed"), "{}", output.stderr);
}

#[test]
fn case_43_a_character_that_two_packets_share_is_whole() {
    let signal = Signal::default();
    let (text, half) = ("data: {\"choices\":[{\"delta\":{\"content\":\"caf".to_owned(), "é".as_bytes());
    let script = respond(STREAM.to_owned() + &text).send(vec![half[0]]).wait(&signal).send(vec![half[1]]);
    let server = scripted(script.send(format!("!\"}}}}]}}\n\n{FINISH}").into_bytes()));
    let running = odd_first(&server, "openai-chat", "").spawn();
    server.wait("the first half", |traffic| traffic.to("odd").count() == 1);
    signal.raise();
    assert_eq!(running.finish().expect_code(0).stdout, "café!\n");
}

#[test]
fn a_wait_that_the_provider_asks_for_is_kept_when_nobody_else_is_there() {
    let table = [
        ("429=0.5", "openai-chat", 500),
        ("429=500ms", "anthropic", 500),
        ("429=0.5", "gemini", 500),
        // A date has no fractions, so two seconds ahead may be one.
        ("429=date", "openai-chat", 900),
        ("429=2", "anthropic", 2000),
    ];
    each(&table, |_, (fault, wire, least)| {
        let server = Server::start(&format!("odd:{fault}x1"));
        let run = Llmx::new().config(&config(&server, &[("odd".to_owned(), wire)], "")).args(["complete", PROMPT]);
        let output = run.run().expect_code(0);
        assert_eq!(output.stdout, words("odd") + "\n");
        let requests = server.requests();
        assert_eq!(requests.len(), 2, "{fault}");
        let waited = requests[1].at - requests[0].at;
        assert!((*least..*least + 2500).contains(&waited.as_millis()), "{fault}: {waited:?}");
    });
}

#[test]
fn a_wait_that_is_too_long_or_not_needed_is_not_waited_for() {
    for fault in ["429=30", "429=3600", "429=date"] {
        let server = Server::start(&format!("odd:{fault}"));
        let output = odd_first(&server, "openai-chat", "").run().expect_code(0);
        let requests = server.requests();
        assert_eq!((requests.len(), server.count("healthy")), (2, 1), "{}", output.stderr);
        assert!(requests[1].at - requests[0].at < Duration::from_millis(900), "{fault}");
    }
    for fault in ["429=30", "429=3600"] {
        let server = Server::start(&format!("odd:{fault}"));
        let run = Llmx::new().config(&config(&server, &[("odd".to_owned(), "openai-chat")], ""));
        let output = run.args(["complete", PROMPT]).run().expect_code(5);
        assert!(output.stderr.contains("too long a wait"), "{}", output.stderr);
        assert_eq!(server.count("odd"), 1);
    }
}

#[test]
fn what_is_wrong_with_a_key_or_a_host_is_not_tried_with_its_other_models() {
    let models = ["odd/m1", "odd/m2", "healthy/m"].map(|target| (target, "openai-chat"));
    for (fault, asked) in [("odd:401", 1), ("odd:quota", 1), ("odd:refuse", 0)] {
        let server = Server::start(fault);
        let output = Llmx::new().config(&server.config(&models)).args(["complete", PROMPT]).run().expect_code(0);
        assert_eq!((server.count("odd"), server.count("healthy")), (asked, 1), "{fault}: {}", output.stderr);
        assert!(!output.stderr.contains("odd/m2"), "{}", output.stderr);
    }
    for fault in ["odd/m1:404", "odd/m1:403", "odd/m1:503"] {
        let server = Server::start(fault);
        let output = Llmx::new().config(&server.config(&models)).args(["complete", PROMPT]).run().expect_code(0);
        assert_eq!((server.count("odd"), server.count("healthy")), (2, 0), "{fault}: {}", output.stderr);
    }
}

#[test]
fn case_36_an_overflow_goes_to_a_larger_window_alone() {
    let server = Server::start("small:context");
    let chain = ["small", "same", "large"].map(|name| (name.to_owned(), "openai-chat"));
    let models = "[models.\"small/m\"]\ncontext = 8000\n[models.\"same/m\"]\ncontext = 8000\n[models.\"large/m\"]\ncontext = 90000\n";
    let home = Llmx::new();
    let catalog = home.home().path("work/models.toml");
    std::fs::write(&catalog, models).expect("a catalogue");
    let toml = format!("catalog = \"{}\"\n{}", catalog.display(), config(&server, &chain, ""));
    let output = home.config(&toml).args(["complete", PROMPT]).run().expect_code(0);
    assert_eq!(output.stdout, words("large") + "\n");
    assert_eq!(["small", "same", "large"].map(|name| server.count(name)), [1, 0, 1]);
}

#[test]
fn a_redirect_is_not_followed_and_told() {
    let target = Server::start("");
    for status in ["301 Moved Permanently", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"] {
        let to = target.base_url("elsewhere", "openai-chat");
        let server = scripted(respond(format!("HTTP/1.1 {status}\r\nlocation: {to}/x\r\ncontent-length: 0\r\n\r\n")));
        let output = odd_first(&server, "openai-chat", "").arg("--no-fallback").run().expect_code(6);
        assert!(output.stderr.contains("redirects are not followed"), "{}", output.stderr);
        assert!(!output.stderr.contains("/x"), "only the origin is told: {}", output.stderr);
        nothing_leaked(&output);
    }
    assert_eq!(target.requests().len(), 0);
}

#[test]
fn a_proxy_is_not_asked_for_a_server_on_this_machine() {
    let proxy = scripted(respond("HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n"));
    let address = proxy.base_url("odd", "").replace("/odd", "");
    let server = Server::start("");
    let mut run = Llmx::new().config(&config(&server, &[("healthy".to_owned(), "anthropic")], ""));
    for name in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
        run = run.env(name, &address);
    }
    let output = run.args(["complete", PROMPT]).run().expect_code(0);
    assert_eq!(output.stdout, words("healthy") + "\n");
    assert_eq!((server.count("healthy"), proxy.requests().len()), (1, 0));
}

/// What is no answer: bytes, the format, the exit code when nobody else is there.
fn no_answers() -> Vec<(&'static str, Vec<u8>, i32)> {
    let json = |length: usize, body: &str| {
        format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}")
            .into_bytes()
    };
    let mut half_character = format!("{STREAM}{}data: {{\"choices\":[{{\"delta\":{{\"content\":\"caf", event("un "));
    half_character.push('é');
    let mut half_character = half_character.into_bytes();
    half_character.pop();
    let chunked = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
    vec![
        ("nothing", Vec::new(), 6),
        ("no HTTP", b"220 mail.example ESMTP\r\n".to_vec(), 6),
        ("a head that breaks off", b"HTTP/1.1 200 OK\r\ncontent-ty".to_vec(), 6),
        ("no content", b"HTTP/1.1 204 No Content\r\n\r\n".to_vec(), 9),
        ("an empty JSON body", json(0, ""), 9),
        ("an empty object", json(2, "{}"), 6),
        ("null", json(4, "null"), 6),
        ("a number", json(1, "7"), 6),
        ("deep JSON", json(100_000, &("[".repeat(50_000) + &"]".repeat(50_000))), 9),
        ("a stream without events", STREAM.as_bytes().to_vec(), 9),
        ("a character cut in half", half_character, 9),
        ("a broken chunk", format!("{chunked}5\r\nda").into_bytes(), 9),
        ("no chunk size", format!("{chunked}zz\r\n").into_bytes(), 9),
        (
            "bad gzip",
            STREAM
                .replace("connection", "content-encoding: gzip\r\nconnection")
                .into_bytes()
                .into_iter()
                .chain(*b"\x1f\x8bnope-nope-nope")
                .collect(),
            6,
        ),
        (
            "no gzip",
            b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 14\r\n\r\n{\"choices\":[]}".to_vec(),
            6,
        ),
    ]
}

#[test]
fn what_is_no_answer_is_never_taken_for_one() {
    let cases = no_answers();
    each(&cases, |_, (name, bytes, code)| {
        for streamed in [true, false] {
            let server = scripted(respond(bytes.clone()));
            let run = |arguments: &[&str]| {
                let run = odd_first(&server, "openai-chat", "").args(arguments);
                if streamed { run.run() } else { run.arg("-S").run() }
            };
            let output = run(&[]);
            assert_eq!((output.code, output.stdout), (0, words("healthy") + "\n"), "{name}: {}", output.stderr);
            let output = run(&["--no-fallback"]);
            assert_eq!(
                (output.code, output.stdout.as_str()),
                (*code, ""),
                "{name}, streamed {streamed}: {}",
                output.stderr
            );
            assert!(!output.stderr.contains("panicked"), "{}", output.stderr);
        }
    });
}

/// A gzip stream of some 158 times its size: one literal, then matches of 258 bytes with what came just before.
fn bomb(literal: u8, bytes: usize) -> Vec<u8> {
    let (mut packed, mut buffer, mut length) = (vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255], 0_u32, 0);
    let mut put = |value: u32, count: u32| {
        buffer |= value << length;
        length += count;
        while length >= 8 {
            packed.push(buffer.to_le_bytes()[0]);
            buffer >>= 8;
            length -= 8;
        }
    };
    // A last block with the fixed codes; Huffman codes are packed from their highest bit.
    put(0b011, 3);
    put((0x30 + u32::from(literal)).reverse_bits() >> 24, 8);
    for _ in 0..bytes / 258 {
        put(0b1100_0101_u32.reverse_bits() >> 24, 8);
        put(0, 5);
    }
    packed
}

/// Runs with `script` before a provider that answers when it is told to; returns the memory held until then.
fn memory_until_moving_on(script: Script, arguments: &[&str]) -> (u64, Output) {
    let signal = Signal::default();
    let last = Script::default()
        .read_request()
        .wait(&signal)
        .send((STREAM.to_owned() + &event("saved") + FINISH).into_bytes());
    let scripts = vec![("odd".to_owned(), script), ("last".to_owned(), last)];
    let server = Server::with("", Options { instant: true, scripts, ..Options::default() });
    let chain = [("odd".to_owned(), "openai-chat"), ("last".to_owned(), "openai-chat")];
    let run = Llmx::new().config(&config(&server, &chain, "retries = 0")).args(["complete", PROMPT]).args(arguments);
    let running = run.spawn();
    server.wait("moving on", |traffic| traffic.to("last").count() == 1);
    let memory = running.peak_memory();
    signal.raise();
    (memory, running.finish())
}

#[test]
fn a_body_without_end_is_left_with_bounded_memory() {
    let endless = |head: &str, piece: &str| {
        let piece = bytes::Bytes::from(piece.repeat((1 << 20) / piece.len()));
        (0..400).fold(respond(head), |script, _| script.send(piece.clone()))
    };
    let json = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n";
    let error = "HTTP/1.1 500 Internal Server Error\r\ncontent-length: 1073741824\r\n\r\n";
    let gzip = |kind: &str, literal| {
        let head = format!("HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncontent-encoding: gzip\r\n\r\n");
        respond(head).send(bomb(literal, 300 << 20))
    };
    let cases = [
        ("an error", endless(error, "x"), ""),
        ("JSON", endless(json, "[1,"), "-S"),
        ("blanks", endless(json, " "), "-S"),
        ("one line", endless(STREAM, "x"), ""),
        ("one event", endless(STREAM, "data: x\n"), ""),
        ("one answer", endless(STREAM, &event(&"word ".repeat(2000))), ""),
        ("a gzip bomb of JSON", gzip("application/json", b'['), "-S"),
        ("a gzip bomb of a line", gzip("text/event-stream", b'x'), ""),
    ];
    each(&cases, |_, (name, script, argument)| {
        let arguments: Vec<&str> = [*argument].into_iter().filter(|argument| !argument.is_empty()).collect();
        let (memory, output) = memory_until_moving_on(script.clone(), &arguments);
        let memory = memory >> 20;
        // A debug build alone takes some 30 MiB; the bodies are of 300 MiB and more.
        assert!(memory < 96, "{name}: {memory} MiB\n{}", output.stderr.chars().take(300).collect::<String>());
        assert!(output.stderr.len() < 2000, "{name}: {}", output.stderr.len());
    });
}

#[test]
fn a_key_that_a_provider_echoes_is_shown_nowhere() {
    let json = |status: &str, headers: &str, body: &str| {
        let length = body.len();
        format!(
            "HTTP/1.1 {status}\r\ncontent-type: application/json\r\n{headers}content-length: {length}\r\n\r\n{body}"
        )
    };
    let everywhere = format!(
        "{{\"error\":{{\"message\":\"no {CANARY} here\",\"type\":\"{CANARY}\",\"code\":\"{CANARY}\",\"param\":\"{CANARY}\",\
         \"request_id\":\"{CANARY}\",\"status\":\"{CANARY}\"}},\"message\":\"{CANARY}\",\"request_id\":\"{CANARY}\"}}"
    );
    let headers = format!("x-request-id: {CANARY}\r\nrequest-id: {CANARY}\r\nretry-after: {CANARY}\r\n");
    let redirect = format!("location: http://{CANARY}.example/{CANARY}\r\n");
    let finish = format!(
        "data: {{\"model\":\"{CANARY}\",\"choices\":[{{\"delta\":{{}},\"finish_reason\":\"{CANARY}\"}}],\"usage\":{{\"{CANARY}\":1}}}}\n\n"
    );
    let cases = [
        json("401 Unauthorized", &headers, &everywhere),
        json("400 Bad Request", &headers, &everywhere),
        json("500 Internal Server Error", "", &format!("<html>{CANARY}</html>")),
        json("500 Internal Server Error", "", &format!("plain {CANARY}")),
        json("200 OK", &headers, &everywhere),
        json("200 OK", &headers, &format!("{{\"x\": {CANARY}")),
        json("307 Temporary Redirect", &redirect, ""),
        format!("{STREAM}{}data: {everywhere}\n\n", event("so ")),
        format!("{STREAM}data: {CANARY}\n\n"),
        format!("{STREAM}{}{finish}", event("")),
        format!("HTTP/1.1 200 OK\r\ncontent-type: {CANARY}\r\n\r\n{CANARY}"),
        format!("{CANARY}\r\n\r\n"),
        format!("HTTP/1.1 200 OK\r\n{CANARY}\r\n\r\n"),
    ];
    each(&cases, |_, response| {
        for wire in ["openai-chat", "anthropic", "gemini"] {
            for arguments in [&["-v"][..], &["--json", "-S"], &["--jsonl", "--no-fallback"], &["-v", "--no-fallback"]] {
                let server = scripted(respond(response.as_bytes()));
                let output = odd_first(&server, wire, "").args(arguments).run();
                nothing_leaked(&output);
                let shown = output.home.llmx().args(["log", "show"]).run();
                nothing_leaked(&shown);
            }
        }
    });
}
