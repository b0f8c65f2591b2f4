//! `llmx route`: the explanation is the plan that the executor walks, and each reason stands where it holds.

use serde_json::Value;

use crate::support::{Home, Llmx, Server};

const CHAIN: [(&str, &str); 4] =
    [("first/a", "openai-chat"), ("second/b", "anthropic"), ("third/c", "gemini"), ("fourth/d", "openai-chat")];

fn json(llmx: Llmx) -> Value {
    serde_json::from_str(&llmx.run().expect_code(0).stdout).expect("JSON")
}

fn targets<'a>(list: &'a Value, name: &str) -> Vec<&'a str> {
    list.as_array().expect("a list").iter().map(|each| each[name].as_str().expect("a target")).collect()
}

#[test]
fn attempts_follow_the_plan_that_is_explained() {
    let server = Server::start("first:401,second:429,third:quota");
    let home = Home::new();
    home.write_config(&server.config(&CHAIN));
    let explained = json(home.llmx().args(["route", "--json", "hello"]));
    let planned = targets(&explained["plan"]["candidates"], "target");
    assert_eq!(planned, CHAIN.map(|(target, _)| target));
    assert_eq!(explained["target"], "first/a");
    assert!(server.requests().is_empty(), "an explanation sends nothing");
    let done = json(home.llmx().args(["complete", "--json", "hello"]));
    assert_eq!(targets(&done["attempts"], "target"), planned);
}

#[test]
fn every_candidate_that_is_out_says_why() {
    let home = Home::new();
    home.write_config(
        r#"
default = "test"
catalog = "models.toml"

[routes.test]
tiers = [
    "openai/gpt-4.1-mini",
    "openai/text-embedding-3-small",
    "corp/small",
    "corp/large",
]

[providers.corp]
base_url = "http://127.0.0.1:9/v1"
api_key = { env = "CORP_KEY" }
"#,
    );
    let models = "[models.\"corp/small\"]\ncontext = 3\n\n[models.\"corp/large\"]\ncontext = 100000\n";
    let catalog = home.config_file().with_file_name("models.toml");
    std::fs::write(catalog, models).expect("a catalogue");
    let prompt = "one two three four five six";
    let explained = json(home.llmx().env("CORP_KEY", "k").args(["route", "--json", prompt]));
    assert_eq!(targets(&explained["plan"]["candidates"], "target"), ["corp/large"]);
    let reasons: Vec<(&str, &str)> = explained["plan"]["rejected"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|out| (out["target"].as_str().expect("a target"), out["reason"]["reason"].as_str().expect("a reason")))
        .collect();
    let expected = [
        ("openai/gpt-4.1-mini", "key_missing"),
        ("openai/text-embedding-3-small", "key_missing"),
        ("corp/small", "window_too_small"),
    ];
    assert_eq!(reasons, expected);
    let with_key = home.llmx().env("CORP_KEY", "k").env("OPENAI_API_KEY", "sk").args(["route", "--explain", prompt]);
    let words = with_key.run().expect_code(0).stdout;
    assert!(words.contains("lacks: chat"), "{words}");
    assert!(words.contains("context window too small: at least 6 tokens needed, 3 there"), "{words}");
}

#[test]
fn limits_name_the_place_where_they_were_set() {
    let server = Server::start("");
    let home = Home::new();
    let config = server.config(&CHAIN[..1]).replace("[routes.test]\n", "[routes.test]\ntimeout = { idle = \"7s\" }\n");
    home.write_config(&config);
    let explained = json(home.llmx().args(["route", "--json", "--timeout", "9s", "hello"]));
    let limits = &explained["plan"]["candidates"][0]["limits"];
    assert_eq!((&limits["idle"]["value"], &limits["connect"]["origin"]), (&7000.into(), &"built-in".into()));
    assert!(limits["idle"]["origin"].as_str().expect("a place").ends_with("config.toml:4"), "{limits}");
    let total = &explained["plan"]["total"];
    assert_eq!((&total["value"], &total["origin"]), (&9000.into(), &"--timeout".into()));
}

#[test]
fn text_on_stdin_counts_and_exact_counts_are_not_marked_as_estimates() {
    let explain = |exact: &[&str]| {
        let run = Llmx::new().args(["route", "--sim", "--explain", "-m", "openai/gpt-4.1-mini"]).args(exact);
        run.stdin("hello world, how are you").run().expect_code(0).stdout
    };
    assert!(explain(&[]).contains("  ~1"), "{}", explain(&[]));
    assert!(explain(&["--exact"]).contains("  13  "), "{}", explain(&["--exact"]));
}

