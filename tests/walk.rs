//! The explanation is the plan: whatever goes wrong, the attempts that `complete --json` reports are a walk along the plan that
//! `route --json` printed.

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::Value;

use crate::support::chain::{PROMPT, config};
use crate::support::{Llmx, Server};

const FAULTS: [&str; 17] = [
    "",
    "",
    "500",
    "500x1",
    "503",
    "429",
    "429=0.2x1",
    "401",
    "403",
    "404",
    "400",
    "context",
    "quota",
    "refuse",
    "cut@3",
    "empty",
    "html",
];
const WIRES: [&str; 3] = ["openai-chat", "anthropic", "gemini"];

#[derive(Clone, Debug)]
struct Mix {
    /// Of each provider: what goes wrong, in which format it speaks, and how many of its two keys are dead.
    providers: Vec<(&'static str, &'static str, usize)>,
    retries: u64,
    on_empty: &'static str,
    on_filter: &'static str,
    arguments: Vec<&'static str>,
}

fn mixes() -> impl Strategy<Value = Mix> {
    let provider = (select(&FAULTS[..]), select(&WIRES[..]), 0..3_usize);
    let arguments = proptest::sample::subsequence(vec!["-S", "--no-fallback", "--strict"], 0..3);
    let providers = proptest::collection::vec(provider, 1..5);
    let on_empty = select(&["next", "fail", "accept"][..]);
    let on_filter = select(&["stop", "next"][..]);
    (providers, 0..3_u64, on_empty, on_filter, arguments).prop_map(
        |(providers, retries, on_empty, on_filter, arguments)| Mix {
            providers,
            retries,
            on_empty,
            on_filter,
            arguments,
        },
    )
}

fn name(index: usize) -> String {
    format!("p{index}")
}

/// The plan, and the attempts.
fn run(mix: &Mix) -> (Value, Value) {
    let faults = mix.providers.iter().enumerate().filter(|(_, (fault, ..))| !fault.is_empty());
    let faults: Vec<String> = faults.map(|(index, (fault, ..))| format!("{}:{fault}", name(index))).collect();
    let server = Server::start(&faults.join(","));
    let chain: Vec<_> = mix.providers.iter().enumerate().map(|(index, (_, wire, _))| (name(index), *wire)).collect();
    let Mix { retries, on_empty, on_filter, .. } = mix;
    let route = format!("retries = {retries}\non_empty = \"{on_empty}\"\non_filter = \"{on_filter}\"");
    let toml = config(&server, &chain, &route);
    let mut parts = toml.split("api_key = \"sk-canary-5f1d2c\"");
    let mut toml = parts.next().expect("a head").to_owned();
    for ((.., dead), part) in mix.providers.iter().zip(parts) {
        let keys: Vec<String> =
            (0..2).map(|key| format!("\"sk-{}-{key}\"", if key < *dead { "bad" } else { "good" })).collect();
        toml.extend(["api_key = [", &keys.join(", "), "]", part]);
    }
    let home = Llmx::new().config(&toml).home().clone();
    let output = |command: &str, arguments: &[&str]| {
        let output = home.llmx().args([command, "--json", PROMPT]).args(arguments).run();
        serde_json::from_str::<Value>(&output.stdout).unwrap_or_else(|_| panic!("{}{}", output.stdout, output.stderr))
    };
    let of_route: Vec<&str> = mix.arguments.iter().filter(|argument| **argument != "-S").copied().collect();
    let plan = output("route", &of_route)["plan"].take();
    let reported = output("complete", &mix.arguments);
    // What is reported is what was sent: refused connections are seen by nobody.
    let refused = |attempt: &&Value| attempt["error"]["class"] == "network";
    let sent = reported["attempts"].as_array().expect("attempts").iter().filter(|attempt| !refused(attempt)).count();
    assert_eq!(server.requests().len(), sent, "{reported:#}");
    (plan, reported)
}

/// The place of an attempt's target in the plan.
fn place(plan: &Value, attempt: &Value) -> Option<usize> {
    plan["candidates"].as_array()?.iter().position(|candidate| candidate["target"] == attempt["target"])
}

fn check(mix: &Mix) {
    let (plan, reported) = run(mix);
    let told = format!("{mix:?}\n{plan:#}\n{reported:#}");
    let attempts = reported["attempts"].as_array().expect("attempts");
    let places: Vec<usize> = attempts.iter().map(|one| place(&plan, one).expect(&told)).collect();
    assert_eq!(places.first(), Some(&0), "it begins with the first: {told}");
    // Every provider has one target here, so none is ruled out by another and none is left out.
    assert!(places.windows(2).all(|pair| pair[1] == pair[0] || pair[1] == pair[0] + 1), "in order: {told}");
    assert!(plan["fallback"] == true || places.iter().all(|place| *place == 0), "{told}");
    let mut further = 0;
    for (index, candidate) in plan["candidates"].as_array().expect("candidates").iter().enumerate() {
        let of_it: Vec<&Value> =
            attempts.iter().zip(&places).filter(|(_, at)| **at == index).map(|(one, _)| one).collect();
        let keys = candidate["keys"].as_array().expect("keys");
        assert!(of_it.iter().all(|one| keys.contains(&one["key"])), "no key outside the plan: {told}");
        let mut used: Vec<String> = of_it.iter().map(|one| one["key"].to_string()).collect();
        used.sort_unstable();
        used.dedup();
        let retries = usize::try_from(candidate["retries"].as_u64().expect("a number")).expect("a small one");
        // Another key is no further try.
        let tries = of_it.len() - used.len().saturating_sub(1);
        assert!(tries <= 1 + retries, "{told}");
        further += tries.saturating_sub(1);
    }
    assert!(further <= 3, "{told}");
    let complete = attempts.iter().filter(|one| one["outcome"] == "complete").count();
    let served = attempts.last().is_some_and(|one| one["outcome"] == "complete");
    assert_eq!(complete, usize::from(served), "an answer ends the walk: {told}");
    assert!(served || reported["error"].is_object(), "{told}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn attempts_are_a_walk_along_the_plan_that_was_explained(mix in mixes()) {
        check(&mix);
    }
}
