//! Cases 1 to 19: who is asked when somebody fails, and what is said of it.

use serde_json::{Value, json};

use super::{corp, recorded, told, walk, with_catalog};
use crate::support::answering::{replies, says};
use crate::support::chain::{PROMPT, config, first_tokens, words};
use crate::support::odd::{odd_alone, odd_first, respond, scripted};
use crate::support::parallel::each;
use crate::support::{Answering, Home, Llmx, Server};
use llmx::sim::Script;

const WIRES: [&str; 3] = ["openai-chat", "anthropic", "gemini"];

#[test]
fn case_01_a_stream_that_closes_without_its_end_is_no_success_and_its_text_is_kept() {
    each(&WIRES, |_, wire| {
        let server = Server::start("odd:cut@6");
        for arguments in [&["--stream"][..], &["--no-fallback"]] {
            let output = odd_first(&server, wire, "retries = 0").args(arguments).run().expect_code(9);
            let came = first_tokens("odd", 6);
            let printed = if arguments == ["--stream"] { came.trim_end() } else { "" };
            assert_eq!(output.stdout.trim_end(), printed, "{wire}");
            let attempt = &recorded(&output.home)["attempts"][0];
            assert_eq!((&attempt["class"], &attempt["outcome"]), (&json!("incomplete_stream"), &json!("failed")));
            assert_eq!(attempt["partial_text"], came, "{wire}");
        }
    });
}

#[test]
fn case_02_a_malformed_line_moves_on_before_content_and_is_an_error_after_it() {
    each(&WIRES, |_, wire| {
        let server = Server::start("odd:malformed@0");
        let output = odd_first(&server, wire, "retries = 0").arg("--stream").run().expect_code(0);
        assert_eq!(output.stdout, words("healthy") + "\n", "{wire}");
        assert_eq!(recorded(&output.home)["attempts"][0]["class"], "protocol", "{wire}");
        let server = Server::start("odd:malformed@5");
        let output = odd_first(&server, wire, "").arg("--stream").run().expect_code(9);
        assert_eq!(output.stdout.trim_end(), first_tokens("odd", 5).trim_end(), "nothing is skipped in silence");
        assert!(output.stderr.contains("not the provider's format"), "{wire}: {}", output.stderr);
    });
}

#[test]
fn case_03_an_overload_told_inside_a_200_calls_the_fallback_once() {
    for arguments in [&["--stream"][..], &[], &["-S"]] {
        let server = Server::start("odd:error@0");
        let output = odd_first(&server, "anthropic", "").args(arguments).run().expect_code(0);
        assert_eq!(output.stdout, words("healthy") + "\n", "one coherent answer");
        assert_eq!(server.count("healthy"), 1, "{arguments:?}");
        let class = if arguments == ["-S"] { "server_error" } else { "overloaded" };
        assert_eq!(recorded(&output.home)["attempts"][0]["class"], class);
    }
}

#[test]
fn case_04_a_connection_that_fails_takes_the_same_way_streamed_and_whole() {
    each(&WIRES, |_, wire| {
        let server = Server::start("odd:refuse");
        let ways = [&[][..], &["-S"]].map(|arguments| told(odd_first(&server, wire, "").args(arguments)));
        for (code, object) in &ways {
            assert_eq!((*code, walk(object).last().map(String::as_str)), (0, Some("healthy/m complete")));
            assert_eq!(walk(object)[0], "odd/m network", "{wire}");
        }
        assert_eq!(walk(&ways[0].1), walk(&ways[1].1), "{wire}");
    });
}