#[test]
fn a_prompt_near_a_window_is_counted_exactly_and_no_other() {
    let home = Home::new();
    home.write_config(
        r#"
default = "test"
catalog = "models.toml"

[routes.test]
tiers = ["openai/gpt-4.1-mini", "anthropic/claude-haiku-4-5"]
"#,
    );
    let catalog = home.config_file().with_file_name("models.toml");
    std::fs::write(catalog, "[models.\"openai/gpt-4.1-mini\"]\ncontext = 40\n").expect("a catalogue");
    let plan = |prompt: &str| json(home.llmx().args(["route", "--sim", "--json", prompt]))["plan"].clone();
    // One word of 400 letters: surely four tokens, estimated at many more; only the tokenizer knows.
    let near = plan(&"ab".repeat(200));
    assert_eq!(targets(&near["rejected"], "target"), ["openai/gpt-4.1-mini"]);
    assert!(near["rejected"][0]["reason"]["needed"].as_u64().is_some_and(|needed| needed > 40), "{near}");
    let short = &plan("hello")["candidates"][0]["input"];
    assert_ne!(short["expected"], short["at_least"], "an estimate is enough: {short}");
}

#[test]
fn why_not_says_where_a_model_stands() {
    let home = Home::new();
    home.write_config(
        "[routes.test]\ntiers = [[\"openai/gpt-4.1-mini\", \"groq/llama-3.3-70b-versatile\"], [\"anthropic/claude-haiku-4-5\"], [\"openai/text-embedding-3-small\"]]\n",
    );
    let why = |model: &str| {
        let run = home.llmx().args(["route", "--sim", "-m", "test", "--why-not", model, "hello"]).run().expect_code(0);
        run.stdout
    };
    assert_eq!(why("openai/gpt-4.1-mini"), "openai/gpt-4.1-mini would serve\n");
    assert!(why("groq/llama-3.3-70b-versatile").contains("is number 2: openai/gpt-4.1-mini stands before it"));
    assert!(why("anthropic/claude-haiku-4-5").contains("its tier 2 is asked when the tiers before it failed"));
    assert!(why("openai/text-embedding-3-small").contains("is out: lacks: chat"));
    let stranger = why("cerebras/gpt-oss-120b");
    assert!(
        stranger.contains("is not in `test`") && stranger.contains("--fallback cerebras/gpt-oss-120b"),
        "{stranger}"
    );
    let unknown = home.llmx().args(["route", "--sim", "-m", "test", "--why-not", "opnai", "hello"]).run();
    assert!(unknown.expect_code(3).stderr.contains("did you mean `openai`"));
    let json = json(home.llmx().args(["route", "--sim", "-m", "test", "--json", "--why-not", "anthropic", "hello"]));
    assert_eq!(json["why_not"]["stands"], "not_named", "{json}");
}

#[test]
fn at_decides_for_that_time() {
    let home = Home::new();
    // Its provider has announced an end.
    let ends = "openai/gpt-4.1-mini-2025-04-14";
    home.write_config(&format!("[routes.test]\ntiers = [\"{ends}\", \"groq/llama-3.3-70b-versatile\"]\n"));
    let served = |at: &str| {
        let run = home.llmx().args(["route", "--sim", "-m", "test", "--at", at, "hello"]).run().expect_code(0);
        run.stdout.trim().to_owned()
    };
    assert_eq!(served("2026-04-30"), ends);
    assert_eq!(served("2031-05-02"), "groq/llama-3.3-70b-versatile", "what has ended is asked no more");
    let alone = home.llmx().args(["route", "--sim", "-m", ends, "--at", "2031-05-02", "--json", "hello"]);
    let reason = json(alone)["plan"]["candidates"][0]["reasons"][1].clone();
    assert_eq!(reason["reason"], "last_resort", "{reason}");
    assert_eq!(reason["because"]["reason"], "ended", "{reason}");
    home.llmx().args(["route", "--sim", "--at", "soon", "hello"]).run().expect_code(2);
}

#[test]
fn a_budget_that_would_be_exceeded_ends_with_its_own_code_and_says_what_to_do() {
    let home = Home::new();
    home.write_config("[budgets]\ndaily = 0.000001\n[routes.test]\ntiers = [\"openai/gpt-4.1-mini\"]\n");
    let output = home.llmx().args(["complete", "--sim", "-m", "test", "hello"]).run().expect_code(11);
    assert!(
        output.stderr.contains("would go over the budget") && output.stderr.contains("config.toml:2"),
        "{}",
        output.stderr
    );
    assert!(output.stderr.contains("raise the budget where it was set"), "{}", output.stderr);
    let dear = home.llmx().args(["complete", "--sim", "-m", "test", "--max-cost", "0.0000001", "hello"]).run();
    assert!(dear.expect_code(11).stderr.contains("--max-cost"));
}

