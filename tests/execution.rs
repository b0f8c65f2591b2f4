//! What the executor does with the rest of a plan: time for later targets, keys in turn, empty and filtered answers, two
//! targets at once. Through real sockets, with the real binary.

use std::time::Instant;

use llmx::sim::{Ending, Options, Script, Signal};
use serde_json::Value;

use crate::support::chain::{PROMPT, config, words};
use crate::support::ticker::Ticker;
use crate::support::{Llmx, Output, Server};

const WIRE: &str = "openai-chat";

fn complete(server: &Server, names: &[&str], route: &str) -> Llmx {
    let chain: Vec<_> = names.iter().map(|name| ((*name).to_owned(), WIRE)).collect();
    Llmx::new().config(&config(server, &chain, route)).args(["complete", PROMPT])
}

fn json(output: &Output) -> Value {
    serde_json::from_str(&output.stdout).expect("one object")
}

/// Of each attempt: the target, how it ended, and the class of its failure.
fn attempts(object: &Value) -> Vec<(String, String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let all = object["attempts"].as_array().expect("attempts").iter();
    all.map(|one| (text(&one["target"]), text(&one["outcome"]), text(&one["error"]["class"]))).collect()
}

fn milliseconds(attempt: &Value) -> u64 {
    attempt["timing_ms"]["total"].as_u64().expect("a time")
}

// Time.

#[test]
fn case_57_four_tiers_share_one_deadline_and_the_last_still_gets_its_part() {
    let names = ["one", "two", "three", "four"];
    let server = Server::start("*:hang");
    let route = "retries = 2\ntimeout = { total = \"2s\" }";
    let output = complete(&server, &names, route).arg("--json").run().expect_code(7);
    let object = json(&output);
    let classes: Vec<String> = attempts(&object).into_iter().map(|(_, _, class)| class).collect();
    assert_eq!(classes, ["timeout_attempt", "timeout_attempt", "timeout_attempt", "timeout_total"]);
    assert_eq!(names.map(|name| server.count(name)), [1, 1, 1, 1]);
    let all = object["attempts"].as_array().expect("attempts");
    let total: u64 = all.iter().map(milliseconds).sum();
    assert!(total <= 2100, "{total} ms");
    assert!(milliseconds(&all[3]) >= 250, "{}", all[3]);
    assert_eq!(all[0]["error"]["rule"], "reserved for later targets");
}

#[test]
fn case_57_a_target_that_hangs_leaves_time_for_the_one_that_answers() {
    let server = Server::start("one:hang,two:hang");
    let output = complete(&server, &["one", "two", "three"], "timeout = { total = \"2s\" }").run().expect_code(0);
    assert_eq!(output.stdout, words("three") + "\n");
    assert!(output.stderr.contains("kept for later targets"), "{}", output.stderr);
}

#[test]
fn a_target_that_falls_silent_over_a_held_answer_leaves_time_for_the_next() {
    let server = Server::start("one:stall@3");
    let route = "timeout = { total = \"3s\" }";
    let output = complete(&server, &["one", "two"], route).run().expect_code(0);
    assert_eq!(output.stdout, words("two") + "\n");
    assert!(output.stderr.contains("kept for later targets"), "{}", output.stderr);
    let lines = complete(&server, &["one", "two"], route).arg("--stream").run().expect_code(7);
    assert!(!lines.stderr.contains("kept for later targets"), "what was shown goes on to its limit: {}", lines.stderr);
}

#[test]
fn an_answer_that_is_coming_is_not_cut_for_later_targets() {
    let signal = Signal::default();
    let event = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"tick \"}}]}\n\n";
    let end = "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";
    let script =
        (0..55).fold(Script::default().read_request().send(head), |script, _| script.wait(&signal).send(event));
    let scripts = vec![("odd".to_owned(), script.send(end))];
    let server = Server::with("", Options { instant: true, scripts, ..Options::default() });
    let _ticker = Ticker::start(&signal);
    // With four behind it, the first gives way after half the time.
    let route = "timeout = { total = \"5s\" }";
    let output = complete(&server, &["odd", "b", "c", "d", "e"], route).run().expect_code(0);
    assert_eq!(output.stdout.trim_end(), "tick ".repeat(55).trim_end());
}

