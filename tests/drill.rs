//! `llmx drill`: who would answer in an outage, what a route hangs on, and that a drill touches nothing.

use serde_json::Value;

use crate::support::{Home, Llmx, Terminal};

const CHAIN: &str = "[routes.smart]\ntiers = [\"openai/gpt-4.1-mini\", \"groq/llama-3.3-70b-versatile\"]\n";
const ALONE: &str = "[routes.alone]\ntiers = [\"openai/gpt-4.1-mini\", \"openai/gpt-4.1\"]\n";

/// A drill of that configuration with keys of OpenAI and Groq.
fn drill(config: &str) -> Llmx {
    Llmx::new().config(config).env("OPENAI_API_KEY", "o").env("GROQ_API_KEY", "g").arg("drill")
}

fn json(drill: Llmx, code: i32) -> Value {
    serde_json::from_str(&drill.arg("--json").run().expect_code(code).stdout).expect("JSON")
}

fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value[name].as_array().expect("a list")
}

/// The rehearsal of that outage at that provider in the only route.
fn scenario<'a>(drilled: &'a Value, fault: &str, provider: &str) -> &'a Value {
    let is_it = |scenario: &&Value| {
        scenario["outage"]["fault"] == fault && list(&scenario["outage"], "providers").contains(&provider.into())
    };
    list(&drilled["routes"][0], "scenarios").iter().find(is_it).expect("the rehearsal")
}

#[test]
fn a_chain_over_two_providers_survives_every_single_outage() {
    let drilled = json(drill(CHAIN), 0);
    assert_eq!((&drilled["schema"], &drilled["survives"]), (&"llmx.drill/1".into(), &true.into()));
    let scenarios = list(&drilled["routes"][0], "scenarios");
    assert_eq!(scenarios.len(), 1 + 2 * 10, "each outage at each provider, and none");
    assert_eq!(scenarios[0]["outage"], Value::Null);
    assert_eq!(scenarios[0]["answered_by"], "openai/gpt-4.1-mini");
    for scenario in &scenarios[1..] {
        let down = scenario["outage"]["providers"][0].as_str().expect("a provider");
        let other = if down == "openai" { "groq/llama-3.3-70b-versatile" } else { "openai/gpt-4.1-mini" };
        assert_eq!(scenario["answered_by"], other, "{scenario}");
    }
}

#[test]
fn two_targets_of_one_provider_are_a_single_point_of_failure() {
    let run = drill(ALONE).run().expect_code(10);
    assert!(run.stdout.contains("single point of failure: openai (2 of 2 targets are at openai)"), "{}", run.stdout);
    assert!(run.stderr.contains("would not survive every outage: `alone`"), "{}", run.stderr);
    let both = json(drill(&format!("{ALONE}{CHAIN}")), 10);
    let survives: Vec<&Value> = list(&both, "routes").iter().map(|route| &route["survives"]).collect();
    assert_eq!(survives, [&false, &true]);
    assert_eq!(json(drill(&format!("{ALONE}{CHAIN}")).arg("smart"), 0)["routes"][0]["route"], "smart");
}

#[test]
fn who_is_tried_out_is_rehearsed_with_the_chain_behind_it() {
    let route = "[routes.c]\ntiers = [\"openai/gpt-4.1-mini\"]\n";
    let canary = format!("{route}canary = {{ target = \"groq/llama-3.3-70b-versatile\" }}\n");
    let drilled = json(drill(&canary).args(["--fault", "down"]), 10);
    let (chain, tried) = (&drilled["routes"][0], &drilled["routes"][1]);
    assert_eq!(
        (&chain["trial"], &chain["survives"]),
        (&Value::Null, &false.into()),
        "most requests are not the canary's"
    );
    assert_eq!((&tried["trial"]["target"], &tried["survives"]), (&"groq/llama-3.3-70b-versatile".into(), &true.into()));
    let down: Vec<&Value> = list(tried, "scenarios").iter().map(|scenario| &scenario["answered_by"]).collect();
    let (groq, openai) = (&Value::from("groq/llama-3.3-70b-versatile"), &Value::from("openai/gpt-4.1-mini"));
    assert_eq!(down, [groq, openai, groq], "none, the canary's provider, the chain's");
    let said = drill(&canary).args(["--fault", "down"]).run().expect_code(10);
    assert!(said.stdout.contains("c with its canary groq/llama-3.3-70b-versatile: survives"), "{}", said.stdout);
    assert!(said.stderr.contains("would not survive every outage: `c`"), "{}", said.stderr);

    let arms = "split = { name = \"s\", arms = { \"groq/llama-3.3-70b-versatile\" = 0.5, \"groq/llama-3.1-8b-instant\" = 0.5 } }\n";
    let split = json(drill(&format!("{route}{arms}")).args(["--fault", "down"]), 0);
    let tried: Vec<&Value> = list(&split, "routes").iter().map(|route| &route["trial"]["trial"]).collect();
    assert_eq!(tried, ["arm", "arm"], "every request is one arm's");
}