#[test]
fn the_hard_limits_are_listed_with_where_they_were_set() {
    let home = Home::new();
    home.write_config(
        "[routes.r]\ntiers = [\"openai/gpt-4.1-mini\"]\nmax_cost = 0.5\nforbid = [\"eu\"]\n\n[budgets]\ndaily = 5.0\n",
    );
    let explained = home.llmx().args(["--sim", "route", "-m", "r", "--explain", "hello"]).run().expect_code(0).stdout;
    for (limit, place) in [("max cost", "config.toml:3"), ("forbid", "config.toml:4"), ("budget", "config.toml:7")] {
        let line = explained.lines().find(|line| line.starts_with(limit));
        assert!(line.is_some_and(|line| line.contains(place)), "{limit}: {explained}");
    }
}

#[test]
fn a_hedge_that_is_too_dear_says_what_it_would_cost_and_what_is_allowed() {
    let home = Home::new();
    home.write_config(
        "[routes.r]\ntiers = [\"openai/gpt-4.1-mini\", \"openai/gpt-5-pro\"]\nhedge = { after = \"1s\", max_extra_cost = 0.03 }\n",
    );
    let explained = home.llmx().args(["--sim", "route", "-m", "r", "--explain", "hello"]).run().expect_code(0).stdout;
    let line = explained.lines().find(|line| line.starts_with("hedge")).expect("a line");
    assert!(line.contains("it would cost about $0.") && line.contains("may cost $0.01"), "{line}");
    let plan = &json(home.llmx().args(["--sim", "route", "-m", "r", "--json", "hello"]))["plan"];
    assert_eq!(
        (&plan["hedge"]["value"]["why"], &plan["hedge"]["value"]["allowed"]),
        (&"spent_enough".into(), &"0.01".into()),
        "{plan}"
    );
}

#[test]
fn a_draw_is_told_as_one() {
    let home = Home::new();
    let tiers = "tiers = [[{ model = \"openai/gpt-4.1-mini\", weight = 1 }, { model = \"groq\", weight = 0 }]]";
    home.write_config(&format!("[routes.r]\n{tiers}\nstrategy = \"weighted\"\n"));
    let said =
        home.llmx().args(["--sim", "route", "-m", "r", "--why-not", "groq", "hello"]).run().expect_code(0).stdout;
    assert!(said.contains("draws the order anew for each request"), "{said}");
    assert!(said.contains("their weights are 0 and 1") && !said.contains("lowest"), "{said}");
}

#[test]
fn a_look_at_a_simulation_shows_what_complete_would_do_and_forgets_nothing() {
    let home = Home::new();
    home.write_config("[routes.r]\ntiers = [\"openai/gpt-4.1-mini\", \"anthropic/claude-haiku-4-5\"]\n");
    home.llmx().args(["--sim=openai:401", "complete", "-m", "r", "hello"]).run().expect_code(0);
    let (openai, anthropic) = ("openai/gpt-4.1-mini", "anthropic/claude-haiku-4-5");
    // With other faults a simulation begins anew.
    for (faults, first) in [("--sim", openai), ("--sim=openai:401", anthropic), ("--sim=groq:down", openai)] {
        let explained = json(home.llmx().args([faults, "route", "-m", "r", "--json", "hello"]));
        assert_eq!(explained["target"], first, "{faults}: {explained}");
    }
    let breakers = |faults| json(home.llmx().args([faults, "health", "--json"]))["breakers"].clone();
    let known = breakers("--sim=openai:401");
    assert!(known.as_array().is_some_and(|known| known.len() == 1), "{known}");
    assert_eq!(
        (breakers("--sim"), breakers("--sim=groq:down")),
        (known, serde_json::json!([])),
        "the last, and another"
    );
    let again = json(home.llmx().args(["--sim=openai:401", "complete", "-m", "r", "--json", "hello"]));
    assert_eq!(again["attempts"].as_array().map(Vec::len), Some(1), "{again}");
}

#[test]
fn with_json_a_failure_is_an_object_too() {
    for command in
        [["route", "-m", "nix", "--json"], ["health", "nix", "--json", "-q"], ["drill", "nix", "--json", "-q"]]
    {
        let output = Llmx::new().arg("--sim").args(command).run();
        let value: Value =
            serde_json::from_str(&output.stdout).unwrap_or_else(|_| panic!("{command:?}: {}", output.stdout));
        assert_eq!(value["schema"], format!("llmx.{}/1", command[0]));
        assert!(value["error"].is_object(), "{value}");
    }
}

#[test]
fn since_alone_is_refused() {
    Llmx::new().args(["--sim", "route", "--since", "7d", "hello"]).run().expect_code(2);
}