#[test]
fn case_22_a_chain_multiplies_retries_only_to_a_point() {
    let server = Server::start("*:500");
    let output = complete(&server, &["one"], "retries = 2").run().expect_code(6);
    assert_eq!(server.count("one"), 3, "{}", output.stderr);
    let server = Server::start("*:500");
    let names = ["a", "b", "c", "d", "e"];
    let output = complete(&server, &names, "retries = 2").run().expect_code(6);
    assert_eq!(names.map(|name| server.count(name)), [3, 2, 1, 1, 1], "{}", output.stderr);
}

#[test]
fn case_21_after_the_last_try_nobody_waits() {
    let server = Server::start("one:500");
    complete(&server, &["one", "two"], "retries = 1").run().expect_code(0);
    let requests = server.requests();
    let between = requests[2].at - requests[1].at;
    assert!(between.as_millis() < 200, "{between:?}");
}

// Keys.

/// A configuration with these keys of `odd`, and further providers with one of their own.
fn with_keys(server: &Server, keys: &[&str], others: &[&str], route: &str) -> Llmx {
    let chain: Vec<_> = ["odd"].iter().chain(others).map(|name| ((*name).to_owned(), WIRE)).collect();
    let one = "api_key = \"sk-canary-5f1d2c\"";
    let listed: Vec<String> = keys.iter().map(|key| format!("\"{key}\"")).collect();
    let toml = config(server, &chain, route).replacen(one, &format!("api_key = [{}]", listed.join(", ")), 1);
    Llmx::new().config(&toml).args(["complete", PROMPT])
}

fn keys_seen(server: &Server) -> Vec<String> {
    let key = |seen: &llmx::sim::Seen| seen.key.as_ref().map(|key| key.expose().to_owned()).unwrap_or_default();
    server.requests().iter().filter(|seen| seen.provider == "odd").map(key).collect()
}

const FIVE: [&str; 5] = ["sk-bad-1", "sk-bad-2", "sk-bad-3", "sk-bad-4", "sk-good-5"];

#[test]
fn case_27_dead_keys_are_turned_through_at_once_and_the_fifth_serves() {
    let server = Server::start("");
    let output = with_keys(&server, &FIVE, &[], "retries = 1").arg("--json").run().expect_code(0);
    assert_eq!(keys_seen(&server), FIVE);
    let object = json(&output);
    assert_eq!(attempts(&object).iter().filter(|(_, _, class)| class == "auth").count(), 4);
    assert!(object["attempts"][4]["key"]["place"].is_string());
    for key in FIVE {
        assert!(!output.stdout.contains(key) && !output.stderr.contains(key), "{}", output.stderr);
    }
    let lines = output.stderr.lines().filter(|line| line.contains("trying another key")).count();
    assert_eq!(lines, 4, "{}", output.stderr);
}

#[test]
fn case_27_when_all_keys_are_dead_the_run_ends_as_auth_with_a_line_for_each_or_goes_on_elsewhere() {
    let server = Server::start("");
    let output = with_keys(&server, &FIVE[..3], &[], "retries = 1").run().expect_code(4);
    assert_eq!(keys_seen(&server), FIVE[..3]);
    let rows = output.stderr.lines().filter(|line| line.contains("odd/m") && line.contains("401")).count();
    assert!(rows >= 3, "{}", output.stderr);
    let output = with_keys(&server, &FIVE[..2], &["healthy"], "").run().expect_code(0);
    assert_eq!(output.stdout, words("healthy") + "\n");
}

#[test]
fn a_key_that_is_limited_makes_way_for_the_next_and_is_no_retry() {
    let server = Server::start("odd:429=30x1");
    let output = with_keys(&server, &["sk-1", "sk-2"], &["healthy"], "retries = 0").run().expect_code(0);
    assert_eq!(output.stdout, words("odd") + "\n");
    assert_eq!(keys_seen(&server), ["sk-1", "sk-2"]);
    let server = Server::start("odd:429=30");
    let output = with_keys(&server, &["sk-1", "sk-2"], &["healthy"], "retries = 1").run().expect_code(0);
    assert_eq!(output.stdout, words("healthy") + "\n");
    assert_eq!(keys_seen(&server), ["sk-1", "sk-2"]);
}