#[test]
fn a_route_that_leaves_everybody_out_says_why_nobody_is_left() {
    let config = format!("{CHAIN}max_cost = 0.000000001\n");
    for assumed in [drill(&config), Llmx::new().config(&config).args(["drill", "--sim"])] {
        let run = assumed.run().expect_code(10);
        assert!(run.stdout.contains("smart: nobody answers, even without an outage"), "{}", run.stdout);
        assert!(!run.stdout.contains("single point of failure"), "{}", run.stdout);
        for target in ["openai/gpt-4.1-mini", "groq/llama-3.3-70b-versatile"] {
            let line = run.stdout.lines().find(|line| line.trim_start().starts_with(target));
            assert!(line.is_some_and(|line| line.contains("is out: expected to cost")), "{target}: {}", run.stdout);
        }
        assert!(run.stderr.contains("change what leaves its targets out"), "{}", run.stderr);
    }
}

#[test]
fn what_two_providers_share_fails_for_both() {
    let own = |name: &str, host: &str, key: &str| {
        format!("[providers.{name}]\nbase_url = \"https://{host}/{name}\"\napi_key = {{ env = \"{key}\" }}\n")
    };
    let route = "[routes.r]\ntiers = [\"a/m\", \"b/m\"]\n";
    let found = |a: String, b: String| {
        let run = Llmx::new().config(&format!("{route}{a}{b}")).env("A_KEY", "a").env("B_KEY", "b").arg("drill");
        json(run, 10)["routes"][0]["findings"].clone()
    };
    let host = found(own("a", "llm.example", "A_KEY"), own("b", "llm.example", "B_KEY"));
    assert_eq!(host.as_array().expect("a list").len(), 1, "{host}");
    assert_eq!(host[0]["shared"], "host llm.example");
    assert!(list(&host[0], "faults").contains(&"down".into()) && !list(&host[0], "faults").contains(&"quota".into()));
    let key = found(own("a", "one.example", "A_KEY"), own("b", "two.example", "A_KEY"));
    assert_eq!(key[0]["shared"], "key of A_KEY", "{key}");
    assert_eq!(key[0]["faults"], serde_json::json!(["rate-limited", "rejected-key", "quota"]));
}

#[test]
fn a_target_without_a_key_is_no_fallback() {
    let without = || Llmx::new().config(CHAIN).env("OPENAI_API_KEY", "k").arg("drill");
    let drilled = json(without(), 10);
    let route = &drilled["routes"][0];
    assert_eq!(route["targets"], serde_json::json!(["openai/gpt-4.1-mini"]));
    assert_eq!(route["left_out"][0]["reason"]["reason"], "key_missing");
    let said = without().run().expect_code(10).stdout;
    assert!(said.contains("groq/llama-3.3-70b-versatile is no fallback: no key: looked in GROQ_API_KEY"), "{said}");
    assert!(said.contains("single point of failure: openai (no other target can serve)"), "{said}");
    json(without().arg("--assume-keys"), 0);
    json(without().arg("--sim"), 0);
    let nobody = Llmx::new().config(CHAIN).arg("drill").run().expect_code(10);
    assert!(nobody.stdout.contains("nobody answers, even without an outage"), "{}", nobody.stdout);
}

#[test]
fn a_limit_is_counted_in_full_and_waited_for_in_a_moment() {
    let config = format!("{CHAIN}timeout = {{ first_token = \"40s\", idle = \"50s\", total = \"100s\" }}\n");
    let drilled = json(drill(&config), 0);
    let first = |fault: &str| scenario(&drilled, fault, "openai")["first_token_ms"].as_u64().expect("a time");
    assert!((40_000..41_000).contains(&first("hang")) && (40_000..41_000).contains(&first("slow")), "{drilled}");
    assert!((50_000..52_000).contains(&first("stall")), "{}", first("stall"));
    assert!(first("down") < 1_000, "{}", first("down"));
}