#[test]
fn case_05_the_chain_is_the_same_streamed_and_whole_in_every_format() {
    let wires = ["openai-chat", "openai-responses", "anthropic", "gemini", "cohere-v2-chat", "ollama-chat"];
    let faults = ["500", "429=30", "401", "404", "empty", "quota"];
    let cases: Vec<(&'static str, &str)> =
        wires.iter().enumerate().flat_map(|(at, wire)| [0, 3].map(|more| (*wire, faults[(at + more) % 6]))).collect();
    each(&cases, |_, (wire, fault)| {
        let server = Server::start(&format!("one:{fault},two:503"));
        let chain = [("one", *wire), ("two", wires[0]), ("healthy", *wire)].map(|(name, wire)| (name.to_owned(), wire));
        let ask = |arguments: &[&str]| {
            let run = Llmx::new().config(&config(&server, &chain, "")).args(["complete", PROMPT]).args(arguments);
            told(run)
        };
        let ((code, streamed), (_, whole)) = (ask(&[]), ask(&["-S"]));
        assert_eq!((code, &streamed["text"]), (0, &json!(words("healthy"))), "{wire} {fault}: {streamed}");
        assert_eq!(walk(&streamed), walk(&whole), "{wire} {fault}");
        let asked = |way: usize| server.requests().iter().filter(|seen| seen.provider == ["one", "two"][way]).count();
        assert!(asked(0) >= 2 && asked(1) == 2, "each way asked them all: {wire} {fault}");
    });
}

#[test]
fn case_09_a_rate_limit_and_a_refusal_of_the_key_both_invoke_the_fallback() {
    let cases = [("429=30", "rate_limit"), ("403", "permission")];
    for (fault, class) in cases {
        for wire in WIRES {
            let server = Server::start(&format!("odd:{fault}"));
            let (code, object) = told(odd_first(&server, wire, ""));
            assert_eq!((code, walk(&object)), (0, vec![format!("odd/m {class}"), "healthy/m complete".to_owned()]));
            assert_eq!(server.count("odd"), 1, "{wire} {fault}");
        }
    }
}

#[test]
fn case_10_a_model_that_is_gone_falls_through_to_another_model_of_the_same_provider() {
    let gone = [
        (404, json!({"error": {"code": "model_not_found", "message": "The model `m1` does not exist"}})),
        (404, json!({"error": "model 'm1' not found, try pulling it first"})),
        (410, json!({"error": {"message": "m1 has reached its end"}})),
        (400, json!({"error": {"code": "model_decommissioned", "message": "use m2"}})),
    ];
    for (status, body) in gone {
        let answer = body.clone();
        let server =
            Answering::start(move |_, body| if body["model"] == "m1" { (status, answer.clone()) } else { says("hi") });
        let (code, object) = told(Llmx::new().config(&corp(&server, 2)).args(["complete", "hi"]));
        assert_eq!((code, walk(&object)), (0, vec!["corp/m1 model_not_found".to_owned(), "corp/m2 complete".into()]));
        assert_eq!(server.requests().len(), 2, "{body}");
    }
}

#[test]
fn case_12_an_empty_chain_is_an_error_of_the_configuration() {
    let table = [
        ("[]", "a route needs `tiers` with at least one model"),
        ("[[]]", "this tier is empty"),
        ("[[\"openai/gpt-4.1-mini\"], []]", "this tier is empty"),
    ];
    for (tiers, words) in table {
        let toml = format!("default = \"r\"\n[routes.r]\ntiers = {tiers}\n");
        for command in ["complete", "route"] {
            let output = Llmx::new().config(&toml).args([command, "--sim", "hi"]).run().expect_code(3);
            assert!(output.stderr.contains(words), "{tiers}: {}", output.stderr);
            assert!(output.stderr.contains("config.toml:"), "{}", output.stderr);
        }
    }
}

#[test]
fn case_13_an_alias_has_the_chain_and_nothing_of_the_first_target_leaks_into_the_next() {
    let server = Server::start("first:503");
    let chain = [("first".to_owned(), "anthropic"), ("second".to_owned(), "openai-chat")];
    let toml = config(&server, &chain, "").replace("default = \"test\"", "[aliases]\nfast = \"test\"");
    let toml = toml.replace("[providers.first]\n", "[providers.first]\nheaders = { x-first = \"1\" }\n");
    let home = Home::new();
    let models = "[models.\"first/m\"]\nreasoning = true\n[models.\"second/m\"]\nmax_output = 100\nreasoning = false\n";
    home.write_config(&with_catalog(&home, models, &toml));
    let ask = ["complete", PROMPT, "-m", "fast", "--max-tokens", "5000", "--reasoning-effort", "high"];
    let output = home.llmx().args(ask).run().expect_code(0);
    let requests = server.requests();
    let (first, second) = (&requests[0], requests.last().expect("requests"));
    assert_eq!((first.provider.as_str(), second.provider.as_str()), ("first", "second"));
    let has = |seen: &llmx::sim::Seen, name: &str| seen.headers.iter().any(|(known, _)| known == name);
    for header in ["x-first", "anthropic-version"] {
        assert!(has(first, header) && !has(second, header), "{header}");
    }
    assert_eq!((second.path.as_str(), &second.body["max_tokens"]), ("/v1/chat/completions", &json!(100)));
    for name in ["thinking", "reasoning_effort", "reasoning", "output_config"] {
        assert_eq!(second.body.get(name), None, "{}", second.body);
    }
    assert!(output.stderr.contains("second/m: max_tokens is lowered from 5000 to 100"), "{}", output.stderr);
}

/// Three models that each fail in their own way, with an id of the request; the third as said.
fn failing(third: (u16, Value)) -> Answering {
    Answering::start(move |_, body| {
        let fails = |status, id: &str| (status, json!({"error": {"message": "no"}, "request_id": id}));
        match body["model"].as_str() {
            Some("m1") => fails(500, "req-1"),
            Some("m2") => fails(429, "req-2"),
            _ => third.clone(),
        }
    })
}

#[test]
fn case_14_the_last_error_lists_every_attempt_and_the_exit_code_is_of_the_most_actionable() {
    for (status, class, exit_code) in [(400, "invalid_request", 1), (401, "auth", 4), (503, "overloaded", 5)] {
        let server = failing((status, json!({"error": {"message": "no"}, "request_id": "req-3"})));
        let run = || Llmx::new().config(&corp(&server, 3)).args(["complete", "hi"]);
        let (code, object) = told(run());
        assert_eq!(code, exit_code, "{object}");
        let expected = ["corp/m1 server_error", "corp/m2 rate_limit", &format!("corp/m3 {class}")];
        assert_eq!(walk(&object), expected);
        for (number, http) in [500, 429, status].into_iter().enumerate() {
            let error = &object["attempts"][number]["error"];
            assert_eq!((&error["status"], &error["request_id"]), (&json!(http), &json!(format!("req-{}", number + 1))));
        }
        let output = run().run().expect_code(exit_code);
        let places: Vec<Option<usize>> =
            ["corp/m1", "corp/m2", "corp/m3"].iter().map(|name| output.stderr.rfind(&format!("  {name}  "))).collect();
        assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{places:?}\n{}", output.stderr);
    }
    let server = failing(says("hi"));
    let (code, object) = told(Llmx::new().config(&corp(&server, 3)).args(["complete", "hi"]));
    assert_eq!((code, &object["target"]), (0, &json!("corp/m3")), "who really answered");
}

#[test]
fn case_15_a_chain_crosses_providers_each_with_its_own_key() {
    let server = Server::start("one:503,two:429=30");
    let targets = [("one/m", "openai-chat"), ("two/m", "anthropic"), ("three/m", "gemini")];
    Llmx::new().config(&server.config(&targets)).args(["complete", PROMPT]).run().expect_code(0);
    let requests = server.requests();
    for provider in ["one", "two", "three"] {
        let mut keys = requests.iter().filter(|seen| seen.provider == provider).map(|seen| seen.key.clone()).peekable();
        assert!(keys.peek().is_some(), "{provider} is asked");
        let own = format!("sim-key-of-{provider}");
        assert!(keys.all(|key| key.is_some_and(|key| key.expose() == own)), "{provider} sees its own key alone");
    }
}

#[test]
fn case_17_an_answer_with_nothing_in_it_is_no_success() {
    for content in [json!(""), Value::Null] {
        let server = Answering::start(move |_, body| match body["model"].as_str() {
            Some("m1") => replies(&json!({"role": "assistant", "content": content, "tool_calls": []}), "stop"),
            _ => says("hi"),
        });
        let output = Llmx::new().config(&corp(&server, 1)).args(["complete", "hi"]).run().expect_code(9);
        assert_eq!(
            (output.stdout.as_str(), &recorded(&output.home)["attempts"][0]["class"]),
            ("", &"empty_response".into())
        );
        let (code, object) = told(Llmx::new().config(&corp(&server, 2)).args(["complete", "hi"]));
        assert_eq!((code, walk(&object)), (0, vec!["corp/m1 empty_response".to_owned(), "corp/m2 complete".into()]));
    }
}

#[test]
fn case_19_a_reset_after_the_request_was_sent_may_be_billed_and_is_not_repeated_unasked() {
    let server = scripted(Script::default().read_request().reset());
    let (code, object) = told(odd_alone(&server, "openai-chat", "retries = 0"));
    assert_eq!((code, server.count("odd")), (6, 1), "{object}");
    let attempt = &object["attempts"][0];
    assert_eq!((&attempt["error"]["class"], &attempt["error"]["maybe_billed"]), (&json!("network"), &json!(true)));
    assert_eq!((&attempt["cost"]["usd"], &attempt["cost"]["source"]), (&Value::Null, &json!("unknown")));
    // A rejection is known to be free.
    let server = scripted(respond("HTTP/1.1 500 X\r\ncontent-length: 0\r\n\r\n"));
    let (_, object) = told(odd_alone(&server, "openai-chat", "retries = 0"));
    let attempt = &object["attempts"][0];
    assert_eq!((&attempt["error"]["maybe_billed"], &attempt["cost"]["usd"]), (&json!(false), &json!("0")));
}