#[test]
fn verbose_names_the_key_of_each_attempt() {
    let server = Server::start("");
    let toml = config(&server, &[("odd".to_owned(), WIRE)], "");
    let toml = toml.replacen("api_key = \"sk-canary-5f1d2c\"", "api_key = [{ env = \"BAD\" }, { env = \"GOOD\" }]", 1);
    let run = Llmx::new().config(&toml).env("BAD", "sk-bad-1").env("GOOD", "sk-2").args(["complete", "-v", PROMPT]);
    let output = run.run().expect_code(0);
    for line in ["attempt 1: odd/m, key from BAD", "attempt 2: odd/m, key from GOOD"] {
        assert!(output.stderr.contains(line), "{line}: {}", output.stderr);
    }
}

#[test]
fn a_key_that_cannot_be_had_makes_way_for_the_next() {
    let server = Server::start("");
    let toml = config(&server, &[("odd".to_owned(), WIRE)], "");
    let one = "api_key = \"sk-canary-5f1d2c\"";
    let toml = toml.replacen(one, "api_key = [{ cmd = \"false\" }, \"sk-2\"]", 1);
    Llmx::new().config(&toml).args(["complete", PROMPT]).run().expect_code(0);
    assert_eq!(keys_seen(&server), ["sk-2"]);
}

// Empty and filtered answers.

#[test]
fn an_empty_answer_is_tried_again_refused_or_taken_as_the_route_says() {
    for streamed in [true, false] {
        let run = |route: &str| {
            let server = Server::start("odd:empty");
            let run = complete(&server, &["odd", "healthy"], route);
            let output = if streamed { run.run() } else { run.arg("-S").run() };
            (output, server.count("odd"), server.count("healthy"))
        };
        let (output, odd, healthy) = run("on_empty = \"next\"");
        assert_eq!((output.code, output.stdout, odd, healthy), (0, words("healthy") + "\n", 2, 1));
        let (output, odd, healthy) = run("on_empty = \"fail\"");
        assert_eq!((output.code, output.stdout.as_str(), odd, healthy), (9, "", 1, 0), "{}", output.stderr);
        assert!(output.stderr.contains("on_empty"), "{}", output.stderr);
        let (output, odd, healthy) = run("on_empty = \"accept\"");
        assert_eq!((output.code, output.stdout.as_str(), odd, healthy), (0, "", 1, 0), "{}", output.stderr);
    }
}

#[test]
fn what_is_no_answer_at_all_is_not_accepted_as_an_empty_one() {
    let route = "on_empty = \"accept\"\nretries = 0";
    for fault in ["odd:cut@0", "odd:html", "odd:reset@0"] {
        let server = Server::start(fault);
        let output = complete(&server, &["odd", "healthy"], route).run().expect_code(0);
        assert_eq!(output.stdout, words("healthy") + "\n", "{fault}");
    }
}

#[test]
fn a_filtered_answer_goes_to_the_next_target_only_when_the_route_says_so() {
    for (route, code, asked) in [("", 8, 0), ("on_filter = \"next\"", 0, 1), ("on_filter = \"stop\"", 8, 0)] {
        let server = Server::start("odd:filter");
        let output = complete(&server, &["odd", "healthy"], route).run();
        assert_eq!((output.code, server.count("healthy")), (code, asked), "{route}: {}", output.stderr);
        assert_eq!(output.stdout, if code == 0 { words("healthy") + "\n" } else { String::new() });
    }
}

// Two at once.

/// A chain whose prices are known, with a second target after that time.
fn hedged(server: &Server, names: &[&str], after: &str, route: &str) -> Llmx {
    let home = Llmx::new();
    let catalog = home.home().path("work/models.toml");
    let price = |name: &&str| format!("[models.\"{name}/m\"]\nprice = {{ input = 1.0, output = 2.0 }}\n");
    std::fs::write(&catalog, names.iter().map(price).collect::<String>()).expect("a catalogue");
    let chain: Vec<_> = names.iter().map(|name| ((*name).to_owned(), WIRE)).collect();
    let hedge = format!("hedge = {{ after = \"{after}\" }}\n{route}");
    let toml = format!("catalog = \"{}\"\n{}", catalog.display(), config(server, &chain, &hedge));
    home.config(&toml).args(["complete", PROMPT])
}