#[test]
fn a_hedge_is_rehearsed_with_its_delay() {
    let hedge = "hedge = { after = \"3s\", max_extra_cost = 1.0 }\n";
    let drilled = json(drill(&format!("{CHAIN}{hedge}")).args(["--fault", "hang"]), 0);
    let hang = scenario(&drilled, "hang", "openai");
    let first = hang["first_token_ms"].as_u64().expect("a time");
    assert!((3_000..20_000).contains(&first), "{hang}");
    assert_eq!(
        (&hang["attempts"][0]["lost"], hang["answered_by"].as_str()),
        (&true.into(), Some("groq/llama-3.3-70b-versatile"))
    );
}

#[test]
fn a_deadline_before_the_limit_leaves_no_time_for_another_target() {
    let config = format!("{CHAIN}timeout = {{ first_token = \"4s\", attempt = \"9s\", total = \"9s\" }}\n");
    json(drill(&config).args(["--fault", "hang", "--fault", "slow"]), 0);
    let stall = json(drill(&config).args(["--fault", "stall"]), 10);
    assert_eq!(stall["routes"][0]["findings"][0]["why"], "deadline");
    assert_eq!(scenario(&stall, "stall", "openai")["total_ms"], 9_000);
}

#[test]
fn text_that_was_shown_is_told() {
    let cut = |on_cut: &str, code| {
        let drilled = json(drill(&format!("{CHAIN}on_cut = \"{on_cut}\"\n")).args(["--fault", "cut"]), code);
        scenario(&drilled, "cut", "openai").clone()
    };
    let restart = cut("restart", 0);
    assert_eq!(
        (&restart["terminal"], &restart["answered_by"]),
        (&"beginning_twice".into(), &"groq/llama-3.3-70b-versatile".into())
    );
    assert_eq!(restart["cost"]["usd"], Value::Null, "what a cut answer cost is not known");
    assert_eq!(cut("continue", 0)["terminal"], "continued");
    let buffer = cut("buffer", 0);
    assert_eq!(buffer["terminal"], "whole", "what breaks at its beginning is replaced unseen");
    let fail = cut("fail", 10);
    assert_eq!((&fail["terminal"], &fail["gave_up"]), (&"half".into(), &"cut".into()));
}

#[test]
fn a_drill_needs_nothing_and_leaves_nothing() {
    let home = Home::new();
    let run = home.llmx().args(["drill", "--sim"]).run().expect_code(0);
    assert!(run.stdout.starts_with("route auto (--sim)\n"), "{}", run.stdout);
    assert!(!run.stderr.contains(['\r', '\x1b']), "no spinner off a terminal: {:?}", run.stderr);
    let left: Vec<_> = std::fs::read_dir(home.path("data")).expect("the folder").collect();
    assert!(left.is_empty(), "{left:?}");
    let named = home.llmx().args(["drill", "openai", "--assume-keys", "--fault", "down"]).run().expect_code(10);
    assert!(named.stdout.starts_with("route openai/"), "{}", named.stdout);
}

#[test]
fn what_cannot_be_drilled_is_told() {
    let wrong = |arguments: &[&str], code: i32| drill(CHAIN).args(arguments).run().expect_code(code).stderr;
    assert!(wrong(&["smrt"], 3).contains("did you mean `smart`?"));
    assert!(wrong(&["--fault", "hangs"], 2).contains("hang"));
    assert!(wrong(&["--sim=openai:500"], 2).contains("choose outages with `--fault`"));
    let broken = drill("[routes.r]\ntier = []\n").run().expect_code(3);
    assert!(broken.stderr.contains("did you mean `tiers`?"), "{}", broken.stderr);
    assert!(Llmx::new().arg("drill").run().expect_code(3).stderr.contains("there is no model to talk to"));
}

#[test]
fn on_a_narrow_terminal_each_row_is_a_few_lines_and_the_spinner_is_gone() {
    let (code, raw) = Terminal::start(drill(CHAIN), 24, 40).finish();
    let text = String::from_utf8(raw).expect("whole characters");
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("outage\u{1b}[0m       openai: down"), "{text}");
    let mut screen = vt100::Parser::new(80.try_into().expect("a size"), 40.try_into().expect("a size"), 0);
    screen.process(text.as_bytes());
    assert!(!screen.screen().contents().contains("rehearsals"), "{}", screen.screen().contents());
}