#[test]
fn when_the_first_is_late_the_second_is_asked_and_serves_and_the_first_is_let_go() {
    for arguments in [&["--json"][..], &["--json", "-S"]] {
        let server = Server::start("slow:slow=20s");
        let began = Instant::now();
        let output = hedged(&server, &["slow", "second", "third"], "100ms", "").args(arguments).run().expect_code(0);
        server.wait_disconnect("slow");
        assert!(began.elapsed().as_secs() < 15);
        let object = json(&output);
        assert_eq!((&object["target"], &object["text"]), (&"second/m".into(), &words("second").into()));
        let slow = &object["attempts"][0];
        assert_eq!(
            (&slow["target"], &slow["outcome"], &slow["lost"]),
            (&"slow/m".into(), &"cancelled".into(), &true.into())
        );
        assert_eq!(slow["cost"]["usd"], Value::Null, "what it cost is not known");
        let second = &object["attempts"][1];
        assert_eq!(
            (&second["target"], &second["outcome"], &second["lost"]),
            (&"second/m".into(), &"complete".into(), &false.into())
        );
        assert_eq!((server.count("slow"), server.count("second"), server.count("third")), (1, 1, 0));
    }
}

#[test]
fn text_of_the_winner_alone_is_shown() {
    let server = Server::start("slow:slow=20s");
    let output = hedged(&server, &["slow", "second"], "100ms", "").arg("--stream").run().expect_code(0);
    assert_eq!((output.stdout, output.stderr.as_str()), (words("second") + "\n", ""));
}

#[test]
fn when_the_first_is_in_time_nobody_else_is_asked() {
    let server = Server::start("");
    let output = hedged(&server, &["first", "second"], "10s", "").arg("--json").run().expect_code(0);
    assert_eq!((server.requests().len(), attempts(&json(&output)).len()), (1, 1));
}

#[test]
fn when_the_first_fails_at_once_the_walk_goes_on_as_ever() {
    let server = Server::start("first:503");
    let output = hedged(&server, &["first", "second"], "10s", "").run().expect_code(0);
    assert_eq!(output.stdout, words("second") + "\n");
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn when_the_second_fails_the_first_goes_on_alone() {
    let server = Server::start("first:slow=1500ms,second:503");
    let output = hedged(&server, &["first", "second", "third"], "100ms", "").arg("--json").run().expect_code(0);
    let object = json(&output);
    assert_eq!(object["target"], "first/m");
    let told: Vec<String> =
        attempts(&object).into_iter().map(|(target, outcome, _)| format!("{target} {outcome}")).collect();
    assert_eq!(told, ["first/m complete", "second/m failed"]);
    assert_eq!(server.count("third"), 0);
}

#[test]
fn when_both_fail_the_third_is_asked() {
    let server = Server::start("first:slow=20s,second:503");
    let route = "retries = 0\ntimeout = { first_token = \"1s\" }";
    let output = hedged(&server, &["first", "second", "third"], "100ms", route).run().expect_code(0);
    assert_eq!(output.stdout, words("third") + "\n");
    assert_eq!(["first", "second", "third"].map(|name| server.count(name)), [1, 1, 1]);
}

#[test]
fn when_the_first_hangs_until_its_limit_the_second_has_served_long_since_and_one_that_lost_may_serve_later() {
    // The winner breaks off, the loser was only late: it is asked again.
    let server = Server::start("first:slow=20sx1,second:cut@3");
    let output = hedged(&server, &["first", "second"], "100ms", "retries = 0").run().expect_code(0);
    assert_eq!(output.stdout, words("first") + "\n");
    assert_eq!((server.count("first"), server.count("second")), (2, 1));
    let endings: Vec<Ending> = server.requests().iter().map(|seen| seen.ending).collect();
    assert_eq!(endings, [Ending::Abandoned, Ending::Broken, Ending::Complete]);
}

#[test]
fn without_prices_or_with_no_fallback_nobody_else_is_asked() {
    let server = Server::start("first:slow=1s");
    complete(&server, &["first", "second"], "hedge = { after = \"100ms\" }").run().expect_code(0);
    hedged(&server, &["first", "second"], "100ms", "").arg("--no-fallback").run().expect_code(0);
    assert_eq!((server.count("first"), server.count("second")), (2, 0));
}
